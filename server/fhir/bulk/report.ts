/** The report of an import as a table of comma-separated values, in words. Pure. */
import type { Language } from "../../identity/domain.ts";
import type { Fault, FaultReason } from "./import-items.ts";

type Words = Readonly<Record<Language, string>>;
const reasonWords: Readonly<Record<FaultReason, Words>> = {
  unreadable: {
    "zh-CN": "不是可以读取的 JSON",
    en: "Not readable JSON",
    bo: "ཀློག་ཐུབ་པའི་ JSON མ་རེད།",
  },
  "too-large": {
    "zh-CN": "一行太大，没有读取",
    en: "Too large to be read",
    bo: "ཆེ་དྲགས་པས་ཀློག་མ་ཐུབ།",
  },
  "no-resource": {
    "zh-CN": "不是 FHIR R4 资源",
    en: "Not a FHIR R4 resource",
    bo: "FHIR R4 ཡི་ཐོ་མ་རེད།",
  },
  "bundle-type": {
    "zh-CN": "不导入这种 Bundle",
    en: "This kind of Bundle is not imported",
    bo: "Bundle རིགས་འདི་ནང་འདྲེན་མི་བྱེད།",
  },
  "bad-id": {
    "zh-CN": "编号不符合 FHIR 规定",
    en: "The id is not a FHIR id, or not the one of the address",
    bo: "ཨང་འདི་ FHIR གྱི་ཨང་མ་རེད།",
  },
  invalid: {
    "zh-CN": "不符合 FHIR R4",
    en: "Does not follow FHIR R4",
    bo: "FHIR R4 དང་མི་མཐུན།",
  },
  "not-a-write": {
    "zh-CN": "导入只新增和更新，不做这个操作",
    en: "An import adds and updates; it does not do this",
    bo: "ནང་འདྲེན་གྱིས་སྣོན་པ་དང་བཅོས་པ་ཁོ་ན་བྱེད།",
  },
  twice: {
    "zh-CN": "同一个 Bundle 里重复出现",
    en: "Stands twice in the Bundle",
    bo: "Bundle གཅིག་གི་ནང་ཐེངས་གཉིས་འདུག",
  },
  reference: {
    "zh-CN": "条件引用没有对上唯一一份资料",
    en: "A conditional reference does not find exactly one resource",
    bo: "ཆ་རྐྱེན་གྱི་འབྲེལ་མཐུད་ཀྱིས་ཐོ་གཅིག་རྙེད་མ་སོང་།",
  },
  several: {
    "zh-CN": "同一标识对上了多份资料",
    en: "Several resources have this identifier or meet the condition",
    bo: "ངོས་འཛིན་ཨང་འདི་དང་མཐུན་པའི་ཐོ་མང་པོ་འདུག",
  },
  "with-others": {
    "zh-CN": "同一事务里有别的条目出错，整个事务没有导入",
    en: "Left out because another entry of the same transaction is faulty",
    bo: "ལས་དོན་གཅིག་པའི་ནང་གཞན་ཞིག་ནོར་བས་ཚང་མ་བཞག་པ་རེད།",
  },
  refused: {
    "zh-CN": "病历库没有接收",
    en: "The record store did not take it",
    bo: "ནད་ཐོའི་མཛོད་ཀྱིས་བསྡུ་མ་སོང་།",
  },
};
const heads: Readonly<Record<Language, readonly string[]>> = {
  "zh-CN": ["行", "条目", "类型", "编号", "原因", "说明"],
  en: ["Line", "Entry", "Type", "Id", "Reason", "Detail"],
  bo: ["ཐིག་ཕྲེང་།", "ནང་དོན།", "རིགས།", "ཨང་།", "རྒྱུ་མཚན།", "ཞིབ་ཕྲ།"],
};

/** With a byte order mark, so that Excel reads UTF-8; entries count from 1 for people. */
export function reportOf(faults: readonly Fault[], language: Language): string {
  const rows = faults.map((one) => [
    one.line,
    one.entry === null ? "" : one.entry + 1,
    one.type ?? "",
    one.id ?? "",
    reasonWords[one.reason][language],
    one.detail ?? "",
  ]);
  return `\uFEFF${[heads[language], ...rows].map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

/** A cell that begins like a formula is text (OWASP, CSV injection). */
function cell(value: string | number): string {
  const text = String(value);
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
