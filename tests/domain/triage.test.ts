import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Answer,
  answers,
  atLeast,
  comorbidities,
  compile,
  decide,
  type Facts,
  openQuestions,
  redFlagsFor,
  riskMedicines,
  vitalsProblem,
} from "../../server/triage/domain.ts";
import { source, type TriageContent, triageContent } from "../../server/triage/grammar.ts";
import { findUnsafe } from "../../server/triage/safety.ts";
import { starterContent } from "../../server/triage/starter/index.ts";
import { benchTriage } from "../load/triage.ts";
import { writtenCases } from "./triage-cases.ts";

const rules = compile(starterContent);

describe("written cases", () => {
  it("are at least 120, each with its source", () => {
    expect(writtenCases.length).toBeGreaterThanOrEqual(120);
    expect(writtenCases.filter((one) => !/\d{4}$/.test(one.source))).toEqual([]);
    expect(new Set(writtenCases.map((one) => one.area)).size).toBeGreaterThanOrEqual(15);
  });
  it.each(writtenCases)("$area: $title", ({ facts, outcome, urgency }) => {
    const led = decide(rules, facts);
    expect({
      outcome: led.outcome,
      urgency: led.urgency,
      fired: led.fired.map((one) => one.key),
    }).toMatchObject({ outcome, urgency });
  });
  it("ask what they answer", () => {
    for (const { facts } of writtenCases) {
      expect(openQuestions(starterContent, facts, "staff")).toEqual([]);
      expect(vitalsProblem(facts.values)).toBeNull();
    }
  });
});

describe("the starter", () => {
  it("is what the grammar allows, with at least 60 rules that name a source", () => {
    expect(triageContent.parse(starterContent)).toEqual(starterContent);
    expect(starterContent.rules.length + starterContent.redFlags.length).toBeGreaterThanOrEqual(60);
    expect(
      [...starterContent.rules, ...starterContent.redFlags].every(
        (one) => one.source.name.length > 5,
      ),
    ).toBe(true);
  });
  it("says of every rule what was read and what is from memory", () => {
    const all = [...starterContent.redFlags, ...starterContent.rules];
    for (const { key, source } of all) {
      expect(source.recalled, key).toBe(source.address === undefined);
      expect(source.readOn === undefined, key).toBe(source.address === undefined);
    }
    // The most dangerous ones were read.
    const read = new Set(all.filter((one) => !one.source.recalled).map((one) => one.key));
    for (const key of ["any-stroke", "any-chest", "f-infant", "m-awake", "injury-head", "allergy"])
      expect(read, key).toContain(key);
    expect(new Set(all.map((one) => one.source.address).filter(Boolean)).size).toBeGreaterThan(40);
  });
  it("counts what is from memory and names the day of reading in every language", () => {
    for (const language of ["zh-CN", "en", "bo"]) {
      const words = JSON.parse(readFileSync(`web/i18n/${language}.json`, "utf8"));
      expect(words["triage.rules.recalled"], language).toContain("{count}");
      expect(words["triage.readOn"], language).toContain("{day}");
      for (const key of ["recalled", "recalledHow", "address", "addressHow", "readDay"])
        expect(words[`triage.${key}`], `${language} ${key}`).toMatch(/\S{4}/);
    }
  });
  it.each([
    ["an address without its day", { address: "https://example.org/a" }],
    ["a day without an address", { readOn: "2026-11-22" }],
    [
      "read and recalled at once",
      { address: "https://example.org/a", readOn: "2026-11-22", recalled: true },
    ],
    ["not https", { address: "http://example.org/a", readOn: "2026-11-22" }],
    ["a script for an address", { address: "javascript:alert(1)", readOn: "2026-11-22" }],
    ["no such day", { address: "https://example.org/a", readOn: "2026-02-30" }],
  ])("refuses a source with %s", (_title, part) => {
    const whole = { name: "A guideline", year: 2020, recalled: false, ...part };
    expect(source.safeParse(whole).success).toBe(false);
  });
  it("has no rule that is never true and loses nothing against itself", () => {
    expect(findUnsafe(null, starterContent)).toEqual([]);
    expect(findUnsafe(starterContent, starterContent)).toEqual([]);
  });
});

const anyFacts: fc.Arbitrary<Facts> = fc
  .record({
    complaint: fc.constantFrom(...starterContent.complaints.map((one) => one.key)),
    ageMonths: fc.option(fc.integer({ min: 0, max: 1200 }), { nil: null }),
    sex: fc.constantFrom("female" as const, "male" as const, null),
    seed: fc.dictionary(
      fc.constantFrom(
        ...[...starterContent.redFlags, ...starterContent.questions].map((one) => one.key),
      ),
      fc.constantFrom<Answer>(...answers),
      { maxKeys: 12 },
    ),
    values: fc.record(
      {
        temperature: fc.oneof(fc.integer({ min: 34, max: 42 }), fc.constant("unknown" as const)),
        systolic: fc.integer({ min: 80, max: 220 }),
        diastolic: fc.integer({ min: 40, max: 130 }),
        oxygen: fc.integer({ min: 70, max: 100 }),
        altitude: fc.constantFrom(4, 2400, 4300),
        glucose: fc.integer({ min: 1, max: 40 }),
        breaths: fc.integer({ min: 6, max: 70 }),
      },
      { requiredKeys: [] },
    ),
    conditions: fc.option(fc.subarray([...comorbidities]), { nil: null }),
    medicines: fc.option(fc.subarray([...riskMedicines]), { nil: null }),
    consciousness: fc.constantFrom(null, "alert" as const, "confused" as const),
  })
  .map(({ seed, ...facts }) => ({ ...facts, answers: seed }) as Facts);

describe("whatever else is answered", () => {
  it("a red flag answered yes never leads lower than its rule says", () => {
    fc.assert(
      fc.property(anyFacts, fc.nat(), (facts, pick) => {
        const asked = redFlagsFor(starterContent, facts, facts.complaint);
        const flag = asked[pick % asked.length]!;
        for (const given of ["yes", "unknown"] as const) {
          const led = decide(rules, { ...facts, answers: { ...facts.answers, [flag.key]: given } });
          expect(atLeast(led, flag[given])).toBe(true);
          expect(led.redFlags).toContain(flag.key);
        }
      }),
      { numRuns: 400 },
    );
  });
  it("don't know never leads lower than no", () => {
    fc.assert(
      fc.property(anyFacts, fc.nat(), (facts, pick) => {
        const keys = [...starterContent.redFlags, ...starterContent.questions];
        const { key } = keys[pick % keys.length]!;
        const led = (given: Answer) =>
          decide(rules, { ...facts, answers: { ...facts.answers, [key]: given } });
        expect(atLeast(led("unknown"), led("no"))).toBe(true);
      }),
      { numRuns: 400 },
    );
  });
  it("an age that nobody knows never leads lower than any age", () => {
    fc.assert(
      fc.property(anyFacts, fc.integer({ min: 0, max: 1200 }), (facts, ageMonths) => {
        const led = (age: number | null) => decide(rules, { ...facts, ageMonths: age });
        expect(atLeast(led(null), led(ageMonths))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe("measurements that cannot be", () => {
  it.each([
    [{ systolic: 80, diastolic: 120 }, "pressure-order"],
    [{ systolic: 120, diastolic: 120 }, "pressure-order"],
    [{ systolic: 150, diastolic: 90, systolicAgain: 90, diastolicAgain: 95 }, "pressure-order"],
    [{ temperature: 100.4 }, "fahrenheit"],
    [{ temperature: 12 }, "outside"],
    [{ temperature: 60 }, "outside"],
    [{ oxygen: 140 }, "oxygen"],
    [{ systolic: 16, diastolic: 10 }, "kilopascal"],
    [{ glucose: 126 }, "milligrams"],
    [{ pulse: 0 }, "outside"],
    [{ breaths: 200 }, "outside"],
  ] as const)("%j: %s", (values, problem) => {
    expect(vitalsProblem(values)?.problem).toBe(problem);
  });
  it("lets through what may be", () => {
    expect(
      vitalsProblem({
        systolic: 182,
        diastolic: 112,
        temperature: "unknown",
        oxygen: 84,
        altitude: 4300,
      }),
    ).toBeNull();
  });
});

describe("a draft that would miss a red flag", () => {
  const changed = (change: (draft: TriageContent) => void) => {
    const draft = structuredClone(starterContent);
    change(draft);
    return findUnsafe(starterContent, draft);
  };
  const flag = (draft: TriageContent, key: string) =>
    draft.redFlags.find((one) => one.key === key)!;
  it("because it is gone without a reason", () => {
    const found = changed((draft) => {
      draft.redFlags = draft.redFlags.filter((one) => one.key !== "bite-snake");
    });
    expect(found).toMatchObject([
      {
        rule: "bite-snake",
        problem: "gone",
        complaint: "bite",
        given: { "bite-snake": "yes" },
        was: { outcome: "emergency" },
      },
    ]);
  });
  it("but not when the reason is written down", () => {
    expect(
      changed((draft) => {
        draft.redFlags = draft.redFlags.filter((one) => one.key !== "bite-snake");
        draft.dropped = [
          { key: "bite-snake", reason: "asked by a question of its own from now on" },
        ];
      }),
    ).toEqual([]);
  });
  it("because nobody is of that age", () => {
    expect(
      changed((draft) => {
        flag(draft, "cauda").who = { fromMonths: 1200, underMonths: 12, sex: null };
      }),
    ).toMatchObject([{ rule: "cauda", problem: "never-true" }]);
  });
  it("because fewer people are asked", () => {
    const [found] = changed((draft) => {
      flag(draft, "chest-tear").who = { fromMonths: 600, underMonths: null, sex: null };
    });
    expect(found).toMatchObject({ rule: "chest-tear", problem: "unreachable" });
    expect(found!.ageMonths).toBeLessThan(600);
  });
  it("because the complaint is not offered any more", () => {
    const found = changed((draft) => {
      draft.complaints = draft.complaints.filter((one) => one.key !== "mood");
    });
    expect(found.map((one) => one.rule)).toContain("self-harm");
  });
  it("because yes or don't know leads lower", () => {
    expect(
      changed((draft) => {
        flag(draft, "self-harm").yes = { outcome: "community-visit", urgency: "urgent" };
      }),
    ).toMatchObject([{ rule: "self-harm", problem: "lower", now: { outcome: "community-visit" } }]);
    expect(
      changed((draft) => {
        flag(draft, "self-harm").unknown = { outcome: "community-visit", urgency: "urgent" };
      }),
    ).toMatchObject([{ rule: "self-harm", problem: "lower", given: { "self-harm": "unknown" } }]);
  });
  it("because a measured red flag begins later", () => {
    const found = changed((draft) => {
      const rule = draft.rules.find((one) => one.key === "f-infant")!;
      rule.when = { value: "temperature", op: ">=", number: 39, unit: "Cel" };
    });
    expect(found).toMatchObject([
      { rule: "f-infant", problem: "lower", given: { temperature: 38 } },
    ]);
  });
  it("because two conditions contradict each other", () => {
    const found = changed((draft) => {
      draft.rules.find((one) => one.key === "k-leg")!.when = {
        all: [
          { value: "temperature", op: ">=", number: 39, unit: "Cel" },
          { value: "temperature", op: "<", number: 38, unit: "Cel" },
        ],
      };
    });
    expect(found).toMatchObject([{ rule: "k-leg", problem: "never-true" }]);
  });
  it("refuses a wrong unit and an easy don't know at the edge", () => {
    const draft = structuredClone(starterContent);
    Object.assign(draft.rules[0]!, {
      when: { value: "temperature", op: ">=", number: 101, unit: "[degF]" },
    });
    expect(triageContent.safeParse(draft).success).toBe(false);
    const easy = structuredClone(starterContent);
    flag(easy, "cauda").unknown = { outcome: "home-advice", urgency: "routine" };
    expect(triageContent.safeParse(easy).success).toBe(false);
  });
});

describe("1,000 rules", () => {
  it("decide within two milliseconds", () => {
    expect(benchTriage()).toMatchObject({ met: true, unit: "ms", target: "<= 2" });
  });
});
