/** The way of a video visit (视频复诊, domain.md "Video visit"). The table `visit_transition` holds the same rows; a test compares both. */
import { DomainError } from "../errors/domain-error.ts";

export const visitStates = [
  "requested",
  "waiting",
  "called",
  "in-visit",
  "ended",
  "redirected",
  "cancelled",
  "missed",
] as const;
export type VisitState = (typeof visitStates)[number];

/** Who takes a step. `system` is a clock or the media node. */
export const visitSides = ["patient", "doctor", "system"] as const;
export type VisitSide = (typeof visitSides)[number];

export const visitActions = [
  "join",
  "call",
  "put-back",
  "enter",
  "end",
  "redirect",
  "stop",
  "miss",
  "cancel",
] as const;
export type VisitAction = (typeof visitActions)[number];
type Step = { action: VisitAction; from: VisitState; to: VisitState; side: VisitSide };
const step = (action: VisitAction, from: VisitState, to: VisitState, side: VisitSide): Step => ({
  action,
  from,
  to,
  side,
});

export const visitSteps: readonly Step[] = [
  step("join", "requested", "waiting", "patient"),
  step("cancel", "requested", "cancelled", "patient"),
  step("miss", "requested", "missed", "system"),
  step("call", "waiting", "called", "doctor"),
  step("cancel", "waiting", "cancelled", "patient"),
  // Seen at once from the queue: this is no follow-up.
  step("redirect", "waiting", "redirected", "doctor"),
  step("miss", "waiting", "missed", "system"),
  step("enter", "called", "in-visit", "system"),
  // The node's word is late, and both see each other.
  step("enter", "called", "in-visit", "doctor"),
  step("put-back", "called", "waiting", "doctor"),
  step("cancel", "called", "cancelled", "patient"),
  step("stop", "called", "cancelled", "doctor"),
  step("redirect", "called", "redirected", "doctor"),
  step("miss", "called", "missed", "doctor"),
  step("miss", "called", "missed", "system"),
  step("end", "in-visit", "ended", "doctor"),
  step("redirect", "in-visit", "redirected", "doctor"),
  step("stop", "in-visit", "cancelled", "doctor"),
];

/** Something is still to come. */
export const openStates = ["requested", "waiting", "called", "in-visit"] as const;
/** People may be in the room. */
export const roomStates: readonly VisitState[] = ["called", "in-visit"];

export const isOpen = (state: VisitState): boolean =>
  (openStates as readonly VisitState[]).includes(state);

/** Where an action of a side leads. @throws DomainError `visit.illegal-step` */
export function transition(
  from: VisitState,
  action: VisitAction,
  sides: readonly VisitSide[],
): VisitState {
  const found = visitSteps.find(
    (one) => one.from === from && one.action === action && sides.includes(one.side),
  );
  if (!found) throw new DomainError("visit.illegal-step", { state: from });
  return found.to;
}

/** What somebody on these sides may do now. */
export const possibleActions = (state: VisitState, sides: readonly VisitSide[]): VisitAction[] => [
  ...new Set(
    visitSteps
      .filter((one) => one.from === state && sides.includes(one.side))
      .map((one) => one.action),
  ),
];
