/**
 * What the page says while values are typed: criteria that they meet, triggers that they reach. The server
 * judges again by its own rules (server/referral/domain.ts); a test holds both together.
 */
import type {
  FollowUpKind,
  ReferralCriterion,
  ReturnTrigger,
  TriggerMeasure,
} from "../../server/referral/domain.ts";

export const followUpKinds = [
  "visit",
  "phone",
  "home",
  "test",
] as const satisfies readonly FollowUpKind[];
export const triggerMeasures = [
  "systolicMmHg",
  "diastolicMmHg",
  "temperatureCelsius",
  "pulsePerMinute",
  "breathsPerMinute",
  "spo2Percent",
  "weightKg",
] as const satisfies readonly TriggerMeasure[];

type Limit = { atLeast?: number | undefined; atMost?: number | undefined };
type Values = Readonly<Record<string, unknown>>;

function reaches(value: unknown, { atLeast, atMost }: Limit): boolean {
  if (typeof value !== "number") return false;
  return (atLeast !== undefined && value >= atLeast) || (atMost !== undefined && value <= atMost);
}

/** Codes of the triggers that are reached; those in words by who saw the patient. */
export function triggersReached(
  triggers: readonly ReturnTrigger[],
  measured: Values,
  ticked: readonly string[],
): string[] {
  return triggers
    .filter((one) =>
      one.kind === "words" ? ticked.includes(one.code) : reaches(measured[one.measure], one),
    )
    .map((one) => one.code);
}

/** Criteria that the measured values tick by themselves, with the value that did. */
export function criteriaMet(
  criteria: readonly { code: string; evidence: Record<string, Limit> | null }[],
  measured: Values,
): ReferralCriterion[] {
  return criteria.flatMap(({ code, evidence }) => {
    const met = Object.entries(evidence ?? {}).find(([name, limit]) =>
      reaches(measured[name], limit),
    );
    return met ? [{ code, evidence: `${met[0]} ${String(measured[met[0]])}` }] : [];
  });
}
