/** What pages send and receive about prescriptions. */
import { z } from "zod";
import { diagnosis } from "../consult/contract.ts";
import { grades, medicineClasses, medicineForms, medicineRoutes } from "../formulary/domain.ts";
import { day, instant, line, paragraph, uuid } from "../http/contract.ts";
import {
  deliveryStates,
  encounterKinds,
  frequencyCodes,
  handOverMethods,
  prescriptionActions,
  prescriptionChannels,
  prescriptionKinds,
  prescriptionStates,
  returnReasons,
} from "./domain.ts";
import { type WarningCode, warningCodes } from "./warning.ts";

const version = z.int().min(1);
const words = z.object({ zh: z.string(), en: z.string(), bo: z.string() });

/** What the doctor says of the patient beyond the record. Null: nobody asked. */
export const typedFacts = z
  .object({
    weightKg: z.number().min(0.3).max(400).nullable(),
    egfr: z.number().min(1).max(200).nullable(),
    pregnant: z.boolean().nullable(),
    breastFeeding: z.boolean().nullable(),
    /** An empty list: asked, and there are none. */
    allergies: z.array(line(100)).max(20).nullable(),
    takes: z.array(line(100)).max(30).nullable(),
  })
  .strict();
export type TypedFacts = z.infer<typeof typedFacts>;

export const lineBody = z
  .object({
    code: line(60),
    dose: z.number().positive().max(10_000),
    frequency: z.enum(frequencyCodes),
    days: z.int().min(1).max(366),
    quantity: z.number().positive().max(100_000),
    instructions: z.string().trim().max(200).default(""),
  })
  .strict();

export const startBody = z
  .object({
    encounterKind: z.enum(encounterKinds),
    encounterId: uuid,
    patientId: uuid,
    kind: z.enum(prescriptionKinds).default("ordinary"),
    /** The last one of this patient at this house is the draft. */
    repeatOf: uuid.nullish(),
  })
  .strict();
export const draftBody = z
  .object({
    version,
    kind: z.enum(prescriptionKinds),
    diagnoses: z.array(diagnosis).max(10),
    lines: z.array(lineBody).max(20),
    typed: typedFacts,
    assessment: paragraph.nullable(),
    chartNote: paragraph.nullable(),
    patientSigned: z.boolean(),
    guardianPresent: z.boolean(),
    specialistPresent: z.boolean(),
    note: z.string().trim().max(500),
    validDays: z.int().min(1).max(3),
    /** Reasons by the key of the warning. */
    overruled: z.record(z.string().max(300), z.string().trim().max(300)),
  })
  .strict();
export type DraftBody = z.output<typeof draftBody>;
export const versionBody = z.object({ version }).strict();
export const signBody = z.object({ version, jws: z.string().min(1).max(400_000) }).strict();
export const returnBody = z
  .object({ version, reason: z.enum(returnReasons), note: line(500) })
  .strict();
export const cancelBody = z.object({ version, reason: line(300) }).strict();
export const talkBody = z.object({ text: line(1000) }).strict();
export const codeBody = z
  .object({
    code: z
      .string()
      .trim()
      .regex(/^\d{8}$/),
  })
  .strict();
export const dispenseBody = z
  .object({
    version,
    method: z.enum(handOverMethods),
    address: line(200).nullish(),
    /** Another product of the same substance, form and route for a line. */
    instead: z
      .array(z.object({ position: z.int().min(0).max(19), code: line(60) }).strict())
      .max(20)
      .default([]),
  })
  .strict();
export const collectBody = z
  .object({
    version,
    code: z
      .string()
      .trim()
      .regex(/^\d{8}$/),
    /** Whoever hands it out has seen the patient's identity card. */
    patientIdSeen: z.boolean(),
    proxy: z
      .object({ name: line(100), idNumber: line(18) })
      .strict()
      .nullish(),
  })
  .strict();
export const deliveryBody = z
  .object({
    version,
    state: z.enum(deliveryStates),
    carrier: line(60).nullish(),
    trackingNumber: line(60).nullish(),
    text: line(200).nullish(),
  })
  .strict();
export const takeBackBody = cancelBody;
export const batchBody = z
  .object({
    medicineCode: line(60),
    batchNumber: line(40),
    expiresOn: day,
    quantity: z.number().min(0).max(1_000_000),
  })
  .strict();

export const source = z.object({
  id: z.string(),
  title: z.string(),
  address: z.string().nullable(),
  readOn: z.string().nullable(),
});
export const warningView = z.object({
  key: z.string(),
  code: z.enum(warningCodes as [WarningCode, ...WarningCode[]]),
  grade: z.enum(grades),
  lines: z.array(z.int()),
  source,
  words,
  /** It came up after the doctor had signed. */
  isNew: z.boolean(),
  reason: z.string().nullable(),
});

export const medicineView = z.object({
  code: z.string(),
  zh: z.string(),
  en: z.string(),
  atc: z.string(),
  form: z.enum(medicineForms),
  strength: z.string(),
  unit: z.string(),
  route: z.enum(medicineRoutes),
  pack: z.number(),
  /** To begin with; null: the doctor has to say. */
  dose: z.number().nullable(),
  times: z.number(),
  classes: z.array(z.enum(medicineClasses)),
  /** Units on the house's own shelf that have not expired; null: the house keeps no stock here. */
  stock: z.number().nullable(),
});
export const medicineList = z.object({ medicines: z.array(medicineView) });
export const searchQuery = z.object({ q: z.string().max(60), prescription: uuid.optional() });

const person = z.object({ id: uuid, name: z.string() });
export const lineView = lineBody.extend({
  instructions: z.string(),
  position: z.int(),
  zh: z.string(),
  en: z.string(),
  atc: z.string(),
  strength: z.string(),
  unit: z.string(),
  route: z.string(),
});
export const prescriptionSummary = z.object({
  id: uuid,
  number: z.string(),
  version: z.int(),
  state: z.enum(prescriptionStates),
  kind: z.enum(prescriptionKinds),
  channel: z.enum(prescriptionChannels),
  patient: z.object({ id: uuid, name: z.string(), sex: z.string(), ageMonths: z.int().nullable() }),
  doctor: person,
  house: z.object({ id: uuid, name: z.string() }),
  medicines: z.array(z.string()),
  signedAt: instant.nullable(),
  reviewDueAt: instant.nullable(),
  validUntil: instant.nullable(),
  updatedAt: instant,
});
export type PrescriptionSummary = z.infer<typeof prescriptionSummary>;

export const prescriptionView = prescriptionSummary.extend({
  encounterKind: z.enum(encounterKinds),
  encounterId: uuid,
  diagnoses: z.array(diagnosis),
  lines: z.array(lineView),
  typed: typedFacts,
  /** What was known when it was looked at last. */
  facts: z.object({
    ageMonths: z.int().nullable(),
    sex: z.string(),
    weightKg: z.number().nullable(),
    egfr: z.number().nullable(),
    pregnant: z.boolean().nullable(),
    breastFeeding: z.boolean().nullable(),
    allergies: z.array(z.object({ text: z.string(), past: z.boolean() })).nullable(),
    takes: z.array(z.object({ text: z.string() })).nullable(),
    /** Whether the house's own record could be read. */
    recordRead: z.boolean(),
  }),
  assessment: z.string().nullable(),
  chartNote: z.string().nullable(),
  patientSigned: z.boolean(),
  guardianPresent: z.boolean(),
  specialistPresent: z.boolean(),
  note: z.string(),
  validDays: z.int(),
  warnings: z.array(warningView),
  /** How many of them keep it from being signed. */
  open: z.int(),
  signature: z
    .object({
      state: z.enum(["good", "key-replaced", "key-revoked", "bad"]),
      kid: z.string(),
      keyRevokedAt: instant.nullable(),
    })
    .nullable(),
  reviewer: person.nullable(),
  reviewedAt: instant.nullable(),
  returnReason: z.enum(returnReasons).nullable(),
  returnNote: z.string().nullable(),
  endReason: z.string().nullable(),
  talk: z.array(z.object({ by: z.string(), text: z.string(), at: instant })),
  steps: z.array(
    z.object({
      action: z.string(),
      by: z.string().nullable(),
      reason: z.string().nullable(),
      at: instant,
    }),
  ),
  dispense: z
    .object({
      house: z.string(),
      preparedAt: instant,
      method: z.enum(handOverMethods),
      deliveryState: z.enum(deliveryStates).nullable(),
      carrier: z.string().nullable(),
      trackingNumber: z.string().nullable(),
      trackingText: z.string().nullable(),
      collectedAt: instant.nullable(),
      byProxy: z.boolean(),
      taken: z.array(
        z.object({
          position: z.int(),
          zh: z.string(),
          en: z.string(),
          quantity: z.number(),
          instead: z.boolean(),
        }),
      ),
    })
    .nullable(),
  /** Against the last one of this patient that it repeats. */
  changed: z.array(words).nullable(),
  actions: z.array(z.enum(prescriptionActions)),
});
export type PrescriptionView = z.infer<typeof prescriptionView>;
export const prescriptionList = z.object({ prescriptions: z.array(prescriptionSummary) });
export const documentAnswer = z.object({ document: z.unknown(), canonical: z.string(), version });

export const encounterList = z.object({
  encounters: z.array(
    z.object({
      kind: z.enum(encounterKinds),
      id: uuid,
      patient: prescriptionSummary.shape.patient,
      since: instant.nullable(),
      /** A prescription of this visit that is not over. */
      prescriptionId: uuid.nullable(),
      /** The patient's last one at this house, that can be repeated. */
      lastId: uuid.nullable(),
      lastAt: instant.nullable(),
    }),
  ),
});

export const myPrescriptions = z.object({
  prescriptions: z.array(
    z.object({
      id: uuid,
      number: z.string(),
      state: z.enum(prescriptionStates),
      house: z.string(),
      doctor: z.string(),
      signedAt: instant,
      validUntil: instant,
      /** For collection; null before approval and afterwards. */
      code: z.string().nullable(),
      pharmacy: z.string().nullable(),
      method: z.enum(handOverMethods).nullable(),
      deliveryState: z.enum(deliveryStates).nullable(),
      trackingText: z.string().nullable(),
      trackingNumber: z.string().nullable(),
      collectedAt: instant.nullable(),
      lines: z.array(lineView),
    }),
  ),
});

export const stockView = z.object({
  today: day,
  batches: z.array(
    z.object({
      id: uuid,
      medicineCode: z.string(),
      zh: z.string(),
      en: z.string(),
      unit: z.string(),
      batchNumber: z.string(),
      expiresOn: day,
      quantity: z.number(),
      expired: z.boolean(),
    }),
  ),
});
