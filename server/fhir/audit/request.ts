/** A search of the trace as it was understood. */

import { auditSources } from "../../../fhir-mappings/audit-event.ts";
import { DomainError } from "../../errors/domain-error.ts";
import type { Pair } from "../rest/options.ts";
import { hash32 } from "../search/hash.ts";
import { atMost, limits, wrongValue } from "../search/limits.ts";
import { conditionOf } from "./conditions.ts";

/** Where the next page begins: the last row shown, and the moment at which the first page was asked. */
export type AuditCursor = {
  readonly at: string;
  readonly source: (typeof auditSources)[number];
  readonly key: string;
  /** What is written later is not met by pages in the order of time: each page leaves a row itself. */
  readonly until: string;
};
export type AuditRequest = {
  readonly criteria: readonly Pair[];
  readonly count: number;
  readonly isCountOnly: boolean;
  readonly total: boolean;
  readonly descending: boolean;
  readonly cursor: AuditCursor | null;
  readonly ignored: readonly string[];
  readonly fingerprint: number;
};

const skipped = new Set(["_format", "_pretty", "_elements"]);
const dry = {
  source: "records",
  tenant: "",
  base: "https://dry.invalid",
  bind: () => "$0",
} as const;

/**
 * @param strict false: unknown names are left out and listed
 * @throws DomainError those of the search, `fhir.search-page`
 */
export function parseAuditSearch(pairs: readonly Pair[], strict: boolean): AuditRequest {
  atMost(pairs.length, "parameters");
  const criteria: Pair[] = [];
  const ignored: string[] = [];
  let count: number = limits.countDefault;
  let isCountOnly = false;
  let total = false;
  let descending = true;
  let cursor: string | null = null;
  for (const [name, value] of pairs) {
    atMost(value.length, "valueLength");
    if (value.includes("\0") || !value.isWellFormed()) throw wrongValue(name, "text");
    if (skipped.has(name)) continue;
    switch (name) {
      case "_count":
        if (!/^\d{1,9}$/.test(value)) throw wrongValue("_count", "number");
        count = Math.min(Number(value), limits.countMost);
        if (count === 0) isCountOnly = true;
        break;
      case "_total":
        if (!["none", "estimate", "accurate"].includes(value))
          throw wrongValue("_total", "none|estimate|accurate");
        total = value !== "none";
        break;
      case "_summary":
        if (value === "count") isCountOnly = true;
        break;
      case "_sort":
        if (!/^-?(date|_lastUpdated)$/.test(value)) throw wrongValue("_sort", "date|-date");
        descending = value.startsWith("-");
        break;
      case "_cursor":
        cursor = value;
        break;
      default:
        try {
          conditionOf(name, value, dry);
          criteria.push([name, value]);
        } catch (error) {
          if (strict || !isUnknown(error)) throw error;
          ignored.push(name.slice(0, 60));
        }
    }
  }
  const fingerprint = hash32(JSON.stringify([criteria, descending]));
  return {
    criteria,
    count,
    isCountOnly,
    total: total || isCountOnly,
    descending,
    cursor: cursor === null ? null : readCursor(cursor, fingerprint),
    ignored,
    fingerprint,
  };
}

const isUnknown = (error: unknown): boolean =>
  error instanceof DomainError &&
  ["fhir.search-parameter", "fhir.search-modifier"].includes(error.code);

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,6}Z$/;

export const writeCursor = ({ fingerprint }: AuditRequest, cursor: AuditCursor): string =>
  Buffer.from(
    JSON.stringify([fingerprint, cursor.at, cursor.source, cursor.key, cursor.until]),
  ).toString("base64url");

function readCursor(text: string, fingerprint: number): AuditCursor {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
  } catch {
    parts = null;
  }
  const [found, at, source, key, until] = (Array.isArray(parts) ? parts : []).map(String);
  const named = auditSources.find((one) => one === source);
  const fits =
    found === String(fingerprint) &&
    named !== undefined &&
    instant.test(at ?? "") &&
    instant.test(until ?? "") &&
    /^\d{1,18}$/.test(key ?? "");
  if (!fits) throw new DomainError("fhir.search-page");
  return { at: at!, source: named, key: key!, until: until! };
}
