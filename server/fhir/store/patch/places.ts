import { type ElementDefinition, typeDefinition } from "../../definitions/types.ts";
import type { FhirResource } from "../resource.ts";

/** Where an element stands: `holder[key]`. The resource itself has the key null. */
export type Place = {
  readonly holder: Record<string, unknown> | unknown[];
  readonly key: string | null;
  /** What the definitions say about the element; null when they do not know it. */
  readonly shape: { readonly type: string; readonly block: string } | null;
  /** Takes the list away from its holder when it became empty. */
  readonly dropList?: () => void;
};

type Step =
  | { kind: "child"; name: string }
  | { kind: "index"; index: number }
  | { kind: "function"; name: string; argument: string };
type Fail = (why: string) => never;

/**
 * The elements that a path of a FHIRPath Patch names. Taken is what a patch needs: child elements,
 * `[n]`, `first()`, `last()`, `where(element = 'value' and …)`, `extension('url')`, `ofType(Type)`.
 */
export function locate(resource: FhirResource, path: string, fail: Fail): Place[] {
  const steps = stepsOf(path, fail);
  const root: Place = {
    holder: resource as Record<string, unknown>,
    key: null,
    shape: { type: resource.resourceType, block: "" },
  };
  const [first] = steps;
  if (first?.kind === "child" && first.name === resource.resourceType) steps.shift();
  let places: Place[] = [root];
  for (const step of steps) places = take(places, step, fail);
  return places;
}

/** Whether the definitions make an element of this name a list there. */
export function isList(place: Place, name: string): boolean {
  const element = place.shape ? elementOf(place.shape, name) : undefined;
  return element ? element.max === null || element.max > 1 : name === "extension";
}

function stepsOf(path: string, fail: Fail): Step[] {
  const steps: Step[] = [];
  const pattern =
    /\s*(?:\.\s*)?(?:([A-Za-z_]\w*)\s*(\((?:[^()'"]|'[^']*'|"[^"]*"|\([^()]*\))*\))?|\[\s*(\d{1,6})\s*\])/gy;
  while (pattern.lastIndex < path.trimEnd().length) {
    const found = pattern.exec(path);
    if (!found || path.length > 1000) return fail("its path cannot be read");
    const [, name, call, index] = found;
    if (index !== undefined) steps.push({ kind: "index", index: Number(index) });
    else if (call)
      steps.push({ kind: "function", name: name!, argument: call.slice(1, -1).trim() });
    else if (name === "__proto__") return fail("its path cannot be read");
    else steps.push({ kind: "child", name: name! });
  }
  return steps.length > 0 ? steps : fail("its path is empty");
}

function take(places: readonly Place[], step: Step, fail: Fail): Place[] {
  if (step.kind === "index") return places.slice(step.index, step.index + 1);
  if (step.kind === "child") return places.flatMap((place) => childrenOf(place, step.name));
  const { argument } = step;
  switch (step.name) {
    case "first":
      return places.slice(0, 1);
    case "last":
      return places.slice(-1);
    case "where":
      return places.filter((place) => holds(valueAt(place), argument, fail));
    case "extension":
      return places
        .flatMap((place) => childrenOf(place, "extension"))
        .filter((place) => (valueAt(place) as { url?: unknown })?.url === literal(argument, fail));
    case "ofType":
    case "as":
      return places.filter((place) => place.shape?.type === argument.replace(/^FHIR\./, ""));
    default:
      return fail(`its path uses ${step.name}(), which is not taken`);
  }
}

export function valueAt(place: Place): unknown {
  return place.key === null ? place.holder : (place.holder as Record<string, unknown>)[place.key];
}

function childrenOf(place: Place, name: string): Place[] {
  const value = valueAt(place);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  const holder = value as Record<string, unknown>;
  const element = place.shape ? elementOf(place.shape, name) : undefined;
  const key = element?.isChoice
    ? Object.keys(holder).find((one) => one.startsWith(name) && choiceType(element, one) !== null)
    : name;
  if (key === undefined || !Object.hasOwn(holder, key)) return [];
  const shape = element && place.shape ? shapeOf(place.shape, element, key) : null;
  const child = holder[key];
  if (!Array.isArray(child)) return [{ holder, key, shape }];
  const dropList = () => {
    delete holder[key];
  };
  return child.map((_, index) => ({ holder: child, key: String(index), shape, dropList }));
}

function elementOf(
  shape: { type: string; block: string },
  name: string,
): ElementDefinition | undefined {
  return typeDefinition(shape.type)?.blocks[shape.block]?.find((one) => one.name === name);
}

function choiceType(element: ElementDefinition, key: string): string | null {
  const wanted = key.slice(element.name.length);
  return (
    element.types.find((one) => one.code[0]?.toUpperCase() + one.code.slice(1) === wanted)?.code ??
    null
  );
}

function shapeOf(shape: { type: string; block: string }, element: ElementDefinition, key: string) {
  if (element.block !== undefined) return { type: shape.type, block: element.block };
  const type = element.isChoice ? choiceType(element, key) : element.types[0]?.code;
  return type ? { type, block: "" } : null;
}

/** `a.b = 'x'`, `a = true`, `a.exists()`, joined by `and`. */
function holds(value: unknown, condition: string, fail: Fail): boolean {
  return condition.split(/\s+and\s+/).every((part) => {
    const exists = /^([\w.]+)\.exists\(\)$/.exec(part.trim());
    if (exists) return pick(value, exists[1]!).length > 0;
    const equal = /^([\w.$]+)\s*=\s*(.+)$/.exec(part.trim());
    if (!equal) return fail("its where() is not an equality");
    const wanted = literal(equal[2]!, fail);
    return pick(value, equal[1]!).includes(wanted);
  });
}

function pick(value: unknown, path: string): unknown[] {
  return path.split(".").reduce<unknown[]>(
    (found, name) =>
      name === "$this"
        ? found
        : found.flatMap((one) => {
            const child =
              typeof one === "object" && one !== null && Object.hasOwn(one, name)
                ? (one as Record<string, unknown>)[name]
                : undefined;
            return child === undefined ? [] : Array.isArray(child) ? child : [child];
          }),
    [value],
  );
}

function literal(text: string, fail: Fail): string | number | boolean {
  const quoted = /^'([^']*)'$|^"([^"]*)"$/.exec(text.trim());
  if (quoted) return quoted[1] ?? quoted[2] ?? "";
  if (text === "true" || text === "false") return text === "true";
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : fail("its where() compares with no literal");
}
