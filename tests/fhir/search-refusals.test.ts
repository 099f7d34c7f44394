/** What is not understood is refused by name: a query is never answered less filtered than it was asked. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DomainError } from "../../server/errors/domain-error.ts";
import { parametersOf } from "../../server/fhir/search/definitions.ts";
import { escapeValue, splitEscaped, unescapeValue } from "../../server/fhir/search/escape.ts";
import { linksOf, parseSearch } from "../../server/fhir/search/service.ts";
import { keysOf, probe } from "../../server/fhir/search/sql-tests.ts";
import { createStatement } from "../../server/fhir/search/statement.ts";

const parse = (address: string, strict = true) => {
  const [type = "", query = ""] = address.split(/\?(.*)/s);
  return parseSearch(type || null, [...new URLSearchParams(query)], {
    strict,
    base: "https://here/fhir",
  });
};
const codeOf = (work: () => unknown): string => {
  try {
    work();
    return "understood";
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return error.code.replace("fhir.search-", "");
  }
};

describe("a search is refused", () => {
  it.each([
    ["Patient?nme=x", "parameter"],
    ["Patient?subject=x", "parameter"],
    ["Patient?constructor=x", "parameter"],
    ["Patient?toString=x", "parameter"],
    ["Patient?__proto__=x", "parameter"],
    ["constructor?_id=x", "fhir.type"],
    ["Observation?patient.nme=x", "parameter"],
    ["Patient?_has:Observation:patient:cod=x", "parameter"],
    ["Patient?_sort=nme", "parameter"],
    ["?code=x", "parameter"],
    ["?_type=Patient,Encounter&birthdate=2000", "parameter"],
    ["Patient?birthdate:exact=2000", "modifier"],
    ["Patient?name:below=x", "modifier"],
    ["Patient?name:exact:contains=x", "modifier"],
    ["Patient?gender:contains=x", "modifier"],
    ["Observation?subject:Practitioner=1", "modifier"],
    ["Observation?patient:Group=1", "modifier"],
    ["Observation?code.name=1", "modifier"],
    ["Observation?code:of-type=a|b|c", "modifier"],
    ["Patient?_has:Nothing:patient:code=x", "modifier"],
    ["Patient?_has:Observation:code:code=x", "modifier"],
    ["Patient?_count:exact=1", "modifier"],
    ["Patient?birthdate=yesterday", "value"],
    ["Patient?birthdate=2023-02-30", "value"],
    ["Patient?birthdate=xx2023", "value"],
    ["Patient?birthdate=2023,", "value"],
    ["Patient?name=", "value"],
    ["Patient?gender=|", "value"],
    ["Patient?gender:missing=perhaps", "value"],
    ["Patient?name=a%00b", "value"],
    ["Observation?value-quantity=much", "value"],
    ["Observation?value-quantity=1|a|b|c", "value"],
    ["Observation?code-value-quantity=8480-6", "value"],
    ["Observation?subject=%23inside", "value"],
    ["RiskAssessment?probability=1e999", "value"],
    ["Location?near=91|0|1|km", "value"],
    ["Location?near=1|0|1|parsec", "value"],
    ["Location?near=1|0|1|constructor", "value"],
    ["Patient?_count=many", "value"],
    ["Patient?_count=-1", "value"],
    ["Patient?_total=some", "value"],
    ["Patient?_summary=short", "value"],
    ["Patient?_include=Patient", "value"],
    ["Patient?_include=Patient:name", "value"],
    ["Patient?_include=Nothing:subject", "value"],
    ["Patient?_type=Observation", "value"],
    ["?_type=Nothing", "value"],
    ["Patient?_elements=a;b", "value"],
    ["Patient?_list=$current-allergies", "value"],
    ["Patient?_text=x", "refused"],
    ["Patient?_content=x", "refused"],
    ["Patient?_query=x", "refused"],
    ["Patient?_filter=x", "refused"],
    ["Patient?_contained=true", "refused"],
    ["Patient?_sort=_score", "refused"],
    ["Patient?_sort=deceased", "refused"],
    ["Observation?_sort=code-value-quantity", "refused"],
    [`Patient?${"name=a&".repeat(51)}`, "limit"],
    [`Patient?name=${"a,".repeat(201)}a`, "limit"],
    [`Patient?name=${"a".repeat(16_001)}`, "limit"],
    ["Organization?partof.partof.partof.partof.partof.name=a", "limit"],
    [`Patient?${"_include=Patient:organization&".repeat(21)}`, "limit"],
    ["Nothing?name=x", "fhir.type"],
    ["Resource?_id=x", "fhir.type"],
  ])("%s: %s", (address, code) => {
    expect(codeOf(() => parse(address.slice(0, 17_000)))).toBe(code);
  });

  it("leniently only what is unknown, never a value", () => {
    const request = parse("Patient?nme=x&gender=male&name:below=y&_text=z", false);
    expect(request.ignored).toEqual(["nme", "name:below", "_text"]);
    expect(request.tests).toHaveLength(1);
    const links = linksOf("https://here/fhir/Patient", request, {
      matches: [],
      included: [],
      total: 0,
      next: undefined,
      includesCut: false,
    });
    expect(links).toEqual([{ relation: "self", url: "https://here/fhir/Patient?gender=male" }]);
    expect(codeOf(() => parse("Patient?birthdate=x", false))).toBe("value");
    expect(codeOf(() => parse(`Patient?${"name=a&".repeat(51)}`, false))).toBe("limit");
  });
});

describe("the self link", () => {
  const page = { matches: [], included: [], total: 0, next: "abc", includesCut: false };
  it.each([
    ["Patient?_count=100000&name=a", "?_count=500&name=a"],
    ["Patient?name=张&_format=json", "?name=%E5%BC%A0"],
    ["Observation?code=http://loinc.org|1-8,2", "?code=http://loinc.org%7C1-8,2"],
  ])("of %s says what was understood: %s", (address, query) => {
    const [self, next] = linksOf("https://here/fhir/X", parse(address), page);
    expect(self?.url).toBe(`https://here/fhir/X${query}`);
    expect(next?.url).toBe(`https://here/fhir/X${query}&_cursor=abc`);
  });
});

describe("whatever is sent", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 40 });

  it("escapes come back as they were", () => {
    void fc.assert(
      fc.property(fc.array(text, { minLength: 1 }), (values) => {
        const parts = splitEscaped(values.map(escapeValue).join(","), ",");
        expect(parts.map(unescapeValue)).toEqual(values);
      }),
    );
  });

  it("is understood or refused with a code, and never part of a statement", () => {
    const names = parametersOf("Observation").map(({ code }) => code);
    const modifiers = [
      "",
      ":not",
      ":missing",
      ":exact",
      ":contains",
      ":identifier",
      ":Patient",
      ":text",
      ":in",
    ];
    const marker = "zqx'\"$1;--";
    const name = fc
      .tuple(fc.constantFrom(...names), fc.constantFrom(...modifiers))
      .map((pair) => pair.join(""));
    const value = fc.oneof(
      text,
      fc
        .tuple(fc.constantFrom("", "ge", "urn:a|", "Patient/", "1|"), text)
        .map(([a, b]) => a + marker + b),
    );
    void fc.assert(
      fc.property(name, value, (one, sent) => {
        try {
          const request = parseSearch("Observation", [[one, sent]], { strict: true, base: "" });
          for (const test of request.tests) {
            if (test.kind === "value-set") continue;
            const statement = createStatement();
            const compiler = { statement, now: new Date(), seen: () => "" };
            const texts = [
              keysOf(test, ["Observation"], compiler) ?? "",
              probe(test, "r.key", ["Observation"], compiler),
            ];
            for (const sql of texts) expect(sql).not.toContain("zqx");
          }
        } catch (error) {
          expect(error).toBeInstanceOf(DomainError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("as a name is understood or refused with a code", () => {
    void fc.assert(
      fc.property(
        fc.oneof(
          text,
          text.map((one) => `_has:${one}`),
          text.map((one) => `subject.${one}`),
          text.map((one) => `_include:${one}`),
        ),
        text,
        (name, value) => {
          expect([
            "understood",
            "parameter",
            "modifier",
            "value",
            "refused",
            "limit",
            "page",
            "fhir.type",
          ]).toContain(
            codeOf(() => parseSearch("Observation", [[name, value]], { strict: true, base: "" })),
          );
        },
      ),
      { numRuns: 1000 },
    );
  });
});
