/** The elements that a path of a FHIRPath Patch names. */
import { createRequire } from "node:module";
import type { DomainError } from "../../../errors/domain-error.ts";
import type { FhirResource } from "../resource.ts";
import { childrenOf, type Place, rootOf, valueAt } from "./places.ts";

type Step =
  | { kind: "child"; name: string }
  | { kind: "index"; index: number }
  | { kind: "function"; name: string; argument: string };
type Fail = (why: string) => DomainError;

const pathMax = 1000;
/**
 * What R4 calls simple FHIRPath, and what a condition needs. Left out is what costs without bound (descendants,
 * repeat, regular expressions), what leads outside the resource, and what makes values of its own.
 */
const functions: ReadonlySet<string> = new Set([
  ...[
    "where",
    "first",
    "last",
    "tail",
    "skip",
    "take",
    "single",
    "ofType",
    "as",
    "is",
    "extension",
  ],
  ...["exists", "empty", "not", "count", "hasValue", "startsWith", "endsWith", "contains"],
  ...["lower", "upper", "length", "toString", "and", "or", "xor", "in"],
]);

/** @throws what `fail` throws for a path that cannot be read or uses what is not taken */
export function locate(resource: FhirResource, path: string, fail: Fail): Place[] {
  if (path.trim() === "") throw fail("its path is empty");
  if (path.length > pathMax) throw fail("its path cannot be read");
  const steps = stepsOf(path);
  const quick = steps ? walk(resource, steps) : null;
  return quick ?? evaluated(resource, path, fail);
}

/** Names, places in lists and the commonest functions; null for anything more. */
function stepsOf(path: string): Step[] | null {
  const steps: Step[] = [];
  const pattern =
    /\s*(?:\.\s*)?(?:([A-Za-z_]\w*)\s*(\((?:[^()'"]|'[^'\\]*')*\))?|\[\s*(\d{1,6})\s*\])/gy;
  const end = path.trimEnd().length;
  while (pattern.lastIndex < end) {
    const found = pattern.exec(path);
    if (!found) return null;
    const [, name = "", call, index] = found;
    if (name === "__proto__") return null;
    if (index !== undefined) steps.push({ kind: "index", index: Number(index) });
    else if (call) steps.push({ kind: "function", name, argument: call.slice(1, -1).trim() });
    else if (/^(as|is|and|or|in|contains)$/.test(name)) return null;
    else steps.push({ kind: "child", name });
  }
  return steps;
}

function walk(resource: FhirResource, steps: readonly Step[]): Place[] | null {
  let places: Place[] | null = [rootOf(resource)];
  const [first] = steps;
  const own = first?.kind === "child" && first.name === resource.resourceType;
  for (const step of own ? steps.slice(1) : steps) {
    places = take(places, step);
    if (!places) return null;
  }
  return places;
}

function take(places: readonly Place[], step: Step): Place[] | null {
  if (step.kind === "index") return places.slice(step.index, step.index + 1);
  if (step.kind === "child") return places.flatMap((place) => childrenOf(place, step.name));
  const quoted = /^'([^'\\]*)'$/.exec(step.argument)?.[1];
  switch (step.name) {
    case "first":
      return step.argument === "" ? places.slice(0, 1) : null;
    case "last":
      return step.argument === "" ? places.slice(-1) : null;
    case "extension":
      return quoted === undefined
        ? null
        : places
            .flatMap((place) => childrenOf(place, "extension"))
            .filter((place) => (valueAt(place) as { url?: unknown })?.url === quoted);
    case "where": {
      const [, name, wanted] = /^([a-z]\w*)\s*=\s*'([^'\\]*)'$/.exec(step.argument) ?? [];
      if (name === undefined) return null;
      return places.filter((place) =>
        childrenOf(place, name).some((child) => valueAt(child) === wanted),
      );
    }
    default:
      return null;
  }
}

type Node = {
  readonly parentResNode?: Node | null;
  readonly propName?: string | null;
  readonly index?: number | null;
};
type Library = {
  compile: (path: string, model: unknown, options: object) => (resource: unknown) => unknown;
};
let library: { fhirpath: Library; model: unknown } | undefined;

/** By the evaluator itself, which says of each element where it found it. Loaded when a path first needs it. */
function evaluated(resource: FhirResource, path: string, fail: Fail): Place[] {
  assertSimple(path, fail);
  const nodes: Node[] = [];
  const here = {
    fn: (found: Node[]) => {
      nodes.push(...found);
      return found;
    },
    arity: { 0: [] },
    internalStructures: true,
  };
  try {
    if (!library) {
      const require = createRequire(import.meta.url);
      library = { fhirpath: require("fhirpath"), model: require("fhirpath/fhir-context/r4") };
    }
    library.fhirpath.compile(`(${path}).here()`, library.model, {
      userInvocationTable: { here },
      resolveInternalTypes: false,
    })(resource);
  } catch {
    throw fail("its path cannot be read");
  }
  return nodes.map((node) => {
    const place = placeOf(resource, node);
    if (!place) throw fail("its path makes a value of its own");
    return place;
  });
}

function assertSimple(path: string, fail: Fail): void {
  const bare = path.replaceAll(/'(?:[^'\\]|\\.)*'/g, "''");
  if (/[%@"`|{}]|\/\/|\/\*|\bhere\b|__proto__|\$total/.test(bare))
    throw fail("its path uses what is not taken");
  let depth = 0;
  for (const sign of bare) {
    depth += sign === "(" ? 1 : sign === ")" ? -1 : 0;
    if (depth < 0 || depth > 10) throw fail("its path cannot be read");
  }
  for (const [, name = ""] of bare.matchAll(/([A-Za-z_]\w*)\s*\(/g))
    if (!functions.has(name)) throw fail(`its path uses ${name}(), which is not taken`);
}

function placeOf(resource: FhirResource, node: Node): Place | null {
  const steps: { name: string; index: number | null }[] = [];
  let one: Node = node;
  while (one.parentResNode) {
    if (typeof one.propName !== "string") return null;
    steps.unshift({ name: one.propName, index: one.index ?? null });
    one = one.parentResNode;
  }
  // A number or a text that was computed stands nowhere.
  if (steps.length === 0 && (one as { data?: unknown }).data !== resource) return null;
  let place: Place | undefined = rootOf(resource);
  for (const { name, index } of steps) {
    place = childrenOf(place, name)[index ?? 0];
    if (!place) return null;
  }
  return place;
}
