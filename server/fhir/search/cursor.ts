/**
 * Where the next page begins: the sort values and the key of the last resource shown. Nothing is kept
 * for it on the server. It is opaque and need not be secret: it only names a place in an order, and
 * what may be seen is asked anew.
 */
import { DomainError } from "../../errors/domain-error.ts";
import { hash32 } from "./hash.ts";
import type { SearchRequest } from "./request.ts";

export type Cursor = { readonly values: readonly (string | null)[]; readonly key: string };

/** A cursor belongs to one search: the same criteria and order. */
const fingerprint = ({ types, understood }: SearchRequest): number =>
  hash32(
    JSON.stringify([
      types,
      understood.filter(([name]) => !/^_(count|total|elements|summary|(rev)?include)/.test(name)),
    ]),
  );

export function writeCursor(request: SearchRequest, cursor: Cursor): string {
  return Buffer.from(JSON.stringify([fingerprint(request), cursor.key, ...cursor.values])).toString(
    "base64url",
  );
}

/** @throws DomainError `fhir.search-page` when it is none, or one of another search */
export function readCursor(request: SearchRequest): Cursor | undefined {
  if (request.cursor === undefined) return undefined;
  const [found, key, ...values] = parse(request.cursor);
  const fits =
    found === fingerprint(request) &&
    typeof key === "string" &&
    /^\d{1,18}$/.test(key) &&
    (isStreamed(request, values) ||
      (values.length === request.sort.length &&
        values.every((value, index) => isValue(request, index, value))));
  if (!fits) throw new DomainError("fhir.search-page");
  return { key, values: values as (string | null)[] };
}

/** A search without an order of its own has one value more when it is read as a stream: a key. */
const isStreamed = ({ sort }: SearchRequest, values: readonly unknown[]): boolean =>
  sort.length === 0 &&
  values.length === 1 &&
  typeof values[0] === "string" &&
  /^\d{1,18}$/.test(values[0]);

/** Whether the pages before this one were read as a stream (stream.ts). */
export const isInStream = (request: SearchRequest, { values }: Cursor): boolean =>
  isStreamed(request, values);

function parse(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

/** Text that the database would not read as the column's type is refused here. */
function isValue(request: SearchRequest, index: number, value: unknown): boolean {
  if (value === null) return true;
  if (typeof value !== "string" || value.length > 1000 || value.includes("\0")) return false;
  const key = request.sort[index];
  const type =
    key?.by === "parameter" ? key.parameter.type : key?.by === "updated" ? "date" : "string";
  if (type === "date")
    return /^-?(infinity|\d{4,6}-\d\d-\d\d[ T][\d:.]+([+-][\d:]+|Z)?( BC)?)$/.test(value);
  if (type === "number" || type === "quantity")
    return Number.isFinite(Number(value)) && value !== "";
  return true;
}
