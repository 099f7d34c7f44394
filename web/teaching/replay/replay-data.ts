import type { Entry } from "../../../timeline/entries.ts";
import type { Deck, ShownCase } from "../lecture.ts";

/** One way to receive a recording. */
export type ReplayVariant = {
  name: "full" | "sound";
  /** Language of the interpreter who is heard; null: what was said in the room. */
  channel: string | null;
  url: string;
  bytes: number;
  /** MIME type. */
  type: string;
};

/** Why nothing is heard: it was not to be recorded, nobody sent anything, it could not be made, or it was deleted. */
export type Silence = "not-recorded" | "nothing-captured" | "failed" | "deleted";

/** How somebody wants to receive it. */
export type Wish = Pick<ReplayVariant, "name" | "channel">;

/** The version that fits a wish best: the way before the language, for a thin line stays thin. */
export const versionFor = (
  variants: readonly ReplayVariant[],
  { name, channel }: Wish,
): ReplayVariant | null =>
  variants.find((one) => one.name === name && one.channel === channel) ??
  variants.find((one) => one.name === name) ??
  variants[0] ??
  null;

/** A broadcast that is over: what was heard and seen, and everything that happened beside it. */
export type ReplayView = {
  sessionId: string;
  title: { zh: string; en: string | null; bo: string | null };
  presenter: string | null;
  /** When the recording begins; its zero on the timeline. */
  startedAt: string;
  durationMs: number;
  entries: readonly Entry[];
  decks: readonly Deck[];
  cases: readonly ShownCase[];
  /** None: slides, chat and drawings are replayed alone, and `silence` says why. */
  variants: readonly ReplayVariant[];
  silence: Silence | null;
};

/** What was recorded, as the server tells it. */
type Recorded = { state: string; failedReason: string | null };

/**
 * Why nothing of a broadcast is heard. Null: something is, or is still being made. Pure.
 * @param record whether it was to be recorded
 */
export function silenceOf(recordings: readonly Recorded[], record: boolean): Silence | null {
  if (recordings.some(({ state }) => ["ready", "recording", "processing"].includes(state)))
    return null;
  const last = recordings.at(-1);
  if (!last) return record ? "failed" : "not-recorded";
  if (last.state === "deleted") return "deleted";
  return last.failedReason === "nothing-captured" ? "nothing-captured" : "failed";
}
