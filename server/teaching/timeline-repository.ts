import { and, asc, desc, eq, gt, inArray, sql } from "drizzle-orm";
import type { Entry, EntryData, EntryKind } from "../../timeline/entries.ts";
import type { Tx } from "../db/client.ts";
import { teachingEntry, teachingLive } from "./live-schema.ts";

type EntryRow = Pick<
  typeof teachingEntry.$inferSelect,
  "seq" | "at" | "kind" | "authorId" | "authorName" | "authorOrg" | "data"
>;
export type KeptEntry = { entry: Entry; stageOnly: boolean };

/** Kind and data of a row belong together: they were parsed together before they were written. */
const toEntry = (row: EntryRow): Entry =>
  ({
    seq: row.seq,
    at: row.at.toISOString(),
    by: row.authorId
      ? { id: row.authorId, name: row.authorName ?? "", org: row.authorOrg ?? "" }
      : null,
    kind: row.kind,
    data: row.data,
  }) as Entry;

export type Position = { run: number; seq: number };

/** Up to where timelines go; sessions in which nobody was yet are left out. */
export async function findPositions(
  tx: Tx,
  ids: readonly string[],
): Promise<Map<string, Position>> {
  if (ids.length === 0) return new Map();
  const rows = await tx
    .select({ id: teachingLive.sessionId, run: teachingLive.run, seq: teachingLive.lastSeq })
    .from(teachingLive)
    .where(inArray(teachingLive.sessionId, [...ids]));
  return new Map(rows.map(({ id, run, seq }) => [id, { run, seq }]));
}

/** Entries after one, in order; for the server itself, which asks who may know before it tells. */
export async function findAfter(
  tx: Tx,
  sessionId: string,
  after: number,
  most: number,
): Promise<KeptEntry[]> {
  const rows = await tx
    .select()
    .from(teachingEntry)
    .where(and(eq(teachingEntry.sessionId, sessionId), gt(teachingEntry.seq, after)))
    .orderBy(asc(teachingEntry.seq))
    .limit(most);
  return rows.map((row) => ({ entry: toEntry(row), stageOnly: row.stageOnly }));
}

/** Entries after one that whoever acts may know, in order; none where nothing may be known. */
export async function readAfter(
  tx: Tx,
  sessionId: string,
  range: { after: number; most: number; kinds?: readonly EntryKind[] },
): Promise<Entry[]> {
  const kinds = range.kinds
    ? sql`${sql.param([...range.kinds])}::teaching_entry_kind[]`
    : sql`null`;
  const rows = await tx.execute<{
    seq: number;
    at: string;
    kind: EntryKind;
    author_id: string | null;
    author_name: string | null;
    author_org: string | null;
    data: unknown;
  }>(
    sql`select seq, at, kind, author_id, author_name, author_org, data from app.teaching_entries(${sessionId}, ${range.after}, ${range.most}, ${kinds})`,
  );
  return rows.map((row) =>
    toEntry({
      seq: row.seq,
      at: new Date(row.at),
      kind: row.kind,
      authorId: row.author_id,
      authorName: row.author_name,
      authorOrg: row.author_org,
      data: row.data,
    }),
  );
}

/** The last entry of a kind, for the server itself. */
export async function findLast(tx: Tx, sessionId: string, kind: EntryKind): Promise<Entry | null> {
  const [row] = await tx
    .select()
    .from(teachingEntry)
    .where(and(eq(teachingEntry.sessionId, sessionId), eq(teachingEntry.kind, kind)))
    .orderBy(desc(teachingEntry.seq))
    .limit(1);
  return row ? toEntry(row) : null;
}

export type Written = { seq: number | null; problem: string | null; seconds: number | null };

/** One entry of whoever acts, in the transaction of a step; a problem is a word, see the migration. */
export async function writeEntry<Kind extends EntryKind>(
  tx: Tx,
  sessionId: string,
  entry: { kind: Kind; data: EntryData[Kind]; clientId?: string },
  now: Date,
): Promise<Written> {
  const [row] = await tx.execute<Written>(
    sql`select seq, problem, seconds from app.teaching_write(${sessionId}, ${entry.kind}::teaching_entry_kind, ${JSON.stringify(entry.data)}::jsonb, ${entry.clientId ?? null}::uuid, ${now.toISOString()}::timestamptz)`,
  );
  return row ?? { seq: null, problem: "gone", seconds: null };
}

/** Strokes of one surface, and what took them away. */
export async function findStrokes(tx: Tx, sessionId: string, surface: string): Promise<Entry[]> {
  const drawn = await readAfter(tx, sessionId, {
    after: 0,
    most: 100_000,
    kinds: ["stroke", "erase", "clear"],
  });
  return drawn.filter(
    (entry) =>
      (entry.kind === "stroke" || entry.kind === "erase" || entry.kind === "clear") &&
      entry.data.surface === surface,
  );
}

/** What was rehearsed is thrown away, and the timeline begins anew. @returns false where nothing was rehearsed */
export async function endRehearsal(tx: Tx, sessionId: string): Promise<boolean> {
  const [row] = await tx.execute<{ ended: boolean }>(
    sql`select app.teaching_end_rehearsal(${sessionId}) as ended`,
  );
  return row?.ended ?? false;
}
