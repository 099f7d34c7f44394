/** What pages send and receive about planning a teaching broadcast. */
import { z } from "zod";
import { institutionLevels } from "../directory/domain.ts";
import { instant, language, line, paragraph, uuid } from "../http/contract.ts";
import { audienceKinds, speakerRoles, teachingActions, teachingStates } from "./states.ts";

const version = z.number().int().positive();
export const words = z.object({
  zh: z.string(),
  en: z.string().nullable(),
  bo: z.string().nullable(),
});
const percent = z.number().int().min(0).max(100);
/** Halves of a point: 1.5. */
const points = z.number().min(0).max(100).multipleOf(0.5);

const speakerBody = z
  .object({ personId: uuid, institutionId: uuid, role: z.enum(speakerRoles) })
  .strict();
const audienceBody = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("alliance"), allianceId: uuid }).strict(),
  z
    .object({ kind: z.literal("level"), allianceId: uuid, level: z.enum(institutionLevels) })
    .strict(),
  z.object({ kind: z.literal("institution"), institutionId: uuid }).strict(),
]);

/** The whole plan: what is left out is empty. */
export const planFields = z
  .object({
    title: line(120),
    titleBo: line(200).nullable().default(null),
    titleEn: line(200).nullable().default(null),
    topic: paragraph.nullable().default(null),
    departmentId: uuid.nullable().default(null),
    seriesId: uuid.nullable().default(null),
    languages: z.array(language).min(1).max(3).default(["zh-CN"]),
    startsAt: instant.nullable().default(null),
    lengthMinutes: z.number().int().min(10).max(480).nullable().default(null),
    points: points.default(0),
    minimumPresencePercent: percent.default(80),
    minimumQuizPercent: percent.default(0),
    record: z.boolean().default(true),
    recordingWords: line(500).nullable().default(null),
    speakers: z.array(speakerBody).max(20).default([]),
    audience: z.array(audienceBody).max(200).default([]),
  })
  .strict();
export type PlanFields = z.infer<typeof planFields>;
export const changePlanBody = planFields.extend({ version }).strict();

export const planActionBody = z.discriminatedUnion("action", [
  z.object({ action: z.literal("plan"), version }).strict(),
  z.object({ action: z.literal("cancel"), version, reason: line(300) }).strict(),
]);
export type PlanAction = z.infer<typeof planActionBody>;

export const speakerView = z.object({
  personId: uuid,
  name: z.string(),
  title: z.string().nullable(),
  institutionId: uuid,
  institution: words,
  role: z.enum(speakerRoles),
});
export const audienceView = z.object({
  kind: z.enum(audienceKinds),
  allianceId: uuid.nullable(),
  level: z.enum(institutionLevels).nullable(),
  institutionId: uuid.nullable(),
  name: words,
});

export const sessionLine = z.object({
  id: uuid,
  number: z.string(),
  version: z.number().int(),
  state: z.enum(teachingStates),
  title: words,
  institutionId: uuid,
  institution: words,
  department: words.nullable(),
  startsAt: instant.nullable(),
  /** When it began in fact; null: it has not. */
  liveAt: instant.nullable(),
  lengthMinutes: z.number().int().nullable(),
  languages: z.array(language),
  points: z.number(),
  presenter: z.string().nullable(),
  record: z.boolean(),
  interruptedAt: instant.nullable(),
  /** Consent was taken back: there is no replay. */
  withheld: z.boolean(),
  cancelReason: z.string().nullable(),
  seriesId: uuid.nullable(),
  /** The reader's part in it; null for who listens. */
  speaks: z.enum(speakerRoles).nullable(),
  plans: z.boolean(),
});
export const sessionList = z.object({ sessions: z.array(sessionLine) });
export const sessionView = sessionLine.extend({
  topic: z.string().nullable(),
  departmentId: uuid.nullable(),
  series: z.object({ id: uuid, title: z.string() }).nullable(),
  minimumPresencePercent: z.number().int(),
  minimumQuizPercent: z.number().int(),
  recordingWords: z.string(),
  ownerId: uuid,
  endedAt: instant.nullable(),
  publishedAt: instant.nullable(),
  cancelledAt: instant.nullable(),
  speakers: z.array(speakerView),
  audience: z.array(audienceView),
  /** How many houses it is for. */
  houses: z.number().int(),
  /** The reader may see what is shown in it: slides, chat, replay. */
  watches: z.boolean(),
  /** The reader may begin, lead and end it. */
  leads: z.boolean(),
  actions: z.array(z.enum(Object.keys(teachingActions) as [keyof typeof teachingActions])),
  missing: z.array(z.enum(["topic", "time", "length", "presenter", "audience"])),
  /** Speakers who are promised to another broadcast at that time. */
  clashes: z.array(z.object({ personId: uuid, title: z.string(), startsAt: instant })),
});
export type SessionLine = z.input<typeof sessionLine>;
export type SessionView = z.input<typeof sessionView>;

export const listQuery = z.object({ past: z.enum(["true", "false"]).default("false") });

export const choices = z.object({
  institutionId: uuid,
  departments: z.array(z.object({ id: uuid, name: words })),
  alliances: z.array(
    z.object({
      id: uuid,
      name: words,
      houses: z.array(z.object({ id: uuid, name: words, level: z.enum(institutionLevels) })),
    }),
  ),
  series: z.array(z.object({ id: uuid, title: z.string() })),
  recordingWords: z.string(),
});
export const peopleQuery = z.object({ q: z.string().trim().min(1).max(60) });
export const peopleFound = z.object({
  people: z.array(
    z.object({
      personId: uuid,
      name: z.string(),
      title: z.string().nullable(),
      institutionId: uuid,
      institution: words,
    }),
  ),
});

export const seriesBody = z
  .object({
    title: line(120),
    about: paragraph.nullable().default(null),
    departmentId: uuid.nullable().default(null),
    points: points.default(0),
    minimumSessionsPercent: z.number().int().min(1).max(100).default(80),
  })
  .strict();
export const changeSeriesBody = seriesBody.extend({ version, closed: z.boolean() }).strict();
export const seriesView = z.object({
  id: uuid,
  version: z.number().int(),
  title: z.string(),
  about: z.string().nullable(),
  departmentId: uuid.nullable(),
  points: z.number(),
  minimumSessionsPercent: z.number().int(),
  closed: z.boolean(),
  changes: z.boolean(),
});
export const seriesList = z.object({ series: z.array(seriesView) });

/** Who was there across the sessions of a course that are over. */
export const seriesAttendance = z.object({
  sessions: z.array(
    z.object({ id: uuid, title: words, startsAt: instant.nullable(), held: z.boolean() }),
  ),
  held: z.number().int(),
  people: z.array(
    z.object({
      /** Null: a name that was ticked in front of a site's screen. */
      personId: uuid.nullable(),
      name: z.string(),
      institution: words,
      /** Sessions that he was counted in, and those that count for the certificate. */
      attended: z.number().int(),
      earned: z.number().int(),
      /** Has the certificate of the course. */
      certified: z.boolean(),
    }),
  ),
});

/** A way into the room; the token is used once, within a minute. */
export const roomAnswer = z.object({
  token: z.string(),
  nodeUrl: z.string(),
  room: uuid,
  displayName: z.string(),
  role: z.string(),
  moderator: z.boolean(),
  /** Who may publish nothing is the audience. */
  publishes: z.boolean(),
  /** The broadcast has not begun: only speakers are in, nothing is recorded. */
  rehearsal: z.boolean(),
});
