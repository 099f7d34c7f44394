/**
 * Task: the progress of a referral, the loop that both houses watch (BSeR 2.0 / 360X). Who asked is its
 * requester, who is asked its owner; what was answered and how it went are its output.
 */
import type { Reference, Resource, Task, TaskOutput } from "@medplum/fhirtypes";
import type { ReferralUrgency } from "../server/referral/domain.ts";
import type { ReferralState } from "../server/referral/states.ts";
import {
  codeIn,
  compact,
  concept,
  dateOf,
  dateOrNull,
  expectType,
  idOf,
  idOrNull,
  instantOf,
  keyOf,
  knownCode,
  need,
  refer,
} from "./elements.ts";
import { FhirMappingError } from "./mapping-error.ts";
import {
  bserProgress,
  codedReferralState,
  type ReferralProgress,
  referralPriority,
  referralProgress,
} from "./referral-codes.ts";
import { codeSystems, identifierSystems } from "./systems.ts";

export interface ReferralTaskFacts extends ReferralProgress {
  readonly referralId: string;
  readonly number: string;
  readonly episodeNumber: string;
  readonly urgency: ReferralUrgency;
  readonly patientId: string;
  readonly fromInstitutionId: string;
  readonly toInstitutionId: string;
  /** Whether the request itself is in the same store; a house that sent it back keeps the progress alone. */
  readonly requestShown: boolean;
  /** The one that was passed on, or the way up that this one ends. */
  readonly previousId: string | null;
  /** When it was sent, by the business clock; R4 wants it not after `updatedAt` (inv-1). */
  readonly authoredAt: Date;
  readonly updatedAt: Date;
  readonly acceptedAt: Date | null;
  readonly endedAt: Date | null;
  /** Until when an answer is due, or until when a number or bed is kept. */
  readonly dueAt: Date | null;
  /** Written reason of the step that led to the present state. */
  readonly reason: string | null;
  readonly carePlanId: string | null;
  readonly answer: string | null;
  readonly outcome: string | null;
  /** The consult that it was made into. */
  readonly consultId: string | null;
  /** In the store of the house that keeps it. */
  readonly appointmentId: string | null;
  /** For the other house, which has no such Appointment: when the patient is expected. */
  readonly appointmentAt: Date | null;
}

export function toFhirReferralTask(facts: ReferralTaskFacts): Task {
  const { status, business } = referralProgress[codedReferralState(facts)];
  return compact<Task>({
    resourceType: "Task",
    id: facts.referralId,
    identifier: [{ system: identifierSystems.referralNumber, value: facts.number }],
    basedOn: facts.requestShown ? [refer("ServiceRequest", facts.referralId)] : [],
    groupIdentifier: { system: identifierSystems.episodeNumber, value: facts.episodeNumber },
    partOf: facts.previousId ? [refer("Task", facts.previousId)] : [],
    status,
    statusReason: facts.reason ? { text: facts.reason } : null,
    businessStatus: {
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
        { system: codeSystems.referralState, code: facts.state },
      ],
    },
    intent: "order",
    priority: referralPriority[facts.urgency],
    code: concept(codeSystems.taskCode, "fulfill"),
    focus: facts.requestShown
      ? refer("ServiceRequest", facts.referralId)
      : {
          type: "ServiceRequest",
          identifier: { system: identifierSystems.referralNumber, value: facts.number },
        },
    for: refer("Patient", facts.patientId),
    executionPeriod:
      facts.acceptedAt || facts.endedAt
        ? compact<NonNullable<Task["executionPeriod"]>>({
            start: instantOf(facts.acceptedAt),
            end: instantOf(facts.endedAt),
          })
        : null,
    authoredOn: instantOf(facts.authoredAt),
    lastModified: instantOf(facts.updatedAt),
    requester: refer("Organization", facts.fromInstitutionId),
    owner: refer("Organization", facts.toInstitutionId),
    restriction: facts.dueAt ? { period: { end: instantOf(facts.dueAt) } } : null,
    input: facts.carePlanId
      ? [{ type: part("care-plan"), valueReference: refer("CarePlan", facts.carePlanId) }]
      : [],
    output: [
      ...text("answer", facts.answer),
      ...reference("appointment", facts.appointmentId && refer("Appointment", facts.appointmentId)),
      ...(facts.appointmentAt
        ? [{ type: part("appointment"), valueDateTime: instantOf(facts.appointmentAt) }]
        : []),
      ...reference("consult", facts.consultId && refer("ServiceRequest", facts.consultId)),
      ...text("outcome", facts.outcome),
    ],
  });
}

const partWords = {
  "care-plan": "下转计划",
  answer: "答复",
  appointment: "预约",
  consult: "转为会诊",
  outcome: "转归",
} as const;
type Part = keyof typeof partWords;
const part = (code: Part) => concept(codeSystems.service, code, partWords[code]);
const text = (code: Part, value: string | null): TaskOutput[] =>
  value ? [{ type: part(code), valueString: value }] : [];
const reference = (code: Part, value: Reference | null | ""): TaskOutput[] =>
  value ? [{ type: part(code), valueReference: value }] : [];

/**
 * @param states the domain's list, `referralStates`: the maps import types only.
 * @throws FhirMappingError `unknown-code` for a state we do not have, `contradiction` when status, BSeR's code
 *   and our own state do not belong together, or what it is about is another one
 */
export function fromFhirReferralTask(
  resource: Resource,
  states: readonly ReferralState[],
): ReferralTaskFacts {
  expectType(resource, "Task");
  const progress = resource.businessStatus ? [resource.businessStatus] : [];
  const state = knownCode(
    codeIn(progress, codeSystems.referralState),
    states,
    "Task.businessStatus",
  );
  const closedAsReturned =
    state === "closed" && resource.status === referralProgress.returned.status;
  const expected = referralProgress[codedReferralState({ state, closedAsReturned })];
  if (resource.status !== expected.status)
    throw new FhirMappingError("Task.status", "contradiction");
  if ((codeIn(progress, codeSystems.referralProgress) ?? null) !== expected.business)
    throw new FhirMappingError("Task.businessStatus", "contradiction");
  const referralId = need(resource.id, "Task.id");
  const requestShown = resource.focus?.reference !== undefined;
  if (requestShown && idOf(resource.focus, "ServiceRequest", "Task.focus") !== referralId)
    throw new FhirMappingError("Task.focus", "contradiction");
  const partOf = (list: readonly TaskOutput[] | undefined, code: Part) =>
    list?.find((one) => codeIn([one.type], codeSystems.service) === code);
  return {
    referralId,
    number: need(
      resource.identifier?.find((one) => one.system === identifierSystems.referralNumber)?.value,
      "Task.identifier",
    ),
    episodeNumber: need(resource.groupIdentifier?.value, "Task.groupIdentifier"),
    state,
    closedAsReturned,
    urgency: keyOf(referralPriority, resource.priority, "Task.priority"),
    patientId: idOf(resource.for, "Patient", "Task.for"),
    fromInstitutionId: idOf(resource.requester, "Organization", "Task.requester"),
    toInstitutionId: idOf(resource.owner, "Organization", "Task.owner"),
    requestShown,
    previousId: idOrNull(resource.partOf?.[0], "Task", "Task.partOf"),
    authoredAt: dateOf(resource.authoredOn, "Task.authoredOn"),
    updatedAt: dateOf(resource.lastModified, "Task.lastModified"),
    acceptedAt: dateOrNull(resource.executionPeriod?.start, "Task.executionPeriod.start"),
    endedAt: dateOrNull(resource.executionPeriod?.end, "Task.executionPeriod.end"),
    dueAt: dateOrNull(resource.restriction?.period?.end, "Task.restriction"),
    reason: resource.statusReason?.text ?? null,
    carePlanId: idOrNull(
      partOf(resource.input, "care-plan")?.valueReference,
      "CarePlan",
      "Task.input",
    ),
    answer: partOf(resource.output, "answer")?.valueString ?? null,
    outcome: partOf(resource.output, "outcome")?.valueString ?? null,
    consultId: idOrNull(
      partOf(resource.output, "consult")?.valueReference,
      "ServiceRequest",
      "Task.output(consult)",
    ),
    appointmentId: idOrNull(
      partOf(resource.output, "appointment")?.valueReference,
      "Appointment",
      "Task.output(appointment)",
    ),
    appointmentAt: dateOrNull(
      partOf(resource.output, "appointment")?.valueDateTime,
      "Task.output(appointment)",
    ),
  };
}
