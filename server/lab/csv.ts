/**
 * Files of results. Columns (English or Chinese names, in any order, others are ignored):
 * `tube` 管号, `result` 结果; optional `method` 方法, `tested_at` 检测时间, `ct_orf1ab`, `ct_n`, `reason` 原因.
 * UTF-8 with or without a mark, or GB18030; comma, semicolon or tab. Pure.
 */
import { parse } from "csv-parse/sync";
import { DomainError } from "../errors/domain-error.ts";
import type { LabResultKind } from "../sampling/domain.ts";
import { parseTubeCode } from "../sampling/service.ts";

/** Larger files are split: a plate has 96 wells. */
export const maximumRows = 5000;
export const maximumBytes = 1024 * 1024;

/** Why a row was not taken. The page has a sentence for each, with what to do. */
export const rowProblems = [
  "columns",
  "tube-format",
  "tube-unknown",
  "tube-foreign",
  "tube-void",
  "tube-unsealed",
  "tube-not-received",
  "tube-twice",
  "result-unknown",
  "time",
  "reason",
  "ct",
  "read-otherwise",
  "released-otherwise",
] as const;
export type RowProblem = (typeof rowProblems)[number];

export type ResultLine = {
  /** Line in the file, the header is 1. */
  line: number;
  tube: string;
  result: LabResultKind;
  method: string;
  /** Null: the file does not say. */
  testedAt: Date | null;
  detail: Record<string, number>;
  reason: string | null;
};
export type RefusedLine = { line: number; tube: string; problem: RowProblem; value: string };
export type ResultFile = {
  encoding: "utf-8" | "gb18030";
  rows: number;
  lines: ResultLine[];
  refused: RefusedLine[];
};

const columnNames: Readonly<Record<string, Column>> = {
  tube: "tube",
  tubecode: "tube",
  barcode: "tube",
  管号: "tube",
  采样管编码: "tube",
  采样管号: "tube",
  条码: "tube",
  result: "result",
  结果: "result",
  检测结果: "result",
  method: "method",
  方法: "method",
  检测方法: "method",
  testedat: "tested_at",
  检测时间: "tested_at",
  ctorf1ab: "ct_orf1ab",
  ctorf: "ct_orf1ab",
  orf1abct值: "ct_orf1ab",
  ctn: "ct_n",
  nct值: "ct_n",
  reason: "reason",
  原因: "reason",
  备注: "reason",
};
type Column = "tube" | "result" | "method" | "tested_at" | "ct_orf1ab" | "ct_n" | "reason";

const resultWords: Readonly<Record<string, LabResultKind>> = {
  negative: "negative",
  neg: "negative",
  "-": "negative",
  阴性: "negative",
  "阴性(-)": "negative",
  positive: "positive",
  pos: "positive",
  "+": "positive",
  阳性: "positive",
  "阳性(+)": "positive",
  "grey-zone": "grey-zone",
  灰区: "grey-zone",
  可疑: "grey-zone",
  "single-target": "single-target",
  单靶标: "single-target",
  单靶标阳性: "single-target",
  单基因阳性: "single-target",
  rejected: "rejected",
  不合格: "rejected",
  拒收: "rejected",
};

/**
 * A file's rows: good ones, and bad ones with their line.
 * @throws DomainError `lab.file-size`, `lab.file-encoding`, `lab.file-columns`, `lab.file-broken`, `lab.file-empty`
 */
export function readResultFile(bytes: Uint8Array): ResultFile {
  if (bytes.byteLength > maximumBytes)
    throw new DomainError("lab.file-size", { rows: maximumRows, kilobytes: maximumBytes / 1024 });
  const { text, encoding } = decode(bytes);
  const records = parseRecords(text);
  const [header, ...body] = records;
  if (!header || body.length === 0) throw new DomainError("lab.file-empty");
  if (body.length > maximumRows)
    throw new DomainError("lab.file-size", { rows: maximumRows, kilobytes: maximumBytes / 1024 });
  const columns = new Map<Column, number>();
  for (const [index, name] of header.cells.entries()) {
    const column = columnNames[name.toLowerCase().replace(/[\s_（）()-]/gu, "")];
    if (column && !columns.has(column)) columns.set(column, index);
  }
  const missing = (["tube", "result"] as const).filter((name) => !columns.has(name));
  if (missing.length > 0) throw new DomainError("lab.file-columns", { missing });
  const lines: ResultLine[] = [];
  const refused: RefusedLine[] = [];
  const seen = new Map<string, ResultLine>();
  for (const { line, cells } of body) {
    const cell = (column: Column) => (cells[columns.get(column) ?? -1] ?? "").trim();
    const read = readLine(line, cell, cells.length < Math.max(...columns.values()) + 1);
    if ("problem" in read) {
      refused.push(read);
      continue;
    }
    const before = seen.get(read.tube);
    if (before) {
      // Twice the same is once; twice something else is nothing.
      if (before.result === read.result) continue;
      refused.push({ line, tube: read.tube, problem: "tube-twice", value: String(before.line) });
      const kept = lines.indexOf(before);
      if (kept >= 0) {
        lines.splice(kept, 1);
        refused.push({
          line: before.line,
          tube: read.tube,
          problem: "tube-twice",
          value: String(line),
        });
      }
      continue;
    }
    seen.set(read.tube, read);
    lines.push(read);
  }
  return { encoding, rows: body.length, lines, refused: refused.sort((a, b) => a.line - b.line) };
}

function readLine(
  line: number,
  cell: (column: Column) => string,
  short: boolean,
): ResultLine | RefusedLine {
  // A spreadsheet's apostrophe before a code is not part of it.
  const written = cell("tube").replace(/^'/u, "");
  const parsed = parseTubeCode(written);
  const tube = parsed?.code ?? written.slice(0, 40);
  const refuse = (problem: RowProblem, value: string): RefusedLine => ({
    line,
    tube,
    problem,
    value: value.slice(0, 40),
  });
  if (!written || (short && !cell("result"))) return refuse("columns", written);
  if (!parsed) return refuse("tube-format", written);
  const result = resultWords[cell("result").normalize("NFKC").toLowerCase().replace(/\s/gu, "")];
  if (!result) return refuse("result-unknown", cell("result"));
  const testedAt = cell("tested_at") ? readTime(cell("tested_at")) : null;
  if (cell("tested_at") && !testedAt) return refuse("time", cell("tested_at"));
  const reason = cell("reason").slice(0, 200) || null;
  if (result === "rejected" && !reason) return refuse("reason", "");
  const detail: Record<string, number> = {};
  for (const [column, name] of [
    ["ct_orf1ab", "ctOrf"],
    ["ct_n", "ctN"],
  ] as const) {
    const value = cell(column);
    if (!value || /^(-|\/|nan|undetermined|未检出)$/iu.test(value)) continue;
    const number = Number(value);
    if (!Number.isFinite(number) || number < 0 || number > 60) return refuse("ct", value);
    detail[name] = number;
  }
  const method = cell("method").slice(0, 60) || "RT-PCR";
  return { line, tube, result, method, testedAt, detail, reason };
}

/** `2026-11-23 14:05`, `2026/11/23 14:05:30` in Shanghai, or an instant with its offset. */
export function readTime(text: string): Date | null {
  const found =
    /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/u.exec(
      text.trim(),
    );
  if (!found) return null;
  const [, year, month, day, hour, minute, second = "00", offset = "+08:00"] = found;
  const two = (part: string | undefined) => String(part).padStart(2, "0");
  const zone = offset.length === 5 ? `${offset.slice(0, 3)}:${offset.slice(3)}` : offset;
  const wall = `${year}-${two(month)}-${two(day)}T${two(hour)}:${minute}:${second}`;
  const at = new Date(`${wall}${zone}`);
  if (Number.isNaN(at.getTime())) return null;
  // 31 February is no day: JavaScript would take the next month's.
  const back = new Date(at.getTime() + offsetMilliseconds(zone)).toISOString().slice(0, 19);
  return back === wall ? at : null;
}

function offsetMilliseconds(zone: string): number {
  if (zone === "Z") return 0;
  const sign = zone.startsWith("-") ? -1 : 1;
  return sign * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6))) * 60_000;
}

function decode(bytes: Uint8Array): { text: string; encoding: ResultFile["encoding"] } {
  for (const encoding of ["utf-8", "gb18030"] as const) {
    try {
      const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
      // Binary files (a spreadsheet that was not saved as CSV) decode as something now and then.
      if (!text.includes("\u0000") && !text.startsWith("PK\u0003")) return { text, encoding };
    } catch {
      // Not this one.
    }
  }
  throw new DomainError("lab.file-encoding");
}

function parseRecords(text: string): { line: number; cells: string[] }[] {
  const head = text.split(/\r?\n/u, 1)[0] ?? "";
  const delimiter = [",", "\t", ";"].find((one) => head.includes(one)) ?? ",";
  try {
    const found = parse(text, {
      bom: true,
      delimiter,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
    }) as unknown as { record: string[]; info: { lines: number } }[];
    return found.map(({ record, info }) => ({ line: info.lines, cells: record }));
  } catch {
    throw new DomainError("lab.file-broken");
  }
}

/**
 * One cell of a file that we write. What a spreadsheet would take for a formula gets an apostrophe, so that
 * opening the file runs nothing.
 */
export function csvCell(value: string | number | null): string {
  const text = String(value ?? "");
  const safe =
    typeof value === "string" && /^[=+\-@\t\r\n＝＋－＠]/u.test(text) ? `'${text}` : text;
  return /[",\r\n]/u.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A file with a mark, so that spreadsheets read it as UTF-8. */
export function writeCsv(rows: readonly (readonly (string | number | null)[])[]): string {
  return `\uFEFF${rows.map((row) => row.map(csvCell).join(",")).join("\r\n")}\r\n`;
}
