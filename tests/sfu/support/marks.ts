/** Finds the marks of a speaker (flash and tone) in what was recorded, by decoding it. */
import { spawn } from "node:child_process";

const SAMPLE_RATE = 8_000;
/** Loudness of a mark, of 32767. */
const LOUD = 4_000;
const BRIGHT = 120;

/** Runs ffmpeg over bytes. @returns what it wrote. @throws when it complains */
export async function decode(input: Buffer, args: readonly string[]): Promise<Buffer> {
  const child = spawn("ffmpeg", ["-hide_banner", "-loglevel", "error", "-i", "pipe:0", ...args], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const out: Buffer[] = [];
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`ffmpeg: ${said}`);
  return Buffer.concat(out);
}

/** Milliseconds (of the file's own time) at which a tone begins. */
export async function tonesIn(input: Buffer): Promise<number[]> {
  const pcm = await decode(input, [
    ...["-map", "0:a", "-af", "aresample=async=1000:first_pts=0", "-ac", "1"],
    ...["-ar", String(SAMPLE_RATE), "-f", "s16le", "pipe:1"],
  ]);
  const times: number[] = [];
  let quietSince = Number.NEGATIVE_INFINITY;
  for (let index = 0; index * 2 < pcm.length - 1; index++) {
    if (Math.abs(pcm.readInt16LE(index * 2)) < LOUD) continue;
    if (index - quietSince > SAMPLE_RATE / 2) times.push((index / SAMPLE_RATE) * 1000);
    quietSince = index;
  }
  return times;
}

/** Milliseconds at which the picture turns white, and the times of all frames. */
export async function flashesIn(input: Buffer): Promise<{ flashes: number[]; frames: number[] }> {
  const text = (
    await decode(input, [
      ...["-map", "0:v", "-copyts", "-vsync", "passthrough", "-vf"],
      "scale=32:18,signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-",
      ...["-f", "null", "-"],
    ])
  ).toString();
  const flashes: number[] = [];
  const frames: number[] = [];
  let wasBright = false;
  for (const [, time, brightness] of text.matchAll(/pts_time:(\S+)\s+\S*YAVG=(\S+)/g)) {
    const timeMs = Number(time) * 1000;
    const isBright = Number(brightness) > BRIGHT;
    if (isBright && !wasBright) flashes.push(timeMs);
    frames.push(timeMs);
    wasBright = isBright;
  }
  return { flashes, frames };
}

/** For each mark of one list the distance to the nearest of the other, in milliseconds. */
export function skews(flashes: readonly number[], tones: readonly number[]): number[] {
  return flashes
    .map((flash) => tones.map((tone) => tone - flash).sort((a, b) => Math.abs(a) - Math.abs(b))[0])
    .filter((skew): skew is number => skew !== undefined && Math.abs(skew) < 1_000);
}
