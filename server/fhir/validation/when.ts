/** Order of dates and times as far as their precision tells it. */

const DATE_LENGTH = 10;

/**
 * Whether `first` certainly lies after `second`. Values of different precision are compared by what
 * both have; a day without a time and a time within that day have no order.
 */
export function isAfter(first: unknown, second: unknown): boolean {
  if (typeof first !== "string" || typeof second !== "string") return false;
  if (first.length > DATE_LENGTH && second.length > DATE_LENGTH) {
    return Date.parse(first) > Date.parse(second);
  }
  const length = Math.min(first.length, second.length, DATE_LENGTH);
  return first.slice(0, length) > second.slice(0, length);
}
