import type { Cascade } from "../cascade/cascade.ts";
import {
  initialLayers,
  type LayerDemand,
  layersOfListener,
  stepLayers,
} from "../cascade/layer-demand.ts";
import type { Site } from "../cascade/site.ts";
import { NO_LAYER, stepDemand } from "../quality/demand.ts";
import { recordedLayer } from "../recording/layers.ts";
import { keyFrameDelayMs } from "../transports/keyframes.ts";
import type { MediaRoom } from "./media.ts";
import type { Peer, PeerConsumer, PeerProducer } from "./peer.ts";

type Needs = Map<Site, Set<number>>;
type DemandRoom = Pick<MediaRoom, "joined" | "stage" | "isRecorded" | "isStreamed" | "isCrowd">;

/**
 * What listeners need of each stream, and how its sender and the lines between nodes are told. The
 * room knows all its listeners wherever they are, so one look gives what each node needs.
 */
export class MediaDemand {
  private readonly room: DemandRoom;
  private readonly cascade: Cascade;
  private readonly askedKeyFrameAt = new Map<string, number>();
  /** What was needed when, at the sender and by site. */
  private readonly sent = new WeakMap<PeerProducer, { state: LayerDemand; told: string }>();
  private readonly carried = new WeakMap<PeerProducer, Map<Site, LayerDemand>>();
  /** Since when a listener has got the layer that it should. */
  private readonly steadySince = new WeakMap<PeerConsumer, { layer: number; atMs: number }>();

  constructor(room: DemandRoom, cascade: Cascade) {
    this.room = room;
    this.cascade = cascade;
  }

  /** Tells senders and lines which layers anybody needs, if it has changed for long enough. */
  tell(nowMs: number): void {
    const needs = this.needs(nowMs);
    for (const speaker of this.room.stage) {
      for (const stream of speaker.producers.values()) {
        const bySite = needs.get(stream) ?? new Map<Site, Set<number>>();
        if (stream.producer.kind === "video") this.tellSender(speaker, stream, bySite, nowMs);
        if (this.cascade.isSpread) this.tellLines(stream, bySite, nowMs);
      }
    }
  }

  private tellSender(speaker: Peer, stream: PeerProducer, bySite: Needs, nowMs: number): void {
    const needed = new Set([...bySite.values()].flatMap((layers) => [...layers]));
    const { state, tell } = stepDemand(stream.demand, Math.max(NO_LAYER, ...needed), nowMs);
    stream.demand = state;
    const before = this.sent.get(stream) ?? {
      state: initialLayers(stream.producer.layers, nowMs),
      told: "",
    };
    const after = stepLayers(before.state, needed, nowMs);
    const layers = after.layers.filter((layer) => layer <= state.told);
    const told = layers.join();
    const isNews = this.room.isCrowd && before.told !== told && before.told !== "";
    this.sent.set(stream, { state: after.state, told });
    if (tell === null && !isNews) return;
    const { id: producerId } = stream.producer;
    speaker.emit("producer:layers", { producerId, maxSpatialLayer: state.told, layers });
  }

  private tellLines(stream: PeerProducer, bySite: Needs, nowMs: number): void {
    const states = this.carried.get(stream) ?? new Map<Site, LayerDemand>();
    this.carried.set(stream, states);
    const carried = new Map<Site, number[]>();
    for (const site of new Set([...states.keys(), ...bySite.keys()])) {
      const before = states.get(site) ?? initialLayers(stream.producer.layers, null);
      const { state, layers } = stepLayers(before, bySite.get(site) ?? new Set(), nowMs);
      states.set(site, state);
      carried.set(site, layers);
    }
    this.cascade.setLayers(stream.producer.id, stream.site, carried);
  }

  /** The layers that anybody needs of each stream, by site. */
  private needs(nowMs: number): Map<PeerProducer, Needs> {
    const needs = new Map<PeerProducer, Needs>();
    const add = (stream: PeerProducer, site: Site, layers: readonly number[]) => {
      const bySite = needs.get(stream) ?? new Map<Site, Set<number>>();
      needs.set(stream, bySite);
      const known = bySite.get(site) ?? new Set();
      bySite.set(site, known);
      for (const layer of layers) known.add(layer);
    };
    for (const listener of this.room.joined) {
      if (!listener.site) continue;
      for (const entry of listener.consumers.values()) {
        if (entry.held && entry.held !== "muted") continue;
        add(entry.stream, listener.site, this.layersOf(entry, nowMs));
      }
    }
    for (const { producers } of this.room.stage) {
      for (const stream of producers.values()) {
        // Who speaks is heard here, wherever the microphone is.
        if (stream.source === "audio") add(stream, this.cascade.home, [0]);
        if (!this.room.isRecorded && !this.room.isStreamed) continue;
        const recorded = recordedLayer(stream.producer.layers);
        add(stream, this.cascade.home, layersOfListener(recorded, undefined, 0, false));
      }
    }
    return needs;
  }

  private layersOf(entry: PeerConsumer, nowMs: number): number[] {
    const { stream, consumer, maxSpatialLayer } = entry;
    const wanted = Math.min(maxSpatialLayer, stream.producer.layers - 1);
    const current = consumer.currentLayers?.spatialLayer;
    const since = this.steadySince.get(entry);
    const isSame = current !== undefined && since?.layer === current;
    if (!isSame && current !== undefined) {
      this.steadySince.set(entry, { layer: current, atMs: nowMs });
    } else if (current === undefined) this.steadySince.delete(entry);
    const steadyMs = isSame ? nowMs - since.atMs : 0;
    return layersOfListener(wanted, current, steadyMs, this.room.isCrowd);
  }

  /** Makes a page produce a key frame, not more often than an encoder answers. */
  askKeyFrame(speaker: Peer, stream: PeerProducer): void {
    // With many listeners the worker asks once a second as it is.
    if (this.room.isCrowd) return;
    const { id } = stream.producer;
    const nowMs = Date.now();
    if (nowMs - (this.askedKeyFrameAt.get(id) ?? 0) < keyFrameDelayMs(false)) return;
    this.askedKeyFrameAt.set(id, nowMs);
    speaker.emit("producer:keyframe", { producerId: id });
  }

  forget(stream: PeerProducer): void {
    this.askedKeyFrameAt.delete(stream.producer.id);
  }
}
