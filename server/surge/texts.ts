/** What is said to somebody who is sent to another table. Tibetan words await native review. */
import type { Language } from "../identity/domain.ts";

/** The new table, that nothing is to be done again, and how many are ahead. */
export function movedText(person: {
  siteZh: string;
  siteEn: string | null;
  siteBo: string | null;
  from: number;
  to: number;
  ahead: number;
  code: string;
}): (language: Language) => string {
  const { from, to, ahead, code } = person;
  return (language) =>
    ({
      "zh-CN": `【医联】${person.siteZh}：请改到 ${to} 号采样台（原 ${from} 号），那里更快，前面还有 ${ahead} 人。一家人一起换，不用重新登记。码 ${code}。`,
      en: `[Yilian] ${person.siteEn ?? person.siteZh}: please go to table ${to} instead of ${from}; it is quicker, ${ahead} ahead of you. Your family moves with you, no new registration. Code ${code}.`,
      bo: `【医联】${person.siteBo ?? person.siteZh} དཔེ་ཚད་ལེན་སྟེགས་ ${to} པར་ཕེབས་རོགས། (སྔོན་མ་ ${from}) དེ་རུ་མགྱོགས་པ་ཡོད། མདུན་ལ་མི་ ${ahead} འདུག ནང་མི་མཉམ་དུ་འགྲོ། བསྐྱར་དུ་ཐོ་འགོད་མི་དགོས། ཨང་རྟགས་ ${code}`,
    })[language];
}
