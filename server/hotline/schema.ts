import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  date,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  smallint,
  text,
  uuid,
} from "drizzle-orm/pg-core";
import { appointment } from "../booking/schema.ts";
import { bytes, createdAt, id, instant } from "../db/columns.ts";
import { institution } from "../directory/schema.ts";
import { person } from "../identity/schema.ts";
import { contactRelation, patient } from "../patients/schema.ts";
import {
  confirmWays,
  type FlagAnswer,
  hotlineOutcomes,
  hotlineSetStates,
  hotlineStates,
  type TransferTarget,
  transferTargets,
} from "./domain.ts";

export const hotlineState = pgEnum("hotline_state", hotlineStates);
export const hotlineOutcome = pgEnum("hotline_outcome", hotlineOutcomes);
export const transferTarget = pgEnum("hotline_transfer_target", transferTargets);
export const confirmWay = pgEnum("hotline_confirm_way", confirmWays);
export const hotlineSetState = pgEnum("hotline_set_state", hotlineSetStates);

/** A question in three languages, and where a yes goes. */
export type HotlineQuestion = { zh: string; en: string; bo: string; yesRoute: TransferTarget };

/**
 * A version of the questions that come first. Once published it stands; a change is a further version,
 * published by a second clinician (domain.md, Triage). The newest that has begun counts.
 */
export const hotlineQuestionSet = pgTable(
  "hotline_question_set",
  {
    id: id(),
    version: integer("version").notNull().unique(),
    validFrom: date("valid_from").notNull(),
    state: hotlineSetState("state").notNull().default("draft"),
    questions: jsonb("questions").$type<HotlineQuestion[]>().notNull(),
    /** Where the questions come from. */
    source: text("source").notNull(),
    /** Recalled rather than read: a clinician has still to say that it is right. */
    recalled: boolean("recalled").notNull(),
    /** Comes with every database; has neither author nor publisher. */
    starter: boolean("starter").notNull().default(false),
    authoredBy: uuid("authored_by").references(() => person.id),
    publishedBy: uuid("published_by").references(() => person.id),
    publishedAt: instant("published_at"),
    createdAt: createdAt(),
  },
  (table) => [
    check("hotline_question_set_some", sql`jsonb_array_length(${table.questions}) between 3 and 6`),
    check(
      "hotline_question_set_second_clinician",
      sql`${table.starter} or (${table.authoredBy} is not null and (${table.state} = 'draft' or
        (${table.publishedBy} is not null and ${table.publishedAt} is not null and ${table.publishedBy} <> ${table.authoredBy})))`,
    ),
  ],
);

/** What the page had chosen so far; ids and kinds only, never what somebody said about an illness. */
export type HotlineDraft = {
  step: "person" | "consent" | "place" | "time" | "room" | "confirm" | "done";
  kind: "clinic" | "fever-clinic" | "test" | null;
  institutionId: string | null;
  departmentId: string | null;
  doctorId: string | null;
  day: string | null;
  segmentId: string | null;
  /** A place in the waiting room of the segment's release, and its room. */
  placeId?: string | null | undefined;
  roomId?: string | null | undefined;
};

/** One telephone call with what it has come to. */
export const hotlineCall = pgTable(
  "hotline_call",
  {
    id: id(),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    state: hotlineState("state").notNull().default("open"),
    version: integer("version").notNull().default(1),
    outcome: hotlineOutcome("outcome"),
    openedBy: uuid("opened_by")
      .notNull()
      .references(() => person.id),
    openedAt: instant("opened_at").notNull(),
    /** Who has it, and in which tab. */
    holderId: uuid("holder_id")
      .notNull()
      .references(() => person.id),
    holderTab: text("holder_tab").notNull(),
    heldSince: instant("held_since").notNull(),
    lastSeenAt: instant("last_seen_at").notNull(),
    callerName: text("caller_name"),
    callerPhoneCipher: text("caller_phone_cipher"),
    callerPhoneIndex: bytes("caller_phone_index"),
    callerRelation: contactRelation("caller_relation").notNull().default("self"),
    patientId: uuid("patient_id").references(() => patient.id),
    /** What the patient said, and who heard it. */
    consentWords: text("consent_words"),
    consentBy: contactRelation("consent_by"),
    consentAt: instant("consent_at"),
    consentHeardBy: uuid("consent_heard_by").references(() => person.id),
    questionsFrom: date("questions_from"),
    /** Which version was asked; null in calls of before there were versions. */
    questionsId: uuid("questions_id").references(() => hotlineQuestionSet.id),
    answers: jsonb("answers").$type<FlagAnswer[]>().notNull().default([]),
    flagged: boolean("flagged").notNull().default(false),
    screenedAt: instant("screened_at"),
    transferTo: transferTarget("transfer_to"),
    transferAt: instant("transfer_at"),
    takenOverBy: uuid("taken_over_by").references(() => person.id),
    takenOverAt: instant("taken_over_at"),
    draft: jsonb("draft").$type<HotlineDraft>().notNull(),
    appointmentId: uuid("appointment_id").references(() => appointment.id),
    confirmWay: confirmWay("confirm_way"),
    /** True when nobody marked it: the page was silent. */
    droppedBySilence: boolean("dropped_by_silence").notNull().default(false),
    droppedAt: instant("dropped_at"),
    callBackTries: smallint("call_back_tries").notNull().default(0),
    /** Time that the page needed the operator beyond the talk, and how many presses; see domain.md "operator-added". */
    operatorMs: integer("operator_ms").notNull().default(0),
    operatorActions: integer("operator_actions").notNull().default(0),
    updatedAt: instant("updated_at").notNull(),
    endedAt: instant("ended_at"),
    createdAt: createdAt(),
  },
  (table) => [
    index("hotline_call_open")
      .on(table.institutionId, table.updatedAt)
      .where(sql`${table.state} <> 'ended'`),
    index("hotline_call_holder").on(table.holderId).where(sql`${table.state} = 'open'`),
    index().on(table.patientId),
    check(
      "hotline_call_ended",
      sql`(${table.state} = 'ended') = (${table.endedAt} is not null) and (${table.state} = 'ended') = (${table.outcome} is not null)`,
    ),
    check(
      "hotline_call_consent",
      sql`(${table.consentAt} is null) = (${table.consentWords} is null) and (${table.consentAt} is null) = (${table.consentHeardBy} is null)
        and (${table.consentAt} is null) = (${table.consentBy} is null)`,
    ),
    check(
      "hotline_call_transfer",
      sql`${table.state} <> 'transferred' or (${table.transferTo} is not null and ${table.transferAt} is not null)`,
    ),
  ],
);

/** Confirmations that go by post: printed in one go, with the address. */
export const hotlineLetter = pgTable(
  "hotline_letter",
  {
    id: id(),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    appointmentId: uuid("appointment_id")
      .notNull()
      .unique()
      .references(() => appointment.id),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    /** Where to, sealed. */
    addressCipher: text("address_cipher").notNull(),
    wantedBy: uuid("wanted_by")
      .notNull()
      .references(() => person.id),
    wantedAt: instant("wanted_at").notNull(),
    printedAt: instant("printed_at"),
    printedBy: uuid("printed_by").references(() => person.id),
    createdAt: createdAt(),
  },
  (table) => [
    index("hotline_letter_open").on(table.institutionId).where(sql`${table.printedAt} is null`),
  ],
);
