import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { type Browser, type CDPSession, chromium, type Page } from "@playwright/test";
import { build, type Rolldown } from "vite";
import { browserPath } from "../../support/browser-path.ts";
import type { Harness, Person } from "./harness.ts";
import { roomToken } from "./node.ts";
import type { SharedLine } from "./shared-line.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The harness page as one script; bundled once per process. */
let bundle: Promise<string> | undefined;
async function buildHarness(): Promise<string> {
  const output = (await build({
    configFile: false,
    logLevel: "silent",
    root: here("."),
    build: {
      write: false,
      minify: false,
      rollupOptions: { input: here("./harness.ts"), output: { format: "iife" } },
    },
  })) as Rolldown.RolldownOutput;
  const [chunk] = output.output;
  return chunk.code;
}

/** A line as Chromium's DevTools emulate it; figures are per direction. */
export type Line = {
  latencyMs: number;
  kilobitsPerSecond?: number;
  /** Percent. */
  loss?: number;
  offline?: boolean;
};

export const goodLine: Line = { latencyMs: 0 };

/** A good line that can be cut or made worse later: emulation is in force from the start. */
export const cuttableLine: Line = { latencyMs: 1 };

export type Stage = {
  browser: Browser;
  origin: string;
  /** Where pages are sent for the media node; may change (a node that has moved). */
  nodeUrl: string;
  /** Tokens given out so far. */
  tokens: number;
  /**
   * Opens a page with one scripted person that has not entered yet. A line other than the good one
   * has to be given here: it takes hold of media only when it stands before the first connection.
   */
  person(person: Person, line?: Line): Promise<Actor>;
  /** The same for a person whose page, signalling and media all go over one shared line. */
  personBehind(person: Person, line: SharedLine): Promise<Actor>;
  close(): Promise<void>;
};

type HarnessCall =
  | "join"
  | "again"
  | "firstFrameMs"
  | "allFramesMs"
  | "flow"
  | "untilFlows"
  | "frameNumber"
  | "sendStill"
  | "fetchedSha256"
  | "state";

export type Actor = {
  page: Page;
  cdp: CDPSession;
  sub: string;
  /** Runs a function of the harness in the page. */
  call<Name extends HarnessCall>(
    name: Name,
    ...args: unknown[]
  ): Promise<Awaited<ReturnType<Harness[Name]>>>;
  /** Changes the line, if one was given when the page was opened. */
  setLine(line: Line): Promise<void>;
  /** Calls a method of this person's client. */
  do(method: string, ...args: unknown[]): Promise<unknown>;
  /** Waits until a condition on this person's state holds; the text is a JavaScript expression. */
  until(expression: string, limitMs?: number): Promise<number>;
};

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--use-fake-ui-for-media-stream",
  "--use-fake-device-for-media-stream",
  "--autoplay-policy=no-user-gesture-required",
  "--disable-background-timer-throttling",
  "--disable-renderer-backgrounding",
  "--disable-backgrounding-occluded-windows",
  "--disable-features=WebRtcHideLocalIpsWithMdns",
];

export type StageOptions = {
  secret?: string;
  /** RTC ports of the node, for people behind a shared line. */
  rtcPorts?: readonly number[];
  /** Answers what the page asks under /api/. */
  api?: (request: IncomingMessage, response: ServerResponse) => void;
};

/** A browser and a small server with the harness page, speech, and tokens. */
export async function createStage(
  nodeUrl: string,
  { secret, rtcPorts = [], api }: StageOptions = {},
): Promise<Stage> {
  bundle ??= buildHarness();
  const script = await bundle;
  const speech = readFileSync(here("../../../web/public/demo/speech-zh.opus"));
  const server = createServer((request, response) => {
    void (async () => {
      const url = new URL(request.url ?? "/", "http://stage");
      if (api && url.pathname.startsWith("/api/")) return api(request, response);
      const send = (type: string, body: string | Buffer) =>
        void response.writeHead(200, { "content-type": type }).end(body);
      if (url.pathname === "/harness.js") return send("text/javascript", script);
      if (url.pathname === "/speech.opus") return send("audio/ogg", speech);
      if (url.pathname === "/node") {
        return send("application/json", JSON.stringify({ url: stage.nodeUrl }));
      }
      if (url.pathname === "/token") {
        stage.tokens++;
        const query = (name: string) => url.searchParams.get(name) ?? "";
        const token = await roomToken({
          room: query("room"),
          sub: query("sub"),
          name: query("name"),
          ...(secret ? { secret } : {}),
          ...(JSON.parse(query("claims") || "{}") as object),
        });
        return send("application/json", JSON.stringify({ token, url: stage.nodeUrl }));
      }
      send(
        "text/html",
        "<!doctype html><meta charset=utf-8><body><script src=/harness.js></script>",
      );
    })().catch(() => response.writeHead(500).end());
  }).listen(0);
  await new Promise((resolve) => server.once("listening", resolve));
  const browser = await chromium.launch({
    executablePath: browserPath,
    args: FLAGS,
  });

  const sitDown = async (
    person: Person,
    origin: string,
    { line, ports }: { line?: Line | undefined; ports?: [number, number][] },
  ): Promise<Actor> => {
    const context = await browser.newContext();
    const page = await context.newPage();
    if (process.env.PAGE_LOG) {
      page.on("console", (message) => process.stderr.write(`[${person.sub}] ${message.text()}\n`));
      page.on("pageerror", (error) => process.stderr.write(`[${person.sub}] ${error}\n`));
    }
    const cdp = await context.newCDPSession(page);
    await page.goto(origin);
    await page.waitForFunction(() => document.title === "ready");
    if (line) await setLine(cdp, line);
    if (ports) await page.evaluate((pairs) => globalThis.harness.reachPortsOver(pairs), ports);
    await page.evaluate((one) => globalThis.harness.enter(one), person);
    return actor(page, cdp, person.sub);
  };
  const stage: Stage = {
    browser,
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    nodeUrl,
    tokens: 0,
    person: (person, line) => sitDown(person, stage.origin, { line }),
    async personBehind(person, line) {
      const [page, node] = [new URL(stage.origin), new URL(stage.nodeUrl)];
      page.port = String(await line.tcp(Number(page.port)));
      node.port = String(await line.tcp(Number(node.port)));
      const ports: [number, number][] = [];
      for (const port of rtcPorts) ports.push([port, await line.udp(port)]);
      return await sitDown({ ...person, nodeUrl: node.origin }, page.origin, { ports });
    },
    async close() {
      await browser.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return stage;
}

async function setLine(cdp: CDPSession, line: Line): Promise<void> {
  const bytesPerSecond = line.kilobitsPerSecond ? (line.kilobitsPerSecond * 1000) / 8 : -1;
  await cdp.send("Network.enable");
  await cdp.send("Network.emulateNetworkConditions", {
    offline: line.offline ?? false,
    latency: line.latencyMs,
    downloadThroughput: bytesPerSecond,
    uploadThroughput: bytesPerSecond,
    packetLoss: line.loss ?? 0,
    packetQueueLength: line.kilobitsPerSecond ? 50 : 0,
  });
}

function actor(page: Page, cdp: CDPSession, sub: string): Actor {
  return {
    page,
    cdp,
    sub,
    setLine: async (line) => await setLine(cdp, line),
    async call(name, ...args) {
      return (await page.evaluate(
        ([method, own, rest]) =>
          (globalThis.harness[method as "state"] as (...args: unknown[]) => unknown)(
            ...(method === "frameNumber" ? rest : [own, ...rest]),
          ),
        [name, sub, args] as const,
      )) as never;
    },
    async do(method, ...args) {
      return await page.evaluate(
        ([own, name, rest]) =>
          (
            globalThis.harness.client(own) as unknown as Record<
              string,
              (...args: unknown[]) => unknown
            >
          )[name]!(...rest),
        [sub, method, args] as const,
      );
    },
    async until(expression, limitMs = 20_000) {
      return await page.evaluate(
        ([own, text, limit]) => {
          const condition = new Function("state", `return (${text})`) as (
            state: unknown,
          ) => boolean;
          return globalThis.harness.until(own, (client) => condition(client.getSnapshot()), limit);
        },
        [sub, expression, limitMs] as const,
      );
    },
  };
}

declare global {
  var harness: Harness;
}
