/** Doses by age, weight and kidneys. Pure. */
import type { Formulary, Medicine } from "../formulary/domain.ts";
import { codesOf } from "../formulary/domain.ts";
import { type Line, timesADay } from "./line.ts";
import { adolescentMonths, adultMonths, type PatientFacts } from "./patient-facts.ts";

/** Of the active substance, in the medicine's measure; null where doses are not measured. */
export const singleAmount = (medicine: Medicine, line: Line): number | null =>
  medicine.amount === null ? null : medicine.amount * line.dose;
export const dailyAmount = (medicine: Medicine, line: Line): number | null =>
  medicine.amount === null ? null : medicine.amount * line.dose * timesADay(line.frequency);

export type DoseLimits = { single: number | null; daily: number | null };

/**
 * The most that may be given to this patient: an adult's limits; a child's by weight and never above an adult's.
 * @returns `"weight"` when the weight has to be known, `"no-child-dose"` when nothing is on file for a child
 */
export function limitsFor(
  medicine: Medicine,
  { ageMonths, weightKg }: Pick<PatientFacts, "ageMonths" | "weightKg">,
): DoseLimits | "weight" | "no-child-dose" {
  const adult = { single: medicine.maxSingle, daily: medicine.maxDaily };
  if (ageMonths === null || ageMonths >= adultMonths) return adult;
  const { childSingle, childDaily } = medicine;
  if (childSingle === null && childDaily === null) {
    if (medicine.amount === null || ageMonths >= adolescentMonths) return adult;
    return "no-child-dose";
  }
  if (weightKg === null) return "weight";
  const least = (perKg: number | null, most: number | null) => {
    if (perKg === null) return most;
    const byWeight = perKg * weightKg;
    return most === null ? byWeight : Math.min(byWeight, most);
  };
  return { single: least(childSingle, adult.single), daily: least(childDaily, adult.daily) };
}

/**
 * A usual dose to begin with: the medicine's own, or for a child what its weight allows, in quarters of a unit
 * (millilitres: tenths). Null: the doctor has to say.
 */
export function suggestDose(medicine: Medicine, patient: PatientFacts): number | null {
  const limits = limitsFor(medicine, patient);
  if (limits === "weight" || limits === "no-child-dose") return null;
  if (medicine.amount === null) return medicine.dose;
  const perDay =
    limits.daily === null ? Number.POSITIVE_INFINITY : limits.daily / Math.max(1, medicine.times);
  const most = Math.min(limits.single ?? Number.POSITIVE_INFINITY, perDay) / medicine.amount;
  const step = medicine.unit === "ml" ? 0.1 : 0.25;
  const dose = Math.min(medicine.dose, Math.floor(most / step + 1e-9) * step);
  return dose > 0 ? Math.round(dose * 100) / 100 : null;
}

/** Whether the version has any rule about kidneys for this medicine. */
export const dependsOnKidneys = (formulary: Formulary, medicine: Medicine): boolean =>
  formulary.rulesFor("renal-avoid", codesOf(medicine)).length > 0 ||
  formulary.rulesFor("renal-max", codesOf(medicine)).length > 0;

/** A limit is passed by more than what rounding of a dose explains. */
export const exceeds = (given: number, most: number): boolean => given > most * 1.005;
