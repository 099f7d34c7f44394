import { sql } from "drizzle-orm";
import { index, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { createdAt, id, instant } from "../db/columns.ts";

/**
 * A clock that somebody waits for. It is claimed, acted on and stamped in one transaction: a process that
 * dies in between leaves it as it was, and it fires once.
 */
export const alarm = pgTable(
  "alarm",
  {
    id: id(),
    /** Name of a registered handler, `capability:what`. */
    kind: text("kind").notNull(),
    entityId: uuid("entity_id").notNull(),
    /** One clock of a kind per thing: setting it again moves it. */
    key: text("key").notNull().unique(),
    dueAt: instant("due_at").notNull(),
    /** Codes and numbers only. */
    detail: jsonb("detail").$type<Record<string, string | number | null>>().notNull().default({}),
    firedAt: instant("fired_at"),
    attempts: integer("attempts").notNull().default(0),
    createdAt: createdAt(),
  },
  (table) => [
    index("alarm_due").on(table.dueAt).where(sql`${table.firedAt} is null`),
    index().on(table.entityId),
  ],
);
