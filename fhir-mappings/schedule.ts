/** Schedule: a clinic that can be booked, of a department or of one doctor there. */
import type { Resource, Schedule } from "@medplum/fhirtypes";
import type { ServiceKind } from "../server/booking/domain.ts";
import { codeIn, compact, concept, expectType, idOf, keyOf, need, refer } from "./elements.ts";
import { FhirMappingError } from "./mapping-error.ts";
import { codeSystems } from "./systems.ts";

export interface ScheduleFacts {
  readonly id: string;
  readonly institutionId: string;
  readonly kind: ServiceKind;
  /** E.g. 专家门诊. */
  readonly name: string;
  readonly departmentName: string;
  /** 诊疗科目 code, e.g. `03.06`. */
  readonly specialtyCode: string;
  readonly doctor: { readonly id: string; readonly name: string } | null;
  /** Building, floor, room. */
  readonly place: string;
}

const kinds: Record<ServiceKind, string> = {
  clinic: "clinic",
  "fever-clinic": "fever-clinic",
  test: "test",
};

export function toFhirSchedule(facts: ScheduleFacts): Schedule {
  return compact<Schedule>({
    resourceType: "Schedule",
    id: facts.id,
    active: true,
    serviceType: [concept(codeSystems.serviceKind, kinds[facts.kind], facts.name)],
    specialty: [concept(codeSystems.specialty, facts.specialtyCode, facts.departmentName)],
    actor: [
      refer("Location", facts.institutionId),
      ...(facts.doctor ? [refer("Practitioner", facts.doctor.id, facts.doctor.name)] : []),
    ],
    comment: facts.place,
  });
}

/** @throws FhirMappingError for another resource, unknown kinds, missing parts */
export function fromFhirSchedule(resource: Resource): ScheduleFacts {
  expectType(resource, "Schedule");
  const [location, doctor] = resource.actor ?? [];
  const kind = keyOf(
    kinds,
    codeIn(resource.serviceType, codeSystems.serviceKind),
    "Schedule.serviceType",
  );
  const specialtyCode = codeIn(resource.specialty, codeSystems.specialty);
  if (resource.active !== true) throw new FhirMappingError("Schedule.active", "unknown-code");
  return {
    id: need(resource.id, "Schedule.id"),
    institutionId: idOf(location, "Location", "Schedule.actor"),
    kind,
    name: need(resource.serviceType?.[0]?.text, "Schedule.serviceType.text"),
    departmentName: need(resource.specialty?.[0]?.text, "Schedule.specialty.text"),
    specialtyCode: need(specialtyCode, "Schedule.specialty"),
    doctor: doctor
      ? {
          id: idOf(doctor, "Practitioner", "Schedule.actor"),
          name: need(doctor.display, "Schedule.actor.display"),
        }
      : null,
    place: need(resource.comment, "Schedule.comment"),
  };
}
