/** Who is ahead, and how long it takes. Pure. */

/** Beyond this a forecast would only frighten; the page says "more than". */
export const longestForecastMinutes = 240;

/**
 * Minutes one patient takes: what today shows once three were seen, before that what the plan says.
 * The median, so that one long talk does not move everybody.
 */
export function minutesPerPatient(
  plan: { segmentMinutes: number; capacity: number },
  seenTodayMinutes: readonly number[],
): number {
  if (seenTodayMinutes.length < 3) return plan.segmentMinutes / plan.capacity;
  const sorted = [...seenTodayMinutes].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/**
 * When the turn of somebody comes.
 * @param ahead how many are waiting before; @param inRoom whether somebody is with the doctor now
 */
export function expectedAt(input: {
  now: Date;
  startsAt: Date;
  delayMinutes: number;
  ahead: number;
  inRoom: boolean;
  minutesEach: number;
}): Date {
  const begins = input.startsAt.getTime() + input.delayMinutes * 60_000;
  const wait = (input.ahead + (input.inRoom ? 0.5 : 0)) * input.minutesEach;
  const byQueue = input.now.getTime() + Math.min(wait, longestForecastMinutes) * 60_000;
  return new Date(Math.max(begins, byQueue));
}

/** Expected wait after arriving at a segment's start, from how full it is: shown before one books, minutes. */
export function expectedWait(segmentMinutes: number, capacity: number, taken: number): number {
  return Math.round((segmentMinutes / capacity) * Math.max(0, taken) * 0.5);
}

/** Order in the queue: the segment's time, within it the ticket; who comes after its end, when he comes. */
export function queueKey(input: {
  startsAt: Date;
  endsAt: Date;
  seatNumber: number | null;
  arrivedAt: Date;
}): number {
  const inTime = input.seatNumber !== null && input.arrivedAt <= input.endsAt;
  return inTime
    ? input.startsAt.getTime() / 1000 + input.seatNumber! / 1000
    : input.arrivedAt.getTime() / 1000;
}

/**
 * Where a passed patient comes back: after `after` others, or at the end.
 * @param waitingKeys keys of those who wait, in order
 */
export function requeueKey(
  waitingKeys: readonly number[],
  after: number,
  nowSeconds: number,
): number {
  const before = waitingKeys[after - 1];
  if (before === undefined) return Math.max(nowSeconds, (waitingKeys.at(-1) ?? 0) + 1);
  const behind = waitingKeys[after];
  return behind === undefined ? before + 1 : (before + behind) / 2;
}

/** Crowd of a site: never red, which means closed; fever and emergency are never shown one. */
export type Crowd = "green" | "amber" | "busy";
export function crowdOf(waiting: number, perHour: number): Crowd {
  const hours = perHour > 0 ? waiting / perHour : waiting > 0 ? 2 : 0;
  return hours < 0.5 ? "green" : hours < 1 ? "amber" : "busy";
}

/** One hour of a site's day: who is booked, who usually comes without, and how many are seen. */
export type SiteHour = { at: Date; booked: number; walkIns: number; capacity: number };

/**
 * The sign of each hour to come: who waits now, and who is expected, less who is seen. Half of an
 * hour's people have come when it is half over.
 */
export function crowdForecast(
  waiting: number,
  hours: readonly SiteHour[],
): { at: Date; crowd: Crowd }[] {
  let queue = waiting;
  return hours.map(({ at, booked, walkIns, capacity }) => {
    const arriving = booked + walkIns;
    const inTheMiddle = Math.max(0, queue + (arriving - capacity) / 2);
    queue = Math.max(0, queue + arriving - capacity);
    return { at, crowd: crowdOf(inTheMiddle, capacity) };
  });
}

/** A cancelled seat comes back after a random time, so that nobody can hand it on (domain.md). */
export function restSeconds(
  policy: { returnMinSeconds: number; returnMaxSeconds: number },
  random: number,
): number {
  return Math.round(
    policy.returnMinSeconds + (policy.returnMaxSeconds - policy.returnMinSeconds) * random,
  );
}

/** Until when an offer from the waitlist stands: always before the visit; null when it is too near to offer. */
export function offerDeadline(
  policy: { offerMinutes: number; offerEndsBeforeMinutes: number },
  now: Date,
  startsAt: Date,
): Date | null {
  const latest = startsAt.getTime() - policy.offerEndsBeforeMinutes * 60_000;
  const deadline = Math.min(now.getTime() + policy.offerMinutes * 60_000, latest);
  return deadline - now.getTime() >= 5 * 60_000 ? new Date(deadline) : null;
}

/** Letters that are read out without mistakes: no 0/O, 1/I/L, no vowels that make words. */
const codeLetters = "23456789BCDFGHJKMNPQRSTVWXZ";
/**
 * A booking code. Six letters are short enough to be read out; among tens of thousands of people in one
 * evening they meet by chance, so a walk-in that nobody reads out has more.
 * @param bytes at least as many random bytes as letters
 */
export function bookingCode(bytes: Uint8Array, letters = 6): string {
  return [...bytes.subarray(0, letters)]
    .map((byte) => codeLetters[byte % codeLetters.length])
    .join("");
}
