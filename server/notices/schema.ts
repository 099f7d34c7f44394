import { sql } from "drizzle-orm";
import {
  check,
  date,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  smallint,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { bytes, createdAt, id, instant } from "../db/columns.ts";
import { institution } from "../directory/schema.ts";
import { person } from "../identity/schema.ts";
import { contactRelation, patient } from "../patients/schema.ts";
import { callKinds, callOutcomes, callStates, noticeModes, smsOutcomes } from "./domain.ts";
import { smsStates } from "./sms-states.ts";
import { noticeHolds, noticeUrgencies } from "./urgency.ts";

export const noticeUrgency = pgEnum("notice_urgency", noticeUrgencies);
export const noticeHold = pgEnum("notice_hold", noticeHolds);
export const smsState = pgEnum("sms_state", smsStates);

/** A notice to a member of staff; the words are made by the reader's page from kind and values. */
export const notice = pgTable(
  "notice",
  {
    id: id(),
    personId: uuid("person_id").notNull(),
    kind: text("kind").notNull(),
    entityType: text("entity_type").notNull(),
    entityId: text("entity_id").notNull(),
    detail: jsonb("detail").notNull().default({}),
    /** The same thing is told once. */
    dedupeKey: text("dedupe_key").notNull(),
    at: instant("at").notNull(),
    readAt: instant("read_at"),
    /** The house in which the person was told; null for what concerns the person alone. */
    institutionId: uuid("institution_id"),
    urgency: noticeUrgency("urgency").notNull().default("routine"),
    /** Somebody of the house has it in hand; the same on everybody's copy. */
    ackAt: instant("ack_at"),
    ackBy: uuid("ack_by").references(() => person.id),
    /** Not before: it lies here until then, and is seen on the page of what is held. */
    heldUntil: instant("held_until"),
    heldFor: noticeHold("held_for"),
    releasedAt: instant("released_at"),
    /** The one message that it went into. */
    digestId: uuid("digest_id"),
    createdAt: createdAt(),
  },
  (table) => [
    unique().on(table.personId, table.dedupeKey),
    index().on(table.personId, table.readAt),
    index().on(table.institutionId, table.at),
    index().on(table.entityId, table.kind),
    index("notice_held")
      .on(table.heldUntil)
      .where(sql`${table.heldUntil} is not null and ${table.releasedAt} is null`),
    check("notice_held_for", sql`(${table.heldUntil} is null) = (${table.heldFor} is null)`),
    check("notice_acknowledged", sql`(${table.ackAt} is null) = (${table.ackBy} is null)`),
  ],
);

/** When a member of staff is not to be rung for what can wait; without a row: as the house says. */
export const staffQuiet = pgTable(
  "staff_quiet",
  {
    personId: uuid("person_id")
      .primaryKey()
      .references(() => person.id),
    /** Minutes of the local day; the same twice: never quiet. */
    fromMinute: smallint("from_minute").notNull(),
    toMinute: smallint("to_minute").notNull(),
    setAt: instant("set_at").notNull(),
  },
  (table) => [
    check(
      "staff_quiet_minutes",
      sql`${table.fromMinute} between 0 and 1439 and ${table.toMinute} between 0 and 1439`,
    ),
  ],
);

/** How a house is told of what can wait, from a day on; the product's own numbers are under it. */
export const noticePolicy = pgTable(
  "notice_policy",
  {
    id: id(),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    validFrom: date("valid_from").notNull(),
    /** Minutes of a working day at which routine clocks are told, as one message. */
    digestMinutes: smallint("digest_minutes").array().notNull(),
    quietFromMinute: smallint("quiet_from_minute").notNull(),
    quietToMinute: smallint("quiet_to_minute").notNull(),
    keptDays: smallint("kept_days").notNull(),
    /** A patient who is worse after home advice is called within so many minutes. */
    worseMinutes: smallint("worse_minutes").notNull(),
    /** Who has not answered for so many hours is called, within so many minutes. */
    silentHours: smallint("silent_hours").notNull(),
    silentMinutes: smallint("silent_minutes").notNull(),
    source: text("source").notNull(),
    enteredBy: uuid("entered_by")
      .notNull()
      .references(() => person.id),
    createdAt: createdAt(),
  },
  (table) => [
    unique("notice_policy_dated").on(table.institutionId, table.validFrom),
    check(
      "notice_policy_sane",
      sql`cardinality(${table.digestMinutes}) between 1 and 8 and 0 <= all (${table.digestMinutes}) and 1440 > all (${table.digestMinutes})
        and ${table.quietFromMinute} between 0 and 1439 and ${table.quietToMinute} between 0 and 1439 and ${table.keptDays} between 30 and 3650
        and ${table.worseMinutes} between 5 and 240 and ${table.silentHours} between 1 and 48 and ${table.silentMinutes} between 15 and 1440`,
    ),
  ],
);

/** Text messages to be sent. No diagnosis is ever in one. In the demo the outbox page shows them. */
export const smsMessage = pgTable(
  "sms_message",
  {
    id: id(),
    phoneCipher: text("phone_cipher").notNull(),
    kind: text("kind").notNull(),
    textCipher: text("text_cipher").notNull(),
    dedupeKey: text("dedupe_key").notNull().unique(),
    at: instant("at").notNull(),
    sentAt: instant("sent_at"),
    failedReason: text("failed_reason"),
    state: smsState("state").notNull().default("queued"),
    /** When it came into its state. */
    stateAt: instant("state_at"),
    /** Not before: the quiet hours of whoever it is for. */
    heldUntil: instant("held_until"),
    /** The house that tells; null for what no house sends (a code to sign in). */
    institutionId: uuid("institution_id").references(() => institution.id),
    patientId: uuid("patient_id").references(() => patient.id),
    /** Who of the staff sent it and is told when it does not arrive. */
    senderId: uuid("sender_id").references(() => person.id),
    /** The same news to several numbers: it has arrived when one of them has it. */
    newsKey: text("news_key"),
    /** What is said by telephone when none arrives: kind, deadline and words, sealed. */
    callCipher: text("call_cipher"),
    createdAt: createdAt(),
  },
  (table) => [
    index().on(table.sentAt),
    index().on(table.institutionId, table.at),
    index().on(table.newsKey),
    index("sms_message_held").on(table.heldUntil).where(sql`${table.state} = 'held'`),
  ],
);

export const noticeMode = pgEnum("notice_mode", noticeModes);
export const callKind = pgEnum("call_kind", callKinds);
export const callState = pgEnum("call_state", callStates);
export const callOutcome = pgEnum("call_outcome", callOutcomes);
export const smsOutcome = pgEnum("sms_outcome", smsOutcomes);

/** How a patient wants to be told; without a row: by message. */
export const noticePreference = pgTable(
  "notice_preference",
  {
    patientId: uuid("patient_id")
      .primaryKey()
      .references(() => patient.id),
    mode: noticeMode("mode").notNull(),
    /** Whom to call; null for the patient's own first number. */
    contactName: text("contact_name"),
    contactRelation: contactRelation("contact_relation"),
    contactPhoneCipher: text("contact_phone_cipher"),
    /** Null when the patient set it on the phone. */
    setByPersonId: uuid("set_by_person_id").references(() => person.id),
    setAt: instant("set_at").notNull(),
    /** Minutes of the local day; null: as the house says; the same twice: never quiet. */
    quietFromMinute: smallint("quiet_from_minute"),
    quietToMinute: smallint("quiet_to_minute"),
  },
  (table) => [
    check(
      "notice_preference_quiet",
      sql`(${table.quietFromMinute} is null) = (${table.quietToMinute} is null) and (${table.quietFromMinute} is null or (${table.quietFromMinute} between 0 and 1439 and ${table.quietToMinute} between 0 and 1439))`,
    ),
    check(
      "notice_preference_whom",
      sql`${table.mode} <> 'call-helper' or (${table.contactName} is not null and ${table.contactPhoneCipher} is not null)`,
    ),
  ],
);

/** Booking news that a person tells by telephone, by a deadline. */
export const callTask = pgTable(
  "call_task",
  {
    id: id(),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    /** The appointment it is about (foreign key in the policies' migration); null when none came of it. */
    appointmentId: uuid("appointment_id"),
    kind: callKind("kind").notNull(),
    state: callState("state").notNull().default("open"),
    version: integer("version").notNull().default(1),
    at: instant("at").notNull(),
    /** Until when saying it helps. */
    dueAt: instant("due_at").notNull(),
    /** Not before: after a try in vain. */
    nextAt: instant("next_at").notNull(),
    /** The words to say, sealed, in the patient's language and the caller's. */
    wordsCipher: text("words_cipher").notNull(),
    contactName: text("contact_name"),
    contactRelation: contactRelation("contact_relation"),
    contactPhoneCipher: text("contact_phone_cipher"),
    attempts: smallint("attempts").notNull().default(0),
    dedupeKey: text("dedupe_key").notNull().unique(),
    endedAt: instant("ended_at"),
    createdAt: createdAt(),
  },
  (table) => [
    index("call_task_open")
      .on(table.institutionId, table.dueAt)
      .where(sql`${table.state} = 'open'`),
    index().on(table.appointmentId),
    check("call_task_ended", sql`(${table.state} = 'open') = (${table.endedAt} is null)`),
  ],
);

/** One try to reach somebody. */
export const callAttempt = pgTable(
  "call_attempt",
  {
    id: id(),
    taskId: uuid("task_id")
      .notNull()
      .references(() => callTask.id),
    at: instant("at").notNull(),
    byPersonId: uuid("by_person_id")
      .notNull()
      .references(() => person.id),
    outcome: callOutcome("outcome").notNull(),
    createdAt: createdAt(),
  },
  (table) => [index().on(table.taskId)],
);

/** What somebody answered by text message; the gateway's id makes a repeated delivery harmless. */
export const smsInbound = pgTable(
  "sms_inbound",
  {
    id: id(),
    gatewayId: text("gateway_id").notNull().unique(),
    phoneIndex: bytes("phone_index").notNull(),
    phoneCipher: text("phone_cipher").notNull(),
    textCipher: text("text_cipher").notNull(),
    receivedAt: instant("received_at").notNull(),
    outcome: smsOutcome("outcome").notNull().default("received"),
    appointmentId: uuid("appointment_id"),
    createdAt: createdAt(),
  },
  (table) => [index().on(table.phoneIndex, table.receivedAt)],
);
