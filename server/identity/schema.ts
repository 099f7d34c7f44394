import {
  bigint,
  boolean,
  foreignKey,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { bytes, createdAt, id, instant } from "../db/columns.ts";
import { department, institution } from "../directory/schema.ts";
import { sessionKinds } from "./domain.ts";

export const sessionKind = pgEnum("session_kind", sessionKinds);

/** Anyone who works in the alliance. Patients are in `patient`; one person may be both. */
export const person = pgTable("person", {
  id: id(),
  name: text("name").notNull(),
  nameBo: text("name_bo"),
  nameEn: text("name_en"),
  demo: boolean("demo").notNull().default(false),
  createdAt: createdAt(),
});

export const staffAccount = pgTable("staff_account", {
  personId: uuid("person_id")
    .primaryKey()
    .references(() => person.id),
  loginName: text("login_name").notNull().unique(),
  passwordHash: text("password_hash").notNull(),
  totpSecretCipher: text("totp_secret_cipher"),
  /** A new app that has not shown its first code yet. */
  totpPendingCipher: text("totp_pending_cipher"),
  totpConfirmedAt: instant("totp_confirmed_at"),
  /** Last accepted 30-second step: a code is used once. */
  totpLastStep: bigint("totp_last_step", { mode: "number" }),
  failedCount: integer("failed_count").notNull().default(0),
  lockedUntil: instant("locked_until"),
});

export const passkey = pgTable("passkey", {
  id: id(),
  personId: uuid("person_id")
    .notNull()
    .references(() => person.id),
  credentialId: text("credential_id").notNull().unique(),
  publicKey: bytes("public_key").notNull(),
  counter: bigint("counter", { mode: "number" }).notNull(),
  transports: jsonb("transports").$type<string[]>().notNull(),
  createdAt: createdAt(),
});

/** Roles are rows; what a role may do are rows as well. */
export const role = pgTable("role", {
  code: text("code").primaryKey(),
  nameZh: text("name_zh").notNull(),
  nameEn: text("name_en").notNull(),
  nameBo: text("name_bo").notNull(),
});

export const rolePermission = pgTable(
  "role_permission",
  {
    roleCode: text("role_code")
      .notNull()
      .references(() => role.code),
    permission: text("permission").notNull(),
  },
  (table) => [primaryKey({ columns: [table.roleCode, table.permission] })],
);

export const roleAssignment = pgTable(
  "role_assignment",
  {
    id: id(),
    personId: uuid("person_id")
      .notNull()
      .references(() => person.id),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    departmentId: uuid("department_id"),
    roleCode: text("role_code")
      .notNull()
      .references(() => role.code),
    validUntil: instant("valid_until"),
  },
  (table) => [
    unique().on(table.personId, table.institutionId, table.roleCode),
    foreignKey({
      columns: [table.departmentId, table.institutionId],
      foreignColumns: [department.id, department.institutionId],
    }),
    index().on(table.institutionId, table.roleCode),
  ],
);

export const session = pgTable(
  "session",
  {
    id: id(),
    tokenHash: bytes("token_hash").notNull().unique(),
    /** The token before the last rotation stays good for a minute, for requests already on their way. */
    previousTokenHash: bytes("previous_token_hash").unique(),
    rotatedAt: instant("rotated_at").notNull(),
    kind: sessionKind("kind").notNull(),
    personId: uuid("person_id").references(() => person.id),
    phoneIndex: bytes("phone_index"),
    guestId: uuid("guest_id"),
    /** The institution a member of staff works for in this session. */
    institutionId: uuid("institution_id").references(() => institution.id),
    csrfToken: text("csrf_token").notNull(),
    userAgent: text("user_agent"),
    lastSeenAt: instant("last_seen_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
    /** When the person last proved who they are; signing asks for a recent one. */
    strongAt: instant("strong_at"),
    /** Set while the screen is locked: until then nothing may be read or done, in any tab. */
    lockedAt: instant("locked_at"),
    revokedAt: instant("revoked_at"),
    createdAt: createdAt(),
  },
  (table) => [index().on(table.personId)],
);

/** One-time codes sent by SMS, by blind index of the phone. */
export const phoneCode = pgTable("phone_code", {
  phoneIndex: bytes("phone_index").primaryKey(),
  codeHash: bytes("code_hash").notNull(),
  attempts: integer("attempts").notNull().default(0),
  /** Codes since `windowStartedAt`; a day has a limit. */
  sentCount: integer("sent_count").notNull().default(1),
  windowStartedAt: instant("window_started_at").notNull(),
  expiresAt: instant("expires_at").notNull(),
  sentAt: instant("sent_at").notNull(),
});

/** Challenges of WebAuthn and of a first factor that waits for the second; used once. */
export const authChallenge = pgTable("auth_challenge", {
  id: id(),
  kind: text("kind").notNull(),
  personId: uuid("person_id"),
  challenge: text("challenge").notNull(),
  expiresAt: instant("expires_at").notNull(),
});
