import { and, asc, count, desc, eq, gt, inArray, isNull, or, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { cardKey, cardPolicy, cardRevocation, healthCard, paperCode } from "./schema.ts";

export type CardKeyRow = typeof cardKey.$inferSelect;
export type PaperCodeRow = typeof paperCode.$inferSelect;

/** All keys ever, oldest first. */
export function findKeys(tx: Tx): Promise<CardKeyRow[]> {
  return tx.select().from(cardKey).orderBy(asc(cardKey.activeFrom), asc(cardKey.kid));
}

/** @returns false when another key is active already */
export async function insertKey(tx: Tx, row: typeof cardKey.$inferInsert): Promise<boolean> {
  const made = await tx
    .insert(cardKey)
    .values(row)
    .onConflictDoNothing()
    .returning({ kid: cardKey.kid });
  return made.length > 0;
}

export async function retireActiveKeys(tx: Tx, at: Date): Promise<void> {
  await tx.update(cardKey).set({ retiredAt: at }).where(isNull(cardKey.retiredAt));
}

/** @returns false when there is no such key, or it is revoked already */
export async function revokeKey(tx: Tx, kid: string, at: Date): Promise<boolean> {
  const rows = await tx
    .update(cardKey)
    .set({ revokedAt: at, retiredAt: sql`coalesce(${cardKey.retiredAt}, ${at.toISOString()})` })
    .where(and(eq(cardKey.kid, kid), isNull(cardKey.revokedAt)))
    .returning({ kid: cardKey.kid });
  return rows.length > 0;
}

export function findPolicies(tx: Tx) {
  return tx.select().from(cardPolicy).orderBy(asc(cardPolicy.validFrom));
}

/** How many were ever taken back, by key: the counter of each list. */
export function countRevocations(tx: Tx) {
  return tx
    .select({ kid: cardRevocation.kid, count: count() })
    .from(cardRevocation)
    .groupBy(cardRevocation.kid);
}

/** What a list holds now: those whose code would count otherwise. */
export async function findRevoked(tx: Tx, kid: string, now: Date): Promise<string[]> {
  const rows = await tx
    .select({ rid: cardRevocation.rid })
    .from(cardRevocation)
    .where(
      and(
        eq(cardRevocation.kid, kid),
        or(isNull(cardRevocation.until), gt(cardRevocation.until, now)),
      ),
    )
    .orderBy(asc(cardRevocation.id));
  return rows.map((row) => row.rid);
}

/** The codes of these people that were not taken back, as far as the reader may see them. */
export async function findOpenPaperCodes(
  tx: Tx,
  patientIds: readonly string[],
): Promise<PaperCodeRow[]> {
  if (patientIds.length === 0) return [];
  return tx
    .select()
    .from(paperCode)
    .where(and(inArray(paperCode.patientId, [...patientIds]), isNull(paperCode.revokedAt)))
    .orderBy(desc(paperCode.issuedAt));
}

export async function findPaperCode(tx: Tx, id: string): Promise<PaperCodeRow | null> {
  const [row] = await tx.select().from(paperCode).where(eq(paperCode.id, id));
  return row ?? null;
}

/** Takes back what a person has. @returns how many */
export async function revokePaperCodes(
  tx: Tx,
  patientId: string,
  how: { revokedAt: Date; revokedReason: PaperCodeRow["revokedReason"] },
): Promise<number> {
  const rows = await tx
    .update(paperCode)
    .set(how)
    .where(and(eq(paperCode.patientId, patientId), isNull(paperCode.revokedAt)))
    .returning({ id: paperCode.id });
  return rows.length;
}

export async function insertPaperCode(
  tx: Tx,
  row: typeof paperCode.$inferInsert,
): Promise<PaperCodeRow> {
  const [made] = await tx.insert(paperCode).values(row).returning();
  return made!;
}

export type PaperHolder = {
  id: string;
  issuedAt: string;
  expiresAt: string;
  revokedAt: string | null;
  revokedReason: PaperCodeRow["revokedReason"];
  /** The person only while the code counts. */
  patientId: string | null;
  fullName: string | null;
  fullNameBo: string | null;
  sex: "female" | "male" | "other" | "unknown" | null;
  birthDate: string | null;
  residentIdCipher: string | null;
};

/** Whose a number is, for whoever may check codes; null when there is none. */
export async function findPaperHolder(
  tx: Tx,
  numberHash: Buffer,
  now: Date,
): Promise<PaperHolder | null> {
  const [row] = await tx.execute<PaperHolder>(sql`
    select id, issued_at as "issuedAt", expires_at as "expiresAt", revoked_at as "revokedAt", revoked_reason as "revokedReason",
      patient_id as "patientId", full_name as "fullName", full_name_bo as "fullNameBo", sex, birth_date::text as "birthDate",
      resident_id_cipher as "residentIdCipher"
    from app.paper_code_holder(${numberHash}, ${now.toISOString()})`);
  return row ?? null;
}

export type TestRow = {
  id: string;
  patientId: string;
  state: "negative" | "positive" | "waiting" | "again";
  sampledAt: string;
  dueAt: string | null;
  releasedAt: string | null;
  place: string | null;
  laboratoryId: string | null;
  mayHaveCard: boolean;
};

/** Tests of the people whom the asking phone books for, newest first. */
export async function findMyTests(tx: Tx, since: Date): Promise<TestRow[]> {
  return tx.execute<TestRow>(sql`
    select id, patient_id as "patientId", state, sampled_at as "sampledAt", due_at as "dueAt", released_at as "releasedAt",
      place, laboratory_id as "laboratoryId", may_have_card as "mayHaveCard"
    from app.my_test_results(${since.toISOString()}) order by sampled_at desc, id limit 100`);
}

/** What may be printed of one person at a window (`card.print`), newest first. */
export async function findPrintableTests(
  tx: Tx,
  patientId: string,
  since: Date,
): Promise<TestRow[]> {
  return tx.execute<TestRow>(sql`
    select id, patient_id as "patientId", state, sampled_at as "sampledAt", due_at as "dueAt", released_at as "releasedAt",
      place, laboratory_id as "laboratoryId", may_have_card as "mayHaveCard"
    from app.printable_results(${patientId}, ${since.toISOString()}) order by sampled_at desc, id limit 100`);
}

/** The card of a result under this key, made once; null when there may be none. */
export async function ensureCard(
  tx: Tx,
  row: typeof healthCard.$inferInsert,
): Promise<typeof healthCard.$inferSelect> {
  const [made] = await tx
    .insert(healthCard)
    .values(row)
    .onConflictDoNothing({ target: [healthCard.resultId, healthCard.kid] })
    .returning();
  if (made) return made;
  const [kept] = await tx
    .select()
    .from(healthCard)
    .where(and(eq(healthCard.resultId, row.resultId), eq(healthCard.kid, row.kid)));
  return kept!;
}

/** What a paper code stands for now; null when it does not count. */
export async function findPaperResult(
  tx: Tx,
  numberHash: Buffer,
  now: Date,
): Promise<{
  state: "negative" | "positive" | "again" | "none";
  sampledAt: string | null;
} | null> {
  const [row] = await tx.execute<{
    state: "negative" | "positive" | "again" | "none";
    sampledAt: string | null;
  }>(
    sql`select state, sampled_at as "sampledAt" from app.paper_code_result(${numberHash}, ${now.toISOString()})`,
  );
  return row ?? null;
}

/** The institution at work takes the holder in. */
export async function linkByPaperCode(tx: Tx, numberHash: Buffer, now: Date): Promise<void> {
  await tx.execute(sql`select app.link_by_paper_code(${numberHash}, ${now.toISOString()})`);
}
