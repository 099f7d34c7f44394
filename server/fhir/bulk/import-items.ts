/** What a line or an entry of an import is, before the store is asked. Pure. */
import { createHash } from "node:crypto";
import { DomainError } from "../../errors/domain-error.ts";
import { isStoredType } from "../definitions/types.ts";
import { slotsOf } from "../store/references.ts";
import { type FhirResource, isId } from "../store/resource.ts";
import { validateResource } from "../store/search-seam.ts";

/** Why something was not taken; the report has words for each. */
export const faultReasons = [
  "unreadable",
  "too-large",
  "no-resource",
  "bundle-type",
  "bad-id",
  "invalid",
  "not-a-write",
  "twice",
  "reference",
  "several",
  "with-others",
  "refused",
] as const;
export type FaultReason = (typeof faultReasons)[number];

export type Fault = {
  readonly line: number;
  readonly entry: number | null;
  readonly type: string | null;
  readonly id: string | null;
  readonly reason: FaultReason;
  readonly detail: string | null;
};
export type Item = {
  readonly line: number;
  /** Of a Bundle, from 0; null: the line is the resource. */
  readonly entry: number | null;
  readonly resource: FhirResource;
  /** Null: found by identifier, or made from the content, so that a repetition is the same. */
  id: string | null;
  readonly fullUrl: string | null;
  /** `Type?criteria` of an entry's ifNoneExist or conditional update, without the type. */
  readonly criteria: { readonly kind: "ifNoneExist" | "update"; readonly text: string } | null;
};
export const bundleKinds = ["transaction", "batch", "collection", "document"] as const;
export type BundleKind = (typeof bundleKinds)[number];

type Place = { readonly line: number; readonly entry: number | null };
type Entry = { fullUrl?: unknown; resource?: unknown; request?: Record<string, unknown> };

export const faultAt = (
  place: Place,
  reason: FaultReason,
  resource: { resourceType?: unknown; id?: unknown } | null = null,
  detail: string | null = null,
): Fault => ({
  line: place.line,
  entry: place.entry,
  type: typeof resource?.resourceType === "string" ? resource.resourceType.slice(0, 64) : null,
  id: typeof resource?.id === "string" ? resource.id.slice(0, 64) : null,
  reason,
  detail: detail?.slice(0, 500) ?? null,
});

/** A resource of a line, or of an entry, as something to be written; or why not. */
export function itemOf(place: Place, value: unknown, entry: Entry = {}): Item | Fault {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return faultAt(place, "no-resource");
  const resource = value as FhirResource;
  if (typeof resource.resourceType !== "string" || !isStoredType(resource.resourceType))
    return faultAt(place, "no-resource", resource);
  if (resource.id !== undefined && (typeof resource.id !== "string" || !isId(resource.id)))
    return faultAt(place, "bad-id", resource);
  const fullUrl = typeof entry.fullUrl === "string" ? entry.fullUrl : null;
  const method = entry.request?.method;
  if (method !== undefined && method !== "POST" && method !== "PUT")
    return faultAt(place, "not-a-write", resource, String(method).slice(0, 20));
  const [path = "", query] = String(entry.request?.url ?? "").split("?", 2);
  const ifNoneExist = entry.request?.ifNoneExist;
  const criteria =
    method === "POST" && typeof ifNoneExist === "string" && ifNoneExist !== ""
      ? ({ kind: "ifNoneExist", text: ifNoneExist.replace(/^.*\?/s, "") } as const)
      : method === "PUT" && query
        ? ({ kind: "update", text: query } as const)
        : null;
  const named = method === "PUT" && !query ? (/\/?([^/]+)$/.exec(path)?.[1] ?? null) : null;
  if (named !== null && (!isId(named) || (resource.id !== undefined && resource.id !== named)))
    return faultAt(place, "bad-id", resource);
  const urn = /^urn:uuid:([0-9a-fA-F-]{36})$/.exec(fullUrl ?? "")?.[1]?.toLowerCase();
  return {
    ...place,
    resource,
    id: criteria ? null : (resource.id ?? named ?? urn ?? null),
    fullUrl,
    criteria,
  };
}

/** Entries of a Bundle as items and faults; a document is kept whole beside its parts. */
export function itemsOfBundle(
  line: number,
  bundle: FhirResource & { type?: unknown; entry?: unknown },
): { kind: BundleKind; items: Item[]; faults: Fault[] } | Fault {
  const kind = bundleKinds.find((one) => one === bundle.type);
  if (!kind || (bundle.entry !== undefined && !Array.isArray(bundle.entry)))
    return faultAt({ line, entry: null }, "bundle-type", bundle, String(bundle.type).slice(0, 40));
  const items: Item[] = [];
  const faults: Fault[] = [];
  const taken = new Set<string>();
  const isDocument = kind === "document";
  for (const [entry, raw] of ((bundle.entry ?? []) as Entry[]).entries()) {
    const place = { line, entry };
    const found = itemOf(place, raw?.resource, {
      ...(raw?.fullUrl === undefined ? {} : { fullUrl: raw.fullUrl }),
      // Requests count where the Bundle is one of requests.
      ...(raw?.request && (kind === "batch" || kind === "transaction")
        ? { request: raw.request }
        : {}),
    });
    if ("reason" in found) {
      faults.push(found);
      continue;
    }
    const name = found.id === null ? null : `${found.resource.resourceType}/${found.id}`;
    if (name !== null && taken.has(name)) faults.push(faultAt(place, "twice", found.resource));
    else {
      if (name !== null) taken.add(name);
      items.push(isDocument ? { ...found, resource: structuredClone(found.resource) } : found);
    }
  }
  if (isDocument) {
    const whole = itemOf({ line, entry: null }, bundle);
    if ("reason" in whole) faults.push(whole);
    else items.push(whole);
  }
  return { kind, items, faults };
}

/** Fills in what points to entries of the same Bundle; every item has its id by now, save conditional ones. */
export function resolveWithin(items: readonly Item[]): void {
  const places = new Map<string, string>();
  for (const { fullUrl, id, resource } of items)
    if (fullUrl !== null && id !== null) places.set(fullUrl, `${resource.resourceType}/${id}`);
  for (const { resource } of items) {
    // A document is signed as a whole.
    if (resource.resourceType === "Bundle") continue;
    for (const slot of slotsOf(resource, (text) => places.has(text)))
      if (!slot.isConditional) slot.assign(places.get(slot.target)!);
  }
}

/** The first identifier that says who gave it, for finding again what has no id. */
export function identifierOf(resource: FhirResource): { system: string; value: string } | null {
  const list = [resource.identifier].flat() as { system?: unknown; value?: unknown }[];
  const found = list.find(
    (one) => typeof one?.system === "string" && typeof one.value === "string",
  );
  return found ? { system: String(found.system), value: String(found.value) } : null;
}

/** An id that the same content, or the same identifier, gets again. */
export function derivedId(tenant: string, resource: FhirResource): string {
  const key = identifierOf(resource) ?? resource;
  const hex = createHash("sha256")
    .update(JSON.stringify([tenant, resource.resourceType, key]))
    .digest("hex");
  // Shaped as a UUID of version 8 (RFC 9562).
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const issuesSaid = 3;
/** What R4's definitions have against it, or null. */
export function invalidity(resource: FhirResource): string | null {
  const issues = validateResource(resource).filter((one) => one.severity === "error");
  if (issues.length === 0) return null;
  const said = issues
    .slice(0, issuesSaid)
    .map((one) => `${one.expression ? `${one.expression}: ` : ""}${one.diagnostics}`);
  const more = issues.length > issuesSaid ? ` (+${issues.length - issuesSaid})` : "";
  return said.join("; ") + more;
}

/** Which refusal of the store it was; anything else is no fault of the record and is thrown. */
export function reasonOf(error: unknown): { reason: FaultReason; detail: string | null } {
  const sqlState = String((error as { code?: unknown }).code);
  // What the database does not hold (class 22, 23) is a fault of the record too.
  if (!(error instanceof DomainError) && /^2[23]/.test(sqlState))
    return { reason: "refused", detail: null };
  if (!(error instanceof DomainError) || error.code === "fhir.paused") throw error;
  if (error.code === "fhir.several-match") return { reason: "several", detail: null };
  const { reason, issues } = error.params as {
    reason?: unknown;
    issues?: readonly { diagnostics?: string }[];
  };
  const detail = typeof reason === "string" ? reason : issues?.[0]?.diagnostics;
  return { reason: "refused", detail: detail ?? error.code };
}
