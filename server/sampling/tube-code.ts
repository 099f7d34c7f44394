/**
 * The code on a tube: `YT`, two digits of size, eight of serial number, one Luhn digit that finds every
 * single wrong digit and nearly every swap. `app.tube_serial` in the database says the same; a test compares.
 */
import { type TubeSize, tubeSizes } from "./domain.ts";

export type TubeCode = { code: string; size: TubeSize; serial: number };

/** What a scanner or a hand typed, as a tube's code; null when it is none. Spaces, dashes and case do not count. */
export function parseTubeCode(text: string): TubeCode | null {
  const code = text.replace(/[\s-]/gu, "").toUpperCase();
  const found = /^YT(01|05|10|20)([0-9]{8})[0-9]$/u.exec(code);
  if (!found || luhn(code.slice(2)) !== 0) return null;
  const size = tubeSizes.find((one) => one === Number(found[1]));
  return size ? { code, size, serial: Number(found[2]) } : null;
}

/** The code of a size and serial number (0 to 99,999,999). */
export function makeTubeCode(size: TubeSize, serial: number): string {
  const body = `${String(size).padStart(2, "0")}${String(serial).padStart(8, "0")}`;
  return `YT${body}${(10 - luhn(`${body}0`)) % 10}`;
}

function luhn(digits: string): number {
  return (
    [...digits].reverse().reduce((total, digit, index) => {
      const value = Number(digit) * (index % 2 === 1 ? 2 : 1);
      return total + (value > 9 ? value - 9 : value);
    }, 0) % 10
  );
}
