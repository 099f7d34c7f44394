/** Value sets of required bindings with their codes, and the code systems that HL7 publishes whole. */
import type { ValueSetExtract } from "../../server/fhir/definitions/value-sets.ts";
import type {
  CodeSystemSource,
  ConceptSource,
  DefinitionSource,
  IncludeSource,
  ReadDefinitions,
  ValueSetSource,
} from "./source.ts";

const FILES = ["valuesets", "v3-codesystems", "v2-tables"] as const;

/** Codes by system of each value set, by address. */
export function extractValueSets(read: ReadDefinitions): ReadonlyMap<string, ValueSetExtract> {
  const sources = terminology(read);
  const wanted = new Set(requiredBy(read));
  const extract = new Map<string, ValueSetExtract>();
  for (const url of [...wanted].sort()) {
    const systems = expand(url, sources);
    if (systems) extract.set(url, systems);
  }
  return extract;
}

/** All codes of each complete code system, by address. */
export function extractCodeSystems(read: ReadDefinitions): ReadonlyMap<string, readonly string[]> {
  const extract = new Map<string, readonly string[]>();
  for (const system of terminology(read).codeSystems.values()) {
    if (system.content !== "complete" || !system.concept?.length) continue;
    extract.set(system.url, codesOf(system));
  }
  return extract;
}

type Terminology = {
  readonly codeSystems: ReadonlyMap<string, CodeSystemSource>;
  readonly valueSets: ReadonlyMap<string, ValueSetSource>;
};

function terminology(read: ReadDefinitions): Terminology {
  const resources: readonly DefinitionSource[] = FILES.flatMap((name) => [...read(name)]);
  return {
    codeSystems: new Map(
      resources.filter((one) => one.resourceType === "CodeSystem").map((one) => [one.url, one]),
    ),
    valueSets: new Map(
      resources.filter((one) => one.resourceType === "ValueSet").map((one) => [one.url, one]),
    ),
  };
}

/** Every value set that some element is bound to, however strongly: profiles may require more. */
function requiredBy(read: ReadDefinitions): string[] {
  const structures = ["profiles-types", "profiles-resources", "extension-definitions"]
    .flatMap((name) => [...read(name)])
    .filter((one) => one.resourceType === "StructureDefinition");
  return structures
    .flatMap(({ snapshot }) => snapshot?.element ?? [])
    .flatMap(({ binding }) => [
      binding?.strength === "required" ? binding.valueSet : undefined,
      ...(binding?.extension ?? []).map(({ valueCanonical }) => valueCanonical),
    ])
    .flatMap((canonical) => canonical?.split("|").slice(0, 1) ?? []);
}

function expand(url: string, sources: Terminology): ValueSetExtract | undefined {
  const source = sources.valueSets.get(url);
  if (!source?.compose) return undefined;
  const systems: Record<string, string[] | null> = {};
  for (const include of source.compose.include) {
    for (const [system, codes] of Object.entries(included(include, sources))) {
      const known = systems[system];
      systems[system] =
        codes === null || known === null ? null : [...new Set([...(known ?? []), ...codes])];
    }
  }
  for (const exclude of source.compose.exclude ?? []) {
    for (const [system, codes] of Object.entries(included(exclude, sources))) {
      const known = systems[system];
      if (known && codes) systems[system] = known.filter((code) => !codes.includes(code));
    }
  }
  return systems;
}

function included(include: IncludeSource, sources: Terminology): ValueSetExtract {
  const { system, concept, filter, valueSet = [] } = include;
  if (!system) {
    return Object.assign({}, ...valueSet.map((canonical) => expand(bare(canonical), sources)));
  }
  if (concept) return { [system]: concept.map(({ code }) => code) };
  const found = sources.codeSystems.get(system);
  // No required binding of R4 filters; one that did would let every code of the system in.
  if (found?.content !== "complete" || filter) return { [system]: null };
  return { [system]: codesOf(found) };
}

const bare = (canonical: string) => canonical.split("|")[0] ?? canonical;

function codesOf(system: CodeSystemSource): string[] {
  const walk = (concepts: readonly ConceptSource[]): string[] =>
    concepts.flatMap(({ code, concept = [] }) => [code, ...walk(concept)]);
  return walk(system.concept ?? []);
}
