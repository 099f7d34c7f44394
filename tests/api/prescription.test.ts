import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { CompactSign, exportJWK, generateKeyPair } from "jose";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startAlarms } from "../../server/alarms/service.ts";
import { starterTables } from "../../server/formulary/service.ts";
import { systemActor } from "../../server/identity/session-service.ts";
import { prescriptionSteps } from "../../server/prescription/domain.ts";
import { prescriptionAlarms } from "../../server/prescription/service.ts";
import { prescriptionPart } from "../../server/records/projection/prescription-part.ts";
import { KEY_PROOF_JWS_TYPE, PRESCRIPTION_JWS_TYPE } from "../../server/signing/jws.ts";
import { keyThumbprint, type PublicSigningJwk } from "../../server/signing/public-key.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";
import { eventually, silent } from "./kit.ts";

type Key = { kid: string; privateKey: CryptoKey };
let test: TestApp;
let owner: postgres.Sql;
/** Doctors and pharmacists of 彭浦新村 and 萨迦, a pharmacist of an allied house, somebody else, a patient. */
let wang: Client;
let gu: Client;
let jiang: Client;
let tao: Client;
let danzeng: Client;
let quzhen: Client;
let nurse: Client;
let zhou: Client;
const keys = new Map<Client, Key>();

beforeAll(async () => {
  test = await buildTestApp();
  owner = postgres(test.database.admin, { max: 2, onnotice: () => {} });
  [wang, gu, jiang, tao, danzeng, quzhen, nurse, zhou] = (await Promise.all(
    [
      "wangjianguo",
      "gupeilin",
      "jiangwentao",
      "taojiamin",
      "danzeng",
      "suolangquzhen",
      "deji",
      "13800138003",
    ].map((who) => test.as(who)),
  )) as [Client, Client, Client, Client, Client, Client, Client, Client];
});
afterAll(async () => {
  await owner.end({ timeout: 1 });
  await test.close();
});
let start: Date;
beforeEach(() => {
  start ??= test.clock.now;
  test.clock.now = start;
  // A key that was registered later than the clock is now signs nothing.
  keys.clear();
});

const utf8 = new TextEncoder();
const patient = (key: string) => test.ids.patients.get(key)!;
const house = (slug: string) => test.ids.institutions.get(slug)!;
const later = (minutes: number) => {
  test.clock.now = new Date(test.clock.now.getTime() + minutes * 60_000);
};
const ok = <Body>({ status, body }: { status: number; body: Body }): Body => {
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
};

/** A patient who was called into a room of the house. */
async function inRoom(slug: string, patientId: string): Promise<string> {
  const [row] = await owner<{ id: string }[]>`
    insert into appointment (code, segment_id, schedule_id, institution_id, department_id, patient_id, day, starts_at, ends_at, ticket, state, channel, relation, called_at)
    select upper(substr(md5(random()::text), 1, 6)), g.id, g.schedule_id, g.institution_id, g.department_id, ${patientId}, g.day, g.starts_at, g.ends_at,
      'T' || substr(md5(random()::text), 1, 6), 'in-consultation', 'window', 'self', ${test.clock.now}
    from segment g where g.institution_id = ${house(slug)} and not exists (select 1 from appointment a where a.patient_id = ${patientId} and a.department_id = g.department_id and a.day = g.day)
    order by g.starts_at limit 1 returning id`;
  return row!.id;
}

async function keyOf(doctor: Client): Promise<Key> {
  const known = keys.get(doctor);
  if (known) return known;
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  const publicJwk = await exportJWK(publicKey);
  const kid = await keyThumbprint(publicJwk as PublicSigningJwk);
  const proof = await new CompactSign(utf8.encode(kid))
    .setProtectedHeader({ alg: "ES256", kid, typ: KEY_PROOF_JWS_TYPE })
    .sign(privateKey);
  ok(await doctor.post("/api/signing-keys", { publicJwk, label: "诊室", proof }));
  const made = { kid, privateKey };
  keys.set(doctor, made);
  return made;
}

const typed = {
  weightKg: null,
  egfr: 80,
  pregnant: null,
  breastFeeding: null,
  allergies: [] as string[] | null,
  takes: [] as string[] | null,
};
const one = (code: string, more: object = {}) => ({
  code,
  dose: 1,
  frequency: "qd",
  days: 7,
  quantity: 28,
  instructions: "",
  ...more,
});
const draft = (version: number, lines: object[], more: object = {}) => ({
  version,
  kind: "ordinary",
  diagnoses: [{ code: "I10", text: "高血压" }],
  lines,
  typed,
  assessment: null,
  chartNote: null,
  patientSigned: false,
  guardianPresent: false,
  specialistPresent: false,
  note: "",
  validDays: 1,
  overruled: {},
  ...more,
});

async function begin(doctor: Client, slug: string, patientId: string, more: object = {}) {
  const encounterId = await inRoom(slug, patientId);
  return ok(
    await doctor.post("/api/prescriptions", {
      encounterKind: "appointment",
      encounterId,
      patientId,
      ...more,
    }),
  );
}
async function sign(doctor: Client, id: string, version: number) {
  const { kid, privateKey } = await keyOf(doctor);
  const prepared = ok(await doctor.post(`/api/prescriptions/${id}/document`, { version }));
  const jws = await new CompactSign(utf8.encode(prepared.canonical))
    .setProtectedHeader({ alg: "ES256", kid, typ: PRESCRIPTION_JWS_TYPE })
    .sign(privateKey);
  return doctor.post(`/api/prescriptions/${id}/sign`, { version: prepared.version, jws });
}
/** Begun, filled in and signed. */
async function signed(
  doctor: Client,
  slug: string,
  patientId: string,
  lines = [one("amlodipine-5")],
  more: object = {},
) {
  const begun = await begin(doctor, slug, patientId);
  const saved = ok(
    await doctor.put(`/api/prescriptions/${begun.id}`, draft(begun.version, lines, more)),
  );
  return ok(await sign(doctor, begun.id, saved.version));
}
const approve = async (pharmacist: Client, row: { id: string; version: number }) =>
  ok(await pharmacist.post(`/api/prescriptions/${row.id}/approve`, { version: row.version }));
const codeOf = async (id: string) => {
  const { prescriptions } = ok(await zhou.get(`/api/my/prescriptions/${patient("zhou")}`));
  return (prescriptions as { id: string; code: string }[]).find((each) => each.id === id)!.code;
};
const shelf = async (client: Client, code: string): Promise<number> =>
  (
    ok(await client.get("/api/pharmacy/stock")).batches as {
      medicineCode: string;
      quantity: number;
    }[]
  )
    .filter((each) => each.medicineCode === code)
    .reduce((sum, each) => sum + each.quantity, 0);

describe("who may what", () => {
  it("refuses prescriptions, reviews, shelves and formularies to whose work they are not", async () => {
    const id = randomUUID();
    for (const [client, method, url, body] of [
      [nurse, "get", "/api/prescriptions/encounters"],
      [nurse, "get", `/api/prescriptions/${id}`],
      [gu, "get", "/api/prescriptions"],
      [
        gu,
        "post",
        "/api/prescriptions",
        { encounterKind: "consult", encounterId: id, patientId: id },
      ],
      [wang, "get", "/api/prescriptions/queue"],
      [wang, "get", "/api/prescriptions/desk"],
      [wang, "post", "/api/prescriptions/open", { code: "12345678" }],
      [wang, "post", `/api/prescriptions/${id}/approve`, { version: 1 }],
      [wang, "post", `/api/prescriptions/${id}/dispense`, { version: 1, method: "pick-up" }],
      [nurse, "get", "/api/pharmacy/stock"],
      [wang, "get", "/api/formulary/versions"],
      [zhou, "get", "/api/prescriptions/desk"],
      [zhou, "get", `/api/my/prescriptions/${patient("shen")}`],
    ] as [Client, "get" | "post", string, object?][])
      expect((await client[method](url, body as never)).status, `${method} ${url}`).toBe(403);
    expect((await test.anonymous.get("/api/prescriptions")).status).toBe(401);
  });

  it("shows nothing of one house to another, nor a draft to anybody but its doctor", async () => {
    const begun = await begin(wang, "pengpu", patient("zhou"));
    for (const client of [danzeng, quzhen, gu, tao])
      expect((await client.get(`/api/prescriptions/${begun.id}`)).status).toBe(404);
    const mine = ok(await zhou.get(`/api/my/prescriptions/${patient("zhou")}`));
    expect(JSON.stringify(mine)).not.toContain(begun.id);
  });

  it("wants a visit that is going on, of this patient, at this house", async () => {
    const encounterId = await inRoom("pengpu", patient("zhou"));
    const ask = (more: object) =>
      wang.post("/api/prescriptions", {
        encounterKind: "appointment",
        encounterId,
        patientId: patient("zhou"),
        ...more,
      });
    for (const more of [
      { encounterId: randomUUID() },
      { patientId: patient("xu") },
      { encounterKind: "consult" },
    ])
      expect((await ask(more)).body.code).toBe("prescription.no-visit");
    await owner`update appointment set state = 'completed' where id = ${encounterId}`;
    expect((await ask({})).body.code).toBe("prescription.no-visit");
  });
});

describe("the way of a prescription", () => {
  it("has the steps of the database as data in code", async () => {
    const rows = await test.services.db.withActor(systemActor("test"), (tx) =>
      tx.execute(sql`select from_state::text, to_state::text, side from prescription_transition`),
    );
    const ours = prescriptionSteps.map((each) => `${each.from} ${each.to} ${each.side}`);
    expect(
      rows.map((each) => `${each.from_state} ${each.to_state} ${each.side}`).toSorted(),
    ).toEqual(ours.toSorted());
  });

  it("goes from the doctor to the pharmacist to the patient's hands", async () => {
    const { encounters } = ok(await wang.get("/api/prescriptions/encounters"));
    expect(encounters).toEqual(
      expect.arrayContaining([expect.objectContaining({ kind: "appointment" })]),
    );
    const begun = await begin(wang, "pengpu", patient("zhou"));
    const found = ok(
      await wang.get(`/api/prescriptions/medicines?q=aldp&prescription=${begun.id}`),
    );
    expect(found.medicines[0]).toMatchObject({ code: "amlodipine-5", dose: 1, stock: 840 });

    // Nobody knows of allergies: the doctor has to ask first.
    const unasked = ok(
      await wang.put(
        `/api/prescriptions/${begun.id}`,
        draft(begun.version, [one("amlodipine-5")], { typed: { ...typed, allergies: null } }),
      ),
    );
    expect(unasked.warnings).toEqual([
      expect.objectContaining({ code: "allergy-unknown", grade: "reason" }),
    ]);
    expect((await sign(wang, begun.id, unasked.version).catch(() => null))?.status).not.toBe(200);
    const refused = await wang.post(`/api/prescriptions/${begun.id}/document`, {
      version: unasked.version,
    });
    expect(refused.body).toMatchObject({ code: "prescription.warnings", params: { count: 1 } });
    const stale = await wang.put(`/api/prescriptions/${begun.id}`, draft(begun.version, []));
    expect(stale.body.code).toBe("prescription.changed-meanwhile");

    const saved = ok(
      await wang.put(
        `/api/prescriptions/${begun.id}`,
        draft(unasked.version, [
          one("amlodipine-5"),
          one("metformin-500", { frequency: "bid", quantity: 48 }),
        ]),
      ),
    );
    expect(saved.open).toBe(0);
    expect((await gu.get(`/api/prescriptions/${begun.id}`)).status).toBe(404);
    const sent = ok(await sign(wang, begun.id, saved.version));
    expect(sent).toMatchObject({ state: "pending-review", signature: { state: "good" } });

    const queue = ok(await gu.get("/api/prescriptions/queue")).prescriptions;
    expect(queue.map((each: { id: string }) => each.id)).toContain(begun.id);
    expect(
      (await wang.post(`/api/prescriptions/${begun.id}/approve`, { version: sent.version })).status,
    ).toBe(403);
    expect(
      (
        await gu.post(`/api/prescriptions/${begun.id}/dispense`, {
          version: sent.version,
          method: "pick-up",
        })
      ).body.code,
    ).toBe("prescription.illegal-step");
    ok(await gu.post(`/api/prescriptions/${begun.id}/talk`, { text: "血压多少？" }));
    later(1);
    const seen = ok(await wang.post(`/api/prescriptions/${begun.id}/talk`, { text: "150/95" }));
    expect(seen.talk.map((each: { text: string }) => each.text)).toEqual(["血压多少？", "150/95"]);

    const approved = await approve(gu, sent);
    expect(approved.state).toBe("approved");
    const code = await codeOf(begun.id);
    expect(code).toMatch(/^\d{8}$/);
    expect((await gu.post("/api/prescriptions/open", { code: "00000000" })).body.code).toBe(
      "prescription.code",
    );
    const opened = ok(await gu.post("/api/prescriptions/open", { code }));
    expect(opened.id).toBe(begun.id);

    const before = await shelf(gu, "amlodipine-5");
    const filled = ok(
      await gu.post(`/api/prescriptions/${begun.id}/dispense`, {
        version: approved.version,
        method: "pick-up",
      }),
    );
    expect(filled).toMatchObject({ state: "dispensed", dispense: { method: "pick-up" } });
    expect(await shelf(gu, "amlodipine-5")).toBe(before - 28);
    expect(
      (
        await gu.post(`/api/prescriptions/${begun.id}/dispense`, {
          version: filled.version,
          method: "pick-up",
        })
      ).body.code,
    ).toBe("prescription.filled");

    const collect = (more: object) =>
      gu.post(`/api/prescriptions/${begun.id}/collect`, {
        version: filled.version,
        code,
        patientIdSeen: true,
        ...more,
      });
    expect((await collect({ code: "00000000" })).body.code).toBe("prescription.code");
    const proxy = { name: "央宗", idNumber: "11010519491231002X" };
    expect((await collect({ proxy, patientIdSeen: false })).body.code).toBe(
      "prescription.identity",
    );
    expect((await collect({ proxy: { ...proxy, idNumber: "110105194912310021" } })).body.code).toBe(
      "patient.resident-id",
    );
    const done = ok(await collect({ proxy }));
    expect(done).toMatchObject({ state: "collected", dispense: { byProxy: true } });
    const [kept] =
      await owner`select proxy_name, proxy_id_cipher from prescription_dispense where prescription_id = ${begun.id}`;
    expect(kept!.proxy_id_cipher).not.toContain("110105");
    const traces =
      await owner`select action from audit_event where entity_id = ${begun.id} order by id`;
    expect(traces.map((each) => each.action)).toEqual(
      expect.arrayContaining([
        "prescription.sign",
        "prescription.approve",
        "prescription.collect-by-proxy",
        "prescription.collect",
      ]),
    );
    const mine = ok(await zhou.get(`/api/my/prescriptions/${patient("zhou")}`)).prescriptions[0];
    expect(mine).toMatchObject({ id: begun.id, state: "collected", code: null });

    // In FHIR: ordered and handed out, and nothing of what is not approved.
    const items = await test.services.db.withActor(systemActor("test"), (tx) =>
      prescriptionPart.project(
        { services: test.services, tx, institutionId: house("pengpu"), now: test.clock.now },
        [begun.id],
        (id, error) => {
          throw new Error(`${id}: ${String(error)}`);
        },
      ),
    );
    const shown = items.filter((each) => each.resource !== null).map((each) => each.resource!);
    expect(shown.filter((each) => each.resourceType === "MedicationRequest")).toHaveLength(2);
    expect(shown.find((each) => each.resourceType === "MedicationDispense")).toMatchObject({
      status: "completed",
      authorizingPrescription: [{ reference: `MedicationRequest/${begun.id}-0` }],
      medicationCodeableConcept: {
        coding: [{ system: "http://www.whocc.no/atc", code: "C08CA01" }],
      },
    });
  });

  it("is filled once: of two pharmacies one wins, and the other takes nothing", async () => {
    const sent = await signed(wang, "pengpu", patient("zhou"), [
      one("valsartan-80", { quantity: 7 }),
    ]);
    const approved = await approve(gu, sent);
    const code = await codeOf(sent.id);
    expect((await tao.get(`/api/prescriptions/${sent.id}`)).status).toBe(404);
    expect((await quzhen.post("/api/prescriptions/open", { code })).status).toBe(200);
    ok(await tao.post("/api/prescriptions/open", { code }));
    const before = [await shelf(gu, "valsartan-80"), await shelf(tao, "valsartan-80")];
    const fill = (client: Client) =>
      client.post(`/api/prescriptions/${sent.id}/dispense`, {
        version: approved.version,
        method: "pick-up",
      });
    const answers = await Promise.all([fill(gu), fill(tao), fill(jiang)]);
    expect(answers.filter((each) => each.status === 200)).toHaveLength(1);
    for (const { status, body } of answers)
      if (status !== 200)
        expect([
          "prescription.filled",
          "prescription.changed-meanwhile",
          "prescription.illegal-step",
        ]).toContain(body.code);
    const after = [await shelf(gu, "valsartan-80"), await shelf(tao, "valsartan-80")];
    expect(before[0]! + before[1]! - after[0]! - after[1]!).toBe(7);
    const [row] =
      await owner`select count(*)::int as n from prescription_dispense where prescription_id = ${sent.id}`;
    expect(row!.n).toBe(1);
    // Past every service too.
    await expect(
      owner`insert into prescription_dispense (prescription_id, institution_id, prepared_by, prepared_at, method, taken)
        select prescription_id, institution_id, prepared_by, prepared_at, method, taken from prescription_dispense where prescription_id = ${sent.id}`,
    ).rejects.toThrow();
  });

  it("is returned with a coded reason, corrected and signed anew; what was signed cannot be altered meanwhile", async () => {
    const sent = await signed(wang, "pengpu", patient("zhou"));
    const put = await wang.put(
      `/api/prescriptions/${sent.id}`,
      draft(sent.version, [one("losartan-50")]),
    );
    expect(put.body.code).toBe("prescription.illegal-step");
    await expect(
      owner`update prescription_line set dose = 3 where prescription_id = ${sent.id}`,
    ).rejects.toThrow();
    await expect(
      owner`update prescription set note = 'x', version = version + 1 where id = ${sent.id}`,
    ).rejects.toThrow();
    const returned = ok(
      await gu.post(`/api/prescriptions/${sent.id}/return`, {
        version: sent.version,
        reason: "quantity",
        note: "数量与疗程不符",
      }),
    );
    expect(returned).toMatchObject({ state: "returned", returnReason: "quantity" });
    const notices = ok(await wang.get("/api/notices")).notices as { kind: string }[];
    expect(notices.map((each) => each.kind)).toContain("prescription-returned");
    const again = ok(
      await wang.post(`/api/prescriptions/${sent.id}/correct`, { version: returned.version }),
    );
    const saved = ok(
      await wang.put(
        `/api/prescriptions/${sent.id}`,
        draft(again.version, [one("amlodipine-5", { quantity: 7 })]),
      ),
    );
    const resent = ok(await sign(wang, sent.id, saved.version));
    expect((await approve(gu, resent)).state).toBe("approved");
  });

  it("takes a record in which no allergy stands for one that nobody asked about", async () => {
    const begun = await begin(danzeng, "sakya-chc", patient("luosang"));
    const unasked = ok(
      await danzeng.put(
        `/api/prescriptions/${begun.id}`,
        draft(begun.version, [one("amlodipine-5")], {
          typed: { ...typed, allergies: null, takes: null },
        }),
      ),
    );
    expect(unasked.facts).toMatchObject({ recordRead: true, allergies: null });
    expect(unasked.warnings).toContainEqual(
      expect.objectContaining({ code: "allergy-unknown", grade: "reason" }),
    );
    expect(unasked.open).toBeGreaterThan(0);
  });

  it("is checked again at approval: an allergy that came into the record in between stops it", async () => {
    const sent = await signed(danzeng, "sakya-chc", patient("ciren"), [
      one("amoxicillin-250", { dose: 2, frequency: "tid", days: 5, quantity: 30 }),
    ]);
    expect(sent.facts.recordRead).toBe(true);
    expect(
      (
        await danzeng.post(
          "/fhir/AllergyIntolerance",
          {
            resourceType: "AllergyIntolerance",
            clinicalStatus: {
              coding: [
                {
                  system: "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical",
                  code: "active",
                },
              ],
            },
            verificationStatus: {
              coding: [
                {
                  system: "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification",
                  code: "confirmed",
                },
              ],
            },
            code: { text: "青霉素" },
            patient: { reference: `Patient/${patient("ciren")}` },
          },
          { "content-type": "application/fhir+json" },
        )
      ).status,
    ).toBe(201);
    const seen = ok(await quzhen.get(`/api/prescriptions/${sent.id}`));
    expect(seen.warnings).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ code: "allergy", grade: "block", isNew: true }),
      ]),
    );
    const refused = await quzhen.post(`/api/prescriptions/${sent.id}/approve`, {
      version: sent.version,
    });
    expect(refused.body).toMatchObject({ code: "prescription.new-warnings" });
    expect(ok(await quzhen.get(`/api/prescriptions/${sent.id}`)).state).toBe("pending-review");
    ok(
      await quzhen.post(`/api/prescriptions/${sent.id}/return`, {
        version: sent.version,
        reason: "allergy",
        note: "新录入青霉素过敏",
      }),
    );
  });

  it("is not approved on a key that was revoked after signing, unless it was only replaced", async () => {
    const sent = await signed(wang, "pengpu", patient("zhou"));
    const { kid } = await keyOf(wang);
    later(1);
    keys.delete(wang);
    await keyOf(wang);
    expect(ok(await gu.get(`/api/prescriptions/${sent.id}`)).signature.state).toBe("key-replaced");
    await owner`update signing_key set revoked_reason = '电脑被盗' where kid = ${kid}`;
    expect(ok(await gu.get(`/api/prescriptions/${sent.id}`)).signature.state).toBe("key-revoked");
    const refused = await gu.post(`/api/prescriptions/${sent.id}/approve`, {
      version: sent.version,
    });
    expect(refused.body.code).toBe("prescription.key-revoked");
  });

  it("ends by its clock, and the pharmacists hear of one that waits", async () => {
    const sent = await signed(wang, "pengpu", patient("zhou"));
    const alarms = startAlarms({
      db: test.services.db,
      clock: test.services.clock,
      handlers: prescriptionAlarms,
      log: silent,
    });
    try {
      later(21);
      await eventually("the pharmacist is told", async () => {
        await alarms.fireDue();
        const { notices } = ok(await gu.get("/api/notices"));
        return (notices as { kind: string; entityId: string }[]).some(
          (each) => each.kind === "prescription-waiting" && each.entityId === sent.id,
        );
      });
      later(25 * 60);
      // A session does not last the night.
      const tomorrow = await test.as("gupeilin");
      expect(
        (await tomorrow.post(`/api/prescriptions/${sent.id}/approve`, { version: sent.version }))
          .body.code,
      ).toMatch(/^prescription\.(over|illegal-step)$/);
      await eventually("it expires", async () => {
        await alarms.fireDue();
        const [row] =
          await owner`select end_reason from prescription where id = ${sent.id} and state = 'expired'`;
        return row?.end_reason === "expired";
      });
    } finally {
      await alarms.close();
    }
  });

  it("is repeated in one tap, with what is different", async () => {
    const sent = await signed(wang, "pengpu", patient("xu"), [
      one("amlodipine-5"),
      one("aspirin-100", { quantity: 30 }),
    ]);
    const approved = await approve(gu, sent);
    ok(
      await wang.post(`/api/prescriptions/${sent.id}/cancel`, {
        version: approved.version,
        reason: "改方案",
      }),
    );
    const second = await signed(wang, "pengpu", patient("xu"), [
      one("amlodipine-5"),
      one("aspirin-100", { quantity: 30 }),
    ]);
    await approve(gu, second);
    later(8 * 24 * 60);
    // A session does not last a week.
    const again = await test.as("wangjianguo");
    const repeated = await begin(again, "pengpu", patient("xu"), { repeatOf: second.id });
    expect(repeated.lines.map((each: { code: string }) => each.code)).toEqual([
      "amlodipine-5",
      "aspirin-100",
    ]);
    expect(repeated.changed.map((each: { zh: string }) => each.zh).join()).toContain("过敏史");
    const foreign = await (await test.as("danzeng")).post("/api/prescriptions", {
      encounterKind: "appointment",
      encounterId: await inRoom("sakya-chc", patient("ciren")),
      patientId: patient("ciren"),
      repeatOf: second.id,
    });
    expect(foreign.status).toBe(404);
  });

  it("brings medicines by delivery, and takes back what was refused at the door", async () => {
    const sent = await signed(wang, "pengpu", patient("zhou"), [
      one("vitamin-c-100", { quantity: 100 }),
    ]);
    const approved = await approve(gu, sent);
    const before = await shelf(gu, "vitamin-c-100");
    const fill = (more: object) =>
      gu.post(`/api/prescriptions/${sent.id}/dispense`, {
        version: approved.version,
        method: "delivery",
        ...more,
      });
    expect((await fill({})).body.code).toBe("request.invalid");
    const filled = ok(await fill({ address: "彭浦新村 1 号" }));
    const move = (state: string, more: object = {}) =>
      gu.post(`/api/prescriptions/${sent.id}/delivery`, {
        version: filled.version,
        state,
        ...more,
      });
    expect((await move("delivered")).body.code).toBe("prescription.illegal-step");
    ok(await move("on-its-way", { carrier: "邮政", trackingNumber: "E1", text: "骑手已取货" }));
    const mine = ok(await zhou.get(`/api/my/prescriptions/${patient("zhou")}`)).prescriptions.find(
      (each: { id: string }) => each.id === sent.id,
    );
    expect(mine).toMatchObject({ deliveryState: "on-its-way", trackingText: "骑手已取货" });
    ok(await move("refused", { text: "家中无人签收" }));
    const over = ok(
      await gu.post(`/api/prescriptions/${sent.id}/take-back`, {
        version: filled.version,
        reason: "拒收",
      }),
    );
    expect(over.state).toBe("cancelled");
    expect(await shelf(gu, "vitamin-c-100")).toBe(before);
    const [row] =
      await owner`select delivery_address_cipher from prescription_dispense where prescription_id = ${sent.id}`;
    expect(row!.delivery_address_cipher).not.toContain("彭浦");
  });

  it("gives nothing out when the shelf is short, and the same substance instead when there is some", async () => {
    const sent = await signed(wang, "pengpu", patient("shen"), [
      one("paracetamol-500", { frequency: "tid", days: 3, quantity: 10 }),
      one("perindopril-4", { quantity: 30 }),
    ]);
    const approved = await approve(gu, sent);
    const before = await shelf(gu, "paracetamol-500");
    const fill = (instead: object[] = []) =>
      gu.post(`/api/prescriptions/${sent.id}/dispense`, {
        version: approved.version,
        method: "pick-up",
        instead,
      });
    expect((await fill()).body).toMatchObject({ code: "prescription.stock" });
    expect(await shelf(gu, "paracetamol-500")).toBe(before);
    expect((await fill([{ position: 1, code: "enalapril-10" }])).body.code).toBe(
      "prescription.substitute",
    );
    ok(
      await gu.post("/api/pharmacy/stock", {
        medicineCode: "perindopril-4",
        batchNumber: "P1",
        expiresOn: "2020-01-01",
        quantity: 90,
      }),
    );
    expect((await fill()).body.code).toBe("prescription.stock");
    ok(
      await gu.post("/api/pharmacy/stock", {
        medicineCode: "perindopril-4",
        batchNumber: "P2",
        expiresOn: "2099-01-01",
        quantity: 90,
      }),
    );
    ok(await fill());
    expect(await shelf(gu, "perindopril-4")).toBe(90 + 60);
    expect(
      (
        await gu.post("/api/pharmacy/stock", {
          medicineCode: "nothing",
          batchNumber: "P2",
          expiresOn: "2099-01-01",
          quantity: 1,
        })
      ).status,
    ).toBe(404);
  });

  it("is begun once for a repeated request", async () => {
    const encounterId = await inRoom("pengpu", patient("zhou"));
    const send = () =>
      wang.post(
        "/api/prescriptions",
        { encounterKind: "appointment", encounterId, patientId: patient("zhou") },
        { "idempotency-key": `rx-${encounterId}` },
      );
    const first = ok(await send());
    expect(ok(await send()).id).toBe(first.id);
  });
});

describe("a house's formulary", () => {
  it("is imported by one, named line by line when it is wrong, and published by a second", async () => {
    const tables = starterTables();
    const today = start.toISOString().slice(0, 10);
    const header = tables.medicines.split("\n")[0]!;
    const bad = `${header}\nx-1,某药,Some,mou,NOATC,,tablet,5 mg,片,5,mg,oral,1,1,10,10,,,,28,recalled`;
    const report = ok(await gu.post("/api/formulary/versions/test", { medicines: bad }));
    expect(report.faults).toEqual([
      { table: "medicines", line: 2, column: "atc", fault: "value", text: "NOATC" },
    ]);
    const refused = await gu.post("/api/formulary/versions", {
      validFrom: "2099-01-01",
      note: "坏表",
      medicines: bad,
    });
    expect(refused.body).toMatchObject({ code: "formulary.faults", params: { count: 1 } });
    expect(
      (
        await gu.post("/api/formulary/versions", {
          validFrom: "2020-01-01",
          note: "x",
          medicines: tables.medicines,
        })
      ).body.code,
    ).toBe("formulary.day");

    const own = tables.medicines
      .split("\n")
      .filter((each) => !each.startsWith("nimesulide"))
      .join("\n");
    const made = ok(
      await quzhen.post("/api/formulary/versions", {
        validFrom: "2099-01-01",
        note: "去掉尼美舒利",
        medicines: own,
      }),
    );
    expect((await quzhen.post(`/api/formulary/versions/${made.id}/publish`)).body.code).toBe(
      "formulary.second-person",
    );
    expect((await gu.post(`/api/formulary/versions/${made.id}/publish`)).status).toBe(404);
    const { versions } = ok(await quzhen.get("/api/formulary/versions"));
    expect(versions).toEqual([
      expect.objectContaining({ id: made.id, state: "draft", current: false, mayPublish: false }),
      expect.objectContaining({ starter: true, current: true }),
    ]);
    const mine = ok(
      await gu.post("/api/formulary/versions", {
        validFrom: today >= "2099" ? "2099-12-01" : "2098-01-01",
        note: "彭浦目录",
        medicines: own,
      }),
    );
    const published = ok(await jiang.post(`/api/formulary/versions/${mine.id}/publish`));
    expect(published).toMatchObject({ state: "published", current: false });
    expect((await jiang.post(`/api/formulary/versions/${mine.id}/publish`)).body.code).toBe(
      "formulary.stands",
    );
    await expect(
      owner`update formulary_version set note = 'x' where id = ${mine.id}`,
    ).rejects.toThrow();
  });
});
