import { jsonb, pgTable, primaryKey, smallint, text } from "drizzle-orm/pg-core";
import { bytes, instant } from "../db/columns.ts";

/** The answer to a write, kept so that a repeated write gets the same answer and changes nothing. */
export const idempotencyKey = pgTable(
  "idempotency_key",
  {
    actorKey: text("actor_key").notNull(),
    key: text("key").notNull(),
    requestHash: bytes("request_hash").notNull(),
    status: smallint("status"),
    body: jsonb("body"),
    createdAt: instant("created_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.actorKey, table.key] })],
);
