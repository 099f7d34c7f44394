import { sql } from "drizzle-orm";
import {
  bigserial,
  boolean,
  check,
  date,
  doublePrecision,
  foreignKey,
  index,
  integer,
  pgEnum,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { bytes, createdAt, id, instant } from "../db/columns.ts";
import { department, institution, practitioner } from "../directory/schema.ts";
import { contactRelation, patient } from "../patients/schema.ts";
import {
  appointmentStates,
  channels,
  countingStates,
  defaultPolicy,
  seatPools,
  serviceKinds,
  waitlistStates,
} from "./domain.ts";

export const serviceKind = pgEnum("service_kind", serviceKinds);
export const appointmentState = pgEnum("appointment_state", appointmentStates);
export const bookingChannel = pgEnum("booking_channel", channels);
export const seatPool = pgEnum("seat_pool", seatPools);
export const waitlistState = pgEnum("waitlist_state", waitlistStates);

/** A dated set of an institution's own rules; the newest that has begun counts. */
export const bookingPolicy = pgTable(
  "booking_policy",
  {
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    validFrom: date("valid_from").notNull(),
    releaseDaysAhead: smallint("release_days_ahead")
      .notNull()
      .default(defaultPolicy.releaseDaysAhead),
    releaseMinute: smallint("release_minute").notNull().default(defaultPolicy.releaseMinute),
    priorityLeadDays: smallint("priority_lead_days")
      .notNull()
      .default(defaultPolicy.priorityLeadDays),
    priorityPercent: smallint("priority_percent").notNull().default(defaultPolicy.priorityPercent),
    priorityReturnHours: smallint("priority_return_hours")
      .notNull()
      .default(defaultPolicy.priorityReturnHours),
    hotlinePercent: smallint("hotline_percent").notNull().default(defaultPolicy.hotlinePercent),
    holdMinutes: smallint("hold_minutes").notNull().default(defaultPolicy.holdMinutes),
    lateMinutes: smallint("late_minutes").notNull().default(defaultPolicy.lateMinutes),
    checkInMinutesBefore: smallint("check_in_minutes_before")
      .notNull()
      .default(defaultPolicy.checkInMinutesBefore),
    noShowLimit: smallint("no_show_limit").notNull().default(defaultPolicy.noShowLimit),
    noShowWindowDays: smallint("no_show_window_days")
      .notNull()
      .default(defaultPolicy.noShowWindowDays),
    noShowBlockDays: smallint("no_show_block_days")
      .notNull()
      .default(defaultPolicy.noShowBlockDays),
    patientsPerPhone: smallint("patients_per_phone")
      .notNull()
      .default(defaultPolicy.patientsPerPhone),
    returnMinSeconds: smallint("return_min_seconds")
      .notNull()
      .default(defaultPolicy.returnMinSeconds),
    returnMaxSeconds: smallint("return_max_seconds")
      .notNull()
      .default(defaultPolicy.returnMaxSeconds),
    offerMinutes: smallint("offer_minutes").notNull().default(defaultPolicy.offerMinutes),
    offerEndsBeforeMinutes: smallint("offer_ends_before_minutes")
      .notNull()
      .default(defaultPolicy.offerEndsBeforeMinutes),
    requeueAfter: smallint("requeue_after").notNull().default(defaultPolicy.requeueAfter),
    waitingRoomMinutes: smallint("waiting_room_minutes")
      .notNull()
      .default(defaultPolicy.waitingRoomMinutes),
  },
  (table) => [
    primaryKey({ columns: [table.institutionId, table.validFrom] }),
    check(
      "booking_policy_sane",
      sql`${table.priorityPercent} + ${table.hotlinePercent} between 0 and 100
        and ${table.holdMinutes} between 1 and 60 and ${table.returnMinSeconds} <= ${table.returnMaxSeconds}`,
    ),
    check("booking_policy_waiting_room", sql`${table.waitingRoomMinutes} between 0 and 60`),
  ],
);

/** What one can book: a department's or a doctor's clinic (FHIR Schedule). */
export const clinicSchedule = pgTable(
  "clinic_schedule",
  {
    id: id(),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    departmentId: uuid("department_id").notNull(),
    practitionerId: uuid("practitioner_id").references(() => practitioner.personId),
    kind: serviceKind("kind").notNull(),
    /** E.g. 普通门诊, 专家门诊; in each language. */
    nameZh: text("name_zh").notNull(),
    nameEn: text("name_en").notNull(),
    nameBo: text("name_bo"),
    /** Where to go: building, floor, room. */
    place: text("place").notNull(),
    placeEn: text("place_en"),
    placeBo: text("place_bo"),
    feeCents: integer("fee_cents").notNull().default(0),
    segmentMinutes: smallint("segment_minutes").notNull(),
    active: boolean("active").notNull().default(true),
    createdAt: createdAt(),
  },
  (table) => [
    foreignKey({
      columns: [table.departmentId, table.institutionId],
      foreignColumns: [department.id, department.institutionId],
    }),
    unique().on(table.departmentId, table.nameZh, table.practitionerId),
    index().on(table.institutionId),
    check("clinic_schedule_segment", sql`${table.segmentMinutes} in (30, 60)`),
  ],
);

/** When a clinic is held each week; minutes from local midnight. */
export const scheduleRule = pgTable(
  "schedule_rule",
  {
    id: id(),
    scheduleId: uuid("schedule_id")
      .notNull()
      .references(() => clinicSchedule.id),
    /** ISO weekday, Monday = 1. */
    weekday: smallint("weekday").notNull(),
    startMinute: smallint("start_minute").notNull(),
    /** Beyond 1440 for a clinic that crosses midnight. */
    endMinute: smallint("end_minute").notNull(),
    /** Seats of each segment. */
    capacity: smallint("capacity").notNull(),
    validFrom: date("valid_from").notNull(),
    validUntil: date("valid_until"),
  },
  (table) => [
    unique().on(table.scheduleId, table.weekday, table.startMinute, table.validFrom),
    check(
      "schedule_rule_sane",
      sql`${table.weekday} between 1 and 7 and ${table.startMinute} between 0 and 1439
        and ${table.endMinute} > ${table.startMinute} and ${table.endMinute} <= ${table.startMinute} + 1440
        and ${table.capacity} between 1 and 500`,
    ),
  ],
);

/** A day that differs from the rule: closed, or with another capacity. */
export const scheduleException = pgTable(
  "schedule_exception",
  {
    scheduleId: uuid("schedule_id")
      .notNull()
      .references(() => clinicSchedule.id),
    day: date("day").notNull(),
    closed: boolean("closed").notNull(),
    capacity: smallint("capacity"),
    reason: text("reason").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.scheduleId, table.day] }),
    check(
      "schedule_exception_says_something",
      sql`${table.closed} or ${table.capacity} between 1 and 500`,
    ),
  ],
);

/**
 * A stretch of 30 or 60 minutes with its seats (FHIR Slot). Published once per schedule and start;
 * a doctor is in one place at a time (exclusion constraint in the policies' migration).
 */
export const segment = pgTable(
  "segment",
  {
    id: id(),
    scheduleId: uuid("schedule_id")
      .notNull()
      .references(() => clinicSchedule.id),
    institutionId: uuid("institution_id").notNull(),
    departmentId: uuid("department_id").notNull(),
    practitionerId: uuid("practitioner_id"),
    kind: serviceKind("kind").notNull(),
    /** Local day of the clinic, also for its part after midnight. */
    day: date("day").notNull(),
    startsAt: instant("starts_at").notNull(),
    endsAt: instant("ends_at").notNull(),
    capacity: smallint("capacity").notNull(),
    /** Tickets of the day count on from segment to segment. */
    firstTicket: smallint("first_ticket").notNull(),
    stoppedAt: instant("stopped_at"),
    stopReason: text("stop_reason"),
    /** Until then the patient may cancel or change: the end of the working day before, by default. */
    cancelUntil: instant("cancel_until").notNull(),
    /** The doctor is late by so many minutes. */
    delayMinutes: smallint("delay_minutes").notNull().default(0),
  },
  (table) => [
    unique().on(table.scheduleId, table.startsAt),
    unique("segment_of_seats").on(table.id, table.departmentId, table.day),
    index().on(table.institutionId, table.day),
    index().on(table.departmentId, table.day),
    check("segment_length", sql`${table.endsAt} > ${table.startsAt}`),
  ],
);

/**
 * One seat. A row that holds at most one appointment cannot be sold twice, and a rush for one segment
 * locks one row per buyer. A hold that has lapsed is free without anybody sweeping it up.
 */
export const seat = pgTable(
  "seat",
  {
    segmentId: uuid("segment_id").notNull(),
    number: smallint("number").notNull(),
    /** The segment's own: a week strip counts seats without looking at their segments. */
    departmentId: uuid("department_id").notNull(),
    day: date("day").notNull(),
    pool: seatPool("pool").notNull(),
    /** From when the pool's own people may take it. */
    poolFrom: instant("pool_from").notNull(),
    /** From when anybody may. */
    publicFrom: instant("public_from").notNull(),
    appointmentId: uuid("appointment_id").unique(),
    /** Set while the appointment is only held. */
    heldUntil: instant("held_until"),
    /** A seat that was given back rests until then. */
    freeFrom: instant("free_from"),
  },
  (table) => [
    primaryKey({ columns: [table.segmentId, table.number] }),
    foreignKey({
      name: "seat_of_segment",
      columns: [table.segmentId, table.departmentId, table.day],
      foreignColumns: [segment.id, segment.departmentId, segment.day],
    }),
    check(
      "seat_held_by_somebody",
      sql`${table.heldUntil} is null or ${table.appointmentId} is not null`,
    ),
  ],
);

/** A place for one patient (FHIR Appointment). */
export const appointment = pgTable(
  "appointment",
  {
    id: id(),
    /** Six characters that an SMS answer carries: phones are shared. */
    code: text("code").notNull(),
    segmentId: uuid("segment_id")
      .notNull()
      .references(() => segment.id),
    scheduleId: uuid("schedule_id").notNull(),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    departmentId: uuid("department_id").notNull(),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    day: date("day").notNull(),
    startsAt: instant("starts_at").notNull(),
    endsAt: instant("ends_at").notNull(),
    /** Null for a walk-in, who takes no seat. */
    seatNumber: smallint("seat_number"),
    /** Shown on the call screen; unique within the schedule's day. */
    ticket: text("ticket").notNull(),
    state: appointmentState("state").notNull(),
    version: integer("version").notNull().default(1),
    channel: bookingChannel("channel").notNull(),
    /** Who booked, for whom, and how the patient agreed. */
    bookedByPersonId: uuid("booked_by_person_id"),
    bookedByPhoneIndex: bytes("booked_by_phone_index"),
    relation: contactRelation("relation").notNull(),
    note: text("note").notNull().default(""),
    heldUntil: instant("held_until"),
    confirmedAt: instant("confirmed_at"),
    /** When the confirmation went out by SMS. */
    toldAt: instant("told_at"),
    checkedInAt: instant("checked_in_at"),
    /** Order in the queue: one ordered source for every screen and phone. */
    queueKey: doublePrecision("queue_key"),
    calledAt: instant("called_at"),
    callCount: smallint("call_count").notNull().default(0),
    /** Told once that few are ahead. */
    nearToldAt: instant("near_told_at"),
    endedAt: instant("ended_at"),
    endReason: text("end_reason"),
    /** Came from the waitlist: confirming or losing it ends the entry too. */
    offered: boolean("offered").notNull().default(false),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex("appointment_one_a_day")
      .on(table.patientId, table.departmentId, table.day)
      .where(
        sql`${table.state} in (${sql.raw(countingStates.map((state) => `'${state}'`).join(", "))})`,
      ),
    index().on(table.patientId, table.day),
    index().on(table.institutionId, table.day),
    index("appointment_queue").on(table.scheduleId, table.day, table.queueKey),
    uniqueIndex("appointment_code")
      .on(table.code)
      .where(
        sql`${table.state} in ('held', 'booked', 'checked-in', 'waiting', 'in-consultation', 'passed')`,
      ),
    index("appointment_untold")
      .on(table.confirmedAt)
      .where(sql`${table.toldAt} is null and ${table.state} = 'booked'`),
    index("appointment_held").on(table.heldUntil).where(sql`${table.state} = 'held'`),
    check(
      "appointment_queue_key",
      sql`${table.state} <> 'waiting' or ${table.queueKey} is not null`,
    ),
  ],
);

/** First come, first served, for a full clinic and day. */
export const waitlistEntry = pgTable(
  "waitlist_entry",
  {
    id: id(),
    /** Order of arrival. */
    position: bigserial("position", { mode: "number" }).notNull(),
    scheduleId: uuid("schedule_id")
      .notNull()
      .references(() => clinicSchedule.id),
    institutionId: uuid("institution_id").notNull(),
    departmentId: uuid("department_id").notNull(),
    day: date("day").notNull(),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    state: waitlistState("state").notNull(),
    channel: bookingChannel("channel").notNull(),
    bookedByPersonId: uuid("booked_by_person_id"),
    bookedByPhoneIndex: bytes("booked_by_phone_index"),
    relation: contactRelation("relation").notNull(),
    appointmentId: uuid("appointment_id").references(() => appointment.id),
    offerUntil: instant("offer_until"),
    createdAt: createdAt(),
    endedAt: instant("ended_at"),
  },
  (table) => [
    uniqueIndex("waitlist_once")
      .on(table.patientId, table.departmentId, table.day)
      .where(sql`${table.state} in ('waitlisted', 'offered')`),
    index().on(table.appointmentId),
    index("waitlist_order").on(table.scheduleId, table.day, table.position),
  ],
);

/** A resident signed with a community centre's family doctor ("1+1+1"); priority seats are for them. */
export const signedResident = pgTable(
  "signed_resident",
  {
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    doctorId: uuid("doctor_id")
      .notNull()
      .references(() => practitioner.personId),
    signedOn: date("signed_on").notNull(),
    endedOn: date("ended_on"),
  },
  (table) => [
    primaryKey({ columns: [table.patientId, table.institutionId, table.signedOn] }),
    uniqueIndex("signed_resident_once").on(table.patientId).where(sql`${table.endedOn} is null`),
  ],
);

export { callerWait, callerWaitState, releasePlace, releaseRoom } from "./release-schema.ts";
