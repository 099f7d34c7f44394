/** Queries of what becomes of text messages. */
import { and, eq, gte, inArray, lt, lte, notInArray, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import type { SmsRow } from "./repository.ts";
import { callTask, smsMessage } from "./schema.ts";
import { lostSmsStates, type SmsState } from "./sms-states.ts";

/** Locked until the transaction ends: a receipt and a worker do not pass each other. */
export async function lockSms(tx: Tx, id: string): Promise<SmsRow | null> {
  const [row] = await tx.select().from(smsMessage).where(eq(smsMessage.id, id)).for("update");
  return row ?? null;
}

export async function setSmsState(
  tx: Tx,
  id: string,
  change: { state: SmsState; stateAt: Date; sentAt?: Date; failedReason?: string },
): Promise<void> {
  await tx.update(smsMessage).set(change).where(eq(smsMessage.id, id));
}

/** Whether another message of the same news has arrived or still may. */
export async function hasOther(tx: Tx, row: SmsRow): Promise<boolean> {
  if (!row.newsKey) return false;
  const [other] = await tx
    .select({ id: smsMessage.id })
    .from(smsMessage)
    .where(
      and(
        eq(smsMessage.newsKey, row.newsKey),
        sql`${smsMessage.id} <> ${row.id}`,
        notInArray(smsMessage.state, [...lostSmsStates]),
      ),
    )
    .limit(1);
  return other !== undefined;
}

/** Messages whose quiet hours are over. */
export async function takeHeldSms(tx: Tx, now: Date): Promise<SmsRow[]> {
  return tx
    .select()
    .from(smsMessage)
    .where(and(eq(smsMessage.state, "held"), lte(smsMessage.heldUntil, now)))
    .limit(500)
    .for("update", { skipLocked: true });
}

/** Messages that were to be sent long ago and of which no worker has said anything. */
export async function takeForgotten(tx: Tx, before: Date): Promise<SmsRow[]> {
  return tx
    .select()
    .from(smsMessage)
    .where(
      and(
        eq(smsMessage.state, "queued"),
        lt(sql`coalesce(${smsMessage.heldUntil}, ${smsMessage.at})`, before.toISOString()),
      ),
    )
    .limit(200)
    .for("update", { skipLocked: true });
}

/** Whether the gateway has said of any message since then that it arrived: one that never reports confirms nothing. */
export async function gatewayReports(tx: Tx, since: Date): Promise<boolean> {
  const [one] = await tx
    .select({ id: smsMessage.id })
    .from(smsMessage)
    .where(and(eq(smsMessage.state, "delivered"), gte(smsMessage.stateAt, since)))
    .limit(1);
  return one !== undefined;
}

/** Messages that the gateway took and of which it has said nothing since. */
export async function takeUnconfirmed(tx: Tx, before: Date): Promise<SmsRow[]> {
  return tx
    .select()
    .from(smsMessage)
    .where(and(eq(smsMessage.state, "sent"), lt(smsMessage.sentAt, before)))
    .limit(200)
    .for("update", { skipLocked: true });
}

export type HouseSms = {
  id: string;
  kind: string;
  state: SmsState;
  at: string;
  stateAt: string | null;
  heldUntil: string | null;
  patientId: string | null;
  phoneCipher: string;
  senderId: string | null;
  newsKey: string | null;
};

/** The latest of the reader's house, those that did not arrive first. */
export async function findHouseSms(tx: Tx, limit: number): Promise<HouseSms[]> {
  const rows = await tx.execute<HouseSms>(
    sql`select id, kind, state, at, state_at as "stateAt", held_until as "heldUntil", patient_id as "patientId", phone_cipher as "phoneCipher",
      sender_id as "senderId", news_key as "newsKey" from app.house_messages(${limit})`,
  );
  return [...rows];
}

/** Of some calls' keys, which stand on the list of the house. */
export async function findCallsOf(tx: Tx, keys: readonly string[]): Promise<Set<string>> {
  if (keys.length === 0) return new Set();
  const rows = await tx
    .select({ key: callTask.dedupeKey })
    .from(callTask)
    .where(inArray(callTask.dedupeKey, [...keys]));
  return new Set(rows.map((row) => row.key));
}
