import { describe, expect, it } from "vitest";
import {
  ageWords,
  caseTransitions,
  type Identity,
  nextCaseState,
  offsetDay,
  scrub,
  smallCell,
} from "../../server/teaching/case-domain.ts";
import { mayEarn } from "../../server/teaching/credit-domain.ts";
import { missingParts, teachingNumber } from "../../server/teaching/domain.ts";
import { isPdf, titleOf } from "../../server/teaching/slides-domain.ts";
import { nextTeachingState, possibleTeachingActions } from "../../server/teaching/states.ts";

const girl: Identity = {
  names: ["达娃", "ཟླ་བ།", "央金"],
  places: [
    { text: "萨迦县卫生服务中心", as: "某县级卫生机构" },
    { text: "麻布加乡卫生院", as: "某乡镇卫生院" },
  ],
  dayZero: "2026-11-20",
};

describe("free text without who it is about", () => {
  it.each([
    ["达娃因腹痛由母亲央金送来", "患者因腹痛由母亲患者送来"],
    ["2026年11月18日在麻布加乡卫生院就诊", "第 −2 天在某乡镇卫生院就诊"],
    ["11月21日复查尿常规", "第 1 天复查尿常规"],
    ["联系电话 138 0013 8001", "联系电话 〔电话〕"],
    ["身份证 11010519491231002X", "身份证 〔证件号〕"],
    ["住院号：A20261120", "〔编号〕"],
    ["就读于萨迦镇完全小学", "〔机构〕"],
    ["家住西藏自治区日喀则市萨迦县麻布加乡三组12号", "〔地址〕"],
    ["患者姓名：扎西次仁", "患者姓名：〔姓名〕"],
    ["邮箱 a.b@example.com", "邮箱 〔联系方式〕"],
  ])("%s", (text, clean) => {
    const found = scrub(text, girl);
    expect(found.text).toContain(clean);
    expect(found.struck.length).toBeGreaterThan(0);
    for (const one of found.struck) expect(found.text).not.toContain(one.text);
  });

  it.each([
    "双下肢紫癜 3 天，阵发腹痛 1 天",
    "血小板 286×10⁹/L，尿蛋白 ±，C 反应蛋白 12 mg/L",
    "泼尼松 1 mg/kg·d，4 周减量；SpO₂ 88%",
    "建议转上级医院，本院观察 24 小时",
    "BP 96/60，P 110 次/分，T 36.9 ℃",
  ])("leaves medicine alone: %s", (text) => {
    expect(scrub(text, girl)).toEqual({ text, struck: [] });
  });

  it("says days for dates and bands for ages that pick somebody out", () => {
    expect(offsetDay("2026-11-20", girl.dayZero)).toBe("第 0 天");
    expect(offsetDay("2025-11-20T10:00:00Z", girl.dayZero)).toBe("第 −365 天");
    const born = ["2026-11-01", "2026-02-01", "2025-01-01", "2017-05-01", "1930-01-01"];
    expect(born.map((day) => ageWords(day, girl.dayZero))).toEqual([
      "新生儿",
      "1–11 个月",
      "1–2 岁",
      "9 岁",
      "90 岁及以上",
    ]);
  });
});

describe("who has to look a second time", () => {
  const frequencies = [
    { codePrefix: "D69.0", per100k: 15 },
    { codePrefix: "I10", per100k: 27_500 },
  ];
  const ask = (more: Partial<Parameters<typeof smallCell>[0]>) =>
    smallCell({
      codes: ["I10"],
      frequencies,
      inhabitants: 47_000,
      least: 10,
      ageYears: 50,
      images: 0,
      ...more,
    });
  it("nobody for what many in the place have", () => {
    expect(ask({})).toEqual({ needsReview: false, reasons: [], expected: 12_925 });
  });
  it.each([
    [{ codes: ["D69.0"] }, "rare-in-place"],
    [{ codes: ["I10", "D69.0"] }, "rare-in-place"],
    [{ codes: ["E70.1"] }, "frequency-unknown"],
    [{ inhabitants: null }, "place-unknown"],
    [{ ageYears: 0.4 }, "age"],
    [{ ageYears: 93 }, "age"],
    [{ images: 1 }, "image"],
  ] as const)("%j: %s", (more, reason) => {
    expect(ask({ ...more, codes: [...("codes" in more ? more.codes : ["I10"])] })).toMatchObject({
      needsReview: true,
      reasons: [reason],
    });
  });
});

describe("the order of a broadcast and of a case", () => {
  it("goes from plan to replay and not back", () => {
    expect(nextTeachingState("planned", "goLive")).toBe("live");
    expect(() => nextTeachingState("published", "goLive")).toThrow("teaching.illegal-step");
    expect(possibleTeachingActions("planned", ["presenter"])).toEqual(["goLive"]);
    expect(possibleTeachingActions("live", ["planner"])).toEqual([]);
  });
  it("takes a case back from everywhere and never brings it again", () => {
    expect(caseTransitions.filter((one) => one.to === "withdrawn").map((one) => one.from)).toEqual([
      "draft",
      "review-asked",
      "returned",
      "ready",
    ]);
    expect(() => nextCaseState("withdrawn", "revise")).toThrow("teaching.case-step");
  });
});

describe("plans, slides and credits", () => {
  it("names what a plan lacks", () => {
    const plan = { topic: " ", startsAt: null, lengthMinutes: 60, speakers: [], audience: [] };
    expect(missingParts(plan)).toEqual(["topic", "time", "presenter", "audience"]);
    expect(teachingNumber("2026-11-23", 7)).toBe("JX202611230007");
  });
  it("knows a PDF and finds the heading of a page", () => {
    expect([isPdf(Buffer.from("junk %PDF-1.7")), isPdf(Buffer.from("\x89PNG"))]).toEqual([
      true,
      false,
    ]);
    expect(titleOf("  \n— \n过敏性紫癜\n正文")).toBe("过敏性紫癜");
  });
  it.each([
    [{ presencePercent: 80, quizPercent: 70 }, true],
    [{ presencePercent: 79, quizPercent: 100 }, false],
    [{ presencePercent: 100, quizPercent: 59 }, false],
    [{ presencePercent: 100, quizPercent: null }, false],
  ])("%j earns: %s", (attendance, earns) => {
    expect(
      mayEarn({ minimumPresencePercent: 80, minimumQuizPercent: 60, points: 1 }, attendance),
    ).toBe(earns);
  });
  it("asks for no quiz where none is set, and gives nothing for no points", () => {
    const attendance = { presencePercent: 90, quizPercent: null };
    expect(
      mayEarn({ minimumPresencePercent: 80, minimumQuizPercent: 0, points: 1 }, attendance),
    ).toBe(true);
    expect(
      mayEarn({ minimumPresencePercent: 80, minimumQuizPercent: 0, points: 0 }, attendance),
    ).toBe(false);
  });
});
