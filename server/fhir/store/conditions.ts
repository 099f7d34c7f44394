import { DomainError } from "../../errors/domain-error.ts";
import { callerParameter, type StoreContext } from "./caller.ts";
import type { StoreTx } from "./database.ts";
import type { IfMatch, Operation } from "./operation.ts";
import { type Match, matchesOf } from "./search-seam.ts";

/** What a conditional write is about: its criteria, or those of If-None-Exist. */
export const criteriaOf = (operation: Operation): string | null =>
  operation.method === "POST" ? operation.ifNoneExist : operation.criteria;

/**
 * Find what conditional operations are about. Two requests with the same criteria wait for each other
 * until the first has committed, so that two conditional creates make one resource; locks are taken in
 * one order, so that bundles do not deadlock over them.
 * @returns the one match of each operation, null when there is none
 * @throws DomainError `fhir.several-match`
 */
export async function findConditional(
  tx: StoreTx,
  context: StoreContext,
  operations: readonly Operation[],
): Promise<Map<Operation, Match | null>> {
  const found = new Map<Operation, Match | null>();
  const conditional = operations.filter((one) => criteriaOf(one) !== null);
  if (conditional.length === 0) return found;
  const keys = [
    ...new Set(conditional.map((one) => `${context.tenant}/${one.type}?${criteriaOf(one)}`)),
  ];
  await tx.unsafe(
    `SELECT pg_advisory_xact_lock(k) FROM (SELECT DISTINCT hashtextextended(t, 7105231) AS k FROM unnest($1::text[]) t ORDER BY 1) locks`,
    [keys],
  );
  const known = new Map<string, Match | null>();
  for (const operation of conditional) {
    const key = `${operation.type}?${criteriaOf(operation)}`;
    if (!known.has(key))
      known.set(key, await oneMatch(tx, context, operation.type, criteriaOf(operation)!));
    found.set(operation, known.get(key)!);
  }
  return found;
}

/**
 * The one resource that meets the criteria, or null.
 * @throws DomainError `fhir.several-match`
 */
export async function oneMatch(
  tx: StoreTx,
  context: StoreContext,
  type: string,
  criteria: string,
): Promise<Match | null> {
  const matches = await matchesOf(tx, context, type, criteria, 2);
  if (matches.length > 1) throw new DomainError("fhir.several-match");
  return matches[0] ?? null;
}

/** Makes tenant, caller, purpose and time known to row policies and consent. */
export async function enter(tx: StoreTx, context: StoreContext): Promise<void> {
  await tx.unsafe("SELECT fhir.enter($1::text::jsonb)", [callerParameter(context)], {
    prepare: true,
  });
}

/**
 * The version that must still be there when it is written; `enter` was called where several would do.
 * @throws DomainError `fhir.changed-meanwhile` when none of them is there
 */
export async function expectedVersion(
  tx: StoreTx,
  context: StoreContext,
  { type, id, ifMatch }: { type: string; id: string; ifMatch: IfMatch | null },
): Promise<number | undefined> {
  if (ifMatch === null) return undefined;
  if (ifMatch !== "any" && ifMatch.length === 1) return ifMatch[0];
  const [row] = await tx.unsafe(
    "SELECT version, deleted FROM resource WHERE tenant = $1 AND type = $2 AND id = $3 FOR UPDATE",
    [context.tenant, type, id],
  );
  const version = row ? Number(row.version) : -1;
  if (!row || (ifMatch === "any" ? row.deleted : !ifMatch.includes(version)))
    throw new DomainError("fhir.changed-meanwhile");
  return version;
}

/** Whether the write itself asks for it: nothing has to be read first. */
export const isOneVersion = (ifMatch: IfMatch | null): boolean =>
  ifMatch === null || (ifMatch !== "any" && ifMatch.length === 1);
