import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { distanceMetres } from "../../server/directory/service.ts";
import type { SamplerStep, StepAnswer } from "../../server/sampling/contract.ts";
import {
  priorityOfAge,
  queueMinutes,
  recallSteps,
  registrationSteps,
  resultHours,
  serverTime,
  singleCauses,
  tubeSizes,
  tubeStateOfResult,
  tubeStates,
  tubeSteps,
} from "../../server/sampling/domain.ts";
import { makeTubeCode, parseTubeCode } from "../../server/sampling/tube-code.ts";
import {
  type Draft,
  giveUp,
  isPaperCode,
  type Kept,
  type KnownWork,
  lookUp,
  nothingKept,
  paperLetters,
  project,
  refuse,
  registered,
  renew,
  sendable,
  settle,
  take,
} from "../../web/sampling/engine.ts";
import { createStore } from "../../web/sampling/store.ts";
import { parseTubeCode as parseOnPhone, tubeWords } from "../../web/sampling/tube-code.ts";

const sizes = fc.constantFrom(...tubeSizes);
const serials = fc.integer({ min: 0, max: 99_999_999 });

describe("a tube's code", () => {
  it("is read as it was made, on the server and on the phone, however it is spaced", () => {
    fc.assert(
      fc.property(sizes, serials, (size, serial) => {
        const code = makeTubeCode(size, serial);
        expect(parseTubeCode(code)).toEqual({ code, size, serial });
        expect(parseOnPhone(tubeWords(code).toLowerCase())).toEqual({ code, size, serial });
      }),
    );
  });

  it("is refused with any one digit wrong, alike on both sides", () => {
    fc.assert(
      fc.property(
        sizes,
        serials,
        fc.integer({ min: 4, max: 12 }),
        fc.integer({ min: 1, max: 9 }),
        (size, serial, place, by) => {
          const code = makeTubeCode(size, serial);
          const wrong = (Number(code[place]) + by) % 10;
          const other = `${code.slice(0, place)}${wrong}${code.slice(place + 1)}`;
          expect(parseTubeCode(other)).toBeNull();
          expect(parseOnPhone(other)).toBeNull();
        },
      ),
    );
    for (const text of [
      "",
      "YT",
      "YT3000001234",
      "XX10000101005",
      "YT1000010100",
      "YT100001010055",
    ])
      expect(parseOnPhone(text)).toEqual(parseTubeCode(text));
  });
});

describe("the rules", () => {
  it("know every state, and end where the field says", () => {
    const from = new Set(tubeSteps.map(([state]) => state));
    const to = new Set(tubeSteps.map(([, state]) => state));
    for (const state of tubeStates) expect(from.has(state) || to.has(state)).toBe(true);
    expect(from.has("void")).toBe(false);
    // A sealed tube is never opened again, and nothing becomes void once the laboratory has it.
    const after = tubeSteps.filter(([state]) => !["open", "collecting"].includes(state));
    expect(after.some(([, state]) => state === "open" || state === "collecting")).toBe(false);
    expect(
      tubeSteps.some(([state, next]) => next === "void" && ["received", "testing"].includes(state)),
    ).toBe(false);
    expect(registrationSteps.cancelled).toEqual([]);
    expect(recallSteps.repeated).toEqual([]);
    expect(singleCauses).not.toContain("void");
    expect(tubeStateOfResult["single-target"]).toBe("indeterminate");
  });

  it("keep the clocks of domain.md", () => {
    expect(resultHours).toEqual({
      fever: 6,
      emergency: 6,
      "in-outpatient": 12,
      voluntary: 24,
      surge: 24,
    });
    expect([null, 5, 6, 64, 65].map(priorityOfAge)).toEqual([null, "child", null, null, "elder"]);
    expect([queueMinutes(0, 0), queueMinutes(5, 0), queueMinutes(60, 80)]).toEqual([0, null, 45]);
  });

  it("set a wrong clock right by what it is wrong when it sends, and never into the future", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -86_400_000, max: 86_400_000 }),
        fc.integer({ min: 0, max: 7_200_000 }),
        (skew, ago) => {
          const now = new Date("2026-11-23T10:00:00Z");
          const sent = new Date(now.getTime() + skew);
          const done = new Date(sent.getTime() - ago);
          expect(serverTime(done, sent, now).getTime()).toBe(now.getTime() - ago);
          expect(serverTime(new Date(sent.getTime() + 1), sent, now) <= now).toBe(true);
        },
      ),
    );
  });
});

const station = "00000000-0000-4000-8000-000000000001";
const people = Array.from({ length: 12 }, (_, index) => ({
  registrationId: `00000000-0000-4000-8000-0000000001${String(index).padStart(2, "0")}`,
  code: `ABC${String(index).padStart(3, "2")}`,
  name: `人${index}`,
  lastFour: String(1000 + (index % 6)),
  lastFourOf: "id" as const,
  purpose: "voluntary" as const,
  priority: null,
  state: "waiting" as const,
  expectedAt: "2026-11-23T02:00:00.000Z",
  single: index === 11,
  fever: false,
  recalled: index === 11,
}));
const work: KnownWork = {
  now: "2026-11-23T02:00:00.000Z",
  site: {
    id: station,
    name: { zh: "点", en: null, bo: null },
    place: "",
    feverPlace: "",
    poolSize: 5,
    purpose: "voluntary",
    laboratory: { zh: "", en: null, bo: null },
  },
  station: { id: station, number: 1, state: "open" },
  tubes: [],
  batches: tubeSizes.map((size) => ({ size, first: 1, last: 50 })),
  people,
};
const tubes = [makeTubeCode(5, 1), makeTubeCode(5, 2), makeTubeCode(1, 3)];
let made = 0;
const nextId = () => {
  made += 1;
  return `10000000-0000-4000-8000-${String(made).padStart(12, "0")}`;
};
const step = (
  kind: SamplerStep["step"],
  tube: string | null,
  registration: string | null = null,
): SamplerStep => ({
  id: nextId(),
  step: kind,
  station,
  tube,
  registration,
  purpose: null,
  retest: false,
  reason: kind === "void" ? "漏" : null,
  at: "2026-11-23T02:00:00.000Z",
});

describe("a phone", () => {
  const action = fc.record({
    kind: fc.constantFrom(
      "open",
      "sample",
      "sample",
      "sample",
      "undo",
      "seal",
      "void",
      "lead-away",
    ),
    tube: fc.constantFrom(...tubes),
    person: fc.integer({ min: 0, max: people.length - 1 }),
  });

  it("never lets anything be done that the database would refuse: sums and places hold", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        let kept: Kept = { ...nothingKept, work };
        for (const one of actions) {
          const next = step(
            one.kind as SamplerStep["step"],
            one.tube,
            people[one.person]!.registrationId,
          );
          if (refuse(kept, next) === null) kept = take(kept, next);
          const view = project(kept);
          const active = view.tubes.filter((tube) => tube.state !== "void");
          for (const tube of view.tubes) {
            expect(tube.members.length).toBeLessThanOrEqual(tube.size);
            expect(new Set(tube.members.map((m) => m.registrationId)).size).toBe(
              tube.members.length,
            );
            if (tube.size > 1 && tube.state !== "void")
              expect(
                tube.members.some((m) => m.registrationId === people[11]!.registrationId),
              ).toBe(false);
          }
          // Nobody is in two tubes that count, and who is sampled is exactly who is in one.
          const inTubes = active.flatMap((tube) => tube.members.map((m) => m.registrationId));
          expect(new Set(inTubes).size).toBe(inTubes.length);
          const sampled = view.people
            .filter((p) => p.state === "sampled")
            .map((p) => p.registrationId);
          expect(new Set(sampled)).toEqual(new Set(inTubes));
        }
      }),
      { numRuns: 400 },
    );
  });

  it("loses no step: each waits until it is answered, once, and a late work does not bring it back", () => {
    const first = step("open", tubes[0]!);
    const second = step("sample", tubes[0]!, people[0]!.registrationId);
    const third = step("sample", tubes[0]!, people[1]!.registrationId);
    let kept = [first, second, third].reduce(take, { ...nothingKept, work } as Kept);
    const answer = (id: string, problem: StepAnswer["problem"] = null): StepAnswer => ({
      id,
      problem,
      repeated: false,
      tube: problem ? "YT05000000999" : null,
      station: problem ? 2 : null,
      at: null,
      count: null,
    });
    kept = settle(kept, [answer(first.id), answer(third.id, "person-sampled")]);
    expect(kept.steps.map((one) => [one.id, one.done])).toEqual([
      [first.id, true],
      [second.id, false],
    ]);
    expect(kept.conflicts).toMatchObject([
      {
        problem: "person-sampled",
        person: "人1",
        lastFour: "1001",
        otherTube: "YT05000000999",
        station: 2,
      },
    ]);
    expect(project(kept).waiting).toBe(1);
    // The work that was asked for before the second step was answered does not show it yet: it stays.
    kept = settle(kept, [answer(second.id)]);
    kept = renew(kept, work, new Set([first.id]));
    expect(kept.steps.map((one) => one.id)).toEqual([second.id]);
    // Without a new list the old one goes on, with what was done.
    const shorter = renew(kept, { ...work, people: null }, new Set([second.id]));
    expect(shorter.work?.people[0]?.state).toBe("sampled");
    // Answered twice, nothing changes.
    expect(settle(kept, [answer(second.id)])).toEqual(kept);
  });

  it("registers without a line: the swab waits for its person, the seal for the swab, and nothing goes twice", () => {
    const draft = (id: string, fullName: string): Draft => ({
      id,
      key: id,
      refused: null,
      body: {
        residentId: null,
        fullName,
        phone: "13900001111",
        birthDate: null,
        sex: null,
        purpose: "voluntary",
        priority: null,
        kept: { code: "BCDF2345", at: work.now },
      },
    });
    let kept: Kept = {
      ...nothingKept,
      work,
      drafts: [draft("d1", "新来的"), draft("d2", "写错的")],
    };
    expect(lookUp(project(kept).people, "bcdf2345")).toMatchObject({
      kind: "people",
      people: [{ name: "新来的", lastFour: "1111" }, { name: "写错的" }],
    });
    const open = step("open", tubes[0]!);
    const first = step("sample", tubes[0]!, "d1");
    const other = step("open", tubes[1]!);
    const wrong = step("sample", tubes[1]!, "d2");
    const known = step("sample", tubes[1]!, people[0]!.registrationId);
    const seal = step("seal", tubes[1]!);
    for (const one of [open, first, other, wrong, known, seal]) {
      expect(refuse(kept, one), one.step).toBeNull();
      kept = take(kept, one);
    }
    // Only what concerns nobody unknown may go; a seal never before a swab that waits.
    expect(sendable(kept).map((one) => one.id)).toEqual([open.id, other.id]);
    expect(project(kept).waiting).toBe(8);
    const made = { ...people[0]!, registrationId: "r-new", name: "新来的" };
    kept = registered(kept, "d1", [made]);
    expect(sendable(kept).map((one) => [one.id, one.registration])).toEqual([
      [open.id, null],
      [first.id, "r-new"],
      [other.id, null],
    ]);
    expect(kept.aliases).toEqual({ d1: "r-new" });
    // Nobody puts the other one right: told by person and tube, the rest of the tube goes.
    kept = giveUp(kept, "d2");
    expect(kept.conflicts).toMatchObject([
      { person: "写错的", lastFour: "1111", tube: tubes[1], problem: "person-unknown" },
    ]);
    expect(sendable(kept).map((one) => one.id)).toEqual([
      open.id,
      first.id,
      other.id,
      known.id,
      seal.id,
    ]);
    expect(giveUp(kept, "d2")).toEqual(kept);
    expect(paperLetters(new Uint8Array([0, 1, 2, 3, 255, 254, 7, 8]))).toMatch(
      /^[2-9BCDFGHJKMNPQRSTVWXZ]{8}$/,
    );
  });

  it("finds by tube, pass, last four and name", () => {
    expect(lookUp(people, tubeWords(tubes[0]!))).toEqual({ kind: "tube", code: tubes[0] });
    expect(lookUp(people, "YT05000000019")).toMatchObject({ kind: expect.stringMatching(/tube/) });
    expect(lookUp(people, "zzz999")).toMatchObject({ kind: "none" });
    expect(lookUp(people, people[3]!.code.toLowerCase())).toEqual({
      kind: "people",
      people: [people[3]],
    });
    expect(lookUp(people, "1002")).toMatchObject({ kind: "people", people: { length: 2 } });
    expect(lookUp(people, "人7")).toMatchObject({ kind: "people", people: { length: 1 } });
    expect(lookUp(people, "  ")).toEqual({ kind: "none" });
  });
});

describe("how far it is", () => {
  it("is nothing from here to here, the same both ways, and what a map says", () => {
    const [pengpu, xuhui, sakya] = [
      { latitude: 31.3056, longitude: 121.4507 },
      { latitude: 31.2153, longitude: 121.4573 },
      { latitude: 28.9, longitude: 88.02 },
    ];
    expect(distanceMetres(pengpu, pengpu)).toBe(0);
    expect(distanceMetres(pengpu, xuhui)).toBeCloseTo(distanceMetres(xuhui, pengpu), 6);
    expect(Math.round(distanceMetres(pengpu, xuhui) / 100)).toBe(101);
    expect(Math.round(distanceMetres(xuhui, sakya) / 100_000)).toBe(32);
    const places = fc.record({
      latitude: fc.double({ min: -90, max: 90, noNaN: true }),
      longitude: fc.double({ min: -180, max: 180, noNaN: true }),
    });
    fc.assert(
      fc.property(places, places, places, (a, b, c) => {
        expect(distanceMetres(a, c)).toBeLessThanOrEqual(
          distanceMetres(a, b) + distanceMetres(b, c) + 1,
        );
      }),
    );
  });
});

describe("a phone's queue", () => {
  it("keeps what is done while the server is answering, and while the work is being read", async () => {
    const sent: string[] = [];
    let meanwhile: (() => Promise<unknown>) | null = null;
    const answered = (body: unknown) => new Response(JSON.stringify(body));
    vi.stubGlobal("fetch", async (path: string, { body }: { body?: string }) => {
      const during = meanwhile;
      meanwhile = null;
      await during?.();
      if (!body) return answered({ ...work, people: path.includes("none") ? null : people });
      const { steps } = JSON.parse(body) as { steps: SamplerStep[] };
      sent.push(...steps.map((one) => one.id));
      return answered({
        now: work.now,
        answers: steps.map((one) => ({
          id: one.id,
          problem: null,
          repeated: false,
          tube: null,
          station: null,
          at: null,
          count: null,
        })),
      });
    });
    const store = createStore("test");
    await store.sync();
    const again = (kind: SamplerStep["step"], person: number | null) => {
      const {
        id: _,
        at: __,
        ...rest
      } = step(kind, tubes[0]!, person === null ? null : people[person]!.registrationId);
      return store.take(rest);
    };
    // One is sampled while the first step is on its way, one while the work is read after it.
    meanwhile = async () => {
      await again("sample", 0);
      meanwhile = () => again("sample", 1);
    };
    expect(await again("open", null)).toBeNull();
    await vi.waitFor(() => expect(store.read().kept.steps.every((one) => one.done)).toBe(true));
    await store.sync();
    expect(sent).toHaveLength(3);
    expect(new Set(sent).size).toBe(3);
    const states = store.read().kept.work!.people.map((one) => one.state);
    expect(states.slice(0, 3)).toEqual(["sampled", "sampled", "waiting"]);
    vi.unstubAllGlobals();
  });
});

describe("a paper code", () => {
  it.each([
    ["YLP1:0123456789ABCDEF.29000000.0123ABCD.X", true],
    [" ylp1:anything", true],
    ["0123-4567-89AB-CDEF", true],
    ["0123456789abcdef", true],
    ["YT01000123457", false],
    ["K7M2PX", false],
    ["11010519491231002X", false],
    ["王秀英", false],
    ["", false],
  ])("%s", (text, expected) => {
    expect(isPaperCode(text)).toBe(expected);
  });
});
