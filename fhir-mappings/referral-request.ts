/** ServiceRequest: a referral up or down (双向转诊), as the doctor who refers wrote it. */
import type { Annotation, CodeableConcept, Resource, ServiceRequest } from "@medplum/fhirtypes";
import type { ReferralCriterion, ReferralUrgency } from "../server/referral/domain.ts";
import type { ReferralDirection } from "../server/referral/states.ts";
import {
  codeIn,
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
import {
  codedReferralState,
  directionWords,
  type ReferralProgress,
  referralPriority,
  referralRequestStatus,
} from "./referral-codes.ts";
import { codeSystems, extensionUrls, identifierSystems } from "./systems.ts";

/** Texts of both forms, in the order in which a doctor reads them. */
export const referralNotes = [
  "reason",
  "presentHistory",
  "pastHistory",
  "examination",
  "results",
  "treatmentSoFar",
  "medicines",
  "allergies",
  "admissionNumber",
  "plan",
] as const;
export type ReferralNote = (typeof referralNotes)[number];

/** What of the record belongs to it. */
export const supportingTypes = ["Condition", "Observation", "DiagnosticReport"] as const;
export interface SupportingInfo {
  readonly type: (typeof supportingTypes)[number];
  readonly id: string;
}

export interface ReferralRequestContent extends Readonly<Record<ReferralNote, string | null>> {
  readonly referralId: string;
  readonly number: string;
  readonly episodeNumber: string;
  readonly direction: ReferralDirection;
  readonly urgency: ReferralUrgency;
  readonly patientId: string;
  readonly requesterId: string;
  readonly requesterPhone: string | null;
  readonly toInstitutionId: string;
  readonly toDepartmentId: string | null;
  readonly toDoctorId: string | null;
  /** The one that was passed on to this house. */
  readonly replacesId: string | null;
  /** The way up that a way down ends. */
  readonly basedOnId: string | null;
  readonly impression: readonly MappedDiagnosis[];
  readonly criteria: readonly ReferralCriterion[];
  readonly supporting: readonly SupportingInfo[];
  /** Advice for the patient, of a way down. */
  readonly rehabilitationAdvice: string | null;
  /** When the patient is expected: the number that was booked. */
  readonly expectedAt: Date | null;
  readonly authoredAt: Date;
}
export interface ReferralRequestFacts extends ReferralRequestContent, ReferralProgress {}
/** What can be read back: the state is told by Task.businessStatus, here only its status code. */
export interface ReferralRequestRead extends ReferralRequestContent {
  readonly status: (typeof referralRequestStatus)[keyof typeof referralRequestStatus];
}

/** SNOMED CT: patient referral (procedure). */
const PATIENT_REFERRAL = "3457005";

export function toFhirReferralRequest(facts: ReferralRequestFacts): ServiceRequest {
  return compact<ServiceRequest>({
    resourceType: "ServiceRequest",
    id: facts.referralId,
    ...extensions([
      extensionUrls.callBack,
      facts.requesterPhone
        ? { valueContactPoint: { system: "phone", value: facts.requesterPhone, use: "work" } }
        : null,
    ]),
    identifier: [
      { use: "official", system: identifierSystems.referralNumber, value: facts.number },
    ],
    basedOn: facts.basedOnId ? [refer("ServiceRequest", facts.basedOnId)] : [],
    replaces: facts.replacesId ? [refer("ServiceRequest", facts.replacesId)] : [],
    requisition: { system: identifierSystems.episodeNumber, value: facts.episodeNumber },
    status: referralRequestStatus[codedReferralState(facts)],
    intent: "order",
    category: [
      concept(codeSystems.snomed, PATIENT_REFERRAL, "Patient referral"),
      concept(codeSystems.referralDirection, facts.direction, directionWords[facts.direction]),
    ],
    priority: referralPriority[facts.urgency],
    code: concept(codeSystems.service, "referral", "双向转诊"),
    subject: refer("Patient", facts.patientId),
    occurrenceDateTime: instantOf(facts.expectedAt),
    authoredOn: instantOf(facts.authoredAt),
    requester: refer("Practitioner", facts.requesterId),
    performer: [
      refer("Organization", facts.toInstitutionId),
      ...(facts.toDepartmentId ? [refer("HealthcareService", facts.toDepartmentId)] : []),
      ...(facts.toDoctorId ? [refer("Practitioner", facts.toDoctorId)] : []),
    ],
    reasonCode: [
      ...facts.impression.map(diagnosisConcept),
      ...facts.criteria.map(({ code, evidence }) =>
        compact<CodeableConcept>({
          coding: [{ system: codeSystems.referralCriterion, code }],
          text: evidence,
        }),
      ),
    ],
    supportingInfo: facts.supporting.map(({ type, id }) => refer(type, id)),
    note: referralNotes.flatMap((kind): Annotation[] => {
      const text = facts[kind];
      return text ? [{ text, ...extensions([extensionUrls.noteKind, { valueCode: kind }]) }] : [];
    }),
    patientInstruction: facts.rehabilitationAdvice,
  });
}

/** @throws FhirMappingError for another resource or service, unknown statuses, directions, notes and diagnosis codes */
export function fromFhirReferralRequest(resource: Resource): ReferralRequestRead {
  expectType(resource, "ServiceRequest");
  const service = codeIn(resource.code ? [resource.code] : [], codeSystems.service);
  knownCode(service, ["referral"], "ServiceRequest.code");
  const isCriterion = (one: CodeableConcept) =>
    codeIn([one], codeSystems.referralCriterion) !== undefined;
  const reasons = resource.reasonCode ?? [];
  const performer = (type: "Organization" | "HealthcareService" | "Practitioner") =>
    resource.performer?.find((one) => one.reference?.startsWith(`${type}/`));
  return {
    ...notesOf(resource),
    referralId: need(resource.id, "ServiceRequest.id"),
    number: need(
      resource.identifier?.find((one) => one.system === identifierSystems.referralNumber)?.value,
      "ServiceRequest.identifier",
    ),
    episodeNumber: need(resource.requisition?.value, "ServiceRequest.requisition"),
    status: knownCode(
      resource.status,
      Object.values(referralRequestStatus),
      "ServiceRequest.status",
    ),
    direction: knownCode(
      codeIn(resource.category, codeSystems.referralDirection),
      Object.keys(directionWords) as ReferralDirection[],
      "ServiceRequest.category",
    ),
    urgency: keyOf(referralPriority, resource.priority, "ServiceRequest.priority"),
    patientId: idOf(resource.subject, "Patient", "ServiceRequest.subject"),
    requesterId: idOf(resource.requester, "Practitioner", "ServiceRequest.requester"),
    requesterPhone: extensionOf(resource, extensionUrls.callBack)?.valueContactPoint?.value ?? null,
    toInstitutionId: idOf(performer("Organization"), "Organization", "ServiceRequest.performer"),
    toDepartmentId: idOrNull(
      performer("HealthcareService"),
      "HealthcareService",
      "ServiceRequest.performer",
    ),
    toDoctorId: idOrNull(performer("Practitioner"), "Practitioner", "ServiceRequest.performer"),
    replacesId: idOrNull(resource.replaces?.[0], "ServiceRequest", "ServiceRequest.replaces"),
    basedOnId: idOrNull(resource.basedOn?.[0], "ServiceRequest", "ServiceRequest.basedOn"),
    impression: reasons
      .filter((one) => !isCriterion(one))
      .map((one) => diagnosisOf(one, "ServiceRequest.reasonCode")),
    criteria: reasons.filter(isCriterion).map((one) => ({
      code: need(codeIn([one], codeSystems.referralCriterion), "ServiceRequest.reasonCode"),
      evidence: one.text ?? null,
    })),
    supporting: (resource.supportingInfo ?? []).map((one): SupportingInfo => {
      const type = knownCode(
        one.reference?.split("/")[0],
        supportingTypes,
        "ServiceRequest.supportingInfo",
      );
      return { type, id: idOf(one, type, "ServiceRequest.supportingInfo") };
    }),
    rehabilitationAdvice: resource.patientInstruction ?? null,
    expectedAt: dateOrNull(resource.occurrenceDateTime, "ServiceRequest.occurrence"),
    authoredAt: dateOf(resource.authoredOn, "ServiceRequest.authoredOn"),
  };
}

function notesOf(resource: ServiceRequest): Record<ReferralNote, string | null> {
  const notes: Partial<Record<ReferralNote, string>> = {};
  for (const note of resource.note ?? []) {
    const kind = knownCode(
      extensionOf(note, extensionUrls.noteKind)?.valueCode,
      referralNotes,
      "ServiceRequest.note",
    );
    if (notes[kind] !== undefined)
      throw new FhirMappingError("ServiceRequest.note", "contradiction");
    notes[kind] = need(note.text, "ServiceRequest.note.text");
  }
  return Object.fromEntries(referralNotes.map((kind) => [kind, notes[kind] ?? null])) as Record<
    ReferralNote,
    string | null
  >;
}
