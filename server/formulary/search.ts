/** Search in a formulary: Chinese name, pinyin, pinyin initials, English, ATC. Pure. */
import { pinyinInitials } from "../terminology/service.ts";
import type { Medicine } from "./medicine.ts";

export type MedicineIndex = {
  /** Best first. @param most how many */
  search: (query: string, most?: number) => Medicine[];
};

const defaultMost = 20;

/**
 * Lower is better; null is no match. A code or the beginning of the name comes before what is inside it, and the
 * beginning of the initials before pinyin in the middle.
 */
function rank(
  query: string,
  one: { zh: string; en: string; pinyin: string; initials: string; ofPinyin: string; atc: string },
): number | null {
  if (one.atc === query) return 0;
  if (one.zh.startsWith(query)) return 1;
  if (one.initials.startsWith(query) || one.ofPinyin.startsWith(query)) return 2;
  if (one.pinyin.startsWith(query)) return 3;
  if (one.en.startsWith(query)) return 4;
  if (one.zh.includes(query)) return 5;
  if (one.initials.includes(query)) return 6;
  if (query.length >= 3 && one.pinyin.includes(query)) return 7;
  if (query.length >= 3 && one.en.includes(query)) return 8;
  if (/^[a-z]\d/.test(query) && one.atc.startsWith(query)) return 9;
  return null;
}

/** An index of one version; made once. */
export function searchIndex(medicines: readonly Medicine[]): MedicineIndex {
  const known = medicines.map((medicine, place) => {
    const initials = pinyinInitials(medicine.zh);
    // 苯磺酸氨氯地平片 is looked for as aldp: the initials of the substance are inside those of the name.
    const length = syllables(medicine.pinyin);
    const first = medicine.pinyin.charAt(0);
    const at =
      first === ""
        ? -1
        : initials
            .split("")
            .findIndex((one, index) => one === first && initials.length - index >= length);
    return {
      medicine,
      place,
      zh: medicine.zh.toLowerCase(),
      en: medicine.en.toLowerCase(),
      pinyin: medicine.pinyin,
      initials,
      ofPinyin: at < 0 ? initials : initials.slice(at),
      atc: medicine.atc.toLowerCase(),
    };
  });
  return {
    search: (query, most = defaultMost) => {
      const wanted = query.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim();
      if (wanted === "") return [];
      return known
        .flatMap((one) => {
          const found = rank(wanted, one);
          return found === null ? [] : [{ ...one, found }];
        })
        .toSorted((left, right) => left.found - right.found || left.place - right.place)
        .slice(0, most)
        .map(({ medicine }) => medicine);
    },
  };
}

/** Syllables of pinyin without tones, at least: runs of vowels. */
const syllables = (pinyin: string): number => (pinyin.match(/[aeiouv]+/g) ?? []).length;
