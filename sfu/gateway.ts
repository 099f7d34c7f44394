import type { Server as HttpServer } from "node:http";
import { Server, type Socket } from "socket.io";
import type { ZodType } from "zod";
import type { NodeConfig } from "./config.ts";
import { publicError, SignalError } from "./errors.ts";
import { handlers, type Session } from "./handlers.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import type { Ack, ClientMessageName, Entry, ListenWay } from "./protocol.ts";
import { clientMessages, PROTOCOL_NUMBER } from "./protocol-schemas.ts";
import { Peer, type PeerSocket } from "./rooms/peer.ts";
import type { RoomRegistry } from "./rooms/registry.ts";
import { createResumeKey, type RoomTokens } from "./tokens.ts";
import { nodeRtpCapabilities } from "./transports/capabilities.ts";

const SIGNAL_PATH = "/signal";
/** The longest message of a page: codec capabilities are about 12 kB, a long stroke 15 kB. */
const MAX_MESSAGE_BYTES = 64 * 1024;
/** Silence that means a lost line: noticed within 6 s on either side; pings are most of what an idle page costs. */
const PING_INTERVAL_MS = 3_000;
const PING_TIMEOUT_MS = 3_000;
const MESSAGES_PER_SECOND = 60;
const MESSAGE_BURST = 240;
/** A socket that goes on regardless is cut off. */
const MOST_REFUSALS = 1_000;

export type GatewayOptions = {
  http: HttpServer;
  config: NodeConfig;
  registry: RoomRegistry;
  tokens: RoomTokens;
  metrics: Metrics;
  log: Log;
};

export type Gateway = {
  readonly sockets: number;
  /** Tells pages that the node goes, and cuts their sockets. */
  close(): Promise<void>;
};

/** The socket.io edge: parses every message, finds its session, answers with data or a code. */
export function createGateway(options: GatewayOptions): Gateway {
  const { http, config, log } = options;
  const io = new Server(http, {
    path: SIGNAL_PATH,
    serveClient: false,
    maxHttpBufferSize: MAX_MESSAGE_BYTES,
    pingInterval: PING_INTERVAL_MS,
    pingTimeout: PING_TIMEOUT_MS,
    transports: ["websocket", "polling"],
    cors: { origin: config.allowedOrigins.length > 0 ? [...config.allowedOrigins] : true },
    allowRequest: (request, answer) => {
      const { origin } = request.headers;
      const isForeign =
        origin !== undefined &&
        config.allowedOrigins.length > 0 &&
        !config.allowedOrigins.includes(origin);
      answer(isForeign ? "forbidden" : null, !isForeign);
    },
  });

  io.use((socket, next) => {
    if (socket.handshake.auth.protocol === PROTOCOL_NUMBER) return next();
    const error = new Error("protocol-outdated");
    next(Object.assign(error, { data: { code: "protocol-outdated" } }));
  });
  io.on("connection", (socket) => {
    new Connection(socket, options);
    socket.emit("node:hello", {
      protocol: PROTOCOL_NUMBER,
      rtpCapabilities: nodeRtpCapabilities,
    });
  });
  io.engine.on("connection_error", (error: { code: number }) => {
    log.debug({ code: error.code }, "socket refused");
  });

  return {
    get sockets() {
      return io.engine.clientsCount;
    },
    async close() {
      io.emit("node:closing", {});
      io.disconnectSockets(true);
      await new Promise<void>((resolve) => void io.close(() => resolve()));
    },
  };
}

/** One socket, and the session on it once there is one. */
class Connection {
  private readonly socket: Socket;
  private readonly options: GatewayOptions;
  private readonly peerSocket: PeerSocket;
  private session: Session | null = null;
  private isEntering = false;
  private budget = MESSAGE_BURST;
  private budgetAt = Date.now();
  private refusals = 0;

  constructor(socket: Socket, options: GatewayOptions) {
    this.socket = socket;
    this.options = options;
    this.peerSocket = {
      id: socket.id,
      emit: (name, message) => void socket.emit(name, message),
      disconnect: () => void socket.disconnect(true),
    };
    socket.onAny((name: unknown, ...rest: unknown[]) => void this.receive(name, rest));
    socket.on("disconnect", () => {
      if (this.session) this.session.room.detach(this.session.peer, this.peerSocket);
    });
  }

  private async receive(name: unknown, rest: unknown[]): Promise<void> {
    const last = rest.at(-1);
    const answer = typeof last === "function" ? (last as (ack: Ack<unknown>) => void) : () => {};
    try {
      this.spend();
      const data = await this.handle(name, rest[0]);
      this.options.metrics.messages.inc({ name: String(name), outcome: "ok" });
      answer({ ok: true, data });
    } catch (error) {
      const told = publicError(error);
      this.options.metrics.messages.inc({ name: known(name), outcome: told.code });
      if (told.code === "internal")
        this.options.log.error({ error, message: known(name) }, "failed");
      answer({ ok: false, error: told });
      if (++this.refusals > MOST_REFUSALS) this.socket.disconnect(true);
    }
  }

  private spend(): void {
    const nowMs = Date.now();
    const earned = ((nowMs - this.budgetAt) / 1000) * MESSAGES_PER_SECOND;
    this.budget = Math.min(MESSAGE_BURST, this.budget + earned);
    this.budgetAt = nowMs;
    if (this.budget < 1) throw new SignalError("rate-limited");
    this.budget--;
  }

  private async handle(name: unknown, body: unknown): Promise<unknown> {
    if (typeof name !== "string" || !Object.hasOwn(clientMessages, name)) {
      throw new SignalError("malformed", "unknown message");
    }
    const message = name as ClientMessageName;
    const schema: ZodType = clientMessages[message];
    const parsed = schema.safeParse(body);
    if (!parsed.success) {
      const field = parsed.error.issues[0]?.path.join(".");
      throw new SignalError("malformed", "", field || undefined);
    }
    switch (message) {
      case "session:ping":
        return { at: Date.now() };
      case "room:join":
        return await this.enterOnce(() => this.join(parsed.data as never));
      case "session:resume":
        return await this.enterOnce(() => this.resume(parsed.data as never));
      case "room:leave": {
        const { session } = this;
        this.session = null;
        if (session) session.room.leave(session.peer, "left");
        return {};
      }
      default: {
        const session = this.requireJoined();
        const handler = handlers[message] as (session: Session, body: unknown) => unknown;
        return await handler(session, parsed.data);
      }
    }
  }

  private requireJoined(): Session {
    const { session } = this;
    if (!session) throw new SignalError("not-joined");
    if (session.peer.state === "gone") throw new SignalError("session-unknown");
    if (session.peer.state === "waiting") throw new SignalError("waiting");
    if (session.peer.socket !== this.peerSocket) throw new SignalError("session-unknown");
    return session;
  }

  private async enterOnce(enter: () => Promise<Entry>): Promise<Entry> {
    const isHere = this.session !== null && this.session.peer.state !== "gone";
    if (this.isEntering || isHere) throw new SignalError("already-joined");
    this.isEntering = true;
    try {
      return await enter();
    } finally {
      this.isEntering = false;
    }
  }

  private async join(message: {
    token: string;
    rtpCapabilities: Peer["rtpCapabilities"];
    listen?: ListenWay;
  }): Promise<Entry> {
    const { tokens, registry } = this.options;
    const claims = await tokens.redeem(message.token);
    const peer = new Peer(claims, createResumeKey(), message.rtpCapabilities, Date.now());
    // A room that has just emptied is on its way out; the next call makes a new one.
    let room = await registry.roomFor(claims.room, claims.kind);
    while (room.closed) room = await registry.roomFor(claims.room, claims.kind);
    peer.socket = this.peerSocket;
    peer.chosenWay = message.listen ?? "full";
    this.session = { peer, room };
    registry.remember(peer, room);
    try {
      const entry = await room.enter(peer);
      // The line may have been lost while transports were made.
      if (!this.socket.connected) room.detach(peer, this.peerSocket);
      return entry;
    } catch (error) {
      this.session = null;
      room.leave(peer, "left");
      throw error;
    }
  }

  private async resume({ resumeKey }: { resumeKey: string }): Promise<Entry> {
    const { peer, room } = this.options.registry.sessionOf(resumeKey);
    await room.settled();
    this.session = { peer, room };
    room.attach(peer, this.peerSocket);
    return room.entry(peer, null);
  }
}

/** Names of messages become metric labels only if they are ours. */
function known(name: unknown): string {
  return typeof name === "string" && Object.hasOwn(clientMessages, name) ? name : "unknown";
}
