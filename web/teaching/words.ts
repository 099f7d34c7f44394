import { useLanguage } from "../i18n/i18n.ts";

/** `1:02:03`, `2:03` */
export function spanOf(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(seconds % 60)}`
    : `${minutes}:${two(seconds % 60)}`;
}

/** A size as people say it: `86 MB`, `0.4 MB`. */
export function sizeOf(bytes: number): string {
  const megabytes = bytes / 1_000_000;
  return `${megabytes < 10 ? megabytes.toFixed(1) : Math.round(megabytes)} MB`;
}

/** Words in the reader's language where they are known, else in Chinese. */
export function useTitle(words: { zh: string; en: string | null; bo: string | null }): string {
  const language = useLanguage();
  return (language === "en" ? words.en : language === "bo" ? words.bo : null) ?? words.zh;
}
