import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { usualOxygen } from "../../server/consult/oxygen-range.ts";
import {
  decideVenue,
  exposures,
  type FeverAnswers,
  type FeverRules,
  feverActions,
  feverVenues,
  feverVisitStates,
  isAnswer,
  judgeOxygen,
  judgeTemperature,
  nextFeverState,
  possibleFeverActions,
  questionIds,
  questionsFor,
  redFlags,
  screeningCode,
  tenthsOf,
} from "../../server/fever/domain.ts";
import { starterPolicies, writeContent } from "../../server/fever/questions.ts";

const [shanghai, tibet] = starterPolicies as unknown as [FeverRules, FeverRules];
const well: FeverAnswers = {
  "red-breath": "no",
  "red-mind": "no",
  "red-bleeding": "no",
  infant: "no",
  condition: "none",
  temperature: "36.6",
  "risk-area": "no",
  "contact-case": "no",
  "contact-feverish": "no",
  cluster: "no",
  marmot: "no",
};
const months = (years: number) => years * 12;
type Case = readonly [
  what: string,
  rules: FeverRules,
  ageMonths: number | null,
  answers: FeverAnswers,
  expected: object,
];

const cases: readonly Case[] = [
  ["well", shanghai, months(40), {}, { venue: "ordinary", reasons: ["no-sign"], route: null }],
  ["37.2 is no fever", shanghai, months(40), { temperature: "37.2" }, { venue: "ordinary" }],
  [
    "37.3 is one",
    shanghai,
    months(40),
    { temperature: "37.3" },
    { venue: "fever-clinic", call120: false, reasons: ["temperature"] },
  ],
  [
    "no thermometer, feels hot",
    shanghai,
    months(40),
    { temperature: "unknown", "feels-hot": "yes" },
    { venue: "fever-clinic", reasons: ["temperature-unknown"] },
  ],
  [
    "no thermometer, does not know",
    shanghai,
    months(40),
    { temperature: "unknown", "feels-hot": "unknown" },
    { venue: "fever-clinic" },
  ],
  [
    "no thermometer, not hot",
    shanghai,
    months(40),
    { temperature: "unknown", "feels-hot": "no" },
    { venue: "ordinary" },
  ],
  [
    "a red flag ends it",
    shanghai,
    months(40),
    { "red-mind": "yes" },
    { venue: "emergency", call120: true, reasons: ["red-mind"] },
  ],
  [
    "a red flag that nobody knows escalates",
    shanghai,
    months(40),
    { "red-breath": "unknown" },
    { venue: "emergency", call120: true, reasons: ["red-breath"] },
  ],
  [
    "a feverish infant",
    shanghai,
    2,
    { temperature: "37.8" },
    { venue: "emergency", call120: false, route: "infant", reasons: ["infant", "temperature"] },
  ],
  [
    "three months are none",
    shanghai,
    3,
    { temperature: "37.8" },
    { venue: "fever-clinic", route: null },
  ],
  [
    "an age that is not known may be an infant's",
    shanghai,
    null,
    { infant: "unknown", temperature: "37.8" },
    { venue: "emergency", route: "infant" },
  ],
  [
    "an infant without fever",
    shanghai,
    1,
    {},
    { venue: "ordinary", route: "infant", reasons: ["no-sign"] },
  ],
  [
    "pregnant with fever",
    shanghai,
    months(30),
    { condition: "pregnancy", temperature: "38.0" },
    { venue: "fever-clinic", route: "pregnancy", reasons: ["temperature", "pregnancy"] },
  ],
  [
    "pregnant and well",
    shanghai,
    months(30),
    { condition: "pregnancy" },
    { venue: "ordinary", route: "pregnancy" },
  ],
  [
    "chemotherapy with fever",
    shanghai,
    months(60),
    { condition: "chemotherapy", temperature: "37.5" },
    { venue: "emergency", call120: false, route: "chemotherapy" },
  ],
  [
    "dialysis with fever",
    shanghai,
    months(60),
    { condition: "dialysis", temperature: "38.5" },
    { venue: "fever-clinic", route: "dialysis" },
  ],
  [
    "a condition that nobody knows",
    shanghai,
    months(60),
    { condition: "unknown", temperature: "38.5" },
    { venue: "fever-clinic", reasons: ["temperature", "condition-unknown"] },
  ],
  [
    "a contact without fever",
    shanghai,
    months(40),
    { "contact-case": "yes" },
    { venue: "fever-clinic", reasons: ["contact-case"] },
  ],
  [
    "an exposure that nobody knows escalates",
    shanghai,
    months(40),
    { cluster: "unknown" },
    { venue: "fever-clinic", reasons: ["exposure-unknown"] },
  ],
  [
    "marmots around Sakya: stay and telephone",
    tibet,
    months(40),
    { marmot: "yes" },
    { venue: "fever-clinic", stayPut: true, reasons: ["marmot"] },
  ],
  [
    "marmots perhaps",
    tibet,
    months(40),
    { marmot: "unknown" },
    { venue: "fever-clinic", stayPut: false },
  ],
  [
    "marmots are not asked for in Shanghai",
    shanghai,
    months(40),
    { marmot: "yes" },
    { venue: "ordinary" },
  ],
];

describe("the venue", () => {
  it.each(cases)("%s", (_what, rules, age, answers, expected) => {
    expect(decideVenue(rules, age, { ...well, ...answers })).toMatchObject(expected);
  });

  it("needs nothing more once there is a red flag", () => {
    expect(decideVenue(shanghai, months(40), { "red-breath": "yes" }).venue).toBe("emergency");
    expect(questionsFor(shanghai, months(40), { "red-breath": "no", "red-mind": "yes" })).toEqual([
      "red-breath",
      "red-mind",
    ]);
  });

  it("asks red flags before anything else, and nothing that is known", () => {
    const asked = questionsFor(shanghai, months(40), {});
    expect(asked.slice(0, 3)).toEqual(redFlags);
    expect(asked).not.toContain("infant");
    expect(asked).not.toContain("marmot");
    expect(questionsFor(tibet, 2, {})).not.toContain("condition");
    expect(questionsFor(tibet, null, {})).toEqual(expect.arrayContaining(["infant", "marmot"]));
  });

  it.each([
    ["an open question", { cluster: undefined }],
    ["a value that is none", { cluster: "maybe" }],
    ["a temperature that is nobody's", { temperature: "58.0" }],
    ["a temperature in words", { temperature: "hot" }],
    ["no word about the skin without a thermometer", { temperature: "unknown" }],
  ])("refuses %s", (_what, change) => {
    const answers = { ...well, ...change } as FeverAnswers;
    expect(() => decideVenue(shanghai, months(40), answers)).toThrowError(
      expect.objectContaining({ code: "fever.unanswered" }),
    );
  });

  const choice = fc.constantFrom("yes", "no", "unknown");
  const degrees = fc.integer({ min: 350, max: 420 }).map((tenths) => (tenths / 10).toFixed(1));
  const anybody = fc.record({
    "red-breath": choice,
    "red-mind": choice,
    "red-bleeding": choice,
    infant: choice,
    condition: fc.constantFrom("none", "pregnancy", "chemotherapy", "dialysis", "unknown"),
    temperature: fc.oneof(degrees, fc.constant("unknown")),
    "feels-hot": choice,
    "risk-area": choice,
    "contact-case": choice,
    "contact-feverish": choice,
    cluster: choice,
    marmot: choice,
  });
  const rank = (venue: string) => feverVenues.indexOf(venue as (typeof feverVenues)[number]);

  it("never sends a red flag anywhere else, and never a fever to an ordinary clinic", () => {
    fc.assert(
      fc.property(anybody, fc.option(fc.integer({ min: 0, max: 1200 })), (answers, age) => {
        const { venue } = decideVenue(shanghai, age, answers);
        if (redFlags.some((id) => answers[id as "red-mind"] !== "no"))
          expect(venue).toBe("emergency");
        else if ((tenthsOf(answers.temperature) ?? 0) >= 373) expect(venue).not.toBe("ordinary");
      }),
    );
  });

  it('"don\'t know" never leads to less than "no"', () => {
    fc.assert(
      fc.property(anybody, fc.constantFrom(...redFlags, ...exposures), (answers, id) => {
        const no = decideVenue(tibet, months(40), { ...answers, [id]: "no" });
        const unknown = decideVenue(tibet, months(40), { ...answers, [id]: "unknown" });
        expect(rank(unknown.venue)).toBeLessThanOrEqual(rank(no.venue));
      }),
    );
  });
});

describe("the temperature at the desk", () => {
  const at = (minutes: number, tenths: number) => ({
    tenths,
    at: new Date(Date.UTC(2026, 10, 23, 2, minutes)),
  });
  it.each([
    ["nothing yet", [], "none"],
    ["usual", [at(0, 368)], "usual"],
    ["raised once", [at(0, 373)], "repeat"],
    ["again too soon", [at(0, 378), at(1, 379)], "repeat"],
    ["again after two minutes", [at(0, 378), at(2, 379)], "fever"],
    ["fallen again", [at(0, 378), at(2, 370)], "usual"],
  ] as const)("%s", (_what, readings, kind) => {
    expect(judgeTemperature(shanghai, readings).kind).toBe(kind);
  });
  it("says from when to when it is measured again", () => {
    const { repeatFrom, repeatUntil } = judgeTemperature(shanghai, [at(0, 380)]);
    expect([repeatFrom, repeatUntil]).toEqual([at(2, 0).at, at(3, 0).at]);
  });
});

describe("a saturation by the place where it was measured", () => {
  it.each([
    [88, 4, 76, "alarm"],
    [93, 4, 40, "alarm"],
    [94, 4, 40, "low"],
    [97, 4, 40, "usual"],
    [88, 4000, 9, "usual"],
    [88, 4300, 40, "usual"],
    [78, 4300, 40, "alarm"],
    [80, 4300, 1, "usual"],
    [88, 2500, 40, "unjudged"],
  ])("%i %% at %i m, %i years: %s", (percent, altitude, years, expected) => {
    expect(judgeOxygen(percent, usualOxygen(altitude, years))).toBe(expected);
  });
});

describe("the way of a visit", () => {
  it("reaches every state from the triage desk, and stays in the list", () => {
    const reached = new Set<string>(["to-triage"]);
    for (const state of reached)
      for (const action of possibleFeverActions(state as (typeof feverVisitStates)[number]))
        reached.add(nextFeverState(state as (typeof feverVisitStates)[number], action));
    expect([...reached].sort()).toEqual([...feverVisitStates].sort());
  });
  it("has a way to emergency care from wherever somebody is with us", () => {
    for (const state of [
      "to-triage",
      "fever",
      "waiting",
      "seen",
      "sampled",
      "observation",
    ] as const)
      expect(nextFeverState(state, "to-emergency")).toBe("emergency");
  });
  it("leads nobody from fever to an ordinary clinic", () => {
    for (const state of feverVisitStates.filter((one) => one !== "to-triage"))
      expect(possibleFeverActions(state)).not.toContain("to-ordinary");
    expect(feverActions.filter((action) => action === "see")).toHaveLength(1);
  });
  it("refuses what does not follow", () => {
    expect(() => nextFeverState("waiting", "disinfect")).toThrowError(
      expect.objectContaining({ code: "fever.illegal-step" }),
    );
  });
});

describe("the words", () => {
  it.each(starterPolicies)("of $region have every number filled in", (policy) => {
    const { questions } = writeContent(policy, policy.areas);
    const texts = questions.flatMap(({ text, hint }) => [
      ...Object.values(text),
      ...Object.values(hint),
    ]);
    expect(texts.join("")).not.toMatch(/[{}]/);
    expect(questions.every(({ text }) => text.zh && text.en && text.bo)).toBe(true);
    expect(questions.map(({ id }) => id)).toEqual(
      questionIds.filter((id) => id !== "marmot" || policy.asksMarmots),
    );
    expect(questions.find(({ id }) => id === "cluster")?.text.zh).toContain(
      `${policy.lookbackDays} 天`,
    );
  });
  it("knows its answers", () => {
    expect(isAnswer("temperature", "38.25")).toBe(false);
    expect(isAnswer("temperature", "38.2")).toBe(true);
    expect(isAnswer("condition", "dialysis")).toBe(true);
    expect(isAnswer("condition", "yes")).toBe(false);
    expect(screeningCode(new Uint8Array([0, 1, 2, 3, 4, 255]))).toMatch(/^[2-9B-Z]{6}$/);
  });
});
