/** R4's search parameters by resource type, from the extract of scripts/fhir-definitions. */
import type {
  ParameterEntry,
  SearchEntry,
} from "../../../scripts/fhir-definitions/search-parameters.ts";
import { openPack } from "../definitions/pack.ts";
import { isStoredType, storedTypes } from "../definitions/types.ts";

export type {
  ComponentEntry,
  ParameterEntry,
  PathEntry,
  SearchEntry,
} from "../../../scripts/fhir-definitions/search-parameters.ts";

const pack = openPack<SearchEntry>("search-parameters");
type Loaded = {
  readonly parameters: ReadonlyMap<string, ParameterEntry>;
  readonly compartment: readonly string[];
};
const loaded = new Map<string, Loaded>();
/** Of all types; `Resource` holds what all share. */
const SHARED = "Resource";
/** Whether resources of the type can be searched for: some have only the parameters that all share. */
export function isSearchable(type: string): boolean {
  return isStoredType(type);
}

/** Names of all types, in order. */
export function searchableTypes(): string[] {
  return [...storedTypes()].sort();
}

/** All parameters of a type, the shared ones (`_id`, `_tag`, …) among them. */
export function parametersOf(type: string): readonly ParameterEntry[] {
  return [
    ...load(SHARED).parameters.values(),
    ...(type === SHARED ? [] : load(type).parameters.values()),
  ];
}

export function parameterOf(type: string, code: string): ParameterEntry | undefined {
  return load(type).parameters.get(code) ?? load(SHARED).parameters.get(code);
}

/** Reference parameters that put a resource of the type into a patient's compartment. */
export function compartmentParametersOf(type: string): readonly ParameterEntry[] {
  const { compartment, parameters } = load(type);
  return compartment.flatMap((code) => parameters.get(code) ?? []);
}

function load(type: string): Loaded {
  const known = loaded.get(type);
  if (known) return known;
  const entry = pack.read(type);
  const own: Loaded = {
    parameters: new Map(entry?.parameters.map((parameter) => [parameter.code, parameter])),
    compartment: entry?.compartment ?? [],
  };
  loaded.set(type, own);
  return own;
}
