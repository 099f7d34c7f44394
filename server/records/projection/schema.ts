/** How far the record stores are with what the alliance's own tables say. */
import { sql } from "drizzle-orm";
import { bigserial, check, index, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { instant } from "../../db/columns.ts";
import { recordStore } from "../schema.ts";
import { projectionKinds } from "./kinds.ts";

/**
 * Something changed that an institution's record store shows: written by triggers in the transaction of
 * the change, taken out in the one that says that the store has it. Names, never content.
 */
export const recordChange = pgTable(
  "record_change",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    /** Without a foreign key: a booking's transaction waits for nobody here. */
    institutionId: uuid("institution_id").notNull(),
    kind: text("kind").notNull(),
    entityId: text("entity_id").notNull(),
  },
  (table) => [
    index().on(table.institutionId, table.id),
    check(
      "record_change_kind",
      sql`${table.kind} in (${sql.raw(projectionKinds.map((kind) => `'${kind}'`).join(", "))})`,
    ),
  ],
);

/** One row per hosted store; whoever works on a store holds its row, so that one does at a time. */
export const recordProjection = pgTable("record_projection", {
  institutionId: uuid("institution_id")
    .primaryKey()
    .references(() => recordStore.institutionId),
  /** Where the walk through everything stands; null: it is through. */
  walkKind: text("walk_kind"),
  walkAfter: text("walk_after").notNull().default(""),
  /** When the last walk came to its end. */
  walkedAt: instant("walked_at"),
});
