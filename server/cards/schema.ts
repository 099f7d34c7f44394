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
  text,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { bytes, createdAt, id, instant } from "../db/columns.ts";
import { institution } from "../directory/schema.ts";
import { person } from "../identity/schema.ts";
import { patient } from "../patients/schema.ts";
import { personResult } from "../sampling/schema.ts";
import { paperCodeReasons, paperRevocations } from "./domain.ts";

export const paperCodeReasonKind = pgEnum("paper_code_reason", paperCodeReasons);
export const paperRevocationKind = pgEnum("paper_revocation", paperRevocations);

/**
 * Keys that sign cards and paper codes. The private half is sealed with the installation's data key, so
 * that every replica signs with the same one and a copy of the database alone signs nothing.
 */
export const cardKey = pgTable("card_key", {
  /** RFC 7638 thumbprint. */
  kid: text("kid").primaryKey(),
  publicJwk: jsonb("public_jwk")
    .$type<{ kty: "EC"; crv: "P-256"; x: string; y: string }>()
    .notNull(),
  privateCipher: text("private_cipher").notNull(),
  activeFrom: instant("active_from").notNull(),
  /** Signs nothing new from then on; stays published, so that what it signed verifies. */
  retiredAt: instant("retired_at"),
  /** In wrong hands: no longer published, nothing that it signed counts. */
  revokedAt: instant("revoked_at"),
  createdAt: createdAt(),
});

/** How long a negative result and a paper code count, from a day on. */
export const cardPolicy = pgTable(
  "card_policy",
  {
    id: id(),
    validFrom: date("valid_from").notNull().unique(),
    validityHours: integer("validity_hours").notNull(),
    paperCodeDays: integer("paper_code_days").notNull(),
    /** LOINC code of the test that is asked for; another epidemic, another row. */
    testCode: text("test_code").notNull().default("94500-6"),
    source: text("source").notNull(),
    /** Recalled rather than read: to be checked before use. */
    recalled: boolean("recalled").notNull(),
    /** Null: it came with the product. */
    enteredBy: uuid("entered_by").references(() => person.id),
    enteredAt: instant("entered_at"),
    /** Who of public health has looked whether it holds; never whoever entered it. */
    checkedBy: uuid("checked_by").references(() => person.id),
    checkedAt: instant("checked_at"),
    createdAt: createdAt(),
  },
  (table) => [
    check("card_policy_entered", sql`(${table.enteredBy} is null) = (${table.enteredAt} is null)`),
    check("card_policy_checked", sql`(${table.checkedBy} is null) = (${table.checkedAt} is null)`),
    check("card_policy_validity", sql`${table.validityHours} in (24, 48, 72)`),
    check("card_policy_paper", sql`${table.paperCodeDays} between 1 and 366`),
  ],
);

/** What is on the published lists of revoked cards and paper codes; rows are only added. */
export const cardRevocation = pgTable(
  "card_revocation",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    kid: text("kid")
      .notNull()
      .references(() => cardKey.kid),
    rid: text("rid").notNull(),
    at: instant("at").notNull(),
    /** After this the code counts no more anyway and leaves the list; null: never. */
    until: instant("until"),
    createdAt: createdAt(),
  },
  (table) => [unique("card_revocation_rid").on(table.kid, table.rid)],
);

/** The paper code (纸质离线码) of people without a phone: one that counts per person. */
export const paperCode = pgTable(
  "paper_code",
  {
    id: id(),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    /** Where it was handed out; null when a relative made it on the phone. */
    institutionId: uuid("institution_id").references(() => institution.id),
    issuedBy: uuid("issued_by").references(() => person.id),
    /** SHA-256 of the number. */
    numberHash: bytes("number_hash").notNull().unique(),
    /** The whole text of the code, sealed: a relative prints it again. */
    textCipher: text("text_cipher").notNull(),
    kid: text("kid")
      .notNull()
      .references(() => cardKey.kid),
    rid: text("rid").notNull(),
    reason: paperCodeReasonKind("reason").notNull(),
    overrideReason: text("override_reason"),
    issuedAt: instant("issued_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
    revokedAt: instant("revoked_at"),
    revokedReason: paperRevocationKind("revoked_reason"),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex("paper_code_one_valid").on(table.patientId).where(sql`${table.revokedAt} is null`),
    index().on(table.patientId),
    check(
      "paper_code_override",
      sql`(${table.reason} = 'override') = (${table.overrideReason} is not null) and (${table.reason} <> 'override' or ${table.issuedBy} is not null)`,
    ),
    check("paper_code_staff", sql`(${table.issuedBy} is null) = (${table.institutionId} is null)`),
    check("paper_code_lasts", sql`${table.expiresAt} > ${table.issuedAt}`),
    check(
      "paper_code_revoked",
      sql`(${table.revokedAt} is null) = (${table.revokedReason} is null)`,
    ),
  ],
);

/** A card that was signed. The card itself is signed anew each time; its name on the lists stays. */
export const healthCard = pgTable(
  "health_card",
  {
    id: id(),
    resultId: uuid("result_id")
      .notNull()
      .references(() => personResult.id),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    kid: text("kid")
      .notNull()
      .references(() => cardKey.kid),
    rid: text("rid").notNull(),
    issuedAt: instant("issued_at").notNull(),
    /** The result was corrected. */
    revokedAt: instant("revoked_at"),
    createdAt: createdAt(),
  },
  (table) => [
    unique("health_card_once").on(table.resultId, table.kid),
    unique("health_card_rid").on(table.kid, table.rid),
    index().on(table.patientId),
  ],
);
