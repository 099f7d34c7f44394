/** Visits to a fever clinic, from triage on, with the answers that led there. */
import { and, asc, eq, gt, inArray } from "drizzle-orm";
import { type Certainty, toFhirCondition } from "../../../fhir-mappings/condition.ts";
import { codedDiagnosis } from "../../../fhir-mappings/elements.ts";
import { toFhirQuestionnaireResponse } from "../../../fhir-mappings/questionnaire.ts";
import { identifierSystems } from "../../../fhir-mappings/systems.ts";
import { toFhirVisit } from "../../../fhir-mappings/visit.ts";
import type { Tx } from "../../db/client.ts";
import type { FeverRegion, QuestionId } from "../../fever/domain.ts";
import { feverAnswer, feverPolicy, feverScreening, feverVisit } from "../../fever/schema.ts";
import { findPeopleNames } from "../../identity/service.ts";
import { ended, type Projected, type ProjectionPart, shown } from "./projected.ts";

const least = "00000000-0000-0000-0000-000000000000";

export const feverPart: ProjectionPart = {
  idsAfter: async ({ tx, institutionId }, after, limit) => {
    const rows = await tx
      .select({ id: feverVisit.id })
      .from(feverVisit)
      .where(and(eq(feverVisit.institutionId, institutionId), gt(feverVisit.id, after || least)))
      .orderBy(asc(feverVisit.id))
      .limit(limit);
    return rows.map((row) => row.id);
  },
  project: async ({ tx, institutionId }, ids, gap) => {
    const rows = await tx
      .select()
      .from(feverVisit)
      .where(and(eq(feverVisit.institutionId, institutionId), inArray(feverVisit.id, [...ids])));
    const names = await findPeopleNames(tx, [...new Set(rows.flatMap((row) => row.seenBy ?? []))]);
    const visits = rows.map((row): Projected => {
      // Who is not triaged yet, or was sent to an ordinary clinic, has not visited it.
      if (row.state === "to-triage" || row.state === "ordinary") return ended("Encounter", row.id);
      const name = row.seenBy ? names.get(row.seenBy) : undefined;
      return shown(
        toFhirVisit({
          id: row.id,
          status: row.endedAt ? "finished" : "in-progress",
          patientId: row.patientId,
          institutionId,
          appointmentId: row.appointmentId,
          kind: "fever-clinic",
          name: "发热门诊",
          reason: row.complaint,
          doctor: row.seenBy && name ? { id: row.seenBy, name } : null,
          start: row.arrivedAt,
          end: row.endedAt,
        }),
      );
    });
    return [...visits, ...rows.map(diagnosisOf), ...(await answersOf(tx, rows, gap))];
  },
};

type Row = typeof feverVisit.$inferSelect;

/** How sure the doctor was who wrote the diagnosis; null: in this state there is none. */
const certaintyIn: Readonly<Record<Row["state"], Certainty | null>> = {
  "to-triage": null,
  ordinary: null,
  fever: null,
  waiting: null,
  seen: null,
  sampled: null,
  observation: null,
  // What it is instead, which is what excludes the other.
  excluded: "confirmed",
  "left-before-result": null,
  suspected: "provisional",
  reported: "provisional",
  "awaiting-transfer": "provisional",
  "in-transfer": "provisional",
  "handed-over": "provisional",
  disinfected: "provisional",
  // Who was suspected and then needed help at once still is.
  emergency: "provisional",
};

/** In the doctor's words: the fever desk writes no codes. */
function diagnosisOf(row: Row): Projected {
  const certainty = certaintyIn[row.state];
  if (!row.diagnosis || !certainty) return ended("Condition", row.id);
  return shown(
    toFhirCondition({
      id: row.id,
      name: { system: identifierSystems.diagnosis, value: row.id },
      patientId: row.patientId,
      place: "encounter",
      course: "active",
      certainty,
      diagnosis: codedDiagnosis({ code: null, text: row.diagnosis }),
      onset: row.onsetOn,
      ended: null,
      recordedAt: (row.diagnosedAt ?? row.updatedAt).toISOString(),
      encounterId: row.id,
      asserterId: row.seenBy,
    }),
  );
}

/** What was answered before the visit, or at the desk; its questions are at /fhir/Questionnaire. */
async function answersOf(
  tx: Tx,
  rows: readonly (typeof feverVisit.$inferSelect)[],
  gap: (id: string, error: unknown) => void,
): Promise<Projected[]> {
  const ids = rows.flatMap((row) => row.screeningId ?? []);
  if (ids.length === 0) return [];
  const screenings = await tx
    .select({ row: feverScreening, policy: feverPolicy })
    .from(feverScreening)
    .innerJoin(feverPolicy, eq(feverPolicy.id, feverScreening.policyId))
    .where(inArray(feverScreening.id, ids));
  const answers = await tx.select().from(feverAnswer).where(inArray(feverAnswer.screeningId, ids));
  return screenings.flatMap(({ row, policy }): Projected[] => {
    try {
      const own = answers.filter((one) => one.screeningId === row.id);
      return [
        shown(
          toFhirQuestionnaireResponse({
            id: row.id,
            region: policy.region as FeverRegion,
            version: policy.version,
            patientId: row.patientId,
            answeredAt: row.answeredAt,
            askedBy: row.askedBy,
            answers: policy.content.questions.flatMap(({ id }) => {
              const answer = own.find((one) => one.question === id);
              return answer ? [{ question: id as QuestionId, value: answer.value }] : [];
            }),
          }),
        ),
      ];
    } catch (error) {
      gap(row.id, error);
      return [];
    }
  });
}
