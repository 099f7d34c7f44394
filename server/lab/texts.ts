/**
 * What is sent or said to people about tests. Never a result, never "positive", never why: others may read
 * along on a shared phone, and nobody is suspected in writing. Tibetan words await native review.
 */
import type { Language } from "../identity/domain.ts";

export type Words = (language: Language) => string;
export type Place = { zh: string; en: string | null; bo: string | null; place: string };

const zone = "Asia/Shanghai";

function clock(language: Language, at: Date): string {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    month: "numeric",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(at);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? "";
  const time = `${part("hour")}:${part("minute")}`;
  if (language === "zh-CN") return `${part("month")}月${part("day")}日${time}`;
  if (language === "bo") return `ཟླ་${part("month")}ཚེས་${part("day")} ${time}`;
  return `${time} on ${part("day")}/${part("month")}`;
}

/** Please test again: where, until when, and what to have along. The same words whatever the cause. */
export function recallText(input: { place: Place; dueAt: Date; code: string | null }): Words {
  const { place, dueAt, code } = input;
  return (language) =>
    ({
      "zh-CN": `【医联】您之前的一次采样需要重新检测。请在${clock(language, dueAt)}前到${place.zh}（${place.place}）再采一次，不用预约，不收费，请带身份证${code ? `或报登记码 ${code}` : ""}。新结果出来前请戴好口罩，尽量少与人接触。来不了请打采样点电话或告诉社区。`,
      en: `[Yilian] Your earlier sample has to be tested again. Please come to ${place.en ?? place.zh} (${place.place}) before ${clock(language, dueAt)}: no booking, no charge; bring your identity card${code ? ` or say code ${code}` : ""}. Until the new result please wear a mask and keep apart from others. If you cannot come, tell the site or your community.`,
      bo: `【医联】ཁྱེད་ཀྱི་སྔོན་གྱི་དཔེ་ཚད་བསྐྱར་དུ་བརྟག་དགོས། ${clock(language, dueAt)} སྔོན་ལ་ ${place.bo ?? place.zh} (${place.place}) ལ་ཕེབས་རོགས། དུས་བཅད་མི་དགོས། རིན་མི་ལེན། ཐོབ་ཐང་ལག་ཁྱེར་འཁྱེར་རོགས${code ? ` ཡང་ན་ཨང་རྟགས་ ${code}` : ""}། གྲུབ་འབྲས་གསར་པ་མ་ཐོན་བར་ཁ་རས་གྱོན་རོགས། ཡོང་མི་ཐུབ་ན་སྡེ་ཁུལ་ལ་བརྡ་སྦྱོར་རོགས།`,
    })[language];
}

/** The reason went away before the person came. */
export const recallEndedText: Words = (language) =>
  ({
    "zh-CN": "【医联】之前请您再次采样的通知已取消，不用再来。结果请在“核酸”页面查看。",
    en: "[Yilian] You no longer need to be tested again. Look at your result under Tests.",
    bo: "【医联】བསྐྱར་དུ་དཔེ་ཚད་ལེན་དགོས་པའི་བརྡ་ཁྱབ་ཕྱིར་འཐེན་བྱས་ཟིན། ད་ལྟ་ཕེབས་མི་དགོས།",
  })[language];

/** A result is there; what it is stands on the page only. */
export const readyText: Words = (language) =>
  ({
    "zh-CN":
      "【医联】您的核酸检测结果已出，请打开“核酸”页面查看；不用手机的可凭纸质码和身份证询问。",
    en: "[Yilian] Your test result is ready: open Tests on your phone, or ask with your paper code and identity card.",
    bo: "【医联】ཁྱེད་ཀྱི་བརྟག་དཔྱད་གྲུབ་འབྲས་ཐོན་ཟིན། ཁ་པར་གྱི་ཤོག་ངོས་སུ་བལྟ་རོགས། ཡང་ན་ཤོག་བུའི་ཨང་རྟགས་དང་ཐོབ་ཐང་ལག་ཁྱེར་གྱིས་དྲི་རོགས།",
  })[language];

/** A result that was told does not hold: neither what it said nor what it says now. */
export const correctedText: Words = (language) =>
  ({
    "zh-CN":
      "【医联】您之前的一次核酸检测结果已由实验室更正，之前的结果凭证和打印的结果卡已作废。请打开“核酸”页面看新结果；不用手机的可凭纸质码和身份证询问。",
    en: "[Yilian] The laboratory has corrected an earlier test result of yours; its card, also on paper, counts no more. Open Tests to see the new one, or ask with your paper code and identity card.",
    bo: "【医联】ཁྱེད་ཀྱི་སྔོན་གྱི་བརྟག་དཔྱད་གྲུབ་འབྲས་ཤིག་བརྟག་དཔྱད་ཁང་གིས་བཅོས་ཟིན། སྔོན་གྱི་དཔང་རྟགས་དང་པར་བརྒྱབ་པའི་ཤོག་བྱང་རྩིས་མེད་ཡིན། ཁ་པར་གྱི་ཤོག་ངོས་སུ་གྲུབ་འབྲས་གསར་པ་བལྟ་རོགས། ཡང་ན་ཤོག་བུའི་ཨང་རྟགས་དང་ཐོབ་ཐང་ལག་ཁྱེར་གྱིས་དྲི་རོགས།",
  })[language];
