import type { Language } from "../i18n/areas.ts";

/** A channel is named by its language. */
export function languageOf(channel: string): Language {
  return channel === "bo" || channel === "en" ? channel : "zh-CN";
}
