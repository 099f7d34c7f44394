import type { CapabilityStatement, CapabilityStatementRestResource } from "@medplum/fhirtypes";
import { restSecurity } from "../../smart/service.ts";
import { auditParameters } from "../audit/conditions.ts";
import { storedTypes } from "../definitions/types.ts";
import { parametersOf, targetsOf } from "../search/service.ts";
import { extensions, operations, profiles } from "../subscriptions/names.ts";
import { topics, topicUrl } from "../subscriptions/topics.ts";

/** FHIR Bulk Data Access 2. */
const bulkDefinition = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition";
/** What a store does as a whole. */
export const storeOperations = [{ name: "export", definition: `${bulkDefinition}/export` }];
/** Whose demands on a server are met whole. */
export const storeInstantiates = ["http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data"];
/** As body.ts takes them: a list is JSON Patch, Parameters are FHIRPath Patch. */
export const storePatchFormats = [
  "application/json-patch+json",
  "application/fhir+json",
  "application/json",
  "text/json",
];
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

/** Parameters of every search: those of R4's Resource, and those that lead to other resources. */
export const sharedParameters = (): SearchParam[] => [
  ...parametersOf("Resource").map(({ code, type }) => ({
    name: code,
    type: type as SearchParam["type"],
    definition: `${searchParameter}/Resource-${code.slice(1)}`,
  })),
  {
    name: "_has",
    type: "string",
    definition: `${searchParameter}/Resource-has`,
    documentation: "_has:[type]:[reference parameter]:[parameter], also nested",
  },
  {
    name: "_list",
    type: "string",
    definition: `${searchParameter}/Resource-list`,
    documentation: "The id of a List here; none of the functional lists",
  },
  {
    name: "_type",
    type: "token",
    definition: `${searchParameter}/Resource-type`,
    documentation: "At the base only: the types that are searched",
  },
];
type SearchParam = NonNullable<CapabilityStatementRestResource["searchParam"]>[number];
const searchParameter = "http://hl7.org/fhir/SearchParameter";

/** Their searches bring nothing with them, and are nothing that comes with others. */
const withoutIncludes = ["AuditEvent", "Subscription"];

/** What `_include` and `_revinclude` follow, by the definitions. */
function makeIncludes(types: readonly string[]): (type: string) => {
  searchInclude?: string[];
  searchRevInclude?: string[];
} {
  const to = new Map<string, string[]>();
  const from = new Map<string, string[]>();
  for (const type of types) {
    if (withoutIncludes.includes(type)) continue;
    for (const parameter of parametersOf(type)) {
      if (parameter.type !== "reference") continue;
      const name = `${type}:${parameter.code}`;
      from.set(type, [...(from.get(type) ?? []), name]);
      for (const target of targetsOf(parameter)) to.set(target, [...(to.get(target) ?? []), name]);
    }
  }
  return (type) =>
    withoutIncludes.includes(type)
      ? {}
      : {
          searchInclude: ["*", ...(from.has(type) ? [`${type}:*`] : []), ...(from.get(type) ?? [])],
          searchRevInclude: ["*", ...(to.get(type) ?? [])],
        };
}

const everythingWords =
  "Parameters: _since, _type, _count, and of the form of the answer _elements, _summary, _pretty. start and end are refused: ask for a time of care with a search by date.";
const summaryWords =
  "By GET: of an instance, or of the one patient whom the parameter identifier names. No other parameters but those of the form of the answer; profile is refused.";

let stated: readonly CapabilityStatementRestResource[] | undefined;

/** What a store does with every type. */
const binaryWords =
  "A read answers the bytes in their own type, and the resource with data for application/fhir+json, application/json or _format=json. Bytes of the alliance's own files are added by a read of the one: searches, histories, bundles and exports have their Binary without data. A Binary belongs to the record of the patient in securityContext.";

export function storeResources(): CapabilityStatementRestResource[] {
  stated ??= makeResources();
  return [...stated];
}

function makeResources(): CapabilityStatementRestResource[] {
  const types = [...storedTypes()].sort();
  const includesOf = makeIncludes(types);
  return types.map((type) => ({
    type: type as CapabilityStatementRestResource["type"],
    interaction: (type === "AuditEvent" ? tracedInteractions : interactions).map((code) => ({
      code,
    })),
    ...(type === "Binary" ? { documentation: binaryWords } : {}),
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
    ...includesOf(type),
    ...(type === "AuditEvent" ? aboutTraces() : {}),
    operation: [
      { name: "validate", definition: "http://hl7.org/fhir/OperationDefinition/Resource-validate" },
      ...(type === "Patient"
        ? [
            {
              name: "everything",
              definition: "http://hl7.org/fhir/OperationDefinition/Patient-everything",
              documentation: everythingWords,
            },
            {
              name: "match",
              definition: "http://hl7.org/fhir/OperationDefinition/Patient-match",
            },
            {
              name: "summary",
              definition: "http://hl7.org/fhir/uv/ips/OperationDefinition/summary",
              documentation: summaryWords,
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
    instantiates: storeInstantiates,
    software: { name: "Yilian", version: "0.1.0" },
    implementation: { description: "Clinical records of one institution", url },
    fhirVersion: "4.0.1",
    format: ["application/fhir+json", "json"],
    patchFormat: storePatchFormats,
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
        searchParam: sharedParameters(),
        operation: storeOperations,
      },
    ],
  };
}
