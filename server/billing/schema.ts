import { sql } from "drizzle-orm";
import {
  bigint,
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
import { person } from "../identity/schema.ts";
import { patient } from "../patients/schema.ts";
import {
  billedEncounters,
  coverageSchemes,
  differenceKinds,
  entryKinds,
  invoiceStates,
  ledgerAccounts,
  paymentStates,
  priceCategories,
  priceStates,
  refundReasons,
  refundStates,
} from "./domain.ts";

export const coverageScheme = pgEnum("coverage_scheme", coverageSchemes);
export const priceCategory = pgEnum("price_category", priceCategories);
export const priceState = pgEnum("price_state", priceStates);
export const billedEncounter = pgEnum("billed_encounter", billedEncounters);
export const invoiceState = pgEnum("invoice_state", invoiceStates);
export const paymentState = pgEnum("payment_state", paymentStates);
export const refundState = pgEnum("refund_state", refundStates);
export const refundReason = pgEnum("refund_reason", refundReasons);
export const ledgerAccount = pgEnum("ledger_account", ledgerAccounts);
export const ledgerEntryKind = pgEnum("ledger_entry_kind", entryKinds);
export const differenceKind = pgEnum("difference_kind", differenceKinds);

const fen = (name: string) => bigint(name, { mode: "number" }).notNull();
const ofInstitution = () =>
  uuid("institution_id")
    .notNull()
    .references(() => institution.id);

/** What something costs at a house from a day on. Approved ones of one code never overlap. */
export const price = pgTable(
  "price",
  {
    id: id(),
    institutionId: ofInstitution(),
    code: text("code").notNull(),
    category: priceCategory("category").notNull(),
    name: jsonb("name").$type<{ zh: string; en: string; bo: string }>().notNull(),
    unitFen: fen("unit_fen"),
    insured: boolean("insured").notNull(),
    validFrom: date("valid_from").notNull(),
    /** The day before which it ended; null: until another one begins. */
    validUntil: date("valid_until"),
    state: priceState("state").notNull().default("proposed"),
    proposedBy: uuid("proposed_by").references(() => person.id),
    approvedBy: uuid("approved_by").references(() => person.id),
    approvedAt: instant("approved_at"),
    createdAt: createdAt(),
  },
  (table) => [
    index().on(table.institutionId, table.code, table.validFrom),
    check("price_sane", sql`${table.unitFen} between 0 and 100000000`),
    check(
      "price_days",
      sql`${table.validUntil} is null or ${table.validUntil} > ${table.validFrom}`,
    ),
    check(
      "price_two_people",
      sql`${table.state} <> 'approved' or (${table.approvedAt} is not null and ${table.approvedBy} is distinct from ${table.proposedBy})`,
    ),
  ],
);

/** A patient's insurance as last seen on the card. */
export const patientCoverage = pgTable("patient_coverage", {
  patientId: uuid("patient_id")
    .primaryKey()
    .references(() => patient.id),
  scheme: coverageScheme("scheme").notNull(),
  seenBy: uuid("seen_by").references(() => person.id),
  seenAt: instant("seen_at").notNull(),
});

/** What somebody owes for one encounter (FHIR Invoice). Its lines and amounts stand. */
export const invoice = pgTable(
  "invoice",
  {
    id: id(),
    number: text("number").notNull().unique(),
    institutionId: ofInstitution(),
    patientId: uuid("patient_id")
      .notNull()
      .references(() => patient.id),
    encounterKind: billedEncounter("encounter_kind").notNull(),
    encounterId: uuid("encounter_id").notNull(),
    state: invoiceState("state").notNull().default("issued"),
    scheme: coverageScheme("scheme").notNull(),
    totalFen: fen("total_fen"),
    insuranceFen: fen("insurance_fen"),
    ownFen: fen("own_fen"),
    /** May be paid after the visit. */
    payLater: boolean("pay_later").notNull().default(false),
    dueAt: instant("due_at").notNull(),
    issuedBy: uuid("issued_by").references(() => person.id),
    issuedAt: instant("issued_at").notNull(),
    balancedAt: instant("balanced_at"),
    /** Who paid it: of several attempts one. */
    paymentId: uuid("payment_id"),
    cancelledBy: uuid("cancelled_by").references(() => person.id),
    cancelledAt: instant("cancelled_at"),
    cancelReason: text("cancel_reason"),
    createdAt: createdAt(),
  },
  (table) => [
    index().on(table.patientId, table.issuedAt),
    index().on(table.institutionId, table.state, table.issuedAt),
    index().on(table.encounterKind, table.encounterId),
    check(
      "invoice_parts",
      sql`${table.totalFen} = ${table.insuranceFen} + ${table.ownFen} and ${table.insuranceFen} >= 0 and ${table.ownFen} >= 0 and ${table.totalFen} <= 100000000`,
    ),
    check(
      "invoice_balanced",
      sql`(${table.state} = 'balanced') = (${table.balancedAt} is not null) and (${table.state} <> 'balanced' or ${table.ownFen} = 0 or ${table.paymentId} is not null)`,
    ),
    check(
      "invoice_cancelled",
      sql`(${table.state} = 'cancelled') = (${table.cancelledAt} is not null) and (${table.state} <> 'cancelled' or btrim(coalesce(${table.cancelReason}, '')) <> '')`,
    ),
  ],
);

/** FHIR ChargeItem. */
export const invoiceLine = pgTable(
  "invoice_line",
  {
    invoiceId: uuid("invoice_id")
      .notNull()
      .references(() => invoice.id),
    position: smallint("position").notNull(),
    priceId: uuid("price_id")
      .notNull()
      .references(() => price.id),
    code: text("code").notNull(),
    category: priceCategory("category").notNull(),
    name: jsonb("name").$type<{ zh: string; en: string; bo: string }>().notNull(),
    unitFen: fen("unit_fen"),
    quantity: doublePrecision("quantity").notNull(),
    insured: boolean("insured").notNull(),
    totalFen: fen("total_fen"),
    insuranceFen: fen("insurance_fen"),
    ownFen: fen("own_fen"),
  },
  (table) => [
    primaryKey({ columns: [table.invoiceId, table.position] }),
    check(
      "invoice_line_parts",
      sql`${table.totalFen} = ${table.insuranceFen} + ${table.ownFen} and ${table.insuranceFen} >= 0 and ${table.ownFen} >= 0 and ${table.quantity} > 0`,
    ),
  ],
);

/** One attempt to pay an invoice by a provider. Its id is the merchant's number of the order. */
export const payment = pgTable(
  "payment",
  {
    id: id(),
    invoiceId: uuid("invoice_id")
      .notNull()
      .references(() => invoice.id),
    institutionId: ofInstitution(),
    provider: text("provider").notNull(),
    amountFen: fen("amount_fen"),
    state: paymentState("state").notNull().default("created"),
    /** The provider's number, and its page where the person pays. */
    reference: text("reference"),
    payUrl: text("pay_url"),
    expiresAt: instant("expires_at").notNull(),
    paidAt: instant("paid_at"),
    /** Nobody owed it any more when it came. */
    surplus: boolean("surplus").notNull().default(false),
    updatedAt: instant("updated_at").notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex("payment_one_under_way")
      .on(table.invoiceId)
      .where(sql`${table.state} in ('created', 'pending')`),
    uniqueIndex("payment_paid_once")
      .on(table.invoiceId)
      .where(sql`${table.state} = 'succeeded' and not ${table.surplus}`),
    index().on(table.provider, table.paidAt),
    index("payment_under_way")
      .on(table.updatedAt)
      .where(sql`${table.state} in ('created', 'pending')`),
    check("payment_amount", sql`${table.amountFen} > 0`),
    check(
      "payment_paid",
      sql`(${table.state} = 'succeeded') = (${table.paidAt} is not null) and (not ${table.surplus} or ${table.state} = 'succeeded')`,
    ),
  ],
);

/** Money that goes back. Its id is the merchant's number of the refund. */
export const refund = pgTable(
  "refund",
  {
    id: id(),
    paymentId: uuid("payment_id")
      .notNull()
      .references(() => payment.id),
    institutionId: ofInstitution(),
    amountFen: fen("amount_fen"),
    reason: refundReason("reason").notNull(),
    note: text("note").notNull().default(""),
    state: refundState("state").notNull().default("requested"),
    requestedBy: uuid("requested_by").references(() => person.id),
    requestedAt: instant("requested_at").notNull(),
    endedAt: instant("ended_at"),
    updatedAt: instant("updated_at").notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    index().on(table.paymentId),
    index("refund_under_way")
      .on(table.updatedAt)
      .where(sql`${table.state} in ('requested', 'sent')`),
    check("refund_amount", sql`${table.amountFen} > 0`),
    check(
      "refund_ended",
      sql`(${table.state} in ('succeeded', 'failed')) = (${table.endedAt} is not null)`,
    ),
  ],
);

/** What a provider told: each event once, whatever became of it. */
export const paymentEvent = pgTable(
  "payment_event",
  {
    provider: text("provider").notNull(),
    eventId: text("event_id").notNull(),
    type: text("type").notNull(),
    /** Hash of what was said: the same number with other words is no repetition. */
    hash: bytes("hash").notNull(),
    paymentId: uuid("payment_id").references(() => payment.id),
    refundId: uuid("refund_id").references(() => refund.id),
    applied: boolean("applied").notNull(),
    receivedAt: instant("received_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.provider, table.eventId] })],
);

export const ledgerEntry = pgTable(
  "ledger_entry",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    institutionId: ofInstitution(),
    kind: ledgerEntryKind("kind").notNull(),
    /** Of what: an invoice, a payment or a refund. */
    sourceId: uuid("source_id").notNull(),
    at: instant("at").notNull(),
  },
  (table) => [
    unique("ledger_entry_once").on(table.kind, table.sourceId),
    index().on(table.institutionId, table.at),
  ],
);

/** Debits are positive. At commit an entry's lines come to nothing. */
export const ledgerLine = pgTable(
  "ledger_line",
  {
    entryId: bigint("entry_id", { mode: "number" })
      .notNull()
      .references(() => ledgerEntry.id),
    account: ledgerAccount("account").notNull(),
    fen: fen("fen"),
  },
  (table) => [
    primaryKey({ columns: [table.entryId, table.account] }),
    check("ledger_line_moves", sql`${table.fen} <> 0`),
  ],
);

/** A provider's statement of a day was compared with the house's own payments and refunds. */
export const reconciliation = pgTable(
  "reconciliation",
  {
    id: id(),
    provider: text("provider").notNull(),
    day: date("day").notNull(),
    /** How many movements there were on both sides, and what they came to. */
    ours: integer("ours").notNull(),
    theirs: integer("theirs").notNull(),
    oursFen: fen("ours_fen"),
    theirsFen: fen("theirs_fen"),
    comparedAt: instant("compared_at").notNull(),
  },
  (table) => [unique("reconciliation_once").on(table.provider, table.day)],
);

export const reconciliationDifference = pgTable(
  "reconciliation_difference",
  {
    reconciliationId: uuid("reconciliation_id")
      .notNull()
      .references(() => reconciliation.id),
    /** The merchant's number of the payment or refund. */
    movementId: text("movement_id").notNull(),
    institutionId: uuid("institution_id").references(() => institution.id),
    kind: differenceKind("kind").notNull(),
    oursFen: bigint("ours_fen", { mode: "number" }),
    theirsFen: bigint("theirs_fen", { mode: "number" }),
    /** What a person wrote when it was cleared up. */
    clearedBy: uuid("cleared_by").references(() => person.id),
    clearedAt: instant("cleared_at"),
    clearedNote: text("cleared_note"),
  },
  (table) => [primaryKey({ columns: [table.reconciliationId, table.movementId, table.kind] })],
);
