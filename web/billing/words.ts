import type { CoverageScheme } from "../../server/billing/domain.ts";
import type { Tone } from "../design/components/status.tsx";
import { addWords } from "../i18n/i18n.ts";
import type { Invoice } from "./queries.ts";

/** The words come with the page, before it is shown. */
export const wordsReady = addWords({
  "zh-CN": () => import("virtual:messages/billing/zh-CN"),
  bo: () => import("virtual:messages/billing/bo"),
  en: () => import("virtual:messages/billing/en"),
});

export const schemes: readonly CoverageScheme[] = ["self-pay", "employee", "resident"];

export const stateTone: Record<Invoice["state"], Tone> = {
  issued: "warn",
  balanced: "good",
  cancelled: "quiet",
};
