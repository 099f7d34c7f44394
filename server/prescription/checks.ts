/**
 * The check of a prescription: what speaks against it, each with a grade and its source. Pure, deterministic and in
 * a fixed order. Sources: domain.md "Video visit"; every rule of the formulary carries its own.
 */
import {
  codesOf,
  effects,
  type Formulary,
  type Grade,
  grades,
  type Medicine,
  type Rule,
  type Source,
} from "../formulary/domain.ts";
import { checkAllergies } from "./check-allergies.ts";
import { checkDoses } from "./check-doses.ts";
import { checkPairs } from "./check-pairs.ts";
import { checkRules } from "./check-rules.ts";
import type { PrescriptionLimits } from "./limits.ts";
import type { Line } from "./line.ts";
import { mayBePregnant, type PatientFacts } from "./patient-facts.ts";
import { type Params, say, type Warning, type WarningCode } from "./warning.ts";

export const prescriptionKinds = ["ordinary", "emergency", "long"] as const;
export type PrescriptionKind = (typeof prescriptionKinds)[number];
export const prescriptionChannels = ["in-person", "internet"] as const;
export type PrescriptionChannel = (typeof prescriptionChannels)[number];

export type Setting = {
  kind: PrescriptionKind;
  channel: PrescriptionChannel;
  /** ICD-10. */
  diagnoses: readonly string[];
  /** What a long prescription over four weeks needs. */
  assessed: boolean;
  noted: boolean;
  patientSigned: boolean;
  guardianPresent: boolean;
  specialistPresent: boolean;
};
export type CheckInput = {
  lines: readonly Line[];
  patient: PatientFacts;
  setting: Setting;
  limits: PrescriptionLimits;
};

/** A line with its medicine. */
export type Item = { place: number; line: Line; medicine: Medicine };
export type Add = (
  code: WarningCode,
  grade: Grade,
  about: { items?: readonly Item[]; subject?: string; source: Source; params?: Params },
) => void;
export type CheckWork = CheckInput & { formulary: Formulary; items: readonly Item[]; add: Add };

export const nameOf = (one: Medicine) => ({ zh: one.zh, en: one.en, bo: null });
export const plainName = (text: string) => ({ zh: text, en: text, bo: null });

/** Everything that speaks against a prescription, the gravest first. */
export function check(formulary: Formulary, input: CheckInput): Warning[] {
  const warnings = new Map<string, Warning>();
  const items: Item[] = [];
  const add: Add = (code, grade, { items: about = [], subject, source, params = {} }) => {
    const codes = about.map((one) => one.medicine.code);
    const key = [code, ...codes, ...(subject === undefined ? [] : [subject])].join(":");
    const known = warnings.get(key);
    // The same thing said by two rules is said once, as the graver one.
    if (known && grades.indexOf(known.grade) <= grades.indexOf(grade)) return;
    warnings.set(key, {
      key,
      code,
      grade,
      lines: about.map((one) => one.place),
      source,
      words: say(code, params),
    });
  };
  for (const [place, line] of input.lines.entries()) {
    const medicine = formulary.find(line.code);
    if (medicine) items.push({ place, line, medicine });
    else
      warnings.set(`unknown-medicine:${line.code}`, {
        key: `unknown-medicine:${line.code}`,
        code: "unknown-medicine",
        grade: "block",
        lines: [place],
        source: formulary.source("recalled"),
        words: say("unknown-medicine", {}),
      });
  }
  const work: CheckWork = { ...input, formulary, items, add };
  checkRules(work);
  checkDoses(work);
  checkBodies(work);
  checkAllergies(work);
  checkPairs(work);
  return [...warnings.values()].toSorted(
    (left, right) =>
      grades.indexOf(left.grade) - grades.indexOf(right.grade) ||
      (left.lines[0] ?? -1) - (right.lines[0] ?? -1) ||
      left.key.localeCompare(right.key),
  );
}

/** Age, pregnancy, breast-feeding. */
function checkBodies({ formulary, items, patient, add }: CheckWork): void {
  const tell = (code: WarningCode, item: Item, rule: Rule, grade: Grade, more: Params = {}) =>
    add(code, grade, {
      items: [item],
      source: formulary.source(rule.source),
      params: { medicine: nameOf(item.medicine), effect: effects[rule.effect], ...more },
    });
  const { ageMonths } = patient;
  for (const item of items) {
    const atcs = codesOf(item.medicine);
    if (ageMonths !== null) {
      const young = formulary
        .rulesFor("min-age", atcs)
        .find((rule) => rule.value !== null && ageMonths < rule.value * 12);
      if (young) tell("min-age", item, young, young.grade, { years: young.value ?? 0 });
      const old = formulary
        .rulesFor("elder", atcs)
        .find((rule) => rule.value !== null && ageMonths >= rule.value * 12);
      if (old) tell("elder", item, old, old.grade, { years: old.value ?? 0 });
    }
    const [unborn] = nearest(formulary.rulesFor("pregnancy", atcs));
    if (unborn && patient.pregnant === true) tell("pregnancy", item, unborn, unborn.grade);
    else if (unborn && unborn.grade !== "note" && mayBePregnant(patient))
      tell("pregnancy-unknown", item, unborn, unborn.grade === "block" ? "reason" : "note");
    const [infant] = nearest(formulary.rulesFor("lactation", atcs));
    if (infant && patient.breastFeeding === true) tell("lactation", item, infant, infant.grade);
  }
}

/** Of several rules the gravest: a combination is as dangerous as its most dangerous part. */
const nearest = (rules: readonly Rule[]): Rule[] =>
  rules.toSorted((left, right) => grades.indexOf(left.grade) - grades.indexOf(right.grade));

/** Warnings that keep a prescription from being signed: those that block, and those without a reason. */
export const openWarnings = (
  warnings: readonly Warning[],
  overruled: ReadonlyMap<string, string>,
): Warning[] =>
  warnings.filter(
    (one) =>
      one.grade === "block" || (one.grade === "reason" && !(overruled.get(one.key) ?? "").trim()),
  );
