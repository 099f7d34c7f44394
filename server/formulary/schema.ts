import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  date,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { createdAt, id, instant } from "../db/columns.ts";
import { institution } from "../directory/schema.ts";
import { person } from "../identity/schema.ts";
import { type FormularyContent, formularyStates } from "./medicine.ts";

export const formularyState = pgEnum("formulary_state", formularyStates);

/**
 * A version of a house's formulary: imported or changed by one, published by a second, and then it stands. A house
 * without one of its own goes by the starter, which belongs to nobody.
 */
export const formularyVersion = pgTable(
  "formulary_version",
  {
    id: id(),
    /** Null: the starter. */
    institutionId: uuid("institution_id").references(() => institution.id),
    version: integer("version").notNull(),
    validFrom: date("valid_from").notNull(),
    state: formularyState("state").notNull().default("draft"),
    content: jsonb("content").$type<FormularyContent>().notNull(),
    /** What is different, for the second person. */
    note: text("note").notNull(),
    starter: boolean("starter").notNull().default(false),
    authoredBy: uuid("authored_by").references(() => person.id),
    publishedBy: uuid("published_by").references(() => person.id),
    publishedAt: instant("published_at"),
    createdAt: createdAt(),
  },
  (table) => [
    unique("formulary_version_number").on(table.institutionId, table.version).nullsNotDistinct(),
    index().on(table.institutionId, table.validFrom),
    check("formulary_version_owner", sql`${table.starter} = (${table.institutionId} is null)`),
    check(
      "formulary_version_second_person",
      sql`${table.starter} or (${table.authoredBy} is not null and (${table.state} = 'draft' or
        (${table.publishedBy} is not null and ${table.publishedAt} is not null and ${table.publishedBy} <> ${table.authoredBy})))`,
    ),
  ],
);
