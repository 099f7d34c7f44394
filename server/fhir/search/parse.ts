import { DomainError } from "../../errors/domain-error.ts";
import { isSearchable } from "./definitions.ts";
import { atMost, limits, refused, wrongModifier, wrongValue } from "./limits.ts";
import { parseInclude } from "./parse-include.ts";
import { parseCriterion } from "./parse-name.ts";
import { parseSort } from "./parse-sort.ts";
import type { Include, SearchRequest, SortKey, Test } from "./request.ts";

export type ParseOptions = {
  /** False for `Prefer: handling=lenient`: what is unknown is left out and listed. Wrong values are refused all the same. */
  readonly strict: boolean;
  /** Own FHIR address without a slash at the end: absolute references to it are our own. */
  readonly base: string;
};

/** Answered by the REST layer; no criterion. */
const passedThrough = ["_format", "_pretty"];
const PAGE = "_cursor";

type Draft = {
  types: string[];
  tests: Test[];
  sort: SortKey[];
  count: number;
  total: SearchRequest["total"];
  summary: SearchRequest["summary"];
  elements: string[];
  includes: Include[];
  cursor: string | undefined;
};

/**
 * Understands a query wholly or refuses it: an answer is never less filtered than was asked.
 * @param type resource type of the address, null at the base (`/fhir?_type=…`)
 * @param query names and values as sent, decoded; a POST's body after the address's own
 * @throws DomainError `fhir.search-parameter`, `-modifier`, `-value`, `-refused`, `-limit`, `-page`, or
 *   `fhir.type` for a resource type that R4 does not have
 */
export function parseSearch(
  type: string | null,
  query: readonly (readonly [string, string])[],
  { strict, base }: ParseOptions,
): SearchRequest {
  if (type !== null && !isSearchable(type))
    throw new DomainError("fhir.type", { type: type.slice(0, 60) });
  atMost(query.length, "parameters");
  const draft: Draft = {
    types: type === null ? typesOf(query) : [type],
    tests: [],
    sort: [],
    count: limits.countDefault,
    total: "none",
    summary: "false",
    elements: [],
    includes: [],
    cursor: undefined,
  };
  const understood: (readonly [string, string])[] = [];
  const ignored: string[] = [];
  for (const [name, value] of query) {
    atMost(value.length, "valueLength");
    // PostgreSQL's text holds neither.
    if (value.includes("\0") || !value.isWellFormed()) throw wrongValue(name, "text");
    try {
      take(draft, type, name, value, base);
      if (name === "_count") understood.push([name, String(draft.count)]);
      else if (name !== PAGE && !passedThrough.includes(name)) understood.push([name, value]);
    } catch (error) {
      if (strict || !isUnknown(error)) throw error;
      ignored.push(name.slice(0, 60));
    }
  }
  if (strict) assertFollowed(draft);
  return { ...draft, understood, ignored };
}

/** What is found has no references of another type: nothing would ever come with it. */
function assertFollowed({ types, includes }: Draft): void {
  const [only] = includes;
  if (!only || includes.length > 1 || only.reverse || only.iterate || types.length === 0) return;
  if (only.source !== "*" && !types.includes(only.source))
    throw refused(`_include=${only.source}:${only.parameter ?? "*"}`);
}

/** What lenient handling may leave out; a value that cannot be read is no such thing. */
const isUnknown = (error: unknown): boolean =>
  error instanceof DomainError &&
  ["fhir.search-parameter", "fhir.search-modifier", "fhir.search-refused"].includes(error.code);

function take(draft: Draft, type: string | null, name: string, value: string, base: string): void {
  if (passedThrough.includes(name)) return;
  const [code = ""] = name.split(":");
  // Names come from outside: `constructor` is no parameter.
  const control = Object.hasOwn(controls, code) ? controls[code] : undefined;
  if (control) {
    if (name !== code && !name.startsWith("_include:") && !name.startsWith("_revinclude:")) {
      throw wrongModifier(code, name.slice(code.length + 1));
    }
    control(draft, value, name, type);
    return;
  }
  draft.tests.push(criterion(draft.types, name, value, base));
}

/** Across types a parameter is one that each of them has; it may look elsewhere in each. */
function criterion(types: readonly string[], name: string, value: string, base: string): Test {
  const bases = base ? [base] : [];
  const shared = types.length === 0 ? ["Resource"] : types;
  const tests = shared.map((type) => parseCriterion(type, name, value, bases));
  const [first] = tests;
  if (tests.length === 1 && first) return first;
  // `_id`, `_tag` and the like look in the same place in every type.
  const isSame = first && tests.every((test) => JSON.stringify(test) === JSON.stringify(first));
  return isSame ? first : { kind: "any", tests };
}

type Control = (draft: Draft, value: string, name: string, type: string | null) => void;

const controls: Readonly<Record<string, Control>> = {
  _type: (draft, value, _name, type) => {
    if (type !== null && value !== type) throw wrongValue("_type", type);
    if (type === null && draft.types.length === 0) throw wrongValue("_type", "[type],[type]");
  },
  _count: (draft, value) => {
    if (!/^\d{1,9}$/.test(value)) throw wrongValue("_count", "number");
    draft.count = Math.min(Number(value), limits.countMost);
    if (draft.count === 0) draft.summary = "count";
  },
  [PAGE]: (draft, value) => {
    draft.cursor = value;
  },
  _total: (draft, value) => {
    if (value !== "none" && value !== "estimate" && value !== "accurate") {
      throw wrongValue("_total", "none|estimate|accurate");
    }
    draft.total = value;
  },
  _summary: (draft, value) => {
    const known = ["true", "text", "data", "count", "false"] as const;
    const found = known.find((one) => one === value);
    if (!found) throw wrongValue("_summary", known.join("|"));
    draft.summary = found;
  },
  _elements: (draft, value) => {
    const names = value.split(",");
    if (!names.every((name) => /^[A-Za-z][A-Za-z.]{0,100}$/.test(name)))
      throw wrongValue("_elements", "name,name");
    draft.elements.push(...names);
  },
  _sort: (draft, value) => {
    if (draft.sort.length > 0) throw wrongValue("_sort", "one _sort");
    draft.sort = parseSort(draft.types, value);
  },
  _include: (draft, value, name) => {
    draft.includes.push(parseInclude(value, name, false));
    atMost(draft.includes.length, "includes");
  },
  _revinclude: (draft, value, name) => {
    draft.includes.push(parseInclude(value, name, true));
    atMost(draft.includes.length, "includes");
  },
  _contained: (_draft, value) => {
    if (value !== "false") throw refused(`_contained=${value.slice(0, 20)}`);
  },
};

function typesOf(query: readonly (readonly [string, string])[]): string[] {
  const types = query.filter(([name]) => name === "_type").flatMap(([, value]) => value.split(","));
  const unknown = types.find((one) => !isSearchable(one));
  if (unknown !== undefined) throw wrongValue("_type", "[type],[type]");
  return [...new Set(types)];
}
