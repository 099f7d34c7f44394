/** What the pages send and receive about consults. The schema is the type (style rule 10). */
import { z } from "zod";
import { day, instant, language, line, paragraph, uuid } from "../http/contract.ts";
import { patientView } from "../patients/contract.ts";
import { isIcd10Code } from "../terminology/service.ts";
import {
  consentKinds,
  consentMethods,
  consultActions,
  consultStates,
  consultUrgencies,
  participantRoles,
} from "./domain.ts";

const number = (min: number, max: number) => z.number().min(min).max(max).nullish();
/** Bounds are of what a person can have, not of what is healthy. */
export const vitals = z
  .object({
    temperatureCelsius: number(25, 45),
    systolicMmHg: number(30, 320),
    diastolicMmHg: number(10, 220),
    pulsePerMinute: number(0, 350),
    breathsPerMinute: number(0, 120),
    spo2Percent: number(20, 100),
    onOxygen: z.boolean().nullish(),
    weightKg: number(0.3, 400),
    heightCm: number(20, 250),
    consciousness: line(60).nullish(),
    measuredAt: instant.nullish(),
    altitudeMetres: number(-200, 6000),
  })
  .strict();
export const diagnosis = z
  .object({ code: z.string().max(20).refine(isIcd10Code).nullable(), text: line(200) })
  .strict();

export const consultContent = z
  .object({
    urgency: z.enum(consultUrgencies),
    invitedInstitutionId: uuid.nullable(),
    wantedSpecialty: line(60).nullable(),
    wantedTitle: line(60).nullable(),
    wantedTime: line(200).nullable(),
    reason: paragraph.nullable(),
    purpose: paragraph.nullable(),
    question: paragraph.nullable(),
    complaint: paragraph.nullable(),
    presentHistory: paragraph.nullable(),
    pastHistory: paragraph.nullable(),
    examination: paragraph.nullable(),
    vitals,
    investigations: paragraph.nullable(),
    provisionalDiagnoses: z.array(diagnosis).max(10),
    treatmentSoFar: paragraph.nullable(),
    callbackPhone: line(20).nullable(),
  })
  .partial()
  .strict();
export type ConsultContent = z.infer<typeof consultContent>;

export const createConsultBody = z
  .object({ patientId: uuid, content: consultContent.default({}) })
  .strict();
/** A draft is saved with the version it was read at; an older one is refused with `consult.changed-meanwhile`. */
export const saveDraftBody = z
  .object({ version: z.number().int().positive(), content: consultContent })
  .strict();

export const consentBody = z
  .object({
    kind: z.enum(consentKinds),
    given: z.boolean(),
    method: z.enum(consentMethods),
    language,
    textVersion: line(20),
    signerName: line(100),
    signerRelation: line(40),
    signature: z
      .object({ strokes: z.array(z.array(z.tuple([z.number(), z.number()])).max(2000)).max(200) })
      .nullish(),
    witnessName: line(100).nullish(),
    reason: line(500).nullish(),
    relativeName: line(100).nullish(),
  })
  .strict();

const base = { version: z.number().int().positive() };
const reason = line(1000);
/** POST /api/consults/:id/actions: one body for each step of the state table. */
export const consultActionBody = z.discriminatedUnion("action", [
  z.object({ action: z.literal("submit"), ...base }).strict(),
  z.object({ action: z.literal("askMore"), ...base, reason }).strict(),
  z.object({ action: z.literal("answerMore"), ...base, text: paragraph.min(1) }).strict(),
  z.object({ action: z.literal("accept"), ...base, departmentId: uuid.nullish() }).strict(),
  z.object({ action: z.literal("decline"), ...base, reason }).strict(),
  z.object({ action: z.literal("adviseOnly"), ...base, specialistId: uuid }).strict(),
  z
    .object({
      action: z.literal("schedule"),
      ...base,
      start: instant,
      end: instant,
      outsideHoursReason: line(500).nullish(),
    })
    .strict(),
  z.object({ action: z.literal("interrupt"), ...base, reason }).strict(),
  z.object({ action: z.literal("markAbsent"), ...base, reason }).strict(),
  z.object({ action: z.literal("end"), ...base }).strict(),
  z
    .object({
      action: z.literal("acknowledge"),
      ...base,
      treatmentDecision: paragraph.min(1),
      readBack: z
        .object({ by: line(100), to: line(100), at: instant })
        .strict()
        .nullish(),
    })
    .strict(),
  z.object({ action: z.literal("archive"), ...base }).strict(),
  z.object({ action: z.literal("cancel"), ...base, reason }).strict(),
]);
export type ConsultActionBody = z.infer<typeof consultActionBody>;

export const participantsBody = z
  .object({
    /** The version the list was read at; a page that sends none overwrites what it has not seen. */
    version: z.number().int().positive().optional(),
    participants: z
      .array(
        z
          .object({
            personId: uuid,
            role: z.enum(participantRoles),
            lead: z.boolean().default(false),
          })
          .strict(),
      )
      .max(20),
  })
  .strict();

export const participantView = z.object({
  personId: uuid,
  name: z.string(),
  title: z.string().nullable(),
  institution: z.string(),
  role: z.enum(participantRoles),
  lead: z.boolean(),
});
const institutionRef = z.object({
  id: uuid,
  name: z.string(),
  nameBo: z.string().nullable(),
  altitudeMetres: z.number(),
});

export const consultSummary = z.object({
  id: uuid,
  number: z.string(),
  state: z.enum(consultStates),
  version: z.number().int(),
  urgency: z.enum(consultUrgencies),
  /** Which side the reader is on. */
  side: z.enum(["inviting", "invited", "participant"]),
  patient: z.object({
    id: uuid,
    fullName: z.string().nullable(),
    fullNameBo: z.string().nullable(),
    sex: z.string(),
    ageYears: z.number().nullable(),
  }),
  complaint: z.string().nullable(),
  question: z.string().nullable(),
  wantedSpecialty: z.string().nullable(),
  inviting: institutionRef,
  invited: institutionRef.nullable(),
  requester: z.object({ id: uuid, name: z.string() }),
  /** The clock that runs now: to answer, to the meeting, or to acknowledge; null when nothing is waited for. */
  clock: z
    .object({ kind: z.enum(["respond", "meeting", "acknowledge"]), dueAt: instant })
    .nullable(),
  submittedAt: instant.nullable(),
  scheduledStart: instant.nullable(),
  updatedAt: instant,
});
export type ConsultSummary = z.infer<typeof consultSummary>;

export const attachmentView = z.object({
  id: uuid,
  purpose: z.enum(["request", "still", "answer", "evidence"]),
  name: z.string(),
  mediaType: z.string(),
  sizeBytes: z.number(),
  receivedBytes: z.number(),
  state: z.enum(["uploading", "complete", "refused"]),
  sha256: z.string().nullable(),
  uploadedBy: z.string(),
  createdAt: instant,
});
export const consentView = z.object({
  id: uuid,
  kind: z.enum(consentKinds),
  given: z.boolean(),
  method: z.enum(consentMethods),
  language,
  signerName: z.string(),
  signerRelation: z.string(),
  witnessName: z.string().nullable(),
  reason: z.string().nullable(),
  relativeName: z.string().nullable(),
  recordedAt: instant,
  withdrawnAt: instant.nullable(),
});
export const opinionContent = z
  .object({
    findingsReviewed: paragraph,
    missingData: paragraph,
    diagnosticOpinion: paragraph,
    diagnoses: z.array(diagnosis).max(10),
    testsAdvised: paragraph,
    plan: paragraph,
    transferConditions: paragraph,
    plainWords: paragraph,
  })
  .strict();
export type OpinionContent = z.infer<typeof opinionContent>;
export const saveOpinionBody = z
  .object({ version: z.number().int().positive(), content: opinionContent })
  .strict();
export const opinionView = opinionContent.extend({
  version: z.number().int(),
  editedBy: z.string().nullable(),
  updatedAt: instant,
  signedBy: z.string().nullable(),
  signedAt: instant.nullable(),
  kid: z.string().nullable(),
});

/** Everything a page about one consult shows. `actions` is what the reader may do now. */
export const consultDetail = consultSummary.extend({
  patient: patientView,
  content: z.object({
    wantedTitle: z.string().nullable(),
    wantedTime: z.string().nullable(),
    reason: z.string().nullable(),
    purpose: z.string().nullable(),
    presentHistory: z.string().nullable(),
    pastHistory: z.string().nullable(),
    examination: z.string().nullable(),
    vitals,
    investigations: z.string().nullable(),
    provisionalDiagnoses: z.array(diagnosis),
    treatmentSoFar: z.string().nullable(),
    callbackPhone: z.string().nullable(),
  }),
  department: z.object({ id: uuid, name: z.string() }).nullable(),
  acceptedBy: z.string().nullable(),
  scheduledEnd: instant.nullable(),
  startedAt: instant.nullable(),
  endedAt: instant.nullable(),
  signedAt: instant.nullable(),
  acknowledgedAt: instant.nullable(),
  escalatedAt: instant.nullable(),
  readBack: z.object({ by: z.string(), to: z.string(), at: instant }).nullable(),
  treatmentDecision: z.string().nullable(),
  actions: z.array(
    z.enum(
      Object.keys(consultActions) as [
        keyof typeof consultActions,
        ...(keyof typeof consultActions)[],
      ],
    ),
  ),
  /** True when the reader may write the opinion, and when he is the one who signs it. */
  mayEditOpinion: z.boolean(),
  /** The request may still be completed: a draft, what the desk asked for, the rest of an emergency. */
  mayAmend: z.boolean(),
  maySign: z.boolean(),
  /** What oxygen saturation is usual at the place of measurement and this age; null when not known. */
  usualOxygen: z.object({ low: z.number(), high: z.number() }).nullable(),
  mayEnterRoom: z.boolean(),
  missing: z.array(z.string()),
  consents: z.array(consentView),
  participants: z.array(participantView),
  attachments: z.array(attachmentView),
  messages: z.array(
    z.object({ id: uuid, by: z.string(), institution: z.string(), text: z.string(), at: instant }),
  ),
  steps: z.array(
    z.object({
      action: z.string(),
      from: z.string().nullable(),
      to: z.string(),
      by: z.string(),
      institution: z.string().nullable(),
      reason: z.string().nullable(),
      at: instant,
    }),
  ),
  guests: z.array(
    z.object({
      id: uuid,
      name: z.string(),
      relation: z.string(),
      expiresAt: instant,
      revokedAt: instant.nullable(),
      firstUsedAt: instant.nullable(),
    }),
  ),
  opinion: opinionView.nullable(),
});
export type ConsultDetail = z.infer<typeof consultDetail>;

export const consultListQuery = z.object({
  scope: z.enum(["mine", "desk", "archive"]).default("mine"),
});
export const consultList = z.object({ consults: z.array(consultSummary) });

/** Free times inside both sides' working hours and holidays; `reasons` says what was avoided. */
export const proposalsQuery = z.object({
  from: day.optional(),
  minutes: z.coerce.number().int().min(10).max(180).default(30),
});
export const proposals = z.object({
  slots: z.array(z.object({ start: instant, end: instant })),
  avoided: z.array(z.object({ day, name: z.string(), institution: z.string() })),
});

/** Whom the desk may assign. `eligible` false with the reason when a specialist lacks three years. */
export const candidates = z.object({
  specialists: z.array(
    z.object({
      personId: uuid,
      name: z.string(),
      title: z.string(),
      department: z.string(),
      departmentId: uuid,
      eligible: z.boolean(),
    }),
  ),
  interpreters: z.array(z.object({ personId: uuid, name: z.string(), institution: z.string() })),
  observers: z.array(z.object({ personId: uuid, name: z.string(), title: z.string().nullable() })),
});

export const inviteGuestBody = z
  .object({
    name: line(100),
    relation: line(40),
    language: language.default("zh-CN"),
    consent: consentBody,
  })
  .strict();
/** The link is shown once; only its hash is kept. */
export const inviteGuestAnswer = z.object({ guestId: uuid, url: z.string(), expiresAt: instant });

export const roomTokenAnswer = z.object({
  token: z.string(),
  /** Address of the media node's signalling. */
  nodeUrl: z.string(),
  room: z.string(),
  displayName: z.string(),
  role: z.string(),
  moderator: z.boolean(),
  lobby: z.boolean(),
});

/** POST /api/consults/:id/opinion/document: the canonical document to sign. */
export const opinionDocumentAnswer = z.object({ document: z.unknown(), canonical: z.string() });
export const signOpinionBody = z
  .object({ version: z.number().int().positive(), jws: z.string().max(200_000) })
  .strict();

export const stillBody = z.object({ attachmentId: uuid, takenBy: line(100) }).strict();

/** Public check of a signed opinion: says whether it stands, and shows only who signed what when. */
export const checkAnswer = z.object({
  found: z.boolean(),
  valid: z.boolean(),
  reason: z.string().nullable(),
  documentId: uuid.nullable(),
  doctor: z.string().nullable(),
  institution: z.string().nullable(),
  signedAt: instant.nullable(),
  patientMasked: z.string().nullable(),
  kid: z.string().nullable(),
  keyRevokedAt: instant.nullable(),
});

/** What the patient reads. */
export const patientConsult = z.object({
  id: uuid,
  number: z.string(),
  state: z.enum(consultStates),
  patientId: uuid,
  patientName: z.string(),
  inviting: z.string(),
  invited: z.string().nullable(),
  doctors: z.array(z.string()),
  scheduledStart: instant.nullable(),
  mayEnterRoom: z.boolean(),
  opinion: z
    .object({
      plainWords: z.string(),
      diagnosticOpinion: z.string(),
      diagnoses: z.array(diagnosis),
      testsAdvised: z.string(),
      plan: z.string(),
      transferConditions: z.string(),
      treatmentDecision: z.string().nullable(),
      signedBy: z.string(),
      signedAt: instant,
    })
    .nullable(),
});
export const patientConsults = z.object({ consults: z.array(patientConsult) });
