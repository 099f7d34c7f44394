import type { RouterRtpCodecCapability } from "mediasoup/types";

/**
 * What rooms speak. Opus with in-band FEC for conversation, VP8 for pictures: every browser has
 * both, and VP8 simulcast lets each listener get the size that fits.
 */
export const routerCodecs: RouterRtpCodecCapability[] = [
  {
    kind: "audio",
    mimeType: "audio/opus",
    clockRate: 48_000,
    channels: 2,
    parameters: { useinbandfec: 1, usedtx: 0 },
  },
  { kind: "video", mimeType: "video/VP8", clockRate: 90_000 },
];
