/** Location: where one goes for what can be booked; an institution as a place. */
import type { Location, Resource } from "@medplum/fhirtypes";
import { compact, expectType, need, refer } from "./elements.ts";
import { identifierSystems } from "./systems.ts";

export interface LocationFacts {
  /** Id of the institution. */
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly phone: string | null;
  readonly address: string | null;
  /** Province by its ISO 3166-2 letters (`SH`); null where the address does not say. */
  readonly province: string | null;
  readonly position: { readonly latitude: number; readonly longitude: number } | null;
}

export function toFhirLocation(facts: LocationFacts): Location {
  return compact<Location>({
    resourceType: "Location",
    id: facts.id,
    identifier: [{ system: identifierSystems.institutionSlug, value: facts.slug }],
    status: "active",
    name: facts.name,
    mode: "instance",
    telecom: facts.phone ? [{ system: "phone", value: facts.phone }] : [],
    address: facts.address
      ? compact({ text: facts.address, state: facts.province, country: "CN" })
      : undefined,
    position: facts.position
      ? { latitude: facts.position.latitude, longitude: facts.position.longitude }
      : undefined,
    managingOrganization: refer("Organization", facts.id),
  });
}

/** @throws FhirMappingError for another resource, a missing id, name or identifier */
export function fromFhirLocation(resource: Resource): LocationFacts {
  expectType(resource, "Location");
  const slug = resource.identifier?.find(
    (one) => one.system === identifierSystems.institutionSlug,
  )?.value;
  return {
    id: need(resource.id, "Location.id"),
    slug: need(slug, "Location.identifier"),
    name: need(resource.name, "Location.name"),
    phone: resource.telecom?.find((one) => one.system === "phone")?.value ?? null,
    address: resource.address?.text ?? null,
    province: resource.address?.state ?? null,
    position: resource.position
      ? {
          latitude: need(resource.position.latitude, "Location.position.latitude"),
          longitude: need(resource.position.longitude, "Location.position.longitude"),
        }
      : null,
  };
}
