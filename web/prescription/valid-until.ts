import { dayTime } from "../i18n/time.ts";

const MINUTE_MS = 60_000;

/** "Until tomorrow 00:00" is read as tomorrow: the last minute is said instead. @param until first instant at which it holds no more */
export const lastMinute = (until: string): string =>
  dayTime(new Date(Date.parse(until) - MINUTE_MS).toISOString());
