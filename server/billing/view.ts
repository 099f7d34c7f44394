/** Invoices as pages see them. */
import type { z } from "zod";
import { findInstitutions } from "../directory/service.ts";
import type { Work } from "../http/context.ts";
import { findPatients } from "../patients/service.ts";
import type { invoiceView } from "./contract.ts";
import type { InvoiceRow } from "./repository.ts";
import * as repository from "./repository.ts";

export async function viewInvoices(
  { tx }: Pick<Work, "tx">,
  rows: readonly InvoiceRow[],
): Promise<z.input<typeof invoiceView>[]> {
  const ids = rows.map((row) => row.id);
  const lines = await repository.findInvoiceLines(tx, ids);
  const payments = await repository.findPaymentsOf(tx, ids);
  const refunds = await repository.findRefundsOf(
    tx,
    payments.map((one) => one.id),
  );
  const houses = await findInstitutions(tx, [...new Set(rows.map((row) => row.institutionId))]);
  const people = await findPatients(tx, [...new Set(rows.map((row) => row.patientId))]);
  const names = new Map(
    people.map(({ row }) => [row.id, row.fullName ?? row.fullNameBo ?? row.unknownNote ?? "—"]),
  );
  return rows.map((row) => {
    const own = payments.filter((one) => one.invoiceId === row.id);
    const back = refunds.filter((one) => own.some((paid) => paid.id === one.paymentId));
    return {
      id: row.id,
      number: row.number,
      house: houses.find((one) => one.id === row.institutionId)?.name ?? "",
      patient: { id: row.patientId, name: names.get(row.patientId) ?? "—" },
      encounterKind: row.encounterKind,
      state: row.state,
      scheme: row.scheme,
      totalFen: row.totalFen,
      insuranceFen: row.insuranceFen,
      ownFen: row.ownFen,
      refundedFen: back
        .filter((one) => one.state !== "failed" && one.reason !== "surplus")
        .reduce((sum, one) => sum + one.amountFen, 0),
      payLater: row.payLater,
      issuedAt: row.issuedAt.toISOString(),
      dueAt: row.dueAt.toISOString(),
      balancedAt: row.balancedAt?.toISOString() ?? null,
      cancelReason: row.cancelReason,
      lines: lines
        .filter((line) => line.invoiceId === row.id)
        .map(({ invoiceId: _invoice, position: _position, priceId: _price, ...line }) => line),
      payments: own.map((one) => ({
        id: one.id,
        provider: one.provider,
        state: one.state,
        amountFen: one.amountFen,
        surplus: one.surplus,
        paidAt: one.paidAt?.toISOString() ?? null,
      })),
      refunds: back.map((one) => ({
        id: one.id,
        amountFen: one.amountFen,
        reason: one.reason,
        state: one.state,
        requestedAt: one.requestedAt.toISOString(),
        endedAt: one.endedAt?.toISOString() ?? null,
      })),
    };
  });
}
