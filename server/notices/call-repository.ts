import { and, asc, desc, eq, inArray, lte, notInArray, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { callsThatStay } from "./domain.ts";
import { callAttempt, callTask, noticePreference } from "./schema.ts";

export type CallRow = typeof callTask.$inferSelect;
export type PreferenceRow = typeof noticePreference.$inferSelect;

export async function findPreferences(
  tx: Tx,
  patientIds: readonly string[],
): Promise<PreferenceRow[]> {
  if (patientIds.length === 0) return [];
  return tx
    .select()
    .from(noticePreference)
    .where(inArray(noticePreference.patientId, [...patientIds]));
}

export async function savePreference(
  tx: Tx,
  row: typeof noticePreference.$inferInsert,
): Promise<void> {
  const { patientId, ...change } = row;
  await tx
    .insert(noticePreference)
    .values(row)
    .onConflictDoUpdate({ target: noticePreference.patientId, set: change });
}

/** @returns whether the task is new */
export async function insertCall(tx: Tx, row: typeof callTask.$inferInsert): Promise<boolean> {
  const result = await tx.insert(callTask).values(row).onConflictDoNothing();
  return result.count > 0;
}

/** Calls to be made, the nearest deadline first, and what was done lately. */
export async function findCalls(tx: Tx, institutionId: string, since: Date): Promise<CallRow[]> {
  return tx
    .select()
    .from(callTask)
    .where(
      and(
        eq(callTask.institutionId, institutionId),
        sql`(${callTask.state} = 'open' or ${callTask.endedAt} > ${since.toISOString()})`,
      ),
    )
    .orderBy(sql`${callTask.state} <> 'open'`, asc(callTask.dueAt), desc(callTask.at))
    .limit(200);
}

export async function findCall(tx: Tx, id: string): Promise<CallRow | null> {
  const [found] = await tx.select().from(callTask).where(eq(callTask.id, id));
  return found ?? null;
}

/** @returns false when somebody was faster */
export async function updateCall(
  tx: Tx,
  id: string,
  version: number,
  change: Pick<Partial<CallRow>, "state" | "nextAt" | "attempts" | "endedAt">,
): Promise<boolean> {
  const rows = await tx
    .update(callTask)
    .set({ ...change, version: version + 1 })
    .where(and(eq(callTask.id, id), eq(callTask.version, version)))
    .returning({ id: callTask.id });
  return rows.length > 0;
}

export async function insertAttempt(tx: Tx, row: typeof callAttempt.$inferInsert): Promise<void> {
  await tx.insert(callAttempt).values(row);
}

/** Open calls whose deadline has passed. */
export async function findOverdueCalls(tx: Tx, now: Date): Promise<CallRow[]> {
  return tx
    .select()
    .from(callTask)
    .where(
      and(
        eq(callTask.state, "open"),
        lte(callTask.dueAt, now),
        notInArray(callTask.kind, [...callsThatStay]),
      ),
    )
    .limit(500);
}

export async function findCallByKey(tx: Tx, dedupeKey: string): Promise<CallRow | null> {
  const [found] = await tx.select().from(callTask).where(eq(callTask.dedupeKey, dedupeKey));
  return found ?? null;
}
