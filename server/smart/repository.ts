import { and, eq, lt, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { smartAssertion, smartClient } from "./schema.ts";

export type SmartClientRow = typeof smartClient.$inferSelect;

export const listClients = (tx: Tx, institutionId: string): Promise<SmartClientRow[]> =>
  tx
    .select()
    .from(smartClient)
    .where(eq(smartClient.institutionId, institutionId))
    .orderBy(smartClient.createdAt, smartClient.id);

export async function findClient(tx: Tx, id: string): Promise<SmartClientRow | null> {
  const [row] = await tx.select().from(smartClient).where(eq(smartClient.id, id));
  return row ?? null;
}

export async function insertClient(
  tx: Tx,
  row: typeof smartClient.$inferInsert,
): Promise<SmartClientRow> {
  const [made] = await tx.insert(smartClient).values(row).returning();
  return made!;
}

/** True when it was this call that ended it. */
export async function disableClient(
  tx: Tx,
  where: { id: string; institutionId: string },
  at: Date,
): Promise<SmartClientRow | null> {
  const [row] = await tx
    .update(smartClient)
    .set({ disabledAt: sql`coalesce(${smartClient.disabledAt}, ${at.toISOString()})` })
    .where(and(eq(smartClient.id, where.id), eq(smartClient.institutionId, where.institutionId)))
    .returning();
  return row ?? null;
}

/** False when the assertion was used before. */
export async function takeAssertion(
  tx: Tx,
  assertion: typeof smartAssertion.$inferInsert,
): Promise<boolean> {
  const made = await tx
    .insert(smartAssertion)
    .values(assertion)
    .onConflictDoNothing()
    .returning({ jti: smartAssertion.jti });
  return made.length === 1;
}

export const forgetAssertions = (tx: Tx, before: Date) =>
  tx.delete(smartAssertion).where(lt(smartAssertion.expiresAt, before));
