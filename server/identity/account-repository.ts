/** Second factors and open sessions of one account. */
import { and, desc, eq, gt, isNull, ne, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { smartGrant } from "../smart/schema.ts";
import { passkey, session, staffAccount } from "./schema.ts";

type PasskeyRow = typeof passkey.$inferSelect;

export async function findPasskeys(tx: Tx, personId: string): Promise<PasskeyRow[]> {
  return tx
    .select()
    .from(passkey)
    .where(eq(passkey.personId, personId))
    .orderBy(passkey.createdAt, passkey.id);
}

export async function findPasskey(tx: Tx, credentialId: string): Promise<PasskeyRow | null> {
  const [found] = await tx.select().from(passkey).where(eq(passkey.credentialId, credentialId));
  return found ?? null;
}

/** @returns whether this person had it */
export async function deletePasskey(tx: Tx, personId: string, id: string): Promise<boolean> {
  const rows = await tx
    .delete(passkey)
    .where(and(eq(passkey.id, id), eq(passkey.personId, personId)))
    .returning({ id: passkey.id });
  return rows.length > 0;
}

export async function insertPasskey(tx: Tx, row: typeof passkey.$inferInsert): Promise<void> {
  await tx.insert(passkey).values(row);
}

export async function updatePasskeyCounter(tx: Tx, id: string, counter: number): Promise<void> {
  await tx.update(passkey).set({ counter }).where(eq(passkey.id, id));
}

/** What is set up beside the password. */
export async function findFactors(
  tx: Tx,
  personId: string,
): Promise<{ totp: boolean; passkey: boolean }> {
  const [found] = await tx.execute<{ totp: boolean; passkey: boolean }>(sql`
    select exists (select 1 from ${staffAccount} a where a.person_id = ${personId} and a.totp_confirmed_at is not null) as totp,
      exists (select 1 from ${passkey} k where k.person_id = ${personId}) as passkey`);
  return found ?? { totp: false, passkey: false };
}

/** Whose sessions: a member of staff's, or a phone's. */
export type SessionOwner =
  | { kind: "staff"; personId: string }
  | { kind: "patient"; phoneIndex: Buffer };

const ownedBy = (owner: SessionOwner) =>
  and(
    eq(session.kind, owner.kind),
    owner.kind === "staff"
      ? eq(session.personId, owner.personId)
      : eq(session.phoneIndex, owner.phoneIndex),
  );

/** Open sessions, the last used first. */
export async function findOpenSessions(tx: Tx, owner: SessionOwner, now: Date) {
  return tx
    .select()
    .from(session)
    .where(and(ownedBy(owner), isNull(session.revokedAt), gt(session.expiresAt, now)))
    .orderBy(desc(session.lastSeenAt), session.id);
}

/** Of the owner's open sessions the one with this id, or all but the one named. */
export async function findSessionIdsToEnd(
  tx: Tx,
  owner: SessionOwner,
  which: { id: string } | { allBut: string },
  now: Date,
): Promise<string[]> {
  const rows = await tx
    .select({ id: session.id })
    .from(session)
    .where(
      and(
        ownedBy(owner),
        "id" in which ? eq(session.id, which.id) : ne(session.id, which.allBut),
        isNull(session.revokedAt),
        gt(session.expiresAt, now),
      ),
    )
    .for("update");
  return rows.map((row) => row.id);
}

/** Apps that were let in on a device which is put out (server/smart). */
export const endAppsOfSession = (tx: Tx, sessionId: string, at: Date) =>
  tx
    .update(smartGrant)
    .set({ endedAt: at, endReason: "session" })
    .where(and(eq(smartGrant.sessionId, sessionId), isNull(smartGrant.endedAt)));
