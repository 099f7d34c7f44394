import { addWords } from "../i18n/i18n.ts";

const words = {
  "zh-CN": () => import("virtual:messages/patientResults/zh-CN"),
  bo: () => import("virtual:messages/patientResults/bo"),
  en: () => import("virtual:messages/patientResults/en"),
};

/** A page of results: its code and its words come together. */
export async function withResultWords<Page>(page: Promise<Page>): Promise<Page> {
  return (await Promise.all([page, addWords(words)]))[0];
}
