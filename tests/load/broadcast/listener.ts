/** Builds the listener's page, and stands where the server lets a device in. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { SignJWT } from "jose";
import { build, type Rolldown } from "vite";
import { paced } from "../../../server/http/paced.ts";
import { thinBytesPerSecond } from "../../../server/teaching/slides-domain.ts";
import { roomToken, SECRET } from "../../sfu/support/node.ts";
import type { ListenerPage } from "./page.tsx";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export const buildListener = async (): Promise<string> => {
  const output = (await build({
    configFile: false,
    logLevel: "silent",
    root: here("../../.."),
    define: { "process.env.NODE_ENV": '"production"' },
    build: {
      write: false,
      minify: false,
      rollupOptions: { input: here("./page.tsx"), output: { format: "iife" } },
    },
  })) as Rolldown.RolldownOutput;
  const [chunk] = output.output;
  return chunk.code;
};

/** Key for the stream of a room, as the server signs it. */
export const streamToken = (room: string) =>
  new SignJWT({ room, sub: "listener" })
    .setProtectedHeader({ alg: "HS256" })
    .setIssuer("yilian")
    .setAudience("sfu-broadcast")
    .setExpirationTime("600s")
    .sign(new TextEncoder().encode(SECRET));

/** Answers what the page asks: who is on the stage gets a token for the room, others one for the stream. */
export function createDoor(room: string, nodeUrl: () => string, slide: Buffer) {
  const door = {
    onStage: false,
    async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const { pathname } = new URL(request.url ?? "/", "http://bench");
      request.resume();
      if (pathname === "/api/slide")
        return void Readable.from(paced(slide, thinBytesPerSecond), { objectMode: false }).pipe(
          response.writeHead(200, { "content-type": "image/webp", "cache-control": "no-store" }),
        );
      const common = { sessionId: room, deviceId: "d", sub: "listener", heartbeatSeconds: 30 };
      const entered = door.onStage
        ? {
            ...{ kind: "room", ...common, rehearsal: false, nodeUrl: nodeUrl() },
            token: await roomToken({ room, sub: "listener", kind: "teaching", pub: ["audio"] }),
          }
        : {
            ...{ kind: "hls", ...common, token: await streamToken(room) },
            url: `${nodeUrl()}/broadcast/${room}/index.m3u8`,
          };
      response
        .writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify(pathname.endsWith("/enter") ? entered : { ok: true }));
    },
  };
  return door;
}

/** What the listener's page is asked. */
export const ask = <Name extends keyof ListenerPage>(
  page: Page,
  name: Name,
  ...args: Parameters<ListenerPage[Name]>
): Promise<ReturnType<ListenerPage[Name]>> =>
  page.evaluate(
    ([method, rest]) =>
      (globalThis.listenerPage[method] as (...all: unknown[]) => unknown)(...rest),
    [name, args as unknown[]] as const,
  ) as Promise<ReturnType<ListenerPage[Name]>>;

declare global {
  var listenerPage: ListenerPage;
}
