import type { Tx } from "../db/client.ts";
import { localDay } from "../patients/service.ts";
import { starterDiseases } from "./diseases.ts";
import { defaultReportingClocks, type ReportingClocks } from "./domain.ts";
import { findSetting, insertDiseases } from "./repository.ts";

export type Setting = ReportingClocks & {
  cdcInstitutionId: string | null;
  dutyPhone: string | null;
};

/** Clocks and addressees of an institution today; what it has not set is the default. */
export async function settingOf(tx: Tx, institutionId: string, now: Date): Promise<Setting> {
  const row = await findSetting(tx, institutionId, localDay(now));
  return {
    readBackMinutes: row?.readBackMinutes ?? defaultReportingClocks.readBackMinutes,
    actMinutes: row?.actMinutes ?? defaultReportingClocks.actMinutes,
    repeatMinutes: row?.repeatMinutes ?? defaultReportingClocks.repeatMinutes,
    cdcInstitutionId: row?.cdcInstitutionId ?? null,
    dutyPhone: row?.dutyPhone ?? null,
  };
}

/** The diseases that every database starts with. Repeatable; rows that are there stay as they are. */
export async function loadDiseases(tx: Tx): Promise<void> {
  await insertDiseases(
    tx,
    starterDiseases.map((one) => ({
      code: one.code,
      validFrom: one.validFrom,
      validUntil: one.validUntil ?? null,
      nameZh: one.zh,
      nameEn: one.en,
      nameBo: one.bo ?? "",
      icd10: one.icd10,
      diseaseClass: one.diseaseClass,
      managedAsA: one.managedAsA ?? false,
      reportMinutes: one.reportMinutes ?? null,
      source: one.source,
      recalled: one.recalled,
    })),
  );
}
