import { and, desc, eq, isNull } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { signingKey } from "./schema.ts";

export type SigningKeyRow = typeof signingKey.$inferSelect;

/** A person's keys, newest first, revoked ones too. */
export async function findOwnKeys(tx: Tx, personId: string): Promise<SigningKeyRow[]> {
  return tx
    .select()
    .from(signingKey)
    .where(eq(signingKey.personId, personId))
    .orderBy(desc(signingKey.registeredAt), desc(signingKey.kid));
}

export async function findKey(tx: Tx, kid: string): Promise<SigningKeyRow | null> {
  const [found] = await tx.select().from(signingKey).where(eq(signingKey.kid, kid));
  return found ?? null;
}

/** @returns null when a key of this thumbprint is registered already, whoever's it is */
export async function insertKey(
  tx: Tx,
  row: typeof signingKey.$inferInsert,
): Promise<SigningKeyRow | null> {
  const [created] = await tx.insert(signingKey).values(row).onConflictDoNothing().returning();
  return created ?? null;
}

type Revocation = Required<Pick<SigningKeyRow, "revokedReason">> & {
  revokedAt: Date;
  replacedBy?: string;
};

/** Revokes one key that is still good; null when it no longer is. */
export async function revokeKey(
  tx: Tx,
  kid: string,
  change: Revocation,
): Promise<SigningKeyRow | null> {
  const [changed] = await tx
    .update(signingKey)
    .set(change)
    .where(and(eq(signingKey.kid, kid), isNull(signingKey.revokedAt)))
    .returning();
  return changed ?? null;
}
