import { DomainError } from "../../errors/domain-error.ts";
import { callerParameter, type StoreContext, seenPredicate } from "./caller.ts";
import { enter } from "./conditions.ts";
import type { StoreTx } from "./database.ts";
import { isId } from "./resource.ts";
import { auditSeen, everything, type SearchEntry } from "./search-seam.ts";
import { withheldOf } from "./withheld.ts";

export type EverythingOptions = {
  readonly count: number;
  readonly types: readonly string[] | null;
  readonly since: Date | null;
  /** Key after which this page begins. */
  readonly cursor: string | null;
  /** What the audit row calls it; default `everything`. */
  readonly interaction?: "summary";
};
export type EverythingPage = {
  readonly entries: readonly SearchEntry[];
  readonly next: string | null;
  /** How many resources of the patient consent withholds from the caller. */
  readonly withheld: number;
};

/**
 * A patient's record (R4 Patient $everything): what lies in his compartment and what that points to, also under
 * his other registrations (`Patient.link`: R4 leaves it to the server); what consent hides is counted and not shown.
 * @throws DomainError `request.not-found`
 */
export async function everythingOf(
  tx: StoreTx,
  context: StoreContext,
  patientId: string,
  options: EverythingOptions,
): Promise<EverythingPage> {
  await enter(tx, context);
  const linked = await linkedTo(tx, context, patientId);
  const page = await everything(tx, {
    patientId,
    linked,
    types: options.types ?? [],
    count: options.count,
    ...(options.since ? { since: options.since } : {}),
    ...(options.cursor ? { after: options.cursor } : {}),
  });
  const entries = [
    ...page.resources.map((one): SearchEntry => ({ ...one, mode: "match" })),
    ...page.related.map((one): SearchEntry => ({ ...one, mode: "include" })),
  ];
  await auditSeen(
    tx,
    callerParameter(context),
    options.interaction ?? "everything",
    "Patient",
    patientId,
    entries,
    [],
  );
  let withheld = 0;
  if (!options.cursor)
    for (const id of [patientId, ...linked]) withheld += await withheldOf(tx, context, id);
  if (entries.length === 0 && withheld === 0 && !options.cursor)
    await assertThere(tx, context, patientId);
  return { entries, next: page.next ?? null, withheld };
}

const linkedMost = 20;
/** Other registrations of the person in this store, as far as the caller sees the one that says so. */
async function linkedTo(
  tx: StoreTx,
  context: StoreContext,
  patientId: string,
): Promise<readonly string[]> {
  const known = new Set([patientId]);
  let asked = [patientId];
  while (asked.length > 0 && known.size <= linkedMost) {
    const rows = await tx.unsafe(
      `SELECT DISTINCT substr(l.link -> 'other' ->> 'reference', 9) AS other
       FROM resource r CROSS JOIN LATERAL jsonb_array_elements(r.content -> 'link') AS l(link)
       WHERE r.tenant = $1 AND r.type = 'Patient' AND r.id = ANY ($2::text[]) AND NOT r.deleted AND jsonb_typeof(r.content -> 'link') = 'array'
         AND l.link ->> 'type' IN ('replaces', 'replaced-by') AND l.link -> 'other' ->> 'reference' LIKE 'Patient/%' AND ${seenPredicate}`,
      [context.tenant, asked],
    );
    asked = rows
      .map(({ other }) => String(other))
      .filter((other) => isId(other) && !known.has(other));
    for (const other of asked) known.add(other);
  }
  known.delete(patientId);
  return [...known].slice(0, linkedMost);
}

/** Nothing changed since, or nothing of these types: that is no missing patient. */
async function assertThere(tx: StoreTx, context: StoreContext, patientId: string): Promise<void> {
  const [row] = await tx.unsafe(
    `SELECT 1 AS there FROM resource r WHERE r.tenant = $1 AND r.type = 'Patient' AND r.id = $2 AND NOT r.deleted AND ${seenPredicate}`,
    [context.tenant, patientId],
  );
  if (!row) throw new DomainError("request.not-found");
}
