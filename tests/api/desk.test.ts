import { eq, sql } from "drizzle-orm";
import { pino } from "pino";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { consultTasks } from "../../server/consult/service.ts";
import { dawaRequest, draft, submitDemoConsult } from "../../server/demo/consults.ts";
import { demoActor } from "../../server/demo/load.ts";
import type { Actor } from "../../server/identity/domain.ts";
import { roleAssignment } from "../../server/identity/schema.ts";
import { systemActor } from "../../server/identity/session-service.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

const monday = new Date("2026-11-23T02:00:00Z");
let test: TestApp;
let admin: postgres.Sql;
let danzeng: Client;
let wang: Client;
let lijia: Client;
beforeAll(async () => {
  test = await buildTestApp();
  admin = postgres(test.database.admin, { max: 1, onnotice: () => {} });
  [danzeng, wang, lijia] = [
    await test.as("danzeng"),
    await test.as("wangjianguo"),
    await test.as("lijia"),
  ];
});
beforeEach(() => {
  test.clock.now = monday;
});
afterAll(async () => {
  await admin.end();
  await test.close();
});

const person = (login: string) => test.ids.people.get(login)!;
const place = (slug: string) => test.ids.institutions.get(slug)!;
const asSystem = <T>(work: Parameters<typeof test.services.db.withActor<T>>[1]) =>
  test.services.db.withActor(systemActor("test"), work);
const grant = (login: string, slug: string, roleCode: string, validUntil: Date | null = null) =>
  asSystem((tx) =>
    tx
      .insert(roleAssignment)
      .values({ personId: person(login), institutionId: place(slug), roleCode, validUntil })
      .onConflictDoNothing(),
  );
const sent = async (
  content: object = {},
  doctor = "danzeng",
  patient = "dawa",
): Promise<string> => {
  const created = await draft(test.services, test.ids, doctor, patient, {
    ...dawaRequest,
    ...content,
  });
  return (await submitDemoConsult(test.services, test.ids, doctor, created)).id;
};
const read = async (client: Client, id: string) => (await client.get(`/api/consults/${id}`)).body;
const act = async (client: Client, id: string, body: object) =>
  client.post(`/api/consults/${id}/actions`, {
    version: (await read(client, id)).version,
    ...body,
  });
const assign = (id: string, participants: object[], more: object = {}) =>
  lijia.put(`/api/consults/${id}/participants`, { participants, ...more });
const specialist = (login: string, lead = true) => ({
  personId: person(login),
  role: "specialist",
  lead,
});
const finished = async () => {
  const [row] = await admin<{ id: string }[]>`select id from consult where state = 'acknowledged'`;
  return row!.id;
};

describe("who takes part", () => {
  it("is set while the consult is open, over the list that was seen", async () => {
    const closed = await assign(await finished(), [specialist("zhouminhua")]);
    expect([closed.status, closed.body.code]).toEqual([409, "consult.illegal-step"]);
    const id = await sent();
    const { version } = await read(lijia, id);
    expect((await assign(id, [specialist("zhouminhua")], { version })).status).toBe(200);
    const late = await assign(id, [specialist("wuqihang")], { version });
    expect([late.status, late.body.code]).toEqual([409, "consult.changed-meanwhile"]);
    // Older pages send no version.
    expect((await assign(id, [specialist("wuqihang")])).status).toBe(200);
    expect(
      (await danzeng.put(`/api/consults/${id}/participants`, { participants: [] })).status,
    ).toBe(403);
    const declined = await act(lijia, id, { action: "decline", reason: "x" });
    // Who said no sees that, and no patient any more.
    expect(declined.body).toMatchObject({ state: "declined", patient: { fullName: null } });
    expect((await assign(id, [])).body.code).toBe("consult.illegal-step");
  });

  it("comes from the right institution", async () => {
    const id = await sent();
    await grant("zhaxidunzhu", "sakya-hospital", "specialist");
    await grant("chenliming", "sakya-chc", "specialist");
    await grant("deji", "sakya-chc", "observer");
    await grant("hejing", "jingan-central", "interpreter");
    await grant("cirenzhuoma", "mabujia", "interpreter");
    expect((await assign(id, [specialist("zhaxidunzhu")])).status).toBe(404);
    const interpreter = (login: string) => ({ personId: person(login), role: "interpreter" });
    // Of an alliance of both sides, and of one of neither.
    expect((await assign(id, [interpreter("hejing")])).status).toBe(404);
    const done = await assign(id, [specialist("chenliming"), interpreter("cirenzhuoma")]);
    expect(done.status).toBe(200);
    expect(
      done.body.participants.map((one: { name: string; institution: string }) => [
        one.name,
        one.institution,
      ]),
    ).toEqual(
      expect.arrayContaining([
        ["陈立明", "徐汇区中心医院"],
        ["次仁卓玛", "麻布加乡卫生院"],
      ]),
    );
    const candidates = (await lijia.get(`/api/consults/${id}/candidates`)).body;
    expect(candidates.interpreters.map((one: { name: string }) => one.name).sort()).toEqual(
      ["拉珍", "次仁卓玛"].sort(),
    );
    const observer = { personId: person("deji"), role: "observer" };
    expect((await assign(id, [observer])).status).toBe(404);
    expect((await assign(id, [specialist("zhouminhua"), interpreter("zhouminhua")])).status).toBe(
      400,
    );
    expect((await assign(id, [interpreter("danzeng")])).status).toBe(400);
  });

  it("does not come with a role that has expired", async () => {
    const yesterday = new Date(monday.getTime() - 86_400_000);
    await grant("deji", "xuhui-central", "consult-desk", yesterday);
    await asSystem((tx) =>
      tx
        .update(roleAssignment)
        .set({ validUntil: yesterday })
        .where(eq(roleAssignment.personId, person("lazhen"))),
    );
    const id = await sent();
    const interpreter = { personId: person("lazhen"), role: "interpreter" };
    expect((await assign(id, [interpreter])).status).toBe(404);
    const candidates = (await lijia.get(`/api/consults/${id}/candidates`)).body;
    expect(candidates.interpreters.map((one: { name: string }) => one.name)).not.toContain("拉珍");
    const told = await admin<{ person_id: string }[]>`
      select person_id from notice where entity_id = ${id} and kind = 'consult-submitted'`;
    expect(told.map((row) => row.person_id)).toEqual([person("lijia")]);
    await asSystem((tx) =>
      tx
        .update(roleAssignment)
        .set({ validUntil: null })
        .where(eq(roleAssignment.personId, person("lazhen"))),
    );
  });
});

describe("a time", () => {
  const eleven = { start: "2026-11-23T03:00:00.000Z", end: "2026-11-23T03:30:00.000Z" };
  const schedule = (id: string, time: object = eleven) =>
    act(lijia, id, { action: "schedule", ...time });
  /** Accepted, with this specialist; of another hospital each, so that only the specialist is shared. */
  const ready = async (doctor: string, patient: string, login: string) => {
    const id = await sent({ urgency: "urgent" }, doctor, patient);
    await act(lijia, id, { action: "accept" });
    expect((await assign(id, [specialist(login)])).status).toBe(200);
    return id;
  };

  it("is given to a person once, whoever asks first", async () => {
    const first = await ready("danzeng", "dawa", "zhouminhua");
    const second = await ready("wangjianguo", "zhou", "zhouminhua");
    const answers = await Promise.all([schedule(first), schedule(second)]);
    expect(answers.map((one) => one.status).sort()).toEqual([200, 409]);
    const lost = answers.find((one) => one.status === 409)!;
    expect(lost.body).toMatchObject({ code: "consult.overlap", params: { name: ["周敏华"] } });
    expect(lost.body.detail).toContain("周敏华");
    const [won, waits] = answers[0]!.status === 200 ? [first, second] : [second, first];
    const overlapping = { start: "2026-11-23T03:29:00.000Z", end: "2026-11-23T04:00:00.000Z" };
    expect((await schedule(waits, overlapping)).body.code).toBe("consult.overlap");
    // The same meeting may move over itself; one may follow the other without a gap.
    expect((await schedule(won, eleven)).status).toBe(200);
    const next = { start: eleven.end, end: "2026-11-23T04:00:00.000Z" };
    expect((await schedule(waits, next)).status).toBe(200);
  });

  it("holds for people who join later", async () => {
    const tomorrow = { start: "2026-11-24T03:00:00.000Z", end: "2026-11-24T03:30:00.000Z" };
    const first = await ready("danzeng", "dawa", "zhouminhua");
    const second = await ready("wangjianguo", "zhou", "wuqihang");
    expect((await schedule(first, tomorrow)).status).toBe(200);
    expect((await schedule(second, tomorrow)).status).toBe(200);
    const taken = await assign(second, [specialist("wuqihang"), specialist("zhouminhua", false)]);
    expect(taken.body).toMatchObject({ code: "consult.overlap", params: { name: ["周敏华"] } });
    expect((await assign(second, [specialist("wuqihang")])).status).toBe(200);
  });

  it("counts meetings that the desk itself cannot see", async () => {
    const elsewhere = await ready("danzeng", "dawa", "wuqihang");
    const time = { start: "2026-11-25T03:00:00.000Z", end: "2026-11-25T03:30:00.000Z" };
    await schedule(elsewhere, time);
    const hejing = demoActor(test.ids, "hejing");
    const rows = (actor: Actor) =>
      test.services.db.withActor(actor, (tx) =>
        tx.execute(
          sql`select person_id from app.meetings_of(array[${person("wuqihang")}::uuid], '2026-11-25') `,
        ),
      );
    expect(await rows(hejing)).toHaveLength(1);
    const guest: Actor = {
      kind: "guest",
      guestId: elsewhere,
      consultId: elsewhere,
      sessionId: "s",
      name: "x",
      language: "zh-CN",
    };
    expect(await rows(guest)).toHaveLength(0);
  });
});

describe("clocks", () => {
  it("give a routine request working time again after its questions are answered", async () => {
    const id = await sent({ urgency: "routine" }, "wangjianguo", "zhou");
    await act(lijia, id, { action: "askMore", reason: "心电图？" });
    // Monday 16:30: half an hour is left today, the rest is tomorrow's.
    test.clock.now = new Date("2026-11-23T08:30:00Z");
    const answered = await act(wang, id, { action: "answerMore", text: "已补" });
    expect(answered.body.clock).toEqual({ kind: "respond", dueAt: "2026-11-24T09:00:00.000Z" });
    const urgent = await sent();
    await act(lijia, urgent, { action: "askMore", reason: "心电图？" });
    const soon = await act(danzeng, urgent, { action: "answerMore", text: "已补" });
    expect(soon.body.clock.dueAt).toBe("2026-11-23T10:30:00.000Z");
  });

  it("ring until somebody answers, and leave the version to people", async () => {
    const id = await sent();
    const before = await read(lijia, id);
    const payload = { consultId: id, respondBy: before.clock.dueAt };
    const ring = () =>
      consultTasks["consult:respond-clock"]!(payload, {
        db: test.services.db,
        clock: test.services.clock,
        log: pino({ level: "silent" }),
        asJob: (work) =>
          test.services.db.withActor(
            { kind: "job", task: "consult:respond-clock", language: "zh-CN" },
            work,
          ),
      });
    const repeats = () => admin<{ run_at: Date; payload: object }[]>`
      select j.run_at, p.payload from graphile_worker.jobs j join graphile_worker._private_jobs p on p.id = j.id
      where j.key = ${`consult-respond:${id}:repeat`}`;
    const alarms = async () =>
      (
        await admin`select 1 from notice where entity_id = ${id} and kind = 'consult-overdue' and person_id = ${person("lijia")}`
      ).length;
    await ring();
    expect([await alarms(), (await repeats()).length]).toEqual([0, 0]);
    test.clock.now = new Date(before.clock.dueAt);
    await ring();
    await ring();
    expect(await alarms()).toBe(1);
    const after = await read(lijia, id);
    expect(after).toMatchObject({ version: before.version });
    expect(after.escalatedAt).not.toBeNull();
    expect(
      after.steps.filter((step: { action: string }) => step.action === "escalate"),
    ).toHaveLength(1);
    const [next] = await repeats();
    const due = new Date(test.clock.now.getTime() + 15 * 60_000);
    expect(next).toEqual({ run_at: due, payload });
    test.clock.now = due;
    await ring();
    expect(await alarms()).toBe(2);
    // Whoever had the page open before the alarm is not told to look again.
    const accepted = await lijia.post(`/api/consults/${id}/actions`, {
      action: "accept",
      version: before.version,
    });
    expect(accepted.status).toBe(200);
    test.clock.now = new Date(due.getTime() + 15 * 60_000);
    await ring();
    expect(await alarms()).toBe(2);
  });
});

describe("the rest of an emergency", () => {
  const amend = async (client: Client, id: string, content: object) =>
    client.put(`/api/consults/${id}/draft`, {
      version: (await read(client, id)).version,
      content,
    });

  it("follows after it was sent, and both sides see what came", async () => {
    const id = await sent({ urgency: "emergency", pastHistory: null });
    expect((await amend(lijia, id, { pastHistory: "x" })).status).toBe(403);
    await act(lijia, id, { action: "accept" });
    const [last] = await admin<{ id: string }[]>`select max(id) as id from outbox_event`;
    const other = { urgency: "routine", invitedInstitutionId: place("sakya-hospital") };
    const done = await amend(danzeng, id, { ...other, pastHistory: "青霉素过敏" });
    expect(done.status).toBe(200);
    const seen = await read(lijia, id);
    expect(seen).toMatchObject({
      state: "accepted",
      urgency: "emergency",
      invited: { id: place("xuhui-central") },
      content: { pastHistory: "青霉素过敏" },
    });
    expect(seen.steps.at(-1)).toMatchObject({ action: "amend", by: "旦增", to: "accepted" });
    const [told] = await admin<{ event: string }[]>`
      select row_to_json(e)::text as event from outbox_event e where id > ${last!.id} and topic = 'consult' and entity_id = ${id}`;
    for (const side of ["sakya-chc", "xuhui-central"])
      expect(told!.event, side).toContain(place(side));
    await act(danzeng, id, { action: "cancel", reason: "x" });
    expect((await amend(danzeng, id, { pastHistory: "x" })).body.code).toBe("consult.illegal-step");
  });

  it("does not make other requests change once they are sent, unless the desk asks", async () => {
    const id = await sent();
    expect((await amend(danzeng, id, { pastHistory: "x" })).body.code).toBe("consult.illegal-step");
    await act(lijia, id, { action: "askMore", reason: "既往史？" });
    expect((await amend(danzeng, id, { pastHistory: "无" })).status).toBe(200);
    expect((await read(danzeng, id)).steps.at(-1).action).toBe("amend");
  });
});

describe("the archive", () => {
  it("is filled by each side for itself, also after a refusal", async () => {
    const id = await sent();
    const declined = await act(lijia, id, { action: "decline", reason: "本院无此科" });
    expect(declined.body).toMatchObject({ state: "declined" });
    const first = await act(lijia, id, { action: "archive" });
    expect(first.body).toMatchObject({ state: "declined" });
    expect((await act(lijia, id, { action: "archive" })).body.code).toBe("consult.illegal-step");
    const second = await act(danzeng, id, { action: "archive" });
    expect(second.body).toMatchObject({ state: "archived" });
    expect(
      second.body.steps.slice(-2).map((step: { by: string; to: string }) => [step.by, step.to]),
    ).toEqual([
      ["李佳", "declined"],
      ["旦增", "archived"],
    ]);
  });

  it("takes both sides that press at the same moment, and only them", async () => {
    const id = await sent();
    const { version } = (await act(lijia, id, { action: "decline", reason: "本院无此科" })).body;
    const file = (client: Client, seen: number) =>
      client.post(`/api/consults/${id}/actions`, { action: "archive", version: seen });
    // Both stand at the row before either has it.
    const answers = await admin.begin(async (held) => {
      await held`select 1 from consult where id = ${id} for update`;
      const both = [file(lijia, version), file(danzeng, version)];
      for (let waiting = 0; waiting < both.length; ) {
        // Within one transaction PostgreSQL would go on showing what it showed first.
        await held`select pg_stat_clear_snapshot()`;
        const [row] = await held<{ waiting: number }[]>`
          select count(*)::int as waiting from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`;
        waiting = row!.waiting;
      }
      return { both: Promise.all(both) };
    });
    const filed = await answers.both;
    expect(filed.map(({ status }) => status)).toEqual([200, 200]);
    expect(filed.map(({ body }) => body.state).sort()).toEqual(["archived", "declined"]);
    const seen = await read(danzeng, id);
    expect(seen).toMatchObject({ state: "archived", version: version + 2 });
    const steps = seen.steps.slice(-2) as { action: string; by: string }[];
    expect(steps.map(({ action }) => action)).toEqual(["archive", "archive"]);
    expect(steps.map(({ by }) => by).sort()).toEqual(["旦增", "李佳"].sort());
  });

  it("is not filled over a change that was not seen, nor twice by one side", async () => {
    const id = await sent();
    const { version } = (await act(lijia, id, { action: "decline", reason: "本院无此科" })).body;
    const file = async (client: Client, seen: number) =>
      (await client.post(`/api/consults/${id}/actions`, { action: "archive", version: seen })).body;
    expect((await file(danzeng, version - 1)).code).toBe("consult.changed-meanwhile");
    expect((await file(lijia, version)).state).toBe("declined");
    // A colleague's page that has not heard of it is told who was first.
    expect((await file(lijia, version)).code).toBe("consult.changed-meanwhile");
    expect((await file(lijia, version + 1)).code).toBe("consult.illegal-step");
    expect((await file(danzeng, version - 1)).code).toBe("consult.changed-meanwhile");
    expect((await file(danzeng, version + 2)).code).toBe("consult.changed-meanwhile");
    expect((await file(danzeng, version)).state).toBe("archived");
  });
});
