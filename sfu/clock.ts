/** Less is told by the exchange itself: a Date header counts whole seconds, and takes a while to come. */
const TOLERATED_MS = 3_000;
const HALF_SECOND_MS = 500;

/** The server's time, which tokens are judged by and events are dated with. */
export type ServerClock = {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Takes what an answer of the server says in its Date header, and how long it took to come. */
  hear(date: string | null, tookMs: number): void;
  /** How far this machine's clock is ahead, in milliseconds; 0 while it is about right. */
  readonly aheadMs: number;
};

/**
 * A node whose clock is wrong would let nobody in, for tokens live for a minute. So it goes by the
 * server's time as soon as that has answered anything, a refusal included, and by its own before.
 * @param own this machine's clock
 */
export function createServerClock(own: () => number = Date.now): ServerClock {
  let aheadMs = 0;
  return {
    now: () => own() - aheadMs,
    hear(date, tookMs) {
      const told = Date.parse(date ?? "");
      // An answer that took long says little.
      if (Number.isNaN(told) || tookMs > TOLERATED_MS) return;
      const ahead = own() - tookMs / 2 - (told + HALF_SECOND_MS);
      aheadMs = Math.abs(ahead) > TOLERATED_MS ? ahead : 0;
    },
    get aheadMs() {
      return aheadMs;
    },
  };
}
