import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const MINUTE_MS = 60_000;

/** The long ones, longest first: begun late, one of them would run alone at the end. */
const longOnes = [
  ...["fuzz", "referral-interop", "schedules", "projection", "kill", "lab", "fever", "hotline"].map(
    (name) => `tests/api/${name}.test.ts`,
  ),
  ...[
    "screens",
    "booking",
    "hotline",
    "identity",
    "referral",
    "fever",
    "surge",
    "sampling",
    "triage",
  ].map((name) => `tests/journeys/${name}.test.ts`),
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const found = longOnes.findIndex((path) => moduleId.endsWith(path));
      return found === -1 ? longOnes.length : found;
    };
    return (await super.sort(files)).sort((one, other) => place(one) - place(other));
  }
}

/** Journeys in which people see and hear each other. */
const mediaJourneys = ["consult", "faults", "turn", "teaching", "visit"].map(
  (name) => `tests/journeys/${name}.test.ts`,
);

/** What all tiers share. Tests that need a database clone the template of tests/support/cluster.ts. */
const project = (name: string, options: object = {}) => ({
  extends: true as const,
  test: { name, include: [`tests/${name}/**/*.test.ts`], ...options },
});

/** One run, one PostgreSQL. `npm test -- tests/domain` runs a part of it. */
export default defineConfig({
  test: {
    environment: "node",
    globalSetup: ["./tests/support/cluster.ts"],
    passWithNoTests: false,
    allowOnly: !process.env.CI,
    restoreMocks: true,
    // Much of a test is waiting, for PostgreSQL or a page: on two cores three keep both busy.
    maxWorkers: Math.max(3, availableParallelism()),
    sequence: { sequencer: LongestFirst },
    projects: [
      // What they read is read once per worker: each file has its database to itself, modules keep nothing of it.
      project("domain", { isolate: false, testTimeout: 20_000 }),
      project("fhir", { isolate: false, testTimeout: 20_000, hookTimeout: 30_000 }),
      project("api", { isolate: false, testTimeout: 20_000, hookTimeout: 30_000 }),
      // Media and browsers need the machine for themselves: one file at a time, after the others.
      project("sfu", {
        testTimeout: MINUTE_MS,
        hookTimeout: MINUTE_MS,
        fileParallelism: false,
        sequence: { groupOrder: 1 },
      }),
      project("journeys", {
        include: mediaJourneys,
        testTimeout: 5 * MINUTE_MS,
        hookTimeout: 2 * MINUTE_MS,
        fileParallelism: false,
        sequence: { groupOrder: 2 },
      }),
      // Without pictures and sound they wait more than they compute: three at a time keep two cores busy.
      project("pages", {
        include: ["tests/journeys/**/*.test.ts"],
        exclude: mediaJourneys,
        testTimeout: 5 * MINUTE_MS,
        hookTimeout: 2 * MINUTE_MS,
        maxWorkers: 3,
        sequence: { groupOrder: 3 },
      }),
    ],
  },
});
