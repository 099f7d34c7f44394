/** PractitionerRole: one post of a person in a department; a posted doctor has several. */
import type { PractitionerRole, Resource } from "@medplum/fhirtypes";
import {
  codeIn,
  compact,
  concept,
  expectType,
  extensionOf,
  extensions,
  idOf,
  need,
  refer,
} from "./elements.ts";
import { FhirMappingError } from "./mapping-error.ts";
import { codeSystems, extensionUrls } from "./systems.ts";

export interface PractitionerRoleFacts {
  readonly personId: string;
  readonly institutionId: string;
  readonly departmentId: string;
  readonly departmentName: string;
  /** 诊疗科目 code, e.g. `03.06`. */
  readonly specialtyCode: string;
  /** Role codes held at this institution; roles are rows, so any code may come. */
  readonly roles: readonly string[];
  /** Sent here by another institution. */
  readonly posted: boolean;
}

/** A post has no key of its own: both UUIDs without dashes are exactly the 64 characters of an id. */
export function practitionerRoleId(personId: string, departmentId: string): string {
  return `${personId}${departmentId}`.replaceAll("-", "");
}

/** Person and department of such an id; undefined when it is none. */
export function partsOfPractitionerRoleId(
  id: string,
): { readonly personId: string; readonly departmentId: string } | undefined {
  if (!/^[0-9a-f]{64}$/.test(id)) return undefined;
  const dashed = (hex: string) =>
    hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  return { personId: dashed(id.slice(0, 32)), departmentId: dashed(id.slice(32)) };
}

export function toFhirPractitionerRole(facts: PractitionerRoleFacts): PractitionerRole {
  return compact<PractitionerRole>({
    resourceType: "PractitionerRole",
    id: practitionerRoleId(facts.personId, facts.departmentId),
    ...extensions(
      [extensionUrls.department, { valueString: facts.departmentName }],
      [extensionUrls.posted, facts.posted ? { valueBoolean: true } : null],
    ),
    active: true,
    practitioner: refer("Practitioner", facts.personId),
    organization: refer("Organization", facts.institutionId),
    code: facts.roles.map((role) => concept(codeSystems.role, role)),
    specialty: [concept(codeSystems.specialty, facts.specialtyCode, facts.departmentName)],
  });
}

/** @throws FhirMappingError `contradiction` when the id names another person than the reference */
export function fromFhirPractitionerRole(resource: Resource): PractitionerRoleFacts {
  expectType(resource, "PractitionerRole");
  const parts = need(
    partsOfPractitionerRoleId(need(resource.id, "PractitionerRole.id")),
    "PractitionerRole.id",
  );
  const personId = idOf(resource.practitioner, "Practitioner", "PractitionerRole.practitioner");
  if (personId !== parts.personId)
    throw new FhirMappingError("PractitionerRole.id", "contradiction");
  return {
    personId,
    institutionId: idOf(resource.organization, "Organization", "PractitionerRole.organization"),
    departmentId: parts.departmentId,
    departmentName: need(
      extensionOf(resource, extensionUrls.department)?.valueString,
      "PractitionerRole.extension(department)",
    ),
    specialtyCode: need(
      codeIn(resource.specialty, codeSystems.specialty),
      "PractitionerRole.specialty",
    ),
    roles: (resource.code ?? []).map((code) =>
      need(codeIn([code], codeSystems.role), "PractitionerRole.code"),
    ),
    posted: extensionOf(resource, extensionUrls.posted)?.valueBoolean ?? false,
  };
}
