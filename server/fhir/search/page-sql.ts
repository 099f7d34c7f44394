/** The statement for one page of matches, and the one that counts them. */
import type { Cursor } from "./cursor.ts";
import { hash32 } from "./hash.ts";
import type { ParameterSort, Plan } from "./plan.ts";
import { typeHash } from "./reference-value.ts";
import type { SearchRequest, Test } from "./request.ts";
import { after, orderBy, type SortColumn, sortColumn } from "./sort-columns.ts";
import type { Compiler } from "./sql-rows.ts";
import { updatedCondition } from "./sql-sets.ts";
import { holds, isNegative, keysOf, probe } from "./sql-tests.ts";
import { numbersIn } from "./statement.ts";
import { streamSql } from "./stream.ts";

/** Which rows a page is made of: all, or in the order of an index those with a value, then those without. */
export type Part = "all" | "with-value" | "without-value";

export function partsOf(plan: Plan, cursor: Cursor | undefined): readonly Part[] {
  if (plan.by !== "order") return ["all"];
  return cursor && cursor.values[0] === null ? ["without-value"] : ["with-value", "without-value"];
}

/** Text of a query for at most `limit` rows: key, the sort values `v0`… and the resource. */
export function pageSql(
  request: SearchRequest,
  plan: Plan,
  part: Part,
  cursor: Cursor | undefined,
  limit: number,
  compiler: Compiler,
): string {
  const { statement } = compiler;
  const descending = request.sort[0]?.descending ?? false;
  const direction = descending ? "DESC" : "ASC";
  let columns: SortColumn[] = [];
  let base: Base;
  let next = "";
  if (plan.by === "stream") {
    const start = cursor?.values[0] ?? undefined;
    const from = start === undefined ? undefined : `${statement.bind(start)}::bigint`;
    base = {
      from: streamSql(plan.stream, from, compiler),
      where: conditionsOf(request, [], compiler, probe).join(" AND "),
    };
    columns = [{ expression: "m.key", cast: "bigint", descending: false }];
    if (cursor) next = `WHERE ${after(columns, false, cursor.values, cursor.key, statement)}`;
  } else if (part === "all") {
    columns = request.sort.map((key) => sortColumn(key, statement));
    const from = columns.length === 0 ? cursor?.key : undefined;
    base = pageBase(request, plan, compiler, from);
    if (cursor && columns.length > 0) {
      next = `WHERE ${after(columns, descending, cursor.values, cursor.key, statement)}`;
    }
  } else {
    if (plan.by !== "order") throw new Error("no index gives this order");
    const { key } = plan;
    const start =
      cursor && (part === "without-value") === (cursor.values[0] === null) ? cursor : undefined;
    base =
      part === "with-value"
        ? orderedBase(request, key, start, compiler)
        : missingBase(request, key, start, compiler);
    const column = descending ? "s.high" : "s.low";
    const expression = part === "with-value" ? column : "NULL::text";
    columns = [{ expression, cast: "timestamptz", descending }];
  }
  const values = columns.map(({ expression }, index) => `, ${expression} AS v${index}`).join("");
  const names = columns.map((_, index) => `, p.v${index}::text`).join("");
  const order =
    part === "with-value" ? `v0 ${direction}, key ${direction}` : orderBy(columns, descending);
  const outer = order.replaceAll(/\b(v\d+|key)\b/g, "p.$1");
  return `SELECT p.key::text AS key, r.type, r.id, r.version, r.last_updated, r.content::text AS content${names}
    FROM (SELECT * FROM (SELECT r.key AS key${values} FROM ${base.from} WHERE ${base.where}) q
      ${next} ORDER BY ${order} LIMIT ${limit}) p
    JOIN resource r ON r.key = p.key ORDER BY ${outer}`;
}

/** Counts all matches, or no further than `most`. */
export function countSql(
  request: SearchRequest,
  most: number | undefined,
  compiler: Compiler,
): string {
  const { from, where } = countBase(request, compiler);
  const limit = most === undefined ? "" : ` LIMIT ${most}`;
  return `SELECT count(*)::int AS total FROM (SELECT 1 FROM ${from} WHERE ${where}${limit}) q`;
}

type Base = { readonly from: string; readonly where: string };

/** The leading test gives the keys, in their order; the others are asked of each. */
function pageBase(
  request: SearchRequest,
  plan: Plan,
  compiler: Compiler,
  fromKey: string | undefined,
): Base {
  const { types, tests, sort } = request;
  const { statement } = compiler;
  const descending = sort[0]?.descending ?? false;
  const beyond = (key: string) =>
    fromKey === undefined
      ? ""
      : ` AND ${key} ${descending ? "<" : ">"} ${statement.bind(fromKey)}::bigint`;
  if (plan.by === "leader") {
    const d = statement.alias("d");
    const keys = keysOf(plan.leader, types, compiler);
    const others = tests.filter((test) => test !== plan.leader);
    return {
      from: `(SELECT DISTINCT ${d}.key FROM (${keys}) ${d} WHERE true${beyond(`${d}.key`)}) d JOIN resource r ON r.key = d.key`,
      where: conditionsOf(request, others, compiler, probe).join(" AND "),
    };
  }
  const conditions = conditionsOf(request, tests, compiler, probe).join(" AND ");
  // Ordered by time, or asked for a time: the resource's own index knows it.
  const byTime = sort[0]?.by === "updated" || tests.some(({ kind }) => kind === "updated");
  if (byTime || types.length === 0) {
    return { from: "resource r", where: `${conditions}${beyond("r.key")}` };
  }
  return {
    from: "search_entry d JOIN resource r ON r.key = d.key",
    where: `${numbersIn("d.type", types.map(typeHash))} AND ${conditions}${beyond("d.key")}`,
  };
}

/** All matches: the planner finds the way. */
function countBase(request: SearchRequest, compiler: Compiler): Base {
  const { types, tests } = request;
  const conditions = conditionsOf(request, tests, compiler, holds);
  const isLed = tests.some((test) => !isNegative(test));
  if (isLed || types.length === 0) return { from: "resource r", where: conditions.join(" AND ") };
  return {
    from: "search_entry d JOIN resource r ON r.key = d.key",
    where: `${numbersIn("d.type", types.map(typeHash))} AND ${conditions.join(" AND ")}`,
  };
}

function conditionsOf(
  request: SearchRequest,
  tests: readonly Test[],
  compiler: Compiler,
  condition: typeof holds,
): string[] {
  const { types } = request;
  const names = types.map((type) => `'${plainName(type)}'`).join(", ");
  const seen = compiler.seen("r");
  return [
    "NOT r.deleted",
    ...(types.length === 0 ? [] : [`r.type IN (${names})`]),
    ...tests.map((test) =>
      test.kind === "updated"
        ? updatedCondition(test, "r", compiler)
        : condition(test, "r.key", types, compiler),
    ),
    ...(seen ? [seen] : []),
  ];
}

function orderedBase(
  request: SearchRequest,
  key: ParameterSort,
  cursor: Cursor | undefined,
  compiler: Compiler,
): Base {
  const { statement } = compiler;
  const [path] = key.paths;
  const column = key.descending ? "s.high" : "s.low";
  const start = cursor
    ? ` AND (${column}, s.key) ${key.descending ? "<" : ">"} (${statement.bind(cursor.values[0] ?? "")}::timestamptz, ${statement.bind(cursor.key)}::bigint)`
    : "";
  return {
    from: "search_date s JOIN resource r ON r.key = s.key",
    where: `s.slot = ${hash32(path?.slot ?? "")}${start} AND ${conditionsOf(request, request.tests, compiler, probe).join(" AND ")}`,
  };
}

function missingBase(
  request: SearchRequest,
  key: ParameterSort,
  cursor: Cursor | undefined,
  compiler: Compiler,
): Base {
  const missing: Test = {
    kind: "missing",
    parameter: key.parameter,
    paths: key.paths,
    missing: true,
  };
  return pageBase(
    { ...request, tests: [...request.tests, missing] },
    { by: "walk" },
    compiler,
    cursor?.key,
  );
}

/** Names of types are R4's own; nothing else is ever written into a statement. */
function plainName(type: string): string {
  if (!/^[A-Za-z]+$/.test(type)) throw new Error("not the name of a type");
  return type;
}
