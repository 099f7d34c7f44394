/** Immunization: a vaccine given, or not given and why. */
import type { Immunization, Resource } from "@medplum/fhirtypes";
import {
  type BusinessName,
  type CodedWords,
  codedConcept,
  codedWordsOf,
  compact,
  expectType,
  firstName,
  idNearby,
  keyOf,
  need,
  refer,
} from "./elements.ts";

export const vaccinationStates = ["given", "not-given", "entered-in-error"] as const;
export type VaccinationState = (typeof vaccinationStates)[number];
const status = {
  given: "completed",
  "not-given": "not-done",
  "entered-in-error": "entered-in-error",
} as const satisfies Record<VaccinationState, Immunization["status"]>;

export interface ImmunizationFacts {
  readonly id: string | null;
  readonly name: BusinessName | null;
  readonly patientId: string | null;
  readonly state: VaccinationState;
  readonly vaccine: CodedWords;
  /** When, as exact as its source knows it, or in its words (小时候). */
  readonly when: { readonly at: string } | { readonly words: string };
  readonly lotNumber: string | null;
  /** Which of the series, from 1 on. */
  readonly dose: number | null;
  /** Why it was not given. */
  readonly reason: CodedWords | null;
}

export function toFhirImmunization(facts: ImmunizationFacts): Immunization {
  return compact<Immunization>({
    resourceType: "Immunization",
    id: facts.id,
    identifier: facts.name ? [{ ...facts.name }] : [],
    status: status[facts.state],
    statusReason: facts.reason ? codedConcept(facts.reason) : null,
    vaccineCode: codedConcept(facts.vaccine),
    patient: refer("Patient", need(facts.patientId, "Immunization.patient")),
    occurrenceDateTime: "at" in facts.when ? facts.when.at : null,
    occurrenceString: "words" in facts.when ? facts.when.words : null,
    lotNumber: facts.lotNumber,
    protocolApplied: facts.dose === null ? [] : [{ doseNumberPositiveInt: facts.dose }],
  });
}

/** @throws FhirMappingError for another resource, an unknown status, a vaccine without words or without a time */
export function fromFhirImmunization(resource: Resource): ImmunizationFacts {
  expectType(resource, "Immunization");
  return {
    id: resource.id ?? null,
    name: firstName(resource.identifier),
    patientId: idNearby(resource.patient, "Patient"),
    state: keyOf(status, resource.status, "Immunization.status"),
    vaccine: codedWordsOf(resource.vaccineCode, "Immunization.vaccineCode"),
    when: resource.occurrenceDateTime
      ? { at: resource.occurrenceDateTime }
      : { words: need(resource.occurrenceString, "Immunization.occurrence") },
    lotNumber: resource.lotNumber ?? null,
    dose: resource.protocolApplied?.[0]?.doseNumberPositiveInt ?? null,
    reason: resource.statusReason
      ? codedWordsOf(resource.statusReason, "Immunization.statusReason")
      : null,
  };
}
