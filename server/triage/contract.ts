/** What the pages send and receive about triage. Instants are ISO with offset; measurements in the units of `facts.ts`. */
import { z } from "zod";
import { day, instant, line, uuid } from "../http/contract.ts";
import { contactRelations } from "../patients/domain.ts";
import {
  answers,
  comorbidities,
  consciousnessLevels,
  measuredNames,
  riskMedicines,
  triageCheckAnswers,
  triageOutcomes,
  triageRegions,
  triageSetStates,
  triageSexes,
  triageUrgencies,
} from "./domain.ts";
import { questionKinds, source, triageContent, words } from "./grammar.ts";

const key = z.string().regex(/^[a-z][a-z0-9-]{1,39}$/);
const outcome = z.enum(triageOutcomes);
const urgency = z.enum(triageUrgencies);
const region = z.enum(triageRegions);
const names = z.object({ zh: z.string(), en: z.string().nullable(), bo: z.string().nullable() });
const relation = z.enum(contactRelations);

export const questionnaireQuery = z.object({ patientId: uuid });
const asked = z.object({
  key: z.string(),
  /** Null: whatever the complaint is, and before it is asked for. */
  complaints: z.array(z.string()).nullable(),
  ask: words,
});
export const questionnaire = z.object({
  ruleSetId: uuid,
  version: z.int(),
  validFrom: day,
  ageMonths: z.number().nullable(),
  sex: z.enum(triageSexes).nullable(),
  complaints: z.array(
    z.object({
      key: z.string(),
      group: z.string(),
      name: words,
      /** Those that a rule asks for: nobody is asked for the rest. */
      conditions: z.array(z.enum(comorbidities)),
      medicines: z.array(z.enum(riskMedicines)),
    }),
  ),
  redFlags: z.array(asked.extend({ because: words, ends: z.array(z.enum(answers)) })),
  questions: z.array(asked.extend({ kind: z.enum(questionKinds) })),
  /** What was said of the person lately: shown ticked, not asked twice. */
  known: z
    .object({
      conditions: z.array(z.enum(comorbidities)),
      medicines: z.array(z.enum(riskMedicines)),
    })
    .nullable(),
  /** Altitude of the institution that asks, m; null on a phone. */
  altitudeMetres: z.number().nullable(),
});
export type Questionnaire = z.infer<typeof questionnaire>;

const number = z.number().min(-100_000).max(100_000);
export const assessmentBody = z
  .object({
    ruleSetId: uuid,
    patientId: uuid,
    complaint: key,
    answers: z.record(key, z.enum(answers)).refine((all) => Object.keys(all).length <= 200),
    values: z.partialRecord(z.enum(measuredNames), z.union([number, z.literal("unknown")])),
    consciousness: z.enum(consciousnessLevels).nullish(),
    /** Null: nobody knows. */
    conditions: z.array(z.enum(comorbidities)).max(comorbidities.length).nullable(),
    medicines: z.array(z.enum(riskMedicines)).max(riskMedicines.length).nullable(),
    /** Only where the alliance does not know it. */
    ageMonths: z.int().min(0).max(1500).nullish(),
    relation: relation.optional(),
  })
  .strict();

export const nextKinds = ["home", "book", "consult", "fever", "call-120"] as const;
export const reason = z.object({
  key: z.string(),
  words,
  redFlag: z.boolean(),
  /** The red flag was answered "don't know". */
  unknown: z.boolean(),
  outcome,
  urgency,
  /** For staff. */
  source: source.nullable(),
});
export const assessmentView = z.object({
  id: uuid,
  patient: z.object({ id: uuid, name: z.string() }),
  assessedAt: instant,
  complaint: z.object({ key: z.string(), name: words }),
  /** What counts: the doctor's decision where there is one, else the rules'. */
  outcome,
  urgency,
  ruled: z.object({ outcome, urgency }),
  reasons: z.array(reason),
  redFlags: z.array(z.string()),
  version: z.int(),
  /** Sit quietly for five minutes and measure the pressure again. */
  remeasure: z.boolean(),
  home: z.object({ care: words, warning: words }).nullable(),
  /** The step that exists: a page to open or a number to call. */
  next: z.object({
    kind: z.enum(nextKinds),
    departmentId: uuid.nullable(),
    department: names.nullable(),
    institution: names.nullable(),
  }),
  check: z.object({ dueAt: instant, answer: z.enum(triageCheckAnswers).nullable() }).nullable(),
  by: z.string().nullable(),
  overrule: z
    .object({
      by: z.string(),
      at: instant,
      examinedAt: instant,
      outcome,
      urgency,
      reason: z.string(),
    })
    .nullable(),
  mayOverrule: z.boolean(),
});
export type AssessmentView = z.infer<typeof assessmentView>;
export const assessmentList = z.object({ assessments: z.array(assessmentView) });
export type AssessmentList = z.infer<typeof assessmentList>;
export const patientQuery = z.object({ patientId: uuid });

export const checkBody = z.object({ answer: z.enum(triageCheckAnswers) }).strict();
export const overruleBody = z
  .object({
    outcome,
    urgency,
    /** "I have examined the patient": without it nothing is decided. */
    examined: z.boolean(),
    examinedAt: instant,
    reason: z.string().trim().max(1000),
  })
  .strict()
  .refine((one) => (one.outcome === "emergency") === (one.urgency === "emergency"), {
    path: ["urgency"],
  });

export const ruleSetBody = z
  .object({ region, validFrom: day, note: line(400), content: triageContent })
  .strict();
export const ruleSetChange = z
  .object({ validFrom: day, note: line(400), content: triageContent })
  .strict();
export const testBody = z.object({ region, content: triageContent }).strict();

const decision = z.object({ outcome, urgency });
export const counterexample = z.object({
  rule: z.string(),
  problem: z.enum(["gone", "unreachable", "never-true", "lower"]),
  complaint: z.string().nullable(),
  ageMonths: z.number().nullable(),
  sex: z.enum(triageSexes).nullable(),
  given: z.record(z.string(), z.union([z.string(), z.number()])),
  was: decision.nullable(),
  now: decision.nullable(),
});
export type CounterexampleView = z.infer<typeof counterexample>;
export const testAnswer = z.object({
  unsafe: z.array(counterexample),
  changes: z.array(
    z.object({
      /** A written case; null for a past one. */
      title: z.string().nullable(),
      complaint: z.string(),
      ageMonths: z.number().nullable(),
      sex: z.enum(triageSexes).nullable(),
      given: z.record(z.string(), z.union([z.string(), z.number()])),
      before: decision,
      after: decision.nullable(),
      lower: z.boolean(),
    }),
  ),
  written: z.int(),
  past: z.int(),
  lower: z.int(),
});
export type TestAnswer = z.infer<typeof testAnswer>;

export const ruleSetSummary = z.object({
  id: uuid,
  region,
  version: z.int(),
  validFrom: day,
  state: z.enum(triageSetStates),
  note: z.string(),
  author: z.string().nullable(),
  publisher: z.string().nullable(),
  publishedAt: instant.nullable(),
  current: z.boolean(),
  mayChange: z.boolean(),
  mayPublish: z.boolean(),
  redFlags: z.int(),
  rules: z.int(),
  /** Rules and red flags whose source was recalled rather than read. */
  recalled: z.int(),
});
export type RuleSetSummary = z.infer<typeof ruleSetSummary>;
export const ruleSetList = z.object({ sets: z.array(ruleSetSummary) });
export const ruleSetView = ruleSetSummary.extend({ content: triageContent });
export type RuleSetView = z.infer<typeof ruleSetView>;

export const overruledQuery = z.object({
  days: z.coerce.number().int().min(1).max(366).default(90),
});
export const overruledList = z.object({
  rules: z.array(
    z.object({ rule: z.string(), because: words.nullable(), fired: z.int(), overruled: z.int() }),
  ),
});
export type OverruledList = z.infer<typeof overruledList>;
