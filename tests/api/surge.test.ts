import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Tx } from "../../server/db/client.ts";
import { systemActor } from "../../server/identity/service.ts";
import type { SurgeBoard } from "../../server/surge/contract.ts";
import {
  chooseStation,
  longestGapSeconds,
  measuredPerHour,
  plannedWeight,
  surgeSteps,
} from "../../server/surge/domain.ts";
import { findStations } from "../../server/surge/repository.ts";
import { balance, tellMoved } from "../../server/surge/service.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

let test: TestApp;
let yan: Client;
let yu: Client;
let tao: Client;
/** Whoever owns the tables: no policy stops him, constraints and triggers do. */
let admin: postgres.Sql;
let laboratoryId: string;

beforeAll(async () => {
  test = await buildTestApp();
  admin = postgres(test.database.admin, {
    max: 8,
    onnotice: () => {},
    connection: { "yilian.kind": "system" },
  });
  [yan, yu, tao] = await Promise.all([
    test.as("yanping"),
    test.as("yuhong"),
    test.as("taoxiaohui"),
  ]);
  laboratoryId = test.ids.institutions.get("jingan-central")!;
});
afterAll(async () => {
  await admin.end();
  await test.close();
});

const system = <T>(work: (tx: Tx) => Promise<T>) =>
  test.services.db.withActor(systemActor("test"), work);
const turn = (id: string) => balance(system, id, test.clock.now);
const minutes = (count: number) => {
  test.clock.now = new Date(test.clock.now.getTime() + count * 60_000);
};

let orders = 0;
const form = (more: Record<string, unknown> = {}) => ({
  title: "今晚园区采样",
  orderId: null,
  order: { number: `沪静疫 2026-${++orders}`, issuedOn: "2026-11-23", scope: "园区全部在场人员" },
  places: [{ name: "东门广场", place: "东门内侧", stations: 4, priority: 1 }],
  expectedPeople: 300,
  startsAt: "2026-11-23T10:00:00Z",
  endsAt: "2026-11-23T16:00:00Z",
  plannedPerHour: 80,
  poolSize: 10,
  queueLimit: 20,
  guides: 12,
  transport: "每 30 分钟一趟，两辆车",
  feverPlace: "东门外发热引导点",
  laboratoryId,
  ...more,
});
const board = async (id: string, who: Client = yan): Promise<SurgeBoard> => {
  const answer = await who.get(`/api/surges/${id}/board`);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body;
};

/** A surge that runs, with its tables staffed by people made for it. */
async function running(more: Record<string, unknown> = {}, staffed = 4) {
  const made = await yan.post("/api/surges", form(more));
  expect(made.status, JSON.stringify(made.body)).toBe(200);
  const { id } = made.body;
  const opened = await yu.post(`/api/surges/${id}/open`);
  expect(opened.body.state, JSON.stringify(opened.body)).toBe("open");
  const people = await admin<{ id: string }[]>`
    insert into person (name) select '采样员' || n from generate_series(1, ${staffed}::int) n returning id`;
  await admin`insert into role_assignment (person_id, institution_id, role_code)
    select p, ${test.ids.institutions.get("pengpu")!}, 'sampler' from unnest(${people.map((one) => one.id)}::uuid[]) p`;
  const seated = await yan.post(`/api/surges/${id}/staff`, {
    personIds: people.map((one) => one.id),
  });
  expect(seated.body).toEqual({ seated: staffed });
  const [site] = await admin<
    { id: string }[]
  >`select site_id as id from surge_site where surge_id = ${id}`;
  return { id: String(id), siteId: site!.id };
}

/** People with nothing but a birthday. */
async function people(count: number, born = "1980-01-01"): Promise<string[]> {
  const rows = await admin<{ id: string }[]>`
    insert into patient (full_name, sex, birth_date, managing_institution_id, updated_at)
    select '人' || n, 'unknown', ${born}, ${test.ids.institutions.get("pengpu")!}, now() from generate_series(1, ${count}::int) n returning id`;
  return rows.map((row) => row.id);
}

/** As a phone at the entrance does it. */
const arrive = (siteId: string, who: readonly string[]) =>
  system(async (tx) => {
    const rows = await tx.execute<{ registrationId: string; problem: string | null }>(sql`
      select registration_id as "registrationId", problem from app.surge_join(${siteId}, ${sql.param(`{${who.join(",")}}`)}::uuid[],
        ${sql.param(`{${who.map(() => randomUUID().slice(0, 8).toUpperCase()).join(",")}}`)}::text[], ${randomUUID().slice(0, 10)}, '2026-11-23', ${test.clock.now.toISOString()})`);
    return rows;
  });

const queues = (id: string) => admin<
  { number: number; queue: number; stands: number; limit: number; priority: boolean }[]
>`select s.number, s.queue, s.priority, s.queue_limit as limit, (select count(*)::int from surge_place p where p.station_id = s.station_id and p.state = 'waiting') as stands
  from surge_station s where s.surge_id = ${id} order by s.number`;

describe("who may do what", () => {
  it("is refused to everybody who does not command", async () => {
    for (const who of ["deji", "maqiang", "qianwei", "taoxiaohui", "13800138004"]) {
      const client = await test.as(who);
      for (const [method, url] of [
        ["get", "/api/surges"],
        ["get", `/api/surges/${randomUUID()}/board`],
        [
          "get",
          "/api/surges/sizing?people=100&stations=2&perHour=80&from=2026-11-23T10:00:00Z&until=2026-11-23T16:00:00Z",
        ],
        ["post", `/api/surges/${randomUUID()}/open`],
        ["post", `/api/surges/${randomUUID()}/close`],
      ] as const)
        expect((await client[method](url)).status, `${who} ${url}`).toBe(403);
      expect((await client.post("/api/surges", form())).status, who).toBe(403);
    }
    // Tables are for whoever takes swabs, and of the own house only.
    for (const who of ["deji", "maqiang", "qianwei", "13800138004"]) {
      const client = await test.as(who);
      expect((await client.get("/api/surges/tables")).status, who).toBe(403);
      expect((await client.post(`/api/surges/tables/${randomUUID()}`)).status, who).toBe(403);
      expect((await client.post("/api/surges/leave-table", { personId: null })).status, who).toBe(
        403,
      );
    }
    const { id } = await running();
    const [table] = await admin<
      { id: string }[]
    >`select station_id as id from surge_station where surge_id = ${id} order by number limit 1`;
    const stranger = await test.as("baoyun");
    expect((await stranger.get("/api/surges/tables")).body).toMatchObject({ tables: [] });
    expect((await stranger.post(`/api/surges/tables/${table!.id}`)).status).toBe(404);
    expect((await tao.get("/api/my/surges")).status).toBe(403);
    expect((await yan.get("/api/my/surge")).status).toBe(403);
  });

  it("does not show another institution's surge, nor its people to whoever commands", async () => {
    const { id, siteId } = await running();
    await arrive(siteId, await people(2));
    const other = await test.as("chengyuan").catch(() => null);
    const stranger = other ?? (await adminOf());
    expect((await stranger.get(`/api/surges/${id}/board`)).status).toBe(404);
    expect((await stranger.post(`/api/surges/${id}/close`)).status).toBe(404);
    const text = JSON.stringify(await board(id));
    expect(text).not.toContain("人1");
    const [row] = await admin`select count(*)::int as n from surge_place where surge_id = ${id}`;
    expect(row!.n).toBe(2);
  });
});

/** The alliance's administrator, who commands at another institution. */
async function adminOf(): Promise<Client> {
  const [row] = await admin<{ login: string }[]>`
    select c.login_name as login from role_assignment a join staff_account c on c.person_id = a.person_id where a.role_code = 'alliance-administrator' limit 1`;
  return test.as(row!.login);
}

describe("the form", () => {
  it("says what so many stations will manage", async () => {
    const answer = await yan.get(
      "/api/surges/sizing?people=34000&stations=200&perHour=80&from=2026-11-23T10:00:00Z&until=2026-11-23T16:00:00Z",
    );
    expect(answer.body).toMatchObject({
      sitesAtLeast: 12,
      sitesAtMost: 17,
      perHour: 16_000,
      managed: 34_000,
      stationsNeeded: 71,
      enough: true,
    });
  });

  it("refuses rubbish", async () => {
    for (const wrong of [
      { plannedPerHour: 120 },
      { poolSize: 7 },
      { endsAt: "2026-11-23T09:00:00Z" },
      { places: [] },
      { places: [{ name: "a", place: "b", stations: 3, priority: 3 }] },
      { order: null },
    ])
      expect((await yan.post("/api/surges", form(wrong))).status, JSON.stringify(wrong)).toBe(400);
    expect(
      (await yan.post("/api/surges", form({ order: null, orderId: randomUUID() }))).status,
    ).toBe(404);
  });

  it("waits for a second person, who opens it", async () => {
    const made = await yan.post("/api/surges", form());
    expect(made.body).toMatchObject({ state: "planned", stations: 4 });
    const own = await yan.post(`/api/surges/${made.body.id}/open`);
    expect(own.body.code).toBe("sampling.two-persons");
    expect((await yu.post(`/api/surges/${made.body.id}/open`)).body.state).toBe("open");
    // Again, by whomever: it is open.
    expect((await yan.post(`/api/surges/${made.body.id}/open`)).body.state).toBe("open");
    const [count] =
      await admin`select count(*)::int as n from surge_station where surge_id = ${made.body.id}`;
    expect(count!.n).toBe(4);
  });

  it("sent twice at once under one order opens once", async () => {
    const body = form({ order: { number: "同一份", issuedOn: "2026-11-23", scope: "全部" } });
    const both = await Promise.all([yan.post("/api/surges", body), yu.post("/api/surges", body)]);
    expect(both.map((one) => one.status).sort()).toEqual([200, 409]);
    expect(both.find((one) => one.status === 409)!.body.code).toBe("surge.order-used");
    const first = both.find((one) => one.status === 200)!.body.id;
    const second = both[0]!.status === 200 ? yu : yan;
    const opened = await Promise.all([
      second.post(`/api/surges/${first}/open`),
      second.post(`/api/surges/${first}/open`),
    ]);
    expect(opened.map((one) => one.body.state)).toEqual(["open", "open"]);
    const [count] =
      await admin`select count(*)::int as n from sampling_site s join surge u on u.order_id = s.order_id where u.id = ${first}`;
    expect(count!.n).toBe(1);
  });

  it("gives the first answer to a repeated send", async () => {
    const key = { "idempotency-key": randomUUID() };
    const body = form();
    const one = await yan.post("/api/surges", body, key);
    const two = await yan.post("/api/surges", body, key);
    expect(two.body.id).toBe(one.body.id);
  });
});

describe("people", () => {
  it("who come at once are spread over the tables, each counted once, none over the limit", async () => {
    const { id, siteId } = await running();
    const crowd = await people(70);
    const joined = await Promise.all(crowd.map((one) => arrive(siteId, [one])));
    expect(joined.flat().filter((one) => one.problem)).toEqual([]);
    await turn(id);
    const now = await queues(id);
    for (const one of now) {
      expect(one.queue, `station ${one.number}`).toBe(one.stands);
      expect(one.stands).toBeLessThanOrEqual(one.limit);
    }
    // The priority lane is kept free; sixty fill the three others, ten wait in the hall.
    expect(now.map((one) => one.stands)).toEqual([0, 20, 20, 20]);
    expect((await board(id)).sites[0]).toMatchObject({ hall: 10, waiting: 70 });
    // Coming again changes nothing.
    const again = await arrive(siteId, [crowd[0]!]);
    expect(again[0]).toMatchObject({ problem: "already" });
    await expect(
      admin`update surge_station set queue = 21 where surge_id = ${id} and number = 2`,
    ).rejects.toThrow(/surge_station_queue/);
  });

  it("go to the table that the domain says", async () => {
    const { id, siteId } = await running();
    await admin`update surge_station set per_hour = 60 + number * 9 where surge_id = ${id}`;
    for (let one = 0; one < 12; one += 1) {
      const stations = await system((tx) => findStations(tx, id));
      const expected = chooseStation(stations, { size: 1, priority: one % 4 === 0 });
      const [person] = await people(1, one % 4 === 0 ? "1940-01-01" : "1985-01-01");
      const [made] = await arrive(siteId, [person!]);
      const [row] =
        await admin`select station_id as id from surge_place where registration_id = ${made!.registrationId}`;
      expect(row!.id).toBe(expected!.id);
    }
  });

  it("of a family stay together, and move together", async () => {
    const { id, siteId } = await running();
    await Promise.all((await people(30)).map((one) => arrive(siteId, [one])));
    const family = await people(4);
    await arrive(siteId, family);
    const [rows] =
      await admin`select count(distinct station_id)::int as stations, count(*)::int as n from surge_place where patient_id = any(${family})`;
    expect(rows).toEqual({ stations: 1, n: 4 });
    // Their table becomes very slow.
    await admin`update surge_station set per_hour = 10 where station_id = (select station_id from surge_place where patient_id = ${family[0]!})`;
    const { moved } = await turn(id);
    expect(moved).toBeGreaterThan(3);
    const [after] =
      await admin`select count(distinct station_id)::int as stations, min(moves)::int as moves from surge_place where patient_id = any(${family})`;
    expect(after).toEqual({ stations: 1, moves: 1 });
  });

  it("who were called stay; a table that closes gives its people to the others", async () => {
    const { id, siteId } = await running();
    await Promise.all((await people(30)).map((one) => arrive(siteId, [one])));
    await turn(id);
    const called = await admin<{ id: string; station: string }[]>`
      select registration_id as id, station_id as station from surge_place where surge_id = ${id} and called_at is not null`;
    expect(called.length).toBe(9);
    await admin`update surge_station set per_hour = 5 where surge_id = ${id} and number = 2`;
    await turn(id);
    const after = await admin<{ id: string; station: string }[]>`
      select registration_id as id, station_id as station from surge_place where registration_id = any(${called.map((one) => one.id)})`;
    expect(new Map(after.map((one) => [one.id, one.station]))).toEqual(
      new Map(called.map((one) => [one.id, one.station])),
    );
    const slow = (await board(id)).sites[0]!.stations.find((one) => one.number === 2)!;
    await yan.put(`/api/sampling/stations/${slow.id}`, { state: "paused" });
    await turn(id);
    expect((await queues(id)).find((one) => one.number === 2)!.stands).toBe(0);
    expect((await queues(id)).reduce((sum, one) => sum + one.stands, 0)).toBe(30);
  });

  it("are led away with a fever, and their place is free", async () => {
    const { id, siteId } = await running();
    const [made] = await arrive(siteId, await people(1));
    await admin`update test_registration set state = 'led-away', led_away_at = ${test.clock.now}, version = version + 1 where id = ${made!.registrationId}`;
    expect((await queues(id)).every((one) => one.queue === 0)).toBe(true);
    expect(await board(id)).toMatchObject({ ledAway: 1, waiting: 0 });
  });

  it("see their own place on the phone, and where they were sent instead", async () => {
    const { id, siteId } = await running();
    const phone = await test.as("13800138001");
    const [mine] = (await phone.get("/api/session")).body.patients ?? [];
    const patientId = mine?.id ?? (await ownPatient("13800138001"));
    const before = await people(12);
    for (const one of before) await arrive(siteId, [one]);
    const joined = await phone.post("/api/my/surge", { siteId, patientIds: [patientId] });
    expect(joined.status, JSON.stringify(joined.body)).toBe(200);
    expect(joined.body.people[0].problem).toBeNull();
    const twice = await phone.post("/api/my/surge", { siteId, patientIds: [patientId] });
    expect(twice.body.people[0]).toMatchObject({
      problem: "already",
      registrationId: joined.body.people[0].registrationId,
    });
    const foreign = await phone.post("/api/my/surge", { siteId, patientIds: [before[0]] });
    expect(foreign.status).toBe(403);
    const [place] = (await phone.get("/api/my/surge")).body.places;
    expect(place).toMatchObject({ ahead: 4, called: false, movedFrom: null });
    await admin`update surge_station set per_hour = 6 where surge_id = ${id} and number = ${place.station}`;
    await turn(id);
    const [moved] = (await phone.get("/api/my/surge")).body.places;
    expect(moved.movedFrom).toBe(place.station);
    expect(moved.station).not.toBe(place.station);
    expect((await board(id)).moved.map((one) => one.from)).toContain(place.station);
    await yan.post(`/api/surges/${id}/close`);
    const late = await phone.post("/api/my/surge", { siteId, patientIds: [patientId] });
    expect(late.body.code).toBe("surge.closed");
    await admin`update test_registration set state = 'cancelled', version = version + 1 where patient_id = ${patientId} and state = 'waiting'`;
  });
});

describe("who is sent to another table", () => {
  const told = async (kind: string) =>
    (
      await admin<
        { text: string }[]
      >`select text_cipher as text from sms_message where kind = ${kind} order by at, id`
    ).map((one) => test.services.vault.open("sms_message.text", one.text));
  const calls = () =>
    admin<
      { state: string; mode: string; due: number }[]
    >`select state, kind as mode, extract(epoch from due_at - at)::int / 60 as due from call_task where kind = 'table-moved'`;

  /** The phone's person waits at the end of a slow table; the turn sends him elsewhere. */
  async function sendAway(number: string) {
    const { id, siteId } = await running();
    for (const one of await people(14)) await arrive(siteId, [one]);
    const phone = await test.as(number);
    const patientId = await ownPatient(number);
    const joined = await phone.post("/api/my/surge", { siteId, patientIds: [patientId] });
    expect(joined.body.people[0].problem, JSON.stringify(joined.body)).toBeNull();
    const [place] = (await phone.get("/api/my/surge")).body.places;
    await admin`update surge_station set per_hour = 6 where surge_id = ${id} and number = ${place.station}`;
    await turn(id);
    const at = test.clock.now;
    const [moved] = (await phone.get("/api/my/surge")).body.places;
    expect(moved.movedFrom).toBe(place.station);
    const tell = () => system((tx) => tellMoved(tx, test.services.vault, id, at, test.clock.now));
    const leave = () =>
      admin`update test_registration set state = 'cancelled', version = version + 1 where patient_id = ${patientId} and state = 'waiting'`;
    return { tell, leave, to: moved.station as number };
  }

  it("hears of it by message, once, by the job that the turn has left", async () => {
    const before = await told("table-moved");
    const { tell, leave, to } = await sendAway("13800138001");
    const [job] =
      await admin`select count(*)::int as n from graphile_worker.jobs where task_identifier = 'surge:tell-moved'`.catch(
        () => [{ n: 1 }],
      );
    expect(job!.n).toBeGreaterThan(0);
    expect(await tell()).toBe(1);
    await tell();
    const now = await told("table-moved");
    const fresh = now.slice(before.length);
    expect(fresh.length).toBeGreaterThan(0);
    for (const text of fresh) expect(text).toContain(`${to}`);
    expect(new Set(fresh).size).toBe(fresh.length);
    expect(await calls()).toEqual([]);
    await leave();
  });

  it("is called when he asked for calls, and nobody is told who has been sampled meanwhile", async () => {
    const patientId = await ownPatient("13800138001");
    await admin`insert into notice_preference (patient_id, mode, set_at) values (${patientId}, 'call-me', ${test.clock.now})`;
    const before = await told("table-moved");
    const { tell, leave } = await sendAway("13800138001");
    expect(await tell()).toBe(1);
    await tell();
    expect(await told("table-moved")).toEqual(before);
    const [call, ...others] = await calls();
    expect(others).toEqual([]);
    expect(call).toMatchObject({ state: "open" });
    expect(call!.due).toBeGreaterThanOrEqual(5);
    expect(call!.due).toBeLessThanOrEqual(30);
    const nurse = await test.as("wangjianguo");
    const listed = (await nurse.get("/api/calls")).body.calls.find(
      (one: { kind: string }) => one.kind === "table-moved",
    );
    expect(listed?.words["zh-CN"]).toMatch(/号采样台/);
    await leave();
    await admin`delete from notice_preference where patient_id = ${patientId}`;
    const again = await sendAway("13800138001");
    await again.leave();
    expect(await again.tell()).toBe(0);
  });
});

describe("a phone at the entrance", () => {
  it("sees tonight's sites, and joins with a group's code or without one", async () => {
    const { id, siteId } = await running();
    await arrive(siteId, await people(3));
    const phone = await test.as("13800138001");
    const { sites } = (await phone.get("/api/my/surges")).body;
    expect(sites.find((one: { id: string }) => one.id === siteId)).toMatchObject({
      title: "今晚园区采样",
      tables: 4,
      waiting: 3,
      waitMinutes: 1,
      feverPlace: "东门外发热引导点",
    });
    const other = await test.as("13800138003");
    const made = await other.post("/api/tests/groups", {
      kind: "family",
      name: "周家",
      siteId,
      segmentId: null,
      day: "2026-11-23",
    });
    expect(made.status, JSON.stringify(made.body)).toBe(200);
    const [mine, theirs] = [await ownPatient("13800138001"), await ownPatient("13800138003")];
    const wrong = await phone.post("/api/my/surge", {
      siteId,
      patientIds: [mine],
      group: "GXXXXX",
    });
    expect([wrong.status, wrong.body.code]).toEqual([404, "sampling.group-unknown"]);
    expect((await phone.get("/api/my/surge")).body.places).toEqual([]);
    const group = made.body.code.toLowerCase();
    for (const [client, patientId] of [
      [other, theirs],
      [phone, mine],
    ] as const)
      expect(
        (await client.post("/api/my/surge", { siteId, patientIds: [patientId], group })).status,
      ).toBe(200);
    const [rows] =
      await admin`select count(distinct station_id)::int as stations, count(distinct party)::int as parties from surge_place where surge_id = ${id} and patient_id in (${mine}, ${theirs})`;
    expect(rows).toEqual({ stations: 1, parties: 1 });
    await admin`update test_registration set state = 'cancelled', version = version + 1 where patient_id in (${mine}, ${theirs}) and state = 'waiting'`;
    await yan.post(`/api/surges/${id}/close`);
    expect(
      (await phone.get("/api/my/surges")).body.sites.some(
        (one: { id: string }) => one.id === siteId,
      ),
    ).toBe(false);
  });
});

async function ownPatient(number: string): Promise<string> {
  const index = test.services.vault.blindIndex("phone", number);
  const [row] = await admin<{ id: string }[]>`
    select patient_id as id from patient_contact where phone_index = ${index} and may_sign_in limit 1`;
  return row!.id;
}

describe("the tables", () => {
  it("are taken one by one, also by samplers who come at the same moment", async () => {
    const made = await yan.post("/api/surges", form());
    await yu.post(`/api/surges/${made.body.id}/open`);
    const shi = await test.as("shilei");
    const taken = await Promise.all([
      tao.post(`/api/surges/${made.body.id}/table`),
      shi.post(`/api/surges/${made.body.id}/table`),
    ]);
    expect(new Set(taken.map((one) => one.body.number)).size, JSON.stringify(taken)).toBe(2);
    // Again: the own one.
    const again = await tao.post(`/api/surges/${made.body.id}/table`);
    expect(again.body.number).toBe(taken[0]!.body.number);
    expect((await tao.get("/api/sampling/work")).body.station.id).toBe(taken[0]!.body.stationId);
  });

  it("are chosen, handed to a colleague and closed by whoever sits there", async () => {
    const made = await yan.post("/api/surges", form());
    const { id } = made.body;
    await yu.post(`/api/surges/${id}/open`);
    const shi = await test.as("shilei");
    const listed = async (who: Client) =>
      (await who.get("/api/surges/tables")).body as {
        tables: {
          id: string;
          surgeId: string;
          number: number;
          mine: boolean;
          sampler: string | null;
          state: string;
        }[];
        colleagues: { id: string; name: string }[];
      };
    const own = (await listed(tao)).tables.filter((one) => one.surgeId === id);
    expect(own.map((one) => one.number)).toEqual([1, 2, 3, 4]);
    const [first, second] = own.map((one) => one.id) as [string, string];
    // Two at the same moment: one sits there.
    const both = await Promise.all([
      tao.post(`/api/surges/tables/${second}`),
      shi.post(`/api/surges/tables/${second}`),
    ]);
    expect(both.map((one) => one.status).sort()).toEqual([200, 409]);
    const [sits, stands] = both[0]!.status === 200 ? [tao, shi] : [shi, tao];
    expect(both.find((one) => one.status === 409)!.body.code).toBe("surge.table-taken");
    expect((await sits.post(`/api/surges/tables/${second}`)).status).toBe(200);
    // Another one: the one before is free again.
    expect((await sits.post(`/api/surges/tables/${first}`)).status).toBe(200);
    const now = (await listed(stands)).tables.filter((one) => one.surgeId === id);
    expect(now.map((one) => [one.number, one.state])).toEqual([
      [1, "open"],
      [2, "closed"],
      [3, "closed"],
      [4, "closed"],
    ]);
    await stands.post("/api/surges/leave-table", { personId: null });
    expect((await stands.post("/api/surges/leave-table", { personId: null })).body.code).toBe(
      "surge.table-none",
    );
    // A tube that still fills is ended first.
    const [sampler] = await admin<
      { id: string }[]
    >`select sampler_id as id from sampling_station where id = ${first}`;
    const [tube] = await admin<{ id: string }[]>`
      insert into tube (code, size, purpose, site_id, station_id, institution_id, laboratory_id, opened_by, opened_at)
      select 'YT10000888880', 10, 'surge', s.id, ${first}, s.institution_id, s.laboratory_id, ${sampler!.id}, ${test.clock.now} from sampling_site s
        join surge_site x on x.site_id = s.id where x.surge_id = ${id} returning id`;
    expect((await sits.post("/api/surges/leave-table", { personId: null })).body.code).toBe(
      "surge.table-unsealed",
    );
    expect((await sits.post(`/api/surges/tables/${second}`)).body.code).toBe(
      "surge.table-unsealed",
    );
    await admin`update tube set state = 'void', void_reason = '没用', voided_at = ${test.clock.now}, version = version + 1 where id = ${tube!.id}`;
    const [colleague] = (await listed(sits)).colleagues.filter((one) =>
      ["陶晓慧", "石磊"].includes(one.name),
    );
    expect(colleague, JSON.stringify((await listed(sits)).colleagues)).toBeTruthy();
    expect((await sits.post("/api/surges/leave-table", { personId: sampler!.id })).body.code).toBe(
      "surge.table-busy",
    );
    expect((await sits.post("/api/surges/leave-table", { personId: randomUUID() })).body.code).toBe(
      "surge.table-busy",
    );
    expect((await sits.post("/api/surges/leave-table", { personId: colleague!.id })).status).toBe(
      200,
    );
    expect((await stands.get("/api/sampling/work")).body.station).toMatchObject({
      id: first,
      state: "open",
    });
    expect((await sits.get("/api/sampling/work")).body.station).toBeNull();
    expect((await stands.post("/api/surges/leave-table", { personId: null })).status).toBe(200);
    const [closed] =
      await admin`select state, sampler_id from sampling_station where id = ${first}`;
    expect(closed).toEqual({ state: "closed", sampler_id: null });
    const [open] = await admin`select open from surge_station where station_id = ${first}`;
    expect(open!.open).toBe(false);
    await sits.post(`/api/surges/${id}/table`);
    await stands.post(`/api/surges/${id}/table`);
  });

  it("are measured as the domain says", async () => {
    const { id, siteId } = await running();
    const station = (await board(id)).sites[0]!.stations[1]!.id;
    const gaps = [30, 35, 40, 600, 45, 50];
    const made = (await arrive(siteId, await people(gaps.length + 1))).map(
      (one) => one.registrationId,
    );
    const [sampler] = await admin<
      { id: string }[]
    >`select sampler_id as id from sampling_station where id = ${station}`;
    const [tube] = await admin<{ id: string }[]>`
      insert into tube (code, size, purpose, site_id, station_id, institution_id, laboratory_id, opened_by, opened_at)
      select 'YT10000999990', 10, 'surge', s.id, ${station}, s.institution_id, s.laboratory_id, ${sampler!.id}, ${test.clock.now} from sampling_site s where s.id = ${siteId} returning id`;
    for (const [index, registration] of made.entries()) {
      if (index > 0) test.clock.now = new Date(test.clock.now.getTime() + gaps[index - 1]! * 1000);
      await admin`insert into tube_member (tube_id, patient_id, size, position, registration_id, purpose, station_id, sampled_at, sampled_by)
        select ${tube!.id}, patient_id, 10, 1, id, purpose, ${station}, ${test.clock.now}, ${sampler!.id} from test_registration where id = ${registration}`;
    }
    await system((tx) =>
      tx.execute(
        sql`select app.surge_measure(${id}, ${longestGapSeconds}, ${plannedWeight}, ${test.clock.now.toISOString()})`,
      ),
    );
    const [row] =
      await admin`select per_hour, measured from surge_station where station_id = ${station}`;
    expect(row!.measured).toBe(5);
    expect(row!.per_hour).toBeCloseTo(measuredPerHour(gaps, 80), 2);
    const seen = await board(id);
    expect(seen).toMatchObject({ sampled: 7, registered: 7, waiting: 0 });
    expect(seen.tubes.filling).toBe(1);
    expect(seen.resultsDue.reduce((sum, one) => sum + one.tubes, 0)).toBe(1);
    // A voided tube: everybody is back, with the old number, and has a place.
    await admin`update tube set state = 'void', void_reason = '漏液', voided_at = ${test.clock.now}, version = version + 1 where id = ${tube!.id}`;
    expect(await board(id)).toMatchObject({ sampled: 0, waiting: 7, recallsOpen: 7 });
    minutes(180);
  });

  it("close when their queue is empty, and the last one ends the evening", async () => {
    const { id, siteId } = await running();
    const [made] = await arrive(siteId, await people(1));
    expect((await yan.post(`/api/surges/${id}/close`)).body.state).toBe("closing");
    expect((await turn(id)).goesOn).toBe(true);
    const one = await board(id);
    expect(one.sites[0]!.stations.filter((s) => s.state === "open").length).toBe(1);
    await admin`update test_registration set state = 'missed', version = version + 1 where id = ${made!.registrationId}`;
    expect((await turn(id)).goesOn).toBe(false);
    const over = await board(id);
    expect(over.surge.state).toBe("stood-down");
    expect(over.sites[0]!.stations.every((s) => s.state === "closed")).toBe(true);
    expect((await yan.post(`/api/surges/${id}/open`)).body.code).toBe("surge.illegal-step");
    const duties =
      await admin`select count(*)::int as n from sampling_duty where site_id = ${siteId} and ended_at is null`;
    expect(duties[0]!.n).toBe(0);
  });
});

describe("the database's tables", () => {
  it("have the steps of the domain", async () => {
    const rows = await system((tx) =>
      tx.execute<{ from: string; to: string }>(
        sql`select from_state as from, to_state as to from surge_transition`,
      ),
    );
    const expected = Object.entries(surgeSteps).flatMap(([from, tos]) =>
      tos.map((to) => `${from} ${to}`),
    );
    expect(rows.map((row) => `${row.from} ${row.to}`).sort()).toEqual(expected.sort());
  });

  it("let nobody open by hand what two have not signed", async () => {
    const made = await yan.post("/api/surges", form());
    await expect(
      admin`update surge set state = 'open', opened_at = now(), opened_by = prepared_by, version = 2 where id = ${made.body.id}`,
    ).rejects.toThrow(/not signed by two/);
  });
});
