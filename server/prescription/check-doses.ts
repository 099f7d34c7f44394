/** Too much at a time, too much a day, by age, weight and kidneys; the same substance of several lines is added up. */
import { codesOf, effects, type Rule } from "../formulary/domain.ts";
import type { CheckWork, Item } from "./checks.ts";
import { nameOf } from "./checks.ts";
import { dailyAmount, dependsOnKidneys, exceeds, limitsFor, singleAmount } from "./dose.ts";
import { limitSources } from "./limits.ts";

/** From this age unknown kidneys are asked about, months. */
const kidneyAgeMonths = 65 * 12;

export function checkDoses(work: CheckWork): void {
  const { items, patient, add } = work;
  const measured = items.filter((one) => one.medicine.amount !== null);
  if (patient.ageMonths === null && measured.length > 0)
    add("age-missing", "reason", { source: limitSources.house });
  for (const item of items) {
    checkLimits(work, item);
    checkKidneys(work, item);
  }
}

/** A day's amount of the substance over all lines that are counted in the same measure. */
function dailyOf(work: CheckWork, { medicine }: Item): number | null {
  const same = work.items.filter(
    (one) => one.medicine.atc === medicine.atc && one.medicine.measure === medicine.measure,
  );
  const amounts = same.map((one) => dailyAmount(one.medicine, one.line));
  return amounts.some((one) => one === null)
    ? null
    : amounts.reduce<number>((sum, one) => sum + (one ?? 0), 0);
}

function checkLimits(work: CheckWork, item: Item): void {
  const { patient, formulary, add } = work;
  const { medicine, line } = item;
  const single = singleAmount(medicine, line);
  const daily = dailyOf(work, item);
  if (single === null || daily === null) return;
  const source = formulary.source(medicine.source);
  const about = { items: [item], source };
  const name = nameOf(medicine);
  const limits = limitsFor(medicine, patient);
  if (limits === "weight") {
    add("weight-missing", "block", { ...about, params: { medicine: name } });
    return;
  }
  if (limits === "no-child-dose") {
    add("child-no-dose", "reason", { ...about, params: { medicine: name } });
    return;
  }
  const measure = medicine.measure ?? "";
  if (limits.single === null && limits.daily === null)
    add("dose-no-limit", "note", { ...about, params: { medicine: name } });
  if (limits.single !== null && exceeds(single, limits.single))
    add("dose-single", "block", {
      ...about,
      params: { medicine: name, given: single, most: limits.single, measure },
    });
  if (limits.daily !== null && exceeds(daily, limits.daily))
    add("dose-daily", "block", {
      ...about,
      params: { medicine: name, given: daily, most: limits.daily, measure },
    });
}

function checkKidneys(work: CheckWork, item: Item): void {
  const { patient, formulary, add } = work;
  const { medicine } = item;
  const atcs = codesOf(medicine);
  const { egfr } = patient;
  if (egfr === null) {
    const old = patient.ageMonths !== null && patient.ageMonths >= kidneyAgeMonths;
    if (old && dependsOnKidneys(formulary, medicine))
      add("renal-unknown", "note", {
        items: [item],
        source: limitSources.house,
        params: { medicine: nameOf(medicine) },
      });
    return;
  }
  const holds = (rule: Rule) => rule.value !== null && egfr < rule.value;
  // The lowest limit that is passed is the one that counts.
  const lowest = (rules: Rule[]) =>
    rules.filter(holds).toSorted((left, right) => (left.value ?? 0) - (right.value ?? 0))[0];
  const avoid = lowest(formulary.rulesFor("renal-avoid", atcs));
  if (avoid)
    add("renal-avoid", avoid.grade, {
      items: [item],
      source: formulary.source(avoid.source),
      params: {
        medicine: nameOf(medicine),
        egfr,
        below: avoid.value ?? 0,
        effect: effects[avoid.effect],
      },
    });
  const less = lowest(formulary.rulesFor("renal-max", atcs));
  const given = dailyOf(work, item);
  if (!less || given === null || avoid?.grade === "block") return;
  const most = Number(less.b);
  if (exceeds(given, most))
    add("renal-max", less.grade, {
      items: [item],
      source: formulary.source(less.source),
      params: {
        medicine: nameOf(medicine),
        egfr,
        below: less.value ?? 0,
        most,
        given,
        measure: medicine.measure ?? "",
        effect: effects[less.effect],
      },
    });
}
