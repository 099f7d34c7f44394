/**
 * What a house outside says by changing the Task of a referral (BSeR 2.0 / IHE 360X), read as one step of the state
 * table; and a step of ours as the change of a Task at its server. A step, state or status that is added and
 * forgotten here does not compile.
 */
import type { CodeableConcept, Resource, Task, TaskOutput } from "@medplum/fhirtypes";
import type { ReferralAction, ReferralState } from "../server/referral/states.ts";
import { codeIn, concept, knownCode } from "./elements.ts";
import { FhirMappingError } from "./mapping-error.ts";
import { type BserProgress, bserProgress, referralProgress } from "./referral-codes.ts";
import { codeSystems } from "./systems.ts";

/** Whose word it is over FHIR; null: decided by people on a page, or by the patient. */
export const saidBySide = {
  agree: null,
  withdraw: null,
  submit: null,
  askMore: "to",
  answerMore: "from",
  accept: "to",
  return: "to",
  redirect: null,
  convert: null,
  advise: "to",
  book: "to",
  loseSeat: null,
  handBack: "to",
  setOff: "from",
  arrive: "to",
  markNoShow: "to",
  admit: "to",
  readyForDown: "to",
  keep: "to",
  discharge: "from",
  sendDown: null,
  takeOn: "to",
  askCancel: "from",
  confirmCancel: "to",
  refuseCancel: "to",
  cancel: "from",
  revise: null,
  conclude: "to",
  expire: null,
} as const satisfies Readonly<Record<ReferralAction, "from" | "to" | null>>;

/** Steps that one of BSeR's codes may mean; the first that the state table has now is taken. */
export const meantByProgress = {
  "2.0": ["answerMore"],
  "3.0": ["accept", "refuseCancel"],
  "4.0": ["return", "handBack"],
  "5.1.1": ["book"],
  "5.1.2": ["markNoShow"],
  // Their number fell away and none took its place: a person says what follows.
  "5.1.3": [],
  "5.1.4": ["arrive", "takeOn", "readyForDown"],
  "5.2": ["askCancel"],
  "6.0": ["confirmCancel", "cancel"],
  "7.0": ["conclude", "advise"],
} as const satisfies Readonly<Record<BserProgress, readonly ReferralAction[]>>;

/** The same by Task.status alone; `noted`: nothing follows from it. */
export const meantByStatus = {
  draft: null,
  requested: meantByProgress["2.0"],
  received: "noted",
  accepted: meantByProgress["3.0"],
  rejected: meantByProgress["4.0"],
  ready: null,
  cancelled: meantByProgress["6.0"],
  "in-progress": null,
  "on-hold": ["askMore"],
  failed: null,
  completed: meantByProgress["7.0"],
  "entered-in-error": null,
} as const satisfies Readonly<Record<Task["status"], readonly ReferralAction[] | "noted" | null>>;

/** States that their server may call otherwise: what they mean to somebody who waits. */
export const heardAs = {
  draft: "draft",
  "patient-consented": "draft",
  submitted: "submitted",
  "more-info-asked": "more-info-asked",
  accepted: "accepted",
  returned: "returned",
  redirected: "returned",
  converted: "advised",
  advised: "advised",
  booked: "booked",
  "on-the-way": "on-the-way",
  "no-show": "no-show",
  "cancel-asked": "cancel-asked",
  arrived: "arrived",
  admitted: "admitted",
  "ready-for-down": "ready-for-down",
  "sent-down": "sent-down",
  "continued-in-community": "continued-in-community",
  closed: "closed",
  expired: "cancelled",
  cancelled: "cancelled",
} as const satisfies Readonly<Record<ReferralState, ReferralState>>;

/** Of a server that writes no state of ours: by BSeR's code, else by the status. */
const stateByProgress = {
  "2.0": "submitted",
  "3.0": "accepted",
  "4.0": "returned",
  "5.1.1": "booked",
  "5.1.2": "no-show",
  "5.1.3": "accepted",
  "5.1.4": "arrived",
  "5.2": "cancel-asked",
  "6.0": "cancelled",
  "7.0": "closed",
} as const satisfies Readonly<Record<BserProgress, ReferralState>>;
const stateByStatus = {
  draft: null,
  requested: "submitted",
  received: "submitted",
  accepted: "accepted",
  rejected: "returned",
  ready: null,
  cancelled: "cancelled",
  "in-progress": "arrived",
  "on-hold": "more-info-asked",
  failed: null,
  completed: "closed",
  "entered-in-error": null,
} as const satisfies Readonly<Record<Task["status"], ReferralState | null>>;

/** A step that the state table has now, and where it leads. */
export interface OfferedStep {
  readonly action: ReferralAction;
  readonly to: ReferralState;
}
/** What the community's shelf says of a medicine of a way down. */
export interface MedicineSaid {
  readonly text: string;
  readonly available: boolean;
  readonly substitute: string | null;
}
export interface TaskAnswer {
  /** `null`: nothing follows; `unknown`: said, and not a step that may be taken now. */
  readonly action: ReferralAction | "unknown" | null;
  readonly reason: string | null;
  readonly answer: string | null;
  readonly outcome: string | null;
  /** Their number, as they write it: no seat of ours. */
  readonly appointment: { readonly start: string; readonly text: string | null } | null;
  readonly medicines: readonly MedicineSaid[];
  /** With whom it was spoken, before an emergency was turned away. */
  readonly call: string | null;
}

const mayChange: readonly string[] = ["status", "businessStatus", "statusReason", "output"];
const outputParts = ["answer", "appointment", "outcome", "medicine", "call"] as const;
type OutputPart = (typeof outputParts)[number];
const shelf = { available: true, unavailable: false } as const;

/**
 * One step, from the Task as it stood and as it would stand.
 * @param offered what the state table has now for the side that speaks
 * @param saysReason whether the change writes `statusReason` at all: the same words may be said twice
 * @throws FhirMappingError `wrong-shape` at the path of whatever else was changed, `contradiction`, `unknown-code`
 */
export function readTaskAnswer(
  before: Task,
  after: Task,
  offered: readonly OfferedStep[],
  saysReason: boolean,
): TaskAnswer {
  const other = changedElsewhere(before, after);
  if (other) throw new FhirMappingError(`Task.${other}`, "wrong-shape");
  const said = newOutput(before, after);
  const rebooked = said.some((one) => partOf(one) === "appointment");
  return {
    action: actionOf(before, after, offered) ?? (rebooked ? "book" : null),
    reason: (saysReason && wordsOf(after.statusReason)) || null,
    answer: textOf(said, "answer"),
    outcome: textOf(said, "outcome"),
    appointment: appointmentOf(said),
    medicines: said.filter((one) => partOf(one) === "medicine").map(medicineOf),
    call: textOf(said, "call"),
  };
}

function actionOf(
  before: Task,
  after: Task,
  offered: readonly OfferedStep[],
): TaskAnswer["action"] {
  const own = ownState(after);
  const progress = progressOf(after);
  const ownSaid = own !== undefined && own !== ownState(before);
  const progressSaid = progress !== undefined && progress !== progressOf(before);
  if (ownSaid) {
    const step = offered.find((one) => one.to === own);
    if (!step) return "unknown";
    if (after.status !== referralProgress[step.to].status)
      throw new FhirMappingError("Task.status", "contradiction");
    return step.action;
  }
  if (!progressSaid && after.status === before.status) return null;
  const meant =
    progressSaid && after.status !== "on-hold" && after.status !== "received"
      ? meantByProgress[knownCode(progress, bserCodes, "Task.businessStatus")]
      : meantByStatus[after.status];
  if (meant === "noted") return null;
  return offered.find((one) => meant?.some((action) => action === one.action))?.action ?? "unknown";
}

const bserCodes = Object.keys(bserProgress) as BserProgress[];
const businessOf = (task: Task): CodeableConcept[] =>
  task.businessStatus ? [task.businessStatus] : [];
const ownState = (task: Task) => codeIn(businessOf(task), codeSystems.referralState);
const progressOf = (task: Task) => codeIn(businessOf(task), codeSystems.referralProgress);
const wordsOf = (said: CodeableConcept | undefined): string =>
  (said?.text ?? said?.coding?.find((one) => one.display)?.display ?? "").trim();

function changedElsewhere(before: Task, after: Task): string | null {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const left: Record<string, unknown> = { ...before };
  const right: Record<string, unknown> = { ...after };
  for (const name of names)
    if (!mayChange.includes(name) && JSON.stringify(left[name]) !== JSON.stringify(right[name]))
      return name;
  return null;
}

/** What was there stays; what is said anew stands behind it. */
function newOutput(before: Task, after: Task): TaskOutput[] {
  const known = before.output ?? [];
  const now = after.output ?? [];
  if (known.some((one, n) => JSON.stringify(one) !== JSON.stringify(now[n])))
    throw new FhirMappingError("Task.output", "wrong-shape");
  const said = now.slice(known.length);
  for (const one of said) partOf(one);
  return said;
}

const partOf = (one: TaskOutput): OutputPart =>
  knownCode(codeIn([one.type], codeSystems.service), outputParts, "Task.output.type");
const textOf = (said: readonly TaskOutput[], part: OutputPart): string | null =>
  said.find((one) => partOf(one) === part)?.valueString?.trim() || null;

function appointmentOf(said: readonly TaskOutput[]): TaskAnswer["appointment"] {
  const one = said.findLast((part) => partOf(part) === "appointment");
  if (!one) return null;
  const start = one.valueDateTime ?? one.valuePeriod?.start;
  if (!start || Number.isNaN(Date.parse(start)))
    throw new FhirMappingError("Task.output.valueDateTime", "missing");
  return { start, text: one.type.text ?? null };
}

function medicineOf(one: TaskOutput): MedicineSaid {
  const { valueCodeableConcept: value } = one;
  const code = knownCode(
    codeIn(value ? [value] : [], codeSystems.service),
    Object.keys(shelf) as (keyof typeof shelf)[],
    "Task.output.valueCodeableConcept",
  );
  if (!value?.text) throw new FhirMappingError("Task.output.valueCodeableConcept.text", "missing");
  const substitute = value.coding?.find((coding) => coding.display)?.display ?? null;
  return { text: value.text, available: shelf[code], substitute };
}

/**
 * The state that a Task at another server tells; null: one that a referral on its way has not.
 * @param states the domain's list: the maps import types only
 * @throws FhirMappingError
 */
export function stateOfTask(
  resource: Resource,
  states: readonly ReferralState[],
): { state: ReferralState | null; exact: boolean } {
  if (resource.resourceType !== "Task")
    throw new FhirMappingError("Task.resourceType", "wrong-shape");
  const own = ownState(resource);
  // A state that was left standing beside a new status counts no more.
  const known = states.find((one) => one === own);
  if (known && referralProgress[known].status === resource.status)
    return { state: known, exact: true };
  const progress = progressOf(resource);
  if (progress !== undefined && resource.status !== "on-hold")
    return {
      state: stateByProgress[knownCode(progress, bserCodes, "Task.businessStatus")],
      exact: false,
    };
  return { state: stateByStatus[resource.status] ?? null, exact: false };
}

/** What is said in a Task as it stands, for whoever follows it; nothing of it is refused. */
export function saidInTask(
  task: Task,
): Omit<TaskAnswer, "action" | "appointment"> & { readonly appointment: string | null } {
  const known = (task.output ?? []).filter((one) =>
    outputParts.some((part) => part === codeIn([one.type], codeSystems.service)),
  );
  const last = (part: OutputPart) => known.findLast((one) => partOf(one) === part);
  const appointment = last("appointment");
  return {
    reason: wordsOf(task.statusReason) || null,
    answer: last("answer")?.valueString ?? null,
    outcome: last("outcome")?.valueString ?? null,
    call: last("call")?.valueString ?? null,
    appointment:
      [appointment?.valueDateTime ?? appointment?.valuePeriod?.start, appointment?.type.text]
        .filter(Boolean)
        .join(" ") || null,
    medicines: known.filter((one) => partOf(one) === "medicine").map(medicineOf),
  };
}

/** Whether a Task tells what our state means, as finely as that server speaks. */
export function tellsState(resource: Task, ours: ReferralState): boolean {
  const meant = heardAs[ours];
  const own = ownState(resource);
  if (own !== undefined && Object.hasOwn(heardAs, own)) {
    const theirs = heardAs[own as ReferralState];
    if (referralProgress[theirs].status === resource.status) return theirs === meant;
  }
  const { status, business } = referralProgress[meant];
  return (
    resource.status === status && (business === null || (progressOf(resource) ?? null) === business)
  );
}

export interface ToldStep extends OfferedStep {
  readonly reason: string | null;
  readonly answer: string | null;
  readonly outcome: string | null;
  readonly appointment: string | null;
  readonly medicines: readonly MedicineSaid[];
  readonly call: string | null;
}
export interface PatchOperation {
  readonly op: "add" | "replace";
  readonly path: string;
  readonly value: unknown;
}

/** A step of ours as a JSON Patch of the Task at their server. */
export function patchOfStep(before: Task, step: ToldStep): PatchOperation[] {
  const { status, business } = referralProgress[step.to];
  const output: TaskOutput[] = [
    ...said("answer", step.answer, (valueString) => ({ valueString })),
    ...said("appointment", step.appointment, (valueDateTime) => ({ valueDateTime })),
    ...step.medicines.map((one) => ({
      type: concept(codeSystems.service, "medicine", "药品"),
      valueCodeableConcept: {
        coding: [
          {
            system: codeSystems.service,
            code: one.available ? "available" : "unavailable",
            ...(one.substitute ? { display: one.substitute } : {}),
          },
        ],
        text: one.text,
      },
    })),
    ...said("outcome", step.outcome, (valueString) => ({ valueString })),
    ...said("call", step.call, (valueString) => ({ valueString })),
  ];
  return [
    { op: "replace", path: "/status", value: status },
    {
      op: "add",
      path: "/businessStatus",
      value: {
        coding: [
          ...(business
            ? [
                {
                  system: codeSystems.referralProgress,
                  code: business,
                  display: bserProgress[business],
                },
              ]
            : []),
          { system: codeSystems.referralState, code: step.to },
        ],
      },
    },
    ...(step.reason
      ? [{ op: "add" as const, path: "/statusReason", value: { text: step.reason } }]
      : []),
    ...(output.length === 0
      ? []
      : before.output
        ? output.map((value) => ({ op: "add" as const, path: "/output/-", value }))
        : [{ op: "add" as const, path: "/output", value: output }]),
  ];
}

const words = { answer: "答复", appointment: "预约", outcome: "转归", call: "已通话" } as const;
const said = (
  part: keyof typeof words,
  value: string | null,
  as: (value: string) => Partial<TaskOutput>,
): TaskOutput[] =>
  value ? [{ type: concept(codeSystems.service, part, words[part]), ...as(value) }] : [];
