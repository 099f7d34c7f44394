import { index, jsonb, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { createdAt, id, instant } from "../db/columns.ts";

/** A notice to a member of staff; the words are made by the reader's page from kind and values. */
export const notice = pgTable(
  "notice",
  {
    id: id(),
    personId: uuid("person_id").notNull(),
    kind: text("kind").notNull(),
    entityType: text("entity_type").notNull(),
    entityId: text("entity_id").notNull(),
    detail: jsonb("detail").notNull().default({}),
    /** The same thing is told once. */
    dedupeKey: text("dedupe_key").notNull(),
    at: instant("at").notNull(),
    readAt: instant("read_at"),
    createdAt: createdAt(),
  },
  (table) => [
    unique().on(table.personId, table.dedupeKey),
    index().on(table.personId, table.readAt),
  ],
);

/** Text messages to be sent. No diagnosis is ever in one. In the demo the outbox page shows them. */
export const smsMessage = pgTable(
  "sms_message",
  {
    id: id(),
    phoneCipher: text("phone_cipher").notNull(),
    kind: text("kind").notNull(),
    textCipher: text("text_cipher").notNull(),
    dedupeKey: text("dedupe_key").notNull().unique(),
    at: instant("at").notNull(),
    sentAt: instant("sent_at"),
    failedReason: text("failed_reason"),
    createdAt: createdAt(),
  },
  (table) => [index().on(table.sentAt)],
);
