import { and, asc, eq, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { callerWait } from "./release-schema.ts";
import type { Problem } from "./repository.ts";

export type CallerWaitRow = typeof callerWait.$inferSelect;

/** @returns null when this place is waited with already */
export async function insertWait(
  tx: Tx,
  row: typeof callerWait.$inferInsert,
): Promise<CallerWaitRow | null> {
  const [made] = await tx.insert(callerWait).values(row).onConflictDoNothing().returning();
  return made ?? null;
}

/** Callers of an institution who wait, in the order in which they asked. */
export async function findWaiting(
  tx: Tx,
  institutionId: string,
): Promise<(CallerWaitRow & { startsAt: Date })[]> {
  const rows = await tx
    .select({
      row: callerWait,
      startsAt: sql<string>`(select g.starts_at from segment g where g.id = ${callerWait.segmentId})`,
    })
    .from(callerWait)
    .where(and(eq(callerWait.institutionId, institutionId), eq(callerWait.state, "waiting")))
    .orderBy(asc(callerWait.askedAt))
    .limit(200);
  return rows.map(({ row, startsAt }) => ({ ...row, startsAt: new Date(startsAt) }));
}

/** @returns null when it is over, or another house's */
export async function endWait(
  tx: Tx,
  id: string,
  state: "missed" | "withdrawn",
  now: Date,
): Promise<CallerWaitRow | null> {
  const [row] = await tx
    .update(callerWait)
    .set({ state, endedAt: now })
    .where(and(eq(callerWait.id, id), eq(callerWait.state, "waiting")))
    .returning();
  return row ?? null;
}

export async function findWait(tx: Tx, id: string): Promise<CallerWaitRow | null> {
  const [row] = await tx.select().from(callerWait).where(eq(callerWait.id, id));
  return row ?? null;
}

/** Callers whose turn it is, and those for whom nothing is left (`turn` false). */
export async function findDue(tx: Tx, now: Date): Promise<{ id: string; turn: boolean }[]> {
  return tx.execute<{ id: string; turn: boolean }>(
    sql`select id, turn from app.callers_due(${now.toISOString()})`,
  );
}

/** Hold and confirm for a caller whose turn it is. */
export async function takeForCaller(
  tx: Tx,
  id: string,
  code: string,
  now: Date,
): Promise<{ appointmentId: string | null; problem: Problem | null }> {
  const [row] = await tx.execute<{ appointment_id: string | null; problem: Problem | null }>(
    sql`select appointment_id, problem from app.take_for_caller(${id}, ${code}, ${now.toISOString()})`,
  );
  return { appointmentId: row!.appointment_id, problem: row!.problem };
}
