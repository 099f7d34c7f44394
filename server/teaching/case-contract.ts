/** What pages send and receive about de-identified cases and teaching consents. */
import { z } from "zod";
import { consentMethods } from "../consult/domain.ts";
import { day, instant, language, line, paragraph, uuid } from "../http/contract.ts";
import { struckKinds } from "./case-domain.ts";
import { caseActions, caseItemKinds, caseStates } from "./case-states.ts";

const version = z.number().int().positive();
const icd10 = z.string().regex(/^[A-Z]\d{2}(\.[0-9A-Za-z]{1,4})?$/);

export const sourceQuery = z.object({ patientId: uuid });
/** What may be picked of the patient's record, as the reader sees it anyway. */
export const caseSource = z.object({
  patientId: uuid,
  items: z.array(
    z.object({
      key: z.string(),
      section: z.enum(["warnings", "problems", "medicines", "results", "visits", "documents"]),
      title: z.string(),
      detail: z.string().nullable(),
      date: z.string().nullable(),
      value: z.string().nullable(),
    }),
  ),
  stills: z.array(z.object({ attachmentId: uuid, takenAt: instant })),
  /** Houses that did not answer: what they hold is missing here. */
  missing: z.array(z.string()),
});

export const caseBody = z
  .object({
    patientId: uuid,
    title: line(120),
    /** Dates are shown as days from it: the day of onset or admission. */
    dayZero: day,
    /** ICD-10 codes of what the case is about; they decide how rare it is. */
    codes: z.array(icd10).min(1).max(5),
    /** Own words: complaint, course, question. */
    texts: z.array(z.object({ title: line(60), text: paragraph.min(1) }).strict()).max(10),
    /** Keys of record items. */
    keys: z.array(z.string().max(300)).max(60),
    stills: z.array(uuid).max(10),
  })
  .strict();
export type CaseBody = z.infer<typeof caseBody>;
export const changeCaseBody = caseBody.extend({ version }).strict();

/** The maker says that the preview was read to its end; a reviewer writes what he looked at. */
export const caseActionBody = z.discriminatedUnion("action", [
  z.object({ action: z.literal("askReview"), version, confirmed: z.literal(true) }).strict(),
  z.object({ action: z.literal("release"), version, confirmed: z.literal(true) }).strict(),
  z.object({ action: z.literal("approve"), version, note: line(500).nullable() }).strict(),
  z.object({ action: z.literal("return"), version, note: line(500) }).strict(),
  z.object({ action: z.literal("revise"), version }).strict(),
]);
export type CaseActionBody = z.infer<typeof caseActionBody>;

const struck = z.object({ kind: z.enum(struckKinds), text: z.string() });
export const caseItemView = z.object({
  id: uuid,
  kind: z.enum(caseItemKinds),
  title: z.string(),
  lines: z.array(
    z.object({
      text: z.string(),
      value: z.string().nullable(),
      /** Days from day zero, in words. */
      day: z.string().nullable(),
      flag: z.string().nullable(),
    }),
  ),
  /** Of an image. */
  picture: z
    .object({
      full: z.string(),
      thin: z.string(),
      width: z.number().int(),
      height: z.number().int(),
    })
    .nullable(),
  /** What was struck out here; only for who makes or reviews it. */
  struck: z.array(struck),
});
export const caseView = z.object({
  id: uuid,
  sessionId: uuid,
  version: z.number().int(),
  state: z.enum(caseStates),
  title: z.string(),
  who: z.string(),
  place: z.string(),
  items: z.array(caseItemView),
  /** Below: only for who makes or reviews it. */
  needsReview: z.boolean(),
  reviewReasons: z.array(z.string()),
  reviewNote: z.string().nullable(),
  patientId: uuid.nullable(),
  dayZero: day.nullable(),
  /** What it was made of, for who changes it; null for everybody else, and of cases made before this was kept. */
  picked: caseBody.pick({ codes: true, texts: true, keys: true, stills: true }).nullable(),
  actions: z.array(z.enum(Object.keys(caseActions) as [keyof typeof caseActions])),
  consented: z.boolean(),
});
export const caseList = z.object({ cases: z.array(caseView) });
export type CaseView = z.input<typeof caseView>;
export const reviewList = z.object({
  reviews: z.array(
    z.object({
      caseId: uuid,
      sessionId: uuid,
      title: z.string(),
      session: z.string(),
      maker: z.string(),
      askedAt: instant,
    }),
  ),
});

export const teachingConsentBody = z
  .object({
    patientId: uuid,
    given: z.boolean(),
    replay: z.boolean(),
    method: z.enum(consentMethods).exclude(["emergency"]),
    language,
    textVersion: line(20),
    signerName: line(100),
    signerRelation: line(40),
    signature: z
      .object({ strokes: z.array(z.array(z.tuple([z.number(), z.number()])).max(2000)).max(200) })
      .nullish(),
    witnessName: line(100).nullish(),
    reason: line(500).nullish(),
    /** Everybody who was in the room. */
    present: line(300),
    /** Said by who asks: no observer was there. */
    withoutObservers: z.literal(true),
  })
  .strict();
export const teachingConsentView = z.object({
  id: uuid,
  patientId: uuid,
  given: z.boolean(),
  replay: z.boolean(),
  signerName: z.string(),
  signerRelation: z.string(),
  present: z.string(),
  recordedAt: instant,
  withdrawnAt: instant.nullable(),
});
export const teachingConsentList = z.object({ consents: z.array(teachingConsentView) });
export const withdrawBody = z.object({ reason: line(300).nullable().default(null) }).strict();

export const myConsentList = z.object({
  consents: z.array(
    z.object({
      id: uuid,
      patientId: uuid,
      title: z.string(),
      institution: z.object({
        zh: z.string(),
        en: z.string().nullable(),
        bo: z.string().nullable(),
      }),
      startsAt: instant.nullable(),
      signerName: z.string(),
      recordedAt: instant,
      withdrawnAt: instant.nullable(),
      /** There is no replay any more. */
      withheld: z.boolean(),
    }),
  ),
});
