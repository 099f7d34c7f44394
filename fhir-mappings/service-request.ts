/** ServiceRequest: the request for a remote consult, as the attending doctor wrote it. */
import type { Annotation, Resource, ServiceRequest } from "@medplum/fhirtypes";
import type { ConsultUrgency } from "../server/consult/domain.ts";
import {
  type ConsultProgress,
  codedState,
  priority,
  serviceRequestStatus,
} from "./consult-codes.ts";
import {
  compact,
  concept,
  dateOf,
  dateOrNull,
  diagnosisConcept,
  diagnosisOf,
  expectType,
  extensionOf,
  extensions,
  idOf,
  idOrNull,
  instantOf,
  keyOf,
  knownCode,
  type MappedDiagnosis,
  need,
  refer,
} from "./elements.ts";
import { FhirMappingError } from "./mapping-error.ts";
import { codeSystems, extensionUrls, identifierSystems } from "./systems.ts";

/** Texts of a request, in the order in which a doctor reads them. */
export const requestNotes = [
  "question",
  "reason",
  "purpose",
  "complaint",
  "presentHistory",
  "pastHistory",
  "examination",
  "investigations",
  "treatmentSoFar",
  "wantedSpecialty",
  "wantedTitle",
  "wantedTime",
] as const;
export type RequestNote = (typeof requestNotes)[number];

export interface ServiceRequestContent extends Readonly<Record<RequestNote, string | null>> {
  readonly consultId: string;
  readonly number: string;
  readonly urgency: ConsultUrgency;
  readonly patientId: string;
  readonly requesterId: string;
  readonly invitedInstitutionId: string | null;
  readonly provisionalDiagnoses: readonly MappedDiagnosis[];
  /** When the request went out, or a draft was begun, by the business clock. */
  readonly authoredAt: Date;
  readonly scheduledStart: Date | null;
  readonly scheduledEnd: Date | null;
}
export interface ServiceRequestFacts extends ServiceRequestContent, ConsultProgress {}
/** What can be read back: the state is told by Task.businessStatus, here only its status code. */
export interface ServiceRequestRead extends ServiceRequestContent {
  readonly status: (typeof serviceRequestStatus)[keyof typeof serviceRequestStatus];
}

export function toFhirServiceRequest(facts: ServiceRequestFacts): ServiceRequest {
  return compact<ServiceRequest>({
    resourceType: "ServiceRequest",
    id: facts.consultId,
    identifier: [{ use: "official", system: identifierSystems.consultNumber, value: facts.number }],
    status: serviceRequestStatus[codedState(facts)],
    intent: "order",
    priority: priority[facts.urgency],
    code: concept(codeSystems.service, "remote-consult", "远程会诊"),
    subject: refer("Patient", facts.patientId),
    occurrencePeriod: facts.scheduledStart
      ? compact<NonNullable<ServiceRequest["occurrencePeriod"]>>({
          start: instantOf(facts.scheduledStart),
          end: instantOf(facts.scheduledEnd),
        })
      : null,
    authoredOn: instantOf(facts.authoredAt),
    requester: refer("Practitioner", facts.requesterId),
    performer: facts.invitedInstitutionId
      ? [refer("Organization", facts.invitedInstitutionId)]
      : [],
    reasonCode: facts.provisionalDiagnoses.map(diagnosisConcept),
    note: requestNotes.flatMap((kind): Annotation[] => {
      const text = facts[kind];
      return text ? [{ text, ...extensions([extensionUrls.noteKind, { valueCode: kind }]) }] : [];
    }),
  });
}

/** @throws FhirMappingError for another resource or service, unknown statuses, notes and diagnosis codes */
export function fromFhirServiceRequest(resource: Resource): ServiceRequestRead {
  expectType(resource, "ServiceRequest");
  const service = resource.code?.coding?.find((one) => one.system === codeSystems.service)?.code;
  knownCode(service, ["remote-consult"], "ServiceRequest.code");
  const notes: Partial<Record<RequestNote, string>> = {};
  for (const note of resource.note ?? []) {
    const kind = extensionOf(note, extensionUrls.noteKind)?.valueCode;
    const known = knownCode(kind, requestNotes, "ServiceRequest.note");
    if (notes[known] !== undefined)
      throw new FhirMappingError("ServiceRequest.note", "contradiction");
    notes[known] = need(note.text, "ServiceRequest.note.text");
  }
  const texts = Object.fromEntries(
    requestNotes.map((kind) => [kind, notes[kind] ?? null]),
  ) as Record<RequestNote, string | null>;
  return {
    ...texts,
    consultId: need(resource.id, "ServiceRequest.id"),
    number: need(
      resource.identifier?.find((one) => one.system === identifierSystems.consultNumber)?.value,
      "ServiceRequest.identifier",
    ),
    status: knownCode(
      resource.status,
      Object.values(serviceRequestStatus),
      "ServiceRequest.status",
    ),
    urgency: keyOf(priority, resource.priority, "ServiceRequest.priority"),
    patientId: idOf(resource.subject, "Patient", "ServiceRequest.subject"),
    requesterId: idOf(resource.requester, "Practitioner", "ServiceRequest.requester"),
    invitedInstitutionId: idOrNull(
      resource.performer?.[0],
      "Organization",
      "ServiceRequest.performer",
    ),
    provisionalDiagnoses: (resource.reasonCode ?? []).map((one) =>
      diagnosisOf(one, "ServiceRequest.reasonCode"),
    ),
    authoredAt: dateOf(resource.authoredOn, "ServiceRequest.authoredOn"),
    scheduledStart: dateOrNull(resource.occurrencePeriod?.start, "ServiceRequest.occurrence"),
    scheduledEnd: dateOrNull(resource.occurrencePeriod?.end, "ServiceRequest.occurrence"),
  };
}
