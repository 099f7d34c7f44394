import { describe, expect, it } from "vitest";
import {
  complaintOf,
  conditionsOf,
  evidenceSince,
  findEvidence,
  type KnownDiagnosis,
  mayVisitByVideo,
  needsGuardian,
  orderDoctors,
  possibleActions,
  transition,
  visitStates,
  visitSteps,
} from "../../server/visit/domain.ts";

const today = "2026-03-10";
const known = (more: Partial<KnownDiagnosis> = {}): KnownDiagnosis => ({
  code: "I10",
  text: "高血压",
  date: "2025-11-02",
  institution: "彭浦新村社区卫生服务中心",
  physical: true,
  past: false,
  ...more,
});
const pressure = { code: "I10", text: "高血压病" };

describe("evidence for a follow-up", () => {
  const cases: [string, Partial<KnownDiagnosis>, { code: string | null; text: string }, boolean][] =
    [
      ["the same illness within the year", {}, pressure, true],
      ["a finer code of the same illness", { code: "I10.x02" }, pressure, true],
      ["another illness of the same group", { code: "I11" }, pressure, false],
      ["another illness", { code: "E11" }, pressure, false],
      ["the first day that counts", { date: "2025-03-10" }, pressure, true],
      ["a day before it", { date: "2025-03-09" }, pressure, false],
      ["only the year is known, and its end counts", { date: "2025" }, pressure, true],
      ["only the year is known, and it is long over", { date: "2024" }, pressure, false],
      ["only the month is known", { date: "2025-03" }, pressure, true],
      ["a month too early", { date: "2025-02" }, pressure, false],
      ["without a date", { date: null }, pressure, false],
      ["of tomorrow", { date: "2026-03-11" }, pressure, false],
      ["of a video visit: nobody was there", { physical: false }, pressure, false],
      ["healed meanwhile: it was made all the same", { past: true }, pressure, true],
      ["by words where nobody coded", { code: null }, { code: null, text: "高 血压" }, true],
      ["other words", { code: null }, { code: null, text: "高血压病" }, false],
      ["coded there, in words here", {}, { code: null, text: "高血压" }, true],
      ["coded there, other words here", {}, { code: null, text: "头痛" }, false],
    ];
  it.each(cases)("%s", (_, found, asked, counts) => {
    expect(findEvidence(asked, [known(found)], today).length === 1).toBe(counts);
  });

  it("names the newest first, and each illness once to choose from", () => {
    const all = [
      known({ date: "2025-06-01" }),
      known({ date: "2026-02-01", code: "I10.x" }),
      known({ code: "E11", text: "糖尿病", date: "2025-12-01" }),
      known({ code: "J06", text: "感冒", date: "2023-01-01" }),
    ];
    expect(findEvidence(pressure, all, today).map((one) => one.date)).toEqual([
      "2026-02-01",
      "2025-06-01",
    ]);
    expect(conditionsOf(all, today).map((one) => one.code)).toEqual(["I10.x", "E11"]);
  });

  it.each([
    ["2026-03-10", 12, "2025-03-10"],
    ["2026-03-31", 1, "2026-02-28"],
    ["2024-02-29", 12, "2023-02-28"],
    ["2026-01-15", 3, "2025-10-15"],
  ] as const)("counts back from %s by %i months to %s", (day, months, since) => {
    expect(evidenceSince(day, months)).toBe(since);
  });
});

describe("who may be seen by video", () => {
  it("never after a red flag or anything that is for today", () => {
    expect(mayVisitByVideo({ outcome: "community-visit", urgency: "routine" })).toBe(true);
    expect(mayVisitByVideo({ outcome: "home-advice", urgency: "routine" })).toBe(true);
    expect(mayVisitByVideo({ outcome: "community-visit", urgency: "urgent" })).toBe(false);
    expect(mayVisitByVideo({ outcome: "fever-clinic", urgency: "routine" })).toBe(false);
    expect(mayVisitByVideo({ outcome: "emergency", urgency: "emergency" })).toBe(false);
    expect(mayVisitByVideo({ outcome: "home-advice", urgency: "emergency" })).toBe(false);
  });
  it("a child under 6 with a guardian", () => {
    expect([0, 5, 6, 40].map((age) => needsGuardian(age))).toEqual([true, true, false, false]);
    expect([needsGuardian(null), needsGuardian(null, true)]).toEqual([false, true]);
  });
  it("asks for the danger signs of the illness", () => {
    expect(["I10", "I15.9", "I20", "E11", null].map(complaintOf)).toEqual([
      "high-pressure",
      "high-pressure",
      "refill",
      "sugar",
      "refill",
    ]);
  });
  it("by the signed doctor first, else by who is free soonest", () => {
    const doctor = (doctorId: string, more: object) => ({
      doctorId,
      signed: false,
      onDuty: true,
      ahead: 0,
      ...more,
    });
    const ordered = orderDoctors([
      doctor("busy", { ahead: 4 }),
      doctor("free", {}),
      doctor("away", { onDuty: false }),
      doctor("own", { signed: true, ahead: 6 }),
    ]);
    expect(ordered.map((one) => one.doctorId)).toEqual(["own", "free", "busy", "away"]);
  });
});

describe("the way of a visit", () => {
  it("refuses everything that is no row of the table", () => {
    for (const from of visitStates)
      for (const side of ["patient", "doctor", "system"] as const)
        for (const action of new Set(visitSteps.map((one) => one.action))) {
          const row = visitSteps.find(
            (one) => one.from === from && one.action === action && one.side === side,
          );
          if (row) expect(transition(from, action, [side])).toBe(row.to);
          else
            expect(() => transition(from, action, [side])).toThrow(
              expect.objectContaining({ code: "visit.illegal-step" }),
            );
        }
  });
  it("ends somewhere from everywhere, and goes on from nowhere that is over", () => {
    for (const from of ["ended", "redirected", "cancelled", "missed"] as const)
      expect(possibleActions(from, ["patient", "doctor", "system"])).toEqual([]);
    expect(possibleActions("in-visit", ["patient"])).toEqual([]);
    expect(possibleActions("in-visit", ["doctor"])).toEqual(["end", "redirect", "stop"]);
  });
});
