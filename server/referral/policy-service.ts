import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { localDay, parsePhone } from "../patients/service.ts";
import type { ClockBody, ClockList } from "./board-contract.ts";
import { findPolicyRows, insertPolicyRow } from "./board-repository.ts";
import { defaultReferralPolicy } from "./domain.ts";

/**
 * The referral clocks of the own house: every dated row, and the product's own numbers under them.
 * @throws DomainError `permission.denied`
 */
export async function listClocks(work: Work<StaffActor>): Promise<ClockList> {
  const { tx, actor, now } = work;
  assertPermission(actor, "directory.manage");
  const rows = await findPolicyRows(tx, actor.institutionId);
  const today = localDay(now);
  const current = rows.find((row) => row.validFrom <= today)?.validFrom;
  const { validFrom: _since, ...defaults } = defaultReferralPolicy;
  return {
    today,
    defaults,
    rows: rows.map(({ institutionId: _own, ...row }) => ({
      ...row,
      when: row.validFrom > today ? "coming" : row.validFrom === current ? "current" : "over",
    })),
  };
}

/**
 * New clocks from a day on, today at the earliest. What was sent before keeps the clock that it was given.
 * @throws DomainError `permission.denied`, `schedule.past`, `card.policy-day` when that day has a row, `patient.phone`
 */
export async function enterClocks(work: Work<StaffActor>, input: ClockBody): Promise<ClockList> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "directory.manage");
  if (input.validFrom < localDay(now)) throw new DomainError("schedule.past");
  if (input.dutyPhone && !parsePhone(input.dutyPhone).ok) throw new DomainError("patient.phone");
  if (!(await insertPolicyRow(tx, { ...input, institutionId: actor.institutionId })))
    throw new DomainError("card.policy-day", { day: input.validFrom });
  const { dutyPhone: _office, source: _source, ...numbers } = input;
  await trace(tx, actor, origin, {
    action: "policy.referral-clocks",
    entityType: "institution",
    entityId: actor.institutionId,
    detail: numbers,
  });
  return listClocks(work);
}
