import { randomUUID } from "node:crypto";
import { type SQL, sql } from "drizzle-orm";
import pino from "pino";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { demoActor } from "../../server/demo/load.ts";
import { fromDatabase } from "../../server/errors/database-error.ts";
import type { Actor } from "../../server/identity/domain.ts";
import { smsTextContext } from "../../server/notices/service.ts";
import {
  criticalValueTransitions,
  infectiousReportTransitions,
} from "../../server/reporting/domain.ts";
import { reportingTasks } from "../../server/reporting/service.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

const monday = new Date("2026-11-23T02:00:00Z");
const minutes = (count: number) => count * 60_000;
let test: TestApp;
let admin: postgres.Sql;
const people: Record<string, Client> = {};
beforeAll(async () => {
  test = await buildTestApp();
  admin = postgres(test.database.admin, { max: 1, onnotice: () => {} });
  for (const one of [
    "danzeng",
    "deji",
    "zhouminhua",
    "wuqihang",
    "lijia",
    "zhaxidunzhu",
    "hejing",
    "zhenglan",
    "basang",
    "qimei",
    "tangli",
    "jiangwei",
    "lazhen",
    "13800138001",
  ])
    people[one] = await test.as(one);
});
afterAll(async () => {
  await admin.end();
  await test.close();
});
beforeEach(async () => {
  test.clock.now = monday;
  await admin`truncate infectious_report, infectious_report_step, critical_value, critical_value_step, notice, sms_message cascade`;
});

const as = (login: string) => people[login]!;
const place = (slug: string) => test.ids.institutions.get(slug)!;
const person = (login: string) => test.ids.people.get(login)!;
const patient = (key: string) => test.ids.patients.get(key)!;
const staff = (login: string) => demoActor(test.ids, login);

const potassium = (more: object = {}) => ({
  patientId: patient("luosang"),
  itemCode: "2823-3",
  itemText: "血钾",
  valueText: "7.1",
  unit: "mmol/L",
  measuredAt: "2026-11-23T01:50:00Z",
  altitudeMetres: 4300,
  receiver: { personId: person("danzeng"), institutionId: place("sakya-chc") },
  ...more,
});
const raise = async (more: object = {}, by = "deji") => {
  const answer = await as(by).post("/api/critical-values", potassium(more));
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body;
};
const plague = (more: object = {}) => ({
  patientId: patient("luosang"),
  diseaseCode: "plague",
  diagnosisKind: "suspected",
  diagnosedAt: "2026-11-23T01:55:00Z",
  ...more,
});
const report = async (more: object = {}, by = "danzeng") => {
  const answer = await as(by).post("/api/infectious-reports", plague(more));
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body;
};
const act = (
  by: string,
  kind: "critical-values" | "infectious-reports",
  one: { id: string; version: number },
  body: object,
  headers?: Record<string, string>,
) => as(by).post(`/api/${kind}/${one.id}/actions`, { version: one.version, ...body }, headers);
const readBack = { action: "readBack", words: "血钾 7.1，复述一遍：7.1" };

/** What the database says to a statement: rows, or the refusal. */
async function outcome(actor: Actor, statement: SQL): Promise<unknown> {
  try {
    const rows = await test.services.db.withActor(actor, (tx) => tx.execute(statement));
    return rows.count;
  } catch (error) {
    return fromDatabase(error)?.code ?? "failed";
  }
}
const seen = async (actor: Actor, table: string) =>
  Number(
    (
      await test.services.db.withActor(actor, (tx) =>
        tx.execute<{ count: string }>(sql.raw(`select count(*) from ${table}`)),
      )
    )[0]!.count,
  );
const ring = (name: string, payload: object) => {
  const actor: Actor = { kind: "job", task: name, language: "zh-CN" };
  return reportingTasks({ vault: test.services.vault })[name]!(payload, {
    db: test.services.db,
    clock: test.services.clock,
    log: pino({ level: "silent" }),
    asJob: (work) => test.services.db.withActor(actor, work),
  });
};
const told = async (kind: string) =>
  (
    await admin<{ login_name: string }[]>`
      select distinct a.login_name from notice n join staff_account a on a.person_id = n.person_id where n.kind = ${kind} order by 1`
  ).map((row) => row.login_name);
const texts = async () =>
  (await admin<{ text_cipher: string }[]>`select text_cipher from sms_message order by at`).map(
    (row) => test.services.vault.open(smsTextContext, row.text_cipher),
  );

describe("who may not", () => {
  it("raise, see or touch a critical value: patient, guest, other roles, other hospitals", async () => {
    const value = await raise();
    for (const other of ["13800138001", "lijia", "lazhen", "basang", "zhenglan", "hejing"]) {
      const refused = await as(other).post("/api/critical-values", potassium());
      expect(refused.status, other).toBe(403);
      expect((await as(other).get("/api/critical-values")).status, other).toBe(403);
      expect([403, 404]).toContain(
        (await as(other).get(`/api/critical-values/${value.id}`)).status,
      );
    }
    expect((await test.anonymous.get("/api/critical-values")).status).toBe(401);
    // A doctor of another hospital has the permission, but neither the patient nor the row.
    expect((await as("zhaxidunzhu").post("/api/critical-values", potassium())).status).toBe(404);
    expect((await as("zhaxidunzhu").get("/api/critical-values")).body.values).toEqual([]);
    expect((await act("zhaxidunzhu", "critical-values", value, readBack)).status).toBe(404);
    expect((await act("zhouminhua", "critical-values", value, readBack)).status).toBe(404);
  });

  it("report or see a case: nurses, desks, another department, a CDC it was not sent on to", async () => {
    const one = await report();
    for (const other of ["13800138001", "lijia", "deji", "zhenglan", "hejing"]) {
      expect((await as(other).post("/api/infectious-reports", plague())).status, other).toBe(403);
      expect((await as(other).get("/api/infectious-reports")).status, other).toBe(403);
    }
    for (const other of ["qimei", "tangli", "jiangwei", "zhaxidunzhu"]) {
      expect((await as(other).get("/api/infectious-reports")).body.reports, other).toEqual([]);
      expect((await as(other).get(`/api/infectious-reports/${one.id}`)).status, other).toBe(404);
      expect((await act(other, "infectious-reports", one, { action: "receive" })).status).toBe(404);
    }
    // The doctor does not receive his own report, the department does not correct it.
    expect((await act("danzeng", "infectious-reports", one, { action: "receive" })).status).toBe(
      403,
    );
    const content = {
      diseaseCode: "plague",
      diagnosisKind: "confirmed",
      diagnosedAt: one.diagnosedAt,
    };
    expect(
      (await act("basang", "infectious-reports", one, { action: "correct", ...content })).status,
    ).toBe(403);
  });

  it("read rows by a query without WHERE", async () => {
    await raise();
    const one = await report();
    const tables = [
      "critical_value",
      "critical_value_step",
      "infectious_report",
      "infectious_report_step",
    ];
    const counts = async (actor: Actor) => Promise.all(tables.map((table) => seen(actor, table)));
    const guest: Actor = {
      kind: "guest",
      guestId: randomUUID(),
      consultId: randomUUID(),
      sessionId: "s",
      name: "x",
      language: "zh-CN",
    };
    const luosang: Actor = {
      kind: "patient",
      phoneIndex: test.services.vault.blindIndex("phone", "13800138004"),
      patientIds: [patient("luosang")],
      sessionId: "s",
      language: "zh-CN",
    };
    for (const nobody of [
      guest,
      luosang,
      ...["lijia", "hejing", "zhaxidunzhu", "tangli", "jiangwei", "qimei", "zhouminhua"].map(staff),
    ])
      expect(await counts(nobody)).toEqual([0, 0, 0, 0]);
    expect(await counts(staff("danzeng"))).toEqual([1, 1, 1, 1]);
    expect(await counts(staff("deji"))).toEqual([1, 1, 0, 0]);
    expect(await counts(staff("basang"))).toEqual([0, 0, 1, 1]);
    expect(await seen(staff("qimei"), "patient")).toBe(0);
    await act("basang", "infectious-reports", one, { action: "receive" });
    expect(await counts(staff("qimei"))).toEqual([0, 0, 1, 2]);
    expect(await counts(staff("jiangwei"))).toEqual([0, 0, 0, 0]);
    // The CDC knows of the one whose case it is.
    expect(await seen(staff("qimei"), "patient")).toBe(1);
    expect(await seen(staff("qimei"), "consult")).toBe(0);
  });
});

describe("a critical value", () => {
  it("is told to the named person, read back in words, and acted on, each with name and time", async () => {
    const value = await raise();
    expect(value).toMatchObject({
      state: "open",
      dueAt: "2026-11-23T02:10:00.000Z",
      receiver: { name: "旦增" },
    });
    expect(await told("critical-value-open")).toEqual(["danzeng"]);
    const inbox = (await as("danzeng").get("/api/critical-values")).body.values;
    expect(inbox).toHaveLength(1);
    expect(inbox[0]).toMatchObject({
      mine: true,
      actions: ["readBack", "redirect"],
      patient: { fullName: "洛桑" },
    });
    const wrong = await act("danzeng", "critical-values", value, {
      action: "readBack",
      words: "血钾 1.7",
    });
    expect([wrong.status, wrong.body.code]).toEqual([422, "reporting.read-back"]);
    test.clock.now = new Date(monday.getTime() + minutes(4));
    const received = await act("danzeng", "critical-values", value, readBack);
    expect(received.body).toMatchObject({
      state: "received",
      readBack: {
        words: readBack.words,
        name: "旦增",
        recordedBy: "旦增",
        at: "2026-11-23T02:04:00.000Z",
      },
      dueAt: "2026-11-23T02:34:00.000Z",
    });
    expect(await told("critical-value-received")).toEqual(["deji"]);
    expect((await act("danzeng", "critical-values", received.body, readBack)).body.code).toBe(
      "reporting.illegal-step",
    );
    const acted = await act("danzeng", "critical-values", received.body, {
      action: "recordAction",
      text: "葡萄糖酸钙静推，复查",
    });
    expect(acted.body).toMatchObject({
      state: "acted",
      acted: { name: "旦增", text: "葡萄糖酸钙静推，复查" },
      dueAt: null,
    });
    expect(
      acted.body.steps.map((step: { action: string; by: string }) => `${step.by} ${step.action}`),
    ).toEqual(["德吉 raise", "旦增 readBack", "旦增 recordAction"]);
    expect((await as("danzeng").get("/api/critical-values")).body.values).toEqual([]);
    expect((await as("danzeng").get("/api/critical-values?scope=done")).body.values).toHaveLength(
      1,
    );
    const traces =
      await admin`select action from audit_event where entity_id = ${value.id} order by id`;
    expect(traces.map((row) => row.action)).toEqual([
      "critical-value.raise",
      "critical-value.readBack",
      "critical-value.recordAction",
    ]);
  });

  it("is answered by one of two at the same moment, and the other learns by whom", async () => {
    const value = await raise({
      receiver: { personId: person("danzeng"), institutionId: place("sakya-chc") },
    });
    const chen = await test.as("chenliming");
    await chen.post("/api/session/institution", { institutionId: place("sakya-chc") });
    const answers = await Promise.all([
      act("danzeng", "critical-values", value, readBack),
      chen.post(`/api/critical-values/${value.id}/actions`, {
        version: value.version,
        ...readBack,
      }),
    ]);
    expect(answers.map((one) => one.status).sort()).toEqual([200, 409]);
    const refused = answers.find((one) => one.status === 409)!;
    const winner = answers.find((one) => one.status === 200)!;
    expect(refused.body.code).toBe("reporting.changed-meanwhile");
    expect(refused.body.params.by).toBe(winner.body.readBack.name);
    expect(await admin`select 1 from critical_value_step where action = 'readBack'`).toHaveLength(
      1,
    );
  });

  it("is written once, however often the same request arrives", async () => {
    const headers = { "idempotency-key": randomUUID() };
    const [first, second] = await Promise.all([
      as("deji").post("/api/critical-values", potassium(), headers),
      as("deji").post("/api/critical-values", potassium(), headers),
    ]);
    expect(second.body.id).toBe(first.body.id);
    const step = { "idempotency-key": randomUUID() };
    const once = await act("danzeng", "critical-values", first.body, readBack, step);
    const again = await act("danzeng", "critical-values", first.body, readBack, step);
    expect([once.status, again.status, again.body.version]).toEqual([200, 200, once.body.version]);
    expect(await admin`select 1 from critical_value_step`).toHaveLength(2);
  });

  it("goes to a telephone when the receiver has no account, and the finder notes who repeated it", async () => {
    const value = await raise({ receiver: { name: "值班护士", phone: "13800001111" } });
    expect(value.receiver).toMatchObject({
      personId: null,
      name: "值班护士",
      phoneMasked: "138****1111",
    });
    const [text] = await texts();
    expect(text).toContain("紧急事项");
    expect(text).not.toMatch(/血钾|7\.1|洛桑|危急/);
    const noted = await act("deji", "critical-values", value, {
      ...readBack,
      name: "值班护士 次央",
    });
    expect(noted.body.readBack).toMatchObject({ name: "值班护士 次央", recordedBy: "德吉" });
    const stored = await admin`select receiver_phone_cipher from critical_value`;
    expect(stored[0]!.receiver_phone_cipher).not.toContain("13800001111");
  });

  it("goes only to people at home or on the two sides of the consult", async () => {
    const receiver = { personId: person("zhaxidunzhu"), institutionId: place("sakya-hospital") };
    expect((await as("deji").post("/api/critical-values", potassium({ receiver }))).body.code).toBe(
      "reporting.receiver",
    );
    const own = { personId: person("deji"), institutionId: place("sakya-chc") };
    expect(
      (await as("deji").post("/api/critical-values", potassium({ receiver: own }))).body.code,
    ).toBe("reporting.receiver");
    const desk = { personId: person("lijia"), institutionId: place("xuhui-central") };
    expect(
      (await as("deji").post("/api/critical-values", potassium({ receiver: desk }))).body.code,
    ).toBe("reporting.receiver");
    // The specialist of the consult tells the doctor beside the patient.
    const [consult] = await admin<{ id: string; patient_id: string }[]>`
      select c.id, c.patient_id from consult c join consult_participant p on p.consult_id = c.id
      where p.person_id = ${person("wuqihang")} and c.inviting_institution_id = ${place("sakya-chc")} and c.submitted_at is not null limit 1`;
    const around = await as("wuqihang").get(
      `/api/critical-values/receivers?consultId=${consult!.id}`,
    );
    expect(around.body.receivers[0]).toMatchObject({
      name: "旦增",
      institution: "萨迦县卫生服务中心",
    });
    const value = await raise(
      { patientId: consult!.patient_id, consultId: consult!.id },
      "wuqihang",
    );
    expect(await told("critical-value-open")).toEqual(["danzeng"]);
    expect((await act("danzeng", "critical-values", value, readBack)).status).toBe(200);
    expect((await as("lijia").get(`/api/critical-values/${value.id}`)).status).toBe(404);
    // Of somebody else's patient in this consult: no.
    const mixed = potassium({ consultId: consult!.id, patientId: patient("zhou") });
    expect((await as("wuqihang").post("/api/critical-values", mixed)).status).toBe(404);
  });

  it("is passed on when the named person cannot be reached, without a new clock", async () => {
    const value = await raise();
    test.clock.now = new Date(monday.getTime() + minutes(5));
    const chen = { personId: person("chenliming"), institutionId: place("sakya-chc") };
    const passed = await act("danzeng", "critical-values", value, {
      action: "redirect",
      receiver: chen,
    });
    expect(passed.body).toMatchObject({
      state: "open",
      receiver: { name: "陈立明" },
      dueAt: value.dueAt,
    });
    const own = { personId: person("deji"), institutionId: place("sakya-chc") };
    const back = await act("danzeng", "critical-values", passed.body, {
      action: "redirect",
      receiver: own,
    });
    expect(back.body.code).toBe("reporting.receiver");
  });

  it("is cancelled by the side that found it, with a reason", async () => {
    const value = await raise();
    expect(
      (await act("danzeng", "critical-values", value, { action: "cancel", reason: "  " })).status,
    ).toBe(400);
    const cancelled = await act("deji", "critical-values", value, {
      action: "cancel",
      reason: "标本溶血",
    });
    expect(cancelled.body).toMatchObject({
      state: "cancelled",
      cancelled: { name: "德吉", reason: "标本溶血" },
    });
  });

  it("rings when nobody answers, wider the second time, and is silent once it was read back", async () => {
    const value = await raise();
    const look = () => ring("reporting:critical-value-clock", { criticalValueId: value.id });
    test.clock.now = new Date(monday.getTime() + minutes(10) - 1);
    await look();
    expect(await told("critical-value-overdue")).toEqual([]);
    test.clock.now = new Date(monday.getTime() + minutes(10));
    await look();
    await look();
    expect(await told("critical-value-overdue")).toEqual(["chenliming", "danzeng", "deji"]);
    expect(await admin`select 1 from notice where kind = 'critical-value-overdue'`).toHaveLength(3);
    expect(await texts()).toHaveLength(1);
    for (const text of await texts()) expect(text).not.toMatch(/血钾|7\.1|洛桑|危急/);
    const late = (await as("danzeng").get(`/api/critical-values/${value.id}`)).body;
    expect(late).toMatchObject({ version: value.version, escalationLevel: 2 });
    expect(
      late.steps.filter((step: { action: string }) => step.action === "escalate"),
    ).toHaveLength(2);
    // Whoever had the page open before the alarm is not told to look again.
    expect((await act("danzeng", "critical-values", value, readBack)).body).toMatchObject({
      state: "received",
      escalationLevel: 0,
    });
    test.clock.now = new Date(monday.getTime() + minutes(20));
    await look();
    expect(await texts()).toHaveLength(1);
    // Nobody wrote down what was done: the second clock rings.
    test.clock.now = new Date(monday.getTime() + minutes(41));
    await look();
    expect((await as("danzeng").get(`/api/critical-values/${value.id}`)).body.escalationLevel).toBe(
      1,
    );
  });

  it("follows the clocks that the institution set", async () => {
    await admin`insert into reporting_setting (institution_id, valid_from, read_back_minutes, act_minutes) values (${place("sakya-chc")}, '2026-11-01', 5, 15)`;
    const value = await raise();
    expect(value.dueAt).toBe("2026-11-23T02:05:00.000Z");
    expect((await act("danzeng", "critical-values", value, readBack)).body.dueAt).toBe(
      "2026-11-23T02:15:00.000Z",
    );
    await admin`delete from reporting_setting where valid_from = '2026-11-01'`;
  });
});

describe("an infectious-disease report", () => {
  it("goes from the doctor to the department to the district CDC within 2 h of a Class A diagnosis", async () => {
    const one = await report();
    expect(one).toMatchObject({
      state: "reported",
      diseaseName: "鼠疫",
      urgent: true,
      dueAt: "2026-11-23T03:55:00.000Z",
      owner: "public-health",
      mine: false,
      currentAddress: "西藏自治区萨迦县萨迦镇",
    });
    expect(await told("infectious-report-reported")).toEqual(["basang"]);
    const received = await act("basang", "infectious-reports", one, { action: "receive" });
    expect(received.body).toMatchObject({
      state: "received",
      received: { name: "巴桑" },
      cdc: { name: "萨迦县疾病预防控制中心" },
    });
    expect(await told("infectious-report-received")).toEqual(["qimei"]);
    const inbox = (await as("qimei").get("/api/infectious-reports")).body.reports;
    expect(inbox[0]).toMatchObject({
      mine: true,
      actions: ["return", "file"],
      patient: { fullName: "洛桑" },
    });
    const filed = await act("qimei", "infectious-reports", received.body, {
      action: "file",
      number: "540224-0001",
    });
    expect(filed.body).toMatchObject({
      state: "filed",
      filed: { name: "其美", number: "540224-0001" },
      dueAt: null,
    });
    expect(await told("infectious-report-filed")).toEqual(["danzeng"]);
    const traces =
      await admin`select action, purpose from audit_event where entity_id = ${one.id} order by id`;
    expect(traces.map((row) => `${row.action} ${row.purpose}`)).toEqual(
      ["report", "receive", "file"].map((step) => `infectious-report.${step} public-health`),
    );
  });

  it.each([
    ["tuberculosis", "2026-11-24T01:55:00.000Z", false],
    ["anthrax-pulmonary", "2026-11-23T03:55:00.000Z", true],
    ["covid-19", "2026-11-24T01:55:00.000Z", false],
  ])("of %s has the clock of its class", async (diseaseCode, dueAt, urgent) => {
    expect(await report({ diseaseCode })).toMatchObject({ dueAt, urgent });
  });

  it("is refused for what is not notifiable, for a diagnosis to come, and twice", async () => {
    const refused = async (more: object) =>
      (await as("danzeng").post("/api/infectious-reports", plague(more))).body.code;
    expect(await refused({ diseaseCode: "common-cold" })).toBe("reporting.disease");
    expect(await refused({ diseaseCode: "covid-19", diagnosedAt: "2019-12-31T00:00:00Z" })).toBe(
      "reporting.disease",
    );
    expect(await refused({ diagnosedAt: "2026-11-23T03:00:00Z" })).toBe("reporting.time");
    const one = await report();
    expect(await refused({})).toBe("reporting.already-reported");
    await act("danzeng", "infectious-reports", one, { action: "withdraw", reason: "误报" });
    await report();
  });

  it("comes back with a reason and goes out corrected, and nothing of the first version is lost", async () => {
    const one = await report();
    const back = await act("basang", "infectious-reports", one, {
      action: "return",
      reason: "缺现住址",
    });
    expect(back.body).toMatchObject({
      state: "returned",
      owner: "doctor",
      returned: { reason: "缺现住址" },
    });
    expect(await told("infectious-report-returned")).toEqual(["danzeng"]);
    const content = {
      diseaseCode: "plague",
      diagnosisKind: "confirmed",
      diagnosedAt: one.diagnosedAt,
      currentAddress: "麻布加乡三村",
    };
    const fixed = await act("danzeng", "infectious-reports", back.body, {
      action: "correct",
      ...content,
    });
    expect(fixed.body).toMatchObject({
      state: "corrected",
      diagnosisKind: "confirmed",
      dueAt: one.dueAt,
    });
    expect(await told("infectious-report-corrected")).toEqual(["basang"]);
    const kept =
      await admin`select content ->> 'diagnosisKind' as kind from infectious_report_step where content is not null order by id`;
    expect(kept.map((row) => row.kind)).toEqual(["suspected", "confirmed"]);
    const received = await act("basang", "infectious-reports", fixed.body, { action: "receive" });
    const filed = await act("qimei", "infectious-reports", received.body, { action: "file" });
    // Filed: the doctor still corrects (the diagnosis was excluded), only the CDC takes it back.
    expect(
      (
        await act("basang", "infectious-reports", filed.body, {
          action: "withdraw",
          reason: "排除",
        })
      ).status,
    ).toBe(403);
    const gone = await act("qimei", "infectious-reports", filed.body, {
      action: "withdraw",
      reason: "实验室排除",
    });
    expect(gone.body).toMatchObject({ state: "withdrawn", withdrawn: { name: "其美" } });
  });

  it("is received by one of two at the same moment", async () => {
    const one = await report();
    const answers = await Promise.all([
      act("basang", "infectious-reports", one, { action: "receive" }),
      act("danzeng", "infectious-reports", one, { action: "withdraw", reason: "误报" }),
    ]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409]);
    expect(answers.find((answer) => answer.status === 409)!.body.code).toBe(
      "reporting.changed-meanwhile",
    );
  });

  it("waits with a sentence where no CDC is set", async () => {
    await admin`insert into reporting_setting (institution_id, valid_from) values (${place("sakya-chc")}, '2026-11-01')`;
    const one = await report();
    const refused = await act("basang", "infectious-reports", one, { action: "receive" });
    expect([refused.status, refused.body.code]).toEqual([409, "reporting.no-cdc"]);
    await admin`delete from reporting_setting where valid_from = '2026-11-01'`;
  });

  it("reminds at half time, goes to the next owner when overdue, and is silent once it was filed", async () => {
    const one = await report();
    const look = () => ring("reporting:report-clock", { reportId: one.id });
    test.clock.now = new Date("2026-11-23T02:54:59Z");
    await look();
    expect(await told("infectious-report-due-soon")).toEqual([]);
    test.clock.now = new Date("2026-11-23T02:55:00Z");
    await look();
    expect(await told("infectious-report-due-soon")).toEqual(["basang"]);
    test.clock.now = new Date("2026-11-23T03:55:00Z");
    await look();
    expect(await told("infectious-report-overdue")).toEqual(["basang", "danzeng"]);
    // The CDC hears that a report is late, not of whom.
    expect(await told("infectious-report-late-elsewhere")).toEqual(["qimei"]);
    expect((await as("qimei").get(`/api/infectious-reports/${one.id}`)).status).toBe(404);
    const sent = await texts();
    expect(sent).toHaveLength(2);
    for (const text of sent) expect(text).not.toMatch(/鼠疫|A20|洛桑|传染/);
    const received = await act("basang", "infectious-reports", one, { action: "receive" });
    await act("qimei", "infectious-reports", received.body, { action: "file" });
    test.clock.now = new Date("2026-11-23T05:00:00Z");
    await look();
    expect(await texts()).toHaveLength(2);
  });

  it("that is not urgent rings no telephone", async () => {
    const one = await report({ diseaseCode: "tuberculosis" });
    test.clock.now = new Date("2026-11-24T01:55:00Z");
    await ring("reporting:report-clock", { reportId: one.id });
    expect(await told("infectious-report-overdue")).toEqual(["basang", "danzeng"]);
    expect(await texts()).toEqual([]);
  });

  it("finds its disease by code, name and initials, as the table has it on the day", async () => {
    const { diseases } = (await as("danzeng").get("/api/infectious-reports/diseases")).body;
    expect(diseases.find((one: { code: string }) => one.code === "plague")).toMatchObject({
      initials: "sy",
      diseaseClass: "A",
      minutes: 120,
    });
    const covid = async (day: string) =>
      (await as("danzeng").get(`/api/infectious-reports/diseases?day=${day}`)).body.diseases.find(
        (one: { code: string }) => one.code === "covid-19",
      );
    expect(await covid("2022-12-31")).toMatchObject({ managedAsA: true, minutes: 120 });
    expect(await covid("2026-11-23")).toMatchObject({ managedAsA: false, minutes: 1440 });
  });
});

describe("the database", () => {
  const table = (name: string) =>
    admin<{ from: string; to: string; side: string }[]>`
      select from_state::text as from, to_state::text as to, side from ${admin(name)}`;
  const order = (rows: readonly { from: string; to: string; side: string }[]) =>
    [...new Set(rows.map((row) => `${row.from} ${row.to} ${row.side}`))].sort();

  it("holds the same steps as the rules", async () => {
    expect(order(await table("critical_value_transition"))).toEqual(
      order(criticalValueTransitions),
    );
    expect(order(await table("infectious_report_transition"))).toEqual(
      order(infectiousReportTransitions),
    );
  });

  it("refuses steps, stamps and names that are not the actor's", async () => {
    const value = await raise();
    const set = (id: string, change: SQL) =>
      sql`update critical_value set version = version + 1, ${change} where id = ${id}`;
    const danzeng = staff("danzeng");
    const deji = staff("deji");
    const stamps = (by: string) =>
      sql`read_back_words = 'x', read_back_name = 'x', read_back_recorded_by = ${by}, read_back_at = now(), act_due_at = now()`;
    expect(
      await outcome(
        danzeng,
        set(
          value.id,
          sql`state = 'acted', action_taken = 'x', acted_by = ${danzeng.personId}, acted_at = now()`,
        ),
      ),
    ).toBe("reporting.illegal-step");
    // In the own name, but without a word of what was said.
    const silent = sql`state = 'received', read_back_recorded_by = ${danzeng.personId}, read_back_at = now()`;
    expect(await outcome(danzeng, set(value.id, silent))).toBe("failed");
    expect(
      await outcome(danzeng, set(value.id, sql`state = 'received', ${stamps(deji.personId)}`)),
    ).toBe("permission.denied");
    expect(await outcome(danzeng, set(value.id, sql`value_text = '4.1'`))).toBe(
      "reporting.illegal-step",
    );
    expect(await outcome(danzeng, set(value.id, sql`receiver_id = ${deji.personId}`))).toBe(
      "reporting.receiver",
    );
    expect(
      await outcome(
        danzeng,
        set(
          value.id,
          sql`receiver_institution_id = ${place("sakya-hospital")}, receiver_id = ${person("zhaxidunzhu")}`,
        ),
      ),
    ).toBe("permission.denied");
    expect(
      await outcome(
        danzeng,
        sql`update critical_value set state = 'received', ${stamps(danzeng.personId)} where id = ${value.id}`,
      ),
    ).toBe("reporting.changed-meanwhile");
    expect(await outcome(danzeng, sql`delete from critical_value`)).toBe("permission.denied");
    expect(await outcome(danzeng, sql`update critical_value_step set by_name = 'x'`)).toBe(
      "permission.denied",
    );
    expect(
      await outcome(danzeng, set(value.id, sql`state = 'received', ${stamps(danzeng.personId)}`)),
    ).toBe(1);
    expect(await outcome(staff("zhaxidunzhu"), set(value.id, sql`state = 'acted'`))).toBe(0);
  });

  it("keeps the owners of a report apart, and its clock the law's", async () => {
    const one = await report();
    const set = (change: SQL) =>
      sql`update infectious_report set version = version + 1, ${change} where id = ${one.id}`;
    const basang = staff("basang");
    const receive = (cdc: string, by = basang.personId) =>
      set(
        sql`state = 'received', received_by = ${by}, received_at = now(), cdc_institution_id = ${place(cdc)}`,
      );
    expect(await outcome(staff("danzeng"), receive("sakya-cdc", person("danzeng")))).toBe(
      "permission.denied",
    );
    expect(await outcome(basang, receive("sakya-cdc", person("danzeng")))).toBe(
      "permission.denied",
    );
    expect(await outcome(basang, receive("jingan-cdc"))).toBe("permission.denied");
    expect(
      await outcome(
        basang,
        set(sql`state = 'filed', filed_by = ${basang.personId}, filed_at = now()`),
      ),
    ).toBe("reporting.illegal-step");
    expect(
      await outcome(
        basang,
        set(sql`state = 'returned', returned_by = ${basang.personId}, returned_at = now()`),
      ),
    ).toBe("failed");
    const correct = (change: SQL) =>
      set(
        sql`state = 'corrected', corrected_by = ${person("danzeng")}, corrected_at = now(), ${change}`,
      );
    expect(await outcome(staff("danzeng"), correct(sql`due_at = due_at + interval '1 day'`))).toBe(
      "reporting.disease",
    );
    expect(await outcome(staff("danzeng"), correct(sql`reported_by = ${basang.personId}`))).toBe(
      "reporting.illegal-step",
    );
    expect(await outcome(basang, receive("sakya-cdc"))).toBe(1);
    expect(
      await outcome(
        staff("qimei"),
        set(sql`state = 'filed', filed_by = ${person("qimei")}, filed_at = now()`),
      ),
    ).toBe(1);
    expect(await outcome(staff("qimei"), sql`delete from infectious_report`)).toBe(
      "permission.denied",
    );
  });
});
