/** The statement for one page of matches, and the one that counts them. */
import type { Cursor } from "./cursor.ts";
import { hash32 } from "./hash.ts";
import { rank, SELECTIVE } from "./rank.ts";
import { typeHash } from "./reference-value.ts";
import type { SearchRequest, SortKey, Test } from "./request.ts";
import { after, orderBy, type SortColumn, sortColumn } from "./sort-columns.ts";
import { type Compiler, holds, isNegative, keysOf, updatedCondition } from "./sql-tests.ts";
import { numbersIn } from "./statement.ts";

type ParameterSort = Extract<SortKey, { by: "parameter" }>;
/** Which rows a page is made of: all, or when an index gives the order those with a value, then those without. */
export type Part = "all" | "with-value" | "without-value";

export function partsOf(request: SearchRequest, cursor: Cursor | undefined): readonly Part[] {
  if (!indexOrder(request)) return ["all"];
  return cursor && cursor.values[0] === null ? ["without-value"] : ["with-value", "without-value"];
}

/** Text of a query for at most `limit` rows: key, the sort values `v0`… and the resource. */
export function pageSql(
  request: SearchRequest,
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
  if (part === "all") {
    columns = request.sort.map((key) => sortColumn(key, statement));
    const from = columns.length === 0 ? cursor?.key : undefined;
    base = baseOf(request, compiler, from);
    if (cursor && columns.length > 0) {
      next = `WHERE ${after(columns, descending, cursor.values, cursor.key, statement)}`;
    }
  } else {
    const key = indexOrder(request);
    if (!key) throw new Error("no index gives this order");
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
  const { from, where } = baseOf(request, compiler, undefined);
  const limit = most === undefined ? "" : ` LIMIT ${most}`;
  return `SELECT count(*)::int AS total FROM (SELECT 1 FROM ${from} WHERE ${where}${limit}) q`;
}

type Base = { readonly from: string; readonly where: string };

/** The leading test gives the keys, in their order; the others are asked of each. */
function baseOf(request: SearchRequest, compiler: Compiler, fromKey: string | undefined): Base {
  const { types, tests } = request;
  const { statement } = compiler;
  const descending = request.sort[0]?.descending ?? false;
  const leading = leaderOf(tests);
  const beyond = (key: string) =>
    fromKey === undefined
      ? ""
      : ` AND ${key} ${descending ? "<" : ">"} ${statement.bind(fromKey)}::bigint`;
  const keys = leading && keysOf(leading, types, compiler);
  const others = tests.filter((test) => test !== leading || keys === undefined);
  const conditions = commonConditions(request, others, compiler);
  if (keys !== undefined) {
    const d = statement.alias("d");
    const start = beyond(`${d}.key`);
    return {
      from: `(SELECT DISTINCT ${d}.key FROM (${keys}) ${d} WHERE true${start}) d JOIN resource r ON r.key = d.key`,
      where: conditions.join(" AND "),
    };
  }
  // Ordered by time, or asked for a time: the resource's own index knows it.
  const byTime = request.sort[0]?.by === "updated" || others.some(({ kind }) => kind === "updated");
  if (byTime || types.length === 0) {
    return { from: "resource r", where: `${conditions.join(" AND ")}${beyond("r.key")}` };
  }
  return {
    from: "search_entry d JOIN resource r ON r.key = d.key",
    where: `${numbersIn("d.type", types.map(typeHash))} AND ${conditions.join(" AND ")}${beyond("d.key")}`,
  };
}

function commonConditions(
  request: SearchRequest,
  tests: readonly Test[],
  compiler: Compiler,
): string[] {
  const { types } = request;
  const ofTypes =
    types.length === 0
      ? []
      : [`r.type IN (${types.map((type) => `'${plainName(type)}'`).join(", ")})`];
  const seen = compiler.seen("r");
  return [
    "NOT r.deleted",
    ...ofTypes,
    ...tests.map((test) =>
      test.kind === "updated"
        ? updatedCondition(test, "r", compiler)
        : holds(test, "r.key", types, compiler),
    ),
    ...(seen ? [seen] : []),
  ];
}

function leaderOf(tests: readonly Test[]): Test | undefined {
  const positive = tests.filter((test) => !isNegative(test) && test.kind !== "updated");
  return positive.sort((a, b) => rank(a) - rank(b))[0];
}

/** The one sort key whose index can give the order, when nothing else makes the matches few. */
function indexOrder({ sort, tests }: SearchRequest): ParameterSort | undefined {
  const [key] = sort;
  if (sort.length !== 1 || key?.by !== "parameter" || key.parameter.type !== "date")
    return undefined;
  const slots = new Set(key.paths.map(({ slot }) => slot));
  // One row for each resource, or it would come twice.
  const isSingle = slots.size === 1 && key.paths.every(({ steps }) => !steps.includes("*"));
  const leading = leaderOf(tests);
  return isSingle && (!leading || rank(leading) > SELECTIVE) ? key : undefined;
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
    where: `s.slot = ${hash32(path?.slot ?? "")}${start} AND ${commonConditions(request, request.tests, compiler).join(" AND ")}`,
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
  return baseOf({ ...request, tests: [...request.tests, missing] }, compiler, cursor?.key);
}

/** Names of types are R4's own; nothing else is ever written into a statement. */
function plainName(type: string): string {
  if (!/^[A-Za-z]+$/.test(type)) throw new Error("not the name of a type");
  return type;
}
