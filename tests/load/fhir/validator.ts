/** What validation on receipt costs, for resources as large as those that Synthea writes. */
import { parseJson } from "../../../server/fhir/store/json.ts";
import { isValid, validateResource } from "../../../server/fhir/validation/validate.ts";
import { type BenchContext, type BenchResult, result } from "../suite.ts";
import { typicalResources } from "./typical.ts";

const ROUNDS_MS = 400;
const ROUNDS = 5;
const WARM_UP = 2_000;

/** Median over rounds of the mean cost in µs; each resource is parsed anew, as on receipt. */
export function validatorCost({ quick, log }: BenchContext): BenchResult[] {
  const resources = typicalResources();
  const cost = (kind: string, texts: readonly string[]): number => {
    for (const text of texts) {
      if (!isValid(validateResource(JSON.parse(text)))) throw new Error(`a ${kind} is not valid`);
    }
    const parsed = texts.map((text) => JSON.parse(text));
    const figure = median(quick ? 3 : ROUNDS, () => meanCost(parsed, validateResource));
    log(`${kind}: ${figure.toFixed(1)} µs`);
    return figure;
  };
  const patient = cost("Patient", [resources.patient]);
  const entry = cost("mean of a transaction's entries", resources.mix);
  const parsing = median(3, () => meanCost(resources.mix, (text) => parseJson(text)));
  return [
    result("validator, per Patient", patient, "µs", "<= 300"),
    result("validator, mean per entry of an import", entry, "µs", "<= 250"),
    result("strict parsing, mean per entry of an import", parsing, "µs"),
  ];
}

function meanCost<Item>(items: readonly Item[], work: (item: Item) => unknown): number {
  for (let index = 0; index < WARM_UP; index += 1) work(items[index % items.length]!);
  const startedAt = performance.now();
  let count = 0;
  while (performance.now() - startedAt < ROUNDS_MS) {
    for (const item of items) work(item);
    count += items.length;
  }
  return ((performance.now() - startedAt) * 1_000) / count;
}

function median(rounds: number, measure: () => number): number {
  const figures = Array.from({ length: rounds }, measure).sort((a, b) => a - b);
  return figures[Math.floor(rounds / 2)] ?? 0;
}
