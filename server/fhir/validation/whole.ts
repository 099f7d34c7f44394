/** Rules of types and elements that R4 states in words and no invariant: looked at after the elements. */
import { codeSystem } from "../definitions/value-sets.ts";
import { checkCodeOf, checkCoding } from "./codes.ts";
import { compilePath } from "./invariants.ts";
import { type Json, noteFragment, objectsOf, type Run } from "./run.ts";

export type Whole = (value: Json, run: Run) => void;

const UCUM = "http://unitsofmeasure.org";
/** The maximum value sets of Duration and Distance ask for what UCUM can convert to a and m. */
const TIME_UNIT = /^(?:[YZEPTGMkhcmunpfazy]|d[a]?)?s$|^(?:min|h|d|wk|mo|mo_[jsg]|a|a_[tjg])$/;
const LENGTH_UNIT = /^(?:[YZEPTGMkhcmunpfazy]|d[a]?)?m$|^\[[a-z_]+\]$|^(?:Ao|AU|pc|\[ly\])$/;
const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]*:/;
/** Samples: decimals, or E (error), L (below) and U (above the limit). */
const SAMPLES =
  /^\s*(?:[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|[ELU])(?:\s+(?:[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|[ELU]))*\s*$/;

/** @param path a type's name, or the path of an element with elements of its own */
export function whole(path: string): Whole | undefined {
  return RULES[path];
}

const RULES: Readonly<Record<string, Whole>> = {
  Reference: ({ reference }, run) => {
    if (typeof reference === "string" && reference.startsWith("#")) noteFragment(reference, run);
  },
  Coding: checkCoding,
  Identifier: ({ system, value }, run) => {
    if (typeof system !== "string") return;
    if (!ABSOLUTE.test(system)) run.error("value", "must be an absolute address", "system");
    if (system === "urn:ietf:rfc:3986" && typeof value === "string" && !ABSOLUTE.test(value)) {
      run.error("value", "must be an absolute address, as its system says", "value");
    }
  },
  Quantity: ({ system }, run) => {
    if (typeof system === "string" && !ABSOLUTE.test(system)) {
      run.error("value", "must be an absolute address", "system");
    }
  },
  Duration: unitOf(TIME_UNIT, "time"),
  Distance: unitOf(LENGTH_UNIT, "length"),
  Attachment: ({ data, size }, run) => {
    if (typeof data !== "string" || typeof size !== "number") return;
    const bytes = Buffer.byteLength(data.replace(/\s+/g, ""), "base64");
    if (bytes !== size) run.error("value", `says ${size} bytes, but the data are ${bytes}`, "size");
  },
  SampledData: ({ data }, run) => {
    if (typeof data === "string" && !SAMPLES.test(data)) {
      run.error("value", "must be numbers, E, L or U with blanks between them", "data");
    }
  },
  Expression: ({ language, expression }, run) => {
    // Elsewhere than in definitions people write what their own engine reads.
    if (language === "text/fhirpath") checkPath(expression, run, "expression", "warning");
  },
  ElementDefinition: ({ max }, run) => {
    if (typeof max === "string" && !/^(\*|\d+)$/.test(max)) {
      run.error("invariant", "must be a number or * (eld-3)", "max");
    }
  },
  "ElementDefinition.constraint": ({ expression }, run) => checkPath(expression, run, "expression"),
  SearchParameter: ({ expression }, run) => checkPath(expression, run, "expression"),
  "ValueSet.compose.include": checkConcepts,
  "ValueSet.compose.exclude": checkConcepts,
  CodeSystem: (it, run) => {
    const codes = codesIn(it.concept);
    if (new Set(codes).size < codes.length) {
      run.error("duplicate", "the same code is defined twice", "concept");
    }
    if (it.content === "complete" && typeof it.count === "number" && codes.length !== it.count) {
      run.warn("value", `says ${it.count} codes, but there are ${codes.length}`, "count");
    }
  },
};

/** UCUM codes of one kind; a unit without a code is only read by people. */
function unitOf(units: RegExp, kind: string): Whole {
  return ({ system, code }, run) => {
    if (system !== UCUM || typeof code !== "string" || units.test(code)) return;
    run.error("code-invalid", `is not a unit of ${kind}`, "code");
  };
}

/** Codes of a system that is known here. */
function checkConcepts({ system, concept }: Json, run: Run): void {
  if (typeof system !== "string") return;
  if (!codeSystem(system)) return;
  objectsOf(concept).forEach(({ code }, index) => {
    if (typeof code !== "string") return;
    run.path.push("concept", index);
    checkCodeOf(system, code, run);
    run.path.length -= 2;
  });
}

function codesIn(concepts: unknown): unknown[] {
  return objectsOf(concepts).flatMap(({ code, concept }) => [code, ...codesIn(concept)]);
}

/** That an expression can be read; it is not evaluated. */
function checkPath(
  expression: unknown,
  run: Run,
  name: string,
  severity: "error" | "warning" = "error",
): void {
  if (typeof expression !== "string" || expression.length > PATH_LENGTH_MAX) return;
  try {
    compilePath(expression, "");
  } catch {
    run.report(severity, "value", "is not FHIRPath that can be read", name);
  }
}

/** Longer ones would cost more to read than they are worth. */
const PATH_LENGTH_MAX = 2_000;
