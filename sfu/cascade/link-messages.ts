/**
 * What nodes say to each other: the home node of a room asks, the node that carries a part of the
 * room's media does and tells. Every message is parsed on both sides.
 */
import type { IceCandidate, IceParameters, RtpParameters } from "mediasoup/types";
import { z } from "zod";
import { clientMessages } from "../protocol-schemas.ts";

const id = z.string().min(1).max(128);
const room = id;
const { rtpCapabilities } = clientMessages["media:setup"].shape;
const { dtlsParameters } = clientMessages["transport:connect"].shape;
const { rtpParameters, kind } = clientMessages["producer:create"].shape;
const layer = z.number().int().min(0).max(3);
const nothing = z.object({});

const iceParameters = z
  .looseObject({ usernameFragment: z.string(), password: z.string() })
  .transform((value) => value as unknown as IceParameters);
const transportSetup = z.object({
  id,
  iceParameters,
  iceCandidates: z
    .array(z.looseObject({}))
    .max(32)
    .transform((value) => value as unknown as IceCandidate[]),
  dtlsParameters,
});
const trunkAddress = z.object({
  ip: z.string().min(1).max(255),
  port: z.number().int().min(1).max(65_535),
  srtpParameters: z.object({
    cryptoSuite: z.literal("AEAD_AES_256_GCM"),
    keyBase64: z.string().min(40).max(128),
  }),
});
const trunkStream = z.object({ id, kind, rtpParameters });
/** As mediasoup gives them to a consumer: of that form already. */
const consumerParameters = z
  .looseObject({ codecs: z.array(z.looseObject({})).max(16) })
  .transform((value) => value as unknown as RtpParameters);

/** Requests of the home node, and their answers. */
export const linkMessages = {
  "site:open": { ask: z.object({ room }), answer: nothing },
  "site:close": { ask: z.object({ room }), answer: nothing },
  "transports:open": {
    ask: z.object({ room, rtpCapabilities }),
    answer: z.object({ send: transportSetup, recv: transportSetup }),
  },
  "transport:connect": { ask: z.object({ room, id, dtlsParameters }), answer: nothing },
  "transport:restart": { ask: z.object({ room, id }), answer: z.object({ iceParameters }) },
  "transport:close": { ask: z.object({ room, id }), answer: nothing },
  "producer:open": {
    ask: z.object({
      room,
      transportId: id,
      id,
      kind,
      rtpParameters,
      paused: z.boolean(),
      keyFrameRequestDelay: z.number().min(0).max(10_000),
    }),
    answer: z.object({ layers: z.number().int().min(1).max(4) }),
  },
  "producer:set": {
    ask: z.object({ room, id, to: z.enum(["paused", "flowing", "closed"]) }),
    answer: nothing,
  },
  "consumer:open": {
    ask: z.object({
      room,
      transportId: id,
      producerId: id,
      paused: z.boolean(),
      enableRtx: z.boolean(),
      maxSpatialLayer: z.number().int().min(-1).max(3).optional(),
    }),
    answer: z.object({ id, kind, rtpParameters: consumerParameters }),
  },
  "consumer:set": {
    ask: z.object({
      room,
      id,
      to: z.enum(["paused", "flowing", "closed"]).optional(),
      maxSpatialLayer: z.number().int().min(-1).max(3).optional(),
    }),
    answer: nothing,
  },
  "trunk:open": { ask: z.object({ room, address: trunkAddress }), answer: trunkAddress },
  "trunk:take": { ask: z.object({ room, stream: trunkStream }), answer: nothing },
  "trunk:give": { ask: z.object({ room, producerId: id }), answer: trunkStream },
  "trunk:layers": {
    ask: z.object({ room, producerId: id, layers: z.array(layer).max(4) }),
    answer: nothing,
  },
  "trunk:stop": { ask: z.object({ room, producerId: id }), answer: nothing },
} as const;

export type LinkMessageName = keyof typeof linkMessages;
export type LinkAsk<Name extends LinkMessageName> = z.output<(typeof linkMessages)[Name]["ask"]>;
export type LinkAnswer<Name extends LinkMessageName> = z.output<
  (typeof linkMessages)[Name]["answer"]
>;

/** What the other node tells of a room's media without being asked. */
export const linkEvent = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("lost"),
    room,
    transportIds: z.array(id).max(20_000),
    reason: z.enum(["worker-died", "moved"]),
  }),
  z.object({
    /** A worker there carries too much: some of these people should come anew. */
    type: z.literal("crowded"),
    room,
    transportIds: z.array(id).max(20_000),
    streams: z.number().int().min(1),
    mostPeople: z.number().int().min(1),
  }),
  z.object({ type: z.literal("trunk-closed"), room }),
  z.object({ type: z.literal("consumer-closed"), room, id }),
  z.object({ type: z.literal("no-key-frame"), room, id }),
  z.object({ type: z.literal("layers"), room, id, layer: layer.nullable() }),
  z.object({
    type: z.literal("figures"),
    room,
    /** Transport, loss from the person (parts of 1), bandwidth towards the person (bit/s). */
    transports: z.array(z.tuple([id, z.number().nullable(), z.number().nullable()])).max(20_000),
  }),
]);
export type LinkEvent = z.infer<typeof linkEvent>;

/** Each request has a number: one that is repeated after a cut is not done twice. */
export const linkRequest = z.object({
  n: z.number().int().min(1),
  name: z.enum(Object.keys(linkMessages) as [LinkMessageName, ...LinkMessageName[]]),
  body: z.unknown(),
});
export const linkReply = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), data: z.unknown() }),
  z.object({ ok: z.literal(false), code: z.string().max(40) }),
]);
export type LinkReply = z.infer<typeof linkReply>;
/** The other node says who it is before anything else. */
export const linkHello = z.object({ token: z.string().max(4096), isKept: z.boolean() });
export const linkTold = z.object({ seq: z.number().int().min(1), event: linkEvent });
