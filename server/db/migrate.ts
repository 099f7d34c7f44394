import { fileURLToPath } from "node:url";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate as migrateSchema } from "drizzle-orm/postgres-js/migrator";
import { runMigrations } from "graphile-worker";
import postgres from "postgres";

const folder = fileURLToPath(new URL("./migrations", import.meta.url));

export const roleNames = { owner: "yilian_owner", app: "yilian_app", jobs: "yilian_jobs" } as const;

/**
 * Bring a database to the newest schema. Safe to repeat and to run from several replicas at once.
 * @param ownerUrl connection of the role that owns the tables; only this step uses it
 * @param jobsUrl connection of the role that owns the job queue
 * @throws Error with a sentence when a role is missing
 */
export async function migrate(options: {
  ownerUrl: string;
  jobsUrl: string;
  log?: (line: string) => void;
}): Promise<void> {
  const owner = postgres(options.ownerUrl, { max: 1, onnotice: () => {} });
  try {
    await requireRoles(owner);
    // One migrator at a time: a second replica waits here and then finds nothing to do.
    await owner`select pg_advisory_lock(7105219)`;
    await migrateSchema(drizzle(owner), {
      migrationsFolder: folder,
      migrationsSchema: "migrations",
    });
    await owner.unsafe(
      `do $$ begin execute format('grant create on database %I to yilian_jobs', current_database()); end $$`,
    );
    options.log?.("schema is up to date");
    await prepareJobs(options.jobsUrl);
    await owner`select pg_advisory_unlock(7105219)`;
  } finally {
    await owner.end();
  }
}

async function requireRoles(owner: postgres.Sql): Promise<void> {
  const rows = await owner<{ rolname: string; rolsuper: boolean; rolbypassrls: boolean }[]>`
    select rolname, rolsuper, rolbypassrls from pg_roles where rolname in ${owner(Object.values(roleNames))}`;
  for (const name of Object.values(roleNames)) {
    const role = rows.find((row) => row.rolname === name);
    if (!role)
      throw new Error(
        `The database has no role "${name}". Run docs/roles.sql as its administrator, then start again.`,
      );
    if (name !== roleNames.owner && (role.rolsuper || role.rolbypassrls)) {
      throw new Error(
        `The role "${name}" must be neither superuser nor BYPASSRLS: row policies would not hold.`,
      );
    }
  }
}

/** The queue belongs to the jobs role; the application may only enqueue, inside its own transaction. */
async function prepareJobs(jobsUrl: string): Promise<void> {
  await runMigrations({ connectionString: jobsUrl, schema: "graphile_worker" });
  const jobs = postgres(jobsUrl, { max: 1, onnotice: () => {} });
  try {
    await jobs.unsafe(`
      create schema if not exists jobs;
      create or replace function jobs.enqueue(task text, payload json, run_at timestamptz, job_key text)
        returns void language sql security definer set search_path = pg_catalog as $$
          select graphile_worker.add_job(task, payload => payload, run_at => run_at, job_key => job_key)
        $$;
      revoke execute on function jobs.enqueue(text, json, timestamptz, text) from public;
      grant usage on schema jobs to yilian_app;
      grant execute on function jobs.enqueue(text, json, timestamptz, text) to yilian_app;
    `);
  } finally {
    await jobs.end();
  }
}
