/**
 * The steps of a house outside, taken by its own system: the same table, the same following-up, in its
 * institution's name. What only people can decide (another house, a consult, a bed) is not among them.
 */
import { stopAlarms } from "../alarms/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Work } from "../http/context.ts";
import type { HouseActor } from "../identity/domain.ts";
import { advise, arrive, askMore, confirmCancel, endBefore, markNoShow } from "./action-service.ts";
import { actionsOf, loadReferral, takeStep } from "./change.ts";
import {
  accept,
  askCancel,
  conclude,
  giveBack,
  setOff,
  stopRespondClock,
  tellDesk,
  tellSender,
} from "./desk-service.ts";
import { discharge, takeOn } from "./down-service.ts";
import type { ReferralRow } from "./repository.ts";
import * as repository from "./repository.ts";
import { startClock } from "./request-service.ts";
import { type ReferralAction, reasonedReferralActions, referralTransitions } from "./states.ts";

/** What a system says with a step. */
export type HouseStep = {
  readonly action: ReferralAction;
  readonly reason: string | null;
  readonly answer: string | null;
  readonly outcome: string | null;
  /** When they expect the patient, in their words. */
  readonly appointment: string | null;
  readonly medicines: readonly {
    readonly text: string;
    readonly available: boolean;
    readonly substitute: string | null;
  }[];
  /** With whom it was spoken. */
  readonly call: string | null;
};

/** A referral as its house's system may know it. @throws DomainError `request.not-found` */
export const loadForHouse = (work: Work<HouseActor>, id: string): Promise<ReferralRow> =>
  loadReferral(work, id);

/** What the state table has now for this house, and where each step leads. */
export function stepsOfHouse(
  actor: HouseActor,
  row: ReferralRow,
): { action: ReferralAction; to: ReferralRow["state"] }[] {
  const possible = actionsOf(actor, row);
  return referralTransitions
    .filter(
      (one) =>
        one.direction === row.direction && one.from === row.state && possible.includes(one.action),
    )
    .map(({ action, to }) => ({ action, to }));
}

/** It ended because the patient took the agreement back: nobody goes on with it. */
export async function wasWithdrawn(work: Work, row: ReferralRow): Promise<boolean> {
  if (row.state !== "cancelled") return false;
  const last = (await repository.findSteps(work.tx, [row.id])).findLast(
    (one) => one.toState === "cancelled",
  );
  return last?.action === "withdraw";
}

/** What is missing of a step: paths in the words of `HouseStep`. */
export function missingOfStep(row: ReferralRow, step: HouseStep): (keyof HouseStep)[] {
  const missing: (keyof HouseStep)[] = [];
  const needsOutcome = step.action === "conclude";
  if (reasonedReferralActions.includes(step.action) && !needsOutcome && !step.reason)
    missing.push("reason");
  if (needsOutcome && !step.outcome && !step.reason) missing.push("outcome");
  if (step.action === "advise" && !step.answer) missing.push("answer");
  if (step.action === "book" && !step.appointment) missing.push("appointment");
  const turnsAway = step.action === "return" || step.action === "handBack";
  if (turnsAway && row.urgency === "emergency" && !step.call) missing.push("call");
  if (
    step.action === "accept" &&
    row.direction === "down" &&
    row.medicines.some((one) => !step.medicines.some((said) => said.text === one.text))
  )
    missing.push("medicines");
  return missing;
}

/**
 * Take the step. Everything that follows is done as when a person takes it.
 * @throws DomainError `referral.illegal-step`, `permission.denied`, `referral.changed-meanwhile`, `request.invalid`
 */
export async function actAsHouse(
  work: Work<HouseActor>,
  row: ReferralRow,
  step: HouseStep,
): Promise<ReferralRow> {
  const { version } = row;
  const reason = step.reason ?? "";
  const call = step.call ? { with: step.call, at: work.now.toISOString() } : null;
  switch (step.action) {
    case "accept":
      return accept(work, row, {
        action: "accept",
        version,
        answer: step.answer,
        bed: false,
        medicines: row.direction === "down" ? shelved(row, step) : undefined,
      });
    case "return":
    case "handBack":
      return giveBack(work, row, { action: step.action, version, reason, call });
    case "askMore":
      return askMore(work, row, { version, reason });
    case "advise":
      return advise(work, row, { version, answer: step.answer ?? "" });
    case "book":
      return bookThere(work, row, step);
    case "markNoShow":
      return markNoShow(work, row, { version, reason });
    case "arrive":
      return arrive(work, row, version);
    case "admit": {
      const admitted = await takeStep(work, row, {
        action: "admit",
        version,
        change: { admittedAt: work.now },
      });
      await tellSender(work, admitted, "referral-admitted");
      return admitted;
    }
    case "readyForDown":
    case "keep":
    case "refuseCancel":
      return takeStep(work, row, { action: step.action, version, reason: step.reason });
    case "takeOn":
      return takeOn(work, row, { action: "takeOn", version, followUps: [] });
    case "confirmCancel":
      return confirmCancel(work, row, version);
    case "conclude":
      return conclude(work, row, { action: "conclude", version, reason: step.outcome ?? reason });
    case "answerMore": {
      const respondBy = await startClock(work, row);
      const again = await takeStep(work, row, {
        action: "answerMore",
        version,
        reason: step.reason ?? step.answer,
        change: { respondBy, escalationLevel: 0 },
      });
      await tellDesk(work, again, "referral-submitted");
      return again;
    }
    case "setOff":
      return setOff(work, row, { version });
    case "askCancel":
      return askCancel(work, row, { version, reason });
    case "cancel":
      await stopRespondClock(work, row);
      return endBefore(work, row, { action: "cancel", version, reason });
    case "discharge":
      return discharge(work, row, version);
    default:
      throw new DomainError("referral.illegal-step", { from: row.state, action: step.action });
  }
}

/** A number of theirs: its time is kept in words, there is no seat of ours. */
async function bookThere(
  work: Work<HouseActor>,
  row: ReferralRow,
  step: HouseStep,
): Promise<ReferralRow> {
  const before = await bookedWords(work, row);
  // The time of before counts no more: it leaves the answer.
  const said = row.answer
    ?.split("\n")
    .filter((line) => line !== before)
    .join("\n");
  const booked = await takeStep(work, row, {
    action: "book",
    version: row.version,
    reason: step.appointment,
    change: {
      heldUntil: null,
      answer: [step.answer ?? said, step.appointment].filter(Boolean).join("\n"),
    },
  });
  await stopAlarms(work.tx, [`referral:${row.id}:held`], work.now);
  await tellSender(work, booked, "referral-booked");
  return booked;
}

/** A number of theirs as it was said last; null: none. */
export async function bookedWords(work: Work, row: ReferralRow): Promise<string | null> {
  const steps = await repository.findSteps(work.tx, [row.id]);
  return steps.findLast((one) => one.action === "book")?.reason ?? null;
}

/** Every medicine of the plan with what their shelf says of it. */
const shelved = (row: ReferralRow, step: HouseStep): ReferralRow["medicines"] =>
  row.medicines.map((one) => {
    const said = step.medicines.find((other) => other.text === one.text);
    return said ? { ...one, available: said.available, substitute: said.substitute } : one;
  });
