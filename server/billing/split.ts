/** Who pays what of an invoice: the insurance's part is known before anybody pays. Pure. */
import { DomainError } from "../errors/domain-error.ts";
import { MAX_FEN, partOf } from "./money.ts";

export const priceCategories = ["consultation", "medicine", "test", "service"] as const;
export type PriceCategory = (typeof priceCategories)[number];

/** 自费, 职工医保, 居民医保. FHIR Coverage.type. */
export const coverageSchemes = ["self-pay", "employee", "resident"] as const;
export type CoverageScheme = (typeof coverageSchemes)[number];

/**
 * What an insurance takes over, in hundredths of a percent. Recalled, to be checked: rates differ by
 * city, year and what was spent before in the year; a house sets its own on the page of prices. The order
 * (more at a community centre than at a hospital, more for the employed) is that of the tiered-care policy
 * (State Council General Office, Guobanfa 2015 No. 70: differing rates lead minor illness to the community).
 */
export const usualShares: Readonly<
  Record<Exclude<CoverageScheme, "self-pay">, Readonly<Record<"community" | "hospital", number>>>
> = {
  employee: { community: 6_500, hospital: 5_000 },
  resident: { community: 7_000, hospital: 5_000 },
};

export type PricedLine = {
  code: string;
  category: PriceCategory;
  /** For one, in fen. */
  unitFen: number;
  quantity: number;
  /** The insurance has it on its list. */
  insured: boolean;
};
export type SplitLine = PricedLine & { totalFen: number; insuranceFen: number; ownFen: number };
export type Split = {
  lines: SplitLine[];
  totalFen: number;
  insuranceFen: number;
  ownFen: number;
};

/**
 * Each line is rounded by itself and what is left of it is the patient's: the parts always make the whole.
 * @throws DomainError `billing.amount` over {@link MAX_FEN} or with a quantity that is none
 */
export function splitInvoice(
  lines: readonly PricedLine[],
  scheme: CoverageScheme,
  level: "community" | "hospital",
): Split {
  const share = scheme === "self-pay" ? 0 : usualShares[scheme][level];
  const split = lines.map((line) => {
    const totalFen = Math.round(line.unitFen * line.quantity);
    if (!(line.quantity > 0) || !Number.isSafeInteger(totalFen) || totalFen < 0)
      throw new DomainError("billing.amount");
    const insuranceFen = line.insured ? partOf(totalFen, share) : 0;
    return { ...line, totalFen, insuranceFen, ownFen: totalFen - insuranceFen };
  });
  const sum = (of: (line: SplitLine) => number) =>
    split.reduce((total, line) => total + of(line), 0);
  const totalFen = sum((line) => line.totalFen);
  if (split.length === 0 || totalFen > MAX_FEN) throw new DomainError("billing.amount");
  return {
    lines: split,
    totalFen,
    insuranceFen: sum((line) => line.insuranceFen),
    ownFen: sum((line) => line.ownFen),
  };
}
