/** How the starter's tables are written down: short forms for what repeats. */
import type { Comparable } from "../facts.ts";
import type { Condition, Decision, Question, RedFlag, Rule, Who, Words } from "../grammar.ts";
import { type SourceName, sources } from "./sources.ts";

export type Three = readonly [zh: string, en: string, bo: string | null];
export const say = ([zh, en, bo]: Three): Words => ({ zh, en, bo });

const d = (outcome: Decision["outcome"], urgency: Decision["urgency"]): Decision => ({
  outcome,
  urgency,
});
/** At once: 120. */
export const E = d("emergency", "emergency");
/** Fever clinic, today. */
export const F = d("fever-clinic", "urgent");
/** A specialist today, or when convenient. */
export const S = d("specialist-slot", "urgent");
export const s = d("specialist-slot", "routine");
/** The community doctor asks a specialist. */
export const R = d("remote-consult", "urgent");
export const r = d("remote-consult", "routine");
/** The community doctor today, or when convenient. */
export const C = d("community-visit", "urgent");
export const c = d("community-visit", "routine");
/** At home, and asked a day later. */
export const H = d("home-advice", "routine");

export const years = (from: number | null, under: number | null, sex: Who["sex"] = null): Who => ({
  fromMonths: from === null ? null : from * 12,
  underMonths: under === null ? null : under * 12,
  sex,
});
export const months = (from: number | null, under: number | null): Who => ({
  fromMonths: from,
  underMonths: under,
  sex: null,
});
export const childbearing = years(12, 55, "female");

export const flag = (
  key: string,
  complaints: string | null,
  who: Who | null,
  yes: Decision,
  unknown: Decision,
  ask: Three,
  because: Three,
  from: SourceName,
): RedFlag => ({
  key,
  complaints: complaints?.split(" ") ?? null,
  who,
  ask: say(ask),
  yes,
  unknown,
  because: say(because),
  source: sources[from],
});

export const question = (
  key: string,
  complaints: string,
  who: Who | null,
  ask: Three,
  kind: Question["kind"] = "yes-no",
): Question => ({ key, complaints: complaints.split(" "), who, kind, ask: say(ask) });

export const rule = (
  key: string,
  complaints: string | null,
  when: Condition,
  to: Decision,
  because: Three,
  from: SourceName,
  more: { who?: Who; redFlag?: true; specialty?: string; remeasure?: true } = {},
): Rule => ({
  key,
  complaints: complaints?.split(" ") ?? null,
  who: more.who ?? null,
  when,
  redFlag: more.redFlag ?? false,
  ...to,
  ...(more.remeasure ? { remeasure: true as const } : {}),
  specialty: more.specialty ?? null,
  because: say(because),
  source: sources[from],
});

const units = {
  temperature: "Cel",
  glucose: "mmol/L",
  ageMonths: "mo",
  durationHours: "d",
} as const;
const unitOf = (name: Comparable): string =>
  name in units
    ? units[name as keyof typeof units]
    : /^(systolic|diastolic)/.test(name)
      ? "mm[Hg]"
      : /^oxygen/.test(name)
        ? "%"
        : name === "altitude"
          ? "m"
          : name === "pressureReadings"
            ? "1"
            : "/min";
/** At least; durations in days. */
export const ge = (value: Comparable, number: number): Condition => ({
  value,
  op: ">=",
  number,
  unit: unitOf(value),
});
export const lt = (value: Comparable, number: number): Condition => ({
  value,
  op: "<",
  number,
  unit: unitOf(value),
});
/** At least, or asked for and not to be measured. */
export const geOrUnknown = (value: Comparable, number: number): Condition => ({
  value,
  op: ">=",
  number,
  unit: unitOf(value),
  orUnknown: true,
});
export const is = (answer: string): Condition => ({ answer, in: ["yes"] });
export const all = (...parts: Condition[]): Condition => ({ all: parts });
export const any = (...parts: Condition[]): Condition => ({ any: parts });
