import { sql } from "drizzle-orm";
import {
  type AnyPgColumn,
  bigserial,
  boolean,
  check,
  date,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { appointment } from "../booking/schema.ts";
import { bedStay } from "../capacity/schema.ts";
import { consentMethod, consult, type Diagnosis, type Vitals } from "../consult/schema.ts";
import { createdAt, id, instant } from "../db/columns.ts";
import { alliance, department, institution } from "../directory/schema.ts";
import { person } from "../identity/schema.ts";
import { patient } from "../patients/schema.ts";
import {
  episodeStates,
  followUpKinds,
  followUpStates,
  type Medicine,
  type PendingResult,
  type ReferralCriterion,
  type ReturnTrigger,
  referralUrgencies,
  type WardFact,
} from "./domain.ts";
import {
  type PlanContent,
  type PlanReceiver,
  type PlanTrigger,
  type PlanWords,
  planStates,
} from "./plan-domain.ts";
import { referralDirections, referralStates } from "./states.ts";

export const episodeState = pgEnum("episode_state", episodeStates);
export const referralState = pgEnum("referral_state", referralStates);
export const referralDirection = pgEnum("referral_direction", referralDirections);
export const referralUrgency = pgEnum("referral_urgency", referralUrgencies);
export const followUpState = pgEnum("follow_up_state", followUpStates);
export const followUpKind = pgEnum("follow_up_kind", followUpKinds);

export const planState = pgEnum("plan_state", planStates);

/**
 * A version of the ways of one alliance. A draft may be changed by its author; once a second clinician has
 * published it, it stands, and its ways are the rows of `pathway` from its day on.
 */
export const alliancePlan = pgTable(
  "alliance_plan",
  {
    id: id(),
    allianceId: uuid("alliance_id")
      .notNull()
      .references(() => alliance.id),
    version: integer("version").notNull(),
    validFrom: date("valid_from").notNull(),
    state: planState("state").notNull().default("draft"),
    content: jsonb("content").$type<PlanContent>().notNull(),
    /** What is different in this version, for the second clinician. */
    note: text("note").notNull(),
    /** Came with the set-up; has neither author nor publisher. */
    starter: boolean("starter").notNull().default(false),
    authoredBy: uuid("authored_by").references(() => person.id),
    publishedBy: uuid("published_by").references(() => person.id),
    publishedAt: instant("published_at"),
    createdAt: createdAt(),
  },
  (table) => [
    unique().on(table.allianceId, table.version),
    check(
      "alliance_plan_second_clinician",
      sql`${table.starter} or (${table.authoredBy} is not null and (${table.state} = 'draft' or
        (${table.publishedBy} is not null and ${table.publishedAt} is not null and ${table.publishedBy} <> ${table.authoredBy})))`,
    ),
  ],
);

/** From the first complaint to the last follow-up: owns referrals, consults, appointments and follow-ups. */
export const episode = pgTable(
  "episode",
  {
    id: id(),
    /** `BC` + date + sequence. */
    number: text("number").notNull().unique(),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    state: episodeState("state").notNull().default("active"),
    version: integer("version").notNull().default(1),
    complaint: text("complaint").notNull(),
    openedByInstitutionId: uuid("opened_by_institution_id")
      .notNull()
      .references(() => institution.id),
    openedBy: uuid("opened_by").references(() => person.id),
    openedAt: instant("opened_at").notNull(),
    /** The house that looks after the patient between visits, where follow-ups are made. */
    careInstitutionId: uuid("care_institution_id")
      .notNull()
      .references(() => institution.id),
    closedAt: instant("closed_at"),
    closeReason: text("close_reason"),
    createdAt: createdAt(),
  },
  (table) => [
    index().on(table.patientId),
    index().on(table.openedByInstitutionId),
    index().on(table.careInstitutionId),
    check("episode_closed", sql`(${table.state} = 'active') = (${table.closedAt} is null)`),
  ],
);

/** A way of the alliance or of one specialty alliance: whom it takes, by which criteria. */
export const pathway = pgTable(
  "pathway",
  {
    id: id(),
    /** Null: of every alliance. */
    allianceId: uuid("alliance_id").references(() => alliance.id),
    direction: referralDirection("direction").notNull(),
    /** The version that it came with; null for the ways of every alliance. */
    planId: uuid("plan_id").references(() => alliancePlan.id),
    code: text("code").notNull(),
    nameZh: text("name_zh").notNull(),
    nameEn: text("name_en").notNull(),
    nameBo: text("name_bo"),
    /** Specialties that it leads to (prefixes of the national list); empty: all. */
    specialtyCodes: text("specialty_codes").array().notNull(),
    /** Diagnoses (ICD-10 prefixes) that it takes; of a way down: those with a part nearer home. Empty: any. */
    diagnosisPrefixes: text("diagnosis_prefixes").array().notNull().default(sql`'{}'`),
    /** Days until the first follow-up after coming home. */
    reviewDays: smallint("review_days"),
    /** Days of all follow-ups after coming home; the first is `reviewDays`. */
    followUpDays: smallint("follow_up_days").array().notNull().default([]),
    /** Houses that receive on this way, whoever is asked first first. */
    receivers: jsonb("receivers").$type<PlanReceiver[]>().notNull().default([]),
    /** What the receiving house wants to read. */
    wantedResults: jsonb("wanted_results").$type<PlanWords[]>().notNull().default([]),
    /** When the patient is to be brought back, unless the ward writes otherwise. */
    returnTriggers: jsonb("return_triggers").$type<PlanTrigger[]>().notNull().default([]),
    validFrom: date("valid_from").notNull(),
    validUntil: date("valid_until"),
    source: text("source").notNull(),
    recalled: boolean("recalled").notNull(),
  },
  (table) => [
    // One that was followed on its own day never counted.
    check("pathway_days", sql`${table.validUntil} >= ${table.validFrom}`),
    unique("pathway_code_once").on(table.planId, table.code).nullsNotDistinct(),
    index().on(table.allianceId),
  ],
);

export const pathwayCriterion = pgTable(
  "pathway_criterion",
  {
    pathwayId: uuid("pathway_id")
      .notNull()
      .references(() => pathway.id),
    code: text("code").notNull(),
    position: smallint("position").notNull(),
    textZh: text("text_zh").notNull(),
    textEn: text("text_en").notNull(),
    textBo: text("text_bo"),
    /** Ticked by itself when a measured value says so: `{"systolicMmHg": {"atLeast": 180}}`. */
    evidence: jsonb("evidence").$type<Record<
      string,
      { atLeast?: number; atMost?: number }
    > | null>(),
    /** Looked up in what is recorded: `{"fact": "stable-vitals", "hours": 24}`. Null: a person says so. */
    wardFact: jsonb("ward_fact").$type<WardFact | null>(),
  },
  (table) => [primaryKey({ columns: [table.pathwayId, table.code] })],
);

/** An institution's clocks and ladder; the newest row that has begun counts. Null: the defaults of domain.ts. */
export const referralPolicy = pgTable(
  "referral_policy",
  {
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    validFrom: date("valid_from").notNull(),
    emergencyMinutes: integer("emergency_minutes"),
    urgentMinutes: integer("urgent_minutes"),
    /** Working minutes. */
    routineMinutes: integer("routine_minutes"),
    /** Until the head, and then the administrator, is told as well. */
    headMinutes: integer("head_minutes"),
    administratorMinutes: integer("administrator_minutes"),
    holdHours: integer("hold_hours"),
    /** Rings for an emergency; of an office, not of a person. */
    dutyPhone: text("duty_phone"),
    source: text("source"),
  },
  (table) => [
    primaryKey({ columns: [table.institutionId, table.validFrom] }),
    check(
      "referral_policy_sane",
      sql`coalesce(${table.emergencyMinutes}, 1) between 1 and 120 and coalesce(${table.urgentMinutes}, 1) between 1 and 1440
        and coalesce(${table.routineMinutes}, 1) between 1 and 4800 and coalesce(${table.headMinutes}, 1) between 1 and 1440
        and coalesce(${table.administratorMinutes}, 1) between 1 and 2880 and coalesce(${table.holdHours}, 1) between 1 and 96`,
    ),
  ],
);

export const referral = pgTable(
  "referral",
  {
    id: id(),
    /** `ZZ` + date + sequence. */
    number: text("number").notNull().unique(),
    episodeId: uuid("episode_id")
      .notNull()
      .references(() => episode.id),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    direction: referralDirection("direction").notNull(),
    urgency: referralUrgency("urgency").notNull().default("routine"),
    state: referralState("state").notNull().default("draft"),
    version: integer("version").notNull().default(1),
    fromInstitutionId: uuid("from_institution_id")
      .notNull()
      .references(() => institution.id),
    requesterId: uuid("requester_id")
      .notNull()
      .references(() => person.id),
    requesterPhone: text("requester_phone"),
    toInstitutionId: uuid("to_institution_id").references(() => institution.id),
    toDepartmentId: uuid("to_department_id").references(() => department.id),
    toDoctorId: uuid("to_doctor_id").references(() => person.id),
    pathwayId: uuid("pathway_id").references(() => pathway.id),
    /** What it goes on from: a redirected one, or the way up that a way down ends. */
    previousId: uuid("previous_id").references((): AnyPgColumn => referral.id),
    triageAssessmentId: uuid("triage_assessment_id"),
    consultId: uuid("consult_id").references(() => consult.id),
    // The form of the way up; of the way down the same words mean what was found and done on the ward.
    reason: text("reason"),
    impression: jsonb("impression").$type<Diagnosis[]>().notNull().default([]),
    presentHistory: text("present_history"),
    pastHistory: text("past_history"),
    examination: text("examination"),
    vitals: jsonb("vitals").$type<Vitals>().notNull().default({}),
    results: text("results"),
    treatmentSoFar: text("treatment_so_far"),
    medicines: jsonb("medicines").$type<Medicine[]>().notNull().default([]),
    allergies: text("allergies"),
    criteria: jsonb("criteria").$type<ReferralCriterion[]>().notNull().default([]),
    // Of the way down alone.
    admissionNumber: text("admission_number"),
    plan: text("plan"),
    rehabilitationAdvice: text("rehabilitation_advice"),
    reviewOn: date("review_on"),
    returnTriggers: jsonb("return_triggers").$type<ReturnTrigger[]>().notNull().default([]),
    pendingResults: jsonb("pending_results").$type<PendingResult[]>().notNull().default([]),
    /** The community looked at its shelf: what it has not, and what takes its place. */
    formularyCheckedAt: instant("formulary_checked_at"),
    // What is kept for the patient.
    bedHoldId: uuid("bed_hold_id"),
    appointmentId: uuid("appointment_id").references(() => appointment.id),
    heldUntil: instant("held_until"),
    // Clocks and stamps.
    /** From when the patient's phone shows it, to agree to. */
    patientAskedAt: instant("patient_asked_at"),
    submittedAt: instant("submitted_at"),
    respondBy: instant("respond_by"),
    /** 0 nobody yet, 1 desk, 2 head, 3 administrator. */
    escalationLevel: smallint("escalation_level").notNull().default(0),
    acceptedAt: instant("accepted_at"),
    acceptedBy: uuid("accepted_by").references(() => person.id),
    answer: text("answer"),
    setOffAt: instant("set_off_at"),
    arrivedAt: instant("arrived_at"),
    admittedAt: instant("admitted_at"),
    dischargedAt: instant("discharged_at"),
    endedAt: instant("ended_at"),
    outcome: text("outcome"),
    /** The doctor who referred has read how it went. */
    outcomeReadAt: instant("outcome_read_at"),
    createdAt: createdAt(),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [
    check(
      "referral_has_target",
      sql`${table.state} in ('draft', 'patient-consented', 'cancelled') or ${table.toInstitutionId} is not null`,
    ),
    check(
      "referral_to_another",
      sql`${table.toInstitutionId} is distinct from ${table.fromInstitutionId}`,
    ),
    // What is open towards one department stands once, however often it is asked for.
    uniqueIndex("referral_once")
      .on(table.patientId, table.direction, table.toInstitutionId, table.toDepartmentId)
      .where(
        sql`${table.state} not in ('draft', 'patient-consented', 'returned', 'redirected', 'converted', 'advised', 'sent-down', 'continued-in-community', 'closed', 'expired', 'cancelled')`,
      ),
    index("referral_desk")
      .on(table.toInstitutionId, table.state, table.respondBy)
      .where(sql`${table.submittedAt} is not null`),
    index("referral_sender").on(table.fromInstitutionId, table.state),
    index().on(table.episodeId),
    index().on(table.patientId),
    index().on(table.previousId),
  ],
);

/** Every step with who, when and why; never changed. */
export const referralStep = pgTable(
  "referral_step",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    referralId: uuid("referral_id")
      .notNull()
      .references(() => referral.id),
    action: text("action").notNull(),
    fromState: referralState("from_state"),
    toState: referralState("to_state").notNull(),
    byPersonId: uuid("by_person_id").references(() => person.id),
    byInstitutionId: uuid("by_institution_id").references(() => institution.id),
    byName: text("by_name").notNull(),
    reason: text("reason"),
    at: instant("at").notNull(),
  },
  (table) => [index().on(table.referralId)],
);

/** The conversation of both sides within a referral. */
export const referralMessage = pgTable(
  "referral_message",
  {
    id: id(),
    referralId: uuid("referral_id")
      .notNull()
      .references(() => referral.id),
    byPersonId: uuid("by_person_id")
      .notNull()
      .references(() => person.id),
    byInstitutionId: uuid("by_institution_id")
      .notNull()
      .references(() => institution.id),
    text: text("text").notNull(),
    at: instant("at").notNull(),
  },
  (table) => [index().on(table.referralId)],
);

/** Once per episode and recipient; a withdrawal is a column, never a deletion. */
export const referralConsent = pgTable(
  "referral_consent",
  {
    id: id(),
    episodeId: uuid("episode_id")
      .notNull()
      .references(() => episode.id),
    recipientInstitutionId: uuid("recipient_institution_id")
      .notNull()
      .references(() => institution.id),
    given: boolean("given").notNull(),
    /** Null: by the patient on the phone. */
    method: consentMethod("method"),
    language: text("language").notNull(),
    textVersion: text("text_version").notNull(),
    signerName: text("signer_name").notNull(),
    signerRelation: text("signer_relation").notNull(),
    signature: jsonb("signature").$type<{ strokes: [number, number][][] } | null>(),
    witnessName: text("witness_name"),
    reason: text("reason"),
    recordedBy: uuid("recorded_by").references(() => person.id),
    recordedAt: instant("recorded_at").notNull(),
    withdrawnAt: instant("withdrawn_at"),
  },
  (table) => [
    index().on(table.episodeId),
    check(
      "referral_consent_evidence",
      // Of one that was taken elsewhere the signature stays there.
      sql`not ${table.given} or (${table.textVersion} like 'outside:%' and ${table.recordedBy} is null) or case ${table.method} when 'signature' then ${table.signature} is not null when 'fingerprint' then ${table.witnessName} is not null and ${table.reason} is not null when 'emergency' then ${table.reason} is not null else ${table.recordedBy} is null end`,
    ),
  ],
);

/** Staff contact (随访) after coming home; what is missed, or a value past a trigger, raises the episode again. */
export const followUp = pgTable(
  "follow_up",
  {
    id: id(),
    episodeId: uuid("episode_id")
      .notNull()
      .references(() => episode.id),
    referralId: uuid("referral_id")
      .notNull()
      .references(() => referral.id),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    kind: followUpKind("kind").notNull(),
    purpose: text("purpose").notNull(),
    dueOn: date("due_on").notNull(),
    ownerId: uuid("owner_id").references(() => person.id),
    state: followUpState("state").notNull().default("planned"),
    version: integer("version").notNull().default(1),
    vitals: jsonb("vitals").$type<Vitals>().notNull().default({}),
    findings: text("findings"),
    /** Codes of the triggers that what was found has reached. */
    triggered: text("triggered").array().notNull().default(sql`'{}'::text[]`),
    doneBy: uuid("done_by").references(() => person.id),
    doneAt: instant("done_at"),
    createdAt: createdAt(),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [
    unique("follow_up_once").on(table.referralId, table.dueOn, table.kind),
    index("follow_up_due")
      .on(table.institutionId, table.dueOn)
      .where(sql`${table.state} = 'planned'`),
    index().on(table.episodeId),
    index().on(table.patientId),
    check(
      "follow_up_done",
      sql`(${table.state} = 'done') = (${table.doneAt} is not null) and (${table.state} <> 'done' or ${table.doneBy} is not null)`,
    ),
  ],
);

/** "Not yet, because": the ward's answer to a suggestion to go down. It is shown until the day; a later one stands over it. */
export const downPostponement = pgTable(
  "down_postponement",
  {
    id: id(),
    stayId: uuid("stay_id")
      .notNull()
      .references(() => bedStay.id),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    reason: text("reason").notNull(),
    until: date("until").notNull(),
    byPersonId: uuid("by_person_id").notNull(),
    byName: text("by_name").notNull(),
    at: instant("at").notNull(),
    createdAt: createdAt(),
  },
  (table) => [index().on(table.stayId), index().on(table.institutionId)],
);
