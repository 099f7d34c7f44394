import { DomainError } from "../../errors/domain-error.ts";

export type Pair = readonly [name: string, value: string];
export type Summary = "true" | "text" | "data" | "count" | "false";
/** What a request asks of the form of its answer. */
export type ResultOptions = {
  readonly summary: Summary;
  readonly elements: readonly string[];
  readonly pretty: boolean;
};
export type Prefer = {
  readonly return: "minimal" | "representation" | "OperationOutcome";
  /** Unknown search parameters are refused unless the caller asks for leniency, which is refused too. */
  readonly strict: boolean;
};

const summaries: readonly Summary[] = ["true", "text", "data", "count", "false"];
const formOnly = new Set(["_format", "_pretty", "_summary", "_elements"]);
const jsonFormats = /^(json|application\/json|application\/fhir\+json|text\/json)(;.*)?$/i;
const pairsMax = 200;

/** The query of an address as pairs, in order; a plus is a blank only where it was sent as one. */
export function pairsOf(url: string): Pair[] {
  const at = url.indexOf("?");
  if (at < 0) return [];
  const pairs = [...new URLSearchParams(url.slice(at + 1))] as Pair[];
  if (pairs.length > pairsMax)
    throw new DomainError("fhir.request", { reason: "the query has too many parameters" });
  return pairs;
}

/**
 * Takes what is about the answer's form out of a query.
 * @throws DomainError `fhir.not-acceptable`, `fhir.request`
 */
export function splitForm(pairs: readonly Pair[]): { form: ResultOptions; rest: Pair[] } {
  const last = (name: string) => pairs.findLast(([key]) => key === name)?.[1];
  assertFormat(pairs);
  const summary = (last("_summary") ?? "false") as Summary;
  if (!summaries.includes(summary))
    throw new DomainError("fhir.request", { reason: "_summary is none of R4" });
  const elements = (last("_elements") ?? "").split(",").filter((one) => one !== "");
  if (elements.length > 0 && summary !== "false")
    throw new DomainError("fhir.request", { reason: "_summary and _elements exclude each other" });
  return {
    form: { summary, elements, pretty: last("_pretty") === "true" },
    rest: pairs.filter(([key]) => !formOnly.has(key)),
  };
}

/**
 * `_format` stands above the Accept header; what is answered is JSON.
 * @throws DomainError `fhir.not-acceptable`
 */
export function assertFormat(pairs: readonly Pair[]): void {
  const format = pairs.findLast(([key]) => key === "_format")?.[1];
  if (format !== undefined && format !== "" && !jsonFormats.test(format.replaceAll(" ", "+")))
    throw new DomainError("fhir.not-acceptable");
}

/** The Prefer header (R4 http.html#ops, search.html#errors). */
export function preferOf(header: string | string[] | undefined): Prefer {
  const text = Array.isArray(header) ? header.join(",") : (header ?? "");
  const wanted = /\breturn=(minimal|representation|OperationOutcome)\b/.exec(text)?.[1];
  return {
    return: (wanted as Prefer["return"] | undefined) ?? "representation",
    strict: !/\bhandling=lenient\b/.test(text),
  };
}

/** `_count` and `_since` of a history or `$everything`; any other parameter is refused. */
export function pageOptions(
  pairs: readonly Pair[],
  known: readonly string[],
): {
  count: number;
  since: Date | null;
  cursor: string | null;
  value: (name: string) => string | null;
} {
  const value = (name: string) => pairs.find(([key]) => key === name)?.[1] ?? null;
  for (const [name] of pairs)
    if (!known.includes(name))
      throw new DomainError("fhir.request", {
        reason: `the parameter ${safe(name)} is not known here`,
      });
  const count = value("_count");
  if (count !== null && !/^\d{1,6}$/.test(count))
    throw new DomainError("fhir.request", { reason: "_count is no number" });
  const since = value("_since");
  const sinceDate = since === null ? null : new Date(since.replaceAll(" ", "+"));
  if (sinceDate && (Number.isNaN(sinceDate.getTime()) || !/^\d{4}/.test(since!)))
    throw new DomainError("fhir.request", { reason: "_since is no instant" });
  return {
    count: Math.min(1000, Math.max(1, Number(count ?? 100))),
    since: sinceDate,
    cursor: value("_cursor"),
    value,
  };
}

/** A caller's own word back to him, shortened and without what could be markup. */
export const safe = (text: string): string => text.slice(0, 60).replace(/[^\w:.$-]/g, "?");
