/** Items of a record in words for the person himself. Pure. */
import type { z } from "zod";
import type { ownItem, ownResult } from "./own-contract.ts";
import type { RecordItem, ResultValue } from "./record-contract.ts";

/** Beyond the range by so much of its width a number is no longer "a little". */
const littleShare = 0.25;

export function ownItemOf(item: RecordItem): z.infer<typeof ownItem> {
  return {
    key: item.key,
    section: item.section,
    title: item.title,
    // A code or a lot number tells a patient nothing; words of the source do.
    detail: item.detail !== null && /^[A-Z0-9.-]{2,12}$/.test(item.detail) ? null : item.detail,
    certainty: item.certainty,
    isPast: item.isPast,
    date: item.date,
    result: item.result ? plainResult(item.result) : null,
    sources: [...new Set(item.sources.map((one) => one.code))],
  };
}

/**
 * How a value stands, said calmly: `ask` where it is far from the range, `now` only where its source
 * calls it critical. A value without a range is shown and not judged.
 */
export function plainResult(result: ResultValue): z.infer<typeof ownResult> {
  const { value, text, unit, range } = result;
  return {
    value,
    text,
    unit,
    low: range?.low ?? null,
    high: range?.high ?? null,
    rangeFrom: range?.from ?? null,
    says: saysOf(result),
  };
}

function saysOf({ flag, value, range }: ResultValue): z.infer<typeof ownResult>["says"] {
  if (flag === null || flag === "usual") return flag;
  if (flag === "critical") return "now";
  if (value === null || range === null) return "ask";
  const { low, high } = range;
  const edge = flag === "low" ? low : high;
  if (edge === null) return "ask";
  const width = low !== null && high !== null ? high - low : Math.abs(edge);
  return Math.abs(value - edge) > width * littleShare ? "ask" : flag;
}
