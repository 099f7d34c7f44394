import { sql } from "drizzle-orm";
import {
  bigint,
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
import { bytes, createdAt, id, instant } from "../db/columns.ts";
import { institution } from "../directory/schema.ts";
import { person } from "../identity/schema.ts";
import { contactRelation, patient } from "../patients/schema.ts";
import { outsideSignIns, recordStoreKinds } from "./domain.ts";
import { recordChoices } from "./own-domain.ts";

export const recordStoreKind = pgEnum("record_store_kind", recordStoreKinds);

/** Which institution keeps its records where: in a database of this cluster, or at its own FHIR server. */
export const recordStore = pgTable("record_store", {
  institutionId: uuid("institution_id")
    .primaryKey()
    .references(() => institution.id),
  kind: recordStoreKind("kind").notNull(),
  /** Hosted: the database's name. Remote: base address of the FHIR server. */
  location: text("location").notNull(),
  /** While set, the store answers nobody: 503. */
  pausedAt: instant("paused_at"),
  pausedBy: uuid("paused_by").references(() => person.id),
  /** Why, for whoever asks later; only while it is paused. */
  pauseReason: text("pause_reason"),
  createdAt: createdAt(),
});

/** How we sign in at a remote store (client credentials); none: it is asked without a token. */
export const recordPartner = pgTable(
  "record_partner",
  {
    institutionId: uuid("institution_id")
      .primaryKey()
      .references(() => recordStore.institutionId),
    tokenUrl: text("token_url"),
    clientId: text("client_id"),
    /** Sealed. */
    secretCipher: text("secret_cipher"),
    scope: text("scope"),
    /** The store lies in a private network (hospital line, VPN): addresses of such networks are allowed. */
    privateNetwork: boolean("private_network").notNull().default(false),
    createdAt: createdAt(),
  },
  (table) => [
    check(
      "record_partner_sign_in",
      sql`num_nonnulls(${table.tokenUrl}, ${table.clientId}, ${table.secretCipher}) in (0, 3)`,
    ),
  ],
);

/**
 * Who holds something about whom: by blind index of an identifier, never the content. Several rows of
 * one institution and index are several local records of one identifier.
 */
export const recordLocation = pgTable(
  "record_location",
  {
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => recordStore.institutionId),
    identifierIndex: bytes("identifier_index").notNull(),
    /** Id of the Patient there. */
    localId: text("local_id").notNull(),
    /** Types of resources held, e.g. `AllergyIntolerance`: no numbers, those are content. */
    kinds: text("kinds").array().notNull().default([]),
    lastSeenAt: instant("last_seen_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.institutionId, table.identifierIndex, table.localId] }),
    index().on(table.identifierIndex),
  ],
);

/** How far an institution's records are in the locator. */
export const recordIndexState = pgTable("record_index_state", {
  institutionId: uuid("institution_id")
    .primaryKey()
    .references(() => recordStore.institutionId),
  /** `last_updated` up to which the store was read. */
  scannedTo: instant("scanned_to").notNull(),
  indexedAt: instant("indexed_at").notNull(),
});

/** Records that were opened in an emergency past what the patient withheld: who, why, when. Only added. */
export const recordEmergency = pgTable(
  "record_emergency",
  {
    id: id(),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    personId: uuid("person_id")
      .notNull()
      .references(() => person.id),
    reason: text("reason").notNull(),
    openedAt: instant("opened_at").notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    index().on(table.patientId),
    check("record_emergency_reason", sql`length(btrim(${table.reason})) >= 4`),
  ],
);

export const recordChoiceKind = pgEnum("record_choice_kind", recordChoices);

/** What people said about who sees their records, in order; the newest about a thing stands. Only added. */
export const recordChoice = pgTable(
  "record_choice",
  {
    number: bigserial("number", { mode: "number" }).primaryKey(),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    /** About another institution, or about a sensitive category: one of the two. */
    institutionId: uuid("institution_id").references(() => institution.id),
    category: text("category"),
    choice: recordChoiceKind("choice").notNull(),
    /** Who said it: the person, or a guardian. */
    relation: contactRelation("relation").notNull(),
    chosenAt: instant("chosen_at").notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    index().on(table.patientId, table.number),
    check(
      "record_choice_subject",
      sql`case when ${table.category} is null then ${table.institutionId} is not null and ${table.choice}::text in ('all', 'limited', 'none') else ${table.institutionId} is null and ${table.choice}::text in ('hidden', 'shown') end`,
    ),
  ],
);

/** Up to which choice an institution's store says what was chosen: what is behind is still on its way. */
export const recordChoiceStore = pgTable(
  "record_choice_store",
  {
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => recordStore.institutionId),
    appliedNumber: bigint("applied_number", { mode: "number" }).notNull().default(0),
    /** When it was last tried; the job takes who waits longest. */
    triedAt: instant("tried_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.patientId, table.institutionId] }),
    index().on(table.triedAt),
  ],
);

export const outsideSignIn = pgEnum("record_outside_sign_in", outsideSignIns);

/** A FHIR server elsewhere that an institution connected: it is asked beside the institution's own records. */
export const recordOutside = pgTable(
  "record_outside",
  {
    id: id(),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    name: text("name").notNull(),
    /** Without a slash at the end. */
    base: text("base").notNull(),
    privateNetwork: boolean("private_network").notNull().default(false),
    signIn: outsideSignIn("sign_in").notNull(),
    tokenUrl: text("token_url"),
    clientId: text("client_id"),
    /** Sealed; of `credentials` only. */
    secretCipher: text("secret_cipher"),
    scope: text("scope"),
    /** What its CapabilityStatement said at the last good test; null: not known yet. */
    types: text("types").array(),
    hasEverything: boolean("has_everything"),
    software: text("software"),
    testedAt: instant("tested_at"),
    /** Null: it could be asked. */
    testFault: text("test_fault"),
    /** The house whose server it is: referrals of this institution to it are sent there. Null: records alone. */
    refersToInstitutionId: uuid("refers_to_institution_id").references(() => institution.id),
    /** How long an answer may be kept for the time when it does not answer; 0: not at all. */
    cacheMinutes: integer("cache_minutes").notNull().default(0),
    pausedAt: instant("paused_at"),
    pausedBy: uuid("paused_by").references(() => person.id),
    pauseReason: text("pause_reason"),
    /** When it last answered a question about anybody. */
    answeredAt: instant("answered_at"),
    version: integer("version").notNull().default(1),
    removedAt: instant("removed_at"),
    createdBy: uuid("created_by")
      .notNull()
      .references(() => person.id),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex("record_outside_base")
      .on(table.institutionId, table.base)
      .where(sql`${table.removedAt} is null`),
    uniqueIndex("record_outside_house")
      .on(table.institutionId, table.refersToInstitutionId)
      .where(sql`${table.removedAt} is null and ${table.refersToInstitutionId} is not null`),
    check("record_outside_refers", sql`${table.refersToInstitutionId} <> ${table.institutionId}`),
    check("record_outside_address", sql`${table.base} ~ '^https?://[^/]+(/.*[^/])?$'`),
    check("record_outside_cache", sql`${table.cacheMinutes} between 0 and 1440`),
    check(
      "record_outside_sign_in_whole",
      sql`${table.removedAt} is not null or case ${table.signIn}::text when 'none' then num_nonnulls(${table.tokenUrl}, ${table.clientId}, ${table.secretCipher}) = 0 when 'credentials' then num_nonnulls(${table.tokenUrl}, ${table.clientId}, ${table.secretCipher}) = 3 else num_nonnulls(${table.tokenUrl}, ${table.clientId}) = 2 and ${table.secretCipher} is null end`,
    ),
    check(
      "record_outside_pause",
      sql`(${table.pausedAt} is null) = (${table.pauseReason} is null) and (${table.pauseReason} is null or length(btrim(${table.pauseReason})) >= 4)`,
    ),
  ],
);

/** The key pair by which an institution signs in at outside servers; the public half is served. */
export const recordKey = pgTable("record_key", {
  institutionId: uuid("institution_id")
    .primaryKey()
    .references(() => institution.id),
  keyId: text("key_id").notNull(),
  publicKey: jsonb("public_key").$type<Record<string, string>>().notNull(),
  /** PKCS 8, sealed. */
  privateCipher: text("private_cipher").notNull(),
  createdAt: createdAt(),
});

/** As `record_location`, of outside servers: learnt by asking. */
export const recordOutsideLocation = pgTable(
  "record_outside_location",
  {
    outsideId: uuid("outside_id")
      .notNull()
      .references(() => recordOutside.id),
    identifierIndex: bytes("identifier_index").notNull(),
    localId: text("local_id").notNull(),
    kinds: text("kinds").array().notNull().default([]),
    lastSeenAt: instant("last_seen_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.outsideId, table.identifierIndex, table.localId] }),
    index().on(table.identifierIndex),
  ],
);

/** What went wrong with a source, counted by day and kind; nothing about whom it was asked for. */
export const recordSourceFault = pgTable(
  "record_source_fault",
  {
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    /** Code of the source: the institution's own, or the id of an outside server. */
    source: text("source").notNull(),
    day: date("day").notNull(),
    kind: text("kind").notNull(),
    /** Of an invalid resource: the path in it that was wrong; else empty. */
    expression: text("expression").notNull().default(""),
    times: integer("times").notNull(),
    lastAt: instant("last_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.source, table.day, table.kind, table.expression] }),
    index().on(table.institutionId, table.day),
    check("record_source_fault_times", sql`${table.times} > 0`),
  ],
);

/** The last answer of a source whose policy allows it, sealed, for the time when it does not answer. */
export const recordCopy = pgTable(
  "record_copy",
  {
    outsideId: uuid("outside_id")
      .notNull()
      .references(() => recordOutside.id),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    /** Institution for whose doctors it was read. */
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    /** What consent let be seen when it was taken; it is not shown under another. */
    view: text("view").notNull(),
    contentCipher: text("content_cipher").notNull(),
    takenAt: instant("taken_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.outsideId, table.patientId, table.institutionId] }),
    index().on(table.patientId),
    index().on(table.expiresAt),
    check("record_copy_time", sql`${table.expiresAt} > ${table.takenAt}`),
  ],
);

export { recordChange, recordProjection } from "./projection/schema.ts";
