import { sql } from "drizzle-orm";
import {
  check,
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
    createdAt: createdAt(),
  },
  (table) => [
    unique().on(table.personId, table.dedupeKey),
    index().on(table.personId, table.readAt),
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
    createdAt: createdAt(),
  },
  (table) => [index().on(table.sentAt)],
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
  },
  (table) => [
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
