import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, statfsSync, writeFileSync } from "node:fs";
import { readdir, readFile, rename, rm, rmdir, statfs, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Log } from "../log.ts";
import { signCallback } from "../tokens.ts";

/** The disk is full, or nearly: the session goes on, the recording does not. */
export class DiskFullError extends Error {
  override readonly name = "DiskFullError";
}

export type SpoolOptions = {
  /** Private folder of this node. */
  folder: string;
  /** So much is left free for whoever else needs the disk. */
  reserveBytes: number;
  serverUrl: string;
  secret: string;
  /** The server's time, in milliseconds since 1970; default: this machine's. */
  now?: () => number;
  log: Log;
};

/** What a process that died has left of a recording. */
export type Unfinished = { recordingId: string; roomId: string; segments: Buffer[] };

const FULL_CODES = ["ENOSPC", "EDQUOT", "EFBIG"];
const FIRST_PIECES_BYTES = 1_000_000;
const FIRST_DELAY_MS = 250;
const MAX_DELAY_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const ROOM_FILE = "room";
const recordingName = /^[0-9a-f-]{36}$/;

/**
 * Finished pieces on their way to the server: written to the disk first, each deleted only when the
 * server says that it has it. A node that died finds them again.
 */
export class Spool {
  private readonly options: SpoolOptions;
  private readonly folder: string;
  private queue: string[] = [];
  private running: Promise<void> | null = null;
  private wake: (() => void) | null = null;
  private isClosed = false;
  private last = 0;
  private left: { recordingId: string; names: string[] }[];

  constructor(options: SpoolOptions) {
    this.options = options;
    this.folder = join(options.folder, "recordings");
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    // At once: a recording that begins now is not one that was left.
    this.left = readdirSync(this.folder)
      .filter((name) => recordingName.test(name))
      .map((recordingId) => ({ recordingId, names: readdirSync(join(this.folder, recordingId)) }));
  }

  get pending(): number {
    return this.queue.length;
  }

  /** A recording begins here: its folder says so until its end has been told. */
  begin(recordingId: string, roomId: string): void {
    const folder = join(this.folder, recordingId);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, ROOM_FILE), roomId, { mode: 0o600 });
  }

  /**
   * Keeps a file and sends it when those before it have gone.
   * @throws {DiskFullError}
   */
  async put(recordingId: string, kind: "segment" | "manifest", bytes: Buffer): Promise<void> {
    const folder = join(this.folder, recordingId);
    // Names sort in the order of time: a manifest goes after its segments.
    this.last = Math.max(this.last + 1, Date.now() * 1000);
    const file = join(folder, `${this.last}.${kind}`);
    const temporary = join(folder, `.${randomBytes(6).toString("hex")}`);
    try {
      // Nothing is left for a manifest if the reserve counted for it as well.
      if (kind === "segment") await this.requireSpace(bytes.length);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      await writeFile(temporary, bytes, { mode: 0o600, flush: true });
      await rename(temporary, file);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {});
      const code = error instanceof Error && "code" in error ? String(error.code) : "";
      if (FULL_CODES.includes(code)) throw new DiskFullError(code);
      throw error;
    }
    this.queue.push(file);
    this.kick();
  }

  /** Whether a recording may begin: the reserve and some pieces have place. */
  hasSpace(): boolean {
    const { bavail, bsize } = statfsSync(this.folder);
    return bavail * bsize >= FIRST_PIECES_BYTES + this.options.reserveBytes;
  }

  private async requireSpace(bytes: number): Promise<void> {
    const { bavail, bsize } = await statfs(this.folder);
    if (bavail * bsize < bytes + this.options.reserveBytes) throw new DiskFullError("reserve");
  }

  /**
   * What an earlier process left: its segments are sent.
   * @returns recordings whose end nobody has told yet
   */
  async recover(): Promise<Unfinished[]> {
    const open: Unfinished[] = [];
    for (const { recordingId, names } of this.left.splice(0)) {
      const folder = join(this.folder, recordingId);
      names.sort();
      for (const name of names) if (name.startsWith(".")) await rm(join(folder, name));
      const files = names.filter((name) => /^\d+\.(segment|manifest)$/.test(name));
      this.queue.push(...files.map((name) => join(folder, name)));
      if (files.some((name) => name.endsWith(".manifest"))) continue;
      const segments: Buffer[] = [];
      for (const name of files) segments.push(await readFile(join(folder, name)));
      const roomId = await readFile(join(folder, ROOM_FILE), "utf8").catch(() => "");
      open.push({ recordingId, roomId, segments });
    }
    this.kick();
    return open;
  }

  private kick(): void {
    if (this.isClosed) return;
    this.running ??= this.run().finally(() => {
      this.running = null;
      if (this.queue.length > 0) this.kick();
    });
  }

  private async run(): Promise<void> {
    let delayMs = FIRST_DELAY_MS;
    while (this.queue[0] && !this.isClosed) {
      const [file] = this.queue;
      const outcome = await this.send(file);
      if (outcome === "later") {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, delayMs);
          this.wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        delayMs = Math.min(MAX_DELAY_MS, delayMs * 2);
        continue;
      }
      delayMs = FIRST_DELAY_MS;
      this.queue.shift();
      // Refused for good: it stays on this disk for a person to look at.
      if (outcome === "refused") await rename(file, `${file}.refused`).catch(() => {});
      else await rm(file, { force: true });
      if (file.endsWith(".manifest")) await this.clear(dirname(file));
    }
  }

  /** All of it has gone; unless a recording of that name has begun again meanwhile. */
  private async clear(folder: string): Promise<void> {
    if ((await readdir(folder)).some((name) => name !== ROOM_FILE)) return;
    await rm(join(folder, ROOM_FILE), { force: true });
    await rmdir(folder).catch(() => {});
  }

  private async send(file: string): Promise<"delivered" | "later" | "refused"> {
    const { serverUrl, secret, log } = this.options;
    try {
      const bytes = await readFile(file);
      const kind = file.endsWith(".manifest") ? "manifest" : "segments";
      const recordingId = basename(dirname(file));
      const response = await fetch(`${serverUrl}/internal/sfu/recordings/${recordingId}/${kind}`, {
        method: "PUT",
        headers: {
          "content-type": "application/octet-stream",
          authorization: `Bearer ${await signCallback(secret, bytes, this.options.now?.())}`,
        },
        body: new Uint8Array(bytes),
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      });
      await response.body?.cancel();
      if (response.ok) return "delivered";
      log.warn({ recordingId, status: response.status }, "piece of a recording not taken");
      const { status } = response;
      return [400, 403, 409, 410, 413, 415, 422].includes(status) ? "refused" : "later";
    } catch (error) {
      // Somebody else has sent and deleted it.
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return "delivered";
      log.debug({ error: String(error) }, "piece of a recording not delivered");
      return "later";
    }
  }

  /** Tries for at most `waitMs` to send what is left; the rest goes after the next start. */
  async close(waitMs: number): Promise<void> {
    this.wake?.();
    const until = Date.now() + waitMs;
    while (this.queue.length > 0 && Date.now() < until) {
      this.wake?.();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    this.isClosed = true;
    this.wake?.();
    await this.running;
  }
}
