import type { FindingState } from "../../server/lab/domain.ts";
import type { LabResultKind, RecallState } from "../../server/sampling/domain.ts";
import type { Tone } from "../design/components/status.tsx";
import type { Language } from "../i18n/areas.ts";
import { addWords } from "../i18n/i18n.ts";

/** The words come with the page, before it is shown. */
export const wordsReady = addWords({
  "zh-CN": () => import("virtual:messages/lab/zh-CN"),
  bo: () => import("virtual:messages/lab/bo"),
  en: () => import("virtual:messages/lab/en"),
});

/** A name in the reader's language; Chinese where no other was given. */
export function inWords(
  name: { zh: string; en: string | null; bo: string | null },
  language: Language,
): string {
  return (language === "bo" ? name.bo : language === "en" ? name.en : null) ?? name.zh;
}

export const resultTone: Record<LabResultKind, Tone> = {
  negative: "good",
  positive: "bad",
  "grey-zone": "warn",
  "single-target": "warn",
  rejected: "quiet",
};
export const findingTone: Record<FindingState, Tone> = {
  waiting: "quiet",
  entered: "info",
  confirmed: "good",
  released: "good",
  withdrawn: "quiet",
};
export const recallTone: Record<RecallState, Tone> = {
  issued: "bad",
  told: "warn",
  sampled: "info",
  confirmed: "good",
  repeated: "warn",
  withdrawn: "quiet",
};
/** One letter per result, for whoever reads a plate by keyboard. */
export const resultKeys: Readonly<Record<string, LabResultKind>> = {
  a: "negative",
  p: "positive",
  g: "grey-zone",
  s: "single-target",
};
export const keyOfResult = (result: LabResultKind): string | undefined =>
  Object.keys(resultKeys).find((key) => resultKeys[key] === result);
