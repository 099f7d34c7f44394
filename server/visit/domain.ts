/** Rules of the video visit, doctor to patient. Pure: the caller passes `now`. */
import type { TriageOutcome, TriageUrgency } from "../triage/domain.ts";

export * from "./states.ts";

/** What the doctor decides: a follow-up of a known illness, or not. */
export const visitDecisions = ["eligible", "not-eligible"] as const;
export type VisitDecision = (typeof visitDecisions)[number];

/** Where the evidence of an earlier diagnosis came from. */
export const evidenceSources = ["record", "patient", "none"] as const;
export type EvidenceSource = (typeof evidenceSources)[number];

/** Where a visit goes on that cannot be one by video. */
export const redirectKinds = ["appointment", "consult", "referral", "in-person"] as const;
export type RedirectKind = (typeof redirectKinds)[number];
export const redirectReasons = [
  "first-visit",
  "condition-changed",
  "needs-examination",
  "beyond-scope",
  "emergency",
  "other",
] as const;
export type RedirectReason = (typeof redirectReasons)[number];

/** Why a doctor stops at once. */
export const stopReasons = [
  "wrong-person",
  "not-identified",
  "no-guardian",
  "patient-silent",
  "line-lost",
  "other",
] as const;
export type StopReason = (typeof stopReasons)[number];

/** What was done about a patient who fell silent; each is written down. */
export const silenceActions = [
  "called-back",
  "called-family",
  "called-120",
  "reached",
  "not-reached",
] as const;
export type SilenceAction = (typeof silenceActions)[number];

/** Numbers that a house may want otherwise; (recalled) where no source was read. */
export const visitLimits = {
  /** A diagnosis of a physical institution counts for so many months. Source: recalled; the norms name no number. */
  evidenceMonths: 12,
  /** Usual length, minutes: what a place in the queue is counted with. */
  minutesEach: 10,
  /** So long after the call nobody came: the clock of the doctor's list, minutes. */
  joinMinutes: 5,
  /** From here on a wait is overdue on the doctor's list, minutes. */
  waitMinutes: 30,
  /** Under this age a guardian has to be present. Source: domain.md "Video visit". */
  guardianBelowYears: 6,
  /** A doctor's opened clinic closes by itself, hours. */
  dutyHours: 8,
  /** Photos that a patient may show as evidence. */
  evidenceFiles: 5,
} as const;

/** A diagnosis as a record holds it. */
export type KnownDiagnosis = {
  readonly code: string | null;
  readonly text: string;
  /** `YYYY-MM-DD`, or less where the record knows no more. */
  readonly date: string | null;
  readonly institution: string;
  /** Of a house that one can walk into; a video visit proves no earlier visit. */
  readonly physical: boolean;
  readonly past: boolean;
};

const categoryOf = (code: string | null): string | null =>
  code === null ? null : (/^[A-Z]\d{2}/.exec(code.toUpperCase())?.[0] ?? null);
const plain = (text: string): string => text.replace(/\s+/g, "").toLowerCase();

/** The same illness: by the three characters of ICD-10, else by the same words. */
export function sameCondition(
  one: { code: string | null; text: string },
  other: { code: string | null; text: string },
): boolean {
  const a = categoryOf(one.code);
  const b = categoryOf(other.code);
  return a !== null && b !== null ? a === b : plain(one.text) === plain(other.text);
}

/** First day that still counts, `YYYY-MM-DD`. */
export function evidenceSince(today: string, months: number): string {
  const [year = 0, month = 1, day = 1] = today.split("-").map(Number);
  const last = new Date(Date.UTC(year, month - 1 - months + 1, 0)).getUTCDate();
  const first = new Date(Date.UTC(year, month - 1 - months, Math.min(day, last)));
  return first.toISOString().slice(0, 10);
}

/**
 * Diagnoses that allow a follow-up: made at a physical institution, for this illness, not longer ago than the period.
 * A date of which only year or month is known counts from its end, so that nobody is asked again without need.
 */
export function findEvidence(
  condition: { code: string | null; text: string },
  known: readonly KnownDiagnosis[],
  today: string,
  months: number = visitLimits.evidenceMonths,
): KnownDiagnosis[] {
  const since = evidenceSince(today, months);
  return known
    .filter(
      (one) =>
        one.physical &&
        one.date !== null &&
        one.date.slice(0, 10) <= today &&
        one.date >= since.slice(0, one.date.length) &&
        sameCondition(condition, one),
    )
    .toSorted((one, other) => (other.date ?? "").localeCompare(one.date ?? ""));
}

/** Illnesses to choose from: each once, the newest first. */
export function conditionsOf(
  known: readonly KnownDiagnosis[],
  today: string,
  months: number = visitLimits.evidenceMonths,
): KnownDiagnosis[] {
  const shown: KnownDiagnosis[] = [];
  const usable = known
    .filter((one) => findEvidence(one, [one], today, months).length > 0)
    .toSorted((one, other) => (other.date ?? "").localeCompare(one.date ?? ""));
  for (const one of usable) if (!shown.some((each) => sameCondition(each, one))) shown.push(one);
  return shown;
}

/** Which triage answers a video visit may follow: never one that sends somebody to be seen at once. */
export function mayVisitByVideo(one: { outcome: TriageOutcome; urgency: TriageUrgency }): boolean {
  return (
    one.urgency === "routine" &&
    ["home-advice", "community-visit", "remote-consult", "specialist-slot"].includes(one.outcome)
  );
}

/** The danger signs of the illness that a follow-up is asked for: a complaint of the triage rules. */
export function complaintOf(code: string | null): "high-pressure" | "sugar" | "refill" {
  const category = categoryOf(code) ?? "";
  if (/^I1[0-5]$/.test(category)) return "high-pressure";
  return /^E1[0-4]$/.test(category) ? "sugar" : "refill";
}

export type DoctorOnDuty = { doctorId: string; signed: boolean; onDuty: boolean; ahead: number };

/** The signed family doctor first, else who is free soonest; of two alike the order stays. */
export const orderDoctors = <Doctor extends DoctorOnDuty>(doctors: readonly Doctor[]): Doctor[] =>
  doctors.toSorted(
    (one, other) =>
      Number(other.signed) - Number(one.signed) ||
      Number(other.onDuty) - Number(one.onDuty) ||
      one.ahead - other.ahead,
  );

export const expectedMinutes = (ahead: number): number => ahead * visitLimits.minutesEach;

/** Whether a guardian has to be there; a child of unknown age is taken for one. */
export const needsGuardian = (ageYears: number | null, childByOtherSigns = false): boolean =>
  ageYears === null ? childByOtherSigns : ageYears < visitLimits.guardianBelowYears;
