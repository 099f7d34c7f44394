import type { Language } from "../i18n/areas.ts";
import type { Translate } from "../i18n/i18n.ts";

/** A name in the reader's language; Chinese where no other was given. */
export function inWords(
  name: { zh: string; en: string | null; bo: string | null },
  language: Language,
): string {
  return (language === "bo" ? name.bo : language === "en" ? name.en : null) ?? name.zh;
}

/** 女 76 岁 */
export function sexAndAge(
  person: { sex: "female" | "male" | "other" | "unknown"; ageYears: number | null },
  t: Translate,
): string {
  const sex = t(`common.sex.${person.sex}`);
  return person.ageYears === null ? sex : `${sex} ${t("hotline.age", { years: person.ageYears })}`;
}
