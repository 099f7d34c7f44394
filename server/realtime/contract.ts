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
    | "critical-value"
    | "infectious-report";
  id: string;
  /** Version of the row after the change; 0 where the topic has none. */
  version: number;
};

export type ServerEvents = {
  changed: (change: Changed) => void;
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
};

/** Raised whenever an old page cannot speak with a new server any more. */
export const realtimeProtocol = 1;
