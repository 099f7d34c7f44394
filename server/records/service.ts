import type { Resource } from "@medplum/fhirtypes";
import { trace } from "../audit/service.ts";
import { DomainError } from "../errors/domain-error.ts";
import type { Services, Work } from "../http/context.ts";
import type { StaffActor } from "../identity/domain.ts";
import {
  findConsentResource,
  findConsultResource,
  findOpinionResource,
} from "./consult-resources.ts";
import {
  findOrganizationResource,
  findPatientResource,
  findPractitionerResource,
  findPractitionerRoleResource,
} from "./directory-resources.ts";

/** What `/fhir` serves today; the CapabilityStatement says exactly this. */
export const servedTypes = [
  "Patient",
  "Practitioner",
  "PractitionerRole",
  "Organization",
  "ServiceRequest",
  "Task",
  "Appointment",
  "Encounter",
  "Consent",
  "Composition",
  "Provenance",
] as const;
export type ServedType = (typeof servedTypes)[number];

export type ReadResource = {
  resource: Resource;
  patientId: string | null;
  version: number | null;
  updatedAt: Date | null;
};

/**
 * One resource by type and id, for who may see its row.
 * @throws DomainError `request.not-found`
 */
export async function readResource(
  services: Services,
  work: Work<StaffActor>,
  type: ServedType,
  id: string,
): Promise<ReadResource> {
  const found = await find(services, work, type, id);
  if (!found) throw new DomainError("request.not-found");
  await trace(work.tx, work.actor, work.origin, {
    action: "fhir.read",
    entityType: type,
    entityId: id,
    patientId: found.patientId,
    purpose: "treatment",
  });
  return found;
}

async function find(
  services: Services,
  work: Work<StaffActor>,
  type: ServedType,
  id: string,
): Promise<ReadResource | null> {
  switch (type) {
    case "Patient":
      return findPatientResource(services, work, id);
    case "Organization":
      return plain(await findOrganizationResource(work, id));
    case "Practitioner":
      return plain(await findPractitionerResource(work, id));
    case "PractitionerRole":
      return plain(await findPractitionerRoleResource(work, id));
    case "Consent":
      return findConsentResource(work, id);
    case "Composition":
    case "Provenance":
      return findOpinionResource(work, type, id);
    default:
      return findConsultResource(work, type, id);
  }
}

function plain(found: { resource: Resource } | null): ReadResource | null {
  return found ? { ...found, patientId: null, version: null, updatedAt: null } : null;
}

export { carriedItems } from "./carried-items.ts";
export { patientResource } from "./directory-resources.ts";
export { tellOfEmergency } from "./emergency-notice.ts";
/** How others send something out of the house: the same guarded way as a partner is asked. */
export { assertOpenHost } from "./federation/address.ts";
export { callerOfToken } from "./federation/caller-token.ts";
export { exchange } from "./federation/exchange.ts";
export { PartnerError } from "./federation/fault.ts";
export { createFederation, type Federation } from "./federation/federation.ts";
export {
  type KnownDiagnoses,
  knownDiagnoses,
  openForDiagnoses,
} from "./known-diagnoses-service.ts";
export { indexStores } from "./locator-service.ts";
export { type OutsideClient, outsideClient } from "./outside-client.ts";
export { ownAddress } from "./own-address.ts";
export { recordPeople } from "./own-apps.ts";
export { type PrescribingFacts, prescribingFactsOf } from "./prescribing-facts.ts";
export { type Projector, startProjector } from "./projection/projector.ts";
export { referralResources, referralTask } from "./projection/referral-copy.ts";
export { projectStep } from "./projection/step.ts";
export { projectionSchedule, projectionTasks } from "./projection/tasks.ts";
export type { RecordEvent, RecordItem } from "./record-contract.ts";
export { recordRoutes } from "./record-routes.ts";
export { beginRecord, locateRecord, streamRecord } from "./record-service.ts";
export { recordSchedule, recordTasks } from "./tasks.ts";
export { resultsToTravel } from "./travel-results.ts";
export { travelSummary } from "./travel-summary.ts";
export { type WardFacts, wardFactsOf } from "./ward-facts.ts";
