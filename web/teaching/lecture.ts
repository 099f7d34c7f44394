import { createContext, type ReactNode, useContext } from "react";
import type { SessionView } from "../../server/teaching/contract.ts";
import type { Choice, EntryLanguage } from "../../timeline/entries.ts";
import type { LiveState } from "../../timeline/fold.ts";
import type { StaffView } from "../api/session.ts";
import type { ListenWay, RoomClient, RoomState, Stroke } from "../room/media/index.ts";
import type { Pointing } from "./sheet.tsx";

export type DeckPage = {
  page: number;
  title: string | null;
  width: number;
  height: number;
  /** Addresses of the picture: as it is, and for a thin line. */
  full: string;
  thin: string;
};
export type Deck = {
  id: string;
  name: string;
  /** Shown from now on; older ones stay for what was drawn on them. */
  current: boolean;
  pages: readonly DeckPage[];
};

export type PlannedPoll = {
  id: string;
  question: string;
  options: readonly string[];
  quiz: boolean;
  /** So many have answered; null before it was opened. */
  answered: number | null;
};
export type NewPoll = {
  question: string;
  options: string[];
  choice: Choice;
  quiz: boolean;
  right: number[];
};

/** A de-identified case as everybody sees it. */
export type ShownCase = {
  id: string;
  title: string;
  who: string;
  place: string;
  items: readonly {
    id: string;
    title: string;
    lines: readonly {
      text: string;
      value: string | null;
      day: string | null;
      flag: string | null;
    }[];
    /** Addresses of its picture: as it is, and for a thin line. */
    picture: { full: string; thin: string } | null;
  }[];
};

/** What may be done in a broadcast. The server says no to who may not. */
export type Acts = {
  /** Does something and keeps what went wrong for the page to show. */
  run(act: () => Promise<unknown>): void;
  problem: unknown;
  showSlide(deckId: string, page: number): Promise<unknown>;
  showStill(stillId: string | null): Promise<unknown>;
  showCase(caseId: string, itemId: string | null): Promise<unknown>;
  stroke(surface: string, stroke: Stroke): Promise<unknown>;
  erase(surface: string, strokeIds: string[]): Promise<unknown>;
  clear(surface: string): Promise<unknown>;
  point(surface: string, at: [number, number] | null): void;
  say(text: string, question: boolean): Promise<unknown>;
  pin(seq: number): Promise<unknown>;
  unpin(seq: number): Promise<unknown>;
  removeLine(seq: number): Promise<unknown>;
  raiseHand(hand: {
    way: "voice" | "text";
    language: EntryLanguage;
    text: string | null;
  }): Promise<unknown>;
  lowerHand(seq: number, reason: "own" | "host"): Promise<unknown>;
  caption(language: EntryLanguage, text: string): Promise<unknown>;
  promote(hand: number): Promise<unknown>;
  demote(personId: string): Promise<unknown>;
  handOver(personId: string): Promise<unknown>;
  openPoll(pollId: string): Promise<unknown>;
  askPoll(poll: NewPoll): Promise<unknown>;
  closePoll(pollId: string): Promise<unknown>;
  /** @param isOpen it is closed first */
  showResults(pollId: string, isOpen: boolean): Promise<unknown>;
  answer(pollId: string, answer: { options: number[] } | { counts: number[] }): Promise<unknown>;
  cannotHear(): Promise<unknown>;
  rehearse(): Promise<unknown>;
  goLive(): Promise<unknown>;
  end(): Promise<unknown>;
};

/** A broadcast as one page sees it. */
export type Lecture = {
  session: SessionView;
  me: StaffView;
  live: LiveState;
  room: RoomState;
  client: RoomClient;
  decks: readonly Deck[];
  cases: readonly ShownCase[];
  polls: readonly PlannedPoll[];
  /** Polls that were answered from here. */
  answered: ReadonlySet<string>;
  pointers: readonly (Pointing & { surface: string })[];
  acts: Acts;
  /** Many people in front of this one screen. */
  asSite: boolean;
  setWay(way: ListenWay): void;
  /** In a large audience: the stream's picture, in place of the stage's. */
  picture: ReactNode;
};

export const LectureContext = createContext<Lecture | null>(null);

export function useLecture(): Lecture {
  const lecture = useContext(LectureContext);
  if (!lecture) throw new Error("useLecture needs a lecture");
  return lecture;
}

/** The page of a deck that is shown; null: nothing yet, or a deck that was taken away. */
export function shownPage(
  decks: readonly Deck[],
  slide: LiveState["slide"],
): { deck: Deck; page: DeckPage } | null {
  const deck = decks.find((one) => one.id === slide?.deckId);
  const page = deck?.pages.find((one) => one.page === slide?.page);
  return deck && page ? { deck, page } : null;
}
