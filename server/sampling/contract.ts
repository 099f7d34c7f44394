/** What travels between the pages of sampling and the server. */
import { z } from "zod";
import { day, instant, line, uuid } from "../http/contract.ts";
import { contactRelations } from "../patients/domain.ts";
import {
  courierRunStates,
  groupKinds,
  priorityReasons,
  registrationStates,
  samplingProblems,
  samplingSteps,
  stationStates,
  testPurposes,
  tubeSizes,
  tubeStates,
} from "./domain.ts";

const purpose = z.enum(testPurposes);
const priority = z.enum(priorityReasons).nullable();
const size = z.literal(tubeSizes);
const tubeCode = z.string().trim().min(4).max(40);
const names = z.object({ zh: z.string(), en: z.string().nullable(), bo: z.string().nullable() });

export const siteBrief = z.object({
  id: uuid,
  name: names,
  place: z.string(),
  feverPlace: z.string(),
  poolSize: size,
  purpose,
  laboratory: names,
});

export const stationView = z.object({
  id: uuid,
  number: z.number().int(),
  state: z.enum(stationStates),
  priority: z.boolean(),
  samplerId: uuid.nullable(),
  samplerName: z.string().nullable(),
  sampledToday: z.number().int(),
  /** In the last hour, as a rate. */
  perHour: z.number(),
  waiting: z.number().int(),
  openTube: z.object({ code: z.string(), count: z.number().int(), size }).nullable(),
});

/** Somebody to be sampled, as a sampler sees him: enough to read back, nothing more. */
export const personToSample = z.object({
  registrationId: uuid,
  code: z.string(),
  name: z.string(),
  /** Last four of the identity card, else of the telephone. */
  lastFour: z.string(),
  lastFourOf: z.enum(["id", "phone", "none"]),
  purpose,
  priority,
  state: z.enum(registrationStates),
  expectedAt: instant,
  /** Recalled: alone in the tube. */
  single: z.boolean(),
  /** Why: a fever patient is never pooled. */
  fever: z.boolean(),
  recalled: z.boolean(),
});

export const tubeMemberView = z.object({
  registrationId: uuid,
  position: z.number().int(),
  sampledAt: instant,
});
export const tubeView = z.object({
  code: z.string(),
  size,
  state: z.enum(tubeStates),
  purpose,
  count: z.number().int(),
  sealedAt: instant.nullable(),
  labDueAt: instant.nullable(),
  members: z.array(tubeMemberView),
});

export const conflict = z.object({
  id: uuid,
  step: z.enum(samplingSteps),
  problem: z.string(),
  at: instant,
  receivedAt: instant,
  tube: z.string().nullable(),
  otherTube: z.string().nullable(),
  person: z.string().nullable(),
  sampler: z.string(),
});

export const samplerWork = z.object({
  now: instant,
  site: siteBrief.nullable(),
  station: z
    .object({ id: uuid, number: z.number().int(), state: z.enum(stationStates) })
    .nullable(),
  tubes: z.array(tubeView),
  batches: z.array(z.object({ size, first: z.number().int(), last: z.number().int() })),
  /** Null when they were not asked for: the phone goes on with those it has. */
  people: z.array(personToSample).nullable(),
});
/** The list of a whole day is asked for now and then, tubes and station often. */
export const workQuery = z.object({ people: z.enum(["all", "none"]).default("all") });
export type SamplerWork = z.infer<typeof samplerWork>;

const step = z.object({
  id: uuid,
  step: z.enum(samplingSteps),
  station: uuid,
  tube: tubeCode.nullable(),
  registration: uuid.nullable(),
  purpose: purpose.nullable(),
  retest: z.boolean(),
  reason: z.string().trim().max(200).nullable(),
  /** Led away with a fever: the person agreed that the fever desk is told. */
  tell: z.boolean().optional(),
  at: instant,
});
export type SamplerStep = z.infer<typeof step>;
export const stepsBody = z.object({ sentAt: instant, steps: z.array(step).min(1).max(200) });
export const stepAnswer = z.object({
  id: uuid,
  problem: z.enum(samplingProblems).nullable(),
  repeated: z.boolean(),
  /** Tube, station and time where the person or tube already is. */
  tube: z.string().nullable(),
  station: z.number().int().nullable(),
  at: instant.nullable(),
  count: z.number().int().nullable(),
});
export const stepAnswers = z.object({ now: instant, answers: z.array(stepAnswer) });
export type StepAnswer = z.infer<typeof stepAnswer>;

export const personQuery = z.object({ code: z.string().trim().min(3).max(40) });
export const personAnswer = z.object({
  /** Null: not expected here today. */
  person: personToSample.nullable(),
});

export const walkInBody = z.object({
  residentId: z.string().trim().min(1).max(40).nullable(),
  fullName: z.string().trim().max(80),
  phone: z.string().trim().max(20).nullable(),
  birthDate: day.nullable(),
  sex: z.enum(["female", "male", "other", "unknown"]).nullable(),
  purpose,
  priority,
  /**
   * Registered without a line: the code that was written on paper for him, and when. Sent again under the same code
   * it is the same registration.
   */
  kept: z
    .object({ code: z.string().regex(/^[2-9BCDFGHJKMNPQRSTVWXZ]{8}$/), at: instant })
    .nullable()
    .default(null),
});
export const groupWalkInBody = z.object({ code: z.string().trim().min(4).max(12) });
/** What a paper code says, scanned or typed; shorter or longer things are none. */
export const paperBody = z.object({ code: z.string().trim().min(16).max(400) }).strict();
export const registeredPeople = z.object({
  people: z.array(personToSample),
  already: z.number().int(),
});

export const stationBody = z.object({
  state: z.enum(stationStates).optional(),
  priority: z.boolean().optional(),
  samplerId: uuid.nullable().optional(),
});
export const siteBody = z.object({
  name: line(80),
  place: line(200),
  feverPlace: line(200),
  purpose,
  poolSize: size,
  laboratoryId: uuid,
  opensAt: instant,
  closesAt: instant.nullable(),
  population: z.number().int().min(1).max(1_000_000).nullable(),
  orderId: uuid.nullable(),
  stations: z.number().int().min(1).max(100),
  /** The locality or institution where it stands; without one it is where its institution is. */
  whereabouts: z.string().trim().max(60).nullable().default(null),
});
export const stationsBody = z.object({ count: z.number().int().min(1).max(100) });
export const siteView = siteBrief.extend({
  opensAt: instant,
  closesAt: instant.nullable(),
  population: z.number().int().nullable(),
  orderId: uuid.nullable(),
  stations: z.array(stationView),
  waiting: z.number().int(),
  sampledToday: z.number().int(),
  perHour: z.number(),
  queueMinutes: z.number().int().nullable(),
  /** Where its seats come from; null: nobody books here. */
  scheduleId: uuid.nullable(),
  tubesToCollect: z.number().int(),
  tubesLate: z.number().int(),
  conflicts: z.array(conflict),
});
export const siteScheduleBody = z.object({ scheduleId: uuid.nullable() }).strict();
export const siteList = z.object({
  sites: z.array(siteView),
  samplers: z.array(z.object({ id: uuid, name: z.string(), siteId: uuid.nullable() })),
  laboratories: z.array(z.object({ id: uuid, name: names })),
  /** Schedules of tests of the own institution; a taken one belongs to a site. */
  schedules: z.array(z.object({ id: uuid, name: names, place: z.string(), taken: z.boolean() })),
  /** Tubes that the institution was given: the next code of each size, and how many are left. */
  tubes: z.array(z.object({ size, next: z.string().nullable(), left: z.number().int() })),
});

export const orderBody = z.object({
  number: line(60),
  title: line(120),
  purpose,
  issuedOn: day,
  startsAt: instant,
  endsAt: instant.nullable(),
  scope: line(500),
  guides: z.number().int().min(0).max(10_000),
  transport: z.string().trim().max(300),
});
export const orderView = orderBody.extend({
  id: uuid,
  authorisedBy: z.string(),
  confirmedBy: z.string().nullable(),
  mayConfirm: z.boolean(),
});
export const orderList = z.object({ orders: z.array(orderView) });

export const runTube = z.object({
  code: z.string(),
  size,
  count: z.number().int(),
  state: z.enum(tubeStates),
  labDueAt: instant,
});
export const runView = z.object({
  id: uuid,
  version: z.number().int(),
  box: z.string(),
  state: z.enum(courierRunStates),
  site: names,
  laboratory: names,
  openedAt: instant,
  pickedUpAt: instant.nullable(),
  deliveredAt: instant.nullable(),
  receivedBy: z.string().nullable(),
  receivedCount: z.number().int().nullable(),
  /** The earliest of its tubes. */
  labDueAt: instant.nullable(),
  tubes: z.array(runTube),
});
export const courierWork = z.object({
  now: instant,
  runs: z.array(runView),
  waiting: z.array(
    z.object({
      siteId: uuid,
      site: names,
      place: z.string(),
      laboratory: names,
      tubes: z.array(runTube),
      labDueAt: instant,
    }),
  ),
});
export const runBody = z.object({ siteId: uuid, box: line(40) });
export const runTubeBody = z.object({ code: tubeCode, remove: z.boolean().default(false) });
export const receiveBody = z.object({
  count: z.number().int().min(0).max(10_000),
  note: z.string().trim().max(300).default(""),
});

export const testSites = z.object({
  sites: z.array(
    z.object({
      id: uuid,
      name: names,
      institution: names,
      place: z.string(),
      departmentId: uuid.nullable(),
      purpose,
      opensAt: instant,
      closesAt: instant.nullable(),
      nextFree: instant.nullable(),
      /** Seats left today. */
      leftToday: z.number().int(),
      waiting: z.number().int(),
      /** From where the person says he is, as the crow flies; null when that or the site's place is not known. */
      distanceMetres: z.number().int().nullable(),
    }),
  ),
});
export const testSitesQuery = z.object({
  /** A locality or an institution of `/api/tests/whereabouts`. */
  from: z.string().trim().max(60).optional(),
});
export const whereaboutsList = z.object({
  places: z.array(z.object({ id: z.string(), area: names, name: names })),
});
export const testBookingBody = z.object({
  segmentId: uuid,
  people: z
    .array(
      z.object({
        patientId: uuid,
        relation: z.enum(contactRelations),
        purpose: z.enum(["voluntary", "in-outpatient"]),
        priority,
      }),
    )
    .min(1)
    .max(20),
  /** Everyone or nobody; or whoever fits. */
  mode: z.enum(["all", "fit"]),
});
export const testBookingAnswer = z.object({
  booked: z.number().int(),
  people: z.array(
    z.object({
      patientId: uuid,
      name: z.string(),
      appointmentId: uuid.nullable(),
      /** Why not, as a sentence in the reader's language. */
      problem: z.string().nullable(),
    }),
  ),
});
export const myTest = z.object({
  id: uuid,
  appointmentId: uuid.nullable(),
  patient: z.object({ id: uuid, name: z.string() }),
  site: names,
  place: z.string(),
  feverPlace: z.string(),
  code: z.string(),
  expectedAt: instant,
  state: z.enum(registrationStates),
  purpose,
  priority,
  sampledAt: instant.nullable(),
});
export const myTests = z.object({ tests: z.array(myTest) });
export const testChangeBody = z.object({
  purpose: z.enum(["voluntary", "in-outpatient"]),
  priority,
});

export const groupBody = z.object({
  kind: z.enum(groupKinds),
  name: line(60),
  siteId: uuid,
  segmentId: uuid.nullable(),
  day,
});
export const groupView = z.object({
  id: uuid,
  code: z.string(),
  kind: z.enum(groupKinds),
  name: z.string(),
  siteId: uuid,
  site: names,
  place: z.string(),
  segmentId: uuid.nullable(),
  startsAt: instant.nullable(),
  day,
  closed: z.boolean(),
  members: z.number().int(),
  own: z.boolean(),
});
export const groupList = z.object({ groups: z.array(groupView) });
export const joinBody = z.object({ patientIds: z.array(uuid).min(1).max(20) });
