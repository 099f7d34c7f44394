/** Appointment: the time that both sides agreed on. A consult without a time has none. */
import type { Appointment, Resource } from "@medplum/fhirtypes";
import { appointmentStatus, type ConsultProgress, codedState } from "./consult-codes.ts";
import {
  compact,
  concept,
  dateOf,
  expectType,
  idOf,
  instantOf,
  knownCode,
  need,
  refer,
} from "./elements.ts";
import { type ParticipantFacts, participantOf, participantType } from "./participants.ts";
import { codeSystems, identifierSystems } from "./systems.ts";

export interface AppointmentContent {
  readonly consultId: string;
  /** Both institutions of a consult show it: by its number it is one. */
  readonly number: string;
  readonly patientId: string;
  readonly start: Date;
  readonly end: Date;
  readonly participants: readonly ParticipantFacts[];
}
export interface AppointmentFacts
  extends ConsultProgress,
    Omit<AppointmentContent, "start" | "end"> {
  readonly scheduledStart: Date | null;
  readonly scheduledEnd: Date | null;
}
export interface AppointmentRead extends AppointmentContent {
  readonly status: (typeof appointmentStatus)[keyof typeof appointmentStatus];
}

/** @returns undefined for a consult without a time */
export function toFhirAppointment(facts: AppointmentFacts): Appointment | undefined {
  if (!facts.scheduledStart || !facts.scheduledEnd) return undefined;
  return compact<Appointment>({
    resourceType: "Appointment",
    id: facts.consultId,
    identifier: [{ system: identifierSystems.consultNumber, value: facts.number }],
    status: appointmentStatus[codedState(facts)],
    serviceType: [concept(codeSystems.service, "remote-consult", "远程会诊")],
    start: instantOf(facts.scheduledStart),
    end: instantOf(facts.scheduledEnd),
    basedOn: [refer("ServiceRequest", facts.consultId)],
    participant: [
      { actor: refer("Patient", facts.patientId), status: "accepted" },
      ...facts.participants.map((participant) => ({
        type: participantType(participant),
        actor: refer("Practitioner", participant.personId),
        status: "accepted" as const,
      })),
    ],
  });
}

/** @throws FhirMappingError for another resource, unknown statuses and roles, missing times */
export function fromFhirAppointment(resource: Resource): AppointmentRead {
  expectType(resource, "Appointment");
  const [patient, ...others] = resource.participant ?? [];
  return {
    consultId: need(resource.id, "Appointment.id"),
    number: need(
      resource.identifier?.find((one) => one.system === identifierSystems.consultNumber)?.value,
      "Appointment.identifier",
    ),
    status: knownCode(resource.status, Object.values(appointmentStatus), "Appointment.status"),
    patientId: idOf(patient?.actor, "Patient", "Appointment.participant.actor"),
    start: dateOf(resource.start, "Appointment.start"),
    end: dateOf(resource.end, "Appointment.end"),
    participants: others.map((one) => ({
      personId: idOf(one.actor, "Practitioner", "Appointment.participant.actor"),
      ...participantOf(one.type, "Appointment.participant.type"),
    })),
  };
}
