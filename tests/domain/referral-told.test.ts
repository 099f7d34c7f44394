import { describe, expect, it } from "vitest";
import {
  type ReferralRow,
  type StepRow,
  toldTo,
} from "../../server/records/projection/referral-told.ts";
import {
  type ReferralAction,
  type ReferralState,
  receivingStates,
  referralStates,
} from "../../server/referral/states.ts";

const at = (minute: number) => new Date(Date.UTC(2026, 10, 22, 8, minute));
const row = (change: Partial<ReferralRow>): ReferralRow =>
  ({
    id: "r",
    fromInstitutionId: "from",
    toInstitutionId: "to",
    state: "submitted",
    submittedAt: at(0),
    updatedAt: at(30),
    endedAt: null,
    ...change,
  }) as ReferralRow;
let count = 0;
const step = (
  action: ReferralAction | "bedGone",
  fromState: ReferralState,
  toState: ReferralState,
  by: string | null,
  reason: string | null,
): StepRow => ({
  id: ++count,
  referralId: "r",
  action,
  fromState,
  toState,
  byPersonId: null,
  byInstitutionId: by,
  byName: "",
  reason,
  at: at(count),
});
const sent = step("submit", "draft", "submitted", "from", null);
const returned = step("return", "submitted", "returned", "to", "请先查肾功能");

describe("what a house is told of a referral", () => {
  it("is all for the sender in every state, and for who is asked while the patient is its own", () => {
    for (const state of referralStates) {
      const one = row({ state });
      expect(toldTo("from", one, [sent])?.part, state).toBe("all");
      expect(toldTo("to", one, [sent])?.part, state).toBe(
        receivingStates.includes(state) ? "all" : "progress",
      );
      expect(toldTo("third", one, [sent]), state).toBeNull();
    }
  });
  it("is nothing before it was sent, to whomever it is meant for", () => {
    const draft = row({ state: "draft", submittedAt: null });
    for (const house of ["from", "to", "third"]) expect(toldTo(house, draft, [])).toBeNull();
  });
  it("stays returned when it was closed so, and the reason is who wrote it", () => {
    const closed = row({ state: "closed" });
    const conclude = step("conclude", "returned", "closed", "from", "在本院查");
    const steps = [sent, returned, conclude];
    expect(toldTo("from", closed, steps)).toMatchObject({
      part: "all",
      closedAsReturned: true,
      reason: "在本院查",
    });
    // What the sender wrote at the end is no matter of the house that had said no.
    expect(toldTo("to", closed, steps)).toMatchObject({ part: "progress", reason: null });
    const cured = step("conclude", "admitted", "closed", "to", "痊愈");
    expect(toldTo("to", closed, [sent, cured])).toMatchObject({
      part: "all",
      closedAsReturned: false,
    });
  });
  it("stands as it was while the sender writes it anew, and with the first house for good", () => {
    const again = row({ state: "draft", submittedAt: null });
    const steps = [sent, returned, step("revise", "returned", "draft", "from", null)];
    expect(toldTo("from", again, steps)).toMatchObject({ part: "as-was", state: "returned" });
    const kept = { part: "progress", state: "returned", reason: "请先查肾功能" };
    expect(toldTo("to", again, steps)).toMatchObject(kept);
    const elsewhere = row({ toInstitutionId: "other", submittedAt: at(50) });
    const resent = [...steps, step("submit", "draft", "submitted", "from", null)];
    expect(toldTo("to", elsewhere, resent)).toMatchObject({ ...kept, toInstitutionId: "to" });
    expect(toldTo("other", elsewhere, resent)).toMatchObject({ part: "all", state: "submitted" });
    // R4 wants a Task authored no later than it was changed.
    const told = toldTo("to", elsewhere, resent)!;
    expect(told.authoredAt.getTime()).toBeLessThanOrEqual(told.updatedAt.getTime());
  });
  it("takes no note of ours for a reason", () => {
    const gone = step("bedGone", "accepted", "accepted", null, "expired");
    const accept = step("accept", "submitted", "accepted", "to", null);
    expect(toldTo("from", row({ state: "accepted" }), [sent, accept, gone])?.reason).toBeNull();
    const admitted = step("admit", "arrived", "admitted", "to", "Z1122");
    expect(toldTo("from", row({ state: "admitted" }), [sent, admitted])?.reason).toBeNull();
  });
});
