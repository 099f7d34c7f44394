/**
 * Episodes: with the house that began one, the one that looks after the patient, and those that were sent
 * somebody in it and have him; each with the referrals that it is party to.
 */
import { and, asc, eq, exists, gt, inArray, isNotNull, or } from "drizzle-orm";
import { toFhirEpisodeOfCare } from "../../../fhir-mappings/episode-of-care.ts";
import { department } from "../../directory/schema.ts";
import { episode, referral, referralStep } from "../../referral/schema.ts";
import { ended, type Projected, type ProjectionPart, shown } from "./projected.ts";
import { impressionIds, isDiagnosed } from "./referral-clinical.ts";
import { labelsOf } from "./referral-part.ts";
import { diagnosedBelow } from "./referral-reading.ts";
import { type ReferralRow, type StepRow, type Told, toldTo } from "./referral-told.ts";
import { labelled } from "./sensitivity.ts";

const least = "00000000-0000-0000-0000-000000000000";
type Row = typeof episode.$inferSelect;

export const episodePart: ProjectionPart = {
  idsAfter: async ({ tx, institutionId }, after, limit) => {
    const rows = await tx
      .select({ id: episode.id })
      .from(episode)
      .where(
        and(
          gt(episode.id, after || least),
          exists(
            tx
              .select({ id: referral.id })
              .from(referral)
              .where(
                and(
                  eq(referral.episodeId, episode.id),
                  isNotNull(referral.submittedAt),
                  or(
                    eq(episode.openedByInstitutionId, institutionId),
                    eq(episode.careInstitutionId, institutionId),
                    eq(referral.fromInstitutionId, institutionId),
                    eq(referral.toInstitutionId, institutionId),
                  ),
                ),
              ),
          ),
        ),
      )
      .orderBy(asc(episode.id))
      .limit(limit);
    return rows.map((row) => row.id);
  },
  project: async ({ tx, institutionId }, ids, gap) => {
    const rows = await tx
      .select()
      .from(episode)
      .where(inArray(episode.id, [...ids]));
    const referrals = await tx
      .select({ row: referral, specialtyCode: department.specialtyCode })
      .from(referral)
      .leftJoin(department, eq(department.id, referral.toDepartmentId))
      .where(inArray(referral.episodeId, [...ids]))
      .orderBy(asc(referral.createdAt), asc(referral.id));
    const referralIds = referrals.map((one) => one.row.id);
    if (referralIds.length === 0) return [];
    const steps = await tx
      .select()
      .from(referralStep)
      .where(inArray(referralStep.referralId, referralIds))
      .orderBy(asc(referralStep.id));
    const below = await diagnosedBelow(tx, referralIds);
    return rows.flatMap((row): Projected[] => {
      const own = referrals.filter((one) => one.row.episodeId === row.id);
      try {
        return episodeOf(institutionId, row, own, steps, below);
      } catch (error) {
        gap(row.id, error);
        return [];
      }
    });
  },
};

function episodeOf(
  institutionId: string,
  row: Row,
  referrals: readonly { row: ReferralRow; specialtyCode: string | null }[],
  steps: readonly StepRow[],
  below: ReadonlySet<string>,
): Projected[] {
  const known = referrals.flatMap((one) => {
    const taken = steps.filter((step) => step.referralId === one.row.id);
    const told = toldTo(institutionId, one.row, taken);
    return told && told.part !== "progress" ? [{ ...one, told }] : [];
  });
  const wasSent = steps.some(
    (one) =>
      one.toState === "submitted" && referrals.some(({ row: { id } }) => id === one.referralId),
  );
  const isOwn = [row.openedByInstitutionId, row.careInstitutionId].includes(institutionId);
  // What nobody was sent is a draft.
  if (!wasSent) return [];
  if (!isOwn && known.length === 0) return [ended("EpisodeOfCare", row.id)];
  const labels = new Set(known.flatMap((one) => labelsOf(one.row, one.specialtyCode)));
  return [
    shown(
      labelled(
        toFhirEpisodeOfCare({
          ...row,
          conditionIds: newestDiagnoses(known, below),
          referralIds: known.map((one) => one.row.id),
        }),
        [...labels],
      ),
    ),
  ];
}

function newestDiagnoses(
  known: readonly { row: ReferralRow; told: Told }[],
  below: ReadonlySet<string>,
): string[] {
  const found = known.findLast(
    ({ row, told }) => row.impression.length > 0 && isDiagnosed(told, below.has(row.id)),
  );
  return found ? impressionIds(found.row) : [];
}
