import { randomBytes } from "node:crypto";
import { bookingCode } from "../booking/service.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Services, Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { findWithPermission } from "../identity/service.ts";
import { notify } from "../notices/service.ts";
import { localDay } from "../patients/service.ts";
import { enqueue } from "../queue/enqueue.ts";
import { createReport } from "../reporting/service.ts";
import { liftBlockOf } from "./block-service.ts";
import type { FeverActionBody, VisitView } from "./contract.ts";
import { addHours, endedFeverStates, nextFeverState, sidesOfFeverAction } from "./domain.ts";
import { currentPolicy, rulesOf } from "./policy-service.ts";
import type { VisitRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { requireSite } from "./site-service.ts";
import { change, loadVisit, view, writeStep } from "./visit-service.ts";
import { permissionOfAction, repeatIsOpen } from "./visit-view.ts";

export const resultClockTask = "fever:result-clock";

type Change = Parameters<typeof repository.updateVisit>[3];

/**
 * One step of a visit. What else belongs to it (a room, a report, a vehicle) is written in the same
 * transaction or not at all.
 * @throws DomainError `permission.denied`, `fever.illegal-step`, `fever.changed-meanwhile`, `fever.repeat-first`,
 *   `fever.room-taken`, `fever.sample-taken`, `fever.tube`, `reporting.disease`
 */
export async function actOnVisit(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  body: FeverActionBody,
): Promise<VisitView> {
  const { actor, now } = work;
  const row = await loadVisit(work, id);
  if (!permissionOfAction[body.action].some((one) => actor.permissions.has(one)))
    throw new DomainError("permission.denied");
  const side = row.institutionId === actor.institutionId ? "own" : "receiver";
  if (!sidesOfFeverAction(body.action).includes(side)) throw new DomainError("permission.denied");
  if (row.version !== body.version) throw new DomainError("fever.changed-meanwhile");
  const state = nextFeverState(row.state, body.action);
  const { values, reason } = await effectsOf(services, work, row, body);
  const changed = await change(work, row, body.version, {
    ...values,
    state,
    // The receiver's step is his line in the sender's register, and nothing else.
    ...(side === "own" && endedFeverStates.includes(state) ? { endedAt: now } : {}),
  });
  await writeStep(work, changed, { action: body.action, from: row.state, reason: reason ?? null });
  const last = await follow(services, work, changed, body);
  return view(services, work, last);
}

/** What a step writes beside the state: the columns of the visit, and rows of its own. */
async function effectsOf(
  services: Services,
  work: Work<StaffActor>,
  row: VisitRow,
  body: FeverActionBody,
): Promise<{ values: Change; reason?: string | null }> {
  const { tx, actor, now } = work;
  const triaged = { triagedBy: actor.personId, triagedAt: now };
  switch (body.action) {
    case "to-ordinary":
    case "to-fever":
      await assertMeasuredAgain(work, row);
      if (body.action === "to-ordinary")
        await liftBlockOf(services, work, row.patientId, body.note || "现场预检：转普通门诊");
      return { values: { ...triaged, triageNote: body.note ?? null }, reason: body.note ?? null };
    case "to-emergency":
      // Nothing is asked first: no form, no second temperature.
      return {
        values: row.triagedAt ? {} : { ...triaged, triageNote: body.note ?? null },
        reason: body.note ?? null,
      };
    case "to-room":
      await repository.enterRoom(tx, row.id, body.roomId, now);
      return { values: {} };
    case "see":
      return { values: { seenBy: actor.personId, seenAt: now } };
    case "sample":
      return { values: await sampled(work, row, body.sampleCode) };
    case "record-result":
      return { values: { resultText: body.text, resultAt: now } };
    case "observe":
      return { values: { observationHandedTo: body.handedTo, observationSince: now } };
    case "exclude":
      await liftBlockOf(services, work, row.patientId, `医生已排除：${body.diagnosis}`);
      return { values: { diagnosis: body.diagnosis, diagnosedAt: now } };
    case "leave":
      return { values: {}, reason: body.note };
    case "suspect":
      return { values: { diagnosis: body.diagnosis, diagnosedAt: now } };
    case "report":
      return { values: { reportId: await reportOf(services, work, row, body.report) } };
    case "order-transfer":
      await orderVehicle(work, row, body);
      return { values: {} };
    case "depart":
      await repository.updateTransfer(tx, row.id, { departedAt: now, departedBy: actor.personId });
      return { values: {} };
    case "hand-over":
      await repository.updateTransfer(tx, row.id, {
        receivedAt: now,
        receivedBy: actor.personId,
        receiverName: body.receiver || actor.name,
      });
      return { values: {} };
    case "disinfect":
      await repository.updateTransfer(tx, row.id, {
        disinfectedAt: now,
        disinfectedBy: actor.personId,
        disinfection: body.how,
      });
      return { values: {} };
  }
}

/** "Measured again after 2–3 minutes" (domain.md): triage waits for it, an emergency never does. */
async function assertMeasuredAgain(work: Work<StaffActor>, row: VisitRow): Promise<void> {
  const { tx, now } = work;
  const site = await requireSite(tx, row.institutionId);
  const policy = await currentPolicy(tx, site.region, now);
  const readings = await repository.findMeasurements(tx, [row.id]);
  if (repeatIsOpen(rulesOf(policy), readings)) throw new DomainError("fever.repeat-first");
}

/**
 * A single swab. A code of our own tubes makes it a tube of the sampling service, sealed at once, whose result comes
 * back to the visit; any other code is another laboratory's, and its result is written down by hand.
 */
async function sampled(work: Work<StaffActor>, row: VisitRow, typed: string): Promise<Change> {
  const { tx, now } = work;
  const code = tubeLike(typed);
  const tube = await repository.takeSample(tx, {
    visitId: row.id,
    tube: code,
    code: bookingCode(randomBytes(6)),
    day: localDay(now),
    now,
  });
  if (tube.problem)
    throw new DomainError(
      tube.problem === "tube-used" || tube.problem === "tube-elsewhere"
        ? "fever.sample-taken"
        : "fever.tube",
    );
  const site = await requireSite(tx, row.institutionId);
  const policy = await currentPolicy(tx, site.region, now);
  const resultDueAt = addHours(now, policy.resultMaxHours);
  await enqueue(tx, {
    task: resultClockTask,
    payload: { visitId: row.id },
    runAt: resultDueAt,
    jobKey: `fever-result:${row.id}:${now.getTime()}`,
  });
  return {
    sampleCode: code,
    sampleId: tube.tubeId,
    sampledAt: now,
    resultDueFrom: addHours(now, policy.resultMinHours),
    resultDueAt,
    resultText: null,
    resultAt: null,
  };
}

/** Scanned or typed with spaces, as `YT01 0001 2345 6`; other laboratories' codes stay as they are written. */
const tubeLike = (typed: string): string => {
  const code = typed.replace(/[\s-]/gu, "").toUpperCase();
  return code.startsWith("YT") ? code : typed;
};

type ReportBody = Extract<FeverActionBody, { action: "report" }>["report"];

/** The report's clock counts from the diagnosis; what the register holds is not typed again. */
async function reportOf(
  services: Services,
  work: Work<StaffActor>,
  row: VisitRow,
  report: ReportBody,
): Promise<string> {
  const created = await createReport(services, work, {
    patientId: row.patientId,
    diseaseCode: report.diseaseCode,
    diagnosisKind: report.diagnosisKind,
    diagnosedAt: (row.diagnosedAt ?? work.now).toISOString(),
    onsetOn: row.onsetOn,
    currentAddress: row.currentAddress,
    workplace: row.workplace,
    note: report.note ?? null,
  });
  return created.id;
}

async function orderVehicle(
  work: Work<StaffActor>,
  row: VisitRow,
  body: Extract<FeverActionBody, { action: "order-transfer" }>,
): Promise<void> {
  const { tx, actor, now } = work;
  const site = await requireSite(tx, row.institutionId);
  // A sentinel brings its patients to its higher fever clinic unless another place is named.
  const toId = body.toInstitutionId ?? (body.toName ? null : site.higherInstitutionId);
  const [to] = toId ? await findInstitutions(tx, [toId]) : [];
  if (toId === row.institutionId || (toId && !to) || (!toId && !body.toName))
    throw new DomainError("request.not-found");
  if (toId) await requireSite(tx, toId);
  await repository.insertTransfer(tx, {
    visitId: row.id,
    fromInstitutionId: row.institutionId,
    toInstitutionId: toId,
    toName: to?.name ?? body.toName ?? "",
    vehicle: body.vehicle,
    crew: body.crew,
    orderedBy: actor.personId,
    orderedAt: now,
  });
}

/** What comes of a step for others: a report in the same breath, the receiver who hears of it, the receiver's own visit. */
async function follow(
  services: Services,
  work: Work<StaffActor>,
  row: VisitRow,
  body: FeverActionBody,
): Promise<VisitRow> {
  if (body.action === "suspect" && body.report) {
    const reported = await change(work, row, row.version, {
      state: nextFeverState(row.state, "report"),
      reportId: await reportOf(services, work, row, body.report),
    });
    await writeStep(work, reported, { action: "report", from: row.state });
    return reported;
  }
  if (body.action === "order-transfer" || body.action === "depart")
    await tellReceiver(work, row, body.action);
  if (body.action === "hand-over") return receive(work, row);
  return row;
}

async function tellReceiver(
  { tx, now }: Work<StaffActor>,
  row: VisitRow,
  what: "order-transfer" | "depart",
): Promise<void> {
  const transfer = await repository.findTransfer(tx, row.id);
  if (!transfer?.toInstitutionId) return;
  const [from] = await findInstitutions(tx, [transfer.fromInstitutionId]);
  await notify(tx, {
    personIds: await findWithPermission(tx, transfer.toInstitutionId, "fever.transfer", now),
    kind: what === "depart" ? "fever-transfer-departed" : "fever-transfer-announced",
    entityType: "fever-visit",
    entityId: row.id,
    // The vehicle and where it comes from: never whom it brings.
    detail: { institution: from?.name ?? "", vehicle: transfer.vehicle },
    dedupeKey: `fever-transfer:${row.id}:${what}`,
    at: now,
  });
}

/** The receiver's own visit begins with what is known: answers and register come along, nothing is asked twice. */
async function receive(work: Work<StaffActor>, row: VisitRow): Promise<VisitRow> {
  const { tx, actor, now } = work;
  if (row.institutionId === actor.institutionId) return row;
  const own = await repository.insertVisit(tx, {
    institutionId: actor.institutionId,
    patientId: row.patientId,
    arrival: "transfer",
    arrivedAt: now,
    state: "fever",
    fromVisitId: row.id,
    screeningId: row.screeningId,
    phoneCipher: row.phoneCipher,
    currentAddress: row.currentAddress,
    workplace: row.workplace,
    onsetOn: row.onsetOn,
    complaint: row.complaint,
    companionsCipher: row.companionsCipher,
    triagedBy: actor.personId,
    triagedAt: now,
    updatedAt: now,
  });
  await writeStep(work, own, { action: "arrive", from: null });
  return own;
}
