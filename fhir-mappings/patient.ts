/** Patient. A name is one text in each script, never split into family and given. */
import type { HumanName, Patient, Resource } from "@medplum/fhirtypes";
import type { ContactRelation, PatientSex } from "../server/patients/domain.ts";
import {
  codeIn,
  compact,
  concept,
  expectType,
  extensionOf,
  extensions,
  idOf,
  keyOf,
  need,
  refer,
} from "./elements.ts";
import { codeSystems, extensionUrls, identifierSystems } from "./systems.ts";

export interface PatientFacts {
  readonly id: string;
  /** Null for a person whose identity is not known. */
  readonly fullName: string | null;
  readonly fullNameBo: string | null;
  readonly sex: PatientSex;
  /** `YYYY-MM-DD` */
  readonly birthDate: string | null;
  readonly birthDateEstimated: boolean;
  readonly ethnicGroup: string | null;
  /** BCP 47. */
  readonly language: string;
  readonly address: string | null;
  /** In clear text, or null where the reader may not have it. */
  readonly residentId: string | null;
  readonly unknownPerson: boolean;
  readonly unknownNote: string | null;
  readonly managingInstitutionId: string;
  readonly contacts: readonly {
    readonly relation: ContactRelation;
    readonly name: string | null;
    readonly phone: string;
  }[];
  /** The registration that goes on, where this one was found to be the same person. */
  readonly replacedBy?: string;
  /** Registrations that go on under this one. */
  readonly replaces?: readonly string[];
}

const genders = {
  female: "female",
  male: "male",
  other: "other",
  unknown: "unknown",
} as const satisfies Record<PatientSex, Patient["gender"]>;

/** `self` is the patient's own telecom, everyone else a contact. */
const relations: Record<ContactRelation, string> = {
  self: "self",
  guardian: "guardian",
  mother: "mother",
  father: "father",
  spouse: "spouse",
  child: "child",
  relative: "relative",
  neighbour: "neighbour",
  helper: "helper",
};

function nameIn(language: "zh-CN" | "bo", text: string | null): HumanName[] {
  if (text === null) return [];
  return [
    { use: "official", text, ...extensions([extensionUrls.nameLanguage, { valueCode: language }]) },
  ];
}

export function toFhirPatient(facts: PatientFacts): Patient {
  const names = [...nameIn("zh-CN", facts.fullName), ...nameIn("bo", facts.fullNameBo)];
  const own = facts.contacts.filter((contact) => contact.relation === "self");
  const others = facts.contacts.filter((contact) => contact.relation !== "self");
  return compact<Patient>({
    resourceType: "Patient",
    id: facts.id,
    ...extensions(
      [extensionUrls.birthDateEstimated, facts.birthDateEstimated ? { valueBoolean: true } : null],
      [
        extensionUrls.ethnicGroup,
        facts.ethnicGroup === null ? null : { valueString: facts.ethnicGroup },
      ],
      [
        extensionUrls.unknownPersonNote,
        facts.unknownNote === null ? null : { valueString: facts.unknownNote },
      ],
    ),
    // By the alliance's own number a member's record of the same person is found.
    identifier: [
      { use: "usual", system: identifierSystems.alliancePatient, value: facts.id },
      ...(facts.residentId
        ? [
            {
              use: "official" as const,
              system: identifierSystems.residentId,
              value: facts.residentId,
            },
          ]
        : []),
    ],
    active: facts.replacedBy === undefined,
    name: facts.unknownPerson
      ? [...names, { extension: [{ url: extensionUrls.dataAbsentReason, valueCode: "unknown" }] }]
      : names,
    telecom: own.map((contact) =>
      compact<NonNullable<Patient["telecom"]>[number]>({
        system: "phone",
        value: contact.phone,
        ...extensions([
          extensionUrls.contactName,
          contact.name === null ? null : { valueString: contact.name },
        ]),
      }),
    ),
    gender: genders[facts.sex],
    birthDate: facts.birthDate,
    address: facts.address ? [{ use: "home", text: facts.address }] : [],
    contact: others.map((contact) =>
      compact<NonNullable<Patient["contact"]>[number]>({
        relationship: [concept(codeSystems.contactRelation, relations[contact.relation])],
        name: contact.name ? { text: contact.name } : null,
        telecom: [{ system: "phone", value: contact.phone }],
      }),
    ),
    communication: [
      {
        language: { coding: [{ system: codeSystems.language, code: facts.language }] },
        preferred: true,
      },
    ],
    managingOrganization: refer("Organization", facts.managingInstitutionId),
    link: [
      ...(facts.replacedBy === undefined
        ? []
        : [{ other: refer("Patient", facts.replacedBy), type: "replaced-by" as const }]),
      ...(facts.replaces ?? []).map((id) => ({
        other: refer("Patient", id),
        type: "replaces" as const,
      })),
    ],
  });
}

/** What the links of a Patient say; links of other kinds (a mother's own record) are none of these. */
function linksOf(patient: Patient): Pick<PatientFacts, "replacedBy" | "replaces"> {
  const others = (type: "replaced-by" | "replaces") =>
    (patient.link ?? [])
      .filter((one) => one.type === type)
      .map((one) => idOf(one.other, "Patient", "Patient.link.other"));
  const [replacedBy] = others("replaced-by");
  const replaces = others("replaces");
  return {
    ...(replacedBy === undefined ? {} : { replacedBy }),
    ...(replaces.length === 0 ? {} : { replaces }),
  };
}

function nameOf(patient: Patient, language: string): string | null {
  const named = patient.name?.find(
    (name) => extensionOf(name, extensionUrls.nameLanguage)?.valueCode === language,
  );
  return named?.text ?? null;
}

/**
 * @throws FhirMappingError for another resource, a missing language, managing
 *   organization or gender, and codes that we do not know
 */
export function fromFhirPatient(resource: Resource): PatientFacts {
  expectType(resource, "Patient");
  const unknownPerson = (resource.name ?? []).some((name) =>
    extensionOf(name, extensionUrls.dataAbsentReason),
  );
  return {
    id: need(resource.id, "Patient.id"),
    fullName: nameOf(resource, "zh-CN"),
    fullNameBo: nameOf(resource, "bo"),
    sex: keyOf(genders, resource.gender, "Patient.gender"),
    birthDate: resource.birthDate ?? null,
    birthDateEstimated:
      extensionOf(resource, extensionUrls.birthDateEstimated)?.valueBoolean ?? false,
    ethnicGroup: extensionOf(resource, extensionUrls.ethnicGroup)?.valueString ?? null,
    language: need(
      codeIn(
        resource.communication?.flatMap((one) => one.language ?? []),
        codeSystems.language,
      ),
      "Patient.communication",
    ),
    address: resource.address?.[0]?.text ?? null,
    residentId:
      resource.identifier?.find((one) => one.system === identifierSystems.residentId)?.value ??
      null,
    unknownPerson,
    unknownNote: extensionOf(resource, extensionUrls.unknownPersonNote)?.valueString ?? null,
    managingInstitutionId: idOf(
      resource.managingOrganization,
      "Organization",
      "Patient.managingOrganization",
    ),
    contacts: [
      ...(resource.telecom ?? []).map((point) => ({
        relation: "self" as const,
        name: extensionOf(point, extensionUrls.contactName)?.valueString ?? null,
        phone: need(point.value, "Patient.telecom.value"),
      })),
      ...(resource.contact ?? []).map((contact) => ({
        relation: keyOf(
          relations,
          codeIn(contact.relationship, codeSystems.contactRelation),
          "Patient.contact.relationship",
        ),
        name: contact.name?.text ?? null,
        phone: need(contact.telecom?.[0]?.value, "Patient.contact.telecom"),
      })),
    ],
    ...linksOf(resource),
  };
}
