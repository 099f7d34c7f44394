/**
 * What a referral says of the patient: diagnoses, vital signs, and of a way down the plan, its medicines and
 * what is to bring the patient back. Both houses have it as long as the patient is theirs.
 */
import { toFhirCarePlan } from "../../../fhir-mappings/care-plan.ts";
import {
  isCarriedResult,
  namesOfResults,
  resultsOfReferral,
} from "../../../fhir-mappings/carried-result.ts";
import { toFhirReturnFlag } from "../../../fhir-mappings/flag.ts";
import {
  type PrescriptionState,
  toFhirMedicationRequest,
} from "../../../fhir-mappings/medication-request.ts";
import { type SupportingInfo, supportingTypes } from "../../../fhir-mappings/referral-request.ts";
import { toFhirReferralStay } from "../../../fhir-mappings/referral-stay.ts";
import type { ReferralState } from "../../referral/states.ts";
import { certaintyOf, diagnoses, vitalSignsOf } from "./consult-clinical.ts";
import { ended, type Projected, shown } from "./projected.ts";
import type { Around } from "./referral-reading.ts";
import type { ReferralRow, Told } from "./referral-told.ts";

/** A referral has at most so many (server/referral/contract.ts). */
const triggersMax = 20;
const medicinesMax = 30;

/** It may have been about somebody else, or another referral says the same. */
const withdrawn: readonly ReferralState[] = ["cancelled", "redirected"];

/** Whether the diagnoses of a referral are in the record. */
export const isDiagnosed = (told: Told, diagnosedBelow: boolean): boolean =>
  told.part === "all" && !withdrawn.includes(told.state) && !diagnosedBelow;

export const impressionIds = (row: ReferralRow): string[] =>
  row.impression.map((_, n) => `${row.id}-impression-${n + 1}`);

/** The ward's own diagnoses are certain unless their words doubt it; those of the way up are first ones. */
export function impressions(row: ReferralRow, told: Told, around: Around): Projected[] {
  const list = isDiagnosed(told, around.diagnosedBelow) ? row.impression : [];
  return diagnoses(
    "impression",
    row,
    list,
    (one) => (row.direction === "down" ? certaintyOf(one) : "provisional"),
    { recordedAt: told.authoredAt.toISOString(), encounterId: null, asserterId: row.requesterId },
  );
}

export const vitals = (row: ReferralRow, told: Told): Projected[] =>
  vitalSignsOf({
    ...row,
    state: told.part !== "all" || withdrawn.includes(told.state) ? "cancelled" : told.state,
  });

/** Results that came along from a house outside; whoever is shown the progress alone has them not, or not any more. */
export function results(row: ReferralRow, told: Told, around: Around): Projected[] {
  const list = resultsOfReferral(around.results, row.id, row.patientId);
  return told.part === "all" && !withdrawn.includes(told.state)
    ? list.map(shown)
    : list.map((one) => ended(one.resourceType, one.id ?? ""));
}

/** What of the record belongs to the request: of a report's values the report alone is named. */
export function supportingOf(items: readonly Projected[]): SupportingInfo[] {
  const resources = items.flatMap(({ resource }) => resource ?? []);
  const values = new Set(namesOfResults(resources));
  return resources.flatMap((one) => {
    const type = supportingTypes.find((known) => known === one.resourceType);
    const name = `${one.resourceType}/${one.id}`;
    const isWithin = isCarriedResult(one) && !values.has(name);
    return type && one.id && !isWithin ? [{ type, id: one.id }] : [];
  });
}

/** In these the ward has the patient no more. */
const left: readonly ReferralState[] = ["sent-down", "continued-in-community", "closed"];

/** The stay on the ward, from admission on. */
export function stay(row: ReferralRow, told: Told, around: Around): Projected[] {
  if (row.direction !== "up") return [];
  if (told.part !== "all" || !row.admittedAt) return [ended("Encounter", row.id)];
  const isOver = left.includes(told.state);
  const sentDown = around.steps.findLast((one) => one.toState === "sent-down");
  const admitted = around.steps.findLast((one) => one.action === "admit");
  return [
    shown(
      toFhirReferralStay({
        referralId: row.id,
        number: row.number,
        admissionNumber: admitted?.reason ?? null,
        status: isOver ? "finished" : "in-progress",
        patientId: row.patientId,
        episodeId: row.episodeId,
        institutionId: told.toInstitutionId,
        start: row.admittedAt,
        end: isOver ? (sentDown?.at ?? told.endedAt) : null,
      }),
    ),
  ];
}

/** The plan of a way down, with the follow-ups that it became. */
export function carePlan(row: ReferralRow, told: Told, around: Around): Projected[] {
  if (row.direction !== "down") return [];
  if (told.part !== "all") return [ended("CarePlan", row.id)];
  return [
    shown(
      toFhirCarePlan({
        referralId: row.id,
        number: row.number,
        state: told.state,
        patientId: row.patientId,
        authorId: row.requesterId,
        authoredAt: told.authoredAt,
        startedAt: row.dischargedAt,
        endedAt: row.dischargedAt ? told.endedAt : null,
        plan: row.plan,
        reviewOn: row.reviewOn,
        conditionIds: isDiagnosed(told, false) ? impressionIds(row) : [],
        followUps: around.followUps,
        medicines: row.medicines,
        pendingResults: row.pendingResults,
      }),
    ),
  ];
}

/** Active while the community has the patient; what is over is told as over. */
export function returnFlags(row: ReferralRow, told: Told, around: Around): Projected[] {
  if (row.direction !== "down") return [];
  const taken = around.steps.find((one) => one.toState === "continued-in-community");
  const list = told.part === "all" && taken ? row.returnTriggers : [];
  return Array.from({ length: Math.max(triggersMax, list.length) }, (_, n): Projected => {
    const id = `${row.id}-trigger-${n + 1}`;
    const trigger = list[n];
    if (!trigger || !taken) return ended("Flag", id);
    return shown(
      toFhirReturnFlag({
        id,
        patientId: row.patientId,
        authorInstitutionId: row.fromInstitutionId,
        trigger,
        active: told.state === "continued-in-community",
        from: taken.at,
        until: told.endedAt,
      }),
    );
  });
}

/** Null: of such a referral no medicine is in the record. */
const medicineState: Readonly<Record<ReferralState, PrescriptionState | null>> = {
  draft: null,
  "patient-consented": null,
  submitted: "draft",
  "more-info-asked": "draft",
  accepted: "draft",
  returned: null,
  redirected: null,
  converted: null,
  advised: null,
  booked: null,
  "on-the-way": null,
  "no-show": "in-use",
  "cancel-asked": "draft",
  arrived: null,
  admitted: null,
  "ready-for-down": null,
  "sent-down": "in-use",
  "continued-in-community": "in-use",
  // Nobody says at the end what is still taken.
  closed: "unknown",
  expired: null,
  cancelled: null,
};

/** Medicines to go on with, in the record of the ward that says so; the community reads them in the plan. */
export function medicines(row: ReferralRow, told: Told, institutionId: string): Projected[] {
  if (row.direction !== "down" || row.fromInstitutionId !== institutionId) return [];
  const state = told.closedAsReturned ? null : medicineState[told.state];
  return Array.from({ length: medicinesMax }, (_, n): Projected => {
    const id = `${row.id}-medicine-${n + 1}`;
    const one = row.medicines[n];
    if (!one || !state) return ended("MedicationRequest", id);
    return shown(
      toFhirMedicationRequest({
        id,
        name: null,
        patientId: row.patientId,
        state,
        intent: "plan",
        medicine: { system: null, code: null, text: one.text },
        authoredAt: told.authoredAt.toISOString(),
        prescriberId: row.requesterId,
        encounterId: null,
        dosage: one.dose ? [one.dose] : [],
        quantity: null,
        supplyDays: null,
      }),
    );
  });
}
