import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isRedirectUri } from "../../server/smart/authorize-domain.ts";
import {
  granted,
  groupsOf,
  interactions,
  limitsOf,
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

describe("what an app's scopes show", () => {
  const child = ["p1", "p1-old"];
  it.each([
    // scopes, people whom the person may see, limits
    [["user/*.rs"], null, null],
    [["system/*.rs"], null, []],
    [["user/*.c"], null, []],
    [["user/*.rs"], ["p1", "p2"], [{ types: null, people: ["p1", "p2"] }]],
    [["patient/*.rs", "launch/patient"], null, [{ types: null, people: child }]],
    [
      ["patient/Observation.r", "patient/Patient.c"],
      null,
      [{ types: ["Observation"], people: child }],
    ],
    [
      ["user/Practitioner.rs", "patient/*.rs"],
      null,
      [
        { types: ["Practitioner"], people: null },
        { types: null, people: child },
      ],
    ],
  ])("%j with %j is %j", (scopes, people, limits) => {
    expect(limitsOf(scopes, child, people)).toEqual(limits);
  });

  it("is said in kinds of records, each once, the one patient's first", () => {
    const scopes = parseScopes(
      "user/Patient.rs patient/Condition.rs patient/Observation.r patient/Specimen.s user/Patient.u",
    );
    expect(groupsOf(scopes).map(({ context, group, writes }) => [context, group, writes])).toEqual([
      ["patient", "problems", false],
      ["patient", "results", false],
      ["user", "person", true],
    ]);
  });
});

describe("an address to be answered at", () => {
  it.each([
    ["https://app.example.org/back?x=1", true],
    ["http://localhost:3000/", true],
    ["http://[::1]/", true],
    ["org.example.app:/back", true],
    ["http://app.example.org/", false],
    ["http://localhost.example.org/", false],
    ["https://app.example.org/#x", false],
    ["https://a@app.example.org/", false],
    ["https://*.example.org/", false],
    ["javascript:alert(1)", false],
    ["data:text/html,x", false],
    ["app:/back", false],
    ["/back", false],
    ["", false],
  ])("%s: %s", (text, fits) => {
    expect(isRedirectUri(text)).toBe(fits);
  });
});
