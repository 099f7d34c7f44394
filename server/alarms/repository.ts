/** Clocks as rows. */
import { and, desc, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { alarm } from "./schema.ts";

export type AlarmRow = typeof alarm.$inferSelect;
export type NewAlarm = Pick<AlarmRow, "kind" | "entityId" | "key" | "dueAt"> &
  Partial<Pick<AlarmRow, "detail">>;

/** Set a clock, or move it; one that has fired begins again. */
export async function putAlarm(tx: Tx, row: NewAlarm): Promise<void> {
  await tx
    .insert(alarm)
    .values(row)
    .onConflictDoUpdate({
      target: alarm.key,
      set: { dueAt: row.dueAt, detail: row.detail ?? {}, firedAt: null, attempts: 0 },
    });
}

/** Nobody waits for these any more. */
export async function stopAlarms(tx: Tx, keys: readonly string[], now: Date): Promise<void> {
  if (keys.length > 0)
    await tx
      .update(alarm)
      .set({ firedAt: now })
      .where(and(inArray(alarm.key, [...keys]), isNull(alarm.firedAt)));
}

/** Due clocks that no other process is at, oldest or newest first; they are locked until the transaction ends. */
export async function takeDue(
  tx: Tx,
  kinds: readonly string[],
  now: Date,
  limit: number,
  first: "oldest" | "newest",
): Promise<AlarmRow[]> {
  return tx
    .select()
    .from(alarm)
    .where(
      and(
        isNull(alarm.firedAt),
        sql`${alarm.dueAt} <= ${now.toISOString()}::timestamptz`,
        inArray(alarm.kind, [...kinds]),
      ),
    )
    .orderBy(first === "oldest" ? alarm.dueAt : desc(alarm.dueAt))
    .limit(limit)
    .for("update", { skipLocked: true });
}

export async function markFired(tx: Tx, ids: readonly string[], now: Date): Promise<void> {
  if (ids.length > 0)
    await tx
      .update(alarm)
      .set({ firedAt: now })
      .where(inArray(alarm.id, [...ids]));
}

/** It could not be acted on: again a while later. */
export async function postpone(tx: Tx, id: string, until: Date): Promise<void> {
  await tx
    .update(alarm)
    .set({ dueAt: until, firedAt: null, attempts: sql`${alarm.attempts} + 1` })
    .where(eq(alarm.id, id));
}
