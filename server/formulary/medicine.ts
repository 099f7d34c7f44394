/** A formulary: medicines, the rules about them, where each rule comes from. Pure. Source: domain.md "Video visit". */
import type { EffectCode } from "./effects.ts";

export type Words = { zh: string; en: string; bo: string | null };

/** What a warning asks for: `block` is never passed over, `reason` with one, `note` is only said. */
export const grades = ["block", "reason", "note"] as const;
export type Grade = (typeof grades)[number];
/** The graver of two. */
export const graver = (one: Grade, other: Grade): Grade =>
  grades.indexOf(one) <= grades.indexOf(other) ? one : other;

/** Where a rule was read, or that it was written from memory. */
export type Source = {
  id: string;
  title: string;
  /** Null: recalled, to be checked. */
  address: string | null;
  /** Day on which the page was read, `YYYY-MM-DD`. */
  readOn: string | null;
};

export const medicineClasses = [
  "narcotic",
  "psychotropic-1",
  "psychotropic-2",
  "toxic",
  "radioactive",
  /** 易制毒: with ephedrines. */
  "precursor",
  "antimicrobial",
  /** Cold chain and the like. */
  "special-storage",
] as const;
export type MedicineClass = (typeof medicineClasses)[number];

export const medicineForms = [
  "tablet",
  "mr-tablet",
  "chewable",
  "effervescent",
  "capsule",
  "granules",
  "oral-liquid",
  "injection",
  "inhaler",
  "nasal-spray",
  "eye-drops",
  "ear-drops",
  "cream",
  "ointment",
  "gel",
  "solution",
  "enema",
  "suppository",
  "vaginal",
  "patch",
] as const;
export type MedicineForm = (typeof medicineForms)[number];
export const medicineRoutes = [
  "oral",
  "sublingual",
  "subcutaneous",
  "intramuscular",
  "inhaled",
  "nasal",
  "topical",
  "ocular",
  "aural",
  "rectal",
  "vaginal",
] as const;
export type MedicineRoute = (typeof medicineRoutes)[number];

export type Medicine = {
  code: string;
  zh: string;
  en: string;
  /** Letters alone, as people type them. */
  pinyin: string;
  atc: string;
  /** Substances of a combination that have a code of their own. */
  parts: string[];
  form: MedicineForm;
  strength: string;
  /** What is counted when it is given: 片, ml, 揿. */
  unit: string;
  /** Active substance of one unit, in `measure`; null where doses are not measured (creams, drops). */
  amount: number | null;
  measure: string | null;
  route: MedicineRoute;
  /** Usual units at a time, and times a day; a weekly one is 0.143. */
  dose: number;
  times: number;
  /** An adult's limits in `measure`; null: none on file. */
  maxSingle: number | null;
  maxDaily: number | null;
  /** A child's limits in `measure` per kilogram; null: no child's dose on file. */
  childSingle: number | null;
  childDaily: number | null;
  classes: MedicineClass[];
  /** Units of one pack. */
  pack: number;
  source: string;
};

export const ruleKinds = [
  "interaction",
  "pregnancy",
  "lactation",
  "min-age",
  "elder",
  "renal-avoid",
  "renal-max",
  "allergy",
] as const;
export type RuleKind = (typeof ruleKinds)[number];

/**
 * One rule about medicines by ATC prefix. `a` is the medicine (for `allergy` the group of what somebody is
 * allergic to), `b` the other one. `value` is an age in years, an eGFR in ml/min/1.73 m² below which it holds, or
 * for `interaction` the daily dose of `a` from above which it holds. A `renal-max` has the most that may be given
 * a day in `b`.
 */
export type Rule = {
  kind: RuleKind;
  a: string;
  b: string;
  value: number | null;
  grade: Grade;
  effect: EffectCode;
  source: string;
};

export type AllergyGroup = {
  code: string;
  names: Words;
  /** Words by which it is known in what people wrote. */
  words: string[];
};

export type FormularyContent = {
  medicines: Medicine[];
  rules: Rule[];
  groups: AllergyGroup[];
  sources: Source[];
};

export const formularyStates = ["draft", "published"] as const;
export type FormularyState = (typeof formularyStates)[number];

/** Anatomical, therapeutic, pharmacological, chemical group or substance of the ATC index. */
export const isAtc = (text: string): boolean =>
  /^[A-Z](\d{2}([A-Z]([A-Z](\d{2})?)?)?)?$/.test(text);

const prefixLengths = [7, 5, 4, 3, 1] as const;
/** A code and the groups above it, the nearest first. */
export const atcPrefixes = (atc: string): string[] =>
  prefixLengths.flatMap((length) => (atc.length >= length ? [atc.slice(0, length)] : []));

/** Every ATC code that a medicine answers to: its own and those of its substances. */
export const codesOf = (one: Pick<Medicine, "atc" | "parts">): string[] => [one.atc, ...one.parts];

export type Formulary = {
  readonly content: FormularyContent;
  readonly find: (code: string) => Medicine | undefined;
  readonly source: (id: string) => Source;
  readonly group: (code: string) => AllergyGroup | undefined;
  /** Rules of a kind that a medicine comes under by its first code, the nearest first. */
  readonly rulesFor: (kind: RuleKind, atcs: readonly string[]) => Rule[];
  /** The nearest rule about two medicines, whichever is named first. */
  readonly between: (one: readonly string[], other: readonly string[]) => Interaction | null;
};
/** A rule and whether the first of the two asked for is its `a`. */
export type Interaction = { rule: Rule; firstIsA: boolean };

const recalled: Source = { id: "recalled", title: "recalled", address: null, readOn: null };

/** Compile a version once: medicines by code, rules by kind and ATC prefix. */
export function compile(content: FormularyContent): Formulary {
  const medicines = new Map(content.medicines.map((one) => [one.code, one]));
  const sources = new Map(content.sources.map((one) => [one.id, one]));
  const groups = new Map(content.groups.map((one) => [one.code, one]));
  const byPrefix = new Map<string, Rule[]>();
  for (const rule of content.rules) {
    const key = `${rule.kind} ${rule.a}`;
    const known = byPrefix.get(key);
    if (known) known.push(rule);
    else byPrefix.set(key, [rule]);
  }
  const rulesFor = (kind: RuleKind, atcs: readonly string[]): Rule[] => {
    const found: Rule[] = [];
    for (const atc of atcs)
      for (const prefix of atcPrefixes(atc))
        for (const rule of byPrefix.get(`${kind} ${prefix}`) ?? [])
          if (!found.includes(rule)) found.push(rule);
    return found.toSorted((left, right) => right.a.length - left.a.length);
  };
  const directed = (one: readonly string[], other: readonly string[]) =>
    rulesFor("interaction", one).filter((rule) => other.some((atc) => atc.startsWith(rule.b)));
  return {
    content,
    find: (code) => medicines.get(code),
    source: (id) => sources.get(id) ?? recalled,
    group: (code) => groups.get(code),
    rulesFor,
    between: (one, other) => {
      const found: Interaction[] = [
        ...directed(one, other).map((rule) => ({ rule, firstIsA: true })),
        ...directed(other, one).map((rule) => ({ rule, firstIsA: false })),
      ];
      return (
        found.toSorted(
          (left, right) =>
            right.rule.a.length + right.rule.b.length - left.rule.a.length - left.rule.b.length ||
            grades.indexOf(left.rule.grade) - grades.indexOf(right.rule.grade),
        )[0] ?? null
      );
    },
  };
}

/** How many rules and doses were written from memory. */
export const recalledIn = ({ medicines, rules, sources }: FormularyContent): number => {
  const read = new Set(sources.filter((one) => one.address !== null).map((one) => one.id));
  return [...medicines, ...rules].filter((one) => !read.has(one.source)).length;
};
