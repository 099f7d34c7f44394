/** OrganizationAffiliation: a member of an alliance, beside the house that leads it. */
import type { OrganizationAffiliation, Resource } from "@medplum/fhirtypes";
import type { AllianceKind } from "../server/directory/domain.ts";
import { codeIn, compact, concept, expectType, idOf, keyOf, need, refer } from "./elements.ts";
import { FhirMappingError } from "./mapping-error.ts";
import { codeSystems, identifierSystems } from "./systems.ts";

export interface OrganizationAffiliationFacts {
  readonly allianceId: string;
  readonly allianceName: string;
  readonly kind: AllianceKind;
  /** Which house leads; null where nobody does. */
  readonly leadId: string | null;
  readonly memberId: string;
}

const kinds: Record<AllianceKind, string> = {
  "city-medical-group": "city-medical-group",
  "county-community": "county-community",
  specialty: "specialty",
  "telemedicine-network": "telemedicine-network",
};

/** A membership has no key of its own: both UUIDs without dashes are exactly the 64 characters of an id. */
export const affiliationId = (allianceId: string, memberId: string): string =>
  `${allianceId}${memberId}`.replaceAll("-", "");

export function toFhirOrganizationAffiliation(
  facts: OrganizationAffiliationFacts,
): OrganizationAffiliation {
  return compact<OrganizationAffiliation>({
    resourceType: "OrganizationAffiliation",
    id: affiliationId(facts.allianceId, facts.memberId),
    identifier: [{ system: identifierSystems.alliance, value: facts.allianceId }],
    active: true,
    organization: facts.leadId ? refer("Organization", facts.leadId) : null,
    participatingOrganization: refer("Organization", facts.memberId),
    code: [concept(codeSystems.allianceKind, kinds[facts.kind], facts.allianceName)],
  });
}

/** @throws FhirMappingError for another resource, unknown kinds, an id that contradicts its parts */
export function fromFhirOrganizationAffiliation(resource: Resource): OrganizationAffiliationFacts {
  expectType(resource, "OrganizationAffiliation");
  const allianceId = need(
    resource.identifier?.find((one) => one.system === identifierSystems.alliance)?.value,
    "OrganizationAffiliation.identifier",
  );
  const memberId = idOf(
    resource.participatingOrganization,
    "Organization",
    "OrganizationAffiliation.participatingOrganization",
  );
  if (resource.id !== affiliationId(allianceId, memberId))
    throw new FhirMappingError("OrganizationAffiliation.id", "contradiction");
  return {
    allianceId,
    memberId,
    allianceName: need(resource.code?.[0]?.text, "OrganizationAffiliation.code.text"),
    kind: keyOf(
      kinds,
      codeIn(resource.code, codeSystems.allianceKind),
      "OrganizationAffiliation.code",
    ),
    leadId: resource.organization
      ? idOf(resource.organization, "Organization", "OrganizationAffiliation.organization")
      : null,
  };
}
