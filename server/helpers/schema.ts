import { sql } from "drizzle-orm";
import { index, pgEnum, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { createdAt, id, instant } from "../db/columns.ts";
import { institution } from "../directory/schema.ts";
import { person } from "../identity/schema.ts";
import { patient } from "../patients/schema.ts";
import { helperConsentMethods, helperKinds } from "./domain.ts";

export const helperKind = pgEnum("helper_kind", helperKinds);
export const helperConsentMethod = pgEnum("helper_consent_method", helperConsentMethods);

/** Somebody whom an institution vouches for. Without this row an account with the role may do nothing. */
export const registeredHelper = pgTable(
  "registered_helper",
  {
    id: id(),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    personId: uuid("person_id")
      .notNull()
      .references(() => person.id),
    kind: helperKind("kind").notNull(),
    /** Where the helper is at work: a street, a housing estate. */
    area: text("area").notNull().default(""),
    registeredBy: uuid("registered_by")
      .notNull()
      .references(() => person.id),
    registeredAt: instant("registered_at").notNull(),
    endedAt: instant("ended_at"),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex("registered_helper_once")
      .on(table.institutionId, table.personId)
      .where(sql`${table.endedAt} is null`),
    index().on(table.personId),
  ],
);

/** An elder's word that this helper may book, move and cancel; taken back once, never rewritten. */
export const helperConsent = pgTable(
  "helper_consent",
  {
    id: id(),
    helperId: uuid("helper_id")
      .notNull()
      .references(() => registeredHelper.id),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    method: helperConsentMethod("method").notNull(),
    /** What was said or signed. */
    words: text("words").notNull(),
    /** Who was there and heard it. */
    witnessName: text("witness_name").notNull(),
    recordedBy: uuid("recorded_by")
      .notNull()
      .references(() => person.id),
    givenAt: instant("given_at").notNull(),
    revokedAt: instant("revoked_at"),
    /** Null when the elder did it on the phone. */
    revokedBy: uuid("revoked_by").references(() => person.id),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex("helper_consent_once")
      .on(table.helperId, table.patientId)
      .where(sql`${table.revokedAt} is null`),
    index().on(table.patientId),
  ],
);
