/**
 * What a version of the triage rules may say: a small closed grammar, parsed once at the edge. Rules only
 * ever raise the answer, so none can shadow another. Pure.
 */
import { z } from "zod";
import {
  answers,
  type Comparable,
  comorbidities,
  comparable,
  comparableNames,
  consciousnessLevels,
  riskMedicines,
  triageSexes,
} from "./facts.ts";
import { triageOutcomes, triageUrgencies } from "./outcomes.ts";

const key = z.string().regex(/^[a-z][a-z0-9-]{1,39}$/);
const line = (most: number) => z.string().trim().min(1).max(most);
/** Chinese is the source; Tibetan awaits native review, null is still to be written. */
export const words = z.object({ zh: line(400), en: line(600), bo: line(900).nullable() }).strict();
export type Words = z.output<typeof words>;

/**
 * Where a rule comes from. `recalled`: not read in the source when it was written down. What was read has the
 * address of the page and the day; a page that reports a guideline is named as such.
 */
export const source = z
  .object({
    name: line(160),
    year: z.int().min(1980).max(2100),
    recalled: z.boolean(),
    address: z
      .url({ protocol: /^https$/ })
      .max(300)
      .optional(),
    readOn: z.iso.date().optional(),
  })
  .strict()
  .refine((one) => (one.address === undefined) === (one.readOn === undefined), {
    path: ["readOn"],
    error: "an address goes with the day it was read",
  })
  .refine((one) => !(one.recalled && one.address !== undefined), {
    path: ["recalled"],
    error: "what was read is not recalled",
  });
export type Source = z.output<typeof source>;

/** Whom it concerns; half-open in completed months. */
export const who = z
  .object({
    fromMonths: z.int().min(0).max(1800).nullable(),
    underMonths: z.int().min(0).max(1800).nullable(),
    sex: z.enum(triageSexes).nullable(),
  })
  .strict();
export type Who = z.output<typeof who>;

/** Units that may be written, and what a number in them is in the measure's own unit. */
const factors: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  mo: { mo: 1, a: 12 },
  h: { h: 1, d: 24 },
};
export const unitsOf = (name: Comparable): readonly string[] =>
  Object.keys(factors[comparable[name]] ?? { [comparable[name]]: 1 });
export const inOwnUnit = (name: Comparable, number: number, unit: string): number =>
  number * (factors[comparable[name]]?.[unit] ?? 1);

const comparison = z
  .object({
    value: z.enum(comparableNames as [Comparable, ...Comparable[]]),
    op: z.enum([">=", "<"]),
    number: z.number().min(-500).max(100_000),
    unit: z.string().max(12),
    /** Asked for and not to be measured counts as if it were so. */
    orUnknown: z.literal(true).optional(),
  })
  .strict()
  .refine((one) => unitsOf(one.value).includes(one.unit), {
    path: ["unit"],
    error: "this measure is not in that unit",
  });
const leaf = z.union([
  comparison,
  z.object({ answer: key, in: z.array(z.enum(answers)).min(1).max(2) }).strict(),
  z.object({ has: z.array(z.enum(comorbidities)).min(1) }).strict(),
  z.object({ takes: z.array(z.enum(riskMedicines)).min(1) }).strict(),
  z.object({ sex: z.enum(triageSexes) }).strict(),
  z.object({ awake: z.array(z.enum(consciousnessLevels)).min(1) }).strict(),
]);
export type Leaf = z.output<typeof leaf>;
export type Condition =
  | Leaf
  | { all: readonly Condition[] }
  | { any: readonly Condition[] }
  | { not: Condition };

const maximumDepth = 5;
/** A tree of conditions, at most {@link maximumDepth} deep: what nobody can read, nobody can check. */
const tree = (depth: number): z.ZodType<Condition> =>
  depth === 0
    ? leaf
    : z.union([
        leaf,
        z
          .object({
            all: z
              .array(tree(depth - 1))
              .min(1)
              .max(12),
          })
          .strict(),
        z
          .object({
            any: z
              .array(tree(depth - 1))
              .min(1)
              .max(12),
          })
          .strict(),
        z.object({ not: tree(depth - 1) }).strict(),
      ]);
export const condition = tree(maximumDepth);

const decision = z
  .object({ outcome: z.enum(triageOutcomes), urgency: z.enum(triageUrgencies) })
  .strict()
  .refine((one) => (one.outcome === "emergency") === (one.urgency === "emergency"), {
    error: "an emergency is an emergency in both",
  })
  .refine((one) => one.outcome !== "home-advice" || one.urgency === "routine", {
    error: "whoever is to be seen soon does not stay at home",
  });
export type Decision = z.output<typeof decision>;

/** Null: whatever the complaint is. */
const complaints = z.array(key).min(1).max(60).nullable();

export const complaint = z
  .object({
    key,
    group: key,
    name: words,
    who: who.nullable(),
    /** What holds when no rule says more. */
    base: decision,
    because: words,
    /** What to do at home, and with which signs to come at once. */
    home: z.object({ care: words, warning: words }).strict().nullable(),
    /** Code of the specialty that sees it (GB/T: 诊疗科目), for the next step. */
    specialty: z.string().max(12).nullable(),
  })
  .strict();
export type Complaint = z.output<typeof complaint>;

/** Asked before anything else. "Don't know" leads somebody to a person at least today. */
export const redFlag = z
  .object({
    key,
    complaints,
    who: who.nullable(),
    ask: words,
    yes: decision,
    unknown: decision.refine((one) => one.urgency !== "routine", {
      error: "don't know is seen today",
    }),
    because: words,
    source,
  })
  .strict();
export type RedFlag = z.output<typeof redFlag>;

export const questionKinds = [
  "yes-no",
  "temperature",
  "pressure",
  "glucose",
  "oxygen",
  "duration",
] as const;
export const question = z
  .object({ key, complaints, who: who.nullable(), kind: z.enum(questionKinds), ask: words })
  .strict();
export type Question = z.output<typeof question>;

export const rule = z
  .object({
    key,
    complaints,
    who: who.nullable(),
    when: condition,
    /** A measured red flag: only a doctor who has examined decides otherwise. */
    redFlag: z.boolean(),
    outcome: z.enum(triageOutcomes),
    urgency: z.enum(triageUrgencies),
    /** The pressure is to be measured again after five minutes of rest. */
    remeasure: z.literal(true).optional(),
    specialty: z.string().max(12).nullable(),
    because: words,
    source,
  })
  .strict()
  .refine((one) => decision.safeParse({ outcome: one.outcome, urgency: one.urgency }).success, {
    path: ["urgency"],
    error: "urgency does not go with the outcome",
  });
export type Rule = z.output<typeof rule>;

export const triageContent = z
  .object({
    complaints: z.array(complaint).min(1).max(60),
    redFlags: z.array(redFlag).min(1).max(300),
    questions: z.array(question).max(200),
    rules: z.array(rule).max(1500),
    /** Red flags that this version leaves out on purpose. */
    dropped: z.array(z.object({ key, reason: line(400).min(10) }).strict()).max(50),
  })
  .strict()
  .superRefine((content, context) => {
    const keys = new Set<string>();
    const known = new Set(content.complaints.map((one) => one.key));
    const issue = (path: (string | number)[], message: string) =>
      context.addIssue({ code: "custom", path, message });
    for (const list of ["complaints", "redFlags", "questions", "rules"] as const)
      content[list].forEach((one, index) => {
        const named = list === "complaints" ? `complaint:${one.key}` : one.key;
        if (keys.has(named)) issue([list, index, "key"], "a key is used once");
        keys.add(named);
        if ("complaints" in one)
          for (const name of one.complaints ?? [])
            if (!known.has(name)) issue([list, index, "complaints"], "no such complaint");
      });
    content.complaints.forEach((one, index) => {
      if (one.base.outcome === "home-advice" && !one.home)
        issue(["complaints", index, "home"], "home advice carries warning signs");
    });
    const asked = new Set([...content.redFlags, ...content.questions].map((one) => one.key));
    content.rules.forEach((one, index) => {
      for (const name of answersIn(one.when))
        if (!asked.has(name)) issue(["rules", index, "when"], "nobody asks that question");
    });
  });
export type TriageContent = z.output<typeof triageContent>;

/** All leaves of a condition. */
export function leavesOf(one: Condition): Leaf[] {
  if ("all" in one) return one.all.flatMap(leavesOf);
  if ("any" in one) return one.any.flatMap(leavesOf);
  if ("not" in one) return leavesOf(one.not);
  return [one];
}

const answersIn = (one: Condition): string[] =>
  leavesOf(one).flatMap((part) => ("answer" in part ? [part.answer] : []));
