/** One search parameter with its modifier and values, as a test that a resource meets or not. */
import { type ParameterEntry, type PathEntry, parameterOf } from "./definitions.ts";
import { splitEscaped, unescapeValue } from "./escape.ts";
import { ofTypeHash } from "./hash.ts";
import { atMost, refused, unknownParameter, wrongModifier, wrongValue } from "./limits.ts";
import {
  parseDate,
  parseNear,
  parseNumber,
  parseOfType,
  parseQuantity,
  parseReference,
  parseToken,
} from "./parse-value.ts";
import type { CompositePlace, Test } from "./request.ts";

/** Parameters that R4 names and that are not offered; refused by name, never ignored. */
export const notOffered = ["_text", "_content", "_query", "_filter", "_containedType"];

export type Asked = {
  readonly parameter: ParameterEntry;
  /** Without the colon; undefined when there is none. */
  readonly modifier: string | undefined;
  readonly value: string;
  /** As written, for refusals. */
  readonly name: string;
  readonly bases: readonly string[];
};

/**
 * @throws DomainError `fhir.search-parameter` when the type has no such parameter
 */
export function knownParameter(type: string, code: string): ParameterEntry {
  if (notOffered.includes(code)) throw refused(code);
  const parameter = parameterOf(type, code);
  if (!parameter) throw unknownParameter(code);
  return parameter;
}

/** @throws DomainError `fhir.search-value`, `fhir.search-modifier` or `fhir.search-limit` */
export function parseTest(asked: Asked): Test {
  const { parameter, modifier, name } = asked;
  const values = splitEscaped(asked.value, ",");
  atMost(values.length, "valuesPerParameter");
  if (asked.value === "" || values.includes("")) throw wrongValue(name, "a value");
  if (modifier === "missing") return missing(asked);
  if (parameter.code === "_id") {
    if (modifier) throw wrongModifier(name, modifier);
    return { kind: "id", ids: values.map((value) => parseToken(value, name).code ?? "") };
  }
  if (parameter.code === "_lastUpdated") {
    if (modifier) throw wrongModifier(name, modifier);
    return { kind: "updated", values: values.map((value) => parseDate(value, name)) };
  }
  const parse = parsers[parameter.type];
  if (!parse) throw refused(name);
  return parse(asked, values);
}

type Parser = (asked: Asked, values: readonly string[]) => Test;

const token: Parser = ({ parameter: { paths }, modifier, name }, values) => {
  switch (modifier) {
    case undefined:
    case "not":
      return {
        kind: "token",
        paths,
        values: values.map((value) => parseToken(value, name)),
        not: modifier === "not",
      };
    case "text":
      return { kind: "text", paths, values: values.map(unescapeValue) };
    case "of-type":
      if (!paths.some(({ type }) => type === "Identifier")) throw wrongModifier(name, modifier);
      return {
        kind: "of-type",
        paths,
        hashes: values.map((value) => {
          const asked = parseOfType(value, name);
          return ofTypeHash(asked.system, asked.code, asked.value);
        }),
      };
    case "in":
    case "not-in":
    case "above":
    case "below":
      return {
        kind: "value-set",
        paths,
        relation: modifier,
        values: values.map(unescapeValue),
        parameter: name,
      };
    default:
      throw wrongModifier(name, modifier);
  }
};

const string: Parser = ({ parameter: { paths }, modifier, name }, values) => {
  const match = modifier === undefined ? "starts" : modifier;
  if (match !== "starts" && match !== "exact" && match !== "contains")
    throw wrongModifier(name, match);
  return { kind: "string", paths, values: values.map(unescapeValue), match };
};

const uri: Parser = ({ parameter: { paths }, modifier, name }, values) => {
  const match = modifier === undefined || modifier === "not" ? "equal" : modifier;
  if (match !== "equal" && match !== "above" && match !== "below") throw wrongModifier(name, match);
  return { kind: "uri", paths, values: values.map(unescapeValue), match, not: modifier === "not" };
};

const date: Parser = ({ parameter: { paths }, modifier, name }, values) => {
  if (modifier) throw wrongModifier(name, modifier);
  return {
    kind: "date",
    paths,
    values: values.map((value) => parseDate(unescapeValue(value), name)),
  };
};

const number: Parser = ({ parameter: { paths }, modifier, name }, values) => {
  if (modifier) throw wrongModifier(name, modifier);
  return { kind: "number", paths, values: values.map((value) => parseNumber(value, name)) };
};

const quantity: Parser = ({ parameter: { paths }, modifier, name }, values) => {
  if (modifier) throw wrongModifier(name, modifier);
  return { kind: "number", paths, values: values.map((value) => parseQuantity(value, name)) };
};

const reference: Parser = ({ parameter, modifier, name, bases }, values) => {
  const { paths } = parameter;
  const targets = targetsOf(parameter);
  if (modifier === "identifier") {
    return { kind: "logical", paths, values: values.map((value) => parseToken(value, name)) };
  }
  if (modifier === "text") return { kind: "text", paths, values: values.map(unescapeValue) };
  const not = modifier === "not";
  const only = not ? undefined : modifier;
  if (only !== undefined && !targets.includes(only)) throw wrongModifier(name, only);
  return {
    kind: "reference",
    paths,
    values: values.map((value) => parseReference(value, name, targets, only, bases)),
    not,
  };
};

const special: Parser = ({ parameter: { paths }, modifier, name }, values) => {
  if (modifier) throw wrongModifier(name, modifier);
  return { kind: "near", paths, values: values.map((value) => parseNear(value, name)) };
};

const composite: Parser = ({ parameter, modifier, name, bases }, values) => {
  if (modifier) throw wrongModifier(name, modifier);
  const places = (parameter.composites ?? []).map(
    (components): CompositePlace => ({
      values: values.map((value) => {
        const parts = splitEscaped(value, "$");
        if (parts.length !== components.length)
          throw wrongValue(name, components.map(({ type }) => type).join("$"));
        return components.map((component, index) => ({
          sameItem: component.sameItem,
          test: parseTest({
            parameter: { code: parameter.code, type: component.type, paths: component.paths },
            modifier: undefined,
            value: parts[index] ?? "",
            name,
            bases,
          }),
        }));
      }),
    }),
  );
  return { kind: "composite", places };
};

const parsers: Readonly<Record<string, Parser>> = {
  token,
  string,
  uri,
  date,
  number,
  quantity,
  reference,
  composite,
  special,
};

function missing({ parameter, value, name }: Asked): Test {
  if (value !== "true" && value !== "false") throw wrongValue(name, "true|false");
  if (
    parameter.type === "composite" ||
    parameter.code === "_id" ||
    parameter.code === "_lastUpdated"
  ) {
    throw wrongModifier(name, "missing");
  }
  return { kind: "missing", parameter, paths: parameter.paths, missing: value === "true" };
}

/** Types that a reference parameter may point to; what `resolve() is` demands decides. */
export function targetsOf(parameter: ParameterEntry): readonly string[] {
  const demanded = parameter.paths.map(({ only }) => only);
  return demanded.every((only) => only !== undefined)
    ? [...new Set(demanded as readonly string[])]
    : (parameter.targets ?? []);
}

/** Paths of a parameter towards one target type. */
export const pathsTo = (paths: readonly PathEntry[], type: string): PathEntry[] =>
  paths.filter(({ only }) => only === undefined || only === type);
