/**
 * The QR code of a SMART Health Card: the prefix as bytes, then the JWS as digits, two for each letter
 * (its code minus 45): three digits take ten bits, so that one code of version 22 holds all of it.
 */
import { type Bitmap2D, correction, generate, mode } from "lean-qr";

const prefix = "shc:/";
const smallestCode = 45;
export const jwsLengthMax = 1195;
/** Above this a printed code is read badly; SMART Health Cards allow no more. */
const versionMax = 22;

/** The digits of a JWS. */
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

/** @throws RangeError when the card does not fit one code */
export function cardCode(jws: string): Bitmap2D {
  if (jws.length > jwsLengthMax) throw new RangeError("the card does not fit one code");
  return generate(mode.multi(mode.ascii(prefix), mode.numeric(cardDigits(jws))), {
    minCorrectionLevel: correction.L,
    maxCorrectionLevel: correction.L,
    maxVersion: versionMax,
  });
}
