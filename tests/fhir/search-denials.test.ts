/**
 * Who sees what: tenancy and consent hold inside the query, for matches, totals, chains, `_has`,
 * includes and pages; and the plans of it keep their indexes as the application's role.
 */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { everything } from "../../server/fhir/search/service.ts";
import type { StoreTx } from "../../server/fhir/store/database.ts";
import { seedStore } from "../load/fhir-seed.ts";
import { type Caller, createSearchStore, nameOf, type SearchStore } from "./search-store.ts";

const other = randomUUID();
const foreign = randomUUID();
/** Speaks for another institution: sees what consent permits. */
const visitor: Caller = { institution: foreign };
const subject = (id: string) => ({ reference: `Patient/${id}` });
const secret = { security: [{ system: "urn:labels", code: "HIV" }] };
let store: SearchStore;

beforeAll(async () => {
  store = await createSearchStore();
  await store.put([
    { resourceType: "Organization", id: "org", name: "Here" },
    {
      resourceType: "Patient",
      id: "open",
      name: [{ family: "Open" }],
      managingOrganization: { reference: "Organization/org" },
    },
    { resourceType: "Patient", id: "shut", name: [{ family: "Shut" }] },
    {
      resourceType: "Observation",
      id: "plain",
      status: "final",
      code: { coding: [{ code: "a" }] },
      subject: subject("open"),
    },
    {
      resourceType: "Observation",
      id: "hiv",
      status: "final",
      code: { coding: [{ code: "hiv" }] },
      subject: subject("open"),
      meta: secret,
    },
    {
      resourceType: "Observation",
      id: "hidden",
      status: "final",
      code: { coding: [{ code: "a" }] },
      subject: subject("shut"),
    },
    {
      resourceType: "DiagnosticReport",
      id: "report",
      status: "final",
      code: { coding: [{ code: "r" }] },
      subject: subject("open"),
      result: [{ reference: "Observation/hiv" }, { reference: "Observation/plain" }],
    },
  ]);
  await store.put(
    [
      { resourceType: "Patient", id: "elsewhere", name: [{ family: "Open" }] },
      {
        resourceType: "Observation",
        id: "elsewhere",
        status: "final",
        code: { coding: [{ code: "a" }] },
        subject: subject("open"),
      },
    ],
    "PUT",
    other,
  );
  await store.as(async (tx) => {
    const rule = (patient: string, label: string | null, decision: string) =>
      tx.unsafe(
        "INSERT INTO consent_rule (tenant, patient, recipient, label, decision, starts_at) VALUES ($1::uuid, $2, $3::uuid, $4, $5, '2020-01-01')",
        [store.tenant, patient, foreign, label, decision],
      );
    await rule("open", null, "permit");
    await rule("open", "HIV", "deny");
  });
});
afterAll(() => store.close());

describe("another tenant's resources", () => {
  it("are not found, counted, chained to or included", async () => {
    expect(await store.ids("Patient", "family=open")).toEqual(["Patient/open"]);
    expect((await store.search("Patient", "family=open&_summary=count")).total).toBe(1);
    expect(await store.ids("Patient", "_has:Observation:patient:_id=elsewhere")).toEqual([]);
    const page = await store.search("Patient", "_id=open&_revinclude=Observation:patient");
    expect(page.included.map(nameOf).sort()).toEqual(["Observation/hiv", "Observation/plain"]);
    expect(await store.ids("Observation", "", { tenant: other })).toEqual([
      "Observation/elsewhere",
    ]);
    expect(await store.ids("Observation", "patient.family=open", { tenant: other })).toEqual([]);
  });

  it("are not there without a tenant, and for one that has written nothing", async () => {
    expect(await store.ids("Patient", "", { tenant: randomUUID() })).toEqual([]);
    expect(
      await store.ids("Patient", "_id:missing=false".replace(":missing=false", "=open"), {
        tenant: randomUUID(),
      }),
    ).toEqual([]);
  });
});

describe("what a patient withholds", () => {
  it("is in no match and in no total", async () => {
    expect(await store.ids("Observation", "", visitor)).toEqual(["Observation/plain"]);
    expect((await store.search("Observation", "_total=accurate", visitor)).total).toBe(1);
    expect((await store.search("Observation", "_total=estimate", visitor)).total).toBe(1);
    expect(await store.ids("Observation", "code=hiv", visitor)).toEqual([]);
    expect(await store.ids("Observation", "code:not=a", visitor)).toEqual([]);
    expect(await store.ids("Patient", "", visitor)).toEqual(["Patient/open"]);
    expect(await store.ids("Observation", "_sort=-date", visitor)).toEqual(["Observation/plain"]);
    expect((await store.ids(null, "_type=Patient,Observation", visitor)).sort()).toEqual([
      "Observation/plain",
      "Patient/open",
    ]);
  });

  it("does not answer for others in chains and _has", async () => {
    expect(await store.ids("Patient", "_has:Observation:patient:code=hiv", visitor)).toEqual([]);
    expect(await store.ids("Patient", "_has:Observation:patient:code=hiv")).toEqual([
      "Patient/open",
    ]);
    expect(await store.ids("DiagnosticReport", "result.code=hiv", visitor)).toEqual([]);
    expect(await store.ids("DiagnosticReport", "result.code=a", visitor)).toEqual([
      "DiagnosticReport/report",
    ]);
    expect(await store.ids("Patient", "organization.name=here", visitor)).toEqual(["Patient/open"]);
  });

  it("is in no include, and in no everything", async () => {
    const page = await store.search(
      "DiagnosticReport",
      "_include=DiagnosticReport:result",
      visitor,
    );
    expect(page.included.map(nameOf)).toEqual(["Observation/plain"]);
    const reversed = await store.search("Patient", "_revinclude=Observation:patient", visitor);
    expect(reversed.included.map(nameOf)).toEqual(["Observation/plain"]);
    const all = await store.as((tx) => everything(tx, { patientId: "open", count: 50 }), visitor);
    expect(all.resources.map(nameOf)).toEqual([
      "Patient/open",
      "DiagnosticReport/report",
      "Observation/plain",
    ]);
    expect(all.related.map(nameOf)).toEqual(["Organization/org"]);
    const shut = await store.as((tx) => everything(tx, { patientId: "shut", count: 50 }), visitor);
    expect(shut.resources).toEqual([]);
  });

  it("is seen by the institution itself, and in an emergency", async () => {
    expect(await store.ids("Observation", "code=hiv")).toEqual(["Observation/hiv"]);
    expect(
      await store.ids("Observation", "code=hiv", { ...visitor, purpose: "emergency" }),
    ).toEqual(["Observation/hiv"]);
  });

  it("everything comes in pages that end", async () => {
    const found: string[] = [];
    let after: string | undefined;
    do {
      const page = await store.as((tx) =>
        everything(tx, { patientId: "open", count: 1, ...(after ? { after } : {}) }),
      );
      found.push(...page.resources.map(nameOf));
      after = page.next;
    } while (after);
    expect(found).toEqual([
      "Patient/open",
      "DiagnosticReport/report",
      "Observation/hiv",
      "Observation/plain",
    ]);
  });
});

describe("plans under row policies, with fifty thousand resources", () => {
  let big: SearchStore;
  beforeAll(async () => {
    big = await createSearchStore();
    await seedStore(big.adminUrl, big.tenant, 50_000);
  }, 120_000);
  afterAll(() => big.close());

  /** Plans of all statements of a search, as they run. */
  const plansOf = async (type: string, query: string): Promise<string> =>
    await big.as(async (tx) => {
      const plans: string[] = [];
      const watched: StoreTx = {
        unsafe: async (text, parameters) => {
          const rows = await tx.unsafe(`EXPLAIN (COSTS OFF) ${text}`, parameters);
          plans.push(rows.map((row) => row["QUERY PLAN"]).join("\n"));
          return await tx.unsafe(text, parameters);
        },
      };
      const { parseSearch, runSearch } = await import("../../server/fhir/search/service.ts");
      const request = parseSearch(type, [...new URLSearchParams(query)], {
        strict: true,
        base: "",
      });
      const page = await runSearch(watched, request, { now: big.now });
      expect(page.matches.length).toBeGreaterThan(0);
      return plans.join("\n");
    });

  it.each([
    ["Patient", "identifier=urn:mrn|MRN-77", "search_token_code"],
    ["Patient", "name=李", "search_string_value"],
    ["Patient", "name:contains=国", "search_string_value"],
    ["Observation", "patient=pat-77", "search_reference_target"],
    ["Observation", "patient=pat-77&code=8302-2&_sort=-date", "search_reference_target"],
    ["Observation", "code=8302-2", "search_token_code"],
    ["Observation", "code=8302-2&_sort=-date", "search_date_high"],
    ["Observation", "_sort=date", "search_date_low"],
    ["Observation", "date=ge2026-05-01&_sort=-date", "search_date_high"],
    ["Observation", "patient.identifier=MRN-77", "search_token_code"],
    ["Observation", "encounter.participant.identifier=DOC-7&code=8302-2", "search_reference"],
    ["Patient", "_has:Condition:patient:code=44054290", "search_token_code"],
    ["Encounter", "patient=pat-77&_revinclude=Observation:encounter", "search_reference_target"],
    ["Observation", "_lastUpdated=ge2026-01-01&_sort=_lastUpdated", "resource_of_type"],
  ])("%s?%s walks %s and no table whole", async (type, query, index) => {
    const plans = await plansOf(type, query);
    expect(plans).toContain(index);
    expect(plans).not.toMatch(
      /Seq Scan on (resource|search_(token|string|date|number|reference|entry))/,
    );
  });
});
