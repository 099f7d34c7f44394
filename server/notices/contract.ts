/** What pages say about calls instead of messages. */
import { z } from "zod";
import { instant, language, line, uuid } from "../http/contract.ts";
import { contactRelations } from "../patients/domain.ts";
import { callKinds, callOutcomes, callStates, noticeModes } from "./domain.ts";

const relation = z.enum(contactRelations);
const minute = z.number().int().min(0).max(1439);

export const preferenceBody = z
  .object({
    mode: z.enum(noticeModes),
    /** Whom to call; needed for a helper, otherwise the patient's own first number. */
    contactName: line(80).nullish(),
    contactRelation: relation.nullish(),
    /** Left out: the number that is kept stays. */
    contactPhone: line(30).nullish(),
    /** When nothing that can wait is told; left out: as it was; the same minute twice: never quiet. */
    quiet: z.object({ fromMinute: minute, toMinute: minute }).strict().optional(),
  })
  .strict();
export const preferenceView = z.object({
  patientId: uuid,
  mode: z.enum(noticeModes),
  contactName: z.string().nullable(),
  contactRelation: relation.nullable(),
  contactPhoneMasked: z.string().nullable(),
  quiet: z.object({ fromMinute: minute, toMinute: minute }),
});
export type PreferenceView = z.infer<typeof preferenceView>;
export const preferenceList = z.object({ preferences: z.array(preferenceView) });

export const callList = z.object({
  calls: z.array(
    z.object({
      id: uuid,
      version: z.number().int(),
      kind: z.enum(callKinds),
      state: z.enum(callStates),
      patientId: uuid,
      patient: z.string(),
      /** Null: news of which no appointment came. */
      appointmentId: uuid.nullable(),
      at: instant,
      dueAt: instant,
      nextAt: instant,
      attempts: z.number().int(),
      contact: z.object({
        name: z.string().nullable(),
        relation: relation.nullable(),
        /** In full: it is there to be dialled. */
        phone: z.string().nullable(),
      }),
      /** What the patient speaks, and what is said in it. */
      language,
      words: z.object({ "zh-CN": z.string(), bo: z.string(), en: z.string() }),
    }),
  ),
});
export type CallList = z.infer<typeof callList>;
export const callBody = z
  .object({ version: z.number().int(), outcome: z.enum(callOutcomes) })
  .strict();
