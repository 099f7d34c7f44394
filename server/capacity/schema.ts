import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  date,
  foreignKey,
  index,
  integer,
  pgEnum,
  pgTable,
  smallint,
  text,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { createdAt, id, instant } from "../db/columns.ts";
import { department, institution } from "../directory/schema.ts";
import { person } from "../identity/schema.ts";
import { patient } from "../patients/schema.ts";
import {
  absenceKinds,
  bedHoldOutcomes,
  bedHoldPurposes,
  bedStaySources,
  bedUnitKinds,
  bedUnitModes,
  displacedDestinations,
  modeSwitchStates,
} from "./domain.ts";

export const bedUnitKind = pgEnum("bed_unit_kind", bedUnitKinds);
export const bedUnitMode = pgEnum("bed_unit_mode", bedUnitModes);
export const bedHoldPurpose = pgEnum("bed_hold_purpose", bedHoldPurposes);
export const bedHoldOutcome = pgEnum("bed_hold_outcome", bedHoldOutcomes);
export const bedStaySource = pgEnum("bed_stay_source", bedStaySources);
export const staffAbsenceKind = pgEnum("staff_absence_kind", absenceKinds);
export const modeSwitchState = pgEnum("mode_switch_state", modeSwitchStates);
export const displacedDestination = pgEnum("displaced_destination", displacedDestinations);

/** A ward or a unit of a department. Its mode is changed by a switch alone. */
export const bedUnit = pgTable(
  "bed_unit",
  {
    id: id(),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    departmentId: uuid("department_id").notNull(),
    nameZh: text("name_zh").notNull(),
    nameEn: text("name_en").notNull(),
    nameBo: text("name_bo"),
    kind: bedUnitKind("kind").notNull(),
    mode: bedUnitMode("mode").notNull().default("peace"),
    active: boolean("active").notNull().default(true),
    /** When the ward last said that its beds are as shown; older counts are shown as old. */
    touchedAt: instant("touched_at").notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    unique("bed_unit_name").on(table.departmentId, table.nameZh),
    unique("bed_unit_identity").on(table.id, table.institutionId),
    foreignKey({
      name: "bed_unit_department",
      columns: [table.departmentId, table.institutionId],
      foreignColumns: [department.id, department.institutionId],
    }),
    index().on(table.institutionId),
    check("bed_unit_named", sql`btrim(${table.nameZh}) <> '' and btrim(${table.nameEn}) <> ''`),
  ],
);

export const bed = pgTable(
  "bed",
  {
    id: id(),
    unitId: uuid("unit_id").notNull(),
    institutionId: uuid("institution_id").notNull(),
    label: text("label").notNull(),
    /** Since the last patient left it, until somebody says that it is clean. */
    cleaningSince: instant("cleaning_since"),
    outOfUseSince: instant("out_of_use_since"),
    outOfUseReason: text("out_of_use_reason"),
    createdAt: createdAt(),
  },
  (table) => [
    unique("bed_label").on(table.unitId, table.label),
    unique("bed_identity").on(table.id, table.unitId),
    foreignKey({
      name: "bed_of_unit",
      columns: [table.unitId, table.institutionId],
      foreignColumns: [bedUnit.id, bedUnit.institutionId],
    }),
    index().on(table.institutionId),
    check("bed_labelled", sql`btrim(${table.label}) <> ''`),
    check(
      "bed_out_of_use",
      sql`(${table.outOfUseSince} is null) = (${table.outOfUseReason} is null) and coalesce(btrim(${table.outOfUseReason}), '-') <> ''`,
    ),
  ],
);

/** One bed kept free for one person until an instant. Made and ended by functions of the database alone. */
export const bedHold = pgTable(
  "bed_hold",
  {
    id: id(),
    version: integer("version").notNull().default(1),
    bedId: uuid("bed_id").notNull(),
    unitId: uuid("unit_id").notNull(),
    departmentId: uuid("department_id")
      .notNull()
      .references(() => department.id),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    purpose: bedHoldPurpose("purpose").notNull(),
    /** What the bed is held for, e.g. the referral. */
    referenceId: uuid("reference_id").notNull(),
    heldByInstitutionId: uuid("held_by_institution_id")
      .notNull()
      .references(() => institution.id),
    heldByPersonId: uuid("held_by_person_id").references(() => person.id),
    since: instant("since").notNull(),
    until: instant("until").notNull(),
    extendedAt: instant("extended_at"),
    extendedReason: text("extended_reason"),
    outcome: bedHoldOutcome("outcome"),
    endedAt: instant("ended_at"),
    endReason: text("end_reason"),
    endedByPersonId: uuid("ended_by_person_id").references(() => person.id),
    /** When those who asked for it were told that it ended. */
    toldAt: instant("told_at"),
    createdAt: createdAt(),
  },
  (table) => [
    foreignKey({
      name: "bed_hold_bed",
      columns: [table.bedId, table.unitId],
      foreignColumns: [bed.id, bed.unitId],
    }),
    uniqueIndex("bed_hold_one_per_bed").on(table.bedId).where(sql`${table.outcome} is null`),
    uniqueIndex("bed_hold_one_per_reference")
      .on(table.referenceId)
      .where(sql`${table.outcome} is null`),
    uniqueIndex("bed_hold_one_per_patient")
      .on(table.patientId)
      .where(sql`${table.outcome} is null`),
    index().on(table.referenceId),
    index().on(table.institutionId),
    index().on(table.heldByInstitutionId),
    index("bed_hold_due").on(table.until).where(sql`${table.outcome} is null`),
    check("bed_hold_time", sql`${table.until} > ${table.since}`),
    check(
      "bed_hold_ended",
      sql`(${table.outcome} is null) = (${table.endedAt} is null) and (${table.endedAt} is null or ${table.endedAt} >= ${table.since})
        and (${table.outcome} is distinct from 'released' or coalesce(btrim(${table.endReason}), '') <> '')`,
    ),
    check(
      "bed_hold_extended",
      sql`(${table.extendedAt} is null) = (${table.extendedReason} is null) and coalesce(btrim(${table.extendedReason}), '-') <> ''`,
    ),
  ],
);

/** One person in one bed. Made and ended by functions of the database alone. */
export const bedStay = pgTable(
  "bed_stay",
  {
    id: id(),
    bedId: uuid("bed_id").notNull(),
    unitId: uuid("unit_id").notNull(),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    source: bedStaySource("source").notNull(),
    holdId: uuid("hold_id").references(() => bedHold.id),
    since: instant("since").notNull(),
    until: instant("until"),
    /** For the forecast; null: the unit's average. */
    expectedDischargeOn: date("expected_discharge_on"),
    /** Why somebody took a bed that is kept for referrals. */
    overQuotaReason: text("over_quota_reason"),
    admittedBy: uuid("admitted_by").references(() => person.id),
    dischargedBy: uuid("discharged_by").references(() => person.id),
    createdAt: createdAt(),
  },
  (table) => [
    foreignKey({
      name: "bed_stay_bed",
      columns: [table.bedId, table.unitId],
      foreignColumns: [bed.id, bed.unitId],
    }),
    uniqueIndex("bed_stay_one_patient").on(table.bedId).where(sql`${table.until} is null`),
    uniqueIndex("bed_stay_one_bed").on(table.patientId).where(sql`${table.until} is null`),
    uniqueIndex("bed_stay_of_hold").on(table.holdId),
    index().on(table.unitId, table.until),
    index().on(table.institutionId),
    check("bed_stay_order", sql`${table.until} is null or ${table.until} >= ${table.since}`),
    check(
      "bed_stay_hold",
      sql`(${table.source} in ('hold', 'referral')) = (${table.holdId} is not null)`,
    ),
  ],
);

/** Numbers of an institution from a day on. A change is a further row. */
export const capacityPolicy = pgTable(
  "capacity_policy",
  {
    id: id(),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    validFrom: date("valid_from").notNull(),
    holdHours: smallint("hold_hours").notNull(),
    maxHoldHours: smallint("max_hold_hours").notNull(),
    priorityPercent: smallint("priority_percent").notNull(),
    bedsPerAbsence: smallint("beds_per_absence").notNull(),
    averageStayDays: smallint("average_stay_days").notNull(),
    staleHours: smallint("stale_hours").notNull(),
    /** What a unit in emergency mode still takes holds for. */
    emergencyPurposes: bedHoldPurpose("emergency_purposes").array().notNull(),
    source: text("source").notNull(),
    enteredBy: uuid("entered_by").references(() => person.id),
    createdAt: createdAt(),
  },
  (table) => [
    unique("capacity_policy_dated").on(table.institutionId, table.validFrom),
    check(
      "capacity_policy_sane",
      sql`${table.holdHours} between 1 and ${table.maxHoldHours} and ${table.maxHoldHours} <= 336 and ${table.priorityPercent} between 0 and 100
        and ${table.bedsPerAbsence} between 0 and 50 and ${table.averageStayDays} between 1 and 365 and ${table.staleHours} between 1 and 168`,
    ),
  ],
);

/** Who is away, from when until when, and who covers. */
export const staffAbsence = pgTable(
  "staff_absence",
  {
    id: id(),
    institutionId: uuid("institution_id").notNull(),
    departmentId: uuid("department_id").notNull(),
    personId: uuid("person_id")
      .notNull()
      .references(() => person.id),
    kind: staffAbsenceKind("kind").notNull(),
    fromDay: date("from_day").notNull(),
    /** The last day away. */
    toDay: date("to_day").notNull(),
    reason: text("reason"),
    coveredBy: uuid("covered_by").references(() => person.id),
    enteredBy: uuid("entered_by")
      .notNull()
      .references(() => person.id),
    cancelledAt: instant("cancelled_at"),
    cancelledBy: uuid("cancelled_by").references(() => person.id),
    createdAt: createdAt(),
  },
  (table) => [
    foreignKey({
      name: "staff_absence_department",
      columns: [table.departmentId, table.institutionId],
      foreignColumns: [department.id, department.institutionId],
    }),
    index().on(table.institutionId, table.toDay),
    check("staff_absence_days", sql`${table.toDay} >= ${table.fromDay}`),
    check("staff_absence_cover", sql`${table.coveredBy} is distinct from ${table.personId}`),
    check(
      "staff_absence_cancelled",
      sql`(${table.cancelledAt} is null) = (${table.cancelledBy} is null)`,
    ),
  ],
);

/** 平战转换 of a unit: ordered by one, confirmed by another, ended after disinfection. */
export const modeSwitch = pgTable(
  "mode_switch",
  {
    id: id(),
    version: integer("version").notNull().default(1),
    institutionId: uuid("institution_id").notNull(),
    unitId: uuid("unit_id").notNull(),
    state: modeSwitchState("state").notNull().default("ordered"),
    /** Of the paper that orders it. */
    orderNumber: text("order_number").notNull(),
    reason: text("reason").notNull(),
    orderedBy: uuid("ordered_by")
      .notNull()
      .references(() => person.id),
    orderedAt: instant("ordered_at").notNull(),
    plannedAt: instant("planned_at").notNull(),
    confirmedBy: uuid("confirmed_by").references(() => person.id),
    confirmedAt: instant("confirmed_at"),
    /** From then on nobody ordinary is taken. */
    executedAt: instant("executed_at"),
    /** From then on the unit counts as one for the emergency. */
    emergencyAt: instant("emergency_at"),
    endOrderedBy: uuid("end_ordered_by").references(() => person.id),
    endOrderedAt: instant("end_ordered_at"),
    endedBy: uuid("ended_by").references(() => person.id),
    endedAt: instant("ended_at"),
    cancelledBy: uuid("cancelled_by").references(() => person.id),
    cancelledAt: instant("cancelled_at"),
    cancelReason: text("cancel_reason"),
    createdAt: createdAt(),
  },
  (table) => [
    foreignKey({
      name: "mode_switch_unit",
      columns: [table.unitId, table.institutionId],
      foreignColumns: [bedUnit.id, bedUnit.institutionId],
    }),
    unique("mode_switch_order_number").on(table.institutionId, table.orderNumber),
    uniqueIndex("mode_switch_one_open")
      .on(table.unitId)
      .where(sql`${table.state} not in ('ended', 'cancelled')`),
    check("mode_switch_two_persons", sql`${table.confirmedBy} <> ${table.orderedBy}`),
    check(
      "mode_switch_confirmed",
      sql`(${table.confirmedBy} is null) = (${table.confirmedAt} is null) and (${table.state} in ('ordered', 'cancelled') or ${table.confirmedBy} is not null)`,
    ),
    check(
      "mode_switch_numbered",
      sql`btrim(${table.orderNumber}) <> '' and btrim(${table.reason}) <> ''`,
    ),
  ],
);

/** Where somebody goes who has to leave a unit that is switched. */
export const modeSwitchTransfer = pgTable(
  "mode_switch_transfer",
  {
    id: id(),
    switchId: uuid("switch_id")
      .notNull()
      .references(() => modeSwitch.id),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    stayId: uuid("stay_id")
      .notNull()
      .references(() => bedStay.id),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    /** Planned, and in the end where it was; null: to be decided. */
    destination: displacedDestination("destination"),
    toUnitId: uuid("to_unit_id").references(() => bedUnit.id),
    /** Another hospital, by name. */
    toName: text("to_name"),
    resolvedAt: instant("resolved_at"),
    resolvedBy: uuid("resolved_by").references(() => person.id),
    createdAt: createdAt(),
  },
  (table) => [
    unique("mode_switch_transfer_once").on(table.switchId, table.stayId),
    index().on(table.stayId),
    check(
      "mode_switch_transfer_where",
      sql`(${table.destination} is distinct from 'unit' or ${table.toUnitId} is not null)
        and (${table.destination} is distinct from 'other-hospital' or coalesce(btrim(${table.toName}), '') <> '')
        and (${table.resolvedAt} is null or ${table.destination} is not null)`,
    ),
  ],
);

/** The signature under a disinfected bed; never changed. */
export const bedDisinfection = pgTable(
  "bed_disinfection",
  {
    id: id(),
    switchId: uuid("switch_id")
      .notNull()
      .references(() => modeSwitch.id),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    bedId: uuid("bed_id")
      .notNull()
      .references(() => bed.id),
    /** With what, and how long. */
    method: text("method").notNull(),
    disinfectedBy: uuid("disinfected_by")
      .notNull()
      .references(() => person.id),
    disinfectedAt: instant("disinfected_at").notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    unique("bed_disinfection_once").on(table.switchId, table.bedId),
    check("bed_disinfection_method", sql`btrim(${table.method}) <> ''`),
  ],
);
