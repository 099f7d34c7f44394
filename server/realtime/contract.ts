/**
 * The one contract of the application socket (`/realtime`). It tells that something changed, never
 * what: pages read again through REST, where the reader's rights are checked.
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
    | "bed-hold";
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

export type ServerEvents = {
  changed: (change: Changed) => void;
  /** An own place in a queue: told to each phone by itself, so that a moving queue costs no reading. */
  "queue:place": (place: QueuePlace) => void;
  "release:progress": (progress: ReleaseProgress) => void;
  /** The own number of a place in a waiting room, once it is drawn. */
  "release:place": (place: { placeId: string; number: number }) => void;
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
};

/** Raised whenever an old page cannot speak with a new server any more. */
export const realtimeProtocol = 1;
