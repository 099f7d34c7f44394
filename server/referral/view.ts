import { inArray } from "drizzle-orm";
import type { z } from "zod";
import type { Tx } from "../db/client.ts";
import { department } from "../directory/schema.ts";
import { findInstitutions, type InstitutionRow } from "../directory/service.ts";
import type { Services, Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { findPeopleNames } from "../identity/service.ts";
import { ageOn, findPatients, localDay, viewPatient } from "../patients/service.ts";
import { findAssessment, type TriageAssessment } from "../triage/service.ts";
import { actionsOf, mayRequest, sidesOf } from "./change.ts";
import type { ReferralDetail, ReferralSummary, stepView } from "./contract.ts";
import { clockOf, missingOfReferral } from "./domain.ts";
import { viewFollowUpsOf } from "./follow-up-view.ts";
import type { ReferralRow, StepRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { mayAmendReferral, receivingStates } from "./states.ts";

type Ref = ReferralSummary["from"];

/** Institutions by id, with their names in each language. */
export async function institutionRefs(
  tx: Tx,
  ids: readonly (string | null)[],
): Promise<Map<string, Ref & { row: InstitutionRow }>> {
  const wanted = [...new Set(ids.filter((id): id is string => id !== null))];
  const rows = await findInstitutions(tx, wanted);
  return new Map(
    rows.map((row) => [
      row.id,
      { id: row.id, name: row.name, nameEn: row.nameEn, nameBo: row.nameBo, row },
    ]),
  );
}

export async function departmentRefs(
  tx: Tx,
  ids: readonly (string | null)[],
): Promise<Map<string, Ref>> {
  const wanted = [...new Set(ids.filter((id): id is string => id !== null))];
  if (wanted.length === 0) return new Map();
  const rows = await tx.select().from(department).where(inArray(department.id, wanted));
  return new Map(
    rows.map((row) => [
      row.id,
      { id: row.id, name: row.name, nameEn: row.nameEn, nameBo: row.nameBo },
    ]),
  );
}

export const plainRef = ({ id, name, nameEn, nameBo }: Ref): Ref => ({ id, name, nameEn, nameBo });

const refIn = (institutions: ReadonlyMap<string, Ref>, id: string | null): Ref | null => {
  const found = id ? institutions.get(id) : undefined;
  return found ? plainRef(found) : null;
};

export function subjectOf(
  patients: readonly repository.Subject[],
  patientId: string,
  now: Date,
): ReferralSummary["patient"] {
  const patient = patients.find((one) => one.id === patientId);
  return {
    id: patientId,
    fullName: patient?.fullName ?? null,
    fullNameBo: patient?.fullNameBo ?? null,
    sex: patient?.sex ?? "unknown",
    ageYears: patient?.birthDate ? (ageOn(patient.birthDate, localDay(now))?.years ?? null) : null,
  };
}

/** Rows as items of a queue, in the order they come in. */
export async function viewSummaries(
  work: Work,
  rows: readonly repository.SummaryRow[],
): Promise<ReferralSummary[]> {
  const { tx, actor, now } = work;
  const institutions = await institutionRefs(
    tx,
    rows.flatMap((row) => [row.fromInstitutionId, row.toInstitutionId]),
  );
  const departments = await departmentRefs(
    tx,
    rows.map((row) => row.toDepartmentId),
  );
  const patients = await repository.findSubjects(
    tx,
    rows.map((row) => row.id),
  );
  const names = await findPeopleNames(tx, [...new Set(rows.map((row) => row.requesterId))]);
  return rows.map((row) => {
    const clock = clockOf(row);
    const to = row.toInstitutionId ? institutions.get(row.toInstitutionId) : undefined;
    return {
      id: row.id,
      number: row.number,
      episodeId: row.episodeId,
      direction: row.direction,
      urgency: row.urgency,
      state: row.state,
      version: row.version,
      sides: sidesOf(actor, row),
      patient: subjectOf(patients, row.patientId, now),
      reason: row.reason,
      impression: row.impression,
      criteria: row.criteria.length,
      from: plainRef(institutions.get(row.fromInstitutionId)!),
      to: to ? plainRef(to) : null,
      department: row.toDepartmentId ? (departments.get(row.toDepartmentId) ?? null) : null,
      requester: {
        id: row.requesterId,
        name: names.get(row.requesterId) ?? "",
        phone: row.requesterPhone,
      },
      clock: clock && { kind: clock.kind, dueAt: clock.dueAt.toISOString() },
      escalationLevel: row.escalationLevel,
      submittedAt: row.submittedAt?.toISOString() ?? null,
      updatedAt: row.updatedAt.toISOString(),
      outcome: row.outcome,
      outcomeReadAt: row.outcomeReadAt?.toISOString() ?? null,
    };
  });
}

export function viewStep(
  step: StepRow,
  institutions: ReadonlyMap<string, Ref>,
): z.infer<typeof stepView> {
  return {
    action: step.action,
    from: step.fromState,
    to: step.toState,
    by: step.byName,
    institution: refIn(institutions, step.byInstitutionId),
    reason: step.reason,
    at: step.at.toISOString(),
  };
}

/** What the sender wrote, as it goes back into the form. */
export function contentOf(row: ReferralRow): ReferralDetail["content"] {
  return {
    urgency: row.urgency,
    toInstitutionId: row.toInstitutionId,
    toDepartmentId: row.toDepartmentId,
    toDoctorId: row.toDoctorId,
    pathwayId: row.pathwayId,
    triageAssessmentId: row.triageAssessmentId,
    requesterPhone: row.requesterPhone,
    reason: row.reason,
    impression: row.impression,
    presentHistory: row.presentHistory,
    pastHistory: row.pastHistory,
    examination: row.examination,
    vitals: row.vitals,
    results: row.results,
    treatmentSoFar: row.treatmentSoFar,
    medicines: row.medicines,
    allergies: row.allergies,
    criteria: row.criteria,
    admissionNumber: row.admissionNumber,
    plan: row.plan,
    rehabilitationAdvice: row.rehabilitationAdvice,
    reviewOn: row.reviewOn,
    returnTriggers: row.returnTriggers,
    pendingResults: row.pendingResults,
  };
}

/** Whether the patient has agreed to this recipient, and not taken it back since. */
export function consentedTo(
  consents: readonly repository.ReferralConsentRow[],
  recipientId: string | null,
): boolean {
  const last = consents.filter((one) => one.recipientInstitutionId === recipientId).at(-1);
  return last?.given === true && last.withdrawnAt === null;
}

/** Everything a page about one referral shows to this reader. */
export async function viewDetail(
  services: Services,
  work: Work<StaffActor>,
  row: ReferralRow,
): Promise<ReferralDetail> {
  const { tx, actor, now } = work;
  const [summary] = await viewSummaries(work, [row]);
  const [record] = await findPatients(tx, [row.patientId]);
  const episode = await repository.findEpisode(tx, row.episodeId);
  const consents = await repository.findConsents(tx, row.episodeId);
  const steps = await repository.findSteps(tx, [row.id]);
  const messages = await repository.findMessages(tx, row.id);
  const siblings = await repository.findReferralsOf(tx, { episodeIds: [row.episodeId] });
  const institutions = await institutionRefs(tx, [
    ...steps.map((step) => step.byInstitutionId),
    ...messages.map((one) => one.row.byInstitutionId),
    ...consents.map((one) => one.recipientInstitutionId),
  ]);
  const names = await findPeopleNames(tx, row.acceptedBy ? [row.acceptedBy] : []);
  const subject = record ? viewPatient(services.vault, record, now) : null;
  const iso = (at: Date | null) => at?.toISOString() ?? null;
  // Who sent somebody back or on keeps the work, not the file.
  const limited = !sidesOf(actor, row).includes("from") && !receivingStates.includes(row.state);
  return {
    ...summary!,
    patient: subject ?? nobody(row.patientId),
    triage:
      row.triageAssessmentId && !limited
        ? viewTriage(await findAssessment(tx, row.triageAssessmentId))
        : null,
    content: limited ? {} : contentOf(row),
    answer: row.answer,
    acceptedBy: row.acceptedBy ? (names.get(row.acceptedBy) ?? null) : null,
    acceptedAt: iso(row.acceptedAt),
    heldUntil: iso(row.heldUntil),
    bed:
      row.bedHoldId && row.heldUntil ? { holdId: row.bedHoldId, until: iso(row.heldUntil)! } : null,
    appointmentId: row.appointmentId,
    consultId: row.consultId,
    previousId: row.previousId,
    patientAskedAt: iso(row.patientAskedAt),
    formularyCheckedAt: iso(row.formularyCheckedAt),
    actions: actionsOf(actor, row),
    mayAmend:
      sidesOf(actor, row).includes("from") &&
      mayRequest(actor, row) &&
      mayAmendReferral(row.state, row.urgency),
    missing:
      row.state === "draft" || row.state === "patient-consented"
        ? missingOfReferral(row, consentedTo(consents, row.toInstitutionId))
        : [],
    consents: consents.map((one) => ({
      id: one.id,
      recipient: refIn(institutions, one.recipientInstitutionId),
      recipientId: one.recipientInstitutionId,
      given: one.given,
      method: one.method,
      language: one.language as "zh-CN" | "bo" | "en",
      signerName: one.signerName,
      signerRelation: one.signerRelation,
      recordedAt: one.recordedAt.toISOString(),
      withdrawnAt: iso(one.withdrawnAt),
    })),
    messages: messages.map((one) => ({
      id: one.row.id,
      by: one.name,
      institution: refIn(institutions, one.row.byInstitutionId),
      text: one.row.text,
      at: one.row.at.toISOString(),
    })),
    steps: steps.map((step) => viewStep(step, institutions)),
    episode: {
      id: row.episodeId,
      number: episode?.number ?? "",
      state: episode?.state ?? "active",
      version: episode?.version ?? 1,
      complaint: episode?.complaint ?? "",
      openedAt: (episode?.openedAt ?? row.createdAt).toISOString(),
    },
    others: await viewSummaries(
      work,
      siblings.filter((one) => one.id !== row.id),
    ),
    followUps: await viewFollowUpsOf(work, { episodeId: row.episodeId }),
  };
}

export function viewTriage(found: TriageAssessment | null): ReferralDetail["triage"] {
  return (
    found && {
      assessmentId: found.id,
      assessedAt: found.assessedAt.toISOString(),
      complaint: found.complaint,
      outcome: found.outcome,
      urgency: found.urgency,
      redFlags: found.redFlags,
      overruled: found.overruled,
    }
  );
}

/** A house that sent somebody back keeps its referral, but sees no patient in it any more. */
function nobody(id: string): ReferralDetail["patient"] {
  return {
    id,
    fullName: null,
    fullNameBo: null,
    sex: "unknown",
    birthDate: null,
    birthDateEstimated: false,
    ageYears: null,
    ageMonths: null,
    ethnicGroup: null,
    language: "zh-CN",
    address: null,
    residentIdMasked: null,
    unknownPerson: false,
    unknownNote: null,
    contacts: [],
  };
}
