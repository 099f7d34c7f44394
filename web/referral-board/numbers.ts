import type { Board, HouseNumbers, LoopClock } from "../../server/referral/board-contract.ts";
import type { Translate } from "../i18n/i18n.ts";

export type House = Board["houses"][number];
export const clocks = [
  "administrator",
  "head",
  "desk",
  "soon",
  "due",
  "asked",
  "kept",
  "way",
  "inHouse",
  "home",
] as const satisfies readonly LoopClock[];
const overdueClocks = ["administrator", "head", "desk"] as const;
export const answers = [
  "received",
  "accepted",
  "returned",
  "redirected",
  "advised",
  "waiting",
  "ended",
  "late",
  "noShows",
] as const;

export const sum = (houses: readonly House[], value: (one: House) => number): number =>
  houses.reduce((total, one) => total + value(one), 0);
export const openOf = (one: HouseNumbers): number =>
  clocks.reduce((total, clock) => total + (one.open[clock] ?? 0), 0);
export const overdueOf = (one: HouseNumbers): number =>
  overdueClocks.reduce((total, clock) => total + (one.open[clock] ?? 0), 0);

/** Minutes as somebody says them: minutes below two hours, then hours, then days. */
export function spanWords(t: Translate, minutes: number | null): string {
  if (minutes === null) return t("loops.nothing");
  if (minutes < 120) return t("loops.minutes", { minutes: Math.round(minutes) });
  if (minutes < 2880) return t("loops.hours", { hours: Math.round(minutes / 6) / 10 });
  return t("loops.dayCount", { days: Math.round(minutes / 144) / 10 });
}
