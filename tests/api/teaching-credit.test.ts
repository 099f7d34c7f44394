import { sql } from "drizzle-orm";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demoActor } from "../../server/demo/load.ts";
import { systemActor } from "../../server/identity/session-service.ts";
import { creditTasks } from "../../server/teaching/service.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

let test: TestApp;
let listener: Client;
let nurse: Client;
let manager: Client;
let sessionId: string;
let courseId: string;
const house = (slug: string) => test.ids.institutions.get(slug)!;
const person = (login: string) => demoActor(test.ids, login).personId;
const asSystem = <Row extends Record<string, unknown>>(statement: ReturnType<typeof sql>) =>
  test.services.db.withActor(systemActor("test"), (tx) => tx.execute<Row>(statement));
const run = () =>
  creditTasks(test.services)["teaching:credits"]!(null, {
    db: test.services.db,
    clock: () => test.clock.now,
    log: pino({ level: "silent" }),
    asJob: (job) =>
      test.services.db.withActor({ kind: "job", task: "teaching:credits", language: "zh-CN" }, job),
  });
const mine = async (who: Client) => (await who.get("/api/teaching/certificates")).body.certificates;

beforeAll(async () => {
  test = await buildTestApp();
  let teacher: Client;
  [teacher, listener, nurse, manager] = (await Promise.all(
    ["zhouminhua", "danzeng", "cirenzhuoma", "zhenglan"].map((who) => test.as(who)),
  )) as [Client, Client, Client, Client];
  courseId = (
    await teacher.post("/api/teaching/series", {
      title: "系列课",
      points: 5,
      minimumSessionsPercent: 50,
    })
  ).body.id;
  const made = await teacher.post("/api/teaching/sessions", {
    title: "有学分的一场",
    topic: "有学分的一场",
    seriesId: courseId,
    startsAt: "2026-11-23T02:10:00Z",
    lengthMinutes: 60,
    points: 1.5,
    minimumPresencePercent: 80,
    minimumQuizPercent: 60,
    speakers: [
      { personId: person("zhouminhua"), institutionId: house("xuhui-central"), role: "presenter" },
    ],
    audience: [{ kind: "institution", institutionId: house("sakya-chc") }],
  });
  sessionId = made.body.id;
  await teacher.post(`/api/teaching/sessions/${sessionId}/actions`, {
    action: "plan",
    version: made.body.version,
  });
});
afterAll(() => test.close());

describe("credit certificates", () => {
  it("come from presence and quiz, once each, and are checked without an account", async () => {
    // How it ran is the live room's affair; here it is over.
    await test.services.db.withActor(demoActor(test.ids, "zhouminhua"), (tx) =>
      tx.execute(
        sql`update teaching_session set state = 'live', live_at = ${"2026-11-23T02:10:00Z"}, version = version + 1 where id = ${sessionId}`,
      ),
    );
    await asSystem(
      sql`update teaching_session set state = 'ended', ended_at = ${"2026-11-23T03:10:00Z"}, version = version + 1 where id = ${sessionId}`,
    );
    await asSystem(sql`insert into teaching_attendance (session_id, person_id, institution_id, name, seconds, share, quiz_score, counted_at) values
      (${sessionId}, ${person("danzeng")}, ${house("sakya-chc")}, null, 3000, 0.85, 0.67, now()),
      (${sessionId}, ${person("cirenzhuoma")}, ${house("mabujia")}, null, 2000, 0.55, 1, now()),
      (${sessionId}, null, ${house("sakya-chc")}, '卓玛', 3500, 0.97, 1, now())`);
    test.clock.now = new Date("2026-11-23T03:15:00Z");
    await run();
    await run();
    expect(await mine(nurse)).toEqual([]);
    const [certificate, ...more] = await mine(listener);
    expect(more).toEqual([]);
    expect(certificate).toMatchObject({
      points: 1.5,
      presencePercent: 85,
      quizPercent: 67,
      title: "有学分的一场",
    });
    const named = await asSystem<{ name: string }>(
      sql`select name from teaching_certificate where session_id = ${sessionId} order by name`,
    );
    expect(named.map((one) => one.name).toSorted()).toEqual(["卓玛", "旦增"].toSorted());

    const check = async () =>
      (await test.anonymous.get(`/api/check/teaching/${certificate.code}`)).body;
    const told = await check();
    expect(told).toMatchObject({ state: "valid", signed: true, maskedName: "旦*", points: 1.5 });
    expect(JSON.stringify(told)).not.toContain("旦增");
    // Whatever somebody read from a paper is answered.
    for (const read of ["XF20261123AAAAAAAAAA", "NOTHING1", encodeURIComponent("证书")])
      expect((await test.anonymous.get(`/api/check/teaching/${read}`)).body.state).toBe("unknown");
    const pdf = await listener.get(`/api/teaching/certificates/${certificate.code}/pdf`);
    expect(pdf.headers["content-type"]).toBe("application/pdf");
    expect(pdf.raw.rawPayload.subarray(0, 5).toString()).toBe("%PDF-");
    expect((await nurse.get(`/api/teaching/certificates/${certificate.code}/pdf`)).status).toBe(
      404,
    );

    const issued = async (q: string) =>
      (await manager.get(`/api/teaching/issued-certificates?q=${encodeURIComponent(q)}`)).body
        .certificates;
    expect((await listener.get("/api/teaching/issued-certificates")).status).toBe(403);
    expect(await issued("旦增")).toMatchObject([{ code: certificate.code, name: "旦增" }]);
    expect(await issued("%")).toEqual([]);
    const across = `/api/teaching/series/${courseId}/attendance`;
    expect((await listener.get(across)).status).toBeGreaterThanOrEqual(403);
    expect((await manager.get(across)).body).toMatchObject({
      held: 1,
      sessions: [{ id: sessionId, held: true }],
      people: expect.arrayContaining([
        expect.objectContaining({ name: "旦增", attended: 1, earned: 1, certified: false }),
        expect.objectContaining({ name: "卓玛", personId: null, attended: 1, earned: 0 }),
      ]),
    });

    const revoke = (who: Client) =>
      who.post(`/api/teaching/certificates/${certificate.code}/revoke`, { reason: "签到有误" });
    expect((await revoke(listener)).status).toBe(403);
    expect((await revoke(manager)).status).toBe(200);
    expect((await revoke(manager)).body.code).toBe("teaching.certificate-stands");
    expect(await check()).toMatchObject({ state: "revoked" });
    await run();
    expect(await mine(listener)).toHaveLength(1);
  });

  it("keeps numbers of the house as dated rows of whoever manages teaching", async () => {
    const body = {
      validFrom: "2026-12-01",
      retentionYears: 5,
      smallCellLeast: 12,
      source: "院务会 2026-11",
    };
    expect((await listener.post("/api/teaching/policies", body)).status).toBe(403);
    expect(
      (await manager.post("/api/teaching/policies", { ...body, retentionYears: 2 })).status,
    ).toBe(400);
    expect((await manager.post("/api/teaching/policies", body)).body.policies).toMatchObject([
      { retentionYears: 5, counts: false },
    ]);
    expect((await manager.post("/api/teaching/policies", body)).body.code).toBe(
      "teaching.policy-dated",
    );
  });
});
