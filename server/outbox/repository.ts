import { asc, gt, inArray, max } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { outboxEvent } from "./schema.ts";

export type OutboxEvent = typeof outboxEvent.$inferSelect;

/** Newest id that is committed; 0 in an empty table. */
export async function findNewestId(tx: Tx): Promise<number> {
  const [row] = await tx.select({ newest: max(outboxEvent.id) }).from(outboxEvent);
  return row?.newest ?? 0;
}

/** Events by id, in order of id; ids whose rows are gone are left out. */
export async function findByIds(tx: Tx, ids: number[]): Promise<OutboxEvent[]> {
  return tx
    .select()
    .from(outboxEvent)
    .where(inArray(outboxEvent.id, ids))
    .orderBy(asc(outboxEvent.id));
}

/** Ids above `after` in order, at most `limit`. */
export async function findIdsAfter(tx: Tx, after: number, limit: number): Promise<number[]> {
  const rows = await tx
    .select({ id: outboxEvent.id })
    .from(outboxEvent)
    .where(gt(outboxEvent.id, after))
    .orderBy(asc(outboxEvent.id))
    .limit(limit);
  return rows.map((row) => row.id);
}
