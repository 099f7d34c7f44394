/**
 * One PostgreSQL for a whole test run: started before the first test, with one migrated template
 * database from which each test file clones its own; gone afterwards, also after a killed run.
 */
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { type EmbeddedDatabase, type RoleUrls, startEmbedded } from "../../server/db/embedded.ts";
import { migrate } from "../../server/db/migrate.ts";
import { generateSecrets } from "../../server/secrets.ts";

const TEMPLATE = "yilian_template";
const FOLDER_PREFIX = "yilian-test-";

/** What tests get from `inject("cluster")`: the template's name and its addresses per role. */
export type TestCluster = RoleUrls & { readonly template: string };

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
    database = await startEmbedded({ dataDir: folder, secrets: generateSecrets(), fast: true });
    const urls = await database.createDatabase(TEMPLATE);
    await migrate({ ownerUrl: urls.owner, jobsUrl: urls.jobs, log: () => {} });
    project.provide("cluster", { ...urls, template: TEMPLATE });
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
