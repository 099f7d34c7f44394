/** Rows of subscriptions and of their events; `enter` was called in the transaction. */
import type { Caller, StoreContext } from "../store/caller.ts";
import type { StoreRow, StoreTx } from "../store/database.ts";
import type { SubscriptionPlan } from "./domain.ts";
import type { Content, SubscriptionStatus } from "./names.ts";

export type SubscriptionRun = {
  readonly id: string;
  readonly caller: Caller;
  readonly institution: string;
  readonly base: string;
  readonly status: SubscriptionStatus;
  readonly topic: string;
  readonly endpoint: string;
  readonly headersSealed: string | null;
  readonly content: Content;
  readonly heartbeatSeconds: number | null;
  readonly timeoutSeconds: number;
  readonly maxCount: number;
  readonly endsAt: Date | null;
  readonly numbered: number;
  readonly delivered: number;
  readonly failures: number;
  readonly failingSince: Date | null;
  readonly sentAt: Date | null;
  readonly fault: string | null;
};

export async function saveRun(
  tx: StoreTx,
  context: StoreContext,
  maker: Caller,
  id: string,
  plan: SubscriptionPlan,
  headersSealed: string | null,
): Promise<void> {
  await tx.unsafe(
    `INSERT INTO subscription_run (tenant, id, caller, institution, base, status, topic, types, filters, endpoint,
       headers_sealed, content, heartbeat_seconds, timeout_seconds, max_count, ends_at)
     VALUES ($1, $2, $3::text::jsonb, $4, $5, $6, $7, $8::text[], $9::text::jsonb, $10, $11, $12, $13, $14, $15, $16)
     ON CONFLICT (tenant, id) DO UPDATE SET caller = EXCLUDED.caller, base = EXCLUDED.base, status = EXCLUDED.status,
       recording = subscription_run.recording AND EXCLUDED.status <> 'off', topic = EXCLUDED.topic, types = EXCLUDED.types,
       filters = EXCLUDED.filters, endpoint = EXCLUDED.endpoint, headers_sealed = EXCLUDED.headers_sealed,
       content = EXCLUDED.content, heartbeat_seconds = EXCLUDED.heartbeat_seconds,
       timeout_seconds = EXCLUDED.timeout_seconds, max_count = EXCLUDED.max_count, ends_at = EXCLUDED.ends_at,
       failures = 0, failing_since = NULL, next_at = NULL, fault = NULL, lease = NULL, lease_until = NULL`,
    [
      context.tenant,
      id,
      JSON.stringify(maker),
      context.caller.institution,
      context.base,
      plan.isOff ? "off" : "requested",
      plan.topic,
      plan.types,
      JSON.stringify(plan.filters),
      plan.endpoint.href,
      headersSealed,
      plan.content,
      plan.heartbeatSeconds,
      plan.timeoutSeconds,
      plan.maxCount,
      plan.endsAt?.toISOString() ?? null,
    ],
  );
}

/** Of the caller's institution; whoever keeps the records finds everybody's. */
const ownOnly = "($2::uuid = tenant OR institution = $2)";

/** @param lock whoever changes it waits for others who do */
export async function findRun(
  tx: StoreTx,
  { tenant, caller }: StoreContext,
  id: string,
  lock = false,
): Promise<SubscriptionRun | null> {
  const [row] = await tx.unsafe(
    `SELECT * FROM subscription_run WHERE tenant = $1 AND ${ownOnly} AND id = $3${lock ? " FOR NO KEY UPDATE" : ""}`,
    [tenant, caller.institution, id],
  );
  return row ? runOf(row) : null;
}

export async function listRuns(
  tx: StoreTx,
  { tenant, caller }: StoreContext,
  ids: readonly string[] | null,
  status: string | null,
): Promise<SubscriptionRun[]> {
  const rows = await tx.unsafe(
    `SELECT * FROM subscription_run WHERE tenant = $1 AND ${ownOnly} AND ($3::text[] IS NULL OR id = ANY ($3))
       AND ($4::text IS NULL OR status = $4) ORDER BY id LIMIT 500`,
    [tenant, caller.institution, ids, status],
  );
  return rows.map(runOf);
}

export async function countRuns(tx: StoreTx, { tenant, caller }: StoreContext): Promise<number> {
  const [row] = await tx.unsafe(
    "SELECT count(*)::int AS n FROM subscription_run WHERE tenant = $1 AND institution = $2",
    [tenant, caller.institution],
  );
  return Number(row?.n ?? 0);
}

export async function removeRun(tx: StoreTx, { tenant }: StoreContext, id: string): Promise<void> {
  await tx.unsafe("DELETE FROM subscription_run WHERE tenant = $1 AND id = $2", [tenant, id]);
}

/** So many new events are looked at by one statement, and so many statements are sent at a time. */
const freshMax = 500;
const roundsMax = 40;

/**
 * Gives new events their numbers, in the order in which they were written. What the subscriber may not see
 * gets none and goes: he does not learn that it was. The settings are those of the subscriber; the run's
 * row is locked.
 * @param all until nothing is left, for counting; else until there is something to send
 * @returns the last number given
 */
export async function numberEvents(
  tx: StoreTx,
  tenant: string,
  run: SubscriptionRun,
  all: boolean,
): Promise<number> {
  let last = run.numbered;
  for (let round = 0; round < roundsMax; round += 1) {
    const next = await numberSome(tx, tenant, run.id, last);
    const isSomething = next.last > last;
    last = next.last;
    if (next.looked < freshMax || (isSomething && !all)) break;
  }
  return last;
}

async function numberSome(
  tx: StoreTx,
  tenant: string,
  id: string,
  numbered: number,
): Promise<{ last: number; looked: number }> {
  const [row] = await tx.unsafe(
    `WITH fresh AS MATERIALIZED (
       SELECT e.key, ((SELECT fhir.unrestricted()) OR (fhir.visible(e.type, e.patients, e.labels)
           AND fhir.visible(r.type, r.patients, r.labels))) AS seen
       FROM subscription_event e JOIN resource r ON r.key = e.resource
       WHERE e.tenant = $1 AND e.subscription = $2 AND e.number IS NULL ORDER BY e.key LIMIT ${freshMax}
     ), gone AS (
       DELETE FROM subscription_event e USING fresh f WHERE e.key = f.key AND NOT f.seen
     ), given AS (
       UPDATE subscription_event e SET number = $3::bigint + n.place
       FROM (SELECT f.key, row_number() OVER (ORDER BY f.key) AS place FROM fresh f WHERE f.seen) n
       WHERE e.key = n.key RETURNING e.number
     )
     SELECT coalesce(max(number), $3::bigint) AS last, (SELECT count(*)::int FROM fresh) AS looked FROM given`,
    [tenant, id, numbered],
  );
  const last = Number(row!.last);
  if (last > numbered)
    await tx.unsafe("UPDATE subscription_run SET numbered = $3 WHERE tenant = $1 AND id = $2", [
      tenant,
      id,
      last,
    ]);
  return { last, looked: Number(row!.looked) };
}

export type EventRow = {
  readonly number: number;
  readonly at: Date;
  readonly resource: string;
  readonly type: string;
  readonly resourceId: string;
  readonly version: number;
  readonly method: string;
  readonly patients: readonly string[];
  /** Whether whom the settings name may see it now. */
  readonly seen: boolean;
  /** The version that the event made; null when it was deleted, or not to be seen. */
  readonly text: string | null;
};

/** Numbered events after one number and up to another, in order. */
export async function eventsBetween(
  tx: StoreTx,
  tenant: string,
  id: string,
  range: { after: number; until: number | null; limit: number; withText: boolean },
): Promise<EventRow[]> {
  const rows = await tx.unsafe(
    `SELECT q.*, CASE WHEN NOT q.seen OR NOT $6::boolean THEN NULL WHEN q.present = q.version
         THEN (SELECT r.content::text FROM resource r WHERE r.key = q.resource)
         ELSE (SELECT v.content::text FROM resource_version v WHERE v.key = q.resource AND v.version = q.version) END AS text
     FROM (SELECT e.number, e.at, e.resource, e.type, e.resource_id, e.version, e.method, e.patients,
         r.version AS present, ((SELECT fhir.unrestricted()) OR (fhir.visible(e.type, e.patients, e.labels)
           AND fhir.visible(r.type, r.patients, r.labels))) AS seen
       FROM subscription_event e JOIN resource r ON r.key = e.resource
       WHERE e.tenant = $1 AND e.subscription = $2 AND e.number > $3 AND ($4::bigint IS NULL OR e.number <= $4)
       ORDER BY e.number LIMIT $5) q ORDER BY q.number`,
    [tenant, id, range.after, range.until, range.limit, range.withText],
  );
  return rows.map((row) => ({
    number: Number(row.number),
    at: new Date(row.at),
    resource: String(row.resource),
    type: row.type,
    resourceId: row.resource_id,
    version: Number(row.version),
    method: row.method,
    patients: row.patients,
    seen: row.seen,
    text: row.text,
  }));
}

export function runOf(row: StoreRow): SubscriptionRun {
  return {
    id: row.id,
    caller: row.caller,
    institution: row.institution,
    base: row.base,
    status: row.status,
    topic: row.topic,
    endpoint: row.endpoint,
    headersSealed: row.headers_sealed,
    content: row.content,
    heartbeatSeconds: row.heartbeat_seconds,
    timeoutSeconds: Number(row.timeout_seconds),
    maxCount: Number(row.max_count),
    endsAt: row.ends_at === null ? null : new Date(row.ends_at),
    numbered: Number(row.numbered),
    delivered: Number(row.delivered),
    failures: Number(row.failures),
    failingSince: row.failing_since === null ? null : new Date(row.failing_since),
    sentAt: row.sent_at === null ? null : new Date(row.sent_at),
    fault: row.fault,
  };
}
