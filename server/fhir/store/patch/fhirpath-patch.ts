import { DomainError } from "../../../errors/domain-error.ts";
import { copyExact } from "../json.ts";
import type { FhirResource } from "../resource.ts";
import { carryValue, choiceKey, hasValue, type Part, placeFor, valueIn } from "./patch-value.ts";
import { locate } from "./path.ts";
import { choiceType, elementOf, type Place, valueAt } from "./places.ts";

const kinds = ["add", "insert", "delete", "replace", "move"] as const;
type Operation = {
  kind: (typeof kinds)[number];
  path: string;
  name?: string | undefined;
  value?: Part | undefined;
  index?: number | undefined;
  source?: number | undefined;
  destination?: number | undefined;
};
type Fail = (why: string) => DomainError;
const operationsMax = 1000;

/**
 * Apply a FHIRPath Patch (R4 fhirpatch.html), sent as Parameters, to a copy of a resource: all operations or
 * none, in their order.
 * @throws DomainError `fhir.request` when it is no patch, `fhir.patch` when it cannot be applied
 */
export function applyFhirPathPatch(resource: FhirResource, parameters: unknown): FhirResource {
  const operations = readOperations(parameters);
  const copy = copyExact(resource);
  for (const [index, operation] of operations.entries()) {
    const fail: Fail = (why) =>
      new DomainError("fhir.patch", { reason: `operation ${index}: ${why}` });
    const places = locate(copy, operation.path, fail);
    if (operation.kind === "insert" || operation.kind === "move") {
      if (operation.kind === "insert") insertInto(copy, places, operation, fail);
      else moveIn(places, operation, fail);
      continue;
    }
    if (places.length > 1) throw fail("its path matches more than one element");
    const [place] = places;
    // Deleting what is not there is no failure (R4).
    if (operation.kind === "delete") {
      if (place) removeAt(place, fail);
      continue;
    }
    if (!place) throw fail("its path matches nothing");
    const { value } = operation;
    if (!value || !hasValue(value)) throw fail("it has no value");
    if (operation.kind === "add") addTo(place, operation.name, value, fail);
    else replaceAt(place, value, fail);
  }
  return copy;
}

function readOperations(parameters: unknown): Operation[] {
  const list = (parameters as { parameter?: unknown } | null)?.parameter;
  if (!Array.isArray(list) || list.length === 0 || list.length > operationsMax)
    throw new DomainError("fhir.request", {
      reason: "a FHIRPath Patch has parameters `operation`",
    });
  return list.map((raw: Part, index) => {
    const bad = (why: string): never => {
      throw new DomainError("fhir.request", { reason: `operation ${index}: ${why}` });
    };
    if (raw?.name !== "operation" || !Array.isArray(raw.part)) return bad("is not an operation");
    const parts = new Map<string, Part>();
    for (const part of raw.part as Part[]) parts.set(String(part?.name), part);
    const said = (name: string) => {
      const part = parts.get(name);
      return part ? valueIn(part, null) : undefined;
    };
    const kind = kinds.find((one) => one === said("type"));
    const path = said("path");
    if (!kind || typeof path !== "string") return bad("has no type or no path");
    const number = (name: string) => {
      const value = said(name);
      return Number.isInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
    };
    const name = said("name");
    return {
      kind,
      path,
      name: typeof name === "string" ? name : undefined,
      value: parts.get("value"),
      index: number("index"),
      source: number("source"),
      destination: number("destination"),
    };
  });
}

function addTo(place: Place, name: string | undefined, value: Part, fail: Fail): void {
  if (!name || !/^[a-z][A-Za-z0-9]*(\[x\])?$/i.test(name)) throw fail("it has no name");
  const target = valueAt(place);
  if (typeof target !== "object" || target === null || Array.isArray(target))
    throw fail("its path is not an element that can hold others");
  const holder = target as Record<string, unknown>;
  const { key, child, isMany } = placeFor(place.shape, name, value);
  // One choice has one value, of whatever type.
  const choice = place.shape ? elementOf(place.shape, name.replace(/\[x\]$/, "")) : undefined;
  if (
    choice?.isChoice &&
    Object.keys(holder).some((one) => one.startsWith(choice.name) && choiceType(choice, one))
  )
    throw fail("the element is there already");
  const present = holder[key];
  const made = valueIn(value, child);
  if (Array.isArray(present)) {
    present.push(made);
    const beside = holder[`_${key}`];
    if (Array.isArray(beside)) beside.push(null);
  } else if (present !== undefined) throw fail("the element is there already");
  else {
    holder[key] = isMany ? [made] : made;
    if (!isMany) carryValue(value, holder, key);
  }
}

function replaceAt(place: Place, value: Part, fail: Fail): void {
  const { key, holder, element } = place;
  if (key === null) throw fail("it replaces the whole resource");
  if (element?.isChoice) {
    // Another type is another name: deceasedBoolean gives way to deceasedDateTime.
    const own = holder as Record<string, unknown>;
    const next = choiceKey(element.name, value);
    delete own[key];
    delete own[`_${key}`];
    own[next] = valueIn(value, null);
    carryValue(value, own, next);
    return;
  }
  (holder as Record<string, unknown>)[key] = valueIn(value, place.shape);
  carryValue(value, holder, key);
  const beside = besideOf(place);
  if (place.list && beside) beside[Number(key)] = null;
  else if (!Array.isArray(holder)) delete holder[`_${key}`];
}

function removeAt(place: Place, fail: Fail): void {
  const { key, holder } = place;
  if (key === null) throw fail("it deletes the whole resource");
  if (!Array.isArray(holder)) {
    delete holder[key];
    // An extension of a primitive that has nothing else beside it leaves no empty object.
    delete holder[`_${key}`];
    return;
  }
  holder.splice(Number(key), 1);
  const beside = besideOf(place);
  beside?.splice(Number(key), 1);
  if (holder.length > 0 || !place.list) return;
  delete place.list.owner[place.list.key];
  if (beside) delete place.list.owner[`_${place.list.key}`];
}

function insertInto(
  copy: FhirResource,
  places: readonly Place[],
  { path, index, value }: Operation,
  fail: Fail,
): void {
  if (index === undefined) throw fail("it has no index");
  if (!value || !hasValue(value)) throw fail("it has no value");
  const [first] = places;
  if (!first) {
    // A list that is not there yet has a first place.
    const [, holder, name] = /^(.*)\.\s*([a-z]\w*)\s*$/s.exec(path) ?? [];
    const owners = holder === undefined ? [] : locate(copy, holder, fail);
    const [owner] = owners;
    if (index > 0 || owners.length !== 1 || !owner || !name) throw fail("its path matches nothing");
    if (!placeFor(owner.shape, name, value).isMany) throw fail("its path is not one list");
    addTo(owner, name, value, fail);
    return;
  }
  const list = listOf(places, fail);
  if (index > list.length) throw fail("its index is beyond the list");
  list.splice(index, 0, valueIn(value, first.shape));
  besideOf(first)?.splice(index, 0, null);
}

function moveIn(places: readonly Place[], { source, destination }: Operation, fail: Fail): void {
  const list = listOf(places, fail);
  if (
    source === undefined ||
    destination === undefined ||
    source >= list.length ||
    destination >= list.length
  )
    throw fail("its source or destination is not in the list");
  for (const one of [list, besideOf(places[0]!)]) {
    if (!one) continue;
    while (one.length < list.length) one.push(null);
    one.splice(destination, 0, ...one.splice(source, 1));
  }
}

/** For insert and move the path names a list: all its elements, and they lie in one. */
function listOf(places: readonly Place[], fail: Fail): unknown[] {
  const [first] = places;
  if (!first) throw fail("its path matches nothing");
  if (!Array.isArray(first.holder) || places.some((place) => place.holder !== first.holder))
    throw fail("its path is not one list");
  return first.holder;
}

/** Extensions of a list of primitives lie in a second list, place by place (R4 json.html#primitive). */
function besideOf({ list }: Place): unknown[] | null {
  const beside = list?.owner[`_${list.key}`];
  return Array.isArray(beside) ? beside : null;
}
