/** What the loop board and the referral clocks of a house send and receive: numbers of houses, nobody's name. */
import { z } from "zod";
import { day, instant, line } from "../http/contract.ts";
import { referralUrgencies } from "./domain.ts";
import { referralDirections, referralStates } from "./states.ts";

/** Where an open loop stands, each in exactly one: not answered in time by rung, still in time, then the way on. */
export const loopClocks = [
  "administrator",
  "head",
  "desk",
  "soon",
  "due",
  "asked",
  "kept",
  "way",
  "inHouse",
  "home",
] as const;
export type LoopClock = (typeof loopClocks)[number];
export const careLevels = ["primary", "secondary", "tertiary"] as const;
export const boardDays = [7, 30, 90] as const;

const count = z.number().int().nonnegative();
const institutionRef = z.object({
  id: z.uuid(),
  name: z.string(),
  nameEn: z.string().nullable(),
  nameBo: z.string().nullable(),
});

export const boardQuery = z
  .object({ days: z.coerce.number().pipe(z.literal(boardDays)).default(30) })
  .strict();

export const houseNumbers = z.object({
  id: z.uuid(),
  level: z.enum(careLevels),
  /** Open loops at this house now, by clock; what is zero is left out. */
  open: z.partialRecord(z.enum(loopClocks), count),
  nextDueAt: z.string().nullable(),
  /** Referrals that came in the period, and how each was answered: the six add up to `received`. */
  received: count,
  up: count,
  down: count,
  accepted: count,
  returned: count,
  redirected: count,
  advised: count,
  waiting: count,
  ended: count,
  /** Of those received: a clock rang before anybody answered. */
  late: count,
  noShows: count,
  minutesToAccepted: z.number().nullable(),
  minutesToSeen: z.number().nullable(),
  /** Visits of the period that were completed at this house. */
  visits: count,
  followUps: count,
  missedFollowUps: count,
});
export type HouseNumbers = z.infer<typeof houseNumbers>;
/** What the database's function answers. */
export const boardNumbers = z.object({
  houses: z.array(houseNumbers),
  minutesToAccepted: z.number().nullable(),
  minutesToSeen: z.number().nullable(),
  rules: z.array(z.object({ rule: z.string(), fired: count, overruled: count })),
});

/** How soon a house answers what it is asked, of the period; the oldest open one whenever it was sent. */
export const houseAnswers = z.object({
  id: z.uuid(),
  asked: count,
  answered: count,
  /** Answered before a clock rang. */
  inTime: count,
  medianMinutes: z.number().nullable(),
  oldestOpenAt: z.string().nullable(),
  /** Waiting now, past their time. */
  overdue: count,
});
export const ownLoop = z.object({
  id: z.uuid(),
  number: z.string(),
  direction: z.enum(referralDirections),
  urgency: z.enum(referralUrgencies),
  state: z.enum(referralStates),
  from: institutionRef,
  to: institutionRef,
  /** When the answer is due, while one is waited for. */
  dueAt: instant.nullable(),
  submittedAt: instant,
});
const ruleWords = z.object({ zh: z.string(), en: z.string(), bo: z.string().nullable() });
export const board = boardNumbers.extend({
  /** Overruled red flags, with what the rule says; null for a rule that no version has any more. */
  rules: z.array(
    z.object({ rule: z.string(), fired: count, overruled: count, because: ruleWords.nullable() }),
  ),
  days: z.literal(boardDays),
  since: instant,
  at: instant,
  /** Every house of the platform rather than of the own alliances. */
  everywhere: z.boolean(),
  ownInstitutionId: z.uuid(),
  houses: z.array(houseNumbers.extend({ institution: institutionRef })),
  answering: z.array(houseAnswers.extend({ institution: institutionRef })),
  levels: z.array(z.object({ level: z.enum(careLevels), visits: count, up: count, down: count })),
  /** Open loops that the reader's own house is a side of, the most urgent first. */
  own: z.array(ownLoop),
  /** Why referrals of the own house came back, or were sent back by it: the newest. */
  reasons: z.array(
    z.object({
      id: z.uuid(),
      number: z.string(),
      from: institutionRef,
      to: institutionRef,
      reason: z.string(),
      at: instant,
    }),
  ),
});
export type Board = z.infer<typeof board>;

/** Numbers of the board that are counted from what came in the period. */
export const loopAnswers = [
  "received",
  "accepted",
  "returned",
  "redirected",
  "advised",
  "waiting",
  "ended",
  "late",
  "noShows",
] as const;
/** Every number of the board that has a list behind it. */
export const loopKinds = ["open", "overdue", "missed", ...loopClocks, ...loopAnswers] as const;
export type LoopKind = (typeof loopKinds)[number];
/** The steps that say why a loop stands where it stands. */
export const loopCodes = [
  "return",
  "handBack",
  "redirect",
  "convert",
  "advise",
  "askMore",
  "escalate",
  "markNoShow",
  "expire",
  "cancel",
  "confirmCancel",
  "decline",
] as const;
export const loopPageSize = 50;

export const loopListQuery = z
  .object({
    what: z.enum(loopKinds),
    /** Without it those of every house that the reader may compare. */
    house: z.uuid().optional(),
    days: boardQuery.shape.days,
    page: z.coerce.number().int().min(1).max(2000).default(1),
  })
  .strict();
const listedLoop = z.object({
  /** The referral, for a house that is a side of it alone. */
  id: z.uuid().nullable(),
  number: z.string(),
  direction: z.enum(referralDirections),
  urgency: z.enum(referralUrgencies),
  state: z.enum(referralStates),
  clock: z.enum(loopClocks).nullable(),
  submittedAt: z.string(),
  dueAt: z.string().nullable(),
  code: z.enum(loopCodes).nullable(),
  codeAt: z.string().nullable(),
  /** Free words, for a house that is a side alone. */
  reason: z.string().nullable(),
  /** Of a missed follow-up: the day on which it was due. */
  missedOn: day.nullish(),
});
/** What the database's function answers. */
export const loopRows = z.object({
  total: count,
  rows: z.array(listedLoop.extend({ from: z.uuid(), to: z.uuid() })),
});
export const loopList = z.object({
  what: z.enum(loopKinds),
  house: institutionRef.nullable(),
  days: z.literal(boardDays),
  at: instant,
  page: count,
  size: count,
  total: count,
  rows: z.array(listedLoop.extend({ from: institutionRef, to: institutionRef })),
});
export type LoopList = z.infer<typeof loopList>;

const minutes = (most: number) => z.number().int().min(1).max(most).nullable();
/** One dated row of a house; null takes the product's own number. The limits are those of the table. */
export const clockBody = z
  .object({
    validFrom: day,
    emergencyMinutes: minutes(120),
    urgentMinutes: minutes(1440),
    routineMinutes: minutes(4800),
    headMinutes: minutes(1440),
    administratorMinutes: minutes(2880),
    holdHours: minutes(96),
    dutyPhone: line(20).nullable(),
    source: line(200),
  })
  .strict();
export type ClockBody = z.infer<typeof clockBody>;
export const clockList = z.object({
  today: day,
  defaults: clockBody.omit({ dutyPhone: true, source: true, validFrom: true }),
  rows: z.array(
    clockBody.extend({
      source: z.string().nullable(),
      when: z.enum(["over", "current", "coming"]),
    }),
  ),
});
export type ClockList = z.infer<typeof clockList>;
