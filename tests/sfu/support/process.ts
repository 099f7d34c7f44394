import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
// biome-ignore lint/correctness/useImportExtensions: what lies beside it is its declaration
import { ensureWorker } from "../../../scripts/worker.mjs";
import { freePort, SECRET } from "./node.ts";

export type NodeProcess = {
  url: string;
  /** Where its workers listen for media, UDP. */
  readonly rtcPorts: readonly number[];
  readonly pid: number;
  /** Process ids of its media workers. */
  workerPids(): number[];
  /** Resident memory of the node's own process and of its workers, in bytes. */
  memory(): { node: number; workers: number };
  /** Kills it the hard way. */
  kill(): Promise<void>;
  /** Starts it again on the same ports. */
  start(): Promise<void>;
  close(): Promise<void>;
};

/** A media node as a process of its own, as `npm start` runs it. */
export async function startNodeProcess(
  environment: Record<string, string> = {},
): Promise<NodeProcess> {
  const workerBin = await ensureWorker({ log: () => {} });
  const port = await freePort();
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: process.env.HOME ?? "",
    LOG_LEVEL: process.env.LOG_LEVEL ?? "silent",
    SFU_PORT: String(port),
    SFU_RTC_PORT: String(await freePort()),
    SFU_PUBLIC_URL: `http://127.0.0.1:${port}`,
    SFU_SECRET: SECRET,
    SFU_SERVER_URL: "http://127.0.0.1:9",
    SFU_WORKERS: "2",
    MEDIASOUP_WORKER_BIN: workerBin,
    DEMO: "1",
    NODE_COMPILE_CACHE: fileURLToPath(new URL("../../../node_modules/.compiled", import.meta.url)),
    ...environment,
  };
  let child: ChildProcess;

  async function start(): Promise<void> {
    const main = fileURLToPath(new URL("../../../sfu/main.ts", import.meta.url));
    child = spawn(process.execPath, ["--max-semi-space-size=4", main], {
      env,
      stdio: ["ignore", 2, 2, "ipc"],
    });
    const [message] = (await Promise.race([
      once(child, "message"),
      once(child, "exit").then(() => [null]),
    ])) as [unknown];
    if (!message) throw new Error("the media node did not start");
  }

  await start();
  return {
    url: env.SFU_PUBLIC_URL,
    rtcPorts: Array.from(
      { length: Number(env.SFU_WORKERS) },
      (_, i) => Number(env.SFU_RTC_PORT) + i,
    ),
    get pid() {
      return child.pid!;
    },
    workerPids: () => childrenOf(child.pid!),
    memory() {
      const workers = childrenOf(child.pid!).reduce((sum, pid) => sum + residentBytes(pid), 0);
      return { node: residentBytes(child.pid!), workers };
    },
    async kill() {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
    start,
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  return text.split(" ").filter(Boolean).map(Number);
}

function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}
