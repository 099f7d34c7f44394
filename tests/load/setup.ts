/** How long a person waits for `npm start` on a fresh clone, and what runs at rest afterwards. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isFree } from "../../server/db/embedded/port.ts";
import { type BenchContext, type BenchResult, result, type Suite } from "./suite.ts";

const READY = "Yilian is ready";
const COLD_LIMIT_MS = 8 * 60_000;
const STOP_LIMIT_MS = 40_000;
const REST_MS = 10_000;
const KIBIBYTES_PER_MEGABYTE = 1_000_000 / 1024;
/** Away from the defaults, so that a running installation is no obstacle. */
const FIRST_PORT = 18_080;
const PORT_STEP = 20;
const RTC_OFFSET = 28_000;

export const suite: Suite = {
  name: "setup",
  describe: "first start without caches, with the worker cached, second start, memory at rest",
  minutes: 8,
  run,
};

async function run(context: BenchContext): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), "yilian-setup-"));
  const workerCache = join(folder, "worker-cache");
  const results: BenchResult[] = [];
  try {
    let clone: string;
    if (context.quick) {
      clone = cloneInto(context, join(folder, "clone"));
      copyPackages(context.root, clone);
      await stop((await startIn(context, clone, { home: folder })).npm);
    } else {
      const first = cloneInto(context, join(folder, "cold"));
      const cold = await startIn(context, first, { home: join(folder, "home-1"), workerCache });
      await stop(cold.npm);
      const coldName = "first start, no npm or worker cache (system packages present)";
      results.push(result(coldName, cold.seconds, "s", "<= 360"));
      rmSync(first, { recursive: true });

      clone = cloneInto(context, join(folder, "clone"));
      const cached = await startIn(context, clone, { home: join(folder, "home-2"), workerCache });
      await stop(cached.npm);
      results.push(result("first start, worker cached", cached.seconds, "s", "<= 60"));
    }
    const again = context.quick ? { home: folder } : { home: join(folder, "home-2"), workerCache };
    const second = await startIn(context, clone, again);
    results.push(result("second start", second.seconds, "s", "<= 5"));
    context.log(`Resting ${REST_MS / 1000} s before memory is read.`);
    await delay(REST_MS);
    const server = residentMegabytes(clone, "server");
    const media = residentMegabytes(clone, "sfu");
    results.push(
      result("server at rest", server.own, "MB", "<= 200"),
      result("media node at rest", media.own, "MB", "<= 130"),
      result("media node's workers at rest", media.children, "MB"),
    );
    await stop(second.npm);
    return results;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function cloneInto({ root, log }: BenchContext, target: string): string {
  const done = spawnSync("git", ["clone", "--quiet", root, target], { encoding: "utf8" });
  if (done.status !== 0) throw new Error(`git clone failed: ${done.stderr}`);
  log("A fresh clone of the last commit.");
  return target;
}

/** Hard links where possible: the quick run measures what comes after the installation. */
function copyPackages(root: string, clone: string): void {
  const from = join(root, "node_modules");
  const to = join(clone, "node_modules");
  if (spawnSync("cp", ["-al", from, to]).status !== 0) {
    rmSync(to, { recursive: true, force: true });
    cpSync(from, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  }
}

type Caches = { readonly home: string; readonly workerCache?: string };

/** Runs npm start as a person would, until it says that it is ready. */
async function startIn(
  { log }: BenchContext,
  clone: string,
  { home, workerCache }: Caches,
): Promise<{ npm: ChildProcess; seconds: number }> {
  mkdirSync(home, { recursive: true });
  const startedAt = performance.now();
  const npm = spawn("npm", ["start"], {
    cwd: clone,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...plainEnvironment(),
      ...(await freePorts()),
      npm_config_cache: join(home, "npm-cache"),
      ...(workerCache && { YILIAN_CACHE: workerCache }),
    },
  });
  let said = "";
  const isReady = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), COLD_LIMIT_MS);
    const settle = (value: boolean) => {
      clearTimeout(timer);
      resolve(value);
    };
    const listen = (chunk: Buffer) => {
      const text = chunk.toString();
      said = (said + text).slice(-5_000);
      for (const line of text.split("\n")) if (/^\[set-up\]/.test(line)) log(`  ${line}`);
      if (said.includes(READY)) settle(true);
    };
    npm.stdout?.on("data", listen);
    npm.stderr?.on("data", listen);
    npm.once("exit", () => settle(false));
  });
  const seconds = (performance.now() - startedAt) / 1000;
  if (!isReady) {
    await stop(npm);
    throw new Error(`npm start did not come up within ${Math.round(seconds)} s:\n${said}`);
  }
  log(`npm start was ready after ${seconds.toFixed(1)} s.`);
  return { npm, seconds };
}

async function freePorts(): Promise<Record<string, string>> {
  for (let port = FIRST_PORT; ; port += PORT_STEP) {
    if (!(await isFree(port, "0.0.0.0")) || !(await isFree(port + 1, "0.0.0.0"))) continue;
    if (!(await isFree(port + RTC_OFFSET, "0.0.0.0"))) continue;
    return {
      PORT: String(port),
      SFU_PORT: String(port + 1),
      SFU_RTC_PORT: String(port + RTC_OFFSET),
    };
  }
}

/** Ctrl-C, as the terminal sends it: to the whole process group. */
async function stop(npm: ChildProcess): Promise<void> {
  if (npm.exitCode !== null || npm.signalCode !== null || npm.pid === undefined) return;
  const ended = new Promise((resolve) => npm.once("exit", resolve));
  process.kill(-npm.pid, "SIGINT");
  const inTime = await Promise.race([ended.then(() => true), delay(STOP_LIMIT_MS, false)]);
  if (inTime) return;
  process.kill(-npm.pid, "SIGKILL");
  throw new Error(`npm start did not stop within ${STOP_LIMIT_MS / 1000} s of Ctrl-C`);
}

/** Neither this run's npm settings nor its Node 24 may help a first start along. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NODE$|NODE_ENV$|INIT_CWD$|MEDIASOUP_|SFU_|YILIAN_)/i.test(name),
  );
  const path = (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => !folder.includes("node_modules"))
    .join(delimiter);
  return { ...Object.fromEntries(kept), PATH: path };
}

/** Resident memory of the process that runs `<part>/main.ts` of this clone, and of its children. */
function residentMegabytes(clone: string, part: string): { own: number; children: number } {
  const script = join(clone, part, "main.ts");
  const processes = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const status = readFileSync(`/proc/${pid}/status`, "utf8");
        const field = (name: string) =>
          Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
        const argv = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
        return [{ pid: Number(pid), parent: field("PPid"), kibibytes: field("VmRSS"), argv }];
      } catch {
        return [];
      }
    });
  const main = processes.find(({ argv }) => argv.includes(script));
  if (!main) throw new Error(`no process runs ${part}/main.ts`);
  const children = processes.filter(({ parent }) => parent === main.pid);
  const childrenKibibytes = children.reduce((sum, child) => sum + child.kibibytes, 0);
  return {
    own: main.kibibytes / KIBIBYTES_PER_MEGABYTE,
    children: childrenKibibytes / KIBIBYTES_PER_MEGABYTE,
  };
}
