/** Names of criteria: chains (`subject:Patient.organization.name`) and `_has`, to any depth allowed. */

import { DomainError } from "../../errors/domain-error.ts";
import { isSearchable } from "./definitions.ts";
import { atMost, wrongModifier, wrongValue } from "./limits.ts";
import { knownParameter, parseTest, pathsTo, targetsOf } from "./parse-test.ts";
import type { Test } from "./request.ts";

/**
 * @param type resource type that the name speaks of; `Resource` for what all types share
 * @throws DomainError with the offending name
 */
export function parseCriterion(
  type: string,
  name: string,
  value: string,
  bases: readonly string[],
  depth = 0,
): Test {
  atMost(depth, "chainDepth");
  if (name.startsWith("_has:")) return parseHas(name, value, bases, depth);
  const dot = name.indexOf(".");
  const [code = "", modifier, ...rest] = (dot < 0 ? name : name.slice(0, dot)).split(":");
  if (rest.length > 0 || modifier === "") throw wrongModifier(name, rest.join(":"));
  if (code === "_list" && modifier === undefined && dot < 0) return parseList(value);
  const parameter = knownParameter(type, code);
  if (dot < 0) return parseTest({ parameter, modifier, value, name, bases });
  if (parameter.type !== "reference") throw wrongModifier(code, name.slice(dot));
  const following = name.slice(dot + 1);
  const possible = targetsOf(parameter);
  if (modifier !== undefined && !possible.includes(modifier)) throw wrongModifier(code, modifier);
  const targets = modifier === undefined ? possible : [modifier];
  const to = targets.flatMap((target) => {
    // Without a type the chain goes through those that know the next parameter.
    const test =
      modifier === undefined && targets.length > 1
        ? unlessUnknown(() => parseCriterion(target, following, value, bases, depth + 1))
        : parseCriterion(target, following, value, bases, depth + 1);
    return test ? [{ type: target, test }] : [];
  });
  if (to.length === 0)
    throw new DomainError("fhir.search-parameter", { parameter: name.slice(0, 60) });
  const paths = to.flatMap((one) => pathsTo(parameter.paths, one.type));
  return { kind: "chain", paths: [...new Set(paths)], to };
}

/** `_has:Observation:patient:code=…`; what follows the reference may be a chain or another `_has`. */
function parseHas(name: string, value: string, bases: readonly string[], depth: number): Test {
  const match = /^_has:([A-Za-z]+):([A-Za-z-]+):(.+)$/s.exec(name);
  const [, type = "", code = "", following = ""] = match ?? [];
  if (!match || !isSearchable(type)) throw wrongModifier("_has", name.slice("_has:".length));
  const parameter = knownParameter(type, code);
  if (parameter.type !== "reference") throw wrongModifier("_has", code);
  return {
    kind: "has",
    type,
    paths: parameter.paths,
    test: parseCriterion(type, following, value, bases, depth + 1),
  };
}

function parseList(value: string): Test {
  const ids = value.split(",");
  if (!ids.every((id) => /^[A-Za-z0-9.-]{1,64}$/.test(id))) throw wrongValue("_list", "[id]");
  return { kind: "list", ids };
}

function unlessUnknown(parse: () => Test): Test | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof DomainError && error.code === "fhir.search-parameter") return undefined;
    throw error;
  }
}
