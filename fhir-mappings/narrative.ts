/** Narrative text: plain words as the small part of XHTML that FHIR allows, and back. */
import type { Narrative } from "@medplum/fhirtypes";
import { FhirMappingError } from "./mapping-error.ts";

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function escapeXhtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** Lines of text become lines of one paragraph; nothing in the text can become markup. */
export function narrativeOf(
  text: string,
  status: "generated" | "additional" = "additional",
): Narrative {
  const lines = text.split("\n").map(escapeXhtml).join("<br/>");
  return { status, div: `<div xmlns="http://www.w3.org/1999/xhtml"><p>${lines}</p></div>` };
}

const OUR_SHAPE = /^<div xmlns="http:\/\/www\.w3\.org\/1999\/xhtml"><p>([\s\S]*)<\/p><\/div>$/;
const PLAIN: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(ENTITIES).map(([character, entity]) => [entity, character]),
);

/**
 * Text of a narrative that {@link narrativeOf} wrote. Other XHTML is refused
 * rather than stripped: what was emphasised or struck out must not get lost.
 * @throws FhirMappingError `wrong-shape`
 */
export function textOfNarrative(narrative: Narrative | undefined, path: string): string {
  const inner = OUR_SHAPE.exec(narrative?.div ?? "")?.[1];
  if (inner === undefined) throw new FhirMappingError(path, "wrong-shape");
  const lines = inner.replaceAll("<br/>", "\n");
  if (lines.includes("<")) throw new FhirMappingError(path, "wrong-shape");
  return lines.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => PLAIN[entity] ?? entity);
}
