import { addWords } from "../i18n/i18n.ts";

const words = {
  "zh-CN": () => import("virtual:messages/patientRecord/zh-CN"),
  bo: () => import("virtual:messages/patientRecord/bo"),
  en: () => import("virtual:messages/patientRecord/en"),
};

/** The pages of one's own record come with their words. */
export async function withRecordWords<Page>(page: Promise<Page>): Promise<Page> {
  return (await Promise.all([page, addWords(words)]))[0];
}
