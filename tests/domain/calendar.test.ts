import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addWorkingMinutes,
  type Interval,
  intersect,
  normalise,
  proposeSlots,
  subtract,
  whyNot,
  workingIntervals,
} from "../../server/calendar/domain.ts";

const weekdays = [1, 2, 3, 4, 5];
const shanghai = {
  institutionId: "a",
  timeZone: "Asia/Shanghai",
  hours: weekdays.flatMap((weekday) => [
    { weekday, startMinute: 480, endMinute: 690 },
    { weekday, startMinute: 780, endMinute: 1020 },
  ]),
  holidays: [{ day: "2027-01-01", name: "元旦" }],
};
const sakya = {
  institutionId: "b",
  timeZone: "Asia/Shanghai",
  hours: weekdays.flatMap((weekday) => [
    { weekday, startMinute: 570, endMinute: 780 },
    { weekday, startMinute: 930, endMinute: 1110 },
  ]),
  holidays: [{ day: "2026-12-03", name: "燃灯节" }],
};
const propose = (fromDay: string, now: string, busy: Interval[] = []) =>
  proposeSlots({
    sides: [shanghai, sakya],
    busy,
    fromDay,
    days: 14,
    now: new Date(now),
    durationMinutes: 30,
  }).map((slot) => new Date(slot.start).toISOString());

describe("proposed times", () => {
  it("lie inside the hours of both sides", () => {
    // 9:30–11:30 and 15:30–17:00 in Beijing time.
    expect(propose("2026-11-23", "2026-11-22T00:00:00Z").slice(0, 8)).toEqual([
      "2026-11-23T01:30:00.000Z",
      "2026-11-23T02:00:00.000Z",
      "2026-11-23T02:30:00.000Z",
      "2026-11-23T03:00:00.000Z",
      "2026-11-23T07:30:00.000Z",
      "2026-11-23T08:00:00.000Z",
      "2026-11-23T08:30:00.000Z",
      "2026-11-24T01:30:00.000Z",
    ]);
  });

  it("leave out weekends, holidays of either side and what is busy or past", () => {
    const days = new Set(
      propose("2026-12-02", "2026-12-02T08:40:00Z").map((start) => start.slice(0, 10)),
    );
    expect([...days].slice(0, 2)).toEqual(["2026-12-04", "2026-12-07"]);
    const busy = [
      { start: Date.parse("2026-11-23T01:30:00Z"), end: Date.parse("2026-11-23T02:10:00Z") },
    ];
    expect(propose("2026-11-23", "2026-11-22T00:00:00Z", busy)[0]).toBe("2026-11-23T02:30:00.000Z");
  });

  it("say why a side cannot", () => {
    const slot = (start: string) => ({
      start: Date.parse(start),
      end: Date.parse(start) + 30 * 60_000,
    });
    expect(whyNot(sakya, slot("2026-12-03T02:00:00Z"))).toEqual({ why: "holiday", name: "燃灯节" });
    expect(whyNot(sakya, slot("2026-12-04T00:00:00Z"))).toEqual({ why: "hours", name: "" });
    expect(whyNot(sakya, slot("2026-12-04T02:00:00Z"))).toBeNull();
  });
});

describe("a routine clock", () => {
  it("runs in working time only, over night, weekend and holiday", () => {
    const due = (from: string, minutes: number) =>
      addWorkingMinutes(shanghai, new Date(from), minutes).toISOString();
    expect(due("2026-11-23T00:00:00Z", 60)).toBe("2026-11-23T01:00:00.000Z");
    // Friday 16:30 plus two hours is Monday 9:30.
    expect(due("2026-11-27T08:30:00Z", 120)).toBe("2026-11-30T01:30:00.000Z");
    // New Year's Eve 16:50 plus 20 minutes is Monday 8:10.
    expect(due("2026-12-31T08:50:00Z", 20)).toBe("2027-01-04T00:10:00.000Z");
  });

  it("crosses a zone's change of clock without losing an hour of work", () => {
    const berlin = {
      institutionId: "c",
      timeZone: "Europe/Berlin",
      hours: [{ weekday: 7, startMinute: 60, endMinute: 300 }],
      holidays: [],
    };
    // 25 October 2026: 1:00–5:00 local time lasts five hours.
    const [range] = workingIntervals(berlin, "2026-10-25", 1);
    expect((range!.end - range!.start) / 3_600_000).toBe(5);
  });
});

describe("interval algebra", () => {
  const ranges = fc.array(
    fc
      .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 20 }))
      .map(([start, length]) => ({ start, end: start + length })),
    { maxLength: 8 },
  );
  const covers = (list: readonly Interval[], point: number) =>
    list.some((range) => range.start <= point && point < range.end);
  const points = Array.from({ length: 90 }, (_, index) => index);

  it("agrees with point sets", () => {
    fc.assert(
      fc.property(ranges, ranges, (left, right) => {
        for (const point of points) {
          expect(covers(normalise(left), point)).toBe(covers(left, point));
          expect(covers(intersect(normalise(left), normalise(right)), point)).toBe(
            covers(left, point) && covers(right, point),
          );
          expect(covers(subtract(left, right), point)).toBe(
            covers(left, point) && !covers(right, point),
          );
        }
      }),
    );
  });

  it("joins ranges that touch", () => {
    expect(
      normalise([
        { start: 5, end: 9 },
        { start: 0, end: 5 },
        { start: 12, end: 12 },
      ]),
    ).toEqual([{ start: 0, end: 9 }]);
  });
});
