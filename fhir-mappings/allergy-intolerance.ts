/** AllergyIntolerance: what a person does not bear. */
import type { AllergyIntolerance, AllergyIntoleranceReaction, Resource } from "@medplum/fhirtypes";
import {
  type BusinessName,
  boundCode,
  type CodedWords,
  codedConcept,
  codedWordsOf,
  compact,
  concept,
  expectType,
  firstName,
  idNearby,
  keyOf,
  knownCode,
  need,
  refer,
} from "./elements.ts";
import { FhirMappingError } from "./mapping-error.ts";
import { codeSystems } from "./systems.ts";

export const allergyCourses = ["active", "inactive", "resolved"] as const;
export type AllergyCourse = (typeof allergyCourses)[number];
const clinicalStatus = {
  active: "active",
  inactive: "inactive",
  resolved: "resolved",
} as const satisfies Record<AllergyCourse, string>;

/** 疑似, 确认, 已排除. */
export const allergyCertainties = [
  "suspected",
  "confirmed",
  "ruled-out",
  "entered-in-error",
] as const;
export type AllergyCertainty = (typeof allergyCertainties)[number];
const verificationStatus = {
  suspected: "unconfirmed",
  confirmed: "confirmed",
  "ruled-out": "refuted",
  "entered-in-error": "entered-in-error",
} as const satisfies Record<AllergyCertainty, string>;

export const allergyKinds = ["allergy", "intolerance"] as const;
export const allergyCategories = ["food", "medication", "environment", "biologic"] as const;
/** How badly it could end. */
export const allergyRisks = ["low", "high", "unknown"] as const;
export type AllergyRisk = (typeof allergyRisks)[number];
const criticality = {
  low: "low",
  high: "high",
  unknown: "unable-to-assess",
} as const satisfies Record<AllergyRisk, AllergyIntolerance["criticality"]>;
export const reactionSeverities = ["mild", "moderate", "severe"] as const;

export interface AllergyReaction {
  readonly manifestations: readonly CodedWords[];
  readonly severity: (typeof reactionSeverities)[number] | null;
}
export interface AllergyFacts {
  readonly id: string | null;
  readonly name: BusinessName | null;
  readonly patientId: string | null;
  readonly substance: CodedWords;
  readonly kind: (typeof allergyKinds)[number] | null;
  readonly categories: readonly (typeof allergyCategories)[number][];
  readonly risk: AllergyRisk | null;
  readonly course: AllergyCourse | null;
  readonly certainty: AllergyCertainty | null;
  /** As exact as its source knows it. */
  readonly onset: string | null;
  readonly recordedAt: string | null;
  readonly reactions: readonly AllergyReaction[];
}

/** @throws FhirMappingError `contradiction` where course and "entered in error" do not go together (ait-1, ait-2) */
export function toFhirAllergy(facts: AllergyFacts): AllergyIntolerance {
  const { course, certainty } = facts;
  if ((certainty === "entered-in-error") !== (course === null))
    throw new FhirMappingError("AllergyIntolerance.clinicalStatus", "contradiction");
  return compact<AllergyIntolerance>({
    resourceType: "AllergyIntolerance",
    id: facts.id,
    identifier: facts.name ? [{ ...facts.name }] : [],
    clinicalStatus: course ? concept(codeSystems.allergyClinical, clinicalStatus[course]) : null,
    verificationStatus: certainty
      ? concept(codeSystems.allergyCertainty, verificationStatus[certainty])
      : null,
    type: facts.kind,
    category: [...facts.categories],
    criticality: facts.risk ? criticality[facts.risk] : null,
    code: codedConcept(facts.substance),
    patient: refer("Patient", need(facts.patientId, "AllergyIntolerance.patient")),
    onsetDateTime: facts.onset,
    recordedDate: facts.recordedAt,
    reaction: facts.reactions.map(({ manifestations, severity }) =>
      compact<AllergyIntoleranceReaction>({
        manifestation: manifestations.map(codedConcept),
        severity,
      }),
    ),
  });
}

/**
 * Reads ours and others'. What it cannot read is shown by its words: an allergy is never hidden.
 * @throws FhirMappingError for another resource, one without words, unknown codes of the closed lists
 */
export function fromFhirAllergy(resource: Resource): AllergyFacts {
  expectType(resource, "AllergyIntolerance");
  const path = "AllergyIntolerance";
  const course = boundCode(
    resource.clinicalStatus,
    codeSystems.allergyClinical,
    Object.values(clinicalStatus),
    `${path}.clinicalStatus`,
  );
  const certainty = boundCode(
    resource.verificationStatus,
    codeSystems.allergyCertainty,
    Object.values(verificationStatus),
    `${path}.verificationStatus`,
  );
  return {
    id: resource.id ?? null,
    name: firstName(resource.identifier),
    patientId: idNearby(resource.patient, "Patient"),
    substance: codedWordsOf(resource.code, `${path}.code`),
    kind: known(resource.type, allergyKinds, `${path}.type`),
    categories: (resource.category ?? []).map((one) =>
      knownCode(one, allergyCategories, `${path}.category`),
    ),
    risk: resource.criticality
      ? keyOf(criticality, resource.criticality, `${path}.criticality`)
      : null,
    course: course && keyOf(clinicalStatus, course, `${path}.clinicalStatus`),
    certainty: certainty && keyOf(verificationStatus, certainty, `${path}.verificationStatus`),
    onset: resource.onsetDateTime ?? resource.onsetPeriod?.start ?? null,
    recordedAt: resource.recordedDate ?? null,
    reactions: (resource.reaction ?? []).map((one) => ({
      manifestations: (one.manifestation ?? []).map((each) =>
        codedWordsOf(each, `${path}.reaction.manifestation`),
      ),
      severity: known(one.severity, reactionSeverities, `${path}.reaction.severity`),
    })),
  };
}

const known = <Code extends string>(
  code: string | undefined,
  list: readonly Code[],
  path: string,
): Code | null => (code === undefined ? null : knownCode(code, list, path));
