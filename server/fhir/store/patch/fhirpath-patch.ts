import { DomainError } from "../../../errors/domain-error.ts";
import type { FhirResource } from "../resource.ts";
import { isList, locate, type Place } from "./places.ts";

type Part = { name?: unknown; part?: unknown; [value: string]: unknown };
const kinds = ["add", "insert", "delete", "replace", "move"] as const;
type Operation = {
  kind: (typeof kinds)[number];
  path: string;
  name?: string | undefined;
  value?: unknown;
  hasValue: boolean;
  index?: number | undefined;
  source?: number | undefined;
  destination?: number | undefined;
};

/**
 * Apply a FHIRPath Patch (R4 fhirpatch.html), sent as Parameters, to a copy of a resource.
 * @throws DomainError `fhir.request` when it is no patch, `fhir.patch` when it cannot be applied
 */
export function applyFhirPathPatch(resource: FhirResource, parameters: unknown): FhirResource {
  const operations = readOperations(parameters);
  const copy = structuredClone(resource);
  operations.forEach((operation, index) => {
    const fail = (why: string): never => {
      throw new DomainError("fhir.patch", { reason: `operation ${index}: ${why}` });
    };
    const places = locate(copy, operation.path, fail);
    const isOfList = operation.kind === "insert" || operation.kind === "move";
    if (places.length > 1 && !isOfList) fail("its path matches more than one element");
    const place = places[0];
    switch (operation.kind) {
      case "add":
        addTo(copy, place ?? fail("its path matches nothing"), operation, fail);
        break;
      case "delete":
        // Deleting what is not there is no failure (R4).
        if (place) removeAt(place);
        break;
      case "replace":
        if (!operation.hasValue) fail("it has no value");
        setAt(place ?? fail("its path matches nothing"), operation.value);
        break;
      case "insert": {
        const list = listOf(places, fail);
        const at = operation.index ?? fail("it has no index");
        if (at > list.length) fail("its index is beyond the list");
        list.splice(at, 0, operation.value);
        break;
      }
      case "move": {
        const list = listOf(places, fail);
        const { source = -1, destination = -1 } = operation;
        if (source < 0 || destination < 0 || source >= list.length || destination >= list.length)
          fail("its source or destination is not in the list");
        const [moved] = list.splice(source, 1);
        list.splice(destination, 0, moved);
        break;
      }
    }
  });
  return copy;
}

function readOperations(parameters: unknown): Operation[] {
  const list = (parameters as { parameter?: unknown } | null)?.parameter;
  if (!Array.isArray(list) || list.length === 0 || list.length > 1000)
    throw new DomainError("fhir.request", {
      reason: "a FHIRPath Patch has parameters `operation`",
    });
  return list.map((raw: Part, index) => {
    const bad = (why: string): never => {
      throw new DomainError("fhir.request", { reason: `operation ${index}: ${why}` });
    };
    if (raw?.name !== "operation" || !Array.isArray(raw.part)) return bad("is not an operation");
    const parts = new Map<string, unknown>();
    for (const part of raw.part as Part[]) parts.set(String(part?.name), partValue(part));
    const kind = kinds.find((one) => one === parts.get("type"));
    const path = parts.get("path");
    if (!kind || typeof path !== "string") return bad("has no type or no path");
    const number = (name: string) => {
      const value = parts.get(name);
      return Number.isInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
    };
    const name = parts.get("name");
    return {
      kind,
      path,
      name: typeof name === "string" ? name : undefined,
      value: parts.get("value"),
      hasValue: parts.has("value"),
      index: number("index"),
      source: number("source"),
      destination: number("destination"),
    };
  });
}

/** `value[x]` of a part; parts of a part are the elements of a backbone element. */
function partValue(part: Part): unknown {
  if (Array.isArray(part.part)) {
    const made: Record<string, unknown> = {};
    for (const inner of part.part as Part[]) {
      const name = String(inner?.name);
      if (name === "__proto__") continue;
      const value = partValue(inner);
      if (!(name in made)) made[name] = value;
      else if (Array.isArray(made[name])) (made[name] as unknown[]).push(value);
      else made[name] = [made[name], value];
    }
    return made;
  }
  const key = Object.keys(part).find((one) => one.startsWith("value") || one === "resource");
  return key ? part[key] : undefined;
}

function addTo(
  root: FhirResource,
  place: Place,
  operation: Operation,
  fail: (why: string) => never,
): void {
  const target = place.key === null ? root : (place.holder as Record<string, unknown>)[place.key];
  if (!operation.name || !/^[a-z][A-Za-z0-9]*$/i.test(operation.name)) fail("it has no name");
  if (!operation.hasValue) fail("it has no value");
  if (typeof target !== "object" || target === null || Array.isArray(target))
    fail("its path is not an element that can hold others");
  const holder = target as Record<string, unknown>;
  const present = holder[operation.name];
  if (Array.isArray(present)) present.push(operation.value);
  else if (present === undefined)
    holder[operation.name] = isList(place, operation.name) ? [operation.value] : operation.value;
  else fail("the element is there already");
}

function removeAt(place: Place): void {
  if (place.key === null) return;
  if (!Array.isArray(place.holder)) {
    delete place.holder[place.key];
    return;
  }
  place.holder.splice(Number(place.key), 1);
  if (place.holder.length === 0) place.dropList?.();
}

function setAt(place: Place, value: unknown): void {
  if (place.key === null) throw new DomainError("fhir.patch", { reason: "the whole resource" });
  (place.holder as Record<string, unknown>)[place.key] = value;
}

/** For insert and move the path names a list: all its elements lie in one. */
function listOf(places: readonly Place[], fail: (why: string) => never): unknown[] {
  const [first] = places;
  if (!first) return fail("its path matches nothing");
  if (!Array.isArray(first.holder) || places.some((place) => place.holder !== first.holder))
    return fail("its path is not one list");
  return first.holder;
}
