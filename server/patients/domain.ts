/** What a patient row may say. */
export const patientSexes = ["female", "male", "other", "unknown"] as const;
export type PatientSex = (typeof patientSexes)[number];

export const contactRelations = ["self", "guardian", "mother", "father", "spouse", "child", "relative", "neighbour", "helper"] as const;
export type ContactRelation = (typeof contactRelations)[number];

/**
 * Age in whole years, with months for infants, as a doctor says it.
 * @param birthDate `YYYY-MM-DD`
 */
export function ageAt(birthDate: string, on: Date): { years: number; months: number } {
  const [year = 0, month = 1, day = 1] = birthDate.split("-").map(Number);
  let months = (on.getUTCFullYear() - year) * 12 + (on.getUTCMonth() + 1 - month);
  if (on.getUTCDate() < day) months -= 1;
  return { years: Math.floor(months / 12), months: ((months % 12) + 12) % 12 };
}
