import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exactText, parseJson } from "../../server/fhir/store/json.ts";
import { ifMatchOf } from "../../server/fhir/store/operation.ts";
import { applyFhirPathPatch } from "../../server/fhir/store/patch/fhirpath-patch.ts";
import { applyJsonPatch } from "../../server/fhir/store/patch/json-patch.ts";
import { slotsOf } from "../../server/fhir/store/references.ts";
import { type FhirResource, labelsOf, patientsOf } from "../../server/fhir/store/resource.ts";

describe("strict JSON", () => {
  it("takes whatever JSON.stringify writes and gives it back equal", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = JSON.stringify(value);
        let parsed: unknown;
        try {
          parsed = parseJson(text);
        } catch {
          // `__proto__` is the one name that is refused.
          expect(text).toContain("__proto__");
          return;
        }
        expect(JSON.stringify(parsed)).toBe(text);
        expect(JSON.parse(exactText(parsed))).toEqual(JSON.parse(text));
      }),
    );
  });

  it("keeps the digits of decimals, also after what holds them was changed", () => {
    const text = '{"a":1.50,"b":[2.0,3,1e3,0.123456789012345678],"c":"1.50"}';
    const value = parseJson(text) as { a: number; b: number[]; d?: number };
    expect(exactText(value)).toBe(text);
    value.d = 4.5;
    value.b[0] = 7;
    expect(exactText(value)).toBe(
      '{"a":1.50,"b":[7,3,1e3,0.123456789012345678],"c":"1.50","d":4.5}',
    );
  });

  it.each([
    ['{"a":1,"a":2}', "twice"],
    ['{"x":[{"a":1,"b":{},"a":2}]}', "twice inside"],
    ['{"a\\u0062":1,"ab":2}', "twice, one escaped"],
    ['{"__proto__":1}', "prototype"],
    [`${"[".repeat(65)}${"]".repeat(65)}`, "too deep"],
    ["{", "open"],
    ['{"a":1}x', "more behind"],
    ["", "nothing"],
    ["\ufeff{}", "byte order mark"],
    ['{"a":"\\', "open escape"],
  ])("refuses %s (%s)", (text) => {
    expect(() => parseJson(text)).toThrow(expect.objectContaining({ code: "fhir.json" }));
  });

  it("does not take a string's content for names", () => {
    const text = '{"a":"{\\"a\\":1,\\"a\\":2}","b":["a","a"],"c":"\\\\"}';
    expect(JSON.stringify(parseJson(text))).toBe(text);
  });
});

describe("JSON Patch (RFC 6902, appendix A)", () => {
  it.each([
    [{ foo: "bar" }, [{ op: "add", path: "/baz", value: "qux" }], { baz: "qux", foo: "bar" }],
    [
      { foo: ["bar", "baz"] },
      [{ op: "add", path: "/foo/1", value: "qux" }],
      { foo: ["bar", "qux", "baz"] },
    ],
    [{ baz: "qux", foo: "bar" }, [{ op: "remove", path: "/baz" }], { foo: "bar" }],
    [{ foo: ["bar", "qux", "baz"] }, [{ op: "remove", path: "/foo/1" }], { foo: ["bar", "baz"] }],
    [
      { baz: "qux", foo: "bar" },
      [{ op: "replace", path: "/baz", value: "boo" }],
      { baz: "boo", foo: "bar" },
    ],
    [
      { foo: { bar: "baz", waldo: "fred" }, qux: { corge: "grault" } },
      [{ op: "move", from: "/foo/waldo", path: "/qux/thud" }],
      { foo: { bar: "baz" }, qux: { corge: "grault", thud: "fred" } },
    ],
    [
      { foo: ["all", "grass", "cows", "eat"] },
      [{ op: "move", from: "/foo/1", path: "/foo/3" }],
      { foo: ["all", "cows", "eat", "grass"] },
    ],
    [
      { foo: "bar" },
      [{ op: "add", path: "/child", value: { grandchild: {} } }],
      { foo: "bar", child: { grandchild: {} } },
    ],
    [{ "/": 9, "~1": 10 }, [{ op: "test", path: "/~01", value: 10 }], { "/": 9, "~1": 10 }],
    [
      { foo: ["bar"] },
      [{ op: "add", path: "/foo/-", value: ["abc", "def"] }],
      { foo: ["bar", ["abc", "def"]] },
    ],
    [{ a: { b: 1 } }, [{ op: "copy", from: "/a", path: "/c" }], { a: { b: 1 }, c: { b: 1 } }],
  ])("%j after %j", (before, patch, after) => {
    const copy = structuredClone(before);
    expect(applyJsonPatch(before, patch)).toEqual(after);
    expect(before).toEqual(copy);
  });

  it.each([
    [[{ op: "add", path: "/baz/bat", value: "qux" }], "fhir.patch"],
    [[{ op: "test", path: "/foo", value: "other" }], "fhir.patch"],
    [[{ op: "add", path: "/list/3", value: 1 }], "fhir.patch"],
    [[{ op: "remove", path: "/list/-" }], "fhir.patch"],
    [[{ op: "replace", path: "/list/01", value: 1 }], "fhir.patch"],
    [[{ op: "move", from: "/list", path: "/list/0" }], "fhir.patch"],
    [[{ op: "remove", path: "" }], "fhir.patch"],
    [[{ op: "add", path: "/constructor/prototype/x", value: 1 }], "fhir.patch"],
    [[{ op: "add", path: "foo", value: 1 }], "fhir.patch"],
    [[{ op: "add", path: "/foo" }], "fhir.request"],
    [[{ op: "spam", path: "/foo", value: 1 }], "fhir.request"],
    [[{ op: "copy", path: "/foo" }], "fhir.request"],
    [[null], "fhir.request"],
    ["[]", "fhir.request"],
  ])("refuses %j", (patch, code) => {
    expect(() => applyJsonPatch({ foo: "bar", list: [1] }, patch)).toThrow(
      expect.objectContaining({ code }),
    );
  });
});

describe("FHIRPath Patch in full", () => {
  const observation: FhirResource = {
    resourceType: "Observation",
    id: "1",
    status: "final",
    _status: { extension: [{ url: "urn:why", valueString: "read twice" }] },
    code: { text: "press" },
    valueQuantity: { value: 1, unit: "mm" },
    component: [
      { code: { text: "systolic", coding: [{ system: "urn:a", code: "s" }] }, valueInteger: 120 },
      { code: { text: "diastolic" }, valueString: "80" },
    ],
    performer: [{ display: "a" }],
  } as never;
  type Part = { name: string; [value: string]: unknown };
  const run = (resource: FhirResource, ...operations: Part[][]) =>
    applyFhirPathPatch(resource, {
      resourceType: "Parameters",
      parameter: operations.map((part) => ({ name: "operation", part })),
    }) as unknown as Record<string, unknown>;
  const op = (type: string, path: string, ...more: Part[]): Part[] => [
    { name: "type", valueCode: type },
    { name: "path", valueString: path },
    ...more,
  ];
  it("replaces a choice by one of another type, and takes no second one", () => {
    const value = { name: "value", valueCodeableConcept: { text: "high" } };
    const done = run(observation, op("replace", "Observation.value", value));
    expect([done.valueQuantity, done.valueCodeableConcept]).toEqual([undefined, { text: "high" }]);
    const added = op("add", "Observation", { name: "name", valueString: "value[x]" }, value);
    expect(() => run(observation, added)).toThrow(expect.objectContaining({ code: "fhir.patch" }));
    const bare = run(observation, op("delete", "Observation.value"), added);
    expect([bare.valueQuantity, bare.valueCodeableConcept]).toEqual([undefined, { text: "high" }]);
    const when = { name: "value", valueDateTime: "2026-01-01" };
    const effective = op("add", "Observation", { name: "name", valueString: "effective" }, when);
    expect(run(observation, effective).effectiveDateTime).toBe("2026-01-01");
  });
  it.each([
    "Observation.component.where(code.coding.code = 's')",
    "Observation.component.where(code.text.startsWith('sys') and value.exists())",
    "Observation.component.where(value is integer)",
    "Observation.component.where(value is integer or code.text = 'x').first()",
    "component.where(code.coding.where(system = 'urn:a').exists())",
    "Observation.component.take(1)",
  ])("names the one component by %s", (path) => {
    const { component } = run(observation, op("delete", path));
    expect((component as { valueString?: string }[]).map((one) => one.valueString)).toEqual(["80"]);
  });
  it("reaches types, indexes and the extension of a primitive, whose value keeps its place", () => {
    const text = { name: "value", valueString: "z" };
    const typed = run(observation, op("replace", "(Observation.value as Quantity).unit", text));
    expect(typed.valueQuantity).toEqual({ value: 1, unit: "z" });
    expect(
      run(observation, op("replace", "Observation.value.ofType(Quantity).unit", text))
        .valueQuantity,
    ).toEqual({ value: 1, unit: "z" });
    const why = run(
      observation,
      op("replace", "Observation.status.extension('urn:why').value", text),
    );
    expect(why._status).toEqual({ extension: [{ url: "urn:why", valueString: "z" }] });
    expect(
      run(observation, op("replace", "Observation.status", { name: "value", valueCode: "amended" }))
        ._status,
    ).toBeUndefined();
  });
  it("builds elements of parts by the definitions: lists are lists and choices have their type", () => {
    const part = {
      name: "value",
      part: [
        { name: "code", part: [{ name: "coding", part: [{ name: "code", valueCode: "m" }] }] },
        { name: "value", valueString: "95" },
        { name: "interpretation", valueCodeableConcept: { text: "fine" } },
      ],
    };
    const made = {
      code: { coding: [{ code: "m" }] },
      valueString: "95",
      interpretation: [{ text: "fine" }],
    };
    const added = run(
      observation,
      op("add", "Observation", { name: "name", valueString: "component" }, part),
    );
    expect((added.component as unknown[])[2]).toEqual(made);
    const inserted = run(
      observation,
      op("insert", "Observation.component", { name: "index", valueInteger: 0 }, part),
    );
    expect((inserted.component as unknown[])[0]).toEqual(made);
    const first = run(
      observation,
      op(
        "insert",
        "Observation.note",
        { name: "index", valueInteger: 0 },
        { name: "value", valueAnnotation: { text: "n" } },
      ),
    );
    expect(first.note).toEqual([{ text: "n" }]);
  });
  it("keeps the digits of decimals, those of the resource and those of the patch", () => {
    const text = `{"resourceType":"Observation","id":"1","valueQuantity":{"value":1.50},"component":[{"valueQuantity":{"value":2.0}}]}`;
    const sent = parseJson(
      `{"parameter":[{"name":"operation","part":[{"name":"type","valueCode":"replace"},{"name":"path","valueString":"Observation.component[0].value.value"},{"name":"value","valueDecimal":3.10}]}]}`,
    );
    const patched = applyFhirPathPatch(parseJson(text) as FhirResource, sent);
    expect(exactText(patched)).toBe(text.replace("2.0", "3.10"));
    const pointer = parseJson(
      `[{"op":"replace","path":"/component/0/valueQuantity/value","value":3.10}]`,
    );
    expect(exactText(applyJsonPatch(parseJson(text), pointer))).toBe(text.replace("2.0", "3.10"));
  });
  it("moves, inserts and deletes in a list of primitives together with their extensions", () => {
    const patient = {
      resourceType: "Patient",
      name: [{ given: ["a", "b", "c"], _given: [null, { id: "second" }, null] }],
    } as never as FhirResource;
    const index = (name: string, valueInteger: number) => ({ name, valueInteger });
    const given = (...steps: Part[][]) => (run(patient, ...steps).name as object[])[0];
    expect(
      given(op("move", "Patient.name.given", index("source", 1), index("destination", 0))),
    ).toEqual({ given: ["b", "a", "c"], _given: [{ id: "second" }, null, null] });
    expect(
      given(
        op("insert", "Patient.name.given", index("index", 1), { name: "value", valueString: "x" }),
      ),
    ).toEqual({ given: ["a", "x", "b", "c"], _given: [null, null, { id: "second" }, null] });
    expect(given(op("delete", "Patient.name.given[0]"))).toEqual({
      given: ["b", "c"],
      _given: [{ id: "second" }, null],
    });
  });
  it.each([
    "Observation.descendants()",
    "Observation.repeat(component)",
    "Observation.component.where(code.text.matches('(a+)+$'))",
    "%resource.component",
    "Observation.component.trace('x')",
    "Observation.performer.resolve()",
    "Observation.component.count()",
    "'text'",
    "Observation.component.select(value)",
    "Observation.component[",
    `Observation.component.where(${"(".repeat(20)}`,
    "here()",
    "component; process",
    "component | note",
  ])("refuses %s", (path) => {
    expect(() => run(observation, op("delete", path))).toThrow(
      expect.objectContaining({ code: "fhir.patch" }),
    );
  });
});

describe("FHIRPath Patch", () => {
  const patient: FhirResource = {
    resourceType: "Patient",
    id: "1",
    name: [
      { family: "a", given: ["b", "c"] },
      { use: "official", family: "d" },
    ],
    extension: [{ url: "urn:x", valueString: "y" }],
    deceasedBoolean: false,
  };
  const patch = (parts: Record<string, unknown>) => ({
    resourceType: "Parameters",
    parameter: [
      {
        name: "operation",
        part: Object.entries(parts).map(([name, value]) => ({
          name,
          [typeof value === "number" ? "valueInteger" : "valueString"]: value,
        })),
      },
    ],
  });
  it.each([
    [
      { type: "replace", path: "Patient.name.where(use = 'official').family", value: "z" },
      (p: FhirResource) => (p.name as never[])[1],
      { use: "official", family: "z" },
    ],
    [
      { type: "replace", path: "Patient.name[0].given[1]", value: "z" },
      (p: FhirResource) => (p.name as { given: string[] }[])[0]!.given,
      ["b", "z"],
    ],
    [
      { type: "delete", path: "Patient.name.first().given[0]" },
      (p: FhirResource) => (p.name as { given: string[] }[])[0]!.given,
      ["c"],
    ],
    [{ type: "delete", path: "Patient.nothing" }, (p: FhirResource) => p.id, "1"],
    [
      { type: "delete", path: "Patient.deceased" },
      (p: FhirResource) => p.deceasedBoolean,
      undefined,
    ],
    [
      { type: "replace", path: "Patient.extension('urn:x').value", value: "z" },
      (p: FhirResource) => p.extension,
      [{ url: "urn:x", valueString: "z" }],
    ],
    [
      { type: "add", path: "Patient", name: "gender", value: "male" },
      (p: FhirResource) => p.gender,
      "male",
    ],
    [
      { type: "add", path: "Patient.name.last()", name: "given", value: "e" },
      (p: FhirResource) => (p.name as { given: string[] }[])[1]!.given,
      ["e"],
    ],
    [
      { type: "insert", path: "Patient.name[0].given", index: 1, value: "x" },
      (p: FhirResource) => (p.name as { given: string[] }[])[0]!.given,
      ["b", "x", "c"],
    ],
    [
      { type: "move", path: "Patient.name", source: 0, destination: 1 },
      (p: FhirResource) => (p.name as { family: string }[]).map((one) => one.family),
      ["d", "a"],
    ],
    [{ type: "delete", path: "Patient.extension[0]" }, (p: FhirResource) => p.extension, undefined],
  ])("%j", (parts, look, wanted) => {
    const before = structuredClone(patient);
    expect(look(applyFhirPathPatch(patient, patch(parts)))).toEqual(wanted);
    expect(patient).toEqual(before);
  });
  it.each([
    [{ type: "replace", path: "Patient.name", value: "z" }],
    [{ type: "replace", path: "Patient.gender", value: "z" }],
    [{ type: "replace", path: "Patient.name.where(family.matches('(a+)+$'))", value: "z" }],
    [{ type: "replace", path: "Patient.name[0", value: "z" }],
    [{ type: "add", path: "Patient", name: "__proto__", value: "z" }],
    [{ type: "add", path: "Patient", name: "deceasedBoolean", value: "z" }],
    [{ type: "insert", path: "Patient.name[0].given", index: 9, value: "z" }],
    [{ type: "move", path: "Patient.name[0].given", source: 0, destination: 9 }],
    [{ type: "replace", path: "%resource.name", value: "z" }],
    [{ type: "replace", path: "", value: "z" }],
  ])("refuses %j", (parts) => {
    expect(() => applyFhirPathPatch(patient, patch(parts))).toThrow(
      expect.objectContaining({ code: "fhir.patch" }),
    );
  });
});

describe("what the store reads out of a resource", () => {
  it("patients it names anywhere, and itself for a Patient", () => {
    expect(
      patientsOf({
        resourceType: "Patient",
        id: "p",
        link: [{ other: { reference: "Patient/q" } }],
      }),
    ).toEqual(["p"]);
    expect(
      patientsOf({
        resourceType: "Group",
        member: [
          { entity: { reference: "Patient/a" } },
          { entity: { reference: "Patient/b/_history/2" } },
          { entity: { reference: "http://else.example/Patient/c" } },
        ],
      }),
    ).toEqual(["a", "b"]);
  });

  it("sensitive categories, and not how confidential it is", () => {
    const security = [
      { system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "PSY" },
      { system: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", code: "R" },
    ];
    expect(labelsOf({ resourceType: "Observation", meta: { security } })).toEqual(["PSY"]);
    expect(labelsOf({ resourceType: "Observation", meta: { security: "PSY" } } as never)).toEqual(
      [],
    );
  });

  it("pointers to entries where R4 has pointers, never in what people wrote", () => {
    const urn = "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0";
    const resource: FhirResource = {
      resourceType: "Observation",
      subject: { reference: urn },
      identifier: [{ system: "urn:ietf:rfc:3986", value: urn }],
      note: [{ text: urn }],
      focus: [{ reference: `${urn}#part` }],
      text: { status: "generated", div: `<div><a href="${urn}">${urn}</a></div>` },
      performer: [{ reference: "Practitioner?identifier=a|b" }, { reference: "Practitioner/1" }],
      extension: [
        { url: "urn:x", valueUri: urn },
        { url: "urn:x", valueString: urn },
      ],
    };
    const slots = slotsOf(resource, (text) => text === urn);
    for (const slot of slots) slot.assign(slot.isConditional ? "Practitioner/9" : "Patient/1");
    expect(resource).toMatchObject({
      subject: { reference: "Patient/1" },
      identifier: [{ value: urn }],
      note: [{ text: urn }],
      focus: [{ reference: "Patient/1#part" }],
      performer: [{ reference: "Practitioner/9" }, { reference: "Practitioner/1" }],
      extension: [{ valueUri: "Patient/1" }, { valueString: urn }],
    });
    expect((resource.text as { div: string }).div).toContain('href="Patient/1"');
  });

  it.each([
    ['W/"3"', [3]],
    ['"3"', [3]],
    ["3", [3]],
    ["*", "any"],
    ['W/"x"', [-1]],
    ['W/"1", "4",W/"x"', [1, 4, -1]],
    [undefined, null],
  ])("the versions of If-Match %s", (header, versions) => {
    expect(ifMatchOf(header)).toEqual(versions);
  });
  it.each(["", "x", 'W/"3', 'W/"3",', "*, 3", "-1", 'w/"3"'])("no If-Match: %j", (header) => {
    expect(() => ifMatchOf(header)).toThrow("fhir.request");
  });
});

describe("strict JSON", () => {
  it.each([
    ['{"a":1,"b":{"c":1},"a":2}'],
    ['{"a":1,"\\u0061":2}'],
    ['[{"x":[{"a":[],"a":[]}]}]'],
    ['{"a":{"__proto__":{}}}'],
    ['{"\\u005f_proto__":1}'],
    ["[".repeat(200_000)],
    ['{"a":'.repeat(1_000)],
    [""],
    ["{"],
    ['{"a":1,}'],
    ["{'a':1}"],
    ['{"a":1} // comment'],
    ['{"a":"'],
    ['{"a":NaN}'],
    ["\ufeff{}"],
  ])("refuses %j", (text) => {
    expect(() => parseJson(text)).toThrow(expect.objectContaining({ code: "fhir.json" }));
  });

  it.each([
    '{"a":"x\\\\","b":"a\\"b\\"","c":[{"a":1},{"a":1}],"d":"{\\"a\\":1,\\"a\\":2}"}',
    '{"a":"\\ud83d\\ude00","b":"\ud83d\ude00","c":"\\\\ud800"}',
    '  [1, -2.5e3, true, null, {"":""}] ',
    '"text"',
  ])("as JSON.parse: %s", (text) => {
    expect(parseJson(text)).toEqual(JSON.parse(text));
  });
});
