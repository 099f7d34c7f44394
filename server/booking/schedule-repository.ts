/** Queries of publishing: rules, exceptions and policies, and what is open. */
import { and, asc, desc, eq, gte, lte, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import type { OpenSegment } from "./clashes.ts";
import type { PlannedSeat, PlannedSegment } from "./publishing.ts";
import {
  bookingPolicy,
  clinicSchedule,
  scheduleException,
  scheduleRule,
  segment,
} from "./schema.ts";

export type ScheduleRow = typeof clinicSchedule.$inferSelect;
export type PolicyRow = typeof bookingPolicy.$inferSelect;

export async function findSchedule(tx: Tx, id: string): Promise<ScheduleRow | null> {
  const [row] = await tx.select().from(clinicSchedule).where(eq(clinicSchedule.id, id));
  return row ?? null;
}

/**
 * Lock a schedule while it is published: two who publish at once do it one after the other. Shows
 * nothing to whoever may not change the schedule.
 */
export async function lockSchedule(tx: Tx, id: string): Promise<ScheduleRow | null> {
  const [row] = await tx
    .select()
    .from(clinicSchedule)
    .where(eq(clinicSchedule.id, id))
    .for("no key update");
  return row ?? null;
}

export async function findActiveSchedules(
  tx: Tx,
): Promise<Pick<ScheduleRow, "id" | "institutionId">[]> {
  return tx
    .select({ id: clinicSchedule.id, institutionId: clinicSchedule.institutionId })
    .from(clinicSchedule)
    .where(eq(clinicSchedule.active, true))
    .orderBy(asc(clinicSchedule.id));
}

export async function findRules(
  tx: Tx,
  scheduleId: string,
): Promise<(typeof scheduleRule.$inferSelect)[]> {
  return tx
    .select()
    .from(scheduleRule)
    .where(eq(scheduleRule.scheduleId, scheduleId))
    .orderBy(asc(scheduleRule.validFrom), asc(scheduleRule.weekday), asc(scheduleRule.startMinute));
}

export async function findExceptions(
  tx: Tx,
  scheduleId: string,
  fromDay: string,
  toDay: string,
): Promise<(typeof scheduleException.$inferSelect)[]> {
  return tx
    .select()
    .from(scheduleException)
    .where(
      and(
        eq(scheduleException.scheduleId, scheduleId),
        gte(scheduleException.day, fromDay),
        lte(scheduleException.day, toDay),
      ),
    )
    .orderBy(asc(scheduleException.day));
}

/** An institution's policies, newest first. */
export async function findPolicies(tx: Tx, institutionId: string): Promise<PolicyRow[]> {
  return tx
    .select()
    .from(bookingPolicy)
    .where(eq(bookingPolicy.institutionId, institutionId))
    .orderBy(desc(bookingPolicy.validFrom));
}

/** What is open between two local days: of the schedule itself, and of its doctor wherever that is. */
export async function findOpenSegments(
  tx: Tx,
  schedule: Pick<ScheduleRow, "id" | "practitionerId">,
  fromDay: string,
  toDay: string,
): Promise<OpenSegment[]> {
  return tx
    .select({
      scheduleId: segment.scheduleId,
      practitionerId: segment.practitionerId,
      day: segment.day,
      startsAt: segment.startsAt,
      endsAt: segment.endsAt,
      firstTicket: segment.firstTicket,
      capacity: segment.capacity,
      stopped: sql<boolean>`${segment.stoppedAt} is not null`,
    })
    .from(segment)
    .where(
      and(
        // A clinic that crosses midnight reaches into the next day.
        sql`${segment.day} between ${fromDay}::date - 1 and ${toDay}::date + 1`,
        schedule.practitionerId === null
          ? eq(segment.scheduleId, schedule.id)
          : sql`(${segment.scheduleId} = ${schedule.id} or ${segment.practitionerId} = ${schedule.practitionerId})`,
      ),
    )
    .orderBy(asc(segment.startsAt));
}

/** Rows of one statement: its parameters stay well below the protocol's 65,535. */
const chunkRows = 2_000;

/**
 * Open segments with their seats. One that overlaps what others open at this moment (the doctor, the
 * schedule) is left out by the constraints and is not in the answer.
 * @returns starts of the segments that were opened, milliseconds
 */
export async function insertSegments(
  tx: Tx,
  schedule: ScheduleRow,
  planned: readonly PlannedSegment[],
): Promise<Set<number>> {
  const opened = new Set<number>();
  for (let from = 0; from < planned.length; from += chunkRows) {
    const chunk = planned.slice(from, from + chunkRows);
    const rows = await tx
      .insert(segment)
      .values(
        chunk.map((one) => ({
          scheduleId: schedule.id,
          institutionId: schedule.institutionId,
          departmentId: schedule.departmentId,
          practitionerId: schedule.practitionerId,
          kind: schedule.kind,
          day: one.day,
          startsAt: one.startsAt,
          endsAt: one.endsAt,
          capacity: one.capacity,
          firstTicket: one.firstTicket,
          cancelUntil: one.cancelUntil,
        })),
      )
      .onConflictDoNothing()
      .returning({ id: segment.id, day: segment.day, startsAt: segment.startsAt });
    const seatsAt = new Map(chunk.map((one) => [one.startsAt.getTime(), one.seats]));
    const runs = rows.flatMap((row) =>
      seatRuns(seatsAt.get(row.startsAt.getTime())!).map((run) => ({
        segment_id: row.id,
        day: row.day,
        ...run,
      })),
    );
    if (runs.length > 0)
      await tx.execute(sql`insert into seat (segment_id, department_id, day, number, pool, pool_from, public_from)
        select r.segment_id, ${schedule.departmentId}, r.day, n, r.pool, r.pool_from, r.public_from
        from jsonb_to_recordset(${JSON.stringify(runs)}::jsonb)
          as r(segment_id uuid, day date, first int, last int, pool seat_pool, pool_from timestamptz, public_from timestamptz),
        generate_series(r.first, r.last) n`);
    for (const row of rows) opened.add(row.startsAt.getTime());
  }
  return opened;
}

/** Seats one after the other with the same rules, as one line. */
function seatRuns(seats: readonly PlannedSeat[]) {
  const runs: { first: number; last: number; pool: string; pool_from: Date; public_from: Date }[] =
    [];
  for (const seat of seats) {
    const run = runs.at(-1);
    if (run && run.pool === seat.pool) run.last = seat.number;
    else
      runs.push({
        first: seat.number,
        last: seat.number,
        pool: seat.pool,
        pool_from: seat.poolFrom,
        public_from: seat.publicFrom,
      });
  }
  return runs;
}
