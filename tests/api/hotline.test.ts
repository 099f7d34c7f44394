/** The hotline, registered helpers and calls instead of messages, against the real database. */
import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { tellNear } from "../../server/booking/tasks.ts";
import { offerSeats } from "../../server/booking/waitlist-service.ts";
import { dropSilentCalls } from "../../server/hotline/call-service.ts";
import { hotlineSteps } from "../../server/hotline/domain.ts";
import { systemActor } from "../../server/identity/service.ts";
import { lapseCalls } from "../../server/notices/call-service.ts";
import { callSteps } from "../../server/notices/domain.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

let test: TestApp;
let owner: postgres.Sql;
let start: Date;
let operator: Client;
let colleague: Client;
let nurse: Client;
let helper: Client;
let doctor: Client;

const minuteMs = 60_000;
beforeAll(async () => {
  test = await buildTestApp();
  start = test.clock.now;
  owner = postgres(test.database.admin, { max: 2 });
  [operator, colleague, nurse, helper, doctor] = (await Promise.all(
    ["panyue", "panyue", "fangyun", "qianfang", "wangjianguo"].map((who) => test.as(who)),
  )) as [Client, Client, Client, Client, Client];
});
afterEach(async () => {
  test.clock.now = start;
  await owner`update seat set appointment_id = null, held_until = null, free_from = null`;
  await owner`delete from call_attempt`;
  await owner`delete from call_task`;
  await owner`delete from hotline_letter`;
  await owner`delete from hotline_call`;
  await owner`delete from waitlist_entry`;
  await owner`delete from notice_preference`;
  await owner`delete from appointment`;
  await owner`update helper_consent set revoked_at = null, revoked_by = null`.catch(() => {});
});
afterAll(async () => {
  await owner?.end();
  await test?.close();
});

const asSystem = <Answer>(work: Parameters<typeof test.services.db.withActor<Answer>>[1]) =>
  test.services.db.withActor(systemActor("test"), work);
const tab = "tab-one-0001";
const draft = {
  step: "person",
  kind: null,
  institutionId: null,
  departmentId: null,
  doctorId: null,
  day: null,
  segmentId: null,
};
// biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
type Call = any;
const open = async (client: Client = operator, own = tab): Promise<Call> =>
  (await client.post("/api/hotline/calls", { tab: own })).body;
const content = (call: Call, change: object = {}, own = tab) => ({
  tab: own,
  version: call.version,
  operatorMs: 0,
  operatorActions: 0,
  callerName: null,
  callerPhone: null,
  callerRelation: "self",
  questionsId: call.questionsId,
  answers: ["no", "no", "no"],
  consent: null,
  draft,
  ...change,
});
const save = (call: Call, change: object = {}, client = operator, own = tab) =>
  client.put(`/api/hotline/calls/${call.id}`, content(call, change, own));
const said = { words: "我同意你们帮我约号", by: "self" };
/** A call that may book: asked, person chosen, agreed. */
async function ready(q = "021-56881234", client = operator, own = tab): Promise<Call> {
  let call = await open(client, own);
  call = (await save(call, {}, client, own)).body;
  const found = (await client.post("/api/hotline/search", { q })).body;
  const chosen = await client.post(`/api/hotline/calls/${call.id}/person`, {
    tab: own,
    version: call.version,
    patientId: found.people[0].id,
    q,
  });
  expect(chosen.status, JSON.stringify(chosen.body)).toBe(200);
  const { callerPhone } = chosen.body;
  return (await save(chosen.body, { consent: said, callerPhone }, client, own)).body;
}
async function freeSegments(slug: string, kind = "clinic", client = operator) {
  const { places } = (await client.get(`/api/booking/places?kind=${kind}`)).body;
  const place = places.find((one: { id: string }) => one.id === test.ids.institutions.get(slug));
  for (const department of place.departments) {
    const base = `departmentId=${department.id}&kind=${kind}`;
    const { days } = (await client.get(`/api/booking/availability?${base}&days=14`)).body;
    const day = days.slice(1).find((one: { state: string }) => one.state === "free")?.day;
    if (!day) continue;
    const { schedules } = (await client.get(`/api/booking/segments?${base}&day=${day}`)).body;
    const schedule = schedules.find((one: { segments: { state: string }[] }) =>
      one.segments.some((part) => part.state === "free"),
    );
    return {
      day: day as string,
      schedule: schedule.id as string,
      segments: schedule.segments.filter((one: { state: string }) => one.state === "free") as {
        id: string;
        startsAt: string;
      }[],
    };
  }
  throw new Error(`nothing free at ${slug}`);
}
const hold = (call: Call, segmentId: string, client = operator, own = tab) =>
  client.post(`/api/hotline/calls/${call.id}/hold`, {
    tab: own,
    version: call.version,
    segmentId,
  });
const confirm = (call: Call, way = "read-out", address: string | null = null) =>
  operator.post(`/api/hotline/calls/${call.id}/confirm`, {
    tab,
    version: call.version,
    operatorMs: 21_000,
    operatorActions: 12,
    way,
    address,
  });
async function book(q?: string, slug = "zhabei-central", kind = "fever-clinic"): Promise<Call> {
  const call = await ready(q);
  const { segments } = await freeSegments(slug, kind);
  const held = await hold(call, segments[0]!.id);
  expect(held.status, JSON.stringify(held.body)).toBe(200);
  const done = await confirm(held.body);
  expect(done.status, JSON.stringify(done.body)).toBe(200);
  return done.body;
}

describe("who is refused", () => {
  it("lets in operators and nurses only", async () => {
    expect((await test.anonymous.get("/api/hotline")).status).toBe(401);
    for (const who of ["lijia", "qianfang", "guxiaowen", "13800138003"]) {
      const client = await test.as(who);
      for (const answer of [
        await client.get("/api/hotline"),
        await client.post("/api/hotline/search", { q: "周桂英" }),
        await client.post("/api/hotline/calls", { tab }),
        await client.get("/api/hotline/letters"),
      ])
        expect([401, 403], `${who}: ${answer.raw.body}`).toContain(answer.status);
    }
  });

  it("shows a call to nobody at another institution", async () => {
    const call = await open();
    const other = await test.as("lumin");
    expect((await other.get(`/api/hotline/calls/${call.id}`)).status).toBe(404);
    expect((await other.get("/api/hotline")).body.calls).toEqual([]);
    const taken = await other.post(`/api/hotline/calls/${call.id}/take`, { tab, version: 1 });
    expect(taken.status).toBe(404);
  });

  it("asks before it books, in the page's service and in the database", async () => {
    const { segments } = await freeSegments("zhabei-central", "fever-clinic");
    const segmentId = segments[0]!.id;
    let call = await open();
    expect((await hold(call, segmentId)).body.code).toBe("hotline.no-person");
    const found = (await operator.post("/api/hotline/search", { q: "021-56881234" })).body;
    const patientId = found.people[0].id;
    call = (
      await operator.post(`/api/hotline/calls/${call.id}/person`, {
        tab,
        version: call.version,
        patientId,
        q: "021-56881234",
      })
    ).body;
    expect((await hold(call, segmentId)).body.code).toBe("hotline.questions-first");
    call = (await save(call)).body;
    // Asked, but the patient has not agreed.
    expect((await hold(call, segmentId)).body.code).toBe("hotline.questions-first");
    // The plain way has the same lock.
    const plain = {
      segmentId,
      patientId,
      channel: "hotline",
      consent: "spoken",
    };
    expect((await operator.post("/api/assist/appointments/hold", plain)).body.code).toBe(
      "hotline.questions-first",
    );
    call = (await save(call, { consent: said })).body;
    expect((await operator.post("/api/assist/appointments/hold", plain)).status).toBe(200);
  });

  it("links nobody whose number was not given", async () => {
    const call = (await save(await open())).body;
    const stranger = test.ids.patients.get("dawa")!;
    for (const q of ["达娃", "13800138003"]) {
      const answer = await operator.post(`/api/hotline/calls/${call.id}/person`, {
        tab,
        version: call.version,
        patientId: stranger,
        q,
      });
      expect(answer.status, q).toBe(404);
    }
    expect((await operator.post("/api/hotline/search", { q: "达娃" })).body.people).toEqual([]);
  });
});

describe("state tables", () => {
  it("are the same in the database as in the code", async () => {
    for (const [table, steps] of [
      ["hotline_transition", hotlineSteps],
      ["call_task_transition", callSteps],
    ] as const) {
      const rows = await asSystem((tx) =>
        tx.execute<{ step: string }>(
          sql`select from_state || '>' || to_state as step from ${sql.identifier(table)}`,
        ),
      );
      const own = Object.entries(steps).flatMap(([from, to]) =>
        to.map((one: string) => `${from}>${one}`),
      );
      expect(rows.map((row) => row.step).sort()).toEqual(own.sort());
    }
  });
});

describe("a call", () => {
  it("finds by the whole number with a masked name, and traces whom it showed", async () => {
    const found = (await operator.post("/api/hotline/search", { q: "１３８ 0013 8003" })).body;
    expect(found).toMatchObject({ by: "phone", people: [{ known: false, phoneMasked: null }] });
    expect(found.people[0].name).not.toBe("周桂英");
    const zhou = await test.as("13800138003");
    const traces = (await zhou.get("/api/my/access")).body.entries as { action: string }[];
    expect(traces.some((one) => one.action === "hotline.search")).toBe(true);
    expect((await operator.post("/api/hotline/search", { q: "13900000000" })).body.people).toEqual(
      [],
    );
  });

  it("books by the rules of the phone, for a caller who is not the patient", async () => {
    const call = await ready();
    const { segments } = await freeSegments("zhabei-central", "fever-clinic");
    const saved = (
      await save(call, {
        callerName: "央宗",
        callerPhone: "138 0013 8005",
        callerRelation: "child",
        consent: { words: "妈妈说：同意", by: "self" },
      })
    ).body;
    expect(saved).toMatchObject({
      callerPhone: "13800138005",
      consent: { words: "妈妈说：同意", by: "self", heardBy: "潘悦" },
    });
    const held = (await hold(saved, segments[0]!.id)).body;
    expect(held.appointment).toMatchObject({ state: "held", channel: "hotline" });
    const done = (await confirm(held, "sms")).body;
    expect(done).toMatchObject({
      confirmWay: "sms",
      operatorMs: 21_000,
      operatorActions: 12,
      appointment: { state: "booked", patient: { name: "沈秀兰" } },
    });
    const [row] = await owner`select relation, channel from appointment`;
    expect(row).toMatchObject({ relation: "child", channel: "hotline" });
    // A second press answers the same and books nothing more.
    expect((await confirm(done, "sms")).status).toBe(200);
    expect(Number((await owner`select count(*) from appointment`)[0]!.count)).toBe(1);
    const ended = await operator.post(`/api/hotline/calls/${call.id}/end`, {
      tab,
      version: (await operator.get(`/api/hotline/calls/${call.id}`)).body.version,
      outcome: "booked",
    });
    expect(ended.body).toMatchObject({ state: "ended", outcome: "booked" });
    // The call is over: what is booked elsewhere is not the operator's to see any more.
    expect((await operator.get(`/api/hotline/calls/${call.id}/appointments`)).status).toBe(409);
  });

  it("registers somebody unknown in a few words", async () => {
    const call = (await save(await open())).body;
    const body = {
      tab,
      version: call.version,
      fullName: "葛玉珍",
      sex: "female",
      ageYears: 80,
      residentId: null,
      address: "上海市静安区大宁路 1 号",
      phone: "021-66501234",
      callerName: null,
      callerRelation: "self",
      phoneMaySee: true,
    };
    const wrong = await operator.post(`/api/hotline/calls/${call.id}/register`, {
      ...body,
      phone: "12",
    });
    expect(wrong.body.code).toBe("patient.phone");
    const made = await operator.post(`/api/hotline/calls/${call.id}/register`, body);
    expect(made.body.patient).toMatchObject({ name: "葛玉珍", readsMessages: false });
    const again = (await operator.post("/api/hotline/search", { q: "02166501234" })).body;
    expect(again.people).toMatchObject([{ name: "葛玉珍", known: true }]);
  });

  it("goes to a nurse or 120 on any yes or don't know; the nurse sees the draft and decides", async () => {
    let call = await ready();
    const { segments } = await freeSegments("zhabei-central", "fever-clinic");
    call = (await save(call, { answers: ["no", "no", "unknown"], consent: said })).body;
    expect(call).toMatchObject({ flagged: true, route: "nurse" });
    expect((await hold(call, segments[0]!.id)).body.code).toBe("hotline.flagged");
    // Asking again does not take it away.
    call = (await save(call, { answers: ["no", "no", "no"], consent: said })).body;
    expect(call).toMatchObject({ flagged: true, answers: ["no", "no", "unknown"] });
    call = (
      await operator.post(`/api/hotline/calls/${call.id}/transfer`, {
        tab,
        version: call.version,
        to: "nurse",
      })
    ).body;
    expect(call).toMatchObject({ state: "transferred", transferTo: "nurse" });
    const take = { tab: "nurse-tab-01", version: call.version };
    const colleagueOf = await operator.post(`/api/hotline/calls/${call.id}/take`, take);
    expect(colleagueOf.body.code).toBe("permission.denied");
    const taken = (await nurse.post(`/api/hotline/calls/${call.id}/take`, take)).body;
    expect(taken).toMatchObject({
      state: "open",
      takenOverBy: "方芸",
      patient: { name: "沈秀兰" },
      consent: { heardBy: "潘悦" },
    });
    const held = await hold(taken, segments[0]!.id, nurse, "nurse-tab-01");
    expect(held.body.appointment).toMatchObject({ state: "held" });
  });

  it("sends chest pain to 120, whatever else was answered", async () => {
    const call = (await save(await open(), { answers: ["yes"] })).body;
    expect(call).toMatchObject({ flagged: true, route: "120" });
    expect((await operator.get("/api/hotline")).body).toMatchObject({ emergencyNumber: "120" });
  });

  it("keeps its draft when the line drops, and is called back by a colleague", async () => {
    let call = await ready();
    const { segments, day } = await freeSegments("zhabei-central", "fever-clinic");
    // The number that was searched for is kept to call back.
    expect(call.callerPhone).toBe("02156881234");
    call = (
      await save(call, {
        callerPhone: call.callerPhone,
        consent: said,
        draft: { ...draft, step: "time", kind: "fever-clinic", day },
      })
    ).body;
    test.clock.now = new Date(start.getTime() + 30_000);
    const beat = { tab, operatorMs: 4000, operatorActions: 3 };
    expect((await operator.post(`/api/hotline/calls/${call.id}/beat`, beat)).status).toBe(200);
    test.clock.now = new Date(start.getTime() + 60_000);
    expect(await asSystem((tx) => dropSilentCalls(tx, test.clock.now))).toBe(0);
    test.clock.now = new Date(start.getTime() + 180_000);
    expect(await asSystem((tx) => dropSilentCalls(tx, test.clock.now))).toBe(1);
    const list = (await colleague.get("/api/hotline")).body.calls;
    expect(list).toMatchObject([
      {
        state: "dropped",
        droppedBySilence: true,
        callerPhone: "02156881234",
        patientName: "沈秀兰",
      },
    ]);
    const late = await operator.post(`/api/hotline/calls/${call.id}/beat`, beat);
    expect(late.body.code).toBe("hotline.held-elsewhere");
    const taken = (
      await nurse.post(`/api/hotline/calls/${call.id}/take`, {
        tab: "second-tab-1",
        version: list[0].version,
      })
    ).body;
    expect(taken).toMatchObject({
      state: "open",
      callBackTries: 1,
      draft: { step: "time", kind: "fever-clinic", day },
      holder: { name: "方芸" },
    });
    expect((await hold(taken, segments[0]!.id, nurse, "second-tab-1")).status).toBe(200);
  });

  it("is in one tab: another one, or a colleague, is told who has it", async () => {
    const call = await ready();
    const second = await save(call, {}, colleague, "tab-two-0002");
    expect(second.body.code).toBe("hotline.held-elsewhere");
    const taken = (
      await colleague.post(`/api/hotline/calls/${call.id}/take`, {
        tab: "tab-two-0002",
        version: call.version,
      })
    ).body;
    expect((await save(call)).body.code).toBe("hotline.held-elsewhere");
    const stale = await save(
      { ...taken, version: taken.version - 1 },
      {},
      colleague,
      "tab-two-0002",
    );
    expect(stale.body.code).toBe("hotline.changed-meanwhile");
    expect((await save(taken, {}, colleague, "tab-two-0002")).status).toBe(200);
  });

  it("and the patient at once: one wins, the other is told", async () => {
    const call = await ready("13800138003");
    const zhou = await test.as("13800138003");
    const { segments } = await freeSegments("zhabei-central", "clinic");
    const patientId = call.patient.id;
    const own = await zhou.post("/api/appointments/hold", {
      segmentId: segments[0]!.id,
      patientId,
    });
    expect(own.status, JSON.stringify(own.body)).toBe(200);
    const confirmed = await Promise.all([
      zhou.post(`/api/appointments/${own.body.appointment.id}/confirm`),
      hold(call, segments[1]!.id),
    ]);
    const codes = confirmed.map((one) => (one.status === 200 ? "done" : one.body.code));
    expect(codes.filter((code) => code === "done").length).toBeGreaterThan(0);
    const [counted] =
      await owner`select count(*) from appointment where state in ('held', 'booked')`;
    expect(Number(counted!.count)).toBe(1);
    if (codes[1] !== "done") expect(codes[1]).toBe("booking.already-booked");
    else expect(codes[0]).toMatch(/^booking\./);
  });

  it("moves, cancels and tells the place of what the patient booked by phone", async () => {
    const zhou = await test.as("13800138003");
    const { segments } = await freeSegments("zhabei-central", "clinic");
    const patientId = test.ids.patients.get("zhou")!;
    const own = (
      await zhou.post("/api/appointments/hold", { segmentId: segments[0]!.id, patientId })
    ).body.appointment;
    await zhou.post(`/api/appointments/${own.id}/confirm`);
    const lumin = await test.as("lumin");
    const call = await ready("13800138003", lumin, "tab-lumin-01");
    const list = (await lumin.get(`/api/hotline/calls/${call.id}/appointments`)).body.appointments;
    expect(list).toMatchObject([{ id: own.id, state: "booked" }]);
    const moved = await lumin.post(`/api/appointments/${own.id}/move`, {
      segmentId: segments[1]!.id,
    });
    expect(moved.body.appointment).toMatchObject({ segmentId: segments[1]!.id, state: "booked" });
    const gone = await lumin.post(`/api/appointments/${own.id}/cancel`, { reason: "来不了" });
    expect(gone.body.appointment.state).toBe("cancelled");
  });

  it("is posted to who reads nothing else: printed once, with the address", async () => {
    const call = await ready("021-56885678");
    const { segments } = await freeSegments("zhabei-central", "fever-clinic");
    const held = (await hold(call, segments[0]!.id)).body;
    expect((await confirm(held, "post")).body.confirmWay).toBe("post");
    const { letters } = (await operator.get("/api/hotline/letters")).body;
    expect(letters).toMatchObject([
      { address: expect.stringContaining("三泉路"), appointment: { patient: { name: "许阿宝" } } },
    ]);
    const ids = [letters[0].id];
    expect((await operator.post("/api/hotline/letters/printed", { ids })).body.left).toBe(0);
    expect((await operator.get("/api/hotline/letters")).body.letters).toEqual([]);
  });
});

describe("versions of the questions", () => {
  const words = (zh: string) => ({ zh, en: `${zh} (en)`, bo: `${zh} (bo)`, yesRoute: "120" });
  const version = (change: object = {}) => ({
    validFrom: start.toISOString().slice(0, 10),
    questions: [words("甲"), words("乙"), words("丙"), words("丁")],
    source: "闸北中心医院急诊科，2026",
    recalled: false,
    ...change,
  });
  const draftOf = (client: Client, change: object = {}) =>
    client.post("/api/hotline/questions", version(change));

  it("are a clinician's to write, with three questions in three languages and a source", async () => {
    expect((await draftOf(operator)).status).toBe(403);
    expect((await operator.get("/api/hotline/questions")).status).toBe(403);
    const nurse = await test.as("fangyun");
    expect((await draftOf(nurse, { questions: [words("甲"), words("乙")] })).status).toBe(400);
    const mute = [words("甲"), words("乙"), { ...words("丙"), bo: " " }];
    expect((await draftOf(nurse, { questions: mute })).status).toBe(400);
    expect((await draftOf(nurse, { source: "" })).status).toBe(400);
    expect((await draftOf(nurse, { validFrom: "2020-01-01" })).body.code).toBe(
      "hotline.version-day",
    );
  });

  it("count when a second clinician has published them; a call keeps what it was asked", async () => {
    const nurse = await test.as("fangyun");
    const doctor = await test.as("wangjianguo");
    const before = (await operator.get("/api/hotline")).body;
    expect(before.questions).toHaveLength(3);
    const known = (await nurse.get("/api/hotline/questions")).body.sets;
    expect(known).toMatchObject([{ recalled: true, current: true, author: null }]);
    const call = (await save(await open())).body;
    const made = (await draftOf(nurse)).body;
    expect(made).toMatchObject({ state: "draft", mayPublish: false, current: false });
    expect((await operator.get("/api/hotline")).body.questionsId).toBe(before.questionsId);
    const unasked = await save(await open(), { questionsId: made.id });
    expect(unasked.status).toBe(404);
    const publish = (client: Client) =>
      client.post(`/api/hotline/questions/${made.id}/publish`, {});
    expect((await publish(operator)).status).toBe(403);
    expect((await publish(nurse)).body.code).toBe("fever.second-clinician");
    expect((await publish(doctor)).body).toMatchObject({ state: "published", current: true });
    expect((await publish(doctor)).body.code).toBe("fever.version-stands");
    const after = (await operator.get("/api/hotline")).body;
    expect(after.questions.map((one: { zh: string }) => one.zh)).toEqual(["甲", "乙", "丙", "丁"]);
    // The call on the line goes on with what it was asked; a new one is asked four.
    const kept = (await operator.get(`/api/hotline/calls/${call.id}`)).body;
    expect(kept.questions).toHaveLength(3);
    const three = (await save(await open(), {})).body;
    expect(three.screenedAt).toBeNull();
    // What was published stands, whoever asks the database.
    await expect(
      owner`update hotline_question_set set source = 'x' where id = ${made.id}`,
    ).rejects.toThrow(/a version stands/);
    await owner`alter table hotline_question_set disable trigger hotline_set_guard`;
    await owner`update hotline_question_set set valid_from = '2999-01-01' where id = ${made.id}`;
    await owner`alter table hotline_question_set enable trigger hotline_set_guard`;
  });
});

describe("calls instead of messages", () => {
  const clinic = async () => await test.as("fangyun");
  const calls = async () => (await operator.get("/api/calls")).body.calls as Call[];

  it("are nobody else's to see or to wish for", async () => {
    const other = await test.as("13800138004");
    const patientId = test.ids.patients.get("zhou")!;
    const answer = await other.put(`/api/my/notice-preferences/${patientId}`, { mode: "call-me" });
    expect(answer.status).toBe(404);
    expect((await helper.get("/api/calls")).status).toBe(403);
    const nobody = await helper.put(`/api/patients/${patientId}/notice-preference`, {
      mode: "call-me",
    });
    expect(nobody.status).toBe(403);
    const without = await (await test.as("13800138003")).put(
      `/api/my/notice-preferences/${patientId}`,
      { mode: "call-helper" },
    );
    expect(without.body.code).toBe("patient.phone");
  });

  it("go to the list when a clinic stops: by wish, or for want of a phone that reads", async () => {
    const shen = await book();
    const stopped = await (await clinic()).post(
      `/api/clinic/schedules/${shen.appointment.scheduleId}/stop`,
      { day: shen.appointment.day, from: null, reason: "医生去抢救患者" },
    );
    // Her daughter-in-law reads messages for her.
    expect(stopped.body).toMatchObject({ told: 1, byTelephone: [] });
    expect(await calls()).toEqual([]);
  });

  it("say what, until when, and end with what came of it", async () => {
    const xu = await book("021-56885678");
    const { scheduleId, day, code } = xu.appointment;
    const stopped = await (await clinic()).post(`/api/clinic/schedules/${scheduleId}/stop`, {
      day,
      from: null,
      reason: "停电",
    });
    expect(stopped.body).toMatchObject({ told: 0, byTelephone: [{ phone: "02156885678" }] });
    const [call] = await calls();
    expect(call).toMatchObject({
      kind: "clinic-stopped",
      state: "open",
      patient: "许阿宝",
      contact: { phone: "02156885678" },
      language: "zh-CN",
    });
    for (const words of Object.values(call.words)) expect(words).toContain(code);
    expect(call.words["zh-CN"]).toContain("不会替您改时间");
    const outcome = (value: string, version = call.version) =>
      operator.post(`/api/calls/${call.id}`, { version, outcome: value });
    expect((await outcome("not-reached")).status).toBe(200);
    const [later] = await calls();
    expect(later).toMatchObject({ attempts: 1, state: "open" });
    expect(new Date(later.nextAt).getTime()).toBe(start.getTime() + 15 * minuteMs);
    expect((await outcome("reached")).body.code).toBe("hotline.changed-meanwhile");
    expect((await outcome("reached", later.version)).status).toBe(200);
    expect((await outcome("reached", later.version)).status).toBe(200);
    expect((await outcome("left-with-helper", later.version + 1)).body.code).toBe("hotline.step");
    // Never rebooked unasked.
    expect(Number((await owner`select count(*) from appointment`)[0]!.count)).toBe(1);
  });

  it("replace the messages of who asked for it, also near the turn; to the helper named", async () => {
    const patientId = test.ids.patients.get("zhou")!;
    const zhou = await test.as("13800138003");
    const set = await zhou.put(`/api/my/notice-preferences/${patientId}`, {
      mode: "call-helper",
      contactName: "钱芳",
      contactRelation: "helper",
      contactPhone: "139 1234 5678",
    });
    expect(set.body).toMatchObject({ contactPhoneMasked: "139****5678" });
    const booked = await book("13800138003");
    const before = Number((await owner`select count(*) from sms_message`)[0]!.count);
    const late = await (await clinic()).post(
      `/api/clinic/schedules/${booked.appointment.scheduleId}/delay`,
      { day: booked.appointment.day, minutes: 40 },
    );
    expect(late.status, JSON.stringify(late.body)).toBe(200);
    expect(await calls()).toMatchObject([
      { kind: "doctor-late", contact: { name: "钱芳", relation: "helper", phone: "13912345678" } },
    ]);
    expect(Number((await owner`select count(*) from sms_message`)[0]!.count)).toBe(before);
    test.clock.now = new Date(new Date(booked.appointment.startsAt).getTime() + minuteMs);
    expect(await asSystem((tx) => lapseCalls(tx, test.clock.now))).toBe(1);
  });

  it("call who asked for it when the turn comes, and when it was missed", async () => {
    const patientId = test.ids.patients.get("zhou")!;
    await (await test.as("13800138003")).put(`/api/my/notice-preferences/${patientId}`, {
      mode: "call-me",
    });
    const { appointment } = await book("13800138003");
    const desk = await clinic();
    const row = (version: number, action: string) =>
      desk.post(`/api/clinic/appointments/${appointment.id}/actions`, { action, version });
    const arrived = await row(appointment.version, "check-in");
    expect(arrived.status, arrived.raw.body).toBe(200);
    const next = await desk.post(`/api/clinic/schedules/${appointment.scheduleId}/call-next`, {
      day: appointment.day,
    });
    expect(next.body.called.id).toBe(appointment.id);
    expect((await row(next.body.called.version, "pass")).status).toBe(200);
    const kinds = (await calls()).map((one) => one.kind).sort();
    expect(kinds).toEqual(["called", "passed"]);
    for (const one of await calls())
      expect(one.contact).toMatchObject({ phone: "13800138003", relation: "self" });
  });

  it("reach who has a telephone at home only: nearly the turn and passed by a call, called by voice", async () => {
    const { appointment } = await book("021-56885678");
    const desk = await clinic();
    const act = (version: number, action: string) =>
      desk.post(`/api/clinic/appointments/${appointment.id}/actions`, { action, version });
    const arrived = await act(appointment.version, "check-in");
    expect(arrived.status, arrived.raw.body).toBe(200);
    await asSystem((tx) =>
      tellNear(tx, test.services.vault, appointment.scheduleId, appointment.day, test.clock.now),
    );
    expect(await calls()).toMatchObject([
      { kind: "near", state: "open", patient: "许阿宝", contact: { phone: "02156885678" } },
    ]);
    const next = await desk.post(`/api/clinic/schedules/${appointment.scheduleId}/call-next`, {
      day: appointment.day,
    });
    expect((await act(next.body.called.version, "pass")).status).toBe(200);
    expect((await calls()).map((one) => one.kind).sort()).toEqual(["near", "passed"]);
    const sent =
      await owner`select 1 from sms_message where kind in ('booking-near', 'booking-passed', 'booking-called')
      and at > ${new Date(test.clock.now.getTime() - minuteMs)}`;
    expect(sent).toHaveLength(0);
  });

  it("bring an offer from the waitlist before its deadline", async () => {
    const { segments, schedule, day } = await freeSegments("zhabei-central", "fever-clinic");
    const xu = test.ids.patients.get("xu")!;
    await owner`update appointment set state = state`;
    await owner`insert into waitlist_entry (schedule_id, institution_id, department_id, day, patient_id, state, channel, relation)
      select schedule_id, institution_id, department_id, day, ${xu}, 'waitlisted', 'hotline', 'self' from segment where id = ${segments[0]!.id}`;
    const offered = await asSystem((tx) =>
      offerSeats(tx, {
        scheduleId: schedule,
        day,
        now: test.clock.now,
        vault: test.services.vault,
      }),
    );
    expect(offered).toBe(1);
    const [call] = await calls();
    expect(call).toMatchObject({ kind: "waitlist-offer", patient: "许阿宝" });
    const [held] = await owner`select held_until from appointment`;
    expect(new Date(call.dueAt)).toEqual(held!.held_until);
  });
});

describe("a registered helper", () => {
  const plain = (segmentId: string, patientId: string, channel = "helper") => ({
    segmentId,
    patientId,
    channel,
    consent: "present",
    relation: "helper",
  });

  it("books for nobody who has not agreed, and as nobody else", async () => {
    const { segments } = await freeSegments("pengpu", "clinic", helper);
    const shen = test.ids.patients.get("shen")!;
    const zhou = test.ids.patients.get("zhou")!;
    const tries = [
      await helper.post("/api/assist/appointments/hold", plain(segments[0]!.id, shen)),
      await helper.post("/api/assist/appointments/hold", plain(segments[0]!.id, zhou, "hotline")),
      await helper.post("/api/assist/appointments/hold", plain(segments[0]!.id, zhou, "kiosk")),
      await doctor.post("/api/assist/appointments/hold", plain(segments[0]!.id, zhou)),
      await helper.get(`/api/patients/${shen}`),
      await helper.post("/api/patients", { fullName: "某某", sex: "female" }),
      await helper.get(`/api/patients/${shen}/notice-preference`),
    ];
    for (const answer of tries) expect(answer.status, answer.raw.body).toBe(403);
    expect(Number((await owner`select count(*) from appointment`)[0]!.count)).toBe(0);
    // Nor by a statement that forgets its WHERE, at the database itself.
    const actor = {
      kind: "staff",
      personId: test.ids.people.get("qianfang")!,
      institutionId: test.ids.institutions.get("pengpu")!,
      permissions: new Set<string>(),
      sessionId: "test",
      name: "钱芳",
      language: "zh-CN",
    } as const;
    const seen = await test.services.db.withActor(actor, (tx) =>
      tx.execute<{ full_name: string }>(sql`select full_name from patient order by full_name`),
    );
    expect(seen.map((row) => row.full_name).sort()).toEqual(["周桂英", "许阿宝"].sort());
    const numbers = await test.services.db.withActor(actor, (tx) =>
      tx.execute(sql`select 1 from patient_contact`),
    );
    expect(numbers).toEqual([]);
    for (const path of ["/api/consults?scope=mine", "/api/consults?scope=archive"]) {
      const answer = await helper.get(path);
      if (answer.status === 200) expect(JSON.stringify(answer.body), path).not.toContain("周桂英");
    }
  });

  it("books for several elders in a row, and stops for the one who takes it back", async () => {
    const { segments } = await freeSegments("pengpu", "clinic", helper);
    const { people } = (await helper.get("/api/helping")).body;
    expect(people.map((one: { name: string }) => one.name)).toEqual(["周桂英", "许阿宝"]);
    for (const [index, one] of people.entries()) {
      const held = await helper.post(
        "/api/assist/appointments/hold",
        plain(segments[index]!.id, one.id),
      );
      expect(held.status, held.raw.body).toBe(200);
      const { id } = held.body.appointment;
      const done = await helper.post(`/api/assist/appointments/${id}/confirm`);
      expect(done.body.appointment).toMatchObject({ state: "booked", channel: "helper" });
    }
    const zhou = await test.as("13800138003");
    const mine = (await zhou.get("/api/my/helpers")).body.helpers;
    expect(mine).toMatchObject([{ name: "钱芳", witnessName: "居委会 马建芬", method: "spoken" }]);
    const other = await test.as("13800138004");
    const path = `/api/my/helper-consents/${mine[0].consentId}/revoke`;
    expect((await other.post(path)).status).toBe(404);
    expect((await zhou.post(path)).status).toBe(200);
    expect((await zhou.post(path)).status).toBe(200);
    const left = (await helper.get("/api/helping")).body.people;
    expect(left.map((one: { name: string }) => one.name)).toEqual(["许阿宝"]);
    const [row] = await owner`select id from appointment where patient_id = ${people[0].id}`;
    const cancel = await helper.post(`/api/appointments/${row!.id}/cancel`, {});
    expect([403, 404]).toContain(cancel.status);
    // What was booked stays.
    expect((await zhou.get("/api/my/appointments")).body.appointments).toHaveLength(1);
    await owner`alter table helper_consent disable trigger helper_consent_guard`;
    await owner`update helper_consent set revoked_at = null`;
    await owner`alter table helper_consent enable trigger helper_consent_guard`;
  });

  it("loses a word that the elder takes back by telephone, at whatever hotline", async () => {
    const zhou = test.ids.patients.get("zhou")!;
    const path = `/api/patients/${zhou}/helpers`;
    // Not on the line: nothing to see, nothing to take back.
    expect((await operator.get(path)).body.helpers).toEqual([]);
    await ready("13800138003");
    const [one] = (await operator.get(path)).body.helpers;
    expect(one).toMatchObject({ name: "钱芳", words: expect.stringContaining("同意") });
    const revoke = `/api/helper-consents/${one.consentId}/revoke`;
    expect((await (await test.as("lumin")).post(revoke)).status).toBe(404);
    expect((await operator.post(revoke)).status).toBe(200);
    const { people } = (await helper.get("/api/helping")).body;
    expect(people.map((who: { name: string }) => who.name)).toEqual(["许阿宝"]);
    await owner`alter table helper_consent disable trigger helper_consent_guard`;
    await owner`update helper_consent set revoked_at = null, revoked_by = null`;
    await owner`alter table helper_consent enable trigger helper_consent_guard`;
  });

  it("is registered by the institution, and records no consent for himself", async () => {
    const list = (await doctor.get("/api/helpers")).body;
    expect(list.helpers).toMatchObject([{ person: { name: "钱芳" }, consents: [{}, {}] }]);
    const { id } = list.helpers[0];
    const consent = {
      patientId: test.ids.patients.get("shen")!,
      method: "spoken",
      words: "同意",
      witnessName: "央宗",
    };
    expect((await helper.post(`/api/helpers/${id}/consents`, consent)).status).toBe(403);
    expect((await operator.post(`/api/helpers/${id}/consents`, consent)).status).toBe(404);
    expect((await helper.get("/api/helpers")).status).toBe(403);
    const made = await doctor.post(`/api/helpers/${id}/consents`, consent);
    expect(made.status, made.raw.body).toBe(200);
    expect((await doctor.post(`/api/helpers/${id}/consents`, consent)).body.code).toBe(
      "helper.already",
    );
    expect((await helper.get("/api/helping")).body.people).toHaveLength(3);
    expect((await doctor.post(`/api/helper-consents/${made.body.id}/revoke`)).status).toBe(200);
    expect((await helper.get("/api/helping")).body.people).toHaveLength(2);
    const again = await doctor.post("/api/helpers", {
      personId: test.ids.people.get("qianfang")!,
      kind: "volunteer",
    });
    expect(again.body.code).toBe("helper.already");
  });

  it("gets an account from who registers helpers, at the own house, with that role and no other", async () => {
    const loginName = "zhao.xin";
    const body = { name: "赵欣", loginName };
    for (const who of [operator, nurse, helper, test.anonymous])
      expect((await who.post("/api/helpers/accounts", body)).status).toBeGreaterThanOrEqual(401);
    for (const wrong of ["13912345678", "a b", "赵欣", "x", "qianfang' or 1"])
      expect(
        (await doctor.post("/api/helpers/accounts", { ...body, loginName: wrong })).status,
      ).toBe(400);
    expect(
      (await doctor.post("/api/helpers/accounts", { ...body, institutionId: randomUUID() })).status,
    ).toBe(400);
    const [{ count: before }] = (await owner`select count(*) from person`) as [{ count: string }];
    // The name is taken: nobody is left over.
    const taken = await doctor.post("/api/helpers/accounts", { ...body, loginName: "Qianfang" });
    expect(taken.body.code).toBe("account.login-taken");
    expect((await owner`select count(*) from person`)[0]!.count).toBe(before);
    // At the database: no other role, no other house, nobody without the permission, no rows past the function.
    const actor = (login: string) => ({
      kind: "staff" as const,
      personId: test.ids.people.get(login)!,
      institutionId: test.ids.institutions.get("pengpu")!,
      permissions: new Set<string>(),
      sessionId: "test",
      name: "",
      language: "zh-CN" as const,
    });
    const pengpu = test.ids.institutions.get("pengpu")!;
    const add = (institution: string, role: string) =>
      sql`select app.add_account('sneak', 'x', '某某', ${institution}, ${role})`;
    for (const [login, statement] of [
      ["wangjianguo", add(pengpu, "alliance-administrator")],
      ["wangjianguo", add(test.ids.institutions.get("zhabei-central")!, "helper")],
      ["qianfang", add(pengpu, "helper")],
      ["wangjianguo", sql`insert into person (name) values ('某某')`],
      [
        "wangjianguo",
        sql`insert into staff_account (person_id, login_name, password_hash) values (${test.ids.patients.get("shen")!}, 'sneak', 'x')`,
      ],
    ] as const)
      await expect(
        test.services.db.withActor(actor(login), (tx) => tx.execute(statement)),
      ).rejects.toMatchObject({ cause: { code: "42501" } });

    const key = { "idempotency-key": "helper-account-1" };
    const made = await doctor.post("/api/helpers/accounts", body, key);
    expect(made.status, made.raw.body).toBe(200);
    expect((await doctor.post("/api/helpers/accounts", body, key)).body).toEqual(made.body);
    const { personId, password } = made.body;
    expect(
      await owner`select a.role_code, a.institution_id from role_assignment a where a.person_id = ${personId}`,
    ).toEqual([{ role_code: "helper", institution_id: pengpu }]);
    const [kept] =
      await owner`select password_hash from staff_account where person_id = ${personId}`;
    expect(kept!.password_hash).not.toContain(password);
    const traces =
      await owner`select detail::text as detail from audit_event where action = 'helper.account'`;
    expect(traces).toHaveLength(1);
    expect(traces[0]!.detail).not.toContain(password);
    // The account opens, is a candidate, and is registered like others.
    const signIn = await test.app.inject({
      method: "POST",
      url: "/api/session/staff",
      payload: { loginName, password },
    });
    expect(signIn.statusCode, signIn.body).toBe(200);
    expect((await doctor.get("/api/helpers")).body.candidates).toContainEqual({
      id: personId,
      name: "赵欣",
    });
    expect((await doctor.post("/api/helpers", { personId, kind: "neighbour" })).status).toBe(200);
  });
});
