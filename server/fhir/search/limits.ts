import { DomainError } from "../../errors/domain-error.ts";

/** How much one search may ask for; beyond it is a plain refusal, never a part of the answer. */
export const limits = {
  parameters: 50,
  valuesPerParameter: 200,
  /** Two hundred addresses fit. */
  valueLength: 16_000,
  chainDepth: 4,
  includes: 20,
  /** Rounds of `:iterate`. */
  includeRounds: 5,
  includedResources: 2000,
  sortKeys: 5,
  countDefault: 20,
  countMost: 500,
} as const;

/** @throws DomainError `fhir.search-limit` when there are more than allowed */
export function atMost(found: number, what: keyof typeof limits): void {
  if (found > limits[what])
    throw new DomainError("fhir.search-limit", { what, most: limits[what] });
}

/** Names come from outside: a refusal says the beginning of them. */
const shown = (name: string): string => name.slice(0, 60);

export const unknownParameter = (parameter: string) =>
  new DomainError("fhir.search-parameter", { parameter: shown(parameter) });
export const wrongModifier = (parameter: string, modifier: string) =>
  new DomainError("fhir.search-modifier", {
    parameter: shown(parameter),
    modifier: shown(modifier),
  });
export const wrongValue = (parameter: string, expected: string) =>
  new DomainError("fhir.search-value", { parameter: shown(parameter), expected });
export const refused = (parameter: string) =>
  new DomainError("fhir.search-refused", { parameter: shown(parameter) });
