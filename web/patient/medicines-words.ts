import { addWords } from "../i18n/i18n.ts";

const words = {
  "zh-CN": () => import("virtual:messages/patientMedicines/zh-CN"),
  bo: () => import("virtual:messages/patientMedicines/bo"),
  en: () => import("virtual:messages/patientMedicines/en"),
};

/** The patient's medicines: code and words come together, after home can be used. */
export async function withMedicineWords<Page>(page: Promise<Page>): Promise<Page> {
  return (await Promise.all([page, addWords(words)]))[0];
}
