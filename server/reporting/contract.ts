/** What the pages send and receive about critical values and infectious-disease reports. */
import { z } from "zod";
import { day, instant, line, uuid } from "../http/contract.ts";
import { patientSexes } from "../patients/domain.ts";
import {
  criticalValueActions,
  criticalValueStates,
  diagnosisKinds,
  diseaseClasses,
  infectiousReportActions,
  infectiousReportStates,
  reportSides,
} from "./domain.ts";

const version = z.number().int().positive();
/** Several lines that say something. */
const words = (max: number) => z.string().trim().min(1).max(max);

const patientLine = z.object({
  id: uuid,
  fullName: z.string().nullable(),
  fullNameBo: z.string().nullable(),
  sex: z.enum(patientSexes),
  ageYears: z.number().int().nullable(),
});
const institutionLine = z.object({
  id: uuid,
  name: z.string(),
  nameBo: z.string().nullable(),
  nameEn: z.string().nullable(),
  phone: z.string().nullable(),
});
/** Who did something, and when. */
const stamp = z.object({ name: z.string(), at: instant });
const step = z.object({
  action: z.string(),
  by: z.string(),
  institution: z.string().nullable(),
  reason: z.string().nullable(),
  at: instant,
});

/** `open` is what still has a clock, `done` the latest of the rest. */
export const reportingListQuery = z.object({ scope: z.enum(["open", "done"]).default("open") });

export const criticalValueView = z.object({
  id: uuid,
  version,
  state: z.enum(criticalValueStates),
  patient: patientLine,
  institution: institutionLine,
  consultId: uuid.nullable(),
  itemCode: z.string().nullable(),
  itemText: z.string(),
  valueText: z.string(),
  unit: z.string().nullable(),
  measuredAt: instant,
  placeText: z.string().nullable(),
  altitudeMetres: z.number().int().nullable(),
  note: z.string().nullable(),
  found: stamp,
  receiver: z.object({
    personId: uuid.nullable(),
    name: z.string(),
    institution: institutionLine,
    phoneMasked: z.string().nullable(),
  }),
  /** The reader is the one who was named. */
  mine: z.boolean(),
  /** The reader is the one who found it: a read-back is then what was heard on the telephone. */
  foundByMe: z.boolean(),
  readBack: z
    .object({ words: z.string(), name: z.string(), recordedBy: z.string(), at: instant })
    .nullable(),
  acted: stamp.extend({ text: z.string() }).nullable(),
  cancelled: stamp.extend({ reason: z.string() }).nullable(),
  /** The clock that runs now. */
  dueAt: instant.nullable(),
  escalationLevel: z.number().int(),
  actions: z.array(z.enum(criticalValueActions)),
  steps: z.array(step),
});
export type CriticalValueView = z.infer<typeof criticalValueView>;
export const criticalValueList = z.object({ values: z.array(criticalValueView) });

/** Somebody of the alliance, or somebody who can only be telephoned. */
export const receiverBody = z.union([
  z.object({ personId: uuid, institutionId: uuid }).strict(),
  z.object({ name: line(100), phone: line(20) }).strict(),
]);
export const raiseCriticalValueBody = z
  .object({
    patientId: uuid,
    consultId: uuid.nullish(),
    itemCode: line(40).nullish(),
    itemText: line(200),
    valueText: line(100),
    unit: line(40).nullish(),
    measuredAt: instant,
    placeText: line(200).nullish(),
    altitudeMetres: z.number().int().min(-500).max(9000).nullish(),
    note: words(2000).nullish(),
    receiver: receiverBody,
  })
  .strict();
export type RaiseCriticalValue = z.infer<typeof raiseCriticalValueBody>;

export const criticalValueActionBody = z.discriminatedUnion("action", [
  z
    .object({
      action: z.literal("readBack"),
      version,
      words: words(500),
      /** Who repeated it, when the finder notes a telephone call. */
      name: line(100).nullish(),
    })
    .strict(),
  z.object({ action: z.literal("redirect"), version, receiver: receiverBody }).strict(),
  z.object({ action: z.literal("recordAction"), version, text: words(2000) }).strict(),
  z.object({ action: z.literal("cancel"), version, reason: words(500) }).strict(),
]);
export type CriticalValueActionBody = z.infer<typeof criticalValueActionBody>;

export const receiverQuery = z.object({ consultId: uuid.optional() });
export const receiverList = z.object({
  receivers: z.array(
    z.object({
      personId: uuid,
      name: z.string(),
      title: z.string().nullable(),
      institutionId: uuid,
      institution: z.string(),
    }),
  ),
});

export const diseaseView = z.object({
  code: z.string(),
  nameZh: z.string(),
  nameEn: z.string(),
  /** Empty where the Tibetan name is still to be written. */
  nameBo: z.string(),
  /** Initials of the Chinese name's pinyin, as people type them to search. */
  initials: z.string(),
  icd10: z.string(),
  diseaseClass: z.enum(diseaseClasses),
  managedAsA: z.boolean(),
  /** Minutes from the diagnosis until it must be reported. */
  minutes: z.number().int(),
});
export type DiseaseView = z.infer<typeof diseaseView>;
export const diseaseQuery = z.object({ day: day.optional() });
export const diseaseList = z.object({ diseases: z.array(diseaseView) });

export const infectiousReportView = z.object({
  id: uuid,
  version,
  state: z.enum(infectiousReportStates),
  patient: patientLine.extend({
    contacts: z.array(z.object({ name: z.string().nullable(), phoneMasked: z.string() })),
  }),
  institution: institutionLine,
  cdc: institutionLine.nullable(),
  consultId: uuid.nullable(),
  diseaseCode: z.string(),
  diseaseName: z.string(),
  diseaseNameEn: z.string().nullable(),
  diseaseNameBo: z.string().nullable(),
  diseaseClass: z.enum(diseaseClasses),
  managedAsA: z.boolean(),
  diagnosisKind: z.enum(diagnosisKinds),
  diagnosedAt: instant,
  onsetOn: day.nullable(),
  currentAddress: z.string().nullable(),
  workplace: z.string().nullable(),
  note: z.string().nullable(),
  reported: stamp,
  corrected: stamp.nullable(),
  received: stamp.nullable(),
  filed: stamp.extend({ number: z.string().nullable() }).nullable(),
  returned: stamp.extend({ reason: z.string() }).nullable(),
  withdrawn: stamp.extend({ reason: z.string() }).nullable(),
  urgent: z.boolean(),
  /** The clock that runs now. */
  dueAt: instant.nullable(),
  /** Whose turn it is. */
  owner: z.enum(reportSides).nullable(),
  /** It is the reader's turn. */
  mine: z.boolean(),
  escalationLevel: z.number().int(),
  actions: z.array(z.enum(infectiousReportActions)),
  steps: z.array(step),
});
export type InfectiousReportView = z.infer<typeof infectiousReportView>;
export const infectiousReportList = z.object({ reports: z.array(infectiousReportView) });

const reportContent = {
  diseaseCode: line(60),
  diagnosisKind: z.enum(diagnosisKinds),
  diagnosedAt: instant,
  onsetOn: day.nullish(),
  currentAddress: line(300).nullish(),
  workplace: line(200).nullish(),
  note: words(2000).nullish(),
};
export const reportContentBody = z.object(reportContent);
export type ReportContent = z.infer<typeof reportContentBody>;
export const createReportBody = z
  .object({ patientId: uuid, consultId: uuid.nullish(), ...reportContent })
  .strict();
export type CreateReport = z.infer<typeof createReportBody>;

export const infectiousReportActionBody = z.discriminatedUnion("action", [
  z.object({ action: z.literal("receive"), version }).strict(),
  z.object({ action: z.literal("return"), version, reason: words(500) }).strict(),
  z.object({ action: z.literal("correct"), version, ...reportContent }).strict(),
  z.object({ action: z.literal("file"), version, number: line(60).nullish() }).strict(),
  z.object({ action: z.literal("withdraw"), version, reason: words(500) }).strict(),
]);
export type InfectiousReportActionBody = z.infer<typeof infectiousReportActionBody>;
