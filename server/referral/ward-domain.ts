/**
 * Who on the ward could go down, by criteria and by what is recorded. Pure. What is not known is said so:
 * nobody is ready because nobody measured. Source: domain.md "Tiered care" (down: diagnosis clear, stable,
 * rehabilitation or chronic management); the numbers are recalled (m) and stand in one table.
 */
import type { WardFact, WardFactKind } from "./domain.ts";

export type Verdict = "met" | "not-met" | "unknown" | "ask";
export type Reading = { measure: string; value: number; at: Date };
export type WardKnown = {
  since: Date;
  /** The day that was planned for leaving. */
  plannedOn: string | null;
  today: string;
  now: Date;
  /** Null: the house keeps no store here. */
  readings: readonly Reading[] | null;
  /** Null: nobody noted devices. */
  devices: readonly string[] | null;
  openCriticalValues: readonly string[];
};
export type Judged = {
  kind: WardFactKind;
  verdict: Verdict;
  /** What it was judged by, for the sentence. */
  detail: { readings?: number; hours?: number; out?: string; items?: string; day?: string };
};

/** Within these a reading is calm; recalled (m), 2026-11. A saturation counts below 1,500 m only. */
export const calmLimits: Readonly<Record<string, { atLeast?: number; atMost?: number }>> = {
  temperatureCelsius: { atLeast: 35.5, atMost: 37.7 },
  systolicMmHg: { atLeast: 95, atMost: 160 },
  diastolicMmHg: { atLeast: 50, atMost: 100 },
  pulsePerMinute: { atLeast: 50, atMost: 110 },
  breathsPerMinute: { atLeast: 10, atMost: 24 },
  spo2Percent: { atLeast: 92 },
};
const lowlandMetres = 1500;
/** Fewer readings say nothing about a day. */
const readingsLeast = 2;
export const usualHours = 24;

/** Criteria of the ways down that the records answer, where the way itself says nothing else. */
const usualFacts: Readonly<Record<string, WardFact>> = {
  stable: { fact: "stable-vitals", hours: 24 },
  "no-lines": { fact: "no-high-care-device" },
};
export const wardFactOf = (criterion: { code: string; wardFact: WardFact | null }) =>
  criterion.wardFact ?? usualFacts[criterion.code] ?? null;

export function judgeWardFact(
  { fact, hours = usualHours }: WardFact,
  known: WardKnown,
  altitudeMetres: number,
): Judged {
  switch (fact) {
    case "stay-planned":
      if (known.plannedOn === null) return { kind: fact, verdict: "unknown", detail: {} };
      return {
        kind: fact,
        verdict: known.plannedOn <= known.today ? "met" : "not-met",
        detail: { day: known.plannedOn },
      };
    case "no-open-critical-value":
      return known.openCriticalValues.length === 0
        ? { kind: fact, verdict: "met", detail: {} }
        : {
            kind: fact,
            verdict: "not-met",
            detail: { items: known.openCriticalValues.join("、") },
          };
    case "no-high-care-device":
      if (known.devices === null) return { kind: fact, verdict: "unknown", detail: {} };
      return known.devices.length === 0
        ? { kind: fact, verdict: "met", detail: {} }
        : { kind: fact, verdict: "not-met", detail: { items: known.devices.join("、") } };
    default:
      return stable(known, hours, altitudeMetres);
  }
}

function stable(known: WardKnown, hours: number, altitudeMetres: number): Judged {
  const kind = "stable-vitals";
  const from = known.now.getTime() - hours * 3_600_000;
  const limits = altitudeMetres < lowlandMetres ? calmLimits : { ...calmLimits, spo2Percent: {} };
  const readings = (known.readings ?? []).filter((one) => one.at.getTime() >= from);
  const out = readings.find(({ measure, value }) => {
    const limit = limits[measure];
    return (
      limit !== undefined &&
      ((limit.atLeast !== undefined && value < limit.atLeast) ||
        (limit.atMost !== undefined && value > limit.atMost))
    );
  });
  if (out)
    return { kind, verdict: "not-met", detail: { hours, out: `${out.measure} ${out.value}` } };
  // A pressure and a temperature of one hour are one look at the patient, not two.
  const looks = new Set(readings.map((one) => Math.floor(one.at.getTime() / 3_600_000))).size;
  return {
    kind,
    verdict: looks < readingsLeast ? "unknown" : "met",
    detail: { hours, readings: looks },
  };
}

/** Whether a way takes one of these diagnoses; one that names none takes any that is known. */
export const takesDiagnosis = (prefixes: readonly string[], codes: readonly string[]): boolean =>
  codes.length > 0 &&
  (prefixes.length === 0 || codes.some((code) => prefixes.some((one) => code.startsWith(one))));

/** Nothing that is known speaks against it; what is not known is listed beside it. */
export const couldGo = (judged: readonly { verdict: Verdict }[]): boolean =>
  judged.every((one) => one.verdict !== "not-met");
