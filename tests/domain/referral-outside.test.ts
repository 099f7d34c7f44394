import type { Task } from "@medplum/fhirtypes";
import { describe, expect, it } from "vitest";
import { heardAs, saidBySide, tellsState } from "../../fhir-mappings/referral-answer.ts";
import { referralProgress } from "../../fhir-mappings/referral-codes.ts";
import { codeSystems } from "../../fhir-mappings/systems.ts";
import { type ReferralState, referralStates } from "../../server/referral/domain.ts";
import { followOf, retryAt } from "../../server/referral-outside/domain.ts";

const taskOf = (state: ReferralState): Task => ({
  resourceType: "Task",
  status: referralProgress[state].status,
  intent: "order",
  businessStatus: { coding: [{ system: codeSystems.referralState, code: state }] },
});
const follow = (
  agreed: ReferralState | null,
  ours: ReferralState,
  theirs: ReferralState,
  theirSide: "from" | "to" = "to",
) =>
  followOf({
    direction: "up",
    ours,
    theirs,
    agreed,
    theirSide,
    tells: (state) => tellsState(taskOf(theirs), state),
    said: saidBySide,
    meaning: heardAs,
  });
const actions = (found: ReturnType<typeof follow>) =>
  "steps" in found ? [found.kind, ...found.steps.map((one) => one.action)] : [found.kind];

describe("who follows whom", () => {
  it.each<[string, Parameters<typeof follow>, string[]]>([
    ["nobody moved", ["accepted", "accepted", "accepted"], ["same"]],
    ["they went on by two", ["submitted", "submitted", "booked"], ["pull", "accept", "book"]],
    ["we went on", ["accepted", "cancel-asked", "accepted"], ["push", "askCancel"]],
    // The same two states, told apart by what both last knew.
    ["they refused", ["cancel-asked", "cancel-asked", "accepted"], ["pull", "refuseCancel"]],
    ["both, theirs follows", ["accepted", "on-the-way", "arrived"], ["pull", "arrive"]],
    ["both, ours still may be told", ["accepted", "cancel-asked", "booked"], ["push", "askCancel"]],
    [
      "both, and no question is answered unheard",
      ["accepted", "booked", "cancel-asked", "from"],
      ["pull", "askCancel"],
    ],
    ["both, and neither may", ["submitted", "cancelled", "accepted"], ["contradiction"]],
    ["they told us before their own copy", ["accepted", "booked", "accepted"], ["behind"]],
    ["their word, not ours, is missing", ["accepted", "accepted", "cancelled"], ["contradiction"]],
    ["passed on by them", ["submitted", "submitted", "redirected"], ["pull", "return"]],
    ["ours to answer", ["submitted", "accepted", "submitted", "from"], ["push", "accept"]],
    ["the way down is on its way", ["ready-for-down", "sent-down", "ready-for-down"], ["behind"]],
  ])("%s", (_name, input, expected) => {
    expect(actions(follow(...input))).toEqual(expected);
  });
  it("never tells a step that is not its side's, from whatever state to whatever other", () => {
    for (const agreed of referralStates)
      for (const ours of referralStates)
        for (const theirs of referralStates)
          for (const side of ["from", "to"] as const) {
            const found = follow(agreed, ours, theirs, side);
            if (found.kind === "pull")
              for (const one of found.steps) expect(saidBySide[one.action]).toBe(side);
            if (found.kind === "push")
              for (const one of found.steps) expect(saidBySide[one.action]).not.toBe(side);
          }
  });
});

it("tries again later each time, at last hourly", () => {
  const now = new Date("2026-11-23T00:00:00Z");
  const waits = Array.from({ length: 9 }, (_, n) => retryAt(n + 1, now).getTime() - now.getTime());
  expect(waits).toEqual([...waits].sort((left, right) => left - right));
  expect([waits[0], waits.at(-1)]).toEqual([10_000, 3_600_000]);
});
