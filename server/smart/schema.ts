import {
  boolean,
  index,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  uuid,
} from "drizzle-orm/pg-core";
import type { JSONWebKeySet } from "jose";
import { bytes, createdAt, id, instant } from "../db/columns.ts";
import { institution } from "../directory/schema.ts";
import { person } from "../identity/schema.ts";
import { patient } from "../patients/schema.ts";
import { clientKinds } from "./domain.ts";

export const smartClientKind = pgEnum("smart_client_kind", clientKinds);

/** Systems that use the FHIR API without a person (SMART backend services), and apps that a person opens. */
export const smartClient = pgTable(
  "smart_client",
  {
    id: id(),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    name: text("name").notNull(),
    kind: smartClientKind("kind").notNull().default("system"),
    /** Where an app may be answered, letter for letter; none of a system. */
    redirectUris: text("redirect_uris").array().notNull().default([]),
    /** The most that it may be given, SMART 2 scopes. */
    scopes: text("scopes").array().notNull(),
    /** Its public keys; it keeps the private ones. A public app has none. */
    jwks: jsonb("jwks").$type<JSONWebKeySet>().notNull(),
    registeredBy: uuid("registered_by")
      .notNull()
      .references(() => person.id),
    /** It gets no token any more, and those it has count no longer. */
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

/** What a person allowed an app. Never changed but by its end. */
export const smartGrant = pgTable(
  "smart_grant",
  {
    id: id(),
    clientId: uuid("client_id")
      .notNull()
      .references(() => smartClient.id),
    /** The session in which it was allowed; without `offline` the grant ends with it. */
    sessionId: uuid("session_id").notNull(),
    /** A member of staff at an institution, or a patient's phone. */
    personId: uuid("person_id").references(() => person.id),
    institutionId: uuid("institution_id").references(() => institution.id),
    phoneIndex: bytes("phone_index"),
    /** The patient in our own tables whom a phone chose. */
    patientId: uuid("patient_id").references(() => patient.id),
    /** Institution whose store the tokens are for, and the address as the app named it. */
    tenant: uuid("tenant")
      .notNull()
      .references(() => institution.id),
    audience: text("audience").notNull(),
    /** Ids in that store of the one patient that `patient/` scopes are about; the first is the launch context. */
    subjects: text("subjects").array().notNull(),
    scopes: text("scopes").array().notNull(),
    offline: boolean("offline").notNull(),
    /** Whether the app is given refresh tokens. */
    refreshes: boolean("refreshes").notNull(),
    grantedAt: instant("granted_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
    /** When the app took its first token; a code that is never taken up is no access. */
    activatedAt: instant("activated_at"),
    lastUsedAt: instant("last_used_at"),
    endedAt: instant("ended_at"),
    endReason: text("end_reason"),
    createdAt: createdAt(),
  },
  (table) => [
    index().on(table.personId),
    index().on(table.phoneIndex),
    index().on(table.sessionId),
    index().on(table.clientId),
  ],
);

/** Authorization codes: each buys tokens once, within a minute, for who asked for it. */
export const smartCode = pgTable(
  "smart_code",
  {
    codeHash: bytes("code_hash").primaryKey(),
    grantId: uuid("grant_id")
      .notNull()
      .references(() => smartGrant.id),
    redirectUri: text("redirect_uri").notNull(),
    /** SHA-256 of the verifier (RFC 7636, S256). */
    challenge: text("challenge").notNull(),
    expiresAt: instant("expires_at").notNull(),
    usedAt: instant("used_at"),
  },
  (table) => [index().on(table.grantId)],
);

/** Refresh tokens: each is good once; one that comes twice ends the whole grant. */
export const smartRefresh = pgTable(
  "smart_refresh",
  {
    tokenHash: bytes("token_hash").primaryKey(),
    grantId: uuid("grant_id")
      .notNull()
      .references(() => smartGrant.id),
    issuedAt: instant("issued_at").notNull(),
    usedAt: instant("used_at"),
  },
  (table) => [index().on(table.grantId)],
);
