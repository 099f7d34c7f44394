/**
 * What a person may be told of a swab: DiagnosticReport with its Observation and Specimen, all under the
 * result's id. The laboratory's own report is about a tube (lab-report.ts); this one is about him.
 */
import type { DiagnosticReport, Observation, Resource, Specimen } from "@medplum/fhirtypes";
import type { PersonResultKind } from "../server/sampling/domain.ts";
import {
  codeIn,
  compact,
  concept,
  dateOf,
  expectType,
  extensionOf,
  extensions,
  idOf,
  keyOf,
  need,
  refer,
} from "./elements.ts";
import { FhirMappingError } from "./mapping-error.ts";
import { codeSystems, extensionUrls, identifierSystems } from "./systems.ts";

export interface PersonResultFacts {
  readonly id: string;
  readonly patientId: string;
  readonly result: PersonResultKind;
  /** Persons whose swabs were in the tube. */
  readonly pooledCount: number;
  /** Of a tube of his own; a pooled one is not named, for it would join those who were in it. */
  readonly tubeCode: string | null;
  readonly method: string;
  readonly sampledAt: Date;
  readonly testedAt: Date;
  readonly releasedAt: Date;
  readonly laboratoryId: string;
}
export interface PersonResultResources {
  readonly report: DiagnosticReport;
  readonly observation: Observation;
  readonly specimen: Specimen;
}

/** SNOMED CT findings, as in lab-report.ts. */
const findings: Record<PersonResultKind, string> = {
  negative: "260385009",
  positive: "10828004",
};
const words: Record<PersonResultKind, string> = { negative: "Negative", positive: "Positive" };
/** LOINC: SARS-CoV-2 RNA in a respiratory specimen, by amplification. */
const test = { code: "94500-6", text: "新型冠状病毒核酸" } as const;

export function toFhirPersonResult(facts: PersonResultFacts): PersonResultResources {
  const subject = refer("Patient", facts.patientId);
  const performer = [refer("Organization", facts.laboratoryId)];
  const code = concept(codeSystems.loinc, test.code, test.text);
  return {
    specimen: compact<Specimen>({
      resourceType: "Specimen",
      id: facts.id,
      ...extensions([extensionUrls.pooledCount, { valueInteger: facts.pooledCount }]),
      accessionIdentifier: facts.tubeCode
        ? { system: identifierSystems.tube, value: facts.tubeCode }
        : null,
      status: "available",
      type: concept(codeSystems.snomed, "258500001", "Nasopharyngeal swab"),
      subject,
      collection: { collectedDateTime: facts.sampledAt.toISOString() },
    }),
    observation: {
      resourceType: "Observation",
      id: facts.id,
      status: "final",
      category: [concept(codeSystems.observationCategory, "laboratory")],
      code,
      subject,
      effectiveDateTime: facts.sampledAt.toISOString(),
      issued: facts.testedAt.toISOString(),
      performer,
      valueCodeableConcept: concept(
        codeSystems.snomed,
        findings[facts.result],
        words[facts.result],
      ),
      method: { text: facts.method },
      specimen: refer("Specimen", facts.id),
    },
    report: {
      resourceType: "DiagnosticReport",
      id: facts.id,
      status: "final",
      category: [concept(codeSystems.diagnosticService, "MB")],
      code,
      subject,
      effectiveDateTime: facts.sampledAt.toISOString(),
      issued: facts.releasedAt.toISOString(),
      performer,
      specimen: [refer("Specimen", facts.id)],
      result: [refer("Observation", facts.id)],
    },
  };
}

/** @throws FhirMappingError for other resources or findings, and parts that are not about the same thing */
export function fromFhirPersonResult(resources: {
  readonly report: Resource;
  readonly observation: Resource;
  readonly specimen: Resource;
}): PersonResultFacts {
  const { report, observation, specimen } = resources;
  expectType(report, "DiagnosticReport");
  expectType(observation, "Observation");
  expectType(specimen, "Specimen");
  const id = need(report.id, "DiagnosticReport.id");
  const patientId = idOf(report.subject, "Patient", "DiagnosticReport.subject");
  for (const [path, found] of [
    ["DiagnosticReport.result", idOf(report.result?.[0], "Observation", "DiagnosticReport.result")],
    [
      "DiagnosticReport.specimen",
      idOf(report.specimen?.[0], "Specimen", "DiagnosticReport.specimen"),
    ],
    ["Observation.id", observation.id],
    ["Specimen.id", specimen.id],
  ] as const)
    if (found !== id) throw new FhirMappingError(path, "contradiction");
  for (const [path, subject] of [
    ["Observation.subject", observation.subject],
    ["Specimen.subject", specimen.subject],
  ] as const)
    if (idOf(subject, "Patient", path) !== patientId)
      throw new FhirMappingError(path, "contradiction");
  return {
    id,
    patientId,
    result: keyOf(
      findings,
      codeIn(
        observation.valueCodeableConcept ? [observation.valueCodeableConcept] : [],
        codeSystems.snomed,
      ),
      "Observation.value",
    ),
    pooledCount: need(
      extensionOf(specimen, extensionUrls.pooledCount)?.valueInteger,
      "Specimen.extension(pooledCount)",
    ),
    tubeCode: specimen.accessionIdentifier?.value ?? null,
    method: need(observation.method?.text, "Observation.method"),
    sampledAt: dateOf(specimen.collection?.collectedDateTime, "Specimen.collection"),
    testedAt: dateOf(observation.issued, "Observation.issued"),
    releasedAt: dateOf(report.issued, "DiagnosticReport.issued"),
    laboratoryId: idOf(report.performer?.[0], "Organization", "DiagnosticReport.performer"),
  };
}
