import type { z } from "zod";
import { holdBed } from "../capacity/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { FeverVisitState } from "../fever/domain.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import { leaveTrace, loadTransfer, permissionOf, sidesOf, takeStep, tell } from "./change.ts";
import type {
  ActionBody,
  BeginBody,
  CallBody,
  ofReferral,
  TransferDetail,
  TransferSummary,
} from "./contract.ts";
import { defaultReadyItems, itemsFor } from "./domain.ts";
import type { ReferralOf, TransferRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { escortStates, isRunning, possibleTransferActions } from "./states.ts";
import { escortNameContext, escortPhoneContext, viewDetail, viewSummaries } from "./view.ts";

const dayMs = 24 * 3_600_000;

/** Running transfers of the own house, and those that ended within a day: emergencies and the nearest first. */
export async function listTransfers(
  work: Work<StaffActor>,
  limit: number,
): Promise<{ transfers: TransferSummary[]; total: number }> {
  const { tx, actor, now } = work;
  if (!actor.permissions.has("referral.request") && !actor.permissions.has("referral.desk"))
    throw new DomainError("permission.denied");
  const own = (permission: string) =>
    actor.permissions.has(permission) ? actor.institutionId : null;
  const { rows, total } = await repository.findRunning(
    tx,
    new Date(now.getTime() - dayMs),
    { from: own(permissionOf.from), to: own(permissionOf.to) },
    limit,
  );
  const rank = (row: TransferRow) => (isRunning(row.kind, row.state) ? 0 : 2);
  const due = (row: TransferRow) => (row.expectedAt ?? row.requestedAt).getTime();
  rows.sort((a, b) => rank(a) - rank(b) || due(a) - due(b));
  for (const row of rows) await leaveTrace(work, row, "transfer.list");
  return { transfers: await viewSummaries(work, rows), total };
}

export async function readTransfer(
  services: Services,
  work: Work<StaffActor>,
  id: string,
): Promise<TransferDetail> {
  const row = await loadTransfer(work, id);
  await leaveTrace(work, row, "transfer.read");
  return viewDetail(services, work, row);
}

/** Which transfer a referral has; both houses may ask. */
export async function transferOf(
  work: Work<StaffActor>,
  referralId: string,
): Promise<z.input<typeof ofReferral>> {
  const { tx, actor } = work;
  const row = await repository.findOfReferral(tx, referralId);
  const [of] = await repository.findReferrals(tx, [referralId]);
  const visit =
    of?.fromInstitutionId === actor.institutionId
      ? await repository.findFeverVisit(tx, of.patientId, of.fromInstitutionId)
      : null;
  return {
    transferId: row && sidesOf(actor, row).length > 0 ? row.id : null,
    fromFeverRoom: visit !== null && !leftFeverRoom.includes(visit.state),
  };
}

/** Sent home, to ordinary care, or away already. */
const leftFeverRoom: readonly FeverVisitState[] = [
  "ordinary",
  "excluded",
  "left-before-result",
  "in-transfer",
  "handed-over",
  "disinfected",
  "emergency",
];

/**
 * Open the green channel of a referral that was sent; who asks twice gets the one that there is. An infectious
 * one keeps an isolation bed at the receiver, and begins only when there is one.
 * @throws DomainError `transfer.of-referral`, `transfer.isolation-bed`, `permission.denied`, `capacity.*`
 */
export async function beginTransfer(
  services: Services,
  work: Work<StaffActor>,
  input: BeginBody,
): Promise<TransferDetail> {
  const { tx, actor, now } = work;
  assertPermission(actor, "referral.request");
  const [of] = await repository.findReferrals(tx, [input.referralId]);
  if (of?.fromInstitutionId !== actor.institutionId) throw new DomainError("request.not-found");
  if (of.direction !== "up" || !of.toInstitutionId || !openReferralStates.has(of.state))
    throw new DomainError("transfer.of-referral");
  if (input.kind === "emergency" && of.urgency !== "emergency")
    throw new DomainError("transfer.of-referral");
  const made = await repository.insertTransfer(tx, {
    referralId: of.id,
    patientId: of.patientId,
    fromInstitutionId: of.fromInstitutionId,
    toInstitutionId: of.toInstitutionId,
    kind: input.kind,
    feverVisitId: input.kind === "infectious" ? await feverVisitOf(work, of, input) : null,
    isolationHoldId: input.kind === "infectious" ? await keepIsolationBed(work, of) : null,
    requestedBy: actor.personId,
    requestedAt: now,
    updatedAt: now,
  });
  if (!made) {
    const before = await repository.findOfReferral(tx, of.id);
    if (!before) throw new DomainError("transfer.changed-meanwhile");
    return viewDetail(services, work, before);
  }
  await repository.insertStep(tx, {
    transferId: made.id,
    action: "begin",
    fromState: null,
    toState: made.state,
    byPersonId: actor.personId,
    byInstitutionId: actor.institutionId,
    byName: actor.name,
    at: now,
    toldAt: now,
  });
  await leaveTrace(work, made, "transfer.begin");
  await tell(work, made);
  return viewDetail(services, work, made);
}

const openReferralStates: ReadonlySet<string> = new Set([
  "submitted",
  "more-info-asked",
  "accepted",
  "booked",
  "on-the-way",
]);

/** The visit at this house's fever room that the transfer comes from. */
async function feverVisitOf(
  work: Work<StaffActor>,
  of: ReferralOf,
  input: BeginBody,
): Promise<string> {
  const visit = await repository.findFeverVisit(work.tx, of.patientId, of.fromInstitutionId);
  if (!visit || (input.feverVisitId && input.feverVisitId !== visit.id))
    throw new DomainError("transfer.of-referral");
  return visit.id;
}

async function keepIsolationBed(work: Work<StaffActor>, of: ReferralOf): Promise<string> {
  if (!of.toDepartmentId || !of.toInstitutionId) throw new DomainError("transfer.isolation-bed");
  const hold = await holdBed(work, {
    institutionId: of.toInstitutionId,
    departmentId: of.toDepartmentId,
    kind: "isolation",
    patientId: of.patientId,
    purpose: "infectious",
    // Under the referral: admitting it takes this very bed.
    referenceId: of.id,
  });
  if ((await repository.findUnitKind(work.tx, hold.unitId)) !== "isolation")
    throw new DomainError("transfer.isolation-bed");
  return hold.id;
}

/**
 * One step of either house.
 * @throws DomainError `transfer.illegal-step`, `transfer.changed-meanwhile`, `transfer.vehicle-busy`,
 *   `transfer.negative-pressure`, `permission.denied`
 */
export async function actOnTransfer(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  body: ActionBody,
): Promise<TransferDetail> {
  const row = await repository.lockTransfer(work.tx, await loadTransfer(work, id));
  if (row.version !== body.version) throw new DomainError("transfer.changed-meanwhile");
  if (!possibleTransferActions(row.kind, row.state, sidesOf(work.actor, row)).includes(body.action))
    throw new DomainError("transfer.illegal-step", { from: row.state, action: body.action });
  const changed = await takeStep(work, row, {
    action: body.action,
    reason: body.action === "cancel" ? body.reason : null,
    change: changeOf(services, work, row, body),
  });
  return viewDetail(services, work, changed);
}

function changeOf(
  services: Services,
  { actor, now }: Work<StaffActor>,
  row: TransferRow,
  body: ActionBody,
): Partial<TransferRow> {
  switch (body.action) {
    case "assign":
      if (row.kind === "infectious" && body.vehicle !== "negative-pressure")
        throw new DomainError("transfer.negative-pressure");
      return {
        vehiclePlate: body.plate,
        vehicleKind: body.vehicle,
        escortNameCipher: services.vault.seal(escortNameContext, body.escortName),
        escortPhoneCipher: services.vault.seal(escortPhoneContext, body.escortPhone),
        expectedAt: body.expectedAt ? new Date(body.expectedAt) : row.expectedAt,
        // Another crew has another link.
        tokenHash: null,
      };
    case "depart":
      return body.expectedAt ? { expectedAt: new Date(body.expectedAt) } : {};
    case "handOver":
      return {
        handedOverAt: now,
        handedOverBy: actor.personId,
        receiverName: body.receiverName,
        conditionOnArrival: body.condition,
        vitalsOnArrival: body.vitals,
      };
    case "disinfect":
      return { disinfectedAt: now, disinfectedBy: actor.personId, disinfection: body.disinfection };
    case "cancel":
      return { cancelReason: body.reason };
    default:
      return {};
  }
}

/** A new secret link for the crew's phone; the one before counts no more. */
export async function makeLink(
  services: Services,
  work: Work<StaffActor>,
  id: string,
): Promise<{ url: string }> {
  const row = await repository.lockTransfer(work.tx, await loadTransfer(work, id));
  if (!sidesOf(work.actor, row).includes("from")) throw new DomainError("permission.denied");
  if (!escortStates.includes(row.state))
    throw new DomainError("transfer.illegal-step", { from: row.state, action: "link" });
  const { secret, hash } = services.vault.newSecret();
  const changed = await repository.updateTransfer(work.tx, row, {
    tokenHash: hash,
    updatedAt: work.now,
  });
  if (!changed) throw new DomainError("transfer.changed-meanwhile");
  await leaveTrace(work, row, "transfer.link");
  await tell(work, changed);
  return { url: `${services.publicUrl}/escort/${secret}` };
}

/** A telephone hand-over between doctors, as it was said and said back. */
export async function recordCall(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  body: CallBody,
): Promise<TransferDetail> {
  const { tx, actor, now } = work;
  const row = await loadTransfer(work, id);
  const at = new Date(body.at);
  if (at.getTime() > now.getTime() + 60_000) throw new DomainError("request.invalid");
  await repository.insertCall(tx, {
    transferId: row.id,
    byPersonId: actor.personId,
    byInstitutionId: actor.institutionId,
    withName: body.with,
    said: body.said,
    readBack: body.readBack,
    at,
  });
  await leaveTrace(work, row, "transfer.call");
  await tell(work, row);
  return viewDetail(services, work, row);
}

/** The receiving team ticks what is ready; ticked twice it stays ticked. @throws DomainError `permission.denied` */
export async function tickReady(
  services: Services,
  work: Work<StaffActor>,
  id: string,
  input: { code: string; ready: boolean },
): Promise<TransferDetail> {
  const { tx, actor, now } = work;
  const row = await loadTransfer(work, id);
  if (!sidesOf(actor, row).includes("to")) throw new DomainError("permission.denied");
  if (!isRunning(row.kind, row.state)) throw new DomainError("transfer.illegal-step");
  const [list] = await repository.findReadyLists(tx, [row.toInstitutionId]);
  const items = itemsFor(list?.items ?? defaultReadyItems, row.kind);
  if (!items.some(({ code }) => code === input.code)) throw new DomainError("request.invalid");
  if (input.ready)
    await repository.tick(tx, {
      transferId: row.id,
      code: input.code,
      tickedBy: actor.personId,
      tickedAt: now,
    });
  else await repository.untick(tx, row.id, input.code);
  await leaveTrace(work, row, "transfer.ready");
  await tell(work, row);
  return viewDetail(services, work, row);
}
