/** Parts of the validator by themselves: extracts, strict JSON, invariants by hand against FHIRPath. */
import { describe, expect, test } from "vitest";
import { extensionDefinition } from "../../server/fhir/definitions/extensions.ts";
import { openPack } from "../../server/fhir/definitions/pack.ts";
import {
  type InvariantDefinition,
  type TypeDefinition,
  typeDefinition,
} from "../../server/fhir/definitions/types.ts";
import { codeSystem, valueSet } from "../../server/fhir/definitions/value-sets.ts";
import { compilePath } from "../../server/fhir/validation/invariants.ts";
import { quickInvariants } from "../../server/fhir/validation/quick-invariants.ts";
import { Run } from "../../server/fhir/validation/run.ts";
import { isAfter } from "../../server/fhir/validation/when.ts";
import { faults } from "./validation-faults.ts";
import { samples } from "./validation-samples.ts";

describe("extracts", () => {
  test("have what the definitions have", () => {
    const patient = typeDefinition("Patient");
    expect(patient?.blocks[""]?.find(({ name }) => name === "gender")).toMatchObject({
      name: "gender",
      min: 0,
      max: 1,
      types: [{ code: "code" }],
      binding: { valueSet: "http://hl7.org/fhir/ValueSet/administrative-gender" },
    });
    expect(patient?.blocks[""]?.find(({ name }) => name === "deceased")?.isChoice).toBe(true);
    expect(valueSet("http://hl7.org/fhir/ValueSet/administrative-gender")?.codes).toEqual(
      new Set(["male", "female", "other", "unknown"]),
    );
    expect(valueSet("http://hl7.org/fhir/ValueSet/currencies")?.codes).toBeNull();
    expect(codeSystem("http://terminology.hl7.org/CodeSystem/v3-ActCode")?.has("AMB")).toBe(true);
    expect(codeSystem("http://loinc.org")).toBeUndefined();
    const birthPlace = extensionDefinition(
      "http://hl7.org/fhir/StructureDefinition/patient-birthPlace",
    );
    expect(birthPlace).toEqual({ contexts: ["Patient"], values: ["Address"] });
  });

  test("what is not there is undefined", () => {
    for (const name of ["Nobody", "__proto__", "constructor", ""]) {
      expect(typeDefinition(name)).toBeUndefined();
      expect(valueSet(name)).toBeUndefined();
      expect(extensionDefinition(name)).toBeUndefined();
    }
  });
});

describe("order of dates", () => {
  test.each([
    ["2026-01-02", "2026-01-01", true],
    ["2026-01-01", "2026-01-01", false],
    ["2026", "2025-12-31", true],
    ["2026-01-01T10:00:00Z", "2026-01-01", false],
    ["2026-01-01T10:00:00Z", "2026-01-01T11:00:00+08:00", true],
    ["2026-01-01T10:00:00.002Z", "2026-01-01T10:00:00.001Z", true],
    [undefined, "2026", false],
    [5, "2026", false],
  ])("%s after %s: %s", (first, second, expected) => {
    expect(isAfter(first, second)).toBe(expected);
  });
});

describe("invariants written by hand judge as FHIRPath does", () => {
  /** Those that say more, or less, than their expression does. */
  const different = new Set([
    // They look at the resource around.
    "sdf-8",
    "sdf-8a",

    "rng-2",
    "csd-1",
    "ctm-1",
    "con-3",
    "que-2",
    "ppc-2",
    "ppc-3",
    "ppc-4",
    "ppc-5",
  ]);
  const all: Record<string, unknown>[] = [];
  for (const make of Object.values(samples)) collect(make(), all);
  for (const { of, make } of faults) {
    const resource = samples[of]!();
    make(resource);
    collect(resource, all);
  }
  const candidates = [...new Map(all.map((value) => [JSON.stringify(value), value])).values()];

  const keys = Object.keys(quickInvariants).filter((key) => !different.has(key.split(":").pop()!));
  test.each(keys)("%s", (name) => {
    const key = name.split(":").pop()!;
    const found = everyInvariant.filter(
      ({ definition, base }) =>
        definition.key === key && (name === key || name === `${base}:${key}`),
    );
    expect(found.length).toBeGreaterThan(0);
    const { definition, base } = found[0]!;
    const fits = fitting(base);
    const evaluate = compilePath(definition.expression, base);
    const holds = quickInvariants[name]!;
    let compared = 0;
    for (const value of candidates) {
      if (!fits(value)) continue;
      const run = new Run();
      run.resource = value as never;
      const [byPath] = evaluated(() => evaluate(value, { resource: value, rootResource: value }));
      compared += 1;
      if (byPath === undefined) continue;
      expect({ value, holds: holds(value, run) }).toEqual({ value, holds: byPath });
    }
    if (tried.has(key)) expect(compared).toBeGreaterThan(0);
  });
});

/** FHIRPath throws at values of a wrong type, which no invariant has to judge. */
function evaluated(evaluate: () => readonly unknown[]): readonly unknown[] {
  try {
    return evaluate();
  } catch {
    return [];
  }
}

/** Keys for which the samples have values to compare. */
const tried = new Set([
  "obs-6",
  "obs-7",
  "con-4",
  "con-5",
  "ait-1",
  "app-2",
  "app-3",
  "pat-1",
  "per-1",
  "qty-3",
  "que-1",
]);

const everyInvariant = openPack<TypeDefinition>("types")
  .keys()
  .flatMap((name) => {
    const { invariants, blocks } = typeDefinition(name)!;
    const own = invariants.map((definition) => ({ definition, base: name }));
    const inner = Object.entries(blocks).flatMap(([block, elements]) =>
      elements.flatMap((element) =>
        (element.invariants ?? []).map((definition: InvariantDefinition) => ({
          definition,
          base: [name, block, element.name].filter(Boolean).join("."),
        })),
      ),
    );
    return [...own, ...inner];
  });

/** Objects with the names they have in their resource. */
function collect(value: unknown, into: Record<string, unknown>[]): void {
  if (Array.isArray(value)) for (const one of value) collect(one, into);
  else if (typeof value === "object" && value !== null) {
    into.push(value as Record<string, unknown>);
    for (const member of Object.values(value)) collect(member, into);
  }
}

/** Whether a value could be of the type or element: it has no member that this lacks. */
function fitting(base: string): (value: Record<string, unknown>) => boolean {
  const [type = "", ...rest] = base.split(".");
  const definition = typeDefinition(type);
  if (definition?.kind === "resource" && rest.length === 0) {
    return (value) => value.resourceType === base;
  }
  const parent = definition?.blocks[rest.slice(0, -1).join(".")];
  const element = parent?.find(({ name }) => name === rest.at(-1));
  const elements =
    rest.length === 0
      ? definition?.blocks[""]
      : element?.block !== undefined
        ? definition?.blocks[element.block]
        : typeDefinition(element?.types[0]?.code ?? "")?.blocks[""];
  return (value) =>
    value.resourceType === undefined &&
    Object.keys(value).length > 0 &&
    Object.keys(value).every((name) =>
      elements?.some((one) => (one.isChoice ? name.startsWith(one.name) : name === one.name)),
    );
}
