import type { VideoLevel } from "../protocol.ts";

/** How a line is told: in words, translated by the page. */
export const lineWords = ["good", "fair", "thin", "gone"] as const;
export type LineWord = (typeof lineWords)[number];

/** A line with more loss or delay than this is only "fair". */
const FAIR_LOSS = 0.02;
const FAIR_RTT_MS = 350;

export type LineState = {
  away: boolean;
  up: VideoLevel;
  down: VideoLevel;
  /** Parts of 1. */
  lossUp: number;
  lossDown: number;
  rttMs: number;
};

/** One word for one person's line; "thin" means that sound is being protected. */
export function lineWord(state: LineState): LineWord {
  if (state.away) return "gone";
  if (state.up !== "full" || state.down !== "full") return "thin";
  const loss = Math.max(state.lossUp, state.lossDown);
  return loss > FAIR_LOSS || state.rttMs > FAIR_RTT_MS ? "fair" : "good";
}
