import { and, asc, desc, eq, gt, inArray, lte, or, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { teachingAudience, teachingSeries, teachingSession, teachingSpeaker } from "./schema.ts";
import type { SpeakerRole, TeachingSide } from "./states.ts";

export type SessionRow = typeof teachingSession.$inferSelect;
export type NewSession = typeof teachingSession.$inferInsert;
export type SpeakerRow = typeof teachingSpeaker.$inferSelect;
export type AudienceRow = typeof teachingAudience.$inferSelect;
export type SeriesRow = typeof teachingSeries.$inferSelect;

export async function findSession(tx: Tx, id: string): Promise<SessionRow | null> {
  const [row] = await tx.select().from(teachingSession).where(eq(teachingSession.id, id));
  return row ?? null;
}

export async function findByTitle(
  tx: Tx,
  ownerId: string,
  title: string,
): Promise<SessionRow | null> {
  const [row] = await tx
    .select()
    .from(teachingSession)
    .where(and(eq(teachingSession.ownerId, ownerId), eq(teachingSession.title, title)))
    .limit(1);
  return row ?? null;
}

/** Taken for a change: one after the other. */
export async function lockSession(tx: Tx, id: string): Promise<SessionRow | null> {
  const [row] = await tx
    .select()
    .from(teachingSession)
    .where(eq(teachingSession.id, id))
    .for("update");
  return row ?? null;
}

/** What row policies ask as well, for whoever acts, in one statement. */
export async function findRights(
  tx: Tx,
  id: string,
): Promise<{ sides: TeachingSide[]; speaks: SpeakerRole | null; sees: boolean; watches: boolean }> {
  const [row] = await tx.execute<{
    sides: TeachingSide[];
    speaks: SpeakerRole | null;
    sees: boolean;
    watches: boolean;
  }>(
    sql`select app.teaching_sides(${id}) as sides, app.teaching_speaks(${id}) as speaks, app.teaching_may_see(${id}) as sees, app.teaching_may_watch(${id}) as watches`,
  );
  return row ?? { sides: [], speaks: null, sees: false, watches: false };
}

/** Sessions that the reader sees, from an instant on or back from it. */
export async function findSessions(
  tx: Tx,
  range: { now: Date; past: boolean; limit: number },
): Promise<SessionRow[]> {
  const over = inArray(teachingSession.state, ["ended", "processing", "published", "cancelled"]);
  return range.past
    ? tx
        .select()
        .from(teachingSession)
        .where(over)
        .orderBy(sql`${teachingSession.startsAt} desc nulls last`, desc(teachingSession.id))
        .limit(range.limit)
    : tx
        .select()
        .from(teachingSession)
        .where(inArray(teachingSession.state, ["draft", "planned", "live"]))
        .orderBy(sql`${teachingSession.startsAt} asc nulls last`, asc(teachingSession.id))
        .limit(range.limit);
}

export async function insertSession(tx: Tx, values: NewSession): Promise<SessionRow> {
  const [row] = await tx.insert(teachingSession).values(values).returning();
  return row!;
}

/** @returns null when somebody changed it meanwhile */
export async function updateSession(
  tx: Tx,
  row: Pick<SessionRow, "id" | "version">,
  change: Partial<SessionRow>,
): Promise<SessionRow | null> {
  const [changed] = await tx
    .update(teachingSession)
    .set({ ...change, version: row.version + 1 })
    .where(and(eq(teachingSession.id, row.id), eq(teachingSession.version, row.version)))
    .returning();
  return changed ?? null;
}

export async function findSpeakers(tx: Tx, ids: readonly string[]): Promise<SpeakerRow[]> {
  if (ids.length === 0) return [];
  return tx
    .select()
    .from(teachingSpeaker)
    .where(inArray(teachingSpeaker.sessionId, [...ids]))
    .orderBy(asc(teachingSpeaker.position), asc(teachingSpeaker.personId));
}

export async function findAudience(tx: Tx, ids: readonly string[]): Promise<AudienceRow[]> {
  if (ids.length === 0) return [];
  return tx
    .select()
    .from(teachingAudience)
    .where(inArray(teachingAudience.sessionId, [...ids]))
    .orderBy(asc(teachingAudience.id));
}

export async function replaceSpeakers(
  tx: Tx,
  sessionId: string,
  rows: readonly Omit<SpeakerRow, "sessionId" | "position">[],
): Promise<void> {
  await tx.delete(teachingSpeaker).where(eq(teachingSpeaker.sessionId, sessionId));
  if (rows.length > 0)
    await tx
      .insert(teachingSpeaker)
      .values(rows.map((row, position) => ({ ...row, sessionId, position })));
}

export async function replaceAudience(
  tx: Tx,
  sessionId: string,
  rows: readonly Omit<AudienceRow, "sessionId" | "id">[],
): Promise<void> {
  await tx.delete(teachingAudience).where(eq(teachingAudience.sessionId, sessionId));
  if (rows.length > 0)
    await tx.insert(teachingAudience).values(rows.map((row) => ({ ...row, sessionId })));
}

/** Every house that a session is for. */
export async function findHouses(tx: Tx, sessionId: string): Promise<string[]> {
  const rows = await tx.execute<{ id: string }>(
    sql`select teaching_houses as id from app.teaching_houses(${sessionId})`,
  );
  return rows.map((row) => row.id);
}

export async function nextNumber(tx: Tx): Promise<number> {
  const [row] = await tx.execute<{ next: string }>(
    sql`select nextval('teaching_number')::text as next`,
  );
  return Number(row?.next ?? 0);
}

export type FoundSpeaker = {
  person_id: string;
  name: string;
  institution_id: string;
  title: string | null;
};
export async function findPeopleToSpeak(
  tx: Tx,
  words: string,
  most: number,
  now: Date,
): Promise<FoundSpeaker[]> {
  return tx.execute<FoundSpeaker>(
    sql`select * from app.teaching_people(${words}, ${most}, ${now.toISOString()}::timestamptz)`,
  );
}

export async function findSeriesList(tx: Tx): Promise<SeriesRow[]> {
  return tx.select().from(teachingSeries).orderBy(desc(teachingSeries.createdAt)).limit(100);
}

export async function findSeries(tx: Tx, ids: readonly string[]): Promise<SeriesRow[]> {
  if (ids.length === 0) return [];
  return tx
    .select()
    .from(teachingSeries)
    .where(inArray(teachingSeries.id, [...ids]));
}

export async function insertSeries(
  tx: Tx,
  values: typeof teachingSeries.$inferInsert,
): Promise<SeriesRow> {
  const [row] = await tx.insert(teachingSeries).values(values).returning();
  return row!;
}

export async function updateSeries(
  tx: Tx,
  row: Pick<SeriesRow, "id" | "version">,
  change: Partial<SeriesRow>,
): Promise<SeriesRow | null> {
  const [changed] = await tx
    .update(teachingSeries)
    .set({ ...change, version: row.version + 1 })
    .where(and(eq(teachingSeries.id, row.id), eq(teachingSeries.version, row.version)))
    .returning();
  return changed ?? null;
}

/** Broadcasts of a person that overlap a time, so that nobody is promised twice. */
export async function findClashes(
  tx: Tx,
  people: readonly string[],
  range: { start: Date; end: Date; except: string },
): Promise<{ personId: string; sessionId: string; title: string; startsAt: Date }[]> {
  if (people.length === 0) return [];
  const rows = await tx
    .select({
      personId: teachingSpeaker.personId,
      sessionId: teachingSession.id,
      title: teachingSession.title,
      startsAt: teachingSession.startsAt,
    })
    .from(teachingSession)
    .innerJoin(teachingSpeaker, eq(teachingSpeaker.sessionId, teachingSession.id))
    .where(
      and(
        inArray(teachingSpeaker.personId, [...people]),
        or(eq(teachingSession.state, "planned"), eq(teachingSession.state, "live")),
        lte(teachingSession.startsAt, range.end),
        gt(
          sql`${teachingSession.startsAt} + make_interval(mins => ${teachingSession.lengthMinutes})`,
          range.start.toISOString(),
        ),
        sql`${teachingSession.id} <> ${range.except}`,
      ),
    );
  return rows.flatMap((row) => (row.startsAt ? [{ ...row, startsAt: row.startsAt }] : []));
}
