import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

const json = { "content-type": "application/fhir+json" };
let test: TestApp;
let danzeng: Client;
let zhou: Client;
/** The store's tables as their administrator, for what no interaction shows. */
let admin: postgres.Sql;
beforeAll(async () => {
  test = await buildTestApp();
  danzeng = await test.as("danzeng");
  zhou = await test.as("zhouminhua");
  await danzeng.get("/fhir/Basic");
  const url = new URL(test.database.admin);
  url.pathname = new URL(await test.database.records()).pathname;
  admin = postgres(url.href, { max: 2, onnotice: () => {} });
});
afterAll(async () => {
  await admin.end();
  await test.close();
});

let number = 0;
const unique = () => {
  number += 1;
  return `n${number}`;
};
const patient = (value: string, more: object = {}) => ({
  resourceType: "Patient",
  identifier: [{ system: "urn:test", value }],
  ...more,
});
const observation = (subject: string, more: object = {}) => ({
  resourceType: "Observation",
  status: "final",
  code: { coding: [{ system: "http://loinc.org", code: "718-7" }] },
  subject: { reference: subject },
  ...more,
});
const bundle = (type: string, entry: object[]) => ({ resourceType: "Bundle", type, entry });
const send = (body: object, headers: object = {}) =>
  danzeng.post("/fhir", body, { ...json, ...headers });
const entry = (method: string, url: string, resource?: object, more: object = {}) => ({
  ...("fullUrl" in more ? { fullUrl: more.fullUrl } : {}),
  ...(resource ? { resource } : {}),
  request: {
    method,
    url,
    ...Object.fromEntries(Object.entries(more).filter(([key]) => key !== "fullUrl")),
  },
});
const idOf = (location: string) => location.split("/")[1]!;

describe("a transaction", () => {
  it("links its entries by urn:uuid wherever they point, also through conditional entries", async () => {
    const [p, o, d] = [1, 2, 3].map((n) => `urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e${n}`);
    const name = unique();
    const link = `<div xmlns="http://www.w3.org/1999/xhtml"><a href="${p}">x</a></div>`;
    const pointing = observation(p!, {
      hasMember: [{ reference: d }],
      note: [{ text: p }],
      extension: [{ url: "http://example.org/x", valueUri: p }],
    });
    const first = await send(
      bundle("transaction", [
        entry("GET", `Observation?subject:Patient.identifier=urn:test|${name}`),
        entry("POST", "Observation", pointing, { fullUrl: o }),
        entry("PUT", `Patient?identifier=urn:test|${name}`, patient(name), { fullUrl: p }),
        entry(
          "POST",
          "Observation",
          observation(p!, { text: { status: "generated", div: link } }),
          { fullUrl: d },
        ),
      ]),
    );
    expect(first.status, JSON.stringify(first.body)).toBe(200);
    const locations = first.body.entry.map(
      (one: { response: { location?: string } }) => one.response.location ?? "",
    );
    const patientId = idOf(locations[2]);
    // Reads come after the writes, whatever their place.
    expect(first.body.entry[0].resource.entry).toHaveLength(2);
    const made = (await danzeng.get(`/fhir/Observation/${idOf(locations[1])}`)).body;
    expect(made.subject.reference).toBe(`Patient/${patientId}`);
    expect(made.extension[0].valueUri).toBe(`Patient/${patientId}`);
    expect(made.note[0].text).toBe(p);
    expect(made.hasMember[0].reference).toBe(`Observation/${idOf(locations[3])}`);
    const narrative = (await danzeng.get(`/fhir/Observation/${idOf(locations[3])}`)).body.text.div;
    expect(narrative).toContain(`href="Patient/${patientId}"`);
    // The same once more: the conditional update finds the patient, a conditional reference as well.
    const second = await send(
      bundle("transaction", [
        entry("PUT", `Patient?identifier=urn:test|${name}`, patient(name, { active: true }), {
          fullUrl: p,
        }),
        entry("POST", "Observation", observation(p!)),
        entry("POST", "Observation", observation(`Patient?identifier=urn:test|${name}`)),
        entry("POST", "Patient", patient(name), { ifNoneExist: `identifier=urn:test|${name}` }),
      ]),
      { prefer: "return=representation" },
    );
    expect(second.status, JSON.stringify(second.body)).toBe(200);
    expect(second.body.entry[0].response).toMatchObject({ status: "200 OK", etag: 'W/"2"' });
    for (const n of [1, 2])
      expect(second.body.entry[n].resource.subject.reference).toBe(`Patient/${patientId}`);
    expect(second.body.entry[3].response).toMatchObject({ status: "200 OK" });
    expect(idOf(second.body.entry[3].response.location)).toBe(patientId);
  });

  it("is all or nothing, says which rule it breaks, and leaves no trace when it fails", async () => {
    const name = unique();
    const nowhere = `urn:uuid:${randomUUID()}`;
    const count = async () => Number((await admin`select count(*)::int as n from resource`)[0]!.n);
    const before = await count();
    for (const [why, body, status] of [
      [
        "unknown conditional reference",
        bundle("transaction", [
          entry("POST", "Patient", patient(name)),
          entry("POST", "Observation", observation("Patient?identifier=urn:test|nobody")),
        ]),
        400,
      ],
      [
        "a reference to an entry that is not there",
        bundle("transaction", [
          entry("POST", "Patient", patient(name), { fullUrl: `urn:uuid:${randomUUID()}` }),
          entry("POST", "Observation", observation(nowhere)),
        ]),
        400,
      ],
      [
        "a reference to an entry that goes",
        bundle("transaction", [
          entry("DELETE", "Patient/x3", undefined, { fullUrl: nowhere }),
          entry("POST", "Observation", observation(nowhere)),
        ]),
        400,
      ],
      [
        "one twice",
        bundle("transaction", [
          entry("PUT", "Patient/x1", patient(name, { id: "x1" })),
          entry("DELETE", "Patient/x1"),
        ]),
        400,
      ],
      [
        "one invalid",
        bundle("transaction", [
          entry("POST", "Patient", patient(name)),
          entry("POST", "Patient", { resourceType: "Patient", gender: "both" }),
        ]),
        422,
      ],
      [
        "a version that is not there",
        bundle("transaction", [
          entry("POST", "Patient", patient(name)),
          entry("PUT", "Patient/x2", patient(name, { id: "x2" }), { ifMatch: 'W/"7"' }),
        ]),
        412,
      ],
      [
        "a read that fails",
        bundle("transaction", [
          entry("POST", "Patient", patient(name)),
          entry("GET", "Patient/nobody"),
        ]),
        404,
      ],
      ["elsewhere", bundle("transaction", [entry("GET", "http://evil.example/Patient/1")]), 400],
      ["no method", bundle("transaction", [{ resource: patient(name) }]), 400],
      [
        "too many",
        bundle(
          "transaction",
          Array.from({ length: 10_001 }, () => entry("GET", "Patient/1")),
        ),
        400,
      ],
      ["no transaction", bundle("collection", []), 400],
    ] as const) {
      const answer = await send(body);
      expect(answer.status, `${why}: ${JSON.stringify(answer.body).slice(0, 400)}`).toBe(status);
      expect(answer.body.resourceType, why).toBe("OperationOutcome");
      if (why.startsWith("a reference to"))
        expect(answer.body.issue[0].details.text).toMatch(
          /Bundle\.entry\[1\]\.resource.*urn:uuid:/,
        );
      if (why === "one invalid")
        expect(answer.body.issue).toContainEqual(
          expect.objectContaining({ expression: ["Bundle.entry[1].resource.gender"] }),
        );
    }
    expect(await count()).toBe(before);
    expect(
      (
        await zhou.post(
          "/stores/sakya-chc/fhir",
          bundle("transaction", [entry("POST", "Patient", patient(name))]),
          json,
        )
      ).status,
    ).toBe(403);
  });

  it("of the same resources from many sides at once waits and does not deadlock", async () => {
    const names = Array.from({ length: 12 }, () => `lock-${unique()}`);
    const one = (order: readonly string[]) =>
      send(
        bundle(
          "transaction",
          order.map((id) => entry("PUT", `Patient/${id}`, patient(id, { id }))),
        ),
      );
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, n) => one(n % 2 ? names : names.toReversed())),
    );
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 200));
    expect((await danzeng.get(`/fhir/Patient/${names[0]}`)).body.meta.versionId).toBe("6");
    // And conditional creates of the same thing make one.
    const name = unique();
    const creates = await Promise.all(
      Array.from({ length: 6 }, () =>
        danzeng.post("/fhir/Patient", patient(name), {
          ...json,
          "if-none-exist": `identifier=urn:test|${name}`,
        }),
      ),
    );
    expect(creates.map((answer) => answer.status).sort()).toEqual([200, 200, 200, 200, 200, 201]);
    expect(new Set(creates.map((answer) => answer.body.id)).size).toBe(1);
  });
});

describe("a batch", () => {
  it("takes each entry for itself and answers each in its place", async () => {
    const { body, status } = await send(
      bundle("batch", [
        entry("POST", "Patient", patient(unique())),
        entry("POST", "Patient", { resourceType: "Patient", gender: "both" }),
        entry("GET", "Patient/nobody"),
        entry("DELETE", "Patient/nobody"),
        entry("GET", "Patient?nonsense=1"),
        entry("PATCH", "Patient/nobody", { resourceType: "Parameters", parameter: [] }),
      ]),
    );
    expect(status).toBe(200);
    expect(body.type).toBe("batch-response");
    expect(
      body.entry.map((one: { response: { status: string } }) => one.response.status.slice(0, 3)),
    ).toEqual(["201", "422", "404", "204", "400", "404"]);
    expect(body.entry[1].response.outcome.issue[1].expression).toEqual(["Patient.gender"]);
  });
});

describe("conditions in addresses", () => {
  it("update, patch and delete the one that meets them, and none of several", async () => {
    const name = unique();
    const made = await danzeng.put(
      `/fhir/Patient?identifier=urn:test|${name}`,
      patient(name),
      json,
    );
    expect(made.status).toBe(201);
    const again = await danzeng.put(
      `/fhir/Patient?identifier=urn:test|${name}`,
      patient(name),
      json,
    );
    expect([again.status, again.body.id, again.body.meta.versionId]).toEqual([
      200,
      made.body.id,
      "2",
    ]);
    const patched = await danzeng.patch(
      `/fhir/Patient?identifier=urn:test|${name}`,
      [{ op: "add", path: "/active", value: true }],
      { "content-type": "application/json-patch+json" },
    );
    expect([patched.status, patched.body.active]).toEqual([200, true]);
    await danzeng.post("/fhir/Patient", patient(name), json);
    expect(
      (await danzeng.put(`/fhir/Patient?identifier=urn:test|${name}`, patient(name), json)).status,
    ).toBe(412);
    expect((await danzeng.delete(`/fhir/Patient?identifier=urn:test|${name}`)).status).toBe(412);
    expect((await danzeng.delete(`/fhir/Patient/${made.body.id}`)).status).toBe(204);
    expect((await danzeng.delete(`/fhir/Patient?identifier=urn:test|${name}`)).status).toBe(204);
    expect((await danzeng.delete(`/fhir/Patient?identifier=urn:test|${name}`)).status).toBe(204);
    const absent = await danzeng.put(
      "/fhir/Patient?identifier=urn:test|absent",
      patient("absent", { id: "absent" }),
      { ...json, "if-match": 'W/"1", W/"2"' },
    );
    expect(absent.status).toBe(412);
    expect((await danzeng.delete("/fhir/Patient")).status).toBe(400);
    expect((await danzeng.delete("/fhir/Patient?_count=1")).status).toBe(400);
    expect((await danzeng.delete("/fhir/Patient?nonsense=1")).status).toBe(400);
  });

  it("search by GET and by POST alike, and never less than asked", async () => {
    const name = unique();
    const { body } = await danzeng.post("/fhir/Patient", patient(name), json);
    await danzeng.post("/fhir/Observation", observation(`Patient/${body.id}`), json);
    const found = await danzeng.get(
      `/fhir/Observation?patient=${body.id}&_include=Observation:patient&_total=accurate`,
    );
    expect(found.body).toMatchObject({ type: "searchset", total: 1 });
    expect(found.body.entry.map((one: { search: { mode: string } }) => one.search.mode)).toEqual([
      "match",
      "include",
    ]);
    const posted = await test.app.inject({
      method: "POST",
      url: "/fhir/Patient/_search",
      headers: {
        cookie: danzeng.cookie,
        "x-csrf-token": danzeng.csrfToken,
        "content-type": "application/x-www-form-urlencoded",
      },
      payload: `identifier=urn:test|${name}`,
    });
    expect(posted.json().entry[0].resource.id).toBe(body.id);
    for (const query of ["nonsense=1", "birthdate=yesterday", "_id:wrong=1", "identifier=1&_has:x"])
      expect((await danzeng.get(`/fhir/Patient?${query}`)).status, query).toBe(400);
    const lenient = await danzeng.get(`/fhir/Patient?identifier=urn:test|${name}&nonsense=1`, {
      prefer: "handling=lenient",
    });
    expect(lenient.body.entry.map((one: { search: { mode: string } }) => one.search.mode)).toEqual([
      "match",
      "outcome",
    ]);
    expect(
      (await danzeng.get(`/fhir/Patient?identifier=urn:test|${name}&_summary=count`)).body.total,
    ).toBe(1);
  });
});

describe("consent", () => {
  const label = {
    security: [{ system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "PSY" }],
  };
  const at = (hours: number) => new Date(test.clock.now.getTime() + hours * 3_600_000);
  const rule = async (
    patientId: string,
    recipient: string | null,
    decision: string,
    category: string | null = null,
    from = -1,
    to: number | null = null,
  ) => {
    const tenant = test.ids.institutions.get("sakya-chc")!;
    await admin`insert into consent_rule (tenant, patient, recipient, label, decision, starts_at, ends_at)
      values (${tenant}, ${patientId}, ${recipient ? test.ids.institutions.get(recipient)! : null}, ${category}, ${decision}, ${at(from)}, ${to === null ? null : at(to)})`;
  };
  const record = async () => {
    const { body } = await danzeng.post("/fhir/Patient", patient(unique()), json);
    const subject = { reference: `Patient/${body.id}` };
    const make = async (resource: { resourceType: string }) =>
      (await danzeng.post(`/fhir/${resource.resourceType}`, resource, json)).body.id as string;
    return {
      id: body.id as string,
      plain: await make(observation(subject.reference)),
      sensitive: await make({ ...observation(subject.reference), meta: label } as never),
      allergy: await make({
        resourceType: "AllergyIntolerance",
        patient: subject,
        code: { text: "青霉素" },
        clinicalStatus: {
          coding: [
            {
              system: "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical",
              code: "active",
            },
          ],
        },
      } as never),
    };
  };
  /** What 周敏华 of 徐汇 gets of it, by every way there is. */
  const seen = async (one: Awaited<ReturnType<typeof record>>) => {
    const base = "/stores/sakya-chc/fhir";
    const read: string[] = [];
    for (const [type, id] of [
      ["Patient", one.id],
      ["Observation", one.plain],
      ["Observation", one.sensitive],
      ["AllergyIntolerance", one.allergy],
    ] as const)
      if ((await zhou.get(`${base}/${type}/${id}`)).status === 200) read.push(id);
    const listed = async (address: string) =>
      ((await zhou.get(address)).body.entry ?? [])
        .filter((entry: { search?: { mode: string } }) => entry.search?.mode !== "outcome")
        .map((entry: { resource: { id: string } }) => entry.resource.id);
    const found = [
      ...(await listed(`${base}/Patient?_id=${one.id}`)),
      ...(await listed(`${base}/Observation?subject=Patient/${one.id}`)),
      ...(await listed(`${base}/AllergyIntolerance?patient=${one.id}`)),
    ];
    const all = await listed(`${base}/Patient/${one.id}/$everything`);
    const histories = (await listed(`${base}/_history?_count=1000`)).filter((id: string) =>
      Object.values(one).includes(id),
    );
    const chained = await listed(
      `${base}/Patient?_id=${one.id}&_has:Observation:patient:code=718-7`,
    );
    for (const list of [found, all, histories]) expect(list.toSorted()).toEqual(read.toSorted());
    return {
      read: Object.entries(one)
        .filter(([, id]) => read.includes(id))
        .map(([key]) => key),
      chained: chained.length,
    };
  };
  it("decides in every way of asking: nothing without it, what it permits, and allergies always once the patient spoke", async () => {
    const one = await record();
    expect(await seen(one)).toEqual({ read: [], chained: 0 });
    await rule(one.id, "xuhui-central", "permit", null, -5, -2);
    await rule(one.id, "xuhui-central", "permit", null, 2);
    expect(await seen(one)).toEqual({ read: [], chained: 0 });
    await rule(one.id, "xuhui-central", "permit");
    expect(await seen(one)).toEqual({ read: ["id", "plain", "sensitive", "allergy"], chained: 1 });
    await rule(one.id, null, "deny", "PSY");
    expect((await seen(one)).read).toEqual(["id", "plain", "allergy"]);
    const everything = await zhou.get(`/stores/sakya-chc/fhir/Patient/${one.id}/$everything`);
    expect(everything.body.entry.at(-1)).toMatchObject({
      search: { mode: "outcome" },
      resource: { issue: [{ code: "suppressed", diagnostics: "1" }] },
    });
    await rule(one.id, "xuhui-central", "deny");
    expect((await seen(one)).read).toEqual(["allergy"]);
    // His own hospital goes on as before, unless he named it.
    expect((await danzeng.get(`/fhir/Observation/${one.sensitive}`)).status).toBe(200);
    await rule(one.id, "sakya-chc", "deny", "PSY");
    expect((await danzeng.get(`/fhir/Observation/${one.sensitive}`)).status).toBe(404);
    expect((await danzeng.get(`/fhir/Observation/${one.plain}`)).status).toBe(200);
  });

  it("leaves of every access who, whose, why and with what outcome", async () => {
    const one = await record();
    await zhou.get(`/stores/sakya-chc/fhir/Patient/${one.id}`);
    await zhou.get(`/stores/sakya-chc/fhir/Observation/${one.plain}`, {
      "x-purpose-of-use": "ETREAT",
      "x-break-glass-reason": "unconscious",
    });
    await danzeng.get(`/fhir/Observation?patient=${one.id}`);
    await danzeng.get(`/fhir/Patient/${one.id}/$everything`);
    await danzeng.get(`/fhir/Observation/${one.plain}/_history`);
    const rows =
      await admin`select actor_name, interaction, purpose, reason, outcome from audit_event where ${one.id} = any(patients) order by key`;
    expect(rows.map((row) => [row.actor_name, row.interaction, row.purpose, row.outcome])).toEqual([
      ["旦增", "create", "treatment", "ok"],
      ["旦增", "create", "treatment", "ok"],
      ["旦增", "create", "treatment", "ok"],
      ["旦增", "create", "treatment", "ok"],
      ["周敏华", "read", "treatment", "withheld"],
      ["周敏华", "read", "emergency", "ok"],
      ["旦增", "search", "treatment", "ok"],
      ["旦增", "everything", "treatment", "ok"],
      ["旦增", "history", "treatment", "ok"],
    ]);
    expect(rows[5]!.reason).toBe("unconscious");
  });

  it("keeps institutions apart in one database even when a query forgets to", async () => {
    const app = postgres(await test.database.records(), { max: 1 });
    for (const table of [
      "resource",
      "resource_version",
      "consent_rule",
      "audit_event",
      "search_token",
    ])
      expect((await app.unsafe(`select 1 from ${table} limit 1`)).length, table).toBe(0);
    await expect(app`update resource_version set content = null`).rejects.toThrow(/denied/);
    await expect(app`delete from audit_event`).rejects.toThrow(/denied/);
    await expect(app`delete from resource`).rejects.toThrow(/denied/);
    await app.end();
  });
});

describe("a store that is paused", () => {
  it("answers 503 until it is taken up again", async () => {
    const alliance = postgres(test.database.admin, { max: 1 });
    const pause = async (at: Date | null) => {
      await alliance`update record_store set paused_at = ${at} where institution_id = ${test.ids.institutions.get("sakya-chc")!}`;
      test.services.records.refresh();
    };
    await pause(test.clock.now);
    const answer = await danzeng.get("/fhir/Patient?_count=1");
    expect([answer.status, answer.body.resourceType]).toEqual([503, "OperationOutcome"]);
    expect(answer.headers["retry-after"]).toBeTruthy();
    expect((await zhou.get("/fhir/Patient?_count=1")).status).toBe(200);
    await pause(null);
    expect((await danzeng.get("/fhir/Patient?_count=1")).status).toBe(200);
    await alliance.end();
  });
});
