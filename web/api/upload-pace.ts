/**
 * How a file leaves beside a conversation. Both share one line, and whatever waits in front of it
 * delays the sound. So a file goes in pieces that the line carries in a moment, one after the answer
 * to the other: the queue is empty again before the next. Pure; the caller measures and waits.
 *
 * Measured over 300 kbit/s, 150 ms round trip: `npm run bench -- still`.
 */
export type Pace = {
  /** How much to send next. */
  readonly pieceBytes: number;
  /** How long to leave the line alone before it. */
  readonly restMs: number;
  /** What an answer to an empty request took. */
  readonly roundTripMs: number;
};

/** How long a piece may occupy the line. */
export const PIECE_MS = 400;
export const LEAST_PIECE_BYTES = 4 * 1024;
export const MOST_PIECE_BYTES = 1024 * 1024;
const FIRST_PIECE_BYTES = 8 * 1024;
/** A server that took its time must not look like a line that carries much. */
const MOST_ROUND_TRIP_MS = 600;
const MOST_GROWTH = 2;
const MOST_SHRINKING = 1 / 4;
/** Part of the time that a piece took beyond the round trip, and its bound. */
const REST_PART = 0.25;
const MOST_REST_MS = 1_000;

/** Before the first piece, and after a break: nothing is known but one empty request. */
export function firstPace(roundTripMs: number): Pace {
  return {
    pieceBytes: FIRST_PIECE_BYTES,
    restMs: 0,
    roundTripMs: Math.min(MOST_ROUND_TRIP_MS, Math.max(0, roundTripMs)),
  };
}

/** After a piece was answered: larger when it was quick, smaller when it waited. */
export function nextPace(before: Pace, sent: { bytes: number; tookMs: number }): Pace {
  const { roundTripMs } = before;
  const tookMs = Math.max(1, sent.tookMs);
  const factor = (roundTripMs + PIECE_MS) / tookMs;
  const pieceBytes = Math.round(
    sent.bytes * Math.min(MOST_GROWTH, Math.max(MOST_SHRINKING, factor)),
  );
  return {
    // The last piece of a file is short and says nothing of longer ones.
    pieceBytes: Math.min(MOST_PIECE_BYTES, Math.max(LEAST_PIECE_BYTES, pieceBytes)),
    restMs: Math.min(MOST_REST_MS, Math.max(0, tookMs - roundTripMs) * REST_PART),
    roundTripMs,
  };
}
