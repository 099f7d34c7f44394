import type { Callbacks } from "../callbacks.ts";
import type { QualitySample } from "../protocol.ts";
import type { Peer } from "../rooms/peer.ts";
import type { Room } from "../rooms/room.ts";
import { type AudioFirstAction, BAD_LOSS, type LineSample, settle, step } from "./audio-first.ts";
import {
  downlinkSample,
  foldMeasure,
  type NodeSample,
  simulatedThinSample,
  uplinkSample,
} from "./samples.ts";
import { lineWord } from "./words.ts";

const REPORT_EVERY_MS = 10_000;
/** A listener's interval may have begun while the speaker's line still settled. */
const SPEAKER_SETTLE_MS = 1_500;

/**
 * Watches every person's line: merges what the page reports with what the node measures, runs the
 * audio-first policy for both directions, applies and tells its decisions, and sums up for the
 * server.
 */
export class LineMonitor {
  private readonly room: Room;
  private readonly callbacks: Callbacks;
  private readonly reporting: NodeJS.Timeout;
  /** Loss on each speaker's own hop, by peer id; from the latest look at its transport. */
  private readonly lossUp = new Map<string, number>();

  constructor(room: Room, callbacks: Callbacks) {
    this.room = room;
    this.callbacks = callbacks;
    this.reporting = setInterval(() => this.reportAll(), REPORT_EVERY_MS);
  }

  close(): void {
    clearInterval(this.reporting);
  }

  /** A person's path was lost and is looked for anew: what the outage did is not held against it. */
  settle(peer: Peer): void {
    const nowMs = Date.now();
    peer.up = settle(peer.up, nowMs);
    peer.down = settle(peer.down, nowMs);
  }

  /** Takes in one measurement of a page (about one a second). */
  async take(peer: Peer, report: QualitySample): Promise<void> {
    const node = await this.look(peer);
    if (peer.state !== "joined") return;
    const nowMs = Date.now();
    const up = uplinkSample(report, node);
    const down = downlinkSample(report, node, (consumerId) => {
      const entry = peer.consumers.get(consumerId);
      if (entry?.consumer.kind !== "audio") return undefined;
      const { speaker } = entry;
      // A speaker's outage leaves a gap that has nothing to do with this listener's line.
      if (!speaker.socket || nowMs < speaker.up.settledAtMs + SPEAKER_SETTLE_MS) return undefined;
      return this.lossUp.get(speaker.id) ?? 0;
    });
    peer.measure = foldMeasure(peer.measure, report, up, down);
    this.welcome(peer, down);
    this.judge(peer, "up", up, nowMs);
    this.judge(peer, "down", down, nowMs);
    this.room.tellPeer(peer);
  }

  /** Lets pictures grow once a new line has shown that it carries what it has got so far. */
  private welcome(peer: Peer, down: LineSample): void {
    const wasNew = peer.routing.isNewLine;
    if (!wasNew) return;
    peer.samples++;
    if ((down.loss ?? 0) < BAD_LOSS) peer.goodSamples++;
    else peer.goodSamples = 0;
    if (!peer.routing.isNewLine) void this.room.media.syncAll();
  }

  private judge(peer: Peer, direction: "up" | "down", sample: LineSample, nowMs: number): void {
    const seen = peer.simulatesThinLine ? simulatedThinSample : sample;
    const { state, action } = step(peer[direction], seen, nowMs);
    peer[direction] = state;
    if (action) this.apply(peer, direction, action);
  }

  private apply(peer: Peer, direction: "up" | "down", action: AudioFirstAction): void {
    const notice = { code: action.code, direction, peerId: peer.id };
    peer.emit("line:notice", notice);
    // The other side is told, too: with the uplink all miss the picture, with the downlink all
    // should know that they are not seen.
    this.room.broadcast("line:notice", notice, peer);
    void this.room.media.syncAll();
  }

  private async look(peer: Peer): Promise<NodeSample> {
    const [send, recv] = await Promise.all([
      peer.send?.getStats().catch(() => []),
      peer.recv?.getStats().catch(() => []),
    ]);
    const lossUp = send?.[0]?.rtpPacketLossReceived;
    if (lossUp !== undefined) this.lossUp.set(peer.id, lossUp);
    let limitedDown = false;
    for (const { consumer, stream, held, maxSpatialLayer } of peer.consumers.values()) {
      if (held || stream.source !== "video" || stream.producer.paused) continue;
      const current = consumer.currentLayers?.spatialLayer ?? -1;
      if (current < Math.min(maxSpatialLayer, stream.demand.told)) limitedDown = true;
    }
    return { lossUp, availableDownBps: recv?.[0]?.availableOutgoingBitrate, limitedDown };
  }

  private reportAll(): void {
    for (const peer of this.room.joined) {
      const { measure } = peer;
      const { lossUp, lossDown, rttMs } = measure;
      const away = peer.socket === null;
      this.callbacks.push({
        room: this.room.id,
        type: "quality",
        peer: peer.event,
        data: {
          line: lineWord({
            away,
            up: peer.up.level,
            down: peer.down.level,
            lossUp,
            lossDown,
            rttMs,
          }),
          videoUp: peer.up.level,
          videoDown: peer.down.level,
          lossUp: round(lossUp),
          lossDown: round(lossDown),
          rttMs: Math.round(rttMs),
          jitterMs: Math.round(measure.jitterMs),
          upBps: Math.round(measure.upBps),
          downBps: Math.round(measure.downBps),
          fps: Math.round(measure.fps),
          freezes: measure.freezes,
          concealed: measure.audioSamples
            ? round(measure.concealedSamples / measure.audioSamples)
            : null,
        },
      });
      peer.measure = { ...measure, freezes: 0, audioSamples: 0, concealedSamples: 0 };
    }
  }
}

function round(part: number): number {
  return Math.round(part * 10_000) / 10_000;
}
