/**
 * Taking away who a patient is. Pure. Source: GB/T 37964-2019 (de-identification guide), HIPAA 45 CFR 164.514(b)(2) for
 * the list of identifiers and "90 and over"; small cells after the usual rule of statistics offices. What depends on
 * numbers is a dated parameter.
 */
import type { InstitutionKind } from "../directory/domain.ts";

export * from "./case-states.ts";

/** What was struck out of free text, by kind. */
export const struckKinds = [
  "name",
  "id",
  "phone",
  "date",
  "address",
  "institution",
  "contact",
  "number",
] as const;
export type StruckKind = (typeof struckKinds)[number];
export type Struck = { kind: StruckKind; text: string };

/** Everything that is known of the person and must not be read anywhere. */
export type Identity = {
  names: readonly string[];
  /** Names of houses, streets and villages that are known. */
  places: readonly { text: string; as: string }[];
  /** Day zero: dates are said as days from it. ISO. */
  dayZero: string;
};

const dayMs = 86_400_000;
const dayNumber = (iso: string) => Math.floor(Date.parse(`${iso}T00:00:00Z`) / dayMs);

/** A date as days from day zero: `第 0 天`, `第 −14 天`. */
export function offsetDay(iso: string, dayZero: string): string {
  const days = dayNumber(iso.slice(0, 10)) - dayNumber(dayZero);
  return `第 ${days < 0 ? `−${-days}` : days} 天`;
}

/** What stands for an age: years from 3 to 89, bands before and after. */
export function ageWords(birthDate: string | null, dayZero: string): string {
  if (!birthDate) return "年龄不详";
  const days = dayNumber(dayZero) - dayNumber(birthDate);
  const years = Math.floor(days / 365.25);
  if (years >= 90) return "90 岁及以上";
  if (years >= 3) return `${years} 岁`;
  if (years >= 1) return "1–2 岁";
  return days >= 30 ? "1–11 个月" : "新生儿";
}

/** A house by what it is, not by its name. */
export const placeWords: Readonly<Record<InstitutionKind, string>> = {
  hospital: "某医院",
  "community-centre": "某社区卫生服务中心",
  "county-centre": "某县级卫生机构",
  "township-clinic": "某乡镇卫生院",
  "rehabilitation-hospital": "某康复医院",
  "specialty-institute": "某专科机构",
  "disease-control": "某疾控中心",
  "nursing-home": "某养老机构",
};

type Rule = {
  kind: StruckKind;
  pattern: RegExp;
  as: (found: string, identity: Identity) => string;
};

const numberOf = (text: string) => Number(text.replaceAll(/\D/g, ""));
const wordsOfDate = (found: string, { dayZero }: Identity): string => {
  const [year, month, day] = found.match(/\d+/g)?.map(Number) ?? [];
  if (year === undefined || month === undefined) return "〔日期〕";
  // Two parts: month and day of the year of day zero.
  const parts =
    year > 1800
      ? ([year, month, day] as const)
      : ([Number(dayZero.slice(0, 4)), year, month] as const);
  const [y, m, d] = parts;
  if (d === undefined || m < 1 || m > 12 || d < 1 || d > 31) return "〔日期〕";
  const iso = `${y}-${String(m).padStart(2, "0")}-${String(d).padStart(2, "0")}`;
  return Number.isNaN(Date.parse(iso)) ? "〔日期〕" : offsetDay(iso, dayZero);
};

/** In this order: what is longer and surer first. */
const rules: readonly Rule[] = [
  {
    kind: "id",
    pattern:
      /(?<![\dA-Za-z])\d{6}(?:18|19|20)\d{2}(?:0\d|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx](?!\d)/g,
    as: () => "〔证件号〕",
  },
  {
    kind: "contact",
    pattern: /[\w.+-]+@[\w-]+(?:\.[\w-]+)+|https?:\/\/\S+/g,
    as: () => "〔联系方式〕",
  },
  {
    kind: "phone",
    pattern:
      /(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)|(?<!\d)0\d{2,3}[- ]?\d{7,8}(?!\d)/g,
    as: () => "〔电话〕",
  },
  {
    kind: "contact",
    pattern: /(?:微信|QQ|qq|wechat|WeChat)(?:号)?[：: ]*[\w-]{4,}/g,
    as: () => "〔联系方式〕",
  },
  {
    kind: "date",
    pattern:
      /(?<!\d)(?:19|20)\d{2}\s*(?:年|[-/.])\s*\d{1,2}\s*(?:月|[-/.])\s*\d{1,2}\s*日?(?!\d)|(?<!\d)\d{1,2}\s*月\s*\d{1,2}\s*[日号]/g,
    as: wordsOfDate,
  },
  {
    kind: "date",
    pattern: /(?<!\d)(?:19|20)\d{2}\s*年(?:\s*\d{1,2}\s*月)?/g,
    as: () => "〔日期〕",
  },
  {
    kind: "number",
    pattern:
      /(?:住院号|门诊号|病历号|病案号|床号|医保卡?号|社保卡?号|检查号|登记号|就诊卡号|条码号?|流水号|No\.?|NO\.?)[：:# ]*[A-Za-z0-9-]{2,}/g,
    as: () => "〔编号〕",
  },
  {
    kind: "address",
    pattern:
      /[\p{Script=Han}]{2,12}(?:省|自治区|市|州|盟|县|区|旗|镇|乡|街道|村|组|路|街|巷|弄|小区|新村|大院)(?:[\p{Script=Han}\dA-Za-z-]{0,20}(?:号|室|栋|楼|单元|组|村))*/gu,
    as: () => "〔地址〕",
  },
  {
    kind: "institution",
    pattern:
      /[\p{Script=Han}]{2,20}(?:人民医院|中心医院|中医院|藏医院|医院|卫生院|卫生室|卫生服务中心|诊所|学校|小学|中学|幼儿园|大学|公司|工厂|寺)/gu,
    as: () => "〔机构〕",
  },
  {
    kind: "name",
    pattern:
      /(?<=(?:姓名|患者|患儿|母亲|父亲|监护人|联系人|家属|医生|医师|签名|陪同|姑姑|奶奶|爷爷|叔叔)(?:叫|名叫|：|:|为|是))\s*[\p{Script=Han}·]{2,8}/gu,
    as: () => "〔姓名〕",
  },
];

/** Any house of its kind, or the own one: points at nobody. */
const harmless =
  /(?:本|该|某|外|当地|上级|下级|我|贵|基层|专科|综合)(?:医院|卫生院|卫生室|诊所|学校|公司|县|乡|镇|村|区|市)$/;
const firstSign = 0xe000;
const escapeRegExp = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

/**
 * Free text without who it is about, and what was struck out for a person to look at. A scan finds what it knows:
 * the preview is read by a person before anything is shown.
 */
export function scrub(text: string, identity: Identity): { text: string; struck: Struck[] } {
  const struck: Struck[] = [];
  let out = text.replaceAll(/[\ue000-\uf8ff]/g, "");
  const standIns: string[] = [];
  const known: { words: string; as: string; kind: StruckKind }[] = [
    ...identity.names.map((words) => ({ words, as: "患者", kind: "name" as const })),
    ...identity.places.map(({ text: words, as }) => ({ words, as, kind: "institution" as const })),
  ]
    .filter((one) => [...one.words.trim()].length >= 2)
    .toSorted((left, right) => right.words.length - left.words.length);
  for (const { words, as, kind } of known)
    out = out.replaceAll(new RegExp(escapeRegExp(words.trim()), "giu"), (found) => {
      struck.push({ kind, text: found });
      // A sign of its own until the end: what stands for a name is not judged again.
      return String.fromCharCode(firstSign + standIns.push(as) - 1);
    });
  for (const { kind, pattern, as } of rules)
    out = out.replaceAll(pattern, (found) => {
      if (harmless.test(found) || found.includes("〔")) return found;
      // "5 月 3 日" is a date, "24 月 1 日" is none.
      if (kind === "date" && numberOf(found) === 0) return found;
      struck.push({ kind, text: found });
      return as(found, identity);
    });
  return {
    text: out.replaceAll(
      /[\ue000-\uf8ff]/g,
      (sign) => standIns[sign.charCodeAt(0) - firstSign] ?? "",
    ),
    struck,
  };
}

/** How often a diagnosis is met: the longest prefix that is known. */
export type Frequency = { codePrefix: string; per100k: number };

export type SmallCell = {
  /** Nobody is picked out by what is shown; otherwise a second person has to look. */
  needsReview: boolean;
  reasons: ("rare-in-place" | "frequency-unknown" | "place-unknown" | "age" | "image")[];
  /** People of the place who have it, as far as the numbers go. */
  expected: number | null;
};

/**
 * Whether place and diagnosis together point at somebody: fewer than `least` people with it are expected among those who
 * live where the patient is from. What is not known counts as rare.
 */
export function smallCell(input: {
  codes: readonly string[];
  frequencies: readonly Frequency[];
  inhabitants: number | null;
  least: number;
  ageYears: number | null;
  images: number;
}): SmallCell {
  const reasons: SmallCell["reasons"] = [];
  let expected: number | null = null;
  if (input.inhabitants === null) reasons.push("place-unknown");
  for (const code of input.codes) {
    const known = input.frequencies
      .filter((one) => code.startsWith(one.codePrefix))
      .toSorted((left, right) => right.codePrefix.length - left.codePrefix.length)[0];
    if (!known) {
      if (!reasons.includes("frequency-unknown")) reasons.push("frequency-unknown");
      continue;
    }
    if (input.inhabitants === null) continue;
    const people = (known.per100k * input.inhabitants) / 100_000;
    expected = expected === null ? people : Math.min(expected, people);
  }
  if (expected !== null && expected < input.least) reasons.push("rare-in-place");
  if (input.ageYears !== null && (input.ageYears < 1 || input.ageYears >= 90)) reasons.push("age");
  if (input.images > 0) reasons.push("image");
  return { needsReview: reasons.length > 0, reasons, expected };
}
