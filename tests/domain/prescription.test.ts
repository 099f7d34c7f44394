import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile, grades } from "../../server/formulary/domain.ts";
import { starterFormulary } from "../../server/formulary/service.ts";
import { check, openWarnings } from "../../server/prescription/checks.ts";
import { limitsFor, suggestDose } from "../../server/prescription/dose.ts";
import { defaultLimits } from "../../server/prescription/limits.ts";
import { frequencyCodes, packsFor } from "../../server/prescription/line.ts";
import { egfrOf } from "../../server/prescription/patient-facts.ts";
import { warningCodes } from "../../server/prescription/warning.ts";
import { adult, line, ordinary, writtenCases } from "./prescription-cases.ts";

const formulary = compile(starterFormulary());
/** Lines without a quantity get the packs that their days need. */
const packed = (lines: readonly ReturnType<typeof line>[]) =>
  lines.map((one) => {
    const pack = formulary.find(one.code)?.pack ?? 1;
    return one.quantity < 0 ? { ...one, quantity: packsFor(one, pack) } : one;
  });
const said = (input: (typeof writtenCases)[number]["input"]) =>
  check(formulary, { ...input, lines: packed(input.lines) });

describe("the check of a prescription", () => {
  it("has at least 150 written cases, each with its source, in every area", () => {
    expect(writtenCases.length).toBeGreaterThanOrEqual(150);
    expect(writtenCases.filter((one) => one.source.trim() === "")).toEqual([]);
    expect(new Set(writtenCases.map((one) => `${one.area}: ${one.title}`)).size).toBe(
      writtenCases.length,
    );
    expect(new Set(writtenCases.map((one) => one.area)).size).toBeGreaterThanOrEqual(12);
  });

  it.each(writtenCases)("$area: $title", ({ input, says, not }) => {
    const warnings = said(input);
    const told = warnings.map((one) => `${one.grade} ${one.code}`);
    expect(told).toEqual(expect.arrayContaining(says));
    for (const one of not)
      expect(warnings.filter((each) => each.code === one || each.grade === one)).toEqual([]);
  });

  it("says each warning once, with a source and whole sentences in three languages", () => {
    const seen = new Set<string>();
    for (const { input } of writtenCases) {
      const warnings = said(input);
      expect(new Set(warnings.map((one) => one.key)).size).toBe(warnings.length);
      for (const { code, words, source, lines } of warnings) {
        seen.add(code);
        expect(source.title.length).toBeGreaterThan(0);
        expect(lines.every((place) => place < input.lines.length)).toBe(true);
        for (const text of Object.values(words)) expect(text).not.toMatch(/[{}]|undefined|NaN/);
      }
    }
    expect(warningCodes.filter((one) => !seen.has(one))).toEqual([]);
  });

  it("keeps what blocks and what has no reason yet, and lets a reason pass only where the grade does", () => {
    const warnings = said({
      lines: [line("warfarin-2.5"), line("rivaroxaban-20"), line("ibuprofen-sr-300 1 bid 3")],
      patient: adult,
      setting: ordinary,
      limits: defaultLimits,
    });
    const all = new Map(warnings.map((one) => [one.key, "与患者讨论过，加强监测"]));
    expect(openWarnings(warnings, new Map()).some((one) => one.grade === "reason")).toBe(true);
    expect(openWarnings(warnings, new Map()).some((one) => one.grade === "note")).toBe(false);
    const left = openWarnings(warnings, all);
    expect(left.length).toBeGreaterThan(0);
    expect(left.every((one) => one.grade === "block")).toBe(true);
    const blank = new Map(warnings.map((one) => [one.key, "   "]));
    expect(openWarnings(warnings, blank)).toEqual(openWarnings(warnings, new Map()));
  });

  it("never becomes milder by a further medicine, allergy or taken medicine (properties)", () => {
    const codes = formulary.content.medicines.map((one) => one.code);
    const anyLine = fc
      .tuple(
        fc.constantFrom(...codes),
        fc.constantFrom(...frequencyCodes),
        fc.integer({ min: 1, max: 7 }),
      )
      .map(([code, frequency, days]) => line(`${code} 1 ${frequency} ${days}`));
    const worst = (lines: readonly ReturnType<typeof line>[], more: Partial<typeof adult> = {}) =>
      Math.min(
        grades.length,
        ...said({
          lines,
          patient: { ...adult, ...more },
          setting: ordinary,
          limits: defaultLimits,
        }).map((one) => grades.indexOf(one.grade)),
      );
    fc.assert(
      fc.property(fc.array(anyLine, { minLength: 1, maxLength: 4 }), anyLine, (lines, further) => {
        const before = worst(lines);
        expect(worst([...lines, further])).toBeLessThanOrEqual(before);
        expect(worst(lines, { allergies: [{ text: "青霉素", past: false }] })).toBeLessThanOrEqual(
          before,
        );
        expect(
          worst(lines, {
            takes: [{ text: "华法林", code: null, atcs: ["B01AA03"], dailyAmount: null }],
          }),
        ).toBeLessThanOrEqual(before);
      }),
      { numRuns: 120 },
    );
  });

  it("is the same for the same prescription, whatever was asked before", () => {
    for (const { input } of writtenCases.slice(0, 40)) expect(said(input)).toEqual(said(input));
  });
});

describe("a suggested dose", () => {
  it.each([
    ["amlodipine-5", adult, 1],
    ["paracetamol-liquid", { ...adult, ageMonths: 72, weightKg: 20 }, 5],
    ["paracetamol-liquid", { ...adult, ageMonths: 12, weightKg: 9 }, 4.2],
    ["ibuprofen-liquid", { ...adult, ageMonths: 72, weightKg: null }, null],
    ["amlodipine-5", { ...adult, ageMonths: 72, weightKg: 20 }, null],
    ["mometasone-cream", { ...adult, ageMonths: 72, weightKg: 20 }, 1],
  ] as const)("of %s", (code, patient, dose) => {
    expect(suggestDose(formulary.find(code)!, patient)).toBe(dose);
  });
  it("never passes its own limits", () => {
    for (const medicine of formulary.content.medicines)
      for (const weightKg of [5, 12, 30, 60])
        for (const ageMonths of [6, 60, 150, 500]) {
          const patient = { ...adult, ageMonths, weightKg };
          const dose = suggestDose(medicine, patient);
          const limits = limitsFor(medicine, patient);
          if (dose === null || medicine.amount === null || typeof limits === "string") continue;
          expect(dose * medicine.amount).toBeLessThanOrEqual((limits.single ?? 1e9) * 1.005);
        }
  });
});

describe("kidney function from creatinine", () => {
  it.each([
    [80, 45, "male", 102],
    [80, 45, "female", 75],
    [180, 76, "male", 30],
    [180, 76, "female", 24],
  ] as const)("%d µmol/L at %d, %s", (creatinine, years, sex, value) => {
    const found = egfrOf(creatinine, { ageMonths: years * 12, sex });
    expect(found).not.toBeNull();
    expect(Math.abs((found ?? 0) - value)).toBeLessThanOrEqual(3);
  });
  it("is not guessed for children or an unknown sex", () => {
    expect(egfrOf(80, { ageMonths: 120, sex: "male" })).toBeNull();
    expect(egfrOf(80, { ageMonths: 540, sex: "unknown" })).toBeNull();
    expect(egfrOf(80, { ageMonths: null, sex: "male" })).toBeNull();
  });
});
