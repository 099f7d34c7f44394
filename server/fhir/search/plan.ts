/** How a search goes about it: which test leads, or which index is walked. */
import { type Cursor, isInStream } from "./cursor.ts";
import { isInOrder, rank } from "./rank.ts";
import type { SearchRequest, SortKey, Test } from "./request.ts";
import type { Compiler } from "./sql-rows.ts";
import { isNegative, keysOf } from "./sql-tests.ts";
import { type Stream, streamOf } from "./stream.ts";
import { ask, type SearchTx } from "./transaction.ts";

export type ParameterSort = Extract<SortKey, { by: "parameter" }>;
export type Plan =
  /** The leading test names few keys: the others are asked of each, and any order is made of them. */
  | { readonly by: "leader"; readonly leader: Test }
  /** The index of the one sort key gives the order. */
  | { readonly by: "order"; readonly key: ParameterSort }
  /** A chain read from its far end: `v0` is the key of the resource in the middle. */
  | { readonly by: "stream"; readonly stream: Stream }
  /** All resources of the types in the order of keys or of time. */
  | { readonly by: "walk" };

/** So many keys can be looked at one by one. */
const FEW = 1500;
const MOST_COUNTED = 4;

/**
 * Counts, up to a bound, what the most promising tests leave: a name may be one patient's or a
 * thousand's, and no statistic of the planner knows which.
 */
export async function planOf(
  tx: SearchTx,
  request: SearchRequest,
  compiler: () => Compiler,
  cursor?: Cursor,
): Promise<Plan> {
  // The order of the pages before is the order of this one.
  const going = cursor !== undefined && isInStream(request, cursor);
  if (going || cursor === undefined) {
    const stream = await streamOf(tx, request, going, compiler);
    if (stream && (going || stream.targets.length > 0)) return { by: "stream", stream };
  }
  const candidates = request.tests
    .filter((test) => !isNegative(test) && test.kind !== "updated")
    .sort((a, b) => rank(a) - rank(b));
  const [first] = candidates;
  const key = indexOrder(request.sort);
  // Keys that come in order need no counting when the page is in the order of keys.
  const streams = request.sort.length === 0 && first !== undefined && isInOrder(first);
  if (
    first &&
    (rank(first) <= 3 || isOfOnePatient(first) || (streams && candidates.length === 1))
  ) {
    return { by: "leader", leader: first };
  }
  for (const leader of candidates.slice(0, MOST_COUNTED)) {
    const own: Compiler = { ...compiler(), seen: () => "" };
    // What points here comes from at most as many as meet the inner test.
    const keys =
      leader.kind === "has"
        ? keysOf(leader.test, [leader.type], own)
        : keysOf(leader, request.types, own);
    if (keys === undefined) continue;
    const text = `SELECT count(*)::int AS found FROM (SELECT 1 FROM (${keys}) k LIMIT ${FEW + 1}) q`;
    const [row] = await ask(tx, text, own.statement);
    if (Number(row?.found) <= FEW) return { by: "leader", leader };
  }
  if (key) return { by: "order", key };
  if (request.sort.length === 0) {
    const inOrder = candidates.find(isInOrder);
    return inOrder ? { by: "leader", leader: inOrder } : { by: "walk" };
  }
  return first && request.sort[0]?.by !== "updated"
    ? { by: "leader", leader: first }
    : { by: "walk" };
}

/** A patient's or an encounter's own resources are few by nature. */
function isOfOnePatient(test: Test): boolean {
  return (
    test.kind === "reference" &&
    test.values.length === 1 &&
    test.values.every(({ targets }) => targets.some((name) => /^(Patient|Encounter)\//.test(name)))
  );
}

/** One date of which a resource has one: its index gives each resource once. */
function indexOrder(sort: readonly SortKey[]): ParameterSort | undefined {
  const [key] = sort;
  if (sort.length !== 1 || key?.by !== "parameter" || key.parameter.type !== "date")
    return undefined;
  const slots = new Set(key.paths.map(({ slot }) => slot));
  const isSingle = slots.size === 1 && key.paths.every(({ steps }) => !steps.includes("*"));
  return isSingle ? key : undefined;
}
