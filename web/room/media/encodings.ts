import type { types } from "mediasoup-client";
import type { RoomKind, Source } from "../../../sfu/protocol.ts";

/**
 * Conversation: FEC in the stream (it needs at least 32 kbit/s to engage), no gaps in silence (they
 * would hide what the line does), one channel.
 */
const SPEECH_BPS = 32_000;
const speechCodec: types.ProducerCodecOptions = {
  opusFec: true,
  opusDtx: false,
  opusStereo: false,
  opusMaxAverageBitrate: SPEECH_BPS,
  opusPtime: 20,
};

/**
 * For an audience: lost packets are asked for again and listeners wait for them, so FEC is not
 * needed, and long frames save headers. Measured with headers: 35 kbit/s (speech above: 54).
 */
const LECTURE_BPS = 24_000;
const lectureCodec: types.ProducerCodecOptions = {
  opusFec: false,
  opusDtx: false,
  opusStereo: false,
  opusMaxAverageBitrate: LECTURE_BPS,
  opusPtime: 40,
};

/** Interpreters of a teaching room speak to its audience only. */
export function soundCodec(source: Source, kind: RoomKind): types.ProducerCodecOptions {
  const isLecture = source === "lecture" || (source === "interpretation" && kind === "teaching");
  return isLecture ? lectureCodec : speechCodec;
}

type Encoding = types.RtpEncodingParameters;

/**
 * Up to three sizes, each twice the one below. Browsers send no more layers than suit the captured
 * size and would leave out the largest, so a small capture gets fewer.
 */
function cameraEncodings(height: number): Encoding[] {
  const bitrates =
    height >= 540
      ? [80_000, 400_000, height >= 700 ? 1_300_000 : 900_000]
      : height >= 270
        ? [70_000, 500_000]
        : [200_000];
  return bitrates.map((maxBitrate, layer) => ({
    scaleResolutionDownBy: 2 ** (bitrates.length - 1 - layer),
    maxBitrate,
    scalabilityMode: "L1T2",
  }));
}

/** Text must be sharp, it may be slow. */
const screenEncodings: Encoding[] = [{ maxBitrate: 2_500_000, maxFramerate: 8 }];
const speechEncodings: Encoding[] = [{ priority: "high", networkPriority: "high" }];

export function encodingsFor(source: Source, height: number): Encoding[] {
  if (source === "video") return cameraEncodings(height);
  return structuredClone(source === "screen" ? screenEncodings : speechEncodings);
}

export const contentHints: Record<Source, string> = {
  audio: "speech",
  lecture: "speech",
  interpretation: "speech",
  video: "motion",
  screen: "detail",
};
