/** The visit: the check of a prescription against the starter's tables, and what a payment provider tells. */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { startEmbedded } from "../../server/db/embedded.ts";
import { migrate } from "../../server/db/migrate.ts";
import { compile } from "../../server/formulary/domain.ts";
import { starterFormulary } from "../../server/formulary/service.ts";
import { check } from "../../server/prescription/checks.ts";
import { defaultLimits } from "../../server/prescription/limits.ts";
import { packsFor } from "../../server/prescription/line.ts";
import { generateSecrets } from "../../server/secrets.ts";
import { startServer } from "./booking/server.ts";
import { type BenchResult, result, type Suite } from "./suite.ts";
import { benchCallbacks, PROVIDER, PROVIDER_SECRET } from "./visit/callbacks.ts";

const PORT = 18_590;

/** Numbers from 0 to 1 that are the same at every start. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Five medicines, ten that are taken already, three allergies; patients and medicines drawn with a fixed seed. */
export function benchCheck(rounds = 4000): BenchResult {
  const content = starterFormulary();
  const formulary = compile(content);
  const next = seeded(7);
  const any = () => content.medicines[Math.floor(next() * content.medicines.length)]!;
  const took: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const lines = Array.from({ length: 5 }, () => {
      const { code, dose, pack } = any();
      const line = { code, dose, frequency: "bid" as const, days: 7, quantity: 0 };
      return { ...line, quantity: packsFor(line, pack) };
    });
    const takes = Array.from({ length: 10 }, () => {
      const { zh, code, atc, parts } = any();
      return { text: zh, code, atcs: [atc, ...parts], dailyAmount: null };
    });
    const start = performance.now();
    check(formulary, {
      lines,
      patient: {
        ageMonths: Math.floor(next() * 1000),
        sex: next() < 0.5 ? "female" : "male",
        weightKg: 12 + Math.floor(next() * 60),
        egfr: Math.floor(next() * 110),
        pregnant: null,
        breastFeeding: null,
        allergies: ["青霉素", "磺胺", "阿司匹林"].map((text) => ({ text, past: false })),
        takes,
      },
      setting: {
        kind: "ordinary",
        channel: "internet",
        diagnoses: ["I10", "E11.9"],
        assessed: false,
        noted: false,
        patientSigned: false,
        guardianPresent: false,
        specialistPresent: false,
      },
      limits: defaultLimits,
    });
    if (round >= rounds / 10) took.push(performance.now() - start);
  }
  took.sort((one, other) => one - other);
  const p95 = took[Math.floor(took.length * 0.95)]!;
  return result(
    "check of 5 medicines (10 taken already, 3 allergies), p95",
    Math.round(p95 * 1000) / 1000,
    "ms",
    "<= 5",
  );
}

export const suite: Suite = {
  name: "visit",
  describe:
    "the community internet hospital: the check of a prescription, a storm of payment callbacks",
  minutes: 6,
  async run({ root, quick, log }) {
    const checks = benchCheck(quick ? 500 : 4000);
    const folder = mkdtempSync(join(tmpdir(), "yilian-visit-"));
    chmodSync(folder, 0o711);
    const database = await startEmbedded({ dataDir: folder, secrets: generateSecrets() });
    const urls = await database.createDatabase("bench");
    await migrate({ ownerUrl: urls.owner, jobsUrl: urls.jobs, log: () => {} });
    // Nobody answers at the provider's address: what it tells has to be enough.
    const env = {
      PAY_NAME: PROVIDER,
      PAY_URL: "http://127.0.0.1:9/",
      PAY_SECRET: PROVIDER_SECRET,
    };
    const options = { root, urls, dataDir: folder, port: PORT, env };
    let server = await startServer(options);
    const admin = postgres(urls.admin, { max: 2, onnotice: () => {} });
    try {
      const callbacks = await benchCallbacks({
        ...{ admin, server, options, log },
        count: quick ? 3_000 : 100_000,
      });
      server = callbacks.server;
      return [checks, ...callbacks.results];
    } finally {
      await server.stop();
      await admin.end();
      await database.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
