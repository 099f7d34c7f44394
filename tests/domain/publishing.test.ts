import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { continueTickets, type OpenSegment, sortPlan } from "../../server/booking/clashes.ts";
import { type BookingPolicy, defaultPolicy, seatPools } from "../../server/booking/domain.ts";
import { daysAhead, policyForKind, policyOn, policyRuns } from "../../server/booking/policies.ts";
import {
  endOfWorkingDayBefore,
  planSeats,
  planSegments,
  type Rule,
  shares,
} from "../../server/booking/publishing.ts";
import { addDays, localDay, localInstant } from "../../server/calendar/domain.ts";

const hour = 60 * 60_000;
const everyDay = [1, 2, 3, 4, 5, 6, 7];
const calendar = (timeZone = "Asia/Shanghai", holidays: { day: string; name: string }[] = []) => ({
  institutionId: "a",
  timeZone,
  hours: [1, 2, 3, 4, 5].flatMap((weekday) => [
    { weekday, startMinute: 480, endMinute: 690 },
    { weekday, startMinute: 780, endMinute: 1020 },
  ]),
  holidays,
});
const rule = (weekday: number, startMinute: number, endMinute: number, capacity = 4): Rule => ({
  weekday,
  startMinute,
  endMinute,
  capacity,
  validFrom: "2020-01-01",
  validUntil: null,
});
const plan = (change: Partial<Parameters<typeof planSegments>[0]>) =>
  planSegments({
    rules: everyDay.map((weekday) => rule(weekday, 480, 690)),
    exceptions: [],
    calendar: calendar(),
    policy: defaultPolicy,
    segmentMinutes: 30,
    fromDay: "2026-11-23",
    days: 7,
    ...change,
  });
const iso = (at: Date) => at.toISOString();

describe("segments", () => {
  it("cuts a morning of three and a half hours into seven half hours, local time", () => {
    const { segments } = plan({ days: 1 });
    expect(segments.map((one) => [iso(one.startsAt).slice(11, 16), one.firstTicket])).toEqual([
      ["00:00", 1],
      ["00:30", 5],
      ["01:00", 9],
      ["01:30", 13],
      ["02:00", 17],
      ["02:30", 21],
      ["03:00", 25],
    ]);
    expect(segments[0]!.seats).toHaveLength(4);
  });

  it("makes nothing of a remainder that is shorter than a segment", () => {
    const { segments } = plan({ days: 1, segmentMinutes: 60 });
    expect(segments).toHaveLength(3);
    expect(plan({ days: 1, rules: [rule(1, 480, 509)] }).segments).toEqual([]);
    expect(plan({ days: 1, rules: [rule(1, 480, 510)] }).segments).toHaveLength(1);
  });

  it("numbers tickets through a day with two sessions, whatever the order of the rules", () => {
    const { segments } = plan({
      days: 1,
      rules: [rule(1, 780, 840, 3), rule(1, 480, 540, 5)],
    });
    expect(segments.map((one) => one.firstTicket)).toEqual([1, 6, 11, 14]);
  });

  it("keeps a rule's first and last day", () => {
    const limited = { ...rule(1, 480, 510), validFrom: "2026-11-30", validUntil: "2026-12-07" };
    const { segments } = plan({ rules: [limited], days: 28 });
    expect(segments.map((one) => one.day)).toEqual(["2026-11-30", "2026-12-07"]);
  });

  it("counts the part after midnight to the day on which the clinic began", () => {
    const { segments } = plan({
      rules: everyDay.map((weekday) => rule(weekday, 480, 1920)),
      segmentMinutes: 60,
      days: 2,
    });
    expect(segments).toHaveLength(48);
    const night = segments.find((one) => iso(one.startsAt) === "2026-11-23T16:00:00.000Z")!;
    expect([night.day, night.firstTicket]).toEqual(["2026-11-23", 65]);
    // The next day takes over to the minute.
    expect(segments[23]!.endsAt).toEqual(segments[24]!.startsAt);
    expect(segments[24]!.firstTicket).toBe(1);
  });
});

describe("closed days", () => {
  const holidays = [{ day: "2026-11-25", name: "元旦" }];

  it("closes public holidays and says which", () => {
    const { segments, closed } = plan({ calendar: calendar("Asia/Shanghai", holidays) });
    expect(closed).toEqual([{ day: "2026-11-25", reason: "元旦", holiday: true }]);
    expect(segments.some((one) => one.day === "2026-11-25")).toBe(false);
  });

  it("opens a holiday by an exception, with its own capacity", () => {
    const { segments, closed } = plan({
      calendar: calendar("Asia/Shanghai", holidays),
      exceptions: [{ day: "2026-11-25", closed: false, capacity: 2, reason: "值班" }],
    });
    expect(closed).toEqual([]);
    expect(segments.filter((one) => one.day === "2026-11-25").map((one) => one.capacity)).toEqual(
      Array(7).fill(2),
    );
  });

  it("never closes a fever clinic for a holiday, but for its own reason", () => {
    const always = { calendar: calendar("Asia/Shanghai", holidays), openOnHolidays: true };
    expect(plan(always).closed).toEqual([]);
    const exceptions = [{ day: "2026-11-25", closed: true, capacity: null, reason: "消毒" }];
    expect(plan({ ...always, exceptions }).closed).toEqual([
      { day: "2026-11-25", reason: "消毒", holiday: false },
    ]);
  });

  it("does not list a day on which nothing would be held anyway", () => {
    const { closed } = plan({
      rules: [rule(1, 480, 690)],
      calendar: calendar("Asia/Shanghai", holidays),
    });
    expect(closed).toEqual([]);
  });
});

describe("zones with daylight change", () => {
  const nightly = everyDay.map((weekday) => rule(weekday, 0, 360));

  it("drops the half hours that clocks skip in spring", () => {
    const { segments } = plan({
      rules: nightly,
      calendar: calendar("Europe/Berlin"),
      fromDay: "2026-03-29",
      days: 1,
    });
    // 02:00 to 03:00 do not exist that night.
    expect(segments).toHaveLength(10);
    expect(iso(segments.at(-1)!.endsAt)).toBe("2026-03-29T04:00:00.000Z");
  });

  it("covers the hour that comes twice in autumn without a gap or an overlap", () => {
    const { segments } = plan({
      rules: nightly,
      calendar: calendar("Europe/Berlin"),
      fromDay: "2026-10-25",
      days: 1,
    });
    expect(segments).toHaveLength(12);
    for (const [index, one] of segments.entries())
      if (index > 0) expect(one.startsAt).toEqual(segments[index - 1]!.endsAt);
    const length = segments.at(-1)!.endsAt.getTime() - segments[0]!.startsAt.getTime();
    expect(length).toBe(7 * hour);
  });

  it("never overlaps and never runs backwards, in any zone and season", () => {
    const zones = ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"];
    // Around each change of the clocks, and any other day of the year.
    const days = fc.oneof(
      fc.constantFrom(
        "2026-03-28",
        "2026-10-24",
        "2026-03-07",
        "2026-10-31",
        "2026-04-04",
        "2026-10-03",
      ),
      fc.integer({ min: 0, max: 364 }).map((offset) => addDays("2026-01-01", offset)),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        days,
        fc.integer({ min: 0, max: 1439 }),
        fc.integer({ min: 30, max: 1440 }),
        fc.constantFrom(30, 60),
        (zone, fromDay, start, length, segmentMinutes) => {
          const { segments } = plan({
            rules: everyDay.map((weekday) => rule(weekday, start, start + length, 2)),
            calendar: calendar(zone),
            fromDay,
            days: 3,
            segmentMinutes,
          });
          for (const [index, one] of segments.entries()) {
            expect(one.endsAt > one.startsAt).toBe(true);
            if (index > 0) expect(one.startsAt >= segments[index - 1]!.endsAt).toBe(true);
          }
        },
      ),
      { numRuns: 400 },
    );
  });
});

const policies: fc.Arbitrary<BookingPolicy> = fc
  .record({
    priorityPercent: fc.integer({ min: 0, max: 100 }),
    hotlinePercent: fc.integer({ min: 0, max: 100 }),
    releaseDaysAhead: fc.integer({ min: 0, max: 60 }),
    releaseMinute: fc.integer({ min: 0, max: 1439 }),
    priorityLeadDays: fc.integer({ min: 0, max: 14 }),
    priorityReturnHours: fc.integer({ min: 0, max: 72 }),
  })
  .filter((one) => one.priorityPercent + one.hotlinePercent <= 100)
  .map((one) => ({ ...defaultPolicy, ...one }));

describe("seats", () => {
  it("gives every seat to exactly one pool, and the public at least its share", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), policies, (capacity, policy) => {
        const kept = shares(capacity, policy);
        expect(kept.public + kept.priority + kept.hotline).toBe(capacity);
        const publicPercent = 100 - policy.priorityPercent - policy.hotlinePercent;
        expect(kept.public * 100).toBeGreaterThanOrEqual(capacity * publicPercent);
        const seats = planSeats("2026-11-23", capacity, policy, "Asia/Shanghai");
        expect(seats.map((one) => one.number)).toEqual(
          Array.from({ length: capacity }, (_, index) => index + 1),
        );
        for (const pool of seatPools)
          expect(seats.filter((one) => one.pool === pool)).toHaveLength(
            pool === "window" ? 0 : kept[pool],
          );
      }),
    );
  });

  it("never opens a kept seat to all before its own people, nor before the release", () => {
    fc.assert(
      fc.property(policies, (policy) => {
        const release = localInstant(
          addDays("2026-11-23", -policy.releaseDaysAhead),
          policy.releaseMinute,
          "Asia/Shanghai",
        );
        for (const seat of planSeats("2026-11-23", 20, policy, "Asia/Shanghai")) {
          expect(seat.poolFrom <= seat.publicFrom).toBe(true);
          expect(seat.publicFrom.getTime()).toBeGreaterThanOrEqual(release);
        }
      }),
    );
  });

  it("lets family doctors book five days before the public, and gives back a day before", () => {
    const seats = planSeats("2026-12-10", 4, defaultPolicy, "Asia/Shanghai");
    expect(seats.map((one) => [one.pool, iso(one.poolFrom), iso(one.publicFrom)])).toEqual([
      ["public", "2026-11-25T23:00:00.000Z", "2026-11-25T23:00:00.000Z"],
      ["public", "2026-11-25T23:00:00.000Z", "2026-11-25T23:00:00.000Z"],
      ["priority", "2026-11-20T23:00:00.000Z", "2026-12-08T16:00:00.000Z"],
      ["priority", "2026-11-20T23:00:00.000Z", "2026-12-08T16:00:00.000Z"],
    ]);
  });

  it("keeps no shares of a fever clinic or a test", () => {
    expect(policyForKind(defaultPolicy, "clinic").priorityPercent).toBe(50);
    expect(policyForKind(defaultPolicy, "fever-clinic").priorityPercent).toBe(0);
    expect(policyForKind({ ...defaultPolicy, hotlinePercent: 9 }, "test").hotlinePercent).toBe(0);
  });
});

describe("dated policies", () => {
  const dated = [
    { ...defaultPolicy, validFrom: "2026-12-01", priorityPercent: 30 },
    { ...defaultPolicy, validFrom: "2000-01-01" },
  ];

  it("takes the newest that has begun", () => {
    expect(policyOn(dated, "2026-11-30").priorityPercent).toBe(50);
    expect(policyOn(dated, "2026-12-01").priorityPercent).toBe(30);
    expect(policyOn([], "2026-12-01")).toBe(defaultPolicy);
  });

  it("cuts the days where a policy begins, and loses none", () => {
    expect(policyRuns(dated, "2026-11-28", 7).map((run) => [run.fromDay, run.days])).toEqual([
      ["2026-11-28", 3],
      ["2026-12-01", 4],
    ]);
  });

  it("looks ahead as far as family doctors may book today and tomorrow", () => {
    expect(daysAhead([], "2026-11-23")).toBe(21);
    const last = planSeats(addDays("2026-11-23", 20), 2, defaultPolicy, "Asia/Shanghai");
    expect(localDay(last[1]!.poolFrom.getTime(), "Asia/Shanghai")).toBe("2026-11-24");
    const coming = { ...defaultPolicy, validFrom: "2026-12-01", releaseDaysAhead: 28 };
    expect(daysAhead([coming, ...dated], "2026-11-23")).toBe(35);
    expect(daysAhead([{ ...coming, validFrom: "2020-01-01" }, coming], "2027-01-01")).toBe(35);
  });
});

describe("until when one may cancel", () => {
  it.each([
    ["a Tuesday: Monday's end of work", "2026-11-24", "2026-11-23T09:00:00.000Z", []],
    ["a Monday: Friday's end of work", "2026-11-23", "2026-11-20T09:00:00.000Z", []],
    [
      "after a holiday: the working day before it",
      "2026-11-25",
      "2026-11-23T09:00:00.000Z",
      [{ day: "2026-11-24", name: "节" }],
    ],
  ])("%s", (_, day, until, holidays) => {
    expect(iso(endOfWorkingDayBefore(calendar("Asia/Shanghai", holidays), day))).toBe(until);
  });

  it("is the midnight before where no working hours are known", () => {
    const bare = { ...calendar(), hours: [] };
    expect(iso(endOfWorkingDayBefore(bare, "2026-11-24"))).toBe("2026-11-23T16:00:00.000Z");
  });
});

describe("what can be opened beside what is open", () => {
  const { segments } = plan({ days: 1 });
  const open = (change: Partial<OpenSegment>): OpenSegment => ({
    scheduleId: "other",
    practitionerId: "doctor",
    day: "2026-11-23",
    startsAt: segments[1]!.startsAt,
    endsAt: segments[1]!.endsAt,
    firstTicket: 1,
    capacity: 4,
    stopped: false,
    ...change,
  });
  const mine = { id: "mine", practitionerId: "doctor" };

  it("leaves out the time at which the doctor is held elsewhere, and opens the rest", () => {
    const { fresh, clashes } = sortPlan(mine, segments, [open({})]);
    expect(fresh).toHaveLength(6);
    expect(clashes).toMatchObject([{ why: "doctor", otherScheduleId: "other", day: "2026-11-23" }]);
  });

  it.each([
    ["a stopped clinic", { stopped: true }],
    ["another doctor", { practitionerId: "somebody" }],
    [
      "a clinic that only touches",
      { startsAt: segments[6]!.endsAt, endsAt: new Date("2030-01-01") },
    ],
  ])("is not hindered by %s", (_, change) => {
    expect(sortPlan(mine, segments, [open(change)]).clashes).toEqual([]);
  });

  it("keeps what is open, and never lays another length over it", () => {
    const opened = segments.map((one) => open({ ...one, scheduleId: "mine" }));
    expect(sortPlan(mine, segments, opened)).toMatchObject({ fresh: [], clashes: [] });
    const hourly = plan({ days: 1, segmentMinutes: 60 }).segments;
    const sorted = sortPlan(mine, hourly, opened.slice(1, 2));
    expect(sorted.fresh).toHaveLength(2);
    expect(sorted.clashes).toMatchObject([{ why: "schedule" }]);
  });

  it("finds two rules of one day that lie over each other", () => {
    const twice = plan({ days: 1, rules: [rule(1, 480, 540), rule(1, 495, 525)] }).segments;
    expect(sortPlan(mine, twice, []).clashes).toMatchObject([{ why: "schedule" }]);
  });

  it("numbers an added session behind the tickets that are out", () => {
    const opened = [open({ scheduleId: "mine", firstTicket: 25, capacity: 10 })];
    const added = continueTickets(segments.slice(2, 4), opened);
    expect(added.map((one) => one.firstTicket)).toEqual([35, 39]);
    expect(continueTickets(segments.slice(2, 4), [])[0]!.firstTicket).toBe(9);
  });
});
