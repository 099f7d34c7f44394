/** What was measured: value, range by place and age, and how it stands. Pure. */
import type { CodeableConcept, Observation, ObservationComponent } from "@medplum/fhirtypes";
import { extensionUrls } from "../../fhir-mappings/systems.ts";
import { usualOxygen } from "../consult/service.ts";
import type { ResultFlag, ResultRange, ResultValue } from "./record-contract.ts";

type Measured = Pick<
  Observation,
  "valueQuantity" | "valueString" | "valueCodeableConcept" | "valueInteger" | "valueBoolean"
> &
  Pick<Observation, "interpretation" | "referenceRange">;
type Where = {
  readonly altitudeMetres: number | null;
  readonly birthDate: string | null;
  readonly date: string | undefined;
};

/** LOINC: oxygen saturation in arterial blood, and by pulse oximetry. */
const saturation = /^http:\/\/loinc\.org\|(2708-6|59408-5)$/;
const oneSaturation = "http://loinc.org|2708-6";
const critical = new Set(["AA", "HH", "LL", "HU", "LU"]);
const high = new Set(["H", "HX"]);
const low = new Set(["L", "LX"]);

/**
 * @param series name of what was measured: `system|code` or its words
 */
export function resultOf(
  one: Measured & Pick<Observation, "extension">,
  series: string,
  where: Where,
): ResultValue {
  // Both codes of a saturation are one trend.
  const kind = saturation.test(series) ? oneSaturation : series;
  const quantity = one.valueQuantity;
  const value = quantity?.value ?? one.valueInteger ?? null;
  const unit = quantity?.unit ?? quantity?.code ?? null;
  // Of the place of measurement, where the source says it; else of the house that measured.
  const said = one.extension?.find((each) => each.url === extensionUrls.altitudeMetres);
  const altitudeMetres = said?.valueInteger ?? said?.valueDecimal ?? where.altitudeMetres;
  const range = rangeOf(one, series, altitudeMetres, ageAt(where.birthDate, where.date));
  return {
    series: unit ? `${kind}|${unit}` : kind,
    value,
    text: value === null ? textOf(one) : null,
    unit,
    range,
    flag: flagOf(one, value, range),
    altitudeMetres,
  };
}

/** A blood pressure's two numbers are results of their own. */
export function componentResults(
  one: Observation,
  where: Where,
): { title: string; result: ResultValue }[] {
  return (one.component ?? []).flatMap((part: ObservationComponent) => {
    if (part.valueQuantity?.value === undefined && part.valueString === undefined) return [];
    const coding = part.code.coding?.find((each) => each.system && each.code);
    const title = part.code.text ?? coding?.display ?? coding?.code ?? "—";
    return [
      {
        title,
        result: resultOf(part, coding ? `${coding.system}|${coding.code}` : title, where),
      },
    ];
  });
}

function rangeOf(
  one: Measured,
  series: string,
  altitudeMetres: number | null,
  age: number | null,
): ResultRange | null {
  // A saturation is judged by where it was measured: a printed sea-level range would be wrong there.
  if (saturation.test(series)) {
    const usual = usualOxygen(altitudeMetres, age);
    return usual ? { ...usual, from: "place" } : null;
  }
  const [printed] = one.referenceRange ?? [];
  if (printed?.low?.value === undefined && printed?.high?.value === undefined) return null;
  return { low: printed.low?.value ?? null, high: printed.high?.value ?? null, from: "source" };
}

function flagOf(one: Measured, value: number | null, range: ResultRange | null): ResultFlag | null {
  const codes =
    one.interpretation?.flatMap((each) => each.coding?.map((two) => two.code ?? "") ?? []) ?? [];
  if (codes.some((code) => critical.has(code))) return "critical";
  if (range !== null && value !== null) {
    if (range.low !== null && value < range.low) return "low";
    if (range.high !== null && value > range.high) return "high";
    return "usual";
  }
  if (codes.some((code) => high.has(code))) return "high";
  if (codes.some((code) => low.has(code))) return "low";
  return codes.includes("N") ? "usual" : null;
}

function textOf(one: Measured): string | null {
  if (one.valueString !== undefined) return one.valueString;
  if (one.valueBoolean !== undefined) return one.valueBoolean ? "+" : "−";
  const concept: CodeableConcept | undefined = one.valueCodeableConcept;
  return concept
    ? (concept.text ?? concept.coding?.[0]?.display ?? concept.coding?.[0]?.code ?? null)
    : null;
}

/** Completed years on the day of measurement; by the year alone when that is all that is known. */
export function ageAt(birthDate: string | null, date: string | undefined): number | null {
  if (!birthDate || !date) return null;
  const years = Number(date.slice(0, 4)) - Number(birthDate.slice(0, 4));
  if (Number.isNaN(years) || years < 0) return null;
  const isBefore = birthDate.length >= 10 && date.slice(5, 10) < birthDate.slice(5, 10);
  return isBefore ? Math.max(0, years - 1) : years;
}
