/** AppointmentResponse: what the one who was asked said to a time: the patient, or the specialist of a consult. */
import type { AppointmentResponse, Resource } from "@medplum/fhirtypes";
import { compact, expectType, idOf, knownCode, need, refer } from "./elements.ts";

export const responseAnswers = ["accepted", "declined", "tentative"] as const;
export type ResponseAnswer = (typeof responseAnswers)[number];

export interface AppointmentResponseFacts {
  readonly id: string;
  readonly appointmentId: string;
  readonly by: { readonly type: "Patient" | "Practitioner"; readonly id: string };
  readonly answer: ResponseAnswer;
  /** In the answerer's words. */
  readonly comment: string | null;
}

export function toFhirAppointmentResponse(facts: AppointmentResponseFacts): AppointmentResponse {
  return compact<AppointmentResponse>({
    resourceType: "AppointmentResponse",
    id: facts.id,
    appointment: refer("Appointment", facts.appointmentId),
    actor: refer(facts.by.type, facts.by.id),
    participantStatus: facts.answer,
    comment: facts.comment,
  });
}

/** @throws FhirMappingError for another resource, another kind of answerer, unknown answers */
export function fromFhirAppointmentResponse(resource: Resource): AppointmentResponseFacts {
  expectType(resource, "AppointmentResponse");
  const type = knownCode(
    resource.actor?.reference?.split("/")[0],
    ["Patient", "Practitioner"] as const,
    "AppointmentResponse.actor",
  );
  return {
    id: need(resource.id, "AppointmentResponse.id"),
    appointmentId: idOf(resource.appointment, "Appointment", "AppointmentResponse.appointment"),
    by: { type, id: idOf(resource.actor, type, "AppointmentResponse.actor") },
    answer: knownCode(
      resource.participantStatus,
      responseAnswers,
      "AppointmentResponse.participantStatus",
    ),
    comment: resource.comment ?? null,
  };
}
