/** Fen as people read money: "¥12.50". */
export function yuan(fen: number): string {
  const whole = Math.abs(fen);
  return `${fen < 0 ? "−" : ""}¥${Math.floor(whole / 100)}.${String(whole % 100).padStart(2, "0")}`;
}

/** What somebody typed in yuan, in fen; null: that is no amount. */
export function fenOf(typed: string): number | null {
  const found = /^(\d{1,7})(?:\.(\d{1,2}))?$/.exec(typed.trim());
  return found ? Number(found[1]) * 100 + Number((found[2] ?? "").padEnd(2, "0")) : null;
}
