/**
 * How a referral's state, urgency and direction look in FHIR: the closed loop of HL7 BSeR 2.0 / IHE 360X. A state
 * that is added to the domain and forgotten here does not compile.
 *
 * Task.status is the nearest of R4's codes; Task.businessStatus has BSeR's code where it has one and always our
 * own, which alone can be read back exactly.
 */
import type { CarePlan, ServiceRequest, Task } from "@medplum/fhirtypes";
import type { ReferralUrgency } from "../server/referral/domain.ts";
import type { ReferralDirection, ReferralState } from "../server/referral/states.ts";

/** BSeR 2.0 TaskBusinessStatusCS, with its own words. */
export const bserProgress = {
  "2.0": "Service Request Created",
  "3.0": "Service Request Accepted",
  "4.0": "Service Request Declined",
  "5.1.1": "Service Request Event Scheduled",
  "5.1.2": "Scheduled Service Request Event Unattended",
  "5.1.3": "Scheduled Service Request Event Cancelled",
  "5.1.4": "Service Request Event Completed",
  "5.2": "Service Request Cancellation Requested",
  "6.0": "Service Request Fulfillment Cancelled",
  "7.0": "Service Request Fulfillment Completed",
} as const;
export type BserProgress = keyof typeof bserProgress;

interface Progress {
  readonly status: Task["status"];
  /** Null: BSeR has no word for it. */
  readonly business: BserProgress | null;
}

export const referralProgress = {
  draft: { status: "draft", business: null },
  "patient-consented": { status: "draft", business: null },
  submitted: { status: "requested", business: "2.0" },
  "more-info-asked": { status: "received", business: "2.0" },
  accepted: { status: "accepted", business: "3.0" },
  // Also after acceptance: the recipient may decline later, as in 360X.
  returned: { status: "rejected", business: "4.0" },
  redirected: { status: "rejected", business: "4.0" },
  // Answered, by a consult or by advice: no journey is needed.
  converted: { status: "completed", business: "7.0" },
  advised: { status: "completed", business: "7.0" },
  booked: { status: "in-progress", business: "5.1.1" },
  "on-the-way": { status: "in-progress", business: "5.1.1" },
  // Not the end: it is booked again, or handed back.
  "no-show": { status: "in-progress", business: "5.1.2" },
  // A handshake: only the recipient's yes makes it 6.0.
  "cancel-asked": { status: "in-progress", business: "5.2" },
  arrived: { status: "in-progress", business: null },
  admitted: { status: "in-progress", business: null },
  "ready-for-down": { status: "in-progress", business: "5.1.4" },
  "sent-down": { status: "in-progress", business: null },
  "continued-in-community": { status: "in-progress", business: null },
  closed: { status: "completed", business: "7.0" },
  expired: { status: "cancelled", business: "6.0" },
  cancelled: { status: "cancelled", business: "6.0" },
} as const satisfies Readonly<Record<ReferralState, Progress>>;

export const referralRequestStatus = {
  draft: "draft",
  "patient-consented": "draft",
  submitted: "active",
  "more-info-asked": "active",
  accepted: "active",
  returned: "revoked",
  redirected: "revoked",
  converted: "completed",
  advised: "completed",
  booked: "active",
  "on-the-way": "active",
  "no-show": "active",
  "cancel-asked": "active",
  arrived: "active",
  admitted: "active",
  "ready-for-down": "active",
  "sent-down": "active",
  "continued-in-community": "active",
  closed: "completed",
  expired: "revoked",
  cancelled: "revoked",
} as const satisfies Readonly<Record<ReferralState, ServiceRequest["status"]>>;

/** The plan of a way down: it counts from when the patient leaves the ward. */
export const carePlanStatus = {
  draft: "draft",
  "patient-consented": "draft",
  submitted: "draft",
  "more-info-asked": "draft",
  accepted: "draft",
  returned: "revoked",
  redirected: "revoked",
  converted: "revoked",
  advised: "revoked",
  booked: "draft",
  "on-the-way": "draft",
  // The patient has not come: nobody carries it out.
  "no-show": "on-hold",
  "cancel-asked": "draft",
  arrived: "draft",
  admitted: "draft",
  "ready-for-down": "draft",
  "sent-down": "active",
  "continued-in-community": "active",
  closed: "completed",
  expired: "revoked",
  cancelled: "revoked",
} as const satisfies Readonly<Record<ReferralState, CarePlan["status"]>>;

export const referralPriority = {
  emergency: "stat",
  urgent: "urgent",
  routine: "routine",
} as const satisfies Record<ReferralUrgency, NonNullable<Task["priority"]>>;

export const directionWords = {
  up: "上转",
  down: "下转",
} as const satisfies Record<ReferralDirection, string>;

/** What of a referral decides its status codes. */
export interface ReferralProgress {
  readonly state: ReferralState;
  /** It was closed because it had been returned: nobody fulfilled it. */
  readonly closedAsReturned: boolean;
}

/** The state whose codes apply. */
export const codedReferralState = ({ state, closedAsReturned }: ReferralProgress): ReferralState =>
  state === "closed" && closedAsReturned ? "returned" : state;
