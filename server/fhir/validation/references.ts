/** References and canonical addresses: form, allowed targets, what is contained or in the Bundle. */
import { isResourceType } from "../definitions/types.ts";
import { isObject, type Json, type Run } from "./run.ts";

const LITERAL =
  /^(?:(?<base>https?:\/\/.+)\/)?(?<type>[A-Z][A-Za-z]*)\/(?<id>[A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;
const CONDITIONAL = /^(?<type>[A-Z][A-Za-z]*)\?.+$/;
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/;

/**
 * Checks one Reference beyond its structure.
 * @param targets the resource types allowed, or undefined for any
 */
export function checkReference(
  value: Json,
  targets: readonly string[] | undefined,
  run: Run,
): void {
  const { reference, type } = value;
  if (typeof type === "string" && !SCHEME.test(type)) {
    if (!isResourceType(type)) {
      run.error("value", `${type} is not a resource type`, "type");
    } else if (targets && !targets.includes(type)) {
      run.error(
        "structure",
        `${type} is not among the allowed targets ${targets.join(", ")}`,
        "type",
      );
    }
  }
  if (typeof reference !== "string" || reference === "") return;
  const found = targetType(reference, run);
  if (found === undefined) return;
  if (targets && !targets.includes(found)) {
    run.error(
      "structure",
      `the reference leads to ${article(found)}, allowed is ${targets.join(", ")}`,
      "reference",
    );
  }
  if (typeof type === "string" && isResourceType(type) && type !== found) {
    run.error("structure", `type says ${type}, but the reference leads to ${article(found)}`);
  }
}

/** Type of what the reference leads to as far as it can be told here; reports a wrong form. */
function targetType(reference: string, run: Run): string | undefined {
  if (reference.startsWith("#")) return containedType(reference.slice(1), run);
  const inBundle = run.bundle?.byFullUrl.get(reference);
  if (inBundle) return typeOf(inBundle);
  const literal = LITERAL.exec(reference)?.groups;
  if (literal) {
    const { base, type = "" } = literal;
    if (isResourceType(type)) return type;
    if (base === undefined) run.error("value", `${type} is not a resource type`, "reference");
    return undefined;
  }
  if (SCHEME.test(reference)) {
    // An address may be of any server. A UUID is known only within its Bundle.
    if (/^urn:(uuid|oid):/.test(reference)) checkUrn(reference, run);
    return undefined;
  }
  const conditional = CONDITIONAL.exec(reference)?.groups;
  if (conditional && (run.bundle?.type === "transaction" || run.bundle?.type === "batch")) {
    return conditional.type;
  }
  run.error("value", "must be of the form Type/id, #id, or an absolute address", "reference");
  return undefined;
}

const URN = /^urn:(uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|oid:[0-2](\.(0|[1-9]\d*))+)$/i;

function checkUrn(reference: string, run: Run): void {
  if (!URN.test(reference)) {
    run.error("value", "is not a valid UUID or OID", "reference");
  } else if (run.bundle) {
    run.error("not-found", "no entry of the Bundle has this fullUrl", "reference");
  }
}

function containedType(id: string, run: Run): string | undefined {
  const { scope } = run;
  if (!scope) return undefined;
  if (id === "") return typeOf(scope.resource);
  const target = scope.contained.get(id);
  if (target) return typeOf(target);
  run.error("not-found", `no contained resource has the id that #${id} names (ref-1)`, "reference");
  return undefined;
}

const typeOf = (resource: Json): string | undefined =>
  typeof resource.resourceType === "string" ? resource.resourceType : undefined;

const article = (type: string) => (/^[AEIOU]/.test(type) ? `an ${type}` : `a ${type}`);

/** Canonical addresses are absolute, or name something contained. */
export function canonicalProblem(value: unknown): string | undefined {
  if (typeof value !== "string" || value.startsWith("#") || SCHEME.test(value)) return undefined;
  // A relative Type/id is a literal reference in place of a canonical address: read by many servers.
  return LITERAL.test(value) ? undefined : "must be an absolute address";
}

/** Contained resources of one resource by id. */
export function containedOf(resource: Json): ReadonlyMap<string, Json> {
  if (!Array.isArray(resource.contained)) return NONE;
  const found = new Map<string, Json>();
  for (const one of resource.contained) {
    if (isObject(one) && typeof one.id === "string") found.set(one.id, one);
  }
  return found;
}

const NONE: ReadonlyMap<string, Json> = new Map();
