import { and, asc, desc, eq, inArray, isNull, lte, ne, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { person } from "../identity/schema.ts";
import type { PatientSex } from "../patients/domain.ts";
import { hotlineCall, hotlineLetter } from "./schema.ts";

export type CallRow = typeof hotlineCall.$inferSelect;
export type LetterRow = typeof hotlineLetter.$inferSelect;

export async function insertCall(tx: Tx, row: typeof hotlineCall.$inferInsert): Promise<CallRow> {
  const [made] = await tx.insert(hotlineCall).values(row).returning();
  return made!;
}

export async function findCall(tx: Tx, id: string): Promise<CallRow | null> {
  const [found] = await tx.select().from(hotlineCall).where(eq(hotlineCall.id, id));
  return found ?? null;
}

/** Calls that are not over, of an institution: dropped ones first, then by age. */
export async function findOpenCalls(tx: Tx, institutionId: string): Promise<CallRow[]> {
  return tx
    .select()
    .from(hotlineCall)
    .where(and(eq(hotlineCall.institutionId, institutionId), ne(hotlineCall.state, "ended")))
    .orderBy(desc(hotlineCall.state), asc(hotlineCall.openedAt))
    .limit(100);
}

/** @returns null when the version is not the newest any more */
export async function updateCall(
  tx: Tx,
  row: Pick<CallRow, "id" | "version">,
  change: Partial<Omit<CallRow, "id" | "version">>,
): Promise<CallRow | null> {
  const [changed] = await tx
    .update(hotlineCall)
    .set({ ...change, version: row.version + 1 })
    .where(and(eq(hotlineCall.id, row.id), eq(hotlineCall.version, row.version)))
    .returning();
  return changed ?? null;
}

/** The page is there, and how long it has needed so far: no new version. */
export async function touchCall(
  tx: Tx,
  input: { id: string; holderId: string; tab: string; now: Date; ms: number; actions: number },
): Promise<boolean> {
  const rows = await tx
    .update(hotlineCall)
    .set({
      lastSeenAt: input.now,
      operatorMs: sql`greatest(${hotlineCall.operatorMs}, ${input.ms})`,
      operatorActions: sql`greatest(${hotlineCall.operatorActions}, ${input.actions})`,
    })
    .where(
      and(
        eq(hotlineCall.id, input.id),
        eq(hotlineCall.holderId, input.holderId),
        eq(hotlineCall.holderTab, input.tab),
        eq(hotlineCall.state, "open"),
      ),
    )
    .returning({ id: hotlineCall.id });
  return rows.length > 0;
}

/** Open calls whose page has been silent since then. */
export async function findSilentCalls(tx: Tx, before: Date): Promise<CallRow[]> {
  return tx
    .select()
    .from(hotlineCall)
    .where(and(eq(hotlineCall.state, "open"), lte(hotlineCall.lastSeenAt, before)))
    .limit(200);
}

export async function findNames(tx: Tx, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await tx
    .select({ id: person.id, name: person.name })
    .from(person)
    .where(inArray(person.id, [...ids]));
  return new Map(rows.map((row) => [row.id, row.name]));
}

export type FoundPerson = {
  id: string;
  full_name: string | null;
  full_name_bo: string | null;
  sex: PatientSex;
  birth_date: string | null;
};
/** By the whole number or the whole ID, anywhere in the alliance. */
export async function findByIndex(
  tx: Tx,
  phoneIndex: Buffer | null,
  residentIdIndex: Buffer | null,
): Promise<FoundPerson[]> {
  return tx.execute<FoundPerson>(
    sql`select id, full_name, full_name_bo, sex, birth_date::text as birth_date
      from app.hotline_find(${phoneIndex}, ${residentIdIndex})`,
  );
}

/** @returns false when number and ID are not this person's */
export async function linkPatient(
  tx: Tx,
  patientId: string,
  phoneIndex: Buffer | null,
  residentIdIndex: Buffer | null,
): Promise<boolean> {
  const [row] = await tx.execute<{ linked: boolean }>(
    sql`select app.hotline_link(${patientId}, ${phoneIndex}, ${residentIdIndex}) as linked`,
  );
  return row?.linked ?? false;
}

export async function insertLetter(tx: Tx, row: typeof hotlineLetter.$inferInsert): Promise<void> {
  await tx.insert(hotlineLetter).values(row).onConflictDoNothing();
}

/** Letters still to be printed. */
export async function findLetters(tx: Tx): Promise<LetterRow[]> {
  return tx
    .select()
    .from(hotlineLetter)
    .where(isNull(hotlineLetter.printedAt))
    .orderBy(asc(hotlineLetter.wantedAt))
    .limit(200);
}

export async function markPrinted(
  tx: Tx,
  ids: readonly string[],
  by: string,
  now: Date,
): Promise<LetterRow[]> {
  return tx
    .update(hotlineLetter)
    .set({ printedAt: now, printedBy: by })
    .where(and(inArray(hotlineLetter.id, [...ids]), isNull(hotlineLetter.printedAt)))
    .returning();
}
