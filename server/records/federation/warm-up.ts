/** The first patient of the day does not wait for HL7's definitions to be read. */
import { setImmediate as turn } from "node:timers/promises";
import { validateResource } from "../../fhir/service.ts";

const types = [
  "Patient",
  "AllergyIntolerance",
  "Condition",
  "MedicationRequest",
  "Observation",
  "DiagnosticReport",
  "Encounter",
  "Immunization",
  "DocumentReference",
  "Procedure",
] as const;

/** Reads the definitions of what a record is made of, one type at a time between other work. */
export async function warmUp(): Promise<void> {
  for (const resourceType of types) {
    validateResource({ resourceType });
    await turn();
  }
}
