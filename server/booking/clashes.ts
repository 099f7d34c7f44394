/** Whether planned segments can be opened beside what is open already. Pure. */
import type { PlannedSegment } from "./publishing.ts";

/** A segment that is open: of the same schedule, or of the same doctor elsewhere. */
export type OpenSegment = {
  scheduleId: string;
  practitionerId: string | null;
  day: string;
  startsAt: Date;
  endsAt: Date;
  firstTicket: number;
  capacity: number;
  stopped: boolean;
};

/**
 * Why a planned segment cannot be opened: `doctor` is held elsewhere at that time, or the schedule
 * itself has another segment there, opened under an earlier rule.
 */
export type Clash = {
  day: string;
  startsAt: Date;
  endsAt: Date;
  why: "doctor" | "schedule";
  otherScheduleId: string;
  otherStartsAt: Date;
  otherEndsAt: Date;
};

/**
 * Sort a plan into what is new, what is open already (same schedule and start: never changed again,
 * seats of it may be sold) and what cannot be.
 */
export function sortPlan(
  schedule: { id: string; practitionerId: string | null },
  planned: readonly PlannedSegment[],
  open: readonly OpenSegment[],
): { fresh: PlannedSegment[]; kept: PlannedSegment[]; clashes: Clash[] } {
  const mine = open.filter((one) => one.scheduleId === schedule.id);
  const elsewhere = open.filter(
    (one) =>
      one.scheduleId !== schedule.id &&
      !one.stopped &&
      schedule.practitionerId !== null &&
      one.practitionerId === schedule.practitionerId,
  );
  const known = new Set(mine.map((one) => one.startsAt.getTime()));
  const fresh: PlannedSegment[] = [];
  const kept: PlannedSegment[] = [];
  const clashes: Clash[] = [];
  for (const segment of planned) {
    if (known.has(segment.startsAt.getTime())) {
      kept.push(segment);
      continue;
    }
    const own =
      mine.find((one) => overlap(one, segment)) ?? fresh.find((one) => overlap(one, segment));
    const other = own ?? elsewhere.find((one) => overlap(one, segment));
    if (!other) {
      fresh.push(segment);
      continue;
    }
    clashes.push({
      day: segment.day,
      startsAt: segment.startsAt,
      endsAt: segment.endsAt,
      why: own ? "schedule" : "doctor",
      otherScheduleId: "scheduleId" in other ? other.scheduleId : schedule.id,
      otherStartsAt: other.startsAt,
      otherEndsAt: other.endsAt,
    });
  }
  return { fresh, kept, clashes };
}

type Range = { startsAt: Date; endsAt: Date };
function overlap(left: Range, right: Range): boolean {
  return left.startsAt < right.endsAt && right.startsAt < left.endsAt;
}

/**
 * Number what is added to a day that has tickets already behind those: a ticket is unique within the
 * schedule's day, whatever capacity the rule had when the earlier ones were opened.
 */
export function continueTickets(
  fresh: readonly PlannedSegment[],
  mine: readonly OpenSegment[],
): PlannedSegment[] {
  const next = new Map<string, number>();
  for (const one of mine)
    next.set(one.day, Math.max(next.get(one.day) ?? 1, one.firstTicket + one.capacity));
  return fresh.map((segment) => {
    const firstTicket = next.get(segment.day);
    if (firstTicket === undefined) return segment;
    next.set(segment.day, firstTicket + segment.capacity);
    return { ...segment, firstTicket };
  });
}

const weekMinutes = 7 * 1440;

/**
 * The first weekday on which two lines of a week lie over each other, also past midnight and from
 * Sunday into Monday; null when all fit.
 */
export function overlappingWeekday(
  rules: readonly { weekday: number; startMinute: number; endMinute: number }[],
): number | null {
  const ranges = rules
    .map((rule) => ({
      weekday: rule.weekday,
      start: (rule.weekday - 1) * 1440 + rule.startMinute,
      end: (rule.weekday - 1) * 1440 + rule.endMinute,
    }))
    .sort((left, right) => left.start - right.start);
  for (const [index, one] of ranges.entries()) {
    const next = ranges[index + 1];
    if (next && next.start < one.end) return next.weekday;
  }
  const first = ranges[0];
  const last = ranges.at(-1);
  return first && last && last.end - weekMinutes > first.start ? first.weekday : null;
}
