import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Writable } from "node:stream";
import type { Log } from "../log.ts";
import { type Feed, openFeed } from "../recording/feed.ts";
import { recordedLayer } from "../recording/layers.ts";
import type { RecordableRoom, RecordableTrack } from "../recording/types.ts";

export const WIDTH = 640;
export const HEIGHT = 360;
const FPS = 15;
const SAMPLE_RATE = 48_000;
/** Pictures and sound leave at this pace, whatever comes in. */
const TICK_MS = 1_000 / FPS;
const FRAME_BYTES = (WIDTH * HEIGHT * 3) / 2;
/** A microphone may be this far ahead of the pace; what is more was late and is left out. */
const MOST_AHEAD_MS = 400;
/** How many microphones are heard at once. */
const MOST_MICROPHONES = 6;
const LOOK_MS = 250;
/**
 * What is told about raw pictures and samples is all there is to know. Left to itself ffmpeg reads 5 MB of them
 * before it looks at the clock, and the programme's date-time is more than a second late.
 */
const NO_PROBE = ["-probesize", "32", "-analyzeduration", "0", "-fpsprobesize", "0"];
const RESTART_MS = 500;

export type BroadcastOptions = {
  roomId: string;
  ffmpeg: string;
  /** Its files: a playlist and pieces of a second. */
  folder: string;
  roomOf: (roomId: string) => RecordableRoom | undefined;
  /** Peer who speaks now; null: nobody. */
  speakerOf: (roomId: string) => string | null;
  log: Log;
};

/** The picture that is shown: its frames are counted, so that each can be told by when it was taken. */
type Camera = { producerId: string; feed: Feed | null; frames: number };
/** Until a picture has told how long the way through a decoder takes. */
const USUAL_LATE_MS = 250;
const LATE_SMOOTHING = 0.05;

/** One microphone, decoded, as far as it has come. */
type Microphone = { feed: Feed | null; samples: Buffer; isOpening: boolean };

/**
 * One room as a programme for a crowd: everybody's sound in one, the picture of who speaks. Each stream is
 * decoded by an ffmpeg of its own and another one encodes at a steady pace, so that a stream that stops, or
 * a speaker who changes, never stops the programme.
 */
export class Broadcast {
  readonly folder: string;
  private readonly options: BroadcastOptions;
  private readonly microphones = new Map<string, Microphone>();
  private readonly timers: NodeJS.Timeout[] = [];
  private encoder: ChildProcess | null = null;
  private camera: Camera | null = null;
  /** How long ago it was taken what the encoder is given now. */
  private lateMs = USUAL_LATE_MS;
  private dates = new Map<string, string>();
  private partial: Buffer[] = [];
  private partialBytes = 0;
  private frame: Buffer = blankFrame();
  private beganMs = Number.POSITIVE_INFINITY;
  private frames = 0;
  private isClosed = false;

  constructor(options: BroadcastOptions) {
    this.options = options;
    this.folder = options.folder;
    rmSync(this.folder, { recursive: true, force: true });
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    this.startEncoder();
    this.timers.push(
      setInterval(() => this.look(), LOOK_MS),
      setInterval(() => this.tick(), TICK_MS / 2),
    );
    this.look();
  }

  /** Pid of the encoder; for tests and for the log. */
  get pid(): number | undefined {
    return this.encoder?.pid;
  }

  /**
   * The playlist with the time at which things were said and shown: ffmpeg writes when they came to it. A piece's
   * time never changes once it has been told.
   */
  timed(playlist: string): string {
    const told = new Map<string, string>();
    const entry = /#EXT-X-PROGRAM-DATE-TIME:(\S+)(\s+)(\S+\.ts)/g;
    const text = playlist.replace(entry, (_, label: string, space: string, name: string) => {
      const date = this.dates.get(name) ?? new Date(Date.parse(label) - this.lateMs).toISOString();
      told.set(name, date);
      return `#EXT-X-PROGRAM-DATE-TIME:${date}${space}${name}`;
    });
    this.dates = told;
    return text;
  }

  private startEncoder(): void {
    // Names that nobody guesses and that never come again: a piece may be kept by every cache.
    const run = randomBytes(12).toString("hex");
    const child = spawn(
      "nice",
      [
        ...["-n", "2", this.options.ffmpeg, "-hide_banner", "-loglevel", "error"],
        ...["-f", "rawvideo", "-pix_fmt", "yuv420p", "-video_size", `${WIDTH}x${HEIGHT}`],
        ...["-framerate", String(FPS), ...NO_PROBE, "-thread_queue_size", "64", "-i", "pipe:0"],
        ...["-f", "s16le", "-ar", String(SAMPLE_RATE), "-ac", "1", ...NO_PROBE],
        ...["-thread_queue_size", "64", "-i", "pipe:3", "-map", "0:v", "-map", "1:a"],
        ...["-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-b:v", "350k"],
        ...["-maxrate", "500k", "-bufsize", "500k", "-g", String(FPS), "-keyint_min", String(FPS)],
        ...["-sc_threshold", "0", "-c:a", "aac", "-b:a", "48k", "-f", "hls", "-hls_time", "1"],
        ...["-hls_list_size", "8", "-hls_delete_threshold", "20", "-hls_flags"],
        "append_list+delete_segments+program_date_time+independent_segments+temp_file+omit_endlist",
        ...["-hls_segment_filename", join(this.folder, `${run}-%d.ts`)],
        join(this.folder, "index.m3u8"),
      ],
      { stdio: ["pipe", "ignore", "pipe", "pipe"] },
    );
    this.encoder = child;
    this.frames = 0;
    // It says what time it is when it begins to read: pages lay slides and chat beside the programme by that.
    this.beganMs = Number.POSITIVE_INFINITY;
    (child.stdio[3] as Writable).write(this.mixed(SAMPLE_RATE / FPS));
    child.stdin?.write(this.frame, () => {
      if (this.encoder === child) this.beganMs = performance.now();
    });
    let said = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-300);
    });
    for (const stream of [child.stdin, child.stdio[3]]) stream?.on("error", () => {});
    child.on("error", () => {});
    child.once("exit", () => {
      if (this.encoder === child) this.encoder = null;
      if (this.isClosed) return;
      this.options.log.warn({ room: this.options.roomId, said }, "the broadcast's encoder ended");
      // The playlist goes on with a discontinuity.
      setTimeout(() => {
        if (!this.isClosed) this.startEncoder();
      }, RESTART_MS);
    });
  }

  private look(): void {
    const { roomId, roomOf, speakerOf } = this.options;
    const room = roomOf(roomId);
    if (room) room.isStreamed = true;
    const tracks = room?.tracks() ?? [];
    const sounds = tracks.filter(({ source }) => source === "audio").slice(0, MOST_MICROPHONES);
    const present = new Set(sounds.map(({ producer }) => producer.id));
    for (const [id, microphone] of this.microphones) {
      if (present.has(id)) continue;
      this.microphones.delete(id);
      void microphone.feed?.close();
    }
    for (const track of sounds) {
      if (!this.microphones.has(track.producer.id)) void this.listen(track);
    }
    const pictures = tracks.filter(
      ({ source, producer }) => (source === "screen" || source === "video") && !producer.paused,
    );
    const speaker = speakerOf(roomId);
    const wanted =
      pictures.find(({ source }) => source === "screen") ??
      pictures.find(({ peer }) => peer.id === speaker) ??
      pictures.find(({ producer }) => producer.id === this.camera?.producerId) ??
      pictures[0];
    if (wanted?.producer.id !== this.camera?.producerId) this.show(wanted);
  }

  private async listen({ router, producer }: RecordableTrack): Promise<void> {
    const microphone: Microphone = { feed: null, samples: Buffer.alloc(0), isOpening: true };
    this.microphones.set(producer.id, microphone);
    const forget = () => {
      if (this.microphones.get(producer.id) === microphone) this.microphones.delete(producer.id);
    };
    try {
      const feed = await openFeed({
        ffmpeg: this.options.ffmpeg,
        ...{ router, producer },
        output: [
          "-ac",
          "1",
          "-ar",
          String(SAMPLE_RATE),
          "-f",
          "s16le",
          "-flush_packets",
          "1",
          "pipe:1",
        ],
      });
      microphone.feed = feed;
      feed.child.once("close", forget);
      feed.child.stdout.on("data", (chunk: Buffer) => {
        const most = (SAMPLE_RATE * 2 * MOST_AHEAD_MS) / 1000;
        microphone.samples = Buffer.concat([microphone.samples, chunk]).subarray(-most);
      });
      if (this.isClosed || this.microphones.get(producer.id) !== microphone) await feed.close();
    } catch {
      forget();
    }
  }

  private show(track: RecordableTrack | undefined): void {
    const before = this.camera?.feed;
    this.camera = null;
    void before?.close();
    this.partial = [];
    this.partialBytes = 0;
    if (!track) {
      this.frame = blankFrame();
      return;
    }
    const { router, producer } = track;
    const camera: Camera = { producerId: producer.id, feed: null, frames: 0 };
    this.camera = camera;
    const layers = producer.rtpParameters.encodings?.length ?? 1;
    const fit = `${WIDTH}:${HEIGHT}:force_original_aspect_ratio=decrease:force_divisible_by=2`;
    openFeed({
      ffmpeg: this.options.ffmpeg,
      ...{ router, producer },
      ...(layers > 1 ? { spatialLayer: recordedLayer(layers) } : {}),
      // Seconds of frames to guess a rate from would be seconds without a picture.
      input: ["-fpsprobesize", "0"],
      output: [
        // From the first packet on, which is no key frame perhaps: then each picture's number is its time.
        ...[
          "-copyts",
          "-vf",
          `fps=${FPS}:start_time=0,scale=${fit},pad=${WIDTH}:${HEIGHT}:(ow-iw)/2:(oh-ih)/2`,
        ],
        ...["-pix_fmt", "yuv420p", "-f", "rawvideo", "-flush_packets", "1", "pipe:1"],
      ],
    })
      .then(async (feed) => {
        if (this.isClosed || this.camera !== camera) return await feed.close();
        camera.feed = feed;
        feed.child.stdout.on("data", (chunk: Buffer) => {
          if (this.camera === camera) this.takePicture(camera, chunk);
        });
        feed.child.once("close", () => {
          if (this.camera === camera) this.camera = null;
        });
      })
      .catch(() => {
        if (this.camera === camera) this.camera = null;
      });
  }

  private takePicture(camera: Camera, chunk: Buffer): void {
    this.partial.push(chunk);
    this.partialBytes += chunk.length;
    if (this.partialBytes < FRAME_BYTES) return;
    const all = Buffer.concat(this.partial);
    const whole = Math.floor(all.length / FRAME_BYTES);
    camera.frames += whole;
    const anchor = camera.feed?.anchor;
    if (anchor) {
      const lateMs = Date.now() - anchor.atMs - camera.frames * TICK_MS;
      this.lateMs += (lateMs - this.lateMs) * LATE_SMOOTHING;
    }
    this.frame = all.subarray((whole - 1) * FRAME_BYTES, whole * FRAME_BYTES);
    this.partial = [all.subarray(whole * FRAME_BYTES)];
    this.partialBytes = all.length - whole * FRAME_BYTES;
  }

  /** Gives the encoder what is due: one picture, and sound of the same length. */
  private tick(): void {
    const { encoder } = this;
    const sound = encoder?.stdio[3] as Writable | null | undefined;
    if (!encoder?.stdin || !sound) return;
    const due = Math.floor((performance.now() - this.beganMs) / TICK_MS);
    for (; this.frames < due; this.frames++) {
      encoder.stdin.write(this.frame);
      sound.write(this.mixed(SAMPLE_RATE / FPS));
    }
  }

  private mixed(samples: number): Buffer {
    const sum = new Int32Array(samples);
    for (const microphone of this.microphones.values()) {
      const part = microphone.samples.subarray(0, samples * 2);
      microphone.samples = microphone.samples.subarray(part.length);
      for (let index = 0; index * 2 + 1 < part.length; index++) {
        sum[index]! += part.readInt16LE(index * 2);
      }
    }
    const out = Buffer.alloc(samples * 2);
    for (let index = 0; index < samples; index++) {
      out.writeInt16LE(Math.max(-32_768, Math.min(32_767, sum[index]!)), index * 2);
    }
    return out;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    const room = this.options.roomOf(this.options.roomId);
    if (room) room.isStreamed = false;
    for (const timer of this.timers) clearInterval(timer);
    const feeds = [...this.microphones.values()].map(({ feed }) => feed);
    await Promise.all([...feeds, this.camera?.feed].map((feed) => feed?.close()));
    this.encoder?.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function blankFrame(): Buffer {
  const frame = Buffer.alloc(FRAME_BYTES, 128);
  frame.fill(32, 0, WIDTH * HEIGHT);
  return frame;
}
