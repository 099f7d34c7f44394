import { useEffect, useState } from "react";
import type { Language } from "../i18n/areas.ts";

function voiceFor(language: Language): SpeechSynthesisVoice | null {
  if (!("speechSynthesis" in globalThis)) return null;
  const start = language.slice(0, 2).toLowerCase();
  return (
    speechSynthesis.getVoices().find((voice) => voice.lang.toLowerCase().startsWith(start)) ?? null
  );
}

/**
 * Reading aloud with the device's own voice. Hardly any device has a Tibetan one: `available` says
 * so, and the page then asks a person to read.
 */
export function useSpeech(language: Language) {
  const [available, setAvailable] = useState(() => voiceFor(language) !== null);
  const [speaking, setSpeaking] = useState(false);

  useEffect(() => {
    if (!("speechSynthesis" in globalThis)) return;
    const look = () => setAvailable(voiceFor(language) !== null);
    look();
    speechSynthesis.addEventListener("voiceschanged", look);
    return () => {
      speechSynthesis.removeEventListener("voiceschanged", look);
      speechSynthesis.cancel();
    };
  }, [language]);

  const stop = () => {
    speechSynthesis.cancel();
    setSpeaking(false);
  };
  const speak = (text: string) => {
    const voice = voiceFor(language);
    if (!voice) return;
    speechSynthesis.cancel();
    const words = new SpeechSynthesisUtterance(text);
    words.voice = voice;
    words.lang = voice.lang;
    words.rate = 0.9;
    words.onend = () => setSpeaking(false);
    words.onerror = () => setSpeaking(false);
    setSpeaking(true);
    speechSynthesis.speak(words);
  };
  return { available, speaking, speak, stop };
}
