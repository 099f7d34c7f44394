import { addWords } from "../i18n/i18n.ts";
import { withBookingWords } from "./booking-words.ts";

const words = {
  "zh-CN": () => import("virtual:messages/patientFever/zh-CN"),
  bo: () => import("virtual:messages/patientFever/bo"),
  en: () => import("virtual:messages/patientFever/en"),
};

/** A part of the fever road: its code and words come together; it ends in booking's pages. */
export async function withFeverWords<Page>(page: Promise<Page>): Promise<Page> {
  return (await Promise.all([withBookingWords(page), addWords(words)]))[0];
}
