/** Migrating a database and loading the demo take seconds, a clone of what was made once takes none. */
import type postgres from "postgres";
import type { Secrets } from "../../server/secrets.ts";

/** Nothing in the demo depends on so few minutes. */
const FRESH_MS = 4 * 60_000;
/** Any number that nobody else locks. */
const LOCK = 7_105_222;
const IN_USE = "55006";

/** Two files may clone at the same moment: PostgreSQL refuses while the template is being read, so try again. */
export async function cloneDatabase(
  admin: postgres.Sql,
  name: string,
  template: string,
): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await admin.unsafe(`create database ${name} template ${template} owner yilian_owner`);
      await admin.unsafe(
        `revoke all on database ${name} from public; grant connect on database ${name} to yilian_app, yilian_jobs; grant create on database ${name} to yilian_jobs`,
      );
      return;
    } catch (error) {
      if (attempt > 100 || (error as { code?: string }).code !== IN_USE) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Another database of the same cluster, for the same role. */
export function at(url: string, database: string): string {
  const own = new URL(url);
  own.pathname = `/${database}`;
  return own.href;
}

/** Loads the demo into a migrated, empty database, as it is at the clock's hour. */
export async function loadDemoInto(options: {
  databaseUrl: string;
  recordStoreUrl: () => Promise<string>;
  secrets: Secrets;
  clock: () => Date;
}): Promise<void> {
  // Most test files find their template made: they need not read the whole server for it.
  const [{ loadDemo, loadRoles }, { createServices }] = await Promise.all([
    import("../../server/demo/load.ts"),
    import("../../server/services.ts"),
  ]);
  const services = createServices({
    databaseUrl: options.databaseUrl,
    recordStoreUrl: options.recordStoreUrl,
    secrets: options.secrets,
    demo: true,
    publicUrl: "http://localhost:8080",
    clock: options.clock,
  });
  try {
    await loadRoles(services);
    await loadDemo(services);
  } finally {
    await services.db.close();
  }
}

/** The name of the database that a test's record stores share: its institutions are tenants. */
export const recordsOf = (database: string) => `${database}_records`;

/**
 * The name of a template with the demo of these minutes, for what runs on the real clock: whoever needs it
 * first makes it, others wait.
 * @param admin one connection alone, which holds the lock
 * @param make makes a template of this name and its record stores
 */
export async function demoOfNow(
  admin: postgres.Sql,
  make: (name: string) => Promise<void>,
): Promise<string> {
  const name = `yilian_demo_${Math.floor(Date.now() / FRESH_MS)}`;
  await admin`select pg_advisory_lock(${LOCK})`;
  try {
    const [made] = await admin`select 1 from pg_database where datname = ${name}`;
    if (made) return name;
    const unfinished = `${name}_unfinished`;
    for (const left of [unfinished, recordsOf(unfinished), recordsOf(name)])
      await admin.unsafe(`drop database if exists ${left} with (force)`);
    await make(unfinished);
    await admin.unsafe(`alter database ${recordsOf(unfinished)} rename to ${recordsOf(name)}`);
    await admin.unsafe(`alter database ${unfinished} rename to ${name}`);
    return name;
  } finally {
    await admin`select pg_advisory_unlock(${LOCK})`;
  }
}
