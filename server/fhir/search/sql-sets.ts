/** Sets of keys that need no other test: by id, by components, by place, by list, by time. */
import type { PathEntry } from "./definitions.ts";
import { hash32 } from "./hash.ts";
import { targetHash } from "./reference-value.ts";
import type { CompositePlace, NearValue, Test } from "./request.ts";
import { subSlots } from "./rows.ts";
import { type Compiler, rowsOf } from "./sql-rows.ts";
import { dateComparison, slotsIn } from "./sql-values.ts";
import { anyOf, hashesIn, type Statement } from "./statement.ts";

export function updatedCondition(
  test: Extract<Test, { kind: "updated" }>,
  r: string,
  { now, statement }: Compiler,
): string {
  const at = `${r}.last_updated`;
  // An instant is the millisecond that begins with it.
  const end = `${r}.last_updated + interval '1 millisecond'`;
  return anyOf(test.values.map((value) => dateComparison(at, end, value, now, statement)));
}

export function keysOfIds(
  ids: readonly string[],
  types: readonly string[],
  { statement }: Compiler,
): string {
  const t = statement.alias("e");
  if (types.length === 0) {
    const texts = ids.map((id) => statement.bind(id)).join(", ");
    return `SELECT ${t}.key FROM resource ${t} WHERE ${t}.id IN (${texts}) AND NOT ${t}.deleted`;
  }
  const hashes = types.flatMap((type) => ids.map((id) => targetHash(`${type}/${id}`)));
  return `SELECT ${t}.key FROM search_entry ${t} WHERE ${hashesIn(`${t}.self`, hashes, statement)}`;
}

/** Components are met by one and the same element: joined by resource and by the element's number. */
export function compositeKeys({ values }: CompositePlace, compiler: Compiler): string[] {
  return values.map((components) => {
    let from = "";
    let first: string | undefined;
    const conditions: string[] = [];
    let itemOf: string | undefined;
    for (const { test, sameItem } of components) {
      const rows = rowsOf(test, compiler);
      const t = compiler.statement.alias("c");
      const withItem = rows.hasItem && sameItem;
      const on = [
        `${t}.key = ${first}.key`,
        ...(withItem && itemOf ? [`${t}.item = ${itemOf}.item`] : []),
      ];
      from +=
        first === undefined
          ? `${rows.table} ${t}`
          : ` JOIN ${rows.table} ${t} ON ${on.join(" AND ")}`;
      first ??= t;
      if (withItem) itemOf ??= t;
      conditions.push(rows.condition(t));
    }
    return `SELECT ${first}.key FROM ${from} WHERE ${conditions.join(" AND ")}`;
  });
}

const EARTH_METRES = 6_371_000;
const METRES_PER_DEGREE = (Math.PI / 180) * EARTH_METRES;

/** A box that the index answers, then the great circle. */
export function nearKeys(
  paths: readonly PathEntry[],
  near: NearValue,
  { statement }: Compiler,
): string {
  const [a, b] = [statement.alias("a"), statement.alias("b")];
  const at = (value: number) => `${statement.bind(String(value))}::float8`;
  const degrees = near.distanceMetres / METRES_PER_DEGREE + 1e-9;
  const [latitude, longitude, metres] = [
    at(near.latitude),
    at(near.longitude),
    at(near.distanceMetres),
  ];
  const distance = `2 * ${EARTH_METRES} * asin(least(1, sqrt(
    power(sind((${a}.low - ${latitude}) / 2), 2)
    + cosd(${latitude}) * cosd(${a}.low) * power(sind((${b}.low - ${longitude}) / 2), 2))))`;
  return `SELECT ${a}.key FROM search_number ${a}
    JOIN search_number ${b} ON ${b}.key = ${a}.key AND ${b}.item = ${a}.item AND ${slotsIn(b, paths, subSlots.longitude)}
    WHERE ${slotsIn(a, paths)} AND ${a}.low >= ${at(near.latitude - degrees)} AND ${a}.low <= ${at(near.latitude + degrees)}
      AND ${distance} <= ${metres}`;
}

export function listKeys(ids: readonly string[], compiler: Compiler): string {
  const { statement, seen } = compiler;
  const [l, f, e] = [statement.alias("l"), statement.alias("f"), statement.alias("e")];
  return `SELECT ${e}.key FROM search_entry ${l}
    JOIN search_reference ${f} ON ${f}.key = ${l}.key AND ${f}.slot = ${hash32("List.entry.item")}
    JOIN search_entry ${e} ON ${e}.self = ${f}.target
    ${seenJoin(l, seen, statement)}
    WHERE ${hashesIn(
      `${l}.self`,
      ids.map((id) => targetHash(`List/${id}`)),
      statement,
    )}`;
}

/** What is withheld from the caller does not answer for others either. */
export function seenJoin(of: string, seen: Compiler["seen"], statement: Statement): string {
  const r = statement.alias("r");
  const condition = seen(r);
  return condition === "" ? "" : `JOIN resource ${r} ON ${r}.key = ${of}.key AND ${condition}`;
}
