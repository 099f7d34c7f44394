import { describe, expect, it } from "vitest";
import {
  compile,
  medicineClasses,
  parseFormulary,
  recalledIn,
  searchIndex,
} from "../../server/formulary/domain.ts";
import { starterFormulary, starterTables } from "../../server/formulary/service.ts";
import { benchCheck } from "../load/visit.ts";

const starter = starterFormulary();
const tables = starterTables();
const faultsOf = (change: Partial<typeof tables>) =>
  parseFormulary({ ...tables, ...change }).faults.map(
    ({ table, line, column, fault }) => `${table} ${line} ${column ?? "-"} ${fault}`,
  );
/** The header and these lines. */
const only = (table: keyof typeof tables, ...lines: string[]) =>
  [tables[table].split("\n")[0], ...lines].join("\n");
const plain =
  "x-1,某药片,Some tablets,mou,C08CA01,,tablet,5 mg,片,5,mg,oral,1,1,10,10,,,,28,recalled";

describe("the starter formulary", () => {
  it("has about 200 medicines or more, of every class that community medicine has, each rule with a source", () => {
    expect(starter.medicines.length).toBeGreaterThanOrEqual(200);
    const classes = new Set(starter.medicines.flatMap((one) => one.classes));
    expect(medicineClasses.filter((one) => !classes.has(one)).toSorted()).toEqual([
      "radioactive",
      "toxic",
    ]);
    const known = new Set(starter.sources.map((one) => one.id));
    expect(
      [...starter.medicines, ...starter.rules].filter((one) => !known.has(one.source)),
    ).toEqual([]);
  });
  it("says of every source either where and when it was read, or that it was not", () => {
    for (const { id, address, readOn } of starter.sources) {
      expect((address === null) === (readOn === null), id).toBe(true);
      expect((address === null) === (id === "recalled"), id).toBe(true);
    }
    expect(recalledIn(starter)).toBeGreaterThan(0);
    expect(recalledIn(starter)).toBeLessThan(starter.medicines.length + starter.rules.length);
  });
  it("has no rule without a medicine that it could be about", () => {
    const { rulesFor } = compile(starter);
    const used = new Set(
      starter.medicines.flatMap((one) =>
        (
          [
            "pregnancy",
            "lactation",
            "min-age",
            "elder",
            "renal-avoid",
            "renal-max",
            "interaction",
          ] as const
        ).flatMap((kind) => rulesFor(kind, [one.atc, ...one.parts])),
      ),
    );
    const idle = starter.rules.filter((one) => one.kind !== "allergy" && !used.has(one));
    // Ways of writing a combination that this formulary does not keep yet.
    expect(idle.map((one) => `${one.kind} ${one.a} ${one.b}`)).toEqual(["pregnancy C09B "]);
  });
});

describe("a hospital's tables", () => {
  it("are taken as they are written out", () => {
    expect(faultsOf({})).toEqual([]);
    expect(faultsOf({ medicines: `\u{feff}${tables.medicines}` })).toEqual([]);
    expect(faultsOf({ medicines: tables.medicines.replaceAll("\n", "\r\n") })).toEqual([]);
  });
  it("name every line that is not right", () => {
    const bad = [
      plain,
      plain,
      plain.replace("x-1", "x-2").replace("C08CA01", "C8CA01"),
      plain.replace("x-1", "x-3").replace(",10,10,", ",ten,10,"),
      plain.replace("x-1", "x-4").replace("tablet,5 mg", "pill,5 mg"),
      plain.replace("x-1", "x-5").replace(",10,10,", ",10,5,"),
      plain.replace("x-1", "x-6").replace("recalled", "nowhere"),
      plain.replace("x-1", "x-7").replace(",1,1,10,10,", ",9,1,10,10,"),
      plain.replace("x-1", "x 8"),
      plain.replace("x-1", "x-9").replace("5 mg,片,5,mg", "5 mg,片,-5,mg"),
    ];
    expect(faultsOf({ medicines: only("medicines", ...bad) })).toEqual([
      "medicines 3 - duplicate",
      "medicines 4 atc value",
      "medicines 5 maxSingle value",
      "medicines 6 form value",
      "medicines 7 maxSingle limits",
      "medicines 8 source unknown-source",
      "medicines 9 maxSingle limits",
      "medicines 10 code value",
      "medicines 11 amount value",
    ]);
  });
  it("name rules that say nothing", () => {
    const rules = [
      "interaction,C10AA,,,block,muscle,recalled",
      "interaction,c10aa,C08CA,,block,muscle,recalled",
      "min-age,N05BA,,,block,falls,recalled",
      "renal-max,A10BA02,,45,reason,lactic,recalled",
      "pregnancy,C09A,,,forbidden,fetal-harm,recalled",
      "allergy,dust,J01C,,block,allergy-same,recalled",
      "elder,N05BA,,65,reason,falls,recalled",
    ];
    expect(faultsOf({ rules: only("rules", ...rules) })).toEqual([
      "rules 2 a value",
      "rules 3 a value",
      "rules 4 a value",
      "rules 5 a value",
      "rules 6 grade value",
      "rules 7 a unknown-group",
    ]);
  });
  it("name a column that is missing and a file that is none", () => {
    expect(faultsOf({ medicines: "code,zh\nx,某药" })).toContain("medicines 1 atc columns");
    expect(faultsOf({ medicines: `${only("medicines")}\n"open,x` })).toEqual(
      expect.arrayContaining([expect.stringMatching(/^medicines \d+ - csv$/)]),
    );
  });
});

describe("search", () => {
  const { search } = searchIndex(starter.medicines);
  it.each([
    ["氨氯地平", "amlodipine-5"],
    ["aldp", "amlodipine-5"],
    ["anlvdiping", "amlodipine-5"],
    ["C08CA01", "amlodipine-5"],
    ["amlod", "amlodipine-5"],
    ["ejsg", "metformin-500"],
    ["amxl", "amoxicillin-250"],
    ["头孢克", "cefaclor-250"],
    ["asp", "aspirin-100"],
    ["ａｓｐ", "aspirin-100"],
    ["N02BE01", "paracetamol-500"],
  ])("%s finds %s first", (query, code) => {
    expect(search(query)[0]?.code).toBe(code);
  });
  it("finds nothing for nothing, and is cut", () => {
    expect(search("  ")).toEqual([]);
    expect(search("zzzz")).toEqual([]);
    expect(search("片", 5)).toHaveLength(5);
  });
});

describe("the bench of the check", () => {
  it("measures prescriptions of five medicines", () => {
    expect(benchCheck(3)).toMatchObject({ unit: "ms", target: "<= 5" });
  });
});
