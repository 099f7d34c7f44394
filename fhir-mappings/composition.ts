/**
 * Composition: the signed opinion as a clinical document. The original is the
 * signed JSON document (see Provenance); this is its faithful FHIR reading.
 */
import type { Composition, CompositionSection, Condition, Resource } from "@medplum/fhirtypes";
import type { OpinionDocument } from "../server/opinion-document/document.ts";
import {
  compact,
  concept,
  dateOf,
  diagnosisConcept,
  diagnosisOf,
  expectType,
  extensionOf,
  extensions,
  idOf,
  idOrNull,
  instantOf,
  type MappedDiagnosis,
  need,
  refer,
} from "./elements.ts";
import { FhirMappingError } from "./mapping-error.ts";
import { narrativeOf, textOfNarrative } from "./narrative.ts";
import { codeSystems, extensionUrls, identifierSystems } from "./systems.ts";

const titles = {
  question: "会诊问题",
  findingsReviewed: "已查阅的资料与所见",
  missingData: "缺少的资料与局限",
  diagnosticOpinion: "诊断意见",
  testsAdvised: "建议检查",
  plan: "处理建议",
  transferConditions: "转诊条件",
  plainWords: "给患者的话",
} as const satisfies Partial<Record<keyof OpinionDocument, string>>;
type SectionName = keyof typeof titles;
const sectionNames = Object.keys(titles) as SectionName[];

export interface CompositionFacts extends Readonly<Record<SectionName, string>> {
  readonly documentId: string;
  readonly consultId: string;
  readonly patientId: string;
  readonly invitingInstitutionId: string;
  /** Authors in order; the signing doctor attests. */
  readonly doctors: readonly { readonly personId: string; readonly name: string }[];
  readonly signedBy: string;
  readonly signedAt: Date;
  readonly issuedAt: Date;
  readonly diagnoses: readonly MappedDiagnosis[];
  /** Whether there was a meeting, hence an Encounter. */
  readonly met: boolean;
}

/** What a Composition says of a signed document; the patient's id is the row's, the document does not hold it. */
export function compositionFacts(input: {
  readonly document: OpinionDocument;
  readonly patientId: string;
  readonly signedAt: Date;
}): CompositionFacts {
  const { document, patientId, signedAt } = input;
  const texts = Object.fromEntries(sectionNames.map((name) => [name, document[name]]));
  return {
    ...(texts as Record<SectionName, string>),
    documentId: document.documentId,
    consultId: document.consult.id,
    patientId,
    invitingInstitutionId: document.inviting.id,
    doctors: document.doctors.map(({ personId, name }) => ({ personId, name })),
    signedBy: need(document.doctors.find((doctor) => doctor.signs)?.personId, "document.doctors"),
    signedAt,
    issuedAt: new Date(document.times.issuedAt),
    diagnoses: document.diagnoses,
    met: document.times.sessionStartedAt !== null,
  };
}

export function toFhirComposition(facts: CompositionFacts): Composition {
  const conditions = facts.diagnoses.map(
    (diagnosis, at): Condition => ({
      resourceType: "Condition",
      id: `diagnosis-${at + 1}`,
      code: diagnosisConcept(diagnosis),
      subject: refer("Patient", facts.patientId),
    }),
  );
  const section = (name: SectionName): CompositionSection[] => {
    const text = facts[name];
    const entry =
      name === "diagnosticOpinion" ? conditions.map(({ id }) => ({ reference: `#${id}` })) : [];
    // A section without text and entries is not allowed: an empty field is left out.
    if (text === "" && entry.length === 0) return [];
    return [
      compact<CompositionSection>({
        title: titles[name],
        code: concept(codeSystems.opinionSection, name),
        text: text === "" ? null : narrativeOf(text),
        entry,
      }),
    ];
  };
  return compact<Composition>({
    resourceType: "Composition",
    id: facts.documentId,
    contained: conditions,
    ...extensions(
      [extensionUrls.consult, { valueReference: refer("ServiceRequest", facts.consultId) }],
      [extensionUrls.issuedAt, { valueInstant: facts.issuedAt.toISOString() }],
    ),
    identifier: { system: identifierSystems.opinionDocument, value: facts.documentId },
    status: "final",
    type: concept(codeSystems.loinc, "11488-4", "Consult note"),
    subject: refer("Patient", facts.patientId),
    encounter: facts.met ? refer("Encounter", facts.consultId) : null,
    date: instantOf(facts.signedAt),
    author: facts.doctors.map(({ personId, name }) => refer("Practitioner", personId, name)),
    title: "远程会诊意见书",
    attester: [
      {
        mode: "professional",
        time: instantOf(facts.signedAt),
        party: refer("Practitioner", facts.signedBy),
      },
    ],
    custodian: refer("Organization", facts.invitingInstitutionId),
    section: sectionNames.flatMap(section),
  });
}

/** @throws FhirMappingError for a document that is not final, unknown sections, narratives and codes */
export function fromFhirComposition(resource: Resource): CompositionFacts {
  expectType(resource, "Composition");
  if (resource.status !== "final") throw new FhirMappingError("Composition.status", "unknown-code");
  const texts = Object.fromEntries(sectionNames.map((name) => [name, ""])) as Record<
    SectionName,
    string
  >;
  const diagnoses: MappedDiagnosis[] = [];
  for (const section of resource.section ?? []) {
    const coding = section.code?.coding?.find((one) => one.system === codeSystems.opinionSection);
    const name = sectionNames.find((one) => one === coding?.code);
    if (name === undefined) throw new FhirMappingError("Composition.section.code", "unknown-code");
    if (section.text) texts[name] = textOfNarrative(section.text, "Composition.section.text");
    for (const entry of section.entry ?? []) {
      const held = resource.contained?.find((one) => `#${one.id}` === entry.reference);
      if (held?.resourceType !== "Condition" || !held.code) {
        throw new FhirMappingError("Composition.section.entry", "wrong-shape");
      }
      diagnoses.push(diagnosisOf(held.code, "Composition.section.entry"));
    }
  }
  const attester = resource.attester?.[0];
  return {
    ...texts,
    documentId: need(resource.id, "Composition.id"),
    consultId: idOf(
      extensionOf(resource, extensionUrls.consult)?.valueReference,
      "ServiceRequest",
      "Composition.extension(consult)",
    ),
    patientId: idOf(resource.subject, "Patient", "Composition.subject"),
    invitingInstitutionId: idOf(resource.custodian, "Organization", "Composition.custodian"),
    doctors: (resource.author ?? []).map((author) => ({
      personId: idOf(author, "Practitioner", "Composition.author"),
      name: need(author.display, "Composition.author.display"),
    })),
    signedBy: idOf(attester?.party, "Practitioner", "Composition.attester.party"),
    signedAt: dateOf(attester?.time, "Composition.attester.time"),
    issuedAt: dateOf(
      extensionOf(resource, extensionUrls.issuedAt)?.valueInstant,
      "Composition.extension(issuedAt)",
    ),
    diagnoses,
    met: idOrNull(resource.encounter, "Encounter", "Composition.encounter") !== null,
  };
}
