import type { types } from "mediasoup-client";
import type { Source } from "../../../sfu/protocol.ts";

/**
 * Conversation: FEC in the stream (it needs at least 32 kbit/s to engage), no gaps in silence (they
 * would hide what the line does), one channel.
 */
const SPEECH_BPS = 32_000;
export const speechCodec: types.ProducerCodecOptions = {
  opusFec: true,
  opusDtx: false,
  opusStereo: false,
  opusMaxAverageBitrate: SPEECH_BPS,
  opusPtime: 20,
};

type Encoding = types.RtpEncodingParameters;

/** Three sizes for a large picture; small captures need fewer bits, not fewer sizes. */
function cameraEncodings(height: number): Encoding[] {
  const [low, middle, high] =
    height >= 700 ? [100_000, 400_000, 1_300_000] : [60_000, 200_000, 600_000];
  const scalabilityMode = "L1T2";
  return [
    { scaleResolutionDownBy: 4, maxBitrate: low!, scalabilityMode },
    { scaleResolutionDownBy: 2, maxBitrate: middle!, scalabilityMode },
    { scaleResolutionDownBy: 1, maxBitrate: high!, scalabilityMode },
  ];
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
  interpretation: "speech",
  video: "motion",
  screen: "detail",
};
