/** What pages and other installations read about cards and paper codes. */
import { z } from "zod";
import { day, instant, line, uuid } from "../http/contract.ts";
import { patientSexes } from "../patients/domain.ts";
import {
  cardResults,
  paperCodeReasons,
  paperCodeStates,
  paperRevocations,
  validityWindowsHours,
} from "./domain.ts";

export const publishedKey = z.object({
  kty: z.literal("EC"),
  kid: z.string(),
  use: z.literal("sig"),
  alg: z.literal("ES256"),
  crv: z.literal("P-256"),
  x: z.string(),
  y: z.string(),
  crlVersion: z.number().int().optional(),
});
export const jwks = z.object({ keys: z.array(publishedKey) });
export const revocationList = z.object({
  kid: z.string(),
  method: z.literal("rid"),
  ctr: z.number().int(),
  rids: z.array(z.string()),
});
export const revocationFile = z.object({ file: z.string().regex(/^[A-Za-z0-9_-]{43}\.json$/) });

/** What a verifier needs beside keys and lists. */
export const cardPolicy = z.object({
  issuer: z.string(),
  validityHours: z.number().int(),
  windowsHours: z.array(z.number().int()),
  validFrom: day,
});
export type CardPolicyView = z.infer<typeof cardPolicy>;

export const issuePaperBody = z
  .object({
    patientId: uuid,
    disabled: z.boolean().default(false),
    overrideReason: line(300).nullish(),
  })
  .strict();
export const paperCode = z.object({
  id: uuid,
  patientId: uuid,
  nameMasked: z.string(),
  idLastFour: z.string().nullable(),
  /** What the code holds. */
  text: z.string(),
  /** Its 16 letters, to be typed where nothing scans. */
  number: z.string(),
  reason: z.enum(paperCodeReasons),
  state: z.enum(paperCodeStates),
  issuedAt: instant,
  expiresAt: instant,
});
export type PaperCodeView = z.infer<typeof paperCode>;
export const paperDesk = z.object({
  /** Why the person may have one by age; null: disabled, or a reason in writing. */
  reason: z.enum(paperCodeReasons).nullable(),
  current: z
    .object({ id: uuid, state: z.enum(paperCodeStates), issuedAt: instant, expiresAt: instant })
    .nullable(),
});
export type PaperDesk = z.infer<typeof paperDesk>;
export const myPaperCodes = z.object({
  people: z.array(
    z.object({
      patientId: uuid,
      name: z.string(),
      reason: z.enum(paperCodeReasons).nullable(),
      code: paperCode.nullable(),
    }),
  ),
});
export type MyPaperCodes = z.infer<typeof myPaperCodes>;
export const revokePaperBody = z
  .object({ reason: z.enum(paperRevocations).exclude(["reissued"]) })
  .strict();
export const checkPaperBody = z.object({ code: line(400) }).strict();
export const paperHolder = z.object({
  id: uuid,
  patientId: uuid,
  nameMasked: z.string(),
  idLastFour: z.string().nullable(),
  sex: z.enum(patientSexes),
  birthYear: z.number().int().nullable(),
  expiresAt: instant,
});
export type PaperHolder = z.infer<typeof paperHolder>;

export const myResultStates = ["waiting", "negative", "positive", "again"] as const;
/** One test as its person reads it. A recall says "please test again" and never why. */
export const myResult = z.object({
  /** Of the result, or of the sample while there is none. */
  id: uuid,
  patientId: uuid,
  patientName: z.string(),
  state: z.enum(myResultStates),
  sampledAt: instant,
  place: z.string().nullable(),
  /** When the result is expected; only while waiting. */
  dueAt: instant.nullable(),
  releasedAt: instant.nullable(),
  laboratory: z.string().nullable(),
  /** Of a negative result: hours of the policy on the day of sampling. */
  validityHours: z.number().int().nullable(),
  validUntil: instant.nullable(),
  hasCard: z.boolean(),
});
export type MyResult = z.infer<typeof myResult>;
export const myResults = z.object({ results: z.array(myResult) });
export type MyResults = z.infer<typeof myResults>;
export const cardAnswer = z.object({
  jws: z.string(),
  result: z.enum(cardResults),
  sampledAt: instant,
});
export type CardAnswer = z.infer<typeof cardAnswer>;
export const cardFile = z.object({ verifiableCredential: z.array(z.string()) });

/** What a checked paper code stands for now, after the identity card was compared. */
export const paperResult = z.object({
  state: z.enum(["negative", "positive", "again", "none"]),
  sampledAt: instant.nullable(),
  validityHours: z.number().int().nullable(),
  validUntil: instant.nullable(),
});
export type PaperResult = z.infer<typeof paperResult>;

export const policyBody = z
  .object({
    /** From this day on, today at the earliest. */
    validFrom: day,
    validityHours: z.literal(validityWindowsHours),
    paperCodeDays: z.number().int().min(1).max(366),
    testCode: z
      .string()
      .trim()
      .regex(/^\d{1,7}-\d$/),
    source: line(200),
    /** Recalled rather than read in a document: it awaits a clinician. */
    recalled: z.boolean(),
  })
  .strict();
export const policyRow = z.object({
  id: uuid,
  validFrom: day,
  validityHours: z.number().int(),
  paperCodeDays: z.number().int(),
  testCode: z.string(),
  source: z.string(),
  recalled: z.boolean(),
  /** Null: it came with the product. */
  enteredBy: z.string().nullable(),
  checkedBy: z.string().nullable(),
  checkedAt: instant.nullable(),
  when: z.enum(["over", "current", "coming"]),
  mayCheck: z.boolean(),
});
export const policyList = z.object({
  today: day,
  policies: z.array(policyRow),
  mayEnter: z.boolean(),
});
