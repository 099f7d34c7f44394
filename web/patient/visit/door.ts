import { addWords } from "../../i18n/i18n.ts";
import { withTriageWords } from "../../triage/phone-words.ts";

/** Video visits on the phone: their code and words come together, after home can be used. */
export const ready = withTriageWords(
  Promise.all([
    import("./pages.tsx"),
    addWords({
      "zh-CN": () => import("virtual:messages/patientVisit/zh-CN"),
      bo: () => import("virtual:messages/patientVisit/bo"),
      en: () => import("virtual:messages/patientVisit/en"),
    }),
  ]),
);
