/** State machine of a de-identified case. Pure; the database holds the same rows and a test compares. */
import { DomainError } from "../errors/domain-error.ts";

export const caseStates = ["draft", "review-asked", "returned", "ready", "withdrawn"] as const;
export type CaseState = (typeof caseStates)[number];

/** Who takes a step: who builds it, a second person of the house, or what follows from a consent taken back. */
export const caseSides = ["maker", "reviewer", "consent"] as const;
export type CaseSide = (typeof caseSides)[number];

export const caseActions = {
  askReview: { side: "maker" },
  /** Without a second reviewer, where numbers say that nobody is picked out by it. */
  release: { side: "maker" },
  approve: { side: "reviewer" },
  return: { side: "reviewer" },
  revise: { side: "maker" },
  withdraw: { side: "consent" },
} as const satisfies Record<string, { side: CaseSide }>;
export type CaseAction = keyof typeof caseActions;

const steps: Record<CaseState, Partial<Record<CaseAction, CaseState>>> = {
  draft: { askReview: "review-asked", release: "ready", withdraw: "withdrawn" },
  "review-asked": {
    approve: "ready",
    return: "returned",
    revise: "draft",
    withdraw: "withdrawn",
  },
  returned: { revise: "draft", withdraw: "withdrawn" },
  ready: { revise: "draft", withdraw: "withdrawn" },
  withdrawn: {},
};

export const caseTransitions: readonly { from: CaseState; to: CaseState; side: CaseSide }[] =
  caseStates.flatMap((from) =>
    Object.entries(steps[from]).map(([action, to]) => ({
      from,
      to,
      side: caseActions[action as CaseAction].side,
    })),
  );

/** @throws DomainError `teaching.case-step` */
export function nextCaseState(from: CaseState, action: CaseAction): CaseState {
  const to = steps[from][action];
  if (!to) throw new DomainError("teaching.case-step", { from, action });
  return to;
}

export const caseItemKinds = [
  "text",
  "warnings",
  "problems",
  "medicines",
  "results",
  "image",
] as const;
export type CaseItemKind = (typeof caseItemKinds)[number];
