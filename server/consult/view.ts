import { eq, inArray } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { department } from "../directory/schema.ts";
import { findInstitutions, type InstitutionRow } from "../directory/service.ts";
import type { Services, Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { person } from "../identity/schema.ts";
import {
  ageOn,
  findPatients,
  localDay,
  type PatientRecord,
  viewPatient,
} from "../patients/service.ts";
import { actionsOf, mayEditOpinion, mayEnterRoom, maySeeFile, sideOf } from "./access.ts";
import type { ConsultDetail, ConsultSummary } from "./contract.ts";
import { compareByClock, mayAmend, missingForSubmit } from "./domain.ts";
import { usualOxygen } from "./oxygen-range.ts";
import type { ConsultRow, OpinionRow } from "./repository.ts";
import * as repository from "./repository.ts";

/** The clock that runs now, for whom it matters. */
export function clockOf(row: ConsultRow): ConsultSummary["clock"] {
  if (row.state === "submitted" && row.respondBy)
    return { kind: "respond", dueAt: row.respondBy.toISOString() };
  if ((row.state === "scheduled" || row.state === "specialist-absent") && row.scheduledStart)
    return { kind: "meeting", dueAt: row.scheduledStart.toISOString() };
  if (row.state === "signed" && row.acknowledgeBy)
    return { kind: "acknowledge", dueAt: row.acknowledgeBy.toISOString() };
  return null;
}

/** Rows as queue items, ordered by urgency and clock. */
export async function viewSummaries(
  work: Work<StaffActor>,
  rows: readonly ConsultRow[],
): Promise<ConsultSummary[]> {
  const { tx, actor, now } = work;
  const institutions = await findInstitutions(tx, [
    ...new Set(
      rows.flatMap((row) => [row.invitingInstitutionId, row.invitedInstitutionId ?? []].flat()),
    ),
  ]);
  const patients = await findPatients(tx, [...new Set(rows.map((row) => row.patientId))]);
  const names = await findNames(tx, [...new Set(rows.map((row) => row.requesterId))]);
  return rows
    .map((row) => summarise(row, actor, institutions, patients, names, now))
    .sort((left, right) =>
      compareByClock(
        { urgency: left.urgency, dueAt: left.clock?.dueAt ?? null },
        { urgency: right.urgency, dueAt: right.clock?.dueAt ?? null },
      ),
    );
}

function summarise(
  row: ConsultRow,
  actor: StaffActor,
  institutions: InstitutionRow[],
  patients: PatientRecord[],
  names: Map<string, string>,
  now: Date,
): ConsultSummary {
  const patient = patients.find((one) => one.row.id === row.patientId)?.row;
  const institution = (id: string | null) => {
    const found = institutions.find((one) => one.id === id);
    return found
      ? {
          id: found.id,
          name: found.name,
          nameBo: found.nameBo,
          altitudeMetres: found.altitudeMetres,
        }
      : null;
  };
  return {
    id: row.id,
    number: row.number,
    state: row.state,
    version: row.version,
    urgency: row.urgency,
    side: sideOf(actor, row),
    patient: {
      id: row.patientId,
      fullName: patient?.fullName ?? null,
      fullNameBo: patient?.fullNameBo ?? null,
      sex: patient?.sex ?? "unknown",
      ageYears: patient?.birthDate
        ? (ageOn(patient.birthDate, localDay(now))?.years ?? null)
        : null,
    },
    complaint: row.complaint,
    question: row.question,
    wantedSpecialty: row.wantedSpecialty,
    inviting: institution(row.invitingInstitutionId)!,
    invited: institution(row.invitedInstitutionId),
    requester: { id: row.requesterId, name: names.get(row.requesterId) ?? "" },
    clock: clockOf(row),
    submittedAt: row.submittedAt?.toISOString() ?? null,
    scheduledStart: row.scheduledStart?.toISOString() ?? null,
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** Everything a page about one consult shows to this reader. */
export async function viewDetail(
  services: Services,
  work: Work<StaffActor>,
  row: ConsultRow,
): Promise<ConsultDetail> {
  const { tx, actor, now } = work;
  const [summary] = await viewSummaries(work, [row]);
  const [record] = await findPatients(tx, [row.patientId]);
  const participants = await repository.findParticipants(tx, [row.id]);
  const consents = await repository.findConsents(tx, row.id);
  const steps = await repository.findSteps(tx, row.id);
  const messages = await repository.findMessages(tx, row.id);
  const attachments = await repository.findAttachments(tx, row.id);
  const guests = await repository.findGuests(tx, row.id);
  const opinion = await repository.findOpinion(tx, row.id);
  const ids = [
    ...participants.map((one) => one.institutionId),
    ...steps.flatMap((step) => step.byInstitutionId ?? []),
    ...messages.map((one) => one.row.byInstitutionId),
  ];
  const institutions = await findInstitutions(tx, [...new Set(ids)]);
  const institutionName = (id: string | null) =>
    institutions.find((one) => one.id === id)?.name ?? null;
  const names = await findNames(
    tx,
    [row.acceptedBy, opinion?.signedBy].filter((id): id is string => Boolean(id)),
  );
  const [unit] = row.departmentId
    ? await tx.select().from(department).where(eq(department.id, row.departmentId))
    : [];
  const current = consents.map((one) => ({ ...one, given: one.given && one.withdrawnAt === null }));
  const iso = (at: Date | null) => at?.toISOString() ?? null;
  // Observers and interpreters need the meeting, not the file.
  const mine = participants.find((one) => one.personId === actor.personId);
  const limited = !maySeeFile(actor, row, participants);
  const shared = limited ? null : row;
  return {
    ...summary!,
    patient: viewSubject(record ? viewPatient(services.vault, record, now) : null, row, limited),
    content: {
      wantedTitle: row.wantedTitle,
      wantedTime: row.wantedTime,
      reason: row.reason,
      purpose: row.purpose,
      presentHistory: shared?.presentHistory ?? null,
      pastHistory: shared?.pastHistory ?? null,
      examination: shared?.examination ?? null,
      vitals: row.vitals,
      investigations: shared?.investigations ?? null,
      provisionalDiagnoses: row.provisionalDiagnoses,
      treatmentSoFar: shared?.treatmentSoFar ?? null,
      callbackPhone: shared?.callbackPhone ?? null,
    },
    department: unit ? { id: unit.id, name: unit.name } : null,
    acceptedBy: row.acceptedBy ? (names.get(row.acceptedBy) ?? null) : null,
    scheduledEnd: iso(row.scheduledEnd),
    startedAt: iso(row.startedAt),
    endedAt: iso(row.endedAt),
    signedAt: iso(row.signedAt),
    acknowledgedAt: iso(row.acknowledgedAt),
    escalatedAt: iso(row.escalatedAt),
    readBack: row.readBack ?? null,
    treatmentDecision: row.treatmentDecision,
    actions: actionsOf(actor, row, participants),
    mayAmend:
      summary!.side === "inviting" &&
      actor.permissions.has("consult.request") &&
      mayAmend(row.state, row.urgency),
    mayEditOpinion: mayEditOpinion(actor, row, participants),
    usualOxygen: usualOxygen(row.vitals.altitudeMetres, summary!.patient.ageYears),
    maySign: mine?.role === "specialist" && mine.lead && actor.permissions.has("consult.opinion"),
    mayEnterRoom: mayEnterRoom(actor, row, participants),
    missing: row.state === "draft" ? missingForSubmit(row, current) : [],
    consents: consents.map((one) => ({
      id: one.id,
      kind: one.kind,
      given: one.given,
      method: one.method,
      language: one.language as "zh-CN" | "bo" | "en",
      signerName: one.signerName,
      signerRelation: one.signerRelation,
      witnessName: one.witnessName,
      reason: one.reason,
      relativeName: one.relativeName,
      recordedAt: one.recordedAt.toISOString(),
      withdrawnAt: iso(one.withdrawnAt),
    })),
    participants: participants.map((one) => ({
      personId: one.personId,
      name: one.name,
      title: one.title,
      institution: institutionName(one.institutionId) ?? "",
      role: one.role,
      lead: one.lead,
    })),
    attachments: limited ? [] : attachments.map(viewAttachment),
    messages: limited
      ? []
      : messages.map((one) => ({
          id: one.row.id,
          by: one.name,
          institution: institutionName(one.row.byInstitutionId) ?? "",
          text: one.row.text,
          at: one.row.at.toISOString(),
        })),
    steps: steps.map((step) => ({
      action: step.action,
      from: step.fromState,
      to: step.toState,
      by: step.byName,
      institution: institutionName(step.byInstitutionId),
      reason: step.reason,
      at: step.at.toISOString(),
    })),
    guests: guests.map((guest) => ({
      id: guest.id,
      name: guest.name,
      relation: guest.relation,
      expiresAt: guest.expiresAt.toISOString(),
      revokedAt: iso(guest.revokedAt),
      firstUsedAt: iso(guest.firstUsedAt),
    })),
    opinion:
      opinion && !limited
        ? viewOpinion(
            opinion,
            opinion.editorName,
            opinion.signedBy ? (names.get(opinion.signedBy) ?? null) : null,
          )
        : null,
  };
}

/** A side that said no keeps its consult in the archive, but sees no patient in it any more. */
function viewSubject(
  patient: ConsultDetail["patient"] | null,
  row: ConsultRow,
  limited: boolean,
): ConsultDetail["patient"] {
  if (patient) return limited ? withoutIdentifiers(patient) : patient;
  return {
    id: row.patientId,
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

function withoutIdentifiers(view: ConsultDetail["patient"]): ConsultDetail["patient"] {
  return { ...view, residentIdMasked: null, address: null, contacts: [], birthDate: null };
}

export function viewAttachment(
  row: Awaited<ReturnType<typeof repository.findAttachments>>[number],
): ConsultDetail["attachments"][number] {
  return {
    id: row.id,
    purpose: row.purpose,
    name: row.name,
    mediaType: row.mediaType,
    sizeBytes: row.sizeBytes,
    receivedBytes: row.receivedBytes,
    state: row.state,
    sha256: row.sha256?.toString("hex") ?? null,
    uploadedBy: row.uploadedByName,
    createdAt: row.createdAt.toISOString(),
  };
}

export function viewOpinion(
  row: OpinionRow,
  editorName: string | null,
  signerName: string | null,
): NonNullable<ConsultDetail["opinion"]> {
  return {
    findingsReviewed: row.findingsReviewed,
    missingData: row.missingData,
    diagnosticOpinion: row.diagnosticOpinion,
    diagnoses: row.diagnoses,
    testsAdvised: row.testsAdvised,
    plan: row.plan,
    transferConditions: row.transferConditions,
    plainWords: row.plainWords,
    version: row.version,
    editedBy: editorName,
    updatedAt: row.updatedAt.toISOString(),
    signedBy: signerName,
    signedAt: row.signedAt?.toISOString() ?? null,
    kid: row.kid,
  };
}

export async function findNames(tx: Tx, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await tx
    .select({ id: person.id, name: person.name })
    .from(person)
    .where(inArray(person.id, [...ids]));
  return new Map(rows.map((row) => [row.id, row.name]));
}
