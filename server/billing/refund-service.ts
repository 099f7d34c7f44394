/** Giving money back: agreed by a cashier, sent to the provider, done when the provider says so. */
import type { z } from "zod";
import { trace } from "../audit/service.ts";
import type { Tx } from "../db/client.ts";
import { DomainError } from "../errors/domain-error.ts";
import { assertPermission, type Services, type Work } from "../http/context.ts";
import type { Actor, StaffActor } from "../identity/domain.ts";
import { providersWord } from "./actor.ts";
import { tellOf } from "./change.ts";
import type { invoiceAnswer, refundRequest } from "./contract.ts";
import { refundAgreed, refundFailed, refundMay, refundPaid } from "./domain.ts";
import { CASH } from "./payment-service.ts";
import type { PaymentProvider } from "./provider.ts";
import type { RefundRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { viewInvoices } from "./view.ts";

/**
 * Give back some or all of what was paid for an invoice.
 * @throws DomainError `billing.too-much` when it is more than is left, `billing.nothing-paid`
 */
export async function requestRefund(
  work: Work<StaffActor>,
  invoiceId: string,
  { amountFen, reason, note }: z.output<typeof refundRequest>,
): Promise<z.input<typeof invoiceAnswer>> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "billing.cashier");
  const billed = await repository.lockInvoice(tx, invoiceId);
  if (billed?.institutionId !== actor.institutionId) throw new DomainError("request.not-found");
  if (!billed.paymentId) throw new DomainError("billing.nothing-paid");
  const paid = (await repository.findPayment(tx, billed.paymentId))!;
  const before = (await repository.findRefundsOf(tx, [paid.id]))
    .filter((one) => one.state !== "failed")
    .reduce((sum, one) => sum + one.amountFen, 0);
  if (before + amountFen > paid.amountFen)
    throw new DomainError("billing.too-much", { left: paid.amountFen - before });
  const row = await repository.insertRefund(tx, {
    paymentId: paid.id,
    institutionId: paid.institutionId,
    amountFen,
    reason,
    note,
    requestedBy: actor.personId,
    requestedAt: now,
    updatedAt: now,
  });
  await repository.post(tx, {
    institutionId: row.institutionId,
    sourceId: row.id,
    at: now,
    entry: refundAgreed(amountFen, await repository.findInvoiceLines(tx, [invoiceId]), before),
  });
  await trace(tx, actor, origin, {
    action: "refund.request",
    entityType: "invoice",
    entityId: invoiceId,
    patientId: billed.patientId,
    purpose: "payment",
    detail: { amountFen, reason },
  });
  // Cash is in the patient's hand when the cashier writes it down.
  if (paid.provider === CASH) await hearOfRefund(work, row.id, { state: "succeeded", at: now });
  await tellOf(work, billed);
  return { invoice: (await viewInvoices(work, [billed]))[0]! };
}

/**
 * Try once more to give back what nobody owed: it is still not ours.
 * @throws DomainError `billing.illegal-step` of any other refund: that one is agreed anew
 */
export async function retryRefund(work: Work<StaffActor>, refundId: string): Promise<void> {
  const { tx, actor, origin, now } = work;
  assertPermission(actor, "billing.cashier");
  const row = await repository.lockRefund(tx, refundId);
  if (row?.institutionId !== actor.institutionId) throw new DomainError("request.not-found");
  if (row.state !== "failed" || row.reason !== "surplus")
    throw new DomainError("billing.illegal-step");
  await repository.insertRefund(tx, {
    paymentId: row.paymentId,
    institutionId: row.institutionId,
    amountFen: row.amountFen,
    reason: row.reason,
    requestedBy: actor.personId,
    requestedAt: now,
    updatedAt: now,
  });
  await trace(tx, actor, origin, {
    action: "refund.retry",
    entityType: "refund",
    entityId: refundId,
    purpose: "payment",
    detail: { amountFen: row.amountFen },
  });
}

/** What became of a refund, by the provider's word. @returns whether anything changed */
export async function hearOfRefund(
  { tx, now }: { tx: Tx; actor: Actor; now: Date },
  refundId: string,
  { state, at }: { state: "succeeded" | "failed"; at: Date },
): Promise<boolean> {
  const row = await repository.lockRefund(tx, refundId);
  if (!row) throw new DomainError("request.not-found");
  if (!refundMay(row.state, state)) return false;
  await repository.updateRefund(tx, refundId, { state, endedAt: at, updatedAt: now });
  const agreed = await repository.findPosted(tx, "refund-agreed", refundId);
  const entry = state === "succeeded" ? refundPaid(row.amountFen) : refundFailed(agreed);
  await repository.post(tx, {
    institutionId: row.institutionId,
    sourceId: refundId,
    at: now,
    entry,
  });
  const paid = (await repository.findPayment(tx, row.paymentId))!;
  await tellOf({ tx }, (await repository.findInvoice(tx, paid.invoiceId))!);
  return true;
}

/** Hand a refund to the provider, outside of any transaction; the same number again is the same refund. */
export async function sendRefund(
  services: Pick<Services, "db" | "clock">,
  provider: PaymentProvider,
  row: RefundRow,
): Promise<void> {
  const { state } =
    row.state === "requested"
      ? await provider.refund({ refund: row.id, order: row.paymentId, amountFen: row.amountFen })
      : await provider.findRefund(row.id);
  const now = services.clock();
  await services.db.withActor(providersWord, async (tx) => {
    const work = { tx, actor: providersWord, now };
    if (state === "succeeded" || state === "refused")
      await hearOfRefund(work, row.id, {
        state: state === "succeeded" ? "succeeded" : "failed",
        at: now,
      });
    else if (state === "accepted") {
      const kept = await repository.lockRefund(tx, row.id);
      if (kept && refundMay(kept.state, "sent"))
        await repository.updateRefund(tx, row.id, { state: "sent", updatedAt: now });
      else if (kept?.state === "sent")
        await repository.updateRefund(tx, row.id, { updatedAt: now });
    }
  });
}
