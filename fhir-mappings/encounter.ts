/** Encounter: the meeting itself, by video. A consult whose meeting never began has none. */
import type { Encounter, Resource } from "@medplum/fhirtypes";
import { type ConsultProgress, codedState, encounterStatus } from "./consult-codes.ts";
import {
  compact,
  concept,
  dateOf,
  dateOrNull,
  expectType,
  idOf,
  instantOf,
  knownCode,
  need,
  refer,
} from "./elements.ts";
import { type ParticipantFacts, participantOf, participantType } from "./participants.ts";
import { codeSystems, identifierSystems } from "./systems.ts";

export interface EncounterContent {
  readonly consultId: string;
  /** Both institutions of a consult show it: by its number it is one. */
  readonly number: string;
  readonly patientId: string;
  /** Where the patient is: the inviting side answers for the care. */
  readonly invitingInstitutionId: string;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly participants: readonly ParticipantFacts[];
}
export interface EncounterFacts extends ConsultProgress, Omit<EncounterContent, "startedAt"> {
  /** Whether there is an Appointment to refer to. */
  readonly scheduledStart: Date | null;
}
export interface EncounterRead extends EncounterContent {
  readonly status: (typeof encounterStatus)[keyof typeof encounterStatus];
  readonly scheduled: boolean;
}

/** @returns undefined when no meeting began */
export function toFhirEncounter(facts: EncounterFacts): Encounter | undefined {
  if (!facts.startedAt) return undefined;
  return compact<Encounter>({
    resourceType: "Encounter",
    id: facts.consultId,
    identifier: [{ system: identifierSystems.consultNumber, value: facts.number }],
    status: encounterStatus[codedState(facts)],
    // v3 ActEncounterCode "virtual": patient and specialist are in different places.
    class: { system: codeSystems.actCode, code: "VR", display: "virtual" },
    type: [concept(codeSystems.service, "remote-consult", "远程会诊")],
    subject: refer("Patient", facts.patientId),
    basedOn: [refer("ServiceRequest", facts.consultId)],
    participant: facts.participants.map((participant) => ({
      type: participantType(participant),
      individual: refer("Practitioner", participant.personId),
    })),
    appointment: facts.scheduledStart ? [refer("Appointment", facts.consultId)] : [],
    period: compact<NonNullable<Encounter["period"]>>({
      start: instantOf(facts.startedAt),
      end: instantOf(facts.endedAt),
    }),
    serviceProvider: refer("Organization", facts.invitingInstitutionId),
  });
}

/** @throws FhirMappingError for another resource or class, unknown statuses and roles, a missing start */
export function fromFhirEncounter(resource: Resource): EncounterRead {
  expectType(resource, "Encounter");
  knownCode(resource.class?.code, ["VR"], "Encounter.class");
  return {
    consultId: need(resource.id, "Encounter.id"),
    number: need(
      resource.identifier?.find((one) => one.system === identifierSystems.consultNumber)?.value,
      "Encounter.identifier",
    ),
    status: knownCode(resource.status, Object.values(encounterStatus), "Encounter.status"),
    patientId: idOf(resource.subject, "Patient", "Encounter.subject"),
    invitingInstitutionId: idOf(
      resource.serviceProvider,
      "Organization",
      "Encounter.serviceProvider",
    ),
    startedAt: dateOf(resource.period?.start, "Encounter.period.start"),
    endedAt: dateOrNull(resource.period?.end, "Encounter.period.end"),
    scheduled: (resource.appointment ?? []).length > 0,
    participants: (resource.participant ?? []).map((one) => ({
      personId: idOf(one.individual, "Practitioner", "Encounter.participant.individual"),
      ...participantOf(one.type, "Encounter.participant.type"),
    })),
  };
}
