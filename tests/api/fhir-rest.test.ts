import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

const json = { "content-type": "application/fhir+json" };
const jsonPatch = { "content-type": "application/json-patch+json" };
let test: TestApp;
/** Doctors of 萨迦 and of 徐汇, and somebody of 萨迦 without a doctor's rights. */
let danzeng: Client;
let zhou: Client;
beforeAll(async () => {
  test = await buildTestApp();
  danzeng = await test.as("danzeng");
  zhou = await test.as("zhouminhua");
});
afterAll(() => test.close());

let number = 0;
const newPatient = (more: object = {}) => {
  number += 1;
  return {
    resourceType: "Patient",
    identifier: [{ system: "urn:test:patient", value: `p${number}` }],
    active: true,
    name: [{ family: "拉姆", given: ["一", "二"] }],
    ...more,
  };
};
const created = async (resource: { resourceType: string }) => {
  const answer = await danzeng.post(`/fhir/${resource.resourceType}`, resource, json);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body as { id: string; meta: { versionId: string } };
};
const outcome = (answer: { body: { resourceType: string }; headers: object }) =>
  expect(answer.body.resourceType).toBe("OperationOutcome");

describe("who may", () => {
  it("refuses strangers, families and staff without a doctor's rights, in words of FHIR", async () => {
    const { id } = await created(newPatient());
    for (const [who, client, status] of [
      ["nobody", test.anonymous, 401],
      ["family", await test.as("13800138001"), 403],
      ["interpreter", await test.as("lazhen"), 403],
    ] as const)
      for (const answer of [
        await client.get(`/stores/sakya-chc/fhir/Patient/${id}`),
        await client.get("/stores/sakya-chc/fhir/Observation"),
        await client.get("/stores/sakya-chc/fhir/_history"),
        await client.put(`/stores/sakya-chc/fhir/Patient/${id}`, newPatient({ id }), json),
        await client.delete(`/stores/sakya-chc/fhir/Patient/${id}`),
        await client.post(
          "/stores/sakya-chc/fhir",
          { resourceType: "Bundle", type: "batch" },
          json,
        ),
      ]) {
        expect(answer.status, who).toBe(status);
        outcome(answer);
        expect(answer.body.issue[0].diagnostics).toMatch(/^[0-9a-f-]{36}$/);
      }
  });

  it("refuses a write without the session's token, and a token that nobody gave out", async () => {
    const raw = await test.app.inject({
      method: "POST",
      url: "/fhir/Patient",
      headers: { cookie: danzeng.cookie, ...json },
      payload: JSON.stringify(newPatient()),
    });
    expect(raw.statusCode).toBe(403);
    const bearer = await test.anonymous.get("/stores/sakya-chc/fhir/Patient/x", {
      authorization: "Bearer x",
    });
    expect(bearer.status).toBe(401);
  });

  it("lets another institution neither read without consent nor ever write; emergency needs a reason and is written down", async () => {
    const { id } = await created(newPatient());
    const address = `/stores/sakya-chc/fhir/Patient/${id}`;
    expect((await zhou.get(address)).status).toBe(404);
    expect((await zhou.get(`/fhir/Patient/${id}`)).status).toBe(404);
    expect((await zhou.put(address, newPatient({ id }), json)).status).toBe(403);
    expect((await zhou.delete(address)).status).toBe(403);
    expect((await zhou.get(`/stores/sakya-chc/fhir/Patient?_id=${id}`)).body.entry).toBeUndefined();
    expect((await zhou.get(`${address}/_history`)).status).toBe(404);
    expect((await zhou.get(`${address}/$everything`)).status).toBe(404);
    const emergency = { "x-purpose-of-use": "ETREAT" };
    expect((await zhou.get(address, emergency)).status).toBe(400);
    const reason = encodeURIComponent("昏迷，无法询问");
    const seen = await zhou.get(address, { ...emergency, "x-break-glass-reason": reason });
    expect(seen.status).toBe(200);
    // The glass is broken for one patient, not for a whole hospital.
    const broken = { ...emergency, "x-break-glass-reason": reason };
    for (const all of [
      "Patient",
      "Patient?_count=5",
      "_history",
      "Patient/_history",
      "?_type=Patient",
    ])
      expect((await zhou.get(`/stores/sakya-chc/fhir/${all}`, broken)).status, all).toBe(400);
    expect(
      (await zhou.get(`/stores/sakya-chc/fhir/Patient?_id=${id}`, broken)).body.entry,
    ).toHaveLength(1);
  });

  it("knows no institution that keeps no records here", async () => {
    expect((await danzeng.get("/stores/mabujia/fhir/Patient/1")).status).toBe(404);
    expect((await danzeng.get("/stores/..%2f..%2fapi/fhir/Patient/1")).status).toBe(404);
  });
});

describe("one resource", () => {
  it("is created, read, changed, deleted, and every version stays", async () => {
    const made = await danzeng.post("/fhir/Patient", newPatient(), json);
    expect(made.status).toBe(201);
    const { id } = made.body;
    expect(made.headers.location).toBe(`http://localhost:8080/fhir/Patient/${id}/_history/1`);
    expect(made.headers.etag).toBe('W/"1"');
    expect(made.headers["last-modified"]).toBeTruthy();
    const read = await danzeng.get(`/fhir/Patient/${id}`);
    expect(read.body).toEqual(made.body);
    expect(read.headers["content-type"]).toContain("application/fhir+json");
    const changed = await danzeng.put(`/fhir/Patient/${id}`, { ...read.body, active: false }, json);
    expect([changed.status, changed.body.meta.versionId]).toEqual([200, "2"]);
    expect((await danzeng.delete(`/fhir/Patient/${id}`)).status).toBe(204);
    expect((await danzeng.delete(`/fhir/Patient/${id}`)).status).toBe(204);
    const gone = await danzeng.get(`/fhir/Patient/${id}`);
    expect(gone.status).toBe(410);
    outcome(gone);
    expect((await danzeng.get(`/fhir/Patient/${id}/_history/1`)).body).toEqual(made.body);
    expect((await danzeng.get(`/fhir/Patient/${id}/_history/3`)).status).toBe(410);
    expect((await danzeng.get(`/fhir/Patient/${id}/_history/9`)).status).toBe(404);
    const history = (await danzeng.get(`/fhir/Patient/${id}/_history`)).body;
    expect(history.total).toBe(3);
    expect(history.entry.map((one: { request: { method: string } }) => one.request.method)).toEqual(
      ["DELETE", "PUT", "POST"],
    );
    const back = await danzeng.put(`/fhir/Patient/${id}`, newPatient({ id }), json);
    expect([back.status, back.body.meta.versionId]).toEqual([201, "4"]);
  });

  it("takes an id that the sender chose, and none that is a path", async () => {
    const answer = await danzeng.put("/fhir/Patient/a.b-C9", newPatient({ id: "a.b-C9" }), json);
    expect(answer.status).toBe(201);
    for (const id of ["..%2f..", "a%2Fb", "a b", "x".repeat(65), "a_b", "%00"]) {
      const read = await danzeng.get(`/stores/sakya-chc/fhir/Patient/${id}`);
      expect([400, 404], id).toContain(read.status);
      const write = await danzeng.put(
        `/stores/sakya-chc/fhir/Patient/${id}`,
        newPatient({ id }),
        json,
      );
      expect([400, 403, 404], id).toContain(write.status);
    }
    const mismatch = await danzeng.put("/fhir/Patient/a", newPatient({ id: "b" }), json);
    expect(mismatch.status).toBe(400);
  });

  it("changes only the version that the sender has seen; of two at once one wins", async () => {
    const { id } = await created(newPatient());
    const put = (active: boolean, etag: string) =>
      danzeng.put(`/fhir/Patient/${id}`, newPatient({ id, active }), { ...json, "if-match": etag });
    const both = await Promise.all([put(true, 'W/"1"'), put(false, 'W/"1"')]);
    expect(both.map((one) => one.status).sort()).toEqual([200, 412]);
    for (const [etag, status] of [
      ["*", 200],
      ['W/"1", W/"3"', 200],
      ['W/"1", W/"3"', 412],
      ['"somebody-elses"', 412],
      ["garbage", 400],
      ['*, W/"4"', 400],
    ] as const)
      expect((await put(true, etag)).status, etag).toBe(status);
    const nobody = danzeng.put("/fhir/Patient/no-one", newPatient({ id: "no-one" }), {
      ...json,
      "if-match": "*",
    });
    expect((await nobody).status).toBe(412);
    const { headers } = await danzeng.get(`/fhir/Patient/${id}`);
    const again = await danzeng.get(`/fhir/Patient/${id}`, {
      "if-none-match": String(headers.etag),
    });
    expect([again.status, again.raw.body]).toEqual([304, ""]);
    const since = { "if-modified-since": String(headers["last-modified"]) };
    expect((await danzeng.get(`/fhir/Patient/${id}`, since)).status).toBe(304);
    const onlyNew = { ...json, "if-none-match": "*" };
    expect((await danzeng.put(`/fhir/Patient/${id}`, newPatient({ id }), onlyNew)).status).toBe(
      412,
    );
    expect((await danzeng.delete(`/fhir/Patient/${id}`, { "if-match": 'W/"1"' })).status).toBe(412);
    const patch = [{ op: "replace", path: "/active", value: false }];
    const patched = (etag: string) =>
      danzeng.patch(`/fhir/Patient/${id}`, patch, { ...jsonPatch, "if-match": etag });
    expect((await patched('W/"1", W/"2"')).status).toBe(412);
    expect((await patched("*")).status).toBe(200);
    expect((await danzeng.get(`/fhir/Patient/${id}/_history`)).body.total).toBe(5);
    expect((await danzeng.delete(`/fhir/Patient/${id}`, { "if-match": "*" })).status).toBe(204);
    expect((await put(true, "*")).status).toBe(412);
  });

  it("is created once where a condition finds it, and says where it is", async () => {
    const patient = newPatient();
    const once = (condition: string) =>
      danzeng.post("/fhir/Patient", patient, { ...json, "if-none-exist": condition });
    const condition = `identifier=urn:test:patient|${patient.identifier[0]!.value}`;
    const made = await once(condition);
    const found = await once(`Patient?${condition}`);
    expect([made.status, found.status]).toEqual([201, 200]);
    expect(found.headers.location).toBe(made.headers.location);
    for (const empty of ["", "?", "Patient?"]) {
      const answer = await once(empty);
      expect(answer.status, empty).toBe(400);
      outcome(answer);
    }
  });

  it("is patched by JSON Patch and by FHIRPath Patch, wholly or not at all", async () => {
    const { id } = await created(newPatient());
    const address = `/fhir/Patient/${id}`;
    const patched = await danzeng.patch(
      address,
      [
        { op: "test", path: "/active", value: true },
        { op: "replace", path: "/active", value: false },
        { op: "add", path: "/name/0/given/-", value: "三" },
      ],
      jsonPatch,
    );
    expect(patched.status, JSON.stringify(patched.body)).toBe(200);
    expect(patched.body).toMatchObject({ active: false, meta: { versionId: "2" } });
    expect(patched.body.name[0].given).toEqual(["一", "二", "三"]);
    for (const patch of [
      [{ op: "test", path: "/active", value: true }],
      [{ op: "remove", path: "/nothing" }],
      [{ op: "replace", path: "/id", value: "other" }],
      [{ op: "add", path: "/__proto__/x", value: 1 }],
      [{ op: "replace", path: "", value: { resourceType: "Patient" } }],
    ])
      expect((await danzeng.patch(address, patch, jsonPatch)).status, JSON.stringify(patch)).toBe(
        422,
      );
    expect((await danzeng.patch(address, { op: "add" }, jsonPatch)).status).toBe(400);
    const part = (parts: Record<string, object>) => ({
      name: "operation",
      part: Object.entries(parts).map(([name, value]) => ({ name, ...value })),
    });
    const fhirPath = await danzeng.patch(
      address,
      {
        resourceType: "Parameters",
        parameter: [
          part({
            type: { valueCode: "replace" },
            path: { valueString: "Patient.name.where(family = '拉姆').given[0]" },
            value: { valueString: "甲" },
          }),
          part({
            type: { valueCode: "add" },
            path: { valueString: "Patient" },
            name: { valueString: "birthDate" },
            value: { valueDate: "1980-01-01" },
          }),
          part({
            type: { valueCode: "move" },
            path: { valueString: "Patient.name[0].given" },
            source: { valueInteger: 2 },
            destination: { valueInteger: 0 },
          }),
          part({ type: { valueCode: "delete" }, path: { valueString: "Patient.active" } }),
          part({
            type: { valueCode: "insert" },
            path: { valueString: "Patient.identifier" },
            index: { valueInteger: 0 },
            value: { valueIdentifier: { system: "urn:x", value: "1" } },
          }),
          part({
            type: { valueCode: "add" },
            path: { valueString: "Patient" },
            name: { valueString: "contact" },
            value: { part: [{ name: "name", valueHumanName: { text: "乙" } }] },
          }),
        ],
      },
      json,
    );
    expect(fhirPath.status, JSON.stringify(fhirPath.body)).toBe(200);
    expect(fhirPath.body).toMatchObject({
      birthDate: "1980-01-01",
      contact: [{ name: { text: "乙" } }],
    });
    expect(fhirPath.body.name[0].given).toEqual(["三", "甲", "二"]);
    expect(fhirPath.body.active).toBeUndefined();
    expect(fhirPath.body.identifier[0].system).toBe("urn:x");
  });

  it("is answered in the form that was asked for", async () => {
    const answer = await danzeng.post("/fhir/Patient", newPatient({ gender: "female" }), {
      ...json,
      prefer: "return=minimal",
    });
    expect([answer.status, answer.raw.body]).toEqual([201, ""]);
    const address = String(answer.headers.location)
      .replace("http://localhost:8080", "")
      .replace(/\/_history.*/, "");
    const elements = (await danzeng.get(`${address}?_elements=gender`)).body;
    expect(elements).toMatchObject({ gender: "female", meta: { tag: [{ code: "SUBSETTED" }] } });
    expect(elements.name).toBeUndefined();
    const summary = (await danzeng.get(`${address}?_summary=true`)).body;
    expect(summary.gender).toBe("female");
    expect((await danzeng.get(`${address}?_summary=text`)).body.gender).toBeUndefined();
    expect((await danzeng.get(`${address}?_summary=nonsense`)).status).toBe(400);
    expect((await danzeng.get(`${address}?_pretty=true`)).raw.body).toContain('\n  "');
    expect((await danzeng.get(`${address}?_format=json`)).status).toBe(200);
    expect((await danzeng.get(`${address}?_format=xml`)).status).toBe(406);
    expect((await danzeng.get(address, { accept: "application/fhir+xml" })).status).toBe(406);
    expect((await danzeng.get(`${address}?_nonsense=1`)).status).toBe(400);
    const outcomeOnly = await danzeng.put(
      address,
      { ...elements, meta: undefined },
      { ...json, prefer: "return=OperationOutcome" },
    );
    expect(outcomeOnly.body.resourceType).toBe("OperationOutcome");
  });

  it("keeps decimals as they were sent", async () => {
    const text =
      '{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.50,"unit":"g"}}';
    const raw = await test.app.inject({
      method: "POST",
      url: "/fhir/Observation",
      headers: { cookie: danzeng.cookie, "x-csrf-token": danzeng.csrfToken, ...json },
      payload: text,
    });
    expect(raw.statusCode).toBe(201);
    expect(raw.body).toContain("1.50");
    expect((await danzeng.get(`/fhir/Observation/${raw.json().id}`)).raw.body).toContain("1.50");
  });
});

describe("what cannot be taken", () => {
  const send = (payload: string | Buffer, type = "application/fhir+json", url = "/fhir/Patient") =>
    test.app.inject({
      method: "POST",
      url,
      headers: { cookie: danzeng.cookie, "x-csrf-token": danzeng.csrfToken, "content-type": type },
      payload,
    });
  it("is refused with a clear outcome", async () => {
    const patient = JSON.stringify(newPatient());
    for (const [what, answer, status] of [
      ["no JSON", await send("{"), 400],
      ["a name twice", await send('{"resourceType":"Patient","active":true,"active":false}'), 400],
      ["a name twice, escaped", await send('{"resourceType":"Patient","a":1,"\\u0061":2}'), 400],
      [
        "too deep",
        await send(`{"resourceType":"Patient","x":${"[".repeat(200)}${"]".repeat(200)}}`),
        400,
      ],
      [
        "other charset",
        await send(Buffer.from(patient, "utf16le"), "application/fhir+json; charset=utf-16"),
        415,
      ],
      ["no UTF-8", await send(Buffer.from([0x22, 0xff, 0xfe, 0x22])), 400],
      ["XML", await send("<Patient/>", "application/fhir+xml"), 415],
      ["another type", await send(JSON.stringify({ resourceType: "Observation" })), 400],
      ["no type of R4", await send(patient, undefined, "/fhir/Nonsense"), 404],
      ["a list", await send("[1]"), 400],
      ["nothing", await send(""), 400],
      ["NUL", await send('{"resourceType":"Patient","name":[{"family":"\\u0000"}]}'), 400],
      ["too large", await send(`"${"x".repeat(33 * 1024 * 1024)}"`), 413],
    ] as const) {
      expect(
        answer.statusCode === status || (what === "NUL" && answer.statusCode === 422),
        `${what}: ${answer.body.slice(0, 300)}`,
      ).toBe(true);
      expect(answer.json().resourceType, what).toBe("OperationOutcome");
    }
  });

  it("is an OperationOutcome also where there is no such address", async () => {
    const seen: unknown[] = [];
    for (const base of ["/fhir", "/stores/sakya-chc/fhir"])
      for (const [method, path] of [
        ["GET", "/a/b/c/d/e"],
        ["GET", "/Patient/1/$nope"],
        ["POST", "/Patient/$nope"],
        ["POST", "/Patient/1/2/3"],
        ["PUT", ""],
        ["DELETE", "/"],
        ["PATCH", "/metadata/x/y"],
      ] as const) {
        const answer = await test.app.inject({
          method,
          url: base + path,
          headers: { cookie: danzeng.cookie, "x-csrf-token": danzeng.csrfToken },
        });
        if (answer.statusCode !== 404 || !answer.body.includes("OperationOutcome"))
          seen.push([method, base + path, answer.statusCode, answer.body]);
      }
    expect(seen).toEqual([]);
  });

  it("is said by $validate without being stored", async () => {
    const fine = await danzeng.post("/fhir/Patient/$validate", newPatient(), json);
    expect([fine.status, fine.body.resourceType]).toEqual([200, "OperationOutcome"]);
    const { id } = await created(newPatient());
    expect(
      (await danzeng.post(`/fhir/Patient/${id}/$validate?mode=delete`, undefined, json)).status,
    ).toBe(200);
    expect(
      (await danzeng.post("/fhir/Patient/$validate?mode=wrong", newPatient(), json)).status,
    ).toBe(400);
  });
});

describe("histories", () => {
  it("page by key over a type and everything, stable while others write", async () => {
    const since = test.clock.now.toISOString();
    const ids = [];
    for (let n = 0; n < 5; n += 1)
      ids.push(
        (
          await created({
            ...newPatient(),
            resourceType: "Basic",
            name: undefined,
            identifier: undefined,
            active: undefined,
            code: { text: "x" },
          } as never)
        ).id,
      );
    for (const address of ["/fhir/Basic/_history", "/fhir/_history"]) {
      const seen: string[] = [];
      let url = `${address}?_count=2&_since=${encodeURIComponent(since)}`;
      for (let page = 0; page < 20; page += 1) {
        const { body } = await danzeng.get(url);
        seen.push(
          ...(body.entry ?? []).map(
            (one: { fullUrl: string; response: { etag: string } }) =>
              one.fullUrl + one.response.etag,
          ),
        );
        const next = body.link.find((one: { relation: string }) => one.relation === "next");
        if (!next) break;
        if (page === 0) await created({ resourceType: "Basic", code: { text: "later" } } as never);
        url = next.url.replace("http://localhost:8080", "");
      }
      expect(new Set(seen).size).toBe(seen.length);
      for (const id of ids) expect(seen.join()).toContain(id);
    }
    expect((await danzeng.get("/fhir/Basic/_history?_at=2020")).status).toBe(400);
  });
});
