/** The check of a prescription as it lies in the database, with what is known of the patient now. */
import { codesOf } from "../formulary/domain.ts";
import { currentFormulary, type LoadedFormulary, loadFormulary } from "../formulary/service.ts";
import type { Services, Work } from "../http/context.ts";
import { ageOn, findPatient, localDay } from "../patients/service.ts";
import { prescribingFactsOf } from "../records/service.ts";
import { check, type Setting } from "./checks.ts";
import { defaultLimits } from "./limits.ts";
import { frequencies, type Line } from "./line.ts";
import { egfrOf, type PatientFacts } from "./patient-facts.ts";
import type { LineRow, PrescriptionRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { combine, type KeptFacts, type TypedPatient, takenOf } from "./taken.ts";
import type { Warning } from "./warning.ts";

export const nothingTyped: TypedPatient = {
  weightKg: null,
  egfr: null,
  pregnant: null,
  breastFeeding: null,
  allergies: null,
  takes: null,
};

/** The version that a draft is checked by, or that a signed one was. */
export const formularyOf = (
  { tx, now }: Pick<Work, "tx" | "now">,
  row: Pick<PrescriptionRow, "institutionId" | "formularyId" | "state">,
): Promise<LoadedFormulary> =>
  row.formularyId !== null && row.state !== "draft"
    ? loadFormulary(tx, row.formularyId)
    : currentFormulary(tx, row.institutionId, now);

/**
 * Everything that is known of the patient now: the doctor's words, the house's own record, medicines of earlier
 * prescriptions of the house. Other houses' records are read on the record's page, not here.
 */
export async function lookAtPatient(
  services: Services,
  work: Pick<Work, "tx" | "now">,
  row: Pick<PrescriptionRow, "id" | "patientId" | "institutionId">,
  typed: TypedPatient,
  { formulary }: LoadedFormulary,
): Promise<KeptFacts> {
  const { tx, now } = work;
  const record = await findPatient(tx, row.patientId);
  const age = record?.row.birthDate ? ageOn(record.row.birthDate, localDay(now)) : null;
  const known: Pick<PatientFacts, "ageMonths" | "sex"> = {
    ageMonths: age ? age.years * 12 + (age.months % 12) : null,
    sex: record?.row.sex === "male" || record?.row.sex === "female" ? record.row.sex : "unknown",
  };
  const recorded = await prescribingFactsOf(services, tx, row.institutionId, row.patientId).catch(
    () => null,
  );
  const earlier = await repository.findPrescribed(tx, row.patientId, row.institutionId, now);
  const takes = [
    ...earlier.map(({ code, medicine, dose, frequency }) => {
      const found = formulary.find(code);
      const amount = found?.amount ?? null;
      const times = frequencies[frequency as keyof typeof frequencies] ?? 1;
      return {
        text: medicine.zh,
        code,
        atcs: found ? codesOf(found) : [medicine.atc],
        dailyAmount: amount === null ? null : amount * dose * times,
      };
    }),
    ...(recorded?.medicines ?? []).map(({ text, atcs }) => takenOf(formulary, text, atcs)),
  ];
  const egfr =
    recorded?.egfr ?? (recorded?.creatinine != null ? egfrOf(recorded.creatinine, known) : null);
  const seen = combine(
    known,
    typed,
    recorded || earlier.length > 0
      ? { weightKg: recorded?.weightKg ?? null, egfr, allergies: recorded?.allergies ?? [], takes }
      : null,
    formulary,
  );
  // A record in which nothing stands was perhaps never asked: that there are none is for somebody to say.
  const allergies = typed.allergies === null && !recorded?.allergies.length ? null : seen.allergies;
  const taken = typed.takes === null && takes.length === 0 ? null : seen.takes;
  return { typed, seen: { ...seen, allergies, takes: taken }, recordRead: recorded !== null };
}

export const settingOf = (
  row: Pick<
    PrescriptionRow,
    | "kind"
    | "channel"
    | "diagnoses"
    | "assessment"
    | "chartNote"
    | "patientSigned"
    | "guardianPresent"
    | "specialistPresent"
  >,
): Setting => ({
  kind: row.kind,
  channel: row.channel,
  diagnoses: row.diagnoses.flatMap(({ code }) => (code === null ? [] : [code])),
  assessed: (row.assessment ?? "").trim() !== "",
  noted: (row.chartNote ?? "").trim() !== "",
  patientSigned: row.patientSigned,
  guardianPresent: row.guardianPresent,
  specialistPresent: row.specialistPresent,
});

export const linesOf = (rows: readonly LineRow[]): Line[] =>
  rows.map((one) => ({
    code: one.medicineCode,
    dose: one.dose,
    frequency: one.frequency,
    days: one.days,
    quantity: one.quantity,
  }));

export function assess(
  { formulary }: LoadedFormulary,
  row: Parameters<typeof settingOf>[0],
  lines: readonly Line[],
  patient: PatientFacts,
): Warning[] {
  return check(formulary, { lines, patient, setting: settingOf(row), limits: defaultLimits });
}

/** Those that were not there, or not so grave, when the doctor signed. */
export function newSince(signed: readonly Warning[], fresh: readonly Warning[]): Warning[] {
  const known = new Map(signed.map((one) => [one.key, one.grade]));
  const rank = { block: 0, reason: 1, note: 2 } as const;
  return fresh.filter((one) => {
    const before = known.get(one.key);
    return before === undefined || rank[one.grade] < rank[before];
  });
}
