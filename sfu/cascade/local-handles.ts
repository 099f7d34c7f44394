import type { Consumer, Producer, RtpCapabilities, WebRtcTransport } from "mediasoup/types";
import { createKeyFrameWatch } from "../transports/keyframes.ts";
import { describeTransport } from "../transports/webrtc.ts";
import type { ConsumeOptions, SiteConsumer, SiteProducer, SiteTransport } from "./site.ts";

/** What a transport needs of the site around it. */
export type LocalTransportOptions = {
  transport: WebRtcTransport;
  /** What the page on the other side can take. */
  rtpCapabilities: RtpCapabilities;
  /** Brings a stream to the router of this transport. */
  bring(producerId: string): Promise<void>;
  onProducer(producer: Producer): void;
  onConsumer(consumer: Consumer): void;
};

/** A transport on a worker of this node. */
export function createLocalTransport(options: LocalTransportOptions): SiteTransport {
  const { transport, rtpCapabilities, bring, onProducer, onConsumer } = options;
  let connecting: Promise<void> | null = null;
  return {
    id: transport.id,
    setup: describeTransport(transport),
    get closed() {
      return transport.closed;
    },
    // A repeated message after a lost acknowledgement. The DTLS state says nothing here: a
    // handshake may begin before this message, and waits for the fingerprint that it brings.
    async connect(dtlsParameters) {
      connecting ??= transport.connect({ dtlsParameters }).catch((error: unknown) => {
        connecting = null;
        throw error;
      });
      await connecting;
    },
    restartIce: async () => await transport.restartIce(),
    getStats: async () => await transport.getStats(),
    async produce(request) {
      const producer = await transport.produce(request);
      onProducer(producer);
      return localProducer(producer);
    },
    async consume(request) {
      await bring(request.producerId);
      const { producerId, paused, enableRtx, maxSpatialLayer } = request;
      const consumer = await transport.consume({
        producerId,
        rtpCapabilities,
        paused,
        enableRtx,
        ...(maxSpatialLayer === undefined ? {} : { preferredLayers: layersFor(maxSpatialLayer) }),
      });
      onConsumer(consumer);
      return localConsumer(consumer, () => transport.dtlsState === "connected", request);
    },
    close: () => transport.close(),
  };
}

function localProducer(producer: Producer): SiteProducer {
  return {
    id: producer.id,
    kind: producer.kind,
    get paused() {
      return producer.paused;
    },
    get closed() {
      return producer.closed;
    },
    layers: producer.rtpParameters.encodings?.length ?? 1,
    pause: async () => await producer.pause(),
    resume: async () => await producer.resume(),
    close: () => producer.close(),
  };
}

function localConsumer(
  consumer: Consumer,
  isConnected: () => boolean,
  { paused, onClosed, onNoKeyFrame, onLayers }: ConsumeOptions,
): SiteConsumer {
  const watch =
    consumer.kind === "video"
      ? createKeyFrameWatch(consumer, isConnected, onNoKeyFrame)
      : { start() {}, stop() {} };
  if (!paused) watch.start();
  consumer.on("producerclose", onClosed);
  if (onLayers) consumer.on("layerschange", (layers) => onLayers(layers?.spatialLayer ?? null));
  return {
    id: consumer.id,
    producerId: consumer.producerId,
    kind: consumer.kind,
    rtpParameters: consumer.rtpParameters,
    get closed() {
      return consumer.closed;
    },
    get currentLayers() {
      return consumer.currentLayers;
    },
    pause() {
      watch.stop();
      consumer.pause().catch(() => {});
    },
    resume() {
      consumer.resume().catch(() => {});
      watch.start();
    },
    setMaxSpatialLayer(layer) {
      if (consumer.type !== "simulcast") return;
      consumer.setPreferredLayers(layersFor(layer)).catch(() => {});
    },
    close: () => consumer.close(),
  };
}

/** The smallest picture comes at half its frame rate as well: it is there to be light. */
function layersFor(spatialLayer: number): { spatialLayer: number; temporalLayer?: number } {
  return spatialLayer <= 0 ? { spatialLayer: 0, temporalLayer: 0 } : { spatialLayer };
}
