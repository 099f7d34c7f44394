import { t } from "./i18n.ts";

/** Both ends of the alliance keep Beijing time. */
const zone = "Asia/Shanghai";
const formatter = new Intl.DateTimeFormat("en-CA", {
  timeZone: zone,
  hourCycle: "h23",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  weekday: "short",
});
const weekdayKeys = { Mon: 1, Tue: 2, Wed: 3, Thu: 4, Fri: 5, Sat: 6, Sun: 7 } as const;

type Instant = string | number | Date;

function parts(at: Instant) {
  const found: Record<string, string> = {};
  for (const { type, value } of formatter.formatToParts(new Date(at))) found[type] = value;
  return found as Record<"year" | "month" | "day" | "hour" | "minute" | "weekday", string>;
}

/** `16:03` */
export function clockTime(at: Instant): string {
  const { hour, minute } = parts(at);
  return `${hour}:${minute}`;
}

/** `2026-11-21` */
export function isoDate(at: Instant): string {
  const { year, month, day } = parts(at);
  return `${year}-${month}-${day}`;
}

/** `2026-11-21 16:03` */
export function dateTime(at: Instant): string {
  return `${isoDate(at)} ${clockTime(at)}`;
}

/** The day as people say it: today, tomorrow, yesterday, or month, day and weekday. */
export function dayWords(at: Instant, now: Instant = Date.now()): string {
  const days = Math.round((Date.parse(isoDate(at)) - Date.parse(isoDate(now))) / 86_400_000);
  if (days === 0) return t("common.day.today");
  if (days === 1) return t("common.day.tomorrow");
  if (days === -1) return t("common.day.yesterday");
  const { month, day, weekday } = parts(at);
  return t("common.day.full", {
    month: Number(month),
    day: Number(day),
    weekday: t(`common.weekday.${weekdayKeys[weekday as keyof typeof weekdayKeys]}`),
  });
}

/** Day in words and time: `今天 16:30`. */
export function dayTime(at: Instant, now: Instant = Date.now()): string {
  return `${dayWords(at, now)} ${clockTime(at)}`;
}

/** Time alone when it is today, else the day with it. */
export function shortTime(at: Instant, now: Instant = Date.now()): string {
  return isoDate(at) === isoDate(now) ? clockTime(at) : dayTime(at, now);
}

/** Whole years between a birth date (`YYYY-MM-DD`) and now. */
export function ageYears(birthDate: string, now: Instant = Date.now()): number {
  const [birth, today] = [birthDate.slice(0, 10), isoDate(now)];
  const years = Number(today.slice(0, 4)) - Number(birth.slice(0, 4));
  return today.slice(5) < birth.slice(5) ? years - 1 : years;
}
