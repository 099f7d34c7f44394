import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AlarmHandlers, putAlarm, startAlarms } from "../../server/alarms/service.ts";
import type { Actor } from "../../server/identity/domain.ts";
import { referralAlarms } from "../../server/referral/service.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

let test: TestApp;
let wang: Client;
let qin: Client;
const system: Actor = { kind: "system", reason: "test", language: "zh-CN" };
const log = { info: () => {}, warn: () => {}, error: () => {} };
const minutes = (n: number) => n * 60_000;
beforeAll(async () => {
  test = await buildTestApp();
  wang = await test.as("wangjianguo");
  qin = await test.as("qinxuemei");
});
afterAll(() => test.close());

const query = <Row extends Record<string, unknown>>(statement: ReturnType<typeof sql>) =>
  test.services.db.withActor(system, (tx) => tx.execute<Row>(statement));
const later = (ms: number) => {
  test.clock.now = new Date(test.clock.now.getTime() + ms);
};
/** What one process does with what is due now. */
async function fire(
  handlers: AlarmHandlers = referralAlarms({ vault: test.services.vault }),
  apart: readonly string[] = [],
) {
  const { db, clock } = test.services;
  const alarms = startAlarms({ db, clock, handlers, apart, log });
  await alarms.fireDue();
  await alarms.close();
}
/** What somebody was told of one referral. Sessions end while the clock runs on: each look is a new one. */
async function kinds(login: string, id: string): Promise<string[]> {
  const { notices } = (await (await test.as(login)).get("/api/notices")).body;
  return notices
    .filter((one: { entityId: string }) => one.entityId === id)
    .map((one: { kind: string }) => one.kind);
}

async function urgent(department = "medicine"): Promise<string> {
  const [unit] = await query<{ id: string }>(
    sql`select d.id from department d join institution i on i.id = d.institution_id where i.slug = 'zhabei-central' and d.slug = ${department}`,
  );
  const made = await wang.post("/api/referrals", {
    patientId: test.ids.patients.get("zhou"),
    direction: "up",
    content: {
      urgency: "urgent",
      toInstitutionId: test.ids.institutions.get("zhabei-central"),
      toDepartmentId: unit!.id,
      requesterPhone: "021-56914949",
      reason: "头晕",
      impression: [{ code: "I10", text: "高血压" }],
      presentHistory: "头晕两天",
      pastHistory: "高血压",
      treatmentSoFar: "氨氯地平",
      criteria: [{ code: "severe", evidence: null }],
    },
  });
  await wang.post(`/api/referrals/${made.body.id}/consents`, {
    given: true,
    method: "fingerprint",
    witnessName: "护士",
    reason: "不识字",
    language: "zh-CN",
    textVersion: "referral-2026-11",
    signerName: "周桂英",
    signerRelation: "本人",
  });
  const { version } = (await wang.get(`/api/referrals/${made.body.id}`)).body;
  const sent = await wang.post(`/api/referrals/${made.body.id}/actions`, {
    action: "submit",
    version,
  });
  expect(sent.status, JSON.stringify(sent.body)).toBe(200);
  return made.body.id;
}

describe("a clock", () => {
  it("fires once, however many watch, and again only when it is set again", async () => {
    const fired: string[] = [];
    const handlers: AlarmHandlers = { "test:ring": async (alarm) => void fired.push(alarm.key) };
    const dueAt = new Date(test.clock.now.getTime() + minutes(1));
    const entityId = "00000000-0000-4000-8000-000000000001";
    await test.services.db.withActor(system, async (tx) => {
      for (let n = 0; n < 120; n++)
        await putAlarm(tx, { kind: "test:ring", entityId, key: `test:${n}`, dueAt });
    });
    await fire(handlers);
    expect(fired).toEqual([]);
    later(minutes(1));
    // A rush: several servers, each with several batches at once.
    const together = Object.keys(handlers);
    await Promise.all([fire(handlers, together), fire(handlers, together), fire(handlers)]);
    expect(fired).toHaveLength(120);
    expect(new Set(fired).size).toBe(120);
    await fire(handlers);
    expect(fired).toHaveLength(120);
    await test.services.db.withActor(system, (tx) =>
      putAlarm(tx, { kind: "test:ring", entityId, key: "test:7", dueAt: test.clock.now }),
    );
    await fire(handlers);
    expect(fired.slice(120)).toEqual(["test:7"]);
  });
  it("that cannot be acted on keeps nobody waiting, and is tried again", async () => {
    let broken = true;
    const done: string[] = [];
    const handlers: AlarmHandlers = {
      "test:break": async (alarm) => {
        if (alarm.key === "bad" && broken) throw new Error("not now");
        done.push(alarm.key);
      },
    };
    const entityId = "00000000-0000-4000-8000-000000000002";
    await test.services.db.withActor(system, async (tx) => {
      for (const key of ["bad", "good"])
        await putAlarm(tx, { kind: "test:break", entityId, key, dueAt: test.clock.now });
    });
    await fire(handlers);
    expect(done).toEqual(["good"]);
    broken = false;
    later(minutes(1));
    await fire(handlers);
    expect(done).toEqual(["good", "bad"]);
  });
});

describe("a referral that nobody answers", () => {
  let id: string;
  it("rings the desk at its time, then whoever is over it, and the sender knows", async () => {
    id = await urgent();
    later(minutes(119));
    await fire();
    expect(await kinds("qinxuemei", id)).not.toContain("referral-overdue");
    later(minutes(1));
    await fire();
    expect(await kinds("qinxuemei", id)).toContain("referral-overdue");
    expect(await kinds("wangjianguo", id)).toContain("referral-overdue");
    later(minutes(30));
    await fire();
    const seen = (await qin.get(`/api/referrals/${id}`)).body;
    expect(seen.escalationLevel).toBe(2);
    // Whoever is typing goes on: an alarm is no new version.
    expect(seen.version).toBe((await wang.get(`/api/referrals/${id}`)).body.version);
    expect(seen.steps.filter((one: { action: string }) => one.action === "escalate")).toHaveLength(
      2,
    );
  });
  it("is silent from the answer on, however late the clock is looked at", async () => {
    const { version } = (await qin.get(`/api/referrals/${id}`)).body;
    await qin.post(`/api/referrals/${id}/actions`, { action: "accept", version, bed: true });
    const before = (await kinds("qinxuemei", id)).filter(
      (one: string) => one === "referral-overdue",
    ).length;
    later(minutes(600));
    await fire();
    expect(
      (await kinds("qinxuemei", id)).filter((one: string) => one === "referral-overdue"),
    ).toHaveLength(before);
  });
  it("gives back what is kept after its hours, and says so", async () => {
    later(minutes(24 * 60));
    await fire();
    const seen = (await (await test.as("wangjianguo")).get(`/api/referrals/${id}`)).body;
    expect(seen.state).toBe("expired");
    expect(await kinds("wangjianguo", id)).toContain("referral-expired");
  });
  it("does not end a yes without a bed or number by a clock, and asks the desk for one", async () => {
    [wang, qin] = [await test.as("wangjianguo"), await test.as("qinxuemei")];
    id = await urgent();
    const { version } = (await qin.get(`/api/referrals/${id}`)).body;
    await qin.post(`/api/referrals/${id}/actions`, { action: "accept", version, answer: "周四来" });
    later(minutes(24 * 60));
    await fire();
    expect((await (await test.as("wangjianguo")).get(`/api/referrals/${id}`)).body.state).toBe(
      "accepted",
    );
    expect(await kinds("qinxuemei", id)).toContain("referral-not-booked");
  });
});

describe("an alarm that somebody has in hand", () => {
  let id: string;
  const centre = async (login: string, query = "of=mine") =>
    (await (await test.as(login)).get(`/api/notices/centre?${query}`)).body.notices as {
      id: string;
      kind: string;
      entityId: string;
      mine: boolean;
      detail: { away?: number; rung?: string };
      acknowledged: { by: string } | null;
    }[];
  const overdue = async (login: string, query?: string) =>
    (await centre(login, query)).filter(
      (one) => one.entityId === id && one.kind === "referral-overdue",
    );

  it("is not read and not taken by another house or a patient", async () => {
    [wang, qin] = [await test.as("wangjianguo"), await test.as("qinxuemei")];
    id = await urgent("fever");
    later(minutes(120));
    await fire();
    const [told] = await overdue("qinxuemei");
    expect(told).toMatchObject({ acknowledged: null, detail: { rung: "desk" } });
    const lijia = await test.as("lijia");
    expect((await lijia.post(`/api/notices/${told!.id}/acknowledge`, {})).status).toBe(404);
    expect(await overdue("lijia", "of=house")).toEqual([]);
    const mine = await centre("qinxuemei");
    expect(mine.length).toBeGreaterThan(0);
    expect(mine.filter((one) => !one.mine)).toEqual([]);
    expect((await centre("qinxuemei", "of=mine&kinds=none&number=none")).length).toBe(0);
    const patient = await test.as("13800138003");
    expect((await patient.get("/api/notices/centre")).status).toBe(403);
    expect((await patient.post(`/api/notices/${told!.id}/acknowledge`, {})).status).toBe(403);
  });
  it("goes no higher when whoever was asked says so; the sender's saying so stops nothing", async () => {
    const [mine] = await overdue("wangjianguo");
    expect((await wang.post(`/api/notices/${mine!.id}/acknowledge`, {})).status).toBe(200);
    const [told] = await overdue("qinxuemei");
    expect(told!.acknowledged).toBeNull();
    later(minutes(30));
    await fire();
    expect(
      (await (await test.as("qinxuemei")).get(`/api/referrals/${id}`)).body.escalationLevel,
    ).toBe(2);
    const [again] = await overdue("qinxuemei");
    qin = await test.as("qinxuemei");
    for (const _ of [1, 2])
      expect((await qin.post(`/api/notices/${again!.id}/acknowledge`, {})).status).toBe(200);
    const seen = (await qin.get(`/api/referrals/${id}`)).body;
    expect(
      seen.steps.filter((one: { action: string }) => one.action === "acknowledge"),
    ).toMatchObject([{ by: "秦雪梅" }]);
    expect((await overdue("qinxuemei", "of=house"))[0]?.acknowledged?.by).toBe("秦雪梅");
    later(minutes(60));
    await fire();
    expect(
      (await (await test.as("qinxuemei")).get(`/api/referrals/${id}`)).body.escalationLevel,
    ).toBe(2);
    // He alone is reminded of what he took.
    expect(await kinds("qinxuemei", id)).toContain("referral-in-hand");
    expect(await kinds("wangjianguo", id)).not.toContain("referral-in-hand");
  });
  it("goes on to the others when he is away, and says so", async () => {
    await query(sql`insert into staff_absence (institution_id, department_id, person_id, kind, from_day, to_day, entered_by)
      select i.id, d.id, p.id, 'leave', '2020-01-01', '2099-01-01', p.id from institution i join department d on d.institution_id = i.id and d.slug = 'medicine'
      join person p on p.name = '秦雪梅' where i.slug = 'zhabei-central'`);
    later(minutes(60));
    await fire();
    const seen = (await (await test.as("wangjianguo")).get(`/api/referrals/${id}`)).body;
    expect(seen.escalationLevel).toBe(3);
    expect(
      seen.steps.filter((one: { action: string }) => one.action === "skipAway").at(-1)?.reason,
    ).toContain("秦雪梅");
    expect((await overdue("wangjianguo"))[0]?.detail.away).toBeGreaterThan(0);
  });
  it("tells the doctor and the patient once when nobody answers for a day; nothing ends by itself", async () => {
    later(minutes(24 * 60));
    await fire();
    later(minutes(60));
    await fire();
    const told = (await centre("wangjianguo")).filter(
      (one) => one.entityId === id && one.kind === "referral-unanswered",
    );
    expect(told).toHaveLength(1);
    expect(told[0]!.detail).toMatchObject({
      institution: expect.stringContaining("闸北"),
      phone: expect.any(String),
    });
    const [sent] = await query<{ n: number; calls: number }>(
      sql`select (select count(*) from sms_message where kind = 'referral-unanswered')::int as n,
        (select count(*) from call_task where kind = 'referral-unanswered')::int as calls`,
    );
    expect(sent!.n + sent!.calls).toBeGreaterThan(0);
    // Back at work, the desk finds it first, still open and with its number.
    await query(sql`update staff_absence set cancelled_at = now(), cancelled_by = entered_by`);
    const desk = (await (await test.as("qinxuemei")).get("/api/referrals?scope=desk")).body
      .referrals;
    const waiting: { id: string; clock: { dueAt: string } }[] = desk.filter(
      (one: { state: string }) => one.state === "submitted",
    );
    expect(waiting.map((one) => one.id)).toContain(id);
    const due = waiting.map((one) => one.clock.dueAt);
    expect(due).toEqual(due.toSorted());
  });
});
