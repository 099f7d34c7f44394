/** FHIR R4 types as scripts/fhir-definitions/types.ts extracts them, read one by one on demand. */
import { openPack } from "./pack.ts";

/** An invariant of severity `error`, or of `warning` without being a best practice. */
export type InvariantDefinition = {
  readonly key: string;
  readonly severity: "error" | "warning";
  readonly human: string;
  readonly expression: string;
};

export type ElementType = {
  /** For example `Quantity`, `string`, `Reference`, `Resource` (any), `BackboneElement`. */
  readonly code: string;
  /** Types a Reference or canonical may point to; absent: any. */
  readonly targets?: readonly string[];
};

export type ElementBinding = {
  /** Canonical address without version. */
  readonly valueSet: string;
};

export type ElementDefinition = {
  /** Without `[x]`. */
  readonly name: string;
  readonly isChoice?: true;
  readonly min: number;
  /** `null`: any number. */
  readonly max: number | null;
  readonly types: readonly ElementType[];
  /** Part of an answer under `_summary=true`. */
  readonly isSummary?: true;
  /** Key into {@link TypeDefinition.blocks} when the element is described in place or elsewhere. */
  readonly block?: string;
  /** Required bindings and bindings with a maximum value set. */
  readonly binding?: ElementBinding;
  readonly invariants?: readonly InvariantDefinition[];
};

export type TypeDefinition = {
  readonly name: string;
  readonly kind: "complex-type" | "resource";
  readonly isAbstract?: true;
  /** Whether the type is a DomainResource: text, contained and extensions. */
  readonly isDomainResource?: true;
  /** Elements per path below the type: `""` is the type itself, `contact` Patient.contact. */
  readonly blocks: Readonly<Record<string, readonly ElementDefinition[]>>;
  readonly invariants: readonly InvariantDefinition[];
};

const pack = openPack<TypeDefinition>("types");

/** Reads one type's definition from the extract. */
export function typeDefinition(name: string): TypeDefinition | undefined {
  return pack.read(name);
}

let resources: ReadonlySet<string> | undefined;

/** All resource types of R4 that can have instances. */
export function resourceTypes(): ReadonlySet<string> {
  resources ??= new Set(openPack<readonly string[]>("type-names").read("resources"));
  return resources;
}

export const isResourceType = (name: string): boolean => resourceTypes().has(name);

/** What is sent and answered and has no address in R4: parameters of operations, what a notification says. */
const unaddressed = new Set(["Parameters", "SubscriptionStatus"]);
let stored: ReadonlySet<string> | undefined;

/** Types of which a server keeps resources, each at an address of its own. */
export function storedTypes(): ReadonlySet<string> {
  stored ??= new Set([...resourceTypes()].filter((name) => !unaddressed.has(name)));
  return stored;
}

export const isStoredType = (name: string): boolean => storedTypes().has(name);
