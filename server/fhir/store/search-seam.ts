/** Where the store meets validation and search; they are folders of their own. */
import { DomainError } from "../../errors/domain-error.ts";
import { targetHash } from "../search/reference-value.ts";
import { indexRows as makeRows } from "../search/service.ts";
import { callerParameter, type StoreContext, seenPredicate } from "./caller.ts";
import type { StoreTx } from "./database.ts";
import type { FhirResource } from "./resource.ts";

export type Match = { readonly id: string; readonly version: number };

export function indexRows(resource: FhirResource): unknown {
  return makeRows(resource as never);
}

/**
 * Resources of a type that meet criteria, for conditional interactions; `fhir.enter` was called.
 * @param criteria the query as sent, e.g. `identifier=urn:a|1&active=true`
 * @param limit how many are of interest
 */
export async function matchesOf(
  tx: StoreTx,
  context: StoreContext,
  type: string,
  criteria: string,
  limit: number,
): Promise<Match[]> {
  const pairs = [...new URLSearchParams(criteria)];
  const ids = pairs[0]?.[1].split(",") ?? [];
  if (pairs.length !== 1 || pairs[0]?.[0] !== "_id")
    throw new DomainError("fhir.request", { reason: "only _id is searched for yet" });
  const rows = await tx.unsafe(
    `SELECT r.id, r.version FROM resource r WHERE r.tenant = $1 AND r.type = $2 AND r.id = ANY($3) AND NOT r.deleted AND ${seenPredicate} LIMIT $4`,
    [context.tenant, type, ids, limit],
  );
  return rows as Match[];
}

export type ValidationIssue = {
  readonly severity: "error" | "warning" | "information" | "fatal";
  readonly code: string;
  readonly expression?: readonly string[] | string;
  readonly diagnostics: string;
};
export function validateResource(_resource: unknown): readonly ValidationIssue[] {
  return [];
}

export type SearchEntry = {
  readonly type: string;
  readonly id: string;
  readonly text: string;
  readonly mode: "match" | "include" | "outcome";
};
export type FoundPage = {
  readonly entries: readonly SearchEntry[];
  readonly total: number | null;
  readonly next: string | null;
};

/** One page of a search with its audit row. */
export async function searchPage(
  tx: StoreTx,
  context: StoreContext,
  type: string | null,
  pairs: readonly (readonly [string, string])[],
  _summary: string,
): Promise<FoundPage> {
  await tx.unsafe("SELECT fhir.enter($1::text::jsonb)", [callerParameter(context)]);
  const matches = await matchesOf(
    tx,
    context,
    type ?? "",
    new URLSearchParams(pairs.map(([name, value]) => [name, value])).toString(),
    100,
  );
  const rows = await tx.unsafe(
    "SELECT r.type, r.id, r.content::text AS text, r.patients FROM resource r WHERE r.tenant = $1 AND r.type = $2 AND r.id = ANY($3)",
    [context.tenant, type, matches.map((one) => one.id)],
  );
  await tx.unsafe(
    "SELECT fhir.audit($1::text::jsonb, 'search', $2, NULL, 'ok', $3::text[], NULL, $4)",
    [
      callerParameter(context),
      type,
      [...new Set(rows.flatMap((row) => row.patients as string[]))],
      pairs.map(([name, value]) => `${name}=${value}`).join("&"),
    ],
  );
  return {
    entries: rows.map((row) => ({ type: row.type, id: row.id, text: row.text, mode: "match" })),
    total: rows.length,
    next: null,
  };
}

/** Hash under which a patient's compartment is kept. */
export const compartmentHash = (patientId: string): string => targetHash(`Patient/${patientId}`);
