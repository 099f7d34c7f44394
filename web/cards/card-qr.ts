/**
 * The QR code of a SMART Health Card: the prefix as bytes, then the JWS as digits, two for each letter
 * (its code minus 45): three digits take ten bits, so that one code of version 22 holds all of it.
 */
import { type Bitmap2D, correction, generate, mode } from "lean-qr";
import { cardDigits } from "./card-digits.ts";

const prefix = "shc:/";
export const jwsLengthMax = 1195;
/** Above this a printed code is read badly; SMART Health Cards allow no more. */
const versionMax = 22;

/** @throws RangeError when the card does not fit one code */
export function cardCode(jws: string): Bitmap2D {
  if (jws.length > jwsLengthMax) throw new RangeError("the card does not fit one code");
  return generate(mode.multi(mode.ascii(prefix), mode.numeric(cardDigits(jws))), {
    minCorrectionLevel: correction.L,
    maxCorrectionLevel: correction.L,
    maxVersion: versionMax,
  });
}
