import { inflateRawSync } from "node:zlib";
import {
  calculateJwkThumbprint,
  compactVerify,
  createLocalJWKSet,
  decodeProtectedHeader,
} from "jose";
import postgres from "postgres";
import { decodeQR } from "qr/decode.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { publishedKeys, signingKey } from "../../server/cards/key-service.ts";
import { revokeCardKey, rotateCardKey } from "../../server/cards/service.ts";
import { generateSecrets } from "../../server/secrets.ts";
import { createServices } from "../../server/services.ts";
import { cardCode } from "../../web/cards/card-qr.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";
import { createTestDatabase } from "../support/database.ts";
import { correctTest, seedTest } from "../support/test-results.ts";

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

describe("how long cards and paper codes count", () => {
  const body = {
    validFrom: "2026-11-30",
    validityHours: 72,
    paperCodeDays: 90,
    testCode: "94500-6",
    source: "区防控办通知 2026-11-20",
    recalled: true,
  };

  it("is entered by administrators, checked by somebody else of public health, and by nobody else", async () => {
    for (const who of ["deji", "wangjianguo", "taoxiaohui", "fangyun", phone]) {
      const client = await test.as(who);
      expect((await client.get("/api/cards/policies")).status, who).toBe(403);
      expect((await client.post("/api/cards/policies", body)).status, who).toBe(403);
    }
    expect((await test.anonymous.get("/api/cards/policies")).status).toBe(401);
    const [fan, admin] = [
      await test.as("fanrong"),
      await test.as(await loginOf("alliance-administrator")),
    ];
    const { policies, mayEnter } = (await fan.get("/api/cards/policies")).body;
    expect(mayEnter).toBe(false);
    expect((await fan.post("/api/cards/policies", body)).status).toBe(403);
    // What came with the product was recalled and awaits a clinician.
    const first = policies.at(-1);
    expect(first).toMatchObject({
      validityHours: 48,
      paperCodeDays: 180,
      recalled: true,
      checkedBy: null,
      when: "current",
      mayCheck: true,
    });
    expect((await admin.post(`/api/cards/policies/${first.id}/check`)).status).toBe(403);
    for (const _ of [1, 2])
      expect(
        (await fan.post(`/api/cards/policies/${first.id}/check`)).body.policies.at(-1),
      ).toMatchObject({ checkedBy: "范蓉", mayCheck: false });
    for (const wrong of [
      { validFrom: "2026-11-22" },
      { validityHours: 36 },
      { paperCodeDays: 0 },
      { paperCodeDays: 400 },
      { testCode: "covid" },
      { source: " " },
    ])
      expect(
        (await admin.post("/api/cards/policies", { ...body, ...wrong })).status,
        JSON.stringify(wrong),
      ).toBeGreaterThanOrEqual(400);
    const made = await admin.post("/api/cards/policies", body);
    expect(made.body.policies[0], JSON.stringify(made.body)).toMatchObject({
      validFrom: "2026-11-30",
      when: "coming",
      recalled: true,
      checkedBy: null,
      mayCheck: false,
    });
    expect((await admin.post("/api/cards/policies", body)).body.code).toBe("card.policy-day");
    const row = made.body.policies[0];
    // Whoever owns the tables: what counts from a day on is not written anew, and nobody checks his own.
    await expect(
      owner`update card_policy set validity_hours = 24 where id = ${row.id}`,
    ).rejects.toThrow(/stands/);
    await expect(
      owner`update card_policy set checked_by = entered_by, checked_at = now() where id = ${row.id}`,
    ).rejects.toThrow(/stands/);
    // It counts from its day on, and not before.
    expect((await test.anonymous.get("/api/cards/policy")).body.validityHours).toBe(48);
    const before = test.clock.now;
    test.clock.now = new Date("2026-11-30T04:00:00Z");
    expect((await test.anonymous.get("/api/cards/policy")).body.validityHours).toBe(72);
    test.clock.now = before;
    await owner`delete from card_policy where id = ${row.id}`;
  });
});

async function loginOf(role: string): Promise<string> {
  const [row] = await owner<{ login: string }[]>`
    select c.login_name as login from role_assignment a join staff_account c on c.person_id = a.person_id where a.role_code = ${role} limit 1`;
  return row!.login;
}

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
    const [row] = await owner`select id from paper_code where revoked_at is null`;
    const id = row!.id as string;
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
    const [row] = await owner`select count(*)::int from paper_code where revoked_at is not null`;
    const count = row!.count as number;
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

describe("an installation that lost its secrets", () => {
  it("signs nothing until somebody makes a new key; what was signed still counts", async () => {
    const paper = (await issue(doctor, grandmother)).body;
    const lost = createServices({
      databaseUrl: test.database.app,
      secrets: generateSecrets(),
      demo: true,
      publicUrl: "http://localhost:8080",
      clock: test.services.clock,
      poolSize: 1,
    });
    await expect(signingKey(lost)).rejects.toThrow("card.key-unreadable");
    expect((await publishedKeys(lost)).length).toBeGreaterThan(0);
    const kid = await rotateCardKey(lost);
    expect((await signingKey(lost)).kid).toBe(kid);
    expect((await check(nurse, paper.text)).status).toBe(200);
    await lost.db.close();
    // And back: the installation under test goes on with a key that it can open.
    await rotateCardKey(test.services);
  });

  it("publishes no key that was revoked, and believes nothing that it signed", async () => {
    const paper = (await issue(doctor, grandmother)).body;
    const [active] = await owner`select kid from card_key where retired_at is null`;
    expect(await revokeCardKey(test.services, active!.kid)).toBe(true);
    expect(await revokeCardKey(test.services, active!.kid)).toBe(false);
    expect((await check(nurse, paper.text)).body.code).toBe("paper-code.tampered");
    expect((await test.anonymous.get(`/.well-known/crl/${active!.kid}.json`)).status).toBe(404);
    const next = (await issue(doctor, grandmother)).body;
    expect((await check(nurse, next.text)).status).toBe(200);
  });

  it("makes one first key, however many ask at once", async () => {
    const fresh = await createTestDatabase();
    const several = [1, 2, 3].map(() => {
      const services = createServices({
        databaseUrl: fresh.app,
        secrets: { ...generateSecrets(), ...sharedSecrets },
        demo: true,
        publicUrl: "http://localhost:8080",
        poolSize: 2,
      });
      return services;
    });
    const kids = await Promise.all(several.map(async (one) => (await signingKey(one)).kid));
    expect(new Set(kids).size).toBe(1);
    await Promise.all(several.map((one) => one.db.close()));
    await fresh.drop();
  });
});
const sharedSecrets = (({ dataKeys, currentDataKeyId }) => ({ dataKeys, currentDataKeyId }))(
  generateSecrets(),
);

/** Written only with jose and zlib: what any other verifier does, nothing of our signer. */
async function readAsOthers(jws: string) {
  const { keys } = (await test.anonymous.get("/.well-known/jwks.json")).body;
  const { payload } = await compactVerify(jws, createLocalJWKSet({ keys }), {
    algorithms: ["ES256"],
  });
  const text = inflateRawSync(payload).toString("utf8");
  return { header: decodeProtectedHeader(jws), text, claims: JSON.parse(text) };
}
const sampledAt = new Date("2026-11-23T00:30:00Z");
const at = (login: string) => test.ids.institutions.get(login)!;
const cardOf = (who: Client, id: string) => who.get(`/api/my/results/${id}/card`);
const keysIn = (value: unknown): string[] =>
  typeof value !== "object" || value === null
    ? []
    : Object.entries(value).flatMap(([name, inner]) => [name, ...keysIn(inner)]);

describe("a card", () => {
  let relative: Client;
  let resultId: string;
  let tubeId: string;
  beforeAll(async () => {
    relative = await test.as(phone);
    const seeded = await seedTest(owner, {
      institutionId: at("pengpu"),
      laboratoryId: at("zhabei-central"),
      patientIds: [grandmother],
      sampledAt,
      result: "negative",
    });
    tubeId = seeded.tubeId;
    resultId = seeded.results.get(grandmother)!;
    test.clock.now = new Date("2026-11-23T06:00:00Z");
  });

  it("is for its person and who books for her, nobody else", async () => {
    for (const who of ["13800138001", "wangjianguo", "fangyun"])
      expect([403, 404]).toContain((await cardOf(await test.as(who), resultId)).status);
    expect((await cardOf(test.anonymous, resultId)).status).toBe(401);
    expect((await cardOf(relative, grandmother)).status).toBe(404);
    expect((await (await test.as("13800138001")).get("/api/my/results")).body.results).toEqual([]);
    expect((await cardOf(relative, resultId)).status).toBe(200);
  });

  it("is verified by jose and zlib alone, and says no more than it must", async () => {
    const answer = (await cardOf(relative, resultId)).body;
    const { header, text, claims } = await readAsOthers(answer.jws);
    expect(Object.keys(header).sort()).toEqual(["alg", "kid", "zip"]);
    expect(header).toMatchObject({ alg: "ES256", zip: "DEF" });
    expect(text).toBe(JSON.stringify(claims));
    expect(claims).toEqual({
      iss: "http://localhost:8080",
      nbf: Date.parse("2026-11-23T06:00:00Z") / 1000,
      vc: {
        type: ["https://smarthealth.cards#health-card", "https://smarthealth.cards#laboratory"],
        rid: expect.stringMatching(/^[A-Za-z0-9_-]{1,24}$/),
        credentialSubject: {
          fhirVersion: "4.0.1",
          fhirBundle: {
            resourceType: "Bundle",
            type: "collection",
            entry: [
              {
                fullUrl: "resource:0",
                resource: {
                  resourceType: "Patient",
                  name: [{ given: ["周老太"] }],
                  birthDate: "1949-12-31",
                },
              },
              {
                fullUrl: "resource:1",
                resource: {
                  resourceType: "Observation",
                  status: "final",
                  code: { coding: [{ system: "http://loinc.org", code: "94500-6" }] },
                  subject: { reference: "resource:0" },
                  effectiveDateTime: "2026-11-23T08:30:00+08:00",
                  valueCodeableConcept: {
                    coding: [{ system: "http://snomed.info/sct", code: "260415000" }],
                  },
                  performer: [{ display: "静安区闸北中心医院" }],
                },
              },
            ],
          },
        },
      },
    });
    for (const absent of ["id", "meta", "text"]) expect(keysIn(claims)).not.toContain(absent);
    expect(text).not.toContain(grandmotherId);
    expect(answer.jws.length).toBeLessThanOrEqual(1195);
  });

  it("fits one code: bytes for the prefix, digits for the rest, level L, version at most 22", async () => {
    const { jws } = (await cardOf(relative, resultId)).body;
    const code = cardCode(jws);
    expect((code.size - 17) / 4).toBeLessThanOrEqual(22);
    // Rendered as a picture, read back by another author's decoder.
    const [scale, quiet] = [4, 4];
    const side = (code.size + 2 * quiet) * scale;
    const data = new Uint8ClampedArray(side * side * 4).fill(255);
    for (let y = 0; y < side; y += 1)
      for (let x = 0; x < side; x += 1)
        if (code.get(Math.floor(x / scale) - quiet, Math.floor(y / scale) - quiet))
          data.fill(0, (y * side + x) * 4, (y * side + x) * 4 + 3);
    const byteSegments: string[] = [];
    const read = decodeQR(
      { width: side, height: side, data },
      {
        textDecoder: (bytes) => {
          byteSegments.push(Buffer.from(bytes).toString("latin1"));
          return byteSegments.at(-1)!;
        },
      },
    );
    expect(byteSegments).toEqual(["shc:/"]);
    expect(read).toMatch(/^shc:\/(\d\d)+$/);
    const letters = read.slice(5).match(/\d\d/g)!;
    expect(letters.map((two) => String.fromCharCode(Number(two) + 45)).join("")).toBe(jws);
    // Level L: the two bits of the format, unmasked (ISO/IEC 18004, 7.9.1).
    const bits = [0, 1].map((x) => (code.get(x, 8) ? 1 : 0));
    expect([bits[0]! ^ 1, bits[1]! ^ 0]).toEqual([0, 1]);
  });

  it("is the same card asked again, and comes as a file for wallets", async () => {
    const [one, two] = [await cardOf(relative, resultId), await cardOf(relative, resultId)];
    expect((await readAsOthers(two.body.jws)).text).toBe((await readAsOthers(one.body.jws)).text);
    const file = await relative.get(`/api/my/results/${resultId}/card.smart-health-card`);
    expect(file.headers["content-type"]).toContain("application/smart-health-card");
    expect(file.headers["content-disposition"]).toContain(".smart-health-card");
    expect(Object.keys(file.body)).toEqual(["verifiableCredential"]);
    expect((await readAsOthers(file.body.verifiableCredential[0])).claims.vc).toBeDefined();
  });

  it("is printed at a window for who has no phone: by permission, of an own person, never during a recall", async () => {
    const list = (who: Client) => who.get(`/api/patients/${grandmother}/results`);
    const print = (who: Client, id = resultId) =>
      who.post(`/api/patients/${grandmother}/results/${id}/card`, {});
    const stranger = await test.as("deji");
    for (const [who, status] of [
      [await test.as("taoxiaohui"), 403],
      [relative, 403],
      [test.anonymous, 401],
      [nurse, 404],
      [stranger, 404],
    ] as const) {
      expect((await list(who)).status).toBe(status);
      expect((await print(who)).status).toBe(status);
    }
    expect((await print(doctor, grandmother)).status).toBe(404);
    expect((await list(doctor)).body.results).toMatchObject([
      { id: resultId, state: "negative", hasCard: true, validUntil: "2026-11-25T00:30:00.000Z" },
    ]);
    const printed = await print(doctor);
    expect(printed.status, printed.raw.body).toBe(200);
    // The same card as on the phone of whoever books for her: one entry on the list of revoked ones takes back both.
    const rid = async (jws: string) => (await readAsOthers(jws)).claims.vc.rid;
    expect(await rid(printed.body.jws)).toBe(
      await rid((await cardOf(relative, resultId)).body.jws),
    );
    const seen = (await relative.get("/api/my/access")).body.entries;
    expect(seen.map((one: { action: string }) => one.action)).toContain("card.print");
    const [recalled] =
      await owner`insert into recall (patient_id, institution_id, cause, single, issued_at, due_at)
      values (${grandmother}, ${at("pengpu")}, 'exposure', true, ${test.clock.now}, ${test.clock.now}) returning id`;
    expect((await list(doctor)).body.results).toMatchObject([{ id: resultId, hasCard: false }]);
    expect((await print(doctor)).body.code).toBe("card.none");
    await owner`update recall set state = 'withdrawn', ended_at = ${test.clock.now}, version = version + 1 where id = ${recalled!.id}`;
    expect((await print(doctor)).status).toBe(200);
  });

  it("does not verify when any part was touched", async () => {
    const { jws } = (await cardOf(relative, resultId)).body;
    const parts = jws.split(".");
    for (const part of [0, 1, 2])
      for (const place of [0, 10, Math.floor(parts[part].length / 2)]) {
        const touched = [...parts];
        const letter = touched[part][place] === "A" ? "B" : "A";
        touched[part] = touched[part].slice(0, place) + letter + touched[part].slice(place + 1);
        await expect(readAsOthers(touched.join("."))).rejects.toThrow();
      }
    await expect(readAsOthers(`${parts[0]}.${parts[1]}.`)).rejects.toThrow();
  });

  it("still verifies after the key was rotated; a new one is signed with the new key", async () => {
    const { jws } = (await cardOf(relative, resultId)).body;
    const kid = await rotateCardKey(test.services);
    expect((await readAsOthers(jws)).header.kid).not.toBe(kid);
    expect((await readAsOthers((await cardOf(relative, resultId)).body.jws)).header.kid).toBe(kid);
  });

  it("shows validity from sampling, in the list and not in the signature", async () => {
    const [result] = (await relative.get("/api/my/results")).body.results;
    expect(result).toEqual({
      id: resultId,
      patientId: grandmother,
      patientName: "周老太",
      state: "negative",
      sampledAt: sampledAt.toISOString(),
      place: "彭浦新村采样点",
      dueAt: null,
      releasedAt: "2026-11-23T04:30:00.000Z",
      laboratory: "静安区闸北中心医院",
      validityHours: 48,
      validUntil: "2026-11-25T00:30:00.000Z",
      hasCard: true,
    });
    expect((await readAsOthers((await cardOf(relative, resultId)).body.jws)).text).not.toMatch(
      /exp|valid/,
    );
  });

  it("is what staff learn from the paper code, once they compared the identity card", async () => {
    const paper = (await issue(doctor, grandmother)).body;
    const ask = (who: Client) => who.post("/api/paper-codes/result", { code: paper.text });
    expect((await ask(await test.as("danzeng"))).body.code).toBe("permission.denied");
    expect((await ask(nurse)).body).toEqual({
      state: "negative",
      sampledAt: sampledAt.toISOString(),
      validityHours: 48,
      validUntil: "2026-11-25T00:30:00.000Z",
    });
  });

  it("is taken back, and published so, when the laboratory corrects the result", async () => {
    const { jws } = (await cardOf(relative, resultId)).body;
    const { header, claims } = await readAsOthers(jws);
    await correctTest(owner, tubeId, "grey-zone", new Date("2026-11-23T08:00:00Z"));
    const list = (await test.anonymous.get(`/.well-known/crl/${header.kid}.json`)).body;
    expect(list.rids).toContain(claims.vc.rid);
    const { keys } = (await test.anonymous.get("/.well-known/jwks.json")).body;
    const key = keys.find((one: { kid: string }) => one.kid === header.kid);
    expect(key.crlVersion).toBe(list.ctr);
    expect((await cardOf(relative, resultId)).status).toBe(404);
  });

  it("is not given to somebody who is recalled, before the single result", async () => {
    // The correction above recalled her: only “again”, without a cause, and without a card for anything.
    const before = (await relative.get("/api/my/results")).body.results;
    expect(before.map((one: { state: string }) => one.state)).toEqual(["again"]);
    expect(JSON.stringify(before)).not.toMatch(/grey|positive/);
    const single = await seedTest(owner, {
      institutionId: at("pengpu"),
      patientIds: [grandmother],
      size: 1,
      sampledAt: new Date("2026-11-23T09:00:00Z"),
      result: null,
    });
    const waiting = (await relative.get("/api/my/results")).body.results;
    expect(waiting.map((one: { state: string }) => one.state)).toEqual(["waiting"]);
    expect(waiting[0].hasCard).toBe(false);
    expect((await cardOf(relative, waiting[0].id)).body.code).toBe("card.none");
    await correctFirst(single.tubeId, "negative");
    const [done] = (await relative.get("/api/my/results")).body.results;
    expect(done).toMatchObject({ state: "negative", hasCard: true });
    expect((await cardOf(relative, done.id)).status).toBe(200);
  });

  it("says nothing of a positive before the laboratory releases it", async () => {
    const [zhou] = (await relative.get("/api/my/paper-codes")).body.people.filter(
      (one: { patientId: string }) => one.patientId !== grandmother,
    );
    const seed = (release: boolean) =>
      seedTest(owner, {
        institutionId: at("pengpu"),
        patientIds: [zhou.patientId],
        size: 1,
        sampledAt,
        result: "positive",
        release,
      });
    const held = await seed(false);
    const mine = async () =>
      (await relative.get("/api/my/results")).body.results.filter(
        (one: { patientId: string }) => one.patientId === zhou.patientId,
      );
    expect((await mine())[0]).toMatchObject({ state: "waiting", hasCard: false });
    const hidden = held.results.get(zhou.patientId)!;
    expect((await cardOf(relative, hidden)).status).toBe(404);
    await owner.begin(async (sql) => {
      await sql`select set_config('yilian.kind', 'job', true)`;
      await sql`update person_result set released_at = ${test.clock.now} where id = ${hidden}`;
    });
    expect((await mine())[0]).toMatchObject({ state: "positive", validUntil: null, hasCard: true });
    const { claims } = await readAsOthers((await cardOf(relative, hidden)).body.jws);
    expect(JSON.stringify(claims)).toContain('"260373001"');
    // Only the year of an estimated birth date.
    expect(claims.vc.credentialSubject.fhirBundle.entry[0].resource.birthDate).toMatch(/^\d{4}$/);
  });

  it("is refused by the database itself for a pool that said nothing", async () => {
    const seeded = await seedTest(owner, {
      institutionId: at("pengpu"),
      patientIds: [grandmother],
      sampledAt: new Date("2026-11-23T03:00:00Z"),
      result: "positive",
    });
    expect(seeded.results.size).toBe(0);
    const [kept] =
      await owner`select id from person_result where patient_id = ${grandmother} and withdrawn_at is null`;
    await expect(
      owner`insert into health_card (result_id, patient_id, kid, rid, issued_at)
        select ${kept!.id}, ${grandmother}, kid, 'x', now() from card_key where retired_at is null`,
    ).rejects.toThrow(/no card before/);
  });
});

async function correctFirst(tubeId: string, result: "negative"): Promise<void> {
  await owner.begin(async (sql) => {
    await sql`select set_config('yilian.kind', 'job', true)`;
    const [person] = await sql`select id from person order by created_at limit 1`;
    const when = new Date("2026-11-23T13:00:00Z");
    await sql`insert into lab_result (tube_id, laboratory_id, result, method, tested_at, reported_by, reported_at, source)
      select id, laboratory_id, ${result}, 'RT-PCR', ${when}, ${person!.id}, ${when}, 'page' from tube where id = ${tubeId}`;
  });
}
