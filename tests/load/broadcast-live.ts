/**
 * The chat of a broadcast under a flood: hundreds of pages listen over the socket while their people write as
 * fast as they are let, over HTTP, through sessions, rights, policies and the timeline of a real server.
 */
import { randomUUID } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { io, type Socket } from "socket.io-client";
import { startEmbedded } from "../../server/db/embedded.ts";
import { migrate } from "../../server/db/migrate.ts";
import {
  type ClientEvents,
  realtimeProtocol,
  type ServerEvents,
} from "../../server/realtime/contract.ts";
import { generateSecrets } from "../../server/secrets.ts";
import { percentile } from "./booking/clients.ts";
import { type BenchServer, startServer } from "./booking/server.ts";
import { type BenchContext, type BenchResult, result } from "./suite.ts";
import { type Client, clientOf, hashOf } from "./surge/client.ts";

const PORT = 18_530;
const url = `http://127.0.0.1:${PORT}`;
/** What the issue asks for. */
const messagesPerMinute = 10_000;
/** More is offered: who offers just what is asked for cannot see whether it is reached. */
const offeredPerMinute = 12_000;

type Page = Socket<ServerEvents, ClientEvents>;
type Told = { page: Page; through: number; bytes: number; late: number[] };
/** What all pages receive is the same; to look closely at some of them leaves the machine to the server. */
const watchedClosely = 20;

/** Chat of one session, flooded: first with the pause between lines off, then as a house has it by default. */
export async function measureChat({ root, quick, log }: BenchContext): Promise<BenchResult[]> {
  const people = quick ? 200 : 800;
  const seconds = quick ? 10 : 60;
  const folder = mkdtempSync(join(tmpdir(), "yilian-chat-"));
  chmodSync(folder, 0o711);
  const database = await startEmbedded({ dataDir: folder, secrets: generateSecrets() });
  const admin: { sql?: postgres.Sql } = {};
  let server: BenchServer | undefined;
  const pages: Told[] = [];
  try {
    const urls = await database.createDatabase("bench");
    await migrate({ ownerUrl: urls.owner, jobsUrl: urls.jobs, log: () => {} });
    const sql = postgres(urls.admin, {
      max: 2,
      onnotice: () => {},
      connection: { "yilian.kind": "system" },
    });
    admin.sql = sql;
    const dataDir = join(folder, "server");
    mkdirSync(dataDir);
    server = await startServer({ root, urls, dataDir, port: PORT });
    const world = await buildWorld(sql, people);
    const writtenAt = new Map<string, number>();
    for (const client of world.listeners)
      pages.push(
        await openPage(client, world.sessionId, pages.length < watchedClosely ? writtenAt : null),
      );
    log(`${pages.length} pages listen.`);

    const free = await flood(world, seconds, writtenAt);
    const kept = await countChats(sql, world.sessionId);
    const last = await lastSeq(sql, world.sessionId);
    const settled = await until(() => pages.every((page) => page.through >= last), 20_000);
    const late = pages.flatMap((page) => page.late);
    const perPage = pages
      .slice(0, watchedClosely)
      .map((page) => (page.bytes * 8) / seconds / 1_000);
    log(`${free.accepted} lines written, ${free.refused} refused (${[...free.codes].join(" ")})`);

    await sql`delete from teaching_live_policy`;
    const slow = await flood(world, Math.min(seconds, 20), writtenAt);
    const [live] =
      await sql`select slow_seconds from teaching_live where session_id = ${world.sessionId}`;
    log(
      `as by default: ${slow.accepted} written, ${slow.refused} asked to wait; pause ${live?.slow_seconds} s`,
    );
    return [
      result(
        `chat written with ${people} pages listening, no pause set`,
        Math.round((free.accepted / free.seconds) * 60),
        "lines a minute",
        `>= ${messagesPerMinute}`,
      ),
      result("answered lines that the timeline has not", free.accepted - kept, "lines", "== 0"),
      result("pages that know of every line at the end", settled ? 1 : 0, "ratio", "== 1"),
      result("a line answered, p95", Math.round(percentile(free.millis, 0.95)), "ms"),
      result(
        "a line written to shown on another page, p95",
        Math.round(percentile(late, 0.95)),
        "ms",
      ),
      result(
        "what a page receives in the flood, median",
        Math.round(percentile(perPage, 0.5)),
        "kbit/s",
        "<= 32",
      ),
      result(
        "by default: lines let through in the flood",
        Math.round((slow.accepted / slow.seconds) * 60),
        "lines a minute",
      ),
      result("by default: refused with the seconds to wait", slow.refused, "lines"),
      result("refused otherwise", slow.failed + free.failed, "lines", "== 0"),
    ];
  } finally {
    for (const { page } of pages) page.close();
    await server?.stop();
    await admin.sql?.end({ timeout: 2 });
    await database.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

type World = { sessionId: string; listeners: Client[] };

/** Staff of one invited house, a session that is live, and no pause between lines. */
async function buildWorld(sql: postgres.Sql, count: number): Promise<World> {
  const people = Array.from({ length: count + 1 }, (_, n) => ({
    id: randomUUID(),
    secret: `chat-${n}`,
  }));
  const ids = people.map((one) => one.id);
  const now = new Date();
  const [teaches, listens] = await sql<{ id: string }[]>`
    insert into institution (slug, kind, level) values ('bench-teaches', 'hospital', 'tertiary'), ('bench-listens', 'hospital', 'secondary') returning id`;
  await sql`insert into institution_name (institution_id, language, name) values (${teaches!.id}, 'zh-CN', '讲课医院'), (${listens!.id}, 'zh-CN', '听课医院')`;
  const houses = people.map((_, n) => (n === 0 ? teaches!.id : listens!.id));
  await sql`insert into person (id, name) select id, '听众' || n from unnest(${ids}::uuid[]) with ordinality as t(id, n)`;
  await sql`insert into staff_account (person_id, login_name, password_hash, totp_confirmed_at) select id, 'chat' || n, 'x', ${now} from unnest(${ids}::uuid[]) with ordinality as t(id, n)`;
  await sql`insert into role_assignment (person_id, institution_id, role_code) select id, house, 'attending-doctor' from unnest(${ids}::uuid[], ${houses}::uuid[]) as t(id, house)`;
  await sql`insert into session (token_hash, rotated_at, kind, person_id, institution_id, csrf_token, last_seen_at, expires_at)
    select decode(hash, 'hex'), ${now}, 'staff', id, house, 'bench-forgery-token', ${now}, ${now}::timestamptz + interval '1 day'
    from unnest(${ids}::uuid[], ${houses}::uuid[], ${people.map((one) => hashOf(one.secret))}::text[]) as t(id, house, hash)`;
  const [session] = await sql<{ id: string }[]>`
    insert into teaching_session (number, state, institution_id, owner_id, title, languages, starts_at, length_minutes, planned_at, live_at, updated_at)
    values ('JX1', 'live', ${teaches!.id}, ${ids[0]!}, '测速', '{zh-CN}', ${now}, 60, ${now}, ${now}, ${now}) returning id`;
  const [alliance] = await sql<
    { id: string }[]
  >`insert into alliance (kind, name) values ('telemedicine-network', '测速') returning id`;
  await sql`insert into alliance_member (alliance_id, institution_id) values (${alliance!.id}, ${teaches!.id}), (${alliance!.id}, ${listens!.id})`;
  await sql`insert into teaching_audience (session_id, kind, institution_id) values (${session!.id}, 'institution', ${listens!.id})`;
  await sql`insert into teaching_live (session_id) values (${session!.id})`;
  await sql`insert into teaching_live_policy (institution_id, hls_above, stage_most, lead_lost_seconds, chat_seconds, slow_mode, correct_hours, set_at)
    values (${teaches!.id}, 0, 6, 15, 0, false, 24, ${now})`;
  return {
    sessionId: session!.id,
    listeners: people.slice(1).map((one, n) => clientOf(one.secret, n)),
  };
}

function openPage(
  client: Client,
  sessionId: string,
  writtenAt: Map<string, number> | null,
): Promise<Told> {
  const page: Page = io(url, {
    path: "/realtime",
    transports: ["websocket"],
    auth: { protocol: realtimeProtocol },
    extraHeaders: { cookie: client.cookie },
    forceNew: true,
  });
  const told: Told = { page, through: 0, bytes: 0, late: [] };
  page.on("teaching:entries", (batch) => {
    const now = performance.now();
    told.through = batch.through;
    if (!writtenAt) return;
    told.bytes += JSON.stringify(batch).length;
    for (const entry of batch.entries) {
      if (entry.kind !== "chat") continue;
      const at = writtenAt.get(entry.data.text);
      if (at !== undefined && told.late.length < 500) told.late.push(now - at);
    }
  });
  return new Promise((resolve, reject) => {
    page.on("connect_error", reject);
    page.on("connect", () =>
      page.emit("teaching:watch", { sessionId }, (answer) => {
        if (answer.ok) resolve(told);
        else reject(new Error(answer.error.detail));
      }),
    );
  });
}

type Flood = {
  accepted: number;
  refused: number;
  failed: number;
  seconds: number;
  millis: number[];
  codes: Set<string>;
};

/** Everybody in turn, evenly spread over the time: an open load, which does not wait for answers. */
async function flood(
  world: World,
  seconds: number,
  writtenAt: Map<string, number>,
): Promise<Flood> {
  const seen: Flood = { accepted: 0, refused: 0, failed: 0, seconds, millis: [], codes: new Set() };
  const total = Math.round((offeredPerMinute / 60) * seconds);
  const begin = performance.now();
  const running: Promise<void>[] = [];
  for (let n = 0; n < total; n += 1) {
    const due = begin + (n / total) * seconds * 1_000;
    const wait = due - performance.now();
    if (wait > 2) await new Promise((resolve) => setTimeout(resolve, wait));
    const client = world.listeners[n % world.listeners.length]!;
    const text = `${randomUUID().slice(0, 8)} 请问这种情况还要复查尿常规吗`;
    running.push(send(client, world.sessionId, text, seen, writtenAt));
  }
  await Promise.all(running);
  seen.seconds = (performance.now() - begin) / 1_000;
  return seen;
}

async function send(
  client: Client,
  sessionId: string,
  text: string,
  seen: Flood,
  writtenAt: Map<string, number>,
): Promise<void> {
  const at = performance.now();
  writtenAt.set(text, at);
  const body = JSON.stringify({
    clientId: randomUUID(),
    kind: "chat",
    data: { text, question: false },
  });
  const answer = await post(client, `/api/teaching/sessions/${sessionId}/entries`, body);
  if (answer.status === 200) {
    seen.accepted += 1;
    seen.millis.push(performance.now() - at);
  } else if (answer.status === 429) seen.refused += 1;
  else seen.failed += 1;
  if (answer.code) seen.codes.add(answer.code);
}

const agent = new Agent({ keepAlive: true, maxSockets: 128 });

/** As a page sends it: what broke on the way is sent again, under the same id. */
async function post(
  client: Client,
  path: string,
  body: string,
  attempts = 3,
): Promise<{ status: number; code?: string }> {
  try {
    return await new Promise((resolve, reject) => {
      const sent = request(
        `${url}${path}`,
        {
          agent,
          method: "POST",
          headers: {
            cookie: client.cookie,
            "x-csrf-token": client.csrf,
            "x-forwarded-for": client.address,
            "content-type": "application/json",
            "content-length": String(Buffer.byteLength(body)),
          },
        },
        (answer) => {
          const parts: Buffer[] = [];
          answer.on("data", (part: Buffer) => parts.push(part));
          answer.on("error", reject);
          answer.on("end", () => {
            const told = JSON.parse(Buffer.concat(parts).toString()) as { code?: string };
            resolve({ status: answer.statusCode ?? 0, ...(told.code ? { code: told.code } : {}) });
          });
        },
      );
      sent.on("error", reject);
      sent.end(body);
    });
  } catch (error) {
    if (attempts <= 1) throw error;
    return post(client, path, body, attempts - 1);
  }
}

const countChats = async (sql: postgres.Sql, sessionId: string): Promise<number> => {
  const [row] =
    await sql`select count(*)::int as n from teaching_entry where session_id = ${sessionId} and kind = 'chat'`;
  return Number(row?.n);
};
const lastSeq = async (sql: postgres.Sql, sessionId: string): Promise<number> => {
  const [row] = await sql`select last_seq as n from teaching_live where session_id = ${sessionId}`;
  return Number(row?.n);
};

async function until(check: () => boolean, mostMs: number): Promise<boolean> {
  for (const end = performance.now() + mostMs; performance.now() < end; ) {
    if (check()) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return check();
}
