import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Tx } from "../../server/db/client.ts";
import { asDemo, demoActor } from "../../server/demo/load.ts";
import { systemActor } from "../../server/identity/service.ts";
import { findingSteps, needsSecond } from "../../server/lab/domain.ts";
import { countTubes, followRelease, tellRecalls, tellResults } from "../../server/lab/service.ts";
import { labResultKinds } from "../../server/sampling/domain.ts";
import { makeTubeCode } from "../../server/sampling/service.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";
import { createSampling } from "../support/lab.ts";

let test: TestApp;
let sampling: Awaited<ReturnType<typeof createSampling>>;
let qian: Client;
let li: Client;
/** Of another laboratory. */
let kang: Client;
/** Leads the site where the tubes come from. */
let yan: Client;
let admin: postgres.Sql;

beforeAll(async () => {
  test = await buildTestApp();
  admin = postgres(test.database.admin, { max: 2, onnotice: () => {} });
  sampling = await createSampling(test);
  [qian, li, kang, yan] = await Promise.all([
    test.as("qianwei"),
    test.as("liqing"),
    test.as("kangning"),
    test.as("yanping"),
  ]);
});
afterAll(async () => {
  await admin.end();
  await test.close();
});

const system = <T>(work: (tx: Tx) => Promise<T>) =>
  test.services.db.withActor(systemActor("test"), work);
const later = (minutes: number) => {
  test.clock.now = new Date(test.clock.now.getTime() + minutes * 60_000);
};
const receive = (who: Client, code: string, more: Record<string, unknown> = {}) =>
  who.post("/api/lab/tubes/receive", { runId: null, code, ...more });
const stateOf = async (code: string) =>
  (
    await system((tx) =>
      tx.execute<{ state: string }>(sql`select state from tube where code = ${code}`),
    )
  )[0]!.state;
const recallsOf = (code: string) =>
  system((tx) =>
    tx.execute<{ id: string; cause: string; state: string; patient_id: string }>(
      sql`select c.id, c.cause, c.state, c.patient_id from recall c join tube t on t.id = c.tube_id where t.code = ${code} order by c.id`,
    ),
  );
const resultsOf = (code: string) =>
  system((tx) =>
    tx.execute<{ id: string; result: string; released: boolean; withdrawn: boolean }>(
      sql`select p.id, p.result, p.released_at is not null as released, p.withdrawn_at is not null as withdrawn
        from person_result p join tube t on t.id = p.tube_id where t.code = ${code} order by p.id`,
    ),
  );
const smsOf = async (kind: string) =>
  system((tx) =>
    tx.execute<{ text: string; phone: string }>(
      sql`select text_cipher as text, phone_cipher as phone from sms_message where kind = ${kind}`,
    ),
  );
async function people(...names: string[]) {
  const made = [];
  for (const name of names) made.push(await sampling.person(name));
  return made;
}
/** Tubes that are received, of two people each (or of one). */
async function received(count: number, alone = false): Promise<string[]> {
  const tubes: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const inside = await people(...(alone ? [`单${n}`] : [`甲${n}`, `乙${n}`]));
    tubes.push(await sampling.tube(inside, alone ? 1 : 10));
  }
  await sampling.box(tubes);
  for (const tube of tubes) expect((await receive(qian, tube)).body.outcome).toBe("received");
  return tubes;
}
async function plateWith(tubes: readonly string[], code = `P-${tubes[0]}`) {
  const made = await qian.post("/api/lab/plates", { code });
  expect(made.status, JSON.stringify(made.body)).toBe(200);
  let plate = made.body;
  for (const tube of tubes) {
    const answer = await qian.post(`/api/lab/plates/${plate.id}/tubes`, { code: tube });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    plate = answer.body;
  }
  return plate;
}
const read = (
  who: Client,
  plate: { id: string; findings: { id: string; version: number; tube: string }[] },
  results: Record<string, string>,
  more: Record<string, unknown> = {},
) =>
  who.post(`/api/lab/plates/${plate.id}/readings`, {
    readings: Object.entries(results).map(([tube, result]) => {
      const found = plate.findings.find((one) => one.tube === tube)!;
      return {
        findingId: found.id,
        version: found.version,
        result,
        ...(result === "rejected" ? { reason: "样本量不足" } : {}),
      };
    }),
    ...more,
  });
const release = (who: Client, id: string) => who.post(`/api/lab/plates/${id}/release`, {});
/** Reads, looks twice and releases. */
async function report(tube: string, result: string) {
  const plate = await plateWith([tube]);
  const entered = (await read(qian, plate, { [tube]: result })).body;
  const [finding] = entered.findings;
  if (finding.needsSecond)
    expect(
      (await li.post(`/api/lab/findings/${finding.id}/confirm`, { version: finding.version }))
        .status,
    ).toBe(200);
  const answer = await release(qian, plate.id);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return { plateId: plate.id as string, ...answer.body };
}
const csv = (text: string | Buffer, fileName = "results.csv") => ({
  fileName,
  content: Buffer.from(text).toString("base64"),
});

describe("who may do what", () => {
  it("is refused to everybody who does not work in a laboratory, or not in this part of it", async () => {
    const id = "00000000-0000-4000-8000-000000000000";
    for (const who of ["deji", "maqiang", "taoxiaohui", "yanping", "13800138004"]) {
      const client = await test.as(who);
      for (const url of [
        "/api/lab/reception",
        "/api/lab/results",
        `/api/lab/plates/${id}`,
        "/api/lab/tubes?code=X1",
      ])
        expect((await client.get(url)).status, `${who} ${url}`).toBe(403);
      for (const [url, body] of [
        ["/api/lab/tubes/receive", { runId: null, code: "X" }],
        ["/api/lab/tubes/lost", { code: "X", note: "x" }],
        [`/api/lab/runs/${id}/sign`, { count: 1 }],
        [`/api/lab/runs/${id}/close`, {}],
        ["/api/lab/plates", { code: "x" }],
        [`/api/lab/plates/${id}/release`, {}],
        ["/api/lab/imports", csv("tube,result\nx,y")],
        ["/api/lab/imports/preview", csv("tube,result\nx,y")],
        ["/api/lab/tubes/X/correct", { result: "negative", reason: "x" }],
      ] as const)
        expect((await client.post(url, body)).status, `${who} ${url}`).toBe(403);
    }
    for (const who of [qian, await test.as("maqiang"), await test.as("13800138004")]) {
      expect((await who.get("/api/recalls")).status).toBe(403);
      expect(
        (await who.post(`/api/recalls/${id}/calls`, { version: 1, outcome: "reached" })).status,
      ).toBe(403);
      expect(
        (
          await who.post("/api/recalls/exposure", {
            siteId: null,
            from: "2026-11-22T00:00:00Z",
            to: "2026-11-23T00:00:00Z",
            note: "x",
          })
        ).status,
      ).toBe(403);
    }
    expect((await test.anonymous.get("/api/lab/reception")).status).toBe(401);
  });

  it("shows a laboratory its own tubes and no other's", async () => {
    const tube = await sampling.tube(await people("外送"));
    const run = await sampling.box([tube]);
    expect((await kang.get("/api/lab/reception")).body.runs).toEqual([]);
    const refused = await receive(kang, tube);
    expect([refused.status, refused.body.code]).toEqual([409, "lab.tube-foreign"]);
    expect((await kang.post(`/api/lab/runs/${run}/sign`, { count: 1 })).status).toBe(404);
    expect((await kang.post(`/api/lab/runs/${run}/close`, {})).status).toBe(404);
    expect((await kang.get(`/api/lab/tubes?code=${tube}`)).body.code).toBe("lab.tube-foreign");
    expect((await receive(qian, tube)).body.outcome).toBe("received");
    const plate = await plateWith([tube]);
    expect((await kang.get(`/api/lab/plates/${plate.id}`)).status).toBe(404);
    expect((await release(kang, plate.id)).status).toBe(404);
    expect((await read(kang, plate, { [tube]: "negative" })).status).toBe(404);
    expect((await kang.get(`/api/lab/plates/${plate.id}/results.csv`)).status).toBe(404);
    await read(qian, plate, { [tube]: "negative" });
    await release(qian, plate.id);
  });

  it("shows codes: whose a pooled tube is, and every telephone, stays unknown there", async () => {
    const [pool] = await received(1);
    const [single] = await received(1, true);
    await asDemo(test.services, demoActor(test.ids, "qianwei"), async ({ tx }) => {
      const members = (code: string) =>
        tx.execute(
          sql`select 1 from tube_member m join tube t on t.id = m.tube_id where t.code = ${code}`,
        );
      expect(await members(pool!)).toHaveLength(0);
      expect(await members(single!)).toHaveLength(1);
      expect(
        await tx.execute(sql`select 1 from patient where full_name in ('甲0', '乙0')`),
      ).toHaveLength(0);
      expect(await tx.execute(sql`select 1 from patient where full_name = '单0'`)).toHaveLength(1);
      expect(
        await tx.execute(
          sql`select 1 from patient_contact k join patient p on p.id = k.patient_id where p.full_name = '单0'`,
        ),
      ).toHaveLength(0);
      expect(await tx.execute(sql`select 1 from recall`)).toHaveLength(0);
    });
    expect((await qian.get(`/api/lab/tubes?code=${pool}`)).body.person).toBeNull();
    expect((await qian.get(`/api/lab/tubes?code=${single}`)).body.person).toEqual({
      name: "单0",
      ageYears: 46,
    });
    await report(pool!, "negative");
    await report(single!, "negative");
  });

  it("lets nobody past the second person, whatever he sends to the database", async () => {
    const [tube] = await received(1);
    const plate = await plateWith([tube!]);
    await read(qian, plate, { [tube!]: "positive" });
    const lab = demoActor(test.ids, "qianwei");
    const at = test.clock.now.toISOString();
    const attempts = [
      sql`insert into lab_result (tube_id, laboratory_id, result, method, tested_at, reported_by, reported_at, source)
        select id, laboratory_id, 'positive', 'x', ${at}, ${lab.personId}, ${at}, 'page' from tube where code = ${tube!}`,
      sql`update lab_finding set state = 'confirmed', second_by = ${lab.personId}, second_at = ${at}, version = version + 1 where plate_id = ${plate.id}`,
      sql`update lab_finding set state = 'confirmed', second_by = ${demoActor(test.ids, "liqing").personId}, second_at = ${at}, version = version + 1 where plate_id = ${plate.id}`,
      sql`update lab_finding set result = 'negative', version = version + 1 where plate_id = ${plate.id} and state = 'waiting'`,
      sql`update lab_plate set state = 'released', released_by = ${lab.personId}, released_at = ${at}, version = version + 1 where id = ${plate.id}`,
    ];
    for (const attempt of attempts)
      await asDemo(test.services, lab, async ({ tx }) => {
        const rows = await tx.execute(attempt);
        throw new Error(rows.count > 0 ? "could" : "nothing changed");
      }).catch((error: Error & { cause?: { code?: string } }) =>
        expect(error.cause?.code ?? error.message).toMatch(/42501|23514|YL001|nothing changed/),
      );
    expect(await recallsOf(tube!)).toEqual([]);
    await read(qian, (await qian.get(`/api/lab/plates/${plate.id}`)).body, { [tube!]: "negative" });
    await release(qian, plate.id);
  });
});

describe("the rules in the database", () => {
  it("are the domain's", async () => {
    const rows = await system((tx) =>
      tx.execute<{ row: string }>(
        sql`select from_state || '>' || to_state as row from lab_finding_transition`,
      ),
    );
    expect(rows.map((one) => one.row).sort()).toEqual(
      Object.entries(findingSteps)
        .flatMap(([from, to]) => to.map((one) => `${from}>${one}`))
        .sort(),
    );
    for (const kind of labResultKinds)
      for (const corrects of [true, false]) {
        const [row] = await system((tx) =>
          tx.execute<{ needs: boolean }>(
            sql`select app.needs_second(${kind}::lab_result_kind, ${corrects}) as needs`,
          ),
        );
        expect(row!.needs, kind).toBe(needsSecond(kind, corrects));
      }
  });
});

describe("reception", () => {
  it("signs for a box, takes each tube once, and says what is missing, extra, broken or late", async () => {
    const [good, broken, missing, extra] = [
      await sampling.tube(await people("好")),
      await sampling.tube(await people("破1", "破2")),
      await sampling.tube(await people("缺1", "缺2", "缺3")),
      await sampling.tube(await people("多")),
    ];
    const run = await sampling.box([good, broken, missing]);
    const other = await sampling.box([extra]);
    const seen = (await qian.get("/api/lab/reception")).body;
    expect(seen.runs.find((one: { id: string }) => one.id === run)).toMatchObject({
      state: "in-transit",
      courier: "马强",
      tubes: [{ count: 1 }, { count: 2 }, { count: 3 }],
    });
    expect((await qian.post(`/api/lab/runs/${run}/close`, {})).body.code).toBe("lab.sign-first");
    expect((await qian.post(`/api/lab/runs/${run}/sign`, { count: 3 })).body).toEqual({ ok: true });
    expect((await li.post(`/api/lab/runs/${run}/sign`, { count: 2 })).body).toEqual({ ok: true });
    expect((await receive(qian, good.toLowerCase(), { runId: run })).body).toMatchObject({
      outcome: "received",
      extra: false,
    });
    expect((await receive(li, good, { runId: run })).body.outcome).toBe("already");
    expect((await receive(qian, extra, { runId: run })).body).toMatchObject({
      outcome: "received",
      extra: true,
    });
    const refused = await receive(qian, broken, {
      runId: run,
      problem: "broken-seal",
      note: "管盖裂",
    });
    expect(refused.body).toMatchObject({ outcome: "rejected", recalled: 2 });
    expect((await recallsOf(broken)).map((one) => one.cause)).toEqual(["rejected", "rejected"]);
    expect(await stateOf(broken)).toBe("rejected");
    expect((await qian.post(`/api/lab/runs/${run}/close`, {})).body).toEqual({
      missing: [missing],
    });
    expect((await qian.post(`/api/lab/runs/${run}/close`, {})).body).toEqual({
      missing: [missing],
    });
    const { notes } = (await qian.get("/api/lab/reception")).body;
    const open = notes.filter(
      (one: { problem: string; settledAt: string | null }) =>
        one.problem === "missing" && !one.settledAt,
    );
    expect(open).toHaveLength(1);
    // Found after all, or given up: then everybody in it comes again.
    const given = await qian.post("/api/lab/tubes/lost", { code: missing, note: "箱内未见" });
    expect(given.body).toEqual({ recalled: 3 });
    expect(await stateOf(missing)).toBe("void");
    expect((await recallsOf(missing)).map((one) => one.cause)).toEqual(["void", "void", "void"]);
    expect((await receive(qian, missing)).body.code).toBe("lab.tube-void");
    expect((await qian.post("/api/lab/tubes/lost", { code: good, note: "x" })).body.code).toBe(
      "sampling.illegal-step",
    );
    await qian.post(`/api/lab/runs/${other}/sign`, { count: 0 });
    for (const tube of [good, extra]) await report(tube, "negative");
  });

  it("refuses codes that are none, unknown or not sealed, each in words", async () => {
    const open = await sampling.openTube();
    for (const [code, expected] of [
      ["hello", "lab.tube-format"],
      [makeTubeCode(10, 14_999), "lab.tube-unknown"],
      [open, "lab.tube-unsealed"],
    ] as const) {
      const answer = await receive(qian, code);
      expect(answer.body.code).toBe(expected);
      expect(answer.body.detail).toContain(code);
    }
    expect(
      (await receive(qian, open, { runId: "00000000-0000-4000-8000-000000000000" })).status,
    ).toBe(404);
    await sampling.voidTube(open);
  });

  it("rejects what was handed over more than two hours after the first swab, and nothing before", async () => {
    const [late, inTime] = [
      await sampling.tube(await people("晚1", "晚2")),
      await sampling.tube(await people("准时")),
    ];
    const [boxLate, boxInTime] = [await sampling.box([late]), await sampling.box([inTime])];
    later(119);
    expect((await receive(qian, inTime, { problem: "late" })).body.code).toBe("lab.not-late");
    await qian.post(`/api/lab/runs/${boxInTime}/sign`, { count: 1 });
    later(2);
    // Signed for in time: the laboratory's own minutes do not count.
    expect((await receive(qian, inTime, { runId: boxInTime })).body.outcome).toBe("received");
    await qian.post(`/api/lab/runs/${boxLate}/sign`, { count: 1 });
    expect((await receive(qian, late)).body).toMatchObject({ outcome: "late", recalled: 0 });
    expect(await stateOf(late)).toBe("in-transit");
    expect((await receive(qian, late, { problem: "late" })).body).toMatchObject({
      outcome: "rejected",
      recalled: 2,
    });
    expect((await recallsOf(late)).map((one) => one.state)).toEqual(["issued", "issued"]);
    await report(inTime, "negative");
  });

  it("is done by whoever may only receive, up to a rejection", async () => {
    const tube = await sampling.tube(await people("只收"));
    await sampling.box([tube]);
    const lab = demoActor(test.ids, "qianwei");
    const { receiveTube } = await import("../../server/lab/reception-service.ts");
    const permissions = new Set(["lab.receive"]);
    await admin`insert into role (code, name_zh, name_en, name_bo) values ('reception', '收样', 'Reception', '') on conflict do nothing`;
    await admin`insert into role_permission (role_code, permission) values ('reception', 'lab.receive') on conflict do nothing`;
    await admin`update role_assignment set role_code = 'reception' where person_id = ${lab.personId}`;
    try {
      const answer = await asDemo(test.services, { ...lab, permissions }, (work) =>
        receiveTube(work, { runId: null, code: tube, problem: "leaking", note: "" }),
      );
      expect(answer).toMatchObject({ outcome: "rejected", recalled: 1 });
    } finally {
      await admin`update role_assignment set role_code = 'laboratory' where person_id = ${lab.personId}`;
    }
  });
});
