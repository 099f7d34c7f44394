import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addWorkingMinutes } from "../../server/calendar/domain.ts";
import {
  assertNoRing,
  compareTargets,
  criteriaMet,
  defaultReferralPolicy,
  missingOfReferral,
  type ReferralContent,
  redirectLimit,
  requiredOfDown,
  requiredOfEmergency,
  requiredOfUp,
  responseMinutes,
  rungAt,
  type Target,
  triggersReached,
} from "../../server/referral/domain.ts";
import { followUpDueAt, overdueDays } from "../../server/referral/follow-up-domain.ts";
import {
  endedReferralStates,
  nextReferralState,
  possibleReferralActions,
  type ReferralAction,
  type ReferralState,
  referralActions,
  referralDirections,
  referralSides,
  referralStates,
  referralTransitions,
} from "../../server/referral/states.ts";

const everyone = new Set(["referral.request", "referral.desk", "referral.ward"]);
const allActions = Object.keys(referralActions) as ReferralAction[];

describe("every event in every state", () => {
  it.each(referralDirections)("of a way %s is a step of the table, or refused", (direction) => {
    for (const from of referralStates)
      for (const action of allActions) {
        const row = referralTransitions.find(
          (one) => one.direction === direction && one.from === from && one.action === action,
        );
        if (row) expect(nextReferralState(direction, from, action)).toBe(row.to);
        else
          expect(() => nextReferralState(direction, from, action), `${from} ${action}`).toThrow();
      }
  });
  it("shows each side its own steps and no others", () => {
    for (const { direction, from, action } of referralTransitions)
      for (const side of referralSides) {
        const shown = possibleReferralActions(direction, from, [side], everyone).includes(action);
        const { sides, permission } = referralActions[action];
        const allowed =
          (sides as readonly string[]).includes(side) &&
          (side === "patient" || permission !== null);
        expect(shown, `${direction} ${from} ${action} ${side}`).toBe(allowed);
      }
  });
  it("shows nothing to who may do nothing", () => {
    for (const from of referralStates)
      expect(possibleReferralActions("up", from, ["from", "to"], new Set())).toEqual([]);
  });
  it("leaves no state without a way out but those that are over, and reaches every state", () => {
    for (const direction of referralDirections) {
      const reached = new Set<ReferralState>(["draft"]);
      for (let size = 0; size !== reached.size; ) {
        size = reached.size;
        for (const one of referralTransitions)
          if (one.direction === direction && reached.has(one.from)) reached.add(one.to);
      }
      for (const state of reached) {
        const out = referralTransitions.some(
          (one) => one.direction === direction && one.from === state,
        );
        const over = endedReferralStates.includes(state);
        if (!out) expect(over, `${direction} ${state}`).toBe(true);
      }
      if (direction === "up") expect([...reached].sort()).toEqual([...referralStates].sort());
    }
  });
  it("never ends somebody who was admitted by a cancellation or a clock", () => {
    for (const state of ["arrived", "admitted", "ready-for-down", "sent-down"] as const)
      for (const action of ["cancel", "confirmCancel", "expire", "withdraw"] as const)
        expect(() => nextReferralState("up", state, action)).toThrow();
  });
});

const whole: ReferralContent = {
  direction: "up",
  urgency: "routine",
  toInstitutionId: "i",
  toDepartmentId: "d",
  requesterPhone: "1",
  reason: "r",
  impression: [{}],
  presentHistory: "p",
  pastHistory: "p",
  treatmentSoFar: "t",
  vitals: { systolicMmHg: 1 },
  criteria: [{}],
  admissionNumber: "a",
  results: "r",
  plan: "p",
  rehabilitationAdvice: "r",
  reviewOn: "2026-12-01",
  returnTriggers: [{}],
  medicines: [],
  pendingResults: [],
};
const none = { vitals: {}, impression: [], criteria: [], returnTriggers: [] } as const;

describe("the forms", () => {
  it("name each field that is missing, and only it", () => {
    for (const [direction, urgency, fields] of [
      ["up", "routine", requiredOfUp],
      ["up", "emergency", requiredOfEmergency],
      ["down", "routine", requiredOfDown],
    ] as const) {
      const form = { ...whole, direction, urgency };
      expect(missingOfReferral(form, true)).toEqual([]);
      for (const field of fields)
        expect(
          missingOfReferral(
            { ...form, [field]: (none as Record<string, unknown>)[field] ?? null },
            true,
          ),
        ).toEqual([field]);
    }
  });
  it("let an emergency go without consent, and nothing else", () => {
    expect(missingOfReferral({ ...whole, urgency: "emergency" }, false)).toEqual([]);
    expect(missingOfReferral({ ...whole, urgency: "urgent" }, false)).toEqual(["consent"]);
  });
  it("do not take the height of the place for a vital sign", () => {
    expect(
      missingOfReferral({ ...whole, urgency: "emergency", vitals: { altitudeMetres: 4300 } }, true),
    ).toEqual(["vitals"]);
  });
  it("want somebody who runs after each result that is waited for", () => {
    const pending = {
      what: "w",
      ownerName: " ",
      ownerPhone: "1",
      expectedOn: null,
      arrived: false,
    };
    expect(
      missingOfReferral({ ...whole, direction: "down", pendingResults: [pending] }, true),
    ).toEqual(["pendingResults.owner"]);
  });
});

describe("return triggers", () => {
  const triggers = [
    { code: "high", kind: "value", measure: "systolicMmHg", atLeast: 180 },
    { code: "low", kind: "value", measure: "spo2Percent", atMost: 80 },
    { code: "pain", kind: "words", text: "剧烈头痛" },
  ] as const;
  it.each([
    [{ systolicMmHg: 180 }, [], ["high"]],
    [{ systolicMmHg: 179 }, [], []],
    [{ systolicMmHg: null, spo2Percent: 80 }, [], ["low"]],
    [{}, ["pain", "unknown"], ["pain"]],
    [{ systolicMmHg: 200, spo2Percent: 60 }, ["pain"], ["high", "low", "pain"]],
  ] as const)("of %j and %j are %j", (measured, ticked, reached) => {
    expect(triggersReached(triggers, measured, ticked)).toEqual(reached);
  });
});

describe("a way from house to house", () => {
  const house = (n: number) => ({ institutionId: `i${n}`, departmentId: null });
  it("asks nobody twice and comes to an end", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 12 }), (targets) => {
        const asked = [house(-1)];
        for (const target of targets)
          try {
            assertNoRing(asked, house(target));
            asked.push(house(target));
          } catch {
            // Refused: the way is as long as before.
          }
        expect(new Set(asked.map((one) => one.institutionId)).size).toBe(asked.length);
        expect(asked.length).toBeLessThanOrEqual(redirectLimit + 1);
      }),
    );
  });
  it("leads to the specialty's own alliance, then to room, then near", () => {
    const base: Target = {
      institutionId: "i",
      departmentId: "d",
      sharedAlliances: 1,
      specialtyAlliance: false,
      distanceMetres: 1000,
      freeBeds: 1,
      openReferrals: 0,
    };
    const order = [
      { ...base, specialtyAlliance: true, freeBeds: 0, distanceMetres: 9000 },
      { ...base, distanceMetres: 500 },
      { ...base, openReferrals: 1 },
      { ...base, openReferrals: 5 },
      { ...base, distanceMetres: null },
      { ...base, freeBeds: 0 },
      { ...base, sharedAlliances: 0 },
    ];
    expect([...order].reverse().sort(compareTargets)).toEqual(order);
  });
});

describe("clocks", () => {
  const policy = { ...defaultReferralPolicy, dutyPhone: null };
  it("are those of the rules: 15 minutes, 2 hours, a working day", () => {
    expect(
      (["emergency", "urgent", "routine"] as const).map((one) => responseMinutes(policy, one)),
    ).toEqual([15, 120, 480]);
    const due = new Date("2026-11-23T02:00:00Z");
    expect(
      (["desk", "head", "administrator"] as const).map((one) =>
        rungAt(due, one, policy).toISOString(),
      ),
    ).toEqual(["2026-11-23T02:00:00.000Z", "2026-11-23T02:30:00.000Z", "2026-11-23T03:00:00.000Z"]);
  });
  it("count working time of the house that is asked: its hours, its holidays", () => {
    const sakya = {
      institutionId: "s",
      timeZone: "Asia/Shanghai",
      hours: [1, 2, 3, 4, 5].flatMap((weekday) => [
        { weekday, startMinute: 9 * 60 + 30, endMinute: 13 * 60 },
        { weekday, startMinute: 15 * 60 + 30, endMinute: 18 * 60 + 30 },
      ]),
      holidays: [{ day: "2026-11-24", name: "地方节日" }],
    };
    // Monday 16:00 local: 150 minutes are left of the day, Tuesday is a holiday.
    expect(addWorkingMinutes(sakya, new Date("2026-11-23T08:00:00Z"), 480).toISOString()).toBe(
      "2026-11-25T09:30:00.000Z",
    );
  });
  it("miss a follow-up when its day is over where it is made", () => {
    expect(followUpDueAt("2026-12-06").toISOString()).toBe("2026-12-06T16:00:00.000Z");
    expect([
      overdueDays("2026-12-06", "2026-12-06"),
      overdueDays("2026-12-06", "2026-12-08"),
    ]).toEqual([0, 2]);
  });
});

it("criteria tick themselves by what was measured", () => {
  const criteria = [
    {
      code: "severe",
      evidence: { systolicMmHg: { atLeast: 180 }, diastolicMmHg: { atLeast: 110 } },
    },
    { code: "words", evidence: null },
  ];
  expect(criteriaMet(criteria, { systolicMmHg: 150, diastolicMmHg: 112 })).toEqual([
    { code: "severe", evidence: "diastolicMmHg 112" },
  ]);
  expect(criteriaMet(criteria, { systolicMmHg: 150, diastolicMmHg: null })).toEqual([]);
});
