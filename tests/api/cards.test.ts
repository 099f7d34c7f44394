import { calculateJwkThumbprint } from "jose";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rotateCardKey } from "../../server/cards/service.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

const grandmotherId = "11010519491231002X";
/** Of the demo family: the same relative books for her. */
const phone = "13800138003";

let test: TestApp;
let owner: postgres.Sql;
let doctor: Client;
let nurse: Client;
let grandmother: string;
beforeAll(async () => {
  test = await buildTestApp();
  owner = postgres(test.database.owner, { max: 1, onnotice: () => {} });
  [doctor, nurse] = [await test.as("wangjianguo"), await test.as("fangyun")];
  grandmother = await register({
    fullName: "周老太",
    sex: "female",
    residentId: grandmotherId,
    contacts: [{ relation: "self", phone, maySignIn: true }],
  });
});
afterAll(async () => {
  await owner.end();
  await test.close();
});

async function register(body: Record<string, unknown>): Promise<string> {
  const answer = await doctor.post("/api/patients", body);
  expect(answer.status).toBe(200);
  return answer.body.patient.id;
}
const issue = (who: Client, patientId: string, more: Record<string, unknown> = {}) =>
  who.post("/api/paper-codes", { patientId, ...more });
const check = (who: Client, code: string) => who.post("/api/paper-codes/check", { code });

describe("who may do what with a paper code", () => {
  it("refuses everybody without the permission, and strangers", async () => {
    const made = (await issue(doctor, grandmother)).body;
    // An attending doctor elsewhere, an interpreter, the patient herself, nobody.
    for (const who of ["danzeng", "lazhen", "guxiaowen", phone]) {
      const answer = await check(await test.as(who), made.text);
      expect([who, answer.status, answer.body.code]).toEqual([who, 403, "permission.denied"]);
    }
    expect((await check(test.anonymous, made.text)).status).toBe(401);
    expect((await issue(await test.as("danzeng"), grandmother)).body.code).toBe(
      "permission.denied",
    );
    // Issues codes, but not for people of other places.
    expect((await issue(nurse, grandmother)).body.code).toBe("request.not-found");
    expect((await nurse.get(`/api/patients/${grandmother}/paper-code`)).status).toBe(404);
    expect(
      (await nurse.post(`/api/paper-codes/${made.id}/revoke`, { reason: "lost" })).body.code,
    ).toBe("request.not-found");
    const stranger = await test.as("13800138001");
    expect((await stranger.post("/api/my/paper-codes", { patientId: grandmother })).body.code).toBe(
      "request.not-found",
    );
    expect(
      (await stranger.post(`/api/paper-codes/${made.id}/revoke`, { reason: "lost" })).body.code,
    ).toBe("request.not-found");
    expect((await stranger.get("/api/my/paper-codes")).body.people).toHaveLength(1);
    expect((await check(nurse, made.text)).status).toBe(200);
  });

  it("keeps the rows from those who forget to ask", async () => {
    const [{ id }] = (await owner`select id from paper_code where revoked_at is null`) as never;
    for (const who of ["danzeng", "fangyun"]) {
      const { demoActor } = await import("../../server/demo/load.ts");
      const { sql } = await import("drizzle-orm");
      const seen = await test.services.db.withActor(demoActor(test.ids, who), (tx) =>
        tx.execute(sql`select id from paper_code where id = ${id}`),
      );
      expect(seen).toHaveLength(0);
      const keys = await test.services.db.withActor(demoActor(test.ids, who), (tx) =>
        tx.execute(sql`select kid from card_key`),
      );
      expect(keys).toHaveLength(0);
    }
  });
});

describe("the paper code", () => {
  it("says whose it is, masked, anywhere in the alliance, and leaves a trace", async () => {
    const made = (await issue(doctor, grandmother)).body;
    expect(made).toMatchObject({
      nameMasked: "周*太",
      idLastFour: "002X",
      reason: "60-and-over",
      state: "valid",
      issuedAt: "2026-11-23T02:00:00.000Z",
      expiresAt: "2027-05-22T02:00:00.000Z",
    });
    expect(made.text).toMatch(/^[0-9A-Z$%*+\-./: ]{140,154}$/);
    const held = await check(nurse, made.text);
    expect(held.body).toEqual({
      id: made.id,
      patientId: grandmother,
      nameMasked: "周*太",
      idLastFour: "002X",
      sex: "female",
      birthYear: 1949,
      expiresAt: made.expiresAt,
    });
    // Typed by hand, as people write it down.
    const typed = made.number.toLowerCase().replace(/(.{4})(?=.)/g, "$1-");
    expect((await check(nurse, typed)).body.id).toBe(made.id);
    const seen = (await (await test.as(phone)).get("/api/my/access")).body.entries;
    expect(seen.map((one: { action: string }) => one.action)).toContain("paper-code.check");
  });

  it("counts once per person: a new one takes back the old, at the same moment too", async () => {
    const first = (await issue(doctor, grandmother)).body;
    const relative = await test.as(phone);
    const second = (await relative.post("/api/my/paper-codes", { patientId: grandmother })).body;
    expect((await check(nurse, first.text)).body).toMatchObject({
      code: "paper-code.revoked",
      detail: expect.stringContaining("2026-11-23"),
    });
    expect((await check(nurse, second.text)).status).toBe(200);
    const mine = (await relative.get("/api/my/paper-codes")).body.people;
    const own = mine.find((one: { patientId: string }) => one.patientId === grandmother);
    expect(own.code.text).toBe(second.text);

    const race = await Promise.all([1, 2, 3].map(() => issue(doctor, grandmother)));
    expect(race.map((one) => one.status).filter((status) => status === 200).length).toBeGreaterThan(
      0,
    );
    for (const lost of race.filter((one) => one.status !== 200))
      expect(lost.body.code).toBe("paper-code.reissued-meanwhile");
    const open =
      await owner`select 1 from paper_code where patient_id = ${grandmother} and revoked_at is null`;
    expect(open).toHaveLength(1);
    const kid = (await test.anonymous.get("/.well-known/jwks.json")).body.keys[0].kid;
    const list = (await test.anonymous.get(`/.well-known/crl/${kid}.json`)).body;
    const [{ count }] =
      (await owner`select count(*)::int from paper_code where revoked_at is not null`) as never;
    expect(list).toMatchObject({ kid, method: "rid", ctr: count });
    expect(list.rids).toHaveLength(count);
  });

  it("is the same one when the same request comes twice", async () => {
    const body = { patientId: grandmother };
    const key = { "idempotency-key": "paper-code-once" };
    const [one, two] = [
      await doctor.post("/api/paper-codes", body, key),
      await doctor.post("/api/paper-codes", body, key),
    ];
    expect(two.body).toEqual(one.body);
    expect((await check(nurse, one.body.text)).status).toBe(200);
  });

  it("is no more when lost, and taking it back twice changes nothing", async () => {
    const made = (await issue(doctor, grandmother)).body;
    for (let round = 0; round < 2; round += 1)
      expect(
        (await doctor.post(`/api/paper-codes/${made.id}/revoke`, { reason: "lost" })).status,
      ).toBe(200);
    expect((await check(nurse, made.text)).body.code).toBe("paper-code.revoked");
  });

  it("ends after 180 days, to the minute", async () => {
    const begin = test.clock.now;
    const made = (await issue(doctor, grandmother)).body;
    test.clock.now = new Date(Date.parse(made.expiresAt) - 1000);
    expect((await check(await test.as("fangyun"), made.text)).status).toBe(200);
    test.clock.now = new Date(Date.parse(made.expiresAt));
    expect((await check(await test.as("fangyun"), made.text)).body).toMatchObject({
      code: "paper-code.expired",
      detail: expect.stringContaining("2027-05-22"),
    });
    test.clock.now = begin;
  });

  it("is refused when any letter was changed, or when it is something else", async () => {
    const made = (await issue(doctor, grandmother)).body;
    for (const at of [6, 24, 33, 60, 141]) {
      const letter = made.text[at] === "7" ? "8" : "7";
      const forged = `${made.text.slice(0, at)}${letter}${made.text.slice(at + 1)}`;
      const answer = await check(nurse, forged);
      expect([at, answer.body.code]).toEqual([at, "paper-code.tampered"]);
      expect(answer.body.detail).toContain("签名");
    }
    for (const other of ["shc:/567629", "https://example.org/x", "0".repeat(16), "啊"])
      expect((await check(nurse, other)).body.code).toBe("paper-code.unknown");
  });

  it("is for the young, the old and the disabled; staff may write another reason", async () => {
    const young = await register({ fullName: "小明", sex: "male", ageYears: 12 });
    const middle = await register({ fullName: "中年", sex: "male", ageYears: 40 });
    expect((await issue(doctor, young)).body.reason).toBe("under-18");
    const refused = await issue(doctor, middle);
    expect(refused.body).toMatchObject({ code: "paper-code.not-entitled", status: 422 });
    expect((await issue(doctor, middle, { disabled: true })).body.reason).toBe("disabled");
    expect((await issue(doctor, middle, { overrideReason: "手机丢失，住院" })).body.reason).toBe(
      "override",
    );
    // A relative declares a disability, but writes no other reason.
    const relative = await test.as("13800138002");
    const [zhaxi] = (await relative.get("/api/my/paper-codes")).body.people;
    const ask = (more: object) =>
      relative.post("/api/my/paper-codes", { patientId: zhaxi.patientId, ...more });
    expect((await ask({})).body.code).toBe("paper-code.not-entitled");
    expect((await ask({ overrideReason: "x" })).status).toBe(400);
    expect((await ask({ disabled: true })).body.reason).toBe("disabled");
  });

  it("cannot be made longer, older or alive again behind the service", async () => {
    const made = (await issue(doctor, grandmother)).body;
    for (const statement of [
      `update paper_code set expires_at = expires_at + interval '1 day' where id = '${made.id}'`,
      `update paper_code set revoked_at = null, revoked_reason = null where patient_id = '${grandmother}' and revoked_at is not null`,
      `insert into paper_code (patient_id, number_hash, text_cipher, kid, rid, reason, issued_at, expires_at)
         select '${grandmother}', '\\x00', 'x', kid, 'x', 'under-18', now(), date_trunc('minute', now()) + interval '180 days' from card_key limit 1`,
      `insert into paper_code (patient_id, number_hash, text_cipher, kid, rid, reason, issued_at, expires_at)
         select '${grandmother}', '\\x01', 'x', kid, 'x', '60-and-over', now(), date_trunc('minute', now()) + interval '180 days' from card_key limit 1`,
    ])
      await expect(owner.unsafe(statement)).rejects.toThrow(
        /only taken back|of that age|paper_code_one_valid/,
      );
  });
});

describe("the keys", () => {
  it("are published for anyone, without their private half, named by their thumbprint", async () => {
    const answer = await test.anonymous.get("/.well-known/jwks.json");
    expect(answer.headers).toMatchObject({
      "access-control-allow-origin": "*",
      "cache-control": "public, max-age=300",
      "content-type": expect.stringContaining("application/json"),
    });
    expect(answer.body.keys.length).toBeGreaterThan(0);
    for (const key of answer.body.keys) {
      expect(Object.keys(key)).not.toContain("d");
      expect(key).toMatchObject({ kty: "EC", crv: "P-256", use: "sig", alg: "ES256" });
      expect(await calculateJwkThumbprint(key, "sha256")).toBe(key.kid);
    }
    for (const file of ["x.json", `${"A".repeat(43)}.json`, `${"A".repeat(43)}.txt`])
      expect([400, 404]).toContain((await test.anonymous.get(`/.well-known/crl/${file}`)).status);
  });

  it("rotate: the old public half stays, what it signed still counts, one signs", async () => {
    const before = (await test.anonymous.get("/.well-known/jwks.json")).body.keys;
    const old = (await issue(doctor, grandmother)).body;
    const kid = await rotateCardKey(test.services);
    const after = (await test.anonymous.get("/.well-known/jwks.json")).body.keys;
    const kids = (keys: { kid: string }[]) => keys.map((key) => key.kid).sort();
    expect(kids(after)).toEqual([...kids(before), kid].sort());
    expect((await check(nurse, old.text)).status).toBe(200);
    const active = await owner`select kid from card_key where retired_at is null`;
    expect(active).toEqual([{ kid }]);
    await expect(
      owner`update card_key set retired_at = null where retired_at is not null`,
    ).rejects.toThrow(/retired or revoked/);
  });
});
