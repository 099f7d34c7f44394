import { randomUUID } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeJwt, SignJWT } from "jose";
// biome-ignore lint/correctness/useImportExtensions: what lies beside it is its declaration
import { ensureWorker } from "../../../scripts/worker.mjs";
import type { RoomEvent } from "../../../sfu/callbacks.ts";
import { type NodeConfig, parseConfig } from "../../../sfu/config.ts";
import { createLog } from "../../../sfu/log.ts";
import { createMediaNode, type MediaNode } from "../../../sfu/node.ts";
import type { RoomClaims } from "../../../sfu/tokens.ts";

export const SECRET = "test-secret-of-at-least-32-characters!";

/** A room token such as the server signs; claims may be overridden one by one. */
export async function roomToken(
  claims: Partial<RoomClaims> & { aud?: string; iss?: string; secret?: string } = {},
): Promise<string> {
  const { aud = "sfu", iss = "yilian", secret = SECRET, ...rest } = claims;
  const nowSeconds = Math.floor(Date.now() / 1000);
  return await new SignJWT({
    iat: nowSeconds,
    exp: nowSeconds + 60,
    jti: randomUUID(),
    room: "consult-1",
    sub: "person-1",
    name: "王医生",
    role: "specialist",
    org: "徐汇区中心医院",
    lang: "zh-CN",
    pub: ["audio", "video", "screen"],
    ...rest,
  })
    .setProtectedHeader({ alg: "HS256" })
    .setAudience(aud)
    .setIssuer(iss)
    .sign(new TextEncoder().encode(secret));
}

export async function adminToken(secret = SECRET): Promise<string> {
  return await new SignJWT({})
    .setProtectedHeader({ alg: "HS256" })
    .setAudience("sfu-admin")
    .setExpirationTime("60s")
    .sign(new TextEncoder().encode(secret));
}

/** Gives a node an order as the server does. @returns the status of its answer */
export async function order(
  nodeUrl: string,
  room: string,
  verb: string,
  body: object,
): Promise<number> {
  const response = await fetch(`${nodeUrl}/rooms/${room}/${verb}`, {
    method: "POST",
    headers: { authorization: `Bearer ${await adminToken()}` },
    body: JSON.stringify(body),
  });
  await response.body?.cancel();
  return response.status;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export type CallbackSink = {
  url: string;
  events: RoomEvent[];
  heartbeats: unknown[];
  authorizations: string[];
  /** Answers requests with this status; 200 at first. */
  status: number;
  /** Refuses what is not signed just now, as the server does. */
  judges: boolean;
  close(): Promise<void>;
};

/** Stands where the server takes callbacks, and keeps what it is told. */
export async function createCallbackSink(): Promise<CallbackSink> {
  const server: Server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      if (sink.judges && !isFresh(request.headers.authorization)) {
        response.writeHead(401).end();
        return;
      }
      if (sink.status === 200) {
        const parsed = JSON.parse(body) as { events?: RoomEvent[] };
        if (parsed.events) {
          sink.events.push(...parsed.events);
          sink.authorizations.push(request.headers.authorization ?? "");
        } else sink.heartbeats.push(parsed);
      }
      response.writeHead(sink.status).end();
    });
  }).listen(0);
  await new Promise((resolve) => server.once("listening", resolve));
  const sink: CallbackSink = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    events: [],
    heartbeats: [],
    authorizations: [],
    status: 200,
    judges: false,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return sink;
}

function isFresh(authorization = ""): boolean {
  const { exp = 0 } = decodeJwt(authorization.replace("Bearer ", ""));
  return exp > Date.now() / 1000;
}

/** A media node in this process, on free ports, with a real worker. */
export async function startNode(
  overrides: Partial<NodeConfig> = {},
): Promise<MediaNode & { config: NodeConfig }> {
  const workerBin = await ensureWorker({ log: () => {} });
  const port = overrides.port ?? (await freePort());
  const config: NodeConfig = {
    ...parseConfig({ SFU_SECRET: SECRET }),
    port,
    rtcPort: await freePort(),
    publicUrl: `http://127.0.0.1:${port}`,
    linkUrl: `http://127.0.0.1:${port}`,
    serverUrl: "http://127.0.0.1:9",
    workers: 1,
    workerBin,
    demo: true,
    spoolDir: mkdtempSync(join(tmpdir(), "yilian-spool-")),
    ...overrides,
  };
  const node = await createMediaNode(config, createLog(process.env.LOG_LEVEL ?? "silent"));
  return Object.assign(node, { config });
}
