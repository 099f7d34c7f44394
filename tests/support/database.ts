import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { inject } from "vitest";
import { at, cloneDatabase, demoOfNow, loadDemoInto, recordsOf } from "./templates.ts";

export type TestDatabase = {
  app: string;
  owner: string;
  jobs: string;
  admin: string;
  /** The record stores' database for the application role, cloned when first asked for. */
  records: () => Promise<string>;
  drop: () => Promise<void>;
};

/**
 * A database of its own for one test file: a clone of a template, dropped afterwards.
 * @param demo `fixed`: with the demo at the tests' own hour; `now`: at the hour of the run
 */
export async function createTestDatabase(
  options: { demo?: "fixed" | "now" } = {},
): Promise<TestDatabase> {
  const cluster = inject("cluster");
  const name = `t_${randomBytes(6).toString("hex")}`;
  const admin = postgres(at(cluster.admin, "postgres"), { max: 1, onnotice: () => {} });
  const { template, records: recordsTemplate } = await templateOf(admin, options.demo);
  await cloneDatabase(admin, name, template);
  let records: Promise<void> | undefined;
  const cloneRecords = () => {
    records ??= cloneDatabase(admin, recordsOf(name), recordsTemplate);
    return records;
  };
  if (options.demo === "now") {
    await cloneRecords();
    await placeRecords(at(cluster.admin, name), recordsOf(name));
  }
  return {
    records: async () => {
      await cloneRecords();
      return at(cluster.app, recordsOf(name));
    },
    app: at(cluster.app, name),
    owner: at(cluster.owner, name),
    jobs: at(cluster.jobs, name),
    admin: at(cluster.admin, name),
    drop: async () => {
      await admin.unsafe(`drop database if exists ${name} with (force)`);
      if (records) await admin.unsafe(`drop database if exists ${recordsOf(name)} with (force)`);
      await admin.end();
    },
  };
}

async function templateOf(admin: postgres.Sql, demo?: "fixed" | "now") {
  const { app, template, demoTemplate, recordsTemplate, secrets } = inject("cluster");
  if (demo === undefined) return { template, records: recordsTemplate };
  if (demo === "fixed") return { template: demoTemplate, records: recordsTemplate };
  const now = await demoOfNow(admin, async (name) => {
    await cloneDatabase(admin, name, template);
    await cloneDatabase(admin, recordsOf(name), recordsTemplate);
    await loadDemoInto({
      databaseUrl: at(app, name),
      recordStoreUrl: async () => at(app, recordsOf(name)),
      secrets,
      clock: () => new Date(),
    });
  });
  return { template: now, records: recordsOf(now) };
}

/** A server on its own looks for its stores where their rows say. */
async function placeRecords(adminUrl: string, database: string): Promise<void> {
  const own = postgres(adminUrl, { max: 1, onnotice: () => {} });
  await own`update record_store set location = ${database} where kind = 'hosted'`;
  await own.end();
}
