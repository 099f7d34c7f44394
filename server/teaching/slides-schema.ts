import { sql } from "drizzle-orm";
import {
  bigint,
  check,
  index,
  integer,
  pgEnum,
  pgTable,
  primaryKey,
  smallint,
  text,
  uuid,
} from "drizzle-orm/pg-core";
import { bytes, createdAt, instant } from "../db/columns.ts";
import { person } from "../identity/schema.ts";
import { teachingSession } from "./schema.ts";
import { deckRefusals, deckStates } from "./slides-domain.ts";

export const teachingDeckState = pgEnum("teaching_deck_state", deckStates);
export const teachingDeckRefusal = pgEnum("teaching_deck_refusal", deckRefusals);

/** A PDF of slides and what became of it. The newest that is ready is shown; older ones stay for the replay. */
export const teachingDeck = pgTable(
  "teaching_deck",
  {
    /** The same as that of its upload. */
    id: uuid("id").primaryKey(),
    sessionId: uuid("session_id")
      .notNull()
      .references(() => teachingSession.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    state: teachingDeckState("state").notNull().default("uploading"),
    refusal: teachingDeckRefusal("refusal"),
    sizeBytes: bigint("size_bytes", { mode: "number" }).notNull(),
    receivedBytes: bigint("received_bytes", { mode: "number" }).notNull().default(0),
    sha256: bytes("sha256"),
    pages: smallint("pages"),
    pagesDone: smallint("pages_done").notNull().default(0),
    uploadedBy: uuid("uploaded_by")
      .notNull()
      .references(() => person.id),
    readyAt: instant("ready_at"),
    /** Taken away by who plans it; what was shown of it stays for the replay. */
    removedAt: instant("removed_at"),
    createdAt: createdAt(),
  },
  (table) => [
    index().on(table.sessionId),
    check(
      "teaching_deck_state",
      sql`(${table.state} = 'refused') = (${table.refusal} is not null) and (${table.state} = 'ready') = (${table.readyAt} is not null)
        and (${table.state} <> 'ready' or ${table.pagesDone} = ${table.pages}) and coalesce(${table.pages}, 1) between 1 and 300`,
    ),
  ],
);

/** One page: its picture lies sealed in the store, in a full and a thin version. */
export const teachingSlide = pgTable(
  "teaching_slide",
  {
    deckId: uuid("deck_id")
      .notNull()
      .references(() => teachingDeck.id, { onDelete: "cascade" }),
    page: smallint("page").notNull(),
    width: integer("width").notNull(),
    height: integer("height").notNull(),
    title: text("title"),
    text: text("text").notNull(),
    fullBytes: integer("full_bytes").notNull(),
    thinBytes: integer("thin_bytes").notNull(),
    /** Of the full picture: names both versions for caches. */
    sha256: bytes("sha256").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.deckId, table.page] }),
    check("teaching_slide_page", sql`${table.page} between 1 and 300`),
  ],
);
