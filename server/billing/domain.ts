/** Rules of money. Pure. */
export * from "./ledger.ts";
export * from "./money.ts";
export * from "./split.ts";
export * from "./states.ts";

/** How long somebody may take at the provider's page. */
export const PAYMENT_LASTS_MS = 30 * 60_000;
/** A callback that has not come in this time is asked after. */
export const ASK_AFTER_MS = 60_000;
/** After an invoice may be paid later, so long. */
export const PAY_LATER_DAYS = 7;

/** Encounters that are billed. */
export const billedEncounters = ["appointment", "consult", "fever-visit", "video-visit"] as const;
export type BilledEncounter = (typeof billedEncounters)[number];

/** What the encounter itself costs, by the code of its price. */
export const encounterFees: Readonly<Record<BilledEncounter, string>> = {
  appointment: "visit-general",
  consult: "consult-remote",
  "fever-visit": "visit-fever",
  "video-visit": "visit-video",
};

/** Where a price stands: proposed by one person, approved by another, from a day on. */
export const priceStates = ["proposed", "approved", "withdrawn"] as const;

/** Why money is given back. `surplus`: it was paid twice, or for what was cancelled meanwhile. */
export const refundReasons = [
  "not-rendered",
  "wrong-item",
  "medicine-returned",
  "goodwill",
  "surplus",
] as const;
export type RefundReason = (typeof refundReasons)[number];

/** What a day's comparison with a provider's statement finds. */
export const differenceKinds = ["only-here", "only-there", "amount"] as const;
export type DifferenceKind = (typeof differenceKinds)[number];
