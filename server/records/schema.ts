import { sql } from "drizzle-orm";
import {
  bigint,
  bigserial,
  boolean,
  check,
  index,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  uuid,
} from "drizzle-orm/pg-core";
import { bytes, createdAt, id, instant } from "../db/columns.ts";
import { institution } from "../directory/schema.ts";
import { person } from "../identity/schema.ts";
import { contactRelation, patient } from "../patients/schema.ts";
import { recordStoreKinds } from "./domain.ts";
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
