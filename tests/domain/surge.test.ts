import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  chooseStation,
  forecastEnd,
  inOrder,
  leastSavingMinutes,
  measuredPerHour,
  mostMoves,
  rebalance,
  type Station,
  sizing,
  type Waiting,
  waitMinutes,
} from "../../server/surge/domain.ts";

const limit = 12;
const station = (number: number, more: Partial<Station> = {}): Station => ({
  id: `s${number}`,
  number,
  open: true,
  priority: false,
  queue: 0,
  queueLimit: limit,
  perHour: 80,
  ...more,
});
const person = (number: number, more: Partial<Waiting> = {}): Waiting => ({
  id: `p${number}`,
  party: `p${number}`,
  number,
  priority: false,
  stationId: null,
  called: false,
  moves: 0,
  cameFrom: null,
  ...more,
});

/** A site in the middle of an evening: tables open and closed, families, called people, a hall. */
const evenings = fc
  .record({
    tables: fc.array(
      fc.record({
        open: fc.boolean(),
        priority: fc.boolean(),
        perHour: fc.integer({ min: 10, max: 120 }),
      }),
      { minLength: 1, maxLength: 8 },
    ),
    parties: fc.array(
      fc.record({
        size: fc.integer({ min: 1, max: 4 }),
        at: fc.integer({ min: -1, max: 7 }),
        priority: fc.boolean(),
        called: fc.boolean(),
        moves: fc.integer({ min: 0, max: 3 }),
      }),
      { maxLength: 30 },
    ),
  })
  .map(({ tables, parties }) => {
    const queue = tables.map(() => 0);
    const people: Waiting[] = [];
    for (const [index, party] of parties.entries()) {
      const at = party.at < tables.length ? party.at : -1;
      // No more stand there than may.
      const fits = at >= 0 && queue[at]! + party.size <= limit;
      for (let one = 0; one < party.size; one += 1) {
        people.push(
          person(people.length, {
            party: `f${index}`,
            priority: party.priority,
            stationId: fits ? `s${at}` : null,
            called: fits && party.called,
            moves: party.moves,
          }),
        );
      }
      if (fits) queue[at]! += party.size;
    }
    const stations = tables.map((table, number) =>
      station(number, { ...table, queue: queue[number]! }),
    );
    return { stations, people };
  });

describe("spreading people", () => {
  it("loses nobody, doubles nobody, fills no table over its limit, tears no family apart", () => {
    fc.assert(
      fc.property(evenings, ({ stations, people }) => {
        const moves = rebalance(stations, people);
        const moved = moves.flatMap((one) => one.people);
        expect(new Set(moved).size).toBe(moved.length);
        const where = new Map(people.map((one) => [one.id, one.stationId]));
        for (const move of moves) {
          for (const id of move.people) {
            expect(where.get(id) ?? null).toBe(move.from);
            where.set(id, move.to);
          }
          expect(stations.find((one) => one.id === move.to)!.open).toBe(true);
        }
        expect(where.size).toBe(people.length);
        for (const one of stations)
          expect([...where.values()].filter((id) => id === one.id).length).toBeLessThanOrEqual(
            one.queueLimit,
          );
        for (const party of new Set(people.map((one) => one.party))) {
          const own = people.filter((one) => one.party === party);
          expect(new Set(own.map((one) => where.get(one.id))).size).toBe(1);
        }
      }),
    );
  });

  it("leaves those who were called, and those who were sent about enough, at a table that works", () => {
    fc.assert(
      fc.property(evenings, ({ stations, people }) => {
        const open = new Set(stations.filter((one) => one.open).map((one) => one.id));
        for (const move of rebalance(stations, people)) {
          if (!move.from || !open.has(move.from)) continue;
          const own = people.filter((one) => move.people.includes(one.id));
          expect(own.some((one) => one.called)).toBe(false);
          expect(own.every((one) => one.moves < mostMoves)).toBe(true);
          expect(move.savesMinutes).toBeGreaterThanOrEqual(leastSavingMinutes);
        }
      }),
    );
  });

  it("keeps the priority lane for those whom it is for", () => {
    fc.assert(
      fc.property(evenings, ({ stations, people }) => {
        const ordinary = stations.some((one) => one.open && !one.priority);
        for (const move of rebalance(stations, people)) {
          const to = stations.find((one) => one.id === move.to)!;
          const first = people.some((one) => move.people.includes(one.id) && one.priority);
          if (ordinary && !first) expect(to.priority).toBe(false);
        }
      }),
    );
  });

  it("sends nobody back on a second turn", () => {
    fc.assert(
      fc.property(evenings, ({ stations, people }) => {
        const moves = rebalance(stations, people);
        const to = new Map(moves.flatMap((move) => move.people.map((id) => [id, move] as const)));
        const later = people.map((one) => {
          const move = to.get(one.id);
          if (!move) return one;
          return {
            ...one,
            stationId: move.to,
            called: false,
            moves: one.moves + 1,
            cameFrom: move.from,
          };
        });
        const after = stations.map((one) => ({
          ...one,
          queue: later.filter(({ stationId }) => stationId === one.id).length,
        }));
        const again = rebalance(after, later).filter(({ from }) => from !== null);
        // Nobody is sent back where he came from.
        for (const move of again)
          for (const id of move.people) expect(to.get(id)?.from ?? null).not.toBe(move.to);
      }),
    );
  });

  it("takes from the end of the slow table, not from its head", () => {
    const stations = [
      station(1, { queue: 10, perHour: 40 }),
      station(2, { queue: 2, perHour: 80 }),
    ];
    const people = Array.from({ length: 12 }, (_, index) =>
      person(index, {
        stationId: index < 10 ? "s1" : "s2",
        called: index < 3,
      }),
    );
    const moves = rebalance(stations, people);
    expect(moves.length).toBeGreaterThan(0);
    const ids = moves.flatMap((one) => one.people);
    expect(ids[0]).toBe("p9");
    expect(ids).not.toContain("p0");
  });

  it("gives nobody of the ordinary lane to the priority lane, however long his queue is", () => {
    const stations = [station(1, { queue: 11 }), station(2, { priority: true })];
    const people = Array.from({ length: 11 }, (_, index) => person(index, { stationId: "s1" }));
    expect(rebalance(stations, people)).toEqual([]);
  });

  it("moves nobody for a minute or two", () => {
    const stations = [station(1, { queue: 6 }), station(2, { queue: 3 })];
    const people = Array.from({ length: 9 }, (_, index) =>
      person(index, { stationId: index < 6 ? "s1" : "s2" }),
    );
    expect(rebalance(stations, people)).toEqual([]);
  });
});

describe("a newcomer", () => {
  it("goes where the wait is shortest, by pace and not by heads", () => {
    const stations = [
      station(1, { queue: 4, perHour: 40 }),
      station(2, { queue: 5, perHour: 100 }),
    ];
    expect(chooseStation(stations, { size: 1, priority: false })?.number).toBe(2);
  });

  it.each([
    ["a closed table", [station(1, { open: false })], { size: 1, priority: false }],
    ["no room for all of a family", [station(1, { queue: 10 })], { size: 3, priority: false }],
  ])("waits in the hall: %s", (_, stations, party) => {
    expect(chooseStation(stations, party)).toBeNull();
  });

  it("of the priority lane has it to himself, and another table where there is none", () => {
    const lane = [station(1, { priority: true, queue: 5 }), station(2)];
    expect(chooseStation(lane, { size: 1, priority: true })?.number).toBe(1);
    expect(chooseStation(lane, { size: 1, priority: false })?.number).toBe(2);
    expect(chooseStation([station(2)], { size: 1, priority: true })?.number).toBe(2);
    expect(
      [person(1), person(2, { priority: true })].sort(inOrder).map((one) => one.number),
    ).toEqual([2, 1]);
  });
});

describe("numbers", () => {
  it.each([
    [34_000, 200, 80, 6, { sitesAtLeast: 12, sitesAtMost: 17, managed: 34_000, enough: true }],
    [34_000, 60, 80, 6, { managed: 28_800, stationsNeeded: 71, enough: false }],
    [500, 2, 60, 6, { sitesAtLeast: 1, sitesAtMost: 1, enough: true }],
  ])("size %i people at %i stations", (people, stations, perHour, hours, expected) => {
    const from = new Date("2026-11-23T10:00:00Z");
    const until = new Date(from.getTime() + hours * 3_600_000);
    expect(sizing({ people, stations, perHour, from, until })).toMatchObject(expected);
  });

  it("measure a pace by its gaps, and a pause is none", () => {
    expect(measuredPerHour([], 80)).toBeCloseTo(80);
    const steady = Array.from({ length: 60 }, () => 60);
    expect(measuredPerHour(steady, 80)).toBeGreaterThan(59);
    expect(measuredPerHour(steady, 80)).toBeLessThan(63);
    expect(measuredPerHour([...steady, 1500, 900], 80)).toBe(measuredPerHour(steady, 80));
  });

  it("forecast the end, not before the last can have come", () => {
    const now = new Date("2026-11-23T12:00:00Z");
    const until = new Date("2026-11-23T16:00:00Z");
    const at = (waiting: number, toCome: number, perHour: number) =>
      forecastEnd({ now, until, waiting, toCome, perHour })?.toISOString() ?? null;
    expect(at(0, 0, 0)).toBe("2026-11-23T12:00:00.000Z");
    expect(at(800, 0, 800)).toBe("2026-11-23T13:00:00.000Z");
    expect(at(800, 10, 800)).toBe("2026-11-23T16:00:00.000Z");
    expect(at(8000, 0, 800)).toBe("2026-11-23T22:00:00.000Z");
    expect(at(5, 0, 0)).toBeNull();
    expect(waitMinutes(20, 80)).toBe(15);
  });
});
