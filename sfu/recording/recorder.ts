import { randomUUID } from "node:crypto";
import type { Log } from "../log.ts";
import { SenderClock } from "./clock.ts";
import { sealSegment, sha256 } from "./seal.ts";
import { DiskFullError, type Spool } from "./spool.ts";
import { type NamedGap, TrackCapture } from "./track.ts";
import type {
  Manifest,
  RecordableRoom,
  RecordableTrack,
  SegmentMeta,
  StopReason,
} from "./types.ts";

/** The room is looked at this often: new streams, streams that ended, a room that moved. */
const LOOK_MS = 200;
/** Nobody was in the room for so long: it is over. */
const EMPTY_LIMIT_MS = 30 * 60_000;
/** What is recorded of a person; the lecture copy of a microphone says the same again. */
const SOURCES: readonly string[] = ["audio", "video", "screen", "interpretation"];

export type RecorderOptions = {
  recordingId: string;
  roomId: string;
  /** AES-256 key of this recording. */
  key: Buffer;
  clockOffsetMs: number;
  ffmpeg: string;
  spool: Spool;
  roomOf: (roomId: string) => RecordableRoom | undefined;
  onFailed: (reason: string) => void;
  onEmpty: () => void;
  log: Log;
};

/** One recording on this node: follows the room's streams, seals and keeps their pieces. */
export class Recorder {
  readonly startedAtMs = Date.now();
  private readonly options: RecorderOptions;
  private readonly runId = randomUUID();
  private readonly tracks = new Map<string, TrackCapture>();
  private readonly senders = new Map<string, SenderClock>();
  private readonly segments: Manifest["segments"] = [];
  private readonly gaps: NamedGap[] = [];
  private readonly clock: NodeJS.Timeout;
  private writing: Promise<void> = Promise.resolve();
  private shownIn: RecordableRoom | undefined;
  private lastSeenMs = Date.now();
  private hasFailed = false;
  private isStopped = false;

  constructor(options: RecorderOptions) {
    this.options = options;
    options.spool.begin(options.recordingId, options.roomId);
    this.clock = setInterval(() => this.look(), LOOK_MS);
    this.look();
  }

  get roomId(): string {
    return this.options.roomId;
  }

  get recordingId(): string {
    return this.options.recordingId;
  }

  /** Processes that capture now. */
  get pids(): number[] {
    return [...this.tracks.values()].flatMap(({ pid }) => pid ?? []);
  }

  private look(): void {
    const room = this.options.roomOf(this.roomId);
    if (room !== this.shownIn) {
      this.shownIn = room;
      room?.showRecording(true);
    }
    const tracks = (room?.tracks() ?? []).filter(({ source }) => SOURCES.includes(source));
    if (room) this.lastSeenMs = Date.now();
    else if (Date.now() - this.lastSeenMs > EMPTY_LIMIT_MS) this.options.onEmpty();
    const present = new Set<string>();
    for (const track of tracks) {
      const key = `${track.peer.id}/${track.source}/${track.channel ?? ""}`;
      present.add(key);
      this.captureOf(key, track).follow(track);
    }
    for (const [key, capture] of this.tracks) if (!present.has(key)) capture.pause();
  }

  private captureOf(key: string, track: RecordableTrack): TrackCapture {
    let capture = this.tracks.get(key);
    if (capture) return capture;
    const sender = this.senders.get(track.peer.id) ?? new SenderClock();
    this.senders.set(track.peer.id, sender);
    const { recordingId, roomId, ffmpeg, clockOffsetMs, log } = this.options;
    capture = new TrackCapture({
      ...{ recordingId, roomId, ffmpeg, track, sender, clockOffsetMs, log },
      onSegment: (meta, bytes) => this.keep(meta, bytes),
      onGap: (gap) => this.gaps.push(gap),
    });
    this.tracks.set(key, capture);
    return capture;
  }

  private keep(meta: SegmentMeta, bytes: Buffer): void {
    const { spool, recordingId, key, log } = this.options;
    this.writing = this.writing.then(async () => {
      if (this.hasFailed) return;
      const sealed = sealSegment(meta, bytes, key);
      try {
        await spool.put(recordingId, "segment", sealed);
        const { trackId, part, number } = meta;
        this.segments.push({ trackId, part, number, sha256: sha256(sealed) });
      } catch (error) {
        this.hasFailed = true;
        const reason = error instanceof DiskFullError ? "disk-full" : "disk";
        log.error({ recordingId, error: String(error) }, "a recording cannot be kept");
        this.options.onFailed(reason);
      }
    });
  }

  /** Ends all capture, keeps what it brought and says what there is. */
  async stop(reason: StopReason): Promise<Manifest | null> {
    if (this.isStopped) return null;
    this.isStopped = true;
    clearInterval(this.clock);
    const stoppedAtMs = Date.now();
    this.shownIn?.showRecording(false);
    await Promise.all([...this.tracks.values()].map((capture) => capture.close()));
    await this.writing;
    const { recordingId, roomId, clockOffsetMs, spool, log } = this.options;
    const manifest = manifestOf({
      v: 1,
      recordingId,
      roomId,
      runId: this.runId,
      startedAtMs: this.startedAtMs + clockOffsetMs,
      stoppedAtMs: stoppedAtMs + clockOffsetMs,
      reason,
      gaps: this.gaps,
      segments: this.segments,
    });
    await spool
      .put(recordingId, "manifest", Buffer.from(JSON.stringify(manifest)))
      // A full disk: the server goes by the segments that it has.
      .catch((error: unknown) => log.error({ recordingId, error: String(error) }, "no manifest"));
    return manifest;
  }
}

/** Adds the hash over all segments. */
export function manifestOf(manifest: Omit<Manifest, "sha256">): Manifest {
  return { ...manifest, sha256: sha256(...manifest.segments.map((segment) => segment.sha256)) };
}
