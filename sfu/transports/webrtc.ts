import type { Router, WebRtcServer, WebRtcTransport } from "mediasoup/types";
import type { TransportSetup } from "../protocol.ts";

/** Start of the bandwidth estimate towards a listener; it grows within seconds where it can. */
const INITIAL_OUTGOING_BPS = 300_000;
/** A path without a sign of life for this long counts as lost; an ICE restart revives it. */
const CONSENT_TIMEOUT_SECONDS = 20;

/** One direction of one person, on the worker's one UDP and TCP port. */
export async function createTransport(
  router: Router,
  webRtcServer: WebRtcServer,
): Promise<WebRtcTransport> {
  return await router.createWebRtcTransport({
    webRtcServer,
    enableUdp: true,
    enableTcp: true,
    preferUdp: true,
    iceConsentTimeout: CONSENT_TIMEOUT_SECONDS,
    initialAvailableOutgoingBitrate: INITIAL_OUTGOING_BPS,
  });
}

export function describeTransport(transport: WebRtcTransport): TransportSetup {
  const { id, iceParameters, iceCandidates, dtlsParameters } = transport;
  return { id, iceParameters, iceCandidates, dtlsParameters };
}
