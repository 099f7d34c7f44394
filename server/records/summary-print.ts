/** A summary document as the words of its print: one to three pages in big type. Pure. */
import type { Bundle, Composition, Patient, Resource } from "@medplum/fhirtypes";
import { type IpsSectionName, ipsSectionNames, lineOf } from "../../fhir-mappings/ips-sections.ts";
import { type IpsLanguage, ipsSectionTitles, ipsTitle } from "../../fhir-mappings/ips-words.ts";
import { summaryWords } from "./summary-words.ts";

/** Lines of a section that fit beside the others on three pages; the file has them all. */
const linesMax: Readonly<Record<IpsSectionName, number>> = {
  allergies: 15,
  problems: 12,
  medications: 12,
  immunizations: 8,
  results: 15,
  procedures: 4,
  devices: 3,
  vitalSigns: 6,
  socialHistory: 3,
  pastProblems: 5,
};
const lineLengthMax = 110;
/** Rows of three pages that are left to sections, and how wide a row is in Latin letters. */
const rowsMax = 80;
const rowWidth = 66;
const headingRows = 2;

/**
 * @param missing names of institutions that did not answer
 * @returns JSON of the template's data
 */
export function summaryPrintData(
  document: Bundle,
  {
    language,
    missing,
    day,
    demo,
  }: {
    readonly language: IpsLanguage;
    readonly missing: readonly string[];
    /** `YYYY-MM-DD` in the alliance's zone. */
    readonly day: string;
    readonly demo: boolean;
  },
): string {
  const words = summaryWords[language];
  const byUrl = new Map(document.entry?.map((one) => [one.fullUrl, one.resource]) ?? []);
  const composition = document.entry?.[0]?.resource as Composition;
  const patient = document.entry?.find((one) => one.resource?.resourceType === "Patient")
    ?.resource as Patient;
  let rowsLeft = rowsMax;
  const english = (text: string) => (language === "en" ? null : text);
  return JSON.stringify({
    lang: language === "zh-CN" ? "zh" : language,
    title: ipsTitle[language],
    titleEn: english(ipsTitle.en),
    footer: words.footer,
    demo: demo ? words.demo : null,
    facts: [
      { label: words.name, value: (patient.name ?? []).map((one) => one.text ?? "").join(" ") },
      { label: words.born, value: patient.birthDate ?? words.unknown },
      { label: words.sex, value: words.sexes[patient.gender ?? "unknown"] },
      { label: words.made, value: day },
    ],
    sections: (composition.section ?? []).map((section) => {
      const name = ipsSectionNames.find((one) => ipsSectionTitles[one][language] === section.title);
      const lines = (section.entry ?? [])
        .map((one) => byUrl.get(one.reference))
        .filter((one): one is Resource => one !== undefined)
        .map((one) => cut(lineOf(one, language)));
      rowsLeft -= headingRows;
      let most = 0;
      for (const line of lines.slice(0, name ? linesMax[name] : 5)) {
        rowsLeft -= rowsOf(line);
        if (rowsLeft < 0) break;
        most += 1;
      }
      return {
        title: section.title ?? "",
        titleEn: name ? english(ipsSectionTitles[name].en) : null,
        lines: lines.slice(0, most),
        note:
          section.emptyReason?.text ??
          (lines.length > most ? words.more(lines.length - most) : null),
      };
    }),
    missing: missing.length > 0 ? words.missing(missing.join(words.separator)) : null,
  });
}

/** A Chinese letter is as wide as two Latin ones. */
const rowsOf = (line: string): number =>
  Math.ceil([...line].reduce((sum, letter) => sum + (letter > "\u2e80" ? 2 : 1), 0) / rowWidth);

const cut = (line: string): string => {
  const letters = [...line];
  return letters.length > lineLengthMax ? `${letters.slice(0, lineLengthMax - 1).join("")}…` : line;
};
