/** What can be booked, as anybody may know it: places, clinics, and seats by state. No people but doctors. */
import { sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import type { ServiceKind } from "./domain.ts";

export type OpenSchedule = {
  id: string;
  institution_id: string;
  department_id: string;
  kind: ServiceKind;
  name: string;
  department: string;
  specialty_code: string;
  doctor_id: string | null;
  doctor: string | null;
  place: string;
};

export async function findOpenSchedules(tx: Tx): Promise<OpenSchedule[]> {
  const rows =
    await tx.execute<OpenSchedule>(sql`select c.id, c.institution_id, c.department_id, c.kind,
      c.name_zh as name, d.name as department, d.specialty_code, c.practitioner_id as doctor_id, p.name as doctor, c.place
    from clinic_schedule c
    join department d on d.id = c.department_id
    left join person p on p.id = c.practitioner_id
    where c.active order by c.institution_id, c.id`);
  return [...rows];
}

export type SegmentSeats = {
  id: string;
  schedule_id: string;
  day: string;
  starts_at: string;
  ends_at: string;
  free: number;
  busy: number;
};

/**
 * Seats that anybody may take or could have taken: those whose release has come. A hold that has
 * lapsed is free; a seat that rests after being given back is not yet.
 */
export async function findSegmentSeats(tx: Tx, now: Date): Promise<SegmentSeats[]> {
  const at = now.toISOString();
  const rows = await tx.execute<SegmentSeats>(sql`select g.id, g.schedule_id, g.day::text as day,
      g.starts_at, g.ends_at,
      count(*) filter (where (s.appointment_id is null or s.held_until <= ${at})
        and (s.free_from is null or s.free_from <= ${at}))::int as free,
      count(*) filter (where not ((s.appointment_id is null or s.held_until <= ${at})
        and (s.free_from is null or s.free_from <= ${at})))::int as busy
    from segment g
    join clinic_schedule c on c.id = g.schedule_id and c.active
    join seat s on s.segment_id = g.id and s.public_from <= ${at}
    where g.starts_at > ${at} and g.stopped_at is null
    group by g.id order by g.starts_at, g.id`);
  return [...rows];
}
