/** The patient's side: who is free, ask, show evidence, wait, give up. */
import { putAlarm } from "../alarms/service.ts";
import { trace } from "../audit/service.ts";
import { addDays } from "../calendar/domain.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Services, Work } from "../http/context.ts";
import type { PatientActor } from "../identity/domain.ts";
import { findPeopleNames } from "../identity/service.ts";
import type { ContactRelation } from "../patients/domain.ts";
import { findPatient, localDay, type PatientRecord, phoneContext } from "../patients/service.ts";
import type { KnownDiagnoses } from "../records/service.ts";
import { assess } from "../triage/service.ts";
import { alarmKey, dayEndAlarm, loadVisit, takeStep, tellOf, writeStep } from "./change.ts";
import type { AskAnswer, AskBody, DangerAnswer, MyVisit, VisitChoices } from "./contract.ts";
import {
  complaintOf,
  conditionsOf,
  expectedMinutes,
  findEvidence,
  isOpen,
  mayVisitByVideo,
  needsGuardian,
  orderDoctors,
  visitLimits,
} from "./domain.ts";
import * as repository from "./repository.ts";
import { ageYearsOf, callbackContext, viewMine } from "./view.ts";

const minute = 60_000;
const shownMs = 400 * 24 * 60 * minute;

/** @throws DomainError `request.not-found`: another phone's people are not there */
async function loadOwn(work: Work<PatientActor>, patientId: string): Promise<PatientRecord> {
  const record = work.actor.patientIds.includes(patientId)
    ? await findPatient(work.tx, patientId)
    : null;
  if (!record) throw new DomainError("request.not-found");
  return record;
}

/** What the person with the phone is to the patient: nearest first. */
function relationOf(actor: PatientActor, record: PatientRecord): ContactRelation {
  const relations = record.contacts
    .filter((one) => one.maySignIn && one.phoneIndex.equals(actor.phoneIndex))
    .map((one) => one.relation);
  return relations.find((one) => one === "self") ?? relations[0] ?? "relative";
}

/** The number of the phone that asks, as it stands with the patient. */
function ownPhone(services: Services, actor: PatientActor, record: PatientRecord): string {
  const own = record.contacts.find((one) => one.phoneIndex.equals(actor.phoneIndex));
  return own ? services.vault.open(phoneContext, own.phoneCipher) : "";
}

/** Illnesses that the alliance knows, and doctors: the signed one first, else who is free soonest. */
export async function readChoices(
  work: Work<PatientActor>,
  patientId: string,
  known: KnownDiagnoses,
): Promise<VisitChoices> {
  const { tx, actor, origin, now } = work;
  const record = await loadOwn(work, patientId);
  const signed = await repository.findSigned(tx, record.registrations);
  const onDuty = await repository.findDoctors(tx, now);
  const all = [
    ...onDuty.map((one) => ({
      doctorId: one.doctor_id,
      institutionId: one.institution_id,
      ahead: one.ahead,
      onDuty: true,
      signed: one.doctor_id === signed?.doctorId && one.institution_id === signed.institutionId,
    })),
  ];
  if (signed && !all.some((one) => one.signed))
    all.push({ ...signed, ahead: 0, onDuty: false, signed: true });
  const names = await findPeopleNames(
    tx,
    all.map((one) => one.doctorId),
  );
  const houses = await findInstitutions(tx, [...new Set(all.map((one) => one.institutionId))]);
  const open = (await repository.findOfPatients(tx, [patientId], new Date(0))).find((one) =>
    isOpen(one.state),
  );
  await trace(tx, actor, origin, {
    action: "visit.choices",
    entityType: "patient",
    entityId: patientId,
    patientId,
  });
  return {
    conditions: conditionsOf(known.found, localDay(now)).map((one) => ({
      ...one,
      complaint: complaintOf(one.code),
    })),
    otherComplaint: complaintOf(null),
    silent: [...known.silent],
    doctors: orderDoctors(all).map((one) => ({
      doctor: { id: one.doctorId, name: names.get(one.doctorId) ?? "" },
      house: {
        id: one.institutionId,
        name: houses.find((each) => each.id === one.institutionId)?.name ?? "",
      },
      signed: one.signed,
      onDuty: one.onDuty,
      ahead: one.ahead,
      minutes: expectedMinutes(one.ahead),
    })),
    guardianNeeded: needsGuardian(ageYearsOf(record, now)),
    openVisitId: open?.id ?? null,
  };
}

/**
 * A danger sign is answered as soon as it is named or cannot be ruled out: whether a doctor receives now, and which,
 * changes nothing about it.
 * @throws DomainError `request.not-found`, those of triage
 */
export async function judgeDanger(
  work: Work<PatientActor>,
  { patientId, triage }: Pick<AskBody, "patientId" | "triage">,
): Promise<DangerAnswer> {
  const record = await loadOwn(work, patientId);
  const relation = relationOf(work.actor, record);
  const judged = await assess(work, { ...triage, patientId, relation });
  return { triage: mayVisitByVideo(judged) ? null : judged };
}

/**
 * Ask for a visit. Danger signs are judged first and here: what is for today or for 120 is the triage answer and no
 * visit. With evidence from the record the patient is in the queue at once; else it is asked for.
 * @throws DomainError `request.not-found`, `visit.already`, `visit.no-doctor`, those of triage
 */
export async function askForVisit(
  services: Services,
  work: Work<PatientActor>,
  body: AskBody,
  known: KnownDiagnoses,
): Promise<AskAnswer> {
  const { tx, actor, now } = work;
  const record = await loadOwn(work, body.patientId);
  const before = await repository.findOfPatients(tx, record.registrations, new Date(0));
  if (before.some((one) => isOpen(one.state))) throw new DomainError("visit.already");
  const relation = relationOf(actor, record);
  const triage = await assess(work, { ...body.triage, patientId: body.patientId, relation });
  if (!mayVisitByVideo(triage)) return { visit: null, triage };
  const onDuty = (await repository.findDoctors(tx, now)).filter(
    (one) => one.institution_id === body.institutionId,
  );
  if (!onDuty.some((one) => body.doctorId === null || one.doctor_id === body.doctorId))
    throw new DomainError("visit.no-doctor");
  const today = localDay(now);
  const evidence = findEvidence(body.condition, known.found, today);
  const row = await repository.insertVisit(tx, {
    number: await repository.newNumber(tx, today),
    institutionId: body.institutionId,
    patientId: body.patientId,
    doctorId: body.doctorId,
    relation,
    condition: body.condition,
    reason: body.reason,
    assessmentId: triage.id,
    evidenceFrom: evidence.length > 0 ? "record" : "none",
    evidence,
    callbackCipher: services.vault.seal(
      callbackContext,
      body.callbackPhone ?? ownPhone(services, actor, record),
    ),
    requestedAt: now,
    note: { s: "", o: "", a: "", p: "" },
    diagnoses: [],
    updatedAt: now,
  });
  await writeStep(work, row, { action: "ask", from: null });
  await putAlarm(tx, {
    kind: dayEndAlarm,
    entityId: row.id,
    key: alarmKey(row.id),
    // Midnight in China: nobody waits over night.
    dueAt: new Date(`${addDays(today, 1)}T00:00:00+08:00`),
  });
  const waiting = evidence.length > 0 ? await joinQueue(work, row) : row;
  if (waiting === row) await tellOf(work, row);
  return { visit: (await viewMine(work, [waiting]))[0]!, triage: null };
}

const joinQueue = (
  work: Work<PatientActor>,
  row: repository.VisitRow,
  change: Partial<repository.VisitRow> = {},
) =>
  takeStep(work, row, {
    action: "join",
    version: row.version,
    change: {
      ...change,
      waitingAt: work.now,
      dueAt: new Date(work.now.getTime() + visitLimits.waitMinutes * minute),
    },
  });

/** The photos are there, or there are none: into the queue. @throws DomainError `visit.illegal-step`, `visit.changed-meanwhile` */
export async function joinVisit(
  work: Work<PatientActor>,
  id: string,
  { version }: { version: number },
): Promise<MyVisit> {
  const row = await loadVisit(work, id);
  if (row.version !== version) throw new DomainError("visit.changed-meanwhile");
  const files = await repository.findFiles(work.tx, id);
  const shown = files.some((one) => one.purpose === "evidence");
  const changed = await joinQueue(work, row, { evidenceFrom: shown ? "patient" : "none" });
  return (await viewMine(work, [changed]))[0]!;
}

export async function cancelVisit(
  work: Work<PatientActor>,
  id: string,
  { version }: { version: number },
): Promise<MyVisit> {
  const row = await loadVisit(work, id);
  const changed = await takeStep(work, row, { action: "cancel", version });
  return (await viewMine(work, [changed]))[0]!;
}

/** Of all whose pages this phone may open, newest first. */
export async function listMine(work: Work<PatientActor>): Promise<{ visits: MyVisit[] }> {
  const { tx, actor, origin, now } = work;
  const since = new Date(now.getTime() - shownMs);
  const rows = await repository.findOfPatients(tx, actor.patientIds, since);
  for (const patientId of new Set(rows.map((row) => row.patientId)))
    await trace(tx, actor, origin, {
      action: "visit.list-own",
      entityType: "patient",
      entityId: patientId,
      patientId,
    });
  return { visits: await viewMine(work, rows) };
}

/** @throws DomainError `request.not-found` */
export async function readMine(work: Work<PatientActor>, id: string): Promise<MyVisit> {
  const row = await loadVisit(work, id);
  await trace(work.tx, work.actor, work.origin, {
    action: "visit.read-own",
    entityType: "visit",
    entityId: id,
    patientId: row.patientId,
  });
  return (await viewMine(work, [row]))[0]!;
}
