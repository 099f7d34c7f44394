/** What a reference points to: https://hl7.org/fhir/R4/references.html */
import { hash32, hash64 } from "./hash.ts";

export type ReferenceTarget = {
  /** Name that is hashed: `Type/id` for a resource of this store, else the address without version. */
  readonly name: string;
  /** Resource type, or empty when the address does not say. */
  readonly type: string;
  readonly version?: string;
};

const LOCAL =
  /^([A-Z][A-Za-z]{1,63})\/([A-Za-z0-9.-]{1,64})(?:\/_history\/([A-Za-z0-9.-]{1,64}))?$/;
const REST = /\/([A-Z][A-Za-z]{1,63})\/[A-Za-z0-9.-]{1,64}$/;

/**
 * @param bases own addresses, each without a slash at the end
 * @returns undefined for a contained resource and for what is no reference
 */
export function targetOf(
  reference: string,
  bases: readonly string[] = [],
  declared = "",
): ReferenceTarget | undefined {
  if (reference.startsWith("#") || reference === "") return undefined;
  const own = bases.find((base) => reference.startsWith(`${base}/`));
  const local = LOCAL.exec(own ? reference.slice(own.length + 1) : reference);
  if (local) {
    const [, type = "", id = "", version] = local;
    return { name: `${type}/${id}`, type, ...(version ? { version } : {}) };
  }
  const unversioned = reference.replace(/\/_history\/[A-Za-z0-9.-]+$/, "");
  return { name: unversioned, type: REST.exec(unversioned)?.[1] ?? declared };
}

/** A canonical address and the version behind its bar. */
export function canonicalOf(canonical: string): ReferenceTarget {
  const bar = canonical.indexOf("|");
  if (bar < 0) return { name: canonical, type: REST.exec(canonical)?.[1] ?? "" };
  const name = canonical.slice(0, bar);
  return { name, type: REST.exec(name)?.[1] ?? "", version: canonical.slice(bar + 1) };
}

export const targetHash = (name: string): string => hash64(`>${name}`);
export const typeHash = (type: string): number => (type ? hash32(`type ${type}`) : 0);
