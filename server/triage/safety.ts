/**
 * Whether a draft still does what red flags did before: every red flag, answered "yes" or "don't know" or
 * measured, must lead at least as high as in the version that counts, for everybody whom it concerned.
 * What does not comes back as a counter-example. Pure.
 */
import {
  atLeast,
  type CompiledRules,
  compile,
  concerns,
  decide,
  decidePrepared,
  redFlagsFor,
} from "./domain.ts";
import type { Comparable, Facts, Prepared } from "./facts.ts";
import { comparableNames } from "./facts.ts";
import {
  type Decision,
  inOwnUnit,
  leavesOf,
  type RedFlag,
  type Rule,
  type TriageContent,
  type Who,
} from "./grammar.ts";

export type Counterexample = {
  rule: string;
  /** Taken out, never asked or true any more (or from the beginning), or leading lower. */
  problem: "gone" | "unreachable" | "never-true" | "lower";
  complaint: string | null;
  ageMonths: number | null;
  sex: "female" | "male" | null;
  /** What was answered or measured. */
  given: Record<string, string | number>;
  was: Decision | null;
  now: Decision | null;
};

/** Months; grown-ups first, so that an example is mostly one. */
const usualAges = [600, 360, 780, 200, 960, 100, 30, 8, 2, 0];
const sexes = ["female", "male"] as const;
/** So many combinations of one rule are tried; a rule with more is judged by those. */
const mostCombinations = 2500;

/** Ages at and beside the borders of some people, and usual ones. */
const agesOf = (...people: (Who | null | undefined)[]): number[] =>
  [
    ...new Set([
      ...usualAges,
      ...people.flatMap((who) =>
        [who?.fromMonths, who?.underMonths].flatMap((age) =>
          typeof age === "number" ? [age - 1, age, age + 1] : [],
        ),
      ),
    ]),
  ].filter((age) => age >= 0 && age <= 1500);

type Person = { complaint: string; ageMonths: number; sex: "female" | "male" };
function* peopleOf(
  content: TriageContent,
  one: { complaints: readonly string[] | null; who: Who | null },
  ages: readonly number[],
): Generator<Person> {
  for (const complaint of content.complaints) {
    if (one.complaints && !one.complaints.includes(complaint.key)) continue;
    for (const sex of sexes)
      for (const ageMonths of ages) {
        const person = { complaint: complaint.key, ageMonths, sex };
        if (concerns(one.who, person) && concerns(complaint.who, person)) yield person;
      }
  }
}

const blank = {
  answers: {},
  values: {},
  consciousness: null,
  conditions: [],
  medicines: [],
} satisfies Partial<Facts>;

/** All that is unsafe in a draft, one example a red flag; empty when it may be published. */
export function findUnsafe(before: TriageContent | null, draft: TriageContent): Counterexample[] {
  const compiled = compile(draft);
  const dropped = new Set(draft.dropped.map((one) => one.key));
  const found: Counterexample[] = [];
  for (const flag of draft.redFlags) {
    if (!peopleOf(draft, flag, agesOf(flag.who)).next().done) continue;
    // Somebody of before says more than that nobody is left.
    const known = before?.redFlags.find((one) => one.key === flag.key);
    const example = before && known ? lostFlag(before, draft, compiled, known) : null;
    found.push(example ? { ...example, problem: "never-true" } : never(flag.key, flag.yes));
  }
  for (const rule of draft.rules)
    if (witnessesOf(draft, rule).next().done)
      found.push(never(rule.key, { outcome: rule.outcome, urgency: rule.urgency }));
  if (!before) return found;
  const known = new Set(found.map((one) => one.rule));
  for (const flag of before.redFlags) {
    if (dropped.has(flag.key) || known.has(flag.key)) continue;
    const example = lostFlag(before, draft, compiled, flag);
    if (example) found.push(example);
  }
  for (const rule of before.rules) {
    if (!rule.redFlag || dropped.has(rule.key) || known.has(rule.key)) continue;
    const example = lostRule(before, draft, compiled, rule);
    if (example) found.push(example);
  }
  return found;
}

const never = (rule: string, was: Decision): Counterexample => ({
  rule,
  problem: "never-true",
  complaint: null,
  ageMonths: null,
  sex: null,
  given: {},
  was,
  now: null,
});

function lostFlag(
  before: TriageContent,
  draft: TriageContent,
  compiled: CompiledRules,
  flag: RedFlag,
): Counterexample | null {
  const now = draft.redFlags.find((one) => one.key === flag.key);
  for (const person of peopleOf(before, flag, agesOf(flag.who, now?.who))) {
    for (const given of ["yes", "unknown"] as const) {
      const was = flag[given];
      const example = { rule: flag.key, ...person, given: { [flag.key]: given }, was };
      if (!now) return { ...example, problem: "gone", now: null };
      const there = compiled.byComplaint.has(person.complaint);
      if (!there || !redFlagsFor(draft, person, person.complaint).some((one) => one === now))
        return { ...example, problem: "unreachable", now: null };
      const led = decide(compiled, { ...blank, ...person, answers: { [flag.key]: given } });
      if (!atLeast(led, was))
        return {
          ...example,
          problem: "lower",
          now: { outcome: led.outcome, urgency: led.urgency },
        };
    }
  }
  return null;
}

function lostRule(
  before: TriageContent,
  draft: TriageContent,
  compiled: CompiledRules,
  rule: Rule,
): Counterexample | null {
  const was = { outcome: rule.outcome, urgency: rule.urgency };
  const there = draft.rules.some((one) => one.key === rule.key);
  for (const facts of witnessesOf(before, rule)) {
    const led = compiled.byComplaint.has(facts.complaint) ? decidePrepared(compiled, facts) : null;
    if (led && atLeast(led, was)) continue;
    return {
      rule: rule.key,
      problem: !there ? "gone" : led ? "lower" : "unreachable",
      complaint: facts.complaint,
      ageMonths: facts.ageMonths,
      sex: facts.sex,
      given: givenIn(facts),
      was,
      now: led ? { outcome: led.outcome, urgency: led.urgency } : null,
    };
  }
  return null;
}

function givenIn(facts: Prepared): Counterexample["given"] {
  const { ageMonths: _age, ...numbers } = facts.numbers;
  return {
    ...facts.answers,
    ...numbers,
    ...Object.fromEntries((facts.conditions ?? []).map((name) => [name, "yes"])),
    ...Object.fromEntries((facts.medicines ?? []).map((name) => [name, "yes"])),
    ...(facts.consciousness ? { consciousness: facts.consciousness } : {}),
  };
}

/** People of whom a rule is true, tried at and beside its own borders. */
function* witnessesOf(content: TriageContent, rule: Rule): Generator<Prepared> {
  const alone = compile({ ...content, redFlags: [], rules: [rule] });
  const leaves = leavesOf(rule.when);
  const choices: ((facts: Prepared) => Prepared)[][] = [];
  const ages: number[] = [];
  for (const name of comparableNames) {
    const limits = leaves.flatMap((leaf) =>
      "value" in leaf && leaf.value === name ? [inOwnUnit(name, leaf.number, leaf.unit)] : [],
    );
    if (limits.length === 0) continue;
    if (name === "ageMonths") {
      ages.push(...limits.flatMap((limit) => [limit - 1, limit, limit + 1]));
      continue;
    }
    const step = name === "temperature" || name === "glucose" ? 0.1 : 1;
    const values = [...new Set(limits.flatMap((limit) => [limit, limit - step]))];
    choices.push([
      (facts) => facts,
      ...values.map((value) => (facts: Prepared) => withNumber(facts, name, value)),
    ]);
  }
  for (const leaf of leaves) {
    if ("answer" in leaf)
      choices.push(
        (["no", "yes"] as const).map((given) => (facts) => ({
          ...facts,
          answers: { ...facts.answers, [leaf.answer]: given },
        })),
      );
    else if ("has" in leaf)
      choices.push([
        (facts) => facts,
        ...leaf.has.map((name) => (facts: Prepared) => ({
          ...facts,
          conditions: [...(facts.conditions ?? []), name],
        })),
      ]);
    else if ("takes" in leaf)
      choices.push([
        (facts) => facts,
        ...leaf.takes.map((name) => (facts: Prepared) => ({
          ...facts,
          medicines: [...(facts.medicines ?? []), name],
        })),
      ]);
    else if ("awake" in leaf)
      choices.push([
        (facts) => facts,
        ...leaf.awake.map((consciousness) => (facts: Prepared) => ({ ...facts, consciousness })),
      ]);
  }
  let tried = 0;
  for (const person of peopleOf(content, rule, [...agesOf(rule.who), ...ages])) {
    const start: Prepared = { ...blank, ...person, numbers: { ageMonths: person.ageMonths } };
    for (const facts of combine(start, choices)) {
      tried += 1;
      if (tried > mostCombinations) return;
      if (decidePrepared(alone, facts).fired.length > 0) yield facts;
    }
  }
}

const withNumber = (facts: Prepared, name: Comparable, value: number): Prepared => ({
  ...facts,
  numbers: { ...facts.numbers, [name]: value },
});

function* combine(
  facts: Prepared,
  [first, ...rest]: readonly ((facts: Prepared) => Prepared)[][],
): Generator<Prepared> {
  if (!first) yield facts;
  else for (const choose of first) yield* combine(choose(facts), rest);
}

export type Change = {
  /** Which case: a written one by its title, a past one by its place. */
  title: string | null;
  facts: Facts;
  before: Decision;
  after: Decision | null;
  lower: boolean;
};

/** Which cases a draft decides otherwise; the lower ones first. */
export function compareOn(
  before: CompiledRules,
  draft: CompiledRules,
  cases: readonly { title: string | null; facts: Facts }[],
): Change[] {
  const changes: Change[] = [];
  for (const { title, facts } of cases) {
    if (!before.byComplaint.has(facts.complaint)) continue;
    const was = decide(before, facts);
    const now = draft.byComplaint.has(facts.complaint) ? decide(draft, facts) : null;
    if (now && now.outcome === was.outcome && now.urgency === was.urgency) continue;
    changes.push({
      title,
      facts,
      before: { outcome: was.outcome, urgency: was.urgency },
      after: now ? { outcome: now.outcome, urgency: now.urgency } : null,
      lower: !now || !atLeast(now, was),
    });
  }
  return changes.toSorted((one, other) => Number(other.lower) - Number(one.lower));
}
