import type { Resource } from "@medplum/fhirtypes";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  fromFhirQuestionnaire,
  fromFhirQuestionnaireResponse,
  type QuestionnaireFacts,
  toFhirQuestionnaire,
  toFhirQuestionnaireResponse,
} from "../../fhir-mappings/questionnaire.ts";
import { feverRegions, questionIds } from "../../server/fever/domain.ts";
import { projectTimed } from "../../server/records/projection/projector.ts";
import { issueToken } from "../../server/smart/token.ts";
import { buildTestApp, type TestApp } from "../support/app.ts";
import { problemsOf } from "./definitions.ts";

let test: TestApp;
beforeAll(async () => {
  test = await buildTestApp();
});
afterAll(() => test.close());

const wire = <Type extends Resource>(resource: Type): Type => JSON.parse(JSON.stringify(resource));
const words = fc.record({
  zh: fc.string({ minLength: 1, maxLength: 20 }).filter((text) => text.trim() === text),
  en: fc.constant("Do you feel hot?"),
  bo: fc.constant("ཚ་བ་འདུག་གམ།"),
});
const question = fc.record({
  id: fc.constantFrom(...questionIds),
  section: fc.constantFrom("red-flag", "person", "fever", "exposure"),
  text: words,
});
const questionnaires: fc.Arbitrary<QuestionnaireFacts> = fc.record({
  id: fc.uuid(),
  region: fc.constantFrom(...feverRegions),
  version: fc.integer({ min: 1, max: 99 }),
  status: fc.constantFrom("draft", "active", "retired"),
  validFrom: fc.constant("2026-11-23"),
  questions: fc.uniqueArray(question, { selector: ({ id }) => id, minLength: 1 }).map((list) =>
    list.map((one) => ({
      ...one,
      kind:
        one.id === "temperature"
          ? ("temperature" as const)
          : one.id === "condition"
            ? ("condition" as const)
            : ("choice" as const),
      options:
        one.id === "temperature"
          ? []
          : [{ value: "no", text: { zh: "不是", en: "No", bo: "མེད།" } }],
    })),
  ),
});

describe("mapping", () => {
  it("any version is valid R4 and comes back as it was", () => {
    fc.assert(
      fc.property(questionnaires, (facts) => {
        const resource = wire(toFhirQuestionnaire(facts));
        expect(problemsOf(resource)).toEqual([]);
        expect(fromFhirQuestionnaire(resource)).toEqual(facts);
      }),
      { numRuns: 40 },
    );
  });
  it("any answers are valid R4 and come back as they were", () => {
    const answers = fc.record({
      id: fc.uuid(),
      region: fc.constantFrom(...feverRegions),
      version: fc.integer({ min: 1, max: 99 }),
      patientId: fc.uuid(),
      answeredAt: fc.constant(new Date("2026-11-23T02:00:00Z")),
      askedBy: fc.option(fc.uuid()),
      answers: fc.constantFrom(
        [{ question: "red-breath", value: "yes" } as const],
        [
          { question: "red-breath", value: "no" } as const,
          { question: "temperature", value: "38.0" } as const,
        ],
        [{ question: "temperature", value: "unknown" } as const],
      ),
    });
    fc.assert(
      fc.property(answers, (facts) => {
        const resource = wire(toFhirQuestionnaireResponse(facts));
        expect(problemsOf(resource)).toEqual([]);
        expect(fromFhirQuestionnaireResponse(resource)).toEqual(facts);
      }),
      { numRuns: 40 },
    );
  });
  it("refuses what it does not know", () => {
    const facts: QuestionnaireFacts = {
      id: "x",
      region: "CN-31",
      version: 1,
      status: "active",
      validFrom: "2026-11-23",
      questions: [],
    };
    const good = toFhirQuestionnaire(facts);
    expect(() =>
      fromFhirQuestionnaire({ ...good, item: [{ linkId: "shoe-size", type: "choice" }] }),
    ).toThrow("shoe-size");
    expect(() => fromFhirQuestionnaire({ resourceType: "Patient" })).toThrow("resourceType");
    expect(() =>
      fromFhirQuestionnaireResponse({
        resourceType: "QuestionnaireResponse",
        status: "completed",
        questionnaire: "https://elsewhere.example/Questionnaire/1|1",
      }),
    ).toThrow("questionnaire");
  });
});

describe("/fhir/Questionnaire", () => {
  it("is read by anybody: regional, dated, versioned, red flags before everything", async () => {
    const { status, body, headers } = await test.anonymous.get(
      "/fhir/Questionnaire?jurisdiction=CN-54",
    );
    expect(status).toBe(200);
    expect(headers["content-type"]).toContain("application/fhir+json");
    expect(body.total).toBe(1);
    const { resource } = body.entry[0];
    expect(problemsOf(resource)).toEqual([]);
    expect(resource).toMatchObject({ version: "1", status: "active", date: "2026-01-01" });
    const [first, second, ...rest] = resource.item;
    expect(first.enableWhen).toBeUndefined();
    expect(second.enableWhen).toHaveLength(1);
    // What follows is asked only of those who deny all three.
    for (const item of rest.slice(1)) {
      expect(item.enableWhen.filter((one: { operator: string }) => one.operator === "=")).toEqual(
        ["red-breath", "red-mind", "red-bleeding"].map((id) =>
          expect.objectContaining({
            question: id,
            answerCoding: expect.objectContaining({ code: "no" }),
          }),
        ),
      );
    }
    expect(resource.item.at(-1).linkId).toBe("marmot");
    const one = await test.anonymous.get(`/fhir/Questionnaire/${resource.id}`);
    expect(one.body).toEqual(resource);
    const byUrl = await test.anonymous.get(
      `/fhir/Questionnaire?url=${encodeURIComponent(resource.url)}`,
    );
    expect(byUrl.body.total).toBe(1);
  });
  it("honours what a stranger asks by, and refuses the rest", async () => {
    const search = (query: string) => test.anonymous.get(`/fhir/Questionnaire${query}`);
    const all = await search("");
    expect(all.body.total).toBe(2);
    expect(all.body.link[0]).toMatchObject({ relation: "self" });
    expect(problemsOf(all.body)).toEqual([]);
    const [{ resource }] = all.body.entry;
    for (const [query, total] of [
      [`?_id=${resource.id}`, 1],
      ["?_id=none", 0],
      [`?_id=none,${resource.id}`, 1],
      ["?name=pretri", 2],
      ["?name=zzz", 0],
      [`?title=${encodeURIComponent("就诊")}`, 2],
      ["?status=active", 2],
      ["?status=x", 0],
      ["?status=urn:other|active", 0],
      ["?version=1&jurisdiction=CN-54", 1],
      [`?jurisdiction=${encodeURIComponent("urn:other|CN-54")}`, 0],
      ["?_count=50", 2],
      ["?_summary=count", 2],
      ["?_count=0", 2],
    ] as const) {
      const { status, body } = await search(query);
      expect([status, body.total, query]).toEqual([200, total, query]);
      expect(problemsOf(body), query).toEqual([]);
      expect(body.link[0].url.includes("?"), query).toBe(true);
      if (query.includes("count") && !query.includes("50")) expect(body.entry).toBeUndefined();
      else expect(body.entry?.length ?? 0, query).toBe(total);
    }
    for (const query of [
      "?nonsense=1",
      "?constructor=1",
      "?name:exact=PreTriage",
      "?_count=x",
      "?_count=1",
      "?_include=*",
      "?name=",
      "?status=active&_sort=date",
    ]) {
      const { status, body } = await search(query);
      expect([status, body.resourceType, query]).toEqual([400, "OperationOutcome", query]);
      expect(body.issue[0].details.coding[0].code).toMatch(/^fhir\.search-/);
    }
  });
  it("is searched and read in the store by whoever reads records, as by _search and in a batch", async () => {
    const log = { warn: () => undefined };
    await projectTimed(test.services, log);
    // A second look writes nothing.
    await projectTimed(test.services, log);
    const danzeng = await test.as("danzeng");
    const listed = await test.anonymous.get("/fhir/Questionnaire");
    const ids = listed.body.entry.map((one: { resource: { id: string } }) => one.resource.id);
    type Found = { body: { entry?: { resource: Resource }[] } };
    const idsOf = ({ body }: Found) => (body.entry ?? []).map((one) => one.resource.id);
    const found = await danzeng.get("/fhir/Questionnaire?name=pretri&_sort=_id");
    expect(idsOf(found)).toEqual([...ids].sort());
    expect(found.body.link[0].url).toContain("name=pretri");
    expect(idsOf(await danzeng.get(`/fhir/Questionnaire?_id=${ids[0]}`))).toEqual([ids[0]]);
    expect(idsOf(await danzeng.get("/fhir/Questionnaire?jurisdiction=CN-54"))).toHaveLength(1);
    expect((await danzeng.get("/fhir/Questionnaire?nonsense=1")).status).toBe(400);
    for (const id of ids) {
      const { status, body } = await danzeng.get(`/fhir/Questionnaire/${id}`);
      expect(status).toBe(200);
      expect(body.meta).toMatchObject({ versionId: "1", source: "urn:yilian:alliance" });
      expect(problemsOf(body)).toEqual([]);
    }
    const posted = await danzeng.post("/fhir/Questionnaire/_search?name=pretri&_sort=_id", "", {
      "content-type": "application/x-www-form-urlencoded",
    });
    expect([posted.status, idsOf(posted)]).toEqual([200, [...ids].sort()]);
    const batch = await danzeng.post(
      "/fhir",
      {
        resourceType: "Bundle",
        type: "batch",
        entry: [{ request: { method: "GET", url: "Questionnaire?name=pretri&_sort=_id" } }],
      },
      { "content-type": "application/fhir+json" },
    );
    expect(idsOf({ body: batch.body.entry[0].resource })).toEqual([...ids].sort());
    // A system by its token, in its scopes.
    const { tenant } = await test.services.records.find({ code: "sakya-chc" });
    const bearer = (scope: string) => ({
      authorization: `Bearer ${issueToken(test.services, {
        client: "8b0f5a60-1f7e-4d0c-9a53-2c7d5d8f0a11",
        name: "转诊系统",
        institution: tenant,
        scopes: [scope],
      })}`,
    });
    const may = bearer("system/Questionnaire.rs");
    expect(idsOf(await test.anonymous.get("/fhir/Questionnaire?_sort=_id", may))).toEqual(
      [...ids].sort(),
    );
    expect((await test.anonymous.get(`/fhir/Questionnaire/${ids[0]}`, may)).status).toBe(200);
    const others = bearer("system/Patient.rs");
    expect((await test.anonymous.get("/fhir/Questionnaire", others)).status).toBe(403);
    // Who reads no records is answered as everybody is.
    const phone = await test.as("13800138003");
    expect((await phone.get("/fhir/Questionnaire?status=active")).body.total).toBe(2);
    expect((await phone.get("/fhir/Questionnaire?nonsense=1")).status).toBe(400);
  });
  it("answers in FHIR's own words when there is none", async () => {
    const { status, body } = await test.anonymous.get(
      "/fhir/Questionnaire/11111111-1111-4111-8111-111111111111",
    );
    expect([status, body.resourceType]).toEqual([404, "OperationOutcome"]);
    expect((await test.anonymous.get("/fhir/Questionnaire/x")).status).toBe(400);
  });
  it("keeps answers for those whom they concern", async () => {
    const [phone, other, nurse] = await Promise.all(
      ["13800138003", "13800138004", "fangyun"].map((who) => test.as(who)),
    );
    const patientId = test.ids.patients.get("zhou")!;
    const { body: asked } = await phone!.get(`/api/fever/questionnaire?patientId=${patientId}`);
    const { body } = await phone!.post("/api/fever/screenings", {
      policyId: asked.policyId,
      patientId,
      answers: [{ question: "red-breath", value: "unknown" }],
    });
    const path = `/fhir/QuestionnaireResponse/${body.screening.id}`;
    const mine = await phone!.get(path);
    expect(mine.status).toBe(200);
    expect(problemsOf(mine.body)).toEqual([]);
    expect(fromFhirQuestionnaireResponse(mine.body).answers).toEqual([
      { question: "red-breath", value: "unknown" },
    ]);
    expect((await other!.get(path)).status).toBe(404);
    expect((await nurse!.get(path)).status).toBe(404);
    expect((await test.anonymous.get(path)).status).toBe(401);
  });
});
