/** Amounts are whole fen (分, a hundredth of a yuan): no fraction is ever lost or made. */

/** The most that one invoice may come to: a million yuan. A larger one is a slip of the hand. */
export const MAX_FEN = 100_000_000;

/** Part of an amount, in hundredths of a percent, rounded to the fen, half a fen up. */
export const partOf = (fen: number, basisPoints: number): number =>
  Math.floor((fen * basisPoints + 5_000) / 10_000);

/** Fen as a person writes yuan: "12.50". */
export function yuan(fen: number): string {
  const whole = Math.abs(fen);
  return `${fen < 0 ? "-" : ""}${Math.floor(whole / 100)}.${String(whole % 100).padStart(2, "0")}`;
}
