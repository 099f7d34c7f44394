/** A room as a programme for a crowd, judged by decoding it: who may have it, how late it is, an encoder that dies. */
import { mkdtempSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SignJWT } from "jose";
import * as mediasoup from "mediasoup";
import { afterAll, beforeAll, expect, test } from "vitest";
// biome-ignore lint/correctness/useImportExtensions: what lies beside it is its declaration
import { ensureWorker } from "../../scripts/worker.mjs";
import { Broadcasts } from "../../sfu/broadcast/broadcasts.ts";
import { createLog } from "../../sfu/log.ts";
import { routerCodecs } from "../../sfu/transports/codecs.ts";
import { type ObjectStore, startObjectStore } from "../support/object-store.ts";
import { flashesIn, skews, tonesIn } from "./support/marks.ts";
import { createSpeaker, MARK_EVERY_MS, type Speaker } from "./support/speaker.ts";

const secret = "a secret of this test that is long enough";
const roomId = "lecture";
/** A player keeps this much before it begins; hls.js: three pieces. */
const playerKeepsMs = 3_000;
let worker: mediasoup.types.Worker;
let speaker: Speaker;
/** When the speaker's first mark was. */
let firstMarkMs = 0;
let broadcasts: Broadcasts;
let url = "";
let store: ObjectStore;
/** Rooms of which the node said that the store takes nothing. */
const refused: string[] = [];
/** A cache in front of the store. */
const cache = createServer((request, response) => {
  const found = store.objects.get((request.url ?? "").slice(1));
  response.writeHead(found ? 200 : 404, { "cache-control": "immutable" }).end(found);
});
const portOf = (one: typeof cache) => (one.address() as AddressInfo).port;
const server = createServer((request, response) => {
  broadcasts.answer(request, response).then(
    (isOurs) => isOurs || response.writeHead(404).end(),
    (error: { code: string }) => response.writeHead(error.code === "forbidden" ? 403 : 404).end(),
  );
});

beforeAll(async () => {
  worker = await mediasoup.createWorker({ workerBin: await ensureWorker({ log: () => {} }) });
  const router = await worker.createRouter({ mediaCodecs: routerCodecs });
  speaker = await createSpeaker(router);
  firstMarkMs = Date.now();
  store = await startObjectStore();
  await new Promise<void>((resolve) => cache.listen(0, "127.0.0.1", resolve));
  broadcasts = new Broadcasts({
    config: {
      spoolDir: mkdtempSync(join(tmpdir(), "yilian-hls-")),
      secret,
      allowedOrigins: [],
      streamBucket: { ...store.options, url: `http://127.0.0.1:${portOf(cache)}` },
    },
    onStoreRefused: (room) => refused.push(room),
    roomOf: (id) =>
      id === roomId
        ? { id, tracks: () => speaker.tracks, showRecording: () => {}, isStreamed: false }
        : undefined,
    speakerOf: () => speaker.peer.id,
    log: createLog("silent"),
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${portOf(server)}/broadcast/${roomId}`;
});
afterAll(async () => {
  await broadcasts.close();
  await store.close();
  cache.close();
  speaker.close();
  worker.close();
  server.close();
});

const token = (room: string, key = secret) =>
  new SignJWT({ room, sub: "listener" })
    .setProtectedHeader({ alg: "HS256" })
    .setIssuer("yilian")
    .setAudience("sfu-broadcast")
    .setExpirationTime("120s")
    .sign(new TextEncoder().encode(key));
const playlist = async (bearer: string) =>
  await fetch(`${url}/index.m3u8`, { headers: { authorization: `Bearer ${bearer}` } });

type Piece = {
  name: string;
  /** Where it was fetched: at the node, or at the cache in front of the store. */
  from: "node" | "cache";
  beginMs: number;
  durationMs: number;
  seenMs: number;
  bytes: Buffer;
};

/** Pieces in the order of time, each fetched once, with when it could be had first. */
class Listener {
  readonly pieces: Piece[] = [];
  private readonly bearer: string;
  text = "";

  constructor(bearer: string) {
    this.bearer = bearer;
  }

  async listen(): Promise<Piece[]> {
    const answer = await playlist(this.bearer);
    if (!answer.ok) return this.pieces;
    const seenMs = Date.now();
    this.text = await answer.text();
    const entry = /#EXTINF:([\d.]+),\s+#EXT-X-PROGRAM-DATE-TIME:(\S+)\s+(\S+\.ts)/g;
    for (const [, seconds, date, address] of this.text.matchAll(entry)) {
      const name = address!.split("/").at(-1)!;
      if (this.pieces.some((piece) => piece.name === name)) continue;
      const piece = await fetch(new URL(address!, `${url}/index.m3u8`));
      expect(piece.status).toBe(200);
      // Open to every cache that knows its name.
      expect(piece.headers.get("cache-control")).toContain("immutable");
      this.pieces.push({
        from: address === name ? "node" : "cache",
        ...{ name, seenMs, beginMs: Date.parse(date!) },
        durationMs: Number(seconds) * 1_000,
        bytes: Buffer.from(await piece.arrayBuffer()),
      });
    }
    return this.pieces;
  }
}

test("a programme of pieces of a second for whoever has a token, through an encoder that is killed", async () => {
  expect((await fetch(`${url}/index.m3u8`)).status).toBe(403);
  expect((await playlist(await token("another-room"))).status).toBe(403);
  const forged = await token(roomId, "another secret, which is long enough");
  expect((await playlist(forged)).status).toBe(403);
  const listener = new Listener(await token(roomId));
  const hears = (what: () => boolean | Promise<boolean>) =>
    expect
      .poll(async () => (await listener.listen()).length > 0 && (await what()), {
        timeout: 40_000,
        interval: 100,
      })
      .toBe(true);
  // From the store by and by, whose names are told by the playlist alone.
  const fetched = (from: Piece["from"]) => listener.pieces.filter((one) => one.from === from);
  await hears(() => listener.pieces.length >= 9 && fetched("cache").length > 0);
  for (const key of store.objects.keys()) expect(key).toMatch(/^stream\/[0-9a-f]{24}-\d+\.ts$/);
  for (const { durationMs } of listener.pieces) expect(durationMs).toBeLessThan(2_100);
  expect((await fetch(`${url}/${"0".repeat(24)}-0.ts`)).status).toBe(404);

  const all = Buffer.concat(listener.pieces.map(({ bytes }) => bytes));
  const seen = await flashesIn(all);
  // From the first picture on, as the tones are.
  const flashes = seen.flashes.map((flash) => flash - seen.frames[0]!);
  const tones = await tonesIn(all);
  expect(flashes.length).toBeGreaterThan(1);
  expect(tones.length).toBeGreaterThan(1);

  // A store that takes nothing more: the node gives the pieces out itself, and says so once.
  store.refuses = 503;
  const before = fetched("node").length;
  const died = listener.pieces.at(-1)!.name.slice(0, 24);
  process.kill(broadcasts.of(roomId)!.pid!, "SIGKILL");
  const after = () => listener.pieces.filter(({ name }) => !name.startsWith(died));
  // It goes on with what is shown; a machine that is busy leaves pictures out, a flash among them.
  let looked = 0;
  await hears(async () => {
    const own = after();
    if (own.length < 3 || own.length === looked) return false;
    looked = own.length;
    return (await flashesIn(Buffer.concat(own.map(({ bytes }) => bytes)))).flashes.length > 0;
  });
  await hears(() => fetched("node").length > before);
  await expect.poll(() => refused, { timeout: 40_000 }).toEqual([roomId]);
  expect(listener.text).toMatch(/#EXT-X-DISCONTINUITY\r?\n/);
  expect(listener.text).not.toContain("#EXT-X-ENDLIST");

  const { newest, player, labelled } = lateness(listener.pieces, flashes);
  // Slides and chat are laid beside it by its date-time: a mark is where it was, whatever the way took.
  expect(Math.abs(labelled)).toBeLessThan(500);
  const skew = skews(flashes, tones).map(Math.round).join(", ");
  process.stdout.write(
    `broadcast: newest piece ${newest} ms behind live, a player ${player} ms; date-time ${labelled} ms late; tone after flash ${skew} ms; first flash at ${Math.round(flashes[0]!)} ms\n`,
  );
  // When it is over nothing of it stays there.
  store.refuses = null;
  await broadcasts.stop(roomId);
  expect([...store.objects.keys()]).toEqual([]);
}, 120_000);

/**
 * How far the programme is behind live in milliseconds, by the flashes in it: the end of the newest piece, and what
 * a player shows. Marks come every two seconds, so a picture that is later than that looks earlier.
 */
function lateness(pieces: readonly Piece[], flashes: readonly number[]) {
  const median = (values: number[]) =>
    Math.round(values.toSorted((a, b) => a - b)[values.length >> 1]!);
  const encodedMs = median(
    flashes.map((flash) => {
      const off = (pieces[0]!.beginMs + flash - firstMarkMs) % MARK_EVERY_MS;
      return off > MARK_EVERY_MS / 2 ? off - MARK_EVERY_MS : off;
    }),
  );
  // Not the first ones: a whole list of them is there at once.
  const waitedMs = median(
    pieces.slice(3, 9).map((piece) => piece.seenMs - piece.beginMs - piece.durationMs),
  );
  const newest = encodedMs + waitedMs;
  return { newest, player: newest + playerKeepsMs, labelled: encodedMs };
}
