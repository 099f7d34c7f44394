/** MedicationRequest: one medicine of a prescription (处方), or of what somebody takes by order. */
import type { MedicationRequest, Resource } from "@medplum/fhirtypes";
import {
  type BusinessName,
  type CodedWords,
  codedConcept,
  compact,
  expectType,
  firstName,
  idNearby,
  keyOf,
  knownCode,
  need,
  refer,
} from "./elements.ts";
import {
  amount,
  amountOf,
  days,
  daysOf,
  dosages,
  linesOf,
  type MedicineAmount,
  medicineOf,
} from "./medicine.ts";

/** `in-use`: it may be handed out and taken; `used-up`: all of it was. */
export const prescriptionStates = [
  "draft",
  "in-use",
  "paused",
  "cancelled",
  "stopped",
  "used-up",
  "entered-in-error",
  "unknown",
] as const;
export type PrescriptionState = (typeof prescriptionStates)[number];
const status = {
  draft: "draft",
  "in-use": "active",
  paused: "on-hold",
  cancelled: "cancelled",
  stopped: "stopped",
  "used-up": "completed",
  "entered-in-error": "entered-in-error",
  unknown: "unknown",
} as const satisfies Record<PrescriptionState, MedicationRequest["status"]>;
/** It is to be taken, or soon will be. */
export const presentPrescriptions: readonly PrescriptionState[] = ["draft", "in-use"];

export const prescriptionIntents = [
  "proposal",
  "plan",
  "order",
  "original-order",
  "reflex-order",
  "filler-order",
  "instance-order",
  "option",
] as const;

export interface MedicationRequestFacts {
  readonly id: string | null;
  readonly name: BusinessName | null;
  readonly patientId: string | null;
  readonly state: PrescriptionState;
  readonly intent: (typeof prescriptionIntents)[number];
  /** Null: named by a resource elsewhere only; never of ours. */
  readonly medicine: CodedWords | null;
  /** As exact as its source knows it. */
  readonly authoredAt: string | null;
  readonly prescriberId: string | null;
  readonly encounterId: string | null;
  /** How it is taken, one line each. */
  readonly dosage: readonly string[];
  readonly quantity: MedicineAmount | null;
  readonly supplyDays: number | null;
}

export function toFhirMedicationRequest(facts: MedicationRequestFacts): MedicationRequest {
  return compact<MedicationRequest>({
    resourceType: "MedicationRequest",
    id: facts.id,
    identifier: facts.name ? [{ ...facts.name }] : [],
    status: status[facts.state],
    intent: facts.intent,
    medicationCodeableConcept: codedConcept(need(facts.medicine, "MedicationRequest.medication")),
    subject: refer("Patient", need(facts.patientId, "MedicationRequest.subject")),
    encounter: facts.encounterId ? refer("Encounter", facts.encounterId) : null,
    authoredOn: facts.authoredAt,
    requester: facts.prescriberId ? refer("Practitioner", facts.prescriberId) : null,
    dosageInstruction: dosages(facts.dosage),
    dispenseRequest:
      facts.quantity || facts.supplyDays !== null
        ? compact<NonNullable<MedicationRequest["dispenseRequest"]>>({
            quantity: amount(facts.quantity),
            expectedSupplyDuration: days(facts.supplyDays),
          })
        : null,
  });
}

/** @throws FhirMappingError for another resource, an unknown status or intent, a medicine without words */
export function fromFhirMedicationRequest(resource: Resource): MedicationRequestFacts {
  expectType(resource, "MedicationRequest");
  const { dispenseRequest } = resource;
  return {
    id: resource.id ?? null,
    name: firstName(resource.identifier),
    patientId: idNearby(resource.subject, "Patient"),
    state: keyOf(
      status,
      need(resource.status, "MedicationRequest.status"),
      "MedicationRequest.status",
    ),
    intent: knownCode(resource.intent, prescriptionIntents, "MedicationRequest.intent"),
    medicine: medicineOf(resource, "MedicationRequest.medication"),
    authoredAt: resource.authoredOn ?? null,
    prescriberId: idNearby(resource.requester, "Practitioner"),
    encounterId: idNearby(resource.encounter, "Encounter"),
    dosage: linesOf(resource.dosageInstruction),
    quantity: amountOf(dispenseRequest?.quantity),
    supplyDays: daysOf(dispenseRequest?.expectedSupplyDuration),
  };
}
