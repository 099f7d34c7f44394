import { randomUUID } from "node:crypto";
import type { Producer, ProducerTraceEventData } from "mediasoup/types";
import type { Log } from "../log.ts";
import { ntpToMs, type SenderClock, StreamClock } from "./clock.ts";
import { type Feed, openFeed } from "./feed.ts";
import { recordedLayer } from "./layers.ts";
import { type Cluster, MatroskaCutter } from "./matroska.ts";
import type { RecordableTrack, SegmentMeta } from "./types.ts";

/** A crash costs this, what ffmpeg holds (1 s) and what is on its way to the disk. */
const SEGMENT_MS = 6_000;
/** An unfinished piece of a stream that has fallen silent is finished after this while. */
const SILENT_MS = 2_500;
/** Longer pauses between frames are noted: sound comes every 20 to 60 ms, pictures seldom below 5/s. */
const GAP_MS = { audio: 120, video: 1_000 };
/** A picture that can be decoded alone this often, so that the mix need not decode what nobody sees. */
const KEY_FRAME_EVERY_MS = 30_000;
const RESTART_DELAYS_MS = [0, 250, 1_000, 2_000];
/** A new ffmpeg that lived this long was healthy. */
const HEALTHY_AFTER_MS = 10_000;

export type NamedGap = { trackId: string; fromMs: number; toMs: number; why: string };

export type TrackCaptureOptions = {
  recordingId: string;
  roomId: string;
  ffmpeg: string;
  track: RecordableTrack;
  /** Clock of the person who sends it; sound and picture share it. */
  sender: SenderClock;
  /** Milliseconds from this machine's clock to the session's. */
  clockOffsetMs: number;
  onSegment: (meta: SegmentMeta, bytes: Buffer) => void;
  onGap: (gap: NamedGap) => void;
  log: Log;
};

/** What one ffmpeg has brought so far. */
type Part = {
  feed: Feed;
  number: number;
  cutter: MatroskaCutter;
  clock: StreamClock;
  segments: number;
  open: Cluster[];
  closing: boolean;
  silent: NodeJS.Timeout | undefined;
};

/**
 * Captures one person's one source: a new part whenever the stream is a new one (the room moved, the
 * camera was changed) or ffmpeg died, and of each part pieces of a few seconds.
 */
export class TrackCapture {
  readonly trackId = randomUUID();
  readonly track: RecordableTrack;
  private readonly options: TrackCaptureOptions;
  private producer: Producer | null = null;
  private part: Part | null = null;
  private parts = 0;
  private deaths = 0;
  private lastEndMs: number | null = null;
  private brokenBy: string | null = null;
  private isClosed = false;
  private readonly finishing = new Set<Promise<void>>();
  private readonly keyFrames: NodeJS.Timeout;

  constructor(options: TrackCaptureOptions) {
    this.options = options;
    this.track = options.track;
    this.keyFrames = setInterval(() => {
      if (this.producer?.kind === "video") this.part?.feed.askKeyFrame();
    }, KEY_FRAME_EVERY_MS);
  }

  /** Pid of the ffmpeg at work; for tests and for the log. */
  get pid(): number | undefined {
    return this.part?.feed.child.pid;
  }

  /** The stream as it is now; called whenever the room is looked at. */
  follow(track: RecordableTrack): void {
    const { producer } = track;
    if (this.isClosed || producer.closed || this.producer?.id === producer.id) return;
    if (this.producer) this.brokenBy ??= "stream-replaced";
    this.producer = producer;
    this.deaths = 0;
    this.retire();
    this.open(track).catch((error: unknown) => this.onFailed(track, error));
  }

  /** The stream is gone for now. */
  pause(): void {
    if (!this.producer) return;
    this.producer = null;
    this.brokenBy ??= "stream-ended";
    this.retire();
  }

  /** Resolves when everything that was captured has been handed over. */
  async close(): Promise<void> {
    this.isClosed = true;
    clearInterval(this.keyFrames);
    this.producer = null;
    this.retire();
    await Promise.all(this.finishing);
  }

  private async open(track: RecordableTrack): Promise<void> {
    const { producer } = track;
    const clock = new StreamClock(producer.rtpParameters.codecs[0]!.clockRate, this.options.sender);
    const hear = ({ type, info }: ProducerTraceEventData) => {
      if (type !== "sr") return;
      const { ntpSec, ntpFrac, rtpTs } = info;
      if (typeof ntpSec !== "number" || typeof ntpFrac !== "number" || typeof rtpTs !== "number")
        return;
      clock.hear({ ntpMs: ntpToMs(ntpSec, ntpFrac), rtp: rtpTs, arrivedMs: Date.now() });
    };
    producer.on("trace", hear);
    await producer.enableTraceEvent(["sr"]);
    const layers = producer.rtpParameters.encodings?.length ?? 1;
    const feed = await openFeed({
      ffmpeg: this.options.ffmpeg,
      router: track.router,
      producer,
      // Of three layers the middle one: the whole face, and no more than replay shows.
      ...(layers > 1 ? { spatialLayer: recordedLayer(layers) } : {}),
      output: [
        ...["-map", "0", "-c", "copy", "-copyts", "-f", "matroska"],
        ...["-cluster_time_limit", "1000", "-flush_packets", "1", "pipe:1"],
      ],
    });
    const part: Part = {
      feed,
      number: this.parts++,
      cutter: new MatroskaCutter(GAP_MS[producer.kind]),
      clock,
      segments: 0,
      open: [],
      closing: false,
      silent: undefined,
    };
    const startedAtMs = Date.now();
    this.finishing.add(
      new Promise<void>((resolve) => {
        feed.child.stdout.on("data", (chunk: Buffer) => this.take(part, chunk));
        feed.child.once("close", () => {
          producer.off("trace", hear);
          this.finishSegment(part);
          resolve();
          if (this.part === part) this.part = null;
          if (part.closing || this.isClosed) return;
          if (Date.now() - startedAtMs > HEALTHY_AFTER_MS) this.deaths = 0;
          this.brokenBy ??= "ffmpeg-ended";
          this.onFailed(track, feed.lastWords());
        });
      }),
    );
    // The stream may have been replaced while ffmpeg started.
    if (this.producer !== producer || this.isClosed) return this.end(part);
    this.part = part;
  }

  private onFailed(track: RecordableTrack, error: unknown): void {
    const { recordingId, log } = this.options;
    if (this.isClosed || this.producer !== track.producer || track.producer.closed) return;
    log.warn({ recordingId, track: this.trackId, error: String(error) }, "capture broke off");
    const delayMs = RESTART_DELAYS_MS[Math.min(this.deaths++, RESTART_DELAYS_MS.length - 1)]!;
    setTimeout(() => {
      if (this.isClosed || this.producer !== track.producer || track.producer.closed) return;
      this.open(track).catch((again: unknown) => this.onFailed(track, again));
    }, delayMs);
  }

  private retire(): void {
    const { part } = this;
    this.part = null;
    if (part) this.end(part);
  }

  private end(part: Part): void {
    part.closing = true;
    const done = part.feed.close();
    this.finishing.add(done);
  }

  private take(part: Part, chunk: Buffer): void {
    let clusters: Cluster[];
    try {
      clusters = part.cutter.push(chunk);
    } catch (error) {
      // What cannot be read is not kept; a new ffmpeg begins anew.
      this.options.log.error({ track: this.trackId, error: String(error) }, "capture unreadable");
      part.feed.child.kill("SIGKILL");
      return;
    }
    for (const cluster of clusters) {
      if (cluster.frames === 0) continue;
      part.open.push(cluster);
      const first = part.open[0]!;
      if (cluster.lastMs - first.firstMs >= SEGMENT_MS) this.finishSegment(part);
    }
    clearTimeout(part.silent);
    part.silent = setTimeout(() => this.finishSegment(part), SILENT_MS);
  }

  private finishSegment(part: Part): void {
    clearTimeout(part.silent);
    const clusters = part.open;
    const [first] = clusters;
    const last = clusters.at(-1);
    const { head } = part.cutter;
    const { anchor, consumer } = part.feed;
    if (!first || !last || !head || !anchor) return;
    part.open = [];
    const { clock } = part;
    const rtp = Math.round(anchor.rtp + (first.firstMs * clock.clockRate) / 1000);
    const { recordingId, roomId, clockOffsetMs, onSegment, onGap } = this.options;
    const ourMs = clock.timeOf(rtp, anchor.atMs + first.firstMs);
    const startMs = Math.round(ourMs + clockOffsetMs);
    const frameMs = consumer.kind === "audio" ? 20 : 33;
    const durationMs = last.lastMs - first.firstMs + frameMs;
    const { peer, source, channel } = this.track;
    const meta: SegmentMeta = {
      v: 1,
      recordingId,
      roomId,
      trackId: this.trackId,
      peer,
      source,
      channel,
      kind: consumer.kind,
      codec: consumer.rtpParameters.codecs[0]!.mimeType,
      part: part.number,
      number: part.segments++,
      startMs,
      durationMs,
      partMs: first.firstMs,
      frames: clusters.reduce((sum, { frames }) => sum + frames, 0),
      headBytes: head.length,
      keyMs: clusters.find(({ keyMs }) => keyMs !== null)?.keyMs ?? null,
      gaps: clusters.flatMap(({ gaps }) => gaps),
    };
    if (this.brokenBy && this.lastEndMs !== null && meta.number === 0 && startMs > this.lastEndMs) {
      onGap({ trackId: this.trackId, fromMs: this.lastEndMs, toMs: startMs, why: this.brokenBy });
    }
    this.brokenBy = null;
    this.lastEndMs = startMs + durationMs;
    onSegment(meta, Buffer.concat([head, ...clusters.map(({ bytes }) => bytes)]));
  }
}
