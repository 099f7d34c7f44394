import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { jwtVerify } from "jose";
import { SignalError } from "../errors.ts";
import type { Log } from "../log.ts";
import { findFfmpeg } from "../recording/ffmpeg.ts";
import type { RecordableRoom } from "../recording/types.ts";
import { Broadcast } from "./broadcast.ts";
import { type BucketOptions, PieceBucket } from "./bucket.ts";
import { PieceMirror } from "./mirror.ts";

export type BroadcastsOptions = {
  config: {
    spoolDir: string;
    secret: string;
    allowedOrigins: readonly string[];
    /** Where pieces lie for a network of caches; left out: at the node alone. */
    streamBucket?: BucketOptions | undefined;
  };
  roomOf: (roomId: string) => RecordableRoom | undefined;
  speakerOf: (roomId: string) => string | null;
  /** The bucket takes nothing: pieces are given out by the node meanwhile. */
  onStoreRefused?: (roomId: string, reason: string) => void;
  log: Log;
  ffmpeg?: string | null;
};

const fileName = /^\/broadcast\/([^/]{1,256})\/(index\.m3u8|[0-9a-f]{24}-\d{1,9}\.ts)$/;
/** A first viewer waits this long for the first seconds. */
const FIRST_WAIT_MS = 8_000;
const POLL_MS = 100;
/** Nobody has asked for so long, and nobody ordered it: it ends. */
const IDLE_MS = 60_000;

/** Programmes of this node's rooms: begun by the server's order, or by the first viewer with a token. */
export class Broadcasts {
  private readonly options: BroadcastsOptions;
  private readonly ffmpeg: string | null;
  private readonly bucket: PieceBucket | null;
  private readonly running = new Map<
    string,
    { broadcast: Broadcast; mirror: PieceMirror | null; ordered: boolean; askedMs: number }
  >();
  private readonly sweep: NodeJS.Timeout;

  constructor(options: BroadcastsOptions) {
    this.options = options;
    this.ffmpeg = options.ffmpeg === undefined ? findFfmpeg() : options.ffmpeg;
    const { streamBucket } = options.config;
    this.bucket = streamBucket ? new PieceBucket(streamBucket) : null;
    this.sweep = setInterval(() => {
      for (const [roomId, { ordered, askedMs }] of this.running) {
        if (!ordered && Date.now() - askedMs > IDLE_MS) void this.stop(roomId);
      }
    }, IDLE_MS / 4);
    this.sweep.unref();
  }

  of(roomId: string): Broadcast | undefined {
    return this.running.get(roomId)?.broadcast;
  }

  /** @throws {SignalError} not-found when this node cannot broadcast */
  start(roomId: string, ordered: boolean): Broadcast {
    const current = this.running.get(roomId);
    if (current) {
      current.ordered ||= ordered;
      return current.broadcast;
    }
    if (!this.ffmpeg) throw new SignalError("not-found", "no ffmpeg");
    const { config, roomOf, speakerOf, log } = this.options;
    const broadcast = new Broadcast({
      ...{ roomId, roomOf, speakerOf, log, ffmpeg: this.ffmpeg },
      folder: join(config.spoolDir, "broadcasts", randomUUID()),
    });
    const mirror = this.bucket
      ? new PieceMirror({
          ...{ bucket: this.bucket, folder: broadcast.folder, log },
          onRefused: (reason) => this.options.onStoreRefused?.(roomId, reason),
        })
      : null;
    this.running.set(roomId, { broadcast, mirror, ordered, askedMs: Date.now() });
    return broadcast;
  }

  async stop(roomId: string): Promise<void> {
    const current = this.running.get(roomId);
    this.running.delete(roomId);
    await current?.mirror?.close();
    await current?.broadcast.close();
  }

  /**
   * Answers a viewer or a cache. The playlist needs a token; a piece's name is a secret that only the
   * playlist tells, so that caches may keep pieces for everybody.
   * @returns false when the address is none of ours
   * @throws {SignalError} forbidden, not-found
   */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const url = new URL(request.url ?? "/", "http://node");
    const match = fileName.exec(url.pathname);
    if (!match) return false;
    const [, encoded, file] = match;
    const roomId = decodeURIComponent(encoded!);
    const { allowedOrigins } = this.options.config;
    const { origin } = request.headers;
    if (origin && (allowedOrigins.length === 0 || allowedOrigins.includes(origin))) {
      response.setHeader("access-control-allow-origin", origin);
      response.setHeader("access-control-allow-headers", "authorization");
      response.setHeader("vary", "origin");
    }
    if (request.method === "OPTIONS") {
      response.writeHead(204).end();
      return true;
    }
    if (request.method !== "GET") throw new SignalError("not-found");
    const isPlaylist = file === "index.m3u8";
    if (isPlaylist) await this.requireToken(request, url, roomId);
    const body = isPlaylist
      ? await this.playlist(roomId)
      : await readFile(join(this.of(roomId)?.folder ?? "/nonexistent", file!)).catch(() => null);
    if (!body) throw new SignalError("not-found");
    response
      .writeHead(200, {
        "content-type": isPlaylist ? "application/vnd.apple.mpegurl" : "video/mp2t",
        "cache-control": isPlaylist ? "private, max-age=1" : "public, max-age=3600, immutable",
      })
      .end(body);
    return true;
  }

  private async requireToken(request: IncomingMessage, url: URL, roomId: string): Promise<void> {
    const bearer = /^Bearer (.{1,4096})$/.exec(request.headers.authorization ?? "")?.[1];
    const token = bearer ?? url.searchParams.get("token") ?? "";
    const verified = await jwtVerify(token, new TextEncoder().encode(this.options.config.secret), {
      algorithms: ["HS256"],
      issuer: "yilian",
      audience: "sfu-broadcast",
      requiredClaims: ["exp"],
      clockTolerance: 5,
    }).catch(() => null);
    if (verified?.payload.room !== roomId) throw new SignalError("forbidden");
  }

  private async playlist(roomId: string): Promise<Buffer | null> {
    // Without a room there is nothing to begin for.
    if (!this.running.has(roomId) && !this.options.roomOf(roomId)) return null;
    const broadcast = this.start(roomId, false);
    const entry = this.running.get(roomId);
    if (entry) entry.askedMs = Date.now();
    for (let waitedMs = 0; waitedMs < FIRST_WAIT_MS; waitedMs += POLL_MS) {
      const text = await readFile(join(broadcast.folder, "index.m3u8"), "utf8").catch(() => null);
      if (text) {
        const timed = broadcast.timed(text);
        return Buffer.from(entry?.mirror?.placed(timed) ?? timed);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return null;
  }

  async close(): Promise<void> {
    clearInterval(this.sweep);
    await Promise.all([...this.running.keys()].map((roomId) => this.stop(roomId)));
  }
}
