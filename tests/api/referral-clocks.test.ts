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
async function fire(handlers: AlarmHandlers = referralAlarms({ vault: test.services.vault })) {
  const alarms = startAlarms({ db: test.services.db, clock: test.services.clock, handlers, log });
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

async function urgent(): Promise<string> {
  const [unit] = await query<{ id: string }>(
    sql`select d.id from department d join institution i on i.id = d.institution_id where i.slug = 'zhabei-central' and d.slug = 'medicine'`,
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
    await Promise.all([fire(handlers), fire(handlers), fire(handlers)]);
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
