/** What travels between the pages of a surge and the server. */
import { z } from "zod";
import { day, instant, line, uuid } from "../http/contract.ts";
import { stationStates, tubeSizes } from "../sampling/domain.ts";
import { surgeStates } from "./domain.ts";

const names = z.object({ zh: z.string(), en: z.string().nullable(), bo: z.string().nullable() });
const place = z.object({
  name: line(80),
  place: line(200),
  stations: z.number().int().min(1).max(200),
  /** Of them, the first ones for the priority lane. */
  priority: z.number().int().min(0).max(50),
});

export const surgeBody = z
  .object({
    title: line(120),
    /** An order that exists; else the one that is written here, for a second person to sign. */
    orderId: uuid.nullable(),
    order: z.object({ number: line(60), issuedOn: day, scope: line(500) }).nullable(),
    places: z.array(place).min(1).max(40),
    expectedPeople: z.number().int().min(1).max(1_000_000),
    startsAt: instant,
    endsAt: instant,
    plannedPerHour: z.number().int().min(60).max(100),
    poolSize: z.literal(tubeSizes),
    queueLimit: z.number().int().min(5).max(200).default(40),
    guides: z.number().int().min(0).max(10_000),
    transport: line(300),
    feverPlace: line(200),
    laboratoryId: uuid,
  })
  .refine((body) => (body.orderId === null) !== (body.order === null), { path: ["order"] })
  .refine((body) => Date.parse(body.endsAt) > Date.parse(body.startsAt), { path: ["endsAt"] })
  .refine((body) => body.places.every((one) => one.priority < one.stations || one.stations === 1), {
    path: ["places"],
  })
  .refine((body) => body.places.reduce((sum, one) => sum + one.stations, 0) <= 500, {
    path: ["places"],
  });

export const sizingQuery = z.object({
  people: z.coerce.number().int().min(1).max(1_000_000),
  stations: z.coerce.number().int().min(1).max(500),
  perHour: z.coerce.number().int().min(60).max(100),
  from: instant,
  until: instant,
});
export const sizingAnswer = z.object({
  sitesAtLeast: z.number().int(),
  sitesAtMost: z.number().int(),
  perHour: z.number().int(),
  managed: z.number().int(),
  doneAt: instant,
  stationsNeeded: z.number().int(),
  enough: z.boolean(),
});

export const surgeView = z.object({
  id: uuid,
  version: z.number().int(),
  state: z.enum(surgeStates),
  title: z.string(),
  order: z.object({
    number: z.string(),
    authorisedBy: z.string(),
    confirmedBy: z.string().nullable(),
    mayConfirm: z.boolean(),
  }),
  places: z.array(place),
  stations: z.number().int(),
  expectedPeople: z.number().int(),
  startsAt: instant,
  endsAt: instant,
  plannedPerHour: z.number().int(),
  poolSize: z.literal(tubeSizes),
  guides: z.number().int(),
  transport: z.string(),
  feverPlace: z.string(),
  openedAt: instant.nullable(),
  stoodDownAt: instant.nullable(),
});
export const surgeList = z.object({
  surges: z.array(surgeView),
  orders: z.array(z.object({ id: uuid, number: z.string(), title: z.string() })),
  laboratories: z.array(z.object({ id: uuid, name: names })),
  mayCommand: z.boolean(),
});

export const boardStation = z.object({
  id: uuid,
  number: z.number().int(),
  state: z.enum(stationStates),
  priority: z.boolean(),
  sampler: z.string().nullable(),
  queue: z.number().int(),
  /** Measured, or planned while fewer than a handful of swabs were seen. */
  perHour: z.number(),
  measured: z.boolean(),
  done: z.number().int(),
  waitMinutes: z.number().int().nullable(),
  /** When the last one who stands there now is sampled. */
  endsAt: instant.nullable(),
});
export const boardSite = z.object({
  id: uuid,
  name: z.string(),
  place: z.string(),
  /** Nobody's table has room for them yet. */
  hall: z.number().int(),
  waiting: z.number().int(),
  toCome: z.number().int(),
  perHour: z.number(),
  endsAt: instant.nullable(),
  stations: z.array(boardStation),
});
export const surgeBoard = z.object({
  now: instant,
  surge: surgeView,
  sites: z.array(boardSite),
  registered: z.number().int(),
  sampled: z.number().int(),
  waiting: z.number().int(),
  ledAway: z.number().int(),
  perHour: z.number(),
  forecastEnd: instant.nullable(),
  tubes: z.object({
    filling: z.number().int(),
    toCollect: z.number().int(),
    inTransit: z.number().int(),
    inLaboratory: z.number().int(),
    done: z.number().int(),
    voided: z.number().int(),
    /** Not in the laboratory within two hours of the first swab. */
    overdue: z.number().int(),
  }),
  resultsDue: z.array(z.object({ hour: instant, tubes: z.number().int(), late: z.number().int() })),
  recallsOpen: z.number().int(),
  freeSamplers: z.number().int(),
  moved: z.array(
    z.object({
      code: z.string(),
      siteId: uuid,
      from: z.number().int(),
      to: z.number().int(),
      at: instant,
    }),
  ),
});
export type SurgeBoard = z.infer<typeof surgeBoard>;

export const staffBody = z.object({
  /** Null: everybody who takes swabs here and is at no table. */
  personIds: z.array(uuid).min(1).max(500).nullable(),
});
export const staffAnswer = z.object({ seated: z.number().int() });
/** Tonight's tables of the own institution, for whoever takes swabs there. */
export const tableList = z.object({
  tables: z.array(
    z.object({
      id: uuid,
      surgeId: uuid,
      title: z.string(),
      site: z.string(),
      place: z.string(),
      number: z.number().int(),
      priority: z.boolean(),
      state: z.enum(stationStates),
      sampler: z.string().nullable(),
      mine: z.boolean(),
      queue: z.number().int(),
    }),
  ),
  /** Who may take over: takes swabs here and sits at no table. */
  colleagues: z.array(z.object({ id: uuid, name: z.string() })),
});
export const leaveBody = z.object({
  /** Who goes on there; null: the table closes. */
  personId: uuid.nullable(),
});
export const myTable = z.object({
  stationId: uuid.nullable(),
  number: z.number().int().nullable(),
});

export const joinBody = z.object({
  siteId: uuid,
  patientIds: z.array(uuid).min(1).max(10),
  /** Code of a family, company or class made for this site; null: on one's own. */
  group: line(20).nullable().default(null),
});
/** Tonight's sites that take people. */
export const openSurges = z.object({
  sites: z.array(
    z.object({
      id: uuid,
      title: z.string(),
      name: names,
      place: z.string(),
      feverPlace: z.string(),
      endsAt: instant,
      tables: z.number().int(),
      waiting: z.number().int(),
      /** Null while no table is open. */
      waitMinutes: z.number().int().nullable(),
    }),
  ),
});
export const joinAnswer = z.object({
  people: z.array(
    z.object({
      patientId: uuid,
      registrationId: uuid.nullable(),
      problem: z.enum(["already"]).nullable(),
    }),
  ),
});
export const mySurgePlaces = z.object({
  places: z.array(
    z.object({
      registrationId: uuid,
      patientId: uuid,
      siteId: uuid,
      /** Null: in the hall. */
      station: z.number().int().nullable(),
      movedFrom: z.number().int().nullable(),
      movedAt: instant.nullable(),
      called: z.boolean(),
      ahead: z.number().int(),
      expectedAt: instant.nullable(),
      feverPlace: z.string(),
    }),
  ),
});
export type MySurgePlaces = z.infer<typeof mySurgePlaces>;
