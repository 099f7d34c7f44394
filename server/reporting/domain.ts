/**
 * Rules of critical values (危急值) and of infectious-disease reports: states, clocks, who may. Pure:
 * no database, no clock. What a law or a norm sets is a dated table with its source; what was recalled
 * rather than read says so, and an institution changes it by a row (`reporting_setting`).
 */
import { DomainError } from "../errors/domain-error.ts";

export const criticalValueStates = ["open", "received", "acted", "cancelled"] as const;
export type CriticalValueState = (typeof criticalValueStates)[number];

export const criticalValueActions = ["readBack", "redirect", "recordAction", "cancel"] as const;
export type CriticalValueAction = (typeof criticalValueActions)[number];

/** Who takes a step: the side that found the value, or the side that has to act on it. */
export type CriticalValueSide = "finding" | "receiving";

const criticalValueSteps: Record<
  CriticalValueState,
  Partial<Record<CriticalValueAction, CriticalValueState>>
> = {
  open: { readBack: "received", redirect: "open", cancel: "cancelled" },
  received: { recordAction: "acted", cancel: "cancelled" },
  acted: {},
  cancelled: {},
};

/**
 * The side of each step. A read-back by telephone is noted by the finder, for a receiver who has no
 * account; everything else is written by whoever does it.
 */
export const criticalValueSides: Record<CriticalValueAction, readonly CriticalValueSide[]> = {
  readBack: ["receiving", "finding"],
  redirect: ["finding", "receiving"],
  recordAction: ["receiving"],
  cancel: ["finding"],
};

/** @throws DomainError `reporting.illegal-step` when the action is not possible in this state */
export function nextCriticalValueState(
  from: CriticalValueState,
  action: CriticalValueAction,
): CriticalValueState {
  const to = criticalValueSteps[from][action];
  if (!to) throw new DomainError("reporting.illegal-step", { from, action });
  return to;
}

export function possibleCriticalValueActions(from: CriticalValueState): CriticalValueAction[] {
  return Object.keys(criticalValueSteps[from]) as CriticalValueAction[];
}

export const infectiousReportStates = [
  "reported",
  "returned",
  "corrected",
  "received",
  "filed",
  "withdrawn",
] as const;
export type InfectiousReportState = (typeof infectiousReportStates)[number];

export const infectiousReportActions = [
  "receive",
  "return",
  "correct",
  "file",
  "withdraw",
] as const;
export type InfectiousReportAction = (typeof infectiousReportActions)[number];

/** Three owners, one after the other: the doctor, the hospital's public-health department, the district CDC. */
export const reportSides = ["doctor", "public-health", "cdc"] as const;
export type ReportSide = (typeof reportSides)[number];

type ReportStep = { to: InfectiousReportState; sides: readonly ReportSide[] };

/**
 * `received` is the department's check: with it the report is sent on to the district CDC. A diagnosis
 * that changed (a suspicion confirmed or excluded) is corrected, not written anew; what was filed is
 * taken back by the CDC only.
 */
const infectiousReportSteps: Record<
  InfectiousReportState,
  Partial<Record<InfectiousReportAction, ReportStep>>
> = {
  reported: {
    receive: { to: "received", sides: ["public-health"] },
    return: { to: "returned", sides: ["public-health"] },
    correct: { to: "corrected", sides: ["doctor"] },
    withdraw: { to: "withdrawn", sides: ["doctor", "public-health"] },
  },
  returned: {
    correct: { to: "corrected", sides: ["doctor"] },
    withdraw: { to: "withdrawn", sides: ["doctor", "public-health"] },
  },
  corrected: {
    receive: { to: "received", sides: ["public-health"] },
    return: { to: "returned", sides: ["public-health"] },
    correct: { to: "corrected", sides: ["doctor"] },
    withdraw: { to: "withdrawn", sides: ["doctor", "public-health"] },
  },
  received: {
    file: { to: "filed", sides: ["cdc"] },
    return: { to: "returned", sides: ["cdc"] },
    correct: { to: "corrected", sides: ["doctor"] },
    withdraw: { to: "withdrawn", sides: ["public-health"] },
  },
  filed: {
    correct: { to: "corrected", sides: ["doctor"] },
    withdraw: { to: "withdrawn", sides: ["cdc"] },
  },
  withdrawn: {},
};

/** @throws DomainError `reporting.illegal-step`, `permission.denied` when the step is another owner's */
export function nextInfectiousReportState(
  from: InfectiousReportState,
  action: InfectiousReportAction,
  sides: readonly ReportSide[],
): InfectiousReportState {
  const step = infectiousReportSteps[from][action];
  if (!step) throw new DomainError("reporting.illegal-step", { from, action });
  if (!step.sides.some((side) => sides.includes(side))) throw new DomainError("permission.denied");
  return step.to;
}

/** What these sides may do now, in the order of the table. */
export function possibleReportActions(
  from: InfectiousReportState,
  sides: readonly ReportSide[],
): InfectiousReportAction[] {
  return infectiousReportActions.filter((action) =>
    infectiousReportSteps[from][action]?.sides.some((side) => sides.includes(side)),
  );
}

/** Every step with its side, as the database holds it; a test compares. */
export const criticalValueTransitions = criticalValueStates.flatMap((from) =>
  possibleCriticalValueActions(from).flatMap((action) =>
    criticalValueSides[action].map((side) => ({
      from,
      to: nextCriticalValueState(from, action),
      side,
    })),
  ),
);
export const infectiousReportTransitions = infectiousReportStates.flatMap((from) =>
  Object.values(infectiousReportSteps[from]).flatMap(({ to, sides }) =>
    sides.map((side) => ({ from, to, side })),
  ),
);

/** Steps that need a written reason. */
export const reasonedReportActions: readonly InfectiousReportAction[] = ["return", "withdraw"];

/** Whose turn it is, and whom the clock therefore rings; null when nobody has to do anything. */
export const reportOwner: Record<InfectiousReportState, ReportSide | null> = {
  reported: "public-health",
  corrected: "public-health",
  returned: "doctor",
  received: "cdc",
  filed: null,
  withdrawn: null,
};

export const diseaseClasses = ["A", "B", "C"] as const;
export type DiseaseClass = (typeof diseaseClasses)[number];
export const diagnosisKinds = ["suspected", "clinical", "confirmed", "carrier"] as const;
export type DiagnosisKind = (typeof diagnosisKinds)[number];

/**
 * Time to report, counted from the diagnosis, in minutes: 2 h for Class A and what is managed as A, 24 h for
 * other B and C. Source: norms on reporting infectious-disease information (传染病信息报告管理规范, 2015);
 * an epidemic's own rule is a dated row of `notifiable_disease`.
 */
export const reportMinutes = { urgent: 2 * 60, ordinary: 24 * 60 } as const;

export function minutesToReport(disease: {
  diseaseClass: DiseaseClass;
  managedAsA: boolean;
  reportMinutes?: number | null;
}): number {
  if (disease.reportMinutes) return disease.reportMinutes;
  return disease.diseaseClass === "A" || disease.managedAsA
    ? reportMinutes.urgent
    : reportMinutes.ordinary;
}

/** Text messages go out for urgent reports only; the others wait in the inbox. */
export const isUrgentReport = (minutes: number): boolean => minutes <= reportMinutes.urgent;

/**
 * Clocks of a critical value in minutes. The norms (三级医院评审标准; 患者安全目标) ask for a time but name
 * none: 10 minutes to the read-back and 30 until something is done are recalled, to be checked, and each
 * institution sets its own (`reporting_setting`).
 */
export const defaultReportingClocks = {
  validFrom: "2026-01-01",
  readBackMinutes: 10,
  actMinutes: 30,
  /** An alarm rings again after this long while nobody answers. */
  repeatMinutes: 10,
} as const;
export type ReportingClocks = {
  readBackMinutes: number;
  actMinutes: number;
  repeatMinutes: number;
};

export const addMinutes = (at: Date, minutes: number): Date =>
  new Date(at.getTime() + minutes * 60_000);

/** The clock that runs in a state; null when none does. */
export function criticalValueDueAt(row: {
  state: CriticalValueState;
  readBackDueAt: Date;
  actDueAt: Date | null;
}): Date | null {
  if (row.state === "open") return row.readBackDueAt;
  return row.state === "received" ? row.actDueAt : null;
}

/** The clock of a report runs until the district CDC has filed it. */
export function reportDueAt(row: { state: InfectiousReportState; dueAt: Date }): Date | null {
  return reportOwner[row.state] ? row.dueAt : null;
}

/** The owner is reminded while there is still time: at half of it. */
export function reminderAt(row: { diagnosedAt: Date; dueAt: Date }): Date {
  return new Date((row.diagnosedAt.getTime() + row.dueAt.getTime()) / 2);
}

/** Who else is rung, step by step: first the owner's colleagues, then whoever oversees them. */
export const highestEscalation = 2;

/** Order of an inbox: what runs before what is done, the clock that ends soonest on top. */
export function compareByDue(
  left: { dueAt: Date | null; at: Date },
  right: { dueAt: Date | null; at: Date },
): number {
  if (left.dueAt && right.dueAt) return left.dueAt.getTime() - right.dueAt.getTime();
  if (left.dueAt || right.dueAt) return left.dueAt ? -1 : 1;
  return right.at.getTime() - left.at.getTime();
}

const numberPattern = /\d+(?:\.\d+)?/g;
const numbersIn = (text: string): string[] =>
  [...text.normalize("NFKC").matchAll(numberPattern)].map((found) => String(Number(found[0])));

/** Whether the words of a read-back repeat the numbers of the value; a value in words asks for none. */
export function repeatsValue(words: string, valueText: string): boolean {
  const said = numbersIn(words);
  return numbersIn(valueText).every((one) => said.includes(one));
}
