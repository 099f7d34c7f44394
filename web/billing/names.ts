import type { Language } from "../i18n/areas.ts";

/** What a price is called, in the reader's language. */
export const nameOf = (name: { zh: string; en: string; bo: string }, language: Language): string =>
  language === "bo" ? name.bo : language === "en" ? name.en : name.zh;
