import type { z } from "zod";
import { trace } from "../audit/service.ts";
import { checkIn } from "../booking/service.ts";
import { findInstitutions } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { announce } from "../outbox/service.ts";
import { localDay, parsePhone } from "../patients/service.ts";
import { raiseCriticalValue } from "../reporting/service.ts";
import { endAnnounced, findAnnounced } from "./announce-service.ts";
import type {
  admitBody,
  askBody,
  criticalBody,
  measureBody,
  registerBody,
  VisitView,
} from "./contract.ts";
import { addHours } from "./domain.ts";
import { currentPolicy } from "./policy-service.ts";
import type { VisitRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { keepScreening } from "./screening-service.ts";
import { requireSite } from "./site-service.ts";
import { companionsContext, viewVisit, visitPhoneContext } from "./visit-view.ts";

/** Answers from a phone count at the desk for so long. */
const answersCountHours = 72;

/**
 * Somebody stands at the desk: by appointment, by the code of the own answers, or just so; walk-ins are
 * always welcome. What was answered on the phone is taken over.
 * @throws DomainError `fever.no-site`, `fever.code`, `fever.already-here`, `request.not-found`
 */
export async function admitVisit(
  services: Services,
  work: Work<StaffActor>,
  body: z.output<typeof admitBody>,
): Promise<VisitView> {
  const { tx, actor, now } = work;
  assertPermission(actor, "fever.triage");
  await requireSite(tx, actor.institutionId);
  const coming =
    "appointmentId" in body
      ? await repository.findComingById(tx, actor.institutionId, body.appointmentId)
      : null;
  if ("appointmentId" in body && !coming) throw new DomainError("request.not-found");
  const code = "code" in body ? body.code.replaceAll(/\s/g, "") : null;
  const patientId = await repository.admit(
    tx,
    "patientId" in body ? body.patientId : (coming?.patientId ?? null),
    code,
    now,
  );
  if (!patientId) throw new DomainError(code ? "fever.code" : "request.not-found");
  const appointment =
    coming ?? (await repository.findComingOf(tx, actor.institutionId, patientId, localDay(now)));
  const announced = await findAnnounced(work, patientId);
  const visit = await repository.insertVisit(tx, {
    institutionId: actor.institutionId,
    patientId,
    arrival: appointment ? "booked" : announced ? "testing-site" : "walk-in",
    arrivedAt: now,
    appointmentId: appointment?.id ?? null,
    updatedAt: now,
  });
  // Only now are his answers the desk's to read.
  const [screening] = await repository.findScreeningsOf(
    tx,
    [patientId],
    addHours(now, -answersCountHours),
  );
  const row = screening
    ? await change(work, visit, visit.version, { screeningId: screening.id })
    : visit;
  if (announced) await endAnnounced(work, announced, visit.id);
  if (appointment) await checkIn(work, appointment.id, null);
  await writeStep(work, row, { action: "arrive", from: null });
  return view(services, work, row);
}

/** @throws DomainError `request.not-found` for those whose visit it is not */
export async function readVisit(
  services: Services,
  work: Work<StaffActor>,
  id: string,
): Promise<VisitView> {
  const row = await loadVisit(work, id);
  await trace(work.tx, work.actor, work.origin, {
    action: "fever.read",
    entityType: "fever-visit",
    entityId: id,
    patientId: row.patientId,
    purpose: "treatment",
  });
  return view(services, work, row);
}

/** A temperature or a saturation, with the place where it was measured. */
export async function measure(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  body: z.output<typeof measureBody>,
): Promise<VisitView> {
  const { tx, actor, origin, now } = work;
  const row = await ownVisit(work, id);
  const [place] = await findInstitutions(tx, [actor.institutionId]);
  await repository.insertMeasurement(tx, {
    visitId: id,
    kind: body.kind,
    value: body.kind === "temperature" ? Math.round(body.value * 10) : body.value,
    at: now,
    altitudeMetres:
      (body.kind === "spo2" ? body.altitudeMetres : null) ?? place?.altitudeMetres ?? null,
    by: actor.personId,
  });
  await trace(tx, actor, origin, {
    action: "fever.measure",
    entityType: "fever-visit",
    entityId: id,
    patientId: row.patientId,
    purpose: "treatment",
    detail: { kind: body.kind },
  });
  await tell(work, row);
  return view(services, work, row);
}

/** The register, as far as it is not known already. @throws DomainError `fever.changed-meanwhile`, `patient.phone` */
export async function writeRegister(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  body: z.output<typeof registerBody>,
): Promise<VisitView> {
  const { vault } = services;
  const row = await ownVisit(work, id);
  const phone = body.phone ? parsePhone(body.phone) : null;
  if (phone && !phone.ok) throw new DomainError("patient.phone", { problem: phone.problem });
  const given = (value: string | null | undefined, before: string | null) =>
    value === undefined ? before : value || null;
  const changed = await change(work, row, body.version, {
    currentAddress: given(body.currentAddress, row.currentAddress),
    workplace: given(body.workplace, row.workplace),
    onsetOn: given(body.onsetOn, row.onsetOn),
    complaint: given(body.complaint, row.complaint),
    companionsCipher:
      body.companions === undefined
        ? row.companionsCipher
        : body.companions
          ? vault.seal(companionsContext, body.companions)
          : null,
    phoneCipher: phone?.ok ? vault.seal(visitPhoneContext, phone.value.national) : row.phoneCipher,
  });
  await traceOf(work, changed, "fever.register");
  await tell(work, changed);
  return view(services, work, changed);
}

/** The questions asked at the desk, of whoever brought no answers along. */
export async function askAtDesk(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  body: z.output<typeof askBody>,
): Promise<VisitView> {
  const row = await ownVisit(work, id);
  const { row: screening } = await keepScreening(work, {
    policyId: body.policyId,
    patientId: row.patientId,
    relation: "self",
    answers: body.answers,
  });
  const changed = await change(work, row, body.version, { screeningId: screening.id });
  await writeStep(work, changed, { action: "ask", from: row.state });
  return view(services, work, changed);
}

/**
 * An alarming saturation becomes a critical value with a named receiver and a read-back; nothing is typed
 * a second time.
 */
export async function raiseAlarm(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  body: z.output<typeof criticalBody>,
): Promise<VisitView> {
  const { tx, actor } = work;
  const row = await ownVisit(work, id);
  const found = (await repository.findMeasurements(tx, [id])).find(
    (one) => one.id === body.measurementId && one.kind === "spo2",
  );
  if (!found || found.criticalValueId) throw new DomainError("fever.illegal-step");
  const value = await raiseCriticalValue(services, work, {
    patientId: row.patientId,
    itemCode: "59408-5",
    itemText: "血氧饱和度（SpO₂）",
    valueText: String(found.value),
    unit: "%",
    measuredAt: found.at.toISOString(),
    altitudeMetres: found.altitudeMetres,
    receiver: { personId: body.receiverId, institutionId: actor.institutionId },
  });
  await repository.linkCriticalValue(tx, found.id, value.id);
  await tell(work, row);
  return view(services, work, row);
}

/** The visit of the reader's own house. @throws DomainError `request.not-found`, `permission.denied` */
export async function ownVisit(work: Work<StaffActor>, id: string): Promise<VisitRow> {
  const { actor } = work;
  if (!actor.permissions.has("fever.triage") && !actor.permissions.has("fever.see"))
    throw new DomainError("permission.denied");
  const row = await loadVisit(work, id);
  if (row.institutionId !== actor.institutionId) throw new DomainError("permission.denied");
  return row;
}

export async function loadVisit({ tx, actor }: Work<StaffActor>, id: string): Promise<VisitRow> {
  const may = ["fever.triage", "fever.see", "fever.transfer"];
  if (!may.some((one) => actor.permissions.has(one))) throw new DomainError("permission.denied");
  const row = await repository.findVisit(tx, id);
  if (!row) throw new DomainError("request.not-found");
  return row;
}

/** @throws DomainError `fever.changed-meanwhile` when somebody was first */
export async function change(
  { tx, now }: Work<StaffActor>,
  row: VisitRow,
  version: number,
  values: Parameters<typeof repository.updateVisit>[3],
): Promise<VisitRow> {
  const changed =
    row.version === version
      ? await repository.updateVisit(tx, row.id, version, { ...values, updatedAt: now })
      : null;
  if (!changed) throw new DomainError("fever.changed-meanwhile");
  return changed;
}

/** Write a step down, leave its trace, and tell both houses and the patient after commit. */
export async function writeStep(
  work: Work<StaffActor>,
  row: VisitRow,
  step: { action: string; from: VisitRow["state"] | null; reason?: string | null },
): Promise<void> {
  const { tx, actor, now } = work;
  await repository.insertStep(tx, {
    visitId: row.id,
    action: step.action,
    fromState: step.from,
    toState: row.state,
    byPersonId: actor.personId,
    byInstitutionId: actor.institutionId,
    byName: actor.name,
    reason: step.reason ?? null,
    at: now,
  });
  await traceOf(work, row, `fever.${step.action}`);
  await tell(work, row);
}

async function traceOf(work: Work<StaffActor>, row: VisitRow, action: string): Promise<void> {
  await trace(work.tx, work.actor, work.origin, {
    action,
    entityType: "fever-visit",
    entityId: row.id,
    patientId: row.patientId,
    purpose: "treatment",
  });
}

async function tell({ tx }: Work<StaffActor>, row: VisitRow): Promise<void> {
  const transfer = await repository.findTransfer(tx, row.id);
  await announce(
    tx,
    { topic: "fever", id: row.id, version: row.version },
    {
      institutionIds: [row.institutionId, transfer?.toInstitutionId ?? null],
      patientIds: [row.patientId],
    },
  );
}

export async function view(
  services: Services,
  work: Work<StaffActor>,
  row: VisitRow,
): Promise<VisitView> {
  const { tx, now } = work;
  const site = await requireSite(tx, row.institutionId);
  const [place] = await findInstitutions(tx, [row.institutionId]);
  const policy = await currentPolicy(tx, site.region, now);
  // Steps and triggers may have moved it on since.
  const fresh = (await repository.findVisit(tx, row.id)) ?? row;
  return viewVisit(services, work, fresh, policy, place?.altitudeMetres ?? 0);
}
