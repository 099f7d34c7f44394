import { type SQL, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import type { ContactRelation } from "../patients/domain.ts";
import type { AppointmentState, BookingPolicy, Channel, ServiceKind } from "./domain.ts";

/** What a function of the database answers when something is not possible; see 0009_booking_policies.sql. */
export type Problem =
  | "not-allowed"
  | "gone"
  | "stopped"
  | "over"
  | "blocked"
  | "too-many-patients"
  | "already-booked"
  | "not-released"
  | "full"
  | "lapsed"
  | "too-late"
  | "too-early"
  | "place"
  | "step"
  | "waiting-room"
  | "no-room"
  | "code-taken"
  | "fever.booking-replaced";

const when = (at: Date | null) => (at === null ? null : at.toISOString());
const instantOf = (value: unknown): Date => new Date(value as string);
const instantOrNull = (value: unknown): Date | null => (value === null ? null : instantOf(value));

/** So many codes are tried before a booking is refused for want of one. */
export const codeAttempts = 4;
/** Six letters meet by chance now and then: another code is tried, and nobody notices. */
async function withNewCode<Row extends { problem: Problem | null }>(
  newCode: () => string,
  attempt: (code: string) => Promise<Row>,
): Promise<Row> {
  for (let tried = 1; ; tried += 1) {
    const row = await attempt(newCode());
    if (row.problem !== "code-taken" || tried === codeAttempts) return row;
  }
}

export async function holdSeat(
  tx: Tx,
  input: {
    segmentId: string;
    patientId: string;
    channel: Channel;
    relation: ContactRelation;
    newCode: () => string;
    now: Date;
    until?: Date | null;
  },
): Promise<{ id: string | null; problem: Problem | null; until: Date | null }> {
  const row = await withNewCode(input.newCode, async (code) => {
    const [answer] = await tx.execute<{
      appointment_id: string | null;
      problem: Problem | null;
      until: string | null;
    }>(sql`select appointment_id, problem, until from app.hold_seat(${input.segmentId}, ${input.patientId},
      ${input.channel}, ${input.relation}, ${code}, ${when(input.now)}, ${when(input.until ?? null)})`);
    return answer!;
  });
  return {
    id: row.appointment_id,
    problem: row.problem,
    until: instantOrNull(row.until),
  };
}

type Done = { done: boolean; problem: Problem | null };
const doneOf = async (tx: Tx, call: SQL): Promise<Done> =>
  (await tx.execute<Done>(sql`select done, problem from ${call}`))[0]!;

export const confirmSeat = (tx: Tx, id: string, now: Date) =>
  doneOf(tx, sql`app.confirm_seat(${id}, ${when(now)})`);
export const cancelSeat = (tx: Tx, id: string, reason: string, now: Date, restSeconds: number) =>
  doneOf(tx, sql`app.cancel_seat(${id}, ${reason}, ${when(now)}, ${restSeconds})`);
export const moveSeat = (tx: Tx, id: string, segmentId: string, now: Date, restSeconds: number) =>
  doneOf(tx, sql`app.move_seat(${id}, ${segmentId}, ${when(now)}, ${restSeconds})`);
export const checkIn = (tx: Tx, id: string, place: string | null, key: number, now: Date) =>
  doneOf(tx, sql`app.check_in(${id}, ${place}, ${key}, ${when(now)})`);

export async function walkIn(
  tx: Tx,
  input: { scheduleId: string; patientId: string; day: string; newCode: () => string; now: Date },
): Promise<{ id: string | null; problem: Problem | null }> {
  const row = await withNewCode(input.newCode, async (code) => {
    const [answer] = await tx.execute<{ appointment_id: string | null; problem: Problem | null }>(
      sql`select appointment_id, problem from app.walk_in(${input.scheduleId}, ${input.patientId}, ${input.day}, ${code}, ${when(input.now)})`,
    );
    return answer!;
  });
  return { id: row.appointment_id, problem: row.problem };
}

/** The rules of an institution on a day; every institution with a schedule has some. */
export async function findPolicy(
  tx: Tx,
  institutionId: string,
  day: string,
): Promise<BookingPolicy> {
  const [row] = await tx.execute<Record<string, number>>(
    sql`select * from app.booking_policy_of(${institutionId}, ${day})`,
  );
  const value = (name: string) => Number(row?.[name]);
  return {
    releaseDaysAhead: value("release_days_ahead"),
    releaseMinute: value("release_minute"),
    priorityLeadDays: value("priority_lead_days"),
    priorityPercent: value("priority_percent"),
    priorityReturnHours: value("priority_return_hours"),
    hotlinePercent: value("hotline_percent"),
    holdMinutes: value("hold_minutes"),
    lateMinutes: value("late_minutes"),
    checkInMinutesBefore: value("check_in_minutes_before"),
    noShowLimit: value("no_show_limit"),
    noShowWindowDays: value("no_show_window_days"),
    noShowBlockDays: value("no_show_block_days"),
    patientsPerPhone: value("patients_per_phone"),
    returnMinSeconds: value("return_min_seconds"),
    returnMaxSeconds: value("return_max_seconds"),
    offerMinutes: value("offer_minutes"),
    offerEndsBeforeMinutes: value("offer_ends_before_minutes"),
    requeueAfter: value("requeue_after"),
    waitingRoomMinutes: value("waiting_room_minutes"),
  };
}

/** An appointment with everything its page shows. */
export type AppointmentRow = {
  id: string;
  version: number;
  state: AppointmentState;
  code: string;
  ticket: string;
  kind: ServiceKind;
  channel: Channel;
  patientId: string;
  patientName: string | null;
  patientNameBo: string | null;
  institutionId: string;
  institutionPhone: string | null;
  institutionAddress: string | null;
  departmentId: string;
  departmentName: string;
  departmentNameEn: string | null;
  departmentNameBo: string | null;
  doctorId: string | null;
  doctorName: string | null;
  doctorTitle: string | null;
  doctorTitleEn: string | null;
  doctorTitleBo: string | null;
  place: string;
  placeEn: string | null;
  placeBo: string | null;
  feeCents: number;
  segmentId: string;
  scheduleId: string;
  seatNumber: number | null;
  day: string;
  startsAt: Date;
  endsAt: Date;
  heldUntil: Date | null;
  cancelUntil: Date;
  checkInMinutesBefore: number;
  lateMinutes: number;
  delayMinutes: number;
  stopReason: string | null;
  segmentMinutes: number;
  capacity: number;
  calledAt: Date | null;
  queueKey: number | null;
};

/** @param where a condition on `a` (appointment); the row policies decide beside it */
export async function findAppointments(tx: Tx, where: SQL, limit = 200): Promise<AppointmentRow[]> {
  const rows = await tx.execute<Record<string, unknown>>(sql`
    select a.id, a.version, a.state, a.code, a.ticket, c.kind, a.channel, a.patient_id as "patientId",
      p.full_name as "patientName", p.full_name_bo as "patientNameBo", a.institution_id as "institutionId",
      i.phone as "institutionPhone", i.address as "institutionAddress", a.department_id as "departmentId",
      d.name as "departmentName", d.name_en as "departmentNameEn", d.name_bo as "departmentNameBo",
      c.practitioner_id as "doctorId", o.name as "doctorName", t.title as "doctorTitle", t.title_en as "doctorTitleEn", t.title_bo as "doctorTitleBo",
      c.place, c.place_en as "placeEn", c.place_bo as "placeBo",
      c.fee_cents as "feeCents", a.segment_id as "segmentId", a.schedule_id as "scheduleId",
      a.seat_number as "seatNumber", a.day::text as day, a.starts_at as "startsAt", a.ends_at as "endsAt",
      a.held_until as "heldUntil", g.cancel_until as "cancelUntil",
      b.check_in_minutes_before as "checkInMinutesBefore", b.late_minutes as "lateMinutes",
      g.delay_minutes as "delayMinutes", coalesce(g.stop_reason, a.end_reason) as "stopReason",
      c.segment_minutes as "segmentMinutes", g.capacity, a.called_at as "calledAt", a.queue_key as "queueKey"
    from appointment a join segment g on g.id = a.segment_id join clinic_schedule c on c.id = a.schedule_id
      join institution i on i.id = a.institution_id join department d on d.id = a.department_id
      left join patient p on p.id = a.patient_id left join person o on o.id = c.practitioner_id
      left join practitioner t on t.person_id = c.practitioner_id
      cross join lateral app.booking_policy_of(a.institution_id, a.day) b
    where ${where} order by a.starts_at, a.ticket limit ${limit}`);
  return rows.map((row) => ({
    ...(row as unknown as AppointmentRow),
    startsAt: instantOf(row.startsAt),
    endsAt: instantOf(row.endsAt),
    heldUntil: instantOrNull(row.heldUntil),
    cancelUntil: instantOf(row.cancelUntil),
    calledAt: instantOrNull(row.calledAt),
  }));
}

export type QueueRow = {
  id: string;
  patientId: string | null;
  state: AppointmentState;
  queueKey: number;
  nearToldAt: string | null;
};

/** Who waits and who is inside, in order. Whose the places are is told to staff and jobs only. */
export async function findQueue(tx: Tx, scheduleId: string, day: string): Promise<QueueRow[]> {
  return tx.execute<QueueRow>(sql`select id, patient_id as "patientId", state, queue_key as "queueKey",
    near_told_at as "nearToldAt" from app.queue_of(${scheduleId}, ${day})`);
}

/** Minutes of the last consultations of the day that ended, newest first. */
export async function findSeenMinutes(tx: Tx, scheduleId: string, day: string): Promise<number[]> {
  const rows = await tx.execute<{ minutes: number }>(
    sql`select minutes from app.seen_minutes(${scheduleId}, ${day})`,
  );
  return rows.map((row) => Number(row.minutes));
}

/** Keeps a held seat for a referral. @returns what the database says, and until when */
export async function keepHeldSeat(
  tx: Tx,
  input: { appointmentId: string; referralId: string; until: Date; now: Date },
): Promise<{ problem: string | null; keptUntil: Date | null }> {
  const [row] = await tx.execute<{ problem: string | null; kept_until: string | null }>(
    sql`select problem, kept_until from app.keep_held_seat(${input.appointmentId}, ${input.referralId}, ${input.until.toISOString()}::timestamptz, ${input.now.toISOString()}::timestamptz)`,
  );
  return {
    problem: row?.problem ?? null,
    keptUntil: row?.kept_until ? new Date(row.kept_until) : null,
  };
}

/** Books the number that was kept for a referral, by the desk that takes the patient over. */
export async function confirmKeptSeat(
  tx: Tx,
  input: { appointmentId: string; referralId: string; now: Date },
): Promise<{ done: boolean; problem: string | null }> {
  const [row] = await tx.execute<{ done: boolean; problem: string | null }>(
    sql`select done, problem from app.confirm_kept_seat(${input.appointmentId}, ${input.referralId}, ${input.now.toISOString()}::timestamptz)`,
  );
  return { done: row?.done ?? false, problem: row?.problem ?? null };
}
