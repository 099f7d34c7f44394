import { randomUUID } from "node:crypto";
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { createOpinionDocument, type OpinionDocument } from "../opinion-document/service.ts";
import { findPatients, viewPatient } from "../patients/service.ts";
import { enqueue } from "../queue/enqueue.ts";
import { canonicalJson, findKeys, verifyOpinionJws } from "../signing/service.ts";
import { mayEditOpinion } from "./access.ts";
import { takeStep, tellOf } from "./change.ts";
import type {
  ConsultDetail,
  OpinionContent,
  opinionDocumentAnswer,
  opinionView,
} from "./contract.ts";
import { tellRequester } from "./desk-service.ts";
import { acknowledgeBy, defaultConsultClocks } from "./domain.ts";
import { findWithPermission } from "./people.ts";
import type { ConsultRow, OpinionRow, ParticipantRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { loadForReader } from "./request-service.ts";
import { viewDetail, viewOpinion } from "./view.ts";

/** Save the draft that the specialists write, in the room or after it; others see it at once. */
export async function saveOpinion(
  work: Work<StaffActor>,
  id: string,
  input: { version: number; content: OpinionContent },
): Promise<z.input<typeof opinionView>> {
  const { tx, actor, now } = work;
  assertPermission(actor, "consult.opinion");
  const { row, participants } = await loadForReader(work, id);
  if (!mayEditOpinion(actor, row, participants)) throw new DomainError("permission.denied");
  await repository.insertOpinion(tx, { consultId: id, version: 1, updatedAt: now });
  const changed = await repository.updateOpinion(tx, id, input.version, {
    ...input.content,
    version: input.version + 1,
    editedBy: actor.personId,
    updatedAt: now,
  });
  if (!changed) {
    const newest = await repository.findOpinion(tx, id);
    throw new DomainError("consult.changed-meanwhile", { by: newest?.editorName ?? "" });
  }
  await tellOf(work, row, "opinion", changed.version);
  return viewOpinion(changed, actor.name, null);
}

/**
 * Put the document together that the lead specialist will sign; it is kept, so that exactly these
 * bytes are signed. A later edit of the draft makes it void.
 * @throws DomainError `opinion.empty`, `opinion.signed`
 */
export async function prepareDocument(
  services: Services,
  work: Work<StaffActor>,
  id: string,
): Promise<z.input<typeof opinionDocumentAnswer>> {
  const { row, participants, opinion } = await loadForSigning(work, id);
  const document = await composeDocument(services, work, row, participants, opinion);
  await repository.updateOpinion(work.tx, id, opinion.version, {
    document,
    documentId: document.documentId,
    documentVersion: opinion.version,
  });
  return { document, canonical: canonicalJson(document) };
}

async function loadForSigning(
  work: Work<StaffActor>,
  id: string,
): Promise<{ row: ConsultRow; participants: ParticipantRow[]; opinion: OpinionRow }> {
  assertPermission(work.actor, "consult.opinion");
  const { row, participants } = await loadForReader(work, id);
  const lead = participants.some(
    (one) => one.personId === work.actor.personId && one.role === "specialist" && one.lead,
  );
  if (!lead || !mayEditOpinion(work.actor, row, participants))
    throw new DomainError("permission.denied");
  const opinion = await repository.findOpinion(work.tx, id);
  if (!opinion?.diagnosticOpinion.trim() || !opinion.plan.trim())
    throw new DomainError("opinion.empty");
  if (opinion.jws) throw new DomainError("opinion.signed");
  return { row, participants, opinion };
}

async function composeDocument(
  services: Services,
  work: Work<StaffActor>,
  row: ConsultRow,
  participants: ParticipantRow[],
  opinion: OpinionRow,
): Promise<OpinionDocument> {
  const { tx, now } = work;
  const institutions = await findInstitutions(tx, [
    row.invitingInstitutionId,
    row.invitedInstitutionId!,
  ]);
  const name = (institutionId: string) =>
    institutions.find((one) => one.id === institutionId)?.name ?? "";
  const [record] = await findPatients(tx, [row.patientId]);
  const patient = viewPatient(services.vault, record!, now);
  const attending = participants.find((one) => one.role === "attending");
  const detail = await viewDetail(services, work, row);
  return createOpinionDocument({
    documentId: randomUUID(),
    consult: { id: row.id, number: row.number, urgency: row.urgency },
    patient: {
      name: patient.fullName,
      nameBo: patient.fullNameBo,
      sex: patient.sex,
      ageYears: patient.ageYears,
      ageMonths: patient.ageMonths,
      identityMasked: patient.residentIdMasked,
    },
    inviting: {
      id: row.invitingInstitutionId,
      name: name(row.invitingInstitutionId),
      department: null,
    },
    attendingDoctor: {
      name: attending?.name ?? detail.requester.name,
      title: attending?.title ?? null,
    },
    invited: {
      id: row.invitedInstitutionId!,
      name: name(row.invitedInstitutionId!),
      department: detail.department?.name ?? null,
    },
    question: row.question ?? "",
    findingsReviewed: opinion.findingsReviewed,
    missingData: opinion.missingData,
    diagnosticOpinion: opinion.diagnosticOpinion,
    diagnoses: opinion.diagnoses,
    testsAdvised: opinion.testsAdvised,
    plan: opinion.plan,
    transferConditions: opinion.transferConditions,
    plainWords: opinion.plainWords,
    doctors: participants
      .filter((one) => one.role === "specialist")
      .map((one) => ({
        personId: one.personId,
        name: one.name,
        title: one.title ?? "医师",
        institution: name(one.institutionId),
        department: detail.department?.name ?? null,
        signs: one.lead,
      })),
    times: {
      requestedAt: row.submittedAt!,
      sessionStartedAt: row.startedAt,
      sessionEndedAt: row.endedAt ?? (row.startedAt ? now : null),
      issuedAt: now,
    },
  });
}

/**
 * File the signature made in the specialist's browser. The room's consult ends with it when it is
 * still going on; the acknowledgement clock starts.
 * @throws DomainError `signature.*`, `consult.changed-meanwhile` when the draft was edited after the document was shown
 */
export async function signOpinion(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  input: { version: number; jws: string },
): Promise<ConsultDetail> {
  const { tx, actor, now } = work;
  const { row, opinion } = await loadForSigning(work, id);
  if (!opinion.document || opinion.documentVersion !== opinion.version)
    throw new DomainError("consult.changed-meanwhile", { by: "" });
  const keys = await findKeys(tx, [actor.personId]);
  const verified = await verifyOpinionJws({
    jws: input.jws,
    document: opinion.document,
    keys,
    now,
  });
  const signed = await repository.updateOpinion(tx, id, opinion.version, {
    // The very document that was verified: another tab may have prepared a new one meanwhile.
    document: opinion.document,
    documentId: opinion.documentId,
    documentVersion: opinion.documentVersion,
    jws: input.jws,
    kid: verified.kid,
    signedBy: actor.personId,
    signedAt: now,
  });
  if (!signed) throw new DomainError("consult.changed-meanwhile", { by: "" });
  const ended =
    row.state === "in-session" || row.state === "interrupted"
      ? await takeStep(work, row, {
          action: "end",
          version: input.version,
          change: { endedAt: now },
        })
      : row;
  const dueAt = acknowledgeBy(now, row.urgency, defaultConsultClocks);
  const changed = await takeStep(work, ended, {
    action: "sign",
    version: ended === row ? input.version : ended.version,
    change: { signedAt: now, acknowledgeBy: dueAt },
  });
  await trace(tx, actor, work.origin, {
    action: "opinion.sign",
    entityType: "opinion",
    entityId: id,
    patientId: row.patientId,
    purpose: "treatment",
    detail: { kid: verified.kid, contentHash: verified.contentHash },
  });
  await tellRequester(work, changed, "opinion-ready");
  await enqueue(tx, {
    task: "consult:acknowledge-clock",
    payload: { consultId: id },
    runAt: dueAt,
    jobKey: `consult-acknowledge:${id}`,
  });
  return viewDetail(services, work, changed);
}

/** Everyone who must hear of an opinion that nobody acknowledged. */
export async function escalationTargets(work: Work, row: ConsultRow): Promise<string[]> {
  const doctors = await findWithPermission(
    work.tx,
    row.invitingInstitutionId,
    "consult.request",
    work.now,
  );
  const desk = row.invitedInstitutionId
    ? await findWithPermission(work.tx, row.invitedInstitutionId, "consult.desk", work.now)
    : [];
  return [...new Set([row.requesterId, ...doctors, ...desk])];
}
