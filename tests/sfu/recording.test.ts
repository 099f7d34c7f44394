import { execFileSync } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as mediasoup from "mediasoup";
import type { Router, Worker } from "mediasoup/types";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
// biome-ignore lint/correctness/useImportExtensions: what lies beside it is its declaration
import { ensureWorker } from "../../scripts/worker.mjs";
import { openSegment, readMeta, type SegmentMeta } from "../../server/teaching/recording-crypto.ts";
import { createLog } from "../../sfu/log.ts";
import { Recordings } from "../../sfu/recording/recordings.ts";
import type { Manifest, RecordableTrack } from "../../sfu/recording/types.ts";
import { routerCodecs } from "../../sfu/transports/codecs.ts";
import { flashesIn, skews, tonesIn } from "./support/marks.ts";
import { adminToken, startNode } from "./support/node.ts";
import { createSpeaker, type Speaker } from "./support/speaker.ts";

type Piece = { meta: SegmentMeta; bytes: Buffer; sealed: Buffer };

const key = randomBytes(32);
const roomId = randomUUID();
let worker: Worker;
let router: Router;
let server: Server;
let isAway = false;
let pieces: Piece[] = [];
let manifests: Manifest[] = [];
let events: { type: string; data: Record<string, unknown> }[] = [];
let tracks: RecordableTrack[] = [];
const speakers: Speaker[] = [];

beforeAll(async () => {
  worker = await mediasoup.createWorker({ workerBin: await ensureWorker({ log: () => {} }) });
  router = await worker.createRouter({ mediaCodecs: routerCodecs });
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (isAway) return void response.writeHead(503).end();
      const body = Buffer.concat(chunks);
      if (request.url?.endsWith("/manifest")) manifests.push(JSON.parse(body.toString()));
      else pieces.push({ meta: readMeta(body), bytes: openSegment(body, key), sealed: body });
      response.end();
    });
  }).listen(0);
  await new Promise((resolve) => server.once("listening", resolve));
});
afterAll(() => {
  worker.close();
  server.close();
});
afterEach(() => {
  for (const speaker of speakers.splice(0)) speaker.close();
  [pieces, manifests, events, tracks, isAway] = [[], [], [], [], false];
});

function node(spoolDir = mkdtempSync(join(tmpdir(), "yilian-spool-")), reserveBytes = 0) {
  const { port } = server.address() as AddressInfo;
  return new Recordings({
    config: {
      spoolDir,
      recordingReserveBytes: reserveBytes,
      serverUrl: `http://127.0.0.1:${port}`,
      secret: "a secret of this test that is long enough",
    },
    callbacks: {
      push: ({ type, data }) => events.push({ type, data }),
      pending: 0,
      dropped: 0,
      close: async () => {},
    },
    roomOf: () => ({
      id: roomId,
      tracks: () => tracks,
      showRecording: () => {},
      isStreamed: false,
    }),
    log: createLog("silent"),
  });
}

async function speaks(options: Parameters<typeof createSpeaker>[1] = {}): Promise<Speaker> {
  const speaker = await createSpeaker(router, options);
  speakers.push(speaker);
  tracks.push(...speaker.tracks);
  return speaker;
}

const of = (kind: string) =>
  pieces
    .filter(({ meta }) => meta.kind === kind && meta.channel === undefined)
    .sort((a, b) => a.meta.part - b.meta.part || a.meta.number - b.meta.number);
const until = (condition: () => boolean, what: string) =>
  expect.poll(condition, { timeout: 40_000, interval: 50, message: what }).toBe(true);

/** Marks of one part on the session's clock. */
async function marksOf(kind: "audio" | "video", part = 0): Promise<number[]> {
  const own = of(kind).filter(({ meta }) => meta.part === part);
  const whole = Buffer.concat(
    own.map(({ meta, bytes }, index) => (index === 0 ? bytes : bytes.subarray(meta.headBytes))),
  );
  const times = kind === "audio" ? await tonesIn(whole) : (await flashesIn(whole)).flashes;
  return times.map((ms) => {
    const { meta } = own.findLast((piece) => piece.meta.partMs <= ms + 1) ?? own[0]!;
    return meta.startMs + ms - meta.partMs;
  });
}

describe("recording a room", () => {
  test("sound and picture fit at both ends, with a sender whose clock is wrong", async () => {
    const { tracks: sent } = await speaks({ clockErrorMs: 3_600_000 });
    // The same person interprets as well, into two languages: each is a track of its own.
    for (const channel of ["bo", "en"])
      tracks.push({ ...sent[0]!, source: "interpretation", channel });
    const recordings = node();
    const recordingId = randomUUID();
    recordings.start(roomId, { recordingId, key: key.toString("base64") });
    await until(() => of("video").length >= 2 && of("audio").length >= 2, "two pieces of each");
    await recordings.stop(roomId, recordingId);
    await recordings.close();
    const fit = skews(await marksOf("video"), await marksOf("audio"));
    expect(fit.length).toBeGreaterThan(3);
    for (const skew of fit) expect(Math.abs(skew)).toBeLessThan(80);
    expect(pieces.flatMap(({ meta }) => meta.gaps)).toEqual([]);
    for (const { meta } of pieces) expect(meta.durationMs).toBeLessThan(10_000);
    expect(manifests[0]).toMatchObject({ recordingId, reason: "ordered", gaps: [] });
    expect(manifests[0]!.segments).toHaveLength(pieces.length);
    expect(events.map(({ type }) => type)).toEqual(["recording-started", "recording-stopped"]);
    const interpreted = pieces.filter(({ meta }) => meta.source === "interpretation");
    const byTrack = Map.groupBy(interpreted, ({ meta }) => meta.trackId);
    expect([...byTrack.values()].map(([one]) => one!.meta.channel).toSorted()).toEqual([
      "bo",
      "en",
    ]);
    expect(byTrack.has(of("audio")[0]!.meta.trackId)).toBe(false);
    // Nothing of it can be read, or changed, without the key.
    const { sealed } = pieces[0]!;
    expect(() => openSegment(sealed, randomBytes(32))).toThrow();
    const changed = Buffer.from(sealed);
    changed[sealed.length - 40]! ^= 1;
    expect(() => openSegment(changed, key)).toThrow();
  }, 90_000);

  test("goes on when ffmpeg is killed, and names the gap", async () => {
    await speaks();
    const recordings = node();
    const recordingId = randomUUID();
    recordings.start(roomId, { recordingId, key: key.toString("base64") });
    await until(() => of("audio").length >= 1 && of("video").length >= 1, "a piece of each");
    for (const pid of recordings.of(roomId)!.pids) process.kill(pid, "SIGKILL");
    await until(
      () =>
        of("audio").some(({ meta }) => meta.part === 1) &&
        of("video").some(({ meta }) => meta.part === 1),
      "a second part of each",
    );
    await recordings.stop(roomId, recordingId);
    await recordings.close();
    const gaps = manifests[0]!.gaps;
    expect(gaps.map(({ why }) => why)).toEqual(["ffmpeg-ended", "ffmpeg-ended"]);
    const fit = skews(await marksOf("video", 1), await marksOf("audio", 1));
    expect(fit.length).toBeGreaterThan(1);
    for (const skew of fit) expect(Math.abs(skew)).toBeLessThan(80);
  }, 90_000);

  test("a full disk ends the recording with an alarm", async () => {
    await speaks();
    const recordings = node(undefined, Number.MAX_SAFE_INTEGER);
    const recordingId = randomUUID();
    recordings.start(roomId, { recordingId, key: key.toString("base64") });
    await until(() => events.some(({ type }) => type === "recording-failed"), "an alarm");
    expect(events.find(({ type }) => type === "recording-failed")!.data).toEqual({
      recordingId,
      reason: "disk-full",
    });
    await until(() => recordings.active === 0, "the recording is over");
    await recordings.close();
  }, 60_000);

  test.skipIf(process.getuid?.() !== 0)(
    "a disk that is really full ends it; freed again, the same recording goes on beside another one",
    async () => {
      await speaks();
      await speaks({ startMs: 1_000, name: "second" });
      isAway = true;
      const folder = mkdtempSync(join(tmpdir(), "yilian-disk-"));
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", folder]);
      try {
        const recordings = node(folder);
        const recordingId = randomUUID();
        const start = () => recordings.start(roomId, { recordingId, key: key.toString("base64") });
        start();
        await until(() => recordings.of(roomId)!.pids.length === 4, "two speakers are captured");
        // Something else takes the place that is left.
        writeFileSync(join(folder, "other"), Buffer.alloc(3 * 1024 * 1024 - 16 * 1024));
        const told = (type: string) => events.filter((one) => one.type === type);
        await until(() => told("recording-failed").length === 1, "an alarm");
        expect(told("recording-failed")[0]!.data).toEqual({ recordingId, reason: "disk-full" });
        await until(() => recordings.active === 0, "the recording is over");
        // As long as there is no place it is not even begun.
        start();
        expect(told("recording-failed")).toHaveLength(2);
        expect(recordings.active).toBe(0);
        rmSync(join(folder, "other"));
        isAway = false;
        start();
        const another = randomUUID();
        recordings.start(randomUUID(), { recordingId: another, key: key.toString("base64") });
        expect(recordings.active).toBe(2);
        const of = (id: string) => pieces.filter(({ meta }) => meta.recordingId === id);
        await until(
          () =>
            [recordingId, another].every(
              (id) => new Set(of(id).map(({ meta }) => meta.trackId)).size === 4,
            ),
          "a piece of each stream of both",
        );
        await recordings.close();
        expect(manifests.map((one) => one.recordingId)).toEqual(
          expect.arrayContaining([recordingId, another]),
        );
        for (const { meta } of of(another)) expect(meta.gaps).toEqual([]);
      } finally {
        execFileSync("umount", ["-l", folder]);
      }
    },
    90_000,
  );

  test("what a node had finished when it died is sent by the next one", async () => {
    await speaks();
    isAway = true;
    const spoolDir = mkdtempSync(join(tmpdir(), "yilian-spool-"));
    const first = node(spoolDir);
    const recordingId = randomUUID();
    first.start(roomId, { recordingId, key: key.toString("base64") });
    await until(() => first.pending >= 2, "pieces on the disk");
    // Nothing readable lies there.
    const folder = join(spoolDir, "recordings", recordingId);
    for (const name of readdirSync(folder).filter((one) => one.endsWith(".segment")))
      expect(readFileSync(join(folder, name)).includes("matroska")).toBe(false);
    const second = node(spoolDir);
    isAway = false;
    await until(() => manifests.some(({ reason }) => reason === "node-died"), "its end is told");
    expect(pieces.length).toBeGreaterThanOrEqual(2);
    expect(
      events.some(({ type, data }) => type === "recording-stopped" && data.reason === "node-died"),
    ).toBe(true);
    await Promise.all([first.close(), second.close()]);
  }, 90_000);

  test("an order that the server did not sign is refused", async () => {
    const media = await startNode();
    const order = (token: string, body: object) =>
      fetch(`${media.address.url}/rooms/${roomId}/record`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
      }).then(({ status }) => status);
    const start = { action: "start", recordingId: randomUUID(), key: key.toString("base64") };
    expect(await order(await adminToken("another secret, which is long enough"), start)).toBe(403);
    expect(await order(await adminToken(), { ...start, key: "c2hvcnQ=" })).toBe(400);
    expect(await order(await adminToken(), start)).toBe(200);
    expect(await order(await adminToken(), { ...start, recordingId: randomUUID() })).toBe(409);
    await media.close();
  }, 60_000);
});
