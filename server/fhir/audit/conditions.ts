/**
 * R4's search parameters of AuditEvent as conditions over a trace. Both traces show the same columns under
 * the alias `e` (rows.ts), so that one condition serves both. Values are bound, never written in.
 */
import {
  type AuditSource,
  actionOf,
  auditActions,
  entityCodes,
  restfulInteractions,
  restfulOf,
  typeCodes,
} from "../../../fhir-mappings/audit-event.ts";
import { auditSystems as systems } from "../../../fhir-mappings/audit-systems.ts";
import { splitEscaped, unescapeValue } from "../search/escape.ts";
import { atMost, unknownParameter, wrongModifier, wrongValue } from "../search/limits.ts";
import { parseDate, parseReference, parseToken } from "../search/parse-value.ts";
import type { TokenValue } from "../search/request.ts";

export type Bind = (value: string) => string;
export type Place = {
  readonly source: AuditSource;
  /** Institution whose trace it is. */
  readonly tenant: string;
  readonly base: string;
  readonly bind: Bind;
};
/** What one parameter asks of a row; `missing` when it has no such value. */
type Parameter = {
  readonly kind: "token" | "string" | "reference" | "date" | "uri" | "id";
  readonly has: (place: Place) => string;
  readonly holds: (value: string, place: Place, modifier: string) => string;
};

const list = (codes: readonly string[], bind: Bind) =>
  `${bind(`{${codes.map((one) => `"${one.replace(/["\\]/g, "\\$&")}"`).join(",")}}`)}::text[]`;
const none = "false";

/** Codes of one system that a token may name; a code alone is of any. */
const isSystem = ({ system }: TokenValue, own: string) => system === undefined || system === own;

const token = (
  test: (value: TokenValue, place: Place) => string,
  has: Parameter["has"] = () => "true",
): Parameter => ({
  kind: "token",
  has,
  holds: (text, place) => test(parseToken(text, "token"), place),
});

const string = (columns: readonly string[]): Parameter => ({
  kind: "string",
  has: () => `coalesce(${columns.join(", ")}) IS NOT NULL`,
  holds: (text, { bind }, modifier) => {
    const value = bind(unescapeValue(text));
    const one = (column: string) =>
      modifier === "exact"
        ? `${column} = ${value}`
        : modifier === "contains"
          ? `strpos(lower(${column}), lower(${value})) > 0`
          : `starts_with(lower(${column}), lower(${value}))`;
    return `(${columns.map(one).join(" OR ")})`;
  },
});

/** @param test over the type and id that a reference names */
const reference = (
  types: readonly string[],
  test: (type: string, id: string, place: Place) => string,
  has: Parameter["has"] = () => "true",
): Parameter => ({
  kind: "reference",
  has,
  holds: (text, place, modifier) => {
    const only = modifier === "" ? undefined : modifier;
    const { targets } = parseReference(text, "reference", types, only, [place.base]);
    const parts = targets.map((name) => {
      const [type = "", id = ""] = name.split("/");
      return /^[A-Z][A-Za-z]+\/[^/|]+$/.test(name) ? test(type, id, place) : none;
    });
    return `(${parts.join(" OR ")})`;
  },
});

const date: Parameter = {
  kind: "date",
  has: () => "true",
  holds: (text, { bind }) => {
    const { prefix, range } = parseDate(text, "date");
    const low = `${bind(range.low)}::timestamptz`;
    const high = `${bind(range.high)}::timestamptz`;
    // A trace is of one moment: the interval that a value stands for holds it or not.
    switch (prefix) {
      case "ne":
        return `NOT (e.at >= ${low} AND e.at < ${high})`;
      case "gt":
      case "sa":
        return `(e.at >= ${high} AND ${low} IS NOT NULL)`;
      case "lt":
      case "eb":
        return `(e.at < ${low} AND ${high} IS NOT NULL)`;
      case "ge":
        return `(e.at >= ${low} AND ${high} IS NOT NULL)`;
      case "le":
        return `(e.at < ${high} AND ${low} IS NOT NULL)`;
      case "ap":
        return `(e.at >= ${low} - interval '1 day' AND e.at < ${high} + interval '1 day')`;
      default:
        return `(e.at >= ${low} AND e.at < ${high})`;
    }
  },
};

const patientIs = (id: string, { bind }: Place) =>
  `(e.patients @> ${list([id], bind)} AND e.patients <> '{}')`;

/** Interactions that the search meets in HL7's words. */
const interactionsOf = (code: string): string[] =>
  Object.keys(restfulInteractions).filter((one) => restfulOf(one) === code);
const known = Object.values(auditActions).flat();

const parameters: Readonly<Record<string, Parameter>> = {
  _id: {
    kind: "id",
    has: () => "true",
    holds: (text, { source, bind }) => {
      const id = idOf(unescapeValue(text));
      return id?.source === source ? `e.key = ${bind(id.key)}::bigint` : none;
    },
  },
  _lastUpdated: date,
  date,
  action: token((value, { bind }) => {
    if (!isSystem(value, "http://hl7.org/fhir/audit-event-action")) return none;
    if (value.code === "E") return `e.interaction <> ALL (${list(known, bind)})`;
    const found = known.filter((one) => actionOf(one) === value.code);
    return found.length === 0 ? none : `e.interaction = ANY (${list(found, bind)})`;
  }),
  address: string(["e.address"]),
  agent: reference(["Practitioner", "Device", "Organization"], (type, id, { bind }) => {
    const value = bind(id);
    if (type === "Practitioner") return `(e.actor_kind = 'person' AND e.actor = ${value})`;
    if (type === "Device")
      return `((e.actor_kind <> 'person' AND e.actor = ${value}) OR e.client = ${value})`;
    return type === "Organization" ? `e.institution::text = ${value}` : `(${value} IS NULL)`;
  }),
  "agent-name": string(["e.actor_name", "e.client_name"]),
  "agent-role": token((value, { bind }) => {
    if (!isSystem(value, systems.actorKind)) return none;
    if (value.code === undefined) return "true";
    if (value.code === "app") return "e.client IS NOT NULL";
    if (value.code === "institution") return "e.institution IS NOT NULL";
    return `e.actor_kind = ${bind(value.code)}`;
  }),
  altid: token(
    ({ system, code }, { bind }) =>
      (system ?? "") === "" && code !== undefined ? `e.actor = ${bind(code)}` : none,
    () => "e.actor IS NOT NULL",
  ),
  entity: reference(
    [],
    (type, id, place) => {
      const named = `${type}/${id}`;
      const own = `(e.type = ${place.bind(type)} AND e.resource_id = ${place.bind(id)})`;
      const further = `e.entities @> ${list([named], place.bind)}`;
      return `(${own} OR ${further}${type === "Patient" ? ` OR ${patientIs(id, place)}` : ""})`;
    },
    () => "(e.patients <> '{}' OR e.resource_id IS NOT NULL OR e.entities <> '{}')",
  ),
  "entity-name": {
    ...string(["(e.type || coalesce('/' || e.resource_id, ''))"]),
    has: () => "e.type IS NOT NULL",
  },
  "entity-role": token((value) => {
    if (!isSystem(value, systems.objectRole)) return none;
    const roles: Readonly<Record<string, string>> = {
      [entityCodes.patient]: "e.patients <> '{}'",
      [entityCodes.domainResource]: "e.type IS NOT NULL",
      [entityCodes.report]: "e.entities <> '{}'",
      [entityCodes.query]: "e.query IS NOT NULL",
    };
    return roles[value.code ?? ""] ?? none;
  }),
  "entity-type": token((value) => {
    if (!isSystem(value, systems.entityType)) return none;
    const types: Readonly<Record<string, string>> = {
      [entityCodes.person]: "e.patients <> '{}'",
      [entityCodes.systemObject]:
        "(e.type IS NOT NULL OR e.entities <> '{}' OR e.query IS NOT NULL)",
      [entityCodes.other]: "e.correlation_id IS NOT NULL",
    };
    return types[value.code ?? ""] ?? none;
  }),
  outcome: token((value) => {
    if (!isSystem(value, "http://hl7.org/fhir/audit-event-outcome")) return none;
    return value.code === "0"
      ? "e.outcome = 'ok'"
      : value.code === "4"
        ? "e.outcome <> 'ok'"
        : none;
  }),
  patient: reference(
    ["Patient"],
    (type, id, place) => (type === "Patient" ? patientIs(id, place) : none),
    () => "e.patients <> '{}'",
  ),
  // No trace of ours names a policy.
  policy: { kind: "uri", has: () => none, holds: () => none },
  site: token(({ system, code }, { source }) =>
    (system ?? "") === "" && code === source ? "true" : none,
  ),
  source: reference(["Organization"], (type, id, { tenant }) =>
    type === "Organization" && id === tenant ? "true" : none,
  ),
  subtype: token((value, { source, bind }) => {
    const parts: string[] = [];
    if (value.code === undefined)
      return value.system === systems.interaction ||
        (value.system === systems.restfulInteraction && source === "records")
        ? "true"
        : none;
    if (isSystem(value, systems.interaction)) parts.push(`e.interaction = ${bind(value.code)}`);
    if (source === "records" && isSystem(value, systems.restfulInteraction)) {
      const named = interactionsOf(value.code);
      if (named.length > 0) parts.push(`e.interaction = ANY (${list(named, bind)})`);
      if (value.code === "operation")
        parts.push(`e.interaction <> ALL (${list(Object.keys(restfulInteractions), bind)})`);
    }
    return parts.length === 0 ? none : `(${parts.join(" OR ")})`;
  }),
  type: token((value, { source }) => {
    const own = typeCodes[source];
    return isSystem(value, own.system) && (value.code === undefined || value.code === own.code)
      ? "true"
      : none;
  }),
};

export const auditParameters = Object.keys(parameters);

/** Number and trace that an id of ours names, or null. */
export function idOf(id: string): { source: AuditSource; key: string } | null {
  const [, letter, key] = /^([ra])(\d{1,18})$/.exec(id) ?? [];
  return letter && key ? { source: letter === "r" ? "records" : "alliance", key } : null;
}
export const idFor = (source: AuditSource, key: string): string =>
  `${source === "records" ? "r" : "a"}${key}`;

const modifiers: Readonly<Record<Parameter["kind"], readonly string[]>> = {
  token: ["not"],
  string: ["exact", "contains"],
  reference: ["Patient", "Practitioner", "Device", "Organization"],
  date: [],
  uri: [],
  id: [],
};

/**
 * One criterion as a condition.
 * @throws DomainError `fhir.search-parameter`, `fhir.search-modifier`, `fhir.search-value`, `fhir.search-limit`
 */
export function conditionOf(name: string, value: string, place: Place): string {
  const [code = "", modifier = "", ...more] = name.split(":");
  const parameter = Object.hasOwn(parameters, code) ? parameters[code] : undefined;
  if (!parameter) throw unknownParameter(name);
  if (more.length > 0) throw wrongModifier(code, name.slice(code.length + 1));
  if (modifier === "missing") {
    if (value !== "true" && value !== "false") throw wrongValue(code, "true|false");
    return value === "true" ? `NOT (${parameter.has(place)})` : `(${parameter.has(place)})`;
  }
  if (modifier !== "" && !modifiers[parameter.kind].includes(modifier))
    throw wrongModifier(code, modifier);
  const values = splitEscaped(value, ",");
  atMost(values.length, "valuesPerParameter");
  const parts = values.map((one) => {
    if (one === "") throw wrongValue(code, parameter.kind);
    return parameter.holds(one, place, modifier);
  });
  const any = `(${parts.join(" OR ")})`;
  return modifier === "not" ? `NOT coalesce(${any}, false)` : any;
}
