/** Which of an institution's dated policies counts. Pure. */
import { addDays } from "../calendar/domain.ts";
import { type BookingPolicy, defaultPolicy, type ServiceKind } from "./domain.ts";

/** A policy with the local day from which it counts. */
export type DatedPolicy = BookingPolicy & { validFrom: string };

/** The policy that counts on a day: the newest that has begun. @param policies newest first */
export function policyOn(policies: readonly DatedPolicy[], day: string): BookingPolicy {
  return policies.find((one) => one.validFrom <= day) ?? defaultPolicy;
}

/** Shares are kept of ordinary clinics only: a fever clinic and a test are for whoever needs them now. */
export function policyForKind(policy: BookingPolicy, kind: ServiceKind): BookingPolicy {
  return kind === "clinic" ? policy : { ...policy, priorityPercent: 0, hotlinePercent: 0 };
}

/**
 * Days that must be open from today on: until the one that is released to family doctors tomorrow, so
 * that it is there before its hour comes, in every zone. A policy that begins later counts already.
 * @param policies newest first
 */
export function daysAhead(policies: readonly DatedPolicy[], today: string): number {
  const coming = policies.filter((one) => one.validFrom > today);
  const needed = [policyOn(policies, today), ...coming].map(
    (one) => one.releaseDaysAhead + one.priorityLeadDays,
  );
  return Math.max(...needed) + 2;
}

/** The days one after the other, cut where another policy begins. */
export function policyRuns(
  policies: readonly DatedPolicy[],
  fromDay: string,
  days: number,
): { policy: BookingPolicy; fromDay: string; days: number }[] {
  const runs: { policy: BookingPolicy; fromDay: string; days: number }[] = [];
  for (let index = 0; index < days; index += 1) {
    const day = addDays(fromDay, index);
    const policy = policyOn(policies, day);
    const last = runs.at(-1);
    if (last && last.policy === policy) last.days += 1;
    else runs.push({ policy, fromDay: day, days: 1 });
  }
  return runs;
}
