/**
 * Turns what a page measured and what the node knows of the same hop into samples for the policy.
 * Pure. The point is to tell the hops apart: a listener also misses what the speaker's own line
 * lost, and must not lose its pictures for that.
 */
import type { QualitySample } from "../protocol.ts";
import type { LineSample } from "./audio-first.ts";

/** Fewer packets than this in an interval say nothing. */
const FEWEST_PACKETS = 20;
const SMOOTHING = 0.3;

/** What is shown and reported of one person's line; smoothed, parts of 1 and milliseconds. */
export type LineMeasure = {
  lossUp: number;
  lossDown: number;
  rttMs: number;
  jitterMs: number;
  upBps: number;
  downBps: number;
  fps: number;
  freezes: number;
  /** Audio samples since the last report to the server. */
  audioSamples: number;
  /** Of these, concealed ones that were not silence. */
  concealedSamples: number;
  /** Part of the sound of the last while that had to be made up. */
  concealedPart: number;
};

export function emptyMeasure(): LineMeasure {
  return {
    lossUp: 0,
    lossDown: 0,
    rttMs: 0,
    jitterMs: 0,
    upBps: 0,
    downBps: 0,
    fps: 0,
    freezes: 0,
    audioSamples: 0,
    concealedSamples: 0,
    concealedPart: 0,
  };
}

/** What the node knows by itself of the two hops of one person. */
export type NodeSample = {
  /** Loss from this person to the node (transport-wide feedback). */
  lossUp: number | undefined;
  /** Estimated bandwidth towards this person. */
  availableDownBps: number | undefined;
  /** Somebody's picture is sent smaller than the tile asks for. */
  limitedDown: boolean;
};

/** Loss on the speaker's own hop, by consumer id; only sound is counted. */
export type SpeakerLoss = (consumerId: string) => number | undefined;

export function uplinkSample(report: QualitySample, node: NodeSample): LineSample {
  const { rttMs, availableBps, limited } = report.uplink;
  return { loss: node.lossUp, rttMs, availableBps, limited };
}

export function downlinkSample(
  report: QualitySample,
  node: NodeSample,
  speakerLoss: SpeakerLoss,
): LineSample {
  return {
    loss: downlinkLoss(report, speakerLoss),
    rttMs: report.downlink.rttMs,
    availableBps: node.availableDownBps,
    limited: node.limitedDown,
  };
}

/** Loss towards a listener: what is missing less what was missing already when it reached us. */
export function downlinkLoss(report: QualitySample, speakerLoss: SpeakerLoss): number | undefined {
  let expected = 0;
  let lost = 0;
  for (const sample of report.downlink.consumers) {
    const upstream = speakerLoss(sample.consumerId);
    // What came when asked for again counts as received, but the line had lost it.
    const missed = Math.max(0, sample.lost, sample.nacked ?? 0);
    const packets = sample.received + Math.max(0, sample.lost);
    if (upstream === undefined || packets === 0) continue;
    expected += packets;
    lost += missed - upstream * packets;
  }
  return expected < FEWEST_PACKETS ? undefined : Math.max(0, lost / expected);
}

/** What the demo's thin line looks like to the policy. */
export const simulatedThinSample: LineSample = {
  loss: 0.06,
  rttMs: undefined,
  availableBps: 120_000,
  limited: true,
};

/** Folds one interval into what is shown of a line. */
export function foldMeasure(
  before: LineMeasure,
  report: QualitySample,
  up: LineSample,
  down: LineSample,
): LineMeasure {
  const smooth = (old: number, value: number | undefined) =>
    value === undefined ? old : old + SMOOTHING * (value - old);
  const { consumers } = report.downlink;
  const sum = (pick: (sample: (typeof consumers)[number]) => number | undefined) =>
    consumers.reduce((total, sample) => total + (pick(sample) ?? 0), 0);
  const worst = (pick: (sample: (typeof consumers)[number]) => number) =>
    consumers.reduce((highest, sample) => Math.max(highest, pick(sample)), 0);
  const samples = sum((sample) => sample.samples);
  const concealed = sum((sample) =>
    Math.max(0, (sample.concealed ?? 0) - (sample.silentConcealed ?? 0)),
  );
  const rttMs = Math.max(report.uplink.rttMs ?? 0, report.downlink.rttMs ?? 0);
  return {
    lossUp: smooth(before.lossUp, up.loss),
    lossDown: smooth(before.lossDown, down.loss),
    rttMs: smooth(before.rttMs, rttMs || undefined),
    jitterMs: smooth(
      before.jitterMs,
      worst((sample) => sample.jitterMs),
    ),
    upBps: smooth(before.upBps, report.uplink.bitrateBps),
    downBps: smooth(
      before.downBps,
      sum((sample) => sample.bitrateBps),
    ),
    fps: smooth(
      before.fps,
      worst((sample) => sample.fps ?? 0),
    ),
    freezes: before.freezes + sum((sample) => sample.freezes),
    audioSamples: before.audioSamples + samples,
    concealedSamples: before.concealedSamples + concealed,
    concealedPart: smooth(before.concealedPart, samples > 0 ? concealed / samples : undefined),
  };
}
