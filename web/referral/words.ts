import type { ReturnTrigger, TriggerMeasure } from "../../server/referral/domain.ts";
import type { ReferralState } from "../../server/referral/states.ts";
import type { Tone } from "../design/components/status.tsx";
import type { Language } from "../i18n/areas.ts";
import type { Translate } from "../i18n/i18n.ts";
import type { Pathway } from "./queries.ts";

export const stateTone: Record<ReferralState, Tone> = {
  draft: "quiet",
  "patient-consented": "info",
  submitted: "info",
  "more-info-asked": "warn",
  accepted: "good",
  returned: "warn",
  redirected: "info",
  converted: "info",
  advised: "info",
  booked: "good",
  "on-the-way": "info",
  "no-show": "warn",
  "cancel-asked": "warn",
  arrived: "good",
  admitted: "good",
  "ready-for-down": "info",
  "sent-down": "info",
  "continued-in-community": "good",
  closed: "quiet",
  expired: "bad",
  cancelled: "quiet",
};

type Names = { zh: string; en: string | null; bo: string | null };

/** A name in the reader's language, else as it is written in Chinese. */
export function inWords(name: Names, language: Language): string {
  return (language === "bo" ? name.bo : language === "en" ? name.en : null) ?? name.zh;
}

/** What a criterion says, wherever it stands; its code when no way has it any more. */
export function criterionWords(
  pathways: readonly Pathway[],
  pathwayId: string | null | undefined,
  code: string,
  language: Language,
): string {
  const own = pathways.filter((one) => one.id === pathwayId);
  for (const way of [...own, ...pathways]) {
    const found = way.criteria.find((one) => one.code === code);
    if (found) return inWords(found.names, language);
  }
  return code;
}

const units: Record<TriggerMeasure, string> = {
  systolicMmHg: "mmHg",
  diastolicMmHg: "mmHg",
  temperatureCelsius: "℃",
  pulsePerMinute: "/min",
  breathsPerMinute: "/min",
  spo2Percent: "%",
  weightKg: "kg",
};
export const unitOf = (measure: TriggerMeasure): string => units[measure];

/** `收缩压 ≥ 180 mmHg`, or the words as they were written. */
export function triggerWords(trigger: ReturnTrigger, t: Translate): string {
  if (trigger.kind === "words") return trigger.text;
  const limits = [
    trigger.atLeast === undefined ? null : `≥ ${trigger.atLeast}`,
    trigger.atMost === undefined ? null : `≤ ${trigger.atMost}`,
  ].filter(Boolean);
  return `${t(`consult.vitals.${trigger.measure}`)} ${limits.join(" / ")} ${unitOf(trigger.measure)}`;
}

/** What a way writes of coming back, as a referral holds it: in the writer's language. */
export function triggersOf(way: Pathway | undefined, language: Language): ReturnTrigger[] {
  return (way?.returnTriggers ?? []).map((one) =>
    one.kind === "words"
      ? { kind: "words", code: one.code, text: inWords(one.names, language) }
      : (one as ReturnTrigger),
  );
}

/** Days of all follow-ups of a way, the first on the day that the ward wrote. */
export function followUpsFrom(way: Pathway | undefined, first: string): string[] {
  const [start, ...rest] = way?.followUpDays ?? [];
  return [first, ...rest.map((day) => dayAfter(first, day - (start ?? 0)))];
}

/** The number of a way in short: `850 m`, `12 km`. */
export function distanceWords(metres: number): string {
  if (metres < 1000) return `${metres} m`;
  const kilometres = metres / 1000;
  return `${kilometres < 10 ? kilometres.toFixed(1) : Math.round(kilometres)} km`;
}

/** A day some days from another, as `YYYY-MM-DD`. */
export function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** A day at noon, for words about days. */
export const noonOf = (day: string): string => `${day}T12:00:00+08:00`;
