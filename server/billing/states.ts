/** The ways of invoices, payments and refunds. The table `billing_transition` holds the same rows; a test compares both. */
import { DomainError } from "../errors/domain-error.ts";

/** FHIR InvoiceStatus. `balanced`: paid, or nothing of it was left to pay. */
export const invoiceStates = ["issued", "balanced", "cancelled"] as const;
export type InvoiceState = (typeof invoiceStates)[number];

/** `created`: the provider was not heard of yet, perhaps because its answer was lost. */
export const paymentStates = ["created", "pending", "succeeded", "failed", "expired"] as const;
export type PaymentState = (typeof paymentStates)[number];

export const refundStates = ["requested", "sent", "succeeded", "failed"] as const;
export type RefundState = (typeof refundStates)[number];

/** What is under way: nobody begins another beside it. */
export const livePayments: readonly PaymentState[] = ["created", "pending"];

type Steps<State extends string> = readonly (readonly [from: State, to: State])[];

export const invoiceSteps: Steps<InvoiceState> = [
  ["issued", "balanced"],
  ["issued", "cancelled"],
];

export const paymentSteps: Steps<PaymentState> = [
  ["created", "pending"],
  ["created", "succeeded"],
  ["created", "failed"],
  ["created", "expired"],
  ["pending", "succeeded"],
  ["pending", "failed"],
  ["pending", "expired"],
  // The provider's word is the last: money that came late has come all the same.
  ["failed", "succeeded"],
  ["expired", "succeeded"],
];

export const refundSteps: Steps<RefundState> = [
  ["requested", "sent"],
  ["requested", "succeeded"],
  ["requested", "failed"],
  ["sent", "succeeded"],
  ["sent", "failed"],
];

const leads = <State extends string>(steps: Steps<State>, from: State, to: State) =>
  steps.some((one) => one[0] === from && one[1] === to);

export const paymentMay = (from: PaymentState, to: PaymentState): boolean =>
  leads(paymentSteps, from, to);
export const refundMay = (from: RefundState, to: RefundState): boolean =>
  leads(refundSteps, from, to);

/** @throws DomainError `billing.illegal-step` */
export function assertInvoiceMay(from: InvoiceState, to: InvoiceState): void {
  if (!leads(invoiceSteps, from, to)) throw new DomainError("billing.illegal-step");
}
