/** Rows of follow-ups. Queries only. */
import { and, asc, eq, inArray, lte, or, type SQL } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { followUp } from "./schema.ts";

export type FollowUpRow = typeof followUp.$inferSelect;

/** Planned once per referral, day and kind, however often it is asked for. */
export async function insertFollowUp(
  tx: Tx,
  row: typeof followUp.$inferInsert,
): Promise<FollowUpRow> {
  const [created] = await tx.insert(followUp).values(row).onConflictDoNothing().returning();
  if (created) return created;
  const [there] = await tx
    .select()
    .from(followUp)
    .where(
      and(
        eq(followUp.referralId, row.referralId),
        eq(followUp.dueOn, row.dueOn),
        eq(followUp.kind, row.kind),
      ),
    );
  return there!;
}

export async function findFollowUp(tx: Tx, id: string): Promise<FollowUpRow | null> {
  const [found] = await tx.select().from(followUp).where(eq(followUp.id, id));
  return found ?? null;
}

export async function findFollowUps(
  tx: Tx,
  which: FollowUpsOf,
  limit = 300,
): Promise<FollowUpRow[]> {
  return tx
    .select()
    .from(followUp)
    .where(meant(which))
    .orderBy(asc(followUp.dueOn), asc(followUp.id))
    .limit(limit);
}
export const countFollowUps = (tx: Tx, which: FollowUpsOf): Promise<number> =>
  tx.$count(followUp, meant(which));

type FollowUpsOf = {
  ids?: readonly string[];
  episodeIds?: readonly string[];
  institutionId?: string;
  patientIds?: readonly string[];
  /** Only what waits until this day. */
  dueUntil?: string;
};
function meant(which: FollowUpsOf): SQL | undefined {
  const conditions: (SQL | undefined)[] = [];
  if (which.ids) conditions.push(inArray(followUp.id, [...which.ids, none]));
  if (which.episodeIds) conditions.push(inArray(followUp.episodeId, [...which.episodeIds, none]));
  if (which.patientIds) conditions.push(inArray(followUp.patientId, [...which.patientIds, none]));
  if (which.institutionId) conditions.push(eq(followUp.institutionId, which.institutionId));
  if (which.dueUntil)
    conditions.push(
      or(
        eq(followUp.state, "missed"),
        and(eq(followUp.state, "planned"), lte(followUp.dueOn, which.dueUntil)),
      ),
    );
  return and(...conditions);
}
const none = "00000000-0000-0000-0000-000000000000";

/** Change a follow-up that is still at `version`; null when someone else was first. */
export async function updateFollowUp(
  tx: Tx,
  id: string,
  version: number,
  change: Partial<typeof followUp.$inferInsert>,
): Promise<FollowUpRow | null> {
  const [changed] = await tx
    .update(followUp)
    .set({ ...change, version: version + 1 })
    .where(and(eq(followUp.id, id), eq(followUp.version, version)))
    .returning();
  return changed ?? null;
}
