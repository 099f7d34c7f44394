/**
 * The capture that the sender replays: generated picture and sound, encoded once by ffmpeg to VP8
 * (about 1 Mbit/s) and Opus, cut into packets of at most 1,200 bytes and spread over time as a
 * browser's pacer does. Kept in the cache, never in git.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder } from "./program.ts";

const run = promisify(execFile);

export type Capture = {
  readonly path: string;
  /** Between two key frames, in seconds. */
  readonly gopSeconds: number;
  /** Mean rate of its RTP packets, in bits per second. */
  readonly bitsPerSecond: number;
  readonly packetsPerSecond: number;
  /** The sound's part of the rate. */
  readonly soundBitsPerSecond: number;
};

export type CaptureSettings = {
  /** Between key frames, in seconds; at most the capture's 20 s. */
  readonly gopSeconds: number;
  readonly width: number;
  readonly height: number;
  /** Of the picture, in bits per second. */
  readonly videoBps: number;
  readonly hasSound: boolean;
};

/** What the comparison asks for: about 1 Mbit/s with sound. */
export const ONE_MEGABIT: Omit<CaptureSettings, "gopSeconds"> = {
  width: 640,
  height: 360,
  videoBps: 930_000,
  hasSound: true,
};

const FRAMES_PER_SECOND = 30;
const SECONDS = 20;
const AUDIO_BPS = 32_000;
const MOST_PACKET_BYTES = 1_200;
const RTP_HEADER_BYTES = 12;
/** What the sender puts behind each payload (native/peer.h). */
const STAMP_BYTES = 20;
const VP8_DESCRIPTOR_BYTES = 4;
const VP8_CHUNK_BYTES = MOST_PACKET_BYTES - RTP_HEADER_BYTES - STAMP_BYTES - VP8_DESCRIPTOR_BYTES;
/** WebRTC's pacer sends a large frame at two and a half times the rate, not in one burst. */
const PACING = 2.5;
const OPUS_FRAME_US = 20_000;

type Frame = { atUs: number; bytes: Buffer; isVideo: boolean };
type Packet = { atUs: number; mediaUs: number; flags: number; payload: Buffer };
const FLAG = { video: 1, last: 2, key: 4 } as const;

/** Makes the capture, or finds it in the cache. */
export async function ensureCapture(settings: CaptureSettings): Promise<Capture> {
  const own = readFileSync(new URL(import.meta.url));
  const hash = createHash("sha256").update(own).update(JSON.stringify(settings)).digest("hex");
  const path = join(cacheFolder(), `sfu-capture-${hash.slice(0, 12)}.bin`);
  if (!existsSync(path)) {
    mkdirSync(cacheFolder(), { recursive: true });
    const folder = mkdtempSync(join(cacheFolder(), "capture-"));
    try {
      const packets = pace(packetise(await encode(folder, settings)), PACING * settings.videoBps);
      const file = join(folder, "capture.bin");
      await writeFile(file, serialise(packets));
      renameSync(file, path);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  const packets = parse(readFileSync(path));
  const rate = (of: readonly Stored[]) =>
    of.reduce((sum, one) => sum + 8 * (one.size + RTP_HEADER_BYTES + STAMP_BYTES), 0) / SECONDS;
  return {
    path,
    gopSeconds: settings.gopSeconds,
    bitsPerSecond: rate(packets),
    packetsPerSecond: packets.length / SECONDS,
    soundBitsPerSecond: rate(packets.filter(({ isVideo }) => !isVideo)),
  };
}

async function encode(
  folder: string,
  { gopSeconds, width, height, videoBps, hasSound }: CaptureSettings,
): Promise<Frame[]> {
  const video = join(folder, "video.ivf");
  const audio = join(folder, "audio.ogg");
  const gop = String(gopSeconds * FRAMES_PER_SECOND);
  const rate = String(videoBps);
  // Moving figures with noise: a flat test card would not fill the rate.
  const picture = `testsrc2=size=${width}x${height}:rate=${FRAMES_PER_SECOND}:duration=${SECONDS},noise=alls=12:allf=t`;
  const sound = `anoisesrc=colour=pink:amplitude=0.3:duration=${SECONDS}:sample_rate=48000`;
  const quiet = ["-hide_banner", "-loglevel", "error", "-y", "-f", "lavfi", "-i"];
  const vp8 = [
    "-c:v",
    "libvpx",
    "-deadline",
    "realtime",
    "-cpu-used",
    "8",
    "-error-resilient",
    "1",
  ];
  const rates = ["-b:v", rate, "-minrate", rate, "-maxrate", rate, "-bufsize", rate];
  const key = ["-g", gop, "-keyint_min", gop, "-auto-alt-ref", "0"];
  await run("ffmpeg", [...quiet, picture, ...vp8, ...rates, ...key, video]);
  const opus = [
    "-c:a",
    "libopus",
    "-b:a",
    String(AUDIO_BPS),
    "-vbr",
    "off",
    "-frame_duration",
    "20",
  ];
  if (hasSound) await run("ffmpeg", [...quiet, sound, ...opus, audio]);
  const pictures = framesOfIvf(readFileSync(video));
  const frames = hasSound ? [...pictures, ...framesOfOgg(readFileSync(audio))] : pictures;
  return frames.filter(({ atUs }) => atUs < SECONDS * 1e6).sort((a, b) => a.atUs - b.atUs);
}

function framesOfIvf(file: Buffer): Frame[] {
  const frames: Frame[] = [];
  for (let at = file.readUInt16LE(6); at + 12 <= file.length; ) {
    const size = file.readUInt32LE(at);
    const bytes = file.subarray(at + 12, at + 12 + size);
    frames.push({ atUs: (frames.length * 1e6) / FRAMES_PER_SECOND, bytes, isVideo: true });
    at += 12 + size;
  }
  return frames;
}

/** Packets of an Ogg stream (RFC 3533), without its two header packets. */
function framesOfOgg(file: Buffer): Frame[] {
  const packets: Buffer[] = [];
  let parts: Buffer[] = [];
  for (let at = 0; at + 27 <= file.length; ) {
    const segments = file.readUInt8(at + 26);
    let data = at + 27 + segments;
    for (const size of file.subarray(at + 27, at + 27 + segments)) {
      parts.push(file.subarray(data, data + size));
      data += size;
      if (size === 255) continue;
      packets.push(Buffer.concat(parts));
      parts = [];
    }
    at = data;
  }
  return packets
    .slice(2)
    .map((bytes, index) => ({ atUs: index * OPUS_FRAME_US, bytes, isVideo: false }));
}

/** Cuts pictures into RTP payloads with a VP8 descriptor of a 15-bit picture id (RFC 7741). */
function packetise(frames: readonly Frame[]): Packet[] {
  let picture = 0;
  return frames.flatMap(({ atUs, bytes, isVideo }): Packet[] => {
    const mediaUs = Math.round(atUs);
    if (!isVideo) return [{ atUs, mediaUs, flags: 0, payload: bytes }];
    const id = picture++ & 0x7fff;
    const isKey = (bytes.readUInt8(0) & 1) === 0;
    const count = Math.ceil(bytes.length / VP8_CHUNK_BYTES);
    return Array.from({ length: count }, (_, part) => {
      const descriptor = Buffer.from([part === 0 ? 0x90 : 0x80, 0x80, 0x80 | (id >> 8), id & 0xff]);
      const chunk = bytes.subarray(part * VP8_CHUNK_BYTES, (part + 1) * VP8_CHUNK_BYTES);
      const flags = FLAG.video | (part === count - 1 ? FLAG.last : 0) | (isKey ? FLAG.key : 0);
      return { atUs, mediaUs, flags, payload: Buffer.concat([descriptor, chunk]) };
    });
  });
}

function pace(packets: readonly Packet[], pacerBps: number): Packet[] {
  let freeUs = 0;
  const paced = packets.map((packet) => {
    if (!(packet.flags & FLAG.video)) return packet;
    const atUs = Math.max(packet.atUs, freeUs);
    const bits = 8 * (packet.payload.length + RTP_HEADER_BYTES + STAMP_BYTES);
    freeUs = atUs + (bits / pacerBps) * 1e6;
    return { ...packet, atUs };
  });
  return paced.sort((a, b) => a.atUs - b.atUs);
}

function serialise(packets: readonly Packet[]): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(SECONDS * 1e6));
  const records = packets.map(({ atUs, mediaUs, flags, payload }) => {
    const header = Buffer.alloc(20);
    header.writeBigUInt64LE(BigInt(Math.round(atUs)), 0);
    header.writeBigUInt64LE(BigInt(mediaUs), 8);
    header.writeUInt8(flags, 16);
    header.writeUInt16LE(payload.length, 18);
    return Buffer.concat([header, payload]);
  });
  return Buffer.concat([length, ...records]);
}

type Stored = { size: number; isVideo: boolean };

function parse(file: Buffer): Stored[] {
  const packets: Stored[] = [];
  for (let at = 8; at + 20 <= file.length; ) {
    const size = file.readUInt16LE(at + 18);
    packets.push({ size, isVideo: (file.readUInt8(at + 16) & FLAG.video) !== 0 });
    at += 20 + size;
  }
  return packets;
}
