/** Cores, priorities and CPU time of processes, by Linux's /proc. */
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The server under test has one core, what loads it another. */
export const SERVER_CORE = 0;
export const LOAD_CORE = 1;
/** Servers and load alike step before whatever else runs on the machine; only root may do so. */
const PRIORITY = -10;

/** Binds processes with all their threads to a core. Threads made later inherit it. */
export async function pin(pids: readonly number[], core: number): Promise<void> {
  for (const pid of pids) {
    await run("taskset", ["-a", "-c", "-p", String(core), String(pid)]);
    if (process.getuid?.() !== 0) continue;
    await run("renice", ["-n", String(PRIORITY), "-p", ...readdirSync(`/proc/${pid}/task`)]);
    // Where sessions share the processor among each other, a process's own priority is not enough.
    const group = `/proc/${pid}/autogroup`;
    if (existsSync(group)) writeFileSync(group, String(PRIORITY));
  }
}

/** CPU seconds that processes have used so far, over all their threads, kernel's work included. */
export function cpuSeconds(pids: readonly number[]): number {
  let nanoseconds = 0;
  for (const pid of pids) {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      // Finer than the ticks of `stat`, which are too coarse for one viewer.
      const text = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8");
      nanoseconds += Number(text.split(" ")[0]);
    }
  }
  return nanoseconds / 1e9;
}

/** CPU seconds since boot of one core: all of it, and what was not idle. */
export function coreSeconds(core: number): number {
  const line = readFileSync("/proc/stat", "utf8").match(new RegExp(`^cpu${core} (.*)$`, "m"));
  const ticks = (line?.[1] ?? "").split(" ").map(Number);
  const [user = 0, nice = 0, system = 0, , , interrupt = 0, soft = 0, steal = 0] = ticks;
  return (user + nice + system + interrupt + soft + steal) / 100;
}
