/** Words of a printed summary. Tibetan awaits native review, as everywhere. */
import type { IpsLanguage } from "../../fhir-mappings/ips-words.ts";

type Words = {
  readonly name: string;
  readonly born: string;
  readonly sex: string;
  readonly made: string;
  readonly unknown: string;
  readonly footer: string;
  readonly demo: string;
  readonly separator: string;
  readonly sexes: Readonly<Record<"female" | "male" | "other" | "unknown", string>>;
  readonly more: (count: number) => string;
  readonly missing: (names: string) => string;
};

export const summaryWords: Readonly<Record<IpsLanguage, Words>> = {
  "zh-CN": {
    name: "姓名",
    born: "出生",
    sex: "性别",
    made: "下载日期",
    unknown: "未登记",
    footer: "由患者本人从医联下载。内容以各医院原件为准。",
    demo: "演示数据，人物均为虚构。",
    separator: "、",
    sexes: { female: "女", male: "男", other: "其他", unknown: "未登记" },
    more: (count) => `另有 ${count} 项，见电子版。`,
    missing: (names) => `下载时没有答复，未包括：${names}。`,
  },
  en: {
    name: "Name",
    born: "Born",
    sex: "Sex",
    made: "Downloaded on",
    unknown: "not recorded",
    footer: "Downloaded from Yilian by the patient. The hospitals' originals count.",
    demo: "Demonstration data: the people are invented.",
    separator: ", ",
    sexes: { female: "female", male: "male", other: "other", unknown: "not recorded" },
    more: (count) => `${count} more are in the electronic file.`,
    missing: (names) => `Did not answer when this was made, and is not in it: ${names}.`,
  },
  bo: {
    name: "མིང་།",
    born: "སྐྱེས་ཚེས།",
    sex: "ཕོ་མོ།",
    made: "ཕབ་ལེན་ཚེས་གྲངས།",
    unknown: "ཐོ་འགོད་མེད།",
    footer: "ནད་པས་རང་གིས་ཕབ་ལེན་བྱས། སྨན་ཁང་གི་མ་ཡིག་ལ་གཞིགས་དགོས།",
    demo: "དཔེ་སྟོན་གྱི་གཞི་གྲངས། མི་ཚང་མ་བཅོས་མ་ཡིན།",
    separator: "། ",
    sexes: { female: "མོ།", male: "ཕོ།", other: "གཞན།", unknown: "ཐོ་འགོད་མེད།" },
    more: (count) => `གཞན་ ${count} གློག་ཡིག་ནང་ཡོད།`,
    missing: (names) => `ལན་མ་བཏབ་པས་འདིའི་ནང་མེད། ${names}`,
  },
};
