import { and, asc, desc, eq, gt, inArray, isNull, lte, notInArray, or } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import type { CriticalValueState, InfectiousReportState } from "./domain.ts";
import {
  criticalValue,
  criticalValueStep,
  infectiousReport,
  infectiousReportStep,
  notifiableDisease,
  reportingSetting,
} from "./schema.ts";

export type CriticalValueRow = typeof criticalValue.$inferSelect;
export type CriticalValueStepRow = typeof criticalValueStep.$inferSelect;
export type ReportRow = typeof infectiousReport.$inferSelect;
export type ReportStepRow = typeof infectiousReportStep.$inferSelect;
export type DiseaseRow = typeof notifiableDisease.$inferSelect;
export type SettingRow = typeof reportingSetting.$inferSelect;

const runningValues: CriticalValueState[] = ["open", "received"];
const doneReports: InfectiousReportState[] = ["filed", "withdrawn"];
/** Longest list of what is done; what runs is always shown whole. */
const listedDone = 100;

export async function insertCriticalValue(
  tx: Tx,
  row: typeof criticalValue.$inferInsert,
): Promise<CriticalValueRow> {
  const [created] = await tx.insert(criticalValue).values(row).returning();
  return created!;
}

export async function findCriticalValue(tx: Tx, id: string): Promise<CriticalValueRow | null> {
  const [found] = await tx.select().from(criticalValue).where(eq(criticalValue.id, id));
  return found ?? null;
}

/** Those that the reader may see: policies decide. */
export async function listCriticalValues(
  tx: Tx,
  scope: "open" | "done",
): Promise<CriticalValueRow[]> {
  if (scope === "open")
    return tx.select().from(criticalValue).where(inArray(criticalValue.state, runningValues));
  return tx
    .select()
    .from(criticalValue)
    .where(notInArray(criticalValue.state, runningValues))
    .orderBy(desc(criticalValue.updatedAt))
    .limit(listedDone);
}

/** Change one that is still at `version`; null when someone else was first. */
export async function updateCriticalValue(
  tx: Tx,
  id: string,
  version: number,
  change: Partial<typeof criticalValue.$inferInsert>,
): Promise<CriticalValueRow | null> {
  const [changed] = await tx
    .update(criticalValue)
    .set({ ...change, version: version + 1 })
    .where(and(eq(criticalValue.id, id), eq(criticalValue.version, version)))
    .returning();
  return changed ?? null;
}

/** Note that an alarm rang; the version stays. */
export async function markCriticalValueEscalated(
  tx: Tx,
  id: string,
  escalationLevel: number,
  at: Date,
): Promise<void> {
  await tx
    .update(criticalValue)
    .set({ escalationLevel, escalatedAt: at })
    .where(eq(criticalValue.id, id));
}

export async function insertCriticalValueStep(
  tx: Tx,
  row: typeof criticalValueStep.$inferInsert,
): Promise<void> {
  await tx.insert(criticalValueStep).values(row);
}

export async function findCriticalValueSteps(
  tx: Tx,
  ids: readonly string[],
): Promise<CriticalValueStepRow[]> {
  if (ids.length === 0) return [];
  return tx
    .select()
    .from(criticalValueStep)
    .where(inArray(criticalValueStep.criticalValueId, [...ids]))
    .orderBy(asc(criticalValueStep.id));
}

export async function insertReport(
  tx: Tx,
  row: typeof infectiousReport.$inferInsert,
): Promise<ReportRow> {
  const [created] = await tx.insert(infectiousReport).values(row).returning();
  return created!;
}

export async function findReport(tx: Tx, id: string): Promise<ReportRow | null> {
  const [found] = await tx.select().from(infectiousReport).where(eq(infectiousReport.id, id));
  return found ?? null;
}

/** Those that the reader may see: policies decide. */
export async function listReports(tx: Tx, scope: "open" | "done"): Promise<ReportRow[]> {
  if (scope === "open")
    return tx
      .select()
      .from(infectiousReport)
      .where(notInArray(infectiousReport.state, doneReports));
  return tx
    .select()
    .from(infectiousReport)
    .where(inArray(infectiousReport.state, doneReports))
    .orderBy(desc(infectiousReport.updatedAt))
    .limit(listedDone);
}

/** Change one that is still at `version`; null when someone else was first. */
export async function updateReport(
  tx: Tx,
  id: string,
  version: number,
  change: Partial<typeof infectiousReport.$inferInsert>,
): Promise<ReportRow | null> {
  const [changed] = await tx
    .update(infectiousReport)
    .set({ ...change, version: version + 1 })
    .where(and(eq(infectiousReport.id, id), eq(infectiousReport.version, version)))
    .returning();
  return changed ?? null;
}

/** Note that an alarm rang; the version stays. */
export async function markReportEscalated(
  tx: Tx,
  id: string,
  escalationLevel: number,
  at: Date,
): Promise<void> {
  await tx
    .update(infectiousReport)
    .set({ escalationLevel, escalatedAt: at })
    .where(eq(infectiousReport.id, id));
}

export async function insertReportStep(
  tx: Tx,
  row: typeof infectiousReportStep.$inferInsert,
): Promise<void> {
  await tx.insert(infectiousReportStep).values(row);
}

export async function findReportSteps(tx: Tx, ids: readonly string[]): Promise<ReportStepRow[]> {
  if (ids.length === 0) return [];
  return tx
    .select()
    .from(infectiousReportStep)
    .where(inArray(infectiousReportStep.reportId, [...ids]))
    .orderBy(asc(infectiousReportStep.id));
}

/** Diseases as the table has them on a day. */
export async function findDiseases(tx: Tx, day: string, code?: string): Promise<DiseaseRow[]> {
  return tx
    .select()
    .from(notifiableDisease)
    .where(
      and(
        lte(notifiableDisease.validFrom, day),
        or(isNull(notifiableDisease.validUntil), gt(notifiableDisease.validUntil, day)),
        code ? eq(notifiableDisease.code, code) : undefined,
      ),
    )
    .orderBy(asc(notifiableDisease.diseaseClass), asc(notifiableDisease.nameZh));
}

export async function findDiseaseNames(tx: Tx, codes: readonly string[]): Promise<DiseaseRow[]> {
  if (codes.length === 0) return [];
  return tx
    .select()
    .from(notifiableDisease)
    .where(inArray(notifiableDisease.code, [...codes]))
    .orderBy(desc(notifiableDisease.validFrom));
}

export async function insertDiseases(
  tx: Tx,
  rows: (typeof notifiableDisease.$inferInsert)[],
): Promise<void> {
  await tx.insert(notifiableDisease).values(rows).onConflictDoNothing();
}

/** The row of an institution's settings that counts on a day; null without one. */
export async function findSetting(
  tx: Tx,
  institutionId: string,
  day: string,
): Promise<SettingRow | null> {
  const [found] = await tx
    .select()
    .from(reportingSetting)
    .where(
      and(eq(reportingSetting.institutionId, institutionId), lte(reportingSetting.validFrom, day)),
    )
    .orderBy(desc(reportingSetting.validFrom))
    .limit(1);
  return found ?? null;
}
