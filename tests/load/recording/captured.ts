/** What lies in the server's store of a recording, opened with its key and decoded. */
import { readdirSync, readFileSync } from "node:fs";
import {
  openSegment,
  readMeta,
  type SegmentMeta,
} from "../../../server/teaching/recording-crypto.ts";
import { flashesIn, tonesIn } from "../../sfu/support/marks.ts";

export type Stream = {
  sub: string;
  kind: "audio" | "video";
  /** Flashes or tones, on the session's clock. */
  marksMs: number[];
  /** Ffmpegs that it took. */
  parts: number;
  gaps: number;
  /** Of sound: frames that should be there and are not. */
  missing: number;
};

type Piece = { meta: SegmentMeta; bytes: Buffer };
const AUDIO_FRAME_MS = 20;

/** @param folder the recording's pieces */
export async function readCaptured(
  folder: string,
  key: Buffer,
): Promise<{ fromMs: number; streams: Stream[] }> {
  const pieces = readdirSync(folder).map((name): Piece => {
    const sealed = readFileSync(`${folder}/${name}`);
    return { meta: readMeta(sealed), bytes: openSegment(sealed, key) };
  });
  const byTrack = Map.groupBy(pieces, ({ meta }) => meta.trackId);
  const streams: Stream[] = [];
  for (const own of byTrack.values()) streams.push(await readStream(own));
  return { fromMs: Math.min(...pieces.map(({ meta }) => meta.startMs)), streams };
}

async function readStream(pieces: readonly Piece[]): Promise<Stream> {
  const byPart = Map.groupBy(pieces, ({ meta }) => meta.part);
  const marksMs: number[] = [];
  let missing = 0;
  for (const own of byPart.values()) {
    own.sort((a, b) => a.meta.number - b.meta.number);
    const whole = Buffer.concat(
      own.map(({ meta, bytes }, index) => (index === 0 ? bytes : bytes.subarray(meta.headBytes))),
    );
    const { kind } = own[0]!.meta;
    const times = kind === "audio" ? await tonesIn(whole) : (await flashesIn(whole)).flashes;
    for (const ms of times) {
      const { meta } = own.findLast((piece) => piece.meta.partMs <= ms + 1) ?? own[0]!;
      marksMs.push(meta.startMs + ms - meta.partMs);
    }
    if (kind !== "audio") continue;
    const last = own.at(-1)!.meta;
    const lasted = last.partMs + last.durationMs - own[0]!.meta.partMs;
    const frames = own.reduce((sum, { meta }) => sum + meta.frames, 0);
    missing += Math.max(0, Math.round(lasted / AUDIO_FRAME_MS) - frames);
  }
  const { meta } = pieces[0]!;
  return {
    ...{ sub: meta.peer.sub, kind: meta.kind, marksMs, missing, parts: byPart.size },
    gaps: pieces.reduce((sum, piece) => sum + piece.meta.gaps.length, 0),
  };
}
