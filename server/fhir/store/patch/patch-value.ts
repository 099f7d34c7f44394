/** What a FHIRPath Patch puts in, as JSON of the element where it goes. Pure. */
import { carryExact } from "../json.ts";
import { elementOf, isList, type Shape, shapeOf } from "./places.ts";

export type Part = { name?: unknown; part?: unknown; [value: string]: unknown };

const valueKey = (part: Part): string | undefined =>
  Object.keys(part).find((one) => /^value[A-Z]/.test(one) || one === "resource");

/** Whether the part says a value at all. */
export const hasValue = (part: Part | undefined): boolean =>
  part !== undefined && (Array.isArray(part.part) || valueKey(part) !== undefined);

/** `value[x]`, a resource, or the elements of a backbone element as parts of the part. */
export function valueIn(part: Part, shape: Shape | null): unknown {
  if (!Array.isArray(part.part)) {
    const key = valueKey(part);
    return key === undefined ? undefined : part[key];
  }
  const made: Record<string, unknown> = {};
  for (const inner of part.part as Part[]) {
    const said = String(inner?.name);
    if (said === "__proto__") continue;
    const { key, child, isMany } = placeFor(shape, said, inner);
    const value = valueIn(inner, child);
    if (value === undefined) continue;
    const present = made[key];
    if (Array.isArray(present)) present.push(value);
    else if (present !== undefined) made[key] = [present, value];
    else {
      made[key] = isMany ? [value] : value;
      if (!isMany) carryValue(inner, made, key);
    }
  }
  return made;
}

/**
 * Under which key an element of this name goes: a choice takes the type of its value.
 * @param name as the patch says it: `value`, `value[x]` or `valueQuantity`
 */
export function placeFor(
  shape: Shape | null,
  name: string,
  part: Part,
): { key: string; child: Shape | null; isMany: boolean } {
  const bare = name.replace(/\[x\]$/, "");
  const element = shape ? elementOf(shape, bare) : undefined;
  if (!element || !shape) {
    const isExtension = bare === "extension" || bare === "modifierExtension";
    return {
      key: bare,
      child: isExtension ? { type: "Extension", block: "" } : null,
      isMany: isList(undefined, bare),
    };
  }
  const key = element.isChoice ? choiceKey(bare, part) : bare;
  return { key, child: shapeOf(shape, element, key), isMany: isList(element, bare) };
}

/** A decimal keeps its digits where it goes. */
export function carryValue(part: Part, holder: object, key: string): void {
  const from = valueKey(part);
  if (from !== undefined) carryExact(part, from, holder, key);
}

/** `deceased` with a valueDateTime is `deceasedDateTime`. */
export const choiceKey = (name: string, part: Part): string =>
  `${name}${valueKey(part)?.replace(/^value/, "") ?? ""}`;
