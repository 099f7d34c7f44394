/**
 * Import of a hospital's licensed ICD-10 table from CSV or TSV text. Pure: the
 * caller reads the file (UTF-8; decode GB 18030 first) and stores the entries.
 */
import { type Icd10Entry, isIcd10Code, normaliseIcd10Code } from "./icd10.ts";

export const icd10ImportProblems = [
  "no-header",
  "quote",
  "columns",
  "code",
  "display",
  "duplicate",
] as const;
export type Icd10ImportProblem = (typeof icd10ImportProblems)[number];

export interface Icd10ImportReport {
  readonly entries: readonly Icd10Entry[];
  /** One for each line that was left out; `line` counts from 1, at the row's first line. */
  readonly problems: readonly {
    readonly line: number;
    readonly problem: Icd10ImportProblem;
    /** The offending cell, shortened; a terminology table holds no patient data. */
    readonly text: string;
  }[];
}

const HEADERS: Record<keyof Icd10Entry, readonly string[]> = {
  code: ["code", "icd", "icd10", "icd-10", "编码", "疾病编码", "诊断编码", "代码", "主要编码"],
  zh: ["zh", "name", "名称", "疾病名称", "诊断名称", "中文名称", "display"],
  en: ["en", "english", "title", "英文名称", "英文"],
};
const DISPLAY_MAX = 200;

interface Row {
  readonly line: number;
  readonly cells: readonly string[];
  readonly openQuote: boolean;
}

/** RFC 4180 rows: quoted cells may hold the delimiter, line breaks and doubled quotes. */
function* rowsOf(text: string, delimiter: string): Generator<Row> {
  let cells: string[] = [];
  let cell = "";
  let quoted = false;
  let line = 1;
  let rowLine = 1;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === "\n") line += 1;
    if (quoted) {
      if (character !== '"') cell += character;
      else if (text.charAt(at + 1) === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (character === '"' && cell.trim() === "") {
      quoted = true;
      cell = "";
    } else if (character === delimiter) {
      cells.push(cell);
      cell = "";
    } else if (character === "\n") {
      yield { line: rowLine, cells: [...cells, cell], openQuote: false };
      cells = [];
      cell = "";
      rowLine = line;
    } else cell += character;
  }
  if (quoted || cell !== "" || cells.length > 0) {
    yield { line: rowLine, cells: [...cells, cell], openQuote: quoted };
  }
}

function columnsOf(header: readonly string[]): Partial<Record<keyof Icd10Entry, number>> {
  const names = header.map((cell) => cell.trim().toLowerCase());
  const columns: Partial<Record<keyof Icd10Entry, number>> = {};
  for (const key of ["code", "zh", "en"] as const) {
    const at = names.findIndex((name) => HEADERS[key].includes(name));
    if (at >= 0) columns[key] = at;
  }
  return columns;
}

const clean = (cell: string | undefined) =>
  (cell ?? "").normalize("NFC").replace(/\s+/gu, " ").trim();

/**
 * Parses and validates a table with a header line that names at least a code and
 * a Chinese column (`编码`, `名称`, `code`, `zh`, …; English is optional).
 *
 * The delimiter is a tab when the header holds one, else a semicolon or comma,
 * whichever is more frequent there. Good lines are kept, each bad line is
 * reported: `code` not an ICD-10 code, `display` missing or over 200 characters,
 * `duplicate` code (the first one stays), `columns` too few cells, `quote` a quote
 * that never closes, `no-header` nothing can be read.
 */
export function parseIcd10Table(text: string): Icd10ImportReport {
  const body = text.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n");
  const first = body.slice(0, Math.max(body.indexOf("\n"), 0) || body.length);
  const count = (mark: string) => first.split(mark).length - 1;
  const delimiter = first.includes("\t") ? "\t" : count(";") > count(",") ? ";" : ",";

  const entries = new Map<string, Icd10Entry>();
  const problems: { line: number; problem: Icd10ImportProblem; text: string }[] = [];
  const report = (line: number, problem: Icd10ImportProblem, cell: string) =>
    problems.push({ line, problem, text: cell.slice(0, 80) });

  let columns: Partial<Record<keyof Icd10Entry, number>> | undefined;
  for (const { line, cells, openQuote } of rowsOf(body, delimiter)) {
    if (cells.every((cell) => cell.trim() === "")) continue;
    if (!columns) {
      columns = columnsOf(cells);
      if (columns.code === undefined || columns.zh === undefined) {
        report(line, "no-header", cells.join(delimiter));
        break;
      }
      continue;
    }
    const { code: codeAt = 0, zh: zhAt = 1, en: enAt } = columns;
    const code = normaliseIcd10Code(cells[codeAt] ?? "");
    const zh = clean(cells[zhAt]);
    if (openQuote) report(line, "quote", cells.join(delimiter));
    else if (cells.length <= Math.max(codeAt, zhAt)) report(line, "columns", cells.join(delimiter));
    else if (!isIcd10Code(code)) report(line, "code", cells[codeAt] ?? "");
    else if (zh === "" || zh.length > DISPLAY_MAX) report(line, "display", zh || code);
    else if (entries.has(code)) report(line, "duplicate", code);
    else entries.set(code, { code, zh, en: enAt === undefined ? "" : clean(cells[enAt]) });
  }
  if (!columns) report(1, "no-header", "");
  return { entries: [...entries.values()], problems };
}
