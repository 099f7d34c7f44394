import { NO_LAYER, stepDemand } from "../quality/demand.ts";
import { KEY_FRAME_REQUEST_DELAY_MS } from "../transports/keyframes.ts";
import type { MediaRoom } from "./media.ts";
import type { Peer, PeerProducer } from "./peer.ts";

/** What listeners need of each picture, and how its sender is told. */
export class MediaDemand {
  private readonly room: Pick<MediaRoom, "joined" | "stage">;
  private readonly askedKeyFrameAt = new Map<string, number>();

  constructor(room: Pick<MediaRoom, "joined" | "stage">) {
    this.room = room;
  }

  /** Tells senders which layers anybody needs, if it has changed for long enough. */
  tell(nowMs: number): void {
    const needs = this.needs();
    for (const speaker of this.room.stage) {
      for (const stream of speaker.producers.values()) {
        if (stream.producer.kind !== "video") continue;
        const { state, tell } = stepDemand(stream.demand, needs.get(stream) ?? NO_LAYER, nowMs);
        stream.demand = state;
        if (tell === null) continue;
        speaker.emit("producer:layers", { producerId: stream.producer.id, maxSpatialLayer: tell });
      }
    }
  }

  /** The highest layer that anybody needs of each stream. */
  private needs(): Map<PeerProducer, number> {
    const needs = new Map<PeerProducer, number>();
    for (const listener of this.room.joined) {
      for (const { stream, held, maxSpatialLayer } of listener.consumers.values()) {
        if (held && held !== "muted") continue;
        needs.set(stream, Math.max(needs.get(stream) ?? NO_LAYER, maxSpatialLayer));
      }
    }
    return needs;
  }

  /** Makes a page produce a key frame, not more often than an encoder answers. */
  askKeyFrame(speaker: Peer, stream: PeerProducer): void {
    const { id } = stream.producer;
    const nowMs = Date.now();
    if (nowMs - (this.askedKeyFrameAt.get(id) ?? 0) < KEY_FRAME_REQUEST_DELAY_MS) return;
    this.askedKeyFrameAt.set(id, nowMs);
    speaker.emit("producer:keyframe", { producerId: id });
  }

  forget(stream: PeerProducer): void {
    this.askedKeyFrameAt.delete(stream.producer.id);
  }
}
