import { addWords } from "../i18n/i18n.ts";
import { wordsReady as prescriptionWords } from "../prescription/words.ts";

/** The words come with the page, before it is shown; a visit has the editor of prescriptions in it. */
export const wordsReady = Promise.all([
  prescriptionWords,
  addWords({
    "zh-CN": () => import("virtual:messages/visit/zh-CN"),
    bo: () => import("virtual:messages/visit/bo"),
    en: () => import("virtual:messages/visit/en"),
  }),
]);
