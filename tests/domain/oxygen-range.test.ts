import { describe, expect, it } from "vitest";
import { oxygenBands, usualOxygen } from "../../server/consult/oxygen-range.ts";

describe("usual oxygen saturation", () => {
  it.each([
    [4300, 9, { low: 85, high: 92 }],
    [4300, 1, { low: 79, high: 87 }],
    [4300, 40, { low: 82, high: 90 }],
    [4, 76, { low: 95, high: 100 }],
    [2800, 40, null],
    [null, 40, null],
    [4300, null, null],
  ])("at %s m and %s years: %j", (altitude, age, band) => {
    expect(usualOxygen(altitude, age)).toEqual(band);
  });

  it("makes 88% usual for a child of Sakya and low for a person in Shanghai", () => {
    expect(88).toBeGreaterThanOrEqual(usualOxygen(4300, 9)!.low);
    expect(88).toBeLessThan(usualOxygen(4, 76)!.low);
  });

  it("knows at most one band for any place and age", () => {
    for (let altitude = 0; altitude < 5000; altitude += 100) {
      for (let age = 0; age < 100; age += 1) {
        const fitting = oxygenBands.filter(
          (band) =>
            altitude >= band.altitude[0] &&
            altitude < band.altitude[1] &&
            age >= band.age[0] &&
            age < band.age[1],
        );
        expect(fitting.length).toBeLessThanOrEqual(1);
      }
    }
  });
});
