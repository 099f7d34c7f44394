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
