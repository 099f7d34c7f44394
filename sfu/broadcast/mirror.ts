import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "../log.ts";
import type { PieceBucket } from "./bucket.ts";

const LOOK_MS = 100;
/** The newest piece is told of so much later at the most, so that everybody is sent to the bucket for it. */
const HOLD_MS = 1_000;
/** A player that begins needs so many; fewer are not held back. */
const LEAST_TOLD = 3;
/** A store that refused is asked again after this. */
const AGAIN_MS = 5_000;
/** The house is told of a store that refuses this often. */
const QUIET_MS = 10 * 60_000;
/** A player that is behind still asks for what left the list. */
const KEPT_MS = 30_000;

const pieceName = /^[0-9a-f]{24}-\d{1,9}\.ts$/;

export type MirrorOptions = {
  bucket: PieceBucket;
  /** Where the encoder writes the playlist and its pieces. */
  folder: string;
  onRefused: (reason: string) => void;
  log: Log;
};

/** Brings the pieces of one programme to a bucket and tells where each lies; what it does not take, the node gives out. */
export class PieceMirror {
  private readonly options: MirrorOptions;
  private readonly seenMs = new Map<string, number>();
  private readonly there = new Set<string>();
  /** All that was sent: one that was given up may lie there all the same. */
  private readonly sent = new Set<string>();
  /** Where a piece was said to lie: that never changes. */
  private readonly told = new Map<string, string>();
  private readonly clock: NodeJS.Timeout;
  private working: Promise<void> | null = null;
  private notBeforeMs = 0;
  private alarmedMs = Number.NEGATIVE_INFINITY;

  constructor(options: MirrorOptions) {
    this.options = options;
    this.clock = setInterval(() => {
      this.working ??= this.bring().finally(() => {
        this.working = null;
      });
    }, LOOK_MS);
  }

  /** The playlist with where each piece lies; one that is on its way to the bucket is held back for a moment. */
  placed(playlist: string): string {
    const nowMs = Date.now();
    const lines: string[] = [];
    let whole = 0;
    let count = 0;
    for (const line of playlist.split("\n")) {
      const name = line.trim();
      if (!pieceName.test(name)) {
        lines.push(line);
        continue;
      }
      const place = this.placeOf(name, nowMs, count >= LEAST_TOLD);
      if (place === null) return `${lines.slice(0, whole).join("\n")}\n`;
      lines.push(place);
      whole = lines.length;
      count += 1;
    }
    return lines.join("\n");
  }

  /** @returns null: it may be in the bucket in a moment */
  private placeOf(name: string, nowMs: number, mayWait: boolean): string | null {
    const before = this.told.get(name);
    if (before) return before;
    const seenMs = this.seenMs.get(name) ?? nowMs;
    this.seenMs.set(name, seenMs);
    const isThere = this.there.has(name);
    const isComing = nowMs >= this.notBeforeMs && nowMs - seenMs < HOLD_MS;
    if (!isThere && isComing && mayWait) return null;
    const place = isThere ? this.options.bucket.urlOf(name) : name;
    this.told.set(name, place);
    return place;
  }

  private async bring(): Promise<void> {
    const { folder, bucket } = this.options;
    const text = await readFile(join(folder, "index.m3u8"), "utf8").catch(() => "");
    const names = text
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => pieceName.test(line));
    const nowMs = Date.now();
    for (const name of names) this.seenMs.set(name, this.seenMs.get(name) ?? nowMs);
    for (const name of names) {
      // What was said to lie at the node stays there.
      if (this.there.has(name) || this.told.has(name) || Date.now() < this.notBeforeMs) continue;
      const bytes = await readFile(join(folder, name)).catch(() => null);
      if (!bytes) continue;
      this.sent.add(name);
      await bucket.put(name, new Uint8Array(bytes)).then(
        () => this.there.add(name),
        (error: unknown) => this.refuse(error),
      );
    }
    await this.forget(new Set(names), nowMs);
  }

  private refuse(error: unknown): void {
    const { log, onRefused } = this.options;
    this.notBeforeMs = Date.now() + AGAIN_MS;
    if (Date.now() - this.alarmedMs < QUIET_MS) return;
    this.alarmedMs = Date.now();
    log.warn({ error: String(error) }, "the store takes no pieces; the node gives them out");
    onRefused(error instanceof Error ? error.message.slice(0, 60) : "store");
  }

  /** Takes out what left the list a while ago. */
  private async forget(listed: ReadonlySet<string>, nowMs: number): Promise<void> {
    for (const [name, seenMs] of this.seenMs) {
      if (listed.has(name) || nowMs - seenMs < KEPT_MS) continue;
      this.seenMs.delete(name);
      this.told.delete(name);
      this.there.delete(name);
      if (this.sent.delete(name)) await this.remove(name);
    }
  }

  private async remove(name: string): Promise<void> {
    // What stays is unreadable to whoever was not told its name, and a rule of the bucket's takes it out.
    await this.options.bucket
      .remove(name)
      .catch((error: unknown) =>
        this.options.log.info({ error: String(error) }, "a piece stays in the store"),
      );
  }

  /** The programme is over: nothing of it stays. */
  async close(): Promise<void> {
    clearInterval(this.clock);
    await this.working;
    await Promise.all([...this.sent].map((name) => this.remove(name)));
    this.sent.clear();
  }
}
