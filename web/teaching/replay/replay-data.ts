import type { Entry } from "../../../timeline/entries.ts";
import type { Deck, ShownCase } from "../lecture.ts";

/** One way to receive a recording. */
export type ReplayVariant = {
  name: "full" | "sound";
  url: string;
  bytes: number;
  /** MIME type. */
  type: string;
};

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
  variants: readonly ReplayVariant[];
};
