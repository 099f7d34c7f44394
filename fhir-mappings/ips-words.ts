/** Words of a patient summary. Tibetan awaits native review, as everywhere. */
import type { IpsSectionName } from "./ips-sections.ts";

export const ipsLanguages = ["zh-CN", "en", "bo"] as const;
export type IpsLanguage = (typeof ipsLanguages)[number];
type Words = Readonly<Record<IpsLanguage, string>>;

export const ipsTitle: Words = {
  "zh-CN": "国际患者摘要",
  en: "International Patient Summary",
  bo: "རྒྱལ་སྤྱིའི་ནད་པའི་གནད་བསྡུས།",
};

export const ipsSectionTitles: Readonly<Record<IpsSectionName, Words>> = {
  allergies: { "zh-CN": "过敏与不良反应", en: "Allergies and intolerances", bo: "ཕོག་ཐུག་ནད་རིགས།" },
  problems: { "zh-CN": "现有疾病", en: "Problems", bo: "ད་ལྟའི་ནད།" },
  medications: { "zh-CN": "用药", en: "Medicines", bo: "སྨན་སྤྱོད་པ།" },
  immunizations: { "zh-CN": "预防接种", en: "Immunizations", bo: "སྔོན་འགོག་སྨན་ཁབ།" },
  results: { "zh-CN": "检查检验结果", en: "Results", bo: "བརྟག་དཔྱད་མཇུག་འབྲས།" },
  procedures: { "zh-CN": "手术与操作", en: "Procedures", bo: "གཤག་བཅོས།" },
  devices: { "zh-CN": "医疗器械", en: "Devices", bo: "སྨན་བཅོས་ཡོ་ཆས།" },
  vitalSigns: { "zh-CN": "生命体征", en: "Vital signs", bo: "ཚེ་སྲོག་གི་རྟགས།" },
  socialHistory: { "zh-CN": "个人史", en: "Social history", bo: "མི་སྒེར་གྱི་ལོ་རྒྱུས།" },
  pastProblems: { "zh-CN": "既往疾病", en: "Past problems", bo: "སྔར་གྱི་ནད།" },
};

/** Of a diagnosis that is not settled. */
export const ipsCertainty: Readonly<Record<"unconfirmed" | "provisional" | "differential", Words>> =
  {
    unconfirmed: { "zh-CN": "待查", en: "unconfirmed", bo: "གཏན་འཁེལ་མེད།" },
    provisional: { "zh-CN": "初步诊断", en: "provisional", bo: "ཐོག་མའི་ནད་གཞི་ངོས་འཛིན།" },
    differential: { "zh-CN": "待鉴别", en: "differential", bo: "དབྱེ་འབྱེད་དགོས།" },
  };

/** Why a section has no entry; it never says that there is nothing. */
export const ipsEmpty: Readonly<Record<"unavailable" | "withheld", Words>> = {
  unavailable: {
    "zh-CN": "联盟各机构没有这方面的记录，请询问本人。",
    en: "No institution of the alliance has anything about this: please ask the patient.",
    bo: "འབྲེལ་མཐུན་གྱི་སྨན་ཁང་ཚོར་འདིའི་ཐོ་མེད། ནད་པར་འདྲི་རོགས།",
  },
  withheld: {
    "zh-CN": "患者对查阅方保留了部分内容，请询问本人。",
    en: "The patient withholds a part from who asks: please ask the patient.",
    bo: "ནད་པས་ཁག་གཅིག་མི་སྟོན་པར་བཞག་འདུག ནད་པར་འདྲི་རོགས།",
  },
};
