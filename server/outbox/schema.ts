import { sql } from "drizzle-orm";
import { bigserial, index, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { createdAt } from "../db/columns.ts";

/**
 * A change that others are told about, committed together with the change itself. It carries no
 * content: pages that hear of it read again and see what they may see.
 */
export const outboxEvent = pgTable(
  "outbox_event",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    topic: text("topic").notNull(),
    entityId: text("entity_id").notNull(),
    version: integer("version").notNull().default(0),
    institutionIds: uuid("institution_ids").array().notNull().default(sql`'{}'`),
    personIds: uuid("person_ids").array().notNull().default(sql`'{}'`),
    patientIds: uuid("patient_ids").array().notNull().default(sql`'{}'`),
    detail: jsonb("detail").notNull().default({}),
    createdAt: createdAt(),
  },
  (table) => [index().on(table.createdAt)],
);
