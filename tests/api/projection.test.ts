import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Resource } from "@medplum/fhirtypes";
import { and, eq, isNotNull, sql } from "drizzle-orm";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromFhirBookedAppointment } from "../../fhir-mappings/booked-appointment.ts";
import { fromFhirCarePlan } from "../../fhir-mappings/care-plan.ts";
import { fromFhirCondition } from "../../fhir-mappings/condition.ts";
import { fromFhirEpisodeOfCare } from "../../fhir-mappings/episode-of-care.ts";
import { fromFhirReturnFlag } from "../../fhir-mappings/flag.ts";
import { fromFhirPersonResult } from "../../fhir-mappings/person-result.ts";
import { fromFhirReferralRequest } from "../../fhir-mappings/referral-request.ts";
import { fromFhirReferralStay } from "../../fhir-mappings/referral-stay.ts";
import { fromFhirReferralTask } from "../../fhir-mappings/referral-task.ts";
import { fromFhirSlot } from "../../fhir-mappings/slot.ts";
import { fromFhirVisit } from "../../fhir-mappings/visit.ts";
import { fromFhirVitalSigns } from "../../fhir-mappings/vital-signs.ts";
import { attachment } from "../../server/attachments/schema.ts";
import { appointmentStates } from "../../server/booking/domain.ts";
import { clinicSchedule } from "../../server/booking/schema.ts";
import { consult, consultOpinion } from "../../server/consult/schema.ts";
import type { Tx } from "../../server/db/client.ts";
import { dawaRequest, draft, submitDemoConsult } from "../../server/demo/consults.ts";
import { type HostedStore, noConditions, type StoreContext } from "../../server/fhir/service.ts";
import type { Actor } from "../../server/identity/domain.ts";
import { systemActor } from "../../server/identity/session-service.ts";
import { indexStore } from "../../server/records/locator-service.ts";
import {
  projectAgain,
  projectStores,
  projectTimed,
} from "../../server/records/projection/projector.ts";
import { receiversOwn, tellsReason } from "../../server/records/projection/referral-told.ts";
import { projectStep } from "../../server/records/projection/step.ts";
import type { RecordEvent, RecordItem } from "../../server/records/record-contract.ts";
import { recordStore } from "../../server/records/schema.ts";
import {
  reasonedReferralActions,
  receivingStates,
  referralStates,
} from "../../server/referral/states.ts";
import { problemsOf } from "../fhir/definitions.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";
import { takeStoreAway } from "../support/no-store.ts";
import { correctTest, seedTest } from "../support/test-results.ts";

let test: TestApp;
let danzeng: Client;
let zhouminhua: Client;
let sakya: HostedStore;
let xuhui: HostedStore;
const faults: unknown[] = [];
const system = systemActor("test");

beforeAll(async () => {
  test = await buildTestApp();
  // It gets its store on the way, and what was there before with it.
  await takeStoreAway(test.database.owner, "zhabei-central");
  await test.app.listen({ port: 0, host: "127.0.0.1" });
  [danzeng, zhouminhua] = [await test.as("danzeng"), await test.as("zhouminhua")];
  sakya = await test.services.records.find({ code: "sakya-chc" });
  xuhui = await test.services.records.find({ code: "xuhui-central" });
});
afterAll(() => test.close());

const log = { warn: (...said: unknown[]) => faults.push(said) };
/** Everything that waits, and the whole walk. @returns versions written */
const project = async () => {
  await projectTimed(test.services, log);
  return projectStores(test.services, log, { pauseMs: 0 });
};

const contextOf = ({ tenant, code }: HostedStore): StoreContext => ({
  tenant,
  at: test.services.clock(),
  base: `${test.services.publicUrl}/stores/${code}/fhir`,
  caller: {
    kind: "client",
    actor: "ehr",
    name: null,
    institution: tenant,
    purpose: "operations",
    reason: null,
    scopes: null,
    mayWrite: true,
    correlationId: "test",
    address: null,
  },
});
const rowsOf = (hosted: HostedStore, where: string) =>
  hosted.store.transaction(contextOf(hosted), async (tx) => {
    await tx.unsafe("SELECT set_config('fhir.tenant', $1, true)", [hosted.tenant]);
    return tx.unsafe(
      `SELECT type, id, version, deleted, source, patients, labels, content FROM resource WHERE ${where} ORDER BY type, id`,
    );
  });
const received = (hosted: HostedStore, resource: object & { resourceType: string; id: string }) =>
  hosted.store.write(contextOf(hosted), "update", [
    {
      ...noConditions,
      method: "PUT",
      type: resource.resourceType,
      id: resource.id,
      resource: resource as never,
    },
  ]);
const total = async (client: Client, path: string): Promise<number> => {
  const answer = await client.get(path);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body.total;
};

describe("the first walk", () => {
  it("shows nothing before it, and a file to nobody who may not read records", async () => {
    expect(await total(danzeng, "/fhir/Task?_total=accurate")).toBe(0);
    for (const who of ["hejing", "13800138001"])
      expect((await (await test.as(who)).get("/fhir/Task")).status, who).toBe(403);
    expect((await test.anonymous.get("/fhir/Slot")).status).toBe(401);
  });

  it("brings a database that was there before, by valid resources, each once", {
    timeout: 60_000,
  }, async () => {
    expect(await project()).toBeGreaterThan(100);
    const rows = [
      ...(await rowsOf(sakya, "source = 'projected'")),
      ...(await rowsOf(xuhui, "source = 'projected'")),
    ];
    const types = new Set(rows.map((row) => row.type));
    for (const type of [
      "Organization",
      "OrganizationAffiliation",
      "Location",
      "HealthcareService",
      "Practitioner",
      "PractitionerRole",
      "Patient",
      "Schedule",
      "Slot",
      "ServiceRequest",
      "Task",
      "Consent",
      "Composition",
      "Provenance",
      "Condition",
      "Observation",
    ])
      expect(types, type).toContain(type);
    const slots = rows.filter((row) => row.type === "Slot");
    // All slots are made alike.
    for (const row of [...rows.filter((one) => one.type !== "Slot"), ...slots.slice(0, 20)])
      expect(problemsOf(row.content as Resource), `${row.type}/${row.id}`).toEqual([]);
    expect(faults).toEqual([]);
    expect(await project()).toBe(0);
    await projectAgain(test.services);
    expect(await project()).toBe(0);
    expect(rows.every((row) => row.version === 1)).toBe(true);
  });

  it("is searched by staff with the one engine, and by systems within their scopes", async () => {
    const { id: schedule } = (await danzeng.get("/fhir/Schedule?active=true&_count=1")).body
      .entry[0].resource;
    const slots = (
      await danzeng.get(
        `/fhir/Slot?schedule=Schedule/${schedule}&status=free&start=ge2026-11-24&_sort=start&_include=Slot:schedule&_count=5`,
      )
    ).body;
    expect(
      slots.entry.filter((one: { search: { mode: string } }) => one.search.mode === "match"),
    ).toHaveLength(5);
    expect(slots.entry.at(-1).resource).toMatchObject({ resourceType: "Schedule", id: schedule });
    const tasks = (await danzeng.get("/fhir/Task?_has:Consent:patient:status=active")).body;
    expect(tasks.resourceType).toBe("Bundle");
    const task = (await danzeng.get("/fhir/Task?_revinclude=Provenance:target&status=completed"))
      .body.entry[0].resource;
    expect(
      (await danzeng.get(`/fhir/Task?focus:ServiceRequest.subject:Patient.gender=male,female`)).body
        .entry.length,
    ).toBeGreaterThan(0);
    expect((await danzeng.get(`/fhir/Task/${task.id}`)).body.meta).toMatchObject({
      versionId: "1",
      source: "urn:yilian:alliance",
    });
    const system = await token(["system/Slot.rs", "system/Task.rs"]);
    const asked = (path: string) =>
      test.app.inject({ method: "GET", url: path, headers: { authorization: `Bearer ${system}` } });
    expect((await asked("/fhir/Slot?status=free&_total=accurate")).json().total).toBeGreaterThan(
      100,
    );
    expect((await asked("/fhir/Task?_total=accurate")).json().total).toBe(1);
    expect((await asked("/fhir/Composition")).statusCode).toBe(403);
  });
});

describe("whose store", () => {
  it("keeps the file with the house that asks, and gives the invited one its work from when it took it on", async () => {
    const created = await draft(test.services, test.ids, "danzeng", "dawa", dawaRequest);
    const sent = await submitDemoConsult(test.services, test.ids, "danzeng", created);
    await project();
    expect(await rowsOf(xuhui, `id = '${sent.id}'`)).toEqual([]);
    expect((await danzeng.get(`/fhir/ServiceRequest/${sent.id}`)).body.note.length).toBeGreaterThan(
      5,
    );
    const lijia = await test.as("lijia");
    await lijia.post(`/api/consults/${sent.id}/actions`, {
      action: "accept",
      version: sent.version,
    });
    await project();
    const there = await rowsOf(xuhui, `id = '${sent.id}'`);
    expect(there.map((row) => row.type)).toEqual(["ServiceRequest", "Task"]);
    const text = JSON.stringify(there);
    expect(text).not.toContain("紫癜");
    expect(text).not.toContain("青霉素");
    expect(await rowsOf(xuhui, `type = 'Consent' AND source = 'projected'`)).toEqual([]);
    const file = await attach(sent.id);
    await project();
    const found = (
      await danzeng.get(`/fhir/DocumentReference?related=ServiceRequest/${sent.id}`)
    ).body.entry.map((one: { resource: Resource }) => one.resource);
    expect(found).toMatchObject([
      {
        id: file.id,
        content: [{ attachment: { title: "血常规.png", url: `Binary/${file.id}` } }],
      },
    ]);
    expect(problemsOf(found[0])).toEqual([]);
    expect(await rowsOf(xuhui, `id = '${file.id}'`)).toEqual([]);
    await readsFile(file.id);
    // Who is asked reads the file by id, where it is kept, as long as he takes part.
    await lijia.put(`/api/consults/${sent.id}/participants`, {
      participants: [
        { personId: test.ids.people.get("zhouminhua"), role: "specialist", lead: true },
      ],
    });
    expect((await zhouminhua.get(`/fhir/ServiceRequest/${sent.id}`)).raw.body).toContain("紫癜");
    // One reading is one reading: the store's own row, and none for who was not asked.
    const readings = async () =>
      (
        await test.services.db.withActor(system, (tx) =>
          tx.execute(
            sql`select 1 from audit_event where action = 'fhir.read' and entity_id = ${sent.id}`,
          ),
        )
      ).length;
    const before = await readings();
    expect((await danzeng.get(`/fhir/Task/${sent.id}`)).status).toBe(200);
    expect(await readings()).toBe(before);
    // Another house sees no more of it than consent gives.
    const { body } = await zhouminhua.get(`/stores/sakya-chc/fhir/Task?_total=accurate`);
    expect(body.total).toBeLessThanOrEqual(await total(danzeng, "/fhir/Task?_total=accurate"));
  });

  it("tells each change as the next version, in order, and a repetition as nothing", async () => {
    const [row] = await test.services.db.withActor(system, (tx) =>
      tx
        .select()
        .from(consult)
        .where(and(eq(consult.invitingInstitutionId, sakya.tenant), eq(consult.state, "accepted"))),
    );
    const versionOf = async () =>
      Number((await rowsOf(sakya, `type = 'Task' AND id = '${row!.id}'`))[0]!.version);
    const before = await versionOf();
    await danzeng.post(`/api/consults/${row!.id}/actions`, {
      action: "cancel",
      version: row!.version,
      reason: "家属改了主意",
    });
    const both = await Promise.all([project(), project(), project()]);
    await project();
    expect(both.filter((n) => n > 0).length).toBeLessThanOrEqual(2);
    expect(await versionOf()).toBe(before + 1);
    expect((await danzeng.get(`/fhir/Task/${row!.id}`)).body).toMatchObject({
      status: "cancelled",
      statusReason: { text: "家属改了主意" },
    });
    const { body } = await danzeng.get(`/fhir/Task/${row!.id}/_history`);
    expect(
      body.entry.map(
        (one: { resource: { businessStatus: { coding: { code: string }[] } } }) =>
          one.resource.businessStatus.coding[0]!.code,
      ),
    ).toEqual(["cancelled", "accepted", "submitted"]);
  });

  it("is one person one Patient: whom the house's own system keeps, everything points to", async () => {
    const dawa = test.ids.patients.get("dawa")!;
    expect((await rowsOf(sakya, `type = 'Patient' AND id = '${dawa}'`))[0]!.source).toBe(
      "received",
    );
    const created = await draft(test.services, test.ids, "danzeng", "ciren", {
      ...dawaRequest,
      provisionalDiagnoses: [{ code: "F10.2", text: "酒精依赖综合征" }],
    });
    const ciren = test.ids.patients.get("ciren")!;
    await received(sakya, {
      resourceType: "Patient",
      id: "ehr-7",
      identifier: [{ system: "urn:yilian:patient", value: ciren }],
      name: [{ text: "次仁" }],
    } as never);
    await sakya.store.write(contextOf(sakya), "delete", [
      { ...noConditions, method: "DELETE", type: "Patient", id: ciren },
    ]);
    await indexStore(test.services, sakya.tenant);
    const sent = await submitDemoConsult(test.services, test.ids, "danzeng", created);
    const file = await attach(sent.id);
    await project();
    const rows = await rowsOf(sakya, `id LIKE '${sent.id}%' OR id = '${file.id}'`);
    expect(rows.map((one) => one.type)).toEqual(
      expect.arrayContaining(["Binary", "Condition", "DocumentReference", "Observation", "Task"]),
    );
    for (const one of rows) {
      expect(one.patients, one.type).toEqual(["ehr-7"]);
      // What it is about stands on all of it, for consent to a category.
      expect(one.labels, one.type).toEqual(["ETH"]);
    }
    expect(await rowsOf(sakya, `type = 'Patient' AND id = '${ciren}' AND NOT deleted`)).toEqual([]);
    // He has told nobody else anything.
    for (const one of [`Task/${sent.id}`, `Condition/${sent.id}-asked-1`, `Binary/${file.id}`])
      expect((await zhouminhua.get(`/stores/sakya-chc/fhir/${one}`)).status, one).toBe(404);
    expect((await danzeng.get(`/fhir/Binary/${file.id}`)).status).toBe(200);
    const { body } = await danzeng.get("/fhir/Patient/ehr-7/$everything?_count=200");
    const types = body.entry.map(
      (one: { resource: { resourceType: string } }) => one.resource.resourceType,
    );
    expect(types).toEqual(expect.arrayContaining(["Patient", "ServiceRequest", "Task", "Consent"]));
  });

  it("puts nothing in clear that the alliance seals", async () => {
    const residentId = "11010519491231002X";
    const { body } = await danzeng.post("/api/patients", {
      fullName: "格桑",
      sex: "male",
      residentId,
      language: "bo",
      contacts: [{ relation: "self", name: "格桑", phone: "13900139000", maySignIn: false }],
    });
    await project();
    const [row] = await rowsOf(sakya, `type = 'Patient' AND id = '${body.patient.id}'`);
    expect(row).toMatchObject({ source: "projected", content: { name: [{ text: "格桑" }] } });
    expect(JSON.stringify(row)).not.toMatch(/11010519491231002X|13900139000/);
    // Who may see it reads it by id, as before.
    expect((await danzeng.get(`/fhir/Patient/${body.patient.id}`)).raw.body).toContain(residentId);
    expect((await danzeng.get("/fhir/Patient?name=格桑&_total=accurate")).body.total).toBe(1);
  });
});

describe("what is projected", () => {
  it("is changed through FHIR by nobody, in no way, and the refusal says where", async () => {
    const [task] = await rowsOf(sakya, "type = 'Task' AND source = 'projected'");
    const path = `/fhir/Task/${task!.id}`;
    const answers = [
      await danzeng.put(path, { ...task!.content, status: "failed" }),
      await danzeng.patch(path, [{ op: "replace", path: "/status", value: "failed" }], {
        "content-type": "application/json-patch+json",
      }),
      await danzeng.delete(path),
      await danzeng.put(`/fhir/Task?_id=${task!.id}`, { ...task!.content, status: "failed" }),
      await danzeng.post("/fhir", {
        resourceType: "Bundle",
        type: "transaction",
        entry: [{ request: { method: "DELETE", url: `Task/${task!.id}` } }],
      }),
    ];
    for (const answer of answers) {
      expect(answer.status, answer.raw.body).toBe(409);
      expect(answer.body.issue[0].details.coding[0].code).toBe("fhir.projected");
      expect(answer.body.issue[0].details.text).toContain("/api/consults");
      expect(problemsOf(answer.body)).toEqual([]);
    }
    expect((await rowsOf(sakya, `type = 'Task' AND id = '${task!.id}'`))[0]).toEqual(task);
    for (const [type, where] of [
      ["Condition", "/api/consults, /api/fever"],
      ["Observation", "/api/lab, /api/consults"],
      ["Binary", "/api/attachments"],
    ] as const) {
      const [own] = await rowsOf(
        sakya,
        `type = '${type}' AND source = 'projected' AND NOT deleted`,
      );
      for (const answer of [
        await danzeng.put(`/fhir/${type}/${own!.id}`, { ...own!.content, language: "en" }),
        await danzeng.delete(`/fhir/${type}/${own!.id}`),
      ]) {
        expect(answer.status, type).toBe(409);
        expect(answer.body.issue[0].details.text).toContain(where);
      }
      // What the institution's own system sends of the same type is its own.
      const { id: _id, meta: _meta, ...sent } = own!.content;
      const made = await danzeng.post(`/fhir/${type}`, sent);
      expect(made.status, made.raw.body).toBe(201);
      const mine = `/fhir/${type}/${made.body.id}`;
      expect((await danzeng.put(mine, { ...made.body, language: "en" })).status).toBe(200);
      expect((await danzeng.delete(mine)).status).toBe(204);
    }
  });

  it("is not forged: nobody else says that something comes from the alliance, in any way of writing", async () => {
    const source = "urn:yilian:alliance";
    const forged = { resourceType: "Basic", id: "forged", code: { text: "x" }, meta: { source } };
    const mine = { ...forged, meta: { source: "urn:mine" } };
    const path = "/fhir/Basic/forged";
    expect((await danzeng.put(path, mine)).status).toBe(201);
    const bundle = (type: string, resource: object) => ({
      resourceType: "Bundle",
      type,
      entry: [{ resource, request: { method: "PUT", url: "Basic/forged" } }],
    });
    const asPatch = { "content-type": "application/json-patch+json" };
    const part = (name: string, more: object) => ({ name, ...more });
    const answers = [
      await danzeng.post("/fhir/Basic", forged),
      await danzeng.post("/fhir/Basic", forged, { "if-none-exist": "_id=nobody" }),
      await danzeng.put(path, forged),
      await danzeng.put(path, { ...forged, meta: { source: `${source}#1` } }),
      await danzeng.put("/fhir/Basic?_id=forged", forged),
      await danzeng.patch(path, [{ op: "replace", path: "/meta/source", value: source }], asPatch),
      await danzeng.patch(path, {
        resourceType: "Parameters",
        parameter: [
          part("operation", {
            part: [
              part("type", { valueCode: "replace" }),
              part("path", { valueString: "Basic.meta.source" }),
              part("value", { valueUri: source }),
            ],
          }),
        ],
      }),
      await danzeng.post("/fhir", bundle("transaction", forged)),
    ];
    for (const answer of answers) {
      expect(answer.status, answer.raw.body).toBe(422);
      expect(answer.body.issue[1].diagnostics).toContain(source);
      expect(answer.body.issue[1].expression[0]).toMatch(/meta\.source$/);
    }
    const batch = await danzeng.post("/fhir", bundle("batch", forged));
    expect(batch.body.entry[0].response.status).toMatch(/^422/);
    expect((await danzeng.get(path)).body.meta).toMatchObject({
      versionId: "1",
      source: "urn:mine",
    });
    expect((await danzeng.get(`/fhir/Basic?_source=${source}`)).body.entry ?? []).toEqual([]);
  });

  it("follows a seat: booked, shown as taken, given back", async () => {
    const mother = await test.as("13800138001");
    const child = (await mother.get("/api/session")).body.patients[0].id;
    const places = (await mother.get("/api/booking/places?kind=clinic")).body.places;
    const { departments } = places.find(
      (one: { name: { zh: string } }) => one.name.zh === "萨迦县卫生服务中心",
    );
    const departmentId = departments[0].id;
    const { days } = (
      await mother.get(`/api/booking/availability?departmentId=${departmentId}&days=14`)
    ).body;
    const { day } = days.slice(1).find((one: { state: string }) => one.state === "free");
    const { schedules } = (
      await mother.get(`/api/booking/segments?departmentId=${departmentId}&day=${day}`)
    ).body;
    const segment = schedules
      .flatMap((one: { segments: { state: string; id: string }[] }) => one.segments)
      .find((one: { state: string }) => one.state === "free").id;
    const seats = async () => {
      const [free, busy] = await Promise.all(
        ["free", "busy"].map((status) => danzeng.get(`/fhir/Slot/${segment}-${status}`)),
      );
      return [free!, busy!].map((one) =>
        one.status === 200 ? fromFhirSlot(one.body).capacity : 0,
      );
    };
    const [free, busy] = (await seats()) as [number, number];
    const { appointment } = (
      await mother.post("/api/appointments/hold", {
        segmentId: segment,
        patientId: child,
        relation: "mother",
      })
    ).body;
    await project();
    // A hold is nobody's appointment yet.
    expect((await danzeng.get(`/fhir/Appointment/${appointment.id}`)).status).toBe(404);
    expect(await seats()).toEqual([free, busy]);
    await mother.post(`/api/appointments/${appointment.id}/confirm`);
    await project();
    const booked = (
      await danzeng.get(
        `/fhir/Appointment?slot=Slot/${segment}-busy&actor=Patient/${child}&_revinclude=AppointmentResponse:appointment`,
      )
    ).body;
    expect(booked.entry.map((one: { resource: Resource }) => one.resource.resourceType)).toEqual([
      "Appointment",
      "AppointmentResponse",
    ]);
    for (const { resource } of booked.entry) expect(problemsOf(resource)).toEqual([]);
    expect(fromFhirBookedAppointment(booked.entry[0].resource, appointmentStates)).toMatchObject({
      id: appointment.id,
      state: "booked",
      patientId: child,
      segmentId: segment,
    });
    await indexStore(test.services, sakya.tenant);
    const upcoming = (await recordOf(child)).filter((one) => one.kind === "Appointment");
    expect(upcoming).toMatchObject([
      { section: "visits", isPast: false, date: booked.entry[0].resource.start },
    ]);
    expect(upcoming[0]!.sources.map((one) => one.code)).toEqual(["sakya-chc"]);
    expect(await seats()).toEqual([free - 1, busy + 1]);
    await mother.post(`/api/appointments/${appointment.id}/cancel`, { reason: "好了" });
    await project();
    expect((await danzeng.get(`/fhir/Appointment/${appointment.id}`)).body).toMatchObject({
      status: "cancelled",
      participant: expect.arrayContaining([expect.objectContaining({ status: "declined" })]),
    });
    expect(await seats()).toEqual([free, busy]);
  });

  it("holds an opinion back until who asked has acknowledged it or its time has come", async () => {
    const [opinion] = await test.services.db.withActor(system, (tx) =>
      tx.select().from(consultOpinion).where(isNotNull(consultOpinion.jws)),
    );
    const [row] = await test.services.db.withActor(system, (tx) =>
      tx.select().from(consult).where(eq(consult.id, opinion!.consultId)),
    );
    const there = async () =>
      (
        await rowsOf(
          sakya,
          `type IN ('Composition', 'Provenance') AND id = '${opinion!.documentId}' AND NOT deleted`,
        )
      ).length;
    /** What the record says it is: [how sure, in which words, who says so]. */
    const diagnosesAt = async (house: HostedStore) =>
      (await rowsOf(house, `type = 'Condition' AND id LIKE '${row!.id}%' AND NOT deleted`)).map(
        ({ content }) => {
          expect(problemsOf(content)).toEqual([]);
          const { certainty, diagnosis, asserterId } = fromFhirCondition(content);
          return [certainty, diagnosis.code, asserterId];
        },
      );
    const asked = row!.provisionalDiagnoses.map(({ code }) => [
      "provisional",
      code,
      row!.requesterId,
    ]);
    const signed = opinion!.diagnoses.map(({ code }) => ["confirmed", code, opinion!.signedBy]);
    expect(asked.length * signed.length).toBeGreaterThan(0);
    expect(await there()).toBe(row!.acknowledgedAt ? 2 : 0);
    expect(await diagnosesAt(sakya)).toEqual(row!.acknowledgedAt ? signed : asked);
    expect(await diagnosesAt(xuhui)).toEqual(row!.acknowledgedAt ? signed : []);
    const start = test.clock.now;
    test.clock.now = new Date(row!.signedAt!.getTime() + 48 * 3_600_000 + 1);
    await project();
    expect(await there()).toBe(2);
    expect(await diagnosesAt(sakya)).toEqual(signed);
    expect(await diagnosesAt(xuhui)).toEqual(signed);
    test.clock.now = start;
    await indexStore(test.services, sakya.tenant);
    const opinions = (await recordOf(row!.patientId)).filter((one) => one.kind === "Composition");
    expect(opinions).toMatchObject([
      { section: "documents", title: "远程会诊意见书", date: row!.signedAt!.toISOString() },
    ]);
    expect(opinions[0]!.detail).toContain("诊断意见");
    expect(opinions[0]!.sources.map((one) => one.code)).toContain("sakya-chc");
    // Told by both houses, it is one problem.
    await indexStore(test.services, xuhui.tenant);
    const problem = (await recordOf(row!.patientId)).filter(
      (one) =>
        one.kind === "Condition" &&
        one.sources.some(({ reference }) => reference === `Condition/${row!.id}-opinion-1`),
    );
    expect(problem.at(-1)).toMatchObject({ section: "problems", certainty: null, isPast: false });
    expect(new Set(problem.map((one) => one.key)).size).toBe(1);
  });

  it("has what was measured, with the height of the place, and nothing of a request that was called off", async () => {
    const created = await draft(test.services, test.ids, "danzeng", "luosang", {
      ...dawaRequest,
      vitals: {
        temperatureCelsius: 36.9,
        systolicMmHg: 118,
        spo2Percent: 88,
        onOxygen: true,
        altitudeMetres: 4300,
      },
      provisionalDiagnoses: [{ code: null, text: "高原反应？" }],
    });
    const sent = await submitDemoConsult(test.services, test.ids, "danzeng", created);
    await project();
    const own = () =>
      rowsOf(
        sakya,
        `type IN ('Observation', 'Condition') AND id LIKE '${sent.id}-%' AND NOT deleted`,
      );
    const rows = await own();
    for (const { content } of rows) expect(problemsOf(content)).toEqual([]);
    expect(
      fromFhirVitalSigns(
        rows.filter((one) => one.type === "Observation").map(({ content }) => content),
      ),
    ).toMatchObject({
      temperatureCelsius: 36.9,
      systolicMmHg: 118,
      diastolicMmHg: null,
      spo2Percent: 88,
      onOxygen: true,
      altitudeMetres: 4300,
      measuredAt: null,
      statedAt: test.clock.now,
    });
    const { body } = await danzeng.get(
      `/fhir/Observation?category=vital-signs&code=59408-5&based-on=ServiceRequest/${sent.id}`,
    );
    expect(body.entry).toHaveLength(1);
    await indexStore(test.services, sakya.tenant);
    const items = await recordOf(test.ids.patients.get("luosang")!);
    const about = items.filter((one) =>
      one.sources.some(({ reference }) => reference.includes(sent.id)),
    );
    expect(about.find((one) => one.title === "血氧饱和度")).toMatchObject({
      date: test.clock.now.toISOString(),
      result: { value: 88, altitudeMetres: 4300, range: { from: "place" } },
    });
    expect(about.find((one) => one.section === "problems")).toMatchObject({
      title: "高原反应？",
      certainty: "provisional",
    });
    await danzeng.post(`/api/consults/${sent.id}/actions`, {
      action: "cancel",
      version: sent.version,
      reason: "写错了人",
    });
    await project();
    expect(await own()).toEqual([]);
    expect((await danzeng.get(`/fhir/Condition/${sent.id}-asked-1`)).status).toBe(410);
  });

  it("has a person's result when it is released, not before, and not when it was taken back", async () => {
    const owner = postgres(test.database.owner, { max: 1, onnotice: () => {} });
    const dawa = test.ids.patients.get("dawa")!;
    const seeded = {
      institutionId: sakya.tenant,
      laboratoryId: xuhui.tenant,
      patientIds: [dawa],
      sampledAt: test.clock.now,
    } as const;
    const positive = await seedTest(owner, { ...seeded, size: 1, result: "positive" });
    await project();
    expect(
      await rowsOf(sakya, "type IN ('DiagnosticReport', 'Specimen') AND source = 'projected'"),
    ).toEqual([]);
    await owner`update person_result set released_at = ${test.clock.now}, released_by = (select id from person limit 1) where id = ${[...positive.results.values()][0]!}`;
    const pooled = await seedTest(owner, {
      ...seeded,
      sampledAt: new Date(test.clock.now.getTime() + 86_400_000),
      result: "negative",
    });
    await project();
    const id = positive.results.get(dawa)!;
    const { body } = await danzeng.get(
      `/fhir/DiagnosticReport?_id=${id}&_include=DiagnosticReport:result&_include=DiagnosticReport:specimen`,
    );
    const [report, ...others] = body.entry.map((one: { resource: Resource }) => one.resource);
    const part = (type: string) => others.find((one: Resource) => one.resourceType === type);
    for (const one of [report, ...others]) expect(problemsOf(one)).toEqual([]);
    expect(
      fromFhirPersonResult({
        report,
        observation: part("Observation"),
        specimen: part("Specimen"),
      }),
    ).toMatchObject({
      patientId: dawa,
      result: "positive",
      laboratoryId: xuhui.tenant,
      pooledCount: 1,
    });
    expect(
      (await danzeng.get(`/fhir/Specimen/${pooled.results.get(dawa)}`)).body.accessionIdentifier,
    ).toBeUndefined();
    await correctTest(
      owner,
      positive.tubeId,
      "negative",
      new Date(test.clock.now.getTime() + 3_600_000),
    );
    await owner.end();
    await project();
    expect((await danzeng.get(`/fhir/Observation/${id}`)).status).toBe(410);
    // The house that asked the laboratory has it, the laboratory's own record does not.
    expect(await rowsOf(xuhui, "type = 'Observation' AND source = 'projected'")).toEqual([]);
  });

  it("has a fever visit with the answers that led there", async () => {
    const [nurse, zhou] = [await test.as("fangyun"), await test.as("13800138003")];
    const patientId = test.ids.patients.get("zhou")!;
    const { policyId } = (
      await zhou.get(`/api/fever/questionnaire?patientId=${patientId}&region=CN-31`)
    ).body;
    const said = {
      "red-breath": "no",
      "red-mind": "no",
      "red-bleeding": "no",
      condition: "none",
      "risk-area": "no",
      "contact-case": "no",
      "contact-feverish": "no",
      cluster: "no",
      temperature: "38.2",
    };
    const { screening } = (
      await zhou.post("/api/fever/screenings", {
        policyId,
        patientId,
        answers: Object.entries(said).map(([question, value]) => ({ question, value })),
      })
    ).body;
    const visit = (await nurse.post("/api/fever/visits", { code: screening.code })).body;
    // A house that gets its store today has what was there before.
    const institutionId = (await nurse.get("/api/session")).body.institution.id;
    await test.services.db.withActor(system, (tx) =>
      tx
        .insert(recordStore)
        .values({ institutionId, kind: "hosted", location: "yilian_records_test" }),
    );
    test.services.records.refresh();
    const house = await test.services.records.find({ institutionId });
    await project();
    expect(await rowsOf(house, `type = 'Encounter' AND id = '${visit.id}'`)).toEqual([]);
    const triaged = await nurse.post(`/api/fever/visits/${visit.id}/actions`, {
      version: visit.version,
      action: "to-fever",
    });
    expect(triaged.status, triaged.raw.body).toBe(200);
    await project();
    const [encounter] = await rowsOf(house, `type = 'Encounter' AND id = '${visit.id}'`);
    expect(problemsOf(encounter!.content)).toEqual([]);
    expect(fromFhirVisit(encounter!.content)).toMatchObject({
      kind: "fever-clinic",
      status: "in-progress",
      patientId,
    });
    const diagnoses = () => rowsOf(house, `type = 'Condition' AND id = '${visit.id}'`);
    expect(await diagnoses()).toEqual([]);
    // Gone home before the result, and then told what it was.
    const gone = await nurse.post(`/api/fever/visits/${visit.id}/actions`, {
      version: triaged.body.version,
      action: "leave",
      note: "回家等结果",
    });
    expect(gone.status, gone.raw.body).toBe(200);
    const doctor = await test.as("shaojun");
    const excluded = await doctor.post(`/api/fever/visits/${visit.id}/actions`, {
      version: gone.body.version,
      action: "exclude",
      diagnosis: "急性上呼吸道感染",
    });
    expect(excluded.status, excluded.raw.body).toBe(200);
    await project();
    const [diagnosis] = await diagnoses();
    expect(problemsOf(diagnosis!.content)).toEqual([]);
    expect(fromFhirCondition(diagnosis!.content)).toMatchObject({
      certainty: "confirmed",
      diagnosis: { code: null, text: "急性上呼吸道感染" },
      encounterId: visit.id,
      patientId,
    });
    const answers = await rowsOf(
      house,
      `type = 'QuestionnaireResponse' AND patients = ARRAY['${patientId}']`,
    );
    expect(answers).toHaveLength(1);
    expect(problemsOf(answers[0]!.content)).toEqual([]);
  });

  it("goes on where it was after a store was away, and takes nothing that a system wrote", async () => {
    const keeper = await test.as("zhenglan");
    const [opinion] = await test.services.db.withActor(system, (tx) =>
      tx.select().from(consultOpinion),
    );
    const pause = (paused: boolean) =>
      keeper.post("/api/record-stores/xuhui-central/paused", { paused });
    expect((await keeper.get("/api/record-stores")).body.stores).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ code: "xuhui-central", nameEn: "Xuhui Central Hospital" }),
      ]),
    );
    expect((await pause(true)).status).toBe(200);
    const [clinic] = await test.services.db.withActor(system, (tx) =>
      tx
        .update(clinicSchedule)
        .set({ place: "门诊楼九楼" })
        .where(eq(clinicSchedule.institutionId, xuhui.tenant))
        .returning(),
    );
    await project();
    const waiting = async () =>
      Number(
        (
          await test.services.db.withActor(system, (tx) =>
            tx.execute<{ n: number }>(
              sql`select count(*)::int as n from record_change where institution_id = ${xuhui.tenant}`,
            ),
          )
        )[0]!.n,
      );
    expect(await waiting()).toBeGreaterThan(0);
    expect((await pause(false)).status).toBe(200);
    expect(await project()).toBeGreaterThan(0);
    expect(await waiting()).toBe(0);
    expect((await rowsOf(xuhui, `type = 'Schedule' AND id = '${clinic!.id}'`))[0]).toMatchObject({
      version: 2,
      content: { comment: "门诊楼九楼" },
    });
    const own = await rowsOf(xuhui, `type = 'Composition' AND id = '${opinion!.documentId}'`);
    expect(own[0]).toMatchObject({ version: 1 });
    // A server that dies after the store has it and before it is noted: told again, written once.
    await test.services.db.withActor(system, (tx) =>
      tx.update(clinicSchedule).set({ place: "一楼" }).where(eq(clinicSchedule.id, clinic!.id)),
    );
    const dying = {
      ...test.services,
      db: {
        ...test.services.db,
        withActor: (actor: Actor, work: (tx: Tx) => Promise<never>) =>
          test.services.db.withActor(actor, async (tx) => {
            await work(tx);
            throw new Error("the server is gone");
          }),
      },
    } as unknown as typeof test.services;
    await expect(projectStep(dying, xuhui.tenant)).rejects.toThrow("the server is gone");
    const versions = async () =>
      (await rowsOf(xuhui, `type = 'Schedule' AND id = '${clinic!.id}'`)).map((row) => row.version);
    expect(await versions()).toEqual([3]);
    expect(await waiting()).toBe(1);
    expect(await project()).toBe(0);
    expect([await versions(), await waiting()]).toEqual([[3], 0]);
    // A name that a system took before us stays its own.
    const [schedule] = await rowsOf(sakya, "type = 'Schedule'");
    await received(sakya, {
      resourceType: "Basic",
      id: schedule!.id,
      code: { text: "x" },
    } as never);
    expect(await project()).toBe(0);
    expect(faults).toEqual([]);
  });
});

describe("a referral", () => {
  let lijia: Client;
  let patientId: string;
  const act = async (client: Client, id: string, body: object) => {
    const { version } = (await client.get(`/api/referrals/${id}`)).body;
    const answer = await client.post(`/api/referrals/${id}/actions`, { version, ...body });
    expect(answer.status, `${JSON.stringify(body)} ${answer.raw.body}`).toBe(200);
    return answer.body;
  };
  const begin = async (client: Client, body: object) => {
    const made = await client.post("/api/referrals", { patientId, ...body });
    expect(made.status, made.raw.body).toBe(200);
    await agree(client, made.body.id);
    return made.body as { id: string; number: string; episodeId: string };
  };
  const agree = (client: Client, id: string) =>
    client.post(`/api/referrals/${id}/consents`, {
      given: true,
      method: "signature",
      language: "zh-CN",
      textVersion: "referral-2026-11",
      signerName: "德吉央宗",
      signerRelation: "本人",
      signature: {
        strokes: [
          [
            [0, 0],
            [9, 9],
          ],
        ],
      },
    });
  const unit = async (institutionId: string) =>
    (
      await test.services.db.withActor(system, (tx) =>
        tx.execute<{ id: string }>(
          sql`select id from department where institution_id = ${institutionId} order by slug limit 1`,
        ),
      )
    )[0]!.id;
  const upContent = async () => ({
    urgency: "routine",
    toInstitutionId: xuhui.tenant,
    toDepartmentId: await unit(xuhui.tenant),
    requesterPhone: "0892-8242100",
    reason: "血压控制不满意，伴头晕",
    impression: [{ code: "I10", text: "原发性高血压" }],
    presentHistory: "两次随访血压 168/100、172/102",
    pastHistory: "高血压 12 年",
    treatmentSoFar: "氨氯地平 5 mg，每日一次",
    criteria: [{ code: "twice-uncontrolled", evidence: null }],
    vitals: { systolicMmHg: 172, diastolicMmHg: 102 },
  });
  const taskOf = async (client: Client, id: string) => {
    const { body } = await client.get(`/fhir/Task?_id=${id}`);
    expect(body.entry, JSON.stringify(body)).toHaveLength(1);
    const { resource } = body.entry[0];
    expect(problemsOf(resource)).toEqual([]);
    return fromFhirReferralTask(resource, referralStates);
  };
  /** What each store has of it now, by type. */
  const typesIn = async (hosted: HostedStore, id: string) => [
    ...new Set(
      (await rowsOf(hosted, `id LIKE '${id}%' AND NOT deleted`)).map((row) => String(row.type)),
    ),
  ];

  it("means by the receiving house and by reasons what the domain means", () => {
    expect(referralStates.filter((one) => receiversOwn[one]).sort()).toEqual(
      [...receivingStates].sort(),
    );
    expect(Object.keys(tellsReason).sort()).toEqual([...reasonedReferralActions].sort());
  });

  it("goes up and comes down in both houses' records, and in nobody else's", async () => {
    lijia = await test.as("lijia");
    patientId = (
      await danzeng.post("/api/patients", {
        fullName: "德吉央宗",
        sex: "female",
        birthDate: "1958-03-04",
        language: "bo",
        contacts: [{ relation: "self", name: "德吉央宗", phone: "13900139001", maySignIn: false }],
      })
    ).body.patient.id;
    const up = await begin(danzeng, { direction: "up", content: await upContent() });
    await project();
    for (const hosted of [sakya, xuhui]) expect(await typesIn(hosted, up.id)).toEqual([]);
    await act(danzeng, up.id, { action: "submit" });
    await project();
    const waiting = (
      await lijia
        .get(`/api/referrals/${up.id}`)
        .then(() =>
          zhouminhua.get(
            `/fhir/Task?owner=Organization/${xuhui.tenant}&requester=Organization/${sakya.tenant}&patient=Patient/${patientId}&business-status=2.0`,
          ),
        )
    ).body;
    expect(waiting.entry.map((one: { resource: Resource }) => one.resource.id)).toEqual([up.id]);
    expect(await taskOf(danzeng, up.id)).toMatchObject({
      state: "submitted",
      number: up.number,
      dueAt: expect.any(Date),
    });
    const request = (await zhouminhua.get(`/fhir/ServiceRequest/${up.id}`)).body;
    expect(problemsOf(request)).toEqual([]);
    expect(fromFhirReferralRequest(request)).toMatchObject({
      direction: "up",
      status: "active",
      impression: [{ code: "I10", text: "原发性高血压" }],
      supporting: [
        { type: "Condition", id: `${up.id}-impression-1` },
        { type: "Observation", id: `${up.id}-pressure` },
      ],
    });
    await danzeng.post(`/api/referrals/${up.id}/messages`, { text: "患者家属同行" });
    await act(lijia, up.id, { action: "accept", answer: "周四上午来" });
    await act(lijia, up.id, { action: "arrive" });
    await act(lijia, up.id, { action: "admit", admissionNumber: "Z1122" });
    await act(zhouminhua, up.id, { action: "readyForDown" });
    const medicine = { text: "缬沙坦 80 mg", dose: "每日一次", until: null };
    const down = await begin(zhouminhua, {
      direction: "down",
      previousId: up.id,
      content: {
        toInstitutionId: sakya.tenant,
        requesterPhone: "021-64370045",
        impression: [{ code: "I10", text: "原发性高血压 3 级" }],
        admissionNumber: "Z1122",
        results: "肾动脉超声未见狭窄",
        treatmentSoFar: "联合用药后 138/84",
        plan: "家庭自测血压，每日两次",
        rehabilitationAdvice: "限盐",
        reviewOn: "2026-12-06",
        medicines: [{ ...medicine, available: null, substitute: null }],
        returnTriggers: [
          { kind: "value", code: "pressure", measure: "systolicMmHg", atLeast: 180 },
          { kind: "words", code: "headache", text: "剧烈头痛" },
        ],
        pendingResults: [],
      },
    });
    await act(zhouminhua, down.id, { action: "submit" });
    await act(danzeng, down.id, {
      action: "accept",
      medicines: [{ ...medicine, available: false, substitute: "厄贝沙坦 150 mg" }],
    });
    await project();
    expect(await typesIn(sakya, down.id)).not.toContain("Flag");
    await act(zhouminhua, down.id, { action: "discharge" });
    const taken = await act(danzeng, down.id, {
      action: "takeOn",
      followUps: [{ dueOn: "2026-12-06", kind: "visit", purpose: "复查血压" }],
    });
    const followUp = taken.followUps[0];
    await danzeng.post(`/api/follow-ups/${followUp.id}/actions`, {
      action: "done",
      version: followUp.version,
      vitals: { systolicMmHg: 138, diastolicMmHg: 84 },
      findings: "138/84，无不适",
    });
    await project();
    // One Task for each way, the one below part of the one above.
    expect(await taskOf(zhouminhua, down.id)).toMatchObject({
      state: "continued-in-community",
      previousId: up.id,
      carePlanId: down.id,
    });
    expect((await taskOf(danzeng, up.id)).state).toBe("continued-in-community");
    for (const client of [danzeng, zhouminhua]) {
      const found = async (path: string) =>
        (await client.get(path)).body.entry.map((one: { resource: Resource }) => one.resource);
      const [plan] = await found(`/fhir/CarePlan?subject=Patient/${patientId}&status=active`);
      expect(problemsOf(plan)).toEqual([]);
      expect(fromFhirCarePlan(plan)).toMatchObject({
        reviewOn: "2026-12-06",
        followUps: [{ state: "done", findings: "138/84，无不适" }],
        medicines: [{ text: "缬沙坦 80 mg", substitute: "厄贝沙坦 150 mg" }],
      });
      const flags = await found(`/fhir/Flag?patient=Patient/${patientId}&_sort=_id`);
      expect(flags.flatMap(problemsOf)).toEqual([]);
      expect(flags.map(fromFhirReturnFlag)).toMatchObject([
        { active: true, trigger: { measure: "systolicMmHg", atLeast: 180 } },
        { active: true, trigger: { text: "剧烈头痛" } },
      ]);
      const [episode] = await found(`/fhir/EpisodeOfCare?patient=Patient/${patientId}`);
      expect(problemsOf(episode)).toEqual([]);
      expect(fromFhirEpisodeOfCare(episode)).toMatchObject({
        state: "active",
        careInstitutionId: sakya.tenant,
        referralIds: [up.id, down.id],
        conditionIds: [`${down.id}-impression-1`],
      });
      // The ward's diagnosis has taken the place of the first one.
      const conditions = await found(`/fhir/Condition?patient=Patient/${patientId}`);
      expect(conditions.map(fromFhirCondition)).toMatchObject([
        { certainty: "confirmed", diagnosis: { text: "原发性高血压 3 级" } },
      ]);
      const [stayed] = await found(`/fhir/Encounter?episode-of-care=EpisodeOfCare/${up.episodeId}`);
      expect(problemsOf(stayed)).toEqual([]);
      expect(fromFhirReferralStay(stayed)).toMatchObject({
        status: "finished",
        institutionId: xuhui.tenant,
        admissionNumber: "Z1122",
      });
      const [said] = await found(`/fhir/Communication?based-on=ServiceRequest/${up.id}`);
      expect(said).toMatchObject({ payload: [{ contentString: "患者家属同行" }] });
    }
    // Medicines are ordered in the record of the ward that says so, once.
    expect(await typesIn(xuhui, `${down.id}-medicine`)).toEqual(["MedicationRequest"]);
    expect(await typesIn(sakya, `${down.id}-medicine`)).toEqual([]);
    // Whoever is no party to it has nothing, and reads nothing; changing it is done by us.
    const wang = await test.as("wangjianguo");
    for (const path of [`Task/${up.id}`, `CarePlan/${down.id}`, `EpisodeOfCare/${up.episodeId}`])
      for (const store of ["sakya-chc", "xuhui-central"])
        expect((await wang.get(`/stores/${store}/fhir/${path}`)).status, path).toBe(404);
    const own = (await danzeng.get(`/fhir/Flag/${down.id}-trigger-1`)).body;
    const changed = await danzeng.put(`/fhir/Flag/${own.id}`, { ...own, status: "inactive" });
    expect(changed.status, changed.raw.body).toBe(409);
    expect(await project()).toBe(0);
    expect(faults).toEqual([]);
  });

  it("leaves a house that sent it back the progress, without what it was about", async () => {
    const again = await begin(danzeng, {
      direction: "up",
      content: {
        ...(await upContent()),
        impression: [{ code: "F32.1", text: "中度抑郁发作" }],
      },
    });
    await act(danzeng, again.id, { action: "submit" });
    await project();
    expect(await typesIn(xuhui, again.id)).toEqual(
      expect.arrayContaining(["Condition", "Observation", "ServiceRequest", "Task"]),
    );
    await act(lijia, again.id, { action: "return", reason: "当地可先调药" });
    await project();
    expect(await typesIn(xuhui, again.id)).toEqual(["Task"]);
    const [kept] = await rowsOf(xuhui, `id = '${again.id}' AND NOT deleted`);
    expect(kept!.labels).toContain("PSY");
    expect(JSON.stringify(kept!.content)).not.toMatch(/抑郁|168\/100|氨氯地平/);
    expect(await taskOf(zhouminhua, again.id)).toMatchObject({
      state: "returned",
      requestShown: false,
      reason: "当地可先调药",
    });
    expect((await zhouminhua.get(`/fhir/ServiceRequest/${again.id}`)).status).toBe(410);
    expect((await zhouminhua.get(`/fhir/Condition/${again.id}-impression-1`)).status).toBe(410);
    // The sender has it all, writes it anew and sends it elsewhere: the first house still knows that it said no.
    expect(await taskOf(danzeng, again.id)).toMatchObject({
      state: "returned",
      requestShown: true,
    });
    await act(danzeng, again.id, { action: "revise" });
    await project();
    expect((await taskOf(danzeng, again.id)).state).toBe("returned");
    expect((await taskOf(zhouminhua, again.id)).state).toBe("returned");
    const zhabei = test.ids.institutions.get("zhabei-central")!;
    const { version } = (await danzeng.get(`/api/referrals/${again.id}`)).body;
    await danzeng.put(`/api/referrals/${again.id}/draft`, {
      version,
      content: { toInstitutionId: zhabei, toDepartmentId: await unit(zhabei) },
    });
    await agree(danzeng, again.id);
    await act(danzeng, again.id, { action: "submit" });
    await project();
    expect(await taskOf(danzeng, again.id)).toMatchObject({
      state: "submitted",
      toInstitutionId: zhabei,
    });
    expect(await taskOf(zhouminhua, again.id)).toMatchObject({
      state: "returned",
      toInstitutionId: xuhui.tenant,
    });
    // Closed as it was returned, it is nobody's success.
    const third = await begin(danzeng, { direction: "up", content: await upContent() });
    await act(danzeng, third.id, { action: "submit" });
    await act(lijia, third.id, { action: "return", reason: "请先查肾功能" });
    await act(danzeng, third.id, { action: "conclude", reason: "在本院查" });
    await project();
    expect((await danzeng.get(`/fhir/Task/${third.id}`)).body.status).toBe("rejected");
    expect(await typesIn(xuhui, third.id)).toEqual(["Task"]);
    expect(faults).toEqual([]);
  });
});

/** Several pieces of a stream, none of which ends where base64 does. */
const picture = Buffer.concat([
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  Buffer.from(Array.from({ length: 150_000 }, (_, n) => (n * 7919) % 251)),
]);
/** A file that was laid beside a request, with its bytes where they lie. */
async function attach(consultId: string): Promise<{ id: string; storageKey: string }> {
  const storageKey = randomUUID();
  writeFileSync(join(test.dataDir, "attachments", storageKey), picture);
  const [row] = await test.services.db.withActor(system, (tx) =>
    tx
      .insert(attachment)
      .values({
        consultId,
        purpose: "request",
        name: "血常规.png",
        mediaType: "image/png",
        sizeBytes: picture.length,
        receivedBytes: picture.length,
        state: "complete",
        storageKey,
        uploadedByKind: "staff",
        uploadedById: "x",
        uploadedByName: "旦增",
        completedAt: test.clock.now,
      })
      .returning(),
  );
  return row!;
}

/** The bytes of a file come from where they lie, in both forms, to whom the record is open, each time with a trace. */
async function readsFile(id: string): Promise<void> {
  const path = `/fhir/Binary/${id}`;
  const [kept] = await rowsOf(sakya, `type = 'Binary' AND id = '${id}'`);
  expect(kept!.content).toMatchObject({ contentType: "image/png" });
  expect(JSON.stringify(kept!.content)).not.toContain("data");
  for (const accept of ["image/*", "*/*", "image/avif,image/webp"]) {
    const { status, headers, raw } = await danzeng.get(path, { accept });
    expect(status, raw.body).toBe(200);
    expect(raw.rawPayload).toEqual(picture);
    expect(headers).toMatchObject({
      "content-type": "image/png",
      "content-length": String(picture.length),
      "content-disposition": "attachment",
      "x-content-type-options": "nosniff",
      "x-security-context": kept!.content.securityContext.reference,
      etag: 'W/"1"',
      vary: expect.stringMatching(/accept/i),
    });
    expect(headers["content-security-policy"]).toContain("sandbox");
  }
  for (const asked of [
    await danzeng.get(path, { accept: "application/fhir+json" }),
    await danzeng.get(`${path}?_format=json`),
  ]) {
    expect(asked.headers["content-type"]).toContain("application/fhir+json");
    expect(problemsOf(asked.body)).toEqual([]);
    expect(asked.body).toMatchObject({ id, data: picture.toString("base64") });
  }
  const unchanged = await danzeng.get(path, { "if-none-match": 'W/"1"' });
  expect([unchanged.status, unchanged.raw.body]).toEqual([304, ""]);
  // The patient has let the other house see his records: it reads at the house that keeps them.
  expect((await zhouminhua.get(`/stores/sakya-chc${path}`)).raw.rawPayload).toEqual(picture);
  expect((await zhouminhua.get(path)).status).toBe(404);
  expect((await (await test.as("hejing")).get(path)).status).toBe(403);
  expect((await test.anonymous.get(path)).status).toBe(401);
  expect((await danzeng.get(path, { accept: "application/fhir+xml" })).status).toBe(406);
  // A system needs the scope of files.
  for (const [scope, status] of [
    ["system/Binary.r", 200],
    ["system/DocumentReference.rs", 403],
  ] as const) {
    const authorization = `Bearer ${await token([scope])}`;
    const asked = await test.anonymous.get(`/stores/sakya-chc${path}`, { authorization });
    expect(asked.status, scope).toBe(status);
  }
  // The page of whoever may read it leads there.
  await indexStore(test.services, sakya.tenant);
  const documents = (await recordOf(test.ids.patients.get("dawa")!)).filter(
    (one) => one.file?.name === "血常规.png",
  );
  expect(documents.map((one) => one.file!.path)).toEqual([`/stores/sakya-chc${path}`]);
  expect((await danzeng.get(documents[0]!.file!.path)).raw.rawPayload).toEqual(picture);
  const looked = (
    await (await test.as("zhenglan")).get(`/fhir/AuditEvent?entity=Binary/${id}&_total=accurate`)
  ).body;
  expect(JSON.stringify(looked), "who looked").toContain(id);
}

/** Items of the federated record, as danzeng reads it. */
async function recordOf(patientId: string): Promise<RecordItem[]> {
  const answer = await danzeng.get(`/api/patients/${patientId}/record`);
  expect(answer.status).toBe(200);
  return answer.raw.body
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as RecordEvent)
    .flatMap((event) => (event.type === "items" ? event.items : []));
}

async function token(scopes: string[]): Promise<string> {
  const keeper = await test.as("zhenglan");
  const keys = await generateKeyPair("ES384");
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: "k", alg: "ES384", use: "sig" };
  const { client } = (
    await keeper.post("/api/smart/clients", { name: "排班系统", scopes, jwks: { keys: [jwk] } })
  ).body;
  const assertion = await new SignJWT({
    iss: client.id,
    sub: client.id,
    aud: `${test.services.publicUrl}/auth/token`,
    jti: randomUUID(),
    exp: Math.floor(test.clock.now.getTime() / 1000) + 120,
  })
    .setProtectedHeader({ alg: "ES384", kid: "k" })
    .sign(keys.privateKey);
  const answer = await test.app.inject({
    method: "POST",
    url: "/auth/token",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    payload: new URLSearchParams({
      grant_type: "client_credentials",
      scope: scopes.join(" "),
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: assertion,
    }).toString(),
  });
  return answer.json().access_token;
}
