import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
// biome-ignore lint/correctness/useImportExtensions: plain JavaScript, typed in lock.d.mts
import { tryLock, waitForLock } from "../../scripts/setup/lock.mjs";

/** Above the largest pid that Linux gives out. */
const NO_SUCH_PID = 2 ** 22 + 1;

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "yilian-lock-"));
  file = join(folder, "lock");
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("lock between processes", () => {
  it("is held by one and can be taken after it", async () => {
    const first = await tryLock(file);
    expect(first.held).toBe(true);
    expect(await tryLock(file)).toEqual({ held: false, pid: process.pid });
    if (first.held) first.lock.release();
    expect(existsSync(file)).toBe(false);
    expect((await tryLock(file)).held).toBe(true);
  });

  it("tells a waiter once whom it waits for", async () => {
    const first = await tryLock(file);
    const waitedFor: number[] = [];
    const second = waitForLock(file, (pid) => waitedFor.push(pid));
    await expect.poll(() => waitedFor).toEqual([process.pid]);
    if (first.held) first.lock.release();
    expect(await second).toBeDefined();
    expect(waitedFor).toHaveLength(1);
  });

  it.each([
    ["that is gone", JSON.stringify({ pid: NO_SUCH_PID, startedAt: 1 })],
    ["whose pid is another's now", JSON.stringify({ pid: process.pid, startedAt: 1 })],
    ["that wrote nothing readable", ""],
  ])("is taken from a holder %s", async (_, text) => {
    writeFileSync(file, text);
    expect((await tryLock(file)).held).toBe(true);
    expect(JSON.parse(readFileSync(file, "utf8")).pid).toBe(process.pid);
  });

  it("ends what a killed holder left running", async () => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    const ended = new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal)));
    const first = await tryLock(file);
    if (first.held) first.lock.noteChild(child.pid ?? 0);
    const note = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, JSON.stringify({ ...note, pid: NO_SUCH_PID }));
    expect((await tryLock(file)).held).toBe(true);
    expect(await ended).toBe("SIGKILL");
  });
});
