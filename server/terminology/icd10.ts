/**
 * Search in ICD-10: what a doctor types (a code, Chinese, English, pinyin
 * initials) to a short list, best first. Pure; the starter list is the default
 * and any imported table can take its place.
 */
import { icd10Starter } from "./icd10-starter.ts";
import { pinyinInitials } from "./pinyin-initials.ts";

export interface Icd10Entry {
  /** `D69.0`; national extensions such as `I10.x00x002` keep their form. */
  readonly code: string;
  /** Chinese display; the one that is printed. */
  readonly zh: string;
  /** English title; empty when an imported table has none. */
  readonly en: string;
}

interface Indexed {
  readonly entry: Icd10Entry;
  readonly code: string;
  readonly zh: string;
  readonly en: string;
  readonly initials: string;
}

export interface Icd10Index {
  readonly size: number;
  /** The entry of an exact code, or undefined. */
  find(code: string): Icd10Entry | undefined;
  /** See {@link searchIcd10}. */
  search(query: string, limit?: number): readonly Icd10Entry[];
}

/** Longest list that a search returns. */
export const ICD10_SEARCH_MAX = 50;
const DEFAULT_LIMIT = 20;

/**
 * True for an ICD-10 code: WHO form (`D69.0`, `I10`), with dagger or asterisk
 * (`A17.0+`), or the longer extension of China's national clinical edition
 * (`D69.000x001`, `I10.x00x002`: three characters, x and a three-digit number).
 */
export function isIcd10Code(text: string): boolean {
  return /^[A-Z]\d{2}(?:[+*]|\.(?:[0-9A-Za-z+*]{1,6}|[0-9x]{3}x\d{3}[+*]?))?$/.test(text);
}

/** Upper-case letter first, lower-case national x, printed dagger as `+`, no spaces. */
export function normaliseIcd10Code(text: string): string {
  const code = text
    .normalize("NFKC")
    .replace(/[\s\u200b\ufeff]/gu, "")
    .replaceAll("†", "+")
    .replaceAll("∗", "*");
  return code.charAt(0).toUpperCase() + code.slice(1).replaceAll("X", "x");
}

const squeeze = (code: string) => code.toLowerCase().replaceAll(".", "");

/** How well one word fits one entry; smaller is better, undefined is no match. */
function rank(item: Indexed, word: string): number | undefined {
  const code = squeeze(word);
  if (code !== "" && item.code === code) return 0;
  if (code !== "" && item.code.startsWith(code)) return 1;
  if (item.zh === word) return 1;
  if (item.zh.startsWith(word)) return 2;
  if (item.initials === word) return 2;
  if (item.zh.includes(word)) return 3;
  if (item.en.startsWith(word)) return 3;
  if (item.initials.startsWith(word)) return 4;
  if (item.en.includes(` ${word}`)) return 4;
  // One or two letters inside a word match nearly everything and help nobody.
  if (word.length >= 3 && item.en.includes(word)) return 5;
  if (word.length >= 3 && item.initials.includes(word)) return 6;
  return undefined;
}

/** Builds a searchable index; about 10 ms for 500 entries, linear search afterwards. */
export function createIcd10Index(entries: readonly Icd10Entry[]): Icd10Index {
  const byCode = new Map<string, Icd10Entry>();
  const items: Indexed[] = entries.map((entry) => {
    byCode.set(entry.code, entry);
    return {
      entry,
      code: squeeze(entry.code),
      // As the query: Chinese brackets, commas and Roman numerals are typed in any width.
      zh: entry.zh.normalize("NFKC").toLowerCase(),
      en: entry.en.normalize("NFKC").toLowerCase(),
      initials: pinyinInitials(entry.zh),
    };
  });
  return {
    size: items.length,
    find: (code) => byCode.get(normaliseIcd10Code(code)),
    search(query, limit = DEFAULT_LIMIT) {
      const words = query.normalize("NFKC").trim().toLowerCase().split(/\s+/u).slice(0, 8);
      const most = Math.min(Math.max(Math.trunc(limit) || 0, 0), ICD10_SEARCH_MAX);
      if (words[0] === "") return [];
      const found: { item: Indexed; score: number }[] = [];
      for (const item of items) {
        let score = 0;
        for (const word of words) {
          const one = rank(item, word);
          if (one === undefined) {
            score = Number.NaN;
            break;
          }
          score += one;
        }
        if (!Number.isNaN(score)) found.push({ item, score });
      }
      found.sort(
        (left, right) =>
          left.score - right.score ||
          left.item.zh.length - right.item.zh.length ||
          (left.item.code < right.item.code ? -1 : 1),
      );
      return found.slice(0, most).map(({ item }) => item.entry);
    },
  };
}

let starter: Icd10Index | undefined;

/** Index of the starter list, built at first use. */
export function starterIcd10Index(): Icd10Index {
  starter ??= createIcd10Index(icd10Starter.map(([code, zh, en]) => ({ code, zh, en })));
  return starter;
}

/**
 * Searches the starter list.
 *
 * Every word of the query must match: as a code or its beginning (`d69.0`,
 * `D690`, `d69`), in the Chinese display, in the English title (from three
 * letters inside a word), or as pinyin initials (`gmxzd`). Order: how well it
 * matches, then the shorter Chinese display, then the code.
 *
 * @param limit at most this many, 0–50, default 20.
 */
export function searchIcd10(query: string, limit = DEFAULT_LIMIT): readonly Icd10Entry[] {
  return starterIcd10Index().search(query, limit);
}

/** The starter entry of an exact code, or undefined. */
export function findIcd10(code: string): Icd10Entry | undefined {
  return starterIcd10Index().find(code);
}
