import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noConditions, type StoreContext } from "../../server/fhir/service.ts";
import { projectTimed } from "../../server/records/projection/projector.ts";
import { projectStep } from "../../server/records/projection/step.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

/** One person registered twice: found, joined by a person, read as one, taken apart again. */
let test: TestApp;
let owner: postgres.Sql;
let lu: Client;
let lumin: Client;
let wang: Client;

beforeAll(async () => {
  test = await buildTestApp();
  owner = postgres(test.database.admin, { max: 2, onnotice: () => {} });
  [lu, lumin, wang] = (await Promise.all(["luweihong", "lumin", "wangjianguo"].map(test.as))) as [
    Client,
    Client,
    Client,
  ];
});
afterAll(async () => {
  await owner.end();
  await test.close();
});

const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
function idNumber(birth: string, order: string): string {
  const body = `310108${birth}${order}`;
  const sum = [...body].reduce((all, digit, index) => all + Number(digit) * weights[index]!, 0);
  return body + "10X98765432"[sum % 11];
}
type Person = { fullName?: string; fullNameBo?: string; birthDate?: string; phone?: string } & {
  residentId?: string;
  unknownPerson?: boolean;
  ethnicGroup?: string;
};
async function register(client: Client, { phone, ...person }: Person) {
  const made = await client.post("/api/patients", {
    sex: "male",
    ...person,
    contacts: phone ? [{ relation: "self", phone, maySignIn: true }] : [],
  });
  expect(made.status, JSON.stringify(made.body)).toBe(200);
  return made.body as { patient: { id: string }; similar: { id: string; alike: string }[] };
}
/** By telephone at one house, with the card in hand at the other. */
async function twice(name: string, phone: string, order: string) {
  const birthDate = "1950-03-04";
  const called = await register(lumin, { fullName: name, birthDate, phone });
  const shown = await register(wang, {
    fullName: name,
    birthDate,
    phone,
    residentId: idNumber("19500304", order),
  });
  return { old: called.patient.id, goesOn: shown.patient.id, similar: shown.similar };
}
const join = (duplicateId: string, survivorId: string, more: object = {}, client = lu) =>
  client.post("/api/patient-joins", {
    duplicateId,
    survivorId,
    basis: "identity-card",
    reason: "窗口核对身份证，同一人",
    ...more,
  });
const code = (answer: { body: { code?: string } }) => answer.body.code;

describe("who is refused", () => {
  it("is everybody without the permission, and for two that are no business of the house", async () => {
    const one = (await register(wang, { fullName: "甲一一", birthDate: "1960-01-01" })).patient.id;
    const other = (await register(wang, { fullName: "乙二二", birthDate: "1961-01-01" })).patient
      .id;
    for (const [client, status] of [
      [test.anonymous, 401],
      [wang, 403],
      [await test.as("13800138001"), 403],
    ] as const) {
      expect((await client.get("/api/patient-joins")).status).toBe(status);
      expect(
        (await client.get(`/api/patient-joins/compare?one=${one}&other=${other}`)).status,
      ).toBe(status);
      expect((await join(one, other, {}, client)).status).toBe(status);
      expect(
        (await client.post(`/api/patient-joins/${randomUUID()}/separate`, { reason: "合错了人" }))
          .status,
      ).toBe(status);
    }
    // The administrator of another house sees neither, and they are not alike.
    expect((await lu.get(`/api/patient-joins/compare?one=${one}&other=${other}`)).status).toBe(404);
    expect((await join(one, other)).status).toBe(404);
    expect((await lu.get(`/api/patients/${one}/duplicates`)).body.possible).toEqual([]);
  });

  it("takes two different ID cards for two people, whatever else is the same", async () => {
    const person = { fullName: "孙同名", birthDate: "1971-05-06", phone: "13911110001" };
    const one = await register(lumin, { ...person, residentId: idNumber("19710506", "001") });
    const other = await register(lumin, { ...person, residentId: idNumber("19710506", "003") });
    expect(other.similar).toEqual([]);
    const seen = await lu.get(
      `/api/patient-joins/compare?one=${one.patient.id}&other=${other.patient.id}`,
    );
    expect(seen.body.obstacle).toBe("identity");
    expect(code(await join(one.patient.id, other.patient.id))).toBe("patient.ids-contradict");
    // And the database says the same to whoever comes past the service.
    await expect(
      owner`insert into patient_link (duplicate_id, named_id, survivor_id, basis, reason, joined_by, joined_by_name, joined_at_institution_id, joined_at)
        select ${one.patient.id}, ${other.patient.id}, ${other.patient.id}, 'person', 'x', id, 'x', ${test.ids.institutions.get("xuhui-central")!}, now() from person limit 1`,
    ).rejects.toThrow("two people");
  });
});

describe("who may be the same", () => {
  it("is shown where he is registered, likely by name, birth date and phone", async () => {
    const { old, goesOn, similar } = await twice("郑可能", "13911110002", "011");
    expect(similar).toMatchObject([{ id: old, alike: "likely" }]);
    expect((await wang.get(`/api/patients/${goesOn}/duplicates`)).body.possible[0].house.name).toBe(
      "徐汇区中心医院",
    );
    const { pairs } = (await lu.get("/api/patient-joins")).body;
    const ids = pairs.map((pair: { one: { id: string }; other: { id: string } }) =>
      [pair.one.id, pair.other.id].sort().join(),
    );
    expect(ids).toContain([old, goesOn].sort().join());
  });

  it("is never more than possible for a single name without an ID card", async () => {
    const zhuoma = {
      fullNameBo: "སྒྲོལ་མ།",
      birthDate: "1980-02-02",
      phone: "13911110003",
      ethnicGroup: "藏族",
    };
    const one = await register(lumin, zhuoma);
    const other = await register(lumin, zhuoma);
    expect(other.similar).toMatchObject([{ id: one.patient.id, alike: "possible" }]);
    // Of another house nothing is said at all.
    expect((await register(wang, zhuoma)).similar).toEqual([]);
  });

  it("is refused as a second registration when the ID card is the same", async () => {
    const residentId = idNumber("19660607", "021");
    const first = await register(lumin, { fullName: "钱一号", residentId });
    const again = await wang.post("/api/patients", { sex: "male", fullName: "钱一号", residentId });
    expect(again.body).toMatchObject({ existing: true, patient: { id: first.patient.id } });
  });
});

describe("one person", () => {
  let old: string;
  let goesOn: string;
  let link: string;
  let phone: Client;
  const peopleOfPhone = async (): Promise<string[]> =>
    (await phone.get("/api/session")).body.patients.map((one: { id: string }) => one.id);
  let place: { departmentId: string; segments: { id: string }[] };

  beforeAll(async () => {
    ({ old, goesOn } = await twice("郑和平", "13800138004", "031"));
    phone = await test.as("13800138004");
    await projectTimed(test.services, { warn: () => {} });
  });

  it("is joined under the registration whose identity is known, with a reason, once", async () => {
    const seen = (await lu.get(`/api/patient-joins/compare?one=${old}&other=${goesOn}`)).body;
    expect(seen).toMatchObject({ alike: "likely", goesOn, obstacle: null });
    expect(seen.differs).toEqual(["residentIdMasked"]);
    expect(code(await join(goesOn, old))).toBe("patient.join-survivor");
    expect((await join(old, goesOn, { reason: " " })).status).toBe(400);
    expect(await peopleOfPhone()).toEqual(expect.arrayContaining([old, goesOn]));
    const made = await join(old, goesOn);
    expect(made.status, JSON.stringify(made.body)).toBe(200);
    link = made.body.link.id;
    expect(code(await join(old, goesOn))).toBe("patient.joined-already");
    expect(code(await join(goesOn, old))).toBe("patient.joined-already");
  });

  it("is found once, opened under either number, and shown once on his own phone", async () => {
    const found = (await lumin.get("/api/patients?q=郑和平")).body.patients;
    expect(found.map((one: { id: string }) => one.id)).toEqual([goesOn]);
    // A page of the old registration goes on to the other, with the ID card that it never had.
    for (const client of [lumin, wang]) {
      const opened = (await client.get(`/api/patients/${old}`)).body;
      expect(opened).toMatchObject({ id: goesOn, fullName: "郑和平" });
      expect(opened.residentIdMasked).toMatch(/^310/);
      expect(opened.contacts).toHaveLength(1);
    }
    expect(await peopleOfPhone()).toContain(goesOn);
    expect(await peopleOfPhone()).not.toContain(old);
    expect((await lumin.get(`/api/patients/${goesOn}/duplicates`)).body.possible).toEqual([]);
  });

  it("is one Patient that goes on and one that says so, over the API and in the house's store", async () => {
    const asked = (await wang.get(`/fhir/Patient/${old}`)).body;
    expect(asked).toMatchObject({ id: old, active: false });
    expect(asked.link).toEqual([
      { other: { reference: `Patient/${goesOn}` }, type: "replaced-by" },
    ]);
    // What changed is told before the long walk goes on.
    const xuhui = test.ids.institutions.get("xuhui-central")!;
    for (let step = 0; step < 5; step += 1)
      if ((await projectStep(test.services, xuhui)).did !== "changes") break;
    const hosted = await test.services.records.find({ code: "xuhui-central" });
    const context: StoreContext = {
      tenant: hosted.tenant,
      at: test.clock.now,
      base: "http://localhost:8080/stores/xuhui-central/fhir",
      caller: {
        kind: "client",
        actor: "test",
        name: null,
        institution: hosted.tenant,
        purpose: "operations",
        reason: null,
        scopes: null,
        mayWrite: false,
        correlationId: "test",
        address: null,
      },
    };
    const rows = await hosted.store.transaction(context, async (tx) => {
      await tx.unsafe("SELECT set_config('fhir.tenant', $1, true)", [hosted.tenant]);
      return tx.unsafe(
        "SELECT content FROM resource WHERE tenant = $1 AND type = 'Patient' AND id = ANY ($2::text[])",
        [hosted.tenant, [old, goesOn]],
      );
    });
    const kept = Object.fromEntries(
      rows.map(({ content }) => [content.id, [content.active, content.link]]),
    );
    expect(kept[old]).toEqual([
      false,
      [{ other: { reference: `Patient/${goesOn}` }, type: "replaced-by" }],
    ]);
    expect(kept[goesOn]).toEqual([
      true,
      [{ other: { reference: `Patient/${old}` }, type: "replaces" }],
    ]);
    // The house's own system wrote under the old number: asked for either, the record has both, each thing once.
    const id = `bp-${old.slice(0, 8)}`;
    await hosted.store.write(
      { ...context, caller: { ...context.caller, mayWrite: true } },
      "update",
      [
        {
          ...noConditions,
          method: "PUT",
          type: "Observation",
          id,
          resource: {
            resourceType: "Observation",
            id,
            status: "final",
            code: { text: "脉搏" },
            subject: { reference: `Patient/${old}` },
          },
        },
      ],
    );
    const everything = async (of: string, count = 100) => {
      const found: string[] = [];
      for (let cursor: string | null = null; ; ) {
        const page = await hosted.store.everything(context, of, {
          count,
          types: null,
          since: null,
          cursor,
        });
        for (const one of page.entries)
          if (one.mode === "match") found.push(`${one.type}/${one.id}`);
        cursor = page.next;
        if (cursor === null) return found;
      }
    };
    const both = [`Observation/${id}`, `Patient/${old}`, `Patient/${goesOn}`];
    for (const of of [old, goesOn]) {
      const found = await everything(of);
      expect(found).toEqual(expect.arrayContaining(both));
      expect(new Set(found).size).toBe(found.length);
      expect((await everything(of, 2)).toSorted()).toEqual(found.toSorted());
    }
  });

  it("lands on the one that goes on, whichever number the page had open", async () => {
    const draft = await wang.post("/api/referrals", {
      patientId: old,
      direction: "up",
      content: { urgency: "routine", reason: "反复头晕" },
    });
    expect(draft.status, JSON.stringify(draft.body)).toBe(200);
    const [episode] =
      await owner`select patient_id from episode where id = ${draft.body.episode.id}`;
    expect(episode!.patient_id).toBe(goesOn);
    const second = await wang.post("/api/referrals", {
      patientId: goesOn,
      direction: "up",
      content: { urgency: "routine", reason: "又来" },
    });
    expect(second.body.episode.id).toBe(draft.body.episode.id);
  });

  it("has one number a day at a department, under both", async () => {
    const places = (await phone.get("/api/booking/places?kind=clinic")).body.places;
    const departmentId = places.find(
      (one: { name: { zh: string } }) => one.name.zh === "萨迦县卫生服务中心",
    ).departments[0].id;
    const days = (await phone.get(`/api/booking/availability?departmentId=${departmentId}&days=14`))
      .body.days as { day: string; state: string }[];
    const day = days.slice(1).find((one) => one.state === "free")!.day;
    const { schedules } = (
      await phone.get(`/api/booking/segments?departmentId=${departmentId}&day=${day}`)
    ).body as { schedules: { segments: { id: string; state: string }[] }[] };
    place = {
      departmentId,
      segments: schedules.flatMap((one) => one.segments).filter((one) => one.state === "free"),
    };
    const hold = (patientId: string, index: number) =>
      phone.post("/api/appointments/hold", {
        segmentId: place.segments[index]!.id,
        patientId,
        relation: "self",
      });
    const held = await hold(old, 0);
    expect(held.status, JSON.stringify(held.body)).toBe(200);
    expect(held.body.appointment.patient.id).toBe(goesOn);
    await phone.post(`/api/appointments/${held.body.appointment.id}/confirm`, {});
    expect(code(await hold(goesOn, 1))).toBe("booking.already-booked");
    expect(code(await hold(old, 1))).toBe("booking.already-booked");
    expect((await phone.get("/api/my/appointments")).body.appointments).toHaveLength(1);
  });

  it("reads who joined him under who looked", async () => {
    const { entries } = (await phone.get("/api/my/access")).body;
    expect(entries.map((one: { action: string }) => one.action)).toEqual(
      expect.arrayContaining(["patient.join", "patient.compare"]),
    );
  });

  it("is two again when it was a mistake; what was written since stays and is listed", async () => {
    await expect(
      owner`update patient_link set survivor_id = ${old} where id = ${link}`,
    ).rejects.toThrow("who joined whom stands");
    const apart = await lu.post(`/api/patient-joins/${link}/separate`, { reason: "是父子两人" });
    expect(apart.status, JSON.stringify(apart.body)).toBe(200);
    const kinds = Object.fromEntries(
      apart.body.writtenSince.map((one: { kind: string; total: number }) => [one.kind, one.total]),
    );
    expect(kinds).toMatchObject({ episodes: 1, appointments: 1 });
    expect(code(await lu.post(`/api/patient-joins/${link}/separate`, { reason: "再来一次" }))).toBe(
      "patient.separated-already",
    );
    expect((await lumin.get(`/api/patients/${old}`)).body.id).toBe(old);
    expect((await lumin.get(`/api/patients/${goesOn}`)).status).toBe(404);
    expect(await peopleOfPhone()).toEqual(expect.arrayContaining([old, goesOn]));
  });
});

describe("two at once, and chains", () => {
  it("lets one of A to B and B to A win", async () => {
    const person = { fullName: "冯同时", birthDate: "1955-05-05", phone: "13911110005" };
    const a = (await register(lumin, person)).patient.id;
    const b = (await register(lumin, person)).patient.id;
    const both = await Promise.all([join(a, b), join(b, a)]);
    expect(both.map((one) => one.status).sort()).toEqual([200, 409]);
    expect(both.map(code)).toContain("patient.joined-already");
  });

  it("reads A as C after A to B to C, and as B again when C was a mistake", async () => {
    const person = { fullName: "褚三份", birthDate: "1956-06-06", phone: "13911110006" };
    const [a, b, c] = (await Promise.all([1, 2, 3].map(() => register(lumin, person)))).map(
      (one) => one.patient.id,
    ) as [string, string, string];
    expect((await join(a, b)).status).toBe(200);
    const second = await join(b, c);
    expect(second.status).toBe(200);
    const idOf = async (id: string) => (await lumin.get(`/api/patients/${id}`)).body.id;
    expect([await idOf(a), await idOf(b), await idOf(c)]).toEqual([c, c, c]);
    expect((await lumin.get("/api/patients?q=褚三份")).body.patients).toHaveLength(1);
    // A circle is one person already.
    expect(code(await join(c, a))).toBe("patient.joined-already");
    await lu.post(`/api/patient-joins/${second.body.link.id}/separate`, { reason: "第三份不是" });
    expect([await idOf(a), await idOf(b), await idOf(c)]).toEqual([b, b, c]);
  });

  it("asks which of two open episodes goes on", async () => {
    const person = { fullName: "卫两程", birthDate: "1957-07-07", phone: "13911110007" };
    const a = (await register(wang, person)).patient.id;
    const b = (await register(wang, person)).patient.id;
    for (const patientId of [a, b])
      await wang.post("/api/referrals", {
        patientId,
        direction: "up",
        content: { urgency: "routine", reason: "血压高" },
      });
    // Of this house neither: the hotline of Xuhui links one of them by asking for him.
    await lumin.post("/api/patients", { sex: "male", ...person, phone: undefined });
    await owner`insert into patient_institution (patient_id, institution_id, source)
      values (${a}, ${test.ids.institutions.get("xuhui-central")!}, 'test')`;
    const { episodes } = (await lu.get(`/api/patient-joins/compare?one=${a}&other=${b}`)).body;
    expect(episodes).toHaveLength(2);
    expect(code(await join(a, b))).toBe("patient.join-episode");
    const goesOn = episodes.find((one: { patientId: string }) => one.patientId === b).id;
    expect((await join(a, b, { episodeId: goesOn })).status).toBe(200);
  });
});

describe("two people who look alike", () => {
  const say = (one: string, other: string, client = lu) =>
    client.post("/api/patient-joins/apart", { one, other, reason: "见过两位本人，是表兄弟" });
  const proposed = async (client: Client, one: string, other: string) =>
    (await client.get("/api/patient-joins")).body.pairs.some(
      (pair: { one: { id: string }; other: { id: string } }) =>
        [pair.one.id, pair.other.id].includes(one) && [pair.one.id, pair.other.id].includes(other),
    );

  it("are said to be two by who may join them, are proposed no more, and joined only after it was taken back", async () => {
    const tong = await test.as("tongyafen");
    const { old, goesOn } = await twice("卓相像", "13911110031", "091");
    for (const [client, status] of [
      [test.anonymous, 401],
      [wang, 403],
      [await test.as("13800138001"), 403],
    ] as const)
      expect((await say(old, goesOn, client)).status).toBe(status);
    // The community's own administrator sees the pair that the community made, too.
    expect(await proposed(tong, old, goesOn)).toBe(true);
    expect(await proposed(lu, old, goesOn)).toBe(true);
    const said = await say(old, goesOn, tong);
    expect(said.status, JSON.stringify(said.body)).toBe(200);
    expect(code(await say(goesOn, old))).toBe("patient.said-apart");
    expect(await proposed(tong, old, goesOn)).toBe(false);
    expect(await proposed(lu, old, goesOn)).toBe(false);
    expect((await wang.get(`/api/patients/${goesOn}/duplicates`)).body.possible).toEqual([]);
    const listed = (await lu.get("/api/patient-joins")).body.apart.find(
      (one: { id: string }) => one.id === said.body.id,
    );
    expect(listed).toMatchObject({
      reason: "见过两位本人，是表兄弟",
      saidBy: "童雅芬",
      outdated: false,
    });
    expect(code(await join(old, goesOn))).toBe("patient.said-apart");
    const back = (client: Client) =>
      client.post(`/api/patient-joins/apart/${said.body.id}/take-back`, {
        reason: "证件核对后是一人",
      });
    expect((await back(wang)).status).toBe(403);
    expect((await back(lu)).status).toBe(200);
    expect((await back(lu)).status).toBe(404);
    expect(await proposed(tong, old, goesOn)).toBe(true);
    expect((await join(old, goesOn)).status).toBe(200);
    expect(code(await say(old, goesOn))).toBe("patient.joined-already");
    // Who said what stays, and nobody writes it anew.
    await expect(
      owner`update patient_apart set reason = 'x' where id = ${said.body.id}`,
    ).rejects.toThrow("stands");
  });

  it("are proposed again when what it was said of has changed", async () => {
    const { old, goesOn } = await twice("卓再像", "13911110032", "093");
    expect((await say(old, goesOn)).status).toBe(200);
    await owner`update patient set address = '彭浦新村 1 号' where id = ${old}`;
    expect(await proposed(lu, old, goesOn)).toBe(false);
    await owner`update patient set full_name_bo = 'ཀྲོ།' where id = ${old}`;
    expect(await proposed(lu, old, goesOn)).toBe(false);
    await owner`update patient set full_name_bo = null, sex = 'female' where id = ${old}`;
    const shown = (await lu.get("/api/patient-joins")).body.apart.find(
      (one: { one: { id: string }; other: { id: string } }) =>
        [one.one.id, one.other.id].includes(old),
    );
    expect(shown.outdated).toBe(true);
    expect(await proposed(lu, old, goesOn)).toBe(true);
    // Said again of what is known now.
    expect((await say(old, goesOn)).status).toBe(200);
    expect(await proposed(lu, old, goesOn)).toBe(false);
  });
});

describe("one person at a test", () => {
  it("is registered once a day, answers his recall under its number, and is never twice in a tube", async () => {
    const { old, goesOn } = await twice("单一次", "13911110033", "095");
    const [site] = await owner<{ id: string; house: string }[]>`
      select id, institution_id as house from sampling_site order by id limit 1`;
    const [station] = await owner<{ id: string }[]>`
      select id from sampling_station where site_id = ${site!.id} order by number limit 1`;
    const register = async (patientId: string, day: string, code: string) =>
      (
        await owner<{ id: string; patient_id: string }[]>`
          insert into test_registration (patient_id, site_id, institution_id, code, source, purpose, day, expected_at, state, arrived_at)
          values (${patientId}, ${site!.id}, ${site!.house}, ${code}, 'walk-in', 'voluntary', ${day}, now(), 'waiting', now())
          on conflict do nothing returning id, patient_id`
      )[0];
    const before = await register(old, "2026-11-23", "ONE00001");
    const swab = await register(old, "2026-11-24", "ONE00002");
    expect((await join(old, goesOn)).status).toBe(200);
    // What stands for the day stands for the person.
    expect(before?.patient_id).toBe(old);
    expect(await register(goesOn, "2026-11-23", "ONE00003")).toBeUndefined();
    const next = await register(old, "2026-11-25", "ONE00004");
    expect(next?.patient_id).toBe(goesOn);
    const [person] = await owner<{ id: string }[]>`select id from person limit 1`;
    const [tube] = await owner<{ id: string }[]>`
      insert into tube (code, size, purpose, retest, site_id, station_id, institution_id, laboratory_id, opened_by, opened_at)
      select 'YT10000099990', 10, 'voluntary', false, s.id, ${station!.id}, s.institution_id, s.laboratory_id, ${person!.id}, now()
      from sampling_site s where s.id = ${site!.id} returning id`;
    // As the sampler's phone has it done.
    const put = async (registration: string) =>
      owner.begin(async (tx) => {
        await tx`select set_config('yilian.kind', 'system', true)`;
        const [row] = await tx<{ said: { problem?: string; count?: number; tube?: string } }[]>`
          select app.sample_person(t, ${registration}, ${person!.id}, now()) as said from tube t where t.id = ${tube!.id}`;
        return row!.said;
      });
    expect(await put(swab!.id)).toMatchObject({ count: 1 });
    expect(await put(next!.id)).toMatchObject({
      problem: "person-sampled",
      tube: "YT10000099990",
    });
  });
});
