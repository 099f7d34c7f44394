/** Practitioner: a person who works in the alliance, with title and licence. */
import type { HumanName, Practitioner, Resource } from "@medplum/fhirtypes";
import { compact, expectType, extensionOf, extensions, need } from "./elements.ts";
import { extensionUrls, identifierSystems } from "./systems.ts";

export interface PractitionerFacts {
  readonly personId: string;
  readonly name: string;
  readonly nameBo: string | null;
  readonly nameEn: string | null;
  /** Professional title as licensed, e.g. 主任医师. */
  readonly title: string;
  readonly titleEn: string | null;
  readonly licenceNumber: string | null;
  /** Date of independent practice, `YYYY-MM-DD`; a specialist needs three years of it. */
  readonly practisingSince: string | null;
}

const languages = { name: "zh-CN", nameBo: "bo", nameEn: "en" } as const;

function nameIn(language: string, text: string | null): HumanName[] {
  if (text === null) return [];
  return [
    { use: "official", text, ...extensions([extensionUrls.nameLanguage, { valueCode: language }]) },
  ];
}

export function toFhirPractitioner(facts: PractitionerFacts): Practitioner {
  return compact<Practitioner>({
    resourceType: "Practitioner",
    id: facts.personId,
    identifier: facts.licenceNumber
      ? [{ use: "official", system: identifierSystems.licence, value: facts.licenceNumber }]
      : [],
    active: true,
    name: [
      ...nameIn(languages.name, facts.name),
      ...nameIn(languages.nameBo, facts.nameBo),
      ...nameIn(languages.nameEn, facts.nameEn),
    ],
    qualification: [
      compact<NonNullable<Practitioner["qualification"]>[number]>({
        ...extensions([
          extensionUrls.titleEn,
          facts.titleEn === null ? null : { valueString: facts.titleEn },
        ]),
        code: { text: facts.title },
        period: facts.practisingSince ? { start: facts.practisingSince } : null,
      }),
    ],
  });
}

/** @throws FhirMappingError for another resource, a missing Chinese name or title */
export function fromFhirPractitioner(resource: Resource): PractitionerFacts {
  expectType(resource, "Practitioner");
  const nameOf = (language: string) =>
    resource.name?.find(
      (name) => extensionOf(name, extensionUrls.nameLanguage)?.valueCode === language,
    )?.text ?? null;
  const qualification = resource.qualification?.[0];
  return {
    personId: need(resource.id, "Practitioner.id"),
    name: need(nameOf(languages.name), "Practitioner.name"),
    nameBo: nameOf(languages.nameBo),
    nameEn: nameOf(languages.nameEn),
    title: need(qualification?.code?.text, "Practitioner.qualification.code"),
    titleEn: extensionOf(qualification, extensionUrls.titleEn)?.valueString ?? null,
    licenceNumber:
      resource.identifier?.find((one) => one.system === identifierSystems.licence)?.value ?? null,
    practisingSince: qualification?.period?.start ?? null,
  };
}
