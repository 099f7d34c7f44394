/**
 * The closed loop over FHIR between two running servers, each a process with a database of its own: A (the community's)
 * refers up to B (the hospital's), B refers down to A. Neither sees the other's tables; all that passes is FHIR.
 */
import { spawn } from "node:child_process";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { SignJWT } from "jose";
import postgres from "postgres";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { createVault } from "../../server/crypto/vault.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { freePorts } from "../support/stack.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const kid = "house";

const newKey = () => generateKeyPairSync("ec", { namedCurve: "P-384" });
type Side = {
  url: string;
  database: TestDatabase;
  sql: postgres.Sql;
  /** The record stores beside it. */
  kept: postgres.Sql;
  key: ReturnType<typeof newKey>;
  start: () => Promise<void>;
  stop: () => Promise<void>;
  as: (login: string) => Promise<Person>;
  end: () => Promise<void>;
};
type Person = {
  get: (path: string) => Promise<{ status: number; body: Body }>;
  post: (path: string, body: object) => Promise<{ status: number; body: Body }>;
};
// biome-ignore lint/suspicious/noExplicitAny: tests read answers of many shapes
type Body = any;

/**
 * @param own the house of this side, which keeps its records here
 * @param outside the house that is the other side's, and keeps none here
 */
async function side(own: string, outside: string): Promise<Side> {
  const database = await createTestDatabase({ demo: "fixed" });
  await database.records();
  const [port] = [await freePorts(1)];
  const url = `http://127.0.0.1:${port}`;
  const dataDir = mkdtempSync(join(tmpdir(), "yilian-interop-"));
  const { secrets } = inject("cluster");
  writeFileSync(join(dataDir, "secrets.json"), JSON.stringify(secrets), { mode: 0o600 });
  const sql = postgres(database.admin, { max: 2, onnotice: () => {} });
  const records = new URL(await database.records()).pathname.slice(1);
  await sql`update record_store set location = ${records} where kind = 'hosted'`;
  await sql`update record_store set kind = 'remote', location = 'http://127.0.0.1:9/fhir'
    where institution_id = (select id from institution where slug = ${outside})`;
  await sql`insert into record_store (institution_id, kind, location) select id, 'hosted', ${records} from institution where slug = ${own}
    on conflict do nothing`;
  const kept = postgres(new URL(`/${records}`, database.admin).href, {
    max: 1,
    onnotice: () => {},
  });
  let child: ReturnType<typeof spawn> | null = null;
  const stop = async () => {
    if (!child || child.exitCode !== null) return;
    const ended = once(child, "exit");
    // As when the machine dies: nothing is finished, nobody is told.
    child.kill("SIGKILL");
    await ended;
    child = null;
  };
  return {
    url,
    database,
    sql,
    kept,
    key: newKey(),
    start: async () => {
      child = spawn(process.execPath, [join(root, "server/main.ts")], {
        cwd: root,
        stdio: ["ignore", "ignore", "inherit"],
        env: {
          PATH: process.env.PATH,
          HOME: process.env.HOME,
          NODE_COMPILE_CACHE: join(root, "node_modules", ".compiled"),
          NODE_ENV: "production",
          LOG_LEVEL: "error",
          DEMO: "1",
          DATA_DIR: dataDir,
          PORT: String(port),
          HOST: "127.0.0.1",
          PUBLIC_URL: url,
          DATABASE_URL: database.app,
          MIGRATION_DATABASE_URL: database.owner,
          JOBS_DATABASE_URL: database.jobs,
          SFU_SECRET: secrets.sfuSecret,
        },
      });
      await until(async () => (await fetch(`${url}/readyz`).catch(() => null))?.status === 200, 60);
    },
    stop,
    as: async (login) => {
      const json = { "content-type": "application/json" };
      const signed = await fetch(`${url}/api/session/demo`, {
        method: "POST",
        headers: json,
        body: JSON.stringify({ loginName: login }),
      });
      const cookie = String(signed.headers.get("set-cookie")).split(";")[0]!;
      const session = await fetch(`${url}/api/session`, { headers: { cookie } });
      const { csrfToken } = (await session.json()) as { csrfToken: string };
      const ask = async (method: string, path: string, body?: object) => {
        const answer = await fetch(`${url}${path}`, {
          method,
          headers: { ...json, cookie, "x-csrf-token": csrfToken },
          ...(body ? { body: JSON.stringify(body) } : {}),
        });
        return { status: answer.status, body: (await answer.json()) as Body };
      };
      return {
        get: (path) => ask("GET", path),
        post: (path, body) => ask("POST", path, body),
      };
    },
    end: async () => {
      await stop();
      await sql.end();
      await kept.end();
      await database.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function until(what: () => Promise<unknown>, seconds = 15): Promise<void> {
  for (const end = Date.now() + seconds * 1000; ; await delay(40)) {
    if (await what()) return;
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
  }
}

/** `ours` knows the server of `theirs` as the house `house`, and takes its system as that house's. */
async function connect(ours: Side, theirs: Side, ownHouse: string, house: string) {
  const { secrets } = inject("cluster");
  const vault = createVault({
    dataKeys: Object.fromEntries(
      Object.entries(secrets.dataKeys).map(([id, key]) => [id, Buffer.from(key, "base64")]),
    ),
    currentDataKeyId: secrets.currentDataKeyId,
    blindIndexKey: Buffer.from(secrets.blindIndexKey, "base64"),
  });
  const idOf = async (at: Side, slug: string) =>
    (await at.sql<{ id: string }[]>`select id from institution where slug = ${slug}`)[0]!.id;
  const jwk = { ...ours.key.publicKey.export({ format: "jwk" }), kid, alg: "ES384", use: "sig" };
  const [by] = await ours.sql<{ id: string }[]>`select id from person order by id limit 1`;
  const [there] = await theirs.sql<{ id: string }[]>`select id from person order by id limit 1`;
  const clientId = randomUUID();
  await theirs.sql`insert into smart_client (id, institution_id, name, scopes, jwks, registered_by)
    values (${clientId}, ${await idOf(theirs, ownHouse)}, ${`${ownHouse} system`}, ${["system/Task.crus", "system/ServiceRequest.crs", "system/Patient.crs"]},
      ${theirs.sql.json({ keys: [jwk] } as never)}, ${there!.id})`;
  const pem = String(ours.key.privateKey.export({ format: "pem", type: "pkcs8" }));
  await ours.sql`insert into record_key (institution_id, key_id, public_key, private_cipher)
    values (${await idOf(ours, ownHouse)}, ${kid}, ${ours.sql.json(jwk as never)}, ${vault.seal("record_key.private", pem)})`;
  await ours.sql`insert into record_outside (institution_id, name, base, private_network, sign_in, token_url, client_id, scope, refers_to_institution_id, created_by)
    values (${await idOf(ours, ownHouse)}, ${`${house} 系统`}, ${`${theirs.url}/fhir`}, true, 'signed-jwt', ${`${theirs.url}/auth/token`}, ${clientId},
      'system/*.crus', ${await idOf(ours, house)}, ${by!.id})`;
  return clientId;
}

/** What a registered system is let in with. */
async function tokenAt(of: Side, clientId: string, key: Side["key"]): Promise<string> {
  const assertion = await new SignJWT({})
    .setProtectedHeader({ alg: "ES384", kid })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(`${of.url}/auth/token`)
    .setJti(randomUUID())
    .setExpirationTime("2m")
    .sign(key.privateKey);
  const token = await fetch(`${of.url}/auth/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      scope: "system/*.crus",
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: assertion,
    }),
  });
  return ((await token.json()) as { access_token: string }).access_token;
}

/** The house's own laboratory writes into the house's record store, as its system would. */
async function laboratory(of: Side, house: string, resources: { id: string }[]): Promise<void> {
  const clientId = randomUUID();
  const jwk = { ...of.key.publicKey.export({ format: "jwk" }), kid, alg: "ES384", use: "sig" };
  await of.sql`insert into smart_client (id, institution_id, name, scopes, jwks, registered_by)
    select ${clientId}, i.id, 'LIS', ${["system/*.crus"]}, ${of.sql.json({ keys: [jwk] } as never)}, (select id from person order by id limit 1)
    from institution i where i.slug = ${house}`;
  const token = await tokenAt(of, clientId, of.key);
  for (const resource of resources) {
    const { resourceType, id } = resource as { resourceType?: string; id: string };
    const answer = await fetch(`${of.url}/stores/${house}/fhir/${resourceType}/${id}`, {
      method: "PUT",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/fhir+json" },
      body: JSON.stringify(resource),
    });
    expect(answer.status, await answer.text()).toBe(201);
  }
}
const yesterday = new Date(Date.now() - 86_400_000).toISOString();
const value = (
  id: string,
  patientId: string,
  code: string,
  text: string,
  measured: number,
  more = {},
) => ({
  resourceType: "Observation",
  id,
  status: "final",
  category: [
    {
      coding: [
        {
          system: "http://terminology.hl7.org/CodeSystem/observation-category",
          code: "laboratory",
        },
      ],
    },
  ],
  code: { coding: [{ system: "http://loinc.org", code }], text },
  subject: { reference: `Patient/${patientId}` },
  effectiveDateTime: yesterday,
  valueQuantity: { value: measured, unit: "g/L", system: "http://unitsofmeasure.org", code: "g/L" },
  referenceRange: [{ low: { value: 115, unit: "g/L" }, high: { value: 150, unit: "g/L" } }],
  ...more,
});
const report = (id: string, patientId: string, text: string, more: object) => ({
  resourceType: "DiagnosticReport",
  id,
  status: "final",
  code: { text },
  subject: { reference: `Patient/${patientId}` },
  effectiveDateTime: yesterday,
  issued: yesterday,
  ...more,
});
const came = async (person: Person, id: string) =>
  (await person.get(`/api/referrals/${id}/outside`)).body.line.results as { title: string }[];
/** What the record store of the house that has it says of a referral's results: each named by the request. */
async function supporting(of: Side, id: string): Promise<Body[]> {
  let found: { content: Body }[] = [];
  await until(async () => {
    found =
      await of.kept`select r.content from resource q cross join jsonb_array_elements(q.content -> 'supportingInfo') s
      join resource r on r.tenant = q.tenant and r.type || '/' || r.id = s ->> 'reference' and not r.deleted
      where q.type = 'ServiceRequest' and q.id = ${id} and r.type = 'DiagnosticReport'`;
    return found.length > 0;
  }, 30);
  return found.map((one) => one.content);
}

let a: Side;
let b: Side;
let clientOfB: string;
let wang: Person;
let qin: Person;
let gu: Person;
beforeAll(async () => {
  [a, b] = await Promise.all([side("pengpu", "zhabei-central"), side("zhabei-central", "pengpu")]);
  await connect(a, b, "pengpu", "zhabei-central");
  clientOfB = await connect(b, a, "zhabei-central", "pengpu");
  // A third house on A's side, whose way leads over both servers.
  await connect(a, b, "linfen-care", "zhabei-central");
  await Promise.all([a.start(), b.start()]);
  [wang, qin, gu] = await Promise.all([a.as("wangjianguo"), b.as("qinxuemei"), b.as("gumingyuan")]);
}, 90_000);
afterAll(async () => {
  await Promise.all([a?.end(), b?.end()]);
});

const consent = {
  given: true,
  method: "signature",
  language: "zh-CN",
  textVersion: "referral-2026-11",
  signerName: "周桂英",
  signerRelation: "本人",
  signature: {
    strokes: [
      [
        [0, 0],
        [9, 9],
      ],
    ],
  },
};
const at = async (person: Person, id: string) => (await person.get(`/api/referrals/${id}`)).body;
async function act(person: Person, id: string, body: object) {
  const { version } = await at(person, id);
  const answer = await person.post(`/api/referrals/${id}/actions`, { version, ...body });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body;
}
const comes = (person: Person, id: string, state: string) =>
  until(async () => (await at(person, id)).state === state);
/** The clock of the line rings now, as it would by itself later. */
const ring = (of: Side, id: string) =>
  of.sql`update alarm set due_at = now() - interval '1 second', fired_at = null where key = ${`referral:${id}:outside`}`;

async function sendUp(department: string): Promise<{ here: string; there: string }> {
  const [zhou] = await a.sql<{ id: string }[]>`select id from patient where full_name = '周桂英'`;
  const [unit] = await a.sql<{ id: string; house: string }[]>`
    select d.id, i.id as house from department d join institution i on i.id = d.institution_id where i.slug = 'zhabei-central' and d.slug = ${department}`;
  const made = await wang.post("/api/referrals", {
    patientId: zhou!.id,
    direction: "up",
    content: {
      urgency: "routine",
      toInstitutionId: unit!.house,
      toDepartmentId: unit!.id,
      requesterPhone: "021-56914949",
      reason: "血压控制不满意，伴头晕",
      impression: [{ code: "I10", text: "原发性高血压" }],
      presentHistory: "两次随访血压 168/100、172/102",
      pastHistory: "高血压 12 年",
      treatmentSoFar: "氨氯地平 5 mg，每日一次",
      criteria: [{ code: "twice-uncontrolled", evidence: null }],
      vitals: { systolicMmHg: 172, diastolicMmHg: 102 },
    },
  });
  expect(made.status, JSON.stringify(made.body)).toBe(200);
  const here = made.body.id as string;
  await wang.post(`/api/referrals/${here}/consents`, consent);
  await act(wang, here, { action: "submit" });
  return { here, there: await arrivedAt(b, "pengpu", made.body.number) };
}
async function arrivedAt(of: Side, house: string, number: string): Promise<string> {
  let found: { id: string }[] = [];
  await until(async () => {
    found = await of.sql<
      { id: string }[]
    >`select l.referral_id as id from referral_outside l join institution i on i.id = l.house_id
      join referral r on r.id = l.referral_id where i.slug = ${house} and l.their_number = ${number} and r.state = 'submitted'`;
    return found.length === 1;
  });
  return found[0]!.id;
}

it("goes up, is answered, doubted, kept and seen, and comes home: each step once on both sides", {
  timeout: 90_000,
}, async () => {
  const [zhou] = await a.sql<{ id: string }[]>`select id from patient where full_name = '周桂英'`;
  const psychiatric = {
    meta: {
      security: [{ system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "PSY" }],
    },
  };
  await laboratory(a, "pengpu", [
    value("lis-hb", zhou!.id, "718-7", "血红蛋白", 92),
    report("lis-blood", zhou!.id, "血常规", {
      conclusion: "轻度贫血",
      result: [{ reference: "Observation/lis-hb" }],
    }),
    value("lis-lithium", zhou!.id, "14334-7", "血锂", 1, psychiatric),
  ]);
  const { here, there } = await sendUp("medicine");
  const seen = await at(qin, there);
  // What the laboratory found came along as it was written; what bears a sensitive label stayed at home.
  const results = await came(qin, there);
  expect(results).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        title: "血红蛋白",
        value: "92 g/L",
        flag: "low",
        range: { low: 115, high: 150 },
      }),
      expect.objectContaining({ title: "血常规", value: "轻度贫血" }),
    ]),
  );
  expect(results.map((one) => one.title)).not.toContain("血锂");
  expect(await came(wang, here)).toEqual([]);
  const [blood] = (await supporting(b, there)).filter((one) => one.code.text === "血常规");
  expect([blood.subject.reference, blood.conclusion, blood.result.length]).toEqual([
    `Patient/${seen.patient.id}`,
    "轻度贫血",
    1,
  ]);
  expect(seen.content).toMatchObject({
    reason: "血压控制不满意，伴头晕",
    impression: [{ code: "I10", text: "原发性高血压" }],
    vitals: { systolicMmHg: 172, diastolicMmHg: 102 },
  });
  expect([seen.patient.fullName, seen.department.name]).toEqual(["周桂英", "内科"]);
  // Asked for more, answered, accepted: each side at its own desk.
  await act(qin, there, { action: "askMore", reason: "近期肾功能？" });
  await comes(wang, here, "more-info-asked");
  await act(wang, here, { action: "answerMore", text: "肌酐 78 μmol/L" });
  await comes(qin, there, "submitted");
  await act(qin, there, { action: "accept", answer: "请来" });
  await comes(wang, here, "accepted");
  // The handshake, refused: the doors stay open.
  await act(wang, here, { action: "askCancel", reason: "家属犹豫" });
  await comes(qin, there, "cancel-asked");
  await act(qin, there, { action: "refuseCancel", reason: "建议来" });
  await comes(wang, here, "accepted");
  await act(qin, there, { action: "arrive" });
  await comes(wang, here, "arrived");
  await act(gu, there, { action: "readyForDown" });
  await comes(wang, here, "ready-for-down");

  const medicine = {
    text: "缬沙坦 80 mg",
    dose: "每日一次",
    until: null,
    available: null,
    substitute: null,
  };
  const [pengpu] = await b.sql<{ id: string }[]>`select id from institution where slug = 'pengpu'`;
  // A value that lies within its report, as many systems write it.
  await laboratory(b, "zhabei-central", [
    report("lis-ward", seen.patient.id, "出院前复查", {
      contained: [{ ...value("inner", seen.patient.id, "718-7", "血红蛋白", 118), id: "inner" }],
      result: [{ reference: "#inner" }],
    }),
  ]);
  const made = await gu.post("/api/referrals", {
    patientId: seen.patient.id,
    direction: "down",
    previousId: there,
    content: {
      toInstitutionId: pengpu!.id,
      requesterPhone: "021-56628584",
      impression: [{ code: "I10", text: "原发性高血压 3 级" }],
      admissionNumber: "Z1122",
      results: "肾动脉超声未见狭窄",
      treatmentSoFar: "联合用药后 138/84",
      plan: "家庭自测血压，每日两次",
      rehabilitationAdvice: "限盐，步行 30 分钟",
      reviewOn: "2026-12-06",
      medicines: [medicine],
      returnTriggers: [{ kind: "value", code: "pressure", measure: "systolicMmHg", atLeast: 180 }],
    },
  });
  expect(made.status, JSON.stringify(made.body)).toBe(200);
  const down = made.body.id as string;
  await gu.post(`/api/referrals/${down}/consents`, consent);
  await act(gu, down, { action: "submit" });
  const home = await arrivedAt(a, "zhabei-central", made.body.number);
  const plan = await at(wang, home);
  expect(plan.content).toMatchObject({
    plan: "家庭自测血压，每日两次",
    reviewOn: "2026-12-06",
    medicines: [medicine],
    returnTriggers: [{ kind: "value", code: "pressure", measure: "systolicMmHg", atLeast: 180 }],
  });
  expect(plan.previousId).toBe(here);
  expect(await came(wang, home)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ title: "血红蛋白", value: "118 g/L", flag: "usual" }),
      expect.objectContaining({ title: "出院前复查" }),
    ]),
  );
  const [ward] = (await supporting(a, home)).filter((one) => one.code.text === "出院前复查");
  expect([ward.subject.reference, ward.result.length]).toEqual([`Patient/${zhou!.id}`, 1]);
  await act(wang, home, {
    action: "accept",
    medicines: [{ ...medicine, available: false, substitute: "厄贝沙坦 150 mg" }],
  });
  await comes(gu, down, "accepted");
  expect((await at(gu, down)).content.medicines[0].substitute).toBe("厄贝沙坦 150 mg");
  await act(gu, down, { action: "discharge" });
  await comes(wang, home, "sent-down");
  await comes(wang, here, "sent-down");
  // Home, and not seen in the community yet: the ward reads it.
  await act(wang, home, { action: "markNoShow", reason: "没有来社区，电话未接" });
  await comes(gu, down, "no-show");
  await act(wang, home, { action: "takeOn" });
  await comes(gu, down, "continued-in-community");
  await comes(gu, there, "continued-in-community");
  await act(wang, home, { action: "conclude", reason: "血压平稳" });
  await comes(gu, down, "closed");
  await comes(gu, there, "closed");
  expect((await at(gu, down)).outcome).toBe("血压平稳");
  // Each step stands once at each side, whoever told whom first and however often.
  await ring(a, here);
  await ring(b, there);
  await until(async () => {
    const [left] =
      await a.sql`select 1 from alarm where key = ${`referral:${here}:outside`} and fired_at is null and due_at < now()`;
    return left === undefined;
  });
  for (const of of [await at(wang, here), await at(qin, there)]) {
    const steps = of.steps.map((one: { action: string }) => one.action);
    for (const action of [
      "askMore",
      "accept",
      "askCancel",
      "refuseCancel",
      "arrive",
      "readyForDown",
      "sendDown",
    ])
      expect(
        steps.filter((one: string) => one === action),
        action,
      ).toHaveLength(1);
  }
});

it("is answered by their system itself: twice is once, and what is not theirs is none", {
  timeout: 60_000,
}, async () => {
  const { here, there } = await sendUp("fever");
  // B's own system at A, as B's server speaks there.
  const task = async (method: string, body?: object, version?: string) => {
    const answer = await fetch(`${a.url}/fhir/Task/${here}`, {
      method,
      headers: {
        authorization: `Bearer ${await tokenAt(a, clientOfB, b.key)}`,
        ...(body ? { "content-type": "application/json-patch+json" } : {}),
        ...(version ? { "if-match": version } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return {
      status: answer.status,
      etag: answer.headers.get("etag") ?? "",
      body: await answer.json(),
    };
  };
  const { etag } = await task("PATCH", [], "*");
  const yes = [{ op: "replace", path: "/status", value: "accepted" }];
  const [first, second] = [await task("PATCH", yes, etag), await task("PATCH", yes, etag)];
  expect([first.status, second.status, second.etag]).toEqual([200, 200, first.etag]);
  const cancelling = [{ op: "replace", path: "/status", value: "cancelled" }];
  const notTheirs = await task("PATCH", cancelling, first.etag);
  expect(notTheirs.status).toBe(409);
  // Their own desk had not said so yet: its copy stayed behind, and no clock of ours undoes what they said.
  await ring(a, here);
  await act(qin, there, { action: "accept" });
  await comes(wang, here, "accepted");
  await act(qin, there, { action: "handBack", reason: "床位已满" });
  await comes(wang, here, "returned");
  const steps = (await at(wang, here)).steps.map((one: { action: string }) => one.action);
  expect(steps.filter((one: string) => ["accept", "handBack"].includes(one))).toEqual([
    "accept",
    "handBack",
  ]);
});

it("ends by asking and confirming, never by one side alone", { timeout: 60_000 }, async () => {
  // The patient lets that house see nothing of this one's record: the referral goes, the results do not.
  const [zhou] = await a.sql<{ id: string }[]>`select id from patient where full_name = '周桂英'`;
  const houses = await a.sql<
    { id: string; slug: string }[]
  >`select id, slug from institution where slug in ('pengpu', 'zhabei-central')`;
  const idOf = (slug: string) => houses.find((one) => one.slug === slug)!.id;
  await a.kept`insert into consent_rule (tenant, patient, recipient, label, decision, starts_at, source)
    values (${idOf("pengpu")}, ${zhou!.id}, ${idOf("zhabei-central")}, null, 'deny', now() - interval '1 minute', 'test')`;
  const { here, there } = await sendUp("fever");
  expect(await came(qin, there)).toEqual([]);
  await a.kept`update consent_rule set ends_at = now() where source = 'test'`;
  await act(qin, there, { action: "accept" });
  await comes(wang, here, "accepted");
  await act(wang, here, { action: "askCancel", reason: "家属不去了" });
  await comes(qin, there, "cancel-asked");
  await act(qin, there, { action: "confirmCancel" });
  await comes(wang, here, "cancelled");
});

/** A free time of a clinic; what was missed while the server was away is opened at its start. */
async function freeTime(
  person: Person,
  of: Side,
  not = "",
): Promise<{ id: string; startsAt: string }> {
  const [unit] = await of.sql<{ id: string }[]>`
    select d.id from department d join institution i on i.id = d.institution_id where i.slug = 'zhabei-central' and d.slug = 'medicine'`;
  const place = `departmentId=${unit!.id}&kind=clinic`;
  let found: { id: string; startsAt: string } | undefined;
  await until(async () => {
    const { days } = (await person.get(`/api/booking/availability?${place}&days=14`)).body;
    // Of today there may be one left.
    for (const free of days.filter((one: { state: string }) => one.state === "free")) {
      const { schedules } = (await person.get(`/api/booking/segments?${place}&day=${free.day}`))
        .body;
      found ??= schedules
        .flatMap((one: { segments: object[] }) => one.segments)
        .find((one: { id: string; state: string }) => one.state === "free" && one.id !== not);
    }
    return found !== undefined;
  }, 30);
  return found!;
}

async function foreignTime(of: Side): Promise<{ id: string }> {
  let found: { id: string }[] = [];
  await until(async () => {
    found = await of.sql<{ id: string }[]>`
      select s.id from segment s join institution i on i.id = s.institution_id join clinic_schedule c on c.id = s.schedule_id
      where i.slug <> 'zhabei-central' and c.kind = 'clinic' and s.stopped_at is null and s.starts_at > now() + interval '1 hour'
        and exists (select 1 from seat t where t.segment_id = s.id and t.appointment_id is null and t.public_from <= now()) limit 1`;
    return found.length === 1;
  }, 30);
  return found[0]!;
}

it("is booked there, not come, and come after all: who referred reads each step", {
  timeout: 60_000,
}, async () => {
  const { here, there } = await sendUp("medicine");
  await act(qin, there, { action: "accept", answer: "请来" });
  await comes(wang, here, "accepted");
  const segment = await freeTime(qin, b);
  const press = async (person: Person, segmentId: string) => {
    const { version } = await at(qin, there);
    const body = { action: "book", version, segmentId };
    return (await person.post(`/api/referrals/${there}/actions`, body)).status;
  };
  // The ward books nothing, and no desk in another house's clinic.
  expect(await press(gu, segment.id)).toBe(403);
  expect(await press(qin, (await foreignTime(b)).id)).toBe(403);
  await act(qin, there, { action: "book", segmentId: segment.id });
  await comes(wang, here, "booked");
  const booked = await at(wang, here);
  // Their seat is none of ours: its time is read in the answer, behind what was said before.
  expect(booked.appointmentId).toBeNull();
  const [said, time] = booked.answer.split("\n");
  // Local time, as people of either house read it.
  expect(time).toMatch(/^\S+\+08:00 /);
  expect([said, Date.parse(time.split(" ")[0])]).toEqual(["请来", Date.parse(segment.startsAt)]);
  // Another number in its place: the first seat goes back, and the other house reads the new time alone.
  const first = (await at(qin, there)).appointmentId as string;
  const second = await freeTime(qin, b, segment.id);
  await act(qin, there, { action: "book", segmentId: second.id });
  await until(async () => {
    const words = (await at(wang, here)).answer.split("\n");
    return words.length === 2 && Date.parse(words[1].split(" ")[0]) === Date.parse(second.startsAt);
  });
  const [gone] = await b.sql<
    { state: string; seats: number }[]
  >`select a.state, (select count(*)::int from seat s where s.appointment_id = a.id) as seats from appointment a where a.id = ${first}`;
  expect(gone).toEqual({ state: "cancelled", seats: 0 });
  const bookings = (await at(wang, here)).steps.filter(
    (one: { action: string }) => one.action === "book",
  );
  expect(bookings).toHaveLength(2);
  await act(qin, there, { action: "markNoShow", reason: "没有来，电话未接" });
  await comes(wang, here, "no-show");
  const missed = (await at(wang, here)).steps.filter(
    (one: { action: string }) => one.action === "markNoShow",
  );
  expect(missed).toEqual([expect.objectContaining({ reason: "没有来，电话未接" })]);
  await act(qin, there, { action: "arrive" });
  await comes(wang, here, "arrived");
  await act(qin, there, { action: "conclude", reason: "门诊调药，社区复查" });
  await comes(wang, here, "closed");
});

it("loses nothing while the line is down, and lets people decide where both sides went on", {
  timeout: 60_000,
}, async () => {
  const { here, there } = await sendUp("medicine");
  const waiting = await sendUp("sampling");
  await b.stop();
  await act(wang, here, { action: "cancel", reason: "患者好转" });
  await act(wang, waiting.here, { action: "cancel", reason: "不去了" });
  await until(async () => {
    const { line } = (await wang.get(`/api/referrals/${here}/outside`)).body;
    return line.fault === "unreachable" && line.failedCount > 0 && line.nextAt !== null;
  });
  // What is tried in vain again and again is told to people, with the telephone.
  await a.sql`update referral_outside set failed_count = 4 where referral_id = ${here}`;
  await ring(a, here);
  await until(async () => (await wang.get(`/api/referrals/${here}/outside`)).body.line.silent);
  const [told] =
    await a.sql`select 1 from notice where kind = 'referral-outside-silent' and entity_id = ${here}`;
  expect(told).toBeDefined();
  // There somebody says yes at the same time, before the line is whole again.
  await a.sql`update alarm set due_at = now() + interval '1 hour' where kind = 'referral:outside' and fired_at is null`;
  await b.start();
  qin = await b.as("qinxuemei");
  await act(qin, there, { action: "accept" });
  await ring(a, here);
  await ring(a, waiting.here);
  await comes(qin, waiting.there, "cancelled");
  await until(async () => {
    const { line } = (await wang.get(`/api/referrals/${here}/outside`)).body;
    return line.contradiction === "accepted" && line.fault === null;
  });
  expect([(await at(wang, here)).state, (await at(qin, there)).state]).toEqual([
    "cancelled",
    "accepted",
  ]);
});

it("goes round no ring over both servers: refused where it began, and every house knows", {
  timeout: 60_000,
}, async () => {
  const han = await a.as("hanshuzhen");
  const idAt = async (of: Side, slug: string) =>
    (await of.sql<{ id: string }[]>`select id from institution where slug = ${slug}`)[0]!.id;
  const call = { with: "韩淑珍", at: new Date().toISOString() };
  const { patient } = (
    await han.post("/api/patients", { fullName: "环顾之", sex: "male", birthDate: "1941-05-06" })
  ).body;
  // 1. The nursing home sends an emergency to the community centre, both on A.
  const made = await han.post("/api/referrals", {
    patientId: patient.id,
    direction: "up",
    content: {
      urgency: "emergency",
      toInstitutionId: await idAt(a, "pengpu"),
      requesterPhone: "021-56910011",
      reason: "突然气促",
      vitals: { spo2Percent: 88, pulsePerMinute: 118 },
    },
  });
  expect(made.status, JSON.stringify(made.body)).toBe(200);
  const first = made.body.id as string;
  await act(han, first, { action: "submit" });
  // 2. Its desk passes it on to the hospital, whose server is B.
  await act(wang, first, {
    action: "redirect",
    reason: "需要呼吸科",
    institutionId: await idAt(a, "zhabei-central"),
    departmentId: null,
    call,
  });
  const [next] = await a.sql<
    { id: string; number: string }[]
  >`select id, number from referral where previous_id = ${first}`;
  const there = await arrivedAt(b, "linfen-care", next!.number);
  // 3. There somebody passes it on to the centre on A that was asked before.
  await act(qin, there, {
    action: "redirect",
    reason: "床位已满",
    institutionId: await idAt(b, "pengpu"),
    departmentId: null,
    call,
  });
  const [back] = await b.sql<
    { id: string }[]
  >`select id from referral where previous_id = ${there}`;
  // A says no, for it knows its own number in the way; trying again would change nothing, so people are told at once.
  const lineOf = async () => (await qin.get(`/api/referrals/${back!.id}/outside`)).body.line;
  await until(async () => (await lineOf()).fault === "invalid");
  expect(await lineOf()).toMatchObject({ silent: true, sentAt: null });
  const told =
    await b.sql`select 1 from notice where kind = 'referral-outside-silent' and entity_id = ${back!.id}`;
  expect(told.length).toBeGreaterThan(0);
  const taken =
    await a.sql`select 1 from referral where from_institution_id = ${await idAt(a, "zhabei-central")} and patient_id = ${patient.id}`;
  expect(taken).toHaveLength(0);
  // Nothing is lost: the hospital still has it to pass on elsewhere, and the doctor who began reads what became of it.
  expect((await at(qin, back!.id)).state).toBe("submitted");
  await ring(a, next!.id);
  await comes(han, next!.id, "returned");
  expect((await at(han, next!.id)).steps.at(-1).reason).toContain("床位已满");
});
