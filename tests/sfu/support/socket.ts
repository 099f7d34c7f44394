import { io, type Socket } from "socket.io-client";
import type { Ack, Entry, ServerMessageName, ServerMessages } from "../../../sfu/protocol.ts";
import type { RoomClaims } from "../../../sfu/tokens.ts";
import { nodeRtpCapabilities } from "../../../sfu/transports/capabilities.ts";
import { roomToken } from "./node.ts";

export type Guest = {
  socket: Socket;
  /** Sends and gives back the acknowledgement as it is. */
  ask(name: string, message?: unknown): Promise<Ack<never>>;
  /** Sends and gives back the data. @throws Error with the code */
  get<Data = Record<string, unknown>>(name: string, message?: unknown): Promise<Data>;
  join(claims?: Partial<RoomClaims>, message?: object): Promise<Entry>;
  /** Everything of one name that has come so far. */
  heard<Name extends ServerMessageName>(name: Name): ServerMessages[Name][];
  /** The first message of a name that fits, past or future. */
  hear<Name extends ServerMessageName>(
    name: Name,
    fits?: (message: ServerMessages[Name]) => boolean,
  ): Promise<ServerMessages[Name]>;
  close(): void;
};

/** A participant without a browser: signalling only. */
export async function createGuest(url: string, protocol: unknown = 1): Promise<Guest> {
  const socket = io(url, {
    path: "/signal",
    transports: ["websocket"],
    auth: { protocol },
    forceNew: true,
    reconnection: false,
  });
  const log: { name: string; message: unknown }[] = [];
  const waiting = new Set<() => void>();
  socket.onAny((name: string, message: unknown) => {
    log.push({ name, message });
    for (const look of [...waiting]) look();
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("connect_error", reject);
  });
  const guest: Guest = {
    socket,
    ask: async (name, message = {}) =>
      (await socket.timeout(10_000).emitWithAck(name, message)) as Ack<never>,
    async get(name, message) {
      const answer = await guest.ask(name, message);
      if (!answer.ok) throw new Error(answer.error.code);
      return answer.data;
    },
    join: async (claims, message = {}) =>
      await guest.get<Entry>("room:join", {
        token: await roomToken(claims),
        rtpCapabilities: nodeRtpCapabilities,
        ...message,
      }),
    heard: (name) =>
      log.filter((entry) => entry.name === name).map((entry) => entry.message as never),
    hear: (name, fits = () => true) =>
      new Promise((resolve) => {
        const look = () => {
          const found = guest.heard(name).find(fits);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    close: () => void socket.disconnect(),
  };
  return guest;
}

let ssrc = 10_000;

/** What a page would send to begin a microphone stream. */
export function microphone(transportId: string, source = "audio", channel?: string) {
  return {
    transportId,
    id: crypto.randomUUID(),
    kind: "audio",
    source,
    paused: false,
    ...(channel ? { channel } : {}),
    rtpParameters: {
      mid: String(ssrc),
      codecs: [
        {
          mimeType: "audio/opus",
          payloadType: 111,
          clockRate: 48_000,
          channels: 2,
          parameters: { useinbandfec: 1 },
          rtcpFeedback: [],
        },
      ],
      headerExtensions: [],
      encodings: [{ ssrc: ssrc++ }],
      rtcp: { cname: "test" },
    },
  };
}
