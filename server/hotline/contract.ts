/** What the hotline's page says over REST. */
import { z } from "zod";
import { appointmentView } from "../booking/contract.ts";
import { serviceKinds } from "../booking/domain.ts";
import { day, instant, language, line, uuid } from "../http/contract.ts";
import { preferenceView } from "../notices/contract.ts";
import { contactRelations, patientSexes } from "../patients/domain.ts";
import {
  confirmWays,
  flagAnswers,
  hotlineOutcomes,
  hotlineSetStates,
  hotlineStates,
  transferTargets,
} from "./domain.ts";

const relation = z.enum(contactRelations);
/** Names the tab that has the call: a second one is told. */
const tab = z.string().regex(/^[\w-]{8,64}$/);
const held = { tab, version: z.number().int() };
/** What the page measured so far; never falls. */
const effort = {
  operatorMs: z.number().int().min(0).max(86_400_000),
  operatorActions: z.number().int().min(0).max(100_000),
};

export const hotlineDraft = z
  .object({
    step: z.enum(["person", "consent", "place", "time", "room", "confirm", "done"]),
    kind: z.enum(serviceKinds).nullable(),
    institutionId: uuid.nullable(),
    departmentId: uuid.nullable(),
    doctorId: uuid.nullable(),
    day: day.nullable(),
    segmentId: uuid.nullable(),
    placeId: uuid.nullish(),
    roomId: uuid.nullish(),
  })
  .strict();

const personOf = z.object({ id: uuid, name: z.string() });
export const callSummary = z.object({
  id: uuid,
  version: z.number().int(),
  state: z.enum(hotlineStates),
  callerName: z.string().nullable(),
  callerPhone: z.string().nullable(),
  patientName: z.string().nullable(),
  holder: personOf,
  heldSince: instant,
  openedAt: instant,
  droppedAt: instant.nullable(),
  droppedBySilence: z.boolean(),
  callBackTries: z.number().int(),
  flagged: z.boolean(),
  transferTo: z.enum(transferTargets).nullable(),
  transferAt: instant.nullable(),
});
export const question = z.object({
  zh: z.string(),
  en: z.string(),
  bo: z.string(),
  yesRoute: z.enum(transferTargets),
});
const words = line(300);
/** A version as a clinician writes it: three questions at least, all languages, and where they come from. */
export const questionSetBody = z
  .object({
    validFrom: day,
    questions: z
      .array(
        z.object({ zh: words, en: words, bo: words, yesRoute: z.enum(transferTargets) }).strict(),
      )
      .min(3)
      .max(6),
    source: line(300),
    /** Written down from memory: shown until a clinician has checked it. */
    recalled: z.boolean(),
  })
  .strict();
export const questionSetView = z.object({
  id: uuid,
  version: z.number().int(),
  validFrom: day,
  state: z.enum(hotlineSetStates),
  questions: z.array(question),
  source: z.string(),
  recalled: z.boolean(),
  author: z.string().nullable(),
  publisher: z.string().nullable(),
  publishedAt: instant.nullable(),
  current: z.boolean(),
  mayPublish: z.boolean(),
});
export const questionSetList = z.object({ sets: z.array(questionSetView) });
export type QuestionSet = z.infer<typeof questionSetView>;

export const hotlineOverview = z.object({
  /** The version that is asked today. */
  questionsId: uuid,
  questions: z.array(question),
  /** Where a nurse answers. */
  nurseNumber: z.string().nullable(),
  emergencyNumber: z.string(),
  mayTakeOver: z.boolean(),
  calls: z.array(callSummary),
  letters: z.number().int(),
  /** Callers who hung up and wait for the hour of release. */
  waiting: z.array(
    z.object({ id: uuid, patientName: z.string(), startsAt: instant, askedAt: instant }),
  ),
});
export type HotlineOverview = z.infer<typeof hotlineOverview>;

export const searchBody = z.object({ q: line(100) }).strict();
export const searchAnswer = z.object({
  by: z.enum(["phone", "resident-id", "name"]),
  people: z.array(
    z.object({
      id: uuid,
      /** Masked for somebody whom this institution does not know yet. */
      name: z.string(),
      nameBo: z.string().nullable(),
      known: z.boolean(),
      sex: z.enum(patientSexes),
      ageYears: z.number().int().nullable(),
      residentIdMasked: z.string().nullable(),
      phoneMasked: z.string().nullable(),
      address: z.string().nullable(),
    }),
  ),
});
export type SearchAnswer = z.infer<typeof searchAnswer>;

export const openBody = z.object({ tab }).strict();
export const beatBody = z.object({ tab, ...effort }).strict();
export const takeBody = z.object(held).strict();
export const saveBody = z
  .object({
    ...held,
    ...effort,
    callerName: line(80).nullable(),
    callerPhone: line(30).nullable(),
    callerRelation: relation,
    questionsId: uuid,
    answers: z.array(z.enum(flagAnswers)).max(6),
    consent: z
      .object({ words: line(300), by: relation })
      .strict()
      .nullable(),
    draft: hotlineDraft,
  })
  .strict();
export const personBody = z.object({ ...held, patientId: uuid, q: line(100) }).strict();
export const registerBody = z
  .object({
    ...held,
    fullName: line(80),
    sex: z.enum(patientSexes),
    ageYears: z.number().int().min(0).max(130).nullable(),
    residentId: line(18).nullable(),
    address: line(300).nullable(),
    language: language.default("zh-CN"),
    phone: line(30).nullable(),
    callerName: line(80).nullable(),
    callerRelation: relation,
    /** The patient agrees that this phone gets the messages and sees the appointments. */
    phoneMaySee: z.boolean(),
  })
  .strict();
export const transferBody = z.object({ ...held, to: z.enum(transferTargets) }).strict();
export const holdBody = z.object({ ...held, segmentId: uuid }).strict();
/** The caller hangs up; the seat is taken when the place is admitted. */
export const leaveBody = z.object({ ...held, ...effort, anyTime: z.boolean() }).strict();
export const confirmBody = z
  .object({ ...held, ...effort, way: z.enum(confirmWays), address: line(300).nullable() })
  .strict();
export const endBody = z.object({ ...held, outcome: z.enum(hotlineOutcomes) }).strict();

export const callView = callSummary.extend({
  outcome: z.enum(hotlineOutcomes).nullable(),
  holderTab: z.string(),
  /** Whether it is this person's; the page compares the tab. */
  mine: z.boolean(),
  callerRelation: relation,
  patient: z
    .object({
      id: uuid,
      name: z.string(),
      nameBo: z.string().nullable(),
      sex: z.enum(patientSexes),
      ageYears: z.number().int().nullable(),
      language,
      address: z.string().nullable(),
      /** Whether a message reaches somebody who may see the appointments. */
      readsMessages: z.boolean(),
      phones: z.array(z.object({ relation, name: z.string().nullable(), masked: z.string() })),
    })
    .nullable(),
  preference: preferenceView.nullable(),
  consent: z
    .object({ words: z.string(), by: relation, at: instant, heardBy: z.string() })
    .nullable(),
  answers: z.array(z.enum(flagAnswers)),
  /** The version that was asked, in its own words. */
  questionsId: uuid,
  questions: z.array(question),
  screenedAt: instant.nullable(),
  route: z.enum(transferTargets).nullable(),
  takenOverBy: z.string().nullable(),
  takenOverAt: instant.nullable(),
  draft: hotlineDraft,
  appointment: appointmentView.nullable(),
  confirmWay: z.enum(confirmWays).nullable(),
  operatorMs: z.number().int(),
  operatorActions: z.number().int(),
});
export type CallView = z.infer<typeof callView>;
export const callAppointments = z.object({ appointments: z.array(appointmentView) });

export const letterList = z.object({
  letters: z.array(
    z.object({
      id: uuid,
      address: z.string(),
      appointment: appointmentView,
      language,
      wantedAt: instant,
    }),
  ),
});
export type LetterList = z.infer<typeof letterList>;
export const printedBody = z.object({ ids: z.array(uuid).min(1).max(200) }).strict();

/** What a gateway sends when somebody answers. */
export const inboundSms = z
  .object({
    id: z.string().trim().min(1).max(100),
    from: z.string().trim().min(3).max(30),
    text: z.string().max(1000),
  })
  .strict();
export const demoAnswerBody = z
  .object({ phone: z.string().trim().min(3).max(30), text: z.string().trim().min(1).max(200) })
  .strict();
