import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  date,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { consentMethod } from "../consult/schema.ts";
import { bytes, createdAt, id, instant } from "../db/columns.ts";
import { institution } from "../directory/schema.ts";
import { person } from "../identity/schema.ts";
import { patient } from "../patients/schema.ts";
import { caseItemKinds, caseStates } from "./case-states.ts";
import { teachingSession } from "./schema.ts";

export const teachingCaseState = pgEnum("teaching_case_state", caseStates);
export const teachingCaseItemKind = pgEnum("teaching_case_item_kind", caseItemKinds);

/** A snapshot that is shown: nothing in it says who it is about. */
export const teachingCase = pgTable(
  "teaching_case",
  {
    id: id(),
    sessionId: uuid("session_id")
      .notNull()
      .references(() => teachingSession.id, { onDelete: "cascade" }),
    version: integer("version").notNull().default(1),
    state: teachingCaseState("state").notNull().default("draft"),
    title: text("title").notNull(),
    /** As it is shown: sex and age or band. */
    who: text("who").notNull(),
    /** Where from, as it is shown: a kind of house. */
    place: text("place").notNull(),
    needsReview: boolean("needs_review").notNull(),
    reviewReasons: text("review_reasons").array().notNull(),
    madeBy: uuid("made_by")
      .notNull()
      .references(() => person.id),
    /** The maker has read the preview to its end. */
    confirmedAt: instant("confirmed_at"),
    reviewedBy: uuid("reviewed_by").references(() => person.id),
    reviewedAt: instant("reviewed_at"),
    reviewNote: text("review_note"),
    withdrawnAt: instant("withdrawn_at"),
    createdAt: createdAt(),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [
    index().on(table.sessionId),
    check("teaching_case_two_persons", sql`${table.reviewedBy} is distinct from ${table.madeBy}`),
    check(
      "teaching_case_reviewed",
      sql`(${table.reviewedBy} is null) = (${table.reviewedAt} is null)
        and (${table.state} <> 'ready' or (${table.confirmedAt} is not null and (not ${table.needsReview} or ${table.reviewedBy} is not null)))
        and (${table.state} = 'withdrawn') = (${table.withdrawnAt} is not null)`,
    ),
  ],
);

/** One thing of the case, in the order in which it is shown. */
export const teachingCaseItem = pgTable(
  "teaching_case_item",
  {
    id: id(),
    caseId: uuid("case_id")
      .notNull()
      .references(() => teachingCase.id, { onDelete: "cascade" }),
    position: smallint("position").notNull(),
    kind: teachingCaseItemKind("kind").notNull(),
    title: text("title").notNull(),
    /** Lines as shown: words, values with units, days from day zero. */
    lines: jsonb("lines").$type<CaseLine[]>().notNull(),
    /** Of an image: its picture lies sealed in the store. */
    sha256: bytes("sha256"),
    width: integer("width"),
    height: integer("height"),
  },
  (table) => [
    unique("teaching_case_item_place").on(table.caseId, table.position),
    check(
      "teaching_case_item_image",
      sql`(${table.kind} = 'image') = (${table.sha256} is not null)`,
    ),
  ],
);
export type CaseLine = {
  text: string;
  value: string | null;
  day: string | null;
  flag: string | null;
};

/** Whose case it is, and what was struck out: for who makes and who reviews it, never for who watches. */
export const teachingCaseSource = pgTable(
  "teaching_case_source",
  {
    caseId: uuid("case_id")
      .primaryKey()
      .references(() => teachingCase.id, { onDelete: "cascade" }),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    dayZero: date("day_zero").notNull(),
    /** Sealed JSON of what was struck out, by item. */
    struckCipher: text("struck_cipher").notNull(),
    takenAt: instant("taken_at").notNull(),
  },
  (table) => [index().on(table.patientId)],
);

/** 教学知情同意: apart from every other consent, taken in private while it is planned. */
export const teachingConsent = pgTable(
  "teaching_consent",
  {
    id: id(),
    sessionId: uuid("session_id")
      .notNull()
      .references(() => teachingSession.id),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    given: boolean("given").notNull(),
    /** Whether what is shown may be seen again in a replay. */
    replay: boolean("replay").notNull(),
    method: consentMethod("method").notNull(),
    language: text("language").notNull(),
    textVersion: text("text_version").notNull(),
    signerName: text("signer_name").notNull(),
    signerRelation: text("signer_relation").notNull(),
    signature: jsonb("signature"),
    witnessName: text("witness_name"),
    reason: text("reason"),
    /** Everybody who was in the room; observers are asked to leave it first. */
    present: text("present").notNull(),
    withoutObservers: boolean("without_observers").notNull(),
    recordedBy: uuid("recorded_by")
      .notNull()
      .references(() => person.id),
    recordedAt: instant("recorded_at").notNull(),
    withdrawnAt: instant("withdrawn_at"),
    /** Null: the patient, by the own telephone. */
    withdrawnBy: uuid("withdrawn_by").references(() => person.id),
    withdrawReason: text("withdraw_reason"),
  },
  (table) => [
    index().on(table.patientId),
    uniqueIndex("teaching_consent_stands")
      .on(table.sessionId, table.patientId)
      .where(sql`${table.withdrawnAt} is null`),
    check(
      "teaching_consent_evidence",
      sql`${table.method} <> 'emergency' and (not ${table.given} or case ${table.method} when 'signature' then ${table.signature} is not null
        when 'fingerprint' then ${table.witnessName} is not null and ${table.reason} is not null else true end)`,
    ),
    check(
      "teaching_consent_private",
      sql`${table.withoutObservers} and btrim(${table.present}) <> ''`,
    ),
  ],
);

/** Numbers of a house from a day on. A change is a further row. */
export const teachingPolicy = pgTable(
  "teaching_policy",
  {
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    validFrom: date("valid_from").notNull(),
    /** Recordings, timelines and attendance are kept so long. */
    retentionYears: smallint("retention_years").notNull(),
    /** Fewer people than this with a diagnosis in the place: a second person reviews. */
    smallCellLeast: smallint("small_cell_least").notNull(),
    source: text("source").notNull(),
    enteredBy: uuid("entered_by").references(() => person.id),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({
      name: "teaching_policy_dated",
      columns: [table.institutionId, table.validFrom],
    }),
    check(
      "teaching_policy_sane",
      sql`${table.retentionYears} between 3 and 30 and ${table.smallCellLeast} between 3 and 1000 and btrim(${table.source}) <> ''`,
    ),
  ],
);

/** How many live where a house looks after people, as read in a source. */
export const teachingCatchment = pgTable(
  "teaching_catchment",
  {
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    validFrom: date("valid_from").notNull(),
    inhabitants: integer("inhabitants").notNull(),
    source: text("source").notNull(),
    recalled: boolean("recalled").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.institutionId, table.validFrom] }),
    check("teaching_catchment_sane", sql`${table.inhabitants} > 0`),
  ],
);

/** How many of 100,000 are met with a diagnosis in a year, as read in a source. */
export const teachingFrequency = pgTable(
  "teaching_frequency",
  {
    codePrefix: text("code_prefix").notNull(),
    validFrom: date("valid_from").notNull(),
    per100k: doublePrecision("per_100k").notNull(),
    source: text("source").notNull(),
    recalled: boolean("recalled").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.codePrefix, table.validFrom] }),
    check("teaching_frequency_sane", sql`${table.per100k} >= 0`),
  ],
);
