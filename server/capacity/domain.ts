/** Rules of beds and capacity. Pure. */

export const bedUnitKinds = [
  "ordinary",
  "intensive",
  "isolation",
  "rehabilitation",
  "long-term",
] as const;
export type BedUnitKind = (typeof bedUnitKinds)[number];
/** What somebody who names no kind is given a bed of: never intensive care or isolation by accident. */
export const usualKinds: readonly BedUnitKind[] = ["ordinary", "rehabilitation", "long-term"];

/** 平战转换; the words are never shown to patients. */
export const bedUnitModes = ["peace", "emergency", "closed-for-disinfection"] as const;
export type BedUnitMode = (typeof bedUnitModes)[number];

export const bedStates = ["free", "held", "occupied", "cleaning", "out-of-use"] as const;
export type BedState = (typeof bedStates)[number];

export const bedHoldPurposes = ["referral", "infectious", "ward"] as const;
export type BedHoldPurpose = (typeof bedHoldPurposes)[number];

export const bedHoldOutcomes = ["taken", "released", "lapsed"] as const;
export type BedHoldOutcome = (typeof bedHoldOutcomes)[number];

export const bedStaySources = ["direct", "hold", "referral", "displaced"] as const;
export type BedStaySource = (typeof bedStaySources)[number];

export const absenceKinds = ["leave", "sick", "training", "posted", "other"] as const;
export type AbsenceKind = (typeof absenceKinds)[number];

/** The numbers that count when an institution has set none. Recalled, except the 24 hours (domain.md). */
export const defaultCapacityPolicy = {
  /** A held bed lasts so long. */
  holdHours: 24,
  /** However often it is extended, a hold ends so long after it began. */
  maxHoldHours: 72,
  /** Share of a unit's beds that is kept for referrals from below, per cent. */
  priorityPercent: 30,
  /** So many beds one missing person of the staff looks after. */
  bedsPerAbsence: 4,
  /** A stay whose end nobody expects takes the unit's average; without one, so many days. */
  averageStayDays: 9,
  /** Counts that nobody touched for so long are shown as old. */
  staleHours: 12,
} as const;
export type CapacityNumbers = { [Key in keyof typeof defaultCapacityPolicy]: number };

/** Steps of a switch between peace and emergency. */
export const modeSwitchStates = [
  "ordered",
  "confirmed",
  "clearing",
  "emergency",
  "disinfecting",
  "ended",
  "cancelled",
] as const;
export type ModeSwitchState = (typeof modeSwitchStates)[number];

/** The database has the same table (mode_switch_transition); a test compares both. */
export const modeSwitchTransitions: Readonly<Record<ModeSwitchState, readonly ModeSwitchState[]>> =
  {
    ordered: ["confirmed", "cancelled"],
    confirmed: ["clearing", "cancelled"],
    clearing: ["emergency", "cancelled"],
    emergency: ["disinfecting"],
    disinfecting: ["ended"],
    ended: [],
    cancelled: [],
  };
export const openSwitchStates = [
  "ordered",
  "confirmed",
  "clearing",
  "emergency",
  "disinfecting",
] as const;

export const displacedDestinations = ["unit", "home", "other-hospital"] as const;
export type DisplacedDestination = (typeof displacedDestinations)[number];

const hourMs = 60 * 60_000;
export const addHours = (at: Date, hours: number) => new Date(at.getTime() + hours * hourMs);

/** What a bed is at an instant. A hold whose time is over holds nothing, closed or not. */
export function bedStateAt(
  bed: {
    readonly outOfUse: boolean;
    readonly occupied: boolean;
    readonly cleaning: boolean;
    readonly heldUntil: Date | null;
  },
  now: Date,
): BedState {
  if (bed.occupied) return "occupied";
  if (bed.outOfUse) return "out-of-use";
  if (bed.cleaning) return "cleaning";
  return bed.heldUntil !== null && bed.heldUntil > now ? "held" : "free";
}

/** Beds of a unit that are kept for referrals from below, whole beds, never more than asked for. */
export const priorityBeds = (usableBeds: number, percent: number): number =>
  Math.floor((usableBeds * percent) / 100);

/** Priority beds that are neither held nor taken by a referral yet. */
export const priorityLeft = (
  usableBeds: number,
  percent: number,
  usedByReferrals: number,
): number => Math.max(0, priorityBeds(usableBeds, percent) - usedByReferrals);

/** What may be shown as free: beds that nobody is there to look after do not count. */
export const staffedFree = (free: number, uncoveredAbsences: number, bedsPerAbsence: number) =>
  Math.max(0, free - uncoveredAbsences * bedsPerAbsence);

/**
 * Beds that are expected to be free at the end of a day if nobody new came: free ones, those being
 * cleaned, and those whose patient is expected to leave by then. Who was expected to have left and is
 * still there is expected to leave tomorrow. Held beds are expected to be taken.
 * @param leavesOn the day on which each occupied bed is expected to become free, `YYYY-MM-DD`
 */
export function expectedFree(
  unit: { readonly free: number; readonly cleaning: number; readonly leavesOn: readonly string[] },
  today: string,
  day: string,
): number {
  const tomorrow = addDays(today, 1);
  if (day <= today) return unit.free;
  const leaving = unit.leavesOn.filter((one) => (one < tomorrow ? tomorrow : one) <= day).length;
  return unit.free + unit.cleaning + leaving;
}

/** The day so many days later. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 24 * hourMs).toISOString().slice(0, 10);
}

/** The pure model that the database's holds are compared with. */
export type ModelHold = { referenceId: string; patientId: string; bed: string; until: number };
export type BedModel = { readonly beds: readonly string[]; holds: ModelHold[] };
export type ModelAnswer = "held" | "again" | "full" | "patient-held";

/** One hold of one bed per reference and per patient; whose time is over holds nothing. */
export function modelHold(
  model: BedModel,
  ask: { referenceId: string; patientId: string; now: number; hours: number },
): ModelAnswer {
  model.holds = model.holds.filter((one) => one.until > ask.now);
  if (model.holds.some((one) => one.referenceId === ask.referenceId)) return "again";
  if (model.holds.some((one) => one.patientId === ask.patientId)) return "patient-held";
  const bed = model.beds.find((one) => !model.holds.some((held) => held.bed === one));
  if (!bed) return "full";
  model.holds.push({ ...ask, bed, until: ask.now + ask.hours * hourMs });
  return "held";
}
