/** What the house asks of a payment provider, and what it hears from one. */
import { z } from "zod";
import { day, instant, line, uuid } from "../http/contract.ts";
import { MAX_FEN } from "./money.ts";

const fen = z.int().min(1).max(MAX_FEN);

/** `order` and `refund` are our numbers (payment.id, refund.id): asked twice, it is the same one. */
export const orderBody = z.object({
  order: uuid,
  amountFen: fen,
  /** Shown at the provider: never what somebody was treated for. */
  subject: line(100),
  notifyUrl: z.url(),
  returnUrl: z.url(),
  expiresAt: instant,
});
export type OrderBody = z.infer<typeof orderBody>;
export const orderAnswer = z.object({ reference: line(100), payUrl: z.url() });

export const orderView = z.object({
  state: z.enum(["open", "paid", "declined", "expired", "unknown"]),
  reference: z.string().nullable(),
  amountFen: fen.nullable(),
  paidAt: instant.nullable(),
});
export type OrderView = z.infer<typeof orderView>;

export const refundBody = z.object({ refund: uuid, order: uuid, amountFen: fen });
export type RefundBody = z.infer<typeof refundBody>;
export const refundView = z.object({
  state: z.enum(["accepted", "succeeded", "refused", "unknown"]),
});
export type RefundView = z.infer<typeof refundView>;

export const statementView = z.object({
  day,
  rows: z.array(
    z.object({ kind: z.enum(["payment", "refund"]), id: uuid, amountFen: fen, at: instant }),
  ),
});
export type StatementView = z.infer<typeof statementView>;

export const providerEvent = z.object({
  eventId: line(100),
  type: z.enum(["payment.succeeded", "payment.failed", "refund.succeeded", "refund.failed"]),
  /** Our number of the payment or refund. */
  id: uuid,
  reference: z.string().max(100),
  amountFen: fen,
  at: instant,
});
export type ProviderEvent = z.infer<typeof providerEvent>;

export type PaymentProvider = {
  readonly name: string;
  /** Where it tells us what became of something. */
  readonly notifyUrl: string;
  createOrder: (order: OrderBody) => Promise<z.infer<typeof orderAnswer>>;
  findOrder: (order: string) => Promise<OrderView>;
  refund: (refund: RefundBody) => Promise<RefundView>;
  findRefund: (refund: string) => Promise<RefundView>;
  /** Everything that moved on a day of the calendar in Shanghai. */
  statement: (day: string) => Promise<StatementView>;
  /** @throws DomainError `billing.forged` unless the provider itself said it, just now */
  readEvent: (headers: Readonly<Record<string, unknown>>, body: string) => ProviderEvent;
};

export type PaymentProviders = ReadonlyMap<string, PaymentProvider>;
