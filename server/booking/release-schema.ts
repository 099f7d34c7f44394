import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  date,
  doublePrecision,
  index,
  integer,
  pgEnum,
  pgTable,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { bytes, createdAt, id, instant } from "../db/columns.ts";
import { department, institution } from "../directory/schema.ts";
import { person } from "../identity/schema.ts";
import { contactRelation, patient } from "../patients/schema.ts";
import { callerWaitStates } from "./caller-wait.ts";

export const callerWaitState = pgEnum("caller_wait_state", callerWaitStates);

/** The waiting room of one release: the seats of a department's day that become everybody's at one instant. */
export const releaseRoom = pgTable(
  "release_room",
  {
    id: id(),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    departmentId: uuid("department_id")
      .notNull()
      .references(() => department.id),
    day: date("day").notNull(),
    releaseAt: instant("release_at").notNull(),
    /** Until then a place is needed for a seat of the day, also when nobody waits. */
    guardedUntil: instant("guarded_until").notNull(),
    /** Places up to this number have been admitted. */
    admittedTo: integer("admitted_to").notNull().default(0),
    /** The highest number given. */
    lastNumber: integer("last_number").notNull().default(0),
    /** People admitted in the last second that was measured. */
    perSecond: doublePrecision("per_second").notNull().default(0),
    /** Free seats when last counted; null before the release. */
    seatsLeft: integer("seats_left"),
    tickedAt: instant("ticked_at"),
    /** No seat is left and none is only held: nobody waits any longer. */
    soldOutAt: instant("sold_out_at"),
    closedAt: instant("closed_at"),
  },
  (table) => [
    unique("release_room_once").on(table.departmentId, table.day, table.releaseAt),
    index("release_room_open").on(table.releaseAt).where(sql`${table.closedAt} is null`),
    check("release_room_numbers", sql`${table.admittedTo} between 0 and ${table.lastNumber}`),
  ],
);

/** A place in a waiting room: one for each person, whoever asked for it and however often. */
export const releasePlace = pgTable(
  "release_place",
  {
    id: id(),
    roomId: uuid("room_id")
      .notNull()
      .references(() => releaseRoom.id),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    /** The phone that asked; null when staff did. */
    phoneIndex: bytes("phone_index"),
    askedByPersonId: uuid("asked_by_person_id"),
    joinedAt: instant("joined_at").notNull(),
    /** Drawn once: decides among those who came before the release. */
    lot: doublePrecision("lot").notNull(),
    number: integer("number"),
    admittedAt: instant("admitted_at"),
    admittedUntil: instant("admitted_until"),
    /** A seat was held with it. */
    usedAt: instant("used_at"),
  },
  (table) => [
    // Never the room first: a plan made while the room was empty would read all of it for one person.
    unique("release_place_once").on(table.patientId, table.roomId),
    unique("release_place_number").on(table.number, table.roomId),
    index("release_place_phone").on(table.phoneIndex, table.roomId),
    index("release_place_new").on(table.roomId).where(sql`${table.number} is null`),
    index("release_place_out")
      .on(table.roomId, table.admittedUntil)
      .where(sql`${table.admittedAt} is not null and ${table.usedAt} is null`),
  ],
);

/**
 * Somebody who telephoned waits for a place without staying on the line: when it is admitted the seat is
 * taken, and the patient is told. What was agreed to is a time, or any free time of the same clinic and day.
 */
export const callerWait = pgTable(
  "caller_wait",
  {
    id: id(),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    /** The place (release_place); its row is forgotten after a week, this one stays for questions. */
    placeId: uuid("place_id").notNull(),
    roomId: uuid("room_id").notNull(),
    segmentId: uuid("segment_id").notNull(),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    relation: contactRelation("relation").notNull(),
    /** The caller agreed to another time of the same clinic and day. */
    anyTime: boolean("any_time").notNull(),
    askedBy: uuid("asked_by")
      .notNull()
      .references(() => person.id),
    askedAt: instant("asked_at").notNull(),
    state: callerWaitState("state").notNull().default("waiting"),
    appointmentId: uuid("appointment_id"),
    endedAt: instant("ended_at"),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex("caller_wait_once").on(table.placeId).where(sql`${table.state} = 'waiting'`),
    index("caller_wait_room").on(table.roomId).where(sql`${table.state} = 'waiting'`),
    index().on(table.patientId),
    check(
      "caller_wait_ended",
      sql`(${table.state} = 'waiting') = (${table.endedAt} is null) and (${table.state} = 'booked') = (${table.appointmentId} is not null)`,
    ),
  ],
);
