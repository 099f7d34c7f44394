/** Tests as SQL: sets of keys where something must be there, conditions where something must not. */
import type { PathEntry } from "./definitions.ts";
import { hash32 } from "./hash.ts";
import { targetHash, typeHash } from "./reference-value.ts";
import type { CompositePlace, NearValue, Test } from "./request.ts";
import { subSlots } from "./rows.ts";
import {
  dateComparison,
  dateCondition,
  numberCondition,
  onlyTypes,
  referenceCondition,
  slotsIn,
  stringCondition,
  tokenCondition,
  uriCondition,
} from "./sql-values.ts";
import { anyOf, hashesIn, numbersIn, type Statement } from "./statement.ts";

export type Compiler = {
  readonly statement: Statement;
  /** Business time, for `ap`. */
  readonly now: Date;
  /** What the caller may see, over a row of `resource` under this alias; empty when everything. */
  readonly seen: (alias: string) => string;
};
/** Rows of one index table that meet a test. */
type Rows = {
  readonly table: string;
  readonly condition: (t: string) => string;
  readonly hasItem: boolean;
};

const TABLES: Readonly<Record<string, string>> = {
  token: "search_token",
  string: "search_string",
  uri: "search_string",
  date: "search_date",
  number: "search_number",
  quantity: "search_number",
  reference: "search_reference",
  special: "search_number",
};

/** A condition on `key`, an expression for the key of a resource of one of the types. */
export function holds(
  test: Test,
  key: string,
  types: readonly string[],
  compiler: Compiler,
): string {
  const keys = keysOf(test, types, compiler);
  if (keys !== undefined) return `${key} IN (${keys})`;
  if (test.kind === "any") {
    // Something that must not be there is not there in any of the places.
    return `(${test.tests.map((one) => holds(one, key, types, compiler)).join(" AND ")})`;
  }
  const rows = test.kind === "missing" ? missingRows(test) : [rowsOf(test, compiler)];
  const t = compiler.statement.alias("n");
  return rows
    .map(
      (one) =>
        `NOT EXISTS (SELECT 1 FROM ${one.table} ${t} WHERE ${t}.key = ${key} AND ${one.condition(t)})`,
    )
    .join(" AND ");
}

/**
 * The same condition, asked of one key after the other: `OFFSET 0` keeps the planner from turning it
 * round. For what is left when the leading test has named few keys, or an index gives their order.
 */
export function probe(
  test: Test,
  key: string,
  types: readonly string[],
  compiler: Compiler,
): string {
  const { statement } = compiler;
  const each = (tests: readonly Test[], word: string) =>
    `(${tests.map((one) => probe(one, key, types, compiler)).join(word)})`;
  const exists = (from: string, where: string) =>
    `EXISTS (SELECT 1 FROM ${from} WHERE ${where} OFFSET 0)`;
  if (isNegative(test)) return holds(test, key, types, compiler);
  switch (test.kind) {
    case "any":
      return each(test.tests, " OR ");
    case "chain":
      return `(${test.to
        .flatMap((one) => chainWays(test.paths, one.type, one.test, compiler, key))
        .map((way) => `EXISTS (${way} OFFSET 0)`)
        .join(" OR ")})`;
    case "has": {
      const [e, f] = [statement.alias("e"), statement.alias("f")];
      return exists(
        `search_entry ${e} JOIN search_reference ${f} ON ${f}.target = ${e}.self
          AND ${onlyTypes(f, test.paths, slotsIn(f, test.paths))} ${seenJoin(f, compiler.seen, statement)}`,
        `${e}.key = ${key} AND ${probe(test.test, `${f}.key`, [test.type], compiler)}`,
      );
    }
    case "missing":
      return `(${missingRows(test)
        .map(({ table, condition }) => {
          const t = statement.alias("t");
          return exists(`${table} ${t}`, `${t}.key = ${key} AND ${condition(t)}`);
        })
        .join(" OR ")})`;
    case "id":
    case "updated":
    case "composite":
    case "near":
    case "list":
      return holds(test, key, types, compiler);
    default: {
      const { table, condition } = rowsOf(test, compiler);
      const t = statement.alias("t");
      return exists(`${table} ${t}`, `${t}.key = ${key} AND ${condition(t)}`);
    }
  }
}

/** Whether the test speaks of something that must not be there. */
export function isNegative(test: Test): boolean {
  if (test.kind === "any") return test.tests.some(isNegative);
  if (test.kind === "missing") return test.missing;
  return "not" in test && test.not;
}

/** The keys of resources that meet a test, as a query; undefined for a negative one. */
export function keysOf(
  test: Test,
  types: readonly string[],
  compiler: Compiler,
): string | undefined {
  const { statement } = compiler;
  if (isNegative(test)) return undefined;
  switch (test.kind) {
    case "any":
      return test.tests.map((one) => keysOf(one, types, compiler)).join(" UNION ALL ");
    case "id":
      return keysOfIds(test.ids, types, compiler);
    case "updated": {
      const t = statement.alias("u");
      return `SELECT ${t}.key FROM resource ${t} WHERE NOT ${t}.deleted AND ${updatedCondition(test, t, compiler)}`;
    }
    case "missing":
      return missingRows(test)
        .map((rows) => select(rows, compiler))
        .join(" UNION ALL ");
    case "composite":
      return test.places.flatMap((place) => compositeKeys(place, compiler)).join(" UNION ALL ");
    case "near":
      return test.values.map((value) => nearKeys(test.paths, value, compiler)).join(" UNION ALL ");
    case "chain":
      return test.to
        .map(({ type, test: inner }) => chainKeys(test.paths, type, inner, compiler))
        .join(" UNION ALL ");
    case "has":
      return hasKeys(test, compiler);
    case "list":
      return listKeys(test.ids, compiler);
    default:
      return select(rowsOf(test, compiler), compiler);
  }
}

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

function select({ table, condition }: Rows, { statement }: Compiler): string {
  const t = statement.alias("t");
  return `SELECT ${t}.key FROM ${table} ${t} WHERE ${condition(t)}`;
}

function rowsOf(test: Test, { statement, now }: Compiler): Rows {
  const row = (table: string, condition: (t: string) => string, hasItem = true): Rows => ({
    table,
    condition,
    hasItem,
  });
  switch (test.kind) {
    case "token":
      return row(
        "search_token",
        (t) => `${slotsIn(t, test.paths)} AND ${tokenCondition(t, test.values, statement)}`,
      );
    case "logical":
      return row(
        "search_token",
        (t) =>
          `${slotsIn(t, test.paths, subSlots.identifier)} AND ${tokenCondition(t, test.values, statement)}`,
      );
    case "of-type":
      return row(
        "search_token",
        (t) =>
          `${slotsIn(t, test.paths, subSlots.ofType)} AND ${hashesIn(`${t}.code`, test.hashes, statement)}`,
      );
    case "text":
      return row(
        "search_string",
        (t) =>
          `${slotsIn(t, test.paths, subSlots.text)} AND ${stringCondition(t, test.values, "starts", statement)}`,
        false,
      );
    case "string":
      return row(
        "search_string",
        (t) =>
          `${slotsIn(t, test.paths)} AND ${stringCondition(t, test.values, test.match, statement)}`,
        false,
      );
    case "uri":
      return row(
        "search_string",
        (t) =>
          `${slotsIn(t, test.paths)} AND ${uriCondition(t, test.values, test.match, statement)}`,
        false,
      );
    case "date":
      return row(
        "search_date",
        (t) => `${slotsIn(t, test.paths)} AND ${dateCondition(t, test.values, now, statement)}`,
        false,
      );
    case "number":
      return row(
        "search_number",
        (t) => `${slotsIn(t, test.paths)} AND ${numberCondition(t, test.values, statement)}`,
      );
    case "reference":
      return row(
        "search_reference",
        (t) => `${slotsIn(t, test.paths)} AND ${referenceCondition(t, test, statement)}`,
      );
    default:
      throw new Error(`no rows of its own: ${test.kind}`);
  }
}

/** Where a value leaves rows: a concept may have a text and no code, a reference an identifier only. */
function missingRows({ parameter, paths }: Extract<Test, { kind: "missing" }>): Rows[] {
  const table = TABLES[parameter.type] ?? "search_token";
  const own: Rows = {
    table,
    hasItem: false,
    condition: (t) => {
      const slots = slotsIn(t, paths);
      return table === "search_reference" ? onlyTypes(t, paths, slots) : slots;
    },
  };
  const beside = (besideTable: string, sub: string): Rows => ({
    table: besideTable,
    hasItem: false,
    condition: (t) => slotsIn(t, paths, sub),
  });
  if (parameter.type === "token") return [own, beside("search_string", subSlots.text)];
  const isTyped = paths.some(({ only }) => only !== undefined);
  if (parameter.type !== "reference" || isTyped) return [own];
  return [own, beside("search_token", subSlots.identifier), beside("search_string", subSlots.text)];
}

function keysOfIds(
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
function compositeKeys({ values }: CompositePlace, compiler: Compiler): string[] {
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
function nearKeys(paths: readonly PathEntry[], near: NearValue, { statement }: Compiler): string {
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

/** Resources whose reference points to one of the type that meets the test and may be seen. */
function chainKeys(
  paths: readonly PathEntry[],
  type: string,
  test: Test,
  compiler: Compiler,
): string {
  return chainWays(paths, type, test, compiler, undefined).join(" UNION ALL ");
}

/** @param key asks of this resource only, target by target */
function chainWays(
  paths: readonly PathEntry[],
  type: string,
  test: Test,
  compiler: Compiler,
  key: string | undefined,
): string[] {
  const { statement, seen } = compiler;
  const ways: string[] = [];
  const isCanonical = (path: PathEntry) => path.type === "canonical" || path.type === "uri";
  const meets = (of: string) =>
    key === undefined ? holds(test, of, [type], compiler) : probe(test, of, [type], compiler);
  const way = (target: string, join: string, e: string, f: string) => {
    const own = key === undefined ? "" : ` AND ${f}.key = ${key}`;
    ways.push(`SELECT ${f}.key FROM search_reference ${f} ${join}
      JOIN search_entry ${e} ON ${target} AND ${numbersIn(`${e}.type`, [typeHash(type)])}
      ${seenJoin(e, seen, statement)}
      WHERE ${slotsIn(f, paths)}${own} AND ${meets(`${e}.key`)}`);
  };
  if (!paths.every(isCanonical)) {
    const [e, f] = [statement.alias("e"), statement.alias("f")];
    way(`${e}.self = ${f}.target`, "", e, f);
  }
  if (paths.some(isCanonical)) {
    const [e, f, c] = [statement.alias("e"), statement.alias("f"), statement.alias("c")];
    const canonical = `JOIN search_token ${c} ON ${c}.slot = ${hash32(subSlots.canonical)} AND ${c}.code = ${f}.target`;
    way(`${e}.key = ${c}.key`, canonical, e, f);
  }
  return ways;
}

/** Resources that one of `type` which meets the test and may be seen points to. */
function hasKeys(test: Extract<Test, { kind: "has" }>, compiler: Compiler): string {
  const { statement, seen } = compiler;
  const e = statement.alias("e");
  const f = statement.alias("f");
  return `SELECT ${e}.key FROM search_reference ${f}
    JOIN search_entry ${e} ON ${e}.self = ${f}.target
    ${seenJoin(f, seen, statement)}
    WHERE ${onlyTypes(f, test.paths, slotsIn(f, test.paths))} AND ${holds(test.test, `${f}.key`, [test.type], compiler)}`;
}

function listKeys(ids: readonly string[], compiler: Compiler): string {
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
function seenJoin(of: string, seen: Compiler["seen"], statement: Statement): string {
  const r = statement.alias("r");
  const condition = seen(r);
  return condition === "" ? "" : `JOIN resource ${r} ON ${r}.key = ${of}.key AND ${condition}`;
}
