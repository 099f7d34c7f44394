/** The waiting room of a release: who gets a place, in which order, and that no seat is had without one. */
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { serveCallers } from "../../server/booking/caller-wait-service.ts";
import { forgetRooms } from "../../server/booking/release-repository.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

let test: TestApp;
let owner: postgres.Sql;
let segment: { id: string; department: string; day: string; release: Date };
let mother: Client;
let child: string;
let man: Client;
let himself: string;

const minutes = (count: number) => count * 60_000;
const at = (ms: number) => {
  test.clock.now = new Date(segment.release.getTime() + ms);
};
const enter = (client: Client, patientId: string) =>
  client.post(`/api/booking/waiting-room/${segment.id}/${patientId}`);
const hold = (client: Client, patientId: string) =>
  client.post("/api/appointments/hold", { segmentId: segment.id, patientId, relation: "self" });
const placeOf = async (placeId: string) =>
  (await test.anonymous.get(`/api/booking/waiting-room/${placeId}`)).body;
/** A step a second after the one before: nobody is let in by a step that took no time. */
const tick = async () => {
  await new Promise((resolve) => setTimeout(resolve, 30));
  await test.releaseRooms.tick();
};

beforeAll(async () => {
  test = await buildTestApp();
  owner = postgres(test.database.admin, { max: 2 });
  const [row] = await owner<
    { id: string; department: string; day: string; release: Date }[]
  >`select g.id, g.department_id as department, g.day::text as day, min(s.public_from) as release
    from segment g join seat s on s.segment_id = g.id and s.pool = 'public'
    where g.kind = 'clinic' and s.public_from > ${test.clock.now}
      -- The hotline would take a seat of its own share first.
      and not exists (select from seat h where h.segment_id = g.id and h.pool = 'hotline')
    group by g.id order by release, g.starts_at limit 1`;
  segment = row!;
});
beforeEach(async () => {
  await owner`delete from caller_wait`;
  await owner`delete from call_task`;
  await owner`delete from hotline_call`;
  await owner`delete from sms_message`;
  await owner`update segment set stopped_at = null`;
  await owner`update seat set appointment_id = null, held_until = null, free_from = null`;
  await owner`delete from appointment`;
  await owner`delete from release_place`;
  await owner`delete from release_room`;
  at(-minutes(10));
  // Each test moves time; sessions are made anew.
  [mother, man] = [await test.as("13800138001"), await test.as("13800138004")];
  child = (await mother.get("/api/session")).body.patients[0].id;
  himself = (await man.get("/api/session")).body.patients[0].id;
});
afterAll(async () => {
  await owner?.end();
  await test?.close();
});

describe("who is refused", () => {
  it("gives a place for nobody but the own people, and with the forgery token only", async () => {
    expect((await enter(mother, himself)).body.code).toBe("permission.denied");
    expect((await enter(test.anonymous, child)).body.code).toBe("auth.required");
    const staff = await test.as("danzeng");
    expect((await enter(staff, child)).body.code).toBe("permission.denied");
    const forged = await test.app.inject({
      method: "POST",
      url: `/api/booking/waiting-room/${segment.id}/${child}`,
      headers: { cookie: mother.cookie, "x-csrf-token": "guessed" },
      payload: {},
    });
    expect(forged.json()).toMatchObject({ code: "auth.csrf" });
  });

  it("shows rooms and places to no statement of a patient's", async () => {
    await enter(mother, child);
    const actor = {
      kind: "patient",
      phoneIndex: Buffer.alloc(32, 7),
      patientIds: [],
      sessionId: segment.id,
      language: "zh-CN",
    } as const;
    await test.services.db.withActor(actor, async (tx) => {
      expect(await tx.execute("select * from release_place")).toHaveLength(0);
      expect(await tx.execute("select * from release_room")).toHaveLength(0);
      await expect(
        tx.execute("select * from app.tick_rooms(100, '90 seconds', now())"),
      ).resolves.toHaveLength(0);
    });
    await expect(
      test.services.db.withActor(actor, (tx) => tx.execute("update release_place set number = 1")),
    ).rejects.toThrow();
  });

  it("opens a quarter of an hour before the release, not earlier", async () => {
    at(-minutes(16));
    const early = await enter(mother, child);
    expect(early.body).toMatchObject({ code: "booking.not-released" });
    at(-minutes(14));
    expect((await enter(mother, child)).status).toBe(200);
  });

  it("is not there when the rush is over", async () => {
    at(minutes(16));
    expect((await enter(mother, child)).body.code).toBe("booking.no-waiting-room");
    expect((await hold(mother, child)).status).toBe(200);
  });
});

describe("a place", () => {
  it("is the same however often one asks, and from whichever phone", async () => {
    const first = await enter(mother, child);
    const again = await enter(mother, child);
    expect(again.body.placeId).toBe(first.body.placeId);
    const [row] = await owner<
      { count: number }[]
    >`select count(*)::int as count from release_place`;
    expect(row!.count).toBe(1);
  });

  it("is one also when a page asks ten times at once", async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => enter(mother, child)));
    expect(new Set(answers.map((one) => one.body.placeId)).size).toBe(1);
  });

  it("is drawn by lot among those who came before the release, and by arrival after it", async () => {
    const early = (await enter(man, himself)).body.placeId;
    const late = (await enter(mother, child)).body.placeId;
    // The lot decides, not who was first.
    await owner`update release_place set lot = case when id = ${early} then 0.9 else 0.1 end`;
    await tick();
    expect((await placeOf(early)).number).toBeNull();
    at(1_000);
    await tick();
    expect([(await placeOf(late)).number, (await placeOf(early)).number]).toEqual([1, 2]);
    const [third] = await owner<{ id: string }[]>`
      insert into release_place (room_id, patient_id, joined_at, lot) select room_id,
        (select id from patient where id not in (select patient_id from release_place) limit 1), ${test.clock.now}, 0 from release_place limit 1 returning id`;
    await tick();
    expect((await placeOf(third!.id)).number).toBe(3);
  });
});

describe("a seat at the release", () => {
  it("is had with an admitted place only, and then at once", async () => {
    at(1_000);
    const refused = await hold(mother, child);
    expect(refused.status).toBe(409);
    expect(refused.body.code).toBe("booking.waiting-room");
    const { placeId } = (await enter(mother, child)).body;
    expect((await hold(mother, child)).body.code).toBe("booking.waiting-room");
    await tick();
    expect(await placeOf(placeId)).toMatchObject({ admitted: true, ahead: 0, soldOut: false });
    const held = await hold(mother, child);
    expect(held.status, JSON.stringify(held.body)).toBe(200);
    // Who holds a seat may choose another time.
    expect((await hold(mother, child)).status).toBe(200);
  });

  it("is promised to no more people than there are seats", async () => {
    // One seat is left of the whole day.
    await owner`update seat set free_from = '2099-01-01' where department_id = ${segment.department} and day = ${segment.day}
      and not (segment_id = ${segment.id} and number = (select min(number) from seat where segment_id = ${segment.id} and pool = 'public'))`;
    const places = [
      (await enter(mother, child)).body.placeId,
      (await enter(man, himself)).body.placeId,
    ];
    at(1_000);
    await tick();
    await tick();
    const first = await Promise.all(places.map(placeOf));
    expect(first.map((one) => one.admitted).sort()).toEqual([false, true]);
    const [winner, loser] = first[0].admitted ? [mother, man] : [man, mother];
    const [winnerId, loserId] = first[0].admitted ? [child, himself] : [himself, child];
    expect((await hold(loser, loserId)).body.code).toBe("booking.waiting-room");
    const held = await hold(winner, winnerId);
    expect(held.status).toBe(200);
    await tick();
    // Held is not sold: the other one still waits.
    const waiting = await placeOf(places[first[0].admitted ? 1 : 0]!);
    expect(waiting).toMatchObject({ admitted: false, soldOut: false });
    await winner.post(`/api/appointments/${held.body.appointment.id}/confirm`, {});
    await tick();
    expect(await placeOf(places[first[0].admitted ? 1 : 0]!)).toMatchObject({
      admitted: false,
      soldOut: true,
      closed: true,
    });
    expect((await hold(loser, loserId)).body.code).toBe("booking.full");
  });

  it("goes to the next when an admission is not used, and who was away comes in at the end", async () => {
    at(0);
    const { placeId } = (await enter(mother, child)).body;
    await tick();
    expect((await placeOf(placeId)).number).toBe(1);
    at(91_000);
    expect((await hold(mother, child)).body.code).toBe("booking.waiting-room");
    await enter(mother, child);
    await tick();
    expect((await placeOf(placeId)).number).toBe(2);
    expect((await hold(mother, child)).status).toBe(200);
  });

  it("also for whom staff book without an own share: they wait in the same line", async () => {
    at(1_000);
    const nurse = await test.as("deji");
    const book = () =>
      nurse.post("/api/assist/appointments/hold", {
        segmentId: segment.id,
        patientId: child,
        relation: "self",
        channel: "kiosk",
        consent: "present",
      });
    expect((await book()).body.code).toBe("booking.waiting-room");
    const place = { segmentId: segment.id, patientId: child };
    const entered = await nurse.post("/api/assist/waiting-room", place);
    expect(entered.status, JSON.stringify(entered.body)).toBe(200);
    // The mother's phone finds the same place.
    expect((await enter(mother, child)).body.placeId).toBe(entered.body.placeId);
    const stranger = await test.as("13800138003");
    const patientId = (await stranger.get("/api/session")).body.patients[0].id;
    const denied = await nurse.post("/api/assist/waiting-room", { ...place, patientId });
    expect(denied.body.code).toBe("permission.denied");
    await tick();
    expect((await book()).status).toBe(200);
  });

  it("also for who changes the time of an appointment", async () => {
    at(1_000);
    const [other] = await owner<{ id: string; starts_at: Date }[]>`
      select g.id, g.starts_at from segment g join seat s on s.segment_id = g.id where g.department_id = ${segment.department} and g.day < ${segment.day}
        and g.starts_at > ${test.clock.now} + interval '3 days' and s.public_from < ${test.clock.now} - interval '2 hours' order by g.starts_at limit 1`;
    const held = await mother.post("/api/appointments/hold", {
      segmentId: other!.id,
      patientId: child,
      relation: "mother",
    });
    await mother.post(`/api/appointments/${held.body.appointment.id}/confirm`, {});
    const moved = await mother.post(`/api/appointments/${held.body.appointment.id}/move`, {
      segmentId: segment.id,
    });
    expect(moved.body.code).toBe("booking.waiting-room");
  });

  it("an hour later is free again whatever became of the room", async () => {
    at(0);
    await enter(man, himself);
    at(minutes(61));
    expect((await hold(mother, child)).status).toBe(200);
  });
});

describe("somebody who telephones", () => {
  const tab = "tab-release-test";
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
  type Call = any;
  let operator: Client;
  const step = async (call: Call, path: string, body: object = {}) =>
    operator.post(`/api/hotline/calls/${call.id}/${path}`, { tab, version: call.version, ...body });
  /** On the line: asked, found, agreed. @param q the number that the caller says */
  async function onTheLine(q: string): Promise<Call> {
    operator = await test.as("panyue");
    const save = async (call: Call, change: object) => {
      const { callerName, callerPhone, callerRelation, questionsId, draft } = call;
      const kept = { callerName, callerPhone, callerRelation, questionsId, draft, consent: null };
      const answers = ["no", "no", "no"];
      const numbers = { operatorMs: 0, operatorActions: 0 };
      const { id, version } = call;
      const body = { tab, version, ...kept, answers, ...numbers, ...change };
      const saved = await operator.put(`/api/hotline/calls/${id}`, body);
      expect(saved.status, JSON.stringify(saved.body)).toBe(200);
      return saved.body;
    };
    const call = await save((await operator.post("/api/hotline/calls", { tab })).body, {});
    const { people } = (await operator.post("/api/hotline/search", { q })).body;
    const known = (await step(call, "person", { patientId: people[0].id, q })).body;
    return save(known, { consent: { words: "我同意", by: "self" } });
  }
  const room = async (call: Call) => {
    const entered = await step(call, "room", { segmentId: segment.id });
    expect(entered.status, JSON.stringify(entered.body)).toBe(200);
    return entered.body;
  };
  const serve = () =>
    test.services.db.withActor({ kind: "job", task: "test", language: "zh-CN" }, (tx) =>
      serveCallers(tx, test.services.vault, test.clock.now),
    );
  const told = async () =>
    (
      await owner<{ kind: string }[]>`select kind from sms_message where at = ${test.clock.now}`
    ).map(({ kind }) => kind);
  const asked = async () => (await owner`select kind from call_task`).map(({ kind }) => kind);

  it("has the one place of the patient, and the seat when it is admitted, while on the line", async () => {
    at(1_000);
    const call = await onTheLine("13800138001");
    const refused = await step(call, "hold", { segmentId: segment.id });
    expect(refused.body.code, JSON.stringify(refused.body)).toBe("booking.waiting-room");
    const waiting = await room(call);
    const { placeId } = waiting.draft;
    // Her own phone finds the same place; asking again changes nothing.
    const [{ count }] = await owner<[{ count: number }]>`select count(*)::int from release_place`;
    expect(count).toBe(1);
    const again = await room(waiting);
    expect(again.draft.placeId).toBe(placeId);
    expect((await step(again, "hold", { segmentId: segment.id })).body.code).toBe(
      "booking.waiting-room",
    );
    await tick();
    expect(await placeOf(placeId)).toMatchObject({ admitted: true });
    const held = await step(again, "hold", { segmentId: segment.id });
    expect(held.body.appointment?.state, JSON.stringify(held.body)).toBe("held");
  });

  it("may hang up: the seat is taken at the turn, once, and a message says so", async () => {
    const call = await onTheLine("13800138001");
    const early = await step(call, "leave", { anyTime: false, operatorMs: 0, operatorActions: 0 });
    expect(early.body.code).toBe("booking.no-waiting-room");
    const waiting = await room(call);
    const effort = { operatorMs: 9_000, operatorActions: 12 };
    const left = await step(waiting, "leave", { anyTime: false, ...effort });
    expect(left.body).toMatchObject({ state: "ended", outcome: "waiting-room" });
    const overview = (await operator.get("/api/hotline")).body;
    expect(overview.waiting).toHaveLength(1);
    expect(await serve()).toBe(0);
    at(1_000);
    await tick();
    await Promise.all([serve(), serve()]);
    const [booked] = await owner`select state, channel, booked_by_person_id from appointment`;
    expect(booked).toMatchObject({ state: "booked", channel: "hotline" });
    expect(booked!.booked_by_person_id).not.toBeNull();
    expect(await told()).toEqual(["booking-confirmed"]);
    expect(await asked()).toEqual([]);
    expect(Number((await owner`select count(*) from appointment`)[0]!.count)).toBe(1);
    // The admission is used up: nobody else's seat is kept for it.
    expect(
      Number((await owner`select count(*) from release_place where used_at is null`)[0]!.count),
    ).toBe(0);
  });

  it("is called back when no phone reads messages, also when nothing was left", async () => {
    const waiting = await room(await onTheLine("021-56885678"));
    await step(waiting, "leave", { anyTime: true, operatorMs: 0, operatorActions: 0 });
    at(1_000);
    // The time is gone, another one of the same clinic and day is as good.
    await owner`update seat set free_from = '2099-01-01' where segment_id = ${segment.id}`;
    await owner`update segment set stopped_at = ${test.clock.now} where id = ${segment.id}`;
    await tick();
    await serve();
    const [booked] = await owner<
      { id: string; segment_id: string }[]
    >`select id, segment_id from appointment`;
    expect(booked!.segment_id).not.toBe(segment.id);
    expect(await asked()).toEqual(["release-booked"]);
    expect(await told()).toEqual([]);
  });

  it("is told when nothing was left, and may think otherwise before", async () => {
    const call = await room(await onTheLine("021-56885678"));
    await step(call, "leave", { anyTime: false, operatorMs: 0, operatorActions: 0 });
    const [{ id }] = (await operator.get("/api/hotline")).body.waiting;
    expect((await mother.post(`/api/hotline/waiting/${id}/withdraw`, {})).status).toBe(403);
    expect((await operator.post(`/api/hotline/waiting/${id}/withdraw`, {})).status).toBe(200);
    expect((await operator.post(`/api/hotline/waiting/${id}/withdraw`, {})).status).toBe(200);
    const second = await room(await onTheLine("021-56885678"));
    await step(second, "leave", { anyTime: false, operatorMs: 0, operatorActions: 0 });
    at(1_000);
    await tick();
    await owner`update segment set stopped_at = ${test.clock.now} where id = ${segment.id}`;
    await serve();
    expect(Number((await owner`select count(*) from appointment`)[0]!.count)).toBe(0);
    expect(await asked()).toEqual(["release-missed"]);
    const states = (await owner`select state from caller_wait order by asked_at, state`).map(
      ({ state }) => state,
    );
    expect(states.sort()).toEqual(["missed", "withdrawn"]);
    await expect(
      test.services.db.withActor({ kind: "job", task: "test", language: "zh-CN" }, (tx) =>
        tx.execute("update caller_wait set state = 'waiting', ended_at = null"),
      ),
    ).rejects.toThrow();
  });
});

describe("afterwards", () => {
  it("is forgotten after a week, and not before", async () => {
    at(0);
    await enter(mother, child);
    const forget = (days: number) =>
      test.services.db.withActor({ kind: "job", task: "test", language: "zh-CN" }, (tx) =>
        forgetRooms(tx, new Date(segment.release.getTime() + minutes(days * 24 * 60))),
      );
    await forget(-1);
    expect(await owner`select 1 from release_place`).toHaveLength(1);
    await forget(1);
    expect(await owner`select 1 from release_room`).toHaveLength(0);
  });
});

describe("a thousand people and twenty seats", () => {
  it("are admitted in the order of their numbers, and exactly twenty hold a seat", async () => {
    await owner`update seat set free_from = '2099-01-01' where department_id = ${segment.department} and day = ${segment.day}
      and not (segment_id = ${segment.id})`;
    const [seats] = await owner<
      { count: number }[]
    >`select count(*)::int as count from seat where segment_id = ${segment.id} and pool = 'public'`;
    at(-minutes(1));
    await enter(mother, child);
    await owner`with made as (insert into patient (full_name, sex, managing_institution_id, updated_at)
        select '人' || n, 'unknown', (select id from institution limit 1), now() from generate_series(1, 1000) n returning id)
      insert into release_place (room_id, patient_id, joined_at, lot) select (select room_id from release_place limit 1), id, ${test.clock.now}, random() from made`;
    at(1_000);
    for (let step = 0; step < 25; step += 1) await tick();
    const [row] = await owner<{ admitted: number; gaps: number; most: number }[]>`
      select count(*) filter (where admitted_at is not null)::int as admitted, max(number) - count(number)::int as gaps,
        max(number) filter (where admitted_at is not null) as most from release_place`;
    expect(row).toEqual({ admitted: seats!.count, gaps: 0, most: seats!.count });
  });
});
