/** What a person says about who sees his records, and what that means in a store. Pure. */
import type { ConsentRule, StoredRule } from "../fhir/service.ts";
import type { ContactRelation } from "../patients/domain.ts";

/** About another institution: everything, all but the sensitive categories, nothing. About a category: hidden from all others, or not. */
export const recordChoices = ["all", "limited", "none", "hidden", "shown"] as const;
export type RecordChoice = (typeof recordChoices)[number];

/**
 * Sensitive categories with the labels that stand for them (HL7 v3-ActCode, InformationSensitivityPolicy).
 * A label of no category is kept from institutions with a limited permission only by its own rules.
 */
export const sensitiveCategories = {
  mental: ["PSY", "PSYTHPN", "MH"],
  sexual: ["SEX", "SDV", "REPRO"],
  infectious: ["HIV", "STD"],
  addiction: ["ETH", "ETHUD", "OPIOIDUD", "SUD"],
  genetic: ["GDIS", "SCA"],
} as const satisfies Record<string, readonly string[]>;
export type SensitiveCategory = keyof typeof sensitiveCategories;
export const categoryNames = Object.keys(sensitiveCategories) as SensitiveCategory[];

/** The newest word about each thing. */
export type StandingChoice = {
  readonly institutionId: string | null;
  readonly category: string | null;
  readonly choice: RecordChoice;
};

/** What somebody at a phone may do with a person's record. */
export type OwnRights = { readonly mayRead: boolean; readonly mayDecide: boolean };
const none: OwnRights = { mayRead: false, mayDecide: false };
const reads: OwnRights = { mayRead: true, mayDecide: false };
const both: OwnRights = { mayRead: true, mayDecide: true };

/**
 * Source: Personal Information Protection Law art. 31 (a guardian decides under 14), Civil Code art. 17
 * (of age at 18). From 14 on the young person decides himself, his guardian reads until he is of age; a
 * near relative reads with what the grown-up agreed to at registration and decides nothing for him; a
 * neighbour or helper books and does not read.
 * @param ageYears null: not known; then nobody is taken for a guardian of a child
 */
export function rightsOf(relation: ContactRelation, ageYears: number | null): OwnRights {
  switch (relation) {
    case "self":
      return ageYears !== null && ageYears < 14 ? reads : both;
    case "guardian":
    case "mother":
    case "father":
      if (ageYears === null || ageYears >= 18) return none;
      return ageYears < 14 ? both : reads;
    case "spouse":
    case "child":
    case "relative":
      return ageYears !== null && ageYears >= 18 ? reads : none;
    default:
      return none;
  }
}

/** The most that any of these relations gives. */
export const bestRights = (
  relations: readonly ContactRelation[],
  ageYears: number | null,
): OwnRights => {
  const all = relations.map((one) => rightsOf(one, ageYears));
  return {
    mayRead: all.some((one) => one.mayRead),
    mayDecide: all.some((one) => one.mayDecide),
  };
};

export type WantedRule = Pick<ConsentRule, "recipient" | "label" | "decision">;

/**
 * Rules that the choices make at one keeper. A house always sees what it wrote itself: what is said about
 * an institution is not written into its own store.
 */
export function wantedRules(
  choices: readonly StandingChoice[],
  keeperId: string,
): readonly WantedRule[] {
  return choices.flatMap(({ institutionId, category, choice }): WantedRule[] => {
    if (category !== null)
      return choice === "hidden"
        ? labelsOf(category).map((label) => ({ recipient: null, label, decision: "deny" }))
        : [];
    if (institutionId === null || institutionId === keeperId) return [];
    // A refusal is written down, not only a permission ended: so allergies stay seen by who treats.
    if (choice === "none") return [{ recipient: institutionId, label: null, decision: "deny" }];
    return [
      { recipient: institutionId, label: null, decision: "permit" },
      ...(choice === "limited"
        ? Object.values(sensitiveCategories)
            .flat()
            .map((label): WantedRule => ({ recipient: institutionId, label, decision: "deny" }))
        : []),
    ];
  });
}

const labelsOf = (category: string): readonly string[] =>
  sensitiveCategories[category as SensitiveCategory] ?? [];

const ownSource = "own-choice";
/** Written by somebody's choice, as against a consult's consent or a registration. */
export const isOwnRule = (rule: Pick<StoredRule, "source">): boolean => rule.source === ownSource;
export const sourceOfOwnRule = ownSource;

/** What must change in a store so that its rules say what was chosen. */
export function rulesToChange(
  standing: readonly StoredRule[],
  choices: readonly StandingChoice[],
  keeperId: string,
): { readonly end: readonly StoredRule[]; readonly add: readonly WantedRule[] } {
  const wanted = wantedRules(choices, keeperId);
  const same = (one: WantedRule, other: WantedRule) =>
    one.recipient === other.recipient &&
    one.label === other.label &&
    one.decision === other.decision;
  const kept = new Set<WantedRule>();
  const end = standing.filter((rule) => {
    if (!isOwnRule(rule)) return isReplaced(rule, choices, keeperId);
    const one = wanted.find((each) => same(each, rule));
    if (!one || kept.has(one)) return true;
    kept.add(one);
    return false;
  });
  return { end, add: wanted.filter((one) => !kept.has(one)) };
}

/** The person's own word replaces what was said before about the same thing; consults keep their own. */
function isReplaced(
  rule: StoredRule,
  choices: readonly StandingChoice[],
  keeperId: string,
): boolean {
  if (rule.source?.startsWith("consult:")) return false;
  return choices.some(({ institutionId, category }) =>
    category !== null
      ? rule.recipient === null && rule.label !== null && labelsOf(category).includes(rule.label)
      : rule.recipient === institutionId && institutionId !== keeperId,
  );
}

/** What stands in a store about institutions and categories of which the person said nothing himself. */
export function earlierChoices(rules: readonly StoredRule[], at: Date): StandingChoice[] {
  const inForce = rules.filter(
    (rule) => !isOwnRule(rule) && rule.startsAt <= at && (rule.endsAt === null || rule.endsAt > at),
  );
  return inForce.flatMap((rule): StandingChoice[] => {
    if (rule.recipient !== null && rule.label === null)
      return [
        {
          institutionId: rule.recipient,
          category: null,
          choice: rule.decision === "permit" ? "all" : "none",
        },
      ];
    const category = categoryNames.find((name) => labelsOf(name).includes(rule.label ?? ""));
    return rule.recipient === null && category && rule.decision === "deny"
      ? [{ institutionId: null, category, choice: "hidden" }]
      : [];
  });
}
