/**
 * What oxygen saturation is usual where and for whom it was measured. Pure; a table with dates, so
 * that a clinician changes it without a release of the rules around it.
 *
 * Sources: Tibetan children of 11 at 3,800–4,200 m averaged 89.8% SpO₂, infants 5–6 points lower;
 * adults 82–90% at 4,300 m, and the bands between are recalled and await review by a clinician of
 * the place (marked `recalled`).
 */
export type OxygenBand = {
  validFrom: string;
  /** Metres, half-open. */
  altitude: readonly [from: number, to: number];
  /** Completed years, half-open. */
  age: readonly [from: number, to: number];
  low: number;
  high: number;
  recalled: boolean;
};

const dated = { validFrom: "2026-01-01" } as const;
export const oxygenBands: readonly OxygenBand[] = [
  { ...dated, altitude: [-500, 1500], age: [0, 150], low: 95, high: 100, recalled: false },
  { ...dated, altitude: [3500, 4600], age: [0, 2], low: 79, high: 87, recalled: true },
  { ...dated, altitude: [3500, 4600], age: [2, 18], low: 85, high: 92, recalled: false },
  { ...dated, altitude: [3500, 4600], age: [18, 150], low: 82, high: 90, recalled: true },
];

/**
 * The usual range at a place and age; null where the table knows none: then the number stands alone.
 * The band never speaks against symptoms or a fall from the person's own value: those always win.
 * @param altitudeMetres of the place of measurement, not of the institution
 */
export function usualOxygen(
  altitudeMetres: number | null | undefined,
  ageYears: number | null,
): Pick<OxygenBand, "low" | "high"> | null {
  if (altitudeMetres === null || altitudeMetres === undefined || ageYears === null) return null;
  const within = (value: number, [from, to]: readonly [number, number]) =>
    value >= from && value < to;
  const band = oxygenBands.find(
    (one) => within(altitudeMetres, one.altitude) && within(ageYears, one.age),
  );
  return band ? { low: band.low, high: band.high } : null;
}
