import { addWords } from "../i18n/i18n.ts";

const words = {
  "zh-CN": () => import("virtual:messages/patientRoad/zh-CN"),
  bo: () => import("virtual:messages/patientRoad/bo"),
  en: () => import("virtual:messages/patientRoad/en"),
};

/** A part of the road of a referral: its code and words come together, after home can be used. */
export async function withRoadWords<Page>(page: Promise<Page>): Promise<Page> {
  return (await Promise.all([page, addWords(words)]))[0];
}
