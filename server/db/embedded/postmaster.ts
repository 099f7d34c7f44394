/** One running `postgres` process: spawned, awaited, found again after a crash, stopped. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { OperatorError } from "../../operator-error.ts";
import type { Account } from "./account.ts";

const READY_TIMEOUT_MS = 60_000;
const POLL_MS = 10;
/** Orphaned backends of a killed postmaster hold its shared memory for a moment. */
const ORPHANS_TIMEOUT_MS = 10_000;
const FAST_STOP_MS = 15_000;
const IMMEDIATE_STOP_MS = 5_000;

export type PostmasterOptions = {
  readonly binaries: string;
  readonly root: string;
  readonly account: Account | undefined;
};

export const dataFolder = (root: string) => join(root, "data");

/** Starts PostgreSQL on the cluster in `root` and waits until it takes connections. */
export async function spawnPostmaster(options: PostmasterOptions): Promise<ChildProcess> {
  const patience = Date.now() + ORPHANS_TIMEOUT_MS;
  for (;;) {
    const child = spawnOnce(options);
    if (await becomesReady(child, options.root)) return child;
    const said = startupLog(options.root);
    const orphans = /shared memory block .* is still in use|another server might be running/;
    if (!orphans.test(said) || Date.now() > patience) {
      throw new OperatorError(`PostgreSQL did not start in ${options.root}. It said: ${said}`);
    }
    await delay(100);
  }
}

/**
 * Ends what an earlier run left behind: a postmaster that outlived a killed parent is stopped, a
 * pid file whose process is gone (or is now somebody else's) is removed.
 */
export async function clearLeftovers(root: string): Promise<"nothing" | "stopped" | "stale"> {
  const pidFile = join(dataFolder(root), "postmaster.pid");
  const pid = readPidFile(root)?.pid;
  if (!pid) return "nothing";
  if (!runsOn(pid, root)) {
    rmSync(pidFile, { force: true });
    return "stale";
  }
  await stopProcess(pid, () => !runsOn(pid, root), false);
  return "stopped";
}

/** Stops a postmaster that this process spawned. `immediate` skips the last checkpoint. */
export async function stopPostmaster(child: ChildProcess, immediate: boolean): Promise<void> {
  if (child.pid === undefined) return;
  await stopProcess(child.pid, () => hasEnded(child), immediate);
}

export const hasEnded = (child: ChildProcess) =>
  child.exitCode !== null || child.signalCode !== null;

/** Detached: Ctrl-C in the terminal reaches only the supervisor, which stops it last. */
function spawnOnce({ binaries, root, account }: PostmasterOptions): ChildProcess {
  const output = openSync(join(root, "startup.log"), "w", 0o600);
  try {
    return spawn(
      join(binaries, "bin", "postgres"),
      [
        "-D",
        dataFolder(root),
        "-c",
        `config_file=${join(root, "postgresql.conf")}`,
        "-c",
        `hba_file=${join(root, "pg_hba.conf")}`,
      ],
      {
        detached: true,
        stdio: ["ignore", output, output],
        cwd: root,
        env: { PATH: process.env.PATH, LC_ALL: "C" },
        ...(account && { uid: account.uid, gid: account.gid }),
      },
    );
  } finally {
    closeSync(output);
  }
}

async function becomesReady(child: ChildProcess, root: string): Promise<boolean> {
  let failed = false;
  child.once("error", () => {
    failed = true;
  });
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (failed || hasEnded(child)) return false;
    const state = readPidFile(root);
    if (state?.pid === child.pid && state?.status === "ready") return true;
    await delay(POLL_MS);
  }
  await stopPostmaster(child, true);
  return false;
}

/** Line 1 of postmaster.pid is the process, line 8 its state. */
function readPidFile(root: string): { pid: number; status: string } | undefined {
  try {
    const lines = readFileSync(join(dataFolder(root), "postmaster.pid"), "utf8").split("\n");
    return { pid: Number(lines[0]), status: lines[7]?.trim() ?? "" };
  } catch {
    return undefined;
  }
}

/** Whether this pid is a postmaster of this cluster; a pid alone may have been given out again. */
function runsOn(pid: number, root: string): boolean {
  try {
    const argv = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return argv.includes(dataFolder(root));
  } catch {
    return false;
  }
}

async function stopProcess(pid: number, ended: () => boolean, immediate: boolean): Promise<void> {
  const steps = [
    ...(immediate ? [] : [{ signal: "SIGINT", waitMs: FAST_STOP_MS } as const]),
    { signal: "SIGQUIT", waitMs: IMMEDIATE_STOP_MS } as const,
    { signal: "SIGKILL", waitMs: IMMEDIATE_STOP_MS } as const,
  ];
  for (const { signal, waitMs } of steps) {
    if (ended()) return;
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    const deadline = Date.now() + waitMs;
    while (!ended() && Date.now() < deadline) await delay(POLL_MS);
  }
}

function startupLog(root: string): string {
  const text = readFileSync(join(root, "startup.log"), "utf8").trim();
  return text.slice(-2000) || "nothing";
}
