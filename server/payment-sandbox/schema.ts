/** What the sandbox of a payment provider keeps: in its own tables, as if it were another company's. */
import { sql } from "drizzle-orm";
import { bigint, date, index, pgTable, smallint, text, uuid } from "drizzle-orm/pg-core";
import { instant } from "../db/columns.ts";

const fen = () => bigint("amount_fen", { mode: "number" }).notNull();

export const sandboxOrder = pgTable(
  "sandbox_order",
  {
    /** The merchant's number. */
    id: uuid("id").primaryKey(),
    reference: text("reference").notNull().unique(),
    amountFen: fen(),
    subject: text("subject").notNull(),
    notifyUrl: text("notify_url").notNull(),
    returnUrl: text("return_url").notNull(),
    state: text("state").$type<"open" | "paid" | "declined">().notNull(),
    expiresAt: instant("expires_at").notNull(),
    endedAt: instant("ended_at"),
    /** Of the calendar in Shanghai, when it was paid. */
    day: date("day"),
  },
  (table) => [index().on(table.day)],
);

export const sandboxRefund = pgTable(
  "sandbox_refund",
  {
    id: uuid("id").primaryKey(),
    orderId: uuid("order_id")
      .notNull()
      .references(() => sandboxOrder.id),
    amountFen: fen(),
    at: instant("at").notNull(),
    day: date("day").notNull(),
  },
  (table) => [index().on(table.day)],
);

/** What it has to tell, until it was heard. */
export const sandboxMessage = pgTable(
  "sandbox_message",
  {
    id: uuid("id").primaryKey().default(sql`gen_random_uuid()`),
    url: text("url").notNull(),
    body: text("body").notNull(),
    dueAt: instant("due_at").notNull(),
    attempts: smallint("attempts").notNull().default(0),
    heardAt: instant("heard_at"),
  },
  (table) => [
    index("sandbox_message_waiting").on(table.dueAt).where(sql`${table.heardAt} is null`),
  ],
);
