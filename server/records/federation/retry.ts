/** When a partner is asked once more. Pure. */
export const attemptsMax = 3;
const firstDelayMs = 100;
/** Less than this is no time for an answer. */
const leastMs = 150;

/**
 * Milliseconds to wait before the next attempt; null: no further one.
 * @param attempt how many there were
 * @param retryAfterMs what the partner asked for, which is kept
 * @param leftMs what is left of the whole question's time
 * @param random from 0 to 1, so that many askers do not come back at once
 */
export function retryDelayMs(
  attempt: number,
  retryAfterMs: number | null,
  leftMs: number,
  random: number,
): number | null {
  if (attempt >= attemptsMax) return null;
  const delay = retryAfterMs ?? firstDelayMs * 2 ** (attempt - 1) * (0.5 + random);
  return delay + leastMs <= leftMs ? delay : null;
}

/** Retry-After as milliseconds: seconds or an HTTP date (RFC 9110, 10.2.3). */
export function retryAfterMs(header: string | undefined, now: Date): number | null {
  if (header === undefined) return null;
  const text = header.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - now.getTime());
}
