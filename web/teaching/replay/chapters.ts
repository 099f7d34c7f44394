/** A replay's clock and its timeline: which slide, which words belong to which second. Pure. */
import type { Entry } from "../../../timeline/entries.ts";
import { emptyState, foldEntries, type LiveState } from "../../../timeline/fold.ts";

/** Where a slide lay for less, it was only leafed through. */
const leastShownMs = 3000;

export type Chapter = { atMs: number; deckId: string; page: number };
export type Line = {
  atMs: number;
  seq: number;
  name: string;
  org: string;
  text: string;
  isQuestion: boolean;
};

/** Entries as parts of the recording: when it began is its zero. What was said before belongs to its first second. */
const offsetOf = (entry: Entry, startedAt: number): number =>
  Math.max(0, Date.parse(entry.at) - startedAt);

/** Slides in the order in which they were shown; leafing and a page shown twice in a row are no chapter. */
export function chaptersOf(entries: readonly Entry[], startedAt: number): Chapter[] {
  const shown = entries
    .filter((entry) => entry.kind === "slide")
    .map((entry) => ({ atMs: offsetOf(entry, startedAt), ...entry.data }));
  const lasting = shown.filter((slide, index) => {
    const next = shown[index + 1];
    return !next || next.atMs - slide.atMs >= leastShownMs;
  });
  return lasting.filter(
    (slide, index) =>
      slide.page !== lasting[index - 1]?.page || slide.deckId !== lasting[index - 1]?.deckId,
  );
}

/** The chapter that plays; -1 before the first. */
export function chapterAt(chapters: readonly Chapter[], atMs: number): number {
  return chapters.findLastIndex((chapter) => chapter.atMs <= atMs);
}

/** What was written, without what was removed. */
export function linesOf(entries: readonly Entry[], startedAt: number): Line[] {
  const removed = new Set(
    entries.flatMap((entry) => (entry.kind === "chat-removed" ? [entry.data.of] : [])),
  );
  return entries.flatMap((entry) =>
    entry.kind === "chat" && !removed.has(entry.seq)
      ? [
          {
            atMs: offsetOf(entry, startedAt),
            seq: entry.seq,
            name: entry.by?.name ?? "",
            org: entry.by?.org ?? "",
            text: entry.data.text,
            isQuestion: entry.data.question,
          },
        ]
      : [],
  );
}

/** Lines with all of these words, whoever wrote them; none asked for: all. */
export function findLines(lines: readonly Line[], search: string): readonly Line[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return lines;
  return lines.filter((line) => {
    const text = `${line.text} ${line.name} ${line.org}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/**
 * What was seen at any moment. Forward it folds only what is new; backward it begins anew. Chat is left out:
 * it stands beside by itself, and ten thousand lines need no fold.
 */
export function createReel(entries: readonly Entry[], startedAt: number) {
  const seen = entries.filter((entry) => !["chat", "chat-removed"].includes(entry.kind));
  const offsets = seen.map((entry) => offsetOf(entry, startedAt));
  let state = emptyState();
  let next = 0;
  return (atMs: number): LiveState => {
    if (next > 0 && offsets[next - 1]! > atMs) {
      state = emptyState();
      next = 0;
    }
    let until = next;
    while (until < seen.length && offsets[until]! <= atMs) until += 1;
    if (until > next) {
      state = foldEntries(state, seen.slice(next, until));
      next = until;
    }
    return state;
  };
}
