import { addWords } from "../i18n/i18n.ts";
import { withBookingWords } from "./booking-words.ts";

const words = {
  "zh-CN": () => import("virtual:messages/patientTest/zh-CN"),
  bo: () => import("virtual:messages/patientTest/bo"),
  en: () => import("virtual:messages/patientTest/en"),
};

/** The pages of tests with their words and those of booking, whose pieces they use. */
export async function withTestWords<Page>(page: Promise<Page>): Promise<Page> {
  return (await Promise.all([withBookingWords(page), addWords(words)]))[0];
}
