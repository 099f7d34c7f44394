/** Outside FHIR servers: connected by whoever answers for the records, asked beside the houses' own. */
import { createLocalJWKSet, jwtVerify } from "jose";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { RecordEvent, RecordItem } from "../../server/records/record-contract.ts";
import { type Answer, buildTestApp, type Client, type TestApp } from "../support/app.ts";
import { type Partner, searchset, sendFhir, startPartner } from "../support/hostile-partner.ts";

let test: TestApp;
let owner: postgres.Sql;
let partner: Partner;
/** Who answers for 徐汇's records, a doctor there, a doctor of 萨迦, and who answers for 萨迦's. */
let keeper: Client;
let zhou: Client;
let danzeng: Client;
let other: Client;
let ciren: string;

beforeAll(async () => {
  [test, partner] = await Promise.all([buildTestApp(), startPartner()]);
  await test.app.listen({ port: 0, host: "127.0.0.1" });
  owner = postgres(test.database.owner, { max: 1, onnotice: () => {} });
  await owner`insert into role_permission (role_code, permission) values ('public-health', 'record.manage')`;
  [keeper, zhou, danzeng, other] = (await Promise.all(
    ["luweihong", "zhouminhua", "danzeng", "basang"].map((who) => test.as(who)),
  )) as [Client, Client, Client, Client];
  ciren = test.ids.patients.get("ciren")!;
});
afterAll(async () => {
  await owner.end();
  await partner.close();
  await test.close();
});

const identifier = () => ({ system: "urn:yilian:patient", value: ciren });
const patient = () => ({ resourceType: "Patient", id: "p1", identifier: [identifier()] });
const concept = (system: string, code: string) => ({
  coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code }],
});
const allergy = {
  resourceType: "AllergyIntolerance",
  id: "a1",
  code: { text: "碘造影剂" },
  patient: { reference: "Patient/p1" },
  clinicalStatus: concept("allergyintolerance-clinical", "active"),
  verificationStatus: concept("allergyintolerance-verification", "confirmed"),
};
const condition = (id: string, text: string, label?: string) => ({
  resourceType: "Condition",
  id,
  ...(label
    ? {
        meta: {
          security: [{ system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: label }],
        },
      }
    : {}),
  code: { text },
  subject: { reference: "Patient/p1" },
  clinicalStatus: concept("condition-clinical", "active"),
});
const held = [allergy, condition("c1", "高血压"), condition("c2", "抑郁发作", "PSY")];
const statement = (everything: boolean) => ({
  resourceType: "CapabilityStatement",
  fhirVersion: "4.0.1",
  software: { name: "PACS" },
  rest: [
    {
      mode: "server",
      resource: [
        { type: "Patient", ...(everything ? { operation: [{ name: "everything" }] } : {}) },
        { type: "AllergyIntolerance" },
        { type: "Condition" },
        { type: "Slot" },
      ],
    },
  ],
});
/** A server of the better kind. */
function answers({ everything = true, more = [] as unknown[], cache = "" } = {}): void {
  const policy = cache ? { "cache-control": cache } : {};
  const send = (response: Parameters<Partner["answer"]>[1], value: unknown) =>
    response
      .writeHead(200, { "content-type": "application/fhir+json", ...policy })
      .end(JSON.stringify(value));
  partner.answer = (request, response) => {
    const url = new URL(request.url ?? "", partner.origin);
    const path = url.pathname.replace("/fhir/", "");
    if (path === "metadata") return send(response, statement(everything));
    if (path === "Patient/_search") return send(response, searchset([patient()]));
    if (path === "Patient/p1/$everything" && everything)
      return send(response, searchset([patient(), ...held, ...more]));
    if (path === "Patient/p1") return send(response, patient());
    if (url.searchParams.get("patient") === "p1")
      return send(response, searchset(held.filter((one) => one.resourceType === path)));
    return sendFhir(response, { resourceType: "OperationOutcome", issue: [] }, 404);
  };
}
const body = (more: object = {}) => ({
  name: "影像平台",
  base: partner.base,
  privateNetwork: true,
  ...more,
});
type Server = { id: string; version: number; [name: string]: unknown };
const connect = async (more: object = {}): Promise<Server> => {
  const answer = await keeper.post("/api/connections", body(more));
  expect(answer.status, answer.raw.body).toBe(200);
  return answer.body.server;
};
const remove = async ({ id }: Server) => {
  const { servers } = (await keeper.get("/api/connections")).body as { servers: Server[] };
  const { version } = servers.find((one) => one.id === id)!;
  const gone = await keeper.post(`/api/connections/${id}/remove`, { version });
  expect(gone.status, gone.raw.body).toBe(200);
};
function told(answer: Answer, code: string) {
  expect(answer.status, answer.raw.body.slice(0, 300)).toBe(200);
  const events = answer.raw.body
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as RecordEvent);
  const items = events
    .flatMap((one): readonly RecordItem[] => (one.type === "items" ? one.items : []))
    .filter((one) => one.sources.some((source) => source.code === code));
  const start = events.find((one) => one.type === "start");
  return {
    titles: [...new Set(items.map((one) => one.title))].sort(),
    view: start?.type === "start" ? start.sources.find((one) => one.code === code) : undefined,
    source: events.find((one) => one.type === "source" && one.source === code) as
      | Extract<RecordEvent, { type: "source" }>
      | undefined,
  };
}
const record = async (client: Client, { id }: Server) =>
  told(await client.get(`/api/patients/${ciren}/record?source=${id}`), id);

beforeEach(() => {
  answers();
  partner.asked.length = 0;
});

describe("who may connect a server", () => {
  it("nobody, no family, no doctor, and nobody of another house", async () => {
    for (const [client, status] of [
      [test.anonymous, 401],
      [await test.as("13800138001"), 403],
      [zhou, 403],
    ] as const) {
      expect((await client.get("/api/connections")).status).toBe(status);
      expect((await client.get("/api/connections/faults")).status).toBe(status);
      expect((await client.post("/api/connections", body())).status).toBe(status);
      expect((await client.post("/api/connections/key")).status).toBe(status);
    }
    const server = await connect();
    expect((await other.get("/api/connections")).body).toEqual({ servers: [], key: null });
    const { id, version } = server;
    for (const answer of [
      await other.put(`/api/connections/${id}`, body({ version })),
      await other.post(`/api/connections/${id}/test`),
      await other.post(`/api/connections/${id}/paused`, { paused: true, reason: "试试看行不行" }),
      await other.post(`/api/connections/${id}/remove`, { version }),
    ])
      expect(answer.status).toBe(404);
    const app = postgres(test.database.app, { max: 1 });
    expect(await app`select * from record_outside`).toEqual([]);
    expect(await app`select * from record_key`).toEqual([]);
    await app.end();
    await remove(server);
  });

  it("keeps no address that may not be asked, whatever box is ticked", async () => {
    for (const [base, privateNetwork, status] of [
      ["file:///etc/passwd", true, 400],
      ["http://u:p@127.0.0.1/fhir", true, 400],
      ["https://h/fhir?a=b", false, 400],
      ["http://example.org/fhir", false, 422],
      ["https://127.0.0.1/fhir", false, 422],
      ["https://localhost/fhir", false, 422],
      ["https://2130706433/fhir", false, 422],
      ["https://[::ffff:10.0.0.1]/fhir", false, 422],
      ["http://169.254.169.254/latest", true, 422],
      ["http://[fe80::1]/fhir", true, 422],
      ["http://0.0.0.0/fhir", true, 422],
    ] as const)
      expect(
        (await keeper.post("/api/connections", body({ base, privateNetwork }))).status,
        base,
      ).toBe(status);
    // The sign-in's address is judged as the other.
    const signIn = {
      kind: "credentials",
      tokenUrl: "http://169.254.169.254/token",
      clientId: "us",
      clientSecret: "secret",
    };
    expect((await keeper.post("/api/connections", body({ signIn }))).status).toBe(422);
    expect((await keeper.get("/api/connections")).body.servers).toEqual([]);
    expect(partner.asked).toEqual([]);
  });
});

describe("a connection", () => {
  it("is saved once with what the server says it holds, changed by its version, and removed for good", async () => {
    const key = { "idempotency-key": "connect-once-0001" };
    const [first, again] = [
      await keeper.post("/api/connections", body(), key),
      await keeper.post("/api/connections", body(), key),
    ];
    expect(again.body).toEqual(first.body);
    expect(first.body.server).toMatchObject({
      name: "影像平台",
      software: "PACS",
      types: ["AllergyIntolerance", "Condition"],
      hasEverything: true,
      testFault: null,
      version: 1,
    });
    expect((await keeper.post("/api/connections", body())).status).toBe(409);
    const { id } = first.body.server;
    const put = (more: object) => keeper.put(`/api/connections/${id}`, body(more));
    const [one, two] = await Promise.all([
      put({ name: "甲", version: 1 }),
      put({ name: "乙", version: 1 }),
    ]);
    expect([one.status, two.status].sort()).toEqual([200, 412]);
    partner.answer = (_request, response) =>
      response.writeHead(200, { "content-type": "text/html" }).end("<p>");
    const tested = (await keeper.post(`/api/connections/${id}/test`)).body.server;
    // What was found before is not forgotten.
    expect(tested).toMatchObject({ testFault: "not-fhir", software: "PACS", hasEverything: true });
    expect((await keeper.post(`/api/connections/${id}/remove`, { version: 1 })).status).toBe(412);
    await remove(tested);
    expect((await put({ version: 3 })).status).toBe(404);
    await expect(
      owner`update record_outside set removed_at = null where id = ${id}`,
    ).rejects.toThrow("stays removed");
  });

  it("keeps its secret sealed and to itself, for the addresses that it was given for", async () => {
    partner.answer = (request, response) => {
      if (request.url === "/token" || request.url === "/other")
        response
          .writeHead(200, { "content-type": "application/json" })
          .end('{"access_token":"t","token_type":"Bearer"}');
      else sendFhir(response, statement(true));
    };
    const signIn = {
      kind: "credentials",
      tokenUrl: `${partner.origin}/token`,
      clientId: "us",
      scope: "system/*.rs",
    };
    expect((await keeper.post("/api/connections", body({ signIn }))).body.code).toBe(
      "records.secret-again",
    );
    const answer = await keeper.post(
      "/api/connections",
      body({ signIn: { ...signIn, clientSecret: "sesame-4711" } }),
    );
    expect(answer.raw.body).not.toContain("sesame");
    const { id, version } = answer.body.server;
    const [row] = await owner`select * from record_outside where id = ${id}`;
    expect(JSON.stringify(row)).not.toContain("sesame");
    const kept = await keeper.put(`/api/connections/${id}`, body({ signIn, version }));
    expect(kept.status, kept.raw.body).toBe(200);
    expect(partner.asked.filter((one) => one.url === "/token").map((one) => one.token)).toEqual(
      Array(2).fill(`Basic ${Buffer.from("us:sesame-4711").toString("base64")}`),
    );
    for (const moved of [
      { signIn: { ...signIn, tokenUrl: `${partner.origin}/other` } },
      { signIn, base: `${partner.origin}/elsewhere` },
    ])
      expect(
        (await keeper.put(`/api/connections/${id}`, body({ ...moved, version: version + 1 }))).body
          .code,
      ).toBe("records.secret-again");
    expect(partner.asked.some((one) => one.url === "/other")).toBe(false);
    await remove(kept.body.server);
    const [gone] = await owner`select secret_cipher from record_outside where id = ${id}`;
    expect(gone!.secret_cipher).toBeNull();
  });

  it("signs in by a JWT that the partner checks with the key that is served", async () => {
    const signIn = {
      kind: "signed-jwt",
      tokenUrl: `${partner.origin}/token`,
      clientId: "yilian-at-pacs",
      scope: "system/*.rs",
    };
    expect((await test.anonymous.get("/stores/xuhui-central/jwks.json")).status).toBe(404);
    expect((await keeper.post("/api/connections", body({ signIn }))).body.code).toBe(
      "records.no-key",
    );
    const { key } = (await keeper.post("/api/connections/key")).body;
    expect((await keeper.post("/api/connections/key")).body.key).toEqual(key);
    const served = await test.anonymous.get(new URL(key.address).pathname);
    expect(served.body).toEqual(key.jwks);
    expect(Object.keys(served.body.keys[0]).sort()).toEqual(
      ["alg", "crv", "kid", "kty", "use", "x", "y"].sort(),
    );
    const keys = createLocalJWKSet(served.body);
    let seen: unknown = null;
    const good = partner.answer;
    partner.answer = (request, response, form) => {
      if (request.url !== "/token") {
        if (request.headers.authorization === "Bearer right") good(request, response, form);
        else response.writeHead(401).end();
        return;
      }
      const assertion = new URLSearchParams(form).get("client_assertion") ?? "";
      jwtVerify(assertion, keys, {
        audience: `${partner.origin}/token`,
        issuer: "yilian-at-pacs",
        algorithms: ["ES384"],
        maxTokenAge: "5 minutes",
        currentDate: test.clock.now,
      }).then(
        ({ payload }) => {
          seen = payload;
          response
            .writeHead(200, { "content-type": "application/json" })
            .end('{"access_token":"right","token_type":"bearer","expires_in":300}');
        },
        () => response.writeHead(400).end(),
      );
    };
    const server = await connect({ signIn });
    expect(server.testFault).toBeNull();
    expect(seen).toMatchObject({ sub: "yilian-at-pacs", jti: expect.any(String) });
    expect((await record(zhou, server)).titles).toContain("高血压");
    // No other house learns or uses it.
    expect((await other.get("/api/connections")).body.key).toBeNull();
    await remove(server);
  });
});

describe("a record with an outside server", () => {
  it("is asked by identifier once, then by what the locator remembers, blind", async () => {
    const server = await connect();
    partner.asked.length = 0;
    const first = await record(zhou, server);
    expect(first.source).toMatchObject({ state: "answered", fault: null, resources: 4 });
    expect(first.titles).toEqual(["抑郁发作", "碘造影剂", "高血压"].sort());
    expect(first.view?.name).toContain("徐汇");
    expect(first.view?.name).toContain("影像平台");
    expect(partner.asked.map((one) => one.method)).toEqual(["POST", "GET"]);
    expect(partner.asked.every((one) => !one.url.includes(ciren))).toBe(true);
    const rows = await owner`select * from record_outside_location where outside_id = ${server.id}`;
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain(ciren);
    expect(rows[0]!.kinds).toEqual(["AllergyIntolerance", "Condition", "Patient"]);
    partner.asked.length = 0;
    await record(zhou, server);
    expect(partner.asked.map((one) => one.method)).toEqual(["GET"]);
    // At another address another server: what was learnt is forgotten.
    await owner`update record_outside set base = base || '/v2' where id = ${server.id}`;
    expect(
      await owner`select 1 from record_outside_location where outside_id = ${server.id}`,
    ).toEqual([]);
    await owner`update record_outside set base = ${partner.base} where id = ${server.id}`;
    await remove(server);
  });

  it("is searched type by type where it knows no $everything", async () => {
    answers({ everything: false });
    const server = await connect();
    expect(server.hasEverything).toBe(false);
    partner.asked.length = 0;
    const seen = await record(zhou, server);
    expect(seen.titles).toEqual(["抑郁发作", "碘造影剂", "高血压"].sort());
    expect(partner.asked.map((one) => one.url.replace(/\?.*/, "")).sort()).toEqual([
      "/fhir/AllergyIntolerance",
      "/fhir/Condition",
      "/fhir/Patient/_search",
      "/fhir/Patient/p1",
    ]);
    await remove(server);
  });

  it("shows another house what the patient lets it see, and never asks for more than it may show", async () => {
    const server = await connect();
    const rule = (institution: string, choice: string, number: number) =>
      owner`insert into record_choice (patient_id, institution_id, choice, relation, chosen_at, number)
        values (${ciren}, ${test.ids.institutions.get(institution)!}, ${choice}, 'self', now(), ${number})`;
    partner.asked.length = 0;
    const unsaid = await record(danzeng, server);
    expect(unsaid).toMatchObject({ titles: ["碘造影剂"], source: { withholds: true } });
    expect(partner.asked.some((one) => /everything|Condition/.test(one.url))).toBe(false);
    await rule("sakya-chc", "limited", 900_001);
    const limited = await record(danzeng, server);
    expect(limited).toMatchObject({ source: { withholds: true } });
    expect(limited.titles).toEqual(["碘造影剂", "高血压"].sort());
    await rule("sakya-chc", "all", 900_002);
    expect((await record(danzeng, server)).titles).toContain("抑郁发作");
    await rule("sakya-chc", "none", 900_003);
    expect((await record(danzeng, server)).titles).toEqual(["碘造影剂"]);
    const emergency = told(
      await danzeng.post(`/api/patients/${ciren}/record/emergency`, {
        reason: "昏迷，无法询问",
        source: server.id,
      }),
      server.id,
    );
    expect(emergency.titles).toContain("抑郁发作");
    await owner`delete from record_choice where number >= 900000`;
    await remove(server);
  });

  it("leaves a paused server alone and says so; the reason is kept for whoever answers for it", async () => {
    const server = await connect();
    const path = `/api/connections/${server.id}/paused`;
    expect((await keeper.post(path, { paused: true })).status).toBe(400);
    expect((await keeper.post(path, { paused: true, reason: "对方夜间迁移" })).status).toBe(200);
    partner.asked.length = 0;
    expect((await record(zhou, server)).source).toMatchObject({ state: "down", fault: "paused" });
    expect(partner.asked).toEqual([]);
    expect((await keeper.get("/api/connections")).body.servers[0]).toMatchObject({
      pauseReason: "对方夜间迁移",
      pausedAt: expect.any(String),
    });
    expect((await keeper.post(path, { paused: false })).body.server.pauseReason).toBeNull();
    expect((await record(zhou, server)).source).toMatchObject({ state: "answered" });
    await remove(server);
  });
});

describe("what goes wrong", () => {
  it("is counted by kind and path for the house whose source it is, without a word of a patient", async () => {
    const server = await connect();
    answers({
      more: [
        { ...condition("c8", "王小明的病"), clinicalStatus: undefined, subject: undefined },
        { ...condition("c9", "x"), subject: { reference: "Patient/p9" } },
      ],
    });
    await record(zhou, server);
    await record(zhou, server);
    partner.answer = (_request, response) =>
      response.writeHead(200, { "content-type": "text/html" }).end("<p>王小明</p>");
    await record(zhou, server);
    const { faults } = (await keeper.get("/api/connections/faults")).body;
    const own = faults.filter((one: { source: string }) => one.source === server.id);
    const of = (kind: string) => own.find((one: { kind: string }) => one.kind === kind);
    expect(of("not-fhir")).toMatchObject({ times: 1, expression: null, name: "影像平台" });
    expect(of("invalid-resource")).toMatchObject({ times: 2, expression: "Condition.subject" });
    expect(of("other-entries")).toMatchObject({
      times: 2,
      lastAt: expect.stringMatching(/^\d{4}-/),
    });
    expect(JSON.stringify(faults)).not.toMatch(/王小明|p9/);
    expect(JSON.stringify(faults)).not.toContain(ciren);
    expect(
      (await other.get("/api/connections/faults")).body.faults.some(
        (one: { source: string }) => one.source === server.id,
      ),
    ).toBe(false);
    await remove(server);
  });
});

describe("a copy for the time when it does not answer", () => {
  const copies = async () => (await owner`select content_cipher from record_copy`).length;
  const dies = () => {
    partner.answer = (_request, response) => response.writeHead(503, { "retry-after": "60" }).end();
  };
  it("is kept only where its house and the server allow it, sealed, and for its time alone", async () => {
    const without = await connect();
    await record(zhou, without);
    expect(await copies()).toBe(0);
    await remove(without);

    const server = await connect({ cacheMinutes: 60 });
    for (const cache of ["no-store", "private, max-age=600", "max-age=0"]) {
      answers({ cache });
      await record(zhou, server);
      expect(await copies(), cache).toBe(0);
    }
    answers({ cache: "max-age=600" });
    await record(zhou, server);
    const [row] = await owner`select * from record_copy`;
    expect(JSON.stringify(row)).not.toMatch(/高血压|碘/);
    const takenAt = test.clock.now;
    expect(row!.expires_at.getTime() - takenAt.getTime()).toBe(600_000);
    dies();
    const seen = await record(zhou, server);
    expect(seen.source).toMatchObject({
      state: "down",
      fault: "busy",
      copyAt: takenAt.toISOString(),
    });
    expect(seen.titles).toContain("高血压");
    // Not for another house, not in an emergency, not after its time.
    expect(await record(danzeng, server)).toMatchObject({ titles: [], source: { copyAt: null } });
    const emergency = told(
      await zhou.post(`/api/patients/${ciren}/record/emergency`, {
        reason: "昏迷，无法询问",
        source: server.id,
      }),
      server.id,
    );
    expect(emergency).toMatchObject({ titles: [], source: { copyAt: null } });
    test.clock.now = new Date(takenAt.getTime() + 601_000);
    expect((await record(zhou, server)).source).toMatchObject({ copyAt: null });
    test.clock.now = takenAt;
    await remove(server);
    expect(await copies()).toBe(0);
  });

  it("goes with the first word about who may see it, with a pause, and is never of what was withheld", async () => {
    const server = await connect({ cacheMinutes: 60 });
    const say = (choice: string, number: number) =>
      owner`insert into record_choice (patient_id, institution_id, choice, relation, chosen_at, number)
        values (${ciren}, ${test.ids.institutions.get("sakya-chc")!}, ${choice}, 'self', now(), ${number})`;
    await record(danzeng, server);
    expect(await copies()).toBe(0);
    await say("all", 900_011);
    await record(danzeng, server);
    expect(await copies()).toBe(1);
    await say("none", 900_012);
    expect(await copies()).toBe(0);
    await say("all", 900_013);
    await record(danzeng, server);
    expect(await copies()).toBe(1);
    const paused = await keeper.post(`/api/connections/${server.id}/paused`, {
      paused: true,
      reason: "对方要求停用",
    });
    expect(paused.status).toBe(200);
    expect(await copies()).toBe(0);
    await owner`delete from record_choice where number >= 900000`;
    await remove(server);
  });
});
