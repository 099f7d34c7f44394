/** From rules to segments and seats in the database: planned, previewed and opened by the same steps. */
import { addDays, localDay } from "../calendar/domain.ts";
import type { Tx } from "../db/client.ts";
import { type Calendar, findCalendar } from "../directory/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import { type Clash, continueTickets, sortPlan } from "./clashes.ts";
import { daysAhead, policyForKind, policyRuns } from "./policies.ts";
import { type ClosedDay, type PlannedSegment, planSegments } from "./publishing.ts";
import {
  findExceptions,
  findOpenSegments,
  findPolicies,
  findRules,
  findSchedule,
  insertSegments,
  lockSchedule,
  type ScheduleRow,
} from "./schedule-repository.ts";

/** How far before a day its "end of the working day before" is looked for. */
const calendarLeadDays = 15;

export type Plan = {
  schedule: ScheduleRow;
  calendar: Calendar;
  /** What would be opened now. */
  fresh: PlannedSegment[];
  /** What is open already and stays as it is. */
  kept: PlannedSegment[];
  closed: ClosedDay[];
  clashes: Clash[];
};

export type Published = {
  segments: number;
  seats: number;
  /** Segments that were open before. */
  kept: number;
  closed: ClosedDay[];
  clashes: Clash[];
};

/**
 * Open a schedule's days: segments and seats by its rules, exceptions, policy and calendar. Doing it
 * again changes nothing: what is open, or sold, stays. Where the doctor is held elsewhere at that
 * time, that segment is left out and reported; the rest is opened.
 * @param fromDay local day of the institution
 * @param notBefore segments that are over by then are not opened
 * @throws DomainError `request.not-found` when there is none that the actor may publish
 */
export async function publishSegments(
  tx: Tx,
  scheduleId: string,
  fromDay: string,
  days: number,
  notBefore?: Date,
): Promise<Published> {
  const schedule = await lockSchedule(tx, scheduleId);
  if (!schedule) throw new DomainError("request.not-found");
  const plan = await planOf(tx, schedule, fromDay, days, notBefore);
  const opened = await insertSegments(tx, schedule, plan.fresh);
  const missed = plan.fresh.filter((one) => !opened.has(one.startsAt.getTime()));
  // Somebody opened the doctor's time elsewhere between our look and our insert.
  const late =
    missed.length > 0
      ? sortPlan(schedule, missed, await openAround(tx, schedule, fromDay, days)).clashes
      : [];
  return {
    segments: opened.size,
    seats: plan.fresh
      .filter((one) => opened.has(one.startsAt.getTime()))
      .reduce((sum, one) => sum + one.capacity, 0),
    kept: plan.kept.length,
    closed: plan.closed,
    clashes: [...plan.clashes, ...late].sort(
      (left, right) => left.startsAt.getTime() - right.startsAt.getTime(),
    ),
  };
}

/**
 * What {@link publishSegments} would do now, without doing it.
 * @throws DomainError `request.not-found`
 */
export async function planSchedule(
  tx: Tx,
  scheduleId: string,
  fromDay: string,
  days: number,
  notBefore?: Date,
): Promise<Plan> {
  const schedule = await findSchedule(tx, scheduleId);
  if (!schedule) throw new DomainError("request.not-found");
  return planOf(tx, schedule, fromDay, days, notBefore);
}

/** Publish from today as far as the institution's policy looks ahead. */
export async function publishAhead(
  tx: Tx,
  schedule: Pick<ScheduleRow, "id" | "institutionId">,
  now: Date,
): Promise<Published> {
  const policies = await findPolicies(tx, schedule.institutionId);
  const { timeZone } = await findCalendar(tx, schedule.institutionId, "2000-01-01", "2000-01-01");
  const today = localDay(now.getTime(), timeZone);
  return publishSegments(tx, schedule.id, today, daysAhead(policies, today));
}

async function planOf(
  tx: Tx,
  schedule: ScheduleRow,
  fromDay: string,
  days: number,
  notBefore?: Date,
): Promise<Plan> {
  const toDay = addDays(fromDay, days - 1);
  const [rules, exceptions, policies, calendar] = [
    await findRules(tx, schedule.id),
    await findExceptions(tx, schedule.id, fromDay, toDay),
    await findPolicies(tx, schedule.institutionId),
    await findCalendar(tx, schedule.institutionId, addDays(fromDay, -calendarLeadDays), toDay),
  ];
  const segments: PlannedSegment[] = [];
  const closed: ClosedDay[] = [];
  for (const run of policyRuns(policies, fromDay, days)) {
    const planned = planSegments({
      rules,
      exceptions,
      calendar,
      policy: policyForKind(run.policy, schedule.kind),
      segmentMinutes: schedule.segmentMinutes,
      fromDay: run.fromDay,
      days: run.days,
      openOnHolidays: schedule.kind === "fever-clinic",
      cancelUntilStart: schedule.kind === "fever-clinic",
    });
    segments.push(...planned.segments.filter((one) => !notBefore || one.endsAt > notBefore));
    closed.push(...planned.closed);
  }
  const open = await openAround(tx, schedule, fromDay, days);
  const sorted = sortPlan(schedule, segments, open);
  return {
    schedule,
    calendar,
    ...sorted,
    fresh: continueTickets(
      sorted.fresh,
      open.filter((one) => one.scheduleId === schedule.id),
    ),
    closed,
  };
}

function openAround(tx: Tx, schedule: ScheduleRow, fromDay: string, days: number) {
  return findOpenSegments(tx, schedule, fromDay, addDays(fromDay, days - 1));
}
