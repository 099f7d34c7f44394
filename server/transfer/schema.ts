import { sql } from "drizzle-orm";
import {
  bigserial,
  check,
  doublePrecision,
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
import type { Vitals } from "../consult/schema.ts";
import { bytes, createdAt, id, instant } from "../db/columns.ts";
import { institution } from "../directory/schema.ts";
import { feverVisit } from "../fever/schema.ts";
import { person } from "../identity/schema.ts";
import { patient } from "../patients/schema.ts";
import { referral } from "../referral/schema.ts";
import type { ReadyItem } from "./domain.ts";
import { transferKinds, transferStates, vehicleKinds } from "./states.ts";

export const transferKind = pgEnum("transfer_kind", transferKinds);
export const transferState = pgEnum("transfer_state", transferStates);
export const vehicleKind = pgEnum("vehicle_kind", vehicleKinds);

/** The journey of one referral: vehicle, crew, hand-over. */
export const transfer = pgTable(
  "transfer",
  {
    id: id(),
    referralId: uuid("referral_id")
      .notNull()
      .unique("transfer_once")
      .references(() => referral.id),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    fromInstitutionId: uuid("from_institution_id")
      .notNull()
      .references(() => institution.id),
    toInstitutionId: uuid("to_institution_id")
      .notNull()
      .references(() => institution.id),
    kind: transferKind("kind").notNull(),
    state: transferState("state").notNull().default("requested"),
    version: integer("version").notNull().default(1),
    /** Of a fever sentinel, when it came from one. */
    feverVisitId: uuid("fever_visit_id").references(() => feverVisit.id),
    vehiclePlate: text("vehicle_plate"),
    vehicleKind: vehicleKind("vehicle_kind"),
    escortNameCipher: text("escort_name_cipher"),
    escortPhoneCipher: text("escort_phone_cipher"),
    /** Of the crew's secret link; null when it counts no more. */
    tokenHash: bytes("token_hash").unique(),
    requestedBy: uuid("requested_by")
      .notNull()
      .references(() => person.id),
    requestedAt: instant("requested_at").notNull(),
    departedAt: instant("departed_at"),
    expectedAt: instant("expected_at"),
    arrivedAt: instant("arrived_at"),
    handedOverAt: instant("handed_over_at"),
    /** Signs for the patient, by name; who of the house entered it is `handedOverBy`. */
    receiverName: text("receiver_name"),
    handedOverBy: uuid("handed_over_by").references(() => person.id),
    conditionOnArrival: text("condition_on_arrival"),
    vitalsOnArrival: jsonb("vitals_on_arrival").$type<Vitals>(),
    disinfectedAt: instant("disinfected_at"),
    disinfectedBy: uuid("disinfected_by").references(() => person.id),
    /** With what, and how long. */
    disinfection: text("disinfection"),
    cancelReason: text("cancel_reason"),
    isolationHoldId: uuid("isolation_hold_id"),
    createdAt: createdAt(),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [
    index().on(table.fromInstitutionId, table.state),
    index().on(table.toInstitutionId, table.state),
    index().on(table.patientId),
    check(
      "transfer_vehicle",
      sql`${table.state} in ('requested', 'cancelled') or (${table.vehiclePlate} is not null and ${table.vehicleKind} is not null
        and ${table.escortNameCipher} is not null and ${table.escortPhoneCipher} is not null)`,
    ),
    check(
      "transfer_negative_pressure",
      sql`${table.kind} <> 'infectious' or ${table.vehicleKind} is null or ${table.vehicleKind} = 'negative-pressure'`,
    ),
    check(
      "transfer_signed",
      sql`(${table.state} in ('handed-over', 'disinfected')) = (${table.handedOverAt} is not null) and (${table.handedOverAt} is null
        or (${table.receiverName} is not null and ${table.handedOverBy} is not null and ${table.vitalsOnArrival} is not null))`,
    ),
    check(
      "transfer_disinfected",
      sql`(${table.state} = 'disinfected') = (${table.disinfectedAt} is not null) and (${table.disinfectedAt} is null
        or (${table.disinfectedBy} is not null and coalesce(btrim(${table.disinfection}), '') <> ''))`,
    ),
    check(
      "transfer_link_ends",
      sql`${table.tokenHash} is null or ${table.state} in ('vehicle-assigned', 'picked-up', 'in-transit', 'arrived')`,
    ),
  ],
);

/** Every step with who and when; never changed. */
export const transferStep = pgTable(
  "transfer_step",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    transferId: uuid("transfer_id")
      .notNull()
      .references(() => transfer.id),
    action: text("action").notNull(),
    fromState: transferState("from_state"),
    toState: transferState("to_state").notNull(),
    byPersonId: uuid("by_person_id").references(() => person.id),
    byInstitutionId: uuid("by_institution_id").references(() => institution.id),
    /** Empty: the crew, by its link. */
    byName: text("by_name").notNull(),
    reason: text("reason"),
    /** When it happened; without a line the phone's own time. */
    at: instant("at").notNull(),
    /** When it was told to us. */
    toldAt: instant("told_at").notNull(),
  },
  (table) => [index().on(table.transferId)],
);

/** Where the vehicle was, when the crew shared it. Deleted a day after the hand-over. */
export const transferPosition = pgTable(
  "transfer_position",
  {
    transferId: uuid("transfer_id")
      .notNull()
      .references(() => transfer.id),
    at: instant("at").notNull(),
    latitude: doublePrecision("latitude").notNull(),
    longitude: doublePrecision("longitude").notNull(),
    accuracyMetres: doublePrecision("accuracy_metres"),
  },
  (table) => [
    primaryKey({ columns: [table.transferId, table.at] }),
    check(
      "transfer_position_on_earth",
      sql`${table.latitude} between -90 and 90 and ${table.longitude} between -180 and 180`,
    ),
  ],
);

/** Hand-over by telephone, doctor to doctor; never changed. */
export const transferCall = pgTable(
  "transfer_call",
  {
    id: id(),
    transferId: uuid("transfer_id")
      .notNull()
      .references(() => transfer.id),
    byPersonId: uuid("by_person_id")
      .notNull()
      .references(() => person.id),
    byInstitutionId: uuid("by_institution_id")
      .notNull()
      .references(() => institution.id),
    withName: text("with_name").notNull(),
    said: text("said").notNull(),
    /** The other doctor said it back. */
    readBack: text("read_back").notNull(),
    at: instant("at").notNull(),
  },
  (table) => [index().on(table.transferId)],
);

/** What the receiving team has ready, with the words it was ticked under. */
export const transferReady = pgTable(
  "transfer_ready",
  {
    transferId: uuid("transfer_id")
      .notNull()
      .references(() => transfer.id),
    code: text("code").notNull(),
    tickedBy: uuid("ticked_by")
      .notNull()
      .references(() => person.id),
    tickedAt: instant("ticked_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.transferId, table.code] })],
);

/**
 * A house's own list, each saving a version of its own that is never changed; without one the defaults of domain.ts.
 * A transfer keeps the version that counted when it was asked for.
 */
export const transferReadyList = pgTable(
  "transfer_ready_list",
  {
    institutionId: uuid("institution_id")
      .notNull()
      .references(() => institution.id),
    version: integer("version").notNull().default(1),
    items: jsonb("items").$type<ReadyItem[]>().notNull(),
    updatedBy: uuid("updated_by")
      .notNull()
      .references(() => person.id),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.institutionId, table.version] }),
    check("transfer_ready_list_version", sql`${table.version} >= 1`),
  ],
);

/** That a sealed record was made: neither its code nor its contents. Opening it proves itself by `proofHash`. */
export const transferPacket = pgTable(
  "transfer_packet",
  {
    id: id(),
    transferId: uuid("transfer_id")
      .notNull()
      .references(() => transfer.id),
    proofHash: bytes("proof_hash").notNull(),
    madeBy: uuid("made_by")
      .notNull()
      .references(() => person.id),
    madeAt: instant("made_at").notNull(),
    openedAt: instant("opened_at"),
    opened: integer("opened").notNull().default(0),
  },
  (table) => [index().on(table.transferId), unique("transfer_packet_proof").on(table.proofHash)],
);
