import { randomUUID } from "node:crypto";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bulkCaller, inStore, placeOf } from "../../server/fhir/bulk/context.ts";
import { runExport } from "../../server/fhir/bulk/export-run.ts";
import { findJob } from "../../server/fhir/bulk/job.ts";
import { createBulkFiles } from "../../server/fhir/bulk/service.ts";
import { readToken } from "../../server/smart/token.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

type Keys = Awaited<ReturnType<typeof generateKeyPair>>;
let test: TestApp;
let keeper: Client;
let keys: Keys;
let stranger: Keys;
const kid = "key-1";
const tokenUrl = () => `${test.services.publicUrl}/auth/token`;
const seconds = () => Math.floor(test.clock.now.getTime() / 1000);

beforeAll(async () => {
  test = await buildTestApp();
  keeper = await test.as("zhenglan");
  keys = await generateKeyPair("ES384");
  stranger = await generateKeyPair("ES384");
});
afterAll(() => test.close());

async function register(scopes = ["system/*.rs"], by = keeper) {
  const jwk = { ...(await exportJWK(keys.publicKey)), kid, alg: "ES384", use: "sig" };
  return by.post("/api/smart/clients", { name: "检验系统", scopes, jwks: { keys: [jwk] } });
}

type Claims = { iss?: string; sub?: string; aud?: string; jti?: string; exp?: number };
async function assertion(client: string, claims: Claims = {}, key = keys.privateKey) {
  return new SignJWT({
    iss: client,
    sub: client,
    aud: tokenUrl(),
    jti: randomUUID(),
    exp: seconds() + 120,
    ...claims,
  })
    .setProtectedHeader({ alg: "ES384", kid })
    .sign(key);
}

async function ask(signed: string, fields: Record<string, string> = {}) {
  const answer = await test.app.inject({
    method: "POST",
    url: "/auth/token",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    payload: new URLSearchParams({
      grant_type: "client_credentials",
      scope: "system/*.rs",
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: signed,
      ...fields,
    }).toString(),
  });
  return { status: answer.statusCode, body: answer.json(), headers: answer.headers };
}

describe("who is refused", () => {
  it("registers and lists systems only as responsible for the records", async () => {
    for (const login of ["zhouminhua", "danzeng"]) {
      const client = await test.as(login);
      expect((await register(["system/*.rs"], client)).status, login).toBe(403);
      expect((await client.get("/api/smart/clients")).status, login).toBe(403);
    }
    expect((await test.anonymous.get("/api/smart/clients")).status).toBe(401);
  });

  it("keeps no private key and knows no scope that is not offered", async () => {
    const jwk = {
      ...(await exportJWK((await generateKeyPair("ES384", { extractable: true })).privateKey)),
      kid,
    };
    const body = { name: "检验系统", scopes: ["system/*.rs"], jwks: { keys: [jwk] } };
    expect((await keeper.post("/api/smart/clients", body)).status).toBe(400);
    for (const wrong of ["patient/*.rs", "system/Foo.rs", "system/*.sr", "offline_access"]) {
      const { status, body } = await register(["system/Patient.rs", wrong]);
      expect(status, wrong).toBe(400);
      expect(body.errors[0]).toMatchObject({
        path: "scopes.1",
        message: expect.stringContaining(wrong),
      });
    }
  });

  it("gives no token for a wrong key, client, audience, time or type", async () => {
    const { id } = (await register()).body.client;
    const cases: [string, string, Record<string, string>?][] = [
      ["another key", await assertion(id, {}, stranger.privateKey)],
      ["nobody", await assertion(randomUUID())],
      ["another subject", await assertion(id, { sub: randomUUID() })],
      ["another audience", await assertion(id, { aud: "https://example.org/token" })],
      ["too late", await assertion(id, { exp: seconds() - 60 })],
      ["valid for an hour", await assertion(id, { exp: seconds() + 3_600 })],
      ["no JWT", "rubbish"],
      ["another way", await assertion(id), { client_assertion_type: "password" }],
    ];
    for (const [name, signed, fields] of cases) {
      const { status, body } = await ask(signed, fields);
      expect(status, name).toBe(401);
      expect(body.error, name).toBe("invalid_client");
    }
    expect((await ask(await assertion(id), { grant_type: "password" })).body.error).toBe(
      "unsupported_grant_type",
    );
    expect((await ask(await assertion(id), { scope: "system/*.cud" })).body.error).toBe(
      "invalid_scope",
    );
  });

  it("takes an unsigned assertion for none", async () => {
    const { id } = (await register()).body.client;
    const [, payload] = (await assertion(id)).split(".");
    const header = Buffer.from(JSON.stringify({ alg: "none", kid })).toString("base64url");
    expect((await ask(`${header}.${payload}.`)).body.error).toBe("invalid_client");
  });
});

describe("a system of an institution", () => {
  it("gets a token of five minutes for what is asked and allowed, once for an assertion", async () => {
    const { id } = (await register(["system/Patient.rs", "system/Observation.cruds"])).body.client;
    const signed = await assertion(id);
    const first = await ask(signed, { scope: "system/*.rs" });
    expect(first.status).toBe(200);
    expect(first.headers["cache-control"]).toBe("no-store");
    expect(first.body).toMatchObject({
      token_type: "bearer",
      expires_in: 300,
      scope: "system/Patient.rs system/Observation.rs",
    });
    const known = readToken(test.services, first.body.access_token)!;
    expect(known).toMatchObject({ client: id, name: "检验系统" });
    expect(readToken(test.services, `${first.body.access_token.slice(0, -2)}AA`)).toBeNull();
    expect((await ask(signed)).body.error).toBe("invalid_client");
    const before = test.clock.now;
    test.clock.now = new Date(before.getTime() + 301_000);
    expect(readToken(test.services, first.body.access_token)).toBeNull();
    test.clock.now = before;
  });

  it("gets none any more when it was ended, and nobody else's institution ends it", async () => {
    const { id } = (await register()).body.client;
    const ended = await keeper.post(`/api/smart/clients/${id}/end`);
    expect(ended.body.client.disabledAt).not.toBeNull();
    expect((await ask(await assertion(id))).body.error).toBe("invalid_client");
    expect((await keeper.post(`/api/smart/clients/${randomUUID()}/end`)).status).toBe(404);
  });

  it("finds the way by itself", async () => {
    for (const base of ["/fhir", "/stores/sakya/fhir"]) {
      const { body } = await test.anonymous.get(`${base}/.well-known/smart-configuration`);
      expect(body, base).toMatchObject({
        token_endpoint: tokenUrl(),
        grant_types_supported: expect.arrayContaining(["client_credentials"]),
      });
    }
  });
});

describe("at the FHIR API", () => {
  /** A system with these scopes; headers that carry its token. */
  async function system(scopes: string[], scope = "system/*.cruds") {
    const { id } = (await register(scopes)).body.client;
    const { body } = await ask(await assertion(id), { scope });
    const headers = {
      authorization: `Bearer ${body.access_token}`,
      "content-type": "application/fhir+json",
    };
    return async (method: "GET" | "POST" | "PUT" | "DELETE", url: string, payload?: object) => {
      const answer = await test.app.inject({
        method,
        url,
        headers,
        ...(payload ? { payload: JSON.stringify(payload) } : {}),
      });
      return { status: answer.statusCode, body: answer.body ? answer.json() : null };
    };
  }
  const typesIn = (body: { entry?: { resource: { resourceType: string } }[] }) => [
    ...new Set((body.entry ?? []).map(({ resource }) => resource.resourceType)),
  ];

  it("does what its scopes name, in every way of asking, and nothing else", async () => {
    const reader = await system(["system/Patient.rs"]);
    const patients = (await reader("GET", "/fhir/Patient")).body;
    expect(typesIn(patients)).toEqual(["Patient"]);
    const everybody = await system(["system/*.cruds"]);
    // Not everybody of the demo has been measured: somebody who has.
    const measured = (await everybody("GET", "/fhir/Observation?status=final&_count=1")).body;
    const patient = measured.entry[0].resource.subject.reference.split("/")[1] as string;
    const whole = await everybody("GET", `/fhir/Patient/${patient}/$everything`);
    expect(typesIn(whole.body).length).toBeGreaterThan(1);

    const narrow = await reader("GET", `/fhir/Patient/${patient}/$everything`);
    expect(typesIn(narrow.body)).toEqual(["Patient"]);
    const included = `/fhir/Patient?_id=${patient}&_revinclude=Observation:subject`;
    expect(typesIn((await everybody("GET", included)).body)).toContain("Observation");
    expect(typesIn((await reader("GET", included)).body)).toEqual(["Patient"]);
    const has = await reader("GET", "/fhir/Patient?_has:Observation:patient:status=final");
    expect(typesIn(has.body)).toEqual([]);

    const refused = [
      ["GET", "/fhir/Observation"],
      ["GET", "/fhir/Observation/x"],
      ["GET", "/fhir/?_type=Observation,Patient"],
      ["GET", "/fhir/_history"],
      ["POST", "/fhir/Patient", { resourceType: "Patient" }],
      ["PUT", `/fhir/Patient/${patient}`, { resourceType: "Patient", id: patient }],
      ["DELETE", `/fhir/Patient/${patient}`],
    ] as const;
    for (const [method, url, payload] of refused)
      expect((await reader(method, url, payload)).status, `${method} ${url}`).toBe(403);
  });

  it("writes the records of its own institution as far as its scopes go", async () => {
    const writer = await system(["system/Observation.cud"]);
    const observation = {
      resourceType: "Observation",
      status: "final",
      code: { text: "体温" },
      valueQuantity: { value: 36.8, unit: "°C" },
    };
    const made = await writer("POST", "/fhir/Observation", observation);
    expect(made.status).toBe(201);
    expect((await writer("GET", `/fhir/Observation/${made.body.id}`)).status).toBe(403);
    const bundle = {
      resourceType: "Bundle",
      type: "transaction",
      entry: [
        { request: { method: "POST", url: "Observation" }, resource: observation },
        { request: { method: "POST", url: "Patient" }, resource: { resourceType: "Patient" } },
      ],
    };
    expect((await writer("POST", "/fhir", bundle)).status).toBe(403);
    expect((await writer("POST", "/stores/sakya-chc/fhir/Observation", observation)).status).toBe(
      403,
    );
  });

  it("sees another institution's patients by their consent only, and breaks no glass", async () => {
    const reader = await system(["system/*.rs"]);
    const there = (await reader("GET", "/stores/sakya-chc/fhir/Observation?_total=accurate")).body;
    const own = (await (await test.as("danzeng")).get("/fhir/Observation?_total=accurate")).body;
    expect(there.total).toBeLessThan(own.total);
    const patientsOf = (bundle: { entry: { resource: { subject: { reference: string } } }[] }) =>
      new Set(bundle.entry.map(({ resource }) => resource.subject.reference));
    expect(patientsOf(there).size).toBeLessThan(patientsOf(own).size);
    const { id } = (await register()).body.client;
    const { body } = await ask(await assertion(id));
    const broken = await test.app.inject({
      method: "GET",
      url: "/stores/sakya-chc/fhir/Patient?_id=x",
      headers: {
        authorization: `Bearer ${body.access_token}`,
        "x-purpose-of-use": "ETREAT",
        "x-break-glass-reason": "unconscious",
      },
    });
    expect(broken.statusCode).toBe(400);
  });

  it("is nobody with a token that is over, altered or somebody's room key", async () => {
    const { id } = (await register()).body.client;
    const { body } = await ask(await assertion(id));
    const before = test.clock.now;
    const get = (token: string) =>
      test.app.inject({
        method: "GET",
        url: "/fhir/Patient",
        headers: { authorization: `Bearer ${token}` },
      });
    for (const token of ["x", `${body.access_token}x`]) {
      const { statusCode, headers, json } = await get(token);
      expect(statusCode, token).toBe(401);
      expect(headers["www-authenticate"]).toBe('Bearer error="invalid_token"');
      expect(json().issue[0].details.coding[0].code).toBe("auth.token");
      expect(json().issue[0].details.text).not.toContain("设备");
    }
    expect((await get("")).statusCode).toBe(401);
    test.clock.now = new Date(before.getTime() + 301_000);
    expect((await get(body.access_token)).statusCode).toBe(401);
    test.clock.now = before;
    // A person's session beside a bad token does not help.
    const both = await test.app.inject({
      method: "GET",
      url: "/fhir/Patient",
      headers: { authorization: "Bearer x", cookie: keeper.cookie },
    });
    expect(both.statusCode).toBe(401);
  });
});

describe("a system that was ended", () => {
  async function started() {
    const { id } = (await register(["system/*.cruds"])).body.client;
    const { body } = await ask(await assertion(id), { scope: "system/*.cruds" });
    const headers = { authorization: `Bearer ${body.access_token}` };
    const send = (method: "GET" | "POST", url: string, payload?: object) =>
      test.app.inject({
        method,
        url,
        headers: {
          ...headers,
          ...(payload ? { "content-type": "application/fhir+json" } : {}),
          ...(url.endsWith("$export") ? { prefer: "respond-async" } : {}),
        },
        ...(payload ? { payload: JSON.stringify(payload) } : {}),
      });
    return { id: id as string, send };
  }
  const observation = { resourceType: "Observation", status: "final", code: { text: "体温" } };

  it("is nobody at once, with the token it has too: reading, writing, exporting, at any address", async () => {
    const { id, send } = await started();
    const other = await started();
    const asked = [
      ["GET", "/fhir/Patient?_count=1"],
      ["GET", "/stores/sakya-chc/fhir/Patient?_count=1"],
      ["GET", "/fhir/$export"],
      ["POST", "/fhir/Observation", observation],
      ["POST", "/fhir", { resourceType: "Bundle", type: "batch", entry: [] }],
      ["POST", "/fhir/DiagnosticReport", { resourceType: "DiagnosticReport" }],
    ] as const;
    for (const [method, url, payload] of asked)
      expect((await send(method, url, payload)).statusCode, url).not.toBe(401);
    expect((await keeper.post(`/api/smart/clients/${id}/end`)).status).toBe(200);
    for (const [method, url, payload] of asked)
      expect((await send(method, url, payload)).statusCode, url).toBe(401);
    expect((await other.send("GET", "/fhir/Patient?_count=1")).statusCode).toBe(200);
  });

  it("is nobody within a second where another replica ended it", async () => {
    const { id, send } = await started();
    const status = async () => (await send("GET", "/fhir/Patient?_count=1")).statusCode;
    expect(await status()).toBe(200);
    const sql = postgres(test.database.owner, { max: 1 });
    await sql`update smart_client set disabled_at = ${test.clock.now.toISOString()}::timestamptz where id = ${id}`;
    await sql.end();
    await expect.poll(status, { timeout: 3000, interval: 50 }).toBe(401);
  });

  it("takes nothing more along: its export stops at the next part, and its files go", async () => {
    const { id, send } = await started();
    const begun = await send("GET", "/fhir/$export");
    expect(begun.statusCode).toBe(202);
    const job = String(begun.headers["content-location"]).split("/").at(-1)!;
    const place = await placeOf(
      test.services,
      (await test.services.records.find({ code: "xuhui-central" })).tenant,
    );
    const files = createBulkFiles(test.dataDir);
    let written = 0;
    const ending: typeof files = {
      ...files,
      writeAt: async (...part) => {
        written += 1;
        await keeper.post(`/api/smart/clients/${id}/end`);
        return files.writeAt(...part);
      },
    };
    await runExport(test.services, ending, place.tenant, job);
    const own = place.context(bulkCaller(place.tenant));
    const found = await inStore(place, own, (tx) => findJob(tx, own, job, "export"));
    expect([written, found?.state]).toEqual([1, "cancelled"]);
    expect(await files.jobs()).not.toContain(job);
  });
});

describe("limits", () => {
  it("count a system's requests by itself, a stranger's with a made-up token by his address", async () => {
    const narrow = await buildTestApp({ requestsPerMinute: 20 });
    const by = await narrow.as("zhenglan");
    const { id } = (await register(["system/*.rs"], by)).body.client;
    const given = await narrow.app.inject({
      method: "POST",
      url: "/auth/token",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      payload: new URLSearchParams({
        grant_type: "client_credentials",
        scope: "system/*.rs",
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion: await assertion(id),
      }).toString(),
    });
    const statuses = async (token: string) => {
      const found = new Set<number>();
      for (let n = 0; n < 30; n += 1) {
        const { statusCode, headers } = await narrow.app.inject({
          method: "GET",
          url: "/fhir/Patient?_count=1",
          headers: { authorization: `Bearer ${token}` },
          remoteAddress: "10.9.8.7",
        });
        found.add(statusCode);
        if (statusCode === 429) expect(Number(headers["retry-after"])).toBeGreaterThan(0);
      }
      return found;
    };
    expect(await statuses(given.json().access_token)).toEqual(new Set([200]));
    expect(await statuses("made.up.by.somebody")).toEqual(new Set([401, 429]));
    await narrow.close();
  });
});
