/** What a check says, and in which words. Tibetan awaits native review. */
import type { Grade, Source, Words } from "../formulary/domain.ts";

/** Sentences; `{name}` is filled in. */
const sentences = {
  "unknown-medicine": {
    zh: "本院药品目录里没有这个药",
    en: "This medicine is not in the formulary",
    bo: "སྨན་འདི་སྨན་ཐོའི་ནང་མེད།",
  },
  count: {
    zh: "一张处方最多 {most} 种药，现在有 {count} 种",
    en: "At most {most} medicines on one prescription; there are {count}",
    bo: "སྨན་ཐོ་གཅིག་ལ་སྨན་རིགས་ {most} ལས་མི་ཆོག ད་ལྟ་ {count} འདུག",
  },
  days: {
    zh: "{medicine}：{days} 天，这类处方最多 {most} 天",
    en: "{medicine}: {days} days; this kind of prescription allows {most}",
    bo: "{medicine} ཉིན་ {days} འདུག སྨན་ཐོ་འདིར་ཉིན་ {most} ལས་མི་ཆོག",
  },
  "long-assessment": {
    zh: "{medicine}：超过 {days} 天的长期处方须有评估、病历记录和患者签字",
    en: "{medicine}: beyond {days} days an assessment, a note in the chart and the patient's signature are needed",
    bo: "{medicine} ཉིན་ {days} ལས་བརྒལ་ན་དཔྱད་ཞིབ་དང་ནད་ཐོ། ནད་པའི་མིང་རྟགས་དགོས།",
  },
  "long-class": {
    zh: "{medicine} 不能开长期处方（{class}）",
    en: "{medicine} may not be prescribed for long ({class})",
    bo: "{medicine} ཡུན་རིང་གི་སྨན་ཐོར་མི་ཆོག ({class})",
  },
  "internet-class": {
    zh: "{medicine} 不能通过互联网开具（{class}）",
    en: "{medicine} may not be prescribed by internet ({class})",
    bo: "{medicine} དྲ་རྒྱ་བརྒྱུད་འབྲི་མི་ཆོག ({class})",
  },
  "special-form": {
    zh: "{medicine} 须用专用处方（{class}），这里不能开",
    en: "{medicine} needs a special prescription form ({class}) and cannot be written here",
    bo: "{medicine} ལ་དམིགས་བསལ་སྨན་ཐོ་དགོས། ({class}) འདིར་འབྲི་མི་ཐུབ།",
  },
  "internet-child": {
    zh: "不满 {years} 岁：须有监护人和相关专业医师在场",
    en: "Under {years}: a guardian and a doctor of the specialty must be there",
    bo: "ལོ་ {years} མ་ལོན། ལྟ་སྐྱོང་བ་དང་ཆེད་མཁས་སྨན་པ་འདུག་དགོས།",
  },
  "quantity-short": {
    zh: "{medicine}：数量 {quantity}{unit} 不够 {days} 天（需 {needed}{unit}）",
    en: "{medicine}: {quantity} {unit} do not last {days} days ({needed} needed)",
    bo: "{medicine} {quantity} {unit} ཉིན་ {days} ལ་མི་འདང་། {needed} དགོས།",
  },
  "quantity-long": {
    zh: "{medicine}：数量 {quantity}{unit} 可用约 {lasts} 天，超过处方天数",
    en: "{medicine}: {quantity} {unit} last about {lasts} days, longer than prescribed",
    bo: "{medicine} {quantity} {unit} ཉིན་ {lasts} ཙམ་ལ་འདང་བས་མང་དྲགས།",
  },
  "dose-single": {
    zh: "{medicine}：每次 {given}{measure}，超过单次最大量 {most}{measure}",
    en: "{medicine}: {given} {measure} at a time, above the most of {most} {measure}",
    bo: "{medicine} ཐེངས་རེར་ {given} {measure} མང་ཤོས་ {most} ལས་བརྒལ།",
  },
  "dose-daily": {
    zh: "{medicine}：每日共 {given}{measure}，超过每日最大量 {most}{measure}",
    en: "{medicine}: {given} {measure} a day in all, above the most of {most} {measure}",
    bo: "{medicine} ཉིན་རེར་ {given} {measure} མང་ཤོས་ {most} ལས་བརྒལ།",
  },
  "dose-no-limit": {
    zh: "{medicine}：目录中没有最大剂量，请自行核对",
    en: "{medicine}: no maximum dose is on file: check it yourself",
    bo: "{medicine} ཚད་མང་ཤོས་ཐོ་འགོད་མེད། རང་གིས་ཞིབ་བཤེར་གནང་།",
  },
  "child-no-dose": {
    zh: "{medicine}：目录中没有儿童剂量",
    en: "{medicine}: no child's dose is on file",
    bo: "{medicine} བྱིས་པའི་ཚད་ཐོ་འགོད་མེད།",
  },
  "weight-missing": {
    zh: "{medicine}：按体重用药，请先称体重",
    en: "{medicine}: dosed by weight: weigh the child first",
    bo: "{medicine} ལུས་ཀྱི་ལྗིད་ཚད་ལ་གཞིགས་དགོས། སྔོན་ལ་ལྗིད་ཚད་འཇལ།",
  },
  "age-missing": {
    zh: "不知道患者年龄，剂量按成人核对",
    en: "The age is not known: doses are checked as an adult's",
    bo: "ན་ཚོད་མི་ཤེས་པས་དར་མའི་ཚད་ལ་ཞིབ་བཤེར་བྱས།",
  },
  "min-age": {
    zh: "{medicine}：不满 {years} 岁——{effect}",
    en: "{medicine}: under {years}: {effect}",
    bo: "{medicine} ལོ་ {years} མ་ལོན། {effect}",
  },
  elder: {
    zh: "{medicine}：{years} 岁以上——{effect}",
    en: "{medicine}: {years} and over: {effect}",
    bo: "{medicine} ལོ་ {years} ཡན། {effect}",
  },
  "renal-avoid": {
    zh: "{medicine}：eGFR {egfr}，低于 {below} 时不用——{effect}",
    en: "{medicine}: eGFR {egfr}; not below {below}: {effect}",
    bo: "{medicine} eGFR {egfr} {below} ལས་དམའ་ན་མི་སྤྱོད། {effect}",
  },
  "renal-max": {
    zh: "{medicine}：eGFR {egfr}，低于 {below} 时每日最多 {most}{measure}，现为 {given}{measure}——{effect}",
    en: "{medicine}: eGFR {egfr}; below {below} at most {most} {measure} a day, now {given}: {effect}",
    bo: "{medicine} eGFR {egfr} {below} ལས་དམའ་ན་ཉིན་རེར་མང་ཤོས་ {most} {measure} ད་ལྟ་ {given} {effect}",
  },
  "renal-unknown": {
    zh: "{medicine}：剂量与肾功能有关，目前没有 eGFR",
    en: "{medicine}: its dose depends on the kidneys; no eGFR is known",
    bo: "{medicine} མཁལ་མའི་ནུས་པ་དང་འབྲེལ། eGFR མི་ཤེས།",
  },
  pregnancy: {
    zh: "{medicine}：孕妇——{effect}",
    en: "{medicine}: in pregnancy {effect}",
    bo: "{medicine} སྦྲུམ་མ། {effect}",
  },
  "pregnancy-unknown": {
    zh: "{medicine}：请先问是否怀孕——{effect}",
    en: "{medicine}: ask first about pregnancy: {effect}",
    bo: "{medicine} སྔོན་ལ་སྦྲུམ་མ་ཡིན་མིན་དྲིས། {effect}",
  },
  lactation: {
    zh: "{medicine}：哺乳期——{effect}",
    en: "{medicine}: while breast-feeding {effect}",
    bo: "{medicine} ནུ་ཞོ་སྣུན་སྐབས། {effect}",
  },
  allergy: {
    zh: "{medicine}：患者对“{allergy}”过敏——{effect}",
    en: "{medicine}: the patient is allergic to “{allergy}”: {effect}",
    bo: "{medicine} ནད་པར་ “{allergy}” ཕོག་ཐུག་ཡོད། {effect}",
  },
  "allergy-not-understood": {
    zh: "过敏记录“{allergy}”没有对上药物分类，请人工核对",
    en: "The allergy “{allergy}” matches no group: check it by hand",
    bo: "“{allergy}” ཕོག་ཐུག་དེ་སྨན་རིགས་དང་མ་མཐུན། མིས་ཞིབ་བཤེར་དགོས།",
  },
  "allergy-unknown": {
    zh: "没有读到过敏史，请先询问并记录",
    en: "Allergies could not be read: ask, and write it down",
    bo: "ཕོག་ཐུག་གི་ལོ་རྒྱུས་མི་ཤེས། སྔོན་ལ་དྲིས་ནས་འགོད་རོགས།",
  },
  "takes-unknown": {
    zh: "没有读到正在使用的药物，相互作用只核对了本处方",
    en: "What the patient takes already could not be read: only this prescription was checked",
    bo: "ད་ལྟ་འཐུང་བཞིན་པའི་སྨན་མི་ཤེས། སྨན་ཐོ་འདི་ཁོ་ན་ཞིབ་བཤེར་བྱས།",
  },
  "takes-not-understood": {
    zh: "正在使用的“{other}”没有对上药品目录，请人工核对",
    en: "“{other}”, which is taken already, matches no medicine: check it by hand",
    bo: "འཐུང་བཞིན་པའི་ “{other}” སྨན་ཐོ་དང་མ་མཐུན། མིས་ཞིབ་བཤེར་དགོས།",
  },
  "duplicate-substance": {
    zh: "{medicine} 与 {other} 含同一成分",
    en: "{medicine} and {other} hold the same substance",
    bo: "{medicine} དང་ {other} གྲུབ་ཆ་གཅིག་པ་ཡིན།",
  },
  "duplicate-class": {
    zh: "{medicine} 与 {other} 属同一类药",
    en: "{medicine} and {other} are of the same class",
    bo: "{medicine} དང་ {other} སྨན་རིགས་གཅིག་པ་ཡིན།",
  },
  interaction: {
    zh: "{medicine} 与 {other}：{effect}",
    en: "{medicine} with {other}: {effect}",
    bo: "{medicine} དང་ {other} {effect}",
  },
  "interaction-above": {
    zh: "{medicine} 与 {other}：{effect}；每日最多 {most}{measure}，现为 {given}{measure}",
    en: "{medicine} with {other}: {effect}; at most {most} {measure} a day, now {given}",
    bo: "{medicine} དང་ {other} {effect} ཉིན་རེར་མང་ཤོས་ {most} {measure} ད་ལྟ་ {given}",
  },
} as const satisfies Record<string, { zh: string; en: string; bo: string }>;

export type WarningCode = keyof typeof sentences;
export const warningCodes = Object.keys(sentences) as [WarningCode, ...WarningCode[]];

export type Warning = {
  /** The same thing about the same medicines has the same key: a reason that was given stays with it. */
  key: string;
  code: WarningCode;
  grade: Grade;
  /** Places of the lines that it is about; empty: the whole prescription. */
  lines: number[];
  source: Source;
  words: { zh: string; en: string; bo: string };
};

export type Params = Readonly<Record<string, string | number | Words>>;

const languages = ["zh", "en", "bo"] as const;

/** The sentence of a code in three languages. A name without a Tibetan form stays Chinese. */
export function say(code: WarningCode, params: Params): Warning["words"] {
  const fill = (language: (typeof languages)[number]) =>
    sentences[code][language].replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = params[name];
      if (value === undefined) return "";
      if (typeof value === "object") return value[language] ?? value.zh;
      return typeof value === "number" ? String(Math.round(value * 1000) / 1000) : value;
    });
  return { zh: fill("zh"), en: fill("en"), bo: fill("bo") };
}

/** Names of the classes, as a warning says them. */
export const classWords: Readonly<Record<string, { zh: string; en: string; bo: string }>> = {
  narcotic: { zh: "麻醉药品", en: "narcotic", bo: "སྦྲིད་སྨན།" },
  "psychotropic-1": {
    zh: "第一类精神药品",
    en: "psychotropic, class I",
    bo: "སེམས་ཁམས་སྨན་རིགས་དང་པོ།",
  },
  "psychotropic-2": {
    zh: "第二类精神药品",
    en: "psychotropic, class II",
    bo: "སེམས་ཁམས་སྨན་རིགས་གཉིས་པ།",
  },
  toxic: { zh: "医疗用毒性药品", en: "toxic", bo: "དུག་ཅན་སྨན།" },
  radioactive: { zh: "放射性药品", en: "radioactive", bo: "འཕྲོ་རླབས་སྨན།" },
  precursor: { zh: "易制毒化学品制剂", en: "precursor", bo: "དུག་རྫས་བཟོ་རྒྱུའི་སྨན།" },
  antimicrobial: { zh: "抗微生物药物", en: "antimicrobial", bo: "ཕྲ་སྲིན་འགོག་སྨན།" },
  "special-storage": { zh: "有特殊储存要求", en: "special storage", bo: "ཉར་ཚགས་དམིགས་བསལ་དགོས་པ།" },
};
