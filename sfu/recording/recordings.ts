import { randomUUID } from "node:crypto";
import type { Callbacks } from "../callbacks.ts";
import { SignalError } from "../errors.ts";
import type { Log } from "../log.ts";
import { findFfmpeg } from "./ffmpeg.ts";
import { manifestOf, Recorder } from "./recorder.ts";
import { sha256 } from "./seal.ts";
import { Spool } from "./spool.ts";
import type { Manifest, RecordableRoom, SegmentMeta, StopReason } from "./types.ts";

export type RecordingsOptions = {
  config: {
    /** Private folder for what is on its way to the server. */
    spoolDir: string;
    recordingReserveBytes: number;
    serverUrl: string;
    secret: string;
  };
  callbacks: Callbacks;
  roomOf: (roomId: string) => RecordableRoom | undefined;
  log: Log;
  /** The server's time, in milliseconds since 1970; default: this machine's. */
  now?: () => number;
  /** Default: the one on PATH; null: none. */
  ffmpeg?: string | null;
};

export type StartRecording = {
  recordingId: string;
  /** Base64 of 32 bytes. */
  key: string;
  /** What the server's clock shows, in milliseconds since 1970; recordings are told in its time. */
  nowMs?: number | undefined;
};

const SEND_PATIENCE_MS = 3_000;

/** All recordings of this node; several at once, one for each room. */
export class Recordings {
  private readonly options: RecordingsOptions;
  private readonly ffmpeg: string | null;
  private readonly spool: Spool;
  private readonly byRoom = new Map<string, Recorder>();

  constructor(options: RecordingsOptions) {
    this.options = options;
    this.ffmpeg = options.ffmpeg === undefined ? findFfmpeg() : options.ffmpeg;
    const { spoolDir, recordingReserveBytes, serverUrl, secret } = options.config;
    this.spool = new Spool({
      folder: spoolDir,
      reserveBytes: recordingReserveBytes,
      ...{ serverUrl, secret, log: options.log, ...(options.now ? { now: options.now } : {}) },
    });
    if (!this.ffmpeg) options.log.warn("ffmpeg is missing: nothing can be recorded here");
    void this.recover().catch((error: unknown) =>
      options.log.error({ error: String(error) }, "old recordings could not be looked at"),
    );
  }

  get isPossible(): boolean {
    return this.ffmpeg !== null;
  }

  get active(): number {
    return this.byRoom.size;
  }

  /** Pieces that the server has not taken yet. */
  get pending(): number {
    return this.spool.pending;
  }

  of(roomId: string): Recorder | undefined {
    return this.byRoom.get(roomId);
  }

  /**
   * Begins a recording; saying it again changes nothing.
   * Without ffmpeg the failure is told like any other.
   * @throws {SignalError} conflict (the room has another one), malformed
   */
  start(roomId: string, { recordingId, key, nowMs }: StartRecording): void {
    const current = this.byRoom.get(roomId);
    if (current?.recordingId === recordingId) return;
    if (current) throw new SignalError("conflict");
    const bytes = Buffer.from(key, "base64");
    if (bytes.length !== 32) throw new SignalError("malformed", "", "key");
    if (!this.ffmpeg) {
      this.tell("recording-failed", roomId, { recordingId, reason: "ffmpeg-missing" });
      return;
    }
    // One that cannot last is not begun: it would be told as going on, and break off with its first piece.
    if (!this.spool.hasSpace()) {
      this.tell("recording-failed", roomId, { recordingId, reason: "disk-full" });
      return;
    }
    const { roomOf, log } = this.options;
    const recorder = new Recorder({
      ...{ recordingId, roomId, key: bytes, roomOf, log },
      clockOffsetMs: nowMs === undefined ? 0 : nowMs - Date.now(),
      ffmpeg: this.ffmpeg,
      spool: this.spool,
      onFailed: (reason) => void this.fail(roomId, recorder, reason),
      onEmpty: () => void this.end(roomId, recorder, "room-closed"),
    });
    this.byRoom.set(roomId, recorder);
    this.tell("recording-started", roomId, { recordingId });
  }

  /** Ends a recording; saying it again changes nothing. */
  async stop(roomId: string, recordingId: string): Promise<void> {
    const recorder = this.byRoom.get(roomId);
    if (recorder?.recordingId === recordingId) await this.end(roomId, recorder, "ordered");
  }

  private async end(roomId: string, recorder: Recorder, reason: StopReason): Promise<void> {
    if (this.byRoom.get(roomId) === recorder) this.byRoom.delete(roomId);
    const manifest = await recorder.stop(reason);
    if (manifest) this.tellStopped(manifest);
  }

  private async fail(roomId: string, recorder: Recorder, reason: string): Promise<void> {
    this.tell("recording-failed", roomId, { recordingId: recorder.recordingId, reason });
    await this.end(roomId, recorder, "failed");
  }

  private tellStopped(manifest: Manifest): void {
    const { recordingId, roomId, reason, sha256: hash, segments } = manifest;
    this.tell("recording-stopped", roomId, {
      ...{ recordingId, reason, sha256: hash, segments: segments.length },
    });
  }

  private tell(
    type: "recording-started" | "recording-stopped" | "recording-failed",
    room: string,
    data: Record<string, unknown>,
  ): void {
    this.options.callbacks.push({ room, type, peer: null, data });
  }

  /** The process before this one died: what it had finished is sent, and its end is told. */
  private async recover(): Promise<void> {
    for (const { recordingId, roomId, segments } of await this.spool.recover()) {
      const metas = segments.map((bytes) => ({ meta: headOf(bytes), sha256: sha256(bytes) }));
      const manifest = manifestOf({
        ...{ v: 1, recordingId, roomId, runId: randomUUID(), reason: "node-died", gaps: [] },
        startedAtMs: Math.min(...metas.map(({ meta }) => meta.startMs), Date.now()),
        stoppedAtMs: Math.max(0, ...metas.map(({ meta }) => meta.startMs + meta.durationMs)),
        segments: metas.map(({ meta: { trackId, part, number }, sha256: hash }) => ({
          ...{ trackId, part, number, sha256: hash },
        })),
      });
      await this.spool.put(recordingId, "manifest", Buffer.from(JSON.stringify(manifest)));
      this.tellStopped(manifest);
    }
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.byRoom].map(([roomId, recorder]) => this.end(roomId, recorder, "node-closing")),
    );
    await this.spool.close(SEND_PATIENCE_MS);
  }
}

/** The readable head of a sealed segment. */
function headOf(sealed: Buffer): SegmentMeta {
  const length = sealed.readUInt32BE(4);
  return JSON.parse(sealed.subarray(8, 8 + length).toString("utf8")) as SegmentMeta;
}
