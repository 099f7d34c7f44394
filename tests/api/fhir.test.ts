import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { practitionerRoleId } from "../../fhir-mappings/practitioner-role.ts";
import { consult, consultConsent, consultOpinion } from "../../server/consult/schema.ts";
import { dawaRequest, draft, submitDemoConsult } from "../../server/demo/consults.ts";
import { practitionerPost } from "../../server/directory/schema.ts";
import { validateResource } from "../../server/fhir/service.ts";
import { systemActor } from "../../server/identity/session-service.ts";
import { problemsOf } from "../fhir/definitions.ts";
import { type Answer, buildTestApp, type Client, type TestApp } from "../support/app.ts";

let test: TestApp;
let danzeng: Client;
let ids: Record<string, string>;
beforeAll(async () => {
  test = await buildTestApp();
  danzeng = await test.as("danzeng");
  ids = await test.services.db.withActor(systemActor("test"), async (tx) => {
    const [opinion] = await tx.select().from(consultOpinion);
    const [row] = await tx.select().from(consult).where(eq(consult.id, opinion!.consultId));
    const [consent] = await tx
      .select()
      .from(consultConsent)
      .where(eq(consultConsent.consultId, row!.id));
    const [post] = await tx.select().from(practitionerPost).limit(1);
    return {
      Patient: row!.patientId,
      Practitioner: test.ids.people.get("zhouminhua")!,
      PractitionerRole: practitionerRoleId(post!.personId, post!.departmentId),
      Organization: row!.invitingInstitutionId,
      ServiceRequest: row!.id,
      Task: row!.id,
      Consent: consent!.id,
      Composition: opinion!.documentId!,
      Provenance: opinion!.documentId!,
    };
  });
});
afterAll(() => test.close());

/** An urgent request for a patient with an ID and a phone, taken by the desk, with these people. */
async function consultWith(participants: object[], residentId: string, phone: string) {
  const { body } = await danzeng.post("/api/patients", {
    fullName: "格桑",
    sex: "male",
    residentId,
    language: "bo",
    contacts: [{ relation: "self", name: "格桑", phone, maySignIn: false }],
  });
  test.ids.patients.set("gesang", body.patient.id);
  const created = await draft(test.services, test.ids, "danzeng", "gesang", dawaRequest);
  const sent = await submitDemoConsult(test.services, test.ids, "danzeng", created);
  const lijia = await test.as("lijia");
  await lijia.post(`/api/consults/${sent.id}/actions`, { action: "accept", version: sent.version });
  const assigned = await lijia.put(`/api/consults/${sent.id}/participants`, { participants });
  expect(assigned.status).toBe(200);
  return { consultId: sent.id, patientId: body.patient.id as string };
}

describe("/fhir", () => {
  it("denies first: strangers, families and other institutions get an OperationOutcome", async () => {
    for (const [who, client] of [
      ["nobody", test.anonymous],
      ["family", await test.as("13800138001")],
      ["desk of another hospital", await test.as("hejing")],
    ] as const) {
      const answer = await client.get(`/fhir/ServiceRequest/${ids.ServiceRequest}`);
      expect([401, 403, 404], who).toContain(answer.status);
      expect(answer.body.resourceType, who).toBe("OperationOutcome");
    }
  });

  it("shows identifiers to who keeps the record and who treats now, the file to neither interpreter nor observer", async () => {
    const residentId = "11010519491231002X";
    const phone = "13900139000";
    const person = (login: string) => test.ids.people.get(login);
    const { consultId, patientId } = await consultWith(
      [
        { personId: person("zhouminhua"), role: "specialist", lead: true },
        { personId: person("lazhen"), role: "interpreter" },
      ],
      residentId,
      phone,
    );
    const patientOf = async (who: string) => (await test.as(who)).get(`/fhir/Patient/${patientId}`);
    for (const who of ["lijia", "wuqihang", "shenyiming"]) {
      const answer = await patientOf(who);
      expect([answer.status, answer.body.resourceType], who).toEqual([200, "Patient"]);
      expect(answer.raw.body, who).not.toContain(residentId);
      expect(answer.raw.body, who).not.toContain(phone);
      expect(problemsOf(answer.body), who).toEqual([]);
    }
    for (const who of ["danzeng", "deji", "zhouminhua"]) {
      const answer = await patientOf(who);
      expect(answer.raw.body, who).toContain(residentId);
      expect(answer.raw.body, who).toContain(phone);
    }
    const consents = await danzeng.get(`/api/consults/${consultId}`);
    const interpreter = await test.as("lazhen");
    expect((await interpreter.get(`/api/consults/${consultId}`)).status).toBe(200);
    for (const path of [
      `ServiceRequest/${consultId}`,
      `Task/${consultId}`,
      `Consent/${consents.body.consents[0].id}`,
      `Composition/${ids.Composition}`,
      `Provenance/${ids.Provenance}`,
    ])
      expect((await interpreter.get(`/fhir/${path}`)).status, path).toBe(404);
    // When the consult is over, so is the specialist's need.
    const { version } = (await danzeng.get(`/api/consults/${consultId}`)).body;
    await danzeng.post(`/api/consults/${consultId}/actions`, {
      action: "cancel",
      version,
      reason: "x",
    });
    expect((await patientOf("zhouminhua")).raw.body).not.toContain(residentId);
  });

  it("states what it serves, and serves what it states", async () => {
    const { body } = await test.anonymous.get("/fhir/metadata");
    expect(body).toMatchObject({ resourceType: "CapabilityStatement", fhirVersion: "4.0.1" });
    expect(problemsOf(body)).toEqual([]);
    const stated = body.rest[0].resource.map((one: { type: string }) => one.type);
    for (const type of Object.keys(ids)) {
      expect(stated).toContain(type);
      const answer = await danzeng.get(`/fhir/${type}/${ids[type]}`);
      expect(answer.status, type).toBe(200);
      expect(answer.headers["content-type"]).toContain("application/fhir+json");
      expect(answer.body).toMatchObject({ resourceType: type, id: ids[type] });
      expect(problemsOf(answer.body), type).toEqual([]);
    }
  });

  it("states includes, shared parameters and patches as they are, in valid R4", async () => {
    type Stated = {
      type: string;
      searchInclude?: string[];
      searchRevInclude?: string[];
      operation: { name: string; documentation?: string }[];
    };
    for (const base of ["/fhir", "/stores/sakya-chc/fhir"]) {
      const { body } = await test.anonymous.get(`${base}/metadata`);
      expect(validateResource(body)).toEqual([]);
      expect(body.instantiates).toEqual([
        "http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data",
      ]);
      expect(body.patchFormat).toContain("application/json");
      const [rest] = body.rest;
      expect(rest.searchParam.map((one: { name: string }) => one.name)).toEqual(
        expect.arrayContaining(["_id", "_lastUpdated", "_has", "_list", "_type"]),
      );
      const of = (type: string): Stated | undefined =>
        rest.resource.find((one: Stated) => one.type === type);
      expect(of("Parameters")).toBeUndefined();
      expect(of("SubscriptionStatus")).toBeUndefined();
      expect(of("Observation")?.searchInclude).toEqual(
        expect.arrayContaining(["*", "Observation:*", "Observation:subject"]),
      );
      expect(of("Patient")?.searchRevInclude).toEqual(
        expect.arrayContaining(["*", "Observation:subject", "Provenance:target"]),
      );
      expect(of("Practitioner")?.searchRevInclude).not.toContain("Observation:subject");
      for (const type of ["AuditEvent", "Subscription"])
        expect(of(type)?.searchInclude, type).toBeUndefined();
      const everything = of("Patient")?.operation.find((one) => one.name === "everything");
      expect(everything?.documentation).toContain("start and end are refused");
    }
    // What is stated is taken.
    const { body } = await test.anonymous.get("/fhir/metadata");
    const patient = body.rest[0].resource.find((one: Stated) => one.type === "Patient");
    for (const include of patient.searchInclude)
      expect((await danzeng.get(`/fhir/Patient?_id=x&_include=${include}`)).status, include).toBe(
        200,
      );
    for (const include of patient.searchRevInclude.filter((_: string, at: number) => at % 20 < 2))
      expect(
        (await danzeng.get(`/fhir/Patient?_id=x&_revinclude=${include}`)).status,
        include,
      ).toBe(200);
    for (const name of ["_has:Observation:subject:code", "_list", "_tag", "_profile"])
      expect((await danzeng.get(`/fhir/Patient?_id=x&${name}=x`)).status, name).toBe(200);
  });

  it("keeps nothing of what has no address in R4", async () => {
    const json = { "content-type": "application/fhir+json" };
    for (const type of ["Parameters", "SubscriptionStatus", "Nonsense"])
      for (const answer of [
        await danzeng.get(`/fhir/${type}`),
        await danzeng.get(`/fhir/${type}/1`),
        await danzeng.post(`/fhir/${type}`, { resourceType: type }, json),
        await danzeng.put(`/fhir/${type}/1`, { resourceType: type, id: "1" }, json),
      ]) {
        expect([answer.status, answer.body.issue[0].code], type).toEqual([404, "not-supported"]);
      }
    const checked = await danzeng.post(
      "/fhir/Parameters/$validate",
      { resourceType: "Parameters", parameter: [{ name: "mode", valueCode: "create" }] },
      json,
    );
    expect(checked.status).toBe(200);
    expect(checked.body.issue.map((one: { severity: string }) => one.severity)).not.toContain(
      "error",
    );
  });

  it("says which operation is not there, that a search was not done, and why JSON is refused", async () => {
    const issueOf = (answer: Answer) => answer.body.issue[0];
    const unknown = await danzeng.get("/fhir/Patient/$meta");
    expect([unknown.status, issueOf(unknown).code]).toEqual([404, "not-supported"]);
    expect(issueOf(unknown).details.text).toContain("$meta");
    const lost = await danzeng.get("/fhir/Patient?_include=Observation:subject");
    expect([lost.status, issueOf(lost).details.coding[0].code]).toEqual([
      400,
      "fhir.search-refused",
    ]);
    const lenient = { prefer: "handling=lenient" };
    for (const [query, headers] of [
      ["_include=Observation:subject", lenient],
      ["_include:iterate=Observation:subject", {}],
      ["_revinclude=Observation:subject", {}],
    ] as const)
      expect((await danzeng.get(`/fhir/Patient?_id=x&${query}`, headers)).status, query).toBe(200);
    const asked = await danzeng.get(`/fhir/Patient/${ids.Patient}?nonsense=1`, {
      "accept-language": "en",
    });
    expect(asked.status).toBe(400);
    expect(issueOf(asked).details.text).not.toMatch(/saved|保存/);
    const proto = await test.app.inject({
      method: "POST",
      url: "/fhir/Patient",
      headers: {
        cookie: danzeng.cookie,
        "x-csrf-token": danzeng.csrfToken,
        "content-type": "application/fhir+json",
      },
      payload: '{"resourceType":"Patient","__proto__":{}}',
    });
    expect(proto.statusCode).toBe(400);
    expect(proto.body).toContain("the name __proto__");
  });

  it("answers what it does not know with 400 or 404, never with something else", async () => {
    expect((await danzeng.get("/fhir/Observation/1")).status).toBe(404);
    expect((await danzeng.get("/fhir/Nonsense/1")).status).toBe(404);
    expect((await danzeng.get("/fhir/Patient/..%2F..%2Fapi%2Fconsults")).status).toBe(400);
    expect((await danzeng.get("/fhir/Patient/1%27%20or%201=1")).status).toBe(400);
    expect((await danzeng.get("/fhir/Patient/00000000-0000-4000-8000-000000000000")).status).toBe(
      404,
    );
    expect(
      (await danzeng.get(`/fhir/Patient/${ids.Patient}`, { accept: "application/fhir+xml" }))
        .status,
    ).toBe(406);
    expect((await danzeng.get(`/fhir/Appointment/${ids.ServiceRequest}`)).status).toBe(404);
  });

  it("leaves a trace that the patient can read", async () => {
    await danzeng.get(`/fhir/Patient/${ids.Patient}`);
    const { entries } = (await (await test.as("13800138004")).get("/api/my/access")).body;
    expect(entries[0]).toMatchObject({ who: "旦增", action: "fhir.read" });
  });
});
