/**
 * Behind npm start: brings up the database, the media node and the server, keeps them up, and
 * stops them in order. `--lan` serves the local network over HTTPS.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Config, parseConfig } from "../server/config.ts";
import { prepareDataDir } from "../server/data-dir.ts";
import { OperatorError } from "../server/operator-error.ts";
import { loadSecrets, type Secrets } from "../server/secrets.ts";
// biome-ignore lint/correctness/useImportExtensions: plain JavaScript, typed in lock.d.mts
import { type Lock, tryLock } from "./setup/lock.mjs";
import { migrateDatabase, openDatabase, type StartedDatabase } from "./start/database.ts";
import { greet } from "./start/greeting.ts";
import { ask } from "./start/health.ts";
import { ensureCertificate, lanAddress, trustedBundle } from "./start/lan.ts";
import { requirePorts } from "./start/ports.ts";
import { Supervised } from "./start/supervised.ts";
import { ensureWebBuild } from "./start/web-build.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const HEALTH_POLL_MS = 50;
const HEALTH_TIMEOUT_MS = 120_000;
/** A process that ends this often before it was ever healthy is not tried again. */
const DEATHS_MAX = 3;
const SERVER_PATIENCE_MS = 20_000;
const SFU_PATIENCE_MS = 10_000;
/** npm passes Ctrl-C on as well: two signals so close together are one keystroke. */
const SAME_KEYSTROKE_MS = 500;
const PINO_WARN = 40;
const PARENT_POLL_MS = 1_000;

const log = (line: string) => console.log(line);

/** What has been started so far, in the order in which it is stopped. */
type Running = {
  lock?: Lock;
  server?: Supervised;
  sfu?: Supervised;
  database?: StartedDatabase;
  stopping?: Promise<void>;
};

const running: Running = {};

async function start(flags: readonly string[]): Promise<void> {
  for (const flag of flags) {
    if (flag !== "--lan")
      throw new OperatorError(`${flag} is not an option: write --lan or nothing.`);
  }
  requireParts();
  const isLan = flags.includes("--lan");
  const { config, env } = prepare(isLan);
  running.lock = await lockDataDir(config.dataDir);
  await requirePorts(config);
  const secrets = loadSecrets(config.dataDir, { SFU_SECRET: config.sfu.secret });

  // Settled, not raced: what has begun is either up, and then stopped below, or over.
  const [database, pages] = await Promise.allSettled([
    openDatabase(config, secrets, log).then(async (opened) => {
      running.database = opened;
      await migrateDatabase(root, opened.env);
      return opened;
    }),
    ensureWebBuild(root, log),
  ]);
  if (database.status === "rejected") throw database.reason;
  if (pages.status === "rejected") throw pages.reason;
  if (running.stopping) return;

  const childEnv = { ...env, ...environmentOf(config, secrets), ...database.value.env };
  const localUrl = `${config.tls ? "https" : "http"}://127.0.0.1:${config.port}`;
  const localSfuUrl = `${config.tls ? "https" : "http"}://127.0.0.1:${config.sfu.port}`;
  running.sfu = supervise("media node", "sfu/main.ts", 4, childEnv);
  running.server = supervise("server", "server/main.ts", 8, childEnv);
  await Promise.all([
    becomesHealthy(running.sfu, `${localSfuUrl}/healthz`),
    becomesHealthy(running.server, `${localUrl}/readyz`),
  ]);
  if (running.stopping) return;
  const { publicUrl, demo } = config;
  log(await greet({ publicUrl, localUrl, isLan, demo, notes: notesOn(config, isLan) }));
}

/** Says which part a checkout lacks, rather than let a missing file speak for itself. */
function requireParts(): void {
  const missing = ["server/main.ts", "sfu/main.ts", "server/db/migrate.ts"].filter(
    (part) => !existsSync(join(root, part)),
  );
  if (missing.length > 0)
    throw new OperatorError(`This checkout is incomplete: it has no ${missing.join(", no ")}.`);
}

/** Under --lan the addresses and the certificate come from the network, where not set. */
function prepare(isLan: boolean): { config: Config; env: Record<string, string | undefined> } {
  const given = parseConfig(process.env);
  prepareDataDir(given.dataDir);
  if (!isLan) return { config: given, env: process.env };
  const address = lanAddress();
  const own = given.tls ? undefined : ensureCertificate(given.dataDir, address);
  const tls = given.tls ?? own;
  const env = {
    ...process.env,
    TLS_CERT: tls?.certPath,
    TLS_KEY: tls?.keyPath,
    PUBLIC_URL: process.env.PUBLIC_URL || `https://${address}:${given.port}`,
    SFU_PUBLIC_URL: process.env.SFU_PUBLIC_URL || `https://${address}:${given.sfu.port}`,
    SFU_ANNOUNCED_ADDRESS: process.env.SFU_ANNOUNCED_ADDRESS || address,
    SFU_SERVER_URL: process.env.SFU_SERVER_URL || `https://127.0.0.1:${given.port}`,
    ...(own && {
      NODE_EXTRA_CA_CERTS: trustedBundle(
        given.dataDir,
        own.certPath,
        process.env.NODE_EXTRA_CA_CERTS,
      ),
    }),
  };
  return { config: parseConfig(env), env };
}

/** What server and media node need beyond the environment given to us. */
function environmentOf(config: Config, secrets: Secrets) {
  const worker = join(root, "node_modules", ".media-worker");
  const workerBin =
    process.env.MEDIASOUP_WORKER_BIN ||
    (existsSync(worker) ? readFileSync(worker, "utf8").trim() : undefined);
  if (!workerBin) throw new OperatorError("The media worker is not set up: run npm start.");
  return {
    DATA_DIR: config.dataDir,
    DEMO: config.demo ? "1" : "0",
    PUBLIC_URL: config.publicUrl,
    SFU_SECRET: secrets.sfuSecret,
    SFU_PUBLIC_URL: config.sfu.publicUrl,
    SFU_SERVER_URL: config.sfu.serverUrl,
    SFU_ANNOUNCED_ADDRESS: config.sfu.announcedAddress,
    SFU_PORT: String(config.sfu.port),
    SFU_RTC_PORT: String(config.sfu.rtcPort),
    SFU_WORKERS: String(config.sfu.workers),
    MEDIASOUP_WORKER_BIN: workerBin,
    // What was compiled and stripped of types once is kept: quicker, and 15 MB less in each process.
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(root, "node_modules", ".compiled"),
  };
}

async function lockDataDir(dataDir: string): Promise<Lock> {
  const result = await tryLock(join(dataDir, "start.lock"));
  if (result.held) return result.lock;
  throw new OperatorError(
    `The data folder ${dataDir} is in use by another start (process ${result.pid}): stop that one, or set DATA_DIR, PORT, SFU_PORT and SFU_RTC_PORT to others.`,
  );
}

function supervise(
  name: string,
  script: string,
  semiSpaceMegabytes: number,
  env: Record<string, string | undefined>,
) {
  return new Supervised({
    name,
    script: join(root, script),
    semiSpaceMegabytes,
    env,
    onLine: (line) => printLine(name, line),
    onStart: (pid) => running.lock?.noteChild(pid),
    onEnd: (how) => log(`The ${name} ended (${how}); starting it again.`),
  });
}

/** On a terminal only what a person should see; into a pipe (journal, container) every line. */
function printLine(name: string, line: string): void {
  if (!process.stdout.isTTY || process.env.LOG_LEVEL) {
    log(line);
    return;
  }
  const level = Number(/^\{"level":(\d+)/.exec(line)?.[1] ?? PINO_WARN);
  if (level >= PINO_WARN) log(`[${name}] ${line}`);
}

async function becomesHealthy(child: Supervised, address: string): Promise<void> {
  const deadline = Date.now() + HEALTH_TIMEOUT_MS;
  while (Date.now() < deadline && child.deaths < DEATHS_MAX) {
    if (running.stopping) return;
    if ((await ask(address))?.status === 200) return;
    await delay(HEALTH_POLL_MS);
  }
  const how = child.deaths < DEATHS_MAX ? `did not answer on ${address}` : "ends at once";
  throw new OperatorError(`The ${child.name} ${how}. It said last:\n${child.lastLines.join("\n")}`);
}

function notesOn(config: Config, isLan: boolean): string[] {
  const host = new URL(config.publicUrl).hostname;
  const isFar = !isLan && host !== "localhost" && !host.startsWith("127.");
  return [
    `Data are kept in ${config.dataDir}${config.databaseUrl ? " and the database of DATABASE_URL" : ""}.`,
    ...(isFar && config.sfu.announcedAddress === "127.0.0.1"
      ? ["SFU_ANNOUNCED_ADDRESS is not set: only this machine can take part in a room."]
      : []),
  ];
}

/** Server first: it is not ready any more, drains and closes; then media; then PostgreSQL. */
async function stopInOrder(): Promise<void> {
  await running.server?.stop(SERVER_PATIENCE_MS);
  await running.sfu?.stop(SFU_PATIENCE_MS);
  await running.database?.stop();
  running.lock?.release();
}

function stopOnSignals(): void {
  let firstAt: number | undefined;
  const onSignal = (signal: string) => {
    if (firstAt === undefined) {
      firstAt = Date.now();
      if (signal === "SIGINT") log("\nStopping; Ctrl-C once more ends everything at once.");
      running.stopping = stopInOrder().then(
        () => process.exit(0),
        (error: unknown) => {
          console.error(error);
          process.exit(1);
        },
      );
    } else if (Date.now() - firstAt > SAME_KEYSTROKE_MS) {
      running.server?.kill();
      running.sfu?.kill();
      process.exit(1);
    }
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, onSignal);
  // npm killed outright passes nothing on: without it nobody is left to stop us.
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event !== "start") return;
  setInterval(() => {
    if (process.ppid !== parent && firstAt === undefined) onSignal("SIGTERM");
  }, PARENT_POLL_MS).unref();
}

stopOnSignals();
try {
  await start(process.argv.slice(2));
} catch (error) {
  if (!running.stopping) {
    console.error(error instanceof OperatorError ? `\n${error.message}\n` : error);
    running.stopping = stopInOrder();
    await running.stopping;
    process.exit(1);
  }
}
