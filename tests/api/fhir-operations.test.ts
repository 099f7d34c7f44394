import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addRule, callerParameter } from "../../server/fhir/service.ts";
import { issueToken } from "../../server/smart/token.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

const json = { "content-type": "application/fhir+json" };
const card = "urn:oid:2.16.156.10011.1.3";
let test: TestApp;
/** Doctors of 萨迦 and of 徐汇. */
let danzeng: Client;
let zhou: Client;
let sakya: { tenant: string };
let xuhui: { tenant: string };

type Entries = {
  entry?: {
    search: { mode: string; extension?: { valueCode: string }[] };
    resource: { id: string; issue?: { code: string }[] };
  }[];
};

beforeAll(async () => {
  test = await buildTestApp();
  danzeng = await test.as("danzeng");
  zhou = await test.as("zhouminhua");
  sakya = await test.services.records.find({ code: "sakya-chc" });
  xuhui = await test.services.records.find({ code: "xuhui-central" });
});
afterAll(() => test.close());

/** The store of 萨迦, asked by a system of its own. */
async function sakyaAsSystem() {
  const { store, tenant } = await test.services.records.find({ code: "sakya-chc" });
  const context = {
    tenant,
    at: test.clock.now,
    base: "http://localhost:8080/stores/sakya-chc/fhir",
    caller: {
      kind: "client" as const,
      actor: "test",
      name: null,
      institution: tenant,
      purpose: "operations" as const,
      reason: null,
      scopes: null,
      mayWrite: true,
      correlationId: "test",
      address: null,
    },
  };
  return { store, context };
}

/** What a patient of 萨迦 says about 徐汇. */
async function says(patient: string, decision: "permit" | "deny", label: string | null = null) {
  const { store, context } = await sakyaAsSystem();
  await store.transaction(context, (tx) =>
    addRule(tx, context, {
      patient,
      recipient: xuhui.tenant,
      label,
      decision,
      startsAt: new Date(test.clock.now.getTime() - 1000),
      endsAt: null,
      source: null,
    }),
  );
}
const systemOf = (scopes: string[], institution: string) => ({
  ...json,
  authorization: `Bearer ${issueToken(test.services, {
    client: "8b0f5a60-1f7e-4d0c-9a53-2c7d5d8f0a11",
    name: "转诊系统",
    institution,
    scopes,
  })}`,
});
async function created(resource: { resourceType: string; [name: string]: unknown }) {
  const answer = await danzeng.post(`/fhir/${resource.resourceType}`, resource, json);
  expect(answer.status, answer.raw.body).toBe(201);
  return String(answer.body.id);
}

describe("Patient/$match", () => {
  const person = {
    resourceType: "Patient",
    name: [{ family: "洛桑", given: ["旦增"] }],
    birthDate: "1948-06-11",
    gender: "male",
    telecom: [{ system: "phone", value: "13900001111" }],
  };
  const ask = (
    resource: object,
    more: object[] = [],
    { client = danzeng, base = "/fhir", headers = {} as Record<string, string> } = {},
  ) =>
    client.post(
      `${base}/Patient/$match`,
      { resourceType: "Parameters", parameter: [{ name: "resource", resource }, ...more] },
      { ...json, ...headers },
    );
  const grades = (answer: { body: Entries }) =>
    (answer.body.entry ?? []).map((one) => [one.resource.id, one.search.extension?.[0]?.valueCode]);

  it("tells strangers, families and systems without the scope nothing at all", async () => {
    const numbered = { ...person, identifier: [{ system: card, value: "M0" }] };
    const id = await created(numbered);
    for (const [who, answer, status] of [
      ["nobody", await ask(numbered, [], { client: test.anonymous }), 401],
      ["family", await ask(numbered, [], { client: await test.as("13800138001") }), 403],
      ["interpreter", await ask(numbered, [], { client: await test.as("lazhen") }), 403],
      [
        "a system for other types",
        await ask(numbered, [], {
          client: test.anonymous,
          headers: systemOf(["system/Observation.rs"], sakya.tenant),
        }),
        403,
      ],
    ] as const) {
      expect(answer.status, who).toBe(status);
      expect(answer.body.resourceType, who).toBe("OperationOutcome");
      expect(answer.raw.body, who).not.toContain(id);
    }
    // Another institution finds whom consent lets it find, and not even that there is anybody.
    const base = "/stores/sakya-chc/fhir";
    const hidden = await ask(numbered, [], { client: zhou, base });
    expect([hidden.status, hidden.body.total, hidden.body.entry]).toEqual([200, 0, undefined]);
    await says(id, "permit");
    expect(grades(await ask(numbered, [], { client: zhou, base }))).toEqual([[id, "certain"]]);
    await says(id, "deny");
    expect((await ask(numbered, [], { client: zhou, base })).body.total).toBe(0);
    // The glass is broken for a number, not for a name.
    const broken = { "x-purpose-of-use": "ETREAT", "x-break-glass-reason": "coma, cannot ask" };
    expect((await ask(person, [], { client: zhou, base, headers: broken })).status).toBe(400);
    expect(grades(await ask(numbered, [], { client: zhou, base, headers: broken }))).toEqual([
      [id, "certain"],
    ]);
  });

  it("grades by identifier, then by name, birth date, gender and phone; a single name is possible at most", async () => {
    const same = {
      ...person,
      birthDate: "1949-06-11",
      telecom: [{ system: "phone", value: "13900002222" }],
    };
    const one = await created({ ...same, identifier: [{ system: card, value: "M1" }] });
    const two = await created(same);
    const single = { ...same, name: [{ text: "央金" }], telecom: undefined };
    const three = await created(single);
    await created({ ...same, gender: "female", telecom: undefined });
    expect(grades(await ask({ ...same, identifier: [{ system: card, value: "m1" }] }))).toEqual([
      [one, "certain"],
      [two, "probable"],
    ]);
    expect(grades(await ask(single))).toEqual([[three, "possible"]]);
    expect(
      grades(
        await ask({
          ...same,
          telecom: [{ system: "phone", value: "+86 139-0000-2222" }],
          birthDate: undefined,
        }),
      ),
    ).toEqual([
      [one, "possible"],
      [two, "possible"],
    ]);
    const answer = await ask(same, [{ name: "count", valueInteger: 1 }]);
    expect([answer.body.type, answer.body.total]).toEqual(["searchset", 1]);
    expect(answer.body.entry[0].search).toEqual({
      extension: [
        { url: "http://hl7.org/fhir/StructureDefinition/match-grade", valueCode: "probable" },
      ],
      mode: "match",
      score: 0.95,
    });
    expect(
      (await ask(same, [{ name: "onlyCertainMatches", valueBoolean: true }])).body.entry,
    ).toBeUndefined();
  });

  it("answers nobody when two are certain and only one was wanted, and says why", async () => {
    const identifier = [{ system: "urn:ward", value: "M2" }];
    await created({ resourceType: "Patient", identifier });
    await created({ resourceType: "Patient", identifier });
    const wanted = { resourceType: "Patient", identifier };
    const answer = await ask(wanted, [{ name: "onlyCertainMatches", valueBoolean: true }]);
    expect(answer.body.entry).toHaveLength(1);
    expect(answer.body.entry[0].resource.issue[0].code).toBe("multiple-matches");
    expect(grades(await ask(wanted))).toHaveLength(2);
  });

  it("refuses what is no question, and leaves a row of audit", async () => {
    for (const body of [
      {},
      [],
      { resourceType: "Parameters" },
      {
        resourceType: "Parameters",
        parameter: [{ name: "resource", resource: { resourceType: "Person" } }],
      },
      {
        resourceType: "Parameters",
        parameter: [
          { name: "resource", resource: { resourceType: "Patient" } },
          { name: "threshold" },
        ],
      },
      {
        resourceType: "Parameters",
        parameter: [
          { name: "resource", resource: { resourceType: "Patient" } },
          { name: "count", valueInteger: 0 },
        ],
      },
    ])
      expect((await danzeng.post("/fhir/Patient/$match", body, json)).status).toBe(400);
    expect((await ask({ resourceType: "Patient", gender: "whoever" })).status).toBe(422);
    const other = await danzeng.post("/fhir/Observation/$match", {}, json);
    expect(other.status, other.raw.body).toBe(404);
    expect((await danzeng.post("/fhir/Patient/$match?x=1", person, json)).status).toBe(400);
    const id = await created({
      resourceType: "Patient",
      identifier: [{ system: card, value: "M3" }],
    });
    await ask({ resourceType: "Patient", identifier: [{ system: card, value: "M3" }] });
    const [row] = await audited(id, "match");
    expect(row).toMatchObject({
      actor_kind: "person",
      purpose: "treatment",
      outcome: "ok",
      query: "",
    });
  });
});

describe("a search of another institution about one patient", () => {
  it("says that the patient withholds something of what was asked, and to strangers not even that", async () => {
    const patient = await created({ resourceType: "Patient", name: [{ text: "次仁" }] });
    const about = (text: string, labels: string[] = []) => ({
      resourceType: "Condition",
      subject: { reference: `Patient/${patient}` },
      code: { text },
      ...(labels.length > 0
        ? {
            meta: {
              security: labels.map((code) => ({
                system: "http://terminology.hl7.org/CodeSystem/v3-ActCode",
                code,
              })),
            },
          }
        : {}),
    });
    await created(about("seen"));
    await created(about("hidden", ["PSY"]));
    const search = (query: string, client = zhou) => client.get(`/stores/sakya-chc/fhir/${query}`);
    const modes = (answer: { body: Entries }) =>
      (answer.body.entry ?? []).map(({ search: { mode }, resource }) =>
        mode === "outcome" ? resource.issue?.[0]?.code : mode,
      );
    expect(modes(await search(`Condition?patient=${patient}`))).toEqual([]);
    await says(patient, "permit");
    expect(modes(await search(`Condition?patient=${patient}`))).toEqual(["match", "match"]);
    await says(patient, "deny", "PSY");
    for (const query of [
      `Condition?patient=${patient}`,
      `Condition?subject=Patient/${patient}`,
      `Condition?patient=Patient/${patient}&_count=1`,
    ])
      expect(modes(await search(query)), query).toEqual(["match", "suppressed"]);
    const answer = await search(`Condition?patient=${patient}`);
    expect([answer.body.total ?? 1, answer.raw.body.includes("hidden")]).toEqual([1, false]);
    // Nothing of the types asked, several patients, or one's own: nothing is said.
    for (const query of [
      `Observation?patient=${patient}`,
      `Patient?_id=${patient}`,
      `Condition?patient=${patient},x`,
      "Condition?code=x",
    ])
      expect(modes(await search(query)), query).not.toContain("suppressed");
    expect(modes(await search(`Condition?patient=${patient}`, danzeng))).toEqual([
      "match",
      "match",
    ]);
  });
});

describe("breaking the glass by a header", () => {
  it("is written into the register and told to the family, once an hour for one reason, before the answer leaves", async () => {
    const zhaxi = test.ids.patients.get("zhaxi")!;
    const identifier = [{ system: "urn:yilian:patient", value: zhaxi }];
    const id = await created({ resourceType: "Patient", identifier });
    const owner = postgres(test.database.owner, { max: 1 });
    const told = async () => ({
      register: (
        await owner`select reason from record_emergency where patient_id = ${zhaxi} and person_id is not null`
      ).length,
      messages: (await owner`select 1 from sms_message where kind = 'record-emergency'`).length,
    });
    const before = await told();
    const url = `/stores/sakya-chc/fhir/Patient/${id}`;
    const headers = (reason: string) => ({
      "x-purpose-of-use": "ETREAT",
      "x-break-glass-reason": encodeURIComponent(reason),
    });
    // Refused, not there, and one's own house: nobody is told.
    expect((await zhou.get(url, { "x-purpose-of-use": "ETREAT" })).status).toBe(400);
    expect((await zhou.get(`${url}x`, headers("昏迷，无法询问病史"))).status).toBe(404);
    expect((await danzeng.get(url, headers("昏迷，无法询问病史"))).status).toBe(200);
    expect(await told()).toEqual(before);
    for (const path of [url, `${url}/$everything`, url])
      expect((await zhou.get(path, headers("昏迷，无法询问病史"))).status, path).toBe(200);
    const after = await told();
    expect(after.register).toBe(before.register + 1);
    expect(after.messages).toBeGreaterThan(before.messages);
    await zhou.get(`/stores/sakya-chc/fhir/Patient?_id=${id}`, headers("再次抢救，另一理由"));
    expect((await told()).register).toBe(before.register + 2);
    await owner.end();
  });
});

describe("a conditional reference", () => {
  it("means an entry of its own bundle as it stands there, and what is stored beside", async () => {
    const system = "urn:test:conditional";
    const doctor = (value: string, more = {}) => ({
      resourceType: "Practitioner",
      identifier: [{ system, value }],
      ...more,
    });
    const pointing = (value: string) => ({
      resourceType: "PractitionerRole",
      practitioner: { reference: `Practitioner?identifier=${system}|${value}` },
    });
    const post = (
      ...resources: (
        | { resourceType: string }
        | { put: string; resource: { resourceType: string } }
      )[]
    ) =>
      danzeng.post(
        "/stores/sakya-chc/fhir",
        {
          resourceType: "Bundle",
          type: "transaction",
          entry: resources.map((one) =>
            "put" in one
              ? { resource: one.resource, request: { method: "PUT", url: one.put } }
              : { resource: one, request: { method: "POST", url: one.resourceType } },
          ),
        },
        { ...json, prefer: "return=representation" },
      );
    const made = await post(pointing("a"), doctor("a"));
    expect(made.status, made.raw.body).toBe(200);
    const [role, practitioner] = made.body.entry.map((one: { resource: object }) => one.resource);
    expect(role.practitioner.reference).toBe(`Practitioner/${practitioner.id}`);
    // Stored alone, and stored while the bundle changes it.
    expect((await post(pointing("a"))).status).toBe(200);
    const moved = {
      put: `Practitioner/${practitioner.id}`,
      resource: doctor("b", { id: practitioner.id }),
    };
    expect((await post(pointing("a"), moved)).status).toBe(400);
    const followed = await post(pointing("b"), moved);
    expect(followed.body.entry[0].resource.practitioner.reference).toBe(
      `Practitioner/${practitioner.id}`,
    );
    // Two in the bundle, or one there and one stored, are no answer.
    expect((await post(pointing("c"), doctor("c"), doctor("c"))).status).toBe(412);
    expect((await post(pointing("b"), doctor("b"))).status).toBe(412);
    expect((await post(pointing("d"))).status).toBe(400);
  });
});

describe("entries of bundles", () => {
  type Entry = { request: Record<string, string>; resource?: object; fullUrl?: string };
  const send = (type: "batch" | "transaction", entry: Entry[], path = "") =>
    danzeng.post(
      `/stores/sakya-chc/fhir${path}`,
      { resourceType: "Bundle", type, entry },
      { ...json, prefer: "return=representation" },
    );
  const of = (method: string, url: string, resource?: object, more: object = {}): Entry => ({
    request: { method, url, ...more },
    ...(resource ? { resource } : {}),
  });
  const binary = (patch: object[] | string) => ({
    resourceType: "Binary",
    contentType: "application/json-patch+json",
    data: Buffer.from(typeof patch === "string" ? patch : JSON.stringify(patch)).toString("base64"),
  });
  const parameters = (path: string, value: object) => ({
    resourceType: "Parameters",
    parameter: [
      {
        name: "operation",
        part: [
          { name: "type", valueCode: "replace" },
          { name: "path", valueString: path },
          { name: "value", ...value },
        ],
      },
    ],
  });
  const states = (answer: { body: { entry: { response: { status: string } }[] } }) =>
    answer.body.entry.map((one) => one.response.status.slice(0, 3));

  it.each(["batch", "transaction"] as const)(
    "of a %s patch by either way, hold to versions, create once, and read in every way",
    async (type) => {
      const system = `urn:test:entries-${type}`;
      const named = { resourceType: "Patient", identifier: [{ system, value: "1" }], active: true };
      const [one, two] = [await created(named), await created({ ...named, identifier: undefined })];
      const answer = await send(type, [
        of("PATCH", `Patient/${one}`, binary([{ op: "replace", path: "/active", value: false }]), {
          ifMatch: 'W/"1"',
        }),
        of("PATCH", `Patient/${two}`, parameters("Patient.active", { valueBoolean: false })),
        of("POST", "Patient", named, { ifNoneExist: `identifier=${system}|1` }),
        of(
          "POST",
          "Patient",
          { ...named, identifier: [{ system, value: "2" }] },
          {
            ifNoneExist: `Patient?identifier=${system}|2`,
          },
        ),
        of("GET", `Patient/${one}`),
        of("GET", `Patient/${one}`, undefined, { ifNoneMatch: 'W/"2"' }),
        of("GET", `Patient?identifier=${system}|`),
        of("GET", `Patient/${one}/_history`),
        of("GET", `Patient/${one}/$everything`),
        of("HEAD", `Patient/${one}/_history/1`),
      ]);
      expect(answer.status, answer.raw.body).toBe(200);
      expect(states(answer)).toEqual([
        "200",
        "200",
        "200",
        "201",
        "200",
        "304",
        "200",
        "200",
        "200",
        "200",
      ]);
      const entries = answer.body.entry;
      expect(entries[0].response.etag).toBe('W/"2"');
      expect([entries[0].resource.active, entries[1].resource.active]).toEqual([false, false]);
      expect(entries[2].response.location).toContain(`Patient/${one}/`);
      expect([entries[4].resource.active, entries[5].resource]).toEqual([false, undefined]);
      expect(entries[6].resource.entry).toHaveLength(2);
      expect(entries[7].resource.total).toBe(2);
    },
  );

  it("refuse what cannot be: each for itself in a batch, all of it in a transaction", async () => {
    const id = await created({ resourceType: "Patient", active: true });
    const refused: [string, Entry, number][] = [
      [
        "another version",
        of("PATCH", `Patient/${id}`, binary([{ op: "remove", path: "/active" }]), {
          ifMatch: 'W/"7"',
        }),
        412,
      ],
      [
        "another version of what is deleted",
        of("DELETE", `Patient/${id}`, undefined, { ifMatch: 'W/"7"' }),
        412,
      ],
      ["a Binary that is no patch", of("PATCH", `Patient/${id}`, binary("{")), 400],
      [
        "a patch that names a member twice",
        of("PATCH", `Patient/${id}`, binary('[{"op":"remove","path":"/active","path":"/id"}]')),
        400,
      ],
      [
        "a patch with a path that calls out",
        of("PATCH", `Patient/${id}`, parameters("%resource.resolve()", { valueString: "x" })),
        422,
      ],
      [
        "a patch of the id",
        of("PATCH", `Patient/${id}`, parameters("Patient.id", { valueId: "other" })),
        422,
      ],
      [
        "a patch that makes it invalid",
        of("PATCH", `Patient/${id}`, parameters("Patient.active", { valueString: "maybe" })),
        422,
      ],
      ["an operation", of("POST", "Patient/$match", { resourceType: "Parameters" }), 400],
      ["a search by POST", of("POST", "Patient/_search"), 400],
      ["a create under an id", of("POST", `Patient/${id}`, { resourceType: "Patient" }), 400],
      ["XML", of("GET", `Patient/${id}?_format=xml`), 406],
      ["an id that is a path", of("GET", "Patient/..%2f..%2fapi"), 400],
      ["criteria that inject", of("DELETE", "Patient?identifier=') OR true --"), 204],
      ["criteria that ask nothing", of("DELETE", "Patient?"), 400],
    ];
    const batch = await send(
      "batch",
      refused.map(([, entry]) => entry),
    );
    expect(states(batch).map((one, n) => [refused[n]![0], Number(one)])).toEqual(
      refused.map(([what, , status]) => [what, status]),
    );
    for (const [what, entry, status] of refused)
      if (status >= 400)
        expect(
          (await send("transaction", [of("POST", "Patient", { resourceType: "Patient" }), entry]))
            .status,
          what,
        ).toBe(status);
    expect((await danzeng.get(`/fhir/Patient/${id}`)).body).toMatchObject({
      active: true,
      meta: { versionId: "1" },
    });
  });

  it("may point at each other in a circle", async () => {
    const [a, b] = [
      "urn:uuid:11111111-1111-4111-8111-111111111111",
      "urn:uuid:22222222-2222-4222-8222-222222222222",
    ];
    const linked = (other: string) => ({
      resourceType: "Patient",
      link: [{ other: { reference: other }, type: "seealso" }],
    });
    const answer = await send("transaction", [
      { ...of("POST", "Patient", linked(b!)), fullUrl: a! },
      { ...of("POST", "Patient", linked(a!)), fullUrl: b! },
    ]);
    const [first, second] = answer.body.entry.map((one: { resource: object }) => one.resource);
    expect([first.link[0].other.reference, second.link[0].other.reference]).toEqual([
      `Patient/${second.id}`,
      `Patient/${first.id}`,
    ]);
  });

  it("come back in JSON only, whatever is asked of XML", async () => {
    const before = await danzeng.get("/fhir/Patient?_summary=count&identifier=urn:test:xml|");
    const entry = of("POST", "Patient", {
      resourceType: "Patient",
      identifier: [{ system: "urn:test:xml", value: "1" }],
    });
    for (const base of ["/fhir", "/stores/sakya-chc/fhir"]) {
      const bundle = { resourceType: "Bundle", type: "transaction", entry: [entry] };
      for (const answer of [
        await danzeng.post(`${base}?_format=xml`, bundle, json),
        await danzeng.post(`${base}/Patient?_format=application/fhir%2Bxml`, entry.resource, json),
        await danzeng.post(`${base}/Patient/$validate?_format=xml`, entry.resource, json),
        await danzeng.post(`${base}/Patient/$match?_format=xml`, entry.resource, json),
        await danzeng.get(`${base}/metadata?_format=xml`),
        await danzeng.get(`${base}/Patient?_format=text/turtle`),
      ]) {
        expect(answer.status, answer.raw.body).toBe(406);
        expect(answer.body.resourceType).toBe("OperationOutcome");
      }
    }
    const after = await danzeng.get("/fhir/Patient?_summary=count&identifier=urn:test:xml|");
    expect(after.body.total).toBe(before.body.total);
  });
});

describe("Patient/$summary by identifier", () => {
  it("is of the one whom it names, and of nobody else", async () => {
    const named = (value: string) => ({
      resourceType: "Patient",
      identifier: [{ system: "urn:test:summary", value }],
      name: [{ family: value }],
    });
    await created(named("one"));
    await created(named("two"));
    await created({ ...named("two"), birthDate: "1990-01-01" });
    const ask = (query: string, client = danzeng) =>
      client.get(`/fhir/Patient/$summary${query}`, { "accept-language": "en" });
    const found = await ask("?identifier=urn:test:summary|one&_pretty=true");
    expect(found.status, found.raw.body).toBe(200);
    expect(found.body).toMatchObject({ resourceType: "Bundle", type: "document" });
    expect(found.raw.body).toContain('"one"');
    for (const [query, status] of [
      ["", 400],
      ["?identifier=", 400],
      ["?identifier=urn:test:summary|two", 400],
      ["?identifier=urn:test:summary|one,urn:test:summary|x", 400],
      ["?identifier=urn:test:summary|one&identifier=urn:test:summary|one", 400],
      ["?identifier=urn:test:summary|one&profile=x", 400],
      ["?identifier=urn:test:summary|three", 404],
    ] as const)
      expect((await ask(query)).status, query).toBe(status);
    const query = "?identifier=urn:test:summary|one";
    expect((await ask(query, test.anonymous)).status).toBe(401);
    // Another house has no such patient, and is shown none.
    expect((await ask(query, zhou)).status).toBe(404);
    expect((await zhou.get(`/stores/sakya-chc/fhir/Patient/$summary${query}`)).status).toBe(404);
  });
});

/** Rows of audit of 萨迦 that name a patient. */
async function audited(patient: string, interaction: string) {
  const { store, context } = await sakyaAsSystem();
  return store.transaction(context, async (tx) => {
    await tx.unsafe("SELECT fhir.enter($1::text::jsonb)", [callerParameter(context)]);
    return tx.unsafe(
      "SELECT * FROM audit_event WHERE patients && $1::text[] AND interaction = $2 ORDER BY key",
      [[patient], interaction],
    );
  });
}
