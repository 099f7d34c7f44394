/** Rules of notices and text messages. Pure. */
import { z } from "zod";
import type { Language } from "../identity/domain.ts";

/** A notice names what happened by kind and values; the reader's page finds the words. */
export type NewNotice = {
  personIds: readonly string[];
  kind: string;
  entityType: string;
  entityId: string;
  /** Codes and counts, never clinical text. */
  detail?: Readonly<Record<string, unknown>>;
  /** The same thing is told to the same person once. */
  dedupeKey: string;
  at: Date;
};

export type NewSms = {
  /** Phone in national form. */
  phone: string;
  kind: string;
  /** Never a diagnosis, a finding or a reason: others may read along on a shared phone. */
  text: string;
  /** The same thing is sent once. */
  dedupeKey: string;
  at: Date;
  /** The house that tells; left out for what no house sends. */
  institutionId?: string | null;
  /** Who of the staff sends it, and is told when it does not arrive. */
  senderId?: string | null;
  /** Whose quiet hours hold it back when it can wait. */
  patientId?: string | null;
  /** The same news to several numbers; it has arrived when one of them has it. */
  newsKey?: string | null;
  /** The call that is made when none arrives; without it nobody is called. */
  call?: NewsCall | null;
};

/** What is said by telephone when a message does not arrive. */
export type NewsCall = { kind: CallKind; dueAt: Date; words: Readonly<Record<Language, string>> };

/** Ten short messages of 67 Chinese characters are what networks join to one. */
const maximumTextLength = 670;
const icd10Code = /\b[A-TV-Z]\d{2}(\.[0-9xX]{1,3})\b/;
const sms = z.object({
  phone: z.string().regex(/^\+?\d{5,15}$/),
  kind: z.string().regex(/^[a-z][a-z0-9-]{1,39}$/),
  text: z
    .string()
    .min(1)
    .max(maximumTextLength)
    .refine((text) => !icd10Code.test(text)),
});

/** @throws Error when the message is not one that may be sent: a mistake of ours, not of a person */
export function assertSendable(message: NewSms): void {
  if (!sms.safeParse(message).success) {
    throw new Error(`A text message of kind "${message.kind}" is not one that may be sent`);
  }
}

/** After this many minutes a message is not sent any more: a late code only confuses. */
const usefulMinutes: Readonly<Record<string, number>> = {
  "sign-in-code": 5,
  "booking-near": 20,
  "booking-passed": 60,
};
const usefulMinutesDefault = 24 * 60;

/** From when it was to be told: what quiet hours held back is not old by that. */
export function isStillUseful(
  message: { kind: string; at: Date; heldUntil?: Date | null },
  now: Date,
): boolean {
  const minutes = usefulMinutes[message.kind] ?? usefulMinutesDefault;
  const from = Math.max(message.at.getTime(), message.heldUntil?.getTime() ?? 0);
  return now.getTime() - from <= minutes * 60_000;
}

/** Sent messages are kept this long, sealed, for questions about what was sent. */
export const smsKeptDays = 30;

/** How booking news reaches a patient: by message, by a call, or by a call to whoever helps. */
export const noticeModes = ["sms", "call-me", "call-helper"] as const;
export type NoticeMode = (typeof noticeModes)[number];

/** News that somebody tells by telephone instead. A confirmation is not among them: it can wait for the post. */
export const callKinds = [
  "clinic-stopped",
  "doctor-late",
  "waitlist-offer",
  "release-booked",
  "release-missed",
  "near",
  "called",
  "passed",
  "table-moved",
  "result-corrected",
  "triage-check",
  "triage-worse",
  "triage-silent",
  "message-failed",
  "referral-unanswered",
] as const;
export type CallKind = (typeof callKinds)[number];

/** Calls that are never too late: a clock rings about them until somebody has called. */
export const callsThatStay: readonly CallKind[] = ["triage-worse", "triage-silent"];

/** A call that is to be made. `lapsed`: its time went by and saying it would only confuse. */
export const callStates = ["open", "reached", "left-with-helper", "lapsed"] as const;
export type CallState = (typeof callStates)[number];
/** Steps that exist; the table `call_task_transition` holds the same rows and a test compares. */
export const callSteps: Readonly<Record<CallState, readonly CallState[]>> = {
  open: ["reached", "left-with-helper", "lapsed"],
  reached: [],
  "left-with-helper": [],
  lapsed: [],
};

/** What came of one try. */
export const callOutcomes = ["reached", "not-reached", "left-with-helper"] as const;
export type CallOutcome = (typeof callOutcomes)[number];

/** Nobody answered: try again after so many minutes, in vain so often at most between two tries. */
export const callAgainMinutes = 15;

/** When the next try is due: in a while, but never later than the words are good for. */
export function nextTry(now: Date, dueAt: Date): Date {
  const later = new Date(now.getTime() + callAgainMinutes * 60_000);
  return later < dueAt ? later : new Date(Math.max(now.getTime(), dueAt.getTime() - 60_000));
}

/** What became of a message that somebody sent us. */
export const smsOutcomes = [
  "received",
  "confirmed",
  "cancel-asked",
  "cancelled",
  "kept",
  "place",
  "refused",
  "unknown",
  "silent",
] as const;
export type SmsOutcome = (typeof smsOutcomes)[number];

/** News for somebody who is at the site, or near it: a mobile phone that came along is better than one at home. */
export const atSiteKinds: readonly CallKind[] = ["near", "called", "passed", "table-moved"];

/**
 * Of these, what is heard where it happens: voice and screen call into the room within a minute, a telephone
 * at home does not. Who has gone out (nearly his turn) or away (was passed) hears it by telephone.
 */
export const heardThere: readonly CallKind[] = ["called", "table-moved"];

/**
 * How news reaches a patient: as he wishes; without a wish by message where a phone reads them, else by a
 * call, unless nobody is known to be called or the voice in the room says it.
 * @param number whether any number is known
 */
export function channelOf(
  mode: NoticeMode,
  kind: CallKind,
  who: { readsMessages: boolean; number: boolean },
): "message" | "call" | "voice" {
  if (mode !== "sms") return "call";
  if (who.readsMessages) return "message";
  if (heardThere.includes(kind)) return "voice";
  return who.number || !atSiteKinds.includes(kind) ? "call" : "voice";
}

/** Calls that are done or too late stay on the list this long, for questions. */
export const keptCallHours = 12;
