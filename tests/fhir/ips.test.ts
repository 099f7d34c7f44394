import type { Bundle, Composition, Resource } from "@medplum/fhirtypes";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type IpsFacts, toIpsDocument } from "../../fhir-mappings/ips.ts";
import { ipsSectionNames, ipsSectionsOf } from "../../fhir-mappings/ips-sections.ts";
import { ipsLanguages } from "../../fhir-mappings/ips-words.ts";
import { validateResource } from "../../server/fhir/validation/validate.ts";

const subject = { reference: "Patient/p1" };
const loinc = (code: string, display: string) => ({
  coding: [{ system: "http://loinc.org", code, display }],
});
const clinical = (code: string) => ({
  coding: [{ system: "http://terminology.hl7.org/CodeSystem/condition-clinical", code }],
});
const category = (code: string) => [
  { coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code }] },
];
const condition = (id: string, text: string, status: string, more: object = {}): Resource => ({
  resourceType: "Condition",
  id,
  subject,
  code: { text },
  clinicalStatus: clinical(status),
  recordedDate: "2026-05-01",
  ...more,
});
const haemoglobin = (day: number, value: number): Resource => ({
  resourceType: "Observation",
  id: `hb-${day}`,
  status: "final",
  subject,
  category: category("laboratory"),
  code: loinc("718-7", "Hemoglobin"),
  effectiveDateTime: `2026-11-${String(day).padStart(2, "0")}`,
  valueQuantity: { value, unit: "g/L", system: "http://unitsofmeasure.org", code: "g/L" },
  performer: [{ reference: "Organization/lab" }],
});
const resources: Resource[] = [
  condition("c1", "高原红细胞增多症 <Monge>", "active", {
    encounter: { reference: "Encounter/e9" },
  }),
  condition("c2", "阑尾炎", "resolved", { abatementDateTime: "2019-02-01" }),
  condition("c3", "误录", "active", {
    clinicalStatus: undefined,
    verificationStatus: {
      coding: [
        {
          system: "http://terminology.hl7.org/CodeSystem/condition-ver-status",
          code: "entered-in-error",
        },
      ],
    },
  }),
  ...[1, 5, 9, 13].map((day) => haemoglobin(day, 190 + day)),
  { resourceType: "Organization", id: "lab", name: "检验科" },
  {
    resourceType: "MedicationRequest",
    id: "m1",
    status: "active",
    intent: "order",
    subject,
    medicationReference: { reference: "Medication/aspirin", display: "阿司匹林" },
  },
  { resourceType: "Medication", id: "aspirin", code: { text: "阿司匹林" } },
];
const facts = (more: Partial<IpsFacts> = {}): IpsFacts => {
  let count = 0;
  return {
    patient: {
      resourceType: "Patient",
      id: "p1",
      name: [{ text: "达娃" }],
      birthDate: "1990-01-01",
    },
    resources,
    author: { resourceType: "Organization", id: "sakya", name: "萨迦县卫生服务中心" },
    at: "2026-11-23T10:00:00+08:00",
    language: "zh-CN",
    base: "https://yilian.example.org/fhir",
    withheld: 0,
    newId: () => `00000000-0000-4000-8000-${String(++count).padStart(12, "0")}`,
    ...more,
  };
};
const compositionOf = (bundle: Bundle) => bundle.entry![0]!.resource as Composition;
const problems = (bundle: Bundle) =>
  validateResource(bundle).filter(({ severity }) => severity !== "warning");

describe("a patient summary", () => {
  it.each(ipsLanguages)(
    "is a valid document in %s, with and without anything in it",
    (language) => {
      expect(problems(toIpsDocument(facts({ language })))).toEqual([]);
      expect(problems(toIpsDocument(facts({ language, resources: [] })))).toEqual([]);
    },
  );

  it("puts what is now, what was, and nothing that was entered in error", () => {
    const bundle = toIpsDocument(facts());
    const titles = compositionOf(bundle).section!.map(({ title }) => title);
    expect(titles).toEqual(["过敏与不良反应", "现有疾病", "用药", "检查检验结果", "既往疾病"]);
    const text = JSON.stringify(bundle);
    expect(text).toContain("高原红细胞增多症 &lt;Monge&gt;");
    expect(text).not.toContain("误录");
  });

  it("never says that there is nothing: it says that nobody knows, or that it is withheld", () => {
    const reasons = (withheld: number) =>
      compositionOf(toIpsDocument(facts({ resources: [], withheld }))).section!.map(
        ({ emptyReason }) => emptyReason!.coding![0]!.code,
      );
    expect(reasons(0)).toEqual(["unavailable", "unavailable", "unavailable"]);
    // Allergies are never hidden, so an empty list of them is not a withheld one.
    expect(reasons(2)).toEqual(["unavailable", "withheld", "withheld"]);
  });

  it("says of which diagnosis nobody is sure yet, and leaves out nothing that may harm because of a code", () => {
    const verified = (code: string) => ({ verificationStatus: { coding: [{ code }] } });
    const allergy = (id: string, text: string, more: object): Resource =>
      ({
        resourceType: "AllergyIntolerance",
        id,
        patient: subject,
        code: { text },
        ...more,
      }) as Resource;
    const request = (id: string, status: string): Resource =>
      ({
        resourceType: "MedicationRequest",
        id,
        status,
        intent: "order",
        subject,
        medicationCodeableConcept: { text: id },
      }) as Resource;
    const known = [
      condition("c1", "过敏性紫癜", "active", verified("provisional")),
      condition("c2", "肾炎", "active", verified("differential")),
      condition("c3", "肠套叠", "active", verified("refuted")),
      condition("c4", "哮喘", "asleep"),
      allergy("a1", "青霉素", { clinicalStatus: { coding: [{ code: "odd" }] } }),
      allergy("a2", "花生", verified("refuted")),
      request("正在用", "active"),
      request("用完了", "completed"),
      request("不明", "odd"),
    ];
    const shown = Object.fromEntries(
      ipsSectionsOf(known).map(({ name, resources: of }) => [name, of.map(({ id }) => id)]),
    );
    expect(shown).toMatchObject({
      allergies: ["a1"],
      problems: ["c1", "c2", "c4"],
      medications: ["正在用"],
      pastProblems: [],
    });
    const words = { "zh-CN": "初步诊断", en: "provisional", bo: "ཐོག་མའི་ནད་གཞི་ངོས་འཛིན།" };
    for (const language of ipsLanguages)
      expect(JSON.stringify(toIpsDocument(facts({ language, resources: known })))).toContain(
        `过敏性紫癜 · ${words[language]} · 2026-05-01`,
      );
  });

  it("takes the last three results of a kind, and what they refer to", () => {
    const bundle = toIpsDocument(facts());
    const ids = bundle.entry!.map(({ resource }) => resource!.id);
    expect(ids.filter((id) => id?.startsWith("hb-"))).toEqual(["hb-13", "hb-9", "hb-5"]);
    expect(ids).toEqual(expect.arrayContaining(["lab", "aspirin"]));
  });

  it("refers to its own entries, and to the rest by a whole address", () => {
    const bundle = toIpsDocument(facts());
    const known = new Set(bundle.entry!.map(({ fullUrl }) => fullUrl));
    const references = [...JSON.stringify(bundle).matchAll(/"reference":"([^"]+)"/g)].map(
      ([, reference]) => reference!,
    );
    expect(references.length).toBeGreaterThan(8);
    for (const reference of references)
      expect(known.has(reference) || reference.startsWith("https://"), reference).toBe(true);
    expect(references).toContain("https://yilian.example.org/fhir/Encounter/e9");
  });

  it("changes nothing that it was given", () => {
    const given = structuredClone(resources);
    toIpsDocument(facts());
    expect(resources).toEqual(given);
  });
});

describe("its sections", () => {
  it("hold each resource once or not at all, whatever the order", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(resources, { minLength: resources.length }), (order) => {
        const sections = ipsSectionsOf(order);
        expect(sections.map(({ name }) => name)).toEqual([...ipsSectionNames]);
        const ids = sections.flatMap((section) => section.resources.map(({ id }) => id));
        expect(new Set(ids).size).toBe(ids.length);
        expect([...ids].sort()).toEqual(["c1", "c2", "hb-13", "hb-5", "hb-9", "m1"]);
      }),
    );
  });
});
