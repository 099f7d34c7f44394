/**
 * Makes what replay plays of what was captured: everybody's sound in one, the picture of who speaks,
 * and the sound alone for thin lines. Sound is placed by the sample, pictures by the frame.
 */
import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  decodeFrom,
  type Piece,
  type Run,
  runsOf,
  type Shot,
  STEP_MS,
  shotsOf,
  speakersOf,
  type Track,
} from "./recording-cut.ts";
import { ffmpeg } from "./recording-ffmpeg.ts";

const SAMPLE_RATE = 48_000;
const WINDOW_MS = 1_000;
const FPS = 15;
/** A face and slides beside it; a shared screen has to be read. */
const FACE = { width: 640, height: 360, crf: 27 };
const SCREEN = { width: 1280, height: 720, crf: 28 };
const SOUND_BIT_RATE = "32k";
const MIX_BIT_RATE = "64k";

export type MixInput = {
  ffmpeg: string;
  tracks: readonly Track[];
  /** Plain Matroska bytes of a piece, its hash verified. */
  read: (track: Track, piece: Piece) => Promise<Buffer>;
  /** Private folder; taken out by the caller. */
  folder: string;
};

export type Mix = {
  fromMs: number;
  untilMs: number;
  full: string;
  sound: string;
  /** Peer ids and from when each is the active speaker, milliseconds since the beginning. */
  speakers: { fromMs: number; peerId: string | null }[];
};

/**
 * @returns null when nothing was captured
 * @throws Error of ffmpeg, or of a piece that was altered
 */
export async function mixRecording(input: MixInput): Promise<Mix | null> {
  // What interpreters say is a channel of its own.
  const tracks = input.tracks.filter(
    ({ source, pieces }) => ["audio", "video", "screen"].includes(source) && pieces.length > 0,
  );
  const starts = tracks.flatMap(({ pieces }) => pieces.map(({ startMs }) => startMs));
  if (starts.length === 0) return null;
  const zeroMs = Math.min(...starts);
  const runs = tracks.flatMap((track) => runsOf(track, zeroMs));
  const lengthMs = Math.max(...runs.map(({ untilMs }) => untilMs));
  const steps = Math.ceil(lengthMs / STEP_MS);

  const loudness = new Map<string, Float32Array>();
  const mixed = join(input.folder, "mix.m4a");
  const sound = join(input.folder, "sound.m4a");
  await mixSound(
    input,
    runs.filter(({ track }) => track.kind === "audio"),
    { lengthMs, steps, loudness, mixed, sound },
  );
  const speakers = speakersOf(loudness, steps);
  const pictures = runs.filter(({ track }) => track.kind === "video");
  const shots = shotsOf(pictures, speakers, lengthMs);
  const picture = join(input.folder, "picture.h264");
  await encodeShots(input, shots, picture, lengthMs);
  const full = join(input.folder, "full.mp4");
  await ffmpeg(input.ffmpeg, [
    ...["-f", "h264", "-r", String(FPS), "-i", picture, "-i", mixed],
    ...["-map", "0:v", "-map", "1:a", "-c", "copy", "-movflags", "+faststart", full],
  ]).done;
  await rm(picture);
  await rm(mixed);
  const changes = speakers
    .map((peerId, step) => ({ fromMs: step * STEP_MS, peerId }))
    .filter(({ peerId }, step) => step === 0 || speakers[step - 1] !== peerId);
  return { fromMs: zeroMs, untilMs: zeroMs + lengthMs, full, sound, speakers: changes };
}

/** The bytes of a run from one piece on, as one Matroska stream; up to a time of the mix. */
async function* streamOf(
  input: MixInput,
  run: Run,
  first = 0,
  untilMs = Number.POSITIVE_INFINITY,
): AsyncGenerator<Buffer> {
  const offsetMs = run.fromMs - run.pieces[0]!.partMs;
  for (const [index, piece] of run.pieces.slice(first).entries()) {
    if (piece.partMs + offsetMs > untilMs) return;
    const bytes = await input.read(run.track, piece);
    yield index === 0 ? bytes : bytes.subarray(piece.headBytes);
  }
}

type SoundPlan = {
  lengthMs: number;
  steps: number;
  loudness: Map<string, Float32Array>;
  mixed: string;
  sound: string;
};

/** Decoded sound of one run, read as far as the mix has come. */
class SoundReader {
  readonly fromSample: number;
  readonly peerId: string;
  private readonly chunks: AsyncIterator<Buffer>;
  private readonly decoder: ReturnType<typeof ffmpeg>;
  private rest: Buffer = Buffer.alloc(0);
  ended = false;

  constructor(input: MixInput, run: Run) {
    this.fromSample = Math.round((run.fromMs / 1000) * SAMPLE_RATE);
    this.peerId = run.track.peerId;
    this.decoder = ffmpeg(
      input.ffmpeg,
      [
        ...["-f", "matroska", "-i", "pipe:0", "-map", "0:a"],
        // Silence where nothing was sent; afterwards sound lies where it was.
        ...["-af", "asetpts=PTS-STARTPTS,aresample=48000:async=1000:first_pts=0"],
        ...["-ac", "1", "-f", "s16le", "pipe:1"],
      ],
      streamOf(input, run),
    );
    this.chunks = this.decoder.stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  /** The next samples; fewer at the end. */
  async take(samples: number): Promise<Buffer> {
    const parts = [this.rest];
    let size = this.rest.length;
    while (size < samples * 2 && !this.ended) {
      const { value, done } = await this.chunks.next();
      if (done) {
        this.ended = true;
        await this.decoder.done;
      } else {
        parts.push(value);
        size += value.length;
      }
    }
    const all = Buffer.concat(parts);
    this.rest = all.subarray(samples * 2);
    return all.subarray(0, samples * 2);
  }

  close(): void {
    this.decoder.kill();
  }
}

async function mixSound(input: MixInput, runs: readonly Run[], plan: SoundPlan): Promise<void> {
  const encoder = ffmpeg(input.ffmpeg, [
    ...["-f", "s16le", "-ar", String(SAMPLE_RATE), "-ac", "1", "-i", "pipe:0"],
    ...["-c:a", "aac", "-b:a", MIX_BIT_RATE, plan.mixed],
    ...[
      "-c:a",
      "aac",
      "-b:a",
      SOUND_BIT_RATE,
      "-ar",
      "24000",
      "-movflags",
      "+faststart",
      plan.sound,
    ],
  ]);
  const waiting = runs.toSorted((a, b) => a.fromMs - b.fromMs);
  let active: SoundReader[] = [];
  const windowSamples = (SAMPLE_RATE * WINDOW_MS) / 1000;
  const stepSamples = (SAMPLE_RATE * STEP_MS) / 1000;
  const total = Math.ceil((plan.lengthMs / 1000) * SAMPLE_RATE);
  try {
    for (let at = 0; at < total; at += windowSamples) {
      const samples = Math.min(windowSamples, total - at);
      while (waiting[0] && (waiting[0].fromMs / 1000) * SAMPLE_RATE < at + samples) {
        active.push(new SoundReader(input, waiting.shift()!));
      }
      const sum = new Int32Array(samples);
      for (const reader of active) {
        const begin = Math.max(0, reader.fromSample - at);
        const bytes = await reader.take(samples - begin);
        const pcm = new Int16Array(
          bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~1)),
        );
        for (let index = 0; index < pcm.length; index++) sum[begin + index]! += pcm[index]!;
        const values = plan.loudness.get(reader.peerId) ?? new Float32Array(plan.steps);
        plan.loudness.set(reader.peerId, values);
        measure(pcm, at + begin, stepSamples, values);
      }
      active = active.filter(({ ended }) => !ended);
      const out = new Int16Array(samples);
      for (let index = 0; index < samples; index++) {
        out[index] = Math.max(-32_768, Math.min(32_767, sum[index]!));
      }
      if (!encoder.stdin.write(Buffer.from(out.buffer))) {
        await Promise.race([
          new Promise((resolve) => encoder.stdin.once("drain", resolve)),
          encoder.done,
        ]);
      }
    }
    encoder.stdin.end();
    await encoder.done;
  } finally {
    for (const reader of active) reader.close();
    encoder.kill();
  }
}

/** Adds the loudness of samples to the steps that they lie in. */
function measure(pcm: Int16Array, at: number, stepSamples: number, values: Float32Array): void {
  for (let index = 0; index < pcm.length; ) {
    const step = Math.floor((at + index) / stepSamples);
    const end = Math.min(pcm.length, (step + 1) * stepSamples - at);
    let sum = 0;
    for (let one = index; one < end; one++) sum += pcm[one]! ** 2;
    if (step < values.length)
      values[step] = Math.hypot(values[step]!, Math.sqrt(sum / stepSamples));
    index = end;
  }
}

async function encodeShots(
  input: MixInput,
  shots: readonly Shot[],
  path: string,
  lengthMs: number,
): Promise<void> {
  const hasScreen = shots.some(({ run }) => run?.track.source === "screen");
  const size = hasScreen ? SCREEN : FACE;
  const frameAt = (ms: number) => Math.round((ms * FPS) / 1000);
  const out = await open(path, "w", 0o600);
  try {
    for (const shot of shots) {
      const frames =
        (shot.untilMs >= lengthMs ? Math.ceil((lengthMs * FPS) / 1000) : frameAt(shot.untilMs)) -
        frameAt(shot.fromMs);
      if (frames > 0) await encodeShot(input, shot, frames, size, out);
    }
    await out.sync();
  } finally {
    await out.close();
  }
}

async function encodeShot(
  input: MixInput,
  { run, fromMs, untilMs }: Shot,
  frames: number,
  size: typeof FACE,
  out: FileHandle,
): Promise<void> {
  const { width, height } = size;
  const encode = [
    ...["-frames:v", String(frames), "-an", "-c:v", "libx264", "-preset", "veryfast"],
    // No picture refers to a later one, and each shot begins anew: shots can be put one after another.
    ...["-crf", String(size.crf), "-bf", "0", "-g", String(FPS * 4), "-pix_fmt", "yuv420p"],
    ...["-f", "h264", "pipe:1"],
  ];
  const dark = `color=c=0x1c2426:s=${width}x${height}:r=${FPS}`;
  if (!run) {
    const nothing = ffmpeg(input.ffmpeg, ["-f", "lavfi", "-i", dark, ...encode]);
    for await (const chunk of nothing.stdout as AsyncIterable<Buffer>) await out.write(chunk);
    return await nothing.done;
  }
  const partMs = run.pieces[0]!.partMs + (fromMs - run.fromMs);
  const filter = [
    // First in the chain: the sender changes its size whenever its line does.
    `scale=${width}:${height}:force_original_aspect_ratio=decrease:force_divisible_by=2:flags=bilinear`,
    `pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2:0x1c2426`,
    `setsar=1,fps=fps=${FPS}:start_time=${(partMs / 1000).toFixed(3)}`,
    `tpad=stop=-1:stop_mode=clone,setpts=N/${FPS}/TB`,
  ].join(",");
  const shot = ffmpeg(
    input.ffmpeg,
    [
      ...["-copyts", "-reinit_filter", "0", "-f", "matroska", "-i", "pipe:0", "-map", "0:v"],
      ...["-vf", filter, "-vsync", "passthrough", ...encode],
    ],
    streamOf(input, run, decodeFrom(run, fromMs), untilMs + 1_000),
  );
  for await (const chunk of shot.stdout as AsyncIterable<Buffer>) await out.write(chunk);
  await shot.done;
}
