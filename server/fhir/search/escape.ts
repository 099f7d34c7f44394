/** Escapes of search values: `\,` `\|` `\$` and `\\` (https://hl7.org/fhir/R4/search.html#escaping). */

/** Splits at a separator that is not escaped; the parts keep their escapes. */
export function splitEscaped(text: string, separator: "," | "|" | "$"): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === separator) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return [...parts, text.slice(from)];
}

/** A backslash before anything else stands for itself. */
export const unescapeValue = (text: string): string => text.replaceAll(/\\([\\,|$])/g, "$1");

/** The inverse, for building queries. */
export const escapeValue = (text: string): string => text.replaceAll(/[\\,|$]/g, "\\$&");
