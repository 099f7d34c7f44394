/**
 * The application socket: tells open pages that something changed. It reads no content and writes
 * nothing; a page that hears of a change reads again through REST.
 *
 * Any number of replicas may run without a bus between them: each listens to the outbox itself
 * (PostgreSQL's LISTEN) and tells its own sockets. A page that was away reads everything again.
 */
import type { Server as HttpServer } from "node:http";
import type { FastifyBaseLogger } from "fastify";
import { Server, type Socket } from "socket.io";
import { z } from "zod";
import type { Actor } from "../identity/domain.ts";
import type { OutboxEvent } from "../outbox/repository.ts";
import type {
  Acknowledgement,
  Changed,
  ClientEvents,
  QueuePlace,
  ReleaseProgress,
  ServerEvents,
} from "./contract.ts";
import {
  type Authenticate,
  connectionRefused,
  eventRefused,
  languageOfHandshake,
  speaksOurProtocol,
} from "./handshake.ts";
import { createTokenBucket } from "./rate-limit.ts";
import { createRecentChanges } from "./recent-changes.ts";
import { rooms, roomsOfActor, roomsOfEvent, textOf } from "./rooms.ts";
import {
  createTeachingChannel,
  pointerEvent,
  type TeachingChannel,
  type TeachingSocketData,
  type TeachingWatch,
} from "./teaching-channel.ts";

type SocketData = TeachingSocketData & { watched: string[] };
type NoEvents = Record<string, never>;
type Channel = Server<ClientEvents, ServerEvents, NoEvents, SocketData>;
type ChannelSocket = Socket<ClientEvents, ServerEvents, NoEvents, SocketData>;

export type RealtimeGateway = {
  /** Give it every event of the outbox. */
  tell: (event: OutboxEvent) => void;
  /** Tell one patient's phones an own place in a queue. */
  tellPlace: (patientId: string, place: QueuePlace) => void;
  /** Tell everybody in a release's waiting room how far it is. */
  tellRelease: (progress: ReleaseProgress) => void;
  /** Tell one patient's phones the number of a place in a waiting room. */
  tellReleasePlace: (patientId: string, place: { placeId: string; number: number }) => void;
  /** Pages of teaching broadcasts. */
  teaching: Omit<TeachingChannel, "attach">;
  /** How many pages are connected here. */
  connections: () => number;
  /** Refuses new sockets and ends the open ones, whose pages connect again elsewhere; repeatable. */
  close: () => Promise<void>;
};

export type RealtimeOptions = {
  /** The server that also answers REST; sockets end before it does. */
  httpServer: HttpServer;
  authenticate: Authenticate;
  /** Whether pages of this origin are ours; `host` is the address that was asked. */
  allowedOrigin: (origin: string, host: string | undefined) => boolean;
  maySeeConsult: (actor: Actor, consultId: string) => Promise<boolean>;
  teaching: TeachingWatch;
  /** Of these sessions, the ones that are still good; sockets outlive neither expiry nor revocation. */
  liveSessions: (sessionIds: string[]) => Promise<ReadonlySet<string>>;
  log: Pick<FastifyBaseLogger, "warn" | "error">;
  limits?: Partial<RealtimeLimits>;
};

export type RealtimeLimits = {
  /** Sockets of this replica. */
  connections: number;
  /** Tabs of one session. */
  connectionsPerSession: number;
  /** Consults that one page follows; the oldest is let go. */
  watchedConsults: number;
  eventBurst: number;
  eventsPerSecond: number;
  /** How often the sessions of open sockets are looked at again. */
  sessionCheckMs: number;
};

export const realtimePath = "/realtime";
const maximumMessageBytes = 16 * 1024;
const defaultLimits: RealtimeLimits = {
  connections: 10_000,
  connectionsPerSession: 20,
  watchedConsults: 20,
  eventBurst: 20,
  eventsPerSecond: 2,
  sessionCheckMs: 60_000,
};
const watchPayload = z.object({ consultId: z.uuid() });
const releasePayload = z.object({ roomId: z.uuid() });
type WatchAnswer = (reply: Acknowledgement<null>) => void;

/** Put the application socket on the HTTP server. */
export function createRealtimeGateway(options: RealtimeOptions): RealtimeGateway {
  const { httpServer, authenticate, allowedOrigin, maySeeConsult, liveSessions, log } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const recent = createRecentChanges();
  let closed = false;

  const io: Channel = new Server(httpServer, {
    path: realtimePath,
    serveClient: false,
    // Some hospital networks let no WebSocket through.
    transports: ["websocket", "polling"],
    maxHttpBufferSize: maximumMessageBytes,
    connectTimeout: 10_000,
    destroyUpgradeTimeout: 5_000,
    allowRequest: (request, callback) => {
      const { origin, host } = request.headers;
      // Browsers name the origin of every WebSocket and of every request of another site.
      const ours = origin === undefined || allowedOrigin(origin, host);
      const free = !closed && io.engine.clientsCount < limits.connections;
      callback(null, ours && free);
    },
  });

  io.use(async (socket, next) => {
    const language = languageOfHandshake(socket.request);
    if (!speaksOurProtocol(socket.handshake.auth)) {
      return next(connectionRefused("protocol-outdated", language));
    }
    try {
      const actor = await authenticate(socket.request);
      const [sessionRoom] = actor ? roomsOfActor(actor) : [];
      if (!actor || sessionRoom === undefined) {
        return next(connectionRefused("auth.required", language));
      }
      const tabs = io.sockets.adapter.rooms.get(sessionRoom)?.size ?? 0;
      if (tabs >= limits.connectionsPerSession) {
        return next(connectionRefused("request.too-many", actor.language));
      }
      socket.data = { actor, watched: [], teaching: null };
      return next();
    } catch (error) {
      log.warn({ err: error }, "a page could not be connected");
      return next(connectionRefused("service.unavailable", language));
    }
  });

  const teaching = createTeachingChannel(io, options.teaching, (error) =>
    log.warn({ err: error }, "a broadcast could not be watched"),
  );

  /** What this page may have missed between its first reading and now. */
  const tellRecent = (socket: ChannelSocket, ofRooms: readonly string[]) => {
    for (const change of recent.of(ofRooms, performance.now())) socket.emit("changed", change);
  };

  io.on("connection", (socket) => {
    const { actor } = socket.data;
    const ownRooms = roomsOfActor(actor);
    void socket.join(ownRooms);
    tellRecent(socket, ownRooms);
    limitEvents(socket, limits);
    teaching.attach(socket);
    socket.on("release:watch", (payload: unknown, answer: unknown) =>
      watchRelease(socket, payload, answer),
    );
    socket.on("consult:watch", (payload: unknown, answer: unknown) => {
      const reply = typeof answer === "function" ? (answer as WatchAnswer) : () => {};
      watch(socket, payload, maySeeConsult, limits.watchedConsults).then(
        ({ answer, joined }) => {
          reply(answer);
          if (joined) tellRecent(socket, [joined]);
        },
        (error: unknown) => {
          log.warn({ err: error }, "a consult could not be watched");
          reply(eventRefused("service.unavailable", actor.language));
        },
      );
    });
  });

  const watchRelease = (socket: ChannelSocket, payload: unknown, answer: unknown) => {
    const reply = typeof answer === "function" ? (answer as WatchAnswer) : () => {};
    const parsed = releasePayload.safeParse(payload);
    if (!parsed.success) {
      reply(eventRefused("request.invalid", socket.data.actor.language));
      return;
    }
    // One at a time: a page waits in one room.
    for (const room of socket.rooms)
      if (room.startsWith(rooms.release(""))) void socket.leave(room);
    void socket.join(rooms.release(parsed.data.roomId));
    reply({ ok: true, data: null });
  };

  const endSession = (sessionId: string, code: string) => {
    io.to(rooms.session(sessionId)).emit("session:ended", { code });
    io.in(rooms.session(sessionId)).disconnectSockets(true);
  };

  const checkSessions = async () => {
    const open = [...io.sockets.sockets.values()].map(({ data: { actor } }) => actor);
    const ids = [
      ...new Set(open.flatMap((actor) => ("sessionId" in actor ? [actor.sessionId] : []))),
    ];
    if (ids.length === 0) return;
    const live = await liveSessions(ids);
    for (const id of ids) if (!live.has(id)) endSession(id, "auth.required");
  };
  const checkTimer = setInterval(() => {
    checkSessions().catch((error: unknown) =>
      log.warn({ err: error }, "sessions could not be checked"),
    );
  }, limits.sessionCheckMs);
  checkTimer.unref();

  return {
    tell: (event) => {
      const change: Changed = {
        topic: event.topic as Changed["topic"],
        id: event.entityId,
        version: event.version,
      };
      const audience = roomsOfEvent(event);
      if (audience.length > 0) io.to(audience).emit("changed", change);
      if (event.topic !== "session") {
        recent.add(audience, change, performance.now());
        return;
      }
      const sessionId = textOf(event.detail, "sessionId");
      if (!sessionId) return;
      if (textOf(event.detail, "reason") === "moved") reconnect(io, sessionId);
      else endSession(sessionId, textOf(event.detail, "code") ?? "auth.required");
    },
    tellPlace: (patientId, place) => {
      io.to(rooms.patient(patientId)).emit("queue:place", place);
    },
    tellRelease: (progress) => {
      io.to(rooms.release(progress.roomId)).emit("release:progress", progress);
    },
    tellReleasePlace: (patientId, place) => {
      io.to(rooms.patient(patientId)).emit("release:place", place);
    },
    teaching,
    connections: () => io.engine.clientsCount,
    close: async () => {
      if (closed) return;
      // In this order: nobody new, no more work for those who are here, then their lines. The HTTP
      // server is closed by whoever opened it; io.close() would close it a second time.
      closed = true;
      clearInterval(checkTimer);
      io.engine.close();
      await Promise.allSettled([io.sockets.adapter.close()]);
    },
  };
}

/** The person works for another institution now: pages connect again by themselves, into the rooms of today. */
function reconnect(io: Channel, sessionId: string): void {
  for (const id of io.sockets.adapter.rooms.get(rooms.session(sessionId)) ?? []) {
    io.sockets.sockets.get(id)?.conn.close();
  }
}

async function watch(
  socket: ChannelSocket,
  payload: unknown,
  maySeeConsult: RealtimeOptions["maySeeConsult"],
  most: number,
): Promise<{ answer: Acknowledgement<null>; joined?: string }> {
  const { actor, watched } = socket.data;
  const parsed = watchPayload.safeParse(payload);
  if (!parsed.success) return { answer: eventRefused("request.invalid", actor.language) };
  const { consultId } = parsed.data;
  if (
    actor.kind === "guest"
      ? actor.consultId !== consultId
      : !(await maySeeConsult(actor, consultId))
  ) {
    return { answer: eventRefused("request.not-found", actor.language) };
  }
  const answer = { ok: true, data: null } as const;
  if (actor.kind === "guest" || watched.includes(consultId)) return { answer };
  watched.push(consultId);
  await socket.join(rooms.consult(consultId));
  const oldest = watched.length > most ? watched.shift() : undefined;
  if (oldest) await socket.leave(rooms.consult(oldest));
  return { answer, joined: rooms.consult(consultId) };
}

/** Whatever a page sends is counted before it is looked at; unknown events are not answered. */
function limitEvents(socket: ChannelSocket, limits: RealtimeLimits): void {
  const take = createTokenBucket({ burst: limits.eventBurst, perSecond: limits.eventsPerSecond });
  let refusedCount = 0;
  socket.use((packet, next) => {
    // A pointer has a measure of its own; what is over it is left out without a word.
    if (packet[0] === pointerEvent) return next();
    if (take(performance.now())) return next();
    refusedCount += 1;
    const answer: unknown = packet.at(-1);
    if (typeof answer === "function") {
      (answer as WatchAnswer)(eventRefused("request.too-many", socket.data.actor.language));
    }
    if (refusedCount > limits.eventBurst * 5) socket.disconnect(true);
  });
}
