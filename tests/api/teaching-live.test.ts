/** A running broadcast over real PostgreSQL: its timeline on two replicas, the stage, questions, who was there. */
import { randomUUID } from "node:crypto";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import postgres from "postgres";
import { io, type Socket } from "socket.io-client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createDatabase, type Database } from "../../server/db/client.ts";
import { demoActor } from "../../server/demo/load.ts";
import type { Actor } from "../../server/identity/domain.ts";
import { createMediaService } from "../../server/media/service.ts";
import type { Task } from "../../server/queue/task.ts";
import {
  type ClientEvents,
  realtimeProtocol,
  type ServerEvents,
  type TeachingPosition,
} from "../../server/realtime/contract.ts";
import { createRealtimeGateway, type RealtimeGateway } from "../../server/realtime/gateway.ts";
import { slowSeconds, slowSteps } from "../../server/teaching/live-domain.ts";
import { recordTeachingPresence } from "../../server/teaching/live-presence.ts";
import { recordingReady } from "../../server/teaching/live-service.ts";
import { teachingLiveTasks } from "../../server/teaching/live-tasks.ts";
import { createTimelineRelay, type TimelineRelay } from "../../server/teaching/timeline-relay.ts";
import { watchRights } from "../../server/teaching/timeline-service.ts";
import type { EntryBatch, Pointer } from "../../timeline/entries.ts";
import { foldBatch, foldEntries, type LiveState } from "../../timeline/fold.ts";
import { type Answer, buildTestApp, type Client, type TestApp } from "../support/app.ts";
import { eventually, silent, system } from "./kit.ts";

let test: TestApp;
let admin: postgres.Sql;
let node: { url: string; orders: string[]; refuse: boolean; close: () => void };
let house: (slug: string) => string;
const who: Record<string, Client> = {};
/** presenter, co-host, listeners of two houses, somebody who was not invited. */
const logins = [
  "zhouminhua",
  "wuqihang",
  "danzeng",
  "deji",
  "cirenzhuoma",
  "qiaoxuemei",
  "zhenglan",
];

beforeAll(async () => {
  test = await buildTestApp();
  admin = postgres(test.database.admin, { max: 2, onnotice: () => {} });
  house = (slug) => test.ids.institutions.get(slug)!;
  for (const login of logins) who[login] = await test.as(login);
  who.patient = await test.as("13800138001");
  node = await startOrderTaker();
  await admin`insert into media_node (id, public_url, workers, rooms, peers, load, version, last_seen_at)
    values ('n1', ${node.url}, 1, 0, 0, 0, '1', '2100-01-01')`;
});
afterAll(async () => {
  node.close();
  await admin.end();
  await test.close();
});

/** Takes signed orders as a node's HTTP side does, and can be away. */
async function startOrderTaker() {
  const orders: string[] = [];
  const taker = { refuse: false };
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.on("end", () => {
      const verb = request.url?.split("/").at(-1) ?? "";
      if (!taker.refuse) orders.push(`${verb} ${(JSON.parse(body) as { sub?: string }).sub ?? ""}`);
      response.writeHead(taker.refuse ? 503 : 200).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(taker, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    orders,
    close: () => void server.close(),
  });
}

let sessionId: string;
/** Its slides. */
let deckId: string;
const devices: Record<string, string> = {};
beforeEach(async () => {
  for (const login of logins) delete devices[login];
  sessionId = await planSession();
  node.orders.length = 0;
  node.refuse = false;
});

async function planSession(record = false): Promise<string> {
  const person = (login: string) => demoActor(test.ids, login).personId;
  const [row] = await admin<{ id: string }[]>`
    insert into teaching_session (number, state, institution_id, owner_id, title, languages, starts_at, length_minutes, planned_at, updated_at, record, minimum_quiz_percent, points)
    values (${`JX${randomUUID()}`}, 'planned', ${house("xuhui-central")}, ${person("zhouminhua")}, '过敏性紫癜', '{zh-CN,bo}', ${test.clock.now}, 45, ${test.clock.now}, ${test.clock.now}, ${record}, 50, 1.5)
    returning id`;
  await admin`insert into teaching_speaker (session_id, person_id, institution_id, role) values
    (${row!.id}, ${person("zhouminhua")}, ${house("xuhui-central")}, 'presenter'), (${row!.id}, ${person("wuqihang")}, ${house("xuhui-central")}, 'co-host')`;
  deckId = randomUUID();
  await admin`insert into teaching_deck (id, session_id, name, state, size_bytes, pages, pages_done, uploaded_by, ready_at)
    values (${deckId}, ${row!.id}, 'a.pdf', 'ready', 1, 40, 40, ${person("zhouminhua")}, ${test.clock.now})`;
  await admin`insert into teaching_audience (session_id, kind, institution_id) values
    (${row!.id}, 'institution', ${house("sakya-chc")}), (${row!.id}, 'institution', ${house("mabujia")})`;
  return row!.id;
}

const at = (path: string) => `/api/teaching/sessions/${sessionId}/${path}`;
const ok = (answer: Answer) => {
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body;
};
const enter = async (login: string, device: "person" | "site" = "person") => {
  devices[login] ??= randomUUID();
  const body = { deviceId: devices[login], device, way: "full" };
  return ok(await who[login]!.post(at("enter"), body));
};
const write = (login: string, kind: string, data: object, clientId: string = randomUUID()) =>
  who[login]!.post(at("entries"), { clientId, kind, data });
const live = (step: string, login = "zhouminhua") => who[login]!.post(at("live"), { step });
const state = async (login: string) => ok(await who[login]!.get(at("state")));
const pass = (seconds: number) => {
  test.clock.now = new Date(test.clock.now.getTime() + seconds * 1_000);
};
async function goLive() {
  await enter("zhouminhua");
  ok(await live("go-live"));
  for (const login of ["danzeng", "cirenzhuoma"]) await enter(login);
}
/** What a media node reports of a device. */
const report = (type: string, login: string, sub: string, data: object = {}) =>
  test.services.db.withActor(system, (tx) =>
    recordTeachingPresence(tx, test.clock.now, [
      {
        id: randomUUID(),
        at: test.clock.now.toISOString(),
        room: sessionId,
        type,
        peer: { id: `peer-${login}`, sub, name: login, role: "audience" },
        data,
      },
    ]),
  );
const run = async (name: string, payload: object) => {
  const media = createMediaService({ secret: test.sfuSecret, clock: () => test.clock.now });
  const found: Task | undefined = teachingLiveTasks(media)[name];
  const { db } = test.services;
  await found?.(payload, {
    db,
    clock: () => test.clock.now,
    log: silent,
    asJob: (work) => db.withActor({ kind: "job", task: name, language: "zh-CN" }, work),
  });
};
const traces = (action: string) =>
  admin`select actor_id from audit_event where action = ${action} and entity_id = ${sessionId}`;

describe("who is kept out", () => {
  it("a house that is not invited, a patient and nobody at all: nothing is there", async () => {
    await goLive();
    for (const path of ["state", "timeline", "replay", "attendance", "strokes?surface=still:x"]) {
      const asked = await who.qiaoxuemei!.get(at(path));
      expect([400, 404], path).toContain(asked.status);
      expect([400, 403], path).toContain((await who.patient!.get(at(path))).status);
      expect([400, 401], path).toContain((await test.anonymous.get(at(path))).status);
    }
    const body = { deviceId: randomUUID(), device: "person", way: "full" };
    expect((await who.qiaoxuemei!.post(at("enter"), body)).status).toBe(404);
    expect((await write("qiaoxuemei", "chat", { text: "x" })).status).toBe(404);
    // The session is judged in the statement that writes: none, somebody else's kind, locked, a forged write, no work left.
    const line = { clientId: randomUUID(), kind: "chat", data: { text: "x" } };
    expect((await test.anonymous.post(at("entries"), line)).body.code).toBe("auth.required");
    expect((await who.patient!.post(at("entries"), line)).body.code).toBe("permission.denied");
    const { personId } = demoActor(test.ids, "deji");
    const refusedWith = async (change: string, back: string) => {
      await admin.unsafe(`update ${change}`);
      const { body } = await write("deji", "chat", { text: "x" });
      await admin.unsafe(`update ${back}`);
      return body.code;
    };
    const ofDeji = `where person_id = '${personId}'`;
    expect(
      await refusedWith(
        `session set locked_at = now() ${ofDeji}`,
        `session set locked_at = null ${ofDeji}`,
      ),
    ).toBe("permission.denied");
    expect(
      await refusedWith(
        `session set csrf_token = 'x' || csrf_token ${ofDeji}`,
        `session set csrf_token = substr(csrf_token, 2) ${ofDeji}`,
      ),
    ).toBe("auth.csrf");
    expect(
      await refusedWith(
        `role_assignment set valid_until = '2001-01-01' ${ofDeji}`,
        `role_assignment set valid_until = null ${ofDeji}`,
      ),
    ).toBe("auth.required");
    expect(
      await refusedWith(
        `person set demo = false where id = '${personId}'`,
        `person set demo = true where id = '${personId}'`,
      ),
    ).toBe("permission.denied");
    expect((await write("deji", "chat", { text: "x" })).status).toBe(200);
    // Rows that a query forgot to ask for.
    for (const table of ["teaching_entry", "teaching_device", "teaching_live", "teaching_presence"])
      expect(
        await test.services.db.withActor(
          demoActor(test.ids, "qiaoxuemei"),
          async (tx) =>
            (await tx.execute(`select 1 from ${table} where session_id = '${sessionId}'`)).length,
        ),
        table,
      ).toBe(0);
  });

  it("the audience before it is live; what was rehearsed is never seen", async () => {
    await enter("zhouminhua");
    ok(await write("zhouminhua", "chat", { text: "试音" }));
    const early = { deviceId: randomUUID(), device: "person", way: "full" };
    expect((await who.danzeng!.post(at("enter"), early)).body.code).toBe("teaching.room-closed");
    ok(await live("go-live"));
    await enter("danzeng");
    const { entries } = ok(await who.danzeng!.get(at("timeline?after=0")));
    expect(entries.map((one: { kind: string }) => one.kind)).toEqual([
      "went-live",
      "stage-joined",
      "handover",
    ]);
    expect(entries[0]).toMatchObject({ seq: 1, data: { rehearsal: false } });
  });

  it("a viewer that claims the stage: refused, and written down", async () => {
    await goLive();
    const claims = [
      () => write("danzeng", "slide", { deckId, page: 2 }),
      () => write("danzeng", "pin", { of: 1 }),
      () => live("end", "danzeng"),
      () => who.danzeng!.post(at("stage"), { personId: demoActor(test.ids, "danzeng").personId }),
      () =>
        who.danzeng!.post(at("polls"), { question: "?", options: ["a", "b"], choice: "single" }),
      () => who.danzeng!.get(at("health")),
    ];
    for (const claim of claims) {
      const refused = await claim();
      expect(refused.status).toBe(403);
      expect(refused.body.code).toBe("teaching.stage-only");
    }
    expect(await traces("teaching.stage-claimed")).toHaveLength(claims.length);
    expect((await state("danzeng")).state).toMatchObject({ slide: null, phase: "live" });
  });

  it("who only listened, once the patient took the consent back", async () => {
    await goLive();
    ok(await live("end"));
    ok(await who.danzeng!.get(at("replay")));
    await admin`select set_config('yilian.kind', 'system', false)`;
    await admin`select app.teaching_withhold(${sessionId}, ${test.clock.now})`;
    for (const path of ["state", "timeline", "replay"])
      expect((await who.danzeng!.get(at(path))).status, path).toBe(404);
  });
});

describe("the timeline", () => {
  it("has no gap, takes a repeated write once, and stands", async () => {
    await goLive();
    const clientId = randomUUID();
    const first = ok(await write("danzeng", "chat", { text: "听得到" }, clientId));
    expect(ok(await write("danzeng", "chat", { text: "听得到" }, clientId))).toEqual(first);
    await Promise.all(
      Array.from({ length: 30 }, (_, n) => write("zhouminhua", "slide", { deckId, page: n + 1 })),
    );
    const rows =
      await admin`select seq from teaching_entry where session_id = ${sessionId} order by seq`;
    expect(rows.map((row) => row.seq)).toEqual(rows.map((_, index) => index + 1));
    await expect(
      admin`update teaching_entry set data = '{}' where session_id = ${sessionId}`,
    ).rejects.toMatchObject({ constraint_name: "teaching_entry_stands" });
    await expect(
      admin`delete from teaching_entry where session_id = ${sessionId}`,
    ).rejects.toMatchObject({ constraint_name: "teaching_entry_stands" });
  });

  it("limits a listener's chat in words, speakers not", async () => {
    await goLive();
    ok(await write("danzeng", "chat", { text: "一" }));
    const refused = await write("danzeng", "chat", { text: "二" });
    expect(refused.body).toMatchObject({ code: "teaching.too-fast", params: { seconds: 2 } });
    ok(await write("zhouminhua", "chat", { text: "一" }));
    ok(await write("zhouminhua", "chat", { text: "二" }));
    pass(3);
    ok(await write("danzeng", "chat", { text: "二" }));
  });

  it("is slowed down by itself while it is flooded; the database has the steps of the rules", async () => {
    await goLive();
    await admin`update teaching_live set chat_rate = 30, chat_rate_at = ${test.clock.now} where session_id = ${sessionId}`;
    ok(await write("danzeng", "chat", { text: "一" }));
    expect((await state("danzeng")).state.slowModeSeconds).toBe(20);
    pass(3);
    expect((await write("danzeng", "chat", { text: "二" })).body.params).toEqual({ seconds: 17 });
    const steps = [0, ...slowSteps.map((step) => step.seconds)];
    for (const now of steps)
      for (const rate of slowSteps.flatMap(({ from }) => [
        from / 2 - 0.1,
        from / 2,
        from - 0.1,
        from,
      ])) {
        const [row] = await admin`select app.teaching_slow_seconds(${rate}, ${now}::smallint) as s`;
        expect(row?.s, `${rate} at ${now}`).toBe(slowSeconds(rate, now));
      }
  });

  it("gives who comes late what is to be seen now, and strokes of an earlier page on asking", async () => {
    await goLive();
    const stroke = { id: "s1", tool: "pen", colour: "red", width: 0.01, points: [[0.1, 0.2]] };
    ok(await write("zhouminhua", "slide", { deckId, page: 1 }));
    for (const wrong of [
      { deckId, page: 41 },
      { deckId: randomUUID(), page: 1 },
    ])
      expect((await write("zhouminhua", "slide", wrong)).status).toBe(404);
    const ofNobody = { caseId: randomUUID(), itemId: randomUUID() };
    expect((await write("zhouminhua", "case-item", ofNobody)).status).toBe(404);
    ok(await write("zhouminhua", "stroke", { surface: `slide:${deckId}:1`, stroke }));
    ok(await write("zhouminhua", "slide", { deckId, page: 2 }));
    ok(
      await write("zhouminhua", "stroke", {
        surface: `slide:${deckId}:2`,
        stroke: { ...stroke, id: "s2" },
      }),
    );
    const asked = ok(await write("danzeng", "chat", { text: "剂量？", question: true }));
    ok(await write("zhouminhua", "pin", { of: asked.seq }));
    ok(await write("cirenzhuoma", "notice", { code: "cannot-hear" }));
    const late = await state("cirenzhuoma");
    expect(late.state).toMatchObject({
      slide: { deckId, page: 2 },
      strokes: { [`slide:${deckId}:2`]: [{ id: "s2" }] },
      pinned: [{ text: "剂量？", by: { org: expect.stringMatching(/萨迦/) } }],
      cannotHear: [],
    });
    expect(late.state.strokes).not.toHaveProperty(`slide:${deckId}:1`);
    const strokes = await who.danzeng!.get(at(`strokes?surface=slide:${deckId}:1`));
    expect(ok(strokes).strokes).toEqual([stroke]);
    // Only the stage hears who could not hear; the numbers of the others go on.
    expect((await state("zhouminhua")).state.cannotHear).toHaveLength(1);
    const kinds = async (login: string) =>
      ok(await who[login]!.get(at("timeline?after=0"))).entries.map(
        (one: { kind: string }) => one.kind,
      );
    expect(await kinds("danzeng")).not.toContain("notice");
    expect(await kinds("zhouminhua")).toContain("notice");
  });
});

describe("over the socket", () => {
  type Page = Socket<ServerEvents, ClientEvents>;
  type Replica = { http: HttpServer; gateway: RealtimeGateway; relay: TimelineRelay; db: Database };
  const replicas: Replica[] = [];
  const pages: Page[] = [];

  async function startReplica(): Promise<Replica> {
    const db = createDatabase(test.database.app, 3);
    const http = createServer();
    const relay = createTimelineRelay({ db, onError: (error) => console.error(error) });
    const gateway = createRealtimeGateway({
      httpServer: http,
      authenticate: async ({ headers }): Promise<Actor> => ({
        ...demoActor(test.ids, headers.cookie ?? ""),
        sessionId: randomUUID(),
      }),
      allowedOrigin: () => true,
      maySeeConsult: async () => false,
      teaching: {
        rights: (actor, id) => db.withActor(actor, (tx) => watchRights(tx, actor, id)),
        open: relay.open,
        point: relay.point,
      },
      liveSessions: async (ids) => new Set(ids),
      log: silent,
    });
    await relay.start({
      entries: gateway.teaching.tell,
      pointer: gateway.teaching.tellPointer,
      watched: gateway.teaching.watched,
    });
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const replica = { http, gateway, relay, db };
    replicas.push(replica);
    return replica;
  }
  afterAll(async () => {
    for (const page of pages) page.close();
    for (const { gateway, relay, http, db } of replicas) {
      await gateway.close();
      await relay.close();
      await new Promise((resolve) => http.close(resolve));
      await db.close();
    }
  });

  async function open(replica: Replica, login: string): Promise<Page> {
    const { port } = replica.http.address() as AddressInfo;
    const page: Page = io(`http://127.0.0.1:${port}`, {
      path: "/realtime",
      transports: ["websocket"],
      auth: { protocol: realtimeProtocol },
      extraHeaders: { cookie: login },
      forceNew: true,
    });
    pages.push(page);
    await new Promise((resolve) => page.on("connect", () => resolve(null)));
    return page;
  }
  const watch = (page: Page) =>
    new Promise<{ ok: boolean; data?: TeachingPosition }>((resolve) =>
      page.emit("teaching:watch", { sessionId }, resolve),
    );

  it("both replicas' pages hear everything once and in order; who was away catches up; who may not, hears nothing", async () => {
    await goLive();
    const [here, there] = [await startReplica(), await startReplica()];
    const presenter = await open(here, "zhouminhua");
    const listener = await open(there, "danzeng");
    const stranger = await open(there, "qiaoxuemei");
    const heard: EntryBatch[] = [];
    const strange: EntryBatch[] = [];
    let seen = (await state("danzeng")).state as LiveState;
    listener.on("teaching:entries", (batch) => {
      heard.push(batch);
      seen = foldBatch(seen, batch) ?? seen;
    });
    stranger.on("teaching:entries", (batch) => strange.push(batch));
    expect(await watch(stranger)).toMatchObject({
      ok: false,
      error: { code: "request.not-found" },
    });
    expect(await watch(presenter)).toMatchObject({ ok: true });
    expect(await watch(listener)).toEqual({ ok: true, data: { run: 2, seq: seen.seq } });

    ok(await write("cirenzhuoma", "notice", { code: "cannot-hear" }));
    for (let page = 1; page <= 5; page += 1)
      ok(await write("zhouminhua", "slide", { deckId, page }));
    ok(await write("danzeng", "chat", { text: "到" }));
    const last = ok(await write("zhouminhua", "slide", { deckId, page: 6 }));
    await eventually("the listener has all of it", () => seen.seq === last.seq);
    expect(heard.flatMap(({ after, through }) => [after, through]).slice(1, -1)).toEqual(
      heard.slice(1).flatMap(({ after }) => [after, after]),
    );
    expect(heard.flatMap((batch) => batch.entries).map(({ kind }) => kind)).not.toContain("notice");
    expect(seen).toMatchObject({ slide: { page: 6 }, cannotHear: [] });
    const { strokes, strokesSince } = seen;
    expect(seen).toEqual({ ...(await state("danzeng")).state, strokes, strokesSince });

    // Away: what was missed is read, and fits to what is told from then on.
    listener.disconnect();
    ok(await write("zhouminhua", "slide", { deckId, page: 7 }));
    listener.connect();
    await new Promise((resolve) => listener.once("connect", () => resolve(null)));
    expect((await watch(listener)).ok).toBe(true);
    const missed = ok(await who.danzeng!.get(at(`timeline?after=${seen.seq}`)));
    seen = foldEntries(seen, missed.entries);
    expect(seen).toMatchObject({ slide: { page: 7 }, seq: missed.seq });

    // Pointers cross replicas and are kept nowhere; a listener's are dropped.
    const pointed = new Promise<Pointer>((resolve) => listener.on("teaching:pointer", resolve));
    listener.emit("teaching:pointer", { surface: "still:x", at: [0, 0] });
    presenter.emit("teaching:pointer", { surface: `slide:${deckId}:7`, at: [0.5, 0.25] });
    expect(await pointed).toMatchObject({ at: [0.5, 0.25], name: "周敏华" });
    expect(strange).toEqual([]);
    const [row] = await admin`select last_seq from teaching_live where session_id = ${sessionId}`;
    expect(row?.last_seq).toBe(missed.seq);
  });

  it("a flood of chat reaches pages as its newest lines and a number; the timeline has all of it", async () => {
    await goLive();
    const here = await startReplica();
    const page = await open(here, "cirenzhuoma");
    let seen = (await state("cirenzhuoma")).state as LiveState;
    const heard: EntryBatch[] = [];
    page.on("teaching:entries", (batch) => {
      heard.push(batch);
      seen = foldBatch(seen, batch) ?? seen;
    });
    await watch(page);
    const lines = Array.from({ length: 200 }, (_, n) => ({ n }));
    const last = (
      await Promise.all(lines.map(({ n }) => write("zhouminhua", "chat", { text: `${n}` })))
    )
      .map((answer) => ok(answer).seq as number)
      .reduce((most, seq) => Math.max(most, seq));
    await eventually("the page is up to date", () => seen.seq >= last);
    const told = heard
      .flatMap((batch) => batch.entries)
      .filter(({ kind }) => kind === "chat").length;
    const skipped = heard.reduce((sum, batch) => sum + batch.skippedChats, 0);
    expect(told + skipped).toBe(200);
    expect(skipped).toBeGreaterThan(0);
    expect(seen.chatCount).toBe(200);
    const [row] =
      await admin`select count(*)::int as n from teaching_entry where session_id = ${sessionId} and kind = 'chat'`;
    expect(row?.n).toBe(200);
  });
});

describe("hands and the stage", () => {
  it("five hundred hands keep their order, each knows its place, and the first is brought up and sent back", async () => {
    await goLive();
    const raised = ok(
      await write("cirenzhuoma", "hand-raised", {
        deviceId: devices.cirenzhuoma,
        way: "text",
        language: "bo",
        text: "བྱིས་པ།",
      }),
    );
    await admin.begin(async (tx) => {
      await tx`select set_config('yilian.kind', 'staff', true), set_config('yilian.institution', ${house("sakya-chc")}, true)`;
      await tx`insert into person (name) select 'p' || n from generate_series(1, 499) n`;
      await tx`insert into teaching_device (session_id, device_id, person_id, institution_id, kind, way, carrier, sub, name, org, entered_at, seen_at)
        select ${sessionId}, p.id, p.id, ${house("sakya-chc")}, 'person', 'full', 'hls', p.id::text, p.name, '', ${test.clock.now}, ${test.clock.now} from person p where p.name ~ '^p[0-9]+$'`;
      await tx`insert into role_assignment (person_id, institution_id, role_code) select id, ${house("sakya-chc")}, 'nurse' from person where name ~ '^p[0-9]+$'`;
      await tx`select (select problem from app.teaching_write_many(jsonb_agg(jsonb_build_object('person', p.id, 'institution', ${house("sakya-chc")}::text, 'session', ${sessionId}::text,
        'kind', 'hand-raised', 'client', gen_random_uuid(), 'data', jsonb_build_object('deviceId', p.id, 'way', 'voice', 'language', 'zh-CN', 'text', null))), ${test.clock.now}) where problem is not null limit 1)
        from person p where p.name ~ '^p[0-9]+$'`;
    });
    const mine = ok(
      await write("danzeng", "hand-raised", {
        deviceId: devices.danzeng,
        way: "voice",
        language: "zh-CN",
      }),
    );
    // Raised again it is the same hand.
    const again = { deviceId: devices.danzeng, way: "voice", language: "zh-CN" };
    expect(ok(await write("danzeng", "hand-raised", again))).toEqual(mine);
    const own = await state("danzeng");
    expect(own.you.hand).toEqual({ seq: mine.seq, ahead: 500 });
    expect(own.state.hands).toHaveLength(501);
    const named = own.state.hands.filter((hand: { by: unknown }) => hand.by);
    expect(named).toHaveLength(21);

    const brought = ok(await who.zhouminhua!.post(at("stage"), { hand: raised.seq }));
    expect(brought.stage.map((one: { role: string }) => one.role)).toEqual(["presenter", "guest"]);
    expect((await state("danzeng")).you.hand.ahead).toBe(499);
    const sub = brought.stage[1].sub as string;
    node.refuse = true;
    await expect(run("teaching:stage-order", { sessionId, sub })).rejects.toThrow(/503/);
    node.refuse = false;
    await run("teaching:stage-order", { sessionId, sub });
    expect(node.orders).toEqual([`promote ${sub}`]);
    const grant = await enter("cirenzhuoma");
    expect(grant).toMatchObject({ kind: "room", publishes: true, sub });

    const { personId } = brought.stage[1];
    ok(await who.cirenzhuoma!.post(at("stage/back"), { personId }));
    await run("teaching:stage-order", { sessionId, sub });
    expect(node.orders.at(-1)).toBe(`demote ${sub}`);
    expect((await enter("cirenzhuoma")).publishes).toBe(false);
  });

  it("is full at its measure; the lead goes on to the co-host by itself when the line is lost", async () => {
    ok(
      await who.zhenglan!.put("/api/teaching/live-policy", {
        hlsAbove: 300,
        stageMost: 2,
        leadLostSeconds: 15,
        chatSeconds: 2,
        slowMode: true,
        correctHours: 24,
      }),
    );
    await goLive();
    const presenter = `${demoActor(test.ids, "zhouminhua").personId}:${devices.zhouminhua}`;
    const coHost = await enter("wuqihang");
    const person = demoActor(test.ids, "danzeng").personId;
    const full = await who.zhouminhua!.post(at("stage"), { personId: person });
    expect(full.body).toMatchObject({ code: "teaching.stage-full", params: { most: 2 } });
    await report("peer-joined", "zhouminhua", presenter);
    await report("peer-joined", "wuqihang", coHost.sub);
    pass(60);
    await report("quality", "zhouminhua", presenter, { line: "gone" });
    const jobs =
      await admin`select run_at from graphile_worker.jobs where task_identifier = 'teaching:lead-lost' order by id desc limit 1`;
    expect(jobs[0]?.run_at).toEqual(new Date(test.clock.now.getTime() + 15_000));
    pass(15);
    await run("teaching:lead-lost", { sessionId });
    const { personId: coHostId } = demoActor(test.ids, "wuqihang");
    expect((await state("danzeng")).state.leadId).toBe(coHostId);
    // Both gone: it waits, and goes on by itself when one is back.
    await report("peer-left", "wuqihang", coHost.sub);
    pass(15);
    await run("teaching:lead-lost", { sessionId });
    expect((await state("danzeng")).state.phase).toBe("interrupted");
    await report("quality", "zhouminhua", presenter, { line: "good" });
    expect((await state("danzeng")).state.phase).toBe("live");
    // And back by a click.
    const { personId } = demoActor(test.ids, "zhouminhua");
    ok(await who.zhouminhua!.post(at("handover"), { personId }));
    expect((await state("danzeng")).state.leadId).toBe(personId);
    await admin`delete from teaching_live_policy`;
  });
});

describe("from the beginning to the replay", () => {
  it("questions are answered once each, presence is counted once, the replay has chapters, and the figures add up", async () => {
    await goLive();
    const poll = ok(
      await who.zhouminhua!.post(at("polls"), {
        question: "首选？",
        options: ["A", "B"],
        choice: "single",
        right: [1],
      }),
    );
    const answer = (login: string, body: object) =>
      who[login]!.post(at(`polls/${poll.id}/answer`), { deviceId: devices[login], ...body });
    expect((await answer("danzeng", { chosen: [1] })).status).toBe(404);
    // One house listens in front of a screen, one doctor of the other on an own phone and at its screen.
    const screen = await enter("deji", "site");
    const phone = (await enter("danzeng")).sub as string;
    await report("peer-joined", "deji", screen.sub);
    await report("peer-joined", "danzeng", phone);
    ok(await write("zhouminhua", "slide", { deckId, page: 1 }));
    const step = (name: string) =>
      who.zhouminhua!.post(at(`polls/${poll.id}/steps`), { step: name });
    ok(await step("open"));
    expect((await state("danzeng")).state.poll).not.toHaveProperty("right");
    ok(await answer("danzeng", { chosen: [0] }));
    ok(await answer("danzeng", { chosen: [1] }));
    ok(await answer("deji", { hands: [2, 3] }));
    expect((await answer("cirenzhuoma", { chosen: [0, 1] })).status).toBe(400);
    ok(await step("close"));
    expect((await answer("danzeng", { chosen: [0] })).body.code).toBe("teaching.poll-closed");
    expect((await state("danzeng")).state.poll.results).toBeNull();
    ok(await step("show"));
    expect((await state("danzeng")).state.poll.results).toEqual({
      counts: [2, 4],
      answered: 6,
      right: [1],
    });

    const ticked = ok(
      await who.deji!.post(at("site-people"), {
        personId: demoActor(test.ids, "danzeng").personId,
      }),
    );
    expect(ticked.ticks).toMatchObject([{ tickedBy: "德吉" }]);
    ok(await who.deji!.post(at("site-people"), { name: "实习生甲" }));
    const wrong = ok(await who.deji!.post(at("site-people"), { name: "实习生乙" }));
    const { id } = wrong.ticks.find((one: { name: string }) => one.name === "实习生乙");
    ok(await who.deji!.delete(at(`site-people/${id}`)));
    const stranger = demoActor(test.ids, "cirenzhuoma").personId;
    expect((await who.deji!.post(at("site-people"), { personId: stranger })).status).toBe(400);

    pass(300);
    // The line of the screen falls to slides and sound by itself.
    await report("listen-way", "deji", screen.sub, { way: "slides-and-sound" });
    await report("peer-left", "danzeng", phone);
    ok(await write("zhouminhua", "slide", { deckId, page: 2 }));
    ok(await write("danzeng", "chat", { text: "肾脏受累怎么办" }));
    ok(await live("interrupt"));
    pass(100);
    ok(await live("resume"));
    pass(300);
    expect(ok(await live("end")).state).toBe("published");
    expect(ok(await live("end")).state).toBe("published");
    expect((await write("danzeng", "chat", { text: "x" })).body.code).toBe("teaching.not-live");
    await run("teaching:attendance", { sessionId });
    await run("teaching:attendance", { sessionId });

    const { people, taughtSeconds } = ok(await who.zhouminhua!.get(at("attendance")));
    expect(taughtSeconds).toBe(600);
    // Phone and screen together once; the pause belongs to nobody.
    expect(
      people.map((one: { name: string; seconds: number; quizScore: number }) => [
        one.name,
        one.seconds,
        one.quizScore,
      ]),
    ).toEqual(
      expect.arrayContaining([
        ["旦增", 600, 1],
        ["实习生甲", 600, null],
      ]),
    );
    expect(people.map((one: { name: string }) => one.name)).not.toContain("实习生乙");
    expect(ok(await who.cirenzhuoma!.get(at("attendance"))).people).toEqual([]);
    pass(25 * 3_600);
    for (const login of logins) who[login] = await test.as(login);
    expect((await who.deji!.post(at("site-people"), { name: "太晚" })).body.code).toBe(
      "teaching.correction-over",
    );

    const replay = ok(await who.danzeng!.get(at(`replay?q=${encodeURIComponent("肾脏")}`)));
    expect(replay).toMatchObject({
      seconds: 700,
      chapters: [
        { offsetSeconds: 0, page: 1 },
        { offsetSeconds: 300, page: 2 },
      ],
      chat: [{ text: "肾脏受累怎么办", offsetSeconds: 300 }],
      polls: [{ question: "首选？", counts: [2, 4], right: [1] }],
    });
    expect(ok(await who.danzeng!.get(at("replay?q=zzz"))).chat).toEqual([]);

    expect(
      (await who.danzeng!.get("/api/teaching/statistics?from=2026-01-01&until=2030-01-01")).status,
    ).toBe(403);
    const period = "from=2026-01-01&until=2030-01-01";
    const figures = ok(await who.zhenglan!.get(`/api/teaching/statistics?${period}&by=session`));
    const own = figures.rows.find((row: { id: string }) => row.id === sessionId);
    expect(own).toMatchObject({ sites: 1, people: 2, minutes: 20, quiz: 1, credits: 1.5 });
    // 400 of the 1,000 seconds that the two devices of the house were connected.
    expect(own.thinShare).toBe(0.4);
    const file = await who.zhenglan!.get(`/api/teaching/statistics.csv?${period}&by=institution`);
    expect(file.raw.body).toContain("萨迦县卫生服务中心");
  });

  it("with a recording it is published when the replay is ready; above the measure new listeners get HLS, the stage not", async () => {
    sessionId = await planSession(true);
    await admin`insert into teaching_live_policy (institution_id, hls_above, stage_most, lead_lost_seconds, chat_seconds, slow_mode, correct_hours, set_at)
      values (${house("xuhui-central")}, 1, 6, 15, 2, true, 24, ${test.clock.now})`;
    await enter("zhouminhua");
    ok(await live("go-live"));
    const first = await enter("danzeng");
    expect(first.kind).toBe("room");
    await report("peer-joined", "danzeng", first.sub);
    const hls = await enter("cirenzhuoma");
    expect(hls).toMatchObject({
      kind: "hls",
      url: expect.stringContaining(sessionId),
      token: expect.any(String),
    });
    // Signs of life make the stay; a silence ends it.
    const beat = () =>
      who.cirenzhuoma!.post(at("heartbeat"), { deviceId: devices.cirenzhuoma, way: "sound-only" });
    pass(60);
    ok(await beat());
    expect((await state("zhouminhua")).counts).toMatchObject({ hls: 1 });
    pass(600);
    ok(await beat());
    const stays =
      await admin`select extract(epoch from coalesce(until_at, seen_at) - from_at)::int as s from teaching_presence where session_id = ${sessionId} and carrier = 'hls' order by from_at`;
    expect(stays.map((row) => row.s)).toEqual([60, 0]);
    // To the stage and back: another grant for the same device.
    const { personId } = demoActor(test.ids, "cirenzhuoma");
    ok(await who.zhouminhua!.post(at("stage"), { personId }));
    expect(await enter("cirenzhuoma")).toMatchObject({ kind: "room", publishes: true });
    ok(await who.zhouminhua!.post(at("stage/back"), { personId }));
    expect((await enter("cirenzhuoma")).kind).toBe("hls");
    const ended = ok(await live("end"));
    expect(ended.state).toBe("ended");
    await test.services.db.withActor(system, (tx) => recordingReady(tx, sessionId, test.clock.now));
    await test.services.db.withActor(system, (tx) => recordingReady(tx, sessionId, test.clock.now));
    const [row] = await admin`select state from teaching_session where id = ${sessionId}`;
    expect(row?.state).toBe("published");
  });
});
