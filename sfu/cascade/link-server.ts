import type { Server as HttpServer } from "node:http";
import { Server, type Socket } from "socket.io";
import { z } from "zod";
import { publicError, SignalError } from "../errors.ts";
import type { Log } from "../log.ts";
import { HostedSite, type HostedSiteOptions } from "./hosted-site.ts";
import { LINK_PATH, type LinkIdentity } from "./link.ts";
import { type LinkEvent, type LinkReply, linkMessages, linkRequest } from "./link-messages.ts";
import { createLinkGuard, type LinkClaims, signLink } from "./link-token.ts";

/** What a home node's rooms have here is kept this long after its link is gone. */
const KEEP_MS = 15_000;
const MOST_EVENTS = 5_000;
const MOST_ANSWERS = 2_000;
const MAX_MESSAGE_BYTES = 1_000_000;
const FIGURES_MS = 2_000;

const handshake = z.object({
  token: z.string().max(4096),
  isFresh: z.boolean(),
  seen: z.number().int().min(0),
});

export type LinkServerOptions = LinkIdentity & {
  http: HttpServer;
  hosted: Omit<HostedSiteOptions, "room" | "tell">;
  isDraining: () => boolean;
  /** This node is the home of that room itself. */
  isHome: (room: string) => boolean;
  log: Log;
};

/** Another node, as home of rooms that have media here. */
type Guest = {
  readonly node: string;
  readonly boot: string;
  readonly rooms: Map<string, HostedSite>;
  socket: Socket | null;
  readonly events: { seq: number; event: LinkEvent }[];
  seq: number;
  readonly answers: Map<number, Promise<LinkReply>>;
  expiry: NodeJS.Timeout | undefined;
};

export type LinkServer = {
  /** Rooms of other nodes that have media here. */
  readonly hosted: readonly HostedSite[];
  /** Nodes whose rooms may have media here, and whether they are connected. */
  readonly guests: readonly { node: string; isUp: boolean }[];
  /** Sends everybody of other nodes' rooms back to their home node. */
  drain(): void;
  close(): Promise<void>;
};

/** Takes links of other nodes: proof of who they are, then their requests for their own rooms. */
export function createLinkServer(options: LinkServerOptions): LinkServer {
  const { http, log, secret, own, boot } = options;
  const verify = createLinkGuard(options);
  const guests = new Map<string, Guest>();
  const io = new Server(http, {
    path: LINK_PATH,
    serveClient: false,
    transports: ["websocket"],
    maxHttpBufferSize: MAX_MESSAGE_BYTES,
    pingInterval: 2_000,
    pingTimeout: 3_000,
    // A browser has no business here.
    allowRequest: ({ headers }, answer) => answer(null, headers.origin === undefined),
  });

  io.use((socket, next) => {
    void (async () => {
      const { token, isFresh, seen } = handshake.parse(socket.handshake.auth);
      const claims = await verify(token);
      socket.data = { claims, isFresh, seen };
      next();
    })().catch((error: unknown) => {
      log.warn({ error: String(error) }, "link refused");
      next(new Error("forbidden"));
    });
  });
  io.on("connection", (socket) => {
    void welcome(socket).catch((error: unknown) => {
      log.error({ error: String(error) }, "link failed");
      socket.disconnect(true);
    });
  });

  async function welcome(socket: Socket): Promise<void> {
    const { claims, isFresh, seen } = socket.data as {
      claims: LinkClaims;
      isFresh: boolean;
      seen: number;
    };
    const before = guests.get(claims.from);
    const oldest = before?.events[0]?.seq ?? (before?.seq ?? 0) + 1;
    const isKept = before?.boot === claims.boot && !isFresh && seen >= oldest - 1;
    if (before && !isKept) drop(before);
    const guest: Guest =
      before && isKept
        ? before
        : {
            node: claims.from,
            boot: claims.boot,
            rooms: new Map(),
            socket: null,
            events: [],
            seq: 0,
            answers: new Map(),
            expiry: undefined,
          };
    guests.set(guest.node, guest);
    guest.socket?.disconnect(true);
    guest.socket = socket;
    clearTimeout(guest.expiry);
    socket.on("ask", (message: unknown, answer: unknown) => {
      if (typeof answer !== "function") return;
      void reply(guest, message).then((told) => (answer as (told: LinkReply) => void)(told));
    });
    socket.on("disconnect", () => {
      if (guest.socket !== socket) return;
      guest.socket = null;
      guest.expiry = setTimeout(() => drop(guest), KEEP_MS);
    });
    const answer = { from: own, to: guest.node, boot, answers: claims.jti };
    const proof = await signLink(secret, answer, options.now?.());
    socket.emit("hello", { token: proof.token, isKept });
    if (isKept) for (const told of guest.events) if (told.seq > seen) socket.emit("told", told);
    log.info({ node: guest.node, isKept }, "link of node is up");
  }

  function drop(guest: Guest): void {
    clearTimeout(guest.expiry);
    guest.socket?.disconnect(true);
    guest.socket = null;
    for (const site of guest.rooms.values()) site.close();
    guest.rooms.clear();
    if (guests.get(guest.node) === guest) guests.delete(guest.node);
  }

  function tell(guest: Guest, event: LinkEvent): void {
    const told = { seq: ++guest.seq, event };
    guest.events.push(told);
    if (guest.events.length > MOST_EVENTS) guest.events.shift();
    guest.socket?.emit("told", told);
  }

  async function reply(guest: Guest, message: unknown): Promise<LinkReply> {
    const request = linkRequest.safeParse(message);
    if (!request.success) return { ok: false, code: "malformed" };
    const { n, name, body } = request.data;
    const done = guest.answers.get(n);
    if (done) return await done;
    const doing = (async (): Promise<LinkReply> => {
      try {
        const ask = linkMessages[name].ask.safeParse(body);
        if (!ask.success) throw new SignalError("malformed");
        // Whoever asks whether it takes people again is told no as well.
        if (options.isDraining() && (name === "transports:open" || name === "site:open")) {
          throw new SignalError("node-closing");
        }
        const site = siteOf(guest, ask.data.room, name === "site:open");
        if (name === "site:close") {
          site.close();
          guest.rooms.delete(ask.data.room);
          return { ok: true, data: {} };
        }
        return { ok: true, data: await site.do(name, ask.data) };
      } catch (error) {
        const { code } = publicError(error);
        if (code === "internal") log.info({ name, error: String(error) }, "link request failed");
        return { ok: false, code };
      }
    })();
    guest.answers.set(n, doing);
    if (guest.answers.size > MOST_ANSWERS) {
      const [first] = guest.answers.keys();
      if (first !== undefined) guest.answers.delete(first);
    }
    return await doing;
  }

  /** A room's media here belongs to one home node, and to no other while that one is there. */
  function siteOf(guest: Guest, room: string, mayOpen: boolean): HostedSite {
    const mine = guest.rooms.get(room);
    if (mine) return mine;
    if (!mayOpen) throw new SignalError("not-found");
    if (options.isHome(room)) throw new SignalError("forbidden");
    for (const other of guests.values()) {
      const theirs = other.rooms.get(room);
      if (!theirs) continue;
      if (other.socket) throw new SignalError("forbidden");
      theirs.close();
      other.rooms.delete(room);
    }
    const site = new HostedSite({
      ...options.hosted,
      room,
      tell: (event) => tell(guest, event),
    });
    guest.rooms.set(room, site);
    return site;
  }

  const hosted = () => [...guests.values()].flatMap(({ rooms }) => [...rooms.values()]);
  const figures = setInterval(() => {
    for (const site of hosted()) void site.tellFigures();
  }, FIGURES_MS);

  return {
    get hosted() {
      return hosted();
    },
    get guests() {
      return [...guests.values()].map(({ node, socket }) => ({ node, isUp: socket !== null }));
    },
    drain() {
      for (const site of hosted()) site.drain();
    },
    async close() {
      clearInterval(figures);
      for (const guest of [...guests.values()]) drop(guest);
      io.disconnectSockets(true);
      await io.close();
    },
  };
}
