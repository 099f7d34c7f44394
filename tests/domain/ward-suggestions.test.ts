import { describe, expect, it } from "vitest";
import type { WardFact } from "../../server/referral/domain.ts";
import {
  couldGo,
  judgeWardFact,
  type Reading,
  takesDiagnosis,
  type WardKnown,
  wardFactOf,
} from "../../server/referral/ward-domain.ts";

const now = new Date("2026-11-20T02:00:00Z");
const ago = (hours: number) => new Date(now.getTime() - hours * 3_600_000);
const known = (more: Partial<WardKnown> = {}): WardKnown => ({
  since: ago(100),
  plannedOn: "2026-11-20",
  today: "2026-11-20",
  now,
  readings: [],
  devices: [],
  openCriticalValues: [],
  ...more,
});
const reading = (measure: string, value: number, hours: number): Reading => ({
  measure,
  value,
  at: ago(hours),
});
const verdict = (fact: WardFact, more: Partial<WardKnown>, altitude = 4) =>
  judgeWardFact(fact, known(more), altitude).verdict;

describe("who on the ward could go down", () => {
  const calm = [reading("pulsePerMinute", 72, 3), reading("systolicMmHg", 128, 15)];
  it.each<[string, WardFact, Partial<WardKnown>, string]>([
    ["nobody measured", { fact: "stable-vitals" }, {}, "unknown"],
    ["the house keeps no store", { fact: "stable-vitals" }, { readings: null }, "unknown"],
    ["one look is no day", { fact: "stable-vitals" }, { readings: [calm[0]!] }, "unknown"],
    [
      "two numbers of one hour are one look",
      { fact: "stable-vitals" },
      { readings: [reading("pulsePerMinute", 72, 3), reading("systolicMmHg", 128, 3)] },
      "unknown",
    ],
    ["two calm looks", { fact: "stable-vitals" }, { readings: calm }, "met"],
    [
      "one reading outside",
      { fact: "stable-vitals" },
      { readings: [...calm, reading("temperatureCelsius", 38.4, 5)] },
      "not-met",
    ],
    [
      "fever of the day before yesterday",
      { fact: "stable-vitals", hours: 24 },
      { readings: [...calm, reading("temperatureCelsius", 38.4, 40)] },
      "met",
    ],
    [
      "the same, where the way asks for two days",
      { fact: "stable-vitals", hours: 48 },
      { readings: [...calm, reading("temperatureCelsius", 38.4, 40)] },
      "not-met",
    ],
    ["planned for today", { fact: "stay-planned" }, {}, "met"],
    ["planned for later", { fact: "stay-planned" }, { plannedOn: "2026-11-25" }, "not-met"],
    ["nothing was planned", { fact: "stay-planned" }, { plannedOn: null }, "unknown"],
    [
      "a critical value is open",
      { fact: "no-open-critical-value" },
      { openCriticalValues: ["血钾"] },
      "not-met",
    ],
    ["nobody noted devices", { fact: "no-high-care-device" }, { devices: null }, "unknown"],
    ["a ventilator", { fact: "no-high-care-device" }, { devices: ["呼吸机"] }, "not-met"],
    ["devices were noted, none is in use", { fact: "no-high-care-device" }, {}, "met"],
  ])("%s", (_what, fact, more, expected) => {
    expect(verdict(fact, more)).toBe(expected);
  });

  it("does not hold the height against a saturation", () => {
    const readings = [reading("spo2Percent", 86, 2), reading("spo2Percent", 87, 12)];
    expect(verdict({ fact: "stable-vitals" }, { readings }, 4)).toBe("not-met");
    expect(verdict({ fact: "stable-vitals" }, { readings }, 4300)).toBe("met");
  });

  it("takes what is not known for a question, not for a yes or a no", () => {
    expect(couldGo([{ verdict: "met" }, { verdict: "unknown" }, { verdict: "ask" }])).toBe(true);
    expect(couldGo([{ verdict: "met" }, { verdict: "not-met" }])).toBe(false);
  });

  it("asks for a diagnosis, and for one of the way's where it names them", () => {
    expect(takesDiagnosis([], [])).toBe(false);
    expect(takesDiagnosis([], ["I10"])).toBe(true);
    expect(takesDiagnosis(["I63", "S72"], ["S72.0"])).toBe(true);
    expect(takesDiagnosis(["I63"], ["I10"])).toBe(false);
  });

  it("follows what the way itself says of a criterion", () => {
    expect(wardFactOf({ code: "stable", wardFact: null })).toEqual({
      fact: "stable-vitals",
      hours: 24,
    });
    expect(
      wardFactOf({ code: "stable", wardFact: { fact: "stable-vitals", hours: 48 } })?.hours,
    ).toBe(48);
    expect(wardFactOf({ code: "plan", wardFact: null })).toBeNull();
  });
});
