import type { Cascade } from "../cascade/cascade.ts";
import type { Log } from "../log.ts";
import type { ConsumerInfo } from "../protocol.ts";
import { layerForTile, NO_LAYER, type Tile } from "../quality/demand.ts";
import type { MediaRoom } from "./media.ts";
import type { MediaDemand } from "./media-demand.ts";
import { type Peer, type PeerConsumer, type PeerProducer, tileKey } from "./peer.ts";
import { type Route, route } from "./routing.ts";

/** Until a page says how large it shows a picture. */
const DEFAULT_TILE: Tile = { width: 640, height: 360, visible: true };

type ExistingRoute = Extract<Route, { exists: true }>;

/** The one routine that brings every consumer of a room in line with the routing rules. */
export class MediaConsumers {
  private readonly room: MediaRoom;
  private readonly demand: MediaDemand;
  private readonly cascade: Cascade;
  private readonly log: Log;
  private readonly creating = new Set<string>();

  constructor(room: MediaRoom, demand: MediaDemand, cascade: Cascade, log: Log) {
    this.room = room;
    this.demand = demand;
    this.cascade = cascade;
    this.log = log;
  }

  /** Closes what listeners get of a stream. */
  forget(stream: PeerProducer): void {
    for (const listener of this.room.joined) {
      for (const entry of [...listener.consumers.values()]) {
        if (entry.stream === stream) this.close(listener, entry);
      }
    }
  }

  /** The line between two nodes is gone: what came over it comes anew over the next one. */
  dropSpread(): void {
    for (const listener of this.room.joined) {
      for (const entry of [...listener.consumers.values()]) {
        if (entry.stream.site !== listener.site) this.close(listener, entry);
      }
    }
  }

  /** @returns the consumers that were made just now */
  async syncStreams(listener: Peer, isSetUp: boolean): Promise<PeerConsumer[]> {
    const tasks: Promise<PeerConsumer | null>[] = [];
    for (const speaker of this.room.stage) {
      if (speaker === listener) continue;
      for (const stream of speaker.producers.values()) {
        tasks.push(this.sync(listener, speaker, stream, isSetUp));
      }
    }
    const made = await Promise.all(tasks);
    return made.filter((entry): entry is PeerConsumer => entry !== null && !entry.consumer.closed);
  }

  /** Brings one existing consumer in line. */
  align(listener: Peer, entry: PeerConsumer): void {
    const wanted = this.routeFor(listener, entry.speaker, entry.stream);
    if (wanted.exists) this.adjust(listener, entry, wanted);
  }

  private routeFor(listener: Peer, speaker: Peer, stream: PeerProducer): Route {
    const tile = listener.tiles.get(tileKey(speaker.id, stream.source)) ?? DEFAULT_TILE;
    const captured = {
      ...(stream.width === undefined ? {} : { width: stream.width }),
      ...(stream.height === undefined ? {} : { height: stream.height }),
    };
    const { source, channel, producer } = stream;
    const needed = producer.kind === "audio" ? 0 : layerForTile(tile, captured, producer.layers);
    return route(
      { source, channel, paused: producer.paused },
      speaker.routing,
      listener.routing,
      this.room.isPrivateTalk,
      needed,
    );
  }

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
      if (existing) this.close(listener, existing);
      return null;
    }
    if (existing) {
      this.adjust(listener, existing, wanted);
      return null;
    }
    if (wanted.isSpare) return null;
    return await this.consume(listener, speaker, stream, wanted, isSetUp);
  }

  private async consume(
    listener: Peer,
    speaker: Peer,
    stream: PeerProducer,
    wanted: ExistingRoute,
    isSetUp: boolean,
  ): Promise<PeerConsumer | null> {
    const recv = listener.recv!;
    const key = `${recv.id}/${stream.producer.id}`;
    if (this.creating.has(key)) return null;
    this.creating.add(key);
    let entry: PeerConsumer | null = null;
    try {
      if (listener.site) await this.cascade.bring(stream.producer.id, stream.site, listener.site);
      const isVideo = stream.producer.kind === "video";
      // At set-up the page has made its side before the transport connects: nothing is lost, and
      // the key frame is asked for at that very moment.
      const paused = !isSetUp || isHeldHere(wanted.held);
      const consumer = await recv.consume({
        producerId: stream.producer.id,
        paused,
        // In a conversation retransmission would hide losses from the sender, which would then switch
        // FEC off. A lecture's listeners wait for what was lost instead.
        enableRtx: isVideo || isLecture(speaker, stream),
        ...(stream.source === "video" ? { maxSpatialLayer: wanted.maxSpatialLayer } : {}),
        onClosed: () => entry && this.close(listener, entry),
        onNoKeyFrame: () => this.demand.askKeyFrame(speaker, stream),
      });
      entry = {
        consumer,
        speaker,
        stream,
        ready: isSetUp,
        paused,
        held: wanted.held,
        maxSpatialLayer: wanted.maxSpatialLayer,
      };
      listener.consumers.set(consumer.id, entry);
      // The rules may have changed while the worker was asked, and the stream may have ended.
      const now = this.routeFor(listener, speaker, stream);
      if (!now.exists || consumer.closed || listener.recv !== recv) {
        this.close(listener, entry);
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

  private adjust(listener: Peer, entry: PeerConsumer, wanted: ExistingRoute): void {
    const { consumer } = entry;
    const layer = wanted.maxSpatialLayer;
    if (layer !== entry.maxSpatialLayer) {
      entry.maxSpatialLayer = layer;
      if (layer !== NO_LAYER) consumer.setMaxSpatialLayer(layer);
    }
    if (wanted.held !== entry.held) {
      entry.held = wanted.held;
      listener.emit("consumer:held", { consumerId: consumer.id, held: wanted.held });
    }
    const shouldPause = !entry.ready || isHeldHere(wanted.held);
    if (shouldPause === entry.paused) return;
    entry.paused = shouldPause;
    if (shouldPause) consumer.pause();
    else consumer.resume();
  }

  private close(listener: Peer, entry: PeerConsumer): void {
    const { id } = entry.consumer;
    if (!listener.consumers.delete(id)) return;
    entry.consumer.close();
    listener.emit("consumer:closed", { consumerId: id });
  }
}

/** What is encoded for an audience: without FEC, as an interpreter's channel of a lecture is too. */
function isLecture(speaker: Peer, { source }: PeerProducer): boolean {
  const isTeaching = speaker.claims.kind === "teaching";
  return source === "lecture" || (source === "interpretation" && isTeaching);
}

/** A muted producer stops by itself; everything else is stopped at the consumer. */
function isHeldHere(held: PeerConsumer["held"]): boolean {
  return held !== null && held !== "muted";
}

/** What a page is told of a stream that it gets. */
export function consumerInfo(entry: PeerConsumer): ConsumerInfo {
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
