/**
 * Puts everybody's sound into one, by the sample; and for each language of an interpreter the same with the floor
 * lowered while the interpreter speaks, as in the room.
 */
import { type Run, STEP_MS } from "./recording-cut.ts";
import { ffmpeg } from "./recording-ffmpeg.ts";
import { type MixInput, streamOf } from "./recording-input.ts";

const SAMPLE_RATE = 48_000;
const WINDOW_MS = 1_000;
const SOUND_BIT_RATE = "32k";
const MIX_BIT_RATE = "64k";
/** The floor behind an interpreter, as pages play it (web/room/media). */
const FLOOR_GAIN = 0.2;
/** Louder than this an interpreter speaks (root mean square, 0 to 32767), and stays so through a breath. */
const VOICE = 300;
const BREATH_SAMPLES = SAMPLE_RATE;
/** Voice is looked for in steps of 10 ms; the floor rises and falls within 100 ms. */
const LOOK_SAMPLES = SAMPLE_RATE / 100;
const GAIN_PER_LOOK = (1 - FLOOR_GAIN) / 10;

/** Files that are made of the sound. */
export type Sound = {
  /** Language of an interpreter; null: the floor. */
  channel: string | null;
  /** To be put beside the picture. */
  mixed: string;
  /** For itself, for thin lines. */
  sound: string;
};

type SoundPlan = {
  lengthMs: number;
  steps: number;
  /** Filled: how loud everybody of the floor is, step by step. */
  loudness: Map<string, Float32Array>;
  sounds: readonly Sound[];
};

/** @throws Error of ffmpeg, or of a piece that was altered */
export async function mixSound(
  input: MixInput,
  runs: readonly Run[],
  plan: SoundPlan,
): Promise<void> {
  const outputs = plan.sounds.map((sound) => ({
    ...sound,
    encoder: encode(input, sound),
    gain: 1,
    heardAt: Number.NEGATIVE_INFINITY,
  }));
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
      const sums = new Map(plan.sounds.map(({ channel }) => [channel, new Int32Array(samples)]));
      for (const reader of active) {
        const begin = Math.max(0, reader.fromSample - at);
        const bytes = await reader.take(samples - begin);
        const pcm = new Int16Array(
          bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~1)),
        );
        const sum = sums.get(reader.channel);
        if (!sum) continue;
        for (let index = 0; index < pcm.length; index++) sum[begin + index]! += pcm[index]!;
        if (reader.channel !== null) continue;
        const values = plan.loudness.get(reader.peerId) ?? new Float32Array(plan.steps);
        plan.loudness.set(reader.peerId, values);
        measure(pcm, at + begin, stepSamples, values);
      }
      active = active.filter(({ ended }) => !ended);
      const floor = sums.get(null)!;
      for (const output of outputs) {
        const own = sums.get(output.channel)!;
        const pcm = output.channel === null ? clipped(floor) : interpreted(floor, own, at, output);
        await give(output.encoder, pcm);
      }
    }
    for (const { encoder } of outputs) encoder.stdin.end();
    for (const { encoder } of outputs) await encoder.done;
  } finally {
    for (const reader of active) reader.close();
    for (const { encoder } of outputs) encoder.kill();
  }
}

const encode = (input: MixInput, { mixed, sound }: Sound) =>
  ffmpeg(input.ffmpeg, [
    ...["-f", "s16le", "-ar", String(SAMPLE_RATE), "-ac", "1", "-i", "pipe:0"],
    ...["-c:a", "aac", "-b:a", MIX_BIT_RATE, mixed],
    ...["-c:a", "aac", "-b:a", SOUND_BIT_RATE, "-ar", "24000", "-movflags", "+faststart", sound],
  ]);

async function give(encoder: ReturnType<typeof encode>, pcm: Int16Array): Promise<void> {
  if (encoder.stdin.write(Buffer.from(pcm.buffer))) return;
  await Promise.race([
    new Promise((resolve) => encoder.stdin.once("drain", resolve)),
    encoder.done,
  ]);
}

const clip = (value: number) => Math.max(-32_768, Math.min(32_767, value));

function clipped(sum: Int32Array): Int16Array {
  const out = new Int16Array(sum.length);
  for (let index = 0; index < sum.length; index++) out[index] = clip(sum[index]!);
  return out;
}

/** The interpreter over the floor, which is lowered while somebody speaks there. @param at first sample */
function interpreted(
  floor: Int32Array,
  own: Int32Array,
  at: number,
  state: { gain: number; heardAt: number },
): Int16Array {
  const out = new Int16Array(floor.length);
  for (let from = 0; from < out.length; from += LOOK_SAMPLES) {
    const end = Math.min(out.length, from + LOOK_SAMPLES);
    let power = 0;
    for (let index = from; index < end; index++) power += own[index]! ** 2;
    if (Math.sqrt(power / (end - from)) > VOICE) state.heardAt = at + end;
    const target = at + end - state.heardAt < BREATH_SAMPLES ? FLOOR_GAIN : 1;
    const next =
      target < state.gain
        ? Math.max(target, state.gain - GAIN_PER_LOOK)
        : Math.min(target, state.gain + GAIN_PER_LOOK);
    const rise = (next - state.gain) / (end - from);
    for (let index = from; index < end; index++)
      out[index] = clip(own[index]! + floor[index]! * (state.gain + rise * (index - from)));
    state.gain = next;
  }
  return out;
}

/** Decoded sound of one run, read as far as the mix has come. */
class SoundReader {
  readonly fromSample: number;
  readonly peerId: string;
  /** Null: the floor. */
  readonly channel: string | null;
  private readonly chunks: AsyncIterator<Buffer>;
  private readonly decoder: ReturnType<typeof ffmpeg>;
  private rest: Buffer = Buffer.alloc(0);
  ended = false;

  constructor(input: MixInput, run: Run) {
    this.fromSample = Math.round((run.fromMs / 1000) * SAMPLE_RATE);
    this.peerId = run.track.peerId;
    this.channel = run.track.channel;
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
