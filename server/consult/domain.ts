/**
 * Rules of the remote consult (远程会诊), doctor to doctor. Pure: no database, no clock.
 * Sources: National Health Commission, telemedicine service norms (2018): the inviting side decides
 * treatment, a refusal carries a reason, both sides archive.
 */
import { DomainError } from "../errors/domain-error.ts";

export * from "./oxygen-range.ts";

export const consultStates = [
  "draft",
  "submitted",
  "more-info-asked",
  "accepted",
  "declined",
  "advice-only",
  "scheduled",
  "in-session",
  "interrupted",
  "specialist-absent",
  "opinion-pending",
  "signed",
  "acknowledged",
  "archived",
  "cancelled",
] as const;
export type ConsultState = (typeof consultStates)[number];

export const consultUrgencies = ["emergency", "urgent", "routine"] as const;
export type ConsultUrgency = (typeof consultUrgencies)[number];

/** What may be done, and by which side. `either` is either institution; `system` is a clock or the media node. */
export const consultActions = {
  submit: { side: "inviting", permission: "consult.request" },
  askMore: { side: "invited", permission: "consult.desk" },
  answerMore: { side: "inviting", permission: "consult.request" },
  accept: { side: "invited", permission: "consult.desk" },
  decline: { side: "invited", permission: "consult.desk" },
  adviseOnly: { side: "invited", permission: "consult.desk" },
  schedule: { side: "invited", permission: "consult.desk" },
  enter: { side: "either", permission: "consult.room" },
  interrupt: { side: "either", permission: "consult.room" },
  markAbsent: { side: "inviting", permission: "consult.request" },
  end: { side: "either", permission: "consult.room" },
  sign: { side: "invited", permission: "consult.opinion" },
  acknowledge: { side: "inviting", permission: "consult.request" },
  /** Each side files for itself: {@link mayArchive}. */
  archive: { side: "either", permission: "consult.request" },
  cancel: { side: "inviting", permission: "consult.request" },
} as const satisfies Record<
  string,
  { side: "inviting" | "invited" | "either"; permission: string }
>;
export type ConsultAction = keyof typeof consultActions;

const steps: Record<ConsultState, Partial<Record<ConsultAction, ConsultState>>> = {
  draft: { submit: "submitted", cancel: "cancelled" },
  submitted: {
    askMore: "more-info-asked",
    accept: "accepted",
    decline: "declined",
    adviseOnly: "advice-only",
    cancel: "cancelled",
  },
  "more-info-asked": { answerMore: "submitted", decline: "declined", cancel: "cancelled" },
  accepted: {
    schedule: "scheduled",
    enter: "in-session",
    askMore: "more-info-asked",
    decline: "declined",
    cancel: "cancelled",
  },
  declined: { archive: "archived" },
  "advice-only": { sign: "signed", cancel: "cancelled" },
  scheduled: {
    schedule: "scheduled",
    enter: "in-session",
    markAbsent: "specialist-absent",
    decline: "declined",
    cancel: "cancelled",
  },
  "in-session": { interrupt: "interrupted", end: "opinion-pending" },
  interrupted: { enter: "in-session", schedule: "scheduled", end: "opinion-pending" },
  "specialist-absent": {
    schedule: "scheduled",
    enter: "in-session",
    decline: "declined",
    cancel: "cancelled",
  },
  "opinion-pending": { enter: "in-session", sign: "signed" },
  signed: { acknowledge: "acknowledged" },
  acknowledged: { archive: "archived" },
  archived: {},
  cancelled: {},
};

const archivePermissions = { inviting: "consult.request", invited: "consult.desk" } as const;

/** Whether a side may file now: by the permission of its own work, once. */
export function mayArchive(
  side: "inviting" | "invited" | "participant",
  permissions: ReadonlySet<string>,
  row: { invitingArchivedAt: Date | null; invitedArchivedAt: Date | null },
): boolean {
  if (side === "participant" || !permissions.has(archivePermissions[side])) return false;
  return (side === "inviting" ? row.invitingArchivedAt : row.invitedArchivedAt) === null;
}

/** Which states may follow a state; the database refuses every other step with the same table. */
export const consultTransitions = Object.fromEntries(
  consultStates.map((from) => [from, [...new Set(Object.values(steps[from]))]]),
) as unknown as Record<ConsultState, readonly ConsultState[]>;

/** Actions that need a written reason. */
export const reasonedActions: readonly ConsultAction[] = [
  "askMore",
  "decline",
  "cancel",
  "markAbsent",
  "interrupt",
];

/**
 * The state that follows an action.
 * @throws DomainError `consult.illegal-step` when the action is not possible in this state.
 */
export function nextConsultState(from: ConsultState, action: ConsultAction): ConsultState {
  const to = steps[from][action];
  if (!to) throw new DomainError("consult.illegal-step", { from, action });
  return to;
}

/** What may be done now, in the order of the table. */
export function possibleActions(from: ConsultState): ConsultAction[] {
  return Object.keys(steps[from]) as ConsultAction[];
}

/** States in which the invited side may still change who takes part. */
export const assignableStates: readonly ConsultState[] = [
  "submitted",
  "more-info-asked",
  "advice-only",
  "accepted",
  "scheduled",
  "in-session",
  "interrupted",
  "specialist-absent",
  "opinion-pending",
];

/**
 * Whether the inviting side may still complete what was asked: a draft, what the desk wants to know,
 * and an emergency, which is sent with five things while the rest follows.
 */
export function mayAmend(state: ConsultState, urgency: ConsultUrgency): boolean {
  if (state === "draft" || state === "more-info-asked") return true;
  return urgency === "emergency" && assignableStates.includes(state);
}

/** States in which people may be in the room. Before acceptance there is no room; after signing it is shut. */
export const roomStates: readonly ConsultState[] = [
  "accepted",
  "scheduled",
  "in-session",
  "interrupted",
  "specialist-absent",
  "opinion-pending",
];

/** States whose work is over; nobody's queue shows them. */
export const closedStates: readonly ConsultState[] = ["archived", "cancelled"];

/** Response clocks in minutes. A table, dated, so that an alliance may change it without a release. */
export const defaultConsultClocks = {
  validFrom: "2026-01-01",
  respondMinutes: { emergency: 15, urgent: 120, routine: 8 * 60 },
  acknowledgeMinutes: { emergency: 15, urgent: 60, routine: 24 * 60 },
  /** The patient sees a signed opinion after acknowledgement, or at the latest after this delay. */
  patientSeesAfterMinutes: 48 * 60,
} as const;
export type ConsultClocks = {
  respondMinutes: Record<ConsultUrgency, number>;
  acknowledgeMinutes: Record<ConsultUrgency, number>;
  patientSeesAfterMinutes: number;
};

/** When the invited side must have answered. Emergency and urgent clocks run through the night; a routine one is set by {@link addWorkingMinutes}. */
export function acknowledgeBy(
  signedAt: Date,
  urgency: ConsultUrgency,
  clocks: ConsultClocks,
): Date {
  return new Date(signedAt.getTime() + clocks.acknowledgeMinutes[urgency] * 60_000);
}

/** Whether the patient may see the opinion now: never a raw suspicion before the attending doctor knows it. */
export function patientMaySee(
  opinion: { signedAt: Date | null; acknowledgedAt: Date | null },
  now: Date,
  clocks: ConsultClocks,
): boolean {
  if (!opinion.signedAt) return false;
  if (opinion.acknowledgedAt) return true;
  return now.getTime() - opinion.signedAt.getTime() >= clocks.patientSeesAfterMinutes * 60_000;
}

/** The invited doctor needs this many years of independent practice (telemedicine norms 2018). */
export const specialistMinimumYears = 3;

/**
 * Whether a doctor may give a consult opinion.
 * @param practisingSince date of independent practice, `YYYY-MM-DD`
 */
export function mayGiveOpinion(practisingSince: string | null, now: Date): boolean {
  if (!practisingSince) return false;
  const since = new Date(`${practisingSince}T00:00:00Z`);
  const due = new Date(since);
  due.setUTCFullYear(due.getUTCFullYear() + specialistMinimumYears);
  return due.getTime() <= now.getTime();
}

export const consentKinds = [
  "consult",
  "record-sharing",
  "observers",
  "recording",
  "relative",
] as const;
export type ConsentKind = (typeof consentKinds)[number];
export const consentMethods = ["signature", "fingerprint", "emergency"] as const;
export type ConsentMethod = (typeof consentMethods)[number];

export const participantRoles = ["attending", "specialist", "interpreter", "observer"] as const;
export type ParticipantRole = (typeof participantRoles)[number];

/** Consents without which a request may not be submitted (an emergency one may; it is logged). */
export const requiredConsents: readonly ConsentKind[] = ["consult", "record-sharing"];

/**
 * Whether the consult itself may go on: the patient agreed and did not take it back, or it is an
 * emergency, which does not wait for a form.
 */
export function consentStands(
  consents: readonly { kind: ConsentKind; given: boolean; withdrawnAt: Date | null }[],
  urgency: ConsultUrgency,
): boolean {
  return (
    urgency === "emergency" ||
    consents.some((one) => one.kind === "consult" && one.given && one.withdrawnAt === null)
  );
}

/** Below this age somebody else signs (personal information law, art. 31). */
export const guardianBelowYears = 14;

/** The word for the patient himself, as a code and as pages write it in their languages. */
const selfWords: readonly string[] = ["self", "patient", "本人", "患者本人", "རང་ཉིད།", "རང་ཉིད"];

/** Whether a guardian or near relative must sign in place of this signer. An unknown age asks for nobody. */
export function needsGuardian(ageYears: number | null, signerRelation: string): boolean {
  return (
    ageYears !== null &&
    ageYears < guardianBelowYears &&
    selfWords.includes(signerRelation.trim().toLowerCase())
  );
}

/** Fields that an ordinary request needs before it may be submitted. */
export const requiredFields = [
  "reason",
  "purpose",
  "complaint",
  "presentHistory",
  "pastHistory",
  "examination",
  "provisionalDiagnoses",
  "treatmentSoFar",
  "question",
] as const;

/** An emergency needs five: identity (or "unknown person"), complaint, vital signs, question, call-back number. */
export const emergencyFields = ["complaint", "vitals", "question", "callbackPhone"] as const;

export type RequestContent = {
  reason?: string | null;
  purpose?: string | null;
  complaint?: string | null;
  presentHistory?: string | null;
  pastHistory?: string | null;
  examination?: string | null;
  provisionalDiagnoses?: readonly unknown[] | null;
  treatmentSoFar?: string | null;
  question?: string | null;
  callbackPhone?: string | null;
  vitals?: Record<string, unknown> | null;
};

/**
 * What is still missing before a request may go out.
 * @returns names of missing fields and `consent:<kind>`; empty when it may be submitted
 */
export function missingForSubmit(
  request: RequestContent & { urgency: ConsultUrgency; invitedInstitutionId?: string | null },
  consents: readonly { kind: ConsentKind; given: boolean; method: ConsentMethod }[],
): string[] {
  const names = request.urgency === "emergency" ? emergencyFields : requiredFields;
  const missing = names.filter((name) =>
    isEmpty(name === "vitals" ? measured(request.vitals) : request[name]),
  ) as string[];
  if (!request.invitedInstitutionId) missing.push("invitedInstitutionId");
  // An emergency does not wait for a form: going without consent is logged, not refused.
  for (const kind of request.urgency === "emergency" ? [] : requiredConsents) {
    if (!consents.some((consent) => consent.kind === kind && consent.given))
      missing.push(`consent:${kind}`);
  }
  return missing;
}

/** Where and when something was measured is no measurement. */
function measured(vitals: RequestContent["vitals"]): Record<string, unknown> {
  const { altitudeMetres: _place, measuredAt: _time, ...values } = vitals ?? {};
  return values;
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  if (typeof value === "string") return value.trim() === "";
  if (Array.isArray(value)) return value.length === 0;
  return Object.values(value as object).every(
    (part) => part === null || part === undefined || part === "",
  );
}

/** Order of a desk's queue: emergencies first, then by the clock that ends soonest. */
export function compareByClock(
  left: { urgency: ConsultUrgency; dueAt: Date | string | null },
  right: { urgency: ConsultUrgency; dueAt: Date | string | null },
): number {
  const emergency = Number(right.urgency === "emergency") - Number(left.urgency === "emergency");
  if (emergency !== 0) return emergency;
  const at = (due: Date | string | null) =>
    due ? new Date(due).getTime() : Number.POSITIVE_INFINITY;
  const difference = at(left.dueAt) - at(right.dueAt);
  return Number.isNaN(difference) ? 0 : difference;
}
