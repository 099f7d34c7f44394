import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { inject } from "vitest";
import { at, cloneDatabase, demoOfNow, loadDemoInto } from "./templates.ts";

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
  await cloneDatabase(admin, name, await templateOf(admin, options.demo));
  let records: Promise<void> | undefined;
  return {
    records: async () => {
      records ??= cloneDatabase(admin, `${name}_records`, cluster.recordsTemplate);
      await records;
      return at(cluster.app, `${name}_records`);
    },
    app: at(cluster.app, name),
    owner: at(cluster.owner, name),
    jobs: at(cluster.jobs, name),
    admin: at(cluster.admin, name),
    drop: async () => {
      await admin.unsafe(`drop database if exists ${name} with (force)`);
      if (records) await admin.unsafe(`drop database if exists ${name}_records with (force)`);
      await admin.end();
    },
  };
}

async function templateOf(admin: postgres.Sql, demo?: "fixed" | "now"): Promise<string> {
  const { app, template, demoTemplate, recordsTemplate, secrets } = inject("cluster");
  if (demo === undefined) return template;
  if (demo === "fixed") return demoTemplate;
  return demoOfNow(admin, async (name) => {
    await cloneDatabase(admin, name, template);
    await loadDemoInto({
      databaseUrl: at(app, name),
      recordStoreUrl: async () => {
        await admin.unsafe(`drop database if exists ${name}_records with (force)`);
        await cloneDatabase(admin, `${name}_records`, recordsTemplate);
        return at(app, `${name}_records`);
      },
      secrets,
      clock: () => new Date(),
    });
  });
}
