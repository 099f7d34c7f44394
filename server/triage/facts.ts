/** What is known of one person when triage decides, with explicit units. Pure. */
import { usualOxygen } from "../consult/domain.ts";

/** What is measured, its unit (UCUM), and what can be a person's at all. */
export const measured = {
  temperature: { unit: "Cel", low: 28, high: 43.5 },
  systolic: { unit: "mm[Hg]", low: 50, high: 300 },
  diastolic: { unit: "mm[Hg]", low: 20, high: 200 },
  systolicAgain: { unit: "mm[Hg]", low: 50, high: 300 },
  diastolicAgain: { unit: "mm[Hg]", low: 20, high: 200 },
  pulse: { unit: "/min", low: 20, high: 300 },
  breaths: { unit: "/min", low: 4, high: 120 },
  oxygen: { unit: "%", low: 30, high: 100 },
  oxygenUsual: { unit: "%", low: 60, high: 100 },
  glucose: { unit: "mmol/L", low: 0.5, high: 60 },
  durationHours: { unit: "h", low: 0, high: 87_600 },
  altitude: { unit: "m", low: -200, high: 6000 },
} as const;
export type Measured = keyof typeof measured;
export const measuredNames = Object.keys(measured) as Measured[];

/** What rules may compare: what is measured, and what follows from it. */
export const comparable = {
  ageMonths: "mo",
  temperature: "Cel",
  /** The last reading, after rest where there are two. */
  systolic: "mm[Hg]",
  diastolic: "mm[Hg]",
  /** The higher of two readings. */
  systolicHighest: "mm[Hg]",
  diastolicHighest: "mm[Hg]",
  pressureReadings: "1",
  pulse: "/min",
  breaths: "/min",
  oxygen: "%",
  /** Points below what is usual at the place and age. */
  oxygenBelowUsual: "%",
  /** Points below the person's own usual value: wins over the band of the place. */
  oxygenFall: "%",
  glucose: "mmol/L",
  durationHours: "h",
  altitude: "m",
} as const;
export type Comparable = keyof typeof comparable;
export const comparableNames = Object.keys(comparable) as Comparable[];

export const answers = ["yes", "no", "unknown"] as const;
export type Answer = (typeof answers)[number];
export const triageSexes = ["female", "male"] as const;

export const comorbidities = [
  "hypertension",
  "heart-disease",
  "stroke-before",
  "diabetes",
  "lung-disease",
  "kidney-disease",
  "dialysis",
  "cancer",
  "chemotherapy",
  "weak-immunity",
  "epilepsy",
  "liver-disease",
] as const;
export type Comorbidity = (typeof comorbidities)[number];

export const riskMedicines = ["anticoagulant", "insulin", "steroid", "immunosuppressant"] as const;
export type RiskMedicine = (typeof riskMedicines)[number];

/** ACVPU: awake, newly confused, answers to voice, to pain, to nothing. */
export const consciousnessLevels = ["alert", "confused", "voice", "pain", "unresponsive"] as const;
export type Consciousness = (typeof consciousnessLevels)[number];

export type Facts = {
  complaint: string;
  /** Completed months; null when nobody knows: then every age is possible. */
  ageMonths: number | null;
  sex: (typeof triageSexes)[number] | null;
  /** Red flags and questions by key. */
  answers: Readonly<Record<string, Answer>>;
  /** In the units of {@link measured}; `unknown` when it was asked and could not be measured. */
  values: Readonly<Partial<Record<Measured, number | "unknown">>>;
  consciousness: Consciousness | null;
  /** Null: nobody knows. */
  conditions: readonly Comorbidity[] | null;
  medicines: readonly RiskMedicine[] | null;
};

/** Facts with what follows from them, as compiled rules read them. */
export type Prepared = Omit<Facts, "values"> & {
  numbers: Partial<Record<Comparable, number | "unknown">>;
};

/** Derive last and highest readings, and what the saturation means at the place and age. */
export function prepare(facts: Facts): Prepared {
  const { values, ageMonths } = facts;
  const numbers: Prepared["numbers"] = {};
  if (ageMonths !== null) numbers.ageMonths = ageMonths;
  for (const name of [
    "temperature",
    "pulse",
    "breaths",
    "oxygen",
    "glucose",
    "durationHours",
    "altitude",
  ] as const)
    if (values[name] !== undefined) numbers[name] = values[name];
  for (const name of ["systolic", "diastolic"] as const) {
    const first = values[name];
    const again = values[`${name}Again`];
    const known = [first, again].filter((one) => typeof one === "number");
    if (first === undefined && again === undefined) continue;
    numbers[name] = known.at(-1) ?? "unknown";
    numbers[name === "systolic" ? "systolicHighest" : "diastolicHighest"] =
      known.length > 0 ? Math.max(...known) : "unknown";
  }
  if (typeof (numbers.systolic ?? numbers.diastolic) === "number")
    numbers.pressureReadings =
      typeof (values.systolicAgain ?? values.diastolicAgain) === "number" ? 2 : 1;
  if (typeof values.oxygen === "number") {
    const place = typeof values.altitude === "number" ? values.altitude : null;
    // Of an age that nobody knows the most demanding band counts.
    const ages = ageMonths === null ? [0, 10, 30] : [Math.floor(ageMonths / 12)];
    const lows = ages.flatMap((age) => usualOxygen(place, age)?.low ?? []);
    if (lows.length > 0) numbers.oxygenBelowUsual = Math.max(...lows) - values.oxygen;
    if (typeof values.oxygenUsual === "number")
      numbers.oxygenFall = values.oxygenUsual - values.oxygen;
  }
  return { ...facts, numbers };
}

export type VitalsProblem = {
  problem: "pressure-order" | "fahrenheit" | "kilopascal" | "milligrams" | "oxygen" | "outside";
  field: Measured;
  low: number;
  high: number;
};

/** The first measurement that cannot be a person's, or contradicts another; null when all may be. */
export function vitalsProblem(values: Facts["values"]): VitalsProblem | null {
  for (const field of measuredNames) {
    const value = values[field];
    const { low, high } = measured[field];
    if (typeof value !== "number" || (value >= low && value <= high)) continue;
    const problem =
      field === "temperature" && value >= 86 && value <= 115
        ? "fahrenheit"
        : /^(systolic|diastolic)/.test(field) && value > 4 && value < low
          ? "kilopascal"
          : field === "glucose" && value > high
            ? "milligrams"
            : field === "oxygen" && value > high
              ? "oxygen"
              : "outside";
    return { problem, field, low, high };
  }
  for (const [upper, lower] of [
    ["systolic", "diastolic"],
    ["systolicAgain", "diastolicAgain"],
  ] as const) {
    const [high, low] = [values[upper], values[lower]];
    if (typeof high === "number" && typeof low === "number" && low >= high)
      return { problem: "pressure-order", field: lower, ...measured[lower] };
  }
  return null;
}
