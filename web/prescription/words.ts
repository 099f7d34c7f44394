import type { Grade } from "../../server/formulary/domain.ts";
import type { PrescriptionState } from "../../server/prescription/domain.ts";
import type { Tone } from "../design/components/status.tsx";
import type { Language } from "../i18n/areas.ts";
import { addWords } from "../i18n/i18n.ts";

/** The words come with the page, before it is shown. */
export const wordsReady = addWords({
  "zh-CN": () => import("virtual:messages/prescription/zh-CN"),
  bo: () => import("virtual:messages/prescription/bo"),
  en: () => import("virtual:messages/prescription/en"),
});

/** A medicine's name: Chinese is what is on the box. */
export const medicineName = (one: { zh: string; en: string }, language: Language): string =>
  language === "en" ? one.en : one.zh;
export const sentenceOf = (
  words: { zh: string; en: string; bo: string },
  language: Language,
): string => (language === "bo" ? words.bo : language === "en" ? words.en : words.zh);

export const stateTone: Record<PrescriptionState, Tone> = {
  draft: "quiet",
  "pending-review": "info",
  returned: "warn",
  approved: "good",
  dispensed: "good",
  collected: "quiet",
  cancelled: "quiet",
  expired: "quiet",
};
export const gradeTone: Record<Grade, Tone> = { block: "bad", reason: "warn", note: "info" };

/** A list as people type one. */
export const wordsOf = (text: string): string[] =>
  text
    .split(/[、，,;；\n]/)
    .map((one) => one.trim())
    .filter(Boolean);

const CHILDBEARING_MONTHS = { from: 10 * 12, to: 60 * 12 };
/** Of whom pregnancy and breast-feeding are asked at all. */
export const mayBePregnant = (facts: { sex: string; ageMonths: number | null }): boolean =>
  facts.sex !== "male" &&
  (facts.ageMonths === null ||
    (facts.ageMonths >= CHILDBEARING_MONTHS.from && facts.ageMonths < CHILDBEARING_MONTHS.to));
