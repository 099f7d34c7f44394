/**
 * Names of people: one full-name field, in any script.
 *
 * Many Tibetans have a single name without a family name, so a name is never
 * split into given and family name. Tibetan and Chinese forms stand side by side.
 */

export const personNameProblems = ["empty", "length", "characters"] as const;
export type PersonNameProblem = (typeof personNameProblems)[number];

/** Longest stored name, in UTF-16 code units; stacked Tibetan letters take several each. */
export const PERSON_NAME_MAX_LENGTH = 100;

const TSHEG = "\u0f0b";
const TIBETAN = /\p{Script=Tibetan}/u;
const HAN = /\p{Script=Han}/u;
const graphemes = new Intl.Segmenter("zh", { granularity: "grapheme" });

/**
 * Stored form of a name: NFC, no invisible characters, single spaces, the
 * interpunct of transliterated names as U+00B7, the non-breaking tsheg as a plain
 * one, and no tsheg or shad at the end (people type it or not: `བཀྲ་ཤིས་` and
 * `བཀྲ་ཤིས` are one name). Idempotent.
 */
export function normalisePersonName(text: string): string {
  return text
    .normalize("NFC")
    .replace(/[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]/gu, "")
    .replace(/\s+/gu, " ")
    .replaceAll("\u0f0c", TSHEG)
    .replace(/\s*[•‧・･．]\s*(?=\p{Script=Han})/gu, "·")
    .replace(/^[\s\u0f0b]+|[\s\u0f0b\u0f0d\u0f0e]+$/gu, "")
    .normalize("NFC");
}

/**
 * Checks a name for registration; `value` is the stored form. Digits are allowed
 * (twins are registered as …之子1); markup and control characters are not.
 */
export function parsePersonName(
  text: string,
):
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly problem: PersonNameProblem } {
  const value = normalisePersonName(text);
  if (value === "") return { ok: false, problem: "empty" };
  if (value.length > PERSON_NAME_MAX_LENGTH) return { ok: false, problem: "length" };
  if (!/^[\p{L}\p{M}\p{N} ·་.'’()（）-]+$/u.test(value) || !/\p{L}/u.test(value)) {
    return { ok: false, problem: "characters" };
  }
  return { ok: true, value };
}

/** Syllables of a Tibetan name, split at the tsheg or a space, never by code point. */
export function tibetanSyllables(name: string): readonly string[] {
  return normalisePersonName(name)
    .split(/[་ །]+/u)
    .filter((syllable) => syllable !== "");
}

/**
 * Elements of Tibetan names as written in Chinese. A Chinese-script name made of
 * these only has no family name, although it looks like one with it.
 */
const TIBETAN_NAME_ELEMENTS =
  "扎西 次仁 次旦 次旺 次珍 次央 次吉 卓玛 卓嘎 央金 央宗 央吉 白玛 巴桑 达娃 尼玛 米玛 拉巴 普布 边巴 丹增 旦增 单增 多吉 格桑 洛桑 罗布 罗桑 强巴 曲珍 曲宗 曲扎 曲吉 索朗 索南 益西 旺堆 旺姆 旺久 旺扎 仁青 仁增 平措 晋美 加措 嘉措 坚赞 坚参 江村 欧珠 群培 群宗 群觉 德吉 德庆 桑珠 桑杰 班觉 班丹 贡嘎 贡布 顿珠 顿旦 土登 阿旺 色珍 拉姆 拉珍 琼达 仓决 仓木拉 西绕 赤列 朗杰 朗加 云丹 塔杰 占堆 玉珍 其美 措姆 吉宗".split(
    " ",
  );
const WHOLLY_TIBETAN_ELEMENTS = new RegExp(`^(?:${TIBETAN_NAME_ELEMENTS.join("|")})+$`, "u");

/**
 * True when the name probably has no family name: Tibetan script, one Latin word,
 * or Chinese made only of Tibetan name elements. Such patients are never merged
 * automatically without an identity number: thousands share a name. The list of
 * elements is not complete, so `false` is no licence to merge on the name alone.
 */
export function isSingleName(name: string): boolean {
  const value = normalisePersonName(name);
  if (TIBETAN.test(value)) return true;
  if (HAN.test(value)) return WHOLLY_TIBETAN_ELEMENTS.test(value.replace(/[· ]/gu, ""));
  return value !== "" && !value.includes(" ");
}

/**
 * Name for a call screen, shown beside the ticket: 张三 → 张*, 欧阳明月 → 欧**月,
 * བཀྲ་ཤིས་ཚེ་རིང → བཀྲ་**, Tashi Tsering → T*** T***. Stars do not count the hidden
 * letters of alphabetic names; graphemes and Tibetan syllables are never cut.
 */
export function maskPersonName(name: string): string {
  const value = normalisePersonName(name);
  if (TIBETAN.test(value)) {
    const [first, ...rest] = tibetanSyllables(value);
    return first !== undefined && rest.length > 0 ? `${first}${TSHEG}**` : "**";
  }
  if (HAN.test(value)) {
    const letters = [...graphemes.segment(value)].map((part) => part.segment);
    const first = letters[0] ?? "";
    if (letters.length <= 1) return "*";
    if (letters.length === 2) return `${first}*`;
    return `${first}${letters.length === 3 ? "*" : "**"}${letters.at(-1) ?? ""}`;
  }
  return value === ""
    ? "*"
    : value
        .split(" ")
        .map((word) => `${[...graphemes.segment(word)][0]?.segment ?? ""}***`)
        .join(" ");
}
