import { toFhirAllergy } from "../../fhir-mappings/allergy-intolerance.ts";
import { toFhirCondition } from "../../fhir-mappings/condition.ts";
import { codedDiagnosis } from "../../fhir-mappings/elements.ts";
import { toFhirImmunization } from "../../fhir-mappings/immunization.ts";
import {
  type PrescriptionState,
  toFhirMedicationRequest,
} from "../../fhir-mappings/medication-request.ts";
import { codeSystems } from "../../fhir-mappings/systems.ts";
import type { FhirResource } from "../fhir/service.ts";

/** Clinical records of the demo's patients: invented, with a fixed seed and days before the base day. */
export type DemoRecord = {
  readonly key: string;
  readonly patientId: string;
  readonly name: string;
  readonly sex: "male" | "female";
  readonly ageYears: number;
};
type Part = { [key: string]: unknown };

const loinc = "http://loinc.org";
const categories = "http://terminology.hl7.org/CodeSystem/observation-category";
const ucum = "http://unitsofmeasure.org";
const actCode = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

/** Numbers from 0 to 1 that are the same at every start (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Makes the resources of one patient at one institution. */
export function recordWriter(record: DemoRecord, baseDay: Date) {
  const subject = { reference: `Patient/${record.patientId}` };
  const at = (daysAgo: number) => new Date(baseDay.getTime() - daysAgo * 86_400_000).toISOString();
  let number = 0;
  const id = (kind: string) => {
    number += 1;
    return `demo-${record.key}-${kind}-${number}`;
  };
  const make = (resourceType: string, kind: string, content: Part): FhirResource =>
    ({ resourceType, id: id(kind), ...content }) as FhirResource;
  const named = (kind: string) => ({ id: id(kind), name: null, patientId: record.patientId });
  const mapped = (resource: object, more: Part = {}) => ({ ...more, ...resource }) as FhirResource;
  const words = (text: string) => ({ system: null, code: null, text });
  const coded = (system: string, code: string, text: string) => ({
    coding: [{ system, code, display: text }],
    text,
  });
  const quantity = (value: number, unit: string, code: string) => ({
    value,
    unit,
    system: ucum,
    code,
  });
  const category = (code: "vital-signs" | "laboratory") => [
    { coding: [{ system: categories, code }] },
  ];
  return {
    patient: (): FhirResource =>
      ({
        resourceType: "Patient",
        id: record.patientId,
        identifier: [{ system: "urn:yilian:patient", value: record.patientId }],
        name: [{ use: "official", text: record.name }],
        gender: record.sex,
        birthDate: String(baseDay.getUTCFullYear() - record.ageYears),
      }) as FhirResource,
    allergy: (text: string, reaction: string, daysAgo: number) =>
      mapped(
        toFhirAllergy({
          ...named("allergy"),
          substance: words(text),
          kind: null,
          categories: ["medication"],
          risk: "high",
          course: "active",
          certainty: "confirmed",
          onset: null,
          recordedAt: at(daysAgo),
          reactions: [{ manifestations: [words(reaction)], severity: "moderate" }],
        }),
      ),
    condition: (code: string, text: string, daysAgo: number, sensitive?: string) =>
      mapped(
        toFhirCondition({
          ...named("condition"),
          place: null,
          course: "active",
          certainty: "confirmed",
          diagnosis: codedDiagnosis({ code, text }),
          onset: null,
          ended: null,
          recordedAt: at(daysAgo),
          encounterId: null,
          asserterId: null,
        }),
        sensitive ? { meta: { security: [{ system: actCode, code: sensitive }] } } : {},
      ),
    medicine: (
      text: string,
      dosage: string,
      daysAgo: number,
      state: PrescriptionState = "in-use",
    ) =>
      mapped(
        toFhirMedicationRequest({
          ...named("medicine"),
          state,
          intent: "order",
          medicine: words(text),
          authoredAt: at(daysAgo),
          prescriberId: null,
          encounterId: null,
          dosage: [dosage],
          quantity: null,
          supplyDays: null,
        }),
      ),
    haemoglobin: (value: number, daysAgo: number) =>
      make("Observation", "hb", {
        status: "final",
        category: category("laboratory"),
        code: coded(loinc, "718-7", "血红蛋白"),
        subject,
        effectiveDateTime: at(daysAgo),
        valueQuantity: quantity(value, "g/L", "g/L"),
      }),
    saturation: (value: number, daysAgo: number) =>
      make("Observation", "spo2", {
        status: "final",
        category: category("vital-signs"),
        code: coded(loinc, "2708-6", "血氧饱和度"),
        subject,
        effectiveDateTime: at(daysAgo),
        valueQuantity: quantity(value, "%", "%"),
      }),
    pressure: (systolic: number, diastolic: number, daysAgo: number) =>
      make("Observation", "bp", {
        status: "final",
        category: category("vital-signs"),
        code: coded(loinc, "85354-9", "血压"),
        subject,
        effectiveDateTime: at(daysAgo),
        component: [
          {
            code: coded(loinc, "8480-6", "收缩压"),
            valueQuantity: quantity(systolic, "mmHg", "mm[Hg]"),
          },
          {
            code: coded(loinc, "8462-4", "舒张压"),
            valueQuantity: quantity(diastolic, "mmHg", "mm[Hg]"),
          },
        ],
      }),
    vital: (
      [code, text, unit]: readonly [code: string, text: string, unit: string],
      value: number,
      daysAgo: number,
    ) =>
      make("Observation", "vital", {
        status: "final",
        category: category("vital-signs"),
        code: coded(loinc, code, text),
        subject,
        effectiveDateTime: at(daysAgo),
        valueQuantity: quantity(value, unit, unit),
      }),
    device: (text: string, status: "active" | "completed", daysAgo: number) =>
      make("DeviceUseStatement", "device", {
        status,
        subject,
        recordedOn: at(daysAgo),
        device: { display: text },
      }),
    report: (text: string, conclusion: string, results: readonly FhirResource[], daysAgo: number) =>
      make("DiagnosticReport", "report", {
        status: "final",
        code: { text },
        subject,
        effectiveDateTime: at(daysAgo),
        issued: at(daysAgo),
        ...(results.length > 0
          ? { result: results.map((one) => ({ reference: `Observation/${one.id}` })) }
          : {}),
        conclusion,
      }),
    visit: (text: string, daysAgo: number, icd10?: string) =>
      make("Encounter", "visit", {
        status: "finished",
        class: { system: actCode, code: "AMB", display: "ambulatory" },
        subject,
        period: { start: at(daysAgo), end: at(daysAgo - 1 / 24) },
        reasonCode: [icd10 ? coded(codeSystems.icd10, icd10, text) : { text }],
      }),
    vaccine: (text: string, daysAgo: number) =>
      mapped(
        toFhirImmunization({
          ...named("vaccine"),
          state: "given",
          vaccine: words(text),
          when: { at: at(daysAgo).slice(0, 10) },
          lotNumber: null,
          dose: null,
          reason: null,
        }),
      ),
    document: (title: string, content: string, daysAgo: number) =>
      make("DocumentReference", "document", {
        status: "current",
        type: { text: title },
        subject,
        date: at(daysAgo),
        content: [
          {
            attachment: {
              contentType: "text/plain; charset=utf-8",
              language: "zh-CN",
              data: Buffer.from(content).toString("base64"),
              title,
            },
          },
        ],
      }),
  };
}
