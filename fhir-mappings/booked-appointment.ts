/**
 * Appointment: a place in a clinic that somebody booked. `status` is the nearest of R4's, the extension
 * carries our own state exactly. A hold is not projected: it is nobody's appointment yet.
 */
import type { Appointment, Resource } from "@medplum/fhirtypes";
import type { AppointmentState, ServiceKind } from "../server/booking/domain.ts";
import {
  codeIn,
  compact,
  concept,
  dateOf,
  expectType,
  extensionOf,
  extensions,
  idOf,
  instantOf,
  keyOf,
  knownCode,
  need,
  refer,
} from "./elements.ts";
import { FhirMappingError } from "./mapping-error.ts";
import { codeSystems, extensionUrls } from "./systems.ts";

/** Who gave the place back, or never came, holds no seat any more. */
export const bookedStatus = {
  held: "pending",
  booked: "booked",
  "checked-in": "arrived",
  waiting: "arrived",
  "in-consultation": "checked-in",
  completed: "fulfilled",
  passed: "arrived",
  cancelled: "cancelled",
  "no-show": "noshow",
  "clinic-stopped": "cancelled",
  lapsed: "cancelled",
} as const satisfies Readonly<Record<AppointmentState, Appointment["status"]>>;

export const serviceKindCodes: Readonly<Record<ServiceKind, string>> = {
  clinic: "clinic",
  "fever-clinic": "fever-clinic",
  test: "test",
};

export interface BookedAppointmentFacts {
  readonly id: string;
  readonly state: AppointmentState;
  readonly patientId: string;
  readonly institutionId: string;
  /** Null for a walk-in, who takes no seat, and for who gave it back. */
  readonly segmentId: string | null;
  readonly kind: ServiceKind;
  /** E.g. 专家门诊. */
  readonly name: string;
  readonly departmentName: string;
  readonly specialtyCode: string;
  readonly doctor: { readonly id: string; readonly name: string } | null;
  readonly start: Date;
  readonly end: Date;
  /** Why it ended without a visit, as written. */
  readonly endReason: string | null;
}

export function toFhirBookedAppointment(facts: BookedAppointmentFacts): Appointment {
  const status = bookedStatus[facts.state];
  const isOff = status === "cancelled" || status === "noshow";
  return compact<Appointment>({
    resourceType: "Appointment",
    id: facts.id,
    ...extensions([extensionUrls.appointmentState, { valueCode: facts.state }]),
    status,
    // R4 app-3 lets only these carry a reason.
    cancelationReason: isOff && facts.endReason ? { text: facts.endReason } : null,
    serviceType: [concept(codeSystems.serviceKind, serviceKindCodes[facts.kind], facts.name)],
    specialty: [concept(codeSystems.specialty, facts.specialtyCode, facts.departmentName)],
    start: instantOf(facts.start),
    end: instantOf(facts.end),
    slot: facts.segmentId ? [refer("Slot", `${facts.segmentId}-busy`)] : [],
    participant: [
      {
        actor: refer("Patient", facts.patientId),
        status: status === "cancelled" ? "declined" : "accepted",
      },
      { actor: refer("Location", facts.institutionId), status: "accepted" },
      ...(facts.doctor
        ? [
            {
              actor: refer("Practitioner", facts.doctor.id, facts.doctor.name),
              status: "accepted" as const,
            },
          ]
        : []),
    ],
  });
}

/**
 * @param states the domain's list: the maps import types only
 * @throws FhirMappingError for another resource, unknown states and kinds, a status that contradicts the state
 */
export function fromFhirBookedAppointment(
  resource: Resource,
  states: readonly AppointmentState[],
): BookedAppointmentFacts {
  expectType(resource, "Appointment");
  const state = knownCode(
    extensionOf(resource, extensionUrls.appointmentState)?.valueCode,
    states,
    "Appointment.extension(state)",
  );
  if (resource.status !== bookedStatus[state])
    throw new FhirMappingError("Appointment.status", "contradiction");
  const [patient, place, doctor] = resource.participant ?? [];
  const slot = resource.slot?.[0];
  return {
    id: need(resource.id, "Appointment.id"),
    state,
    patientId: idOf(patient?.actor, "Patient", "Appointment.participant.actor"),
    institutionId: idOf(place?.actor, "Location", "Appointment.participant.actor"),
    segmentId: slot ? idOf(slot, "Slot", "Appointment.slot").replace(/-busy$/, "") : null,
    kind: keyOf(
      serviceKindCodes,
      codeIn(resource.serviceType, codeSystems.serviceKind),
      "Appointment.serviceType",
    ),
    name: need(resource.serviceType?.[0]?.text, "Appointment.serviceType.text"),
    departmentName: need(resource.specialty?.[0]?.text, "Appointment.specialty.text"),
    specialtyCode: need(codeIn(resource.specialty, codeSystems.specialty), "Appointment.specialty"),
    doctor: doctor
      ? {
          id: idOf(doctor.actor, "Practitioner", "Appointment.participant.actor"),
          name: need(doctor.actor?.display, "Appointment.participant.actor.display"),
        }
      : null,
    start: dateOf(resource.start, "Appointment.start"),
    end: dateOf(resource.end, "Appointment.end"),
    endReason: resource.cancelationReason?.text ?? null,
  };
}
