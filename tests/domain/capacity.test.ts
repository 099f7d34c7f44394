import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bedStatusOf,
  fromFhirBedLocation,
  fromFhirUnitLocation,
  toFhirBedLocation,
  toFhirUnitLocation,
} from "../../fhir-mappings/bed-location.ts";
import {
  addDays,
  type BedModel,
  bedStateAt,
  bedStates,
  bedUnitKinds,
  expectedFree,
  modelHold,
  modeSwitchStates,
  modeSwitchTransitions,
  priorityBeds,
  priorityLeft,
  staffedFree,
} from "../../server/capacity/domain.ts";
import { errorRegistry, sentence } from "../../server/errors/registry.ts";

const now = new Date("2026-11-23T02:00:00Z");
const at = (minutes: number) => new Date(now.getTime() + minutes * 60_000);

describe("what a bed is", () => {
  const none = { outOfUse: false, occupied: false, cleaning: false, heldUntil: null };
  it.each([
    ["free", none],
    ["held", { ...none, heldUntil: at(1) }],
    ["free", { ...none, heldUntil: at(0) }],
    ["free", { ...none, heldUntil: at(-1) }],
    ["occupied", { ...none, occupied: true, cleaning: true, outOfUse: true, heldUntil: at(9) }],
    ["out-of-use", { ...none, outOfUse: true, cleaning: true, heldUntil: at(9) }],
    ["cleaning", { ...none, cleaning: true, heldUntil: at(9) }],
  ] as const)("%s", (state, bed) => {
    expect(bedStateAt(bed, now)).toBe(state);
  });
});

describe("the share for referrals", () => {
  it.each([
    // Beds, per cent, used by referrals: kept, left.
    [0, 30, 0, 0, 0],
    [3, 30, 0, 0, 0],
    [4, 30, 0, 1, 1],
    [10, 30, 1, 3, 2],
    [10, 30, 5, 3, 0],
    [7, 100, 2, 7, 5],
    [7, 0, 0, 0, 0],
  ])("of %d beds at %d %%, %d used: %d kept, %d left", (beds, percent, used, kept, left) => {
    expect(priorityBeds(beds, percent)).toBe(kept);
    expect(priorityLeft(beds, percent, used)).toBe(left);
  });

  it("shows no more than somebody is there to look after, never less than none", () => {
    expect([staffedFree(6, 0, 4), staffedFree(6, 1, 4), staffedFree(6, 2, 4)]).toEqual([6, 2, 0]);
  });
});

describe("the forecast", () => {
  const today = "2026-11-30";
  it("counts who is expected to leave, over the end of a month, and the overdue from tomorrow on", () => {
    const unit = {
      free: 1,
      cleaning: 1,
      leavesOn: ["2026-11-28", "2026-12-01", "2026-12-03", "2026-12-04"],
    };
    expect(expectedFree(unit, today, today)).toBe(1);
    expect(expectedFree(unit, today, addDays(today, 1))).toBe(4);
    expect(expectedFree(unit, today, addDays(today, 3))).toBe(5);
    expect(expectedFree(unit, today, addDays(today, 4))).toBe(6);
  });

  it("never sinks with the days and never passes the beds that are in use", () => {
    const day = fc.integer({ min: -20, max: 40 }).map((days) => addDays(today, days));
    fc.assert(
      fc.property(
        fc.nat(30),
        fc.nat(10),
        fc.array(day, { maxLength: 40 }),
        fc.nat(30),
        (free, cleaning, leavesOn, ahead) => {
          const unit = { free, cleaning, leavesOn };
          const expected = (days: number) => expectedFree(unit, today, addDays(today, days));
          expect(expected(0)).toBe(free);
          expect(expected(ahead + 1)).toBeGreaterThanOrEqual(expected(ahead));
          expect(expected(ahead + 1)).toBeLessThanOrEqual(free + cleaning + leavesOn.length);
          // In the end everybody has left.
          expect(expected(41)).toBe(free + cleaning + leavesOn.length);
        },
      ),
    );
  });
});

describe("holds", () => {
  it("are never more than beds, one a reference and one a person, whatever is asked in whatever order", () => {
    const asks = fc.array(
      fc.record({
        reference: fc.nat(5),
        patient: fc.nat(5),
        hours: fc.integer({ min: 1, max: 30 }),
        later: fc.nat(10),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), asks, (beds, list) => {
        const model: BedModel = {
          beds: Array.from({ length: beds }, (_, index) => String(index)),
          holds: [],
        };
        let clock = 0;
        for (const one of list) {
          clock += one.later * 3_600_000;
          const before = model.holds.filter((held) => held.until > clock).length;
          const answer = modelHold(model, {
            referenceId: String(one.reference),
            patientId: String(one.patient),
            now: clock,
            hours: one.hours,
          });
          expect(model.holds).toHaveLength(before + (answer === "held" ? 1 : 0));
          if (answer === "full") expect(before).toBe(beds);
          for (const key of ["bed", "referenceId", "patientId"] as const)
            expect(new Set(model.holds.map((held) => held[key])).size).toBe(model.holds.length);
          expect(model.holds.length).toBeLessThanOrEqual(beds);
        }
      }),
    );
  });
});

describe("the switch", () => {
  it("reaches every state from its order, and ends in two", () => {
    const reached = new Set<string>(["ordered"]);
    for (let grown = 0; grown !== reached.size; ) {
      grown = reached.size;
      for (const state of modeSwitchStates)
        if (reached.has(state)) for (const next of modeSwitchTransitions[state]) reached.add(next);
    }
    expect([...reached].sort()).toEqual([...modeSwitchStates].sort());
    expect(modeSwitchStates.filter((one) => modeSwitchTransitions[one].length === 0)).toEqual([
      "ended",
      "cancelled",
    ]);
    // Back to peace leads through disinfection alone.
    expect(modeSwitchStates.filter((one) => modeSwitchTransitions[one].includes("ended"))).toEqual([
      "disinfecting",
    ]);
  });
});

describe("the sentence of a full department", () => {
  const params = {
    holder: { zh: "彭浦", en: "Pengpu", bo: null },
    untilWords: { zh: "2026-11-23 12:00", en: "2026-11-23 12:00", bo: "2026-11-23 12:00" },
    alternativesWords: { zh: "华东医院康复科 3 张", en: "Huadong: 3", bo: "ཧྭ་ཏུང་ 3" },
  };
  it("says who, until when and where else, in the reader's language", () => {
    expect(sentence("capacity.full", "zh-CN", params)).toContain("彭浦 占用，到 2026-11-23 12:00");
    expect(sentence("capacity.full", "en", params)).toContain("held by Pengpu until");
    expect(sentence("capacity.full", "bo", params)).toContain("ཧྭ་ཏུང་ 3");
    for (const code of Object.keys(errorRegistry).filter((one) => one.startsWith("capacity.")))
      for (const language of ["zh-CN", "en", "bo"])
        expect(sentence(code as "capacity.full", language, params), code).not.toMatch(
          /\[object|undefined/,
        );
  });
});

describe("beds as FHIR Location", () => {
  const status = fc.constantFrom("active" as const, "suspended" as const, "inactive" as const);
  const word = fc.constantFrom("内科一病区", "Ward 1", "ནད་ཁང་།");
  const name = fc.record({
    zh: word,
    en: fc.option(word, { nil: null }),
    bo: fc.option(word, { nil: null }),
  });
  it("read back what was written, of wards and of beds", () => {
    fc.assert(
      fc.property(
        fc.record({
          id: fc.uuid(),
          institutionId: fc.uuid(),
          name,
          kind: fc.constantFrom(...bedUnitKinds),
          status,
        }),
        (facts) => {
          expect(fromFhirUnitLocation(toFhirUnitLocation(facts))).toEqual(facts);
        },
      ),
    );
    fc.assert(
      fc.property(
        fc.record({
          id: fc.uuid(),
          unitId: fc.uuid(),
          institutionId: fc.uuid(),
          label: fc.constantFrom("1", "加4"),
          status,
          operational: fc.constantFrom("C", "H", "I", "K", "O", "U"),
        }),
        (facts) => {
          expect(fromFhirBedLocation(toFhirBedLocation(facts))).toEqual(facts);
        },
      ),
    );
  });

  it("name every state by HL7 table 0116, isolation by its own letters", () => {
    expect(bedStates.map((state) => bedStatusOf(state, "ordinary"))).toEqual([
      "U",
      "U",
      "O",
      "H",
      "C",
    ]);
    expect(bedStates.map((state) => bedStatusOf(state, "isolation"))).toEqual([
      "U",
      "U",
      "I",
      "K",
      "C",
    ]);
    const bed = toFhirBedLocation({
      id: "b",
      unitId: "u",
      institutionId: "i",
      label: "1",
      status: "active",
      operational: "O",
    });
    expect(bed.physicalType?.coding?.[0]?.code).toBe("bd");
    expect(() => fromFhirBedLocation({ ...bed, operationalStatus: { code: "X" } })).toThrow(
      "Location.operationalStatus: unknown-code",
    );
  });
});
