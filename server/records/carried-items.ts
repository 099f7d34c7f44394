/** Results that came along with a referral, as a person reads them. Pure. */
import type { Resource } from "@medplum/fhirtypes";
import type { ResultFlag } from "./record-contract.ts";
import { itemsOf } from "./record-items.ts";

export type CarriedItem = {
  readonly key: string;
  readonly title: string;
  readonly date: string | null;
  readonly value: string | null;
  readonly flag: ResultFlag | null;
  /** As their laboratory printed it: of a range that depends on the place nothing is said here. */
  readonly range: { readonly low: number | null; readonly high: number | null } | null;
};

/** Newest first; of a report what it concludes, its values beside it. */
export function carriedItems(results: readonly Resource[]): CarriedItem[] {
  return results
    .flatMap((one) => itemsOf(one, { source: "", altitudeMetres: null, birthDate: null }))
    .map(({ key, title, date, detail, result }) => {
      const value = result?.value ?? result?.text ?? null;
      return {
        key,
        title,
        date,
        value:
          value === null ? detail : [String(value), result?.unit].filter((part) => part).join(" "),
        flag: result?.flag ?? null,
        range: result?.range ? { low: result.range.low, high: result.range.high } : null,
      };
    })
    .toSorted((a, b) => (b.date ?? "").localeCompare(a.date ?? ""));
}
