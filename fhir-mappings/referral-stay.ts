/** Encounter: the stay on the ward that a way up led to. Both houses tell it: by the referral's number it is one. */
import type { Encounter, Resource } from "@medplum/fhirtypes";
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
import { codeSystems, identifierSystems } from "./systems.ts";

export const stayStatuses = ["in-progress", "finished"] as const;
export type StayStatus = (typeof stayStatuses)[number];

export interface ReferralStayFacts {
  readonly referralId: string;
  readonly number: string;
  /** 住院号, of the house where the patient lies. */
  readonly admissionNumber: string | null;
  readonly status: StayStatus;
  readonly patientId: string;
  readonly episodeId: string;
  readonly institutionId: string;
  readonly start: Date;
  readonly end: Date | null;
}

export function toFhirReferralStay(facts: ReferralStayFacts): Encounter {
  return compact<Encounter>({
    resourceType: "Encounter",
    id: facts.referralId,
    identifier: [
      { system: identifierSystems.referralNumber, value: facts.number },
      ...(facts.admissionNumber
        ? [{ system: identifierSystems.admissionNumber, value: facts.admissionNumber }]
        : []),
    ],
    status: facts.status,
    class: { system: codeSystems.actCode, code: "IMP", display: "inpatient encounter" },
    type: [concept(codeSystems.service, "referral-stay", "转诊住院")],
    subject: refer("Patient", facts.patientId),
    episodeOfCare: [refer("EpisodeOfCare", facts.episodeId)],
    basedOn: [refer("ServiceRequest", facts.referralId)],
    period: compact<NonNullable<Encounter["period"]>>({
      start: instantOf(facts.start),
      end: instantOf(facts.end),
    }),
    serviceProvider: refer("Organization", facts.institutionId),
  });
}

/** @throws FhirMappingError for another resource, class or status, a missing start */
export function fromFhirReferralStay(resource: Resource): ReferralStayFacts {
  expectType(resource, "Encounter");
  knownCode(resource.class?.code, ["IMP"], "Encounter.class");
  const named = (system: string) =>
    resource.identifier?.find((one) => one.system === system)?.value;
  return {
    referralId: need(resource.id, "Encounter.id"),
    number: need(named(identifierSystems.referralNumber), "Encounter.identifier"),
    admissionNumber: named(identifierSystems.admissionNumber) ?? null,
    status: knownCode(resource.status, stayStatuses, "Encounter.status"),
    patientId: idOf(resource.subject, "Patient", "Encounter.subject"),
    episodeId: idOf(resource.episodeOfCare?.[0], "EpisodeOfCare", "Encounter.episodeOfCare"),
    institutionId: idOf(resource.serviceProvider, "Organization", "Encounter.serviceProvider"),
    start: dateOf(resource.period?.start, "Encounter.period.start"),
    end: dateOrNull(resource.period?.end, "Encounter.period.end"),
  };
}
