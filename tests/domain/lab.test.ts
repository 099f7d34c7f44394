import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvCell, readResultFile, readTime, writeCsv } from "../../server/lab/csv.ts";
import {
  afterQuietHours,
  clockState,
  findingStates,
  findingSteps,
  isLate,
  mayAcceptLate,
  needsSecond,
  policyOn,
} from "../../server/lab/domain.ts";
import { correctedText, readyText, recallEndedText, recallText } from "../../server/lab/texts.ts";
import { labResultKinds } from "../../server/sampling/domain.ts";
import { makeTubeCode } from "../../server/sampling/service.ts";

const at = (text: string) => new Date(text);

describe("findings", () => {
  it("end released or withdrawn, and everything else can still be withdrawn", () => {
    for (const state of findingStates) {
      const ends = state === "released" || state === "withdrawn";
      expect(findingSteps[state].length === 0, state).toBe(ends);
      if (!ends) expect(findingSteps[state]).toContain("withdrawn");
    }
    expect(findingSteps.waiting).not.toContain("released");
  });

  it("need a second person unless they are a first negative or a rejection", () => {
    expect(labResultKinds.filter((kind) => !needsSecond(kind, false))).toEqual([
      "negative",
      "rejected",
    ]);
    for (const kind of labResultKinds) expect(needsSecond(kind, true)).toBe(true);
  });
});

describe("clocks", () => {
  const due = at("2026-11-23T10:00:00Z");
  it.each([
    // Due, handed over, now.
    [due, null, "2026-11-23T10:00:00Z", false],
    [due, null, "2026-11-23T10:00:01Z", true],
    [due, "2026-11-23T09:59:00Z", "2026-11-23T11:00:00Z", false],
    [due, "2026-11-23T10:01:00Z", "2026-11-23T11:00:00Z", true],
    // A box signed for by a clock that is ahead does not make it early.
    [due, "2026-11-23T12:00:00Z", "2026-11-23T09:00:00Z", false],
    [null, null, "2026-11-23T11:00:00Z", false],
  ])("late: due %s, signed %s, now %s", (labDueAt, signed, now, expected) => {
    expect(isLate(labDueAt, signed ? at(signed) : null, at(now))).toBe(expected);
  });

  it.each([
    // Handed over, hours of the policy: counted from the first swab, two hours before it was due.
    ["2026-11-23T10:30:00Z", 24, true],
    ["2026-11-24T08:00:00Z", 24, true],
    ["2026-11-24T08:00:01Z", 24, false],
    ["2026-11-23T10:30:00Z", 2, false],
    ["2026-11-23T10:30:00Z", null, false],
  ])(
    "a late tube handed over %s may be answered for within %s h: %s",
    (handed, hours, expected) => {
      expect(mayAcceptLate(due, at(handed), hours)).toBe(expected);
    },
  );

  it("are green, amber in the last hour, then over", () => {
    expect(
      [
        "2026-11-23T08:59:00Z",
        "2026-11-23T09:00:01Z",
        "2026-11-23T10:00:00Z",
        "2026-11-23T10:00:01Z",
      ].map((now) => clockState(due, at(now))),
    ).toEqual(["good", "soon", "soon", "over"]);
  });

  it.each([
    ["2026-11-23T13:59:59Z", "2026-11-23T13:59:59Z"],
    ["2026-11-23T14:00:00Z", "2026-11-23T23:00:00Z"],
    ["2026-11-23T15:59:00Z", "2026-11-23T23:00:00Z"],
    ["2026-11-23T16:30:00Z", "2026-11-23T23:00:00Z"],
    ["2026-11-23T22:59:00Z", "2026-11-23T23:00:00Z"],
    ["2026-11-23T23:00:00Z", "2026-11-23T23:00:00Z"],
    ["2026-12-31T14:00:00Z", "2026-12-31T23:00:00Z"],
  ])("what can wait is sent by day in Shanghai: %s → %s", (now, expected) => {
    expect(afterQuietHours(at(now)).toISOString()).toBe(at(expected).toISOString());
  });

  it("never before now, at most nine hours later, always between seven and ten at night", () => {
    fc.assert(
      fc.property(
        fc.date({ min: at("2020-01-01"), max: at("2035-01-01"), noInvalidDate: true }),
        (now) => {
          const sent = afterQuietHours(now);
          const waited = sent.getTime() - now.getTime();
          expect(waited).toBeGreaterThanOrEqual(0);
          expect(waited).toBeLessThanOrEqual(9 * 3_600_000);
          const hour = (sent.getUTCHours() + 8) % 24;
          expect(hour >= 7 && hour < 22).toBe(true);
        },
      ),
    );
  });

  it("and policies are of their day", () => {
    const policies = [{ validFrom: "2023-01-08" }, { validFrom: "2020-01-20" }];
    expect(policyOn(policies, "2019-12-31")).toBeNull();
    expect(policyOn(policies, "2023-01-07")).toBe(policies[1]);
    expect(policyOn(policies, "2023-01-08")).toBe(policies[0]);
  });
});

describe("what is said", () => {
  it("never says a result or why, in no language, and fits a message", () => {
    const recalled = recallText({
      place: { zh: "彭浦新村便民采样点", en: "Pengpu", bo: null, place: "社区中心一楼门厅西侧" },
      dueAt: at("2026-11-23T10:00:00Z"),
      code: "K7M2Q9",
    });
    for (const words of [recalled, readyText, recallEndedText, correctedText])
      for (const language of ["zh-CN", "en", "bo"] as const) {
        const text = words(language);
        expect(text).not.toMatch(/阳|阴性|灰区|混|不合格|positive|negative|pool|reject|void/i);
        expect(text.length).toBeLessThan(670);
      }
    expect(recalled("zh-CN")).toContain("11月23日18:00前");
    expect(recalled("zh-CN")).toContain("K7M2Q9");
  });
});

describe("files of results", () => {
  const tube = makeTubeCode(10, 4711);
  const lines = (text: string) => readResultFile(Buffer.from(text));

  it("are read whatever order, language, separator and case their columns have", () => {
    for (const text of [
      `tube,result\n${tube},negative`,
      `Result;Tube_Code\nNEG;${tube.toLowerCase()}`,
      `检测结果\t采样管编码\n阴性（-）\t${tube}`,
      `\uFEFF条码,结果,别的\r\n"'${tube}",阴性,x\r\n\r\n`,
    ])
      expect(lines(text)).toMatchObject({
        rows: 1,
        refused: [],
        lines: [{ tube, result: "negative" }],
      });
  });

  it("name a tube twice only to say the same", () => {
    const file = lines(`tube,result\n${tube},negative\n${tube},阴性\n`);
    expect([file.lines.length, file.refused.length]).toEqual([1, 0]);
    const against = lines(`tube,result\n${tube},negative\n${tube},positive\n`);
    expect(against.lines).toEqual([]);
    expect(against.refused.map((one) => [one.line, one.problem])).toEqual([
      [2, "tube-twice"],
      [3, "tube-twice"],
    ]);
  });

  it.each([
    ["2026-11-23 14:05", "2026-11-23T06:05:00.000Z"],
    ["2026/1/3 4:05:30", "2026-01-02T20:05:30.000Z"],
    ["2026-11-23T14:05:00Z", "2026-11-23T14:05:00.000Z"],
    ["2026-11-23T14:05:00-0500", "2026-11-23T19:05:00.000Z"],
    ["2026-02-30 10:00", undefined],
    ["2026-11-23", undefined],
    ["明天", undefined],
    ["2026-11-23 25:00", undefined],
  ])("time %s is %s", (text, expected) => {
    expect(readTime(text)?.toISOString()).toBe(expected);
  });

  it("never crash on rubbish: rows and refusals are all that there is", () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.string(), { maxLength: 6 }), { maxLength: 20 }), (rows) => {
        const text = writeCsv([["tube", "result", "tested_at", "ct_n"], ...rows]);
        try {
          const file = lines(text);
          expect(file.lines.length + file.refused.length).toBeLessThanOrEqual(file.rows);
        } catch (error) {
          expect((error as { code?: string }).code).toMatch(/^lab\.file-/);
        }
      }),
    );
  });

  it("that we write come back as they were, and no cell begins a formula", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const cell = csvCell(text);
        expect(/^"?[=+\-@\t\r]/.test(cell)).toBe(false);
      }),
    );
    expect(csvCell("=1+1")).toBe("'=1+1");
    expect(csvCell('a"b')).toBe('"a""b"');
    expect(csvCell(-1.5)).toBe("-1.5");
  });
});
