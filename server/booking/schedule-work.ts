/** What every change of schedules and policies shares: the institution's day, and the trace. */
import { trace } from "../audit/service.ts";
import { localDay } from "../calendar/domain.ts";
import { findCalendar } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";

export type StaffWork = Work<StaffActor>;

/** Today at the institution. */
export async function todayOf({ tx, actor, now }: StaffWork): Promise<string> {
  const { timeZone } = await findCalendar(tx, actor.institutionId, "2000-01-01", "2000-01-01");
  return localDay(now.getTime(), timeZone);
}

/** @throws DomainError `schedule.past` */
export async function assertNotPast(work: StaffWork, day: string): Promise<void> {
  if (day < (await todayOf(work))) throw new DomainError("schedule.past");
}

/** Leave a trace of a change. */
export function note(
  { tx, actor, origin }: StaffWork,
  what: string,
  id: string,
  detail?: Record<string, unknown>,
): Promise<void> {
  return trace(tx, actor, origin, {
    action: `schedule.${what}`,
    entityType: what.startsWith("policy") ? "booking-policy" : "clinic-schedule",
    entityId: id,
    ...(detail ? { detail } : {}),
  });
}
