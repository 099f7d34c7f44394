/** Location: a ward or unit and its beds, each with what it is fit for now. Never who lies in one. */
import type { Extension, Location, Resource } from "@medplum/fhirtypes";
import type { BedState, BedUnitKind } from "../server/capacity/domain.ts";
import { codeIn, compact, expectType, idOf, knownCode, need, refer } from "./elements.ts";
import { codeSystems, identifierSystems } from "./systems.ts";

/** HL7 v2 table 0116, bound by Location.operationalStatus. A held bed is nobody's yet. */
const operationalStatus: Readonly<Record<BedState, "C" | "H" | "O" | "U">> = {
  free: "U",
  held: "U",
  occupied: "O",
  cleaning: "H",
  "out-of-use": "C",
};
/** In an isolation ward a bed with somebody in it is isolated, one to be cleaned contaminated. */
const isolationStatus: Readonly<Record<BedState, "C" | "I" | "K" | "U">> = {
  free: "U",
  held: "U",
  occupied: "I",
  cleaning: "K",
  "out-of-use": "C",
};
const statusCodes = ["C", "H", "I", "K", "O", "U"] as const;
export type BedStatusCode = (typeof statusCodes)[number];

const unitKinds: Readonly<Record<BedUnitKind, string>> = {
  ordinary: "Ordinary ward",
  intensive: "Intensive care unit",
  isolation: "Isolation ward",
  rehabilitation: "Rehabilitation ward",
  "long-term": "Long-term care ward",
};
const unitKindCodes = Object.keys(unitKinds) as BedUnitKind[];

export const bedStatusOf = (state: BedState, kind: BedUnitKind): BedStatusCode =>
  kind === "isolation" ? isolationStatus[state] : operationalStatus[state];

export interface UnitLocationFacts {
  readonly id: string;
  readonly institutionId: string;
  readonly name: { readonly zh: string; readonly en: string | null; readonly bo: string | null };
  readonly kind: BedUnitKind;
  /** Open, being emptied or disinfected, or closed for good. */
  readonly status: "active" | "suspended" | "inactive";
}

export function toFhirUnitLocation(facts: UnitLocationFacts): Location {
  return compact<Location>({
    resourceType: "Location",
    id: facts.id,
    identifier: [{ system: identifierSystems.bedUnit, value: facts.id }],
    status: facts.status,
    name: facts.name.zh,
    _name: translated(facts.name),
    mode: "instance",
    type: [
      {
        coding: [
          { system: codeSystems.bedUnitKind, code: facts.kind, display: unitKinds[facts.kind] },
        ],
      },
    ],
    physicalType: {
      coding: [{ system: codeSystems.locationPhysicalType, code: "wa", display: "Ward" }],
    },
    managingOrganization: refer("Organization", facts.institutionId),
    partOf: refer("Location", facts.institutionId),
  } as Location);
}

/** @throws FhirMappingError for another resource, what is missing, or a kind of unit that is not ours */
export function fromFhirUnitLocation(resource: Resource): UnitLocationFacts {
  expectType(resource, "Location");
  const extensions = (resource as { _name?: { extension?: Extension[] } })._name?.extension ?? [];
  const inLanguage = (language: string) =>
    extensions
      .find((one) =>
        one.extension?.some((part) => part.url === "lang" && part.valueCode === language),
      )
      ?.extension?.find((part) => part.url === "content")?.valueString ?? null;
  return {
    id: need(resource.id, "Location.id"),
    institutionId: idOf(resource.partOf, "Location", "Location.partOf"),
    name: { zh: need(resource.name, "Location.name"), en: inLanguage("en"), bo: inLanguage("bo") },
    kind: knownCode(codeIn(resource.type, codeSystems.bedUnitKind), unitKindCodes, "Location.type"),
    status: need(resource.status, "Location.status"),
  };
}

export interface BedLocationFacts {
  readonly id: string;
  readonly unitId: string;
  readonly institutionId: string;
  readonly label: string;
  readonly status: "active" | "suspended" | "inactive";
  readonly operational: BedStatusCode;
}

export function toFhirBedLocation(facts: BedLocationFacts): Location {
  return compact<Location>({
    resourceType: "Location",
    id: facts.id,
    identifier: [{ system: identifierSystems.bed, value: facts.id }],
    status: facts.status,
    operationalStatus: { system: codeSystems.bedStatus, code: facts.operational },
    name: facts.label,
    mode: "instance",
    physicalType: {
      coding: [{ system: codeSystems.locationPhysicalType, code: "bd", display: "Bed" }],
    },
    managingOrganization: refer("Organization", facts.institutionId),
    partOf: refer("Location", facts.unitId),
  });
}

/** @throws FhirMappingError for another resource, what is missing, or a status that is not of table 0116 */
export function fromFhirBedLocation(resource: Resource): BedLocationFacts {
  expectType(resource, "Location");
  return {
    id: need(resource.id, "Location.id"),
    unitId: idOf(resource.partOf, "Location", "Location.partOf"),
    institutionId: idOf(
      resource.managingOrganization,
      "Organization",
      "Location.managingOrganization",
    ),
    label: need(resource.name, "Location.name"),
    status: need(resource.status, "Location.status"),
    operational: knownCode(
      resource.operationalStatus?.code,
      statusCodes,
      "Location.operationalStatus",
    ),
  };
}

/** HL7 "translation": the name in the other languages. */
function translated(name: UnitLocationFacts["name"]): { extension: Extension[] } | undefined {
  const extension = (["en", "bo"] as const).flatMap((language): Extension[] => {
    const content = name[language];
    return content
      ? [
          {
            url: "http://hl7.org/fhir/StructureDefinition/translation",
            extension: [
              { url: "lang", valueCode: language },
              { url: "content", valueString: content },
            ],
          },
        ]
      : [];
  });
  return extension.length > 0 ? { extension } : undefined;
}
