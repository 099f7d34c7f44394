/** Encounter: a visit to a clinic of the alliance, from the call into the room on. */
import type { Encounter, Resource } from "@medplum/fhirtypes";
import type { ServiceKind } from "../server/booking/domain.ts";
import { serviceKindCodes } from "./booked-appointment.ts";
import {
  codeIn,
  compact,
  concept,
  dateOf,
  dateOrNull,
  expectType,
  idOf,
  idOrNull,
  instantOf,
  keyOf,
  knownCode,
  need,
  refer,
} from "./elements.ts";
import { codeSystems } from "./systems.ts";

export const visitStatuses = ["in-progress", "finished", "cancelled"] as const;
export type VisitStatus = (typeof visitStatuses)[number];

export interface VisitFacts {
  readonly id: string;
  readonly status: VisitStatus;
  readonly patientId: string;
  readonly institutionId: string;
  readonly appointmentId: string | null;
  readonly kind: ServiceKind;
  /** E.g. 专家门诊. */
  readonly name: string;
  /** What it was about, in words; null where nobody wrote it. */
  readonly reason: string | null;
  readonly doctor: { readonly id: string; readonly name: string } | null;
  readonly start: Date;
  readonly end: Date | null;
}

export function toFhirVisit(facts: VisitFacts): Encounter {
  return compact<Encounter>({
    resourceType: "Encounter",
    id: facts.id,
    status: facts.status,
    class: { system: codeSystems.actCode, code: "AMB", display: "ambulatory" },
    type: [concept(codeSystems.serviceKind, serviceKindCodes[facts.kind], facts.name)],
    subject: refer("Patient", facts.patientId),
    participant: facts.doctor
      ? [{ individual: refer("Practitioner", facts.doctor.id, facts.doctor.name) }]
      : [],
    appointment: facts.appointmentId ? [refer("Appointment", facts.appointmentId)] : [],
    period: compact<NonNullable<Encounter["period"]>>({
      start: instantOf(facts.start),
      end: instantOf(facts.end),
    }),
    reasonCode: facts.reason ? [{ text: facts.reason }] : [],
    serviceProvider: refer("Organization", facts.institutionId),
  });
}

/** @throws FhirMappingError for another resource or class, unknown statuses and kinds, a missing start */
export function fromFhirVisit(resource: Resource): VisitFacts {
  expectType(resource, "Encounter");
  knownCode(resource.class?.code, ["AMB"], "Encounter.class");
  const doctor = resource.participant?.[0]?.individual;
  return {
    id: need(resource.id, "Encounter.id"),
    status: knownCode(resource.status, visitStatuses, "Encounter.status"),
    patientId: idOf(resource.subject, "Patient", "Encounter.subject"),
    institutionId: idOf(resource.serviceProvider, "Organization", "Encounter.serviceProvider"),
    appointmentId: idOrNull(resource.appointment?.[0], "Appointment", "Encounter.appointment"),
    kind: keyOf(serviceKindCodes, codeIn(resource.type, codeSystems.serviceKind), "Encounter.type"),
    name: need(resource.type?.[0]?.text, "Encounter.type.text"),
    reason: resource.reasonCode?.[0]?.text ?? null,
    doctor: doctor
      ? {
          id: idOf(doctor, "Practitioner", "Encounter.participant.individual"),
          name: need(doctor.display, "Encounter.participant.individual.display"),
        }
      : null,
    start: dateOf(resource.period?.start, "Encounter.period.start"),
    end: dateOrNull(resource.period?.end, "Encounter.period.end"),
  };
}
