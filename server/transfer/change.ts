import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import type { Actor } from "../identity/domain.ts";
import { announce } from "../outbox/service.ts";
import { carriedAway, carriedIn } from "../referral/service.ts";
import type { TransferRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { nextTransferState, type TransferAction, type TransferSide } from "./states.ts";

/** Rights of a side: the house that sends asks for it, the desk of the other receives. */
export const permissionOf = { from: "referral.request", to: "referral.desk" } as const;

/** The sides that whoever acts is on, as far as the own rights go. */
export function sidesOf(actor: Actor, row: TransferRow): TransferSide[] {
  if (actor.kind === "job") return ["escort"];
  if (actor.kind !== "staff") return [];
  return (["from", "to"] as const).filter(
    (side) =>
      (side === "from" ? row.fromInstitutionId : row.toInstitutionId) === actor.institutionId &&
      actor.permissions.has(permissionOf[side]),
  );
}

/** @throws DomainError `request.not-found`: of another house, or by somebody who neither sends nor receives */
export async function loadTransfer(work: Work, id: string): Promise<TransferRow> {
  const row = await repository.findTransfer(work.tx, id);
  if (!row || sidesOf(work.actor, row).length === 0) throw new DomainError("request.not-found");
  return row;
}

/**
 * One step, and with it the referral's: leaving takes `setOff`, arriving takes `arrive`.
 * @param step.at when it happened; a phone without a line tells it later
 * @throws DomainError `transfer.illegal-step`, `transfer.changed-meanwhile`, `permission.denied`
 */
export async function takeStep(
  work: Work,
  row: TransferRow,
  step: {
    action: TransferAction;
    at?: Date;
    reason?: string | null;
    change?: Partial<TransferRow>;
  },
): Promise<TransferRow> {
  const { tx, actor, now } = work;
  const at = step.at ?? now;
  const state = nextTransferState(row.kind, row.state, step.action);
  const changed = await repository.updateTransfer(tx, row, {
    ...step.change,
    state,
    updatedAt: now,
    ...(step.action === "depart" ? { departedAt: at } : {}),
    ...(step.action === "arrive" ? { arrivedAt: at } : {}),
  });
  if (!changed) throw new DomainError("transfer.changed-meanwhile");
  await repository.insertStep(tx, {
    transferId: row.id,
    action: step.action,
    fromState: row.state,
    toState: state,
    byPersonId: actor.kind === "staff" ? actor.personId : null,
    byInstitutionId: actor.kind === "staff" ? actor.institutionId : null,
    byName: actor.kind === "staff" ? actor.name : "",
    reason: step.reason ?? null,
    at,
    toldAt: now,
  });
  await leaveTrace(work, row, `transfer.${step.action}`);
  if (step.action === "depart") await carriedAway(work, row.referralId, changed.expectedAt);
  if (step.action === "arrive") await carriedIn(work, row.referralId);
  await tell(work, changed);
  return changed;
}

/** Both houses read the referral and its transfer again. */
export async function tell(work: Work, row: TransferRow): Promise<void> {
  // The fever visit went along by the database.
  if (row.feverVisitId)
    await announce(
      work.tx,
      { topic: "fever", id: row.feverVisitId, version: row.version },
      { institutionIds: [row.fromInstitutionId, row.toInstitutionId] },
    );
  await announce(
    work.tx,
    { topic: "referral", id: row.referralId, version: row.version },
    { institutionIds: [row.fromInstitutionId, row.toInstitutionId] },
    { transferId: row.id },
  );
}

export async function leaveTrace(work: Work, row: TransferRow, action: string): Promise<void> {
  await trace(work.tx, work.actor, work.origin, {
    action,
    entityType: "transfer",
    entityId: row.id,
    patientId: row.patientId,
    purpose: row.kind === "emergency" ? "emergency" : "treatment",
  });
}
