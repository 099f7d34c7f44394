/** The rules of the laboratory: reception, findings that wait for release, clocks. Pure. */
import { type LabResultKind, labMinutes, type TestPurpose } from "../sampling/domain.ts";

/** Why a tube or a box was not as it was sent. */
export const receptionProblems = [
  "missing",
  "extra",
  "broken-seal",
  "leaking",
  "unreadable",
  "late",
] as const;
export type ReceptionProblem = (typeof receptionProblems)[number];

/** A tube with one of these is rejected: every person in it comes again. */
export const rejectingProblems = ["broken-seal", "leaking", "unreadable", "late"] as const;
export type RejectingProblem = (typeof rejectingProblems)[number];

/** A plate (or an imported file) collects findings; it is released when nothing on it waits any more. */
export const plateStates = ["open", "released"] as const;
export type PlateState = (typeof plateStates)[number];

/**
 * What somebody found in a tube before it counts: on the plate without a reading, read, confirmed by a
 * second person, released as a row of `lab_result`; or taken off again.
 */
export const findingStates = ["waiting", "entered", "confirmed", "released", "withdrawn"] as const;
export type FindingState = (typeof findingStates)[number];

/** Steps that exist; the table `lab_finding_transition` holds the same rows and a test compares. */
export const findingSteps: Readonly<Record<FindingState, readonly FindingState[]>> = {
  waiting: ["entered", "withdrawn"],
  // Read anew: whoever confirms sees the last reading.
  entered: ["entered", "confirmed", "released", "withdrawn"],
  confirmed: ["entered", "released", "withdrawn"],
  released: [],
  withdrawn: [],
};
export const openFindingStates: readonly FindingState[] = ["waiting", "entered", "confirmed"];

/** Whether a second person looks before it is released: everything but a first "negative" or a rejection. */
export function needsSecond(result: LabResultKind, isCorrection: boolean): boolean {
  return isCorrection || !(result === "negative" || result === "rejected");
}

/**
 * Whether a tube came too late to be tested: more than two hours from its first swab until it was handed
 * over (domain.md, Nucleic-acid testing).
 * @param handedOverAt when the laboratory signed for the box; null while it has not
 */
export function isLate(labDueAt: Date | null, handedOverAt: Date | null, now: Date): boolean {
  if (!labDueAt) return false;
  const at = handedOverAt && handedOverAt < now ? handedOverAt : now;
  return at > labDueAt;
}
export const lateAfterMinutes = labMinutes;

/**
 * Whether somebody may answer for a late tube: the two hours are a clock (domain.md), what a swab bears is a limit
 * of the day's policy, counted from the first swab.
 * @param hours of the policy; null: every late tube is rejected
 */
export function mayAcceptLate(labDueAt: Date, at: Date, hours: number | null): boolean {
  if (hours === null) return false;
  const firstSwab = labDueAt.getTime() - lateAfterMinutes * 60_000;
  return at.getTime() <= firstSwab + hours * 3_600_000;
}
/** A remark of fewer letters explains nothing. */
export const shortestRemark = 4;

/** How near a result is to its deadline. */
export type ClockState = "over" | "soon" | "good";
/** From so many minutes before the deadline a clock is amber. */
export const soonMinutes = 60;

export function clockState(dueAt: Date | null, now: Date): ClockState {
  if (!dueAt) return "good";
  const left = dueAt.getTime() - now.getTime();
  return left < 0 ? "over" : left < soonMinutes * 60_000 ? "soon" : "good";
}

/** Messages that can wait are not sent between these hours, Shanghai time. Recalls never wait. */
export const quietFromHour = 22;
export const quietUntilHour = 7;
const zoneMilliseconds = 8 * 3_600_000;

/** When a message that can wait is sent: now, or at seven in the morning (UTC+8, no daylight saving). */
export function afterQuietHours(now: Date): Date {
  const local = new Date(now.getTime() + zoneMilliseconds);
  const hour = local.getUTCHours();
  if (hour >= quietUntilHour && hour < quietFromHour) return now;
  const day = Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate());
  const morning = day + (hour >= quietFromHour ? 86_400_000 : 0) + quietUntilHour * 3_600_000;
  return new Date(morning - zoneMilliseconds);
}

/** What a dated policy says of a positive result. */
export type LabPolicy = {
  validFrom: string;
  /** Code of `notifiable_disease`; null: nothing is reported. */
  diseaseCode: string | null;
  /** Why somebody was sampled, for whom a positive is a critical value. */
  criticalPurposes: readonly TestPurpose[];
  /** Until so many hours after its first swab somebody may answer for a late tube; null: never. */
  lateAcceptHours: number | null;
};

/** The policy of a day; null before the first. @param day `YYYY-MM-DD` in Shanghai */
export function policyOn<Policy extends { validFrom: string }>(
  policies: readonly Policy[],
  day: string,
): Policy | null {
  return (
    policies
      .filter((one) => one.validFrom <= day)
      .sort((left, right) => right.validFrom.localeCompare(left.validFrom))[0] ?? null
  );
}

/** What came of a call to somebody who is to come again. */
export const recallOutcomes = ["reached", "not-reached", "left-with-helper", "visit"] as const;
export type RecallOutcome = (typeof recallOutcomes)[number];
