/** The waiting room of a release: how fast people are let in, and when they should ask again. Pure. */

/** What the server can bear when nothing was measured yet, people a second. */
export const firstRate = 50;
const slowest = 20;
const fastest = 1_000;
/** Holding a seat takes at most this long while we go faster, ms; the issue promises "sold" within 2 s. */
const easyMs = 150;
const hardMs = 400;

/**
 * The next rate of admission from how long holding a seat took lately: up by a fifth while it is easy,
 * down by a third when it is hard (as TCP does it, so that two servers share fairly).
 * @param rate people a second; @param tookMs what the last holds took, and how long those wait that
 *   are not through, ms
 * @param lagMs how long a request waits before the server looks at it, ms
 */
export function nextRate(rate: number, tookMs: readonly number[], lagMs = 0): number {
  if (tookMs.length === 0 && lagMs < easyMs) return rate;
  const sorted = [...tookMs].sort((left, right) => left - right);
  const slow = (sorted[Math.floor(sorted.length * 0.95)] ?? 0) + lagMs;
  const next = slow > hardMs ? rate * 0.66 : slow < easyMs ? rate * 1.2 : rate;
  return Math.min(fastest, Math.max(slowest, next));
}

/**
 * How many may be let in after so long: never more than what a second takes are on their way to a seat.
 * @param elapsedMs since the last step; @param holding who is being given a seat at this moment
 */
export function allowance(rate: number, elapsedMs: number, holding = 0): number {
  // A server that slept does not make up for it all at once.
  const due = Math.floor((rate * Math.min(elapsedMs, 1_000)) / 1_000);
  return Math.max(0, Math.min(due, Math.floor(rate) - holding));
}

/** Minutes until it is one's turn; null while nobody is let in and nothing can be said. */
export function minutesToTurn(ahead: number, perSecond: number): number | null {
  if (ahead <= 0) return 0;
  return perSecond > 0 ? Math.ceil(ahead / perSecond / 60) : null;
}

const leastAskMs = 400;
/**
 * Who is far behind asks this seldom, ms: however many wait, they are four hundred a second or fewer,
 * so that those whose turn it is find the server free.
 */
const mostAskMs = (people: number): number => Math.max(15_000, people * 2.5);
/**
 * Over this time those who came before the release are told their numbers, ms: two thousand a second.
 * app.tick_rooms lets nobody in before, nor in the moments after it in which the rest of them is answered, so
 * that who asks last still is there when it is his turn, and the first find the server free.
 */
export const drawMs = (people: number): number => people / 2;

/**
 * When a page without a socket should ask again: as soon as its turn could have come. Before the
 * release not before it, spread so that thousands do not ask at one instant.
 * @param random between 0 and 1
 */
export function askAgainMs(
  room: { msToRelease: number; people: number; ahead: number | null; perSecond: number },
  random: number,
): number {
  if (room.msToRelease > 0)
    return Math.min(room.msToRelease, 60_000) + random * Math.max(500, drawMs(room.people));
  if (room.ahead === null) return leastAskMs;
  const wait = (room.ahead / Math.max(room.perSecond, 2 * firstRate)) * 1_000;
  const most = mostAskMs(room.people) * (0.8 + random * 0.2);
  return Math.min(most, Math.max(leastAskMs, wait * (0.8 + random * 0.2)));
}

/** A caller who hung up and waits for a place: until it is a visit, or there is none left, or he thinks otherwise. */
export const callerWaitStates = ["waiting", "booked", "missed", "withdrawn"] as const;
