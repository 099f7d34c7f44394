/** Encounter: a video visit of a patient with his doctor, from the first minute together on. */
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

export const videoVisitStatuses = ["in-progress", "finished", "cancelled"] as const;
export type VideoVisitStatus = (typeof videoVisitStatuses)[number];

export interface VideoVisitFacts {
  readonly id: string;
  readonly number: string;
  readonly status: VideoVisitStatus;
  readonly patientId: string;
  readonly institutionId: string;
  readonly doctorId: string;
  /** What the follow-up is about, as the patient chose it. */
  readonly reason: { readonly code: string | null; readonly text: string };
  readonly start: Date;
  readonly end: Date | null;
}

export function toFhirVideoVisit(facts: VideoVisitFacts): Encounter {
  const { code, text } = facts.reason;
  return compact<Encounter>({
    resourceType: "Encounter",
    id: facts.id,
    identifier: [{ system: identifierSystems.visitNumber, value: facts.number }],
    status: facts.status,
    // v3 ActEncounterCode "virtual": patient and doctor are in different places.
    class: { system: codeSystems.actCode, code: "VR", display: "virtual" },
    type: [concept(codeSystems.service, "video-visit", "视频复诊")],
    subject: refer("Patient", facts.patientId),
    participant: [{ individual: refer("Practitioner", facts.doctorId) }],
    reasonCode: [code ? concept(codeSystems.icd10, code, text) : { text }],
    period: compact<NonNullable<Encounter["period"]>>({
      start: instantOf(facts.start),
      end: instantOf(facts.end),
    }),
    serviceProvider: refer("Organization", facts.institutionId),
  });
}

/** @throws FhirMappingError for another resource, class or kind of visit, an unknown status, a missing start */
export function fromFhirVideoVisit(resource: Resource): VideoVisitFacts {
  expectType(resource, "Encounter");
  knownCode(resource.class?.code, ["VR"], "Encounter.class");
  knownCode(resource.type?.[0]?.coding?.[0]?.code, ["video-visit"], "Encounter.type");
  const reason = resource.reasonCode?.[0];
  const coded = reason?.coding?.find((one) => one.system === codeSystems.icd10);
  return {
    id: need(resource.id, "Encounter.id"),
    number: need(
      resource.identifier?.find((one) => one.system === identifierSystems.visitNumber)?.value,
      "Encounter.identifier",
    ),
    status: knownCode(resource.status, videoVisitStatuses, "Encounter.status"),
    patientId: idOf(resource.subject, "Patient", "Encounter.subject"),
    institutionId: idOf(resource.serviceProvider, "Organization", "Encounter.serviceProvider"),
    doctorId: idOf(
      resource.participant?.[0]?.individual,
      "Practitioner",
      "Encounter.participant.individual",
    ),
    reason: {
      code: coded?.code ?? null,
      text: need(coded?.display ?? reason?.text, "Encounter.reasonCode"),
    },
    start: dateOf(resource.period?.start, "Encounter.period.start"),
    end: dateOrNull(resource.period?.end, "Encounter.period.end"),
  };
}
