/**
 * Initials of the pinyin of Chinese text, as people type them to search:
 * 过敏性紫癜 → gmxzd.
 *
 * The reading comes from the pinyin order of CLDR (`zh-u-co-pinyin`): a
 * character's initial is that of the last boundary character sorted before it.
 * No dictionary is needed; a character with several readings gets its most
 * common one, so medical words that differ are listed below.
 */

// First character in pinyin order for each initial; i, u and v begin no syllable.
const BOUNDARIES: readonly (readonly [initial: string, first: string])[] = [
  ["a", "吖"],
  ["b", "八"],
  ["c", "嚓"],
  ["d", "咑"],
  ["e", "妸"],
  ["f", "发"],
  ["g", "旮"],
  ["h", "哈"],
  ["j", "丌"],
  ["k", "咔"],
  ["l", "垃"],
  ["m", "妈"],
  ["n", "拏"],
  ["o", "噢"],
  ["p", "趴"],
  ["q", "七"],
  ["r", "然"],
  ["s", "仨"],
  ["t", "他"],
  ["w", "屲"],
  ["x", "夕"],
  ["y", "丫"],
  ["z", "匝"],
];

/** Words whose reading in medicine is not the most common one of the character. */
const READINGS: readonly (readonly [word: string, initials: string])[] = [
  ["重复", "cf"],
  ["调节", "tj"],
  ["失调", "st"],
  ["咳", "k"],
  ["咯血", "kx"],
  ["卒中", "cz"],
];

const collator = new Intl.Collator("zh-u-co-pinyin");
const cache = new Map<string, string>();

function initialOf(character: string): string {
  if (/[a-z0-9]/i.test(character)) return character.toLowerCase();
  if (!/\p{Script=Han}/u.test(character)) return "";
  const known = cache.get(character);
  if (known !== undefined) return known;
  let initial = "";
  for (const [letter, first] of BOUNDARIES) {
    if (collator.compare(character, first) < 0) break;
    initial = letter;
  }
  cache.set(character, initial);
  return initial;
}

/**
 * Lower-case initials of a Chinese text; Latin letters and digits stay, everything
 * else is left out.
 */
export function pinyinInitials(text: string): string {
  let rest = text;
  let initials = "";
  while (rest !== "") {
    const special = READINGS.find(([word]) => rest.startsWith(word));
    if (special) {
      initials += special[1];
      rest = rest.slice(special[0].length);
      continue;
    }
    const character = String.fromCodePoint(rest.codePointAt(0) ?? 0);
    initials += initialOf(character);
    rest = rest.slice(character.length);
  }
  return initials;
}
