/** Who did what with whose data, as R4 AuditEvent, both ways. */
import type { AuditEvent, AuditEventAgent, AuditEventEntity, Coding } from "@medplum/fhirtypes";
import { auditSystems as systems } from "./audit-systems.ts";
import { FhirMappingError } from "./mapping-error.ts";

/** One row of a trace: of a record store, or of the alliance's own services. */
export type AuditFacts = {
  readonly id: string;
  readonly source: AuditSource;
  /** Instant in ISO 8601. */
  readonly at: string;
  /** Institution that keeps the trace. */
  readonly keeper: string;
  readonly actor: {
    readonly kind: string;
    readonly id: string | null;
    readonly name: string | null;
  };
  /** Through which app a person acted. */
  readonly app: { readonly id: string; readonly name: string | null } | null;
  readonly institution: string | null;
  /** Our word for what was done, e.g. `search`, `consult.sign`. */
  readonly interaction: string;
  /** What it was done with: a FHIR type or one of ours, and its id. */
  readonly type: string | null;
  readonly resourceId: string | null;
  /** Further resources as `Type/id`. */
  readonly entities: readonly string[];
  readonly patients: readonly string[];
  readonly query: string | null;
  /** `ok`, or why not. */
  readonly outcome: string;
  readonly purpose: string | null;
  readonly reason: string | null;
  readonly correlation: string | null;
  readonly address: string | null;
};

export const auditSources = ["records", "alliance"] as const;
export type AuditSource = (typeof auditSources)[number];

/** R4 audit-event-action; whatever is neither is an execution. */
export const auditActions = {
  C: ["create"],
  R: ["read", "vread", "history", "everything", "summary"],
  U: ["update", "patch"],
  D: ["delete"],
} as const satisfies Record<string, readonly string[]>;
type Action = keyof typeof auditActions | "E";

export function actionOf(interaction: string): Action {
  const found = (Object.keys(auditActions) as (keyof typeof auditActions)[]).find((action) =>
    (auditActions[action] as readonly string[]).includes(interaction),
  );
  return found ?? "E";
}

/** HL7's word beside ours (http://hl7.org/fhir/restful-interaction); what has none is an operation there. */
export const restfulInteractions: Readonly<Record<string, string>> = {
  read: "read",
  vread: "vread",
  create: "create",
  update: "update",
  patch: "patch",
  delete: "delete",
  history: "history",
  search: "search",
  batch: "batch",
  transaction: "transaction",
};
export const restfulOf = (interaction: string): string =>
  restfulInteractions[interaction] ?? "operation";

/** HL7 v3 PurposeOfUse by our purposes. */
const purposes: Readonly<Record<string, string>> = {
  treatment: "TREAT",
  emergency: "ETREAT",
  operations: "HOPERAT",
  "patient-request": "PATRQT",
  "own-record": "PATRQT",
};

/** Codes of audit-event-type: a store is asked by REST, our own services are an application. */
export const typeCodes = {
  records: { system: systems.auditEventType, code: "rest", display: "RESTful Operation" },
  alliance: { system: systems.dicom, code: "110100", display: "Application Activity" },
} as const satisfies Record<AuditSource, Coding>;

/** Codes of R4 for entities that we write; the search knows them by the same names. */
export const entityCodes = {
  person: "1",
  systemObject: "2",
  other: "4",
  patient: "1",
  report: "3",
  domainResource: "4",
  query: "24",
} as const;

const fhirType = /^[A-Z][A-Za-z]+$/;
const base64 = (text: string): string =>
  btoa(String.fromCharCode(...new TextEncoder().encode(text)));
const unBase64 = (text: string): string =>
  new TextDecoder().decode(Uint8Array.from(atob(text), (one) => one.charCodeAt(0)));

export function toFhirAuditEvent(facts: AuditFacts): AuditEvent {
  const purpose = purposeOf(facts);
  return {
    resourceType: "AuditEvent",
    id: facts.id,
    meta: { versionId: "1", lastUpdated: facts.at },
    type: { ...typeCodes[facts.source] },
    subtype: [
      ...(facts.source === "records"
        ? [{ system: systems.restfulInteraction, code: restfulOf(facts.interaction) }]
        : []),
      { system: systems.interaction, code: facts.interaction },
    ],
    action: actionOf(facts.interaction),
    recorded: facts.at,
    outcome: facts.outcome === "ok" ? "0" : "4",
    ...(facts.outcome === "ok" ? {} : { outcomeDesc: facts.outcome }),
    ...(purpose ? { purposeOfEvent: [purpose] } : {}),
    agent: agentsOf(facts),
    source: {
      site: facts.source,
      observer: { reference: `Organization/${facts.keeper}` },
      type: [{ system: systems.securitySourceType, code: "4", display: "Application Server" }],
    },
    ...(entitiesOf(facts).length > 0 ? { entity: entitiesOf(facts) } : {}),
  };
}

function purposeOf({ purpose, reason }: AuditFacts) {
  if (purpose === null && reason === null) return null;
  const code = purpose === null ? undefined : purposes[purpose];
  return {
    ...(purpose === null
      ? {}
      : {
          coding: [
            ...(code ? [{ system: systems.purposeOfUse, code }] : []),
            { system: systems.purpose, code: purpose },
          ],
        }),
    ...(reason === null ? {} : { text: reason }),
  };
}

const role = (code: string) => [{ coding: [{ system: systems.actorKind, code }] }];

function agentsOf({ actor, app, institution, address }: AuditFacts): AuditEventAgent[] {
  const isPerson = actor.kind === "person";
  return [
    {
      type: {
        coding: [
          isPerson
            ? { system: systems.securityRole, code: "humanuser" }
            : { system: systems.dicom, code: "110150" },
        ],
      },
      role: role(actor.kind),
      ...(actor.id === null
        ? {}
        : {
            who: { reference: `${isPerson ? "Practitioner" : "Device"}/${actor.id}` },
            altId: actor.id,
          }),
      ...(actor.name === null ? {} : { name: actor.name }),
      requestor: true,
      ...(address === null ? {} : { network: { address, type: "2" } }),
    },
    ...(app === null
      ? []
      : [
          {
            type: { coding: [{ system: systems.dicom, code: "110150" }] },
            role: role("app"),
            who: { reference: `Device/${app.id}` },
            ...(app.name === null ? {} : { name: app.name }),
            requestor: false,
          },
        ]),
    ...(institution === null
      ? []
      : [
          {
            role: role("institution"),
            who: { reference: `Organization/${institution}` },
            requestor: false,
          },
        ]),
  ];
}

/** A resource under its address, or a thing of ours under our own name for it. */
const whatOf = (type: string, id: string) =>
  fhirType.test(type)
    ? { reference: `${type}/${id}` }
    : { identifier: { system: systems.entity, value: `${type}/${id}` } };

function entitiesOf(facts: AuditFacts): AuditEventEntity[] {
  const { type, resourceId, entities, patients, query, correlation } = facts;
  const kind = (code: string): Coding => ({ system: systems.entityType, code });
  const as = (code: string): Coding => ({ system: systems.objectRole, code });
  return [
    ...patients.map((id) => ({
      what: { reference: `Patient/${id}` },
      type: kind(entityCodes.person),
      role: as(entityCodes.patient),
    })),
    ...(type === null
      ? []
      : [
          {
            ...(resourceId === null ? {} : { what: whatOf(type, resourceId) }),
            type: kind(entityCodes.systemObject),
            role: as(entityCodes.domainResource),
            name: resourceId === null ? type : `${type}/${resourceId}`,
          },
        ]),
    ...entities.map((reference) => ({
      what: { reference },
      type: kind(entityCodes.systemObject),
      role: as(entityCodes.report),
    })),
    ...(query === null
      ? []
      : [
          {
            type: kind(entityCodes.systemObject),
            role: as(entityCodes.query),
            query: base64(query),
          },
        ]),
    ...(correlation === null
      ? []
      : [
          {
            what: { identifier: { system: systems.correlation, value: correlation } },
            type: kind(entityCodes.other),
          },
        ]),
  ];
}

/** @throws FhirMappingError for an event that is none of ours */
export function fromFhirAuditEvent(event: AuditEvent): AuditFacts {
  const fail = (path: string): never => {
    throw new FhirMappingError(`AuditEvent.${path}`, "missing");
  };
  const agentOf = (kind: (code: string) => boolean) =>
    event.agent.find((one) => kind(one.role?.[0]?.coding?.[0]?.code ?? ""));
  const app = agentOf((code) => code === "app");
  const house = agentOf((code) => code === "institution");
  const actor = agentOf((code) => code !== "app" && code !== "institution");
  const entity = (code: string) => (event.entity ?? []).filter((one) => one.role?.code === code);
  const idOf = (reference: string | undefined) => reference?.slice(reference.indexOf("/") + 1);
  const source = auditSources.find((one) => one === event.source.site) ?? fail("source.site");
  const target = entity(entityCodes.domainResource)[0]?.name;
  const slash = target?.indexOf("/") ?? -1;
  const query = entity(entityCodes.query)[0]?.query;
  const [purpose] = event.purposeOfEvent ?? [];
  const own = purpose?.coding?.find(({ system }) => system === systems.purpose);
  return {
    id: event.id ?? fail("id"),
    source,
    at: event.recorded,
    keeper: idOf(event.source.observer.reference) ?? fail("source.observer"),
    actor: {
      kind: actor?.role?.[0]?.coding?.[0]?.code ?? fail("agent.role"),
      id: actor?.altId ?? null,
      name: actor?.name ?? null,
    },
    app: app ? { id: idOf(app.who?.reference) ?? fail("agent.who"), name: app.name ?? null } : null,
    institution: idOf(house?.who?.reference) ?? null,
    interaction:
      event.subtype?.find(({ system }) => system === systems.interaction)?.code ?? fail("subtype"),
    type: target === undefined ? null : slash < 0 ? target : target.slice(0, slash),
    resourceId: target === undefined || slash < 0 ? null : target.slice(slash + 1),
    entities: entity(entityCodes.report).flatMap((one) => one.what?.reference ?? []),
    patients: entity(entityCodes.patient).flatMap((one) => idOf(one.what?.reference) ?? []),
    query: query === undefined ? null : unBase64(query),
    outcome: event.outcome === "0" ? "ok" : (event.outcomeDesc ?? fail("outcomeDesc")),
    purpose: own?.code ?? null,
    reason: purpose?.text ?? null,
    correlation:
      event.entity?.find((one) => one.what?.identifier?.system === systems.correlation)?.what
        ?.identifier?.value ?? null,
    address: actor?.network?.address ?? null,
  };
}
