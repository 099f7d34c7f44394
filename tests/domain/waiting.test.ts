import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createQueuePlaces, type ToldPlace } from "../../server/booking/queue-places.ts";
import {
  bookingCode,
  crowdForecast,
  crowdOf,
  expectedAt,
  longestForecastMinutes,
  minutesPerPatient,
  offerDeadline,
  queueKey,
  requeueKey,
  restSeconds,
} from "../../server/booking/waiting.ts";

const at = (time: string) => new Date(`2026-11-23T${time}:00+08:00`);
const minutes = (from: Date, to: Date) => (to.getTime() - from.getTime()) / 60_000;

describe("an expected time", () => {
  const plan = { segmentMinutes: 30, capacity: 6 };
  it("follows the plan until three were seen, then the median of today", () => {
    expect(minutesPerPatient(plan, [])).toBe(5);
    expect(minutesPerPatient(plan, [40, 40])).toBe(5);
    // One long talk does not move everybody.
    expect(minutesPerPatient(plan, [4, 6, 50])).toBe(6);
  });
  it("is never before the clinic begins, its delay included", () => {
    const early = {
      now: at("07:50"),
      startsAt: at("08:30"),
      ahead: 1,
      inRoom: false,
      minutesEach: 5,
    };
    expect(minutes(at("08:30"), expectedAt({ ...early, delayMinutes: 0 }))).toBe(0);
    expect(minutes(at("08:30"), expectedAt({ ...early, delayMinutes: 20 }))).toBe(20);
  });
  it("grows with those ahead, counts half of who is inside, and frightens nobody", () => {
    const base = { now: at("09:00"), startsAt: at("08:30"), delayMinutes: 0, minutesEach: 6 };
    expect(minutes(at("09:00"), expectedAt({ ...base, ahead: 3, inRoom: false }))).toBe(18);
    expect(minutes(at("09:00"), expectedAt({ ...base, ahead: 3, inRoom: true }))).toBe(21);
    expect(minutes(at("09:00"), expectedAt({ ...base, ahead: 500, inRoom: true }))).toBe(
      longestForecastMinutes,
    );
  });
});

describe("the queue's order", () => {
  const segment = { startsAt: at("08:30"), endsAt: at("09:00") };
  const key = (seatNumber: number | null, time: string, of = segment) =>
    queueKey({ ...of, seatNumber, arrivedAt: at(time) });
  it("goes by segment and ticket, whoever came first", () => {
    const later = { startsAt: at("09:00"), endsAt: at("09:30") };
    const order = [key(2, "08:10"), key(1, "08:50"), key(1, "08:00", later)];
    expect([...order].sort((left, right) => left - right)).toEqual([order[1], order[0], order[2]]);
  });
  it("puts who comes after the segment's end, and walk-ins, where they arrive", () => {
    expect(key(1, "09:10")).toBeGreaterThan(key(6, "08:59"));
    expect(key(null, "08:40")).toBeGreaterThan(key(6, "08:35"));
  });
  it("takes a passed patient back after three others, at the end when fewer wait", () => {
    expect(requeueKey([10, 20, 30, 40], 3, 5)).toBe(35);
    expect(requeueKey([10, 20, 30], 3, 5)).toBe(31);
    expect(requeueKey([10, 20], 3, 5)).toBe(21);
    expect(requeueKey([], 3, 77)).toBe(77);
    // Always behind the third and before the fourth, however often it is done.
    let keys = [1, 2, 3, 4, 5];
    for (let turn = 0; turn < 40; turn += 1) {
      const made = requeueKey(keys, 3, 0);
      expect(keys.filter((one) => one < made)).toHaveLength(3);
      keys = [...keys, made].sort((left, right) => left - right);
    }
  });
});

describe("a seat that comes back", () => {
  it("rests between the two limits", () => {
    const policy = { returnMinSeconds: 60, returnMaxSeconds: 600 };
    expect([restSeconds(policy, 0), restSeconds(policy, 0.5), restSeconds(policy, 1)]).toEqual([
      60, 330, 600,
    ]);
  });
  it("is offered with a deadline before the visit, or not at all", () => {
    const policy = { offerMinutes: 60, offerEndsBeforeMinutes: 60 };
    expect(offerDeadline(policy, at("08:00"), at("14:00"))).toEqual(at("09:00"));
    expect(offerDeadline(policy, at("08:00"), at("09:30"))).toEqual(at("08:30"));
    expect(offerDeadline(policy, at("08:00"), at("09:04"))).toBeNull();
    expect(offerDeadline(policy, at("08:00"), at("08:30"))).toBeNull();
  });
});

describe("small words", () => {
  it("a crowd is green, amber or busy, never red", () => {
    expect([crowdOf(0, 0), crowdOf(4, 10), crowdOf(7, 10), crowdOf(30, 10), crowdOf(3, 0)]).toEqual(
      ["green", "green", "amber", "busy", "busy"],
    );
  });
  it("a code has six characters that are not mistaken for others", () => {
    for (let byte = 0; byte < 250; byte += 1) {
      expect(bookingCode(new Uint8Array(6).fill(byte))).toMatch(
        /^[23456789BCDFGHJKMNPQRSTVWXZ]{6}$/,
      );
    }
  });
});

describe("telling places", () => {
  const place = (patientId: string, ahead: number): ToldPlace => ({
    patientId,
    place: { appointmentId: patientId, ahead, expectedAt: "", called: false },
  });
  it("tells what moved while it was telling once more, and survives a failure", async () => {
    const told: number[] = [];
    let turn = 0;
    let release = () => {};
    const first = new Promise<void>((resolve) => {
      release = resolve;
    });
    const errors: unknown[] = [];
    const places = createQueuePlaces({
      places: async () => {
        turn += 1;
        if (turn === 1) await first;
        if (turn === 2) throw new Error("the database is away");
        return [place("a", turn)];
      },
      tell: ({ place: { ahead } }) => told.push(ahead),
      onError: (error) => errors.push(error),
    });
    places.moved("s", "2026-11-23");
    // Three moves while the first is being told are one more telling.
    for (let move = 0; move < 3; move += 1) places.moved("s", "2026-11-23");
    release();
    await places.settled();
    expect([told, errors.length]).toEqual([[1], 1]);
    places.moved("s", "2026-11-23");
    await places.settled();
    expect(told).toEqual([1, 3]);
  });
});

describe("a site's day ahead", () => {
  const hour = (index: number, booked: number, walkIns = 0, capacity = 10) => ({
    at: new Date(Date.UTC(2026, 10, 23, index)),
    booked,
    walkIns,
    capacity,
  });
  const signs = (waiting: number, ...hours: ReturnType<typeof hour>[]) =>
    crowdForecast(waiting, hours).map(({ crowd }) => crowd);

  it.each([
    ["everybody as planned", 0, [hour(1, 10), hour(2, 10)], ["green", "green"]],
    ["a queue that stays", 12, [hour(1, 10), hour(2, 10)], ["busy", "busy"]],
    ["a queue that is worked off", 12, [hour(1, 4), hour(2, 2)], ["amber", "green"]],
    ["people who come without", 0, [hour(1, 10, 12), hour(2, 10, 0)], ["amber", "busy"]],
    ["nothing held", 3, [hour(1, 0, 0, 0)], ["busy"]],
  ] as const)("%s", (_, waiting, hours, expected) => {
    expect(signs(waiting, ...hours)).toEqual(expected);
  });

  it("never shows less with more people", () => {
    const rank = { green: 0, amber: 1, busy: 2 };
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(40), fc.nat(40), fc.nat(40)), { minLength: 1, maxLength: 12 }),
        fc.nat(50),
        (rows, waiting) => {
          const hours = rows.map(([booked, walkIns, capacity], index) =>
            hour(index, booked, walkIns, capacity),
          );
          const more = signs(waiting + 10, ...hours);
          for (const [index, sign] of signs(waiting, ...hours).entries())
            expect(rank[more[index]!]).toBeGreaterThanOrEqual(rank[sign]);
        },
      ),
    );
  });
});
