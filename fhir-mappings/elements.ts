/** Small pieces that every map uses: references, codings, extensions, code tables. */
import type { CodeableConcept, Coding, Extension, Reference, Resource } from "@medplum/fhirtypes";
import { FhirMappingError } from "./mapping-error.ts";
import { codeSystems } from "./systems.ts";

/** Every type that the maps write. `/fhir` states which of them it serves. */
export const mappedTypes = [
  "AllergyIntolerance",
  "Appointment",
  "AppointmentResponse",
  "Binary",
  "CarePlan",
  "Communication",
  "Composition",
  "Condition",
  "Consent",
  "DiagnosticReport",
  "DocumentReference",
  "Encounter",
  "EpisodeOfCare",
  "Flag",
  "HealthcareService",
  "Immunization",
  "Location",
  "MedicationDispense",
  "MedicationRequest",
  "Observation",
  "Organization",
  "OrganizationAffiliation",
  "Patient",
  "Practitioner",
  "PractitionerRole",
  "Provenance",
  "Questionnaire",
  "QuestionnaireResponse",
  "Schedule",
  "ServiceRequest",
  "Slot",
  "Specimen",
  "Task",
] as const;
export type MappedType = (typeof mappedTypes)[number];

/** Refuses a resource of another type. @throws FhirMappingError `wrong-shape` */
export function expectType<Type extends MappedType>(
  resource: Resource,
  type: Type,
): asserts resource is Extract<Resource, { resourceType: Type }> {
  if (resource.resourceType !== type) throw new FhirMappingError("resourceType", "wrong-shape");
}

/** @throws FhirMappingError `missing` */
export function need<Value>(value: Value | null | undefined, path: string): Value {
  if (value === undefined || value === null) throw new FhirMappingError(path, "missing");
  return value;
}

export function refer<Type extends MappedType>(
  type: Type,
  id: string,
  display?: string | null,
): Reference<Extract<Resource, { resourceType: Type }>> {
  const reference = { reference: `${type}/${id}` };
  return display ? { ...reference, display } : reference;
}

/** Id of a local reference of one type. @throws FhirMappingError `missing`, `wrong-shape` */
export function idOf(reference: Reference | undefined, type: MappedType, path: string): string {
  const [found, id, more] = need(reference?.reference, path).split("/");
  if (found !== type || !id || more !== undefined) throw new FhirMappingError(path, "wrong-shape");
  return id;
}

export function idOrNull(
  reference: Reference | undefined,
  type: MappedType,
  path: string,
): string | null {
  return reference?.reference === undefined ? null : idOf(reference, type, path);
}

/** A coded concept; `text` is what a person reads. */
export function concept(system: string, code: string, text?: string | null): CodeableConcept {
  return text
    ? { coding: [{ system, code, display: text }], text }
    : { coding: [{ system, code }] };
}

/** The code of a concept in one system; other systems beside it are allowed. */
export function codeIn(
  concepts: readonly CodeableConcept[] | undefined,
  system: string,
): string | undefined {
  for (const one of concepts ?? []) {
    const coding = one.coding?.find((candidate: Coding) => candidate.system === system);
    if (coding?.code !== undefined) return coding.code;
  }
  return undefined;
}

/**
 * A code that must be one of ours.
 * @throws FhirMappingError `missing` when there is none, `unknown-code` when it is not in the list
 */
export function knownCode<Code extends string>(
  code: string | undefined,
  known: readonly Code[],
  path: string,
): Code {
  const found = known.find((one) => one === need(code, path));
  if (found === undefined) throw new FhirMappingError(path, "unknown-code");
  return found;
}

/** Our values that a table maps to one FHIR code, in the table's order. */
export function keysOf<Key extends string, Code extends string>(
  table: Readonly<Record<Key, Code>>,
  code: string | undefined,
  path: string,
): readonly Key[] {
  const keys = (Object.keys(table) as Key[]).filter((key) => table[key] === code);
  if (keys.length === 0)
    throw new FhirMappingError(path, code === undefined ? "missing" : "unknown-code");
  return keys;
}

/** The one value that a one-to-one table maps to a FHIR code. */
export function keyOf<Key extends string, Code extends string>(
  table: Readonly<Record<Key, Code>>,
  code: string | undefined,
  path: string,
): Key {
  return need(keysOf(table, code, path)[0], path);
}

type ExtensionValue = Omit<Extension, "url" | "id" | "extension">;

/** Extensions whose value is there: null and undefined are left out. */
export function extensions(
  ...list: readonly (readonly [url: string, value: ExtensionValue | null])[]
): { extension?: Extension[] } {
  const extension = list.flatMap(([url, value]) =>
    value === null || Object.values(value).every((part) => part === undefined || part === null)
      ? []
      : [{ url, ...value }],
  );
  return extension.length > 0 ? { extension } : {};
}

export function extensionOf(
  element: { extension?: Extension[] | undefined } | undefined,
  url: string,
): Extension | undefined {
  return element?.extension?.find((one) => one.url === url);
}

/** Leaves out members that are null, undefined, empty text or an empty list: FHIR has none of these. */
export function compact<Shape extends object>(
  shape: { [Key in keyof Shape]: Shape[Key] | null | undefined },
): Shape {
  return Object.fromEntries(
    Object.entries(shape).filter(
      ([, value]) =>
        value !== null &&
        value !== undefined &&
        value !== "" &&
        !(Array.isArray(value) && value.length === 0),
    ),
  ) as Shape;
}

export function instantOf(date: Date | null): string | undefined {
  return date?.toISOString();
}

/** @throws FhirMappingError `wrong-shape` for a text that is no instant */
export function dateOf(text: string | undefined, path: string): Date {
  const date = new Date(need(text, path));
  if (Number.isNaN(date.getTime())) throw new FhirMappingError(path, "wrong-shape");
  return date;
}

export function dateOrNull(text: string | undefined, path: string): Date | null {
  return text === undefined ? null : dateOf(text, path);
}

/** A thing of an open terminology as its source says it: the words, and the code where there is one. */
export interface CodedWords {
  /** Both or neither. */
  readonly system: string | null;
  readonly code: string | null;
  readonly text: string;
}

export function codedConcept({ system, code, text }: CodedWords): CodeableConcept {
  return system !== null && code !== null ? concept(system, code, text) : { text };
}

/** The words of a concept as its source wrote them; a code alone is better than nothing. */
export function wordsOf(value: CodeableConcept | undefined): string | null {
  return (
    value?.text ??
    value?.coding?.find((one) => one.display)?.display ??
    value?.coding?.[0]?.code ??
    null
  );
}

/** @throws FhirMappingError `missing` for a concept without words and codes */
export function codedWordsOf(value: CodeableConcept | undefined, path: string): CodedWords {
  const named = value?.coding?.find((one) => one.system && one.code);
  return {
    system: named?.system ?? null,
    code: named?.code ?? null,
    text: need(wordsOf(value), path),
  };
}

/**
 * A code of a closed list, as a concept that is bound to it.
 * @returns null without such a concept
 * @throws FhirMappingError `unknown-code` for a concept that has no code of the list
 */
export function boundCode<Code extends string>(
  value: CodeableConcept | undefined,
  system: string,
  known: readonly Code[],
  path: string,
): Code | null {
  if (value === undefined) return null;
  // Some systems leave the system out: the binding says which it is.
  const coding = value.coding?.find((one) => one.system === system || one.system === undefined);
  const found = known.find((one) => one === coding?.code);
  if (found === undefined) throw new FhirMappingError(path, "unknown-code");
  return found;
}

/** Id of a reference to one of the same store, whatever it says about others. */
export function idNearby(reference: Reference | undefined, type: MappedType): string | null {
  const [found, id, more] = reference?.reference?.split("/") ?? [];
  return found === type && id && more === undefined ? id : null;
}

/** By what a thing is the same thing elsewhere. */
export interface BusinessName {
  readonly system: string;
  readonly value: string;
}

/** The first of a resource's identifiers that says of which system it is. */
export function firstName(
  list: readonly { readonly system?: string; readonly value?: string }[] | undefined,
): BusinessName | null {
  const found = list?.find((one) => one.system && one.value);
  return found?.system && found.value ? { system: found.system, value: found.value } : null;
}

export interface MappedDiagnosis {
  /** ICD-10; null when only words are known. */
  readonly code: string | null;
  readonly text: string;
}

const WHO_FORM = /^[A-Z]\d{2}(?:\.\d{1,2})?$/;
const CHINESE_FORM = /^[A-Z]\d{2}(?:[+*]|\.(?:[0-9A-Za-z+*]{1,6}|[0-9x]{3}x\d{3}[+*]?))?$/;

/**
 * A diagnosis as a concept: WHO codes under HL7's name for ICD-10, longer national
 * ones under the national table's OID.
 * @throws FhirMappingError `unknown-code` for what is no ICD-10 code
 */
export function diagnosisConcept({ code, text }: MappedDiagnosis): CodeableConcept {
  if (code === null) return { text };
  if (!CHINESE_FORM.test(code)) throw new FhirMappingError("code", "unknown-code");
  const system = WHO_FORM.test(code) ? codeSystems.icd10 : codeSystems.icd10China;
  return { coding: [{ system, code, display: text }], text };
}

/** @throws FhirMappingError `unknown-code` for another system or a code that is none */
export function diagnosisOf(value: CodeableConcept, path: string): MappedDiagnosis {
  const [coding] = value.coding ?? [];
  if (!coding) return { code: null, text: need(value.text, path) };
  const form =
    coding.system === codeSystems.icd10
      ? WHO_FORM
      : coding.system === codeSystems.icd10China
        ? CHINESE_FORM
        : undefined;
  const code = need(coding.code, path);
  if (!form?.test(code)) throw new FhirMappingError(path, "unknown-code");
  return { code, text: need(value.text ?? coding.display, path) };
}

/** A diagnosis of ours among {@link CodedWords}. @throws FhirMappingError `unknown-code` for what is no ICD-10 code */
export function codedDiagnosis(diagnosis: MappedDiagnosis): CodedWords {
  return codedWordsOf(diagnosisConcept(diagnosis), "code");
}
