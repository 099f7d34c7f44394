/** Which medicine of a formulary somebody means by what is written in a record. Pure. */
import { codesOf, type Formulary, type Medicine } from "../formulary/domain.ts";
import { substanceOf } from "./check-allergies.ts";
import type { PatientFacts, TakenFact } from "./patient-facts.ts";

/** The medicine whose substance has the longest name in the words; the shortest would find 地平 in everything. */
export function medicineIn(formulary: Formulary, text: string): Medicine | null {
  const wanted = text.toLowerCase();
  let found: { medicine: Medicine; length: number } | null = null;
  for (const medicine of formulary.content.medicines) {
    const english = medicine.en.toLowerCase().split(" ")[0] ?? "";
    for (const name of [substanceOf(medicine.zh), english]) {
      const length = /[a-z]/.test(name) ? name.length / 3 : name.length;
      if (name.length < 2 || !wanted.includes(name) || (found && length <= found.length)) continue;
      found = { medicine, length };
    }
  }
  return found?.medicine ?? null;
}

/** @param atcs codes that the record itself has */
export function takenOf(
  formulary: Formulary,
  text: string,
  atcs: readonly string[] = [],
): TakenFact {
  if (atcs.length > 0) return { text, code: null, atcs: [...atcs], dailyAmount: null };
  const medicine = medicineIn(formulary, text);
  return { text, code: null, atcs: medicine ? codesOf(medicine) : [], dailyAmount: null };
}

export type TypedPatient = {
  weightKg: number | null;
  egfr: number | null;
  pregnant: boolean | null;
  breastFeeding: boolean | null;
  allergies: string[] | null;
  takes: string[] | null;
};
/** What is kept with a prescription: what the doctor said, and all that was known when it was looked at last. */
export type KeptFacts = { typed: TypedPatient; seen: PatientFacts; recordRead: boolean };

/** What a record says; null where it could not be read. */
export type RecordedPatient = {
  weightKg: number | null;
  egfr: number | null;
  allergies: { text: string; past: boolean }[];
  takes: TakenFact[];
} | null;

/** What the doctor says before what the record says; allergies and medicines of both. */
export function combine(
  known: Pick<PatientFacts, "ageMonths" | "sex">,
  typed: TypedPatient,
  recorded: RecordedPatient,
  formulary: Formulary,
): PatientFacts {
  const union = <One extends { text: string }>(left: One[], right: One[]) => [
    ...left,
    ...right.filter((one) => !left.some((each) => each.text === one.text)),
  ];
  const allergies = typed.allergies?.map((text) => ({ text, past: false })) ?? null;
  const takes = typed.takes?.map((text) => takenOf(formulary, text)) ?? null;
  return {
    ...known,
    weightKg: typed.weightKg ?? recorded?.weightKg ?? null,
    egfr: typed.egfr ?? recorded?.egfr ?? null,
    pregnant: typed.pregnant,
    breastFeeding: typed.breastFeeding,
    allergies:
      allergies === null && recorded === null
        ? null
        : union(recorded?.allergies ?? [], allergies ?? []),
    takes: takes === null && recorded === null ? null : union(recorded?.takes ?? [], takes ?? []),
  };
}
