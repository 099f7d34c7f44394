/**
 * What laboratories and monitors most often report as critical: LOINC code, name, unit. A help for typing,
 * no list of limits: those are each institution's own. Codes are recalled, to be checked.
 */
export const usualItems: readonly {
  code: string;
  zh: string;
  en: string;
  unit: string | null;
}[] = [
  { code: "2823-3", zh: "血钾", en: "Potassium", unit: "mmol/L" },
  { code: "2951-2", zh: "血钠", en: "Sodium", unit: "mmol/L" },
  { code: "2000-8", zh: "血钙", en: "Calcium", unit: "mmol/L" },
  { code: "15074-8", zh: "血糖", en: "Glucose", unit: "mmol/L" },
  { code: "14682-9", zh: "肌酐", en: "Creatinine", unit: "μmol/L" },
  { code: "718-7", zh: "血红蛋白", en: "Haemoglobin", unit: "g/L" },
  { code: "777-3", zh: "血小板", en: "Platelets", unit: "×10⁹/L" },
  { code: "6690-2", zh: "白细胞", en: "White cells", unit: "×10⁹/L" },
  { code: "6301-6", zh: "凝血酶原 INR", en: "INR", unit: null },
  { code: "2744-1", zh: "动脉血 pH", en: "Arterial pH", unit: null },
  { code: "2703-7", zh: "动脉血氧分压", en: "Arterial oxygen", unit: "mmHg" },
  { code: "59408-5", zh: "血氧饱和度", en: "Oxygen saturation", unit: "%" },
  { code: "10839-9", zh: "肌钙蛋白 I", en: "Troponin I", unit: "ng/mL" },
  { code: "600-7", zh: "血培养", en: "Blood culture", unit: null },
];
