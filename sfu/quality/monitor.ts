import type { Callbacks } from "../callbacks.ts";
import type { QualitySample } from "../protocol.ts";
import { qualityBySite } from "../rooms/audience.ts";
import type { Peer } from "../rooms/peer.ts";
import type { Room } from "../rooms/room.ts";
import {
  type AudioFirstAction,
  BAD_LOSS,
  GAP_MS,
  type LineSample,
  settle,
  step,
} from "./audio-first.ts";
import {
  downlinkSample,
  foldMeasure,
  type NodeSample,
  simulatedThinSample,
  uplinkSample,
} from "./samples.ts";

const REPORT_EVERY_MS = 10_000;
/** A listener's interval may have begun while the speaker's line still settled. */
const SPEAKER_SETTLE_MS = 1_500;
/** An audience reports every 5 s while all is well. */
const AUDIENCE_GAP_MS = 12_000;

/**
 * Watches every person's line: merges what the page reports with what the node measures, runs the
 * audio-first policy for both directions, applies and tells its decisions, and sums up for the
 * server.
 */
export class LineMonitor {
  private readonly room: Room;
  private readonly callbacks: Callbacks;
  private readonly reporting: NodeJS.Timeout;
  /** Loss on each speaker's own hop; from the latest look at its transport. */
  private readonly lossUp = new WeakMap<Peer, number>();

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
      return this.lossUp.get(speaker) ?? 0;
    });
    peer.measure = foldMeasure(peer.measure, report, up, down);
    this.welcome(peer, down);
    // An audience sends nothing that could be held back.
    if (peer.isOnStage) this.judge(peer, "up", up, nowMs);
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
    if (!peer.routing.isNewLine) this.sync(peer);
  }

  private judge(peer: Peer, direction: "up" | "down", sample: LineSample, nowMs: number): void {
    const seen = peer.simulatesThinLine ? simulatedThinSample : sample;
    const gapMs = peer.isOnStage ? GAP_MS : AUDIENCE_GAP_MS;
    const { state, action } = step(peer[direction], seen, nowMs, gapMs);
    peer[direction] = state;
    if (action) this.apply(peer, direction, action);
  }

  private apply(peer: Peer, direction: "up" | "down", action: AudioFirstAction): void {
    const notice = { code: action.code, direction, peerId: peer.id };
    peer.emit("line:notice", notice);
    this.room.tellWay(peer);
    this.sync(peer);
    if (!peer.isOnStage) return;
    // The other side is told, too: with the uplink all miss the picture, with the downlink all
    // should know that they are not seen.
    this.room.broadcast("line:notice", notice, peer);
  }

  /** What a listener's line allows is their own matter, what a speaker's does that of all. */
  private sync(peer: Peer): void {
    if (peer.isOnStage) void this.room.media.syncAll();
    else void this.room.media.syncListener(peer);
  }

  private async look(peer: Peer): Promise<NodeSample> {
    const limitedDown = [...peer.consumers.values()].some(
      ({ consumer, stream, held, maxSpatialLayer }) =>
        !held &&
        stream.source === "video" &&
        // A picture of one size is sent whole or not at all, and has no layers to tell of.
        stream.producer.layers > 1 &&
        !stream.producer.paused &&
        (consumer.currentLayers?.spatialLayer ?? -1) <
          Math.min(maxSpatialLayer, stream.demand.told),
    );
    // Bandwidth counts only where it limits (`judge`): else the worker need not be asked, for an
    // audience of hundreds at every report.
    const [send, recv] = await Promise.all([
      peer.isOnStage ? peer.send?.getStats().catch(() => []) : undefined,
      limitedDown ? peer.recv?.getStats().catch(() => []) : undefined,
    ]);
    const lossUp = send?.[0]?.rtpPacketLossReceived;
    if (lossUp !== undefined) this.lossUp.set(peer, lossUp);
    return { lossUp, availableDownBps: recv?.[0]?.availableOutgoingBitrate, limitedDown };
  }

  private reportAll(): void {
    const { auditorium } = this.room;
    if (auditorium && auditorium.audience.size > 0) {
      this.room.report("audience-quality", null, qualityBySite(auditorium.figures()));
      for (const peer of auditorium.audience) resetMeasure(peer);
    }
    for (const peer of this.room.stage) {
      const { measure } = peer;
      const { lossUp, lossDown, rttMs } = measure;
      this.callbacks.push({
        room: this.room.id,
        type: "quality",
        peer: peer.event,
        data: {
          org: peer.claims.org,
          line: peer.line,
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
      resetMeasure(peer);
    }
  }
}

/** What is counted from one report to the next. */
function resetMeasure(peer: Peer): void {
  peer.measure = { ...peer.measure, freezes: 0, audioSamples: 0, concealedSamples: 0 };
}

function round(part: number): number {
  return Math.round(part * 10_000) / 10_000;
}
