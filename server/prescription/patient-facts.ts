/** What is known of whoever gets a prescription. `null` is "nobody knows", never "no". */

export type AllergyFact = {
  /** As somebody wrote it. */
  text: string;
  /** It was ruled out or is over. */
  past: boolean;
};
/** A medicine that the patient takes already. */
export type TakenFact = {
  /** As somebody wrote it. */
  text: string;
  /** Of the formulary, when it is known which it is. */
  code: string | null;
  atcs: string[];
  /** A day, in the measure of the formulary; null: not known. */
  dailyAmount: number | null;
};

export type PatientFacts = {
  ageMonths: number | null;
  sex: "male" | "female" | "unknown";
  weightKg: number | null;
  /** ml/min/1.73 m². */
  egfr: number | null;
  pregnant: boolean | null;
  breastFeeding: boolean | null;
  /** Null: nobody could look. An empty list: somebody looked, or asked. */
  allergies: AllergyFact[] | null;
  takes: TakenFact[] | null;
};

/** Age at which pregnancy is asked about, years. */
const fertile = { from: 12, until: 51 };
/** Whether a woman of this age may be pregnant without anybody having said so. */
export const mayBePregnant = ({ sex, ageMonths, pregnant }: PatientFacts): boolean =>
  pregnant === null &&
  sex !== "male" &&
  (ageMonths === null || (ageMonths >= fertile.from * 12 && ageMonths < fertile.until * 12));

/** Adult doses hold from this age on, months. */
export const adultMonths = 18 * 12;
/** From this age an adult's limits hold where no child's dose is on file, months. */
export const adolescentMonths = 12 * 12;

/**
 * Estimated glomerular filtration rate from creatinine, ml/min/1.73 m².
 * Source: CKD-EPI 2009 without race (recalled); adults only.
 * @param creatinine µmol/L
 * @returns null under 18 or of unknown sex
 */
export function egfrOf(
  creatinine: number,
  { ageMonths, sex }: Pick<PatientFacts, "ageMonths" | "sex">,
): number | null {
  if (ageMonths === null || ageMonths < adultMonths || sex === "unknown") return null;
  const mgPerDl = creatinine / 88.4;
  const female = sex === "female";
  const kappa = female ? 0.7 : 0.9;
  const alpha = female ? -0.329 : -0.411;
  const ratio = mgPerDl / kappa;
  const value =
    141 *
    Math.min(ratio, 1) ** alpha *
    Math.max(ratio, 1) ** -1.209 *
    0.993 ** Math.floor(ageMonths / 12) *
    (female ? 1.018 : 1);
  return Math.round(value);
}
