import { sql } from "drizzle-orm";
import {
  bigserial,
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { bytes, createdAt, id, instant } from "../db/columns.ts";
import { agreement, department, institution } from "../directory/schema.ts";
import { person } from "../identity/schema.ts";
import { patient } from "../patients/schema.ts";
import {
  consentKinds,
  consentMethods,
  consultStates,
  consultUrgencies,
  participantRoles,
} from "./domain.ts";

export const consultState = pgEnum("consult_state", consultStates);
export const consultUrgency = pgEnum("consult_urgency", consultUrgencies);
export const consentKind = pgEnum("consent_kind", consentKinds);
export const consentMethod = pgEnum("consent_method", consentMethods);
export const participantRole = pgEnum("participant_role", participantRoles);

/** Vital signs as measured; the place decides the range they are judged by. */
export type Vitals = {
  temperatureCelsius?: number | null;
  systolicMmHg?: number | null;
  diastolicMmHg?: number | null;
  pulsePerMinute?: number | null;
  breathsPerMinute?: number | null;
  spo2Percent?: number | null;
  onOxygen?: boolean | null;
  weightKg?: number | null;
  heightCm?: number | null;
  consciousness?: string | null;
  measuredAt?: string | null;
  altitudeMetres?: number | null;
};
export type Diagnosis = { code: string | null; text: string };

export const consult = pgTable(
  "consult",
  {
    id: id(),
    /** Human-readable number, unique in the alliance: `HZ` + date + sequence. */
    number: text("number").notNull().unique(),
    state: consultState("state").notNull().default("draft"),
    /** Rises by one with every change: ETag of the row, and what pages compare on reconnect. */
    version: integer("version").notNull().default(1),
    urgency: consultUrgency("urgency").notNull().default("routine"),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    invitingInstitutionId: uuid("inviting_institution_id")
      .notNull()
      .references(() => institution.id),
    invitedInstitutionId: uuid("invited_institution_id").references(() => institution.id),
    agreementId: uuid("agreement_id"),
    requesterId: uuid("requester_id")
      .notNull()
      .references(() => person.id),
    wantedSpecialty: text("wanted_specialty"),
    wantedTitle: text("wanted_title"),
    wantedTime: text("wanted_time"),
    reason: text("reason"),
    purpose: text("purpose"),
    question: text("question"),
    complaint: text("complaint"),
    presentHistory: text("present_history"),
    pastHistory: text("past_history"),
    examination: text("examination"),
    vitals: jsonb("vitals").$type<Vitals>().notNull().default({}),
    /** Laboratory and imaging list, as written by the attending doctor. */
    investigations: text("investigations"),
    provisionalDiagnoses: jsonb("provisional_diagnoses").$type<Diagnosis[]>().notNull().default([]),
    treatmentSoFar: text("treatment_so_far"),
    callbackPhone: text("callback_phone"),
    /** The desk that took it, and the department it went to. */
    acceptedBy: uuid("accepted_by").references(() => person.id),
    departmentId: uuid("department_id").references(() => department.id),
    submittedAt: instant("submitted_at"),
    /** When the invited side must have answered. */
    respondBy: instant("respond_by"),
    scheduledStart: instant("scheduled_start"),
    scheduledEnd: instant("scheduled_end"),
    startedAt: instant("started_at"),
    endedAt: instant("ended_at"),
    signedAt: instant("signed_at"),
    acknowledgeBy: instant("acknowledge_by"),
    escalatedAt: instant("escalated_at"),
    acknowledgedAt: instant("acknowledged_at"),
    acknowledgedBy: uuid("acknowledged_by").references(() => person.id),
    /** Telephone read-back of an urgent opinion: who read it back, to whom, when. */
    readBack: jsonb("read_back").$type<{ by: string; to: string; at: string } | null>(),
    /** What the attending doctor decided to do: the inviting side decides treatment. */
    treatmentDecision: text("treatment_decision"),
    archivedAt: instant("archived_at"),
    invitingArchivedAt: instant("inviting_archived_at"),
    invitedArchivedAt: instant("invited_archived_at"),
    createdAt: createdAt(),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [
    foreignKey({
      name: "consult_under_agreement",
      columns: [table.agreementId, table.invitingInstitutionId, table.invitedInstitutionId],
      foreignColumns: [
        agreement.id,
        agreement.invitingInstitutionId,
        agreement.invitedInstitutionId,
      ],
    }),
    check(
      "consult_sent_under_agreement",
      sql`${table.state} in ('draft', 'cancelled') or (${table.agreementId} is not null and ${table.invitedInstitutionId} is not null)`,
    ),
    check("consult_schedule_order", sql`${table.scheduledEnd} > ${table.scheduledStart}`),
    index().on(table.invitingInstitutionId, table.state),
    index().on(table.invitedInstitutionId, table.state),
    index().on(table.patientId),
    index().on(table.requesterId),
  ],
);

/** Every step with who, when and why; never changed. */
export const consultStep = pgTable(
  "consult_step",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    consultId: uuid("consult_id")
      .notNull()
      .references(() => consult.id),
    action: text("action").notNull(),
    fromState: consultState("from_state"),
    toState: consultState("to_state").notNull(),
    byPersonId: uuid("by_person_id").references(() => person.id),
    byInstitutionId: uuid("by_institution_id").references(() => institution.id),
    byName: text("by_name").notNull(),
    reason: text("reason"),
    at: instant("at").notNull(),
  },
  (table) => [index().on(table.consultId)],
);

export const consultParticipant = pgTable(
  "consult_participant",
  {
    consultId: uuid("consult_id")
      .notNull()
      .references(() => consult.id),
    personId: uuid("person_id")
      .notNull()
      .references(() => person.id),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    role: participantRole("role").notNull(),
    /** The specialist who writes and signs. */
    lead: boolean("lead").notNull().default(false),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.consultId, table.personId] }),
    index().on(table.personId),
  ],
);

/** Separate, withdrawable consents; a withdrawal is a column, never a deletion. */
export const consultConsent = pgTable(
  "consult_consent",
  {
    id: id(),
    consultId: uuid("consult_id")
      .notNull()
      .references(() => consult.id),
    kind: consentKind("kind").notNull(),
    given: boolean("given").notNull(),
    method: consentMethod("method").notNull(),
    /** Language in which the text was read aloud. */
    language: text("language").notNull(),
    /** Version of the text that was read. */
    textVersion: text("text_version").notNull(),
    /** Who agreed: the patient, or a guardian or near relative by name and relation. */
    signerName: text("signer_name").notNull(),
    signerRelation: text("signer_relation").notNull(),
    /** Strokes of the signature on screen, or null with a witness. */
    signature: jsonb("signature").$type<{ strokes: [number, number][][] } | null>(),
    witnessName: text("witness_name"),
    reason: text("reason"),
    /** For kind `relative`: whom the patient lets in. */
    relativeName: text("relative_name"),
    recordedBy: uuid("recorded_by")
      .notNull()
      .references(() => person.id),
    recordedAt: instant("recorded_at").notNull(),
    withdrawnAt: instant("withdrawn_at"),
  },
  (table) => [
    index().on(table.consultId),
    check(
      "consent_evidence",
      sql`case ${table.method} when 'signature' then ${table.signature} is not null or not ${table.given} when 'fingerprint' then ${table.witnessName} is not null and ${table.reason} is not null else ${table.reason} is not null end`,
    ),
  ],
);

/** The opinion: a draft that the room edits, then the signed document, which never changes. */
export const consultOpinion = pgTable("consult_opinion", {
  consultId: uuid("consult_id")
    .primaryKey()
    .references(() => consult.id),
  version: integer("version").notNull().default(1),
  findingsReviewed: text("findings_reviewed").notNull().default(""),
  missingData: text("missing_data").notNull().default(""),
  diagnosticOpinion: text("diagnostic_opinion").notNull().default(""),
  diagnoses: jsonb("diagnoses").$type<Diagnosis[]>().notNull().default([]),
  testsAdvised: text("tests_advised").notNull().default(""),
  plan: text("plan").notNull().default(""),
  transferConditions: text("transfer_conditions").notNull().default(""),
  /** The same in words for the patient. */
  plainWords: text("plain_words").notNull().default(""),
  editedBy: uuid("edited_by").references(() => person.id),
  updatedAt: instant("updated_at").notNull(),
  /** Names the document on the public check page; random, says nothing about the patient. */
  documentId: uuid("document_id").unique(),
  /** The version of the draft that the document was made from. */
  documentVersion: integer("document_version"),
  /** Canonical document as it was shown for signing, and its JWS once signed. */
  document: jsonb("document"),
  jws: text("jws"),
  kid: text("kid"),
  signedBy: uuid("signed_by").references(() => person.id),
  signedAt: instant("signed_at"),
});

/** A relative who joins by link or QR, for this consult only, agreed to by the patient. */
export const consultGuest = pgTable(
  "consult_guest",
  {
    id: id(),
    consultId: uuid("consult_id")
      .notNull()
      .references(() => consult.id),
    name: text("name").notNull(),
    relation: text("relation").notNull(),
    language: text("language").notNull().default("zh-CN"),
    secretHash: bytes("secret_hash").notNull().unique(),
    consentId: uuid("consent_id")
      .notNull()
      .references(() => consultConsent.id),
    invitedBy: uuid("invited_by")
      .notNull()
      .references(() => person.id),
    expiresAt: instant("expires_at").notNull(),
    revokedAt: instant("revoked_at"),
    firstUsedAt: instant("first_used_at"),
    createdAt: createdAt(),
  },
  (table) => [index().on(table.consultId)],
);

/** What the media node reported: who came and went, roll-call, private talk. */
export const consultPresence = pgTable(
  "consult_presence",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    /** The node's own event id: a repeated callback changes nothing. */
    eventId: text("event_id").notNull().unique(),
    consultId: uuid("consult_id")
      .notNull()
      .references(() => consult.id),
    type: text("type").notNull(),
    peerName: text("peer_name"),
    peerRole: text("peer_role"),
    subject: text("subject"),
    data: jsonb("data").notNull().default({}),
    at: instant("at").notNull(),
  },
  (table) => [index().on(table.consultId)],
);

/** Questions and answers between the two sides outside the room (ask for more, advice). */
export const consultMessage = pgTable(
  "consult_message",
  {
    id: id(),
    consultId: uuid("consult_id")
      .notNull()
      .references(() => consult.id),
    byPersonId: uuid("by_person_id")
      .notNull()
      .references(() => person.id),
    byInstitutionId: uuid("by_institution_id")
      .notNull()
      .references(() => institution.id),
    text: text("text").notNull(),
    at: instant("at").notNull(),
    createdAt: createdAt(),
  },
  (table) => [index().on(table.consultId)],
);

/** Sharp stills and their shared annotations. */
export const consultStill = pgTable(
  "consult_still",
  {
    id: id(),
    consultId: uuid("consult_id")
      .notNull()
      .references(() => consult.id),
    attachmentId: uuid("attachment_id").notNull(),
    takenBy: text("taken_by").notNull(),
    annotations: jsonb("annotations").notNull().default([]),
    at: instant("at").notNull(),
  },
  (table) => [unique().on(table.attachmentId), index().on(table.consultId)],
);
