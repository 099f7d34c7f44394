import { and, desc, eq, gt, isNotNull, isNull, lt, or } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { session } from "../identity/schema.ts";
import { smartClient, smartCode, smartGrant, smartRefresh } from "./schema.ts";

export type GrantRow = typeof smartGrant.$inferSelect;
export type CodeRow = typeof smartCode.$inferSelect;
export type RefreshRow = typeof smartRefresh.$inferSelect;
type SessionState = Pick<typeof session.$inferSelect, "revokedAt" | "expiresAt" | "lockedAt">;
export type GrantState = {
  readonly grant: GrantRow;
  readonly client: typeof smartClient.$inferSelect;
  readonly session: SessionState | null;
};

export async function insertGrant(tx: Tx, row: typeof smartGrant.$inferInsert): Promise<GrantRow> {
  const [made] = await tx.insert(smartGrant).values(row).returning();
  return made!;
}

export const insertCode = (tx: Tx, row: typeof smartCode.$inferInsert) =>
  tx.insert(smartCode).values(row);

export const insertRefresh = (tx: Tx, row: typeof smartRefresh.$inferInsert) =>
  tx.insert(smartRefresh).values(row);

/** Held until the transaction ends: of two that bring the same code one is first. */
export async function findCode(tx: Tx, codeHash: Buffer): Promise<CodeRow | null> {
  const [row] = await tx
    .select()
    .from(smartCode)
    .where(eq(smartCode.codeHash, codeHash))
    .for("update");
  return row ?? null;
}

export async function findRefresh(tx: Tx, tokenHash: Buffer): Promise<RefreshRow | null> {
  const [row] = await tx
    .select()
    .from(smartRefresh)
    .where(eq(smartRefresh.tokenHash, tokenHash))
    .for("update");
  return row ?? null;
}

export const spendCode = (tx: Tx, codeHash: Buffer, at: Date) =>
  tx.update(smartCode).set({ usedAt: at }).where(eq(smartCode.codeHash, codeHash));

export const spendRefresh = (tx: Tx, tokenHash: Buffer, at: Date) =>
  tx.update(smartRefresh).set({ usedAt: at }).where(eq(smartRefresh.tokenHash, tokenHash));

/** A grant with what it hangs on. */
export async function findGrant(tx: Tx, id: string): Promise<GrantState | null> {
  const [row] = await tx
    .select({
      grant: smartGrant,
      client: smartClient,
      revokedAt: session.revokedAt,
      expiresAt: session.expiresAt,
      lockedAt: session.lockedAt,
    })
    .from(smartGrant)
    .innerJoin(smartClient, eq(smartClient.id, smartGrant.clientId))
    .leftJoin(session, eq(session.id, smartGrant.sessionId))
    .where(eq(smartGrant.id, id));
  if (!row) return null;
  const { grant, client, revokedAt, expiresAt, lockedAt } = row;
  return { grant, client, session: expiresAt ? { revokedAt, expiresAt, lockedAt } : null };
}

/**
 * Grants that an app took up and that still count, of whoever the policies show: the newest first. One that
 * lives with its session is over when that is.
 */
export const listGrants = (tx: Tx, now: Date) =>
  tx
    .select({ grant: smartGrant, client: smartClient })
    .from(smartGrant)
    .innerJoin(smartClient, eq(smartClient.id, smartGrant.clientId))
    .leftJoin(session, eq(session.id, smartGrant.sessionId))
    .where(
      and(
        isNull(smartGrant.endedAt),
        isNotNull(smartGrant.activatedAt),
        gt(smartGrant.expiresAt, now),
        isNull(smartClient.disabledAt),
        or(smartGrant.offline, and(isNull(session.revokedAt), gt(session.expiresAt, now))),
      ),
    )
    .orderBy(desc(smartGrant.grantedAt), smartGrant.id);

export const markUsed = (tx: Tx, grant: GrantRow, at: Date) =>
  tx
    .update(smartGrant)
    .set({ lastUsedAt: at, ...(grant.activatedAt ? {} : { activatedAt: at }) })
    .where(eq(smartGrant.id, grant.id));

export const endReasons = [
  "person",
  "app",
  "code-misused",
  "token-reused",
  "session",
  "relation",
] as const;
export type EndReason = (typeof endReasons)[number];

/** @returns the grant when it was this call that ended it */
export async function endGrant(
  tx: Tx,
  id: string,
  reason: EndReason,
  at: Date,
): Promise<GrantRow | null> {
  const [row] = await tx
    .update(smartGrant)
    .set({ endedAt: at, endReason: reason })
    .where(and(eq(smartGrant.id, id), isNull(smartGrant.endedAt)))
    .returning();
  return row ?? null;
}

/** Codes that nobody took up. */
export const forgetCodes = (tx: Tx, before: Date) =>
  tx.delete(smartCode).where(and(isNull(smartCode.usedAt), lt(smartCode.expiresAt, before)));
