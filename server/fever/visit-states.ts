/**
 * The way of a visit to a fever clinic or a sentinel room (domain.md, Fever care). Pure; the table
 * `fever_visit_transition` holds the same rows and a test compares.
 */
import { DomainError } from "../errors/domain-error.ts";

/** `emergency`: whoever needs help at once leaves the fever way, from wherever he is on it. */
export const feverVisitStates = [
  "to-triage",
  "ordinary",
  "fever",
  "waiting",
  "seen",
  "sampled",
  "observation",
  "excluded",
  "left-before-result",
  "suspected",
  "reported",
  "awaiting-transfer",
  "in-transfer",
  "handed-over",
  "disinfected",
  "emergency",
] as const;
export type FeverVisitState = (typeof feverVisitStates)[number];

export const feverActions = [
  "to-ordinary",
  "to-fever",
  "to-emergency",
  "to-room",
  "see",
  "sample",
  "record-result",
  "observe",
  "exclude",
  "leave",
  "suspect",
  "report",
  "order-transfer",
  "depart",
  "hand-over",
  "disinfect",
] as const;
export type FeverAction = (typeof feverActions)[number];

/** Where the visit is, or the place that a patient is brought to. */
export const feverSides = ["own", "receiver"] as const;
export type FeverSide = (typeof feverSides)[number];

const help = { "to-emergency": "emergency" } as const;
export const feverVisitSteps: Readonly<
  Record<FeverVisitState, Partial<Record<FeverAction, FeverVisitState>>>
> = {
  "to-triage": {
    "to-ordinary": "ordinary",
    "to-fever": "fever",
    leave: "left-before-result",
    ...help,
  },
  // A fever that shows later leads back; nothing leads from fever to ordinary but a doctor.
  ordinary: { "to-fever": "fever", ...help },
  fever: { "to-room": "waiting", leave: "left-before-result", ...help },
  waiting: { "to-room": "waiting", see: "seen", leave: "left-before-result", ...help },
  seen: {
    sample: "sampled",
    observe: "observation",
    exclude: "excluded",
    suspect: "suspected",
    "order-transfer": "awaiting-transfer",
    leave: "left-before-result",
    ...help,
  },
  sampled: {
    "record-result": "sampled",
    observe: "observation",
    exclude: "excluded",
    suspect: "suspected",
    leave: "left-before-result",
    ...help,
  },
  observation: {
    sample: "sampled",
    "record-result": "observation",
    exclude: "excluded",
    suspect: "suspected",
    leave: "left-before-result",
    ...help,
  },
  // The result comes although the person went home: it is read, told and, where it must be, reported.
  "left-before-result": { exclude: "excluded", suspect: "suspected" },
  suspected: { report: "reported", exclude: "excluded", ...help },
  reported: { "order-transfer": "awaiting-transfer", exclude: "excluded", ...help },
  "awaiting-transfer": { depart: "in-transfer", ...help },
  "in-transfer": { "hand-over": "handed-over" },
  "handed-over": { disinfect: "disinfected" },
  excluded: {},
  disinfected: {},
  emergency: {},
};

/** Who takes a step; everything else is taken where the visit is. */
export const sidesOfFeverAction = (action: FeverAction): readonly FeverSide[] =>
  action === "hand-over" ? ["receiver", "own"] : ["own"];

/** @throws DomainError `fever.illegal-step` when the action is not possible in this state */
export function nextFeverState(from: FeverVisitState, action: FeverAction): FeverVisitState {
  const to = feverVisitSteps[from][action];
  if (!to) throw new DomainError("fever.illegal-step", { from, action });
  return to;
}

export function possibleFeverActions(from: FeverVisitState): FeverAction[] {
  return feverActions.filter((action) => feverVisitSteps[from][action]);
}

/** Every step with its side, as the database holds it; a test compares. */
export const feverVisitTransitions = feverVisitStates.flatMap((from) =>
  possibleFeverActions(from).flatMap((action) =>
    sidesOfFeverAction(action).map((side) => ({ from, to: nextFeverState(from, action), side })),
  ),
);

/** Nothing more is to be done here in these. */
export const endedFeverStates: readonly FeverVisitState[] = [
  "ordinary",
  "excluded",
  "disinfected",
  "emergency",
];
/** The person is not in a room of the clinic any more. */
export const awayFeverStates: readonly FeverVisitState[] = [
  ...endedFeverStates,
  "left-before-result",
  "in-transfer",
  "handed-over",
];

/** What a patient reads of the own visit: never a raw suspicion before a doctor has spoken (domain.md). */
export const feverPatientWords: Readonly<
  Record<FeverVisitState, "arrived" | "in-room" | "result" | "doctor" | "ended" | "moved" | "help">
> = {
  "to-triage": "arrived",
  ordinary: "ended",
  fever: "arrived",
  waiting: "in-room",
  seen: "in-room",
  sampled: "result",
  observation: "result",
  excluded: "ended",
  "left-before-result": "result",
  suspected: "doctor",
  reported: "doctor",
  "awaiting-transfer": "doctor",
  "in-transfer": "moved",
  "handed-over": "moved",
  disinfected: "moved",
  emergency: "help",
};
