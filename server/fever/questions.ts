/**
 * The words of the pre-triage questionnaire in three languages. A published version keeps its own copy
 * (`fever_policy.content`), so that an answer can always be read beside what was asked. Tibetan awaits
 * native review. `{days}`, `{cluster}`, `{temperature}` and `{areas}` are filled from the version's numbers.
 */
import { type conditions, type FeverRules, type QuestionId, questionIds } from "./domain.ts";
import { type EntryWords, starterEntry, starterVenues, type VenueWords } from "./venue-words.ts";

export type Words = { zh: string; en: string; bo: string };
export type FeverArea = Words;
export type FeverQuestion = {
  id: QuestionId;
  section: "red-flag" | "person" | "fever" | "exposure";
  kind: "choice" | "condition" | "temperature";
  text: Words;
  /** What helps to answer; empty where nothing is to be said. */
  hint: Words;
};
export type FeverContent = {
  areas: FeverArea[];
  questions: FeverQuestion[];
  /** What is said at the end; absent in versions of before, whose words stood in the code (venue-words.ts). */
  venues?: VenueWords;
  entry?: EntryWords;
};

const none: Words = { zh: "", en: "", bo: "" };
/** The rules that the words name. */
type WordedRules = Pick<
  FeverRules,
  "temperatureTenths" | "lookbackDays" | "clusterLeast" | "asksMarmots"
>;
type Template = Omit<FeverQuestion, "id">;

const templates: Readonly<Record<QuestionId, Template>> = {
  "red-breath": {
    section: "red-flag",
    kind: "choice",
    text: {
      zh: "现在喘不上气、嘴唇发紫，或者胸口剧痛吗？",
      en: "Is there trouble breathing now, blue lips, or severe chest pain?",
      bo: "ད་ལྟ་དབུགས་གཏོང་མི་ཐུབ་པའམ། མཆུ་སྔོན་པོ། ཡང་ན་བྲང་ཁར་ན་ཟུག་ཆེན་པོ་འདུག་གམ།",
    },
    hint: none,
  },
  "red-mind": {
    section: "red-flag",
    kind: "choice",
    text: {
      zh: "叫不醒、说胡话、抽筋，或者突然半边身子不能动吗？",
      en: "Hard to wake, confused, having a fit, or suddenly weak on one side?",
      bo: "གཉིད་ལས་མི་སད་པའམ། ཅ་ཅོ་སྨྲ་བ། རྩ་འཐེན་པ། ཡང་ན་གློ་བུར་དུ་ལུས་ཕྱེད་འགུལ་མི་ཐུབ་པ་འདུག་གམ།",
    },
    hint: none,
  },
  "red-bleeding": {
    section: "red-flag",
    kind: "choice",
    text: {
      zh: "大出血、咳血、吐血，或者脖子发硬、身上有按了不褪的紫红斑吗？",
      en: "Heavy bleeding, coughing or vomiting blood, a stiff neck, or purple spots that do not fade when pressed?",
      bo: "ཁྲག་མང་པོ་འཛག་པའམ། ཁྲག་ལུད་པ། ཁྲག་སྐྱུག་པ། སྐེ་རེངས་པ། ཡང་ན་མནན་ཀྱང་མི་ཡལ་བའི་དམར་སྨུག་གི་ཐིག་ལེ་འདུག་གམ།",
    },
    hint: none,
  },
  infant: {
    section: "person",
    kind: "choice",
    text: {
      zh: "是不满 3 个月的小宝宝吗？",
      en: "Is it a baby under 3 months?",
      bo: "ཟླ་བ་ ༣ མ་ལོན་པའི་ཕྲུ་གུ་ཡིན་ནམ།",
    },
    hint: none,
  },
  condition: {
    section: "person",
    kind: "condition",
    text: {
      zh: "有下面的情况吗？",
      en: "Is one of these true?",
      bo: "གཤམ་གྱི་གནས་ཚུལ་ཡོད་དམ།",
    },
    hint: {
      zh: "这些情况有自己的就诊通道。",
      en: "For these there is a way of their own.",
      bo: "གནས་ཚུལ་འདི་དག་ལ་རང་གི་ལམ་བུ་ཡོད།",
    },
  },
  temperature: {
    section: "fever",
    kind: "temperature",
    text: { zh: "现在体温多少？", en: "What is the temperature now?", bo: "ད་ལྟ་ལུས་དྲོད་ག་ཚོད་འདུག" },
    hint: {
      zh: "{temperature}℃ 及以上，过 2～3 分钟再量一次，填后一次。",
      en: "At {temperature} °C or more, measure again after 2–3 minutes and give the second one.",
      bo: "{temperature}℃ ལས་མཐོ་ན། སྐར་མ་ ༢ ནས་ ༣ རྗེས་ཡང་བསྐྱར་ཚད་དེ། ཕྱི་མ་དེ་འབྲི་རོགས།",
    },
  },
  "feels-hot": {
    section: "fever",
    kind: "choice",
    text: {
      zh: "摸着烫，或者发冷打寒战吗？",
      en: "Hot to the touch, or shivering with cold?",
      bo: "རེག་ན་ཚ་པོ་འདུག་གམ། ཡང་ན་གྲང་འདར་རྒྱག་གི་འདུག་གམ།",
    },
    hint: none,
  },
  "risk-area": {
    section: "exposure",
    kind: "choice",
    text: {
      zh: "最近 {days} 天，去过有疫情的地方吗？",
      en: "In the last {days} days, have you been where there is an outbreak?",
      bo: "ཉེ་བའི་ཉིན་ {days} ནང་། རིམས་ནད་ཡོད་པའི་ས་ཆར་སོང་མྱོང་ངམ།",
    },
    hint: { zh: "{areas}", en: "{areas}", bo: "{areas}" },
  },
  "contact-case": {
    section: "exposure",
    kind: "choice",
    text: {
      zh: "最近 {days} 天，接触过传染病病人吗？",
      en: "In the last {days} days, have you been near somebody with an infectious disease?",
      bo: "ཉེ་བའི་ཉིན་ {days} ནང་། འགོས་ནད་ཕོག་པའི་ནད་པར་འབྲེལ་གཏུག་བྱུང་ངམ།",
    },
    hint: none,
  },
  "contact-feverish": {
    section: "exposure",
    kind: "choice",
    text: {
      zh: "最近 {days} 天，接触过从疫区来、发烧或咳嗽的人吗？",
      en: "In the last {days} days, have you been near somebody with fever or cough who came from such a place?",
      bo: "ཉེ་བའི་ཉིན་ {days} ནང་། ནད་ཡུལ་ནས་ཡོང་བའི་ཚ་བའམ་གློ་ལུད་ཡོད་པའི་མི་ལ་འབྲེལ་གཏུག་བྱུང་ངམ།",
    },
    hint: none,
  },
  cluster: {
    section: "exposure",
    kind: "choice",
    text: {
      zh: "最近 {days} 天，家里、单位或学校里有 {cluster} 个人以上一起发烧吗？",
      en: "In the last {days} days, have {cluster} or more at home, work or school had a fever together?",
      bo: "ཉེ་བའི་ཉིན་ {days} ནང་། ཁྱིམ་དང་ལས་ཁུངས། སློབ་གྲྭ་བཅས་སུ་མི་ {cluster} ཡན་ཆད་མཉམ་དུ་ཚ་བ་རྒྱས་སམ།",
    },
    hint: none,
  },
  marmot: {
    section: "exposure",
    kind: "choice",
    text: {
      zh: "最近 {days} 天，碰过旱獭（雪猪），或者被跳蚤咬过、见过死老鼠死旱獭吗？",
      en: "In the last {days} days, have you touched a marmot, been bitten by fleas, or seen dead marmots or rats?",
      bo: "ཉེ་བའི་ཉིན་ {days} ནང་། འཕྱི་བར་རེག་པའམ། ལྗི་བས་བཟས་པ། ཡང་ན་ཤི་བའི་འཕྱི་བ་དང་ཙི་ཙི་མཐོང་བ་ཡོད་དམ།",
    },
    hint: {
      zh: "旱獭会传鼠疫，这个问题很要紧。",
      en: "Marmots can carry plague: this question matters.",
      bo: "འཕྱི་བས་བྱི་རིམས་འགོ་སྲིད། དྲི་བ་འདི་གལ་ཆེན་ཡིན།",
    },
  },
};

export const conditionWords: Readonly<Record<(typeof conditions)[number], Words>> = {
  none: { zh: "都没有", en: "None of these", bo: "གང་ཡང་མེད།" },
  pregnancy: { zh: "怀孕", en: "Pregnant", bo: "སྦྲུམ་མ།" },
  chemotherapy: {
    zh: "正在化疗，或免疫力很低",
    en: "In chemotherapy, or very low immunity",
    bo: "རྫས་སྨན་གྱིས་བཅོས་བཞིན་པ། ཡང་ན་ནད་འགོག་ནུས་པ་ཧ་ཅང་དམའ་བ།",
  },
  dialysis: { zh: "在做透析", en: "On dialysis", bo: "མཁལ་མའི་ཁྲག་གཙང་བྱེད་བཞིན་པ།" },
  unknown: { zh: "说不清", en: "Don't know", bo: "གསལ་པོ་མི་ཤེས།" },
};
export const choiceWords: Readonly<Record<"yes" | "no" | "unknown", Words>> = {
  yes: { zh: "是", en: "Yes", bo: "ཡོད།" },
  no: { zh: "不是", en: "No", bo: "མེད།" },
  unknown: { zh: "说不清", en: "Don't know", bo: "གསལ་པོ་མི་ཤེས།" },
};

/** The questions of a version with its numbers filled in. */
export function writeContent(
  rules: WordedRules,
  areas: readonly FeverArea[],
  said: { venues: VenueWords; entry: EntryWords } = {
    venues: starterVenues,
    entry: starterEntry,
  },
): FeverContent {
  const fill = (words: Words): Words => ({
    zh: fillIn(words.zh, rules, areas.map((one) => one.zh).join("、")),
    en: fillIn(words.en, rules, areas.map((one) => one.en).join(", ")),
    bo: fillIn(words.bo, rules, areas.map((one) => one.bo).join("། ")),
  });
  return {
    areas: [...areas],
    ...said,
    questions: questionIds
      .filter((id) => id !== "marmot" || rules.asksMarmots)
      .map((id) => {
        const { text, hint, ...rest } = templates[id];
        return { id, ...rest, text: fill(text), hint: fill(hint) };
      }),
  };
}

const fillIn = (text: string, rules: WordedRules, areas: string): string =>
  text
    .replaceAll("{days}", String(rules.lookbackDays))
    .replaceAll("{cluster}", String(rules.clusterLeast))
    .replaceAll("{temperature}", (rules.temperatureTenths / 10).toFixed(1))
    .replaceAll("{areas}", areas);

/**
 * The rules that every database starts with. Trigger, repeat, look-back, cluster and result times: domain.md,
 * Fever care. How long a block stands is recalled and set by each region.
 */
export const starterPolicies: readonly (FeverRules & {
  validFrom: string;
  areas: readonly FeverArea[];
  source: string;
})[] = [
  {
    region: "CN-31",
    validFrom: "2026-01-01",
    temperatureTenths: 373,
    repeatMinMinutes: 2,
    repeatMaxMinutes: 3,
    lookbackDays: 7,
    clusterLeast: 2,
    asksMarmots: false,
    blockHours: 72,
    resultMinHours: 4,
    resultMaxHours: 6,
    areas: [],
    source: "发热门诊设置管理规范；时限与暂停预约时长为回忆所得，待核对",
  },
  {
    region: "CN-54",
    validFrom: "2026-01-01",
    temperatureTenths: 373,
    repeatMinMinutes: 2,
    repeatMaxMinutes: 3,
    lookbackDays: 14,
    clusterLeast: 2,
    asksMarmots: true,
    blockHours: 72,
    resultMinHours: 4,
    resultMaxHours: 6,
    areas: [
      {
        zh: "日喀则的鼠疫疫源地",
        en: "the plague foci around Shigatse",
        bo: "གཞིས་རྩེའི་བྱི་རིམས་ཀྱི་ས་ཁུལ།",
      },
    ],
    source: "发热门诊设置管理规范；鼠疫控制应急预案；时限与暂停预约时长为回忆所得，待核对",
  },
];
