/**
 * One PostgreSQL for a whole test run: started before the first test, with a migrated template
 * database and one with the demo's data, from which each test file clones its own; gone afterwards,
 * also after a killed run.
 */
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import type { TestProject } from "vitest/node";
import { type EmbeddedDatabase, type RoleUrls, startEmbedded } from "../../server/db/embedded.ts";
import { migrate } from "../../server/db/migrate.ts";
import { migrateStore } from "../../server/fhir/service.ts";
import { generateSecrets, type Secrets } from "../../server/secrets.ts";
import { at, cloneDatabase, loadDemoInto } from "./templates.ts";

const TEMPLATE = "yilian_template";
const DEMO_TEMPLATE = "yilian_demo_template";
/** One database for all record stores of a test file: its institutions are tenants. */
const RECORDS_TEMPLATE = "yilian_records_template";
const FOLDER_PREFIX = "yilian-test-";

/** A working Monday morning, so that clocks and calendars do not depend on the day of the run. */
export const testStart = "2026-11-23T02:00:00Z";

/** What tests get from `inject("cluster")`: the templates' names and their addresses per role. */
export type TestCluster = RoleUrls & {
  readonly template: string;
  /** As the demo is at {@link testStart}, sealed with `secrets`. */
  readonly demoTemplate: string;
  /** The record stores that belong to it. */
  readonly recordsTemplate: string;
  readonly secrets: Secrets;
};

declare module "vitest" {
  export interface ProvidedContext {
    cluster: TestCluster;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  removeAbandoned();
  const folder = mkdtempSync(join(tmpdir(), `${FOLDER_PREFIX}${process.pid}-`));
  chmodSync(folder, 0o711);
  let database: EmbeddedDatabase | undefined;
  const teardown = async () => {
    await database?.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const secrets = generateSecrets();
    database = await startEmbedded({ dataDir: folder, secrets, fast: true });
    const urls = await database.createDatabase(TEMPLATE);
    await migrate({ ownerUrl: urls.owner, jobsUrl: urls.jobs, log: () => {} });
    const admin = postgres(at(urls.admin, "postgres"), { max: 1, onnotice: () => {} });
    await cloneDatabase(admin, DEMO_TEMPLATE, TEMPLATE);
    await admin.end();
    const records = await database.createDatabase(RECORDS_TEMPLATE);
    await migrateStore(records.owner);
    await loadDemoInto({
      databaseUrl: at(urls.app, DEMO_TEMPLATE),
      recordStoreUrl: async () => records.app,
      secrets,
      clock: () => new Date(testStart),
    });
    project.provide("cluster", {
      ...urls,
      template: TEMPLATE,
      demoTemplate: DEMO_TEMPLATE,
      recordsTemplate: RECORDS_TEMPLATE,
      secrets,
    });
  } catch (error) {
    await teardown();
    throw error;
  }
  return teardown;
}

/** Clusters of runs that were killed: their process is gone, so nobody else will remove them. */
function removeAbandoned(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(new RegExp(`^${FOLDER_PREFIX}(\\d+)-`).exec(name)?.[1]);
    if (!pid || isAlive(pid)) continue;
    const folder = join(tmpdir(), name);
    try {
      const pidFile = join(folder, "postgres", "data", "postmaster.pid");
      const postmaster = Number(readFileSync(pidFile, "utf8").split("\n")[0]);
      const command = readFileSync(`/proc/${postmaster}/cmdline`, "utf8");
      if (command.includes(folder)) process.kill(postmaster, "SIGQUIT");
    } catch {
      // No postmaster is left, or it is another user's.
    }
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // Another user's: theirs to remove.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
