import { typeDefinition } from "../definitions/types.ts";
import { exactText, parseJson } from "../store/json.ts";
import type { FhirResource } from "../store/resource.ts";
import type { ResultOptions } from "./options.ts";

const subsetted = {
  system: "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
  code: "SUBSETTED",
};

/** Whether the stored text can be answered as it stands. */
export const isWhole = (form: ResultOptions): boolean =>
  form.summary === "false" && form.elements.length === 0 && !form.pretty;

/** A resource's stored JSON in the form that was asked for; tagged SUBSETTED when parts are left out. */
export function inForm(text: string, form: ResultOptions): string {
  if (isWhole(form)) return text;
  const resource = parseJson(text) as FhirResource;
  const kept = keptElements(resource, form);
  if (!kept) return pretty(resource, form);
  const part: FhirResource = { resourceType: resource.resourceType };
  for (const [name, value] of Object.entries(resource))
    if (kept(name.startsWith("_") ? name.slice(1) : name)) part[name] = value;
  const meta = (resource.meta ?? {}) as { tag?: unknown[] };
  part.meta = { ...meta, tag: [...(meta.tag ?? []), subsetted] } as never;
  return pretty(part, form);
}

const pretty = (resource: FhirResource, form: ResultOptions): string =>
  form.pretty ? JSON.stringify(JSON.parse(exactText(resource)), null, 2) : exactText(resource);

/** @returns which elements stay, or null when all do */
function keptElements(
  resource: FhirResource,
  form: ResultOptions,
): ((name: string) => boolean) | null {
  const always = new Set(["resourceType", "id", "meta", "implicitRules"]);
  const mandatory = new Set(
    (typeDefinition(resource.resourceType)?.blocks[""] ?? [])
      .filter((element) => element.min > 0)
      .map((element) => element.name),
  );
  if (form.elements.length > 0) {
    const asked = new Set(form.elements.map((one) => one.replace(/^[A-Z]\w*\./, "").split(".")[0]));
    return (name) => always.has(name) || mandatory.has(name) || asked.has(name);
  }
  switch (form.summary) {
    case "text":
      return (name) => always.has(name) || name === "text" || mandatory.has(name);
    case "data":
      return (name) => name !== "text";
    case "true": {
      const summary = summaryElements(resource.resourceType);
      return (name) => always.has(name) || summary(name);
    }
    default:
      return null;
  }
}

/** Elements that R4 marks as summary, by the definitions; narrative and contained never are. */
function summaryElements(type: string): (name: string) => boolean {
  const left = new Set(["text", "contained", "extension", "modifierExtension"]);
  const elements = typeDefinition(type)?.blocks[""] ?? [];
  const marked = elements.filter((one) => one.isSummary);
  if (marked.length === 0) return (name) => !left.has(name);
  return (name) =>
    marked.some((one) => (one.isChoice ? name.startsWith(one.name) : name === one.name));
}
