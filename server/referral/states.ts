/**
 * State machines of a referral (双向转诊), up and down. Pure. Source: domain.md "Tiered care"; the shape of
 * cancelling, no-show and declining after acceptance is that of HL7 360X / BSeR 2.0.
 */
import { DomainError } from "../errors/domain-error.ts";

export const referralDirections = ["up", "down"] as const;
export type ReferralDirection = (typeof referralDirections)[number];

export const referralStates = [
  "draft",
  "patient-consented",
  "submitted",
  "more-info-asked",
  "accepted",
  "returned",
  "redirected",
  "converted",
  "advised",
  "booked",
  "on-the-way",
  "no-show",
  "cancel-asked",
  "arrived",
  "admitted",
  "ready-for-down",
  "sent-down",
  "continued-in-community",
  "closed",
  "expired",
  "cancelled",
] as const;
export type ReferralState = (typeof referralStates)[number];

/** Who takes a step: the house that refers, the one that is asked, the patient, or a clock of ours. */
export const referralSides = ["from", "to", "patient", "system"] as const;
export type ReferralSide = (typeof referralSides)[number];

export const referralActions = {
  agree: { sides: ["from", "patient"], permission: "referral.request" },
  withdraw: { sides: ["from", "patient"], permission: "referral.request" },
  submit: { sides: ["from"], permission: "referral.request" },
  askMore: { sides: ["to"], permission: "referral.desk" },
  answerMore: { sides: ["from"], permission: "referral.request" },
  accept: { sides: ["to"], permission: "referral.desk" },
  return: { sides: ["to"], permission: "referral.desk" },
  redirect: { sides: ["to"], permission: "referral.desk" },
  convert: { sides: ["to"], permission: "referral.desk" },
  advise: { sides: ["to"], permission: "referral.desk" },
  book: { sides: ["to"], permission: "referral.desk" },
  /** The clinic stopped, or the number was cancelled where it was booked: the desk finds another. */
  loseSeat: { sides: ["system"], permission: null },
  /** After accepting: the held number or bed goes back. */
  handBack: { sides: ["to"], permission: "referral.desk" },
  setOff: { sides: ["from", "patient"], permission: "referral.request" },
  arrive: { sides: ["to"], permission: "referral.desk" },
  /** The desk says so, or the clinic where the number was booked. */
  markNoShow: { sides: ["to", "system"], permission: "referral.desk" },
  admit: { sides: ["to"], permission: "referral.desk" },
  readyForDown: { sides: ["to"], permission: "referral.ward" },
  keep: { sides: ["to"], permission: "referral.ward" },
  /** Of a down-referral: the patient left the ward, after the community had said yes. */
  discharge: { sides: ["from"], permission: "referral.ward" },
  /** Of the way up, when its way down is discharged; the database takes both at once. */
  sendDown: { sides: ["system"], permission: null },
  /** Of a way down: the community has the patient. The way up follows. */
  takeOn: { sides: ["to", "system"], permission: "referral.desk" },
  askCancel: { sides: ["from", "patient"], permission: "referral.request" },
  confirmCancel: { sides: ["to"], permission: "referral.desk" },
  refuseCancel: { sides: ["to"], permission: "referral.desk" },
  cancel: { sides: ["from"], permission: "referral.request" },
  revise: { sides: ["from"], permission: "referral.request" },
  conclude: { sides: ["to", "from", "system"], permission: "referral.desk" },
  expire: { sides: ["system"], permission: null },
} as const satisfies Record<
  string,
  {
    sides: readonly ReferralSide[];
    permission: "referral.request" | "referral.desk" | "referral.ward" | null;
  }
>;
export type ReferralAction = keyof typeof referralActions;

type Steps = Record<ReferralState, Partial<Record<ReferralAction, ReferralState>>>;

const begin = {
  draft: { agree: "patient-consented", submit: "submitted", cancel: "cancelled" },
  "patient-consented": { submit: "submitted", withdraw: "draft", cancel: "cancelled" },
  "more-info-asked": {
    answerMore: "submitted",
    return: "returned",
    cancel: "cancelled",
    withdraw: "cancelled",
    expire: "expired",
  },
  returned: { revise: "draft", conclude: "closed" },
  redirected: {},
  converted: {},
  advised: { conclude: "closed" },
  closed: {},
  expired: { revise: "draft" },
  cancelled: {},
} as const satisfies Partial<Steps>;

const up: Steps = {
  ...begin,
  submitted: {
    askMore: "more-info-asked",
    accept: "accepted",
    return: "returned",
    redirect: "redirected",
    convert: "converted",
    advise: "advised",
    // An emergency starts without acceptance.
    setOff: "on-the-way",
    arrive: "arrived",
    cancel: "cancelled",
    withdraw: "cancelled",
    expire: "expired",
  },
  accepted: {
    book: "booked",
    handBack: "returned",
    redirect: "redirected",
    setOff: "on-the-way",
    arrive: "arrived",
    askCancel: "cancel-asked",
    expire: "expired",
  },
  booked: {
    book: "booked",
    setOff: "on-the-way",
    arrive: "arrived",
    markNoShow: "no-show",
    loseSeat: "accepted",
    handBack: "returned",
    redirect: "redirected",
    askCancel: "cancel-asked",
  },
  "on-the-way": {
    arrive: "arrived",
    redirect: "redirected",
    markNoShow: "no-show",
    askCancel: "cancel-asked",
  },
  "no-show": {
    book: "booked",
    arrive: "arrived",
    handBack: "returned",
    askCancel: "cancel-asked",
    expire: "expired",
  },
  "cancel-asked": { confirmCancel: "cancelled", refuseCancel: "accepted", arrive: "arrived" },
  arrived: { admit: "admitted", readyForDown: "ready-for-down", conclude: "closed" },
  admitted: { readyForDown: "ready-for-down", conclude: "closed" },
  "ready-for-down": { keep: "admitted", sendDown: "sent-down", conclude: "closed" },
  "sent-down": { takeOn: "continued-in-community", keep: "admitted", conclude: "closed" },
  "continued-in-community": { conclude: "closed" },
};

const down: Steps = {
  ...begin,
  submitted: {
    askMore: "more-info-asked",
    accept: "accepted",
    return: "returned",
    redirect: "redirected",
    cancel: "cancelled",
    withdraw: "cancelled",
    expire: "expired",
  },
  accepted: {
    discharge: "sent-down",
    handBack: "returned",
    askCancel: "cancel-asked",
    expire: "expired",
  },
  "cancel-asked": { confirmCancel: "cancelled", refuseCancel: "accepted" },
  "sent-down": { takeOn: "continued-in-community", markNoShow: "no-show" },
  "no-show": { takeOn: "continued-in-community", conclude: "closed" },
  "continued-in-community": { conclude: "closed" },
  // Steps of the way up alone.
  booked: {},
  "on-the-way": {},
  arrived: {},
  admitted: {},
  "ready-for-down": {},
};

const steps: Record<ReferralDirection, Steps> = { up, down };

/** Every step there is; the database refuses all others by the same rows. */
export const referralTransitions: readonly {
  direction: ReferralDirection;
  from: ReferralState;
  action: ReferralAction;
  to: ReferralState;
}[] = referralDirections.flatMap((direction) =>
  referralStates.flatMap((from) =>
    Object.entries(steps[direction][from]).map(([action, to]) => ({
      direction,
      from,
      action: action as ReferralAction,
      to,
    })),
  ),
);

/**
 * The state that follows a step.
 * @throws DomainError `referral.illegal-step`
 */
export function nextReferralState(
  direction: ReferralDirection,
  from: ReferralState,
  action: ReferralAction,
): ReferralState {
  const to = steps[direction][from][action];
  if (!to) throw new DomainError("referral.illegal-step", { from, action });
  return to;
}

/** What may be done now, by whom holds what; the same answer feeds buttons and the API. */
export function possibleReferralActions(
  direction: ReferralDirection,
  from: ReferralState,
  sides: readonly ReferralSide[],
  permissions: ReadonlySet<string>,
): ReferralAction[] {
  return (Object.keys(steps[direction][from]) as ReferralAction[]).filter((action) => {
    const { sides: allowed, permission } = referralActions[action];
    return (
      allowed.some((side) => sides.includes(side)) &&
      (sides.includes("patient") || (permission !== null && permissions.has(permission)))
    );
  });
}

/** Steps that need a written reason. */
export const reasonedReferralActions: readonly ReferralAction[] = [
  "askMore",
  "return",
  "redirect",
  "handBack",
  "withdraw",
  "askCancel",
  "refuseCancel",
  "cancel",
  "markNoShow",
  "keep",
  "conclude",
];

/** Nobody has to do anything about these any more. */
export const endedReferralStates: readonly ReferralState[] = [
  "redirected",
  "converted",
  "closed",
  "expired",
  "cancelled",
];

/** The receiving side works on these; it sees the patient from then on. */
export const receivingStates: readonly ReferralState[] = [
  "submitted",
  "more-info-asked",
  "accepted",
  "advised",
  "booked",
  "on-the-way",
  "no-show",
  "cancel-asked",
  "arrived",
  "admitted",
  "ready-for-down",
  "sent-down",
  "continued-in-community",
  "converted",
  "closed",
];

/** States in which a number or bed is kept. */
export const holdingStates: readonly ReferralState[] = [
  "draft",
  "patient-consented",
  "submitted",
  "more-info-asked",
  "accepted",
  "booked",
  "on-the-way",
  "cancel-asked",
];

/** The sender may still write: a draft, what the desk wants to know, and an emergency until it was taken. */
export function mayAmendReferral(state: ReferralState, urgency: string): boolean {
  if (state === "draft" || state === "more-info-asked") return true;
  return urgency === "emergency" && (state === "submitted" || state === "on-the-way");
}
