/**
 * Where to go and why: red flags first, then rules that only ever raise the answer. Pure: rules are data
 * (`grammar.ts`), compiled once and indexed by complaint.
 *
 * A condition is judged in two halves, "can be true" and "can be false": a known fact is one of them, an
 * unknown one both, what nobody asked neither. A rule fires when it can be true. So "don't know" never
 * leads lower than "no", and what was not asked proves nothing, negated or not.
 */
import { DomainError } from "../errors/domain-error.ts";
import {
  type Answer,
  type Comorbidity,
  comorbidities,
  type Facts,
  type Prepared,
  prepare,
  type RiskMedicine,
  riskMedicines,
} from "./facts.ts";
import type {
  Condition,
  Decision,
  Question,
  RedFlag,
  Rule,
  TriageContent,
  Who,
} from "./grammar.ts";
import { inOwnUnit, leavesOf } from "./grammar.ts";
import { triageOutcomes, triageUrgencies } from "./outcomes.ts";

export * from "./facts.ts";
export * from "./outcomes.ts";

/** Bit 1: can be true; bit 2: can be false. */
type Truth = number;
const yes = 1;
const no = 2;
const both = 3;
type Judge = (facts: Prepared) => Truth;

export type FiredRule = {
  key: string;
  redFlag: boolean;
  /** The red flag was answered "don't know". */
  unknown: boolean;
  decision: Decision;
  remeasure: boolean;
  specialty: string | null;
};
type Compiled = FiredRule & { judge: Judge; rank: number };
export type CompiledRules = {
  content: TriageContent;
  byComplaint: ReadonlyMap<
    string,
    { rules: readonly Compiled[]; base: Decision; specialty: string | null }
  >;
};

export type TriageDecision = Decision & {
  /** The most cautious first; empty when only the complaint's own answer holds. */
  fired: FiredRule[];
  redFlags: string[];
  remeasure: boolean;
  /** Code of the specialty that sees it. */
  specialty: string | null;
};

/** Of two answers the more cautious place and the sooner time, each by itself. */
export const raise = (one: Decision, other: Decision): Decision => ({
  outcome:
    triageOutcomes[
      Math.max(triageOutcomes.indexOf(one.outcome), triageOutcomes.indexOf(other.outcome))
    ]!,
  urgency:
    triageUrgencies[
      Math.max(triageUrgencies.indexOf(one.urgency), triageUrgencies.indexOf(other.urgency))
    ]!,
});

/** Whether an answer is at least as cautious as another, in place and in time. */
export const atLeast = (one: Decision, other: Decision): boolean =>
  triageOutcomes.indexOf(one.outcome) >= triageOutcomes.indexOf(other.outcome) &&
  triageUrgencies.indexOf(one.urgency) >= triageUrgencies.indexOf(other.urgency);

const rankOf = ({ outcome, urgency }: Decision): number =>
  triageOutcomes.indexOf(outcome) * 10 + triageUrgencies.indexOf(urgency);

const known = (holds: boolean): Truth => (holds ? yes : no);

function judgeOf(one: Condition): Judge {
  if ("all" in one) {
    const parts = one.all.map(judgeOf);
    return (facts) => {
      let truth = yes;
      for (const part of parts) {
        const next = part(facts);
        truth = (truth & next & yes) | ((truth | next) & no);
        if (truth === no) return no;
      }
      return truth;
    };
  }
  if ("any" in one) {
    const parts = one.any.map(judgeOf);
    return (facts) => {
      let truth = no;
      for (const part of parts) {
        const next = part(facts);
        truth = ((truth | next) & yes) | (truth & next & no);
      }
      return truth;
    };
  }
  if ("not" in one) {
    const part = judgeOf(one.not);
    return (facts) => {
      const truth = part(facts);
      return ((truth & yes) << 1) | ((truth & no) >> 1);
    };
  }
  if ("value" in one) {
    const limit = inOwnUnit(one.value, one.number, one.unit);
    const { value: name, op, orUnknown } = one;
    return ({ numbers, ageMonths }) => {
      const value = numbers[name];
      if (value === undefined) return name === "ageMonths" && ageMonths === null ? both : 0;
      if (value === "unknown") return orUnknown ? both : 0;
      return known(op === ">=" ? value >= limit : value < limit);
    };
  }
  if ("answer" in one) {
    return ({ answers }) => {
      const given = answers[one.answer];
      if (given === undefined) return 0;
      return given === "unknown" && !one.in.includes("unknown")
        ? both
        : known(one.in.includes(given));
    };
  }
  if ("has" in one)
    return ({ conditions }) =>
      conditions === null ? both : known(one.has.some((name) => conditions.includes(name)));
  if ("takes" in one)
    return ({ medicines }) =>
      medicines === null ? both : known(one.takes.some((name) => medicines.includes(name)));
  if ("sex" in one) return ({ sex }) => (sex === null ? both : known(sex === one.sex));
  return ({ consciousness }) =>
    consciousness === null ? 0 : known(one.awake.includes(consciousness));
}

/** Whether something may concern a person: an age or sex that nobody knows is possible. */
export function concerns(
  who: Who | null,
  { ageMonths, sex }: Pick<Facts, "ageMonths" | "sex">,
): boolean {
  if (!who) return true;
  if (who.sex && sex && who.sex !== sex) return false;
  if (ageMonths === null) return true;
  return ageMonths >= (who.fromMonths ?? 0) && ageMonths < (who.underMonths ?? 1e9);
}

const flagged = (flag: RedFlag, given: Answer, decision: Decision): Compiled => ({
  key: flag.key,
  redFlag: true,
  unknown: given === "unknown",
  decision,
  remeasure: false,
  specialty: null,
  rank: rankOf(decision),
  judge: (facts) => known(facts.answers[flag.key] === given && concerns(flag.who, facts)),
});

function compiledRule(one: Rule): Compiled {
  const judge = judgeOf(one.when);
  const decision = { outcome: one.outcome, urgency: one.urgency };
  return {
    key: one.key,
    redFlag: one.redFlag,
    unknown: false,
    decision,
    remeasure: one.remeasure === true,
    specialty: one.specialty,
    rank: rankOf(decision),
    judge: one.who ? (facts) => (concerns(one.who, facts) ? judge(facts) : no) : judge,
  };
}

/** Compile a version once: the rules of each complaint, the most cautious first. */
export function compile(content: TriageContent): CompiledRules {
  const all = [
    ...content.redFlags.flatMap((flag) => [
      { of: flag.complaints, rule: flagged(flag, "yes", flag.yes) },
      { of: flag.complaints, rule: flagged(flag, "unknown", flag.unknown) },
    ]),
    ...content.rules.map((one) => ({ of: one.complaints, rule: compiledRule(one) })),
  ];
  return {
    content,
    byComplaint: new Map(
      content.complaints.map((complaint) => [
        complaint.key,
        {
          base: complaint.base,
          specialty: complaint.specialty,
          rules: all
            .filter(({ of }) => of === null || of.includes(complaint.key))
            .map(({ rule }) => rule)
            .toSorted(
              (one, other) => other.rank - one.rank || Number(other.redFlag) - Number(one.redFlag),
            ),
        },
      ]),
    ),
  };
}

/**
 * The decision: the most cautious of everything that fired.
 * @throws DomainError `triage.complaint` for one that the version does not know
 */
export const decide = (rules: CompiledRules, facts: Facts): TriageDecision =>
  decidePrepared(rules, prepare(facts));

export function decidePrepared(rules: CompiledRules, facts: Prepared): TriageDecision {
  const found = rules.byComplaint.get(facts.complaint);
  if (!found) throw new DomainError("triage.complaint");
  let answer: Decision = found.base;
  const fired: FiredRule[] = [];
  for (const one of found.rules) {
    if ((one.judge(facts) & yes) === 0) continue;
    answer = raise(answer, one.decision);
    const { judge: _judge, rank: _rank, ...said } = one;
    fired.push(said);
  }
  return {
    ...answer,
    fired,
    redFlags: fired.filter((one) => one.redFlag).map((one) => one.key),
    remeasure: fired.some((one) => one.remeasure),
    specialty: fired.find((one) => one.specialty)?.specialty ?? found.specialty,
  };
}

type Person = Pick<Facts, "ageMonths" | "sex">;
const about = (one: { complaints: readonly string[] | null }, complaint: string | null): boolean =>
  one.complaints === null || (complaint !== null && one.complaints.includes(complaint));

/** The red flags that somebody is asked, in order; those of everybody come before the complaint. */
export const redFlagsFor = (
  content: TriageContent,
  person: Person,
  complaint: string | null,
): RedFlag[] =>
  content.redFlags
    .filter((one) => about(one, complaint) && concerns(one.who, person))
    .toSorted((one, other) => Number(one.complaints !== null) - Number(other.complaints !== null));

export const questionsFor = (
  content: TriageContent,
  person: Person,
  complaint: string,
): Question[] =>
  content.questions.filter((one) => about(one, complaint) && concerns(one.who, person));

/**
 * What is still to be answered. An emergency ends the questions; a phone answers every question, a member
 * of staff at least the red flags.
 */
export function openQuestions(
  content: TriageContent,
  facts: Facts,
  askedBy: "phone" | "staff",
): string[] {
  const flags = redFlagsFor(content, facts, facts.complaint);
  const ended = flags.some((flag) => {
    const given = facts.answers[flag.key];
    return (
      (given === "yes" && flag.yes.outcome === "emergency") ||
      (given === "unknown" && flag.unknown.outcome === "emergency")
    );
  });
  if (ended) return [];
  const asked = [
    ...flags.map((one) => one.key),
    ...(askedBy === "phone"
      ? questionsFor(content, facts, facts.complaint)
          .filter((one) => one.kind === "yes-no")
          .map((one) => one.key)
      : []),
  ];
  return asked.filter((name) => facts.answers[name] === undefined);
}

/** The illnesses and medicines that a rule of the complaint asks for. */
export function historyFor(
  content: TriageContent,
  complaint: string,
): { conditions: Comorbidity[]; medicines: RiskMedicine[] } {
  const leaves = content.rules
    .filter((one) => about(one, complaint))
    .flatMap((one) => leavesOf(one.when));
  const has = new Set(leaves.flatMap((leaf) => ("has" in leaf ? leaf.has : [])));
  const takes = new Set(leaves.flatMap((leaf) => ("takes" in leaf ? leaf.takes : [])));
  return {
    conditions: comorbidities.filter((one) => has.has(one)),
    medicines: riskMedicines.filter((one) => takes.has(one)),
  };
}
