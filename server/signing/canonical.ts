/**
 * Canonical bytes of a JSON document (RFC 8785, JCS) and their hash. The same
 * document has the same bytes on every machine, so a signature over them stands
 * whatever order a database returns its members in.
 */
import { createHash } from "node:crypto";
import canonicalize from "canonicalize";

/**
 * RFC 8785 text of a plain JSON value.
 *
 * @throws TypeError for what JSON cannot say (undefined, functions, NaN, Infinity,
 *   big integers, Dates, lone surrogates, cycles) instead of dropping it in silence.
 */
export function canonicalJson(value: unknown): string {
  assertJson(value, new Set());
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("not a JSON value");
  return text;
}

function assertJson(value: unknown, open: Set<object>): void {
  if (value === null || typeof value === "boolean") return;
  if (typeof value === "string") {
    if (!value.isWellFormed()) throw new TypeError("lone surrogate");
    return;
  }
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new TypeError("number without a JSON form");
    return;
  }
  if (typeof value !== "object") throw new TypeError(`no JSON form: ${typeof value}`);
  if (open.has(value)) throw new TypeError("cycle");
  open.add(value);
  if (Array.isArray(value)) for (const member of value) assertJson(member, open);
  else {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null)
      throw new TypeError("not a plain object");
    for (const [key, member] of Object.entries(value)) {
      assertJson(key, open);
      assertJson(member, open);
    }
  }
  open.delete(value);
}

/** SHA-256 of the canonical bytes, 64 lower-case hexadecimal digits; printed on paper. */
export function contentHash(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value), "utf8").digest("hex");
}
