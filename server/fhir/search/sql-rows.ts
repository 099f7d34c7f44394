/** Rows of the index tables that meet one test. */

import type { Test } from "./request.ts";
import { subSlots } from "./rows.ts";
import {
  dateCondition,
  numberCondition,
  onlyTypes,
  referenceCondition,
  slotsIn,
  stringCondition,
  tokenCondition,
  uriCondition,
} from "./sql-values.ts";
import { hashesIn, type Statement } from "./statement.ts";

export type Compiler = {
  readonly statement: Statement;
  /** Business time, for `ap`. */
  readonly now: Date;
  /** What the caller may see, over a row of `resource` under this alias; empty when everything. */
  readonly seen: (alias: string) => string;
};
/** Rows of one index table that meet a test. */
export type Rows = {
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

export function select({ table, condition }: Rows, { statement }: Compiler): string {
  const t = statement.alias("t");
  return `SELECT ${t}.key FROM ${table} ${t} WHERE ${condition(t)}`;
}

export function rowsOf(test: Test, { statement, now }: Compiler): Rows {
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
export function missingRows({ parameter, paths }: Extract<Test, { kind: "missing" }>): Rows[] {
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
