/** How schedules, policies and plans are shown to their administrator. Pure. */
import { addDays, localInstant } from "../calendar/domain.ts";
import type { Calendar } from "../directory/service.ts";
import type { Clash } from "./clashes.ts";
import type { BookingPolicy, SeatPool } from "./domain.ts";
import type { Plan } from "./publish-service.ts";
import type { PlannedSegment } from "./publishing.ts";
import type {
  PolicyNumbers,
  PolicyView,
  Preview,
  PublishedView,
  ScheduleDetail,
  ScheduleView,
} from "./schedule-contract.ts";
import type { findScheduleNames, findScheduleRows } from "./schedule-manage-repository.ts";
import type { findRules, PolicyRow } from "./schedule-repository.ts";

type Row = Awaited<ReturnType<typeof findScheduleRows>>[number];
export function scheduleView(row: Row): ScheduleView {
  return {
    id: row.id,
    name: { zh: row.name_zh, en: row.name_en, bo: row.name_bo },
    kind: row.kind,
    department: {
      id: row.department_id,
      name: { zh: row.department_zh, en: row.department_en, bo: row.department_bo },
    },
    doctor: row.doctor_id
      ? { id: row.doctor_id, name: row.doctor_name!, title: row.doctor_title! }
      : null,
    place: row.place,
    feeCents: row.fee_cents,
    segmentMinutes: row.segment_minutes,
    active: row.active,
    openUntil: row.open_until,
    seats: row.seats,
    taken: row.taken,
  };
}

/** @param policies newest first */
export function policyViews(policies: readonly PolicyRow[], today: string): PolicyView[] {
  const current = policies.find((one) => one.validFrom <= today);
  return policies.map((row) => ({
    ...numbersOf(row),
    validFrom: row.validFrom,
    current: row === current,
    coming: row.validFrom > today,
  }));
}

function numbersOf(row: BookingPolicy & { institutionId?: string; validFrom?: string }) {
  const { institutionId: _, validFrom: __, ...numbers } = row;
  return numbers satisfies PolicyNumbers;
}

/** The week that counts today, and each one that is to begin. */
export function weeksOf(
  rules: Awaited<ReturnType<typeof findRules>>,
  today: string,
): ScheduleDetail["weeks"] {
  const starts = [
    today,
    ...new Set(rules.map((one) => one.validFrom).filter((day) => day > today)),
  ];
  return starts.map((from) => {
    const valid = rules.filter(
      (one) => one.validFrom <= from && (one.validUntil === null || one.validUntil >= from),
    );
    return {
      validFrom:
        from === today
          ? (valid
              .map((one) => one.validFrom)
              .sort()
              .at(-1) ?? today)
          : from,
      coming: from > today,
      rules: valid
        .map(({ weekday, startMinute, endMinute, capacity }) => ({
          weekday,
          startMinute,
          endMinute,
          capacity,
        }))
        .sort(
          (left, right) => left.weekday - right.weekday || left.startMinute - right.startMinute,
        ),
    };
  });
}

export type NamedSchedules = ReadonlyMap<
  string,
  Awaited<ReturnType<typeof findScheduleNames>>[number] & {
    institution: { zh: string; en: string | null; bo: string | null };
  }
>;

function clashView(
  clash: Clash,
  names: NamedSchedules,
): Preview["days"][number]["clashes"][number] {
  const other = names.get(clash.otherScheduleId);
  return {
    startsAt: clash.startsAt.toISOString(),
    endsAt: clash.endsAt.toISOString(),
    why: clash.why,
    other: other
      ? {
          name: { zh: other.nameZh, en: other.nameEn, bo: other.nameBo },
          institution: other.institution,
          place: other.place,
        }
      : null,
  };
}

export function publishedClashes(
  clashes: readonly Clash[],
  names: NamedSchedules,
): PublishedView["clashes"] {
  return clashes.map((clash) => ({ day: clash.day, ...clashView(clash, names) }));
}

/** Every day of the range with what publishing would do to it. */
export function previewView(
  plan: Plan,
  names: NamedSchedules,
  range: { from: string; days: number },
): Preview {
  const days = Array.from({ length: range.days }, (_, index) => {
    const day = addDays(range.from, index);
    const fresh = plan.fresh.filter((one) => one.day === day);
    const kept = plan.kept.filter((one) => one.day === day);
    const closed = plan.closed.find((one) => one.day === day);
    const clashes = plan.clashes.filter((one) => one.day === day);
    const seats = fresh.flatMap((one) => one.seats);
    const first = (pool: SeatPool) => seats.find((one) => one.pool === pool);
    const reserved = seats.find((one) => one.pool !== "public");
    return {
      day,
      state: closed
        ? ("closed" as const)
        : fresh.length > 0
          ? ("new" as const)
          : kept.length > 0
            ? ("open" as const)
            : clashes.length > 0
              ? ("clash" as const)
              : ("none" as const),
      holiday: closed?.holiday ?? false,
      reason: closed ? reasonWords(closed, plan.calendar) : null,
      seats: poolSums(fresh),
      releaseAt: seats[0] ? releaseOf(seats, day, plan.calendar) : null,
      priorityFrom: first("priority")?.poolFrom.toISOString() ?? null,
      returnAt: reserved?.publicFrom.toISOString() ?? null,
      segments: [
        ...fresh.map((one) => segmentView(one, "new")),
        ...kept.map((one) => segmentView(one, "open")),
      ].sort((left, right) => left.startsAt.localeCompare(right.startsAt)),
      clashes: clashes.map((one) => clashView(one, names)),
    };
  });
  return { days, segments: plan.fresh.length, seats: poolSums(plan.fresh) };
}

function segmentView(one: PlannedSegment, state: "new" | "open") {
  return {
    startsAt: one.startsAt.toISOString(),
    endsAt: one.endsAt.toISOString(),
    capacity: one.capacity,
    state,
  };
}

/** When the public may book; a clinic whose seats are all kept opens to all when they are returned. */
function releaseOf(seats: PlannedSegment["seats"], day: string, calendar: Calendar): string {
  const open = seats.find((one) => one.pool === "public") ?? seats[0];
  return (open?.publicFrom ?? new Date(localInstant(day, 0, calendar.timeZone))).toISOString();
}

function poolSums(segments: readonly PlannedSegment[]) {
  const sum = (pool: SeatPool) =>
    segments.reduce((all, one) => all + one.seats.filter((seat) => seat.pool === pool).length, 0);
  return { public: sum("public"), priority: sum("priority"), hotline: sum("hotline") };
}

function reasonWords(closed: Plan["closed"][number], calendar: Calendar) {
  const holiday = closed.holiday
    ? calendar.holidays.find((one) => one.day === closed.day)
    : undefined;
  return { zh: closed.reason, en: holiday?.nameEn ?? null, bo: holiday?.nameBo ?? null };
}
