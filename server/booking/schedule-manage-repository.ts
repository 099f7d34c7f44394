/** Queries of the page on which schedules are managed. */
import { and, asc, eq, gte, inArray, isNotNull, ne, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { department, practitioner, practitionerPost } from "../directory/schema.ts";
import { person } from "../identity/schema.ts";
import type { ScheduleRow } from "./schedule-repository.ts";
import { clinicSchedule, scheduleRule, segment } from "./schema.ts";

/** Schedules of an institution with what is still to come of each. */
export async function findScheduleRows(tx: Tx, institutionId: string, today: string, id?: string) {
  const rows = await tx.execute<{
    id: string;
    name_zh: string;
    name_en: string;
    name_bo: string | null;
    kind: ScheduleRow["kind"];
    department_id: string;
    department_zh: string;
    department_en: string | null;
    department_bo: string | null;
    doctor_id: string | null;
    doctor_name: string | null;
    doctor_title: string | null;
    place: string;
    fee_cents: number;
    segment_minutes: 30 | 60;
    active: boolean;
    open_until: string | null;
    seats: number;
    taken: number;
  }>(sql`select c.id, c.name_zh, c.name_en, c.name_bo, c.kind, c.department_id, d.name as department_zh,
      d.name_en as department_en, d.name_bo as department_bo, c.practitioner_id as doctor_id, p.name as doctor_name,
      q.title as doctor_title, c.place, c.fee_cents, c.segment_minutes, c.active,
      (select max(g.day)::text from segment g where g.schedule_id = c.id and g.day >= ${today}) as open_until,
      coalesce(t.seats, 0)::int as seats, coalesce(t.taken, 0)::int as taken
    from clinic_schedule c
    join department d on d.id = c.department_id
    left join practitioner q on q.person_id = c.practitioner_id
    left join person p on p.id = c.practitioner_id
    left join lateral (select count(*) as seats, count(s.appointment_id) as taken
      from segment g join seat s on s.segment_id = g.id
      where g.schedule_id = c.id and g.day >= ${today} and g.stopped_at is null) t on true
    where c.institution_id = ${institutionId} and ${id ? sql`c.id = ${id}` : sql`true`}
    order by c.active desc, d.slug, c.practitioner_id is not null, c.name_zh, c.id`);
  return [...rows];
}

/** Departments of an institution and the doctors who work there. */
export async function findDepartmentsWithDoctors(tx: Tx, institutionId: string) {
  const departments = await tx
    .select()
    .from(department)
    .where(eq(department.institutionId, institutionId))
    .orderBy(asc(department.slug));
  const doctors = await tx
    .select({
      departmentId: practitionerPost.departmentId,
      id: person.id,
      name: person.name,
      title: practitioner.title,
    })
    .from(practitionerPost)
    .innerJoin(practitioner, eq(practitioner.personId, practitionerPost.personId))
    .innerJoin(person, eq(person.id, practitionerPost.personId))
    // Nurses and coordinators have posts too; a clinic is a doctor's who practises independently.
    .where(
      and(
        eq(practitionerPost.institutionId, institutionId),
        isNotNull(practitioner.practisingSince),
      ),
    )
    .orderBy(asc(person.name));
  return departments.map((row) => ({
    ...row,
    doctors: doctors.filter((one) => one.departmentId === row.id),
  }));
}

/** How many segments of a schedule are open on each day from one on. */
export async function countOpenByDay(
  tx: Tx,
  scheduleId: string,
  fromDay: string,
): Promise<Map<string, number>> {
  const rows = await tx
    .select({ day: segment.day, open: sql<number>`count(*)::int` })
    .from(segment)
    .where(and(eq(segment.scheduleId, scheduleId), gte(segment.day, fromDay)))
    .groupBy(segment.day);
  return new Map(rows.map((row) => [row.day, row.open]));
}

/** A schedule of the same name for the same doctor (or none) in a department. */
export async function hasNamesake(
  tx: Tx,
  one: Pick<ScheduleRow, "departmentId" | "practitionerId" | "nameZh">,
  exceptId: string | null,
): Promise<boolean> {
  const [found] = await tx
    .select({ id: clinicSchedule.id })
    .from(clinicSchedule)
    .where(
      and(
        eq(clinicSchedule.departmentId, one.departmentId),
        eq(clinicSchedule.nameZh, one.nameZh),
        sql`${clinicSchedule.practitionerId} is not distinct from ${one.practitionerId}`,
        exceptId ? ne(clinicSchedule.id, exceptId) : undefined,
      ),
    )
    .limit(1);
  return found !== undefined;
}

/** Names and places of schedules, wherever they are, for a clash. */
export async function findScheduleNames(tx: Tx, ids: readonly string[]) {
  if (ids.length === 0) return [];
  return tx
    .select({
      id: clinicSchedule.id,
      institutionId: clinicSchedule.institutionId,
      nameZh: clinicSchedule.nameZh,
      nameEn: clinicSchedule.nameEn,
      nameBo: clinicSchedule.nameBo,
      place: clinicSchedule.place,
    })
    .from(clinicSchedule)
    .where(inArray(clinicSchedule.id, [...ids]));
}

/**
 * Put a week in the place of another from a day on: what counted before ends the day before, what was
 * to begin later is taken back.
 */
export async function replaceWeek(
  tx: Tx,
  scheduleId: string,
  validFrom: string,
  rules: readonly Omit<
    typeof scheduleRule.$inferInsert,
    "id" | "scheduleId" | "validFrom" | "validUntil"
  >[],
): Promise<void> {
  await tx
    .delete(scheduleRule)
    .where(and(eq(scheduleRule.scheduleId, scheduleId), gte(scheduleRule.validFrom, validFrom)));
  await tx
    .update(scheduleRule)
    .set({ validUntil: sql`${validFrom}::date - 1` })
    .where(
      and(
        eq(scheduleRule.scheduleId, scheduleId),
        sql`coalesce(${scheduleRule.validUntil} >= ${validFrom}, true)`,
      ),
    );
  if (rules.length > 0)
    await tx.insert(scheduleRule).values(rules.map((rule) => ({ ...rule, scheduleId, validFrom })));
}
