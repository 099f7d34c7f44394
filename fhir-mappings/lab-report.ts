/**
 * What a laboratory found in a tube: DiagnosticReport with its Specimen and Observation, contained or beside
 * it in a Bundle. A pooled tube has no subject: whose it is does not leave the house.
 */
import type {
  CodeableConcept,
  DiagnosticReport,
  Observation,
  ObservationComponent,
  Reference,
  Resource,
  Specimen,
} from "@medplum/fhirtypes";
import {
  compact,
  concept,
  dateOf,
  extensionOf,
  extensions,
  keysOf,
  knownCode,
  need,
  refer,
} from "./elements.ts";
import { FhirMappingError } from "./mapping-error.ts";
import { codeSystems, extensionUrls, identifierSystems } from "./systems.ts";

export const labReportStatuses = ["preliminary", "final", "corrected"] as const;
export type LabReportStatus = (typeof labReportStatuses)[number];
export const labFindings = [
  "negative",
  "positive",
  "grey-zone",
  "single-target",
  "rejected",
] as const;
export type LabFindingCode = (typeof labFindings)[number];

export interface LabReportFacts {
  readonly id: string | null;
  /** The laboratory system's own name of the report: the same again is the same report. */
  readonly identifier: { readonly system: string; readonly value: string };
  readonly status: LabReportStatus;
  readonly tubeCode: string;
  /** Persons in the tube; null when nobody says. */
  readonly pooledCount: number | null;
  readonly result: LabFindingCode;
  readonly method: string | null;
  readonly ctOrf: number | null;
  readonly ctN: number | null;
  readonly testedAt: Date;
  readonly reportedAt: Date;
  readonly laboratoryId: string | null;
  /** Why it was corrected, or why the tube was rejected. */
  readonly reason: string | null;
}

type Coded = { readonly system: string; readonly code: string; readonly display: string };

/** SNOMED CT where it has a code; a grey zone and a single target are ours. Null: nothing was tested. */
const codingOf: Readonly<Record<LabFindingCode, Coded | null>> = {
  negative: { system: codeSystems.snomed, code: "260385009", display: "Negative" },
  positive: { system: codeSystems.snomed, code: "10828004", display: "Positive" },
  "grey-zone": { system: codeSystems.labResult, code: "grey-zone", display: "Grey zone" },
  "single-target": {
    system: codeSystems.labResult,
    code: "single-target",
    display: "Single target",
  },
  rejected: null,
};
/** What other systems say for the same; read, never written. */
const synonyms: readonly (Omit<Coded, "display"> & { result: LabFindingCode })[] = [
  { system: codeSystems.snomed, code: "260415000", result: "negative" },
  { system: codeSystems.snomed, code: "260373001", result: "positive" },
];
/** LOINC: SARS-CoV-2 RNA in a respiratory specimen, by amplification. */
const testCode = {
  code: "94500-6",
  text: "SARS-CoV-2 RNA Resp Ql NAA+probe",
} as const;
const specimenId = "specimen";
const resultId = "result";

export function toFhirLabReport(facts: LabReportFacts): DiagnosticReport {
  const rejected = facts.result === "rejected";
  const specimen: Specimen = compact<Specimen>({
    resourceType: "Specimen",
    id: specimenId,
    ...extensions([
      extensionUrls.pooledCount,
      facts.pooledCount === null ? null : { valueInteger: facts.pooledCount },
    ]),
    accessionIdentifier: { system: identifierSystems.tube, value: facts.tubeCode },
    status: rejected ? "unsatisfactory" : "available",
    type: concept(codeSystems.snomed, "258500001", "Nasopharyngeal swab"),
  });
  const value = codingOf[facts.result];
  const observation: Observation = compact<Observation>({
    resourceType: "Observation",
    id: resultId,
    status: rejected ? "cancelled" : facts.status === "preliminary" ? "preliminary" : facts.status,
    code: concept(codeSystems.loinc, testCode.code, testCode.text),
    effectiveDateTime: facts.testedAt.toISOString(),
    specimen: { reference: `#${specimenId}` },
    valueCodeableConcept: value ? concept(value.system, value.code, value.display) : null,
    dataAbsentReason: rejected
      ? concept("http://terminology.hl7.org/CodeSystem/data-absent-reason", "not-performed")
      : null,
    method: facts.method ? { text: facts.method } : null,
    component: [component("ct-orf1ab", facts.ctOrf), component("ct-n", facts.ctN)].flatMap((one) =>
      one ? [one] : [],
    ),
  });
  return compact<DiagnosticReport>({
    resourceType: "DiagnosticReport",
    id: facts.id,
    contained: [specimen, observation],
    identifier: [{ ...facts.identifier }],
    status: facts.status,
    category: [concept(codeSystems.diagnosticService, "MB")],
    code: concept(codeSystems.loinc, testCode.code, testCode.text),
    effectiveDateTime: facts.testedAt.toISOString(),
    issued: facts.reportedAt.toISOString(),
    performer: facts.laboratoryId ? [refer("Organization", facts.laboratoryId)] : null,
    specimen: [{ reference: `#${specimenId}` }],
    result: [{ reference: `#${resultId}` }],
    conclusion: facts.reason,
  });
}

function component(code: string, value: number | null): ObservationComponent | null {
  if (value === null) return null;
  return { code: concept(codeSystems.labResult, code), valueQuantity: { value } };
}

/**
 * @param beside resources of the same Bundle by `fullUrl`; contained ones are found by themselves
 * @throws FhirMappingError for another status or code than ours, a report of another test, without identifier,
 *   tube, time or result, or whose parts contradict each other
 */
export function fromFhirLabReport(
  resource: Resource,
  beside: ReadonlyMap<string, Resource> = new Map(),
): LabReportFacts {
  if (resource.resourceType !== "DiagnosticReport")
    throw new FhirMappingError("resourceType", "wrong-shape");
  const report = resource;
  const status = report.status === "amended" ? "corrected" : report.status;
  const identifier = need(report.identifier?.[0], "DiagnosticReport.identifier");
  assertTest(report.code, "DiagnosticReport.code");
  const find = (reference: Reference | undefined, path: string) =>
    resolve(report, beside, reference, path);
  const specimen = tubeOf(report, find);
  const observation = need(
    find(report.result?.[0], "DiagnosticReport.result"),
    "DiagnosticReport.result",
  );
  if (observation.resourceType !== "Observation" || (report.result?.length ?? 0) > 1)
    throw new FhirMappingError("DiagnosticReport.result", "wrong-shape");
  assertTest(observation.code, "Observation.code");
  const result = resultOf(observation);
  if (
    (specimen.resource?.status === "unsatisfactory") !== (result === "rejected") &&
    specimen.resource
  )
    throw new FhirMappingError("Specimen.status", "contradiction");
  const testedAt = observation.effectiveDateTime ?? report.effectiveDateTime;
  return {
    id: report.id ?? null,
    identifier: {
      system: need(identifier.system, "DiagnosticReport.identifier.system"),
      value: need(identifier.value, "DiagnosticReport.identifier.value"),
    },
    status: knownCode(status, labReportStatuses, "DiagnosticReport.status"),
    tubeCode: specimen.code,
    pooledCount: specimen.resource
      ? (extensionOf(specimen.resource, extensionUrls.pooledCount)?.valueInteger ?? null)
      : null,
    result,
    method: observation.method?.text ?? null,
    ctOrf: ctOf(observation, "ct-orf1ab"),
    ctN: ctOf(observation, "ct-n"),
    testedAt: dateOf(testedAt, "DiagnosticReport.effectiveDateTime"),
    reportedAt: dateOf(report.issued, "DiagnosticReport.issued"),
    laboratoryId: laboratoryOf(report),
    reason: report.conclusion ?? null,
  };
}

function laboratoryOf(report: DiagnosticReport): string | null {
  const [type, id] = report.performer?.[0]?.reference?.split("/") ?? [];
  return type === "Organization" && id ? id : null;
}

function resolve(
  report: DiagnosticReport,
  beside: ReadonlyMap<string, Resource>,
  reference: Reference | undefined,
  path: string,
): Resource | undefined {
  const name = reference?.reference;
  if (!name) return undefined;
  const found = name.startsWith("#")
    ? report.contained?.find((one) => one.id === name.slice(1))
    : beside.get(name);
  return need(found, path);
}

function tubeOf(
  report: DiagnosticReport,
  find: (reference: Reference | undefined, path: string) => Resource | undefined,
): { code: string; resource: Specimen | null } {
  const [reference, more] = report.specimen ?? [];
  if (more) throw new FhirMappingError("DiagnosticReport.specimen", "wrong-shape");
  const found = find(reference, "DiagnosticReport.specimen");
  if (found && found.resourceType !== "Specimen")
    throw new FhirMappingError("DiagnosticReport.specimen", "wrong-shape");
  // A bare name of the tube is enough.
  const names = found
    ? [found.accessionIdentifier, ...(found.identifier ?? [])]
    : [reference?.identifier];
  const own = names.find((one) => one?.system === identifierSystems.tube);
  return {
    code: need(own?.value, "Specimen.accessionIdentifier"),
    resource: found ?? null,
  };
}

function resultOf(observation: Observation): LabFindingCode {
  const absent = observation.dataAbsentReason !== undefined;
  if (absent || observation.status === "cancelled") {
    if (observation.valueCodeableConcept || !absent || observation.status !== "cancelled")
      throw new FhirMappingError("Observation.status", "contradiction");
    return "rejected";
  }
  knownCode(
    observation.status,
    ["preliminary", "final", "amended", "corrected"],
    "Observation.status",
  );
  const found = new Set<LabFindingCode>();
  const codings = need(observation.valueCodeableConcept?.coding, "Observation.value");
  for (const { system, code } of codings) {
    for (const result of labFindings)
      if (codingOf[result]?.system === system && codingOf[result]?.code === code) found.add(result);
    for (const one of synonyms)
      if (one.system === system && one.code === code) found.add(one.result);
  }
  if (found.size > 1) throw new FhirMappingError("Observation.value", "contradiction");
  const [result] = found;
  if (!result) throw new FhirMappingError("Observation.value", "unknown-code");
  return result;
}

function ctOf(observation: Observation, code: string): number | null {
  const found = observation.component?.find((one) =>
    one.code.coding?.some(
      (coding) => coding.system === codeSystems.labResult && coding.code === code,
    ),
  );
  if (!found) return null;
  return need(found.valueQuantity?.value, "Observation.component.value");
}

/** Another test's report is not read as ours. */
function assertTest(code: CodeableConcept | undefined, path: string): void {
  const coding = code?.coding?.filter((one) => one.system === codeSystems.loinc) ?? [];
  keysOf({ test: testCode.code }, need(coding[0], path).code, path);
}
