import { sql } from "drizzle-orm";
import pino from "pino";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { demoActor } from "../../server/demo/load.ts";
import { fromDatabase } from "../../server/errors/database-error.ts";
import { feverVisitTransitions } from "../../server/fever/domain.ts";
import { feverTasks } from "../../server/fever/service.ts";
import { saidWith, starterVenues } from "../../server/fever/venue-words.ts";
import type { Actor } from "../../server/identity/domain.ts";
import { systemActor } from "../../server/identity/session-service.ts";
import { smsTextContext } from "../../server/notices/service.ts";
import { makeTubeCode } from "../../server/sampling/service.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

const monday = new Date("2026-11-23T02:00:00Z");
let test: TestApp;
let nurse: Client;
let doctor: Client;
let sentinel: Client;
let other: Client;
let zhou: Client;
let luosang: Client;
const code = () => Math.random().toString(36).slice(2, 10);
beforeAll(async () => {
  test = await buildTestApp();
  [nurse, doctor, sentinel, other, zhou, luosang] = (await Promise.all(
    ["fangyun", "shaojun", "wangjianguo", "deji", "13800138003", "13800138004"].map((who) =>
      test.as(who),
    ),
  )) as [Client, Client, Client, Client, Client, Client];
});
afterAll(() => test.close());
beforeEach(() => {
  test.clock.now = monday;
});

const asSystem = <Row extends Record<string, unknown>>(statement: ReturnType<typeof sql>) =>
  test.services.db.withActor(systemActor("test"), (tx) => tx.execute<Row>(statement));
async function outcome(actor: Actor, statement: ReturnType<typeof sql>): Promise<unknown> {
  try {
    return (await test.services.db.withActor(actor, (tx) => tx.execute(statement))).count;
  } catch (error) {
    return fromDatabase(error)?.code ?? "failed";
  }
}
const later = (minutes: number) => {
  test.clock.now = new Date(test.clock.now.getTime() + minutes * 60_000);
};
const patient = (key: string) => test.ids.patients.get(key)!;
const denied = {
  "red-breath": "no",
  "red-mind": "no",
  "red-bleeding": "no",
  condition: "none",
  "risk-area": "no",
  "contact-case": "no",
  "contact-feverish": "no",
  cluster: "no",
};
const listed = (answers: Record<string, string>) =>
  Object.entries(answers).map(([question, value]) => ({ question, value }));
async function screen(who: Client, key: string, answers: Record<string, string>, region = "CN-31") {
  const { body } = await who.get(
    `/api/fever/questionnaire?patientId=${patient(key)}&region=${region}`,
  );
  return who.post("/api/fever/screenings", {
    policyId: body.policyId,
    patientId: patient(key),
    answers: listed(answers),
  });
}
const feverish = { ...denied, temperature: "38.2" };
async function newPatient(by = nurse, more: object = {}): Promise<string> {
  const { body } = await by.post("/api/patients", {
    fullName: `患者${code()}`,
    sex: "female",
    ageYears: 40,
    language: "zh-CN",
    contacts: [],
    ...more,
  });
  return body.patient.id;
}
async function arrive(by = nurse, patientId?: string) {
  const answer = await by.post("/api/fever/visits", {
    patientId: patientId ?? (await newPatient(by)),
  });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body;
}
async function act(by: Client, visit: { id: string }, body: object) {
  const { body: now } = await by.get(`/api/fever/visits/${visit.id}`);
  return by.post(`/api/fever/visits/${visit.id}/actions`, { version: now.version, ...body });
}
async function go(by: Client, visit: { id: string }, body: object) {
  const answer = await act(by, visit, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body;
}
const freeRoom = async (by = nurse): Promise<string> =>
  (await by.get("/api/fever/desk")).body.rooms.find(
    (one: { state: string }) => one.state === "free",
  ).id;
async function leaveAndClean(visit: { id: string }, by = nurse) {
  await go(by, visit, { action: "leave", note: "自行离开" });
  const { body } = await by.get("/api/fever/desk");
  for (const room of body.rooms.filter((one: { state: string }) => one.state === "to-disinfect"))
    await by.post("/api/fever/rooms/disinfected", { stayId: room.stayId });
}
async function inRoom(by = nurse, patientId?: string) {
  const visit = await arrive(by, patientId);
  await go(by, visit, { action: "to-fever" });
  return go(by, visit, { action: "to-room", roomId: await freeRoom(by) });
}
async function seenVisit() {
  const visit = await inRoom();
  return go(doctor, visit, { action: "see" });
}

describe("who may", () => {
  it("keeps the desk to fever staff of a fever site", async () => {
    for (const [who, status] of [
      [nurse, 200],
      [doctor, 200],
      [sentinel, 200],
      [other, 403],
      [zhou, 403],
      [test.anonymous, 401],
    ] as const)
      expect((await who.get("/api/fever/desk")).status).toBe(status);
  });

  it("shows a visit to its own house only, in the service and in the database", async () => {
    const visit = await arrive();
    expect((await nurse.get(`/api/fever/visits/${visit.id}`)).status).toBe(200);
    expect((await sentinel.get(`/api/fever/visits/${visit.id}`)).status).toBe(404);
    expect((await other.get(`/api/fever/visits/${visit.id}`)).status).toBe(403);
    for (const table of ["fever_visit", "fever_step", "fever_measurement", "fever_stay"])
      for (const login of ["wangjianguo", "deji"])
        expect(
          await outcome(
            demoActor(test.ids, login),
            sql.raw(
              `select 1 from ${table} where ${table === "fever_visit" ? "id" : "visit_id"} = '${visit.id}'`,
            ),
          ),
        ).toBe(0);
    expect(
      (
        await sentinel.post(`/api/fever/visits/${visit.id}/measurements`, {
          kind: "temperature",
          value: 38,
        })
      ).status,
    ).toBe(404);
  });

  it("leaves doctors' steps to doctors, in the service and in the database", async () => {
    const visit = await inRoom();
    expect((await act(nurse, visit, { action: "see" })).body.code).toBe("permission.denied");
    expect(
      await outcome(
        demoActor(test.ids, "fangyun"),
        sql`update fever_visit set state = 'seen', version = version + 1 where id = ${visit.id}`,
      ),
    ).toBe("permission.denied");
    await leaveAndClean(visit);
  });

  it("answers for nobody else's patient", async () => {
    expect((await screen(luosang, "zhou", feverish)).status).toBe(400);
    const { body } = await zhou.get(`/api/fever/questionnaire?patientId=${patient("zhou")}`);
    const foreign = await luosang.post("/api/fever/screenings", {
      policyId: body.policyId,
      patientId: patient("zhou"),
      answers: listed(feverish),
    });
    expect(foreign.status).toBe(404);
    expect(
      (await luosang.get(`/api/fever/questionnaire?patientId=${patient("zhou")}`)).status,
    ).toBe(404);
  });

  it("lets nobody write states, blocks or measurements beside the services", async () => {
    const visit = await arrive();
    const fangyun = demoActor(test.ids, "fangyun");
    expect(
      await outcome(
        fangyun,
        sql`update fever_visit set state = 'excluded', version = version + 1 where id = ${visit.id}`,
      ),
    ).toBe("fever.illegal-step");
    expect(
      await outcome(
        fangyun,
        sql`update fever_visit set arrived_at = now(), version = version + 1 where id = ${visit.id}`,
      ),
    ).toBe("fever.illegal-step");
    expect(
      await outcome(
        fangyun,
        sql`update fever_block set lifted_at = since, lifted_by = ${fangyun.personId}, lift_reason = 'x'`,
      ),
    ).toBe("permission.denied");
    expect(await outcome(fangyun, sql`update fever_measurement set value = 360`)).toBe(
      "permission.denied",
    );
    expect(await outcome(fangyun, sql`delete from fever_step`)).toBe("permission.denied");
  });
});

describe("the order of a visit", () => {
  it("is the same in the database as in the domain", async () => {
    const rows = await asSystem<{ from: string; to: string; side: string }>(
      sql`select from_state as "from", to_state as "to", side from fever_visit_transition`,
    );
    const text = (one: { from: string; to: string; side: string }) =>
      `${one.from} > ${one.to} (${one.side})`;
    expect(rows.map(text).sort()).toEqual([...new Set(feverVisitTransitions.map(text))].sort());
  });
});

describe("the questionnaire", () => {
  it("asks what is not known, in the words of the region", async () => {
    const shanghai = await zhou.get(`/api/fever/questionnaire?patientId=${patient("zhou")}`);
    expect(shanghai.body).toMatchObject({ region: "CN-31", version: 1 });
    const ids = shanghai.body.questions.map((one: { id: string }) => one.id);
    expect(ids.slice(0, 3)).toEqual(["red-breath", "red-mind", "red-bleeding"]);
    expect(ids).not.toContain("infant");
    expect(ids).not.toContain("marmot");
    const tibet = await luosang.get(`/api/fever/questionnaire?patientId=${patient("luosang")}`);
    expect(tibet.body.region).toBe("CN-54");
    expect(tibet.body.questions.at(-1).id).toBe("marmot");
    const condition = tibet.body.questions.find((one: { id: string }) => one.id === "condition");
    expect(condition.options.map((one: { value: string }) => one.value)).not.toContain("pregnancy");
  });

  it("decides here, not on the page: open questions and old versions are refused", async () => {
    const open = await screen(zhou, "zhou", { ...denied });
    expect([open.status, open.body.code]).toEqual([422, "fever.unanswered"]);
    const wrong = await zhou.post("/api/fever/screenings", {
      policyId: test.ids.institutions.get("pengpu"),
      patientId: patient("zhou"),
      answers: [],
    });
    expect(wrong.status).toBe(404);
  });

  it("an emergency says 120, holds no seat and blocks nothing", async () => {
    const { body } = await screen(zhou, "zhou", { "red-breath": "yes" });
    expect(body.screening).toMatchObject({ venue: "emergency", call120: true, blockedUntil: null });
    expect(body.appointment).toBeNull();
  });

  it("a possible plague stays where he is: a telephone, no seat to travel to", async () => {
    const { body } = await screen(luosang, "luosang", { ...feverish, marmot: "yes" }, "CN-54");
    expect(body.screening).toMatchObject({ venue: "fever-clinic", stayPut: true });
    expect(body.appointment).toBeNull();
    expect(body.sites[0].phone).toMatch(/\d/);
  });
});

describe("the held alternative", () => {
  it("holds the next seat of the fever clinic, blocks ordinary booking by phone, and nothing else", async () => {
    const ordinary = async () => {
      const { body } = await zhou.get("/api/booking/places?kind=clinic");
      const department = body.places
        .flatMap((one: { departments: { id: string }[] }) => one.departments)
        .at(-1);
      for (const one of body.places.flatMap(
        (x: { departments: { id: string }[] }) => x.departments,
      )) {
        const days = await zhou.get(`/api/booking/availability?departmentId=${one.id}&kind=clinic`);
        const free = days.body.days.find((day: { state: string }) => day.state === "free");
        if (!free) continue;
        const { body: list } = await zhou.get(
          `/api/booking/segments?departmentId=${one.id}&kind=clinic&day=${free.day}`,
        );
        const segment = list.schedules
          .flatMap((x: { segments: { state: string; id: string }[] }) => x.segments)
          .find((x: { state: string }) => x.state === "free");
        if (segment) return segment.id as string;
      }
      throw new Error(`nothing free at ${department}`);
    };
    const segmentId = await ordinary();
    const held = await zhou.post("/api/appointments/hold", {
      segmentId,
      patientId: patient("zhou"),
    });
    expect(held.status).toBe(200);
    const { body } = await screen(zhou, "zhou", feverish);
    expect(body.screening).toMatchObject({ venue: "fever-clinic", reasons: ["temperature"] });
    expect(body.appointment).toMatchObject({ state: "held", kind: "fever-clinic" });
    expect(body.sites[0].entrance.zh).toContain("独立入口");
    // What was only held of an ordinary clinic went back.
    const confirmOld = await zhou.post(`/api/appointments/${held.body.appointment.id}/confirm`, {});
    expect(confirmOld.body.code).toBe("booking.lapsed");
    const again = await zhou.post("/api/appointments/hold", {
      segmentId,
      patientId: patient("zhou"),
    });
    expect([again.status, again.body.code]).toEqual([409, "fever.booking-replaced"]);
    // The fever clinic itself is booked.
    const booked = await zhou.post(`/api/appointments/${body.appointment.id}/confirm`, {});
    expect(booked.body.state).toBe("booked");
    // Cancelling works until it begins: no office hours for a fever.
    expect(body.appointment.cancelUntil).toBe(body.appointment.startsAt);
    // The window and the community doctor are not blocked; they see that the fever clinic comes first.
    const seen = await sentinel.get(`/api/fever/blocks?patientId=${patient("zhou")}`);
    expect(seen.body).toMatchObject({
      until: "2026-11-26T02:00:00.000Z",
      mayLift: true,
      // Another house's seat, booked by the patient: the one fact that whoever books for him needs.
      alternative: { state: "booked", startsAt: body.appointment.startsAt },
    });
    expect(seen.body.alternative.place.zh).toBe(body.appointment.institution.name.zh);
    const asked = `/api/fever/blocks?patientId=${patient("zhou")}`;
    expect((await zhou.get(asked)).status).toBe(403);
    expect((await test.anonymous.get(asked)).status).toBe(401);
    // Who does not know the patient learns nothing, not even that there is one.
    expect((await other.get(asked)).body).toEqual({
      id: null,
      until: null,
      mayLift: false,
      alternative: null,
    });
    const assisted = await sentinel.post("/api/assist/appointments/hold", {
      segmentId,
      patientId: patient("zhou"),
      relation: "self",
      channel: "community-doctor",
      consent: "spoken",
    });
    expect(assisted.status, JSON.stringify(assisted.body)).toBe(200);
    // It expires by the policy.
    test.clock.now = new Date("2026-11-26T02:00:01Z");
    const after = await zhou.post("/api/appointments/hold", {
      segmentId: await ordinary(),
      patientId: patient("zhou"),
    });
    expect(after.status, JSON.stringify(after.body)).toBe(200);
  });

  it("two answers make one block, the longer one", async () => {
    await screen(luosang, "luosang", feverish);
    later(60);
    await screen(luosang, "luosang", feverish);
    const rows = await asSystem<{ until: string }>(
      sql`select until from fever_block where patient_id = ${patient("luosang")}`,
    );
    expect(rows.map((row) => new Date(row.until).toISOString())).toEqual([
      "2026-11-26T03:00:00.000Z",
    ]);
  });

  it("is lifted by a nurse who sees the patient, with a reason, and the patient is told", async () => {
    const { body } = await screen(luosang, "luosang", feverish);
    const [row] = await asSystem<{ id: string }>(
      sql`select id from fever_block where patient_id = ${patient("luosang")} order by since desc limit 1`,
    );
    const path = `/api/fever/blocks/${row!.id}/lift`;
    expect((await other.post(path, { reason: "好了" })).status).toBe(403);
    expect((await sentinel.post(path, { reason: "好了" })).status).toBe(404);
    expect((await luosang.post(path, { reason: "好了" })).status).toBe(403);
    // The code on the own phone brings the patient, his answers and his block to the desk.
    const visit = await nurse.post("/api/fever/visits", { code: body.screening.code });
    expect(visit.status, JSON.stringify(visit.body)).toBe(200);
    expect(visit.body.screening).toMatchObject({ atDesk: false, venue: "fever-clinic" });
    expect(visit.body.block.id).toBe(row!.id);
    expect((await nurse.post(path, { reason: "  " })).status).toBe(400);
    expect((await nurse.post(path, { reason: "复测正常，已核对" })).status).toBe(200);
    expect((await nurse.post(path, { reason: "再一次" })).status).toBe(404);
    const [sms] = await asSystem<{ text_cipher: string }>(
      sql`select text_cipher from sms_message where kind = 'fever-block-lifted' order by at desc limit 1`,
    );
    const text = test.services.vault.open(smsTextContext, sms!.text_cipher);
    expect(text).toContain("恢复");
    expect(text).not.toMatch(/发热|发烧/);
    const mine = await luosang.get("/api/my/fever");
    expect(mine.body.screenings[0].blockedUntil).toBeNull();
    await go(nurse, visit.body, { action: "to-ordinary", note: "复测正常" });
  });

  it("knows no other codes", async () => {
    const answer = await nurse.post("/api/fever/visits", { code: "ABCDEF" });
    expect([answer.status, answer.body.code]).toEqual([404, "fever.code"]);
  });
});

describe("the desk", () => {
  it("takes whoever comes: without booking, without a name", async () => {
    const unknown = await newPatient(nurse, {
      fullName: null,
      unknownPerson: true,
      unknownNote: "灰色外套，地铁站送来",
    });
    const visit = await arrive(nurse, unknown);
    expect(visit).toMatchObject({ state: "to-triage", arrival: "walk-in" });
    expect(visit.patient.unknownPerson).toBe(true);
    const twice = await nurse.post("/api/fever/visits", { patientId: unknown });
    expect(twice.body.code).toBe("fever.already-here");
  });

  it("measures again after two minutes before it decides; an emergency waits for nothing", async () => {
    const visit = await arrive();
    const measure = (value: number) =>
      nurse.post(`/api/fever/visits/${visit.id}/measurements`, { kind: "temperature", value });
    const first = await measure(37.3);
    expect(first.body).toMatchObject({
      judgement: "repeat",
      repeatFrom: "2026-11-23T02:02:00.000Z",
      repeatUntil: "2026-11-23T02:03:00.000Z",
    });
    expect((await act(nurse, visit, { action: "to-fever" })).body.code).toBe("fever.repeat-first");
    later(1);
    await measure(37.4);
    expect((await act(nurse, visit, { action: "to-ordinary" })).body.code).toBe(
      "fever.repeat-first",
    );
    later(1);
    expect((await measure(37.5)).body.judgement).toBe("fever");
    expect((await measure(48)).status).toBe(400);
    await go(nurse, visit, { action: "to-emergency", note: "气促" });
    const done = await arrive();
    await nurse.post(`/api/fever/visits/${done.id}/measurements`, {
      kind: "temperature",
      value: 39,
    });
    expect((await go(nurse, done, { action: "to-emergency" })).state).toBe("emergency");
  });

  it("takes the appointment along: arrived is checked in, seen is in consultation, over is completed", async () => {
    test.clock.now = new Date("2026-11-24T02:00:00Z");
    [nurse, doctor, zhou] = (await Promise.all(
      ["fangyun", "shaojun", "13800138003"].map((who) => test.as(who)),
    )) as [Client, Client, Client];
    const { body } = await screen(zhou, "zhou", feverish);
    await zhou.post(`/api/appointments/${body.appointment.id}/confirm`, {});
    const state = async () =>
      (
        await asSystem<{ state: string }>(
          sql`select state from appointment where id = ${body.appointment.id}`,
        )
      )[0]!.state;
    test.clock.now = new Date(Date.parse(body.appointment.startsAt) - 20 * 60_000);
    const desk = await nurse.get("/api/fever/desk");
    const coming = desk.body.arrivals.find(
      (one: { appointmentId: string }) => one.appointmentId === body.appointment.id,
    );
    expect(coming).toMatchObject({ screened: true, late: false });
    const visit = (await nurse.post("/api/fever/visits", { appointmentId: body.appointment.id }))
      .body;
    expect(visit).toMatchObject({ arrival: "booked", state: "to-triage" });
    expect(visit.screening.answers).toHaveLength(9);
    expect(await state()).toBe("waiting");
    await go(nurse, visit, { action: "to-fever" });
    await go(nurse, visit, { action: "to-room", roomId: await freeRoom() });
    await go(doctor, visit, { action: "see" });
    expect(await state()).toBe("in-consultation");
    await go(doctor, visit, { action: "exclude", diagnosis: "上呼吸道感染" });
    expect(await state()).toBe("completed");
    // Who was excluded books as before.
    expect((await zhou.get("/api/my/fever")).body.screenings[0].blockedUntil).toBeNull();
  });

  it("keeps the register: what is known is there, what is private is sealed", async () => {
    const visit = await arrive();
    const put = (body: object, version = visit.version) =>
      nurse.put(`/api/fever/visits/${visit.id}/register`, { version, ...body });
    expect((await put({ phone: "12" })).body.code).toBe("patient.phone");
    const { body } = await put({
      phone: "13912345678",
      workplace: "某中学",
      onsetOn: "2026-11-21",
      companions: "母亲 13812345679",
      currentAddress: "共和新路 1 号",
    });
    expect(body.register).toMatchObject({
      phoneMasked: "139****5678",
      companions: "母亲 13812345679",
      onsetOn: "2026-11-21",
    });
    expect((await put({ workplace: "别处" })).body.code).toBe("fever.changed-meanwhile");
    const [row] = await asSystem<{ row: string }>(
      sql`select to_jsonb(v)::text as row from fever_visit v where id = ${visit.id}`,
    );
    expect(row!.row).not.toMatch(/13912345678|13812345679|母亲/);
  });

  it("asks at the desk whoever brought no answers", async () => {
    const visit = await arrive();
    const { body } = await nurse.get(`/api/fever/visits/${visit.id}`);
    const answer = await nurse.post(`/api/fever/visits/${visit.id}/answers`, {
      version: body.version,
      policyId: body.questionnaire.policyId,
      answers: listed({ ...feverish, "contact-case": "yes" }),
    });
    expect(answer.body.screening).toMatchObject({
      atDesk: true,
      reasons: ["temperature", "contact-case"],
    });
  });
});

describe("rooms", () => {
  it("hold one patient each, and the next one only after disinfection", async () => {
    const first = await inRoom();
    const roomId = first.room.id;
    const second = await arrive();
    await go(nurse, second, { action: "to-fever" });
    expect((await act(nurse, second, { action: "to-room", roomId })).body.code).toBe(
      "fever.room-taken",
    );
    await go(nurse, first, { action: "leave", note: "不愿等" });
    expect((await act(nurse, second, { action: "to-room", roomId })).body.code).toBe(
      "fever.room-taken",
    );
    const { body: desk } = await nurse.get("/api/fever/desk");
    const room = desk.rooms.find((one: { id: string }) => one.id === roomId);
    expect(room.state).toBe("to-disinfect");
    expect(
      (await sentinel.post("/api/fever/rooms/disinfected", { stayId: room.stayId })).status,
    ).toBe(404);
    await nurse.post("/api/fever/rooms/disinfected", { stayId: room.stayId });
    expect((await go(nurse, second, { action: "to-room", roomId })).room.id).toBe(roomId);
    await leaveAndClean(second);
  });

  it("two nurses at once: one patient gets the room", async () => {
    const roomId = await freeRoom();
    const visits = [await arrive(), await arrive()];
    for (const visit of visits) await go(nurse, visit, { action: "to-fever" });
    const answers = await Promise.all(
      visits.map((visit) => act(nurse, visit, { action: "to-room", roomId })),
    );
    expect(answers.map((one) => one.status).sort()).toEqual([200, 409]);
    await leaveAndClean(visits[answers.findIndex((one) => one.status === 200)]!);
  });

  it("are added, renamed, closed and reopened by who answers for the rules, at the own house", async () => {
    const name = `诊室${code()}`;
    const words = { zh: "东门", en: "East door", bo: "ཤར་སྒོ།" };
    const own = (await doctor.get("/api/fever/rooms")).body.rooms[0].id;
    const theirs = (await sentinel.get("/api/fever/desk")).body.rooms[0].id;
    for (const who of [nurse, other, zhou])
      for (const answer of [
        await who.get("/api/fever/rooms"),
        await who.post("/api/fever/rooms", { name, kind: "room" }),
        await who.put(`/api/fever/rooms/${own}`, { active: false }),
        await who.put("/api/fever/entrance", words),
      ])
        expect(answer.status).toBe(403);
    expect((await doctor.put(`/api/fever/rooms/${theirs}`, { name })).status).toBe(404);
    expect((await doctor.put(`/api/fever/rooms/${own}`, {})).status).toBe(400);
    expect((await doctor.put("/api/fever/entrance", { ...words, bo: " " })).status).toBe(400);
    // Nor beside the service.
    const shaojun = demoActor(test.ids, "shaojun");
    const fangyun = demoActor(test.ids, "fangyun");
    expect(await outcome(shaojun, sql`update fever_room set name = 'x' where id = ${theirs}`)).toBe(
      0,
    );
    expect(await outcome(fangyun, sql`update fever_room set active = false`)).toBe(0);
    expect(await outcome(fangyun, sql`update fever_site set entrance_zh = 'x'`)).toBe(0);
    for (const statement of [
      sql`update fever_room set institution_id = institution_id`,
      sql`update fever_site set region = 'CN'`,
      sql`insert into fever_room (institution_id, name, kind) values (${demoActor(test.ids, "wangjianguo").institutionId}, 'x', 'room')`,
    ])
      expect(await outcome(shaojun, statement)).toBe("permission.denied");

    const added = await doctor.post("/api/fever/rooms", { name, kind: "room" });
    expect(added.status, JSON.stringify(added.body)).toBe(200);
    const room = added.body.rooms.find((one: { name: string }) => one.name === name);
    expect(room).toMatchObject({ active: true, inUse: false, kind: "room" });
    expect((await doctor.post("/api/fever/rooms", { name, kind: "room" })).body.code).toBe(
      "fever.room-name",
    );
    const change = (body: object) => doctor.put(`/api/fever/rooms/${room.id}`, body);
    expect((await change({ name: `${name}新` })).status).toBe(200);
    const atDesk = async () =>
      (await nurse.get("/api/fever/desk")).body.rooms.some(
        (one: { id: string }) => one.id === room.id,
      );
    const visit = await arrive();
    await go(nurse, visit, { action: "to-fever" });
    await go(nurse, visit, { action: "to-room", roomId: room.id });
    expect((await change({ active: false })).body.code).toBe("fever.room-in-use");
    await go(nurse, visit, { action: "leave", note: "自行离开" });
    expect((await change({ active: false })).body.code).toBe("fever.room-in-use");
    expect(
      await outcome(
        systemActor("test"),
        sql`update fever_room set active = false where id = ${room.id}`,
      ),
    ).toBe("fever.room-in-use");
    const { body: desk } = await nurse.get("/api/fever/desk");
    const { stayId } = desk.rooms.find((one: { id: string }) => one.id === room.id);
    await nurse.post("/api/fever/rooms/disinfected", { stayId });
    expect((await change({ active: false })).status).toBe(200);
    expect(await atDesk()).toBe(false);
    const late = await arrive();
    await go(nurse, late, { action: "to-fever" });
    expect((await act(nurse, late, { action: "to-room", roomId: room.id })).status).toBe(409);
    await go(nurse, late, { action: "leave", note: "自行离开" });
    expect((await change({ active: true })).status).toBe(200);
    expect(await atDesk()).toBe(true);
    await change({ active: false });

    const before = (await doctor.get("/api/fever/rooms")).body.entrance;
    expect((await doctor.put("/api/fever/entrance", words)).body.entrance).toEqual(words);
    expect((await nurse.get("/api/fever/desk")).body.site.entrance).toEqual(words);
    await doctor.put("/api/fever/entrance", before);
    const traced = await asSystem<{ action: string }>(
      sql`select distinct action from audit_event where action in ('fever-room.add', 'fever-room.change', 'fever-site.entrance')`,
    );
    expect(traced).toHaveLength(3);
  });

  it("someone goes in while it is being closed: one of both happens", async () => {
    const { body } = await doctor.post("/api/fever/rooms", { name: `间${code()}`, kind: "room" });
    const room = body.rooms.find(
      (one: { name: string; active: boolean }) => one.active && one.name.startsWith("间"),
    );
    const visit = await arrive();
    await go(nurse, visit, { action: "to-fever" });
    const [entered, closed] = await Promise.all([
      act(nurse, visit, { action: "to-room", roomId: room.id }),
      doctor.put(`/api/fever/rooms/${room.id}`, { active: false }),
    ]);
    expect([entered!.status, closed!.status].sort()).toEqual([200, 409]);
    await leaveAndClean(visit);
    await doctor.put(`/api/fever/rooms/${room.id}`, { active: false });
  });

  it("are of the own house", async () => {
    const visit = await arrive();
    await go(nurse, visit, { action: "to-fever" });
    const { body } = await sentinel.get("/api/fever/desk");
    const answer = await act(nurse, visit, { action: "to-room", roomId: body.rooms[0].id });
    expect(answer.body.code).toBe("fever.room-taken");
  });
});

describe("sampling and results", () => {
  it("a single tube, due in four to six hours; the clock rings once when nothing came", async () => {
    const visit = await seenVisit();
    const tube = `ZB${code()}`;
    const { body } = await act(nurse, visit, { action: "sample", sampleCode: tube });
    expect(body).toMatchObject({
      state: "sampled",
      resultDueFrom: "2026-11-23T06:00:00.000Z",
      resultDueAt: "2026-11-23T08:00:00.000Z",
    });
    const another = await seenVisit();
    expect((await act(nurse, another, { action: "sample", sampleCode: tube })).body.code).toBe(
      "fever.sample-taken",
    );
    const ring = () =>
      feverTasks()["fever:result-clock"]!(
        { visitId: visit.id },
        {
          db: test.services.db,
          clock: test.services.clock,
          log: pino({ level: "silent" }),
          asJob: (work) =>
            test.services.db.withActor({ kind: "job", task: "fever", language: "zh-CN" }, work),
        },
      );
    const told = async () =>
      (
        await asSystem(
          sql`select 1 from notice where kind = 'fever-result-overdue' and entity_id = ${visit.id}`,
        )
      ).length;
    await ring();
    expect(await told()).toBe(0);
    later(361);
    await ring();
    await ring();
    expect(await told()).toBe(1);
    await leaveAndClean(visit);
    await leaveAndClean(another);
    // Who left before the result is still judged, and still never pooled.
    const pooled = async () =>
      (
        await asSystem<{ has: boolean }>(
          sql`select app.has_fever_visit(${visit.patient.id}, ${test.clock.now.toISOString()}) as has`,
        )
      )[0]!.has;
    expect(await pooled()).toBe(true);
    await go(doctor, visit, { action: "exclude", diagnosis: "阴性" });
    later(1);
    expect(await pooled()).toBe(false);
  });

  it("a tube of our own is sealed at once, and the laboratory's word comes back to the visit", async () => {
    const [house] = await asSystem<{ institution_id: string }>(
      sql`select institution_id from fever_visit order by created_at desc limit 1`,
    );
    await asSystem(sql`insert into tube_batch (institution_id, size, first_serial, last_serial, delivered_on)
      values (${house!.institution_id}, 1, 70000, 70010, '2026-11-20'), (${house!.institution_id}, 10, 70000, 70010, '2026-11-20')`);
    const visit = await seenVisit();
    for (const wrong of [makeTubeCode(1, 79_999), makeTubeCode(10, 70_000), "YT01 0000 0000 1"])
      expect((await act(nurse, visit, { action: "sample", sampleCode: wrong })).body.code).toBe(
        "fever.tube",
      );
    const tube = makeTubeCode(1, 70_001);
    const typed = `${tube.slice(0, 4)} ${tube.slice(4)}`.toLowerCase();
    const sampled = await go(nurse, visit, { action: "sample", sampleCode: typed });
    expect(sampled).toMatchObject({ state: "sampled", sampleCode: tube, hasResult: false });
    const row = async () =>
      (
        await asSystem<{ id: string; state: string; laboratory_id: string; members: number }>(
          sql`select t.id, t.state, t.laboratory_id, (select count(*)::int from tube_member m where m.tube_id = t.id and m.patient_id = ${visit.patient.id}
            and m.purpose = 'fever') as members from tube t where code = ${tube}`,
        )
      )[0]!;
    expect(await row()).toMatchObject({ state: "sealed", members: 1 });
    const another = await seenVisit();
    expect((await act(nurse, another, { action: "sample", sampleCode: tube })).body.code).toBe(
      "fever.sample-taken",
    );
    // In the pool of an ordinary table nobody of a fever clinic is taken, whatever he was registered for.
    // By the owner of the tables: no policy stops him, constraints and triggers do.
    const admin = postgres(test.database.admin, { max: 1, onnotice: () => {} });
    await admin`insert into tube (code, size, purpose, site_id, station_id, institution_id, laboratory_id, opened_by, opened_at)
      select c.code, c.size::smallint, 'voluntary', t.site_id, t.station_id, t.institution_id, t.laboratory_id, t.opened_by, t.opened_at
      from tube t, (values (${makeTubeCode(10, 70_002)}, '10'), (${makeTubeCode(1, 70_003)}, '1')) c (code, size) where t.code = ${tube}`;
    await admin`insert into test_registration (patient_id, site_id, institution_id, code, source, purpose, day, expected_at, state)
      select ${another.patient.id}, site_id, institution_id, 'ZZZZZ2', 'walk-in', 'voluntary', '2026-11-23', opened_at, 'waiting' from tube where code = ${tube}`;
    const into = (code: string) =>
      admin`insert into tube_member (tube_id, patient_id, size, position, registration_id, purpose, station_id, sampled_at, sampled_by)
      select t.id, r.patient_id, t.size, 1, r.id, r.purpose, t.station_id, ${test.clock.now}, t.opened_by
      from tube t, test_registration r where t.code = ${code} and r.code = 'ZZZZZ2'`;
    await expect(into(makeTubeCode(10, 70_002)).execute()).rejects.toMatchObject({
      constraint_name: "tube_member_fever_single",
    });
    await admin`select set_config('yilian.kind', 'system', false)`;
    expect((await into(makeTubeCode(1, 70_003))).count).toBe(1);
    await admin.end();
    // The laboratory: received, tested, said; nothing is written by hand.
    const lab = { id: (await row()).id, at: () => test.clock.now.toISOString() };
    later(60);
    await asSystem(
      sql`update tube set state = 'received', received_at = ${lab.at()}, received_by = opened_by, version = version + 1 where id = ${lab.id}`,
    );
    await asSystem(
      sql`update tube set state = 'testing', testing_at = ${lab.at()}, version = version + 1 where id = ${lab.id}`,
    );
    await asSystem(sql`insert into lab_result (tube_id, laboratory_id, result, method, tested_at, reported_by, reported_at, source)
      select id, laboratory_id, 'negative', 'RT-PCR', ${lab.at()}, opened_by, ${lab.at()}, 'page' from tube where id = ${lab.id}`);
    expect((await doctor.get(`/api/fever/visits/${visit.id}`)).body).toMatchObject({
      hasResult: true,
      resultDueAt: null,
      result: { says: "negative", at: test.clock.now.toISOString() },
    });
    const [told] = await asSystem(
      sql`select 1 from outbox_event where topic = 'fever' and entity_id = ${visit.id} and person_ids = '{}' and created_at > now() - interval '5 seconds'`,
    );
    expect(told).toBeDefined();
    await go(doctor, visit, { action: "exclude", diagnosis: "阴性" });
    await leaveAndClean(another);
  });

  it("88 % is an alarm here, and becomes a critical value with a named receiver", async () => {
    const visit = await inRoom();
    const measure = (value: number, altitudeMetres?: number) =>
      nurse.post(`/api/fever/visits/${visit.id}/measurements`, {
        kind: "spo2",
        value,
        altitudeMetres,
      });
    const there = await measure(88, 4300);
    expect(there.body.readings.at(-1)).toMatchObject({ judgement: "usual" });
    expect(there.body.alarm).toBe(false);
    const here = await measure(88);
    expect(here.body.alarm).toBe(true);
    const reading = here.body.readings.at(-1);
    expect(reading).toMatchObject({ judgement: "alarm", usual: { low: 95 } });
    const raised = await nurse.post(`/api/fever/visits/${visit.id}/critical-values`, {
      measurementId: reading.id,
      receiverId: test.ids.people.get("shaojun"),
    });
    expect(raised.status, JSON.stringify(raised.body)).toBe(200);
    expect(raised.body.alarm).toBe(false);
    const { body: values } = await doctor.get("/api/critical-values");
    const value = values.values.find(
      (one: { patient: { id: string } }) => one.patient.id === visit.patient.id,
    );
    expect(value).toMatchObject({ valueText: "88", unit: "%", mine: true });
    const again = await nurse.post(`/api/fever/visits/${visit.id}/critical-values`, {
      measurementId: reading.id,
      receiverId: test.ids.people.get("shaojun"),
    });
    expect(again.body.code).toBe("fever.illegal-step");
    await leaveAndClean(visit);
  });
});

describe("report and transfer", () => {
  it("reports in the same breath as the diagnosis, with clock and owner", async () => {
    const visit = await seenVisit();
    const report = { diseaseCode: "cholera", diagnosisKind: "suspected" };
    const wrong = await act(doctor, visit, {
      action: "suspect",
      diagnosis: "霍乱？",
      report: { ...report, diseaseCode: "no-such" },
    });
    expect(wrong.body.code).toBe("reporting.disease");
    // Nothing of the diagnosis is kept either: both or neither.
    expect((await doctor.get(`/api/fever/visits/${visit.id}`)).body).toMatchObject({
      state: "seen",
      diagnosis: null,
    });
    const { body } = await act(doctor, visit, { action: "suspect", diagnosis: "霍乱？", report });
    expect(body).toMatchObject({
      state: "reported",
      report: {
        state: "reported",
        owner: "public-health",
        urgent: true,
        dueAt: "2026-11-23T04:00:00.000Z",
      },
    });
    expect(body.steps.map((one: { action: string }) => one.action).slice(-2)).toEqual([
      "suspect",
      "report",
    ]);
    const { body: inbox } = await (await test.as("tangli")).get("/api/infectious-reports");
    expect(inbox.reports.map((one: { id: string }) => one.id)).toContain(body.report.id);
  });

  it("a suspicion without a disease of the table waits for its report before anybody is sent on", async () => {
    const visit = await seenVisit();
    await go(doctor, visit, { action: "suspect", diagnosis: "不明原因发热" });
    const early = await act(nurse, visit, {
      action: "order-transfer",
      toName: "市级定点医院",
      vehicle: "沪A",
      crew: "甲",
    });
    expect(early.body.code).toBe("fever.illegal-step");
    const seen = await seenVisit();
    const sent = await act(nurse, seen, {
      action: "order-transfer",
      toName: "市级定点医院",
      vehicle: "沪A",
      crew: "甲",
    });
    expect(sent.body.code).toBe("fever.report-first");
    await go(doctor, visit, {
      action: "report",
      report: { diseaseCode: "plague", diagnosisKind: "suspected" },
    });
    await go(nurse, visit, {
      action: "order-transfer",
      toName: "市级定点医院",
      vehicle: "沪A·1201",
      crew: "陈师傅、周护士",
    });
    await go(nurse, visit, { action: "depart" });
    // Outside of the alliance the sender notes who received.
    await go(nurse, visit, { action: "hand-over", receiver: "定点医院 王护士" });
    const done = await go(nurse, visit, {
      action: "disinfect",
      how: "含氯消毒剂 1000 mg/L，30 分钟",
    });
    expect(done.state).toBe("disinfected");
    expect(done.transfer).toMatchObject({ received: { receiver: "定点医院 王护士" } });
    await leaveAndClean(seen);
  });

  it("sentinel to fever clinic: each house sees its side, the receiver from the departure on", async () => {
    const visit = await inRoom(sentinel, patient("zhou"));
    await sentinel.put(`/api/fever/visits/${visit.id}/register`, {
      version: visit.version,
      workplace: "退休",
      companions: "儿子",
    });
    await go(sentinel, visit, { action: "see" });
    await go(sentinel, visit, { action: "order-transfer", vehicle: "沪A·9921", crew: "李师傅" });
    const announced = (await nurse.get("/api/fever/desk")).body.incoming;
    expect(announced).toMatchObject([{ vehicle: "沪A·9921", patientName: null, departed: null }]);
    expect((await nurse.get(`/api/fever/visits/${visit.id}`)).status).toBe(404);
    const { body: early } = await nurse.post(`/api/fever/visits/${visit.id}/actions`, {
      action: "hand-over",
      version: 1,
    });
    expect(early.code).toBe("request.not-found");
    await go(sentinel, visit, { action: "depart" });
    expect((await nurse.get("/api/fever/desk")).body.incoming).toMatchObject([
      { patientName: "周桂英" },
    ]);
    const seen = await nurse.get(`/api/fever/visits/${visit.id}`);
    expect(seen.body.actions).toEqual(["hand-over"]);
    expect((await act(sentinel, visit, { action: "disinfect", how: "x" })).body.code).toBe(
      "fever.illegal-step",
    );
    // The register of the sender is his own.
    expect(
      (
        await nurse.put(`/api/fever/visits/${visit.id}/register`, {
          version: seen.body.version,
          workplace: "x",
        })
      ).status,
    ).toBe(403);
    const received = await go(nurse, visit, { action: "hand-over" });
    expect(received).toMatchObject({
      arrival: "transfer",
      state: "fever",
      patient: { fullName: "周桂英" },
      register: { workplace: "退休", companions: "儿子" },
    });
    expect(received.id).not.toBe(visit.id);
    expect(
      (
        await nurse.post(`/api/fever/visits/${visit.id}/actions`, {
          action: "disinfect",
          version: 1,
          how: "x",
        })
      ).status,
    ).toBe(403);
    const done = await go(sentinel, visit, { action: "disinfect", how: "紫外线 60 分钟" });
    expect(done.state).toBe("disinfected");
    expect((await sentinel.get(`/api/fever/visits/${received.id}`)).status).toBe(404);
    // The patient reads where he is, never a suspicion.
    const mine = (await zhou.get("/api/my/fever")).body.visits;
    expect(mine.map((one: { step: string }) => one.step)).toEqual(
      expect.arrayContaining(["arrived", "moved"]),
    );
    expect(JSON.stringify(mine)).not.toMatch(/suspected|reported/);
  });
});

describe("the rules", () => {
  const draft = {
    region: "CN-31",
    validFrom: "2026-11-23",
    temperatureTenths: 373,
    repeatMinMinutes: 2,
    repeatMaxMinutes: 3,
    lookbackDays: 14,
    clusterLeast: 2,
    asksMarmots: false,
    blockHours: 48,
    resultMinHours: 4,
    resultMaxHours: 6,
    areas: [{ zh: "某某地区", en: "Some place", bo: "ས་ཆ་ཞིག" }],
    source: "区卫健委通知",
  };
  const clinic = { zh: "请走北门进发热门诊", en: "Fever clinic, north gate", bo: "བྱང་སྒོ་ནས་ཕེབས།" };
  const venues = {
    ...starterVenues,
    "fever-clinic": { ...starterVenues["fever-clinic"], title: clinic },
    ordinary: {
      ...starterVenues.ordinary,
      how: {
        zh: "到 {temperature}℃ 再来",
        en: "At {temperature} °C come again",
        bo: "{temperature}℃",
      },
    },
  };
  Object.assign(draft, { venues });
  it("are published by a second clinician, and stand from then on", async () => {
    expect((await nurse.post("/api/fever/rules", draft)).status).toBe(403);
    expect((await doctor.post("/api/fever/rules", { ...draft, lookbackDays: 10 })).status).toBe(
      400,
    );
    // Every language, for what is said at the end and for an area.
    const mute = { ...venues.ordinary, title: { ...venues.ordinary.title, bo: "" } };
    const halves = [
      { venues: { ...venues, ordinary: mute } },
      { areas: [{ zh: "某地", en: "", bo: "" }] },
    ];
    for (const half of halves)
      expect((await doctor.post("/api/fever/rules", { ...draft, ...half })).status).toBe(400);
    const { body } = await doctor.post("/api/fever/rules", draft);
    expect(body).toMatchObject({ version: 2, state: "draft", author: "邵军", mayPublish: false });
    const path = `/api/fever/rules/${body.id}/publish`;
    expect((await doctor.post(path)).body.code).toBe("fever.second-clinician");
    const shaojun = demoActor(test.ids, "shaojun");
    expect(
      await outcome(
        shaojun,
        sql`update fever_policy set state = 'published', published_by = ${shaojun.personId}, published_at = now() where id = ${body.id}`,
      ),
    ).toBe("fever.second-clinician");
    // An earlier version counts until then.
    const before = await zhou.get(`/api/fever/questionnaire?patientId=${patient("zhou")}`);
    expect(before.body.version).toBe(1);
    expect((await sentinel.post(path)).body).toMatchObject({
      state: "published",
      current: true,
      publisher: "王建国",
    });
    expect((await sentinel.post(path)).body.code).toBe("fever.version-stands");
    expect(
      await outcome(shaojun, sql`update fever_policy set block_hours = 1 where id = ${body.id}`),
    ).toBe("fever.version-stands");
    const after = await zhou.get(`/api/fever/questionnaire?patientId=${patient("zhou")}`);
    expect(after.body.version).toBe(2);
    expect(JSON.stringify(after.body.questions)).toContain("14 天");
    expect(JSON.stringify(after.body.questions)).toContain("某某地区");
    // What is said at the end goes by the version that was answered.
    const read = async () => (await zhou.get("/api/my/fever")).body.screenings;
    const earlier = await read();
    const answer = await zhou.post("/api/fever/screenings", {
      policyId: after.body.policyId,
      patientId: patient("zhou"),
      answers: listed(feverish),
    });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    expect(answer.body.screening.words.title).toEqual(clinic);
    expect(answer.body.sites[0].entry.map((one: { key: string }) => one.key)).toEqual([
      "mask",
      "way",
      "bring",
    ]);
    for (const one of earlier) expect(one.words.title.zh).not.toBe(clinic.zh);
    const said = saidWith(venues.ordinary, 373);
    expect(said.how).toMatchObject({ zh: "到 37.3℃ 再来", bo: "37.3℃" });
    // Answers to the version before are not taken any more.
    const late = await zhou.post("/api/fever/screenings", {
      policyId: before.body.policyId,
      patientId: patient("zhou"),
      answers: listed(feverish),
    });
    expect(late.body.code).toBe("fever.outdated");
    const fhir = await test.anonymous.get("/fhir/Questionnaire?jurisdiction=CN-31");
    expect(
      fhir.body.entry.map((one: { resource: { version: string; status: string } }) => [
        one.resource.version,
        one.resource.status,
      ]),
    ).toEqual([
      ["2", "active"],
      ["1", "retired"],
    ]);
  });
});
