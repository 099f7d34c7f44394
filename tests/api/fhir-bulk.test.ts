import { generateKeyPairSync, randomUUID } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { SignJWT } from "jose";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bulkTasks, createBulkFiles, sweepBulk } from "../../server/fhir/bulk/service.ts";
import type { TaskContext } from "../../server/queue/task.ts";
import { type Answer, buildTestApp, type Client, type TestApp } from "../support/app.ts";

const octets = { "content-type": "application/octet-stream" };
const async = { prefer: "respond-async" };
const base = "/stores/xuhui-central/fhir";
let test: TestApp;
/** Who answers for the records of 徐汇, a doctor there, and one of 萨迦. */
let keeper: Client;
let doctor: Client;
let stranger: Client;
let tenant: string;

beforeAll(async () => {
  test = await buildTestApp();
  // An alliance's administrator brings records in without reading them; who exports may do both.
  const administrator = await test.as("zhenglan");
  expect((await administrator.get(`${base}/$export`, async)).status).toBe(403);
  await inDatabase(
    test.database.admin,
    (sql) =>
      sql`insert into role_permission (role_code, permission) values ('alliance-administrator', 'record.read'), ('alliance-administrator', 'record.write')`,
  );
  keeper = await test.as("zhenglan");
  doctor = await test.as("zhouminhua");
  stranger = await test.as("danzeng");
  tenant = (await test.services.records.find({ code: "xuhui-central" })).tenant;
});
afterAll(() => test.close());

async function inDatabase<Result>(url: string, run: (sql: postgres.Sql) => Promise<Result>) {
  const sql = postgres(url, { max: 1 });
  try {
    return await run(sql);
  } finally {
    await sql.end();
  }
}
const files = () => createBulkFiles(test.dataDir);
/** What a worker does with the job. */
const work = (job: string) =>
  bulkTasks(test.services, files())["fhir-bulk:run"]!(
    { tenant, job },
    {} as unknown as TaskContext,
  );
const pathOf = (url: unknown) => String(url).replace(test.services.publicUrl, "");
const idOf = (answer: Answer) => String(answer.headers["content-location"]).split("/").at(-1)!;
const lines = (answer: Answer) =>
  answer.raw.body
    .split("\n")
    .filter((one) => one !== "")
    .map((one) => JSON.parse(one));

async function exported(url: string, client = keeper) {
  const kickOff = await client.get(url, async);
  expect(kickOff.status, kickOff.raw.body).toBe(202);
  await work(idOf(kickOff));
  const status = pathOf(kickOff.headers["content-location"]);
  const done = await client.get(status);
  expect(done.status, done.raw.body).toBe(200);
  return { id: idOf(kickOff), status, manifest: done.body };
}

async function send(text: string, name = "records.ndjson", part = 1_000_000) {
  const bytes = Buffer.from(text);
  const begun = await keeper.post("/api/record-imports", { name, sizeBytes: bytes.length });
  expect(begun.status, begun.raw.body).toBe(200);
  const { id } = begun.body.import as { id: string };
  for (let at = 0; at < bytes.length; at += part)
    await keeper.put(
      `/api/record-imports/${id}/content?offset=${at}`,
      bytes.subarray(at, at + part),
      octets,
    );
  return id;
}
async function imported(text: string, name?: string) {
  const id = await send(text, name);
  await work(id);
  const answer = await keeper.get(`/api/record-imports/${id}`);
  expect(answer.body.import.state).toBe("done");
  return { id, ...answer.body.import, faults: answer.body.faults };
}
const patient = (id: string, more: object = {}) => ({
  resourceType: "Patient",
  id,
  name: [{ text: "卓玛" }],
  ...more,
});
const observation = (id: string, subject: string, more: object = {}) => ({
  resourceType: "Observation",
  id,
  status: "final",
  code: { text: "体温" },
  subject: { reference: subject },
  ...more,
});
const ndjson = (...resources: object[]) => resources.map((one) => JSON.stringify(one)).join("\n");

describe("who may", () => {
  it("lets only the one who answers for the records export, import and read reports", async () => {
    for (const [client, status] of [
      [test.anonymous, 401],
      [await test.as("13800138001"), 403],
      [doctor, 403],
      [stranger, 403],
    ] as const) {
      for (const url of [
        "$export",
        "Patient/$export",
        "Group/x/$export",
        `$export-status/${randomUUID()}`,
      ])
        expect((await client.get(`${base}/${url}`, async)).status, url).toBe(status);
      expect((await client.delete(`${base}/$export-status/${randomUUID()}`)).status).toBe(status);
      expect((await client.get("/api/record-imports")).status).toBe(status);
      const body = { name: "x.ndjson", sizeBytes: 10 };
      expect((await client.post("/api/record-imports", body)).status).toBe(status);
    }
  });

  it("gives an export to nobody but who asked for it, and its files to nobody who knows the address", async () => {
    await imported(ndjson(patient("mine")));
    const { id, status } = await exported(`${base}/Patient/$export?_type=Patient`);
    const file = `${status}/Patient.ndjson`;
    expect((await keeper.get(file)).status).toBe(200);
    expect((await test.anonymous.get(file)).status).toBe(401);
    const system = await systemWith(["system/*.rs"]);
    expect((await system.get(file)).status).toBe(404);
    for (const name of ["..%2f..%2fsecrets", "upload", "Patient.ndjson%00", "Observation.ndjson"])
      expect((await keeper.get(`${status}/${name}`)).status, name).toBe(404);
    expect((await keeper.get(`${base}/$export-status/..%2f${id}`)).status).toBe(404);
  });

  it("keeps a system to its scopes, and to what consent permits another institution", async () => {
    await imported(ndjson(patient("scoped"), observation("scoped-o", "Patient/scoped")));
    const system = await systemWith(["system/Patient.rs"]);
    expect((await system.get(`${base}/$export?_type=Observation`, async)).status).toBe(403);
    const { manifest } = await exported(`${base}/$export`, system);
    expect(manifest.output.map((one: { type: string }) => one.type)).toEqual(["Patient"]);
  });
});

describe("an export", () => {
  it("is refused in words for what is not offered", async () => {
    for (const [query, headers] of [
      ["", {}],
      ["?_typeFilter=Observation%3Fcode%3Dx", async],
      ["?_since=yesterday", async],
      ["?_type=Nonsense", async],
      ["?_outputFormat=text/csv", async],
      ["?includeAssociatedData=x", async],
      ["", { ...async, "x-purpose-of-use": "ETREAT", "x-break-glass-reason": "emergency" }],
    ] as const) {
      const answer = await keeper.get(`${base}/$export${query}`, headers);
      expect(answer.status, query).toBe("x-purpose-of-use" in headers ? 403 : 400);
      expect(answer.body.resourceType).toBe("OperationOutcome");
    }
    expect((await keeper.get(`${base}/Group/none/$export`, async)).status).toBe(404);
  });

  it("says how far it is, then lists files that hold each resource once", async () => {
    await imported(ndjson(...Array.from({ length: 1100 }, (_, n) => patient(`many-${n}`))));
    const kickOff = await keeper.get(`${base}/$export`, async);
    const status = pathOf(kickOff.headers["content-location"]);
    const waiting = await keeper.get(status);
    expect(waiting.status).toBe(202);
    expect(waiting.headers["retry-after"]).toBe("2");
    expect(waiting.headers["x-progress"]).toMatch(/^[ -~]{1,100}$/);
    await work(idOf(kickOff));
    const { body, headers } = await keeper.get(status);
    expect(body).toMatchObject({
      request: `${test.services.publicUrl}${base}/$export`,
      requiresAccessToken: true,
      error: [],
      deleted: [],
      transactionTime: test.clock.now.toISOString(),
    });
    expect(new Date(String(headers.expires)).getTime()).toBeGreaterThan(test.clock.now.getTime());
    const names = new Set<string>();
    for (const { type, url, count } of body.output) {
      const file = await keeper.get(pathOf(url));
      expect(file.headers["content-type"]).toContain("application/fhir+ndjson");
      const found = lines(file);
      expect(found.length).toBe(count);
      for (const one of found) {
        expect(one.resourceType).toBe(type);
        names.add(`${type}/${one.id}`);
      }
    }
    const total = body.output.reduce((sum: number, one: { count: number }) => sum + one.count, 0);
    expect(names.size).toBe(total);
    expect(total).toBeGreaterThan(1100);
  });

  it("leaves to patients and groups what is theirs, and says what was deleted since", async () => {
    await imported(
      ndjson(
        patient("g1"),
        patient("g2"),
        observation("og1", "Patient/g1"),
        observation("og2", "Patient/g2"),
        { resourceType: "Location", id: "loc", name: "一楼" },
        {
          resourceType: "Group",
          id: "grp",
          type: "person",
          actual: true,
          member: [
            { entity: { reference: "Patient/g1" } },
            { entity: { reference: "Patient/g2" }, inactive: true },
          ],
        },
      ),
    );
    const types = "_type=Patient,Observation,Location";
    const group = await exported(`${base}/Group/grp/$export?${types}`);
    const observations = group.manifest.output.find(
      (one: { type: string }) => one.type === "Observation",
    );
    expect(lines(await keeper.get(pathOf(observations.url))).map((one) => one.id)).toEqual(["og1"]);
    const patients = await exported(`${base}/Patient/$export?${types}`);
    expect(patients.manifest.output.map((one: { type: string }) => one.type)).not.toContain(
      "Location",
    );

    const since = test.clock.now.toISOString();
    test.clock.now = new Date(test.clock.now.getTime() + 60_000);
    await imported(ndjson(observation("later", "Patient/g1")));
    expect((await keeper.delete(`${base}/Observation/og2`)).status).toBe(204);
    const changed = await exported(`${base}/$export?_type=Observation&_since=${since}`);
    expect(changed.manifest.output.map((one: { count: number }) => one.count)).toEqual([1]);
    const [bundle] = lines(await keeper.get(pathOf(changed.manifest.deleted[0].url)));
    expect(bundle.entry).toEqual([{ request: { method: "DELETE", url: "Observation/og2" } }]);
  });

  it("notes who took what, goes when it is cancelled, and after a day", async () => {
    const first = await exported(`${base}/$export?_type=Patient`);
    await keeper.get(`${first.status}/Patient.ndjson`);
    const seen = await audited();
    expect(seen).toEqual(expect.arrayContaining(["export-begin", "export", "export-download"]));
    expect((await keeper.delete(first.status)).status).toBe(202);
    expect((await keeper.get(first.status)).status).toBe(404);
    expect(existsSync(join(test.dataDir, "bulk", first.id))).toBe(false);

    const second = await exported(`${base}/$export?_type=Patient`);
    test.clock.now = new Date(test.clock.now.getTime() + 25 * 3_600_000);
    keeper = await test.as("zhenglan");
    expect((await keeper.get(second.status)).status).toBe(404);
    await sweepBulk(test.services, files());
    expect(readdirSync(join(test.dataDir, "bulk"))).not.toContain(second.id);
  });

  it("of three at a time the fourth waits", async () => {
    const begun: Answer[] = [];
    for (let n = 0; n < 4; n += 1) begun.push(await keeper.get(`${base}/$export`, async));
    expect(begun.map((one) => one.status)).toEqual([202, 202, 202, 429]);
    for (const one of begun.slice(0, 3))
      await keeper.delete(pathOf(one.headers["content-location"]));
  });
});

describe("an import", () => {
  it("takes the good lines and lists the bad ones, with the reason in words", async () => {
    const text = [
      JSON.stringify(patient("i1")),
      "",
      "{ not json",
      JSON.stringify({ resourceType: "Nonsense" }),
      JSON.stringify(patient("i2", { gender: "unsaid" })),
      JSON.stringify(patient("../etc")),
      JSON.stringify([1, 2]),
      '{"resourceType":"Patient","id":"i3","id":"i4"}',
      JSON.stringify(observation("io", "Patient/i1")),
      JSON.stringify(patient("i5", { meta: { source: "urn:yilian:alliance" } })),
    ].join("\n");
    const found = await imported(text);
    expect(found).toMatchObject({ done: 2, failed: 7, unchanged: 0, percent: 100 });
    expect(
      found.faults.map((one: { line: number; reason: string }) => [one.line, one.reason]),
    ).toEqual([
      [3, "unreadable"],
      [4, "no-resource"],
      [5, "invalid"],
      [6, "bad-id"],
      [7, "no-resource"],
      [8, "unreadable"],
      [10, "refused"],
    ]);
    expect(found.faults.at(-1).detail).toContain("urn:yilian:alliance");
    const report = await keeper.get(`/api/record-imports/${found.id}/report.csv`, {
      "accept-language": "en",
    });
    expect(report.headers["content-type"]).toContain("text/csv");
    expect(report.raw.body).toContain("5,,Patient,i2,Does not follow FHIR R4,");
    expect((await keeper.get(`${base}/Observation/io`)).status).toBe(200);
  });

  it("changes nothing when it is done again, and makes a version of what changed", async () => {
    const one = patient("again", { identifier: [{ system: "urn:a", value: "1" }] });
    const named = {
      resourceType: "Organization",
      name: "县医院",
      identifier: [{ system: "urn:o", value: "o,1" }],
    };
    expect(await imported(ndjson(one, named))).toMatchObject({ done: 2, unchanged: 0 });
    expect(await imported(ndjson(one, named))).toMatchObject({ done: 0, unchanged: 2 });
    expect(await imported(ndjson({ ...one, active: true }, named))).toMatchObject({
      done: 1,
      unchanged: 1,
    });
    expect((await keeper.get(`${base}/Patient/again`)).body.meta.versionId).toBe("2");
    const found = await keeper.get(
      `${base}/Organization?identifier=${encodeURIComponent("urn:o|o\\,1")}`,
    );
    expect(found.body.entry).toHaveLength(1);
  });

  it("resolves what points within a Bundle, in a collection, a document and a transaction", async () => {
    const urn = () => `urn:uuid:${randomUUID()}`;
    for (const type of ["collection", "document", "transaction", "batch"]) {
      const [who, what] = [urn(), urn()];
      const asked = (method: string, url: string) =>
        type === "transaction" || type === "batch" ? { request: { method, url } } : {};
      const parts = [
        {
          fullUrl: who,
          resource: { resourceType: "Patient", name: [{ text: type }] },
          ...asked("POST", "Patient"),
        },
        {
          fullUrl: what,
          resource: { ...observation("x", who), id: undefined },
          ...asked("POST", "Observation"),
        },
      ];
      const head = {
        fullUrl: urn(),
        resource: {
          resourceType: "Composition",
          status: "final",
          type: { text: "t" },
          date: "2026-01-01",
          author: [{ reference: who }],
          title: "t",
        },
      };
      const bundle = {
        resourceType: "Bundle",
        type,
        ...(type === "document"
          ? { identifier: { system: "urn:d", value: "1" }, timestamp: "2026-01-01T00:00:00Z" }
          : {}),
        entry: type === "document" ? [head, ...parts] : parts,
      };
      const found = await imported(JSON.stringify(bundle, null, 2), `${type}.json`);
      expect(found, JSON.stringify(found.faults)).toMatchObject({ failed: 0 });
      const stored = await keeper.get(`${base}/Observation/${what.slice(9)}`);
      expect(stored.body.subject.reference).toBe(`Patient/${who.slice(9)}`);
      const again = await imported(JSON.stringify(bundle), `${type}.json`);
      expect(again).toMatchObject({ done: 0, unchanged: found.done });
    }
  });

  it("takes a transaction whole or not at all, and a batch by its entries", async () => {
    const entry = (resource: object, request: object) => ({ resource, request });
    const entries = [
      entry(patient("t1"), { method: "PUT", url: "Patient/t1" }),
      entry(patient("t2", { gender: "x" }), { method: "PUT", url: "Patient/t2" }),
      { request: { method: "DELETE", url: "Patient/i1" } },
    ];
    const whole = await imported(
      JSON.stringify({ resourceType: "Bundle", type: "transaction", entry: entries }),
    );
    expect(whole).toMatchObject({ done: 0, failed: 3 });
    expect(whole.faults.map((one: { reason: string }) => one.reason)).toContain("with-others");
    expect((await keeper.get(`${base}/Patient/t1`)).status).toBe(404);
    const each = await imported(
      JSON.stringify({ resourceType: "Bundle", type: "batch", entry: entries }),
    );
    expect(each).toMatchObject({ done: 1, failed: 2 });
    expect((await keeper.get(`${base}/Patient/t1`)).status).toBe(200);
    const other = await imported(JSON.stringify({ resourceType: "Bundle", type: "searchset" }));
    expect(other.faults[0].reason).toBe("bundle-type");
  });

  it("is sent in parts, any of them twice or out of turn, and goes on where it was after a crash", async () => {
    const all = Array.from({ length: 1200 }, (_, n) => patient(`crash-${n}`));
    const text = ndjson(...all);
    const bytes = Buffer.from(text);
    const { body } = await keeper.post("/api/record-imports", {
      name: "p.ndjson",
      sizeBytes: bytes.length,
    });
    const { id } = body.import;
    const url = (at: number) => `/api/record-imports/${id}/content?offset=${at}`;
    const half = Math.floor(bytes.length / 2);
    await keeper.put(url(0), bytes.subarray(0, half), octets);
    expect((await keeper.put(url(0), bytes.subarray(0, half), octets)).body.import.received).toBe(
      half,
    );
    expect(
      (await keeper.put(url(half + 5), bytes.subarray(0, 9), octets)).body.import.received,
    ).toBe(half);
    expect((await keeper.put(url(half), Buffer.alloc(half + 9), octets)).status).toBe(413);
    expect((await keeper.put(url(half), bytes.subarray(half), octets)).body.import.state).toBe(
      "waiting",
    );

    // The worker dies after its second batch: nothing of the third is there, and a second worker is no harm.
    const find = test.services.records.find;
    let left = 4;
    test.services.records.find = async (wanted) => {
      const found = await find(wanted);
      const { transaction } = found.store;
      return {
        ...found,
        store: {
          ...found.store,
          transaction: (context, run) => {
            left -= 1;
            if (left < 0) throw new Error("killed");
            return transaction(context, run);
          },
        },
      };
    };
    await expect(work(id)).rejects.toThrow("killed");
    test.services.records.find = find;
    const halfway = (await keeper.get(`/api/record-imports/${id}`)).body.import;
    expect(halfway.state).toBe("running");
    expect(halfway.done).toBeGreaterThan(0);
    expect(halfway.done).toBeLessThan(1200);
    await Promise.all([work(id), work(id)]);
    expect((await keeper.get(`/api/record-imports/${id}`)).body.import).toMatchObject({
      state: "done",
      done: 1200,
      unchanged: 0,
      failed: 0,
    });
    expect(existsSync(join(test.dataDir, "bulk", id))).toBe(false);
  });

  it("ends when it is cancelled, and waits while the store is paused", async () => {
    const id = await send(ndjson(patient("c1")));
    const cancelled = await keeper.post(`/api/record-imports/${id}/cancel`);
    expect(cancelled.body.import.state).toBe("cancelled");
    await work(id);
    expect((await keeper.get(`${base}/Patient/c1`)).status).toBe(404);
    const paused = await send(ndjson(patient("c2")));
    await keeper.post("/api/record-stores/xuhui-central/paused", { paused: true });
    await work(paused);
    expect((await keeper.get("/api/record-imports")).status).toBe(503);
    await keeper.post("/api/record-stores/xuhui-central/paused", { paused: false });
    await work(paused);
    expect((await keeper.get(`${base}/Patient/c2`)).status).toBe(200);
  });
});

async function audited(): Promise<string[]> {
  const admin = new URL(test.database.admin);
  admin.pathname = new URL(await test.database.records()).pathname;
  return inDatabase(admin.href, async (sql) => {
    const rows = await sql<{ interaction: string }[]>`
      select distinct interaction from audit_event where tenant = ${tenant}`;
    return rows.map((row) => row.interaction);
  });
}

/** A system of 徐汇 with a token for these scopes. */
async function systemWith(scopes: string[]): Promise<Client> {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
  const jwk = { ...publicKey.export({ format: "jwk" }), kid: "k", alg: "ES384" };
  const made = await keeper.post("/api/smart/clients", {
    name: "系统",
    scopes,
    jwks: { keys: [jwk] },
  });
  expect(made.status, made.raw.body).toBe(200);
  const { id } = made.body.client;
  const signed = await new SignJWT({
    iss: id,
    sub: id,
    aud: `${test.services.publicUrl}/auth/token`,
    jti: randomUUID(),
    exp: Math.floor(test.clock.now.getTime() / 1000) + 120,
  })
    .setProtectedHeader({ alg: "ES384", kid: "k" })
    .sign(privateKey);
  const answer = await test.app.inject({
    method: "POST",
    url: "/auth/token",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    payload: new URLSearchParams({
      grant_type: "client_credentials",
      scope: scopes.join(" "),
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: signed,
    }).toString(),
  });
  const authorization = `Bearer ${answer.json<{ access_token: string }>().access_token}`;
  return {
    ...test.anonymous,
    get: (url, headers) => test.anonymous.get(url, { ...headers, authorization }),
  };
}
