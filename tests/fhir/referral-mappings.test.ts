import type { Resource } from "@medplum/fhirtypes";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type CarePlanFacts,
  fromFhirCarePlan,
  toFhirCarePlan,
} from "../../fhir-mappings/care-plan.ts";
import {
  type EpisodeOfCareFacts,
  fromFhirEpisodeOfCare,
  toFhirEpisodeOfCare,
} from "../../fhir-mappings/episode-of-care.ts";
import {
  fromFhirReturnFlag,
  type ReturnFlagFacts,
  toFhirReturnFlag,
} from "../../fhir-mappings/flag.ts";
import { FhirMappingError } from "../../fhir-mappings/mapping-error.ts";
import {
  bserProgress,
  carePlanStatus,
  codedReferralState,
  referralProgress,
  referralRequestStatus,
} from "../../fhir-mappings/referral-codes.ts";
import {
  fromFhirReferralRequest,
  type ReferralRequestFacts,
  toFhirReferralRequest,
} from "../../fhir-mappings/referral-request.ts";
import {
  fromFhirReferralStay,
  type ReferralStayFacts,
  stayStatuses,
  toFhirReferralStay,
} from "../../fhir-mappings/referral-stay.ts";
import {
  fromFhirReferralTask,
  type ReferralTaskFacts,
  toFhirReferralTask,
} from "../../fhir-mappings/referral-task.ts";
import { codeSystems } from "../../fhir-mappings/systems.ts";
import {
  episodeStates,
  followUpKinds,
  followUpStates,
  type ReturnTrigger,
  referralUrgencies,
  triggerMeasures,
} from "../../server/referral/domain.ts";
import {
  endedReferralStates,
  type ReferralState,
  referralDirections,
  referralStates,
} from "../../server/referral/states.ts";
import { diagnoses } from "./arbitraries.ts";
import { problemsOf } from "./definitions.ts";

const uuid = fc.uuid();
const orNull = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });
const text = fc.constantFrom("血压控制不满意", "བཀྲ་ཤིས", "<b>&\"'", "两行\n文字", "88%");
const instant = fc
  .date({
    min: new Date("2020-01-01T00:00:00Z"),
    max: new Date("2035-01-01T00:00:00Z"),
    noInvalidDate: true,
  })
  .map((date) => new Date(date.getTime()));
const later = fc.constant(new Date("2036-01-01T00:00:00.000Z"));
const day = instant.map((date) => date.toISOString().slice(0, 10));
const code = fc.constantFrom("severe", "twice-uncontrolled", "t1");
const progress = fc
  .record({ state: fc.constantFrom(...referralStates), wasReturned: fc.boolean() })
  .map(({ state, wasReturned }) => ({
    state,
    closedAsReturned: state === "closed" && wasReturned,
  }));

const requests: fc.Arbitrary<ReferralRequestFacts> = fc
  .record({
    progress,
    referralId: uuid,
    number: fc.constant("ZZ2026112200001"),
    episodeNumber: fc.constant("BC2026112200001"),
    direction: fc.constantFrom(...referralDirections),
    urgency: fc.constantFrom(...referralUrgencies),
    patientId: uuid,
    requesterId: uuid,
    requesterPhone: orNull(fc.constant("021-56914949")),
    toInstitutionId: uuid,
    toDepartmentId: orNull(uuid),
    toDoctorId: orNull(uuid),
    replacesId: orNull(uuid),
    basedOnId: orNull(uuid),
    impression: diagnoses,
    criteria: fc.array(fc.record({ code, evidence: orNull(text) }), { maxLength: 3 }),
    supporting: fc.array(
      fc.record({
        type: fc.constantFrom("Condition", "Observation", "DiagnosticReport"),
        id: uuid,
      }),
      { maxLength: 3 },
    ),
    rehabilitationAdvice: orNull(text),
    expectedAt: orNull(instant),
    authoredAt: instant,
    reason: orNull(text),
    presentHistory: orNull(text),
    pastHistory: orNull(text),
    examination: orNull(text),
    results: orNull(text),
    treatmentSoFar: orNull(text),
    medicines: orNull(text),
    allergies: orNull(text),
    admissionNumber: orNull(text),
    plan: orNull(text),
  })
  .map(({ progress: own, ...rest }) => ({ ...rest, ...own }) as ReferralRequestFacts);

const tasks: fc.Arbitrary<ReferralTaskFacts> = fc
  .record({
    progress,
    referralId: uuid,
    number: fc.constant("ZZ2026112200001"),
    episodeNumber: fc.constant("BC2026112200001"),
    urgency: fc.constantFrom(...referralUrgencies),
    patientId: uuid,
    fromInstitutionId: uuid,
    toInstitutionId: uuid,
    requestShown: fc.boolean(),
    previousId: orNull(uuid),
    authoredAt: instant,
    updatedAt: later,
    acceptedAt: orNull(instant),
    endedAt: orNull(later),
    dueAt: orNull(instant),
    reason: orNull(text),
    carePlanId: orNull(uuid),
    answer: orNull(text),
    outcome: orNull(text),
    consultId: orNull(uuid),
    appointmentId: orNull(uuid),
    appointmentAt: orNull(instant),
  })
  // Either house has one of both: the number itself, or its time.
  .map(({ progress: own, ...rest }) => ({
    ...rest,
    ...own,
    appointmentAt: rest.appointmentId ? null : rest.appointmentAt,
  }));

const episodes: fc.Arbitrary<EpisodeOfCareFacts> = fc.record({
  id: uuid,
  number: fc.constant("BC2026112200001"),
  state: fc.constantFrom(...episodeStates),
  patientId: uuid,
  complaint: text,
  careInstitutionId: uuid,
  openedAt: instant,
  closedAt: orNull(later),
  closeReason: orNull(text),
  conditionIds: fc.array(uuid, { maxLength: 3 }),
  referralIds: fc.array(uuid, { maxLength: 3 }),
});

const plans: fc.Arbitrary<CarePlanFacts> = fc.record({
  state: fc.constantFrom(...referralStates),
  referralId: uuid,
  number: fc.constant("ZZ2026112200001"),
  patientId: uuid,
  authorId: uuid,
  authoredAt: instant,
  startedAt: orNull(instant),
  endedAt: orNull(later),
  plan: orNull(text),
  reviewOn: orNull(day),
  conditionIds: fc.array(uuid, { maxLength: 2 }),
  followUps: fc.array(
    fc
      .record({
        id: uuid,
        kind: fc.constantFrom(...followUpKinds),
        purpose: text,
        dueOn: day,
        state: fc.constantFrom(...followUpStates),
        institutionId: uuid,
        ownerId: orNull(uuid),
        findings: orNull(text),
        doneAt: orNull(instant),
        triggered: fc.array(code, { maxLength: 2 }),
      })
      .map((one) => ({ ...one, doneAt: one.findings ? one.doneAt : null })),
    { maxLength: 3 },
  ),
  medicines: fc.array(
    fc.record({
      text,
      dose: orNull(text),
      until: orNull(day),
      available: orNull(fc.boolean()),
      substitute: orNull(text),
    }),
    { maxLength: 3 },
  ),
  pendingResults: fc.array(
    fc.record({ what: text, ownerName: text, expectedOn: orNull(day), arrived: fc.boolean() }),
    { maxLength: 2 },
  ),
});

const triggers: fc.Arbitrary<ReturnTrigger> = fc.oneof(
  fc.record({ kind: fc.constant("words" as const), code, text }),
  fc
    .record({
      code,
      measure: fc.constantFrom(...triggerMeasures),
      limits: fc.constantFrom({ atLeast: 180 }, { atMost: 75.5 }, { atLeast: 39, atMost: 35 }),
    })
    .map(({ limits, ...one }) => ({ kind: "value" as const, ...one, ...limits })),
);
const flags: fc.Arbitrary<ReturnFlagFacts> = fc.record({
  id: uuid,
  patientId: uuid,
  authorInstitutionId: uuid,
  trigger: triggers,
  active: fc.boolean(),
  from: orNull(instant),
  until: orNull(later),
});

const stays: fc.Arbitrary<ReferralStayFacts> = fc.record({
  referralId: uuid,
  number: fc.constant("ZZ2026112200001"),
  admissionNumber: orNull(fc.constant("Z1122")),
  status: fc.constantFrom(...stayStatuses),
  patientId: uuid,
  episodeId: uuid,
  institutionId: uuid,
  start: instant,
  end: orNull(later),
});

const wire = <Type extends Resource>(resource: Type): Type =>
  JSON.parse(JSON.stringify(resource)) as Type;
const without = <Shape extends object, Key extends keyof Shape>(shape: Shape, ...keys: Key[]) =>
  Object.fromEntries(Object.entries(shape).filter(([key]) => !keys.includes(key as Key)));

function roundTrip<Facts, Type extends Resource, Read>(
  name: string,
  facts: fc.Arbitrary<Facts>,
  to: (facts: Facts) => Type,
  from: (resource: Resource) => Read,
  expected: (facts: Facts) => unknown = (same) => same,
) {
  it(`${name}: any row is valid R4 and comes back as it was`, () => {
    fc.assert(
      fc.property(facts, (one) => {
        const resource = wire(to(one));
        expect(problemsOf(resource)).toEqual([]);
        expect(from(resource)).toEqual(expected(one));
      }),
      { numRuns: 40 },
    );
  });
}

describe("round trips", () => {
  roundTrip(
    "ServiceRequest of a referral",
    requests,
    toFhirReferralRequest,
    fromFhirReferralRequest,
    (facts) => ({
      ...without(facts, "state", "closedAsReturned"),
      status: referralRequestStatus[codedReferralState(facts)],
    }),
  );
  roundTrip("Task of a referral", tasks, toFhirReferralTask, (resource) =>
    fromFhirReferralTask(resource, referralStates),
  );
  roundTrip("EpisodeOfCare", episodes, toFhirEpisodeOfCare, fromFhirEpisodeOfCare);
  roundTrip("CarePlan", plans, toFhirCarePlan, fromFhirCarePlan, (facts) => ({
    ...without(facts, "state"),
    status: carePlanStatus[facts.state],
  }));
  roundTrip("Encounter of a stay", stays, toFhirReferralStay, fromFhirReferralStay);
  roundTrip("Flag", flags, toFhirReturnFlag, fromFhirReturnFlag);
});

describe("the closed loop", () => {
  const [facts] = fc.sample(tasks, { numRuns: 1, seed: 7 });
  const taskIn = (state: ReferralState, closedAsReturned = false) =>
    wire(toFhirReferralTask({ ...facts!, state, closedAsReturned }));
  it("says every state of 360X where we have it, and ours beside it always", () => {
    const codes = (state: ReferralState) =>
      (taskIn(state).businessStatus?.coding ?? []).map((one) => [one.system, one.code]);
    for (const [state, status, bser] of [
      ["submitted", "requested", "2.0"],
      ["more-info-asked", "received", "2.0"],
      ["accepted", "accepted", "3.0"],
      ["returned", "rejected", "4.0"],
      ["redirected", "rejected", "4.0"],
      ["booked", "in-progress", "5.1.1"],
      ["no-show", "in-progress", "5.1.2"],
      ["cancel-asked", "in-progress", "5.2"],
      ["cancelled", "cancelled", "6.0"],
      ["closed", "completed", "7.0"],
    ] as const) {
      expect(taskIn(state).status, state).toBe(status);
      expect(codes(state)).toEqual([
        [codeSystems.referralProgress, bser],
        [codeSystems.referralState, state],
      ]);
    }
    for (const state of referralStates)
      expect(codes(state).at(-1)).toEqual([codeSystems.referralState, state]);
    expect(taskIn("closed", true).status).toBe("rejected");
  });
  it("ends in R4 what is ended in the domain, and nothing else that BSeR still works on", () => {
    const over = ["completed", "cancelled", "rejected"];
    for (const state of endedReferralStates)
      expect(over, state).toContain(referralProgress[state].status);
    for (const { status, business } of Object.values(referralProgress)) {
      if (business !== null) expect(Object.keys(bserProgress)).toContain(business);
      if (business === "6.0") expect(status).toBe("cancelled");
      if (business?.startsWith("5.")) expect(status).toBe("in-progress");
    }
  });
  it("reads no state it does not have, and none that contradicts the status", () => {
    const bad = (change: object, path: string, problem: string) => {
      const read = () =>
        fromFhirReferralTask({ ...taskIn("accepted"), ...change } as Resource, referralStates);
      expect(read).toThrow(FhirMappingError);
      expect(read).toThrow(`${path}: ${problem}`);
    };
    bad({ status: "completed" }, "Task.status", "contradiction");
    bad(
      { businessStatus: { coding: [{ system: codeSystems.referralState, code: "lost" }] } },
      "Task.businessStatus",
      "unknown-code",
    );
    bad(
      {
        businessStatus: {
          coding: [
            { system: codeSystems.referralProgress, code: "7.0" },
            { system: codeSystems.referralState, code: "accepted" },
          ],
        },
      },
      "Task.businessStatus",
      "contradiction",
    );
    bad({ focus: { reference: "ServiceRequest/other" } }, "Task.focus", "contradiction");
    bad({ businessStatus: undefined }, "Task.businessStatus", "missing");
    const [request] = fc.sample(requests, { numRuns: 1, seed: 7 });
    expect(() =>
      fromFhirReferralRequest({
        ...toFhirReferralRequest(request!),
        code: { coding: [{ system: codeSystems.service, code: "remote-consult" }] },
      }),
    ).toThrow("ServiceRequest.code: unknown-code");
  });
  it("reads a limit in its own unit alone", () => {
    const flag = wire(
      toFhirReturnFlag({
        id: "f",
        patientId: "p",
        authorInstitutionId: "o",
        trigger: { kind: "value", code: "t", measure: "systolicMmHg", atLeast: 180 },
        active: true,
        from: null,
        until: null,
      }),
    );
    expect(flag.code?.text).toBe("收缩压 ≥ 180 mmHg");
    flag.extension![0]!.valueQuantity!.code = "kPa";
    expect(() => fromFhirReturnFlag(flag)).toThrow("Flag.extension: unknown-code");
    expect(() => fromFhirReturnFlag({ ...flag, extension: [] })).toThrow("Flag.extension: missing");
  });
});
