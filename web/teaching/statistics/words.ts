import { addWords } from "../../i18n/i18n.ts";

/** The words come with the page, before it is shown. */
export const wordsReady = addWords({
  "zh-CN": () => import("virtual:messages/teachingStatistics/zh-CN"),
  bo: () => import("virtual:messages/teachingStatistics/bo"),
  en: () => import("virtual:messages/teachingStatistics/en"),
});
