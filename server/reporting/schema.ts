import { sql } from "drizzle-orm";
import {
  bigserial,
  boolean,
  check,
  date,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { consult } from "../consult/schema.ts";
import { createdAt, id, instant } from "../db/columns.ts";
import { institution } from "../directory/schema.ts";
import { person } from "../identity/schema.ts";
import { patient } from "../patients/schema.ts";
import {
  criticalValueStates,
  diagnosisKinds,
  diseaseClasses,
  infectiousReportStates,
} from "./domain.ts";

export const criticalValueState = pgEnum("critical_value_state", criticalValueStates);
export const infectiousReportState = pgEnum("infectious_report_state", infectiousReportStates);
export const diseaseClass = pgEnum("disease_class", diseaseClasses);
export const diagnosisKind = pgEnum("diagnosis_kind", diagnosisKinds);

/**
 * An institution's own clocks and where its reports go; the newest row that has begun counts. Minutes that
 * are null are the defaults of domain.ts.
 */
export const reportingSetting = pgTable(
  "reporting_setting",
  {
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    validFrom: date("valid_from").notNull(),
    /** The CDC of the institution's district. */
    cdcInstitutionId: uuid("cdc_institution_id").references(() => institution.id),
    /** Duty telephone (of an office, not of a person) that an urgent alarm is sent to. */
    dutyPhone: text("duty_phone"),
    readBackMinutes: integer("read_back_minutes"),
    actMinutes: integer("act_minutes"),
    repeatMinutes: integer("repeat_minutes"),
    source: text("source"),
  },
  (table) => [
    primaryKey({ columns: [table.institutionId, table.validFrom] }),
    check(
      "reporting_setting_minutes",
      sql`coalesce(${table.readBackMinutes}, 1) > 0 and coalesce(${table.actMinutes}, 1) > 0 and coalesce(${table.repeatMinutes}, 1) > 0`,
    ),
  ],
);

/** Notifiable diseases, dated: a class or its management may change from one day to the next. */
export const notifiableDisease = pgTable(
  "notifiable_disease",
  {
    code: text("code").notNull(),
    validFrom: date("valid_from").notNull(),
    /** First day on which the row no longer counts. */
    validUntil: date("valid_until"),
    nameZh: text("name_zh").notNull(),
    nameEn: text("name_en").notNull(),
    nameBo: text("name_bo").notNull(),
    icd10: text("icd10").notNull(),
    diseaseClass: diseaseClass("disease_class").notNull(),
    managedAsA: boolean("managed_as_a").notNull().default(false),
    /** Minutes from the diagnosis to the report where an order sets them; otherwise by class. */
    reportMinutes: integer("report_minutes"),
    source: text("source").notNull(),
    /** Written from memory and not yet compared with the source. */
    recalled: boolean("recalled").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.code, table.validFrom] }),
    check("notifiable_disease_days", sql`${table.validUntil} > ${table.validFrom}`),
  ],
);

/** A value that threatens life: told to a named person, who reads it back and says what was done. */
export const criticalValue = pgTable(
  "critical_value",
  {
    id: id(),
    version: integer("version").notNull().default(1),
    state: criticalValueState("state").notNull().default("open"),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    /** Where it was found. */
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    consultId: uuid("consult_id").references(() => consult.id),
    /** LOINC code when one was chosen, and what the finder reads. */
    itemCode: text("item_code"),
    itemText: text("item_text").notNull(),
    valueText: text("value_text").notNull(),
    unit: text("unit"),
    measuredAt: instant("measured_at").notNull(),
    placeText: text("place_text"),
    altitudeMetres: integer("altitude_metres"),
    note: text("note"),
    foundBy: uuid("found_by")
      .notNull()
      .references(() => person.id),
    foundAt: instant("found_at").notNull(),
    /** Who must answer: somebody of the alliance, or a name and a telephone (sealed). */
    receiverId: uuid("receiver_id").references(() => person.id),
    receiverInstitutionId: uuid("receiver_institution_id")
      .notNull()
      .references(() => institution.id),
    receiverName: text("receiver_name").notNull(),
    receiverPhoneCipher: text("receiver_phone_cipher"),
    /** The words as they were repeated, whose they are, and who noted them. */
    readBackWords: text("read_back_words"),
    readBackName: text("read_back_name"),
    readBackRecordedBy: uuid("read_back_recorded_by").references(() => person.id),
    readBackAt: instant("read_back_at"),
    /** Clocks. */
    readBackDueAt: instant("read_back_due_at").notNull(),
    actDueAt: instant("act_due_at"),
    actionTaken: text("action_taken"),
    actedBy: uuid("acted_by").references(() => person.id),
    actedAt: instant("acted_at"),
    cancelledBy: uuid("cancelled_by").references(() => person.id),
    cancelledAt: instant("cancelled_at"),
    cancelReason: text("cancel_reason"),
    escalationLevel: integer("escalation_level").notNull().default(0),
    escalatedAt: instant("escalated_at"),
    createdAt: createdAt(),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [
    check(
      "critical_value_receiver",
      sql`${table.receiverId} is not null or ${table.receiverPhoneCipher} is not null`,
    ),
    check("critical_value_other", sql`${table.receiverId} <> ${table.foundBy}`),
    check(
      "critical_value_read_back",
      sql`${table.state} not in ('received', 'acted') or (coalesce(btrim(${table.readBackWords}), '') <> '' and coalesce(btrim(${table.readBackName}), '') <> '' and ${table.readBackRecordedBy} is not null and ${table.readBackAt} is not null and ${table.actDueAt} is not null)`,
    ),
    check(
      "critical_value_action",
      sql`${table.state} <> 'acted' or (coalesce(btrim(${table.actionTaken}), '') <> '' and ${table.actedBy} is not null and ${table.actedAt} is not null)`,
    ),
    check(
      "critical_value_reason",
      sql`${table.state} <> 'cancelled' or (coalesce(btrim(${table.cancelReason}), '') <> '' and ${table.cancelledBy} is not null and ${table.cancelledAt} is not null)`,
    ),
    index().on(table.institutionId, table.state),
    index().on(table.receiverInstitutionId, table.state),
    index().on(table.patientId),
    index().on(table.consultId),
  ],
);

/** Every step of a critical value with who, when and why; never changed. */
export const criticalValueStep = pgTable(
  "critical_value_step",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    criticalValueId: uuid("critical_value_id")
      .notNull()
      .references(() => criticalValue.id),
    action: text("action").notNull(),
    fromState: criticalValueState("from_state"),
    toState: criticalValueState("to_state").notNull(),
    byPersonId: uuid("by_person_id").references(() => person.id),
    byInstitutionId: uuid("by_institution_id").references(() => institution.id),
    byName: text("by_name").notNull(),
    reason: text("reason"),
    at: instant("at").notNull(),
  },
  (table) => [index().on(table.criticalValueId)],
);

/** One case of a notifiable disease on its way: doctor, public-health department, district CDC. */
export const infectiousReport = pgTable(
  "infectious_report",
  {
    id: id(),
    version: integer("version").notNull().default(1),
    state: infectiousReportState("state").notNull().default("reported"),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    consultId: uuid("consult_id").references(() => consult.id),
    /** The disease as the table had it on the day of the diagnosis. */
    diseaseCode: text("disease_code").notNull(),
    diseaseName: text("disease_name").notNull(),
    diseaseClass: diseaseClass("disease_class").notNull(),
    managedAsA: boolean("managed_as_a").notNull(),
    diagnosisKind: diagnosisKind("diagnosis_kind").notNull(),
    diagnosedAt: instant("diagnosed_at").notNull(),
    onsetOn: date("onset_on"),
    currentAddress: text("current_address"),
    /** Employer or school. */
    workplace: text("workplace"),
    note: text("note"),
    reportedBy: uuid("reported_by")
      .notNull()
      .references(() => person.id),
    reportedAt: instant("reported_at").notNull(),
    /** The diagnosis and the time of its class; a correction sets it anew. */
    dueAt: instant("due_at").notNull(),
    urgent: boolean("urgent").notNull(),
    correctedBy: uuid("corrected_by").references(() => person.id),
    correctedAt: instant("corrected_at"),
    receivedBy: uuid("received_by").references(() => person.id),
    receivedAt: instant("received_at"),
    /** The CDC it was sent on to, with the department's check. */
    cdcInstitutionId: uuid("cdc_institution_id").references(() => institution.id),
    filedBy: uuid("filed_by").references(() => person.id),
    filedAt: instant("filed_at"),
    /** Number of the card in the national reporting system. */
    filedNumber: text("filed_number"),
    returnedBy: uuid("returned_by").references(() => person.id),
    returnedAt: instant("returned_at"),
    returnReason: text("return_reason"),
    withdrawnBy: uuid("withdrawn_by").references(() => person.id),
    withdrawnAt: instant("withdrawn_at"),
    withdrawReason: text("withdraw_reason"),
    escalationLevel: integer("escalation_level").notNull().default(0),
    escalatedAt: instant("escalated_at"),
    createdAt: createdAt(),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [
    check(
      "infectious_report_received",
      sql`${table.state} not in ('received', 'filed') or (${table.receivedBy} is not null and ${table.receivedAt} is not null and ${table.cdcInstitutionId} is not null)`,
    ),
    check(
      "infectious_report_filed",
      sql`${table.state} <> 'filed' or (${table.filedBy} is not null and ${table.filedAt} is not null)`,
    ),
    check(
      "infectious_report_reason",
      sql`case ${table.state} when 'returned' then coalesce(btrim(${table.returnReason}), '') <> '' and ${table.returnedBy} is not null and ${table.returnedAt} is not null when 'withdrawn' then coalesce(btrim(${table.withdrawReason}), '') <> '' and ${table.withdrawnBy} is not null and ${table.withdrawnAt} is not null else true end`,
    ),
    // One case is on its way once; an illness of next year is another one.
    uniqueIndex("infectious_report_on_its_way")
      .on(table.patientId, table.institutionId, table.diseaseCode)
      .where(sql`${table.state} in ('reported', 'returned', 'corrected', 'received')`),
    index().on(table.institutionId, table.state),
    index().on(table.cdcInstitutionId, table.state),
    index().on(table.patientId),
    index().on(table.consultId),
  ],
);

/** Every step of a report; `content` keeps what was reported and each correction. Never changed. */
export const infectiousReportStep = pgTable(
  "infectious_report_step",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    reportId: uuid("report_id")
      .notNull()
      .references(() => infectiousReport.id),
    action: text("action").notNull(),
    fromState: infectiousReportState("from_state"),
    toState: infectiousReportState("to_state").notNull(),
    byPersonId: uuid("by_person_id").references(() => person.id),
    byInstitutionId: uuid("by_institution_id").references(() => institution.id),
    byName: text("by_name").notNull(),
    reason: text("reason"),
    content: jsonb("content"),
    at: instant("at").notNull(),
  },
  (table) => [index().on(table.reportId)],
);
