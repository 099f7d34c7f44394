import { and, asc, desc, eq, isNull, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { person } from "../identity/schema.ts";
import type { Present } from "./attendance-domain.ts";
import {
  teachingAnswer,
  teachingAttendance,
  teachingEntry,
  teachingPoll,
  teachingSitePerson,
} from "./live-schema.ts";

export type TickRow = typeof teachingSitePerson.$inferSelect;

/** Names of the own house's staff. */
export async function findHouseStaff(
  tx: Tx,
  now: Date,
): Promise<{ personId: string; name: string }[]> {
  return tx.execute<{ personId: string; name: string }>(
    sql`select person_id as "personId", name from app.teaching_house_staff(${now.toISOString()}::timestamptz)`,
  );
}

export async function insertTick(
  tx: Tx,
  tick: typeof teachingSitePerson.$inferInsert,
): Promise<string | null> {
  const [row] = await tx
    .insert(teachingSitePerson)
    .values(tick)
    .onConflictDoNothing()
    .returning({ id: teachingSitePerson.id });
  return row?.id ?? null;
}

/** @returns false where it is not there, or was taken back before */
export async function removeTick(
  tx: Tx,
  of: { sessionId: string; id: string; institutionId: string; by: string },
  now: Date,
): Promise<boolean> {
  const rows = await tx
    .update(teachingSitePerson)
    .set({ removedBy: of.by, removedAt: now })
    .where(
      and(
        eq(teachingSitePerson.id, of.id),
        eq(teachingSitePerson.sessionId, of.sessionId),
        eq(teachingSitePerson.institutionId, of.institutionId),
        isNull(teachingSitePerson.removedAt),
      ),
    )
    .returning({ id: teachingSitePerson.id });
  return rows.length > 0;
}

/** Ticks of one house, or of all. */
export async function findTicks(
  tx: Tx,
  sessionId: string,
  institutionId?: string,
): Promise<TickRow[]> {
  return tx
    .select()
    .from(teachingSitePerson)
    .where(
      and(
        eq(teachingSitePerson.sessionId, sessionId),
        institutionId ? eq(teachingSitePerson.institutionId, institutionId) : undefined,
      ),
    )
    .orderBy(asc(teachingSitePerson.tickedAt), asc(teachingSitePerson.id));
}

/** When the broadcast was broken and went on, in order. */
export async function findBreaks(tx: Tx, sessionId: string) {
  return tx
    .select({ at: teachingEntry.at, kind: teachingEntry.kind })
    .from(teachingEntry)
    .where(
      and(
        eq(teachingEntry.sessionId, sessionId),
        sql`${teachingEntry.kind} in ('interrupted', 'resumed')`,
      ),
    )
    .orderBy(asc(teachingEntry.seq));
}

/** Questions of the quiz that were asked, and each person's answers to them. */
export async function findQuiz(tx: Tx, sessionId: string) {
  const questions = await tx
    .select({ id: teachingPoll.id, right: teachingPoll.rightOptions })
    .from(teachingPoll)
    .where(
      and(
        eq(teachingPoll.sessionId, sessionId),
        sql`${teachingPoll.closedAt} is not null and ${teachingPoll.rightOptions} is not null`,
      ),
    );
  const answers = await tx
    .select({
      pollId: teachingAnswer.pollId,
      personId: teachingAnswer.personId,
      chosen: teachingAnswer.chosen,
    })
    .from(teachingAnswer)
    .innerJoin(teachingPoll, eq(teachingPoll.id, teachingAnswer.pollId))
    .where(and(eq(teachingPoll.sessionId, sessionId), isNull(teachingAnswer.hands)));
  return { questions, answers };
}

/** The list as counted now takes the place of the one before. */
export async function replaceAttendance(
  tx: Tx,
  sessionId: string,
  people: readonly (Present & { quizScore: number | null })[],
  now: Date,
): Promise<void> {
  await tx.delete(teachingAttendance).where(eq(teachingAttendance.sessionId, sessionId));
  for (let from = 0; from < people.length; from += 1_000)
    await tx
      .insert(teachingAttendance)
      .values(
        people.slice(from, from + 1_000).map((one) => ({ ...one, sessionId, countedAt: now })),
      );
}

/** What the reader may see of it. */
export async function findAttendance(tx: Tx, sessionId: string) {
  return tx
    .select({ row: teachingAttendance, personName: person.name })
    .from(teachingAttendance)
    .leftJoin(person, eq(person.id, teachingAttendance.personId))
    .where(eq(teachingAttendance.sessionId, sessionId))
    .orderBy(desc(teachingAttendance.seconds), asc(teachingAttendance.id));
}
