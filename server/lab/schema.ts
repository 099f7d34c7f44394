import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  date,
  foreignKey,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  smallint,
  text,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { bytes, createdAt, id, instant } from "../db/columns.ts";
import { institution } from "../directory/schema.ts";
import { person } from "../identity/schema.ts";
import { contactRelation } from "../patients/schema.ts";
import {
  courierRun,
  labResult,
  labResultKind,
  recall,
  resultSource,
  testPurpose,
  tube,
} from "../sampling/schema.ts";
import { findingStates, plateStates, recallOutcomes, receptionProblems } from "./domain.ts";

export const receptionProblem = pgEnum("lab_reception_problem", receptionProblems);
export const plateState = pgEnum("lab_plate_state", plateStates);
export const findingState = pgEnum("lab_finding_state", findingStates);
export const recallOutcome = pgEnum("recall_outcome", recallOutcomes);

/** What a positive result means for public health, by date: an epidemic's rule is a row, not code. */
export const labPolicy = pgTable("lab_policy", {
  validFrom: date("valid_from").primaryKey(),
  diseaseCode: text("disease_code"),
  criticalPurposes: testPurpose("critical_purposes").array().notNull(),
  /**
   * Until so many hours after its first swab a late tube may be tested when a named person answers for it; null:
   * every late tube is rejected. Recalled, to be checked: swabs kept at 2–8 °C are tested within 24 hours.
   */
  lateAcceptHours: smallint("late_accept_hours").default(24),
  source: text("source").notNull(),
  createdAt: createdAt(),
});

/** What was not as it was sent: of a box, or of one tube. */
export const receptionNote = pgTable(
  "lab_reception_note",
  {
    id: id(),
    laboratoryId: uuid("laboratory_id")
      .notNull()
      .references(() => institution.id),
    runId: uuid("run_id").references(() => courierRun.id),
    tubeId: uuid("tube_id").references(() => tube.id),
    /** As it was scanned or typed. */
    code: text("code").notNull(),
    problem: receptionProblem("problem").notNull(),
    note: text("note").notNull().default(""),
    /** Late, and tested all the same: `by` answers for it, `note` says why. */
    accepted: boolean("accepted").notNull().default(false),
    at: instant("at").notNull(),
    by: uuid("by")
      .notNull()
      .references(() => person.id),
    /** A missing tube that was found, or given up. */
    settledAt: instant("settled_at"),
    settledBy: uuid("settled_by").references(() => person.id),
    createdAt: createdAt(),
  },
  (table) => [
    index().on(table.laboratoryId, table.at),
    index().on(table.runId),
    // The same is noted once.
    uniqueIndex("lab_reception_note_once").on(table.tubeId, table.problem),
    check(
      "lab_reception_note_accepted",
      sql`not ${table.accepted} or (${table.problem} = 'late' and length(btrim(${table.note})) >= 4)`,
    ),
    check(
      "lab_reception_note_settled",
      sql`(${table.settledAt} is null) = (${table.settledBy} is null)`,
    ),
  ],
);

/** A plate in the instrument, or a file from it: findings that are released together. */
export const labPlate = pgTable(
  "lab_plate",
  {
    id: id(),
    laboratoryId: uuid("laboratory_id")
      .notNull()
      .references(() => institution.id),
    /** What is written on it. */
    code: text("code").notNull(),
    state: plateState("state").notNull().default("open"),
    version: integer("version").notNull().default(1),
    source: resultSource("source").notNull(),
    openedBy: uuid("opened_by")
      .notNull()
      .references(() => person.id),
    openedAt: instant("opened_at").notNull(),
    releasedBy: uuid("released_by").references(() => person.id),
    releasedAt: instant("released_at"),
    createdAt: createdAt(),
  },
  (table) => [
    unique().on(table.laboratoryId, table.code),
    unique("lab_plate_of_laboratory").on(table.id, table.laboratoryId),
    index().on(table.laboratoryId, table.state, table.openedAt),
    check(
      "lab_plate_released",
      sql`(${table.state} = 'released') = (${table.releasedAt} is not null) and (${table.releasedAt} is null) = (${table.releasedBy} is null)`,
    ),
  ],
);

/** What somebody found in a tube, until it is released as a row of `lab_result`. */
export const labFinding = pgTable(
  "lab_finding",
  {
    id: id(),
    laboratoryId: uuid("laboratory_id").notNull(),
    plateId: uuid("plate_id").notNull(),
    tubeId: uuid("tube_id")
      .notNull()
      .references(() => tube.id),
    state: findingState("state").notNull(),
    version: integer("version").notNull().default(1),
    result: labResultKind("result"),
    method: text("method"),
    /** Ct values and the like, as the instrument gave them. */
    detail: jsonb("detail").notNull().default({}),
    testedAt: instant("tested_at"),
    enteredBy: uuid("entered_by")
      .notNull()
      .references(() => person.id),
    enteredAt: instant("entered_at").notNull(),
    secondBy: uuid("second_by").references(() => person.id),
    secondAt: instant("second_at"),
    source: resultSource("source").notNull(),
    /** Line of a file, or a report's identifier. */
    sourceRef: text("source_ref"),
    reason: text("reason"),
    /** The released result that this one corrects. */
    replacesId: uuid("replaces_id").references(() => labResult.id),
    labResultId: uuid("lab_result_id")
      .unique()
      .references(() => labResult.id),
    createdAt: createdAt(),
  },
  (table) => [
    foreignKey({
      name: "lab_finding_plate",
      columns: [table.plateId, table.laboratoryId],
      foreignColumns: [labPlate.id, labPlate.laboratoryId],
    }),
    index().on(table.plateId),
    uniqueIndex("lab_finding_open_once")
      .on(table.tubeId)
      .where(sql`${table.state} in ('waiting', 'entered', 'confirmed')`),
    uniqueIndex("lab_finding_report_once")
      .on(table.laboratoryId, table.sourceRef)
      .where(
        sql`${table.source} = 'fhir' and ${table.replacesId} is null and ${table.state} <> 'withdrawn'`,
      ),
    check(
      "lab_finding_read",
      sql`${table.state} in ('waiting', 'withdrawn') or (${table.result} is not null and ${table.method} is not null and ${table.testedAt} is not null)`,
    ),
    check(
      "lab_finding_two_persons",
      sql`(${table.secondBy} is null) = (${table.secondAt} is null) and (${table.secondBy} is null or ${table.secondBy} <> ${table.enteredBy})`,
    ),
    check(
      "lab_finding_released",
      sql`(${table.state} = 'released') = (${table.labResultId} is not null)`,
    ),
    check(
      "lab_finding_says_why",
      sql`${table.reason} is not null or (${table.replacesId} is null and ${table.result} is distinct from 'rejected')`,
    ),
  ],
);

/** A file of results that was taken: the same bytes again change nothing. */
export const labImport = pgTable(
  "lab_import",
  {
    id: id(),
    laboratoryId: uuid("laboratory_id")
      .notNull()
      .references(() => institution.id),
    sha256: bytes("sha256").notNull(),
    fileName: text("file_name").notNull(),
    encoding: text("encoding").notNull(),
    plateId: uuid("plate_id").references(() => labPlate.id),
    rows: integer("rows").notNull(),
    taken: integer("taken").notNull(),
    unchanged: integer("unchanged").notNull(),
    /** Line, code and problem of each that was not taken. */
    refused: jsonb("refused").notNull(),
    takenBy: uuid("taken_by")
      .notNull()
      .references(() => person.id),
    takenAt: instant("taken_at").notNull(),
    createdAt: createdAt(),
  },
  (table) => [unique("lab_import_once").on(table.laboratoryId, table.sha256)],
);

/** Whom to call when somebody who is to come again reads no messages, and what came of it. */
export const recallCall = pgTable(
  "recall_call",
  {
    recallId: uuid("recall_id")
      .primaryKey()
      .references(() => recall.id),
    contactName: text("contact_name"),
    contactRelation: contactRelation("contact_relation"),
    /** Null: no number is known; somebody goes there. */
    contactPhoneCipher: text("contact_phone_cipher"),
    attempts: smallint("attempts").notNull().default(0),
    lastAt: instant("last_at"),
    lastOutcome: recallOutcome("last_outcome"),
    lastBy: uuid("last_by").references(() => person.id),
    createdAt: createdAt(),
  },
  (table) => [
    check(
      "recall_call_tried",
      sql`(${table.attempts} = 0) = (${table.lastAt} is null) and (${table.lastAt} is null) = (${table.lastOutcome} is null)`,
    ),
  ],
);
