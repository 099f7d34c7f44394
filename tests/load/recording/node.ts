/**
 * A media node as the recording sees one, in a process of its own: a real worker, real `Recordings`, the server's
 * orders over HTTP, its callbacks to the server. Who speaks comes by RTP from this process, not from browsers: what
 * that costs is measured before anything is recorded, and taken off.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as mediasoup from "mediasoup";
// biome-ignore lint/correctness/useImportExtensions: what lies beside it is its declaration
import { ensureWorker } from "../../../scripts/worker.mjs";
import { createCallbacks } from "../../../sfu/callbacks.ts";
import { parseConfig } from "../../../sfu/config.ts";
import { createLog } from "../../../sfu/log.ts";
import { recordOrder } from "../../../sfu/recording/orders.ts";
import { Recordings } from "../../../sfu/recording/recordings.ts";
import { verifyAdmin } from "../../../sfu/tokens.ts";
import { routerCodecs } from "../../../sfu/transports/codecs.ts";
import { createSpeaker, MARK_EVERY_MS } from "../../sfu/support/speaker.ts";

export type NodeOptions = {
  serverUrl: string;
  secret: string;
  spoolDir: string;
  roomId: string;
  speakers: number;
};
export type NodeOrder = { talks: number } | { pids: true } | { end: true };
export type NodeReport =
  | { ready: { url: string; worker: number; subs: string[]; markZeroMs: number } }
  | { pids: number[] };

const options = JSON.parse(process.argv[2] ?? "") as NodeOptions;
const tell = (report: NodeReport) => process.send?.(report);
const log = createLog(process.env.LOG_LEVEL ?? "error");
const worker = await mediasoup.createWorker({ workerBin: await ensureWorker({ log: () => {} }) });
const router = await worker.createRouter({ mediaCodecs: routerCodecs });
// Marks of different speakers never fall together, so that each can be told by its time.
const startMs = Array.from({ length: options.speakers }, (_, index) =>
  Math.round((index * MARK_EVERY_MS) / options.speakers),
);
const speakers = await Promise.all(
  startMs.map((start, index) =>
    createSpeaker(router, {
      ...{ name: `speaker-${index}`, startMs: start, size: "640x360", bitrateKbit: 500 },
      clockErrorMs: index * 60_000,
    }),
  ),
);
const markZeroMs = Date.now();
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const token = request.headers.authorization?.slice("Bearer ".length) ?? "";
    verifyAdmin(options.secret, token)
      .then(async () => {
        const order = recordOrder.parse(JSON.parse(Buffer.concat(chunks).toString()));
        if (order.action === "start") recordings.start(options.roomId, order);
        else await recordings.stop(options.roomId, order.recordingId);
        response.end("{}");
      })
      .catch((error: unknown) => response.writeHead(400).end(String(error)));
  });
}).listen(0, "127.0.0.1");
await new Promise((resolve) => server.once("listening", resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const config = {
  ...parseConfig({ SFU_SECRET: options.secret, SFU_SERVER_URL: options.serverUrl }),
  publicUrl: url,
  spoolDir: options.spoolDir,
};
const none = { workers: [], expectedWorkers: 1, links: [] };
const callbacks = createCallbacks({
  config,
  log,
  heartbeat: () => ({
    ...{ node: url, publicUrl: url, region: "default", workers: 1, rooms: 1, load: 0 },
    ...{ peers: options.speakers, version: "bench", boot: "bench", linkUrl: url, draining: false },
    figures: { ...none, people: options.speakers, consumers: 0, inBps: 0, outBps: 0 },
  }),
});
const recordings = new Recordings({
  config,
  callbacks,
  log,
  roomOf: (id) =>
    id === options.roomId
      ? {
          id,
          tracks: () => speakers.flatMap(({ tracks }) => tracks),
          showRecording: () => {},
          isStreamed: false,
        }
      : undefined,
});

process.on("message", (order: NodeOrder) => {
  if ("talks" in order) {
    for (const [index, speaker] of speakers.entries()) speaker.talks = index === order.talks;
  } else if ("pids" in order) tell({ pids: recordings.of(options.roomId)?.pids ?? [] });
  else void end();
});
async function end(): Promise<void> {
  await recordings.close();
  await callbacks.close(1_000);
  for (const speaker of speakers) speaker.close();
  worker.close();
  process.exit(0);
}
process.on("disconnect", () => void end());
tell({
  ready: { url, worker: worker.pid, subs: speakers.map(({ peer }) => peer.sub), markZeroMs },
});
