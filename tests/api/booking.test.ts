import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { appointmentSteps } from "../../server/booking/domain.ts";
import { holdSeat } from "../../server/booking/repository.ts";
import { confirmByPhone, markAbsent, sweepHolds, tellNear } from "../../server/booking/tasks.ts";
import { offerSeats } from "../../server/booking/waitlist-service.ts";
import { systemActor } from "../../server/identity/service.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

let test: TestApp;
let start: Date;
let owner: postgres.Sql;
let mother: Client;
let other: Client;
let place: { institution: string; department: string };
let child: string;
let man: string;

const minuteMs = 60_000;
const system = systemActor("test");
const job = <Answer>(work: Parameters<typeof test.services.db.withActor<Answer>>[1]) =>
  test.services.db.withActor(system, work);

beforeAll(async () => {
  test = await buildTestApp();
  start = test.clock.now;
  owner = postgres(test.database.admin, { max: 2 });
  [mother, other] = [await test.as("13800138001"), await test.as("13800138004")];
  child = (await mother.get("/api/session")).body.patients[0].id;
  man = (await other.get("/api/session")).body.patients[0].id;
  const places = (await mother.get("/api/booking/places?kind=clinic")).body.places;
  const sakya = places.find(
    (one: { name: { zh: string } }) => one.name.zh === "萨迦县卫生服务中心",
  );
  place = { institution: sakya.id, department: sakya.departments[0].id };
});
afterEach(async () => {
  test.clock.now = start;
  await cleared();
});
afterAll(async () => {
  await owner?.end();
  await test?.close();
});

type Segment = { id: string; startsAt: string; endsAt: string; state: string; left: number };
/** The first day from `after` on with free seats, and its free segments. */
async function freeDay(client: Client, after = 1) {
  const days = (
    await client.get(`/api/booking/availability?departmentId=${place.department}&days=14`)
  ).body.days as { day: string; state: string }[];
  const day = days.slice(after).find((one) => one.state === "free")!.day;
  const { schedules } = (
    await client.get(`/api/booking/segments?departmentId=${place.department}&day=${day}`)
  ).body as { schedules: { id: string; segments: Segment[] }[] };
  const schedule = schedules.find((one) => one.segments.some((part) => part.state === "free"))!;
  return {
    day,
    schedule: schedule.id,
    segments: schedule.segments.filter((part) => part.state === "free"),
  };
}
const hold = (client: Client, segmentId: string, patientId: string) =>
  client.post("/api/appointments/hold", { segmentId, patientId, relation: "mother" });
const confirm = (client: Client, id: string, key?: string) =>
  client.post(`/api/appointments/${id}/confirm`, {}, key ? { "idempotency-key": key } : undefined);
async function book(client: Client, segmentId: string, patientId: string): Promise<string> {
  const held = await hold(client, segmentId, patientId);
  expect(held.status, JSON.stringify(held.body)).toBe(200);
  expect((await confirm(client, held.body.appointment.id)).status).toBe(200);
  return held.body.appointment.id;
}
const cleared = () =>
  owner`with gone as (update seat set appointment_id = null, held_until = null, free_from = null returning 1)
    delete from waitlist_entry`
    .then(() => owner`delete from call_task`)
    .then(() => owner`delete from appointment`);

describe("who is refused", () => {
  it("books for nobody but the people of the own phone", async () => {
    const { segments } = await freeDay(mother);
    expect((await hold(mother, segments[0]!.id, man)).body.code).toBe("permission.denied");
    expect((await hold(test.anonymous, segments[0]!.id, child)).status).toBe(401);
    const staff = await test.as("danzeng");
    expect((await hold(staff, segments[0]!.id, child)).status).toBe(403);
  });

  it("confirms, changes, cancels and sees nobody else's appointment", async () => {
    const { segments } = await freeDay(mother);
    const held = (await hold(mother, segments[0]!.id, child)).body.appointment;
    for (const client of [other, await test.as("lijia")]) {
      expect([403, 404]).toContain((await confirm(client, held.id)).status);
      for (const [path, body] of [
        ["cancel", {}],
        ["move", { segmentId: segments[1]!.id }],
      ] as const) {
        const answer = await client.post(`/api/appointments/${held.id}/${path}`, body);
        expect([403, 404], path).toContain(answer.status);
      }
    }
    expect((await other.get("/api/my/appointments")).body.appointments).toEqual([]);
    expect((await confirm(test.anonymous, held.id)).body.code).toBe("auth.required");
  });

  it("needs the forgery token on the short way of confirming too", async () => {
    const { segments } = await freeDay(mother);
    const held = (await hold(mother, segments[0]!.id, child)).body.appointment;
    const forged = await test.app.inject({
      method: "POST",
      url: `/api/appointments/${held.id}/confirm`,
      headers: { cookie: mother.cookie, "x-csrf-token": "guessed" },
      payload: {},
    });
    expect(forged.json()).toMatchObject({ code: "auth.csrf" });
  });

  it("keeps seats and appointments from statements that forget their WHERE", async () => {
    const { segments } = await freeDay(mother);
    await book(mother, segments[0]!.id, child);
    const patient = { kind: "patient" as const, phoneIndex: Buffer.alloc(32, 7), patientIds: [] };
    const actor = { ...patient, sessionId: randomUUID(), language: "zh-CN" } as const;
    await test.services.db.withActor(actor, async (tx) => {
      expect(await tx.execute("select 1 from appointment")).toHaveLength(0);
      expect(await tx.execute("select 1 from waitlist_entry")).toHaveLength(0);
    });
    for (const statement of [
      "update seat set appointment_id = null",
      "delete from seat",
      "delete from appointment",
      "insert into appointment select * from appointment",
    ]) {
      await expect(
        test.services.db.withActor(actor, (tx) => tx.execute(statement)),
        statement,
      ).rejects.toThrow();
    }
    const touched = await test.services.db.withActor(actor, (tx) =>
      tx.execute("update appointment set state = 'cancelled' returning id"),
    );
    expect(touched).toHaveLength(0);
  });
});

describe("somebody new", () => {
  it("is added by a phone with consent, found by no ID, and kept by the place where he first books", async () => {
    const body = { fullName: "巴桑", relation: "father", residentId: "11010519491231002X" };
    expect((await mother.post("/api/my/patients", { ...body, agreed: false })).status).toBe(400);
    const added = await mother.post("/api/my/patients", { ...body, agreed: true });
    expect(added.body).toMatchObject({ name: "巴桑", relation: "father" });
    const { segments } = await freeDay(mother);
    expect((await hold(mother, segments[0]!.id, added.body.id)).status).toBe(200);
    const [row] = await owner`select managing_institution_id, resident_id_index, resident_id_cipher
      from patient where id = ${added.body.id}`;
    expect(row).toMatchObject({
      managing_institution_id: place.institution,
      resident_id_index: null,
    });
    expect(row?.resident_id_cipher).not.toContain("1101");
    expect((await hold(other, segments[0]!.id, added.body.id)).body.code).toBe("permission.denied");
  });
});

describe("one seat", () => {
  it("is held, confirmed once, and a repeated confirmation changes nothing", async () => {
    const { segments } = await freeDay(mother);
    const held = (await hold(mother, segments[0]!.id, child)).body.appointment;
    expect(held).toMatchObject({ state: "held", ticket: expect.stringMatching(/^A\d{3}$/) });
    expect(Date.parse(held.heldUntil) - test.clock.now.getTime()).toBe(15 * minuteMs);
    const key = randomUUID();
    const first = await confirm(mother, held.id, key);
    const again = await confirm(mother, held.id, key);
    expect(first.body).toMatchObject({ id: held.id, state: "booked", code: held.code });
    expect(again.body).toEqual(first.body);
    const { segments: others } = await freeDay(mother);
    const second = (await hold(mother, others[0]!.id, child)).body;
    expect(second.code).toBe("booking.already-booked");
    const reused = await test.app.inject({
      method: "POST",
      url: `/api/appointments/${randomUUID()}/confirm`,
      headers: { cookie: mother.cookie, "x-csrf-token": mother.csrfToken, "idempotency-key": key },
      payload: {},
    });
    expect(reused.json()).toMatchObject({ code: "idempotency.key-reused" });
    const traces = await owner`select 1 from audit_event
      where entity_id = ${held.id} and action = 'appointment.confirm'`;
    expect(traces).toHaveLength(1);
  });

  it("is held once, however often the same request comes", async () => {
    const { segments } = await freeDay(mother);
    const key = randomUUID();
    const ask = (segmentId: string) =>
      test.app.inject({
        method: "POST",
        url: "/api/appointments/hold",
        headers: {
          cookie: mother.cookie,
          "x-csrf-token": mother.csrfToken,
          "idempotency-key": key,
        },
        payload: { segmentId, patientId: child, relation: "child" },
      });
    const answers = await Promise.all([ask(segments[0]!.id), ask(segments[0]!.id)]);
    const ids = answers.map((answer) => answer.json().appointment.id);
    expect(ids[0]).toBe(ids[1]);
    const traces = await owner`select 1 from audit_event
      where entity_id = ${ids[0]} and action = 'appointment.hold'`;
    expect(traces).toHaveLength(1);
    expect((await ask(segments[1]!.id)).json()).toMatchObject({ code: "idempotency.key-reused" });
  });

  it("is refused to rubbish before a stranger is told what is wrong with it", async () => {
    const ask = (headers: Record<string, string>) =>
      test.app.inject({ method: "POST", url: "/api/appointments/hold", headers, payload: {} });
    expect((await ask({})).json()).toMatchObject({ code: "auth.required" });
    const signedIn = { cookie: mother.cookie, "x-csrf-token": mother.csrfToken };
    expect((await ask({ ...signedIn, "x-csrf-token": "x" })).json()).toMatchObject({
      code: "auth.csrf",
    });
    expect((await ask(signedIn)).json()).toMatchObject({ code: "request.invalid" });
  });

  it("goes to one of many who confirm and hold at the same moment", async () => {
    const { segments } = await freeDay(mother);
    const [target] = segments;
    const people = await owner<{ id: string; phone_index: Buffer }[]>`
      with made as (insert into patient (full_name, sex, managing_institution_id, updated_at)
        select '甲' || n, 'unknown', ${place.institution}, now() from generate_series(1, 60) n returning id)
      insert into patient_contact (patient_id, relation, phone_cipher, phone_index, may_sign_in)
        select id, 'self', 'x', decode(md5(id::text) || md5(id::text), 'hex'), true from made
        returning patient_id as id, phone_index`;
    const before = target!.left;
    const results = await Promise.all(
      people.map(({ id, phone_index }) =>
        test.services.db.withActor(
          {
            kind: "patient",
            phoneIndex: phone_index,
            patientIds: [id],
            sessionId: randomUUID(),
            language: "zh-CN",
          },
          async (tx) => {
            const [row] = await tx.execute<{
              appointment_id: string | null;
              problem: string | null;
            }>(
              `select appointment_id, problem from app.hold_seat('${target!.id}', '${id}', 'phone-web', 'self', '${randomUUID().slice(0, 6)}', '${test.clock.now.toISOString()}')`,
            );
            return row!;
          },
        ),
      ),
    );
    expect(results.filter((row) => row.appointment_id).length).toBe(before);
    expect(new Set(results.filter((row) => row.problem).map((row) => row.problem))).toEqual(
      new Set(["full"]),
    );
    const [sold] =
      await owner`select count(distinct appointment_id)::int as sold, count(*)::int as seats
      from seat where segment_id = ${target!.id} and appointment_id is not null`;
    expect(sold).toEqual({ sold: before, seats: before });
  });

  it("is free again when its hold lapses, and still counts when nobody else came", async () => {
    const { segments } = await freeDay(mother);
    const held = (await hold(mother, segments[0]!.id, child)).body.appointment;
    test.clock.now = new Date(start.getTime() + 16 * minuteMs);
    // Late, but the seat was not taken: it is confirmed after all.
    expect((await confirm(mother, held.id)).status).toBe(200);
    await cleared();

    test.clock.now = start;
    const lost = (await hold(mother, segments[0]!.id, child)).body.appointment;
    test.clock.now = new Date(start.getTime() + 16 * minuteMs);
    await job((tx) => sweepHolds(tx, test.clock.now));
    const refused = await confirm(mother, lost.id);
    expect(refused.body.code).toBe("booking.lapsed");
    expect(refused.status).toBe(409);
  });

  it("is let go when the same person chooses another time", async () => {
    const { segments } = await freeDay(mother);
    await hold(mother, segments[0]!.id, child);
    const second = (await hold(mother, segments[1]!.id, child)).body.appointment;
    const [kept] =
      await owner`select count(*)::int as held from seat where appointment_id is not null`;
    expect(kept).toEqual({ held: 1 });
    expect((await confirm(mother, second.id)).status).toBe(200);
  });

  it("changes its time without ever being without one", async () => {
    const { segments } = await freeDay(mother);
    const id = await book(mother, segments[0]!.id, child);
    const moved = await mother.post(`/api/appointments/${id}/move`, { segmentId: segments[1]!.id });
    expect(moved.body.appointment).toMatchObject({
      id,
      state: "booked",
      startsAt: segments[1]!.startsAt,
    });
    const [seats] = await owner`select count(*)::int as n from seat where appointment_id = ${id}`;
    expect(seats).toEqual({ n: 1 });
  });

  it("returns after a random rest when it is cancelled, and not at all after the last moment", async () => {
    const { segments, day } = await freeDay(mother);
    const id = await book(mother, segments[0]!.id, child);
    const cancelled = await mother.post(`/api/appointments/${id}/cancel`, {});
    expect(cancelled.body.appointment.state).toBe("cancelled");
    const [seat] = await owner`select extract(epoch from free_from - ${test.clock.now})::int as rest
      from seat where segment_id = ${segments[0]!.id} and free_from is not null`;
    expect(seat?.rest).toBeGreaterThanOrEqual(60);
    expect(seat?.rest).toBeLessThanOrEqual(600);
    const late = await book(mother, segments[1]!.id, child);
    test.clock.now = new Date(Date.parse(`${day}T07:00:00+08:00`));
    const refused = await mother.post(`/api/appointments/${late}/cancel`, {});
    expect(refused.body.code).toBe("booking.too-late");
  });

  it("follows the states of the rules, in the database too", async () => {
    const rows = await owner<
      { from_state: string; to_state: string }[]
    >`select * from appointment_transition`;
    const inCode = Object.entries(appointmentSteps).flatMap(([from, tos]) =>
      tos.map((to) => `${from} ${to}`),
    );
    expect(rows.map((row) => `${row.from_state} ${row.to_state}`).sort()).toEqual(inCode.sort());
    const { segments } = await freeDay(mother);
    const id = await book(mother, segments[0]!.id, child);
    await expect(
      owner`update appointment set state = 'completed' where id = ${id}`,
    ).rejects.toThrow(/cannot go/);
  });
});

describe("priority seats", () => {
  it("are the family doctor's for signed residents only, before the public has them", async () => {
    const { segments } = await freeDay(mother, 2);
    const [target] = segments;
    // Nothing is released to anybody yet but to family doctors.
    await owner`update seat set pool = 'priority', pool_from = '2020-01-01', public_from = '2099-01-01'
      where segment_id = ${target!.id}`;
    expect((await hold(mother, target!.id, child)).body.code).toBe("booking.not-released");
    const doctor = await test.as("cirenzhuoma");
    const session = (await doctor.get("/api/session")).body;
    const book = (patientId: string) =>
      doctor.post("/api/assist/appointments/hold", {
        segmentId: target!.id,
        patientId,
        channel: "community-doctor",
        consent: "spoken",
      });
    await owner`insert into patient_institution (patient_id, institution_id, source)
      values (${child}, ${session.institution.id}, 'test'), (${man}, ${session.institution.id}, 'test') on conflict do nothing`;
    const signed = await owner`select 1 from signed_resident where patient_id = ${child}
      and institution_id = ${session.institution.id} and ended_on is null`;
    expect(signed).toHaveLength(1);
    expect((await book(man)).body.code).toBe("booking.not-released");
    const held = (await book(child)).body;
    expect(held.appointment, JSON.stringify(held)).toMatchObject({
      state: "held",
      channel: "community-doctor",
    });
    const [trace] = await owner`select detail from audit_event
      where entity_id = ${held.appointment.id} and action = 'appointment.hold'`;
    expect(trace?.detail).toMatchObject({ consent: "spoken", channel: "community-doctor" });
    const done = await doctor.post(`/api/assist/appointments/${held.appointment.id}/confirm`, {});
    expect(done.body.appointment.state).toBe("booked");
    const [nurse] = [await test.as("deji")];
    const foreign = await nurse.post("/api/assist/appointments/hold", {
      segmentId: target!.id,
      patientId: child,
      channel: "community-doctor",
      consent: "spoken",
    });
    expect(foreign.body.code).toBe("permission.denied");
    await owner`update seat set pool = 'public', public_from = '2020-01-01' where segment_id = ${target!.id}`;
  });
});

describe("two codes that are the same by chance", () => {
  it("are no refusal: another one is tried", async () => {
    const { segments } = await freeDay(mother);
    const id = await book(mother, segments[0]!.id, child);
    const [taken] = await owner<{ code: string }[]>`select code from appointment where id = ${id}`;
    const codes = [taken!.code, taken!.code, "ZZZZZZ"];
    const held = await job((tx) =>
      holdSeat(tx, {
        segmentId: segments[1]!.id,
        patientId: man,
        channel: "kiosk",
        relation: "self",
        newCode: () => codes.shift()!,
        now: test.clock.now,
      }),
    );
    expect(held).toMatchObject({ problem: null });
    expect(codes).toEqual([]);
  });
});

describe("the sign of a site", () => {
  it("says how full it will be, from who is booked and who usually walks in", async () => {
    const sakyaForecast = async () =>
      (await mother.get("/api/booking/places?kind=clinic")).body.places.find(
        (one: { id: string }) => one.id === place.institution,
      ).forecast as { at: string; crowd: string }[];
    const before = await sakyaForecast();
    expect(before.length).toBeGreaterThan(1);
    expect(new Set(before.map(({ crowd }) => crowd))).toEqual(new Set(["green"]));
    const last = before.at(-1)!;
    // On the last four Mondays two hundred came without an appointment in that hour.
    await owner`
      insert into appointment (code, segment_id, schedule_id, institution_id, department_id, patient_id, day, starts_at, ends_at, ticket, state, channel, relation, checked_in_at, ended_at)
      select substr(md5(n::text || w), 1, 10), g.id, g.schedule_id, g.institution_id, g.department_id, p.id, g.day - 7 * w, g.starts_at, g.ends_at, 'W' || n, 'no-show', 'window', 'self', ${last.at}::timestamptz - w * interval '7 days', now()
      from (select * from segment where institution_id = ${place.institution} and day = ${test.clock.now.toISOString().slice(0, 10)} limit 1) g,
        (select id from patient limit 1) p, generate_series(1, 200) n, generate_series(1, 4) w`;
    expect((await sakyaForecast()).at(-1)!.crowd).toBe("busy");
  });
});

describe("a waitlist", () => {
  it("is open only when the day is full, and offers what comes back to the first", async () => {
    const { segments, schedule, day } = await freeDay(mother);
    const early = await mother.post("/api/waitlist", {
      scheduleId: schedule,
      day,
      patientId: child,
    });
    expect(early.body.code).toBe("booking.not-full");
    const taken = await book(other, segments[0]!.id, man);
    // Everything else of the day is sold.
    await owner`update seat set public_from = '2000-01-01', pool_from = '2000-01-01', free_from = 'infinity'
      where appointment_id is null and segment_id in (select id from segment where schedule_id = ${schedule} and day = ${day})`;
    const joined = await mother.post("/api/waitlist", {
      scheduleId: schedule,
      day,
      patientId: child,
    });
    expect(joined.status, JSON.stringify(joined.body)).toBe(200);
    expect((await mother.get("/api/my/appointments")).body.waitlist).toMatchObject([
      { state: "waitlisted", ahead: 0 },
    ]);
    await owner`delete from seat where appointment_id is null and segment_id in (select id from segment where schedule_id = ${schedule} and day = ${day})`;
    await other.post(`/api/appointments/${taken}/cancel`, {});
    const offer = { scheduleId: schedule, day, now: test.clock.now, vault: test.services.vault };
    expect(await job((tx) => offerSeats(tx, offer))).toBe(1);
    expect(await job((tx) => offerSeats(tx, offer))).toBe(0);
    const mine = (await mother.get("/api/my/appointments")).body;
    expect(mine.waitlist[0]).toMatchObject({ state: "offered" });
    const held = mine.appointments.find((one: { state: string }) => one.state === "held");
    expect(Date.parse(held.heldUntil)).toBeLessThan(Date.parse(held.startsAt));
    expect((await confirm(mother, held.id)).status).toBe(200);
    expect((await mother.get("/api/my/appointments")).body.waitlist).toEqual([]);
    const [entry] = await owner`select state from waitlist_entry where id = ${joined.body.id}`;
    expect(entry?.state).toBe("promoted");
  });

  it("passes over whom a fever clinic sees first, and no offer is a way around it", async () => {
    const { segments, schedule, day } = await freeDay(mother, 3);
    const taken = await book(other, segments[0]!.id, man);
    await owner`delete from seat where appointment_id is null and segment_id in (select id from segment where schedule_id = ${schedule} and day = ${day})`;
    const joined = await mother.post("/api/waitlist", {
      scheduleId: schedule,
      day,
      patientId: child,
    });
    expect(joined.status, JSON.stringify(joined.body)).toBe(200);
    const block = async (since: Date) => {
      const [policy] = await owner`select id from fever_policy limit 1`;
      const [row] =
        await owner`insert into fever_screening (policy_id, patient_id, code, answered_at, relation, venue, call_120, stay_put, reasons)
        values (${policy!.id}, ${child}, ${randomUUID().slice(0, 6)}, ${since}, 'child', 'fever-clinic', false, false, '{temperature}') returning id`;
      await owner`insert into fever_block (patient_id, screening_id, since, until)
        values (${child}, ${row!.id}, ${since}, ${new Date(since.getTime() + 72 * 60 * minuteMs)})`;
    };
    const lift = async (at: Date) => {
      await owner`update fever_block set lifted_at = ${at}, lifted_by = (select id from person limit 1), lift_reason = '复测正常'
        where patient_id = ${child} and lifted_at is null`;
    };
    await block(test.clock.now);
    await other.post(`/api/appointments/${taken}/cancel`, {});
    const offer = () =>
      job((tx) =>
        offerSeats(tx, {
          scheduleId: schedule,
          day,
          now: test.clock.now,
          vault: test.services.vault,
        }),
      );
    expect(await offer()).toBe(0);
    test.clock.now = new Date(start.getTime() + minuteMs);
    await lift(test.clock.now);
    expect(await offer()).toBe(1);
    const { appointments } = (await mother.get("/api/my/appointments")).body;
    const held = appointments.find((one: { state: string }) => one.state === "held");
    // She feels hot again before she answers: the offer stands, and waits.
    test.clock.now = new Date(start.getTime() + 2 * minuteMs);
    await block(test.clock.now);
    const refused = await confirm(mother, held.id);
    expect([refused.status, refused.body.code]).toEqual([409, "fever.booking-replaced"]);
    // The table says the same as the function, to whoever goes around it.
    const byHand = owner.begin(async (sql) => {
      await sql`select set_config('yilian.kind', 'patient', true)`;
      await sql`update appointment set state = 'booked', confirmed_at = ${test.clock.now}, held_until = null, version = version + 1 where id = ${held.id}`;
    });
    await expect(byHand).rejects.toMatchObject({ constraint_name: "appointment_fever_block" });
    await lift(new Date(test.clock.now.getTime() + 1000));
    test.clock.now = new Date(start.getTime() + 3 * minuteMs);
    expect((await confirm(mother, held.id)).status).toBe(200);
  });
});

describe("the clinic's day", () => {
  it("calls in order, passes, takes back after three, and tells who is near", async () => {
    const { segments, schedule, day } = await freeDay(mother, 2);
    const mine = await book(mother, segments[0]!.id, child);
    const his = await book(other, segments[0]!.id, man);
    test.clock.now = new Date(Date.parse(segments[0]!.startsAt) - 5 * 60 * minuteMs);
    const nurse = await test.as("deji");
    const code = async () =>
      (await nurse.get(`/api/clinic/days/${day}`)).body.schedules.find(
        (one: { id: string }) => one.id === schedule,
      );
    const { placeCode } = await code();
    const checkIn = (client: Client, id: string, placeTyped: string) =>
      client.post(`/api/appointments/${id}/check-in`, { place: placeTyped });
    expect((await checkIn(mother, mine, placeCode)).body.code).toBe("booking.too-early");
    test.clock.now = new Date(Date.parse(segments[0]!.startsAt) - 10 * minuteMs);
    expect((await checkIn(mother, mine, "ZZZZ")).body.code).toBe("booking.place");
    expect(
      (await checkIn(other, his, placeCode.toLowerCase())).body.appointment.queue,
    ).toMatchObject({ ahead: 0 });
    // Hers is the lower ticket: she came later and is still before him.
    expect((await checkIn(mother, mine, placeCode)).body.appointment.queue).toMatchObject({
      ahead: 0,
    });
    const queue = (await other.get("/api/my/appointments")).body.appointments[0].queue;
    expect(queue.ahead).toBe(1);
    expect(
      await job((tx) => tellNear(tx, test.services.vault, schedule, day, test.clock.now)),
    ).toBe(2);
    expect(
      await job((tx) => tellNear(tx, test.services.vault, schedule, day, test.clock.now)),
    ).toBe(0);

    const callNext = () => nurse.post(`/api/clinic/schedules/${schedule}/call-next`, { day });
    const first = (await callNext()).body.called;
    expect(first).toMatchObject({ id: mine, state: "in-consultation", callCount: 1 });
    const act = (row: { id: string; version: number }, action: string) =>
      nurse.post(`/api/clinic/appointments/${row.id}/actions`, { action, version: row.version });
    const again = (await act(first, "recall")).body;
    expect(again.callCount).toBe(2);
    expect((await act(first, "pass")).body.code).toBe("booking.changed-meanwhile");
    const passed = (await act(again, "pass")).body;
    expect(passed.state).toBe("passed");
    const back = (await act(passed, "requeue")).body;
    expect(back).toMatchObject({ state: "waiting", ahead: 1 });
    expect((await callNext()).body.called.id).toBe(his);
    expect((await callNext()).body.called.id).toBe(mine);
    expect((await callNext()).body.called).toBeNull();
    const shown = (await test.anonymous.get(`/api/screens/${schedule}`)).body;
    expect(JSON.stringify(shown)).not.toContain("达娃");
    expect((await mother.get(`/api/clinic/days/${day}`)).status).toBe(403);
  });

  it("counts who did not come, and closes booking after three, but never the door", async () => {
    // Sakya's own policy blocks nobody; this is about a hospital that does.
    await owner`update booking_policy set no_show_block_days = 90`;
    for (let turn = 0; turn < 3; turn += 1) {
      const { segments } = await freeDay(mother);
      await book(mother, segments[0]!.id, child);
      test.clock.now = new Date(Date.parse(segments[0]!.endsAt) + 60 * minuteMs);
      expect(await job((tx) => markAbsent(tx, test.clock.now))).toBe(1);
      expect(await job((tx) => markAbsent(tx, test.clock.now))).toBe(0);
    }
    const { segments, schedule, day } = await freeDay(mother);
    const blocked = await hold(mother, segments[0]!.id, child);
    expect(blocked.body).toMatchObject({
      code: "booking.blocked",
      params: { until: expect.any(String) },
    });
    expect((await hold(other, segments[0]!.id, man)).status).toBe(200);
    const [danzeng, nurse] = [await test.as("danzeng"), await test.as("deji")];
    const found = (await danzeng.get(`/api/patients?q=${encodeURIComponent("达娃")}`)).body;
    expect(JSON.stringify(found)).toContain(child);
    const walkIn = await nurse.post("/api/clinic/walk-ins", {
      scheduleId: schedule,
      day,
      patientId: child,
    });
    expect(walkIn.body, JSON.stringify(walkIn.body)).toMatchObject({
      state: "waiting",
      ticket: "W001",
    });
  });

  it("stops without blame, tells everybody, and names whom to telephone", async () => {
    const { segments, schedule, day } = await freeDay(mother, 2);
    const mine = await book(mother, segments[0]!.id, child);
    await job((tx) => confirmByPhone(tx, test.services.vault, test.clock.now));
    // His phone reads no messages: somebody has to call.
    const his = await book(other, segments[0]!.id, man);
    await owner`update patient_contact set may_sign_in = false where patient_id = ${man}`;
    const nurse = await test.as("deji");
    const answer = await nurse.post(`/api/clinic/schedules/${schedule}/stop`, {
      day,
      from: null,
      reason: "医生急诊手术",
    });
    expect(answer.body).toMatchObject({
      told: 1,
      byTelephone: [{ appointmentId: his, name: "洛桑", phone: "13800138004" }],
    });
    await owner`update patient_contact set may_sign_in = true where patient_id = ${man}`;
    const shown = (await mother.get("/api/my/appointments")).body.appointments[0];
    expect(shown).toMatchObject({ id: mine, state: "clinic-stopped", stopReason: "医生急诊手术" });
    expect((await hold(mother, segments[0]!.id, child)).body.code).toBe("booking.stopped");
    const texts =
      await owner`select kind from sms_message where kind like 'booking-%' order by kind`;
    expect(texts.map((row) => row.kind)).toEqual(
      expect.arrayContaining(["booking-confirmed", "booking-stopped"]),
    );
  });
});
