import { DomainError } from "../../errors/domain-error.ts";
import { type FhirResource, isId } from "./resource.ts";

/** If-Match: the versions of which one must be there, or any that is not deleted. */
export type IfMatch = readonly number[] | "any";

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
  readonly ifMatch: IfMatch | null;
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
 * If-Match (RFC 9110, 13.1.1): `*`, or entity tags of which one must fit; null when not given.
 * @throws DomainError `fhir.request` for what is neither
 */
export function ifMatchOf(header: string | null | undefined): IfMatch | null {
  if (header === null || header === undefined) return null;
  if (header.trim() === "*") return "any";
  const tags = header.split(",").map((one) => entityTag.exec(one.trim()));
  if (tags.some((one) => one === null))
    throw new DomainError("fhir.request", { reason: 'If-Match is * or versions: W/"3"' });
  // A tag that no version of ours can have matches none.
  return tags.map((one) => Number(one![1] ?? one![2] ?? -1));
}
/** A version with or without its quotes, or somebody else's tag. */
const entityTag = /^(?:W\/)?(?:"(\d{1,9})"|(\d{1,9})|"[^"\s]*")$/;

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
