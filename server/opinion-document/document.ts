/**
 * The opinion document: what a specialist signs at the end of a remote consult.
 *
 * Its canonical form (RFC 8785) is the signed payload, so it holds plain JSON
 * only: strings in NFC, integers, null for "not known", no optional members. A
 * changed shape gets a new version name; old documents keep theirs for ever.
 *
 * Contents follow the record that the National Health Commission's telemedicine
 * norms (2018) ask of both sides: findings reviewed, opinion, tests advised,
 * plan, limits and missing data, doctor, title, institution, time.
 */
import { z } from "zod";
import { isIcd10Code } from "../terminology/service.ts";

export const OPINION_SCHEMA = "yilian.opinion/1";

/** UTC with milliseconds, the one spelling of an instant, so that equal times have equal bytes. */
const instant = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/)
  .refine((text) => {
    const date = new Date(text);
    return !Number.isNaN(date.getTime()) && date.toISOString() === text;
  });

/** Control characters print nothing; bidirectional ones let text be read otherwise than it is signed. */
const UNSEEN = /[\p{Cc}--[\n\t]]|[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/v;
const clean = (text: string) =>
  text.isWellFormed() && text === text.normalize("NFC") && !UNSEEN.test(text);
const line = (max: number) => z.string().min(1).max(max).refine(clean);
const paragraph = z.string().max(8000).refine(clean);

const institution = z.strictObject({
  id: z.uuid(),
  name: line(200),
  department: line(100).nullable(),
});

export const opinionDiagnosis = z.strictObject({
  /** ICD-10; null when the doctor wrote words only. */
  code: z.string().refine(isIcd10Code).nullable(),
  text: line(200),
});

export const opinionDoctor = z.strictObject({
  personId: z.uuid(),
  name: line(100),
  /** Professional title as licensed, e.g. 主任医师. */
  title: line(60),
  institution: line(200),
  department: line(100).nullable(),
  /** True for the one who signs. */
  signs: z.boolean(),
});

export const opinionDocument = z
  .strictObject({
    schema: z.literal(OPINION_SCHEMA),
    /** Names the document on the check page; not guessable, says nothing about the patient. */
    documentId: z.uuid(),
    consult: z.strictObject({
      id: z.uuid(),
      number: line(40),
      urgency: z.enum(["emergency", "urgent", "routine"]),
    }),
    patient: z.strictObject({
      /** Null for a person whose identity is not known. */
      name: line(100).nullable(),
      /** The same name in Tibetan script. */
      nameBo: line(200).nullable(),
      sex: z.enum(["female", "male", "other", "unknown"]),
      ageYears: z.int().min(0).max(150).nullable(),
      /** Months beyond the years, 0–11; said for small children. */
      ageMonths: z.int().min(0).max(11).nullable(),
      /** First three and last four characters of the identity number. */
      identityMasked: line(40).nullable(),
    }),
    inviting: institution,
    /** The doctor beside the patient, who decides treatment. */
    attendingDoctor: z.strictObject({ name: line(100), title: line(60).nullable() }),
    invited: institution,
    question: paragraph,
    findingsReviewed: paragraph,
    /** Missing data and limits of a remote opinion. */
    missingData: paragraph,
    diagnosticOpinion: paragraph.min(1),
    diagnoses: z.array(opinionDiagnosis).max(10),
    testsAdvised: paragraph,
    plan: paragraph.min(1),
    transferConditions: paragraph,
    /** The same in words for the patient. */
    plainWords: paragraph,
    doctors: z.array(opinionDoctor).min(1).max(20),
    times: z.strictObject({
      requestedAt: instant,
      /** Null when advice was given without a meeting. */
      sessionStartedAt: instant.nullable(),
      sessionEndedAt: instant.nullable(),
      /** When this document was put together for signing. */
      issuedAt: instant,
    }),
  })
  .refine((document) => document.doctors.filter((doctor) => doctor.signs).length === 1, {
    path: ["doctors"],
    message: "exactly one doctor signs",
  });

export type OpinionDocument = z.infer<typeof opinionDocument>;

/** The doctor who signs. */
export function signingDoctor(document: OpinionDocument): OpinionDocument["doctors"][number] {
  const doctor = document.doctors.find((one) => one.signs);
  // The schema holds exactly one; a document that was not parsed has no business here.
  if (!doctor) throw new TypeError("opinion document without a signing doctor");
  return doctor;
}

/** NFC, single line ends, nothing invisible, outer blanks off; Dates become UTC instants. */
function tidy(value: unknown): unknown {
  if (typeof value === "string") {
    return value
      .replace(/\r\n?/g, "\n")
      .replace(new RegExp(UNSEEN, "gv"), "")
      .trim()
      .normalize("NFC");
  }
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(tidy);
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, tidy(member)]));
  }
  return value;
}

type Draft<Value> = Value extends string
  ? string | Date
  : Value extends readonly (infer Member)[]
    ? readonly Draft<Member>[]
    : Value extends object
      ? { readonly [Key in keyof Value]: Draft<Value[Key]> }
      : Value;

/**
 * Puts a document together for signing: texts are brought to NFC, Dates to UTC
 * instants, `schema` is added, and the result is checked.
 *
 * @throws z.ZodError naming what is missing (an empty opinion or plan, no signing
 *   doctor, an unknown ICD-10 form).
 */
export function createOpinionDocument(
  content: Omit<Draft<OpinionDocument>, "schema">,
): OpinionDocument {
  return opinionDocument.parse(tidy({ ...content, schema: OPINION_SCHEMA }));
}
