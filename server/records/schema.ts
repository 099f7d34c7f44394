import { pgEnum, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { createdAt, instant } from "../db/columns.ts";
import { institution } from "../directory/schema.ts";
import { person } from "../identity/schema.ts";
import { recordStoreKinds } from "./domain.ts";

export const recordStoreKind = pgEnum("record_store_kind", recordStoreKinds);

/** Which institution keeps its records where: in a database of this cluster, or at its own FHIR server. */
export const recordStore = pgTable("record_store", {
  institutionId: uuid("institution_id")
    .primaryKey()
    .references(() => institution.id),
  kind: recordStoreKind("kind").notNull(),
  /** Hosted: the database's name. Remote: base address of the FHIR server. */
  location: text("location").notNull(),
  /** While set, the store answers nobody: 503. */
  pausedAt: instant("paused_at"),
  pausedBy: uuid("paused_by").references(() => person.id),
  createdAt: createdAt(),
});
