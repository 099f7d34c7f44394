import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  allowance,
  askAgainMs,
  firstRate,
  minutesToTurn,
  nextRate,
} from "../../server/booking/release-domain.ts";

describe("the rate of admission", () => {
  it.each([
    ["easy", [40, 60, 90], firstRate * 1.2],
    ["neither", [200, 300, 400], firstRate],
    ["hard", [100, 300, 900], firstRate * 0.66],
    ["unknown", [], firstRate],
  ])("when holding a seat is %s", (_, took, next) => {
    expect(nextRate(firstRate, took)).toBeCloseTo(next);
  });

  it("falls too when requests wait before they are looked at", () => {
    expect(nextRate(firstRate, [], 2_000)).toBeCloseTo(firstRate * 0.66);
    expect(nextRate(firstRate, [100], 350)).toBeCloseTo(firstRate * 0.66);
  });

  it("never stops and never runs away", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.nat({ max: 20_000 }), { minLength: 1 }), { maxLength: 200 }),
        (seconds) => {
          let rate = firstRate;
          for (const took of seconds) rate = nextRate(rate, took);
          expect(rate).toBeGreaterThanOrEqual(20);
          expect(rate).toBeLessThanOrEqual(1_000);
        },
      ),
    );
  });

  it("does not make up for a pause", () => {
    expect(allowance(100, 250)).toBe(25);
    expect(allowance(100, 60_000)).toBe(100);
  });
});

describe("what a waiting person is told", () => {
  it.each([
    [0, 0, 0],
    [600, 10, 1],
    [601, 10, 2],
    [50, 0, null],
  ])("%i ahead at %i a second: %s minutes", (ahead, perSecond, minutes) => {
    expect(minutesToTurn(ahead, perSecond)).toBe(minutes);
  });

  it("asks again not before the release, not all at once, and not too often", () => {
    const before = { msToRelease: 30_000, people: 10, ahead: null, perSecond: 0 };
    expect(askAgainMs(before, 0)).toBe(30_000);
    expect(askAgainMs(before, 1)).toBe(30_500);
    // Twenty thousand people are told over ten seconds.
    expect(askAgainMs({ ...before, people: 20_000 }, 1)).toBe(40_000);
    const far = { msToRelease: -5_000, people: 10_000, ahead: 10_000, perSecond: 100 };
    // However many are far behind, they are four hundred questions a second.
    expect(askAgainMs(far, 1)).toBe(25_000);
    expect(askAgainMs({ ...far, people: 100 }, 1)).toBe(15_000);
    expect(askAgainMs({ ...far, ahead: 10 }, 0.5)).toBe(400);
    expect(askAgainMs({ ...far, ahead: 500 }, 1)).toBe(5_000);
  });
});
