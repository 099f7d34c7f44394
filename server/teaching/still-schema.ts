import { sql } from "drizzle-orm";
import { check, index, integer, pgTable, uuid } from "drizzle-orm/pg-core";
import { bytes, createdAt, id, instant } from "../db/columns.ts";
import { person } from "../identity/schema.ts";
import { teachingSession } from "./schema.ts";

/** A picture that a speaker brought to the board: drawn anew, so that nothing but pixels was kept of the file. */
export const teachingStill = pgTable(
  "teaching_still",
  {
    id: id(),
    sessionId: uuid("session_id")
      .notNull()
      .references(() => teachingSession.id, { onDelete: "cascade" }),
    width: integer("width").notNull(),
    height: integer("height").notNull(),
    thinBytes: integer("thin_bytes").notNull(),
    sha256: bytes("sha256").notNull(),
    takenBy: uuid("taken_by")
      .notNull()
      .references(() => person.id),
    /** Who took it said that nobody can be recognised in it. */
    lookedAt: instant("looked_at").notNull(),
    createdAt: createdAt(),
    /** Taken away again: nobody sees it, in the replay neither. */
    removedAt: instant("removed_at"),
    removedBy: uuid("removed_by").references(() => person.id),
  },
  (table) => [
    index().on(table.sessionId),
    check(
      "teaching_still_sane",
      sql`${table.width} > 0 and ${table.height} > 0 and ${table.thinBytes} between 1 and 40000
        and (${table.removedAt} is null) = (${table.removedBy} is null)`,
    ),
  ],
);
