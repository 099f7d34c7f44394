/** CapabilityStatement of `/fhir/metadata`: what is served, and nothing more. */
import type { CapabilityStatement } from "@medplum/fhirtypes";
import { type MappedType, mappedTypes } from "./elements.ts";

/**
 * States read of the given types, FHIR R4 JSON.
 *
 * @param url absolute base of the FHIR API, e.g. `https://host/fhir`
 * @param date when what is served last changed
 * @param version of the software
 * @param types default all that the maps write; state fewer when fewer are routed
 * @param taken types that may also be sent, one by one or in a Bundle
 */
export function capabilityStatement(input: {
  readonly url: string;
  readonly date: Date;
  readonly version: string;
  readonly types?: readonly MappedType[];
  readonly taken?: readonly "DiagnosticReport"[];
}): CapabilityStatement {
  const { url, date, version, types = mappedTypes, taken = [] } = input;
  return {
    resourceType: "CapabilityStatement",
    status: "active",
    date: date.toISOString(),
    kind: "instance",
    software: { name: "Yilian", version },
    implementation: { description: "Yilian, records of remote consults", url },
    fhirVersion: "4.0.1",
    format: ["application/fhir+json"],
    rest: [
      {
        mode: "server",
        security: {
          description: "Session cookie of a signed-in member of staff; every read is logged.",
        },
        resource: [
          ...types.map((type) => ({
            type,
            interaction: [{ code: "read" as const }],
            versioning: "no-version" as const,
          })),
          ...taken.map((type) => ({
            type,
            interaction: [{ code: "read" as const }, { code: "create" as const }],
            versioning: "no-version" as const,
          })),
        ],
        ...(taken.length > 0
          ? { interaction: [{ code: "batch" as const }, { code: "transaction" as const }] }
          : {}),
      },
    ],
  };
}
