import { and, asc, desc, eq, inArray, isNull, lt, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { teachingDeck, teachingSlide } from "./slides-schema.ts";

export type DeckRow = typeof teachingDeck.$inferSelect;
export type SlideRow = typeof teachingSlide.$inferSelect;

export async function findDeck(tx: Tx, id: string): Promise<DeckRow | null> {
  const [row] = await tx.select().from(teachingDeck).where(eq(teachingDeck.id, id));
  return row ?? null;
}

/** Newest first. */
export async function findDecks(tx: Tx, sessionId: string): Promise<DeckRow[]> {
  return tx
    .select()
    .from(teachingDeck)
    .where(eq(teachingDeck.sessionId, sessionId))
    .orderBy(desc(teachingDeck.createdAt));
}

export async function countDecks(tx: Tx, sessionId: string): Promise<number> {
  const [row] = await tx
    .select({ count: sql<number>`count(*)::integer` })
    .from(teachingDeck)
    .where(and(eq(teachingDeck.sessionId, sessionId), isNull(teachingDeck.removedAt)));
  return row?.count ?? 0;
}

export async function insertDeck(
  tx: Tx,
  values: typeof teachingDeck.$inferInsert,
): Promise<DeckRow> {
  const [row] = await tx.insert(teachingDeck).values(values).returning();
  return row!;
}

/** Changes a deck that is still in one of these states. @returns null when it is not */
export async function updateDeck(
  tx: Tx,
  id: string,
  states: readonly DeckRow["state"][],
  change: Partial<DeckRow>,
): Promise<DeckRow | null> {
  const [row] = await tx
    .update(teachingDeck)
    .set(change)
    .where(and(eq(teachingDeck.id, id), inArray(teachingDeck.state, [...states])))
    .returning();
  return row ?? null;
}

export async function findSlides(tx: Tx, deckIds: readonly string[]): Promise<SlideRow[]> {
  if (deckIds.length === 0) return [];
  return tx
    .select()
    .from(teachingSlide)
    .where(inArray(teachingSlide.deckId, [...deckIds]))
    .orderBy(asc(teachingSlide.deckId), asc(teachingSlide.page));
}

export async function findSlide(tx: Tx, deckId: string, page: number): Promise<SlideRow | null> {
  const [row] = await tx
    .select()
    .from(teachingSlide)
    .where(and(eq(teachingSlide.deckId, deckId), eq(teachingSlide.page, page)));
  return row ?? null;
}

/** A page that was drawn before stays: the job may run twice. */
export async function putSlide(tx: Tx, row: SlideRow): Promise<void> {
  await tx
    .insert(teachingSlide)
    .values(row)
    .onConflictDoNothing({ target: [teachingSlide.deckId, teachingSlide.page] });
}

/** Uploads that nobody finished since then. */
export async function findUnfinished(tx: Tx, before: Date): Promise<DeckRow[]> {
  return tx
    .select()
    .from(teachingDeck)
    .where(and(eq(teachingDeck.state, "uploading"), lt(teachingDeck.createdAt, before)));
}

export async function deleteDeck(tx: Tx, id: string): Promise<void> {
  await tx.delete(teachingDeck).where(eq(teachingDeck.id, id));
}
