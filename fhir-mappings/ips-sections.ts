/** Which of a person's resources belong into which section of a patient summary. Pure. */
import type {
  AllergyIntolerance,
  CodeableConcept,
  Condition,
  Observation,
  Resource,
} from "@medplum/fhirtypes";
import { fromFhirAllergy } from "./allergy-intolerance.ts";
import { type Certainty, fromFhirCondition, pastCourses } from "./condition.ts";
import { wordsOf } from "./elements.ts";
import { type IpsLanguage, ipsCertainty } from "./ips-words.ts";
import { readOrNull } from "./mapping-error.ts";
import { fromFhirMedicationRequest, type PrescriptionState } from "./medication-request.ts";

/** In the order of the document. */
export const ipsSectionNames = [
  "allergies",
  "problems",
  "medications",
  "immunizations",
  "results",
  "procedures",
  "devices",
  "vitalSigns",
  "socialHistory",
  "pastProblems",
] as const;
export type IpsSectionName = (typeof ipsSectionNames)[number];
export type IpsSection = { readonly name: IpsSectionName; readonly resources: readonly Resource[] };

/** So many values of one kind are a trend; more are for the record itself. */
const resultsOfAKind = 3;
const notTrue = ["entered-in-error", "refuted"];
const taken = ["active", "on-hold", "unknown", "intended"];
const inSummary: readonly PrescriptionState[] = ["in-use", "paused", "unknown"];

/** The resources of each section, the newest first; a resource stands in one section or in none. */
export function ipsSectionsOf(resources: readonly Resource[]): IpsSection[] {
  const sections = new Map<IpsSectionName, Resource[]>(ipsSectionNames.map((name) => [name, []]));
  const seen = new Map<string, number>();
  const newestFirst = [...resources].sort((left, right) =>
    instantOf(right).localeCompare(instantOf(left)),
  );
  for (const resource of newestFirst) {
    const name = sectionOf(resource);
    if (!name) continue;
    if (resource.resourceType === "Observation") {
      const kind = `${name} ${kindOf(resource)}`;
      const count = (seen.get(kind) ?? 0) + 1;
      seen.set(kind, count);
      if (count > (name === "results" ? resultsOfAKind : 1)) continue;
    }
    sections.get(name)!.push(resource);
  }
  return [...sections].map(([name, of]) => ({ name, resources: of }));
}

function sectionOf(resource: Resource): IpsSectionName | null {
  switch (resource.resourceType) {
    case "AllergyIntolerance":
      return allergySection(resource);
    case "Condition":
      return conditionSection(resource);
    case "MedicationRequest": {
      const state = readOrNull(() => fromFhirMedicationRequest(resource))?.state;
      if (state !== undefined) return inSummary.includes(state) ? "medications" : null;
      return taken.includes(resource.status ?? "") ? "medications" : null;
    }
    case "MedicationStatement":
      return taken.includes(resource.status ?? "") ? "medications" : null;
    case "Immunization":
      return resource.status === "completed" ? "immunizations" : null;
    case "Procedure":
      return ["completed", "in-progress"].includes(resource.status) ? "procedures" : null;
    case "DeviceUseStatement":
      return resource.status === "active" ? "devices" : null;
    case "DiagnosticReport":
      return ["final", "amended", "corrected"].includes(resource.status) ? "results" : null;
    case "Observation":
      return ["final", "amended", "corrected"].includes(resource.status ?? "")
        ? observationSection(resource)
        : null;
    default:
      return null;
  }
}

/** What cannot be read stands there by its words: nothing that may harm is left out because of a code. */
function allergySection(resource: AllergyIntolerance): IpsSectionName | null {
  const certainty = readOrNull(() => fromFhirAllergy(resource))?.certainty;
  if (certainty === undefined)
    return codeOf(resource.verificationStatus) === "entered-in-error" ? null : "allergies";
  return certainty === "ruled-out" || certainty === "entered-in-error" ? null : "allergies";
}

function conditionSection(resource: Condition): IpsSectionName | null {
  const facts = readOrNull(() => fromFhirCondition(resource));
  if (!facts) return notTrue.includes(codeOf(resource.verificationStatus)) ? null : "problems";
  const { certainty, course } = facts;
  if (certainty === "ruled-out" || certainty === "entered-in-error") return null;
  return course !== null && pastCourses.includes(course) ? "pastProblems" : "problems";
}

function observationSection({ category }: Observation): IpsSectionName | null {
  const codes = (category ?? []).map(codeOf);
  if (codes.includes("vital-signs")) return "vitalSigns";
  if (codes.includes("social-history")) return "socialHistory";
  return codes.length === 0 || codes.includes("laboratory") || codes.includes("imaging")
    ? "results"
    : null;
}

const codeOf = (concept: CodeableConcept | undefined): string => concept?.coding?.[0]?.code ?? "";
const kindOf = ({ code }: Observation): string => codeOf(code) || (code?.text ?? "");

/** When it was so, as text that sorts; what has no date is the oldest. */
export function instantOf(resource: Resource): string {
  const fields = resource as unknown as Readonly<Record<string, unknown>>;
  for (const name of dateFields) {
    const value = fields[name];
    if (typeof value === "string") return value;
    if (typeof value === "object" && value !== null) {
      const { start, end } = value as { start?: string; end?: string };
      if (start ?? end) return String(start ?? end);
    }
  }
  return "";
}
const dateFields = [
  "effectiveDateTime",
  "effectivePeriod",
  "effectiveInstant",
  "occurrenceDateTime",
  "performedDateTime",
  "performedPeriod",
  "onsetDateTime",
  "authoredOn",
  "recordedDate",
  "recordedOn",
  "dateAsserted",
  "issued",
];

/** One line about a resource, as the source worded it: name, how sure it is where it is not, value, day. */
export function lineOf(resource: Resource, language: IpsLanguage): string {
  const fields = resource as unknown as Readonly<Record<string, unknown>>;
  const concept = (fields.code ??
    fields.medicationCodeableConcept ??
    fields.vaccineCode ??
    {}) as CodeableConcept;
  const reference = fields.medicationReference as { display?: string } | undefined;
  const name = wordsOf(concept) ?? reference?.display ?? resource.resourceType;
  const value = resource.resourceType === "Observation" ? valueText(resource) : "";
  const certainty =
    resource.resourceType === "Condition"
      ? readOrNull(() => fromFhirCondition(resource))?.certainty
      : null;
  const unsure = isUnsure(certainty) ? ipsCertainty[certainty][language] : "";
  return [name, unsure, value, instantOf(resource).slice(0, 10)]
    .filter((part) => part !== "")
    .join(" · ");
}

const isUnsure = (
  certainty: Certainty | null | undefined,
): certainty is keyof typeof ipsCertainty => !!certainty && certainty in ipsCertainty;

function valueText(observation: Observation): string {
  const { valueQuantity, valueString, valueCodeableConcept, component } = observation;
  if (valueQuantity)
    return `${valueQuantity.comparator ?? ""}${valueQuantity.value ?? ""} ${valueQuantity.unit ?? ""}`.trim();
  if (valueString) return valueString;
  if (valueCodeableConcept)
    return valueCodeableConcept.text ?? valueCodeableConcept.coding?.[0]?.display ?? "";
  return (component ?? [])
    .map((part) => valueText(part as Observation))
    .filter((text) => text !== "")
    .join(" / ");
}
