/**
 * The timeline of a teaching broadcast: everything that happens in it beside sound and picture, in one
 * order. Pages, the server and the replay read the same entries and fold them with the same function
 * (fold.ts). Types and constants only; nothing here knows a database, a socket or a page.
 */
import type { Source, Stroke } from "../sfu/protocol.ts";

export const languages = ["zh-CN", "bo", "en"] as const;
export type EntryLanguage = (typeof languages)[number];

/** Who did it, as it is shown; null: the server by itself. */
export type Author = { id: string; name: string; org: string };

export const stageRoles = ["presenter", "co-host", "panel", "interpreter", "guest"] as const;
/** A guest is a listener who was asked to the stage. */
export type StageRole = (typeof stageRoles)[number];

export type StagePerson = {
  personId: string;
  name: string;
  org: string;
  role: StageRole;
  /** The name under which the media node knows the device. */
  sub: string;
  pub: Source[];
};

export const choices = ["single", "multiple"] as const;
export type Choice = (typeof choices)[number];

export type Question = {
  pollId: string;
  question: string;
  options: string[];
  choice: Choice;
  /** It has right answers and counts for the score. */
  quiz: boolean;
};

export const noticeCodes = ["slow-mode", "slow-mode-over", "cannot-hear"] as const;
export type NoticeCode = (typeof noticeCodes)[number];

/** What each kind of entry carries. A line of chat and a raised hand are named by their `seq`. */
export type EntryData = {
  "went-live": { rehearsal: boolean };
  /** The presenter's line broke, or somebody asked for a pause. */
  interrupted: { reason: "line" | "pause" };
  resumed: Record<string, never>;
  ended: Record<string, never>;
  slide: { deckId: string; page: number };
  /** A still lies over the slides; null: the slides again. */
  still: { stillId: string | null };
  /** An item of a de-identified case, by id; null: the slides again. */
  "case-item": { caseId: string; itemId: string | null };
  stroke: { surface: string; stroke: Stroke };
  erase: { surface: string; strokeIds: string[] };
  clear: { surface: string };
  chat: { text: string; question: boolean };
  "chat-removed": { of: number };
  /** It repeats what it pins: pages keep only the newest lines. */
  pin: { of: number; text: string; by: Author | null };
  unpin: { of: number };
  "hand-raised": { way: "voice" | "text"; language: EntryLanguage; text: string | null };
  "hand-lowered": { of: number; reason: "own" | "host" | "called" };
  "stage-joined": StagePerson & { hand: number | null };
  "stage-left": { personId: string };
  "poll-opened": Question;
  "poll-closed": { pollId: string };
  "poll-results": { pollId: string; counts: number[]; answered: number; right: number[] | null };
  /** Who leads from now on; by itself when the line of who led was lost. */
  handover: { toPersonId: string; toName: string; byItself: boolean };
  caption: { language: EntryLanguage; text: string };
  notice: { code: NoticeCode; seconds: number | null };
};
export type EntryKind = keyof EntryData;

export type Entry = {
  [Kind in EntryKind]: {
    /** From 1 without a gap within a session; entries for the stage alone are not sent to others. */
    seq: number;
    /** ISO 8601, UTC. */
    at: string;
    by: Author | null;
    kind: Kind;
    data: EntryData[Kind];
  };
}[EntryKind];

export const entryKinds = [
  "went-live",
  "interrupted",
  "resumed",
  "ended",
  "slide",
  "still",
  "case-item",
  "stroke",
  "erase",
  "clear",
  "chat",
  "chat-removed",
  "pin",
  "unpin",
  "hand-raised",
  "hand-lowered",
  "stage-joined",
  "stage-left",
  "poll-opened",
  "poll-closed",
  "poll-results",
  "handover",
  "caption",
  "notice",
] as const satisfies readonly EntryKind[];

/** Who may write what by himself; everything else is written by the server as a step is taken. */
export const writtenByStage = ["slide", "still", "case-item", "stroke", "erase", "clear"] as const;
export const writtenByLead = ["chat-removed", "pin", "unpin"] as const;
export const writtenByAll = ["chat", "hand-raised", "hand-lowered"] as const;
export const writtenByInterpreter = ["caption"] as const;

/** What lies under strokes: a page of slides, or a still. */
export const slideSurface = (deckId: string, page: number): string => `slide:${deckId}:${page}`;
export const stillSurface = (stillId: string): string => `still:${stillId}`;

/**
 * What is pushed to pages: all entries after `after` up to and with `through`, but for those that are not
 * for this page and for chat beyond what anybody reads (`skippedChats`; the timeline has it). A page whose
 * `seq` is below `after`, or that knows another `run`, was away and reads again.
 */
export type EntryBatch = {
  sessionId: string;
  /** Rises when the timeline begins anew after a rehearsal. */
  run: number;
  after: number;
  through: number;
  entries: Entry[];
  skippedChats: number;
};

/** Where somebody of the stage points: parts of the picture's width and height; null: nowhere. */
export type Pointer = {
  sessionId: string;
  personId: string;
  name: string;
  surface: string;
  at: [number, number] | null;
};
