/** The database that a start uses: an outside one, or the embedded one. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Config } from "../../server/config.ts";
import { startEmbedded } from "../../server/db/embedded.ts";
import { demoStores } from "../../server/demo/record-stores.ts";
import { OperatorError } from "../../server/operator-error.ts";
import { databaseOf } from "../../server/records/domain.ts";
import type { Secrets } from "../../server/secrets.ts";

export type StartedDatabase = {
  readonly env: {
    readonly DATABASE_URL: string;
    readonly MIGRATION_DATABASE_URL: string;
    readonly JOBS_DATABASE_URL: string;
  };
  readonly stop: () => Promise<void>;
};

export async function openDatabase(
  config: Config,
  secrets: Secrets,
  log: (line: string) => void,
): Promise<StartedDatabase> {
  if (config.databaseUrl) {
    if (config.demo)
      log(
        `The demo's record stores need the databases ${demoStores.map(databaseOf).join(" and ")}, owned by the migrating role (docs/roles.sql); without them it has no records.`,
      );
    return { env: outside(config), stop: async () => {} };
  }
  const database = await startEmbedded({ dataDir: config.dataDir, secrets, log });
  // The demo's two hospitals keep their records in databases of their own.
  if (config.demo)
    await Promise.all(demoStores.map((code) => database.createDatabase(databaseOf(code))));
  database.onExit((how) => log(`PostgreSQL ended (${how}); starting it again.`));
  return {
    env: {
      DATABASE_URL: database.urls.app,
      MIGRATION_DATABASE_URL: database.urls.owner,
      JOBS_DATABASE_URL: database.urls.jobs,
    },
    stop: database.stop,
  };
}

/** @throws {OperatorError} with what the migration said */
export async function migrateDatabase(root: string, env: StartedDatabase["env"]): Promise<void> {
  const child = spawn(process.execPath, [join(root, "scripts", "start", "migrate.ts")], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4_000);
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0)
    throw new OperatorError(`The database could not be brought up to date. ${said.trim()}`);
}

function outside(config: Config): StartedDatabase["env"] {
  const { databaseUrl, migrationDatabaseUrl, jobsDatabaseUrl } = config;
  if (databaseUrl && migrationDatabaseUrl && jobsDatabaseUrl) {
    return {
      DATABASE_URL: databaseUrl,
      MIGRATION_DATABASE_URL: migrationDatabaseUrl,
      JOBS_DATABASE_URL: jobsDatabaseUrl,
    };
  }
  const missing = [
    ...(migrationDatabaseUrl ? [] : ["MIGRATION_DATABASE_URL (the role that owns the tables)"]),
    ...(jobsDatabaseUrl ? [] : ["JOBS_DATABASE_URL (the role of the job workers)"]),
  ];
  throw new OperatorError(
    `Beside DATABASE_URL (the role of the application) set ${missing.join(" and ")}: they are three roles of one database, so that none may do more than its work.`,
  );
}
