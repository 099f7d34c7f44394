/** The way of a prescription (domain.md "Video visit"). The table `prescription_transition` holds the same rows; a test compares both. */
import { DomainError } from "../errors/domain-error.ts";
import type { Permission } from "../identity/domain.ts";

export const prescriptionStates = [
  "draft",
  "pending-review",
  "returned",
  "approved",
  "dispensed",
  "collected",
  "cancelled",
  "expired",
] as const;
export type PrescriptionState = (typeof prescriptionStates)[number];

/** Who takes a step. `system` is a clock. */
export const prescriptionSides = ["doctor", "reviewer", "pharmacy", "system"] as const;
export type PrescriptionSide = (typeof prescriptionSides)[number];

export const prescriptionActions = [
  "sign",
  "approve",
  "return",
  "correct",
  "dispense",
  "collect",
  "take-back",
  "cancel",
  "expire",
] as const;
export type PrescriptionAction = (typeof prescriptionActions)[number];
type Step = {
  action: PrescriptionAction;
  from: PrescriptionState;
  to: PrescriptionState;
  side: PrescriptionSide;
};
const step = (
  action: PrescriptionAction,
  from: PrescriptionState,
  to: PrescriptionState,
  side: PrescriptionSide,
): Step => ({ action, from, to, side });

export const prescriptionSteps: readonly Step[] = [
  step("sign", "draft", "pending-review", "doctor"),
  step("cancel", "draft", "cancelled", "doctor"),
  step("approve", "pending-review", "approved", "reviewer"),
  step("return", "pending-review", "returned", "reviewer"),
  step("cancel", "pending-review", "cancelled", "doctor"),
  step("expire", "pending-review", "expired", "system"),
  step("correct", "returned", "draft", "doctor"),
  step("cancel", "returned", "cancelled", "doctor"),
  step("expire", "returned", "expired", "system"),
  step("dispense", "approved", "dispensed", "pharmacy"),
  step("cancel", "approved", "cancelled", "doctor"),
  step("expire", "approved", "expired", "system"),
  step("collect", "dispensed", "collected", "pharmacy"),
  // Nobody came, or the delivery was refused: the medicines go back on the shelf.
  step("take-back", "dispensed", "cancelled", "pharmacy"),
];

/** What each side has to hold. */
export const sidePermissions: Readonly<Record<Exclude<PrescriptionSide, "system">, Permission>> = {
  doctor: "prescription.write",
  reviewer: "prescription.review",
  pharmacy: "prescription.dispense",
};

export const endedStates: readonly PrescriptionState[] = ["collected", "cancelled", "expired"];
/** It was signed, and is not over: a clock ends it. */
export const expiringStates: readonly PrescriptionState[] = [
  "pending-review",
  "returned",
  "approved",
];

/** Where an action leads. @throws DomainError `prescription.illegal-step` */
export function transition(from: PrescriptionState, action: PrescriptionAction): PrescriptionState {
  const found = prescriptionSteps.find((one) => one.from === from && one.action === action);
  if (!found) throw new DomainError("prescription.illegal-step", { state: from });
  return found.to;
}

/** What somebody on these sides may do now. */
export const possibleActions = (
  state: PrescriptionState,
  sides: readonly PrescriptionSide[],
): PrescriptionAction[] =>
  prescriptionSteps
    .filter((one) => one.from === state && sides.includes(one.side))
    .map((one) => one.action);
