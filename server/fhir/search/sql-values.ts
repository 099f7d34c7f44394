/** Conditions on one row of an index table (alias `t`), by the kind of value. */
import type { PathEntry } from "./definitions.ts";
import { codeHash, hash32, hash64, systemHash } from "./hash.ts";
import type { InstantRange } from "./instant-range.ts";
import { cut, normaliseText } from "./normal-text.ts";
import { targetHash, typeHash } from "./reference-value.ts";
import type { DateValue, NumberValue, Test, TokenValue } from "./request.ts";
import { anyOf, hashesIn, numbersIn, type Statement } from "./statement.ts";
import { baseUnitOf, inBaseUnit } from "./units.ts";

type Of<Kind extends Test["kind"]> = Extract<Test, { kind: Kind }>;

export const slotsIn = (t: string, paths: readonly PathEntry[], sub = ""): string =>
  numbersIn(
    `${t}.slot`,
    paths.map(({ slot }) => hash32(slot + sub)),
  );

export function tokenCondition(
  t: string,
  values: readonly TokenValue[],
  statement: Statement,
): string {
  const anySystem = values.filter(({ system, code }) => system === undefined && code !== undefined);
  const conditions = values
    .filter(({ system }) => system !== undefined)
    .map(({ system, code }) => {
      const ofSystem = `${t}.system = ${systemHash(system)}`;
      return code === undefined
        ? ofSystem
        : `(${hashesIn(`${t}.code`, [codeHash(code)], statement)} AND ${ofSystem})`;
    });
  if (anySystem.length > 0) {
    conditions.push(
      hashesIn(
        `${t}.code`,
        anySystem.map(({ code }) => codeHash(code ?? "")),
        statement,
      ),
    );
  }
  return anyOf(conditions);
}

/** Everything that begins with the text: a range that a btree in collation C answers. */
function startsWith(t: string, text: string, statement: Statement): string {
  return `(${t}.value >= ${statement.bind(text)} AND ${t}.value < ${statement.bind(`${text}\u{10FFFF}`)})`;
}

export function stringCondition(
  t: string,
  values: readonly string[],
  match: Of<"string">["match"],
  statement: Statement,
): string {
  return anyOf(
    values.map((value) => {
      const text = normaliseText(value);
      if (match === "exact") {
        return `(${t}.value = ${statement.bind(text)} AND ${hashesIn(`${t}.exact`, [hash64(value)], statement)})`;
      }
      if (match === "contains") return `position(${statement.bind(text)} in ${t}.value) > 0`;
      return startsWith(t, text, statement);
    }),
  );
}

export function uriCondition(
  t: string,
  values: readonly string[],
  match: Of<"uri">["match"],
  statement: Statement,
): string {
  return anyOf(
    values.flatMap((value) => {
      const exact = (uri: string) =>
        `(${t}.value = ${statement.bind(cut(uri))} AND ${hashesIn(`${t}.exact`, [hash64(uri)], statement)})`;
      if (match === "equal") return [exact(value)];
      if (match === "above") return prefixesOf(value).map(exact);
      const folder = value.endsWith("/") ? value : `${value}/`;
      return [exact(value), startsWith(t, cut(folder), statement)];
    }),
  );
}

/** `http://a/b/c` and what it lies under, with and without the slash. */
function prefixesOf(uri: string): string[] {
  const found = [uri];
  const start = uri.indexOf("://") < 0 ? 0 : uri.indexOf("://") + 3;
  for (let at = uri.lastIndexOf("/"); at >= start; at = uri.lastIndexOf("/", at - 1)) {
    found.push(uri.slice(0, at + 1), uri.slice(0, at));
  }
  return [...new Set(found)].slice(0, 60);
}

/** https://hl7.org/fhir/R4/search.html#prefix, for two half-open intervals. */
export function dateCondition(
  t: string,
  values: readonly DateValue[],
  now: Date,
  statement: Statement,
): string {
  return anyOf(
    values.map((value) => dateComparison(`${t}.low`, `${t}.high`, value, now, statement)),
  );
}

export function dateComparison(
  low: string,
  high: string,
  { prefix, range }: DateValue,
  now: Date,
  statement: Statement,
): string {
  const at = (instant: string) => `${statement.bind(instant)}::timestamptz`;
  const L = () => at(range.low);
  const H = () => at(range.high);
  switch (prefix) {
    case "eq":
      return `(${low} >= ${L()} AND ${low} < ${H()} AND ${high} <= ${H()})`;
    case "ne":
      return `(${low} < ${L()} OR ${high} > ${H()})`;
    case "gt":
      return `${high} > ${H()}`;
    case "lt":
      return `${low} < ${L()}`;
    case "ge":
      return `(${high} > ${L()} AND (${high} > ${H()} OR ${low} >= ${L()}))`;
    case "le":
      return `(${low} < ${H()} AND (${low} < ${L()} OR ${high} <= ${H()}))`;
    case "sa":
      return `${low} >= ${H()}`;
    case "eb":
      return `${high} <= ${L()}`;
    case "ap": {
      const near = widened(range, now);
      return `(${low} < ${at(near.high)} AND ${high} > ${at(near.low)})`;
    }
  }
}

/** "About" is a tenth of the time between then and now on both sides, as R4 recommends. */
function widened({ low, high }: InstantRange, now: Date): InstantRange {
  const from = Date.parse(low);
  const to = Date.parse(high);
  const slack = Math.abs(now.getTime() - from) / 10;
  return { low: new Date(from - slack).toISOString(), high: new Date(to + slack).toISOString() };
}

export function numberCondition(
  t: string,
  values: readonly NumberValue[],
  statement: Statement,
): string {
  return anyOf(values.map((value) => numberOf(t, value, statement)));
}

function numberOf(t: string, value: NumberValue, statement: Statement): string {
  const { system, code } = value;
  const base = baseUnitOf(system, code);
  if (base) {
    const inBase = {
      ...value,
      value: inBaseUnit(value.value, base),
      low: inBaseUnit(value.low, base),
      high: inBaseUnit(value.high, base),
    };
    const compared = comparison(`${t}.base_low`, `${t}.base_high`, inBase, statement);
    return `(${t}.dimension = ${hash32(base.dimension)} AND ${compared})`;
  }
  const compared = comparison(`${t}.low`, `${t}.high`, value, statement);
  if (code === undefined && system === undefined) return compared;
  const conditions = [compared];
  if (system !== undefined) conditions.push(`${t}.system = ${systemHash(system)}`);
  if (code !== undefined) {
    const unit = statement.bind(hash64(code));
    const byText = system === undefined ? ` OR ${t}.unit = ${unit}::bigint` : "";
    conditions.push(`(${t}.code = ${unit}::bigint${byText})`);
  }
  return `(${conditions.join(" AND ")})`;
}

/** Converted values differ in the last digits: that is no difference. */
const ROUNDING = 1e-9;

function comparison(
  low: string,
  high: string,
  { prefix, value, low: from, high: to }: NumberValue,
  statement: Statement,
): string {
  const slack = Math.abs(value) * ROUNDING;
  const at = (number: number) => `${statement.bind(String(number))}::float8`;
  switch (prefix) {
    case "eq":
      return `(${low} >= ${at(from - slack)} AND ${low} < ${at(to + slack)} AND ${high} < ${at(to + slack)})`;
    case "ne":
      return `(${low} < ${at(from - slack)} OR ${high} >= ${at(to + slack)})`;
    case "gt":
      return `${high} > ${at(value + slack)}`;
    case "lt":
      return `${low} < ${at(value - slack)}`;
    case "ge":
      return `${high} >= ${at(value - slack)}`;
    case "le":
      return `${low} <= ${at(value + slack)}`;
    case "sa":
      return `${low} > ${at(value + slack)}`;
    case "eb":
      return `${high} < ${at(value - slack)}`;
    case "ap": {
      const near = Math.max(Math.abs(value) / 10, (to - from) / 2);
      return `(${low} <= ${at(value + near)} AND ${high} >= ${at(value - near)})`;
    }
  }
}

export function referenceCondition(
  t: string,
  { values, paths }: Of<"reference">,
  statement: Statement,
): string {
  const targets = hashesIn(
    `${t}.target`,
    values.flatMap((value) => value.targets.map(targetHash)),
    statement,
  );
  return onlyTypes(t, paths, targets);
}

/** `patient` looks into `subject` and takes only patients. */
export function onlyTypes(t: string, paths: readonly PathEntry[], condition: string): string {
  const types = [...new Set(paths.map(({ only }) => only))];
  if (types.includes(undefined)) return condition;
  return `${condition} AND ${numbersIn(
    `${t}.type`,
    types.map((type) => typeHash(type ?? "")),
  )}`;
}
