import { and, desc, eq, getTableColumns, isNull, or, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { patientApart, patientLink } from "./schema.ts";

export type LinkRow = typeof patientLink.$inferSelect;

export type LikeRow = {
  id: string;
  alike: string;
  full_name: string | null;
  full_name_bo: string | null;
  sex: string;
  birth_date: string | null;
  unknown_person: boolean;
  institution_id: string;
  registered_at: Date | string;
};
export const findPossible = async (tx: Tx, patientId: string): Promise<LikeRow[]> => [
  ...(await tx.execute<LikeRow>(sql`select * from app.possible_duplicates(${patientId}::uuid)`)),
];

export type PairRow = { one: string; other: string; alike: string };
export const findPairs = async (tx: Tx, atMost: number): Promise<PairRow[]> => [
  ...(await tx.execute<PairRow>(sql`select * from app.duplicate_pairs(${atMost}::integer)`)),
];

export type CardRow = LikeRow & {
  birth_date_estimated: boolean;
  ethnic_group: string | null;
  address: string | null;
  resident_id_cipher: string | null;
  unknown_note: string | null;
  contacts: { relation: string; phone: string }[];
};
/** Both registrations, if the reader may join them; else none. */
export const findCards = async (tx: Tx, one: string, other: string): Promise<CardRow[]> => [
  ...(await tx.execute<CardRow>(sql`select * from app.join_card(${one}::uuid, ${other}::uuid)`)),
];

export type HangingRow = { kind: string; open: number; total: number };
/** @param since of the database's clock; null: everything */
export const findHanging = async (
  tx: Tx,
  patientId: string,
  since: Date | null,
): Promise<HangingRow[]> => [
  ...(await tx.execute<HangingRow>(
    sql`select * from app.hangs_on(${patientId}::uuid, ${since?.toISOString() ?? "-infinity"}::timestamptz)`,
  )),
];

export type JoinEpisodeRow = {
  id: string;
  number: string;
  reason: string | null;
  patient_id: string;
  opened_at: Date | string;
};
export const findOpenEpisodes = async (
  tx: Tx,
  one: string,
  other: string,
): Promise<JoinEpisodeRow[]> => [
  ...(await tx.execute<JoinEpisodeRow>(
    sql`select * from app.join_episodes(${one}::uuid, ${other}::uuid)`,
  )),
];

/** Without reading it back: before the two are one, the writer may see one of them alone. */
export const insertLink = async (tx: Tx, row: typeof patientLink.$inferInsert): Promise<void> => {
  await tx.insert(patientLink).values(row);
};

export async function findLink(tx: Tx, id: string): Promise<LinkRow | null> {
  const [found] = await tx.select().from(patientLink).where(eq(patientLink.id, id));
  return found ?? null;
}

/** Take a link back; null when somebody else did before. */
export async function separateLink(
  tx: Tx,
  id: string,
  change: Pick<
    typeof patientLink.$inferInsert,
    | "separatedAt"
    | "separatedBy"
    | "separatedByName"
    | "separatedAtInstitutionId"
    | "separationReason"
  >,
): Promise<boolean> {
  const rows = await tx
    .update(patientLink)
    .set(change)
    .where(and(eq(patientLink.id, id), isNull(patientLink.separatedAt)))
    .returning({ id: patientLink.id });
  return rows.length > 0;
}

/** What was joined or separated here, newest first. */
export const findLinksOf = (tx: Tx, institutionId: string): Promise<LinkRow[]> =>
  tx
    .select()
    .from(patientLink)
    .where(
      or(
        eq(patientLink.joinedAtInstitutionId, institutionId),
        eq(patientLink.separatedAtInstitutionId, institutionId),
      ),
    )
    .orderBy(desc(patientLink.joinedAt))
    .limit(50);

export type ApartRow = typeof patientApart.$inferSelect & { outdated: boolean };
const outdated = sql<boolean>`${patientApart.facts} <> app.apart_facts(${patientApart.oneId}, ${patientApart.otherId})`;
/** What stands and the reader may see of it, newest first. */
export const findApart = (tx: Tx, atMost: number): Promise<ApartRow[]> =>
  tx
    .select({ ...getTableColumns(patientApart), outdated })
    .from(patientApart)
    .where(isNull(patientApart.withdrawnAt))
    .orderBy(desc(patientApart.saidAt), desc(patientApart.id))
    .limit(atMost);
/** Without reading it back, as {@link insertLink}. */
export const insertApart = async (tx: Tx, row: typeof patientApart.$inferInsert): Promise<void> => {
  await tx.insert(patientApart).values(row);
};
/** @returns the two that it was said of; null when it is not there, was taken back, or is no business of the reader */
export async function withdrawApart(
  tx: Tx,
  id: string,
  change: Partial<typeof patientApart.$inferInsert>,
): Promise<{ oneId: string; otherId: string } | null> {
  const [row] = await tx
    .update(patientApart)
    .set(change)
    .where(and(eq(patientApart.id, id), isNull(patientApart.withdrawnAt)))
    .returning({ oneId: patientApart.oneId, otherId: patientApart.otherId });
  return row ?? null;
}
