import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { practitionerRoleId } from "../../fhir-mappings/practitioner-role.ts";
import { consult, consultConsent, consultOpinion } from "../../server/consult/schema.ts";
import { practitionerPost } from "../../server/directory/schema.ts";
import { systemActor } from "../../server/identity/session-service.ts";
import { problemsOf } from "../fhir/definitions.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

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

  it("answers what it does not know with 400 or 404, never with something else", async () => {
    expect((await danzeng.get("/fhir/Observation/1")).status).toBe(400);
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
