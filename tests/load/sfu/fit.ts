/** Arithmetic of the suite, without any measuring. */

export type Fit = { slope: number; intercept: number; rSquared: number };

/**
 * Least squares through (x, y).
 * @throws {Error} with fewer than two different x
 */
export function linearFit(points: readonly (readonly [x: number, y: number])[]): Fit {
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const meanX = mean(points.map(([x]) => x));
  const meanY = mean(points.map(([, y]) => y));
  const sum = (term: (x: number, y: number) => number) =>
    points.reduce((total, [x, y]) => total + term(x - meanX, y - meanY), 0);
  const varianceX = sum((x) => x * x);
  if (!(varianceX > 0)) throw new Error("a line needs two different points");
  const slope = sum((x, y) => x * y) / varianceX;
  const varianceY = sum((_, y) => y * y);
  const unexplained = sum((x, y) => (y - slope * x) ** 2);
  const rSquared = varianceY === 0 ? 1 : 1 - unexplained / varianceY;
  return { slope, intercept: meanY - slope * meanX, rSquared };
}

/** @returns the most events within any stretch of this length, which begins with one of them */
export function mostWithin(times: readonly number[], length: number): number {
  let most = 0;
  for (const from of times) {
    most = Math.max(most, times.filter((at) => at >= from && at < from + length).length);
  }
  return most;
}

/**
 * Where to look next for the highest level that holds.
 * @param held levels that held
 * @param broke levels that did not
 * @param resolution how near the two must come
 * @returns the next level, or null when it is found closely enough
 */
export function nextLevel(
  held: readonly number[],
  broke: readonly number[],
  ladder: readonly number[],
  resolution: number,
): number | null {
  const low = Math.max(0, ...held);
  const high = Math.min(Number.POSITIVE_INFINITY, ...broke);
  if (high === Number.POSITIVE_INFINITY) return ladder.find((level) => level > low) ?? null;
  if (high - low <= resolution) return null;
  const rung = ladder.find((level) => level > low && level < high);
  return rung ?? Math.round((low + high) / 2 / resolution) * resolution;
}
