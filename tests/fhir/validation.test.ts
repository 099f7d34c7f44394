/** The validator against faults put into valid resources: every kind must be caught, none invented. */
import type { Resource } from "@medplum/fhirtypes";
import { describe, expect, test } from "vitest";
import { isValid, validateResource } from "../../server/fhir/validation/validate.ts";
import { problemsOf } from "./definitions.ts";
import { faults } from "./validation-faults.ts";
import { type Sample, samples } from "./validation-samples.ts";

const errorsOf = (resource: unknown) =>
  validateResource(resource).filter(({ severity }) => severity === "error");

const named = Object.entries(samples);

describe("valid resources", () => {
  test.each(named)("%s has no fault", (_, make) => {
    expect(errorsOf(make())).toEqual([]);
  });

  test("every resource type compiles and takes its own narrative", async () => {
    const { resourceTypes, typeDefinition } = await import(
      "../../server/fhir/definitions/types.ts"
    );
    expect(resourceTypes().size).toBeGreaterThan(140);
    for (const type of resourceTypes()) {
      expect(
        errorsOf({ resourceType: type, bogus: 1 }).map((issue) => issue.diagnostics),
      ).toContain("the element bogus is unknown here");
      if (!typeDefinition(type)?.isDomainResource) continue;
      const text = { status: "empty", div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' };
      const inText = errorsOf({ resourceType: type, text }).filter(({ expression }) =>
        expression.startsWith(`${type}.text`),
      );
      expect(inText).toEqual([]);
    }
  });
});

describe("faults of one place", () => {
  test.each(faults.map((fault) => [fault.kind, fault] as const))("%s", (_, fault) => {
    const resource = samples[fault.of]!();
    fault.make(resource);
    const errors = errorsOf(resource);
    expect(errors.map(({ expression }) => expression)).toContain(fault.at);
    for (const { diagnostics } of errors) expect(diagnostics).not.toBe("");
  });

  test("there are more than forty kinds", () => {
    expect(new Set(faults.map(({ kind }) => kind)).size).toBeGreaterThan(100);
  });
});

/** Every value of the resource with what holds it. */
function* places(value: unknown, holder?: Sample, key?: string): Generator<Place> {
  if (holder && key !== undefined) yield { holder, key, value };
  if (typeof value !== "object" || value === null) return;
  for (const name of Object.keys(value)) {
    yield* places((value as Sample)[name], value as Sample, name);
  }
}
type Place = { holder: Sample; key: string; value: unknown };

/** Each makes any value it applies to wrong, wherever that stands. */
const everywhere: readonly { kind: string; make: (value: unknown, place: Place) => unknown }[] = [
  { kind: "an empty list", make: (value) => (Array.isArray(value) ? [] : undefined) },
  {
    kind: "a list with null",
    make: (value) => (Array.isArray(value) ? [...value, null] : undefined),
  },
  { kind: "a list in the list", make: (value) => (Array.isArray(value) ? [value] : undefined) },
  { kind: "no list", make: (value) => (Array.isArray(value) ? (value[0] ?? "x") : undefined) },
  {
    kind: "a list of a single value",
    make: (value, { holder }) =>
      Array.isArray(value) || Array.isArray(holder) || value === null ? undefined : [value],
  },
  {
    kind: "an empty object",
    make: (value) => (typeof value === "object" && value && !Array.isArray(value) ? {} : undefined),
  },
  {
    kind: "an object for a primitive",
    make: (value) => (typeof value === "object" ? undefined : { a: 1 }),
  },
  { kind: "an empty text", make: (value) => (typeof value === "string" ? "" : undefined) },
  { kind: "blanks", make: (value) => (typeof value === "string" ? "  " : undefined) },
  { kind: "a number for a text", make: (value) => (typeof value === "string" ? 7 : undefined) },
  {
    kind: "a text for a number",
    make: (value) => (typeof value === "number" ? String(value) : undefined),
  },
  {
    kind: "a text for true",
    make: (value) => (typeof value === "boolean" ? String(value) : undefined),
  },
  { kind: "null", make: (value) => (value === null ? undefined : null) },
  {
    kind: "an unknown element",
    make: (value) =>
      typeof value === "object" && value && !Array.isArray(value)
        ? { ...value, bogus: "x" }
        : undefined,
  },
  {
    kind: "an extension without url",
    make: (value) =>
      typeof value === "object" && value && !Array.isArray(value)
        ? { ...value, extension: [{ valueString: "x" }] }
        : undefined,
  },
];

describe("faults anywhere", () => {
  test.each(everywhere)("$kind", ({ make }) => {
    let tried = 0;
    for (const [name, sample] of named) {
      const count = [...places(sample())].length;
      for (let index = 0; index < count; index += 1) {
        const resource = sample();
        const place = [...places(resource)][index]!;
        // An alignment's null has to go where it stands.
        const wrong = make(place.value, place);
        if (wrong === undefined) continue;
        (place.holder as Record<string, unknown>)[place.key] = wrong;
        tried += 1;
        if (isValid(validateResource(resource))) {
          expect.fail(`${name}: ${place.key} = ${JSON.stringify(wrong)} was taken`);
        }
      }
    }
    expect(tried).toBeGreaterThan(5);
  });

  test("a missing required element", () => {
    for (const [of, name] of [
      ["observation", "status"],
      ["observation", "code"],
      ["condition", "subject"],
      ["allergy", "patient"],
      ["prescription", "medicationCodeableConcept"],
      ["encounter", "class"],
      ["document", "content"],
      ["appointment", "participant"],
      ["composition", "author"],
      ["transaction", "type"],
    ] as const) {
      const resource = samples[of]!();
      delete resource[name];
      const at = `${resource.resourceType}.${name.replace("CodeableConcept", "")}`;
      expect(errorsOf(resource)).toContainEqual(
        expect.objectContaining({ code: "required", expression: at }),
      );
    }
  });
});

describe("hostile input", () => {
  test("whatever is no resource is refused and not thrown at", () => {
    for (const value of [
      null,
      undefined,
      1,
      "x",
      true,
      [],
      {},
      [{}],
      { resourceType: 1 },
      { resourceType: "patient" },
      { resourceType: "Element" },
      { resourceType: "constructor" },
      { resourceType: "DomainResource" },
    ]) {
      expect(isValid(validateResource(value))).toBe(false);
    }
  });

  test("depth has an end, and so has the list of issues", () => {
    let item: Sample = { resourceType: "x", linkId: "x" };
    for (let level = 0; level < 5_000; level += 1)
      item = { resourceType: "x", linkId: "x", item: [item] };
    const deep = validateResource({
      resourceType: "QuestionnaireResponse",
      status: "completed",
      item: [item],
    });
    expect(deep.some(({ code }) => code === "too-costly")).toBe(true);
    const many = {
      resourceType: "Patient",
      name: Array.from({ length: 5_000 }, () => ({ bogus: 1 })),
    };
    expect(validateResource(many)).toHaveLength(100);
  });

  test("a narrative made to be slow is judged quickly", () => {
    const div = (inner: string) => `<div xmlns="http://www.w3.org/1999/xhtml">${inner}</div>`;
    for (const inner of [
      "<p>".repeat(50_000),
      `<p ${"a".repeat(200_000)}`,
      "&".repeat(200_000),
      `<p ${'title="x" '.repeat(20_000)}`,
      "<!--".repeat(50_000),
      `<p${" ".repeat(200_000)}x`,
    ]) {
      const startedAt = performance.now();
      const resource = { resourceType: "Patient", text: { status: "generated", div: div(inner) } };
      expect(isValid(validateResource(resource))).toBe(false);
      expect(performance.now() - startedAt).toBeLessThan(500);
    }
  });

  test("keys of the language are unknown elements", () => {
    for (const key of ["constructor", "toString", "hasOwnProperty", "__proto__"]) {
      const resource = JSON.parse(`{"resourceType":"Patient","${key}":{"active":true}}`);
      expect(errorsOf(resource)).toHaveLength(1);
    }
  });

  test("diagnostics quote no text of the patient's", () => {
    const resource = {
      ...samples.patient!(),
      gender: "Tashi, 19840229",
      birthDate: "geheim 4711",
      "Tashi Dorje": 1,
    };
    const said = JSON.stringify(validateResource(resource));
    expect(said).not.toMatch(/Tashi|4711|1984/);
  });
});

test("what @medplum/core refuses among the faults is refused here too", () => {
  const missed = faults.filter(({ of, make }) => {
    const resource = samples[of]!();
    make(resource);
    const others = problemsOf(resource as Resource);
    return others.some((one) => one.startsWith("error")) && isValid(validateResource(resource));
  });
  expect(missed).toEqual([]);
});
