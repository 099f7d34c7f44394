/** What our viewers and our sender say of themselves to mediasoup: one layer, NACK, no bandwidth estimation. */
import type {
  DtlsParameters,
  IceCandidate,
  IceParameters,
  RtpCapabilities,
  RtpParameters,
} from "mediasoup/types";
import { SENT } from "./engine.ts";
import type { LoadProgram, RemotePeer } from "./load.ts";

/** Without header extensions and feedback for bandwidth, and without a second stream for retransmissions. */
export const viewerCapabilities: RtpCapabilities = {
  codecs: [
    {
      kind: "audio",
      mimeType: "audio/opus",
      preferredPayloadType: SENT.audio.payloadType,
      clockRate: 48_000,
      channels: 2,
      parameters: {},
      rtcpFeedback: [{ type: "nack" }],
    },
    {
      kind: "video",
      mimeType: "video/VP8",
      preferredPayloadType: SENT.video.payloadType,
      clockRate: 90_000,
      parameters: {},
      rtcpFeedback: [{ type: "nack" }, { type: "nack", parameter: "pli" }],
    },
  ],
  headerExtensions: [],
};

/** @param layers of the picture, each under a number of its own */
export function sentParameters(kind: "audio" | "video", layers = 1): RtpParameters {
  const { ssrc, payloadType } = SENT[kind];
  const rest = { payloadType, parameters: {} };
  return {
    mid: kind,
    codecs: [
      kind === "audio"
        ? { mimeType: "audio/opus", clockRate: 48_000, channels: 2, rtcpFeedback: [], ...rest }
        : {
            mimeType: "video/VP8",
            clockRate: 90_000,
            rtcpFeedback: [{ type: "nack", parameter: "pli" }],
            ...rest,
          },
    ],
    headerExtensions: [],
    encodings: Array.from({ length: kind === "video" ? layers : 1 }, (_, layer) => ({
      ssrc: ssrc + layer,
    })),
    rtcp: { cname: "bench" },
  };
}

export type TransportDescription = {
  id: string;
  iceParameters: IceParameters;
  iceCandidates: IceCandidate[];
  dtlsParameters: DtlsParameters;
};

export function remoteOf(transport: TransportDescription, videoPayloadType: number): RemotePeer {
  const candidate = transport.iceCandidates.find(({ protocol }) => protocol === "udp");
  const { fingerprints } = transport.dtlsParameters;
  const fingerprint = fingerprints.find(({ algorithm }) => algorithm === "sha-256");
  if (!candidate || !fingerprint) throw new Error("no UDP candidate or no SHA-256 fingerprint");
  return {
    ip: candidate.ip,
    port: candidate.port,
    ufrag: transport.iceParameters.usernameFragment,
    password: transport.iceParameters.password,
    fingerprint: fingerprint.value.toUpperCase(),
    videoPayloadType,
  };
}

/** The program is DTLS client towards every server. */
export function dtlsOf(program: LoadProgram): DtlsParameters {
  return {
    role: "client",
    fingerprints: [{ algorithm: "sha-256", value: program.fingerprint }],
  };
}

/** The line with which a connected peer becomes the sender. */
export function publishLine(id: string): string {
  const { video, audio } = SENT;
  return `publish ${id} ${video.ssrc} ${video.payloadType} ${audio.ssrc} ${audio.payloadType}`;
}

/** The line that adds the picture of the nth capture to what the sender sends. */
export function layerLine(id: string, layer: number): string {
  const { ssrc, payloadType } = SENT.video;
  return `layer ${layer} ${id} ${ssrc + layer} ${payloadType}`;
}
