import { addWords } from "../i18n/i18n.ts";

/** The words come with the page, before it is shown. */
export const wordsReady = addWords({
  "zh-CN": () => import("virtual:messages/mediaBoard/zh-CN"),
  bo: () => import("virtual:messages/mediaBoard/bo"),
  en: () => import("virtual:messages/mediaBoard/en"),
});
