import type { EntryBatch, Pointer } from "../../timeline/entries.ts";

/**
 * The one contract of the application socket (`/realtime`). It tells that something changed, never
 * what: pages read again through REST, where the reader's rights are checked. The one exception is the
 * timeline of a teaching broadcast, whose entries are told themselves to pages that may watch it.
 */
export type Changed = {
  topic:
    | "consult"
    | "opinion"
    | "attachment"
    | "notice"
    | "session"
    | "patient"
    | "appointment"
    | "queue"
    | "hotline-call"
    | "call-task"
    | "critical-value"
    | "infectious-report"
    | "fever"
    | "lab"
    | "recall"
    | "referral"
    | "surge"
    | "capacity"
    | "bed-hold"
    | "teaching"
    | "prescription"
    | "visit"
    | "invoice";
  id: string;
  /** Version of the row after the change; 0 where the topic has none. */
  version: number;
};

export type QueuePlace = {
  appointmentId: string;
  ahead: number;
  expectedAt: string;
  called: boolean;
};

/** How far the waiting room of a release is: the same for all in it, who know their own number. */
export type ReleaseProgress = {
  roomId: string;
  releaseAt: string;
  admittedTo: number;
  lastNumber: number;
  perSecond: number;
  seatsLeft: number | null;
  soldOut: boolean;
  closed: boolean;
};

/** Up to where a broadcast's timeline is told; a page that knows less reads what is between. */
export type TeachingPosition = { run: number; seq: number };

export type ServerEvents = {
  changed: (change: Changed) => void;
  /** An own place in a queue: told to each phone by itself, so that a moving queue costs no reading. */
  "queue:place": (place: QueuePlace) => void;
  "release:progress": (progress: ReleaseProgress) => void;
  /** The own number of a place in a waiting room, once it is drawn. */
  "release:place": (place: { placeId: string; number: number }) => void;
  /** What happened in the broadcast that this page watches, some five times a second at most. */
  "teaching:entries": (batch: EntryBatch) => void;
  /** Where somebody of the stage points: told, never kept. */
  "teaching:pointer": (pointer: Pointer) => void;
  /** The session was revoked or someone else took over: sign in again. */
  "session:ended": (reason: { code: string }) => void;
};

export type Acknowledgement<Data> =
  | { ok: true; data: Data }
  | { ok: false; error: { code: string; detail: string } };

export type ClientEvents = {
  /** Which consult this page shows; guests and patients may only name their own. */
  "consult:watch": (
    payload: { consultId: string },
    answer: (reply: Acknowledgement<null>) => void,
  ) => void;
  /** Which waiting room this page is in; it tells nobody's place. */
  "release:watch": (
    payload: { roomId: string },
    answer: (reply: Acknowledgement<null>) => void,
  ) => void;
  /** Which teaching broadcast this page shows, one at a time; null: none any more. */
  "teaching:watch": (
    payload: { sessionId: string | null },
    answer: (reply: Acknowledgement<TeachingPosition>) => void,
  ) => void;
  /** From speakers, in the broadcast that this page watches, ten times a second at most. */
  "teaching:pointer": (payload: { surface: string; at: [number, number] | null }) => void;
};

/** Raised whenever an old page cannot speak with a new server any more. */
export const realtimeProtocol = 1;
