/** What a house is told of a referral: pure, from its row and its steps. */
import { codedReferralState } from "../../../fhir-mappings/referral-codes.ts";
import type { referral, referralStep } from "../../referral/schema.ts";
import type { ReferralAction, ReferralState } from "../../referral/states.ts";

export type ReferralRow = typeof referral.$inferSelect;
export type StepRow = typeof referralStep.$inferSelect;

export type Told = {
  readonly state: ReferralState;
  readonly closedAsReturned: boolean;
  readonly toInstitutionId: string;
  /**
   * `all`: the house that sent it, and the one that is asked as long as the patient is its own. `progress`: who
   * sent it back or on, or from whom it was taken back, keeps that it was asked. `as-was`: the sender writes
   * it anew, and what was sent stands until it goes out again.
   */
  readonly part: "all" | "progress" | "as-was";
  readonly authoredAt: Date;
  readonly updatedAt: Date;
  readonly endedAt: Date | null;
  readonly reason: string | null;
};

/** Null: it never was this house's, or has not gone out yet. */
export function toldTo(
  institutionId: string,
  row: ReferralRow,
  steps: readonly StepRow[],
): Told | null {
  const isFrom = row.fromInstitutionId === institutionId;
  const isTo = row.toInstitutionId === institutionId;
  if (row.submittedAt && row.toInstitutionId && (isFrom || isTo)) {
    const last = steps.findLast(
      (one) => one.toState === row.state && (one.fromState !== row.state || one.action === "book"),
    );
    const closedAsReturned = row.state === "closed" && last?.fromState === "returned";
    const mine = receiversOwn[codedReferralState({ ...row, closedAsReturned })];
    return {
      state: row.state,
      closedAsReturned,
      toInstitutionId: row.toInstitutionId,
      part: isFrom || mine ? "all" : "progress",
      authoredAt: row.submittedAt,
      updatedAt: row.updatedAt,
      endedAt: row.endedAt,
      reason: isFrom || mine ? reasonOf(last) : ownReason(last, institutionId),
    };
  }
  // It was with somebody, came back, and is written anew or is with another house since.
  const back = steps.findLast((one) => one.toState === "returned" || one.toState === "expired");
  const toInstitutionId = isFrom ? row.toInstitutionId : institutionId;
  if (!back || !toInstitutionId) return null;
  return {
    state: back.toState,
    closedAsReturned: false,
    toInstitutionId,
    part: isFrom ? "as-was" : "progress",
    authoredAt: steps.find((one) => one.toState === "submitted")?.at ?? back.at,
    updatedAt: back.at,
    endedAt: back.at,
    reason: isFrom ? reasonOf(back) : ownReason(back, institutionId),
  };
}

/** In which the patient is the receiving house's too; a test compares it with the domain's list. */
export const receiversOwn: Readonly<Record<ReferralState, boolean>> = {
  draft: false,
  "patient-consented": false,
  submitted: true,
  "more-info-asked": true,
  accepted: true,
  returned: false,
  redirected: false,
  converted: true,
  advised: true,
  booked: true,
  "on-the-way": true,
  "no-show": true,
  "cancel-asked": true,
  arrived: true,
  admitted: true,
  "ready-for-down": true,
  "sent-down": true,
  "continued-in-community": true,
  closed: true,
  expired: false,
  cancelled: false,
};

/** Steps whose written words are a reason; of others it is a number or a word of ours. Compared likewise. */
export const tellsReason: Readonly<Partial<Record<ReferralAction, true>>> = {
  askMore: true,
  return: true,
  redirect: true,
  handBack: true,
  withdraw: true,
  askCancel: true,
  refuseCancel: true,
  cancel: true,
  markNoShow: true,
  keep: true,
  conclude: true,
};

const reasonOf = (step: StepRow | undefined): string | null =>
  step && Object.hasOwn(tellsReason, step.action) ? step.reason : null;

/** Whoever is no longer concerned keeps what it wrote itself. */
const ownReason = (step: StepRow | undefined, institutionId: string): string | null =>
  step?.byInstitutionId === institutionId ? reasonOf(step) : null;
