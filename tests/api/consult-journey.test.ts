import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { eq } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { consultOpinion } from "../../server/consult/schema.ts";
import { systemActor } from "../../server/identity/session-service.ts";
import { keyThumbprint } from "../../server/signing/public-key.ts";
import { signingKey } from "../../server/signing/schema.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

let test: TestApp;
let danzeng: Client;
let lijia: Client;
let zhou: Client;
let consultId: string;

beforeAll(async () => {
  test = await buildTestApp();
  [danzeng, lijia, zhou] = [
    await test.as("danzeng"),
    await test.as("lijia"),
    await test.as("zhouminhua"),
  ];
});
afterAll(() => test.close());

const act = (client: Client, body: object) =>
  client.post(`/api/consults/${consultId}/actions`, body);
const detail = async (client: Client) => (await client.get(`/api/consults/${consultId}`)).body;
const strokes = {
  strokes: [
    [
      [0, 0],
      [10, 10],
      [20, 5],
    ],
  ],
};
const consent = (kind: string, more: object = {}) => ({
  kind,
  given: true,
  method: "signature",
  language: "bo",
  textVersion: "2026-01",
  signerName: "央金",
  signerRelation: "mother",
  signature: strokes,
  ...more,
});

/** One consult from an empty form to the archive, as the people of both ends use it. */
describe("a remote consult from request to archive", () => {
  it("registers a patient with a single Tibetan name and without a phone", async () => {
    const answer = await danzeng.post("/api/patients", {
      fullName: "卓玛",
      fullNameBo: "སྒྲོལ་མ",
      sex: "female",
      ageYears: 9,
      ethnicGroup: "藏族",
      language: "bo",
      address: "麻布加乡",
    });
    expect(answer.status).toBe(200);
    expect(answer.body.patient).toMatchObject({
      fullName: "卓玛",
      birthDateEstimated: true,
      contacts: [],
      residentIdMasked: null,
    });
    const created = await danzeng.post("/api/consults", { patientId: answer.body.patient.id });
    expect(created.status).toBe(200);
    consultId = created.body.id;
    expect(created.body.missing).toContain("consent:consult");
  });

  it("saves the draft, refuses an older page and says who was first", async () => {
    const invitedInstitutionId = test.ids.institutions.get("xuhui-central");
    const content = {
      urgency: "urgent",
      invitedInstitutionId,
      wantedSpecialty: "血液科",
      reason: "当地无血液科",
      purpose: "明确诊断",
      question: "是否过敏性紫癜？",
      complaint: "双下肢紫癜 3 天",
      presentHistory: "两周前上感",
      pastHistory: "无",
      examination: "双下肢紫癜",
      vitals: { spo2Percent: 88, altitudeMetres: 4300 },
      provisionalDiagnoses: [{ code: "D69.0", text: "过敏性紫癜" }],
      treatmentSoFar: "卧床",
    };
    const saved = await danzeng.put(`/api/consults/${consultId}/draft`, { version: 1, content });
    expect(saved.body).toMatchObject({
      version: 2,
      missing: ["consent:consult", "consent:record-sharing"],
    });
    const late = await danzeng.put(`/api/consults/${consultId}/draft`, {
      version: 1,
      content: { question: "?" },
    });
    expect(late.status).toBe(409);
    expect(late.body).toMatchObject({ code: "consult.changed-meanwhile" });
    expect(late.body.detail).toContain("旦增");
  });

  it("does not go out without consents, and not with empty evidence", async () => {
    const refused = await act(danzeng, { action: "submit", version: 2 });
    expect(refused.status).toBe(422);
    expect(refused.body.params.missing).toEqual(["consent:consult", "consent:record-sharing"]);
    const empty = await danzeng.post(
      `/api/consults/${consultId}/consents`,
      consent("consult", { signature: null }),
    );
    expect(empty.body.code).toBe("consent.evidence");
    const fingerprint = await danzeng.post(
      `/api/consults/${consultId}/consents`,
      consent("consult", { method: "fingerprint", signature: null, witnessName: "德吉" }),
    );
    expect(fingerprint.body.code).toBe("consent.evidence");
    for (const kind of ["consult", "record-sharing"])
      expect(
        (await danzeng.post(`/api/consults/${consultId}/consents`, consent(kind))).status,
      ).toBe(200);
    const sent = await act(danzeng, { action: "submit", version: 2 });
    expect(sent.body).toMatchObject({
      state: "submitted",
      clock: { kind: "respond", dueAt: "2026-11-23T04:00:00.000Z" },
    });
  });

  it("is repeated without doing anything twice", async () => {
    const key = { "idempotency-key": "0d9f6c1e-0000-4000-8000-000000000001" };
    const first = await lijia.post(
      `/api/consults/${consultId}/actions`,
      { action: "accept", version: 3 },
      key,
    );
    const again = await lijia.post(
      `/api/consults/${consultId}/actions`,
      { action: "accept", version: 3 },
      key,
    );
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(again.body).toEqual(first.body);
    const other = await lijia.post(
      `/api/consults/${consultId}/actions`,
      { action: "decline", version: 3, reason: "x" },
      key,
    );
    expect(other.body.code).toBe("idempotency.key-reused");
    expect(
      (await detail(lijia)).steps.filter((step: { action: string }) => step.action === "accept"),
    ).toHaveLength(1);
  });

  it("assigns only who may give an opinion, observers only with consent", async () => {
    const candidates = (await lijia.get(`/api/consults/${consultId}/candidates`)).body;
    expect(
      candidates.specialists.find((one: { name: string }) => one.name === "沈一鸣").eligible,
    ).toBe(false);
    expect(candidates.observers).toEqual([]);
    const person = (login: string) => test.ids.people.get(login);
    const assign = (participants: object[]) =>
      lijia.put(`/api/consults/${consultId}/participants`, { participants });
    expect(
      (await assign([{ personId: person("shenyiming"), role: "specialist", lead: true }])).body
        .code,
    ).toBe("consult.not-eligible");
    expect(
      (await assign([{ personId: person("zhouminhua"), role: "specialist", lead: false }])).body
        .code,
    ).toBe("consult.no-lead");
    const lead = { personId: person("zhouminhua"), role: "specialist", lead: true };
    expect(
      (await assign([lead, { personId: person("sunxiao"), role: "observer" }])).body.code,
    ).toBe("consult.observer-consent");
    await danzeng.post(`/api/consults/${consultId}/consents`, consent("observers"));
    const done = await assign([
      lead,
      { personId: person("lazhen"), role: "interpreter" },
      { personId: person("sunxiao"), role: "observer" },
    ]);
    expect(done.body.participants.map((one: { role: string }) => one.role).sort()).toEqual([
      "attending",
      "interpreter",
      "observer",
      "specialist",
    ]);
    const observer = await (await test.as("sunxiao")).get(`/api/consults/${consultId}`);
    expect(observer.body).toMatchObject({
      attachments: [],
      opinion: null,
      content: { presentHistory: null },
    });
  });

  it("takes the observers out when the patient withdraws", async () => {
    const consents = (await detail(danzeng)).consents;
    const observers = consents.find((one: { kind: string }) => one.kind === "observers");
    const answer = await danzeng.post(
      `/api/consults/${consultId}/consents/${observers.id}/withdraw`,
      { reason: "不想让别人看" },
    );
    expect(answer.body.participants.some((one: { role: string }) => one.role === "observer")).toBe(
      false,
    );
    expect((await (await test.as("sunxiao")).get(`/api/consults/${consultId}`)).status).toBe(404);
  });

  it("meets in hours of both sides, and says whose hours a time is outside of", async () => {
    const { slots } = (await lijia.get(`/api/consults/${consultId}/proposals?minutes=30`)).body;
    // Monday 10:00 in Shanghai and in Sakya, where work began at 9:30.
    expect(slots[0]).toEqual({
      start: "2026-11-23T02:00:00.000Z",
      end: "2026-11-23T02:30:00.000Z",
    });
    const version = (await detail(lijia)).version;
    const past = await act(lijia, {
      action: "schedule",
      version,
      start: "2026-11-22T02:00:00.000Z",
      end: "2026-11-22T02:30:00.000Z",
    });
    expect(past.body.code).toBe("consult.in-the-past");
    const done = await act(lijia, { action: "schedule", version, ...slots[1] });
    expect(done.body).toMatchObject({ state: "scheduled", clock: { kind: "meeting" } });
  });

  it("writes, signs and files the opinion; an edit after the document was shown makes it void", async () => {
    const content = {
      findingsReviewed: "皮疹照片",
      missingData: "",
      diagnosticOpinion: "过敏性紫癜（腹型）",
      diagnoses: [{ code: "D69.0", text: "过敏性紫癜" }],
      testsAdvised: "腹部超声",
      plan: "泼尼松 1 mg/kg",
      transferConditions: "便血",
      plainWords: "在萨迦就能治",
    };
    await enterAsBoth();
    expect(
      (await danzeng.put(`/api/consults/${consultId}/opinion`, { version: 1, content })).status,
    ).toBe(403);
    expect(
      (await zhou.put(`/api/consults/${consultId}/opinion`, { version: 1, content })).status,
    ).toBe(200);
    const key = await registerKey("zhouminhua");
    const stale = await zhou.post(`/api/consults/${consultId}/opinion/document`);
    await zhou.put(`/api/consults/${consultId}/opinion`, {
      version: 2,
      content: { ...content, plan: "泼尼松 1 mg/kg·d" },
    });
    const { version } = await detail(zhou);
    expect((await signWith(key, stale.body.canonical, version)).body.code).toBe(
      "consult.changed-meanwhile",
    );
    const shown = await zhou.post(`/api/consults/${consultId}/opinion/document`);
    const forged = shown.body.canonical.replace("1 mg", "9 mg");
    expect((await signWith(key, forged, version)).body.code).toBe("signature.altered");
    const signed = await signWith(key, shown.body.canonical, version);
    expect(signed.body).toMatchObject({ state: "signed", clock: { kind: "acknowledge" } });
    expect(
      (await zhou.put(`/api/consults/${consultId}/opinion`, { version: 3, content })).status,
    ).toBe(403);
  });

  it("is verified by anyone, without showing who the patient is", async () => {
    const documentId = await documentOf();
    const check = await test.anonymous.get(`/api/check/${documentId}`);
    expect(check.body).toMatchObject({ found: true, valid: true, doctor: "周敏华 主任医师" });
    expect(JSON.stringify(check.body)).not.toContain("卓玛");
    expect(
      (await test.anonymous.get("/api/check/00000000-0000-4000-8000-000000000000")).body.found,
    ).toBe(false);
  });

  it("is found out when somebody with the keys of the database changes the document", async () => {
    const documentId = await documentOf();
    const admin = postgres(test.database.admin, { max: 1 });
    const change = (from: string, to: string) =>
      admin.unsafe(
        `set session_replication_role = replica; update consult_opinion set document = replace(document::text, '${from}', '${to}')::jsonb where document_id = '${documentId}'`,
      );
    await change("腹部超声", "胸部 CT");
    expect((await test.anonymous.get(`/api/check/${documentId}`)).body).toMatchObject({
      found: true,
      valid: false,
      reason: "altered-content",
    });
    await change("胸部 CT", "腹部超声");
    await admin.end();
    expect((await test.anonymous.get(`/api/check/${documentId}`)).body.valid).toBe(true);
  });

  it("asks for the telephone read-back of an urgent opinion, then archives on both sides", async () => {
    const { version } = await detail(danzeng);
    const without = await act(danzeng, {
      action: "acknowledge",
      version,
      treatmentDecision: "当地治疗",
    });
    expect(without.body.code).toBe("consult.readback-missing");
    const done = await act(danzeng, {
      action: "acknowledge",
      version,
      treatmentDecision: "当地治疗",
      readBack: { by: "旦增", to: "周敏华", at: "2026-11-23T03:00:00Z" },
    });
    expect(done.body).toMatchObject({ state: "acknowledged", treatmentDecision: "当地治疗" });
    const filed = await act(danzeng, { action: "archive", version: done.body.version });
    expect(filed.body).toMatchObject({ state: "acknowledged" });
    const ids = async (client: Client, scope: string) =>
      (await client.get(`/api/consults?scope=${scope}`)).body.consults.map(
        (one: { id: string }) => one.id,
      );
    // Filed here, open there: each side's lists say so.
    expect(await ids(danzeng, "mine")).not.toContain(consultId);
    expect(await ids(danzeng, "archive")).toContain(consultId);
    expect(await ids(lijia, "desk")).toContain(consultId);
    expect(await ids(lijia, "archive")).not.toContain(consultId);
    const { version: next } = filed.body;
    expect((await act(danzeng, { action: "archive", version: next })).body.code).toBe(
      "consult.illegal-step",
    );
    expect((await act(zhou, { action: "archive", version: next })).status).toBe(403);
    const archived = await act(lijia, { action: "archive", version: next });
    expect(archived.body).toMatchObject({ state: "archived" });
    expect(await ids(lijia, "desk")).not.toContain(consultId);
    expect(
      (await lijia.get("/api/consults?scope=archive")).body.consults.map(
        (one: { id: string }) => one.id,
      ),
    ).toContain(consultId);
    expect(
      (await act(danzeng, { action: "cancel", version: archived.body.version, reason: "x" }))
        .status,
    ).toBe(409);
  });

  it("prints a PDF for both sides", async () => {
    const pdf = await danzeng.get(`/api/consults/${consultId}/opinion.pdf`);
    expect(pdf.headers["content-type"]).toBe("application/pdf");
    expect(pdf.raw.rawPayload.subarray(0, 5).toString()).toBe("%PDF-");
    expect(
      (await (await test.as("hejing")).get(`/api/consults/${consultId}/opinion.pdf`)).status,
    ).toBe(404);
  });
});

/** The media node's report that both doctors are in the room, signed as a node signs it. */
async function enterAsBoth(): Promise<void> {
  const { SignJWT } = await import("jose");
  const event = (id: string, role: string) => ({
    id,
    at: new Date(test.clock.now).toISOString(),
    room: consultId,
    type: "peer-joined",
    peer: { id, sub: id, name: role, role },
  });
  const body = JSON.stringify({
    node: "n1",
    events: [event("e1", "attending"), event("e2", "specialist")],
  });
  const token = await new SignJWT({ body_sha256: createHash("sha256").update(body).digest("hex") })
    .setProtectedHeader({ alg: "HS256" })
    .setIssuer("sfu")
    .setAudience("server")
    .setExpirationTime("1m")
    .sign(new TextEncoder().encode(test.sfuSecret));
  const send = (text: string) =>
    test.app.inject({
      method: "POST",
      url: "/internal/sfu/events",
      payload: text,
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    });
  expect((await send(body.replace("specialist", "attending "))).statusCode).toBe(401);
  expect((await send(body)).statusCode).toBe(200);
  expect((await send(body)).statusCode).toBe(200);
  expect((await detail(zhou)).state).toBe("in-session");
}

type Key = { kid: string; privateKey: import("node:crypto").KeyObject };
async function registerKey(login: string): Promise<Key> {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = publicKey.export({ format: "jwk" });
  const publicJwk = { kty: "EC" as const, crv: "P-256" as const, x: jwk.x!, y: jwk.y! };
  const kid = await keyThumbprint(publicJwk);
  await test.services.db.withActor(systemActor("test"), (tx) =>
    tx.insert(signingKey).values({
      kid,
      personId: test.ids.people.get(login)!,
      publicJwk,
      registeredAt: test.clock.now,
    }),
  );
  return { kid, privateKey };
}

async function signWith(key: Key, canonical: string, version: number) {
  const header = Buffer.from(
    JSON.stringify({ alg: "ES256", typ: "yilian.opinion+jws", kid: key.kid }),
  ).toString("base64url");
  const payload = Buffer.from(canonical).toString("base64url");
  const signature = sign("sha256", Buffer.from(`${header}.${payload}`), {
    key: key.privateKey,
    dsaEncoding: "ieee-p1363",
  }).toString("base64url");
  return zhou.post(`/api/consults/${consultId}/opinion/sign`, {
    version,
    jws: `${header}.${payload}.${signature}`,
  });
}

async function documentOf(): Promise<string> {
  const [row] = await test.services.db.withActor(systemActor("test"), (tx) =>
    tx.select().from(consultOpinion).where(eq(consultOpinion.consultId, consultId)),
  );
  return row!.documentId!;
}
