/** How urgent a notice is, and what may wait. Pure. Source: domain.md "Tiered care" (digest, quiet hours). */
export const noticeUrgencies = ["emergency", "urgent", "routine"] as const;
export type NoticeUrgency = (typeof noticeUrgencies)[number];

/** Why a notice lies here: its reader's quiet hours, or the next message that gathers routine clocks. */
export const noticeHolds = ["quiet", "digest"] as const;
export type NoticeHold = (typeof noticeHolds)[number];

/** Kinds that are an emergency whatever the thing itself is. */
const emergencies: readonly string[] = [
  "consult-emergency",
  "referral-emergency",
  "critical-value-open",
  "critical-value-overdue",
  "triage-worse",
];

/** News that can wait until morning. What is not named here never waits: a new kind is told at once. */
const canWait: readonly string[] = [
  "consult-submitted",
  "consult-assigned",
  "consult-accepted",
  "consult-scheduled",
  "consult-declined",
  "consult-more-asked",
  "opinion-ready",
  "infectious-report-filed",
  "critical-value-received",
  "critical-value-acted",
  "referral-submitted",
  "referral-accepted",
  "referral-returned",
  "referral-redirected",
  "referral-converted",
  "referral-advised",
  "referral-more-info",
  "referral-booked",
  "referral-arrived",
  "referral-admitted",
  "referral-no-show",
  "referral-seat-lost",
  "referral-cancel-asked",
  "referral-cancelled",
  "referral-expired",
  "referral-declined",
  "referral-agreed",
  "referral-department-closed",
  "referral-message",
  "referral-sent-down",
  "referral-taken-on",
  "referral-closed",
  "message-lost",
  "message-unconfirmed",
  "teaching-asked",
  "teaching-review-asked",
  "teaching-case-approved",
  "teaching-case-returned",
  "teaching-certificate",
  "teaching-live",
  "teaching-moved",
  "teaching-cancelled",
];

/** Routine clocks: told together, at set times of the house's working day. */
const gathered: readonly string[] = [
  "referral-overdue",
  "referral-not-booked",
  "referral-not-come",
  "follow-up-missed",
  "teaching-planned",
];

const isUrgency = (value: unknown): value is NoticeUrgency =>
  noticeUrgencies.includes(value as NoticeUrgency);

/** @param ofThing how urgent the referral or consult itself is; null where it has no such thing */
export function urgencyOf(
  kind: string,
  detail: Readonly<Record<string, unknown>>,
  ofThing: string | null,
): NoticeUrgency {
  if (emergencies.includes(kind)) return "emergency";
  if (isUrgency(detail.urgency)) return detail.urgency;
  if (isUrgency(ofThing)) return ofThing;
  return canWait.includes(kind) || gathered.includes(kind) ? "routine" : "urgent";
}

/**
 * Whether a notice waits, and for what. An escalation never does: the desk's own clock is gathered, whoever
 * is over it is told at once.
 */
export function holdOf(
  kind: string,
  detail: Readonly<Record<string, unknown>>,
  urgency: NoticeUrgency,
): NoticeHold | null {
  if (urgency !== "routine") return null;
  if (kind === "referral-overdue" && detail.rung !== "desk") return null;
  if (gathered.includes(kind)) return "digest";
  return canWait.includes(kind) ? "quiet" : null;
}

/** Messages to a patient's telephone that can wait until morning. What he waits for, or asked for, never does. */
const smsThatWaits: readonly string[] = ["opinion-ready", "triage-check", "result-corrected"];

export const smsWaits = (kind: string): boolean => smsThatWaits.includes(kind);
