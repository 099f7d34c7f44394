import type { FhirResource } from "./resource.ts";
import { eachString } from "./resource.ts";

/** Keys whose text is said by people or systems about themselves, never a pointer to an entry. */
const notPointers = new Set(["id", "value", "display", "text", "code", "div", "resourceType"]);
const placeholder = /^(urn:uuid:|urn:oid:)/;
const conditional = /^([A-Z][A-Za-z]{1,63})\?(.+)$/s;

/** A place in a resource that points to an entry of the bundle or to whatever matches a search. */
export type Slot = {
  /** The fullUrl or `Type?criteria` as sent. */
  readonly target: string;
  readonly isConditional: boolean;
  readonly assign: (reference: string) => void;
};

/**
 * Places of a resource to be filled in before it is stored: references, uri, url, oid and uuid elements
 * and links of the narrative that name a fullUrl of the bundle, and conditional references
 * (R4 http.html#trules, bundle.html#references).
 * @param isEntry whether a text is the fullUrl of an entry
 */
export function slotsOf(resource: FhirResource, isEntry: (text: string) => boolean): Slot[] {
  const slots: Slot[] = [];
  const links: string[] = [];
  eachString(resource, (holder, key, text) => {
    if (key === "div") {
      for (const [, link] of text.matchAll(/\b(?:href|src)\s*=\s*["']([^"']+)["']/g))
        if (link && isEntry(link) && !links.includes(link)) {
          links.push(link);
          slots.push({
            target: link,
            isConditional: false,
            assign: (reference) => {
              holder.div = String(holder.div).replaceAll(link, reference);
            },
          });
        }
      return;
    }
    if (key === "reference" && conditional.test(text)) {
      slots.push(slot(holder, key, text, "", true));
      return;
    }
    if (notPointers.has(key) || /^value(String|Code|Id|Markdown)$/.test(key)) return;
    const [target = "", fragment] = text.split("#", 2);
    if (!isEntry(target)) return;
    if (key !== "reference" && !placeholder.test(target)) return;
    slots.push(slot(holder, key, target, fragment === undefined ? "" : `#${fragment}`, false));
  });
  return slots;
}

function slot(
  holder: Record<string, unknown>,
  key: string,
  target: string,
  fragment: string,
  isConditional: boolean,
): Slot {
  return {
    target,
    isConditional,
    assign: (reference) => {
      holder[key] = reference + fragment;
    },
  };
}

/** `Type?criteria` in its parts, or null. */
export function conditionalOf(text: string): { type: string; criteria: string } | null {
  const found = conditional.exec(text);
  return found ? { type: found[1]!, criteria: found[2]! } : null;
}
