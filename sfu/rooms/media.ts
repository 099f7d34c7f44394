import type { Producer, Router, WebRtcTransport } from "mediasoup/types";
import type { z } from "zod";
import { SignalError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { ClientMessage, ConsumerInfo, IceServer, MediaSetup } from "../protocol.ts";
import type { clientMessages } from "../protocol-schemas.ts";
import { initialDemand, layerForTile, NO_LAYER, stepDemand, type Tile } from "../quality/demand.ts";
import {
  createKeyFrameWatch,
  KEY_FRAME_REQUEST_DELAY_MS,
  type KeyFrameWatch,
} from "../transports/keyframes.ts";
import { createTransport, describeTransport } from "../transports/webrtc.ts";
import type { WorkerSlot } from "../transports/workers.ts";
import { type Peer, type PeerConsumer, type PeerProducer, tileKey } from "./peer.ts";
import { type Route, route } from "./routing.ts";

/** Until a page says how large it shows a picture. */
const DEFAULT_TILE: Tile = { width: 640, height: 360, visible: true };

export type ProduceRequest = z.output<(typeof clientMessages)["producer:create"]>;

/** What media needs of the room around it. */
export type MediaRoom = {
  readonly joined: Iterable<Peer>;
  readonly isPrivateTalk: boolean;
  iceServersFor(peer: Peer): IceServer[];
};

/**
 * Streams of one room: transports, producers, consumers, and the one routine that brings every
 * consumer in line with the routing rules. Owns nothing but what lies on its router; when the
 * router's worker dies, all of it is gone and a new one is built.
 */
export class RoomMedia {
  readonly slot: WorkerSlot;
  readonly router: Router;
  private readonly room: MediaRoom;
  private readonly log: Log;
  private readonly watches = new WeakMap<PeerConsumer, KeyFrameWatch>();
  private readonly creating = new Set<string>();
  private readonly askedKeyFrameAt = new Map<string, number>();

  constructor(slot: WorkerSlot, router: Router, room: MediaRoom, log: Log) {
    this.slot = slot;
    this.router = router;
    this.room = room;
    this.log = log;
    slot.rooms++;
  }

  close(): void {
    this.slot.rooms--;
    this.router.close();
  }

  /** Makes a peer's two transports anew, with a consumer for each stream that it may get. */
  async setUp(peer: Peer): Promise<MediaSetup> {
    if (peer.isSettingUp) throw new SignalError("conflict");
    peer.isSettingUp = true;
    try {
      return await this.makeTransports(peer);
    } finally {
      peer.isSettingUp = false;
      // What began meanwhile is told after the answer.
      setImmediate(() => void this.syncListener(peer));
    }
  }

  private async makeTransports(peer: Peer): Promise<MediaSetup> {
    this.drop(peer);
    const [send, recv] = await Promise.all([
      createTransport(this.router, this.slot.webRtcServer),
      createTransport(this.router, this.slot.webRtcServer),
    ]);
    if (peer.state !== "joined") {
      send.close();
      recv.close();
      throw new SignalError("not-joined");
    }
    peer.send = send;
    peer.recv = recv;
    peer.samples = 0;
    peer.goodSamples = 0;
    return {
      send: describeTransport(send),
      recv: describeTransport(recv),
      iceServers: this.room.iceServersFor(peer),
      consumers: (await this.syncStreams(peer, true)).map(consumerInfo),
    };
  }

  /** Closes a peer's transports and with them all that it sends and gets. */
  drop(peer: Peer): void {
    for (const stream of [...peer.producers.values()]) this.forget(peer, stream);
    peer.producers.clear();
    peer.consumers.clear();
    peer.send?.close();
    peer.recv?.close();
    peer.send = null;
    peer.recv = null;
  }

  transportOf(peer: Peer, transportId: string): WebRtcTransport {
    for (const transport of [peer.send, peer.recv]) {
      if (transport?.id === transportId && !transport.closed) return transport;
    }
    throw new SignalError("not-found", "no such transport", "transportId");
  }

  async produce(peer: Peer, request: ProduceRequest): Promise<void> {
    const transport = this.transportOf(peer, request.transportId);
    if (transport !== peer.send) throw new SignalError("malformed", "", "transportId");
    const { source, channel } = request;
    if (!peer.claims.pub.includes(source)) throw new SignalError("forbidden", source, "source");
    const isSound = source === "audio" || source === "interpretation";
    if ((request.kind === "audio") !== isSound) throw new SignalError("malformed", "", "kind");
    if ((source === "interpretation") !== (channel !== undefined)) {
      throw new SignalError("malformed", "", "channel");
    }
    const before = peer.producerOf(source);
    if (before) this.closeProducer(peer, before);
    const producer = await transport
      .produce({
        id: request.id,
        kind: request.kind,
        rtpParameters: request.rtpParameters,
        paused: request.paused || peer.muted.has(source),
        keyFrameRequestDelay: KEY_FRAME_REQUEST_DELAY_MS,
      })
      .catch((error: unknown) => {
        this.log.info({ peer: peer.id, source, error: String(error) }, "producer refused");
        throw new SignalError(transport.closed ? "not-found" : "malformed", "", "rtpParameters");
      });
    const stream: PeerProducer = {
      producer,
      source,
      channel,
      width: request.width,
      height: request.height,
      demand: initialDemand(layersOf(producer)),
    };
    peer.producers.set(producer.id, stream);
    producer.on("transportclose", () => peer.producers.delete(producer.id));
  }

  producerOf(peer: Peer, producerId: string): PeerProducer {
    const stream = peer.producers.get(producerId);
    if (!stream) throw new SignalError("not-found", "no such producer", "producerId");
    return stream;
  }

  closeProducer(peer: Peer, stream: PeerProducer): void {
    this.forget(peer, stream);
    stream.producer.close();
  }

  /** Tells listeners that a stream is gone; mediasoup closes the consumers with the producer. */
  private forget(speaker: Peer, stream: PeerProducer): void {
    speaker.producers.delete(stream.producer.id);
    for (const listener of this.room.joined) {
      for (const consumer of [...listener.consumers.values()]) {
        if (consumer.stream === stream) this.closeConsumer(listener, consumer);
      }
    }
  }

  private closeConsumer(listener: Peer, consumer: PeerConsumer): void {
    const { id } = consumer.consumer;
    if (!listener.consumers.delete(id)) return;
    consumer.consumer.close();
    listener.emit("consumer:closed", { consumerId: id });
  }

  /** Brings every consumer of the room in line with the rules. */
  async syncAll(): Promise<void> {
    await Promise.all([...this.room.joined].map((listener) => this.syncListener(listener)));
    this.tellDemand(Date.now());
  }

  /** Brings what one listener gets in line; new consumers are told in one message. */
  async syncListener(listener: Peer): Promise<void> {
    if (listener.isSettingUp) return;
    const made = await this.syncStreams(listener, false);
    if (made.length > 0) listener.emit("consumer:new", { consumers: made.map(consumerInfo) });
  }

  private async syncStreams(listener: Peer, isSetUp: boolean): Promise<PeerConsumer[]> {
    const tasks: Promise<PeerConsumer | null>[] = [];
    for (const speaker of this.room.joined) {
      if (speaker === listener) continue;
      for (const stream of speaker.producers.values()) {
        tasks.push(this.sync(listener, speaker, stream, isSetUp));
      }
    }
    const made = await Promise.all(tasks);
    return made.filter((entry): entry is PeerConsumer => entry !== null && !entry.consumer.closed);
  }

  private routeFor(listener: Peer, speaker: Peer, stream: PeerProducer): Route {
    const tile = listener.tiles.get(tileKey(speaker.id, stream.source)) ?? DEFAULT_TILE;
    const captured = {
      ...(stream.width === undefined ? {} : { width: stream.width }),
      ...(stream.height === undefined ? {} : { height: stream.height }),
    };
    const isSound = stream.producer.kind === "audio";
    const needed = isSound ? 0 : layerForTile(tile, captured, layersOf(stream.producer));
    const { source, channel, producer } = stream;
    return route(
      { source, channel, paused: producer.paused },
      speaker.routing,
      listener.routing,
      this.room.isPrivateTalk,
      needed,
    );
  }

  /** @returns the consumer if it was made just now */
  private async sync(
    listener: Peer,
    speaker: Peer,
    stream: PeerProducer,
    isSetUp: boolean,
  ): Promise<PeerConsumer | null> {
    if (!listener.recv || listener.recv.closed || stream.producer.closed) return null;
    const existing = [...listener.consumers.values()].find((entry) => entry.stream === stream);
    const wanted = this.routeFor(listener, speaker, stream);
    if (!wanted.exists) {
      if (existing) this.closeConsumer(listener, existing);
      return null;
    }
    if (existing) {
      this.adjust(listener, existing, wanted);
      return null;
    }
    return await this.consume(listener, speaker, stream, wanted, isSetUp);
  }

  private async consume(
    listener: Peer,
    speaker: Peer,
    stream: PeerProducer,
    wanted: Extract<Route, { exists: true }>,
    isSetUp: boolean,
  ): Promise<PeerConsumer | null> {
    const key = `${listener.recv!.id}/${stream.producer.id}`;
    if (this.creating.has(key)) return null;
    this.creating.add(key);
    try {
      const isVideo = stream.producer.kind === "video";
      // At set-up the page has made its side before the transport connects: nothing is lost, and
      // the key frame is asked for at that very moment.
      const paused = !isSetUp || isHeldHere(wanted.held);
      const consumer = await listener.recv!.consume({
        producerId: stream.producer.id,
        rtpCapabilities: listener.rtpCapabilities,
        paused,
        // Retransmission hides losses from the sender, which would then switch FEC off.
        enableRtx: isVideo,
        ...(isVideo && stream.source === "video"
          ? { preferredLayers: layersFor(wanted.maxSpatialLayer) }
          : {}),
      });
      const entry: PeerConsumer = {
        consumer,
        speaker,
        stream,
        ready: isSetUp,
        paused,
        held: wanted.held,
        maxSpatialLayer: wanted.maxSpatialLayer,
      };
      if (isVideo) {
        const watch = createKeyFrameWatch(
          consumer,
          () => listener.recv?.dtlsState === "connected",
          () => this.askKeyFrame(speaker, stream),
        );
        this.watches.set(entry, watch);
        if (isSetUp && !wanted.held) watch.start();
      }
      listener.consumers.set(consumer.id, entry);
      consumer.on("transportclose", () => listener.consumers.delete(consumer.id));
      consumer.on("producerclose", () => this.closeConsumer(listener, entry));
      // The rules may have changed while the worker was asked.
      const now = this.routeFor(listener, speaker, stream);
      if (!now.exists) {
        this.closeConsumer(listener, entry);
        return null;
      }
      this.adjust(listener, entry, now);
      return entry;
    } catch (error) {
      this.log.info({ peer: listener.id, error: String(error) }, "stream cannot be consumed");
      return null;
    } finally {
      this.creating.delete(key);
    }
  }

  private adjust(
    listener: Peer,
    entry: PeerConsumer,
    wanted: Extract<Route, { exists: true }>,
  ): void {
    const { consumer } = entry;
    const layer = wanted.maxSpatialLayer;
    if (layer !== entry.maxSpatialLayer) {
      entry.maxSpatialLayer = layer;
      if (consumer.type === "simulcast" && layer !== NO_LAYER) {
        consumer.setPreferredLayers(layersFor(layer)).catch(() => {});
      }
    }
    if (wanted.held !== entry.held) {
      entry.held = wanted.held;
      listener.emit("consumer:held", { consumerId: consumer.id, held: wanted.held });
    }
    const shouldPause = !entry.ready || isHeldHere(wanted.held);
    if (shouldPause === entry.paused) return;
    entry.paused = shouldPause;
    if (shouldPause) {
      this.watches.get(entry)?.stop();
      consumer.pause().catch(() => {});
    } else {
      consumer.resume().catch(() => {});
      this.watches.get(entry)?.start();
    }
  }

  /** The page has made its side of these consumers. */
  makeReady(listener: Peer, consumerIds: readonly string[]): void {
    for (const id of consumerIds) {
      const entry = listener.consumers.get(id);
      if (!entry) continue;
      entry.ready = true;
      const wanted = this.routeFor(listener, entry.speaker, entry.stream);
      if (wanted.exists) this.adjust(listener, entry, wanted);
    }
  }

  setTiles(listener: Peer, demands: ClientMessage<"consumer:demand">["demands"]): void {
    for (const { peerId, source, width, height, visible } of demands) {
      const isHere = [...this.room.joined].some((peer) => peer.id === peerId);
      if (isHere) listener.tiles.set(tileKey(peerId, source), { width, height, visible });
    }
    for (const entry of listener.consumers.values()) {
      const wanted = this.routeFor(listener, entry.speaker, entry.stream);
      if (wanted.exists) this.adjust(listener, entry, wanted);
    }
    this.tellDemand(Date.now());
  }

  /** Tells senders which layers anybody needs; called after changes and by the room's clock. */
  tellDemand(nowMs: number): void {
    const peers = [...this.room.joined];
    for (const speaker of peers) {
      for (const stream of speaker.producers.values()) {
        if (stream.producer.kind !== "video") continue;
        let needed = NO_LAYER;
        for (const listener of peers) {
          for (const entry of listener.consumers.values()) {
            const isWanted = entry.stream === stream && (!entry.held || entry.held === "muted");
            if (isWanted) needed = Math.max(needed, entry.maxSpatialLayer);
          }
        }
        const { state, tell } = stepDemand(stream.demand, needed, nowMs);
        stream.demand = state;
        if (tell === null) continue;
        speaker.emit("producer:layers", { producerId: stream.producer.id, maxSpatialLayer: tell });
      }
    }
  }

  private askKeyFrame(speaker: Peer, stream: PeerProducer): void {
    const { id } = stream.producer;
    const nowMs = Date.now();
    if (nowMs - (this.askedKeyFrameAt.get(id) ?? 0) < KEY_FRAME_REQUEST_DELAY_MS) return;
    this.askedKeyFrameAt.set(id, nowMs);
    speaker.emit("producer:keyframe", { producerId: id });
  }

  /** Streams that a listener gets, for a page that resumes its session. */
  consumersOf(listener: Peer): ConsumerInfo[] {
    return [...listener.consumers.values()].map(consumerInfo);
  }

  /** Number of consumers, for load figures. */
  get consumerCount(): number {
    let count = 0;
    for (const peer of this.room.joined) count += peer.consumers.size;
    return count;
  }
}

/** A muted producer stops by itself; everything else is stopped at the consumer. */
function isHeldHere(held: PeerConsumer["held"]): boolean {
  return held !== null && held !== "muted";
}

function layersOf(producer: Producer): number {
  return producer.rtpParameters.encodings?.length ?? 1;
}

/** The smallest picture comes at half its frame rate as well: it is there to be light. */
function layersFor(spatialLayer: number): { spatialLayer: number; temporalLayer?: number } {
  return spatialLayer <= 0 ? { spatialLayer: 0, temporalLayer: 0 } : { spatialLayer };
}

function consumerInfo(entry: PeerConsumer): ConsumerInfo {
  const { consumer, speaker, stream } = entry;
  return {
    id: consumer.id,
    producerId: consumer.producerId,
    peerId: speaker.id,
    source: stream.source,
    kind: consumer.kind,
    rtpParameters: consumer.rtpParameters,
    held: entry.held,
    ...(stream.channel === undefined ? {} : { channel: stream.channel }),
  };
}
