import { and, asc, eq, isNull } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { teachingStill } from "./still-schema.ts";

export type StillRow = typeof teachingStill.$inferSelect;
const shown = isNull(teachingStill.removedAt);

export async function findStills(tx: Tx, sessionId: string): Promise<StillRow[]> {
  return tx
    .select()
    .from(teachingStill)
    .where(and(eq(teachingStill.sessionId, sessionId), shown))
    .orderBy(asc(teachingStill.createdAt));
}

export async function findStill(tx: Tx, id: string): Promise<StillRow | null> {
  const [row] = await tx
    .select()
    .from(teachingStill)
    .where(and(eq(teachingStill.id, id), shown));
  return row ?? null;
}

export async function insertStill(
  tx: Tx,
  values: typeof teachingStill.$inferInsert,
): Promise<StillRow> {
  const [row] = await tx.insert(teachingStill).values(values).returning();
  return row!;
}

export async function removeStill(
  tx: Tx,
  id: string,
  change: { removedAt: Date; removedBy: string },
): Promise<void> {
  await tx
    .update(teachingStill)
    .set(change)
    .where(and(eq(teachingStill.id, id), shown));
}
