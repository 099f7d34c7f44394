/** What the pages send and receive about fever care. */
import { z } from "zod";
import { appointmentView } from "../booking/contract.ts";
import { day, instant, line, uuid } from "../http/contract.ts";
import { contactRelations, patientSexes } from "../patients/domain.ts";
import { createReportBody } from "../reporting/contract.ts";
import {
  feverActions,
  feverArrivals,
  feverPolicyStates,
  feverReasons,
  feverRegions,
  feverRoomKinds,
  feverSiteKinds,
  feverVenues,
  feverVisitStates,
  questionIds,
  sampleResults,
  specialRoutes,
} from "./domain.ts";
import { entryKeys, venueKeys } from "./venue-words.ts";

const version = z.number().int().positive();
const words = z.object({ zh: z.string(), en: z.string(), bo: z.string() });
const nameWords = z.object({
  zh: z.string(),
  en: z.string().nullable(),
  bo: z.string().nullable(),
});
const text = (max: number) => z.string().trim().max(max);
const region = z.enum(feverRegions);
export const relation = z.enum(contactRelations);

export const questionnaireQuery = z.object({
  patientId: uuid.optional(),
  region: region.optional(),
});
export const questionView = z.object({
  id: z.enum(questionIds),
  section: z.enum(["red-flag", "person", "fever", "exposure"]),
  kind: z.enum(["choice", "condition", "temperature"]),
  text: words,
  hint: words,
  options: z.array(z.object({ value: z.string(), text: words })),
  /** Asked only when another question was answered so. */
  when: z.object({ question: z.enum(questionIds), values: z.array(z.string()) }).nullable(),
  /** After these answers nothing more is asked. */
  ends: z.array(z.string()),
});
const anyWords = z.object({ zh: z.string(), en: z.string(), bo: z.string() });
/** A headline, and what to do: a sentence a line. */
export const said = z.object({ title: anyWords, how: anyWords });
export type SaidView = z.infer<typeof said>;

export const questionnaire = z.object({
  policyId: uuid,
  region,
  regions: z.array(region),
  version: z.number().int(),
  validFrom: day,
  temperatureTenths: z.number().int(),
  /** Said at the first red flag, also without a line. */
  call120: said,
  questions: z.array(questionView),
});
export type Questionnaire = z.infer<typeof questionnaire>;

export const answerList = z
  .array(z.object({ question: z.enum(questionIds), value: z.string().max(12) }).strict())
  .max(questionIds.length);
export const screeningBody = z
  .object({
    policyId: uuid,
    patientId: uuid,
    relation: relation.default("self"),
    answers: answerList,
  })
  .strict();

export const siteView = z.object({
  institutionId: uuid,
  kind: z.enum(feverSiteKinds),
  name: nameWords,
  entrance: nameWords,
  address: z.string().nullable(),
  phone: z.string().nullable(),
  departmentId: uuid.nullable(),
  /** How to come in, by the region's version of today. */
  entry: z.array(said.extend({ key: z.enum(entryKeys) })),
});
export type SiteView = z.infer<typeof siteView>;
export const siteList = z.object({ sites: z.array(siteView) });

export const screeningView = z.object({
  id: uuid,
  code: z.string(),
  policyId: uuid,
  policyVersion: z.number().int(),
  patient: z.object({ id: uuid, name: z.string() }),
  answeredAt: instant,
  venue: z.enum(feverVenues),
  call120: z.boolean(),
  stayPut: z.boolean(),
  route: z.enum(specialRoutes).nullable(),
  reasons: z.array(z.enum(feverReasons)),
  /** Ordinary booking by phone rests until then. */
  blockedUntil: instant.nullable(),
  /** Where to go and what to do, in the words of the version that was answered. */
  words: said,
});
export type ScreeningView = z.infer<typeof screeningView>;
export const screeningAnswer = z.object({
  screening: screeningView,
  /** The seat that replaces an ordinary one: held, to be confirmed; or one that is there already. */
  appointment: appointmentView.nullable(),
  sites: z.array(siteView),
  /** Ordinary visits that lie within the time of the block: the patient decides about them. */
  affected: z.array(z.object({ id: uuid, startsAt: instant, department: nameWords })),
});
export type ScreeningAnswer = z.infer<typeof screeningAnswer>;
export const myFever = z.object({
  screenings: z.array(screeningView),
  visits: z.array(
    z.object({
      id: uuid,
      patient: z.object({ id: uuid, name: z.string() }),
      institution: nameWords,
      at: instant,
      /** In words for a patient; never a raw suspicion. */
      step: z.enum(["arrived", "in-room", "result", "doctor", "ended", "moved", "help"]),
      resultDueAt: instant.nullable(),
    }),
  ),
});
export type MyFever = z.infer<typeof myFever>;

const stamp = z.object({ name: z.string(), at: instant });
export const patientLine = z.object({
  id: uuid,
  fullName: z.string().nullable(),
  fullNameBo: z.string().nullable(),
  sex: z.enum(patientSexes),
  ageYears: z.number().int().nullable(),
  ageMonths: z.number().int().nullable(),
  unknownPerson: z.boolean(),
  unknownNote: z.string().nullable(),
  residentIdMasked: z.string().nullable(),
  phoneMasked: z.string().nullable(),
  address: z.string().nullable(),
});
const reading = z.object({
  id: z.number().int(),
  kind: z.enum(["temperature", "spo2"]),
  value: z.number(),
  at: instant,
  by: z.string(),
  altitudeMetres: z.number().int().nullable(),
  /** Of a saturation, by the range of the place. */
  judgement: z.enum(["usual", "low", "alarm", "unjudged"]).nullable(),
  usual: z.object({ low: z.number(), high: z.number() }).nullable(),
  criticalValueId: uuid.nullable(),
});
export const transferView = z.object({
  visitId: uuid,
  from: nameWords,
  to: z.string(),
  toInstitutionId: uuid.nullable(),
  vehicle: z.string(),
  crew: z.string(),
  ordered: stamp,
  departed: stamp.nullable(),
  received: stamp.extend({ receiver: z.string() }).nullable(),
  disinfected: stamp.extend({ how: z.string() }).nullable(),
  /** The reader's own side. */
  side: z.enum(["own", "receiver"]),
  /** Who is brought; seen by the receiver from the departure on. */
  patientName: z.string().nullable(),
});
export type TransferView = z.infer<typeof transferView>;
const reportView = z.object({
  id: uuid,
  diseaseName: z.string(),
  diseaseNameEn: z.string().nullable(),
  diseaseNameBo: z.string().nullable(),
  state: z.string(),
  urgent: z.boolean(),
  dueAt: instant.nullable(),
  owner: z.enum(["doctor", "public-health", "cdc"]).nullable(),
  escalationLevel: z.number().int(),
});
export const visitLine = z.object({
  id: uuid,
  version,
  state: z.enum(feverVisitStates),
  arrival: z.enum(feverArrivals),
  arrivedAt: instant,
  patient: patientLine,
  temperature: z.number().nullable(),
  judgement: z.enum(["none", "usual", "repeat", "fever"]),
  repeatFrom: instant.nullable(),
  room: z.object({ id: uuid, name: z.string(), since: instant }).nullable(),
  route: z.enum(specialRoutes).nullable(),
  resultDueFrom: instant.nullable(),
  resultDueAt: instant.nullable(),
  hasResult: z.boolean(),
  reportDueAt: instant.nullable(),
  alarm: z.boolean(),
});
export type VisitLine = z.infer<typeof visitLine>;
export const visitView = visitLine.extend({
  repeatUntil: instant.nullable(),
  readings: z.array(reading),
  screening: z
    .object({
      answeredAt: instant,
      atDesk: z.boolean(),
      venue: z.enum(feverVenues),
      stayPut: z.boolean(),
      reasons: z.array(z.enum(feverReasons)),
      answers: z.array(z.object({ question: z.enum(questionIds), value: z.string(), text: words })),
    })
    .nullable(),
  questionnaire: questionnaire,
  register: z.object({
    phoneMasked: z.string().nullable(),
    currentAddress: z.string().nullable(),
    workplace: z.string().nullable(),
    onsetOn: day.nullable(),
    complaint: z.string().nullable(),
    companions: z.string().nullable(),
  }),
  triaged: stamp.extend({ note: z.string().nullable() }).nullable(),
  seen: stamp.nullable(),
  sampleCode: z.string().nullable(),
  sampledAt: instant.nullable(),
  /** What was written down at the desk, or what the laboratory released of the single tube. */
  result: z
    .object({ text: z.string(), at: instant, says: z.enum(sampleResults).nullable() })
    .nullable(),
  observation: z.object({ handedTo: z.string(), since: instant }).nullable(),
  diagnosis: z.string().nullable(),
  report: reportView.nullable(),
  transfer: transferView.nullable(),
  block: z.object({ id: uuid, until: instant }).nullable(),
  actions: z.array(z.enum(feverActions)),
  steps: z.array(
    z.object({
      action: z.string(),
      by: z.string(),
      institution: z.string().nullable(),
      reason: z.string().nullable(),
      at: instant,
    }),
  ),
});
export type VisitView = z.infer<typeof visitView>;

export const roomView = z.object({
  id: uuid,
  name: z.string(),
  kind: z.enum(feverRoomKinds),
  state: z.enum(["free", "occupied", "to-disinfect"]),
  stayId: uuid.nullable(),
  since: instant.nullable(),
  visitId: uuid.nullable(),
});
export type RoomView = z.infer<typeof roomView>;
export const arrivalView = z.object({
  appointmentId: uuid,
  ticket: z.string(),
  startsAt: instant,
  late: z.boolean(),
  patient: patientLine,
  /** Answers are there: nothing is asked twice. */
  screened: z.boolean(),
  route: z.enum(specialRoutes).nullable(),
});
export const deskView = z.object({
  site: siteView,
  altitudeMetres: z.number().int(),
  /** Where a sentinel brings its patients. */
  higher: z.object({ id: uuid, name: nameWords }).nullable(),
  arrivals: z.array(arrivalView),
  /** On the way from a testing site, with their consent. */
  announced: z.array(
    z.object({
      id: uuid,
      patient: patientLine,
      from: nameWords,
      by: z.string(),
      at: instant,
    }),
  ),
  visits: z.array(visitLine),
  rooms: z.array(roomView),
  /** Vehicles on their way to here. */
  incoming: z.array(transferView),
  /** Own vehicles that are still out or not yet disinfected. */
  outgoing: z.array(transferView),
  blocks: z.array(
    z.object({
      id: uuid,
      patient: z.object({ id: uuid, name: z.string() }),
      since: instant,
      until: instant,
    }),
  ),
});
export type DeskView = z.infer<typeof deskView>;

/** Somebody comes: by the appointment, by the code of the answers, or as the patient who stands there. */
export const admitBody = z.union([
  z.object({ appointmentId: uuid }).strict(),
  z.object({ code: line(12) }).strict(),
  z.object({ patientId: uuid }).strict(),
]);
export const measureBody = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("temperature"), value: z.number().min(33).max(43.5) }).strict(),
  z
    .object({
      kind: z.literal("spo2"),
      value: z.number().int().min(30).max(100),
      /** Where it was measured when not here: on the way, at home. */
      altitudeMetres: z.number().int().min(-500).max(9000).nullish(),
    })
    .strict(),
]);
export const registerBody = z
  .object({
    version,
    /** A number to reach the person; null keeps the one that is there. */
    phone: z.string().trim().max(30).nullish(),
    currentAddress: text(300).nullish(),
    workplace: text(200).nullish(),
    onsetOn: day.nullish(),
    complaint: text(1000).nullish(),
    companions: text(500).nullish(),
  })
  .strict();
export const askBody = z.object({ version, policyId: uuid, answers: answerList }).strict();
const note = text(500).nullish();
const action = <Name extends (typeof feverActions)[number], Shape extends z.ZodRawShape>(
  name: Name,
  shape: Shape,
) => z.object({ action: z.literal(name), version, ...shape }).strict();
const reportShape = createReportBody.pick({
  diseaseCode: true,
  diagnosisKind: true,
  note: true,
}).shape;
export const feverActionBody = z.discriminatedUnion("action", [
  action("to-ordinary", { note }),
  action("to-fever", { note }),
  action("to-emergency", { note }),
  action("to-room", { roomId: uuid }),
  action("see", {}),
  action("sample", { sampleCode: line(40) }),
  action("record-result", { text: line(500) }),
  action("observe", { handedTo: line(200) }),
  action("exclude", { diagnosis: line(200) }),
  action("leave", { note: line(500) }),
  /** With a disease of the table the report goes out in the same transaction. */
  action("suspect", { diagnosis: line(200), report: z.object(reportShape).strict().nullish() }),
  action("report", { report: z.object(reportShape).strict() }),
  action("order-transfer", {
    toInstitutionId: uuid.nullish(),
    toName: line(200).nullish(),
    vehicle: line(40),
    crew: line(200),
  }),
  action("depart", {}),
  action("hand-over", { receiver: line(100).nullish() }),
  action("disinfect", { how: line(200) }),
]);
export type FeverActionBody = z.infer<typeof feverActionBody>;

const roomName = line(40);
export const newRoomBody = z.object({ name: roomName, kind: z.enum(feverRoomKinds) }).strict();
export const roomBody = z
  .object({ name: roomName.optional(), active: z.boolean().optional() })
  .strict()
  .refine((one) => one.name !== undefined || one.active !== undefined);
const entranceLine = line(200);
export const entranceBody = z
  .object({ zh: entranceLine, en: entranceLine, bo: entranceLine })
  .strict();
/** For who keeps the site: every room, and the words for the door. */
export const roomList = z.object({
  entrance: nameWords,
  rooms: z.array(
    z.object({
      id: uuid,
      name: z.string(),
      kind: z.enum(feverRoomKinds),
      active: z.boolean(),
      inUse: z.boolean(),
    }),
  ),
});
export type RoomList = z.infer<typeof roomList>;
export const disinfectRoomBody = z.object({ stayId: uuid }).strict();
export const criticalBody = z
  .object({ measurementId: z.number().int().positive(), receiverId: uuid })
  .strict();
/** Ordinary booking by phone rests: until when, and which fever clinic is kept instead. */
export const blockView = z.object({
  id: uuid.nullable(),
  until: instant.nullable(),
  mayLift: z.boolean(),
  alternative: z
    .object({
      place: nameWords,
      state: z.enum(["held", "booked"]),
      startsAt: instant,
      heldUntil: instant.nullable(),
    })
    .nullable(),
});
export type BlockView = z.infer<typeof blockView>;
export const liftBody = z.object({ reason: line(300) }).strict();

/** What is asked, in the words and with the numbers of a version. */
export const policyQuestions = z.object({
  questions: z.array(z.object({ id: z.string(), text: anyWords, hint: anyWords })),
});
export type PolicyQuestions = z.infer<typeof policyQuestions>;
export const policyView = z.object({
  id: uuid,
  region,
  version: z.number().int(),
  validFrom: day,
  state: z.enum(feverPolicyStates),
  temperatureTenths: z.number().int(),
  repeatMinMinutes: z.number().int(),
  repeatMaxMinutes: z.number().int(),
  lookbackDays: z.number().int(),
  clusterLeast: z.number().int(),
  asksMarmots: z.boolean(),
  blockHours: z.number().int(),
  resultMinHours: z.number().int(),
  resultMaxHours: z.number().int(),
  areas: z.array(words),
  source: z.string(),
  author: z.string().nullable(),
  publisher: z.string().nullable(),
  publishedAt: instant.nullable(),
  /** Counts today. */
  current: z.boolean(),
  mayPublish: z.boolean(),
  /** Something of it was recalled rather than read: a clinician has still to check it. */
  recalled: z.boolean(),
  /** What is asked, as it is asked. */
  questions: policyQuestions.shape.questions,
  venues: z.record(z.enum(venueKeys), said),
  entry: z.record(z.enum(entryKeys), said),
});
export type PolicyView = z.infer<typeof policyView>;
export const policyList = z.object({ policies: z.array(policyView) });
const sentences = z.string().trim().min(1).max(500);
const textWords = z.object({ zh: sentences, en: sentences, bo: sentences }).strict();
const lineWords = z.object({ zh: line(200), en: line(200), bo: line(200) }).strict();
const saidBody = z.object({ title: lineWords, how: textWords }).strict();
const count = (min: number, max: number) => z.number().int().min(min).max(max);
export const policyBody = z
  .object({
    region,
    validFrom: day,
    temperatureTenths: count(360, 390),
    repeatMinMinutes: count(1, 15),
    repeatMaxMinutes: count(1, 15),
    lookbackDays: z.union([z.literal(7), z.literal(14)]),
    clusterLeast: count(2, 20),
    asksMarmots: z.boolean(),
    blockHours: count(1, 336),
    resultMinHours: count(1, 24),
    resultMaxHours: count(1, 24),
    areas: z.array(lineWords).max(20),
    source: line(300),
    /** Left out: as every database starts with. */
    venues: z.record(z.enum(venueKeys), saidBody).optional(),
    entry: z.record(z.enum(entryKeys), saidBody).optional(),
  })
  .strict();
/** What changes the wording of the questions. */
export const policyNumbers = policyBody
  .pick({
    temperatureTenths: true,
    lookbackDays: true,
    clusterLeast: true,
    asksMarmots: true,
    areas: true,
  })
  .strict();
