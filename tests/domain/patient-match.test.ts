import { describe, expect, it } from "vitest";
import { judge, type MatchGrade } from "../../server/fhir/match/domain.ts";
import { traitsOf } from "../../server/fhir/match/traits.ts";
import type { FhirResource } from "../../server/fhir/store/resource.ts";

const card = "urn:oid:2.16.156.10011.1.3";
const patient = (more: object): FhirResource => ({ resourceType: "Patient", ...more });
const chen = {
  name: [{ family: "陈", given: ["建国"] }],
  birthDate: "1951-03-08",
  gender: "male",
  telecom: [{ system: "phone", value: "+86 138 0013 8001" }],
};
const drolma = { name: [{ given: ["卓玛"] }], birthDate: "1951-03-08", gender: "female" };
const id = (value: string, system = card) => ({ identifier: [{ system, value }] });

const table: readonly [what: string, asked: object, found: object, grade: MatchGrade][] = [
  ["the same card", id("A1"), { ...chen, ...id("a1") }, "certain"],
  ["the same card and name", { ...chen, ...id("A1") }, { ...chen, ...id("A1") }, "certain"],
  ["a single name with the same card", { ...drolma, ...id("A1") }, id("A1"), "certain"],
  [
    "the same card and another birth date",
    { ...chen, ...id("A1"), birthDate: "1951-03-09" },
    { ...chen, ...id("A1") },
    "possible",
  ],
  [
    "the same card and another gender",
    { ...chen, ...id("A1"), gender: "female" },
    { ...chen, ...id("A1") },
    "possible",
  ],
  [
    "the year of the birth date only",
    { ...id("A1"), birthDate: "1951" },
    { ...chen, ...id("A1") },
    "certain",
  ],
  [
    "everything but another card",
    { ...chen, ...id("A1") },
    { ...chen, ...id("B2") },
    "certainly-not",
  ],
  [
    "the ward's number and another card",
    { ...chen, identifier: [...id("A1").identifier, ...id("7", "urn:ward").identifier] },
    { ...chen, identifier: [...id("B2").identifier, ...id("7", "urn:ward").identifier] },
    "certainly-not",
  ],
  ["the same number of another system", id("A1", "urn:x"), id("A1", "urn:y"), "certainly-not"],
  [
    "a number without a system",
    { identifier: [{ value: "7" }] },
    { identifier: [{ value: "7" }] },
    "certainly-not",
  ],
  [
    "a number that is said to be old",
    { identifier: [{ use: "old", system: card, value: "A1" }] },
    id("A1"),
    "certainly-not",
  ],
  ["name, birth date, gender and phone", chen, chen, "probable"],
  ["name, birth date and gender", { ...chen, telecom: [] }, chen, "probable"],
  ["name and birth date", { name: chen.name, birthDate: chen.birthDate }, chen, "possible"],
  ["name and phone", { name: chen.name, telecom: chen.telecom }, chen, "possible"],
  ["birth date and phone", { birthDate: chen.birthDate, telecom: chen.telecom }, chen, "possible"],
  [
    "name, gender and the birth year",
    { ...chen, telecom: [], birthDate: "1951" },
    chen,
    "certainly-not",
  ],
  ["a name alone", { name: chen.name }, chen, "certainly-not"],
  ["everything but the gender", { ...chen, gender: "female" }, chen, "certainly-not"],
  ["everything but the birth date", { ...chen, birthDate: "1952-03-08" }, chen, "certainly-not"],
  ["a single name, birth date and gender", drolma, drolma, "possible"],
  [
    "a single name, birth date, gender and phone",
    { ...drolma, telecom: chen.telecom },
    { ...drolma, telecom: chen.telecom },
    "possible",
  ],
  [
    "a single name in a text against one with a family",
    { ...drolma, name: [{ text: "卓玛" }] },
    { ...drolma, name: [{ family: "卓", given: ["玛"] }] },
    "possible",
  ],
  ["nothing at all", {}, {}, "certainly-not"],
];

describe("how sure a match is", () => {
  it.each(table)("%s", (_what, asked, found, grade) => {
    const judged = judge(traitsOf(patient(asked)), traitsOf(patient(found)));
    expect(judged.grade).toBe(grade);
    // It does not matter who asks.
    expect(judge(traitsOf(patient(found)), traitsOf(patient(asked))).grade).toBe(grade);
    const [low, high] = {
      certain: [1, 1],
      probable: [0.7, 0.95],
      possible: [0.3, 0.69],
      "certainly-not": [0, 0.29],
    }[grade] as [number, number];
    expect(judged.score).toBeGreaterThanOrEqual(low);
    expect(judged.score).toBeLessThanOrEqual(high);
  });

  it("never calls a single name certain or probable without an identifier, whatever else agrees", () => {
    for (const birthDate of ["1951-03-08", "1951"])
      for (const telecom of [[], chen.telecom])
        for (const gender of ["male", "female", undefined]) {
          const one = traitsOf(patient({ name: [{ text: "卓玛" }], birthDate, telecom, gender }));
          expect(["possible", "certainly-not"]).toContain(judge(one, one).grade);
        }
  });

  it("reads names in any form and phones as people write them", () => {
    const whole = traitsOf(patient({ name: [{ text: "陈 建国" }] }));
    expect(traitsOf(patient(chen)).names).toContain(whole.names[0]);
    expect(traitsOf(patient(chen)).phones).toEqual(["13800138001"]);
    expect(traitsOf(patient({ telecom: [{ system: "phone", value: "120" }] })).phones).toEqual([]);
  });
});
