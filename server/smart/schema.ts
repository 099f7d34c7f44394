import { index, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import type { JSONWebKeySet } from "jose";
import { createdAt, id, instant } from "../db/columns.ts";
import { institution } from "../directory/schema.ts";
import { person } from "../identity/schema.ts";

/** Systems of institutions that use the FHIR API without a person (SMART backend services). */
export const smartClient = pgTable(
  "smart_client",
  {
    id: id(),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    name: text("name").notNull(),
    /** The most that it may be given, SMART 2 scopes. */
    scopes: text("scopes").array().notNull(),
    /** Its public keys; it keeps the private ones. */
    jwks: jsonb("jwks").$type<JSONWebKeySet>().notNull(),
    registeredBy: uuid("registered_by")
      .notNull()
      .references(() => person.id),
    /** It gets no token any more; those it has end within minutes. */
    disabledAt: instant("disabled_at"),
    createdAt: createdAt(),
  },
  (table) => [index().on(table.institutionId)],
);

/** Assertions that were used: each buys one token. Rows go when the assertion would have ended anyway. */
export const smartAssertion = pgTable(
  "smart_assertion",
  {
    clientId: uuid("client_id")
      .notNull()
      .references(() => smartClient.id),
    jti: text("jti").notNull(),
    expiresAt: instant("expires_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.clientId, table.jti] }), index().on(table.expiresAt)],
);
