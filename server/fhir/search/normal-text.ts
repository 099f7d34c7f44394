/** How strings are compared: https://hl7.org/fhir/R4/search.html#string */

/** Longer values are found by their beginning; `:exact` still compares the whole. */
export const LONGEST_INDEXED = 300;
const LATIN_MARKS = /(?<=[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}])\p{Mn}+/gu;
const SPACES = /[\s\u3000]+/gu;
const plain = /^[\x21-\x7e]*$/;

/**
 * Case, accents and full or half width do not count, runs of spaces are one. Marks are taken off
 * Latin, Greek and Cyrillic letters only: Tibetan vowels are marks too and carry the word.
 */
export function normaliseText(text: string): string {
  if (plain.test(text)) return text.toLowerCase().slice(0, LONGEST_INDEXED);
  const folded = text
    .normalize("NFKD")
    .replace(LATIN_MARKS, "")
    .normalize("NFKC")
    .toLowerCase()
    .replace(SPACES, " ")
    .trim();
  return cut(folded);
}

/** By characters, so that no surrogate pair is torn. */
export function cut(text: string): string {
  if (text.length <= LONGEST_INDEXED) return text;
  const short = text.slice(0, LONGEST_INDEXED);
  return /[\ud800-\udbff]$/.test(short) ? short.slice(0, -1) : short;
}
