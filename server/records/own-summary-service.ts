/** One summary of a person from all institutions that answered, for him to take along. */
import { randomUUID } from "node:crypto";
import type { Bundle, Organization, Patient, Resource } from "@medplum/fhirtypes";
import { toIpsDocument } from "../../fhir-mappings/ips.ts";
import type { IpsLanguage } from "../../fhir-mappings/ips-words.ts";
import { toFhirPatient } from "../../fhir-mappings/patient.ts";
import type { Services, Work } from "../http/context.ts";
import type { PatientActor } from "../identity/domain.ts";
import { phoneContext, residentIdContext } from "../patients/service.ts";
import { ownPerson } from "./own-person.ts";
import { type OpenedOwn, type OwnAnswer, openOwnRecord } from "./own-record-service.ts";
import { itemsOf } from "./record-items.ts";
import { joinResources } from "./summary-join.ts";

/**
 * The person whose summary it is, with his identifiers in clear text: it is his.
 * @throws DomainError `request.not-found`, `permission.denied`
 */
export async function summaryPerson(
  services: Services,
  work: Work<PatientActor>,
  patientId: string,
): Promise<{ opened: OpenedOwn; person: Patient }> {
  const opened = await openOwnRecord(services, work, patientId, "record.summary");
  const { record } = await ownPerson(work, patientId);
  const { row, contacts } = record;
  return {
    opened,
    person: toFhirPatient({
      ...row,
      residentId: row.residentIdCipher
        ? services.vault.open(residentIdContext, row.residentIdCipher)
        : null,
      contacts: contacts.map((contact) => ({
        relation: contact.relation,
        name: contact.name,
        phone: services.vault.open(phoneContext, contact.phoneCipher),
      })),
    }),
  };
}

/** The document, and what did not answer is told by the page beside it. */
export function ownSummary(
  services: Services,
  { opened, person, asked }: { opened: OpenedOwn; person: Patient; asked: readonly OwnAnswer[] },
  language: IpsLanguage,
): Bundle {
  const author: Organization = {
    resourceType: "Organization",
    id: randomUUID(),
    name: authorNames[language],
  };
  const resources: Resource[] = joinResources(
    asked.map(({ holder, resources }) => ({
      base: holder.outside?.base ?? `${services.publicUrl}/stores/${holder.code}/fhir`,
      localIds: holder.localIds,
      resources,
    })),
    {
      patientId: opened.patientId,
      newId: randomUUID,
      keyOf: (resource) =>
        itemsOf(resource, { source: "", altitudeMetres: null, birthDate: null })[0]?.key ?? null,
    },
  );
  return toIpsDocument({
    patient: person,
    resources,
    author,
    at: opened.at.toISOString(),
    language,
    base: `${services.publicUrl}/fhir`,
    withheld: 0,
    newId: randomUUID,
  });
}

/** Institutions that did not answer, by their names. */
export const missingFrom = (
  opened: OpenedOwn,
  asked: readonly OwnAnswer[],
  language: IpsLanguage,
): readonly string[] =>
  asked
    .filter(({ outcome }) => outcome.error !== null)
    .flatMap(({ holder }) => {
      const one = opened.institutions.find((each) => each.id === holder.institutionId);
      const name = language === "en" ? one?.nameEn : language === "bo" ? one?.nameBo : null;
      return name ?? one?.name ?? [];
    });

/** Who puts it together. */
const authorNames: Readonly<Record<IpsLanguage, string>> = {
  "zh-CN": "医联（由患者本人下载）",
  en: "Yilian (downloaded by the patient)",
  bo: "གསོ་རིག་མཉམ་འབྲེལ། (ནད་པས་ཕབ་ལེན་བྱས་པ།)",
};
