import {
  compartmentParametersOf,
  isSearchable,
  type ParameterEntry,
  type PathEntry,
  parametersOf,
} from "./definitions.ts";
import { codeHash, hash32, hash64 } from "./hash.ts";
import { compilePath, isObject, type Walk } from "./path-walk.ts";
import { targetHash, targetOf, typeHash } from "./reference-value.ts";
import { type IndexRows, subSlots } from "./rows.ts";
import { type Adder, adders, type Slot, slotOf } from "./value-rows.ts";

type Resource = { readonly resourceType: string; readonly id?: string | undefined };
type Step = { readonly walk: Walk; readonly add: Adder; readonly slot: Slot };
type Plan = {
  readonly steps: readonly Step[];
  /** Slots with "is there and not false": answered `false` when none of their paths is. */
  readonly exists: ReadonlyMap<number, readonly Walk[]>;
  readonly compartment: readonly { readonly walk: Walk; readonly slot: string }[];
};
const plans = new Map<string, Plan>();
/** Answered from the resource's own row. */
const KEPT_ELSEWHERE = ["_id", "_lastUpdated"];
const CANONICAL_SLOT = hash32(subSlots.canonical);

/**
 * Rows of the index tables for one resource: pure, and fast enough for an import (tens of
 * microseconds). What does not have the form that its type says is left out, never guessed.
 * @param bases own FHIR addresses without a slash at the end; absolute references to them are our own
 */
export function indexRows(resource: Resource, bases: readonly string[] = []): IndexRows {
  const type = resource.resourceType;
  const rows: IndexRows = {
    self: resource.id === undefined ? null : targetHash(`${type}/${resource.id}`),
    type: typeHash(type),
    tokens: [],
    strings: [],
    dates: [],
    numbers: [],
    references: [],
    compartment: patientsOf(resource, bases).map((id) => targetHash(`Patient/${id}`)),
  };
  const plan = planOf(type);
  for (const { walk, add, slot } of plan.steps) {
    walk(resource, (value, item) => add(value, item, slot, rows, bases));
  }
  for (const [slot, walks] of plan.exists) {
    let isThere = false;
    for (const walk of walks) {
      walk(resource, (value) => {
        isThere ||= value !== false;
      });
    }
    rows.tokens.push([slot, codeHash(String(isThere)), 0, 0]);
  }
  const url = (resource as { url?: unknown }).url;
  if (typeof url === "string" && url) rows.tokens.push([CANONICAL_SLOT, targetHash(url), 0, 0]);
  return {
    ...rows,
    tokens: distinct(rows.tokens),
    strings: distinct(rows.strings),
    references: distinct(rows.references),
  };
}

/**
 * Ids of the patients in whose compartment a resource lies (R4 CompartmentDefinition/patient); a
 * Patient lies in its own.
 */
export function patientsOf(resource: Resource, bases: readonly string[] = []): string[] {
  const found = new Set<string>();
  if (resource.resourceType === "Patient" && resource.id) found.add(resource.id);
  for (const { walk } of planOf(resource.resourceType).compartment) {
    walk(resource, (value) => {
      const reference = isObject(value) ? value.reference : undefined;
      const target = typeof reference === "string" ? targetOf(reference, bases) : undefined;
      if (target?.name === `Patient/${target?.name.slice(8)}` && target.type === "Patient") {
        found.add(target.name.slice("Patient/".length));
      }
    });
  }
  return [...found];
}

function planOf(type: string): Plan {
  const known = plans.get(type);
  if (known) return known;
  const plan = isSearchable(type)
    ? compile(type)
    : { steps: [], exists: new Map(), compartment: [] };
  plans.set(type, plan);
  return plan;
}

function compile(type: string): Plan {
  const steps = new Map<string, Step>();
  const exists = new Map<number, Walk[]>();
  const add = (kind: string, path: PathEntry) => {
    if (path.type === "exists") {
      const slot = hash32(path.slot);
      const walks = exists.get(slot) ?? [];
      exists.set(slot, [...walks, compilePath(path.steps)]);
      return;
    }
    const adder = adders[kind];
    if (!adder) throw new Error(`no rows for parameters of type ${kind}`);
    const key = `${rowKind(kind)} ${path.slot} ${path.steps}`;
    if (steps.has(key)) return;
    const slot = slotOf(path.slot, path.type, path.system);
    steps.set(key, { walk: compilePath(path.steps), add: adder, slot });
  };
  for (const parameter of parametersOf(type)) {
    if (KEPT_ELSEWHERE.includes(parameter.code)) continue;
    for (const path of parameter.paths) add(parameter.type, path);
    for (const { type: kind, paths } of (parameter.composites ?? []).flat()) {
      for (const path of paths) add(kind, path);
    }
  }
  const ways = compartmentParametersOf(type).flatMap(
    (parameter: ParameterEntry) => parameter.paths,
  );
  const distinctWays = new Map(ways.map((path) => [path.steps, path]));
  return {
    steps: [...steps.values()],
    exists,
    compartment: [...distinctWays.values()].map(({ steps: way, slot }) => ({
      walk: compilePath(way),
      slot,
    })),
  };
}

/** Numbers and quantities share a table: the same value under one slot is one row. */
const rowKind = (kind: string): string => (kind === "quantity" ? "number" : kind);

function distinct<Row extends readonly unknown[]>(rows: readonly Row[]): Row[] {
  if (rows.length < 2) return [...rows];
  const seen = new Map<string, Row>();
  for (const row of rows) seen.set(row.join(" "), row);
  return seen.size === rows.length ? [...rows] : [...seen.values()];
}

/** For tests: what a text hashes to as a string's exact value. */
export const exactHash = hash64;
