import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { inject } from "vitest";

export type TestDatabase = {
  app: string;
  owner: string;
  jobs: string;
  admin: string;
  /** The record stores' database for the application role, cloned when first asked for. */
  records: () => Promise<string>;
  drop: () => Promise<void>;
};

/** A database of its own for one test file: a clone of a template, dropped afterwards. */
export async function createTestDatabase({ demo = false } = {}): Promise<TestDatabase> {
  const cluster = inject("cluster");
  const name = `t_${randomBytes(6).toString("hex")}`;
  const maintenance = new URL(cluster.admin);
  maintenance.pathname = "/postgres";
  const admin = postgres(maintenance.href, { max: 1, onnotice: () => {} });
  await clone(admin, name, demo ? cluster.demoTemplate : cluster.template);
  const of = (url: string) => {
    const own = new URL(url);
    own.pathname = `/${name}`;
    return own.href;
  };
  let records: Promise<string> | undefined;
  const cloneRecords = async () => {
    await clone(admin, `${name}_records`, cluster.recordsTemplate);
    const own = new URL(cluster.app);
    own.pathname = `/${name}_records`;
    return own.href;
  };
  return {
    records: () => {
      records ??= cloneRecords();
      return records;
    },
    app: of(cluster.app),
    owner: of(cluster.owner),
    jobs: of(cluster.jobs),
    admin: of(cluster.admin),
    drop: async () => {
      await admin.unsafe(`drop database if exists ${name} with (force)`);
      if (records) await admin.unsafe(`drop database if exists ${name}_records with (force)`);
      await admin.end();
    },
  };
}

/** Two files may clone at the same moment: PostgreSQL refuses while the template is being read, so try again. */
async function clone(admin: postgres.Sql, name: string, template: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await admin.unsafe(`create database ${name} template ${template} owner yilian_owner`);
      await admin.unsafe(
        `revoke all on database ${name} from public; grant connect on database ${name} to yilian_app, yilian_jobs; grant create on database ${name} to yilian_jobs`,
      );
      return;
    } catch (error) {
      if (attempt > 40 || (error as { code?: string }).code !== "55006") throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
