import { inflateRawSync } from "node:zlib";
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
import { createSampling, newResidentId } from "../support/lab.ts";

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

  it("takes a late tube when somebody who reports answers for it with a remark, within the day's limit", async () => {
    const [kept, old, other] = [
      await sampling.tube(await people("迟1", "迟2")),
      await sampling.tube(await people("太迟")),
      await sampling.tube(await people("只收的")),
    ];
    for (const tube of [kept, old, other]) await sampling.box([tube]);
    later(125);
    expect((await receive(kang, kept, { acceptLate: true, note: "冷链交接" })).status).toBe(409);
    expect((await receive(yan, kept, { acceptLate: true, note: "冷链交接" })).status).toBe(403);
    expect((await receive(qian, kept)).body).toMatchObject({ outcome: "late", mayAccept: true });
    expect((await receive(qian, kept, { acceptLate: true, note: "  冷 " })).body.code).toBe(
      "lab.late-remark",
    );
    expect(await stateOf(kept)).toBe("in-transit");
    const taken = await receive(qian, kept, { acceptLate: true, note: "全程 4 ℃ 冷链，路上堵车" });
    expect(taken.body).toMatchObject({ outcome: "received", recalled: 0 });
    expect(await recallsOf(kept)).toEqual([]);
    const note = (await qian.get("/api/lab/reception")).body.notes.find(
      (one: { code: string }) => one.code === kept,
    );
    expect(note).toMatchObject({ problem: "late", accepted: true, by: "钱伟" });
    expect(note.note).toContain("冷链");
    await report(kept, "negative");
    // Whoever may only receive answers for nothing.
    const lab = demoActor(test.ids, "qianwei");
    const { receiveTube } = await import("../../server/lab/reception-service.ts");
    const only = { ...lab, permissions: new Set(["lab.receive"]) };
    const body = { runId: null, code: other, problem: null, note: "冷链交接", acceptLate: true };
    await expect(
      asDemo(test.services, only, (work) => receiveTube(work, body)),
    ).rejects.toMatchObject({ code: "permission.denied" });
    // Longer than a swab bears: only a rejection is left. And where the policy leaves no choice, there is none.
    await admin`update lab_policy set late_accept_hours = 2`;
    expect((await receive(qian, old)).body).toMatchObject({ outcome: "late", mayAccept: false });
    expect((await receive(qian, old, { acceptLate: true, note: "冷链交接" })).body.code).toBe(
      "lab.too-late",
    );
    await admin`update lab_policy set late_accept_hours = null`;
    expect((await receive(qian, old)).body).toMatchObject({ outcome: "late", mayAccept: false });
    await admin`update lab_policy set late_accept_hours = 24`;
    await expect(
      admin`insert into lab_reception_note (laboratory_id, code, problem, accepted, note, at, by)
        select id, 'x', 'late', true, '', now(), ${lab.personId} from institution limit 1`,
    ).rejects.toThrow(/lab_reception_note_accepted/);
    for (const tube of [old, other]) await receive(qian, tube, { problem: "late" });
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
        receiveTube(work, {
          runId: null,
          code: tube,
          problem: "leaking",
          note: "",
          acceptLate: false,
        }),
      );
      expect(answer).toMatchObject({ outcome: "rejected", recalled: 1 });
    } finally {
      await admin`update role_assignment set role_code = 'laboratory' where person_id = ${lab.personId}`;
    }
  });
});

describe("a plate", () => {
  it("takes the most urgent first, one key for the rest, and is released once by two at the same time", async () => {
    const tubes = await received(3);
    const made = (await qian.post("/api/lab/plates", { code: "P-urgent" })).body;
    expect((await li.post("/api/lab/plates", { code: "P-urgent" })).body.id).toBe(made.id);
    const loaded = (await qian.post(`/api/lab/plates/${made.id}/tubes`, { next: 96 })).body;
    const on = loaded.findings.length as number;
    expect(loaded.findings.map((one: { tube: string }) => one.tube)).toEqual(
      expect.arrayContaining(tubes),
    );
    const entered = (await read(qian, loaded, {}, { restNegative: true })).body;
    expect(new Set(entered.findings.map((one: { result: string }) => one.result))).toEqual(
      new Set(["negative"]),
    );
    for (const tube of tubes) expect(await resultsOf(tube)).toEqual([]);
    const answers = await Promise.all([
      release(qian, made.id),
      release(li, made.id),
      release(qian, made.id),
    ]);
    expect(answers.map((one) => one.status)).toEqual([200, 200, 200]);
    expect(answers.map((one) => one.body.released).sort()).toEqual([0, 0, on]);
    for (const tube of tubes) {
      expect((await resultsOf(tube)).map((one) => [one.result, one.released])).toEqual([
        ["negative", true],
        ["negative", true],
      ]);
      expect(await stateOf(tube)).toBe("negative");
    }
    expect((await qian.get(`/api/lab/plates/${made.id}`)).body.state).toBe("released");
    expect((await qian.post("/api/lab/plates", { code: "P-urgent" })).body.code).toBe(
      "lab.plate-name",
    );
    expect((await qian.post(`/api/lab/plates/${made.id}/tubes`, { next: 1 })).body.code).toBe(
      "lab.plate-released",
    );
  });

  it("keeps a positive until somebody else has looked, while the negatives go out", async () => {
    const [first, second, third] = await received(3);
    const plate = await plateWith([first!, second!, third!]);
    const entered = (
      await read(
        qian,
        plate,
        { [first!]: "positive", [third!]: "rejected" },
        { restNegative: true },
      )
    ).body;
    const positive = entered.findings.find((one: { tube: string }) => one.tube === first);
    expect(positive).toMatchObject({ needsSecond: true, mayConfirm: false });
    expect((await release(qian, plate.id)).body).toEqual({ released: 2, waiting: 1, recalled: 2 });
    expect([await recallsOf(first!), await resultsOf(first!)]).toEqual([[], []]);
    const own = await qian.post(`/api/lab/findings/${positive.id}/confirm`, {
      version: positive.version,
    });
    expect(own.body.code).toBe("lab.two-persons");
    expect(
      (await li.post(`/api/lab/findings/${positive.id}/confirm`, { version: 99 })).body.code,
    ).toBe("lab.changed-meanwhile");
    const both = await Promise.all(
      [1, 2].map(() =>
        li.post(`/api/lab/findings/${positive.id}/confirm`, { version: positive.version }),
      ),
    );
    expect(both.map((one) => one.status)).toEqual([200, 200]);
    // Read anew, it has to be looked at anew.
    const again = (await qian.get(`/api/lab/plates/${plate.id}`)).body;
    await read(li, again, { [first!]: "grey-zone" });
    expect((await release(qian, plate.id)).body).toMatchObject({ released: 0, waiting: 1 });
    const grey = (await qian.get(`/api/lab/plates/${plate.id}`)).body.findings.find(
      (one: { tube: string }) => one.tube === first,
    );
    expect(
      (await qian.post(`/api/lab/findings/${grey.id}/confirm`, { version: grey.version })).status,
    ).toBe(200);
    expect((await release(qian, plate.id)).body).toEqual({ released: 1, waiting: 0, recalled: 2 });
    expect((await recallsOf(first!)).map((one) => one.cause)).toEqual(["grey-zone", "grey-zone"]);
    expect(await resultsOf(first!)).toEqual([]);
  });

  it("refuses two writers, another's tube, a time before the tube came", async () => {
    const [tube] = await received(1);
    const plate = await plateWith([tube!]);
    const stale = plate.findings[0];
    await read(qian, plate, { [tube!]: "negative" });
    expect((await read(li, plate, { [tube!]: "positive" })).body.code).toBe(
      "lab.changed-meanwhile",
    );
    const now = (await qian.get(`/api/lab/plates/${plate.id}`)).body;
    for (const testedAt of ["2020-01-01T00:00:00Z", "2030-01-01T00:00:00Z"])
      expect((await read(qian, now, { [tube!]: "positive" }, { testedAt })).body.code).toBe(
        "lab.time",
      );
    const elsewhere = (await li.post("/api/lab/plates", { code: "P-else" })).body;
    expect((await li.post(`/api/lab/plates/${elsewhere.id}/tubes`, { code: tube })).body.code).toBe(
      "lab.on-other-plate",
    );
    expect(
      (await li.post(`/api/lab/findings/${stale.id}/withdraw`, { version: 1, reason: "x" })).body
        .code,
    ).toBe("lab.changed-meanwhile");
    const off = await li.post(`/api/lab/findings/${stale.id}/withdraw`, {
      version: now.findings[0].version,
      reason: "放错板",
    });
    expect(off.body.findings).toEqual([]);
    expect((await li.post(`/api/lab/plates/${elsewhere.id}/tubes`, { code: tube })).status).toBe(
      200,
    );
    await read(
      li,
      (await li.get(`/api/lab/plates/${elsewhere.id}`)).body,
      {},
      { restNegative: true },
    );
    await release(li, elsewhere.id);
    expect(await stateOf(tube!)).toBe("negative");
  });
});

describe("a correction", () => {
  it("is a new row after two people, and takes back what was told", async () => {
    const [tube] = await received(1);
    await report(tube!, "negative");
    const told = await resultsOf(tube!);
    expect(
      (await qian.post(`/api/lab/tubes/${tube}/correct`, { result: "negative", reason: "x" })).body
        .code,
    ).toBe("lab.same-result");
    const plate = (
      await qian.post(`/api/lab/tubes/${tube}/correct`, {
        result: "positive",
        reason: "复核扩增曲线",
      })
    ).body;
    expect(
      (await li.post(`/api/lab/tubes/${tube}/correct`, { result: "grey-zone", reason: "x" })).body
        .code,
    ).toBe("lab.changed-meanwhile");
    expect((await release(qian, plate.id)).body).toMatchObject({ released: 0, waiting: 1 });
    expect(await resultsOf(tube!)).toEqual(told);
    const [finding] = plate.findings;
    await li.post(`/api/lab/findings/${finding.id}/confirm`, { version: finding.version });
    expect((await release(qian, plate.id)).body).toEqual({ released: 1, waiting: 0, recalled: 2 });
    expect((await resultsOf(tube!)).map((one) => one.withdrawn)).toEqual([true, true]);
    expect((await recallsOf(tube!)).map((one) => one.cause)).toEqual(["positive", "positive"]);
    const { results } = (await qian.get(`/api/lab/tubes?code=${tube}`)).body;
    expect(
      results.map((one: { result: string; replaced: boolean }) => [one.result, one.replaced]),
    ).toEqual([
      ["negative", true],
      ["positive", false],
    ]);
    const [never] = await received(1);
    expect(
      (await qian.post(`/api/lab/tubes/${never}/correct`, { result: "positive", reason: "x" })).body
        .code,
    ).toBe("lab.no-result");
    await report(never!, "negative");
  });
});

describe("a file of results", () => {
  it("takes good rows, lists bad ones by line, and the same file again changes nothing", async () => {
    const [a, b, c, d] = await received(4);
    const voided = await sampling.tube(await people("废"));
    await sampling.voidTube(voided);
    const onTheWay = await sampling.tube(await people("途中"));
    await sampling.box([onTheWay]);
    const open = await sampling.openTube();
    const text = [
      "采样管编码,检测结果,检测时间,CtORF1ab,Ct_N,原因,备注2",
      `${a},阴性,,,,,x`,
      `${b},阳性（+）,2026-11-23 10:00,31.5,33,,`,
      `${c},看不清,,,,,`,
      `${c},灰区,2019-01-01 08:00,,,,`,
      `${voided},阴性`,
      `${onTheWay},阴性`,
      `${open},阴性`,
      `${makeTubeCode(10, 14_998)},阴性`,
      "=HYPERLINK(1),阴性",
      `${d},拒收,,,,,`,
      "",
      `${d},阴性,明天`,
    ].join("\r\n");
    const file = csv(`\uFEFF${text}`, "板 7.csv");
    const preview = (await qian.post("/api/lab/imports/preview", file)).body;
    expect(preview).toMatchObject({
      rows: 11,
      encoding: "utf-8",
      good: 1,
      unchanged: 0,
      takenAt: null,
    });
    expect(
      preview.refused.map((one: { line: number; problem: string }) => [one.line, one.problem]),
    ).toEqual([
      [3, "time"],
      [4, "result-unknown"],
      [5, "time"],
      [6, "tube-void"],
      [7, "tube-not-received"],
      [8, "tube-unsealed"],
      [9, "tube-unknown"],
      [10, "tube-format"],
      [11, "reason"],
      [13, "time"],
    ]);
    expect(await stateOf(a!)).toBe("received");
    const both = await Promise.all([
      qian.post("/api/lab/imports", file),
      li.post("/api/lab/imports", file),
    ]);
    expect(both.map((one) => one.body.repeated).sort()).toEqual([false, true]);
    const [first, second] = both.map((one) => one.body);
    expect(first.plateId).toBe(second.plateId);
    expect([first.taken, second.taken]).toEqual([1, 1]);
    expect(first.refused).toEqual(second.refused);
    expect((await qian.get(`/api/lab/plates/${first.plateId}`)).body.findings).toHaveLength(1);
    expect((await qian.post("/api/lab/imports/preview", file)).body.takenAt).not.toBeNull();
    await release(qian, first.plateId);
    expect(await stateOf(a!)).toBe("negative");
    // The same rows in another file: nothing new; something else of a released tube is no row of a file.
    const other = await qian.post("/api/lab/imports", csv(`tube,result\n${a},negative\n`));
    expect(other.body).toMatchObject({ plateId: null, taken: 0, unchanged: 1, refused: [] });
    const against = await qian.post("/api/lab/imports", csv(`tube,result\n${a},positive\n`));
    expect(against.body.refused).toEqual([
      { line: 2, tube: a, problem: "released-otherwise", value: "negative" },
    ]);
    // GB18030, with a tab, as instruments write it.
    const gb = Buffer.concat([
      Buffer.from([0xb9, 0xdc, 0xba, 0xc5, 0x09, 0xbd, 0xe1, 0xb9, 0xfb, 0x0d, 0x0a]),
      Buffer.from(`${b}\t`),
      Buffer.from([0xd2, 0xf5, 0xd0, 0xd4, 0x0d, 0x0a]),
      Buffer.from(`${c}\tnegative\r\n${d}\tNEG\r\n`),
    ]);
    const taken = (await qian.post("/api/lab/imports", csv(gb, "gb.txt"))).body;
    expect(taken).toMatchObject({ taken: 3, refused: [] });
    await release(qian, taken.plateId);
    expect([await stateOf(b!), await stateOf(c!), await stateOf(d!)]).toEqual([
      "negative",
      "negative",
      "negative",
    ]);
    await sampling.voidTube(open);
  });

  it("says what is wrong with a file that is none", async () => {
    for (const [content, expected] of [
      [Buffer.from("PK\u0003\u0004 \u0000\u0000 spreadsheet"), "lab.file-encoding"],
      ["name,value\nx,y\n", "lab.file-columns"],
      ["tube,result\n", "lab.file-empty"],
      ['tube,result\n"YT', "lab.file-broken"],
      [`tube,result\n${"x,negative\n".repeat(5001)}`, "lab.file-size"],
    ] as const) {
      const answer = await qian.post("/api/lab/imports", csv(content as string));
      expect([answer.body.code, answer.body.detail?.length > 10]).toEqual([expected, true]);
    }
    expect(
      (await qian.post("/api/lab/imports", { fileName: "x", content: "a".repeat(2_200_000) }))
        .status,
    ).toBe(413);
  });

  it("lands on the plate where its tubes wait, and never on what was read by hand", async () => {
    const [a, b] = await received(2);
    const plate = await plateWith([a!, b!]);
    await read(qian, plate, { [b!]: "negative" });
    const answer = (
      await li.post("/api/lab/imports", csv(`tube,result\n${a},negative\n${b},positive\n`))
    ).body;
    expect(answer.taken).toBe(1);
    expect(answer.refused).toEqual([
      { line: 3, tube: b, problem: "read-otherwise", value: "negative" },
    ]);
    const seen = (await qian.get(`/api/lab/plates/${plate.id}`)).body;
    expect(seen.findings.map((one: { state: string }) => one.state)).toEqual([
      "entered",
      "entered",
    ]);
    await release(qian, plate.id);
  });

  it("is taken whole or not at all when the line to the database dies in the middle", async () => {
    const tubes = await received(2);
    const file = csv(
      `tube,result\n${tubes.map((tube) => `${tube},negative`).join("\n")}\n`,
      "killed.csv",
    );
    // The last tube is held by somebody else: the import has begun and waits.
    let free = () => {};
    const held = admin.begin(async (hold) => {
      await hold`select 1 from tube where code in ${hold(tubes)} for update`;
      await new Promise<void>((done) => {
        free = done;
      });
    });
    const dying = qian.post("/api/lab/imports", file);
    let pid: number | undefined;
    while (!pid) {
      const [row] =
        await admin`select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
      pid = row?.pid;
    }
    await admin`select pg_terminate_backend(${pid})`;
    expect((await dying).status).toBe(503);
    free();
    await held;
    expect(
      await system((tx) =>
        tx.execute(sql`select 1 from lab_import where file_name = 'killed.csv'`),
      ),
    ).toHaveLength(0);
    expect(
      await system((tx) => tx.execute(sql`select 1 from lab_plate where code like 'killed%'`)),
    ).toHaveLength(0);
    for (const tube of tubes) expect(await stateOf(tube)).toBe("received");
    const again = (await qian.post("/api/lab/imports", file)).body;
    expect(again).toMatchObject({ taken: 2, repeated: false });
    await release(qian, again.plateId);
  });

  it("is harmless when what we write is opened in a spreadsheet", async () => {
    const [tube] = await received(1);
    const plate = await plateWith([tube!]);
    const entered = (
      await read(qian, plate, {}, { restNegative: true, method: "=cmd|' /C calc'!A0" })
    ).body;
    expect(entered.findings[0].method).toMatch(/^=cmd/);
    const answer = await qian.get(`/api/lab/plates/${plate.id}/results.csv`);
    expect(answer.headers["content-type"]).toBe("text/csv; charset=utf-8");
    expect(answer.raw.body.startsWith("\uFEFFtube,result")).toBe(true);
    expect(answer.raw.body).toContain(`${tube},negative,'=cmd|`);
    await release(qian, plate.id);
  });
});

describe("people of an unclear tube", () => {
  const tell = () => system((tx) => tellRecalls(tx, test.services.vault, test.clock.now));
  const open = (text: string) => test.services.vault.open("sms_message.text", text);

  it("are told to come again at any hour, by message or by a call, never why; the single result resolves it", async () => {
    await tell();
    const before = (await smsOf("recall")).length;
    const card = newResidentId();
    const reader = await sampling.person("读短信", { residentId: card });
    const elder = await sampling.person("许爷爷", {
      phone: "021-56885678",
      birthDate: "1942-01-01",
    });
    const tube = await sampling.tube([reader, elder]);
    await sampling.box([tube]);
    await receive(qian, tube);
    await report(tube, "positive");
    const night = new Date("2026-11-23T18:30:00Z");
    const tellAtNight = () => system((tx) => tellRecalls(tx, test.services.vault, night));
    expect(await tellAtNight()).toBe(2);
    expect(await tellAtNight()).toBe(0);
    const sent = (await smsOf("recall")).slice(before);
    expect(sent).toHaveLength(1);
    expect(open(sent[0]!.text)).toMatch(/重新检测.*11月23日\d\d:\d\d前到彭浦新村便民采样点/);
    for (const word of ["阳性", "positive", "混采", "灰区"])
      expect(open(sent[0]!.text)).not.toContain(word);
    const list = (await yan.get("/api/recalls")).body;
    const own = list.recalls.filter((one: { name: string }) =>
      ["读短信", "许爷爷"].includes(one.name),
    );
    expect(
      own
        .map(
          (one: {
            name: string;
            state: string;
            toldHow: string | null;
            contact: { phone: string };
          }) => [one.name, one.state, one.toldHow],
        )
        .sort(),
    ).toEqual([
      ["许爷爷", "issued", null],
      ["读短信", "told", "sms"],
    ]);
    const call = own.find((one: { name: string }) => one.name === "许爷爷");
    expect(call.contact.phone).toBe("02156885678");
    for (const words of Object.values(call.words as Record<string, string>))
      expect(words).not.toMatch(/阳性|positive/i);
    // Another institution's lead does not see them.
    const wrong = await yan.post(`/api/recalls/${call.id}/calls`, {
      version: call.version + 5,
      outcome: "reached",
    });
    expect(wrong.body.code).toBe("sampling.changed-meanwhile");
    const tried = (
      await yan.post(`/api/recalls/${call.id}/calls`, {
        version: call.version,
        outcome: "not-reached",
      })
    ).body;
    expect(tried).toMatchObject({
      state: "issued",
      attempts: 1,
      lastOutcome: "not-reached",
      mine: true,
    });
    const reached = (
      await yan.post(`/api/recalls/${call.id}/calls`, {
        version: tried.version,
        outcome: "reached",
      })
    ).body;
    expect(reached).toMatchObject({ state: "told", toldHow: "call", attempts: 2 });
    const yu = await test.as("yuhong");
    expect(
      (await yu.post(`/api/recalls/${call.id}/take`, { version: reached.version })).body.mine,
    ).toBe(true);
    // No result before the single one, which resolves it.
    expect(await resultsOf(tube)).toEqual([]);
    const again = await sampling.person("读短信", { residentId: card });
    const single = await sampling.tube([again], 1, { retest: true });
    expect((await recallsOf(tube)).map((one) => one.state).sort()).toEqual(["sampled", "told"]);
    await sampling.box([single]);
    await receive(qian, single);
    await report(single, "negative");
    expect((await recallsOf(tube)).map((one) => one.state).sort()).toEqual(["confirmed", "told"]);
    expect((await resultsOf(single)).map((one) => [one.result, one.released])).toEqual([
      ["negative", true],
    ]);
    const done = (await yan.get("/api/recalls?scope=done")).body.recalls;
    expect(done.map((one: { name: string }) => one.name)).toContain("读短信");
  });

  it("who asked for calls to a helper get no message, and the helper's number is on the list", async () => {
    await tell();
    const before = (await smsOf("recall")).length;
    const phone = "13800138004";
    const elder = await sampling.person("请打给女儿", { phone });
    const own = await test.as(phone);
    const [row] =
      await admin`select patient_id from test_registration where id = ${elder.registrationId}`;
    const set = await own.put(`/api/my/notice-preferences/${row!.patient_id}`, {
      mode: "call-helper",
      contactName: "女儿",
      contactRelation: "child",
      contactPhone: "13700001111",
    });
    expect(set.status, JSON.stringify(set.body)).toBe(200);
    const tube = await sampling.tube([elder]);
    await sampling.voidTube(tube);
    expect(await tell()).toBe(1);
    expect((await smsOf("recall")).length).toBe(before);
    const listed = (await yan.get("/api/recalls")).body.recalls.find(
      (one: { name: string }) => one.name === "请打给女儿",
    );
    expect(listed).toMatchObject({
      state: "issued",
      contact: { name: "女儿", relation: "child", phone: "13700001111" },
    });
  });

  it("voided by a sampler are told as well, and asked in the same words", async () => {
    await tell();
    const before = (await smsOf("recall")).length;
    const tube = await sampling.tube(await people("管打翻"));
    await sampling.voidTube(tube);
    expect(await tell()).toBe(1);
    const [sent] = (await smsOf("recall")).slice(before);
    expect(open(sent!.text)).toContain("重新检测");
    expect((await recallsOf(tube)).map((one) => [one.cause, one.state])).toEqual([
      ["void", "told"],
    ]);
  });

  it("exposed at a place and time are asked once, whoever presses twice", async () => {
    const from = new Date(test.clock.now.getTime() + 30 * 60_000);
    later(40);
    const tube = await sampling.tube(await people("同时段1", "同时段2"));
    later(20);
    const after = await sampling.tube(await people("之后"));
    const body = {
      siteId: sampling.siteId,
      from: from.toISOString(),
      to: new Date(from.getTime() + 15 * 60_000).toISOString(),
      note: "11 月 23 日上午同场所",
    };
    const wrongOrder = await yan.post("/api/recalls/exposure", { ...body, to: body.from });
    expect(wrongOrder.status).toBe(400);
    expect((await yan.post("/api/recalls/exposure/preview", body)).body).toEqual({
      people: 2,
      already: 0,
    });
    const both = await Promise.all([1, 2].map(() => yan.post("/api/recalls/exposure", body)));
    expect(both.map((one) => one.body.people).sort()).toEqual([0, 2]);
    const listed = (await yan.get("/api/recalls")).body.recalls.filter(
      (one: { cause: string }) => one.cause === "exposure",
    );
    expect(listed.map((one: { name: string }) => one.name).sort()).toEqual(["同时段1", "同时段2"]);
    // Another institution's lead counts nobody of ours.
    await sampling.box([tube, after]);
    for (const one of [tube, after]) await receive(qian, one);
    for (const one of [tube, after]) await report(one, "negative");
  });
});

describe("what is released", () => {
  const follow = (plateId: string) =>
    system((tx) => followRelease(test.services, tx, plateId, test.clock.now));
  const tellReady = (plateId: string) =>
    system((tx) => tellResults(tx, test.services.vault, plateId, test.clock.now));

  it("is told without the result, and makes a card that a correction takes back", async () => {
    const phone = "13800138003";
    const relative = await test.as(phone);
    const person = await sampling.person("查结果", { phone, residentId: newResidentId() });
    const fellow = await sampling.person("同管");
    await admin`update patient_contact set may_sign_in = true where patient_id =
      (select patient_id from test_registration where id = ${person.registrationId})`;
    const own = await test.as(phone);
    const tube = await sampling.tube([person, fellow]);
    await sampling.box([tube]);
    await receive(qian, tube);
    const mine = async () =>
      (await own.get("/api/my/results")).body.results.filter(
        (one: { patientName: string }) => one.patientName === "查结果",
      );
    expect((await mine()).map((one: { state: string }) => one.state)).toEqual(["waiting"]);
    const before = (await smsOf("result-ready")).length;
    const { plateId } = await report(tube, "negative");
    expect(await tellReady(plateId)).toBe(2);
    await tellReady(plateId);
    const sent = (await smsOf("result-ready")).slice(before);
    expect(sent.length).toBeGreaterThan(0);
    for (const one of sent)
      expect(test.services.vault.open("sms_message.text", one.text)).not.toMatch(
        /阴性|阳性|negative/i,
      );
    const [result] = await mine();
    expect(result).toMatchObject({ state: "negative", hasCard: true });
    expect((await own.get(`/api/my/results/${result.id}/card`)).status).toBe(200);
    const plate = (
      await li.post(`/api/lab/tubes/${tube}/correct`, { result: "single-target", reason: "复核" })
    ).body;
    await qian.post(`/api/lab/findings/${plate.findings[0].id}/confirm`, { version: 1 });
    await release(li, plate.id);
    expect((await own.get(`/api/my/results/${result.id}/card`)).status).toBeGreaterThanOrEqual(404);
    expect(
      (await mine()).map((one: { state: string; hasCard: boolean }) => [one.state, one.hasCard]),
    ).toEqual([["again", false]]);
    const [revoked] = await admin`select count(*)::int as n from card_revocation`;
    expect(revoked!.n).toBe(1);
    // Wrong after all: the recall ends, and who was told to come is told not to.
    await system((tx) => tellRecalls(tx, test.services.vault, test.clock.now));
    const back = (
      await li.post(`/api/lab/tubes/${tube}/correct`, { result: "negative", reason: "探针污染" })
    ).body;
    await qian.post(`/api/lab/findings/${back.findings[0].id}/confirm`, { version: 1 });
    await release(qian, back.id);
    await follow(back.id);
    expect((await smsOf("recall-ended")).length).toBeGreaterThan(0);
    expect((await mine()).map((one: { state: string }) => one.state)).toEqual(["negative"]);
    void relative;
  });

  it("as somebody's own positive starts the report and a critical value, once", async () => {
    const person = await sampling.person("急诊单采", { purpose: "emergency" });
    const walker = await sampling.person("自愿单采");
    const [urgent, own] = [
      await sampling.tube([person], 1, { purpose: "emergency" }),
      await sampling.tube([walker], 1),
    ];
    await sampling.box([urgent, own]);
    for (const tube of [urgent, own]) await receive(qian, tube);
    const first = await report(urgent, "positive");
    const second = await report(own, "positive");
    expect((await resultsOf(urgent)).map((one) => [one.result, one.released])).toEqual([
      ["positive", true],
    ]);
    for (const { plateId } of [first, second, first]) await follow(plateId);
    const reports = await system((tx) =>
      tx.execute<{
        name: string;
        state: string;
        reporter: string;
        disease_code: string;
        minutes: number;
      }>(sql`
        select p.full_name as name, i.state, o.name as reporter, i.disease_code, extract(epoch from i.due_at - i.diagnosed_at)::int / 60 as minutes
        from infectious_report i join patient p on p.id = i.patient_id join person o on o.id = i.reported_by where p.full_name like '%单采' order by 1`),
    );
    expect([...reports]).toEqual([
      {
        name: "急诊单采",
        state: "reported",
        reporter: "钱伟",
        disease_code: "covid-19",
        minutes: 1440,
      },
      {
        name: "自愿单采",
        state: "reported",
        reporter: "钱伟",
        disease_code: "covid-19",
        minutes: 1440,
      },
    ]);
    const values = await system((tx) =>
      tx.execute<{ name: string; receiver: string; value: string }>(sql`
        select p.full_name as name, v.receiver_name as receiver, v.value_text as value from critical_value v join patient p on p.id = v.patient_id where p.full_name like '%单采'`),
    );
    expect([...values]).toEqual([
      { name: "急诊单采", receiver: "彭浦新村社区卫生服务中心值班", value: "阳性" },
    ]);
    // The department of the laboratory's hospital has it, with its clock.
    const fan = await test.as("fanrong");
    expect(
      (await fan.get("/api/infectious-reports")).body.reports
        .map((one: { patient: { fullName: string } }) => one.patient.fullName)
        .sort(),
    ).toEqual(["急诊单采", "自愿单采"]);
  });

  it("and proves wrong takes back its report, its value and its card, and tells who was told; and the other way round", async () => {
    const phone = "13800138003";
    // Whoever is not of this laboratory, or is no second person, takes nothing back.
    const card = newResidentId();
    const person = await sampling.person("更正单采", {
      purpose: "emergency",
      phone,
      residentId: card,
    });
    await admin`update patient_contact set may_sign_in = true where patient_id =
      (select patient_id from test_registration where id = ${person.registrationId})`;
    const caller = await sampling.person("更正打电话", { purpose: "emergency" });
    await admin`insert into notice_preference (patient_id, mode, set_at) select patient_id, 'call-me', ${test.clock.now}
      from test_registration where id = ${caller.registrationId}`;
    const own = await test.as(phone);
    const [tube, other] = [
      await sampling.tube([person], 1, { purpose: "emergency" }),
      await sampling.tube([caller], 1, { purpose: "emergency" }),
    ];
    await sampling.box([tube, other]);
    for (const code of [tube, other]) await receive(qian, code);
    for (const code of [tube, other]) await follow((await report(code, "positive")).plateId);
    const mine = async () =>
      (await own.get("/api/my/results")).body.results.find(
        (one: { patientName: string }) => one.patientName === "更正单采",
      );
    const first = await mine();
    expect(first).toMatchObject({ state: "positive", hasCard: true });
    const { jws } = (await own.get(`/api/my/results/${first.id}/card`)).body;
    const { vc } = JSON.parse(
      inflateRawSync(Buffer.from(jws.split(".")[1], "base64url")).toString(),
    );
    const { kid } = JSON.parse(Buffer.from(jws.split(".")[0], "base64url").toString());
    for (const who of [kang, yan, await test.as("deji"), own])
      expect(
        (await who.post(`/api/lab/tubes/${tube}/correct`, { result: "negative", reason: "x" }))
          .status,
      ).toBeGreaterThanOrEqual(403);
    // The second one was received by the department already.
    const fan = await test.as("fanrong");
    const cases = () =>
      system((tx) =>
        tx.execute<{ name: string; state: string; id: string; reason: string | null }>(sql`
        select p.full_name as name, i.state, i.id, i.withdraw_reason as reason from infectious_report i join patient p on p.id = i.patient_id
        where p.full_name like '更正%' order by i.reported_at, p.full_name desc`),
      );
    const values = () =>
      system((tx) =>
        tx.execute<{ name: string; state: string }>(sql`
        select p.full_name as name, v.state from critical_value v join patient p on p.id = v.patient_id where p.full_name like '更正%' order by v.found_at, p.full_name desc`),
      );
    const reported = await cases();
    expect(reported.map((one) => [one.name, one.state])).toEqual(
      expect.arrayContaining([
        ["更正单采", "reported"],
        ["更正打电话", "reported"],
      ]),
    );
    const theirs = reported.find((one) => one.name === "更正打电话")!;
    const got = await fan.post(`/api/infectious-reports/${theirs.id}/actions`, {
      action: "receive",
      version: 1,
    });
    expect(got.status, JSON.stringify(got.body)).toBe(200);
    const correct = async (code: string, result: string) => {
      const plate = (
        await li.post(`/api/lab/tubes/${code}/correct`, { result, reason: "探针污染" })
      ).body;
      const [finding] = plate.findings;
      expect(
        (await li.post(`/api/lab/findings/${finding.id}/confirm`, { version: 1 })).body.code,
      ).toBe("lab.two-persons");
      // Nothing is taken back before the second person.
      expect((await release(li, plate.id)).body).toMatchObject({ released: 0, waiting: 1 });
      await qian.post(`/api/lab/findings/${finding.id}/confirm`, { version: 1 });
      expect((await release(li, plate.id)).body.released).toBe(1);
      for (const _ of [1, 2]) await follow(plate.id);
      for (const _ of [1, 2]) await tellReady(plate.id);
      return plate.id as string;
    };
    const told = (await smsOf("result-corrected")).length;
    const ready = (await smsOf("result-ready")).length;
    await correct(tube, "negative");
    await correct(other, "negative");
    expect((await cases()).map((one) => [one.name, one.state])).toEqual(
      expect.arrayContaining([
        ["更正单采", "withdrawn"],
        ["更正打电话", "received"],
      ]),
    );
    expect((await cases()).find((one) => one.name === "更正单采")!.reason).toContain(tube);
    // What the department has received, it withdraws itself: its people and the CDC hear of it once.
    const notices = await admin<
      { n: number }[]
    >`select count(*)::int as n from notice where kind = 'infectious-report-finding-corrected' and entity_id = ${theirs.id} group by person_id`;
    expect(notices.length).toBeGreaterThan(0);
    expect(notices.every((one) => one.n === 1)).toBe(true);
    expect((await values()).map((one) => one.state)).toEqual(["cancelled", "cancelled"]);
    const second = await mine();
    expect(second).toMatchObject({ state: "negative", hasCard: true });
    expect((await own.get(`/api/my/results/${first.id}/card`)).status).toBe(404);
    expect((await test.anonymous.get(`/.well-known/crl/${kid}.json`)).body.rids).toContain(vc.rid);
    const sent = (await smsOf("result-corrected")).slice(told);
    expect(sent.length).toBeGreaterThan(0);
    for (const one of sent)
      expect(test.services.vault.open("sms_message.text", one.text)).not.toMatch(/阴性|阳性/);
    // Who is told that it was corrected is not told a second time that it is ready.
    expect((await smsOf("result-ready")).length).toBe(ready);
    const calls = await admin<
      { n: number }[]
    >`select count(*)::int as n from call_task c join patient p on p.id = c.patient_id where c.kind = 'result-corrected' and p.full_name = '更正打电话'`;
    expect(calls[0]!.n).toBe(1);
    const traces =
      await admin`select a.actor_name as by from audit_event a join patient p on p.id = a.patient_id
      where a.action = 'test-result.correct' and p.full_name = '更正单采'`;
    expect(traces).toEqual([{ by: "黎青" }]);
    // And back: the second card goes, a new report and value begin, and nobody waits for the morning.
    const { jws: negative } = (await own.get(`/api/my/results/${second.id}/card`)).body;
    const later2 = JSON.parse(
      inflateRawSync(Buffer.from(negative.split(".")[1], "base64url")).toString(),
    ).vc.rid;
    const before = (await smsOf("result-corrected")).length;
    later(1);
    const plate = (
      await li.post(`/api/lab/tubes/${tube}/correct`, { result: "positive", reason: "复核" })
    ).body;
    await qian.post(`/api/lab/findings/${plate.findings[0].id}/confirm`, { version: 1 });
    await release(li, plate.id);
    await follow(plate.id);
    expect((await smsOf("result-corrected")).length).toBeGreaterThan(before);
    expect(await mine()).toMatchObject({ state: "positive" });
    expect((await test.anonymous.get(`/.well-known/crl/${kid}.json`)).body.rids).toContain(later2);
    expect(
      (await cases()).filter((one) => one.name === "更正单采").map((one) => one.state),
    ).toEqual(["withdrawn", "reported"]);
    expect(
      (await values()).filter((one) => one.name === "更正单采").map((one) => one.state),
    ).toEqual(["cancelled", "open"]);
  });

  it("and what is still on its way is counted for the board", async () => {
    const scope = { siteIds: [sampling.siteId] };
    const count = () =>
      asDemo(test.services, demoActor(test.ids, "yanping"), ({ tx }) =>
        countTubes(tx, scope, test.clock.now),
      );
    const before = await count();
    const [a, b, c] = [
      await sampling.tube(await people("封")),
      await sampling.tube(await people("运1", "运2")),
      await sampling.tube(await people("到1", "到2", "到3")),
    ];
    await sampling.box([b, c]);
    await receive(qian, c);
    const now = await count();
    expect([
      now.atSite - before.atSite,
      now.inTransit - before.inTransit,
      now.atLab - before.atLab,
    ]).toEqual([1, 1, 1]);
    const people3 = (rows: typeof now) => rows.due.reduce((sum, one) => sum + one.people, 0);
    expect(people3(now) - people3(before)).toBe(6);
    expect(now.due.every((one) => one.hour.endsWith(":00:00.000Z"))).toBe(true);
    void a;
  });
});
