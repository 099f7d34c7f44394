/**
 * What a consult says of the patient: diagnoses and vital signs. The house that asks wrote the provisional
 * diagnoses and measured; those of the opinion are in both houses' files, as the opinion is, and are one by
 * their identifier.
 */
import {
  type Certainty,
  type ConditionFacts,
  toFhirCondition,
} from "../../../fhir-mappings/condition.ts";
import { codedDiagnosis } from "../../../fhir-mappings/elements.ts";
import { identifierSystems } from "../../../fhir-mappings/systems.ts";
import {
  toFhirVitalSigns,
  type VitalValues,
  vitalSignId,
  vitalSigns,
} from "../../../fhir-mappings/vital-signs.ts";
import type { consult, consultOpinion } from "../../consult/schema.ts";
import { opinionDocument } from "../../opinion-document/service.ts";
import { ended, type Projected, shownOrEnded } from "./projected.ts";

type Row = typeof consult.$inferSelect;
type Opinion = typeof consultOpinion.$inferSelect;
type Diagnosis = Row["provisionalDiagnoses"][number];
/** A request and an opinion have at most so many (server/consult/contract.ts). */
const diagnosesMax = 10;

/**
 * What the attending doctor thought it was, until an opinion that names diagnoses is in the record in its
 * stead. Of a consult that was called off nothing stays: it may have been about somebody else.
 */
export function provisionalDiagnoses(row: Row, opinion: Opinion | null): Projected[] {
  const isOver = row.state === "cancelled" || (opinion !== null && diagnosesIn(opinion).length > 0);
  return diagnoses("asked", row, isOver ? [] : row.provisionalDiagnoses, () => "provisional", {
    recordedAt: (row.submittedAt ?? row.updatedAt).toISOString(),
    encounterId: null,
    asserterId: row.requesterId,
  });
}

/** The diagnoses of an opinion that is in the record; null: none is, or not yet. */
export function opinionDiagnoses(row: Row, opinion: Opinion | null): Projected[] {
  return diagnoses("opinion", row, opinion ? diagnosesIn(opinion) : [], certaintyOf, {
    recordedAt: opinion?.signedAt?.toISOString() ?? null,
    encounterId: row.startedAt ? row.id : null,
    asserterId: opinion?.signedBy ?? null,
  });
}

/** As they were signed, whatever was written since. */
const diagnosesIn = ({ document }: Opinion): readonly Diagnosis[] =>
  opinionDocument.parse(document).diagnoses;

/** 待查, 待排, 疑似, 可能, 考虑, 不除外 or a question mark: the specialist himself is not sure. */
const doubt =
  /[?？]|待[查排]|疑似|可能|考虑|不(?:能)?除外|\b(?:possible|probable|suspected|query)\b/i;
export const certaintyOf = ({ text }: Diagnosis): Certainty =>
  doubt.test(text) ? "differential" : "confirmed";

/** Each under its place in the list, so that a shorter list ends what it had. */
export function diagnoses(
  part: "asked" | "opinion" | "impression",
  row: Pick<Row, "id" | "patientId">,
  list: readonly Diagnosis[],
  certainty: (one: Diagnosis) => Certainty,
  said: Pick<ConditionFacts, "recordedAt" | "encounterId" | "asserterId">,
): Projected[] {
  return Array.from({ length: Math.max(diagnosesMax, list.length) }, (_, n): Projected => {
    const id = `${row.id}-${part}-${n + 1}`;
    const one = list[n];
    if (!one) return ended("Condition", id);
    return shownOrEnded(
      "Condition",
      id,
      toFhirCondition({
        id,
        name: { system: identifierSystems.diagnosis, value: id },
        patientId: row.patientId,
        place: "encounter",
        course: "active",
        certainty: certainty(one),
        diagnosis: codedDiagnosis(one),
        onset: null,
        ended: null,
        ...said,
      }),
    );
  });
}

/** What was measured where the patient is; of a consult that was called off nothing stays. */
export function vitalSignsOf(
  row: Pick<Row, "id" | "patientId" | "vitals" | "submittedAt" | "updatedAt" | "requesterId"> & {
    readonly state: string;
  },
): Projected[] {
  const found =
    row.state === "cancelled"
      ? []
      : toFhirVitalSigns({
          ...valuesOf(row.vitals),
          consultId: row.id,
          patientId: row.patientId,
          measuredAt: row.vitals.measuredAt ? new Date(row.vitals.measuredAt) : null,
          statedAt: row.submittedAt ?? row.updatedAt,
          altitudeMetres: row.vitals.altitudeMetres ?? null,
          performerId: row.requesterId,
        });
  return vitalSigns.map((sign) => {
    const id = vitalSignId(row.id, sign);
    return shownOrEnded(
      "Observation",
      id,
      found.find((one) => one.id === id),
    );
  });
}

const valuesOf = (vitals: Row["vitals"]): VitalValues => ({
  temperatureCelsius: vitals.temperatureCelsius ?? null,
  systolicMmHg: vitals.systolicMmHg ?? null,
  diastolicMmHg: vitals.diastolicMmHg ?? null,
  pulsePerMinute: vitals.pulsePerMinute ?? null,
  breathsPerMinute: vitals.breathsPerMinute ?? null,
  spo2Percent: vitals.spo2Percent ?? null,
  onOxygen: vitals.onOxygen ?? null,
  weightKg: vitals.weightKg ?? null,
  heightCm: vitals.heightCm ?? null,
});
