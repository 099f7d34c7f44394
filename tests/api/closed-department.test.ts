import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

/** A department closes while a referral to it is open: nobody new comes, nothing is lost, both houses see it. */
let test: TestApp;
let zheng: Client;
let danzeng: Client;
let zhou: Client;
let patientId: string;
let department: string;

const system = { kind: "system", reason: "test", language: "zh-CN" } as const;
const houses = (slug: string) => test.ids.institutions.get(slug)!;
const act = (client: Client, id: string, body: object) =>
  client.post(`/api/referrals/${id}/actions`, body);

beforeAll(async () => {
  test = await buildTestApp();
  [zheng, danzeng, zhou] = (await Promise.all(
    ["zhenglan", "danzeng", "zhouminhua"].map((one) => test.as(one)),
  )) as [Client, Client, Client];
  department = (
    await test.services.db.withActor(system, (tx) =>
      tx.execute<{ id: string }>(
        sql`select id from department where institution_id = ${houses("xuhui-central")} and slug = 'nephrology'`,
      ),
    )
  )[0]!.id;
  const made = await danzeng.post("/api/patients", {
    fullName: "次仁一",
    sex: "male",
    birthDate: "1970-01-01",
  });
  patientId = made.body.patient.id;
});
afterAll(() => test.close());

async function draft() {
  const made = await danzeng.post("/api/referrals", {
    patientId,
    direction: "up",
    content: {
      urgency: "emergency",
      toInstitutionId: houses("xuhui-central"),
      toDepartmentId: department,
      requesterPhone: "0892-8242120",
      reason: "少尿两天",
      impression: [{ code: "N17", text: "急性肾衰竭" }],
      presentHistory: "少尿、水肿",
      pastHistory: "无",
      treatmentSoFar: "补液",
      vitals: { systolicMmHg: 150, diastolicMmHg: 90 },
    },
  });
  expect(made.status, JSON.stringify(made.body)).toBe(200);
  return made.body as { id: string; version: number };
}
const send = async (one: { id: string; version: number }) =>
  act(danzeng, one.id, { action: "submit", version: one.version });
const close = (client: Client, reason: string | null = "科室改造，停止收治") =>
  client.post(`/api/departments/${department}/close`, { reason });

describe("a department that closes", () => {
  let open: { id: string; version: number };
  it("is closed by whoever keeps the directory, nobody else", async () => {
    expect((await close(test.anonymous)).status).toBe(401);
    for (const client of [danzeng, zhou, await test.as("13800138001")])
      expect((await close(client)).status).toBe(403);
    expect((await close(zheng, "x")).status).toBe(400);
    // A house of no alliance of hers is not hers to close.
    const foreign = await zheng.post(`/api/departments/${patientId}/close`, { reason: "不存在的" });
    expect(foreign.status).toBe(404);
  });

  it("tells each open referral to who sent it and to the desk, with where else it could go", async () => {
    open = await draft();
    const sent = await send(open);
    expect(sent.status, JSON.stringify(sent.body)).toBe(200);
    const closed = await close(zheng);
    expect(closed.status, JSON.stringify(closed.body)).toBe(200);
    expect(closed.body).toMatchObject({ openReferrals: 1 });
    const directory = (await danzeng.get("/api/directory/institutions")).body.institutions as {
      departments: { id: string; closedReason: string | null }[];
    }[];
    const said = directory.flatMap((one) => one.departments).find((one) => one.id === department);
    expect(said?.closedReason).toBe("科室改造，停止收治");
    const seen = (await danzeng.get("/api/referrals/closed-departments")).body.referrals;
    expect(seen).toMatchObject([
      { id: open.id, isOurs: true, patientName: "次仁一", closedReason: "科室改造，停止收治" },
    ]);
    const alternatives = seen[0].alternatives as { department: { id: string } }[];
    expect(alternatives.map((one) => one.department.id)).not.toContain(department);
    expect(alternatives.length).toBeGreaterThan(0);
    const told = await test.services.db.withActor(system, (tx) =>
      tx.execute(
        sql`select 1 from notice where kind = 'referral-department-closed' and entity_id = ${open.id}`,
      ),
    );
    expect(told.length).toBeGreaterThan(0);
    // A third house reads nothing of it.
    const other = await test.as("wangjianguo");
    expect((await other.get("/api/referrals/closed-departments")).body.referrals).toEqual([]);
  });

  it("takes nobody new and is not suggested, and says so in a sentence", async () => {
    const targets = (await danzeng.get("/api/referrals/targets?direction=up")).body.targets;
    expect(targets.map((one: { department: { id: string } }) => one.department.id)).not.toContain(
      department,
    );
    const [patient] = await Promise.all([
      danzeng.post("/api/patients", { fullName: "次仁二", sex: "male", birthDate: "1971-01-01" }),
    ]);
    const before = patientId;
    patientId = patient.body.patient.id;
    const late = await draft();
    const refused = await send(late);
    expect(refused.status).toBe(409);
    expect(refused.body.code).toBe("referral.department-closed");
    expect((await danzeng.get(`/api/referrals/${late.id}`)).body.state).toBe("draft");
    patientId = before;
    // And what waits there stays as it is until people pass it on.
    expect((await danzeng.get(`/api/referrals/${open.id}`)).body.state).toBe("submitted");
  });

  it("takes people again when it opens", async () => {
    expect((await close(zheng, null)).body.department.closedAt).toBeNull();
    expect((await danzeng.get("/api/referrals/closed-departments")).body.referrals).toEqual([]);
  });
});
