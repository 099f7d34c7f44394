/** Rows of the two traces under the same names, page by page. */
import { sql } from "drizzle-orm";
import {
  type AuditFacts,
  type AuditSource,
  auditSources,
} from "../../../fhir-mappings/audit-event.ts";
import type { Services } from "../../http/context.ts";
import { systemActor } from "../../identity/service.ts";
import type { StoreTx } from "../store/database.ts";
import { conditionOf, idFor, type Place } from "./conditions.ts";
import type { AuditCursor, AuditRequest } from "./request.ts";

/** Runs one statement over a trace; all values go as text. */
export type AskTrace = (
  text: string,
  values: readonly string[],
) => Promise<readonly Record<string, unknown>[]>;
export type Traces = Readonly<Partial<Record<AuditSource, AskTrace>>>;

const columns =
  "key, at, actor_kind, actor, actor_name, institution, interaction, type, resource_id, entities, patients, query, outcome, correlation_id, address, client, client_name, purpose, reason";

/** `$1` is the institution. */
const traces: Readonly<Record<AuditSource, string>> = {
  records: `(SELECT ${columns} FROM audit_event WHERE tenant = $1::uuid)`,
  alliance: `(SELECT id AS key, at, CASE actor_kind WHEN 'staff' THEN 'person' WHEN 'house' THEN 'client' ELSE actor_kind END AS actor_kind,
    actor_id AS actor, actor_name, institution_id AS institution, action AS interaction, entity_type AS type,
    entity_id AS resource_id, '{}'::text[] AS entities,
    CASE WHEN patient_id IS NULL THEN '{}'::text[] ELSE ARRAY[patient_id::text] END AS patients,
    NULL::text AS query, 'ok'::text AS outcome, correlation_id, host(address) AS address, NULL::text AS client,
    NULL::text AS client_name, purpose, NULL::text AS reason
    FROM audit_event WHERE institution_id = $1::uuid)`,
};
const exactly = `to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** The store's own trace, in its transaction after `fhir.enter`. */
export const traceOfStore =
  (tx: StoreTx): AskTrace =>
  async (text, values) =>
    tx.unsafe(text, values);

/** What the alliance's services noted of an institution's people. */
export const traceOfAlliance =
  ({ db }: Pick<Services, "db">): AskTrace =>
  (text, values) =>
    db.withActor(systemActor("fhir-audit"), async (tx) => {
      const parts = text.split(/\$(\d+)/);
      const pieces = parts.map((part, n) =>
        n % 2 === 0 ? sql.raw(part) : sql`${values[Number(part) - 1] ?? ""}`,
      );
      return [...(await tx.execute(sql.join(pieces)))];
    });

export type View = {
  readonly tenant: string;
  readonly base: string;
  /** Ids of those whose events the caller may see; null: all of the institution. */
  readonly people: readonly string[] | null;
};

function conditionsOf(
  source: AuditSource,
  { criteria, cursor, descending }: Pick<AuditRequest, "criteria" | "cursor" | "descending">,
  view: View,
) {
  const values: string[] = [view.tenant];
  const bind = (value: string) => `$${values.push(value)}::text`;
  const place: Place = { source, tenant: view.tenant, base: view.base, bind };
  const conditions = criteria.map(([name, value]) => conditionOf(name, value, place));
  if (view.people)
    conditions.push(
      `(e.patients && ${bind(`{${view.people.map((id) => `"${id}"`).join(",")}}`)}::text[] AND e.patients <> '{}')`,
    );
  if (cursor) conditions.push(...beyond(source, cursor, descending, bind));
  return { conditions, values };
}

/** Order of time, then of the trace, then of the row: what is written meanwhile moves nothing. */
function beyond(
  source: AuditSource,
  cursor: AuditCursor,
  descending: boolean,
  bind: Place["bind"],
) {
  const at = `${bind(cursor.at)}::timestamptz`;
  const sign = descending ? "<" : ">";
  const rank = auditSources.indexOf(source) - auditSources.indexOf(cursor.source);
  const next =
    rank === 0
      ? `(e.at, e.key) ${sign} (${at}, ${bind(cursor.key)}::bigint)`
      : `e.at ${sign}${rank > 0 ? "=" : ""} ${at}`;
  return descending ? [next] : [next, `e.at <= ${bind(cursor.until)}::timestamptz`];
}

export type AuditRow = { readonly facts: AuditFacts; readonly at: string; readonly key: string };

/** One page of both traces in one order, and one row more when there is one. */
export async function pageOfTraces(
  asked: Traces,
  request: AuditRequest,
  view: View,
): Promise<AuditRow[]> {
  const direction = request.descending ? "DESC" : "ASC";
  const pages = await Promise.all(
    auditSources.map(async (source) => {
      const ask = asked[source];
      if (!ask) return [];
      const { conditions, values } = conditionsOf(source, request, view);
      const rows = await ask(
        `SELECT e.*, e.key::text AS number, ${exactly} AS exact FROM ${traces[source]} e
         WHERE ${["true", ...conditions].join(" AND ")}
         ORDER BY e.at ${direction}, e.key ${direction} LIMIT ${request.count + 1}`,
        values,
      );
      return rows.map((row) => rowOf(source, row, view));
    }),
  );
  const sign = request.descending ? -1 : 1;
  const rank = (row: AuditRow) => auditSources.indexOf(row.facts.source);
  return pages
    .flat()
    .sort(
      (a, b) =>
        sign * (a.at < b.at ? -1 : a.at > b.at ? 1 : 0) ||
        rank(a) - rank(b) ||
        sign * Number(BigInt(a.key) - BigInt(b.key)),
    )
    .slice(0, request.count + 1);
}

/** How many there are, without the page. */
export async function countTraces(
  asked: Traces,
  request: AuditRequest,
  view: View,
): Promise<number> {
  const counts = await Promise.all(
    auditSources.map(async (source) => {
      const ask = asked[source];
      if (!ask) return 0;
      const { conditions, values } = conditionsOf(source, { ...request, cursor: null }, view);
      const [row] = await ask(
        `SELECT count(*)::int AS n FROM ${traces[source]} e WHERE ${["true", ...conditions].join(" AND ")}`,
        values,
      );
      return Number(row?.n ?? 0);
    }),
  );
  return counts.reduce((sum, one) => sum + one, 0);
}

const text = (value: unknown): string | null =>
  value === null || value === undefined || value === "" ? null : String(value);

function rowOf(source: AuditSource, row: Record<string, unknown>, view: View): AuditRow {
  const key = String(row.number);
  const patients = (row.patients as string[]) ?? [];
  const mine = view.people ? patients.filter((id) => view.people!.includes(id)) : patients;
  // A row about several people says to one of them nothing of the others.
  const isShared = mine.length < patients.length;
  return {
    key,
    at: String(row.exact),
    facts: {
      id: idFor(source, key),
      source,
      at: new Date(row.at as string | Date).toISOString(),
      keeper: view.tenant,
      actor: { kind: String(row.actor_kind), id: text(row.actor), name: text(row.actor_name) },
      app: row.client ? { id: String(row.client), name: text(row.client_name) } : null,
      institution: text(row.institution),
      interaction: String(row.interaction),
      type: text(row.type),
      resourceId: text(row.type) === null || isShared ? null : text(row.resource_id),
      entities: isShared ? [] : ((row.entities as string[]) ?? []),
      patients: mine,
      query: isShared ? null : text(row.query),
      outcome: String(row.outcome),
      purpose: text(row.purpose),
      reason: text(row.reason),
      correlation: text(row.correlation_id),
      address: text(row.address),
    },
  };
}
