/**
 * A speaker without a browser: one capture (VP8 and Opus), encoded once by ffmpeg and sent over and
 * over as RTP with sender reports. Every two seconds the picture flashes white and a tone sounds, both
 * at the same instant: what a recording is judged by.
 */
import { execFile } from "node:child_process";
import { randomInt, randomUUID } from "node:crypto";
import { createSocket } from "node:dgram";
import { promisify } from "node:util";
import type { PlainTransport, Producer, Router } from "mediasoup/types";
import type { RecordableTrack } from "../../../sfu/recording/types.ts";

export const MARK_EVERY_MS = 2_000;
const MARK_MS = 120;
const LOOP_MS = 8_000;
const AUDIO_FRAME_MS = 20;
const REPORT_EVERY_MS = 1_000;
const PACKET_BYTES = 1_100;
const NTP_EPOCH_SECONDS = 2_208_988_800;

export type Speaker = {
  readonly peer: RecordableTrack["peer"];
  readonly producers: { audio: Producer; video: Producer };
  readonly tracks: RecordableTrack[];
  /** Part of the packets that get lost on the way, 0 to 1. */
  loss: number;
  /** Says something between the marks, quieter than they are. */
  talks: boolean;
  close(): void;
};

export type SpeakerOptions = {
  name?: string;
  size?: string;
  fps?: number;
  bitrateKbit?: number;
  /** How wrong the sender's own clock is. */
  clockErrorMs?: number;
  /** Where frames of the capture begin, so that several speakers do not mark at once. */
  startMs?: number;
};

/** Somebody who sends into this router until closed. */
export async function createSpeaker(
  router: Router,
  options: SpeakerOptions = {},
): Promise<Speaker> {
  const { name = "speaker", clockErrorMs = 0, startMs = 0, fps = 30 } = options;
  const capture = await captureOf(options.size ?? "320x180", fps, options.bitrateKbit ?? 300);
  const audio = await stream(router, "audio");
  const video = await stream(router, "video");
  const peer = { id: randomUUID(), sub: name, role: "specialist" };
  const producers = { audio: audio.producer, video: video.producer };
  const beganMs = performance.now() - startMs;
  const wallMs = Date.now() - startMs + clockErrorMs;
  let sentAudio = Math.ceil(startMs / AUDIO_FRAME_MS);
  let sentVideo = Math.ceil((startMs * fps) / 1000);
  let reportAtMs = 0;
  const speaker: Speaker = {
    peer,
    producers,
    tracks: [
      { peer, source: "audio", producer: producers.audio, router },
      { peer, source: "video", producer: producers.video, router },
    ],
    loss: 0,
    talks: false,
    close() {
      clearInterval(timer);
      audio.close();
      video.close();
    },
  };
  const timer = setInterval(() => {
    const nowMs = performance.now() - beganMs;
    for (; sentAudio * AUDIO_FRAME_MS <= nowMs; sentAudio++) {
      const sound = speaker.talks ? capture.talk : capture.audio;
      const frame = sound[sentAudio % sound.length]!;
      audio.send(sentAudio * AUDIO_FRAME_MS * 48, [frame], speaker.loss);
    }
    for (; (sentVideo * 1000) / fps <= nowMs; sentVideo++) {
      const frame = capture.video[sentVideo % capture.video.length]!;
      video.send(Math.round((sentVideo * 90_000) / fps), packets(frame), speaker.loss);
    }
    if (nowMs < reportAtMs) return;
    reportAtMs = nowMs + REPORT_EVERY_MS;
    audio.report(wallMs + nowMs, Math.round(nowMs * 48));
    video.report(wallMs + nowMs, Math.round(nowMs * 90));
  }, 5);
  return speaker;
}

/** VP8 in RTP: one octet of descriptor, its S bit set at the beginning of a frame (RFC 7741). */
function packets(frame: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < frame.length; at += PACKET_BYTES) {
    const head = Buffer.from([at === 0 ? 0x10 : 0x00]);
    parts.push(Buffer.concat([head, frame.subarray(at, at + PACKET_BYTES)]));
  }
  return parts;
}

async function stream(router: Router, kind: "audio" | "video") {
  const transport: PlainTransport = await router.createPlainTransport({
    listenInfo: { protocol: "udp", ip: "127.0.0.1" },
    rtcpMux: true,
    comedia: true,
  });
  const ssrc = randomInt(1, 2 ** 31);
  const isAudio = kind === "audio";
  const codec = isAudio
    ? { mimeType: "audio/opus", payloadType: 100, clockRate: 48_000, channels: 2 }
    : { mimeType: "video/VP8", payloadType: 101, clockRate: 90_000 };
  const producer = await transport.produce({
    kind,
    rtpParameters: { codecs: [codec], encodings: [{ ssrc }], rtcp: { cname: "speaker" } },
  });
  const socket = createSocket("udp4");
  socket.on("error", () => {});
  const { localPort } = transport.tuple;
  const base = randomInt(0, 2 ** 32);
  let sequence = randomInt(0, 2 ** 16);
  const put = (bytes: Buffer) => socket.send(bytes, localPort, "127.0.0.1");
  return {
    producer,
    send(timestamp: number, payloads: readonly Buffer[], loss: number) {
      payloads.forEach((payload, index) => {
        const head = Buffer.alloc(12);
        head[0] = 0x80;
        head[1] = codec.payloadType | (isAudio || index < payloads.length - 1 ? 0 : 0x80);
        sequence = (sequence + 1) & 0xffff;
        head.writeUInt16BE(sequence, 2);
        head.writeUInt32BE((base + timestamp) >>> 0, 4);
        head.writeUInt32BE(ssrc, 8);
        if (loss === 0 || Math.random() >= loss) put(Buffer.concat([head, payload]));
      });
    },
    report(atMs: number, timestamp: number) {
      const bytes = Buffer.alloc(28);
      bytes[0] = 0x80;
      bytes[1] = 200;
      bytes.writeUInt16BE(6, 2);
      bytes.writeUInt32BE(ssrc, 4);
      bytes.writeUInt32BE(Math.floor(atMs / 1000) + NTP_EPOCH_SECONDS, 8);
      bytes.writeUInt32BE(Math.floor(((atMs % 1000) / 1000) * 2 ** 32), 12);
      bytes.writeUInt32BE((base + timestamp) >>> 0, 16);
      put(bytes);
    },
    close() {
      transport.close();
      socket.close();
    },
  };
}

type Capture = { audio: Buffer[]; talk: Buffer[]; video: Buffer[] };
const captures = new Map<string, Promise<Capture>>();

function captureOf(size: string, fps: number, kbit: number): Promise<Capture> {
  const key = `${size}/${fps}/${kbit}`;
  let found = captures.get(key);
  if (!found) {
    found = encode(size, fps, kbit);
    captures.set(key, found);
  }
  return found;
}

async function encode(size: string, fps: number, kbit: number): Promise<Capture> {
  const mark = `lt(mod(t\\,${MARK_EVERY_MS / 1000})\\,${MARK_MS / 1000})`;
  const seconds = String(LOOP_MS / 1000);
  // Noise, so that frames differ and cost what a face costs.
  const picture = `color=c=0x202020:size=${size}:rate=${fps},noise=alls=20:allf=t,drawbox=enable='${mark}':c=white:t=fill`;
  const tone = `0.6*sin(2*PI*1000*t)*${mark}`;
  const [ivf, audio, talk] = await Promise.all([
    ffmpeg([
      ...["-f", "lavfi", "-i", picture, "-t", seconds, "-c:v", "libvpx", "-deadline", "realtime"],
      ...["-cpu-used", "8", "-g", String(fps * 2), "-b:v", `${kbit}k`, "-f", "ivf", "pipe:1"],
    ]),
    encodeSound(tone),
    encodeSound(`${tone}+0.06*sin(2*PI*220*t)`),
  ]);
  const frames = (LOOP_MS * fps) / 1000;
  return { audio, talk, video: ivfFrames(ivf).slice(0, frames) };
}

/** Frames of Opus, as many as a loop has. */
async function encodeSound(expression: string): Promise<Buffer[]> {
  const ogg = await ffmpeg([
    ...["-f", "lavfi", "-i", `aevalsrc='${expression}':s=48000:c=mono`],
    ...["-t", String(LOOP_MS / 1000), "-c:a", "libopus", "-b:a", "32k", "-frame_duration", "20"],
    ...["-page_duration", "20000", "-f", "ogg", "pipe:1"],
  ]);
  return oggPackets(ogg).slice(2, 2 + LOOP_MS / AUDIO_FRAME_MS);
}

async function ffmpeg(args: string[]): Promise<Buffer> {
  const { stdout } = await promisify(execFile)(
    "ffmpeg",
    ["-hide_banner", "-loglevel", "error", "-nostdin", ...args],
    { encoding: "buffer", maxBuffer: 64 * 1024 * 1024 },
  );
  return stdout;
}

function ivfFrames(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 32; at < bytes.length; ) {
    const size = bytes.readUInt32LE(at);
    frames.push(bytes.subarray(at + 12, at + 12 + size));
    at += 12 + size;
  }
  return frames;
}

function oggPackets(bytes: Buffer): Buffer[] {
  const packets: Buffer[] = [];
  let open: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const count = bytes[at + 26]!;
    let dataAt = at + 27 + count;
    for (const size of bytes.subarray(at + 27, at + 27 + count)) {
      open.push(bytes.subarray(dataAt, dataAt + size));
      dataAt += size;
      if (size === 255) continue;
      packets.push(Buffer.concat(open));
      open = [];
    }
    at = dataAt;
  }
  return packets;
}
