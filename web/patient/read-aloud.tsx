import { Button } from "../design/components/button.tsx";
import { speaker } from "../design/icons.ts";
import { useSpeech } from "../design/speech.ts";
import { useLanguage, useText } from "../i18n/i18n.ts";

/** A button that reads these words with the device's voice; nothing where it has none. */
export function ReadAloud({ text }: { text: string }) {
  const t = useText();
  const speech = useSpeech(useLanguage());
  if (!speech.available) return null;
  return (
    <Button
      look="soft"
      icon={speaker}
      className="no-print"
      onClick={() => (speech.speaking ? speech.stop() : speech.speak(text))}
    >
      {speech.speaking ? t("common.stopReading") : t("patient.readToMe")}
    </Button>
  );
}
