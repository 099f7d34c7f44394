/**
 * Task: the progress of a consult, the loop that both sides watch.
 * `businessStatus` carries our state exactly, `status` its FHIR shadow.
 */
import type { Resource, Task } from "@medplum/fhirtypes";
import type { ConsultState, ConsultUrgency } from "../server/consult/domain.ts";
import { type ConsultProgress, codedState, priority, taskStatus } from "./consult-codes.ts";
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
import { codeSystems } from "./systems.ts";

export interface TaskFacts extends ConsultProgress {
  readonly consultId: string;
  readonly urgency: ConsultUrgency;
  readonly patientId: string;
  readonly requesterId: string;
  readonly invitedInstitutionId: string | null;
  /**
   * When the request went out, or a draft was begun: by the business clock, as
   * `updatedAt` is, not the database's stamp. R4 wants it not after `updatedAt` (inv-1).
   */
  readonly authoredAt: Date;
  readonly updatedAt: Date;
  readonly endedAt: Date | null;
  /** When the invited side must have answered. */
  readonly respondBy: Date | null;
  /** Written reason of a refusal, question back, absence or cancellation. */
  readonly reason: string | null;
  /** The signed opinion, once there is one. */
  readonly opinionDocumentId: string | null;
}

export function toFhirTask(facts: TaskFacts): Task {
  return compact<Task>({
    resourceType: "Task",
    id: facts.consultId,
    basedOn: [refer("ServiceRequest", facts.consultId)],
    status: taskStatus[codedState(facts)],
    statusReason: facts.reason ? { text: facts.reason } : null,
    businessStatus: concept(codeSystems.consultState, facts.state),
    intent: "order",
    priority: priority[facts.urgency],
    code: concept(codeSystems.taskCode, "fulfill"),
    focus: refer("ServiceRequest", facts.consultId),
    for: refer("Patient", facts.patientId),
    encounter: facts.startedAt ? refer("Encounter", facts.consultId) : null,
    executionPeriod: facts.startedAt
      ? compact<NonNullable<Task["executionPeriod"]>>({
          start: instantOf(facts.startedAt),
          end: instantOf(facts.endedAt),
        })
      : null,
    authoredOn: instantOf(facts.authoredAt),
    lastModified: instantOf(facts.updatedAt),
    requester: refer("Practitioner", facts.requesterId),
    owner: facts.invitedInstitutionId ? refer("Organization", facts.invitedInstitutionId) : null,
    restriction: facts.respondBy ? { period: { end: instantOf(facts.respondBy) } } : null,
    output: [
      ...(facts.signedAt
        ? [
            {
              type: concept(codeSystems.service, "signed-at"),
              valueInstant: facts.signedAt.toISOString(),
            },
          ]
        : []),
      ...(facts.opinionDocumentId
        ? [
            {
              type: concept(codeSystems.service, "opinion", "会诊意见"),
              valueReference: refer("Composition", facts.opinionDocumentId),
            },
          ]
        : []),
    ],
  });
}

/**
 * @param states the domain's list, `consultStates`: the maps import types only.
 * @throws FhirMappingError `unknown-code` for a state we do not have, `contradiction`
 *   when status and businessStatus do not belong together
 */
export function fromFhirTask(resource: Resource, states: readonly ConsultState[]): TaskFacts {
  expectType(resource, "Task");
  const state = knownCode(
    codeIn(resource.businessStatus ? [resource.businessStatus] : [], codeSystems.consultState),
    states,
    "Task.businessStatus",
  );
  const outputOf = (code: string) =>
    resource.output?.find(
      (one) => codeIn(one.type ? [one.type] : [], codeSystems.service) === code,
    );
  const signedAt = dateOrNull(outputOf("signed-at")?.valueInstant, "Task.output(signed-at)");
  const startedAt = dateOrNull(resource.executionPeriod?.start, "Task.executionPeriod.start");
  if (resource.status !== taskStatus[codedState({ state, signedAt, startedAt })]) {
    throw new FhirMappingError("Task.status", "contradiction");
  }
  const consultId = need(resource.id, "Task.id");
  if (idOf(resource.focus, "ServiceRequest", "Task.focus") !== consultId) {
    throw new FhirMappingError("Task.focus", "contradiction");
  }
  return {
    consultId,
    state,
    signedAt,
    startedAt,
    urgency: keyOf(priority, resource.priority, "Task.priority"),
    patientId: idOf(resource.for, "Patient", "Task.for"),
    requesterId: idOf(resource.requester, "Practitioner", "Task.requester"),
    invitedInstitutionId: idOrNull(resource.owner, "Organization", "Task.owner"),
    authoredAt: dateOf(resource.authoredOn, "Task.authoredOn"),
    updatedAt: dateOf(resource.lastModified, "Task.lastModified"),
    endedAt: dateOrNull(resource.executionPeriod?.end, "Task.executionPeriod.end"),
    respondBy: dateOrNull(resource.restriction?.period?.end, "Task.restriction"),
    reason: resource.statusReason?.text ?? null,
    opinionDocumentId: idOrNull(
      outputOf("opinion")?.valueReference,
      "Composition",
      "Task.output(opinion)",
    ),
  };
}
