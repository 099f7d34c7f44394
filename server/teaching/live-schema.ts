import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  real,
  smallint,
  text,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { choices, entryKinds, languages, stageRoles } from "../../timeline/entries.ts";
import { createdAt, id, instant } from "../db/columns.ts";
import { institution } from "../directory/schema.ts";
import { person } from "../identity/schema.ts";
import { carriers, deviceKinds, listenWays } from "./live-domain.ts";
import { teachingSession } from "./schema.ts";

export const teachingEntryKind = pgEnum("teaching_entry_kind", entryKinds);
export const teachingStageRole = pgEnum("teaching_stage_role", stageRoles);
export const teachingDeviceKind = pgEnum("teaching_device_kind", deviceKinds);
export const teachingWay = pgEnum("teaching_way", listenWays);
export const teachingCarrier = pgEnum("teaching_carrier", carriers);
export const teachingChoice = pgEnum("teaching_choice", choices);
export const teachingLanguage = pgEnum("teaching_language", languages);

const sessionId = () =>
  uuid("session_id")
    .notNull()
    .references(() => teachingSession.id, { onDelete: "cascade" });
const institutionId = () =>
  uuid("institution_id")
    .notNull()
    .references(() => institution.id);

/** The running side of a broadcast: one row, locked by whoever writes into its timeline. */
export const teachingLive = pgTable("teaching_live", {
  sessionId: sessionId().primaryKey(),
  /** Rises when the timeline begins anew after a rehearsal. */
  run: integer("run").notNull().default(1),
  /** The last number given in the timeline. */
  lastSeq: integer("last_seq").notNull().default(0),
  /** Speakers try by themselves; what they write is thrown away. */
  rehearsal: boolean("rehearsal").notNull().default(false),
  leadPersonId: uuid("lead_person_id").references(() => person.id),
  /** Lines of chat a second that were sent lately, refused ones too. */
  chatRate: doublePrecision("chat_rate").notNull().default(0),
  chatRateAt: instant("chat_rate_at"),
  /** Seconds between two lines of one listener while the chat is flooded; 0: as usual. */
  slowSeconds: smallint("slow_seconds").notNull().default(0),
});

/** What happened, in order: never changed, never taken out; a rehearsal's is thrown away as a whole. */
export const teachingEntry = pgTable(
  "teaching_entry",
  {
    sessionId: sessionId(),
    seq: integer("seq").notNull(),
    at: instant("at").notNull(),
    kind: teachingEntryKind("kind").notNull(),
    authorId: uuid("author_id").references(() => person.id),
    authorName: text("author_name"),
    authorOrg: text("author_org"),
    data: jsonb("data").notNull(),
    /** Given by the page: the same write twice is one entry. */
    clientId: uuid("client_id"),
    /** Told to the speakers only. */
    stageOnly: boolean("stage_only").notNull().default(false),
    rehearsal: boolean("rehearsal").notNull().default(false),
  },
  (table) => [
    primaryKey({ columns: [table.sessionId, table.seq] }),
    unique("teaching_entry_once").on(table.sessionId, table.authorId, table.clientId),
    index("teaching_entry_kind_of").on(table.sessionId, table.kind, table.seq),
    index("teaching_entry_author").on(table.sessionId, table.authorId, table.seq),
  ],
);

/** A device that entered: somebody's own, or the screen of a room full of people. */
export const teachingDevice = pgTable(
  "teaching_device",
  {
    sessionId: sessionId(),
    /** Made and kept by the device. */
    deviceId: uuid("device_id").notNull(),
    personId: uuid("person_id")
      .notNull()
      .references(() => person.id),
    institutionId: institutionId(),
    kind: teachingDeviceKind("kind").notNull(),
    way: teachingWay("way").notNull(),
    carrier: teachingCarrier("carrier").notNull(),
    /** The name under which the media node knows it. */
    sub: text("sub").notNull(),
    name: text("name").notNull(),
    org: text("org").notNull(),
    enteredAt: instant("entered_at").notNull(),
    seenAt: instant("seen_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.sessionId, table.deviceId] }),
    index().on(table.sessionId, table.personId),
  ],
);

/** Who stands on the stage, from when to when. */
export const teachingStage = pgTable(
  "teaching_stage",
  {
    id: id(),
    sessionId: sessionId(),
    personId: uuid("person_id")
      .notNull()
      .references(() => person.id),
    deviceId: uuid("device_id").notNull(),
    role: teachingStageRole("role").notNull(),
    sub: text("sub").notNull(),
    pub: text("pub").array().notNull(),
    broughtBy: uuid("brought_by").references(() => person.id),
    joinedAt: instant("joined_at").notNull(),
    leftAt: instant("left_at"),
  },
  (table) => [
    uniqueIndex("teaching_stage_once")
      .on(table.sessionId, table.personId)
      .where(sql`${table.leftAt} is null`),
    foreignKey({
      name: "teaching_stage_device",
      columns: [table.sessionId, table.deviceId],
      foreignColumns: [teachingDevice.sessionId, teachingDevice.deviceId],
    }),
  ],
);

/** Raised hands, in the order of `seq`. */
export const teachingHand = pgTable(
  "teaching_hand",
  {
    sessionId: sessionId(),
    seq: integer("seq").notNull(),
    personId: uuid("person_id")
      .notNull()
      .references(() => person.id),
    deviceId: uuid("device_id").notNull(),
    language: teachingLanguage("language").notNull(),
    raisedAt: instant("raised_at").notNull(),
    loweredAt: instant("lowered_at"),
  },
  (table) => [
    primaryKey({ columns: [table.sessionId, table.seq] }),
    uniqueIndex("teaching_hand_once")
      .on(table.sessionId, table.personId)
      .where(sql`${table.loweredAt} is null`),
  ],
);

/** A question to everybody; with right answers it is one of the quiz. */
export const teachingPoll = pgTable(
  "teaching_poll",
  {
    id: id(),
    sessionId: sessionId(),
    question: text("question").notNull(),
    options: text("options").array().notNull(),
    choice: teachingChoice("choice").notNull(),
    /** Which options are right, from 0; null: there is no right or wrong. */
    rightOptions: smallint("right_options").array(),
    position: smallint("position").notNull().default(0),
    createdBy: uuid("created_by")
      .notNull()
      .references(() => person.id),
    openedAt: instant("opened_at"),
    closedAt: instant("closed_at"),
    shownAt: instant("shown_at"),
    createdAt: createdAt(),
  },
  (table) => [
    index().on(table.sessionId),
    uniqueIndex("teaching_poll_one_open")
      .on(table.sessionId)
      .where(sql`${table.openedAt} is not null and ${table.closedAt} is null`),
    check(
      "teaching_poll_sane",
      sql`btrim(${table.question}) <> '' and cardinality(${table.options}) between 2 and 10
        and (${table.closedAt} is null or ${table.openedAt} is not null) and (${table.shownAt} is null or ${table.closedAt} is not null)`,
    ),
  ],
);

/** One answer of a person, or the hands counted in front of a screen; changed until the question is closed. */
export const teachingAnswer = pgTable(
  "teaching_answer",
  {
    pollId: uuid("poll_id")
      .notNull()
      .references(() => teachingPoll.id, { onDelete: "cascade" }),
    /** `person:<id>` or `site:<device>`. */
    voter: text("voter").notNull(),
    personId: uuid("person_id")
      .notNull()
      .references(() => person.id),
    institutionId: institutionId(),
    /** Options chosen, from 0; empty for a screen. */
    chosen: smallint("chosen").array().notNull(),
    /** Hands per option, in front of a screen. */
    hands: smallint("hands").array(),
    at: instant("at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.pollId, table.voter] })],
);

/** One stay of a device: from the media node's reports, or from the signs of life of a page that plays HLS. */
export const teachingPresence = pgTable(
  "teaching_presence",
  {
    id: id(),
    sessionId: sessionId(),
    personId: uuid("person_id")
      .notNull()
      .references(() => person.id),
    institutionId: institutionId(),
    deviceId: uuid("device_id").notNull(),
    kind: teachingDeviceKind("kind").notNull(),
    way: teachingWay("way").notNull(),
    carrier: teachingCarrier("carrier").notNull(),
    /** The node's name of the connection; null for HLS. */
    peerId: text("peer_id"),
    /** The report that opened it: told twice, it opens once. */
    openedBy: text("opened_by").unique(),
    fromAt: instant("from_at").notNull(),
    /** The last sign of life. */
    seenAt: instant("seen_at").notNull(),
    untilAt: instant("until_at"),
  },
  (table) => [
    index().on(table.sessionId, table.deviceId),
    index("teaching_presence_open").on(table.peerId).where(sql`${table.untilAt} is null`),
    check(
      "teaching_presence_order",
      sql`${table.seenAt} >= ${table.fromAt} and (${table.untilAt} is null or ${table.untilAt} >= ${table.fromAt})`,
    ),
  ],
);

/** Names that were ticked in front of a house's screen, and who ticked; taken back, a tick stays with its end. */
export const teachingSitePerson = pgTable(
  "teaching_site_person",
  {
    id: id(),
    sessionId: sessionId(),
    institutionId: institutionId(),
    /** Of the house's staff; null: a free name, of an intern. */
    personId: uuid("person_id").references(() => person.id),
    name: text("name").notNull(),
    tickedBy: uuid("ticked_by")
      .notNull()
      .references(() => person.id),
    tickedAt: instant("ticked_at").notNull(),
    removedBy: uuid("removed_by").references(() => person.id),
    removedAt: instant("removed_at"),
  },
  (table) => [
    uniqueIndex("teaching_site_person_once")
      .on(table.sessionId, table.personId)
      .where(sql`${table.personId} is not null and ${table.removedAt} is null`),
    uniqueIndex("teaching_site_name_once")
      .on(table.sessionId, table.institutionId, table.name)
      .where(sql`${table.personId} is null and ${table.removedAt} is null`),
    check("teaching_site_named", sql`btrim(${table.name}) <> ''`),
    check(
      "teaching_site_removed",
      sql`(${table.removedAt} is null) = (${table.removedBy} is null)`,
    ),
  ],
);

/** Who was present how long: counted by a job after the end, and again after a correction. */
export const teachingAttendance = pgTable(
  "teaching_attendance",
  {
    id: id(),
    sessionId: sessionId(),
    personId: uuid("person_id").references(() => person.id),
    institutionId: institutionId(),
    /** Of whoever has no account. */
    name: text("name"),
    seconds: integer("seconds").notNull(),
    /** Of the time that was taught, 0 to 1. */
    share: real("share").notNull(),
    /** Part of the quiz that was answered rightly, 0 to 1; null: no quiz, or nobody whom it could be asked. */
    quizScore: real("quiz_score"),
    countedAt: instant("counted_at").notNull(),
  },
  (table) => [
    uniqueIndex("teaching_attendance_person")
      .on(table.sessionId, table.personId)
      .where(sql`${table.personId} is not null`),
    uniqueIndex("teaching_attendance_name")
      .on(table.sessionId, table.institutionId, table.name)
      .where(sql`${table.personId} is null`),
    index().on(table.personId),
    check(
      "teaching_attendance_sane",
      sql`(${table.personId} is null) = (${table.name} is not null) and ${table.seconds} > 0 and ${table.share} between 0 and 1
        and coalesce(${table.quizScore}, 0) between 0 and 1`,
    ),
  ],
);

/** What a house that teaches has set; without a row the numbers of live-domain.ts count. */
export const teachingLivePolicy = pgTable(
  "teaching_live_policy",
  {
    institutionId: institutionId().primaryKey(),
    hlsAbove: integer("hls_above").notNull(),
    stageMost: smallint("stage_most").notNull(),
    leadLostSeconds: smallint("lead_lost_seconds").notNull(),
    chatSeconds: smallint("chat_seconds").notNull(),
    slowMode: boolean("slow_mode").notNull(),
    correctHours: smallint("correct_hours").notNull(),
    setBy: uuid("set_by").references(() => person.id),
    setAt: instant("set_at").notNull(),
  },
  (table) => [
    check(
      "teaching_live_policy_sane",
      sql`${table.hlsAbove} between 0 and 100000 and ${table.stageMost} between 2 and 12 and ${table.leadLostSeconds} between 5 and 300
        and ${table.chatSeconds} between 0 and 60 and ${table.correctHours} between 0 and 336`,
    ),
  ],
);
