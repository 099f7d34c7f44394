/** Quiet hours and the times at which what was gathered is told. Pure: local days, an explicit zone. */
import {
  addDays,
  localDay,
  localInstant,
  type SideCalendar,
  zoneOffsetMinutes,
} from "../calendar/domain.ts";
import type { NoticeHold } from "./urgency.ts";

/** Minutes of the local day; the same twice: never quiet. */
export type QuietHours = { fromMinute: number; toMinute: number };

/** 22:00 to 07:00, unless the house or the person says otherwise. */
export const defaultQuiet: QuietHours = { fromMinute: 22 * 60, toMinute: 7 * 60 };

/** Defaults of `notice_policy`: before the day, after lunch, before the evening. */
export const defaultNoticePolicy = {
  digestMinutes: [8 * 60 + 30, 13 * 60 + 30, 16 * 60 + 30],
  quietFromMinute: defaultQuiet.fromMinute,
  quietToMinute: defaultQuiet.toMinute,
  keptDays: 90,
  worseMinutes: 30,
  silentHours: 12,
  silentMinutes: 240,
} as const;

/** A working day is looked for this far: longer than any row of holidays. */
export const digestLookDays = 40;

const dayMinutes = 24 * 60;

/** Minutes of the local day at an instant. */
function minuteOf(at: Date, timeZone: string): number {
  const minutes = Math.floor(at.getTime() / 60_000) + zoneOffsetMinutes(at, timeZone);
  return ((minutes % dayMinutes) + dayMinutes) % dayMinutes;
}

/** When the quiet hours that an instant lies in are over; null outside them. The first minute is quiet, the last is not. */
export function quietUntil(at: Date, timeZone: string, quiet: QuietHours): Date | null {
  const { fromMinute, toMinute } = quiet;
  if (fromMinute === toMinute) return null;
  const minute = minuteOf(at, timeZone);
  const overnight = fromMinute > toMinute;
  const inside = overnight
    ? minute >= fromMinute || minute < toMinute
    : minute >= fromMinute && minute < toMinute;
  if (!inside) return null;
  const today = localDay(at.getTime(), timeZone);
  const day = overnight && minute >= fromMinute ? addDays(today, 1) : today;
  return new Date(localInstant(day, toMinute, timeZone));
}

/** The next time at which what was gathered is told: of a working day of the house, later than now. */
export function nextDigest(at: Date, calendar: SideCalendar, minutes: readonly number[]): Date {
  const off = new Set(calendar.holidays.map((one) => one.day));
  const today = localDay(at.getTime(), calendar.timeZone);
  const times = minutes.toSorted((left, right) => left - right);
  for (let index = 0; index <= digestLookDays; index += 1) {
    const day = addDays(today, index);
    const weekday = new Date(`${day}T00:00:00Z`).getUTCDay() || 7;
    // A house whose hours nobody entered is told every day, rather than never.
    const works =
      !off.has(day) &&
      (calendar.hours.length === 0 || calendar.hours.some((one) => one.weekday === weekday));
    if (!works) continue;
    for (const minute of times) {
      const time = localInstant(day, minute, calendar.timeZone);
      if (time > at.getTime()) return new Date(time);
    }
  }
  return new Date(at.getTime() + dayMinutes * 60_000);
}

/** Until when one person's notice lies here; null when it is told now. */
export function releaseOf(input: {
  hold: NoticeHold | null;
  at: Date;
  timeZone: string;
  quiet: QuietHours;
  calendar: SideCalendar | null;
  digestMinutes: readonly number[];
}): Date | null {
  const { hold, at, timeZone, quiet, calendar } = input;
  if (hold === null) return null;
  if (hold === "quiet") return quietUntil(at, timeZone, quiet);
  const told = calendar ? nextDigest(at, calendar, input.digestMinutes) : at;
  return quietUntil(told, timeZone, quiet) ?? told;
}
