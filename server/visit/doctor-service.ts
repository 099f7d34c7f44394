/** The doctor's side: queue, call, decision, note, end, stop, a patient who fell silent. */
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { findPatient } from "../patients/service.ts";
import { changeVisit, loadVisit, sidesOf, takeStep, tellOf, writeStep } from "./change.ts";
import type {
  decisionBody,
  saveBody,
  silenceBody,
  stopBody,
  VisitDetail,
  VisitQueue,
} from "./contract.ts";
import { needsGuardian, roomStates, visitLimits } from "./domain.ts";
import { tellCalled } from "./patient-notice.ts";
import type { VisitRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { ageYearsOf, viewSummaries, viewVisit } from "./view.ts";

const minute = 60_000;
const listedMs = 24 * 60 * minute;

/** @throws DomainError `permission.denied` unless it is this doctor's, in the room */
function assertWrites(actor: StaffActor, row: VisitRow, version?: number): void {
  if (!sidesOf(actor, row).includes("doctor")) throw new DomainError("permission.denied");
  if (!roomStates.includes(row.state))
    throw new DomainError("visit.illegal-step", { state: row.state });
  if (version !== undefined && row.version !== version)
    throw new DomainError("visit.changed-meanwhile");
}

/** Who waits at the house, whoever waits longest first, and what this day brought. */
export async function readQueue(work: Work<StaffActor>): Promise<VisitQueue> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "visit.conduct");
  const since = new Date(now.getTime() - listedMs);
  const rows = (await repository.findOfHouse(tx, actor.institutionId, since)).filter(
    // What another doctor has taken is that doctor's.
    (one) => one.state === "waiting" || one.doctorId === null || one.doctorId === actor.personId,
  );
  const duty = await repository.findDuty(tx, actor.institutionId, actor.personId);
  await trace(tx, actor, origin, {
    action: "visit.queue",
    entityType: "institution",
    entityId: actor.institutionId,
    detail: { rows: rows.length },
  });
  return {
    duty:
      duty && duty.until > now
        ? { since: duty.since.toISOString(), until: duty.until.toISOString() }
        : null,
    visits: await viewSummaries(work, rows),
  };
}

/** Receive by video from now on, or no more. Who waits stays in the queue. */
export async function setDuty(
  work: Work<StaffActor>,
  { open }: { open: boolean },
): Promise<VisitQueue> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "visit.conduct");
  await repository.putDuty(tx, {
    institutionId: actor.institutionId,
    doctorId: actor.personId,
    since: now,
    until: open ? new Date(now.getTime() + visitLimits.dutyHours * 60 * minute) : now,
  });
  await trace(tx, actor, origin, {
    action: open ? "visit.open-duty" : "visit.close-duty",
    entityType: "institution",
    entityId: actor.institutionId,
  });
  return readQueue(work);
}

/** @throws DomainError `permission.denied`, `request.not-found` */
export async function readVisit(
  services: Services,
  work: Work<StaffActor>,
  id: string,
): Promise<VisitDetail> {
  assertPermission(work.actor, "visit.conduct");
  const row = await loadVisit(work, id);
  await trace(work.tx, work.actor, work.origin, {
    action: "visit.read",
    entityType: "visit",
    entityId: id,
    patientId: row.patientId,
    purpose: "treatment",
  });
  return viewVisit(services, work, row);
}

/** Call the patient in; from now on the visit is this doctor's. The route asks for a fresh proof of identity. */
export async function callIn(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  { version }: { version: number },
): Promise<VisitDetail> {
  const { actor, now } = work;
  assertPermission(actor, "visit.conduct");
  const row = await loadVisit(work, id);
  const changed = await takeStep(work, row, {
    action: "call",
    version,
    change: {
      doctorId: actor.personId,
      calledAt: now,
      dueAt: new Date(now.getTime() + visitLimits.joinMinutes * minute),
    },
  });
  await tellCalled(services, work, changed);
  return viewVisit(services, work, changed);
}

/** Both are there and the node's word is late; or the patient did not come: back into the queue, or missed. */
export async function move(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  { version, action }: { version: number; action: "enter" | "put-back" | "miss" },
): Promise<VisitDetail> {
  assertPermission(work.actor, "visit.conduct");
  const row = await loadVisit(work, id);
  const changed = await takeStep(work, row, {
    action,
    version,
    change:
      action === "enter"
        ? { startedAt: work.now, dueAt: null }
        : action === "put-back"
          ? { dueAt: new Date(work.now.getTime() + visitLimits.waitMinutes * minute) }
          : { dueAt: null },
  });
  return viewVisit(services, work, changed);
}

/**
 * "Eligible for follow-up", or not, with the reason: in the visit, by its doctor.
 * @throws DomainError `visit.guardian` for a child under 6 without one, `visit.prescribed`, `visit.illegal-step`
 */
export async function decide(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  body: z.output<typeof decisionBody>,
): Promise<VisitDetail> {
  const { tx, actor, now } = work;
  assertPermission(actor, "visit.conduct");
  const row = await loadVisit(work, id);
  assertWrites(actor, row, body.version);
  if (row.state !== "in-visit") throw new DomainError("visit.illegal-step", { state: row.state });
  const patient = await findPatient(tx, row.patientId);
  const child = patient ? needsGuardian(ageYearsOf(patient, now)) : false;
  if (body.decision === "eligible" && child && (!body.guardianPresent || !body.guardianName))
    throw new DomainError("visit.guardian");
  const changed = await changeVisit(work, row, body.version, {
    decision: body.decision,
    decisionReason: body.reason,
    decidedBy: actor.personId,
    decidedAt: now,
    guardianPresent: body.guardianPresent,
    guardianName: body.guardianName,
  });
  await writeStep(work, changed, {
    action: body.decision,
    from: row.state,
    reason: body.reason,
  });
  await tellOf(work, changed);
  return viewVisit(services, work, changed);
}

/** Note and words for the patient, as far as they are. */
export async function saveNote(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  { version, ...words }: z.output<typeof saveBody>,
): Promise<VisitDetail> {
  assertPermission(work.actor, "visit.conduct");
  const row = await loadVisit(work, id);
  assertWrites(work.actor, row, version);
  return viewVisit(services, work, await changeVisit(work, row, version, words));
}

/**
 * The end: what the patient takes along is complete, and it was decided that this is a follow-up.
 * @throws DomainError `visit.decision`, `visit.incomplete`
 */
export async function endVisit(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  { version, ...words }: z.output<typeof saveBody>,
): Promise<VisitDetail> {
  assertPermission(work.actor, "visit.conduct");
  const row = await loadVisit(work, id);
  assertWrites(work.actor, row, version);
  if (row.decision !== "eligible") throw new DomainError("visit.decision");
  if ([words.summary, words.returnWhen, words.callWhen].includes(""))
    throw new DomainError("visit.incomplete");
  const changed = await takeStep(work, row, {
    action: "end",
    version,
    change: { ...words, endedAt: work.now, dueAt: null },
  });
  return viewVisit(services, work, changed);
}

/** Stop at once, with the reason: somebody else is at the camera, nobody answers. */
export async function stopVisit(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  { version, reason, note }: z.output<typeof stopBody>,
): Promise<VisitDetail> {
  assertPermission(work.actor, "visit.conduct");
  const row = await loadVisit(work, id);
  assertWrites(work.actor, row, version);
  const changed = await takeStep(work, row, {
    action: "stop",
    version,
    reason: note === "" ? reason : `${reason}: ${note}`,
    change: { stopReason: reason, endedAt: work.now, dueAt: null },
  });
  return viewVisit(services, work, changed);
}

/** What was done about a patient who fell silent; the visit goes on until it is stopped or they are back. */
export async function noteSilence(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  { action, note }: z.output<typeof silenceBody>,
): Promise<VisitDetail> {
  assertPermission(work.actor, "visit.conduct");
  const row = await loadVisit(work, id);
  assertWrites(work.actor, row);
  await writeStep(work, row, {
    action: `silent.${action}`,
    from: row.state,
    reason: note === "" ? null : note,
  });
  return viewVisit(services, work, row);
}
