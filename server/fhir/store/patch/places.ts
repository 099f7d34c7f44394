/** Elements of a resource where they stand, with what the definitions say about them. */
import { type ElementDefinition, typeDefinition } from "../../definitions/types.ts";
import type { FhirResource } from "../resource.ts";

export type Shape = { readonly type: string; readonly block: string };
/** Where an element stands: `holder[key]`. The resource itself has the key null. */
export type Place = {
  readonly holder: Record<string, unknown> | unknown[];
  readonly key: string | null;
  /** What the definitions say about the element; null when they do not know it. */
  readonly shape: Shape | null;
  /** Its definition in what holds it; undefined when unknown. */
  readonly element?: ElementDefinition | undefined;
  /** Of an item of a list: the object that has the list, and under which name. */
  readonly list?: { readonly owner: Record<string, unknown>; readonly key: string };
};

export const rootOf = (resource: FhirResource): Place => ({
  holder: resource as Record<string, unknown>,
  key: null,
  shape: { type: resource.resourceType, block: "" },
});

/** Whether the definitions make an element of this name a list there. */
export function isList(element: ElementDefinition | undefined, name: string): boolean {
  return element
    ? element.max === null || element.max > 1
    : name === "extension" || name === "modifierExtension";
}

export function valueAt(place: Place): unknown {
  return place.key === null ? place.holder : (place.holder as Record<string, unknown>)[place.key];
}

/** The child elements of a name; `value` finds `valueQuantity`, and a primitive's extension stands beside it. */
export function childrenOf(place: Place, name: string): Place[] {
  const value = valueAt(place);
  if (typeof value !== "object" || value === null) return childrenBeside(place, name);
  if (Array.isArray(value)) return [];
  return childrenIn(value as Record<string, unknown>, place.shape, name);
}

function childrenIn(holder: Record<string, unknown>, shape: Shape | null, name: string): Place[] {
  const element = shape ? elementOf(shape, name) : undefined;
  const key = element?.isChoice
    ? Object.keys(holder).find((one) => one.startsWith(name) && choiceType(element, one) !== null)
    : name;
  if (key === undefined || !Object.hasOwn(holder, key)) return [];
  const child = holder[key];
  const own = element && shape ? shapeOf(shape, element, key) : unknownShape(name);
  if (!Array.isArray(child)) return [{ holder, key, shape: own, element }];
  return child.map((_, index) => ({
    holder: child,
    key: String(index),
    shape: own,
    element,
    list: { owner: holder, key },
  }));
}

/** Extensions of a primitive lie under its name with an underscore (R4 json.html#primitive). */
function childrenBeside(place: Place, name: string): Place[] {
  if (place.key === null || (name !== "extension" && name !== "id")) return [];
  const beside = place.list
    ? (place.list.owner[`_${place.list.key}`] as unknown[] | undefined)?.[Number(place.key)]
    : (place.holder as Record<string, unknown>)[`_${place.key}`];
  if (typeof beside !== "object" || beside === null) return [];
  return childrenIn(beside as Record<string, unknown>, { type: "Element", block: "" }, name);
}

/** Every element has extensions, whether its definition lists them or not. */
const unknownShape = (name: string): Shape | null =>
  name === "extension" || name === "modifierExtension" ? { type: "Extension", block: "" } : null;

export function elementOf(shape: Shape, name: string): ElementDefinition | undefined {
  return typeDefinition(shape.type)?.blocks[shape.block]?.find((one) => one.name === name);
}

/** The type that a key of a choice stands for, e.g. `Quantity` for `valueQuantity`; null: none of it. */
export function choiceType(element: ElementDefinition, key: string): string | null {
  const wanted = key.slice(element.name.length);
  return (
    element.types.find((one) => one.code[0]?.toUpperCase() + one.code.slice(1) === wanted)?.code ??
    null
  );
}

export function shapeOf(shape: Shape, element: ElementDefinition, key: string): Shape | null {
  if (element.block !== undefined) return { type: shape.type, block: element.block };
  const type = element.isChoice ? choiceType(element, key) : element.types[0]?.code;
  return type ? { type, block: "" } : null;
}
