/** The triage decision with a thousand rules, as the suite of referral tells it. */
import { compile, decide } from "../../server/triage/domain.ts";
import { starterContent } from "../../server/triage/starter/index.ts";
import { writtenCases } from "../../server/triage/written-cases.ts";
import { type BenchResult, result } from "./suite.ts";

/** The starter's rules, each again under other keys, to a thousand in all; every written case many times. */
export function benchTriage(): BenchResult {
  const { rules } = starterContent;
  const many = Array.from({ length: 1000 }, (_, index) => ({
    ...rules[index % rules.length]!,
    key: `bench-${index}`,
    // Half of them hold for everybody: an index by complaint helps them least.
    ...(index % 2 === 0 ? { complaints: null } : {}),
  }));
  const compiled = compile({ ...starterContent, rules: many });
  const took: number[] = [];
  for (let round = 0; round < 12; round += 1)
    for (const { facts } of writtenCases) {
      const start = performance.now();
      decide(compiled, facts);
      if (round >= 2) took.push(performance.now() - start);
    }
  took.sort((one, other) => one - other);
  const p95 = took[Math.floor(took.length * 0.95)]!;
  return result("triage decision, 1,000 rules, p95", Math.round(p95 * 1000) / 1000, "ms", "<= 2");
}
