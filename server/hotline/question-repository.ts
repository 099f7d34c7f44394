import { and, desc, eq, lte, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { hotlineQuestionSet } from "./schema.ts";

export type SetRow = typeof hotlineQuestionSet.$inferSelect;

/** The newest published version that has begun. @param day local */
export async function findSetOn(tx: Tx, day: string): Promise<SetRow | null> {
  const [found] = await tx
    .select()
    .from(hotlineQuestionSet)
    .where(and(eq(hotlineQuestionSet.state, "published"), lte(hotlineQuestionSet.validFrom, day)))
    .orderBy(desc(hotlineQuestionSet.validFrom), desc(hotlineQuestionSet.version))
    .limit(1);
  return found ?? null;
}

export async function findSet(tx: Tx, id: string): Promise<SetRow | null> {
  const [found] = await tx.select().from(hotlineQuestionSet).where(eq(hotlineQuestionSet.id, id));
  return found ?? null;
}

/** All versions, newest first. */
export async function findSets(tx: Tx): Promise<SetRow[]> {
  return tx.select().from(hotlineQuestionSet).orderBy(desc(hotlineQuestionSet.version));
}

export async function insertSet(
  tx: Tx,
  row: Omit<typeof hotlineQuestionSet.$inferInsert, "version">,
): Promise<SetRow> {
  const [made] = await tx
    .insert(hotlineQuestionSet)
    .values({
      ...row,
      version: sql`(select coalesce(max(q.version), 0) + 1 from hotline_question_set q)`,
    })
    .returning();
  return made!;
}

/** @returns null when it was published before */
export async function publishSet(
  tx: Tx,
  id: string,
  publishedBy: string,
  publishedAt: Date,
): Promise<SetRow | null> {
  const [row] = await tx
    .update(hotlineQuestionSet)
    .set({ state: "published", publishedBy, publishedAt })
    .where(and(eq(hotlineQuestionSet.id, id), eq(hotlineQuestionSet.state, "draft")))
    .returning();
  return row ?? null;
}
