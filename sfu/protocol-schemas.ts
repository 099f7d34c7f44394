/**
 * The shape of every message that a page may send. Each is parsed once, at the edge; handler types
 * are inferred from here. Bounds are part of the shape: what is too long is malformed.
 */
import type { DtlsParameters, RtpCapabilities, RtpParameters } from "mediasoup/types";
import { z } from "zod";
import { publishableSources } from "./tokens.ts";

/** Raised whenever a page of an older build would misunderstand this node. */
export const PROTOCOL_NUMBER = 1;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controlCharacters = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;
const id = z.string().min(1).max(128);
const producerId = z.uuid();
/** What people write: well formed and without control characters, which no database and no page holds. */
const written = (most: number) =>
  z
    .string()
    .max(most)
    .refine((text) => text.isWellFormed() && !controlCharacters.test(text));
const line = z.string().max(120);
const token = z.string().min(1).max(4096);
const count = z.number().min(0).max(1e12);
const milliseconds = z.number().min(0).max(600_000);
const bitsPerSecond = z.number().min(0).max(1e10);

const codec = z.looseObject({
  mimeType: line,
  kind: z.enum(["audio", "video"]).optional(),
  clockRate: z.number().int().min(1).max(1_000_000),
});
const extension = z.looseObject({ uri: line });

/** mediasoup validates these in depth itself; here only their outline and size are checked. */
const rtpCapabilities = z
  .looseObject({ codecs: z.array(codec).max(64), headerExtensions: z.array(extension).max(64) })
  .transform((value) => value as unknown as RtpCapabilities);
const rtpParameters = z
  .looseObject({
    mid: z.string().max(32).optional(),
    codecs: z.array(codec).min(1).max(16),
    headerExtensions: z.array(extension).max(32).optional(),
    encodings: z.array(z.looseObject({})).min(1).max(4),
  })
  .transform((value) => value as unknown as RtpParameters);
const dtlsParameters = z
  .object({
    role: z.enum(["auto", "client", "server"]).optional(),
    fingerprints: z
      .array(z.object({ algorithm: z.string().max(16), value: z.string().max(256) }))
      .min(1)
      .max(8),
  })
  .transform((value) => value as unknown as DtlsParameters);

/** "lecture" is the microphone once more, encoded for an audience behind thin lines. */
export const sourceSchema = z.enum(publishableSources);
/** What a teaching room's listener wants to get; slides and pointer come from the server. */
export const listenWaySchema = z.enum(["full", "slides-and-sound", "sound-only"]);
export const chatChannelSchema = z.enum(["room", "private"]);

const demand = z.object({
  peerId: id,
  source: sourceSchema,
  /** Size of the tile in physical pixels. */
  width: z.number().min(0).max(16_384),
  height: z.number().min(0).max(16_384),
  visible: z.boolean(),
});

const uplinkSample = z.object({
  rttMs: milliseconds.optional(),
  availableBps: bitsPerSecond.optional(),
  /** The encoder says that bandwidth is what limits it. */
  limited: z.boolean(),
  bitrateBps: bitsPerSecond,
  fps: z.number().min(0).max(240).optional(),
});

const consumerSample = z.object({
  consumerId: id,
  received: count,
  lost: z.number().min(-1e6).max(1e9),
  /** Requests to send lost packets again. */
  nacked: count.optional(),
  jitterMs: milliseconds,
  bitrateBps: bitsPerSecond,
  /** Audio samples in the interval, those concealed, and the silent ones among these. */
  samples: count.optional(),
  concealed: count.optional(),
  silentConcealed: count.optional(),
  fps: z.number().min(0).max(240).optional(),
  freezes: count.optional(),
  frozenMs: milliseconds.optional(),
});

/** What one page measured over one interval (about 1 s); counters are deltas. */
export const qualitySampleSchema = z.object({
  intervalMs: z.number().min(100).max(60_000),
  uplink: uplinkSample,
  downlink: z.object({
    rttMs: milliseconds.optional(),
    consumers: z.array(consumerSample).max(64),
  }),
});

const point = z.tuple([z.number().min(0).max(1), z.number().min(0).max(1)]);

export const strokeSchema = z.object({
  id,
  tool: z.enum(["pen", "arrow", "ellipse", "text"]),
  colour: z.enum(["ink", "pine", "amber", "red", "blue", "white"]),
  /** Line width as a part of the picture's width. */
  width: z.number().min(0.0005).max(0.05),
  /** Corners as parts of width and height. */
  points: z.array(point).min(1).max(400),
  text: written(200).optional(),
});

export const clientMessages = {
  "room:join": z.object({
    token,
    rtpCapabilities,
    /** In a teaching room: so that a thin line gets no picture to begin with. */
    listen: listenWaySchema.optional(),
  }),
  "room:leave": z.object({}),
  "session:resume": z.object({ resumeKey: z.string().min(16).max(128) }),
  "session:ping": z.object({}),
  "media:setup": z.object({ rtpCapabilities }),
  "transport:connect": z.object({ transportId: id, dtlsParameters }),
  "transport:restart": z.object({ transportId: id }),
  "producer:create": z.object({
    transportId: id,
    /** Chosen by the page, so that it need not wait for an answer before it goes on. */
    id: producerId,
    kind: z.enum(["audio", "video"]),
    source: sourceSchema,
    rtpParameters,
    paused: z.boolean(),
    /** Captured size in pixels, for the choice of layers. */
    width: z.number().int().min(1).max(16_384).optional(),
    height: z.number().int().min(1).max(16_384).optional(),
    /** Language of an interpretation channel. */
    channel: z.string().min(1).max(20).optional(),
  }),
  "producer:pause": z.object({ producerId }),
  "producer:resume": z.object({ producerId }),
  "producer:close": z.object({ producerId }),
  "consumer:resume": z.object({ consumerIds: z.array(id).max(64) }),
  "consumer:demand": z.object({ demands: z.array(demand).min(1).max(64) }),
  "quality:report": qualitySampleSchema,
  "line:simulate": z.object({ thin: z.boolean() }),
  "chat:send": z.object({
    channel: chatChannelSchema,
    text: written(2000).trim().min(1),
    /** Chosen by the page; a repeated id is not sent twice. */
    id: z.uuid(),
  }),
  "rollcall:set": z.object({
    entries: z.array(z.object({ name: written(100).trim().min(1), relation: written(60) })).max(30),
  }),
  "still:announce": z.object({
    attachmentId: id,
    name: written(200),
    width: z.number().int().min(1).max(32_768),
    height: z.number().int().min(1).max(32_768),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  "still:annotate": z.object({ attachmentId: id, stroke: strokeSchema }),
  "still:erase": z.object({ attachmentId: id, strokeIds: z.array(id).max(400) }),
  "still:show": z.object({ attachmentId: id.nullable() }),
  "listen:choose": z.object({ way: listenWaySchema }),
  "interpretation:choose": z.object({ channel: z.string().min(1).max(20).nullable() }),
  "private:start": z.object({}),
  "private:end": z.object({}),
  /** Whether this device takes part in private talks by sound, or by text only. */
  "private:prefer": z.object({ audio: z.boolean() }),
  "lobby:admit": z.object({ peerId: id }),
  "lobby:refuse": z.object({ peerId: id }),
  "moderation:mute": z.object({ peerId: id, source: sourceSchema }),
  "moderation:remove": z.object({ peerId: id }),
} as const;

export type ClientMessageName = keyof typeof clientMessages;

/** Requests of the server (HTTP). */
export const adminBodies = {
  close: z.object({ reason: z.string().max(200).optional() }),
  remove: z.object({ sub: id }),
  admit: z.object({ sub: id }),
  /** Takes a person of a teaching room to the stage, or changes what they may do there. */
  promote: z.object({
    sub: id,
    pub: z.array(z.enum(publishableSources)).min(1).max(publishableSources.length),
    moderator: z.boolean().optional(),
  }),
  /** Back to the audience. */
  demote: z.object({ sub: id }),
} as const;
