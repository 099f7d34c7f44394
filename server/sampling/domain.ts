/** The rules of nucleic-acid sampling: tubes, registrations, recalls and their clocks. Pure. */

/** Why somebody is sampled; decides the clock of the result (domain.md, Nucleic-acid testing). */
export const testPurposes = ["fever", "emergency", "in-outpatient", "voluntary", "surge"] as const;
export type TestPurpose = (typeof testPurposes)[number];

/** Hours from sampling to the result. A surge keeps the voluntary clock unless its order says less. */
export const resultHours: Readonly<Record<TestPurpose, number>> = {
  fever: 6,
  emergency: 6,
  "in-outpatient": 12,
  voluntary: 24,
  surge: 24,
};

/** From the first swab in a tube until the laboratory has it, minutes. */
export const labMinutes = 120;

/** Persons whose swabs a tube may hold. */
export const tubeSizes = [1, 5, 10, 20] as const;
export type TubeSize = (typeof tubeSizes)[number];

/**
 * A tube's way (domain.md). What happens after a pool that is not negative is the recall's way: each
 * member's own single tube, not the pool, is sampled and confirmed.
 */
export const tubeStates = [
  "open",
  "collecting",
  "sealed",
  "in-transit",
  "received",
  "testing",
  "negative",
  "positive",
  "indeterminate",
  "rejected",
  "void",
] as const;
export type TubeState = (typeof tubeStates)[number];

/** Whose step it is: the sampling site's, the courier's, the laboratory's, or that of a result's row. */
export const tubeSides = ["site", "courier", "lab", "result"] as const;
export type TubeSide = (typeof tubeSides)[number];

/** Steps that exist and whose they are; the table `tube_transition` holds the same rows and a test compares. */
export const tubeSteps: readonly (readonly [from: TubeState, to: TubeState, side: TubeSide])[] = [
  ["open", "collecting", "site"],
  ["open", "void", "site"],
  ["collecting", "open", "site"],
  ["collecting", "sealed", "site"],
  ["collecting", "void", "site"],
  ["sealed", "in-transit", "courier"],
  ["sealed", "received", "lab"],
  ["sealed", "void", "site"],
  ["in-transit", "received", "lab"],
  ["in-transit", "void", "courier"],
  ["in-transit", "void", "lab"],
  ["received", "testing", "lab"],
  ["received", "rejected", "result"],
  ["testing", "negative", "result"],
  ["testing", "positive", "result"],
  ["testing", "indeterminate", "result"],
  ["testing", "rejected", "result"],
  // A correction: a new row of lab_result that replaces the one before.
  ["negative", "positive", "result"],
  ["negative", "indeterminate", "result"],
  ["negative", "rejected", "result"],
  ["positive", "negative", "result"],
  ["positive", "indeterminate", "result"],
  ["positive", "rejected", "result"],
  ["indeterminate", "negative", "result"],
  ["indeterminate", "positive", "result"],
  ["indeterminate", "rejected", "result"],
  ["rejected", "negative", "result"],
  ["rejected", "positive", "result"],
  ["rejected", "indeterminate", "result"],
];

/** Somebody's swab may still go in or come out. */
export const fillingStates: readonly TubeState[] = ["open", "collecting"];

/** Somebody's way through a site. `missed` did not come in time; `led-away` went to the fever clinic. */
export const registrationStates = [
  "registered",
  "waiting",
  "sampled",
  "led-away",
  "missed",
  "cancelled",
] as const;
export type RegistrationState = (typeof registrationStates)[number];

/**
 * Steps that exist; `test_registration_transition` holds the same rows. Back from sampled: undone before
 * sealing, or the tube was voided.
 */
export const registrationSteps: Readonly<Record<RegistrationState, readonly RegistrationState[]>> =
  {
    registered: ["waiting", "sampled", "led-away", "missed", "cancelled"],
    waiting: ["sampled", "led-away", "missed", "cancelled"],
    sampled: ["waiting"],
    "led-away": ["waiting", "cancelled"],
    missed: ["waiting", "sampled", "led-away", "cancelled"],
    cancelled: [],
  };

/** At most one of these per person and day. */
export const openRegistrationStates: readonly RegistrationState[] = ["registered", "waiting"];

export const registrationSources = ["appointment", "walk-in", "group", "recall"] as const;
export type RegistrationSource = (typeof registrationSources)[number];

/** Who goes first. */
export const priorityReasons = ["elder", "pregnant", "disabled", "child"] as const;
export type PriorityReason = (typeof priorityReasons)[number];

export const groupKinds = ["family", "company", "class"] as const;
export type GroupKind = (typeof groupKinds)[number];

export const stationStates = ["closed", "open", "paused"] as const;
export type StationState = (typeof stationStates)[number];

export const courierRunStates = ["collecting", "in-transit", "delivered"] as const;
export type CourierRunState = (typeof courierRunStates)[number];

/** What a laboratory may find. Grey zone and a single target are both `indeterminate` for the tube. */
export const labResultKinds = [
  "negative",
  "positive",
  "grey-zone",
  "single-target",
  "rejected",
] as const;
export type LabResultKind = (typeof labResultKinds)[number];

export const tubeStateOfResult: Readonly<Record<LabResultKind, TubeState>> = {
  negative: "negative",
  positive: "positive",
  "grey-zone": "indeterminate",
  "single-target": "indeterminate",
  rejected: "rejected",
};

export const resultSources = ["page", "csv", "fhir"] as const;
export type ResultSource = (typeof resultSources)[number];

/** Why somebody is asked to come again. Nobody is ever told which. */
export const recallCauses = [
  "positive",
  "grey-zone",
  "single-target",
  "rejected",
  "void",
  "exposure",
] as const;
export type RecallCause = (typeof recallCauses)[number];

/**
 * Whether the new swab must be alone in its tube. After a voided tube nothing is suspected: its people may
 * share a tube again.
 */
export const singleCauses: readonly RecallCause[] = [
  "positive",
  "grey-zone",
  "single-target",
  "rejected",
  "exposure",
];

/**
 * A recall's way: issued → told → sampled → confirmed by the single result. `repeated`: the single tube said
 * nothing and a new recall was issued; `withdrawn`: a correction took the reason away.
 */
export const recallStates = [
  "issued",
  "told",
  "sampled",
  "confirmed",
  "repeated",
  "withdrawn",
] as const;
export type RecallState = (typeof recallStates)[number];

export const recallSteps: Readonly<Record<RecallState, readonly RecallState[]>> = {
  issued: ["told", "sampled", "withdrawn"],
  told: ["sampled", "withdrawn"],
  // Back again when the swab is undone or its tube voided.
  sampled: ["issued", "told", "confirmed", "repeated", "withdrawn"],
  confirmed: ["withdrawn"],
  repeated: [],
  withdrawn: [],
};

/** What a person may be told. "Positive" only from a tube of his own. */
export const personResultKinds = ["negative", "positive"] as const;
export type PersonResultKind = (typeof personResultKinds)[number];

/** What a sampler's phone does; each has an id of its own and may be sent again. */
export const samplingSteps = ["open", "sample", "undo", "seal", "void", "lead-away"] as const;
export type SamplingStep = (typeof samplingSteps)[number];

/** Why a step was not taken. The page has a sentence for each. */
export const samplingProblems = [
  "not-allowed",
  "tube-format",
  "tube-foreign",
  "tube-used",
  "tube-unknown",
  "tube-full",
  "tube-sealed",
  "tube-void",
  "tube-empty",
  "tube-elsewhere",
  "station-closed",
  "person-unknown",
  "person-elsewhere",
  "person-sampled",
  "person-cancelled",
  "person-led-away",
  "person-not-in-tube",
  "single-only",
  "time",
] as const;
export type SamplingProblem = (typeof samplingProblems)[number];

/** How soon the new swab is wanted, hours from the recall. */
export const recallHours: Readonly<Record<RecallCause, number>> = {
  positive: 6,
  "grey-zone": 6,
  "single-target": 6,
  rejected: 24,
  void: 24,
  exposure: 24,
};

/** Age alone gives the priority lane: 65 and over, or under 6. */
export function priorityOfAge(years: number | null): PriorityReason | null {
  if (years === null) return null;
  return years >= 65 ? "elder" : years < 6 ? "child" : null;
}

/** Swabs that one sampler takes per hour (domain.md: 60–100); the middle plans what nobody has measured yet. */
export const plannedPerHour = 80;

/**
 * How long a queue lasts at the measured pace, minutes; null when nobody works.
 * @param waiting people in it
 * @param perHour samples per hour of the open stations together
 */
export function queueMinutes(waiting: number, perHour: number): number | null {
  if (waiting === 0) return 0;
  return perHour > 0 ? Math.ceil((waiting / perHour) * 60) : null;
}

const oldestStepMs = 3 * 24 * 60 * 60_000;

/**
 * When a step was done, by the server's clock: a phone's clock may be wrong, but it is wrong by the same
 * amount when it sends. Never in the future.
 */
export function serverTime(at: Date, sentAt: Date, now: Date): Date {
  const told = at.getTime() + now.getTime() - sentAt.getTime();
  // Beyond what anybody may send late it is refused anyway, as a time that the database can hold.
  return new Date(Math.min(Math.max(told, now.getTime() - oldestStepMs), now.getTime()));
}
