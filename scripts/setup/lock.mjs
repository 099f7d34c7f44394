/**
 * A lock between processes: a file that names its holder. A holder that was killed does not block
 * anybody, because a process is known by its pid and the moment it started.
 */
import fs from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { SetupError } from "./setup-error.mjs";

const POLL_MS = 100;
const CHILD_STOP_MS = 10_000;

/**
 * Takes the lock if nobody alive holds it.
 * @param {string} file
 * @returns {Promise<{held: true, lock: Lock} | {held: false, pid: number}>}
 */
export async function tryLock(file) {
  const own = `${file}.${process.pid}`;
  for (;;) {
    writeHolder(own, identity(process.pid));
    try {
      fs.linkSync(own, file);
      return { held: true, lock: new Lock(file) };
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    } finally {
      fs.rmSync(own, { force: true });
    }
    const holder = readHolder(file);
    if (holder && isAlive(holder)) return { held: false, pid: holder.pid };
    await clearStale(file, holder);
  }
}

/**
 * Waits for the lock.
 * @param {(pid: number) => void} onWait told once, when somebody else holds it
 */
export async function waitForLock(file, onWait) {
  let told = false;
  for (;;) {
    const result = await tryLock(file);
    if (result.held) return result.lock;
    if (!told) onWait(result.pid);
    told = true;
    await delay(POLL_MS);
  }
}

export class Lock {
  /** @param {string} file */
  constructor(file) {
    this.file = file;
    this.children = [];
  }

  /** Notes a process that outlives a killed holder, so that the next holder ends it first. */
  noteChild(pid) {
    this.children = [...this.children.filter(isAlive), identity(pid)];
    const own = `${this.file}.${process.pid}`;
    writeHolder(own, { ...identity(process.pid), children: this.children });
    fs.renameSync(own, this.file);
  }

  release() {
    if (readHolder(this.file)?.pid === process.pid) fs.rmSync(this.file, { force: true });
  }
}

/** Renamed before it is removed: of two processes that find it stale, one gets it. */
async function clearStale(file, holder) {
  const aside = `${file}.stale.${process.pid}`;
  try {
    fs.renameSync(file, aside);
  } catch (error) {
    if (error.code === "ENOENT") return;
    throw error;
  }
  const moved = readHolder(aside);
  if (moved && isAlive(moved)) {
    // Between the look and the move somebody took it: give it back.
    try {
      fs.linkSync(aside, file);
    } catch {
      // A third process holds it now, which the next look will show.
    }
  } else if (moved?.children && moved.pid === holder?.pid) {
    await Promise.all(moved.children.map(endProcess));
  }
  fs.rmSync(aside, { force: true });
}

async function endProcess(child) {
  const deadline = Date.now() + CHILD_STOP_MS;
  while (isAlive(child) && Date.now() < deadline) {
    try {
      process.kill(child.pid, "SIGKILL");
    } catch {
      return;
    }
    await delay(POLL_MS);
  }
}

function writeHolder(file, holder) {
  try {
    fs.writeFileSync(file, JSON.stringify(holder));
  } catch (error) {
    throw new SetupError(
      `${file} cannot be written (${error.code}): this folder must belong to the user who starts.`,
    );
  }
}

function readHolder(file) {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

function identity(pid) {
  return { pid, startedAt: startOf(pid) };
}

export function isAlive({ pid, startedAt }) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code !== "EPERM") return false;
  }
  const now = startOf(pid);
  return now === undefined || startedAt === undefined || now === startedAt;
}

/** In clock ticks since the machine started; undefined where there is no /proc, or no process. */
function startOf(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in parentheses may hold spaces; the state follows it, 19 fields before the start.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? -1 : Number(fields[19]);
  } catch {
    return undefined;
  }
}
