/** Value sets of required bindings and code systems, read one by one on demand and then kept. */
import { openPack } from "./pack.ts";

/**
 * Codes per system as the extract has them; `null` where the system's codes are not at hand (media
 * types, currencies, units): then any code of that system is in.
 */
export type ValueSetExtract = Readonly<Record<string, readonly string[] | null>>;

export type ValueSet = {
  readonly systems: ReadonlyMap<string, ReadonlySet<string> | null>;
  /** Codes of all systems together, for elements of type code; `null`: cannot be enumerated. */
  readonly codes: ReadonlySet<string> | null;
};

const valueSets = openPack<ValueSetExtract>("value-sets");
const codeSystems = openPack<readonly string[]>("code-systems");
const knownValueSets = new Map<string, ValueSet | undefined>();
const knownCodeSystems = new Map<string, ReadonlySet<string> | undefined>();

/** @returns undefined when the value set is not among those extracted */
export function valueSet(url: string): ValueSet | undefined {
  if (knownValueSets.has(url)) return knownValueSets.get(url);
  const extract = valueSets.read(url);
  const made = extract && valueSetOf(extract);
  knownValueSets.set(url, made);
  return made;
}

/** All codes of a code system that HL7 publishes whole; undefined for any other system. */
export function codeSystem(url: string): ReadonlySet<string> | undefined {
  if (!codeSystems.has(url)) return undefined;
  let codes = knownCodeSystems.get(url);
  if (!codes) {
    codes = new Set(codeSystems.read(url));
    knownCodeSystems.set(url, codes);
  }
  return codes;
}

function valueSetOf(extract: ValueSetExtract): ValueSet {
  const systems = new Map(
    Object.entries(extract).map(([system, codes]) => [system, codes && new Set(codes)]),
  );
  const isWhole = [...systems.values()].every((codes) => codes !== null);
  return {
    systems,
    codes: isWhole ? new Set([...systems.values()].flatMap((codes) => [...(codes ?? [])])) : null,
  };
}
