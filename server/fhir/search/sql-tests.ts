/** Tests as SQL: sets of keys where something must be there, conditions where something must not. */
import type { PathEntry } from "./definitions.ts";
import { hash32 } from "./hash.ts";
import { typeHash } from "./reference-value.ts";
import type { Test } from "./request.ts";
import { subSlots } from "./rows.ts";
import { type Compiler, missingRows, rowsOf, select } from "./sql-rows.ts";
import {
  compositeKeys,
  keysOfIds,
  listKeys,
  nearKeys,
  seenJoin,
  updatedCondition,
} from "./sql-sets.ts";
import { onlyTypes, slotsIn } from "./sql-values.ts";
import { numbersIn } from "./statement.ts";

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
