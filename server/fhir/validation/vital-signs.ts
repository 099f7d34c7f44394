/**
 * R4's own profiles of vital signs (https://hl7.org/fhir/R4/observation-vitalsigns.html): who says
 * that an Observation is one keeps to them. Where only the code says so, they are a warning: a
 * source that never heard of the profile is no reason to lose a measurement.
 */
import { isObject, type Json, listOf, objectsOf, type Run } from "./run.ts";

const PROFILE = "http://hl7.org/fhir/StructureDefinition/";
const CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category";
const LOINC = "http://loinc.org";
const UCUM = "http://unitsofmeasure.org";

type VitalSign = { readonly code: string; readonly units: readonly string[] };

/** By the last part of the profile's address. */
const VITAL_SIGNS: Readonly<Record<string, VitalSign>> = {
  resprate: { code: "9279-1", units: ["/min"] },
  heartrate: { code: "8867-4", units: ["/min"] },
  oxygensat: { code: "2708-6", units: ["%"] },
  bodytemp: { code: "8310-5", units: ["Cel", "[degF]"] },
  bodyheight: { code: "8302-2", units: ["cm", "[in_i]"] },
  headcircum: { code: "9843-4", units: ["cm", "[in_i]"] },
  bodyweight: { code: "29463-7", units: ["g", "kg", "[lb_av]"] },
  bmi: { code: "39156-5", units: ["kg/m2"] },
  bp: { code: "85354-9", units: [] },
};
const GENERAL = "vitalsigns";
const PRESSURES: readonly (readonly [string, string])[] = [
  ["8480-6", "systolic"],
  ["8462-4", "diastolic"],
];

/** Checks an Observation that its `meta.profile` or its code makes a vital sign. */
export function checkVitalSign(observation: Json, run: Run): void {
  const meta = isObject(observation.meta) ? observation.meta : {};
  const claimed = listOf(meta.profile)
    .filter((one) => typeof one === "string")
    .map((one) => (one.startsWith(PROFILE) ? (one.slice(PROFILE.length).split("|")[0] ?? "") : ""))
    .filter((name) => name === GENERAL || VITAL_SIGNS[name]);
  const coded = Object.keys(VITAL_SIGNS).find((name) =>
    hasCode(observation.code, VITAL_SIGNS[name]?.code ?? ""),
  );
  const name = claimed.find((one) => one !== GENERAL) ?? coded ?? claimed[0];
  if (!name) return;
  const severity = claimed.length > 0 ? "error" : "warning";
  const fails = (text: string, below: string) =>
    run.report(severity, "business-rule", `${text} (profile ${name})`, below);
  checkGeneral(observation, fails);
  const sign = VITAL_SIGNS[name];
  if (!sign) return;
  if (!hasCode(observation.code, sign.code)) fails(`needs the LOINC code ${sign.code}`, "code");
  if (name === "bp") checkPressure(observation, fails);
  else checkUnit(observation.valueQuantity, sign.units, fails, "value");
}

type Fails = (text: string, below: string) => void;

function checkGeneral(it: Json, fails: Fails): void {
  const isVital = objectsOf(it.category).some((category) =>
    objectsOf(category.coding).some(
      ({ system, code }) => system === CATEGORY && code === "vital-signs",
    ),
  );
  if (!isVital) fails("a vital sign is of the category vital-signs", "category");
  if (it.subject === undefined) fails("a vital sign is somebody's", "subject");
  if (it.effectiveDateTime === undefined && it.effectivePeriod === undefined) {
    fails("a vital sign has the time when it was measured", "effective");
  }
  const hasValue = Object.keys(it).some((key) => /^value[A-Z]/.test(key));
  if (!hasValue && !it.dataAbsentReason && !it.component && !it.hasMember) {
    fails("a vital sign has a value, or says why not (vs-2)", "value");
  }
  objectsOf(it.component).forEach((component, index) => {
    const measured = Object.keys(component).some((key) => /^value[A-Z]/.test(key));
    if (!measured && component.dataAbsentReason === undefined) {
      fails("a component has a value, or says why not (vs-3)", `component[${index}]`);
    }
  });
}

function checkPressure(it: Json, fails: Fails): void {
  const components = objectsOf(it.component);
  for (const [code, word] of PRESSURES) {
    const found = components.findIndex((component) => hasCode(component.code, code));
    if (found < 0) fails(`a blood pressure has its ${word} part`, "component");
    else
      checkUnit(components[found]?.valueQuantity, ["mm[Hg]"], fails, `component[${found}].value`);
  }
}

function checkUnit(value: unknown, units: readonly string[], fails: Fails, at: string): void {
  if (!isObject(value)) return;
  if (typeof value.value !== "number") fails("a measurement has a number", at);
  if (value.system !== UCUM || !units.includes(value.code as string)) {
    fails(`its unit is ${units.join(" or ")} of UCUM`, at);
  }
}

function hasCode(concept: unknown, code: string): boolean {
  return (
    isObject(concept) &&
    objectsOf(concept.coding).some((coding) => coding.system === LOINC && coding.code === code)
  );
}
