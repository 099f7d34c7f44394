/** Real diagnoses, allergies, medicines and vaccines are read by our maps; what is not is named, and is still shown. */
import type { Bundle, Resource } from "@medplum/fhirtypes";
import { fromFhirAllergy } from "../../fhir-mappings/allergy-intolerance.ts";
import { fromFhirCondition } from "../../fhir-mappings/condition.ts";
import { fromFhirImmunization } from "../../fhir-mappings/immunization.ts";
import { FhirMappingError } from "../../fhir-mappings/mapping-error.ts";
import { fromFhirMedicationDispense } from "../../fhir-mappings/medication-dispense.ts";
import { fromFhirMedicationRequest } from "../../fhir-mappings/medication-request.ts";
import { parseJson } from "../../server/fhir/store/json.ts";
import { itemsOf } from "../../server/records/record-items.ts";
import type { InteropPart } from "./part.ts";

const readers: Readonly<Record<string, (resource: Resource) => unknown>> = {
  AllergyIntolerance: fromFhirAllergy,
  Condition: fromFhirCondition,
  MedicationRequest: fromFhirMedicationRequest,
  MedicationDispense: fromFhirMedicationDispense,
  Immunization: fromFhirImmunization,
};
const here = { source: "interop", altitudeMetres: null, birthDate: null };

export const part: InteropPart = {
  name: "mappings",
  run: async (files, log) => {
    const read = new Map<string, number>();
    let failed = 0;
    for (const { name, text } of files)
      for (const resource of resourcesIn(parseJson(text) as unknown as Resource)) {
        const reader = readers[resource.resourceType];
        if (!reader) continue;
        const problem = problemOf(() => reader(resource));
        // An allergy that cannot be read is shown all the same, unless it was a mistake.
        const isLost = problem !== null && itemsOf(resource, here).length === 0;
        if (problem === null)
          read.set(resource.resourceType, (read.get(resource.resourceType) ?? 0) + 1);
        else {
          failed += 1;
          log(`${name}\n  ${resource.resourceType} ${problem}${isLost ? ", and not shown" : ""}`);
        }
      }
    log([...read].map(([type, count]) => `${count} ${type}`).join(", "));
    return { passed: [...read.values()].reduce((sum, one) => sum + one, 0), failed };
  },
};

const resourcesIn = (resource: Resource): Resource[] =>
  resource.resourceType === "Bundle"
    ? ((resource as Bundle).entry ?? []).flatMap((one) =>
        one.resource ? resourcesIn(one.resource) : [],
      )
    : [resource];

function problemOf(work: () => unknown): string | null {
  try {
    work();
    return null;
  } catch (error) {
    if (error instanceof FhirMappingError) return error.message;
    throw error;
  }
}
