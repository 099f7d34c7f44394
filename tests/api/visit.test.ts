import { createHash, randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { SignJWT } from "jose";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startAlarms } from "../../server/alarms/service.ts";
import type { Actor } from "../../server/identity/domain.ts";
import { systemActor } from "../../server/identity/session-service.ts";
import { videoVisitPart } from "../../server/records/projection/video-visit-part.ts";
import { visitSteps } from "../../server/visit/domain.ts";
import { visitAlarms } from "../../server/visit/service.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";
import { eventually, silent } from "./kit.ts";

let test: TestApp;
let owner: postgres.Sql;
/** The signed doctor and a colleague's house, a pharmacist, the patient's phone, another family. */
let wang: Client;
let danzeng: Client;
let gu: Client;
let zhou: Client;
let mother: Client;
let start: Date;

beforeAll(async () => {
  test = await buildTestApp();
  // Houses are asked for their records over HTTP.
  await test.app.listen({ port: 0, host: "127.0.0.1" });
  owner = postgres(test.database.admin, { max: 2, onnotice: () => {} });
  start = test.clock.now;
  [wang, danzeng, gu, zhou, mother] = (await Promise.all(
    ["wangjianguo", "danzeng", "gupeilin", "13800138003", "13800138001"].map((who) => test.as(who)),
  )) as [Client, Client, Client, Client, Client];
  ok(await wang.post("/api/visits/duty", { open: true }));
});
afterAll(async () => {
  await owner.end({ timeout: 1 });
  await test.close();
});
beforeEach(async () => {
  test.clock.now = start;
  // Each story has its own visit; one patient has one open at a time.
  for (const { id, version, state } of ok(await zhou.get("/api/my/visits")).visits) {
    if (state === "requested" || state === "waiting" || state === "called")
      ok(await zhou.post(`/api/my/visits/${id}/cancel`, { version }));
    if (state === "in-visit")
      ok(await wang.post(`/api/visits/${id}/stop`, { version, reason: "other" }));
  }
});

const house = (slug: string) => test.ids.institutions.get(slug)!;
const person = (login: string) => test.ids.people.get(login)!;
const patient = (key: string) => test.ids.patients.get(key)!;
const later = (minutes: number) => {
  test.clock.now = new Date(test.clock.now.getTime() + minutes * 60_000);
};
const ok = <Body>({ status, body }: { status: number; body: Body }): Body => {
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
};

/** Answers to every danger sign of an illness; `yes` to the named one. */
async function triageOf(client: Client, patientId: string, complaint: string, yes?: string) {
  const asked = ok(await client.get(`/api/triage/questionnaire?patientId=${patientId}`));
  const keys = [
    ...asked.redFlags,
    ...asked.questions.filter((one: { kind: string }) => one.kind === "yes-no"),
  ]
    .filter((one) => one.complaints === null || one.complaints.includes(complaint))
    .map((one) => one.key);
  return {
    ruleSetId: asked.ruleSetId,
    complaint,
    answers: Object.fromEntries(keys.map((key) => [key, key === yes ? "yes" : "no"])),
    values: {},
    conditions: [],
    medicines: [],
  };
}
const pressure = { code: "I10", text: "原发性高血压" };
const asking = async (more: object = {}, yes?: string) => ({
  patientId: patient("zhou"),
  institutionId: house("pengpu"),
  doctorId: person("wangjianguo"),
  condition: pressure,
  reason: "血压药快吃完了，血压平稳",
  triage: await triageOf(zhou, patient("zhou"), "high-pressure", yes),
  ...more,
});
const ask = async (more: object = {}) =>
  ok(await zhou.post("/api/my/visits", await asking(more))).visit;
const read = async (id: string) => ok(await wang.get(`/api/visits/${id}`));

/** What the media node reports, signed as a node signs it. */
async function report(room: string, type: string, roles: readonly string[], ids?: string[]) {
  const body = JSON.stringify({
    node: "n1",
    events: roles.map((role, n) => ({
      id: ids?.[n] ?? randomUUID(),
      at: test.clock.now.toISOString(),
      room,
      type,
      peer: { id: role, sub: role, name: role, role },
    })),
  });
  const token = await new SignJWT({ body_sha256: createHash("sha256").update(body).digest("hex") })
    .setProtectedHeader({ alg: "HS256" })
    .setIssuer("sfu")
    .setAudience("server")
    .setExpirationTime("1m")
    .sign(new TextEncoder().encode(test.sfuSecret));
  const sent = await test.app.inject({
    method: "POST",
    url: "/internal/sfu/events",
    payload: body,
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
  });
  expect(sent.statusCode, sent.body).toBe(200);
}
async function call(id: string) {
  return ok(await wang.post(`/api/visits/${id}/call`, { version: (await read(id)).version }));
}
async function inVisit(more: object = {}) {
  const { id } = await ask(more);
  await call(id);
  await report(id, "peer-joined", ["attending", "patient"]);
  const row = await read(id);
  expect(row.state).toBe("in-visit");
  return row;
}
const decision = (version: number, more: object = {}) => ({
  version,
  decision: "eligible",
  reason: "高血压复诊，病情平稳",
  ...more,
});
const words = (version: number, more: object = {}) => ({
  version,
  note: { s: "无头晕", o: "家测 134/82", a: "高血压，控制好", p: "原药继续" },
  diagnoses: [pressure],
  summary: "血压控制得好，药照旧吃。",
  returnWhen: "一个月后再视频复诊",
  callWhen: "血压到 180/110 或头痛、胸痛马上打 120",
  ...more,
});

describe("who may not", () => {
  it("refuses strangers, other families, other houses and whoever sees no patients by video", async () => {
    const body = await asking();
    const row = await ask();
    for (const [who, client, status] of [
      ["nobody", test.anonymous, 401],
      ["a doctor", wang, 403],
      ["another family", mother, 404],
    ] as const) {
      expect((await client.post("/api/my/visits", body)).status, who).toBe(status);
      expect(
        (await client.get(`/api/my/visits/choices?patientId=${patient("zhou")}`)).status,
        who,
      ).toBe(status);
      expect((await client.get(`/api/my/visits/${row.id}`)).status, who).toBe(status);
    }
    for (const [who, client, status] of [
      ["nobody", test.anonymous, 401],
      ["the patient", zhou, 403],
      ["a pharmacist", gu, 403],
      ["a doctor without the right", danzeng, 403],
    ] as const) {
      expect((await client.get("/api/visits")).status, who).toBe(status);
      expect((await client.get(`/api/visits/${row.id}`)).status, who).toBe(status);
      expect((await client.post("/api/visits/duty", { open: true })).status, who).toBe(status);
      for (const [path, given] of [
        ["call", { version: row.version }],
        ["decision", decision(row.version)],
        ["end", words(row.version)],
        ["stop", { version: row.version, reason: "other" }],
        ["redirect", { version: row.version, kind: "in-person", reason: "first-visit" }],
        ["silence", { action: "called-back" }],
      ] as const)
        expect((await client.post(`/api/visits/${row.id}/${path}`, given)).status, who).toBe(
          status,
        );
    }
    for (const client of [zhou, wang, mother, gu])
      expect([403, 404]).toContain((await client.post(`/api/visits/${row.id}/room-token`)).status);
  });

  it("is refused by the database as well", async () => {
    const { id } = await inVisit();
    await expect(owner`delete from visit where id = ${id}`).rejects.toThrow();
    const as = (who: Actor, text: ReturnType<typeof sql>) =>
      test.services.db
        .withActor(who, (tx) => tx.execute(text))
        .then(
          (rows) => rows.length,
          () => "refused",
        );
    const patientActor: Actor = {
      kind: "patient",
      phoneIndex: Buffer.alloc(32),
      patientIds: [],
      sessionId: randomUUID(),
      language: "zh-CN",
    };
    expect(await as(patientActor, sql`select id from visit where id = ${id}`)).toBe(0);
    // Nobody jumps over a state, and nobody decides but the doctor in the visit.
    const system = systemActor("test");
    expect(
      await as(
        system,
        sql`update visit set state = 'ended', version = version + 1 where id = ${id}`,
      ),
    ).toBe("refused");
    expect(
      await as(
        system,
        sql`update visit set decision = 'eligible', decision_reason = 'x', decided_by = ${person("wangjianguo")}, decided_at = now(), version = version + 1 where id = ${id}`,
      ),
    ).toBe("refused");
  });

  it("asks the doctor who it is again before each visit", async () => {
    const { id, version } = await ask();
    later(30);
    const stale = await wang.post(`/api/visits/${id}/call`, { version });
    expect(stale.body.code).toBe("auth.stale");
    expect((await read(id)).state).toBe("waiting");
  });
});

describe("asking", () => {
  it("knows the illness from other houses' records, and puts the signed doctor first", async () => {
    const choices = ok(await zhou.get(`/api/my/visits/choices?patientId=${patient("zhou")}`));
    expect(choices.conditions).toEqual([
      expect.objectContaining({ code: "I10", text: "原发性高血压", physical: true }),
    ]);
    expect(choices.doctors[0]).toMatchObject({
      doctor: { id: person("wangjianguo") },
      signed: true,
      onDuty: true,
      ahead: 0,
    });
    const visit = await ask();
    expect(visit).toMatchObject({
      state: "waiting",
      evidenceFrom: "record",
      ahead: 0,
      doctor: { name: "王建国" },
      mayEnterRoom: false,
    });
    expect((await zhou.post("/api/my/visits", await asking())).body.code).toBe("visit.already");
    const traces = await owner`select action from audit_event where entity_id = ${visit.id}`;
    expect(traces.map((one) => one.action)).toEqual(
      expect.arrayContaining(["visit.ask", "visit.join"]),
    );
  });

  it("asks for evidence only where the alliance has none", async () => {
    const visit = await ask({ condition: { code: "M10", text: "痛风" } });
    expect(visit).toMatchObject({ state: "requested", evidenceFrom: "none", ahead: null });
    const joined = ok(
      await zhou.post(`/api/my/visits/${visit.id}/join`, { version: visit.version }),
    );
    expect(joined).toMatchObject({ state: "waiting", evidenceFrom: "none", ahead: 0 });
  });

  it("ends a red flag in the triage answer and never in a visit", async () => {
    const refused = ok(await zhou.post("/api/my/visits", await asking({}, "any-chest")));
    expect(refused.visit).toBeNull();
    expect(refused.triage).toMatchObject({ outcome: "emergency", next: { kind: "call-120" } });
    expect(
      ok(await zhou.get("/api/my/visits")).visits.every(
        (one: { state: string }) => one.state !== "waiting",
      ),
    ).toBe(true);
  });

  it("answers a danger sign at once, also where nobody receives, and what cannot be ruled out too", async () => {
    const triage = await triageOf(zhou, patient("zhou"), "high-pressure");
    const judge = (answers: Record<string, string>) =>
      zhou.post("/api/my/visits/danger", {
        patientId: patient("zhou"),
        triage: { ...triage, answers: { ...triage.answers, ...answers } },
      });
    expect(ok(await judge({})).triage).toBeNull();
    for (const [said, outcome] of [
      ["yes", "emergency"],
      ["unknown", "community-visit"],
    ] as const)
      expect(ok(await judge({ "any-chest": said })).triage).toMatchObject({ outcome });
    const stranger = await test.as("13800138004");
    const other = await stranger.post("/api/my/visits/danger", {
      patientId: patient("zhou"),
      triage,
    });
    expect([403, 404]).toContain(other.status);
  });

  it("gives a repeated request its first answer, and needs a doctor who receives", async () => {
    const body = await asking();
    const key = { "idempotency-key": randomUUID() };
    const first = ok(await zhou.post("/api/my/visits", body, key));
    expect(ok(await zhou.post("/api/my/visits", body, key)).visit.id).toBe(first.visit.id);
    ok(
      await zhou.post(`/api/my/visits/${first.visit.id}/cancel`, { version: first.visit.version }),
    );
    const nobody = await zhou.post(
      "/api/my/visits",
      await asking({ institutionId: house("sakya-chc"), doctorId: null }),
    );
    expect(nobody.body.code).toBe("visit.no-doctor");
  });
});

describe("the way of a visit", () => {
  it("has the steps of the database as data in code", async () => {
    const rows = await test.services.db.withActor(systemActor("test"), (tx) =>
      tx.execute(sql`select from_state::text, to_state::text, side from visit_transition`),
    );
    const ours = new Set(visitSteps.map((each) => `${each.from} ${each.to} ${each.side}`));
    expect(
      rows.map((each) => `${each.from_state} ${each.to_state} ${each.side}`).toSorted(),
    ).toEqual([...ours].toSorted());
  });

  it("goes from the call to the summary, with a decision before anything is prescribed", async () => {
    const asked = await ask();
    const called = await call(asked.id);
    expect(called).toMatchObject({ state: "called", doctor: { name: "王建国" } });
    expect(called.reach).toMatchObject({ callbackPhone: "13800138003" });
    expect(ok(await zhou.get(`/api/my/visits/${asked.id}`)).mayEnterRoom).toBe(true);
    // One of both alone is no visit yet; said twice it is said once.
    await report(asked.id, "peer-joined", ["patient"], ["visit-e1"]);
    await report(asked.id, "peer-joined", ["patient"], ["visit-e1"]);
    expect(await read(asked.id)).toMatchObject({
      state: "called",
      present: { patient: true, doctor: false },
    });
    await report(asked.id, "peer-joined", ["attending"]);
    let row = await read(asked.id);
    expect(row.state).toBe("in-visit");

    const start = {
      encounterKind: "video-visit",
      encounterId: asked.id,
      patientId: patient("zhou"),
    };
    expect((await wang.post("/api/prescriptions", start)).body.code).toBe("prescription.no-visit");
    expect((await wang.post(`/api/visits/${asked.id}/end`, words(row.version))).body.code).toBe(
      "visit.decision",
    );
    row = ok(await wang.post(`/api/visits/${asked.id}/decision`, decision(row.version)));
    expect(row).toMatchObject({ decision: "eligible", decisionReason: "高血压复诊，病情平稳" });
    const { encounters } = ok(await wang.get("/api/prescriptions/encounters"));
    expect(encounters).toContainEqual(
      expect.objectContaining({ kind: "video-visit", id: asked.id }),
    );
    expect(ok(await wang.post("/api/prescriptions", start))).toMatchObject({ channel: "internet" });

    const saved = ok(
      await wang.put(`/api/visits/${asked.id}`, words(row.version, { summary: "" })),
    );
    expect(ok(await zhou.get(`/api/my/visits/${asked.id}`)).summary).toBe("");
    expect(
      (await wang.post(`/api/visits/${asked.id}/end`, words(saved.version, { summary: "" }))).body
        .code,
    ).toBe("visit.incomplete");
    expect((await wang.put(`/api/visits/${asked.id}`, words(row.version))).body.code).toBe(
      "visit.changed-meanwhile",
    );
    const ended = ok(await wang.post(`/api/visits/${asked.id}/end`, words(saved.version)));
    expect(ended).toMatchObject({ state: "ended", actions: [], reach: null });
    expect(ok(await zhou.get(`/api/my/visits/${asked.id}`))).toMatchObject({
      state: "ended",
      summary: "血压控制得好，药照旧吃。",
      returnWhen: "一个月后再视频复诊",
      mayEnterRoom: false,
    });
    expect((await wang.put(`/api/visits/${asked.id}`, words(ended.version))).body.code).toBe(
      "visit.illegal-step",
    );
    const told = await test.services.db.withActor(systemActor("test"), (tx) =>
      videoVisitPart.project(
        { services: test.services, tx, institutionId: house("pengpu"), now: test.clock.now },
        [asked.id],
        () => {},
      ),
    );
    expect(JSON.stringify(told)).toContain('"code":"VR"');
  });

  it("tells everybody's place, and a passed patient is called again", async () => {
    const { id } = await ask();
    const called = await call(id);
    const back = ok(await wang.post(`/api/visits/${id}/put-back`, { version: called.version }));
    expect(back.state).toBe("waiting");
    const [told] =
      await owner`select patient_ids from outbox_event where topic = 'visit' and entity_id = ${id} order by id desc limit 1`;
    expect(told!.patient_ids).toContain(patient("zhou"));
    const again = await call(id);
    expect(ok(await wang.post(`/api/visits/${id}/miss`, { version: again.version })).state).toBe(
      "missed",
    );
  });

  it("writes down what was done about a silent patient, and stops with a coded reason", async () => {
    const row = await inVisit();
    expect(row.reach.address).toContain("彭浦新村");
    expect(row.reach.family).toEqual(
      expect.arrayContaining([expect.objectContaining({ phone: "13800138003" })]),
    );
    for (const action of ["called-back", "called-family", "called-120"])
      ok(await wang.post(`/api/visits/${row.id}/silence`, { action, note: "" }));
    const stopped = ok(
      await wang.post(`/api/visits/${row.id}/stop`, {
        version: row.version,
        reason: "wrong-person",
        note: "镜头前不是本人",
      }),
    );
    expect(stopped).toMatchObject({ state: "cancelled", stopReason: "wrong-person" });
    expect(stopped.steps.map((one: { action: string }) => one.action)).toEqual(
      expect.arrayContaining(["silent.called-back", "silent.called-120", "stop"]),
    );
  });

  it("wants a guardian beside a child under 6", async () => {
    const row = await inVisit();
    await owner`update patient set birth_date = '2021-06-01' where id = ${patient("zhou")}`;
    const alone = await wang.post(`/api/visits/${row.id}/decision`, decision(row.version));
    expect(alone.body.code).toBe("visit.guardian");
    const both = ok(
      await wang.post(
        `/api/visits/${row.id}/decision`,
        decision(row.version, { guardianPresent: true, guardianName: "钱芳" }),
      ),
    );
    expect(both).toMatchObject({
      guardianNeeded: true,
      guardianName: "钱芳",
      decision: "eligible",
    });
    await owner`update patient set birth_date = '1950-06-01' where id = ${patient("zhou")}`;
  });

  it("goes on as an appointment, a consult or a referral in one step, asking nothing again", async () => {
    for (const kind of ["consult", "referral"] as const) {
      const row = await inVisit();
      const gone = ok(
        await wang.post(`/api/visits/${row.id}/redirect`, {
          version: row.version,
          kind,
          reason: "condition-changed",
          note: "近一周胸闷",
        }),
      );
      expect(gone).toMatchObject({
        state: "redirected",
        redirectKind: kind,
        decision: "not-eligible",
      });
      const path = kind === "consult" ? "consults" : "referrals";
      const made = ok(await wang.get(`/api/${path}/${gone.redirectId}`));
      expect(JSON.stringify(made)).toContain("近一周胸闷");
      expect(JSON.stringify(made)).toContain("原发性高血压");
    }
    const { id } = await ask();
    const row = await read(id);
    const without = { version: row.version, kind: "appointment", reason: "first-visit" };
    expect((await wang.post(`/api/visits/${id}/redirect`, without)).body.code).toBe(
      "visit.segment",
    );
    const [free] = await owner<{ id: string }[]>`
      select g.id from segment g join clinic_schedule c on c.id = g.schedule_id
      where g.institution_id = ${house("pengpu")} and c.kind = 'clinic' and g.starts_at > ${new Date(start.getTime() + 86_400_000)}
        and not exists (select 1 from appointment a where a.patient_id = ${patient("zhou")} and a.department_id = g.department_id and a.day = g.day)
        order by g.starts_at limit 1`;
    const booked = ok(
      await wang.post(`/api/visits/${id}/redirect`, { ...without, segmentId: free!.id }),
    );
    const mine = ok(await zhou.get("/api/my/appointments")).appointments;
    expect(mine).toContainEqual(
      expect.objectContaining({ id: booked.redirectId, state: "booked" }),
    );
  });

  it("lets nobody wait over night", async () => {
    const { id } = await ask();
    later(24 * 60);
    const alarms = startAlarms({
      db: test.services.db,
      clock: test.services.clock,
      log: silent,
      handlers: visitAlarms,
    });
    try {
      await eventually("the day is over", async () => {
        const [row] = await owner`select state from visit where id = ${id}`;
        return row!.state === "missed";
      });
    } finally {
      await alarms.close();
    }
  });
});
