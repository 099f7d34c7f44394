import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Tx } from "../../server/db/client.ts";
import { asDemo, demoActor } from "../../server/demo/load.ts";
import { systemActor } from "../../server/identity/service.ts";
import type { SamplerStep, SamplerWork, StepAnswer } from "../../server/sampling/contract.ts";
import type { TubeSize } from "../../server/sampling/domain.ts";
import {
  recallHours,
  recallSteps,
  registrationSteps,
  resultHours,
  tubeSteps,
} from "../../server/sampling/domain.ts";
import { tellLateTubes } from "../../server/sampling/tasks.ts";
import { makeTubeCode } from "../../server/sampling/tube-code.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";
import { lookTwice } from "../support/lab.ts";

// biome-ignore lint/suspicious/noExplicitAny: rows of answers of many shapes
type Found = any;

let test: TestApp;
let tao: Client;
let shi: Client;
let yan: Client;
/** Whoever owns the tables: no policy stops him, constraints and triggers do. */
let admin: postgres.Sql;
let serial = 10_000;
const newTube = (size: TubeSize) => makeTubeCode(size, serial++);

beforeAll(async () => {
  test = await buildTestApp();
  admin = postgres(test.database.admin, { max: 1, onnotice: () => {} });
  [tao, shi, yan] = await Promise.all([
    test.as("taoxiaohui"),
    test.as("shilei"),
    test.as("yanping"),
  ]);
});
afterAll(async () => {
  await admin.end();
  await test.close();
});

const system = <T>(work: (tx: Tx) => Promise<T>) =>
  test.services.db.withActor(systemActor("test"), work);
const workOf = async (who: Client): Promise<SamplerWork & { people: Found[] }> =>
  (await who.get("/api/sampling/work")).body;

async function walkIn(who: Client, name: string, more: Record<string, unknown> = {}) {
  const answer = await who.post("/api/sampling/walk-ins", {
    residentId: null,
    fullName: name,
    phone: `139${String(Math.floor(Math.random() * 1e8)).padStart(8, "0")}`,
    birthDate: "1980-05-05",
    sex: "female",
    purpose: "voluntary",
    priority: null,
    ...more,
  });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body.people[0]!;
}

async function phone(who: Client) {
  const station = (await workOf(who)).station!.id;
  const step = (kind: SamplerStep["step"], more: Partial<SamplerStep> = {}): SamplerStep => ({
    id: randomUUID(),
    step: kind,
    station,
    tube: null,
    registration: null,
    purpose: null,
    retest: false,
    reason: null,
    at: test.clock.now.toISOString(),
    ...more,
  });
  const send = async (...steps: SamplerStep[]): Promise<StepAnswer[]> => {
    const answer = await who.post("/api/sampling/steps", {
      sentAt: test.clock.now.toISOString(),
      steps,
    });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    return answer.body.answers;
  };
  const open = async (size: TubeSize, more: Partial<SamplerStep> = {}) => {
    const tube = newTube(size);
    const [answer] = await send(step("open", { tube, ...more }));
    expect(answer!.problem).toBeNull();
    return tube;
  };
  const sample = async (tube: string, registration: string) =>
    (await send(step("sample", { tube, registration })))[0]!;
  return { step, send, open, sample, station };
}

const tubeRow = async (code: string) =>
  (
    await system((tx) =>
      tx.execute<{ id: string; state: string; count: number; members: number }>(
        sql`select id, state, count, (select count(*)::int from tube_member m where m.tube_id = t.id) as members from tube t where code = ${code}`,
      ),
    )
  )[0]!;

/** What the laboratory at the other end says of a sealed tube. */
async function report(code: string, result: string) {
  const lab = demoActor(test.ids, "qianwei");
  const at = test.clock.now.toISOString();
  await asDemo(test.services, lab, async ({ tx }) => {
    await tx.execute(
      sql`update tube set state = 'received', received_at = ${at}, received_by = ${lab.personId}, version = version + 1 where code = ${code}`,
    );
    await tx.execute(
      sql`update tube set state = 'testing', testing_at = ${at}, version = version + 1 where code = ${code}`,
    );
  });
  if (result !== "negative" && result !== "rejected") await lookTwice(test.services, code, result);
  await asDemo(test.services, lab, async ({ tx }) => {
    await tx.execute(sql`insert into lab_result (tube_id, laboratory_id, result, method, tested_at, reported_by, reported_at, source, reason)
      select id, laboratory_id, ${result}, 'RT-PCR', ${at}, ${lab.personId}, ${at}, 'page', ${result === "rejected" ? "漏液" : null} from tube where code = ${code}`);
  });
}

describe("who may do what", () => {
  it("is refused to everybody who does not sample", async () => {
    for (const who of ["deji", "maqiang", "qianwei", "13800138004"]) {
      const client = await test.as(who);
      for (const url of ["/api/sampling/work", "/api/sampling/people?code=ABC123"])
        expect((await client.get(url)).status, `${who} ${url}`).toBe(403);
      const answer = await client.post("/api/sampling/steps", {
        sentAt: test.clock.now.toISOString(),
        steps: [
          {
            id: randomUUID(),
            step: "open",
            station: randomUUID(),
            tube: newTube(10),
            registration: null,
            purpose: null,
            retest: false,
            reason: null,
            at: test.clock.now.toISOString(),
          },
        ],
      });
      expect(answer.status).toBe(403);
    }
    expect((await test.anonymous.get("/api/sampling/work")).status).toBe(401);
    expect((await tao.get("/api/sampling/sites")).status).toBe(403);
    expect((await tao.get("/api/sampling/courier")).status).toBe(403);
    expect((await tao.get("/api/my/tests")).status).toBe(403);
  });

  it("shows a sampler the people of the site where he works today and of no other", async () => {
    const person = await walkIn(tao, "只在彭浦");
    const bao = await test.as("baoyun");
    expect((await workOf(bao)).people.map((one) => one.name)).not.toContain("只在彭浦");
    expect((await bao.get(`/api/sampling/people?code=${person.code}`)).body).toEqual({
      person: null,
    });
    const own = await phone(bao);
    const theirs = await phone(tao);
    // Neither another site's station nor another site's person.
    const [foreignStation] = await own.send({
      ...own.step("open", { tube: makeTubeCode(10, 20_001) }),
      station: theirs.station,
    });
    expect(foreignStation!.problem).toBe("not-allowed");
    const tube = makeTubeCode(5, 20_002);
    await own.send(own.step("open", { tube }));
    expect((await own.sample(tube, person.registrationId)).problem).toBe("person-elsewhere");
    await asDemo(test.services, demoActor(test.ids, "baoyun"), async ({ tx }) => {
      expect(
        await tx.execute(sql`select 1 from test_registration where id = ${person.registrationId}`),
      ).toHaveLength(0);
      expect(
        await tx.execute(sql`select 1 from patient where full_name = '只在彭浦'`),
      ).toHaveLength(0);
    });
  });

  it("lets nobody of the application touch members, results and states past the rules", async () => {
    const { open, sample } = await phone(tao);
    const person = await walkIn(tao, "不能绕过");
    const tube = await open(10);
    await sample(tube, person.registrationId);
    const attempts = [
      sql`delete from tube_member`,
      sql`update tube_member set position = 2`,
      sql`insert into person_result (patient_id) values (gen_random_uuid())`,
      sql`update test_registration set patient_id = gen_random_uuid()`,
      sql`insert into tube (code) values ('X')`,
      sql`select app.sample_person(null, null, null, now())`,
      sql`update tube set count = 0, version = version + 1 where code = ${tube}`,
    ];
    for (const attempt of attempts)
      for (const who of ["taoxiaohui", "yanping", "maqiang", "qianwei"])
        await asDemo(test.services, demoActor(test.ids, who), async ({ tx }) => {
          const rows = await tx.execute(attempt);
          if (rows.count > 0) throw new Error(`${who} could`);
          throw new Error("nothing changed");
        }).catch((error: Error & { cause?: { code?: string } }) =>
          expect(error.cause?.code ?? error.message, who).toMatch(/42501|nothing changed/),
        );
    expect(await tubeRow(tube)).toMatchObject({ count: 1, members: 1 });
  });

  it("lets nobody see in a row what is not his: couriers tubes without people, patients their own", async () => {
    await asDemo(test.services, demoActor(test.ids, "maqiang"), async ({ tx }) => {
      for (const table of [
        "tube_member",
        "test_registration",
        "recall",
        "person_result",
        "lab_result",
      ])
        expect(await tx.execute(sql.raw(`select 1 from ${table}`)), table).toHaveLength(0);
    });
  });
});

describe("state machines", () => {
  it("are the same in the database and in the domain", async () => {
    const read = (name: string) =>
      system((tx) =>
        tx.execute<{ row: string }>(
          sql.raw(
            `select concat_ws('>', from_state, to_state${name === "tube_transition" ? ", side" : ""}) as row from ${name}`,
          ),
        ),
      );
    const rows = async (name: string) => (await read(name)).map((one) => one.row).sort();
    const flat = (steps: Readonly<Record<string, readonly string[]>>) =>
      Object.entries(steps)
        .flatMap(([from, to]) => to.map((one) => `${from}>${one}`))
        .sort();
    expect(await rows("tube_transition")).toEqual(tubeSteps.map((one) => one.join(">")).sort());
    expect(await rows("test_registration_transition")).toEqual(flat(registrationSteps));
    expect(await rows("recall_transition")).toEqual(flat(recallSteps));
    for (const [purpose, hours] of Object.entries(resultHours))
      expect(
        await system((tx) =>
          tx.execute(sql`select app.result_hours(${purpose}::test_purpose) as hours`),
        ),
      ).toEqual([{ hours }]);
    for (const [cause, hours] of Object.entries(recallHours))
      expect(
        await system((tx) =>
          tx.execute(sql`select app.recall_hours(${cause}::recall_cause) as hours`),
        ),
      ).toEqual([{ hours }]);
  });

  it("read a tube's code as the domain does", async () => {
    for (const code of [makeTubeCode(10, 10_123), "YT100001012X", "YT30000101230", "xx"])
      expect(
        (
          await system((tx) =>
            tx.execute<{ n: string | null }>(sql`select app.tube_serial(${code}) as n`),
          )
        )[0]!.n,
        code,
      ).toBe(code === makeTubeCode(10, 10_123) ? "10123" : null);
  });
});

describe("a tube", () => {
  it("goes from the first swab to the seal, with undo before it and nothing after it", async () => {
    const { open, sample, send, step } = await phone(tao);
    const [one, two] = [await walkIn(tao, "甲"), await walkIn(tao, "乙")];
    const tube = await open(10);
    expect(await sample(tube, one.registrationId)).toMatchObject({ problem: null, count: 1 });
    expect(await sample(tube, two.registrationId)).toMatchObject({ problem: null, count: 2 });
    expect(await sample(tube, one.registrationId)).toMatchObject({
      problem: "person-sampled",
      tube,
    });
    const [undone] = await send(step("undo", { tube, registration: one.registrationId }));
    expect(undone!.problem).toBeNull();
    expect((await workOf(tao)).people.find((p) => p.name === "甲")!.state).toBe("waiting");
    expect(await sample(tube, one.registrationId)).toMatchObject({ problem: null, count: 2 });
    const [sealed] = await send(step("seal", { tube }));
    expect(sealed!.problem).toBeNull();
    const late = await walkIn(tao, "丙");
    expect((await sample(tube, late.registrationId)).problem).toBe("tube-sealed");
    const [back] = await send(step("undo", { tube, registration: one.registrationId }));
    expect(back!.problem).toBe("tube-sealed");
    // Not even whoever owns the tables.
    const { id } = await tubeRow(tube);
    await expect(admin`delete from tube_member where tube_id = ${id}`).rejects.toThrow(
      /tube is sealed/,
    );
    await expect(
      admin`update tube set count = 9, version = version + 1 where id = ${id}`,
    ).rejects.toThrow(/stands as it was sealed/);
  });

  it("refuses codes that are wrong, foreign or used, each in its own word", async () => {
    const { open, send, step } = await phone(tao);
    const tube = await open(10);
    const wrong = `${tube.slice(0, -1)}${(Number(tube.at(-1)) + 1) % 10}`;
    const answers = await send(
      step("open", { tube: wrong }),
      step("open", { tube: makeTubeCode(10, 20_050) }),
      step("open", { tube }),
      step("seal", { tube }),
      step("seal", { tube: makeTubeCode(10, 14_000) }),
      step("open", { tube: makeTubeCode(10, 14_001), purpose: "fever" }),
    );
    expect(answers.map((one) => one.problem)).toEqual([
      "tube-format",
      "tube-foreign",
      "tube-elsewhere",
      "tube-empty",
      "tube-unknown",
      "single-only",
    ]);
  });

  it("holds ten and not eleven, when eleven are scanned at the same time", async () => {
    const { open, step, station } = await phone(tao);
    const people = [];
    for (let n = 0; n < 11; n += 1) people.push(await walkIn(tao, `同时${n}`));
    const tube = await open(10);
    const answers = await Promise.all(
      people.map((person, index) =>
        (index % 2 ? shi : tao).post("/api/sampling/steps", {
          sentAt: test.clock.now.toISOString(),
          steps: [step("sample", { tube, registration: person.registrationId, station })],
        }),
      ),
    );
    const problems = answers.map((one) => one.body.answers[0]!.problem);
    expect(problems.filter((one) => one === null)).toHaveLength(10);
    expect(problems.filter((one) => one === "tube-full")).toHaveLength(1);
    expect(await tubeRow(tube)).toMatchObject({ count: 10, members: 10 });
  });

  it("takes one person once, when two stations scan at the same time", async () => {
    const [a, b] = [await phone(tao), await phone(shi)];
    const [first, second] = [await a.open(10), await b.open(10)];
    for (let n = 0; n < 5; n += 1) {
      const person = await walkIn(tao, `两台${n}`);
      const answers = await Promise.all([
        a.sample(first, person.registrationId),
        b.sample(second, person.registrationId),
      ]);
      const refused = answers.filter((one) => one.problem === "person-sampled");
      expect(answers.filter((one) => one.problem === null)).toHaveLength(1);
      expect(refused).toHaveLength(1);
      expect([first, second]).toContain(refused[0]!.tube);
    }
    const total = (await tubeRow(first)).members + (await tubeRow(second)).members;
    expect(total).toBe(5);
  });

  it("takes feverish people alone, and people who were recalled", async () => {
    const { open, sample, send, step } = await phone(tao);
    const fever = await walkIn(tao, "发热", { purpose: "fever" });
    const pool = await open(5);
    expect((await sample(pool, fever.registrationId)).problem).toBe("single-only");
    const single = await open(1, { purpose: "fever" });
    expect((await sample(single, fever.registrationId)).problem).toBeNull();
    const other = await walkIn(tao, "挤不进");
    expect((await sample(single, other.registrationId)).problem).toBe("tube-full");
    const feverish = await walkIn(tao, "刚量到发热");
    const [led] = await send(step("lead-away", { registration: feverish.registrationId }));
    expect(led!.problem).toBeNull();
    expect((await sample(pool, feverish.registrationId)).problem).toBe("person-led-away");
  });

  it("announces who is led away at the fever desk, with the person's word only, and once", async () => {
    const { send, step } = await phone(tao);
    const nurse = await test.as("wangjianguo");
    const announced = async () => (await nurse.get("/api/fever/desk")).body.announced as Found[];
    const silent = await walkIn(tao, "不愿说");
    await send(step("lead-away", { registration: silent.registrationId, tell: false }));
    const willing = await walkIn(tao, "愿先说");
    const led = step("lead-away", { registration: willing.registrationId, tell: true });
    // Synced twice, as a phone with a bad line does.
    await send(led);
    await send(led);
    const [one, ...others] = (await announced()).filter((row) => /说$/.test(row.patient.fullName));
    expect(one).toMatchObject({
      patient: { fullName: "愿先说" },
      from: { zh: expect.any(String) },
    });
    expect(others).toEqual([]);
    const [trace] =
      await admin`select actor_name, patient_id from audit_event where action = 'fever.announce'`;
    expect(trace).toMatchObject({ patient_id: one.patient.id });
    // The desk of another house knows nothing of it, and the sampler has no fever desk.
    const other = await test.as("fangyun");
    expect((await other.get("/api/fever/desk")).body.announced).toEqual([]);
    expect((await tao.get("/api/fever/desk")).status).toBe(403);
    const admitted = await nurse.post("/api/fever/visits", { patientId: one.patient.id });
    expect(admitted.body, JSON.stringify(admitted.body)).toMatchObject({ arrival: "testing-site" });
    expect((await announced()).map((row) => row.id)).not.toContain(one.id);
    // Back in the line of the site: nobody is expected any more.
    const back = await walkIn(tao, "又不烧了");
    await send(step("lead-away", { registration: back.registrationId, tell: true }));
    expect((await announced()).some((row) => row.patient.fullName === "又不烧了")).toBe(true);
    await admin`update test_registration set state = 'waiting', version = version + 1 where id = ${back.registrationId}`;
    expect((await announced()).some((row) => row.patient.fullName === "又不烧了")).toBe(false);
  });

  it("takes somebody by the paper code: found or registered, refused in words, once", async () => {
    const doctor = await test.as("wangjianguo");
    const elder = async (fullName: string) => {
      const { body } = await doctor.post("/api/patients", {
        fullName,
        sex: "female",
        birthDate: "1948-02-03",
        language: "zh-CN",
        contacts: [],
      });
      const code = await doctor.post("/api/paper-codes", { patientId: body.patient.id });
      expect(code.status, code.raw.body).toBe(200);
      return {
        patientId: body.patient.id as string,
        ...(code.body as { id: string; text: string; number: string }),
      };
    };
    const paper = (who: Client, code: string) => who.post("/api/sampling/paper-codes", { code });
    const old = await elder("没有手机的奶奶");
    expect((await paper(test.anonymous, old.text)).status).toBe(401);
    expect((await paper(doctor, old.text)).status).toBe(403);
    expect((await paper(await test.as("maqiang"), old.text)).status).toBe(403);
    const found = await paper(tao, old.text);
    expect(found.status, found.raw.body).toBe(200);
    expect(found.body.people).toMatchObject([
      { name: "没有手机的奶奶", state: "waiting", priority: "elder" },
    ]);
    // Scanned again, or typed by hand: the same person, registered once.
    const typed = await paper(tao, old.number.toLowerCase());
    expect(typed.body.people[0].registrationId).toBe(found.body.people[0].registrationId);
    const { open, sample } = await phone(tao);
    const tube = await open(5);
    expect((await sample(tube, found.body.people[0].registrationId)).problem).toBeNull();
    expect((await paper(tao, old.text)).body.people[0].state).toBe("sampled");

    const changed = `${old.text.slice(0, -1)}${old.text.endsWith("0") ? "8" : "0"}`;
    expect((await paper(tao, changed)).body.code).toBe("paper-code.tampered");
    expect((await paper(tao, "0000-0000-0000-0000")).body.code).toBe("paper-code.unknown");
    const lost = await elder("补办过的爷爷");
    await doctor.post(`/api/paper-codes/${lost.id}/revoke`, { reason: "lost" });
    const revoked = await paper(tao, lost.text);
    expect([revoked.status, revoked.body.code]).toEqual([409, "paper-code.revoked"]);
    expect(revoked.body.detail.length).toBeGreaterThan(10);
  });

  it("that is void resamples everybody", async () => {
    const { open, sample, send, step } = await phone(tao);
    const [one, two] = [await walkIn(tao, "作废一"), await walkIn(tao, "作废二")];
    const tube = await open(10);
    await sample(tube, one.registrationId);
    await sample(tube, two.registrationId);
    const [done] = await send(step("void", { tube, reason: "管子掉在地上" }));
    expect(done!.problem).toBeNull();
    expect((await sample(tube, one.registrationId)).problem).toBe("tube-void");
    const people = (await workOf(tao)).people;
    for (const name of ["作废一", "作废二"])
      expect(people.find((p) => p.name === name)).toMatchObject({
        state: "waiting",
        recalled: true,
        single: false,
      });
    const next = await open(10);
    expect((await sample(next, one.registrationId)).problem).toBeNull();
    expect((await sample(next, two.registrationId)).problem).toBeNull();
    const states = await system((tx) =>
      tx.execute<{ state: string }>(
        sql`select c.state from recall c join tube t on t.id = c.tube_id where t.code = ${tube}`,
      ),
    );
    expect(states.map((row) => row.state)).toEqual(["sampled", "sampled"]);
  });
});

describe("a phone without a line", () => {
  it("sends an hour late and twice, with a clock that is wrong, and nothing is done twice", async () => {
    const { step, send } = await phone(tao);
    const people = [
      await walkIn(tao, "离线一"),
      await walkIn(tao, "离线二"),
      await walkIn(tao, "离线三"),
    ];
    const tube = newTube(10);
    const begun = test.clock.now;
    // The phone's clock is twenty minutes fast.
    const phoneTime = (minutes: number) =>
      new Date(begun.getTime() + (20 + minutes) * 60_000).toISOString();
    const steps = [
      step("open", { tube, at: phoneTime(1) }),
      ...people.map((person, index) =>
        step("sample", { tube, registration: person.registrationId, at: phoneTime(2 + index) }),
      ),
      step("undo", { tube, registration: people[2]!.registrationId, at: phoneTime(6) }),
      step("seal", { tube, at: phoneTime(10) }),
    ];
    test.clock.now = new Date(begun.getTime() + 65 * 60_000);
    const post = () => tao.post("/api/sampling/steps", { sentAt: phoneTime(65), steps });
    const [first, second] = await Promise.all([post(), post()]);
    const third = await post();
    for (const answer of [first, second, third])
      expect(
        answer.body.answers.map((one: Found) => one.problem),
        answer.body,
      ).toEqual(steps.map(() => null));
    expect(third.body.answers.every((one: Found) => one.repeated)).toBe(true);
    expect(await tubeRow(tube)).toMatchObject({ state: "sealed", count: 2, members: 2 });
    const [row] = await system((tx) =>
      tx.execute<{ first: string; due: string }>(
        sql`select first_sampled_at as first, lab_due_at as due from tube where code = ${tube}`,
      ),
    );
    expect(new Date(row!.first)).toEqual(new Date(begun.getTime() + 2 * 60_000));
    expect(new Date(row!.due)).toEqual(new Date(begun.getTime() + 122 * 60_000));
    // Somebody else's steps are not answered with these.
    const foreign = await shi.post("/api/sampling/steps", {
      sentAt: test.clock.now.toISOString(),
      steps: [steps[0]!],
    });
    expect(foreign.body.answers[0]!.problem).toBe("not-allowed");
    expect(
      (await send(step("sample", { tube, registration: people[2]!.registrationId })))[0]!.problem,
    ).toBe("tube-sealed");
  });

  it("tells by person and tube what it could not do, and the lead sees to it", async () => {
    const [a, b] = [await phone(tao), await phone(shi)];
    const person = await walkIn(tao, "被别人采了");
    const [mine, theirs] = [await a.open(10), await b.open(10)];
    await b.sample(theirs, person.registrationId);
    const answer = await a.sample(mine, person.registrationId);
    expect(answer).toMatchObject({ problem: "person-sampled", tube: theirs, station: 2 });
    const { sites } = (await yan.get("/api/sampling/sites")).body;
    const found = sites[0]!.conflicts.find((one: Found) => one.person === "被别人采了")!;
    expect(found).toMatchObject({ problem: "person-sampled", otherTube: theirs });
    expect((await tao.post(`/api/sampling/conflicts/${found.id}/settle`)).status).toBe(403);
    expect((await yan.post(`/api/sampling/conflicts/${found.id}/settle`)).status).toBe(200);
    expect((await yan.post(`/api/sampling/conflicts/${found.id}/settle`)).status).toBe(404);
  });
});

describe("a result", () => {
  const sealedTube = async (names: readonly string[], size: TubeSize) => {
    const { open, sample, send, step } = await phone(tao);
    const tube = await open(size);
    const people = [];
    for (const name of names) {
      const person = await walkIn(tao, name);
      expect((await sample(tube, person.registrationId)).problem).toBeNull();
      people.push(person);
    }
    await send(step("seal", { tube }));
    return { tube, people };
  };
  const released = (tube: string) =>
    system((tx) =>
      tx.execute<{ result: string; single: boolean; released: boolean }>(
        sql`select r.result, r.single, r.released_at is not null as released from person_result r join tube t on t.id = r.tube_id where t.code = ${tube} and withdrawn_at is null`,
      ),
    );
  const recalls = (tube: string) =>
    system((tx) =>
      tx.execute<{ cause: string; state: string; single: boolean }>(
        sql`select c.cause, c.state, c.single from recall c join tube t on t.id = c.tube_id where t.code = ${tube} order by c.state`,
      ),
    );

  it("of a negative pool is everybody's", async () => {
    const { tube } = await sealedTube(["阴一", "阴二"], 10);
    await report(tube, "negative");
    expect(await released(tube)).toEqual([
      { result: "negative", single: false, released: true },
      { result: "negative", single: false, released: true },
    ]);
    expect(await recalls(tube)).toEqual([]);
  });

  it("of any other pool is nobody's: everybody is asked again, alone, until the single result", async () => {
    for (const result of ["positive", "grey-zone", "single-target", "rejected"]) {
      const { tube, people } = await sealedTube([`${result}一`, `${result}二`], 10);
      await report(tube, result);
      expect(await released(tube)).toEqual([]);
      expect(await recalls(tube)).toEqual(
        people.map(() => ({ cause: result, state: "issued", single: true })),
      );
      if (result !== "positive") continue;
      // He comes again: a pool is refused, a tube of his own is not, and its result confirms.
      const again = await walkIn(tao, "x").then(() =>
        system((tx) =>
          tx.execute<{ id: string }>(sql`select id from app.register_test(
            (select patient_id from test_registration where id = ${people[0]!.registrationId}), (select site_id from test_registration where id = ${people[0]!.registrationId}),
            'voluntary', null, 'recall', null, 'AGAIN1', (select day from test_registration where id = ${people[0]!.registrationId}), ${test.clock.now.toISOString()}) f(id, problem)`),
        ),
      );
      const { open, sample, send, step } = await phone(tao);
      const pool = await open(10);
      expect((await sample(pool, again[0]!.id)).problem).toBe("single-only");
      const single = await open(1, { retest: true });
      expect((await sample(single, again[0]!.id)).problem).toBeNull();
      await send(step("seal", { tube: single }));
      await report(single, "positive");
      expect(await released(single)).toEqual([
        { result: "positive", single: true, released: false },
      ]);
      expect((await recalls(tube)).map((row) => row.state).sort()).toEqual(["confirmed", "issued"]);
    }
  });

  it("is never changed, only replaced; what was told is taken back", async () => {
    const { tube } = await sealedTube(["更正"], 10);
    await report(tube, "negative");
    const lab = demoActor(test.ids, "qianwei");
    const at = test.clock.now.toISOString();
    await expect(admin`update lab_result set result = 'positive'`).rejects.toThrow(
      /corrected by a new one/,
    );
    await lookTwice(test.services, tube, "grey-zone", { corrects: true });
    await asDemo(test.services, lab, ({ tx }) =>
      tx.execute(sql`insert into lab_result (tube_id, laboratory_id, result, method, tested_at, reported_by, reported_at, source, replaces_id, reason)
        select r.tube_id, r.laboratory_id, 'grey-zone', r.method, ${at}, ${lab.personId}, ${at}, 'page', r.id, '复核曲线' from lab_result r join tube t on t.id = r.tube_id where t.code = ${tube}`),
    );
    expect(await released(tube)).toEqual([]);
    expect(await recalls(tube)).toEqual([{ cause: "grey-zone", state: "issued", single: true }]);
    expect((await tubeRow(tube)).state).toBe("indeterminate");
  });
});

describe("a courier", () => {
  it("takes sealed tubes in a box, and the laboratory signs for it", async () => {
    const ma = await test.as("maqiang");
    const qian = await test.as("qianwei");
    const { open, sample, send, step } = await phone(tao);
    const tube = await open(10);
    await sample(tube, (await walkIn(tao, "转运")).registrationId);
    const unsealed = await open(10);
    await send(step("seal", { tube }));
    const site = (await ma.get("/api/sampling/courier")).body.waiting.find((one: Found) =>
      one.tubes.some((t: Found) => t.code === tube),
    )!;
    const run = (await ma.post("/api/sampling/runs", { siteId: site.siteId, box: "A-01" })).body;
    const put = (code: string, remove = false) =>
      ma.post(`/api/sampling/runs/${run.id}/tubes`, { code, remove });
    expect((await ma.post(`/api/sampling/runs/${run.id}/pick-up`)).body).toMatchObject({
      code: "sampling.run-empty",
    });
    expect((await put("YT1234")).body).toMatchObject({ code: "sampling.tube-format" });
    expect((await put(unsealed)).body).toMatchObject({ code: "sampling.tube-not-here" });
    expect((await put(tube)).body.tubes).toHaveLength(1);
    expect((await put(tube)).body.tubes).toHaveLength(1);
    expect((await put(tube, true)).body.tubes).toHaveLength(0);
    await put(tube);
    expect((await qian.post(`/api/sampling/runs/${run.id}/receive`, { count: 1 })).status).toBe(
      409,
    );
    const left = (await ma.post(`/api/sampling/runs/${run.id}/pick-up`)).body;
    expect(left).toMatchObject({
      state: "in-transit",
      tubes: [{ code: tube, state: "in-transit" }],
    });
    // Whoever brings it does not sign for it.
    expect((await ma.post(`/api/sampling/runs/${run.id}/receive`, { count: 1 })).status).toBe(403);
    const done = await qian.post(`/api/sampling/runs/${run.id}/receive`, { count: 1 });
    expect(done.body).toMatchObject({ state: "delivered", receivedBy: "钱伟", receivedCount: 1 });
    expect(
      (await qian.post(`/api/sampling/runs/${run.id}/receive`, { count: 5 })).body,
    ).toMatchObject({ receivedCount: 1 });
  });
});

describe("the two hours to the laboratory", () => {
  it("are told to leads and couriers when they are over, once", async () => {
    const { open, sample, send, step } = await phone(tao);
    const tube = await open(10);
    await sample(tube, (await walkIn(tao, "超时")).registrationId);
    await send(step("seal", { tube }));
    const told = () =>
      system((tx) =>
        tx.execute<{ name: string }>(
          sql`select o.name from notice n join person o on o.id = n.person_id where n.kind = 'tubes-late' order by o.name`,
        ),
      );
    const before = (await told()).length;
    const later = new Date(test.clock.now.getTime() + 121 * 60_000);
    await system((tx) => tellLateTubes(tx, later));
    const names = (await told()).map((one) => one.name);
    expect(names.length).toBeGreaterThan(before);
    expect(names).toEqual(expect.arrayContaining(["严萍", "马强"]));
    expect(names).not.toContain("陶晓慧");
    await system((tx) => tellLateTubes(tx, later));
    expect(await told()).toHaveLength(names.length);
  });
});

describe("a site's lead", () => {
  it("says who works where; a sampler opens only the own station", async () => {
    const list = (await yan.get("/api/sampling/sites")).body;
    const stations = list.sites[0]!.stations;
    const third = stations.find((one: Found) => one.number === 3)!;
    expect(
      (await yan.put(`/api/sampling/stations/${third.id}`, { state: "open" })).body,
    ).toMatchObject({
      code: "sampling.nobody-there",
    });
    expect((await shi.put(`/api/sampling/stations/${third.id}`, { state: "open" })).status).toBe(
      403,
    );
    const shiId = test.ids.people.get("shilei")!;
    expect(
      (await yan.put(`/api/sampling/stations/${third.id}`, { state: "open", samplerId: shiId }))
        .status,
    ).toBe(200);
    expect((await workOf(shi)).station).toMatchObject({ number: 3, state: "open" });
    const after = (await yan.get("/api/sampling/sites")).body.sites[0]!.stations;
    expect(after.find((one: Found) => one.number === 2)).toMatchObject({
      samplerId: null,
      state: "closed",
    });
    expect((await shi.put(`/api/sampling/stations/${third.id}`, { state: "paused" })).status).toBe(
      200,
    );
    const bao = await test.as("baoyun");
    expect((await bao.put(`/api/sampling/stations/${third.id}`, { state: "open" })).status).toBe(
      404,
    );
  });

  it("takes bookings at a site by a test schedule of the own house, and no other way", async () => {
    const all = async (who: Client) => (await who.get("/api/sampling/sites")).body;
    const linked = (await all(yan)).sites.find((one: Found) => one.scheduleId)!;
    const { id: siteId } = (
      await yan.post("/api/sampling/sites", {
        name: "新采样点",
        place: "彭浦镇",
        feverPlace: "闸北中心医院发热门诊",
        purpose: "voluntary",
        poolSize: 10,
        laboratoryId: test.ids.institutions.get("jingan-central"),
        opensAt: test.clock.now.toISOString(),
        closesAt: null,
        population: null,
        orderId: null,
        stations: 2,
      })
    ).body;
    const link = (who: Client, scheduleId: string | null, site = siteId) =>
      who.put(`/api/sampling/sites/${site}/schedule`, { scheduleId });
    // Nobody but the lead of the house; no schedule of another kind, another house or another site.
    for (const who of [tao, await test.as("deji"), await test.as("13800138001")])
      expect((await link(who, linked.scheduleId)).status).toBe(403);
    const elsewhere = (
      await admin`select s.id from sampling_site s where s.institution_id <> ${test.ids.institutions.get("pengpu")!} limit 1`
    )[0]!.id;
    expect((await link(yan, linked.scheduleId, elsewhere)).status).toBe(404);
    const [clinic] = await admin`
      select id from clinic_schedule where kind = 'clinic' and institution_id = ${test.ids.institutions.get("pengpu")!} limit 1`;
    const [foreign] =
      await admin`insert into clinic_schedule (institution_id, department_id, kind, name_zh, name_en, place, segment_minutes)
      select institution_id, id, 'test', '外院检测', 'Tests elsewhere', '一楼', 30 from department
      where institution_id = ${test.ids.institutions.get("zhabei-central")!} limit 1 returning id`;
    for (const wrong of [clinic!.id, foreign!.id, randomUUID(), linked.scheduleId])
      expect((await link(yan, wrong)).body.code, wrong).toBe("sampling.schedule");
    // Whoever owns the tables is told the same by the constraints.
    for (const wrong of [clinic!.id, foreign!.id, linked.scheduleId])
      await expect(
        admin`update sampling_site set schedule_id = ${wrong} where id = ${siteId}`,
      ).rejects.toMatchObject({
        constraint_name: expect.stringMatching(/^sampling_site_schedule/),
      });
    await expect(
      admin`update clinic_schedule set kind = 'clinic' where id = ${linked.scheduleId}`,
    ).rejects.toMatchObject({ constraint_name: "sampling_site_schedule" });
    expect((await all(yan)).schedules.map((one: Found) => one.id)).not.toContain(foreign!.id);

    const [own] =
      await admin`insert into clinic_schedule (institution_id, department_id, kind, name_zh, name_en, place, segment_minutes)
      select institution_id, department_id, 'test', '第二采样点检测', 'Second site', '彭浦镇', 30 from clinic_schedule where id = ${linked.scheduleId} returning id`;
    expect((await all(yan)).schedules).toContainEqual(
      expect.objectContaining({ id: own!.id, taken: false }),
    );
    expect((await link(yan, own!.id)).status).toBe(200);
    expect((await link(yan, own!.id)).status).toBe(200);
    const traces = await admin`
      select detail from audit_event where action = 'sampling.site-schedule' and entity_id = ${siteId}`;
    expect(traces).toHaveLength(1);
    expect((await all(yan)).sites.find((one: Found) => one.id === siteId).scheduleId).toBe(own!.id);
    const mine = (await (await test.as("13800138001")).get("/api/tests/sites")).body;
    expect(JSON.stringify(mine)).toContain(siteId);

    // People who booked keep their place; who booked before the link is expected afterwards.
    expect((await link(yan, null)).status).toBe(200);
    const booked = await admin.begin(async (tx) => {
      // As it stood before there was a site: nothing follows the booking.
      await tx`set local session_replication_role = replica`;
      const [row] = await tx`
        insert into appointment (segment_id, institution_id, department_id, schedule_id, patient_id, day, starts_at, ends_at, state, channel, code, ticket, relation)
        select (select id from segment limit 1), institution_id, department_id, id, ${test.ids.patients.get("shen")!}, '2026-12-20', '2026-12-20T02:00:00Z',
          '2026-12-20T02:30:00Z', 'booked', 'window', 'LINK99', 'LINK99', 'self' from clinic_schedule where id = ${own!.id} returning id`;
      return row;
    });
    expect((await link(yan, own!.id)).status).toBe(200);
    const expected =
      await admin`select state from test_registration where site_id = ${siteId} and appointment_id = ${booked!.id}`;
    expect(expected).toEqual([{ state: "registered" }]);
    expect((await link(yan, null)).body.code).toBe("sampling.schedule-booked");
    await admin.begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      await tx`delete from test_registration where appointment_id = ${booked!.id}`;
      await tx`delete from appointment where id = ${booked!.id}`;
    });
    expect((await link(yan, null)).status).toBe(200);
  });

  it("opens a surge only under an order that a second person confirmed", async () => {
    const yu = await test.as("yuhong");
    const at = test.clock.now.toISOString();
    const order = (
      await yan.post("/api/sampling/orders", {
        number: `静防〔2026〕${serial}`,
        title: "彭浦新村今晚全员采样",
        purpose: "surge",
        issuedOn: "2026-11-23",
        startsAt: at,
        endsAt: null,
        scope: "彭浦新村街道",
        guides: 12,
        transport: "3 辆专车",
      })
    ).body;
    const site = (orderId: string | null) =>
      yan.post("/api/sampling/sites", {
        name: "体育场临时采样点",
        place: "彭浦体育场",
        feverPlace: "闸北中心医院发热门诊",
        purpose: "surge",
        poolSize: 10,
        laboratoryId: test.ids.institutions.get("jingan-central"),
        opensAt: at,
        closesAt: new Date(test.clock.now.getTime() + 6 * 3_600_000).toISOString(),
        population: 3000,
        orderId,
        stations: 8,
      });
    expect((await site(order.id)).body).toMatchObject({ code: "sampling.order-unconfirmed" });
    expect((await yan.post(`/api/sampling/orders/${order.id}/confirm`)).body).toMatchObject({
      code: "sampling.two-persons",
    });
    expect((await yu.post(`/api/sampling/orders/${order.id}/confirm`)).body).toMatchObject({
      confirmedBy: "余虹",
    });
    expect((await site(order.id)).status).toBe(200);
  });
});

describe("a patient", () => {
  it("books a test for the family, all of them or whoever fits, and the site expects them", async () => {
    const mother = await test.as("13800138001");
    const add = async (fullName: string, birthDate: string) =>
      (
        await mother.post("/api/my/patients", {
          fullName,
          residentId: null,
          sex: "female",
          birthDate,
          relation: "relative",
          phone: null,
          agreed: true,
        })
      ).body.id;
    const grandmother = await add("外婆", "1950-01-01");
    const aunt = await add("姨妈", "1988-01-01");
    const { sites } = (await mother.get("/api/tests/sites")).body;
    const site = sites.find((one: Found) => one.name.zh.includes("彭浦"))!;
    const day = site.nextFree.slice(0, 10);
    const segments = (
      await mother.get(
        `/api/booking/segments?departmentId=${site.departmentId}&day=${day}&kind=test`,
      )
    ).body;
    const segment = segments.schedules[0]!.segments.find((one: Found) => one.state === "free")!;
    // All but one seat are gone.
    await admin`update seat set free_from = '2027-01-01' where segment_id = ${segment.id} and number > 1`;
    const body = (mode: string, patients: string[]) => ({
      segmentId: segment.id,
      mode,
      people: patients.map((patientId) => ({
        patientId,
        relation: "relative",
        purpose: "voluntary",
        priority: null,
      })),
    });
    const refused = await mother.post("/api/tests/bookings", body("all", [grandmother, aunt]));
    expect(refused.body).toMatchObject({ code: "sampling.none-fit" });
    expect((await mother.get("/api/my/tests")).body.tests).toHaveLength(0);
    const fits = await mother.post("/api/tests/bookings", body("fit", [grandmother, aunt]));
    expect(fits.body).toMatchObject({ booked: 1 });
    expect(fits.body.people[1]!.problem).toContain("满");
    const mine = (await mother.get("/api/my/tests")).body.tests;
    expect(mine).toMatchObject([
      { priority: "elder", state: "registered", patient: { name: "外婆" } },
    ]);
    expect(
      (
        await mother.put(`/api/tests/${mine[0]!.id}`, {
          purpose: "voluntary",
          priority: "disabled",
        })
      ).status,
    ).toBe(200);
    const other = await test.as("13800138004");
    expect(
      (await other.put(`/api/tests/${mine[0]!.id}`, { purpose: "voluntary", priority: null }))
        .status,
    ).toBe(409);
    expect((await other.get("/api/my/tests")).body).toEqual({ tests: [] });
    // Given back, the site does not expect her any more.
    const found = (await tao.get(`/api/sampling/people?code=${mine[0]!.code}`)).body;
    if (day === "2026-11-23")
      expect(found.person).toMatchObject({ name: "外婆", priority: "disabled" });
  });

  it("makes a group; whoever has the code joins, and they walk in together", async () => {
    const mother = await test.as("13800138001");
    const other = await test.as("13800138004");
    const { sites } = (await mother.get("/api/tests/sites")).body;
    const site = sites.find((one: Found) => one.name.zh.includes("彭浦"))!;
    const made = await mother.post("/api/tests/groups", {
      kind: "company",
      name: "彭浦新村物业",
      siteId: site.id,
      segmentId: null,
      day: "2026-11-23",
    });
    const group = made.body;
    expect(made.status, JSON.stringify(made.body)).toBe(200);
    const seen = (await other.get(`/api/tests/groups/${group.code.toLowerCase()}`)).body;
    expect(seen).toMatchObject({ name: "彭浦新村物业", members: 0, own: false });
    const patientId = (
      await system((tx) =>
        tx.execute<{ id: string }>(sql`select id from patient where full_name = '洛桑'`),
      )
    )[0]!.id;
    expect(
      (await other.post(`/api/tests/groups/${group.code}/members`, { patientIds: [patientId] }))
        .body,
    ).toMatchObject({ members: 1 });
    expect(
      (await mother.post(`/api/tests/groups/${group.code}/members`, { patientIds: [patientId] }))
        .status,
    ).toBe(403);
    expect((await other.get("/api/tests/groups/GZZZZZ")).body).toMatchObject({
      code: "sampling.group-unknown",
    });
    const bao = await test.as("baoyun");
    expect((await bao.post("/api/sampling/group-walk-ins", { code: group.code })).status).toBe(404);
    const walked = await tao.post("/api/sampling/group-walk-ins", { code: group.code });
    expect(walked.body).toMatchObject({
      people: [{ state: "waiting" }],
      already: 0,
    });
    expect(
      (await tao.post("/api/sampling/group-walk-ins", { code: group.code })).body,
    ).toMatchObject({
      already: 1,
    });
  });
});

describe("sites for whoever says where he is", () => {
  it("come by distance from a street or an institution, and by the soonest seat when it is not said or not known", async () => {
    const phone = await test.as("13800138001");
    const { places } = (await phone.get("/api/tests/whereabouts")).body;
    expect(places.map((one: { name: { zh: string } }) => one.name.zh)).toEqual(
      expect.arrayContaining(["彭浦新村街道", "天平路街道", "萨迦镇", "徐汇区中心医院"]),
    );
    const from = async (zh: string) => {
      const { id } = places.find((one: { name: { zh: string } }) => one.name.zh === zh);
      const { sites } = (await phone.get(`/api/tests/sites?from=${encodeURIComponent(id)}`)).body;
      return sites as { name: { zh: string }; distanceMetres: number | null }[];
    };
    const north = await from("彭浦新村街道");
    expect(north[0]!.name.zh).toBe("彭浦新村便民采样点");
    expect(north[0]!.distanceMetres).toBeLessThan(1000);
    const far = north.map((one) => one.distanceMetres ?? Number.POSITIVE_INFINITY);
    expect(far).toEqual([...far].sort((left, right) => left - right));
    const south = await from("徐汇区中心医院");
    expect(south[0]!.name.zh).toBe("徐汇区中心医院采样点");
    expect(south[0]!.distanceMetres).toBe(0);
    for (const unknown of ["", "?from=l:nowhere", "?from=i:x", `?from=i:${randomUUID()}`]) {
      const { body } = await phone.get(`/api/tests/sites${unknown}`);
      const sites = body.sites as { nextFree: string | null; distanceMetres: number | null }[];
      expect(
        sites.every((one) => one.distanceMetres === null),
        unknown,
      ).toBe(true);
      const free = sites.map((one) => one.nextFree ?? "9");
      expect(free).toEqual([...free].sort());
    }
    expect((await phone.get("/api/tests/sites?from=%00")).status).toBeLessThan(500);
    expect((await test.anonymous.get("/api/tests/whereabouts")).status).toBe(401);
  });
});

describe("a walk-in who was registered without a line", () => {
  it("is one registration under the code on his paper, however often and under which key it is sent", async () => {
    const came = new Date(test.clock.now.getTime() - 40 * 60_000).toISOString();
    const kept = { code: "BCDF2345", at: came };
    const body = {
      residentId: null,
      fullName: "断网登记",
      phone: "13955556666",
      birthDate: null,
      sex: null,
      purpose: "voluntary",
      priority: null,
      kept,
    };
    const patients = () =>
      system((tx) => tx.execute(sql`select id from patient where full_name = '断网登记'`));
    for (const wrong of [
      { code: "O0000000", at: came },
      { code: "BCD", at: came },
    ])
      expect((await tao.post("/api/sampling/walk-ins", { ...body, kept: wrong })).status).toBe(400);
    expect((await (await test.as("maqiang")).post("/api/sampling/walk-ins", body)).status).toBe(
      403,
    );
    const first = await tao.post("/api/sampling/walk-ins", body);
    expect(first.body.people, JSON.stringify(first.body)).toMatchObject([
      { code: "BCDF2345", name: "断网登记", lastFour: "6666", expectedAt: came },
    ]);
    const again = await tao.post("/api/sampling/walk-ins", body, {
      "idempotency-key": randomUUID(),
    });
    expect(again.body).toMatchObject({
      already: 1,
      people: [{ registrationId: first.body.people[0].registrationId }],
    });
    expect(await patients()).toHaveLength(1);
    // A phone whose clock is ahead: he came now, not tomorrow.
    const ahead = await tao.post("/api/sampling/walk-ins", {
      ...body,
      fullName: "钟快的",
      phone: "13955557777",
      kept: { code: "BCDF2346", at: "2031-01-01T00:00:00Z" },
    });
    expect(ahead.body.people[0].expectedAt).toBe(test.clock.now.toISOString());
    // A card that is none is refused with a sentence, and can be put right under the same code.
    const mistyped = await tao.post("/api/sampling/walk-ins", {
      ...body,
      residentId: "110105194912310021",
      kept: { code: "BCDF2347", at: came },
    });
    expect(mistyped.body.code).toBe("patient.resident-id");
  });
});

describe("rubbish", () => {
  it("is answered with a sentence, never with a fault of ours", async () => {
    const nowhere = randomUUID();
    const { step } = await phone(tao);
    const at = test.clock.now.toISOString();
    const site = {
      name: "x",
      place: "x",
      feverPlace: "x",
      purpose: "voluntary",
      poolSize: 10,
      laboratoryId: nowhere,
      opensAt: at,
      closesAt: null,
      population: null,
      orderId: null,
      stations: 1,
    };
    const order = {
      number: `D-${serial}`,
      title: "x",
      purpose: "surge",
      issuedOn: "2026-11-23",
      startsAt: at,
      endsAt: null,
      scope: "x",
      guides: 0,
      transport: "",
    };
    const laboratoryId = test.ids.institutions.get("jingan-central");
    const asks: [Client, "post" | "put", string, unknown][] = [
      ...["open", "sample", "undo", "seal", "void", "lead-away"].flatMap((kind) =>
        ["", "\u0000\u0000\u0000\u0000", "YT10😀0000", "1'; drop table tube"].map(
          (tube) =>
            [
              tao,
              "post",
              "/api/sampling/steps",
              { sentAt: at, steps: [{ ...step("open"), step: kind, tube }] },
            ] as [Client, "post", string, unknown],
        ),
      ),
      ...["sample", "undo", "lead-away"].map(
        (kind) =>
          [
            tao,
            "post",
            "/api/sampling/steps",
            {
              sentAt: at,
              steps: [{ ...step("open"), step: kind, tube: null, registration: nowhere }],
            },
          ] as [Client, "post", string, unknown],
      ),
      [
        tao,
        "post",
        "/api/sampling/steps",
        {
          sentAt: "9999-12-31T00:00:00Z",
          steps: [step("open", { at: "0001-01-01T00:00:00Z", tube: newTube(1) })],
        },
      ],
      [
        tao,
        "post",
        "/api/sampling/steps",
        { sentAt: at, steps: [{ ...step("open"), station: nowhere }] },
      ],
      [
        tao,
        "post",
        "/api/sampling/walk-ins",
        {
          residentId: "11010519491231002X",
          fullName: "",
          phone: "abc",
          birthDate: null,
          sex: null,
          purpose: "surge",
          priority: null,
        },
      ],
      [
        tao,
        "post",
        "/api/sampling/walk-ins",
        {
          residentId: null,
          fullName: "  ",
          phone: null,
          birthDate: null,
          sex: null,
          purpose: "voluntary",
          priority: null,
        },
      ],
      [tao, "post", "/api/sampling/group-walk-ins", { code: "\u0000\u0000\u0000\u0000" }],
      [yan, "post", "/api/sampling/sites", site],
      [yan, "post", "/api/sampling/sites", { ...site, laboratoryId, closesAt: at }],
      [yan, "post", "/api/sampling/sites", { ...site, laboratoryId, orderId: nowhere }],
      [yan, "post", `/api/sampling/sites/${nowhere}/stations`, { count: 1 }],
      [yan, "put", `/api/sampling/stations/${nowhere}`, { state: "open" }],
      [yan, "post", `/api/sampling/orders/${nowhere}/confirm`, {}],
      [yan, "post", "/api/sampling/orders", { ...order, endsAt: at }],
    ];
    const mother = await test.as("13800138001");
    const sites = (await mother.get("/api/tests/sites")).body.sites;
    for (const body of [
      { kind: "family", name: "x", siteId: nowhere, segmentId: null, day: "2026-11-23" },
      { kind: "family", name: "x", siteId: sites[0].id, segmentId: nowhere, day: "2026-11-23" },
      { kind: "family", name: "x", siteId: sites[0].id, segmentId: null, day: "2020-01-01" },
    ])
      asks.push([mother, "post", "/api/tests/groups", body]);
    asks.push([mother, "put", `/api/tests/${nowhere}`, { purpose: "voluntary", priority: null }]);
    asks.push([
      mother,
      "post",
      "/api/tests/bookings",
      {
        segmentId: nowhere,
        mode: "all",
        people: [{ patientId: nowhere, relation: "self", purpose: "voluntary", priority: null }],
      },
    ]);
    const ma = await test.as("maqiang");
    asks.push([ma, "post", "/api/sampling/runs", { siteId: nowhere, box: "x" }]);
    asks.push([ma, "post", `/api/sampling/runs/${nowhere}/tubes`, { code: "YT1000" }]);
    asks.push([ma, "post", `/api/sampling/runs/${nowhere}/pick-up`, {}]);
    for (const [who, method, url, body] of asks) {
      const answer = await who[method](url, body);
      expect(
        answer.status,
        `${url} ${JSON.stringify(body)}: ${JSON.stringify(answer.body)}`,
      ).toBeLessThan(500);
      if (answer.status === 200 && answer.body.answers)
        expect(answer.body.answers[0].problem, JSON.stringify(body)).toBeTruthy();
      else expect(answer.status, `${url} ${JSON.stringify(body)}`).toBeGreaterThanOrEqual(400);
    }
    expect((await yan.post("/api/sampling/orders", order)).status).toBe(200);
    expect((await yan.post("/api/sampling/orders", order)).body).toMatchObject({
      code: "sampling.order-number",
    });
  });
});
