/**
 * Rules of two-way referral (双向转诊). Pure: no database, no clock. Source: domain.md "Tiered care"
 * (National Health Commission, tiered-care and medical-alliance rules 2015–2024); what was recalled is a
 * parameter of `referral_policy`.
 */
import { DomainError } from "../errors/domain-error.ts";
import type { ReferralDirection, ReferralState } from "./states.ts";

export {
  endedReferralStates,
  type ReferralAction,
  type ReferralDirection,
  type ReferralState,
  receivingStates,
  referralStates,
  referralTransitions,
} from "./states.ts";

export const episodeStates = ["active", "finished"] as const;
export type EpisodeState = (typeof episodeStates)[number];
export const referralUrgencies = ["emergency", "urgent", "routine"] as const;
export type ReferralUrgency = (typeof referralUrgencies)[number];
export const followUpKinds = ["visit", "phone", "home", "test"] as const;
export type FollowUpKind = (typeof followUpKinds)[number];
export const followUpStates = ["planned", "done", "missed", "cancelled"] as const;
export type FollowUpState = (typeof followUpStates)[number];
export const followUpTransitions: Record<FollowUpState, readonly FollowUpState[]> = {
  planned: ["planned", "done", "missed", "cancelled"],
  // Who came late was still seen.
  missed: ["done", "cancelled"],
  done: [],
  cancelled: [],
};

/** What of a way down is looked up in the records rather than asked; hours of looking back. */
export const wardFactKinds = [
  "stay-planned",
  "stable-vitals",
  "no-open-critical-value",
  "no-high-care-device",
] as const;
/** A ward looks no further back. */
export const wardFactHoursMost = 72;
export type WardFactKind = (typeof wardFactKinds)[number];
export type WardFact = { fact: WardFactKind; hours?: number };

/** A medicine that the patient goes on with, and what the community's shelf says of it. */
export type Medicine = {
  text: string;
  dose: string | null;
  until: string | null;
  /** Null: nobody looked yet. */
  available: boolean | null;
  substitute: string | null;
};
/** What is still being waited for on the way home, and who runs after it. */
export type PendingResult = {
  what: string;
  ownerName: string;
  ownerPhone: string;
  expectedOn: string | null;
  arrived: boolean;
};
/** A criterion of the pathway that was ticked, and by what. */
export type ReferralCriterion = { code: string; evidence: string | null };

/** What is measured in follow-ups and looked at by triggers; units are in the names. */
export const triggerMeasures = [
  "systolicMmHg",
  "diastolicMmHg",
  "temperatureCelsius",
  "pulsePerMinute",
  "breathsPerMinute",
  "spo2Percent",
  "weightKg",
] as const;
export type TriggerMeasure = (typeof triggerMeasures)[number];
/** When the patient is to be brought back: a limit that was reached, or words that a person judges. */
export type ReturnTrigger =
  | { code: string; kind: "value"; measure: TriggerMeasure; atLeast?: number; atMost?: number }
  | { code: string; kind: "words"; text: string };

/**
 * Which triggers a follow-up has reached.
 * @param ticked codes of those in words that the person who saw the patient says have come
 */
export function triggersReached(
  triggers: readonly ReturnTrigger[],
  measured: Partial<Record<TriggerMeasure, number | null | undefined>>,
  ticked: readonly string[],
): string[] {
  return triggers
    .filter((trigger) => {
      if (trigger.kind === "words") return ticked.includes(trigger.code);
      const value = measured[trigger.measure];
      if (value === null || value === undefined) return false;
      return (
        (trigger.atLeast !== undefined && value >= trigger.atLeast) ||
        (trigger.atMost !== undefined && value <= trigger.atMost)
      );
    })
    .map((trigger) => trigger.code);
}

/** Defaults of `referral_policy`, dated. A routine answer is due within a working day. */
export const defaultReferralPolicy = {
  validFrom: "2026-01-01",
  emergencyMinutes: 15,
  urgentMinutes: 120,
  routineMinutes: 8 * 60,
  headMinutes: 30,
  administratorMinutes: 60,
  holdHours: 24,
} as const;
export type ReferralPolicy = {
  emergencyMinutes: number;
  urgentMinutes: number;
  routineMinutes: number;
  headMinutes: number;
  administratorMinutes: number;
  holdHours: number;
  dutyPhone: string | null;
};

/** Minutes until an answer is due; routine ones are working minutes. */
export function responseMinutes(policy: ReferralPolicy, urgency: ReferralUrgency): number {
  return {
    emergency: policy.emergencyMinutes,
    urgent: policy.urgentMinutes,
    routine: policy.routineMinutes,
  }[urgency];
}

/** Rungs of the ladder: the desk at the time, then the head of it, then the administrator. */
export const escalationRungs = ["desk", "head", "administrator"] as const;
export type EscalationRung = (typeof escalationRungs)[number];

/** When a rung is told, from when the answer was due. */
export function rungAt(dueAt: Date, rung: EscalationRung, policy: ReferralPolicy): Date {
  const later = { desk: 0, head: policy.headMinutes, administrator: policy.administratorMinutes };
  return new Date(dueAt.getTime() + later[rung] * 60_000);
}

export type ReferralContent = {
  direction: ReferralDirection;
  urgency: ReferralUrgency;
  toInstitutionId: string | null;
  toDepartmentId: string | null;
  requesterPhone: string | null;
  reason: string | null;
  impression: readonly unknown[];
  presentHistory: string | null;
  pastHistory: string | null;
  treatmentSoFar: string | null;
  vitals: Record<string, unknown>;
  criteria: readonly unknown[];
  admissionNumber: string | null;
  results: string | null;
  plan: string | null;
  rehabilitationAdvice: string | null;
  reviewOn: string | null;
  returnTriggers: readonly unknown[];
  medicines: readonly unknown[];
  pendingResults: readonly PendingResult[];
};

/** Forms of domain.md; who refers by telephone and name is on the referral itself. */
export const requiredOfUp = [
  "toDepartmentId",
  "requesterPhone",
  "reason",
  "impression",
  "presentHistory",
  "pastHistory",
  "treatmentSoFar",
  "criteria",
] as const;
/** Treat first: where to, why, how the patient is, and whom to ring back. */
export const requiredOfEmergency = ["requesterPhone", "reason", "vitals"] as const;
export const requiredOfDown = [
  "requesterPhone",
  "impression",
  "admissionNumber",
  "results",
  "treatmentSoFar",
  "plan",
  "rehabilitationAdvice",
  "reviewOn",
  "returnTriggers",
] as const;

/**
 * What is still missing before a referral may go out.
 * @returns names of fields, `consent`, and `pendingResults.owner` for a result that nobody runs after
 */
export function missingOfReferral(content: ReferralContent, consented: boolean): string[] {
  const names =
    content.direction === "down"
      ? requiredOfDown
      : content.urgency === "emergency"
        ? requiredOfEmergency
        : requiredOfUp;
  const missing: string[] = names.filter((name) => isEmpty(content[name]));
  if (content.toInstitutionId === null) missing.unshift("toInstitutionId");
  if (content.pendingResults.some((one) => !one.ownerName.trim() || !one.ownerPhone.trim()))
    missing.push("pendingResults.owner");
  // An emergency does not wait for a form; going without consent is logged.
  if (!consented && content.urgency !== "emergency") missing.push("consent");
  return missing;
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  if (typeof value === "string") return value.trim() === "";
  if (Array.isArray(value)) return value.length === 0;
  const { altitudeMetres: _place, measuredAt: _time, ...rest } = value as Record<string, unknown>;
  return Object.values(rest).every((part) => part === null || part === undefined || part === "");
}

/** A referral is passed on this often at most; then people have to talk. */
export const redirectLimit = 3;

/**
 * Refuses a ring of redirects: nobody is asked twice on one way, and a way is no longer than the limit.
 * @param asked institution and department of everybody who was asked on this way, oldest first
 * @throws DomainError `referral.redirect-ring`, `referral.redirect-limit`
 */
export function assertNoRing(
  asked: readonly { institutionId: string; departmentId: string | null }[],
  target: { institutionId: string; departmentId: string | null },
): void {
  if (
    asked.some(
      (one) =>
        one.institutionId === target.institutionId && one.departmentId === target.departmentId,
    )
  )
    throw new DomainError("referral.redirect-ring");
  if (asked.length > redirectLimit)
    throw new DomainError("referral.redirect-limit", { limit: redirectLimit });
}

/** Which criteria the measured values tick by themselves. */
export function criteriaMet(
  criteria: readonly {
    code: string;
    evidence: Record<string, { atLeast?: number; atMost?: number }> | null;
  }[],
  vitals: Readonly<Record<string, unknown>>,
): ReferralCriterion[] {
  return criteria.flatMap(({ code, evidence }) => {
    const met = Object.entries(evidence ?? {}).find(([measure, limit]) => {
      const value = vitals[measure];
      return (
        typeof value === "number" &&
        ((limit.atLeast !== undefined && value >= limit.atLeast) ||
          (limit.atMost !== undefined && value <= limit.atMost))
      );
    });
    return met ? [{ code, evidence: `${met[0]} ${String(vitals[met[0]])}` }] : [];
  });
}

export type Target = {
  institutionId: string;
  departmentId: string;
  /** How many alliances both houses are in; of the specialty's own kind count more. */
  sharedAlliances: number;
  specialtyAlliance: boolean;
  distanceMetres: number | null;
  freeBeds: number;
  openReferrals: number;
};

/** Best first: the specialty's own alliance, then who has room, then who is near and not loaded. */
export function compareTargets(left: Target, right: Target): number {
  return (
    Number(right.specialtyAlliance) - Number(left.specialtyAlliance) ||
    Number(right.sharedAlliances > 0) - Number(left.sharedAlliances > 0) ||
    Number(right.freeBeds > 0) - Number(left.freeBeds > 0) ||
    (left.distanceMetres ?? Number.MAX_SAFE_INTEGER) -
      (right.distanceMetres ?? Number.MAX_SAFE_INTEGER) ||
    left.openReferrals - right.openReferrals
  );
}

/** What somebody waits for next; the desk's queue is ordered by it. */
export function clockOf(row: {
  state: ReferralState;
  respondBy: Date | null;
  heldUntil: Date | null;
}): { kind: "respond" | "held"; dueAt: Date } | null {
  if (row.state === "submitted" && row.respondBy) return { kind: "respond", dueAt: row.respondBy };
  if (row.heldUntil && (row.state === "accepted" || row.state === "booked"))
    return { kind: "held", dueAt: row.heldUntil };
  return null;
}
