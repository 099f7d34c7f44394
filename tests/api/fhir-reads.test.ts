/** Reads that arrive together share a statement: each is judged and noted as if it were alone. */
import postgres from "postgres";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

let test: TestApp;
let admin: postgres.Sql;
let own: Client;
let visitor: Client;
const base = "/stores/sakya-chc/fhir";

beforeAll(async () => {
  test = await buildTestApp();
  const url = new URL(test.database.admin);
  url.pathname = new URL(await test.database.records()).pathname;
  admin = postgres(url.href, { max: 1, onnotice: () => {} });
  [own, visitor] = (await Promise.all(["danzeng", "zhouminhua"].map((who) => test.as(who)))) as [
    Client,
    Client,
  ];
});
afterAll(async () => {
  await admin.end();
  await test.close();
});

const idsSeenBy = async (client: Client) => {
  const { body } = await client.get(`${base}/Observation?_count=200`);
  const entries = (body.entry ?? []) as { search: { mode: string }; resource: { id: string } }[];
  return entries.filter(({ search }) => search.mode === "match").map(({ resource }) => resource.id);
};
const rows = async () =>
  await admin<{ outcome: string; actor_name: string; n: number }[]>`
    select outcome, actor_name, count(*)::int as n from audit_event where interaction = 'read'
    group by outcome, actor_name`;

it("each caller sees what he may, whoever asks at the same moment, and leaves a row of his own", async () => {
  const [all, some] = [await idsSeenBy(own), await idsSeenBy(visitor)];
  expect(some.length).toBeGreaterThan(0);
  expect(some.length).toBeLessThan(all.length);
  const asked = all.slice(0, 60);
  const before = new Map((await rows()).map((one) => [one.outcome + one.actor_name, one.n]));
  const answers = await Promise.all(
    [...asked, "nobody"].flatMap((id) =>
      [own, visitor].map(async (client) => {
        const { status, body } = await client.get(`${base}/Observation/${id}`);
        return { id, client, status, said: body.id as string | undefined };
      }),
    ),
  );
  for (const { id, client, status, said } of answers) {
    const allowed = id !== "nobody" && (client === own || some.includes(id));
    expect(status, id).toBe(allowed ? 200 : 404);
    expect(said, id).toBe(allowed ? id : undefined);
  }
  const grown = (await rows()).map(
    (one) => one.n - (before.get(one.outcome + one.actor_name) ?? 0),
  );
  expect(grown.reduce((sum, one) => sum + one, 0)).toBe(answers.length);
  const seen = asked.filter((id) => some.includes(id)).length;
  const withheld = (await rows()).find(({ outcome }) => outcome === "withheld");
  expect((withheld?.n ?? 0) - (before.get(`withheld${withheld?.actor_name}`) ?? 0)).toBe(
    asked.length - seen,
  );
});

it("a refusal in a shared transaction waits for the disk with all the others", async () => {
  const tenant = test.ids.institutions.get("sakya-chc")!;
  const caller = (purpose: string) =>
    JSON.stringify({
      tenant,
      institution: tenant,
      kind: "person",
      actor: "x",
      name: "x",
      purpose,
      at: new Date().toISOString(),
    });
  const settingAfter = async (...reads: readonly [purpose: string, outcome: string][]) =>
    await admin.begin(async (sql) => {
      for (const [purpose, outcome] of reads)
        await sql`select fhir.audit(${caller(purpose)}::text::jsonb, 'read', 'Patient', 'x', ${outcome}, null, null, null)`;
      const [row] = await sql`select current_setting('synchronous_commit') as setting`;
      return row!.setting as string;
    });
  const ok = ["treatment", "ok"] as const;
  expect(await settingAfter([...ok], [...ok])).toBe("off");
  expect(await settingAfter([...ok], ["treatment", "withheld"])).toBe("on");
  expect(await settingAfter([...ok], ["emergency", "ok"], [...ok])).toBe("on");
  expect(await settingAfter(["treatment", "missing"], [...ok])).toBe("on");
});

it("a file that was sent comes back in its own type, harmless at our address, or as the resource", async () => {
  const page = "<script>alert(1)</script>";
  const patient = test.ids.patients.get("ciren")!;
  const sent = async (more: object) => {
    const { status, body } = await own.post("/fhir/Binary", {
      resourceType: "Binary",
      contentType: "text/html",
      data: Buffer.from(page).toString("base64"),
      ...more,
    });
    expect(status, JSON.stringify(body)).toBe(201);
    return `${base}/Binary/${body.id}`;
  };
  const path = await sent({ securityContext: { reference: `Patient/${patient}` } });
  for (const accept of ["*/*", "text/html,*/*;q=0.8", "video/mp4"]) {
    const { status, headers, raw } = await own.get(path, { accept });
    expect([status, raw.body]).toEqual([200, page]);
    expect(headers).toMatchObject({
      "content-type": "text/html",
      "content-disposition": "attachment",
      "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
      "x-content-type-options": "nosniff",
      "x-security-context": `Patient/${patient}`,
    });
  }
  for (const accept of ["application/fhir+json", "application/json"]) {
    const { headers, body } = await own.get(path, { accept });
    expect(headers["content-type"]).toContain("application/fhir+json");
    expect(Buffer.from(body.data, "base64").toString()).toBe(page);
  }
  expect((await own.get(`${path}?_elements=contentType`)).body.data).toBeUndefined();
  const head = await test.app.inject({
    method: "HEAD",
    url: path,
    headers: { cookie: own.cookie },
  });
  expect([head.statusCode, head.headers["content-length"], head.body]).toEqual([
    200,
    String(page.length),
    "",
  ]);
  // Whose record it belongs to decides who sees it: he has told nobody else anything.
  expect((await visitor.get(path)).status).toBe(404);
  // What cannot stand in a header is no type.
  for (const contentType of ["text/html;\u2028x=1", "text", "text/html;\r\nx-y: 1"])
    expect(
      (await own.post("/fhir/Binary", { resourceType: "Binary", contentType })).status,
      contentType,
    ).toBe(422);
  const empty = await sent({ data: undefined });
  expect((await own.get(empty)).raw.rawPayload).toHaveLength(0);
  expect((await own.get(`${base}/Binary/nobody`)).status).toBe(404);
});
