/** Organization: a member institution with its names, kind, level and altitude. */
import type { Organization, Resource } from "@medplum/fhirtypes";
import type { InstitutionKind, InstitutionLevel } from "../server/directory/domain.ts";
import {
  codeIn,
  compact,
  concept,
  expectType,
  extensionOf,
  extensions,
  keyOf,
  need,
} from "./elements.ts";
import { FhirMappingError } from "./mapping-error.ts";
import { codeSystems, extensionUrls, identifierSystems } from "./systems.ts";

export interface OrganizationFacts {
  readonly id: string;
  readonly slug: string;
  readonly creditCode: string | null;
  readonly kind: InstitutionKind;
  readonly level: InstitutionLevel;
  /** In order; the first one is shown. At least one. */
  readonly names: readonly { readonly language: string; readonly name: string }[];
  readonly phone: string | null;
  readonly address: string | null;
  /** Metres above sea level: clinical ranges follow the place of measurement. */
  readonly altitudeMetres: number;
}

const kinds: Record<InstitutionKind, string> = {
  hospital: "hospital",
  "community-centre": "community-centre",
  "county-centre": "county-centre",
  "township-clinic": "township-clinic",
  "rehabilitation-hospital": "rehabilitation-hospital",
  "specialty-institute": "specialty-institute",
  "disease-control": "disease-control",
  "nursing-home": "nursing-home",
};
const levels: Record<InstitutionLevel, string> = {
  tertiary: "tertiary",
  secondary: "secondary",
  primary: "primary",
};

/** @throws FhirMappingError `missing` for an institution without a name */
export function toFhirOrganization(facts: OrganizationFacts): Organization {
  const [first, ...others] = facts.names;
  return compact<Organization>({
    resourceType: "Organization",
    id: facts.id,
    extension: [
      ...facts.names.map(({ language, name }) => ({
        url: extensionUrls.organizationName,
        extension: [
          { url: "language", valueCode: language },
          { url: "name", valueString: name },
        ],
      })),
      ...(extensions([extensionUrls.altitudeMetres, { valueInteger: facts.altitudeMetres }])
        .extension ?? []),
    ],
    identifier: [
      { use: "usual", system: identifierSystems.institutionSlug, value: facts.slug },
      ...(facts.creditCode
        ? [
            {
              use: "official" as const,
              system: identifierSystems.creditCode,
              value: facts.creditCode,
            },
          ]
        : []),
    ],
    active: true,
    type: [
      concept(codeSystems.institutionKind, kinds[facts.kind]),
      concept(codeSystems.institutionLevel, levels[facts.level]),
    ],
    name: need(first, "Organization.name").name,
    alias: others.map(({ name }) => name),
    telecom: facts.phone ? [{ system: "phone", value: facts.phone }] : [],
    address: facts.address ? [{ text: facts.address }] : [],
  });
}

/** @throws FhirMappingError for another resource, unknown kinds and levels, a name that contradicts the list */
export function fromFhirOrganization(resource: Resource): OrganizationFacts {
  expectType(resource, "Organization");
  const identifier = (system: string) =>
    resource.identifier?.find((one) => one.system === system)?.value;
  const names = (resource.extension ?? [])
    .filter((one) => one.url === extensionUrls.organizationName)
    .map((one) => ({
      language: need(extensionOf(one, "language")?.valueCode, "Organization.extension(language)"),
      name: need(extensionOf(one, "name")?.valueString, "Organization.extension(name)"),
    }));
  if (names[0]?.name !== resource.name)
    throw new FhirMappingError("Organization.name", "contradiction");
  return {
    id: need(resource.id, "Organization.id"),
    slug: need(identifier(identifierSystems.institutionSlug), "Organization.identifier"),
    creditCode: identifier(identifierSystems.creditCode) ?? null,
    kind: keyOf(
      kinds,
      codeIn(resource.type, codeSystems.institutionKind),
      "Organization.type(kind)",
    ),
    level: keyOf(
      levels,
      codeIn(resource.type, codeSystems.institutionLevel),
      "Organization.type(level)",
    ),
    names,
    phone: resource.telecom?.[0]?.value ?? null,
    address: resource.address?.[0]?.text ?? null,
    altitudeMetres: need(
      extensionOf(resource, extensionUrls.altitudeMetres)?.valueInteger,
      "Organization.extension(altitude)",
    ),
  };
}
