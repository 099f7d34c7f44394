/** Clinics and their seats: Schedule, and per segment one slot of free seats and one of taken ones. */
import { sql } from "drizzle-orm";
import { type OpenSchedule, scheduleOf, slotsOf } from "../../booking/service.ts";
import type { Tx } from "../../db/client.ts";
import { findInstitutions } from "../../directory/service.ts";
import { ended, type Projected, type ProjectionPart, type Reading, shown } from "./projected.ts";

/** Days around today whose seats are shown: what is booked weeks ahead, and what was free yesterday goes. */
const daysBack = 2;
const daysAhead = 28;
/** A clinic's day is dozens of slots. */
const daysPerStep = 20;
const dayMs = 86_400_000;
const least = "00000000-0000-0000-0000-000000000000";

export const schedulePart: ProjectionPart = {
  idsAfter: async ({ tx, institutionId }, after, limit) => {
    const rows = await tx.execute<{ id: string }>(sql`select id from clinic_schedule
      where institution_id = ${institutionId} and id > ${after || least}::uuid order by id limit ${limit}`);
    return rows.map((row) => row.id);
  },
  project: async (reading, ids) => {
    const rows = await findSchedules(reading.tx, reading.institutionId, ids);
    return rows.map((row) => shown({ ...scheduleOf(row), active: row.active }));
  },
};

export const clinicDayPart: ProjectionPart = {
  idsAfter: async ({ tx, institutionId, now }, after, limit) => {
    const rows = await tx.execute<{
      id: string;
    }>(sql`select distinct schedule_id || '/' || day as id from segment
      where institution_id = ${institutionId} and day between ${dayFrom(now, -daysBack)}::date and ${dayFrom(now, daysAhead)}::date
        and schedule_id || '/' || day > ${after} order by 1 limit ${Math.min(limit, daysPerStep)}`);
    return rows.map((row) => row.id);
  },
  project: async (reading, ids) => {
    const days = ids.flatMap((id) => {
      const [schedule, day] = id.split("/");
      return schedule && day ? [{ schedule, day }] : [];
    });
    const { now } = reading;
    return slotResources(
      reading,
      sql`(g.schedule_id, g.day) in (select * from unnest(${sql.param(days.map((one) => one.schedule))}::uuid[], ${sql.param(days.map((one) => one.day))}::date[]))
        and g.day between ${dayFrom(now, -daysBack)}::date and ${dayFrom(now, daysAhead)}::date`,
    );
  },
};

const dayFrom = (now: Date, days: number) =>
  new Date(now.getTime() + days * dayMs).toISOString().slice(0, 10);

export type ScheduleRow = OpenSchedule & { active: boolean };

/** Clinics of an institution, those that are closed for good among them. */
export async function findSchedules(
  tx: Tx,
  institutionId: string,
  ids: readonly string[],
): Promise<ScheduleRow[]> {
  const rows =
    await tx.execute<ScheduleRow>(sql`select c.id, c.institution_id, c.department_id, c.kind,
      c.name_zh as name, d.name as department, d.specialty_code, c.practitioner_id as doctor_id, p.name as doctor,
      c.place, c.active
    from clinic_schedule c
    join department d on d.id = c.department_id
    left join person p on p.id = c.practitioner_id
    where c.institution_id = ${institutionId} and c.id = any (${sql.param([...ids])}::uuid[])`);
  return [...rows];
}

type Segment = {
  id: string;
  schedule_id: string;
  day: string;
  starts_at: string;
  ends_at: string;
  stopped: boolean;
  free: number;
  busy: number;
};

/**
 * Slots of segments. A seat that is held is not taken yet; what nobody can take any more (the clinic is
 * stopped, the time is over) is no free slot.
 */
export async function slotResources(
  { services, tx, institutionId, now }: Reading,
  which: ReturnType<typeof sql>,
): Promise<Projected[]> {
  const rows =
    await tx.execute<Segment>(sql`select g.id, g.schedule_id, g.day::text as day, g.starts_at, g.ends_at,
      g.stopped_at is not null as stopped,
      count(s.number) filter (where s.appointment_id is null or s.held_until is not null)::int as free,
      count(s.number) filter (where s.appointment_id is not null and s.held_until is null)::int as busy
    from segment g left join seat s on s.segment_id = g.id
    where g.institution_id = ${institutionId} and ${which} group by g.id order by g.id`);
  if (rows.length === 0) return [];
  const [place] = await findInstitutions(tx, [institutionId]);
  const schedules = new Map(
    (await findSchedules(tx, institutionId, [...new Set(rows.map((row) => row.schedule_id))])).map(
      (one) => [one.id, one],
    ),
  );
  return rows.flatMap((row) => {
    const schedule = schedules.get(row.schedule_id);
    if (!place || !schedule) return [];
    const open = schedule.active && !row.stopped && new Date(row.ends_at) > now;
    const slots = slotsOf(
      { ...row, free: open ? row.free : 0 },
      schedule,
      place,
      services.publicUrl,
    );
    return [
      ...slots.map(shown),
      ...["free", "busy"].flatMap((status) =>
        slots.some((one) => one.status === status) ? [] : [ended("Slot", `${row.id}-${status}`)],
      ),
    ];
  });
}
