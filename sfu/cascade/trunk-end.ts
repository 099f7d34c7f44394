import type {
  Consumer,
  MediaKind,
  PlainTransport,
  Producer,
  Router,
  RtpCapabilities,
  RtpParameters,
} from "mediasoup/types";
import { KEY_FRAME_REQUEST_DELAY_MS } from "../transports/keyframes.ts";

const CRYPTO_SUITE = "AEAD_AES_256_GCM";

/** Where one end of a trunk is reached, and the key that it sends with. */
export type TrunkAddress = {
  ip: string;
  port: number;
  srtpParameters: { cryptoSuite: typeof CRYPTO_SUITE; keyBase64: string };
};

/** A stream as it comes over a trunk: one encoding for each of its layers. */
export type TrunkStream = {
  id: string;
  kind: MediaKind;
  rtpParameters: RtpParameters;
};

export type TrunkListen = {
  ip: string;
  announcedAddress: string;
  portRange: { min: number; max: number };
};

type Sent = {
  /** By layer; one for sound and for pictures of one size. */
  consumers: Consumer[];
  alive: boolean[];
  wanted: ReadonlySet<number>;
};

/**
 * One end of the line between two nodes for one room: an encrypted transport on the hub's router.
 *
 * A pipe forwards every layer of a picture and cannot choose (docs/decisions/0027). Here each layer
 * has a consumer of its own, locked to it, and all of them feed one producer with as many encodings
 * on the other side: a layer that nobody there needs is a paused consumer. Nothing adapts to
 * bandwidth on this line; losses are sent again (NACK, RTX).
 */
export class TrunkEnd {
  readonly router: Router;
  private readonly transport: PlainTransport;
  private readonly announced: string;
  private readonly sent = new Map<string, Sent>();
  private readonly received = new Map<string, Producer>();

  private constructor(router: Router, transport: PlainTransport, announced: string) {
    this.router = router;
    this.transport = transport;
    this.announced = announced;
  }

  static async open(router: Router, listen: TrunkListen): Promise<TrunkEnd> {
    const transport = await router.createPlainTransport({
      listenInfo: { protocol: "udp", ...listen },
      rtcpMux: true,
      comedia: false,
      enableSrtp: true,
      srtpCryptoSuite: CRYPTO_SUITE,
    });
    return new TrunkEnd(router, transport, listen.announcedAddress);
  }

  get address(): TrunkAddress {
    const { tuple, srtpParameters } = this.transport;
    if (!srtpParameters) throw new Error("a trunk is encrypted");
    const { keyBase64 } = srtpParameters;
    const key = { cryptoSuite: CRYPTO_SUITE, keyBase64 } as const;
    return { ip: this.announced, port: tuple.localPort, srtpParameters: key };
  }

  get closed(): boolean {
    return this.transport.closed;
  }

  onClosed(told: () => void): void {
    this.transport.observer.on("close", told);
  }

  async connect({ ip, port, srtpParameters }: TrunkAddress): Promise<void> {
    await this.transport.connect({ ip, port, srtpParameters });
  }

  /** Begins to send a stream that lies on this end's router, in all its layers. */
  async send(producerId: string, source: Producer | undefined): Promise<TrunkStream> {
    this.stop(producerId);
    const rtpCapabilities = trunkCapabilities(this.router.rtpCapabilities);
    const layers = source?.rtpParameters.encodings?.length ?? 1;
    const first = await this.consume(producerId, rtpCapabilities, 0);
    const isLayered = first.type === "simulcast";
    const rest = isLayered
      ? await Promise.all(
          Array.from({ length: layers - 1 }, (_, i) =>
            this.consume(producerId, rtpCapabilities, i + 1),
          ),
        )
      : [];
    const consumers = [first, ...rest];
    const sent: Sent = {
      consumers,
      // A consumer of a layer that does not come would take the one below instead.
      alive: consumers.map(() => !isLayered),
      wanted: new Set(consumers.keys()),
    };
    this.sent.set(producerId, sent);
    first.observer.on("close", () => {
      if (this.sent.get(producerId) === sent) this.stop(producerId);
    });
    const follow = () => {
      if (!isLayered) return;
      first.score.producerScores.forEach((score, layer) => {
        if (layer < sent.alive.length) sent.alive[layer] = score > 0;
      });
      apply(sent);
    };
    first.on("score", follow);
    follow();
    apply(sent);
    return { id: producerId, kind: first.kind, rtpParameters: merged(consumers) };
  }

  private async consume(
    producerId: string,
    rtpCapabilities: RtpCapabilities,
    spatialLayer: number,
  ): Promise<Consumer> {
    return await this.transport.consume({
      producerId,
      rtpCapabilities,
      paused: true,
      enableRtx: true,
      preferredLayers: { spatialLayer },
    });
  }

  /** Takes in a stream of the other end; it has the same id on both sides. */
  async receive({ id, kind, rtpParameters }: TrunkStream): Promise<Producer> {
    this.stop(id);
    const producer = await this.transport.produce({
      id,
      kind,
      rtpParameters,
      keyFrameRequestDelay: KEY_FRAME_REQUEST_DELAY_MS,
    });
    this.received.set(id, producer);
    producer.observer.on("close", () => {
      if (this.received.get(id) === producer) this.received.delete(id);
    });
    return producer;
  }

  /** Sends these layers of a stream and no others; none: the stream rests. */
  setLayers(producerId: string, layers: readonly number[]): void {
    const sent = this.sent.get(producerId);
    if (!sent) return;
    sent.wanted = new Set(layers);
    apply(sent);
  }

  /** Ends a stream in either direction. */
  stop(producerId: string): void {
    const sent = this.sent.get(producerId);
    this.sent.delete(producerId);
    for (const consumer of sent?.consumers ?? []) consumer.close();
    this.received.get(producerId)?.close();
    this.received.delete(producerId);
  }

  /** Bytes that went over the line by now, and what was lost on the way here. */
  async figures(): Promise<{ sentBytes: number; receivedBytes: number; loss: number }> {
    const [stat] = await this.transport.getStats();
    return {
      sentBytes: stat?.bytesSent ?? 0,
      receivedBytes: stat?.bytesReceived ?? 0,
      loss: stat?.rtpPacketLossReceived ?? 0,
    };
  }

  close(): void {
    this.transport.close();
  }
}

function apply({ consumers, alive, wanted }: Sent): void {
  for (const [layer, consumer] of consumers.entries()) {
    const shouldFlow = wanted.has(layer) && alive[layer] === true;
    if (consumer.closed || shouldFlow !== consumer.paused) continue;
    (shouldFlow ? consumer.resume() : consumer.pause()).catch(() => {});
  }
}

/** What both ends speak: no feedback that would make a sender adapt. */
function trunkCapabilities(router: RtpCapabilities): RtpCapabilities {
  return {
    codecs: (router.codecs ?? []).map((codec) => ({
      ...codec,
      rtcpFeedback: (codec.rtcpFeedback ?? []).filter(
        ({ type }) => type !== "transport-cc" && type !== "goog-remb",
      ),
    })),
    headerExtensions: (router.headerExtensions ?? []).filter(
      ({ uri }) => uri === "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    ),
  };
}

/** The consumers of all layers as one stream with an encoding for each. */
function merged(consumers: readonly Consumer[]): RtpParameters {
  const [first] = consumers;
  const { codecs, headerExtensions, rtcp } = first!.rtpParameters;
  return {
    codecs,
    headerExtensions: headerExtensions ?? [],
    ...(rtcp ? { rtcp } : {}),
    encodings: consumers.map(({ rtpParameters }) => {
      const [encoding] = rtpParameters.encodings ?? [];
      const temporal = /T(\d)/.exec(encoding?.scalabilityMode ?? "")?.[1] ?? "1";
      return {
        ...(encoding?.ssrc === undefined ? {} : { ssrc: encoding.ssrc }),
        ...(encoding?.rtx ? { rtx: encoding.rtx } : {}),
        ...(encoding?.dtx === undefined ? {} : { dtx: encoding.dtx }),
        scalabilityMode: `L1T${temporal}`,
      };
    }),
  };
}
