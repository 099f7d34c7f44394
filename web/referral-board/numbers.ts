import type {
  Board,
  HouseNumbers,
  LoopClock,
  LoopKind,
} from "../../server/referral/board-contract.ts";
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

/** Every number that has a list behind it. */
export const kinds: readonly LoopKind[] = ["open", "overdue", "missed", ...clocks, ...answers];
const isClock = (what: LoopKind): what is LoopClock => clocks.some((one) => one === what);
/** Counted of what came in the period, rather than of what is open now. */
export const ofPeriod = (what: LoopKind): boolean =>
  what === "missed" || answers.some((one) => one === what);
export function kindWords(t: Translate, what: LoopKind): string {
  if (what === "open" || what === "overdue" || what === "missed") return t(`loops.figure.${what}`);
  return isClock(what) ? t(`loops.clock.${what}`) : t(`loops.answer.${what}`);
}

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
