/** A broadcast that is recorded: a server with its jobs, a media node with speakers, and who begins and ends it. */
import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { startEmbedded } from "../../../server/db/embedded.ts";
import { migrate } from "../../../server/db/migrate.ts";
import { generateSecrets, loadSecrets } from "../../../server/secrets.ts";
import { createServices } from "../../../server/services.ts";
import { keyOf } from "../../../server/teaching/recording-service.ts";
import { startServer } from "../booking/server.ts";
import { ask, type Client, clientOf, hashOf } from "../surge/client.ts";
import { readCaptured, type Stream } from "./captured.ts";
import type { NodeOptions, NodeOrder, NodeReport } from "./node.ts";

const PORT = 18_540;
const READY_LIMIT_MS = 15 * 60_000;

export type Lecture = {
  /** Of the node's own process and its worker. */
  readonly nodePids: readonly number[];
  readonly subs: readonly string[];
  /** About when a first mark was, milliseconds since 1970. */
  readonly markZeroMs: number;
  /** Who speaks now; the others only mark. */
  talks(index: number): void;
  ffmpegPids(): Promise<number[]>;
  /** The broadcast begins; resolves when it is being recorded. */
  goLive(): Promise<void>;
  /** It ends. @returns seconds until the replay could be opened */
  endAndWait(): Promise<number>;
  captured(): Promise<{ fromMs: number; streams: Stream[]; namedGaps: number }>;
  /** The replay, as a listener is sent it. */
  replay(): Promise<Buffer>;
  close(): Promise<void>;
};

/** Starts everything but the broadcast. @param folder taken out by the caller */
export async function startLecture(
  root: string,
  folder: string,
  speakers: number,
): Promise<Lecture> {
  chmodSync(folder, 0o711);
  const { sfuSecret } = generateSecrets();
  const database = await startEmbedded({ dataDir: folder, secrets: generateSecrets() });
  const stops: (() => unknown)[] = [() => database.stop()];
  const close = async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  };
  try {
    const urls = await database.createDatabase("bench");
    await migrate({ ownerUrl: urls.owner, jobsUrl: urls.jobs, log: () => {} });
    const sql = postgres(urls.admin, {
      ...{ max: 2, onnotice: () => {} },
      connection: { "yilian.kind": "system" },
    });
    stops.push(() => sql.end({ timeout: 2 }));
    const dataDir = join(folder, "server");
    mkdirSync(dataDir);
    const server = await startServer({ root, urls, dataDir, port: PORT, sfuSecret });
    stops.push(() => server.stop());
    const { client, sessionId } = await buildWorld(sql);
    const node = await startSpeakers({
      ...{ serverUrl: server.url, secret: sfuSecret, spoolDir: join(folder, "spool") },
      ...{ roomId: sessionId, speakers },
    });
    stops.push(() => node.close());
    const services = createServices({
      ...{ databaseUrl: urls.app, secrets: loadSecrets(dataDir, { SFU_SECRET: sfuSecret }) },
      ...{ demo: false, publicUrl: server.url, poolSize: 1 },
    });
    stops.push(() => services.db.close());
    const step = (name: string) =>
      ask(server.url, client, "POST", `/api/teaching/sessions/${sessionId}/live`, { step: name });
    const recording = async () => {
      const [row] = await sql`select * from teaching_recording where session_id = ${sessionId}`;
      return row;
    };
    const folderOf = (id: string) => join(dataDir, "recordings", id, "segments");
    return {
      nodePids: node.pids,
      subs: node.subs,
      markZeroMs: node.markZeroMs,
      talks: (index) => node.order({ talks: index }),
      ffmpegPids: node.ffmpegPids,
      async goLive() {
        await until(async () => (await sql`select 1 from media_node`).length > 0, 30_000);
        const device = { deviceId: randomUUID(), device: "person", way: "full" };
        await ask(server.url, client, "POST", `/api/teaching/sessions/${sessionId}/enter`, device);
        await step("go-live");
        await until(async () => (await node.ffmpegPids()).length === 2 * speakers, 30_000);
      },
      async endAndWait() {
        const began = performance.now();
        await step("end");
        await until(async () => {
          const row = await recording();
          if (row?.state === "failed") throw new Error(`not mixed: ${row.failed_reason}`);
          return row?.state === "ready";
        }, READY_LIMIT_MS);
        return (performance.now() - began) / 1_000;
      },
      async captured() {
        const row = (await recording())!;
        const id = row.id as string;
        const key = keyOf(services.vault, { id, sealedKey: row.sealed_key as string });
        const named = await sql<{ count: number }[]>`
          select coalesce(sum(jsonb_array_length(gaps)), 0)::int as count from teaching_recording_track where recording_id = ${id}`;
        return { ...(await readCaptured(folderOf(id), key)), namedGaps: named[0]!.count };
      },
      async replay() {
        const row = (await recording())!;
        const answer = await fetch(`${server.url}/api/teaching/recordings/${row.id}/media/full`, {
          headers: { cookie: client.cookie },
        });
        if (!answer.ok) throw new Error(`no replay: ${answer.status} ${await answer.text()}`);
        return Buffer.from(await answer.arrayBuffer());
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A house, its specialist with a session of the browser, and a broadcast that is planned and recorded. */
async function buildWorld(sql: postgres.Sql): Promise<{ client: Client; sessionId: string }> {
  const now = new Date();
  const id = randomUUID();
  const secret = "recording-bench";
  const [house] = await sql<{ id: string }[]>`
    insert into institution (slug, kind, level) values ('bench-teaches', 'hospital', 'tertiary') returning id`;
  await sql`insert into institution_name (institution_id, language, name) values (${house!.id}, 'zh-CN', '讲课医院')`;
  await sql`insert into person (id, name) values (${id}, '主任')`;
  await sql`insert into staff_account (person_id, login_name, password_hash, totp_confirmed_at) values (${id}, 'bench', 'x', ${now})`;
  await sql`insert into role_assignment (person_id, institution_id, role_code) values (${id}, ${house!.id}, 'attending-doctor')`;
  await sql`insert into session (token_hash, rotated_at, kind, person_id, institution_id, csrf_token, last_seen_at, expires_at)
    values (decode(${hashOf(secret)}, 'hex'), ${now}, 'staff', ${id}, ${house!.id}, 'bench-forgery-token', ${now}, ${now}::timestamptz + interval '1 day')`;
  const [session] = await sql<{ id: string }[]>`
    insert into teaching_session (number, state, institution_id, owner_id, title, languages, starts_at, length_minutes, planned_at, updated_at, record, minimum_quiz_percent, points)
    values ('JX1', 'planned', ${house!.id}, ${id}, '录制', '{zh-CN}', ${now}, 45, ${now}, ${now}, true, 0, 1) returning id`;
  await sql`insert into teaching_speaker (session_id, person_id, institution_id, role) values (${session!.id}, ${id}, ${house!.id}, 'presenter')`;
  return { client: clientOf(secret, 1), sessionId: session!.id };
}

async function startSpeakers(options: NodeOptions) {
  const file = fileURLToPath(new URL("./node.ts", import.meta.url));
  const child: ChildProcess = fork(file, [JSON.stringify(options)], { stdio: "inherit" });
  const reports: NodeReport[] = [];
  let heard: (() => void) | undefined;
  child.on("exit", () => heard?.());
  child.on("message", (report: NodeReport) => {
    reports.push(report);
    heard?.();
  });
  const next = async (): Promise<NodeReport> => {
    while (reports.length === 0) {
      if (child.exitCode !== null) throw new Error("the node of the bench ended");
      await new Promise<void>((resolve) => {
        heard = resolve;
      });
    }
    return reports.shift()!;
  };
  const first = await next();
  if (!("ready" in first)) throw new Error("the node of the bench does not start");
  const order = (one: NodeOrder) => void child.send(one);
  return {
    pids: [child.pid!, first.ready.worker],
    subs: first.ready.subs,
    markZeroMs: first.ready.markZeroMs,
    order,
    async ffmpegPids() {
      order({ pids: true });
      const report = await next();
      return "pids" in report ? report.pids : [];
    },
    async close() {
      if (child.exitCode !== null) return;
      const ended = new Promise((resolve) => child.once("exit", resolve));
      order({ end: true });
      await ended;
    },
  };
}

async function until(check: () => Promise<boolean>, mostMs: number): Promise<void> {
  for (const end = performance.now() + mostMs; performance.now() < end; await sleep(200)) {
    if (await check()) return;
  }
  throw new Error("not in time");
}
