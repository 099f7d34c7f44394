import { sql } from "drizzle-orm";
import {
  type AnyPgColumn,
  boolean,
  check,
  index,
  integer,
  numeric,
  pgEnum,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { createdAt, id, instant } from "../db/columns.ts";
import { alliance, department, institution, institutionLevel } from "../directory/schema.ts";
import { person } from "../identity/schema.ts";
import { audienceKinds, speakerRoles, teachingStates } from "./states.ts";

export const teachingState = pgEnum("teaching_state", teachingStates);
export const teachingSpeakerRole = pgEnum("teaching_speaker_role", speakerRoles);
export const teachingAudienceKind = pgEnum("teaching_audience_kind", audienceKinds);

/** A course: several sessions, one attendance and one certificate across them. */
export const teachingSeries = pgTable(
  "teaching_series",
  {
    id: id(),
    version: integer("version").notNull().default(1),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    departmentId: uuid("department_id").references(() => department.id),
    ownerId: uuid("owner_id")
      .notNull()
      .references(() => person.id),
    title: text("title").notNull(),
    about: text("about"),
    /** Credit points of the whole course, beside those of its sessions. */
    points: numeric("points", { precision: 4, scale: 1, mode: "number" }).notNull().default(0),
    /** Of the sessions held, so many percent must have been attended for the course to count. */
    minimumSessionsPercent: smallint("minimum_sessions_percent").notNull().default(80),
    closedAt: instant("closed_at"),
    createdAt: createdAt(),
  },
  (table) => [
    index().on(table.institutionId),
    check(
      "teaching_series_sane",
      sql`btrim(${table.title}) <> '' and ${table.points} between 0 and 100 and ${table.minimumSessionsPercent} between 1 and 100`,
    ),
  ],
);

/** One broadcast. Its id is the id of the room on the media node. */
export const teachingSession = pgTable(
  "teaching_session",
  {
    id: id(),
    /** `JX` + date + sequence. */
    number: text("number").notNull().unique(),
    version: integer("version").notNull().default(1),
    state: teachingState("state").notNull().default("draft"),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    departmentId: uuid("department_id").references(() => department.id),
    /** Who plans it. */
    ownerId: uuid("owner_id")
      .notNull()
      .references(() => person.id),
    seriesId: uuid("series_id").references((): AnyPgColumn => teachingSeries.id),
    title: text("title").notNull(),
    titleBo: text("title_bo"),
    titleEn: text("title_en"),
    /** What it is about and for whom, as listeners read it. */
    topic: text("topic"),
    /** Languages spoken: the main one first. */
    languages: text("languages").array().notNull(),
    startsAt: instant("starts_at"),
    lengthMinutes: smallint("length_minutes"),
    /** Credit points of who was present long enough and passed the quiz. */
    points: numeric("points", { precision: 4, scale: 1, mode: "number" }).notNull().default(0),
    minimumPresencePercent: smallint("minimum_presence_percent").notNull().default(80),
    /** 0: no quiz is asked for. */
    minimumQuizPercent: smallint("minimum_quiz_percent").notNull().default(0),
    record: boolean("record").notNull().default(true),
    /** What everybody is told of the recording before it runs; shown in the room. */
    recordingWords: text("recording_words"),
    rehearsedAt: instant("rehearsed_at"),
    plannedAt: instant("planned_at"),
    liveAt: instant("live_at"),
    /** Since when the presenter's line is broken while the broadcast goes on; null: it is not. */
    interruptedAt: instant("interrupted_at"),
    endedAt: instant("ended_at"),
    publishedAt: instant("published_at"),
    cancelledAt: instant("cancelled_at"),
    cancelReason: text("cancel_reason"),
    /** The patient took the teaching consent back: no replay, whatever recordings come later. */
    withheldAt: instant("withheld_at"),
    createdAt: createdAt(),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [
    index().on(table.institutionId, table.startsAt),
    index().on(table.startsAt),
    index().on(table.seriesId),
    index().on(table.ownerId),
    check(
      "teaching_session_sane",
      sql`btrim(${table.title}) <> '' and cardinality(${table.languages}) between 1 and 3 and ${table.points} between 0 and 100
        and ${table.minimumPresencePercent} between 0 and 100 and ${table.minimumQuizPercent} between 0 and 100
        and coalesce(${table.lengthMinutes}, 10) between 10 and 480`,
    ),
    check(
      "teaching_session_planned",
      sql`${table.state} in ('draft', 'cancelled') or (${table.startsAt} is not null and ${table.lengthMinutes} is not null and ${table.plannedAt} is not null)`,
    ),
    check(
      "teaching_session_cancelled",
      sql`(${table.state} = 'cancelled') = (${table.cancelledAt} is not null) and (${table.cancelledAt} is null) = (${table.cancelReason} is null)`,
    ),
    check(
      "teaching_session_live",
      sql`${table.state} in ('draft', 'planned', 'cancelled') or ${table.liveAt} is not null`,
    ),
    check(
      "teaching_session_ended",
      sql`(${table.state} in ('ended', 'processing', 'published')) = (${table.endedAt} is not null)`,
    ),
  ],
);

/** Who stands in front, from which house. */
export const teachingSpeaker = pgTable(
  "teaching_speaker",
  {
    sessionId: uuid("session_id")
      .notNull()
      .references(() => teachingSession.id, { onDelete: "cascade" }),
    personId: uuid("person_id")
      .notNull()
      .references(() => person.id),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    role: teachingSpeakerRole("role").notNull(),
    position: smallint("position").notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.sessionId, table.personId] }),
    index().on(table.personId),
    uniqueIndex("teaching_speaker_one_presenter")
      .on(table.sessionId)
      .where(sql`${table.role} = 'presenter'`),
  ],
);

/** Whom it is for: a whole alliance, the houses of a level in one, or one invited house. */
export const teachingAudience = pgTable(
  "teaching_audience",
  {
    id: id(),
    sessionId: uuid("session_id")
      .notNull()
      .references(() => teachingSession.id, { onDelete: "cascade" }),
    kind: teachingAudienceKind("kind").notNull(),
    allianceId: uuid("alliance_id").references(() => alliance.id),
    level: institutionLevel("level"),
    institutionId: uuid("institution_id").references(() => institution.id),
  },
  (table) => [
    unique("teaching_audience_once")
      .on(table.sessionId, table.allianceId, table.level, table.institutionId)
      .nullsNotDistinct(),
    index().on(table.institutionId),
    index().on(table.allianceId),
    check(
      "teaching_audience_whom",
      sql`(${table.kind} in ('alliance', 'level')) = (${table.allianceId} is not null) and (${table.kind} = 'level') = (${table.level} is not null)
        and (${table.kind} = 'institution') = (${table.institutionId} is not null)`,
    ),
  ],
);

export * from "./case-schema.ts";
export * from "./credit-schema.ts";
export * from "./live-schema.ts";
export * from "./recording-schema.ts";
export * from "./slides-schema.ts";
export * from "./still-schema.ts";
