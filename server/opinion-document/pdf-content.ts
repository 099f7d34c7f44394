/** What is printed of an opinion: the document turned into the words of the template. Pure. */
import { renderSVG } from "uqr";
import { type OpinionDocument, signingDoctor } from "./document.ts";
import {
  factLabels,
  type Label,
  pdfTitle,
  sectionLabels,
  sentences,
  sexWords,
  urgencyWords,
} from "./pdf-labels.ts";

export interface OpinionPrint {
  readonly document: OpinionDocument;
  /** As verified: see `verifyOpinionJws`. */
  readonly signature: {
    /** RFC 7638 thumbprint of the signer's key. */
    readonly kid: string;
    readonly signedAt: Date;
    /** SHA-256 of the canonical document, 64 hexadecimal digits. */
    readonly contentHash: string;
  };
  /** Absolute address of the public check page of this document; the QR holds exactly this. */
  readonly checkUrl: string;
  /** True prints on every page that the people are invented. */
  readonly demo?: boolean;
}

const beijing = new Intl.DateTimeFormat("sv-SE", {
  timeZone: "Asia/Shanghai",
  dateStyle: "short",
  timeStyle: "short",
});
const beijingTime = new Intl.DateTimeFormat("sv-SE", {
  timeZone: "Asia/Shanghai",
  timeStyle: "short",
});

/** `2026-11-22 11:00` in Beijing time. */
export function printedTime(instant: string | Date): string {
  return beijing.format(new Date(instant));
}

/** Age as a doctor says it: months up to two years, years and months up to seven, years after. */
export function printedAge(years: number | null, months: number | null): string {
  if (years === null) return sentences.unknown;
  if (months === null || years >= 7) return `${years} 岁`;
  if (years >= 2) return months === 0 ? `${years} 岁` : `${years} 岁 ${months} 个月`;
  const total = years * 12 + months;
  return total === 0 ? "不满 1 个月" : `${total} 个月`;
}

function printedSession(times: OpinionDocument["times"]): string {
  if (times.sessionStartedAt === null) return sentences.adviceOnly;
  const start = printedTime(times.sessionStartedAt);
  if (times.sessionEndedAt === null) return start;
  const end = printedTime(times.sessionEndedAt);
  const sameDay = end.slice(0, 10) === start.slice(0, 10);
  return `${start}–${sameDay ? beijingTime.format(new Date(times.sessionEndedAt)) : end}`;
}

const place = (...parts: readonly (string | null)[]) => parts.filter((part) => part).join(" ");

/**
 * Data of the template, as JSON text.
 *
 * @throws TypeError when `checkUrl` is no absolute http(s) address.
 */
export function opinionPrintData({
  document,
  signature,
  checkUrl,
  demo = false,
}: OpinionPrint): string {
  const url = new URL(checkUrl);
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw new TypeError("check page is no web address");
  const { patient, times } = document;
  const signer = signingDoctor(document);
  const fact = (name: keyof typeof factLabels, value: string) => ({
    label: factLabels[name],
    value,
  });
  const section = (label: Label, text: string, diagnoses: OpinionDocument["diagnoses"] = []) => ({
    label,
    // Rows of blank lines say nothing and cost pages.
    text: text.replace(/\n{3,}/g, "\n\n") || sentences.empty,
    emphasis: label === sectionLabels.diagnosticOpinion,
    diagnoses: diagnoses.map((one) => ({ code: one.code ?? "—", text: one.text })),
  });
  const texts = [
    "question",
    "findingsReviewed",
    "missingData",
    "diagnosticOpinion",
    "testsAdvised",
    "plan",
    "transferConditions",
    "plainWords",
  ] as const;
  return JSON.stringify({
    title: pdfTitle,
    number: document.consult.number,
    urgency: urgencyWords[document.consult.urgency],
    documentId: document.documentId,
    invited: document.invited.name,
    author: signer.name,
    demo: demo ? sentences.demo : null,
    qr: renderSVG(checkUrl, { ecc: "M", border: 2, pixelSize: 4 }),
    facts: [
      fact(
        "name",
        [patient.name, patient.nameBo].filter(Boolean).join("\n") || sentences.unknownPerson,
      ),
      fact("inviting", place(document.inviting.name, document.inviting.department)),
      fact(
        "sexAge",
        `${sexWords[patient.sex]}，${printedAge(patient.ageYears, patient.ageMonths)}`,
      ),
      fact("attending", place(document.attendingDoctor.name, document.attendingDoctor.title)),
      fact("identity", patient.identityMasked ?? sentences.unknown),
      fact("invited", place(document.invited.name, document.invited.department)),
      fact("requested", printedTime(times.requestedAt)),
      fact("session", printedSession(times)),
    ],
    sections: texts.map((name) =>
      section(
        sectionLabels[name],
        document[name],
        name === "diagnosticOpinion" ? document.diagnoses : [],
      ),
    ),
    doctorsLabel: sectionLabels.doctors,
    doctors: document.doctors.map((doctor) => ({
      name: doctor.name,
      place: place(doctor.title, doctor.institution, doctor.department),
      signs: doctor.signs ? sentences.signs : null,
    })),
    signatureLabel: sectionLabels.signature,
    proof: [
      { name: sentences.signedAt, value: printedTime(signature.signedAt) },
      { name: sentences.key, value: signature.kid },
      { name: sentences.hash, value: signature.contentHash.match(/.{1,8}/g)?.join(" ") ?? "" },
      { name: sentences.check, value: checkUrl },
    ],
    words: {
      verify: sentences.verify,
      verifyEn: sentences.verifyEn,
      invitingDecides: sentences.invitingDecides,
      times: sentences.zone,
      document: sentences.document,
      signedWith: sentences.signedWith(`${signer.name}${signer.title}`),
    },
  });
}
