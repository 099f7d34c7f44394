import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demoActor } from "../../server/demo/load.ts";
import { fromDatabase } from "../../server/errors/database-error.ts";
import type { Actor } from "../../server/identity/domain.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

const monday = new Date("2026-11-23T02:00:00Z");
let test: TestApp;
/** Writes at the lead house; the second clinician of a member house; a community doctor of a member; one of nowhere near. */
let shen: Client;
let fang: Client;
let wang: Client;
let qin: Client;
let tsering: Client;
let rehabilitation: string;
beforeAll(async () => {
  test = await buildTestApp();
  test.clock.now = monday;
  [shen, fang, wang, qin, tsering] = (await Promise.all(
    ["shenruolan", "fangwenbo", "wangjianguo", "qinxuemei", "cirenzhuoma"].map((who) =>
      test.as(who),
    ),
  )) as [Client, Client, Client, Client, Client];
  // Both serve two houses; here they work where rehabilitation is done.
  await shen.post("/api/session/institution", { institutionId: house("huadong") });
  await fang.post("/api/session/institution", { institutionId: house("rehab-3") });
  const { alliances } = (await shen.get("/api/pathway-plans")).body;
  expect(alliances.map((one: { alliance: { name: string } }) => one.alliance.name)).toEqual([
    "康复专科联盟",
  ]);
  rehabilitation = alliances[0].alliance.id;
});
afterAll(() => test.close());

const house = (slug: string) => test.ids.institutions.get(slug)!;
const current = async (client = shen) => {
  const { alliances } = (await client.get("/api/pathway-plans")).body;
  const of = alliances.find(
    (one: { alliance: { id: string } }) => one.alliance.id === rehabilitation,
  );
  const plan = of.plans.find((one: { current: boolean }) => one.current);
  return (await client.get(`/api/pathway-plans/${plan.id}`)).body;
};
type Criterion = { code: string; evidence: unknown; wardFact?: unknown };
type Way = { code: string; criteria: Criterion[] } & Record<string, unknown>;
const changed = (content: { ways: Way[] }, code: string, change: (way: Way) => Way) => ({
  ways: content.ways.map((one) => (one.code === code ? change(one) : one)),
});
const draft = (content: unknown, rest: object = {}) => ({
  allianceId: rehabilitation,
  validFrom: "2026-11-23",
  note: "误吸一条要有体温佐证",
  content,
  ...rest,
});
async function codeOf(actor: Actor, statement: ReturnType<typeof sql>): Promise<unknown> {
  try {
    return (await test.services.db.withActor(actor, (tx) => tx.execute(statement))).count;
  } catch (error) {
    return fromDatabase(error)?.code ?? "failed";
  }
}

describe("ways of a specialty alliance", () => {
  it("are written by who may, in a house of the alliance", async () => {
    const { content } = await current();
    for (const who of [wang, qin, tsering]) {
      expect((await who.get("/api/pathway-plans")).status).toBe(403);
      expect((await who.post("/api/pathway-plans", draft(content))).status).toBe(403);
    }
    const trauma = await test.services.db.withActor(
      { kind: "system", reason: "test", language: "zh-CN" },
      (tx) => tx.execute<{ id: string }>(sql`select id from alliance where name like '急性创伤%'`),
    );
    // The lead of rehabilitation is in no trauma alliance, as long as one works there.
    expect(
      (await shen.post("/api/pathway-plans", draft(content, { allianceId: trauma[0]!.id }))).body
        .code,
    ).toBe("request.not-found");
    const actor = demoActor(test.ids, "wangjianguo");
    expect(
      await codeOf(
        actor,
        sql`insert into alliance_plan (alliance_id, version, valid_from, content, note, authored_by) values (${rehabilitation}, 99, '2026-11-23', '{"ways":[]}', 'x', ${actor.personId})`,
      ),
    ).toBe("permission.denied");
    // A way is not changed beside its version.
    expect(await codeOf(actor, sql`update pathway set review_days = 1`)).toBe("permission.denied");
    expect(
      (await wang.get("/api/pathways?direction=down")).body.pathways.find(
        (one: { code: string }) => one.code === "rehabilitation-alliance-down",
      ),
    ).toMatchObject({
      followUpDays: [7, 30, 90],
      alliance: { zh: "康复专科联盟", en: "Rehabilitation alliance" },
      receivers: [
        { institutionId: house("rehab-3") },
        { institutionId: house("rehab-4") },
        { institutionId: house("pengpu") },
      ],
    });
  });

  it("are tried on past referrals, published by a second clinician, and followed from their day", async () => {
    const before = await current();
    const up = (await wang.get("/api/pathways?direction=up")).body.pathways.find(
      (one: { code: string }) => one.code === "rehabilitation-alliance-up",
    );
    const department = up.receivers[0];
    const made = await wang.post("/api/referrals", {
      patientId: test.ids.patients.get("shen"),
      direction: "up",
      content: {
        urgency: "emergency",
        toInstitutionId: department.institutionId,
        toDepartmentId: department.departmentId,
        pathwayId: up.id,
        requesterPhone: "02156770000",
        reason: "吞咽困难，反复呛咳",
        vitals: { temperatureCelsius: 38.9, measuredAt: monday.toISOString() },
        criteria: [{ code: "swallowing", evidence: null }],
      },
    });
    expect(made.status).toBe(200);
    const sent = await wang.post(`/api/referrals/${made.body.id}/actions`, {
      action: "submit",
      version: made.body.version,
    });
    expect(sent.body.state).toBe("submitted");

    // The same ways change nothing; one criterion less loses this referral; one with a limit finds it by its value.
    const tried = async (content: unknown, client = shen) =>
      (await client.post("/api/pathway-plans/test", { allianceId: rehabilitation, content })).body;
    expect(await tried(before.content)).toMatchObject({ changed: 0, faults: [] });
    const without = changed(before.content, up.code, (way) => ({
      ...way,
      criteria: way.criteria.filter((one) => one.code !== "swallowing"),
    }));
    const lost = await tried(without);
    expect(lost).toMatchObject({ changed: 1, refused: 1 });
    expect(lost.changes[0]).toMatchObject({
      toInstitutionId: department.institutionId,
      before: { way: up.code, criteria: ["swallowing"], place: 1 },
      after: { criteria: [] },
    });
    // No person, no day in what is tried on.
    expect(JSON.stringify(lost)).not.toMatch(/measuredAt|2026-|呛咳/);
    const limited = changed(before.content, up.code, (way) => ({
      ...way,
      criteria: [
        ...way.criteria,
        {
          code: "fever",
          names: { zh: "误吸后发热", en: "Fever after aspiration", bo: null },
          evidence: { temperatureCelsius: { atLeast: 38.5 } },
        },
      ],
      receivers: [],
    }));
    expect((await tried(limited)).changes[0]).toMatchObject({
      after: { criteria: ["swallowing", "fever"], place: 0 },
      refused: false,
    });

    expect(
      (await shen.post("/api/pathway-plans", draft(limited, { validFrom: "2026-11-22" }))).body
        .code,
    ).toBe("pathway.day");
    const written = (await shen.post("/api/pathway-plans", draft(limited))).body;
    expect(written).toMatchObject({ version: 2, state: "draft", mayChange: true });
    // Until it is published nobody refers by it.
    expect((await current()).id).toBe(before.id);
    expect((await shen.post(`/api/pathway-plans/${written.id}/publish`, {})).body.code).toBe(
      "pathway.second-clinician",
    );
    expect(
      (
        await fang.put(`/api/pathway-plans/${written.id}`, {
          validFrom: "2026-11-23",
          note: "x",
          content: limited,
        })
      ).body.code,
    ).toBe("pathway.author");
    const published = await fang.post(`/api/pathway-plans/${written.id}/publish`, {});
    expect(published.body).toMatchObject({ current: true, publisher: "方文博", author: "沈若兰" });
    expect((await fang.post(`/api/pathway-plans/${written.id}/publish`, {})).body.code).toBe(
      "pathway.stands",
    );
    const now = (await wang.get("/api/pathways?direction=up")).body.pathways.filter(
      (one: { code: string }) => one.code === up.code,
    );
    expect(now).toHaveLength(1);
    expect(now[0].id).not.toBe(up.id);
    expect(now[0].criteria.map((one: { code: string }) => one.code)).toContain("fever");
    // What was written by the way before is still read by it.
    const also = (await wang.get(`/api/pathways?direction=up&also=${up.id}`)).body.pathways;
    expect(also.find((one: { id: string }) => one.id === up.id)).toMatchObject({ over: true });
    // History.
    const { alliances } = (await fang.get("/api/pathway-plans")).body;
    expect(
      alliances[0].plans.map((one: { version: number; state: string; starter: boolean }) => [
        one.version,
        one.state,
        one.starter,
      ]),
    ).toEqual([
      [2, "published", false],
      [1, "published", true],
    ]);
    const actor = demoActor(test.ids, "shenruolan");
    expect(
      await codeOf(actor, sql`update alliance_plan set note = 'y' where id = ${written.id}`),
    ).toBe("pathway.stands");
  });

  it("tell the ward which diagnoses a way takes and what to look up of its criteria", async () => {
    const { content } = await current();
    const down = "rehabilitation-alliance-down";
    const fact = { fact: "stable-vitals", hours: 36 };
    const wanted = changed(content, down, (way) => ({
      ...way,
      diagnosisPrefixes: ["I63", "I69.3"],
      criteria: way.criteria.map((one) => ({
        ...one,
        wardFact: one.code === "stable" ? fact : null,
      })),
    }));
    const criterion = wanted.ways[0]!.criteria[0]!;
    const wrongs: object[] = [
      { diagnosisPrefixes: ["stroke"] },
      { diagnosisPrefixes: ["I63%"] },
      { criteria: [{ ...criterion, wardFact: { fact: "feels-well" } }] },
      {
        criteria: [{ ...criterion, wardFact: { fact: "stable-vitals", hours: 96 } }],
      },
    ];
    for (const wrong of wrongs)
      expect(
        (
          await shen.post(
            "/api/pathway-plans",
            draft(changed(wanted, down, (way) => ({ ...way, ...wrong }))),
          )
        ).status,
      ).toBe(400);
    const written = (await shen.post("/api/pathway-plans", draft(wanted))).body;
    const published = await fang.post(`/api/pathway-plans/${written.id}/publish`, {});
    expect(published.status, JSON.stringify(published.body)).toBe(200);
    const kept = await test.services.db.withActor(
      { kind: "system", reason: "test", language: "zh-CN" },
      (tx) =>
        tx.execute<{ prefixes: string[]; facts: Record<string, unknown> }>(
          sql`select p.diagnosis_prefixes as prefixes, jsonb_object_agg(c.code, c.ward_fact) as facts
            from pathway p join pathway_criterion c on c.pathway_id = p.id where p.plan_id = ${written.id} and p.code = ${down} group by p.id`,
        ),
    );
    expect(kept[0]).toMatchObject({
      prefixes: ["I63", "I69.3"],
      facts: { stable: fact, "no-lines": null },
    });
    // Somebody who wrote his version before says nothing of it, and any diagnosis is taken.
    const older = changed(content, down, ({ diagnosisPrefixes: _, ...way }) => ({
      ...way,
      criteria: way.criteria.map((one) => ({ ...one, wardFact: undefined })),
    }));
    expect(
      (await shen.post("/api/pathway-plans", draft(older))).body.content.ways.find(
        (one: Way) => one.code === down,
      ),
    ).toMatchObject({ diagnosisPrefixes: [] });
  });

  it("refuses a version that lacks something, and one before a later one", async () => {
    const { content } = await current();
    const broken = changed(content, "rehabilitation-alliance-down", (way) => ({
      ...way,
      criteria: [],
      followUpDays: [],
      receivers: [{ institutionId: house("xuhui-central"), departmentId: null }],
      returnTriggers: [{ code: "none", kind: "value", measure: "pulsePerMinute" }],
    }));
    const tried = (
      await fang.post("/api/pathway-plans/test", { allianceId: rehabilitation, content: broken })
    ).body;
    expect(tried.faults.map((one: { fault: string }) => one.fault).toSorted()).toEqual([
      "down-without-follow-up",
      "foreign-receiver",
      "no-criteria",
      "no-limit",
    ]);
    const bad = (await fang.post("/api/pathway-plans", draft(broken))).body;
    const refused = await shen.post(`/api/pathway-plans/${bad.id}/publish`, {});
    expect([refused.status, refused.body.code]).toEqual([422, "pathway.faults"]);
    const later = (
      await fang.post("/api/pathway-plans", draft(content, { validFrom: "2026-12-01" }))
    ).body;
    expect((await shen.post(`/api/pathway-plans/${later.id}/publish`, {})).body).toMatchObject({
      state: "published",
      current: false,
    });
    const today = (await fang.post("/api/pathway-plans", draft(content))).body;
    expect((await shen.post(`/api/pathway-plans/${today.id}/publish`, {})).body.code).toBe(
      "pathway.later",
    );
    expect(
      (
        await fang.post(
          "/api/pathway-plans",
          draft({ ways: [{ ...content.ways[0], followUpDays: [30, 7] }] }),
        )
      ).status,
    ).toBe(400);
  });
});

describe("what a receiving team has ready", () => {
  it("is written by the head of the desk, house by house", async () => {
    const items = [
      { code: "ventilator", zh: "呼吸机", en: "Ventilator", bo: "དབུགས་འཁོར།" },
      { code: "lift", zh: "专用电梯", en: "Lift kept free", bo: "གློག་སྐས།", kind: "infectious" },
    ];
    const save = (who: typeof qin, list: object[], version: number) =>
      who.put("/api/transfers/ready-list", { items: list, version });
    expect((await save(wang, items, 0)).status).toBe(403);
    expect((await qin.get("/api/transfers/ready-list")).body).toMatchObject({
      own: false,
      version: 0,
      versions: [],
    });
    expect((await save(qin, items, 0)).body).toMatchObject({ own: true, items, version: 1 });
    expect((await wang.get("/api/transfers/ready-list")).body.own).toBe(false);
    expect((await save(qin, [items[0]!, items[0]!], 1)).body.code).toBe("request.invalid");
    // Whoever was slower is told; each version stays with who and when.
    expect((await save(qin, items, 0)).body.code).toBe("transfer.changed-meanwhile");
    const shorter = (await save(qin, [items[0]!], 1)).body;
    expect(shorter.versions).toMatchObject([
      { version: 2, by: "秦雪梅", items: [items[0]] },
      { version: 1, by: "秦雪梅", items },
    ]);
    await expect(
      test.services.db.withActor(demoActor(test.ids, "qinxuemei"), (tx) =>
        tx.execute(sql`update transfer_ready_list set items = '[]'`),
      ),
    ).rejects.toMatchObject({ cause: { code: "42501" } });
  });
});

describe("a list that is cut", () => {
  it("says how many there are, shows more on asking, and finds by number", async () => {
    const all = (await qin.get("/api/referrals?scope=desk")).body;
    expect(all.total).toBe(all.referrals.length);
    expect(all.total).toBeGreaterThan(1);
    const cut = (await qin.get("/api/referrals?scope=desk&limit=1")).body;
    expect([cut.referrals.length, cut.total]).toEqual([1, all.total]);
    expect(cut.referrals.map((one: { id: string }) => one.id)).toEqual(
      all.referrals.slice(0, 1).map((one: { id: string }) => one.id),
    );
    const wanted = all.referrals.at(-1);
    const byNumber = (await qin.get(`/api/referrals?scope=desk&search=${wanted.number}`)).body;
    expect(byNumber.referrals.map((one: { id: string }) => one.id)).toEqual([wanted.id]);
    const name = encodeURIComponent(wanted.patient.fullName);
    const byName = (await qin.get(`/api/referrals?scope=desk&search=${name}`)).body;
    expect(byName.referrals.map((one: { id: string }) => one.id)).toContain(wanted.id);
    // A sign of the pattern finds itself, not everything.
    expect((await qin.get("/api/referrals?scope=desk&search=%25")).body.total).toBe(0);
  });
});
