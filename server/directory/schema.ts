import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  date,
  doublePrecision,
  foreignKey,
  index,
  integer,
  pgEnum,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { createdAt, id, instant } from "../db/columns.ts";
import { allianceKinds, institutionKinds, institutionLevels } from "./domain.ts";

export const institutionKind = pgEnum("institution_kind", institutionKinds);
export const institutionLevel = pgEnum("institution_level", institutionLevels);
export const allianceKind = pgEnum("alliance_kind", allianceKinds);

export const institution = pgTable("institution", {
  id: id(),
  /** Short stable name for scripts and demo data, e.g. `sakya-chc`. */
  slug: text("slug").notNull().unique(),
  /** Unified social credit code; unknown for invented demo institutions. */
  creditCode: text("credit_code").unique(),
  kind: institutionKind("kind").notNull(),
  level: institutionLevel("level").notNull(),
  phone: text("phone"),
  /** Where patients are helped by a person; their call button dials it. Null: it offers 120 alone. */
  helpPhone: text("help_phone"),
  address: text("address"),
  timeZone: text("time_zone").notNull().default("Asia/Shanghai"),
  altitudeMetres: integer("altitude_metres").notNull().default(0),
  latitude: doublePrecision("latitude"),
  longitude: doublePrecision("longitude"),
  /** Which public-holiday calendar applies, e.g. `CN` or `CN-54` (Tibet's own days as well). */
  holidayCalendar: text("holiday_calendar").notNull().default("CN"),
  demo: boolean("demo").notNull().default(false),
  createdAt: createdAt(),
});

/** A street, town or village that somebody names as where he is: nobody's position is asked for. */
export const locality = pgTable("locality", {
  code: text("code").primaryKey(),
  areaZh: text("area_zh").notNull(),
  areaEn: text("area_en").notNull(),
  areaBo: text("area_bo"),
  nameZh: text("name_zh").notNull(),
  nameEn: text("name_en").notNull(),
  nameBo: text("name_bo"),
  /** Its middle. */
  latitude: doublePrecision("latitude").notNull(),
  longitude: doublePrecision("longitude").notNull(),
  source: text("source").notNull(),
  /** Recalled rather than read in a register. */
  recalled: boolean("recalled").notNull(),
});

/** An institution may have several names (and one in each language). The first official one is shown. */
export const institutionName = pgTable(
  "institution_name",
  {
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    language: text("language").notNull(),
    name: text("name").notNull(),
    position: smallint("position").notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.institutionId, table.language, table.name] })],
);

export const department = pgTable(
  "department",
  {
    id: id(),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    slug: text("slug").notNull(),
    name: text("name").notNull(),
    nameEn: text("name_en"),
    nameBo: text("name_bo"),
    /** Specialty code of the national department list (诊疗科目), e.g. `03.06` haematology. */
    specialtyCode: text("specialty_code").notNull(),
    /** Since when nobody is sent there any more; what was sent before is passed on by people. */
    closedAt: instant("closed_at"),
    closedReason: text("closed_reason"),
  },
  (table) => [
    unique().on(table.institutionId, table.slug),
    unique().on(table.id, table.institutionId),
    check("department_closed", sql`(${table.closedAt} is null) = (${table.closedReason} is null)`),
  ],
);

export const alliance = pgTable("alliance", {
  id: id(),
  name: text("name").notNull(),
  nameEn: text("name_en"),
  kind: allianceKind("kind").notNull(),
  demo: boolean("demo").notNull().default(false),
});

export const allianceMember = pgTable(
  "alliance_member",
  {
    allianceId: uuid("alliance_id")
      .notNull()
      .references(() => alliance.id),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    lead: boolean("lead").notNull().default(false),
  },
  (table) => [primaryKey({ columns: [table.allianceId, table.institutionId] })],
);

/** A signed agreement lets one institution invite the other to remote consults. */
export const agreement = pgTable(
  "agreement",
  {
    id: id(),
    invitingInstitutionId: uuid("inviting_institution_id")
      .notNull()
      .references(() => institution.id),
    invitedInstitutionId: uuid("invited_institution_id")
      .notNull()
      .references(() => institution.id),
    signedOn: date("signed_on").notNull(),
    validUntil: date("valid_until"),
  },
  (table) => [
    unique("agreement_pair").on(table.invitingInstitutionId, table.invitedInstitutionId),
    unique("agreement_identity").on(
      table.id,
      table.invitingInstitutionId,
      table.invitedInstitutionId,
    ),
  ],
);

/** Weekly working hours in the institution's own zone; minutes from local midnight. */
export const workingHours = pgTable(
  "working_hours",
  {
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    /** ISO weekday, Monday = 1. */
    weekday: smallint("weekday").notNull(),
    startMinute: smallint("start_minute").notNull(),
    endMinute: smallint("end_minute").notNull(),
  },
  (table) => [primaryKey({ columns: [table.institutionId, table.weekday, table.startMinute] })],
);

/** Public holidays by calendar, Tibetan ones included. Dates are data: they are announced each year. */
export const holiday = pgTable(
  "holiday",
  {
    calendar: text("calendar").notNull(),
    day: date("day").notNull(),
    name: text("name").notNull(),
    nameBo: text("name_bo"),
    nameEn: text("name_en"),
  },
  (table) => [primaryKey({ columns: [table.calendar, table.day] })],
);

export const practitioner = pgTable("practitioner", {
  personId: uuid("person_id").primaryKey(),
  title: text("title").notNull(),
  titleEn: text("title_en"),
  titleBo: text("title_bo"),
  licenceNumber: text("licence_number"),
  /** Date of independent practice; an invited specialist needs three years. */
  practisingSince: date("practising_since"),
});

/** Where a practitioner works; a posted doctor has a row for each institution. */
export const practitionerPost = pgTable(
  "practitioner_post",
  {
    personId: uuid("person_id")
      .notNull()
      .references(() => practitioner.personId),
    institutionId: uuid("institution_id").notNull(),
    departmentId: uuid("department_id").notNull(),
    posted: boolean("posted").notNull().default(false),
  },
  (table) => [
    primaryKey({ columns: [table.personId, table.departmentId] }),
    foreignKey({
      columns: [table.departmentId, table.institutionId],
      foreignColumns: [department.id, department.institutionId],
    }),
    index().on(table.institutionId),
  ],
);
