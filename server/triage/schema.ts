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
import { contactRelation, patient } from "../patients/schema.ts";
import type { Facts } from "./facts.ts";
import type { TriageContent } from "./grammar.ts";
import {
  triageCheckAnswers,
  triageOutcomes,
  triageSetStates,
  triageUrgencies,
} from "./outcomes.ts";

export const triageOutcome = pgEnum("triage_outcome", triageOutcomes);
export const triageUrgency = pgEnum("triage_urgency", triageUrgencies);
export const triageSetState = pgEnum("triage_set_state", triageSetStates);
export const triageCheckAnswer = pgEnum("triage_check_answer", triageCheckAnswers);

/**
 * A version of the rules (where to go and why). A draft may be changed by its author; once a second
 * clinician has published it, it stands.
 */
export const triageRuleSet = pgTable(
  "triage_rule_set",
  {
    id: id(),
    /** `CN` for the whole alliance, or a region that has its own. */
    region: text("region").notNull(),
    version: integer("version").notNull(),
    validFrom: date("valid_from").notNull(),
    state: triageSetState("state").notNull().default("draft"),
    content: jsonb("content").$type<TriageContent>().notNull(),
    /** What is different in this version, for the second clinician. */
    note: text("note").notNull(),
    /** Comes with every database; has neither author nor publisher. */
    starter: boolean("starter").notNull().default(false),
    authoredBy: uuid("authored_by").references(() => person.id),
    publishedBy: uuid("published_by").references(() => person.id),
    publishedAt: instant("published_at"),
    createdAt: createdAt(),
  },
  (table) => [
    unique().on(table.region, table.version),
    check("triage_rule_set_region", sql`${table.region} in ('CN', 'CN-31', 'CN-54')`),
    check(
      "triage_rule_set_second_clinician",
      sql`${table.starter} or (${table.authoredBy} is not null and (${table.state} = 'draft' or
        (${table.publishedBy} is not null and ${table.publishedAt} is not null and ${table.publishedBy} <> ${table.authoredBy})))`,
    ),
  ],
);

/** One person triaged: what was answered and measured, by which version, and where it led. */
export const triageAssessment = pgTable(
  "triage_assessment",
  {
    id: id(),
    ruleSetId: uuid("rule_set_id")
      .notNull()
      .references(() => triageRuleSet.id),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    /** The institution whose staff asked; null when answered on a phone. */
    institutionId: uuid("institution_id").references(() => institution.id),
    assessedBy: uuid("assessed_by").references(() => person.id),
    relation: contactRelation("relation").notNull(),
    assessedAt: instant("assessed_at").notNull(),
    complaint: text("complaint").notNull(),
    facts: jsonb("facts").$type<Facts>().notNull(),
    outcome: triageOutcome("outcome").notNull(),
    urgency: triageUrgency("urgency").notNull(),
    /** Keys of the rules that fired, the most cautious first. */
    rules: text("rules").array().notNull(),
    /** Those among them that are red flags. */
    redFlags: text("red_flags").array().notNull(),
    /** The pressure is to be measured again after rest. */
    remeasure: boolean("remeasure").notNull(),
    /** Home advice: when somebody asks how it went. */
    checkDueAt: instant("check_due_at"),
    toldAt: instant("told_at"),
    checkedAt: instant("checked_at"),
    checkAnswer: triageCheckAnswer("check_answer"),
    createdAt: createdAt(),
  },
  (table) => [
    index().on(table.patientId, table.assessedAt),
    index().on(table.institutionId, table.assessedAt),
    index("triage_assessment_check_due")
      .on(table.checkDueAt)
      .where(sql`${table.toldAt} is null and ${table.checkedAt} is null`),
    check(
      "triage_assessment_asked",
      sql`(${table.institutionId} is null) = (${table.assessedBy} is null)`,
    ),
    check(
      "triage_assessment_check",
      sql`(${table.checkDueAt} is not null) = (${table.outcome} = 'home-advice') and (${table.checkedAt} is null) = (${table.checkAnswer} is null)`,
    ),
    check(
      "triage_assessment_emergency",
      sql`(${table.outcome} = 'emergency') = (${table.urgency} = 'emergency')`,
    ),
  ],
);

/** A doctor who has examined decides otherwise than the rules. Once an assessment; it stands. */
export const triageOverrule = pgTable(
  "triage_overrule",
  {
    assessmentId: uuid("assessment_id")
      .primaryKey()
      .references(() => triageAssessment.id),
    overruledBy: uuid("overruled_by")
      .notNull()
      .references(() => person.id),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    overruledAt: instant("overruled_at").notNull(),
    /** When the patient was examined. */
    examinedAt: instant("examined_at").notNull(),
    examined: boolean("examined").notNull(),
    outcome: triageOutcome("outcome").notNull(),
    urgency: triageUrgency("urgency").notNull(),
    reason: text("reason").notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    index().on(table.institutionId, table.overruledAt),
    check(
      "triage_overrule_examined",
      sql`${table.examined} and ${table.examinedAt} <= ${table.overruledAt}`,
    ),
    check("triage_overrule_reason", sql`length(btrim(${table.reason})) >= 5`),
    check(
      "triage_overrule_emergency",
      sql`(${table.outcome} = 'emergency') = (${table.urgency} = 'emergency')`,
    ),
  ],
);
