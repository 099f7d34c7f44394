import { type I18n, type Messages, setupI18n } from "@lingui/core";
import { useSyncExternalStore } from "react";
import type { Language } from "./areas.ts";
import type source from "./zh-CN.json";

export type MessageId = keyof typeof source;
export type MessageValues = Record<string, string | number | null | undefined>;
export type Translate = (id: MessageId, values?: MessageValues) => string;

export type CatalogueLoaders = Record<Language, () => Promise<{ default: Messages }>>;

/** A message that a catalogue lacks shows its id; the tests look for that. */
const create = () => setupI18n({ missing: (_locale, id) => id });
export const i18n = create();
let loaders: CatalogueLoaders | null = null;
/** Words of parts of the page that were opened later; a change of language brings them along. */
const more: CatalogueLoaders[] = [];

/** Names the catalogue of this page; called once, by the page's entry. */
export function defineCatalogue(catalogue: CatalogueLoaders): void {
  loaders = catalogue;
}

async function load(into: I18n, language: Language): Promise<void> {
  if (!loaders) throw new Error("defineCatalogue comes first");
  const parts = await Promise.all([loaders, ...more].map((one) => one[language]()));
  const messages = Object.assign({}, ...parts.map((part) => part.default)) as Messages;
  into.loadAndActivate({ locale: language, messages });
}

/** Fetches words that only a part of the page needs. */
export async function addWords(part: CatalogueLoaders): Promise<void> {
  if (!more.includes(part)) more.push(part);
  const language = i18n.locale as Language;
  const { default: messages } = await part[language]();
  i18n.load(language, messages);
}

/** Loads a language of this page and makes it the one that is shown. */
export async function activateLanguage(language: Language): Promise<void> {
  await load(i18n, language);
  document.documentElement.lang = language;
}

/** The words of another language than the one shown: a consent is read in the patient's. */
export async function wordsOf(language: Language): Promise<Translate> {
  const other = create();
  await load(other, language);
  return (id, values) => other._(id, values as Record<string, unknown> | undefined);
}

/** The words of the language that is shown. Outside components; inside them use {@link useText}. */
export const t: Translate = (id, values) =>
  i18n._(id, values as Record<string, unknown> | undefined);

const subscribe = (changed: () => void) => i18n.on("change", changed);

/** The words, and a render again when the language changes. */
export function useText(): Translate {
  useSyncExternalStore(subscribe, () => i18n.locale);
  return t;
}

/** Language tag that is shown now. */
export function useLanguage(): Language {
  return useSyncExternalStore(subscribe, () => i18n.locale) as Language;
}
