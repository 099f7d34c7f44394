import { randomUUID } from "node:crypto";
import { type SQL, sql } from "drizzle-orm";
import pino from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  type BedModel,
  defaultCapacityPolicy,
  modelHold,
  modeSwitchTransitions,
} from "../../server/capacity/domain.ts";
import {
  admitHold,
  type BedHold,
  capacityTasks,
  extendHold,
  findHold,
  type HoldAsk,
  holdBed,
  releaseHold,
} from "../../server/capacity/service.ts";
import { asDemo, demoActor } from "../../server/demo/load.ts";
import { fromDatabase } from "../../server/errors/database-error.ts";
import { DomainError } from "../../server/errors/domain-error.ts";
import type { Actor, StaffActor } from "../../server/identity/domain.ts";
import { systemActor } from "../../server/identity/session-service.ts";
import { capacityPart } from "../../server/records/projection/capacity-part.ts";
import { benchLastBed } from "../load/capacity/last-bed.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

const monday = new Date("2026-11-23T02:00:00Z");
let test: TestApp;
let nurse: Client;
let leader: Client;
let other: Client;
let community: Client;
beforeAll(async () => {
  test = await buildTestApp();
  [nurse, leader, other, community] = (await Promise.all(
    ["caiyufen", "zhenglan", "xuwenjuan", "wangjianguo"].map((who) => test.as(who)),
  )) as [Client, Client, Client, Client];
});
afterAll(() => test.close());
beforeEach(() => {
  test.clock.now = monday;
});

const house = (slug: string) => test.ids.institutions.get(slug)!;
const later = (hours: number) => {
  test.clock.now = new Date(test.clock.now.getTime() + hours * 3_600_000);
};
const asSystem = <Row extends Record<string, unknown>>(statement: SQL) =>
  test.services.db.withActor(
    systemActor("test"),
    async (tx) => (await tx.execute<Row>(statement)) as unknown as Row[],
  );
async function outcome(actor: Actor, statement: SQL): Promise<unknown> {
  try {
    return (await test.services.db.withActor(actor, (tx) => tx.execute(statement))).count;
  } catch (error) {
    return fromDatabase(error)?.code ?? "failed";
  }
}
const staff = (login: string) => demoActor(test.ids, login);
const departmentOf = async (slug: string, department: string) =>
  (
    await asSystem<{ id: string }>(
      sql`select id from department where institution_id = ${house(slug)} and slug = ${department}`,
    )
  )[0]!.id;
let made = 0;
/** A fresh person whom these houses know. */
async function somebody(...slugs: string[]): Promise<string> {
  made += 1;
  const [row] = await asSystem<{ id: string }>(
    sql`insert into patient (full_name, sex, managing_institution_id, updated_at) values (${`床位患者${made}`}, 'female', ${house(slugs[0]!)}, ${monday.toISOString()}) returning id`,
  );
  for (const slug of slugs)
    await asSystem(
      sql`insert into patient_institution (patient_id, institution_id, source) values (${row!.id}, ${house(slug)}, 'test')`,
    );
  return row!.id;
}
/** A ward of its own in the hospital, so that no test waits for another's beds. */
async function ward(
  beds: number,
  options: { department?: string; kind?: string } = {},
): Promise<{ departmentId: string; unitId: string; name: string }> {
  const departmentId = await departmentOf(
    "xuhui-central",
    options.department ?? "gastroenterology",
  );
  made += 1;
  const name = `测试病区${made}`;
  const { status, body } = await nurse.post("/api/capacity/units", {
    departmentId,
    nameZh: name,
    nameEn: `Ward ${made}`,
    kind: options.kind ?? "ordinary",
    beds: Array.from({ length: beds }, (_, index) => String(index + 1)),
  });
  expect(status, JSON.stringify(body)).toBe(200);
  return { departmentId, unitId: body.id, name };
}
/** Closes a ward that is empty, so that the next test's is the only one of the department. */
const shut = async (unitId: string) => {
  expect((await nurse.put(`/api/capacity/units/${unitId}`, { active: false })).status).toBe(200);
};
const work = <Answer>(
  login: string,
  run: (work: Parameters<typeof holdBed>[0] & { actor: StaffActor }) => Promise<Answer>,
) => asDemo(test.services, staff(login), run);
const refusal = async (promise: Promise<unknown>): Promise<DomainError | null> =>
  promise.then(
    () => null,
    (error: unknown) => {
      if (error instanceof DomainError) return error;
      throw error;
    },
  );
const ask = (departmentId: string, patientId: string, more: Partial<HoldAsk> = {}): HoldAsk => ({
  institutionId: house("xuhui-central"),
  departmentId,
  patientId,
  purpose: "referral",
  referenceId: randomUUID(),
  ...more,
});
const runTask = (name: string, payload: unknown, ended: BedHold[] = []) =>
  capacityTasks([
    async (_, hold) => {
      ended.push(hold);
    },
  ])[name]!(payload, {
    db: test.services.db,
    clock: () => test.clock.now,
    log: pino({ level: "silent" }),
    asJob: (job) => test.services.db.withActor({ kind: "job", task: name, language: "zh-CN" }, job),
  });
type Unit = { unitId: string; bedList: { id: string; label: string; state: string }[] };
const bedsOf = async (unitId: string) => {
  const { body } = await nurse.get("/api/capacity/beds");
  return (body.departments as { units: Unit[] }[])
    .flatMap((one) => one.units)
    .find((one) => one.unitId === unitId)!.bedList;
};

describe("who may what", () => {
  it("refuses beds, holds, absences and orders to whose work they are not", async () => {
    const lab = await test.as("kangning");
    const id = randomUUID();
    for (const path of ["beds", "alliance", "absences", "switches", "policies"])
      expect((await lab.get(`/api/capacity/${path}`)).body.code, path).toBe("permission.denied");
    const holdAsk = { departmentId: id, patientId: id, referenceId: id };
    expect((await community.post("/api/capacity/holds", holdAsk)).body.code).toBe(
      "permission.denied",
    );
    for (const [path, body] of [
      [`beds/${id}/admissions`, { patientId: id }],
      [`beds/${id}/actions`, { action: "cleaned" }],
      [`stays/${id}/discharge`, {}],
      [`holds/${id}/release`, { reason: "x" }],
      [`holds/${id}/extend`, { reason: "x", until: monday.toISOString() }],
      [`holds/${id}/admission`, {}],
      ["switches", { unitId: id, orderNumber: "1", reason: "x" }],
    ] as const)
      expect((await community.post(`/api/capacity/${path}`, body)).body.code, path).toBe(
        "permission.denied",
      );
    expect(
      (await nurse.post("/api/capacity/switches", { unitId: id, orderNumber: "1", reason: "x" }))
        .body.code,
    ).toBe("permission.denied");
    const family = await test.as("13800138003");
    expect((await family.get("/api/capacity/alliance")).body.code).toBe("permission.denied");
  });

  it("shows an ally counts and nobody's name; another house's beds to nobody", async () => {
    const { body } = await community.get("/api/capacity/alliance");
    const xuhui = body.institutions.find(
      (one: { id: string }) => one.id === house("xuhui-central"),
    );
    const cardiology = xuhui.departments.find(
      (one: { name: { zh: string } }) => one.name.zh === "心内科",
    );
    expect(cardiology.units[1]).toMatchObject({
      name: { zh: "心脏监护室" },
      beds: 3,
      occupied: 2,
      outOfUse: 1,
      free: 0,
    });
    expect(xuhui.distanceMetres).toBeGreaterThan(1000);
    expect(JSON.stringify(body)).not.toContain("patient");
    const doctor = staff("wangjianguo");
    for (const table of ["bed", "bed_unit", "bed_stay", "bed_hold", "mode_switch", "staff_absence"])
      expect(await outcome(doctor, sql.raw(`select 1 from ${table}`)), table).toBe(0);
    // No alliance in common.
    const counts = (id: string) =>
      sql`select 1 from app.capacity_counts(array[${id}::uuid], ${monday.toISOString()}::timestamptz)`;
    expect(await outcome(staff("danzeng"), counts(house("changzheng")))).toBe(0);
    expect(await outcome(doctor, counts(house("rehab-3")))).toBe(2);
    // A count that nobody has touched for a day is old, and says of when.
    const rehab = body.institutions.find((one: { id: string }) => one.id === house("rehab-4"));
    expect(rehab.departments[0].units[0].stale).toBe(true);
  });

  it("writes holds, stays and modes through its functions alone", async () => {
    const head = staff("caiyufen");
    const now = monday.toISOString();
    for (const statement of [
      sql`update bed_unit set mode = 'emergency'`,
      sql`update bed_hold set until = ${now}::timestamptz`,
      sql`update bed_stay set until = ${now}::timestamptz`,
      sql`delete from bed_stay`,
      sql`delete from bed_disinfection`,
      sql`update capacity_policy set hold_hours = 1`,
    ])
      expect(await outcome(head, statement)).toBe("permission.denied");
    expect(
      await outcome(
        head,
        sql`insert into bed_unit (institution_id, department_id, name_zh, name_en, kind, mode, touched_at) select institution_id, department_id, 'x', 'x', kind, 'emergency', touched_at from bed_unit limit 1`,
      ),
    ).toBe("capacity.switch-step");
    // What stands does not even give way to the server itself.
    const patientId = await somebody("xuhui-central");
    const { departmentId, unitId } = await ward(1);
    const hold = await work("caiyufen", (own) => holdBed(own, ask(departmentId, patientId)));
    await work("caiyufen", (own) => releaseHold(own, { holdId: hold.id, reason: "不来了" }));
    const owner = (statement: string) =>
      test.services.db.withActor(systemActor("test"), (tx) => tx.execute(sql.raw(statement)));
    await expect(
      owner(`update bed_hold set end_reason = 'other' where id = '${hold.id}'`),
    ).rejects.toMatchObject({ cause: { code: "42501" } });
    await shut(unitId);
  });
});

describe("holds", () => {
  it("give the last bed to exactly one of 200, and tell all others who holds it and where else", async () => {
    const answers = await benchLastBed(test.services);
    expect(answers.slice(0, 2).map(({ name, value, met }) => [name, value, met])).toEqual([
      ["200 concurrent accepts for the last bed: holders", 1, true],
      ["answers naming the holder and alternatives", 199, true],
    ]);
  }, 30_000);

  it("hold one bed for a reference however often it asks, and one for a person", async () => {
    const { departmentId, unitId } = await ward(3);
    const patientId = await somebody("pengpu");
    const same = ask(departmentId, patientId);
    const holds = await Promise.all(
      Array.from({ length: 8 }, () => work("wangjianguo", (own) => holdBed(own, same))),
    );
    expect(new Set(holds.map((one) => one.id)).size).toBe(1);
    const [hold] = holds;
    expect(hold!.until.getTime() - hold!.since.getTime()).toBe(24 * 3_600_000);
    // Another reference for the same person; the same reference elsewhere; somebody else's reference.
    const again = await refusal(
      work("wangjianguo", (own) => holdBed(own, ask(departmentId, patientId))),
    );
    expect(again).toMatchObject({
      code: "capacity.patient-held",
      params: { holder: { zh: "徐汇区中心医院" } },
    });
    const nephrology = await departmentOf("xuhui-central", "nephrology");
    expect(
      (
        await refusal(
          work("wangjianguo", (own) => holdBed(own, { ...same, departmentId: nephrology })),
        )
      )?.code,
    ).toBe("capacity.held-elsewhere");
    const stranger = await somebody("pengpu");
    expect(
      (await refusal(work("wangjianguo", (own) => holdBed(own, { ...same, patientId: stranger }))))
        ?.code,
    ).toBe("permission.denied");
    // Whom a doctor does not know he holds no bed for, nor in a house without a common alliance.
    const unknown = await somebody("sakya-chc");
    expect(
      (await refusal(work("wangjianguo", (own) => holdBed(own, ask(departmentId, unknown)))))?.code,
    ).toBe("permission.denied");
    // Both sides read it; a third does not.
    const seen = (login: string) => work(login, ({ tx }) => findHold(tx, same.referenceId));
    expect((await seen("wangjianguo"))?.id).toBe(hold!.id);
    expect((await seen("caiyufen"))?.id).toBe(hold!.id);
    expect(await seen("hemin")).toBeNull();
    expect(
      (await refusal(work("hemin", (own) => releaseHold(own, { holdId: hold!.id, reason: "x" }))))
        ?.code,
    ).toBe("permission.denied");
    await work("wangjianguo", (own) => releaseHold(own, { holdId: hold!.id, reason: "改去别院" }));
    // Given back twice it ended once.
    const ended = await work("wangjianguo", (own) =>
      releaseHold(own, { holdId: hold!.id, reason: "又点了一次" }),
    );
    expect([ended.outcome, ended.endReason]).toEqual(["released", "改去别院"]);
    await shut(unitId);
  });

  it("go by purpose: an infectious one to isolation, an ordinary one never there", async () => {
    const fever = await departmentOf("zhabei-central", "fever");
    const patientId = await somebody("pengpu");
    const at = { institutionId: house("zhabei-central") };
    const ordinary = await refusal(
      work("wangjianguo", (own) => holdBed(own, ask(fever, patientId, at))),
    );
    expect(ordinary?.code).toBe("capacity.no-unit");
    expect(ordinary!.params.alternatives).toEqual(
      expect.arrayContaining([expect.objectContaining({ kind: "ordinary" })]),
    );
    const hold = await work("wangjianguo", (own) =>
      holdBed(own, ask(fever, patientId, { ...at, purpose: "infectious" })),
    );
    expect(hold.purpose).toBe("infectious");
    const elsewhere = await departmentOf("zhabei-central", "medicine");
    const other = await somebody("pengpu");
    const refused = await refusal(
      work("wangjianguo", (own) =>
        holdBed(own, ask(elsewhere, other, { ...at, purpose: "infectious" })),
      ),
    );
    expect(refused!.params.alternatives).toMatchObject([
      { departmentId: fever, kind: "isolation", free: 4 },
    ]);
    await work("wangjianguo", (own) => releaseHold(own, { holdId: hold.id, reason: "x" }));
  });

  it("are over at their time, at once for the next, and told of once", async () => {
    const { departmentId, unitId } = await ward(1);
    const [first, second] = [await somebody("pengpu"), await somebody("xuhui-central")];
    const hold = await work("wangjianguo", (own) =>
      holdBed(own, ask(departmentId, first, { hours: 2 })),
    );
    const full = await refusal(work("caiyufen", (own) => holdBed(own, ask(departmentId, second))));
    expect(full?.code).toBe("capacity.full");
    expect(full?.params).toMatchObject({
      holder: { zh: "彭浦新村社区卫生服务中心" },
      until: hold.until.toISOString(),
      untilWords: { zh: "2026-11-23 12:00" },
    });
    expect(JSON.stringify(full?.params)).not.toContain(first);
    expect((full!.params.alternatives as { free: number }[])[0]!.free).toBeGreaterThan(0);
    // Not a minute before.
    await runTask("capacity:hold-ends", { holdId: hold.id });
    expect(
      (await work("caiyufen", ({ tx }) => findHold(tx, hold.referenceId)))?.outcome,
    ).toBeNull();
    later(2);
    const next = await work("caiyufen", (own) => holdBed(own, ask(departmentId, second)));
    expect(next.bedId).toBe(hold.bedId);
    const ended: BedHold[] = [];
    await runTask("capacity:hold-ends", { holdId: hold.id }, ended);
    await runTask("capacity:hold-ends", { holdId: hold.id }, ended);
    await runTask("capacity:sweep", {}, ended);
    expect(ended.filter((one) => one.id === hold.id).map((one) => one.outcome)).toEqual(["lapsed"]);
    const { body } = await community.get("/api/notices");
    expect(JSON.stringify(body)).toContain("bed-hold-lapsed");
    expect(
      (
        await refusal(
          work("wangjianguo", (own) =>
            extendHold(own, {
              holdId: hold.id,
              until: new Date(test.clock.now.getTime() + 3_600_000),
              reason: "出发了",
            }),
          ),
        )
      )?.code,
    ).toBe("capacity.hold-ended");
    await work("caiyufen", (own) => releaseHold(own, { holdId: next.id, reason: "测试" }));
    await shut(unitId);
  });

  it("are made longer when the patient has set off, within the longest, and taken by admission", async () => {
    const { departmentId, unitId } = await ward(2);
    const patientId = await somebody("pengpu");
    const hold = await work("wangjianguo", (own) => holdBed(own, ask(departmentId, patientId)));
    const until = (hours: number) => new Date(monday.getTime() + hours * 3_600_000);
    const extended = (hours: number, reason = "患者已出发") =>
      work("wangjianguo", (own) =>
        extendHold(own, { holdId: hold.id, until: until(hours), reason }),
      );
    expect((await refusal(extended(20)))?.code).toBe("capacity.hold-order");
    expect(await refusal(extended(73))).toMatchObject({
      code: "capacity.hold-too-long",
      params: { latest: until(72).toISOString() },
    });
    const longer = await extended(40);
    expect((await extended(40)).version).toBe(longer.version);
    later(30);
    nurse = await test.as("caiyufen");
    const beds = await bedsOf(unitId);
    expect(beds.map((one) => one.state)).toEqual(["held", "free"]);
    // Nobody else is put into it; the one it is held for is, once.
    const walkIn = await somebody("xuhui-central");
    const admit = (bed: number, body: object) =>
      nurse.post(`/api/capacity/beds/${beds[bed]!.id}/admissions`, { patientId: walkIn, ...body });
    expect((await admit(0, {})).body.code).toBe("capacity.bed-not-free");
    const stays = await Promise.all(
      [1, 2, 3].map(() =>
        work("caiyufen", (own) =>
          admitHold(own, { holdId: hold.id, expectedDischargeOn: "2026-12-01" }),
        ),
      ),
    );
    expect(new Set(stays.map((one) => one.id)).size).toBe(1);
    expect(stays[0]).toMatchObject({ source: "referral", bedId: beds[0]!.id });
    expect(
      (
        await nurse.post(`/api/capacity/stays/${stays[0]!.id}/discharge`, {
          at: until(1).toISOString(),
        })
      ).body.code,
    ).toBe("capacity.stay-time");
    expect((await nurse.put(`/api/capacity/units/${unitId}`, { active: false })).body.code).toBe(
      "capacity.bed-in-use",
    );
    expect((await nurse.post(`/api/capacity/stays/${stays[0]!.id}/discharge`)).status).toBe(200);
    expect((await nurse.post(`/api/capacity/stays/${stays[0]!.id}/discharge`)).status).toBe(200);
    expect((await bedsOf(unitId))[0]!.state).toBe("cleaning");
    expect(
      await refusal(work("caiyufen", (own) => admitHold(own, { holdId: hold.id }))),
    ).toBeNull();
    await nurse.post(`/api/capacity/beds/${beds[0]!.id}/actions`, { action: "cleaned" });
    expect((await bedsOf(unitId)).map((one) => one.state)).toEqual(["free", "free"]);
    await shut(unitId);
  });

  it("keep a share for referrals: the ward takes it with a reason only, a person once", async () => {
    const { departmentId, unitId } = await ward(4);
    const beds = await bedsOf(unitId);
    const ids = await Promise.all([1, 2, 3, 4].map(() => somebody("xuhui-central", "pengpu")));
    const admit = (bed: number, who: number, body: object = {}) =>
      nurse.post(`/api/capacity/beds/${beds[bed]!.id}/admissions`, {
        patientId: ids[who],
        ...body,
      });
    for (const index of [0, 1, 2]) expect((await admit(index, index)).status).toBe(200);
    // 30 % of four is one, and it is the last one.
    expect((await admit(3, 3)).body.code).toBe("capacity.priority-kept");
    expect(
      (
        await nurse.post("/api/capacity/holds", {
          departmentId,
          patientId: ids[3],
          referenceId: randomUUID(),
        })
      ).body.code,
    ).toBe("capacity.priority-kept");
    expect((await admit(3, 0)).body.code).toBe("capacity.patient-in-bed");
    const hold = await work("wangjianguo", (own) => holdBed(own, ask(departmentId, ids[3]!)));
    expect((await admit(3, 3, { overQuotaReason: "抢救" })).body.code).toBe(
      "capacity.bed-not-free",
    );
    await work("wangjianguo", (own) => releaseHold(own, { holdId: hold.id, reason: "x" }));
    expect((await admit(3, 3, { overQuotaReason: "抢救" })).status).toBe(200);
    expect(
      (
        await nurse.post(`/api/capacity/beds/${beds[3]!.id}/actions`, {
          action: "out-of-use",
          reason: "坏了",
        })
      ).body.code,
    ).toBe("capacity.bed-in-use");
    // Full of patients: the house itself holds them.
    expect(
      (await refusal(work("wangjianguo", (own) => holdBed(own, ask(departmentId, ids[3]!)))))
        ?.params,
    ).toMatchObject({ holder: { zh: "徐汇区中心医院" }, until: null });
    await asSystem(
      sql`select app.leave_bed(id, ${monday.toISOString()}) from bed_stay where unit_id = ${unitId}`,
    );
    await shut(unitId);
  });

  it("agree with a pure model over a random walk", async () => {
    const { departmentId, unitId } = await ward(2);
    const patients = await Promise.all([1, 2, 3, 4].map(() => somebody("pengpu")));
    const references = [1, 2, 3, 4].map(() => randomUUID());
    const model: BedModel = { beds: ["a", "b"], holds: [] };
    let seed = 20_261_123;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((seed / 2_147_483_648) * below);
    };
    const walk: [string, string][] = [];
    for (let step = 0; step < 40; step += 1) {
      later(random(3));
      const who = random(4);
      const hours = 1 + random(4);
      const now = test.clock.now.getTime();
      if (random(5) === 0) {
        const held = model.holds.find(
          (one) => one.referenceId === references[who] && one.until > now,
        );
        if (!held) continue;
        const hold = await work("wangjianguo", ({ tx }) => findHold(tx, references[who]!));
        await work("wangjianguo", (own) => releaseHold(own, { holdId: hold!.id, reason: "走" }));
        model.holds = model.holds.filter((one) => one !== held);
        continue;
      }
      const patient = random(6) === 0 ? (who + 1) % 4 : who;
      const asked = { referenceId: references[who]!, patientId: patients[patient]! };
      const before = model.holds.find(
        (one) => one.referenceId === asked.referenceId && one.until > now,
      );
      const expected = modelHold(model, { ...asked, now, hours });
      const answer = await refusal(
        work("wangjianguo", (own) =>
          holdBed(own, ask(departmentId, asked.patientId, { ...asked, hours })),
        ),
      );
      walk.push([
        expected === "again" && before?.patientId !== asked.patientId
          ? "permission.denied"
          : {
              held: "ok",
              again: "ok",
              full: "capacity.full",
              "patient-held": "capacity.patient-held",
            }[expected],
        answer?.code ?? "ok",
      ]);
    }
    expect(walk.map(([, found]) => found)).toEqual(walk.map(([wanted]) => wanted));
    expect(new Set(walk.map(([wanted]) => wanted)).size).toBeGreaterThanOrEqual(3);
    later(100);
    await runTask("capacity:sweep", {});
    nurse = await test.as("caiyufen");
    await shut(unitId);
  });
});

describe("the record store of the house", () => {
  it("is told of a ward and of what each bed is fit for, when that changes, and never of who lies there", async () => {
    const { unitId } = await ward(3);
    const beds = await bedsOf(unitId);
    const patientId = await somebody("xuhui-central");
    const noted = async () =>
      (
        await asSystem<{ n: number }>(
          sql`select count(*)::int as n from record_change where kind = 'bed-unit' and entity_id = ${unitId}`,
        )
      )[0]!.n;
    const before = await noted();
    expect(before).toBeGreaterThan(0);
    await nurse.post(`/api/capacity/units/${unitId}/confirmed`);
    expect(await noted()).toBe(before);
    await nurse.post(`/api/capacity/beds/${beds[0]!.id}/admissions`, { patientId });
    await nurse.post(`/api/capacity/beds/${beds[1]!.id}/actions`, {
      action: "out-of-use",
      reason: "床栏坏",
    });
    expect(await noted()).toBeGreaterThan(before);
    const told = await test.services.db.withActor(systemActor("test"), (tx) =>
      capacityPart.project(
        {
          services: test.services,
          tx,
          institutionId: house("xuhui-central"),
          now: test.clock.now,
        },
        [unitId],
        () => {},
      ),
    );
    expect(told[0]).toMatchObject({
      type: "Location",
      id: unitId,
      resource: { status: "active", physicalType: { coding: [{ code: "wa" }] } },
    });
    expect(beds.map(({ id }) => told.find((one) => one.id === id)?.resource)).toMatchObject(
      ["O", "C", "U"].map((code) => ({
        operationalStatus: { code },
        partOf: { reference: `Location/${unitId}` },
      })),
    );
    expect(JSON.stringify(told)).not.toContain(patientId);
    await asSystem(
      sql`select app.leave_bed(id, ${test.clock.now.toISOString()}) from bed_stay where unit_id = ${unitId}`,
    );
    await shut(unitId);
  });
});

describe("staff away", () => {
  it("lower what is shown as free until somebody covers, once for a time, of the own house only", async () => {
    const haematology = await departmentOf("xuhui-central", "haematology");
    const shown = async () => {
      const { body } = await community.get("/api/capacity/alliance");
      return body.institutions
        .find((one: { id: string }) => one.id === house("xuhui-central"))
        .departments.find((one: { departmentId: string }) => one.departmentId === haematology);
    };
    const before = await shown();
    expect(before.staffedFree).toBe(before.free);
    const body = {
      departmentId: haematology,
      personId: test.ids.people.get("zhouminhua"),
      kind: "sick",
      fromDay: "2026-11-23",
      toDay: "2026-11-24",
    };
    const { body: list } = await nurse.post("/api/capacity/absences", body);
    const { id } = list.absences.find((one: { person: string }) => one.person === "周敏华");
    expect(await shown()).toMatchObject({
      absent: 1,
      uncovered: 1,
      staffedFree: Math.max(0, before.free - 4),
    });
    expect(
      (await nurse.post("/api/capacity/absences", { ...body, toDay: "2026-11-30" })).body.code,
    ).toBe("capacity.absence-overlap");
    expect(
      (
        await nurse.post("/api/capacity/absences", {
          ...body,
          personId: test.ids.people.get("wangjianguo"),
        })
      ).body.code,
    ).toBe("capacity.absence-person");
    expect(
      (
        await nurse.put(`/api/capacity/absences/${id}/cover`, {
          coveredBy: test.ids.people.get("zhouminhua"),
        })
      ).body.code,
    ).toBe("capacity.absence-person");
    await nurse.put(`/api/capacity/absences/${id}/cover`, {
      coveredBy: test.ids.people.get("wuqihang"),
    });
    expect(await shown()).toMatchObject({ absent: 1, uncovered: 0, staffedFree: before.free });
    // Whoever refers there, and the desk, read days and who stands in; no reason, and nobody else does.
    const path = `/api/capacity/away?departments=${haematology}`;
    const family = await test.as("13800138003");
    expect((await family.get(path)).status).toBe(403);
    expect((await community.get("/api/capacity/away?departments=all")).status).toBe(400);
    for (const who of ["lijia", "danzeng"])
      expect((await (await test.as(who)).get(path)).body.absences).toEqual([
        expect.objectContaining({
          person: "周敏华",
          fromDay: "2026-11-23",
          toDay: "2026-11-24",
          coveredBy: "吴启航",
        }),
      ]);
    expect(JSON.stringify((await (await test.as("danzeng")).get(path)).body)).not.toContain("sick");
    expect(
      (await (await test.as("hemin")).post(`/api/capacity/absences/${id}/cancel`)).body.code,
    ).toBe("request.not-found");
    await nurse.post(`/api/capacity/absences/${id}/cancel`);
    expect(await shown()).toMatchObject({ absent: 0 });
  });
});

describe("the switch between peace and emergency", () => {
  it("needs two persons, empties the unit line by line, refuses the ordinary, and goes back after disinfection alone", async () => {
    const { departmentId, unitId } = await ward(2);
    const goal = await ward(1, { department: "nephrology" });
    const beds = await bedsOf(unitId);
    const [inBed, awaited] = [await somebody("xuhui-central"), await somebody("pengpu")];
    await nurse.post(`/api/capacity/beds/${beds[0]!.id}/admissions`, {
      patientId: inBed,
      overQuotaReason: "收治",
    });
    const hold = await work("wangjianguo", (own) => holdBed(own, ask(departmentId, awaited)));
    const { body: preview } = await leader.get(`/api/capacity/units/${unitId}/switch-preview`);
    expect(preview).toMatchObject({
      beds: 2,
      patients: [{ bed: "1", suggestion: { destination: "unit" } }],
      holds: [{ id: hold.id, bed: "2" }],
    });
    const order = {
      unitId,
      orderNumber: "徐卫应急〔2026〕7号",
      reason: "呼吸道疫情",
      plannedAt: "2026-11-23T04:00:00Z",
      transfers: [
        { stayId: preview.patients[0].stayId, destination: "unit", toUnitId: goal.unitId },
      ],
    };
    const { body: ordered } = await leader.post("/api/capacity/switches", order);
    const of = (body: { switches: { unitId: string }[] }) =>
      body.switches.find((one) => one.unitId === unitId) as unknown as {
        id: string;
        version: number;
        state: string;
        own: boolean;
        transfers: { id: string; toUnitId: string; resolvedAt: string | null }[];
      };
    let row = of(ordered);
    expect(row).toMatchObject({
      state: "ordered",
      own: true,
      transfers: [{ toUnitId: goal.unitId, resolvedAt: null }],
    });
    expect(
      (
        await leader.post("/api/capacity/switches", {
          ...order,
          unitId: goal.unitId,
          transfers: [],
        })
      ).body.code,
    ).toBe("capacity.order-number");
    expect(
      (await leader.post("/api/capacity/switches", { ...order, orderNumber: "8" })).body.code,
    ).toBe("capacity.switch-open");
    const step = (who: Client, name: string, more: object = {}) =>
      who.post(`/api/capacity/switches/${row.id}/steps`, {
        step: name,
        version: row.version,
        ...more,
      });
    expect((await step(leader, "confirm")).body.code).toBe("capacity.two-persons");
    // Nor past the service.
    expect(
      await outcome(
        staff("zhenglan"),
        sql`update mode_switch set state = 'confirmed', version = version + 1, confirmed_by = app.person(), confirmed_at = ${monday.toISOString()} where id = ${row.id}`,
      ),
    ).toBe("capacity.two-persons");
    expect(
      await outcome(
        staff("zhenglan"),
        sql`update mode_switch set state = 'confirmed', version = version + 1, confirmed_by = ${staff("xuwenjuan").personId}, confirmed_at = ${monday.toISOString()} where id = ${row.id}`,
      ),
    ).toBe("permission.denied");
    row = of((await step(other, "confirm")).body);
    expect(row.state).toBe("confirmed");
    expect((await step(other, "execute")).body.code).toBe("capacity.switch-early");
    await runTask("capacity:switch", { switchId: row.id });
    expect(of((await leader.get("/api/capacity/switches")).body).state).toBe("confirmed");
    // A list that is cut begins with what still runs and says how many there are.
    const { body: cut } = await leader.get("/api/capacity/switches?take=1");
    expect(cut.switches).toHaveLength(1);
    expect(of(cut).state).toBe("confirmed");
    expect(cut.total).toBe((await leader.get("/api/capacity/switches")).body.switches.length);
    expect((await leader.get("/api/capacity/switches?take=0")).status).toBe(400);
    later(3);
    const ended: BedHold[] = [];
    await runTask("capacity:sweep", {}, ended);
    await runTask("capacity:sweep", {}, ended);
    row = of((await leader.get("/api/capacity/switches")).body);
    expect(row.state).toBe("clearing");
    // The ordinary hold was given back, and its holder heard of it; no new one is taken, nobody is admitted.
    expect(ended.filter((one) => one.id === hold.id)).toMatchObject([
      { outcome: "released", endReason: "mode-switch" },
    ]);
    const refused = await refusal(
      work("wangjianguo", (own) => holdBed(own, ask(departmentId, awaited))),
    );
    expect(refused?.code).toBe("capacity.emergency-mode");
    expect(
      (await nurse.post(`/api/capacity/beds/${beds[1]!.id}/admissions`, { patientId: awaited }))
        .body.code,
    ).toBe("permission.denied");
    // Somebody is still in it.
    expect(
      await outcome(
        staff("zhenglan"),
        sql`update mode_switch set state = 'emergency', version = version + 1, emergency_at = ${test.clock.now.toISOString()} where id = ${row.id}`,
      ),
    ).toBe("capacity.switch-patients");
    const resolve = (body: object) =>
      nurse.post(`/api/capacity/transfers/${row.transfers[0]!.id}/resolve`, body);
    expect((await resolve({ destination: "unit", toUnitId: unitId })).body.code).toBe(
      "capacity.unit-full",
    );
    row = of((await resolve({ destination: "unit", toUnitId: goal.unitId })).body);
    expect(row).toMatchObject({
      state: "emergency",
      transfers: [{ resolvedAt: test.clock.now.toISOString() }],
    });
    expect((await resolve({ destination: "home" })).status).toBe(200);
    expect((await bedsOf(goal.unitId))[0]!.state).toBe("occupied");
    // The emergency's own patients have beds.
    await nurse.post(`/api/capacity/beds/${beds[0]!.id}/actions`, { action: "cleaned" });
    expect(
      (await refusal(work("wangjianguo", (own) => holdBed(own, ask(departmentId, awaited)))))?.code,
    ).toBe("capacity.emergency-mode");
    const infectious = await work("wangjianguo", (own) =>
      holdBed(own, ask(departmentId, awaited, { purpose: "infectious" })),
    );
    const stay = await work("caiyufen", (own) => admitHold(own, { holdId: infectious.id }));
    expect((await step(leader, "end")).body.code).toBe("capacity.switch-patients");
    await nurse.post(`/api/capacity/stays/${stay.id}/discharge`);
    row = of((await step(leader, "end")).body);
    expect(row.state).toBe("disinfecting");
    expect(
      (
        await refusal(
          work("wangjianguo", (own) =>
            holdBed(own, ask(departmentId, awaited, { purpose: "infectious" })),
          ),
        )
      )?.code,
    ).toBe("capacity.emergency-mode");
    const sign = (bed: number) =>
      nurse.post(`/api/capacity/switches/${row.id}/disinfections`, {
        bedId: beds[bed]!.id,
        method: "含氯 1000 mg/L 擦拭 30 分钟",
      });
    expect(
      (await nurse.post(`/api/capacity/beds/${stay.bedId}/actions`, { action: "cleaned" })).body
        .code,
    ).toBe("capacity.disinfect-first");
    await sign(0);
    expect((await step(leader, "return")).body.code).toBe("capacity.disinfect-first");
    await sign(1);
    expect((await sign(1)).status).toBe(200);
    row = of((await step(leader, "return")).body);
    expect(row.state).toBe("ended");
    expect((await bedsOf(unitId)).map((one) => one.state)).toEqual(["free", "free"]);
    expect((await step(other, "confirm")).body.code).toBe("capacity.switch-step");
    await asSystem(
      sql`select app.leave_bed(id, ${test.clock.now.toISOString()}) from bed_stay where unit_id = ${goal.unitId} and until is null`,
    );
    await shut(goal.unitId);
    await shut(unitId);
  });

  it("has the steps of the domain and the numbers of the domain", async () => {
    const rows = await asSystem<{ from_state: string; to_state: string }>(
      sql`select from_state::text, to_state::text from mode_switch_transition`,
    );
    expect(rows.map((row) => `${row.from_state} ${row.to_state}`).sort()).toEqual(
      Object.entries(modeSwitchTransitions)
        .flatMap(([from, to]) => to.map((one) => `${from} ${one}`))
        .sort(),
    );
    const [row] = await asSystem(
      sql`select (app.capacity_policy_of(${house("xuhui-central")}, ${monday.toISOString()}::timestamptz)).*`,
    );
    expect(row).toMatchObject({
      hold_hours: defaultCapacityPolicy.holdHours,
      max_hold_hours: defaultCapacityPolicy.maxHoldHours,
      priority_percent: defaultCapacityPolicy.priorityPercent,
      beds_per_absence: defaultCapacityPolicy.bedsPerAbsence,
      average_stay_days: defaultCapacityPolicy.averageStayDays,
      stale_hours: defaultCapacityPolicy.staleHours,
    });
  });

  it("follows the numbers that the house has set, from their day on", async () => {
    const numbers = {
      holdHours: 6,
      maxHoldHours: 48,
      priorityPercent: 50,
      bedsPerAbsence: 2,
      averageStayDays: 7,
      staleHours: 24,
      emergencyPurposes: ["infectious"],
      source: "院办 2026-12",
    };
    expect(
      (await leader.post("/api/capacity/policies", { ...numbers, validFrom: "2026-11-22" })).body
        .code,
    ).toBe("capacity.policy-dated");
    expect(
      (await leader.post("/api/capacity/policies", { ...numbers, validFrom: "2027-01-01" })).status,
    ).toBe(200);
    expect(
      (await leader.post("/api/capacity/policies", { ...numbers, validFrom: "2027-01-01" })).body
        .code,
    ).toBe("capacity.policy-dated");
    expect(
      (await nurse.post("/api/capacity/policies", { ...numbers, validFrom: "2027-02-01" })).body
        .code,
    ).toBe("permission.denied");
    test.clock.now = new Date("2027-01-04T02:00:00Z");
    nurse = await test.as("caiyufen");
    const { departmentId, unitId } = await ward(1);
    const hold = await work("wangjianguo", async (own) =>
      holdBed(own, ask(departmentId, await somebody("pengpu"))),
    );
    expect(hold.until.toISOString()).toBe("2027-01-04T08:00:00.000Z");
    await work("caiyufen", (own) => releaseHold(own, { holdId: hold.id, reason: "x" }));
    await shut(unitId);
  });
});
