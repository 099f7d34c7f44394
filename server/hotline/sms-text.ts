/** What somebody answered by text message, and what is answered back. Pure. */
import type { Language } from "../identity/domain.ts";

export type SmsIntent = "confirm" | "cancel" | "keep" | "place";
export type SmsAnswer = {
  /** Null: nothing that is understood. */
  intent: SmsIntent | null;
  /** The booking's code, upper case; null when none was given. */
  code: string | null;
};

/** Letters of a booking code; see `bookingCode`. No vowels, so that hardly a word is one. */
const codeRun = /[2-9BCDFGHJKMNPQRSTVWXZ]/;
const codeLength = 6;

/** In this order: "don't cancel" is no cancelling, "confirm the cancelling" is. */
const words: readonly (readonly [SmsIntent, RegExp])[] = [
  ["keep", /不要?取消|别取消|不退|保留|DON'?T\s*CANCEL|DO\s*NOT\s*CANCEL|KEEP|ཕྱིར་འཐེན་མི་བྱེད|ཉར་རོགས/u],
  ["cancel", /取消|不来|来不了|不去|去不了|退号|退约|CANCEL|ཕྱིར་འཐེན|མི་ཡོང|ཡོང་མི་ཐུབ/u],
  ["place", /排队|排到|位置|几位|几个人|前面|到哪|QUEUE|PLACE|AHEAD|HOW LONG|གྲལ|གོ་རིམ|མདུན་ལ/u],
  [
    "confirm",
    /确认|确定|要的|同意|会来|好的?|行|可以|CONFIRM|YES|OKAY|\bOK\b|གཏན་འཁེལ|མོས་མཐུན|ཡོང་གི་ཡིན|འགྲིག/u,
  ],
];
const digits: Readonly<Record<string, SmsIntent>> = { "1": "confirm", "2": "cancel", "3": "place" };

/**
 * Reads an answer in Chinese, Tibetan or English: a word or a number (1 confirm, 2 cancel, 3 place), and
 * the code. Full-width letters, lower case, spaces and punctuation in between do not matter.
 */
export function parseSmsAnswer(text: string): SmsAnswer {
  // Quotes of our own hint ("回复“取消 …”") come along when somebody copies it.
  const tidy = text
    .normalize("NFKC")
    .toUpperCase()
    .replace(/[\u200b-\u200f\ufeff]/gu, "");
  const intent = words.find(([, pattern]) => pattern.test(tidy))?.[0] ?? null;
  const runs = tidy.match(/[0-9A-Z]+/g) ?? [];
  // Words of a language are no codes, whatever letters they have.
  const parts = runs.filter((run) => !/^(CANCEL|CONFIRM|QUEUE|PLACE|YES|OK|KEEP|AHEAD)$/.test(run));
  const found = codeIn(parts);
  return { intent: intent ?? found.intent, code: found.code };
}

function codeIn(parts: readonly string[]): SmsAnswer {
  const isCode = (run: string) =>
    run.length === codeLength && [...run].every((one) => codeRun.test(one));
  const lone = parts.find((part) => part in digits);
  const whole = parts.find(isCode);
  if (whole) return { code: whole, intent: lone ? digits[lone]! : null };
  // The number stuck to the code: "2K7M2PX", "K7M2PX2".
  for (const part of parts) {
    if (part.length !== codeLength + 1) continue;
    if (part[0]! in digits && isCode(part.slice(1)))
      return { code: part.slice(1), intent: digits[part[0]!]! };
    if (part.at(-1)! in digits && isCode(part.slice(0, codeLength)))
      return { code: part.slice(0, codeLength), intent: digits[part.at(-1)!]! };
  }
  // Typed in pieces: "K7M 2PX", perhaps with the number before or behind.
  const joined = parts.join("");
  if (isCode(joined)) return { code: joined, intent: null };
  if (joined.length === codeLength + 1) {
    if (joined[0]! in digits && isCode(joined.slice(1)))
      return { code: joined.slice(1), intent: digits[joined[0]!]! };
    if (joined.at(-1)! in digits && isCode(joined.slice(0, codeLength)))
      return { code: joined.slice(0, codeLength), intent: digits[joined.at(-1)!]! };
  }
  return { code: null, intent: lone ? digits[lone]! : null };
}

/** How often a phone is answered, so that two machines do not talk to each other. */
export const answerLimits = {
  /** Messages that are looked at, per phone and hour. */
  perHour: 20,
  /** Times that we say in this window that we did not understand. */
  helpWindowHours: 24,
  /** Refusals (a wrong code) that are answered, per phone and hour. */
  refusalsPerHour: 5,
  /** How long the question "cancel, really?" stands, minutes. */
  cancelMinutes: 30,
} as const;

type Say = Readonly<Record<Language, string>>;
const mark = (say: Say): Say => ({
  "zh-CN": `【医联】${say["zh-CN"]}`,
  en: `[Yilian] ${say.en}`,
  bo: `【医联】${say.bo}`,
});

/** What we answer. Times and places come in already put into words. */
export const replies = {
  confirmed: (code: string, when: Say, place: string) =>
    mark({
      "zh-CN": `已约好：${when["zh-CN"]}，${place}。预约码 ${code}。`,
      en: `Booked: ${when.en}, ${place}. Code ${code}.`,
      bo: `ངོས་འཛིན་བྱས་ཟིན། ${when.bo} ${place} ཨང་རྟགས་ ${code}`,
    }),
  askCancel: (code: string, when: Say) =>
    mark({
      "zh-CN": `要取消 ${when["zh-CN"]} 的预约吗？取消请在 30 分钟内再回复一次“取消 ${code}”；不取消就不用回复，号给您留着。`,
      en: `Cancel the visit of ${when.en}? To cancel, answer "CANCEL ${code}" once more within 30 minutes. Otherwise do nothing: the place is kept.`,
      bo: `${when.bo} ཀྱི་ངོས་འཛིན་ཕྱིར་འཐེན་བྱེད་དམ། བྱེད་ན་སྐར་མ་ ༣༠ ནང་“取消 ${code}”ཡང་བསྐྱར་སྐུར་རོགས། མི་བྱེད་ན་ལན་མི་དགོས། ཨང་ཉར་ཡོད།`,
    }),
  cancelled: (code: string, when: Say) =>
    mark({
      "zh-CN": `已取消：${when["zh-CN"]}，预约码 ${code}。要再约请打开“预约”或打热线。`,
      en: `Cancelled: ${when.en}, code ${code}. To book again open Appointments or call the hotline.`,
      bo: `ཕྱིར་འཐེན་བྱས་ཟིན། ${when.bo} ཨང་རྟགས་ ${code} ཡང་བསྐྱར་ངོས་འཛིན་བྱེད་ན་ཁ་པར་གཏོང་རོགས།`,
    }),
  kept: (code: string, when: Say) =>
    mark({
      "zh-CN": `没有取消，号给您留着：${when["zh-CN"]}。预约码 ${code}。`,
      en: `Nothing was cancelled, your place is kept: ${when.en}. Code ${code}.`,
      bo: `ཕྱིར་འཐེན་བྱས་མེད། ཨང་ཉར་ཡོད། ${when.bo} ཨང་རྟགས་ ${code}`,
    }),
  ahead: (code: string, ahead: number, time: string) =>
    mark({
      "zh-CN":
        ahead === 0
          ? `下一位就是您，请到诊室门口。预约码 ${code}。`
          : `前面还有 ${ahead} 位，大约 ${time} 到您。预约码 ${code}。`,
      en:
        ahead === 0
          ? `You are next: please wait at the door. Code ${code}.`
          : `${ahead} ahead of you, about ${time}. Code ${code}.`,
      bo:
        ahead === 0
          ? `རྗེས་མ་ཁྱེད་རང་ཡིན། སྒོ་འགྲམ་དུ་སྒུག་རོགས། ཨང་རྟགས་ ${code}`
          : `ཁྱེད་ཀྱི་མདུན་ལ་མི་ ${ahead} འདུག ཕལ་ཆེར་ ${time} ལ་ཁྱེད་ལ་སླེབས། ཨང་རྟགས་ ${code}`,
    }),
  called: (code: string, place: string) =>
    mark({
      "zh-CN": `正在叫您，请进 ${place}。预约码 ${code}。`,
      en: `You are being called: ${place}. Code ${code}.`,
      bo: `ཁྱེད་རང་འབོད་བཞིན་འདུག ${place} ལ་ཕེབས་རོགས། ཨང་རྟགས་ ${code}`,
    }),
  notYet: (code: string, when: Say) =>
    mark({
      "zh-CN": `还没有开始排队：${when["zh-CN"]}，到院签到后回复“排队 ${code}”可看前面几位。`,
      en: `You are not in the queue yet: ${when.en}. Check in on arrival, then answer "QUEUE ${code}".`,
      bo: `ད་དུང་གྲལ་བསྒྲིགས་མེད། ${when.bo} སྨན་ཁང་དུ་སླེབས་ནས་ཐོ་བཀོད་རྗེས་“排队 ${code}”སྐུར་རོགས།`,
    }),
  refused: (reason: Say, code: string) =>
    mark({
      "zh-CN": `没有办成：${reason["zh-CN"]}预约码 ${code}。`,
      en: `Not done: ${reason.en} Code ${code}.`,
      bo: `བྱེད་མ་ཐུབ། ${reason.bo} ཨང་རྟགས་ ${code}`,
    }),
  wrongCode: () =>
    mark({
      "zh-CN": "这部手机没有这个预约码，什么都没有改。请看一下短信里的六位预约码，或打热线。",
      en: "This phone has no booking with that code; nothing was changed. Look at the six characters in our message, or call the hotline.",
      bo: "ཁ་པར་འདིར་ཨང་རྟགས་དེ་མེད། གང་ཡང་བཅོས་མེད། འཕྲིན་ནང་གི་ཨང་རྟགས་ལ་གཟིགས་རོགས། ཡང་ན་ཁ་པར་གཏོང་རོགས།",
    }),
  help: (codes: readonly { code: string; when: Say }[]) => {
    const list = (language: Language) =>
      codes.map(({ code, when }) => `${code}（${when[language]}）`).join("；");
    const example = codes[0]?.code ?? "K7M2PX";
    return mark({
      "zh-CN": `没看懂您的短信，什么都没有改。请回复“确认”“取消”或“排队”加预约码，例如“排队 ${example}”。${codes.length > 0 ? `您的预约：${list("zh-CN")}。` : "也可以打热线。"}`,
      en: `We did not understand; nothing was changed. Answer CONFIRM, CANCEL or QUEUE and the code, for example "QUEUE ${example}". ${codes.length > 0 ? `Yours: ${list("en")}.` : "Or call the hotline."}`,
      bo: `ཁྱེད་ཀྱི་འཕྲིན་ཧ་མ་གོ གང་ཡང་བཅོས་མེད། “确认”“取消”“排队”གང་རུང་དང་ཨང་རྟགས་སྐུར་རོགས། དཔེར་ན་“排队 ${example}” ${codes.length > 0 ? list("bo") : ""}`,
    });
  },
} as const;
