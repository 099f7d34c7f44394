/**
 * Dates of FHIR as half-open intervals of time. A date or time without a zone is one of Asia/Shanghai,
 * which has had +08:00 and no summer time since 1992.
 */
export type InstantRange = {
  /** Instants in ISO 8601 UTC, or `-infinity` and `infinity`. */
  readonly low: string;
  readonly high: string;
};

const DATE =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2})?)?)?)?$/;
const HOME_ZONE = "+08:00";
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;
export const FIRST = "-infinity";
export const LAST = "infinity";

/** @returns the interval that a date, dateTime or instant stands for, or undefined when it is none */
export function rangeOf(text: string): InstantRange | undefined {
  const match = DATE.exec(text);
  if (!match) return undefined;
  const [, year = "", month, day, hour, minute, second, fraction, zone] = match;
  const time = `${hour ?? "00"}:${minute ?? "00"}:${second ?? "00"}.${(fraction ?? "0").slice(0, 3).padEnd(3, "0")}`;
  const low = Date.parse(`${year}-${month ?? "01"}-${day ?? "01"}T${time}${zone ?? HOME_ZONE}`);
  // 31 February would roll over into March.
  if (Number.isNaN(low) || (day && !isDay(year, month, day))) return undefined;
  if (year === "0000") return undefined;
  const high = fraction
    ? low + 1
    : second
      ? low + SECOND_MS
      : minute
        ? low + MINUTE_MS
        : day
          ? low + DAY_MS
          : Date.parse(`${following(year, month)}T00:00:00${HOME_ZONE}`);
  return { low: iso(low), high: iso(high) };
}

/** First day after a month or a year. */
function following(year: string, month: string | undefined): string {
  const next = month === undefined || month === "12" ? Number(year) + 1 : Number(year);
  const number = month === undefined || month === "12" ? 1 : Number(month) + 1;
  const digits = String(next).padStart(4, "0");
  return `${next > 9999 ? `+${String(next).padStart(6, "0")}` : digits}-${String(number).padStart(2, "0")}-01`;
}

function isDay(year: string, month = "", day = ""): boolean {
  return Number(day) <= new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
}

/** PostgreSQL reads five-digit years without sign and padding. */
function iso(time: number): string {
  return new Date(time).toISOString().replace(/^\+0*/, "");
}

/** The interval of two ends, either of which may be open. */
export function rangeBetween(
  start: string | undefined,
  end: string | undefined,
): InstantRange | undefined {
  const from = start === undefined ? undefined : rangeOf(start);
  const to = end === undefined ? undefined : rangeOf(end);
  if (!from && !to) return undefined;
  return { low: from?.low ?? FIRST, high: to?.high ?? LAST };
}

/** The smallest interval that holds all. */
export function hull(ranges: readonly InstantRange[]): InstantRange | undefined {
  let [found] = ranges;
  for (const range of ranges) {
    if (!found) break;
    found = {
      low: before(range.low, found.low) ? range.low : found.low,
      high: before(found.high, range.high) ? range.high : found.high,
    };
  }
  return found;
}

function before(a: string, b: string): boolean {
  if (a === b || b === FIRST || a === LAST) return false;
  if (a === FIRST || b === LAST) return true;
  return Date.parse(a) < Date.parse(b);
}
