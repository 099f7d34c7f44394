/**
 * Observation: vital signs as they were measured where the patient is (R4 observation-vitalsigns.html), each
 * with the height of the place: a saturation is judged by it.
 */
import type { Observation, ObservationComponent, Quantity, Resource } from "@medplum/fhirtypes";
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

export const vitalSigns = [
  "temperature",
  "pressure",
  "pulse",
  "breathing",
  "oxygen",
  "weight",
  "height",
] as const;
export type VitalSign = (typeof vitalSigns)[number];

/** Null: not measured. A pressure has both numbers or none. */
export interface VitalValues {
  readonly temperatureCelsius: number | null;
  readonly systolicMmHg: number | null;
  readonly diastolicMmHg: number | null;
  readonly pulsePerMinute: number | null;
  readonly breathsPerMinute: number | null;
  readonly spo2Percent: number | null;
  /** Whether the saturation was taken under oxygen; null: nobody says. */
  readonly onOxygen: boolean | null;
  readonly weightKg: number | null;
  readonly heightCm: number | null;
}
export interface VitalSignsFacts extends VitalValues {
  /** Of the consult in whose request they stand. */
  readonly consultId: string;
  readonly patientId: string;
  /** Null: nobody wrote when; then it is known by when they had been. */
  readonly measuredAt: Date | null;
  readonly statedAt: Date;
  /** Height of the place of measurement. */
  readonly altitudeMetres: number | null;
  readonly performerId: string;
}

const perMinute = { unit: "次/分", code: "/min" } as const;
/** LOINC and UCUM, as R4's profiles bind them; the words are what a record shows. */
const signs = {
  temperature: { code: "8310-5", text: "体温", unit: "℃", ucum: "Cel" },
  pressure: { code: "85354-9", text: "血压", unit: "mmHg", ucum: "mm[Hg]" },
  pulse: { code: "8867-4", text: "心率", unit: perMinute.unit, ucum: perMinute.code },
  breathing: { code: "9279-1", text: "呼吸", unit: perMinute.unit, ucum: perMinute.code },
  oxygen: { code: "2708-6", text: "血氧饱和度", unit: "%", ucum: "%" },
  weight: { code: "29463-7", text: "体重", unit: "kg", ucum: "kg" },
  height: { code: "8302-2", text: "身高", unit: "cm", ucum: "cm" },
} as const satisfies Record<
  VitalSign,
  { readonly code: string; readonly text: string; readonly unit: string; readonly ucum: string }
>;
/** LOINC: by pulse oximetry; stands beside the profile's general code. */
const byOximetry = "59408-5";
const pressures = {
  systolicMmHg: { code: "8480-6", text: "收缩压" },
  diastolicMmHg: { code: "8462-4", text: "舒张压" },
} as const;
const fieldOf = {
  temperature: "temperatureCelsius",
  pulse: "pulsePerMinute",
  breathing: "breathsPerMinute",
  oxygen: "spo2Percent",
  weight: "weightKg",
  height: "heightCm",
} as const satisfies Record<Exclude<VitalSign, "pressure">, keyof VitalValues>;

export const vitalSignId = (consultId: string, sign: VitalSign): string => `${consultId}-${sign}`;

/** One Observation for each sign that was measured. */
export function toFhirVitalSigns(facts: VitalSignsFacts): Observation[] {
  return vitalSigns.flatMap((sign): Observation[] => {
    const value = sign === "pressure" ? pressureOf(facts) : plainOf(facts, sign);
    if (!value) return [];
    const { code, text } = signs[sign];
    const coding = [
      { system: codeSystems.loinc, code, display: text },
      ...(sign === "oxygen" ? [{ system: codeSystems.loinc, code: byOximetry }] : []),
    ];
    const id = vitalSignId(facts.consultId, sign);
    return [
      compact<Observation>({
        resourceType: "Observation",
        id,
        ...extensions([
          extensionUrls.altitudeMetres,
          facts.altitudeMetres === null ? null : { valueInteger: Math.round(facts.altitudeMetres) },
        ]),
        identifier: [{ system: identifierSystems.vitalSign, value: id }],
        basedOn: [refer("ServiceRequest", facts.consultId)],
        status: "final",
        category: [concept(codeSystems.observationCategory, "vital-signs")],
        code: { coding, text },
        subject: refer("Patient", facts.patientId),
        effectiveDateTime: facts.measuredAt?.toISOString(),
        effectivePeriod: facts.measuredAt ? null : { end: facts.statedAt.toISOString() },
        issued: facts.statedAt.toISOString(),
        performer: [refer("Practitioner", facts.performerId)],
        ...value,
      }),
    ];
  });
}

const quantity = (value: number, sign: VitalSign): Quantity => ({
  value,
  unit: signs[sign].unit,
  system: codeSystems.ucum,
  code: signs[sign].ucum,
});

function plainOf(facts: VitalSignsFacts, sign: Exclude<VitalSign, "pressure">) {
  const value = facts[fieldOf[sign]];
  if (value === null) return null;
  const component: ObservationComponent[] =
    sign === "oxygen" && facts.onOxygen !== null
      ? [
          {
            code: concept(codeSystems.vitalSign, "on-oxygen", "吸氧"),
            valueBoolean: facts.onOxygen,
          },
        ]
      : [];
  return { valueQuantity: quantity(value, sign), ...(component.length > 0 ? { component } : {}) };
}

function pressureOf(facts: VitalSignsFacts): Pick<Observation, "component"> | null {
  const { systolicMmHg, diastolicMmHg } = facts;
  if (systolicMmHg === null && diastolicMmHg === null) return null;
  const part = (name: keyof typeof pressures): ObservationComponent => {
    const value = facts[name];
    const code = concept(codeSystems.loinc, pressures[name].code, pressures[name].text);
    // The profile wants both: of one that nobody wrote it is said that it is not known.
    return value === null
      ? { code, dataAbsentReason: concept(codeSystems.dataAbsent, "unknown") }
      : { code, valueQuantity: quantity(value, "pressure") };
  };
  return { component: [part("systolicMmHg"), part("diastolicMmHg")] };
}

/** @throws FhirMappingError for other resources and signs, other units, and parts that are not of one consult */
export function fromFhirVitalSigns(resources: readonly Resource[]): VitalSignsFacts | null {
  const [first] = resources;
  if (!first) return null;
  const values: { -readonly [Key in keyof VitalValues]: VitalValues[Key] } = {
    temperatureCelsius: null,
    systolicMmHg: null,
    diastolicMmHg: null,
    pulsePerMinute: null,
    breathsPerMinute: null,
    spo2Percent: null,
    onOxygen: null,
    weightKg: null,
    heightCm: null,
  };
  const codes = Object.fromEntries(vitalSigns.map((one) => [one, signs[one].code])) as Record<
    VitalSign,
    string
  >;
  const contexts = resources.map((resource) => {
    expectType(resource, "Observation");
    const code = codeIn([resource.code], codeSystems.loinc);
    const sign = keyOf(codes, code, "Observation.code");
    if (sign === "pressure") {
      values.systolicMmHg = partOf(resource, "systolicMmHg");
      values.diastolicMmHg = partOf(resource, "diastolicMmHg");
    } else values[fieldOf[sign]] = numberOf(resource.valueQuantity, sign);
    if (sign === "oxygen")
      values.onOxygen =
        resource.component?.find((one) => codeIn([one.code], codeSystems.vitalSign) === "on-oxygen")
          ?.valueBoolean ?? null;
    return contextOf(resource);
  });
  const [context] = contexts;
  for (const one of contexts)
    if (JSON.stringify(one) !== JSON.stringify(context))
      throw new FhirMappingError("Observation", "contradiction");
  return { ...values, ...need(context, "Observation") };
}

function partOf(resource: Observation, name: keyof typeof pressures): number | null {
  const part = resource.component?.find(
    (one) => codeIn([one.code], codeSystems.loinc) === pressures[name].code,
  );
  if (part?.dataAbsentReason) return null;
  return numberOf(need(part, "Observation.component").valueQuantity, "pressure");
}

function numberOf(found: Quantity | undefined, sign: VitalSign): number {
  if (found?.system !== codeSystems.ucum || found.code !== signs[sign].ucum)
    throw new FhirMappingError("Observation.value", "unknown-code");
  return need(found.value, "Observation.value");
}

function contextOf(resource: Observation): Omit<VitalSignsFacts, keyof VitalValues> {
  return {
    consultId: idOf(resource.basedOn?.[0], "ServiceRequest", "Observation.basedOn"),
    patientId: idOf(resource.subject, "Patient", "Observation.subject"),
    measuredAt: resource.effectiveDateTime
      ? dateOf(resource.effectiveDateTime, "Observation.effective")
      : null,
    statedAt: dateOf(resource.issued, "Observation.issued"),
    altitudeMetres: extensionOf(resource, extensionUrls.altitudeMetres)?.valueInteger ?? null,
    performerId: idOf(resource.performer?.[0], "Practitioner", "Observation.performer"),
  };
}
