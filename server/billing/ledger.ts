/**
 * What happens to money, by double entry: an entry's lines come to nothing together, and none is ever changed.
 * Debits are positive, credits negative. Pure; the database says the same once more.
 */
import type { PriceCategory } from "./split.ts";

export const ledgerAccounts = [
  /** What the providers hold for the house. */
  "provider",
  /** What patients owe it. */
  "patients",
  /** What the insurance owes it. */
  "insurance",
  "income-consultation",
  "income-medicine",
  "income-test",
  "income-service",
  /** What it owes patients: refunds that are on their way, payments nobody had asked for. */
  "refunds",
] as const;
export type LedgerAccount = (typeof ledgerAccounts)[number];

export const entryKinds = [
  "invoice-issued",
  "invoice-cancelled",
  "payment-received",
  "surplus-received",
  "refund-agreed",
  "refund-paid",
  "refund-failed",
] as const;
export type EntryKind = (typeof entryKinds)[number];

export type LedgerLine = { account: LedgerAccount; fen: number };
export type LedgerEntry = { kind: EntryKind; lines: LedgerLine[] };

type Billed = { category: PriceCategory; insuranceFen: number; ownFen: number };

const entry = (kind: EntryKind, lines: readonly LedgerLine[]): LedgerEntry => ({
  kind,
  lines: lines.filter((line) => line.fen !== 0),
});
const negated = (lines: readonly LedgerLine[]): LedgerLine[] =>
  lines.map(({ account, fen }) => ({ account, fen: -fen }));

function billed(lines: readonly Billed[]): LedgerLine[] {
  const sum = (of: (line: Billed) => number) => lines.reduce((total, line) => total + of(line), 0);
  const categories = [...new Set(lines.map((line) => line.category))];
  return [
    { account: "patients", fen: sum((line) => line.ownFen) },
    { account: "insurance", fen: sum((line) => line.insuranceFen) },
    ...categories.map((category) => ({
      account: `income-${category}` as const,
      fen: -sum((line) => (line.category === category ? line.ownFen + line.insuranceFen : 0)),
    })),
  ];
}

export const invoiceIssued = (lines: readonly Billed[]) => entry("invoice-issued", billed(lines));
/** Before it was paid: as if it had never been. */
export const invoiceCancelled = (lines: readonly Billed[]) =>
  entry("invoice-cancelled", negated(billed(lines)));

export const paymentReceived = (fen: number) =>
  entry("payment-received", [
    { account: "provider", fen },
    { account: "patients", fen: -fen },
  ]);

/** Nobody owed it any more (paid twice, or the invoice was cancelled meanwhile): it is theirs and goes back. */
export const surplusReceived = (fen: number) =>
  entry("surplus-received", [
    { account: "provider", fen },
    { account: "refunds", fen: -fen },
  ]);

/**
 * The house gives back something that was paid: first of all a debt. Income is reduced line by line, the largest
 * first, going on where earlier refunds of the same invoice ended.
 * @throws RangeError when more would be given back than was billed
 */
export function refundAgreed(
  fen: number,
  lines: readonly Pick<Billed, "category" | "ownFen">[],
  beforeFen = 0,
): LedgerEntry {
  const parts: LedgerLine[] = [];
  let skipped = beforeFen;
  let left = fen;
  for (const line of lines.toSorted((one, other) => other.ownFen - one.ownFen)) {
    const still = Math.max(0, line.ownFen - skipped);
    skipped = Math.max(0, skipped - line.ownFen);
    const part = Math.min(left, still);
    parts.push({ account: `income-${line.category}`, fen: part });
    left -= part;
  }
  if (left !== 0) throw new RangeError("more is given back than was billed");
  return entry("refund-agreed", [...parts, { account: "refunds", fen: -fen }]);
}

/** The provider would not give it back: it is as before it was agreed. */
export const refundFailed = (agreed: readonly LedgerLine[]) =>
  entry("refund-failed", negated(agreed));

export const refundPaid = (fen: number) =>
  entry("refund-paid", [
    { account: "refunds", fen },
    { account: "provider", fen: -fen },
  ]);

/** An entry of which the lines do not come to nothing is a fault of ours. */
export const isBalanced = ({ lines }: LedgerEntry): boolean =>
  lines.reduce((total, line) => total + line.fen, 0) === 0;
