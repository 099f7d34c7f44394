import { io, type Socket } from "socket.io-client";
import type {
  Ack,
  Answer,
  ClientMessage,
  ClientMessageName,
  ProtocolNumber,
  ServerMessageName,
  ServerMessages,
} from "../../../sfu/protocol.ts";

const PROTOCOL: ProtocolNumber = 1;
const ANSWER_MS = 6_000;
const CONNECT_MS = 4_000;
const RECONNECT_FIRST_MS = 150;
const RECONNECT_MOST_MS = 1_000;

const WEBSOCKET_FIRST = ["websocket", "polling"] as const;
/**
 * Chromium makes WebSockets wait for up to 5 s once several have failed, as they do while a line is
 * lost. So after a failure plain requests go first, and the WebSocket follows when it is let.
 */
const POLLING_FIRST = ["polling", "websocket"] as const;

/** A refused or unanswered message; `code` is the node's, or "line-lost" or "no-answer". */
export class SignalFailure extends Error {
  override readonly name = "SignalFailure";
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

type Listeners = { [Name in ServerMessageName]?: (message: ServerMessages[Name]) => void };

export type SignalEvents = {
  onConnect: () => void;
  onDisconnect: () => void;
  /** An attempt failed; more follow by themselves unless the page is outdated. */
  onConnectFailure: (code: string) => void;
  messages: Listeners;
};

export type Signal = {
  readonly url: string;
  readonly connected: boolean;
  request<Name extends ClientMessageName>(
    name: Name,
    message: ClientMessage<Name>,
    answerMs?: number,
  ): Promise<Answer<Name>>;
  /** Sends without caring for the answer; dropped while the line is lost. */
  tell<Name extends ClientMessageName>(name: Name, message: ClientMessage<Name>): void;
  /** Tries at once instead of at the next turn. */
  connectNow(): void;
  /** Gives up a connection that looks alive but is not, and makes a new one. */
  renew(): void;
  close(): void;
};

/** The typed socket to one media node; it reconnects for ever until closed. */
export function createSignal(url: string, events: SignalEvents): Signal {
  const socket: Socket = io(url, {
    path: "/signal",
    transports: [...WEBSOCKET_FIRST],
    tryAllTransports: true,
    auth: { protocol: PROTOCOL },
    timeout: CONNECT_MS,
    reconnectionDelay: RECONNECT_FIRST_MS,
    reconnectionDelayMax: RECONNECT_MOST_MS,
    randomizationFactor: 0.3,
    forceNew: true,
  });
  socket.on("connect", () => {
    socket.io.engine.once("upgrade", () => {
      socket.io.opts.transports = [...WEBSOCKET_FIRST];
    });
    events.onConnect();
  });
  socket.on("disconnect", (reason) => {
    events.onDisconnect();
    // socket.io does not reconnect by itself after the node's own good-bye.
    if (reason === "io server disconnect") setTimeout(() => socket.connect(), RECONNECT_FIRST_MS);
  });
  socket.on("connect_error", (error: Error & { data?: { code?: string } }) => {
    const code = error.data?.code ?? "unreachable";
    if (code === "protocol-outdated") socket.disconnect();
    socket.io.opts.transports = [...POLLING_FIRST];
    events.onConnectFailure(code);
  });
  for (const [name, listener] of Object.entries(events.messages)) {
    socket.on(name, listener as (message: unknown) => void);
  }

  return {
    url,
    get connected() {
      return socket.connected;
    },
    async request(name, message, answerMs = ANSWER_MS) {
      if (!socket.connected) throw new SignalFailure("line-lost");
      let onLost: () => void = () => {};
      const lost = new Promise<never>((_, reject) => {
        onLost = () => reject(new SignalFailure("line-lost"));
        socket.once("disconnect", onLost);
      });
      try {
        const answer = (await Promise.race([
          socket.timeout(answerMs).emitWithAck(name, message),
          lost,
        ])) as Ack<never>;
        if (!answer.ok) throw new SignalFailure(answer.error.code);
        return answer.data;
      } catch (error) {
        throw error instanceof SignalFailure ? error : new SignalFailure("no-answer");
      } finally {
        socket.off("disconnect", onLost);
      }
    },
    tell(name, message) {
      if (socket.connected) socket.emit(name, message);
    },
    connectNow() {
      if (!socket.connected) socket.disconnect().connect();
    },
    renew() {
      socket.disconnect().connect();
    },
    close() {
      socket.removeAllListeners();
      socket.disconnect();
    },
  };
}
