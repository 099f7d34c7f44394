/** Paying: an attempt by a provider, or cash at the desk. What the provider says decides, also when it says it late or twice. */
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import type { Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { Actor, PatientActor, StaffActor } from "../identity/domain.ts";
import { providersWord } from "./actor.ts";
import { tellOf } from "./change.ts";
import type { invoiceAnswer, payAnswer } from "./contract.ts";
import {
  livePayments,
  PAYMENT_LASTS_MS,
  paymentMay,
  paymentReceived,
  surplusReceived,
} from "./domain.ts";
import type { PaymentProvider } from "./provider.ts";
import type { InvoiceRow, PaymentRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { viewInvoices } from "./view.ts";

export const CASH = "cash";

/**
 * Begin to pay, or go on with what was begun at the same provider. An attempt at another one is left: should its
 * money still come, it goes back by itself.
 * @throws DomainError `billing.nothing-due`
 */
export async function beginPayment(
  work: Work<PatientActor>,
  invoiceId: string,
  provider: string,
): Promise<PaymentRow> {
  const { tx, actor, origin, now } = work;
  const due = await lockDue(tx, invoiceId);
  const live = await repository.findLivePayment(tx, invoiceId);
  if (live?.provider === provider && live.expiresAt > now) return live;
  if (live) await repository.updatePayment(tx, live.id, { state: "expired", updatedAt: now });
  const row = await repository.insertPayment(tx, {
    invoiceId,
    institutionId: due.institutionId,
    provider,
    amountFen: due.ownFen,
    expiresAt: new Date(now.getTime() + PAYMENT_LASTS_MS),
    updatedAt: now,
  });
  await trace(tx, actor, origin, {
    action: "payment.begin",
    entityType: "invoice",
    entityId: invoiceId,
    patientId: due.patientId,
    purpose: "payment",
    detail: { provider, amountFen: row.amountFen },
  });
  return row;
}

/** Ask the provider for the order of an attempt, outside of any transaction: it is asked as often as needed. */
export async function openOrder(
  services: Services,
  provider: PaymentProvider,
  row: PaymentRow,
): Promise<z.input<typeof payAnswer>> {
  if (row.state === "pending" && row.payUrl) return { paymentId: row.id, payUrl: row.payUrl };
  const { publicUrl } = services;
  const { reference, payUrl } = await provider.createOrder({
    order: row.id,
    amountFen: row.amountFen,
    subject: "医联 就诊费用",
    notifyUrl: provider.notifyUrl,
    returnUrl: `${publicUrl}/bills`,
    expiresAt: row.expiresAt.toISOString(),
  });
  await services.db.withActor(providersWord, async (tx) => {
    const kept = await repository.lockPayment(tx, row.id);
    // Its callback may have been quicker than its answer.
    if (kept?.state !== "created") return;
    await repository.updatePayment(tx, row.id, {
      state: "pending",
      reference,
      payUrl,
      updatedAt: services.clock(),
    });
  });
  return { paymentId: row.id, payUrl };
}

/** Somebody pays at the desk, in notes and coins. */
export async function payInCash(
  work: Work<StaffActor>,
  invoiceId: string,
): Promise<z.input<typeof invoiceAnswer>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "billing.cashier");
  const due = await lockDue(tx, invoiceId);
  if (due.institutionId !== actor.institutionId) throw new DomainError("request.not-found");
  const live = await repository.findLivePayment(tx, invoiceId);
  if (live) await repository.updatePayment(tx, live.id, { state: "expired", updatedAt: now });
  const row = await repository.insertPayment(tx, {
    invoiceId,
    institutionId: due.institutionId,
    provider: CASH,
    amountFen: due.ownFen,
    expiresAt: now,
    updatedAt: now,
  });
  await settle(work, due, row, { at: now, reference: null });
  await trace(tx, actor, origin, {
    action: "payment.cash",
    entityType: "invoice",
    entityId: invoiceId,
    patientId: due.patientId,
    purpose: "payment",
    detail: { amountFen: row.amountFen },
  });
  return {
    invoice: (await viewInvoices(work, [(await repository.findInvoice(tx, invoiceId))!]))[0]!,
  };
}

async function lockDue(tx: Tx, invoiceId: string): Promise<InvoiceRow> {
  const row = await repository.lockInvoice(tx, invoiceId);
  if (!row) throw new DomainError("request.not-found");
  if (row.state !== "issued") throw new DomainError("billing.nothing-due");
  return row;
}

/** What became of an attempt, by the provider's word. @returns whether anything changed */
export async function hearOfPayment(
  work: { tx: Tx; actor: Actor; now: Date },
  paymentId: string,
  heard: { state: "succeeded" | "failed" | "expired"; at: Date; reference: string | null },
): Promise<boolean> {
  const { tx, now } = work;
  const known = await repository.findPayment(tx, paymentId);
  if (!known) throw new DomainError("request.not-found");
  // Always the invoice first: two who wait for each other wait for ever.
  const due = (await repository.lockInvoice(tx, known.invoiceId))!;
  const row = (await repository.lockPayment(tx, paymentId))!;
  if (!paymentMay(row.state, heard.state)) return false;
  if (heard.state === "succeeded") await settle(work, due, row, heard);
  else
    await repository.updatePayment(tx, paymentId, {
      state: heard.state,
      updatedAt: now,
      reference: heard.reference ?? row.reference,
    });
  await tellOf(work, due);
  return true;
}

async function settle(
  { tx, now }: { tx: Tx; now: Date },
  due: InvoiceRow,
  row: PaymentRow,
  { at, reference }: { at: Date; reference: string | null },
): Promise<void> {
  const surplus = due.state !== "issued";
  await repository.updatePayment(tx, row.id, {
    state: "succeeded",
    surplus,
    paidAt: at,
    reference: reference ?? row.reference,
    updatedAt: now,
  });
  await repository.post(tx, {
    institutionId: row.institutionId,
    sourceId: row.id,
    at: now,
    entry: surplus ? surplusReceived(row.amountFen) : paymentReceived(row.amountFen),
  });
  if (surplus)
    await repository.insertRefund(tx, {
      paymentId: row.id,
      institutionId: row.institutionId,
      amountFen: row.amountFen,
      reason: "surplus",
      requestedAt: now,
      updatedAt: now,
    });
  else
    await repository.updateInvoice(tx, due.id, {
      state: "balanced",
      balancedAt: now,
      paymentId: row.id,
    });
}

/** Ask after attempts of which nothing was heard: their callback may be lost. */
export async function askAfter(
  services: Pick<Services, "db" | "clock">,
  provider: PaymentProvider,
  row: PaymentRow,
): Promise<void> {
  const { state, paidAt, reference, amountFen } = await provider.findOrder(row.id);
  const now = services.clock();
  await services.db.withActor(providersWord, async (tx) => {
    const work = { tx, actor: providersWord, now };
    const over = row.expiresAt <= now;
    if (state === "paid" && amountFen === row.amountFen)
      await hearOfPayment(work, row.id, {
        state: "succeeded",
        at: paidAt ? new Date(paidAt) : now,
        reference,
      });
    else if (state === "declined")
      await hearOfPayment(work, row.id, { state: "failed", at: now, reference });
    else if (state === "expired" || over)
      await hearOfPayment(work, row.id, { state: "expired", at: now, reference });
    else if (livePayments.includes(row.state))
      // Asked: the others of the row come first next time.
      await repository.updatePayment(tx, row.id, { updatedAt: now });
  });
}
