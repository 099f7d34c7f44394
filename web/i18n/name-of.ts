import { useLanguage } from "./i18n.ts";

type Named = { name: string; nameBo: string | null; nameEn: string | null };

/** A hospital's name in the reader's language, else as it is written there. */
export function useNameOf(): (one: Named) => string {
  const language = useLanguage();
  return (one) =>
    (language === "en" ? one.nameEn : language === "bo" ? one.nameBo : null) ?? one.name;
}
