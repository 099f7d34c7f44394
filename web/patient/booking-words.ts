import { addWords } from "../i18n/i18n.ts";

const words = {
  "zh-CN": () => import("virtual:messages/patientBooking/zh-CN"),
  bo: () => import("virtual:messages/patientBooking/bo"),
  en: () => import("virtual:messages/patientBooking/en"),
};

/** A part of booking: its code and its words come together, after home can be used. */
export async function withBookingWords<Page>(page: Promise<Page>): Promise<Page> {
  return (await Promise.all([page, addWords(words)]))[0];
}
