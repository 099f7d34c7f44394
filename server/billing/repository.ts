/** Money: queries only. */
import { and, asc, desc, eq, gte, inArray, isNull, lt, ne, or, sql } from "drizzle-orm";
import type { Tx } from "../db/client.ts";
import { ofPerson } from "../patients/service.ts";
import {
  type BilledEncounter,
  type CoverageScheme,
  type LedgerAccount,
  type LedgerEntry,
  livePayments,
  type PaymentState,
} from "./domain.ts";
import {
  invoice,
  invoiceLine,
  ledgerEntry,
  ledgerLine,
  patientCoverage,
  payment,
  paymentEvent,
  price,
  reconciliation,
  reconciliationDifference,
  refund,
} from "./schema.ts";

export type PriceRow = typeof price.$inferSelect;
export type InvoiceRow = typeof invoice.$inferSelect;
export type InvoiceLineRow = typeof invoiceLine.$inferSelect;
export type PaymentRow = typeof payment.$inferSelect;
export type RefundRow = typeof refund.$inferSelect;
const first = <Row>(rows: readonly Row[]): Row | null => rows[0] ?? null;

// ---- prices ------------------------------------------------------------------------------------

/** What is approved for a day: one of each code. */
export const findPrices = (
  tx: Tx,
  institutionId: string,
  day: string,
  codes?: readonly string[],
): Promise<PriceRow[]> =>
  tx
    .select()
    .from(price)
    .where(
      and(
        eq(price.institutionId, institutionId),
        eq(price.state, "approved"),
        sql`${price.validFrom} <= ${day}`,
        or(isNull(price.validUntil), sql`${price.validUntil} > ${day}`),
        codes ? inArray(price.code, [...codes]) : undefined,
      ),
    )
    .orderBy(asc(price.category), asc(price.code));

export const listPrices = (tx: Tx, institutionId: string): Promise<PriceRow[]> =>
  tx
    .select()
    .from(price)
    .where(and(eq(price.institutionId, institutionId), ne(price.state, "withdrawn")))
    .orderBy(asc(price.category), asc(price.code), desc(price.validFrom))
    .limit(2_000);

export const findPrice = async (tx: Tx, id: string): Promise<PriceRow | null> =>
  first(await tx.select().from(price).where(eq(price.id, id)).for("update"));

export const insertPrice = async (tx: Tx, row: typeof price.$inferInsert): Promise<PriceRow> =>
  (await tx.insert(price).values(row).returning())[0]!;

export const updatePrice = async (
  tx: Tx,
  id: string,
  change: Partial<typeof price.$inferInsert>,
): Promise<PriceRow | null> =>
  first(await tx.update(price).set(change).where(eq(price.id, id)).returning());

// ---- coverage ----------------------------------------------------------------------------------

export const findCoverage = async (tx: Tx, patientId: string): Promise<CoverageScheme | null> =>
  first(
    await tx
      .select()
      .from(patientCoverage)
      .where(ofPerson(patientCoverage.patientId, patientId))
      .orderBy(desc(patientCoverage.seenAt))
      .limit(1),
  )?.scheme ?? null;

export const saveCoverage = (tx: Tx, row: typeof patientCoverage.$inferInsert) =>
  tx
    .insert(patientCoverage)
    .values(row)
    .onConflictDoUpdate({ target: patientCoverage.patientId, set: row });

// ---- invoices ----------------------------------------------------------------------------------

export async function newInvoiceNumber(tx: Tx, day: string): Promise<string> {
  const [row] = await tx.execute<{ number: string }>(
    sql`select nextval('invoice_number')::text as number`,
  );
  return `ZD${day.replaceAll("-", "")}${row!.number.padStart(5, "0")}`;
}

export async function insertInvoice(
  tx: Tx,
  row: typeof invoice.$inferInsert,
  lines: readonly Omit<typeof invoiceLine.$inferInsert, "invoiceId">[],
): Promise<InvoiceRow> {
  const made = (await tx.insert(invoice).values(row).returning())[0]!;
  await tx.insert(invoiceLine).values(lines.map((one) => ({ ...one, invoiceId: made.id })));
  return made;
}

/** Locked: whatever becomes of an invoice is done one after the other. */
export const lockInvoice = async (tx: Tx, id: string): Promise<InvoiceRow | null> =>
  first(await tx.select().from(invoice).where(eq(invoice.id, id)).for("update"));
export const findInvoice = async (tx: Tx, id: string): Promise<InvoiceRow | null> =>
  first(await tx.select().from(invoice).where(eq(invoice.id, id)));

export const findInvoiceLines = (tx: Tx, ids: readonly string[]): Promise<InvoiceLineRow[]> =>
  ids.length === 0
    ? Promise.resolve([])
    : tx
        .select()
        .from(invoiceLine)
        .where(inArray(invoiceLine.invoiceId, [...ids]))
        .orderBy(asc(invoiceLine.invoiceId), asc(invoiceLine.position));

export const findInvoicesOf = async (
  tx: Tx,
  patientId: string,
  since: Date,
): Promise<InvoiceRow[]> =>
  tx
    .select()
    .from(invoice)
    .where(and(ofPerson(invoice.patientId, patientId), gte(invoice.issuedAt, since)))
    .orderBy(desc(invoice.issuedAt), desc(invoice.id))
    .limit(100);

/** Of a house: what is open first, then the newest. */
export const listInvoices = (tx: Tx, institutionId: string, since: Date): Promise<InvoiceRow[]> =>
  tx
    .select()
    .from(invoice)
    .where(and(eq(invoice.institutionId, institutionId), gte(invoice.issuedAt, since)))
    .orderBy(sql`${invoice.state} <> 'issued'`, desc(invoice.issuedAt), desc(invoice.id))
    .limit(200);

export const updateInvoice = async (
  tx: Tx,
  id: string,
  change: Partial<typeof invoice.$inferInsert>,
): Promise<InvoiceRow> =>
  (await tx.update(invoice).set(change).where(eq(invoice.id, id)).returning())[0]!;

/** What was done at the own house and not billed yet, the newest first. */
export const findUnbilled = async (tx: Tx, since: Date) => {
  const rows = await tx.execute<{
    kind: BilledEncounter;
    id: string;
    patient_id: string;
    at: string | Date;
    medicines: { code: string; quantity: number }[];
  }>(sql`select * from app.unbilled_encounters(${since.toISOString()})`);
  return rows.map((row) => ({
    kind: row.kind,
    id: row.id,
    patientId: row.patient_id,
    at: new Date(row.at),
    medicines: row.medicines,
  }));
};

// ---- payments ----------------------------------------------------------------------------------

export const findPayment = async (tx: Tx, id: string): Promise<PaymentRow | null> =>
  first(await tx.select().from(payment).where(eq(payment.id, id)));
export const lockPayment = async (tx: Tx, id: string): Promise<PaymentRow | null> =>
  first(await tx.select().from(payment).where(eq(payment.id, id)).for("update"));

export const findLivePayment = async (tx: Tx, invoiceId: string): Promise<PaymentRow | null> =>
  first(
    await tx
      .select()
      .from(payment)
      .where(and(eq(payment.invoiceId, invoiceId), inArray(payment.state, [...livePayments]))),
  );

export const insertPayment = async (
  tx: Tx,
  row: typeof payment.$inferInsert,
): Promise<PaymentRow> => (await tx.insert(payment).values(row).returning())[0]!;

export const updatePayment = async (
  tx: Tx,
  id: string,
  change: Partial<typeof payment.$inferInsert>,
): Promise<PaymentRow> =>
  (await tx.update(payment).set(change).where(eq(payment.id, id)).returning())[0]!;

export const findPaymentsOf = (tx: Tx, invoiceIds: readonly string[]): Promise<PaymentRow[]> =>
  invoiceIds.length === 0
    ? Promise.resolve([])
    : tx
        .select()
        .from(payment)
        .where(inArray(payment.invoiceId, [...invoiceIds]))
        .orderBy(asc(payment.createdAt));

/** Of which nothing was heard for a while. */
export const findSilentPayments = (
  tx: Tx,
  before: Date,
  states: readonly PaymentState[] = livePayments,
): Promise<PaymentRow[]> =>
  tx
    .select()
    .from(payment)
    .where(and(inArray(payment.state, [...states]), lt(payment.updatedAt, before)))
    .orderBy(asc(payment.updatedAt))
    .limit(200);

// ---- refunds -----------------------------------------------------------------------------------

export const lockRefund = async (tx: Tx, id: string): Promise<RefundRow | null> =>
  first(await tx.select().from(refund).where(eq(refund.id, id)).for("update"));
export const findRefund = async (tx: Tx, id: string): Promise<RefundRow | null> =>
  first(await tx.select().from(refund).where(eq(refund.id, id)));
export const insertRefund = async (tx: Tx, row: typeof refund.$inferInsert): Promise<RefundRow> =>
  (await tx.insert(refund).values(row).returning())[0]!;
export const updateRefund = async (
  tx: Tx,
  id: string,
  change: Partial<typeof refund.$inferInsert>,
): Promise<RefundRow> =>
  (await tx.update(refund).set(change).where(eq(refund.id, id)).returning())[0]!;
export const findRefundsOf = (tx: Tx, paymentIds: readonly string[]): Promise<RefundRow[]> =>
  paymentIds.length === 0
    ? Promise.resolve([])
    : tx
        .select()
        .from(refund)
        .where(inArray(refund.paymentId, [...paymentIds]))
        .orderBy(asc(refund.requestedAt), asc(refund.id));
/** Of which nothing was heard for a while, with the provider that has the money. */
export const findSilentRefunds = (
  tx: Tx,
  before: Date,
): Promise<{ refund: RefundRow; provider: string }[]> =>
  tx
    .select({ refund, provider: payment.provider })
    .from(refund)
    .innerJoin(payment, eq(payment.id, refund.paymentId))
    .where(and(inArray(refund.state, ["requested", "sent"]), lt(refund.updatedAt, before)))
    .orderBy(asc(refund.updatedAt))
    .limit(200);

// ---- what providers tell -----------------------------------------------------------------------

/** Told before, it stays as it was. */
export const insertEvent = (tx: Tx, row: typeof paymentEvent.$inferInsert) =>
  tx.insert(paymentEvent).values(row).onConflictDoNothing();
export const findEvent = async (tx: Tx, provider: string, eventId: string) =>
  first(
    await tx
      .select()
      .from(paymentEvent)
      .where(and(eq(paymentEvent.provider, provider), eq(paymentEvent.eventId, eventId))),
  );

// ---- the ledger --------------------------------------------------------------------------------

/** Posts once for a source: whatever is repeated finds it posted. */
export async function post(
  tx: Tx,
  row: { institutionId: string; sourceId: string; at: Date; entry: LedgerEntry },
): Promise<void> {
  const { entry, institutionId, sourceId, at } = row;
  if (entry.lines.length === 0) return;
  const [made] = await tx
    .insert(ledgerEntry)
    .values({ institutionId, sourceId, at, kind: entry.kind })
    .onConflictDoNothing()
    .returning({ id: ledgerEntry.id });
  if (made)
    await tx.insert(ledgerLine).values(entry.lines.map((one) => ({ ...one, entryId: made.id })));
}

export const findPosted = (tx: Tx, kind: LedgerEntry["kind"], sourceId: string) =>
  tx
    .select({ account: ledgerLine.account, fen: ledgerLine.fen })
    .from(ledgerLine)
    .innerJoin(ledgerEntry, eq(ledgerEntry.id, ledgerLine.entryId))
    .where(and(eq(ledgerEntry.kind, kind), eq(ledgerEntry.sourceId, sourceId)));

/** What each account of a house comes to, debits positive. */
export const balances = async (
  tx: Tx,
  institutionId: string,
): Promise<{ account: LedgerAccount; fen: number }[]> => {
  const rows = await tx
    .select({ account: ledgerLine.account, fen: sql<string>`sum(${ledgerLine.fen})` })
    .from(ledgerLine)
    .innerJoin(ledgerEntry, eq(ledgerEntry.id, ledgerLine.entryId))
    .where(eq(ledgerEntry.institutionId, institutionId))
    .groupBy(ledgerLine.account)
    .orderBy(ledgerLine.account);
  return rows.map((row) => ({ account: row.account, fen: Number(row.fen) }));
};

// ---- days --------------------------------------------------------------------------------------

/** What moved between two instants at a provider, as we know it. */
export const findMovements = async (tx: Tx, provider: string, from: Date, until: Date) => {
  const paid = await tx
    .select({ id: payment.id, fen: payment.amountFen, institutionId: payment.institutionId })
    .from(payment)
    .where(
      and(
        eq(payment.provider, provider),
        eq(payment.state, "succeeded"),
        gte(payment.paidAt, from),
        lt(payment.paidAt, until),
      ),
    );
  const returned = await tx
    .select({ id: refund.id, fen: refund.amountFen, institutionId: refund.institutionId })
    .from(refund)
    .innerJoin(payment, eq(payment.id, refund.paymentId))
    .where(
      and(
        eq(payment.provider, provider),
        eq(refund.state, "succeeded"),
        gte(refund.endedAt, from),
        lt(refund.endedAt, until),
      ),
    );
  return [
    ...paid.map((one) => ({ ...one, kind: "payment" as const })),
    ...returned.map((one) => ({ ...one, kind: "refund" as const })),
  ];
};

/** Replaces what an earlier comparison of the day found; what a person cleared up stays cleared. */
export async function saveReconciliation(
  tx: Tx,
  row: typeof reconciliation.$inferInsert,
  differences: readonly Omit<typeof reconciliationDifference.$inferInsert, "reconciliationId">[],
): Promise<void> {
  const [kept] = await tx
    .insert(reconciliation)
    .values(row)
    .onConflictDoUpdate({ target: [reconciliation.provider, reconciliation.day], set: row })
    .returning({ id: reconciliation.id });
  await tx
    .delete(reconciliationDifference)
    .where(
      and(
        eq(reconciliationDifference.reconciliationId, kept!.id),
        isNull(reconciliationDifference.clearedAt),
      ),
    );
  if (differences.length > 0)
    await tx
      .insert(reconciliationDifference)
      .values(differences.map((one) => ({ ...one, reconciliationId: kept!.id })))
      .onConflictDoNothing();
}

export const listReconciliations = (tx: Tx, since: string) =>
  tx
    .select()
    .from(reconciliation)
    .where(gte(reconciliation.day, since))
    .orderBy(desc(reconciliation.day), asc(reconciliation.provider))
    .limit(100);

export const findDifferences = (tx: Tx, ids: readonly string[]) =>
  ids.length === 0
    ? Promise.resolve([])
    : tx
        .select()
        .from(reconciliationDifference)
        .where(inArray(reconciliationDifference.reconciliationId, [...ids]))
        .orderBy(asc(reconciliationDifference.movementId));

export const clearDifference = async (
  tx: Tx,
  key: { reconciliationId: string; movementId: string },
  change: { clearedBy: string; clearedAt: Date; clearedNote: string },
) =>
  tx
    .update(reconciliationDifference)
    .set(change)
    .where(
      and(
        eq(reconciliationDifference.reconciliationId, key.reconciliationId),
        eq(reconciliationDifference.movementId, key.movementId),
        isNull(reconciliationDifference.clearedAt),
      ),
    )
    .returning();
