import { sql } from "drizzle-orm";
import {
  check,
  index,
  integer,
  jsonb,
  pgTable,
  smallint,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import type { CarriedResult } from "../../fhir-mappings/carried-result.ts";
import { createdAt, instant } from "../db/columns.ts";
import { institution } from "../directory/schema.ts";
import { recordOutside } from "../records/schema.ts";
import { referral, referralState } from "../referral/schema.ts";
import type { OutsideConsent, outsideFaults, ReplacedNumber } from "./domain.ts";

/**
 * A referral one of whose houses is outside and keeps its own FHIR server: what it has been told, what it said,
 * when it is tried next. The referral itself is a row like any other; this is the line between both servers.
 */
export const referralOutside = pgTable(
  "referral_outside",
  {
    referralId: uuid("referral_id")
      .primaryKey()
      .references(() => referral.id),
    /** The house of ours on the other side of it. */
    ourInstitutionId: uuid("our_institution_id")
      .notNull()
      .references(() => institution.id),
    houseId: uuid("house_id")
      .notNull()
      .references(() => institution.id),
    /** The side that the house outside is on: `to` when we sent it, `from` when it came. */
    side: text("side").notNull().$type<"from" | "to">(),
    /** Where it is told; null: it gave no address, and reads here. */
    outsideId: uuid("outside_id").references(() => recordOutside.id),
    /** A referral that came back and is sent again is another one to them. */
    attempt: smallint("attempt").notNull().default(1),
    /** Their own number of a referral that came from them: the condition by which it comes once. */
    theirSystem: text("their_system"),
    theirNumber: text("their_number"),
    /** Id of the Task at their server. */
    theirTask: text("their_task"),
    /** The state that both sides were last known to agree on. */
    agreedState: referralState("agreed_state"),
    theirState: referralState("their_state"),
    /** What they said of the patient's consent, of a referral that came from them; of older ones only who and when. */
    consent: jsonb("consent").$type<OutsideConsent | null>(),
    /** Referrals that it goes on from, as they named them: they travel on with whatever goes on from this one. */
    replaces: jsonb("replaces").$type<ReplacedNumber[]>().notNull().default([]),
    /** What their laboratories found, as it came with the referral. */
    results: jsonb("results").$type<CarriedResult[]>().notNull().default([]),
    /** The number of ours that they were told last; another one is told anew. */
    toldAppointmentAt: instant("told_appointment_at"),
    /** Who asks there, in their words. */
    requesterName: text("requester_name"),
    sentAt: instant("sent_at"),
    readAt: instant("read_at"),
    triedAt: instant("tried_at"),
    nextAt: instant("next_at"),
    fault: text("fault").$type<(typeof outsideFaults)[number]>(),
    failedCount: integer("failed_count").notNull().default(0),
    failingSince: instant("failing_since"),
    /** When people were told to ring them, in this spell of silence. */
    silenceToldAt: instant("silence_told_at"),
    /** They say this, the state table does not let it follow: people have to speak. */
    contradiction: referralState("contradiction"),
    contradictedAt: instant("contradicted_at"),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex("referral_outside_number")
      .on(table.houseId, table.ourInstitutionId, table.theirSystem, table.theirNumber)
      .where(sql`${table.theirNumber} is not null`),
    index().on(table.houseId),
    index().on(table.ourInstitutionId),
    check("referral_outside_side", sql`${table.side} in ('from', 'to')`),
    check("referral_outside_houses", sql`${table.houseId} <> ${table.ourInstitutionId}`),
    check(
      "referral_outside_number_whole",
      sql`num_nonnulls(${table.theirSystem}, ${table.theirNumber}) in (0, 2) and (${table.side} = 'to' or ${table.theirNumber} is not null)`,
    ),
    check(
      "referral_outside_contradiction",
      sql`(${table.contradiction} is null) = (${table.contradictedAt} is null)`,
    ),
  ],
);
