import { sql } from "drizzle-orm";
import {
  check,
  index,
  numeric,
  pgTable,
  smallint,
  text,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { createdAt, id, instant } from "../db/columns.ts";
import { institution } from "../directory/schema.ts";
import { person } from "../identity/schema.ts";
import { teachingSeries, teachingSession } from "./schema.ts";

/** A credit certificate (学分证书): signed, verifiable by its code without an account. */
export const teachingCertificate = pgTable(
  "teaching_certificate",
  {
    id: id(),
    /** Printed and looked up: `XF` + day + ten random characters. */
    code: text("code").notNull().unique(),
    sessionId: uuid("session_id").references(() => teachingSession.id),
    /** Of a whole course instead. */
    seriesId: uuid("series_id").references(() => teachingSeries.id),
    /** Whose; null for a named participant in front of a site's screen. */
    personId: uuid("person_id").references(() => person.id),
    /** Where he is at work. */
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    name: text("name").notNull(),
    points: numeric("points", { precision: 4, scale: 1, mode: "number" }).notNull(),
    presencePercent: smallint("presence_percent").notNull(),
    quizPercent: smallint("quiz_percent"),
    issuerInstitutionId: uuid("issuer_institution_id")
      .notNull()
      .references(() => institution.id),
    issuedBy: uuid("issued_by").references(() => person.id),
    issuedAt: instant("issued_at").notNull(),
    /** Compact JWS over what the certificate says. */
    jws: text("jws").notNull(),
    revokedAt: instant("revoked_at"),
    revokedBy: uuid("revoked_by").references(() => person.id),
    revokeReason: text("revoke_reason"),
    createdAt: createdAt(),
  },
  (table) => [
    index().on(table.personId),
    index().on(table.institutionId),
    unique("teaching_certificate_jws").on(table.jws),
    uniqueIndex("teaching_certificate_once")
      .on(table.sessionId, table.seriesId, table.institutionId, table.personId, table.name)
      .where(sql`${table.revokedAt} is null`),
    check(
      "teaching_certificate_of",
      sql`(${table.sessionId} is null) <> (${table.seriesId} is null) and ${table.points} > 0`,
    ),
    check(
      "teaching_certificate_revoked",
      sql`(${table.revokedAt} is null) = (${table.revokeReason} is null) and (${table.revokedAt} is null) = (${table.revokedBy} is null)`,
    ),
  ],
);
