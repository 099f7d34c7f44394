import { sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import type { ServiceKind } from "./domain.ts";

type Choice = {
  departmentId: string;
  doctorId?: string | undefined;
  kind?: ServiceKind | undefined;
};

/** A seat that anybody could take now, were it released. */
const free = (now: string) => sql`((s.appointment_id is null or s.held_until <= ${now})
  and (s.free_from is null or s.free_from <= ${now}))`;
const chosen = (choice: Choice) => sql`g.department_id = ${choice.departmentId}
  and (${choice.doctorId ?? null}::uuid is null or g.practitioner_id = ${choice.doctorId ?? null})
  and (${choice.kind ?? null}::service_kind is null or g.kind = ${choice.kind ?? null})`;

export type DayRow = {
  day: string;
  left: number;
  /** Segments still to come that are held. */
  open: number;
  stopped: number;
  releaseAt: string | null;
};

/** One row per day on which something is held. */
export async function findDays(
  tx: Tx,
  choice: Choice & { from: string; days: number },
  now: Date,
): Promise<DayRow[]> {
  const at = now.toISOString();
  return tx.execute<DayRow>(sql`
    with held as materialized (
      select g.id, g.day, g.stopped_at is not null as stopped from segment g
      where ${chosen(choice)} and g.day >= ${choice.from}::date and g.day < ${choice.from}::date + ${choice.days}::int
        and (g.starts_at > ${at} or g.stopped_at is not null)),
    -- Seats of the department's days from one stretch of the index; those of other doctors fall out.
    open as materialized (
      select s.segment_id, count(*) filter (where s.public_from <= ${at}) as left,
        min(s.public_from) filter (where s.public_from > ${at}) as release
      from seat s where s.department_id = ${choice.departmentId} and s.day >= ${choice.from}::date
        and s.day < ${choice.from}::date + ${choice.days}::int and ${free(at)}
      group by s.segment_id)
    select h.day::text as day, coalesce(sum(o.left) filter (where not h.stopped), 0)::int as left,
      count(*) filter (where not h.stopped)::int as open, count(*) filter (where h.stopped)::int as stopped,
      min(o.release) filter (where not h.stopped) as "releaseAt"
    from held h left join open o on o.segment_id = h.id group by h.day order by h.day`);
}

export type SegmentRow = {
  id: string;
  scheduleId: string;
  nameZh: string;
  nameEn: string;
  nameBo: string | null;
  kind: ServiceKind;
  doctorId: string | null;
  doctorName: string | null;
  doctorTitle: string | null;
  doctorTitleEn: string | null;
  doctorTitleBo: string | null;
  place: string;
  placeEn: string | null;
  placeBo: string | null;
  feeCents: number;
  segmentMinutes: number;
  startsAt: string;
  endsAt: string;
  capacity: number;
  left: number;
  taken: number;
  releaseAt: string | null;
  /** How long before the release its waiting room opens; 0 where there is none. */
  waitMinutes: number;
  stopped: boolean;
};

/** The segments of one day, schedule by schedule. */
export async function findSegments(
  tx: Tx,
  choice: Choice & { day: string },
  now: Date,
): Promise<SegmentRow[]> {
  const at = now.toISOString();
  return tx.execute<SegmentRow>(sql`
    select g.id, g.schedule_id as "scheduleId", c.name_zh as "nameZh", c.name_en as "nameEn", c.name_bo as "nameBo",
      g.kind, c.practitioner_id as "doctorId", o.name as "doctorName", t.title as "doctorTitle", t.title_en as "doctorTitleEn", t.title_bo as "doctorTitleBo",
      c.place, c.place_en as "placeEn", c.place_bo as "placeBo",
      c.fee_cents as "feeCents", c.segment_minutes as "segmentMinutes", g.starts_at as "startsAt", g.ends_at as "endsAt",
      g.capacity, f.left::int as left, f.taken::int as taken, f.release as "releaseAt",
      case when g.kind = 'fever-clinic' then 0 else (app.booking_policy_of(g.institution_id, g.day)).waiting_room_minutes end as "waitMinutes",
      g.stopped_at is not null as stopped
    from segment g join clinic_schedule c on c.id = g.schedule_id
      left join person o on o.id = c.practitioner_id left join practitioner t on t.person_id = c.practitioner_id
      cross join lateral (
        select count(*) filter (where ${free(at)} and s.public_from <= ${at}) as left,
          count(*) filter (where s.appointment_id is not null and s.held_until is null) as taken,
          min(s.public_from) filter (where ${free(at)} and s.public_from > ${at}) as release
        from seat s where s.segment_id = g.id) f
    where ${chosen(choice)} and g.day = ${choice.day}
    order by c.name_zh, o.name, g.starts_at`);
}

export type PlaceRow = {
  institutionId: string;
  departmentId: string;
  departmentName: string;
  departmentNameEn: string | null;
  departmentNameBo: string | null;
  kinds: ServiceKind[];
  doctors: {
    id: string;
    name: string;
    title: string;
    titles: { zh: string; en: string | null; bo: string | null };
  }[];
  nextFree: string | null;
};

/** Departments that have a schedule, with their doctors and the first free seat. */
export async function findPlaces(tx: Tx, kind: ServiceKind | null, now: Date): Promise<PlaceRow[]> {
  const at = now.toISOString();
  return tx.execute<PlaceRow>(sql`
    select d.institution_id as "institutionId", d.id as "departmentId", d.name as "departmentName",
      d.name_en as "departmentNameEn", d.name_bo as "departmentNameBo", x.kinds, x.doctors,
      (select g.starts_at from segment g where g.department_id = d.id and g.stopped_at is null and g.starts_at > ${at}
        and g.day <= ${at}::date + 45 and (${kind}::service_kind is null or g.kind = ${kind})
        and exists (select 1 from seat s where s.segment_id = g.id and ${free(at)} and s.public_from <= ${at})
        order by g.starts_at limit 1) as "nextFree"
    from department d join lateral (
      select array_agg(distinct c.kind)::text[] as kinds,
        coalesce(jsonb_agg(distinct jsonb_build_object('id', o.id, 'name', o.name, 'title', t.title,
          'titles', jsonb_build_object('zh', coalesce(t.title, ''), 'en', t.title_en, 'bo', t.title_bo)))
          filter (where o.id is not null), '[]') as doctors
      from clinic_schedule c left join person o on o.id = c.practitioner_id
        left join practitioner t on t.person_id = c.practitioner_id
      where c.department_id = d.id and c.active and (${kind}::service_kind is null or c.kind = ${kind})
      having count(*) > 0) x on true
    order by d.name`);
}

/** The hours still to come of each institution's day, fever clinics left out. */
export async function findSiteHours(
  tx: Tx,
  day: string,
  now: Date,
): Promise<
  { institutionId: string; at: string; booked: number; walkIns: number; capacity: number }[]
> {
  const at = now.toISOString();
  return tx.execute(sql`
    with hours as (
      select g.institution_id, date_trunc('hour', g.starts_at) as at, sum(g.capacity)::int as capacity,
        sum((select count(*) from seat s where s.segment_id = g.id and s.appointment_id is not null and s.held_until is null))::int as booked
      from segment g where g.day = ${day} and g.ends_at > ${at} and g.stopped_at is null and g.kind <> 'fever-clinic'
      group by 1, 2)
    select h.institution_id as "institutionId", h.at, h.capacity, h.booked,
      coalesce((select w.people from app.usual_walk_ins(h.institution_id, ${day}) w
        where w.utc_hour = extract(hour from h.at at time zone 'UTC')), 0)::float as "walkIns"
    from hours h order by h.at`);
}

/** How many wait at each institution now, and how many its open clinics see in an hour; fever clinics left out. */
export async function findCrowds(
  tx: Tx,
  now: Date,
): Promise<{ institutionId: string; waiting: number; perHour: number }[]> {
  const at = now.toISOString();
  return tx.execute(sql`
    select g.institution_id as "institutionId",
      (select count(*) from app.waiting_at(g.institution_id, ${at}))::int as waiting,
      sum(g.capacity * 60.0 / c.segment_minutes)::float as "perHour"
    from segment g join clinic_schedule c on c.id = g.schedule_id
    where g.starts_at <= ${at} and g.ends_at > ${at} and g.stopped_at is null and g.kind <> 'fever-clinic'
    group by g.institution_id`);
}
