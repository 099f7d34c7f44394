/** What the store reads out of a resource, whatever its type. Pure. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type FhirResource = { resourceType: string; id?: string; [key: string]: Json | undefined };

/** `meta.source` of what is projected from the alliance's own tables, and of nothing else. */
export const projectionSource = "urn:yilian:alliance";
const projectionClaim = /^urn:yilian:alliance(?![a-z0-9-])/i;
/** Whether a resource gives itself out as projected, also by a part or another spelling of the name. */
export function claimsProjection(resource: FhirResource): boolean {
  const { source } = (resource.meta ?? {}) as { source?: unknown };
  return typeof source === "string" && projectionClaim.test(source);
}

export const idPattern = /^[A-Za-z0-9\-.]{1,64}$/;
/** `..` is a path, not a name. */
export const isId = (id: string): boolean => idPattern.test(id) && !/^\.+$/.test(id);

/** Visits every string of a resource with the object or array that holds it. */
export function eachString(
  value: unknown,
  visit: (holder: Record<string, unknown>, key: string, text: string) => void,
): void {
  if (typeof value !== "object" || value === null) return;
  const holder = value as Record<string, unknown>;
  for (const key in holder) {
    const child = holder[key];
    if (typeof child === "string") visit(holder, key, child);
    else if (typeof child === "object" && child !== null) eachString(child, visit);
  }
}

const patientReference = /^Patient\/([A-Za-z0-9\-.]{1,64})(\/_history\/[A-Za-z0-9\-.]+)?$/;
/** Confidentiality of HL7 (how much) is not a category (what about). */
const confidentiality = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";

/**
 * Patients that a resource is about or names: consent asks every one of them, so that a group's list
 * is not a way round. A Patient is about itself only.
 * @param base own address, without a slash at the end: references below it are our own
 */
export function patientsOf(resource: FhirResource, base = ""): string[] {
  if (resource.resourceType === "Patient") return resource.id ? [resource.id] : [];
  const found = new Set<string>();
  eachString(resource, (_holder, key, text) => {
    if (key !== "reference") return;
    const own = base !== "" && text.startsWith(`${base}/`) ? text.slice(base.length + 1) : text;
    const id = patientReference.exec(own)?.[1];
    if (id) found.add(id);
  });
  return [...found];
}

/** Sensitive categories: codes of meta.security that are not degrees of confidentiality. */
export function labelsOf(resource: FhirResource): string[] {
  const meta = resource.meta as { security?: { system?: string; code?: string }[] } | undefined;
  if (!Array.isArray(meta?.security)) return [];
  return [
    ...new Set(
      meta.security.flatMap((one) =>
        one?.code && one.system !== confidentiality ? [one.code] : [],
      ),
    ),
  ];
}

/** Sets what the store answers for: id, version and time. */
export function stamp(resource: FhirResource, id: string, version: number, at: Date): FhirResource {
  resource.id = id;
  resource.meta = {
    ...(typeof resource.meta === "object" && resource.meta !== null ? resource.meta : {}),
    versionId: String(version),
    lastUpdated: at.toISOString(),
  } as Json;
  return resource;
}
