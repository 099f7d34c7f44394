/** MedicationDispense: a medicine made ready and handed to somebody (发药, 取药). */
import type { MedicationDispense, Resource } from "@medplum/fhirtypes";
import {
  type BusinessName,
  type CodedWords,
  codedConcept,
  compact,
  expectType,
  firstName,
  idNearby,
  keyOf,
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

export const dispenseStates = [
  "preparing",
  "ready",
  "cancelled",
  "paused",
  "collected",
  "entered-in-error",
  "stopped",
  "declined",
  "unknown",
] as const;
export type DispenseState = (typeof dispenseStates)[number];
const status = {
  preparing: "preparation",
  /** Ready to be collected: R4 has no nearer word. */
  ready: "in-progress",
  cancelled: "cancelled",
  paused: "on-hold",
  collected: "completed",
  "entered-in-error": "entered-in-error",
  stopped: "stopped",
  declined: "declined",
  unknown: "unknown",
} as const satisfies Record<DispenseState, MedicationDispense["status"]>;
/** Nothing was or will be handed out. */
export const voidDispenses: readonly DispenseState[] = ["cancelled", "stopped", "declined"];

export interface MedicationDispenseFacts {
  readonly id: string | null;
  readonly name: BusinessName | null;
  readonly patientId: string | null;
  readonly state: DispenseState;
  /** Null: named by a resource elsewhere only; never of ours. */
  readonly medicine: CodedWords | null;
  readonly prescriptionId: string | null;
  readonly quantity: MedicineAmount | null;
  readonly supplyDays: number | null;
  /** As exact as its source knows them. */
  readonly preparedAt: string | null;
  readonly handedOverAt: string | null;
  readonly dosage: readonly string[];
}

export function toFhirMedicationDispense(facts: MedicationDispenseFacts): MedicationDispense {
  return compact<MedicationDispense>({
    resourceType: "MedicationDispense",
    id: facts.id,
    identifier: facts.name ? [{ ...facts.name }] : [],
    status: status[facts.state],
    medicationCodeableConcept: codedConcept(need(facts.medicine, "MedicationDispense.medication")),
    subject: facts.patientId ? refer("Patient", facts.patientId) : null,
    authorizingPrescription: facts.prescriptionId
      ? [refer("MedicationRequest", facts.prescriptionId)]
      : [],
    quantity: amount(facts.quantity),
    daysSupply: days(facts.supplyDays),
    whenPrepared: facts.preparedAt,
    whenHandedOver: facts.handedOverAt,
    dosageInstruction: dosages(facts.dosage),
  });
}

/** @throws FhirMappingError for another resource, an unknown status, a medicine without words */
export function fromFhirMedicationDispense(resource: Resource): MedicationDispenseFacts {
  expectType(resource, "MedicationDispense");
  return {
    id: resource.id ?? null,
    name: firstName(resource.identifier),
    patientId: idNearby(resource.subject, "Patient"),
    state: keyOf(status, resource.status, "MedicationDispense.status"),
    medicine: medicineOf(resource, "MedicationDispense.medication"),
    prescriptionId: idNearby(resource.authorizingPrescription?.[0], "MedicationRequest"),
    quantity: amountOf(resource.quantity),
    supplyDays: daysOf(resource.daysSupply),
    preparedAt: resource.whenPrepared ?? null,
    handedOverAt: resource.whenHandedOver ?? null,
    dosage: linesOf(resource.dosageInstruction),
  };
}
