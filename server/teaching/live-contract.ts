/** What the pages of a running broadcast send and receive. */
import { z } from "zod";
import type { EntryData } from "../../timeline/entries.ts";
import { choices, languages, stageRoles } from "../../timeline/entries.ts";
import type { LiveState } from "../../timeline/fold.ts";
import { instant, line, uuid } from "../http/contract.ts";
import { deviceKinds, listenWays } from "./live-domain.ts";

const count = z.number().int().min(0);
const seq = z.number().int().positive();
const language = z.enum(languages);
const way = z.enum(listenWays);
const kind = z.enum(deviceKinds);
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controlCharacters = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;
const written = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((text) => text.isWellFormed() && !controlCharacters.test(text));

/** As the media node takes them (sfu/protocol `Stroke`). */
const stroke = z.object({
  id: z.string().min(1).max(128),
  tool: z.enum(["pen", "arrow", "ellipse", "text"]),
  colour: z.enum(["ink", "pine", "amber", "red", "blue", "white"]),
  width: z.number().min(0.0005).max(0.05),
  points: z
    .array(z.tuple([z.number().min(0).max(1), z.number().min(0).max(1)]))
    .min(1)
    .max(400),
  text: written(200).optional(),
});
const surface = z
  .string()
  .max(128)
  .regex(/^(slide:[0-9a-f-]{36}:[1-9]\d{0,3}|still:[0-9a-f-]{36})$/);
const deviceId = uuid;
const sent = <Kind extends string, Data extends z.ZodType>(name: Kind, data: Data) =>
  z.object({ clientId: uuid, kind: z.literal(name), data }).strict();

/** What somebody writes into the timeline by himself; `clientId` makes a repetition one entry. */
export const entryBody = z.discriminatedUnion("kind", [
  sent("slide", z.object({ deckId: uuid, page: z.number().int().min(1).max(9_999) }).strict()),
  sent("still", z.object({ stillId: uuid.nullable() }).strict()),
  sent("case-item", z.object({ caseId: uuid, itemId: uuid.nullable() }).strict()),
  sent("stroke", z.object({ surface, stroke }).strict()),
  sent(
    "erase",
    z.object({ surface, strokeIds: z.array(z.string().min(1).max(128)).min(1).max(400) }).strict(),
  ),
  sent("clear", z.object({ surface }).strict()),
  sent("chat", z.object({ text: written(500), question: z.boolean().default(false) }).strict()),
  sent("chat-removed", z.object({ of: seq }).strict()),
  sent("pin", z.object({ of: seq }).strict()),
  sent("unpin", z.object({ of: seq }).strict()),
  sent(
    "hand-raised",
    z
      .object({
        deviceId,
        way: z.enum(["voice", "text"]),
        language,
        text: written(300).nullable().default(null),
      })
      .strict(),
  ),
  sent(
    "hand-lowered",
    z.object({ of: seq, reason: z.enum(["own", "host"]).default("own") }).strict(),
  ),
  sent("caption", z.object({ language, text: written(500) }).strict()),
  sent("notice", z.object({ code: z.literal("cannot-hear") }).strict()),
]);
export type EntryBody = z.output<typeof entryBody>;
export const entryAnswer = z.object({ seq });

/** Entries and states are told as they are typed in timeline/. */
const entry = z.object({
  seq,
  at: instant,
  by: z.object({ id: uuid, name: z.string(), org: z.string() }).nullable(),
  kind: z.string(),
  data: z.custom<EntryData[keyof EntryData]>((value) => typeof value === "object"),
});
export const timelineQuery = z
  .object({
    after: z.coerce.number().int().min(0).default(0),
    most: z.coerce.number().int().min(1).max(1_000).default(500),
  })
  .strict();
export const timelinePage = z.object({
  run: count,
  /** Up to where the timeline went when it was read. */
  seq: count,
  entries: z.array(entry),
  /** Ask again after this entry; null: that was all. */
  next: count.nullable(),
});
export const stateAnswer = z.object({
  state: z.custom<LiveState>((value) => typeof value === "object" && value !== null),
  you: z.object({
    personId: uuid,
    leads: z.boolean(),
    speaks: z.enum(["presenter", "co-host", "panel", "interpreter"]).nullable(),
    /** The own raised hand and how many are before it. */
    hand: z.object({ seq, ahead: count }).nullable(),
  }),
  counts: z.object({ devices: count, people: count, sites: count, hls: count }),
});
export const strokesQuery = z.object({ surface }).strict();
export const strokesAnswer = z.object({ seq: count, strokes: z.array(stroke) });

export const enterBody = z
  .object({
    deviceId,
    /** Somebody's own device, or the one screen of a room full of people. */
    device: kind,
    way,
  })
  .strict();
const entered = z.object({
  sessionId: uuid,
  deviceId,
  /** The name under which the media node and the stage know this device. */
  sub: z.string(),
  rehearsal: z.boolean(),
  heartbeatSeconds: count,
});
export const enterAnswer = z.discriminatedUnion("kind", [
  entered.extend({
    kind: z.literal("room"),
    token: z.string(),
    nodeUrl: z.string(),
    room: uuid,
    displayName: z.string(),
    role: z.string(),
    moderator: z.boolean(),
    publishes: z.boolean(),
  }),
  entered.extend({ kind: z.literal("hls"), url: z.string(), token: z.string() }),
]);
export const heartbeatBody = z.object({ deviceId, way }).strict();

export const liveStepBody = z
  .object({
    step: z.enum(["rehearse", "end-rehearsal", "go-live", "interrupt", "resume", "end"]),
  })
  .strict();
export const liveStepAnswer = z.object({
  state: z.string(),
  rehearsal: z.boolean(),
  seq: count,
});
/** Whom to bring to the stage: who raised this hand, or a person by a device that is here. */
export const promoteBody = z.union([
  z.object({ hand: seq }).strict(),
  z.object({ personId: uuid }).strict(),
]);
export const stageAnswer = z.object({
  stage: z.array(
    z.object({
      personId: uuid,
      name: z.string(),
      org: z.string(),
      role: z.enum(stageRoles),
      sub: z.string(),
      since: instant,
    }),
  ),
  most: count,
});
export const personBody = z.object({ personId: uuid }).strict();

const option = z.number().int().min(0).max(9);
export const pollBody = z
  .object({
    question: written(300),
    options: z.array(written(200)).min(2).max(10),
    choice: z.enum(choices),
    /** Which options are right, from 0: then it is a question of the quiz. */
    right: z.array(option).min(1).max(10).nullable().default(null),
  })
  .strict()
  .refine(
    ({ options, choice, right }) =>
      right === null ||
      (right.every((one) => one < options.length) &&
        new Set(right).size === right.length &&
        (choice === "multiple" || right.length === 1)),
    { path: ["right"] },
  );
export type PollBody = z.output<typeof pollBody>;
export const pollView = z.object({
  id: uuid,
  question: z.string(),
  options: z.array(z.string()),
  choice: z.enum(choices),
  right: z.array(option).nullable(),
  openedAt: instant.nullable(),
  closedAt: instant.nullable(),
  shownAt: instant.nullable(),
  counts: z.array(count),
  answered: count,
});
export const pollList = z.object({ polls: z.array(pollView) });
export const pollStepBody = z.object({ step: z.enum(["open", "close", "show"]) }).strict();
export const answerBody = z
  .object({
    deviceId,
    chosen: z.array(option).max(10).default([]),
    /** In front of a screen: hands per option. */
    hands: z.array(z.number().int().min(0).max(500)).min(2).max(10).nullable().default(null),
  })
  .strict();
export const made = z.object({ id: uuid });

export const sitePeople = z.object({
  /** Corrected until then; null: still open. */
  until: instant.nullable(),
  staff: z.array(z.object({ personId: uuid, name: z.string() })),
  ticks: z.array(
    z.object({
      id: uuid,
      personId: uuid.nullable(),
      name: z.string(),
      tickedBy: z.string(),
      tickedAt: instant,
      removedAt: instant.nullable(),
      removedBy: z.string().nullable(),
    }),
  ),
});
export const tickBody = z.union([
  z.object({ personId: uuid }).strict(),
  z.object({ name: line(60) }).strict(),
]);
export const attendanceList = z.object({
  countedAt: instant.nullable(),
  taughtSeconds: count,
  people: z.array(
    z.object({
      personId: uuid.nullable(),
      name: z.string(),
      institutionId: uuid,
      org: z.string(),
      seconds: count,
      share: z.number(),
      quizScore: z.number().nullable(),
    }),
  ),
});

export const healthAnswer = z.object({
  sites: z.array(
    z.object({
      institutionId: uuid,
      org: z.string(),
      devices: count,
      screens: count,
      full: count,
      slidesAndSound: count,
      soundOnly: count,
      hls: count,
      /** Who pressed "I cannot hear" in the last minutes. */
      cannotHear: count,
    }),
  ),
  cannotHear: z.array(z.object({ at: instant, name: z.string(), org: z.string() })),
});

export const replayQuery = z.object({ q: z.string().trim().max(100).default("") }).strict();
export const replayAnswer = z.object({
  startedAt: instant,
  seconds: count,
  chapters: z.array(
    z.object({
      offsetSeconds: count,
      deckId: uuid,
      page: count,
      title: z.string().nullable(),
    }),
  ),
  chat: z.array(
    z.object({
      seq,
      offsetSeconds: count,
      name: z.string(),
      org: z.string(),
      text: z.string(),
      question: z.boolean(),
    }),
  ),
  polls: z.array(
    z.object({
      pollId: uuid,
      offsetSeconds: count,
      question: z.string(),
      options: z.array(z.string()),
      quiz: z.boolean(),
      counts: z.array(count).nullable(),
      answered: count.nullable(),
      right: z.array(option).nullable(),
    }),
  ),
  /** Where captions were written; empty until somebody or something writes them. */
  transcript: z.array(z.object({ offsetSeconds: count, language, text: z.string() })),
});

export const policyBody = z
  .object({
    hlsAbove: z.number().int().min(0).max(100_000),
    stageMost: z.number().int().min(2).max(12),
    leadLostSeconds: z.number().int().min(5).max(300),
    chatSeconds: z.number().int().min(0).max(60),
    slowMode: z.boolean(),
    correctHours: z.number().int().min(0).max(336),
  })
  .strict();
