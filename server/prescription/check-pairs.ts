/** Two medicines: the same substance, the same class, or an interaction; on the prescription and with what is taken. */
import { codesOf, effects, type Grade, type Interaction } from "../formulary/domain.ts";
import type { CheckWork, Item } from "./checks.ts";
import { nameOf, plainName } from "./checks.ts";
import { dailyAmount, exceeds } from "./dose.ts";
import { limitSources } from "./limits.ts";
import type { TakenFact } from "./patient-facts.ts";

/** Of the ATC code: the chemical group. */
const classLength = 5;
/** Given together on purpose, or not for what they do alone. */
const maySitTogether = ["A10A", "A11", "A12", "B05", "V"];

export function checkPairs(work: CheckWork): void {
  const { items, patient, add } = work;
  for (const [index, one] of items.entries())
    for (const other of items.slice(index + 1)) {
      same(work, one, { item: other, taken: null });
      interact(work, one, { item: other, taken: null });
    }
  if (patient.takes === null) {
    if (items.length > 0) add("takes-unknown", "note", { source: limitSources.house });
    return;
  }
  for (const taken of patient.takes) {
    if (taken.atcs.length === 0) {
      if (items.length > 0)
        add("takes-not-understood", "note", {
          subject: taken.text,
          source: limitSources.house,
          params: { other: taken.text },
        });
      continue;
    }
    for (const one of items) {
      // Renewed: what is taken already is what is prescribed again.
      if (taken.code === one.medicine.code) continue;
      same(work, one, { item: null, taken });
      interact(work, one, { item: null, taken });
    }
  }
}

type Other = { item: Item; taken: null } | { item: null; taken: TakenFact };
const atcsOf = ({ item, taken }: Other): readonly string[] =>
  item ? codesOf(item.medicine) : taken.atcs;
const namesOf = ({ item, taken }: Other) => (item ? nameOf(item.medicine) : plainName(taken.text));
const about = (one: Item, { item, taken }: Other) =>
  item ? { items: [one, item] } : { items: [one], subject: taken.text };

/** The substances themselves: of a combination its parts count, not the code of the combination. */
const substances = (atcs: readonly string[]): readonly string[] =>
  atcs.length > 1 ? atcs.slice(1) : atcs;

function same({ add }: CheckWork, one: Item, other: Other): void {
  const own = codesOf(one.medicine);
  const theirs = atcsOf(other);
  const params = { medicine: nameOf(one.medicine), other: namesOf(other) };
  const whole = (atc: string) => atc.length === 7;
  const shared = [...own, ...substances(own)].some(
    (atc) => whole(atc) && [...theirs, ...substances(theirs)].includes(atc),
  );
  if (shared) {
    // On one prescription it is a slip of the pen; with what is taken it may be a change of the dose.
    add("duplicate-substance", other.item ? "block" : "reason", {
      ...about(one, other),
      source: limitSources.house,
      params,
    });
    return;
  }
  const group = substances(own).some(
    (atc) =>
      atc.length >= classLength &&
      !maySitTogether.some((prefix) => atc.startsWith(prefix)) &&
      substances(theirs).some((each) => each.slice(0, classLength) === atc.slice(0, classLength)),
  );
  if (group)
    add("duplicate-class", "reason", { ...about(one, other), source: limitSources.house, params });
}

function interact(work: CheckWork, one: Item, other: Other): void {
  const { formulary, add } = work;
  const found = formulary.between(codesOf(one.medicine), atcsOf(other));
  if (!found) return;
  const { rule } = found;
  const above = amountAbove(found, one, other);
  if (above === "below") return;
  const grade: Grade = rule.grade;
  const [first, second] = found.firstIsA
    ? [nameOf(one.medicine), namesOf(other)]
    : [namesOf(other), nameOf(one.medicine)];
  add(above ? "interaction-above" : "interaction", grade, {
    ...about(one, other),
    source: formulary.source(rule.source),
    params: { medicine: first, other: second, effect: effects[rule.effect], ...above },
  });
}

/**
 * A rule that holds above a daily dose only.
 * @returns `"below"` when the dose is known and low enough; null when the rule names no dose or the dose is not known
 */
function amountAbove(
  { rule, firstIsA }: Interaction,
  one: Item,
  other: Other,
): { most: number; given: number; measure: string } | "below" | null {
  if (rule.value === null) return null;
  const item = firstIsA ? one : other.item;
  const given = item ? dailyAmount(item.medicine, item.line) : (other.taken?.dailyAmount ?? null);
  if (given === null) return null;
  return exceeds(given, rule.value)
    ? { most: rule.value, given, measure: item?.medicine.measure ?? "" }
    : "below";
}
