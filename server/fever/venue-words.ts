/**
 * What is said to whom the questionnaire has led somewhere: the headline, what to do, how to come in. Rows of
 * the region's version (`fever_policy.content`); these are what every database starts with, and what versions
 * of before had. Tibetan awaits native review. `{temperature}` is filled from the version's number; each line is a sentence of its own.
 */
import type { FeverDecision } from "./domain.ts";
import type { Words } from "./questions.ts";

export const venueKeys = [
  "call-120",
  "urgent-infant",
  "urgent-chemotherapy",
  "stay-put",
  "fever-clinic",
  "ordinary",
] as const;
export type VenueKey = (typeof venueKeys)[number];
export const entryKeys = ["mask", "way", "bring"] as const;
export type EntryKey = (typeof entryKeys)[number];
/** A headline, and what to do. */
export type Said = { title: Words; how: Words };
export type VenueWords = Record<VenueKey, Said>;
export type EntryWords = Record<EntryKey, Said>;

export const starterVenues: VenueWords = {
  "call-120": {
    title: { zh: "马上打 120", en: "Call 120 now", bo: "ད་ལྟ་ 120 ལ་ཁ་པར་གཏོང་།" },
    how: {
      zh: "说清楚在哪里、哪里不舒服。不要自己走过去，也不用先约。\n等车时：开着门，平躺或半坐，身边别离人。",
      en: "Say where you are and what is wrong. Do not walk there yourself; nothing needs to be booked.\nWhile waiting: leave the door open, lie or half sit, do not stay alone.",
      bo: "གང་དུ་ཡོད་པ་དང་གང་ན་བ་གསལ་པོ་ལབ། རང་གིས་མ་འགྲོ མངགས་མི་དགོས།\nསྒུག་པའི་སྐབས། སྒོ་ཕྱེ་ནས་བཞག ཉལ་བའམ་ཕྱེད་སྡོད། གཅིག་པུར་མ་སྡོད།",
    },
  },
  "urgent-infant": {
    title: {
      zh: "现在就去医院急诊",
      en: "Go to an emergency department now",
      bo: "ད་ལྟ་སྨན་ཁང་གི་ཛ་དྲག་ཁང་ལ་སོང་།",
    },
    how: {
      zh: "不满 3 个月的宝宝发烧，要当天由儿科急诊看。不走发热门诊的队。\n路上变重了，就打 120。",
      en: "A baby under 3 months with a fever is seen today by a children's emergency department, not in the fever clinic's queue.\nIf it gets worse on the way, call 120.",
      bo: "ཟླ་བ་ ༣ མ་ལོན་པའི་ཕྲུ་གུར་ཚ་བ་རྒྱས་ན། དེ་རིང་བྱིས་པའི་ཛ་དྲག་ཁང་དུ་བསྟེན་དགོས།\nལམ་བར་དུ་ཇེ་ལྕི་གྱུར་ན་ 120 ལ་གཏོང་།",
    },
  },
  "urgent-chemotherapy": {
    title: {
      zh: "现在就去医院急诊",
      en: "Go to an emergency department now",
      bo: "ད་ལྟ་སྨན་ཁང་གི་ཛ་དྲག་ཁང་ལ་སོང་།",
    },
    how: {
      zh: "化疗期间发烧要尽快用药，请直接去急诊，告诉护士“正在化疗”。\n路上变重了，就打 120。",
      en: "A fever during chemotherapy needs treatment soon: go straight to emergency and say that you are in chemotherapy.\nIf it gets worse on the way, call 120.",
      bo: "རྫས་སྨན་བཅོས་སྐབས་ཚ་བ་རྒྱས་ན་མྱུར་དུ་སྨན་སྤྱོད་དགོས། ཐད་ཀར་ཛ་དྲག་ཁང་ལ་སོང་།\nལམ་བར་དུ་ཇེ་ལྕི་གྱུར་ན་ 120 ལ་གཏོང་།",
    },
  },
  "stay-put": {
    title: {
      zh: "先别出门，打这个电话",
      en: "Stay where you are and call this number",
      bo: "ཕྱི་ལ་མ་འགྲོ ཁ་པར་འདི་གཏོང་།",
    },
    how: {
      zh: "碰过旱獭又不舒服，要由专车来接。请留在屋里，戴口罩，和家人分开。",
      en: "After contact with marmots a vehicle comes to you. Stay indoors, wear a mask, keep apart from your family.",
      bo: "འཕྱི་བར་རེག་ནས་བདེ་པོ་མེད་ན་རླངས་འཁོར་གྱིས་བསུ་ཡོང་། ཁང་པའི་ནང་སྡོད། ཁ་རས་གྱོན།",
    },
  },
  "fever-clinic": {
    title: { zh: "请去发热门诊", en: "Please go to the fever clinic", bo: "ཚ་བའི་སྨན་ཁང་ལ་ཕེབས་རོགས།" },
    how: {
      zh: "不约也可以直接去，人多人少都会看。",
      en: "You may also just come: you are seen however busy it is.",
      bo: "མ་མངགས་ཀྱང་ཐད་ཀར་ཕེབས་ཆོག མི་མང་ཉུང་གང་ཡིན་ཡང་བལྟ་ངེས།",
    },
  },
  ordinary: {
    title: { zh: "可以看普通门诊", en: "An ordinary clinic is right", bo: "སྤྱིར་བཏང་སྨན་ཁང་དུ་ཆོག" },
    how: {
      zh: "没有发烧，也没有要紧的接触。\n24 小时后再量一次。到 {temperature}℃、喘、意识不清，马上重新做筛查或打 120。",
      en: "No fever and no worrying contact.\nMeasure again in 24 hours. At {temperature} °C, with trouble breathing or confusion, answer again at once or call 120.",
      bo: "ཚ་བ་མེད། གལ་ཆེའི་འབྲེལ་གཏུག་ཀྱང་མེད།\nཆུ་ཚོད་ ༢༤ རྗེས་ཡང་ཚད། {temperature}℃ དང་དབུགས་འཚང་བ་བྱུང་ན། ལམ་སེང་ཡང་བསྐྱར་ལན་འདེབས་པའམ་ 120 ལ་གཏོང་།",
    },
  },
};
export const starterEntry: EntryWords = {
  mask: {
    title: { zh: "戴好口罩", en: "Wear a mask", bo: "ཁ་རས་གྱོན།" },
    how: {
      zh: "您和陪的人都戴，进门到出门不摘。",
      en: "You and whoever comes along, all the time.",
      bo: "ཁྱེད་དང་མཉམ་འགྲོ་ཚང་མས་གྱོན།",
    },
  },
  way: {
    title: { zh: "不坐公交地铁", en: "No bus or metro", bo: "སྤྱི་སྤྱོད་རླངས་འཁོར་མ་སྡོད།" },
    how: {
      zh: "步行、骑车或自家车，开窗；最多一个人陪。",
      en: "Walk, cycle or drive with open windows; at most one person comes along.",
      bo: "རྐང་ཐང་། རྐང་འཁོར། ཡང་ན་རང་གི་རླངས་འཁོར། མཉམ་འགྲོ་མི་གཅིག་ལས་མི་ཆོག",
    },
  },
  bring: {
    title: { zh: "带上", en: "Bring", bo: "འཁྱེར་དགོས་པ།" },
    how: {
      zh: "身份证、医保卡、在吃的药、这部手机。",
      en: "Identity card, insurance card, your medicines, this phone.",
      bo: "ཐོབ་ཐང་ལག་ཁྱེར། སྨན་བཅོས་བྱང་བུ། ཟ་བཞིན་པའི་སྨན། ཁ་པར་འདི།",
    },
  },
};

/** Which words are for a decision. */
export function venueKeyOf(
  decision: Pick<FeverDecision, "venue" | "call120" | "stayPut" | "route">,
): VenueKey {
  if (decision.venue === "emergency")
    return decision.call120
      ? "call-120"
      : decision.route === "chemotherapy"
        ? "urgent-chemotherapy"
        : "urgent-infant";
  if (decision.venue === "ordinary") return "ordinary";
  return decision.stayPut ? "stay-put" : "fever-clinic";
}

/** With the version's number in it. */
export function saidWith(said: Said, temperatureTenths: number): Said {
  const fill = (text: string) =>
    text.replaceAll("{temperature}", (temperatureTenths / 10).toFixed(1));
  const words = ({ zh, en, bo }: Words): Words => ({ zh: fill(zh), en: fill(en), bo: fill(bo) });
  return { title: words(said.title), how: words(said.how) };
}
