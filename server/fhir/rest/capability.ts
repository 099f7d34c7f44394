import type { CapabilityStatement, CapabilityStatementRestResource } from "@medplum/fhirtypes";
import { restSecurity } from "../../smart/service.ts";
import { auditParameters } from "../audit/conditions.ts";
import { resourceTypes } from "../definitions/types.ts";
import { parametersOf } from "../search/service.ts";
import { extensions, operations, profiles } from "../subscriptions/names.ts";
import { topics, topicUrl } from "../subscriptions/topics.ts";

/** FHIR Bulk Data Access 2. */
const bulkDefinition = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition";
/** What a store does as a whole. */
export const storeOperations = [{ name: "export", definition: `${bulkDefinition}/export` }];
/** When the set of served interactions last changed. */
const servedSince = "2026-11-22T00:00:00Z";
type Interaction = NonNullable<CapabilityStatementRestResource["interaction"]>[number]["code"];
const interactions: readonly Interaction[] = [
  "read",
  "vread",
  "update",
  "patch",
  "delete",
  "history-instance",
  "history-type",
  "create",
  "search-type",
];

/** The trace is read and searched, and written by nobody. */
const tracedInteractions: readonly Interaction[] = ["read", "search-type"];

let stated: readonly CapabilityStatementRestResource[] | undefined;

/** What a store does with every type. */
export function storeResources(): CapabilityStatementRestResource[] {
  stated ??= makeResources();
  return [...stated];
}

function makeResources(): CapabilityStatementRestResource[] {
  return [...resourceTypes()].sort().map((type) => ({
    type: type as CapabilityStatementRestResource["type"],
    interaction: (type === "AuditEvent" ? tracedInteractions : interactions).map((code) => ({
      code,
    })),
    versioning: "versioned",
    readHistory: true,
    updateCreate: true,
    conditionalCreate: true,
    conditionalRead: "full-support",
    conditionalUpdate: true,
    conditionalDelete: "single",
    referencePolicy: ["literal", "logical", "local"],
    ...(type === "Subscription" ? aboutSubscriptions() : {}),
    searchParam: parametersOf(type).map(({ code, type: kind }) => ({
      name: code,
      type: kind as "token",
    })),
    ...(type === "AuditEvent" ? aboutTraces() : {}),
    operation: [
      { name: "validate", definition: "http://hl7.org/fhir/OperationDefinition/Resource-validate" },
      ...(type === "Patient"
        ? [
            {
              name: "everything",
              definition: "http://hl7.org/fhir/OperationDefinition/Patient-everything",
            },
            {
              name: "match",
              definition: "http://hl7.org/fhir/OperationDefinition/Patient-match",
            },
            {
              name: "summary",
              definition: "http://hl7.org/fhir/uv/ips/OperationDefinition/summary",
            },
            { name: "export", definition: `${bulkDefinition}/patient-export` },
          ]
        : []),
      ...(type === "Subscription"
        ? [
            { name: "status", definition: operations.status },
            { name: "events", definition: operations.events },
          ]
        : []),
      ...(type === "Group"
        ? [{ name: "export", definition: `${bulkDefinition}/group-export` }]
        : []),
    ],
  }));
}

/** Written at its own address only, and about the topics of the catalogue. */
function aboutSubscriptions(): Partial<CapabilityStatementRestResource> {
  return {
    extension: topics.map(({ id }) => ({
      url: extensions.topicCanonical,
      valueCanonical: topicUrl(id),
    })),
    supportedProfile: [profiles.subscription],
    updateCreate: false,
    conditionalCreate: false,
    conditionalUpdate: false,
    conditionalDelete: "not-supported",
  };
}

/** What is different about the trace: no versions, no conditions, R4's own parameters of AuditEvent. */
const aboutTraces = () => ({
  versioning: "no-version" as const,
  readHistory: false,
  updateCreate: false,
  conditionalCreate: false,
  conditionalRead: "not-supported" as const,
  conditionalUpdate: false,
  conditionalDelete: "not-supported" as const,
  searchParam: parametersOf("AuditEvent")
    .filter(({ code }) => auditParameters.includes(code))
    .map(({ code, type: kind }) => ({ name: code, type: kind as "token" })),
});

/** CapabilityStatement of one institution's record store: what is there, and nothing more. */
export function storeCapability(url: string): CapabilityStatement {
  return {
    resourceType: "CapabilityStatement",
    status: "active",
    date: servedSince,
    kind: "instance",
    software: { name: "Yilian", version: "0.1.0" },
    implementation: { description: "Clinical records of one institution", url },
    fhirVersion: "4.0.1",
    format: ["application/fhir+json", "json"],
    patchFormat: ["application/json-patch+json", "application/fhir+json"],
    rest: [
      {
        mode: "server",
        security: restSecurity(url.replace(/\/stores\/.*$/, "")),
        resource: storeResources(),
        interaction: [
          { code: "transaction" },
          { code: "batch" },
          { code: "search-system" },
          { code: "history-system" },
        ],
        operation: storeOperations,
      },
    ],
  };
}
