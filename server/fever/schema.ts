import { sql } from "drizzle-orm";
import {
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
import { createdAt, id, instant } from "../db/columns.ts";
import { institution } from "../directory/schema.ts";
import { person } from "../identity/schema.ts";
import { contactRelation, patient } from "../patients/schema.ts";
import { criticalValue, infectiousReport } from "../reporting/schema.ts";
import {
  feverArrivals,
  feverMeasurements,
  feverPolicyStates,
  feverRoomKinds,
  feverSiteKinds,
  feverVenues,
  feverVisitStates,
  specialRoutes,
} from "./domain.ts";
import type { FeverContent } from "./questions.ts";

export const feverVisitState = pgEnum("fever_visit_state", feverVisitStates);
export const feverVenue = pgEnum("fever_venue", feverVenues);
export const feverSiteKind = pgEnum("fever_site_kind", feverSiteKinds);
export const feverRoomKind = pgEnum("fever_room_kind", feverRoomKinds);
export const feverArrival = pgEnum("fever_arrival", feverArrivals);
export const feverPolicyState = pgEnum("fever_policy_state", feverPolicyStates);
export const feverMeasurementKind = pgEnum("fever_measurement_kind", feverMeasurements);
export const feverRoute = pgEnum("fever_route", specialRoutes);

/**
 * A version of the rules of a region (FHIR Questionnaire): numbers and the words that were asked. Once
 * published it stands; a change is a further version, published by a second clinician.
 */
export const feverPolicy = pgTable(
  "fever_policy",
  {
    id: id(),
    region: text("region").notNull(),
    version: integer("version").notNull(),
    validFrom: date("valid_from").notNull(),
    state: feverPolicyState("state").notNull().default("draft"),
    temperatureTenths: smallint("temperature_tenths").notNull(),
    repeatMinMinutes: smallint("repeat_min_minutes").notNull(),
    repeatMaxMinutes: smallint("repeat_max_minutes").notNull(),
    lookbackDays: smallint("lookback_days").notNull(),
    clusterLeast: smallint("cluster_least").notNull(),
    asksMarmots: boolean("asks_marmots").notNull(),
    blockHours: smallint("block_hours").notNull(),
    resultMinHours: smallint("result_min_hours").notNull(),
    resultMaxHours: smallint("result_max_hours").notNull(),
    /** Every question in three languages, as it was asked under this version. */
    content: jsonb("content").$type<FeverContent>().notNull(),
    /** Where the numbers come from; what was recalled rather than read says so. */
    source: text("source").notNull(),
    /** Comes with every database; has neither author nor publisher. */
    starter: boolean("starter").notNull().default(false),
    authoredBy: uuid("authored_by").references(() => person.id),
    publishedBy: uuid("published_by").references(() => person.id),
    publishedAt: instant("published_at"),
    createdAt: createdAt(),
  },
  (table) => [
    unique().on(table.region, table.version),
    check("fever_policy_lookback", sql`${table.lookbackDays} in (7, 14)`),
    check(
      "fever_policy_sane",
      sql`${table.temperatureTenths} between 360 and 390 and ${table.repeatMinMinutes} between 1 and ${table.repeatMaxMinutes}
        and ${table.repeatMaxMinutes} <= 15 and ${table.clusterLeast} >= 2 and ${table.blockHours} between 1 and 336
        and ${table.resultMinHours} between 1 and ${table.resultMaxHours} and ${table.resultMaxHours} <= 24`,
    ),
    check(
      "fever_policy_second_clinician",
      sql`${table.starter} or (${table.authoredBy} is not null and (${table.state} = 'draft' or
        (${table.publishedBy} is not null and ${table.publishedAt} is not null and ${table.publishedBy} <> ${table.authoredBy})))`,
    ),
  ],
);

/** An institution that receives feverish people: a fever clinic, or a sentinel room that passes them on. */
export const feverSite = pgTable(
  "fever_site",
  {
    institutionId: uuid("institution_id")
      .primaryKey()
      .references(() => institution.id),
    kind: feverSiteKind("kind").notNull(),
    region: text("region").notNull(),
    /** The higher fever clinic that a sentinel brings its patients to. */
    higherInstitutionId: uuid("higher_institution_id").references(() => institution.id),
    /** Which door, in each language. */
    entranceZh: text("entrance_zh").notNull(),
    entranceEn: text("entrance_en").notNull(),
    entranceBo: text("entrance_bo"),
    /** Day and night, for patients who are to stay where they are. */
    phone: text("phone"),
  },
  (table) => [
    check(
      "fever_site_higher",
      sql`${table.kind} <> 'sentinel' or ${table.higherInstitutionId} is not null`,
    ),
  ],
);

export const feverRoom = pgTable(
  "fever_room",
  {
    id: id(),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => feverSite.institutionId),
    name: text("name").notNull(),
    kind: feverRoomKind("kind").notNull(),
    active: boolean("active").notNull().default(true),
  },
  (table) => [unique().on(table.institutionId, table.name)],
);

/** What was answered before the visit or at the desk (FHIR QuestionnaireResponse). */
export const feverScreening = pgTable(
  "fever_screening",
  {
    id: id(),
    policyId: uuid("policy_id")
      .notNull()
      .references(() => feverPolicy.id),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    /** Six letters that the desk takes the answers over by. */
    code: text("code").notNull().unique(),
    answeredAt: instant("answered_at").notNull(),
    /** Asked at the desk; null when answered on a phone. */
    askedBy: uuid("asked_by").references(() => person.id),
    relation: contactRelation("relation").notNull(),
    /** Age that counted for the decision, months. */
    ageMonths: integer("age_months"),
    venue: feverVenue("venue").notNull(),
    call120: boolean("call_120").notNull(),
    stayPut: boolean("stay_put").notNull(),
    route: feverRoute("route"),
    reasons: text("reasons").array().notNull(),
    createdAt: createdAt(),
  },
  (table) => [index().on(table.patientId, table.answeredAt)],
);

export const feverAnswer = pgTable(
  "fever_answer",
  {
    screeningId: uuid("screening_id")
      .notNull()
      .references(() => feverScreening.id),
    question: text("question").notNull(),
    value: text("value").notNull(),
  },
  (table) => [primaryKey({ columns: [table.screeningId, table.question] })],
);

/** Ordinary booking by phone is replaced by a fever clinic until then, or until a nurse lifts it. */
export const feverBlock = pgTable(
  "fever_block",
  {
    id: id(),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    screeningId: uuid("screening_id")
      .notNull()
      .references(() => feverScreening.id),
    since: instant("since").notNull(),
    until: instant("until").notNull(),
    liftedAt: instant("lifted_at"),
    liftedBy: uuid("lifted_by").references(() => person.id),
    liftReason: text("lift_reason"),
  },
  (table) => [
    check("fever_block_days", sql`${table.until} > ${table.since}`),
    check(
      "fever_block_lifted",
      sql`${table.liftedAt} is null or (${table.liftedAt} >= ${table.since} and ${table.liftedBy} is not null and coalesce(btrim(${table.liftReason}), '') <> '')`,
    ),
    index().on(table.patientId),
  ],
);

/** One person's way through a fever clinic or a sentinel room, with the register of domain.md. */
export const feverVisit = pgTable(
  "fever_visit",
  {
    id: id(),
    version: integer("version").notNull().default(1),
    state: feverVisitState("state").notNull().default("to-triage"),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => feverSite.institutionId),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    arrival: feverArrival("arrival").notNull(),
    arrivedAt: instant("arrived_at").notNull(),
    appointmentId: uuid("appointment_id").references(() => appointment.id),
    screeningId: uuid("screening_id").references(() => feverScreening.id),
    /** Where the patient was brought from. */
    fromVisitId: uuid("from_visit_id"),
    /** Register: everything else about the person is the patient's own row. */
    phoneCipher: text("phone_cipher"),
    currentAddress: text("current_address"),
    /** Employer or school. */
    workplace: text("workplace"),
    onsetOn: date("onset_on"),
    complaint: text("complaint"),
    /** Who came along: names and telephones, sealed. */
    companionsCipher: text("companions_cipher"),
    triagedBy: uuid("triaged_by").references(() => person.id),
    triagedAt: instant("triaged_at"),
    triageNote: text("triage_note"),
    seenBy: uuid("seen_by").references(() => person.id),
    seenAt: instant("seen_at"),
    /** A single swab, never pooled. `sampleId` is the tube of the sampling service when there is one. */
    sampleCode: text("sample_code").unique(),
    sampleId: uuid("sample_id"),
    sampledAt: instant("sampled_at"),
    resultDueFrom: instant("result_due_from"),
    resultDueAt: instant("result_due_at"),
    resultText: text("result_text"),
    resultAt: instant("result_at"),
    /** The street community that looks after an isolation. */
    observationHandedTo: text("observation_handed_to"),
    observationSince: instant("observation_since"),
    diagnosis: text("diagnosis"),
    diagnosedAt: instant("diagnosed_at"),
    reportId: uuid("report_id").references(() => infectiousReport.id),
    endedAt: instant("ended_at"),
    createdAt: createdAt(),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [
    // A person is in one visit of a place at a time; an appointment is come to once.
    uniqueIndex("fever_visit_once")
      .on(table.institutionId, table.patientId)
      .where(
        sql`${table.state} in ('to-triage', 'fever', 'waiting', 'seen', 'sampled', 'observation', 'suspected', 'reported', 'awaiting-transfer')`,
      ),
    uniqueIndex("fever_visit_appointment").on(table.appointmentId),
    uniqueIndex("fever_visit_brought").on(table.fromVisitId),
    check(
      "fever_visit_sampled",
      sql`${table.state} <> 'sampled' or (${table.sampleCode} is not null and ${table.sampledAt} is not null and ${table.resultDueAt} is not null)`,
    ),
    check(
      "fever_visit_reported",
      sql`${table.state} <> 'reported' or ${table.reportId} is not null`,
    ),
    check(
      "fever_visit_triaged",
      sql`${table.state} in ('to-triage', 'emergency', 'left-before-result') or (${table.triagedBy} is not null and ${table.triagedAt} is not null)`,
    ),
    index().on(table.institutionId, table.state),
    index().on(table.patientId),
  ],
);

/** Temperatures and saturations, each with its time and the place of measurement; never changed. */
export const feverMeasurement = pgTable(
  "fever_measurement",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    visitId: uuid("visit_id")
      .notNull()
      .references(() => feverVisit.id),
    kind: feverMeasurementKind("kind").notNull(),
    /** Tenths of a degree, or per cent. */
    value: integer("value").notNull(),
    at: instant("at").notNull(),
    altitudeMetres: integer("altitude_metres"),
    by: uuid("by_person_id")
      .notNull()
      .references(() => person.id),
    criticalValueId: uuid("critical_value_id").references(() => criticalValue.id),
  },
  (table) => [
    index().on(table.visitId),
    check(
      "fever_measurement_sane",
      sql`case ${table.kind} when 'temperature' then ${table.value} between 330 and 435 else ${table.value} between 30 and 100 end`,
    ),
  ],
);

/** One patient in one room: the room takes the next one when it was disinfected. */
export const feverStay = pgTable(
  "fever_stay",
  {
    id: id(),
    roomId: uuid("room_id")
      .notNull()
      .references(() => feverRoom.id),
    visitId: uuid("visit_id")
      .notNull()
      .references(() => feverVisit.id),
    since: instant("since").notNull(),
    until: instant("until"),
    disinfectedAt: instant("disinfected_at"),
    disinfectedBy: uuid("disinfected_by").references(() => person.id),
  },
  (table) => [
    uniqueIndex("fever_room_one_patient")
      .on(table.roomId)
      .where(sql`${table.disinfectedAt} is null`),
    uniqueIndex("fever_stay_one_room").on(table.visitId).where(sql`${table.until} is null`),
    check(
      "fever_stay_order",
      sql`(${table.until} is null or ${table.until} >= ${table.since}) and (${table.disinfectedAt} is null
        or (${table.until} is not null and ${table.disinfectedAt} >= ${table.until} and ${table.disinfectedBy} is not null))`,
    ),
  ],
);

/** Hand-over and vehicle register: who drove whom where, who received, and that the vehicle was disinfected. */
export const feverTransfer = pgTable(
  "fever_transfer",
  {
    visitId: uuid("visit_id")
      .primaryKey()
      .references(() => feverVisit.id),
    fromInstitutionId: uuid("from_institution_id")
      .notNull()
      .references(() => institution.id),
    /** Null: a hospital outside of the alliance, by name. */
    toInstitutionId: uuid("to_institution_id").references(() => institution.id),
    toName: text("to_name").notNull(),
    vehicle: text("vehicle").notNull(),
    crew: text("crew").notNull(),
    orderedBy: uuid("ordered_by")
      .notNull()
      .references(() => person.id),
    orderedAt: instant("ordered_at").notNull(),
    departedAt: instant("departed_at"),
    departedBy: uuid("departed_by").references(() => person.id),
    receiverName: text("receiver_name"),
    receivedBy: uuid("received_by").references(() => person.id),
    receivedAt: instant("received_at"),
    disinfectedBy: uuid("disinfected_by").references(() => person.id),
    disinfectedAt: instant("disinfected_at"),
    /** With what, and how long. */
    disinfection: text("disinfection"),
  },
  (table) => [
    index().on(table.toInstitutionId),
    check(
      "fever_transfer_order",
      sql`(${table.departedAt} is null or (${table.departedBy} is not null and ${table.departedAt} >= ${table.orderedAt}))
        and (${table.receivedAt} is null or (${table.receiverName} is not null and ${table.receivedBy} is not null and ${table.receivedAt} >= ${table.departedAt}))
        and (${table.disinfectedAt} is null or (${table.disinfectedBy} is not null and coalesce(btrim(${table.disinfection}), '') <> '' and ${table.disinfectedAt} >= ${table.receivedAt}))`,
    ),
  ],
);

/** Every step of a visit with who, when and why; never changed. */
export const feverStep = pgTable(
  "fever_step",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    visitId: uuid("visit_id")
      .notNull()
      .references(() => feverVisit.id),
    action: text("action").notNull(),
    fromState: feverVisitState("from_state"),
    toState: feverVisitState("to_state").notNull(),
    byPersonId: uuid("by_person_id").references(() => person.id),
    byInstitutionId: uuid("by_institution_id").references(() => institution.id),
    byName: text("by_name").notNull(),
    reason: text("reason"),
    at: instant("at").notNull(),
  },
  (table) => [index().on(table.visitId)],
);

/**
 * Somebody with a fever is on the way from a testing site: the desk knows before he stands there. Without
 * consent nobody is announced (he is led there all the same). Ends when he is admitted, or by itself.
 */
export const feverAnnouncement = pgTable(
  "fever_announcement",
  {
    id: id(),
    /** The fever desk that is told. */
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => feverSite.institutionId),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    fromInstitutionId: uuid("from_institution_id")
      .notNull()
      .references(() => institution.id),
    /** The site's name, as it was. */
    fromZh: text("from_zh").notNull(),
    fromEn: text("from_en"),
    fromBo: text("from_bo"),
    registrationId: uuid("registration_id").notNull(),
    announcedBy: uuid("announced_by")
      .notNull()
      .references(() => person.id),
    announcedAt: instant("announced_at").notNull(),
    /** What the person said yes to, and who heard it is who announced. */
    consentWords: text("consent_words").notNull(),
    /** Came after all to the testing site, or came here. */
    endedAt: instant("ended_at"),
    visitId: uuid("visit_id").references(() => feverVisit.id),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex("fever_announcement_once")
      .on(table.institutionId, table.patientId)
      .where(sql`${table.endedAt} is null`),
    index().on(table.registrationId),
    index().on(table.patientId),
    check("fever_announcement_came", sql`${table.visitId} is null or ${table.endedAt} is not null`),
    check("fever_announcement_consent", sql`btrim(${table.consentWords}) <> ''`),
  ],
);
