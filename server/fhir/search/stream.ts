/**
 * Chains over two references, read as a stream. `encounter.participant.identifier=X` finds few
 * practitioners, hundreds of their encounters and thousands of observations: gathering them all, to show
 * ten, costs more with every year. Read from the far end, in the order of encounters and then of
 * observations, every step comes from an index in its order, and a page looks at no more than it shows.
 */
import type { PathEntry } from "./definitions.ts";
import { hash32 } from "./hash.ts";
import { targetHash, typeHash } from "./reference-value.ts";
import type { SearchRequest, Test } from "./request.ts";
import type { Compiler } from "./sql-rows.ts";
import { seenJoin } from "./sql-sets.ts";
import { keysOf } from "./sql-tests.ts";
import { ask, type SearchTx } from "./transaction.ts";

/** The near reference leads to resources of `type`, the far one of those to what was asked for. */
export type Stream = {
  readonly near: PathEntry;
  readonly type: string;
  readonly far: readonly PathEntry[];
  /** Hashes of `Type/id` at the far end. */
  readonly targets: readonly string[];
};

/** So many places of an index are read side by side. */
const MOST_SCANS = 64;

/**
 * How a search can be read as a stream; undefined when it is another search, or its far end is wide.
 * @param going on: the pages before this one were such a stream, however wide it has become
 */
export async function streamOf(
  tx: SearchTx,
  request: SearchRequest,
  going: boolean,
  compiler: () => Compiler,
): Promise<Stream | undefined> {
  const found = shapeOf(request);
  if (!found) return undefined;
  const most = Math.floor(MOST_SCANS / found.far.length);
  const targets = await farEnd(tx, found.test, compiler(), going ? undefined : most + 1);
  if (!targets || (targets.length > most && !going)) return undefined;
  const { near, type, far } = found;
  return { near, type, far, targets: [...new Set(targets)] };
}

type FarTest = Extract<Test, { kind: "chain" | "reference" }>;
type Shape = Omit<Stream, "targets"> & { readonly test: FarTest };

/** One chain and nothing else, in no order of its own. */
function shapeOf({ tests, sort, types }: SearchRequest): Shape | undefined {
  const [chain, ...others] = tests;
  if (others.length > 0 || sort.length > 0 || types.length !== 1) return undefined;
  if (chain?.kind !== "chain" || chain.to.length !== 1) return undefined;
  const [near, ...more] = chain.paths;
  const [to] = chain.to;
  // A resource that could be reached twice would be shown twice.
  if (!near || !to || more.length > 0 || near.steps.includes("*") || near.type !== "Reference")
    return undefined;
  const { test } = to;
  if (test.kind !== "chain" && (test.kind !== "reference" || test.not)) return undefined;
  if (test.paths.some((path) => path.type !== "Reference")) return undefined;
  return { near, type: to.type, far: test.paths, test };
}

/** @returns hashes of `Type/id`, `most` of them; undefined when the test says what must not be there */
async function farEnd(
  tx: SearchTx,
  test: FarTest,
  compiler: Compiler,
  most: number | undefined,
): Promise<string[] | undefined> {
  if (test.kind === "reference")
    return test.values.flatMap((value) => value.targets.map(targetHash));
  const { statement, seen } = compiler;
  const ways = test.to.map(({ type, test: inner }) => {
    const e = statement.alias("e");
    const keys = keysOf(inner, [type], compiler);
    if (keys === undefined) return undefined;
    return `SELECT ${e}.self FROM search_entry ${e} ${seenJoin(e, seen, statement)}
      WHERE ${e}.type = ${typeHash(type)} AND ${e}.key IN (${keys})`;
  });
  if (ways.includes(undefined)) return undefined;
  const limit = most === undefined ? "" : ` LIMIT ${most}`;
  const rows = await ask(tx, `SELECT q.self FROM (${ways.join(" UNION ")}) q${limit}`, statement);
  return rows.map((row) => String((row as Record<string, unknown>).self));
}

/** @param from the middle key at which the page begins @returns FROM clause: `m.key` the middle, `r` the resource */
export function streamSql(stream: Stream, from: string | undefined, compiler: Compiler): string {
  const { statement, seen } = compiler;
  const { near, type, far, targets } = stream;
  const start = (f: string) => (from === undefined ? "" : ` AND ${f}.key >= ${from}`);
  const scans = targets.flatMap((target) =>
    far.map(({ slot, only }) => {
      const f = statement.alias("f");
      const ofType = only === undefined ? "" : ` AND ${f}.type = ${typeHash(only)}`;
      return `SELECT ${f}.key FROM search_reference ${f} WHERE ${f}.slot = ${hash32(slot)}
        AND ${f}.target = ${statement.bind(target)}::bigint${ofType}${start(f)}`;
    }),
  );
  // Where each has one such reference nothing comes twice, and the scans are merged as they are read.
  const isSingle = far.length === 1 && far.every(({ steps }) => !steps.includes("*"));
  const [e, f] = [statement.alias("e"), statement.alias("f")];
  return `(SELECT ${isSingle ? "" : "DISTINCT "}u.key FROM (${scans.join(" UNION ALL ")}) u ORDER BY u.key OFFSET 0) m
    JOIN search_entry ${e} ON ${e}.key = m.key AND ${e}.type = ${typeHash(type)} ${seenJoin(e, seen, statement)}
    CROSS JOIN LATERAL (SELECT ${f}.key FROM search_reference ${f} WHERE ${f}.slot = ${hash32(near.slot)}
      AND ${f}.target = ${e}.self ORDER BY ${f}.key OFFSET 0) d
    JOIN resource r ON r.key = d.key`;
}
