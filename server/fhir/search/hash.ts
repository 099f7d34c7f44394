/**
 * Numbers that stand for names in the index tables: 64 bits for codes and reference targets, 32 for
 * slots, types and systems. From SHA-256, so nobody can make a value that passes for another's.
 */
import { hash } from "node:crypto";

const remembered = new Map<string, string>();
const rememberedSmall = new Map<string, number>();
const MOST_REMEMBERED = 50_000;

/** @returns a signed 64-bit number in decimal digits: JavaScript's own numbers would round it */
export function hash64(text: string): string {
  const known = remembered.get(text);
  if (known !== undefined) return known;
  const value = hash("sha256", text, "buffer").readBigInt64BE(0).toString();
  if (remembered.size >= MOST_REMEMBERED) remembered.clear();
  if (text.length <= 80) remembered.set(text, value);
  return value;
}

/** @returns a signed 32-bit number */
export function hash32(text: string): number {
  const known = rememberedSmall.get(text);
  if (known !== undefined) return known;
  const value = hash("sha256", text, "buffer").readInt32BE(0);
  if (rememberedSmall.size >= MOST_REMEMBERED) rememberedSmall.clear();
  if (text.length <= 200) rememberedSmall.set(text, value);
  return value;
}

/** 0 says "no system". */
export const systemHash = (system: string | undefined): number =>
  system ? hash32(system) || 1 : 0;

/**
 * Codes are compared without regard to case: R4 asks servers to do so where a code system does not
 * say (https://hl7.org/fhir/R4/search.html#token).
 */
export const codeHash = (code: string): string => hash64(code.toLowerCase());

/** A code of a type's system, for `identifier:of-type`. */
export const ofTypeHash = (system: string | undefined, code: string, value: string): string =>
  hash64(JSON.stringify([system ?? "", code.toLowerCase(), value.toLowerCase()]));
