/** What becomes of a text message. Pure. */

/**
 * `sent`: the gateway took it; `delivered`: the telephone has it; `unconfirmed`: a gateway that reports has not said
 * within the hour that it has; `expired`: too late to be of use.
 */
export const smsStates = [
  "held",
  "queued",
  "sent",
  "delivered",
  "failed",
  "expired",
  "unconfirmed",
] as const;
export type SmsState = (typeof smsStates)[number];

/** Steps that exist; the table `sms_transition` holds the same rows and a test compares. */
export const smsSteps: Readonly<Record<SmsState, readonly SmsState[]>> = {
  held: ["queued", "expired"],
  queued: ["sent", "delivered", "failed", "expired"],
  // A receipt may come late, and the last word of the network counts.
  sent: ["delivered", "failed", "expired", "unconfirmed"],
  delivered: [],
  failed: [],
  expired: [],
  unconfirmed: ["delivered", "failed", "expired"],
};

/** What has not arrived and will not. */
export const lostSmsStates: readonly SmsState[] = ["failed", "expired"];
