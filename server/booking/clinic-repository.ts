import { sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import type { AppointmentState, Channel, ServiceKind } from "./domain.ts";

export type ClinicSchedule = {
  id: string;
  nameZh: string;
  nameEn: string;
  nameBo: string | null;
  departmentName: string;
  departmentNameEn: string | null;
  departmentNameBo: string | null;
  kind: ServiceKind;
  doctorId: string | null;
  doctorName: string | null;
  doctorTitle: string | null;
  doctorTitleEn: string | null;
  doctorTitleBo: string | null;
  place: string;
  placeEn: string | null;
  placeBo: string | null;
  placeCode: string;
  delayMinutes: number;
  stopped: boolean;
  stopReason: string | null;
  seats: number;
};

/** The schedules that an institution holds on a day. */
export async function findClinicSchedules(
  tx: Tx,
  institutionId: string,
  day: string,
): Promise<ClinicSchedule[]> {
  return tx.execute<ClinicSchedule>(sql`
    select c.id, c.name_zh as "nameZh", c.name_en as "nameEn", c.name_bo as "nameBo", d.name as "departmentName",
      d.name_en as "departmentNameEn", d.name_bo as "departmentNameBo", c.kind, c.practitioner_id as "doctorId",
      o.name as "doctorName", t.title as "doctorTitle", t.title_en as "doctorTitleEn", t.title_bo as "doctorTitleBo",
      c.place, c.place_en as "placeEn", c.place_bo as "placeBo", app.place_code(c.id) as "placeCode",
      max(g.delay_minutes)::int as "delayMinutes", bool_and(g.stopped_at is not null) as stopped,
      max(g.stop_reason) as "stopReason", sum(g.capacity)::int as seats
    from clinic_schedule c join segment g on g.schedule_id = c.id and g.day = ${day}
      join department d on d.id = c.department_id
      left join person o on o.id = c.practitioner_id left join practitioner t on t.person_id = c.practitioner_id
    where c.institution_id = ${institutionId}
    group by c.id, d.id, o.id, t.person_id order by d.name, c.name_zh, o.name`);
}

export type ClinicRowRecord = {
  id: string;
  version: number;
  ticket: string;
  state: AppointmentState;
  channel: Channel;
  scheduleId: string;
  day: string;
  patientId: string;
  startsAt: string;
  endsAt: string;
  checkedInAt: string | null;
  calledAt: string | null;
  callCount: number;
  delayMinutes: number;
  segmentMinutes: number;
  capacity: number;
  lateMinutes: number;
};

/** Appointments of an institution's day, or one of them; holds that nobody confirmed are left out. */
export async function clinicRowsOf(
  tx: Tx,
  institutionId: string,
  day: string | null,
  id: string | null = null,
): Promise<ClinicRowRecord[]> {
  return tx.execute<ClinicRowRecord>(sql`
    select a.id, a.version, a.ticket, a.state, a.channel, a.schedule_id as "scheduleId", a.day::text as day,
      a.patient_id as "patientId", a.starts_at as "startsAt", a.ends_at as "endsAt", a.checked_in_at as "checkedInAt",
      a.called_at as "calledAt", a.call_count as "callCount", g.delay_minutes as "delayMinutes",
      c.segment_minutes as "segmentMinutes", g.capacity, b.late_minutes as "lateMinutes"
    from appointment a join segment g on g.id = a.segment_id join clinic_schedule c on c.id = a.schedule_id
      cross join lateral app.booking_policy_of(a.institution_id, a.day) b
    where a.institution_id = ${institutionId} and (${day}::date is null or a.day = ${day}::date)
      and (${id}::uuid is null or a.id = ${id}::uuid) and a.state not in ('held', 'lapsed')
    order by case a.state when 'in-consultation' then 0 when 'waiting' then 1 when 'passed' then 2 when 'booked' then 3
      when 'checked-in' then 3 else 4 end, a.queue_key, a.starts_at, a.ticket`);
}

/** What a corridor's screen may show: everybody walks past it, so whoever asks is not asked who he is. */
export type ScreenRow = {
  ticket: string;
  name: string;
  state: AppointmentState;
  at: string;
  count: number;
};

/** Read as the system: the screen's address is the key, names are masked before they leave. */
export async function findScreen(tx: Tx, scheduleId: string, day: string): Promise<ScreenRow[]> {
  return tx.execute<ScreenRow>(sql`
    select a.ticket, coalesce(p.full_name, p.full_name_bo, '') as name, a.state, a.called_at as at, a.call_count as count
    from appointment a join patient p on p.id = a.patient_id
    where a.schedule_id = ${scheduleId} and a.day = ${day} and a.state in ('in-consultation', 'waiting')
    order by a.queue_key`);
}
