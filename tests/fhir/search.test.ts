/** The search against a real PostgreSQL: tables of what is found and what is not. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSearchStore, nameOf, type SearchStore, type TestResource } from "./search-store.ts";

const loinc = "http://loinc.org";
const ucum = "http://unitsofmeasure.org";
const idCard = "https://fhir.nhc.gov.cn/id-card";
let store: SearchStore;

const coded = (code: string, system = loinc, display?: string) => ({
  coding: [{ system, code, ...(display ? { display } : {}) }],
});
const mass = (value: number, code: string) => ({ value, unit: code, system: ucum, code });

const resources: TestResource[] = [
  {
    resourceType: "Organization",
    id: "h1",
    name: "萨迦县医院",
    identifier: [{ system: "urn:org", value: "SJ|1" }],
  },
  {
    resourceType: "Organization",
    id: "h2",
    name: "Huashan Hospital",
    partOf: { reference: "Organization/h1" },
  },
  { resourceType: "Practitioner", id: "d1", name: [{ family: "Müller", given: ["Änne"] }] },
  {
    resourceType: "Patient",
    id: "p1",
    active: true,
    gender: "female",
    birthDate: "1980-02-29",
    name: [{ family: "张", given: ["三丰"] }],
    identifier: [
      {
        system: idCard,
        value: "540225198002290000",
        type: coded("NI", "http://terminology.hl7.org/CodeSystem/v2-0203", "National id"),
      },
      { system: "urn:mrn", value: "A,1" },
    ],
    managingOrganization: { reference: "Organization/h1" },
    generalPractitioner: [{ reference: "Practitioner/d1" }],
    meta: {
      tag: [{ system: "urn:tag", code: "demo" }],
      profile: ["http://example.org/fhir/pat|2.0"],
      source: "urn:lab:1",
    },
  },
  {
    resourceType: "Patient",
    id: "p2",
    active: false,
    gender: "male",
    birthDate: "1980-03",
    name: [{ text: "བཀྲ་ཤིས་ཚེ་རིང་།" }, { text: "ＴＡＳＨＩ Tsering" }],
    managingOrganization: { reference: "https://records.example/fhir/Organization/h2" },
    deceasedDateTime: "2024-05-01",
  },
  {
    resourceType: "Patient",
    id: "p3",
    name: [{ family: "O'Neil", given: ["Zoë"] }],
    birthDate: "1999",
  },
  ...["1", "2", "3", "4"].map((n) => ({
    resourceType: "Observation",
    id: `bp${n}`,
    status: n === "4" ? "entered-in-error" : "final",
    category: [
      coded(
        "vital-signs",
        "http://terminology.hl7.org/CodeSystem/observation-category",
        "Vital Signs",
      ),
    ],
    code: coded("85354-9", loinc, "Blood pressure panel"),
    subject: { reference: n === "3" ? "Patient/p2" : "Patient/p1" },
    effectiveDateTime: `2024-0${n}-15T10:00:00+08:00`,
    component: [
      { code: coded("8480-6"), valueQuantity: mass(100 + 10 * Number(n), "mm[Hg]") },
      { code: coded("8462-4"), valueQuantity: mass(60 + 10 * Number(n), "mm[Hg]") },
    ],
  })),
  {
    resourceType: "Observation",
    id: "w1",
    status: "final",
    code: { text: "Body weight" },
    subject: { reference: "Patient/p1", display: "Zhang" },
    valueQuantity: mass(5400, "g"),
    effectivePeriod: { start: "2024-03-01", end: "2024-03-10" },
    performer: [{ identifier: { system: "urn:staff", value: "77" } }],
  },
  {
    resourceType: "Observation",
    id: "late",
    status: "final",
    code: coded("x-late", "urn:x"),
    subject: { reference: "Patient/comes-later" },
  },
  {
    resourceType: "Encounter",
    id: "e1",
    status: "finished",
    class: { code: "AMB" },
    subject: { reference: "Patient/p1" },
  },
  {
    resourceType: "Condition",
    id: "c1",
    subject: { reference: "Patient/p1" },
    encounter: { reference: "Encounter/e1" },
    code: coded("J18", "urn:icd"),
    recordedDate: "2024-02-02",
  },
  {
    resourceType: "List",
    id: "l1",
    status: "current",
    mode: "working",
    entry: [{ item: { reference: "Patient/p2" } }],
  },
  {
    resourceType: "ValueSet",
    id: "v1",
    url: "http://example.org/vs/bp/systolic",
    status: "active",
    compose: { include: [{ system: loinc, concept: [{ code: "85354-9" }] }] },
  },
  {
    resourceType: "CodeSystem",
    id: "cs1",
    url: "urn:icd",
    status: "active",
    content: "complete",
    concept: [{ code: "J", concept: [{ code: "J18", concept: [{ code: "J18.9" }] }] }],
  },
  {
    resourceType: "Location",
    id: "near",
    name: "Sakya",
    position: { latitude: 28.9, longitude: 88.02 },
  },
  {
    resourceType: "Location",
    id: "far",
    name: "Xuhui",
    position: { latitude: 31.19, longitude: 121.43 },
  },
  {
    resourceType: "Questionnaire",
    id: "q1",
    url: "http://example.org/q",
    status: "active",
    title: "Fever",
  },
  {
    resourceType: "QuestionnaireResponse",
    id: "qr1",
    status: "completed",
    questionnaire: "http://example.org/q|1",
    subject: { reference: "Patient/p1" },
  },
];

beforeAll(async () => {
  store = await createSearchStore();
  await store.put(resources);
});
afterAll(() => store.close());

/** [query, ids that it finds; in any order unless it sorts] */
type Row = readonly [query: string, found: string];
const check = ([query, found]: Row) =>
  it(`${query} finds ${found || "nothing"}`, async () => {
    const mark = query.indexOf("?");
    const type = query.slice(0, mark);
    const names = await store.ids(type || null, query.slice(mark + 1));
    const ids = names.map((name) => (type ? name.slice(type.length + 1) : name));
    const wanted = found.split(" ").filter(Boolean);
    if (query.includes("_sort")) expect(ids).toEqual(wanted);
    else expect(ids.sort()).toEqual(wanted.sort());
  });

describe("strings", () => {
  const rows: Row[] = [
    ["Patient?name=张", "p1"],
    ["Patient?name=张三", "p1"],
    ["Patient?name=三丰", "p1"],
    ["Patient?name:contains=三", "p1"],
    ["Patient?name:contains=丰", "p1"],
    ["Patient?name=丰", ""],
    ["Patient?name=བཀྲ་ཤིས", "p2"],
    ["Patient?name=བཀྲ་ཤས", ""],
    ["Patient?name=tashi", "p2"],
    ["Patient?name=tser", "p2"],
    ["Patient?name=zoe", "p3"],
    ["Patient?name=ZOË", "p3"],
    ["Patient?name:exact=Zoë", "p3"],
    ["Patient?name:exact=zoe", ""],
    ["Patient?family=o'n", "p3"],
    ["Patient?name=张,zoe", "p1 p3"],
    ["Patient?name=张&name=zoe", ""],
    ["Practitioner?name=mull&name=anne", "d1"],
    ["Patient?name:missing=true", ""],
    ["Organization?name=' OR 1=1 --", ""],
    ["Organization?name=%25", ""],
    ["Organization?name:contains=_", ""],
  ];
  rows.forEach(check);
});

describe("tokens", () => {
  const rows: Row[] = [
    ["Patient?gender=female", "p1"],
    ["Patient?gender=FEMALE", "p1"],
    ["Patient?gender=http://hl7.org/fhir/administrative-gender|female", "p1"],
    ["Patient?gender=urn:other|female", ""],
    ["Patient?gender:not=female", "p2 p3"],
    ["Patient?gender:not=female,male", "p3"],
    ["Patient?gender:missing=true", "p3"],
    ["Patient?gender:missing=false", "p1 p2"],
    ["Patient?active=true", "p1"],
    ["Patient?deceased=true", "p2"],
    ["Patient?deceased=false", "p1 p3"],
    [`Patient?identifier=${idCard}|540225198002290000`, "p1"],
    ["Patient?identifier=540225198002290000", "p1"],
    [`Patient?identifier=${idCard}|`, "p1"],
    ["Patient?identifier=|540225198002290000", ""],
    ["Patient?identifier=urn:mrn|A\\,1", "p1"],
    ["Organization?identifier=urn:org|SJ\\|1", "h1"],
    [
      "Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|NI|540225198002290000",
      "p1",
    ],
    [
      "Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MR|540225198002290000",
      "",
    ],
    ["Observation?category:text=vital", "bp1 bp2 bp3 bp4"],
    ["Observation?code:text=body", "w1"],
    ["Observation?code:missing=true", ""],
    ["Observation?code:in=http://example.org/vs/bp/systolic", "bp1 bp2 bp3 bp4"],
    ["Observation?code:not-in=http://example.org/vs/bp/systolic", "w1 late"],
    ["Patient?gender:in=http://hl7.org/fhir/ValueSet/administrative-gender", "p1 p2"],
    ["Condition?code:below=urn:icd|J", "c1"],
    ["Condition?code:above=urn:icd|J18.9", "c1"],
    ["Condition?code:below=urn:icd|J18.9", ""],
    ["Patient?_tag=urn:tag|demo", "p1"],
    ["Patient?_id=p1,p3,nobody", "p1 p3"],
    ["Observation?status=final&code=85354-9", "bp1 bp2 bp3"],
    ["Observation?combo-code=8480-6", "bp1 bp2 bp3 bp4"],
  ];
  rows.forEach(check);
});

describe("dates, with the zone of Shanghai where none is said", () => {
  const rows: Row[] = [
    ["Patient?birthdate=1980-02-29", "p1"],
    ["Patient?birthdate=1980", "p1 p2"],
    ["Patient?birthdate=1980-03-01", ""],
    ["Patient?birthdate=ne1980", "p3"],
    ["Patient?birthdate=gt1980-03-15", "p2 p3"],
    ["Patient?birthdate=sa1980-03-15", "p3"],
    ["Patient?birthdate=lt1980-03", "p1"],
    ["Patient?birthdate=eb1980-03-01", "p1"],
    ["Patient?birthdate=ge1980-03", "p2 p3"],
    ["Patient?birthdate=le1980-03", "p1 p2"],
    ["Patient?birthdate=ap1999", "p3"],
    ["Observation?date=2024-01-15", "bp1"],
    ["Observation?date=2024-01-15T02:00:00Z", "bp1"],
    ["Observation?date=2024-01-15T02:00Z", "bp1"],
    ["Observation?date=2024-01-14", ""],
    ["Observation?date=ge2024-02&date=lt2024-03", "bp2"],
    ["Observation?date=2024-03", "bp3 w1"],
    ["Observation?date=2024-03-05", ""],
    ["Observation?date=ap2024-03-05", "bp1 bp2 bp3 bp4 w1"],
    ["Observation?date:missing=true", "late"],
    ["Patient?_lastUpdated=ge2026-11-23", "p1 p2 p3"],
    ["Patient?_lastUpdated=gt2026-11-23T02:00:00.000Z", ""],
    ["Patient?_lastUpdated=2026-11-23T02:00:00Z", "p1 p2 p3"],
  ];
  rows.forEach(check);
});

describe("numbers and quantities", () => {
  const rows: Row[] = [
    [`Observation?value-quantity=5.4|${ucum}|kg`, "w1"],
    [`Observation?value-quantity=5400|${ucum}|g`, "w1"],
    [`Observation?value-quantity=5.40|${ucum}|kg`, "w1"],
    [`Observation?value-quantity=5.41|${ucum}|kg`, ""],
    [`Observation?value-quantity=gt5.39|${ucum}|kg`, "w1"],
    [`Observation?value-quantity=lt5.39|${ucum}|kg`, ""],
    [`Observation?value-quantity=5400|${ucum}|mL`, ""],
    ["Observation?value-quantity=5400", "w1"],
    ["Observation?value-quantity=5400||g", "w1"],
    ["Observation?value-quantity=5400||kg", ""],
    ["Observation?value-quantity=ne5400", ""],
    ["Observation?value-quantity=ap5600", "w1"],
    ["Observation?component-value-quantity=ge130", "bp3 bp4"],
    ["Observation?component-value-quantity=1.3e2", "bp3"],
    // 16 kPa are 120 mm[Hg].
    [`Observation?component-value-quantity=16.0|${ucum}|kPa`, "bp2"],
    ["Observation?component-code-value-quantity=8480-6$ge120", "bp2 bp3 bp4"],
    ["Observation?component-code-value-quantity=8462-4$ge100", "bp4"],
    ["Observation?combo-code-value-quantity=8462-4$80", "bp2"],
    ["Observation?code-value-quantity=8480-6$120", ""],
  ];
  rows.forEach(check);
});

describe("references, chains and what points here", () => {
  const rows: Row[] = [
    ["Observation?subject=Patient/p2", "bp3"],
    ["Observation?subject=p2", "bp3"],
    ["Observation?patient=p2", "bp3"],
    ["Observation?subject:Patient=p2", "bp3"],
    ["Observation?subject=https://records.example/fhir/Patient/p2", "bp3"],
    ["Observation?subject=https://other.example/fhir/Patient/p2", ""],
    ["Observation?patient:not=p1", "bp3 late"],
    ["Observation?performer:identifier=urn:staff|77", "w1"],
    ["Observation?subject:text=zh", "w1"],
    ["Observation?performer:missing=false", "w1"],
    ["Observation?subject:Patient.name=tashi", "bp3"],
    ["Observation?patient.name=tashi", "bp3"],
    ["Observation?subject.name=tashi", "bp3"],
    ["Observation?patient.organization.name=萨迦", "bp1 bp2 bp4 w1"],
    ["Observation?patient.organization.partof.name=萨迦", "bp3"],
    ["Observation?patient.general-practitioner:Practitioner.name=mull", "bp1 bp2 bp4 w1"],
    ["Observation?patient.gender:not=female", "bp3"],
    ["Observation?patient._id=p2", "bp3"],
    ["Patient?_has:Observation:patient:code=85354-9", "p1 p2"],
    ["Patient?_has:Observation:patient:date=2024-03-15", "p2"],
    ["Patient?_has:Condition:patient:encounter.class=AMB", "p1"],
    ["Organization?_has:Patient:organization:_has:Observation:patient:code:text=body", "h1"],
    ["Patient?_has:Observation:patient:code=none", ""],
    ["Patient?_list=l1", "p2"],
    ["QuestionnaireResponse?questionnaire=http://example.org/q", "qr1"],
    ["QuestionnaireResponse?questionnaire=http://example.org/q|1", "qr1"],
    ["QuestionnaireResponse?questionnaire=http://example.org/q|2", ""],
    ["QuestionnaireResponse?questionnaire.title=fev", "qr1"],
  ];
  rows.forEach(check);

  it("a reference holds when its target comes later", async () => {
    expect(await store.ids("Observation", "patient.name=later")).toEqual([]);
    await store.put([{ resourceType: "Patient", id: "comes-later", name: [{ text: "Later" }] }]);
    expect(await store.ids("Observation", "patient.name=later")).toEqual(["Observation/late"]);
    await store.put([{ resourceType: "Patient", id: "comes-later" }], "DELETE");
    expect(await store.ids("Observation", "patient.name=later")).toEqual([]);
    expect(await store.ids("Patient", "name=later")).toEqual([]);
  });
});

describe("addresses and places", () => {
  const rows: Row[] = [
    ["ValueSet?url=http://example.org/vs/bp/systolic", "v1"],
    ["ValueSet?url=http://example.org/vs/bp", ""],
    ["ValueSet?url:below=http://example.org/vs", "v1"],
    ["ValueSet?url:below=http://example.org/v", ""],
    ["ValueSet?url:above=http://example.org/vs/bp/systolic/child", "v1"],
    ["Patient?_profile=http://example.org/fhir/pat", "p1"],
    ["Patient?_profile=http://example.org/fhir/pat|2.0", "p1"],
    ["Patient?_profile=http://example.org/fhir/pat|3.0", ""],
    ["Patient?_source=urn:lab:1", "p1"],
    ["Location?near=28.9|88.0|5|km", "near"],
    ["Location?near=28.9|88.0|1|km", ""],
    ["Location?near=28.9|88.0|5000|km", "near far"],
  ];
  rows.forEach(check);
});

describe("order, and search across types", () => {
  const rows: Row[] = [
    ["Patient?_sort=birthdate", "p1 p2 p3"],
    ["Patient?_sort=-birthdate", "p3 p2 p1"],
    ["Patient?_sort=gender,-_id", "p1 p2 p3"],
    ["Patient?_sort=-gender", "p2 p1 p3"],
    ["Patient?_sort=-_id", "p3 p2 p1"],
    ["Patient?_sort=family", "p3 p1 p2"],
    ["Observation?_sort=-date", "bp4 bp3 w1 bp2 bp1 late"],
    ["Observation?patient=p1&_sort=date", "bp1 bp2 w1 bp4"],
    ["Observation?_sort=patient,-date", "late bp4 w1 bp2 bp1 bp3"],
    ["Observation?_sort=-value-quantity,_id", "w1 bp1 bp2 bp3 bp4 late"],
    ["Observation?code=85354-9&_sort=-_lastUpdated,-date", "bp4 bp3 bp2 bp1"],
    ["?_type=Encounter,Condition", "Encounter/e1 Condition/c1"],
    ["?_type=Encounter,Condition&patient=p1", "Encounter/e1 Condition/c1"],
    ["?_type=Patient,Encounter&_tag=demo", "Patient/p1"],
    ["?_tag=urn:tag|demo", "Patient/p1"],
    ["?_id=e1", "Encounter/e1"],
  ];
  rows.forEach(check);
});

describe("pages", () => {
  const walk = async (query: string, between: (page: number) => Promise<void> = async () => {}) => {
    const seen: string[] = [];
    let cursor = "";
    for (let page = 0; page < 20; page += 1) {
      const found = await store.search("Observation", `${query}${cursor}`);
      seen.push(...found.matches.map(({ id }) => id));
      if (!found.next) return seen;
      cursor = `&_cursor=${found.next}`;
      await between(page);
    }
    throw new Error("no end");
  };

  for (const sort of [
    "",
    "&_sort=date",
    "&_sort=-date",
    "&_sort=status,-date",
    "&_sort=-_lastUpdated",
    "&_sort=-value-quantity",
  ]) {
    it(`show everything once${sort}`, async () => {
      const whole = (await store.ids("Observation", `_count=100${sort}`)).map((name) =>
        name.slice(12),
      );
      expect(await walk(`_count=1${sort}`)).toEqual(whole);
      expect(await walk(`_count=2${sort}`)).toEqual(whole);
    });
  }

  it("neither skip nor repeat what stays when others are written and deleted meanwhile", async () => {
    const extra = (n: number) => ({
      resourceType: "Observation",
      id: `x${n}`,
      status: "final",
      code: coded("x"),
      effectiveDateTime: `2024-0${1 + (n % 8)}-01`,
    });
    const before = (await store.ids("Observation", "_count=100&_sort=date")).map((name) =>
      name.slice(12),
    );
    const shown = await walk("_count=1&_sort=date", async (page) => {
      await store.put([extra(page)]);
      if (page === 1) await store.put([{ resourceType: "Observation", id: "x0" }], "DELETE");
    });
    expect(shown.filter((id) => !id.startsWith("x"))).toEqual(before);
    expect(new Set(shown).size).toBe(shown.length);
    const made = (await store.ids("Observation", "code=x&_count=100")).map((name) => ({
      resourceType: "Observation",
      id: name.slice(12),
    }));
    await store.put(made, "DELETE");
  });

  it("belong to their search", async () => {
    const { next } = await store.search("Observation", "_count=1&status=final");
    await expect(
      store.search("Observation", `_count=1&status=amended&_cursor=${next}`),
    ).rejects.toMatchObject({ code: "fhir.search-page" });
    await expect(store.search("Observation", "_cursor=rubbish")).rejects.toMatchObject({
      code: "fhir.search-page",
    });
  });

  it("totals count what matches, not what is shown", async () => {
    expect((await store.search("Observation", "_count=2&_total=accurate&patient=p1")).total).toBe(
      4,
    );
    expect((await store.search("Observation", "_count=2&_total=estimate&patient=p1")).total).toBe(
      4,
    );
    expect((await store.search("Observation", "_summary=count")).total).toBe(6);
    expect((await store.search("Observation", "_count=2")).total).toBeUndefined();
  });
});

describe("includes", () => {
  const included = async (type: string, query: string) => {
    const page = await store.search(type, query);
    return page.included.map(nameOf).sort().join(" ");
  };
  const rows: Row[] = [
    ["Observation?_id=bp3&_include=Observation:subject", "Patient/p2"],
    ["Observation?_id=bp3&_include=Observation:patient:Patient", "Patient/p2"],
    ["Observation?_id=bp3&_include=Observation:subject:Group", ""],
    [
      "Observation?_id=bp3&_include=Observation:subject&_include:iterate=Patient:organization&_include:iterate=Organization:partof",
      "Organization/h1 Organization/h2 Patient/p2",
    ],
    [
      "Observation?_id=bp3&_include=Observation:subject&_include=Patient:organization",
      "Patient/p2",
    ],
    ["Patient?_id=p1&_include=Patient:*", "Organization/h1 Practitioner/d1"],
    ["Patient?_id=p2&_revinclude=Observation:subject", "Observation/bp3"],
    ["Patient?_id=p2&_revinclude=*", "List/l1 Observation/bp3"],
    [
      "Patient?_id=p1&_revinclude=Condition:patient&_include:iterate=Condition:encounter",
      "Condition/c1 Encounter/e1",
    ],
    ["QuestionnaireResponse?_include=QuestionnaireResponse:questionnaire", "Questionnaire/q1"],
  ];
  for (const [query, found] of rows) {
    it(`${query} brings ${found || "nothing"}`, async () => {
      const [type = "", rest = ""] = query.split("?");
      expect(await included(type, rest)).toBe(found);
    });
  }
});
