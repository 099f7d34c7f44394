/** Condition: a diagnosis, of ours or of whoever keeps a record of the person. */
import type { Condition, Resource } from "@medplum/fhirtypes";
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
  need,
  refer,
} from "./elements.ts";
import { FhirMappingError } from "./mapping-error.ts";
import { codeSystems } from "./systems.ts";

/** How it goes on. */
export const courses = [
  "active",
  "recurring",
  "relapsed",
  "inactive",
  "in-remission",
  "resolved",
] as const;
export type Course = (typeof courses)[number];
const clinicalStatus = {
  active: "active",
  recurring: "recurrence",
  relapsed: "relapse",
  inactive: "inactive",
  "in-remission": "remission",
  resolved: "resolved",
} as const satisfies Record<Course, string>;
/** It is over, or sleeps. */
export const pastCourses: readonly Course[] = ["inactive", "in-remission", "resolved"];

/** How sure whoever wrote it is: 待查, 初步诊断, 鉴别诊断, 确诊, 排除. */
export const certainties = [
  "unconfirmed",
  "provisional",
  "differential",
  "confirmed",
  "ruled-out",
  "entered-in-error",
] as const;
export type Certainty = (typeof certainties)[number];
const verificationStatus = {
  unconfirmed: "unconfirmed",
  provisional: "provisional",
  differential: "differential",
  confirmed: "confirmed",
  "ruled-out": "refuted",
  "entered-in-error": "entered-in-error",
} as const satisfies Record<Certainty, string>;

export const diagnosisPlaces = ["encounter", "problem-list"] as const;
export type DiagnosisPlace = (typeof diagnosisPlaces)[number];
const category = {
  encounter: "encounter-diagnosis",
  "problem-list": "problem-list-item",
} as const satisfies Record<DiagnosisPlace, string>;

export interface ConditionFacts {
  readonly id: string | null;
  readonly name: BusinessName | null;
  readonly patientId: string | null;
  /** Null: elsewhere than in these two, or nobody says. */
  readonly place: DiagnosisPlace | null;
  readonly course: Course | null;
  readonly certainty: Certainty | null;
  readonly diagnosis: CodedWords;
  /** As exact as its source knows it: a year, a month, a day or an instant. */
  readonly onset: string | null;
  readonly ended: string | null;
  readonly recordedAt: string | null;
  /** Visit in which it was made. */
  readonly encounterId: string | null;
  /** Who says so. */
  readonly asserterId: string | null;
}

/** @throws FhirMappingError `contradiction` for a course of what was entered in error (con-5), an end of what goes on (con-4) */
export function toFhirCondition(facts: ConditionFacts): Condition {
  const { course, certainty, ended } = facts;
  if (certainty === "entered-in-error" && course !== null)
    throw new FhirMappingError("Condition.clinicalStatus", "contradiction");
  if (ended !== null && (course === null || !pastCourses.includes(course)))
    throw new FhirMappingError("Condition.abatement", "contradiction");
  return compact<Condition>({
    resourceType: "Condition",
    id: facts.id,
    identifier: facts.name ? [{ ...facts.name }] : [],
    clinicalStatus: course ? concept(codeSystems.conditionClinical, clinicalStatus[course]) : null,
    verificationStatus: certainty
      ? concept(codeSystems.conditionCertainty, verificationStatus[certainty])
      : null,
    category: facts.place ? [concept(codeSystems.conditionCategory, category[facts.place])] : [],
    code: codedConcept(facts.diagnosis),
    subject: refer("Patient", need(facts.patientId, "Condition.subject")),
    encounter: facts.encounterId ? refer("Encounter", facts.encounterId) : null,
    onsetDateTime: facts.onset,
    abatementDateTime: ended,
    recordedDate: facts.recordedAt,
    asserter: facts.asserterId ? refer("Practitioner", facts.asserterId) : null,
  });
}

/**
 * Reads ours and others': references to what lies elsewhere and further details are left out.
 * @throws FhirMappingError for another resource, one without words, an unknown course or certainty
 */
export function fromFhirCondition(resource: Resource): ConditionFacts {
  expectType(resource, "Condition");
  const course = boundCode(
    resource.clinicalStatus,
    codeSystems.conditionClinical,
    Object.values(clinicalStatus),
    "Condition.clinicalStatus",
  );
  const certainty = boundCode(
    resource.verificationStatus,
    codeSystems.conditionCertainty,
    Object.values(verificationStatus),
    "Condition.verificationStatus",
  );
  return {
    id: resource.id ?? null,
    name: firstName(resource.identifier),
    patientId: idNearby(resource.subject, "Patient"),
    place: placeOf(resource),
    course: course && keyOf(clinicalStatus, course, "Condition.clinicalStatus"),
    certainty: certainty && keyOf(verificationStatus, certainty, "Condition.verificationStatus"),
    diagnosis: codedWordsOf(resource.code, "Condition.code"),
    onset: resource.onsetDateTime ?? resource.onsetPeriod?.start ?? null,
    ended: resource.abatementDateTime ?? resource.abatementPeriod?.end ?? null,
    recordedAt: resource.recordedDate ?? null,
    encounterId: idNearby(resource.encounter, "Encounter"),
    asserterId: idNearby(resource.asserter, "Practitioner"),
  };
}

/** The list of categories is open: others stand beside ours. */
function placeOf(resource: Condition): DiagnosisPlace | null {
  const codes = (resource.category ?? []).flatMap((one) => one.coding ?? []);
  return (
    diagnosisPlaces.find((place) =>
      codes.some(
        ({ system, code }) => system === codeSystems.conditionCategory && code === category[place],
      ),
    ) ?? null
  );
}
