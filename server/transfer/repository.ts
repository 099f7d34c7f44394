/** Rows of transfers. Queries only. */
import { and, asc, desc, eq, inArray, isNull, lte, or, sql } from "drizzle-orm";
import { bedUnit } from "../capacity/schema.ts";
import type { Tx } from "../db/client.ts";
import { department } from "../directory/schema.ts";
import type { FeverVisitState } from "../fever/domain.ts";
import { feverVisit } from "../fever/schema.ts";
import { ofPerson } from "../patients/service.ts";
import { referral, referralPolicy } from "../referral/schema.ts";
import { infectiousReport } from "../reporting/schema.ts";
import {
  transfer,
  transferCall,
  transferPacket,
  transferPosition,
  transferReady,
  transferReadyList,
  transferStep,
} from "./schema.ts";

export type TransferRow = typeof transfer.$inferSelect;
export type PositionRow = typeof transferPosition.$inferSelect;
export type ReferralOf = typeof referral.$inferSelect;

export async function findTransfer(tx: Tx, id: string): Promise<TransferRow | null> {
  const [found] = await tx.select().from(transfer).where(eq(transfer.id, id));
  return found ?? null;
}

export async function findOfReferral(tx: Tx, referralId: string): Promise<TransferRow | null> {
  const [found] = await tx.select().from(transfer).where(eq(transfer.referralId, referralId));
  return found ?? null;
}

export async function findByToken(tx: Tx, hash: Buffer): Promise<TransferRow | null> {
  const [found] = await tx.select().from(transfer).where(eq(transfer.tokenHash, hash));
  return found ?? null;
}

/** Referral first, then transfer: in the order in which a step of the referral takes them. */
export async function lockTransfer(tx: Tx, row: TransferRow): Promise<TransferRow> {
  await tx
    .select({ id: referral.id })
    .from(referral)
    .where(eq(referral.id, row.referralId))
    .for("update");
  const [found] = await tx.select().from(transfer).where(eq(transfer.id, row.id)).for("update");
  return found ?? row;
}

const runningStates = [
  "requested",
  "vehicle-assigned",
  "picked-up",
  "in-transit",
  "arrived",
] as const;

/** Running ones, and those of the last day, of the houses that are named as a side: running ones first. */
export async function findRunning(
  tx: Tx,
  since: Date,
  sides: { from: string | null; to: string | null },
  limit: number,
): Promise<{ rows: TransferRow[]; total: number }> {
  const running = or(
    inArray(transfer.state, [...runningStates]),
    and(eq(transfer.kind, "infectious"), eq(transfer.state, "handed-over")),
  );
  const where = and(
    or(running, sql`${transfer.updatedAt} > ${since.toISOString()}`),
    or(
      sides.from ? eq(transfer.fromInstitutionId, sides.from) : undefined,
      sides.to ? eq(transfer.toInstitutionId, sides.to) : undefined,
    ),
  );
  const rows = await tx
    .select()
    .from(transfer)
    .where(where)
    .orderBy(sql`(${running}) desc`, desc(transfer.requestedAt), desc(transfer.id))
    .limit(limit);
  return { rows, total: rows.length < limit ? rows.length : await tx.$count(transfer, where) };
}

export async function insertTransfer(
  tx: Tx,
  row: typeof transfer.$inferInsert,
): Promise<TransferRow | null> {
  const [made] = await tx
    .insert(transfer)
    .values(row)
    .onConflictDoNothing({ target: transfer.referralId })
    .returning();
  return made ?? null;
}

/** Change a transfer that is still at `version`; null when someone else was first. */
export async function updateTransfer(
  tx: Tx,
  row: TransferRow,
  change: Partial<typeof transfer.$inferInsert>,
): Promise<TransferRow | null> {
  const [changed] = await tx
    .update(transfer)
    .set({ ...change, version: row.version + 1 })
    .where(and(eq(transfer.id, row.id), eq(transfer.version, row.version)))
    .returning();
  return changed ?? null;
}

export async function insertStep(tx: Tx, row: typeof transferStep.$inferInsert): Promise<void> {
  await tx.insert(transferStep).values(row);
}

export const findSteps = (tx: Tx, transferId: string) =>
  tx
    .select()
    .from(transferStep)
    .where(eq(transferStep.transferId, transferId))
    .orderBy(asc(transferStep.id));

/** Sent again by a phone that heard no answer: each instant counts once. */
export async function insertPositions(
  tx: Tx,
  rows: (typeof transferPosition.$inferInsert)[],
): Promise<void> {
  await tx.insert(transferPosition).values(rows).onConflictDoNothing();
}

export const findPositions = (tx: Tx, transferId: string) =>
  tx
    .select()
    .from(transferPosition)
    .where(eq(transferPosition.transferId, transferId))
    .orderBy(desc(transferPosition.at))
    .limit(300);

export async function findLastPositions(tx: Tx, ids: string[]): Promise<PositionRow[]> {
  if (ids.length === 0) return [];
  return tx
    .selectDistinctOn([transferPosition.transferId])
    .from(transferPosition)
    .where(inArray(transferPosition.transferId, ids))
    .orderBy(transferPosition.transferId, desc(transferPosition.at));
}

export async function insertCall(tx: Tx, row: typeof transferCall.$inferInsert): Promise<void> {
  await tx.insert(transferCall).values(row);
}
export const findCalls = (tx: Tx, transferId: string) =>
  tx
    .select()
    .from(transferCall)
    .where(eq(transferCall.transferId, transferId))
    .orderBy(asc(transferCall.at));

export async function tick(tx: Tx, row: typeof transferReady.$inferInsert): Promise<void> {
  await tx.insert(transferReady).values(row).onConflictDoNothing();
}
export async function untick(tx: Tx, transferId: string, code: string): Promise<void> {
  await tx
    .delete(transferReady)
    .where(and(eq(transferReady.transferId, transferId), eq(transferReady.code, code)));
}
export async function findReady(tx: Tx, ids: string[]) {
  if (ids.length === 0) return [];
  return tx.select().from(transferReady).where(inArray(transferReady.transferId, ids));
}

export type ReadyListRow = typeof transferReadyList.$inferSelect;

/** Every version of these houses, newest first. */
export async function findReadyLists(
  tx: Tx,
  institutionIds: readonly string[],
): Promise<ReadyListRow[]> {
  if (institutionIds.length === 0) return [];
  return tx
    .select()
    .from(transferReadyList)
    .where(inArray(transferReadyList.institutionId, [...institutionIds]))
    .orderBy(desc(transferReadyList.version));
}

/** @returns false when somebody saved the same version a moment before */
export async function insertReadyList(
  tx: Tx,
  row: typeof transferReadyList.$inferInsert,
): Promise<boolean> {
  const made = await tx
    .insert(transferReadyList)
    .values(row)
    .onConflictDoNothing()
    .returning({ version: transferReadyList.version });
  return made.length === 1;
}

export async function insertPacket(tx: Tx, row: typeof transferPacket.$inferInsert): Promise<void> {
  await tx.insert(transferPacket).values(row);
}
export const findPackets = (tx: Tx, transferId: string) =>
  tx
    .select()
    .from(transferPacket)
    .where(eq(transferPacket.transferId, transferId))
    .orderBy(asc(transferPacket.madeAt));

/** The first opening has its time; every one is counted. */
export async function countOpening(tx: Tx, proofHash: Buffer, at: Date) {
  const [opened] = await tx
    .update(transferPacket)
    .set({
      opened: sql`${transferPacket.opened} + 1`,
      openedAt: sql`coalesce(${transferPacket.openedAt}, ${at.toISOString()})`,
    })
    .where(eq(transferPacket.proofHash, proofHash))
    .returning();
  return opened ?? null;
}

export async function findReferrals(tx: Tx, ids: string[]): Promise<ReferralOf[]> {
  if (ids.length === 0) return [];
  return tx.select().from(referral).where(inArray(referral.id, ids));
}

export async function findDepartment(tx: Tx, id: string) {
  const [found] = await tx.select().from(department).where(eq(department.id, id));
  return found ?? null;
}

/** The office that rings for an emergency. */
export async function findDutyPhone(tx: Tx, house: string, day: string): Promise<string | null> {
  const [found] = await tx
    .select({ dutyPhone: referralPolicy.dutyPhone })
    .from(referralPolicy)
    .where(and(eq(referralPolicy.institutionId, house), lte(referralPolicy.validFrom, day)))
    .orderBy(desc(referralPolicy.validFrom))
    .limit(1);
  return found?.dutyPhone ?? null;
}

export async function forgetPositions(tx: Tx, before: Date): Promise<number> {
  const [answer] = await tx.execute<{ gone: string }>(
    sql`select app.forget_positions(${before.toISOString()}) as gone`,
  );
  return Number(answer?.gone ?? 0);
}

/** The newest visit of a patient to the fever room of a house, unless fever was excluded. */
export async function findFeverVisit(tx: Tx, patientId: string, house: string) {
  const [found] = await tx
    .select({ id: feverVisit.id, state: feverVisit.state })
    .from(feverVisit)
    .where(and(ofPerson(feverVisit.patientId, patientId), eq(feverVisit.institutionId, house)))
    .orderBy(desc(feverVisit.arrivedAt))
    .limit(1);
  return found ?? null;
}

/** Where the fever visit of a transfer stands; null when it comes from none. */
export async function findFeverState(tx: Tx, transferId: string): Promise<FeverVisitState | null> {
  const [row] = await tx.execute<{ state: FeverVisitState | null }>(
    sql`select app.fever_of_transfer(${transferId}) as state`,
  );
  return row?.state ?? null;
}

export async function findUnitKind(tx: Tx, unitId: string): Promise<string | null> {
  const [found] = await tx
    .select({ kind: bedUnit.kind })
    .from(bedUnit)
    .where(eq(bedUnit.id, unitId));
  return found?.kind ?? null;
}

/** Reports of a patient that stand, newest first, as far as the reader may see them. */
export const findReports = (tx: Tx, patientId: string) =>
  tx
    .select({
      id: infectiousReport.id,
      disease: infectiousReport.diseaseName,
      dueAt: infectiousReport.dueAt,
      receivedAt: infectiousReport.receivedAt,
    })
    .from(infectiousReport)
    .where(
      and(ofPerson(infectiousReport.patientId, patientId), isNull(infectiousReport.withdrawnAt)),
    )
    .orderBy(desc(infectiousReport.diagnosedAt))
    .limit(3);
