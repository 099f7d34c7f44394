import { and, asc, desc, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import {
  teachingCase,
  teachingCaseItem,
  teachingCaseSource,
  teachingConsent,
  teachingFrequency,
} from "./case-schema.ts";

export type CaseRow = typeof teachingCase.$inferSelect;
export type CaseItemRow = typeof teachingCaseItem.$inferSelect;
export type CaseSourceRow = typeof teachingCaseSource.$inferSelect;
export type ConsentRow = typeof teachingConsent.$inferSelect;

export async function findCase(tx: Tx, id: string): Promise<CaseRow | null> {
  const [row] = await tx.select().from(teachingCase).where(eq(teachingCase.id, id));
  return row ?? null;
}

export async function findCases(tx: Tx, sessionId: string): Promise<CaseRow[]> {
  return tx
    .select()
    .from(teachingCase)
    .where(eq(teachingCase.sessionId, sessionId))
    .orderBy(asc(teachingCase.createdAt));
}

export async function findCasesToReview(tx: Tx): Promise<CaseRow[]> {
  return tx
    .select()
    .from(teachingCase)
    .where(eq(teachingCase.state, "review-asked"))
    .orderBy(asc(teachingCase.updatedAt))
    .limit(100);
}

export async function findItems(tx: Tx, caseIds: readonly string[]): Promise<CaseItemRow[]> {
  if (caseIds.length === 0) return [];
  return tx
    .select()
    .from(teachingCaseItem)
    .where(inArray(teachingCaseItem.caseId, [...caseIds]))
    .orderBy(asc(teachingCaseItem.position));
}

export async function findItem(tx: Tx, id: string): Promise<CaseItemRow | null> {
  const [row] = await tx.select().from(teachingCaseItem).where(eq(teachingCaseItem.id, id));
  return row ?? null;
}

export async function findSources(tx: Tx, caseIds: readonly string[]): Promise<CaseSourceRow[]> {
  if (caseIds.length === 0) return [];
  return tx
    .select()
    .from(teachingCaseSource)
    .where(inArray(teachingCaseSource.caseId, [...caseIds]));
}

export async function insertCase(
  tx: Tx,
  values: typeof teachingCase.$inferInsert,
  source: Omit<CaseSourceRow, "caseId">,
  items: readonly Omit<typeof teachingCaseItem.$inferInsert, "caseId" | "position">[],
): Promise<CaseRow> {
  const [row] = await tx.insert(teachingCase).values(values).returning();
  await tx.insert(teachingCaseSource).values({ ...source, caseId: row!.id });
  await putItems(tx, row!.id, items);
  return row!;
}

export async function replaceContent(
  tx: Tx,
  caseId: string,
  source: Omit<CaseSourceRow, "caseId">,
  items: readonly Omit<typeof teachingCaseItem.$inferInsert, "caseId" | "position">[],
): Promise<void> {
  await tx.delete(teachingCaseItem).where(eq(teachingCaseItem.caseId, caseId));
  await tx.update(teachingCaseSource).set(source).where(eq(teachingCaseSource.caseId, caseId));
  await putItems(tx, caseId, items);
}

async function putItems(
  tx: Tx,
  caseId: string,
  items: readonly Omit<typeof teachingCaseItem.$inferInsert, "caseId" | "position">[],
): Promise<void> {
  if (items.length > 0)
    await tx
      .insert(teachingCaseItem)
      .values(items.map((item, position) => ({ ...item, caseId, position })));
}

/** @returns null when somebody changed it meanwhile */
export async function updateCase(
  tx: Tx,
  row: Pick<CaseRow, "id" | "version">,
  change: Partial<CaseRow>,
): Promise<CaseRow | null> {
  const [changed] = await tx
    .update(teachingCase)
    .set({ ...change, version: row.version + 1 })
    .where(and(eq(teachingCase.id, row.id), eq(teachingCase.version, row.version)))
    .returning();
  return changed ?? null;
}

export async function findConsents(tx: Tx, sessionId: string): Promise<ConsentRow[]> {
  return tx
    .select()
    .from(teachingConsent)
    .where(eq(teachingConsent.sessionId, sessionId))
    .orderBy(desc(teachingConsent.recordedAt));
}

export async function findConsent(tx: Tx, id: string): Promise<ConsentRow | null> {
  const [row] = await tx.select().from(teachingConsent).where(eq(teachingConsent.id, id));
  return row ?? null;
}

export async function insertConsent(
  tx: Tx,
  values: typeof teachingConsent.$inferInsert,
): Promise<ConsentRow> {
  const [row] = await tx.insert(teachingConsent).values(values).returning();
  return row!;
}

/** @returns null when it was taken back already */
export async function withdrawConsent(
  tx: Tx,
  id: string,
  change: Pick<ConsentRow, "withdrawnAt" | "withdrawnBy" | "withdrawReason">,
): Promise<ConsentRow | null> {
  const [row] = await tx
    .update(teachingConsent)
    .set(change)
    .where(and(eq(teachingConsent.id, id), isNull(teachingConsent.withdrawnAt)))
    .returning();
  return row ?? null;
}

export type MyConsent = {
  id: string;
  patient_id: string;
  title: string;
  starts_at: Date | string | null;
  institution_id: string;
  signer_name: string;
  recorded_at: Date | string;
  withdrawn_at: Date | string | null;
  withheld_at: Date | string | null;
};
export const findMyConsents = (tx: Tx): Promise<readonly MyConsent[]> =>
  tx.execute<MyConsent>(sql`select * from app.my_teaching_consents()`);

/** Whom a change of consent concerns. */
export async function findConcerned(tx: Tx, sessionId: string): Promise<string[]> {
  const rows = await tx.execute<{ id: string }>(
    sql`select teaching_concerned as id from app.teaching_concerned(${sessionId})`,
  );
  return rows.map((row) => row.id);
}

/** Numbers of the small-cell rule on a day. */
export async function findSmallCellNumbers(
  tx: Tx,
  of: { patientId: string; institutionId: string; day: string },
): Promise<{
  inhabitants: number | null;
  least: number;
  frequencies: { codePrefix: string; per100k: number }[];
}> {
  const [numbers] = await tx.execute<{ inhabitants: number | null; least: number }>(
    sql`select app.teaching_inhabitants(${of.patientId}, ${of.day}::date) as inhabitants, (app.teaching_policy_of(${of.institutionId}, ${of.day}::date)).small_cell_least as least`,
  );
  const rows = await tx
    .selectDistinctOn([teachingFrequency.codePrefix])
    .from(teachingFrequency)
    .where(sql`${teachingFrequency.validFrom} <= ${of.day}`)
    .orderBy(teachingFrequency.codePrefix, desc(teachingFrequency.validFrom));
  return {
    inhabitants: numbers?.inhabitants ?? null,
    least: numbers?.least ?? 10,
    frequencies: rows.map(({ codePrefix, per100k }) => ({ codePrefix, per100k })),
  };
}
