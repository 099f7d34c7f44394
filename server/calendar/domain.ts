/**
 * When both sides can meet. Pure interval algebra: instants in UTC, half-open ranges, an explicit
 * zone; working hours become intervals, holidays are subtracted, the two sides are intersected,
 * what is busy is subtracted and the rest is sliced.
 */
export type Interval = { start: number; end: number };

export type SideCalendar = {
  institutionId: string;
  timeZone: string;
  hours: readonly { weekday: number; startMinute: number; endMinute: number }[];
  holidays: readonly { day: string; name: string }[];
};

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** Sort and join ranges that touch or overlap. */
export function normalise(ranges: readonly Interval[]): Interval[] {
  const sorted = ranges
    .filter((range) => range.end > range.start)
    .sort((left, right) => left.start - right.start);
  const joined: Interval[] = [];
  for (const range of sorted) {
    const last = joined.at(-1);
    if (last && range.start <= last.end) last.end = Math.max(last.end, range.end);
    else joined.push({ ...range });
  }
  return joined;
}

export function intersect(left: readonly Interval[], right: readonly Interval[]): Interval[] {
  return normalise(
    left.flatMap((one) =>
      right.map((other) => ({
        start: Math.max(one.start, other.start),
        end: Math.min(one.end, other.end),
      })),
    ),
  );
}

export function subtract(ranges: readonly Interval[], busy: readonly Interval[]): Interval[] {
  return normalise(busy).reduce<Interval[]>(
    (rest, block) =>
      rest.flatMap((range) =>
        block.end <= range.start || block.start >= range.end
          ? [range]
          : [
              { start: range.start, end: Math.max(range.start, block.start) },
              { start: Math.min(range.end, block.end), end: range.end },
            ].filter((part) => part.end > part.start),
      ),
    normalise(ranges),
  );
}

/** Working time of one side from a local day on, holidays taken out. */
export function workingIntervals(
  calendar: SideCalendar,
  fromDay: string,
  days: number,
): Interval[] {
  const off = new Set(calendar.holidays.map((holiday) => holiday.day));
  const ranges: Interval[] = [];
  for (let index = 0; index < days; index += 1) {
    const day = addDays(fromDay, index);
    if (off.has(day)) continue;
    const weekday = new Date(`${day}T00:00:00Z`).getUTCDay() || 7;
    for (const hours of calendar.hours.filter((one) => one.weekday === weekday)) {
      ranges.push({
        start: localInstant(day, hours.startMinute, calendar.timeZone),
        end: localInstant(day, hours.endMinute, calendar.timeZone),
      });
    }
  }
  return normalise(ranges);
}

/**
 * Free times for a meeting.
 * @param durationMinutes length of the meeting; starts lie on a grid of `stepMinutes`
 */
export function proposeSlots(input: {
  sides: readonly SideCalendar[];
  busy: readonly Interval[];
  fromDay: string;
  days: number;
  now: Date;
  durationMinutes: number;
  stepMinutes?: number;
  limit?: number;
}): Interval[] {
  const step = (input.stepMinutes ?? 30) * minuteMs;
  const duration = input.durationMinutes * minuteMs;
  const working = input.sides
    .map((side) => workingIntervals(side, input.fromDay, input.days))
    .reduce(intersect);
  const free = subtract(working, [...input.busy, { start: 0, end: input.now.getTime() }]);
  const slots: Interval[] = [];
  for (const range of free) {
    for (
      let start = Math.ceil(range.start / step) * step;
      start + duration <= range.end;
      start += step
    ) {
      slots.push({ start, end: start + duration });
      if (slots.length >= (input.limit ?? 24)) return slots;
    }
  }
  return slots;
}

/** Why a side cannot meet at a time; null when it can. */
export function whyNot(
  calendar: SideCalendar,
  slot: Interval,
): { why: "holiday" | "hours"; name: string } | null {
  const day = localDay(slot.start, calendar.timeZone);
  const holiday = calendar.holidays.find((one) => one.day === day);
  if (holiday) return { why: "holiday", name: holiday.name };
  const open = workingIntervals(calendar, day, 2).some(
    (range) => range.start <= slot.start && slot.end <= range.end,
  );
  return open ? null : { why: "hours", name: "" };
}

/** Add working minutes of a calendar to an instant: how a routine clock runs. */
export function addWorkingMinutes(calendar: SideCalendar, from: Date, minutes: number): Date {
  let left = minutes * minuteMs;
  for (const range of workingIntervals(calendar, localDay(from.getTime(), calendar.timeZone), 60)) {
    const start = Math.max(range.start, from.getTime());
    if (range.end <= start) continue;
    if (range.end - start >= left) return new Date(start + left);
    left -= range.end - start;
  }
  // No working hours known: the clock runs through, rather than never.
  return new Date(from.getTime() + minutes * minuteMs);
}

export function localDay(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone, dateStyle: "short" }).format(at);
}

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10);
}

/** The instant of a local wall time; a time that a zone change skips moves forward with it. */
export function localInstant(day: string, minute: number, timeZone: string): number {
  const wall = Date.parse(`${day}T00:00:00Z`) + minute * minuteMs;
  const first = wall - offsetMs(wall, timeZone);
  return wall - offsetMs(first, timeZone);
}

/** How many minutes a zone's local time is ahead of UTC at an instant. */
export function zoneOffsetMinutes(at: Date, timeZone: string): number {
  return Math.round(offsetMs(at.getTime(), timeZone) / minuteMs);
}

/** Making a format costs a hundred times as much as using it, and there are few zones. */
const wallFormats = new Map<string, Intl.DateTimeFormat>();
function wallFormat(timeZone: string): Intl.DateTimeFormat {
  const known = wallFormats.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat("en-CA", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  wallFormats.set(timeZone, made);
  return made;
}

function offsetMs(at: number, timeZone: string): number {
  const parts = wallFormat(timeZone).formatToParts(at);
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value);
  return (
    Date.UTC(
      part("year"),
      part("month") - 1,
      part("day"),
      part("hour"),
      part("minute"),
      part("second"),
    ) -
    Math.floor(at / 1000) * 1000
  );
}
