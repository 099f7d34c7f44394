import { index, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { createdAt, instant } from "../db/columns.ts";
import { person } from "../identity/schema.ts";

/** Public halves of signing keys. The private half never leaves the signer's browser. */
export const signingKey = pgTable(
  "signing_key",
  {
    /** RFC 7638 thumbprint. */
    kid: text("kid").primaryKey(),
    personId: uuid("person_id")
      .notNull()
      .references(() => person.id),
    publicJwk: jsonb("public_jwk")
      .$type<{ kty: "EC"; crv: "P-256"; x: string; y: string }>()
      .notNull(),
    label: text("label"),
    registeredAt: instant("registered_at").notNull(),
    revokedAt: instant("revoked_at"),
    revokedReason: text("revoked_reason"),
    replacedBy: text("replaced_by"),
    createdAt: createdAt(),
  },
  (table) => [index().on(table.personId)],
);
