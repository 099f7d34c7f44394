import { addWords } from "../i18n/i18n.ts";
import { withBookingWords } from "../patient/booking-words.ts";

const words = {
  "zh-CN": () => import("virtual:messages/patientTriage/zh-CN"),
  bo: () => import("virtual:messages/patientTriage/bo"),
  en: () => import("virtual:messages/patientTriage/en"),
};

/** A part of the triage road: its code and words come together; it ends in booking's pages. */
export async function withTriageWords<Page>(page: Promise<Page>): Promise<Page> {
  return (await Promise.all([withBookingWords(page), addWords(words)]))[0];
}
