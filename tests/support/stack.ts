/**
 * The product as it runs: built pages, a database of its own, the media node and the server as
 * processes, on free ports. What a journey breaks (a killed worker, a restarted server) is really
 * broken, and nothing is mocked.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { inject } from "vitest";
import { ask } from "../../scripts/start/health.ts";
import { ensureWebBuild } from "../../scripts/start/web-build.ts";
// biome-ignore lint/correctness/useImportExtensions: what lies beside it is its declaration
import { ensureWorker } from "../../scripts/worker.mjs";
import { createTestDatabase, type TestDatabase } from "./database.ts";

export type Stack = {
  /** Address of the pages, as people type it. */
  readonly url: string;
  readonly mediaUrl: string;
  /** Addresses of its database, for what no page of this journey makes. */
  readonly database: Pick<TestDatabase, "owner">;
  /** Ends the server as an update does, and starts it again on the same port. */
  restartServer(options?: { meanwhile?: () => Promise<unknown> }): Promise<void>;
  /** Kills, the hard way, the media worker that listens on this RTC port. @returns its process id */
  killWorker(rtcPort: number): number;
  /** Runs one of our scripts as an operator does. @returns what it printed */
  run(script: string, args: readonly string[]): string;
  stop(): Promise<void>;
};

const root = fileURLToPath(new URL("../..", import.meta.url));
const WORKERS = 2;
const HEALTH_POLL_MS = 50;
const HEALTH_TIMEOUT_MS = 100_000;
const LINES_KEPT = 40;

export type StackOptions = {
  /** A TURN server that people are told of. */
  turn?: { readonly urls: readonly string[]; readonly secret: string };
};

export async function startStack({ turn }: StackOptions = {}): Promise<Stack> {
  await ensureWebBuild(root, () => {});
  const [database, workerBin, port, sfuPort, rtcPort] = await Promise.all([
    createTestDatabase({ demo: "now" }),
    ensureWorker({ log: () => {}, packageDir: root }),
    freePorts(1),
    freePorts(1),
    freePorts(WORKERS),
  ]);
  const dataDir = mkdtempSync(join(tmpdir(), "yilian-journey-"));
  // Those that the demo's database was sealed with.
  const { secrets } = inject("cluster");
  writeFileSync(join(dataDir, "secrets.json"), JSON.stringify(secrets), { mode: 0o600 });
  const url = `http://localhost:${port}`;
  const mediaUrl = `http://localhost:${sfuPort}`;
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    NODE_COMPILE_CACHE: join(root, "node_modules", ".compiled"),
    NODE_ENV: "production",
    LOG_LEVEL: process.env.LOG_LEVEL ?? "warn",
    DEMO: "1",
    DATA_DIR: dataDir,
    PORT: String(port),
    HOST: "127.0.0.1",
    PUBLIC_URL: url,
    DATABASE_URL: database.app,
    MIGRATION_DATABASE_URL: database.owner,
    JOBS_DATABASE_URL: database.jobs,
    SFU_PORT: String(sfuPort),
    SFU_RTC_PORT: String(rtcPort),
    SFU_WORKERS: String(WORKERS),
    SFU_ANNOUNCED_ADDRESS: "127.0.0.1",
    SFU_PUBLIC_URL: mediaUrl,
    SFU_SERVER_URL: `http://127.0.0.1:${port}`,
    SFU_SECRET: secrets.sfuSecret,
    MEDIASOUP_WORKER_BIN: workerBin,
    ...(turn && { TURN_URLS: turn.urls.join(","), TURN_SECRET: turn.secret }),
  };
  const start = (script: string, health: string) => startProcess(script, env, health);
  const startServer = () => start("server/main.ts", `http://127.0.0.1:${port}/readyz`);

  let server: Running | undefined;
  let sfu: Running | undefined;
  const stop = async () => {
    await server?.stop();
    await sfu?.stop();
    await database.drop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    [server, sfu] = await Promise.all([
      startServer(),
      start("sfu/main.ts", `http://127.0.0.1:${sfuPort}/readyz`),
    ]);
  } catch (error) {
    await stop();
    throw error;
  }
  const media = sfu;
  return {
    url,
    mediaUrl,
    database,
    async restartServer({ meanwhile } = {}) {
      await server?.stop();
      await meanwhile?.();
      server = await startServer();
    },
    killWorker(rtcPortOfRoom) {
      const inodes = inodesOfUdpPort(rtcPortOfRoom);
      const pid = childrenOf(media.pid).find((child) => holds(child, inodes));
      if (pid === undefined) throw new Error(`no media worker listens on ${rtcPortOfRoom}`);
      process.kill(pid, "SIGKILL");
      return pid;
    },
    run: (script, args) =>
      execFileSync(process.execPath, [join(root, script), ...args], {
        cwd: root,
        env,
        encoding: "utf8",
      }),
    stop,
  };
}

type Running = { readonly pid: number; stop(): Promise<void> };

/** Starts one of our processes and waits until it says that it is ready. */
async function startProcess(
  script: string,
  env: Record<string, string | undefined>,
  health: string,
): Promise<Running> {
  const child = spawn(process.execPath, [join(root, script)], {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      lines.push(chunk.toString());
      if (lines.length > LINES_KEPT) lines.shift();
      if (process.env.STACK_LOG) process.stderr.write(`[${dirname(script)}] ${chunk}`);
    });
  }
  const killIt = () => child.kill("SIGKILL");
  process.once("exit", killIt);
  const deadline = Date.now() + HEALTH_TIMEOUT_MS;
  while ((await ask(health))?.status !== 200) {
    if (hasEnded(child) || Date.now() > deadline) {
      killIt();
      throw new Error(`${script} does not start. It said last:\n${lines.join("")}`);
    }
    await delay(HEALTH_POLL_MS);
  }
  return {
    pid: child.pid!,
    async stop() {
      process.off("exit", killIt);
      if (hasEnded(child)) return;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
}

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;

/** The first of some neighbouring ports that were free a moment ago. */
export async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = await listenOnce(0);
    const rest = Array.from({ length: count - 1 }, (_, index) => first + 1 + index);
    const tries = await Promise.allSettled(rest.map(listenOnce));
    if (tries.every((one) => one.status === "fulfilled")) return first;
  }
}

async function listenOnce(port: number): Promise<number> {
  const server = createServer().listen(port);
  await once(server, "listening");
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : port;
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  return text.split(" ").filter(Boolean).map(Number);
}

/** Sockets by the kernel's tables: local addresses are `address:port` in hexadecimal. */
function inodesOfUdpPort(port: number): Set<string> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const rows = ["/proc/net/udp", "/proc/net/udp6"].flatMap((table) =>
    readFileSync(table, "utf8")
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/)),
  );
  return new Set(rows.filter((row) => row[1]?.endsWith(suffix)).map((row) => row[9] ?? ""));
}

function holds(pid: number, inodes: ReadonlySet<string>): boolean {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).some((name) => {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(join(folder, name)))?.[1];
      return inode !== undefined && inodes.has(inode);
    } catch {
      // Closed between the two calls.
      return false;
    }
  });
}
