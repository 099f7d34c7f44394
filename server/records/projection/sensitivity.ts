/** Which sensitive categories a row is about, as labels that consent knows (own-domain.ts). Pure. */
import type { Resource } from "@medplum/fhirtypes";
import { codeSystems } from "../../../fhir-mappings/systems.ts";

/**
 * By chapters and blocks of ICD-10 (WHO), as codes of HL7 v3 InformationSensitivityPolicy. Words without a
 * code say nothing here: nobody guesses what is sensitive from a sentence.
 */
const byDiagnosis: readonly (readonly [RegExp, string])[] = [
  [/^(B2[0-4]|Z21|R75)/, "HIV"],
  [/^(A5[0-9]|A6[0-4])/, "STD"],
  [/^F1[0-9]/, "ETH"],
  [/^F(?!1)/, "PSY"],
  [/^(O0[0-8]|N97|Z30|Z31|Z64\.0)/, "REPRO"],
  [/^Q9[0-9]/, "GDIS"],
];

/** By 诊疗科目 of the department (recalled from 医疗机构诊疗科目名录, to be checked against it). */
const bySpecialty: readonly (readonly [RegExp, string])[] = [
  [/^15\.03/, "ETH"],
  [/^15(\.|$)/, "PSY"],
  [/^13\.02/, "STD"],
  [/^05\.0[46]/, "REPRO"],
];

const labelsIn = (table: readonly (readonly [RegExp, string])[], codes: readonly string[]) => [
  ...new Set(codes.flatMap((code) => table.find(([form]) => form.test(code))?.[1] ?? [])),
];

export const labelsOfDiagnoses = (codes: readonly (string | null)[]): string[] =>
  labelsIn(
    byDiagnosis,
    codes.flatMap((code) => code ?? []),
  );
export const labelsOfSpecialty = (code: string): string[] => labelsIn(bySpecialty, [code]);

/** The same resource under these labels. */
export function labelled<Shape extends Resource>(
  resource: Shape,
  labels: readonly string[],
): Shape {
  if (labels.length === 0) return resource;
  return {
    ...resource,
    meta: {
      ...resource.meta,
      security: labels.map((code) => ({ system: codeSystems.actCode, code })),
    },
  };
}
