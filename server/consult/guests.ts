import { and, eq, gt, isNull } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { consultGuest } from "./schema.ts";

export async function findGuestById(
  tx: Tx,
  guestId: string,
): Promise<typeof consultGuest.$inferSelect | null> {
  const [found] = await tx.select().from(consultGuest).where(eq(consultGuest.id, guestId));
  return found ?? null;
}

/** A relative's invitation that is still good; null once it expired or was taken back. */
export async function findLiveGuest(
  tx: Tx,
  guestId: string,
  now: Date,
): Promise<typeof consultGuest.$inferSelect | null> {
  const [found] = await tx
    .select()
    .from(consultGuest)
    .where(
      and(
        eq(consultGuest.id, guestId),
        isNull(consultGuest.revokedAt),
        gt(consultGuest.expiresAt, now),
      ),
    );
  return found ?? null;
}

/** The invitation behind the secret of a link; its first use is noted. */
export async function openGuestLink(
  tx: Tx,
  secretHash: Buffer,
  now: Date,
): Promise<typeof consultGuest.$inferSelect | null> {
  const [found] = await tx
    .select()
    .from(consultGuest)
    .where(
      and(
        eq(consultGuest.secretHash, secretHash),
        isNull(consultGuest.revokedAt),
        gt(consultGuest.expiresAt, now),
      ),
    );
  if (found && !found.firstUsedAt)
    await tx.update(consultGuest).set({ firstUsedAt: now }).where(eq(consultGuest.id, found.id));
  return found ?? null;
}
