/** Lines to houses outside. Queries only. */
import { and, eq, isNull } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { recordOutside } from "../records/schema.ts";
import { referralOutside } from "./schema.ts";

export type LineRow = typeof referralOutside.$inferSelect;
export type ServerRow = typeof recordOutside.$inferSelect;

export async function findLine(tx: Tx, referralId: string): Promise<LineRow | null> {
  const [row] = await tx
    .select()
    .from(referralOutside)
    .where(eq(referralOutside.referralId, referralId));
  return row ?? null;
}

export async function insertLine(
  tx: Tx,
  row: typeof referralOutside.$inferInsert,
): Promise<boolean> {
  const made = await tx
    .insert(referralOutside)
    .values(row)
    .onConflictDoNothing()
    .returning({ id: referralOutside.referralId });
  return made.length === 1;
}

export async function changeLine(
  tx: Tx,
  referralId: string,
  change: Partial<typeof referralOutside.$inferInsert>,
): Promise<void> {
  await tx.update(referralOutside).set(change).where(eq(referralOutside.referralId, referralId));
}

/** They said it themselves, so both sides know it. */
export const noteAgreed = (
  tx: Tx,
  referralId: string,
  state: NonNullable<LineRow["agreedState"]>,
  now: Date,
): Promise<void> =>
  changeLine(tx, referralId, {
    agreedState: state,
    theirState: state,
    readAt: now,
    contradiction: null,
    contradictedAt: null,
  });

/** Referrals that came from a house under its own number. */
export async function findByNumber(
  tx: Tx,
  houseId: string,
  identifier: { system: string; value: string },
): Promise<string[]> {
  const rows = await tx
    .select({ id: referralOutside.referralId })
    .from(referralOutside)
    .where(
      and(
        eq(referralOutside.houseId, houseId),
        eq(referralOutside.theirSystem, identifier.system),
        eq(referralOutside.theirNumber, identifier.value),
      ),
    );
  return rows.map((row) => row.id);
}

/** The server that a house of ours has registered as another's. */
export async function findServer(
  tx: Tx,
  ourInstitutionId: string,
  houseId: string,
): Promise<ServerRow | null> {
  const [row] = await tx
    .select()
    .from(recordOutside)
    .where(
      and(
        eq(recordOutside.institutionId, ourInstitutionId),
        eq(recordOutside.refersToInstitutionId, houseId),
        isNull(recordOutside.removedAt),
      ),
    );
  return row ?? null;
}

export async function findServerById(tx: Tx, id: string): Promise<ServerRow | null> {
  const [row] = await tx
    .select()
    .from(recordOutside)
    .where(and(eq(recordOutside.id, id), isNull(recordOutside.removedAt)));
  return row ?? null;
}
