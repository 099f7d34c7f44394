import { addDays, localInstant } from "../calendar/domain.ts";

/** A follow-up is missed when its day is over, in the place where it is made. */
export function followUpDueAt(dueOn: string, timeZone = "Asia/Shanghai"): Date {
  return new Date(localInstant(addDays(dueOn, 1), 0, timeZone));
}

/** Whole days since it was due; 0 on the day itself and before. */
export function overdueDays(dueOn: string, today: string): number {
  const days = (Date.parse(`${today}T00:00:00Z`) - Date.parse(`${dueOn}T00:00:00Z`)) / 86_400_000;
  return Math.max(0, Math.round(days));
}
