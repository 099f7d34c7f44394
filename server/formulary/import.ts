/**
 * A formulary from tables in CSV: the starter, or a hospital's licensed ones. Every line that is not right is named
 * with its number and column; a table with such a line is not taken. Pure: the caller reads the files.
 */
import { parse } from "csv-parse/sync";
import type { AllergyGroup, FormularyContent, Medicine, Rule, Source } from "./medicine.ts";
import { groupRow, medicineRow, ruleRow, sourceRow } from "./rows.ts";

export type FormularyTables = {
  medicines: string;
  rules: string;
  groups: string;
  sources: string;
};
type Table = keyof FormularyTables;

export const importFaults = [
  "csv",
  "columns",
  "value",
  "duplicate",
  "unknown-source",
  "unknown-group",
  "limits",
] as const;
export type ImportFault = {
  table: Table;
  /** From 1, the header's. */
  line: number;
  column: string | null;
  fault: (typeof importFaults)[number];
  /** What stands there, shortened. */
  text: string;
};
export type ImportReport = { content: FormularyContent; faults: ImportFault[] };

type Row = { line: number; cells: Record<string, string> };

function rowsOf(table: Table, text: string, faults: ImportFault[]): Row[] {
  try {
    return parse<Row, Record<string, string>>(text, {
      columns: true,
      bom: true,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
      on_record: (cells, { lines }) => ({ line: lines, cells }),
    });
  } catch (error) {
    const at = error as { lines?: number; message: string };
    faults.push({
      table,
      line: at.lines ?? 1,
      column: null,
      fault: "csv",
      text: at.message.slice(0, 80),
    });
    return [];
  }
}

type Parser<Value> = {
  shape: Record<string, unknown>;
  safeParse: (
    value: unknown,
  ) =>
    | { success: true; data: Value }
    | { success: false; error: { issues: readonly { path: PropertyKey[] }[] } };
};

function parseTable<Value>(
  table: Table,
  text: string,
  parser: Parser<Value>,
  keyOf: (one: Value) => string | null,
  faults: ImportFault[],
): { line: number; value: Value }[] {
  const rows = rowsOf(table, text, faults);
  const names = new Set(Object.keys(rows[0]?.cells ?? {}));
  const missing = rows.length > 0 ? Object.keys(parser.shape).filter((one) => !names.has(one)) : [];
  for (const column of missing) faults.push({ table, line: 1, column, fault: "columns", text: "" });
  if (missing.length > 0) return [];
  const seen = new Set<string>();
  return rows.flatMap(({ line, cells }) => {
    const parsed = parser.safeParse(cells);
    if (!parsed.success) {
      for (const column of new Set(parsed.error.issues.map((one) => String(one.path[0] ?? ""))))
        faults.push({
          table,
          line,
          column,
          fault: "value",
          text: String(cells[column] ?? "").slice(0, 80),
        });
      return [];
    }
    const key = keyOf(parsed.data);
    if (key !== null && seen.has(key)) {
      faults.push({ table, line, column: null, fault: "duplicate", text: key.slice(0, 80) });
      return [];
    }
    if (key !== null) seen.add(key);
    return [{ line, value: parsed.data }];
  });
}

/** Read four tables; lines with a fault are left out of the content and named. */
export function parseFormulary(tables: FormularyTables): ImportReport {
  const faults: ImportFault[] = [];
  const sources = parseTable<Source>("sources", tables.sources, sourceRow, (one) => one.id, faults);
  const groups = parseTable<AllergyGroup>(
    "groups",
    tables.groups,
    groupRow,
    (one) => one.code,
    faults,
  );
  const medicines = parseTable<Medicine>(
    "medicines",
    tables.medicines,
    medicineRow,
    (one) => one.code,
    faults,
  );
  const rules = parseTable<Rule>(
    "rules",
    tables.rules,
    ruleRow,
    (one) => [one.kind, one.a, one.b, one.value].join(" "),
    faults,
  );
  const known = new Set(sources.map(({ value }) => value.id));
  const groupCodes = new Set(groups.map(({ value }) => value.code));
  for (const { line, value } of medicines) {
    if (!known.has(value.source))
      faults.push({
        table: "medicines",
        line,
        column: "source",
        fault: "unknown-source",
        text: value.source,
      });
    const limits = [value.maxSingle, value.maxDaily, value.childSingle, value.childDaily];
    const unmeasured = value.amount === null && limits.some((one) => one !== null);
    const crossed =
      value.maxSingle !== null && value.maxDaily !== null && value.maxDaily < value.maxSingle;
    const usual = value.amount === null ? 0 : value.amount * value.dose;
    if (unmeasured || crossed || (value.maxSingle !== null && usual > value.maxSingle))
      faults.push({
        table: "medicines",
        line,
        column: "maxSingle",
        fault: "limits",
        text: value.code,
      });
  }
  for (const { line, value } of rules) {
    if (!known.has(value.source))
      faults.push({
        table: "rules",
        line,
        column: "source",
        fault: "unknown-source",
        text: value.source,
      });
    if (value.kind === "allergy" && !groupCodes.has(value.a))
      faults.push({ table: "rules", line, column: "a", fault: "unknown-group", text: value.a });
  }
  const values = <Value>(rows: { value: Value }[]) => rows.map(({ value }) => value);
  return {
    content: {
      medicines: values(medicines),
      rules: values(rules),
      groups: values(groups),
      sources: values(sources),
    },
    faults: faults.toSorted(
      (left, right) => left.table.localeCompare(right.table) || left.line - right.line,
    ),
  };
}
