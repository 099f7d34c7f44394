/** The bed that is kept for a referral: asked for once, made longer on the way, slept in, given back. */
import { and, eq, isNull } from "drizzle-orm";
import { putAlarm } from "../alarms/service.ts";
import { bedStay } from "../capacity/schema.ts";
import {
  admitHold,
  type BedHold,
  discharge,
  extendHold,
  findHold,
  holdBed,
  releaseHold,
} from "../capacity/service.ts";
import type { Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import { notify } from "../notices/service.ts";
import { tellOf, writeStep } from "./change.ts";
import type { ReferralRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { holdingStates } from "./states.ts";

/**
 * Keep a bed of the department that is asked; the same referral keeps one, however often it asks.
 * @throws DomainError `referral.incomplete` without a department, and those of capacity's `holdBed`
 */
export async function keepBed(
  work: Work,
  row: ReferralRow,
  departmentId: string | null,
): Promise<{ bedHoldId: string; heldUntil: Date }> {
  const unit = departmentId ?? row.toDepartmentId;
  if (!row.toInstitutionId || !unit)
    throw new DomainError("referral.incomplete", { missing: ["toDepartmentId"] });
  const hold = await holdBed(work, {
    institutionId: row.toInstitutionId,
    departmentId: unit,
    patientId: row.patientId,
    purpose: "referral",
    referenceId: row.id,
  });
  return { bedHoldId: hold.id, heldUntil: hold.until };
}

/** Until somebody on the way can be there, or as long as the house keeps a bed at all. @returns until when */
export async function keepLonger(work: Work, row: ReferralRow, until: Date): Promise<Date> {
  const hold = await findHold(work.tx, row.id);
  if (!hold || hold.outcome !== null || hold.until >= until) return hold?.until ?? until;
  try {
    return (await extendHold(work, { holdId: hold.id, until, reason: "set-off" })).until;
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== "capacity.hold-too-long") throw error;
    const latest = new Date(String(error.params.latest));
    if (!(latest > hold.until)) return hold.until;
    return (await extendHold(work, { holdId: hold.id, until: latest, reason: "set-off" })).until;
  }
}

/** What was kept is free for others. */
export async function giveBedBack(work: Work, row: ReferralRow, reason: string): Promise<void> {
  if (!row.bedHoldId) return;
  if (work.actor.kind !== "patient" && work.actor.kind !== "house") {
    await releaseHold(work, { holdId: row.bedHoldId, reason });
    return;
  }
  // A patient, or a system of a house outside, has no hand in the ward: our own clock gives back what the referral kept, in a moment.
  await putAlarm(work.tx, {
    kind: "referral:give-bed-back",
    entityId: row.id,
    key: `referral:${row.id}:give-bed-back`,
    dueAt: work.now,
  });
}

/** Into the bed that was kept. */
export async function intoBed(
  work: Work,
  row: ReferralRow,
  expectedDischargeOn: string | null | undefined,
): Promise<void> {
  if (!row.bedHoldId) return;
  await admitHold(work, {
    holdId: row.bedHoldId,
    expectedDischargeOn: expectedDischargeOn ?? undefined,
  });
}

/** Home from the ward: the bed of the way up is to be cleaned. */
export async function outOfBed(work: Work, above: ReferralRow | null): Promise<void> {
  if (!above?.bedHoldId) return;
  const [stay] = await work.tx
    .select({ id: bedStay.id })
    .from(bedStay)
    .where(and(eq(bedStay.holdId, above.bedHoldId), isNull(bedStay.until)));
  if (stay) await discharge(work, { stayId: stay.id });
}

/** A kept bed has gone (its time, a switch, the ward): the referral knows, and both houses are told. */
export async function hearOfHoldEnd(tx: Tx, hold: BedHold, now: Date): Promise<void> {
  if (hold.purpose !== "referral" || hold.outcome === "taken") return;
  const row = await repository.findReferral(tx, hold.referenceId);
  if (row?.bedHoldId !== hold.id || !holdingStates.includes(row.state)) return;
  const actor = { kind: "job", task: "referral:bed", language: "zh-CN" } as const;
  const work: Work = { tx, now, actor, origin: { correlationId: "referral:bed", address: null } };
  const changed = await repository.updateReferral(tx, row.id, row.version, {
    bedHoldId: null,
    updatedAt: now,
  });
  if (!changed) return;
  await writeStep(work, changed, { action: "bedGone", from: row.state });
  await notify(tx, {
    personIds: [row.requesterId],
    kind: "referral-bed-gone",
    entityType: "referral",
    entityId: row.id,
    detail: { number: row.number },
    dedupeKey: `referral:${row.id}:bed-gone:${hold.id}`,
    at: now,
  });
  await tellOf(work, changed);
}
