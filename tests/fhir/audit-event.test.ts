import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AuditFacts,
  auditSources,
  fromFhirAuditEvent,
  toFhirAuditEvent,
} from "../../fhir-mappings/audit-event.ts";
import { auditParameters } from "../../server/fhir/audit/conditions.ts";
import { parametersOf } from "../../server/fhir/search/service.ts";
import { isValid, validateResource } from "../../server/fhir/service.ts";

const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
const text = fc.stringMatching(
  /^[A-Za-z0-9藏医ཀ&=?|é][A-Za-z0-9藏医ཀ &=?|é]{0,38}[A-Za-z0-9藏医ཀ]$/,
);
const id = fc.uuid();
const maybe = <Value>(of: fc.Arbitrary<Value>) => fc.option(of, { nil: null });
const facts: fc.Arbitrary<AuditFacts> = fc
  .record({
    id: fc.constantFrom("r1", "a98765"),
    source: fc.constantFrom(...auditSources),
    at: fc
      .date({ min: new Date("2020-01-01"), max: new Date("2040-01-01"), noInvalidDate: true })
      .map((at) => at.toISOString()),
    keeper: id,
    actor: fc.record({
      kind: fc.constantFrom("person", "client", "system"),
      id: maybe(id),
      name: maybe(text),
    }),
    app: maybe(fc.record({ id, name: maybe(text) })),
    institution: maybe(id),
    interaction: fc.oneof(
      fc.constantFrom("read", "search", "create", "delete", "everything"),
      word,
    ),
    type: maybe(fc.constantFrom("Patient", "Observation", "consult", "smart-grant")),
    resourceId: maybe(id),
    entities: fc.array(
      id.map((one) => `Observation/${one}`),
      { maxLength: 3 },
    ),
    patients: fc.array(id, { maxLength: 3 }),
    query: maybe(text),
    outcome: fc.constantFrom("ok", "missing", "withheld"),
    purpose: maybe(fc.constantFrom("treatment", "emergency", "own-record", "public-health")),
    reason: maybe(text),
    correlation: maybe(id),
    address: maybe(fc.ipV4()),
  })
  .map((one) => (one.type === null ? { ...one, resourceId: null } : one));

describe("AuditEvent", () => {
  it("says everything that the trace knows, valid by R4, and reads it back", () => {
    fc.assert(
      fc.property(facts, (one) => {
        const event = JSON.parse(JSON.stringify(toFhirAuditEvent(one)));
        const issues = validateResource(event);
        expect(
          isValid(issues),
          JSON.stringify(issues.filter(({ severity }) => severity === "error")),
        ).toBe(true);
        expect(fromFhirAuditEvent(event)).toEqual(one);
      }),
      { numRuns: 200 },
    );
  });

  it("is refused when it is none of ours", () => {
    const event = toFhirAuditEvent({
      ...fc.sample(facts, 1)[0]!,
    });
    expect(() => fromFhirAuditEvent({ ...event, subtype: [] })).toThrow();
    expect(() =>
      fromFhirAuditEvent({ ...event, source: { ...event.source, site: "x" } }),
    ).toThrow();
  });

  it("is searched by every parameter of R4", () => {
    const own = parametersOf("AuditEvent").map(({ code }) => code);
    const common = ["_profile", "_security", "_source", "_tag"];
    expect([...own].filter((code) => !common.includes(code)).sort()).toEqual(
      [...auditParameters].sort(),
    );
  });
});
