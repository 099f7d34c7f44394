import { sql } from "drizzle-orm";
import pino from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { demoActor } from "../../server/demo/load.ts";
import { fromDatabase } from "../../server/errors/database-error.ts";
import type { StaffActor } from "../../server/identity/domain.ts";
import { systemActor } from "../../server/identity/session-service.ts";
import { findSession } from "../../server/teaching/repository.ts";
import { mayWatch, takeTeachingStep, teachingPlanTasks } from "../../server/teaching/service.ts";
import { teachingTransitions } from "../../server/teaching/states.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

const monday = new Date("2026-11-23T02:00:00Z");
let test: TestApp;
let teacher: Client;
let panel: Client;
let listener: Client;
let stranger: Client;
let departmentHead: Client;
beforeAll(async () => {
  test = await buildTestApp();
  [teacher, panel, listener, stranger, departmentHead] = (await Promise.all(
    ["zhouminhua", "wuqihang", "danzeng", "wangjianguo", "lijia"].map((who) => test.as(who)),
  )) as [Client, Client, Client, Client, Client];
});
afterAll(() => test.close());
beforeEach(() => {
  test.clock.now = monday;
});

const house = (slug: string) => test.ids.institutions.get(slug)!;
const staff = (login: string) => demoActor(test.ids, login);
const at = "2026-11-25T08:00:00.000Z";
const plan = (more: Record<string, unknown> = {}) => ({
  title: "过敏性紫癜的诊断及治疗",
  topic: "给县乡两级医生：怎样认、何时转、怎样随访。",
  languages: ["zh-CN", "bo"],
  startsAt: at,
  lengthMinutes: 60,
  points: 1.5,
  speakers: [
    {
      personId: staff("zhouminhua").personId,
      institutionId: house("xuhui-central"),
      role: "presenter",
    },
    { personId: staff("wuqihang").personId, institutionId: house("xuhui-central"), role: "panel" },
  ],
  audience: [{ kind: "institution", institutionId: house("sakya-chc") }],
  ...more,
});
const drafted = async (more: Record<string, unknown> = {}) => {
  const answer = await teacher.post("/api/teaching/sessions", plan(more));
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body;
};
const act = (who: Client, session: { id: string; version: number }, body: object) =>
  who.post(`/api/teaching/sessions/${session.id}/actions`, { version: session.version, ...body });
const step = async (actor: StaffActor, id: string, action: "goLive" | "end") =>
  test.services.db.withActor(actor, async (tx) => {
    const row = await findSession(tx, id);
    return takeTeachingStep(
      { tx, actor, origin: { correlationId: "test", address: null }, now: test.clock.now },
      row!,
      { action },
    );
  });
const runTask = (name: string, payload: object) =>
  teachingPlanTasks[name]!(payload, {
    db: test.services.db,
    clock: () => test.clock.now,
    log: pino({ level: "silent" }),
    asJob: (job) => test.services.db.withActor({ kind: "job", task: name, language: "zh-CN" }, job),
  });
const titles = async (who: Client) =>
  ((await who.get("/api/teaching/sessions")).body.sessions as { id: string }[]).map(
    (one) => one.id,
  );

describe("planning a broadcast", () => {
  it("is refused to who plans nothing, and a draft is nobody else's to see", async () => {
    expect((await departmentHead.post("/api/teaching/sessions", plan())).status).toBe(403);
    const draft = await drafted();
    for (const who of [listener, stranger, departmentHead]) {
      expect((await who.get(`/api/teaching/sessions/${draft.id}`)).status).not.toBe(200);
      expect((await act(who, draft, { action: "plan" })).status).not.toBe(200);
    }
    // The panel sees it in its list, and changes nothing.
    expect(await titles(panel)).toContain(draft.id);
    expect((await act(panel, draft, { action: "plan" })).body.code).toBe("permission.denied");
    const { version: _, ...rest } = plan() as Record<string, unknown>;
    expect(
      (await panel.put(`/api/teaching/sessions/${draft.id}`, { ...rest, version: draft.version }))
        .body.code,
    ).toBe("permission.denied");
  });

  it("is announced when it is whole, moved, and cancelled with a reason; sites are told once each", async () => {
    const short = await drafted({ topic: null, audience: [] });
    const lacking = await act(teacher, short, { action: "plan" });
    expect(lacking.body).toMatchObject({
      code: "teaching.incomplete",
      params: { parts: ["topic", "audience"] },
    });
    const draft = await drafted();
    const planned = (await act(teacher, draft, { action: "plan" })).body;
    expect(planned).toMatchObject({ state: "planned", actions: ["goLive", "cancel"] });
    expect((await act(teacher, draft, { action: "plan" })).body.code).toBe(
      "teaching.changed-meanwhile",
    );
    expect(await titles(listener)).toContain(draft.id);
    expect(await titles(stranger)).not.toContain(draft.id);
    const seen = (await listener.get(`/api/teaching/sessions/${draft.id}`)).body;
    expect(seen).toMatchObject({ watches: false, plans: false, leads: false, actions: [] });

    const moved = (
      await teacher.put(`/api/teaching/sessions/${draft.id}`, {
        ...plan({ startsAt: "2026-11-26T08:00:00.000Z" }),
        version: planned.version,
      })
    ).body;
    expect(moved.startsAt).toBe("2026-11-26T08:00:00.000Z");
    const cancelled = (await act(teacher, moved, { action: "cancel", reason: "讲者出差" })).body;
    expect(cancelled).toMatchObject({ state: "cancelled", cancelReason: "讲者出差", actions: [] });

    for (const news of ["planned", "moved", "cancelled", "cancelled"])
      await runTask("teaching:tell", { sessionId: draft.id, news, version: 7 });
    const told = await test.services.db.withActor(systemActor("test"), (tx) =>
      tx.execute<{ kind: string; person_id: string }>(
        sql`select kind, person_id from notice where entity_id = ${draft.id} order by kind`,
      ),
    );
    const kinds = (login: string) =>
      told.filter((one) => one.person_id === staff(login).personId).map((one) => one.kind);
    expect(kinds("danzeng")).toEqual(["teaching-cancelled", "teaching-moved", "teaching-planned"]);
    expect(kinds("wuqihang")).toEqual(["teaching-asked", "teaching-cancelled", "teaching-moved"]);
    expect(kinds("wangjianguo")).toEqual([]);
  });

  it("invites only allied houses and people who work where they are said to", async () => {
    const foreign = await teacher.post(
      "/api/teaching/sessions",
      plan({ audience: [{ kind: "institution", institutionId: house("jingan-dental") }] }),
    );
    expect(foreign.body.code).toBe("teaching.not-allied");
    const elsewhere = await teacher.post(
      "/api/teaching/sessions",
      plan({
        speakers: [
          {
            personId: staff("danzeng").personId,
            institutionId: house("xuhui-central"),
            role: "presenter",
          },
        ],
      }),
    );
    expect(elsewhere.body.code).toBe("teaching.speaker-house");
    const choices = (await teacher.get("/api/teaching/choices")).body;
    expect(choices.alliances[0].houses.length).toBeGreaterThan(0);
    const found = (await teacher.get(`/api/teaching/people?q=${encodeURIComponent("旦增")}`)).body
      .people;
    expect(found).toMatchObject([{ personId: staff("danzeng").personId }]);
    expect((await listener.get("/api/teaching/people?q=%25")).body.people).toEqual([]);
  });

  it("opens the room to speakers before, to the invited once it is live, to nobody afterwards", async () => {
    const draft = await drafted();
    await act(teacher, draft, { action: "plan" });
    const enter = (who: Client) => who.post(`/api/teaching/sessions/${draft.id}/room`);
    expect((await enter(listener)).body.code).toBe("teaching.room-closed");
    expect((await enter(stranger)).status).toBe(404);
    await test.services.db.withActor(systemActor("test"), (tx) =>
      tx.execute(
        sql`insert into media_node (id, public_url, workers, rooms, peers, load, version, last_seen_at) values ('n', 'http://localhost:8081', 1, 0, 0, 0, '1', ${monday.toISOString()})`,
      ),
    );
    expect((await enter(teacher)).body).toMatchObject({
      role: "presenter",
      moderator: true,
      rehearsal: true,
    });
    await expect(step(staff("wuqihang"), draft.id, "goLive")).rejects.toMatchObject({
      code: "permission.denied",
    });
    const watches = (login: string) =>
      test.services.db.withActor(staff(login), (tx) => mayWatch(tx, staff(login), draft.id));
    expect([await watches("danzeng"), await watches("zhouminhua")]).toEqual([false, true]);
    await step(staff("zhouminhua"), draft.id, "goLive");
    expect([await watches("danzeng"), await watches("wangjianguo")]).toEqual([true, false]);
    const entered = (await enter(listener)).body;
    expect(entered).toMatchObject({ role: "audience", publishes: false, rehearsal: false });
    const claims = JSON.parse(Buffer.from(entered.token.split(".")[1], "base64url").toString());
    expect(claims).toMatchObject({ kind: "teaching", room: draft.id, pub: [], moderator: false });
    await step(staff("zhouminhua"), draft.id, "end");
    expect((await enter(listener)).body.code).toBe("teaching.room-closed");
  });

  it("keeps its order in the database too", async () => {
    const rows = await test.services.db.withActor(systemActor("test"), (tx) =>
      tx.execute<{ row: string }>(
        sql`select from_state || '>' || to_state || ':' || side as row from teaching_transition order by 1`,
      ),
    );
    expect(rows.map((one) => one.row)).toEqual(
      teachingTransitions.map((one) => `${one.from}>${one.to}:${one.side}`).toSorted(),
    );
    const draft = await drafted();
    const force = async (login: string, statement: ReturnType<typeof sql>) => {
      try {
        return (await test.services.db.withActor(staff(login), (tx) => tx.execute(statement)))
          .count;
      } catch (error) {
        return fromDatabase(error)?.code ?? "failed";
      }
    };
    const set = (what: ReturnType<typeof sql>) =>
      sql`update teaching_session set ${what}, version = version + 1 where id = ${draft.id}`;
    expect(
      await force(
        "zhouminhua",
        set(sql`state = 'live', live_at = now(), starts_at = now(), planned_at = now()`),
      ),
    ).toBe("teaching.illegal-step");
    expect(
      await force(
        "zhouminhua",
        sql`update teaching_session set title = 'x' where id = ${draft.id}`,
      ),
    ).toBe("teaching.changed-meanwhile");
    expect(await force("wuqihang", set(sql`title = 'x'`))).toBe(0);
    expect(
      await force(
        "danzeng",
        sql`insert into teaching_speaker (session_id, person_id, institution_id, role) values (${draft.id}, ${staff("danzeng").personId}, ${house("sakya-chc")}, 'co-host')`,
      ),
    ).toBe("permission.denied");
  });

  it("joins sessions to a course of the own house", async () => {
    const course = (
      await teacher.post("/api/teaching/series", { title: "基层血液病系列课", points: 5 })
    ).body;
    const draft = await drafted({ seriesId: course.id });
    expect(draft.series).toEqual({ id: course.id, title: "基层血液病系列课" });
    const close = { ...course, closed: true };
    const body = { title: close.title, points: close.points, version: close.version, closed: true };
    expect((await listener.put(`/api/teaching/series/${course.id}`, body)).status).not.toBe(200);
    expect((await teacher.put(`/api/teaching/series/${course.id}`, body)).body.closed).toBe(true);
    expect(
      (await teacher.post("/api/teaching/sessions", plan({ seriesId: course.id }))).body.code,
    ).toBe("teaching.series-closed");
  });
});
