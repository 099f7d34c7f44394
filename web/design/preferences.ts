import { useSyncExternalStore } from "react";
import { type Language, languages } from "../i18n/areas.ts";
import { activateLanguage } from "../i18n/i18n.ts";

/** How this person wants to read; kept on the device, known before anyone signs in. */
export type Preferences = {
  language: Language;
  elder: boolean;
  /** Size of the elder mode's text: 1 is 20 px, 2 is 24 px, 3 is 30 px. */
  textStep: 1 | 2 | 3;
  highContrast: boolean;
};

const storageKey = "yilian.preferences";
const listeners = new Set<() => void>();
let current: Preferences = read();

function read(): Preferences {
  const wished = navigator.languages.map((tag) => tag.toLowerCase());
  const found = wished
    .map((tag) => languages.find((language) => tag.startsWith(language.slice(0, 2))))
    .find(Boolean);
  const defaults: Preferences = {
    language: found ?? "zh-CN",
    elder: false,
    textStep: 1,
    highContrast: false,
  };
  try {
    const kept = JSON.parse(localStorage.getItem(storageKey) ?? "{}") as Partial<Preferences>;
    const merged = { ...defaults, ...kept };
    return languages.includes(merged.language) ? merged : { ...merged, language: "zh-CN" };
  } catch {
    return defaults;
  }
}

function apply({ elder, textStep, highContrast }: Preferences, allowElder: boolean) {
  const { dataset } = document.documentElement;
  if (elder && allowElder) dataset.elder = "";
  else delete dataset.elder;
  dataset.text = String(textStep);
  if (highContrast) dataset.contrast = "high";
  else delete dataset.contrast;
}

let elderAllowed = false;

/** Applies what was chosen before and loads its language. Elder mode belongs to the patient's pages only. */
export async function startPreferences({ elder }: { elder: boolean }): Promise<void> {
  elderAllowed = elder;
  apply(current, elder);
  try {
    await activateLanguage(current.language);
  } catch {
    // A language that cannot be fetched must not keep the page shut; the source language may be cached.
    await activateLanguage("zh-CN");
  }
}

export async function changePreferences(change: Partial<Preferences>): Promise<void> {
  if (change.language && change.language !== current.language)
    await activateLanguage(change.language);
  current = { ...current, ...change };
  try {
    localStorage.setItem(storageKey, JSON.stringify(current));
  } catch {
    // A browser that keeps nothing still shows what was chosen, until it is closed.
  }
  apply(current, elderAllowed);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, () => current);
}
