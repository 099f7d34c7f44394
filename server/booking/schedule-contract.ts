/** What the page of a schedule administrator sends and receives. Days are the institution's own. */
import { z } from "zod";
import { day, instant, line, uuid } from "../http/contract.ts";
import { serviceKinds } from "./domain.ts";

const words = z.object({ zh: z.string(), en: z.string().nullable(), bo: z.string().nullable() });
const kind = z.enum(serviceKinds);
const segmentMinutes = z.union([z.literal(30), z.literal(60)]);
const whole = (min: number, max: number) => z.number().int().min(min).max(max);

/** All numbers of a policy; each limit keeps a typing error from shutting a hospital. */
export const policyNumbers = z
  .object({
    releaseDaysAhead: whole(0, 180),
    releaseMinute: whole(0, 1439),
    priorityLeadDays: whole(0, 30),
    priorityPercent: whole(0, 100),
    priorityReturnHours: whole(0, 720),
    hotlinePercent: whole(0, 100),
    holdMinutes: whole(1, 60),
    lateMinutes: whole(0, 240),
    checkInMinutesBefore: whole(0, 480),
    noShowLimit: whole(1, 50),
    noShowWindowDays: whole(1, 730),
    noShowBlockDays: whole(0, 730),
    patientsPerPhone: whole(1, 20),
    returnMinSeconds: whole(0, 3600),
    returnMaxSeconds: whole(0, 3600),
    offerMinutes: whole(5, 1440),
    offerEndsBeforeMinutes: whole(0, 1440),
    requeueAfter: whole(0, 20),
    waitingRoomMinutes: whole(0, 60),
  })
  .strict();
export type PolicyNumbers = z.infer<typeof policyNumbers>;

export const policyBody = policyNumbers
  .extend({ validFrom: day })
  .refine((one) => one.priorityPercent + one.hotlinePercent <= 100, {
    path: ["hotlinePercent"],
    message: "more than 100 % kept",
  })
  .refine((one) => one.returnMinSeconds <= one.returnMaxSeconds, {
    path: ["returnMaxSeconds"],
    message: "less than the shortest",
  });
export type PolicyBody = z.infer<typeof policyBody>;

export const policyView = policyNumbers.extend({
  validFrom: day,
  /** Counts today. */
  current: z.boolean(),
  /** Has not begun: it may still be changed or taken back. */
  coming: z.boolean(),
});
export const policyList = z.object({ policies: z.array(policyView) });
export type PolicyView = z.infer<typeof policyView>;

export const scheduleRow = z.object({
  id: uuid,
  name: words,
  kind,
  department: z.object({ id: uuid, name: words }),
  doctor: z.object({ id: uuid, name: z.string(), title: z.string() }).nullable(),
  place: z.string(),
  feeCents: z.number().int(),
  segmentMinutes,
  active: z.boolean(),
  /** Last day that is open; null when nothing is. */
  openUntil: day.nullable(),
  /** Seats still to come, and how many of them are taken. */
  seats: z.number().int(),
  taken: z.number().int(),
});
export type ScheduleView = z.infer<typeof scheduleRow>;

export const manageOverview = z.object({
  today: day,
  /** Days that the nightly job keeps open. */
  daysAhead: z.number().int(),
  departments: z.array(
    z.object({
      id: uuid,
      name: words,
      doctors: z.array(z.object({ id: uuid, name: z.string(), title: z.string() })),
    }),
  ),
  schedules: z.array(scheduleRow),
});
export type ManageOverview = z.infer<typeof manageOverview>;

const changeable = {
  name: z.object({
    zh: line(60),
    en: line(80),
    bo: z.string().trim().max(120).nullable().default(null),
  }),
  place: line(120),
  feeCents: whole(0, 1_000_000),
  segmentMinutes,
};
export const newScheduleBody = z
  .object({ departmentId: uuid, doctorId: uuid.nullable().default(null), kind, ...changeable })
  .strict();
export type NewScheduleBody = z.infer<typeof newScheduleBody>;
/** Department, doctor and kind stay: another doctor's clinic is another schedule. */
export const scheduleBody = z.object({ ...changeable, active: z.boolean() }).strict();
export type ScheduleBody = z.infer<typeof scheduleBody>;

const weekRule = z
  .object({
    /** ISO weekday, Monday = 1. */
    weekday: whole(1, 7),
    startMinute: whole(0, 1439),
    /** Beyond 1440 for a clinic that crosses midnight. */
    endMinute: whole(1, 2879),
    capacity: whole(1, 500),
  })
  .strict()
  .refine((one) => one.endMinute > one.startMinute && one.endMinute <= one.startMinute + 1440, {
    path: ["endMinute"],
    message: "not after the start",
  });
export type WeekRule = z.infer<typeof weekRule>;
/** The whole week that counts from a day on; what counted before ends the day before. */
export const weekBody = z.object({ validFrom: day, rules: z.array(weekRule).max(70) }).strict();
export type WeekBody = z.infer<typeof weekBody>;

export const exceptionBody = z
  .object({
    closed: z.boolean(),
    /** Seats of each segment on that day; opens a public holiday as well. */
    capacity: whole(1, 500).nullable().default(null),
    reason: line(100),
  })
  .strict()
  .refine((one) => one.closed !== (one.capacity !== null), {
    path: ["capacity"],
    message: "either closed or a capacity",
  });
export type ExceptionBody = z.infer<typeof exceptionBody>;

export const scheduleDetail = z.object({
  schedule: scheduleRow,
  today: day,
  /** The week that counts, and those that are to come. */
  weeks: z.array(z.object({ validFrom: day, coming: z.boolean(), rules: z.array(weekRule) })),
  exceptions: z.array(
    z.object({
      day,
      closed: z.boolean(),
      capacity: z.number().int().nullable(),
      reason: z.string(),
      /** Segments of that day that are open already: an exception does not change them. */
      open: z.number().int(),
    }),
  ),
});
export type ScheduleDetail = z.infer<typeof scheduleDetail>;

export const rangeQuery = z.object({ from: day, days: z.coerce.number().int().min(1).max(62) });
export const rangeBody = z.object({ from: day, days: whole(1, 62) }).strict();
export type Range = z.infer<typeof rangeBody>;

export const clashView = z.object({
  startsAt: instant,
  endsAt: instant,
  /** `doctor`: held elsewhere; `schedule`: this clinic has another segment there. */
  why: z.enum(["doctor", "schedule"]),
  other: z.object({ name: words, institution: words, place: z.string() }).nullable(),
});
const pools = z.object({
  public: z.number().int(),
  priority: z.number().int(),
  hotline: z.number().int(),
});
export const previewDay = z.object({
  day,
  /** `none`: no clinic by the week; `open`: what can be is open already; `clash`: nothing can be. */
  state: z.enum(["new", "open", "closed", "clash", "none"]),
  holiday: z.boolean(),
  reason: words.nullable(),
  /** Of what would be opened. */
  seats: pools,
  releaseAt: instant.nullable(),
  priorityFrom: instant.nullable(),
  /** When seats that were kept become everybody's. */
  returnAt: instant.nullable(),
  segments: z.array(
    z.object({
      startsAt: instant,
      endsAt: instant,
      capacity: z.number().int(),
      state: z.enum(["new", "open"]),
    }),
  ),
  clashes: z.array(clashView),
});
export const preview = z.object({
  days: z.array(previewDay),
  segments: z.number().int(),
  seats: pools,
});
export type Preview = z.infer<typeof preview>;

export const published = z.object({
  segments: z.number().int(),
  seats: z.number().int(),
  /** Open before. */
  kept: z.number().int(),
  clashes: z.array(clashView.extend({ day })),
});
export type PublishedView = z.infer<typeof published>;
