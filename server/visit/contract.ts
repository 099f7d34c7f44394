/** What pages send and receive about video visits. */
import { z } from "zod";
import { diagnosis } from "../consult/contract.ts";
import { instant, line, uuid } from "../http/contract.ts";
import { contactRelations, patientSexes } from "../patients/domain.ts";
import { assessmentBody, assessmentView } from "../triage/contract.ts";
import {
  evidenceSources,
  redirectKinds,
  redirectReasons,
  silenceActions,
  stopReasons,
  visitActions,
  visitDecisions,
  visitStates,
} from "./domain.ts";

const version = z.int().min(1);
const text = (max: number) => z.string().trim().max(max);
export const knownDiagnosis = z.object({
  code: z.string().nullable(),
  text: z.string(),
  date: z.string().nullable(),
  institution: z.string(),
  physical: z.boolean(),
  past: z.boolean(),
});
const doctorRef = z.object({ id: uuid, name: z.string() });
const houseRef = z.object({ id: uuid, name: z.string() });

export const choicesQuery = z.object({ patientId: uuid });
export const doctorChoice = z.object({
  doctor: doctorRef,
  house: houseRef,
  signed: z.boolean(),
  onDuty: z.boolean(),
  ahead: z.int(),
  minutes: z.int(),
});
/** What the alliance knows before anything is asked. */
export const visitChoices = z.object({
  /** Each with the complaint by whose danger signs it is asked. */
  conditions: z.array(knownDiagnosis.extend({ complaint: z.string() })),
  otherComplaint: z.string(),
  /** Houses whose record did not answer: what they know may be missing. */
  silent: z.array(z.string()),
  doctors: z.array(doctorChoice),
  guardianNeeded: z.boolean(),
  openVisitId: uuid.nullable(),
});
export type VisitChoices = z.infer<typeof visitChoices>;

export const askBody = z
  .object({
    patientId: uuid,
    institutionId: uuid,
    /** Null: whoever of the house is free first. */
    doctorId: uuid.nullable(),
    condition: diagnosis,
    reason: line(500),
    /** Default: the phone that asks. */
    callbackPhone: line(20).nullish(),
    /** Danger signs first: decided here by the triage rules. */
    triage: assessmentBody.omit({ patientId: true, relation: true }),
  })
  .strict();
export const dangerBody = askBody.pick({ patientId: true, triage: true });
/** Null: nothing that was answered speaks against a visit by video. */
export const dangerAnswer = z.object({ triage: assessmentView.nullable() });
export type DangerAnswer = z.infer<typeof dangerAnswer>;
export type AskBody = z.output<typeof askBody>;

export const versionBody = z.object({ version }).strict();
export const myVisit = z.object({
  id: uuid,
  number: z.string(),
  version,
  state: z.enum(visitStates),
  patient: z.object({ id: uuid, name: z.string() }),
  house: houseRef,
  doctor: doctorRef.nullable(),
  condition: z.object({ code: z.string().nullable(), text: z.string() }),
  reason: z.string(),
  evidenceFrom: z.enum(evidenceSources),
  evidence: z.array(knownDiagnosis),
  files: z.array(z.object({ id: uuid, name: z.string(), at: instant })),
  requestedAt: instant,
  ahead: z.int().nullable(),
  expectedAt: instant.nullable(),
  mayEnterRoom: z.boolean(),
  endedAt: instant.nullable(),
  summary: z.string(),
  returnWhen: z.string(),
  callWhen: z.string(),
  redirectKind: z.enum(redirectKinds).nullable(),
  redirectReason: z.enum(redirectReasons).nullable(),
  redirectId: uuid.nullable(),
  stopReason: z.enum(stopReasons).nullable(),
  actions: z.array(z.enum(visitActions)),
});
export type MyVisit = z.infer<typeof myVisit>;
export const myVisits = z.object({ visits: z.array(myVisit) });
/** A red flag ends in the triage answer and never in a visit. */
export const askAnswer = z.object({
  visit: myVisit.nullable(),
  triage: assessmentView.nullable(),
});
export type AskAnswer = z.infer<typeof askAnswer>;

export const visitSummary = z.object({
  id: uuid,
  number: z.string(),
  version,
  state: z.enum(visitStates),
  patient: z.object({
    id: uuid,
    name: z.string(),
    sex: z.enum(patientSexes),
    ageMonths: z.int().nullable(),
  }),
  relation: z.enum(contactRelations),
  doctor: doctorRef.nullable(),
  condition: z.object({ code: z.string().nullable(), text: z.string() }),
  evidenceFrom: z.enum(evidenceSources),
  waitingAt: instant.nullable(),
  /** The clock: until then called, or until then come. */
  dueAt: instant.nullable(),
  endedAt: instant.nullable(),
});
export type VisitSummary = z.infer<typeof visitSummary>;
export const visitQueue = z.object({
  duty: z.object({ since: instant, until: instant }).nullable(),
  visits: z.array(visitSummary),
});
export type VisitQueue = z.infer<typeof visitQueue>;

export const noteBody = z
  .object({ s: text(4000), o: text(4000), a: text(4000), p: text(4000) })
  .strict();
export const visitDetail = visitSummary.extend({
  reason: z.string(),
  evidence: z.array(knownDiagnosis),
  files: z.array(z.object({ id: uuid, name: z.string(), purpose: z.string(), at: instant })),
  triage: z
    .object({ complaint: z.string(), outcome: z.string(), urgency: z.string(), at: instant })
    .nullable(),
  house: houseRef,
  guardianNeeded: z.boolean(),
  guardianPresent: z.boolean(),
  guardianName: z.string().nullable(),
  decision: z.enum(visitDecisions).nullable(),
  decisionReason: z.string().nullable(),
  decidedAt: instant.nullable(),
  note: noteBody,
  diagnoses: z.array(diagnosis),
  summary: z.string(),
  returnWhen: z.string(),
  callWhen: z.string(),
  redirectKind: z.enum(redirectKinds).nullable(),
  redirectReason: z.enum(redirectReasons).nullable(),
  redirectId: uuid.nullable(),
  stopReason: z.enum(stopReasons).nullable(),
  calledAt: instant.nullable(),
  startedAt: instant.nullable(),
  /** Who is in the room as the media node last said. */
  present: z.object({ patient: z.boolean(), doctor: z.boolean() }),
  /** For a patient who fell silent: whom to call, and where to send help. */
  reach: z
    .object({
      callbackPhone: z.string(),
      address: z.string().nullable(),
      family: z.array(
        z.object({
          relation: z.enum(contactRelations),
          name: z.string().nullable(),
          phone: z.string(),
        }),
      ),
    })
    .nullable(),
  steps: z.array(
    z.object({
      action: z.string(),
      by: z.string().nullable(),
      reason: z.string().nullable(),
      at: instant,
    }),
  ),
  actions: z.array(z.enum(visitActions)),
  mayWrite: z.boolean(),
});
export type VisitDetail = z.infer<typeof visitDetail>;

export const dutyBody = z.object({ open: z.boolean() }).strict();
export const decisionBody = z
  .object({
    version,
    decision: z.enum(visitDecisions),
    reason: line(500),
    guardianPresent: z.boolean().default(false),
    guardianName: line(100).nullable().default(null),
  })
  .strict();
export const saveBody = z
  .object({
    version,
    note: noteBody,
    diagnoses: z.array(diagnosis).max(10),
    summary: text(2000),
    returnWhen: text(500),
    callWhen: text(500),
  })
  .strict();
export const redirectBody = z
  .object({
    version,
    kind: z.enum(redirectKinds),
    reason: z.enum(redirectReasons),
    note: text(1000).default(""),
    /** Of an appointment: the time that was chosen with the patient. */
    segmentId: uuid.nullish(),
  })
  .strict();
export const stopBody = z
  .object({ version, reason: z.enum(stopReasons), note: text(500).default("") })
  .strict();
export const silenceBody = z
  .object({ action: z.enum(silenceActions), note: text(500).default("") })
  .strict();
export const roomTokenAnswer = z.object({
  token: z.string(),
  nodeUrl: z.string(),
  room: uuid,
  displayName: z.string(),
  role: z.string(),
  moderator: z.boolean(),
  lobby: z.boolean(),
});
