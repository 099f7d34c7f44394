import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  date,
  index,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { bytes, createdAt, id, instant } from "../db/columns.ts";
import { institution } from "../directory/schema.ts";
import { contactRelations, joinBases, patientSexes } from "./domain.ts";

export const patientSex = pgEnum("patient_sex", patientSexes);
export const contactRelation = pgEnum("contact_relation", contactRelations);
export const joinBasis = pgEnum("join_basis", joinBases);

/** Resident ID and phones are ciphertexts; a blind index finds them by equality only. */
export const patient = pgTable(
  "patient",
  {
    id: id(),
    /** One full-name field: many people have a single name. Null only for an unknown person. */
    fullName: text("full_name"),
    fullNameBo: text("full_name_bo"),
    sex: patientSex("sex").notNull(),
    birthDate: date("birth_date"),
    /** True when only an age was known and the date was computed from it. */
    birthDateEstimated: boolean("birth_date_estimated").notNull().default(false),
    ethnicGroup: text("ethnic_group"),
    language: text("language").notNull().default("zh-CN"),
    address: text("address"),
    residentIdCipher: text("resident_id_cipher"),
    residentIdIndex: bytes("resident_id_index"),
    unknownPerson: boolean("unknown_person").notNull().default(false),
    /** What was noted of an unknown person (clothes, place found). */
    unknownNote: text("unknown_note"),
    managingInstitutionId: uuid("managing_institution_id")
      .notNull()
      .references(() => institution.id),
    demo: boolean("demo").notNull().default(false),
    createdAt: createdAt(),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [
    index().on(table.managingInstitutionId),
    index().on(table.fullName),
    check(
      "patient_named_or_unknown",
      sql`coalesce(${table.fullName}, ${table.fullNameBo}) is not null or ${table.unknownPerson}`,
    ),
  ],
);

/** Phones of the patient and of relatives: an own phone is never required. */
export const patientContact = pgTable(
  "patient_contact",
  {
    id: id(),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    relation: contactRelation("relation").notNull(),
    name: text("name"),
    phoneCipher: text("phone_cipher").notNull(),
    phoneIndex: bytes("phone_index").notNull(),
    /** May sign in with this phone and see the patient's pages (self, guardian, or agreed to by the patient). */
    maySignIn: boolean("may_sign_in").notNull(),
    createdAt: createdAt(),
  },
  (table) => [index().on(table.patientId), index().on(table.phoneIndex)],
);

/** Which institutions may see a patient, and since what. Rows are added by registration and by accepted work. */
export const patientInstitution = pgTable(
  "patient_institution",
  {
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    source: text("source").notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.patientId, table.institutionId] }),
    index().on(table.institutionId),
  ],
);

/**
 * Two registrations of one person. Nothing else is re-written: `survivorId` is the end of the chain, kept by
 * the database, and every read by a patient asks for all registrations of the person.
 */
export const patientLink = pgTable(
  "patient_link",
  {
    id: id(),
    duplicateId: uuid("duplicate_id")
      .notNull()
      .references(() => patient.id),
    /** Whom the administrator named; he may go on under another himself. */
    namedId: uuid("named_id")
      .notNull()
      .references(() => patient.id),
    survivorId: uuid("survivor_id")
      .notNull()
      .references(() => patient.id),
    /** How it is known that they are one. */
    basis: joinBasis("basis").notNull(),
    reason: text("reason").notNull(),
    /** Of two open episodes the one that goes on. */
    episodeId: uuid("episode_id"),
    joinedBy: uuid("joined_by").notNull(),
    joinedByName: text("joined_by_name").notNull(),
    joinedAtInstitutionId: uuid("joined_at_institution_id")
      .notNull()
      .references(() => institution.id),
    joinedAt: instant("joined_at").notNull(),
    separatedAt: instant("separated_at"),
    separatedBy: uuid("separated_by"),
    separatedByName: text("separated_by_name"),
    separatedAtInstitutionId: uuid("separated_at_institution_id").references(() => institution.id),
    separationReason: text("separation_reason"),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex("patient_link_once").on(table.duplicateId).where(sql`${table.separatedAt} is null`),
    index().on(table.survivorId),
    check("patient_link_two", sql`${table.duplicateId} <> ${table.namedId}`),
    check(
      "patient_link_separated",
      sql`num_nonnulls(${table.separatedAt}, ${table.separatedBy}, ${table.separatedByName}, ${table.separatedAtInstitutionId}, ${table.separationReason}) in (0, 5)`,
    ),
  ],
);

/**
 * Two registrations that look like one person and are two people: said by a record administrator, and not
 * proposed again while the facts that it was said of stay as they were. `oneId` is the smaller id.
 */
export const patientApart = pgTable(
  "patient_apart",
  {
    id: id(),
    oneId: uuid("one_id")
      .notNull()
      .references(() => patient.id),
    otherId: uuid("other_id")
      .notNull()
      .references(() => patient.id),
    /** A digest of names, birth dates, sexes, numbers and phones of both; the database writes it. */
    facts: text("facts").notNull().default(""),
    reason: text("reason").notNull(),
    saidBy: uuid("said_by").notNull(),
    saidByName: text("said_by_name").notNull(),
    saidAtInstitutionId: uuid("said_at_institution_id")
      .notNull()
      .references(() => institution.id),
    saidAt: instant("said_at").notNull(),
    withdrawnAt: instant("withdrawn_at"),
    withdrawnBy: uuid("withdrawn_by"),
    withdrawnByName: text("withdrawn_by_name"),
    withdrawnAtInstitutionId: uuid("withdrawn_at_institution_id").references(() => institution.id),
    withdrawalReason: text("withdrawal_reason"),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex("patient_apart_once")
      .on(table.oneId, table.otherId)
      .where(sql`${table.withdrawnAt} is null`),
    index().on(table.otherId),
    check("patient_apart_two", sql`${table.oneId} < ${table.otherId}`),
    check(
      "patient_apart_withdrawn",
      sql`num_nonnulls(${table.withdrawnAt}, ${table.withdrawnBy}, ${table.withdrawnByName}, ${table.withdrawnAtInstitutionId}, ${table.withdrawalReason}) in (0, 5)`,
    ),
  ],
);
