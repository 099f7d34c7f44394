/** A partner that fails again and again is left in peace, then tried by one question. Pure but for its count. */
export type Breaker = {
  /** @param force somebody pressed "try again": as a probe, also before the rest is over */
  mayAsk(force?: boolean): boolean;
  answered(): void;
  failed(): void;
  /** The question ended without saying anything about the partner. */
  withdrawn(): void;
  readonly isResting: boolean;
};

/**
 * @param failures in a row after which it rests
 * @param restMs how long
 * @param now milliseconds of a clock that never goes back
 */
export function createBreaker({
  failures = 3,
  restMs = 10_000,
  now = () => performance.now(),
}: {
  failures?: number;
  restMs?: number;
  now?: () => number;
} = {}): Breaker {
  let inRow = 0;
  let restsUntil: number | null = null;
  let isProbing = false;
  return {
    mayAsk: (force = false) => {
      if (restsUntil === null) return true;
      if (isProbing || (!force && now() < restsUntil)) return false;
      isProbing = true;
      return true;
    },
    answered: () => {
      inRow = 0;
      restsUntil = null;
      isProbing = false;
    },
    failed: () => {
      inRow += 1;
      if (isProbing || inRow >= failures) restsUntil = now() + restMs;
      isProbing = false;
    },
    withdrawn: () => {
      isProbing = false;
    },
    get isResting() {
      return restsUntil !== null && now() < restsUntil;
    },
  };
}
