import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SideCalendar } from "../../server/calendar/domain.ts";
import { nextDigest, quietUntil, releaseOf } from "../../server/notices/quiet.ts";
import { smsStates, smsSteps } from "../../server/notices/sms-states.ts";
import { holdOf, smsWaits, urgencyOf } from "../../server/notices/urgency.ts";

/** Local times of a zone without summer time, as instants. */
const shanghai = (text: string) => new Date(`${text}:00+08:00`);
const night = { fromMinute: 22 * 60, toMinute: 7 * 60 };
const nap = { fromMinute: 12 * 60, toMinute: 14 * 60 };
const weekdays = [1, 2, 3, 4, 5].map((weekday) => ({ weekday, startMinute: 480, endMinute: 1020 }));
const shanghaiHouse: SideCalendar = {
  institutionId: "s",
  timeZone: "Asia/Shanghai",
  hours: weekdays,
  holidays: [
    { day: "2027-02-15", name: "春节" },
    { day: "2027-02-16", name: "春节" },
  ],
};
/** Tibet keeps the national days and its own. */
const tibetHouse: SideCalendar = {
  ...shanghaiHouse,
  institutionId: "t",
  timeZone: "Asia/Urumqi",
  holidays: [...shanghaiHouse.holidays, { day: "2027-02-08", name: "藏历新年" }],
};
const times = [510, 810, 990];

describe("quiet hours", () => {
  it.each([
    ["2026-11-22T21:59", null],
    ["2026-11-22T22:00", "2026-11-23T07:00"],
    ["2026-11-22T23:59", "2026-11-23T07:00"],
    ["2026-11-23T00:00", "2026-11-23T07:00"],
    ["2026-11-23T06:59", "2026-11-23T07:00"],
    ["2026-11-23T07:00", null],
    ["2026-12-31T23:30", "2027-01-01T07:00"],
  ])("across midnight: %s is held until %s", (at, until) => {
    expect(quietUntil(shanghai(at), "Asia/Shanghai", night)).toEqual(until && shanghai(until));
  });
  it.each([
    ["2026-11-22T11:59", null],
    ["2026-11-22T12:00", "2026-11-22T14:00"],
    ["2026-11-22T14:00", null],
    ["2026-11-22T23:00", null],
  ])("within a day: %s is held until %s", (at, until) => {
    expect(quietUntil(shanghai(at), "Asia/Shanghai", nap)).toEqual(until && shanghai(until));
  });
  it("count in the zone of the place, two hours later in Ürümqi's", () => {
    const at = shanghai("2026-11-22T23:00");
    expect(quietUntil(at, "Asia/Urumqi", night)).toBeNull();
    expect(quietUntil(shanghai("2026-11-23T08:59"), "Asia/Urumqi", night)).toEqual(
      shanghai("2026-11-23T09:00"),
    );
  });
  it("are never, when both ends are the same", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1439 }),
        fc.date({ min: new Date("2026-01-01"), max: new Date("2028-01-01"), noInvalidDate: true }),
        (minute, at) =>
          quietUntil(at, "Asia/Shanghai", { fromMinute: minute, toMinute: minute }) === null,
      ),
    );
  });
  it("end within a day, later than now, and outside themselves", () => {
    const minute = fc.integer({ min: 0, max: 1439 });
    fc.assert(
      fc.property(
        minute,
        minute,
        fc.date({ min: new Date("2026-01-01"), max: new Date("2028-01-01"), noInvalidDate: true }),
        (fromMinute, toMinute, at) => {
          const until = quietUntil(at, "Asia/Shanghai", { fromMinute, toMinute });
          if (!until) return true;
          const left = until.getTime() - at.getTime();
          return (
            left > 0 &&
            left <= 24 * 3_600_000 &&
            quietUntil(until, "Asia/Shanghai", { fromMinute, toMinute }) === null
          );
        },
      ),
    );
  });
});

describe("one message instead of many", () => {
  it.each([
    ["the next time of the day", "2026-11-23T09:00", shanghaiHouse, "2026-11-23T13:30"],
    ["a time that is now has gone", "2026-11-23T13:30", shanghaiHouse, "2026-11-23T16:30"],
    ["over the weekend", "2026-11-20T18:00", shanghaiHouse, "2026-11-23T08:30"],
    ["over holidays of both", "2027-02-12T17:00", shanghaiHouse, "2027-02-17T08:30"],
    [
      "the same day is a working day in Shanghai",
      "2027-02-05T17:00",
      shanghaiHouse,
      "2027-02-08T08:30",
    ],
    // 8:30 in Ürümqi's time is 10:30 of Shanghai's.
    ["and none in Tibet", "2027-02-05T19:00", tibetHouse, "2027-02-09T10:30"],
  ])("%s", (_, at, house, told) => {
    expect(nextDigest(shanghai(at), house, times)).toEqual(shanghai(told));
  });
  it("of a house whose hours nobody entered comes every day", () => {
    expect(
      nextDigest(shanghai("2026-11-21T18:00"), { ...shanghaiHouse, hours: [] }, times),
    ).toEqual(shanghai("2026-11-22T08:30"));
  });
  it("waits for the end of somebody's quiet hours", () => {
    expect(
      releaseOf({
        hold: "digest",
        at: shanghai("2026-11-23T09:00"),
        timeZone: "Asia/Shanghai",
        quiet: nap,
        calendar: shanghaiHouse,
        digestMinutes: times,
      }),
    ).toEqual(shanghai("2026-11-23T14:00"));
  });
});

describe("what may wait", () => {
  it.each([
    ["referral-emergency", {}, "routine", "emergency", null],
    ["referral-accepted", {}, "urgent", "urgent", null],
    ["referral-accepted", {}, "routine", "routine", "quiet"],
    ["referral-overdue", { urgency: "urgent", rung: "desk" }, null, "urgent", null],
    ["referral-overdue", { urgency: "routine", rung: "desk" }, null, "routine", "digest"],
    ["referral-overdue", { urgency: "routine", rung: "head" }, null, "routine", null],
    ["follow-up-missed", {}, null, "routine", "digest"],
    ["critical-value-open", {}, null, "emergency", null],
    ["recalls-issued", {}, null, "urgent", null],
    ["infectious-report-overdue", {}, null, "urgent", null],
    ["a-kind-nobody-named", {}, null, "urgent", null],
  ] as const)(
    "%s %j of something %s is %s and held for %s",
    (kind, detail, thing, urgency, hold) => {
      expect(urgencyOf(kind, detail, thing)).toBe(urgency);
      expect(holdOf(kind, detail, urgency)).toBe(hold);
    },
  );
  it("never a code to sign in, a call into the room, a recall or a stopped clinic", () => {
    for (const kind of ["sign-in-code", "booking-called", "recall", "booking-stopped"])
      expect(smsWaits(kind)).toBe(false);
    expect(smsWaits("opinion-ready")).toBe(true);
  });
});

describe("what becomes of a message", () => {
  it("ends: from every state an end is reached, and an end is left by nothing", () => {
    for (const state of smsStates) {
      const ends = smsSteps[state].length === 0;
      expect(ends).toBe(["delivered", "failed", "expired"].includes(state));
      for (const next of smsSteps[state]) expect(smsStates).toContain(next);
    }
  });
});
