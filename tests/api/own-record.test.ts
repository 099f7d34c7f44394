import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isValid, validateResource } from "../../server/fhir/service.ts";
import { buildTestApp, type Client, type TestApp } from "../support/app.ts";

let test: TestApp;
/** Doctors of 萨迦 and of 徐汇, and the mother of 达瓦. */
let danzeng: Client;
let zhou: Client;
let mother: Client;
let dawa: string;

beforeAll(async () => {
  test = await buildTestApp();
  await test.app.listen({ port: 0, host: "127.0.0.1" });
  [danzeng, zhou, mother] = (await Promise.all(
    ["danzeng", "zhouminhua", "13800138001"].map((who) => test.as(who)),
  )) as [Client, Client, Client];
  dawa = test.ids.patients.get("dawa")!;
});
afterAll(() => test.close());

type Section = { title: string; entry?: { reference: string }[]; emptyReason?: { text: string } };
const sectionsOf = (document: { entry: { resource: { section: Section[] } }[] }) =>
  document.entry[0]!.resource.section;

describe("Patient/$summary at a store", () => {
  it("refuses strangers, families, staff without a doctor's rights, unknown people and parameters", async () => {
    for (const [who, client, status] of [
      ["nobody", test.anonymous, 401],
      ["family", mother, 403],
      ["interpreter", await test.as("lazhen"), 403],
    ] as const)
      expect((await client.get(`/fhir/Patient/${dawa}/$summary`)).status, who).toBe(status);
    for (const [path, status] of [
      ["/fhir/Patient/nobody/$summary", 404],
      ["/fhir/Patient/a_b/$summary", 400],
      [`/fhir/Patient/${dawa}/$summary?profile=x`, 400],
      [`/stores/nowhere/fhir/Patient/${dawa}/$summary`, 404],
    ] as const) {
      const answer = await danzeng.get(path);
      expect(answer.status, path).toBe(status);
      expect(answer.body.resourceType).toBe("OperationOutcome");
    }
    // Nothing was shared with 徐汇: there is no such patient for it.
    const luosang = test.ids.patients.get("luosang")!;
    expect((await zhou.get(`/stores/sakya-chc/fhir/Patient/${luosang}/$summary`)).status).toBe(404);
  });

  it("is a valid document of what the caller may see, in his language, with an audit row of its own", async () => {
    const answer = await danzeng.get(`/fhir/Patient/${dawa}/$summary`, { "accept-language": "en" });
    expect(answer.status, answer.raw.body.slice(0, 300)).toBe(200);
    expect(answer.headers["content-type"]).toContain("application/fhir+json");
    expect(answer.body).toMatchObject({ resourceType: "Bundle", type: "document" });
    expect(
      isValid(validateResource(answer.body)),
      JSON.stringify(validateResource(answer.body)),
    ).toBe(true);
    expect(answer.body.entry[0].resource).toMatchObject({
      resourceType: "Composition",
      title: "International Patient Summary",
    });
    expect(sectionsOf(answer.body)[0]).toMatchObject({ title: "Allergies and intolerances" });
    expect(sectionsOf(answer.body)[0]!.entry).toHaveLength(1);

    // What the patient withholds is said to another house, not shown.
    const zhaxi = test.ids.patients.get("zhaxi")!;
    const own = await danzeng.get(`/fhir/Patient/${zhaxi}/$summary`);
    const foreign = await zhou.get(`/stores/sakya-chc/fhir/Patient/${zhaxi}/$summary`);
    expect(own.raw.body).toContain("酒精有害使用");
    expect(foreign.raw.body).not.toContain("酒精有害使用");
    expect(foreign.raw.body).toContain("继发性红细胞增多症");

    const statement = await danzeng.get("/fhir/metadata");
    const patient = statement.body.rest[0].resource.find(
      (one: { type: string }) => one.type === "Patient",
    );
    expect(patient.operation.map((one: { name: string }) => one.name)).toContain("summary");
  });
});
