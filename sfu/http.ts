import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { ZodType } from "zod";
import type { Broadcasts } from "./broadcast/broadcasts.ts";
import { LINK_PATH } from "./cascade/link.ts";
import type { ServerClock } from "./clock.ts";
import type { NodeConfig } from "./config.ts";
import { publicError, SignalError } from "./errors.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { adminBodies } from "./protocol-schemas.ts";
import { broadcastOrder, recordOrder } from "./recording/orders.ts";
import type { Recordings } from "./recording/recordings.ts";
import type { Peer } from "./rooms/peer.ts";
import type { RoomRegistry } from "./rooms/registry.ts";
import type { Room } from "./rooms/room.ts";
import { verifyAdmin } from "./tokens.ts";

const MAX_BODY_BYTES = 16 * 1024;
const STATUS: Record<string, number> = {
  forbidden: 403,
  "not-found": 404,
  conflict: 409,
  malformed: 400,
  "too-large": 413,
};

export type HttpOptions = {
  config: NodeConfig;
  clock: ServerClock;
  metrics: Metrics;
  registry: RoomRegistry;
  recordings: Recordings;
  broadcasts: Broadcasts;
  /** Sends everybody elsewhere and takes no new room. */
  drain: () => void;
  isReady: () => boolean;
  log: Log;
};

/** Health, metrics and the server's orders; socket.io takes its own path from the same server. */
export function createHttp(options: HttpOptions): Server {
  const { tls } = options.config;
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    answer(options, request, response).catch((error: unknown) => {
      const told = publicError(error);
      if (told.code === "internal") options.log.error({ error }, "request failed");
      send(response, STATUS[told.code] ?? 500, { error: told });
    });
  };
  if (!tls) return createServer(listener);
  const files = { cert: readFileSync(tls.certPath), key: readFileSync(tls.keyPath) };
  return createTlsServer(files, listener);
}

async function answer(
  { config, clock, metrics, registry, recordings, broadcasts, drain, isReady }: HttpOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname } = new URL(request.url ?? "/", "http://node");
  if (pathname.startsWith("/signal") || pathname.startsWith(LINK_PATH)) return;
  const route = `${request.method} ${pathname}`;
  if (route === "GET /healthz") return send(response, 200, { status: "ok" });
  if (route === "GET /readyz") {
    return send(response, isReady() ? 200 : 503, { status: isReady() ? "ok" : "starting" });
  }
  if (route === "GET /metrics") {
    const text = await metrics.registry.metrics();
    response.writeHead(200, { "content-type": metrics.registry.contentType }).end(text);
    return;
  }
  if (await broadcasts.answer(request, response)) return;
  const order =
    /^\/rooms\/([^/]{1,256})\/(close|move|remove|admit|promote|demote|record|broadcast)$/.exec(
      pathname,
    );
  if ((!order && route !== "POST /drain") || request.method !== "POST") {
    throw new SignalError("not-found");
  }
  const bearer = /^Bearer (.{1,4096})$/.exec(request.headers.authorization ?? "");
  if (!bearer?.[1]) throw new SignalError("forbidden");
  await verifyAdmin(config.secret, bearer[1], clock.now());
  if (!order) {
    drain();
    return send(response, 200, { ok: true });
  }
  const roomId = decode(order[1]!);
  // A room that is empty just now is recorded as soon as somebody comes.
  if (order[2] === "record") {
    await record(recordings, roomId, await read(request));
    return send(response, 200, { ok: true });
  }
  if (order[2] === "broadcast") {
    const { success, data } = broadcastOrder.safeParse(await read(request));
    if (!success) throw new SignalError("malformed");
    if (data.action === "start") broadcasts.start(roomId, true);
    else await broadcasts.stop(roomId);
    return send(response, 200, { ok: true });
  }
  if (order[2] === "move") {
    registry.sendAway(roomId);
    return send(response, 200, { ok: true });
  }
  await obey(registry, roomId, order[2] as keyof typeof adminBodies, await read(request));
  send(response, 200, { ok: true });
}

async function record(recordings: Recordings, roomId: string, body: unknown): Promise<void> {
  const order = recordOrder.safeParse(body);
  if (!order.success) throw new SignalError("malformed");
  if (order.data.action === "start") recordings.start(roomId, order.data);
  else await recordings.stop(roomId, order.data.recordingId);
}

async function obey(
  registry: RoomRegistry,
  roomId: string,
  order: keyof typeof adminBodies,
  body: unknown,
): Promise<void> {
  const parse = <Value>(schema: ZodType<Value>): Value => {
    const parsed = schema.safeParse(body ?? {});
    if (!parsed.success) throw new SignalError("malformed");
    return parsed.data;
  };
  const find = () => {
    const room = registry.find(roomId);
    if (!room) throw new SignalError("not-found");
    return room;
  };
  const auditorium = () => {
    const room = find();
    if (!room.auditorium) throw new SignalError("conflict");
    return room.auditorium;
  };
  switch (order) {
    case "close": {
      const { reason } = parse(adminBodies.close);
      return find().close(reason || "closed");
    }
    case "promote": {
      const { sub, pub, moderator } = parse(adminBodies.promote);
      return auditorium().promote(sub, pub, moderator);
    }
    case "demote":
      return auditorium().demote(parse(adminBodies.demote).sub);
    case "remove": {
      const { sub } = parse(adminBodies.remove);
      const room = find();
      for (const peer of peersNamed(room, sub)) room.remove(peer, null);
      return;
    }
    case "admit": {
      const { sub } = parse(adminBodies.admit);
      const room = find();
      room.lobby.admit(sub);
      for (const peer of peersNamed(room, sub)) await room.admitWaiting(peer, null);
    }
  }
}

/** A relative's name is followed by the browser's: `guest:<invitation>` means all of them. */
function peersNamed(room: Room, sub: string): Peer[] {
  return [...room.peers.values()].filter(
    ({ claims }) => claims.sub === sub || claims.sub.startsWith(`${sub}:`),
  );
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new SignalError("malformed");
  }
}

async function read(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new SignalError("too-large");
    chunks.push(chunk);
  }
  if (size === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new SignalError("malformed");
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent) return void response.destroy();
  response
    .writeHead(status, { "content-type": "application/json", "cache-control": "no-store" })
    .end(JSON.stringify(body));
}
