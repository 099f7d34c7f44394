/** Suite `fhir`: what records cost. Each part of tests/load/fhir adds its own figures. */
import { federationFigures } from "./fhir/federation.ts";
import { httpFigures } from "./fhir/http.ts";
import { searchFigures } from "./fhir/search.ts";
import { validatorCost } from "./fhir/validator.ts";
import type { BenchContext, BenchResult, Suite } from "./suite.ts";

/** A part's figures; `quick` parts stay within seconds. */
type Part = (context: BenchContext) => BenchResult[] | Promise<BenchResult[]>;

const PARTS: readonly Part[] = [validatorCost, federationFigures, httpFigures, searchFigures];

export const suite: Suite = {
  name: "fhir",
  describe:
    "FHIR: cost of validation on receipt; transactions and reads over HTTP; a federated record; reads, searches, chains and $everything at 100 k and 1 M",
  minutes: 9,
  run: async (context) => {
    const results: BenchResult[] = [];
    for (const part of PARTS) results.push(...(await part(context)));
    return results;
  },
};
