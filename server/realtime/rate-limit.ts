/**
 * A bucket of tokens for one sender: `burst` at once, then `perSecond`. Pure: the caller says when.
 * @returns takes one token; false when none is left
 */
export function createTokenBucket(options: {
  burst: number;
  perSecond: number;
}): (nowMs: number) => boolean {
  let tokens = options.burst;
  let filledAtMs: number | null = null;
  return (nowMs) => {
    const elapsedMs = filledAtMs === null ? 0 : Math.max(0, nowMs - filledAtMs);
    tokens = Math.min(options.burst, tokens + (elapsedMs / 1000) * options.perSecond);
    filledAtMs = nowMs;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
