import { describe, expect, it } from "vitest";
import { starterDiseases } from "../../server/reporting/diseases.ts";
import {
  addMinutes,
  compareByDue,
  criticalValueActions,
  criticalValueDueAt,
  criticalValueStates,
  infectiousReportActions,
  infectiousReportStates,
  isUrgentReport,
  minutesToReport,
  nextCriticalValueState,
  nextInfectiousReportState,
  possibleCriticalValueActions,
  possibleReportActions,
  reminderAt,
  repeatsValue,
  reportDueAt,
  reportOwner,
  reportSides,
} from "../../server/reporting/domain.ts";

const at = new Date("2026-11-23T02:00:00Z");

describe("a critical value", () => {
  const table = {
    open: { readBack: "received", redirect: "open", cancel: "cancelled" },
    received: { recordAction: "acted", cancel: "cancelled" },
    acted: {},
    cancelled: {},
  } as const;
  it.each(criticalValueStates)("in state %s goes where the table says and nowhere else", (from) => {
    const steps: Partial<Record<string, string>> = table[from];
    for (const action of criticalValueActions) {
      const to = steps[action];
      if (to) expect(nextCriticalValueState(from, action)).toBe(to);
      else expect(() => nextCriticalValueState(from, action)).toThrow("reporting.illegal-step");
    }
    expect(possibleCriticalValueActions(from)).toEqual(Object.keys(steps));
  });

  it("has the clock of its state", () => {
    const clocks = { readBackDueAt: addMinutes(at, 10), actDueAt: addMinutes(at, 30) };
    const due = (state: (typeof criticalValueStates)[number]) =>
      criticalValueDueAt({ state, ...clocks });
    expect(criticalValueStates.map(due)).toEqual([
      clocks.readBackDueAt,
      clocks.actDueAt,
      null,
      null,
    ]);
  });

  it.each([
    ["血钾 7.1，复述正确", "7.1", true],
    ["血钾七点一", "7.1", false],
    ["血钾 ７．１", "7.1", true],
    ["血钾 1.7", "7.1", false],
    ["血小板 17", "7", false],
    ["血压一百八 180/110", "180/110", true],
    ["血压 180", "180/110", false],
    ["血培养阳性，已知道", "阳性", true],
  ])("read back as “%s” repeats %s: %s", (words, value, expected) => {
    expect(repeatsValue(words, value)).toBe(expected);
  });
});

describe("an infectious-disease report", () => {
  const table: Record<string, Record<string, string>> = {
    reported: {
      receive: "received by public-health",
      return: "returned by public-health",
      correct: "corrected by doctor",
      withdraw: "withdrawn by doctor, public-health",
    },
    returned: { correct: "corrected by doctor", withdraw: "withdrawn by doctor, public-health" },
    corrected: {
      receive: "received by public-health",
      return: "returned by public-health",
      correct: "corrected by doctor",
      withdraw: "withdrawn by doctor, public-health",
    },
    received: {
      return: "returned by cdc",
      correct: "corrected by doctor",
      file: "filed by cdc",
      withdraw: "withdrawn by public-health",
    },
    filed: { correct: "corrected by doctor", withdraw: "withdrawn by cdc" },
    withdrawn: {},
  };
  it.each(infectiousReportStates)("in state %s is moved by its owner only", (from) => {
    const found: Record<string, string> = {};
    for (const action of infectiousReportActions) {
      const may = reportSides.filter((side) =>
        possibleReportActions(from, [side]).includes(action),
      );
      if (may.length > 0)
        found[action] = `${nextInfectiousReportState(from, action, may)} by ${may.join(", ")}`;
      for (const side of reportSides.filter((one) => !may.includes(one)))
        expect(() => nextInfectiousReportState(from, action, [side])).toThrow(
          may.length > 0 ? "permission.denied" : "reporting.illegal-step",
        );
    }
    expect(found).toEqual(table[from]);
  });

  it("has a clock as long as it is somebody's turn", () => {
    for (const state of infectiousReportStates)
      expect(reportDueAt({ state, dueAt: at })).toEqual(reportOwner[state] ? at : null);
    expect(infectiousReportStates.filter((state) => !reportOwner[state])).toEqual([
      "filed",
      "withdrawn",
    ]);
  });

  it.each([
    ["plague", "2026-11-23", 120],
    ["cholera", "2026-11-23", 120],
    ["sars", "2026-11-23", 120],
    ["anthrax-pulmonary", "2026-11-23", 120],
    ["anthrax", "2026-11-23", 1440],
    ["poliomyelitis", "2026-11-23", 120],
    ["tuberculosis", "2026-11-23", 1440],
    ["influenza", "2026-11-23", 1440],
    // Managed as Class A until the day it no longer was.
    ["covid-19", "2023-01-07", 120],
    ["covid-19", "2023-01-08", 1440],
  ])("of %s on %s is due %i minutes after the diagnosis", (code, day, minutes) => {
    const rows = starterDiseases.filter(
      (one) => one.code === code && one.validFrom <= day && (one.validUntil ?? "9") > day,
    );
    expect(rows).toHaveLength(1);
    const found = minutesToReport({ managedAsA: false, ...rows[0]! });
    expect(found).toBe(minutes);
    expect(isUrgentReport(found)).toBe(minutes === 120);
  });

  it("reminds its owner at half of the time", () => {
    expect(reminderAt({ diagnosedAt: at, dueAt: addMinutes(at, 120) })).toEqual(addMinutes(at, 60));
  });
});

describe("the table of diseases", () => {
  it("names each once on a day, with a source, Class A being plague and cholera", () => {
    for (const one of starterDiseases) {
      const others = starterDiseases.filter(
        (other) =>
          other !== one &&
          other.code === one.code &&
          other.validFrom < (one.validUntil ?? "9") &&
          (other.validUntil ?? "9") > one.validFrom,
      );
      expect(others, one.code).toEqual([]);
      expect(one.source).not.toBe("");
      expect(one.icd10).toMatch(/^[A-Z]\d{2}(\.\d)?$/);
    }
    const classA = starterDiseases.filter((one) => one.diseaseClass === "A");
    expect(classA.map((one) => one.code)).toEqual(["plague", "cholera"]);
  });
});

it("an inbox has what runs on top, by the clock that ends soonest; then the newest of what is done", () => {
  const row = (name: string, due: number | null, when: number) => ({
    name,
    dueAt: due === null ? null : addMinutes(at, due),
    at: addMinutes(at, when),
  });
  const rows = [
    row("old", null, -60),
    row("later", 30, 0),
    row("new", null, -5),
    row("late", -9, 0),
  ];
  expect(rows.sort(compareByDue).map((one) => one.name)).toEqual(["late", "later", "new", "old"]);
});
