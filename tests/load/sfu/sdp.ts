/** As much of SDP as a viewer of Janus needs: read an offer, write the plainest answer to it. */
import type { OpenedPeer, RemotePeer } from "./load.ts";

export type Offer = {
  readonly remote: Omit<RemotePeer, "videoPayloadType">;
  /** Media sections in their order. */
  readonly media: readonly { kind: string; mid: string; payloadType: string; codec: string }[];
};

/** @throws {Error} when a part is missing that a connection needs */
export function parseOffer(sdp: string): Offer {
  const one = (pattern: RegExp): string => {
    const found = pattern.exec(sdp)?.[1];
    if (found === undefined) throw new Error(`no ${pattern.source} in the offer`);
    return found;
  };
  const candidate = /^a=candidate:\S+ 1 udp \d+ ([\d.]+) (\d+) typ host/im.exec(sdp);
  if (!candidate) throw new Error("no IPv4 candidate in the offer");
  const sections = sdp.split(/^m=/m).slice(1);
  return {
    remote: {
      ip: candidate[1] ?? "",
      port: Number(candidate[2]),
      ufrag: one(/^a=ice-ufrag:(\S+)/m),
      password: one(/^a=ice-pwd:(\S+)/m),
      fingerprint: one(/^a=fingerprint:sha-256 (\S+)/im).toUpperCase(),
    },
    media: sections.map((section) => {
      const [kind = "", , , payloadType = ""] = section.split(/\s/);
      const codec = new RegExp(`^a=rtpmap:${payloadType} (\\S+)`, "m").exec(section)?.[1] ?? "";
      const mid = /^a=mid:(\S+)/m.exec(section)?.[1] ?? "";
      return { kind, mid, payloadType, codec };
    }),
  };
}

/**
 * Accepts each section for receiving: bundled, multiplexed, with NACK and picture loss indication
 * for the picture, without any header extension, bandwidth feedback or second stream for
 * retransmissions. It names no candidate: an ICE-lite server learns the address from the first check.
 */
export function writeAnswer(offer: Offer, peer: OpenedPeer & { fingerprint: string }): string {
  const { media } = offer;
  const transport = [
    "c=IN IP4 127.0.0.1",
    "a=recvonly",
    "a=rtcp-mux",
    `a=ice-ufrag:${peer.ufrag}`,
    `a=ice-pwd:${peer.password}`,
    `a=fingerprint:sha-256 ${peer.fingerprint}`,
    "a=setup:active",
  ];
  const lines = [
    "v=0",
    "o=- 1 1 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    `a=group:BUNDLE ${media.map(({ mid }) => mid).join(" ")}`,
    ...media.flatMap(({ kind, mid, payloadType, codec }) => [
      `m=${kind} 9 UDP/TLS/RTP/SAVPF ${payloadType}`,
      ...transport,
      `a=mid:${mid}`,
      `a=rtpmap:${payloadType} ${codec}`,
      ...(kind === "video" ? ["nack", "nack pli"] : ["nack"]).map(
        (feedback) => `a=rtcp-fb:${payloadType} ${feedback}`,
      ),
    ]),
  ];
  return `${lines.join("\r\n")}\r\n`;
}
