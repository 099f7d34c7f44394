/** A broadcast's recording on the server: what nodes bring, the mix, who may watch it, and its end. Real ffmpeg. */
import { execFile } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import postgres from "postgres";
import { afterAll, beforeAll, expect, it } from "vitest";
import { demoActor } from "../../server/demo/load.ts";
import { createMediaService } from "../../server/media/service.ts";
import { hearOfRecordings } from "../../server/teaching/recording-service.ts";
import { recordingTransitions } from "../../server/teaching/recording-states.ts";
import {
  createRecordingStore,
  type RecordingStore,
} from "../../server/teaching/recording-store.ts";
import { recordingTasks } from "../../server/teaching/recording-tasks.ts";
import { MatroskaCutter } from "../../sfu/recording/matroska.ts";
import { recordOrder } from "../../sfu/recording/orders.ts";
import { manifestOf } from "../../sfu/recording/recorder.ts";
import { sealSegment, sha256 } from "../../sfu/recording/seal.ts";
import type { Manifest, SegmentMeta } from "../../sfu/recording/types.ts";
import { signCallback, verifyAdmin } from "../../sfu/tokens.ts";
import { decode, flashesIn, skews, tonesIn } from "../sfu/support/marks.ts";
import { type Answer, buildTestApp, type Client, type TestApp } from "../support/app.ts";
import { type ObjectStore, startObjectStore } from "../support/object-store.ts";
import { silent, system } from "./kit.ts";

const seconds = 5;
let test: TestApp;
let admin: postgres.Sql;
let store: RecordingStore;
let node: Server;
/** Keys that the server gave its node, by recording. */
const keys = new Map<string, Buffer>();
const orders: string[] = [];
/** Where orders came to. */
const places: string[] = [];
type Captured = "audio" | "video" | "interpretation";
let capture: Record<Captured, Buffer>;
const who: Record<string, Client> = {};
const logins = ["zhouminhua", "danzeng", "qiaoxuemei", "zhenglan"];
const signIn = async () => {
  for (const login of logins) who[login] = await test.as(login);
};

let nodeUrl = "";

/** The application, with its recordings in a folder or in an object store, and the node that it knows. */
async function openHouse(s3?: ObjectStore["options"]): Promise<void> {
  test = await buildTestApp(s3 ? { s3 } : {});
  store = createRecordingStore(test.dataDir, s3);
  admin = postgres(test.database.admin, { max: 1, onnotice: () => {} });
  await signIn();
  await admin`insert into media_node (id, public_url, workers, rooms, peers, load, version, last_seen_at)
    values ('n1', ${nodeUrl}, 1, 0, 0, 0, '1', '2100-01-01')`;
}
async function closeHouse(): Promise<void> {
  await admin.end();
  await test.close();
}

beforeAll(async () => {
  // Takes orders as a node does, and reads them with its eyes.
  node = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.on("end", () => {
      const token = request.headers.authorization?.slice("Bearer ".length) ?? "";
      verifyAdmin(test.sfuSecret, token).then(
        () => {
          const order = recordOrder.parse(JSON.parse(body));
          orders.push(`${order.action} ${order.recordingId}`);
          places.push(request.url ?? "");
          if (order.action === "start")
            keys.set(order.recordingId, Buffer.from(order.key, "base64"));
          response.end("{}");
        },
        () => response.writeHead(403).end(),
      );
    });
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => node.once("listening", resolve));
  nodeUrl = `http://127.0.0.1:${(node.address() as AddressInfo).port}`;
  await openHouse();
  who.patient = await test.as("13800138001");
  const mark = "between(mod(t\\,2)\\,0.5\\,0.62)";
  // An interpreter has another voice, and speaks after each mark of the floor.
  const [audio, video, interpretation] = await Promise.all([
    encode(`aevalsrc='0.6*sin(2*PI*1000*t)*${mark}':s=48000:c=mono`, ["-c:a", "libopus"]),
    encode(
      `color=c=0x202020:size=320x180:rate=15,noise=alls=20:allf=t,drawbox=enable='${mark}':c=white:t=fill`,
      ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-g", "15", "-b:v", "200k"],
    ),
    encode("aevalsrc='0.5*sin(2*PI*3000*t)*between(mod(t\\,2)\\,1.2\\,1.6)':s=48000:c=mono", [
      "-c:a",
      "libopus",
    ]),
  ]);
  capture = { audio, video, interpretation };
});
afterAll(async () => {
  node.close();
  await closeHouse();
});

/** Seconds of a stream as a node's ffmpeg writes them. */
async function encode(source: string, codec: string[]): Promise<Buffer> {
  const { stdout } = await promisify(execFile)(
    "ffmpeg",
    [
      ...["-hide_banner", "-loglevel", "error", "-nostdin", "-f", "lavfi", "-i", source],
      ...["-t", String(seconds), ...codec, "-f", "matroska", "-cluster_time_limit", "1000"],
      "pipe:1",
    ],
    { encoding: "buffer", maxBuffer: 16 * 1024 * 1024 },
  );
  return stdout;
}

const person = (login: string) => demoActor(test.ids, login).personId;
const ok = (answer: Answer) => {
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body;
};
const run = async (name: string, payload: object = {}) => {
  const { db, vault } = test.services;
  const tasks = recordingTasks({
    media: createMediaService({ secret: test.sfuSecret, clock: () => test.clock.now }),
    vault,
    store,
  });
  await tasks[name]!(payload, {
    db,
    clock: () => test.clock.now,
    log: silent,
    asJob: (work) => db.withActor({ kind: "job", task: name, language: "zh-CN" }, work),
  });
};
const rowOf = async (id: string) =>
  (await admin`select * from teaching_recording where id = ${id}`)[0]!;
const traces = (action: string, id: string) =>
  admin`select actor_id, detail from audit_event where action = ${action} and entity_id = ${id}`;

type Lecture = { sessionId: string; recordingId: string };

/** Goes live, and the node is told to record it. */
async function lecture(): Promise<Lecture> {
  const house = (slug: string) => test.ids.institutions.get(slug)!;
  const [session] = await admin<{ id: string }[]>`
    insert into teaching_session (number, state, institution_id, owner_id, title, languages, starts_at, length_minutes, planned_at, updated_at, record, minimum_quiz_percent, points)
    values (${`JX${randomUUID()}`}, 'planned', ${house("xuhui-central")}, ${person("zhouminhua")}, '录制', '{zh-CN}', ${test.clock.now}, 45, ${test.clock.now}, ${test.clock.now}, true, 0, 1)
    returning id`;
  const sessionId = session!.id;
  await admin`insert into teaching_speaker (session_id, person_id, institution_id, role) values (${sessionId}, ${person("zhouminhua")}, ${house("xuhui-central")}, 'presenter')`;
  await admin`insert into teaching_audience (session_id, kind, institution_id) values (${sessionId}, 'institution', ${house("sakya-chc")})`;
  const device = { deviceId: randomUUID(), device: "person", way: "full" };
  ok(await who.zhouminhua!.post(`/api/teaching/sessions/${sessionId}/enter`, device));
  ok(await step(sessionId, "go-live"));
  const [row] = await admin`select id from teaching_recording where session_id = ${sessionId}`;
  const recordingId = row!.id as string;
  await run("teaching:record-order", { recordingId, action: "start" });
  return { sessionId, recordingId };
}
const step = (sessionId: string, name: string) =>
  who.zhouminhua!.post(`/api/teaching/sessions/${sessionId}/live`, { step: name });

type Piece = { meta: SegmentMeta; sealed: Buffer };

/** What a node makes of the capture: two pieces of each stream, sealed with the key that it was given. */
function piecesOf({ sessionId, recordingId }: Lecture, captured: readonly Captured[]) {
  const beganMs = test.clock.now.getTime();
  const peer = { id: randomUUID(), sub: `${person("zhouminhua")}:device`, role: "specialist" };
  return captured.flatMap((source) => {
    const kind = source === "video" ? "video" : "audio";
    const cutter = new MatroskaCutter(1_000);
    const clusters = cutter.push(capture[source]);
    expect(clusters.length).toBeGreaterThan(3);
    const trackId = randomUUID();
    const frameMs = kind === "audio" ? 20 : 67;
    return [clusters.slice(0, 3), clusters.slice(3)].map((own, number): Piece => {
      const [first] = own;
      const head = cutter.head!;
      const meta: SegmentMeta = {
        ...{ v: 1, recordingId, roomId: sessionId, trackId, peer, source, kind, number },
        ...(source === "interpretation" ? { channel: "bo" } : {}),
        codec: kind === "audio" ? "audio/opus" : "video/VP8",
        ...{ part: 0, startMs: beganMs + first!.firstMs, partMs: first!.firstMs },
        durationMs: own.at(-1)!.lastMs - first!.firstMs + frameMs,
        frames: own.reduce((sum, { frames }) => sum + frames, 0),
        headBytes: head.length,
        keyMs: own.find(({ keyMs }) => keyMs !== null)?.keyMs ?? null,
        gaps: [],
      };
      const plain = Buffer.concat([head, ...own.map(({ bytes }) => bytes)]);
      return { meta, sealed: sealSegment(meta, plain, keys.get(recordingId)!) };
    });
  });
}

function manifest(of: Lecture, pieces: readonly Piece[], gaps: Manifest["gaps"] = []): Buffer {
  const now = test.clock.now.getTime();
  const body = manifestOf({
    ...{ v: 1, recordingId: of.recordingId, roomId: of.sessionId, runId: randomUUID(), gaps },
    ...{ startedAtMs: now, stoppedAtMs: now + seconds * 1_000, reason: "ordered" },
    segments: pieces.map(({ meta: { trackId, part, number }, sealed }) => ({
      ...{ trackId, part, number, sha256: sha256(sealed) },
    })),
  });
  return Buffer.from(JSON.stringify(body));
}

async function bring(
  recordingId: string,
  kind: "segments" | "manifest",
  body: Buffer,
  token?: string,
): Promise<number> {
  const answer = await test.app.inject({
    method: "PUT",
    url: `/internal/sfu/recordings/${recordingId}/${kind}`,
    headers: {
      "content-type": "application/octet-stream",
      authorization: `Bearer ${token ?? (await signCallback(test.sfuSecret, body))}`,
    },
    payload: body,
  });
  return answer.statusCode;
}
async function bringAll(of: Lecture, captured: readonly Captured[]): Promise<Piece[]> {
  const pieces = piecesOf(of, captured);
  for (const { sealed } of pieces)
    expect(await bring(of.recordingId, "segments", sealed)).toBe(200);
  return pieces;
}

const mediaOf = (recordingId: string, variant = "full") =>
  `/api/teaching/recordings/${recordingId}/media/${variant}`;
const ask = (
  client: Client,
  method: "GET" | "HEAD" | "DELETE",
  url: string,
  headers: Record<string, string> = {},
  payload?: object,
) =>
  test.app.inject({
    ...{ method, url },
    headers: { cookie: client.cookie, "x-csrf-token": client.csrfToken, ...headers },
    ...(payload ? { payload } : {}),
  });
const remove = async (login: string, recordingId: string) => {
  const url = `/api/teaching/recordings/${recordingId}`;
  const answer = await ask(who[login]!, "DELETE", url, {}, { reason: "不再需要" });
  return { status: answer.statusCode, code: answer.json<{ code?: string }>().code };
};
const hold = (login: string, recordingId: string, reason: string | null) =>
  who[login]!.put(`/api/teaching/recordings/${recordingId}/hold`, { reason });

/** The node tells something of a room. */
const hears = (room: string, type: string, data: object) =>
  test.services.db.withActor(system, (tx) =>
    hearOfRecordings(tx, test.clock.now, [
      { id: randomUUID(), at: test.clock.now.toISOString(), room, peer: null, type, data },
    ]),
  );
/** It says that it cannot go on. */
const breaksOff = (room: string, recordingId: string) =>
  hears(room, "recording-failed", { recordingId, reason: "disk-full" });

/** A relative with a link to a consult. */
async function guest(): Promise<Client> {
  const consultId = (await test.anonymous.post("/api/demo/story/room")).body.consultId as string;
  const invited = await who.danzeng!.post(`/api/consults/${consultId}/guests`, {
    ...{ name: "姑姑", relation: "姑姑" },
    consent: {
      ...{ kind: "relative", given: true, method: "fingerprint", language: "bo" },
      ...{ textVersion: "2026-01", signerName: "央金", signerRelation: "mother" },
      ...{ witnessName: "德吉", reason: "不会写字", relativeName: "姑姑" },
    },
  });
  const secret = ok(invited).url.split("/").at(-1);
  const session = await test.anonymous.post("/api/session/guest", { secret });
  return { ...test.anonymous, cookie: String(session.headers["set-cookie"]).split(";")[0]! };
}

it("has the same order of states as the database", async () => {
  const rows =
    await admin`select from_state || '>' || to_state as row from teaching_recording_transition`;
  const inCode = Object.entries(recordingTransitions).flatMap(([from, to]) =>
    to.map((one) => `${from}>${one}`),
  );
  expect(rows.map(({ row }) => row as string).toSorted()).toEqual(inCode.toSorted());
});

it("takes pieces and their list only as a node signed and sealed them, and each once", async () => {
  const own = await lecture();
  const other = await lecture();
  const { recordingId } = own;
  const [first, second] = piecesOf(own, ["audio"]);
  const theirs = piecesOf(other, ["audio"])[0]!;
  const { sealed } = first!;

  expect(await bring(recordingId, "segments", sealed, "")).toBe(401);
  expect(
    await bring(recordingId, "segments", sealed, await signCallback("x".repeat(40), sealed)),
  ).toBe(401);
  // Signed, but for other bytes.
  const elsewhere = await signCallback(test.sfuSecret, theirs.sealed);
  expect(await bring(recordingId, "segments", sealed, elsewhere)).toBe(401);
  expect(await bring(recordingId, "segments", theirs.sealed)).toBe(400);
  expect(await bring(recordingId, "segments", randomBytes(500))).toBe(400);
  expect(await bring(randomUUID(), "segments", sealed)).toBe(400);
  const resealed = (meta: Partial<SegmentMeta>) =>
    sealSegment({ ...first!.meta, ...meta }, Buffer.from("other"), keys.get(recordingId)!);
  // Of another room; of a recording that nobody ordered.
  expect(await bring(recordingId, "segments", resealed({ roomId: other.sessionId }))).toBe(404);
  const unknown = randomUUID();
  expect(await bring(unknown, "segments", resealed({ recordingId: unknown }))).toBe(404);
  const count = () =>
    admin`select s.number from teaching_recording_segment s join teaching_recording_track t on t.id = s.track_id where t.recording_id = ${recordingId}`;
  expect(await count()).toHaveLength(0);

  // Said again it is as it was; another one of the same name is refused, and so is a track of others.
  for (const piece of [first!, first!, second!, first!])
    expect(await bring(recordingId, "segments", piece.sealed)).toBe(200);
  expect(await count()).toHaveLength(2);
  expect(await bring(recordingId, "segments", resealed({}))).toBe(400);
  expect(await bring(other.recordingId, "segments", theirs.sealed)).toBe(200);
  const strange = resealed({ trackId: theirs.meta.trackId, number: 7 });
  expect(await bring(recordingId, "segments", strange)).toBe(400);
  const folder = join(test.dataDir, "recordings", recordingId, "segments");
  const kept = readFileSync(join(folder, `${first!.meta.trackId}-0-0.seg`));
  expect(kept.equals(sealed)).toBe(true);
  expect(kept.includes("matroska")).toBe(false);

  const { trackId } = first!.meta;
  const gaps = [{ trackId, fromMs: 1, toMs: 2, why: "ffmpeg-ended" }];
  const list = manifest(own, [first!, second!], gaps);
  expect(await bring(recordingId, "manifest", list, "")).toBe(401);
  expect(await bring(other.recordingId, "manifest", list)).toBe(400);
  expect(await bring(recordingId, "manifest", manifest(own, [first!, theirs]))).toBe(400);
  expect(await bring(recordingId, "manifest", Buffer.from("{"))).toBe(400);
  const changed = Buffer.from(
    list.toString().replace(/"sha256":"[0-9a-f]{64}"\}$/, `"sha256":"${"0".repeat(64)}"}`),
  );
  expect(await bring(recordingId, "manifest", changed)).toBe(400);
  for (let time = 0; time < 2; time++) expect(await bring(recordingId, "manifest", list)).toBe(200);
  const [track] = await admin`select gaps from teaching_recording_track where id = ${trackId}`;
  expect(track?.gaps).toEqual([{ fromMs: 1, toMs: 2, why: "ffmpeg-ended" }]);

  // The node's word that it broke off is an alarm; other rooms' words are none.
  await breaksOff(other.sessionId, recordingId);
  expect(await rowOf(recordingId)).toMatchObject({ failed_reason: null, stop_ordered_at: null });
  await breaksOff(own.sessionId, recordingId);
  expect(await rowOf(recordingId)).toMatchObject({ failed_reason: "disk-full" });
  expect(await traces("teaching.recording-broke-off", recordingId)).toHaveLength(1);

  // So is a store that takes no pieces of the stream; of a room that is no broadcast it is nothing.
  for (const room of [own.sessionId, randomUUID()])
    await hears(room, "stream-store-refused", { reason: "PUT was answered with 503" });
  expect(await traces("teaching.stream-store-refused", own.sessionId)).toHaveLength(1);

  // While the broadcast goes on it is begun again by itself; as long as it fails nobody is told twice.
  const again = async () =>
    (
      await admin`select run_at from graphile_worker.jobs where key = ${`teaching:record-order:${recordingId}`}`
    )[0]?.run_at as Date;
  expect(Number(await again()) - test.clock.now.getTime()).toBe(30_000);
  await run("teaching:record-order", { recordingId, action: "start" });
  await breaksOff(own.sessionId, recordingId);
  expect(await traces("teaching.recording-broke-off", recordingId)).toHaveLength(1);
  await run("teaching:record-order", { recordingId, action: "start" });
  expect(orders.filter((order) => order.endsWith(recordingId))).toEqual(
    Array(3).fill(`start ${recordingId}`),
  );
  for (let time = 0; time < 2; time++)
    await hears(own.sessionId, "recording-started", { recordingId });
  expect(await rowOf(recordingId)).toMatchObject({ failed_reason: null, state: "recording" });
  expect(await traces("teaching.recording-resumed", recordingId)).toMatchObject([
    { detail: { after: "disk-full" } },
  ]);
  // On another node, when the room has moved there: who comes in is reason enough.
  await admin`insert into media_node (id, public_url, workers, rooms, peers, load, version, last_seen_at)
    values ('n2', ${`${nodeUrl}/n2`}, 1, 0, 0, 0, '1', '2100-01-01')`;
  await admin`update media_room set node_id = 'n2' where room_id = ${own.sessionId}`;
  await hears(own.sessionId, "peer-joined", {});
  expect(Number(await again()) - Date.now()).toBeLessThan(1_000);
  await run("teaching:record-order", { recordingId, action: "start" });
  expect(places.at(-1)).toBe(`/n2/rooms/${own.sessionId}/record`);
  await admin`update media_room set node_id = 'n1' where room_id = ${own.sessionId}`;
  await admin`delete from media_node where id = 'n2'`;
});

it("is mixed, and played byte for byte to whoever may watch the broadcast", async () => {
  const own = await lecture();
  const { recordingId, sessionId } = own;
  const pieces = await bringAll(own, ["audio", "video", "interpretation"]);
  const listed = async (login: string) =>
    ok(await who[login]!.get(`/api/teaching/sessions/${sessionId}/recordings`)).recordings;
  const url = mediaOf(recordingId);
  // It breaks off while the broadcast goes on: nothing is mixed before that is over.
  await breaksOff(sessionId, recordingId);
  await run("teaching:recording-finish", { recordingId });
  expect(await listed("danzeng")).toMatchObject([{ state: "recording", files: [] }]);
  expect(ok(await step(sessionId, "end")).state).toBe("ended");
  await run("teaching:recording-finish", { recordingId });
  for (const login of ["danzeng", "zhouminhua"])
    expect((await ask(who[login]!, "GET", url)).statusCode).toBe(404);
  // Two replicas of the server at once: each piece of work is done by one, and done again it changes nothing.
  await run("teaching:recording-mix", { recordingId });
  await run("teaching:recording-mix", { recordingId });

  expect((await ask(who.qiaoxuemei!, "GET", url)).statusCode).toBe(404);
  expect((await who.qiaoxuemei!.get(`/api/teaching/sessions/${sessionId}/recordings`)).status).toBe(
    404,
  );
  expect((await ask(who.patient!, "GET", url)).statusCode).toBe(403);
  expect((await ask(await guest(), "GET", url)).statusCode).toBe(403);
  expect((await ask(test.anonymous, "GET", url)).statusCode).toBe(401);
  for (const table of [
    "teaching_recording",
    "teaching_recording_file",
    "teaching_recording_track",
    "teaching_recording_segment",
  ])
    expect(
      await test.services.db.withActor(
        demoActor(test.ids, "qiaoxuemei"),
        async (tx) => (await tx.execute(`select 1 from ${table}`)).length,
      ),
      table,
    ).toBe(0);
  expect(await traces("teaching.replay-open", recordingId)).toHaveLength(0);

  const [shown] = await listed("danzeng");
  expect(shown).toMatchObject({ state: "ready", withheld: false, held: false });
  expect(shown.files.map((file: { type: string }) => file.type).toSorted()).toEqual([
    "audio/mp4",
    "audio/mp4",
    "video/mp4",
    "video/mp4",
  ]);
  const whole = await ask(who.danzeng!, "GET", url);
  expect(whole.statusCode).toBe(200);
  const bytes = whole.rawPayload;
  expect(bytes.length).toBeGreaterThan(70_000);
  expect(Number(whole.headers["content-length"])).toBe(bytes.length);
  const etag = String(whole.headers.etag);
  const part = async (range: string, headers: Record<string, string> = {}) => {
    const answer = await ask(who.danzeng!, "GET", url, { range: `bytes=${range}`, ...headers });
    return { status: answer.statusCode, headers: answer.headers, bytes: answer.rawPayload };
  };
  const size = bytes.length;
  for (const [range, from, until] of [
    ["0-0", 0, 1],
    ["65530-65545", 65_530, 65_546],
    [`${size - 1}-`, size - 1, size],
    ["-100", size - 100, size],
    [`10-${size + 99}`, 10, size],
  ] as const) {
    const answer = await part(range);
    expect(answer.status, range).toBe(206);
    expect(answer.headers["content-range"]).toBe(`bytes ${from}-${until - 1}/${size}`);
    expect(answer.bytes.equals(bytes.subarray(from, until)), range).toBe(true);
  }
  // A download that broke off goes on where it was, unless the file is another one.
  const resumed = await part("40000-", { "if-range": etag });
  expect(Buffer.concat([bytes.subarray(0, 40_000), resumed.bytes]).equals(bytes)).toBe(true);
  expect((await part("40000-", { "if-range": '"other"' })).status).toBe(200);
  const beyond = await part(`${size}-`);
  expect([beyond.status, beyond.headers["content-range"]]).toEqual([416, `bytes */${size}`]);
  const headOnly = await ask(who.danzeng!, "HEAD", url);
  expect([headOnly.statusCode, headOnly.headers["content-length"]]).toEqual([200, String(size)]);
  const sound = await ask(who.danzeng!, "GET", mediaOf(recordingId, "sound"));
  expect(sound.rawPayload.length).toBeLessThan(bytes.length);
  // One trace for a viewing, not for each part; after a pause it is another one.
  const opened = async () =>
    (await traces("teaching.replay-open", recordingId)).map(({ detail }) => detail.variant);
  expect((await opened()).toSorted()).toEqual(["full", "sound"]);
  test.clock.now = new Date(test.clock.now.getTime() + 31 * 60_000);
  expect((await part("0-9")).status).toBe(206);
  expect((await opened()).toSorted()).toEqual(["full", "full", "sound"]);

  expect(await probe(bytes)).toMatchObject([
    { codec_name: "h264", width: 640, height: 360, seconds },
    { codec_name: "aac", seconds },
  ]);
  expect(await probe(sound.rawPayload)).toMatchObject([{ codec_name: "aac", seconds }]);
  const fit = skews((await flashesIn(bytes)).flashes, await tonesIn(bytes));
  expect(fit).toHaveLength(3);
  for (const skew of fit) expect(Math.abs(skew)).toBeLessThanOrEqual(80);
  expect((await tonesIn(sound.rawPayload)).length).toBe(3);

  // The interpreter's version: as long and with the same picture, so that chapters fit; the floor lies under the voice.
  type Version = { variant: string; channel: string | null; durationMs: number; url: string };
  const versions: Version[] = (await listed("danzeng"))[0].files;
  const interpreted = versions.filter(({ channel }) => channel === "bo");
  expect(interpreted.map(({ variant }) => variant).toSorted()).toEqual(["full", "sound"]);
  expect(new Set(versions.map(({ durationMs }) => durationMs)).size).toBe(1);
  for (const one of interpreted) {
    const played = (await ask(who.danzeng!, "GET", one.url)).rawPayload;
    const streams = await probe(played);
    expect(streams.at(-1)).toMatchObject({ codec_name: "aac", seconds });
    expect(streams).toHaveLength(one.variant === "full" ? 2 : 1);
    const [voice, floor] = await Promise.all([levelsIn(played, 3_000), levelsIn(played, 1_000)]);
    expect(voice(1_300)).toBeGreaterThan(3_000);
    expect(voice(3_300)).toBeGreaterThan(3_000);
    expect(voice(900)).toBeLessThan(500);
    expect(floor(2_530)).toBeLessThan(floor(530) / 2);
    expect(floor(2_530)).toBeGreaterThan(floor(530) / 12);
  }
  const floorVoice = await levelsIn(bytes, 3_000);
  expect(floorVoice(1_300)).toBeLessThan(500);
  const none = await ask(who.danzeng!, "GET", `${url}?channel=en`);
  expect(none.statusCode).toBe(404);

  // Altered on the disk: not one byte is given out, an alarm is raised once, and a backup heals it.
  const folder = join(test.dataDir, "recordings", recordingId);
  const [floorFile] =
    await admin`select id from teaching_recording_file where recording_id = ${recordingId} and variant = 'full' and channel is null`;
  const name = `${floorFile!.id}.media`;
  const backup = readFileSync(join(folder, name));
  expect(backup.includes("ftyp")).toBe(false);
  const altered = Buffer.from(backup);
  altered[altered.length - 1_000]! ^= 1;
  writeFileSync(join(folder, name), altered);
  for (let time = 0; time < 2; time++) {
    const refused = await ask(who.danzeng!, "GET", url);
    expect(refused.json()).toMatchObject({ code: "teaching.recording-damaged" });
  }
  expect(await traces("teaching.recording-damaged", recordingId)).toMatchObject([
    { detail: { reason: "file-altered" } },
  ]);
  const told =
    await admin`select detail from outbox_event where entity_id = ${sessionId} and detail ? 'recordingFailed'`;
  const reasons = told.map(({ detail }) => detail.recordingFailed as string);
  expect(reasons.toSorted()).toEqual(["disk-full", "file-altered"]);
  writeFileSync(join(folder, name), backup);
  expect((await part("0-9")).bytes.equals(bytes.subarray(0, 10))).toBe(true);

  // Kept for its years, by the database itself; when a consent is taken back it is shown to nobody and may go, unless it is held.
  expect(await remove("danzeng", recordingId)).toEqual({ status: 403, code: "permission.denied" });
  expect((await remove("qiaoxuemei", recordingId)).status).toBe(404);
  expect((await remove("patient", recordingId)).status).toBe(403);
  expect((await hold("danzeng", recordingId, "争议")).status).toBe(403);
  expect((await remove("zhenglan", recordingId)).code).toBe("teaching.recording-kept");
  const kept = { constraint_name: "teaching_recording_kept" };
  await expect(
    admin`update teaching_recording set state = 'deleted', deleted_at = now(), deleted_reason = 'x' where id = ${recordingId}`,
  ).rejects.toMatchObject(kept);
  await expect(
    admin`update teaching_recording set keep_until = now() where id = ${recordingId}`,
  ).rejects.toMatchObject(kept);
  await expect(
    admin`delete from teaching_recording_file where recording_id = ${recordingId}`,
  ).rejects.toMatchObject(kept);
  ok(await hold("zhenglan", recordingId, "争议"));
  await admin.begin(async (tx) => {
    await tx`select set_config('yilian.kind', 'system', true)`;
    await tx`select app.teaching_withhold(${sessionId}, ${test.clock.now})`;
  });
  for (const login of ["danzeng", "zhouminhua"])
    expect((await ask(who[login]!, "GET", url, { range: "bytes=0-9" })).json()).toMatchObject({
      code: "teaching.replay-withheld",
    });
  expect(await listed("danzeng")).toMatchObject([{ withheld: true, files: [] }]);
  expect((await remove("zhenglan", recordingId)).code).toBe("teaching.recording-held");
  const forced = test.services.db.withActor(demoActor(test.ids, "zhenglan"), (tx) =>
    tx.execute(
      `update teaching_recording set state = 'deleted', deleted_at = now(), deleted_reason = 'x', legal_hold_at = null, legal_hold_reason = null where id = '${recordingId}'`,
    ),
  );
  await expect(forced).rejects.toMatchObject({
    cause: { constraint_name: "teaching_recording_hold" },
  });
  ok(await hold("zhenglan", recordingId, null));
  for (let time = 0; time < 2; time++)
    expect((await remove("zhenglan", recordingId)).status).toBe(200);
  expect(await traces("teaching.recording-delete", recordingId)).toMatchObject([
    { actor_id: person("zhenglan"), detail: { reason: "不再需要" } },
  ]);
  await run("teaching:recording-erase", { recordingId });
  expect(existsSync(folder)).toBe(false);
  expect((await ask(who.danzeng!, "GET", url)).statusCode).toBe(403);
  expect(await bring(recordingId, "segments", pieces[0]!.sealed)).toBe(200);
  expect(existsSync(folder)).toBe(false);
}, 240_000);

it("is not made of altered pieces; what could not be made goes after its years, unless it is held", async () => {
  const own = await lecture();
  const { recordingId, sessionId } = own;
  const pieces = await bringAll(own, ["audio"]);
  expect(ok(await step(sessionId, "end")).state).toBe("ended");
  await run("teaching:record-order", { recordingId, action: "stop" });
  expect(orders.filter((order) => order.endsWith(recordingId))).toEqual([
    `start ${recordingId}`,
    `stop ${recordingId}`,
  ]);
  // The node has told its end: nothing more is waited for.
  const due = async () =>
    (
      await admin`select run_at from graphile_worker.jobs where key = ${`teaching:recording-finish:${recordingId}`}`
    )[0]?.run_at as Date;
  expect(Number(await due()) - test.clock.now.getTime()).toBe(60_000);
  expect(await bring(recordingId, "manifest", manifest(own, pieces))).toBe(200);
  expect(Number(await due()) - test.clock.now.getTime()).toBe(0);
  await run("teaching:recording-finish", { recordingId });
  const folder = join(test.dataDir, "recordings", recordingId);
  const file = join(folder, "segments", `${pieces[1]!.meta.trackId}-0-1.seg`);
  const altered = readFileSync(file);
  altered[altered.length - 1]! ^= 1;
  writeFileSync(file, altered);
  expect((await remove("zhenglan", recordingId)).code).toBe("teaching.recording-kept");
  await run("teaching:recording-mix", { recordingId });
  expect(await rowOf(recordingId)).toMatchObject({ state: "failed", failed_reason: "tampered" });
  expect(await traces("teaching.recording-not-made", recordingId)).toMatchObject([
    { detail: { reason: "tampered" } },
  ]);
  // Slides and chat are there all the same.
  const [session] = await admin`select state from teaching_session where id = ${sessionId}`;
  expect(session?.state).toBe("published");
  expect((await ask(who.danzeng!, "GET", mediaOf(recordingId))).statusCode).toBe(404);
  expect(existsSync(join(folder, "work"))).toBe(false);

  ok(await hold("zhenglan", recordingId, "争议"));
  await run("teaching:recordings-clean");
  test.clock.now = new Date(test.clock.now.getTime() + (3 * 365 + 2) * 24 * 3_600_000);
  await signIn();
  await run("teaching:recordings-clean");
  expect((await rowOf(recordingId)).state).toBe("failed");
  ok(await hold("zhenglan", recordingId, null));
  await run("teaching:recordings-clean");
  expect(await rowOf(recordingId)).toMatchObject({ state: "deleted", deleted_reason: "retention" });
  await run("teaching:recording-erase", { recordingId });
  expect(existsSync(folder)).toBe(false);
}, 60_000);

it("lies in an object store; while that refuses, nothing is lost and the house is told once", async () => {
  const bucket = await startObjectStore();
  await closeHouse();
  await openHouse(bucket.options);
  const own = await lecture();
  const { recordingId, sessionId } = own;
  const pieces = piecesOf(own, ["audio", "video"]);
  const [first, ...rest] = pieces;
  // The node keeps what is not taken, and brings it again: every refusal is one that it repeats after.
  for (const status of [503, 500, 403]) {
    bucket.refuses = status;
    expect(await bring(recordingId, "segments", first!.sealed)).toBe(503);
  }
  const alarms = () => traces("teaching.recording-store-refused", recordingId);
  expect(await alarms()).toHaveLength(1);
  bucket.refuses = null;
  for (const { sealed } of [first!, ...rest])
    expect(await bring(recordingId, "segments", sealed)).toBe(200);
  const keys = () => [...bucket.objects.keys()];
  expect(keys()).toHaveLength(pieces.length);
  for (const key of keys()) expect(key).toMatch(`recordings/${recordingId}/segments/`);
  for (const bytes of bucket.objects.values()) expect(bytes.includes("matroska")).toBe(false);

  expect(ok(await step(sessionId, "end")).state).toBe("ended");
  expect(await bring(recordingId, "manifest", manifest(own, pieces))).toBe(200);
  await run("teaching:recording-finish", { recordingId });
  bucket.refuses = 503;
  test.clock.now = new Date(test.clock.now.getTime() + 11 * 60_000);
  await expect(run("teaching:recording-mix", { recordingId })).rejects.toThrow("503");
  // It is not given up: the job throws, and is tried again.
  expect(await rowOf(recordingId)).toMatchObject({ state: "processing", failed_reason: null });
  expect(await alarms()).toHaveLength(2);
  bucket.refuses = null;
  await run("teaching:recording-mix", { recordingId });
  expect((await rowOf(recordingId)).state).toBe("ready");
  expect(keys().filter((key) => key.endsWith(".media"))).toHaveLength(2);
  expect(readdirSync(join(test.dataDir, "recordings", recordingId))).toEqual([]);

  const url = mediaOf(recordingId);
  const whole = (await ask(who.danzeng!, "GET", url)).rawPayload;
  expect(await probe(whole)).toMatchObject([{ codec_name: "h264" }, { codec_name: "aac" }]);
  const part = await ask(who.danzeng!, "GET", url, { range: "bytes=65530-70000" });
  expect(part.rawPayload.equals(whole.subarray(65_530, 70_001))).toBe(true);
  bucket.refuses = 503;
  const away = await ask(who.danzeng!, "GET", url);
  expect([away.statusCode, away.json().code]).toEqual([503, "teaching.recording-store"]);
  bucket.refuses = null;
  expect(await traces("teaching.recording-damaged", recordingId)).toHaveLength(0);
  const [name] = keys().filter((key) => bucket.objects.get(key)!.length > whole.length);
  const altered = Buffer.from(bucket.objects.get(name!)!);
  altered[altered.length - 1_000]! ^= 1;
  bucket.objects.set(name!, altered);
  expect((await ask(who.danzeng!, "GET", url)).json()).toMatchObject({
    code: "teaching.recording-damaged",
  });

  test.clock.now = new Date(test.clock.now.getTime() + (3 * 365 + 2) * 24 * 3_600_000);
  await run("teaching:recordings-clean");
  await run("teaching:recording-erase", { recordingId });
  expect(keys()).toEqual([]);
  await bucket.close();
}, 120_000);

/** How loud one tone is at a time of what is played: the largest of 60 ms, 0 to 32767. */
async function levelsIn(bytes: Buffer, hertz: number): Promise<(atMs: number) => number> {
  const pcm = await decode(bytes, [
    ...["-map", "0:a", "-af", `bandpass=f=${hertz}:width_type=h:width=300`, "-ac", "1"],
    ...["-ar", "8000", "-f", "s16le", "pipe:1"],
  ]);
  return (atMs) => {
    const values = Array.from({ length: 480 }, (_, index) =>
      Math.abs(pcm.readInt16LE((atMs * 8 + index) * 2)),
    );
    return Math.max(...values);
  };
}

/** Streams of a file as ffprobe sees them, with their length in whole seconds. */
async function probe(bytes: Buffer) {
  const file = join(test.dataDir, `${randomUUID()}.mp4`);
  writeFileSync(file, bytes);
  const { stdout } = await promisify(execFile)("ffprobe", [
    ...["-v", "error", "-show_entries", "stream=codec_name,width,height,duration"],
    ...["-of", "json", file],
  ]);
  const { streams } = JSON.parse(stdout) as { streams: { duration: string }[] };
  return streams.map((one) => ({ ...one, seconds: Math.round(Number(one.duration)) }));
}
