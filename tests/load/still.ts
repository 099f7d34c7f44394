/**
 * A sharp still of 4 MB from and to a participant whose page, signalling, sound and files share one
 * line of 300 kbit/s, 150 ms round trip, 5% loss: whether it arrives whole, and what is heard
 * meanwhile. `--long` adds the same line without loss, where nothing but the queue slows a file.
 * The product's own page code sends it, the product's own tus server takes it.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Fastify from "fastify";
import { createAttachmentStore } from "../../server/attachments/store.ts";
import { createUploads, passThroughUploads } from "../../server/attachments/uploads.ts";
import type { App } from "../../server/http/context.ts";
import { type Actor, createStage, type Stage } from "../sfu/support/browser.ts";
import { startNodeProcess } from "../sfu/support/process.ts";
import { createSharedLine, type Shape } from "../sfu/support/shared-line.ts";
import { type BenchResult, result, type Suite } from "./suite.ts";

const THIN: Shape = { latencyMs: 75, kilobitsPerSecond: 300, loss: 5, queuePackets: 50 };
const STILL_BYTES = 4 * 1024 * 1024;
const QUICK_STILL_BYTES = 256 * 1024;
const SMALL = { width: 640, height: 360, framesPerSecond: 15 };
/** Until the line has been found out and pictures have gone off. */
const SETTLE_MS = 20_000;
const QUICK_SETTLE_MS = 8_000;
const LOOK_EVERY_MS = 250;

type Line = { name: string; shape: Shape; limit: string | null };
const LINES: readonly Line[] = [
  { name: "5% loss", shape: THIN, limit: "<= 2" },
  { name: "no loss", shape: { ...THIN, loss: 0 }, limit: null },
];

export const suite: Suite = {
  name: "still",
  describe: "a sharp still of 4 MB over the thin line, and the sound meanwhile",
  minutes: 9,
  async run({ quick, long, log }) {
    const folder = mkdtempSync(join(tmpdir(), "yilian-still-"));
    const server = await startUploads(folder);
    const node = await startNodeProcess();
    const stage = await createStage(node.url, { rtcPorts: node.rtcPorts, api: server.api });
    try {
      const results: BenchResult[] = [];
      for (const line of long ? LINES : LINES.slice(0, 1)) {
        results.push(...(await sendOver(line, { stage, server, quick, log })));
      }
      return results;
    } finally {
      await stage.close();
      await node.close();
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

type Bench = {
  stage: Stage;
  server: Uploads;
  quick: boolean;
  log: (line: string) => void;
};

async function sendOver(
  { name, shape, limit }: Line,
  { stage, server, quick, log }: Bench,
): Promise<BenchResult[]> {
  const room = `still ${name}`;
  const sizeBytes = quick ? QUICK_STILL_BYTES : STILL_BYTES;
  const line = createSharedLine();
  const a = await stage.person({ room, sub: "a", name: "甲", ...SMALL });
  const b = await stage.person({ room, sub: "b", name: "乙", delayMs: 300, ...SMALL });
  // The page itself is there before the line becomes thin.
  const c = await stage.personBehind({ room, sub: "c", name: "丙", delayMs: 600, ...SMALL }, line);
  const people = [a, b, c];
  try {
    line.shape(shape);
    await Promise.all(people.map((person) => person.call("join")));
    await Promise.all([
      a.call("untilFlows", "c", "audio"),
      b.call("untilFlows", "c", "audio"),
      c.call("untilFlows", "a", "audio"),
      c.call("untilFlows", "b", "audio"),
    ]);
    await sleep(quick ? QUICK_SETTLE_MS : SETTLE_MS);
    const quiet = await concealed(people, () => sleep(quick ? 5_000 : 20_000));
    const waits: number[] = [];
    const looking = setInterval(() => waits.push(line.waitMs()), LOOK_EVERY_MS);
    let sent!: Awaited<ReturnType<typeof send>>;
    const send = () => c.call("sendStill", sizeBytes);
    const during = await concealed(people, async () => {
      sent = await send();
    });
    clearInterval(looking);
    const { video } = await c.call("state");
    log(`${name}: before ${told(quiet)}`);
    log(`${name}: while it is sent ${told(during)}; pictures ${video.up} up, ${video.down} down`);
    log(
      `${name}: wait in front of the line, median ${part(waits, 0.5)} ms, p95 ${part(waits, 0.95)} ms`,
    );
    const { attachmentId, sha256 } = sent;
    await a.until(`state.stills.some((one) => one.sha256 === "${sha256}")`);
    const arrived = [
      await server.sha256(attachmentId),
      await a.call("fetchedSha256", attachmentId),
    ];
    const isWhole = arrived.every((hash) => hash === sha256);
    // The other way: what somebody else sends is fetched by the page on the thin line.
    let came = "";
    let fetchedMs = 0;
    const fetching = await concealed(people, async () => {
      const startedAt = performance.now();
      came = await c.call("fetchedSha256", attachmentId);
      fetchedMs = performance.now() - startedAt;
    });
    log(`${name}: while it is fetched ${told(fetching)}`);
    const what = `still of ${Math.round(sizeBytes / 1024)} KB, 300 kbit/s, 150 ms RTT, ${name}`;
    return [
      result(`${what}, arrived whole (sha256)`, isWhole ? 1 : 0, "yes", "== 1"),
      result(`${what}, time taken`, Math.round(sent.tookMs / 100) / 10, "s"),
      result(
        `${what}, concealed sound meanwhile, worst listener`,
        worst(during),
        "%",
        quick ? null : limit,
      ),
      result(`${what}, fetched over it, arrived whole`, came === sha256 ? 1 : 0, "yes", "== 1"),
      result(`${what}, fetched over it, time taken`, Math.round(fetchedMs / 100) / 10, "s"),
      result(
        `${what}, fetched over it, concealed sound meanwhile, worst listener`,
        worst(fetching),
        "%",
        quick ? null : limit,
      ),
      result(`${what}, wait in front of the line meanwhile, p95`, part(waits, 0.95), "ms"),
      result(`${what}, concealed sound before it, worst listener`, worst(quiet), "%"),
    ];
  } finally {
    for (const person of people) await person.page.context().close();
    line.close();
  }
}

type Pair = { pair: string; percent: number };

/** How much of the sound of each pair was made up while something went on. */
async function concealed(
  people: readonly Actor[],
  meanwhile: () => Promise<unknown>,
): Promise<Pair[]> {
  const before = await soundOf(people);
  await meanwhile();
  const after = await soundOf(people);
  return after.map(({ pair, samples, concealed: made }, index) => {
    const first = before[index]!;
    return { pair, percent: (100 * (made - first.concealed)) / (samples - first.samples) };
  });
}

async function soundOf(people: readonly Actor[]) {
  const pairs = people.flatMap((person) =>
    people.filter((other) => other !== person).map((other) => ({ person, from: other.sub })),
  );
  return await Promise.all(
    pairs.map(async ({ person, from }) => ({
      pair: `${person.sub} hears ${from}`,
      ...(await person.call("flow", from)),
    })),
  );
}

const told = (pairs: readonly Pair[]) =>
  pairs.map(({ pair, percent }) => `${pair} ${percent.toFixed(2)}%`).join(", ");
const worst = (pairs: readonly Pair[]) =>
  Math.round(100 * Math.max(...pairs.map(({ percent }) => percent))) / 100;
const part = (values: readonly number[], at: number) =>
  Math.round([...values].sort((x, y) => x - y)[Math.floor(at * (values.length - 1))] ?? 0);

type Uploads = {
  api: NonNullable<Parameters<typeof createStage>[1]>["api"];
  sha256(id: string): Promise<string>;
  close(): Promise<void>;
};

/** The product's tus server on a folder, without sessions and a database. */
async function startUploads(folder: string): Promise<Uploads> {
  const store = createAttachmentStore(folder);
  const app = Fastify();
  passThroughUploads(app as unknown as App);
  const nothing = async () => {};
  const answer = createUploads(store, { begin: nothing, resume: nothing, finish: nothing });
  app.route({
    method: ["POST", "HEAD", "PATCH", "OPTIONS"],
    url: "/api/uploads/*",
    handler: (request, reply) => pass(request, reply),
  });
  app.route({
    method: ["POST", "OPTIONS"],
    url: "/api/uploads",
    handler: (request, reply) => pass(request, reply),
  });
  app.get<{ Params: { id: string } }>("/api/attachments/:id", async (request, reply) =>
    reply.type("image/jpeg").send(await store.read(request.params.id)),
  );
  const pass = async (...args: Parameters<typeof answer>) => {
    const { status, headers, text } = await answer(...args);
    return args[1].status(status).headers(Object.fromEntries(headers)).send(text);
  };
  await app.ready();
  return {
    api: (request, response) => app.routing(request, response),
    sha256: async (id) => (await store.examine(id)).sha256.toString("hex"),
    close: () => app.close(),
  };
}
