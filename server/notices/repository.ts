import { and, desc, eq, isNull, lt } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { notice, smsInbound, smsMessage } from "./schema.ts";

export type NoticeRow = typeof notice.$inferSelect;
export type SmsRow = typeof smsMessage.$inferSelect;

/** Writers do not see other people's notices, so nothing is returned but how many are new. */
export async function insertNotices(tx: Tx, rows: (typeof notice.$inferInsert)[]): Promise<number> {
  const result = await tx.insert(notice).values(rows).onConflictDoNothing();
  return result.count;
}

/** A person's own, newest first; policies show those of the house as well. */
export async function findNotices(tx: Tx, personId: string, limit: number): Promise<NoticeRow[]> {
  return tx
    .select()
    .from(notice)
    .where(eq(notice.personId, personId))
    .orderBy(desc(notice.at), desc(notice.id))
    .limit(limit);
}

/** @returns the notice, read now or before; null when it is nobody's or another's */
export async function markRead(
  tx: Tx,
  id: string,
  personId: string,
  at: Date,
): Promise<NoticeRow | null> {
  const own = and(eq(notice.id, id), eq(notice.personId, personId));
  await tx
    .update(notice)
    .set({ readAt: at })
    .where(and(own, isNull(notice.readAt)));
  const [found] = await tx.select().from(notice).where(own);
  return found ?? null;
}

/** @returns whether the message is new */
export async function insertSms(tx: Tx, row: typeof smsMessage.$inferInsert): Promise<boolean> {
  const result = await tx.insert(smsMessage).values(row).onConflictDoNothing();
  return result.count > 0;
}

export async function findSms(tx: Tx, id: string): Promise<SmsRow | null> {
  const [found] = await tx.select().from(smsMessage).where(eq(smsMessage.id, id));
  return found ?? null;
}

export async function updateSms(
  tx: Tx,
  id: string,
  change: Pick<Partial<SmsRow>, "sentAt" | "failedReason" | "state" | "stateAt">,
): Promise<void> {
  await tx.update(smsMessage).set(change).where(eq(smsMessage.id, id));
}

export async function findLatestSms(tx: Tx, limit: number): Promise<SmsRow[]> {
  return tx.select().from(smsMessage).orderBy(desc(smsMessage.at)).limit(limit);
}

export async function deleteSmsBefore(tx: Tx, before: Date): Promise<void> {
  await tx.delete(smsMessage).where(lt(smsMessage.at, before));
  await tx.delete(smsInbound).where(lt(smsInbound.receivedAt, before));
}
