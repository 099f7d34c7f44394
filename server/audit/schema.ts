import { sql } from "drizzle-orm";
import { bigint, bigserial, index, inet, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { bytes, instant } from "../db/columns.ts";

/** Who did or saw what, from where, why. Inserted in the same transaction; never updated or deleted. */
export const auditEvent = pgTable(
  "audit_event",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    at: instant("at").notNull().default(sql`clock_timestamp()`),
    actorKind: text("actor_kind").notNull(),
    actorId: text("actor_id"),
    actorName: text("actor_name"),
    institutionId: uuid("institution_id"),
    action: text("action").notNull(),
    entityType: text("entity_type").notNull(),
    entityId: text("entity_id"),
    patientId: uuid("patient_id"),
    purpose: text("purpose"),
    correlationId: text("correlation_id"),
    address: inet("address"),
    detail: jsonb("detail").notNull().default({}),
  },
  (table) => [index().on(table.patientId, table.at), index().on(table.institutionId, table.at)],
);

/** The hash chain over the events, built by one job: a changed or missing event breaks it. */
export const auditChain = pgTable("audit_chain", {
  position: bigint("position", { mode: "number" }).primaryKey(),
  eventId: bigint("event_id", { mode: "number" }).notNull().unique(),
  hash: bytes("hash").notNull(),
});
