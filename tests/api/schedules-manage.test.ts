import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultPolicy } from "../../server/booking/domain.ts";
import { systemActor } from "../../server/identity/session-service.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

let test: TestApp;
let manager: Client;
/** 消化内科专家门诊 of the demo: Tuesday, Thursday, Saturday. */
let expert: { id: string; doctor: { id: string } };
let general: { id: string };
beforeAll(async () => {
  test = await buildTestApp();
  manager = await test.as("guxiaowen");
  const { body } = await manager.get("/api/schedules");
  expert = body.schedules.find(
    (one: { department: { name: { en: string } }; doctor: unknown }) =>
      one.department.name.en === "Gastroenterology" && one.doctor,
  );
  general = body.schedules.find(
    (one: { department: { name: { en: string } }; doctor: unknown }) =>
      one.department.name.en === "Gastroenterology" && !one.doctor,
  );
});
afterAll(() => test.close());

const newClinic = (change: Record<string, unknown> = {}) => ({
  departmentId: "",
  doctorId: null,
  kind: "clinic",
  name: { zh: "高血压门诊", en: "Hypertension clinic", bo: null },
  place: "门诊楼 2 层",
  feeCents: 2200,
  segmentMinutes: 30,
  ...change,
});
const departmentOf = async (name: string) => {
  const { body } = await manager.get("/api/schedules");
  return body.departments.find((one: { name: { en: string } }) => one.name.en === name);
};

describe("who may", () => {
  const requests: [string, (client: Client) => Promise<{ status: number }>][] = [
    ["list", (client) => client.get("/api/schedules")],
    ["create", (client) => client.post("/api/schedules", newClinic({ departmentId: expert.id }))],
    ["read", (client) => client.get(`/api/schedules/${expert.id}`)],
    [
      "change",
      (client) =>
        client.put(`/api/schedules/${expert.id}`, {
          name: { zh: "甲", en: "A", bo: null },
          place: "1",
          feeCents: 0,
          segmentMinutes: 30,
          active: false,
        }),
    ],
    [
      "set the week",
      (client) =>
        client.put(`/api/schedules/${expert.id}/week`, { validFrom: "2026-11-24", rules: [] }),
    ],
    [
      "set an exception",
      (client) =>
        client.put(`/api/schedules/${expert.id}/exceptions/2026-11-24`, {
          closed: true,
          reason: "x",
        }),
    ],
    [
      "take an exception back",
      (client) => client.delete(`/api/schedules/${expert.id}/exceptions/2026-12-02`),
    ],
    ["read policies", (client) => client.get("/api/schedules/policies")],
    [
      "set a policy",
      (client) =>
        client.post("/api/schedules/policies", { validFrom: "2026-12-01", ...defaultPolicy }),
    ],
    ["take a policy back", (client) => client.delete("/api/schedules/policies/2026-12-01")],
    [
      "preview",
      (client) => client.get(`/api/schedules/${expert.id}/preview?from=2026-11-24&days=2`),
    ],
    [
      "publish",
      (client) =>
        client.post(`/api/schedules/${expert.id}/publish`, { from: "2026-11-24", days: 2 }),
    ],
  ];

  it.each(requests)("nobody without the right may %s", async (_, ask) => {
    const status = async (who: string) => (await ask(await test.as(who))).status;
    expect(await status("zhouminhua")).toBe(403);
    expect(await status("13800138001")).toBe(403);
    expect((await ask(test.anonymous)).status).toBe(401);
  });

  it("another hospital's administrator finds none of these schedules", async () => {
    const db = test.services.db;
    await db.withActor(systemActor("test"), (tx) =>
      tx.execute(sql`insert into role_assignment (person_id, institution_id, role_code)
        values (${test.ids.people.get("hejing")!}, ${test.ids.institutions.get("jingan-central")!}, 'schedule-administrator')`),
    );
    const other = await test.as("hejing");
    expect((await other.get("/api/schedules")).body.schedules).toEqual([]);
    for (const [name, ask] of requests.filter(([, ask]) => String(ask).includes("expert.id")))
      if (name !== "create") expect([name, (await ask(other)).status]).toEqual([name, 404]);
    // Policies are per institution: hers exist, and are not the other's.
    await other.post("/api/schedules/policies", { validFrom: "2026-12-24", ...defaultPolicy });
    const { body } = await manager.get("/api/schedules/policies");
    expect(body.policies.map((one: { validFrom: string }) => one.validFrom)).not.toContain(
      "2026-12-24",
    );
  });
});

describe("schedules", () => {
  it("lists what there is, until when it is open and how full it is", async () => {
    const { body } = await manager.get("/api/schedules");
    expect(body.today).toBe("2026-11-23");
    expect(body.daysAhead).toBe(21);
    // Eight clinics and the site for tests.
    expect(body.schedules).toHaveLength(9);
    const row = body.schedules.find((one: { id: string }) => one.id === general.id);
    expect(row).toMatchObject({ openUntil: "2026-12-13", taken: 0, active: true });
    expect(row.seats).toBe(21 * 15 * 6);
  });

  it("makes a new one, once per name and doctor", async () => {
    const unit = await departmentOf("Cardiology");
    const made = await manager.post("/api/schedules", newClinic({ departmentId: unit.id }));
    expect(made.status).toBe(200);
    expect(made.body).toMatchObject({ openUntil: null, seats: 0, doctor: null });
    const twice = await manager.post("/api/schedules", newClinic({ departmentId: unit.id }));
    expect([twice.status, twice.body.code]).toEqual([409, "schedule.exists"]);
    const forDoctor = await manager.post(
      "/api/schedules",
      newClinic({ departmentId: unit.id, doctorId: unit.doctors[0].id }),
    );
    expect(forDoctor.body.doctor.name).toBe("陈立明");
  });

  it("refuses a doctor of another department, and a department of another hospital", async () => {
    const unit = await departmentOf("Cardiology");
    const wrong = await manager.post(
      "/api/schedules",
      newClinic({ departmentId: unit.id, doctorId: expert.doctor.id }),
    );
    expect([wrong.status, wrong.body.code]).toEqual([422, "schedule.doctor"]);
    const foreign = await manager.post(
      "/api/schedules",
      newClinic({ departmentId: test.ids.institutions.get("huadong") }),
    );
    expect(foreign.status).toBe(422);
  });

  it("changes names and places, not what is published", async () => {
    const unit = await departmentOf("Rehabilitation");
    const { body: made } = await manager.post(
      "/api/schedules",
      newClinic({ departmentId: unit.id }),
    );
    const changed = await manager.put(`/api/schedules/${made.id}`, {
      name: { zh: "慢病门诊", en: "Chronic disease clinic", bo: "" },
      place: "3 层",
      feeCents: 0,
      segmentMinutes: 60,
      active: false,
    });
    expect(changed.body).toMatchObject({
      name: { zh: "慢病门诊", bo: null },
      segmentMinutes: 60,
      active: false,
    });
  });
});

describe("the week", () => {
  it("counts from a day on, and the one before ends there", async () => {
    const unit = await departmentOf("Nephrology");
    const { body: made } = await manager.post(
      "/api/schedules",
      newClinic({ departmentId: unit.id, name: { zh: "透析门诊", en: "Dialysis", bo: null } }),
    );
    const rule = (weekday: number, capacity: number) => ({
      weekday,
      startMinute: 480,
      endMinute: 600,
      capacity,
    });
    const put = (validFrom: string, rules: unknown[]) =>
      manager.put(`/api/schedules/${made.id}/week`, { validFrom, rules });
    await put("2026-11-23", [rule(1, 2)]);
    const { body } = await put("2026-12-07", [rule(1, 5), rule(2, 5)]);
    expect(body.weeks).toEqual([
      { validFrom: "2026-11-23", coming: false, rules: [rule(1, 2)] },
      { validFrom: "2026-12-07", coming: true, rules: [rule(1, 5), rule(2, 5)] },
    ]);
    const { body: shown } = await manager.get(
      `/api/schedules/${made.id}/preview?from=2026-11-30&days=14`,
    );
    expect(
      shown.days
        .filter((one: { state: string }) => one.state === "new")
        .map((one: { day: string; seats: { public: number; priority: number } }) => [
          one.day,
          one.seats.public + one.seats.priority,
        ]),
    ).toEqual([
      ["2026-11-30", 8],
      ["2026-12-07", 20],
      ["2026-12-08", 20],
    ]);
    // Again, earlier: what was to come is taken back.
    const again = await put("2026-11-30", []);
    expect(again.body.weeks.map((one: { rules: unknown[] }) => one.rules.length)).toEqual([1]);
  });

  it.each([
    ["the past", "2026-11-22", [], "schedule.past"],
    [
      "times that lie over each other",
      "2026-11-24",
      [
        { weekday: 2, startMinute: 480, endMinute: 600, capacity: 1 },
        { weekday: 2, startMinute: 590, endMinute: 700, capacity: 1 },
      ],
      "schedule.overlap",
    ],
    [
      "a Sunday night that reaches into a Monday morning",
      "2026-11-24",
      [
        { weekday: 7, startMinute: 1200, endMinute: 2000, capacity: 1 },
        { weekday: 1, startMinute: 480, endMinute: 600, capacity: 1 },
      ],
      "schedule.overlap",
    ],
    [
      "an end before its start",
      "2026-11-24",
      [{ weekday: 2, startMinute: 600, endMinute: 480, capacity: 1 }],
      "request.invalid",
    ],
  ])("refuses %s", async (_, validFrom, rules, code) => {
    const answer = await manager.put(`/api/schedules/${expert.id}/week`, { validFrom, rules });
    expect(answer.body.code).toBe(code);
  });
});

describe("exceptions, preview and publishing", () => {
  it("shows what will be opened, closed days with their reason, and says the same when it is done", async () => {
    const close = await manager.put(`/api/schedules/${expert.id}/exceptions/2027-02-02`, {
      closed: true,
      reason: "设备检修",
    });
    expect(close.status).toBe(200);
    const more = await manager.put(`/api/schedules/${expert.id}/exceptions/2027-02-04`, {
      closed: false,
      capacity: 8,
      reason: "节前加号",
    });
    expect(more.body.exceptions).toContainEqual({
      day: "2027-02-04",
      closed: false,
      capacity: 8,
      reason: "节前加号",
      open: 0,
    });
    const range = { from: "2027-02-01", days: 7 };
    const { body: shown } = await manager.get(
      `/api/schedules/${expert.id}/preview?from=${range.from}&days=${range.days}`,
    );
    expect(shown.days.map((one: { state: string }) => one.state)).toEqual([
      "none",
      "closed",
      "none",
      "new",
      "none",
      "closed",
      "none",
    ]);
    expect(shown.days[1].reason.zh).toBe("设备检修");
    expect(shown.days[5]).toMatchObject({ holiday: true, reason: { en: "Spring Festival" } });
    // Eight seats each: half for family doctors, a tenth (rounded down) for the hotline.
    expect(shown.seats).toEqual({ public: 60, priority: 60, hotline: 0 });
    expect(shown.days[3]).toMatchObject({
      releaseAt: "2027-01-20T23:00:00.000Z",
      priorityFrom: "2027-01-15T23:00:00.000Z",
      returnAt: "2027-02-02T16:00:00.000Z",
    });
    const done = await manager.post(`/api/schedules/${expert.id}/publish`, range);
    expect(done.body).toEqual({ segments: 15, seats: 120, kept: 0, clashes: [] });
    const again = await manager.post(`/api/schedules/${expert.id}/publish`, range);
    expect(again.body).toEqual({ segments: 0, seats: 0, kept: 15, clashes: [] });
    const { body: after } = await manager.get(
      `/api/schedules/${expert.id}/preview?from=2027-02-04&days=1`,
    );
    expect(after.days[0].state).toBe("open");
    expect(after.segments).toBe(0);
  });

  it("says with which clinic a doctor's time clashes", async () => {
    const unit = await departmentOf("Gastroenterology");
    const { body: made } = await manager.post(
      "/api/schedules",
      newClinic({
        departmentId: unit.id,
        doctorId: expert.doctor.id,
        name: { zh: "胃镜门诊", en: "Gastroscopy", bo: null },
      }),
    );
    await manager.put(`/api/schedules/${made.id}/week`, {
      validFrom: "2026-11-23",
      rules: [{ weekday: 2, startMinute: 660, endMinute: 750, capacity: 3 }],
    });
    const { body: shown } = await manager.get(
      `/api/schedules/${made.id}/preview?from=2026-11-24&days=1`,
    );
    expect(shown.days[0].segments).toHaveLength(2);
    expect(shown.days[0].clashes).toMatchObject([
      { why: "doctor", other: { name: { zh: "专家门诊" }, institution: { zh: "徐汇区中心医院" } } },
    ]);
    const done = await manager.post(`/api/schedules/${made.id}/publish`, {
      from: "2026-11-24",
      days: 1,
    });
    expect(done.body).toMatchObject({ segments: 2, clashes: [{ day: "2026-11-24" }] });
  });

  it("leaves what is open as it is when a day is closed later, and says how much that is", async () => {
    const { body } = await manager.put(`/api/schedules/${general.id}/exceptions/2026-11-25`, {
      closed: true,
      reason: "培训",
    });
    expect(body.exceptions.find((one: { day: string }) => one.day === "2026-11-25").open).toBe(15);
    const back = await manager.delete(`/api/schedules/${general.id}/exceptions/2026-11-25`);
    expect(back.body.exceptions).toEqual([]);
  });

  it("two administrators who publish at once open once", async () => {
    const range = { from: "2027-04-05", days: 5 };
    const both = await Promise.all([
      manager.post(`/api/schedules/${general.id}/publish`, range),
      (await test.as("guxiaowen")).post(`/api/schedules/${general.id}/publish`, range),
    ]);
    expect(both.map((one) => one.body.segments).sort()).toEqual([0, 75]);
  });

  it.each([
    ["the past", { from: "2026-11-22", days: 1 }, 422],
    ["more days than anybody can look through", { from: "2026-11-24", days: 63 }, 400],
    ["no day at all", { from: "2026-11-24", days: 0 }, 400],
  ])("does not publish %s", async (_, range, status) => {
    expect((await manager.post(`/api/schedules/${general.id}/publish`, range)).status).toBe(status);
  });

  it("refuses an exception that says nothing, or two things", async () => {
    const put = (body: unknown) =>
      manager.put(`/api/schedules/${general.id}/exceptions/2026-12-01`, body);
    expect((await put({ closed: false, reason: "x" })).status).toBe(400);
    expect((await put({ closed: true, capacity: 3, reason: "x" })).status).toBe(400);
    expect((await put({ closed: true, reason: " " })).status).toBe(400);
  });
});

describe("policies", () => {
  it("keeps dated versions; one that has not begun can be changed and taken back", async () => {
    const set = (change: object) =>
      manager.post("/api/schedules/policies", { ...defaultPolicy, ...change });
    await set({ validFrom: "2027-01-01", noShowLimit: 5 });
    const { body } = await set({ validFrom: "2027-01-01", noShowLimit: 2 });
    expect(body.policies[0]).toMatchObject({
      validFrom: "2027-01-01",
      noShowLimit: 2,
      coming: true,
      current: false,
    });
    expect(body.policies.filter((one: { current: boolean }) => one.current)).toHaveLength(1);
    expect((await manager.delete("/api/schedules/policies/2027-01-01")).status).toBe(200);
    const past = await manager.delete("/api/schedules/policies/2026-01-01");
    expect([past.status, past.body.code]).toEqual([422, "schedule.past"]);
  });

  it.each([
    ["the past", { validFrom: "2026-11-22" }, 422],
    ["more seats kept than there are", { validFrom: "2026-12-01", hotlinePercent: 60 }, 400],
    [
      "a shortest time longer than the longest",
      { validFrom: "2026-12-01", returnMinSeconds: 900 },
      400,
    ],
    ["a hold of hours", { validFrom: "2026-12-01", holdMinutes: 120 }, 400],
  ])("refuses %s", async (_, change, status) => {
    const answer = await manager.post("/api/schedules/policies", { ...defaultPolicy, ...change });
    expect(answer.status).toBe(status);
  });

  it("leaves a trace of every change", async () => {
    const rows = await test.services.db.withActor(systemActor("test"), (tx) =>
      tx.execute<{ action: string }>(
        sql`select distinct action from audit_event where action like 'schedule.%' order by 1`,
      ),
    );
    expect([...rows].map((row) => row.action)).toEqual([
      "schedule.change",
      "schedule.create",
      "schedule.exception",
      "schedule.exception-removed",
      "schedule.policy",
      "schedule.policy-removed",
      "schedule.publish",
      "schedule.week",
    ]);
  });
});
