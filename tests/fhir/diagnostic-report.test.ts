import type { DiagnosticReport, Observation, Resource, Specimen } from "@medplum/fhirtypes";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  fromFhirLabReport,
  type LabReportFacts,
  labFindings,
  labReportStatuses,
  toFhirLabReport,
} from "../../fhir-mappings/lab-report.ts";
import { FhirMappingError } from "../../fhir-mappings/mapping-error.ts";
import { codeSystems, identifierSystems } from "../../fhir-mappings/systems.ts";
import { labResultKinds } from "../../server/sampling/domain.ts";
import { makeTubeCode } from "../../server/sampling/service.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";
import { createSampling } from "../support/lab.ts";
import { problemsOf } from "./definitions.ts";

const orNull = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });
const word = fc.constantFrom("RT-PCR", "复核扩增曲线", "a<b", "L-2026-11-23/7", "བརྟག་དཔྱད།");
const instant = fc.date({
  min: new Date("2020-01-01"),
  max: new Date("2035-01-01"),
  noInvalidDate: true,
});
const facts: fc.Arbitrary<LabReportFacts> = fc.record({
  id: orNull(fc.uuid()),
  identifier: fc.record({ system: fc.constant("urn:lis:jingan"), value: word }),
  status: fc.constantFrom(...labReportStatuses),
  tubeCode: fc.integer({ min: 0, max: 99_999_999 }).map((serial) => makeTubeCode(10, serial)),
  pooledCount: orNull(fc.integer({ min: 1, max: 20 })),
  result: fc.constantFrom(...labFindings),
  method: orNull(word),
  ctOrf: orNull(fc.integer({ min: 0, max: 600 }).map((ct) => ct / 10)),
  ctN: orNull(fc.integer({ min: 0, max: 600 }).map((ct) => ct / 10)),
  testedAt: instant,
  reportedAt: instant,
  laboratoryId: orNull(fc.uuid()),
  reason: orNull(word),
});

describe("DiagnosticReport", () => {
  it("knows every result that a laboratory may give", () => {
    expect([...labFindings]).toEqual([...labResultKinds]);
  });

  it("is valid R4 and comes back as it went, through JSON too", () => {
    fc.assert(
      fc.property(facts, (one) => {
        const report = toFhirLabReport(one);
        expect(problemsOf(report)).toEqual([]);
        for (const part of report.contained ?? []) expect(problemsOf(part)).toEqual([]);
        expect(fromFhirLabReport(JSON.parse(JSON.stringify(report)))).toEqual(one);
      }),
      { numRuns: 60 },
    );
  });

  it("names nobody", () => {
    const [one] = fc.sample(facts, 1);
    expect(JSON.stringify(toFhirLabReport(one!))).not.toContain("Patient");
  });

  const base = (): DiagnosticReport =>
    toFhirLabReport({
      id: null,
      identifier: { system: "urn:lis:jingan", value: "L1" },
      status: "final",
      tubeCode: makeTubeCode(10, 1),
      pooledCount: 2,
      result: "negative",
      method: null,
      ctOrf: null,
      ctN: null,
      testedAt: new Date("2026-11-23T02:00:00Z"),
      reportedAt: new Date("2026-11-23T03:00:00Z"),
      laboratoryId: null,
      reason: null,
    });
  const contained = (report: DiagnosticReport) => report.contained as [Specimen, Observation];
  const wrong: [string, (report: DiagnosticReport) => void, string][] = [
    ["a status that we do not take", (one) => (one.status = "entered-in-error"), "unknown-code"],
    ["no identifier", (one) => delete one.identifier, "missing"],
    [
      "another test",
      (one) => (one.code = { coding: [{ system: codeSystems.loinc, code: "2345-7" }] }),
      "unknown-code",
    ],
    [
      "another result",
      (one) =>
        (contained(one)[1].valueCodeableConcept = {
          coding: [{ system: codeSystems.snomed, code: "52101004" }],
        }),
      "unknown-code",
    ],
    [
      "a result in words only",
      (one) => (contained(one)[1].valueCodeableConcept = { text: "阴性" }),
      "missing",
    ],
    [
      "two results that contradict each other",
      (one) =>
        contained(one)[1].valueCodeableConcept!.coding!.push({
          system: codeSystems.snomed,
          code: "10828004",
        }),
      "contradiction",
    ],
    [
      "an unsatisfactory specimen with a result",
      (one) => (contained(one)[0].status = "unsatisfactory"),
      "contradiction",
    ],
    [
      "no tube",
      (one) => (contained(one)[0].accessionIdentifier = { system: "urn:x", value: "1" }),
      "missing",
    ],
    [
      "a specimen that is not there",
      (one) => (one.specimen = [{ reference: "#nowhere" }]),
      "missing",
    ],
    [
      "an observation where the specimen belongs",
      (one) => (one.specimen = [{ reference: "#result" }]),
      "wrong-shape",
    ],
    ["no time", (one) => delete one.issued, "missing"],
  ];
  it.each(wrong)("is refused with %s", (_, change, problem) => {
    const report = base();
    change(report);
    expect(() => fromFhirLabReport(report)).toThrow(FhirMappingError);
    try {
      fromFhirLabReport(report);
    } catch (error) {
      expect((error as FhirMappingError).problem).toBe(problem);
    }
  });

  it("reads synonyms, and a tube by its bare name", () => {
    const report = base();
    contained(report)[1].valueCodeableConcept = {
      coding: [{ system: codeSystems.snomed, code: "260415000" }],
    };
    report.specimen = [
      { identifier: { system: identifierSystems.tube, value: makeTubeCode(10, 2) } },
    ];
    expect(fromFhirLabReport(report)).toMatchObject({
      result: "negative",
      tubeCode: makeTubeCode(10, 2),
      pooledCount: null,
    });
  });
});

describe("POST /fhir/DiagnosticReport", () => {
  let test: TestApp;
  let qian: Client;
  let sampling: Awaited<ReturnType<typeof createSampling>>;
  const type = { "content-type": "application/fhir+json" };
  beforeAll(async () => {
    test = await buildTestApp();
    qian = await test.as("qianwei");
    sampling = await createSampling(test);
  });
  afterAll(async () => {
    await test.close();
  });
  let number = 0;
  const reportOf = (tubeCode: string, more: Partial<LabReportFacts> = {}): DiagnosticReport => {
    number += 1;
    return toFhirLabReport({
      id: null,
      identifier: { system: "urn:lis:jingan", value: `L${number}` },
      status: "final",
      tubeCode,
      pooledCount: null,
      result: "negative",
      method: "RT-PCR",
      ctOrf: null,
      ctN: null,
      testedAt: test.clock.now,
      reportedAt: test.clock.now,
      laboratoryId: null,
      reason: null,
      ...more,
    });
  };
  async function received(): Promise<string> {
    const tube = await sampling.tube([
      await sampling.person("报告"),
      await sampling.person("同管"),
    ]);
    await sampling.box([tube]);
    await qian.post("/api/lab/tubes/receive", { runId: null, code: tube });
    return tube;
  }
  const send = (body: Resource, who = qian) => who.post("/fhir/DiagnosticReport", body, type);
  const stateOf = async (tube: string) =>
    (await qian.get(`/api/lab/tubes?code=${tube}`)).body.tube.state;

  it("is refused to others, and rubbish is answered as an OperationOutcome", async () => {
    const tube = await received();
    for (const who of ["maqiang", "deji", "taoxiaohui"]) {
      const answer = await send(reportOf(tube), await test.as(who));
      expect([answer.status, answer.body.resourceType]).toEqual([403, "OperationOutcome"]);
    }
    const foreign = await send(reportOf(tube), await test.as("kangning"));
    expect([foreign.status, foreign.body.issue[0].details.coding[0].code]).toEqual([
      409,
      "lab.tube-foreign",
    ]);
    expect((await send(reportOf(tube), test.anonymous)).status).toBe(401);
    const wrong = reportOf(tube);
    (wrong.contained![1] as Observation).valueCodeableConcept = {
      coding: [{ system: codeSystems.snomed, code: "1" }],
    };
    const answer = await send(wrong);
    expect([answer.status, answer.body.issue[0].details.coding[0].code]).toEqual([
      422,
      "lab.report-unreadable",
    ]);
    expect(answer.body.issue[0].details.text).toContain("Observation.value");
    for (const rubbish of [
      {},
      { resourceType: "Patient" },
      { ...reportOf(tube), contained: [7] },
      { ...reportOf(tube), status: 3 },
    ])
      expect((await send(rubbish as Resource)).status).toBe(400);
    expect(
      (await send(reportOf(tube, { status: "preliminary" }))).body.issue[0].details.coding[0].code,
    ).toBe("lab.report-status");
    expect(await stateOf(tube)).toBe("received");
  });

  it("says so in the statement of what is served", async () => {
    const { body } = await test.anonymous.get("/fhir/metadata");
    expect(problemsOf(body)).toEqual([]);
    const [{ resource, interaction }] = body.rest;
    const report = resource.find((one: { type: string }) => one.type === "DiagnosticReport");
    const codes = (list: { code: string }[]) => list.map(({ code }) => code);
    expect(codes(report.interaction)).toEqual(expect.arrayContaining(["read", "create"]));
    expect(codes(interaction)).toEqual(expect.arrayContaining(["batch", "transaction"]));
  });

  it("takes a negative once, however often and by how many it is sent", async () => {
    const tube = await received();
    const report = reportOf(tube);
    const answers = await Promise.all([send(report), send(report), send(report)]);
    expect(answers.map((one) => one.status).sort()).toEqual([200, 200, 201]);
    const { id } = answers[0]!.body;
    expect(answers.every((one) => one.body.id === id && one.body.status === "final")).toBe(true);
    expect(await stateOf(tube)).toBe("negative");
    const back = await qian.get(`/fhir/DiagnosticReport/${id}`);
    expect(fromFhirLabReport(back.body)).toMatchObject({
      tubeCode: tube,
      result: "negative",
      status: "final",
      pooledCount: 2,
    });
    expect((await (await test.as("kangning")).get(`/fhir/DiagnosticReport/${id}`)).status).toBe(
      404,
    );
  });

  it("keeps a positive and every correction for a second person; a change must say that it is one", async () => {
    const tube = await received();
    const first = reportOf(tube);
    await send(first);
    const changed = {
      ...reportOf(tube, { result: "positive" }),
      identifier: first.identifier,
    } as DiagnosticReport;
    const refused = await send(changed);
    expect([refused.status, refused.body.issue[0].details.coding[0].code]).toEqual([
      409,
      "lab.report-changed",
    ]);
    const corrected = {
      ...reportOf(tube, { result: "positive", status: "corrected", reason: "复核" }),
      identifier: first.identifier,
    } as DiagnosticReport;
    const taken = await send(corrected);
    expect([taken.status, taken.body.status]).toEqual([201, "preliminary"]);
    expect((await send(corrected)).body.id).toBe(taken.body.id);
    expect(await stateOf(tube)).toBe("negative");
    const li = await test.as("liqing");
    const { finding, plateId } = (await li.get(`/api/lab/tubes?code=${tube}`)).body;
    expect(finding).toMatchObject({ corrects: true, result: "positive", mayConfirm: true });
    await li.post(`/api/lab/findings/${finding.id}/confirm`, { version: finding.version });
    await li.post(`/api/lab/plates/${plateId}/release`, {});
    expect(await stateOf(tube)).toBe("positive");
    expect((await qian.get(`/fhir/DiagnosticReport/${taken.body.id}`)).body.status).toBe(
      "corrected",
    );
    const { results } = (await qian.get(`/api/lab/tubes?code=${tube}`)).body;
    expect(results.map((one: { result: string }) => one.result)).toEqual(["negative", "positive"]);
  });

  it("takes a Bundle: a batch one by one, a transaction whole or not at all", async () => {
    const [a, b] = [await received(), await received()];
    const unknown = reportOf(makeTubeCode(10, 14_777));
    const apart = reportOf(a);
    const [specimen, observation] = apart.contained as [Specimen, Observation];
    delete apart.contained;
    apart.specimen = [{ reference: "urn:uuid:s" }];
    apart.result = [{ reference: "urn:uuid:o" }];
    const bundle = (kind: string) => ({
      resourceType: "Bundle",
      type: kind,
      entry: [
        { fullUrl: "urn:uuid:s", resource: specimen },
        { fullUrl: "urn:uuid:o", resource: observation },
        { resource: apart },
        { resource: unknown },
      ],
    });
    const whole = await qian.post("/fhir", bundle("transaction"), type);
    expect([whole.status, whole.body.resourceType]).toEqual([404, "OperationOutcome"]);
    expect(await stateOf(a)).toBe("received");
    const batch = await qian.post("/fhir", bundle("batch"), type);
    expect(batch.body.type).toBe("batch-response");
    expect(
      batch.body.entry.map((one: { response: { status: string } }) => one.response.status),
    ).toEqual(["201 Created", "404"]);
    expect(await stateOf(a)).toBe("negative");
    const last = await qian.post(
      "/fhir",
      { resourceType: "Bundle", type: "transaction", entry: [{ resource: reportOf(b) }] },
      type,
    );
    expect(last.body.entry[0].response.location).toMatch(/^DiagnosticReport\//);
    expect(
      (await qian.post("/fhir", { resourceType: "Bundle", type: "message", entry: [] }, type))
        .status,
    ).toBe(400);
  });
});
