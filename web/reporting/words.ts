import type { DiseaseView, InfectiousReportView } from "../../server/reporting/contract.ts";
import type { CriticalValueState, InfectiousReportState } from "../../server/reporting/domain.ts";
import type { Tone } from "../design/components/status.tsx";
import type { Language } from "../i18n/areas.ts";
import type { Translate } from "../i18n/i18n.ts";

export const valueTone: Record<CriticalValueState, Tone> = {
  open: "bad",
  received: "warn",
  acted: "good",
  cancelled: "quiet",
};

export const reportTone: Record<InfectiousReportState, Tone> = {
  reported: "info",
  corrected: "info",
  returned: "warn",
  received: "info",
  filed: "good",
  withdrawn: "quiet",
};

/** `血钾 7.1 mmol/L`: what was found, in one line. */
export function valueLine(value: {
  itemText: string;
  valueText: string;
  unit: string | null;
}): string {
  return [value.itemText, value.valueText, value.unit].filter(Boolean).join(" ");
}

/** The disease in the reader's language; Chinese where no other name is written yet. */
export function diseaseName(report: InfectiousReportView, language: Language): string {
  if (language === "en") return report.diseaseNameEn ?? report.diseaseName;
  if (language === "bo") return report.diseaseNameBo ?? report.diseaseName;
  return report.diseaseName;
}

export function nameOfDisease(disease: DiseaseView, language: Language): string {
  if (language === "en") return disease.nameEn;
  if (language === "bo") return disease.nameBo || disease.nameZh;
  return disease.nameZh;
}

/** `甲类`, `乙类，按甲类管理` */
export function classWords(
  disease: { diseaseClass: "A" | "B" | "C"; managedAsA: boolean },
  t: Translate,
): string {
  const words = t(`reporting.class.${disease.diseaseClass}`);
  return disease.managedAsA ? t("reporting.class.asA", { class: words }) : words;
}

/** A moment as `datetime-local` wants it, in the reader's zone. */
export function localInput(at: Date): string {
  const shifted = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}

/** The moment that was typed, or null. */
export function instantOf(typed: string): string | null {
  const at = new Date(typed);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}
