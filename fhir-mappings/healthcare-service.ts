/** HealthcareService: a department of an institution, as what it offers. */
import type { HealthcareService, Resource } from "@medplum/fhirtypes";
import { codeIn, compact, concept, expectType, idOf, need, refer } from "./elements.ts";
import { codeSystems } from "./systems.ts";

export interface HealthcareServiceFacts {
  /** Id of the department. */
  readonly id: string;
  readonly institutionId: string;
  readonly name: string;
  /** 诊疗科目 code, e.g. `03.06`. */
  readonly specialtyCode: string;
  readonly phone: string | null;
}

export function toFhirHealthcareService(facts: HealthcareServiceFacts): HealthcareService {
  return compact<HealthcareService>({
    resourceType: "HealthcareService",
    id: facts.id,
    active: true,
    providedBy: refer("Organization", facts.institutionId),
    specialty: [concept(codeSystems.specialty, facts.specialtyCode, facts.name)],
    location: [refer("Location", facts.institutionId)],
    name: facts.name,
    telecom: facts.phone ? [{ system: "phone", value: facts.phone }] : [],
  });
}

/** @throws FhirMappingError for another resource, a missing id, name, specialty or institution */
export function fromFhirHealthcareService(resource: Resource): HealthcareServiceFacts {
  expectType(resource, "HealthcareService");
  return {
    id: need(resource.id, "HealthcareService.id"),
    institutionId: idOf(resource.providedBy, "Organization", "HealthcareService.providedBy"),
    name: need(resource.name, "HealthcareService.name"),
    specialtyCode: need(
      codeIn(resource.specialty, codeSystems.specialty),
      "HealthcareService.specialty",
    ),
    phone: resource.telecom?.find((one) => one.system === "phone")?.value ?? null,
  };
}
