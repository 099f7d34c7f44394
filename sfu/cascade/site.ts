import type {
  DtlsParameters,
  IceParameters,
  MediaKind,
  RtpCapabilities,
  RtpParameters,
} from "mediasoup/types";
import type { TransportSetup } from "../protocol.ts";

/** One direction of one person, at the site where its media lies. */
export type SiteTransport = {
  readonly id: string;
  readonly setup: TransportSetup;
  readonly closed: boolean;
  /**
   * Gives the page's fingerprint; a repeated call changes nothing.
   * @throws when the fingerprint cannot be used
   */
  connect(dtlsParameters: DtlsParameters): Promise<void>;
  restartIce(): Promise<IceParameters>;
  /** One entry, or none when nothing is known. */
  getStats(): Promise<TransportFigures[]>;
  produce(options: ProduceOptions): Promise<SiteProducer>;
  consume(options: ConsumeOptions): Promise<SiteConsumer>;
  close(): void;
};

export type TransportFigures = {
  /** Loss from the person to the site, parts of 1. */
  rtpPacketLossReceived?: number | undefined;
  /** Estimated bandwidth towards the person, bits per second. */
  availableOutgoingBitrate?: number | undefined;
};

export type ProduceOptions = {
  id: string;
  kind: MediaKind;
  rtpParameters: RtpParameters;
  paused: boolean;
  /** Requests for key frames are merged to one in this time, in milliseconds. */
  keyFrameRequestDelay: number;
};

/** A stream at the site where it comes in. */
export type SiteProducer = {
  readonly id: string;
  readonly kind: MediaKind;
  readonly paused: boolean;
  readonly closed: boolean;
  /** Sizes in which the picture comes; 1 for sound. */
  readonly layers: number;
  pause(): Promise<void>;
  resume(): Promise<void>;
  close(): void;
};

export type ConsumeOptions = {
  producerId: string;
  paused: boolean;
  enableRtx: boolean;
  /** Highest layer to be sent; only for pictures of several sizes. */
  maxSpatialLayer?: number;
  /** The stream has ended (not: the listener's transport). */
  onClosed: () => void;
  /** No key frame has come although it was asked for: the sender's page is to be asked. */
  onNoKeyFrame: () => void;
  /** Another layer is sent than before; null: none. */
  onLayers?: (layer: number | null) => void;
};

/** A stream on its way to one listener. */
export type SiteConsumer = {
  readonly id: string;
  readonly producerId: string;
  readonly kind: MediaKind;
  readonly rtpParameters: RtpParameters;
  readonly closed: boolean;
  /** What is sent at the moment; undefined: nothing. */
  readonly currentLayers?: { spatialLayer: number } | undefined;
  pause(): void;
  /** Lets it flow, and sees to it that a key frame comes through. */
  resume(): void;
  setMaxSpatialLayer(layer: number): void;
  close(): void;
};

/** Why people's media is gone from a site, and has to be built anew. */
export type LossReason = "worker-died" | "site-lost" | "moved";

export type SiteEvents = {
  /** These transports are gone with all that lay on them. */
  lost(transportIds: readonly string[], reason: LossReason): void;
  /** The worker of these transports carries too much: so many streams should go elsewhere. */
  crowded(transportIds: readonly string[], streams: number, mostPeople: number): void;
};

/**
 * Where media of one room lies: routers on the workers of one node, this or another one. The room
 * itself (who is in it, who may hear whom) lives on its home node and only there.
 */
export type Site = {
  /** Address of its node among the nodes. */
  readonly node: string;
  /** It can take people at the moment. */
  readonly isUp: boolean;
  /** Makes the two transports of one person, on one worker. */
  openTransports(
    rtpCapabilities: RtpCapabilities,
  ): Promise<{ send: SiteTransport; recv: SiteTransport }>;
  close(): void;
};
