import { createHash, randomBytes, randomUUID } from "node:crypto";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

let test: TestApp;
let sql: postgres.Sql;
/** Whoever registers apps at 徐汇, a doctor there, and the mother of 达瓦, whose records lie at 萨迦. */
let keeper: Client;
let doctor: Client;
let mother: Client;
let dawa: string;
let app: string;
const back = "https://app.example.org/back?from=yilian";
const sakya = "/stores/sakya-chc/fhir";
const full = (path: string) => `${test.services.publicUrl}${path}`;

beforeAll(async () => {
  test = await buildTestApp();
  sql = postgres(test.database.owner, { max: 1 });
  [keeper, doctor, mother] = (await Promise.all(
    ["zhenglan", "zhouminhua", "13800138001"].map((who) => test.as(who)),
  )) as [Client, Client, Client];
  dawa = test.ids.patients.get("dawa")!;
  app = (await register()).body.client.id;
});
afterAll(async () => {
  await sql.end();
  await test.close();
});

const register = (
  scopes = ["patient/*.rs", "user/*.cruds", "launch/patient", "online_access", "offline_access"],
  more: object = {},
  by = keeper,
) =>
  by.post("/api/smart/clients", {
    name: "血压日记",
    kind: "public-app",
    redirectUris: [back],
    scopes,
    ...more,
  });

type Values = Record<string, string>;
const newVerifier = () => randomBytes(32).toString("base64url");
const challengeOf = (verifier: string) => createHash("sha256").update(verifier).digest("base64url");
const requestOf = (verifier: string, more: Values = {}): Values => ({
  response_type: "code",
  client_id: app,
  redirect_uri: back,
  scope: "launch/patient patient/*.rs",
  state: "state-1",
  aud: full(sakya),
  code_challenge: challengeOf(verifier),
  code_challenge_method: "S256",
  ...more,
});
const query = (values: Values) => new URLSearchParams(values).toString();
const authorize = (values: Values) => test.anonymous.get(`/auth/authorize?${query(values)}`);

async function form(url: string, fields: Values) {
  const answer = await test.app.inject({
    method: "POST",
    url,
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      origin: "https://app.example.org",
    },
    payload: query(fields),
  });
  return { status: answer.statusCode, body: answer.json(), headers: answer.headers };
}
const token = (fields: Values) => form("/auth/token", { client_id: app, ...fields });

/** The person allows it; the code that the app gets. */
async function codeFor(who: Client, values: Values, patient: string | null = dawa) {
  const answer = await who.post("/api/smart/authorization/allow", { request: values, patient });
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.raw.body}`);
  const url = new URL(answer.body.redirectTo);
  expect(url.origin + url.pathname).toBe("https://app.example.org/back");
  expect(url.searchParams.get("from")).toBe("yilian");
  expect(url.searchParams.get("state")).toBe(values.state);
  return url.searchParams.get("code")!;
}
async function tokensFor(who: Client, more: Values = {}, patient: string | null = dawa) {
  const verifier = newVerifier();
  const code = await codeFor(who, requestOf(verifier, more), patient);
  const answer = await token({
    ...(more.client_id ? { client_id: more.client_id } : {}),
    grant_type: "authorization_code",
    code,
    redirect_uri: back,
    code_verifier: verifier,
  });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body as {
    access_token: string;
    refresh_token?: string;
    scope: string;
    patient?: string;
  };
}
async function fhir(bearer: string, url: string, method: "GET" | "POST" = "GET", body?: object) {
  const answer = await test.app.inject({
    method,
    url,
    headers: {
      authorization: `Bearer ${bearer}`,
      ...(body ? { "content-type": "application/fhir+json" } : {}),
    },
    ...(body ? { payload: JSON.stringify(body) } : {}),
  });
  return { status: answer.statusCode, body: answer.body ? answer.json() : null };
}
type Bundle = { total?: number; entry?: { resource: { resourceType: string; id: string } }[] };
const resourcesOf = (body: Bundle) =>
  (body.entry ?? []).flatMap(({ resource }) => resource ?? []) as {
    resourceType: string;
    id: string;
    subject?: { reference: string };
    patient?: { reference: string };
  }[];
const traces = (action: string) =>
  sql`select * from audit_event where action = ${action} order by id`;

describe("who is refused", () => {
  it("sends nobody to an address that is not the app's own", async () => {
    const verifier = newVerifier();
    const ended = (await register()).body.client.id;
    await keeper.post(`/api/smart/clients/${ended}/end`);
    for (const more of [
      { client_id: randomUUID() },
      { client_id: "rubbish" },
      { client_id: ended },
      { redirect_uri: "https://evil.example/" },
      { redirect_uri: "https://app.example.org/back" },
      { redirect_uri: `${back}&x=1` },
      { redirect_uri: "https://app.example.org.evil.example/back?from=yilian" },
    ] as Values[]) {
      const { status, headers } = await authorize(requestOf(verifier, more));
      expect(status, JSON.stringify(more)).toBe(400);
      expect(headers.location).toBeUndefined();
      for (const step of ["allow", "decline"]) {
        const answer = await mother.post(`/api/smart/authorization/${step}`, {
          request: requestOf(verifier, more),
          ...(step === "allow" ? { patient: dawa } : {}),
        });
        expect(answer.status).toBe(400);
        expect(answer.raw.body).not.toContain("redirectTo");
      }
    }
    // Twice the same name: which one counts is nobody's guess.
    const twice = await test.anonymous.get(
      `/auth/authorize?${query(requestOf(verifier))}&redirect_uri=https://evil.example/`,
    );
    expect(twice.status).toBe(400);
  });

  it("registers what is offered, and says which scope or address is not", async () => {
    const fine = await register(["user/Patient.rs", "launch/patient", "online_access"], {
      redirectUris: ["org.example.app:/back"],
    });
    expect(fine.status, fine.raw.body).toBe(200);
    for (const wrong of ["openid", "launch", "system/*.rs", "patient/Foo.rs", "user/patient.rs"]) {
      const { status, body } = await register(["patient/*.rs", wrong]);
      expect(status, wrong).toBe(400);
      expect(body.errors).toEqual([
        { path: "scopes.1", message: expect.stringContaining(`“${wrong}”`) },
      ]);
    }
    const { status, body } = await register(undefined, { redirectUris: ["myapp:/back"] });
    expect([status, body.errors[0].path]).toEqual([400, "redirectUris.0"]);
    expect(body.errors[0].message).toContain("reversed domain");
  });

  it("gives nothing beside types that was not registered", async () => {
    const values = {
      scope: "launch/patient user/Patient.rs online_access offline_access",
      client_id: (await register(["user/Patient.rs"])).body.client.id as string,
    };
    const got = await tokensFor(doctor, { ...values, aud: full("/fhir") }, null);
    expect(got.scope).toBe("user/Patient.rs");
    expect(got.refresh_token).toBeUndefined();
    expect(got.patient).toBeUndefined();
  });

  it("answers a request that is wrong otherwise at the app, and gives it nothing", async () => {
    const verifier = newVerifier();
    for (const [more, error] of [
      [{ response_type: "token" }, "unsupported_response_type"],
      [{ code_challenge_method: "plain", code_challenge: verifier }, "invalid_request"],
      [{ code_challenge: "" }, "invalid_request"],
      [{ state: "" }, "invalid_request"],
      [{ aud: "https://elsewhere.example/fhir" }, "invalid_request"],
      [{ aud: full("/fhir/../api") }, "invalid_request"],
      [{ scope: "openid fhirUser" }, "invalid_scope"],
      [{ scope: "system/*.rs" }, "invalid_scope"],
      [{ scope: "patient/*.cud" }, "invalid_scope"],
    ] as [Values, string][]) {
      const values = requestOf(verifier, more);
      const { status, headers } = await authorize(values);
      expect(status, JSON.stringify(more)).toBe(302);
      const to = new URL(String(headers.location));
      expect(to.origin).toBe("https://app.example.org");
      expect(to.searchParams.get("error"), JSON.stringify(more)).toBe(error);
      const allowed = await mother.post("/api/smart/authorization/allow", {
        request: values,
        patient: dawa,
      });
      expect(allowed.status).toBe(400);
    }
  });

  it("lets nobody consent for others: strangers, other families, forged writes, other houses' apps", async () => {
    const values = requestOf(newVerifier());
    const body = { request: values, patient: dawa };
    const url = "/api/smart/authorization/allow";
    expect((await test.anonymous.post(url, body)).status).toBe(401);
    expect((await mother.post(url, body, { "x-csrf-token": "forged" })).status).toBe(403);
    expect((await mother.post(url, body, { origin: "https://evil.example" })).status).toBe(403);
    const zhaxi = test.ids.patients.get("zhaxi")!;
    expect((await mother.post(url, { ...body, patient: zhaxi })).body.code).toBe("smart.patient");
    expect((await mother.post(url, { ...body, patient: null })).body.code).toBe("smart.patient");
    expect((await (await test.as("danzeng")).post(url, body)).body.code).toBe("smart.foreign-app");
    expect((await (await test.as("lazhen")).post(url, body)).status).toBe(403);
    // A doctor lets an app see no patient whom he does not see himself.
    const luosang = test.ids.patients.get("luosang")!;
    expect((await doctor.post(url, { ...body, patient: luosang })).body.code).toBe("smart.patient");
  });

  it("registers no app with a loose address, a key where none belongs, or another kind's scopes", async () => {
    for (const uri of [
      "http://app.example.org/back",
      "javascript:alert(1)",
      "https://app.example.org/back#x",
      "https://user@app.example.org/",
      "myapp:/back",
    ])
      expect((await register(undefined, { redirectUris: [uri] })).status, uri).toBe(400);
    expect((await register(["system/*.rs"])).status).toBe(400);
    expect((await register(undefined, { kind: "system" })).status).toBe(400);
    expect((await register(undefined, { kind: "confidential-app" })).status).toBe(400);
    expect((await register(undefined, { redirectUris: [] })).status).toBe(400);
    expect((await register(undefined, {}, doctor)).status).toBe(403);
    const native = ["org.example.diary:/back", "http://127.0.0.1:7070/back"];
    expect((await register(undefined, { redirectUris: native })).status).toBe(200);
  });
});

describe("a code", () => {
  const exchange = (code: string, verifier: string, more: Values = {}) =>
    token({
      grant_type: "authorization_code",
      code,
      redirect_uri: back,
      code_verifier: verifier,
      ...more,
    });

  it("is good once: a second time ends what the first got", async () => {
    const verifier = newVerifier();
    const code = await codeFor(mother, requestOf(verifier));
    const first = await exchange(code, verifier);
    expect(first.status).toBe(200);
    expect(first.headers["cache-control"]).toBe("no-store");
    expect(first.headers["access-control-allow-origin"]).toBe("*");
    expect(first.body).toMatchObject({
      expires_in: 300,
      patient: dawa,
      need_patient_banner: true,
      scope: "patient/*.rs launch/patient",
    });
    expect(first.body.refresh_token).toBeUndefined();
    const read = () => fhir(first.body.access_token, `${sakya}/Patient/${dawa}`);
    expect((await read()).status).toBe(200);
    const before = (await traces("smart.refused")).length;
    expect((await exchange(code, verifier)).body.error).toBe("invalid_grant");
    expect((await read()).status).toBe(401);
    expect((await traces("smart.refused")).length).toBe(before + 1);
  });

  it("of which of two at once only one is served", async () => {
    const verifier = newVerifier();
    const code = await codeFor(mother, requestOf(verifier));
    const both = await Promise.all([exchange(code, verifier), exchange(code, verifier)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 400]);
  });

  it.each([
    ["another verifier", { code_verifier: "x".repeat(43) }],
    ["no verifier", { code_verifier: "" }],
    ["another address", { redirect_uri: "https://evil.example/" }],
  ])("is spent by %s", async (_name, more) => {
    const verifier = newVerifier();
    const code = await codeFor(mother, requestOf(verifier));
    expect((await exchange(code, verifier, more)).body.error).toBe("invalid_grant");
    expect((await exchange(code, verifier)).body.error).toBe("invalid_grant");
  });

  it("is nothing for another app, and too late after a minute", async () => {
    const other = (await register()).body.client.id;
    const verifier = newVerifier();
    const code = await codeFor(mother, requestOf(verifier));
    expect((await exchange(code, verifier, { client_id: other })).body.error).toBe("invalid_grant");
    const late = await codeFor(mother, requestOf(verifier));
    const before = test.clock.now;
    test.clock.now = new Date(before.getTime() + 61_000);
    expect((await exchange(late, verifier)).body.error).toBe("invalid_grant");
    test.clock.now = before;
    expect((await exchange("rubbish", verifier)).body.error).toBe("invalid_grant");
    expect((await exchange("rubbish", verifier, { client_id: "" })).status).toBe(401);
  });
});

describe("a token about one patient", () => {
  it("sees that patient and nobody else, in every way of asking", async () => {
    const { access_token: bearer, patient } = await tokensFor(mother);
    const get = (path: string) => fhir(bearer, `${sakya}/${path}`);
    const own = await get(`Observation?_count=200&_total=accurate`);
    expect(own.body.total).toBeGreaterThan(0);
    const subjects = new Set(resourcesOf(own.body).map((one) => one.subject?.reference));
    expect([...subjects]).toEqual([`Patient/${patient}`]);
    expect((await get(`Patient/${patient}/$everything`)).body.entry.length).toBeGreaterThan(3);

    // Somebody else of the same house, with an observation of his.
    const danzeng = await test.as("danzeng");
    const others = (await danzeng.get(`/fhir/Observation?_count=200`)).body as Bundle;
    const foreign = resourcesOf(others).find(
      (one) => one.subject && one.subject.reference !== `Patient/${patient}`,
    )!;
    const somebody = foreign.subject!.reference.split("/")[1]!;
    for (const path of [
      `Observation/${foreign.id}`,
      `Observation/${foreign.id}/_history`,
      `Observation/${foreign.id}/_history/1`,
      `Patient/${somebody}`,
      `Patient/${somebody}/_history/1`,
      `Patient/${somebody}/$everything`,
      `Patient/${somebody}/$summary`,
    ])
      expect((await get(path)).status, path).toBe(404);
    for (const path of [
      `Observation?patient=${somebody}`,
      `Observation?_id=${foreign.id}`,
      `Patient?_id=${somebody}`,
      `Patient?_id=${somebody}&_revinclude=Observation:subject`,
      `Observation?_id=${foreign.id}&_include=Observation:subject`,
      `Patient?_has:Observation:subject:_id=${foreign.id}`,
      `Observation?subject:Patient._id=${somebody}`,
      `?_type=Observation,Patient&_id=${foreign.id},${somebody}`,
    ]) {
      const { status, body } = await get(path);
      expect(status, path).toBe(200);
      expect(resourcesOf(body), path).toEqual([]);
      expect(body.total ?? 0, path).toBe(0);
    }
    const histories = [
      ...resourcesOf((await get("Observation/_history?_count=1000")).body),
      ...resourcesOf((await get("Patient/_history?_count=1000")).body),
      ...resourcesOf((await get("_history?_count=1000")).body),
    ];
    expect(histories.length).toBeGreaterThan(0);
    for (const one of histories) {
      const of = one.subject?.reference ?? one.patient?.reference;
      if (of) expect(of).toBe(`Patient/${patient}`);
      if (one.resourceType === "Patient") expect(one.id).toBe(patient);
    }
    const batch = await fhir(bearer, sakya, "POST", {
      resourceType: "Bundle",
      type: "batch",
      entry: [
        { request: { method: "GET", url: `Patient/${somebody}` } },
        { request: { method: "GET", url: `Observation?patient=${somebody}` } },
        { request: { method: "GET", url: `Patient/${patient}` } },
        {
          request: { method: "PUT", url: `Patient/${patient}` },
          resource: { resourceType: "Patient", id: patient },
        },
      ],
    });
    expect(
      batch.body.entry.map((one: { response: { status: string } }) =>
        one.response.status.slice(0, 3),
      ),
    ).toEqual(["404", "200", "200", "403"]);
    expect(batch.body.entry[1].resource.entry).toBeUndefined();
    const exports = await test.app.inject({
      method: "GET",
      url: `${sakya}/$export`,
      headers: { authorization: `Bearer ${bearer}`, prefer: "respond-async" },
    });
    expect(exports.statusCode).toBe(403);
    const matched = await fhir(bearer, `${sakya}/Patient/$match`, "POST", {
      resourceType: "Parameters",
      parameter: [
        {
          name: "resource",
          resource: resourcesOf((await danzeng.get(`/fhir/Patient?_id=${somebody}`)).body)[0],
        },
      ],
    });
    expect(JSON.stringify(matched.body)).not.toContain(`Patient/${somebody}`);
    // Nor another house, nor our own pages.
    expect((await fhir(bearer, "/stores/xuhui-central/fhir/Patient")).status).toBe(401);
    expect((await fhir(bearer, "/api/my/record/people")).status).toBe(401);
    const glass = await test.app.inject({
      method: "GET",
      url: `${sakya}/Patient?_id=${somebody}`,
      headers: {
        authorization: `Bearer ${bearer}`,
        "x-purpose-of-use": "ETREAT",
        "x-break-glass-reason": "unconscious",
      },
    });
    expect(resourcesOf(glass.json())).toEqual([]);
  });

  it("sees the types of its scopes only", async () => {
    const { access_token: bearer, scope } = await tokensFor(mother, {
      scope: "launch/patient patient/Patient.rs patient/AllergyIntolerance.r openid",
    });
    expect(scope).toBe("patient/Patient.rs patient/AllergyIntolerance.r launch/patient");
    expect((await fhir(bearer, `${sakya}/Observation`)).status).toBe(403);
    expect((await fhir(bearer, `${sakya}/AllergyIntolerance`)).status).toBe(403);
    const all = await fhir(bearer, `${sakya}/Patient/${dawa}/$everything`);
    expect([...new Set(resourcesOf(all.body).map((one) => one.resourceType))].sort()).toEqual([
      "AllergyIntolerance",
      "Patient",
    ]);
  });

  it("with user scopes a phone's app sees the phone's people and no more", async () => {
    const { access_token: bearer, patient } = await tokensFor(
      mother,
      { scope: "user/*.cruds" },
      null,
    );
    expect(patient).toBeUndefined();
    const patients = resourcesOf((await fhir(bearer, `${sakya}/Patient`)).body);
    const readable = (await mother.get("/api/my/record/people")).body.people as {
      id: string;
      mayRead: boolean;
    }[];
    expect(patients.map(({ id }) => id).sort()).toEqual(expect.arrayContaining([dawa]));
    for (const { id } of patients)
      expect(readable.filter(({ mayRead }) => mayRead).map((one) => one.id)).toContain(id);
    const write = await fhir(bearer, `${sakya}/Observation`, "POST", {
      resourceType: "Observation",
      status: "final",
      code: { text: "x" },
    });
    expect(write.status).toBe(403);
  });
});

describe("an app of a member of staff", () => {
  it("sees what he sees, for one patient or for all, and writes as he may", async () => {
    const values = { aud: full("/fhir"), scope: "user/*.cruds" };
    const { access_token: bearer } = await tokensFor(doctor, values, null);
    const [his, its] = [
      (await doctor.get("/fhir/Patient?_total=accurate")).body.total,
      (await fhir(bearer, "/fhir/Patient?_total=accurate")).body.total,
    ];
    expect(its).toBe(his);
    const observation = { resourceType: "Observation", status: "final", code: { text: "体温" } };
    expect((await fhir(bearer, "/fhir/Observation", "POST", observation)).status).toBe(201);
    expect((await fhir(bearer, `${sakya}/Patient`)).status).toBe(401);
    expect((await fhir(bearer, "/fhir/Subscription")).status).toBe(403);
    const all = await test.app.inject({
      method: "GET",
      url: "/fhir/$export",
      headers: {
        authorization: `Bearer ${bearer}`,
        prefer: "respond-async",
        cookie: keeper.cookie,
      },
    });
    expect(all.statusCode).toBe(403);

    const one = resourcesOf((await doctor.get("/fhir/Patient?_count=1")).body)[0]!.id;
    const narrow = await tokensFor(
      doctor,
      { aud: full("/fhir"), scope: "launch/patient patient/*.rs" },
      one,
    );
    expect(narrow.patient).toBe(one);
    expect(
      resourcesOf((await fhir(narrow.access_token, "/fhir/Patient")).body).map(({ id }) => id),
    ).toEqual([one]);
    expect((await fhir(narrow.access_token, "/fhir/Observation", "POST", observation)).status).toBe(
      403,
    );
  });

  it("ends with his session, his work and his word", async () => {
    const values = { aud: full("/fhir"), scope: "user/Patient.rs" };
    const read = async (bearer: string) => (await fhir(bearer, "/fhir/Patient?_count=1")).status;
    const elsewhere = await test.as("zhouminhua");
    const online = (await tokensFor(elsewhere, values, null)).access_token;
    const kept = await tokensFor(
      elsewhere,
      { ...values, scope: `${values.scope} offline_access` },
      null,
    );
    expect([await read(online), await read(kept.access_token)]).toEqual([200, 200]);
    await elsewhere.delete("/api/session");
    expect([await read(online), await read(kept.access_token)]).toEqual([401, 200]);

    // All other devices are put out: what was let in there goes with them.
    const third = await test.as("zhouminhua");
    const there = (
      await tokensFor(third, { ...values, scope: `${values.scope} offline_access` }, null)
    ).access_token;
    expect(await read(there)).toBe(200);
    await doctor.post("/api/account/sessions/end-others");
    expect(await read(there)).toBe(401);

    const own = await tokensFor(
      doctor,
      { ...values, scope: `${values.scope} offline_access` },
      null,
    );
    await sql`update role_assignment set valid_until = ${test.clock.now.toISOString()}::timestamptz
      where person_id = (select person_id from staff_account where login_name = 'zhouminhua')`;
    expect(await read(own.access_token)).toBe(401);
    expect(
      (await token({ grant_type: "refresh_token", refresh_token: own.refresh_token! })).body.error,
    ).toBe("invalid_grant");
    await sql`update role_assignment set valid_until = null
      where person_id = (select person_id from staff_account where login_name = 'zhouminhua')`;
    expect(await read(own.access_token)).toBe(200);
    const { grants } = (await doctor.get("/api/smart/grants")).body;
    expect(grants[0]).toMatchObject({ app: "血压日记", offline: true });
    for (const { id } of grants)
      expect((await doctor.post(`/api/smart/grants/${id}/end`)).status).toBe(200);
    expect(await read(own.access_token)).toBe(401);
    expect((await doctor.get("/api/smart/grants")).body.grants).toEqual([]);
    doctor = await test.as("zhouminhua");
  });
});

describe("refresh tokens", () => {
  const asking = {
    scope: "launch/patient patient/Patient.rs patient/Observation.rs offline_access",
  };
  const again = (refresh_token: string, more: Values = {}) =>
    token({ grant_type: "refresh_token", refresh_token, ...more });

  it("turn into others, within what was allowed, and a second use ends everything", async () => {
    const first = await tokensFor(mother, asking);
    const narrow = await again(first.refresh_token!, { scope: "patient/Patient.r" });
    expect(narrow.body).toMatchObject({ scope: "patient/Patient.r", patient: dawa });
    for (const more of [
      "patient/*.rs",
      "patient/Observation.cruds",
      "user/Patient.rs",
      "system/*.rs",
      "online_access",
      "rubbish",
    ])
      expect((await again(narrow.body.refresh_token, { scope: more })).body.error, more).toBe(
        "invalid_scope",
      );
    const next = await again(narrow.body.refresh_token);
    expect(next.body.scope).toContain("patient/Observation.rs");
    const read = () => fhir(next.body.access_token, `${sakya}/Patient/${dawa}`);
    expect((await read()).status).toBe(200);
    expect((await again(first.refresh_token!)).body.error).toBe("invalid_grant");
    expect((await again(next.body.refresh_token)).body.error).toBe("invalid_grant");
    expect((await read()).status).toBe(401);
  });

  it("are nothing for another app, and given back are over", async () => {
    const other = (await register()).body.client.id;
    const { refresh_token, access_token } = await tokensFor(mother, asking);
    expect((await again(refresh_token!, { client_id: other })).body.error).toBe("invalid_grant");
    const inspect = (client_id: string, text: string) =>
      form("/auth/introspect", { client_id, token: text });
    expect((await inspect(app, access_token)).body).toMatchObject({ active: true, patient: dawa });
    expect((await inspect(other, access_token)).body).toEqual({ active: false });
    expect((await form("/auth/revoke", { client_id: other, token: refresh_token! })).status).toBe(
      200,
    );
    expect((await inspect(app, refresh_token!)).body.active).toBe(true);
    expect((await form("/auth/revoke", { client_id: app, token: refresh_token! })).status).toBe(
      200,
    );
    expect((await inspect(app, access_token)).body).toEqual({ active: false });
    expect((await fhir(access_token, `${sakya}/Patient/${dawa}`)).status).toBe(401);
  });

  it("end when the app is ended, and after ninety days", async () => {
    const other = (await register()).body.client.id;
    const { refresh_token, access_token } = await tokensFor(mother, {
      ...asking,
      client_id: other,
    });
    const before = test.clock.now;
    test.clock.now = new Date(before.getTime() + 91 * 86_400_000);
    expect((await again(refresh_token!, { client_id: other })).body.error).toBe("invalid_grant");
    test.clock.now = before;
    await keeper.post(`/api/smart/clients/${other}/end`);
    expect((await fhir(access_token, `${sakya}/Patient/${dawa}`)).status).toBe(401);
    expect((await again(refresh_token!, { client_id: other })).status).toBe(401);
  });
});

describe("a confidential app", () => {
  it("signs in with its key, at the token endpoint too", async () => {
    const keys = await generateKeyPair("ES384");
    const jwk = { ...(await exportJWK(keys.publicKey)), kid: "k", alg: "ES384" };
    const id = (await register(undefined, { kind: "confidential-app", jwks: { keys: [jwk] } })).body
      .client.id;
    const verifier = newVerifier();
    const fields = {
      grant_type: "authorization_code",
      redirect_uri: back,
      code_verifier: verifier,
    };
    const bare = await codeFor(mother, requestOf(verifier, { client_id: id }));
    expect((await token({ ...fields, client_id: id, code: bare })).body.error).toBe(
      "invalid_client",
    );
    const client_assertion = await new SignJWT({
      iss: id,
      sub: id,
      aud: full("/auth/token"),
      jti: randomUUID(),
      exp: Math.floor(test.clock.now.getTime() / 1000) + 120,
    })
      .setProtectedHeader({ alg: "ES384", kid: "k" })
      .sign(keys.privateKey);
    const signed = {
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion,
    };
    expect((await form("/auth/token", { ...fields, ...signed, code: bare })).body).toMatchObject({
      patient: dawa,
    });
    expect(
      (
        await form("/auth/token", {
          ...signed,
          grant_type: "client_credentials",
          scope: "patient/*.rs",
        })
      ).status,
    ).toBe(401);
  });
});

describe("an app in a browser, at an address of its own", () => {
  const origin = "https://app.example.org";
  it("reads why it is refused and how one signs in, without a token and with one that is over", async () => {
    for (const url of [`${sakya}/Patient`, "/fhir/Patient", "/fhir/Observation/x"]) {
      const ask = (headers: Values) =>
        test.app.inject({ method: "GET", url, headers: { origin, ...headers } });
      for (const [headers, challenge] of [
        [{}, "Bearer"],
        [{ authorization: "Basic eDp5" }, "Bearer"],
        [{ authorization: "Bearer ya.x" }, 'Bearer error="invalid_token"'],
      ] as [Values, string][]) {
        const refused = await ask(headers);
        expect(refused.statusCode, url).toBe(401);
        expect(refused.headers).toMatchObject({
          "www-authenticate": challenge,
          "access-control-allow-origin": "*",
          "access-control-expose-headers": expect.stringContaining("Retry-After"),
        });
        expect(refused.headers["access-control-allow-credentials"]).toBeUndefined();
      }
      const before = await test.app.inject({
        method: "OPTIONS",
        url,
        headers: { origin, "access-control-request-method": "GET" },
      });
      expect([before.statusCode, before.headers["access-control-allow-origin"]]).toEqual([
        204,
        "*",
      ]);
    }
    const own = await test.app.inject({
      method: "GET",
      url: "/api/smart/grants",
      headers: { origin },
    });
    expect(own.statusCode).toBe(401);
    expect(own.headers["www-authenticate"]).toBeUndefined();
    expect(own.headers["access-control-allow-origin"]).toBeUndefined();
  });

  it("asks with its token from there, and never with a session", async () => {
    const ask = (method: "GET" | "OPTIONS" | "POST", url: string, headers: Values) =>
      test.app.inject({ method, url, headers: { origin, ...headers } });
    const before = await ask("OPTIONS", `${sakya}/Patient`, {
      "access-control-request-method": "GET",
    });
    expect(before.statusCode).toBe(204);
    expect(before.headers["access-control-allow-headers"]).toContain("authorization");
    expect(before.headers["access-control-allow-credentials"]).toBeUndefined();
    const { access_token: bearer } = await tokensFor(mother);
    const seen = await ask("GET", `${sakya}/Patient/${dawa}`, {
      authorization: `Bearer ${bearer}`,
    });
    expect([seen.statusCode, seen.headers["access-control-allow-origin"]]).toEqual([200, "*"]);
    const session = await ask("GET", "/fhir/Patient", { cookie: doctor.cookie });
    expect(session.headers["access-control-allow-origin"]).toBeUndefined();
    const forged = await ask("POST", "/fhir/Patient/_search", { cookie: doctor.cookie });
    expect(forged.statusCode).toBe(403);
    const api = await ask("OPTIONS", "/api/session", { "access-control-request-method": "DELETE" });
    expect(api.headers["access-control-allow-origin"]).toBeUndefined();
    expect(
      (await fhir(bearer, `${sakya}/Subscription`, "POST", { resourceType: "Subscription" }))
        .status,
    ).toBe(403);
  });
});

describe("what people and machines are told", () => {
  it("says who asks for what, for whom and how long, and keeps the list", async () => {
    const values = requestOf(newVerifier(), {
      scope: "launch/patient patient/*.rs offline_access",
    });
    const { status, headers } = await authorize(values);
    expect(status).toBe(302);
    expect(String(headers.location)).toMatch(/^\/apps\/authorize\?/);
    const view = await mother.get(`/api/smart/authorization?${query(values)}`);
    expect(view.body).toMatchObject({
      app: { name: "血压日记", answersTo: "app.example.org" },
      records: { code: "sakya-chc" },
      who: "patient",
      groups: [{ group: "all", context: "patient", reads: true, writes: false }],
      needsPatient: true,
      offline: true,
    });
    expect(view.body.people).toEqual([expect.objectContaining({ id: dawa, isKept: true })]);
    await tokensFor(mother, { scope: values.scope! });
    const { grants } = (await mother.get("/api/smart/grants")).body;
    expect(grants[0].patient).not.toBeNull();
    const other = await test.as("zhouminhua");
    expect((await other.get("/api/smart/grants")).body.grants).toEqual([]);
    expect((await other.post(`/api/smart/grants/${grants[0].id}/end`)).status).toBe(404);
    const declined = await mother.post("/api/smart/authorization/decline", { request: values });
    expect(new URL(declined.body.redirectTo).searchParams.get("error")).toBe("access_denied");
    expect((await traces("smart.allow")).at(-1)).toMatchObject({ patient_id: dawa });
    expect((await traces("smart.decline")).length).toBeGreaterThan(0);
    const [seen] =
      await sql`select count(*)::int as n from audit_event where action = 'smart.token'`;
    expect(seen!.n).toBeGreaterThan(0);
  });

  it("names the parameters of a request in the description of the API", async () => {
    const { paths } = (await test.anonymous.get("/openapi.json")).body;
    const { parameters } = paths["/api/smart/authorization"].get;
    expect(parameters.map((one: { name: string }) => one.name).sort()).toEqual(
      Object.keys(requestOf(newVerifier())).sort(),
    );
  });

  it("states exactly what is there", async () => {
    const { body } = await test.anonymous.get("/fhir/.well-known/smart-configuration");
    expect(body).toMatchObject({
      authorization_endpoint: full("/auth/authorize"),
      code_challenge_methods_supported: ["S256"],
      grant_types_supported: ["authorization_code", "client_credentials", "refresh_token"],
    });
    expect(body.scopes_supported).not.toContain("openid");
    expect(body.capabilities).not.toContain("launch-ehr");
    for (const base of ["/fhir", sakya]) {
      const { rest } = (await test.anonymous.get(`${base}/metadata`)).body;
      expect(rest[0].security.service[0].coding[0].code).toBe("SMART-on-FHIR");
      expect(JSON.stringify(rest[0].security)).toContain(full("/auth/authorize"));
    }
  });
});
