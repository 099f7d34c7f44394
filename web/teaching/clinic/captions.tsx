import { useLanguage, useText } from "../../i18n/i18n.ts";
import type { Lecture } from "../lecture.ts";

/** The captions' place below the slide, in the reader's language where somebody writes it. */
export function Captions({ lecture }: { lecture: Lecture }) {
  const t = useText();
  const language = useLanguage();
  const { captions } = lecture.live;
  const shown = captions[language] ? language : (Object.keys(captions)[0] as typeof language);
  const line = shown ? captions[shown] : undefined;
  if (!line) return null;
  return (
    <section className="captions" aria-live="polite" aria-label={t("lecture.captions.label")}>
      <p lang={shown}>{line.text}</p>
    </section>
  );
}
