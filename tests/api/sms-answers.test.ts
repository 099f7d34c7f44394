/** Answers by text message: whose phone, which booking, once, and never in a circle. */
import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { buildApp } from "../../server/app.ts";
import { createAttachmentStore } from "../../server/attachments/store.ts";
import { answerLimits } from "../../server/hotline/sms-text.ts";
import type { App } from "../../server/http/context.ts";
import { createMediaService } from "../../server/media/service.ts";
import { smsPhoneContext, smsTextContext } from "../../server/notices/service.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

const token = "gateway-token-gateway-token-gateway-1";
const phone = "13800138003";
const minuteMs = 60_000;

let test: TestApp;
let gateway: { app: App; close: () => void };
let owner: postgres.Sql;
let start: Date;
let zhou: Client;

beforeAll(async () => {
  test = await buildTestApp();
  start = test.clock.now;
  owner = postgres(test.database.admin, { max: 2 });
  // The same services behind an app that has a gateway.
  gateway = await buildApp({
    services: test.services,
    media: createMediaService({ secret: test.sfuSecret, clock: test.services.clock }),
    mediaUrls: [],
    webRoot: "/nonexistent",
    attachments: createAttachmentStore(test.dataDir),
    releaseRooms: test.releaseRooms,
    requestsPerMinute: 100_000,
    smsInboundToken: token,
  });
  await gateway.app.ready();
  zhou = await test.as(phone);
});
afterEach(async () => {
  test.clock.now = start;
  await owner`update seat set appointment_id = null, held_until = null, free_from = null`;
  await owner`delete from sms_inbound`;
  await owner`delete from sms_message`;
  await owner`delete from appointment`;
});
afterAll(async () => {
  gateway?.close();
  await gateway?.app.close();
  await owner?.end();
  await test?.close();
});

const post = (payload: unknown, authorization?: string) =>
  gateway.app.inject({
    method: "POST",
    url: "/api/sms/inbound",
    headers: authorization ? { authorization } : {},
    payload: payload as object,
  });
/** @returns the outcome, and what was sent back */
async function send(text: string, from = phone, id: string = randomUUID()) {
  const before = (await sent()).length;
  const answer = await post({ id, from, text }, `Bearer ${token}`);
  expect(answer.statusCode, answer.body).toBe(200);
  const after = await sent();
  return { outcome: answer.json().outcome as string, reply: after[before] ?? null };
}
async function sent(): Promise<string[]> {
  const rows = await owner`select phone_cipher, text_cipher from sms_message
    where kind = 'booking-answer' order by created_at`;
  for (const row of rows)
    expect(test.services.vault.open(smsPhoneContext, row.phone_cipher)).toMatch(/^1\d{10}$/);
  return rows.map((row) => test.services.vault.open(smsTextContext, row.text_cipher));
}
const state = async (id: string) =>
  (await owner`select state from appointment where id = ${id}`)[0]!.state as string;

async function held() {
  const { places } = (await zhou.get("/api/booking/places?kind=clinic")).body;
  const place = places.find(
    (one: { id: string }) => one.id === test.ids.institutions.get("zhabei-central"),
  );
  const department = place.departments[0].id;
  const { days } = (await zhou.get(`/api/booking/availability?departmentId=${department}&days=14`))
    .body;
  const day = days.slice(1).find((one: { state: string }) => one.state === "free").day;
  const { schedules } = (
    await zhou.get(`/api/booking/segments?departmentId=${department}&day=${day}`)
  ).body;
  const free = schedules
    .flatMap((one: { segments: { id: string; state: string }[] }) => one.segments)
    .find((one: { state: string }) => one.state === "free");
  const answer = await zhou.post("/api/appointments/hold", {
    segmentId: free.id,
    patientId: test.ids.patients.get("zhou")!,
  });
  expect(answer.status, answer.raw.body).toBe(200);
  return answer.body.appointment as { id: string; code: string };
}
async function booked() {
  const one = await held();
  await zhou.post(`/api/appointments/${one.id}/confirm`);
  return one;
}

describe("the gateway", () => {
  it("proves itself, or learns nothing", async () => {
    for (const authorization of [undefined, "Bearer wrong", token, `bearer ${token}x`]) {
      const answer = await post({ id: "x", from: phone, text: "取消 K7M2PX" }, authorization);
      expect(answer.json()).toMatchObject({ code: "auth.required" });
      expect((await post({ rubbish: true }, authorization)).statusCode).toBe(401);
    }
    // An installation without a gateway takes nothing, whatever is sent.
    const none = await test.app.inject({
      method: "POST",
      url: "/api/sms/inbound",
      headers: { authorization: "Bearer undefined" },
      payload: { id: "x", from: phone, text: "1" },
    });
    expect(none.statusCode).toBe(401);
    expect(Number((await owner`select count(*) from sms_inbound`)[0]!.count)).toBe(0);
  });

  it("is told when what it brings has no form", async () => {
    for (const body of [{}, { id: "", from: phone, text: "" }, { id: "a", from: phone, text: 1 }])
      expect((await post(body, `Bearer ${token}`)).statusCode).toBe(400);
    expect(await send("确认 K7M2PX", "移动10086")).toEqual({ outcome: "silent", reply: null });
  });
});

describe("only the phone of the booking", () => {
  it("may act; a stranger with the right code changes nothing and learns nothing", async () => {
    const one = await booked();
    const stranger = await send(`取消 ${one.code}`, "13800138004");
    const guessed = await send("取消 ZZZZZZ", "13800138004");
    expect(stranger).toMatchObject({ outcome: "refused" });
    expect(stranger.reply).toBe(guessed.reply);
    expect(await send(`取消 ${one.code}`, "13800138004")).toMatchObject({ outcome: "refused" });
    expect(await state(one.id)).toBe("booked");
  });

  it("gets an end to guessing", async () => {
    for (let index = 0; index < answerLimits.refusalsPerHour; index += 1)
      expect((await send("确认 ZZZZZZ")).outcome).toBe("refused");
    expect(await send("确认 ZZZZZZ")).toEqual({ outcome: "silent", reply: null });
  });
});

describe("an answer", () => {
  it("confirms a held seat, once, however often it is delivered", async () => {
    const one = await held();
    const first = await send(`确认${one.code.toLowerCase()}`, phone, "same");
    expect(first).toMatchObject({ outcome: "confirmed" });
    expect(first.reply).toContain(one.code);
    expect(await send(`确认${one.code}`, phone, "same")).toMatchObject({ reply: null });
    await Promise.all([1, 2, 3].map(() => send(`1 ${one.code}`, phone, "at-once")));
    expect((await sent()).length).toBe(2);
    expect(await state(one.id)).toBe("booked");
  });

  it("cancels only when asked twice, by two messages, in time", async () => {
    const one = await booked();
    const asked = await send(`2${one.code}`, phone, "first");
    expect(asked).toMatchObject({ outcome: "cancel-asked" });
    expect(asked.reply).toContain("再回复一次");
    // The gateway repeats itself: that is no second word.
    await send(`2${one.code}`, phone, "first");
    expect(await state(one.id)).toBe("booked");
    // Too late is asked again.
    test.clock.now = new Date(start.getTime() + (answerLimits.cancelMinutes + 1) * minuteMs);
    expect((await send(`取消${one.code}`)).outcome).toBe("cancel-asked");
    test.clock.now = new Date(test.clock.now.getTime() + minuteMs);
    expect((await send(`不要取消${one.code}`)).outcome).toBe("kept");
    test.clock.now = new Date(test.clock.now.getTime() + minuteMs);
    expect((await send(`取消${one.code}`)).outcome).toBe("cancel-asked");
    test.clock.now = new Date(test.clock.now.getTime() + minuteMs);
    const done = await send(`取消${one.code}`);
    expect(done).toMatchObject({ outcome: "cancelled" });
    expect(await state(one.id)).toBe("cancelled");
    expect((await send(`取消${one.code}`)).outcome).toBe("cancelled");
    const [traced] =
      await owner`select actor_kind from audit_event where action = 'appointment.cancel'
      and entity_id = ${one.id}`;
    expect(traced!.actor_kind).toBe("patient");
  });

  it("says in a sentence what is not possible any more", async () => {
    const one = await held();
    test.clock.now = new Date(start.getTime() + 60 * minuteMs);
    await owner`update appointment set state = 'lapsed', ended_at = now() where id = ${one.id}`;
    const late = await send(`确认 ${one.code}`);
    expect(late.outcome).toBe("refused");
    expect(late.reply).toContain("没有办成");
  });

  it("tells the place in the queue", async () => {
    const one = await booked();
    expect((await send(`排队 ${one.code}`)).reply).toContain("还没有开始排队");
    await owner`update appointment set state = 'waiting', queue_key = 5, checked_in_at = now() where id = ${one.id}`;
    const place = await send(`3 ${one.code}`);
    expect(place).toMatchObject({ outcome: "place" });
    expect(place.reply).toMatch(/下一位就是您|前面还有 0 位/);
  });

  it("is in the patient's language", async () => {
    const one = await booked();
    await owner`update patient set language = 'en' where id = ${test.ids.patients.get("zhou")!}`;
    expect((await send(`cancel ${one.code}`)).reply).toMatch(/^\[Yilian\] Cancel the visit of/);
    await owner`update patient set language = 'bo' where id = ${test.ids.patients.get("zhou")!}`;
    expect((await send(`排队 ${one.code}`)).reply).toMatch(/[\u0f00-\u0fff]/);
    await owner`update patient set language = 'zh-CN' where id = ${test.ids.patients.get("zhou")!}`;
  });
});

describe("what is not understood", () => {
  it("gets one helpful sentence a day, with the own codes and nobody else's", async () => {
    const one = await booked();
    const help = await send("谢谢医生");
    expect(help).toMatchObject({ outcome: "unknown" });
    expect(help.reply).toContain(one.code);
    expect(await send("谢谢医生")).toEqual({ outcome: "silent", reply: null });
    // A machine that answers every message is answered by silence.
    for (let index = 0; index < 3; index += 1)
      expect((await send("[自动回复] 我正在开车")).reply).toBeNull();
    const other = await send("你好", "13800138004");
    expect(other.reply).not.toContain(one.code);
    test.clock.now = new Date(start.getTime() + 25 * 60 * minuteMs);
    expect((await send("谢谢")).outcome).toBe("unknown");
  });

  it("stops being looked at after many in an hour", async () => {
    const one = await booked();
    for (let index = 0; index < answerLimits.perHour; index += 1) await send(`排队 ${one.code}`);
    expect(await send(`取消 ${one.code}`)).toEqual({ outcome: "silent", reply: null });
    expect(await state(one.id)).toBe("booked");
  });
});

describe("the demo's outbox", () => {
  it("answers in place of a phone", async () => {
    const one = await held();
    const answer = await test.anonymous.post("/api/demo/sms", {
      phone,
      text: `确认 ${one.code}`,
    });
    expect(answer.body).toMatchObject({ outcome: "confirmed" });
    expect(answer.body.reply).toContain("已约好");
    const { messages } = (await test.anonymous.get("/api/demo/sms")).body;
    expect(messages[0]).toMatchObject({ phone, text: answer.body.reply });
  });
});
