/** What every kind of item of a record is made with. Pure. */
import type { CodeableConcept } from "@medplum/fhirtypes";
import { type CodedWords, wordsOf } from "../../fhir-mappings/elements.ts";
import type { RecordItem, RecordSection } from "./record-contract.ts";

export type Draft = Omit<RecordItem, "key" | "sources" | "kind"> & {
  /** What makes it the same thing elsewhere when it has no business identifier; null: nothing does. */
  readonly content: string | null;
};

export function plain(
  section: RecordSection,
  title: string,
  date: string | null | undefined,
  more: Partial<Draft> = {},
): Draft {
  return {
    section,
    title,
    date: date ?? null,
    detail: null,
    certainty: null,
    isPast: false,
    isHigh: false,
    result: null,
    file: null,
    receiver: null,
    content: null,
    ...more,
  };
}

/** The words of a concept as its source wrote them; a code alone is better than nothing. */
export const titleOf = (concept: CodeableConcept | undefined): string => wordsOf(concept) ?? "—";

/** By what a concept is the same elsewhere: its code, else its words. */
export function nameOf(concept: CodeableConcept | undefined): string {
  const coding = concept?.coding?.find((one) => one.system && one.code);
  return nameOfWords({
    system: coding?.system ?? null,
    code: coding?.code ?? null,
    text: titleOf(concept),
  });
}
export const nameOfWords = ({ system, code, text }: CodedWords): string =>
  system !== null && code !== null ? `${system}|${code}` : text.trim().toLowerCase();

export const dayOf = (date: string | null | undefined): string => (date ?? "").slice(0, 10);
export const joined = (parts: readonly (string | null | undefined)[]): string | null =>
  parts.filter((part) => part !== undefined && part !== null && part !== "").join(" · ") || null;
