import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  granted,
  interactions,
  parseScope,
  parseScopes,
  permits,
  readableTypes,
  scopeContexts,
  textOf,
} from "../../server/smart/domain.ts";

const types = ["*", "Patient", "Observation"];
const scope = fc.record({
  context: fc.constantFrom(...scopeContexts),
  type: fc.constantFrom(...types),
  letters: fc
    .subarray([...interactions], { minLength: 1 })
    .map((letters) => interactions.filter((letter) => letters.includes(letter)).join("")),
});

describe("a scope", () => {
  it.each([
    ["system/*.rs", "system/*.rs"],
    ["system/Patient.cruds", "system/Patient.cruds"],
    ["system/Patient.read", "system/Patient.rs"],
    ["system/*.*", "system/*.cruds"],
    ["system/Observation.write", "system/Observation.cud"],
    ["patient/*.rs", "patient/*.rs"],
    ["user/Observation.read", "user/Observation.rs"],
  ])("%s is understood", (text, meant) => {
    expect(textOf(parseScope(text)!)).toBe(meant);
  });

  it.each([
    "system/*.sr",
    "launch/patient",
    "person/*.rs",
    "system/*.",
    "system/Observation.rs?category=laboratory",
    "system/patient.rs",
    "openid",
    "",
  ])("%s is not", (text) => {
    expect(parseScope(text)).toBeNull();
  });

  it("is given as far as asked for and allowed, never further", () => {
    fc.assert(
      fc.property(fc.array(scope), fc.array(scope), (asked, allowed) => {
        const given = granted(asked, allowed);
        const texts = (of: typeof given, context: string) =>
          of.filter((one) => one.context === context).map(textOf);
        for (const context of scopeContexts)
          for (const type of ["Patient", "Observation", "Encounter"])
            for (const letter of interactions)
              expect(permits(texts(given, context), type, letter)).toBe(
                permits(texts(asked, context), type, letter) &&
                  permits(texts(allowed, context), type, letter),
              );
      }),
    );
  });

  it("says which types may be read", () => {
    expect(readableTypes(["system/Patient.rs", "system/Observation.c"])).toEqual(["Patient"]);
    expect(readableTypes(["system/*.s", "system/Patient.rs"])).toBeNull();
    expect(parseScopes("system/Patient.rs openid  system/*.r")).toHaveLength(2);
  });
});
