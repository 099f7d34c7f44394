/**
 * Ways of one alliance as a version (专科联盟转诊路径): whom they take, where to, what is wanted, and how it goes
 * on at home. Pure. Source: domain.md "Tiered care"; contents are the alliance's own and carry their source.
 */
import { criteriaMet, type TriggerMeasure, triggersReached, type WardFact } from "./domain.ts";
import type { ReferralDirection } from "./states.ts";

export const planStates = ["draft", "published"] as const;
export type PlanState = (typeof planStates)[number];

export type PlanWords = { zh: string; en: string; bo: string | null };
export type PlanReceiver = { institutionId: string; departmentId: string | null };
/** A limit that is measured at home, or words that a person judges. */
export type PlanTrigger =
  | { code: string; kind: "value"; measure: TriggerMeasure; atLeast?: number; atMost?: number }
  | { code: string; kind: "words"; names: PlanWords };
export type PlanCriterion = {
  code: string;
  names: PlanWords;
  /** Ticked by itself when a measured value reaches a limit. */
  evidence: Record<string, { atLeast?: number; atMost?: number }> | null;
  /** Looked up by the ward in what is recorded; null: a person says so. */
  wardFact: WardFact | null;
};
export type PlanWay = {
  code: string;
  direction: ReferralDirection;
  names: PlanWords;
  /** Prefixes of the national list of specialties; empty: all. */
  specialtyCodes: string[];
  /** ICD-10 prefixes; a ward suggests the way for these alone. Empty: any diagnosis. */
  diagnosisPrefixes: string[];
  criteria: PlanCriterion[];
  /** Whoever is asked first first. */
  receivers: PlanReceiver[];
  wantedResults: PlanWords[];
  /** Days after coming home, ascending. */
  followUpDays: number[];
  returnTriggers: PlanTrigger[];
  source: string;
  /** Written from memory: a clinician has to look. */
  recalled: boolean;
};
export type PlanContent = { ways: PlanWay[] };

/** A version as it is read: one of before says nothing of diagnoses or of what a ward looks up. */
export const completeContent = ({ ways }: PlanContent): PlanContent => ({
  ways: ways.map((way) => ({
    ...way,
    diagnosisPrefixes: way.diagnosisPrefixes ?? [],
    criteria: way.criteria.map((one) => ({ ...one, wardFact: one.wardFact ?? null })),
  })),
});

/** A past referral of the alliance, without its person: what was measured and ticked, and who was asked. */
export type PlanCase = {
  /** Of the way it was written by; null for a way of every alliance. */
  code: string | null;
  direction: ReferralDirection;
  vitals: Readonly<Record<string, unknown>>;
  criteria: readonly { code: string; evidence: string | null }[];
  toInstitutionId: string | null;
  toDepartmentId: string | null;
  specialty: string | null;
  /** What follow-ups measured. */
  measured: readonly Readonly<Record<string, unknown>>[];
};

/** What a version says of a past referral. */
export type PlanJudgement = {
  way: string | null;
  /** Criteria that count: met by a value, or ticked by a person and still there. */
  criteria: string[];
  /** Its place among the houses that receive; null when it is not one of them; 0 when none are named. */
  place: number | null;
  /** Triggers that a follow-up reached. */
  triggers: string[];
};

/** The way of a version that a past referral would be written by. */
function wayFor(content: PlanContent, one: PlanCase): PlanWay | undefined {
  const ways = content.ways.filter((way) => way.direction === one.direction);
  return (
    ways.find((way) => way.code === one.code) ??
    ways.find((way) => way.specialtyCodes.some((code) => one.specialty?.startsWith(code)))
  );
}

/** How a version judges a past referral. */
export function judge(content: PlanContent, one: PlanCase): PlanJudgement {
  const way = wayFor(content, one);
  if (!way) return { way: null, criteria: [], place: null, triggers: [] };
  const met = new Set(
    criteriaMet(
      way.criteria.map(({ code, evidence }) => ({ code, evidence })),
      one.vitals,
    ).map(({ code }) => code),
  );
  const ticked = new Set(
    one.criteria.filter(({ evidence }) => evidence === null).map(({ code }) => code),
  );
  const position = way.receivers.findIndex(
    (each) =>
      each.institutionId === one.toInstitutionId &&
      (each.departmentId === null || each.departmentId === one.toDepartmentId),
  );
  const limits = way.returnTriggers.flatMap((each) => (each.kind === "value" ? [each] : []));
  return {
    way: way.code,
    criteria: way.criteria
      .map(({ code }) => code)
      .filter((code) => met.has(code) || ticked.has(code)),
    place: way.receivers.length === 0 ? 0 : position < 0 ? null : position + 1,
    triggers: [
      ...new Set(one.measured.flatMap((values) => triggersReached(limits, numbersOf(values), []))),
    ],
  };
}

const numbersOf = (values: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, number] => {
      return typeof entry[1] === "number";
    }),
  ) as Partial<Record<TriggerMeasure, number>>;

export type PlanChange = {
  at: number;
  before: PlanJudgement;
  after: PlanJudgement;
  /** It was taken, and would not be any more: no criterion is left, or the way is gone. */
  refused: boolean;
};

/** Past referrals that a draft judges otherwise; those that would not be taken any more first. */
export function compareOn(
  before: PlanContent,
  after: PlanContent,
  cases: readonly PlanCase[],
): PlanChange[] {
  const same = (left: PlanJudgement, right: PlanJudgement) =>
    left.way === right.way &&
    left.place === right.place &&
    left.criteria.toSorted().join() === right.criteria.toSorted().join() &&
    left.triggers.toSorted().join() === right.triggers.toSorted().join();
  return cases
    .flatMap((one, at) => {
      const was = judge(before, one);
      const now = judge(after, one);
      if (same(was, now)) return [];
      return [
        { at, before: was, after: now, refused: was.criteria.length > 0 && !now.criteria.length },
      ];
    })
    .toSorted((left, right) => Number(right.refused) - Number(left.refused) || left.at - right.at);
}

/** What keeps a version from being used. */
export const planFaults = [
  "no-criteria",
  "doubled-code",
  "no-limit",
  "limit-order",
  "down-without-follow-up",
  "foreign-receiver",
] as const;
export type PlanFault = (typeof planFaults)[number];

/**
 * What a draft lacks, way by way; a version with any of it is not published.
 * @param members institutions of the alliance: nobody outside is made to receive
 */
export function faultsOf(
  { ways }: PlanContent,
  members: readonly string[],
): { way: string; fault: PlanFault }[] {
  const codes = ways.map(({ code }) => code);
  return ways.flatMap((way) => {
    const found: PlanFault[] = [];
    const inside = way.criteria.map(({ code }) => code);
    const limits = [
      ...way.criteria.flatMap(({ evidence }) => Object.values(evidence ?? {})),
      ...way.returnTriggers.flatMap((one) => (one.kind === "value" ? [one] : [])),
    ];
    if (way.criteria.length === 0) found.push("no-criteria");
    if (
      codes.filter((code) => code === way.code).length > 1 ||
      new Set(inside).size < inside.length ||
      new Set(way.returnTriggers.map(({ code }) => code)).size < way.returnTriggers.length
    )
      found.push("doubled-code");
    if (limits.some((one) => one.atLeast === undefined && one.atMost === undefined))
      found.push("no-limit");
    // At least 30 and at most 9 leave a band between them; the other way round takes everybody.
    if (
      limits.some(
        ({ atLeast, atMost }) => atLeast !== undefined && atMost !== undefined && atLeast <= atMost,
      )
    )
      found.push("limit-order");
    if (way.direction === "down" && way.followUpDays.length === 0)
      found.push("down-without-follow-up");
    if (way.receivers.some((one) => !members.includes(one.institutionId)))
      found.push("foreign-receiver");
    return found.map((fault) => ({ way: way.code, fault }));
  });
}
