import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  acknowledgeBy,
  compareByClock,
  consultActions,
  consultStates,
  consultTransitions,
  defaultConsultClocks,
  mayGiveOpinion,
  missingForSubmit,
  nextConsultState,
  patientMaySee,
  possibleActions,
} from "../../server/consult/domain.ts";

const at = (text: string) => new Date(text);

describe("the state table", () => {
  it("answers every action in every state: a next state or a coded refusal", () => {
    for (const state of consultStates) {
      for (const action of Object.keys(consultActions) as (keyof typeof consultActions)[]) {
        if (possibleActions(state).includes(action))
          expect(consultTransitions[state]).toContain(nextConsultState(state, action));
        else
          expect(() => nextConsultState(state, action)).toThrow(
            expect.objectContaining({ code: "consult.illegal-step" }),
          );
      }
    }
  });

  it("ends everywhere: no random walk gets stuck in an open state", () => {
    const canEnd = new Set(["archived", "cancelled"]);
    for (let grown = true; grown; ) {
      grown = false;
      for (const state of consultStates) {
        if (canEnd.has(state) || !consultTransitions[state].some((next) => canEnd.has(next)))
          continue;
        canEnd.add(state);
        grown = true;
      }
    }
    expect(canEnd.size).toBe(consultStates.length);
  });

  it("lets nothing follow the archive", () => {
    expect([...consultTransitions.archived, ...consultTransitions.cancelled]).toEqual([]);
  });
});

describe("what a request needs", () => {
  const consents = [
    { kind: "consult", given: true, method: "signature" },
    { kind: "record-sharing", given: true, method: "fingerprint" },
  ] as const;

  it("asks an emergency for five things only", () => {
    const emergency = {
      urgency: "emergency",
      invitedInstitutionId: "x",
      complaint: "呼吸困难",
      vitals: { spo2Percent: 61 },
      question: "转运？",
      callbackPhone: "08928242120",
    } as const;
    expect(missingForSubmit(emergency, [])).toEqual([]);
    expect(missingForSubmit({ ...emergency, vitals: { spo2Percent: null } }, [])).toEqual([
      "vitals",
    ]);
    expect(missingForSubmit({ ...emergency, callbackPhone: " " }, [])).toEqual(["callbackPhone"]);
  });

  it("names what an ordinary one lacks, consents included", () => {
    const missing = missingForSubmit({ urgency: "routine" }, []);
    expect(missing).toEqual(
      expect.arrayContaining([
        "reason",
        "provisionalDiagnoses",
        "invitedInstitutionId",
        "consent:consult",
        "consent:record-sharing",
      ]),
    );
    expect(missingForSubmit({ urgency: "routine" }, consents)).not.toContain("consent:consult");
    expect(missingForSubmit({ urgency: "routine" }, [{ ...consents[0], given: false }])).toContain(
      "consent:consult",
    );
  });
});

describe("clocks", () => {
  it.each([
    ["emergency", "2026-11-23T02:15:00.000Z"],
    ["urgent", "2026-11-23T03:00:00.000Z"],
    ["routine", "2026-11-24T02:00:00.000Z"],
  ] as const)("wants an %s opinion acknowledged by %s", (urgency, due) => {
    expect(
      acknowledgeBy(at("2026-11-23T02:00:00Z"), urgency, defaultConsultClocks).toISOString(),
    ).toBe(due);
  });

  it("shows the patient nothing before the attending doctor knows, and everything after the capped delay", () => {
    const signedAt = at("2026-11-23T02:00:00Z");
    const see = (now: string, acknowledgedAt: Date | null = null) =>
      patientMaySee({ signedAt, acknowledgedAt }, at(now), defaultConsultClocks);
    expect(
      patientMaySee(
        { signedAt: null, acknowledgedAt: null },
        at("2030-01-01T00:00:00Z"),
        defaultConsultClocks,
      ),
    ).toBe(false);
    expect(see("2026-11-23T03:00:00Z")).toBe(false);
    expect(see("2026-11-23T03:00:00Z", at("2026-11-23T02:30:00Z"))).toBe(true);
    expect(see("2026-11-25T01:59:59Z")).toBe(false);
    expect(see("2026-11-25T02:00:00Z")).toBe(true);
  });

  it("orders a queue totally: emergencies, then the clock that ends first, then what has no clock", () => {
    const item = fc.record({
      urgency: fc.constantFrom("emergency", "urgent", "routine"),
      dueAt: fc.option(fc.date({ noInvalidDate: true })),
    });
    fc.assert(
      fc.property(fc.array(item), (items) => {
        const sorted = [...items].sort(compareByClock);
        const firstOther = sorted.findIndex((one) => one.urgency !== "emergency");
        const rest = firstOther === -1 ? [] : sorted.slice(firstOther);
        expect(rest.every((one) => one.urgency !== "emergency")).toBe(true);
        const due = rest.map((one) => one.dueAt?.getTime() ?? Number.POSITIVE_INFINITY);
        expect(due).toEqual([...due].sort((left, right) => (left === right ? 0 : left - right)));
      }),
    );
  });
});

describe("three years of independent practice", () => {
  it.each([
    ["2023-11-23", true],
    ["2023-11-24", false],
    ["2001-08-01", true],
    [null, false],
  ] as const)("since %s: %s", (since, eligible) => {
    expect(mayGiveOpinion(since, at("2026-11-23T02:00:00Z"))).toBe(eligible);
  });
});
