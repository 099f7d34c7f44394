import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { addDays, addWorkingMinutes } from "../calendar/domain.ts";
import { findAgreement, findCalendar, findUsualInvited } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { notify } from "../notices/service.ts";
import { ageOn, findPatients, localDay, parsePhone } from "../patients/service.ts";
import { enqueue } from "../queue/enqueue.ts";
import { assertMayRead } from "./access.ts";
import { changeConsult, takeStep, tellOf, writeStep } from "./change.ts";
import type { ConsultContent, ConsultDetail, consentBody } from "./contract.ts";
import {
  type ConsentKind,
  consentStands,
  defaultConsultClocks,
  guardianBelowYears,
  mayAmend,
  missingForSubmit,
  needsGuardian,
  requiredConsents,
} from "./domain.ts";
import { findDeskStaff } from "./people.ts";
import type { ConsultRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { viewDetail } from "./view.ts";

/** The consult as this reader may see it. @throws DomainError `request.not-found` */
export async function loadForReader(
  work: Work<StaffActor>,
  id: string,
): Promise<{ row: ConsultRow; participants: repository.ParticipantRow[] }> {
  const row = await repository.findConsult(work.tx, id);
  if (!row) throw new DomainError("request.not-found");
  const participants = await repository.findParticipants(work.tx, [id]);
  assertMayRead(work.actor, row, participants);
  return { row, participants };
}

export async function readConsult(
  services: Services,
  work: Work<StaffActor>,
  id: string,
): Promise<ConsultDetail> {
  const { row } = await loadForReader(work, id);
  await trace(work.tx, work.actor, work.origin, {
    action: "consult.read",
    entityType: "consult",
    entityId: id,
    patientId: row.patientId,
    purpose: "treatment",
  });
  return viewDetail(services, work, row);
}

/** Begin a request: a draft that only the own side sees. */
export async function createConsult(
  services: Services,
  work: Work<StaffActor>,
  input: { patientId: string; content: ConsultContent },
): Promise<ConsultDetail> {
  const { tx, actor, now } = work;
  assertPermission(actor, "consult.request");
  const row = await repository.insertConsult(
    tx,
    {
      ...columnsOf(input.content),
      // An emergency needs five things, and whom to ask is not one of them: the page shows it filled in.
      invitedInstitutionId:
        input.content.invitedInstitutionId ??
        (await findUsualInvited(tx, actor.institutionId, localDay(now))),
      patientId: input.patientId,
      invitingInstitutionId: actor.institutionId,
      requesterId: actor.personId,
      updatedAt: now,
    },
    localDay(now),
  );
  await repository.insertParticipants(tx, [
    {
      consultId: row.id,
      personId: actor.personId,
      institutionId: actor.institutionId,
      role: "attending",
      lead: true,
    },
  ]);
  await writeStep(work, row, { action: "draft", from: "draft" });
  await tellOf(work, row);
  return viewDetail(services, work, row);
}

/**
 * Save a draft, or complete what was sent: what the desk asked for, and the rest of an emergency,
 * until it is signed. The version protects what another page wrote; each amendment is a step.
 */
export async function saveDraft(
  _services: Services,
  work: Work<StaffActor>,
  id: string,
  input: { version: number; content: ConsultContent },
): Promise<{ version: number; updatedAt: string; missing: string[] }> {
  assertPermission(work.actor, "consult.request");
  const { row } = await loadForReader(work, id);
  if (row.invitingInstitutionId !== work.actor.institutionId)
    throw new DomainError("permission.denied");
  if (!mayAmend(row.state, row.urgency))
    throw new DomainError("consult.illegal-step", { from: row.state, action: "saveDraft" });
  const { invitedInstitutionId, urgency, ...rest } = input.content;
  const content = row.state === "draft" ? input.content : rest;
  const changed = await changeConsult(work, row, {
    version: input.version,
    change: columnsOf(content),
  });
  if (row.state !== "draft" && !(await amendedJustNow(work, id)))
    await writeStep(work, changed, { action: "amend", from: row.state });
  const consents = await repository.findConsents(work.tx, id);
  return {
    version: changed.version,
    updatedAt: changed.updatedAt.toISOString(),
    missing: missingForSubmit(changed, effective(consents)),
  };
}

function columnsOf(content: ConsultContent): Partial<ConsultRow> {
  return content as Partial<ConsultRow>;
}

function effective(consents: readonly repository.ConsentRow[]) {
  return consents.map((one) => ({ ...one, given: one.given && one.withdrawnAt === null }));
}

/** Pages save by themselves while somebody types: one step stands for ten minutes of one person's writing. */
async function amendedJustNow({ tx, actor, now }: Work<StaffActor>, id: string): Promise<boolean> {
  const last = (await repository.findSteps(tx, id)).at(-1);
  return (
    last?.action === "amend" &&
    last.byPersonId === actor.personId &&
    now.getTime() - last.at.getTime() < 10 * 60_000
  );
}

/**
 * Send the request. The clock of the invited side starts: emergencies and urgent ones at once,
 * routine ones in its working hours.
 * @throws DomainError `consult.incomplete`, `consult.no-agreement`
 */
export async function submitConsult(
  work: Work<StaffActor>,
  row: ConsultRow,
  version: number,
): Promise<ConsultRow> {
  const { tx, actor, now } = work;
  const consents = await repository.findConsents(tx, row.id);
  const missing = missingForSubmit(row, effective(consents));
  if (missing.length > 0) throw new DomainError("consult.incomplete", { missing });
  const invitedId = row.invitedInstitutionId!;
  if (row.callbackPhone && row.urgency === "emergency" && !parsePhone(row.callbackPhone).ok)
    throw new DomainError("patient.phone");
  const agreement = await findAgreement(tx, row.invitingInstitutionId, invitedId, localDay(now));
  if (!agreement) throw new DomainError("consult.no-agreement");
  const respondBy = await respondByOf(work, row);
  const sent = await takeStep(work, row, {
    action: "submit",
    version,
    change: { agreementId: agreement.id, submittedAt: now, respondBy },
  });
  if (
    row.urgency === "emergency" &&
    !effective(consents).some((one) => one.kind === "consult" && one.given)
  ) {
    await trace(tx, actor, work.origin, {
      action: "consult.emergency-without-consent",
      entityType: "consult",
      entityId: row.id,
      patientId: row.patientId,
      purpose: "emergency",
    });
  }
  await notify(tx, {
    personIds: await findDeskStaff(tx, invitedId, now),
    kind: row.urgency === "emergency" ? "consult-emergency" : "consult-submitted",
    entityType: "consult",
    entityId: row.id,
    detail: { urgency: row.urgency },
    dedupeKey: `consult:${row.id}:submitted:${sent.version}`,
    at: now,
  });
  await enqueue(tx, {
    task: "consult:respond-clock",
    payload: { consultId: row.id, respondBy: respondBy.toISOString() },
    runAt: respondBy,
    jobKey: `consult-respond:${row.id}`,
  });
  return sent;
}

/** When the invited side must have answered: in its working hours when it is routine, else at once. */
async function respondByOf({ tx, now }: Work<StaffActor>, row: ConsultRow): Promise<Date> {
  const minutes = defaultConsultClocks.respondMinutes[row.urgency];
  if (row.urgency !== "routine") return new Date(now.getTime() + minutes * 60_000);
  const today = localDay(now);
  const calendar = await findCalendar(tx, row.invitedInstitutionId!, today, addDays(today, 60));
  return addWorkingMinutes(calendar, now, minutes);
}

/** @throws DomainError `consult.consent-missing` when the patient did not agree to the consult, or took it back */
export async function assertConsent(work: Work<StaffActor>, row: ConsultRow): Promise<void> {
  const consents = await repository.findConsents(work.tx, row.id);
  if (!consentStands(consents, row.urgency)) throw new DomainError("consult.consent-missing");
}

/**
 * Record one consent as it was given (or refused), read aloud in the patient's language.
 * A refusal takes back what was agreed to before.
 * @throws DomainError `consent.evidence`, `consent.relative-name`, `consent.guardian`
 */
export async function recordConsent(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  input: z.infer<typeof consentBody>,
): Promise<ConsultDetail> {
  assertPermission(work.actor, "consult.request");
  const { row } = await loadForReader(work, id);
  if (row.invitingInstitutionId !== work.actor.institutionId)
    throw new DomainError("permission.denied");
  const before = standing(await repository.findConsents(work.tx, id));
  const participants = await repository.findParticipants(work.tx, [id]);
  await insertConsent(work, row, input);
  const after = standing(await repository.findConsents(work.tx, id));
  const ended = before.filter((one) => !after.some((other) => other.id === one.id));
  if (ended.length === 0) return viewDetail(services, work, row);
  return viewDetail(
    services,
    work,
    await endConsents(work, row, participants, ended, input.reason ?? ""),
  );
}

function standing(consents: readonly repository.ConsentRow[]): repository.ConsentRow[] {
  return consents.filter((one) => one.given && one.withdrawnAt === null);
}

/** The checked insert behind {@link recordConsent}, also used when a relative is invited. */
export async function insertConsent(
  work: Work<StaffActor>,
  row: ConsultRow,
  input: z.infer<typeof consentBody>,
): Promise<repository.ConsentRow> {
  const { tx, actor, now } = work;
  const signed =
    input.method === "signature" &&
    (input.signature?.strokes ?? []).some((stroke) => stroke.length > 1);
  const witnessed = input.method === "fingerprint" && input.witnessName && input.reason;
  const emergency =
    input.method === "emergency" &&
    input.reason &&
    row.urgency === "emergency" &&
    requiredConsents.includes(input.kind);
  if (input.given && !signed && !witnessed && !emergency) throw new DomainError("consent.evidence");
  if (!input.given && input.method !== "signature" && !input.reason)
    throw new DomainError("consent.evidence");
  // In an emergency nobody signs; otherwise a child does not.
  if (input.method !== "emergency" && needsGuardian(await ageOf(work, row), input.signerRelation))
    throw new DomainError("consent.guardian", { years: guardianBelowYears });
  if (input.kind === "relative" && !input.relativeName)
    throw new DomainError("consent.relative-name");
  const consent = await repository.insertConsent(tx, {
    ...input,
    signature: input.signature ?? null,
    consultId: row.id,
    recordedBy: actor.personId,
    recordedAt: now,
  });
  await trace(tx, actor, work.origin, {
    action: input.given ? "consent.given" : "consent.refused",
    entityType: "consent",
    entityId: consent.id,
    patientId: row.patientId,
    purpose: "treatment",
    detail: { kind: input.kind, method: input.method },
  });
  return consent;
}

async function ageOf({ tx, now }: Work<StaffActor>, row: ConsultRow): Promise<number | null> {
  const [patient] = await findPatients(tx, [row.patientId]);
  const birthDate = patient?.row.birthDate;
  return birthDate ? (ageOn(birthDate, localDay(now))?.years ?? null) : null;
}

/**
 * Withdrawing takes effect at once: observers leave the list, an invited relative's link dies. Of a
 * relative one consent is taken back, of anything else whatever was agreed to.
 */
export async function withdrawConsent(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  consentId: string,
  reason: string,
): Promise<ConsultDetail> {
  const { tx, actor, now } = work;
  assertPermission(actor, "consult.request");
  const { row, participants } = await loadForReader(work, id);
  if (row.invitingInstitutionId !== actor.institutionId) throw new DomainError("permission.denied");
  const consents = await repository.findConsents(tx, id);
  const consent = consents.find((one) => one.id === consentId && one.given);
  if (!consent) throw new DomainError("request.not-found");
  const which = consent.kind === "relative" ? { id: consentId } : { kind: consent.kind };
  const ended =
    consent.withdrawnAt === null ? await repository.withdrawConsents(tx, id, which, now) : [];
  // Taken back before: nothing happens a second time.
  if (ended.length === 0) return viewDetail(services, work, row);
  return viewDetail(services, work, await endConsents(work, row, participants, ended, reason));
}

/** What follows when consents no longer stand; rows have their effects by triggers. */
async function endConsents(
  work: Work<StaffActor>,
  row: ConsultRow,
  before: readonly repository.ParticipantRow[],
  ended: readonly repository.ConsentRow[],
  reason: string,
): Promise<ConsultRow> {
  const { tx, actor, origin, now } = work;
  for (const consent of ended)
    await trace(tx, actor, origin, {
      action: "consent.withdrawn",
      entityType: "consent",
      entityId: consent.id,
      patientId: row.patientId,
      purpose: "treatment",
      detail: { kind: consent.kind, reason },
    });
  const participants = await repository.findParticipants(tx, [row.id]);
  const left = before
    .map((one) => one.personId)
    .filter((id) => !participants.some((one) => one.personId === id));
  const changed = await changeConsult(work, row, { version: row.version, change: {}, left });
  const kinds: ConsentKind[] = [...new Set(ended.map((one) => one.kind))];
  const desk =
    row.submittedAt && row.invitedInstitutionId
      ? await findDeskStaff(tx, row.invitedInstitutionId, now)
      : [];
  // Without these the consult does not go on: both sides must know.
  for (const kind of kinds.filter((one) => requiredConsents.includes(one)))
    await notify(tx, {
      personIds: [row.requesterId, ...participants.map((one) => one.personId), ...desk].filter(
        (id) => id !== actor.personId,
      ),
      kind: "consent-withdrawn",
      entityType: "consult",
      entityId: row.id,
      detail: { consent: kind },
      dedupeKey: `consult:${row.id}:consent-withdrawn:${kind}:${changed.version}`,
      at: now,
    });
  return changed;
}

/** The inviting side answers what the desk asked for; the request goes back into the queue. */
export async function answerMore(
  work: Work<StaffActor>,
  row: ConsultRow,
  version: number,
  text: string,
): Promise<ConsultRow> {
  const { tx, actor, now } = work;
  await repository.insertMessage(tx, {
    consultId: row.id,
    byPersonId: actor.personId,
    byInstitutionId: actor.institutionId,
    text,
    at: now,
  });
  const respondBy = await respondByOf(work, row);
  const sent = await takeStep(work, row, { action: "answerMore", version, change: { respondBy } });
  await enqueue(tx, {
    task: "consult:respond-clock",
    payload: { consultId: row.id, respondBy: respondBy.toISOString() },
    runAt: respondBy,
    jobKey: `consult-respond:${row.id}`,
  });
  return sent;
}

/**
 * The attending doctor takes note of the signed opinion and decides treatment. An emergency or
 * urgent opinion is read back by telephone.
 * @throws DomainError `consult.readback-missing`
 */
export async function acknowledge(
  work: Work<StaffActor>,
  row: ConsultRow,
  input: {
    version: number;
    treatmentDecision: string;
    readBack?: { by: string; to: string; at: string } | null | undefined;
  },
): Promise<ConsultRow> {
  const { actor, now } = work;
  if (row.urgency !== "routine" && !input.readBack)
    throw new DomainError("consult.readback-missing");
  return takeStep(work, row, {
    action: "acknowledge",
    version: input.version,
    change: {
      acknowledgedAt: now,
      acknowledgedBy: actor.personId,
      treatmentDecision: input.treatmentDecision,
      readBack: input.readBack ?? null,
    },
  });
}
