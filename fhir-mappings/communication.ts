/** Communication: a question or an answer between the two sides of a consult, outside the room. */
import type { Communication, Resource } from "@medplum/fhirtypes";
import { compact, dateOf, expectType, idOf, instantOf, need, refer } from "./elements.ts";
import { FhirMappingError } from "./mapping-error.ts";

export interface CommunicationFacts {
  readonly id: string;
  readonly consultId: string;
  readonly patientId: string;
  readonly byPersonId: string;
  readonly text: string;
  readonly at: Date;
}

export function toFhirCommunication(facts: CommunicationFacts): Communication {
  return compact<Communication>({
    resourceType: "Communication",
    id: facts.id,
    basedOn: [refer("ServiceRequest", facts.consultId)],
    status: "completed",
    subject: refer("Patient", facts.patientId),
    sent: instantOf(facts.at),
    sender: refer("Practitioner", facts.byPersonId),
    payload: [{ contentString: facts.text }],
  });
}

/** @throws FhirMappingError for another resource, one that was not sent, and parts that are not there */
export function fromFhirCommunication(resource: Resource): CommunicationFacts {
  expectType(resource, "Communication");
  if (resource.status !== "completed")
    throw new FhirMappingError("Communication.status", "unknown-code");
  return {
    id: need(resource.id, "Communication.id"),
    consultId: idOf(resource.basedOn?.[0], "ServiceRequest", "Communication.basedOn"),
    patientId: idOf(resource.subject, "Patient", "Communication.subject"),
    byPersonId: idOf(resource.sender, "Practitioner", "Communication.sender"),
    text: need(resource.payload?.[0]?.contentString, "Communication.payload"),
    at: dateOf(resource.sent, "Communication.sent"),
  };
}
