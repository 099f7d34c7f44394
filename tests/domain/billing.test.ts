import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareDay } from "../../server/billing/compare-day.ts";
import {
  coverageSchemes,
  invoiceCancelled,
  invoiceIssued,
  isBalanced,
  type LedgerEntry,
  partOf,
  paymentReceived,
  priceCategories,
  refundAgreed,
  refundFailed,
  refundPaid,
  splitInvoice,
  surplusReceived,
  yuan,
} from "../../server/billing/domain.ts";
import { assertSigned, signed } from "../../server/billing/signature.ts";

const line = fc.record({
  code: fc.constantFrom("a", "b", "c"),
  category: fc.constantFrom(...priceCategories),
  unitFen: fc.integer({ min: 0, max: 50_000 }),
  quantity: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(0.5, 1.5, 2.25)),
  insured: fc.boolean(),
});
const lines = fc.array(line, { minLength: 1, maxLength: 12 });
const scheme = fc.constantFrom(...coverageSchemes);
const level = fc.constantFrom("community" as const, "hospital" as const);

const sumOf = (entries: readonly LedgerEntry[], account: string) =>
  entries
    .flatMap((entry) => entry.lines)
    .filter((one) => one.account === account)
    .reduce((total, one) => total + one.fen, 0);

describe("who pays what", () => {
  it.each([
    [1_000, 7_000, 700],
    [999, 7_000, 699],
    [5, 5_000, 3],
    [1, 5_000, 1],
    [0, 6_500, 0],
    [1, 4_999, 0],
  ])("of %i fen %i hundredths of a percent are %i", (fen, share, part) => {
    expect(partOf(fen, share)).toBe(part);
  });

  it("is whole fen that make the whole, whatever is billed", () => {
    fc.assert(
      fc.property(lines, scheme, level, (billed, of, at) => {
        const split = splitInvoice(billed, of, at);
        expect(split.insuranceFen + split.ownFen).toBe(split.totalFen);
        for (const one of split.lines) {
          expect(one.insuranceFen + one.ownFen).toBe(one.totalFen);
          expect([one.totalFen, one.insuranceFen, one.ownFen].every(Number.isSafeInteger)).toBe(
            true,
          );
          expect(Math.min(one.insuranceFen, one.ownFen)).toBeGreaterThanOrEqual(0);
          if (!one.insured || of === "self-pay") expect(one.insuranceFen).toBe(0);
        }
      }),
    );
  });

  it("is less for the patient at a community centre than at a hospital", () => {
    fc.assert(
      fc.property(lines, scheme, (billed, of) => {
        expect(splitInvoice(billed, of, "community").ownFen).toBeLessThanOrEqual(
          splitInvoice(billed, of, "hospital").ownFen,
        );
      }),
    );
  });

  it("refuses what is no amount", () => {
    const one = { code: "x", category: "test", unitFen: 100, quantity: 1, insured: true } as const;
    for (const wrong of [
      [],
      [{ ...one, quantity: 0 }],
      [{ ...one, quantity: -1 }],
      [{ ...one, quantity: Number.NaN }],
      [{ ...one, unitFen: 100_000_000, quantity: 2 }],
      [{ ...one, unitFen: -5 }],
    ])
      expect(() => splitInvoice(wrong, "resident", "community")).toThrow("billing.amount");
  });

  it.each([
    [0, "0.00"],
    [5, "0.05"],
    [1_250, "12.50"],
    [-1_250, "-12.50"],
  ])("reads %i fen as %s yuan", (fen, text) => expect(yuan(fen)).toBe(text));
});

describe("the ledger", () => {
  it("always balances, and a whole life comes to what was kept", () => {
    fc.assert(
      fc.property(
        lines,
        scheme,
        level,
        fc.array(fc.integer({ min: 1, max: 1_000_000 }), { maxLength: 6 }),
        fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
        fc.boolean(),
        (billed, of, at, asked, succeeds, twice) => {
          const split = splitInvoice(billed, of, at);
          const entries = [invoiceIssued(split.lines)];
          if (split.ownFen > 0) entries.push(paymentReceived(split.ownFen));
          if (twice && split.ownFen > 0)
            entries.push(surplusReceived(split.ownFen), refundPaid(split.ownFen));
          let given = 0;
          for (const [place, wish] of asked.entries()) {
            const fen = Math.min(wish, split.ownFen - given);
            if (fen <= 0) continue;
            const agreed = refundAgreed(fen, split.lines, given);
            entries.push(agreed);
            if (succeeds[place]) {
              entries.push(refundPaid(fen));
              given += fen;
            } else entries.push(refundFailed(agreed.lines));
          }
          for (const entry of entries) expect(isBalanced(entry)).toBe(true);
          expect(sumOf(entries, "patients")).toBe(0);
          expect(sumOf(entries, "refunds")).toBe(0);
          expect(sumOf(entries, "provider")).toBe(split.ownFen - given);
          expect(sumOf(entries, "insurance")).toBe(split.insuranceFen);
          for (const category of priceCategories)
            expect(sumOf(entries, `income-${category}`)).toBeLessThanOrEqual(0);
        },
      ),
    );
  });

  it("is as if it had never been, after an invoice is cancelled", () => {
    fc.assert(
      fc.property(lines, scheme, (billed, of) => {
        const split = splitInvoice(billed, of, "community");
        const entries = [invoiceIssued(split.lines), invoiceCancelled(split.lines)];
        for (const { lines: posted } of entries)
          for (const one of posted) expect(sumOf(entries, one.account)).toBe(0);
      }),
    );
  });

  it("gives back no more than was billed", () => {
    const billed = [{ category: "test" as const, ownFen: 500 }];
    expect(() => refundAgreed(501, billed)).toThrow(RangeError);
    expect(() => refundAgreed(200, billed, 400)).toThrow(RangeError);
  });
});

describe("a day beside the provider's statement", () => {
  const ours = [
    { id: "1", kind: "payment" as const, fen: 500, institutionId: "h" },
    { id: "2", kind: "refund" as const, fen: 200, institutionId: "h" },
    { id: "3", kind: "payment" as const, fen: 900, institutionId: "h" },
  ];
  it("lists what only one side has, and what they have differently", () => {
    const theirs = [
      { id: "1", kind: "payment" as const, amountFen: 500 },
      { id: "2", kind: "payment" as const, amountFen: 200 },
      { id: "3", kind: "payment" as const, amountFen: 901 },
    ];
    expect(compareDay(ours, theirs).map(({ movementId, kind }) => `${movementId} ${kind}`)).toEqual(
      ["2 only-here", "3 amount", "2 only-there"],
    );
  });
  it("says nothing where both agree", () => {
    expect(
      compareDay(
        ours,
        ours.map(({ fen, ...one }) => ({ ...one, amountFen: fen })),
      ),
    ).toEqual([]);
  });
});

describe("a provider's message", () => {
  const now = new Date("2026-11-23T02:00:00Z");
  const later = (seconds: number) => new Date(now.getTime() + seconds * 1_000);
  const headers = signed("secret of both", "{}", now);
  it("is believed while it is fresh", () => {
    expect(() => assertSigned("secret of both", headers, "{}", later(200))).not.toThrow();
  });
  it.each([
    ["with other words", "secret of both", headers, '{"a":1}', now],
    ["with another secret", "somebody's secret", headers, "{}", now],
    ["an hour later", "secret of both", headers, "{}", later(3_600)],
    ["from the future", "secret of both", headers, "{}", later(-3_600)],
    ["without a signature", "secret of both", {}, "{}", now],
    ["with half of one", "secret of both", { ...headers, "x-pay-signature": "ab" }, "{}", now],
    [
      "with another time",
      "secret of both",
      { ...headers, "x-pay-timestamp": later(1).toISOString() },
      "{}",
      now,
    ],
    ["with no time", "secret of both", { ...headers, "x-pay-timestamp": "yesterday" }, "{}", now],
  ])("is not believed %s", (_how, secret, said, body, at) => {
    expect(() => assertSigned(secret, said, body, at)).toThrow("billing.forged");
  });
});
