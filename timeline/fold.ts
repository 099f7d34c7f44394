/** The one fold of a broadcast's timeline into what is to be seen now. Pure. */
import type { Stroke } from "../sfu/protocol.ts";
import {
  type Author,
  type Entry,
  type EntryBatch,
  type EntryLanguage,
  type Question,
  type StagePerson,
  slideSurface,
  stillSurface,
} from "./entries.ts";

/** Pages keep so many lines of chat; older ones are read from the timeline. */
export const chatWindow = 200;
const pinnedMost = 5;
const cannotHearMost = 20;
/** The stage sees so many hands and the number of all. */
export const handsShown = 20;

export type ChatLine = {
  seq: number;
  at: string;
  by: Author | null;
  text: string;
  question: boolean;
};
export type Hand = {
  seq: number;
  at: string;
  /** Null where only the place in the queue is told. */
  by: Author | null;
  way: "voice" | "text";
  language: EntryLanguage;
  text: string | null;
};
export type Poll = Question & {
  open: boolean;
  results: { counts: number[]; answered: number; right: number[] | null } | null;
};

export type LiveState = {
  run: number;
  /** Everything up to here is in it. */
  seq: number;
  phase: "waiting" | "rehearsal" | "live" | "interrupted" | "ended";
  interruptedBy: "line" | "pause" | null;
  startedAt: string | null;
  slide: { deckId: string; page: number } | null;
  still: string | null;
  caseItem: { caseId: string; itemId: string } | null;
  /** Strokes by what they lie on. */
  strokes: Readonly<Record<string, readonly Stroke[]>>;
  /** Strokes of surfaces that are not here and were shown up to this entry are to be asked for. */
  strokesSince: number;
  chat: readonly ChatLine[];
  chatCount: number;
  pinned: readonly ChatLine[];
  /** In the order in which they were raised. */
  hands: readonly Hand[];
  stage: readonly StagePerson[];
  /** Who leads. */
  leadId: string | null;
  poll: Poll | null;
  captions: Readonly<Partial<Record<EntryLanguage, { at: string; text: string }>>>;
  /** Seconds between two lines of one person; 0: as usual. */
  slowModeSeconds: number;
  /** For the stage: who said that nothing is heard, newest last. */
  cannotHear: readonly { at: string; by: Author | null }[];
};

/** Before anything happened. @param run which beginning of the timeline */
export const emptyState = (run = 1): LiveState => ({
  run,
  seq: 0,
  phase: "waiting",
  interruptedBy: null,
  startedAt: null,
  slide: null,
  still: null,
  caseItem: null,
  strokes: {},
  strokesSince: 0,
  chat: [],
  chatCount: 0,
  pinned: [],
  hands: [],
  stage: [],
  leadId: null,
  poll: null,
  captions: {},
  slowModeSeconds: 0,
  cannotHear: [],
});

/** What strokes are drawn on at the moment; null: nothing is shown yet. */
export function surfaceOf(state: Pick<LiveState, "still" | "slide">): string | null {
  if (state.still) return stillSurface(state.still);
  return state.slide ? slideSurface(state.slide.deckId, state.slide.page) : null;
}

/** How many hands were raised before this one; null: it is not raised any more. */
export function placeOfHand(state: Pick<LiveState, "hands">, seq: number): number | null {
  const place = state.hands.findIndex((hand) => hand.seq === seq);
  return place < 0 ? null : place;
}

/** The hand that somebody has up. */
export const handOf = (state: Pick<LiveState, "hands">, personId: string): Hand | null =>
  state.hands.find((hand) => hand.by?.id === personId) ?? null;

/** The state after these entries, which come in order. Entries that are in it already change nothing. */
export const foldEntries = (state: LiveState, entries: readonly Entry[]): LiveState =>
  entries.reduce(foldEntry, state);

/**
 * The state after a batch that was pushed.
 * @returns null when something before it is missing, or the timeline began anew: read the state again
 */
export function foldBatch(state: LiveState, batch: EntryBatch): LiveState | null {
  if (batch.run !== state.run || batch.after > state.seq) return null;
  const next = foldEntries(state, batch.entries);
  return {
    ...next,
    chatCount: next.chatCount + (batch.through > state.seq ? batch.skippedChats : 0),
    seq: Math.max(next.seq, batch.through),
  };
}

function foldEntry(state: LiveState, entry: Entry): LiveState {
  if (entry.seq <= state.seq) return state;
  return { ...state, ...changeOf(state, entry), seq: entry.seq };
}

function changeOf(state: LiveState, entry: Entry): Partial<LiveState> {
  switch (entry.kind) {
    case "went-live":
      return {
        phase: entry.data.rehearsal ? "rehearsal" : "live",
        startedAt: entry.at,
        interruptedBy: null,
      };
    case "interrupted":
      return { phase: "interrupted", interruptedBy: entry.data.reason };
    case "resumed":
      return { phase: "live", interruptedBy: null };
    case "ended":
      return { phase: "ended", interruptedBy: null, hands: [], stage: [], leadId: null };
    case "slide":
      return { slide: entry.data, still: null, caseItem: null };
    case "still":
      return { still: entry.data.stillId, caseItem: null };
    case "case-item": {
      const { caseId, itemId } = entry.data;
      return { caseItem: itemId === null ? null : { caseId, itemId }, still: null };
    }
    case "stroke":
    case "erase":
    case "clear":
      return { strokes: { ...state.strokes, [entry.data.surface]: drawn(state, entry) } };
    case "chat":
    case "chat-removed":
    case "pin":
    case "unpin":
      return changeOfChat(state, entry);
    case "hand-raised":
      return {
        hands: [...state.hands, { seq: entry.seq, at: entry.at, by: entry.by, ...entry.data }],
      };
    case "hand-lowered":
      return { hands: state.hands.filter((hand) => hand.seq !== entry.data.of) };
    case "stage-joined": {
      const { hand: _, ...person } = entry.data;
      return {
        stage: [...state.stage.filter((one) => one.personId !== person.personId), person],
        leadId: state.leadId ?? (isLeading(person) ? person.personId : null),
      };
    }
    case "stage-left": {
      const { personId } = entry.data;
      return { stage: state.stage.filter((one) => one.personId !== personId) };
    }
    case "handover":
      return { leadId: entry.data.toPersonId };
    case "poll-opened":
    case "poll-closed":
    case "poll-results":
      return { poll: changedPoll(state.poll, entry) };
    case "caption": {
      const { language, text } = entry.data;
      return { captions: { ...state.captions, [language]: { at: entry.at, text } } };
    }
    case "notice":
      if (entry.data.code === "cannot-hear")
        return {
          cannotHear: [...state.cannotHear, { at: entry.at, by: entry.by }].slice(-cannotHearMost),
        };
      return { slowModeSeconds: entry.data.seconds ?? 0 };
  }
}

const isLeading = ({ role }: StagePerson) => role === "presenter" || role === "co-host";

type Drawing = Extract<Entry, { kind: "stroke" | "erase" | "clear" }>;
function drawn(state: LiveState, entry: Drawing): readonly Stroke[] {
  const before = state.strokes[entry.data.surface] ?? [];
  if (entry.kind === "clear") return [];
  if (entry.kind === "erase") {
    const gone = new Set(entry.data.strokeIds);
    return before.filter((stroke) => !gone.has(stroke.id));
  }
  const { stroke } = entry.data;
  return [...before.filter((one) => one.id !== stroke.id), stroke];
}

type Talk = Extract<Entry, { kind: "chat" | "chat-removed" | "pin" | "unpin" }>;
function changeOfChat(state: LiveState, entry: Talk): Partial<LiveState> {
  const without = (lines: readonly ChatLine[], seq: number) =>
    lines.filter((line) => line.seq !== seq);
  switch (entry.kind) {
    case "chat": {
      const line = { seq: entry.seq, at: entry.at, by: entry.by, ...entry.data };
      return { chat: [...state.chat, line].slice(-chatWindow), chatCount: state.chatCount + 1 };
    }
    case "chat-removed":
      return {
        chat: without(state.chat, entry.data.of),
        pinned: without(state.pinned, entry.data.of),
        chatCount: state.chatCount - 1,
      };
    case "pin": {
      const { of, text, by } = entry.data;
      const line = { seq: of, at: entry.at, by, text, question: true };
      return { pinned: [...without(state.pinned, of), line].slice(-pinnedMost) };
    }
    case "unpin":
      return { pinned: without(state.pinned, entry.data.of) };
  }
}

type Polling = Extract<Entry, { kind: "poll-opened" | "poll-closed" | "poll-results" }>;
function changedPoll(poll: Poll | null, entry: Polling): Poll | null {
  if (entry.kind === "poll-opened") return { ...entry.data, open: true, results: null };
  if (poll?.pollId !== entry.data.pollId) return poll;
  if (entry.kind === "poll-closed") return { ...poll, open: false };
  const { counts, answered, right } = entry.data;
  return { ...poll, results: { counts, answered, right } };
}

/**
 * What somebody who comes now is given: strokes of what is shown, the newest lines of chat, and of hands that
 * stand far back only their place.
 * @param own whose hand is told in full wherever it stands; null: all hands in full, for the stage
 */
export function trimState(state: LiveState, own: string | null, lines = 50): LiveState {
  const surface = surfaceOf(state);
  const strokes = surface ? { [surface]: state.strokes[surface] ?? [] } : {};
  return {
    ...state,
    strokes,
    strokesSince: state.seq,
    chat: state.chat.slice(-lines),
    hands: state.hands.map((hand, place) =>
      own === null || place < handsShown || hand.by?.id === own
        ? hand
        : { ...hand, by: null, text: null },
    ),
    cannotHear: own === null ? state.cannotHear : [],
  };
}
