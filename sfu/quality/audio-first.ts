/**
 * Audio before video. One state per person and direction ("up": what this person sends, "down":
 * what is sent to this person); `step` looks at one sample of the line and says whether the video
 * level changes. Pure: no clock, no I/O; the caller passes the time and applies the action.
 *
 * The rules, in order:
 *  1. A line is bad when it loses too much, when its delay has risen (a queue is filling), or when
 *     so little bandwidth is left that video and sound would fight for it. It is tight when only
 *     full video does not fit. It is good when none of this nearly holds.
 *  2. Bad for a short while: full video goes to the lowest layer; still bad: video goes off.
 *     Tight for a while: full video goes to the lowest layer, no further.
 *  3. Good for a longer while: video comes back at the lowest layer, then in full.
 *  4. No flapping: a relapse soon after coming up doubles the wait for the next attempt, within
 *     bounds (video is back soon after a line has become good; the full picture may take longer),
 *     and video goes off or comes back at most MAX_SWITCHES times in SWITCH_WINDOW_MS. When that
 *     budget is used up, a bad line keeps the lowest layer instead of going off.
 * Sound is never touched.
 */
import type { VideoLevel } from "../protocol.ts";

/** Parts of packets lost on this hop alone. */
export const BAD_LOSS = 0.03;
export const GOOD_LOSS = 0.02;
/** Smoothing of loss over time: a second holds few packets. */
export const LOSS_SMOOTHING_MS = 2_000;
/** Rise of the round trip over the shortest one seen: a queue is filling. */
export const BAD_RTT_RISE_MS = 500;
export const GOOD_RTT_RISE_MS = 250;
/** Below this, the lowest video layer would eat into sound. */
export const LOW_NEEDS_BPS = 160_000;
/** Below this, full video does not fit. */
export const FULL_NEEDS_BPS = 350_000;
/** At the start, and after video has come up, bandwidth is being measured: it is not judged. */
export const BANDWIDTH_GRACE_MS = 6_000;
/** After a gap as long as this (a lost line), what was before says nothing. */
export const GAP_MS = 5_000;
/** So long after a lost line, counters still tell of the outage instead of the line. */
export const SETTLE_MS = 4_000;

export const BAD_HOLD_MS = 1_000;
export const STILL_BAD_HOLD_MS = 2_000;
export const TIGHT_HOLD_MS = 4_000;
export const BACK_HOLD_MS = 7_000;
export const FULL_HOLD_MS = 5_000;

export const RELAPSE_WINDOW_MS = 30_000;
/** Bounds of the factor on BACK_HOLD_MS and on FULL_HOLD_MS. */
export const MAX_BACK_BACKOFF = 2;
export const MAX_FULL_BACKOFF = 8;
export const MAX_SWITCHES = 2;
export const SWITCH_WINDOW_MS = 60_000;

export type LineSample = {
  /** Parts of packets lost on this hop; undefined when nothing was sent. */
  loss: number | undefined;
  rttMs: number | undefined;
  /** Estimated bandwidth of this direction. */
  availableBps: number | undefined;
  /** Bandwidth is what limits video at the moment. */
  limited: boolean;
};

export type AudioFirstState = {
  readonly level: VideoLevel;
  readonly startedAtMs: number;
  readonly lastSampleAtMs: number;
  /** Samples before this moment are not judged. */
  readonly settledAtMs: number;
  /** Smoothed; null before the first sample. */
  readonly loss: number | null;
  readonly shortestRttMs: number | null;
  readonly badSinceMs: number | null;
  readonly tightSinceMs: number | null;
  readonly goodSinceMs: number | null;
  readonly changedAtMs: number;
  /** When video last came up a level. */
  readonly raisedAtMs: number | null;
  /** Factor on the waits before coming back. */
  readonly backoff: number;
  /** Times at which video went off or came back. */
  readonly switchesMs: readonly number[];
};

export type AudioFirstAction = {
  level: VideoLevel;
  code: "line-video-lowered" | "line-video-off" | "line-video-back" | "line-video-full";
};

export type LineJudgement = "bad" | "tight" | "good" | "unclear";

export function initialState(nowMs: number): AudioFirstState {
  return {
    level: "full",
    startedAtMs: nowMs,
    lastSampleAtMs: nowMs,
    settledAtMs: nowMs,
    loss: null,
    shortestRttMs: null,
    badSinceMs: null,
    tightSinceMs: null,
    goodSinceMs: null,
    changedAtMs: nowMs,
    raisedAtMs: null,
    backoff: 1,
    switchesMs: [],
  };
}

/**
 * Takes in one sample (about one a second) and says what changes, if anything.
 * @param gapMs longer where samples are further apart
 */
export function step(
  before: AudioFirstState,
  sample: LineSample,
  nowMs: number,
  gapMs = GAP_MS,
): { state: AudioFirstState; action: AudioFirstAction | null } {
  const observed = observe(before, sample, nowMs, gapMs);
  const judgement = judge(observed, sample, nowMs);
  const state = keepTime(observed, judgement, nowMs);
  const action = decide(state, judgement, nowMs);
  return action ? { state: apply(state, action, nowMs), action } : { state, action: null };
}

/** The line was lost and is back: it is looked at afresh, once the outage is out of the figures. */
export function settle(state: AudioFirstState, nowMs: number): AudioFirstState {
  return {
    ...state,
    settledAtMs: nowMs + SETTLE_MS,
    loss: null,
    badSinceMs: null,
    tightSinceMs: null,
    goodSinceMs: null,
  };
}

function observe(
  before: AudioFirstState,
  sample: LineSample,
  nowMs: number,
  gapMs: number,
): AudioFirstState {
  const elapsedMs = Math.max(0, nowMs - before.lastSampleAtMs);
  const state = elapsedMs >= gapMs ? settle(before, nowMs) : before;
  if (nowMs < state.settledAtMs) return { ...state, lastSampleAtMs: nowMs };
  const weight = 1 - Math.exp(-elapsedMs / LOSS_SMOOTHING_MS);
  const lossNow = sample.loss ?? 0;
  const loss = state.loss === null ? lossNow : state.loss + weight * (lossNow - state.loss);
  const shortestRttMs =
    sample.rttMs === undefined
      ? state.shortestRttMs
      : Math.min(sample.rttMs, state.shortestRttMs ?? Number.POSITIVE_INFINITY);
  return { ...state, loss, shortestRttMs, lastSampleAtMs: nowMs };
}

/** How the line is, seen over the samples so far. */
export function judge(state: AudioFirstState, sample: LineSample, nowMs: number): LineJudgement {
  if (nowMs < state.settledAtMs) return "unclear";
  const rttRiseMs = (sample.rttMs ?? 0) - (state.shortestRttMs ?? sample.rttMs ?? 0);
  const grownAtMs = Math.max(state.startedAtMs, state.raisedAtMs ?? state.startedAtMs);
  const isMeasured = nowMs - grownAtMs >= BANDWIDTH_GRACE_MS;
  const availableBps = isMeasured && sample.limited ? (sample.availableBps ?? Infinity) : Infinity;
  const loss = state.loss ?? 0;
  if (loss >= BAD_LOSS || rttRiseMs >= BAD_RTT_RISE_MS) return "bad";
  if (availableBps < LOW_NEEDS_BPS) return "bad";
  if (availableBps < FULL_NEEDS_BPS) return "tight";
  return loss < GOOD_LOSS && rttRiseMs < GOOD_RTT_RISE_MS ? "good" : "unclear";
}

function keepTime(
  state: AudioFirstState,
  judgement: LineJudgement,
  nowMs: number,
): AudioFirstState {
  const isBad = judgement === "bad";
  const isGood = judgement === "good";
  return {
    ...state,
    badSinceMs: isBad ? (state.badSinceMs ?? nowMs) : isGood ? null : state.badSinceMs,
    tightSinceMs: isBad || judgement === "tight" ? (state.tightSinceMs ?? nowMs) : null,
    goodSinceMs: isGood ? (state.goodSinceMs ?? nowMs) : null,
  };
}

function decide(
  state: AudioFirstState,
  judgement: LineJudgement,
  nowMs: number,
): AudioFirstAction | null {
  const since = (moment: number | null) => (moment === null ? -1 : nowMs - moment);
  const sinceChangeMs = nowMs - state.changedAtMs;
  if (judgement === "bad" && state.level === "full" && since(state.badSinceMs) >= BAD_HOLD_MS) {
    return { level: "low", code: "line-video-lowered" };
  }
  if (
    judgement === "bad" &&
    state.level === "low" &&
    since(state.badSinceMs) >= BAD_HOLD_MS &&
    sinceChangeMs >= STILL_BAD_HOLD_MS &&
    switchesLeft(state, nowMs) > 0
  ) {
    return { level: "off", code: "line-video-off" };
  }
  if (
    judgement === "tight" &&
    state.level === "full" &&
    since(state.tightSinceMs) >= TIGHT_HOLD_MS
  ) {
    return { level: "low", code: "line-video-lowered" };
  }
  const goodForMs = since(state.goodSinceMs);
  if (
    state.level === "off" &&
    goodForMs >= BACK_HOLD_MS * Math.min(MAX_BACK_BACKOFF, state.backoff) &&
    switchesLeft(state, nowMs) > 0
  ) {
    return { level: "low", code: "line-video-back" };
  }
  if (state.level === "low" && Math.min(goodForMs, sinceChangeMs) >= FULL_HOLD_MS * state.backoff) {
    return { level: "full", code: "line-video-full" };
  }
  return null;
}

function switchesLeft(state: AudioFirstState, nowMs: number): number {
  return MAX_SWITCHES - recentSwitches(state, nowMs).length;
}

function recentSwitches(state: AudioFirstState, nowMs: number): number[] {
  return state.switchesMs.filter((at) => nowMs - at < SWITCH_WINDOW_MS);
}

function apply(state: AudioFirstState, action: AudioFirstAction, nowMs: number): AudioFirstState {
  const isDown = action.code === "line-video-lowered" || action.code === "line-video-off";
  const isSwitch = action.level === "off" || state.level === "off";
  const sinceRaisedMs = state.raisedAtMs === null ? Infinity : nowMs - state.raisedAtMs;
  // Going down soon after coming up was a failed attempt; going on downwards is the same one.
  const isRelapse = isDown && sinceRaisedMs < RELAPSE_WINDOW_MS;
  const isFreshFall = isDown && !isRelapse && state.level === "full";
  return {
    ...state,
    level: action.level,
    changedAtMs: nowMs,
    raisedAtMs: isDown ? (isRelapse ? null : state.raisedAtMs) : nowMs,
    backoff: isRelapse
      ? Math.min(MAX_FULL_BACKOFF, state.backoff * 2)
      : isFreshFall
        ? 1
        : state.backoff,
    switchesMs: isSwitch ? [...recentSwitches(state, nowMs), nowMs] : recentSwitches(state, nowMs),
    // A new level is judged by what comes after it.
    goodSinceMs: isDown ? null : nowMs,
  };
}
