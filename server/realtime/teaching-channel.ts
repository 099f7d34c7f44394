/** What pages of a teaching broadcast hear over the application socket, and where the stage points. */
import type { Server, Socket } from "socket.io";
import { z } from "zod";
import type { EntryBatch, Pointer } from "../../timeline/entries.ts";
import type { Actor } from "../identity/domain.ts";
import type { Acknowledgement, ClientEvents, ServerEvents, TeachingPosition } from "./contract.ts";
import { eventRefused } from "./handshake.ts";
import { createTokenBucket } from "./rate-limit.ts";
import { rooms } from "./rooms.ts";

/** What the channel asks of server/teaching. */
export type TeachingWatch = {
  /** Null: this actor may not watch it. `speaks`: hears what is for the stage, too, and may point. */
  rights: (actor: Actor, sessionId: string) => Promise<{ speaks: boolean } | null>;
  /** From now on its entries are told here. @returns up to where they are known */
  open: (sessionId: string) => Promise<TeachingPosition>;
  /** To every replica's pages. */
  point: (pointer: Pointer) => void;
};

/** The one broadcast that a page watches. */
export type WatchedTeaching = { sessionId: string; speaks: boolean };
export type TeachingSocketData = { actor: Actor; teaching: WatchedTeaching | null };

type NoEvents = Record<string, never>;
type Data = TeachingSocketData & { watched: string[] };
type Channel = Server<ClientEvents, ServerEvents, NoEvents, Data>;
type ChannelSocket = Socket<ClientEvents, ServerEvents, NoEvents, Data>;
type Answer = (reply: Acknowledgement<TeachingPosition>) => void;

/** Positions of the pointer that a page may send; what is faster is left out. */
export const pointerPerSecond = 10;
export const pointerEvent = "teaching:pointer";

const watchPayload = z.object({ sessionId: z.uuid().nullable() });
const part = z.number().min(0).max(1);
const pointerPayload = z.object({
  surface: z.string().min(1).max(128),
  at: z.tuple([part, part]).nullable(),
});

export type TeachingChannel = {
  /** A page says which broadcast it shows. */
  attach: (socket: ChannelSocket) => void;
  tell: (toAll: EntryBatch, toStage: EntryBatch) => void;
  tellPointer: (pointer: Pointer) => void;
  /** Broadcasts that pages of this replica watch. */
  watched: () => string[];
  /** The plan changed: whoever may watch no longer hears nothing more. */
  recheck: (sessionId: string) => Promise<void>;
};

export function createTeachingChannel(
  io: Channel,
  teaching: TeachingWatch,
  onError: (error: unknown) => void,
): TeachingChannel {
  const leave = (socket: ChannelSocket) => {
    const { teaching: current } = socket.data;
    if (!current) return;
    socket.data.teaching = null;
    void socket.leave(rooms.teaching(current.sessionId));
    void socket.leave(rooms.teachingStage(current.sessionId));
  };

  const watch = async (
    socket: ChannelSocket,
    payload: unknown,
  ): Promise<Acknowledgement<TeachingPosition>> => {
    const { actor } = socket.data;
    const parsed = watchPayload.safeParse(payload);
    if (!parsed.success) return eventRefused("request.invalid", actor.language);
    const { sessionId } = parsed.data;
    if (sessionId === null) {
      leave(socket);
      return { ok: true, data: { run: 0, seq: 0 } };
    }
    const rights = await teaching.rights(actor, sessionId);
    if (!rights) return eventRefused("request.not-found", actor.language);
    leave(socket);
    const position = await teaching.open(sessionId);
    socket.data.teaching = { sessionId, speaks: rights.speaks };
    await socket.join(rights.speaks ? rooms.teachingStage(sessionId) : rooms.teaching(sessionId));
    return { ok: true, data: position };
  };

  const point = (socket: ChannelSocket, payload: unknown) => {
    const { actor, teaching: current } = socket.data;
    const parsed = pointerPayload.safeParse(payload);
    // A viewer that claims the stage moves nothing; what is written is refused and logged elsewhere.
    if (!parsed.success || !current?.speaks || actor.kind !== "staff") return;
    teaching.point({
      sessionId: current.sessionId,
      personId: actor.personId,
      name: actor.name,
      ...parsed.data,
    });
  };

  const socketsOf = (sessionId: string) =>
    [rooms.teaching(sessionId), rooms.teachingStage(sessionId)].flatMap((room) =>
      [...(io.sockets.adapter.rooms.get(room) ?? [])].flatMap((id) => {
        const socket = io.sockets.sockets.get(id);
        return socket ? [socket] : [];
      }),
    );

  return {
    attach: (socket) => {
      const mayPoint = createTokenBucket({ burst: pointerPerSecond, perSecond: pointerPerSecond });
      socket.on("teaching:watch", (payload: unknown, answer: unknown) => {
        const reply = typeof answer === "function" ? (answer as Answer) : () => {};
        watch(socket, payload).then(reply, (error: unknown) => {
          onError(error);
          reply(eventRefused("service.unavailable", socket.data.actor.language));
        });
      });
      socket.on(pointerEvent, (payload: unknown) => {
        if (mayPoint(performance.now())) point(socket, payload);
      });
    },
    tell: (toAll, toStage) => {
      io.to(rooms.teaching(toAll.sessionId)).emit("teaching:entries", toAll);
      io.to(rooms.teachingStage(toStage.sessionId)).emit("teaching:entries", toStage);
    },
    tellPointer: (pointer) => {
      const { sessionId } = pointer;
      // A page behind a full line gets the next position instead.
      io.to([rooms.teaching(sessionId), rooms.teachingStage(sessionId)]).volatile.emit(
        pointerEvent,
        pointer,
      );
    },
    watched: () => {
      const ids = new Set<string>();
      for (const room of io.sockets.adapter.rooms.keys())
        for (const prefix of [rooms.teaching(""), rooms.teachingStage("")])
          if (room.startsWith(prefix)) ids.add(room.slice(prefix.length));
      return [...ids];
    },
    recheck: async (sessionId) => {
      for (const socket of socketsOf(sessionId)) {
        const rights = await teaching.rights(socket.data.actor, sessionId);
        if (!rights) leave(socket);
      }
    },
  };
}
