/** The extensions that R4 defines: contexts, types of value, nested parts. */
import type {
  ExtensionDefinition,
  ExtensionPart,
} from "../../server/fhir/definitions/extensions.ts";
import type { ElementSource, ReadDefinitions, StructureSource } from "./source.ts";

/** One entry per extension, by its address. */
export function extractExtensions(read: ReadDefinitions): ReadonlyMap<string, ExtensionDefinition> {
  const sources = read("extension-definitions").filter(
    (one) => one.resourceType === "StructureDefinition" && one.type === "Extension",
  ) as readonly StructureSource[];
  return new Map(sources.map((source) => [source.url, definitionOf(source)]));
}

function definitionOf({ context = [], snapshot }: StructureSource): ExtensionDefinition {
  const elements = snapshot?.element ?? [];
  const value = elements.find(({ id }) => id === "Extension.value[x]");
  const slices = elements.filter(({ id }) => /^Extension\.extension:[^.]+$/.test(id));
  const parts: Record<string, ExtensionPart> = {};
  for (const slice of slices) {
    const url = elements.find(({ id }) => id === `${slice.id}.url`)?.fixedUri;
    if (!url) continue;
    parts[url] = {
      min: slice.min ?? 0,
      max: slice.max === "*" ? null : Number(slice.max ?? 1),
      values: typesOf(elements.find(({ id }) => id === `${slice.id}.value[x]`)),
    };
  }
  const required = value?.binding?.strength === "required" ? value.binding.valueSet : undefined;
  const [valueSet] = required?.split("|") ?? [];
  return {
    contexts: context.map(({ expression }) => expression),
    values: typesOf(value),
    ...(valueSet && { valueSet }),
    ...(slices.length > 0 && { parts }),
    ...(elements[0]?.isModifier && { isModifier: true as const }),
  };
}

function typesOf(element: ElementSource | undefined): string[] {
  if (!element || element.max === "0") return [];
  return [...new Set((element.type ?? []).map(({ code }) => code))];
}
