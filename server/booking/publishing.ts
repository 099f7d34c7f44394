/** From a weekly rule to segments and seats. Pure: what is previewed is what is published. */
import {
  addDays,
  type Interval,
  localInstant,
  type SideCalendar,
  workingIntervals,
} from "../calendar/domain.ts";
import type { BookingPolicy, SeatPool } from "./domain.ts";

export type Rule = {
  weekday: number;
  startMinute: number;
  endMinute: number;
  capacity: number;
  validFrom: string;
  validUntil: string | null;
};
export type Exception = { day: string; closed: boolean; capacity: number | null; reason: string };
export type PlannedSeat = { number: number; pool: SeatPool; poolFrom: Date; publicFrom: Date };
export type PlannedSegment = {
  day: string;
  startsAt: Date;
  endsAt: Date;
  capacity: number;
  firstTicket: number;
  cancelUntil: Date;
  seats: readonly PlannedSeat[];
};
/** A day on which nothing is held although the rule says so, and why. */
export type ClosedDay = { day: string; reason: string; holiday: boolean };

const minuteMs = 60_000;
const dayMinutes = 24 * 60;
const dayMs = dayMinutes * minuteMs;

/**
 * Segments of a schedule for `days` local days from `fromDay` on. Public holidays are closed unless an
 * exception opens the day with a capacity of its own, or the clinic never closes (fever clinics are
 * open round the clock: domain.md, Fever care). An exception's closing counts for every clinic.
 * @param segmentMinutes 30 or 60; a remainder of a rule shorter than this makes no segment
 */
export function planSegments(input: {
  rules: readonly Rule[];
  exceptions: readonly Exception[];
  calendar: SideCalendar;
  policy: BookingPolicy;
  segmentMinutes: number;
  fromDay: string;
  days: number;
  openOnHolidays?: boolean;
  /** A fever does not keep office hours: cancelled or changed until the segment begins. */
  cancelUntilStart?: boolean;
}): { segments: PlannedSegment[]; closed: ClosedDay[] } {
  const { calendar, policy } = input;
  const segments: PlannedSegment[] = [];
  const closed: ClosedDay[] = [];
  const working = workingBefore(calendar, input.fromDay, input.days);
  // A night's rule may reach into the next day, whose clocks may have been changed in between. Rules that
  // lie over each other by the clock on the wall are a clash, which is told and not mended here.
  let before = { endsAt: 0, wallMinute: 0 };
  for (let index = 0; index < input.days; index += 1) {
    const day = addDays(input.fromDay, index);
    const weekday = new Date(`${day}T00:00:00Z`).getUTCDay() || 7;
    const rules = input.rules
      .filter(
        (rule) =>
          rule.weekday === weekday &&
          rule.validFrom <= day &&
          (rule.validUntil === null || rule.validUntil >= day),
      )
      .sort((left, right) => left.startMinute - right.startMinute);
    if (rules.length === 0) continue;
    const exception = input.exceptions.find((one) => one.day === day);
    const holiday = input.openOnHolidays
      ? undefined
      : calendar.holidays.find((one) => one.day === day);
    if (exception?.closed || (holiday && !exception)) {
      closed.push({ day, reason: exception?.reason ?? holiday!.name, holiday: !exception });
      continue;
    }
    const cancelUntil = endOfWorkingDayBefore(calendar, day, working);
    let ticket = 1;
    let last = { endsAt: 0, wallMinute: 0 };
    for (const rule of rules) {
      const capacity = exception?.capacity ?? rule.capacity;
      const seats = planSeats(day, capacity, policy, calendar.timeZone);
      let ruleEnd = before.wallMinute - dayMinutes <= rule.startMinute ? before.endsAt : 0;
      for (
        let minute = rule.startMinute;
        minute + input.segmentMinutes <= rule.endMinute;
        minute += input.segmentMinutes
      ) {
        // Wall times one after the other: where clocks are put forward, times that do not exist fall on
        // those an hour later, and make no second segment there.
        const startsAt = new Date(localInstant(day, minute, calendar.timeZone));
        const endsAt = new Date(
          localInstant(day, minute + input.segmentMinutes, calendar.timeZone),
        );
        if (endsAt <= startsAt || startsAt.getTime() < ruleEnd) continue;
        ruleEnd = endsAt.getTime();
        if (ruleEnd > last.endsAt)
          last = { endsAt: ruleEnd, wallMinute: minute + input.segmentMinutes };
        segments.push({
          day,
          startsAt,
          endsAt,
          capacity,
          firstTicket: ticket,
          cancelUntil: input.cancelUntilStart ? startsAt : cancelUntil,
          seats,
        });
        ticket += capacity;
      }
    }
    before = last;
  }
  return { segments, closed };
}

/** Which seats are kept for whom, and from when each is everybody's. */
export function planSeats(
  day: string,
  capacity: number,
  policy: BookingPolicy,
  timeZone: string,
): PlannedSeat[] {
  const release = localInstant(
    addDays(day, -policy.releaseDaysAhead),
    policy.releaseMinute,
    timeZone,
  );
  const priorityFrom = release - policy.priorityLeadDays * dayMs;
  const returned = Math.max(
    release,
    localInstant(day, 0, timeZone) - policy.priorityReturnHours * 60 * minuteMs,
  );
  const { priority, hotline } = shares(capacity, policy);
  return Array.from({ length: capacity }, (_, index) => {
    const pool: SeatPool =
      index >= capacity - priority
        ? "priority"
        : index >= capacity - priority - hotline
          ? "hotline"
          : "public";
    return {
      number: index + 1,
      pool,
      poolFrom: new Date(pool === "priority" ? priorityFrom : release),
      publicFrom: new Date(pool === "public" ? release : returned),
    };
  });
}

/** Whole seats of a percentage, rounded down, so that the public never has fewer than its share. */
export function shares(
  capacity: number,
  policy: Pick<BookingPolicy, "priorityPercent" | "hotlinePercent">,
): { priority: number; hotline: number; public: number } {
  const priority = Math.floor((capacity * policy.priorityPercent) / 100);
  const hotline = Math.floor((capacity * policy.hotlinePercent) / 100);
  return { priority, hotline, public: capacity - priority - hotline };
}

/**
 * "Cancel until the end of the working day before" (domain.md); without working hours the midnight before.
 * @param working working time before the day, oldest first, when it is known already
 */
export function endOfWorkingDayBefore(
  calendar: SideCalendar,
  day: string,
  working: readonly Interval[] = workingBefore(calendar, day, 1),
): Date {
  const midnight = localInstant(day, 0, calendar.timeZone);
  return new Date(working.findLast((range) => range.end <= midnight)?.end ?? midnight);
}

/** Working time from two weeks before the first of some days on: longer than any row of holidays. */
function workingBefore(calendar: SideCalendar, fromDay: string, days: number): Interval[] {
  return workingIntervals(calendar, addDays(fromDay, -14), 14 + days);
}
