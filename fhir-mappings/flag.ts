/** Flag: when a patient who was sent home is to be brought back, active while the community looks after him. */
import type { Extension, Flag, Quantity, Resource } from "@medplum/fhirtypes";
import type { ReturnTrigger, TriggerMeasure } from "../server/referral/domain.ts";
import {
  codeIn,
  compact,
  concept,
  dateOrNull,
  expectType,
  extensionOf,
  extensions,
  idOf,
  instantOf,
  keyOf,
  need,
  refer,
} from "./elements.ts";
import { FhirMappingError } from "./mapping-error.ts";
import { codeSystems, extensionUrls, identifierSystems } from "./systems.ts";

export interface ReturnFlagFacts {
  readonly id: string;
  readonly patientId: string;
  /** The house that sent the patient home and says when he is to come back. */
  readonly authorInstitutionId: string;
  readonly trigger: ReturnTrigger;
  /** False: the time after coming home is over. */
  readonly active: boolean;
  readonly from: Date | null;
  readonly until: Date | null;
}

/** LOINC and UCUM as in vital-signs.ts; the words are what a record shows. */
const measures = {
  systolicMmHg: { code: "8480-6", text: "收缩压", unit: "mmHg", ucum: "mm[Hg]" },
  diastolicMmHg: { code: "8462-4", text: "舒张压", unit: "mmHg", ucum: "mm[Hg]" },
  temperatureCelsius: { code: "8310-5", text: "体温", unit: "℃", ucum: "Cel" },
  pulsePerMinute: { code: "8867-4", text: "心率", unit: "次/分", ucum: "/min" },
  breathsPerMinute: { code: "9279-1", text: "呼吸", unit: "次/分", ucum: "/min" },
  spo2Percent: { code: "2708-6", text: "血氧饱和度", unit: "%", ucum: "%" },
  weightKg: { code: "29463-7", text: "体重", unit: "kg", ucum: "kg" },
} as const satisfies Record<
  TriggerMeasure,
  { readonly code: string; readonly text: string; readonly unit: string; readonly ucum: string }
>;

export function toFhirReturnFlag(facts: ReturnFlagFacts): Flag {
  return compact<Flag>({
    resourceType: "Flag",
    id: facts.id,
    ...limitsOf(facts.trigger),
    // Both houses tell it: by its name it is one.
    identifier: [{ system: identifierSystems.returnTrigger, value: facts.id }],
    status: facts.active ? "active" : "inactive",
    category: [concept(codeSystems.flagCategory, "clinical", "Clinical")],
    code: codeOf(facts.trigger),
    subject: refer("Patient", facts.patientId),
    period:
      facts.from || facts.until
        ? compact<NonNullable<Flag["period"]>>({
            start: instantOf(facts.from),
            end: instantOf(facts.until),
          })
        : null,
    author: refer("Organization", facts.authorInstitutionId),
  });
}

function codeOf(trigger: ReturnTrigger): NonNullable<Flag["code"]> {
  const own = { system: codeSystems.returnTrigger, code: trigger.code };
  if (trigger.kind === "words") return { coding: [own], text: trigger.text };
  const { code, text, unit } = measures[trigger.measure];
  const limits = [
    trigger.atLeast === undefined ? "" : `≥ ${trigger.atLeast}`,
    trigger.atMost === undefined ? "" : `≤ ${trigger.atMost}`,
  ].filter(Boolean);
  return {
    coding: [own, { system: codeSystems.loinc, code, display: text }],
    text: `${text} ${limits.join(" / ")} ${unit}`,
  };
}

function limitsOf(trigger: ReturnTrigger): { extension?: Extension[] } {
  if (trigger.kind === "words") return {};
  const { unit, ucum } = measures[trigger.measure];
  const quantity = (value: number | undefined) =>
    value === undefined
      ? null
      : { valueQuantity: { value, unit, system: codeSystems.ucum, code: ucum } };
  return extensions(
    [extensionUrls.triggerAtLeast, quantity(trigger.atLeast)],
    [extensionUrls.triggerAtMost, quantity(trigger.atMost)],
  );
}

/** @throws FhirMappingError for another resource or status, an unknown measure, a limit in another unit or none */
export function fromFhirReturnFlag(resource: Resource): ReturnFlagFacts {
  expectType(resource, "Flag");
  const { status } = resource;
  if (status !== "active" && status !== "inactive")
    throw new FhirMappingError("Flag.status", "unknown-code");
  return {
    id: need(resource.id, "Flag.id"),
    patientId: idOf(resource.subject, "Patient", "Flag.subject"),
    authorInstitutionId: idOf(resource.author, "Organization", "Flag.author"),
    trigger: triggerOf(resource),
    active: status === "active",
    from: dateOrNull(resource.period?.start, "Flag.period.start"),
    until: dateOrNull(resource.period?.end, "Flag.period.end"),
  };
}

function triggerOf(resource: Flag): ReturnTrigger {
  const concepts = resource.code ? [resource.code] : [];
  const code = need(codeIn(concepts, codeSystems.returnTrigger), "Flag.code");
  const measured = codeIn(concepts, codeSystems.loinc);
  if (measured === undefined)
    return { kind: "words", code, text: need(resource.code?.text, "Flag.code.text") };
  const codes = Object.fromEntries(
    Object.entries(measures).map(([name, one]) => [name, one.code]),
  ) as Record<TriggerMeasure, string>;
  const measure = keyOf(codes, measured, "Flag.code");
  const atLeast = numberOf(
    extensionOf(resource, extensionUrls.triggerAtLeast)?.valueQuantity,
    measure,
  );
  const atMost = numberOf(
    extensionOf(resource, extensionUrls.triggerAtMost)?.valueQuantity,
    measure,
  );
  if (atLeast === undefined && atMost === undefined)
    throw new FhirMappingError("Flag.extension", "missing");
  return {
    kind: "value",
    code,
    measure,
    ...(atLeast === undefined ? {} : { atLeast }),
    ...(atMost === undefined ? {} : { atMost }),
  };
}

function numberOf(found: Quantity | undefined, measure: TriggerMeasure): number | undefined {
  if (found === undefined) return undefined;
  if (found.system !== codeSystems.ucum || found.code !== measures[measure].ucum)
    throw new FhirMappingError("Flag.extension", "unknown-code");
  return need(found.value, "Flag.extension");
}
