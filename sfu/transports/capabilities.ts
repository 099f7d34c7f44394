import * as ortc from "mediasoup/ortc";
import type { RtpCapabilities } from "mediasoup/types";
import { routerCodecs } from "./codecs.ts";

/**
 * What every router of this node can do. It follows from the codecs alone, so a page can be told
 * before it joins and saves a round trip.
 */
export const nodeRtpCapabilities: RtpCapabilities = ortc.generateRouterRtpCapabilities(
  structuredClone(routerCodecs),
);
