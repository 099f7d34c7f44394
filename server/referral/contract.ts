/** What pages send and receive about episodes, referrals and follow-ups. The schema is the type. */
import { z } from "zod";
import { consentBody, diagnosis, vitals } from "../consult/contract.ts";
import { consentMethods } from "../consult/domain.ts";
import { day, instant, language, line, paragraph, uuid } from "../http/contract.ts";
import { patientView } from "../patients/contract.ts";
import {
  episodeStates,
  followUpKinds,
  followUpStates,
  referralUrgencies,
  triggerMeasures,
} from "./domain.ts";
import { planWay } from "./plan-contract.ts";
import { referralActions, referralDirections, referralStates } from "./states.ts";

export const medicine = z
  .object({
    text: line(200),
    dose: line(200).nullable(),
    until: day.nullable(),
    available: z.boolean().nullable(),
    substitute: line(200).nullable(),
  })
  .strict();
export const pendingResult = z
  .object({
    what: line(200),
    ownerName: z.string().trim().max(100),
    ownerPhone: z.string().trim().max(20),
    expectedOn: day.nullable(),
    arrived: z.boolean(),
  })
  .strict();
export const returnTrigger = z.discriminatedUnion("kind", [
  z
    .object({
      kind: z.literal("value"),
      code: line(40),
      measure: z.enum(triggerMeasures),
      atLeast: z.number().min(0).max(400).optional(),
      atMost: z.number().min(0).max(400).optional(),
    })
    .strict()
    .refine((one) => one.atLeast !== undefined || one.atMost !== undefined),
  z.object({ kind: z.literal("words"), code: line(40), text: line(300) }).strict(),
]);
const criterion = z.object({ code: line(40), evidence: line(300).nullable() }).strict();

/** All of a referral that its sender writes; every part may come by itself. */
export const referralContent = z
  .object({
    urgency: z.enum(referralUrgencies),
    toInstitutionId: uuid.nullable(),
    toDepartmentId: uuid.nullable(),
    toDoctorId: uuid.nullable(),
    pathwayId: uuid.nullable(),
    triageAssessmentId: uuid.nullable(),
    requesterPhone: line(20).nullable(),
    reason: paragraph.nullable(),
    impression: z.array(diagnosis).max(10),
    presentHistory: paragraph.nullable(),
    pastHistory: paragraph.nullable(),
    examination: paragraph.nullable(),
    vitals,
    results: paragraph.nullable(),
    treatmentSoFar: paragraph.nullable(),
    medicines: z.array(medicine).max(30),
    allergies: paragraph.nullable(),
    criteria: z.array(criterion).max(20),
    admissionNumber: line(40).nullable(),
    plan: paragraph.nullable(),
    rehabilitationAdvice: paragraph.nullable(),
    reviewOn: day.nullable(),
    returnTriggers: z.array(returnTrigger).max(20),
    pendingResults: z.array(pendingResult).max(20),
  })
  .partial()
  .strict();
export type ReferralContentBody = z.infer<typeof referralContent>;

export const createBody = z
  .object({
    patientId: uuid,
    direction: z.enum(referralDirections),
    /** Goes on in this episode; without one the patient's open episode is taken, or a new one begun. */
    episodeId: uuid.optional(),
    /** Of a way down: the way up that it ends. */
    previousId: uuid.optional(),
    content: referralContent.default({}),
  })
  .strict();
export const saveBody = z
  .object({ version: z.number().int().positive(), content: referralContent })
  .strict();
export const consentOfReferral = consentBody.omit({ kind: true, relativeName: true });

const base = { version: z.number().int().positive() };
const reason = line(1000);
/** A call between doctors: with whom and when. */
const call = z.object({ with: line(100), at: instant }).strict();
/** POST /api/referrals/:id/actions: one body for each step that a person takes. */
export const actionBody = z.discriminatedUnion("action", [
  z
    .object({
      action: z.literal("submit"),
      ...base,
      /** Keep a bed of the department that is asked, from the quota for referrals. */
      bed: z.boolean().default(false),
      /** Keep a number of this segment, likewise. */
      segmentId: uuid.nullish(),
    })
    .strict(),
  z.object({ action: z.literal("askPatient"), ...base }).strict(),
  z.object({ action: z.literal("withdraw"), ...base, reason }).strict(),
  z.object({ action: z.literal("cancel"), ...base, reason }).strict(),
  z.object({ action: z.literal("askMore"), ...base, reason }).strict(),
  z.object({ action: z.literal("answerMore"), ...base, text: paragraph.min(1) }).strict(),
  z
    .object({
      action: z.literal("accept"),
      ...base,
      answer: paragraph.nullish(),
      departmentId: uuid.nullish(),
      /** Keep a bed of this department for the patient. */
      bed: z.boolean().default(false),
      /** Of a way down: every medicine with what the shelf says. */
      medicines: z.array(medicine).max(30).optional(),
    })
    .strict(),
  z.object({ action: z.literal("return"), ...base, reason, call: call.nullish() }).strict(),
  z
    .object({
      action: z.literal("redirect"),
      ...base,
      reason,
      call: call.nullish(),
      institutionId: uuid,
      departmentId: uuid.nullable(),
    })
    .strict(),
  z.object({ action: z.literal("convert"), ...base }).strict(),
  z.object({ action: z.literal("advise"), ...base, answer: paragraph.min(1) }).strict(),
  z.object({ action: z.literal("book"), ...base, segmentId: uuid }).strict(),
  z.object({ action: z.literal("handBack"), ...base, reason, call: call.nullish() }).strict(),
  z.object({ action: z.literal("setOff"), ...base, arrivesAt: instant.nullish() }).strict(),
  z.object({ action: z.literal("arrive"), ...base }).strict(),
  z.object({ action: z.literal("markNoShow"), ...base, reason }).strict(),
  z
    .object({
      action: z.literal("admit"),
      ...base,
      admissionNumber: line(40).nullish(),
      expectedDischargeOn: day.nullish(),
    })
    .strict(),
  z.object({ action: z.literal("readyForDown"), ...base }).strict(),
  z.object({ action: z.literal("keep"), ...base, reason }).strict(),
  z.object({ action: z.literal("discharge"), ...base }).strict(),
  z
    .object({
      action: z.literal("takeOn"),
      ...base,
      followUps: z
        .array(z.object({ dueOn: day, kind: z.enum(followUpKinds), purpose: line(300) }).strict())
        .max(20)
        .default([]),
    })
    .strict(),
  z.object({ action: z.literal("askCancel"), ...base, reason }).strict(),
  z.object({ action: z.literal("confirmCancel"), ...base }).strict(),
  z.object({ action: z.literal("refuseCancel"), ...base, reason }).strict(),
  z.object({ action: z.literal("revise"), ...base }).strict(),
  z.object({ action: z.literal("conclude"), ...base, reason: paragraph.min(1) }).strict(),
]);
export type ActionBody = z.infer<typeof actionBody>;
/** What a page sends: defaults may be left out. */
export type ActionInput = z.input<typeof actionBody>;

const institutionRef = z.object({
  id: uuid,
  name: z.string(),
  nameEn: z.string().nullable(),
  nameBo: z.string().nullable(),
});
const departmentRef = institutionRef;

export const referralSummary = z.object({
  id: uuid,
  number: z.string(),
  episodeId: uuid,
  direction: z.enum(referralDirections),
  urgency: z.enum(referralUrgencies),
  state: z.enum(referralStates),
  version: z.number().int(),
  /** The sides the reader is on. */
  sides: z.array(z.enum(["from", "to", "patient", "system"])),
  patient: z.object({
    id: uuid,
    fullName: z.string().nullable(),
    fullNameBo: z.string().nullable(),
    sex: z.string(),
    ageYears: z.number().nullable(),
  }),
  reason: z.string().nullable(),
  impression: z.array(diagnosis),
  /** How many criteria of the way are met. */
  criteria: z.number().int(),
  from: institutionRef,
  to: institutionRef.nullable(),
  department: departmentRef.nullable(),
  requester: z.object({ id: uuid, name: z.string(), phone: z.string().nullable() }),
  clock: z.object({ kind: z.enum(["respond", "held"]), dueAt: instant }).nullable(),
  escalationLevel: z.number().int(),
  submittedAt: instant.nullable(),
  updatedAt: instant,
  outcome: z.string().nullable(),
  outcomeReadAt: instant.nullable(),
});
export type ReferralSummary = z.infer<typeof referralSummary>;
export const referralList = z.object({
  referrals: z.array(referralSummary),
  /** How many there are in all; more than are listed when the list is cut. */
  total: z.number().int(),
});
export const listQuery = z
  .object({
    scope: z.enum(["desk", "ward", "sent"]),
    /** How many are listed at most: a page of a queue, or more of it when somebody asks. */
    limit: z.coerce.number().int().min(1).max(1000).default(100),
    /** Number, or a part of a name. */
    search: line(60).optional(),
  })
  .strict();

export const stepView = z.object({
  action: z.string(),
  from: z.enum(referralStates).nullable(),
  to: z.enum(referralStates),
  by: z.string(),
  institution: institutionRef.nullable(),
  reason: z.string().nullable(),
  at: instant,
});

export const followUpView = z.object({
  id: uuid,
  episodeId: uuid,
  referralId: uuid,
  kind: z.enum(followUpKinds),
  purpose: z.string(),
  dueOn: day,
  state: z.enum(followUpStates),
  version: z.number().int(),
  patient: referralSummary.shape.patient,
  institution: institutionRef,
  owner: z.string().nullable(),
  vitals,
  findings: z.string().nullable(),
  triggered: z.array(z.string()),
  returnTriggers: z.array(returnTrigger),
  doneBy: z.string().nullable(),
  doneAt: instant.nullable(),
  overdueDays: z.number().int(),
});
export type FollowUpView = z.infer<typeof followUpView>;

export const triageView = z.object({
  assessmentId: uuid,
  assessedAt: instant,
  complaint: z.string(),
  outcome: z.string(),
  urgency: z.string(),
  redFlags: z.array(z.string()),
  /** A doctor who examined decided otherwise than the rules. */
  overruled: z.boolean(),
});

export const referralDetail = referralSummary.extend({
  triage: triageView.nullable(),
  patient: patientView,
  content: referralContent,
  answer: z.string().nullable(),
  acceptedBy: z.string().nullable(),
  acceptedAt: instant.nullable(),
  heldUntil: instant.nullable(),
  bed: z.object({ holdId: uuid, until: instant }).nullable(),
  appointmentId: uuid.nullable(),
  consultId: uuid.nullable(),
  previousId: uuid.nullable(),
  patientAskedAt: instant.nullable(),
  formularyCheckedAt: instant.nullable(),
  /** What may be done now by this reader: the state table's own answer. */
  actions: z.array(z.enum(Object.keys(referralActions) as [string, ...string[]])),
  mayAmend: z.boolean(),
  /** What is missing before it can go out. */
  missing: z.array(z.string()),
  consents: z.array(
    z.object({
      id: uuid,
      recipient: institutionRef.nullable(),
      recipientId: uuid,
      given: z.boolean(),
      method: z.enum(consentMethods).nullable(),
      language,
      signerName: z.string(),
      signerRelation: z.string(),
      recordedAt: instant,
      withdrawnAt: instant.nullable(),
    }),
  ),
  messages: z.array(
    z.object({
      id: uuid,
      by: z.string(),
      institution: institutionRef.nullable(),
      text: z.string(),
      at: instant,
    }),
  ),
  steps: z.array(stepView),
  /** Other referrals of the same episode that this reader may see. */
  episode: z.object({
    id: uuid,
    number: z.string(),
    state: z.enum(episodeStates),
    version: z.number().int(),
    complaint: z.string(),
    openedAt: instant,
  }),
  others: z.array(referralSummary),
  followUps: z.array(followUpView),
});
export type ReferralDetail = z.infer<typeof referralDetail>;

export const pathwayView = z.object({
  id: uuid,
  code: z.string(),
  names: z.object({ zh: z.string(), en: z.string(), bo: z.string().nullable() }),
  alliance: z
    .object({ zh: z.string(), en: z.string().nullable(), bo: z.string().nullable() })
    .nullable(),
  specialtyCodes: z.array(z.string()),
  reviewDays: z.number().int().nullable(),
  /** Days of all follow-ups after coming home. */
  followUpDays: z.array(z.number().int()),
  /** Houses that receive on this way, whoever is asked first first. */
  receivers: planWay.shape.receivers,
  wantedResults: planWay.shape.wantedResults,
  returnTriggers: planWay.shape.returnTriggers,
  /** Another version counts by now; a referral still says what it was written by. */
  over: z.boolean(),
  source: z.string(),
  recalled: z.boolean(),
  criteria: z.array(
    z.object({
      code: z.string(),
      names: z.object({ zh: z.string(), en: z.string(), bo: z.string().nullable() }),
      evidence: z.record(z.string(), z.unknown()).nullable(),
    }),
  ),
});
export const pathwayList = z.object({ pathways: z.array(pathwayView) });
export const pathwayQuery = z
  .object({
    direction: z.enum(referralDirections),
    /** A way that a referral was written by, also when it counts no more. */
    also: uuid.optional(),
  })
  .strict();

export const targetQuery = z
  .object({
    direction: z.enum(referralDirections),
    /** Prefix of the national list of specialties; without it every department. */
    specialty: z
      .string()
      .regex(/^\d{2}(\.\d{2}){0,2}$/)
      .optional(),
    pathwayId: uuid.optional(),
  })
  .strict();
export const targetList = z.object({
  targets: z.array(
    z.object({
      institution: institutionRef,
      department: departmentRef,
      specialtyCode: z.string(),
      phone: z.string().nullable(),
      /** Names of the alliances that both houses are in. */
      alliances: z.array(
        z.object({ zh: z.string(), en: z.string().nullable(), bo: z.string().nullable() }),
      ),
      specialtyAlliance: z.boolean(),
      distanceMetres: z.number().nullable(),
      freeBeds: z.number().int().nullable(),
      openReferrals: z.number().int(),
      medianMinutes: z.number().nullable(),
    }),
  ),
});

/** What is known of a patient before a word is typed. */
export const knownQuery = z
  .object({ patientId: uuid, direction: z.enum(referralDirections) })
  .strict();
export const known = z.object({
  /** Filled into the form, with where it comes from. */
  content: referralContent,
  sources: z.array(
    z.object({
      field: z.string(),
      from: z.enum(["consult", "referral", "triage", "fever-visit"]),
      at: instant,
    }),
  ),
  /** Open already: referrals towards departments, and consults. */
  open: z.array(referralSummary),
  consults: z.array(z.object({ id: uuid, number: z.string(), state: z.string(), at: instant })),
  episodeId: uuid.nullable(),
});

export const followUpQuery = z
  .object({
    scope: z.enum(["due", "all"]),
    limit: listQuery.shape.limit,
    /** This one alone, wherever it stands in the list. */
    id: uuid.optional(),
  })
  .strict();
export const followUpList = z.object({
  followUps: z.array(followUpView),
  total: z.number().int().nonnegative(),
});
export const followUpBody = z.discriminatedUnion("action", [
  z
    .object({
      action: z.literal("done"),
      ...base,
      vitals: vitals.default({}),
      findings: paragraph.min(1),
      /** Codes of the triggers in words that have come. */
      triggered: z.array(line(40)).max(20).default([]),
      next: z
        .object({ dueOn: day, kind: z.enum(followUpKinds), purpose: line(300) })
        .strict()
        .nullish(),
    })
    .strict(),
  z.object({ action: z.literal("move"), ...base, dueOn: day, reason }).strict(),
  z.object({ action: z.literal("missed"), ...base, reason }).strict(),
  z.object({ action: z.literal("cancel"), ...base, reason }).strict(),
]);
export type FollowUpBody = z.infer<typeof followUpBody>;
export const followUpAnswer = z.object({
  followUp: followUpView,
  /** A trigger was reached: the referral that was begun for it. */
  raisedReferralId: uuid.nullable(),
});

/** The road on the patient's phone: plain words are made by the page from states. */
export const roadReferral = z.object({
  id: uuid,
  number: z.string(),
  direction: z.enum(referralDirections),
  urgency: z.enum(referralUrgencies),
  state: z.enum(referralStates),
  version: z.number().int(),
  from: institutionRef,
  to: institutionRef.nullable(),
  department: departmentRef.nullable(),
  toAddress: z.string().nullable(),
  toPhone: z.string().nullable(),
  fromPhone: z.string().nullable(),
  respondBy: instant.nullable(),
  heldUntil: instant.nullable(),
  appointmentId: uuid.nullable(),
  reviewOn: day.nullable(),
  returnTriggers: z.array(returnTrigger),
  medicines: z.array(medicine),
  answer: z.string().nullable(),
  /** The patient said no to this recipient, and not yes since. */
  declined: z.boolean(),
  actions: z.array(z.enum(["agree", "withdraw", "setOff", "askCancel"])),
  steps: z.array(stepView.omit({ by: true, reason: true })),
});
export const road = z.object({
  episodes: z.array(
    z.object({
      id: uuid,
      number: z.string(),
      state: z.enum(episodeStates),
      complaint: z.string(),
      openedAt: instant,
      patient: referralSummary.shape.patient,
      care: institutionRef,
      carePhone: z.string().nullable(),
      referrals: z.array(roadReferral),
      followUps: z.array(
        followUpView.pick({
          id: true,
          kind: true,
          purpose: true,
          dueOn: true,
          state: true,
          institution: true,
        }),
      ),
    }),
  ),
});
export type Road = z.infer<typeof road>;
export const myActionBody = z.discriminatedUnion("action", [
  z
    .object({
      action: z.literal("agree"),
      ...base,
      language,
      signerName: line(100),
      signerRelation: line(40),
    })
    .strict(),
  z.object({ action: z.literal("decline"), ...base }).strict(),
  z.object({ action: z.literal("withdraw"), ...base, reason: line(500) }).strict(),
  z.object({ action: z.literal("setOff"), ...base }).strict(),
  z.object({ action: z.literal("askCancel"), ...base, reason: line(500) }).strict(),
]);
export type MyActionBody = z.infer<typeof myActionBody>;
