import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Tx } from "../../server/db/client.ts";
import { assertSendable, isStillUseful } from "../../server/notices/domain.ts";
import { releaseHeld } from "../../server/notices/release.ts";
import { noticeRoutes } from "../../server/notices/routes.ts";
import { notify, sendSms } from "../../server/notices/service.ts";
import {
  createDemoSmsProvider,
  createHttpSmsProvider,
  type OutgoingSms,
  type SmsProvider,
  SmsRefusedError,
} from "../../server/notices/sms-provider.ts";
import { moveSms, releaseSms } from "../../server/notices/sms-service.ts";
import { smsStates, smsSteps } from "../../server/notices/sms-states.ts";
import { noticeTasks } from "../../server/notices/tasks.ts";
import { terminologyRoutes } from "../../server/terminology/routes.ts";
import {
  type Clone,
  cloneDatabase,
  createWorld,
  silent,
  system,
  vault,
  type World,
} from "./kit.ts";
import { buildKitApp, type KitApp } from "./kit-app.ts";

const now = new Date("2026-11-22T04:00:00Z");
let clone: Clone;
let world: World;
let kit: KitApp;
let demo: KitApp;
beforeAll(async () => {
  clone = await cloneDatabase();
  world = await createWorld(clone.db);
  const options = { db: clone.db, clock: () => now };
  kit = await buildKitApp(options, async (app, services) => {
    await noticeRoutes(app, services);
    await terminologyRoutes(app);
  });
  demo = await buildKitApp({ ...options, demo: true }, noticeRoutes);
});
afterAll(async () => {
  await Promise.all([kit?.app.close(), demo?.app.close()]);
  await clone.close();
});

const notice = (more: object = {}) => ({
  personIds: [world.specialist.personId],
  kind: "consult-assigned",
  entityType: "consult",
  entityId: world.consultId,
  detail: { urgency: "urgent" },
  dedupeKey: randomUUID(),
  at: now,
  ...more,
});
const asAttending = <Result>(work: (tx: Tx) => Promise<Result>) =>
  clone.db.withActor(world.attending, work);
const list = async (actor: World["attending"]) => {
  const answer = await kit.app.inject({ url: "/api/notices", headers: kit.as(actor) });
  expect(answer.statusCode).toBe(200);
  return answer.json<{ notices: { id: string; kind: string; readAt: string | null }[] }>().notices;
};

describe("notices: who may not", () => {
  test("nobody without a session, no patient", async () => {
    expect((await kit.app.inject({ url: "/api/notices" })).statusCode).toBe(401);
    expect(
      (await kit.app.inject({ url: "/api/notices", headers: kit.as(world.patient) })).statusCode,
    ).toBe(403);
    expect(
      (await kit.app.inject({ method: "POST", url: `/api/notices/${randomUUID()}/read` }))
        .statusCode,
    ).toBe(401);
  });

  test("nobody reads or marks another's, even without a WHERE", async () => {
    await asAttending((tx) => notify(tx, notice()));
    const [mine] = await list(world.specialist);
    expect(await list(world.outsider)).toEqual([]);
    const answer = await kit.app.inject({
      method: "POST",
      url: `/api/notices/${mine?.id}/read`,
      headers: kit.as(world.outsider),
    });
    expect(answer.json()).toMatchObject({ code: "request.not-found", status: 404 });
    expect((await list(world.specialist))[0]?.readAt).toBeNull();
  });
});

describe("notices", () => {
  test("are told once for the same thing, and the persons' pages hear of it", async () => {
    const once = notice({
      personIds: [world.specialist.personId, world.specialist.personId],
      kind: "once",
    });
    await asAttending((tx) => notify(tx, once));
    await asAttending((tx) => notify(tx, once));
    expect((await list(world.specialist)).filter((one) => one.kind === "once")).toHaveLength(1);
    const events =
      await clone.admin`select person_ids from outbox_event where topic = 'notice' order by id desc limit 1`;
    expect(events[0]?.person_ids).toEqual([world.specialist.personId]);
    await asAttending((tx) => notify(tx, notice({ personIds: [] })));
  });

  test("are marked read, at the business clock, and stay so", async () => {
    await asAttending((tx) => notify(tx, notice({ kind: "to-read" })));
    const found = (await list(world.specialist)).find((one) => one.kind === "to-read");
    for (const _ of [1, 2]) {
      const answer = await kit.app.inject({
        method: "POST",
        url: `/api/notices/${found?.id}/read`,
        headers: { ...kit.as(world.specialist), "idempotency-key": "read-notice-1" },
      });
      expect([answer.statusCode, answer.json()]).toEqual([200, { ok: true }]);
    }
    expect((await list(world.specialist)).find((one) => one.id === found?.id)?.readAt).toBe(
      now.toISOString(),
    );
  });
});

const text = (more: object = {}) => ({
  phone: "13800000001",
  kind: "opinion-ready",
  text: "【医联】会诊意见已出，请打开“我的记录”查看。",
  dedupeKey: randomUUID(),
  at: now,
  ...more,
});
const deliver = async (provider: SmsProvider, at = now) => {
  const rows = await clone.admin`select payload from graphile_worker._private_jobs j
    join graphile_worker._private_tasks t on t.id = j.task_id where t.identifier = 'sms:deliver'`;
  for (const { payload } of rows) {
    await noticeTasks({ vault, provider })["sms:deliver"]!(payload, {
      db: clone.db,
      clock: () => at,
      log: silent,
      asJob: (work) =>
        clone.db.withActor({ kind: "job", task: "sms:deliver", language: "zh-CN" }, work),
    });
  }
};
const clear = () => clone.admin`delete from graphile_worker._private_jobs`;
const messageOf = async (dedupeKey: string) =>
  (await clone.admin`select * from sms_message where dedupe_key = ${dedupeKey}`)[0];

describe("text messages", () => {
  test("nobody but the server reads them; the page of the demo is not there without demo data", async () => {
    await asAttending((tx) => sendSms(tx, vault, text()));
    const seen = await asAttending((tx) => tx.execute("select * from sms_message"));
    expect([...seen]).toEqual([]);
    const answer = await kit.app.inject({ url: "/api/demo/sms" });
    expect(answer.json()).toMatchObject({ status: 404, code: "auth.no-demo" });
    await clear();
  });

  test("lie sealed, and the job carries no phone and no text", async () => {
    const message = text({ phone: "13800000077" });
    await asAttending((tx) => sendSms(tx, vault, message));
    const row = await messageOf(message.dedupeKey);
    const [job] =
      await clone.admin`select payload::text as payload from graphile_worker._private_jobs`;
    expect(JSON.stringify([row, job])).not.toMatch(/13800000077|会诊/);
    await clear();
  });

  test("are sent once, however often they are asked for or the job runs", async () => {
    const message = text();
    await asAttending((tx) => sendSms(tx, vault, message));
    await asAttending((tx) => sendSms(tx, vault, message));
    const sent: OutgoingSms[] = [];
    const provider: SmsProvider = { name: "test", send: async (one) => void sent.push(one) };
    await deliver(provider);
    await deliver(provider);
    expect(sent).toEqual([{ id: expect.any(String), phone: message.phone, text: message.text }]);
    expect((await messageOf(message.dedupeKey))?.sent_at).toEqual(now);
    await clear();
  });

  test("a passing fault is tried again, a refusal is noted and left", async () => {
    const message = text();
    await asAttending((tx) => sendSms(tx, vault, message));
    const failing = (error: Error): SmsProvider => ({
      name: "test",
      send: () => Promise.reject(error),
    });
    await expect(deliver(failing(new Error("line broken")))).rejects.toThrow("line broken");
    expect(await messageOf(message.dedupeKey)).toMatchObject({
      sent_at: null,
      failed_reason: null,
    });
    await deliver(failing(new SmsRefusedError(400)));
    expect(await messageOf(message.dedupeKey)).toMatchObject({
      sent_at: null,
      failed_reason: "refused",
    });
    await clear();
  });

  test("a code that comes too late is not sent", async () => {
    const message = text({ kind: "sign-in-code", text: "【医联】验证码 123456" });
    await clone.db.withActor(system, (tx) => sendSms(tx, vault, message));
    await deliver(createDemoSmsProvider(), new Date(now.getTime() + 6 * 60_000));
    expect(await messageOf(message.dedupeKey)).toMatchObject({
      sent_at: null,
      failed_reason: "too-late",
    });
    await clear();
  });

  test("the demo's page shows what would have been sent", async () => {
    const message = text({ text: "【医联】测试短信", at: new Date(now.getTime() + 1000) });
    await asAttending((tx) => sendSms(tx, vault, message));
    await deliver(createDemoSmsProvider());
    const answer = await demo.app.inject({ url: "/api/demo/sms" });
    expect(answer.json<{ messages: unknown[] }>().messages[0]).toEqual({
      at: message.at.toISOString(),
      phone: message.phone,
      text: message.text,
    });
    await clear();
  });

  test("sent ones go after thirty days", async () => {
    const message = text({ at: new Date(now.getTime() - 31 * 86_400_000) });
    await asAttending((tx) => sendSms(tx, vault, message));
    await noticeTasks({ vault, provider: createDemoSmsProvider() })["sms:clean"]!(null, {
      db: clone.db,
      clock: () => now,
      log: silent,
      asJob: (work) => clone.db.withActor(system, work),
    });
    expect(await messageOf(message.dedupeKey)).toBeUndefined();
    await clear();
  });

  test.each([
    { text: "诊断 D69.3，请复诊" },
    { text: "" },
    { text: "长".repeat(671) },
    { phone: "not a phone" },
    { kind: "Wrong Kind" },
  ])("%j may not be sent", (more) =>
    expect(() => assertSendable(text(more))).toThrow(/may be sent/),
  );

  test("a code is of use for five minutes, another message for a day", () => {
    const later = (minutes: number) => new Date(now.getTime() + minutes * 60_000);
    expect(isStillUseful({ kind: "sign-in-code", at: now }, later(5))).toBe(true);
    expect(isStillUseful({ kind: "sign-in-code", at: now }, later(5.1))).toBe(false);
    expect(isStillUseful({ kind: "opinion-ready", at: now }, later(24 * 60))).toBe(true);
  });
});

describe("the gateway over HTTP", () => {
  const gateway = async (answers: (number | "hang" | "redirect")[]) => {
    const asked: { headers: IncomingMessage["headers"]; body: unknown }[] = [];
    const server = createServer((request, response) => {
      const answer = answers[Math.min(asked.length, answers.length - 1)];
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        asked.push({
          headers: request.headers,
          body: JSON.parse(Buffer.concat(chunks).toString()),
        });
        if (answer === "hang") return;
        if (answer === "redirect")
          response.writeHead(307, { location: "http://elsewhere.invalid/" });
        else response.writeHead(answer ?? 200);
        response.end("{}");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/send`;
    const provider = createHttpSmsProvider({
      url,
      token: "secret",
      signature: "医联",
      timeoutMs: 200,
      retryDelaysMs: [10, 10],
    });
    const close = () => {
      server.closeAllConnections();
      server.close();
    };
    return { asked, provider, close };
  };
  const message = { id: randomUUID(), phone: "13800000001", text: "你好" };

  test("is given the message under its id, with the token", async () => {
    const { asked, provider, close } = await gateway([200]);
    await provider.send(message);
    expect(asked).toHaveLength(1);
    expect(asked[0]?.body).toEqual({
      id: message.id,
      to: message.phone,
      text: message.text,
      signature: "医联",
    });
    expect(asked[0]?.headers).toMatchObject({
      authorization: "Bearer secret",
      "idempotency-key": message.id,
    });
    close();
  });

  test("is asked again after 503 and 429, and after silence", async () => {
    for (const first of [503, 429, "hang"] as const) {
      const { asked, provider, close } = await gateway([first, 200]);
      await provider.send(message);
      expect(asked).toHaveLength(2);
      close();
    }
  });

  test("a refusal is final; what goes on failing is left to the queue; no word of it names phone or text", async () => {
    const refusing = await gateway([400]);
    await expect(refusing.provider.send(message)).rejects.toThrow(SmsRefusedError);
    expect(refusing.asked).toHaveLength(1);
    refusing.close();
    const failing = await gateway([500]);
    const error = await failing.provider.send(message).catch((one: Error) => one);
    expect(failing.asked).toHaveLength(3);
    expect(String(error)).not.toMatch(/138|你好/);
    failing.close();
  });

  test("a redirect is not followed", async () => {
    const { provider, close } = await gateway(["redirect"]);
    await expect(provider.send(message)).rejects.toThrow();
    close();
  });
});

describe("terminology", () => {
  const search = (
    q: string,
    actor: World["attending"] | World["patient"] | null = world.attending,
  ) =>
    kit.app.inject({
      url: `/api/terminology/icd10?q=${encodeURIComponent(q)}`,
      headers: kit.as(actor),
    });

  test("is for staff", async () => {
    expect((await search("d69", null)).statusCode).toBe(401);
    expect((await search("d69", world.patient)).statusCode).toBe(403);
  });

  test("finds by code and by Chinese; nonsense finds nothing", async () => {
    expect((await search("D69")).json<{ codes: { code: string }[] }>().codes[0]?.code).toMatch(
      /^D69/,
    );
    expect((await search("紫癜")).json<{ codes: unknown[] }>().codes.length).toBeGreaterThan(0);
    expect((await search("zzzzqqq")).json()).toEqual({ codes: [] });
    expect((await search("")).statusCode).toBe(400);
    expect((await search("x".repeat(101))).statusCode).toBe(400);
  });
});

describe("what can wait", () => {
  const night = new Date("2026-11-23T15:30:00Z");
  const morning = new Date("2026-11-23T23:00:00Z");
  const job = <Result>(work: (tx: Tx) => Promise<Result>) =>
    clone.db.withActor({ kind: "job", task: "test", language: "zh-CN" }, work);
  // Where nobody has a place of work nothing is held: there is no night to count by.
  beforeAll(async () => {
    await clone.admin`insert into role (code, name_zh, name_en, name_bo) values ('night-test', '测试', 'test', 'ཚོད་ལྟ།')`;
    await clone.admin`insert into role_assignment (person_id, institution_id, role_code) values (${world.specialist.personId}, ${world.xuhuiId}, 'night-test')`;
  });
  const rowsOf = (dedupeKey: string) =>
    clone.admin`select * from notice where dedupe_key = ${dedupeKey}`;

  test("is held at night and told in the morning, once, whoever else is at it; what is urgent is told", async () => {
    const key = randomUUID();
    await asAttending((tx) =>
      notify(
        tx,
        notice({
          kind: "consult-accepted",
          detail: { urgency: "routine" },
          dedupeKey: key,
          at: night,
        }),
      ),
    );
    await asAttending((tx) =>
      notify(
        tx,
        notice({ kind: "consult-emergency", detail: {}, dedupeKey: `${key}!`, at: night }),
      ),
    );
    const [held] = await rowsOf(key);
    expect([held?.held_for, held?.held_until, held?.released_at]).toEqual(["quiet", morning, null]);
    expect((await rowsOf(`${key}!`))[0]?.held_until).toBeNull();
    await job((tx) => releaseHeld(tx, new Date(morning.getTime() - 1)));
    expect((await rowsOf(key))[0]?.released_at).toBeNull();
    // One that dies in the middle leaves it as it was.
    await expect(
      job(async (tx) => {
        await releaseHeld(tx, morning);
        throw new Error("killed");
      }),
    ).rejects.toThrow("killed");
    expect((await rowsOf(key))[0]?.released_at).toBeNull();
    const before = Number(
      (await clone.admin`select count(*) from outbox_event where topic = 'notice'`)[0]?.count,
    );
    await Promise.all([1, 2, 3].map(() => job((tx) => releaseHeld(tx, morning))));
    expect((await rowsOf(key))[0]?.released_at).toEqual(morning);
    expect(
      Number(
        (await clone.admin`select count(*) from outbox_event where topic = 'notice'`)[0]?.count,
      ),
    ).toBe(before + 1);
  });

  test("routine clocks become one message of counts, without a number or a name", async () => {
    const at = new Date("2026-11-23T01:00:00Z");
    for (const n of [1, 2, 3])
      await asAttending((tx) =>
        notify(
          tx,
          notice({
            kind: n === 3 ? "follow-up-missed" : "referral-overdue",
            entityType: "thing",
            detail: { urgency: "routine", rung: "desk", number: `ZZ${n}` },
            dedupeKey: `gathered-${n}`,
            at,
          }),
        ),
      );
    const rows = await clone.admin`select * from notice where dedupe_key like 'gathered-%'`;
    expect(new Set(rows.map((row) => row.held_for))).toEqual(new Set(["digest"]));
    const due = rows[0]!.held_until as Date;
    expect(due > at).toBe(true);
    await Promise.all([1, 2].map(() => job((tx) => releaseHeld(tx, due))));
    await job((tx) => releaseHeld(tx, due));
    const digests =
      await clone.admin`select * from notice where kind = 'digest' and person_id = ${world.specialist.personId}`;
    expect(digests.map((row) => row.detail)).toEqual([
      { count: 3, counts: { "referral-overdue": 2, "follow-up-missed": 1 } },
    ]);
    const gone =
      await clone.admin`select distinct digest_id from notice where dedupe_key like 'gathered-%'`;
    expect(gone.map((row) => row.digest_id)).toEqual([digests[0]?.id]);
  });

  test("the states of a message are the table's", async () => {
    const rows = await clone.admin`select from_state, to_state from sms_transition order by 1, 2`;
    const steps = smsStates.flatMap((from) => smsSteps[from].map((to) => `${from} ${to}`));
    expect(rows.map((row) => `${row.from_state} ${row.to_state}`).toSorted()).toEqual(
      steps.toSorted(),
    );
  });

  test("a message that does not arrive becomes a call, when no other of the same news has it, and its sender is told", async () => {
    const news = randomUUID();
    const send = (phone: string) =>
      asAttending((tx) =>
        sendSms(tx, vault, {
          ...text({ phone, dedupeKey: `${news}:${phone}` }),
          patientId: world.patientId,
          institutionId: world.sakyaId,
          senderId: world.attending.personId,
          newsKey: news,
          call: {
            kind: "message-failed",
            dueAt: now,
            words: { "zh-CN": "请来", bo: "ཕེབས།", en: "Come" },
          },
        }),
      );
    await send("13800000001");
    await send("13800000002");
    const ids = (
      await clone.admin`select id from sms_message where news_key = ${news} order by dedupe_key`
    ).map((row) => row.id as string);
    const move = (id: string, state: "sent" | "failed" | "delivered") =>
      job((tx) => moveSms(tx, vault, id, { state }, now));
    const calls = () =>
      clone.admin`select * from call_task where dedupe_key = ${`sms-lost:${news}`}`;
    await move(ids[0]!, "sent");
    await move(ids[0]!, "failed");
    expect(await calls()).toHaveLength(0);
    await move(ids[1]!, "failed");
    await move(ids[1]!, "failed");
    expect(await move(ids[1]!, "delivered")).toBe(false);
    await expect(
      clone.admin`update sms_message set state = 'held' where id = ${ids[1]!}`,
    ).rejects.toThrow("a message cannot go");
    expect(await calls()).toMatchObject([{ kind: "message-failed", state: "open" }]);
    const told =
      await clone.admin`select person_id from notice where kind = 'message-lost' and entity_id = ${ids[1]!}`;
    expect(told.map((row) => row.person_id)).toEqual([world.attending.personId]);
  });

  test("does not stand as sent for ever: unconfirmed after an hour, where the gateway reports at all", async () => {
    const quiet = await clone.admin<{ id: string }[]>`
      insert into sms_message (phone_cipher, kind, text_cipher, dedupe_key, at, sent_at, state) values
        ('x', 'test', 'x', 'unconfirmed-1', ${new Date(now.getTime() - 2 * 3_600_000)}, ${new Date(now.getTime() - 61 * 60_000)}, 'sent'),
        ('x', 'test', 'x', 'unconfirmed-2', ${now}, ${new Date(now.getTime() - 59 * 60_000)}, 'sent') returning id`;
    const states = async () =>
      (
        await clone.admin`select state from sms_message where dedupe_key like 'unconfirmed-%' order by dedupe_key`
      ).map((row) => row.state);
    await clone.admin`update sms_message set state_at = ${new Date(now.getTime() - 8 * 86_400_000)} where state = 'delivered'`;
    await job((tx) => releaseSms(tx, vault, now));
    // Its silence says nothing: it has never said that one arrived.
    expect(await states()).toEqual(["sent", "sent"]);
    await clone.admin`insert into sms_message (phone_cipher, kind, text_cipher, dedupe_key, at, state, state_at)
      values ('x', 'test', 'x', 'reported', ${now}, 'delivered', ${now})`;
    await job((tx) => releaseSms(tx, vault, now));
    expect(await states()).toEqual(["unconfirmed", "sent"]);
    // A late word still counts.
    expect(await job((tx) => moveSms(tx, vault, quiet[0]!.id, { state: "delivered" }, now))).toBe(
      true,
    );
    expect(await states()).toEqual(["delivered", "sent"]);
  });
});
