import { sql } from "drizzle-orm";
import {
  bigserial,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { createdAt, id, instant } from "../db/columns.ts";
import { institution } from "../directory/schema.ts";
import { person } from "../identity/schema.ts";
import { contactRelation, patient } from "../patients/schema.ts";
import {
  evidenceSources,
  type KnownDiagnosis,
  redirectKinds,
  redirectReasons,
  stopReasons,
  visitDecisions,
  visitStates,
} from "./domain.ts";

export const visitState = pgEnum("visit_state", visitStates);
export const visitDecision = pgEnum("visit_decision", visitDecisions);
export const visitEvidence = pgEnum("visit_evidence", evidenceSources);
export const visitRedirect = pgEnum("visit_redirect", redirectKinds);
export const visitRedirectReason = pgEnum("visit_redirect_reason", redirectReasons);
export const visitStopReason = pgEnum("visit_stop_reason", stopReasons);

/** Problem-oriented: what the patient says, what is seen, what it is, what is done. */
export type VisitNote = { s: string; o: string; a: string; p: string };

/** A doctor receives by video until then. */
export const visitDuty = pgTable(
  "visit_duty",
  {
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    doctorId: uuid("doctor_id")
      .notNull()
      .references(() => person.id),
    since: instant("since").notNull(),
    until: instant("until").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.institutionId, table.doctorId] }),
    index().on(table.until),
    check("visit_duty_order", sql`${table.until} >= ${table.since}`),
  ],
);

/** A video visit (视频复诊). */
export const visit = pgTable(
  "visit",
  {
    id: id(),
    number: text("number").notNull().unique(),
    version: integer("version").notNull().default(1),
    state: visitState("state").notNull().default("requested"),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    /** Whom the patient chose; null: whoever is free. From the call on who called. */
    doctorId: uuid("doctor_id").references(() => person.id),
    /** What the person with the phone is to the patient. */
    relation: contactRelation("relation").notNull(),
    condition: jsonb("condition").$type<{ code: string | null; text: string }>().notNull(),
    reason: text("reason").notNull(),
    /** The triage answer without a red flag that came before. */
    assessmentId: uuid("assessment_id").notNull(),
    evidenceFrom: visitEvidence("evidence_from").notNull(),
    evidence: jsonb("evidence").$type<KnownDiagnosis[]>().notNull(),
    callbackCipher: text("callback_cipher").notNull(),
    requestedAt: instant("requested_at").notNull(),
    waitingAt: instant("waiting_at"),
    dueAt: instant("due_at"),
    calledAt: instant("called_at"),
    startedAt: instant("started_at"),
    endedAt: instant("ended_at"),
    guardianName: text("guardian_name"),
    guardianPresent: boolean("guardian_present").notNull().default(false),
    decision: visitDecision("decision"),
    decisionReason: text("decision_reason"),
    decidedBy: uuid("decided_by").references(() => person.id),
    decidedAt: instant("decided_at"),
    note: jsonb("note").$type<VisitNote>().notNull(),
    diagnoses: jsonb("diagnoses").$type<{ code: string | null; text: string }[]>().notNull(),
    /** For the patient, in plain words. */
    summary: text("summary").notNull().default(""),
    returnWhen: text("return_when").notNull().default(""),
    callWhen: text("call_when").notNull().default(""),
    redirectKind: visitRedirect("redirect_kind"),
    redirectReason: visitRedirectReason("redirect_reason"),
    /** The appointment, consult or referral that it became. */
    redirectId: uuid("redirect_id"),
    stopReason: visitStopReason("stop_reason"),
    updatedAt: instant("updated_at").notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    index().on(table.institutionId, table.state, table.waitingAt),
    index().on(table.patientId, table.requestedAt),
    uniqueIndex("visit_open_once")
      .on(table.patientId)
      .where(sql`${table.state} in ('requested', 'waiting', 'called', 'in-visit')`),
    check(
      "visit_waits",
      sql`${table.state} not in ('waiting', 'called', 'in-visit', 'ended') or ${table.waitingAt} is not null`,
    ),
    check(
      "visit_seen",
      sql`${table.state} not in ('called', 'in-visit', 'ended') or (${table.doctorId} is not null and ${table.calledAt} is not null)`,
    ),
    check(
      "visit_started",
      sql`${table.state} not in ('in-visit', 'ended') or ${table.startedAt} is not null`,
    ),
    check(
      "visit_ended_complete",
      sql`${table.state} <> 'ended' or (${table.decision} = 'eligible' and ${table.endedAt} is not null and btrim(${table.summary}) <> ''
        and btrim(${table.returnWhen}) <> '' and btrim(${table.callWhen}) <> '')`,
    ),
    check(
      "visit_redirected",
      sql`(${table.state} = 'redirected') = (${table.redirectKind} is not null) and (${table.redirectKind} is null) = (${table.redirectReason} is null)
        and (${table.redirectKind} is null or ${table.redirectKind} = 'in-person' or ${table.redirectId} is not null)`,
    ),
    check(
      "visit_decided",
      sql`num_nonnulls(${table.decision}, ${table.decidedBy}, ${table.decidedAt}, ${table.decisionReason}) in (0, 4)
        and (${table.decision} is null or btrim(${table.decisionReason}) <> '')`,
    ),
    check("visit_said", sql`btrim(${table.reason}) <> ''`),
  ],
);

/** Each step, and what was done about a silent patient, with who and why; never changed. */
export const visitStep = pgTable(
  "visit_step",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    visitId: uuid("visit_id")
      .notNull()
      .references(() => visit.id),
    action: text("action").notNull(),
    fromState: visitState("from_state"),
    toState: visitState("to_state").notNull(),
    personId: uuid("person_id").references(() => person.id),
    reason: text("reason"),
    at: instant("at").notNull(),
  },
  (table) => [index().on(table.visitId)],
);

/** What the media node reported: who came and went. */
export const visitPresence = pgTable(
  "visit_presence",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    /** The node's own event id: a repeated callback changes nothing. */
    eventId: text("event_id").notNull().unique(),
    visitId: uuid("visit_id")
      .notNull()
      .references(() => visit.id),
    type: text("type").notNull(),
    role: text("role"),
    subject: text("subject"),
    name: text("name"),
    at: instant("at").notNull(),
  },
  (table) => [index().on(table.visitId, table.at)],
);
