import type { Language } from "../../i18n/areas.ts";
import type { Translate } from "../../i18n/i18n.ts";

type Words = { zh: string; en: string | null; bo: string | null };

/** A name in the reader's language; Chinese where there is no other. */
export function inWords(words: Words, language: Language): string {
  if (language === "en") return words.en || words.zh;
  if (language === "bo") return words.bo || words.zh;
  return words.zh;
}

/** `08:30`; past midnight it is the next day's time. */
export function minuteTime(minute: number): string {
  const inDay = minute % 1440;
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(Math.floor(inDay / 60))}:${two(inDay % 60)}`;
}

/** Minutes of `08:30`; null for what is no time. */
export function timeMinute(text: string): number | null {
  const found = /^(\d\d):(\d\d)$/.exec(text);
  return found ? Number(found[1]) * 60 + Number(found[2]) : null;
}

export const weekdays = [1, 2, 3, 4, 5, 6, 7] as const;
export type Weekday = (typeof weekdays)[number];

export function weekdayWord(weekday: number, t: Translate): string {
  return t(`common.weekday.${weekday as Weekday}`);
}

/** Weekday of a local day, Monday = 1. */
export function weekdayOf(day: string): number {
  return new Date(`${day}T00:00:00Z`).getUTCDay() || 7;
}

export function plusDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}
