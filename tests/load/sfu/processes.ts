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

/**
 * Puts processes with all their threads before others. Threads made later inherit it.
 * @param core the only one they may use; null: any
 */
export async function place(pids: readonly number[], core: number | null): Promise<void> {
  for (const pid of pids) {
    if (core !== null) await run("taskset", ["-a", "-c", "-p", String(core), String(pid)]);
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
