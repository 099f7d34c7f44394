/** Invariants of the definitions: by hand where that exists, else FHIRPath compiled at first use. */
import { createRequire } from "node:module";
import { type InvariantDefinition, isResourceType } from "../definitions/types.ts";
import { quickInvariants } from "./quick-invariants.ts";
import { isObject, type Json, type Run } from "./run.ts";

/** Reports when the value does not keep it. */
export type Invariant = (value: unknown, run: Run) => void;

/** Checked with the structure, in xhtml.ts, references.ts and whole.ts; Bundles (bdl-*) in bundle.ts. */
const ELSEWHERE = new Set(["ele-1", "ext-1", "txt-1", "txt-2", "ref-1", "eld-3"]);
/** As written they judge what a conforming resource may well be, or cannot be evaluated here. */
const LEFT_OUT = new Set<string>(["dom-r4b"]);

/** About 150 ms. HL7's largest examples take some hundred. */
const EVALUATIONS_MAX = 3_000;

/** The rule `-0` of every definitional resource. */
const NAME_RULE = "name.matches('[A-Z]([A-Za-z0-9_]){0,254}')";
const hasComputableName = ({ name }: Json) =>
  typeof name !== "string" || /[A-Z]([A-Za-z0-9_]){0,254}/.test(name);

type Evaluate = (value: unknown, environment: Record<string, unknown>) => readonly unknown[];

/**
 * @param base path of the element in the definitions, for example `Timing.repeat`
 * @returns undefined when the invariant is checked elsewhere
 */
export function invariantOf(definition: InvariantDefinition, base: string): Invariant | undefined {
  const { key, severity, human, expression } = definition;
  if (ELSEWHERE.has(key) || LEFT_OUT.has(key) || key.startsWith("bdl-")) return undefined;
  const quick =
    quickInvariants[`${base}:${key}`] ??
    quickInvariants[key] ??
    (expression === NAME_RULE ? hasComputableName : undefined);
  const fails = quick
    ? (value: unknown, run: Run) => isObject(value) && !quick(value, run)
    : byPath(definition, base);
  return (value, run) => {
    if (fails(value, run)) run.report(severity, "invariant", `${human} (${key})`);
  };
}

function byPath({ expression }: InvariantDefinition, base: string) {
  let evaluate: Evaluate | undefined;
  return (value: unknown, run: Run): boolean => {
    run.evaluations += 1;
    if (run.evaluations >= EVALUATIONS_MAX) {
      if (run.evaluations === EVALUATIONS_MAX) {
        run.error("too-costly", "has too many elements with rules that are slow to judge");
      }
      return false;
    }
    evaluate ??= compilePath(expression, base);
    try {
      const [found] = evaluate(value, environmentOf(run));
      // Nothing to compare is nothing to reproach.
      return found === false;
    } catch {
      // The value is not what the expression expects, which is reported as such.
      return false;
    }
  };
}

function environmentOf({ resource, scope }: Run): Record<string, unknown> {
  return { resource, rootResource: scope?.resource ?? resource };
}

type FhirPath = {
  compile: (
    path: string | { base: string; expression: string },
    model: unknown,
    options?: { traceFn?: () => void },
  ) => Evaluate;
};

let library: { fhirpath: FhirPath; model: unknown } | undefined;

/** The evaluator takes 30 MB and a third of a second to load: only when something needs it. */
function loaded(): NonNullable<typeof library> {
  if (!library) {
    const require = createRequire(import.meta.url);
    library = { fhirpath: require("fhirpath"), model: require("fhirpath/fhir-context/r4") };
  }
  return library;
}

/** Compiles a FHIRPath expression that is evaluated on elements of the given path. */
export function compilePath(expression: string, base: string): Evaluate {
  const { fhirpath, model } = loaded();
  // A trace would write what it sees to the log.
  const plain = expression.replace(/\.trace\('[^']*'(, *[^)]*)?\)/g, "");
  // A resource says itself what it is.
  const path = base === "" || isResourceType(base) ? plain : { base, expression: plain };
  return fhirpath.compile(path, model);
}
