/**
 * Makes what replay plays of what was captured: everybody's sound in one, the picture of who speaks,
 * and the sound alone for thin lines; the same again for each language of an interpreter. Sound is placed by the
 * sample, pictures by the frame.
 */
import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { decodeFrom, runsOf, type Shot, STEP_MS, shotsOf, speakersOf } from "./recording-cut.ts";
import { ffmpeg } from "./recording-ffmpeg.ts";
import { type MixInput, streamOf } from "./recording-input.ts";
import { mixSound, type Sound } from "./recording-sound.ts";

const FPS = 15;
/** What the room itself hears and sees. */
const floor: readonly string[] = ["audio", "video", "screen"];
/** A face and slides beside it; a shared screen has to be read. */
const FACE = { width: 640, height: 360, crf: 27 };
const SCREEN = { width: 1280, height: 720, crf: 28 };

/** What is played: with the picture, and alone. */
export type Version = {
  /** Language of an interpreter; null: what was said in the room. */
  channel: string | null;
  full: string;
  sound: string;
};

export type Mix = {
  fromMs: number;
  untilMs: number;
  versions: Version[];
  /** Peer ids and from when each is the active speaker, milliseconds since the beginning. */
  speakers: { fromMs: number; peerId: string | null }[];
};

/**
 * @returns null when nothing was captured
 * @throws Error of ffmpeg, or of a piece that was altered
 */
export async function mixRecording(input: MixInput): Promise<Mix | null> {
  const captured = input.tracks.filter(({ pieces }) => pieces.length > 0);
  if (!captured.some(({ source }) => floor.includes(source))) return null;
  // Of what was captured before languages were noted nobody knows which one it is.
  const tracks = captured.filter(({ source, channel }) => floor.includes(source) || channel);
  const zeroMs = Math.min(...tracks.flatMap(({ pieces }) => pieces.map(({ startMs }) => startMs)));
  const runs = tracks.flatMap((track) => runsOf(track, zeroMs));
  const lengthMs = Math.max(...runs.map(({ untilMs }) => untilMs));
  const steps = Math.ceil(lengthMs / STEP_MS);
  const channels = [...new Set(tracks.flatMap(({ channel }) => channel ?? []))].toSorted();

  const loudness = new Map<string, Float32Array>();
  const sounds: Sound[] = [null, ...channels].map((channel, index) => ({
    channel,
    mixed: join(input.folder, `mix-${index}.m4a`),
    sound: join(input.folder, `sound-${index}.m4a`),
  }));
  const heard = runs.filter(({ track }) => track.kind === "audio");
  await mixSound(input, heard, { lengthMs, steps, loudness, sounds });
  const speakers = speakersOf(loudness, steps);
  const pictures = runs.filter(({ track }) => track.kind === "video");
  const shots = shotsOf(pictures, speakers, lengthMs);
  const picture = join(input.folder, "picture.h264");
  await encodeShots(input, shots, picture, lengthMs);
  const versions: Version[] = [];
  for (const { channel, mixed, sound } of sounds) {
    const full = join(input.folder, `full-${versions.length}.mp4`);
    await ffmpeg(input.ffmpeg, [
      ...["-f", "h264", "-r", String(FPS), "-i", picture, "-i", mixed],
      ...["-map", "0:v", "-map", "1:a", "-c", "copy", "-movflags", "+faststart", full],
    ]).done;
    await rm(mixed);
    versions.push({ channel, full, sound });
  }
  await rm(picture);
  const changes = speakers
    .map((peerId, step) => ({ fromMs: step * STEP_MS, peerId }))
    .filter(({ peerId }, step) => step === 0 || speakers[step - 1] !== peerId);
  return { fromMs: zeroMs, untilMs: zeroMs + lengthMs, versions, speakers: changes };
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
