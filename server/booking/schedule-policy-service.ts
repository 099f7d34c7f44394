/** The dated booking rules of an institution. */
import { and, eq, gt } from "drizzle-orm";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission } from "../http/context.ts";
import type { PolicyBody, PolicyView } from "./schedule-contract.ts";
import { findPolicies } from "./schedule-repository.ts";
import { policyViews } from "./schedule-view.ts";
import { assertNotPast, note, type StaffWork, todayOf } from "./schedule-work.ts";
import { bookingPolicy } from "./schema.ts";

/** @throws DomainError `permission.denied` */
export async function listPolicies(work: StaffWork): Promise<PolicyView[]> {
  assertPermission(work.actor, "booking.manage");
  const rows = await findPolicies(work.tx, work.actor.institutionId);
  return policyViews(rows, await todayOf(work));
}

/**
 * Give a new version of the policy from a day on, today at the earliest; one that has not begun is
 * replaced by one of the same day. @throws DomainError `permission.denied`, `schedule.past`
 */
export async function setPolicy(work: StaffWork, body: PolicyBody): Promise<PolicyView[]> {
  assertPermission(work.actor, "booking.manage");
  await assertNotPast(work, body.validFrom);
  await work.tx
    .insert(bookingPolicy)
    .values({ institutionId: work.actor.institutionId, ...body })
    .onConflictDoUpdate({
      target: [bookingPolicy.institutionId, bookingPolicy.validFrom],
      set: body,
    });
  await note(work, "policy", work.actor.institutionId, { validFrom: body.validFrom });
  return listPolicies(work);
}

/** Take a version back that has not begun. @throws DomainError `permission.denied`, `schedule.past` */
export async function removePolicy(work: StaffWork, validFrom: string): Promise<PolicyView[]> {
  assertPermission(work.actor, "booking.manage");
  const today = await todayOf(work);
  if (validFrom <= today) throw new DomainError("schedule.past");
  await work.tx
    .delete(bookingPolicy)
    .where(
      and(
        eq(bookingPolicy.institutionId, work.actor.institutionId),
        eq(bookingPolicy.validFrom, validFrom),
        gt(bookingPolicy.validFrom, today),
      ),
    );
  await note(work, "policy-removed", work.actor.institutionId, { validFrom });
  return listPolicies(work);
}
