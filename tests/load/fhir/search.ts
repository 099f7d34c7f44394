/**
 * Reads and searches of a record store at fixed rates, against generated records of two sizes. Through
 * the store's own functions, with consent, audit and row policies, in one process with the load
 * generator and PostgreSQL beside it; what HTTP adds is not in these figures. Latency counts from the
 * moment a request was due, so that what waits is not forgotten.
 */
import { randomUUID } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startEmbedded } from "../../../server/db/embedded.ts";
import type { StoreContext } from "../../../server/fhir/store/caller.ts";
import { openStoreDatabase } from "../../../server/fhir/store/database.ts";
import { migrateStore } from "../../../server/fhir/store/migrate.ts";
import { searchPage } from "../../../server/fhir/store/search-seam.ts";
import { createRecordStore, type RecordStore } from "../../../server/fhir/store/service.ts";
import { generateSecrets } from "../../../server/secrets.ts";
import { ORGANIZATIONS, observationKinds, PRACTITIONERS } from "../fhir-record.ts";
import { seedStore } from "../fhir-seed.ts";
import { type BenchContext, type BenchResult, result } from "../suite.ts";

type Load = {
  readonly name: string;
  readonly perSecond: number;
  /** For the 95th percentile in ms, at a million resources. */
  readonly limitMs: number;
  readonly run: (at: Place) => Promise<unknown>;
};
type Place = {
  readonly store: RecordStore;
  readonly context: StoreContext;
  readonly patients: number;
};

const QUICK_SIZES = [20_000];
const SIZES = [100_000, 1_000_000];
const TIMES_OF_SMALLER = 2;
const WARM_UP_SECONDS = 2;

const below = (limit: number) => Math.floor(Math.random() * limit);
const pick = <T>(from: readonly T[]): T => from[below(from.length)] as T;
const codes = observationKinds.map(([code]) => code);

/** What a workbench asks: a patient found, and parts of a record. */
const searches: readonly ((patients: number) => [string, string])[] = [
  (n) => ["Patient", `identifier=urn:mrn|MRN-${below(n)}`],
  (n) => [
    "Observation",
    `patient=pat-${below(n)}&code=http://loinc.org|${pick(codes)}&_sort=-date&_count=10`,
  ],
  (n) => ["Observation", `patient=pat-${below(n)}&category=laboratory&date=ge2024&_count=10`],
  (n) => ["Condition", `patient=pat-${below(n)}&clinical-status=active&_count=10`],
  (n) => ["MedicationRequest", `patient=pat-${below(n)}&status=active&_count=10`],
  (n) => ["Encounter", `patient=pat-${below(n)}&_sort=-date&_count=10`],
  () => ["Observation", `code=${pick(codes)}&_sort=-date&_count=10`],
  (n) => ["Patient", `phone=139${String(below(n)).padStart(8, "0")}`],
];
const chains: readonly (() => [string, string])[] = [
  () => [
    "MedicationRequest",
    `patient.organization.identifier=ORG-${below(ORGANIZATIONS)}&_count=10`,
  ],
  () => ["Observation", `encounter.participant.identifier=DOC-${below(PRACTITIONERS)}&_count=10`],
  () => ["Condition", `encounter.service-provider.name=第${below(ORGANIZATIONS)}&_count=10`],
];

const LOADS: readonly Load[] = [
  {
    name: "read",
    perSecond: 500,
    limitMs: 5,
    run: async ({ store, context, patients }) => {
      const found = await store.read(
        context,
        "Observation",
        `obs-${below(patients)}-${below(160)}`,
      );
      if (found.status !== "ok") throw new Error("a seeded resource is missing");
    },
  },
  {
    name: "indexed search",
    perSecond: 500,
    limitMs: 15,
    run: (at) => search(at, pick(searches)(at.patients)),
  },
  {
    name: "chain over two levels",
    perSecond: 50,
    limitMs: 50,
    run: (at) => search(at, pick(chains)()),
  },
  {
    name: "$everything of 300 resources",
    perSecond: 20,
    limitMs: 60,
    run: ({ store, context, patients }) =>
      store.everything(context, `pat-${below(patients)}`, {
        count: 1000,
        types: null,
        since: null,
        cursor: null,
      }),
  },
];

async function search(
  { store, context }: Place,
  [type, query]: [string, string],
): Promise<unknown> {
  const pairs = [...new URLSearchParams(query)];
  return await store.transaction(context, (tx) => searchPage(tx, context, type, pairs, true));
}

/** Figures per size; the larger also as a multiple of the smaller. */
export async function searchFigures({ quick, log }: BenchContext): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), "yilian-fhir-"));
  chmodSync(folder, 0o711);
  const cluster = await startEmbedded({ dataDir: folder, secrets: generateSecrets() });
  const results: BenchResult[] = [];
  const smaller = new Map<string, number>();
  try {
    for (const size of quick ? QUICK_SIZES : SIZES) {
      const urls = await cluster.createDatabase(`records_${size}`);
      await migrateStore(urls.owner);
      const tenant = randomUUID();
      const seed = await seedStore(urls.admin, tenant, size);
      log(`${seed.resources} resources seeded in ${seed.seconds.toFixed(0)} s`);
      const database = openStoreDatabase(urls.app, 8);
      const place = {
        store: createRecordStore(database),
        context: contextOf(tenant),
        patients: seed.patients,
      };
      for (const load of LOADS) {
        await paced(load, place, WARM_UP_SECONDS);
        const p95 = await paced(load, place, quick ? 4 : 10);
        const isLargest = size === SIZES.at(-1);
        const name = `${load.name}, ${load.perSecond}/s, p95 at ${size} resources`;
        results.push(result(name, p95, "ms", isLargest ? `<= ${load.limitMs}` : null));
        const before = smaller.get(load.name);
        if (before !== undefined) {
          results.push(
            result(
              `${load.name}, times the smaller store's`,
              p95 / before,
              "ratio",
              `<= ${TIMES_OF_SMALLER}`,
            ),
          );
        }
        smaller.set(load.name, p95);
      }
      await database.close();
    }
  } finally {
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return results;
}

function contextOf(tenant: string): StoreContext {
  return {
    tenant,
    at: new Date("2026-11-23T02:00:00Z"),
    base: "https://records.example/fhir",
    caller: {
      kind: "person",
      actor: randomUUID(),
      name: null,
      institution: tenant,
      purpose: "treatment",
      reason: null,
      scopes: null,
      mayWrite: true,
      correlationId: "bench",
      address: null,
    },
  };
}

/** @returns the 95th percentile in ms, from when each request was due */
async function paced(load: Load, place: Place, seconds: number): Promise<number> {
  const total = load.perSecond * seconds;
  const gapMs = 1000 / load.perSecond;
  const times: number[] = [];
  const running: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let n = 0; n < total; n += 1) {
    const due = startedAt + n * gapMs;
    const early = due - performance.now();
    if (early > 1) await delay(early);
    running.push(
      load.run(place).then(() => {
        times.push(performance.now() - due);
      }),
    );
  }
  await Promise.all(running);
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length * 0.95)] ?? 0;
}
