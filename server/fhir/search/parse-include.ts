import { isSearchable } from "./definitions.ts";
import { wrongModifier, wrongValue } from "./limits.ts";
import { knownParameter, targetsOf } from "./parse-test.ts";
import type { Include } from "./request.ts";

/**
 * `Observation:subject`, `Observation:subject:Patient`, `Observation:*`; `*` alone follows every
 * reference (or, reversed, finds whatever points here).
 */
export function parseInclude(value: string, name: string, reverse: boolean): Include {
  const modifier = name.split(":")[1];
  // STU3 called it `recurse`.
  if (modifier !== undefined && modifier !== "iterate" && modifier !== "recurse") {
    throw wrongModifier(name.split(":")[0] ?? "", modifier);
  }
  const iterate = modifier !== undefined;
  if (value === "*")
    return { source: "*", parameter: undefined, target: undefined, iterate, reverse };
  const [source = "", code = "", target, ...rest] = value.split(":");
  const form = "[type]:[parameter]:[type]";
  if (!isSearchable(source) || code === "" || rest.length > 0) throw wrongValue(name, form);
  if (target !== undefined && !isSearchable(target)) throw wrongValue(name, form);
  if (code === "*") return { source, parameter: undefined, target, iterate, reverse };
  const parameter = knownParameter(source, code);
  if (parameter.type !== "reference") throw wrongValue(name, form);
  if (target !== undefined && !targetsOf(parameter).includes(target)) throw wrongValue(name, form);
  return { source, parameter: code, target, iterate, reverse };
}
