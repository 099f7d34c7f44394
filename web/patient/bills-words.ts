import { addWords } from "../i18n/i18n.ts";

const words = {
  "zh-CN": () => import("virtual:messages/patientBills/zh-CN"),
  bo: () => import("virtual:messages/patientBills/bo"),
  en: () => import("virtual:messages/patientBills/en"),
};

/** The page of one's bills comes with its words. */
export async function withBillsWords<Page>(page: Promise<Page>): Promise<Page> {
  return (await Promise.all([page, addWords(words)]))[0];
}
