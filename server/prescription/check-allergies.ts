/** Allergies, as people wrote them, against groups of medicines and the medicines' own names. */
import { type AllergyGroup, codesOf, effects, type Formulary } from "../formulary/domain.ts";
import type { CheckWork } from "./checks.ts";
import { nameOf } from "./checks.ts";
import { limitSources } from "./limits.ts";

/** Written where somebody was asked and has none. */
const none = /^(无|否认|没有|未发现|none|no known|nkda|nil)/i;
/** Not a medicine: kept in the record, of no matter here. */
const otherKinds =
  /花粉|尘螨|海鲜|虾|蟹|鱼|牛奶|鸡蛋|花生|坚果|芒果|酒精|乳胶|pollen|mite|seafood|milk|egg|peanut|nut|latex/i;

/** Groups that an allergy in words may mean. */
export function groupsOf(formulary: Formulary, text: string): AllergyGroup[] {
  const wanted = text.toLowerCase();
  return formulary.content.groups.filter((group) =>
    group.words.some((word) => wanted.includes(word)),
  );
}

export function checkAllergies({ formulary, items, patient, add }: CheckWork): void {
  if (patient.allergies === null) {
    if (items.length > 0) add("allergy-unknown", "reason", { source: limitSources.house });
    return;
  }
  for (const { text, past } of patient.allergies) {
    const wanted = text.toLowerCase().trim();
    if (past || wanted === "" || none.test(wanted)) continue;
    const groups = groupsOf(formulary, wanted);
    let named = false;
    for (const item of items) {
      const { medicine } = item;
      const names = [
        medicine.pinyin,
        substanceOf(medicine.zh),
        medicine.en.toLowerCase().split(" ")[0] ?? "",
      ];
      // The medicine itself is named.
      if (names.some((one) => one.length >= 2 && wanted.includes(one))) {
        named = true;
        add("allergy", "block", {
          items: [item],
          subject: wanted,
          source: limitSources.house,
          params: { medicine: nameOf(medicine), allergy: text, effect: effects["allergy-same"] },
        });
        continue;
      }
      const atcs = codesOf(medicine);
      const [rule] = groups
        .flatMap((group) =>
          formulary.content.rules.filter(
            (one) =>
              one.kind === "allergy" &&
              one.a === group.code &&
              atcs.some((atc) => atc.startsWith(one.b)),
          ),
        )
        .toSorted((left, right) => right.b.length - left.b.length);
      if (rule)
        add("allergy", rule.grade, {
          items: [item],
          subject: wanted,
          source: formulary.source(rule.source),
          params: { medicine: nameOf(medicine), allergy: text, effect: effects[rule.effect] },
        });
    }
    if (groups.length === 0 && !named && !otherKinds.test(wanted) && items.length > 0)
      add("allergy-not-understood", "reason", {
        subject: wanted,
        source: limitSources.house,
        params: { allergy: text },
      });
  }
}

const salts =
  /^(盐酸|硫酸氢|硫酸|苯磺酸|马来酸|富马酸|酒石酸|琥珀酸|磷酸|枸橼酸|甲磺酸|草酸|氢溴酸|糠酸|丁酸|醋酸|复方|注射用)/;
const formsOf =
  /(肠溶|缓释|控释|咀嚼|泡腾|分散)?(片|胶囊|颗粒|散|口服溶液|混悬液|注射液|滴眼液|滴耳液|乳膏|软膏|凝胶|乳胶剂|溶液|气雾剂|粉吸入剂|吸入气雾剂|鼻喷雾剂|喷雾剂|软胶囊|软胶丸|阴道片)$/;
/** 苯磺酸氨氯地平片 → 氨氯地平. */
export const substanceOf = (zh: string): string =>
  zh
    .replace(salts, "")
    .replace(formsOf, "")
    .replace(/(钠|钾|钙|镁)$/, "");
