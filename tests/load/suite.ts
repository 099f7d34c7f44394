/** What a bench suite is: a module `tests/load/<name>.ts` that exports `suite`. */

export type BenchResult = {
  /** What was measured, in words. */
  readonly name: string;
  readonly value: number;
  /** For example "s", "ms", "ratio", "MB", "%". */
  readonly unit: string;
  /** As the requirement says it, for example "<= 5"; null for a figure that is only told. */
  readonly target: string | null;
  /** null where there is no target. */
  readonly met: boolean | null;
};

export type BenchContext = {
  /** The repository's root. */
  readonly root: string;
  /** At most a minute in all; the suite leaves out what takes longer. */
  readonly quick: boolean;
  /** Parts that exceed the ten minutes are asked for. */
  readonly long: boolean;
  /** Progress for the person who waits; never part of the results. */
  readonly log: (line: string) => void;
};

export type Suite = {
  readonly name: string;
  /** One line for the list of suites. */
  readonly describe: string;
  /** How long it takes without flags, in minutes; at most 10. */
  readonly minutes: number;
  readonly run: (context: BenchContext) => Promise<readonly BenchResult[]>;
};

const COMPARISONS: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  "<=": (value, limit) => value <= limit,
  ">=": (value, limit) => value >= limit,
  "<": (value, limit) => value < limit,
  ">": (value, limit) => value > limit,
  "==": (value, limit) => value === limit,
};

/**
 * A result judged against its target.
 * @param target an operator and a number, for example "<= 5", or null
 */
export function result(
  name: string,
  value: number,
  unit: string,
  target: string | null = null,
): BenchResult {
  if (target === null) return { name, value, unit, target, met: null };
  const [operator = "", limit] = target.split(" ");
  const compare = COMPARISONS[operator];
  if (!compare || Number.isNaN(Number(limit))) throw new Error(`not a target: ${target}`);
  return { name, value, unit, target, met: compare(value, Number(limit)) };
}
