/**
 * The line to a house outside that keeps its own FHIR server. Pure: no clock, no database. What each side has done
 * since both last agreed decides who follows whom; the state table decides whether it may.
 */
import {
  endedReferralStates,
  type ReferralAction,
  type ReferralDirection,
  type ReferralState,
  referralTransitions,
} from "../referral/domain.ts";

/** Why their server could not be told or read. */
export const outsideFaults = [
  "unreachable",
  "refused",
  "failed",
  "not-fhir",
  "no-address",
  "invalid",
] as const;
export type OutsideFault = (typeof outsideFaults)[number];

/** How somebody agreed there: who, when and in which way. */
export type OutsideConsent = { by: string; at: string } & Partial<{
  method: "signature" | "fingerprint" | "own-device";
  language: string | null;
  relation: string | null;
  witness: string | null;
  reason: string | null;
}>;
/** A number of a referral; without a system it may be anybody's. */
export type ReplacedNumber = { system: string | null; value: string };

export type Step = { action: ReferralAction; to: ReferralState };
export type Follow =
  /** Both say the same. */
  | { kind: "same" }
  /** They went on: these are their steps, to be taken here. */
  | { kind: "pull"; steps: Step[] }
  /** We went on: these are ours, to be told there. */
  | { kind: "push"; steps: Step[] }
  /** They tell less than they told before: read again. */
  | { kind: "behind" }
  /** No step leads from one to the other: people have to speak. */
  | { kind: "contradiction" };

/**
 * The shortest way from one state to another by the steps that one side takes over FHIR.
 * @param said whose word each step is
 * @returns null when there is none
 */
export function wayOf(
  direction: ReferralDirection,
  from: ReferralState,
  isThere: (state: ReferralState) => boolean,
  side: "from" | "to",
  said: Readonly<Record<ReferralAction, "from" | "to" | null>>,
): Step[] | null {
  const ways = new Map<ReferralState, Step[]>([[from, []]]);
  for (const [state, way] of ways) {
    if (isThere(state)) return way;
    for (const one of referralTransitions)
      if (
        one.direction === direction &&
        one.from === state &&
        said[one.action] === side &&
        !ways.has(one.to)
      )
        ways.set(one.to, [...way, { action: one.action, to: one.to }]);
  }
  return null;
}

/**
 * Who follows whom. What only one side has done since both agreed is followed by the other; where both went on,
 * theirs is followed if the table lets it, else ours is told if it lets that, else people decide.
 * @param theirs what their Task means; `tells` says whether it means a state of ours, as finely as they speak
 * @param theirSide the side that the house outside is on
 */
export function followOf(input: {
  direction: ReferralDirection;
  ours: ReferralState;
  theirs: ReferralState;
  agreed: ReferralState | null;
  theirSide: "from" | "to";
  tells: (ours: ReferralState) => boolean;
  said: Readonly<Record<ReferralAction, "from" | "to" | null>>;
  meaning: Readonly<Record<ReferralState, ReferralState>>;
}): Follow {
  const { direction, ours, theirs, agreed, theirSide, tells, said, meaning } = input;
  if (tells(ours)) return { kind: "same" };
  const ourSide = theirSide === "to" ? "from" : "to";
  const alike = (state: ReferralState) => (other: ReferralState) =>
    meaning[other] === meaning[state];
  const theyStayed = agreed !== null && tells(agreed);
  const weStayed = agreed !== null && meaning[agreed] === meaning[ours];
  // Whoever went on without having heard a question has not answered it.
  const heard: typeof said =
    theyStayed || weStayed ? said : { ...said, confirmCancel: null, refuseCancel: null };
  const pull = () => wayOf(direction, ours, alike(theirs), theirSide, heard);
  const push = () => wayOf(direction, theirs, alike(ours), ourSide, heard);
  if (!theyStayed) {
    const steps = pull();
    if (steps && steps.length > 0) return { kind: "pull", steps };
  }
  if (!weStayed || theyStayed) {
    const steps = push();
    if (steps && steps.length > 0) return { kind: "push", steps };
  }
  // They told us themselves, and their own copy is not as far yet; or one of us still has to follow its way down.
  const theirOwn: typeof said = { ...said, sendDown: theirSide };
  const ourOwn: typeof said = { ...said, sendDown: ourSide };
  if (wayOf(direction, theirs, alike(ours), theirSide, theirOwn)) return { kind: "behind" };
  if (wayOf(direction, theirs, alike(ours), ourSide, ourOwn)) return { kind: "behind" };
  if (wayOf(direction, ours, alike(theirs), theirSide, theirOwn)) return { kind: "behind" };
  return { kind: "contradiction" };
}

/** The instant that the words of a number begin with, as both sides write it; null: another kind of words. */
export function instantIn(words: string | null | undefined): number | null {
  const at = Date.parse(words?.split(/\s/)[0] ?? "");
  return Number.isNaN(at) ? null : at;
}

/** What went wrong is tried again, later each time; after the last, every hour. */
const retryMs = [10_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000] as const;
const hourMs = 3_600_000;
/** How often a referral that both sides know is compared. */
export const compareEveryMs = hourMs;
/** A worker that dies leaves its referral to the next after so long. */
export const leaseMs = 120_000;
/** So many tries without an answer, and people are told to ring. */
export const silentAfter = 5;

/** They were asked often enough, or said no to what it says: people have to ring, for trying again changes nothing. */
export const isStuck = (line: { fault: OutsideFault | null; failedCount: number }): boolean =>
  line.failedCount >= silentAfter || line.fault === "invalid";

export const retryAt = (failed: number, now: Date): Date =>
  new Date(now.getTime() + (retryMs[failed - 1] ?? hourMs));

/** Nobody waits for anything of it any more, once both sides say so. */
export const isOver = (state: ReferralState): boolean =>
  endedReferralStates.includes(state) || state === "returned" || state === "advised";
