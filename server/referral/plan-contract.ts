/** What pages send and receive about the ways of an alliance and their versions. */
import { z } from "zod";
import { day, instant, line, uuid } from "../http/contract.ts";
import { referralUrgencies, triggerMeasures, wardFactHoursMost, wardFactKinds } from "./domain.ts";
import { planFaults, planStates } from "./plan-domain.ts";
import { referralDirections, referralStates } from "./states.ts";

const code = z.string().regex(/^[a-z][a-z0-9-]{1,39}$/);
const words = z
  .object({ zh: line(200), en: line(200), bo: z.string().trim().max(200).nullable() })
  .strict();
const limit = z
  .object({
    atLeast: z.number().min(0).max(400).optional(),
    atMost: z.number().min(0).max(400).optional(),
  })
  .strict();
export const planWay = z
  .object({
    code,
    direction: z.enum(referralDirections),
    names: words,
    specialtyCodes: z.array(z.string().regex(/^\d{2}(\.\d{2}){0,2}$/)).max(20),
    /** ICD-10, as far as it is meant: `I6`, `I63`, `I63.9`. */
    diagnosisPrefixes: z
      .array(z.string().regex(/^[A-Z]\d(\d(\.[\dx]{1,3})?)?$/))
      .max(40)
      .default([]),
    criteria: z
      .array(
        z
          .object({
            code,
            names: words,
            evidence: z.partialRecord(z.enum(triggerMeasures), limit).nullable(),
            wardFact: z
              .object({
                fact: z.enum(wardFactKinds),
                hours: z.int().min(1).max(wardFactHoursMost).optional(),
              })
              .strict()
              .nullable()
              .default(null),
          })
          .strict(),
      )
      .max(20),
    receivers: z
      .array(z.object({ institutionId: uuid, departmentId: uuid.nullable() }).strict())
      .max(20),
    wantedResults: z.array(words).max(20),
    followUpDays: z
      .array(z.int().min(1).max(365))
      .max(12)
      .refine((days) => days.every((one, at) => at === 0 || one > days[at - 1]!)),
    returnTriggers: z
      .array(
        z.discriminatedUnion("kind", [
          limit.extend({
            code,
            kind: z.literal("value"),
            measure: z.enum(triggerMeasures),
          }),
          z.object({ code, kind: z.literal("words"), names: words }).strict(),
        ]),
      )
      .max(20),
    source: line(300),
    recalled: z.boolean(),
  })
  .strict();
export const planContent = z.object({ ways: z.array(planWay).min(1).max(30) }).strict();

export const planChange = z
  .object({ validFrom: day, note: line(400), content: planContent })
  .strict();
export const planBody = planChange.extend({ allianceId: uuid });
export const planTestBody = z.object({ allianceId: uuid, content: planContent }).strict();

const ref = z.object({
  id: uuid,
  name: z.string(),
  nameEn: z.string().nullable(),
  nameBo: z.string().nullable(),
});
export const planSummary = z.object({
  id: uuid,
  allianceId: uuid,
  version: z.int(),
  validFrom: day,
  state: z.enum(planStates),
  note: z.string(),
  starter: z.boolean(),
  author: z.string().nullable(),
  publisher: z.string().nullable(),
  publishedAt: instant.nullable(),
  /** Referrals are written by it today. */
  current: z.boolean(),
  mayChange: z.boolean(),
  mayPublish: z.boolean(),
  ways: z.int(),
  /** Ways that were written from memory. */
  recalled: z.int(),
});
export type PlanSummary = z.infer<typeof planSummary>;
export const planView = planSummary.extend({ content: planContent });
export type PlanView = z.infer<typeof planView>;

export const planList = z.object({
  alliances: z.array(
    z.object({
      alliance: ref,
      /** The house that leads it. */
      lead: z.string().nullable(),
      /** Houses that a way may lead to, with their departments. */
      houses: z.array(
        z.object({
          institution: ref,
          departments: z.array(ref.extend({ specialtyCode: z.string() })),
        }),
      ),
      plans: z.array(planSummary),
    }),
  ),
});
export type PlanList = z.infer<typeof planList>;

const judgement = z.object({
  way: z.string().nullable(),
  criteria: z.array(z.string()),
  place: z.int().nullable(),
  triggers: z.array(z.string()),
});
export const planTest = z.object({
  faults: z.array(z.object({ way: z.string(), fault: z.enum(planFaults) })),
  /** Past referrals of the alliance that it was tried on. */
  past: z.int(),
  /** How many of them would be judged otherwise, and how many would not be taken any more. */
  changed: z.int(),
  refused: z.int(),
  changes: z.array(
    z.object({
      direction: z.enum(referralDirections),
      urgency: z.enum(referralUrgencies),
      state: z.enum(referralStates),
      toInstitutionId: uuid.nullable(),
      vitals: z.record(z.string(), z.unknown()),
      before: judgement,
      after: judgement,
      refused: z.boolean(),
    }),
  ),
});
export type PlanTest = z.infer<typeof planTest>;
