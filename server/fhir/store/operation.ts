import { DomainError } from "../../errors/domain-error.ts";
import { type FhirResource, isId } from "./resource.ts";

/** One write, however it came: a request of its own or an entry of a bundle. */
export type Operation = {
  readonly method: "POST" | "PUT" | "PATCH" | "DELETE";
  readonly type: string;
  /** Null for a create, and where criteria say which. */
  readonly id: string | null;
  /** `Type?criteria` of a conditional update, patch or delete, without the type. */
  readonly criteria: string | null;
  readonly resource: FhirResource | null;
  /** JSON Patch (a list) or FHIRPath Patch (Parameters). */
  readonly patch: unknown;
  /** If-Match: the version that must be there. */
  readonly ifMatch: number | null;
  /** If-None-Match: *: nothing may be there. */
  readonly mustBeNew: boolean;
  /** If-None-Exist: criteria of a conditional create. */
  readonly ifNoneExist: string | null;
  /** By which other entries of the bundle point here. */
  readonly fullUrl: string | null;
  /** Where the resource stands in what was sent, e.g. `Bundle.entry[3].resource`; unsaid: it is the body. */
  readonly place?: string;
};

export type OperationResult = {
  /** `matched`: a conditional create found the resource there already; `absent`: nothing to delete. */
  readonly status: "created" | "updated" | "deleted" | "absent" | "matched";
  readonly type: string;
  readonly id: string | null;
  readonly version: number | null;
  /** As stored, with id and meta; null when deleted or only matched. */
  readonly resource: FhirResource | null;
};

export const noConditions = {
  id: null,
  criteria: null,
  resource: null,
  patch: undefined,
  ifMatch: null,
  mustBeNew: false,
  ifNoneExist: null,
  fullUrl: null,
} as const;

/**
 * If-Match as a version number; null when not given.
 * @throws DomainError `fhir.request` for what is no entity tag of ours
 */
export function versionOfEtag(header: string | null | undefined): number | null {
  if (header === null || header === undefined || header === "") return null;
  const found = /^\s*(?:W\/)?"?(\d{1,9})"?\s*$/.exec(header);
  // A tag that no version of ours can have matches none.
  return found ? Number(found[1]) : -1;
}

/**
 * A body as a resource of the type that the address names.
 * @throws DomainError `fhir.request`
 */
export function asResource(body: unknown, type: string): FhirResource {
  if (typeof body !== "object" || body === null || Array.isArray(body))
    throw new DomainError("fhir.request", { reason: "the body is no resource" });
  const resource = body as FhirResource;
  if (resource.resourceType !== type)
    throw new DomainError("fhir.request", { reason: `resourceType must be ${type}` });
  if (resource.id !== undefined && (typeof resource.id !== "string" || !isId(resource.id)))
    throw new DomainError("fhir.request", { reason: "the resource's id is no FHIR id" });
  return resource;
}
