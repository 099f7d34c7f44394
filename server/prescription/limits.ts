/**
 * Numbers of the field, dated: what a prescription may hold. Source: domain.md "Video visit"; 处方管理办法 (5 medicines,
 * 7 days, 3 in an emergency, valid at most 3 days), 长期处方管理规范（试行）2021, 互联网诊疗管理办法（试行）第十九条.
 */
import type { MedicineClass, Source } from "../formulary/domain.ts";

export type PrescriptionLimits = typeof defaultLimits;
export const defaultLimits = {
  validFrom: "2026-01-01",
  medicinesMost: 5,
  ordinaryDays: 7,
  emergencyDays: 3,
  longDays: 28,
  longDaysMost: 84,
  /** Days of validity, the day of signing counted; `validMost` when the doctor says so. */
  validDays: 1,
  validDaysMost: 3,
  /** A child below this age is not prescribed for by internet without guardian and specialist, years. */
  internetChildYears: 6,
  /** Minutes in which a pharmacist looks at a signed prescription (ours; no source). */
  reviewMinutes: 20,
} as const;

/** Never in a long prescription; antimicrobials bar chronic infections. */
export const longExcluded: readonly MedicineClass[] = [
  "toxic",
  "radioactive",
  "precursor",
  "narcotic",
  "psychotropic-1",
  "psychotropic-2",
  "antimicrobial",
  "special-storage",
];
/** Never by internet. */
export const internetExcluded: readonly MedicineClass[] = [
  "narcotic",
  "psychotropic-1",
  "psychotropic-2",
  "toxic",
  "radioactive",
];
/** On paper of their own kind, which is not kept here. */
export const specialForm: readonly MedicineClass[] = [
  "narcotic",
  "psychotropic-1",
  "toxic",
  "radioactive",
];

/** Tuberculosis, leprosy, chronic viral hepatitis, deep mycoses: an antimicrobial may be given for long. */
const chronicInfections = [/^A1[5-9]/, /^A30/, /^B18/, /^B2[0-4]/, /^B3[5-9]/, /^B4[0-9]/, /^B90/];
export const isChronicInfection = (icd10: string): boolean =>
  chronicInfections.some((one) => one.test(icd10));

export const limitSources = {
  count: {
    id: "rx-rules",
    title: "处方管理办法（条文转载）",
    address: "https://qianlo.com/view/325-4.html",
    readOn: "2026-11-23",
  },
  long: {
    id: "long-rules",
    title: "长期处方管理规范（试行），人民网 2021-08-13（转载）",
    address: "http://www.jjzqelm.cn/n1/2021/0813/c14739-32191735.html",
    readOn: "2026-11-23",
  },
  internet: {
    id: "internet-rules",
    title: "互联网诊疗管理办法（试行）第十九条（条文转载）",
    address: "https://zyqjg.com/article-1610-3.html",
    readOn: "2026-11-23",
  },
  house: { id: "recalled", title: "recalled", address: null, readOn: null },
} as const satisfies Record<string, Source>;
