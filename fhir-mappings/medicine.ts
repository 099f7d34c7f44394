/** What MedicationRequest and MedicationDispense have in common: the medicine, how it is taken, how much of it. */
import type { CodeableConcept, Dosage, Quantity, Reference, Resource } from "@medplum/fhirtypes";
import { type CodedWords, codedWordsOf, compact, need } from "./elements.ts";
import { codeSystems } from "./systems.ts";

export interface MedicineAmount {
  readonly value: number;
  /** As people say it: 片, 盒. */
  readonly unit: string | null;
}

/**
 * The medicine by its concept, a Medication that the resource carries, or the words of the reference; null:
 * it is named by a resource elsewhere only.
 * @throws FhirMappingError `missing` where nothing says which it is
 */
export function medicineOf(
  resource: {
    readonly medicationCodeableConcept?: CodeableConcept;
    readonly medicationReference?: Reference;
    readonly contained?: readonly Resource[];
  },
  path: string,
): CodedWords | null {
  const { medicationCodeableConcept, medicationReference, contained } = resource;
  if (medicationCodeableConcept) return codedWordsOf(medicationCodeableConcept, path);
  const held = contained?.find((one) => `#${one.id}` === medicationReference?.reference);
  if (held?.resourceType === "Medication" && held.code) return codedWordsOf(held.code, path);
  const { display } = need(medicationReference, path);
  return display ? { system: null, code: null, text: display } : null;
}

export const dosages = (lines: readonly string[]): Dosage[] => lines.map((text) => ({ text }));
export const linesOf = (dosage: readonly Dosage[] | undefined): string[] =>
  (dosage ?? []).flatMap((one) => one.text ?? one.patientInstruction ?? []);

export const amount = (one: MedicineAmount | null): Quantity | null =>
  one && compact<Quantity>({ value: one.value, unit: one.unit });
export const amountOf = (quantity: Quantity | undefined): MedicineAmount | null =>
  quantity?.value === undefined
    ? null
    : { value: quantity.value, unit: quantity.unit ?? quantity.code ?? null };

export const days = (value: number | null): Quantity | null =>
  value === null ? null : { value, unit: "d", system: codeSystems.ucum, code: "d" };
const lengths: Readonly<Record<string, number>> = { d: 1, wk: 7 };
/** Null: nobody says, or not in days or weeks. */
export function daysOf(quantity: Quantity | undefined): number | null {
  const length = lengths[quantity?.code ?? quantity?.unit ?? ""];
  return quantity?.value === undefined || length === undefined ? null : quantity.value * length;
}
