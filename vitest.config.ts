import { defineConfig } from "vitest/config";

const MINUTE_MS = 60_000;

/** Journeys in which people see and hear each other. */
const mediaJourneys = ["consult", "faults", "turn"].map((name) => `tests/journeys/${name}.test.ts`);

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
    projects: [
      project("domain"),
      project("fhir", { testTimeout: 20_000, hookTimeout: 30_000 }),
      project("api", { testTimeout: 20_000, hookTimeout: 30_000 }),
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
      // Without pictures and sound two at a time are no hindrance to each other.
      project("pages", {
        include: ["tests/journeys/**/*.test.ts"],
        exclude: mediaJourneys,
        testTimeout: 5 * MINUTE_MS,
        hookTimeout: 2 * MINUTE_MS,
        maxWorkers: 2,
        sequence: { groupOrder: 3 },
      }),
    ],
  },
});
