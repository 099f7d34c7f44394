/**
 * Chains over two references are read as a stream, in the order of what stands in the middle: each
 * resource once, whatever the page size, whatever is written between two pages, and nothing that the
 * caller may not see answers on the way.
 */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSearchStore, type SearchStore } from "./search-store.ts";

const ENCOUNTERS = 12;
const OBSERVATIONS = 40;
const visitor = { institution: randomUUID() };
const reference = (name: string) => ({ reference: name });
const doctor = (id: string, family: string) => ({
  resourceType: "Practitioner",
  id,
  name: [{ family }],
  identifier: [{ system: "urn:doc", value: id }],
});
/** Of every twelve meetings some have one of the two doctors, some both, some the same one twice, some neither. */
const present = (n: number) =>
  [["d1"], ["d2"], ["d1", "d2"], ["d2", "d2"], ["d3"], []][n % 6] as string[];
const encounter = (n: number, extra: object = {}) => ({
  resourceType: "Encounter",
  id: `e${n}`,
  status: "finished",
  class: { code: "AMB" },
  subject: reference("Patient/p1"),
  serviceProvider: reference(`Organization/h${n % 2}`),
  participant: present(n).map((id) => ({ individual: reference(`Practitioner/${id}`) })),
  ...extra,
});
const observation = (n: number, ofEncounter: number) => ({
  resourceType: "Observation",
  id: `o${n}`,
  status: "final",
  code: { coding: [{ code: "a" }] },
  subject: reference("Patient/p1"),
  effectiveDateTime: `2024-01-${String(1 + (n % 28)).padStart(2, "0")}`,
  encounter: reference(`Encounter/e${ofEncounter}`),
});
let store: SearchStore;

beforeAll(async () => {
  store = await createSearchStore();
  await store.put([
    { resourceType: "Organization", id: "h0", name: "North" },
    { resourceType: "Organization", id: "h1", name: "South" },
    { resourceType: "Patient", id: "p1" },
    doctor("d1", "Wang"),
    doctor("d2", "Wang"),
    doctor("d3", "Li"),
  ]);
  // Meetings are written after what was measured in them as well as before.
  await store.put(Array.from({ length: OBSERVATIONS }, (_, n) => observation(n, n % ENCOUNTERS)));
  await store.put(Array.from({ length: ENCOUNTERS }, (_, n) => encounter(n)));
});
afterAll(() => store.close());

async function walk(query: string, between: (page: number) => Promise<void> = async () => {}) {
  const seen: string[] = [];
  let cursor = "";
  for (let page = 0; page < 60; page += 1) {
    const found = await store.search("Observation", `${query}${cursor}`);
    seen.push(...found.matches.map(({ id }) => id));
    if (!found.next) return seen;
    cursor = `&_cursor=${found.next}`;
    await between(page);
  }
  throw new Error("no end");
}
const expected = (wanted: (encounter: number) => boolean) =>
  Array.from({ length: OBSERVATIONS }, (_, n) => n)
    .filter((n) => wanted(n % ENCOUNTERS))
    .map((n) => `o${n}`)
    .sort();
const has = (id: string) => (n: number) => present(n).includes(id);

describe("a chain over two references", () => {
  it.each([
    ["encounter.participant.identifier=d1", has("d1")],
    ["encounter.participant.identifier=d1,d2", (n: number) => has("d1")(n) || has("d2")(n)],
    ["encounter.participant:Practitioner.family=wang", (n: number) => has("d1")(n) || has("d2")(n)],
    ["encounter.service-provider.name=north", (n: number) => n % 2 === 0],
    ["encounter.participant=Practitioner/d2", has("d2")],
    ["encounter.participant.identifier=nobody", () => false],
  ])("%s finds each once, in pages of any size", async (query, wanted) => {
    const all = expected(wanted);
    for (const count of [1, 3, 100])
      expect((await walk(`${query}&_count=${count}`)).sort()).toEqual(all);
    // Another plan has the same answer.
    expect((await walk(`${query}&_count=7&_sort=date`)).sort()).toEqual(all);
    expect((await store.search("Observation", `${query}&_total=accurate`)).total).toBe(all.length);
  });

  it("goes on where it was when its far end grows wide and the middle changes meanwhile", async () => {
    const query = "encounter.participant:Practitioner.family=wang&_count=2";
    const shown = await walk(query, async (page) => {
      if (page === 1)
        await store.put(Array.from({ length: 80 }, (_, n) => doctor(`more${n}`, "Wang")));
      if (page === 2) await store.put([{ ...observation(900, 0) }, { ...observation(901, 8) }]);
    });
    expect(new Set(shown).size).toBe(shown.length);
    expect(shown.filter((id) => id.length < 4).sort()).toEqual(
      expected((n) => has("d1")(n) || has("d2")(n)),
    );
    // From the beginning it is wide now, and finds the same in another order.
    expect((await walk(query)).sort()).toEqual([...shown, "o900", "o901"].filter(isFirst).sort());
    await store.put(
      [observation(900, 0), observation(901, 8)].map(({ resourceType, id }) => ({
        resourceType,
        id,
      })),
      "DELETE",
    );
  });

  it("is not led by what the caller may not see", async () => {
    await store.put([
      encounter(0, { meta: { security: [{ system: "urn:labels", code: "HIV" }] } }),
    ]);
    await store.as(async (tx) => {
      for (const [label, decision] of [
        [null, "permit"],
        ["HIV", "deny"],
      ])
        await tx.unsafe(
          "INSERT INTO consent_rule (tenant, patient, recipient, label, decision, starts_at) VALUES ($1::uuid, 'p1', $2::uuid, $3, $4, '2020-01-01')",
          [store.tenant, visitor.institution, label, decision],
        );
    });
    const query = "encounter.participant.identifier=d1&_count=100";
    const seen = async (caller?: typeof visitor) =>
      (await store.search("Observation", query, caller)).matches.map(({ id }) => id).sort();
    expect(await seen(visitor)).toEqual(expected((n) => n !== 0 && has("d1")(n)));
    expect(await seen()).toEqual(expected(has("d1")));
    expect(await store.ids("Observation", query, { tenant: randomUUID() })).toEqual([]);
  });

  it("refuses a place that no page named", async () => {
    const { next } = await store.search(
      "Observation",
      "encounter.participant.identifier=d1&_count=1",
    );
    const [mark, key] = JSON.parse(Buffer.from(next!, "base64url").toString());
    const forged = (...parts: unknown[]) =>
      store.search(
        "Observation",
        `encounter.participant.identifier=d1&_count=1&_cursor=${Buffer.from(JSON.stringify(parts)).toString("base64url")}`,
      );
    for (const parts of [
      [mark, key, "1 OR 1=1"],
      [mark, key, null],
      [mark, key, "1", "2"],
      [mark, "x", "1"],
    ])
      await expect(forged(...parts)).rejects.toMatchObject({ code: "fhir.search-page" });
    expect((await forged(mark, "9".repeat(18), "9".repeat(18))).matches).toEqual([]);
  });
});

const isFirst = (one: string, index: number, all: readonly string[]) => all.indexOf(one) === index;
