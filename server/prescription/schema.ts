import { sql } from "drizzle-orm";
import {
  bigserial,
  boolean,
  check,
  date,
  doublePrecision,
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
import { bytes, createdAt, id, instant } from "../db/columns.ts";
import { institution } from "../directory/schema.ts";
import { formularyVersion } from "../formulary/schema.ts";
import { person } from "../identity/schema.ts";
import { patient } from "../patients/schema.ts";
import {
  deliveryStates,
  encounterKinds,
  type Frequency,
  handOverMethods,
  prescriptionChannels,
  prescriptionKinds,
  prescriptionStates,
  returnReasons,
  type Warning,
} from "./domain.ts";
import type { KeptFacts } from "./taken.ts";

export const prescriptionState = pgEnum("prescription_state", prescriptionStates);
export const prescriptionKind = pgEnum("prescription_kind", prescriptionKinds);
export const prescriptionChannel = pgEnum("prescription_channel", prescriptionChannels);
export const prescriptionEncounter = pgEnum("prescription_encounter", encounterKinds);
export const prescriptionReturnReason = pgEnum("prescription_return_reason", returnReasons);
export const handOverMethod = pgEnum("hand_over_method", handOverMethods);
export const deliveryState = pgEnum("delivery_state", deliveryStates);

/** A prescription (处方). From signing on its contents stand; a returned one is signed anew. */
export const prescription = pgTable(
  "prescription",
  {
    id: id(),
    number: text("number").notNull().unique(),
    version: integer("version").notNull().default(1),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    doctorId: uuid("doctor_id")
      .notNull()
      .references(() => person.id),
    encounterKind: prescriptionEncounter("encounter_kind").notNull(),
    encounterId: uuid("encounter_id").notNull(),
    channel: prescriptionChannel("channel").notNull(),
    kind: prescriptionKind("kind").notNull(),
    state: prescriptionState("state").notNull().default("draft"),
    diagnoses: jsonb("diagnoses").$type<{ code: string | null; text: string }[]>().notNull(),
    /** What the doctor knew of the patient; of a signed one it stands. */
    facts: jsonb("facts").$type<KeptFacts>().notNull(),
    /** What a long one over four weeks needs. */
    assessment: text("assessment"),
    chartNote: text("chart_note"),
    patientSigned: boolean("patient_signed").notNull().default(false),
    guardianPresent: boolean("guardian_present").notNull().default(false),
    specialistPresent: boolean("specialist_present").notNull().default(false),
    note: text("note").notNull().default(""),
    /** Reasons for passing over warnings, by the warning's key. */
    overruled: jsonb("overruled").$type<Record<string, string>>().notNull(),
    /** What was said when it was signed. */
    warnings: jsonb("warnings").$type<Warning[]>().notNull(),
    formularyId: uuid("formulary_id").references(() => formularyVersion.id),
    validDays: smallint("valid_days").notNull().default(1),
    repeatOf: uuid("repeat_of"),
    document: jsonb("document").$type<unknown>(),
    documentVersion: integer("document_version"),
    jws: text("jws"),
    kid: text("kid"),
    signedAt: instant("signed_at"),
    reviewDueAt: instant("review_due_at"),
    validUntil: instant("valid_until"),
    reviewedBy: uuid("reviewed_by").references(() => person.id),
    reviewedAt: instant("reviewed_at"),
    returnReason: prescriptionReturnReason("return_reason"),
    returnNote: text("return_note"),
    endReason: text("end_reason"),
    /** Blind index of the code for collection, and the code for whoever may read it. */
    codeIndex: bytes("code_index"),
    codeCipher: text("code_cipher"),
    updatedAt: instant("updated_at").notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    index().on(table.institutionId, table.state, table.reviewDueAt),
    index().on(table.patientId, table.createdAt),
    index().on(table.encounterKind, table.encounterId),
    uniqueIndex("prescription_code")
      .on(table.codeIndex)
      .where(sql`${table.state} in ('approved', 'dispensed')`),
    check(
      "prescription_signed",
      sql`${table.state} in ('draft', 'cancelled') or (${table.jws} is not null and ${table.kid} is not null and ${table.document} is not null
        and ${table.signedAt} is not null and ${table.validUntil} is not null and ${table.formularyId} is not null)`,
    ),
    check(
      "prescription_reviewed",
      sql`${table.state} not in ('approved', 'returned', 'dispensed', 'collected') or (${table.reviewedBy} is not null and ${table.reviewedAt} is not null and ${table.reviewedBy} <> ${table.doctorId})`,
    ),
    check(
      "prescription_returned",
      sql`${table.state} <> 'returned' or (${table.returnReason} is not null and btrim(coalesce(${table.returnNote}, '')) <> '')`,
    ),
    check("prescription_valid_days", sql`${table.validDays} between 1 and 3`),
    check(
      "prescription_code_given",
      sql`${table.state} not in ('approved', 'dispensed') or (${table.codeIndex} is not null and ${table.codeCipher} is not null)`,
    ),
  ],
);

export const prescriptionLine = pgTable(
  "prescription_line",
  {
    prescriptionId: uuid("prescription_id")
      .notNull()
      .references(() => prescription.id),
    position: smallint("position").notNull(),
    medicineCode: text("medicine_code").notNull(),
    dose: doublePrecision("dose").notNull(),
    frequency: text("frequency").$type<Frequency>().notNull(),
    days: smallint("days").notNull(),
    quantity: doublePrecision("quantity").notNull(),
    instructions: text("instructions").notNull().default(""),
    /** As the formulary said it, so that it reads the same for fifteen years. */
    medicine: jsonb("medicine")
      .$type<{
        zh: string;
        en: string;
        atc: string;
        strength: string;
        unit: string;
        form: string;
        route: string;
      }>()
      .notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.prescriptionId, table.position] }),
    check(
      "prescription_line_sane",
      sql`${table.dose} > 0 and ${table.quantity} > 0 and ${table.days} between 1 and 366 and ${table.position} between 0 and 19`,
    ),
  ],
);

/** Each step with who took it and why; never changed. */
export const prescriptionStep = pgTable(
  "prescription_step",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    prescriptionId: uuid("prescription_id")
      .notNull()
      .references(() => prescription.id),
    action: text("action").notNull(),
    fromState: prescriptionState("from_state"),
    toState: prescriptionState("to_state").notNull(),
    personId: uuid("person_id").references(() => person.id),
    reason: text("reason"),
    at: instant("at").notNull(),
  },
  (table) => [index().on(table.prescriptionId)],
);

/** What pharmacist and doctor say to each other about it. */
export const prescriptionTalk = pgTable(
  "prescription_talk",
  {
    id: id(),
    prescriptionId: uuid("prescription_id")
      .notNull()
      .references(() => prescription.id),
    personId: uuid("person_id")
      .notNull()
      .references(() => person.id),
    text: text("text").notNull(),
    at: instant("at").notNull(),
  },
  (table) => [
    index().on(table.prescriptionId, table.at),
    check("prescription_talk_said", sql`btrim(${table.text}) <> ''`),
  ],
);

/** A pharmacy of another house of the alliance was shown the code: from then on it sees this prescription. */
export const prescriptionOpening = pgTable(
  "prescription_opening",
  {
    prescriptionId: uuid("prescription_id")
      .notNull()
      .references(() => prescription.id),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    openedBy: uuid("opened_by")
      .notNull()
      .references(() => person.id),
    openedAt: instant("opened_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.prescriptionId, table.institutionId] })],
);

/** The one filling of a prescription. The key is the guarantee: of two pharmacies one makes the row. */
export const prescriptionDispense = pgTable(
  "prescription_dispense",
  {
    prescriptionId: uuid("prescription_id")
      .primaryKey()
      .references(() => prescription.id),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    preparedBy: uuid("prepared_by")
      .notNull()
      .references(() => person.id),
    preparedAt: instant("prepared_at").notNull(),
    method: handOverMethod("method").notNull(),
    /** What was taken from which batch. */
    taken: jsonb("taken")
      .$type<
        {
          position: number;
          batchId: string;
          medicineCode: string;
          quantity: number;
          instead: boolean;
        }[]
      >()
      .notNull(),
    deliveryState: deliveryState("delivery_state"),
    deliveryAddressCipher: text("delivery_address_cipher"),
    carrier: text("carrier"),
    trackingNumber: text("tracking_number"),
    trackingText: text("tracking_text"),
    collectedAt: instant("collected_at"),
    handedOverBy: uuid("handed_over_by").references(() => person.id),
    /** Somebody else came: both were identified. */
    proxyName: text("proxy_name"),
    proxyIdCipher: text("proxy_id_cipher"),
    patientIdSeen: boolean("patient_id_seen").notNull().default(false),
    takenBackAt: instant("taken_back_at"),
    takenBackReason: text("taken_back_reason"),
    createdAt: createdAt(),
  },
  (table) => [
    index().on(table.institutionId, table.preparedAt),
    check(
      "prescription_dispense_proxy",
      sql`(${table.proxyName} is null) = (${table.proxyIdCipher} is null) and (${table.proxyName} is null or ${table.patientIdSeen})`,
    ),
    check(
      "prescription_dispense_delivery",
      sql`(${table.method} = 'delivery') = (${table.deliveryState} is not null)`,
    ),
    check(
      "prescription_dispense_once",
      sql`num_nonnulls(${table.collectedAt}, ${table.takenBackAt}) <= 1`,
    ),
  ],
);

/** What lies on a pharmacy's shelf, by batch. */
export const pharmacyBatch = pgTable(
  "pharmacy_batch",
  {
    id: id(),
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    medicineCode: text("medicine_code").notNull(),
    batchNumber: text("batch_number").notNull(),
    expiresOn: date("expires_on").notNull(),
    /** In the medicine's units. */
    quantity: doublePrecision("quantity").notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    unique("pharmacy_batch_once").on(table.institutionId, table.medicineCode, table.batchNumber),
    check("pharmacy_batch_stock", sql`${table.quantity} >= 0`),
  ],
);
