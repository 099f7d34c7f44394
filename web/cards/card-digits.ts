/** The digits of a card's code, both ways; apart from the drawing, which the verifier does not need. */
const smallestCode = 45;

/** Two digits for each letter of a JWS: its code minus 45. */
export function cardDigits(jws: string): string {
  return [...jws]
    .map((letter) => String(letter.charCodeAt(0) - smallestCode).padStart(2, "0"))
    .join("");
}

/** The JWS of a scanned text; null when the text is no single card. */
export function cardOfDigits(text: string): string | null {
  const digits = /^shc:\/((?:\d\d)+)$/.exec(text)?.[1];
  if (!digits) return null;
  return (digits.match(/\d\d/g) ?? [])
    .map((pair) => String.fromCharCode(Number(pair) + smallestCode))
    .join("");
}
