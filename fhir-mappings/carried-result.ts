/**
 * Results that travel with a referral to or from a house outside: DiagnosticReport and Observation as the laboratory
 * wrote them, named by ServiceRequest.supportingInfo. What they say is kept; who, where and what for stays behind.
 */
import type {
  DiagnosticReport,
  Observation,
  Patient,
  Reference,
  Resource,
} from "@medplum/fhirtypes";
import { codeIn } from "./elements.ts";
import { FhirMappingError } from "./mapping-error.ts";
import { codeSystems } from "./systems.ts";

export type CarriedResult = DiagnosticReport | Observation;
/** A referral is no copy of a record. */
export const carriedMost = 60;

/** What a result says; the rest points at things of the other house. */
const kept: Readonly<Record<CarriedResult["resourceType"], readonly string[]>> = {
  DiagnosticReport: [
    "status",
    "category",
    "code",
    "effectiveDateTime",
    "effectivePeriod",
    "issued",
    "conclusion",
    "conclusionCode",
  ],
  Observation: [
    "status",
    "category",
    "code",
    "effectiveDateTime",
    "effectivePeriod",
    "issued",
    "valueQuantity",
    "valueCodeableConcept",
    "valueString",
    "valueBoolean",
    "valueInteger",
    "valueRange",
    "valueRatio",
    "valueDateTime",
    "dataAbsentReason",
    "interpretation",
    "referenceRange",
    "component",
    "method",
    "bodySite",
  ],
};

export const isVitalSign = (one: Resource): boolean =>
  one.resourceType === "Observation" &&
  one.category?.some((two) => codeIn([two], codeSystems.observationCategory) === "vital-signs") ===
    true;
export const isCarriedResult = (one: Resource): one is CarriedResult =>
  one.resourceType === "DiagnosticReport" ||
  (one.resourceType === "Observation" && !isVitalSign(one));

/** References by which a request names its results: reports, and values that stand in none of them. */
export function namesOfResults(results: readonly Resource[]): string[] {
  const within = new Set(
    results.flatMap((one) =>
      one.resourceType === "DiagnosticReport"
        ? (one.result ?? []).flatMap(({ reference }) => reference ?? [])
        : [],
    ),
  );
  return results
    .filter(isCarriedResult)
    .map((one) => `${one.resourceType}/${one.id}`)
    .filter((name) => !within.has(name));
}

/**
 * The results among resources that came with a referral, each under its id there.
 * @throws FhirMappingError at the `subject` of one that is about somebody else than this patient, or about nobody
 */
export function carriedResults(came: readonly Resource[], patient: Patient): CarriedResult[] {
  const local = came.flatMap(withContained);
  for (const one of local) if (one.resourceType === "Observation") assertAbout(one, patient);
  const results = local.filter(isCarriedResult);
  for (const one of results) {
    if (!one.subject) throw new FhirMappingError(`${one.resourceType}.subject`, "missing");
    assertAbout(one, patient);
  }
  const told = results.filter((one) => one.status !== "entered-in-error").slice(0, carriedMost);
  const known = new Set(told.map((one) => `${one.resourceType}/${one.id}`));
  return told.map((one) => resultOf(one, patient, known));
}

/** Values that lie in their report stand beside it; they are about whom the report is about. */
function withContained(one: Resource): Resource[] {
  if (one.resourceType !== "DiagnosticReport" || !one.contained) return [one];
  const { contained, ...report } = one;
  const values = contained.filter(
    (part): part is Observation => part.resourceType === "Observation",
  );
  const idOf = (part: Observation) => `${one.id}-${part.id}`;
  return [
    {
      ...report,
      result: report.result?.map((named) => {
        const part = values.find(({ id }) => named.reference === `#${id}`);
        return part ? { reference: `Observation/${idOf(part)}` } : named;
      }),
    },
    ...values.map((part) => ({ ...part, id: idOf(part), subject: part.subject ?? one.subject })),
  ];
}

function assertAbout(one: CarriedResult, patient: Patient): void {
  const { subject } = one;
  if (!subject) return;
  const named = subject.reference ? subject.reference === `Patient/${patient.id}` : null;
  const identified = subject.identifier
    ? (patient.identifier?.some(
        (own) =>
          own.system === subject.identifier?.system && own.value === subject.identifier?.value,
      ) ?? false)
    : null;
  if (named === false || (named === null && identified !== true))
    throw new FhirMappingError(`${one.resourceType}.subject`, "contradiction");
}

function resultOf(one: CarriedResult, patient: Patient, known: ReadonlySet<string>): CarriedResult {
  const said = Object.fromEntries(
    Object.entries(one).filter(([name]) => kept[one.resourceType].includes(name)),
  );
  const by = (one.performer ?? []).flatMap(({ display }): Reference[] =>
    display ? [{ display }] : [],
  );
  const about = {
    id: one.id,
    subject: { reference: `Patient/${patient.id}` },
    ...(by.length > 0 ? { performer: by } : {}),
  };
  if (one.resourceType === "Observation")
    return {
      ...said,
      resourceType: "Observation",
      status: one.status,
      code: one.code,
      ...about,
    } as Observation;
  const values = (one.result ?? []).filter(({ reference }) => known.has(reference ?? ""));
  return {
    ...said,
    resourceType: "DiagnosticReport",
    status: one.status,
    code: one.code,
    ...about,
    ...(values.length > 0 ? { result: values.map(({ reference }) => ({ reference })) } : {}),
  } as DiagnosticReport;
}

/** The same results as parts of a referral of ours: under its name, about our patient. */
export function resultsOfReferral(
  results: readonly CarriedResult[],
  referralId: string,
  patientId: string,
): CarriedResult[] {
  const names = new Map(
    results.map((one, n) => [`${one.resourceType}/${one.id}`, `${referralId}-result-${n + 1}`]),
  );
  return results.map((one, n) => {
    const own = {
      id: `${referralId}-result-${n + 1}`,
      subject: { reference: `Patient/${patientId}` },
    };
    if (one.resourceType === "Observation") return { ...one, ...own };
    const values = (one.result ?? []).flatMap(({ reference }) => {
      const id = names.get(reference ?? "");
      return id ? [{ reference: `Observation/${id}` }] : [];
    });
    return { ...one, ...own, ...(values.length > 0 ? { result: values } : {}) };
  });
}
