/** From chosen parts of a record to what is shown. Pure: whatever is read comes in, nothing goes out. */
import type { RecordItem } from "../records/service.ts";
import { type Identity, offsetDay, type Struck, scrub } from "./case-domain.ts";
import type { CaseLine } from "./case-schema.ts";
import type { CaseItemKind } from "./case-states.ts";

export type BuiltItem = {
  kind: CaseItemKind;
  title: string;
  lines: CaseLine[];
  struck: Struck[];
};

const sections = [
  ["warnings", "过敏与警示"],
  ["problems", "诊断与问题"],
  ["medicines", "用药"],
  ["results", "检验检查"],
] as const;

/** Value and unit as one; null for what has none. */
export function valueWords({ result, detail }: RecordItem): string | null {
  if (!result) return detail;
  const value = result.value ?? result.text;
  return value === null ? null : [String(value), result.unit].filter(Boolean).join(" ");
}

/** One item a section, in the order of every record, own words first. Names of houses are never taken along. */
export function buildItems(
  texts: readonly { title: string; text: string }[],
  chosen: readonly RecordItem[],
  identity: Identity,
): BuiltItem[] {
  const clean = (words: string, struck: Struck[]): string => {
    const found = scrub(words, identity);
    struck.push(...found.struck);
    return found.text;
  };
  const own = texts.map(({ title, text }): BuiltItem => {
    const struck: Struck[] = [];
    return {
      kind: "text",
      title: clean(title, struck),
      lines: [{ text: clean(text, struck), value: null, day: null, flag: null }],
      struck,
    };
  });
  const of = sections.flatMap(([section, title]): BuiltItem[] => {
    const items = chosen
      .filter((one) => one.section === section)
      .toSorted((left, right) => (left.date ?? "").localeCompare(right.date ?? ""));
    if (items.length === 0) return [];
    const struck: Struck[] = [];
    const lines = items.map((item): CaseLine => {
      const value = valueWords(item);
      return {
        text: clean(item.title, struck),
        value: value === null ? null : clean(value, struck),
        day: item.date ? offsetDay(item.date, identity.dayZero) : null,
        flag: item.result?.flag ?? null,
      };
    });
    return [{ kind: section, title, lines, struck }];
  });
  return [...own, ...of];
}
