import type { Work } from "../http/context.ts";
import { findPeopleNames } from "../identity/service.ts";
import { findPatientRows, localDay } from "../patients/service.ts";
import type { FollowUpView } from "./contract.ts";
import { overdueDays } from "./follow-up-domain.ts";
import { type FollowUpRow, findFollowUps } from "./follow-up-repository.ts";
import { findTriggers } from "./repository.ts";
import { institutionRefs, plainRef, subjectOf } from "./view.ts";

/** Rows as pages show them. */
export async function viewFollowUps(
  work: Work,
  rows: readonly FollowUpRow[],
): Promise<FollowUpView[]> {
  const { tx, now } = work;
  const patients = await findPatientRows(tx, [...new Set(rows.map((row) => row.patientId))]);
  const institutions = await institutionRefs(
    tx,
    rows.map((row) => row.institutionId),
  );
  const people = await findPeopleNames(tx, [
    ...new Set(rows.flatMap((row) => [row.ownerId, row.doneBy].filter((id) => id !== null))),
  ]);
  const triggers = await findTriggers(tx, [...new Set(rows.map((row) => row.referralId))]);
  return rows.map((row) => ({
    id: row.id,
    episodeId: row.episodeId,
    referralId: row.referralId,
    kind: row.kind,
    purpose: row.purpose,
    dueOn: row.dueOn,
    state: row.state,
    version: row.version,
    patient: subjectOf(patients, row.patientId, now),
    institution: plainRef(institutions.get(row.institutionId)!),
    owner: row.ownerId ? (people.get(row.ownerId) ?? null) : null,
    vitals: row.vitals,
    findings: row.findings,
    triggered: row.triggered,
    returnTriggers: triggers.get(row.referralId) ?? [],
    doneBy: row.doneBy ? (people.get(row.doneBy) ?? null) : null,
    doneAt: row.doneAt?.toISOString() ?? null,
    overdueDays:
      row.state === "planned" || row.state === "missed" ? overdueDays(row.dueOn, localDay(now)) : 0,
  }));
}

export async function viewFollowUpsOf(
  work: Work,
  which: { episodeId: string },
): Promise<FollowUpView[]> {
  return viewFollowUps(work, await findFollowUps(work.tx, { episodeIds: [which.episodeId] }));
}
