/**
 * State machine of a transfer (绿色通道, and the closed loop of a suspected infectious patient). Pure.
 * Source: domain.md "Tiered care" (treat first, telephone hand-over, records travel with the escort) and
 * "Fever care" (negative-pressure vehicle, hand-over signature, disinfection).
 */
import { DomainError } from "../errors/domain-error.ts";

export const transferKinds = ["emergency", "infectious"] as const;
export type TransferKind = (typeof transferKinds)[number];

export const vehicleKinds = ["ordinary", "negative-pressure"] as const;
export type VehicleKind = (typeof vehicleKinds)[number];

export const transferStates = [
  "requested",
  "vehicle-assigned",
  "picked-up",
  "in-transit",
  "arrived",
  "handed-over",
  "disinfected",
  "cancelled",
] as const;
export type TransferState = (typeof transferStates)[number];

/** Who takes a step: the house that sends, the one that receives, or the crew by its secret link. */
export const transferSides = ["from", "to", "escort", "system"] as const;
export type TransferSide = (typeof transferSides)[number];

export const transferActions = {
  assign: ["from"],
  pickUp: ["from", "escort"],
  depart: ["from", "escort"],
  /** The crew says so at the door; the desk says so when the crew forgot. */
  arrive: ["to", "escort", "system"],
  handOver: ["to"],
  disinfect: ["from", "to"],
  cancel: ["from", "system"],
} as const satisfies Record<string, readonly TransferSide[]>;
export type TransferAction = keyof typeof transferActions;

type Steps = Record<TransferState, Partial<Record<TransferAction, TransferState>>>;

const common: Steps = {
  requested: { assign: "vehicle-assigned", cancel: "cancelled" },
  "vehicle-assigned": {
    // Another vehicle, or another escort.
    assign: "vehicle-assigned",
    pickUp: "picked-up",
    arrive: "arrived",
    cancel: "cancelled",
  },
  "picked-up": { depart: "in-transit", arrive: "arrived", cancel: "cancelled" },
  "in-transit": { arrive: "arrived", cancel: "cancelled" },
  arrived: { handOver: "handed-over" },
  "handed-over": {},
  disinfected: {},
  cancelled: {},
};
const steps: Record<TransferKind, Steps> = {
  emergency: common,
  infectious: { ...common, "handed-over": { disinfect: "disinfected" } },
};

/** Every step there is; the database refuses all others by the same rows. */
export const transferTransitions = transferKinds.flatMap((kind) =>
  transferStates.flatMap((from) =>
    Object.entries(steps[kind][from]).flatMap(([action, to]) =>
      transferActions[action as TransferAction].map((side) => ({
        kind,
        from,
        action: action as TransferAction,
        to,
        side,
      })),
    ),
  ),
);

/**
 * The state that follows a step.
 * @throws DomainError `transfer.illegal-step`
 */
export function nextTransferState(
  kind: TransferKind,
  from: TransferState,
  action: TransferAction,
): TransferState {
  const to = steps[kind][from][action];
  if (!to) throw new DomainError("transfer.illegal-step", { from, action });
  return to;
}

/** What may be done now by these sides; the same answer feeds buttons and the API. */
export function possibleTransferActions(
  kind: TransferKind,
  from: TransferState,
  sides: readonly TransferSide[],
): TransferAction[] {
  return (Object.keys(steps[kind][from]) as TransferAction[]).filter((action) =>
    transferActions[action].some((side) => sides.includes(side)),
  );
}

/** Steps that the crew has behind it in a state: what is sent again changes nothing. */
export const doneByState: Record<TransferState, readonly TransferAction[]> = {
  requested: [],
  "vehicle-assigned": ["assign"],
  "picked-up": ["assign", "pickUp"],
  "in-transit": ["assign", "pickUp", "depart"],
  arrived: ["assign", "pickUp", "depart", "arrive"],
  "handed-over": ["assign", "pickUp", "depart", "arrive", "handOver"],
  disinfected: ["assign", "pickUp", "depart", "arrive", "handOver", "disinfect"],
  cancelled: ["cancel"],
};

/** The crew's link works in these alone. */
export const escortStates: readonly TransferState[] = [
  "vehicle-assigned",
  "picked-up",
  "in-transit",
  "arrived",
];

/** Running: on the list of both houses. An infectious one runs until its vehicle is disinfected. */
export const isRunning = (kind: TransferKind, state: TransferState): boolean =>
  state !== "cancelled" &&
  state !== "disinfected" &&
  !(kind === "emergency" && state === "handed-over");
