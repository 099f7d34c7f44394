/** EpisodeOfCare: from the first complaint to the last follow-up, with every referral that belongs to it. */
import type { EpisodeOfCare, Resource } from "@medplum/fhirtypes";
import type { EpisodeState } from "../server/referral/domain.ts";
import {
  compact,
  dateOf,
  dateOrNull,
  expectType,
  extensionOf,
  extensions,
  idOf,
  instantOf,
  keyOf,
  need,
  refer,
} from "./elements.ts";
import { extensionUrls, identifierSystems } from "./systems.ts";

export interface EpisodeOfCareFacts {
  readonly id: string;
  readonly number: string;
  readonly state: EpisodeState;
  readonly patientId: string;
  /** What it began with, in words. */
  readonly complaint: string;
  /** The house that looks after the patient between visits. */
  readonly careInstitutionId: string;
  readonly openedAt: Date;
  readonly closedAt: Date | null;
  readonly closeReason: string | null;
  /** Diagnoses of the newest referral, as Conditions. */
  readonly conditionIds: readonly string[];
  readonly referralIds: readonly string[];
}

const status = {
  active: "active",
  finished: "finished",
} as const satisfies Record<EpisodeState, EpisodeOfCare["status"]>;

export function toFhirEpisodeOfCare(facts: EpisodeOfCareFacts): EpisodeOfCare {
  return compact<EpisodeOfCare>({
    resourceType: "EpisodeOfCare",
    id: facts.id,
    ...extensions(
      [extensionUrls.complaint, { valueString: facts.complaint }],
      [extensionUrls.closeReason, facts.closeReason ? { valueString: facts.closeReason } : null],
    ),
    identifier: [{ system: identifierSystems.episodeNumber, value: facts.number }],
    status: status[facts.state],
    diagnosis: facts.conditionIds.map((id) => ({ condition: refer("Condition", id) })),
    patient: refer("Patient", facts.patientId),
    managingOrganization: refer("Organization", facts.careInstitutionId),
    period: compact<NonNullable<EpisodeOfCare["period"]>>({
      start: instantOf(facts.openedAt),
      end: instantOf(facts.closedAt),
    }),
    referralRequest: facts.referralIds.map((id) => refer("ServiceRequest", id)),
  });
}

/** @throws FhirMappingError for another resource, an unknown status, parts that are not there */
export function fromFhirEpisodeOfCare(resource: Resource): EpisodeOfCareFacts {
  expectType(resource, "EpisodeOfCare");
  return {
    id: need(resource.id, "EpisodeOfCare.id"),
    number: need(
      resource.identifier?.find((one) => one.system === identifierSystems.episodeNumber)?.value,
      "EpisodeOfCare.identifier",
    ),
    state: keyOf(status, resource.status, "EpisodeOfCare.status"),
    patientId: idOf(resource.patient, "Patient", "EpisodeOfCare.patient"),
    complaint: need(
      extensionOf(resource, extensionUrls.complaint)?.valueString,
      "EpisodeOfCare.extension(complaint)",
    ),
    careInstitutionId: idOf(
      resource.managingOrganization,
      "Organization",
      "EpisodeOfCare.managingOrganization",
    ),
    openedAt: dateOf(resource.period?.start, "EpisodeOfCare.period.start"),
    closedAt: dateOrNull(resource.period?.end, "EpisodeOfCare.period.end"),
    closeReason: extensionOf(resource, extensionUrls.closeReason)?.valueString ?? null,
    conditionIds: (resource.diagnosis ?? []).map((one) =>
      idOf(one.condition, "Condition", "EpisodeOfCare.diagnosis"),
    ),
    referralIds: (resource.referralRequest ?? []).map((one) =>
      idOf(one, "ServiceRequest", "EpisodeOfCare.referralRequest"),
    ),
  };
}
